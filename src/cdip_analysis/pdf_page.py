"""What is on a page of a PDF: lines of text, rows of tables, and text that a reader of the page does not see."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

#: Characters that are set without spaces between them.
UNBROKEN_SCRIPT = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\u3000-\u303f“”‘’…—]")
# What no line may break: a word, or a character set without spaces, with the brackets and stops that hold to it.
_UNIT = re.compile(r"[（“‘《【(\[\"']*(?:[^\s\u2e80-\uffff]+|.)[）”’》】，。；：、！？)\].,;:!?]*")
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)")
_HALVES = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)( ?)\[([^\[\]]*)\]\(\2\)")


class Line(NamedTuple):
    """A line of text: where it is, how large its characters are, and how wide its first word is.

    The lines of a cell are put together to one, and `room` is what its last line has left on the right.
    """

    text: str = ""
    x0: float = 0.0
    x1: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    size: float = 0.0
    first_word: float = 0.0
    room: float = 0.0


class Row(NamedTuple):
    """A row of a table, None for a cell that is merged with the one above or to the left; the table's number there."""

    cells: tuple[Line | None, ...]
    top: float
    bottom: float
    table: int


class Page(NamedTuple):
    """A page: its lines and rows from top to bottom, and what was left out of them."""

    parts: tuple[Line | Row, ...]
    number: int
    odd: tuple[tuple[str, Mapping[str, str]], ...]


def read_page(page: Any, unpainted: Sequence[Sequence[float]]) -> Page:
    """Read a page of pdfplumber; `unpainted` are the boxes of text that is in the file and not on the page."""
    left_out = _left_out(page, unpainted)
    gone = {id(char) for chars in left_out.values() for char in chars if char["text"].strip()}
    page = page.filter(lambda thing: id(thing) not in gone) if gone else page
    chars = page.chars
    _mark_links(page.hyperlinks, chars)
    rows: list[Row] = []
    in_cells: set[int] = set()
    for number, table in enumerate(page.find_tables()):
        for row in table.rows:
            across, cells = _within(row.bbox, chars), []
            for box in row.cells:
                inside = _within(box, across) if box else []
                in_cells.update(map(id, inside))
                cells.append(_cell(list(_lines(inside)), box) if box else None)
            rows.append(Row(tuple(cells), row.bbox[1], row.bbox[3], number))
    parts: list[Line | Row] = [*_lines([char for char in chars if id(char) not in in_cells]), *rows]
    unread = {kind: joined([line.text for line in _lines(chars)]) for kind, chars in left_out.items()}
    odd = tuple((kind, {"words": text}) for kind, text in unread.items() if text)
    return Page(tuple(sorted(parts, key=lambda part: part.top)), page.page_number, odd)


# ---- text that a reader does not see ---------------------------------------------------------------------------------


def _left_out(page: Any, unpainted: Sequence[Sequence[float]]) -> dict[str, list[Any]]:
    """Find the characters that a reader does not see, and those that are struck out."""
    left, top, right, bottom = page.bbox
    # On these white text is seen, and text that is not painted is what a program recognised in the picture.
    behind = [*page.images, *(area for area in (*page.rects, *page.curves) if area["fill"] and not _is_white(area))]
    strokes = [(line["x0"], line["x1"], line["top"]) for line in (*page.rects, *page.lines) if line["height"] <= 1.5]
    found: dict[str, list[Any]] = {"structure.hidden_text": [], "structure.struck_text": []}
    for char in page.chars:
        x, y, middle = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2, char["height"] / 5
        on_page = left <= x <= right and top <= y <= bottom
        shown = not _is_white(char) and not any(a <= x <= c and b <= y <= d for a, b, c, d in unpainted)
        shown = shown or any(area["x0"] <= x <= area["x1"] and area["top"] <= y <= area["bottom"] for area in behind)
        if not on_page or not shown or max(char["width"], char["height"]) < 2:
            found["structure.hidden_text"].append(char)
        elif any(x0 <= x <= x1 and abs(y - at) <= middle for x0, x1, at in strokes):
            found["structure.struck_text"].append(char)
    return found


def _is_white(thing: Any) -> bool:
    """Report whether a thing is filled with white: in grey, RGB, or CMYK, where it is the absence of ink."""
    colour = thing["non_stroking_color"]
    if not isinstance(colour, tuple) or not all(isinstance(part, int | float) for part in colour):
        return False  # a pattern, or none given
    return all(part <= 0.03 for part in colour) if len(colour) == 4 else bool(colour) and min(colour) >= 0.97


# ---- lines, cells, links ---------------------------------------------------------------------------------------------


