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
from cdip_analysis.data import SHIPPED
from cdip_analysis.workbook import decoded, encoded

TITLES = {
    "en": ["Overview", "Annex", "Timeline", "Coverage", "Follow-up status", "Commitments", "Reading list", "Findings",
           "Words", "Annex data", "Dictionary"],
    "zh": ["总览", "附件", "时间线", "会议覆盖", "后续状态", "承诺", "阅读清单", "发现", "原文", "附件数据", "数据字典"],
}  # fmt: skip


@pytest.fixture(scope="module")
def written(zh: Report, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("books")
    return {lang: export_excel(zh, folder / f"{lang}.xlsx", lang=lang) for lang in TITLES}


@pytest.fixture(scope="module")
def books(written: dict[str, Path]) -> dict[str, Any]:
    return {lang: openpyxl.load_workbook(path, rich_text=True) for lang, path in written.items()}


def texts(sheet: Any) -> list[str]:
    cells = (cell.value for row in sheet.iter_rows() for cell in row)
    return [str(value) for value in cells if isinstance(value, str | CellRichText)]


def columns(sheet: Any) -> dict[str, str]:
    """The letters of the columns by heading; headings are in the first row that has enough of them."""
    row = next(row for row in sheet.iter_rows(max_row=12) if sum(isinstance(cell.value, str) for cell in row) > 2)
    return {cell.value: cell.column_letter for cell in row if cell.value}


@pytest.mark.parametrize("lang", TITLES)
def test_sheets_in_the_order_of_questions_each_row_with_its_height(lang: str, books: dict[str, Any]) -> None:
    assert books[lang].sheetnames == TITLES[lang]
    for sheet in books[lang]:
        assert [text for text in texts(sheet) if "(#)" in text] == []
        rows = {cell.row for line in sheet.iter_rows() for cell in line if cell.value is not None}
        assert [row for row in rows if sheet.row_dimensions[row].height is None] == [], sheet.title


def test_overview_is_one_page_with_the_sentence_and_nine_actions(books: dict[str, Any], zh: Report) -> None:
    sheet = books["en"]["Overview"]
    row, state = next(r for r in range(1, 9) if sheet.cell(r, 1).value == "Action no."), columns(sheet)["State"]
    assert sheet["A2"].value == zh.sentence()
    assert [sheet.cell(row + n, 1).value for n in range(1, 10)] == list(zh.overview["action_id"])
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 1)
    trial, other = (sheet[f"{state}{row + n}"] for n in (3, 1))
    assert trial.value == "on trial"
    assert trial.fill.fgColor.rgb != other.fill.fgColor.rgb
    assert "初步为期六个月" in str(books["en"]["Words"][trial.hyperlink.location.split("!")[1]].value)
    foot = " ".join(str(cell.value) for line in sheet.iter_rows(min_row=row + 10) for cell in line)
    assert [part for part in ("Due now", "CDIP/25", "udged by", zh.sha256, "symbol unknown") if part not in foot] == []


def test_english_is_beside_each_chinese_text_and_in_the_chinese_one_is_none(books: dict[str, Any]) -> None:
    for name in ("Annex", "Follow-up status", "Commitments", "Findings", "Words"):
        for row in books["en"][name].iter_rows(min_row=2, values_only=True):
            values = [str(value) for value in row if value is not None]
            if any(re.search("[\u4e00-\u9fff]{6}", value) for value in values):
                assert any(re.search("[a-z]{3}[,.]? [A-Za-z(]", value) for value in values), values
    assert not [cell.value for cell in books["zh"]["总览"][3] if re.search("[A-Za-z]{5}", str(cell.value))]


def test_words_that_values_rest_on_are_bold_inside_their_cell(books: dict[str, Any]) -> None:
    row = next(row for row in books["en"]["Words"].iter_rows(values_only=True) if row[0] == "paragraph 20")
    bold = "".join(part.text for part in row[1] if not isinstance(part, str) and part.font.b)
    assert "在委员会第二十五届会议上提供关于网络研讨会的评价报告" in bold
    assert "evaluation report on the webinars" in row[2]


