"""Put values into the cells of a workbook and take them out again unchanged, in bytes that are the same each time."""

from __future__ import annotations

import datetime as dt
import math
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import Element, SubElement

from cdip_analysis.files import STAMP, application

__all__ = [
    "LONGEST",
    "LOOKS",
    "NATURES",
    "Look",
    "NumbersAsText",
    "Page",
    "Styles",
    "decoded",
    "discard",
    "encoded",
    "height",
    "looks_like_formula",
    "pieces",
    "put",
    "save",
    "units",
    "width",
]

#: A cell holds 32,767 UTF-16 units. openpyxl cuts what is longer, in silence.
LONGEST = 32767

# What a spreadsheet program may take for a formula (CWE-1236), with the full-width forms of the same signs.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def looks_like_formula(text: str) -> bool:
    """Tell whether a spreadsheet program could take a text for a formula.

    >>> looks_like_formula("=1+1"), looks_like_formula("＠SUM(1)"), looks_like_formula("1.3")
    (True, True, False)
    """
    return text.startswith(_FORMULA)


# SpreadsheetML writes a sign that XML cannot hold as _xHHHH_ (ECMA-376, ST_Xstring). A text that looks like such an
# escape has its own underscore escaped, also where the escape would only arise from a sign written so just behind it.
_BARE = r"\x00-\x08\x0b-\x1f\ufffe\uffff"
_ESCAPE = re.compile(rf"[{_BARE}]|_(?=x[0-9A-Fa-f]{{4}}[_{_BARE}])")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_EMPTY = "_xE000_"  # an empty text, which is not the same as no value: a sign that stands for nothing else


def encoded(text: str) -> str:
    r"""Write a text as SpreadsheetML can hold it; `decoded` undoes it, as Excel does.

    Raises
    ------
    ValueError
        If half of a surrogate pair stands in it, which no file can hold.

    Examples
    --------
    >>> encoded("a\x01b"), encoded("_x0041_"), encoded("plain\ntext")
    ('a_x0001_b', '_x005F_x0041_', 'plain\ntext')
    """
    if not text:
        return _EMPTY
    try:
        text.encode()
    except UnicodeEncodeError as error:
        found = f"{text[error.start]!a} at sign {error.start}"
        raise ValueError(f"half of a surrogate pair ({found}) cannot be stored. Mend the text it came from") from None
    if text.isspace():  # a program may drop a text of nothing but blanks
        return f"_x{ord(text[0]):04X}_" + _ESCAPE.sub(_escape, text[1:])
    return _ESCAPE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"


def decoded(text: str) -> str:
    r"""Read a text as `encoded` wrote it.

    >>> decoded("a_x0001_b"), decoded("_x005F_x0041_"), decoded("_xE000_")
    ('a\x01b', '_x0041_', '')
    """
    if "_x" not in text:
        return text
    return "" if text == _EMPTY else _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def units(text: str) -> int:
    """Count what a text takes of `LONGEST`: a sign beyond U+FFFF, such as an emoji, takes two.

    >>> units("a段😀")
    4
    """
    return len(text) + sum(1 for sign in text if sign > "\uffff")


def pieces(text: str, room: int) -> list[str]:
    """Cut a text into pieces that each take no more than `room` units when written.

    >>> pieces("abcdef", 4)
    ['abcd', 'ef']
    """
    found, start = [], 0
    while start < len(text):
        end = min(len(text), start + room)
        while units(encoded(text[start:end])) > room:
            end = start + (end - start) * 3 // 4
        found.append(text[start:end])
        start = end
    return found


def width(text: str) -> int:
    """Count the columns of a text on the screen: a wide sign counts two.

    >>> width("CDIP 第 5 段")
    12
    """
    if text.isascii():
        return len(text)
    return len(text) + sum(map(_is_wide, text))


@cache
def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


