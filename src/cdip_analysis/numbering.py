"""The numbers of paragraphs as printed: ``1. The``, ``1 The``, ``1- The``, ``(1)``, ``1.`` alone, or within a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cdip_analysis.language import normalise
from cdip_analysis.model import Block, grouped

_N = "[0-9]{1,4}"
_AT_START = re.compile(
    rf"(?:\*\*|__)?(?:(?P<stop>{_N}) *[.、](?![0-9])|\((?P<round>{_N})\)|(?P<half>{_N})\)|\[(?P<square>{_N})\](?!\()"
    rf"|(?P<dash>{_N}) ?-(?=[ \u0621-\u064a])(?! *[0-9])|(?P<bare>{_N})(?= )(?! [0-9]{{3}}(?![0-9])))(?:\*\*|__)? *"
)
_WITHIN = re.compile(rf"(?<![0-9,/(])(?<![0-9]\.)(?P<number>{_N})(?:(?P<stop>[.、])(?![0-9]) *| +(?=[^\W\d_]))")
_SENTENCE_ENDS = ".!?;:)]>\"'。』」؟*"
_FOOTNOTE = re.compile(f"(?<=[{re.escape(_SENTENCE_ENDS)}])[0-9]{{1,2}}$")
# The head of a page, which ends with its number: SCP/3/4 Prov. page 2; SCP/3/4 第2页.
_HEAD = re.compile("/[0-9]{1,3}/[0-9]{1,3}[^0-9]{1,30}[0-9]{1,3}(?: ?页)? *$")
_RISKY = "bare within"  # See Annex 1 The Plan. 2 States came
_STYLES = ("stop", "alone", "bare", "dash", "round", "half", "square", "within", _RISKY)
_RUN = 3  # numbers in a row that make a style of numbering; two where there are no more
_GAP = 10  # from one number of a run to the next, at most
_YEARS = 1000  # from here on a number with a stop may be a year


class Piece(NamedTuple):
    """A block, or the part of one that is a paragraph: its words without the number, and the line of the number."""

    block: Block
    number: int | None
    line: int


class _Mark(NamedTuple):
    """What may be the number of a paragraph: in which block, where it starts and ends there, and how it is printed."""

    at: int
    start: int
    end: int
    number: int
    style: str


def numbered(blocks: Sequence[Block]) -> list[Piece]:
    """Find the numbers of paragraphs, and cut blocks at them; a block without numbers is one piece.

    A number with a stop at the beginning of a block is one. Other ways of printing it, also within a line, are known by
    a run of at least three (of two, if there are no more) that begins with 1 or goes on from the last paragraph.
    """
    found = grouped(_accepted([mark for at in range(len(blocks)) for mark in _marks(blocks, at)]), lambda mark: mark.at)
    pieces: list[Piece] = []
    for at, block in enumerate(blocks):
        begin, number, line = 0, None, block.line
        if pieces and pieces[-1].number is not None and not pieces[-1].block.text:  # the number alone on a line
            _, number, line = pieces.pop()
        for mark in found.get(at, ()):
            if words := block.text[begin : mark.start].rstrip():
                pieces.append(Piece(block._replace(text=words), number, line))
            begin, number, line = mark.end, mark.number, block.line
        pieces.append(Piece(block._replace(text=block.text[begin:]) if begin else block, number, line))
    return pieces


def _marks(blocks: Sequence[Block], at: int) -> Iterator[_Mark]:
    """List what may be the number of a paragraph in a block."""
    block, below = blocks[at], blocks[at + 1] if at + 1 < len(blocks) else blocks[at]
    if block.cells or block.kind:
        return
    text, next_line, begin = normalise(block.text), normalise(below.text), 0
    words_below = not below.cells and not below.kind and not _AT_START.match(next_line)
    if match := _AT_START.match(text):
        style, begin = str(match.lastgroup), match.end()
        if begin == len(text):
            if style == "stop" and words_below:
                yield _Mark(at, 0, begin, int(match[style]), "alone")
        elif style in ("stop", "square") or not text[begin].islower():
            yield _Mark(at, 0, begin, int(match[style]), style)
    for match in _WITHIN.finditer(text, max(begin, 1)):
        start, end = match.span()
        last = _FOOTNOTE.sub("", text[max(0, start - 9) : start].rstrip())[-1:]
        alone = end == len(text)
        first = next_line[:1] if alone else text[end]
        fits = (
            last in _SENTENCE_ENDS
            or match["number"] == "1"
            or _HEAD.search(text[max(0, start - 60) : start]) is not None
        )
        if match["stop"]:
            style = "alone" if alone else "within"
            fits = (fits or last.isupper()) and not first.islower() and (words_below or not alone)
        else:  # ... of the session. 2 The Committee ...
            style = _RISKY
            fits = fits and first.isupper() and text[start - 1] == " "
        if fits:
            yield _Mark(at, start, end, int(match["number"]), style)


def _accepted(marks: Sequence[_Mark]) -> Iterator[_Mark]:
    """Choose the marks that are numbers of paragraphs: all with a stop, and in other ways those that go on counting."""
    style, last, alike = _style(marks), 0, ""  # how far the count has gone on, and the style of the last
    marks = [mark for mark in marks if mark.style == style or mark.style != _RISKY]
    places = {(mark.style, mark.number): n for n, mark in enumerate(marks)}
    seen: set[tuple[str, int]] = set()  # since the last number, and no numbers of paragraphs

    def follows(number: int, place: int, style: str) -> bool:
        return places.get((style, number), -1) > place

    for n, mark in enumerate(marks):
        number, next_one = mark.number, mark.number == last + 1
        if mark.style == style:
            gap = 1 < number - last <= _GAP and not follows(last + 1, n, style) and follows(number + 1, n, style)
            accepted = next_one or gap or (style == "stop" and number < _YEARS)
        else:
            goes_on = alike == mark.style or any(follows(number + 1, n, one) for one in (mark.style, style))
            of_list = (mark.style, number - 1) in seen  # (1), (2), (3) below paragraph 1
            accepted = next_one and goes_on and not of_list and not follows(number, n, style)
        seen.add((mark.style, number))
        if accepted:
            last, alike, seen = number, mark.style, set()
            yield mark


def _style(marks: Sequence[_Mark]) -> str:
    """Return the style that most numbers of the document have; a list within a paragraph begins after its number."""
    runs = {style: _run(marks, style) for style in _STYLES}
    least = min(_RUN, max(2, *map(len, runs.values())))
    long = {style: run for style, run in runs.items() if len(run) >= (_RUN if style == _RISKY else least)}
    begins = next((mark for mark in marks if mark.style == "stop"), None)
    fit = [style for style, run in long.items() if begins is None or run[0] < begins]
    return max(["stop", *fit], key=lambda style: len(runs[style]))


def _run(marks: Sequence[_Mark], style: str) -> list[_Mark]:
    """Return the marks of a style that go on counting from 1."""
    run: list[_Mark] = []
    for mark in marks:
        if mark.style == style and 0 < mark.number - (run[-1].number if run else 0) <= (_GAP if run else 1):
            run.append(mark)
    return run
