"""Write a report as the workbook that an analyst keeps."""

from __future__ import annotations

import datetime as dt
import errno
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.formatting.rule import ColorScale, FormatObject, Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from cdip_analysis import __version__
from cdip_analysis.analyses import action_label
from cdip_analysis.cells import (
    LONGEST,
    NATURES,
    NumbersAsText,
    Page,
    Styles,
    discard,
    encoded,
    looks_like_formula,
    pieces,
    put,
    save,
    units,
    width,
)
from cdip_analysis.data import SHIPPED, label, labels, place_label, value_label
from cdip_analysis.excel_import import edited, returned
from cdip_analysis.files import atomic_write
from cdip_analysis.model import Passage, Row
from cdip_analysis.notes import OWN, OWN_COLUMNS, Carried, Change, Returned, carry
from cdip_analysis.report import Report, load_report
from cdip_analysis.schema import Column, declaration, tables

_UNWRITTEN: tuple[type[Exception], ...] = ()
with suppress(ImportError):  # openpyxl writes with lxml where that is installed, whose error is none of the system's
    from lxml.etree import SerialisationError

    _UNWRITTEN = (SerialisationError,)

__all__ = ["export_excel"]

# The order in which a reader asks. Tables and analyses that are declared and not named here stand where the dots are.
_ORDER = (
    *("about", "changes", "annex_print", "annex", "proposal", "actions", "timeline", "session_coverage"),
    *("follow_ups", "follow_up_status", "decisions", "...", "paragraphs", "citations", "documents", "sessions"),
    *("findings", "unread", "long_texts", "dictionary"),
)
_FOR_PROGRAMS = ("start", "end", "source_line")  # columns that no reader needs: hidden
_SYMBOLS = ("symbol", "document", "report")  # columns that hold the symbol of a document
# Of each such table, the column whose values a reader wants in words, or in the language of the workbook, beside it.
_IN_WORDS = {
    "follow_ups": "status",
    "follow_up_status": "label",
    "timeline": "label",
    "agenda": "date_source",
    "findings": "note",
}
_MOST_LINKED = 5000  # rows: Excel takes no more than 65,530 links a sheet, and each costs time and memory
_WIDEST = 46
_NARROWER = 30  # the widest column of a table that would else be too small to read on paper
_MOST_LINES = 22  # a row cannot be higher than 409 points, some 27 lines
_FIRST_DAY = dt.date(1900, 3, 1)  # Excel counts a February 29, 1900, that there was not: earlier days are kept as text


class _Job(NamedTuple):
    """What every sheet is made from."""

    report: Report
    in_lang: Mapping[str, Sequence[Row]]  # the rows with what this package says in the language of the workbook
    lang: str
    book: Any
    path: Path
    styles: Styles
    titles: Mapping[str, str]  # sheet titles by key, in order
    places: Mapping[int, str]  # where in the workbook a passage stands, by id
    addresses: Mapping[str, str]  # of documents, by symbol
    actions: Mapping[str, str]  # the wording of actions, by number
    carried: Carried | None
    long: list[tuple[int, str, str, int, str]]  # pieces of texts that fit into no cell
    totals: dict[str, dict[str, Any]]  # values of formulas, by sheet title and cell

    def say(self, key: str) -> str:
        """Give a label in the language of the workbook."""
        return label(key, self.lang)

    def about(self, key: str) -> str:
        """Give what a sheet holds, in the language of the workbook."""
        return self.say(f"{key}.about") if f"{key}.about" in labels() else tables()[key].description[self.lang]


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
        Language of titles, labels, descriptions, of what this package says, and of values from a closed set, such as a
        status: they stand in words, and `read_excel` gives them back as declared. The document's own words stay as
        they are.
    notes_from : str or Path, optional
        A workbook that came back: what was written into its columns for own status and note, into columns added beside
        them and into comments is carried over to the same action or entry. What changed since, and what was changed by
        hand elsewhere and is not carried over, is listed on a sheet.
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
    back = returned(Path(notes_from)) if notes_from is not None else None
    with atomic_write(target, overwrite=overwrite) as temporary:
        carried = _carried(report, back, Path(notes_from), temporary) if back and notes_from is not None else None
        _write(report, temporary, lang, carried)
    return target


