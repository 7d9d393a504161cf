"""Make what the sheets of the workbook hold: plain rows of cells, as they are written and as they are compared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from cdip_analysis.analyses import action_label
from cdip_analysis.data import reference_rows
from cdip_analysis.display import readable
from cdip_analysis.frames import plain_rows
from cdip_analysis.labels import label, place_label, value_label
from cdip_analysis.model import Passage, Row, Span
from cdip_analysis.provenance import same_place
from cdip_analysis.report import Report
from cdip_analysis.schema import name_beside, tables

#: UTF-16 units: what a cell of Excel can hold.
LONGEST = 32_767

_CITED = ("considered", "label", "note")  # columns whose citations a Chinese reader sees in Chinese words
_REPORT = re.compile(r"([A-Z/-]+/\d+) report (\d+)-(\d+)")
_SUMMARY = re.compile(r"([A-Z/-]+/\d+) summary (\d+(?:\.\d+)*)")


class Column(NamedTuple):
    """A column: its name, the heading that readers see, its width; whether an analyst writes in it; if it is hidden."""

    name: str
    head: str
    width: float = 12
    own: bool = False
    hidden: bool = False


class Cell(NamedTuple):
    """A cell: what it shows, and the words it rests on."""

    value: Any
    words: Sequence[Span] = ()


class Sheet(NamedTuple):
    """A sheet: its columns, its rows, and the columns that tell its rows apart."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    key: Sequence[str] = ()

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
        return self._replace(columns=[*self.columns, *(Column(head, head, 22, own=True) for head in added)], rows=rows)


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


def sheets(report: Report, lang: str) -> list[Sheet]:
    """Return the sheets that are tables, in the order in which a reader asks; data/reference/sheets.csv declares them.

    An English workbook has English beside each Chinese text, from the edition beside the report; a Chinese one has the
    document's own words.
    """
    beside = report.beside if report.beside and report.beside.language == lang else None
    maker = _Maker(replace(report, rows=report.rows_in(lang), beside=beside), lang)
    return [
        maker.sheet("overview"),
        maker.sheet("annex_print", "annex"),
        *maker.raw(),
        *map(maker.sheet, ("timeline", "follow_up_status", "commitments", "reading_list")),
        maker.filled("findings", maker.found()),
        maker.words(),
        maker.sheet("annex"),
        maker.dictionary(),
    ]


