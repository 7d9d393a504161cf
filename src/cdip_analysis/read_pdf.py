"""Read a PDF into blocks, with pdfplumber (the extra `pdf`).

A PDF knows signs and lines and no paragraphs: which lines make up one, which are running heads, and which rows a page
has broken in two is told here, by where they stand. What cannot be told is left apart, and the outline then says so.
"""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from cdip_analysis.language import expand, normalise, table
from cdip_analysis.model import Block, ReportError

__all__ = ["read_pdf"]

_LARGEST = 2 * 2**20  # bytes of a page, unpacked: eighty times a full page of text


class _Line(NamedTuple):
    """A line of text outside tables: where it stands, how large its signs are, and how wide its first word is."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    first_word: float


class _Row(NamedTuple):
    """A row of a table: None for a cell that is merged with the one above or to the left.

    Of each cell with text it is told how wide its first word is, and how much room its last line has left.
    """

    cells: tuple[str | None, ...]
    top: float
    bottom: float
    first_words: tuple[float, ...]
    room: tuple[float, ...]


class _Page(NamedTuple):
    """A page without its running heads: lines and rows from top to bottom."""

    parts: tuple[_Line | _Row, ...]
    number: int


def read_pdf(data: bytes, name: str) -> list[Block]:
    """Read a PDF into blocks.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        The name to give in errors.

    Returns
    -------
    list of Block
        Paragraphs, put together from their lines, over pages too; rows of tables, a row that a page breaks as one, a
        merged cell empty; footnotes. Running heads and page numbers are left out; `odd` of the first block names
        those that neither their words nor the other pages show to be such. A block's `line` is its number in the
        document, its `page` where it begins.

    Raises
    ------
    ReportError
        If pdfplumber is not installed, or the file is damaged, locked by a password, scanned, or made to fill memory.
    """
    try:
        import pdfplumber
        from pdfminer.pdfdocument import PDFPasswordIncorrect
        from pdfplumber.utils.exceptions import PdfminerException
    except ImportError as error:
        raise ReportError(
            name, "", "a PDF, and pdfplumber is not installed", "the extra pdf", 'pip install "cdip-analysis[pdf]"'
        ) from error
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            pages, pictures = [], 0
            for page in pdf.pages:
                if sum(len(part.get_data()) for part in page.page_obj.contents) > _LARGEST:
                    found = f"a page that unpacks to more than {_LARGEST // 2**20} MB"
                    remedy = "do not open this file: it is made to fill memory"
                    raise ReportError(name, f"page {page.page_number}", found, "a document", remedy)
                pictures += len(page.images)  # here, and not when the page is closed: it would be read once more
                pages.append(_page(page))
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
    kept, left_out = _without_heads(pages)
    blocks = [block._replace(line=number) for number, block in enumerate(_blocks(kept), 1)]
    if left_out and blocks:
        blocks[0] = blocks[0]._replace(odd=(("structure.running_heads", {"lines": left_out}),))
    return blocks


# ---- what stands on a page -----------------------------------------------------------------------------------------


def _page(page: Any) -> _Page:
    _mark_links(page)
    rows: list[_Row] = []
    in_cells: set[int] = set()
    for row in (row for found in page.find_tables() for row in found.rows):
        across, cells = _within(row.bbox, page.chars), []
        for box in row.cells:
            signs = _within(box, across) if box else []
            in_cells.update(map(id, signs))
            cells.append(_cell(list(_lines(signs)), box) if box else (None, 0.0, 0.0))
        texts, first_words, room = zip(*cells, strict=True)
        rows.append(_Row(texts, row.bbox[1], row.bbox[3], first_words, room))
    parts: list[_Line | _Row] = [*_lines([sign for sign in page.chars if id(sign) not in in_cells]), *rows]
    page.close()  # frees what pdfplumber keeps of the page
    return _Page(tuple(sorted(parts, key=lambda part: part.top)), page.page_number)


def _within(box: Sequence[float], signs: Sequence[Any]) -> list[Any]:
    """Give the signs whose middle stands in a box: a font's signs may be higher than the row that they stand in."""
    left, top, right, bottom = box
    return [
        sign
        for sign in signs
        if top <= (sign["top"] + sign["bottom"]) / 2 < bottom and left <= (sign["x0"] + sign["x1"]) / 2 < right
    ]