def _write(report: Report, path: Path, lang: str, carried: Carried | None = None) -> None:
    book = openpyxl.Workbook(write_only=True)
    try:
        save(book, path, _fill(book, path, report, lang, carried))
    except _UNWRITTEN as error:
        raise OSError(errno.ENOSPC if "ENOSPC" in str(error) else errno.EIO, str(error)) from error
    finally:
        discard(book)


def _carried(report: Report, back: Returned, path: Path, made: Path) -> Carried:
    """Take the notes from a workbook that came back, and tell what else was changed there by hand.

    That can be told only if it was made from the same source: then it is made again, and held against that.
    """
    if back.sha256 == report.sha256:
        _write(report, made, back.lang, Carried({}, ()) if back.listed else None)
        by_hand = list(edited(path, made))
    else:
        by_hand = [Change("uncompared", "", "")]
    return carry(back, {name: [row.values for row in report.rows[name]] for name in OWN}, report.language, by_hand)


def _fill(book: Any, path: Path, report: Report, lang: str, carried: Carried | None) -> dict[str, dict[str, Any]]:
    """Make the sheets; gives the values of the formulas in them."""
    titles = {key: label(key, lang) for key in _sheets(carried is not None)}
    places = _places(report, titles)
    addresses = {row.values["symbol"]: row.values["url"] for row in report.rows["documents"] if row.values["url"]}
    actions = {row.values["action_id"]: row.values["action"] for row in report.rows["actions"]}
    job = _Job(
        report,
        report.rows_in(lang),
        lang,
        book,
        path,
        Styles(book, report.language == "ar"),
        titles,
        places,
        addresses,
        actions,
        carried,
        [],
        {},
    )
    makers = {
        "about": _about,
        "annex_print": _annex_print,
        "session_coverage": _coverage,
        "changes": _changes,
    }
    # The sheet of long texts can only be known when all others are made; it is then the last but one.
    for key in [key for key in titles if key not in ("long_texts", "dictionary")]:
        makers.get(key, partial(_data, name=key))(job)
    if job.long:
        _plain_table(job, "long_texts", ("number", "table", "column", "part", "text"), job.long, [10, 20, 20, 10, 120])
    _dictionary(job)
    _properties(book, report)
    return job.totals


def _sheets(with_changes: bool) -> list[str]:
    """List the sheets in order, by key."""
    others = [name for name in tables() if name not in _ORDER]
    order = [name for key in _ORDER for name in (others if key == "..." else [key])]
    return [key for key in order if key != "changes" or with_changes]


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


def _cell(
    job: _Job, page: Page, value: Any, kind: str = "text", *, fill: str | None = None, to: Hyperlink | None = None
) -> Any:
    """Make one cell of a sheet that is laid out by hand."""
    value = _fitting(value) if isinstance(value, str) else value
    quote = isinstance(value, str) and looks_like_formula(value)
    return put(page.sheet, value, job.styles(kind, fill=fill, quote=quote, link=to is not None), to)


