"""Show the words that a value came from, in their place, and find words in a report."""

from __future__ import annotations

import html
import re
from collections.abc import Hashable, Iterable, Mapping
from itertools import groupby
from numbers import Integral
from typing import Any, NamedTuple

from cdip_analysis.analyses import COUNTED, follow_up_rows, session_coverage
from cdip_analysis.display import QUIET, card, marked
from cdip_analysis.language import normalise
from cdip_analysis.library import OF_THE_CITED, cited_rows, speaker_rows
from cdip_analysis.model import Passage, Row, Span
from cdip_analysis.reading import agenda_rows, known_action, reading_rows
from cdip_analysis.report import Report
from cdip_analysis.schema import tables
from cdip_analysis.tables import address

__all__ = ["Evidence", "Hit", "evidence", "find_text"]


class Evidence(NamedTuple):
    """The evidence of one value: the words, where they stand, by which rule and how the value was obtained.

    `spans` are the words (``span.text``) in their passages; `note` says what else the value rests on, such as a row of
    a reference table; `links` are the addresses of the documents that the words cite, by symbol; `document` names the
    document in which the words stand, where that is not the report. It shows itself as a card in a notebook and as text
    elsewhere.
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

    def __str__(self) -> str:
        """Show the words between >> and <<, in their passage."""
        lines = [f"{self.table}, row {self.row}, {self.column} = {self.value} ({self.nature})"]
        for span in self.spans:
            before, after = span.passage.text[: span.start], span.passage.text[span.end :]
            lines.append(f"{self._in}{span.passage.where} (line {span.passage.line}), rule: {span.rule}")
            lines.append(f"    {before}>>{span.text}<<{after}".replace("\n", "\n    "))
        lines += [f"{symbol}: {link}" for symbol, link in self.links.items()]
        if self.note:
            lines.append(self.note)
        return "\n".join(lines)

    @property
    def _in(self) -> str:
        return f"{self.document}, " if self.document else ""

    def __repr__(self) -> str:
        """Show the same as `str`."""
        return str(self)

    def _repr_html_(self) -> str:
        told = html.escape(f"{self.table}, row {self.row}, {self.column}")
        parts = [f"<b>{told} = {html.escape(str(self.value))}</b> <i>({html.escape(self.nature)})</i>"]
        for span in self.spans:
            place = html.escape(f"{self._in}{span.passage.where}, line {span.passage.line} · rule: {span.rule}")
            parts.append(f'<div style="{QUIET};margin-top:.5em">{place}</div>')
            parts.append(marked(span.passage.text, [(span.start, span.end)], self.language))
        for symbol, link in self.links.items():
            style = "color:inherit;text-decoration:underline"
            name = f'<a href="{html.escape(link)}" style="{style}" rel="noreferrer">{html.escape(symbol)}</a>'
            told = "address by WIPO's rule for names of files, not checked"
            parts.append(f'{name} <span style="{QUIET}">({told})</span>')
        if self.note:
            parts.append(f'<span style="{QUIET}">{html.escape(self.note)}</span>')
        return card(parts)


def evidence(report: Report, table: str, row: Hashable, column: Hashable, **asked: Any) -> Evidence:
    """Show the words that a value came from.

    Parameters
    ----------
    report : Report
    table : str
        Name of a table or analysis, such as ``annex``, ``timeline`` or ``session_coverage``.
    row : int or str
        The row's label in that DataFrame: counted from 0, or of the coverage an action or ``total``.
    column : str or int
        Name of the column; of the coverage a session or ``total``.
    **asked
        What else the analysis was asked, by the name that its function has for it: ``session`` of `agenda`, ``action``
        of `reading_list`, ``as_of`` of `follow_up_status`, ``values`` of `session_coverage`, ``library`` of
        `cited_passages`.

    Returns
    -------
    Evidence
        Words, place, rule and nature. Of a count of nothing, the words that were looked through.

    Raises
    ------
    KeyError
        If there is no such table, row or column; the message says which there are.
    TypeError
        If the analysis is asked what its function does not take, or not what it must.

    Examples
    --------
    >>> from cdip_analysis import evidence, load_report
    >>> print(evidence(load_report(), "annex", 11, "report"))
    annex, row 11, report = CDIP/20/13 (printed)
    annex, entry 12, consideration (line 221), rule: zh: citation: report range of a named session
        >>CDIP 第二十届会议报告第 224 至 232 段 (CDIP20/13)<<
    CDIP/20/13: https://www.wipo.int/edocs/mdocs/mdocs/zh/cdip_20/cdip_20_13.pdf
    >>> evidence(load_report(), "agenda", 12, "when", session=25).value
    'due'
    """
    declared = tables() | tables("library")
    if table not in (*declared, "session_coverage"):
        raise KeyError(f"there is no table {table!r}; there are {', '.join(declared)}, session_coverage")
    asked = {name: value for name, value in asked.items() if value is not None}
    if {*asked} - {_TAKES.get(table)} or (table == "cited_passages" and not asked):
        raise TypeError(f"{table} takes {_TAKES.get(table, 'nothing')}, and was given {', '.join(asked) or 'nothing'}")
    if table == "session_coverage":
        return _of_coverage(report, row, column, **asked)
    told = declared[table].column(str(column))
    column = told.name
    rows = _rows(report, table, asked)
    # A label out of a table is a number of NumPy's; True is equal to 1, and 12.0 to 12, and both are no label.
    if not isinstance(row, str | Integral) or isinstance(row, bool) or row not in rows:
        labels = ", ".join(map(str, rows))
        there = f"rows 0 to {len(rows) - 1}" if rows and [*rows] == [*range(len(rows))] else f"rows {labels}"
        raise KeyError(f"table {table!r} has no row {row!r}; it has {there if rows else 'none'}")
    found, cited = rows[row]
    document = cited if column in OF_THE_CITED else report
    spans = found.sources.get(column) or found.sources[None]
    note, links = found.notes.get(column), _links(document, spans)
    # A timeline says of each row how its event was obtained; the dates of a session still come from the calendar.
    looked_up = told.nature == "reference" and note is not None
    nature = told.nature if looked_up or column == "nature" else str(found.values.get("nature", told.nature))
    shown = Evidence(table, row, column, found.values[column], nature, tuple(spans), note, document.language, links)
    return shown if document is report else shown._replace(document=document.name)


def why(report: Report, thing: str, column: str) -> Evidence:
    """Return the evidence of a value by a name that a person knows; see `Report.why`."""
    kind, _, name = thing.rpartition(" ")
    by_kind: dict[str, tuple[tuple[str, str], ...]] = {
        "": tuple((table, "action_id") for table in ("overview", "actions", "follow_up_status", "follow_ups")),
        "entry": (("annex", "entry"),),
        "commitment": (("commitments", "number"),),
        "paragraph": (("paragraphs", "paragraph"),),
    }
    if kind == "" and (match := re.fullmatch("CDIP/([0-9]+)", thing)):
        return evidence(report, "session_coverage", column, int(match[1]))
    columns: list[str] = []
    for table, key in by_kind.get(kind, ()):
        row = next((n for n, row in enumerate(report.rows(table)) if str(row.values[key]) == name), None)
        if row is not None:
            if column in report.rows(table)[row].values:
                return evidence(report, table, row, column)
            columns += report.rows(table)[row].values
    if columns:
        raise KeyError(f"{thing} has no {column!r}; it has {', '.join(dict.fromkeys(columns))}")
    raise KeyError(
        f"{report.name} has no {thing!r}; ask for an action such as '1.3', 'entry 13', 'commitment 18a', "
        "'paragraph 17', or for a session such as 'CDIP/22' with an action"
    )


# What the functions of some analyses take besides a report.
_TAKES = {
    "agenda": "session",
    "cited_passages": "library",
    "follow_up_status": "as_of",
    "reading_list": "action",
    "session_coverage": "values",
}


def _rows(report: Report, table: str, asked: Mapping[str, Any]) -> dict[Hashable, tuple[Row, Report]]:
    """Give the rows of a table by label, each with the document of `OF_THE_CITED`; as the function of its name does."""
    match table, [*asked.items()]:
        case "cited_passages", [("library", library)]:
            return dict(enumerate(cited_rows(report, library)))
        case "agenda", [("session", session)]:
            rows: Mapping[int, Row] = agenda_rows(report, session)
        case "reading_list", [("action", action)]:
            rows = dict(enumerate(reading_rows(report, known_action(report, action))))
        case "follow_up_status", [("as_of", as_of)]:
            rows = dict(enumerate(follow_up_rows(report, as_of)))
        case "speakers", []:
            rows = dict(enumerate(speaker_rows(report)))
        case _:
            rows = dict(enumerate(report.rows(table)))
    return {label: (row, report) for label, row in rows.items()}


def _of_coverage(report: Report, row: Hashable, column: Hashable, values: str = "report_paragraphs") -> Evidence:
    """Show what of the annex a number of the coverage counts; of a zero, the entries that were looked through."""
    table = session_coverage(report, values)
    for label, labels in ((row, table.index), (column, table.columns)):
        if not isinstance(label, str | Integral) or isinstance(label, bool) or label not in labels:
            raise KeyError(f"the session_coverage has no {label!r}; it has {', '.join(map(str, labels))}")
    session, keys = COUNTED[values]
    entries = [entry for entry in report.rows("annex") if row in ("total", entry.values["action_id"])]
    spans = [
        words
        for entry in entries
        if entry.values["action_id"] and None not in [entry.values[key] for key in (session, *keys)]
        if column in ("total", entry.values[session])
        for words in entry.sources.get(keys[0], entry.sources[None])
    ]
    note = None
    if not spans:
        note = f"the annex cites no {values.replace('_', ' ')} for it: these words were looked through"
        cell = {"documents": "implementation", "decisions": "chair_summary"}.get(values, "consideration")
        spans = [words for entry in entries for words in entry.sources.get(cell, entry.sources[None])]
        actions = [action for action in report.rows("actions") if row in ("total", action.values["action_id"])]
        spans = spans or [words for action in actions for words in action.sources[None]]
        note = note if spans else "the report has no annex, of which the coverage counts"
    value, links = table.to_dict()[column][row], {} if note else _links(report, spans)
    told = ("derived", tuple(spans), note, report.language, links)
    return Evidence("session_coverage", row, str(column), value, *told)


def _links(report: Report, spans: Iterable[Span]) -> dict[str, str]:
    """Give the addresses of the documents that words cite; of a session's report where the annex names its symbol."""
    reports = {row.values["session"]: row.values["report"] for row in report.rows("annex")}
    links = {}
    for span in spans:
        for c in report.citations_in(span.passage):
            if c.start < span.end and span.start < c.end:
                symbol = c.symbol or (reports.get(c.session) if c.kind == "paragraphs" else None)
                if symbol and (found := address(symbol, report.language)):
                    links[symbol] = found
    return links


