"""What was asked and what came of it: the shipped judgements against the document, and files that are wrong."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from cdip_analysis import Report, ReportError, commitments, follow_up_status, load_report, session_coverage, timeline
from cdip_analysis.data import DATA, SHIPPED
from cdip_analysis.judgements import write_to_fill_in

SHIPPED_FILE = DATA / "judgements" / "cdip-24-technical-assistance.csv"

# Read by an expert, independently of the program: number, action, asked at, outcome, received at, days. Days of the proposal's rows run
# from 4 November 2016, the last day of CDIP/18; those of the seminar to the printed day.
ROWS = """
1 - 18 delivered - -
3 - 18 due - -
4 1.1 18 delivered 21 556
5 1.3 18 on_trial 23 927
6 1.2 18 delivered 19 189
8 1.3 18 no_trace - -
9 1.1 24 conditional 24 -
10 1.3 21 delivered 22 185
11 1.3 22 delivered 23 178
13 1.3 23 due - -
14 1.3 24 due - -
15 1.3 24 due - -
16 2.1 18 continuing 22 745
17 2.1 18 delivered 22 745
18a 2.1 22 no_trace - -
18b 2.1 22 continuing 24 -
19 3.1 18 partly 22 745
23 3.2 18 partly 19 192
24b 3.2 19 delivered 19 -
25 4.1 18 delivered 21 556
28 5.1 18 continuing 20 388
29 5.1 18 partly 23 927
30 5.1 20 delivered 23 535
32 5.1 20 delivered 23 535
34 6.1 18 delivered 19 192
35d 6.1 19 no_trace - -
36 6.1 19 no_trace - -
37 6.1 19 partly 21 360
38 6.1 19 delivered 21 360
""".strip().splitlines()


@pytest.mark.parametrize("line", ROWS)
def test_outcome_is_that_of_the_expert(line: str, edition: Report) -> None:
    number, *expected = line.split()
    columns = ["action_id", "asked_session", "outcome", "outcome_session", "days_between"]
    row = commitments(edition).set_index("number")[columns].astype("object").T[number].tolist()
    assert ["-" if pd.isna(value) else str(value) for value in row] == expected


def test_every_quotation_of_both_editions_is_in_its_place(edition: Report) -> None:
    assert edition.judged is not None
    spans = [s for part in edition.judged for one in part for words in one.words.values() for s in words]
    assert len(spans) == 117
    assert all(s.text and s.text in s.passage.text for s in spans)


SENTENCES = {
    "en": "Four of the nine actions were answered by a document or an event, four in part, one is on trial, to be assessed "
    "at CDIP/25. The final discussion, with four older documents, is due now, at CDIP/24.",
    "zh": "九项行动中，四项已有文件或活动作为回应，四项得到部分回应，一项在试行，将在CDIP/25上评估。"
    "最后讨论连同四份较早的文件，应在本届会议（CDIP/24）上进行。",
}


@pytest.mark.parametrize("lang", SENTENCES)
def test_sentence_in_front_is_counted_from_the_states(lang: str, edition: Report) -> None:
    assert edition.sentence(lang) == SENTENCES[lang]


def test_overview_has_a_row_for_each_action(zh: Report, en: Report) -> None:
    states = "delivered delivered on_trial delivered partly partly delivered partly partly"
    assert " ".join(zh.overview["state"]) == " ".join(en.overview["state"]) == states
    assert zh.overview["due_session"].dropna().tolist() == [25]
    assert zh.overview.loc[5, "considered"] == "CDIP/19 365-368"


@pytest.mark.parametrize(
    ("thing", "column", "words"),
    [
        ("1.3", "due_session", "present an evaluation report on the webinars at its twenty-fifth session"),
        ("entry 13", "report", "CDIP/23/17 Prov."),
        ("commitment 18a", "outcome", "interest in WIPO's participation in the Technology Facilitation Mechanism"),
        ("paragraph 15", "text", "No follow-up is expected"),
        ("CDIP/20", "1.2", "paragraphs 233 to 244"),
    ],
)
def test_why_shows_the_words(thing: str, column: str, words: str, en: Report) -> None:
    assert words in en.why(thing, column).spans[0].text


@pytest.mark.parametrize(("thing", "column", "says"), [("9.9", "state", "no '9.9'"), ("1.3", "colour", "it has")])
def test_why_says_what_it_can_be_asked(thing: str, column: str, says: str, en: Report) -> None:
    with pytest.raises(KeyError, match=says):
        en.why(thing, column)


# ---- facts that the rest of the tables must respect ----------------------------------------------------------------------


def test_session_not_held_yet_is_unknown_and_in_no_total(edition: Report) -> None:
    grid = session_coverage(edition)
    assert grid[24].isna().all()
    assert grid.loc["total"].drop(24).to_dict() == {19: 44, 20: 21, 21: 45, 22: 73, 23: 23, "total": 206}


def test_final_discussion_is_an_event(edition: Report) -> None:
    planned = timeline(edition).query("event == 'planned'")
    assert planned[["session", "action_id"]].astype("object").where(planned.notna(), None).values.tolist() == [
        [24, None],
        [25, "1.3"],
    ]


def test_unreported_decisions_are_marked(edition: Report) -> None:
    decisions = timeline(edition).query("event == 'decision'")
    unreported = decisions.loc[~decisions["reported"].astype(bool), "target"]
    assert sorted(unreported) == ["CDIP/19 summary 5", "CDIP/22 summary 7.1", "CDIP/22 summary 7.4"]
    assert timeline(edition).query("event != 'decision'")["reported"].isna().all()


def test_what_is_due_later_is_not_overdue(edition: Report) -> None:
    seen = follow_up_status(edition).set_index("action_id")
    assert seen.loc["1.3", "overdue"] == False  # noqa: E712  # of pandas, not of Python
    assert follow_up_status(edition, as_of=26).set_index("action_id").loc["1.3", "overdue"] == True  # noqa: E712


def test_earlier_view_does_not_show_what_was_said_later(edition: Report) -> None:
    seen = follow_up_status(edition, as_of=21)
    assert seen[["status", "due_session", "evidence"]].isna().all(axis=None)


def test_who_decides_and_whom_it_asks(edition: Report) -> None:
    found = edition.decisions.dropna(subset=["paragraph"]).set_index("paragraph")
    assert found.query("who_decides != 'committee'")["who_decides"].to_dict() == {9: "delegations", 38: "secretariat"}
    assert found.query("asks != 'nothing'")["asks"].to_dict() == {
        17: "committee",
        20: "secretariat",
        42: "secretariat",
        49: "secretariat",
    }


FINDINGS = {"source_slip": 11, "not_the_committee": 2, "dead_links": 1, "translation_smooths": 4, "summary_untold": 3}


@pytest.mark.parametrize("kind", FINDINGS)
def test_slips_are_findings(kind: str, edition: Report) -> None:
    assert (edition.findings["kind"] == kind).sum() == FINDINGS[kind]


def test_rules_find_no_slip_where_there_is_none() -> None:
    text = "Decision in the [Summary by the Chair](http://x.org): The Committee took note."
    kinds = set(load_report(f"1. {text}".encode(), language="en").findings["kind"])
    assert not kinds & {"not_the_committee", "dead_links", "source_slip"}


def test_titles_that_no_report_prints_are_descriptions(zh: Report) -> None:
    described = zh.documents.query("title_source == 'described'")
    assert list(described["symbol"]) == ["CDIP/19/12", "CDIP/20/13", "CDIP/21/15", "CDIP/22/18", "CDIP/23/17 Prov."]
    assert described["evidence"].str.startswith("a description").all()


# ---- other documents, and files that are wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report.zh.docx", "report.en.pdf"])
def test_another_format_of_the_shipped_document_has_its_judgements(name: str, zh: Report) -> None:
    report = load_report(Path(__file__).parent / "samples" / name)
    assert list(report.commitments["outcome"]) == list(zh.commitments["outcome"])
    assert report.commitments["text"].notna().all()


def test_another_document_lists_what_asks_and_judges_nothing() -> None:
    text = "1. The Committee requested the Secretariat to submit a study to its thirtieth session. 2 is a number.\n2. WIPO will go on."
    found = load_report(text.encode(), language="en").commitments
    assert found[["kind", "asked_by", "asked_place"]].values.tolist() == [
        ["request", "committee", "1"],
        ["announcement", "secretariat", "2"],
    ]
    assert found["due_session"].tolist()[0] == 30
    assert found["outcome"].isna().all()


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


def test_other_white_space_and_link_marks_are_accepted(files: Path) -> None:
    changed(
        files,
        3,
        asked_words="产权组织秘书处将 汇总\n提供技术援助方面 现有的做法、工具和方法",
        outcome_words="文件 [CDIP/21/4](#)",
    )
    assert load_report(judgements=files).commitments.loc[3, "outcome_words"] == "文件 [CDIP/21/4](#)"


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "other words": (lambda p: changed(p, 3, asked_words="别的话"), "row 5, asked_words.*别的话.*汇总提供技术援助"),
    "unknown outcome": (lambda p: changed(p, 3, outcome="done"), "row 5, outcome.*'done'.*delivered, partly"),
    "unknown state": (lambda p: changed(p.with_name(f"{p.stem}.overview.csv"), 2, state="x"), "row 4, state.*'x'"),
    "place that does not exist": (lambda p: changed(p, 3, asked_place="99"), "row 5.*no place '99'"),
    "number twice": (lambda p: changed(p, 3, number="1"), "row 5, number.*'1'"),
    "unknown action": (lambda p: changed(p, 3, action_id="7.1"), "row 5, action_id.*'7.1'"),
    "target not cited there": (lambda p: changed(p, 3, outcome_target="CDIP/22/4"), "outcome_target.*CDIP/22/4"),
    "missing action": (
        lambda p: changed(p.with_name(f"{p.stem}.overview.csv"), 8, action_id="1.1"),
        "action_id.*'1.1'.*each once",
    ),
    "empty file": (lambda p: p.write_text(""), "no column number"),
    "no rows": (lambda p: p.write_text(p.read_text(encoding="utf-8").splitlines()[0]), "no rows"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_file_is_refused_with_row_and_column(name: str, files: Path) -> None:
    spoil, says = WRONG[name]
    spoil(files)
    with pytest.raises(ReportError, match=f"(?s){says}"):
        load_report(judgements=files)


def test_file_for_another_document_is_refused(files: Path) -> None:
    with pytest.raises(ReportError, match="check that the file belongs to this document"):
        load_report(SHIPPED["zh"].read_bytes().replace("互动对话".encode(), "座谈".encode()), judgements=files)


def test_file_to_fill_in_can_be_filled_in_and_read(tmp_path: Path) -> None:
    text = "1. The Committee requested the Secretariat to submit a study to its thirtieth session.\n2. It did. CDIP/30/4 was presented."
    path, _ = write_to_fill_in(load_report(text.encode(), language="en"), tmp_path / "mine.csv")
    changed(
        path, 0, outcome="delivered", outcome_place="2", outcome_words="It did", judged_by="me", judged_on="2026-01-02"
    )
    (tmp_path / "mine.overview.csv").unlink()  # the document has no actions
    found = load_report(text.encode(), language="en", judgements=path).commitments
    assert found[["outcome", "outcome_words", "due_session"]].values.tolist()[0] == ["delivered", "It did", 30]


def test_shipped_judgements_are_written_as_they_are(zh: Report, tmp_path: Path) -> None:
    path, _ = write_to_fill_in(zh, tmp_path / "all.csv")
    assert len(load_report(judgements=path).commitments) == 46
    with pytest.raises(FileExistsError, match="--force"):
        write_to_fill_in(zh, path)


def test_other_language_keeps_numbers_and_outcomes_without_words(files: Path) -> None:
    french = load_report(Path(__file__).parent / "editions" / "report.fr.txt")
    changed(files, 0, action_id="")
    with pytest.raises(ReportError):  # the short report has other actions
        load_report(Path(__file__).parent / "editions" / "report.fr.txt", judgements=files)
    assert french.commitments["outcome"].isna().all()
