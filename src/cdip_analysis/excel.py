"""Write a report as the workbook that an analyst keeps."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import textwrap
from collections.abc import Iterable, Mapping
from itertools import cycle
from operator import attrgetter
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.table import Table, TableStyleInfo

from cdip_analysis import __version__
from cdip_analysis.display import marked, templates, text_width
from cdip_analysis.excel_import import read_back
from cdip_analysis.files import atomic_write, looks_like_formula, repacked
from cdip_analysis.labels import check_language, label, value_label
from cdip_analysis.model import grouped
from cdip_analysis.report import Report
from cdip_analysis.schema import declaration, plain_rows, tables
from cdip_analysis.sheets import LONGEST, Cell, Column, Sheet, fitting, sheets
from cdip_analysis.workbook import encoded

_INK, _SOFT, _LINK = "1D2430", "566073", "0B5394"
_STATES = {"delivered": "D6EEDD", "partly": "FCE8C5", "on_trial": "DDE3FA", "not_reported": "F8D7D2"}
_STATES |= {"due": "DDE3FA", "no_trace": "F8D7D2"}
#: Colour-blind safe (Okabe and Ito).
_PALETTE = ("0072B2", "E69F00", "009E73", "CC79A7", "56B4E9", "D55E00", "8C8C8C", "F0E442", "332288")
_HEAD, _OWN = (PatternFill("solid", fgColor=colour) for colour in ("E8EDF4", "FFF8E1"))
_LINE = Border(bottom=Side("thin", color="D9D6CE"))
_TOP = Alignment(vertical="top", wrap_text=True)
_CENTRE = Alignment(horizontal="center", vertical="top")  # numbers and days, apart from the text beside them
_STATE = Alignment(horizontal="center", vertical="top", wrap_text=True)
_DEFAULT_FONT = b'<font><name val="Arial"/><family val="2"/><sz val="10"/></font>'
_A3 = ("commitments", "annex", "dictionary")  # sheets too wide for A4


def export_excel(
    report: Report,
    path: str | Path,
    *,
    lang: str = "en",
    notes_from: str | Path | None = None,
    extra: Mapping[str, pd.DataFrame] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a report as a workbook: the overview first, the annex, the analyses, the words that they rest on.

    Parameters
    ----------
    path : str or Path
        The .xlsx file to write; missing folders are made.
    lang : {"en", "zh"}
        Language of titles, labels and of what this package says. An English workbook has English beside each text of
        the document where the report has an English edition beside it.
    notes_from : str or Path, optional
        A workbook that came back. Notes, own status and own columns are carried over to the same rows; what was
        changed elsewhere is listed on a sheet.
    extra : mapping of str to DataFrame, optional
        Columns of your own, by sheet (``"annex"``), with the key of the rows (``entry``) as index.
    overwrite : bool
        Replace a file that this package did not make, or that was saved since; else that is a FileExistsError.

    Returns
    -------
    Path
        The file. What cannot be written, carried over or added as asked is a ValueError that says why.

    Examples
    --------
    >>> import tempfile
    >>> from cdip_analysis import export_excel, load_report, read_excel
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export_excel(load_report(), f"{folder}/report.xlsx")
    ...     print(read_excel(path)["annex"][["entry", "action_id", "session"]].head(2))
       entry action_id  session
    0      1       1.1       21
    1      2       1.2       19
    """
    check_language(lang)
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise ValueError(f"cannot write {target}: the name of a workbook ends with .xlsx")
    made = {sheet.name: sheet for sheet in sheets(report, lang)}
    own, changes = read_back(Path(notes_from), [*made.values()], report, lang) if notes_from is not None else ({}, [])
    for name, frame in (extra or {}).items():
        if name not in made:
            raise ValueError(f"extra: there is no sheet {name!r}; there are {', '.join(made)}")
        made[name] = made[name].with_own(_extra(made[name], frame))
    for name, written in own.items():
        made[name] = made[name].with_own(written)
    writer = _Writer(report, lang, made)
    for name, sheet in made.items():
        if name == "overview":
            writer.overview(sheet)
        elif name == "session_coverage":
            writer.coverage(sheet)
        else:
            page = writer.table(sheet)
            if name == "words_of_document":
                _embolden(page, sheet, made.values())
    if changes:
        widths = {"sheet": 20, "row": 30, "column": 22, "was": 50, "is": 50}
        columns = [Column(name, writer.say(name), width) for name, width in widths.items()]
        writer.table(Sheet("sheet.changes", columns, [[Cell(text) for text in change] for change in changes]))
    with atomic_write(target, overwrite=overwrite) as temporary:
        temporary.write_bytes(writer.saved())
    return target