class Hit(NamedTuple):
    """Words found in a passage, and the same place in another edition where one was given."""

    passage: Passage
    start: int
    end: int
    beside: Passage | None

    @property
    def text(self) -> str:
        """The words as they stand there."""
        return self.passage.text[self.start : self.end]


class Hits(tuple[Hit, ...]):
    """Hits in document order; shown in their context."""

    language: str = ""

    def __repr__(self) -> str:
        """Show place and context, a line or two each."""
        lines = [_counted(self)]
        for hit in self:
            before, after = hit.passage.text[: hit.start][-20:], hit.passage.text[hit.end :][:20]
            lines.append(f"{hit.passage.where}: {before}>>{hit.text}<<{after}".replace("\n", " "))
            if hit.beside:
                lines.append(f"    {hit.beside.text[:120]}".replace("\n", " "))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = [f"<b>{_counted(self)}</b>"]
        for _, group in groupby(self, key=lambda hit: id(hit.passage)):
            hits = list(group)
            passage, beside = hits[0].passage, hits[0].beside
            parts.append(f'<div style="{QUIET};margin-top:.5em">{html.escape(passage.where)}</div>')
            parts.append(marked(passage.text, [(hit.start, hit.end) for hit in hits], self.language))
            if beside:
                text = html.escape(beside.text)
                parts.append(f'<div dir="auto" style="{QUIET};padding-left:1em;white-space:pre-line">{text}</div>')
        return card(parts)


