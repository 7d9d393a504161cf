"""Read a workbook back: its tables, what an analyst wrote into it, and what was changed elsewhere."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from cdip_analysis.data import label, labels, value_label
from cdip_analysis.frames import build
from cdip_analysis.schema import Column as Declared
from cdip_analysis.schema import tables
from cdip_analysis.sheets import Cell, Column, Sheet, as_text

__all__ = ["Change", "Returned", "decoded", "encoded", "read_back", "read_excel"]

#: The tables that a workbook holds whole, as they are declared.
_WHOLE = ("annex",)
_LARGEST = 1 << 30  # bytes that a workbook may unpack to
_OWN = ("own_status", "own_note")

# SpreadsheetML writes a character that XML cannot hold as _xHHHH_ (ECMA-376, ST_Xstring); a text that looks like such
# an escape has its own underscore escaped.
_BARE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LIKE_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def encoded(text: str) -> str:
    r"""Write a text so that a workbook can hold it.

    >>> encoded("a\x0bb"), encoded("_x0041_"), decoded(encoded("a\x0b_x0041_"))
    ('a_x000B_b', '_x005F_x0041_', 'a\x0b_x0041_')
    """
    return _BARE.sub(lambda found: f"_x{ord(found[0]):04X}_", _LIKE_ESCAPE.sub("_x005F_", text))


def decoded(text: str) -> str:
    """Undo `encoded`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


class Change(NamedTuple):
    """What was changed in a workbook: where, and what was and is there."""

    sheet: str
    row: str
    column: str
    was: str | None
    is_: str | None


class Returned(NamedTuple):
    """What came back: own words by sheet, key of the row and heading, and what was changed elsewhere."""

    own: Mapping[str, Mapping[tuple[str, ...], Mapping[str, Any]]]
    changes: Sequence[Change]

    def with_own(self, sheet: Sheet) -> Sheet:
        """Return a sheet with what an analyst wrote beside the same rows, in columns of their own where need be."""
        written = self.own.get(sheet.name, {})
        heads = list(dict.fromkeys(head for cells in written.values() for head in cells))
        known = {head: n for n, column in enumerate(sheet.columns) for head in _heads(column)}
        added = [head for head in heads if head not in known]
        columns = [*sheet.columns, *(Column(head, head, 22) for head in added)]
        rows = []
        for row in sheet.rows:
            line = [*row, *[Cell(None)] * len(added)]
            for head, value in written.get(sheet.key_of(row), {}).items():
                line[known.get(head, len(row) + (added.index(head) if head in added else 0))] = Cell(value)
            rows.append(line)
        return sheet._replace(columns=columns, rows=rows)