def _fitting(text: str) -> str:
    """Leave out the middle of a text that fits into no cell, and say how much; the sheets of tables hold it whole."""
    if len(text) * 7 <= LONGEST or units(encoded(text)) <= LONGEST:
        return text
    first, *_, last = pieces(text, LONGEST // 3)
    return f"{first} [… {len(text) - len(first) - len(last)} …] {last}"


def _inside(location: str, tip: str) -> Hyperlink:
    return Hyperlink(ref="A1", location=location, tooltip=encoded(tip[:80]))


def _new(
    job: _Job,
    key: str,
    widths: Sequence[float],
    *,
    freeze: str | None = None,
    repeat: str | None = "1:1",
    pages: int = 0,
    head: str = "",
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
    sheet.page_margins.header, sheet.page_margins.top = 0.3, 0.6
    sheet.page_margins.bottom, sheet.page_margins.footer = 0.7, 0.4
    for part, text, size in (
        (sheet.HeaderFooter.oddHeader.left, head, 10),
        (sheet.HeaderFooter.oddFooter.left, f"SHA-256 {job.report.sha256}", 7),
        (sheet.HeaderFooter.oddFooter.right, f"{job.titles[key]}  &P / &N", 8),
    ):
        part.text, part.size = text or None, size
    sheet.print_title_rows = repeat
    return Page(sheet, widths, job.path)


def _data(job: _Job, name: str) -> None:
    """Write a declared table as one Excel table, with links from symbols to documents and from rows to their words."""
    rows, words = job.report.rows[name], _in_words(job, name)
    columns = _columns(name, bool(words))
    names = [column.name for column in columns]
    heads = [_head(job, name, column) for column in names]
    small, charted = len(rows) <= _MOST_LINKED, name == "follow_up_status" and len(rows) > 0
    lines = _lines(job, name, columns, rows, words)
    first = list(islice(lines, 500))  # enough to tell how wide a column is to be
    wide = _widths(heads, first)
    if name in OWN:
        wide[-1] = max(wide[-1], 26)  # room for notes
    head = f"{job.titles[name]} ({len(rows) or job.say('none')}): {job.about(name)}"
    freeze = "B2" if sum(wide) > 150 and wide[0] < 40 else "A2"
    page = _new(job, name, wide, freeze=freeze, pages=1 if charted else 0, head=head)
    for number, column in enumerate(names, 1):
        in_words = bool(words) and column == _IN_WORDS[name] and column != "status"
        empty = column == "source_page" and not any(row.values[column] for row in rows)
        page.sheet.column_dimensions[get_column_letter(number)].hidden = column in _FOR_PROGRAMS or in_words or empty
    fills = [NATURES[column.nature] for column in columns]
    page.add([_cell(job, page, text, "header", fill=fill) for text, fill in zip(heads, fills, strict=True)])
    kinds = [{"string": "text", "integer": "number"}.get(column.type, column.type) for column in columns]
    plain = [job.styles(kind) for kind in kinds]
    for row, cells in zip(rows, chain(first, lines), strict=True):
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
    if not charted:
        page.fit()
    if texts := [get_column_letter(at) for at, c in enumerate(columns, 1) if c.type == "string" and not c.allowed]:
        page.sheet.col_breaks = NumbersAsText(" ".join(f"{letter}2:{letter}{last}" for letter in texts))
    if name in OWN:
        _own_status(job, page, get_column_letter(names.index("own_status") + 1), last)
    if charted:
        _since_chart(job, page, names, len(rows))


def _columns(name: str, in_words: bool) -> list[Column]:
    """Give the columns of a sheet: those declared, the words beside one of them, and the analyst's own."""
    found = list(tables()[name].columns)
    if in_words:
        meaning = labels().get(f"{name}.in_words.about", labels()["in_words"])
        at = 1 + next(n for n, column in enumerate(found) if column.name == _IN_WORDS[name])
        found.insert(at, Column("in_words", "string", meaning, "derived", False, False, ()))
    about = labels()["own_columns.about"]
    return found + [Column(key, "string", about, "own", False, False, ()) for key in OWN_COLUMNS if name in OWN]


def _head(job: _Job, name: str, column: str) -> str:
    return job.say(f"{name}.in_words" if column == "in_words" else column)


def _in_words(job: _Job, name: str) -> list[str]:
    """Say in words, and in the language of the workbook, the values of the column that is to stand so; none if so."""
    if name not in _IN_WORDS:
        return []
    values = [row.values for row in job.report.rows[name]]
    plain = [v[_IN_WORDS[name]] or "" for v in values]
    if name == "follow_ups":
        words = [job.say(status) for status in plain]
    elif name == "follow_up_status":
        words = [action_label(job.actions[v["action_id"]], job.lang) or "" for v in values]
    elif name == "timeline":
        words = [_event_in_words(job, row.values) for row in job.in_lang[name]]
    else:
        words = [row.values[_IN_WORDS[name]] or "" for row in job.in_lang[name]]
    return words if words != plain else []


def _event_in_words(job: _Job, event: Mapping[str, Any]) -> str:
    """Name the action of an event, and what the columns beside do not say yet."""
    action = action_label(job.actions.get(event["action_id"]), job.lang)
    told = None if event["label"] in (event["target"], str(event["date"])) else event["label"]
    return ": ".join(filter(None, (action, told)))


def _lines(
    job: _Job, name: str, columns: Sequence[Column], rows: Sequence[Row], words: Sequence[str]
) -> Iterator[list[Any]]:
    """Give the values of rows as they are shown, with the words and the notes beside them."""
    notes = job.carried.notes if job.carried else {}
    closed = {c.name: {value: value_label(value, job.lang) for value in c.allowed} for c in columns if c.allowed}
    for index, row in enumerate(rows):
        values = dict(row.values)
        for column, ways in closed.items():
            values[column] = ways.get(values[column], values[column])
        if words:
            values["in_words"] = words[index]
        values.update(zip(OWN_COLUMNS, notes.get((name, index), ()), strict=False))
        yield [values.get(column.name) for column in columns]


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
        for index, row_of in enumerate(report.rows[name]):
            for span in row_of.sources.get(None, ()):
                found[id(span.passage)] = f"{quote_sheetname(titles[name])}!A{index + 2}"
    return found


def _widths(heads: Sequence[str], lines: Sequence[Sequence[Any]]) -> list[float]:
    """Choose widths by the longest line and the longest word of the label; a wide sign counts two."""
    found = _wide(heads, lines, _WIDEST)
    if sum(found) > 230:
        found = _wide(heads, lines, _NARROWER)
    if lines and (spare := 150 - sum(found)) > 0 and max(found) >= _WIDEST:
        found[found.index(max(found))] += min(spare, 60)  # room on the page goes to the longest text
    return found


def _wide(heads: Sequence[str], lines: Sequence[Sequence[Any]], most: float) -> list[float]:
    found = []
    for at, head in enumerate(heads):
        least = max((width(word) for word in head.split()), default=0) + 4
        texts = {str(line[at]) for line in lines if line[at] is not None}
        whole = max(map(width, texts), default=0)
        longest = max((width(row) for text in texts for row in text.split("\n")), default=0) if whole > most else whole
        # A word such as an address is not broken, and a row shows no more than so many lines.
        word = max((len(w) for text in texts if len(text) > most for w in re.findall("[!-~]+", text)), default=0)
        cap = min(max(most, word / 0.9 + 2, whole / _MOST_LINES), 120)
        found.append(float(max(least, min(longest / 0.9 + 2, cap), 7 if texts else 12)))
    return found


def _as_table(page: Page, name: str, heads: Sequence[str], last: int) -> None:
    made: Any = ExcelTable(displayName=name, ref=f"A1:{get_column_letter(len(heads))}{last}")
    made.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    made._initialise_columns()  # write-only sheets cannot be asked for their header
    for column, head in zip(made.tableColumns, heads, strict=True):
        column.name = head
    page.sheet.tables.add(made)  # and not add_table, which warns that the names above have to be set


def _own_status(job: _Job, page: Page, letter: str, last: int) -> None:
    """Offer the statuses, and one for work that is done, in a list; what is not on it can be typed too."""
    allowed = [value_label(status, job.lang) for status in (*tables()["follow_ups"].column("status").allowed, "done")]
    offered = DataValidation(type="list", formula1=f'"{",".join(allowed)}"', allow_blank=True, showErrorMessage=False)
    offered.add(f"{letter}2:{letter}{last}")
    page.sheet.data_validations.append(offered)


# Colour-blind safe.
_PALETTE = ("0072B2", "E69F00", "009E73", "CC79A7", "56B4E9", "D55E00", "8C8C8C", "F0E442", "332288")


def _chart(title: str, kind: str, across: float, high: float) -> Any:
    chart: Any = BarChart()
    chart.type, chart.title, chart.width, chart.height = kind, title, across, high
    chart.x_axis.delete = chart.y_axis.delete = False  # else Excel draws no axes
    chart.y_axis.number_format, chart.gapWidth = "0", 60
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="D9D9D9"))
    return chart


