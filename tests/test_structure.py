"""Paragraph numbers as documents print them, and annexes with other headings."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import CASES, each
from documents import docx, p, xml

from cdip_analysis import Report, ReportError, load_report
from cdip_analysis.cli import main
from cdip_analysis.display import understood
from cdip_analysis.language import detect_language

SAMPLES = json.loads((Path(__file__).parent / "samples/samples_numbering.json").read_text(encoding="utf-8"))
HEAD = "CDIP/21/15\nCommittee on Development and Intellectual Property (CDIP)\nTwenty-first Session\n"


def load(text: str, **columns: str) -> Report:
    return load_report((HEAD + text).encode(), columns=columns or None)


def notes(report: Report) -> str:
    return "\n".join(report.findings["note"])


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample["name"] for sample in SAMPLES])
def test_numbers_of_real_documents(sample: dict[str, Any]) -> None:
    assert len(load_report(sample["text"].encode()).paragraphs) == sample["paragraphs"]


THREE = ("The Committee met.", "It took note of it.", "It closed.")
STYLES = ("{}. {}", "{}.{}", "{} {}", "{}.\n{}", "({}) {}", "（{}）{}", "{}) {}", "[{}] {}", "**{}.** {}", "{}、{}")


@pytest.mark.parametrize("style", STYLES)
def test_a_style_of_numbering_is_a_run_and_keeps_its_lines(style: str) -> None:
    text = "\n".join(style.format(n, words) for n, words in enumerate(THREE, 1))
    found = load(text).paragraphs
    assert found[["paragraph", "text"]].to_numpy().tolist() == [[n, words] for n, words in enumerate(THREE, 1)]
    assert found["source_line"].tolist() == [4 + n * (1 + style.count("\n")) for n in range(3)]


NUMBERS: dict[str, Any] = CASES["numbering"] | {
    "more than a thousand": ("".join(f"{n}. The Committee met.\n" for n in range(1, 1_003)), list(range(1, 1_003)))
}


@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_the_number_of_a_paragraph(name: str) -> None:
    text, expected = NUMBERS[name]
    report = load(text)
    assert report.paragraphs["paragraph"].tolist() == expected
    assert ("stands where" in notes(report)) == (name in ("a gap", "a number of which the words are gone"))
    words = "".join(f"{p.paragraph or ''}{p.text}" for p in report.passages)
    assert sum(map(str.isalnum, words)) == sum(map(str.isalnum, HEAD + text))


def test_a_line_that_says_annex_ends_the_body() -> None:
    report = load("1. The Committee met.\nANNEX\nRules\nMeasure\tState\nWebinars\tdone\n1. The rules.")
    assert [p.text for p in report.passages if p.kind == "paragraph"] == ["The Committee met.", "The rules."]
    assert [p.text for p in report.passages if p.role == "annex"] == ["ANNEX"]
    assert "is read as the rest of paragraph" not in notes(report)


PAGES = "1. The Committee will prepare a draft in\nCDIP/21/15\npage 2\nconsultation with the Member States.\n"


def test_the_head_of_a_page_is_no_part_of_a_paragraph_and_no_citation() -> None:
    report = load(f"{PAGES}2. It took note of the list:\nCDIP/21/15\n3. It closed.")
    draft, listed = (report.passages[n] for n in (3, 6))
    assert draft.text.split("\n") == ["The Committee will prepare a draft in", "consultation with the Member States."]
    assert [c.passage for c in report.document.citations] == [listed]


def test_a_title_between_paragraphs_is_part_of_none() -> None:
    title = "ITEM 8 OF THE AGENDA:\nReport on the Commission\n"
    report = load(f"1. The Chair presided.\n{title}2. It elected:\nChair: Mr. Porzio\n3. It closed.")
    assert report.paragraphs["text"].tolist() == ["The Chair presided.", "It elected:\nChair: Mr. Porzio", "It closed."]
    assert [p.text for p in report.passages if p.role == "title"] == title.splitlines()


def test_a_misspelt_heading_is_no_title_in_silence() -> None:
    text = (Path(__file__).parent / "editions" / "report.en.txt").read_text(encoding="utf-8")
    assert "is no heading" in notes(load(text.replace("Action 2:", "Acton 2:", 1)))


def test_lines_without_numbers_are_one_finding_that_names_their_paragraphs() -> None:
    report = load("\n".join(f"{n}. The Committee took\nnote of it and\nclosed." for n in range(1, 4)))
    (found,) = (note for note in report.findings["note"] if "have no number" in note)
    assert found.startswith("6 lines, the first line 5, have no number and are read as the rest")
    assert found.endswith("before them: 1, 2, 3")


def test_a_list_of_names_is_known_as_english_by_a_few_words() -> None:
    unions = "\n(1) Hague Union Conference of Representatives, fifteenth session (11th ordinary)" * 6
    assert detect_language(f"1. Decisions of the following bodies:{unions}") == "en"


def test_a_document_without_numbers_is_kept_as_lines_with_its_references() -> None:
    text = "The Committee took note of the study contained in document CDIP/20/3, and of what was said of it then."
    report = load(f"{text}\n{text}\nIt closed.")
    assert (report.header.session, len(report.paragraphs)) == (21, 0)
    assert "CDIP/20/3" in set(report.citations["target"])
    assert "no numbered paragraph: looked for runs of numbers" in notes(report)


def test_a_file_without_words_is_an_error_that_quotes_what_it_holds() -> None:
    with pytest.raises(ReportError, match=r"no words in the first lines: '1. / 2.'.*numbered paragraphs.*not pictures"):
        load_report(docx(p("1.") + p("2.")), language="en")


# ---- annexes ---------------------------------------------------------------------------------------------------------

OTHER = "1. The Committee met.\nMeasure\tState\tSession\nWebinars on CDIP/21/4\tdone\tCDIP/21\nWeb page\topen\tCDIP/22\n[End of document]"
KNOWN = "ACTION\tIMPLEMENTATION\tCDIP CONSIDERATION\tSUMMARY BY THE CHAIR"


def test_unknown_headings_are_named_beside_those_looked_for_and_can_be_given() -> None:
    assert "headings found: Measure | State | Session; looked for: ACTION (action), IMPL" in notes(load(OTHER))
    report = load(OTHER, **{"measure ": "action", "STATE": "implementation"})
    rows = report.annex[["action", "implementation"]].to_numpy().tolist()
    assert rows == [["Webinars on CDIP/21/4", "done"], ["Web page", "open"]]
    assert "a column that is not known here" in notes(report)
    assert "names no paragraphs of a proposal" in notes(report)
    assert "CDIP/22" in set(report.citations.query("column == 'extra'")["target"])


@each("columns", "columns, error, message")
def test_columns_that_cannot_be_given(columns: dict[str, str], error: str, message: str) -> None:
    with pytest.raises(ReportError if error == "ReportError" else ValueError, match=message):
        load(OTHER, **columns)


def test_columns_are_given_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.txt"
    path.write_text(HEAD + OTHER, encoding="utf-8")
    assert main(["show", str(path), "annex", "--format", "csv", "--column", "Measure=action"]) == 0
    assert "Web page" in capsys.readouterr().out
    assert main(["show", str(path), "annex", "--column", "Measure=action", "--column", "Measure=implementation"]) == 2
    assert "given twice" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["show", str(path), "annex", "--column", "Measure"])


@each("headings", "headings, foreign")
def test_headings_are_known_whatever_a_column_does_to_them(headings: str, foreign: bool) -> None:
    body = "1. The Committee met.\n2. It took note of the report and of what was said by the delegations."
    report = load(f"{body}\n{headings}\na\tb\tc\td\n[End of document]")
    assert report.annex[["action", "chair_summary"]].to_numpy().tolist() == [["a", "d"]]
    assert ("the annex is in fr, the body in en" in notes(report)) == foreign


@each("other_tables", "text, entries, note")
def test_tables_of_other_kinds(text: str, entries: int, note: str) -> None:
    report = load_report(
        docx(p("The Committee on Development") + p("1. The Committee met.") + xml(text)), language="en"
    )
    assert len(report.annex) == entries
    assert note in notes(report)


def test_a_thousand_rows_give_one_finding() -> None:
    report = load(f"1. The Committee met.\n{KNOWN}\n" + "a measure of the Committee\tit was done\tc\td\n" * 1_000)
    assert len(report.annex) == 1_000
    assert len(report.document.oddities) < 5


def test_three_lines_say_what_was_understood_and_what_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = load(OTHER)
    read, lacks, step = understood(report.document, report.rows)
    assert read == "Read: CDIP/21/15, en, 1 paragraph, 0 entries of an annex, 3 references."
    assert lacks.startswith("Not understood: no annex; findings: ")
    assert "--column Measure=action" in step
    assert "columns=" in report._repr_html_()
    path = tmp_path / "report.txt"
    path.write_text(HEAD + OTHER, encoding="utf-8")
    main(["check", str(path)])
    assert capsys.readouterr().out.splitlines()[1:3] == [lacks, step]
    whole = load_report()
    assert understood(whole.document, whole.rows)[2] == "Next: see findings, then overview and annex."
    part = load(f"1. It met.\n{KNOWN.replace('CDIP CONSIDERATION', 'PANEL REVIEW')}\na\tb\tc\td")
    assert '--column "PANEL REVIEW=consideration"' in understood(part.document, part.rows)[2]
