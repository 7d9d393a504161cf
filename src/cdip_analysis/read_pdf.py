"""Read a PDF into blocks, with pdfplumber (the extra `pdf`), in a process of its own.

A PDF knows characters and lines and no paragraphs. Which lines make up one, which are running heads, and which rows a
page has broken in two is decided here, by where they are. What cannot be decided is left apart, and is reported.

Parsers of PDF unpack before anybody can look at what is packed. `read_apart` therefore starts this module as a program,
with limits on its time and memory.
"""

from __future__ import annotations

import io
import json
import logging
import math
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from cdip_analysis.language import expand, normalise, table
from cdip_analysis.model import Block, ReportError
from cdip_analysis.pdf_page import Line, Page, Row, joined, read_page, room_left, without_links

_LARGEST = 2 * 2**20  # bytes of a page, unpacked: eighty times a full page of text
_MEGABYTES = 170  # that reading may take, and 20 times the size of the file
_SECONDS = 8  # of processor time, and as much again for each 100,000 characters of pages that were read
_REFUSE = "do not open this file if it comes from a stranger: it is made to fill memory"


def read_apart(data: bytes, name: str) -> list[Block]:
    """Read a PDF in a process of its own, as `read_pdf` does; in this one where no other can be started."""
    if not sys.executable or getattr(sys, "frozen", False):
        return read_pdf(data, name)
    folders = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "cdip_analysis.read_pdf"],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))},
            check=False,
        )
    except OSError:
        return read_pdf(data, name)
    if done.returncode != 0:
        found = "a PDF that takes more time or memory than a document of its size"
        raise ReportError(name, "", found, f"a document in a file of {len(data):,} bytes", _REFUSE)
    answer = json.loads(done.stdout)
    if isinstance(answer, dict):
        raise ReportError(name, **answer)
    return [Block(text, tuple(cells), *rest) for text, cells, *rest in answer]


def _main() -> None:
    """Read a PDF from standard input within limits, and write its blocks as JSON."""
    data = sys.stdin.buffer.read()
    allow: Callable[[int], None] = _limited(len(data))
    try:
        answer: Any = read_pdf(data, "", allow=allow)
    except ReportError as error:
        answer = {name: getattr(error, name) for name in ("place", "found", "expected", "remedy")}
    json.dump(answer, sys.stdout)


def _limited(size: int) -> Callable[[int], None]:
    """Set the limits of this process; return what raises that of time as text is read."""
    try:
        import resource
    except ImportError:  # Windows
        return lambda characters: None

    def allow(characters: int) -> None:
        seconds = _SECONDS * (1 + characters // 100_000)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))

    allow(0)
    with suppress(OSError, ValueError):  # macOS sets no such limit
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        most = used + _MEGABYTES * 2**20 + 20 * size
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    return allow


def read_pdf(
    data: bytes, name: str, *, limits: bool = True, allow: Callable[[int], None] = lambda characters: None
) -> list[Block]:
    """Read a PDF into blocks: paragraphs, rows of tables, footnotes.

    Paragraphs are put together from their lines, over pages too; a row that a page breaks is one; a merged cell is
    empty. Running heads and page numbers are left out; `odd` of the first block names those that neither their words
    nor the other pages show to be such. Text that a reader of the page does not see is left out, and is in `odd` of
    the page's first block. A block's `line` is its number in the document, its `page` where it begins.

    With `limits` a page is refused that unpacks to far more than a page of text, and more text than a file of this size
    can hold. `allow` is called after each page with the number of characters on different pages so far.

    Raises
    ------
    ReportError
        If pdfplumber is not installed, or the file is damaged, locked by a password, scanned, or made to fill memory.
        The error names the document `name`.
    """
    try:
        import pdfplumber
        import pypdfium2
        from pdfminer.pdfdocument import PDFPasswordIncorrect
        from pdfplumber.utils.exceptions import PdfminerException
    except ImportError as error:
        raise ReportError(
            name, "", "a PDF, and pdfplumber is not installed", "the extra pdf", 'run: pip install "cdip-analysis[pdf]"'
        ) from error
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # what it finds odd is of no use to a reader
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            painter, pages, pictures = pypdfium2.PdfDocument(data), [], 0
            for page in _bounded(pdf.pages, len(data), name, allow) if limits else pdf.pages:
                pictures += len(page.images)
                pages.append(read_page(page, _unpainted(painter, page)))
                page.close()  # frees what pdfplumber keeps of the page
    except PdfminerException as error:
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in error.args):
            raise ReportError(
                name, "", "a password-protected PDF", "a file that opens without one", "save it without a password"
            ) from error
        raise ReportError(name, "", "a PDF that cannot be read", "a whole PDF", "get the file again") from error
    except (MemoryError, ReportError):
        raise
    except Exception as error:  # of a malformed object pdfminer makes any error: TypeError, KeyError, struct.error ...
        found = f"a PDF that cannot be read ({type(error).__name__}: {error})"
        raise ReportError(name, "", found, "a whole PDF", "get the file again") from error
    if not any(page.parts for page in pages):
        found = "a scanned PDF: pictures of pages, and no text" if pictures else "a PDF without any text"
        raise ReportError(name, "", found, "a PDF whose text can be marked and copied", "run text recognition over it")
    kept, heads = _without_heads(pages)
    blocks = [block._replace(line=number, unit="page") for number, block in enumerate(_blocks(kept), 1)]
    if heads and blocks:
        blocks[0] = blocks[0]._replace(odd=(("structure.running_heads", {"lines": heads}), *blocks[0].odd))
    return blocks


