"""Read a workbook back: its tables, what an analyst wrote into it, and what was changed elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from cdip_analysis.csv_package import parsed
from cdip_analysis.labels import label, labels
from cdip_analysis.language import LANGUAGES
from cdip_analysis.model import grouped
from cdip_analysis.schema import Column as Declared
from cdip_analysis.schema import build, tables
from cdip_analysis.sheets import Sheet, as_text

_LARGEST = 1 << 30  # bytes that a workbook may unpack to

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


_ENTRY = ("document", "session", "first_paragraph")  # what an entry of the annex is about, whatever its number
#: What an analyst wrote into the rows of a sheet: by key of the row and heading.
_Own = dict[tuple[str, ...], dict[str, Any]]
#: What was changed in a workbook: sheet, row, column, and what was and is there.
_Change = tuple[str, str, str, str | None, str | None]


def read_excel(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read the table that a workbook of `export_excel` holds whole, as it is declared: the annex.

    Returns
    -------
    dict of str to pandas.DataFrame
        Under ``"annex"``, equal to the report's table; the analyst's own columns are left out. A file that is no such
        workbook, or a cell that does not hold what its column is declared to hold, is a ValueError.

    Examples
    --------
    See `export_excel`.
    """
    path = Path(path)
    table, rows = tables()["annex"], []
    for number, line in _lines(_page(_opened(path, "annex"), "annex"), "annex", "entry"):
        where, row = f"{path}, sheet 'Annex data'", {}
        for column in table.columns:
            head = next((head for head in _heads(column.name) if head in line), None)
            if head is None:
                raise ValueError(f"{where}: there is no column {label(column.name, 'en')!r}")
            row[column.name] = _typed(column, line[head], f"{where}, row {number}")
        if any(value is not None for value in row.values()):
            rows.append(row)
    return {"annex": build(table, rows, path.name)}


def read_back(path: Path, made: Sequence[Sheet], lang: str) -> tuple[dict[str, _Own], list[_Change]]:
    """Read what an analyst wrote into a workbook, and what was changed since in sheets that are as made now in `lang`.

    A workbook in another language is not compared cell by cell. One without an overview, such as those of version 0.1,
    is a ValueError: its notes would be lost.
    """
    book = _opened(path, "overview")
    own: dict[str, _Own] = {}
    changes: list[_Change] = []
    for sheet in made:
        title, page = label(sheet.name, lang), _page(book, sheet.name)
        if page is None:
            changes.append((title, "", "", label("sheet", lang), None))
        else:
            lines = [line for _, line in _lines(page, sheet.name, sheet.key[0])]
            own[sheet.name] = {}
            changes += _compared(sheet, lines, title, title == page.title, own[sheet.name])
    return own, changes


def _compared(
    sheet: Sheet, lines: Iterable[Mapping[str, Any]], title: str, same_language: bool, own: _Own
) -> Iterator[_Change]:
    """Compare a sheet with the one that came back: put what an analyst wrote into `own`, return what else changed."""
    rows = {sheet.key_of(row): row for row in sheet.rows}
    columns = {head: column for column in sheet.columns for head in (column.head, *_heads(column.name))}
    languages = [name for code in LANGUAGES for name in _heads(f"language.{code}")]
    beside = {f"{head} ({language})" for head in columns for language in languages}  # of an edition
    beside |= {*languages} if sheet.name == "words_of_document" else set()
    lines = [*lines]
    number = _numbers_now(
        sheet, [{columns[head].name: v for head, v in line.items() if head in columns} for line in lines]
    )
    for line in lines:
        values = {columns[head].name: value for head, value in line.items() if head in columns and value is not None}
        added = {head: value for head, value in line.items() if head not in {*columns, *beside} and value is not None}
        written = {c.head: values[c.name] for c in sheet.columns if c.own and c.name in values} | added
        key = tuple(as_text(values.get(name)) or "" for name in sheet.key)
        row, named = rows.pop(number.get(key, key), None), " ".join(key)
        if row is not None:
            own |= {number.get(key, key): written} if written else {}
            for column, cell in zip(sheet.columns, row, strict=True) if same_language else ():
                was, now = as_text(cell.value), as_text(values.get(column.name))
                is_total = sheet.name == "session_coverage" and was is None and str(now).startswith("=SUM(")
                if not column.own and column.head in line and was != now and not is_total:
                    yield title, named, column.head, was, now
        elif sheet.name != "overview" or written or values.keys() - {"action_id", "considered"}:
            # Else it is a line below the table of the overview: what is due, and beside it what the page rests on.
            for head, value in written.items():
                yield title, named, head, None, as_text(value)
            if same_language and any(key):
                yield title, named, "", None, " | ".join(filter(None, map(as_text, values.values())))
    if same_language and sheet.name != "annex":  # what is gone from the annex is gone from its print too
        for key in rows:
            yield title, " ".join(key), "", " ".join(key), None


