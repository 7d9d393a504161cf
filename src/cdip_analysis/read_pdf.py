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
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from cdip_analysis.language import normalise
from cdip_analysis.lines import match_line
from cdip_analysis.model import Block, ReportError
from cdip_analysis.pdf_page import Line, Page, Row, joined, read_page, room_left, without_links
from cdip_analysis.wording import expand

_LARGEST = 2 * 2**20  # bytes of a page, unpacked: eighty times a full page of text
_MEGABYTES = 170  # that reading may take, and 20 times the size of the file
_SECONDS = 8  # of processor time, and as much again for each 100,000 characters of pages that were read
_REFUSE = "do not open this file if it comes from a stranger: it is made to fill memory"


def read_apart(data: bytes, name: str) -> list[Block]:
    """Read a PDF in a process of its own, as `read_pdf` does; in this one where no other can be started."""
    if not sys.executable or getattr(sys, "frozen", False):
        return read_pdf(data, name)
    folders = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))}
    command = [sys.executable, "-P", "-m", "cdip_analysis.read_pdf"]
    try:
        done = subprocess.run(
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, check=False
        )
    except OSError:
        return read_pdf(data, name)
    if done.returncode != 0:
        found = "a PDF that takes more time or memory than a document of its size"
        raise ReportError(name, "", found, f"a document in a file of {len(data):,} bytes", _REFUSE)
    answer = json.loads(done.stdout)
    if isinstance(answer, dict):
        raise ReportError(**answer | {"document": name})
    return [Block(text, tuple(cells), *rest) for text, cells, *rest in answer]


def _main() -> None:
    """Read a PDF from standard input within limits, and write its blocks as JSON."""
    data = sys.stdin.buffer.read()
    try:
        answer: Any = read_pdf(data, "", allow=_limited(len(data)))
    except ReportError as error:
        answer = vars(error)
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
    """Read a PDF into blocks: paragraphs, rows of tables, footnotes, each with the page on which it begins.

    Running heads and page numbers are left out; `odd` of the first block names those that their words alone do not show
    to be such. Text that a reader of the page does not see is in `odd` of the page's first block. With `limits` a file
    that unpacks to far more than its size is a ReportError. `allow` is called after each page with the number of
    characters on different pages so far.
    """
    try:
        import pdfplumber
        import pypdfium2
    except ImportError as error:
        remedy = 'run: pip install "cdip-analysis[pdf]"'
        raise ReportError(name, "", "a PDF, and pdfplumber is not installed", "the extra pdf", remedy) from error
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # what it finds odd is of no use to a reader
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            painter, pages, pictures = pypdfium2.PdfDocument(data), [], 0
            for page in _bounded(pdf.pages, len(data), name, allow) if limits else pdf.pages:
                pictures += len(page.images)
                pages.append(read_page(page, _unpainted(painter, page)))
                page.close()  # frees what pdfplumber keeps of the page
    except (MemoryError, ReportError):
        raise
    except Exception as error:  # of a malformed object pdfminer makes any error: TypeError, KeyError, struct.error ...
        if "PDFPasswordIncorrect" in repr(error):
            found, expected = "a password-protected PDF", "a file that opens without one"
            raise ReportError(name, "", found, expected, "save it without a password") from error
        found = f"a PDF that cannot be read ({type(error).__name__}: {error!s:.80})"
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
        place, contents = f"page {page.page_number}", page.page_obj.contents
        if sum(len(part.get_data()) for part in contents) > _LARGEST:
            found = f"a page that unpacks to more than {_LARGEST // 2**20} MB"
            raise ReportError(name, place, found, "a document", _REFUSE)
        written = sum(len(char["text"]) for char in page.chars)
        characters += written
        if characters > most:
            found = "more text than a file of this size can hold"
            raise ReportError(name, place, found, f"at most {most:,} characters", _REFUSE)
        content = tuple(part.objid for part in contents)
        distinct += 0 if content in drawn else written  # thousands of pages may draw the same
        drawn.add(content)
        allow(distinct)
        yield page


def _unpainted(painter: Any, page: Any) -> list[tuple[float, float, float, float]]:
    """Return the boxes of the text of a page that is not painted, which only pdfium knows."""
    from pypdfium2 import raw

    texts = painter[page.page_number - 1].get_objects([raw.FPDF_PAGEOBJ_TEXT])
    boxes = [text.get_bounds() for text in texts if raw.FPDFTextObj_GetTextRenderMode(text.raw) in (3, 7)]
    height = page.bbox[3]
    return [(left, height - top, right, height - bottom) for left, bottom, right, top in boxes]


# ---- running heads -------------------------------------------------------------------------------------------------

