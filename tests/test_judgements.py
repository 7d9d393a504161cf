"""What was asked and what came of it: the shipped judgements, the facts that follow from them, and files that are wrong."""

import csv
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from conftest import as_text, each

import cdip_analysis as cdip
from cdip_analysis import Report
from cdip_analysis.cli import main
from cdip_analysis.data import DATA, SHIPPED
from cdip_analysis.judgements import judgements_of
from cdip_analysis.overview import commitment_rows

SHIPPED_FILE = DATA / "judgements" / "cdip-24-technical-assistance.csv"
TESTS = Path(__file__).parent

# Read by an expert, independently of the program: number, action, asked at, outcome, received at, days. Days of what
# the proposal asks run from 4 November 2016, the last day of CDIP/18; those of the seminar to the printed day.
ROWS = (TESTS / "golden" / "outcomes.txt").read_text(encoding="utf-8").splitlines()


def test_outcomes_are_those_of_the_expert(edition: Report) -> None:
    columns = ["number", "action_id", "asked_session", "outcome", "outcome_session", "days_between"]
    assert [" ".join(cell or "-" for cell in row) for row in as_text(cdip.commitments(edition)[columns])] == ROWS


def test_every_quotation_is_at_its_place(edition: Report) -> None:
    assert edition.judged is not None
    spans = [s for part in edition.judged for one in part for words in one.words.values() for s in words]
    assert len(spans) == 129  # in each edition
    assert all(s.text and s.passage in edition.passages for s in spans)


SENTENCES = {
    "en": "Four of the nine actions were answered by a document or an event, four in part, one is on trial, to be assessed "
    "at CDIP/25. The discussion of the final implementation of the proposal and of four older documents (CDIP/8/INF/1, "
    "CDIP/9/15, CDIP/9/16, CDIP/16/6) is due now, at CDIP/24 (18 to 22 November 2019).",
    "zh": "九项行动中，四项已有文件或活动作为回应，四项得到部分回应，一项在试行，将在CDIP/25上评估。"
    "关于提案及四份较早文件（CDIP/8/INF/1、CDIP/9/15、CDIP/9/16、CDIP/16/6）最后实施的讨论，应在本届会议（CDIP/24，2019年11月18日至22日）上进行。",
}


@pytest.mark.parametrize("lang", SENTENCES)
def test_sentence_in_front_is_counted_from_the_states(lang: str, edition: Report) -> None:
    assert edition.sentence(lang) == SENTENCES[lang]


def test_state_follows_the_rule_that_readers_are_given(zh: Report) -> None:
    """In part: some of what the proposal or the Committee asked is answered in part, or not reported as done."""
    asked = zh.commitments.query("asked_by in ['proposal', 'committee'] and outcome in ['partly', 'no_trace']")
    states = zh.overview.set_index("action_id")["state"].drop("1.3")  # the only one on trial
    assert set(states.index[states == "partly"]) == set(asked["action_id"]) - {"1.3"}
    assert set(states) == {"delivered", "partly"}


def test_overview_has_a_row_for_each_action(edition: Report) -> None:
    found = edition.overview.set_index("action_id")
    answered, partly = dict.fromkeys(("1.1", "1.2", "2.1", "4.1"), "delivered"), ("3.1", "3.2", "5.1", "6.1")
    assert found["state"].to_dict() == {**answered, "1.3": "on_trial", **dict.fromkeys(partly, "partly")}
    assert found["due_session"].dropna().to_dict() == {"1.3": 25}
    assert found.loc["3.2", "considered"] == "CDIP/19 report 365-368"
    assert found.loc["2.1", "handed_over"] == "CDIP/22/11"
    assert "CDIP/20/3" in str(found.loc["1.2", "line_en"])  # it reports what was said at the roundtable
    assert found[["asked", "handed_over", "line_en", "line_zh", "words"]].notna().all(axis=None)