class _Maker:
    """Makes sheets of a report whose rows, and whose edition beside, are in the language of the workbook."""

    def __init__(self, report: Report, lang: str) -> None:
        self.report, self.lang = report, lang
        self.actions = {row.values["action_id"]: row.values["action"] for row in report.rows["actions"]}
        judged = report.judged.commitments if report.judged else ()
        self.due_places = {one.values["number"]: one.values["due_place"] or None for one in judged}

    def sheet(self, name: str, table: str | None = None) -> Sheet:
        """Return the sheet of a table."""
        return self.filled(name, self.report.rows_of(table or name)[1])

    def filled(self, name: str, rows: Iterable[Row]) -> Sheet:
        """Return a sheet with its declared columns, each followed by that of the edition beside where it has one."""
        columns, key = self.columns(name)
        return Sheet(name, columns, [[self.cell(name, row, c) for c in columns] for row in rows], key)

    def columns(self, name: str) -> tuple[list[Column], list[str]]:
        """Return the declared columns of a sheet, and those that tell its rows apart."""
        declared = [row for row in reference_rows("sheets.csv") if row["sheet"] == name and row[f"width_{self.lang}"]]
        columns = []
        for row in declared:
            head, width = label(row["column"], self.lang), float(row[f"width_{self.lang}"])
            hidden = row["hidden"] in ("yes", self.lang)
            columns.append(Column(row["column"], head, width, row["own"] == "yes", hidden))
            if row["beside"] and (beside := self.report.beside):
                named = name_beside(row["column"], beside.language)
                columns.append(Column(named, f"{head} ({self.language(beside)})", width, hidden=hidden))
        return columns, [row["column"] for row in declared if row["key"]]

    def language(self, report: Report) -> str:
        """Return the language of a report in words."""
        return label(f"language.{report.language}", self.lang)

    def cell(self, sheet: str, row: Row, column: Column) -> Cell:
        """Return a value as a reader sees it, with its words."""
        name, values = column.name, row.values
        words = row.sources.get(name) or row.sources.get(None, ()) if name in values else ()
        value = values.get(name)
        if name == "place":
            words = row.sources.get(None, ())
            return Cell(self.place(words[0].passage) if words else None, words)
        if name == "action" and sheet not in ("annex", "annex_print"):
            return Cell(action_label(self.actions.get(values["action_id"]), self.lang), words)
        if name == "due_place":
            return Cell(self.due_places.get(values["number"]))
        if name in ("asked", "handed_over"):  # in the reader's language, where there is an edition in it
            value = values[name_beside(name, self.lang)] if self.report.beside else value
            value = value and value.replace(" | ", "\n")
        if isinstance(value, bool):
            value = label("yes" if value else "no", self.lang)
        elif isinstance(value, str):
            value = value_label(fitting(readable(value)), self.lang)
            if self.lang == "zh" and name in _CITED:
                value = _SUMMARY.sub(r"\1主席总结第\2段", _REPORT.sub(r"\1报告第\2至\3段", value))
        return Cell(value, words)

    def place(self, passage: Passage) -> str:
        """Name the place of a passage for a reader; for a line without a number, the line."""
        named = place_label(passage, self.lang)
        return f"{named}, {passage.item}" if passage.item else named

    def found(self) -> Iterator[Row]:
        """Return the findings, and below them what was not understood."""
        yield from self.report.rows_of("findings")[1]
        for row in self.report.rows_of("unread")[1]:
            values = {**row.values, "kind": label("unread", self.lang), "note": row.values["why"]}
            yield Row(values, {**row.sources, "note": row.sources.get("why") or row.sources[None]})

    def raw(self) -> Iterator[Sheet]:
        """Return the tables of the document as they are, without the places of rows where there are none."""
        for name, frame in self.report.other_tables.items():
            used = [at for at, heading in enumerate(frame.columns) if at > 1 or frame[heading].notna().any()]
            heads = [(at, frame.columns[at]) for at in used]
            columns = [Column(h, label(h, self.lang), 9) if at < 2 else Column(h, h, 30) for at, h in heads]
            yield Sheet(
                name, columns, [[Cell(r[at] or None) for at in used] for r in plain_rows(frame)], ("source_line",)
            )

    def words(self) -> Sheet:
        """Return the text of the document, passage by passage."""
        beside = self.report.beside
        same = same_place(self.report.document, beside.document) if beside else {}
        columns, key = self.columns("words_of_document")
        heads = [columns[0].head, *map(self.language, filter(None, (self.report, beside)))]
        rows = []
        for passage in self.report.passages:
            if passage.text.strip():
                own = Cell(fitting(readable(passage.text)), [Span(passage, 0, len(passage.text), "")])
                there = Cell(fitting(readable(same[passage].text)) if passage in same else None)
                rows.append([Cell(self.place(passage)), own, there][: len(heads)])
        named = [column._replace(head=head) for column, head in zip(columns, heads, strict=False)]
        return Sheet("words_of_document", named, rows, key)

    def dictionary(self) -> Sheet:
        """Return what every column of every table means; the tables that are not here are in the CSV package."""
        columns, key = self.columns("dictionary")
        rows = []
        for table in tables().values():
            for c in table.columns:
                allowed = ", ".join(value_label(value, self.lang) for value in c.allowed) or None
                named = (label(table.name, self.lang), label(c.name, self.lang), c.name, c.description[self.lang])
                cells = (*named, value_label(c.type, self.lang), allowed, value_label(c.nature, self.lang))
                rows.append([Cell(value) for value in cells])
        return Sheet("dictionary", columns, rows, key)
