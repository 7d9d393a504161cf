"""The workbook: what an analyst sees, writes into it and gets back."""

import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from conftest import Page
from openpyxl.cell.rich_text import CellRichText

from cdip_analysis import Report, ReportError, export_excel, load_report, read_excel
from cdip_analysis.excel_import import decoded, encoded

TITLES = {
    "en": ["Overview", "Annex", "Timeline", "Coverage", "Follow-up status", "Commitments", "Reading list", "Findings",
           "Words", "Annex data", "Dictionary"],
    "zh": ["总览", "附件", "时间线", "会议覆盖", "后续状态", "承诺", "阅读清单", "发现", "原文", "附件数据", "数据字典"],
}  # fmt: skip


@pytest.fixture(scope="module")
def written(zh: Report, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("books")
    return {lang: export_excel(zh, folder / f"{lang}.xlsx", lang=lang) for lang in ("en", "zh")}


@pytest.fixture(scope="module")
def books(written: dict[str, Path]) -> dict[str, Any]:
    return {lang: openpyxl.load_workbook(path, rich_text=True) for lang, path in written.items()}


def texts(book: Any) -> list[str]:
    cells = (cell.value for sheet in book for row in sheet.iter_rows() for cell in row)
    return [str(value) for value in cells if isinstance(value, str | CellRichText)]


def heads(sheet: Any, first: str) -> tuple[int, dict[str, int]]:
    """The number of the header row, and the columns by heading."""
    row = next(r for r in range(1, 12) if sheet.cell(r, 1).value == first)
    return row, {sheet.cell(row, c).value: c for c in range(1, sheet.max_column + 1)}


@pytest.mark.parametrize("lang", TITLES)
def test_sheets_are_in_the_order_in_which_a_reader_asks(lang: str, books: dict[str, Any]) -> None:
    assert books[lang].sheetnames == TITLES[lang]


def test_overview_is_one_page_with_the_sentence_and_nine_actions(books: dict[str, Any], zh: Report) -> None:
    sheet = books["en"]["Overview"]
    row, column = heads(sheet, "Action no.")
    assert sheet["A2"].value == zh.sentence()
    assert [sheet.cell(row + n, 1).value for n in range(1, 10)] == list(zh.overview["action_id"])
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 1)
    state = sheet.cell(row + 3, column["State"])
    assert state.value == "on trial"
    assert state.fill.fgColor.rgb != sheet.cell(row + 1, column["State"]).fill.fgColor.rgb
    place = state.hyperlink.location
    words = books["en"]["Words"][place.split("!")[1]]
    assert "初步为期六个月" in str(words.value)
    foot = " ".join(str(cell.value) for line in sheet.iter_rows(min_row=row + 10) for cell in line)
    for part in ("Due now or later", "CDIP/25", "udged by", zh.sha256, "symbol unknown"):
        assert part in foot


@pytest.mark.parametrize("lang", TITLES)
def test_no_mark_of_a_link_is_in_any_text(lang: str, books: dict[str, Any]) -> None:
    assert [text for text in texts(books[lang]) if "(#)" in text] == []


def test_english_is_beside_each_chinese_text_and_in_the_chinese_one_is_none(books: dict[str, Any]) -> None:
    chinese = re.compile("[\u4e00-\u9fff]{6}")
    for name in ("Annex", "Follow-up status", "Commitments", "Findings", "Words"):
        sheet = books["en"][name]
        for row in sheet.iter_rows(min_row=2):
            values = [str(cell.value) for cell in row if cell.value is not None]
            if any(chinese.search(value) for value in values):
                assert any(re.search("[A-Za-z]{4} ", value) for value in values), values
    assert not [cell.value for cell in books["zh"]["总览"][3] if re.search("[A-Za-z]{5}", str(cell.value))]


def test_words_that_values_rest_on_are_bold_inside_their_cell(books: dict[str, Any]) -> None:
    sheet = books["en"]["Words"]
    row = next(r for r in sheet.iter_rows(min_row=2) if r[0].value == "paragraph 20")
    assert isinstance(row[1].value, CellRichText)
    bold = "".join(part.text for part in row[1].value if not isinstance(part, str) and part.font.b)
    assert "在委员会第二十五届会议上提供关于网络研讨会的评价报告" in bold
    assert "evaluation report on the webinars" in row[2].value


