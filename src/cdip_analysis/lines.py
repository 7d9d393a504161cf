"""Whole lines that are known by their wording, and the passages made of pieces of text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from string import ascii_lowercase
from typing import Any, NamedTuple

from cdip_analysis.language import normalise, plain, table
from cdip_analysis.model import Block, Finding, Passage
from cdip_analysis.numbering import Piece
from cdip_analysis.wording import rules

SHORT = 80  # characters: a line of a header block or the heading of a column, and no paragraph
LONG = 150  # characters: no line of a header block, and no title
LIST_ITEM = re.compile(r"[-•·*] |\(?[a-z0-9]{1,4}\) ")
_LETTERED = re.compile(r"(?:[-•·*] *)?\(?(\w{1,2})[.)] ")
_STOPS = re.compile("[.;!?。；！？؟][\\W_]*$")
_ENDS = re.compile("[.!?。！？؟][\\W_]*[0-9]{0,2}$")  # of a sentence, with the mark of a footnote
_TITLE_LINES = 3  # at most


class Found(NamedTuple):
    """What a whole line was read as: the section of the table of wording, its row, and the fields of the match."""

    section: str
    row: Mapping[str, Any]
    fields: dict[str, str]

    @property
    def role(self) -> str:
        """What the line is, such as ``action`` of a heading or ``end`` of a mark."""
        return str(self.row.get("role", "agenda_item"))


def match_line(text: str, language: str, *sections: str) -> Found | None:
    """Read a whole line by the rows of wording of these sections, the first that knows it."""
    bare = plain(text)[0].strip()
    for section in sections:
        for rule in rules(language, section):
            if match := rule.pattern.fullmatch(bare):
                fields = {name.split("_")[0]: words for name, words in match.groupdict().items() if words is not None}
                return Found(section, rule.row, fields)
    return None


def opening_of(words: str, language: str) -> str | None:
    """Return the section that a paragraph belongs to by its first words, such as ``decision``."""
    bare = plain(words)[0].lstrip()
    return next((str(rule.row["section"]) for rule in rules(language, "opening") if rule.pattern.match(bare)), None)


def item_letter(text: str, language: str) -> str | None:
    """Read the letter of an item of a list, by the order of the language's letters: of "- б) семинар" it is b."""
    match = _LETTERED.match(normalise(text))
    known = (ascii_lowercase, table(language).get("letters", ()))
    rows = (row for own in known for row in zip(ascii_lowercase, own, strict=False))
    return next((letter for letter, own in rows if match and match[1] in own.split("|")), None)


def is_page_head(pieces: Sequence[Piece], language: str) -> bool:
    """Report whether the first of two lines heads a page: with its number, or with a symbol above such a line."""
    heads = [match_line(piece.block.text, language, "page_head") for piece in pieces]
    if heads[0] and heads[0].role == "symbol":
        heads = heads[1:]
    return any(head and head.role != "symbol" for head in heads[:1])


def titles_in(pieces: Sequence[Piece]) -> set[int]:
    """Find the titles between paragraphs: one to three short lines without a stop, where the paragraph before ended."""
    found: set[int] = set()
    for end, piece in enumerate(pieces):
        begin = end
        while piece.number is not None and begin and end - begin < _TITLE_LINES and _is_short(pieces[begin - 1]):
            begin -= 1
        if 0 < begin < end and _ENDS.search(pieces[begin - 1].block.text):
            found.update(range(begin, end))
    return found


def _is_short(piece: Piece) -> bool:
    block, text = piece.block, normalise(piece.block.text)
    is_text = piece.number is None and not block.cells and not block.kind and len(text) < LONG
    return is_text and not text[:1].islower() and not _STOPS.search(text) and not LIST_ITEM.match(text)


def passage_of(kind: str, piece: Piece, **place: Any) -> Passage:
    """Return a piece of text as a passage."""
    block = piece.block
    return Passage(kind, block.text, piece.line, block.line, block.page, block.unit, **place)


def odd(kind: str, passage: Passage, text: str | None = None, /, **params: Any) -> Finding:
    """Return a finding on the structure of a document."""
    return Finding(f"structure.{kind}", passage, passage.text if text is None else text, params)


def kept(block: Block, kind: str, role: str | None, columns: Sequence[str | None] = (), **place: Any) -> list[Passage]:
    """Return a passage for the text of a block, or for each cell that is not empty, with the column that it is in."""
    cells = zip_longest(block.cells or (block.text,), columns)
    at = (block.line, block.line, block.page, block.unit)
    return [Passage(kind, text, *at, role=role, column=column, **place) for text, column in cells if text]