class NumbersAsText(NamedTuple):
    """Tell Excel not to mark texts such as 1.3 as mistaken numbers.

    openpyxl knows no `ignoredErrors`. They belong right behind the column breaks of a sheet, so this is put in the
    place of those: whatever has `to_tree` is written there.
    """

    ref: str

    def to_tree(self) -> Any:
        """Make the element."""
        element = Element("ignoredErrors")
        SubElement(element, "ignoredError", sqref=self.ref, numberStoredAsText="1")
        return element


_LINE = Side(style="thin", color="D0D7DE")

#: The fill of a column's header, by how its values are obtained; the analyst's own columns are yellow.
NATURES = {
    "printed": "1F3864",
    "derived": "44607C",
    "judged": "9C5700",
    "reference": "2F6B3C",
    "supplied": "6B3A75",
    "own": "B8860B",
}


class Look(NamedTuple):
    """How cells of a kind look."""

    wrap: bool = False
    centred: bool = False
    format: str = "General"
    bold: bool = False
    size: int = 11
    ink: str | None = None
    fill: str | None = None
    border: bool = True


_INK, _BAND = "1F3864", "E7ECF3"
LOOKS = {
    "text": Look(wrap=True),
    "number": Look(centred=True),
    "date": Look(centred=True, format="yyyy-mm-dd"),
    "boolean": Look(centred=True, format='"TRUE";"TRUE";"FALSE"'),  # LibreOffice shows some of them as 1 and 0
    "header": Look(wrap=True, bold=True, ink="FFFFFF"),
    "total": Look(centred=True, bold=True, fill=_BAND),
    "band": Look(wrap=True, bold=True, fill=_BAND),
    # Of sheets that are laid out by hand:
    "title": Look(bold=True, size=18, border=False),
    "subtitle": Look(bold=True, size=14, border=False),
    "heading": Look(bold=True, size=13, ink=_INK, border=False),
    "warning": Look(ink="9C5700", border=False),
    "note": Look(ink="666666", border=False),
    "fact": Look(wrap=True, bold=True, ink=_INK, border=False),
    "plain": Look(wrap=True, border=False),
    "count": Look(centred=True, border=False),
}


class Styles:
    """The styles of a workbook, each made once: a style object per cell is several times as slow."""

    def __init__(self, book: Workbook, right_to_left: bool = False) -> None:
        # A text that runs over the cells beside it runs to where they are.
        self._start = "right" if right_to_left else None
        self._sheet = book.create_sheet("styles")  # only lends its workbook to the cells that styles are made on
        book.remove(self._sheet)
        self._made: dict[tuple[Any, ...], Any] = {}

    def __call__(self, kind: str = "text", *, fill: str | None = None, link: bool = False, quote: bool = False) -> Any:
        """Give the style of a kind of cell, a row of `LOOKS`."""
        key = (kind, fill, link, quote)
        if key not in self._made:
            look = LOOKS[kind]
            cell: Any = WriteOnlyCell(self._sheet)
            cell.font = Font(
                name="Calibri",
                size=look.size,
                bold=look.bold,
                color="0563C1" if link else look.ink,
                underline="single" if link else None,
            )
            cell.alignment = Alignment(
                horizontal="center" if look.centred else None if look.wrap else self._start,
                vertical="center" if kind == "header" else "top",
                wrap_text=look.wrap,
            )
            if background := fill or look.fill:
                cell.fill = PatternFill("solid", fgColor=background)
            if look.border:
                cell.border = Border(bottom=_LINE, left=_LINE, right=_LINE, top=_LINE)
            cell.number_format = look.format
            cell.quotePrefix = quote
            self._made[key] = cell._style
        return self._made[key]


_LINE_HEIGHT, _WIDE_LINE = 15.0, 17.5  # points from line to line


