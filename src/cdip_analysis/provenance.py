"""The words behind a value, shown in their place, and words found in a document."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby, zip_longest
from numbers import Integral
from operator import attrgetter
from typing import Any, NamedTuple

import pandas as pd

from cdip_analysis.analyses import COUNTED
from cdip_analysis.display import card
from cdip_analysis.model import Document, Passage, Row, Span
from cdip_analysis.schema import Column
from cdip_analysis.symbols import document_url

#: The tables whose rows have a name that a person knows: the word for such a thing, and the column that holds the name.
NAMED = {
    **dict.fromkeys(("overview", "actions", "follow_up_status", "follow_ups"), ("action", "action_id")),
    "annex": ("entry", "entry"),
    "commitments": ("commitment", "number"),
    "paragraphs": ("paragraph", "paragraph"),
}


class Evidence(NamedTuple):
    """The evidence of one value: a card in a notebook, text elsewhere.

    `spans` are the words (``span.text``) in their passages; `note` says what else the value rests on, such as a row of
    a reference table; `links` are the addresses of the documents that the words cite, by symbol; `document` names the
    document that has the words, where that is not the report; `thing` names the row (``action 1.3``). `beside` has for
    each of the words the text at the same place of the edition beside, in `beside_language`.
    """

    table: str
    row: Hashable
    column: str
    value: Any
    nature: str
    spans: tuple[Span, ...]
    note: str | None
    language: str
    links: Mapping[str, str]
    document: str | None = None
    beside: tuple[str | None, ...] = ()
    beside_language: str = ""
    thing: str = ""

    def __repr__(self) -> str:
        """Show the words between >> and <<, in their passage."""
        lines = [f"{self._head} = {self.value} ({self.nature})"]
        for span, where, beside in self._parts("{} ({})", ", "):
            before, after = span.passage.text[: span.start], span.passage.text[span.end :]
            lines += [where, f"    {before}>>{span.text}<<{after}".replace("\n", "\n    ")]
            if beside:
                lines.append(f"    {self.beside_language}: {beside}".replace("\n", "\n    "))
        lines += [f"{symbol}: {link}" for symbol, link in self.links.items()]
        return "\n".join([*lines, self.note] if self.note else lines)

    def _repr_html_(self) -> str:
        return card("evidence", self, self._head, [*self._parts("{}, {}", " · ")])

    @property
    def _head(self) -> str:
        return f"{self.table}, {self.thing or f'row {self.row}'}, {self.column}"

    def _parts(self, place: str, joined: str) -> Iterator[tuple[Span, str, str | None]]:
        """Go through the words: where they are, by what rule unless it is the last one's, the edition beside once."""
        rule = None
        for span, after, beside in zip_longest(self.spans, self.spans[1:], self.beside):
            named = ", ".join(filter(None, [self.document, span.passage.where]))
            by_rule = f"{joined}rule: {span.rule}" if span.rule != rule else ""
            last = after is None or after.passage is not span.passage
            yield span, place.format(named, span.passage.position) + by_rule, beside if last else None
            rule = span.rule


def with_beside(shown: Evidence, document: Document, other: Document | None) -> Evidence:
    """Return evidence with the words at the same places of an edition beside, if there is one."""
    if other is None or shown.document:
        return shown
    same = same_place(document, other)
    words = tuple(same[span.passage].text if span.passage in same else None for span in shown.spans)
    return shown._replace(beside=words, beside_language=other.language)


def evidence_of_value(
    document: Document, annex: Sequence[Row], table: str, label: Hashable, column: Column, row: Row
) -> Evidence:
    """Return the words behind the value of one row, which are in `document`; `annex` names the reports of sessions."""
    spans = tuple(dict.fromkeys(row.sources.get(column.name) or row.sources[None]))
    nature, note = column.nature, row.notes.get(column.name)
    # A timeline says of each row how its event was obtained; the dates of a session still come from the calendar.
    if column.name != "nature" and (nature != "reference" or note is None):
        nature = str(row.values.get("nature", nature))
    if table == "commitments" and nature == "judged" and note is None:
        nature = "derived"  # by a verb: nobody has judged it
    word, key = NAMED.get(table, ("", ""))
    thing = f"{word} {row.values[key]}" if word else ""
    basis = (nature, spans, note, document.language, _links(document, annex, spans))
    return Evidence(table, label, column.name, row.values[column.name], *basis, thing=thing)


