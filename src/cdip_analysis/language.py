"""Make texts comparable, read numbers in words, and find out in which language a text is.

The words of a language are in data/language and not in code; a new language is a new file there.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from typing import Any, TypeAlias

from cdip_analysis.data import DATA, ordinals
from cdip_analysis.model import ReportError

#: Languages that have a table of wording, by ISO 639-1 code.
LANGUAGES = tuple(sorted(path.stem for path in (DATA / "language").glob("??.toml")))
_FEW = 0.48  # of the share that a text in a language has of its most common words
_PIECES, _PIECE = 5, 200  # of a text, in characters, from which its language is known: the same time for any length

_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_FOLD = {
    **dict.fromkeys(_SPACES + "\u2028\u2029\u202f\u205f\u3000\ufffd", " "),  # and what could not be converted
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u301c", "-"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\xab\xbb", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # full-width forms
    **{chr(0x0660 + digit): str(digit) for digit in range(10)},  # Arabic-Indic digits
    **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
    **dict.fromkeys("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff", " "),
    # Marks of footnotes: no part of the number or the symbol that they follow.
    **dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", " "),
    "\u060c": ",",  # Arabic comma and semicolon
    "\u061b": ";",
    **dict.fromkeys("\u2044\u2215\u29f8", "/"),
    # Letters that `re` takes for i, s and k where case is ignored: CDIP written with a dotted capital is CDIP.
    **{"\u0130": "I", "\u0131": "i", "\u017f": "s", "\u212a": "K"},
}
_FOLDED = re.compile(f"[{''.join(_FOLD)}]")
# Extraction from PDF splits lam-alef and puts the two letters in the wrong order; no Arabic word has them so.
_LAM_ALEF = re.compile("\u0627([\u0622\u0623\u0625\u0627])\u0644")
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)")


def normalise(text: str) -> str:
    """Fold full-width characters, dashes, quotation marks, white space and digits, each character for one character."""
    if text.isascii() and text.isprintable():
        return text
    for character in set(_FOLDED.findall(text)):  # a text has few of them; str.translate would look up every character
        text = text.replace(character, _FOLD[character])
    return _LAM_ALEF.sub("\u0627\u0644\\1", text) if "\u0627" in text else text


Link: TypeAlias = tuple[int, int, int, int]


@lru_cache(maxsize=1024)  # each step of a reading asks for the same passages
def plain(text: str) -> tuple[str, list[Link]]:
    """Normalise a text and blank its link marks: ``[report](#)`` becomes the word and spaces, each for one character.

    For each link the places are listed where the mark starts, its words start, its words end, the mark ends.

    >>> plain("（[报告](#)第 98 段）")
    ('( 报告    第 98 段)', [(1, 2, 4, 8)])
    """
    text = normalise(text)
    if "](" not in text:
        return text, []
    links = [(mark.start(), *mark.span(1), mark.end()) for mark in _LINK.finditer(text)]
    return _LINK.sub(lambda mark: f" {mark[1]}{' ' * (mark.end() - mark.end(1))}", text), links


def outside_brackets(bare: str) -> list[bool]:
    """Say for each character whether it is outside round brackets; a bracket without its pair counts as none."""
    outside = [True] * len(bare)
    opened: list[int] = []
    for bracket in re.finditer("[()]", bare):
        place = bracket.start()
        if bracket[0] == "(":
            opened.append(place)
        elif opened:
            start = opened.pop()
            if not opened:  # only the outermost pair: each character is marked once
                outside[start : place + 1] = [False] * (place + 1 - start)
    return outside


@cache
def table(language: str) -> dict[str, Any]:
    """Read the tables of wording of a language, as they stand in its file (``common`` for what all share)."""
    if language not in LANGUAGES and language != "common":
        known = ", ".join(LANGUAGES)
        raise ReportError("tables of wording", "", f"language {language!r}", f"one of {known}", "give one of these")
    return tomllib.loads((DATA / "language" / f"{language}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1024)
def number_of(word: str, language: str) -> int | None:
    """Read a number in words (``Twenty first``) or figures (``22nd``), None where it is neither."""
    digits = re.match(r"[0-9]+", word)
    return int(digits[0]) if digits else _numbers(language).get(letters(word))


@cache
def _numbers(language: str) -> dict[str, int]:
    return {letters(word): number for word, number in ordinals(language).items()}


# Teh marbuta and alef maksura, often typed as heh and yeh.
_TYPED = str.maketrans({"\u0629": "\u0647", "\u0649": "\u064a"})


def letters(text: str) -> str:
    """Leave what two spellings of a text share: its letters and digits, without case, accents and marks of links."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFD", plain(text)[0].lower()))).translate(_TYPED)


def detect_language(text: str) -> str | None:
    """Find out in which of the known languages a text is; None where it is in none of them.

    The share of a language's most common words (characters, for Chinese) among the text's letters must reach what its
    table demands, so a wrong decoding is no language.
    """
    # From all parts of it: the header, or an annex, may be in another language.
    step = max(_PIECE, len(text) // _PIECES)
    text = " ".join(text[start : start + _PIECE] for start in range(0, len(text), step)).lower()
    count = sum(map(str.isalpha, text))
    found: dict[str, float] = {}  # how many letters a text may have, for it to be in that language
    known = table("common")["language"]  # the marks of all in one table: none but the language of the text is loaded
    if unknown := [language for language in LANGUAGES if language not in known]:
        raise ValueError(
            f"data/language/{unknown[0]}.toml is there, but data/language/common.toml has no [language.{unknown[0]}]: "
            "add it, with the name of the language, the words by which it is known and their share"
        )
    latin = 2 * len(text.encode("ascii", "ignore")) > len(text)
    for language, facts in known.items():
        if not (re.search(facts["script"], text) if "script" in facts else latin):
            continue
        hits = re.findall(facts["detect"], text)  # in small letters: to ignore case takes three times as long
        # Japanese has many of the characters of Chinese, and others.
        foreign = len(re.findall(facts["never"], text)) if "never" in facts else 0
        if hits and foreign <= count * 0.03:  # that a text may have in a name or a quotation
            found[language] = sum(map(len, hits)) / facts["share"]
    best = max(found, key=lambda language: found[language], default=None)
    # A list of names has few words; there it is enough that they are of no other language.
    enough = _FEW if latin and len(found) == 1 else 1
    return best if best and found[best] >= count * enough else None