def test_coverage_has_formulas_a_session_not_held_yet_and_a_chart_with_an_alternative_text(
    zh: Report, books: dict[str, Any], written: dict[str, Path], tmp_path: Path
) -> None:
    rows = [*books["en"]["Coverage"].iter_rows(values_only=True)]
    assert list(rows[0][2:]) == [*(f"CDIP/{n}" for n in range(19, 25)), "Total"]
    assert (rows[1][8], rows[10][3], rows[10][7]) == ("=SUM(C2:H2)", "=SUM(D2:D10)", "not held yet")
    assert [row[7] for row in rows[1:10]] == [None] * 9
    with zipfile.ZipFile(written["en"]) as archive:
        drawing = next(archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/drawings/drawing"))
    assert 'descr="Report paragraphs cited by the annex, by session: CDIP/19 44' in drawing
    again = export_excel(zh, tmp_path / "again.xlsx")
    assert again.read_bytes() == written["en"].read_bytes(), "the same report gives the same bytes"


def edited(path: Path, folder: Path, *edits: tuple[str, str, Any]) -> Path:
    """A copy in which a colleague changed cells, named by sheet and letter, or by heading and row."""
    book = openpyxl.load_workbook(path, rich_text=True)
    for name, cell, value in edits:
        head, _, row = cell.rpartition(" ")
        book[name][f"{columns(book[name])[head]}{row}" if head else cell] = value
    book.save(folder / "back.xlsx")
    return folder / "back.xlsx"


def with_notes(report: Report, back: Path) -> Any:
    """The workbook of a report with the notes of one that came back."""
    return openpyxl.load_workbook(export_excel(report, back.with_name("new.xlsx"), overwrite=True, notes_from=back))


def test_annex_is_read_back_as_it_is_and_a_wrong_cell_is_named(written: dict[str, Path], tmp_path: Path) -> None:
    for path in written.values():
        pd.testing.assert_frame_equal(read_excel(path)["annex"], load_report(beside=False).annex)
    says = r"sheet 'Annex data', row 4, column 'Session': 'soon' is not a value of the type integer"
    with pytest.raises(ValueError, match=says):
        read_excel(edited(written["en"], tmp_path, ("Annex data", "Session 4", "soon")))


def test_notes_and_what_has_no_heading_come_back(zh: Report, written: dict[str, Path], tmp_path: Path) -> None:
    """To their rows, once and again; days stay days."""
    day = dt.datetime(2026, 11, 27)
    edits: list[tuple[str, str, Any]] = [
        ("Overview", "Own note 7", "ask Bern"),
        ("Overview", "Z6", "far out"),
        ("Overview", "Z17", "beside the foot"),
        ("Annex data", "U1", "Mine"),
        ("Annex data", "U5", "x"),
        ("Annex data", "Own note 3", day.date()),
        ("Annex data", "Own note 4", day.replace(hour=9)),
        ("Annex data", "Z5", "beside"),
    ]
    back = edited(written["en"], tmp_path, *edits)
    for name in ("new", "third"):
        back = export_excel(zh, tmp_path / f"{name}.xlsx", notes_from=back)
        again = openpyxl.load_workbook(back)
        assert again["Overview"][f"{columns(again['Overview'])['Own note']}7"].value == "ask Bern"
        annex, at = again["Annex data"], columns(again["Annex data"])
        heads = ("Own note", "Mine", "(no heading)")
        found = [[annex[f"{at[head]}{n}"].value for n in (3, 4, 5)] for head in heads]
        assert found == [[day, day.replace(hour=9), None], [None, None, "x"], [None, None, "beside"]]
        assert annex[f"{at['Own note']}3"].number_format == "yyyy-mm-dd"
        seen = [text for sheet in again for text in texts(sheet)]
        assert "far out" in seen
        assert name == "third" or "beside the foot" in seen


def test_notes_come_back_by_key_in_another_language(zh: Report, written: dict[str, Path], tmp_path: Path) -> None:
    sheet = with_notes(zh, edited(written["zh"], tmp_path, ("后续状态", "自定备注 3", "问伯尔尼")))["Follow-up status"]
    assert sheet[f"{columns(sheet)['Own note']}3"].value == "问伯尔尼"
    book = openpyxl.load_workbook(export_excel(zh, tmp_path / "zh.xlsx", lang="zh", notes_from=written["en"]))
    assert "其他改动" not in book.sheetnames
    assert "Action (English)" not in next(book["附件"].iter_rows(values_only=True))


def test_notes_stay_beside_their_entries_where_one_is_taken_out(written: dict[str, Path], tmp_path: Path) -> None:
    back = edited(written["en"], tmp_path, *(("Annex data", f"Own note {n}", f"note {n}") for n in (2, 4, 5)))
    lines = SHIPPED["zh"].read_text(encoding="utf-8").splitlines()
    short = load_report("\n".join(line for line in lines if "CDIP/20/3)\t" not in line).encode(), beside=False)
    sheet = with_notes(short, back)["Annex data"]
    assert [sheet[f"{columns(sheet)['Own note']}{n}"].value for n in (2, 3, 4)] == ["note 2", None, "note 5"]


def test_what_was_changed_elsewhere_or_is_gone_is_listed(zh: Report, written: dict[str, Path], tmp_path: Path) -> None:
    gone = [("Follow-up status", "Action no. 3", "7.7"), ("Follow-up status", "Own note 3", "keep me")]
    counts = [("Coverage", "C2", 99), ("Coverage", "I3", 7), ("Reading list", "Last paragraph 3", 999)]
    again = with_notes(zh, edited(written["en"], tmp_path, *gone, *counts))
    rows = {(r[0], r[2], r[4]) for r in again["Changes elsewhere"].iter_rows(min_row=2, values_only=True)}
    assert {("Reading list", "Last paragraph", "999"), ("Follow-up status", "Own note", "keep me")} <= rows
    assert {row for row in rows if row[0] == "Coverage"} == {("Coverage", "CDIP/19", "99"), ("Coverage", "Total", "7")}
    assert {sheet for sheet, _, _ in rows} == {"Reading list", "Follow-up status", "Coverage"}


def test_extra_columns_are_added_by_key(zh: Report, tmp_path: Path) -> None:
    mine = pd.DataFrame({"Cost": [10.5, None]}, index=[2, 13])
    sheet = openpyxl.load_workbook(export_excel(zh, tmp_path / "x.xlsx", extra={"annex": mine}))["Annex data"]
    assert [sheet[f"{columns(sheet)['Cost']}{row}"].value for row in (2, 3, 14)] == [None, 10.5, None]
    for says, extra in {"row '99'": {"annex": mine.set_axis([2, 99])}, "no sheet 'anex'": {"anex": mine}}.items():
        with pytest.raises(ValueError, match=says):
            export_excel(zh, tmp_path / "y.xlsx", extra=extra)


def test_notes_beside_a_table_of_an_unknown_kind_come_back(tmp_path: Path) -> None:
    report = load_report(b"1. The Committee met in the year.\nMeasure\tState\nLeaflet\tdone\nVisit\topen")
    book = export_excel(report, tmp_path / "x.xlsx")
    again = with_notes(report, edited(book, tmp_path, ("Raw 1", "D1", "Mine"), ("Raw 1", "D3", "ask Bern")))
    rows = [row[1:] for row in again["Raw 1"].iter_rows(min_row=2, values_only=True)]
    assert rows == [("Leaflet", "done", None), ("Visit", "open", "ask Bern")]
    assert "Changes elsewhere" not in again.sheetnames


def test_commitments_come_back_as_judgements(written: dict[str, Path], tmp_path: Path, zh: Report) -> None:
    back = load_report(judgements=written["en"])
    assert back.sentence() == zh.sentence(), "the state of each action is that of the shipped file"
    assert list(back.commitments["outcome"]) == list(zh.commitments["outcome"])
    assert back.commitments["outcome_words"].notna().sum() == zh.commitments["outcome_words"].notna().sum()
    changed = load_report(judgements=edited(written["en"], tmp_path, ("Commitments", "Outcome 5", "in part")))
    assert changed.commitments["outcome"].iloc[3] == "partly"
    with pytest.raises(ReportError, match="'done'"):
        load_report(judgements=edited(written["en"], tmp_path, ("Commitments", "Outcome 5", "done")))


# ---- other reports, bad input ----------------------------------------------------------------------------------------------

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "#N/A", "<script>", "_x0041_", "a\x0bb", "\ufffe", "x " * 20_000]  # fmt: skip


