"""Rows become DataFrames: declared columns and types, with the words of an edition beside where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from cdip_analysis.model import Row, grouped
from cdip_analysis.raw_tables import PLACE, RawTable
from cdip_analysis.schema import Table, check_rows, has_beside, name_beside, with_beside


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


def raw_frame(table: RawTable) -> pd.DataFrame:
    """Return a table as a DataFrame of text, with the page and the place of each row."""
    width = len(table.columns)
    rows = [(row.page, row.line, *row.cells, *[""] * (width - len(row.cells))) for row in table.rows]
    frame = pd.DataFrame(rows, columns=[*PLACE, *table.columns])
    return frame.astype({**dict.fromkeys(PLACE, "Int64"), **dict.fromkeys(table.columns, "str")})
