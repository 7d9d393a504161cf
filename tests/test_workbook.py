"""The workbook: nothing changes on the way, it is native Excel, notes survive, and real programs open it."""

import dataclasses
import datetime as dt
import hashlib
import itertools
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from frames import equal, with_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment

from cdip_analysis import Report, ReportError, export_excel, load_report, read_excel, session_coverage
from cdip_analysis.cells import LONGEST, Page, decoded, encoded, pieces, units, width
from cdip_analysis.data import SHIPPED, label, labels, value_label
from cdip_analysis.excel_import import _rows, _unlike
from cdip_analysis.notes import as_text
from cdip_analysis.schema import tables

# What the issue asks for, in its order; what other modules declare stands between Decisions and Paragraphs.
SHEETS = [
    "About",
    "Annex",
    "Annex data",
    "Proposal",
    "Actions",
    "Timeline",
    "Coverage",
    "Follow-up",
    "Follow-up status",
]
SHEETS += [
    "Decisions",
    "and so on",
    "Paragraphs",
    "Citations",
    "Documents",
    "Sessions",
    "Findings",
    "Unread",
    "Dictionary",
]


@pytest.fixture(scope="module", params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def path(zh: Report, lang: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_excel(zh, tmp_path_factory.mktemp("out") / f"报告 {lang}.xlsx", lang=lang)


@pytest.fixture(scope="module")
def book(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def values_of(report: Report, name: str) -> list[dict[str, Any]]:
    return [dict(row.values) for row in report.rows[name]]


# 1. Sheets


def test_the_sheets_stand_in_the_order_in_which_a_reader_asks(zh: Report, tmp_path: Path) -> None:
    found = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx"), read_only=True).sheetnames
    gap = SHEETS.index("and so on")
    assert found[:gap] == SHEETS[:gap]
    assert found[gap - len(SHEETS) + 1 :] == SHEETS[gap + 1 :]
    others = found[gap : gap - len(SHEETS) + 1]
    assert others == [label(name, "en") for name in tables() if label(name, "en") not in SHEETS]


def test_every_sheet_and_column_has_a_label_in_both_languages() -> None:
    names = {*tables(), *(column.name for table in tables().values() for column in table.columns)}
    assert sorted(names - labels().keys()) == [], "add a row to data/reference/labels.csv"
    assert [key for key, row in labels().items() if not (row["en"] and row["zh"])] == []


@pytest.mark.parametrize("name", tables())
def test_labels_tell_the_columns_of_a_table_apart(name: str) -> None:
    columns = [column.name for column in tables()[name].columns] + ["own_status", "own_note"]
    columns += [f"{name}.in_words"] if f"{name}.in_words" in labels() else []
    for language in ("en", "zh"):
        said = [label(column, language).lower() for column in columns]
        assert len(set(said)) == len(said), f"{name}, {language}: {sorted(x for x in said if said.count(x) > 1)}"


def test_about_says_what_was_read_and_links_to_every_sheet(zh: Report, book: Any, lang: str) -> None:
    about = book.worksheets[0]
    text = "\n".join(str(cell.value) for row in about.iter_rows() for cell in row if cell.value is not None)
    for words in (
        zh.name,
        zh.sha256,
        "2019-11-18",
        str(zh.header.title),
        label("about.not_printed", lang),
        "53",
        "119",
    ):
        assert words in text
    for row in zh.rows_in(lang)["findings"]:
        assert row.values["note"] in text
    links = [cell.hyperlink.location for row in about.iter_rows() for cell in row if cell.hyperlink]
    assert [f"'{title}'!A1" for title in book.sheetnames if f"'{title}'!A1" not in map(quoted, links)] == []


def test_what_the_user_supplied_is_cited_and_never_shown_as_printed(tmp_path: Path) -> None:
    path = export_excel(load_report(symbol="CDIP/24/5"), tmp_path / "a.xlsx")
    about: dict[Any, Any] = dict(openpyxl.load_workbook(path)["About"].iter_rows(max_col=2, values_only=True))  # type: ignore[arg-type]  # rows of two cells
    assert about["Symbol"] == "not printed in the source"
    assert about["Supplied by the user"] == "symbol = CDIP/24/5"
    assert about["How to cite"].startswith("CDIP/24/5 [Supplied by the user]. 关于成员国")


def quoted(location: str) -> str:
    sheet, cell = location.rsplit("!", 1)
    return "'" + sheet.strip("'") + "'!" + cell


def test_the_annex_is_printed_as_the_document_has_it_with_english_beside(zh: Report, book: Any) -> None:
    rows = list(book.worksheets[1].iter_rows(values_only=True))
    assert rows[0][0] == "西班牙提案的落实情况"
    assert rows[0][5].endswith("(working translation, not WIPO's English edition)")
    assert rows[1][:4] == ("行动", "落实情况", "CDIP 审议情况", "主席总结")
    assert len(rows) == 2 + 6 + 15  # title, header, a line for each paragraph of the proposal, the entries
    cells = [p for p in zh.passages if p.kind == "cell"]
    assert [text for row in rows[2:] for text in row[:4] if text and not re.match("第 . 段", text)] == [
        p.text for p in cells
    ]
    assert rows[5][0] is None, "an action is not printed again in its second entry"
    assert rows[3][5].startswith("Compile existing practices")


def test_no_english_stands_beside_another_document_or_the_translation_itself(tmp_path: Path, en: Report) -> None:
    other = load_report(SHIPPED["zh"].read_bytes().replace("至 112 段".encode(), "至 113 段".encode()))
    for report, name in ((other, "other.xlsx"), (en, "en.xlsx")):
        sheet = openpyxl.load_workbook(export_excel(report, tmp_path / name)).worksheets[1]
        assert sheet.max_column == 4
    text = openpyxl.load_workbook(tmp_path / "en.xlsx").worksheets[0]["A2"].value
    assert text == "working translation, not WIPO's English edition"


def test_a_session_that_did_nothing_is_an_empty_column_and_not_zeros(zh: Report, book: Any, lang: str) -> None:
    sheet, grid = book[label("session_coverage", lang)], session_coverage(zh)
    columns = {sheet.cell(1, at).value: [sheet.cell(row, at).value for row in range(2, 11)] for at in range(3, 9)}
    for session in range(19, 25):
        numbers = grid.iloc[:-1][session].tolist()
        assert columns[f"CDIP/{session}"] == (numbers if any(numbers) else [None] * 9)
    assert columns["CDIP/24"] == [None] * 9
    assert 0 in columns["CDIP/19"], "an action that a session did not consider, while it considered others, has a zero"


def test_coverage_totals_are_formulas_with_their_values(zh: Report, path: Path, book: Any, lang: str) -> None:
    title, grid = label("session_coverage", lang), session_coverage(zh)
    formulas = book[title]
    stored = openpyxl.load_workbook(path, data_only=True)[title]
    assert formulas["I11"].value == "=SUM(I2:I10)"
    assert formulas["I2"].value == "=SUM(C2:H2)"
    assert [stored.cell(11, column).value for column in range(3, 10)] == grid.T["total"].tolist()
    assert [stored.cell(row, 9).value for row in range(2, 12)] == grid["total"].tolist()
    assert [formulas.cell(1, column).value for column in range(3, 9)] == [f"CDIP/{n}" for n in range(19, 25)]
    kinds = {rule.type for area in formulas.conditional_formatting for rule in area.rules}
    assert kinds == {"colorScale", "expression"}


def test_every_column_stands_in_the_dictionary(book: Any) -> None:
    found = {(row[0], row[2]) for row in book.worksheets[-1].iter_rows(min_row=2, values_only=True)}
    for name, table in tables().items():
        title = next(t for t in labels()[name].values() if t in book.sheetnames)
        assert {(title, column.name) for column in table.columns} <= found


def test_the_dictionary_says_what_the_apostrophe_in_csv_files_is(book: Any) -> None:
    last = [cell.value for cell in list(book.worksheets[-1].iter_rows())[-1]]
    assert "CSV" in last[0]
    assert re.search("apostrophe|撇号", last[3])


CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def chinese(en: Report, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The workbook in Chinese of the English edition: what is English in it is the document's."""
    return openpyxl.load_workbook(export_excel(en, tmp_path_factory.mktemp("zh") / "a.xlsx", lang="zh"))


def test_what_we_say_in_a_chinese_workbook_is_chinese(chinese: Any, en: Report) -> None:
    about = {cell.value for row in chinese["说明"].iter_rows() for cell in row if isinstance(cell.value, str)}
    theirs = {en.header.title, en.name, en.sha256, "SHA-256", en.header.committee, "24", "2019-11-18 – 2019-11-22"}
    assert [text for text in about - theirs if not CHINESE.search(text)] == []
    for sheet in chinese.worksheets[2:]:
        assert [cell.value for cell in sheet[1] if not CHINESE.search(cell.value) and "CDIP/" not in cell.value] == []
        if sheet.title != "会议覆盖":
            assert CHINESE.search(sheet.oddHeader.left.text.removeprefix(sheet.title))
    for _, _, _, description, kind, allowed, nature, _ in chinese["数据字典"].iter_rows(min_row=2, values_only=True):
        assert CHINESE.search(description)
        assert CHINESE.search(kind)
        assert all(CHINESE.search(one) for one in (allowed or "无").split(", "))
        assert nature is None or CHINESE.search(nature)


def test_values_of_closed_sets_and_our_own_sentences_are_chinese_there(chinese: Any) -> None:
    for name, table in tables().items():
        sheet = chinese[label(name, "zh")]
        heads = [cell.value for cell in sheet[1]]
        shown = [label(column.name, "zh") for column in table.columns if column.allowed]
        shown += [label(f"{name}.in_words", "zh")] if name in ("findings", "agenda", "follow_ups") else []
        for head in shown:
            values = [row[heads.index(head)] for row in sheet.iter_rows(min_row=2, values_only=True)]
            assert [value for value in values if value is not None and not CHINESE.search(value)] == [], (name, head)
    notes = chinese["发现"]
    hidden = next(cell.column_letter for cell in notes[1] if cell.value == label("note", "zh"))
    assert notes.column_dimensions[hidden].hidden, "the English of the table stands in a hidden column beside"


@pytest.mark.parametrize("name", tables())
def test_every_description_and_value_is_declared_in_chinese(name: str) -> None:
    assert CHINESE.search(tables()[name].description["zh"])
    for column in tables()[name].columns:
        assert CHINESE.search(column.description["zh"])
        told = {value: {value, value_label(value, "en"), value_label(value, "zh")} for value in column.allowed}
        assert [value for value in told if not CHINESE.search(value_label(value, "zh"))] == []
        assert len(set().union(*told.values())) == sum(map(len, told.values())), "two would be read back as one"


# Documents with something odd in each: what is found there must be told in Chinese too.
HERE = Path(__file__).parent
ODD = sorted([*(HERE / "editions").glob("*.txt"), *(HERE / "regressions").iterdir()])


@pytest.mark.parametrize("path", ODD, ids=lambda path: path.name)
def test_every_finding_can_be_told_in_chinese(path: Path) -> None:
    try:
        rows = load_report(path).rows_in("zh")["findings"]
    except ReportError:
        return  # not to be read as a report: nothing is found in it
    notes = [row.values["note"] for row in rows]
    assert [note for note in notes if not CHINESE.search(note)] == [], "add rows to labels.csv"


def test_no_sheet_shows_a_code_where_there_are_words(book: Any) -> None:
    codes = {value for table in tables().values() for column in table.columns for value in column.allowed}
    codes = {value for value in codes if "_" in value}
    for sheet in book.worksheets[:-1]:  # the dictionary names the codes beside the words
        texts = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
        assert [text for text in texts if codes & set(re.findall(r"\w+", text))] == [], sheet.title
    dictionary = "\n".join(str(row[5]) for row in book.worksheets[-1].iter_rows(values_only=True))
    assert [code for code in codes if f"({code})" not in dictionary] == []


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Mandate for CDIP/19 to CDIP/24", "One-day seminar", "Webpage", "Web forum: due at CDIP/25"]),
        ("zh", ["授权期为CDIP/19至CDIP/24", "一天研讨会", "技术援助网页", "网络论坛: 在CDIP/25上到期"]),
    ],
)
def test_the_timeline_says_in_short_what_its_other_columns_do_not(
    zh: Report, tmp_path: Path, lang: str, words: list[str]
) -> None:
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx", lang=lang))
    sheet = book[label("timeline", lang)]
    heads = [cell.value for cell in sheet[1]]
    column = [
        row[heads.index(label("timeline.in_words", lang))] for row in sheet.iter_rows(min_row=2, values_only=True)
    ]
    assert [*column[:3], column[-1]] == words
    named = (sheet.title, label("timeline.in_words", lang))
    meant = [row[3] for row in book.worksheets[-1].iter_rows(values_only=True) if row[:2] == named]
    assert meant == [label("timeline.in_words.about", lang)]
    hidden = next(cell.column_letter for cell in sheet[1] if cell.value == label("label", lang))
    assert sheet.column_dimensions[hidden].hidden


def test_a_sentence_leaves_the_same_places_open_in_both_languages() -> None:
    fields = {key: [set(re.findall(r"\{(\w+)\}", words)) for words in row.values()] for key, row in labels().items()}
    assert [key for key, (en, zh) in fields.items() if en != zh] == []


# 2. Native Excel


def test_each_data_sheet_is_one_table_with_unique_text_headers(book: Any, lang: str) -> None:
    for name in [*tables(), "dictionary"]:
        sheet = book[label(name, lang)]
        assert list(sheet.tables) == [name]
        table = sheet.tables[name]
        header = [cell.value for cell in sheet[1]]
        assert [column.name for column in table.tableColumns] == header
        assert len(set(header)) == len(header)
        assert all(isinstance(text, str) for text in header)
        assert table.autoFilter is not None
        assert sheet.auto_filter.ref is None
        assert sheet.freeze_panes in ("A2", "B2")
        assert table.ref.startswith("A1:")
        assert sheet.max_row <= int(re.findall("[0-9]+$", table.ref)[0])


def test_columns_for_programs_are_hidden_and_print_is_set_up(zh: Report, book: Any, lang: str) -> None:
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth == 1
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert zh.sha256 in sheet.oddFooter.left.text
        assert "&P" in sheet.oddFooter.right.text
        if sheet.title not in (label("about", lang), label("annex_print", lang)):  # their first row is a title
            assert sheet.oddHeader.left.text.startswith(sheet.title)
    citations = book[label("citations", lang)]
    assert citations.print_title_rows == "$1:$1"
    for column in ("start", "end"):
        letter = next(cell.column_letter for cell in citations[1] if cell.value == label(column, lang))
        assert citations.column_dimensions[letter].hidden


PAGES = {
    "less than a page": (10, 1),
    "a page and a few rows": (36, 1),
    "a page and a half": (48, 0),
    "two pages and a few rows": (68, 2),
    "not quite three pages": (90, 0),
}


@pytest.mark.parametrize(("rows", "pages"), PAGES.values(), ids=PAGES)
def test_few_last_rows_take_no_printed_page_of_their_own(rows: int, pages: int) -> None:
    sheet = openpyxl.Workbook(write_only=True).create_sheet()
    sheet.page_setup.paperSize = 9
    page = Page(sheet, [50])
    for _ in range(rows):
        page.add([None])
    page.fit()
    assert sheet.page_setup.fitToHeight == pages
    sheet.close()


BANDS = {
    "each band ends on the first page": ([10, 10], []),
    "a band that would not end on the page": ([20, 20], [21]),
    "only the next page is full too": ([20, 20, 20], [21, 41]),
    "the head that is repeated takes room too": ([20, 15, 16], [21, 36]),
    "a band that is longer than a page begins on its own": ([10, 50, 10], [11, 61]),
    "the first band goes under the head": ([50], []),
}


@pytest.mark.parametrize(("bands", "breaks"), BANDS.values(), ids=BANDS)
def test_a_band_begins_on_the_page_on_which_it_ends(bands: list[int], breaks: list[int]) -> None:
    sheet = openpyxl.Workbook(write_only=True).create_sheet()
    sheet.page_setup.paperSize = 9  # 501 points: 31 rows, the head among them
    page = Page(sheet, [50])
    page.add([None])
    for rows in bands:
        page.begin_band()
        for _ in range(rows):
            page.add([None])
    page.fit()
    assert [one.id for one in sheet.row_breaks.brk] == breaks
    assert sheet.page_setup.fitToHeight == (0 if len(bands) > 1 and breaks else 1 if sum(bands) < 31 else 0)
    sheet.close()


def test_no_band_of_the_english_annex_stands_alone_at_the_foot_of_a_page(en: Report, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(export_excel(en, tmp_path / "a.xlsx"))["Annex"]
    high = [sheet.row_dimensions[row].height or 16 for row in range(1, sheet.max_row + 1)]
    bands = [row for row in range(1, len(high) + 1) if str(sheet.cell(row, 1).value).startswith("Paragraph ")]
    begin = [1, *(one.id + 1 for one in sheet.row_breaks.brk), len(high) + 1]
    assert len(begin) == 3, "two pages"
    assert begin[1] in bands
    wide = sum(sheet.column_dimensions[letter].width for letter in "ABCD")
    for points in (5.3, 6.9):  # of a sign: in the font of Excel, and in the one that LibreOffice may put for it
        for first, last in itertools.pairwise(begin):
            head = sum(high[:2]) if first > 1 else 0  # repeated
            assert (head + sum(high[first - 1 : last - 1])) * min(1, 784 / (points * wide)) < 501


def test_sheets_of_an_arabic_report_run_from_the_right(zh: Report, tmp_path: Path) -> None:
    report = dataclasses.replace(zh, document=dataclasses.replace(zh.document, language="ar"))
    book = openpyxl.load_workbook(export_excel(report, tmp_path / "a.xlsx"))
    assert all(sheet.sheet_view.rightToLeft for sheet in book)
    headings = [row[0] for row in book["About"].iter_rows() if row[0].value and not row[0].alignment.wrap_text]
    assert {cell.alignment.horizontal for cell in headings} == {"right"}, "else they run off the sheet"


def test_cells_are_of_their_type_and_linked(zh: Report, book: Any, lang: str) -> None:
    sheet = book[label("annex", lang)]
    at = {cell.value: cell.column for cell in sheet[1]}
    second = {
        key: sheet.cell(3, at[label(key, lang)]) for key in ("entry", "event_date", "action_id", "report_is_draft")
    }
    assert second["event_date"].value == dt.datetime(2017, 5, 12)
    assert second["event_date"].is_date
    assert second["entry"].value == 2
    assert second["action_id"].value == "1.2"
    assert second["report_is_draft"].value is False
    document = sheet.cell(2, at[label("document", lang)])
    assert document.hyperlink.target == "https://www.wipo.int/edocs/mdocs/mdocs/zh/cdip_21/cdip_21_4.pdf"
    assert "derived by rule" in document.hyperlink.tooltip
    evidence = sheet.cell(2, 1).hyperlink.location
    printed = label("annex_print", lang)
    assert evidence.replace("'", "") == f"{printed}!A4"
    assert book[printed]["A4"].value == zh.annex["action"][0]


def test_every_link_inside_leads_to_a_cell_that_is_there(book: Any) -> None:
    count = 0
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink and cell.hyperlink.location:
                    title, place = cell.hyperlink.location.rsplit("!", 1)
                    assert book[title.strip("'")][place].value is not None, (sheet.title, cell.coordinate)
                    count += 1
    assert count > 300


def test_two_charts_hang_on_cells(book: Any, lang: str) -> None:
    charted = {sheet.title: len(sheet._charts) for sheet in book.worksheets if sheet._charts}
    assert charted == {label("session_coverage", lang): 1, label("follow_up_status", lang): 1}


def test_there_are_no_macros_no_outside_references_and_no_formulas_but_the_totals(path: Path) -> None:
    with ZipFile(path) as archive:
        names = archive.namelist()
        formulas = [
            text
            for name in names
            if name.startswith("xl/worksheets/sheet")
            for text in re.findall("<f>(.*?)</f>", archive.read(name).decode())
        ]
        assert "numberStoredAsText" in archive.read("xl/worksheets/sheet3.xml").decode()
    assert not [name for name in names if "vba" in name.lower() or "external" in name.lower()]
    assert len(formulas) == 16
    assert all(re.fullmatch(r"SUM\([A-Z]+[0-9]+:[A-Z]+[0-9]+\)", formula) for formula in formulas)


def test_rows_are_high_enough_for_their_texts(book: Any) -> None:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.data_type == "s" and cell.alignment.wrap_text:
                    across = sheet.column_dimensions[cell.column_letter].width
                    lines = sum(-(-width(line) // int(across)) or 1 for line in cell.value.split("\n"))
                    high = sheet.row_dimensions[cell.row].height or 15
                    pitch = 14 if width(cell.value) == len(cell.value) else 17.5  # as LibreOffice sets Chinese
                    if lines > 1 or pitch > 15:  # a row of one line of Latin is as high as the program makes it
                        assert lines * pitch <= high or high == 409, (sheet.title, cell.coordinate)
                    assert lines * pitch <= 409, "more than a row can show"


def test_the_properties_tell_the_document_and_not_the_clock(zh: Report, book: Any) -> None:
    found = book.properties
    assert (found.title, found.creator) == (zh.header.title, "cdip-analysis")
    assert found.created == found.modified == dt.datetime(2019, 11, 18)
    assert zh.sha256 in found.description


# 4. Nothing changes on the way


def test_what_is_read_back_equals_what_was_written(edition: Report, tmp_path: Path) -> None:
    for language in ("en", "zh"):
        equal(read_excel(export_excel(edition, tmp_path / "a.xlsx", lang=language)), edition.tables)


def test_the_same_report_gives_the_same_bytes(zh: Report, tmp_path: Path) -> None:
    first, second = (export_excel(load_report(), tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert hashlib.sha256(first).hexdigest() == hashlib.sha256(second).hexdigest()
    with ZipFile(tmp_path / "a.xlsx") as archive:  # two exports in one second would agree on the clock too
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


TEXTS = {
    "formula": "=1+1",
    "formula of one sign": "=",
    "plus": "+41 22 338 9111",
    "minus": "-a",
    "at": "@SUM(A1)",
    "full-width formula": "＝1＋1",
    "command": "=cmd|' /C calc'!A0",
    "error value": "#N/A",
    "another error value": "#REF!",
    "looks like a number": "1.10",
    "looks like yes": "TRUE",
    "Arabic": "اللجنة المعنية بالتنمية والملكية الفكرية",
    "emoji": "参会者 👩🏽‍🔬",
    "line breaks": "a\nb\r\nc\rd",
    "blanks around": "  a \n",
    "nothing but blanks": "   ",
    "tab": "\ta\tb",
    "empty text": "",
    "control signs": "a\x00\x01\x0b\x1fb",
    "no sign at all": "\ufffe\uffff",
    "looks like an escape": "_x0041_",
    "looks like an escape of the escape": "_x005F_x0041_",
    "half an escape before a control sign": "_x0041\x01",
    "40,000 signs": "段" * 40_000,
    "40,000 emoji": "😀" * 40_000,
    "32,768 signs, one too many": "a" * 32_768,
    "32,767 signs, just enough": "a" * 32_767,
    "control signs that do not fit when escaped": "\x01" * 20_000,
    "apostrophe": "'=1",
    "XML": "<is>&amp;</is>",
}


@pytest.fixture(scope="module")
def of_texts(zh: Report, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path, Any]:
    """A workbook whose findings hold each of these texts, a row each."""
    finding = values_of(zh, "findings")[0]
    report = with_rows(zh, findings=[{**finding, "text": text, "note": text} for text in TEXTS.values()])
    path = export_excel(report, tmp_path_factory.mktemp("texts") / "texts.xlsx")
    return report, path, openpyxl.load_workbook(path)


def test_all_such_texts_are_read_back(of_texts: tuple[Report, Path, Any]) -> None:
    report, path, _ = of_texts
    equal(read_excel(path), report.tables)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_stays_what_it_is(of_texts: tuple[Report, Path, Any], name: str) -> None:
    _, _, book = of_texts
    text, long = TEXTS[name], units(encoded(TEXTS[name])) > LONGEST
    sheet = book["Findings"]
    row = list(TEXTS).index(name) + 2
    cells = [cell for cell in sheet[row] if cell.column in (6, 7)]
    assert [cell.data_type for cell in cells] == ["s", "s"]
    guarded = name in ("plus", "minus", "at", "command", "tab") or "formula" in name
    assert [cell.quotePrefix for cell in cells] == [guarded, guarded]
    assert ("\n[" in cells[0].value) is long
    stored = [line[4] for line in book["Long texts"].iter_rows(min_row=2, values_only=True)]
    assert any(decoded(part) == text[: len(decoded(part))] for part in stored if part) if long else True


def test_a_sheet_of_long_texts_is_there_only_where_it_is_needed(book: Any, of_texts: tuple[Report, Path, Any]) -> None:
    assert of_texts[2].sheetnames[-2:] == ["Long texts", "Dictionary"]
    assert not set(labels()["long_texts"].values()) & set(book.sheetnames)


def test_half_a_surrogate_pair_is_refused_and_the_place_is_said(zh: Report, tmp_path: Path) -> None:
    report = with_rows(zh, documents=[{**values_of(zh, "documents")[0], "title": "a\ud800b"}])
    with pytest.raises(ValueError, match=r"table documents, column title: half of a surrogate pair .* at sign 1"):
        export_excel(report, tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_days_before_1900_and_large_numbers_keep_their_value(zh: Report, tmp_path: Path) -> None:
    days = [dt.date(1883, 3, 20), dt.date(1900, 2, 28), dt.date(1900, 3, 1), dt.date(9999, 12, 31), dt.date(1, 1, 1)]
    rows = [
        {**values_of(zh, "sessions")[0], "session": number, "start_date": day, "end_date": day}
        for number, day in zip((0, -5, 2**53 + 1, 2**63 - 1, -(2**63)), days, strict=True)
    ]
    report = with_rows(zh, sessions=rows)
    path = export_excel(report, tmp_path / "a.xlsx")
    equal(read_excel(path), report.tables)
    stored = list(openpyxl.load_workbook(path)["Sessions"].iter_rows(min_row=2, max_col=2, values_only=True))
    # As Excel would count them: no day before March 1900, no more than 15 digits.
    assert [type(day) for _, day in stored] == [str, str, dt.datetime, dt.datetime, str]
    assert [type(number) for number, _ in stored] == [int, int, str, str, str]


SIGNS = st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("=+-@\t\r\n_x0041'#段😀\ufffe\x01"))
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(2**63), 2**63 - 1),
    "string": st.one_of(st.text(SIGNS, max_size=30), st.sampled_from(sorted(TEXTS.values(), key=len)[:-6])),
    "boolean": st.booleans(),
    "date": st.dates(),
}


def rows_of(name: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows that the declaration of a table allows."""
    fields = {}
    for column in tables()[name].columns:
        value = st.sampled_from(column.allowed) if column.allowed else BY_TYPE[column.type]
        fields[column.name] = value if column.required else st.one_of(st.none(), value)
    key = tables()[name].key
    rows = st.fixed_dictionaries(fields).filter(lambda row: any(value is not None for value in row.values()))
    # A lambda with a name, because its type is declared here.
    unique: Callable[[dict[str, Any]], Any] = lambda row: tuple(row[column] for column in key) if key else id(row)  # noqa: E731
    return st.lists(rows, max_size=4, unique_by=unique)


GENERATED = ("citations", "decisions", "documents", "findings", "sessions", "unread")


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.fixed_dictionaries({name: rows_of(name) for name in GENERATED}), st.sampled_from(["en", "zh"]))
def test_whatever_the_tables_hold_is_read_back(
    zh: Report, tmp_path_factory: pytest.TempPathFactory, changed: dict[str, list[dict[str, Any]]], language: str
) -> None:
    report = with_rows(zh, **changed)
    path = tmp_path_factory.getbasetemp() / "generated.xlsx"
    equal(read_excel(export_excel(report, path, lang=language)), report.tables)


@given(st.text(st.one_of(SIGNS, st.sampled_from("_x0041F\x01"))))
def test_encoding_can_always_be_undone(text: str) -> None:
    assert decoded(encoded(text)) == text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", encoded(text))
    parts = pieces(text, 60)
    assert "".join(parts) == text
    assert all(units(encoded(part)) <= 60 for part in parts)


BROKEN = {
    "a text in a column of numbers": ("B2", "many", "found 'many'; expected integer"),
    "half a number": ("B2", 1.5, "found 1.5; expected integer"),
}


def test_a_value_of_no_closed_set_is_named_with_those_that_are_allowed(zh: Report, tmp_path: Path) -> None:
    changed = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx"))
    sheet = changed["Follow-up"]
    at = [cell.value for cell in sheet[1]].index("Status") + 1
    sheet.cell(3, at).value = "settled"
    changed.save(tmp_path / "b.xlsx")
    with pytest.raises(ValueError, match=r"row 3, column 'Status': found 'settled'; expected one of none expected, "):
        read_excel(tmp_path / "b.xlsx")


def test_a_row_that_stands_twice_is_named_with_both_places(zh: Report, tmp_path: Path) -> None:
    changed = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx"))
    sheet = changed["Actions"]
    for at, cell in enumerate(sheet[3], 1):
        sheet.cell(12, at).value = cell.value
    changed.save(tmp_path / "b.xlsx")
    told = r"'Actions': found Action no\. 1\.2 in rows 3 and 12; expected it once\. Remove the row that was added"
    with pytest.raises(ValueError, match=told):
        read_excel(tmp_path / "b.xlsx")


@pytest.mark.parametrize(("cell", "value", "words"), BROKEN.values(), ids=BROKEN)
def test_a_cell_that_holds_something_else_is_named(
    zh: Report, tmp_path: Path, cell: str, value: Any, words: str
) -> None:
    path = export_excel(zh, tmp_path / "a.xlsx")
    changed = openpyxl.load_workbook(path)
    changed["Annex data"][cell] = value
    changed.save(path)
    with pytest.raises(ValueError, match=rf"'Annex data', row 2, column 'Proposal paragraph': {re.escape(words)}"):
        read_excel(path)


def test_what_is_no_such_workbook_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("text")
    with pytest.raises(ValueError, match="cannot be read as a workbook"):
        read_excel(tmp_path / "a.xlsx")
    with pytest.raises(ValueError, match="no such file"):
        read_excel(tmp_path / "b.xlsx")
    openpyxl.Workbook().save(tmp_path / "c.xlsx")
    with pytest.raises(ValueError, match="there is no sheet 'Annex data'"):
        read_excel(tmp_path / "c.xlsx")


def test_a_file_that_would_unpack_to_too_much_is_not_read(
    zh: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export_excel(zh, tmp_path / "a.xlsx")
    monkeypatch.setattr("cdip_analysis.excel_import._LARGEST", path.stat().st_size)
    with pytest.raises(ValueError, match="would unpack to more than"):
        read_excel(path)


def test_columns_and_rows_can_be_moved(zh: Report, tmp_path: Path) -> None:
    path = export_excel(zh, tmp_path / "a.xlsx")
    changed = openpyxl.load_workbook(path)
    sheet = changed["Actions"]
    sheet.insert_cols(1, 2)
    sheet["A1"] = "My own"
    sheet["A2"] = "x"
    changed.save(path)
    equal(read_excel(path), zh.tables)


def test_sheets_can_be_renamed_and_sorted_and_rows_hidden(zh: Report, tmp_path: Path) -> None:
    path = export_excel(zh, tmp_path / "a.xlsx")
    changed = openpyxl.load_workbook(path)
    for title in ("Annex data", "Actions", "Citations"):
        changed[title].title = f"{title} of mine"
    for row in range(3, 9):
        changed["Actions of mine"].row_dimensions[row].hidden = True
        changed["Actions of mine"].cell(row, 4).number_format = "yyyy-mm-dd"  # a number that is shown as a day
    changed.move_sheet("Citations of mine", -12)
    changed.save(path)
    equal(read_excel(path), zh.tables)


def test_a_sheet_that_is_gone_or_stands_twice_is_named(zh: Report, tmp_path: Path) -> None:
    path = export_excel(zh, tmp_path / "a.xlsx")
    changed = openpyxl.load_workbook(path)
    changed["Actions"].title = "Mine"
    changed.copy_worksheet(changed["Mine"])  # which of the two is it?
    changed.save(path)
    with pytest.raises(ValueError, match="there is no sheet 'Actions' or '行动'"):
        read_excel(path)


def test_a_report_without_an_annex_makes_a_workbook_too(tmp_path: Path) -> None:
    report = load_report(
        "1. 发展与知识产权委员会（CDIP）第二十四届会议审议了文件 CDIP/21/4。\n\n2. 请委员会注意。\n".encode()
    )
    for language in ("en", "zh"):
        equal(read_excel(export_excel(report, tmp_path / "a.xlsx", lang=language)), report.tables)


@pytest.mark.parametrize(("path", "options"), [("a.xls", {}), ("a.xlsx", {"lang": "fr"})])
def test_a_wrong_name_or_language_is_refused(zh: Report, tmp_path: Path, path: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"ends with \.xlsx|it can be 'en' or 'zh'"):
        export_excel(zh, tmp_path / path, **options)


# 3. Notes survive


def write_notes(path: Path, notes: Mapping[tuple[str, str], tuple[str | None, Any]], saved: Path) -> Path:
    """Write notes into a workbook, as a colleague would: beside the row that has a text, by sheet."""
    book = openpyxl.load_workbook(path)
    for (title, text), (status, note) in notes.items():
        sheet = book[title]
        header = [cell.value for cell in sheet[1]]
        row = next(row for row in sheet.iter_rows(min_row=2) if text in [cell.value for cell in row])
        row[header.index(label("own_status", "en"))].value = status
        row[header.index(label("own_note", "en"))].value = note
    saved.parent.mkdir(exist_ok=True)
    book.save(saved)
    return saved


def own(path: Path, title: str) -> list[tuple[Any, Any]]:
    sheet = openpyxl.load_workbook(path)[title]
    names = [cell.value for cell in sheet[1]]
    at = [next(names.index(t) for t in labels()[key].values() if t in names) for key in ("own_status", "own_note")]
    return [(row[at[0]], row[at[1]]) for row in sheet.iter_rows(min_row=2, values_only=True)]


def changes(path: Path, lang: str = "en") -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(path)[label("changes", lang)]
    return [row for row in sheet.iter_rows(min_row=2, values_only=True) if any(row)]


def test_notes_stand_beside_the_same_rows_after_rows_moved(zh: Report, tmp_path: Path) -> None:
    peer, day, follow = (
        "同行评审程序",
        "2017 年 5 月 12 日 举行了“技术援助和能力建设圆桌会议：分享经验、工具和方法”",
        "将向委员会第二十五届会议提交",
    )
    notes = {
        ("Actions", peer): ("done", "=settled"),
        ("Annex data", day): (None, "ask the Secretariat 👍\nsecond line"),
        ("Follow-up", follow): ("scheduled", 42),
    }
    returned = write_notes(export_excel(zh, tmp_path / "a.xlsx"), notes, tmp_path / "returned.xlsx")
    annex = values_of(zh, "annex")[1:]  # the first entry is gone and all others have another number
    annex = [{**row, "entry": number} for number, row in enumerate(annex, 1)]
    annex[3]["last_paragraph"] = 999
    path = export_excel(with_rows(zh, annex=annex), tmp_path / "new.xlsx", notes_from=returned)
    assert own(path, "Actions")[zh.actions["action"].tolist().index(peer)] == ("done", "=settled")
    assert own(path, "Annex data")[0] == (None, "ask the Secretariat 👍\nsecond line")
    assert own(path, "Follow-up")[2] == ("scheduled", "42")
    assert sum(1 for title in ("Actions", "Annex data", "Follow-up") for row in own(path, title) if any(row)) == 3
    listed = openpyxl.load_workbook(path)["Changes"]
    assert [cell.quotePrefix for row in listed for cell in row if cell.value == "=settled"] == [True]
    found = changes(path)
    assert [row[:3] for row in found if row[0] == "row is gone"] == [
        ("row is gone", "Annex data", f"1.1: 1: {zh.annex['implementation'][0]}")
    ]
    assert ("Last paragraph", "492", "999") in [row[3:6] for row in found if row[0] == "value changed"]
    assert len([row for row in found if row[0] == "note carried over"]) == 3


def test_a_note_whose_row_is_gone_is_kept_also_the_next_time(zh: Report, tmp_path: Path) -> None:
    first = "产权组织提供技术援助方面现有的做法、工具和方法汇总 (CDIP/21/4)"
    returned = write_notes(
        export_excel(zh, tmp_path / "a.xlsx"),
        {("Annex data", first): ("unclear", "do not lose me")},
        tmp_path / "b.xlsx",
    )
    shorter = with_rows(zh, annex=values_of(zh, "annex")[1:])
    for name in ("c.xlsx", "d.xlsx", "e.xlsx"):  # each from the one before; the last in Chinese
        lang = "zh" if name == "e.xlsx" else "en"
        returned = export_excel(shorter, tmp_path / name, notes_from=returned, lang=lang)
        kept = [row for row in changes(returned, lang) if row[0] == label("changes.note_orphaned", lang)]
        assert [(row[1], row[6], row[7]) for row in kept] == [(label("annex", lang), "unclear", "do not lose me")]


def test_comments_on_cells_are_kept_too(zh: Report, tmp_path: Path) -> None:
    path = export_excel(zh, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    book["Actions"]["C7"].comment = Comment("is this so?", "colleague")
    book["Paragraphs"]["E2"].comment = Comment("a comment elsewhere", "colleague")
    book.save(path)
    for name in ("b.xlsx", "c.xlsx"):  # the second time from notes, and not twice
        path = export_excel(zh, tmp_path / name, notes_from=path)
        assert own(path, "Actions")[5] == (None, "C7: is this so?")
        assert [(row[1], row[7]) for row in changes(path) if row[0] == label("changes.note_elsewhere", "en")] == [
            ("Paragraphs", "E2: a comment elsewhere")
        ]


THREADED = (
    "[Threaded comment]\n\nYour version of Excel allows you to read this threaded comment; however, any edits to it will "
    "get removed if the file is opened in a newer version of Excel. Learn more: "
    "https://go.microsoft.com/fwlink/?linkid=870924\n\nComment:\n    ask legal"
)
WRITTEN = {
    "a number": (0, "0"),
    "no": (False, "FALSE"),
    "a day": (dt.date(2026, 1, 2), "2026-01-02"),
    "a comment that can be answered": (Comment(THREADED, "x"), "L2: ask legal"),
}


@pytest.mark.parametrize(("value", "kept"), WRITTEN.values(), ids=WRITTEN)
def test_whatever_is_written_as_a_note_is_kept_as_it_is_shown(
    zh: Report, tmp_path: Path, value: Any, kept: str
) -> None:
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx"))
    cell = book["Actions"]["L2"]
    if isinstance(value, Comment):
        cell.comment = value
    else:
        cell.value = value
    book.save(tmp_path / "b.xlsx")
    path = export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx")
    assert own(path, "Actions")[0] == (None, kept)


def test_the_notes_of_a_copied_row_stand_together_and_no_row_is_said_to_be_gone(zh: Report, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx"))
    for title, below in (("Actions", 11), ("Annex data", 17), ("Follow-up", 11)):
        assert book[title].max_row == below - 1
        for at, cell in enumerate(book[title][2], 1):
            book[title].cell(below, at).value = cell.value
    book["Actions"]["L2"], book["Actions"]["L11"] = "first", "second"
    book.save(tmp_path / "b.xlsx")
    path = export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx")
    assert own(path, "Actions")[0] == (None, "first\nsecond")
    assert [row[0] for row in changes(path)] == ["note carried over"]


def test_what_stands_under_a_table_is_kept_and_where_it_stood_is_said(zh: Report, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx"))
    book["Actions"]["C13"], book["Actions"]["L14"] = "a remark", "a note"
    book["Actions"]["L1"].comment = Comment("on the header", "x")
    book.save(tmp_path / "b.xlsx")
    path = export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx")
    found = [("13", None, "a remark"), ("14", None, "a note"), ("1", None, "L1: on the header")]
    assert {row[0] for row in changes(path)} == {label("changes.note_elsewhere", "en")}
    assert sorted((row[2], row[4], row[7]) for row in changes(path)) == sorted(found)
    with pytest.raises(ValueError, match=r"sheet 'Actions', row 13: found 'a remark' .* put it beside the table"):
        read_excel(tmp_path / "b.xlsx")


@pytest.mark.parametrize("column", ["Entries", "Action"])  # the second is one by which rows are known
def test_notes_are_carried_where_a_sheet_and_a_column_were_deleted(zh: Report, tmp_path: Path, column: str) -> None:
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx"))
    book["Actions"]["L2"] = "precious"
    book["Actions"].delete_cols([cell.value for cell in book["Actions"][1]].index(column) + 1)
    del book["Follow-up"]
    book.save(tmp_path / "b.xlsx")
    path = export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx")
    assert own(path, "Actions")[0] == (None, "precious")
    missing = [row[1:4] for row in changes(path) if row[0] == label("changes.missing", "en")]
    assert missing == [("Follow-up", None, None), ("Actions", None, column)]
    assert {row[0] for row in changes(path)} == {label(f"changes.{key}", "en") for key in ("missing", "note_kept")}


@pytest.mark.parametrize("heading", [None, "My remarks"])
def test_notes_are_carried_where_an_own_column_was_deleted_or_renamed(
    zh: Report, tmp_path: Path, heading: str | None
) -> None:
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx"))
    book["Actions"]["K2"], book["Actions"]["L2"] = "done", "precious"
    if heading:
        book["Actions"]["L1"] = heading
    else:
        book["Actions"].delete_cols(12)
    book["Actions"].title = "Ours"
    book.save(tmp_path / "b.xlsx")
    equal(read_excel(tmp_path / "b.xlsx"), zh.tables)
    path = export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx")
    assert own(path, "Actions")[0] == ("done", "My remarks: precious" if heading else None)
    told = [row[:4] for row in changes(path) if row[0] != label("changes.note_kept", "en")]
    assert told == [(label("changes.own_missing", "en"), "Actions", None, "Own note")]


BY_HAND = [
    *(("About", "B4", None), ("Annex", "B5", None), ("Coverage", "I3", None)),
    *(("Commitments", "J4", "Outcome"), ("Dictionary", "D9", "Description")),
]


@pytest.mark.parametrize("value", ["by hand", 0, None], ids=str)
def test_what_was_changed_by_hand_elsewhere_is_told_by_sheet_and_cell(zh: Report, tmp_path: Path, value: Any) -> None:
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx"))
    expected = []
    for title, cell, column in BY_HAND:
        was, book[title][cell].value = book[title][cell].value, value
        assert was not in (None, value)
        shown = None if value is None else str(value)
        expected.append((label("changes.edited", "en"), title, cell, column, shown, was, None, None))
    book.save(tmp_path / "b.xlsx")
    path = export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx")
    assert changes(path) == expected
    now = openpyxl.load_workbook(path)
    assert [now[title][cell].value for title, cell, _ in BY_HAND] == [row[5] for row in expected]


OURS = ("Own status", "Own note")


@pytest.fixture(scope="module")
def made(zh: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_excel(zh, tmp_path_factory.mktemp("made") / "a.xlsx")


def told_of(zh: Report, made: Path, change: Callable[[Any], Any], tmp_path: Path) -> tuple[list[Any], list[Any]]:
    """What was done to each sheet, as `change` says it, and the list of changes in the workbook made from that one."""
    book = openpyxl.load_workbook(made)
    done = [done for sheet in book.worksheets if (done := change(sheet))]
    book.save(tmp_path / "b.xlsx")
    return done, changes(export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx"))


@pytest.mark.parametrize("column", range(1, 15))
def test_a_change_by_hand_is_told_whatever_the_sheet_and_the_column(
    zh: Report, made: Path, tmp_path: Path, column: int
) -> None:
    def change(sheet: Any) -> tuple[Any, ...] | None:
        row = min(3, sheet.max_row)
        if column > sheet.max_column or row == 1 or sheet.cell(1, column).value in OURS:
            return None
        head, cell = sheet.cell(1, column).value, sheet.cell(row, column)
        was, cell.value = cell.value, "by hand"
        return sheet.title, cell.coordinate, head, "by hand", as_text(was)

    done, found = told_of(zh, made, change, tmp_path)
    assert done
    assert len(found) == len(done), "each once"
    by_cell = [(row[1], row[2], *row[4:6]) for row in found]
    by_row = [(row[1], row[3], *row[4:6]) for row in found if row[0] == label("changes.changed", "en")]
    for title, cell, head, new, was in done:
        assert (title, cell, new, was) in by_cell or (title, head, new, was) in by_row, (title, cell)


def test_a_heading_that_was_changed_is_told_whatever_the_sheet(zh: Report, made: Path, tmp_path: Path) -> None:
    def change(sheet: Any) -> tuple[str, str] | None:
        table = next(iter(sheet.tables.values()), None)
        if table is None:
            return None
        last = [cell for cell in sheet[1] if cell.value not in OURS][-1]
        was, last.value = last.value, "Renamed"
        return sheet.title, str(was)

    done, found = told_of(zh, made, change, tmp_path)
    assert len(done) == len(tables()) + 1, "the tables and the dictionary"
    missing = [(row[1], row[3]) for row in found if row[0] == label("changes.missing", "en")]
    assert sorted(missing) == sorted(done)


def test_the_words_for_a_status_are_told_where_they_were_changed_or_their_column_deleted(
    zh: Report, made: Path, tmp_path: Path
) -> None:
    def overwrite(sheet: Any) -> None:
        if sheet.title == "Follow-up":
            assert sheet["D1"].value == "Meaning"
            sheet["D4"] = "we disagree"

    _, ((*told, before, after, _, _),) = told_of(zh, made, overwrite, tmp_path)
    assert told == [label("changes.edited", "en"), "Follow-up", "D4", "Meaning"]
    assert (before, after) == ("we disagree", openpyxl.load_workbook(made)["Follow-up"]["D4"].value)

    def delete(sheet: Any) -> tuple[str, str] | None:
        head = {"Follow-up": "Meaning", "Timeline": "In short", "Dictionary": "Description"}.get(sheet.title)
        if head is None:
            return None
        sheet.delete_cols([cell.value for cell in sheet[1]].index(head) + 1)
        return sheet.title, head

    done, found = told_of(zh, made, delete, tmp_path)
    assert len(done) == 3
    assert sorted((row[0], row[1], row[3]) for row in found) == sorted(
        (label("changes.missing", "en"), *each) for each in done
    )


def test_what_is_written_into_the_list_of_changes_is_kept(zh: Report, made: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(made)
    book["Actions"]["L2"], book["About"]["B4"] = "mine", "by hand"
    book.save(tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx"))
    rows = list(book["Changes"].iter_rows())
    assert [row[0].value for row in rows[1:]] == [label(f"changes.{key}", "en") for key in ("edited", "note_kept")]
    rows[1][7].value = "so be it"
    book.save(tmp_path / "d.xlsx")
    found = changes(export_excel(zh, tmp_path / "e.xlsx", notes_from=tmp_path / "d.xlsx"))
    assert [(row[0], *row[1:3], row[7]) for row in found] == [
        (label("changes.note_elsewhere", "en"), "Changes", "2", "so be it"),
        (label("changes.note_kept", "en"), "Actions", "1.1: 汇总提供技术援助方面现有的做法、工具和方法", "mine"),
    ]


def test_changes_by_hand_are_found_among_sorted_rows_and_moved_columns(zh: Report, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx", lang="zh"))
    sheet = book["决定"]
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    at = head.index("要求对象")
    rows.sort(key=lambda row: str(row[-1] or ""))
    rows[5][at] = rows[9][at] = "主席"
    for number, row in enumerate([head, *rows], 1):
        for column, value in enumerate([row[-1], *row[:-1]], 1):
            sheet.cell(number, column).value = value
    sheet["A30"] = "a remark under the table"
    book.save(tmp_path / "b.xlsx")
    found = changes(export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx"))
    assert [row[1:5] for row in found] == [
        ("Decisions", sheet.cell(7, at + 2).coordinate, "Asks", "主席"),
        ("Decisions", sheet.cell(11, at + 2).coordinate, "Asks", "主席"),
        ("Decisions", "A30", "Text", "a remark under the table"),
    ]


UNLIKE: dict[str, tuple[dict[int, Any], dict[int, Any], list[Any]]] = {
    "of two alike the nearest, above": ({2: ("a", "x"), 9: ("a", "y")}, {8: ("a", "z")}, [(8, ("a", "y"), ("a", "z")), (0, ("a", "x"), ())]),
    "of two alike the nearest, below": ({2: ("a", "x"), 9: ("a", "y")}, {3: ("a", "z")}, [(3, ("a", "x"), ("a", "z")), (0, ("a", "y"), ())]),
    "what is more alike before what is nearer": ({2: ("a", "b", "x"), 3: ("a", "c", "y")}, {4: ("a", "b", "z")}, [(4, ("a", "b", "x"), ("a", "b", "z")), (0, ("a", "c", "y"), ())]),
    "empty cells make no rows alike": ({2: ("p", None)}, {2: ("q", None)}, [(2, (), ("q", None)), (0, ("p", None), ())]),
    "each row was only one": ({2: ("a", "x")}, {2: ("a", "y"), 3: ("a", "z")}, [(2, ("a", "x"), ("a", "y")), (3, (), ("a", "z"))]),
    "of copies the last is the one that came": ({2: ("a",)}, {2: ("a",), 5: ("a",)}, [(5, (), ("a",))]),
    "sorted": ({2: ("a",), 3: ("b",)}, {2: ("b",), 3: ("a",)}, []),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), UNLIKE.values(), ids=UNLIKE)
def test_rows_that_differ_are_held_against_what_they_were(
    old: dict[int, Any], new: dict[int, Any], expected: list[Any]
) -> None:
    assert list(_unlike(old, new)) == expected


def test_rows_are_known_by_their_number_and_empty_ones_are_none() -> None:
    lines: list[Any] = [("a", "b", "c"), (None, "x"), ("d",), (), (None, None, "e")]
    assert _rows(lines, [2, 0]) == {1: ("c", "a"), 3: (None, "d"), 5: ("e", None)}


def test_rows_and_sheets_deleted_elsewhere_are_told(zh: Report, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "a.xlsx"))
    book["Proposal"].delete_rows(3)
    del book["About"]
    book.save(tmp_path / "b.xlsx")
    found = changes(export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx"))
    assert [row[:3] for row in found] == [
        (label("changes.edited", "en"), "Proposal", None),
        (label("changes.missing", "en"), "About", None),
    ]
    assert str(zh.proposal["text"][1]) in found[0][5]


def test_of_another_document_it_is_said_that_other_sheets_cannot_be_compared(zh: Report, tmp_path: Path) -> None:
    other = load_report(SHIPPED["zh"].read_bytes().replace("至 112 段".encode(), "至 113 段".encode()))
    path = export_excel(other, tmp_path / "b.xlsx", notes_from=export_excel(zh, tmp_path / "a.xlsx"))
    assert changes(path)[0][0] == label("changes.uncompared", "en")


def test_what_a_colleague_added_is_carried_or_named(zh: Report, tmp_path: Path) -> None:
    path = export_excel(zh, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    actions, at = book["Actions"], book["Actions"].max_column + 1
    actions.cell(1, at).value, actions.cell(7, at).value = "Capital says", "wait"
    actions.cell(8, at + 1).value = "no heading"
    book["Sessions"]["H1"], book["Sessions"]["H2"] = "Who went", "me"
    book["Actions"].title = "Our actions"
    book.create_sheet("Budget")["A1"] = 100
    book.save(path)
    path = export_excel(zh, tmp_path / "b.xlsx", notes_from=path)
    assert own(path, "Actions")[5] == (None, "Capital says: wait")
    assert own(path, "Actions")[6] == (None, "N: no heading")
    left = [row[1:4] for row in changes(path) if row[0] == label("changes.left", "en")]
    assert sorted(left, key=str) == [("Budget", None, None), ("Sessions", None, "Who went")]


def test_notes_survive_rows_sorted_and_filtered_by_libreoffice(zh: Report, tmp_path: Path) -> None:
    notes = {
        ("Actions", "同行评审程序"): ("done", "mine"),
        ("Follow-up", "预计将没有与此项目相关的后续行动"): (None, "=1"),
    }
    book = openpyxl.load_workbook(
        write_notes(export_excel(zh, tmp_path / "a.xlsx"), notes, tmp_path / "sent" / "b.xlsx")
    )
    sheet = book["Actions"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for number, row in enumerate(sorted(rows, key=lambda row: -int(str(row[3]))), 2):  # as after a click on a header
        for at, value in enumerate(row, 1):
            sheet.cell(number, at).value = value
        sheet.row_dimensions[number].hidden = number > 4
    book.save(tmp_path / "sent" / "b.xlsx")
    office(tmp_path, "xlsx:Calc MS Excel 2007 XML", tmp_path / "sent" / "b.xlsx")
    path = export_excel(zh, tmp_path / "c.xlsx", notes_from=tmp_path / "b.xlsx", lang="zh")
    assert own(path, "行动")[5] == ("done", "mine")
    assert own(path, "后续行动")[1] == (None, "=1")
    assert {row[0] for row in changes(path, "zh")} == {label("changes.note_kept", "zh")}


def test_notes_of_the_chinese_edition_stand_in_the_english_one(zh: Report, en: Report, tmp_path: Path) -> None:
    notes = {
        ("Annex data", "技术援助网络论坛原型 (CDIP/23/9)"): ("done", "seen"),
        ("Actions", "同行评审程序"): (None, "peer"),
    }
    returned = write_notes(export_excel(zh, tmp_path / "a.xlsx"), notes, tmp_path / "b.xlsx")
    path = export_excel(en, tmp_path / "c.xlsx", notes_from=returned, lang="zh")
    assert own(path, label("annex", "zh"))[6] == ("done", "seen")
    assert own(path, label("actions", "zh"))[5] == (None, "peer")
    told = {label(f"changes.{key}", "zh") for key in ("note_kept", "uncompared")}
    assert {row[0] for row in changes(path, "zh")} == told, "editions are equal but for words"


def test_a_workbook_saved_elsewhere_is_not_written_over_and_can_be_its_own_source(zh: Report, tmp_path: Path) -> None:
    path = export_excel(zh, tmp_path / "a.xlsx")
    assert export_excel(zh, path) == path, "ours, as it was written: replaced without a word"
    write_notes(path, {("Actions", "同行评审程序"): ("done", "mine")}, path)
    with pytest.raises(FileExistsError, match="saved by another program"):
        export_excel(zh, path)
    export_excel(zh, path, notes_from=path, overwrite=True)
    assert ("done", "mine") in own(path, "Actions")


# 7. Seen by real programs


@pytest.mark.parametrize("engine", ["openpyxl", "calamine"])
def test_pandas_reads_every_sheet(path: Path, zh: Report, lang: str, engine: Literal["openpyxl", "calamine"]) -> None:
    found = pd.read_excel(path, sheet_name=None, engine=engine, dtype_backend="numpy_nullable")
    assert len(found) == len(tables()) + 4
    for name in tables():
        frame = found[label(name, lang)]
        assert len(frame) == len(zh.rows[name]) or (len(frame) <= 1 and not zh.rows[name])
        assert [
            label(column.name, lang) for column in tables()[name].columns if label(column.name, lang) not in frame
        ] == []
    coverage = found[label("session_coverage", lang)]
    assert coverage[label("total", lang)].dropna().tolist()[-1] == 206


def office(folder: Path, to: str, *files: Path) -> None:
    """Let LibreOffice convert files, with a profile of its own, so that one that is open does not matter."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed: the workbook was not seen by a real program")
    words = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", to]
    done = subprocess.run(
        [*words, "--outdir", str(folder), *map(str, files)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr


def test_libreoffice_opens_it_and_every_value_survives(zh: Report, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    path = export_excel(zh, sent / "报告 1.xlsx", lang="zh")
    office(tmp_path, "xlsx:Calc MS Excel 2007 XML", path)
    back = tmp_path / path.name
    equal(read_excel(back), zh.tables)
    calculated = openpyxl.load_workbook(back, data_only=True)[label("session_coverage", "zh")]
    assert calculated["I11"].value == 206
    assert export_excel(zh, tmp_path / "new.xlsx", notes_from=back).exists()
    with pytest.raises(FileExistsError):
        export_excel(zh, back)
    office(tmp_path, "pdf", path)
    if (reader := shutil.which("pdftotext")) is None:
        pytest.skip("pdftotext is not installed: the pages were made, and their words not looked at")
    text = subprocess.run(
        [reader, "-layout", str(tmp_path / "报告 1.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode()
    assert "###" not in text
    assert [len(re.findall(rf"{title} +[0-9]+ / ", text)) for title in ("附件", "时间线", "会议覆盖")] == [1, 1, 1]
    assert "#NAME" not in text
    for words in ("西班牙提案的落实情况", "working translation", "各届会议报告段落数", "206", zh.sha256):
        assert words in text