def _bounded(pages: Sequence[Any], size: int, name: str, allow: Callable[[int], None]) -> Iterator[Any]:
    """Yield the pages of a file of this size; refuse one that unpacks to too much, and too much text."""
    most, characters, distinct, drawn = 100_000 + 2 * size, 0, 0, set()
    for page in pages:
        place = f"page {page.page_number}"
        if sum(len(part.get_data()) for part in page.page_obj.contents) > _LARGEST:
            found = f"a page that unpacks to more than {_LARGEST // 2**20} MB"
            raise ReportError(name, place, found, "a document", _REFUSE)
        written = sum(len(char["text"]) for char in page.chars)
        characters += written
        if characters > most:
            found = "more text than a file of this size can hold"
            raise ReportError(name, place, found, f"at most {most:,} characters", _REFUSE)
        content = tuple(part.objid for part in page.page_obj.contents)
        distinct += 0 if content in drawn else written  # thousands of pages may draw the same
        drawn.add(content)
        allow(distinct)
        yield page


def _unpainted(painter: Any, page: Any) -> list[tuple[float, float, float, float]]:
    """Return the boxes of the text of a page that is not painted, which only pdfium knows."""
    from pypdfium2 import raw

    height, found = page.bbox[3], []
    for thing in painter[page.page_number - 1].get_objects([raw.FPDF_PAGEOBJ_TEXT]):
        if raw.FPDFTextObj_GetTextRenderMode(thing.raw) in (3, 7):
            left, bottom, right, top = thing.get_bounds()
            found.append((left, height - top, right, height - bottom))
    return found


# ---- running heads -------------------------------------------------------------------------------------------------

_EDGE = 3  # lines at the top or the bottom of a page among which a running head is looked for


class _Head(NamedTuple):
    """A line that is taken for a running head, and the room it needs to the text: none if it is plainly one."""

    line: Line
    room: float


