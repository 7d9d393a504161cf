"""Write a report as the workbook that an analyst keeps, and read its tables back."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import BadZipFile, ZipFile

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import ColorScale, FormatObject, Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from cdip_analysis import __version__
from cdip_analysis.analyses import action_label, session_coverage
from cdip_analysis.cells import (
    LONGEST,
    NATURES,
    NumbersAsText,
    Page,
    Styles,
    decoded,
    discard,
    encoded,
    looks_like_formula,
    pieces,
    put,
    save,
    units,
    width,
)
from cdip_analysis.notes import OWN, OWN_COLUMNS, Carried, Returned, carry
from cdip_analysis.records import Passage, Row
from cdip_analysis.reference import DATA, SHIPPED
from cdip_analysis.report import Report, load_report
from cdip_analysis.schema import Column, Table, declaration, tables
from cdip_analysis.tables import build
from cdip_analysis.writing import replacing

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["export_excel", "label", "labels", "read_excel"]

# The order in which a reader asks. Tables and analyses that are declared and not named here stand where the dots are.
_ORDER = (
    *("about", "changes", "annex_print", "annex", "proposal", "actions", "timeline", "session_coverage"),
    *("follow_ups", "follow_up_status", "decisions", "...", "paragraphs", "citations", "documents", "sessions"),
    *("findings", "unread", "long_texts", "dictionary"),
)
_FOR_PROGRAMS = ("start", "end", "source_line")  # columns that no reader needs: hidden
_SYMBOLS = ("symbol", "document", "report")  # columns that hold the symbol of a document
_MOST_LINKED = 5000  # rows: Excel takes no more than 65,530 links a sheet, and each costs time and memory
_LARGEST = 2 << 30  # bytes unpacked: some millions of rows; a file from elsewhere can hold far more than it weighs
_WIDEST = 46
_MOST_LINES = 22  # a row cannot be higher than 409 points, some 27 lines
_FIRST_DAY = dt.date(1900, 3, 1)  # Excel counts a February 29, 1900, that there was not: earlier days are kept as text


@cache
def labels() -> dict[str, dict[str, str]]:
    """Read the names that readers see, by declared name and language.

    >>> labels()["action_id"]
    {'en': 'Action no.', 'zh': '行动编号'}
    """
    with (DATA / "reference" / "labels.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: {"en": row["en"], "zh": row["zh"]} for row in csv.DictReader(file)}


def label(key: str, lang: str) -> str:
    """Give the name that readers see; the declared name itself, in words, where the table of labels has none.

    >>> label("action_id", "zh"), label("some_new_column", "zh")
    ('行动编号', 'Some new column')
    """
    return labels()[key][lang] if key in labels() else key.replace("_", " ").capitalize()


class _Job(NamedTuple):
    """What every sheet is made from."""

    report: Report
    lang: str
    book: Any
    styles: Styles
    titles: Mapping[str, str]  # sheet titles by key, in order
    places: Mapping[int, str]  # where in the workbook a passage stands, by id
    addresses: Mapping[str, str]  # of documents, by symbol
    carried: Carried | None
    long: list[tuple[int, str, str, int, str]]  # pieces of texts that fit into no cell
    totals: dict[str, dict[str, Any]]  # values of formulas, by sheet title and cell

    def say(self, key: str) -> str:
        """Give a label in the language of the workbook."""
        return label(key, self.lang)


def export_excel(
    report: Report,
    path: str | Path,
    *,
    lang: str = "en",
    notes_from: str | Path | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a report as a workbook: all tables and analyses, the annex for printing, what was found, a dictionary.

    Parameters
    ----------
    report : Report
    path : str or Path
        The file to write; missing folders are made.
    lang : {"en", "zh"}
        Language of sheet titles and column labels. The values stay as they are.
    notes_from : str or Path, optional
        A workbook that came back: what was written into its columns for own status and note is carried over to the
        same action or entry, and what changed since is listed on a sheet.
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
        If `lang` is none of these, `notes_from` is no such workbook, or a text cannot be stored.

    Examples
    --------
    >>> import tempfile
    >>> from cdip_analysis import export_excel, load_report, read_excel
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export_excel(load_report(), Path(folder) / "report.xlsx")
    ...     print(read_excel(path)["actions"][["action_id", "entries"]].head(2))
      action_id  entries
    0       1.1        1
    1       1.2        2
    """
    if lang not in ("en", "zh"):
        raise ValueError(f"lang={lang!r}; it can be 'en' or 'zh'")
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise ValueError(f"cannot write {target}: a workbook's name ends with .xlsx")
    carried = None
    if notes_from is not None:
        now = {name: [row.values for row in report.rows(name)] for name in OWN}
        carried = carry(_returned(Path(notes_from)), now, report.language)
    with replacing(target, overwrite=overwrite) as temporary:
        book = openpyxl.Workbook(write_only=True)
        try:
            save(book, temporary, _fill(book, report, lang, carried))
        finally:
            discard(book)
    return target