def _numbers_now(sheet: Sheet, back: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the keys that entries of the annex have now which stood under others in a workbook that came back.

    An entry put in or taken out gives those below it other numbers. One that is there no more has an empty key.
    """
    if sheet.name != "annex":
        return {}
    made = [{column.name: cell.value for column, cell in zip(sheet.columns, row, strict=True)} for row in sheet.rows]
    of_made, of_back = (
        {(as_text(row.get("entry")) or "",): tuple(as_text(row.get(name)) for name in _ENTRY) for row in rows}
        for rows in (made, back)
    )
    places, there = grouped(of_made, lambda key: of_made[key]), {*of_back.values()}
    now: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key, entry in of_back.items():
        same = places.get(entry, [])
        if of_made.get(key) != entry and len(same) == 1 and of_back.get(same[0]) != entry:
            now[key] = same[0]
        elif not same and of_made.get(key) in there:
            now[key] = ()
    return now


def _heads(name: str) -> tuple[str, ...]:
    """Return the headings of a column, or the titles of a sheet, in all languages."""
    return label(name, "en"), label(name, "zh")


def _page(book: Any, name: str) -> Any:
    return next((book[title] for title in _heads(name) if title in book.sheetnames), None)


def _opened(path: Path, needed: str) -> Any:
    """Open a workbook, which must have a sheet."""
    try:
        with ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > _LARGEST:
                raise ValueError(f"it would unpack to more than {_LARGEST >> 30} GB")
        book = openpyxl.load_workbook(path)
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file. Check the path") from None
    except (OSError, KeyError, ValueError, TypeError, BadZipFile, InvalidFileException) as error:
        raise ValueError(f"{path} cannot be read as a workbook ({error}). Give a .xlsx file of export_excel") from error
    if _page(book, needed) is None:
        raise ValueError(
            f"{path}: there is no sheet {label(needed, 'en')!r}. Give a workbook of export_excel, version 0.2 or later"
        )
    return book


def _lines(page: Any, name: str, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return the rows of a sheet by heading; the header row is the first that has the heading of a key."""
    no_heading = label("no_heading", "en" if page.title == label(name, "en") else "zh")
    heads: list[str | None] = []
    for number, cells in enumerate(page.iter_rows(values_only=True), 1):
        values = [decoded(value) if isinstance(value, str) else value for value in cells]
        if not heads:
            if set(_heads(key)) & set(values):
                heads = [None if value is None else str(value) for value in values]
        elif any(value is not None for value in values):
            pairs = [*zip_longest(heads, values)]
            found = {head: value for head, value in reversed(pairs) if head}  # of two with one heading, the first
            beyond = [str(value) for head, value in pairs if not head and value is not None]
            yield number, found | ({no_heading: " ".join(beyond)} if beyond else {})


def _typed(column: Declared, value: Any, where: str) -> Any:
    """Return a cell in the type that its column is declared to have."""
    text = as_text(value)
    if column.type == "boolean":  # as a reader sees it, or as version 0.1 wrote it
        yes, no = (dict.fromkeys(labels()[name].values(), said) for name, said in (("yes", "true"), ("no", "false")))
        text = (yes | no | {"TRUE": "true", "FALSE": "false"}).get(text or "", text)
    try:
        if text is None and column.required:
            raise ValueError
        return None if text is None else parsed(column.type, text)
    except ValueError:
        named = f"{where}, column {label(column.name, 'en')!r}"
        raise ValueError(f"{named}: {value!r} is not a value of the type {column.type}. Correct the cell") from None
