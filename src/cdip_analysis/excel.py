"""Write a report as the workbook that an analyst keeps."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
from openpyxl.cell import Cell as ExcelCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from cdip_analysis import __version__
from cdip_analysis.analyses import action_label
from cdip_analysis.data import label, value_label
from cdip_analysis.excel_import import Returned, encoded, read_back
from cdip_analysis.files import STAMP, application, atomic_write
from cdip_analysis.language import plain
from cdip_analysis.model import Passage, Span
from cdip_analysis.report import Report
from cdip_analysis.schema import declaration, tables
from cdip_analysis.sheets import Column, Sheet, extra_columns, readable, sheets

__all__ = ["export_excel"]

_INK, _SOFT = "1D2430", "566073"
_HEAD = PatternFill("solid", fgColor="E8EDF4")
_OWN = PatternFill("solid", fgColor="FFF8E1")
_BAND = PatternFill("solid", fgColor="F1F1EE")
_STATES = {
    "delivered": PatternFill("solid", fgColor="D6EEDD"),
    "partly": PatternFill("solid", fgColor="FCE8C5"),
    "on_trial": PatternFill("solid", fgColor="DDE3FA"),
    "not_reported": PatternFill("solid", fgColor="F8D7D2"),
    "due": PatternFill("solid", fgColor="DDE3FA"),
    "no_trace": PatternFill("solid", fgColor="F8D7D2"),
}
_LINE = Border(bottom=Side("thin", color="D9D6CE"))
_TOP = Alignment(vertical="top", wrap_text=True)
_CENTRE = Alignment(horizontal="center", vertical="top")  # numbers and days, apart from the text beside them
_LONGEST = 32_767  # UTF-16 units: what a cell of Excel can hold
_FIRST_DAY = dt.date(1900, 3, 1)  # Excel counts a 29 February 1900; earlier days are kept as text
_DEFAULT_FONT = b'<font><name val="Arial"/><family val="2"/><sz val="10"/></font>'
#: Colour-blind safe (Okabe and Ito).
_PALETTE = ("0072B2", "E69F00", "009E73", "CC79A7", "56B4E9", "D55E00", "8C8C8C", "F0E442", "332288")


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
    report : Report
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
        Replace the file even if this package did not make it, or another program saved it since.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileExistsError
        If the file is not ours, or was saved by another program since, and `overwrite` is not given.
    ValueError
        If `lang` is none of these, the name does not end with .xlsx, `notes_from` is no such workbook, or `extra`
        names a sheet or a row that is not there.

    Examples
    --------
    >>> import tempfile
    >>> from cdip_analysis import export_excel, load_report, read_excel
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export_excel(load_report(), Path(folder) / "report.xlsx")
    ...     print(read_excel(path)["annex"][["entry", "action_id", "session"]].head(2))
       entry action_id  session
    0      1       1.1       21
    1      2       1.2       19
    """
    if lang not in ("en", "zh"):
        raise ValueError(f"lang={lang!r}; it can be 'en' or 'zh'")
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise ValueError(f"cannot write {target}: the name of a workbook ends with .xlsx")
    made = {sheet.name: sheet for sheet in sheets(report, lang)}
    for name, frame in (extra or {}).items():
        if name not in made:
            raise ValueError(f"extra: there is no sheet {name!r}; there are {', '.join(made)}")
        made[name] = extra_columns(made[name], frame, lang)
    back = read_back(Path(notes_from), sheets(report, lang), lang) if notes_from is not None else None
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    _fill(_Job(report, lang, book, {}, back), made)
    saved = io.BytesIO()
    book.save(saved)
    content = _finished(saved, report, _alternatives(report, lang))
    with atomic_write(target, overwrite=overwrite) as temporary:
        temporary.write_bytes(content)
    return target


class _Job(NamedTuple):
    """What the sheets are made with."""

    report: Report
    lang: str
    book: Any
    places: dict[Passage, str]  # where on the sheet Words a passage is
    back: Returned | None

    def say(self, key: str) -> str:
        """Return a label in the language of the workbook."""
        return label(key, self.lang)