def _fill(book: Any, report: Report, lang: str, carried: Carried | None) -> dict[str, dict[str, Any]]:
    """Make the sheets; gives the values of the formulas in them."""
    titles = {key: label(key, lang) for key in _sheets(report, carried is not None)}
    places = _places(report, titles)
    documents = [row.values for row in report.rows("documents")]
    addresses = {values["symbol"]: values["url"] for values in documents if values["url"]}
    job = _Job(report, lang, book, Styles(book), titles, places, addresses, carried, [], {})
    makers = {
        "about": _about,
        "annex_print": _annex_print,
        "session_coverage": _coverage,
        "changes": _changes,
        "long_texts": _long_texts,
        "dictionary": _dictionary,
    }
    # The sheet of long texts can only be known when all others are made; it is then the last but one.
    for key in [key for key in titles if key not in ("long_texts", "dictionary")]:
        makers.get(key, partial(_data, name=key))(job)
    if job.long:
        _long_texts(job)
    _dictionary(job)
    _properties(book, report)
    return job.totals


def _sheets(report: Report, with_changes: bool) -> list[str]:
    """List the sheets in order, by key."""
    others = [name for name in tables() if name not in _ORDER]
    order = [name for key in _ORDER for name in (others if key == "..." else [key])]
    known = {*tables(), "about", "annex_print", "session_coverage", "long_texts", "dictionary"}
    return [key for key in order if key in known or (key == "changes" and with_changes)]


def _properties(book: Any, report: Report) -> None:
    """Say what the workbook is; its times are the document's, so that the same report gives the same bytes."""
    header = report.header
    day = header.date or header.start_date or dt.date(2000, 1, 1)
    book.properties.title = encoded(header.title or report.name)
    book.properties.subject = declaration()["title"]
    book.properties.creator = book.properties.lastModifiedBy = "cdip-analysis"
    book.properties.description = encoded(f"{report.name}, SHA-256 {report.sha256}")
    book.properties.keywords = "CDIP, WIPO, technical assistance"
    book.properties.language = report.language
    book.properties.created = book.properties.modified = dt.datetime(day.year, day.month, day.day)
    for name, value in (("cdip_language", report.language), ("cdip_sha256", report.sha256)):
        book.custom_doc_props.append(StringProperty(name=name, value=value))


def _cell(job: _Job, page: Page, value: Any, kind: str = "text", **looks: Any) -> Any:
    """Make one styled cell of a sheet that is laid out by hand; a link is given as `to`."""
    to = looks.pop("to", None)
    value = _fitting(value) if isinstance(value, str) else value
    quote = isinstance(value, str) and looks_like_formula(value)
    return put(page.sheet, value, job.styles(kind, quote=quote, link=to is not None, **looks), to)


