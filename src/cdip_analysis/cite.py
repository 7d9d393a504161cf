"""Find citations in a text as written, and what looked like one and was not read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from cdip_analysis.phrases import Rule, detect_language, number_of, plain, rules
from cdip_analysis.records import Citation, Passage, session_of

__all__ = ["Unread", "canonical", "cite", "cite_passage", "unread"]


class Unread(NamedTuple):
    """Words that a loose net caught and no rule claimed."""

    passage: Passage
    start: int
    end: int
    why: str

    @property
    def text(self) -> str:
        """The words themselves."""
        return self.passage.text[self.start : self.end]


def cite(text: str, language: str | None = None) -> list[Citation]:
    """Find the citations in a text, as written.

    Parameters
    ----------
    text : str
        Any text; nothing outside it is known, so a bare "report, paragraphs 98 to 112" stays unresolved.
    language : str, optional
        ISO 639-1 code; detected where it is not given. Of a text in no known language only symbols are read.

    Returns
    -------
    list of Citation
        In the order in which they stand; ``text[c.start:c.end] == c.text`` for each.

    Examples
    --------
    >>> [str(c) for c in cite("CDIP/19 的[报告](#)第 37 至 61 段，以及文件 CDIP/20/3")]
    ['CDIP/19 report 37-61', 'CDIP/20/3']
    """
    return list(_find(text, language or detect_language(text) or "en", None))


def cite_passage(passage: Passage, language: str) -> list[Citation]:
    """Find the citations in a passage, as written; context is for `resolve`."""
    return list(_find(passage.text, language, passage))


@cache
def _finder(language: str) -> tuple[re.Pattern[str], tuple[tuple[Rule, list[tuple[str, int]]], ...]]:
    """Join all citation rows into one pattern, and tell which groups hold which field of which row."""
    found = rules(language, "citation")
    # A field may stand in many rows, the name of a group only once: the row's number goes in front.
    parts = [re.sub(r"\(\?P<", f"(?P<row{n}_", f"(?P<all>{rule.pattern.pattern})") for n, rule in enumerate(found)]
    pattern = re.compile("|".join(parts), re.IGNORECASE)
    fields: list[list[tuple[str, int]]] = [[] for _ in found]
    for name, index in pattern.groupindex.items():
        row, field, *_ = name.split("_")
        fields[int(row[3:])].append((field, index))
    return pattern, tuple(zip(found, fields, strict=True))


def _find(text: str, language: str, passage: Passage | None) -> Iterator[Citation]:
    bare, links = plain(text)
    pattern, rows = _finder(language)
    for match in pattern.finditer(bare):
        rule, fields = rows[int(str(match.lastgroup).split("_")[0][3:])]
        groups = {name: index for name, index in fields if match[index] is not None}
        values = {name: match[index] for name, index in groups.items()}
        start, end = match.span(groups.get("words", 0))
        for mark, words, words_end, mark_end in links:  # never cut a link mark in two
            if start < mark_end and end > mark and not (words <= start and end <= words_end):
                start, end = min(start, mark), max(end, mark_end)
        symbol = canonical(values["symbol"]) if "symbol" in values else None
        body, session = "CDIP", None
        if "code" in values:
            session = int(re.findall("[0-9]+", values["code"])[0])
        elif "ordinal" in values:
            session = number_of(values["ordinal"], language)
            if session is None:
                continue  # not a number after all; the loose net keeps the words
        elif rule.row["kind"] == "document" and symbol:
            session = session_of(symbol)
        if symbol:
            body = Citation.parse(symbol).body
        first = int(values["first"]) if "first" in values else None
        appendix = values.get("appendix")
        yield Citation(
            kind=rule.row["kind"],
            body=body,
            symbol=symbol,
            session=session,
            first=first,
            last=int(values["last"]) if "last" in values else first,
            item=values.get("item"),
            appendix=appendix and _roman(appendix, language),
            text=text[start:end],
            start=start,
            end=end,
            resolved="stated" if symbol or session is not None else "unresolved",
            rule=rule.name,
            passage=passage,
        )


def _roman(numeral: str, language: str) -> str:
    """Write the number of an appendix as the English edition does, in Roman numerals.

    >>> _roman("一", "zh"), _roman("iv", "en")
    ('I', 'IV')
    """
    number = number_of(numeral, language)
    return _ROMAN[number] if number is not None and number < len(_ROMAN) else numeral.upper()


_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_SYMBOL_PARTS = re.compile(r"[A-Za-z]+|[0-9]+[A-Za-z]?(?![A-Za-z])")


def canonical(symbol: str) -> str:
    """Write a symbol the way WIPO does, whatever its spelling here.

    >>> [canonical(s) for s in ("CDIP20/13", "cdip/1/ 4", "CDIP/23/17/PROV.", "CDIP/3/9 Prov.2", "CDIP/8/INF/1")]
    ['CDIP/20/13', 'CDIP/1/4', 'CDIP/23/17 Prov.', 'CDIP/3/9 Prov.2', 'CDIP/8/INF/1']
    """
    head, *tail = re.split(r"[ /]*(PROV|REV|ADD)\.", symbol, flags=re.IGNORECASE)
    base = "/".join(_SYMBOL_PARTS.findall(head)).upper()
    return base + "".join(
        f" {word.capitalize()}.{number.strip()}" for word, number in zip(tail[::2], tail[1::2], strict=True)
    )


def unread(passage: Passage, citations: Iterable[Citation], language: str) -> list[Unread]:
    """List what the loose nets catch in a passage and neither a citation nor a must-not-match row explains.

    A phrase must lie within one citation: two that share it would mean that a longer phrase was not read.
    """
    bare, links = plain(passage.text)
    claims = [(c.start, c.end) for c in citations]
    claims += [match.span() for rule in rules(language, "not_citation") for match in rule.pattern.finditer(bare)]
    hits: dict[tuple[int, int], str] = {}
    for rule in rules(language, "loose"):
        if rule.row.get("links"):
            spans = [(start, end) for _, start, end, _ in links]
        else:
            spans = [match.span() for match in rule.pattern.finditer(bare)]
        for start, end in spans:
            if not any(claim <= start and end <= claim_end for claim, claim_end in claims):
                hits.setdefault((start, end), rule.row["name"])
    return [Unread(passage, start, end, why) for (start, end), why in sorted(hits.items())]
