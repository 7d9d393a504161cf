"""Every table of a document as text, whatever its columns are called: in Word, PDF and tab-separated text alike."""

import csv
from pathlib import Path

import pytest
from conftest import each
from documents import cell, docx, p, pdf, row, xml

from cdip_analysis import Report, export_csv, load_report, read_csv
from cdip_analysis.cli import main
from cdip_analysis.raw_tables import raw_tables
from cdip_analysis.read_pdf import read_pdf

BODY = "1. The Committee met in the year."


@each("column_names", "text, columns, rows")
def test_columns_are_named_by_the_document_or_numbered(text: str, columns: list[str], rows: list[list[str]]) -> None:
    report = load_report(docx(p(BODY) + f"<w:tbl>{xml(text)}</w:tbl>"))
    table = report.raw_tables["raw_1"]
    assert list(table.columns) == ["page", "source_line", *columns]
    assert table.iloc[:, 2:].to_numpy().tolist() == rows
    assert table["source_line"].is_monotonic_increasing
    unnamed = report.findings["note"].str.contains("raw_1: no row names the columns")
    assert unnamed.any() == (columns[0] == "1" and len(rows) > 1)


def test_a_document_without_a_table_and_a_frame_of_one_cell_have_none() -> None:
    for table in ("", f"<w:tbl>{row(cell('framed'))}</w:tbl>"):
        assert load_report(docx(p(BODY) + table)).raw_tables == {}


def test_tables_are_told_apart_by_the_text_between_them_and_hide_no_language() -> None:
    text = f"{BODY}\nMeasure\tState\nWebinars\tdone\n\nWeb page\tdone\n2. It took note.\nRegion\tEvents\nAfrica\tfour\n"
    text += "Kuala Lumpur\tManila\n" * 99 + "x\t" * 64 + "\n| Year | Place |\n|:--|--:|\n|  | Rio \\| Lima |\n"
    *tabs, drawn = load_report(text.encode()).raw_tables.values()
    assert [(*table.columns[2:], len(table)) for table in tabs] == [("Measure", "State", 2), ("Region", "Events", 100)]
    assert drawn[["Year", "Place"]].to_numpy().tolist() == [["", "Rio | Lima"]]


OVER = {
    "Web page": [(1, ("Webinars of the year", "done")), (2, ("Web page", "done"))],
    "announcements": [(1, ("Webinars of the year announcements", "done"))],  # a row that the page breaks
}


@pytest.mark.parametrize("below", OVER)
def test_a_table_goes_on_over_a_page(below: str) -> None:
    grid = "".join(f"{x} 660 m {x} 740 l S " for x in (50, 200, 350))
    grid += "".join(f"50 {y} m 350 {y} l S " for y in (660, 700, 740))
    pages = [
        [(54, 75, 10, "Measure"), (204, 75, 10, "State"), (54, 112, 10, words), (204, 112, 10, "done" * (" " in words))]
        for words in ("Webinars of the year", below)
    ]
    (table,) = raw_tables(read_pdf(pdf(*pages, extra=grid), "x.pdf")).values()
    assert [(row.page, row.cells) for row in table.rows] == OVER[below]


def test_they_are_shown_and_in_the_package(tmp_path: Path, capsys: pytest.CaptureFixture[str], zh: Report) -> None:
    path = tmp_path / "own.txt"
    path.write_text(f"{BODY}\nMeasure\tState\n=1+1\tdone\n")
    assert main(["show", str(path), "raw_1", "--format", "csv"]) == 0
    assert capsys.readouterr().out == "page,source_line,Measure,State\n,3,'=1+1,done\n"
    report = load_report(path)
    export_csv(report, tmp_path / "tables")
    with (tmp_path / "tables" / "raw_1.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["page", "source_line", "Measure", "State"], ["", "3", "'=1+1", "done"]]
    assert read_csv(tmp_path / "tables").keys() == report.tables.keys()
    export_csv(zh, tmp_path / "shipped")
    assert not (tmp_path / "shipped" / "raw_1.csv").exists()
