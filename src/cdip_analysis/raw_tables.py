"""The tables of a document as they are: text in rows and columns, for documents without an annex of the known kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, takewhile
from typing import NamedTuple

import pandas as pd

from cdip_analysis.model import Block

PLACE = ("page", "source_line")
_NUMBER = re.compile(r"[\d\s.,%()\[\]+-]*")


class RawTable(NamedTuple):
    """A table of a document: its rows as blocks, the names of its columns, and whether the document names them."""

    rows: tuple[Block, ...]
    columns: tuple[str, ...]
    is_named: bool

    def frame(self) -> pd.DataFrame:
        """Return the table as a DataFrame of text, with the page and the place of each row."""
        width = len(self.columns)
        rows = [(row.page, row.line, *row.cells, *[""] * (width - len(row.cells))) for row in self.rows]
        frame = pd.DataFrame(rows, columns=[*PLACE, *self.columns])
        return frame.astype({**dict.fromkeys(PLACE, "Int64"), **dict.fromkeys(self.columns, "str")})


def raw_tables(blocks: Sequence[Block]) -> dict[str, RawTable]:
    """Return the tables of a document by name: ``raw_1``, ``raw_2`` and so on, in its order.

    The header is what the file marks as repeated on each page; otherwise the first row in which no cell is empty or a
    number and none repeats, if nothing but titles is above it. It is dropped where it is repeated. Without one the
    columns are named 1, 2, 3 ... Cells are as they were read: one that is merged with another is empty.
    """
    rows = [block for block in blocks if block.table is not None]
    groups = groupby(rows, key=lambda row: row.table)
    return {f"raw_{number}": _table(list(group)) for number, (_, group) in enumerate(groups, 1)}


def _table(rows: Sequence[Block]) -> RawTable:
    width = max(len(row.cells) for row in rows)
    marked = list(takewhile(lambda row: row.heading, rows))
    # A title goes across the table: words in the first cell, and at least two more, which are empty.
    titles = list(takewhile(lambda row: len(row.cells) > 2 and not any(row.cells[1:]), rows))
    header = marked or rows[len(titles) : len(titles) + 1]
    parts = zip(*(map(_folded, row.cells) for row in header), strict=False)
    columns = tuple(" ".join(filter(None, part)) for part in parts)
    unlike = len({*columns, *PLACE}) == len(columns) + len(PLACE)  # none repeats, and none is a name of ours
    names = unlike and all(columns) and (marked or not any(map(_NUMBER.fullmatch, columns)))
    if len(columns) != width or len(rows) == len(header) or not names:
        return RawTable(tuple(rows), tuple(str(n + 1) for n in range(width)), False)
    repeated = {tuple(map(_folded, row.cells)) for row in header}
    return RawTable(tuple(row for row in rows if tuple(map(_folded, row.cells)) not in repeated), columns, True)


def _folded(text: str) -> str:
    return " ".join(text.split())