_FIGURE = re.compile(expand("{symbol}", "common") + "|(?P<figure>(?<![0-9])[0-9]{1,4}(?![0-9]))", re.IGNORECASE)
_EDGE = 3  # lines at the top or the bottom of a page among which a running head is looked for


def _without_heads(pages: Sequence[Page]) -> tuple[list[Page], str]:
    """Drop running heads and page numbers; name those that their words alone do not show to be such."""
    seen = Counter(form for page in pages for part in page.parts for form in _forms(part, page.number))
    most, apart = max(2, len(pages) // 2), _apart_from(pages)
    edges = [(page.number, edge) for page in pages for edge in (page.parts, page.parts[::-1])]
    heads = [head for number, edge in edges for head in _heads(edge, number, seen, most, apart)]
    dropped = {id(line) for line, _ in heads}
    doubtful = Counter(line.text for line, is_plain in heads if not is_plain)
    kept = [page._replace(parts=tuple(part for part in page.parts if id(part) not in dropped)) for page in pages]
    return kept, ", ".join(f"'{text}' × {count}" for text, count in doubtful.items())


def _heads(
    edge: Sequence[Line | Row], page: int, seen: Counter[Any], most: int, apart: float
) -> list[tuple[Line, bool]]:
    """Find the running heads at one edge of a page, from there inwards, and whether each is plainly one.

    The innermost is plainly one or is set off from the text. A symbol alone on its line must repeat: in a list of
    documents it is the text.
    """
    heads: list[tuple[Line, bool]] = []
    sure = 0  # the heads up to the innermost that is one
    for part, inner in zip(edge[:_EDGE], [*edge[1:], *edge[-1:]], strict=False):
        if not isinstance(part, Line):
            break
        same, *rising = (seen[form] for form in _forms(part, page))
        rises, numbers = max(rising, default=0), [int(figure[0]) for figure in _figures(part.text)]
        is_worded = is_head(part.text)
        is_own_symbol = page == 1 and is_worded and rises < 2
        if is_own_symbol or not (is_worded or max(same, rises) >= most):
            break
        own_number = page in numbers and any(map(str.isalpha, part.text))
        is_plain = is_worded and (same >= most or rises > 1 or own_number)
        is_apart = max(inner.top - part.bottom, part.top - inner.bottom) > apart
        heads.append((part, is_plain))
        if is_plain or (is_apart and (numbers or not is_worded)):
            sure = len(heads)
    return heads[:sure]


def _forms(part: Line | Row, page: int) -> list[tuple[str, int]]:
    """Return what of a line may repeat at its height: its words, and its words with a figure less the page's number."""
    if isinstance(part, Row):
        return []
    text, height = normalise(part.text), round(part.top / 4)
    rising = [f"{text[: f.start()]}\0{int(f[0]) - page}{text[f.end() :]}" for f in _figures(text)]
    return [(form, height) for form in (text, *rising)]


def _figures(text: str) -> list[re.Match[str]]:
    """Find the figures that may be a page's number: those that are in no symbol."""
    return [match for match in _FIGURE.finditer(normalise(text)) if match["figure"]]


def is_head(text: str) -> bool:
    """Report whether the words of a line are those of a running head."""
    return match_line(without_links(text), "en", "page_head", "running_head") is not None


# ---- paragraphs and rows -------------------------------------------------------------------------------------------

# The number of a paragraph, or the mark of a list.
_BEGINS = re.compile(r"(?:[0-9]{1,3}[.．、]|\(?[a-zA-Z0-9]{1,4}\)|[-•·–])(?:\s|(?=[^\W\d_]))")
_SENTENCE_ENDS = re.compile(r"[.。!?！？…][\W_]*$")
_MARK = re.compile(r"\[[^\[\]]{3,60}\]")  # [Annex follows]
_NOTE = re.compile(r"^[0-9]{1,3}\s*(?=\D)")
_Odd = tuple[tuple[str, Mapping[str, Any]], ...]
_SMALL = 0.87  # of the size of most text: a footnote is smaller


@dataclass
class _Draft:
    """A block that may go on: the lines of each of its cells, of which a paragraph has one, and its last part."""

    cells: list[list[str]]
    page: int
    last: Line | Row
    table: int | None = None
    kind: str = ""
    odd: _Odd = ()

    def block(self) -> Block:
        texts = tuple(map(joined, self.cells))
        cells = texts if self.table else ()
        return Block("\n".join(filter(None, texts)), cells, 0, self.page, self.kind, self.odd, self.table)


def _blocks(pages: Sequence[Page]) -> list[Block]:
    """Put lines and rows together; footnotes come after the block that is open above them."""
    lines = [part for page in pages for part in page.parts if isinstance(part, Line)]
    right = max((line.x1 for line in lines), default=0.0)
    apart, sizes = _apart_from(pages), Counter(line.size for line in lines for _ in line.text)
    small = _SMALL * max(sizes, key=lambda size: sizes[size], default=0.0)
    drafts: list[_Draft] = []  # the last of them is open
    notes: list[_Draft] = []
    odd: _Odd = ()
    tables = 0
    heading: list[str] = []  # of the open table; a page repeats it
    for page in pages:
        odd = (*odd, *page.odd)
        parts = page.parts[1:] if drafts and _is_repeated(heading, drafts[-1].last, page) else page.parts
        for n, part in enumerate(parts):
            if isinstance(part, Line) and part.size < small and (notes or _is_note(part, page)):
                if notes and not _NOTE.match(part.text) and notes[-1].page == page.number:
                    notes[-1].cells[0].append(part.text)
                else:
                    notes.append(_Draft([[_NOTE.sub("", part.text)]], page.number, part, kind="footnote"))
                continue
            last = drafts[-1].last if drafts else None
            cells = [part.text] if isinstance(part, Line) else [cell.text if cell else "" for cell in part.cells]
            table, goes_on = None, False
            if isinstance(part, Line):
                goes_on = isinstance(last, Line) and not _is_apart(last, part, right, apart)
            elif isinstance(last, Row) and n == 0 and len(last.cells) == len(part.cells):
                table, goes_on = tables, _goes_on(last, part)
            else:
                table = tables if isinstance(last, Row) and n > 0 and last.table == part.table else tables + 1
            if goes_on:
                for texts, text in zip(drafts[-1].cells, cells, strict=True):
                    texts.append(text)
                drafts[-1].last = part
            elif any(cells):
                heading = cells if table and table > tables else heading
                tables = table or tables
                drafts += [*notes, _Draft([[text] for text in cells], page.number, part, table, odd=odd)]
                notes, odd = [], ()
    if drafts:
        drafts[-1].odd += odd
    return [draft.block() for draft in (*drafts, *notes)]


def _is_repeated(heading: Sequence[str], last: Line | Row, page: Page) -> bool:
    """Report whether a page begins with the heading of the table that goes on over it."""
    first = page.parts[0] if page.parts and isinstance(last, Row) else None
    return isinstance(first, Row) and [cell.text if cell else "" for cell in first.cells] == [*heading]


def _apart_from(pages: Sequence[Page]) -> float:
    """Return the distance between lines beyond which they are of two paragraphs."""
    pairs = [pair for page in pages for pair in pairwise(page.parts)]
    below = (b.top - a.bottom for a, b in pairs if isinstance(a, Line) and isinstance(b, Line))
    gaps = sorted(gap for gap in below if gap > -2)
    first = next((part for page in pages for part in page.parts if isinstance(part, Line)), None)
    height = first.bottom - first.top if first else 10.0
    # Most lines follow another of their own paragraph, so the lower quarter is the distance between those; unless
    # there are few lines, and that is no distance within a paragraph.
    return min((gaps[len(gaps) // 4] if gaps else 0.0) + 0.35 * height, 1.3 * height)


def _is_note(line: Line, page: Page) -> bool:
    """Report whether a small line begins the footnotes: it has a figure, and only small lines are below it."""
    below = (part for part in page.parts if part.top > line.top)
    return bool(_NOTE.match(line.text)) and all(isinstance(b, Line) and b.size <= line.size for b in below)


def _is_apart(line: Line, below: Line, right: float, apart: float) -> bool:
    """Report whether a line begins a new paragraph: by its first characters, by its distance, or by room left above.

    At the top of a page a line goes on from the page before only if it looks like text: as wide as the page, or with
    the end of a sentence, which no heading has.
    """
    if below.top >= line.top:
        is_new = below.top - line.bottom > apart
    else:
        ended, ends = (_SENTENCE_ENDS.search(without_links(one.text)) for one in (line, below))
        is_new = bool(ended and not ends and below.x1 <= right - 3 * below.size)
    has_room = line.x1 + below.first_word + room_left(below) < right
    is_mark = _MARK.fullmatch(line.text) or _MARK.fullmatch(below.text)
    return is_new or has_room or bool(is_mark or _BEGINS.match(below.text))


def _goes_on(above: Row, row: Row) -> bool:
    """Report whether a page has broken a row: none of its cells would have had room for the word that follows."""
    if len(row.cells) > 1 and not any(row.cells[1:]):
        return False  # all cells but the first are merged with it: a heading that goes across
    pairs = zip(above.cells, row.cells, strict=True)
    return all(old and old.text and old.room < new.first_word for old, new in pairs if new and new.text)


if __name__ == "__main__":
    _main()