def height(text: str, across: float) -> float:
    """Estimate the points that a text needs in a column so many signs wide; no row can be higher than 409.

    Rows are given their height, for LibreOffice does not fit them to wrapped text. The estimate is on the high side:
    the font may be a wider one where Calibri is missing. Lines of Chinese stand some 17 points apart.

    >>> height("short", 20), height("twice as long as the column is wide", 20), height("技术援助", 20)
    (15.0, 31.0, 17.5)
    """
    room = max(across * 0.97 - 1, 1)
    lines = sum(max(1, math.ceil(width(line) / room)) for line in text.split("\n"))
    return min(lines * (_LINE_HEIGHT if width(text) == len(text) else _WIDE_LINE) + (lines > 1), 409.0)


def put(sheet: Any, value: Any, style: Any, link: Hyperlink | None = None) -> Any:
    """Make a cell. A text stays a text, whatever it begins with; what is too long is refused, not cut."""
    cell: Any = WriteOnlyCell(sheet)
    cell._style = style
    if isinstance(value, str):
        value = encoded(value)
        if units(value) > LONGEST:
            raise ValueError(f"a text of {units(value)} units does not fit into a cell, which holds {LONGEST}")
        cell.data_type = "s"
    elif isinstance(value, bool):
        cell.data_type = "b"
    elif isinstance(value, dt.date):
        cell.data_type = "d"
    cell._value = value
    cell._hyperlink = link
    return cell


class Page:
    """A sheet that is written row by row, each row as high as its texts need."""

    def __init__(self, sheet: Any, widths: Sequence[float], path: Path | None = None) -> None:
        self.sheet, self._widths, self._row, self._high = sheet, widths, 0, 0.0
        self._bands: list[tuple[int, float]] = []  # the row before each, and the points above it
        sheet._values_to_row = _placed
        if path is not None:
            sheet._get_writer = partial(_begin, sheet, path)

    def add(self, cells: Sequence[Any], high: float | None = None) -> None:
        """Append a row; with a height given, texts may run over the columns beside them."""
        self._row += 1
        highest = high or 16.0
        for cell, across in zip(cells, self._widths, strict=False) if high is None else ():
            text = cell._value if cell is not None and cell.data_type == "s" else None
            if not isinstance(text, str):
                continue
            is_long = len(text) * 2 > across * 0.8 or "\n" in text
            if is_long or (highest < _WIDE_LINE and not text.isascii()):  # one short line of Chinese is higher too
                highest = max(highest, height(text, across))
        self._high += highest
        if highest > 16:
            self.sheet.row_dimensions[self._row].height = highest
        self.sheet.append(cells)
        self.sheet.row_dimensions.pop(self._row, None)  # written: a large table would keep one for every row

    def begin_band(self) -> None:
        """Keep the rows from here to the next band on one printed page, if `fit` finds that it takes several."""
        self._bands.append((self._row, self._high))

    def fit(self) -> None:
        """Let few last rows not take a printed page of their own: on one page less they are only a little smaller.

        Widths are those of a font as wide as the one that stands in for Calibri where that is missing.
        """
        across, high = (784, 501) if self.sheet.page_setup.paperSize == 9 else (1133, 748)  # points within the margins
        shown = [
            wide
            for number, wide in enumerate(self._widths, 1)
            if not self.sheet.column_dimensions[get_column_letter(number)].hidden
        ]
        pages = self._high * min(1.0, across / (sum(shown) * 6.9)) / high
        whole = max(1, int(pages + 0.75))
        self.sheet.page_setup.fitToHeight = whole if pages <= whole + 0.25 and (whole == 1 or pages > whole) else 0
        if self._bands and self.sheet.page_setup.fitToHeight != 1:
            self.sheet.page_setup.fitToHeight = 0
            # The narrow font of Excel gives the larger print, and fewer rows to a page.
            self._break_before_bands(high / min(1.0, across / (sum(shown) * 5.3)))

    def _break_before_bands(self, room: float) -> None:
        """Begin a page before each band that would not end on the page; the rows above the first are on every page."""
        (_, head), *_ = self._bands
        top, ends = 0.0, [above for _, above in self._bands[1:]] + [self._high]
        for (row, above), end in zip(self._bands, ends, strict=True):
            if end - top > room and above > head:
                self.sheet.row_breaks.append(Break(id=row))
                top = above - head

    def break_here(self) -> None:
        """Begin a new printed page behind the last row."""
        self.sheet.row_breaks.append(Break(id=self._row))