def _cell(lines: Sequence[_Line], box: Sequence[float]) -> tuple[str, float, float]:
    """Give the text of a cell, how wide its first word is, and how much room its last line has left."""
    if not lines:
        return "", 0.0, 0.0
    padding = min(line.x0 for line in lines) - box[0]
    room = box[2] - padding - lines[-1].x1 - _spare(lines[0])
    return _joined([line.text for line in lines]), lines[0].first_word, room


def _spare(line: _Line) -> float:
    """Give the room that a line may leave although a word would fit: a space, or in Chinese a sign or two.

    Chinese may not begin a line with a stop, and takes the sign before it over with it.
    """
    return (2.5 if _WIDE.match(line.text) else 0.6) * line.size


def _mark_links(page: Any) -> None:
    """Write a link's address behind its words, as the text edition does: ``[words](address)``."""
    for link in page.hyperlinks:
        box = (link["x0"], link["top"], link["x1"], link["bottom"])
        signs = [sign for sign in _within(box, page.chars) if sign["text"].strip()]
        if signs and link["uri"]:
            address = link["uri"].replace("(", "%28").replace(")", "%29")
            signs[0]["text"] = f"[{signs[0]['text']}"
            signs[-1]["text"] = f"{signs[-1]['text']}]({address})"


def _lines(signs: list[Any]) -> Iterator[_Line]:
    """Put signs together to lines as pdfplumber does, without the raised figures that are marks of footnotes."""
    from pdfplumber.utils.clustering import cluster_objects
    from pdfplumber.utils.text import DEFAULT_Y_TOLERANCE, extract_words

    found = extract_words(signs, return_chars=True)
    for words in cluster_objects(found, "top", DEFAULT_Y_TOLERANCE, preserve_order=True):
        shown = [sign for word in words for sign in word["chars"] if sign["text"].strip()]
        if not shown:
            continue
        size = Counter(round(sign["size"], 1) for sign in shown).most_common(1)[0][0]
        top, bottom = min(word["top"] for word in words), max(word["bottom"] for word in words)
        if any(_is_mark(sign, size, bottom) for sign in shown):
            kept = ([sign for sign in word["chars"] if not _is_mark(sign, size, bottom)] for word in words)
            words = [part for rest in kept for part in extract_words(rest)]
        text = " ".join(word["text"] for word in words).strip()
        unit = _UNIT.match(_plain(text))
        first = shown[: max(len(unit[0]) if unit else 1, 1)]
        left, right = shown[0]["x0"], shown[-1]["x1"]
        yield _Line(_logical(text), left, right, top, bottom, size, first[-1]["x1"] - left)


def _is_mark(sign: Any, size: float, bottom: float) -> bool:
    small = sign["text"].isdecimal() and sign["size"] <= 0.75 * size
    return bool(small and sign["bottom"] < bottom - 0.1 * size)


_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)")


def _plain(text: str) -> str:
    return _LINK.sub(r"\1", text)


# ---- running heads -------------------------------------------------------------------------------------------------

_EDGE = 3  # lines at the top or the bottom of a page among which a running head is looked for


class _Head(NamedTuple):
    """A line that is taken for a running head, and the room it needs to the text: none if it is plainly one."""

    line: _Line
    room: float


def _without_heads(pages: Sequence[_Page]) -> tuple[list[_Page], str]:
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
    parts: Sequence[_Line | _Row], page: int, seen: Counter[tuple[str, int]], often: int, gaps: tuple[float, float]
) -> list[_Head]:
    """Find the running heads at one edge of a page: `parts` from that edge inwards.

    They are the outermost lines, and the innermost of them is plainly one or stands in the margin, set off from the
    text. A symbol alone on its line must repeat: in a list of documents it is the text.
    """
    heads: list[_Head] = []
    apart, wide = gaps
    for part in parts[:_EDGE]:
        if not isinstance(part, _Line):
            break
        same, *rising = (seen[form] for form in _forms(part, page, counted=False))
        rises = max(rising, default=0)
        again = same >= often and sum(isinstance(other, _Line) and other.text == part.text for other in parts) > 1
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


def _distance(line: _Line, further_in: Sequence[_Line | _Row]) -> float:
    """Measure from a line at the edge of a page to the next part further in; on a page without one there is no text."""
    if not further_in:
        return 0.0
    inner = further_in[0]
    return max(inner.top - line.bottom, line.top - inner.bottom)