def test_hostile_text_stays_text_and_what_fits_into_no_cell_is_no_change(tmp_path: Path) -> None:
    lines = [f"{n}. {text} the CDIP/22/{n}" for n, text in enumerate(HOSTILE, 2)]
    report = load_report("\n".join(["1. The report of CDIP/21; see CDIP-98.", *lines]).encode(), language="en")
    again = with_notes(report, export_excel(report, tmp_path / "x.xlsx"))
    formulas = [c.value for sheet in again for row in sheet.iter_rows() for c in row if c.data_type in ("f", "e")]
    assert [one for one in formulas if not str(one).startswith("=SUM(")] == []
    assert "CDIP-98" in texts(again["Findings"]), "what was not understood is below the findings"
    assert [text for text in HOSTILE if decoded(encoded(text)) != text] == []
    assert "Changes elsewhere" not in again.sheetnames


@pytest.mark.parametrize("code", ["ar", "es", "fr", "ru"])
def test_every_language_has_a_workbook(code: str, tmp_path: Path) -> None:
    report = load_report(Path(__file__).parent / "editions" / f"report.{code}.txt")
    sheet = openpyxl.load_workbook(export_excel(report, tmp_path / "x.xlsx"))["Annex"]
    assert (sheet.sheet_view.rightToLeft, sheet.max_row) == (code == "ar", 6)