def _fill(job: _Job, made: Mapping[str, Sheet]) -> None:
    words = made["words_of_document"]
    title = quote_sheetname(job.say("words_of_document"))
    for number, row in enumerate(words.rows, 2):
        for span in row[1].words:
            job.places[span.passage] = f"{title}!B{number}"
    for name, sheet in made.items():
        page = _page(job, sheet)
        match name:
            case "overview":
                _overview(job, page, sheet)
            case "words_of_document":
                _words(job, page, sheet, made.values())
            case _:
                _table(job, page, sheet)
        if name == "timeline":
            _coverage(job)
    if job.back and job.back.changes:
        _changes(job, job.back)
    _properties(job.book, job.report)


def _page(job: _Job, sheet: Sheet, title: str | None = None) -> Worksheet:
    """Begin a sheet: widths, frozen panes and print set-up."""
    page: Any = job.book.create_sheet(title or job.say(sheet.name))
    for number, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.sheet_view.rightToLeft = job.report.language == "ar"
    page.sheet_view.showGridLines = False
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_margins.left = page.page_margins.right = 0.3
    page.page_margins.top, page.page_margins.bottom, page.page_margins.footer = 0.3, 0.4, 0.15
    page.oddFooter.left.text, page.oddFooter.left.size = f"SHA-256 {job.report.sha256}", 7
    page.oddFooter.right.text, page.oddFooter.right.size = f"{page.title}  &P / &N", 8
    return page  # type: ignore[no-any-return]  # a sheet


# ---- cells ----------------------------------------------------------------------------------------------------------


def _put(page: Worksheet, row: int, column: int, value: Any, to: str | None = None, **style: Any) -> ExcelCell:
    """Write one cell; a text stays a text, whatever it begins with."""
    cell: Any = page.cell(row, column)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()  # a day, as a workbook that came back has it
    if isinstance(value, str):
        cell.value = encoded(_fitting(value))
        cell.data_type = "s"
        if value[:1] in "=+-@\t\r＝＋－＠":
            cell.quotePrefix = True
    elif isinstance(value, dt.date) and value.timetuple()[:3] < _FIRST_DAY.timetuple()[:3]:
        cell.value = value.isoformat()
    else:
        cell.value = value
        if isinstance(value, dt.date):
            cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, dt.datetime) else "yyyy-mm-dd"
    cell.alignment = style.pop("alignment", _TOP if value is None or isinstance(value, str) else _CENTRE)
    cell.font = style.pop("font", None) or Font(name="Arial", size=9, color="0B5394" if to else _INK)
    for name, value_of in style.items():
        setattr(cell, name, value_of)
    if to:
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=to)
    return cell  # type: ignore[no-any-return]


