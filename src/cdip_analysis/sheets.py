"""Make what the sheets of the workbook hold: plain rows of cells, as they are written and as they are compared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from cdip_analysis.analyses import action_label
from cdip_analysis.data import reference_rows
from cdip_analysis.display import readable
from cdip_analysis.labels import label, place_label, value_label
from cdip_analysis.model import Passage, Row, Span
from cdip_analysis.provenance import same_place
from cdip_analysis.report import Report
from cdip_analysis.schema import name_beside, plain_rows, tables

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
    rows: list[list[Cell]]
    key: Sequence[str] = ()

    def key_of(self, row: Sequence[Cell], names: Sequence[str] = ()) -> tuple[str, ...]:
        """Return what tells a row apart: the texts in the columns of the key, or in others."""
        cells = {column.name: cell for column, cell in zip(self.columns, row, strict=False)}
        return tuple(as_text(cells[name].value) or "" for name in names or self.key)

    def with_own(self, written: Mapping[tuple[str, ...], Mapping[str, Any]]) -> Sheet:
        """Return the sheet with an analyst's words, by key and heading, in columns of their own where need be."""
        heads = [column.head for column in self.columns]
        added = [*dict.fromkeys(head for cells in written.values() for head in cells if head not in heads)]
        rows = []
        for row in self.rows:
            own = written.get(self.key_of(row), {})
            cells = zip([*heads, *added], [*row, *[Cell(None)] * len(added)], strict=True)
            rows.append([Cell(own[head]) if head in own else cell for head, cell in cells])
        columns = [*self.columns, *(Column(head, head, 22, own=True) for head in added)]
        return self._replace(columns=columns, rows=rows)


def as_text(value: Any) -> str | None:
    """Return what a cell shows; None for an empty one.

    >>> as_text(0), as_text(dt.datetime(2026, 1, 2)), as_text(" ")
    ('0', '2026-01-02', None)
    """
    match value:
        case bool():
            return str(value).lower()
        case dt.date():
            return value.isoformat()[:10]
        case float() if value.is_integer():
            return str(int(value))
    return None if value is None else str(value).strip() or None


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
        maker.table("overview"),
        maker.table("annex_print", "annex"),
        *maker.raw(),
        maker.table("timeline"),
        maker.coverage(),
        *map(maker.table, ("follow_up_status", "commitments", "reading_list")),
        maker.findings(),
        maker.words(),
        maker.table("annex"),
        maker.dictionary(),
    ]


class _Maker:
    """Makes sheets of a report whose rows, and whose edition beside, are in the language of the workbook."""

    def __init__(self, report: Report, lang: str) -> None:
        self.report, self.lang = report, lang
        self.actions = {row.values["action_id"]: row.values["action"] for row in report.rows["actions"]}
        judged = report.judged.commitments if report.judged else ()
        self.due_places = {one.values["number"]: one.values["due_place"] or None for one in judged}

    def table(self, name: str, table: str | None = None) -> Sheet:
        """Return the sheet of a table, with its declared columns."""
        columns, key = self.columns(name)
        rows = self.report.rows_of(table or name)[1]
        return Sheet(name, columns, [[self.cell(name, row, c) for c in columns] for row in rows], key)

    def columns(self, name: str) -> tuple[list[Column], list[str]]:
        """Return the declared columns of a sheet, each followed by that beside, and those that tell its rows apart."""
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
        return label(f"language.{report.language}", self.lang)

    def cell(self, sheet: str, row: Row, column: Column) -> Cell:
        """Return a value as a reader sees it, with its words."""
        name, values = column.name, row.values
        words = row.sources.get(name) or row.sources.get(None, ()) if name in values else ()
        value = values.get(name)
        if name == "place":
            words = row.sources.get(None, ())
            value = self.place(words[0].passage) if words else None
        elif name == "action" and sheet not in ("annex", "annex_print"):
            value = action_label(self.actions.get(values["action_id"]), self.lang)
        elif name == "due_place":
            value, words = self.due_places.get(values["number"]), ()
        elif name in ("asked", "handed_over"):  # in the reader's language, where there is an edition in it
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

    def coverage(self) -> Sheet:
        """Return the report paragraphs by action and session, if any are known; the workbook puts in their totals."""
        grid = self.report.session_coverage.drop(index="total", columns="total", errors="ignore")
        columns, key = self.columns("session_coverage")
        columns[2:2] = [Column(str(n), self.report.header.meeting(int(str(n))), 11) for n in grid]
        if not (held := grid.notna().any()).any():
            return Sheet("session_coverage", columns, [], key)
        named = [(action, action_label(self.actions.get(str(action)), self.lang)) for action in grid.index]
        rows: list[list[Any]] = [[*of, *counts, None] for of, counts in zip(named, plain_rows(grid), strict=True)]
        not_yet = (None if known else label("reader.not_held_yet", self.lang) for known in held)
        rows.append([None, label("total", self.lang), *not_yet, None])
        return Sheet("session_coverage", columns, [[Cell(value) for value in row] for row in rows], key)

    def findings(self) -> Sheet:
        """Return the findings, and below them what was not understood."""
        sheet = self.table("findings")
        for row in self.report.rows_of("unread")[1]:
            values = {**row.values, "kind": label("unread", self.lang), "note": row.values["why"]}
            unread = Row(values, {**row.sources, "note": row.sources.get("why") or row.sources[None]})
            sheet.rows.append([self.cell("findings", unread, column) for column in sheet.columns])
        return sheet

    def raw(self) -> Iterator[Sheet]:
        """Return the tables of the document as they are, without the places of rows where there are none."""
        for name, frame in self.report.other_tables.items():
            places = [head for head in frame.columns[:2] if frame[head].notna().any()]
            columns = [Column(head, label(head, self.lang), 9) for head in places]
            columns += [Column(head, head, 30) for head in frame.columns[2:]]
            rows = plain_rows(frame[[column.name for column in columns]])
            yield Sheet(name, columns, [[Cell(value or None) for value in row] for row in rows], ("source_line",))

    def words(self) -> Sheet:
        """Return the text of the document, passage by passage."""
        (place, *texts), key = self.columns("words_of_document")
        editions = [one for one in (self.report, self.report.beside) if one]
        columns = [text._replace(head=self.language(one)) for text, one in zip(texts, editions, strict=False)]
        same = same_place(self.report.document, editions[1].document) if self.report.beside else {}
        rows = []
        for passage in self.report.passages:
            if passage.text.strip():
                own = Cell(fitting(readable(passage.text)), [Span(passage, 0, len(passage.text), "")])
                there = Cell(fitting(readable(same[passage].text)) if passage in same else None)
                rows.append([Cell(self.place(passage)), *[own, there][: len(columns)]])
        return Sheet("words_of_document", [place, *columns], rows, key)

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