@pytest.mark.parametrize("column", ["overview line", "overview to_raise", "commitments thing", "commitments remark"])
def test_both_languages_name_the_same_sessions_documents_and_paragraphs(column: str, zh: Report) -> None:
    """What is said of an action in one language is said in the other, of documents that the report cites."""
    table, name = column.split()
    known = {symbol.removeprefix("CDIP/") for symbol in zh.documents["symbol"]}
    said = zh.frame(table)[[f"{name}_en", f"{name}_zh"]].fillna("")
    for english, chinese in said.itertuples(index=False):
        numbers = set(re.findall(r"\d+(?:/\d+)*", english))
        assert numbers == set(re.findall(r"\d+(?:/\d+)*", chinese.replace("5月", "")))
        assert {number for number in numbers if "/" in number} <= known


WHY = {
    ("1.3", "due_session"): "at its twenty-fifth session",
    ("entry 13", "report"): "CDIP/23/17 Prov.",
    ("commitment 18a", "outcome"): "interest in learning about WIPO's participation",
    ("paragraph 15", "text"): "No follow-up is expected",
}


def test_why_shows_the_words_or_says_what_it_can_be_asked(en: Report) -> None:
    for (thing, column), words in WHY.items():
        assert words in en.why(thing, column).spans[0].text
    for thing, column, says in (("9.9", "state", "no '9.9'"), ("1.3", "colour", "it has")):
        with pytest.raises(KeyError, match=says):
            en.why(thing, column)


def test_evidence_says_whose_judgement_it_is(zh: Report) -> None:
    found = cdip.evidence(zh, "commitments", 25, "outcome")
    assert found.note == "judged by the project, from an expert's reading checked twice on 2026-11-27"
    assert [words.passage.paragraph for words in found.spans] == [32, 32, 35]


def test_numbers_that_the_document_does_not_give_are_said_to_be_ours(en: Report) -> None:
    notes = {action: en.why(action, "action_id").note for action in ("1.1", "2.1", "3.2", "6.1")}
    ours = "our number: the document gives this action none"
    assert [action for action, note in notes.items() if note == ours] == ["2.1", "6.1"]


def test_dates_for_which_a_session_was_convened_are_no_dates_of_it(zh: Report) -> None:
    due = cdip.agenda(zh, 25).query("when == 'due'")
    assert due["start_date"].isna().all()
    assert due["date_source"].str.startswith("convened for 18 to 22 May 2020, postponed (headers of CDIP/25/3").all()


def test_another_document_lists_what_asks_and_judges_nothing() -> None:
    text = "1. The Committee requested the Secretariat to submit a study to its thirtieth session. 2 is a number.\n2. WIPO will go on."
    report = cdip.load_report(text.encode(), language="en")
    found = report.commitments[["kind", "asked_by", "asked_place", "due_session", "outcome"]]
    assert as_text(found) == [["request", "committee", "1", "30", ""], ["announcement", "secretariat", "2", "", ""]]
    assert report.sentence() == ""


def test_file_to_fill_in_can_be_filled_in_and_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, file = TESTS / "editions" / "report.fr.txt", tmp_path / "mine.csv"
    assert main(["judge", str(source), str(file)]) == 0
    assert "mine.overview.csv" in capsys.readouterr().out
    changed(file, 0, outcome="continuing", outcome_place="P1", judged_by="me", judged_on="2026-01-02")
    with pytest.raises(cdip.ReportError, match="1 places and 0 quotations"):
        cdip.load_report(source, judgements=file)
    words = str(cdip.load_report(source).proposal.loc[0, "text"])
    changed(file, 0, outcome_words=words)
    report = cdip.load_report(source, judgements=file)
    assert report.commitments.loc[0, "outcome_words"] == words
    assert report.overview["state"].isna().all()
    assert main(["judge", str(source), str(file)]) == 2  # a person's work is not written over