def _within(box: Sequence[float], chars: Sequence[Any]) -> list[Any]:
    """Return the characters whose middle is in a box: those of a font may be higher than their row."""
    left, top, right, bottom = box
    return [
        char
        for char in chars
        if top <= (char["top"] + char["bottom"]) / 2 < bottom and left <= (char["x0"] + char["x1"]) / 2 < right
    ]


def _cell(lines: Sequence[Line], box: Sequence[float]) -> Line:
    if not lines:
        return Line()
    right = box[2] - min(line.x0 for line in lines) + box[0]  # as much is left free there as on the left
    # A word that the column has broken: the line is one word, and the next character would not have had room.
    texts = [lines[0].text]
    for line, below in pairwise(lines):
        character = (below.x1 - below.x0) / len(without_links(below.text))
        is_full = " " not in line.text and right - line.x1 < 1.1 * character
        broken = is_full and line.text[-1:].isalnum() and line.text[-1:].isdecimal() == below.text[:1].isdecimal()
        if broken and not UNBROKEN_SCRIPT.match(line.text[-1]):
            texts[-1] += below.text
        else:
            texts.append(below.text)
    return lines[0]._replace(text=joined(texts), room=right - lines[-1].x1 - room_left(lines[0]))


def room_left(line: Line) -> float:
    """Return the room that a line may leave although a word would fit."""
    # A space; Chinese may not begin a line with a stop, and takes the character before it over with it.
    return (2.5 if UNBROKEN_SCRIPT.match(line.text) else 0.6) * line.size


def _mark_links(links: Sequence[Any], chars: Sequence[Any]) -> None:
    """Write a link's address after its words, as the text edition does: ``[words](address)``."""
    for link in links:
        box = (link["x0"], link["top"], link["x1"], link["bottom"])
        inside = [char for char in _within(box, chars) if char["text"].strip()]
        if inside and link["uri"]:
            inside[0]["text"] = f"[{inside[0]['text']}"
            inside[-1]["text"] += f"]({link['uri'].replace('(', '%28').replace(')', '%29')})"


def _lines(chars: list[Any]) -> Iterator[Line]:
    """Put characters together to lines as pdfplumber does, without the raised figures that are marks of footnotes."""
    from pdfplumber.utils.clustering import cluster_objects
    from pdfplumber.utils.text import DEFAULT_Y_TOLERANCE, extract_words

    found = extract_words(chars, return_chars=True)
    for words in cluster_objects(found, "top", DEFAULT_Y_TOLERANCE, preserve_order=True):
        shown = [char for word in words for char in word["chars"] if char["text"].strip()]
        if not shown:
            continue
        size = Counter(round(char["size"], 1) for char in shown).most_common(1)[0][0]
        top, bottom = min(word["top"] for word in words), max(word["bottom"] for word in words)
        if any(_is_mark(char, size, bottom) for char in shown):
            kept = ([char for char in word["chars"] if not _is_mark(char, size, bottom)] for word in words)
            words = [part for rest in kept for part in extract_words(rest)]
        text = " ".join(word["text"] for word in words).strip()
        unit = _UNIT.match(without_links(text))
        first = shown[: max(len(unit[0]) if unit else 1, 1)]
        left, right = shown[0]["x0"], shown[-1]["x1"]
        yield Line(_logical(text), left, right, top, bottom, size, first[-1]["x1"] - left)


def _is_mark(char: Any, size: float, bottom: float) -> bool:
    return char["text"].isdecimal() and bool(char["size"] <= 0.75 * size and char["bottom"] < bottom - 0.1 * size)


def without_links(text: str) -> str:
    """Leave of each link its words."""
    return _LINK.sub(r"\1", text)


def joined(lines: Sequence[str]) -> str:
    """Put lines together: with a space, but for Chinese, for words cut at a hyphen and symbols cut at a slash.

    >>> joined(["发展与知识产权", "委员会 CDIP/", "21/4 South-", "South cooperation"])
    '发展与知识产权委员会 CDIP/21/4 South-South cooperation'
    """
    pieces: list[str] = []
    before = ""
    for line in filter(None, map(str.strip, lines)):
        words = without_links(line)
        unbroken = UNBROKEN_SCRIPT.match(before) and UNBROKEN_SCRIPT.match(words)
        pieces += ["" if not pieces or before in "-/‐" or unbroken else " ", line]
        before = words[-1:]
    # The two halves of a link that a line has broken are one link.
    return _HALVES.sub(r"[\1\3\4](\2)", "".join(pieces))


def _logical(text: str) -> str:
    """Put the characters of a line of Arabic in the order in which they are read: a PDF holds them from left to right.

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
