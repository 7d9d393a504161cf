"""Open a workbook that came back, and read its sheets as rows under their headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from cdip_analysis.labels import label
from cdip_analysis.model import ReportError

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


def heads_of(name: str) -> tuple[str, ...]:
    """Return the headings of a column, or the titles of a sheet, in all languages."""
    return label(name, "en"), label(name, "zh")


def page_of(book: Any, name: str) -> Any:
    """Return a sheet of a workbook by its name here, None where it has no such sheet."""
    return next((book[title] for title in heads_of(name) if title in book.sheetnames), None)


def opened(path: Path, needed: str) -> Any:
    """Open a workbook, which must have a sheet; one that cannot be opened, or has none, is a ReportError."""
    import openpyxl  # takes a fifth of a second to load, and a file of judgements is seldom a workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > _LARGEST:
                raise ValueError(f"it would unpack to more than {_LARGEST >> 30} GB")
        book = openpyxl.load_workbook(path)
    except FileNotFoundError:
        raise ReportError(path.name, "", "no such file", "a workbook of export_excel", "check the path") from None
    except (OSError, LookupError, ValueError, TypeError, SyntaxError, BadZipFile, InvalidFileException) as error:
        found = f"a file that cannot be read as a workbook ({error})"
        raise ReportError(path.name, "", found, "a workbook of export_excel", "give its .xlsx file") from error
    if page_of(book, needed) is None:
        found, expected = (
            f"there is no sheet {label(needed, 'en')!r}",
            "a workbook of export_excel, version 0.2 or later",
        )
        raise ReportError(path.name, "", found, expected, "give such a workbook")
    return book


def lines_of(page: Any, heads: Mapping[Any, str], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return the rows of a sheet by heading, as `heads` has it; the header row is the first that has that of a key."""
    found: list[str] = []
    for number, cells in enumerate(page.iter_rows(values_only=True), 1):
        values = [decoded(value) if isinstance(value, str) else value for value in cells]
        if not found:
            named = [heads.get(value, str(value)) for value in values]
            found = named if key in named else []
        elif any(value is not None for value in values):
            line: dict[str, Any] = {}
            for head, value in zip(found, values, strict=True):
                if head == heads.get(None) and None not in (value, line.get(head)):
                    line[head] = f"{line[head]} {value}"
                elif line.get(head) is None:
                    line[head] = value
            yield number, line