def test_shipped_judgements_are_written_as_they_are(tmp_path: Path) -> None:
    assert main(["judge", "zh", str(tmp_path / SHIPPED_FILE.name)]) == 0
    for path in SHIPPED_FILE.parent.glob("*.csv"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    (tmp_path / "bare.txt").write_text("1. The Committee met in the morning.\n", encoding="utf-8")
    assert main(["judge", str(tmp_path / "bare.txt"), str(tmp_path / "none.csv")]) == 0  # nothing asks: to be filled in
    assert (tmp_path / "none.csv").read_text(encoding="utf-8").startswith("number,action_id,kind")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for path in SHIPPED_FILE.parent.glob("*.csv"):
        shutil.copy(path, tmp_path)
    return tmp_path / SHIPPED_FILE.name


def changed(path: Path, row: int, **values: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[row] |= values
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@each("accepted", "row, quoted, printed")
def test_quotation_can_differ_in(row: int, quoted: str, printed: str, files: Path) -> None:
    changed(files, row, asked_words=quoted)
    assert str(cdip.load_report(judgements=files).commitments.loc[row, "text"]).startswith(printed)


def test_words_of_another_document_are_named_and_not_looked_up(files: Path) -> None:
    changed(files, 3, outcome_place="CDIP/21/4", outcome_words="words that we cannot see", outcome_target="CDIP/21/4")
    report = cdip.load_report(judgements=files)
    assert report.commitments.loc[3, "outcome_words"] == "CDIP/21/4: words that we cannot see (unchecked)"
    assert "of another document and unchecked" in str(cdip.evidence(report, "commitments", 3, "outcome_place").note)


def without_last_row(path: Path) -> None:
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing action": (lambda p: without_last_row(p.with_name(f"{p.stem}.overview.csv")), "no row for 6.1"),
    "empty file": (lambda p: p.write_text(""), "no column number"),
    "no rows": (lambda p: [q.write_text(q.read_text().splitlines()[0]) for q in p.parent.glob("*.csv")], "no rows"),
    "not UTF-8": (lambda p: p.write_bytes("编号".encode("gb18030")), "UTF-8"),
    "no file": (lambda p: p.unlink(), "No such file"),
}


@pytest.mark.parametrize(("spoil", "says"), SPOILT.values(), ids=SPOILT)
def test_spoilt_file_is_refused(spoil: Callable[[Path], object], says: str, files: Path) -> None:
    spoil(files)
    with pytest.raises(cdip.ReportError, match=f"(?s){says}"):
        cdip.load_report(judgements=files)


@each("judged_wrong", "file, row, values, says")
def test_wrong_value_is_refused_by_row_and_column(
    file: str, row: int, values: dict[str, str], says: str, files: Path
) -> None:
    changed(files.with_name(f"{files.stem}.overview.csv") if file else files, row, **values)
    with pytest.raises(cdip.ReportError, match=f"(?s){says}"):
        cdip.load_report(judgements=files)


def test_file_for_another_document_is_refused(files: Path) -> None:
    with pytest.raises(cdip.ReportError, match="check that the file belongs to this document"):
        cdip.load_report(SHIPPED["zh"].read_bytes().replace("互动对话".encode(), "座谈".encode()), judgements=files)


def test_another_language_keeps_numbers_and_outcomes_without_words(zh: Report) -> None:
    """As if the shipped document came in French: its citations are the same, its words are not ours to check."""
    french = replace(zh.document, language="fr")
    judged = judgements_of(french)
    assert judged is not None
    assert [one.values["outcome"] for one in judged.commitments] == list(zh.commitments["outcome"])
    rows = commitment_rows(french, zh.rows["annex"], judged)
    assert {row.values["text"] for row in rows} == {None}
    assert all(row.sources[None][0].passage in zh.passages for row in rows)


def test_a_remark_is_shown_in_the_language_of_its_reader(zh: Report) -> None:
    with (DATA / "judgements" / "cdip-24-technical-assistance.remarks.csv").open(encoding="utf-8") as file:
        remarks = [*csv.DictReader(file)]
    for lang in ("en", "zh"):
        notes = [row.values["note"] for row in zh.rows_in(lang)["findings"]]
        assert [one for one in remarks if not any(one[f"remark_{lang}"] in note for note in notes)] == []


def test_workbook_that_would_fill_memory_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "evil.xlsx"
    with ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "small")
        archive.infolist()[0].file_size = 2 << 30  # what the archive says of it
    with pytest.raises(cdip.ReportError, match="would unpack to more than 1 GB"):
        cdip.load_report(judgements=path)
    with pytest.raises(ValueError, match="would unpack to more than 1 GB"):
        cdip.read_excel(path)