def _since_chart(job: _Job, page: Page, names: Sequence[str], count: int) -> None:
    chart = _chart(job.say("follow_up_status.chart"), "bar", 22, 3 + count * 0.9)
    value, text = names.index("sessions_since") + 1, names.index("in_words" if "in_words" in names else "label") + 1
    chart.add_data(Reference(page.sheet, min_col=value, min_row=2, max_row=count + 1))
    chart.set_categories(Reference(page.sheet, min_col=text, min_row=2, max_row=count + 1))
    chart.x_axis.scaling.orientation = "maxMin"  # the first action on top
    chart.y_axis.majorUnit, chart.legend = 1, None
    chart.series[0].graphicalProperties.solidFill = _PALETTE[0]
    page.sheet.add_chart(chart, f"A{count + 4}")


_GREY = DifferentialStyle(font=Font(color="666666"), fill=PatternFill("solid", bgColor="D9D9D9"))
_SCALE = ColorScale([FormatObject("num", 0), FormatObject("max")], [Color("FFFFFFFF"), Color("FF5B9BD5")])


def _coverage(job: _Job) -> None:
    """Write the coverage: numbers with a colour scale, totals as formulas, sessions that did nothing as gaps."""
    grid = job.report.session_coverage
    sessions = [number for number in grid.columns if number != "total"]
    ids = [action for action in grid.index if action != "total"]
    texts = [action_label(job.actions[action], job.lang) or "" for action in ids]
    widths = [14, min(max([width(text) for text in texts] + [20]) + 6, _WIDEST), *([11] * len(sessions)), 11]
    head = f"{job.titles['session_coverage']}: {job.about('session_coverage')}"
    page = _new(job, "session_coverage", widths, freeze="C2", pages=1, head=head)
    heads = [job.say("action_id"), job.say("action"), *(f"CDIP/{number}" for number in sessions), job.say("total")]
    page.add([_cell(job, page, text, "header", fill=NATURES["derived"]) for text in heads])
    bottom = len(ids) + 1
    first, last, total = (get_column_letter(at) for at in (3, 2 + len(sessions), 3 + len(sessions)))
    values = job.totals.setdefault(page.sheet.title, {})

    def summed(cell: str, cells: str, value: int) -> Any:
        """Make a formula, and keep its value for viewers that do not calculate."""
        values[cell] = value
        made = put(page.sheet, f"=SUM({cells})", job.styles("total"))
        made.data_type, made._value = "f", f"=SUM({cells})"
        return made

    *counts, totals = [[int(count) for count in line] for line in grid.fillna(0).to_numpy().tolist()] or [[]]
    for row, (action, text, (*each, whole)) in enumerate(zip(ids, texts, counts, strict=True), 2):
        # Where a session did nothing the cells are empty: no number that a colour scale could paint.
        shown = [count if totals[at] else None for at, count in enumerate(each)]
        line = [_cell(job, page, action), _cell(job, page, text), *(_cell(job, page, n, "number") for n in shown)]
        page.add([*line, summed(f"{total}{row}", f"{first}{row}:{last}{row}", whole)] if sessions else line)
    if not ids or not sessions:
        return
    letters = [get_column_letter(at) for at in range(3, 4 + len(sessions))]
    sums = [
        summed(f"{letter}{bottom + 1}", f"{letter}2:{letter}{bottom}", whole)
        for letter, whole in zip(letters, totals, strict=True)
    ]
    page.add([_cell(job, page, job.say("total"), "band"), _cell(job, page, None, "band"), *sums])
    # A session that gets numbers by hand loses its grey and takes part in the scale.
    idle = Rule("expression", formula=[f"SUM({first}$2:{first}${bottom})=0"], stopIfTrue=True, dxf=_GREY)
    page.sheet.conditional_formatting.add(f"{first}1:{last}{bottom + 1}", idle)
    page.sheet.conditional_formatting.add(f"{first}2:{last}{bottom}", Rule("colorScale", colorScale=_SCALE))
    page.add([])
    page.add([_cell(job, page, job.say("session_coverage.gap"), "note")], 16)
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
    wide = ([30, 38, 32, 20, 20] if english else [38, 48, 42, 28, 28])[:most]
    header = next((n for n, line in enumerate(lines, 1) if next(iter(line.values())).role == "annex_header"), None)
    page = _new(
        job,
        "annex_print",
        [*wide, *([2, *wide] if english else [])],
        freeze=f"A{header + 1}" if header else None,
        repeat=f"1:{header}" if header else None,
    )
    for number, line in enumerate(lines):
        is_title = next(iter(line.values())).role == "annex_title"
        row = _annex_row(job, page, line, most)
        if english:
            row += [None, *_annex_row(job, page, english[number], most)]
        if english and is_title:
            name = f"{english[number][1].text} ({_translation().edition})"
            row[most + 1] = _cell(job, page, name, "subtitle")
        if next(iter(line.values())).role == "annex_section":
            page.begin_band()
        page.add(row, 24 if is_title else None)
    page.fit()