def _fitting(text: str) -> str:
    """Leave out the middle of a text that fits into no cell, and say how much; the sheets of tables hold it whole."""
    if len(text) * 7 <= LONGEST or units(encoded(text)) <= LONGEST:
        return text
    first, *_, last = pieces(text, LONGEST // 3)
    return f"{first} [… {len(text) - len(first) - len(last)} …] {last}"


def _inside(location: str, tip: str) -> Hyperlink:
    return Hyperlink(ref="A1", location=location, tooltip=encoded(tip[:80]))


def _new(
    job: _Job, key: str, widths: Sequence[float], freeze: str | None = None, repeat: str | None = "1:1", pages: int = 0
) -> Page:
    """Begin a sheet: widths, frozen panes and print set-up stand before its rows."""
    sheet = job.book.create_sheet(job.titles[key])
    for number, wide in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = wide
    sheet.freeze_panes = freeze
    sheet.sheet_view.rightToLeft = job.report.language == "ar"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9 if sum(widths) < 190 else 8  # A4; A3 for what would be too small to read
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, pages
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.6, 0.8, 0.4
    footer = sheet.HeaderFooter.oddFooter
    footer.left.text, footer.left.size = f"SHA-256 {job.report.sha256}", 7
    footer.right.text, footer.right.size = f"{job.titles[key].replace('&', '&&')}  &P / &N", 8
    if repeat:
        sheet.print_title_rows = repeat
    return Page(sheet, widths)


def _data(job: _Job, name: str) -> None:
    """Write a declared table as one Excel table, with links from symbols to documents and from rows to their words."""
    rows, columns = job.report.rows(name), _columns(name)
    names = [column.name for column in columns]
    small = len(rows) <= _MOST_LINKED
    wide = _widths(job, names, rows)
    charted = name == "follow_up_status" and len(rows) > 0
    page = _new(job, name, wide, "B2" if sum(wide) > 150 and wide[0] < 40 else "A2", pages=int(charted))
    for number, column in enumerate(names, 1):
        if column in _FOR_PROGRAMS or (column == "source_page" and not any(row.values[column] for row in rows)):
            page.sheet.column_dimensions[get_column_letter(number)].hidden = True
    heads = [job.say(column) for column in names]
    fills = [NATURES[column.nature] for column in columns]
    page.add([_cell(job, page, head, "header", fill=fill) for head, fill in zip(heads, fills, strict=True)])
    kinds = [_kind(column) for column in columns]
    plain = [job.styles(kind) for kind in kinds]
    notes = job.carried.notes if job.carried else {}
    for index, row in enumerate(rows):
        values = dict(row.values)
        if name == "follow_ups":
            values["meaning"] = job.say(values["status"])
        values.update(zip(OWN_COLUMNS, notes.get((name, index), ()), strict=False))
        cells = [values.get(column) for column in names]
        to = _links(job, name, names, cells, row) if small else {}
        page.add(
            [
                _data_cell(job, page, (name, names[at]), value, kinds[at], plain[at], to.get(at))
                if small or value is not None
                else None
                for at, value in enumerate(cells)
            ]
        )
    last = max(len(rows), 1) + 1
    _as_table(page, name, heads, last)
    if texts := [get_column_letter(at) for at, c in enumerate(columns, 1) if c.type == "string" and not c.allowed]:
        page.sheet.col_breaks = NumbersAsText(" ".join(f"{letter}2:{letter}{last}" for letter in texts))
    if name in OWN:
        _own_status(page, get_column_letter(names.index("own_status") + 1), last)
    if charted:
        _since_chart(job, page, names, len(rows))


def _columns(name: str) -> list[Column]:
    """Give the columns of a sheet: those declared, the meaning of a status beside it, and the analyst's own."""
    found = list(tables()[name].columns)
    if name == "follow_ups":
        at = 1 + next(n for n, column in enumerate(found) if column.name == "status")
        found.insert(at, Column("meaning", "string", "What the status says, in words", "derived", False, False, ()))
    own = [
        Column(key, "string", "For you to fill in; notes_from keeps it", "own", False, False, ()) for key in OWN_COLUMNS
    ]
    return [*found, *own] if name in OWN else found


def _kind(column: Column) -> str:
    return {"integer": "number", "date": "date", "boolean": "boolean"}.get(column.type, "text")


def _data_cell(
    job: _Job, page: Page, place: tuple[str, str], value: Any, kind: str, plain: Any, link: Hyperlink | None
) -> Any:
    """Make a cell; what Excel cannot hold as it is, is kept in a form that `read_excel` undoes."""
    if isinstance(value, str):
        stored = value
        if len(value) * 7 > LONGEST and units(encoded(value)) > LONGEST:
            stored = _shortened(job, place, value)
        if link is not None or looks_like_formula(value):
            plain = job.styles(kind, link=link is not None, quote=looks_like_formula(value))
        try:
            return put(page.sheet, stored, plain, link)
        except ValueError as error:
            raise ValueError(f"{job.report.name}, table {place[0]}, column {place[1]}: {error}") from None
    if isinstance(value, dt.date) and value < _FIRST_DAY:
        return put(page.sheet, value.isoformat(), plain)
    if isinstance(value, int) and abs(value) > 10**15:  # Excel counts with 15 digits
        return put(page.sheet, str(value), plain)
    return put(page.sheet, value, plain if link is None else job.styles(kind, link=True), link)


def _shortened(job: _Job, place: tuple[str, str], text: str) -> str:
    """Keep a text that fits into no cell on a sheet of its own, in parts; its cell holds the first and the number."""
    number = job.long[-1][0] + 1 if job.long else 1
    parts = pieces(text, LONGEST - 20)
    job.long.extend((number, *place, part, piece) for part, piece in enumerate(parts, 1))
    return f"{parts[0]}\n[{number}]"


def _links(job: _Job, name: str, names: Sequence[str], cells: Sequence[Any], row: Row) -> dict[int, Hyperlink]:
    """Link symbols and addresses to documents, and the first other value of a row to the words it came from."""
    found = {}
    for at, value in enumerate(cells):
        if isinstance(value, str) and (address := _address(job, names[at], value)):
            tip = "derived by rule, not checked" if names[at] != "url" else value
            found[at] = Hyperlink(ref="A1", target=address, tooltip=tip)
    spans = row.sources.get(None) or next(iter(row.sources.values()), ())
    if spans and (place := job.places.get(id(spans[0].passage))) and not place.startswith(_quoted(job, name)):
        first = next((at for at, v in enumerate(cells) if v is not None and at not in found), None)
        if first is not None:
            found[first] = _inside(place, f"{spans[0].passage.where}: {spans[0].text}")
    return found


def _address(job: _Job, column: str, value: str) -> str | None:
    if column in _SYMBOLS:
        value, column = job.addresses.get(value, ""), "url"
    return value if column == "url" and re.fullmatch("https?://[!-~]+", value) else None


def _quoted(job: _Job, key: str) -> str:
    return f"{quote_sheetname(job.titles[key])}!"


def _places(report: Report, titles: Mapping[str, str]) -> dict[int, str]:
    """Tell where in the workbook each passage stands: annex cells on the printed annex, paragraphs in their table."""
    found = {}
    printed = quote_sheetname(titles["annex_print"])
    for row, line in enumerate(_annex_lines(report), 1):
        for at, passage in line.items():
            found[id(passage)] = f"{printed}!{get_column_letter(at)}{row}"
    for name in ("paragraphs", "proposal"):
        for index, row_of in enumerate(report.rows(name)):
            for span in row_of.sources.get(None, ()):
                found[id(span.passage)] = f"{quote_sheetname(titles[name])}!A{index + 2}"
    return found


def _widths(job: _Job, names: Sequence[str], rows: Sequence[Row]) -> list[float]:
    """Choose widths by the longest line and the longest word of the label; a wide sign counts two."""
    found = []
    for name in names:
        head = max((width(word) for word in job.say(name).split()), default=0) + 4
        if not rows or name not in rows[0].values:
            found.append(max(head, 26.0))
            continue
        texts = [str(row.values[name]) for row in rows[:500] if row.values[name] is not None]
        longest = max((width(line) for text in texts for line in text.split("\n")), default=0)
        # A word such as an address is not broken, and a row shows no more than so many lines.
        word = max((len(w) for text in texts if len(text) > _WIDEST for w in re.findall("[!-~]+", text)), default=0)
        cap = min(max(_WIDEST, word / 0.9 + 2, max(map(width, texts), default=0) / _MOST_LINES), 120)
        found.append(float(max(head, min(longest / 0.9 + 2, cap), 7)))
    if rows and (spare := 150 - sum(found)) > 0 and max(found) >= _WIDEST:
        found[found.index(max(found))] += min(spare, 60)  # room on the page goes to the longest text
    return found


def _as_table(page: Page, name: str, heads: Sequence[str], last: int) -> None:
    made: Any = ExcelTable(displayName=name, ref=f"A1:{get_column_letter(len(heads))}{last}")
    made.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    made._initialise_columns()  # write-only sheets cannot be asked for their header
    for column, head in zip(made.tableColumns, heads, strict=True):
        column.name = head
    page.sheet.tables.add(made)  # and not add_table, which warns that the names above have to be set


def _own_status(page: Page, letter: str, last: int) -> None:
    """Offer the statuses, and one for work that is done, in a list; what is not on it can be typed too."""
    allowed = [*tables()["follow_ups"].column("status").allowed, "done"]
    offered = DataValidation(type="list", formula1=f'"{",".join(allowed)}"', allow_blank=True, showErrorMessage=False)
    offered.add(f"{letter}2:{letter}{last}")
    page.sheet.data_validations.append(offered)


_PALETTE = (
    "0072B2",
    "E69F00",
    "009E73",
    "CC79A7",
    "56B4E9",
    "D55E00",
    "8C8C8C",
    "F0E442",
    "332288",
)  # colour-blind safe


def _chart(title: str, kind: str, across: float, high: float) -> Any:
    chart: Any = BarChart()
    chart.type, chart.title, chart.width, chart.height = kind, title, across, high
    chart.x_axis.delete = chart.y_axis.delete = False  # else Excel draws no axes
    chart.y_axis.number_format, chart.gapWidth = "0", 60
    return chart


def _since_chart(job: _Job, page: Page, names: Sequence[str], count: int) -> None:
    chart = _chart(job.say("follow_up_status.chart"), "bar", 22, 3 + count * 0.9)
    at = names.index("sessions_since") + 1
    chart.add_data(Reference(page.sheet, min_col=at, min_row=2, max_row=count + 1))
    chart.set_categories(Reference(page.sheet, min_col=names.index("label") + 1, min_row=2, max_row=count + 1))
    chart.x_axis.scaling.orientation = "maxMin"  # the first action on top
    chart.y_axis.majorUnit, chart.legend = 1, None
    chart.series[0].graphicalProperties.solidFill = _PALETTE[0]
    page.sheet.add_chart(chart, f"A{count + 4}")


_GREY = DifferentialStyle(font=Font(color="666666"), fill=PatternFill("solid", bgColor="D9D9D9"))
_SCALE = ColorScale([FormatObject("num", 0), FormatObject("max")], [Color("FFFFFFFF"), Color("FF5B9BD5")])


def _coverage(job: _Job) -> None:
    """Write the coverage: numbers with a colour scale, totals as formulas, sessions that did nothing as gaps."""
    grid = session_coverage(job.report)
    actions = {row.values["action_id"]: row.values["action"] for row in job.report.rows("actions")}
    sessions = [number for number in grid.columns if number != "total"]
    ids = [action for action in grid.index if action != "total"]
    said = [action_label(actions[action], job.lang) or "" for action in ids]
    widest = min(max([width(text) for text in said] + [20]) + 6, _WIDEST)
    page = _new(job, "session_coverage", [14, widest, *([11] * len(sessions)), 11], "C2", pages=1)
    heads = [job.say("action_id"), job.say("action"), *(f"CDIP/{number}" for number in sessions), job.say("total")]
    page.add([_cell(job, page, head, "header", fill=NATURES["derived"]) for head in heads])
    first, last = get_column_letter(3), get_column_letter(2 + len(sessions))
    total, bottom = get_column_letter(3 + len(sessions)), len(ids) + 1
    values: dict[str, Any] = {}
    number = job.styles("gap")
    bold = job.styles("gap", bold=True, fill="E7ECF3")

    def summed(cell: str, cells: str, value: int) -> Any:
        """Make a formula, and keep its value for viewers that do not calculate."""
        values[cell] = value
        made = put(page.sheet, f"=SUM({cells})", bold)
        made.data_type = "f"
        made._value = f"=SUM({cells})"
        return made

    counts = [[int(count) for count in line] for line in grid.to_numpy().tolist()]
    for row, (action, text) in enumerate(zip(ids, said, strict=True), 2):
        *each, whole = counts[row - 2]
        cells = [put(page.sheet, count, number) for count in each]
        line = [_cell(job, page, action), _cell(job, page, text), *cells]
        if sessions:
            line.append(summed(f"{total}{row}", f"{first}{row}:{last}{row}", whole))
        page.add(line)
    if ids and sessions:
        line = [_cell(job, page, job.say("total"), bold=True, fill="E7ECF3"), _cell(job, page, None, fill="E7ECF3")]
        for at, whole in enumerate(counts[-1], 3):
            letter = get_column_letter(at)
            line.append(summed(f"{letter}{bottom + 1}", f"{letter}2:{letter}{bottom}", whole))
        page.add(line)
        job.totals[page.sheet.title] = values
        area = f"{first}2:{last}{bottom}"
        idle = [f"SUM({first}$2:{first}${bottom})=0"]
        # LibreOffice paints the scale over the grey: there the header and the total alone show the gap.
        for part in (area, f"{first}1:{last}1", f"{first}{bottom + 1}:{last}{bottom + 1}"):
            page.sheet.conditional_formatting.add(part, Rule("expression", formula=idle, stopIfTrue=True, dxf=_GREY))
        page.sheet.conditional_formatting.add(area, Rule("colorScale", colorScale=_SCALE))
        page.add([])
        page.add([_cell(job, page, job.say("session_coverage.gap"), "note", border=False, color="666666")], 16)
        page.sheet.col_breaks = NumbersAsText(f"A2:A{bottom}")
        chart = _chart(job.say("session_coverage.chart"), "col", 25, 8.5)
        chart.grouping, chart.overlap, chart.legend.position = "stacked", 100, "r"
        series = Reference(page.sheet, min_col=2, max_col=2 + len(sessions), min_row=2, max_row=bottom)
        chart.add_data(series, from_rows=True, titles_from_data=True)
        chart.set_categories(Reference(page.sheet, min_col=3, max_col=2 + len(sessions), min_row=1))
        for at, one in enumerate(chart.series):
            one.graphicalProperties.solidFill = _PALETTE[at % len(_PALETTE)]
        page.sheet.add_chart(chart, f"A{bottom + 5}")


def _annex_lines(report: Report) -> list[dict[int, Passage]]:
    """Give the lines of the annex as printed, by column from 1; title and header row only where they first come."""
    lines, seen = [], set()
    of_annex = [
        p for p in report.passages if p.kind == "cell" or p.role in ("annex_title", "annex_header", "annex_section")
    ]
    for _, group in groupby(of_annex, key=lambda p: p.line):
        line = {_PRINTED.index(p.column) + 1 if p.column in _PRINTED else 1: p for p in group}
        first = next(iter(line.values()))
        if first.kind != "cell" and first.role in ("annex_title", "annex_header"):
            if first.role in seen:
                continue
            seen.add(first.role)
        lines.append(line)
    return lines


_PRINTED = ("action", "implementation", "consideration", "chair_summary", "extra")


@cache
def _translation() -> Report:
    return load_report(SHIPPED["en"])


def _beside(report: Report) -> list[dict[int, Passage]]:
    """Give the English lines that stand beside: the working translation, of the shipped document only."""
    if report.edition is None or report.language != "zh":
        return []
    english = _annex_lines(_translation())
    return english if len(english) == len(_annex_lines(report)) else []


def _annex_print(job: _Job) -> None:
    """Write the annex in the document's own layout and words, with English beside it where there is one."""
    lines, english = _annex_lines(job.report), _beside(job.report)
    most = max((max(line) for line in lines), default=4)
    wide = [30, 38, 32, 20, 20][:most]
    header = next((n for n, line in enumerate(lines, 1) if next(iter(line.values())).role == "annex_header"), None)
    repeat = f"1:{header}" if header else None
    freeze = f"A{header + 1}" if header else None
    page = _new(job, "annex_print", [*wide, *([2, *wide] if english else [])], freeze, repeat)
    for number, line in enumerate(lines):
        first = next(iter(line.values()))
        row = _annex_row(job, page, line, most)
        if english:
            row += [None, *_annex_row(job, page, english[number], most)]
            if first.role == "annex_title":
                name = f"{english[number][1].text} ({_translation().edition})"
                row[most + 1] = _cell(job, page, name, "title", bold=True, size=14, border=False)
        page.add(row, 24 if first.role == "annex_title" else None)


def _annex_row(job: _Job, page: Page, line: Mapping[int, Passage], most: int) -> list[Any]:
    first = next(iter(line.values()))
    if first.role == "annex_title":
        return [_cell(job, page, first.text, "title", bold=True, size=14, border=False), *([None] * (most - 1))]
    if (
        first.kind != "cell" and first.role != "annex_header"
    ):  # which paragraph of the proposal the rows below belong to
        blank = [_cell(job, page, None, fill="E7ECF3") for _ in range(most - 1)]
        return [_cell(job, page, first.text, bold=True, fill="E7ECF3"), *blank]
    kind: dict[str, Any] = {"kind": "header", "fill": NATURES["printed"]} if first.role == "annex_header" else {}
    return [_cell(job, page, line[at].text if at in line else None, **kind) for at in range(1, most + 1)]


def _about(job: _Job) -> None:
    """Write the first sheet: what was read, what was found, how to cite, and where everything stands."""
    report, say = job.report, job.say
    page = _new(job, "about", [34, 110, 12], repeat=None)
    header, none = report.header, say("about.not_printed")

    def line(head: str | None, text: Any, **looks: Any) -> None:
        shown = _cell(job, page, head, bold=True, border=False, color="1F3864") if head else None
        page.add([shown, _cell(job, page, text, border=False, **looks)])

    def heading(text: str) -> None:
        page.add([])
        page.add([_cell(job, page, text, "title", bold=True, size=13, border=False, color="1F3864")], 20)

    page.add([_cell(job, page, header.title or report.name, "title", bold=True, size=18, border=False)], 28)
    if report.is_working_translation:
        page.add([_cell(job, page, report.edition, "title", border=False, color="9C5700")], 16)
    page.add([])
    days = " – ".join(day.isoformat() for day in (header.start_date, header.end_date) if day)
    facts = {
        "source": report.name,
        "sha256": report.sha256,
        "language": report.language,
        "symbol": header.symbol or none,
        "dated": header.date.isoformat() if header.date else none,
        "committee": header.committee or none,
        "session": str(header.session or none),
        "dates": days or none,
        "place": header.place or none,
        "prepared_by": header.prepared_by or none,
    }
    for key, value in facts.items():
        line(say(f"about.{key}"), value)
    for key, value in report.supplied.items():
        line(say("about.supplied"), f"{key} = {value}")
    counted = ("paragraphs", "annex", "actions", "citations", "documents")
    line(say("about.read"), "; ".join(f"{say(name)}: {len(report.rows(name))}" for name in counted))
    left = len(report.rows("unread"))
    line(say("about.unread"), f"{left} {say('about.some_unread')}" if left else say("about.nothing_unread"))
    line(say("about.cite"), f"{header.title or report.name}. {report.name}, SHA-256 {report.sha256}. "
         f"{say('about.made_by')} cdip-analysis {__version__}.")  # fmt: skip
    line(say("about.links"), say("about.links_note"))
    line(None, say("about.escaped_note"))
    line(None, say("about.no_links_note"))
    heading(say("about.sheets"))
    for key, title in job.titles.items():
        if key == "long_texts":
            continue
        text = say(f"{key}.about") if f"{key}.about" in labels() else tables()[key].description
        count = len(report.rows(key)) if key in tables() else None
        to = _inside(f"{quote_sheetname(title)}!A1", title)
        page.add(
            [
                _cell(job, page, title, border=False, to=to),
                _cell(job, page, text, border=False),
                _cell(job, page, count, "number", border=False),
            ]
        )
    heading(say("about.findings"))
    for row in report.rows("findings")[:1000]:
        spans = row.sources.get(None, ())
        where = spans[0].passage.where if spans else ""
        place = job.places.get(id(spans[0].passage)) if spans else None
        page.add(
            [
                _cell(job, page, where, border=False, to=_inside(place, where) if place else None),
                _cell(job, page, f"{row.values['kind']}: {row.values['note']}", border=False),
            ]
        )
    heading(say("about.colours"))
    for nature, fill in NATURES.items():
        name = nature if nature != "own" else say("own_note")
        page.add([_cell(job, page, name, "header", fill=fill), _cell(job, page, say(f"nature.{nature}"))])


def _plain_table(
    job: _Job, key: str, names: Sequence[str], rows: Iterable[Sequence[Any]], wide: Sequence[float]
) -> None:
    """Write a table of the workbook's own, such as the dictionary."""
    page = _new(job, key, wide, "A2")
    heads = [job.say(name) for name in names]
    page.add([_cell(job, page, head, "header", fill=NATURES["derived"]) for head in heads])
    count = 0
    for row in rows:
        count += 1
        page.add([_cell(job, page, cell, "number" if isinstance(cell, int) else "text") for cell in row])
    _as_table(page, key, heads, max(count, 1) + 1)


def _dictionary(job: _Job) -> None:
    """Write what every column means."""
    rows: list[tuple[str | None, ...]] = []
    for key in job.titles:
        if key not in tables():
            continue
        for c in _columns(key):
            same = "*" if c.language_independent else None
            allowed = ", ".join(c.allowed) or None
            rows.append((job.titles[key], job.say(c.name), c.name, c.description, c.type, allowed, c.nature, same))
    names = ("table", "column", "name", "description", "type", "allowed", "nature", "language_independent")
    _plain_table(job, "dictionary", names, rows, [20, 26, 28, 60, 11, 40, 12, 14])


def _changes(job: _Job) -> None:
    """Write what changed since the workbook that the notes were taken from."""
    rows = [
        (job.say(f"changes.{c.what}"), job.say(c.table), c.row, c.column and job.say(c.column), *c[4:])
        for c in (job.carried.changes if job.carried else ())
    ]
    names = ("what", "table", "row", "column", "before", "after", "own_status", "own_note")
    _plain_table(job, "changes", names, rows, [30, 18, 40, 22, 40, 40, 18, 40])


def _long_texts(job: _Job) -> None:
    """Write the texts that fit into no cell, in parts."""
    _plain_table(job, "long_texts", ("number", "table", "column", "part", "text"), job.long, [10, 20, 20, 10, 120])


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
    return {
        name: build(tables()[name], [_typed(tables()[name], row, path) for row in rows], path.name)
        for name, rows in raw.items()
    }


def _raw(path: Path, wanted: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Read the rows of sheets by declared names, texts decoded, with the own columns and the number of the row."""
    book = _opened(path)
    try:
        long: dict[int, list[str]] = {}
        for row in _rows_of(book, "long_texts", path, ("number", "part", "text"), missing_ok=True):
            long.setdefault(int(row["number"]), []).append(row["text"])
        whole = {f"{parts[0]}\n[{number}]": "".join(parts) for number, parts in long.items()}
        found: dict[str, list[dict[str, Any]]] = {}
        for name in wanted:
            names = [column.name for column in tables()[name].columns]
            found[name] = list(_rows_of(book, name, path, (*names, *(OWN_COLUMNS if name in OWN else ()))))
            for row in found[name]:
                row |= {key: whole[value] for key, value in row.items() if value in whole}
        return found
    finally:
        book.close()


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


def _rows_of(
    book: Any, key: str, path: Path, names: Sequence[str], *, missing_ok: bool = False
) -> Iterator[dict[str, Any]]:
    """Give the rows of a sheet by column name; columns can stand in any order, and rows without a value are none."""
    title = next((t for t in (label(key, lang) for lang in ("en", "zh")) if t in book.sheetnames), None)
    if title is None:
        if missing_ok:
            return
        raise ValueError(
            f"{path}: there is no sheet {label(key, 'en')!r} or {label(key, 'zh')!r}. Is it from export_excel?"
        )
    lines = book[title].iter_rows(values_only=True)
    heads = list(next(lines, ()))
    at = {}
    for name in names:
        said = [label(name, lang) for lang in ("en", "zh")]
        at[name] = next((n for n, head in enumerate(heads) if head in said), None)
        if at[name] is None:
            raise ValueError(
                f"{path}, sheet {title!r}: there is no column {said[0]!r} or {said[1]!r}. Name it so again"
            )
    for number, line in enumerate(lines, 2):
        row = {name: line[n] if n is not None and n < len(line) else None for name, n in at.items()}
        if any(value is not None for value in row.values()):
            row = {name: decoded(value) if isinstance(value, str) else value for name, value in row.items()}
            yield {**row, "": number}


def _typed(table: Table, row: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Give the values of a row in the types that its columns are declared to have."""
    found = {}
    for column in table.columns:
        try:
            found[column.name] = _as(column.type, row[column.name])
        except ValueError:
            raise ValueError(
                f"{path}, sheet {label(table.name, 'en')!r}, row {row['']}, column {label(column.name, 'en')!r}: "
                f"found {row[column.name]!r}; expected {column.type}. Mend the cell"
            ) from None
    return found


def _as(kind: str, value: Any) -> Any:
    """Read a cell's value as text, whole number, yes or no, or day."""
    if value is None:
        return None
    match kind, value:
        case "string", str():
            return value
        case "boolean", bool() | 0 | 1:
            return bool(value)
        case "boolean", "=TRUE()" | "=FALSE()":  # as LibreOffice writes them
            return value == "=TRUE()"
        case "integer", str():
            return int(value)
        case "integer", int() | float() if not isinstance(value, bool) and value == int(value):
            return int(value)
        case "date", dt.datetime():
            return value.date()
        case "date", str():
            return dt.date.fromisoformat(value)
    raise ValueError(f"{value!r} is no {kind}")


def _returned(path: Path) -> Returned:
    """Read a workbook that came back: the rows that notes can stand beside, and the notes that had lost theirs.

    A comment on a cell of such a row is added to its note; one elsewhere is kept with the notes that have no row.
    """
    raw, comments = _raw(path, OWN), _comments(path)
    for name, rows in raw.items():
        for row in rows:
            for column in tables()[name].columns:
                try:
                    row[column.name] = _as(column.type, row[column.name])
                except ValueError:  # overwritten by hand: compared as it stands, so that no note is lost for it
                    continue
            said = [text for title in labels()[name].values() for text in comments.pop((title, row[""]), ())]
            row["own_note"] = "\n".join(map(str, filter(None, (row["own_note"], *said)))) if said else row["own_note"]
    book = _opened(path)
    try:
        given = {prop.name: prop.value for prop in book.custom_doc_props.props}
        names = ("what", "table", "row", "own_status", "own_note")
        changes = list(_rows_of(book, "changes", path, names, missing_ok=True))
    finally:
        book.close()
    lost = [row for row in changes if row["what"] in labels()["changes.note_orphaned"].values()]
    keys = {text: key for key in OWN for text in labels()[key].values()}
    orphans = [(keys.get(r["table"], str(r["table"])), str(r["row"]), r["own_status"], r["own_note"]) for r in lost]
    orphans += [(title, str(row), None, text) for (title, row), texts in comments.items() for text in texts]
    return Returned(str(given.get("cdip_language", "")), raw, orphans)


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
                    found.setdefault((sheet.title, number), []).append(f"{cell.coordinate}: {cell.comment.text}")
    return found