@pytest.mark.parametrize("says", ["no such file", "cannot be read as a workbook", "there is no sheet '"])
def test_what_is_no_such_workbook_is_refused_in_words(says: str, zh: Report, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    if "sheet" in says:
        openpyxl.Workbook().save(path)
    elif "read" in says:
        path.write_bytes(b"text")
    for ask in (lambda: read_excel(path), lambda: export_excel(zh, tmp_path / "new.xlsx", notes_from=path)):
        with pytest.raises(ValueError, match=says):
            ask()


def test_workbook_of_0_1_gives_its_annex_and_no_notes(zh: Report, written: dict[str, Path], tmp_path: Path) -> None:
    """As 0.1 wrote it: About in front, no Overview, notes on sheets that are no more."""
    book = openpyxl.load_workbook(written["en"])
    book["Overview"].title = "About"
    book.save(tmp_path / "old.xlsx")
    assert len(read_excel(tmp_path / "old.xlsx")["annex"]) == 15
    with pytest.raises(ValueError, match=r"there is no sheet 'Overview'.*version 0\.2 or later"):
        export_excel(zh, tmp_path / "new.xlsx", notes_from=tmp_path / "old.xlsx")


@pytest.mark.parametrize("lang", TITLES)
def test_prints_on_few_pages_that_can_be_read(lang: str, printed: dict[str, list[Page]]) -> None:
    """One page squeezed to a size that nobody can read is no page: sizes are those on paper."""
    feet = [(page.text.splitlines()[-1], page.size) for page in printed[f"book.{lang}"]]
    first = [(foot, size) for foot, size in feet if not re.search("|".join(TITLES[lang][-3:]), foot)]
    assert sum(TITLES[lang][0] in foot for foot, _ in feet) == 1
    assert len(first) <= 15
    assert [foot for foot, size in first if size < 6] == []


def test_notes_of_another_document_are_refused(written: dict[str, Path], tmp_path: Path) -> None:
    other = load_report(Path(__file__).parent / "editions" / "report.fr.txt")
    with pytest.raises(ReportError, match="the workbook of another document"):
        export_excel(other, tmp_path / "x.xlsx", notes_from=written["zh"])
