"""Make what the sheets of the workbook hold: plain rows of cells, as they are written and as they are compared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from cdip_analysis.analyses import action_label
from cdip_analysis.display import readable
from cdip_analysis.labels import label, place_label, value_label
from cdip_analysis.model import Passage, Row, Span
from cdip_analysis.provenance import same_place
from cdip_analysis.report import Report
from cdip_analysis.schema import has_beside, name_beside, tables

__all__ = ["LONGEST", "Cell", "Column", "Sheet", "as_text", "extra_columns", "fitting", "sheets"]

_REPORT = re.compile(r"([A-Z/-]+/\d+) report (\d+)-(\d+)")
_SUMMARY = re.compile(r"([A-Z/-]+/\d+) summary (\d+(?:\.\d+)*)")
_CITED = ("considered", "label", "note")  # columns whose citations a Chinese reader sees in Chinese words

#: UTF-16 units: what a cell of Excel can hold.
LONGEST = 32_767

# The columns for an analyst's own words, and the sheets that have them.
_OWN = {"overview": ("own_note",), "follow_up_status": ("own_status", "own_note"), "annex": ("own_status", "own_note")}

# The tables whose sheets have the short labels of actions.
_SHORT = ("overview", "timeline", "follow_up_status")

# The columns of each sheet with their widths. With those of the overview its nine rows fill one landscape page in
# print as large as they can; English takes more room.
_OVERVIEW = {"en": (8, 12, 51, 26, 16, 11, 35, 9, 32), "zh": (8, 12, 38, 22, 17, 9, 31, 8, 24)}
_PRINTED = {"entry": 7, "action_id": 8, "action": 21, "implementation": 27, "consideration": 24, "chair_summary": 14}
_TIMELINE = {"date": 11, "session": 9, "action_id": 9, "action": 30, "event": 14, "label": 44, "reported": 12}
_FOLLOW_UP = {"action_id": 10, "action": 26, "status": 13, "due_session": 10, "overdue": 10, "last_session": 10}
_FOLLOW_UP |= {"sessions_since": 10, "conditional": 10, "evidence": 26}
_COMMITMENTS = {"thing_en": 24, "thing_zh": 24, "text": 28, "due_words": 24, "outcome_words": 30, "remark_en": 22}
_COMMITMENTS |= {"remark_zh": 22, "asked_target": 12, "kind": 12, "asked_by": 11, "who": 11, "outcome": 11}
_COMMITMENTS |= {"judged_by": 28, "judged_on": 11}
_ANNEX = {"action": 26, "implementation": 34, "consideration": 30, "chair_summary": 20}
_DICTIONARY = {"table": 20, "column": 26, "name": 24, "description": 70, "type": 12, "allowed": 40, "nature": 12}


class Column(NamedTuple):
    """A column of a sheet: its name, the heading that readers see, its width, and whether an analyst writes in it."""

    name: str
    head: str
    width: float = 12
    own: bool = False


class Cell(NamedTuple):
    """A cell: what it shows, and the words it rests on."""

    value: Any
    words: Sequence[Span] = ()


class Sheet(NamedTuple):
    """A sheet: its columns, its rows, and the columns that tell its rows apart."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    key: Sequence[str]

    def key_of(self, row: Sequence[Cell]) -> tuple[str, ...]:
        """Return what tells a row apart: the texts in the columns of the key."""
        cells = {column.name: cell for column, cell in zip(self.columns, row, strict=False)}
        return tuple(as_text(cells[name].value) or "" for name in self.key)

    def with_own(self, written: Mapping[tuple[str, ...], Mapping[str, Any]]) -> Sheet:
        """Return the sheet with an analyst's words, by key and heading, in columns of their own where need be."""
        heads = [column.head for column in self.columns]
        added = [*dict.fromkeys(head for cells in written.values() for head in cells if head not in heads)]
        heads += added
        rows = [[*row, *[Cell(None)] * len(added)] for row in self.rows]
        for line, row in zip(rows, self.rows, strict=True):
            for head, value in written.get(self.key_of(row), {}).items():
                line[heads.index(head)] = Cell(value)
        columns = [*self.columns, *(Column(head, head, 22, own=True) for head in added)]
        return self._replace(columns=columns, rows=rows)


_Part = tuple[Column, list[Cell]]


def as_text(value: Any) -> str | None:
    """Return what a cell shows; None for an empty one.

    >>> as_text(0), as_text(True), as_text(dt.datetime(2026, 1, 2)), as_text(" ")
    ('0', 'TRUE', '2026-01-02', None)
    """
    match value:
        case None:
            return None
        case bool():
            return str(value).upper()
        case dt.datetime() | dt.date():
            return value.isoformat()[:10]
        case float() if value.is_integer():
            return str(int(value))
    return str(value).strip() or None


