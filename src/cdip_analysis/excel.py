"""Write a report as the workbook that an analyst keeps."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
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

from cdip_analysis import __version__
from cdip_analysis.analyses import action_label
from cdip_analysis.display import judges, pieces, session_days, text_width
from cdip_analysis.excel_import import Change, encoded, read_back
from cdip_analysis.files import atomic_write, looks_like_formula, repacked
from cdip_analysis.labels import label, value_label
from cdip_analysis.model import Passage
from cdip_analysis.report import Report
from cdip_analysis.schema import declaration, tables
from cdip_analysis.sheets import LONGEST, Cell, Column, Sheet, extra_columns, fitting, sheets

__all__ = ["export_excel"]

_INK, _SOFT = "1D2430", "566073"
_HEAD, _OWN, _BAND = (PatternFill("solid", fgColor=colour) for colour in ("E8EDF4", "FFF8E1", "F1F1EE"))
_COLOURS = {"delivered": "D6EEDD", "partly": "FCE8C5", "on_trial": "DDE3FA", "not_reported": "F8D7D2"}
_COLOURS |= {"due": "DDE3FA", "no_trace": "F8D7D2"}
_LINE = Border(bottom=Side("thin", color="D9D6CE"))
_TOP = Alignment(vertical="top", wrap_text=True)
_CENTRE = Alignment(horizontal="center", vertical="top")  # numbers and days, apart from the text beside them
_STATE = Alignment(horizontal="center", vertical="top", wrap_text=True)
_FIRST_DAY = dt.date(1900, 3, 1)  # Excel counts a 29 February 1900; earlier days are kept as text
_DEFAULT_FONT = b'<font><name val="Arial"/><family val="2"/><sz val="10"/></font>'
#: Colour-blind safe (Okabe and Ito).
_PALETTE = ("0072B2", "E69F00", "009E73", "CC79A7", "56B4E9", "D55E00", "8C8C8C", "F0E442", "332288")
#: Columns of the commitments that a file of judgements needs, and that few readers do.
_HIDDEN = ("due_words", "due_words_en", "due_place", "outcome_target", "sessions_between", "judged_by", "judged_on")


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
    own, changes = read_back(Path(notes_from), [*made.values()], lang) if notes_from is not None else ({}, [])
    for name, frame in (extra or {}).items():
        if name not in made:
            raise ValueError(f"extra: there is no sheet {name!r}; there are {', '.join(made)}")
        made[name] = extra_columns(made[name], frame, lang)
    for name, written in own.items():
        made[name] = made[name].with_own(written)
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    _fill(_Job(report, lang, book, {}), made, changes)
    saved = io.BytesIO()
    book.save(saved)
    content = repacked(saved, lambda part, data: _finished(part, data, report, lang))
    with atomic_write(target, overwrite=overwrite) as temporary:
        temporary.write_bytes(content)
    return target


class _Job(NamedTuple):
    """What the sheets are made with."""

    report: Report
    lang: str
    book: Any
    places: dict[Passage, str]  # where on the sheet Words a passage is

    def say(self, key: str, **params: Any) -> str:
        """Return a label in the language of the workbook."""
        return label(key, self.lang).format(**params)


def _fill(job: _Job, made: Mapping[str, Sheet], changes: Sequence[Change]) -> None:
    title = quote_sheetname(job.say("words_of_document"))
    for number, row in enumerate(made["words_of_document"].rows, 2):
        job.places[row[1].words[0].passage] = f"{title}!B{number}"
    for name, sheet in made.items():
        if name == "overview":
            _overview(job, sheet)
            continue
        page = _table(job, sheet)
        if name == "words_of_document":
            _words(page, sheet, made.values())
        if name == "timeline":
            _coverage(job)
    if changes:
        widths = {"sheet": 20, "row": 30, "column": 22, "was": 50, "is": 50}
        columns = [Column(name, job.say(name), width) for name, width in widths.items()]
        _table(job, Sheet("sheet.changes", columns, [[Cell(text) for text in change] for change in changes], ()))
    properties = job.book.properties
    properties.title = encoded(job.report.header.title or job.report.name)
    properties.subject = declaration()["title"]
    properties.creator = properties.lastModifiedBy = "cdip-analysis"
    properties.description = encoded(f"{job.report.name}, SHA-256 {job.report.sha256}")
    for name, value in (("language", job.report.language), ("sha256", job.report.sha256), ("version", __version__)):
        job.book.custom_doc_props.append(StringProperty(name=f"cdip_{name}", value=value))


def _page(job: _Job, sheet: Sheet) -> Any:
    """Begin a sheet: widths, frozen panes and print set-up."""
    page = job.book.create_sheet(job.say(sheet.name))
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
    return page


# ---- cells ----------------------------------------------------------------------------------------------------------


def _font(size: float = 9, *, bold: bool = False, colour: str = _INK) -> Font:
    return Font(name="Arial", size=size, bold=bold, color=colour)


def _put(page: Any, row: int, column: int, value: Any, to: str | None = None, **style: Any) -> None:
    """Write one cell; a text stays a text, whatever it begins with."""
    cell = page.cell(row, column)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()  # a day, as a workbook that came back has it
    if isinstance(value, dt.date) and value.timetuple()[:3] < _FIRST_DAY.timetuple()[:3]:
        value = value.isoformat()
    if isinstance(value, str):
        cell.value, cell.data_type = encoded(fitting(value)), "s"
        cell.quotePrefix = looks_like_formula(value[:1])
    else:
        cell.value = value
        if isinstance(value, dt.date):
            cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, dt.datetime) else "yyyy-mm-dd"
    cell.alignment = _TOP if value is None or isinstance(value, str) else _CENTRE
    cell.font = _font(colour="0B5394" if to else _INK)
    for name, look in style.items():
        setattr(cell, name, look)
    if to:
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=to)


def _width(text: str) -> float:
    """Return the width of a text in half sizes of its font, of which a Latin letter takes a little under one."""
    return 0.94 * len(text) + 1.06 * (text_width(text) - len(text))


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


# ---- sheets ---------------------------------------------------------------------------------------------------------


def _rows(job: _Job, page: Any, sheet: Sheet, first: int) -> None:
    """Write the header row and the rows of a sheet."""
    fills = {value_label(state, job.lang): PatternFill("solid", fgColor=colour) for state, colour in _COLOURS.items()}
    for number, column in enumerate(sheet.columns, 1):
        _put(page, first, number, column.head, fill=_OWN if column.own else _HEAD, font=_font(bold=True), border=_LINE)
    page.row_dimensions[first].height = _height([(c.head, c.width * 0.8) for c in sheet.columns])  # bold, with an arrow
    for at, row in enumerate(sheet.rows, first + 1):
        for number, (column, (value, words)) in enumerate(zip(sheet.columns, row, strict=True), 1):
            style: dict[str, Any] = {"border": _LINE}
            if column.name in ("state", "outcome") and value in fills:
                style |= {"fill": fills[value], "font": _font(bold=True), "alignment": _STATE}
            elif column.own:
                style["fill"] = _OWN
            # LibreOffice does not wrap a link: a text that needs two lines is none.
            fits = not isinstance(value, str) or ("\n" not in value and _width(value) < _room(column.width))
            places = [job.places[span.passage] for span in words if span.passage in job.places]
            _put(page, at, number, value, places[0] if places and value is not None and fits else None, **style)
        page.row_dimensions[at].height = _height([(c.value, k.width) for c, k in zip(row, sheet.columns, strict=True)])


def _table(job: _Job, sheet: Sheet) -> Any:
    """Write a sheet that is one Excel table."""
    page, last = _page(job, sheet), len(sheet.rows) + 1
    _rows(job, page, sheet, 1)
    if not sheet.rows and sheet.name != "findings":  # a document without an annex has no use for it
        page.sheet_state = "hidden"
    wide = sheet.name in ("annex_print", "annex", "commitments")
    page.freeze_panes = "C2" if wide else "B2" if sheet.name == "words_of_document" else "A2"
    page.print_title_rows = "1:1"
    if sheet.name in ("commitments", "annex", "dictionary"):
        page.page_setup.paperSize = 8
    other_language = {"en": "_zh", "zh": "_en"}[job.lang]
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        if column.name.endswith(other_language) or (sheet.name == "commitments" and column.name in _HIDDEN):
            page.column_dimensions[letter].hidden = True
        if sheet.rows and (options := _choices(sheet.name, column.name)):
            offered = ",".join(value_label(option, job.lang) for option in options)
            choice = DataValidation(type="list", formula1=f'"{offered}"', showErrorMessage=False)
            choice.add(f"{letter}2:{letter}{last}")
            page.add_data_validation(choice)
    heads = {str(cell.value) for cell in page[1]}
    if len(heads) == len(sheet.columns) and sheet.name != "words_of_document":
        table = Table(displayName=sheet.name, ref=f"A1:{get_column_letter(len(sheet.columns))}{max(last, 2)}")
        table.tableStyleInfo = TableStyleInfo(name=None, showRowStripes=False)
        page.add_table(table)
    return page


def _choices(sheet: str, column: str) -> Sequence[str]:
    """Return the values that are offered in a list where an analyst fills in."""
    if column == "own_status":
        return (*tables()["follow_ups"].column("status").allowed, "done")
    if sheet == "commitments" and column in ("outcome", "kind", "asked_by", "who"):
        return tables()["commitments"].column(column).allowed
    return ()


def _overview(job: _Job, sheet: Sheet) -> None:
    """Write the first page: title, sentence, a row for each action, what is due, and what it rests on."""
    page, row, across = _page(job, sheet), 1, len(sheet.columns)

    def write(text: str, row: int, first: int, last: int, font: Font, down: int = 1) -> float:
        """Write a text over merged cells, and return the height that it needs."""
        page.merge_cells(start_row=row, end_row=row + down - 1, start_column=first, end_column=last)
        _put(page, row, first, text, font=font)
        return _height([(text, sum(column.width for column in sheet.columns[first - 1 : last]))], font.size)

    title = _edition(job).header.title or job.report.header.title or job.report.name
    for text, font in ((title, _font(14, bold=True)), (job.report.sentence(job.lang), _font(11))):
        if text:
            page.row_dimensions[row].height = write(text, row, 1, across, font)
            row += 1
    page.row_dimensions[row].height = 8
    if sheet.rows:
        _rows(job, page, sheet, row + 1)
        row += len(sheet.rows) + 2
        page.row_dimensions[row].height = 8
    row += 1
    # What is due on the left, what the page rests on on the right: the page stays one page, and readable.
    half = [column.name for column in sheet.columns].index("considered")
    due = _due(job) or [""]
    needed = write("\n".join(_source(job)), row, half + 1, across, _font(8.5, colour=_SOFT), len(due)) / len(due)
    for at, line in enumerate(due):
        height = write(line, row + at, 1, half, _font(8.5, bold=at == 0))
        page.row_dimensions[row + at].height = max(height, needed)
    page.page_setup.fitToHeight = 1


def _edition(job: _Job) -> Report:
    """Return the edition in the language of the workbook, or the report itself."""
    beside = job.report.beside
    return beside if beside and beside.language == job.lang else job.report


def _due(job: _Job) -> list[str]:
    """List what is due, below a heading."""
    lines = []
    for row in job.report.rows["commitments"]:
        v = row.values
        if v["outcome"] == "due":
            of = job.say("note.bracketed", inside=v["action_id"]) if v["action_id"] else ""
            days = session_days(job.report.header, v["due_session"], job.lang)
            at = job.report.header.meeting(v["due_session"]) + job.say("note.bracketed", inside=days)
            lines.append(f"{at}: {v[f'thing_{job.lang}'] or v['text']}{of}")
    return [job.say("overview.due_now"), *lines] if lines else []


def _source(job: _Job) -> list[str]:
    """Say what was read, who judged, and how to cite it."""
    report, header = job.report, job.report.header
    symbol = header.symbol or report.supplied.get("symbol") or job.say("reader.no_symbol")
    session = header.meeting(header.session) if header.session else None
    parts = (session, _edition(job).header.title or report.name, symbol, report.edition_in(job.lang))
    lines = [f"{job.say('overview.foot_source')}: {', '.join(filter(None, parts))}"]
    if who := judges(report.rows["overview"], job.lang):
        lines += [job.say("reader.overview.about", who=who), job.say("overview.foot_judged")]
    if ours := [row.values["action_id"] for row in report.rows["actions"] if "action_id" in row.notes]:
        lines.append(job.say("overview.foot_numbers", actions=job.say("written.comma").join(ours)))
    lines.append(job.say("overview.foot_cite", name=report.name, sha256=report.sha256, version=__version__))
    return lines


def _words(page: Any, sheet: Sheet, others: Iterable[Sheet]) -> None:
    """Make the words that values rest on bold inside the cells with the document's text."""
    rest: dict[Passage, set[tuple[int, int]]] = {}
    for other in others:
        if other.name not in ("words_of_document", "annex"):
            for span in (span for row in other.rows for cell in row for span in cell.words):
                if span.end - span.start < len(span.passage.text):
                    rest.setdefault(span.passage, set()).add((span.start, span.end))
    for number, row in enumerate(sheet.rows, 2):
        cell, passage = page.cell(number, 2), row[1].words[0].passage
        cell.hyperlink, cell.font = None, _font()
        if passage in rest and len(passage.text) <= LONGEST // 2:
            cell.value = _rich(passage.text, rest[passage])


