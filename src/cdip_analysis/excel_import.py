"""Read a workbook that came back: its tables, unchanged, and what an analyst wrote into it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import BadZipFile, ZipFile

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.exceptions import InvalidFileException

from cdip_analysis.cells import decoded
from cdip_analysis.data import label, labels, value_label
from cdip_analysis.notes import OWN, OWN_COLUMNS, SAME, Change, Returned, as_text, is_compared
from cdip_analysis.schema import Column, Table, tables
from cdip_analysis.tables import build

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["edited", "read_excel", "returned"]

_Texts = tuple[str | None, ...]  # what the cells of a row show

_LARGEST = 2 << 30  # bytes unpacked: some millions of rows; a file from elsewhere can hold far more than it weighs


def read_excel(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a workbook that `export_excel` wrote, whatever its language, also after Excel saved it.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to pandas.DataFrame
        Equal to ``report.tables``; the analyst's own columns are left out.

    Raises
    ------
    ValueError
        If the file is no such workbook, or a cell does not hold what its column is declared to hold.

    Examples
    --------
    See `export_excel`.
    """
    path = Path(path)
    raw = _raw(path, [table.name for table in tables().values() if table.group == "table"])
    found = {}
    for name, rows in raw.items():
        values = [_typed(tables()[name], row, path) for row in rows]
        _once(tables()[name], values, [row[""] for row in rows], path)
        found[name] = build(tables()[name], values, path.name)
    return found


def _once(table: Table, rows: Sequence[Mapping[str, Any]], numbers: Sequence[int], path: Path) -> None:
    """Refuse a row that stands twice, as one that someone copied does; a table without a key may have such."""
    if not table.key:
        return
    seen: dict[tuple[Any, ...], int] = {}
    for number, row in zip(numbers, rows, strict=True):
        key = tuple(row[column] for column in table.key)
        if (first := seen.setdefault(key, number)) != number:
            named = ", ".join(f"{label(c, 'en')} {row[c]}" for c in table.key)
            raise ValueError(
                f"{path}, sheet {label(table.name, 'en')!r}: found {named} in rows {first} and {number}; expected it "
                "once. Remove the row that was added"
            )