def fitting(text: str) -> str:
    """Cut a text that fits into no cell, and say how much of it is missing; the CSV package has it whole."""
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= LONGEST:
        return text
    kept = text[: LONGEST // 2 - 100]
    return f"{kept} [… {len(text) - len(kept)} more characters: see the CSV package]"


class _Maker(NamedTuple):
    """What every sheet is made from: the report, the edition beside it, the language of the workbook, and the rows."""

    report: Report
    beside: Report | None
    lang: str
    rows: Mapping[str, list[Row]]
    actions: Mapping[str, str | None]  # their wordings

    def column(self, name: str, width: float = 12) -> Column:
        """Return a column with the label of its name."""
        return Column(name, label(name, self.lang), width)

    def language(self, report: Report) -> str:
        """Return the language of a report in words."""
        return label(f"language.{report.language}", self.lang)

    def cell(self, row: Row, column: str) -> Cell:
        """Return a value as a reader sees it, with its words."""
        value = row.values[column]
        if isinstance(value, bool):
            value = label("yes" if value else "no", self.lang)
        elif isinstance(value, str):
            value = value_label(fitting(readable(value)), self.lang)
            if self.lang == "zh" and column in _CITED:
                value = _SUMMARY.sub(r"\1主席总结第\2段", _REPORT.sub(r"\1报告第\2至\3段", value))
        return Cell(value, row.sources.get(column) or row.sources.get(None, ()))

    def parts(self, table: str, widths: Mapping[str, float], *, beside: bool = True) -> Iterator[_Part]:
        """Return columns of a table with their cells; after the document's words, those of the edition beside."""
        rows = self.rows[table]
        other = self.beside.rows[table] if self.beside and beside else ()
        for name, width in widths.items():
            column = self.column(name, width)
            if name == "action" and table in _SHORT:
                yield column, [self.action(row) for row in rows]
                continue
            yield column, [self.cell(row, name) for row in rows]
            if self.beside and beside and has_beside(tables()[table].column(name)):
                of = name_beside(name, self.beside.language)
                cells = [Cell(self.cell(row, name).value) for row in other] if len(other) == len(rows) else []
                named = Column(of, f"{column.head} ({self.language(self.beside)})", width)
                yield named, cells or [Cell(None)] * len(rows)

    def action(self, row: Row) -> Cell:
        """Return the short label of the action of a row."""
        action_id = row.values["action_id"]
        words = self.cell(row, "action").words if "action" in row.values else ()
        return Cell(action_label(self.actions.get(action_id), self.lang), words)

    def sheet(self, name: str, parts: Iterable[_Part], key: Sequence[str]) -> Sheet:
        """Put columns side by side, with those in which an analyst can write."""
        columns, cells = zip(*parts, strict=True)
        own = [self.column(column, 14)._replace(own=True) for column in _OWN.get(name, ())]
        rows = [[*row, *[Cell(None)] * len(own)] for row in zip(*cells, strict=True)]
        return Sheet(name, [*columns, *own], rows, key)


def sheets(report: Report, lang: str) -> list[Sheet]:
    """Return the sheets that are tables, in the order in which a reader asks.

    An English workbook has English beside each Chinese text, from the edition beside the report; a Chinese one has the
    document's own words.
    """
    beside = report.beside if report.beside and report.beside.language == lang else None
    rows = report.rows_in(lang)
    make = _Maker(
        report, beside, lang, rows, {row.values["action_id"]: row.values["action"] for row in rows["actions"]}
    )
    whole = {name: dict.fromkeys([c.name for c in tables()[name].columns], 12) for name in ("reading_list", "annex")}
    reading = make.parts("reading_list", whole["reading_list"] | {"actions": 30})
    annex = make.parts("annex", whole["annex"] | _ANNEX, beside=False)
    return [
        _overview(make),
        make.sheet("annex_print", make.parts("annex", _PRINTED), ("entry",)),
        *(_raw(make, name, frame) for name, frame in report.other_tables.items()),
        make.sheet("timeline", make.parts("timeline", _TIMELINE), ("session", "action_id", "event", "label")),
        make.sheet("follow_up_status", make.parts("follow_up_status", _FOLLOW_UP), ("action_id",)),
        _commitments(make),
        make.sheet("reading_list", reading, ("report", "first_paragraph")),
        _findings(make),
        _words(make),
        make.sheet("annex", annex, ("entry",)),
        _dictionary(make),
    ]


def _overview(make: _Maker) -> Sheet:
    """Return one row per action: asked, handed over, considered, state, due, to raise."""
    names = ["action_id", "action", "asked", "handed_over", "considered", "state"]
    names += [f"line_{make.lang}", "due_session", f"to_raise_{make.lang}"]
    widths = dict(zip(names, _OVERVIEW[make.lang], strict=True))
    parts = {part[0].name: part for part in make.parts("overview", widths, beside=False)}
    others = (make.beside or make.report).rows["overview"]
    for name in ("asked", "handed_over"):  # in the reader's language, where there is an edition in it
        texts = [make.cell(row, name).value for row in others]
        column, cells = parts[name]
        lines = [c._replace(value=t and t.replace(" | ", "\n")) for c, t in zip(cells, texts, strict=True)]
        parts[name] = column, lines
    return make.sheet("overview", parts.values(), ("action_id",))


def _raw(make: _Maker, name: str, frame: pd.DataFrame) -> Sheet:
    """Return a table of the document as it is, without the places of its rows if there are none."""
    used = [(at, heading) for at, heading in enumerate(frame.columns) if at > 1 or frame[heading].notna().any()]
    columns = [make.column(heading, 9) if at < 2 else Column(heading, heading, 30) for at, heading in used]
    values = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return Sheet(name, columns, [[Cell(row[at] or None) for at, _ in used] for row in values], ("source_line",))


def _commitments(make: _Maker) -> Sheet:
    """Return every column of a file of judgements, so that a workbook that was filled in comes back as one."""
    widths = {c.name: 20 if has_beside(c) else 8 for c in tables()["commitments"].columns} | _COMMITMENTS
    parts = [*make.parts("commitments", widths)]
    judged = make.report.judged.commitments if make.report.judged else []
    places = {one.values["number"]: one.values["due_place"] or None for one in judged}
    due = [Cell(places.get(row.values["number"])) for row in make.rows["commitments"]]
    at = [column.name for column, _ in parts].index("due_session") + 1
    return make.sheet("commitments", [*parts[:at], (make.column("due_place", 11), due), *parts[at:]], ("number",))


def _findings(make: _Maker) -> Sheet:
    """Return the findings, and below them what was not understood."""
    kind, *texts, note = make.parts("findings", {"kind": 20, "text": 36, "note": 60})
    unread = make.rows["unread"]
    kind[1].extend(Cell(label("unread", make.lang), row.sources[None]) for row in unread)
    texts[0][1].extend(make.cell(row, "text") for row in unread)
    for _, cells in texts[1:]:
        cells.extend([Cell(None)] * len(unread))
    note[1].extend(make.cell(row, "why") for row in unread)
    found = [row.sources.get(None, ()) for row in (*make.rows["findings"], *unread)]
    places = [Cell(_named(spans[0].passage, make.lang) if spans else None, spans) for spans in found]
    parts = [kind, (make.column("place", 20), places), *texts, note]
    return make.sheet("findings", parts, ("kind", "place", "text", "note"))


def _named(passage: Passage, lang: str) -> str:
    """Name the place of a passage for a reader; for a line without a number, the line."""
    named = place_label(passage, lang)
    return f"{named}, {passage.item}" if passage.item else named


def _words(make: _Maker) -> Sheet:
    """Return the text of the document, passage by passage."""
    passages = [passage for passage in make.report.passages if passage.text.strip()]
    places = [Cell(_named(passage, make.lang)) for passage in passages]
    texts = [Cell(fitting(readable(p.text)), [Span(p, 0, len(p.text), "")]) for p in passages]
    parts = [(make.column("place", 20), places), (Column("text", make.language(make.report), 70), texts)]
    if make.beside:
        same = same_place(make.report.document, make.beside.document)
        others = [Cell(fitting(readable(same[p].text)) if p in same else None) for p in passages]
        parts.append((Column("text_beside", make.language(make.beside), 70), others))
    return make.sheet("words_of_document", parts, ("place", "text"))


def _dictionary(make: _Maker) -> Sheet:
    """Return what every column of every table means; the tables that are not here are in the CSV package."""
    rows = []
    for table in tables().values():
        for c in table.columns:
            allowed = ", ".join(value_label(value, make.lang) for value in c.allowed) or None
            named = (label(table.name, make.lang), label(c.name, make.lang), c.name, c.description[make.lang])
            cells = (*named, value_label(c.type, make.lang), allowed, value_label(c.nature, make.lang))
            rows.append([Cell(value) for value in cells])
    columns = [make.column(name, width) for name, width in _DICTIONARY.items()]
    return Sheet("dictionary", columns, rows, ("table", "name"))


def extra_columns(sheet: Sheet, frame: pd.DataFrame, lang: str) -> Sheet:
    """Return a sheet with columns of one's own beside it, by the key of its rows; a row of no such key is an error."""
    keys = {" ".join(key): key for key in map(sheet.key_of, sheet.rows)}
    rows = frame.astype(object).where(frame.notna(), None).set_axis(frame.columns.astype(str), axis="columns")
    rows.index = rows.index.astype(str)
    if unknown := [key for key in rows.index if key not in keys]:
        heads = ", ".join(label(name, lang) for name in sheet.key)
        raise ValueError(f"extra has a row {unknown[0]!r}, and sheet {sheet.name!r} has none of that {heads}")
    values = zip(rows.index, rows.to_numpy().tolist(), strict=True)
    return sheet.with_own({keys[key]: dict(zip(rows.columns, row, strict=True)) for key, row in values})