def _annex_row(job: _Job, page: Page, line: Mapping[int, Passage], most: int) -> list[Any]:
    first = next(iter(line.values()))
    if first.role == "annex_title":
        return [_cell(job, page, first.text, "subtitle"), *([None] * (most - 1))]
    if first.kind != "cell" and first.role != "annex_header":  # the paragraph of the proposal to which rows belong
        return [_cell(job, page, first.text if at == 1 else None, "band") for at in range(1, most + 1)]
    kind, fill = ("header", NATURES["printed"]) if first.role == "annex_header" else ("text", None)
    return [_cell(job, page, line[at].text if at in line else None, kind, fill=fill) for at in range(1, most + 1)]


def _about(job: _Job) -> None:
    """Write the first sheet: what was read, what was found, how to cite, and where everything stands."""
    report, say = job.report, job.say
    header, rows = report.header, report.rows
    page = _new(job, "about", [34, 130, 12], repeat=None)

    def line(head: str | None, text: Any, kind: str = "plain", to: Hyperlink | None = None, *more: Any) -> None:
        page.add([_cell(job, page, head, "plain" if to else "fact", to=to), _cell(job, page, text, kind), *more])

    def heading(text: str) -> None:
        page.add([])
        page.add([_cell(job, page, text, "heading")], 20)

    page.add([_cell(job, page, header.title or report.name, "title")], 28)
    if report.is_working_translation:
        page.add([_cell(job, page, report.edition_in(job.lang), "warning")], 16)
    page.add([])
    days = " – ".join(day.isoformat() for day in (header.start_date, header.end_date) if day)
    counted = ("paragraphs", "annex", "actions", "citations", "documents")
    unread = len(rows["unread"])
    given = f"{report.supplied['symbol']} [{say('about.supplied')}]" if "symbol" in report.supplied else None
    title = header.title or report.supplied.get("title") or report.name
    named = ". ".join(filter(None, (header.symbol or given, title, report.name)))
    facts = [
        ("source", report.name),
        ("sha256", report.sha256),
        ("language", f"{say(f'language.{report.language}')} ({report.language})"),
        ("symbol", header.symbol),
        ("dated", header.date and header.date.isoformat()),
        ("committee", header.committee),
        ("session", header.session and str(header.session)),
        ("dates", days),
        ("place", value_label(header.place or "", job.lang)),
        ("prepared_by", value_label(header.prepared_by or "", job.lang)),
        *(("supplied", f"{key} = {value}") for key, value in report.supplied.items()),
        ("read", "; ".join(f"{say(name)}: {len(rows[name])}" for name in counted)),
        ("unread", f"{unread} {say('about.some_unread')}" if unread else say("about.nothing_unread")),
        ("cite", f"{named}, SHA-256 {report.sha256}. {say('about.made_by')} cdip-analysis {__version__}."),
        ("links", f"{say('about.links_note')} {say('about.no_links_note')}"),
        ("signs", say("about.escaped_note")),
    ]
    for key, value in facts:
        line(say(f"about.{key}"), value or say("about.not_printed"))
    heading(say("about.sheets"))
    for key, title in job.titles.items():
        if key != "long_texts":
            count = _cell(job, page, len(rows[key]) if key in tables() else None, "count")
            line(title, job.about(key), "plain", _inside(f"{quote_sheetname(title)}!A1", title), count)
    page.break_here()
    heading(say("about.findings"))
    for row in job.in_lang["findings"][:1000]:
        passage = next((span.passage for span in row.sources.get(None, ())), None)
        where = place_label(passage, job.lang) if passage else ""
        place = job.places.get(id(passage))
        note = f"{value_label(row.values['kind'], job.lang)}: {row.values['note']}"
        line(where, note, "plain", _inside(place, where) if place else None)
    heading(say("about.colours"))
    for nature, fill in NATURES.items():
        name = _cell(job, page, value_label(nature, job.lang), "header", fill=fill)
        page.add([name, _cell(job, page, say(f"nature.{nature}"))])


