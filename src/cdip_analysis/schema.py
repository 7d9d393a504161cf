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
    """A table: its columns in order, and the columns by which its rows differ."""

    name: str
    group: str
    description: Mapping[str, str]  # by language
    key: tuple[str, ...]
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
        schema, columns = declared["schema"], []
        for field in schema["fields"]:
            rules = field.get("constraints", {})
            described = field["name"], field["type"], _described(field), field["nature"], field["language_independent"]
            columns.append(Column(*described, rules.get("required", False), tuple(rules.get("enum", ()))))
        name, key = declared["name"], tuple(schema.get("primaryKey", ()))
        found[name] = Table(name, declared["group"], _described(declared), key, tuple(columns))
    return found


def _described(declared: Mapping[str, Any]) -> dict[str, str]:
    """Return a description in English and, where it is declared, in Chinese."""
    return {"en": declared["description"], "zh": declared.get("description_zh", declared["description"])}


def has_beside(column: Column) -> bool:
    """Say whether a column holds words of the document, which another edition says in its language."""
    printed = column.type == "string" and column.nature != "reference" and not column.language_independent
    return printed and column.name in declaration()["beside"]["columns"]


def name_beside(column: str, language: str) -> str:
    """Return the name of the column that holds the words of the edition beside, such as ``action_en``."""
    return str(declaration()["beside"]["name"].format(column=column, language=language))


def with_beside(table: Table, language: str) -> Table:
    """Return a table in which each column of words is followed by those of an edition in another language."""
    pattern = _described(declaration()["beside"])
    columns = []
    for column in table.columns:
        columns.append(column)
        if has_beside(column):
            said = {k: pattern[k].format(description=v, language=language) for k, v in column.description.items()}
            name = name_beside(column.name, language)
            columns.append(column._replace(name=name, description=said, required=False))
    return table._replace(columns=tuple(columns))


def table_names() -> list[str]:
    """List the tables that a report holds, without the analyses that are made from them."""
    return [table.name for table in tables().values() if table.group == "table"]


def check_rows(table: Table, rows: Sequence[Mapping[str, Any]], document: str) -> None:
    """Check rows against the declaration: other columns are a ValueError, values that it forbids a ReportError."""
    names = {column.name for column in table.columns}
    if differ := sorted({name for row in rows for name in names ^ row.keys()}):
        problem = "is declared, and no row has it" if differ[0] in names else "is no column of the declaration"
        raise ValueError(f"data/datapackage.json, table {table.name}: {differ[0]!r} {problem}; add it there or here")

    def broken(row: int, found: str, expected: str) -> ReportError:
        remedy = "compare the document with its original at this place"
        return ReportError(document, f"table {table.name}, row {row}", found, expected, remedy)

    for name, *_, required, allowed in table.columns:
        for number, row in enumerate(rows if required or allowed else ()):
            if required and row[name] is None:
                raise broken(number, f"no {name}", "a value in every row")
            if allowed and row[name] is not None and row[name] not in allowed:
                raise broken(number, repr(row[name]), f"one of {allowed}")
    seen: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(rows if table.key else ()):
        key = tuple(row[name] for name in table.key)
        if key in seen:
            raise broken(seen[key], f"{', '.join(table.key)} {key} twice", "each once")
        seen[key] = number


# ---- rows become DataFrames ------------------------------------------------------------------------------------------


def build(table: Table, values: Sequence[Mapping[str, Any]], document: str) -> pd.DataFrame:
    """Make a DataFrame from rows of plain values, after `check_rows`; `document` is the name to give in an error."""
    check_rows(table, values, document)
    return typed(table, values)


def rows_beside(table: Table, rows: Sequence[Row], other: Sequence[Row], language: str) -> tuple[Table, list[Row]]:
    """Return a table and its rows, each column of words followed by those of the same row of another edition."""
    names = {c.name: name_beside(c.name, language) for c in table.columns if has_beside(c)}
    made = []
    for row, found in zip(rows, _pairs(table, rows, other), strict=True):
        values = {beside: found.values[name] if found else None for name, beside in names.items()}
        sources = dict(row.sources)
        if found:
            sources |= {beside: found.sources.get(name) or found.sources[None] for name, beside in names.items()}
        made.append(Row({**row.values, **values}, sources, row.notes))
    return with_beside(table, language), made


def _pairs(table: Table, rows: Sequence[Row], other: Sequence[Row]) -> list[Row | None]:
    """Find for each row the same one of another edition: the next with the same values where no language matters."""
    independent = [column.name for column in table.columns if column.language_independent] or list(table.key)

    def alike(row: Row) -> tuple[Any, ...]:
        return tuple(row.values[name] for name in independent)

    waiting = {values: iter(found) for values, found in grouped(other, alike).items()}
    return [next(waiting.get(alike(row), iter(())), None) for row in rows]


def typed(table: Table, values: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make a DataFrame of declared columns and types; closed sets are an ordered ``category``."""
    made = {c.name: pd.array([row[c.name] for row in values], dtype=_dtype(c.type, c.allowed)) for c in table.columns}
    return pd.DataFrame(made)


@cache  # a closed set takes long to make
def _dtype(kind: str, allowed: tuple[str, ...]) -> Any:
    if allowed:
        return pd.CategoricalDtype(list(allowed), ordered=True)
    return {"string": "str", "integer": "Int64", "boolean": "boolean", "date": "datetime64[us]"}[kind]


def plain_rows(frame: pd.DataFrame) -> list[list[Any]]:
    """Return the cells of a DataFrame, None where there is no value."""
    cells: list[list[Any]] = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return cells