def read_excel(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read the tables that a workbook of `export_excel` holds whole, as they are declared: the annex.

    Returns
    -------
    dict of str to pandas.DataFrame
        Equal to the report's tables; the analyst's own columns are left out.

    Raises
    ------
    ValueError
        If the file is no such workbook, or a cell does not hold what its column is declared to hold.

    Examples
    --------
    See `export_excel`.
    """
    path = Path(path)
    book = _opened(path)
    found = {}
    for name in _WHOLE:
        table = tables()[name]
        rows = []
        for number, row in _lines(book, name, path):
            heads = {c.name: next((h for h in labels()[c.name].values() if h in row), None) for c in table.columns}
            if missing := next((c for c, head in heads.items() if head is None), None):
                raise ValueError(f"{path}, sheet {label(name, 'en')!r}: there is no column {label(missing, 'en')!r}")
            values = {c.name: _typed(c, row[heads[c.name] or ""], path, name, number) for c in table.columns}
            if any(value is not None for value in values.values()):
                rows.append(values)
        found[name] = build(table, rows, path.name)
    return found


def read_back(path: Path, made: Sequence[Sheet], lang: str) -> Returned:
    """Read what an analyst wrote into a workbook, and what was changed in it.

    Parameters
    ----------
    path : Path
        The workbook that came back.
    made : sequence of Sheet
        The sheets as they are made now.
    lang : str
        The language in which they are made. A workbook in another language is not compared cell by cell.

    Raises
    ------
    ValueError
        If the file is no such workbook, or was made by version 0.1.
    """
    book = _opened(path)
    titles = set(book.sheetnames)
    if titles & set(labels()["about"].values()) and not titles & set(labels()["overview"].values()):
        raise ValueError(
            f"{path} was made by version 0.1, whose sheets are others: notes on some of them would be lost. Copy the "
            "notes into a workbook of this version; read_excel reads the annex of both"
        )
    own: dict[str, dict[tuple[str, ...], dict[str, Any]]] = {}
    changes: list[Change] = []
    for sheet in made:
        title = next((t for t in labels()[sheet.name].values() if t in book.sheetnames), None)
        if title is None:
            changes.append(Change(label(sheet.name, lang), "", "", label("sheet", lang), None))
            continue
        same = title == label(sheet.name, lang)
        rows = {sheet.key_of(row): row for row in sheet.rows}
        heads = {head: column for column in sheet.columns for head in _heads(column)}
        for _, line in _lines(book, sheet.name, path):
            texts = {heads[head].name: value for head, value in line.items() if head in heads}
            key = tuple(as_text(texts.get(name)) or "" for name in sheet.key)
            written = {h: v for h, v in line.items() if v is not None and (h not in heads or heads[h].name in _OWN)}
            row = rows.pop(key, None)
            filled = {name for name, value in texts.items() if value is not None}
            if row is None and sheet.name == "overview" and not written and filled <= {"action_id", "considered"}:
                continue  # a line below the table: what is due, and beside it what the page rests on
            if row is None:
                changes += [Change(title, " ".join(key), head, None, as_text(v)) for head, v in written.items()]
                if same and any(key):
                    changes.append(Change(title, " ".join(key), "", None, " | ".join(_texts(texts))))
                continue
            if written:
                own.setdefault(sheet.name, {})[key] = written
            for column, cell in zip(sheet.columns, row, strict=True) if same else ():
                was, now = as_text(_shown(cell.value)), as_text(texts.get(column.name))
                if column.name not in _OWN and column.head in line and was != now:
                    changes.append(Change(title, " ".join(key), column.head, was, now))
        changes += [
            Change(title, " ".join(key), "", " ".join(key), None) for key in rows if same and sheet.name != "annex"
        ]
    if all(change.was == label("sheet", lang) for change in changes) and len(changes) == len(made):
        raise ValueError(_not_ours(path))
    return Returned(own, changes)


def _texts(texts: Mapping[str, Any]) -> Iterator[str]:
    yield from filter(None, map(as_text, texts.values()))


def _shown(value: Any) -> Any:
    return " ".join(value.split(" ")) if isinstance(value, str) else value


def _heads(column: Column) -> tuple[str, ...]:
    return (column.head, *labels().get(column.name, {}).values())


def _not_ours(path: Path) -> str:
    return (
        f"{path}: there is no sheet 'Overview' or 'Annex data'. Give a workbook of export_excel, version 0.2 or later"
    )


def _opened(path: Path) -> Any:
    try:
        with ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > _LARGEST:
                raise ValueError(f"it would unpack to more than {_LARGEST >> 30} GB")
        return openpyxl.load_workbook(path)
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file. Check the path") from None
    except (OSError, KeyError, ValueError, TypeError, BadZipFile, InvalidFileException) as error:
        raise ValueError(f"{path} cannot be read as a workbook ({error}). Give a .xlsx file of export_excel") from error


def _lines(book: Any, name: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return the rows of a sheet by heading; the header row is the first that has the heading of the sheet's key."""
    lang, title = next(((lang, t) for lang, t in labels()[name].items() if t in book.sheetnames), (None, None))
    if lang is None:
        raise ValueError(_not_ours(path))
    heads: list[str | None] = []
    wanted = {head for key in _KEYS.get(name, ("entry", "number")) for head in labels()[key].values()}
    for number, cells in enumerate(book[title].iter_rows(values_only=True), 1):
        values = [decoded(str(v)) if isinstance(v, str) else v for v in cells]
        if not heads:
            if wanted & set(values):
                heads = [None if v is None else str(v) for v in values]
            continue
        if any(v is not None for v in values):
            found = {head: value for head, value in reversed([*zip(heads, values, strict=False)]) if head}
            beyond = [str(v) for head, v in zip_longest(heads, values) if not head and v is not None]
            yield number, found | ({label("no_heading", lang): " ".join(beyond)} if beyond else {})


_KEYS = {
    "overview": ("action_id",),
    "annex_print": ("entry",),
    "timeline": ("event",),
    "follow_up_status": ("action_id",),
    "reading_list": ("first_paragraph",),
    "findings": ("kind",),
    "words_of_document": ("place",),
    "dictionary": ("name",),
}


def _typed(column: Declared, value: Any, path: Path, name: str, number: int) -> Any:
    """Return a cell in the type that its column is declared to have."""
    try:
        found = _as(column, value)
        if column.allowed and found not in (None, *column.allowed):
            raise ValueError
        if column.required and found is None:
            raise ValueError
    except ValueError:
        expected = ", ".join(value_label(one, "en") for one in column.allowed) or column.type
        raise ValueError(
            f"{path}, sheet {label(name, 'en')!r}, row {number}, column {label(column.name, 'en')!r}: {value!r} is not "
            f"{'one of ' if column.allowed else 'a value of the type '}{expected}. Correct the cell"
        ) from None
    return found


def _declared_value(column: Declared, text: str) -> str:
    """Return a value of a closed set by its name, from its label in any language."""
    return next((v for v in column.allowed if text in (v, *(value_label(v, lang) for lang in ("en", "zh")))), text)


def _as(column: Declared, value: Any) -> Any:
    match column.type, value:
        case _, None:
            return None
        case "string", _:
            return _declared_value(column, as_text(value) or "")
        case "boolean", bool() | 0 | 1:
            return bool(value)
        case "boolean", "=TRUE()" | "=FALSE()":  # as LibreOffice writes them
            return value == "=TRUE()"
        case "integer", int() | float() | str() if not isinstance(value, bool) and float(value).is_integer():
            return int(float(value))
        case "date", dt.datetime():
            return value.date()
        case "date", str():
            return dt.date.fromisoformat(value)
    raise ValueError(f"{value!r} is no {column.type}")