def _counted(hits: Hits) -> str:
    return f"{len(hits)} hit{'' if len(hits) == 1 else 's'}"


def find_text(report: Report, words: str, *, beside: Report | None = None) -> Hits:
    """Find words in a report.

    Parameters
    ----------
    report : Report
    words : str
        What to look for; full-width and half-width signs, and upper and lower case, count as one.
    beside : Report, optional
        Another edition of the document: the passage at the same place stands beside each hit.

    Returns
    -------
    Hits
        A tuple of `Hit`, in document order, that shows itself in context.

    Raises
    ------
    ValueError
        If there are no words to look for.

    Examples
    --------
    >>> from cdip_analysis import find_text, load_report
    >>> find_text(load_report(), "人员能力建设")
    1 hit
    paragraph 50: 策和立法建议、知识产权局的业务解决方案和>>人员能力建设<<等信息。利用网页可与技术援助联络点进行联
    """
    wanted = normalise(words).casefold()
    if not wanted.strip():
        raise ValueError("find_text() needs words to look for")
    other = {_address(report, p): p for p in beside.passages} if beside else {}
    found = []
    for passage in report.passages:
        text = normalise(passage.text).casefold()
        if len(text) != len(passage.text):  # a letter that folds into two: look letter by letter as printed
            text = normalise(passage.text)
        at = text.find(wanted)
        while at >= 0:
            found.append(Hit(passage, at, at + len(wanted), other.get(_address(report, passage))))
            at = text.find(wanted, at + len(wanted))
    hits = Hits(found)
    hits.language = report.language
    return hits


def same_place(report: Report, other: Report) -> dict[Passage, Passage]:
    """Pair the passages of two editions of a document that are at the same place."""
    there = {_address(other, passage): passage for passage in other.passages}
    places = ((passage, there.get(_address(report, passage))) for passage in report.passages)
    return {passage: found for passage, found in places if found}


def _address(report: Report, passage: Passage) -> tuple[Any, ...]:
    """Tell a passage apart from the others, whatever the edition."""
    place = tuple(passage.place.values())
    if passage.paragraph is not None or passage.entry is not None:
        return (passage.kind, *place)
    return (passage.kind, *place, passage.action_id, passage.role, passage.item, passage.line)
