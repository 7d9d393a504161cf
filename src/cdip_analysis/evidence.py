"""Show the words that a value came from, in their place, and find words in a report."""

from __future__ import annotations

import html
from collections.abc import Hashable
from typing import Any, NamedTuple

from cdip_analysis.phrases import normalise
from cdip_analysis.records import Passage, Span
from cdip_analysis.report import Report
from cdip_analysis.schema import tables

__all__ = ["Evidence", "Hit", "evidence", "find_text"]


class Evidence(NamedTuple):
    """The evidence of one value: the words, where they stand, by which rule and how the value was obtained.

    `spans` are the words (``span.text``) in their passages; `note` says what else the value rests on, such as a row of
    a reference table. It shows itself as a card in a notebook and as text elsewhere.
    """

    table: str
    row: Hashable
    column: str
    value: Any
    nature: str
    spans: tuple[Span, ...]
    note: str | None

    def __str__(self) -> str:
        """Show the words between >> and <<, in their passage."""
        lines = [f"{self.table}, row {self.row}, {self.column} = {self.value} ({self.nature})"]
        for span in self.spans:
            before, after = span.passage.text[: span.start], span.passage.text[span.end :]
            lines.append(f"{span.passage.where} (line {span.passage.line}), rule: {span.rule}")
            lines.append(f"    {before}>>{span.text}<<{after}".replace("\n", "\n    "))
        if self.note:
            lines.append(self.note)
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Show the same as `str`."""
        return str(self)

    def _repr_html_(self) -> str:
        parts = [
            f"<b>{html.escape(self.table)}</b>, row {html.escape(str(self.row))}, <b>{html.escape(self.column)}</b> = "
            f"<b>{html.escape(str(self.value))}</b> <i>({html.escape(self.nature)})</i>"
        ]
        for span in self.spans:
            before, after = span.passage.text[: span.start], span.passage.text[span.end :]
            parts.append(
                f"<div style='margin:.5em 0 0'><small>{html.escape(span.passage.where)}, line {span.passage.line}; "
                f"rule: {html.escape(span.rule)}</small><br>{_marked(before, span.text, after)}</div>"
            )
        if self.note:
            parts.append(f"<div><small>{html.escape(self.note)}</small></div>")
        return _card("".join(parts))


def _card(inner: str) -> str:
    style = "border:1px solid #8888;border-radius:6px;padding:.6em .9em;max-width:52em;white-space:pre-wrap"
    return f"<div style='{style}'>{inner}</div>"


def _marked(before: str, words: str, after: str) -> str:
    mark = "background:#fd68;color:inherit;border-bottom:2px solid #c80"
    return f"{html.escape(before)}<mark style='{mark}'>{html.escape(words)}</mark>{html.escape(after)}"


def evidence(report: Report, table: str, row: int, column: str) -> Evidence:
    """Show the words that a value came from.

    Parameters
    ----------
    report : Report
    table : str
        Name of a table or analysis, such as ``annex`` or ``timeline``.
    row : int
        The row's label in that DataFrame, counted from 0.
    column : str
        Name of the column.

    Returns
    -------
    Evidence
        Words, place, rule and nature.

    Raises
    ------
    KeyError
        If there is no such table, row or column; the message says which there are.

    Examples
    --------
    >>> from cdip_analysis import evidence, load_report
    >>> print(evidence(load_report(), "annex", 11, "report"))
    annex, row 11, report = CDIP/20/13 (printed)
    annex, entry 12, consideration (line 221), rule: zh: citation: report range of a named session
        >>CDIP 第二十届会议报告第 224 至 232 段 (CDIP20/13)<<
    """
    if table not in tables():
        raise KeyError(f"there is no table {table!r}; there are {', '.join(tables())}")
    declared = tables()[table].column(column)
    rows = report.rows(table)
    if row not in range(len(rows)):
        raise KeyError(f"table {table!r} has no row {row}; it has rows 0 to {len(rows) - 1}")
    found = rows[row]
    spans = found.sources.get(column) or found.sources[None]
    nature = str(found.values["nature"]) if "nature" in found.values and column != "nature" else declared.nature
    return Evidence(table, row, column, found.values[column], nature, tuple(spans), found.notes.get(column))


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
        for hit in self:
            before, after = hit.passage.text[: hit.start], hit.passage.text[hit.end :]
            beside = f"<br><i>{html.escape(hit.beside.text)}</i>" if hit.beside else ""
            parts.append(
                f"<div style='margin:.5em 0 0'><small>{html.escape(hit.passage.where)}</small><br>"
                f"{_marked(before, hit.text, after)}{beside}</div>"
            )
        return _card("".join(parts))


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
    return Hits(found)


def _address(report: Report, passage: Passage) -> tuple[Any, ...]:
    """Tell a passage apart from the others, whatever the edition."""
    place = tuple(passage.place.values())
    if passage.paragraph is not None or passage.entry is not None:
        return (passage.kind, *place)
    return (passage.kind, *place, passage.action_id, passage.role, passage.item, passage.line)
