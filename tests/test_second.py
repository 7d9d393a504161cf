"""A second document, really: another committee, an annex of other columns, two languages, Word and PDF (make_samples.py)."""

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from conftest import each
from matplotlib.text import Text

import cdip_analysis as cdip
from cdip_analysis.cli import main

SECOND = Path(__file__).parent / "samples/second"
NAMED = {
    "en": {"Recommendation": "action", "Steps taken": "implementation", "Where discussed": "consideration"},
    "fr": {"Recommandation": "action", "Mesures prises": "implementation", "Examen": "consideration"},
}


@pytest.mark.parametrize("language", NAMED)
def test_a_second_document_is_the_same_in_word_and_pdf_and_in_both_languages(language: str) -> None:
    word, page, english = (
        cdip.load_report(SECOND / f"sct-40-9.{name}", columns=NAMED[name[:2]])
        for name in (f"{language}.docx", f"{language}.pdf", "en.docx")
    )
    assert (page.header.symbol, page.header.body, page.header.session) == ("SCT/40/9", "SCT", 40)
    place = ["source_line", "source_page"]
    assert page.annex.drop(columns=place).equals(word.annex.drop(columns=place))
    assert page.paragraphs[["paragraph", "text"]].equals(word.paragraphs[["paragraph", "text"]])
    assert page.citations["target"].tolist() == english.citations["target"].tolist()
    headings = [p.text for p in page.passages if p.role == "annex_header"]
    assert headings == [*NAMED[language], {"en": "State", "fr": "État"}[language]]
    assert page.unread.empty


def test_nothing_is_said_of_the_cdip_in_a_document_of_another_committee(tmp_path: Path) -> None:
    """Its sessions are counted, its actions numbered in order, and every output speaks of its own committee."""
    report = cdip.load_report(SECOND / "sct-40-9.en.docx", columns=NAMED["en"] | {"State": "chair_summary"})
    assert report.overview[["action_id", "handed_over", "considered"]].fillna("").to_numpy().tolist() == [
        ["1", "SCT/39/2", "SCT/39 report 20-31"],
        ["2", "It was held on April 24, 2018, in Geneva", "SCT/39 report 40"],
        ["3", "SCT/40/3", ""],
    ]
    assert report.session_coverage["total"].tolist() == [12, 1, 0, 13]
    assert cdip.evidence(report, "session_coverage", "1", 39).value == 12
    assert report.commitments[["asked_session", "due_session"]].fillna(0).to_numpy().tolist() == [[38, 0]]
    assert report.documents["title"].isna().all()  # "The study was presented as document" is none
    page, note, book = tmp_path / "page.html", tmp_path / "note.md", tmp_path / "book.xlsx"
    cdip.export_reader(report, page)
    cdip.brief(report, None, note)
    cdip.export_excel(report, book)
    cells = [str(c.value) for name in openpyxl.load_workbook(book).worksheets[:-1] for row in name for c in row]
    axes = [plot(report) for plot in (cdip.plot_timeline, cdip.plot_coverage, cdip.plot_attention, cdip.plot_follow_up)]
    drawn = [text.get_text() for ax in axes for text in ax.figure.findobj(Text)]
    said = [page.read_text("utf-8"), note.read_text("utf-8"), *cells, *drawn, *report.agenda["date_source"]]
    assert [text for text in said if "CDIP" in text.replace("CDIP CONSIDERATION", "")] == []
    assert sum("SCT/39" in text for text in drawn) >= 3


@each("own_body", "text, facts, targets")
def test_whose_sessions_a_document_tells_of(text: str, facts: dict[str, Any], targets: list[str]) -> None:
    report = cdip.load_report(text.encode(), language="en", **facts)
    assert report.citations["target"].tolist() == targets
    if facts:
        assert report.sessions["session"].tolist() == [23]
        assert repr(report).startswith("<Report document given as bytes: SCCR/24, en")


def test_a_second_document_is_judged(tmp_path: Path) -> None:
    source, file = str(SECOND / "sct-40-9.fr.pdf"), tmp_path / "judged.csv"
    columns = [word for heading, column in NAMED["fr"].items() for word in ("--column", f"{heading}={column}")]
    assert main(["judge", source, str(file), *columns]) == 0
    overview = file.with_name("judged.overview.csv")
    quoted = ["dans le document SCT/39/2", "Elle s’est tenue le 24 avril 2018", "Le questionnaire figure dans le"]
    rows = pd.read_csv(overview, dtype=str)
    rows[["state", "judged_by"]] = "delivered", "me"
    rows["place"], rows["words"] = "E" + rows["action_id"], quoted
    rows.to_csv(overview, index=False)
    report = cdip.load_report(source, columns=NAMED["fr"], judgements=file)
    assert report.sentence() == "Three of the three actions were answered by a document or an event."
    assert report.why("3", "state").spans[0].text == quoted[2]
    assert main(["check", source, *columns, "--judgements", str(file)]) == 0


def test_a_column_that_no_other_table_holds_is_in_workbook_and_package(tmp_path: Path) -> None:
    """The annex has no place for the state of each recommendation: the table is there as it is printed."""
    report = cdip.load_report(SECOND / "sct-40-9.en.docx", columns=NAMED["en"])
    assert list(report.other_tables) == ["raw_1"]
    cdip.export_csv(report, tmp_path / "tables")
    cdip.export_excel(report, tmp_path / "book.xlsx")
    with (tmp_path / "tables/raw_1.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["State"] for row in csv.DictReader(file)] == ["done", "done", "open"]
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["Raw 1"]
    assert [row[-1] for row in sheet.iter_rows(values_only=True)] == ["State", "done", "done", "open"]
    whole = cdip.load_report(SECOND / "sct-40-9.en.docx", columns=NAMED["en"] | {"State": "chair_summary"})
    assert whole.other_tables == {}


@each("sheets", "annex, sheets")
def test_a_document_without_annex_or_sessions_has_no_empty_sheet(annex: str, sheets: str, tmp_path: Path) -> None:
    source, out = tmp_path / "mine.txt", tmp_path / "out"
    source.write_text(f"The Committee met.\n1. It took note of document CDIP/21/4.\n2. It closed.\n{annex}")
    assert main(["run", str(source), "--out", str(out)]) == 0
    book = openpyxl.load_workbook(out / "mine.xlsx")
    shown = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    assert " ".join(shown) == sheets
    page = (out / "overview.html").read_text(encoding="utf-8")
    assert 'id="findings"' in page
    assert 'id="session_coverage"' not in page
    assert cdip.load_report(source).session_coverage.isna().all(axis=None)