def _without_heads(pages: Sequence[Page]) -> tuple[list[Page], str]:
    """Drop running heads and page numbers; those that are not plainly such are named beside the pages."""
    seen = Counter(form for page in pages for line in _edges(page) for form in _forms(line, page.number))
    often, gaps = max(2, len(pages) // 2), _gaps(pages)
    kept, doubtful = [], Counter[str]()
    for page in pages:
        found = [
            head for parts in (page.parts, page.parts[::-1]) for head in _heads(parts, page.number, seen, often, gaps)
        ]
        dropped = {id(head.line): head for head in found}
        kept.append(page._replace(parts=tuple(part for part in page.parts if id(part) not in dropped)))
        doubtful.update(head.line.text for head in dropped.values() if head.room)
    return kept, ", ".join(f"'{text}' × {count}" for text, count in doubtful.items())


def _heads(
    parts: Sequence[Line | Row], page: int, seen: Counter[tuple[str, int]], often: int, gaps: tuple[float, float]
) -> list[_Head]:
    """Find the running heads at one edge of a page: `parts` from that edge inwards.

    They are the outermost lines, and the innermost of them is plainly one or stands in the margin, set off from the
    text. A symbol alone on its line must repeat: in a list of documents it is the text.
    """
    heads: list[_Head] = []
    apart, wide = gaps
    for part in parts[:_EDGE]:
        if not isinstance(part, Line):
            break
        same, *rising = (seen[form] for form in _forms(part, page, counted=False))
        rises = max(rising, default=0)
        again = same >= often and sum(isinstance(other, Line) and other.text == part.text for other in parts) > 1
        worded = _is_head(part.text, 2 if rises > 1 or again else page)
        numbers = [int(figure[0]) for figure in _figures(part.text)]
        lettered = any(map(str.isalpha, part.text))
        if worded and (same >= often or rises > 1 or (lettered and page in numbers)):
            room = 0.0
        elif worded and (page in numbers or (lettered and numbers)):
            room = apart
        elif not worded and _is_head(part.text, 2):  # on the first page, and nowhere else there
            break
        elif max(same, rises) >= often and not _BEGINS.match(part.text):
            room = wide
        elif worded:  # a symbol, or the word Annex, which may stand below a symbol
            room = apart if heads and not any(map(str.isdecimal, part.text)) else math.inf
        else:
            break
        heads.append(_Head(part, room))
    while heads and heads[-1].room and not _distance(heads[-1].line, parts[len(heads) :]) > heads[-1].room:
        heads.pop()
    return heads


def _distance(line: Line, further_in: Sequence[Line | Row]) -> float:
    """Measure from a line at the edge of a page to the next part further in; on a page without one there is no text."""
    if not further_in:
        return 0.0
    inner = further_in[0]
    return max(inner.top - line.bottom, line.top - inner.bottom)


def _edges(page: Page) -> list[Line]:
    parts = [part for part in page.parts[:_EDGE] + page.parts[-_EDGE:] if isinstance(part, Line)]
    return list({id(part): part for part in parts}.values())


def _forms(line: Line, page: int, counted: bool = True) -> list[tuple[str, int]]:
    """Give what of a line may repeat at its height: its words; and its words with a figure told from the page's number.

    On the first page the words alone are not counted: a symbol is there the document's own.
    """
    text, height = normalise(line.text), round(line.top / 4)
    rising = [f"{text[: f.start()]}\0{int(f[0]) - page}\0{text[f.end() :]}" for f in _figures(text)]
    return [(form, height) for form in ([] if counted and page == 1 else [text]) + rising]


def _figures(text: str) -> list[re.Match[str]]:
    """Find the figures that may be a page's number: those that are in no symbol, and that begin no paragraph."""
    text = normalise(text)
    inside = [match.span() for match in _symbol().finditer(text)]
    free = (f for f in _FIGURE.finditer(text) if not any(start <= f.start() < end for start, end in inside))
    return [] if _BEGINS.match(text) and not _is_head(text, 2) else list(free)


_FIGURE = re.compile("(?<![0-9])[0-9]{1,4}(?![0-9])")


@cache
def _symbol() -> re.Pattern[str]:
    return re.compile(expand("{symbol}", "common"), re.IGNORECASE)


@cache
def _head_rows() -> tuple[re.Pattern[str], ...]:
    rows = table("common")["rows"]["running_head"]
    return tuple(re.compile(expand(row["pattern"], "common"), re.IGNORECASE) for row in rows)


def _is_head(text: str, page: int) -> bool:
    """Tell whether the words of a line are those of a running head; on the first page a symbol is the document's."""
    bare = normalise(without_links(text)).strip()
    return page > 1 and any(pattern.fullmatch(bare) for pattern in _head_rows())


# ---- paragraphs and rows -------------------------------------------------------------------------------------------

# The number of a paragraph, or the mark of a list.
_BEGINS = re.compile(r"(?:[0-9]{1,3}[.．、]|\(?[a-zA-Z0-9]{1,4}\)|[-•·–])(?:\s|(?=[^\W\d_]))")
_SENTENCE_ENDS = re.compile(r"[.。!?！？…][\W_]*$")
_STOP = re.compile("[、。，；：！？”’）》】.,;:]$")
_NOTE = re.compile(r"^[0-9]{1,3}\s*(?=\D)")
_SMALL = 0.87  # of the size of most text: a footnote is smaller


class _Draft(NamedTuple):
    """A block that may go on: the lines of each of its cells; of a paragraph, its only one."""

    cells: list[list[str]]
    page: int
    table: int | None = None
    kind: str = ""
    odd: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    def block(self) -> Block:
        texts = tuple(map(joined, self.cells))
        cells = texts if self.table else ()
        return Block("\n".join(filter(None, texts)), cells, 0, self.page, self.kind, self.odd, self.table)


def _blocks(pages: Sequence[Page]) -> Iterator[Block]:
    lines = [part for page in pages for part in page.parts if isinstance(part, Line)]
    # A stop may hang over the margin, so lines that end with one do not show where it is.
    right = max((line.x1 for line in lines if not _STOP.search(line.text)), default=0.0)
    apart, _ = _gaps(pages)
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    small = _SMALL * max(sizes, key=lambda size: sizes[size], default=0.0)
    draft: _Draft | None = None  # that may go on
    last: Line | Row | None = None  # its last part
    notes: list[_Draft] = []  # footnotes are at the foot of the page; they wait until the paragraph is whole
    tables = 0
    odd: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    for page in pages:
        odd = (*odd, *page.odd)
        for n, part in enumerate(page.parts):
            if isinstance(part, Line):
                if part.size < small and (notes or _is_note(part, page)):
                    if notes and not _NOTE.match(part.text) and notes[-1].page == page.number:
                        notes[-1].cells[0].append(part.text)
                    else:
                        notes.append(_Draft([[_NOTE.sub("", part.text)]], page.number, kind="footnote"))
                    continue
                if draft and isinstance(last, Line) and not _apart(last, part, right, apart):
                    draft.cells[0].append(part.text)
                    last = part
                    continue
                cells, number = [[part.text]], None
            else:
                goes_on = n == 0 and isinstance(last, Row) and len(last.cells) == len(part.cells)
                if draft and goes_on and isinstance(last, Row) and _goes_on(last, part):
                    for texts, cell in zip(draft.cells, part.cells, strict=True):
                        texts.append(cell or "")
                    whole = zip(last.cells, last.room, part.cells, part.room, strict=True)
                    filled = [(cell, room) if cell else (above, old) for above, old, cell, room in whole]
                    last = part._replace(cells=tuple(c for c, _ in filled), room=tuple(r for _, r in filled))
                    continue
                if not any(part.cells):
                    continue
                same = isinstance(last, Row) and n > 0 and last.table == part.table
                tables += not (same or goes_on)
                cells, number = [[cell or ""] for cell in part.cells], tables
            if draft:
                yield draft.block()
                yield from (note.block() for note in notes)
                notes = []
            draft, last, odd = _Draft(cells, page.number, number, odd=odd), part, ()
    if draft:
        yield draft.block()._replace(odd=(*draft.odd, *odd))
    yield from (note.block() for note in notes)


def _gaps(pages: Sequence[Page]) -> tuple[float, float]:
    """Give two distances between lines: beyond the first they are two paragraphs; beyond the second one is no text."""
    gaps = [b.top - a.bottom for page in pages for a, b in _pairs(page)]
    # Most lines follow another of their own paragraph, so the distance between those is the lower middle one; unless
    # there are few lines, and that is no distance within a paragraph.
    usual = sorted(gap for gap in gaps if gap > -2)[: max(1, len(gaps) // 2)]
    first = next((part for page in pages for part in page.parts if isinstance(part, Line)), None)
    height = first.bottom - first.top if first else 10.0
    apart = min((usual[len(usual) // 2] if usual else 0.0) + 0.35 * height, 1.3 * height)
    inner = (page._replace(parts=page.parts[_EDGE:-_EDGE]) for page in pages)  # no running head is among these
    between = sorted(gap for page in inner for a, b in _pairs(page) if (gap := b.top - a.bottom) > apart)
    return apart, max(apart, 1.2 * between[len(between) // 2] if between else 0.0)


def _is_note(line: Line, page: Page) -> bool:
    """Report whether a small line begins the footnotes: it has a figure, and only small lines stand below it."""
    below = [part for part in page.parts if part.top > line.top]
    small = all(isinstance(part, Line) and part.size <= line.size for part in below)
    return small and _NOTE.match(line.text) is not None


def _pairs(page: Page) -> Iterator[tuple[Line, Line]]:
    return ((a, b) for a, b in pairwise(page.parts) if isinstance(a, Line) and isinstance(b, Line))


def _apart(line: Line, below: Line, right: float, apart: float) -> bool:
    """Report whether a line begins a new paragraph.

    It does if it stands further below than lines of one paragraph do; if its first word would have had room in the line
    above; or if it begins with a number or the mark of a list. At the top of a page a line goes on from the page before
    only if it looks like text: as wide as the page, or with the end of a sentence, which no heading has.
    """
    if _BEGINS.match(below.text):
        return True
    over_page = below.top < line.top
    if over_page:
        text = below.x1 > right - 3 * below.size or _SENTENCE_ENDS.search(without_links(below.text))
        if _SENTENCE_ENDS.search(without_links(line.text)) and not text:
            return True
    elif below.top - line.bottom > apart:
        return True
    return line.x1 + below.first_word + room_left(below) < right


def _goes_on(above: Row, row: Row) -> bool:
    """Report whether a page has broken a row: none of its cells would have had room for the word that follows.

    Where all cells but the first are merged with it, the row is a heading that goes across.
    """
    if len(row.cells) != len(above.cells) or (len(row.cells) > 1 and all(cell is None for cell in row.cells[1:])):
        return False
    filled = [n for n, cell in enumerate(row.cells) if cell]
    return all(above.cells[n] and above.room[n] < row.first_words[n] for n in filled)


if __name__ == "__main__":
    _main()