def _edges(page: _Page) -> list[_Line]:
    parts = [part for part in page.parts[:_EDGE] + page.parts[-_EDGE:] if isinstance(part, _Line)]
    return list({id(part): part for part in parts}.values())


def _forms(line: _Line, page: int, counted: bool = True) -> list[tuple[str, int]]:
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
    rows = table("common")["running_head"]
    return tuple(re.compile(expand(row["pattern"], "common"), re.IGNORECASE) for row in rows)


def _is_head(text: str, page: int) -> bool:
    """Tell whether the words of a line are those of a running head; on the first page a symbol is the document's."""
    bare = normalise(_plain(text)).strip()
    return page > 1 and any(pattern.fullmatch(bare) for pattern in _head_rows())


# ---- paragraphs and rows -------------------------------------------------------------------------------------------

_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\u3000-\u303f“”‘’…—]")  # signs that are set without spaces
# What no line may break: a word, or a sign that is set without spaces, with the brackets and stops that hold to it.
_UNIT = re.compile(r"[（“‘《【(\[\"']*(?:[^\s\u2e80-\uffff]+|.)[）”’》】，。；：、！？)\].,;:!?]*")
# The number of a paragraph, or the mark of a list.
_BEGINS = re.compile(r"(?:[0-9]{1,3}[.．、]|\(?[a-zA-Z0-9]{1,4}\)|[-•·–])(?:\s|(?=[^\W\d_]))")
_SENTENCE_ENDS = re.compile(r"[.。!?！？…][\W_]*$")
_STOP = re.compile("[、。，；：！？”’）》】.,;:]$")
_SMALL = 0.87  # of the size of most text: a footnote is smaller


def _blocks(pages: Sequence[_Page]) -> Iterator[Block]:
    lines = [part for page in pages for part in page.parts if isinstance(part, _Line)]
    # A stop may hang over the margin, so lines that end with one do not tell where it is.
    right = max((line.x1 for line in lines if not _STOP.search(line.text)), default=0.0)
    apart, _ = _gaps(pages)
    size = Counter(line.size for line in lines for _ in line.text).most_common(1)[0][0] if lines else 0.0
    block: Block | None = None  # that may go on
    last: _Line | _Row | None = None  # its last part
    notes: list[Block] = []  # footnotes stand at the foot of the page; they wait until the paragraph is whole
    for page in pages:
        for n, part in enumerate(page.parts):
            if isinstance(part, _Line) and part.size < _SMALL * size and (notes or _is_note(part, page)):
                if notes and not _NOTE.match(part.text) and notes[-1].page == page.number:
                    notes[-1] = notes[-1]._replace(text=_joined([notes[-1].text, part.text]))
                else:
                    notes.append(Block(_NOTE.sub("", part.text), (), 0, page.number, kind="footnote"))
                continue
            if block and isinstance(part, _Line) and isinstance(last, _Line) and not _apart(last, part, right, apart):
                block, last = block._replace(text=_joined([block.text, part.text])), part
                continue
            if block and n == 0 and isinstance(part, _Row) and isinstance(last, _Row) and _goes_on(last, part):
                cells = tuple(_joined([above, cell or ""]) for above, cell in zip(block.cells, part.cells, strict=True))
                room = tuple(
                    new if cell else old for old, new, cell in zip(last.room, part.room, part.cells, strict=True)
                )
                block, last = block._replace(cells=cells, text=_lined(cells)), part._replace(cells=cells, room=room)
                continue
            if isinstance(part, _Row) and not any(part.cells):
                continue
            if block is not None:
                yield block
                yield from notes
                notes = []
            cells = tuple(cell or "" for cell in part.cells) if isinstance(part, _Row) else ()
            # A part without cells is a line, which has a text; a type checker does not see that.
            block, last = Block(_lined(cells) or part.text, cells, 0, page.number), part  # type: ignore[union-attr]
    if block is not None:
        yield block
    yield from notes