def _fitting(text: str) -> str:
    """Cut a text that fits into no cell, and say how much of it is missing; the CSV package has it whole."""
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units <= _LONGEST:
        return text
    kept = text[: _LONGEST // 2 - 100]
    return f"{kept} [… {len(text) - len(kept)} more characters: see the CSV package]"


def _width(text: str) -> float:
    """Return the width of a text in half sizes of its font: wide characters count twice, others a little under one."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 0.94 for character in text)


def _room(width: float, size: float = 9) -> float:
    """Return how much of `_width` a column holds: a unit is 5.25 points, a digit of the default font."""
    return max((width * 5.25 - 4) / (size / 2), 3)


def _lines(text: str, room: float) -> int:
    """Count the lines of a text that wraps between words, and Chinese between any two characters."""
    lines, used = 1, 0.0
    for word in text.split(" "):
        width = _width(f" {word}" if used else word)
        if used and used + width > room and width <= room:
            lines, used = lines + 1, _width(word)
        else:
            lines += int((used + width) // (room + 0.01))
            used = (used + width) % (room + 0.01)
    return lines


def _height(cells: Iterable[tuple[Any, float]], size: float = 9) -> float:
    """Estimate the height of a row in points: the highest of its cells at the widths of their columns."""
    highest = 1.3
    for value, width in cells:
        if isinstance(value, str):
            line = 1.3 if _width(value) <= len(value) else 1.48  # fonts with Chinese characters have higher lines
            highest = max(highest, line * sum(_lines(part, _room(width, size)) for part in value.split("\n")))
    return min(highest * size + 3, 409)


def _link(job: _Job, words: Sequence[Span]) -> str | None:
    return next((job.places[span.passage] for span in words if span.passage in job.places), None)


# ---- sheets ---------------------------------------------------------------------------------------------------------


def _rows(job: _Job, page: Worksheet, sheet: Sheet, first: int) -> tuple[Sheet, int]:
    """Write the header row and the rows of a sheet, with what an analyst wrote; return the last row."""
    sheet = job.back.with_own(sheet) if job.back else sheet
    own = {column.name for column in sheet.columns} - {column.name for column in _declared(sheet)}
    if sheet.name.startswith("raw_"):  # its columns have the document's own names
        own = set()
    for number, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(number)].width = column.width
        ground, font = _OWN if column.name in own else _HEAD, Font(name="Arial", size=9, bold=True, color=_INK)
        _put(page, first, number, column.head, fill=ground, font=font, border=_LINE)
    page.row_dimensions[first].height = _height([(c.head, c.width * 0.8) for c in sheet.columns])  # bold, with an arrow
    for at, row in enumerate(sheet.rows, first + 1):
        for number, (column, cell) in enumerate(zip(sheet.columns, row, strict=True), 1):
            value = cell.value
            style: dict[str, Any] = {"border": _LINE}
            if column.name in ("state", "outcome") and (fill := _state(value, job.lang)):
                style |= {"fill": fill, "font": Font(name="Arial", size=9, bold=True, color=_INK)}
            elif column.name in own:
                style["fill"] = _OWN
            # LibreOffice does not wrap a link: a text that needs two lines is none.
            fits = not isinstance(value, str) or ("\n" not in value and _width(value) < _room(column.width))
            to = _link(job, cell.words) if value is not None and fits else None
            _put(page, at, number, value, to, **style)
        page.row_dimensions[at].height = _height([(c.value, k.width) for c, k in zip(row, sheet.columns, strict=True)])
    return sheet, first + len(sheet.rows)


def _declared(sheet: Sheet) -> list[Column]:
    own = ("own_status", "own_note")
    known = {column.name for table in tables().values() for column in table.columns}
    made = (
        "place",
        "text_beside",
        "action",
        "label",
        "table",
        "column",
        "name",
        "description",
        "type",
        "allowed",
        "nature",
    )
    return [
        c for c in sheet.columns if c.name not in own and (c.name in known or c.name in made or c.name[-3:-2] == "_")
    ]


def _state(value: Any, lang: str) -> PatternFill | None:
    return next((fill for state, fill in _STATES.items() if value == value_label(state, lang)), None)


def _table(job: _Job, page: Worksheet, sheet: Sheet) -> None:
    """Write a sheet that is one Excel table."""
    hidden = {"en": "_zh", "zh": "_en"}[job.lang]
    sheet, last = _rows(job, page, sheet, 1)
    page.freeze_panes = "C2" if sheet.name in ("annex_print", "commitments", "annex") else "A2"
    page.print_title_rows = "1:1"
    for number, column in enumerate(sheet.columns, 1):
        in_other_language = column.name.endswith(hidden)
        if in_other_language or (sheet.name == "commitments" and column.name in _NOT_PRINTED):
            page.column_dimensions[get_column_letter(number)].hidden = True
    if sheet.name in ("commitments", "annex", "dictionary"):
        page.page_setup.paperSize = 8
    made = Table(displayName=sheet.name, ref=f"A1:{get_column_letter(len(sheet.columns))}{max(last, 2)}")
    made.tableStyleInfo = TableStyleInfo(name=None, showRowStripes=False)
    heads = [str(page.cell(1, number).value) for number in range(1, len(sheet.columns) + 1)]
    if len(set(heads)) == len(heads):
        page.add_table(made)
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        options = _choices(sheet.name, column.name, job.lang)
        if options and last > 1:
            offered = DataValidation(type="list", formula1=f'"{",".join(options)}"', showErrorMessage=False)
            offered.add(f"{letter}2:{letter}{last}")
            page.add_data_validation(offered)


#: Columns of the commitments that a file of judgements needs, and that few readers do.
_NOT_PRINTED = (
    "due_words",
    "due_words_en",
    "due_place",
    "outcome_target",
    "sessions_between",
    "judged_by",
    "judged_on",
)


def _choices(name: str, column: str, lang: str) -> list[str]:
    """Return the values that are offered in a list where an analyst fills in."""
    if column == "own_status":
        return [value_label(one, lang) for one in (*tables()["follow_ups"].column("status").allowed, "done")]
    if name == "commitments" and column in ("outcome", "kind", "asked_by", "who"):
        return [value_label(one, lang) for one in tables()["commitments"].column(column).allowed]
    return []


def _overview(job: _Job, page: Worksheet, sheet: Sheet) -> None:
    """Write the first page: title, sentence, a row for each action, what is due, and what it rests on."""
    report, lang, across = job.report, job.lang, len(sheet.columns)
    edition = report.beside if report.beside and report.beside.language == lang else report
    title = edition.header.title or report.header.title or report.name
    lines = [
        (title, 14, True),
        (report.sentence(lang), 11, False),
    ]
    row = 1
    for text, size, bold in lines:
        if text:
            page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=across)
            _put(page, row, 1, text, font=Font(name="Arial", size=size, bold=bold, color=_INK))
            page.row_dimensions[row].height = _height([(text, sum(c.width for c in sheet.columns))], size)
            row += 1
    if sheet.rows:
        _, row = _rows(job, page, sheet, row + 1)
        page.print_title_rows = None
    row += 1
    page.row_dimensions[row].height = 8
    row += 1
    due = [r.values for r in report.rows["commitments"] if r.values["outcome"] == "due"]
    foot = [
        f"{report.header.meeting(v['due_session'])}: {v[f'thing_{lang}'] or v['text']}"
        + (f" ({v['action_id']} {action_label(_action(report, v['action_id']), lang)})" if v["action_id"] else "")
        for v in due
    ]
    if foot:
        foot.insert(0, job.say("overview.due_now"))
    # What is due on the left, what the page rests on on the right: the page stays one page, and readable.
    half = [column.name for column in sheet.columns].index("considered")
    for left, right in zip_longest(foot, _source(job)):
        parts = ((left, 1, half, _INK), (right, half + 1, across, _SOFT))
        for text, first, last, colour in parts:
            page.merge_cells(start_row=row, end_row=row, start_column=first, end_column=last)
            bold = text is not None and text == job.say("overview.due_now")
            _put(page, row, first, text, font=Font(name="Arial", size=8.5, bold=bold, color=colour))
        widths = [sum(c.width for c in sheet.columns[first - 1 : last]) for _, first, last, _ in parts]
        page.row_dimensions[row].height = _height(zip((left, right), widths, strict=True), 8.5)
        row += 1
    page.page_setup.fitToHeight = 1


def _action(report: Report, action_id: str) -> str | None:
    return next((r.values["action"] for r in report.rows["actions"] if r.values["action_id"] == action_id), None)


def _source(job: _Job) -> list[str]:
    """Say what was read, who judged, and how to cite it."""
    report, header = job.report, job.report.header
    symbol = header.symbol or report.supplied.get("symbol") or job.say("reader.no_symbol")
    session = header.meeting(header.session) if header.session else None
    edition = report.beside if report.beside and report.beside.language == job.lang else report
    parts = (session, edition.header.title or report.name, symbol, report.edition_in(job.lang))
    named = ", ".join(filter(None, parts))
    lines = [f"{job.say('overview.foot_source')}: {named}"]
    judged = [r.values for r in report.rows["overview"] if r.values["judged_by"]]
    if judged:
        who, on = value_label(judged[0]["judged_by"], job.lang), judged[0]["judged_on"]
        lines.append(job.say("overview.foot_judged").format(who=who, on=on))
    if ours := [r.values["action_id"] for r in report.rows["actions"] if "action_id" in r.notes]:
        comma = job.say("written.comma")
        lines.append(job.say("overview.foot_numbers").format(actions=comma.join(ours)))
    cite = job.say("overview.foot_cite")
    lines.append(cite.format(name=report.name, sha256=report.sha256, version=__version__))
    return lines


def _words(job: _Job, page: Worksheet, sheet: Sheet, others: Iterable[Sheet]) -> None:
    """Write the document's text; the words that values rest on are bold inside their cells."""
    rest: dict[Passage, set[tuple[int, int]]] = {}
    for other in others:
        if other.name not in ("words_of_document", "annex"):
            for cell in (cell for row in other.rows for cell in row):
                for span in cell.words:
                    rest.setdefault(span.passage, set()).add((span.start, span.end))
    _rows(job, page, sheet, 1)
    page.freeze_panes, page.print_title_rows = "B2", "1:1"
    for number, row in enumerate(sheet.rows, 2):
        for span in row[1].words:
            written: Any = page.cell(number, 2)
            written.hyperlink = None
            text = _rich(span.passage, rest.get(span.passage, set()))
            written.value = text if text is not None else encoded(_fitting(readable(span.passage.text)))
            if text is None:
                written.data_type = "s"
            written.font = Font(name="Arial", size=9, color=_INK)


def _rich(passage: Passage, spans: set[tuple[int, int]]) -> CellRichText | None:
    """Return a passage with the words of some spans in bold; None if none is shorter than the passage."""
    shorter = [span for span in spans if span[1] - span[0] < len(passage.text)]
    if not shorter or len(passage.text) > _LONGEST // 2:
        return None
    hidden = {at for a, b, c, d in plain(passage.text)[1] for at in (*range(a, b), *range(c, d))}
    bold = {at for start, end in shorter for at in range(start, end)}
    parts: list[TextBlock] = []
    piece, strong = "", False
    for at, character in enumerate(passage.text):
        if at in hidden:
            continue
        if (at in bold) is not strong and piece:
            parts.append(_block(piece, strong))
            piece = ""
        strong = at in bold
        piece += character
    parts.append(_block(piece, strong))
    return CellRichText(*parts)


def _block(text: str, bold: bool) -> TextBlock:
    return TextBlock(InlineFont(rFont="Arial", sz=9, b=bold, color=Color(rgb=f"FF{_INK}")), encoded(text))


def _coverage(job: _Job) -> None:
    """Write the coverage: counts, totals as formulas, a session not held yet in grey, and a chart."""
    grid = job.report.session_coverage
    sessions: list[Any] = [number for number in grid.columns if number != "total"]
    ids = [str(action) for action in grid.index if action != "total"]
    columns = [Column("action_id", job.say("action_id"), 10), Column("action", job.say("action"), 34)]
    columns += [Column(str(number), job.report.header.meeting(number), 11) for number in sessions]
    columns.append(Column("total", job.say("total"), 11))
    page = _page(job, Sheet("session_coverage", columns, [], ()))
    bold = Font(name="Arial", size=9, bold=True, color=_INK)
    for number, column in enumerate(columns, 1):
        _put(page, 1, number, column.head, fill=_HEAD, font=bold, border=_LINE)
    last, letter = len(ids) + 1, get_column_letter(2 + len(sessions))
    for row, action in enumerate(ids, 2):
        _put(page, row, 1, action, border=_LINE)
        _put(page, row, 2, action_label(_action(job.report, action), job.lang), border=_LINE)
        for at, session in enumerate(sessions, 3):
            count: Any = grid.loc[action, session]
            value = None if pd.isna(count) else int(count)
            _put(page, row, at, value, border=_LINE, fill=_BAND if pd.isna(count) else PatternFill())
        if sessions:
            total: Any = page.cell(row, 3 + len(sessions), f"=SUM(C{row}:{letter}{row})")
            total.font, total.border, total.alignment = bold, _LINE, _CENTRE
    for at in range(3, 4 + len(sessions)) if ids and sessions else ():
        unheld = at <= 2 + len(sessions) and grid[sessions[at - 3]].isna().all()
        column_letter = get_column_letter(at)
        cell: Any = page.cell(last + 1, at)
        cell.value = job.say("reader.not_held_yet") if unheld else f"=SUM({column_letter}2:{column_letter}{last})"
        cell.font, cell.alignment = bold, _CENTRE
    _put(page, last + 1, 2, job.say("total"), font=bold)
    for row in range(1, last + 2):
        page.row_dimensions[row].height = _height([(page.cell(row, 2).value, 34)])
    page.freeze_panes, page.print_title_rows, page.page_setup.fitToHeight = "C2", "1:1", 1
    if ids and sessions:
        chart: Any = BarChart()
        chart.type, chart.grouping, chart.overlap = "col", "stacked", 100
        chart.title, chart.width, chart.height = job.say("session_coverage.chart"), 25, 9
        chart.x_axis.delete = chart.y_axis.delete = False  # else Excel draws no axes
        chart.legend.position, chart.y_axis.scaling.min = "r", 0
        series = Reference(page, min_col=2, max_col=2 + len(sessions), min_row=2, max_row=last)
        chart.add_data(series, from_rows=True, titles_from_data=True)
        chart.set_categories(Reference(page, min_col=3, max_col=2 + len(sessions), min_row=1))
        for at, one in enumerate(chart.series):
            one.graphicalProperties.solidFill = _PALETTE[at % len(_PALETTE)]
        page.add_chart(chart, f"A{last + 4}")


def _changes(job: _Job, back: Returned) -> None:
    """List what was changed elsewhere in the workbook that came back, and notes whose row is gone."""
    widths = {"sheet": 20, "row": 30, "column": 22, "was": 50, "is": 50}
    columns = [Column(name, job.say(name), width) for name, width in widths.items()]
    page = _page(job, Sheet("changes", columns, [], ()), job.say("sheet.changes"))
    bold = Font(name="Arial", size=9, bold=True, color=_INK)
    for number, column in enumerate(columns, 1):
        _put(page, 1, number, column.head, fill=_HEAD, font=bold, border=_LINE)
    for row, change in enumerate(back.changes, 2):
        for number, text in enumerate(change, 1):
            _put(page, row, number, text, border=_LINE)
        page.row_dimensions[row].height = _height(zip(change, widths.values(), strict=True))
    page.freeze_panes = "A2"


# ---- the file -------------------------------------------------------------------------------------------------------


def _properties(book: Any, report: Report) -> None:
    book.properties.title = encoded(report.header.title or report.name)
    book.properties.subject = declaration()["title"]
    book.properties.creator = book.properties.lastModifiedBy = "cdip-analysis"
    book.properties.description = encoded(f"{report.name}, SHA-256 {report.sha256}")
    for name, value in (
        ("cdip_language", report.language),
        ("cdip_sha256", report.sha256),
        ("cdip_version", __version__),
    ):
        book.custom_doc_props.append(StringProperty(name=name, value=value))


def _alternatives(report: Report, lang: str) -> str:
    """Say what the chart shows, for those who cannot see it."""
    totals: Any = report.session_coverage.loc["total"] if report.rows["actions"] else {}
    counts = ", ".join(
        f"{report.header.meeting(s)} {n}" for s, n in dict(totals).items() if s != "total" and not pd.isna(n)
    )
    return f"{label('session_coverage.chart', lang)}: {counts}"


def _finished(saved: io.BytesIO, report: Report, chart: str) -> bytes:
    """Go over the archive once: fixed times, parts in order, our name as the program, a text for the chart."""
    day = report.header.date or report.header.start_date or dt.date(2000, 1, 1)
    made = io.BytesIO()
    with zipfile.ZipFile(saved) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written:
        for name in sorted(set(archive.namelist()) - {"docProps/app.xml"}):
            data = archive.read(name)
            if name.startswith("xl/drawings/drawing"):
                text = f'descr="{html.escape(encoded(chart))}"'
                data = re.sub(rb'(<(?:xdr:)?cNvPr [^>]*?name="[^"]*")', rb"\1 " + text.encode(), data)
            elif (
                name == "xl/styles.xml"
            ):  # widths count digits of the first font: one that every program has or replaces
                data = re.sub(rb"(<fonts[^>]*>)<font>.*?</font>", rb"\1" + _DEFAULT_FONT, data, count=1)
            elif name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", f"{day.isoformat()}T00:00:00Z".encode(), data)
            written.writestr(zipfile.ZipInfo(name, STAMP), data, zipfile.ZIP_DEFLATED)
        # Stored, and not packed: by it `replacing` knows our own files.
        written.writestr(zipfile.ZipInfo("docProps/app.xml", STAMP), application(), zipfile.ZIP_STORED)
    return made.getvalue()