def evidence_of_coverage(
    document: Document,
    annex: Sequence[Row],
    actions: Sequence[Row],
    grid: pd.DataFrame,
    row: Hashable,
    column: Hashable,
    values: str,
) -> Evidence:
    """Return what of the annex a number of the coverage counts; of a zero, the entries that were looked through."""
    for label, labels in ((row, grid.index), (column, grid.columns)):
        if not isinstance(label, str | Integral) or label not in labels:
            raise KeyError(f"the session_coverage has no {label!r}; it has {', '.join(map(str, labels))}")
    session, keys, cell = COUNTED[values]
    entries = [entry for entry in annex if row in ("total", entry.values["action_id"])]
    of_session = [entry for entry in entries if column in ("total", entry.values[session])]
    counted = [e for e in of_session if None not in [e.values[key] for key in ("action_id", session, *keys)]]
    spans, note = _words(keys[0], counted), None
    links = _links(document, annex, spans)
    if not spans:
        named = [action for action in actions if row in ("total", action.values["action_id"])]
        spans = _words(cell, entries) or _words(None, named)
        note = f"the annex cites no {values.replace('_', ' ')} for it: these words were looked through"
        note = note if spans else "the report has no annex, of which the coverage counts"
    basis = ("derived", tuple(spans), note, document.language, links)
    return Evidence("session_coverage", row, str(column), grid[column].loc[[str(row)]].to_dict()[row], *basis)


def _words(column: str | None, rows: Iterable[Row]) -> list[Span]:
    return [span for row in rows for span in row.sources.get(column, row.sources[None])]


def _links(document: Document, annex: Sequence[Row], spans: Iterable[Span]) -> dict[str, str]:
    """Return the addresses of the documents that words cite; of a session's report where the annex names its symbol."""
    links = {}
    for span in spans:
        cited = document.citations_in(span.passage)
        first = bisect_right(cited, span.start, key=attrgetter("end"))
        for c in cited[first : bisect_left(cited, span.end, key=attrgetter("start"))]:
            symbol = c.symbol
            if not symbol and c.kind == "paragraphs":
                reports = (r.values["report"] for r in reversed(annex) if r.values["session"] == c.session)
                symbol = next(reports, None)
            if symbol and (found := document_url(symbol, document.language)):
                links[symbol] = found
    return links


class Hits(tuple[Span, ...]):
    """Words found, in document order, shown in their context; `beside` are the same passages of another edition."""

    language: str
    beside: Mapping[Passage, Passage]

    def __repr__(self) -> str:
        """Show place and context, a line or two each."""
        lines = [self._count]
        for hit in self:
            before, after = hit.passage.text[: hit.start][-20:], hit.passage.text[hit.end :][:20]
            lines.append(f"{hit.passage.where}: {before}>>{hit.text}<<{after}".replace("\n", " "))
            if hit.passage in self.beside:
                lines.append(f"    {self.beside[hit.passage].text[:120]}".replace("\n", " "))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        groups = groupby(self, key=attrgetter("passage"))
        passages = [(p, self.beside.get(p), [(hit.start, hit.end) for hit in hits]) for p, hits in groups]
        return card("hits", self._count, passages, self.language)

    @property
    def _count(self) -> str:
        return f"{len(self)} hit{'' if len(self) == 1 else 's'}"


@lru_cache(maxsize=4)  # each value asks for the same two editions
def same_place(document: Document, other: Document) -> dict[Passage, Passage]:
    """Pair the passages of two editions of a document that are at the same place."""

    def address(p: Passage) -> tuple[Any, ...]:
        numbered = p.paragraph is not None or p.entry is not None
        return (p.kind, *p.place.values(), *(() if numbered else (p.action_id, p.role, p.item, p.line)))

    there = {address(passage): passage for passage in other.passages}
    return {passage: there[at] for passage in document.passages if (at := address(passage)) in there}