def _rich(text: str, bold: set[tuple[int, int]]) -> CellRichText:
    """Return a text with some places of it in bold, without the marks of links."""
    blocks = []
    for start, end in pieces(text, [edge for place in bold for edge in place]):
        strong = any(first <= start and end <= last for first, last in bold)
        font = InlineFont(rFont="Arial", sz=9, b=strong, color=Color(rgb=f"FF{_INK}"))
        blocks.append(TextBlock(font, encoded(text[start:end])))
    return CellRichText(*blocks)


def _coverage(job: _Job) -> None:
    """Write the coverage: counts, totals as formulas, a session not held yet in grey, and a chart."""
    grid = job.report.session_coverage.drop(index="total", columns="total", errors="ignore")
    columns = [Column("action_id", job.say("action_id"), 10), Column("action", job.say("action"), 34)]
    sessions: list[Any] = [*grid]
    columns += [Column(str(session), job.report.header.meeting(session), 11) for session in sessions]
    columns.append(Column("total", job.say("total"), 11))
    counts: list[list[Any]] = grid.astype(object).where(grid.notna(), None).to_numpy().tolist()
    actions = {row.values["action_id"]: row.values["action"] for row in job.report.rows["actions"]}
    names = [action_label(actions.get(action), job.lang) for action in grid.index]
    rows = [[action, name, *n, None] for action, name, n in zip(grid.index, names, counts, strict=True)]
    rows.append([None, job.say("total"), *[None] * (len(grid.columns) + 1)])
    sheet = Sheet("session_coverage", columns, [[Cell(value) for value in row] for row in rows], ())
    page, last, across = _page(job, sheet), len(grid) + 1, len(columns)
    _rows(job, page, sheet, 1)
    page.freeze_panes, page.print_title_rows, page.page_setup.fitToHeight = "C2", "1:1", 1
    if grid.empty:
        page.sheet_state = "hidden"
        return
    letter = get_column_letter(across - 1)
    totals = {(row, across): f"=SUM(C{row}:{letter}{row})" for row in range(2, last + 1)}
    for at, session in enumerate([*sessions, "total"], 3):
        held = session == "total" or grid[session].notna().any()
        named = get_column_letter(at)
        totals[last + 1, at] = f"=SUM({named}2:{named}{last})" if held else job.say("reader.not_held_yet")
        for row in range(2, last + 1) if not held else ():
            page.cell(row, at).fill = _BAND
    for (row, at), formula in totals.items():
        cell = page.cell(row, at, formula)
        cell.font, cell.alignment = _font(bold=True), _CENTRE
    page.cell(last + 1, 2).font = _font(bold=True)
    chart: Any = BarChart()
    chart.type, chart.grouping, chart.overlap = "col", "stacked", 100
    chart.title, chart.width, chart.height = job.say("session_coverage.chart"), 25, 9
    chart.x_axis.delete = chart.y_axis.delete = False  # else Excel draws no axes
    chart.legend.position, chart.y_axis.scaling.min = "r", 0
    series = Reference(page, min_col=2, max_col=across - 1, min_row=2, max_row=last)
    chart.add_data(series, from_rows=True, titles_from_data=True)
    chart.set_categories(Reference(page, min_col=3, max_col=across - 1, min_row=1))
    for at, one in enumerate(chart.series):
        one.graphicalProperties.solidFill = _PALETTE[at % len(_PALETTE)]
    page.add_chart(chart, f"A{last + 4}")


# ---- the file -------------------------------------------------------------------------------------------------------


def _finished(name: str, data: bytes, report: Report, lang: str) -> bytes:
    """Finish a part of the archive: a fixed time, a text for the chart, and a font that every program has."""
    if name == "docProps/core.xml":
        day = report.header.date or report.header.start_date or dt.date(2000, 1, 1)
        return re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", f"{day.isoformat()}T00:00:00Z".encode(), data)
    if name == "xl/styles.xml":  # widths count digits of the first font: one that every program has or replaces
        return re.sub(rb"(<fonts[^>]*>)<font>.*?</font>", rb"\1" + _DEFAULT_FONT, data, count=1)
    if name.startswith("xl/drawings/drawing"):
        totals: Any = report.session_coverage.loc["total"].drop("total")
        counts = ", ".join(f"{report.header.meeting(s)} {n}" for s, n in totals.items() if pd.notna(n))
        text = html.escape(encoded(f"{label('session_coverage.chart', lang)}: {counts}"))
        return re.sub(rb'(<(?:xdr:)?cNvPr [^>]*?name="[^"]*")', rb"\1 " + f'descr="{text}"'.encode(), data)
    return data