def _extra(sheet: Sheet, frame: pd.DataFrame) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return columns of one's own by the key of the rows of a sheet; a row of no such key is an error."""
    keys = {" ".join(key): key for key in map(sheet.key_of, sheet.rows)}
    if unknown := [str(label) for label in frame.index if str(label) not in keys]:
        heads = ", ".join(column.head for column in sheet.columns if column.name in sheet.key)
        raise ValueError(f"extra has a row {unknown[0]!r}, and sheet {sheet.name!r} has none of that {heads}")
    rows = zip(frame.index, plain_rows(frame), strict=True)
    return {keys[str(label)]: dict(zip(map(str, frame.columns), row, strict=True)) for label, row in rows}


class _Writer:
    """The workbook that is being written: its report, its language, and where the words of the document are."""

    def __init__(self, report: Report, lang: str, made: Mapping[str, Sheet]) -> None:
        self.report, self.lang = report, lang
        self.book: Any = openpyxl.Workbook()
        self.book.remove(self.book.worksheets[0])
        title, rows = quote_sheetname(self.say("words_of_document")), made["words_of_document"].rows
        self.places = {row[1].words[0].passage: f"{title}!B{number}" for number, row in enumerate(rows, 2)}
        self.fills = {value_label(state, lang): PatternFill("solid", fgColor=c) for state, c in _STATES.items()}

    def say(self, key: str) -> str:
        return label(key, self.lang)

    def page(self, sheet: Sheet, height: int = 0) -> Any:
        """Begin a sheet: widths and print set-up; it prints on `height` pages, 0 for as many as it takes."""
        page = self.book.create_sheet(self.say(sheet.name))
        for number, column in enumerate(sheet.columns, 1):
            dimension = page.column_dimensions[get_column_letter(number)]
            dimension.width, dimension.hidden = column.width, column.hidden
        page.sheet_view.rightToLeft, page.sheet_view.showGridLines = self.report.language == "ar", False
        page.page_setup.orientation, page.page_setup.paperSize = "landscape", 8 if sheet.name in _A3 else 9
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, height
        page.sheet_properties.pageSetUpPr.fitToPage = True
        page.page_margins = PageMargins(left=0.3, right=0.3, top=0.3, bottom=0.4, footer=0.15)
        page.oddFooter.left.text, page.oddFooter.left.size = f"SHA-256 {self.report.sha256}", 7
        page.oddFooter.right.text, page.oddFooter.right.size = f"{page.title}  &P / &N", 8
        return page

    def rows(self, page: Any, sheet: Sheet, first: int = 1) -> None:
        """Write the header row and the rows of a sheet."""
        for number, column in enumerate(sheet.columns, 1):
            _put(page, first, number, column.head, fill=_OWN if column.own else _HEAD, font=_font(bold=True))
        page.row_dimensions[first].height = _height([(c.head, c.width * 0.8) for c in sheet.columns])  # bold, an arrow
        for at, row in enumerate(sheet.rows, first + 1):
            cells = [*zip(row, sheet.columns, strict=True)]
            for number, (cell, column) in enumerate(cells, 1):
                style: dict[str, Any] = {"fill": _OWN} if column.own else {}
                if column.name in ("state", "outcome") and cell.value in self.fills:
                    style = {"fill": self.fills[cell.value], "font": _font(bold=True), "alignment": _STATE}
                to = next((self.places[s.passage] for s in cell.words if s.passage in self.places), None)
                # LibreOffice does not wrap a link: what needs two lines is none.
                linked = cell.value is not None and _lines(str(cell.value), column.width) == 1
                _put(page, at, number, cell.value, to if linked else None, **style)
            page.row_dimensions[at].height = _height([(cell.value, column.width) for cell, column in cells])

    def table(self, sheet: Sheet, height: int = 0) -> Any:
        """Write a sheet that is one table, with lists of values where an analyst fills in."""
        page, last, name = self.page(sheet, height), len(sheet.rows) + 1, sheet.name
        self.rows(page, sheet)
        if not sheet.rows and name != "findings":  # a document without an annex has no use for it
            page.sheet_state = "hidden"
        page.freeze_panes, page.print_title_rows = "B2", "1:1"
        options = {column.name: column.allowed for column in tables()["commitments"].columns if name == "commitments"}
        options["own_status"] = (*tables()["follow_ups"].column("status").allowed, "done")
        for number, column in enumerate(sheet.columns, 1):
            if sheet.rows and options.get(column.name):
                offered = ",".join(value_label(option, self.lang) for option in options[column.name])
                choice = DataValidation(type="list", formula1=f'"{offered}"', showErrorMessage=False)
                choice.add(f"{get_column_letter(number)}2:{get_column_letter(number)}{last}")
                page.add_data_validation(choice)
        one_each = len({column.head for column in sheet.columns}) == len(sheet.columns)
        if one_each and name not in ("words_of_document", "session_coverage"):
            table = Table(displayName=name, ref=f"A1:{get_column_letter(len(sheet.columns))}{max(last, 2)}")
            table.tableStyleInfo = TableStyleInfo(name=None, showRowStripes=False)
            page.add_table(table)
        return page

    def overview(self, sheet: Sheet) -> None:
        """Write the first page: title, sentence, a row for each action, what is due, and what it rests on."""
        page, row, across = self.page(sheet, 1), 1, len(sheet.columns)

        def write(text: str, row: int, first: int, last: int, font: Font, down: int = 1) -> float:
            """Write a text over merged cells, and return the height that it needs."""
            page.merge_cells(start_row=row, end_row=row + down - 1, start_column=first, end_column=last)
            _put(page, row, first, text, font=font, border=Border())
            return _height([(text, sum(column.width for column in sheet.columns[first - 1 : last]))], font.size)

        report, beside = self.report, self.report.beside
        edition = beside if beside and beside.language == self.lang else report
        title = edition.header.title or report.header.title or report.name
        for text, font in ((title, _font(14, bold=True)), (report.sentence(self.lang), _font(11))):
            if text:
                page.row_dimensions[row].height = write(text, row, 1, across, font)
                row += 1
        page.row_dimensions[row].height = 8
        if sheet.rows:
            self.rows(page, sheet, row + 1)
            row += len(sheet.rows) + 2
            page.row_dimensions[row].height = 8
        row += 1
        # What is due on the left, what the page rests on on the right: the page stays one page, and readable.
        half = [column.name for column in sheet.columns].index("considered")
        foot: Any = templates().get_template("workbook.txt.j2").module
        due = str(foot.due(report.header, report.rows["commitments"], self.lang)).splitlines() or [""]
        source = str(foot.source(report, edition.header.title, __version__, self.lang))
        needed = write(source, row, half + 1, across, _font(8.5, colour=_SOFT), len(due)) / len(due)
        for at, line in enumerate(due, row):
            page.row_dimensions[at].height = max(write(line, at, 1, half, _font(8.5, bold=at == row)), needed)

    def coverage(self, sheet: Sheet) -> None:
        """Write the coverage: counts, their totals as formulas, and a chart."""
        page, say = self.table(sheet, 1), self.say
        last, across = len(sheet.rows), [column.name for column in sheet.columns].index("total") + 1
        if not sheet.rows:
            return
        for row in range(2, last + 1):
            page.cell(row, across).value = f"=SUM(C{row}:{get_column_letter(across - 1)}{row})"
        for total in page[last + 1][2:across]:
            total.value = total.value or f"=SUM({total.column_letter}2:{total.column_letter}{last})"
        for cell in (*page[last + 1][1:across], *page[get_column_letter(across)][1:]):
            cell.font, cell.alignment = _font(bold=True), _TOP if cell.column == 2 else _CENTRE
        darker = ColorScaleRule("num", 0, "FFFFFF", None, None, None, "max", None, "9CC3E6")
        page.conditional_formatting.add(f"C2:{get_column_letter(across - 1)}{last}", darker)
        chart: Any = BarChart()
        chart.type, chart.grouping, chart.overlap = "col", "stacked", 100
        chart.title, chart.width, chart.height = say("session_coverage.chart"), 25, 9
        chart.x_axis.delete = chart.y_axis.delete = False  # else Excel draws no axes
        chart.legend.position, chart.y_axis.scaling.min = "r", 0
        series = Reference(page, min_col=2, max_col=across - 1, min_row=2, max_row=last)
        chart.add_data(series, from_rows=True, titles_from_data=True)
        chart.set_categories(Reference(page, min_col=3, max_col=across - 1, min_row=1))
        for one, colour in zip(chart.series, cycle(_PALETTE), strict=False):
            one.graphicalProperties.solidFill = colour
        page.add_chart(chart, f"A{last + 4}")

    def saved(self) -> bytes:
        """Return the file, the same bytes each time."""
        report, properties = self.report, self.book.properties
        properties.title = encoded(report.header.title or report.name)
        properties.subject = declaration()["title"]
        properties.creator = properties.lastModifiedBy = "cdip-analysis"
        properties.description = encoded(f"{report.name}, SHA-256 {report.sha256}")
        archive = io.BytesIO()
        self.book.save(archive)
        return repacked(archive, self.finished)

    def finished(self, name: str, data: bytes) -> bytes:
        """Finish a part of the archive: a fixed time, a text for the chart, and a font that every program has."""
        header = self.report.header
        if name == "docProps/core.xml":
            day = header.date or header.start_date or dt.date(2000, 1, 1)
            return re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", f"{day.isoformat()}T00:00:00Z".encode(), data)
        if name == "xl/styles.xml":  # widths count digits of the first font: one that every program has or replaces
            return re.sub(rb"(<fonts[^>]*>)<font>.*?</font>", rb"\1" + _DEFAULT_FONT, data, count=1)
        if name.startswith("xl/drawings/drawing"):
            totals: Any = self.report.session_coverage.loc["total"].drop("total").dropna()
            counts = ", ".join(f"{header.meeting(session)} {count}" for session, count in totals.items())
            text = html.escape(encoded(f"{self.say('session_coverage.chart')}: {counts}"))
            return re.sub(rb'(<(?:xdr:)?cNvPr [^>]*?name="[^"]*")', rb"\1 " + f'descr="{text}"'.encode(), data)
        return data