class _Waiting(WorksheetWriter):
    """A sheet that waits in a file beside the workbook to be put into it.

    openpyxl's own way is the folder for temporary files, where it would stay after a kill; `atomic_write` clears up.
    """

    def __init__(self, sheet: Any, path: Path) -> None:
        self._path = path
        super().__init__(sheet, str(path))

    def cleanup(self) -> None:
        """Remove the file."""
        self._path.unlink()


def _begin(sheet: Any, path: Path) -> None:
    if sheet._writer is None:
        number = sheet.parent.index(sheet)
        sheet._writer = _Waiting(sheet, path.with_name(f"{path.name}.{number}"))
        sheet._writer.write_top()


def _placed(cells: Sequence[Any], row: int) -> Iterator[Any]:
    """Tell cells where they stand. openpyxl's own way tries each as a value first: a third of the time of a sheet."""
    for column, cell in enumerate(cells, 1):
        if cell is not None:
            cell.row, cell.column = row, column
            if cell._hyperlink is not None:
                cell._hyperlink.ref = cell.coordinate
            yield cell


class _Archive(zipfile.ZipFile):
    """A zip archive whose parts bear a fixed time, and in which formulas stand with their values.

    openpyxl writes no value beside a formula, and a viewer that does not calculate (Excel's protected view, a preview,
    pandas) would show none.
    """

    totals: Mapping[str, Mapping[str, Any]] = {}

    def write(self, filename: Any, arcname: Any = None, *args: Any, **kwargs: Any) -> None:
        """Copy a sheet that openpyxl wrote to a temporary file."""
        info = zipfile.ZipInfo(str(arcname), STAMP)
        info.compress_type = self.compression
        values = self.totals.get(str(arcname))
        if values:
            super().writestr(info, _with_values(Path(filename).read_text(encoding="utf-8"), values))
            return
        with open(filename, "rb") as source, self.open(info, "w") as part:
            shutil.copyfileobj(source, part, 1 << 20)

    def writestr(self, zinfo_or_arcname: Any, data: Any, *args: Any, **kwargs: Any) -> None:
        """Write a part; the one that names the program stays uncompressed, where `writing.is_ours` looks for it."""
        info = zipfile.ZipInfo(str(zinfo_or_arcname), STAMP)
        info.compress_type = self.compression
        if info.filename == "docProps/app.xml":
            info.compress_type, data = zipfile.ZIP_STORED, application()
        super().writestr(info, data)


def _with_values(xml: str, values: Mapping[str, Any]) -> str:
    def filled(match: re.Match[str]) -> str:
        return f"{match[1]}<v>{values[match[2]]}</v>"

    return re.sub(r'(<c r="([A-Z]+[0-9]+)"[^>]*><f>[^<]*</f>)<v\s*(?:/>|></v>)', filled, xml)


def save(book: Workbook, path: Path, totals: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a workbook; `totals` holds the values of the formulas, by sheet title and cell."""
    with _Archive(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        archive.totals = {
            f"xl/worksheets/sheet{number}.xml": totals[title]
            for number, title in enumerate(book.sheetnames, 1)
            if title in totals
        }
        ExcelWriter(book, archive).write_data()


def discard(book: Workbook) -> None:
    """Remove the files in which the sheets of a workbook wait, also where writing stopped."""
    for sheet in book.worksheets:
        writer: Any = getattr(sheet, "_writer", None)
        if writer is not None:
            with suppress(Exception):  # stopped within a row, for a reason that is on its way to the caller already
                if not sheet.closed:
                    sheet.close()
            Path(writer.out).unlink(missing_ok=True)
