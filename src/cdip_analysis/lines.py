"""Whole lines that are known by their wording, and the passages made of pieces of text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from string import ascii_lowercase
from typing import Any, NamedTuple

from cdip_analysis.language import Rule, normalise, plain, rules, table
from cdip_analysis.model import Block, Passage
from cdip_analysis.numbering import Piece

SHORT = 80  # characters: a line of a header block or the heading of a column, and no paragraph


class Found(NamedTuple):
    """What a whole line was read as: the section of the table of wording, its row, and the fields of the match."""

    section: str
    row: Mapping[str, Any]
    fields: dict[str, str]

    @property
    def role(self) -> str:
        """What the line is, such as ``action`` of a heading or ``end`` of a mark."""
        return str(self.row.get("role", "agenda_item"))


def match_line(text: str, known: Sequence[Rule]) -> Found | None:
    """Read a whole line by rows of wording, the first that knows it."""
    bare = plain(text)[0].strip()
    for rule in known:
        if match := rule.pattern.fullmatch(bare):
            fields = {name.split("_")[0]: words for name, words in match.groupdict().items() if words is not None}
            return Found(rule.section, rule.row, fields)
    return None


@cache
def whole_lines(language: str, *sections: str) -> tuple[Rule, ...]:
    """Return the rows of wording of these sections."""
    return tuple(rule for section in sections for rule in rules(language, section))


def opening_of(words: str, language: str) -> str | None:
    """Return the section that a paragraph belongs to by its first words, such as ``decision``."""
    bare = plain(words)[0].lstrip()
    return next((str(rule.row["section"]) for rule in rules(language, "opening") if rule.pattern.match(bare)), None)


def item_letter(text: str, language: str) -> str | None:
    """Read the letter of an item of a list, by the order of the language's letters.

    >>> [item_letter(text, "ru") for text in ("- a. a seminar", "- б) семинар", "семинар")]
    ['a', 'b', None]
    """
    pattern, known = _lettered(language)
    match = pattern.match(normalise(text))
    return known[match[1]] if match else None


@cache
def _lettered(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    own = table(language).get("letters", ())
    known = {
        character: letter
        for letter, characters in zip(ascii_lowercase, own, strict=False)
        for character in characters.split("|")
    }
    known |= {letter: letter for letter in ascii_lowercase}
    return re.compile(rf"(?:[-•·*] *)?\(?({'|'.join(known)})[.)] "), known


def passage_of(kind: str, piece: Piece, **place: Any) -> Passage:
    """Return a piece of text as a passage."""
    block = piece.block
    return Passage(kind, block.text, piece.line, block.line, block.page, block.unit, **place)


def kept(block: Block, kind: str, role: str, **place: Any) -> list[Passage]:
    """Keep what is no part of body or annex: a passage for the text, or for each cell that is not empty."""
    words = filter(None, block.cells or (block.text,))
    return [Passage(kind, text, block.line, block.line, block.page, block.unit, role=role, **place) for text in words]