def _gaps(pages: Sequence[_Page]) -> tuple[float, float]:
    """Give two distances between lines: beyond the first they are two paragraphs; beyond the second one is no text."""
    gaps = [b.top - a.bottom for page in pages for a, b in _pairs(page)]
    # Most lines follow another of their own paragraph, so the distance between those is the lower middle one; unless
    # there are few lines, and that is no distance within a paragraph.
    usual = sorted(gap for gap in gaps if gap > -2)[: max(1, len(gaps) // 2)]
    first = next((part for page in pages for part in page.parts if isinstance(part, _Line)), None)
    height = first.bottom - first.top if first else 10.0
    apart = min((usual[len(usual) // 2] if usual else 0.0) + 0.35 * height, 1.3 * height)
    inner = (page._replace(parts=page.parts[_EDGE:-_EDGE]) for page in pages)  # no running head is among these
    between = sorted(gap for page in inner for a, b in _pairs(page) if (gap := b.top - a.bottom) > apart)
    return apart, max(apart, 1.2 * between[len(between) // 2] if between else 0.0)


def _lined(cells: Sequence[str]) -> str:
    return "\n".join(filter(None, cells))


_NOTE = re.compile(r"^[0-9]{1,3}\s*(?=\D)")


def _is_note(line: _Line, page: _Page) -> bool:
    """Tell whether a small line begins the footnotes: it has a figure, and only small lines stand below it."""
    below = [part for part in page.parts if part.top > line.top]
    small = all(isinstance(part, _Line) and part.size <= line.size for part in below)
    return small and _NOTE.match(line.text) is not None


def _pairs(page: _Page) -> Iterator[tuple[_Line, _Line]]:
    for a, b in zip(page.parts, page.parts[1:], strict=False):
        if isinstance(a, _Line) and isinstance(b, _Line):
            yield a, b


def _apart(line: _Line, below: _Line, right: float, apart: float) -> bool:
    """Tell whether a line begins a new paragraph.

    It does if it stands further below than lines of one paragraph do; if its first word would have had room in the line
    above; or if it begins with a number or the mark of a list. At the top of a page a line goes on from the page before
    only if it looks like text: as wide as the page, or with the end of a sentence, which no heading has.
    """
    if _BEGINS.match(below.text):
        return True
    over_page = below.top < line.top
    if over_page:
        text = below.x1 > right - 3 * below.size or _SENTENCE_ENDS.search(_plain(below.text))
        if _SENTENCE_ENDS.search(_plain(line.text)) and not text:
            return True
    elif below.top - line.bottom > apart:
        return True
    return line.x1 + below.first_word + _spare(below) < right


def _goes_on(above: _Row, row: _Row) -> bool:
    """Tell whether a page has broken a row: none of its cells would have had room for the word that follows.

    Where all cells but the first are merged with it, the row is a heading that goes across.
    """
    if len(row.cells) != len(above.cells) or (len(row.cells) > 1 and all(cell is None for cell in row.cells[1:])):
        return False
    filled = [n for n, cell in enumerate(row.cells) if cell]
    return all(above.cells[n] and above.room[n] < row.first_words[n] for n in filled)


def _joined(lines: Sequence[str]) -> str:
    """Put lines together: with a space, but for Chinese, for words cut at a hyphen and symbols cut at a slash.

    >>> _joined(["发展与知识产权", "委员会 CDIP/", "21/4 South-", "South cooperation"])
    '发展与知识产权委员会 CDIP/21/4 South-South cooperation'
    """
    text = ""
    for line in filter(None, map(str.strip, lines)):
        before, after = _plain(text)[-1:], _plain(line)[:1]
        close = not text or before in "-/‐" or (_WIDE.match(before) and _WIDE.match(after))
        text += line if close else f" {line}"
    # The two halves of a link that a line has broken are one link.
    return _HALVES.sub(r"[\1\3\4](\2)", text)


_HALVES = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)( ?)\[([^\[\]]*)\]\(\2\)")


def _logical(text: str) -> str:
    """Put the signs of a line of Arabic in the order in which they are read: a PDF holds them from left to right.

    >>> _logical("2019 \u0648\u064a\u0627\u0645")
    '\u0645\u0627\u064a\u0648 2019'
    """
    if not _ARABIC.search(text):
        return text
    turned = text[::-1].translate(_MIRRORED)
    return _FORWARD.sub(lambda match: match[0][::-1].translate(_MIRRORED), turned)


_ARABIC = re.compile("[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]")
_FORWARD = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z./:%_?=&#-]*[0-9A-Za-z])?")
_MIRRORED = str.maketrans("()[]<>", ")(][><")