def test_totals_of_the_coverage_are_formulas_and_cdip_24_is_not_held_yet(books: dict[str, Any]) -> None:
    sheet = books["en"]["Coverage"]
    assert [sheet.cell(1, c).value for c in range(3, 10)] == [*(f"CDIP/{n}" for n in range(19, 25)), "Total"]
    assert sheet["D11"].value == "=SUM(D2:D10)"
    assert sheet["H11"].value == "not held yet"
    assert [sheet.cell(r, 8).value for r in range(2, 11)] == [None] * 9


def test_chart_has_an_alternative_text_and_the_same_report_gives_the_same_bytes(
    zh: Report, written: dict[str, Path], tmp_path: Path
) -> None:
    with zipfile.ZipFile(written["en"]) as archive:
        drawing = next(archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/drawings/drawing"))
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert 'descr="Report paragraphs cited by the annex, by session: CDIP/19 44' in drawing
    again = export_excel(zh, tmp_path / "again.xlsx")
    assert again.read_bytes() == written["en"].read_bytes()


def test_annex_is_read_back_as_it_is(zh: Report, written: dict[str, Path]) -> None:
    for path in written.values():
        pd.testing.assert_frame_equal(read_excel(path)["annex"], load_report(beside=False).annex)


# ---- what comes back -------------------------------------------------------------------------------------------------------


def edited(path: Path, folder: Path, *edits: tuple[str, str, Any]) -> Path:
    """A copy in which a colleague changed cells."""
    book = openpyxl.load_workbook(path, rich_text=True)
    for sheet, cell, value in edits:
        book[sheet][cell] = value
    book.save(folder / "back.xlsx")
    return folder / "back.xlsx"


def column_of(path: Path, sheet: str, head: str) -> str:
    rows = openpyxl.load_workbook(path)[sheet].iter_rows(max_row=8)
    return next(str(cell.column_letter) for row in rows for cell in row if cell.value == head)


def with_notes(report: Report, back: Path) -> Any:
    """The workbook of a report with the notes of one that came back."""
    return openpyxl.load_workbook(export_excel(report, back.with_name("new.xlsx"), overwrite=True, notes_from=back))


def test_notes_own_columns_and_what_has_no_heading_come_back(
    zh: Report, written: dict[str, Path], tmp_path: Path
) -> None:
    """To their rows, once and again; days stay days."""
    own = column_of(written["en"], "Overview", "Own note") + "7"
    note = column_of(written["en"], "Annex data", "Own note")
    edits: list[tuple[str, str, Any]] = [
        ("Overview", own, "ask Bern"),
        ("Annex data", "U1", "Mine"),
        ("Annex data", "U5", "x"),
        ("Annex data", f"{note}3", dt.date(2026, 11, 27)),
        ("Annex data", f"{note}4", dt.datetime(2026, 11, 27, 9, 30)),
        ("Annex data", "Z5", "beside"),
        ("Overview", "Z6", "far out"),
        ("Overview", "Z17", "beside the foot"),
    ]
    back = edited(written["en"], tmp_path, *edits)
    for name in ("new", "third"):
        back = export_excel(zh, tmp_path / f"{name}.xlsx", notes_from=back)
        again = openpyxl.load_workbook(back)
        assert again["Overview"][own].value == "ask Bern"
        _, column = heads(again["Annex data"], "Entry")
        values = {head: [again["Annex data"].cell(n, at).value for n in (3, 4, 5)] for head, at in column.items()}
        assert values["Own note"][:2] == [dt.datetime(2026, 11, 27), dt.datetime(2026, 11, 27, 9, 30)]
        assert (values["Mine"], values["(no heading)"]) == ([None, None, "x"], [None, None, "beside"])
        assert "far out" in texts(again)
        assert name == "third" or "beside the foot" in texts(again)


def test_every_row_of_every_sheet_has_its_height(books: dict[str, Any]) -> None:
    for sheet in (sheet for book in books.values() for sheet in book):
        rows = {cell.row for line in sheet.iter_rows() for cell in line if cell.value is not None}
        assert [row for row in rows if sheet.row_dimensions[row].height is None] == [], sheet.title


def test_notes_come_back_by_key_in_another_language(zh: Report, written: dict[str, Path], tmp_path: Path) -> None:
    note = column_of(written["zh"], "后续状态", "自定备注")
    again = with_notes(zh, edited(written["zh"], tmp_path, ("后续状态", f"{note}3", "问伯尔尼")))
    there = column_of(tmp_path / "new.xlsx", "Follow-up status", "Own note")
    assert again["Follow-up status"][f"{there}3"].value == "问伯尔尼"


def test_what_was_changed_elsewhere_is_listed_with_the_notes_of_rows_that_are_gone(
    zh: Report, written: dict[str, Path], tmp_path: Path
) -> None:
    last = column_of(written["en"], "Reading list", "Last paragraph")
    key, note = (column_of(written["en"], "Follow-up status", head) for head in ("Action no.", "Own note"))
    gone = (("Follow-up status", f"{key}3", "7.7"), ("Follow-up status", f"{note}3", "keep me"))
    again = with_notes(zh, edited(written["en"], tmp_path, ("Reading list", f"{last}3", 999), *gone))
    rows = [(r[0], r[2], r[4]) for r in again["Changes elsewhere"].iter_rows(min_row=2, values_only=True)]
    assert ("Reading list", "Last paragraph", "999") in rows
    assert "keep me" in {now for _, _, now in rows}
    assert {sheet for sheet, _, _ in rows} == {"Reading list", "Follow-up status"}


def test_extra_columns_are_added_by_key(zh: Report, tmp_path: Path) -> None:
    mine = pd.DataFrame({"Cost": [10.5, None]}, index=[2, 13])
    sheet = openpyxl.load_workbook(export_excel(zh, tmp_path / "x.xlsx", extra={"annex": mine}))["Annex data"]
    _, column = heads(sheet, "Entry")
    assert [sheet.cell(r, column["Cost"]).value for r in (2, 3, 14)] == [None, 10.5, None]
    wrong = {"row '99'": {"annex": mine.set_axis([2, 99])}, "no sheet 'anex'": {"anex": mine}}
    for says, extra in wrong.items():
        with pytest.raises(ValueError, match=says):
            export_excel(zh, tmp_path / "y.xlsx", extra=extra)


def test_notes_beside_a_table_of_an_unknown_kind_come_back(tmp_path: Path) -> None:
    report = load_report(b"1. The Committee met in the year.\nMeasure\tState\nLeaflet\tdone\nVisit\topen")
    book = export_excel(report, tmp_path / "x.xlsx")
    back = edited(book, tmp_path, ("Raw 1", "D1", "Mine"), ("Raw 1", "D3", "ask Bern"))
    again = openpyxl.load_workbook(export_excel(report, tmp_path / "new.xlsx", notes_from=back))
    assert [row[1:] for row in again["Raw 1"].iter_rows(min_row=2, values_only=True)] == [
        ("Leaflet", "done", None),
        ("Visit", "open", "ask Bern"),
    ]
    assert "Changes elsewhere" not in again.sheetnames


def test_commitments_come_back_as_judgements(written: dict[str, Path], tmp_path: Path, zh: Report) -> None:
    back = load_report(judgements=written["en"])
    assert back.sentence() == zh.sentence(), "the state of each action is that of the shipped file"
    same = back.commitments
    assert list(same["outcome"]) == list(zh.commitments["outcome"])
    assert same["outcome_words"].notna().sum() == zh.commitments["outcome_words"].notna().sum()
    letter = column_of(written["en"], "Commitments", "Outcome")
    changed = load_report(judgements=edited(written["en"], tmp_path, ("Commitments", f"{letter}5", "in part")))
    assert changed.commitments["outcome"].iloc[3] == "partly"
    with pytest.raises(ReportError, match="'done'"):
        load_report(judgements=edited(written["en"], tmp_path, ("Commitments", f"{letter}5", "done")))


# ---- other reports, bad input ----------------------------------------------------------------------------------------------

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "＝1",
    "#N/A",
    "<script>",
    "_x0041_",
    "a\x0bb",
    "\ufffe",
    "x" * 40_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text: str, tmp_path: Path) -> None:
    report = load_report(f"1. The report of CDIP/21, paragraph 3.\n2. {text} the CDIP/22/4".encode(), language="en")
    book = openpyxl.load_workbook(export_excel(report, tmp_path / "hostile.xlsx"))
    formulas = [c.value for sheet in book for row in sheet.iter_rows() for c in row if c.data_type in ("f", "e")]
    assert [one for one in formulas if not str(one).startswith("=SUM(")] == []
    assert decoded(encoded(text)) == text


