"""The declaration of every table: data/datapackage.json, read once, in the words of Table Schema.

Data types, checks, DataFrames, the workbook's dictionary and the documentation are made from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import pandas as pd

from cdip_analysis.data import DATA
from cdip_analysis.model import ReportError, Row, grouped


class Column(NamedTuple):
    """A column: its type, what it means, how its values are obtained, and whether they depend on the language."""

    name: str
    type: str
    description: Mapping[str, str]  # by language
    nature: str
    language_independent: bool
    required: bool
    allowed: tuple[str, ...]


class Table(NamedTuple):
    """A table: its group, and its columns in order."""

    name: str
    group: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return a column by name, or say which there are."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name!r} has no column {name!r}; it has {', '.join(c.name for c in self.columns)}")


@cache
def declaration(package: str = "datapackage") -> dict[str, Any]:
    """Read a declaration as it stands: data/datapackage.json for one report, data/corpus.json for many."""
    loaded: dict[str, Any] = json.loads((DATA / f"{package}.json").read_text(encoding="utf-8"))
    return loaded


@cache
def tables(package: str = "datapackage") -> dict[str, Table]:
    """Read the tables that a package declares, by name."""
    found = {}
    for declared in declaration(package)["resources"]:
        columns = []
        for field in declared["schema"]["fields"]:
            rules = field.get("constraints", {})
            described = field["name"], field["type"], _described(field), field["nature"], field["language_independent"]
            columns.append(Column(*described, rules.get("required", False), tuple(rules.get("enum", ()))))
        found[declared["name"]] = Table(declared["name"], declared["group"], tuple(columns))
    return found


def _described(declared: Mapping[str, Any]) -> dict[str, str]:
    """Return a description in English and, where it is declared, in Chinese."""
    return {"en": declared["description"], "zh": declared.get("description_zh", declared["description"])}


def name_beside(column: str, language: str) -> str:
    """Return the name of the column that holds the words of the edition beside, such as ``action_en``."""
    return str(declaration()["beside"]["name"].format(column=column, language=language))


def beside_of(table: Table, language: str) -> dict[str, str]:
    """Return the columns that hold words of the document, and the names of those of an edition in another language."""
    words = (c.name for c in table.columns if c.nature != "reference" and c.name in declaration()["beside"]["columns"])
    return {name: name_beside(name, language) for name in words}


def with_beside(table: Table, language: str) -> Table:
    """Return a table in which each column of words is followed by those of an edition in another language."""
    pattern, names = _described(declaration()["beside"]), beside_of(table, language)
    columns = []
    for column in table.columns:
        columns.append(column)
        if column.name in names:
            said = {k: pattern[k].format(description=v, language=language) for k, v in column.description.items()}
            columns.append(column._replace(name=names[column.name], description=said, required=False))
    return table._replace(columns=tuple(columns))


def table_names() -> list[str]:
    """List the tables that a report holds, without the analyses that are made from them."""
    return [table.name for table in tables().values() if table.group == "table"]


def check_rows(table: Table, rows: Sequence[Mapping[str, Any]], document: str) -> None:
    """Refuse a value that the declaration forbids."""
    for name, *_, required, allowed in table.columns:
        for number, row in enumerate(rows if required or allowed else ()):
            missing = required and row[name] is None
            if missing or (allowed and row[name] not in (None, *allowed)):
                found = f"no {name}" if missing else repr(row[name])
                expected = "a value in every row" if missing else f"one of {allowed}"
                remedy = "compare the document with its original at this place"
                raise ReportError(document, f"table {table.name}, row {number}", found, expected, remedy)


# ---- rows become DataFrames ------------------------------------------------------------------------------------------


def build(table: Table, values: Sequence[Mapping[str, Any]], document: str) -> pd.DataFrame:
    """Make a DataFrame from rows of plain values, after `check_rows`; `document` is the name to give in an error."""
    check_rows(table, values, document)
    return typed(table, values)


def rows_beside(table: Table, rows: Sequence[Row], other: Sequence[Row], language: str) -> tuple[Table, list[Row]]:
    """Return a table and its rows, each column of words followed by those of the same row of another edition.

    That is the next of its rows with the same values in the columns that no language changes.
    """
    names, independent = beside_of(table, language), [c.name for c in table.columns if c.language_independent]

    def alike(row: Row) -> tuple[Any, ...]:
        return tuple(row.values[name] for name in independent)

    waiting = {values: iter(found) for values, found in grouped(other, alike).items()}
    made = []
    for row in rows:
        same = next(waiting.get(alike(row), iter(())), None)
        values = {beside: same.values[name] if same else None for name, beside in names.items()}
        sources = dict(row.sources)
        if same:
            sources |= {beside: same.sources.get(name) or same.sources[None] for name, beside in names.items()}
        made.append(Row({**row.values, **values}, sources, row.notes))
    return with_beside(table, language), made


_DTYPES = {"string": "str", "integer": "Int64", "boolean": "boolean", "date": "datetime64[us]"}


def typed(table: Table, values: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make a DataFrame of declared columns and types; closed sets are an ordered ``category``."""
    sets = {c.name: pd.CategoricalDtype(list(c.allowed), ordered=True) for c in table.columns if c.allowed}
    dtypes: dict[str, Any] = {c.name: sets.get(c.name, _DTYPES[c.type]) for c in table.columns}
    return pd.DataFrame({name: pd.array([row[name] for row in values], dtype=dtypes[name]) for name in dtypes})


def plain_rows(frame: pd.DataFrame) -> list[list[Any]]:
    """Return the cells of a DataFrame, None where there is no value."""
    cells: list[list[Any]] = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return cells