def _embolden(page: Any, sheet: Sheet, others: Iterable[Sheet]) -> None:
    """Make the words that values rest on bold inside the cells with the document's text, without the marks of links."""
    rows = (row for other in others if other.name not in ("words_of_document", "annex") for row in other.rows)
    rest = grouped({span for row in rows for cell in row for span in cell.words}, attrgetter("passage"))
    for number, row in enumerate(sheet.rows, 2):
        cell, passage = page.cell(number, 2), row[1].words[0].passage
        cell.hyperlink, cell.font = None, _font()
        places = {(s.start, s.end) for s in rest.get(passage, ()) if s.end - s.start < len(passage.text)}
        if places and len(passage.text) <= LONGEST // 2:
            blocks = []
            for words, strong in marked(passage.text, places):
                font = InlineFont(rFont="Arial", sz=9, b=strong, color=Color(rgb=f"FF{_INK}"))
                blocks.append(TextBlock(font, encoded(words)))
            cell.value = CellRichText(*blocks)


# ---- cells ----------------------------------------------------------------------------------------------------------


def _font(size: float = 9, *, bold: bool = False, colour: str = _INK) -> Font:
    return Font(name="Arial", size=size, bold=bold, color=colour)


def _put(page: Any, row: int, column: int, value: Any, to: str | None = None, **style: Any) -> None:
    """Write one cell; a text stays a text, whatever it begins with."""
    cell = page.cell(row, column)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()  # a day, as a workbook that came back has it
    if isinstance(value, dt.date) and value.year <= 1900:  # Excel counts a 29 February 1900, and no earlier years
        value = value.isoformat()
    if isinstance(value, str):
        cell.value, cell.data_type = encoded(fitting(value)), "s"
        cell.quotePrefix = looks_like_formula(value[:1])
    else:
        cell.value = value
        if isinstance(value, dt.date):
            cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, dt.datetime) else "yyyy-mm-dd"
    text = value is None or cell.data_type == "s"
    look = {"alignment": _TOP if text else _CENTRE, "font": _font(colour=_LINK if to else _INK), "border": _LINE}
    for name, one in (look | style).items():
        setattr(cell, name, one)
    if to:
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=to)


def _lines(text: str, width: float, size: float = 9) -> int:
    """Count the lines of a text in a column; a wide character, after which a line may break, counts as two letters."""
    letters = "".join(character * text_width(character) for character in text)
    letter = size * (0.47 if letters == text else 0.5)  # a Latin letter is a little less than half of its size
    room = max(int((width * 5.25 - 4) / letter), 3)  # in points, of which a unit of width has 5.25
    return sum(len(textwrap.wrap(part, room)) if len(part) > room else 1 for part in letters.split("\n"))


def _height(cells: Iterable[tuple[Any, float]], size: float = 9) -> float:
    """Estimate the height of a row in points: the highest of its cells at the widths of their columns."""
    highest = 1.3
    for text, width in cells:
        if isinstance(text, str):
            line = 1.3 if text_width(text) == len(text) else 1.48  # fonts with Chinese characters have higher lines
            highest = max(highest, line * _lines(text, width, size))
    return min(highest * size + 3, 409)