@pytest.mark.parametrize("code", ["ar", "es", "fr", "ru"])
def test_every_language_has_a_workbook(code: str, tmp_path: Path) -> None:
    report = load_report(Path(__file__).parent / "editions" / f"report.{code}.txt")
    book = openpyxl.load_workbook(export_excel(report, tmp_path / "x.xlsx"))
    assert book["Annex"].sheet_view.rightToLeft is (code == "ar")
    assert book["Annex"].max_row == 6


@pytest.mark.parametrize("says", ["no such file", "cannot be read as a workbook", "no sheet 'Overview'"])
def test_what_is_no_such_workbook_is_refused_in_words(says: str, zh: Report, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    if "sheet" in says:
        openpyxl.Workbook().save(path)
    elif "read" in says:
        path.write_bytes(b"text")
    for ask in (lambda: read_excel(path), lambda: export_excel(zh, tmp_path / "new.xlsx", notes_from=path)):
        with pytest.raises(ValueError, match=says):
            ask()


def test_workbook_of_version_0_1_gives_its_annex_and_is_refused_for_notes(
    zh: Report, written: dict[str, Path], tmp_path: Path
) -> None:
    """As 0.1 wrote it: About in front, no Overview, notes on sheets that are no more."""
    book = openpyxl.load_workbook(written["en"])
    book["Overview"].title = "About"
    book.create_sheet("Follow-up")["A1"] = "Action no."
    book.save(tmp_path / "old.xlsx")
    assert len(read_excel(tmp_path / "old.xlsx")["annex"]) == 15
    with pytest.raises(ValueError, match=r"made by version 0\.1"):
        export_excel(zh, tmp_path / "new.xlsx", notes_from=tmp_path / "old.xlsx")


def test_wrong_cell_is_named(written: dict[str, Path], tmp_path: Path) -> None:
    letter = column_of(written["en"], "Annex data", "Session")
    says = r"sheet 'Annex data', row 4, column 'Session': 'soon' is not a value of the type integer"
    with pytest.raises(ValueError, match=says):
        read_excel(edited(written["en"], tmp_path, ("Annex data", f"{letter}4", "soon")))


def test_arguments_are_checked(zh: Report, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'en' or 'zh'"):
        export_excel(zh, tmp_path / "x.xlsx", lang="fr")
    with pytest.raises(ValueError, match=r"ends with \.xlsx"):
        export_excel(zh, tmp_path / "x.xls")
    (tmp_path / "x.xlsx").write_bytes(b"of somebody else")
    with pytest.raises(FileExistsError):
        export_excel(zh, tmp_path / "x.xlsx")


@pytest.mark.parametrize("lang", TITLES)
def test_prints_on_few_pages_that_can_be_read(lang: str, printed: dict[str, list[Page]]) -> None:
    """One page squeezed to a size that nobody can read is no page: sizes are those on paper."""
    feet = [(page.text.splitlines()[-1], page.size) for page in printed[f"book.{lang}"]]
    first = [(foot, size) for foot, size in feet if not re.search("|".join(TITLES[lang][-3:]), foot)]
    assert sum(TITLES[lang][0] in foot for foot, _ in feet) == 1
    assert len(first) <= 15
    assert [foot for foot, size in first if size < 6] == []


def test_text_that_fits_into_no_cell_is_no_change(tmp_path: Path) -> None:
    report = load_report(f"1. The Committee met.\n2. {'x ' * 20_000}".encode(), language="en")
    back = edited(export_excel(report, tmp_path / "x.xlsx"), tmp_path)
    again = openpyxl.load_workbook(export_excel(report, tmp_path / "new.xlsx", notes_from=back))
    assert "Changes elsewhere" not in again.sheetnames