def _plain_table(
    job: _Job, key: str, names: Sequence[str], rows: Sequence[Sequence[Any]], wide: Sequence[float]
) -> None:
    """Write a table of the workbook's own, such as the dictionary."""
    page = _new(job, key, wide, freeze="A2", head=f"{job.titles[key]}: {job.about(key)}")
    heads = [job.say(name) for name in names]
    page.add([_cell(job, page, head, "header", fill=NATURES["derived"]) for head in heads])
    for row in rows:
        page.add([_cell(job, page, cell, "number" if isinstance(cell, int) else "text") for cell in row])
    _as_table(page, key, heads, max(len(rows), 1) + 1)
    page.fit()


def _dictionary(job: _Job) -> None:
    """Write what every column means."""
    rows: list[tuple[str | None, ...]] = []
    for key in filter(tables().__contains__, job.titles):
        for c in _columns(key, bool(_in_words(job, key))):
            named = (
                job.titles[key],
                _head(job, key, c.name),
                c.name,
                c.description[job.lang],
                value_label(c.type, job.lang),
            )
            allowed = (v if value_label(v, job.lang) == v else f"{value_label(v, job.lang)} ({v})" for v in c.allowed)
            same = "*" if c.language_independent else None
            rows.append((*named, ", ".join(allowed) or None, value_label(c.nature, job.lang), same))
    rule = declaration()["description" if job.lang == "en" else f"description_{job.lang}"]
    rows.append((job.say("dictionary.csv"), None, None, rule, value_label("string", job.lang), None, None, None))
    names = ("table", "column", "name", "description", "type", "allowed", "nature", "language_independent")
    _plain_table(job, "dictionary", names, rows, [20, 26, 28, 60, 11, 40, 12, 14])


def _said_or_own(job: _Job, name: str) -> str:
    """Give the label of a table or column, or the name that someone gave to one of theirs."""
    return job.say(name) if name in labels() else name


def _changes(job: _Job) -> None:
    """Write what changed since the workbook that the notes were taken from."""
    rows = [
        (
            job.say(f"changes.{c.what}"),
            _said_or_own(job, c.table),
            c.row or None,
            c.column and _said_or_own(job, c.column),
            *(text and value_label(text, job.lang) for text in (c.before, c.after)),
            c.own_status,
            c.own_note,
        )
        for c in (job.carried.changes if job.carried else ())
    ]
    names = ("what", "table", "row", "column", "before", "after", "own_status", "own_note")
    _plain_table(job, "changes", names, rows, [30, 18, 40, 22, 40, 40, 18, 40])