def _raw(path: Path, wanted: Iterable[str], *, damaged_ok: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Read the rows of sheets by declared names, texts decoded, with the own columns and the number of the row.

    Where damage is no matter, sheets and columns that were deleted are left out.
    """
    book = _opened(path)
    try:
        long: dict[int, list[str]] = {}
        for row in _rows_of(book, "long_texts", path, ("number", "part", "text"), missing_ok=True):
            long.setdefault(int(row["number"]), []).append(row["text"])
        whole = {f"{parts[0]}\n[{number}]": "".join(parts) for number, parts in long.items()}
        found: dict[str, list[dict[str, Any]]] = {}
        wanted = list(wanted)
        if damaged_ok:  # but one of them must be there, else it is another workbook
            wanted = [name for name in wanted if _title_of(book, name, _names(name))] or wanted
        for name in wanted:
            found[name] = list(_rows_of(book, name, path, _names(name), damaged_ok=damaged_ok))
            for row in found[name]:
                row |= {key: whole[value] for key, value in row.items() if value in whole}
        return found
    finally:
        book.close()


def _names(name: str) -> tuple[str, ...]:
    """Give the columns of a sheet that are read: those declared, and the analyst's own."""
    return (*(column.name for column in tables()[name].columns), *(OWN_COLUMNS if name in OWN else ()))


def _opened(path: Path) -> Any:
    try:
        with ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > _LARGEST:
                raise ValueError(f"it would unpack to more than {_LARGEST >> 30} GB")
        return openpyxl.load_workbook(path, read_only=True, data_only=False)
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file. Check the path") from None
    except (OSError, KeyError, ValueError, BadZipFile, InvalidFileException) as error:
        raise ValueError(
            f"{path} cannot be read as a workbook ({error}). Give an .xlsx file of export_excel"
        ) from error


def _title_of(book: Any, key: str, names: Sequence[str]) -> str | None:
    """Find the sheet of a table: by its title, or, where that was changed, as the only one with all its columns."""
    if title := next((title for title in labels()[key].values() if title in book.sheetnames), None):
        return title
    others = [sheet for sheet in book.worksheets if sheet.title not in _titles()]
    declared = [name for name in names if name not in OWN_COLUMNS]
    fit = [sheet.title for sheet in others if None not in _columns_at(_heads(sheet), declared).values()]
    return fit[0] if len(fit) == 1 else None


def _keys() -> tuple[str, ...]:
    """Give the names of the sheets that `export_excel` makes."""
    return (*tables(), "about", "annex_print", "session_coverage", "changes", "long_texts", "dictionary")


def _titles() -> set[str]:
    return {title for key in _keys() for title in labels()[key].values()}


def _heads(sheet: Any) -> list[Any]:
    return list(next(sheet.iter_rows(max_row=1, values_only=True), ()))


def _columns_at(heads: Sequence[Any], names: Sequence[str]) -> dict[str, int | None]:
    """Tell where the columns stand, whatever the language of their labels; None where one is missing."""
    said_so = {name: labels()[name].values() for name in names}
    return {name: next((n for n, head in enumerate(heads) if head in said_so[name]), None) for name in names}


def _rows_of(
    book: Any,
    key: str,
    path: Path,
    names: Sequence[str],
    *,
    damaged_ok: bool = False,
    missing_ok: bool = False,
) -> Iterator[dict[str, Any]]:
    """Give the rows of a sheet by column name; columns can stand in any order, and rows without a value are none.

    All columns are needed but the analyst's own; where damage is no matter, only those by which rows are known.
    """
    title = _title_of(book, key, names)
    if title is None:
        if missing_ok:
            return
        raise ValueError(
            f"{path}: there is no sheet {label(key, 'en')!r} or {label(key, 'zh')!r}. Is it from export_excel?"
        )
    lines = book[title].iter_rows(values_only=True)
    at = _columns_at(next(lines, ()), names)
    lacking = [name for name, place in at.items() if place is None and name not in OWN_COLUMNS]
    if damaged_ok and any(not set(way) & set(lacking) for way in SAME[key]):
        lacking = []
    if missing := next(iter(lacking), None):
        raise ValueError(
            f"{path}, sheet {title!r}: there is no column {label(missing, 'en')!r} or {label(missing, 'zh')!r}. "
            "Name it so again"
        )
    for number, line in enumerate(lines, 2):
        row = {name: line[n] if n < len(line) else None for name, n in at.items() if n is not None}
        if any(value is not None for value in row.values()):
            row = {name: decoded(value) if isinstance(value, str) else value for name, value in row.items()}
            yield {**dict.fromkeys(set(OWN_COLUMNS) & set(names)), **row, "": number}


def _typed(table: Table, row: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Give the values of a row in the types that its columns are declared to have."""
    found = {}
    place = f"{path}, sheet {label(table.name, 'en')!r}, row {row['']}"
    for column in table.columns:
        if column.required and row[column.name] is None:
            written = next(value for value in row.values() if value is not None)
            raise ValueError(
                f"{place}: found {written!r} and nothing in column {label(column.name, 'en')!r}; expected a row of the "
                "table. If it is a remark, remove it or put it beside the table"
            )
        try:
            value = _as(column, row[column.name])
            if column.allowed and value not in (None, *column.allowed):
                raise ValueError(f"{value!r} is none of those allowed")
        except ValueError:
            expected = ", ".join(value_label(one, "en") for one in column.allowed) or column.type
            raise ValueError(
                f"{place}, column {label(column.name, 'en')!r}: "
                f"found {row[column.name]!r}; expected {'one of ' if column.allowed else ''}{expected}. Mend the cell"
            ) from None
        found[column.name] = value
    return found


def _as(column: Column, value: Any) -> Any:
    """Read a cell's value as text, whole number, yes or no, or day; one of a closed set in any language."""
    if value is None:
        return None
    match column.type, value:
        case "string", str():
            return next(
                (one for one in column.allowed if value in (value_label(one, lang) for lang in ("en", "zh"))), value
            )
        case "boolean", bool() | 0 | 1:
            return bool(value)
        case "boolean", "=TRUE()" | "=FALSE()":  # as LibreOffice writes them
            return value == "=TRUE()"
        case "integer", str():
            return int(value)
        case "integer", int() | float() if not isinstance(value, bool) and value == int(value):
            return int(value)
        case "integer", dt.datetime():  # a number in a cell that someone formatted as a day
            return int(to_excel(value))
        case "date", dt.datetime():
            return value.date()
        case "date", str():
            return dt.date.fromisoformat(value)
    raise ValueError(f"{value!r} is no {column.type}")


def returned(path: Path) -> Returned:
    """Read a workbook that came back: the rows that notes can stand beside, and what else was written into it.

    To the note of a row is added what stands in columns that someone put beside ours, and comments on its cells. A
    comment elsewhere is kept with the notes that have no row. Columns and sheets elsewhere are named, and so are those
    that someone deleted.
    """
    raw, comments = _raw(path, OWN, damaged_ok=True), _comments(path)
    book = _opened(path)
    try:
        lang = max(("en", "zh"), key=lambda lang: sum(label(key, lang) in book.sheetnames for key in _keys()))
        given = {prop.name: prop.value for prop in book.custom_doc_props.props}
        names = ("what", "table", "row", "own_status", "own_note")
        changes = list(_rows_of(book, "changes", path, names, missing_ok=True))
        listed = any(title in book.sheetnames for title in labels()["changes"].values())
        titles = {key: _title_of(book, key, _names(key)) for key in tables()}
        missing: list[tuple[str, str | None]] = [(key, None) for key, title in titles.items() if title is None]
        for key in raw:
            at = _columns_at(_heads(book[titles[key]]), _names(key))
            missing += [(key, name) for name, place in at.items() if place is None]
        added = {key: _added(book[title], key) for key, title in titles.items() if title}
        left: list[tuple[str, str | None]] = [
            (title, None) for title in book.sheetnames if title not in {*_titles(), *titles.values()}
        ]
        left += [(key, head) for key, columns in added.items() if key not in OWN for head in columns]
    finally:
        book.close()
    kept = {(as_text(row["own_status"]), as_text(row["own_note"])) for rows in raw.values() for row in rows}
    for name, rows in raw.items():
        for row in rows:
            for column in filter(lambda column: column.name in row, tables()[name].columns):
                try:
                    row[column.name] = _as(column, row[column.name])
                except ValueError:  # overwritten by hand: compared as it stands, so that no note is lost for it
                    continue
            more = [f"{head}: {as_text(cells[row['']])}" for head, cells in added[name].items() if row[""] in cells]
            more += comments.pop((titles[name] or "", row[""]), [])
            row["own_note"] = "\n".join(filter(None, (as_text(row["own_note"]), *more))) or None
    kinds = {text: key for key in ("note_orphaned", "note_elsewhere") for text in labels()[f"changes.{key}"].values()}
    keys = {text: key for key in OWN for text in labels()[key].values()}
    apart: list[tuple[str, str, str, Any, Any]] = []
    for r in changes:
        note = (r["own_status"], r["own_note"])
        if kind := kinds.get(r["what"]):
            apart.append((kind, keys.get(r["table"], str(r["table"])), as_text(r["row"]) or "", *note))
        elif any(note) and tuple(map(as_text, note)) not in kept:  # written into the list itself
            apart.append(("note_elsewhere", "changes", str(r[""]), *note))
    apart += [
        ("note_elsewhere", title, str(row), None, text) for (title, row), texts in comments.items() for text in texts
    ]
    language, sha256 = (str(given.get(key, "")) for key in ("cdip_language", "cdip_sha256"))
    return Returned(language, lang, sha256, raw, apart, left, missing, listed)


def edited(path: Path, made: Path) -> Iterator[Change]:
    """Tell what was changed by hand in cells of ours, held against the workbook as made.

    On the sheets with room for notes these are the columns that `carry` does not compare.
    """
    back, own = _opened(path), _opened(made)
    try:
        for sheet in own.worksheets:
            key = next(key for key in _keys() if sheet.title in labels()[key].values())
            if key == "changes":
                continue
            title = _title_of(back, key, _names(key)) if key in tables() else sheet.title
            if title in back.sheetnames:
                yield from _edits(key, _lines(sheet), _lines(back[title]))
            elif key not in tables():  # tables that are missing are told already
                yield Change("missing", key, "")
    finally:
        back.close()
        own.close()


class _Column(NamedTuple):
    """A column of a sheet: its name, if the sheet has columns with names, and where it stood and stands."""

    name: str | None
    was: int
    now: int


def _edits(key: str, made: list[_Texts], back: list[_Texts]) -> Iterator[Change]:
    """Tell what differs on one sheet, by cell."""
    if key in (*tables(), "long_texts", "dictionary"):  # their columns can be moved
        heads = {head: at for at, head in reversed([*enumerate(back[0] if back else ())]) if head}  # of two, the first
        names = {head: _declared(key, head) for head in made[0] if head}
        columns = [_Column(names[head], at, heads[head]) for at, head in enumerate(made[0]) if head in heads]
        told = _names(key) if key in OWN else ()  # where one of these is missing, that is told already
        yield from (Change("missing", key, "", names[h]) for h in names if h not in heads and names[h] not in told)
        if key not in tables():
            yield from (Change("left", key, "", head) for head in heads if head not in names)
    else:
        columns = [_Column(None, at, at) for at in range(max(map(len, [*made, *back])))]
    if key in OWN:
        columns = [column for column in columns if column.name not in OWN_COLUMNS]
    old, new = _rows(made, [column.was for column in columns]), _rows(back, [column.now for column in columns])
    for number, was, now in _unlike(old, new):
        if key in OWN and not (was and now):
            continue  # a row that is gone, copied or none of ours: told already, with its note
        if not now:  # deleted: there is no place any more
            yield Change("edited", key, "", None, None, " | ".join(filter(None, was)))
            continue
        for column, after, before in zip(columns, was or [None] * len(now), now, strict=True):
            if before != after and not (key in OWN and is_compared(key, column.name)):
                yield Change("edited", key, f"{get_column_letter(column.now + 1)}{number}", column.name, before, after)


def _declared(key: str, head: str | None) -> str | None:
    """Give the name of a column by its label in any language; the label itself of a column of our own making."""
    names = (*(_names(key) if key in tables() else ()), f"{key}.in_words")
    return next((name for name in names if name in labels() and head in labels()[name].values()), head)


def _lines(sheet: Any) -> list[_Texts]:
    return [tuple(map(_shown, line)) for line in sheet.iter_rows(values_only=True)]


def _rows(lines: Iterable[_Texts], places: Sequence[int]) -> dict[int, _Texts]:
    """Give what rows show in some columns, by number; empty rows are none."""
    rows = (tuple(line[at] if at < len(line) else None for at in places) for line in lines)
    return {number: row for number, row in enumerate(rows, 1) if any(row)}


def _shown(value: Any) -> str | None:
    """Say what a cell shows, the same after LibreOffice or Excel saved it."""
    if isinstance(value, str):
        value = {"=TRUE()": True, "=FALSE()": False}.get(value, decoded(value).replace("\r\n", "\n"))
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    return as_text(value)


def _only(rows: Mapping[int, _Texts], others: Mapping[int, _Texts]) -> dict[int, _Texts]:
    """Leave out the rows that are also among the others, as often as they are; of equal ones the last are left over."""
    spare, found = Counter(others.values()), {}
    for number, row in rows.items():
        if spare[row]:
            spare[row] -= 1
        else:
            found[number] = row
    return found


def _unlike(old: Mapping[int, _Texts], new: Mapping[int, _Texts]) -> Iterator[tuple[int, _Texts, _Texts]]:
    """Give the rows that differ, by their number in the new: as they were and as they are; rows may have been sorted.

    A row was the one that has most cells in common with it, and of several such the nearest. Where a row was added
    there is nothing before, where one was deleted nothing after, and no number.

    >>> list(_unlike({2: ("a", "b"), 3: ("c", "d")}, {2: ("c", "d"), 3: ("a", "x"), 4: ("e", "f")}))
    [(3, ('a', 'b'), ('a', 'x')), (4, (), ('e', 'f'))]
    """
    gone, came = _only(old, new), _only(new, old)
    for number, row in came.items():
        like = {n: sum(a == b is not None for a, b in zip(row, was, strict=True)) for n, was in gone.items()}
        best = max(like, key=lambda n: (like[n], -abs(n - number)), default=None)
        yield number, gone.pop(best) if best is not None and like[best] else (), row
    for row in gone.values():
        yield 0, row, ()


def _added(sheet: Any, key: str) -> dict[str, dict[int, Any]]:
    """Give the columns that someone put beside ours, with their cells by number of the row."""
    ours = {text for name in (*_names(key), f"{key}.in_words") if name in labels() for text in labels()[name].values()}
    heads, *lines = sheet.iter_rows(values_only=True)
    found: dict[str, dict[int, Any]] = {}
    for at, head in enumerate(heads):
        cells = {n: line[at] for n, line in enumerate(lines, 2) if at < len(line) and line[at] is not None}
        if head not in ours and (cells or head is not None):
            found[str(head) if head is not None else get_column_letter(at + 1)] = cells
    return found


# What Excel puts before a comment that can be answered, for programs that do not know such: in the reader's language,
# with one address in all of them, and a word such as "Comment:".
_THREADED = re.compile(r"\A\[[^\]]+\]\s.*?linkid=870924\s*[^\n]*\n\s*", re.DOTALL)


def _comments(path: Path) -> dict[tuple[str, int], list[str]]:
    """Read the comments on cells by sheet title and row; the workbook is read whole for it only if there are any."""
    with ZipFile(path) as archive:
        if not any("comment" in part.lower() for part in archive.namelist()):
            return {}
    found: dict[tuple[str, int], list[str]] = {}
    for sheet in openpyxl.load_workbook(path):
        for number, row in enumerate(sheet.iter_rows(), 1):
            for cell in row:
                if cell.comment:
                    text = _THREADED.sub("", cell.comment.text)
                    found.setdefault((sheet.title, number), []).append(f"{cell.coordinate}: {text}")
    return found
