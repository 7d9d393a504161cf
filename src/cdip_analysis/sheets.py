"""Make what the sheets of the workbook hold: plain rows of cells, as they are written and as they are compared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from cdip_analysis.analyses import action_label
from cdip_analysis.data import label, place_label, value_label
from cdip_analysis.language import plain
from cdip_analysis.model import Passage, Row, Span
from cdip_analysis.provenance import same_place
from cdip_analysis.report import Report
from cdip_analysis.schema import tables

__all__ = ["OWN", "Cell", "Column", "Sheet", "place_key", "readable", "sheets"]

_REPORT = re.compile(r"([A-Z/-]+/\d+) report (\d+)-(\d+)")
_SUMMARY = re.compile(r"([A-Z/-]+/\d+) summary (\d+(?:\.\d+)*)")

#: The columns for an analyst's own words, and the sheets that have them.
OWN = {"overview": ("own_note",), "follow_up_status": ("own_status", "own_note"), "annex": ("own_status", "own_note")}


class Column(NamedTuple):
    """A column of a sheet: its name, the heading that readers see, and its width in characters."""

    name: str
    head: str
    width: float


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

    def key_of(self, row: Sequence[Any]) -> tuple[str, ...]:
        """Return what tells a row apart: the texts in the columns of the key."""
        names = [column.name for column in self.columns]
        return tuple(as_text(_value(row[names.index(name)])) or "" for name in self.key)


def _value(cell: Any) -> Any:
    return cell.value if isinstance(cell, Cell) else cell


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


def readable(text: str) -> str:
    """Leave out the marks of links: ``[report](#)`` is the word.

    >>> readable("see the [report](#), paragraph 98")
    'see the report, paragraph 98'
    """
    for start, words, words_end, end in reversed(plain(text)[1]):
        text = f"{text[:start]}{text[words:words_end]}{text[end:]}"
    return text


def place_key(passage: Passage, lang: str) -> str:
    """Name the place of a passage for a reader; for a line without a number, the line."""
    named = place_label(passage, lang)
    return f"{named}, {passage.item}" if passage.item else named


class _Maker(NamedTuple):
    """What every sheet is made from: the report, the edition beside it, and the language of the workbook."""

    report: Report
    beside: Report | None
    lang: str

    def column(self, name: str, width: float = 12, head: str | None = None) -> Column:
        """Return a column with the label of its name."""
        return Column(name, head or label(name, self.lang), width)

    def rows(self, name: str) -> Sequence[Row]:
        """Return the rows of a table, with sentences in the language of the workbook."""
        return self.report.rows_in(self.lang)[name]

    def cell(self, row: Row, column: str) -> Cell:
        """Return a value as a reader sees it, with its words."""
        value = row.values[column]
        if isinstance(value, str):
            value = value_label(readable(value), self.lang)
        return Cell(value, row.sources.get(column) or row.sources.get(None, ()))

    def cited(self, cell: Cell) -> Cell:
        """Return a cell whose citations are in the words of the reader's language."""
        if self.lang == "en" or not isinstance(cell.value, str):
            return cell
        return cell._replace(value=_SUMMARY.sub(r"\1主席总结第\2段", _REPORT.sub(r"\1报告第\2至\3段", cell.value)))

    def yes_or_no(self, cell: Cell) -> Cell:
        """Return a truth as a word."""
        return cell if cell.value is None else cell._replace(value=label("yes" if cell.value else "no", self.lang))

    def both(self, name: str, column: str, width: float) -> tuple[list[Column], Iterator[list[Cell]]]:
        """Return a column of the document's words, with those of the other edition beside it, and its cells."""
        rows = self.report.rows[name]
        others: Sequence[Row | None] = self.beside.rows[name] if self.beside else [None] * len(rows)
        if len(others) != len(rows):
            others = [None] * len(rows)
        columns = [self.column(column, width)]
        if self.beside:
            language = label(f"language.{self.beside.language}", self.lang)
            columns.append(Column(f"{column}_{self.beside.language}", f"{columns[0].head} ({language})", width))

        def cells() -> Iterator[list[Cell]]:
            for row, other in zip(rows, others, strict=True):
                own = self.cell(row, column)
                yield [own, *([Cell(self.cell(other, column).value if other else None)] if self.beside else [])]

        return columns, cells()

    def own(self, name: str) -> list[Column]:
        """Return the columns in which an analyst can write."""
        return [self.column(column, 14) for column in OWN.get(name, ())]


def sheets(report: Report, lang: str) -> list[Sheet]:
    """Return the sheets that are tables, in the order in which a reader asks.

    An English workbook has English beside each Chinese text, from the edition beside the report; a Chinese one has the
    document's own words.
    """
    beside = report.beside if report.beside and report.beside.language == lang else None
    make = _Maker(report, beside, lang)
    return [
        _overview(make),
        _annex_print(make),
        *(_raw(make, name, frame) for name, frame in report.other_tables.items()),
        _timeline(make),
        _follow_up(make),
        _commitments(make),
        _table(make, "reading_list", ("report", "first_paragraph"), {"actions": 30}),
        _findings(make),
        _words(make),
        _table(
            make, "annex", ("entry",), {"action": 26, "implementation": 34, "consideration": 30, "chair_summary": 20}
        ),
        _dictionary(make),
    ]


def _with_own(make: _Maker, name: str, columns: list[Column], rows: Iterable[list[Cell]], key: Sequence[str]) -> Sheet:
    own = make.own(name)
    return Sheet(name, [*columns, *own], [[*row, *[Cell(None)] * len(own)] for row in rows], key)


def _table(make: _Maker, name: str, key: Sequence[str], wide: Mapping[str, float]) -> Sheet:
    """Return a declared table as it is."""
    columns = [make.column(column.name, wide.get(column.name, 12)) for column in tables()[name].columns]
    rows = [[make.cell(row, column.name) for column in columns] for row in make.rows(name)]
    return _with_own(make, name, columns, rows, key)


#: Widths with which the nine rows fill one landscape page in print as large as they can; English takes more room.
_OVERVIEW = {"en": (8, 12, 52, 26, 16, 10, 35, 9, 32), "zh": (8, 12, 38, 22, 17, 9, 31, 8, 24)}


def _overview(make: _Maker) -> Sheet:
    """Return one row per action: asked, handed over, considered, state, due, to raise."""
    lang = make.lang
    of_words = make.beside or make.report
    names = ["action_id", "action", "asked", "handed_over", "considered", "state"]
    names += [f"line_{lang}", "due_session", f"to_raise_{lang}"]
    columns = [make.column(name, width) for name, width in zip(names, _OVERVIEW[lang], strict=True)]
    rows = []
    for row, other in zip(make.rows("overview"), of_words.rows["overview"], strict=True):
        cells = [make.cell(row, column.name) for column in columns]
        cells[1] = cells[1]._replace(value=action_label(row.values["action"], lang))
        for at in (2, 3):  # in the language of the reader, where there is an edition in it; the words are linked
            text = make.cell(other, columns[at].name).value
            cells[at] = cells[at]._replace(value=text and text.replace(" | ", "\n"))
        cells[4] = make.cited(cells[4])
        rows.append(cells)
    return _with_own(make, "overview", columns, rows, ("action_id",))


def _annex_print(make: _Maker) -> Sheet:
    """Return the annex as printed, each cell with its words in the other edition beside it."""
    parts = [make.both("annex", name, width) for name, width in _PRINTED.items()]
    columns = [make.column("entry", 7), make.column("action_id", 8), *(column for part, _ in parts for column in part)]
    rows = []
    for row, *cells in zip(make.report.rows["annex"], *(cells for _, cells in parts), strict=True):
        numbers = [make.cell(row, "entry"), make.cell(row, "action_id")]
        rows.append([*numbers, *(cell for pair in cells for cell in pair)])
    return Sheet("annex_print", columns, rows, ("entry",))


def _raw(make: _Maker, name: str, frame: pd.DataFrame) -> Sheet:
    """Return a table of the document as it is, without the places of its rows if there are none."""
    used = [(at, heading) for at, heading in enumerate(frame.columns) if at > 1 or frame[heading].notna().any()]
    columns = [make.column(heading, 9) if at < 2 else Column(heading, heading, 30) for at, heading in used]
    values = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return Sheet(name, columns, [[Cell(row[at] or None) for at, _ in used] for row in values], ("source_line",))


_PRINTED = {"action": 21, "implementation": 27, "consideration": 24, "chair_summary": 14}


def _timeline(make: _Maker) -> Sheet:
    columns = [
        make.column("date", 11),
        make.column("session", 9),
        make.column("action_id", 9),
        make.column("action", 30),
        make.column("event", 14),
        make.column("label", 44),
        make.column("reported", 12),
    ]
    actions = {row.values["action_id"]: row.values["action"] for row in make.report.rows["actions"]}
    rows = []
    for row in make.rows("timeline"):
        name = action_label(actions.get(row.values["action_id"]), make.lang)
        cells = {column.name: make.cell(row, column.name) for column in columns if column.name != "action"}
        cells["action"] = Cell(name)
        cells["label"], cells["reported"] = make.cited(cells["label"]), make.yes_or_no(cells["reported"])
        rows.append([cells[column.name] for column in columns])
    return Sheet("timeline", columns, rows, ("session", "action_id", "event", "label"))


def _follow_up(make: _Maker) -> Sheet:
    names = ("action_id", "action", "status", "due_session", "overdue", "last_session", "sessions_since", "conditional")
    columns = [make.column(name, {"action": 26, "status": 13}.get(name, 10)) for name in names]
    words, cells = make.both("follow_up_status", "evidence", 26)
    actions = {row.values["action_id"]: row.values["action"] for row in make.report.rows["actions"]}
    rows = []
    for row, found in zip(make.rows("follow_up_status"), cells, strict=True):
        line = {name: make.cell(row, name) for name in names if name != "action"}
        line["action"] = Cell(action_label(actions[row.values["action_id"]], make.lang))
        line |= {name: make.yes_or_no(line[name]) for name in ("overdue", "conditional")}
        rows.append([*(line[name] for name in names), *found])
    return _with_own(make, "follow_up_status", [*columns, *words], rows, ("action_id",))


def _commitments(make: _Maker) -> Sheet:
    """Return every column of a file of judgements, so that a workbook that was filled in comes back as one."""
    wide = {"thing_en": 24, "thing_zh": 24, "text": 28, "due_words": 24, "outcome_words": 30, "remark_en": 22}
    wide |= {
        "remark_zh": 22,
        "asked_target": 12,
        "kind": 12,
        "asked_by": 11,
        "who": 11,
        "outcome": 11,
        "judged_by": 28,
        "judged_on": 11,
    }
    columns: list[Column] = []
    parts: list[Iterator[list[Cell]]] = []
    for declared in tables()["commitments"].columns:
        if declared.type == "string" and not declared.language_independent:
            heads, cells = make.both("commitments", declared.name, wide.get(declared.name, 20))
        else:
            heads = [make.column(declared.name, wide.get(declared.name, 8))]
            cells = iter([[make.cell(row, declared.name)] for row in make.rows("commitments")])
        columns += heads
        parts.append(cells)
        if declared.name == "due_session":  # a file of judgements has the place of the words too
            columns.append(make.column("due_place", 11))
            judged = make.report.judged.commitments if make.report.judged else []
            places = {one.values["number"]: one.values["due_place"] or None for one in judged}
            parts.append(iter([[Cell(places.get(row.values["number"]))] for row in make.rows("commitments")]))
    rows = [[cell for pair in line for cell in pair] for line in zip(*parts, strict=True)]
    return Sheet("commitments", columns, rows, ("number",))


def _findings(make: _Maker) -> Sheet:
    """Return the findings, and below them what was not understood."""
    texts, cells = make.both("findings", "text", 36)
    columns = [make.column("kind", 20), make.column("place", 20), *texts, make.column("note", 60)]
    rows = []
    for row, found in zip(make.rows("findings"), cells, strict=True):
        spans = row.sources.get(None, ())
        where = Cell(place_key(spans[0].passage, make.lang) if spans else None, spans)
        rows.append([make.cell(row, "kind"), where, *found, make.cited(make.cell(row, "note"))])
    for row in make.rows("unread"):
        span = row.sources[None][0]
        where = Cell(place_key(span.passage, make.lang), [span])
        kind, text = Cell(label("unread", make.lang), [span]), make.cell(row, "text")
        rows.append([kind, where, text, *[Cell(None)] * (len(texts) - 1), make.cell(row, "why")])
    return Sheet("findings", columns, rows, ("kind", "place", "text", "note"))


def _words(make: _Maker) -> Sheet:
    """Return the text of the document, passage by passage."""
    places = same_place(make.report.document, make.beside.document) if make.beside else {}
    language = label(f"language.{make.report.language}", make.lang)
    columns = [make.column("place", 20), Column("text", language, 70)]
    if make.beside:
        columns.append(Column("text_beside", label(f"language.{make.beside.language}", make.lang), 70))
    rows = []
    for passage in make.report.passages:
        if passage.text.strip():
            other = places.get(passage)
            line = [
                Cell(place_key(passage, make.lang)),
                Cell(readable(passage.text), [Span(passage, 0, len(passage.text), "")]),
            ]
            rows.append([*line, *([Cell(readable(other.text) if other else None)] if make.beside else [])])
    return Sheet("words_of_document", columns, rows, ("place", "text"))


def _dictionary(make: _Maker) -> Sheet:
    """Return what every column of every table means; the tables that are not here are in the CSV package."""
    widths = {"table": 20, "column": 26, "name": 24, "description": 70, "type": 12, "allowed": 40, "nature": 12}
    rows = []
    for table in tables().values():
        for c in table.columns:
            allowed = ", ".join(value_label(value, make.lang) for value in c.allowed) or None
            named = (label(table.name, make.lang), label(c.name, make.lang), c.name, c.description[make.lang])
            cells = (*named, value_label(c.type, make.lang), allowed, value_label(c.nature, make.lang))
            rows.append([Cell(value) for value in cells])
    return Sheet("dictionary", [make.column(name, width) for name, width in widths.items()], rows, ("table", "name"))


def extra_columns(sheet: Sheet, frame: pd.DataFrame, lang: str) -> Sheet:
    """Return a sheet with columns of one's own beside it, by the key of its rows.

    Raises
    ------
    ValueError
        If a row of the frame is of none of the sheet's keys.
    """
    keys = [" ".join(sheet.key_of(row)) for row in sheet.rows]
    given = {
        str(key): [None if pd.isna(v) else v for v in row]
        for key, row in zip(frame.index, frame.to_numpy(), strict=True)
    }
    if unknown := [key for key in given if key not in keys]:
        heads = ", ".join(label(name, lang) for name in sheet.key)
        raise ValueError(f"extra has a row {unknown[0]!r}, and sheet {sheet.name!r} has none of that {heads}")
    columns = [Column(str(name), str(name), 22) for name in frame.columns]
    empty = [None] * len(columns)
    rows = [[*row, *(Cell(v) for v in given.get(key, empty))] for key, row in zip(keys, sheet.rows, strict=True)]
    return sheet._replace(columns=[*sheet.columns, *columns], rows=rows)
