"""The declaration of every table: data/datapackage.json, read once, in the words of Table Schema.

Data types, checks, the workbook's dictionary and the documentation are made from it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from cdip_analysis.data import DATA
from cdip_analysis.model import ReportError


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
    """Read the tables that a package declares, by name.

    >>> tables()["annex"].key, tables()["annex"].columns[0].type
    (('entry',), 'integer')
    """
    return {resource["name"]: _table(resource) for resource in declaration(package)["resources"]}


def _table(resource: Mapping[str, Any]) -> Table:
    schema = resource["schema"]
    columns = tuple(_column(field) for field in schema["fields"])
    return Table(
        resource["name"], resource["group"], _described(resource), tuple(schema.get("primaryKey", ())), columns
    )


def _column(field: Mapping[str, Any]) -> Column:
    rules = field.get("constraints", {})
    described = field["name"], field["type"], _described(field), field["nature"], field["language_independent"]
    return Column(*described, rules.get("required", False), tuple(rules.get("enum", ())))


def _described(declared: Mapping[str, Any]) -> dict[str, str]:
    """Return a description in English and, where it is declared, in Chinese."""
    return {"en": declared["description"], "zh": declared.get("description_zh", declared["description"])}


def has_beside(column: Column) -> bool:
    """Say whether a column holds words of the document, which another edition says in its language."""
    printed = column.type == "string" and column.nature != "reference" and not column.language_independent
    return printed and column.name in declaration()["beside"]["columns"]


def name_beside(column: str, language: str) -> str:
    """Return the name of the column that holds the words of the edition beside.

    >>> name_beside("action", "en")
    'action_en'
    """
    return str(declaration()["beside"]["name"].format(column=column, language=language))


def column_beside(table: Table, name: Hashable, language: str) -> str | None:
    """Return the column of which another holds the words in the edition beside; None if it is no such column."""
    return next((c.name for c in table.columns if has_beside(c) and name == name_beside(c.name, language)), None)


def with_beside(table: Table, language: str) -> Table:
    """Return a table in which each column of words is followed by those of an edition in another language.

    >>> [column.name for column in with_beside(tables()["proposal"], "en").columns]
    ['proposal_paragraph', 'item', 'text', 'text_en', 'source_line']
    """
    pattern = _described(declaration()["beside"])
    columns = []
    for column in table.columns:
        columns.append(column)
        if has_beside(column):
            said = {k: pattern[k].format(description=v, language=language) for k, v in column.description.items()}
            name = name_beside(column.name, language)
            columns.append(column._replace(name=name, description=said, required=False))
    return table._replace(columns=tuple(columns))


def table_names(group: str = "table") -> list[str]:
    """List the tables of a group: ``table`` (what a report holds) or ``analysis`` (what is made from it)."""
    return [table.name for table in tables().values() if table.group == group]


def check_rows(table: Table, rows: Sequence[Mapping[str, Any]], document: str) -> None:
    """Check rows against the declaration.

    Raises
    ------
    ReportError
        If a required value is missing, a value is not one of those allowed, or a key comes twice.
    ValueError
        If a row has other columns than the declaration: they would be dropped, or empty, in silence.
    """
    names = {column.name for column in table.columns}
    for row in rows:
        if differ := sorted(names ^ row.keys()):
            problem = "is declared, and no row has it" if differ[0] in names else "is no column of the declaration"
            raise ValueError(
                f"data/datapackage.json, table {table.name}: {differ[0]!r} {problem}; add it there or here"
            )

    def broken(row: int, found: str, expected: str) -> ReportError:
        remedy = "compare the document with its original at this place"
        return ReportError(document, f"table {table.name}, row {row}", found, expected, remedy)

    for column in table.columns:
        values = [row[column.name] for row in rows] if column.required or column.allowed else []
        if column.required and None in values:
            raise broken(values.index(None), f"no {column.name}", "a value in every row")
        if column.allowed and not {None, *column.allowed}.issuperset(values):
            wrong = next(value for value in values if value not in (None, *column.allowed))
            raise broken(values.index(wrong), repr(wrong), f"one of {column.allowed}")
    keys = [tuple(row[name] for name in table.key) for row in rows] if table.key else []
    if len(set(keys)) < len(keys):
        twice = next(key for key, times in Counter(keys).items() if times > 1)
        raise broken(keys.index(twice), f"{', '.join(table.key)} {twice} twice", "each once")
