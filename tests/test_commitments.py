"""What was asked and what came of it: against the table written by hand, and against changed documents."""

import csv
import importlib
import re
import time
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from generate import plan, write

from cdip_analysis import Report, commitments, evidence, follow_up_status, load_report
from cdip_analysis.data import SHIPPED
from cdip_analysis.language import Rule, expand, plain, rules
from cdip_analysis.schema import tables

GOLDEN = Path(__file__).parent / "golden" / "commitments.csv"
WORDS = ("text", "due_words", "outcome_words")
module = importlib.import_module("cdip_analysis.asked")


def by_hand() -> list[dict[str, str]]:
    return list(csv.DictReader(GOLDEN.read_text(encoding="utf-8").splitlines()))


def as_text(frame: pd.DataFrame) -> list[dict[str, str]]:
    text = frame.astype("string").fillna("")
    return [{str(name): cell for name, cell in row.items()} for row in text.to_dict("records")]


@pytest.mark.parametrize("row", range(31), ids=lambda n: f"row {n}")
def test_commitment_is_as_read_by_hand(row: int, edition: Report) -> None:
    expected = by_hand()[row]
    found = as_text(commitments(edition))[row]
    for name in WORDS:
        expected[name] = expected[f"{name}_{edition.language}"]
    assert found == {name: expected[name] for name in found}


def test_nothing_is_found_that_was_not_read_by_hand(edition: Report) -> None:
    assert len(commitments(edition)) == len(by_hand()) == 31


def test_editions_agree(zh: Report, en: Report) -> None:
    columns = [column.name for column in tables()["commitments"].columns if column.language_independent]
    assert len(columns) == 12
    pd.testing.assert_frame_equal(commitments(zh)[columns], commitments(en)[columns])


def test_every_cell_has_its_words(edition: Report) -> None:
    for row in edition.rows("commitments"):
        for column in WORDS:
            if row.values[column] is not None:
                spans = row.sources.get(column, row.sources[None])
                assert row.values[column] in {s.text for s in spans}
        for spans in row.sources.values():
            assert all(s.text and s.passage in edition.passages for s in spans)


def test_evidence_of_an_outcome_names_the_rule_and_the_place(zh: Report) -> None:
    card = evidence(zh, "commitments", 25, "outcome")
    assert (card.value, card.nature) == ("delivered", "judged")
    assert [s.passage.paragraph for s in card.spans] == [43]
    assert card.note == "answered by zh: outcome: a presentation made"


def test_no_trace_says_whether_it_was_looked_for(en: Report) -> None:
    notes = [row.notes["outcome"] for row in en.rows("commitments") if row.values["outcome"] == "no_trace"]
    assert notes == [
        f"looked for by en: outcome: {name}, and not found"
        for name in ("platforms joined", "something updated", "something made available", "comments considered")
    ]


# ---- rows of wording ---------------------------------------------------------------------------------------------------


def rows_of(section: str, *, seen: bool = False) -> list[Any]:
    return [
        pytest.param(language, rule, id=f"{rule.name} {number}")
        for language in ("zh", "en")
        for number, rule in enumerate(rules(language, section))
        if not (seen and "unseen" in rule.row)
    ]


def reads(language: str, rule: Rule) -> list[str]:
    """What a row keeps of its own example, by the same steps as in a document."""
    bare = plain(rule.row["example"])[0]
    passage = module.Passage("paragraph", rule.row["example"], 1, 1)
    return [
        module._span(passage, start, end, "").text
        for match in rule.pattern.finditer(bare)
        for start, end in module._pieces(bare, *match.span("words"), rule, language)
    ]


@pytest.mark.parametrize(("language", "rule"), [*rows_of("commitment"), *rows_of("thing")])
def test_row_reads_its_own_example(language: str, rule: Rule) -> None:
    assert reads(language, rule) == rule.row["reads"]


@pytest.mark.parametrize(("language", "rule"), [*rows_of("outcome"), *rows_of("due")])
def test_row_finds_its_own_example(language: str, rule: Rule) -> None:
    assert rule.pattern.search(plain(rule.row["example"])[0])


@pytest.mark.parametrize(("language", "rule"), rows_of("commitment"))
def test_without_the_row_something_is_missing(
    language: str, rule: Rule, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(module, "rules", lambda *key: tuple(r for r in rules(*key) if r.name != rule.name))
    found = {row.values["text"] for row in module._rows(request.getfixturevalue(language))}
    assert not {row[f"text_{language}"] for row in by_hand()} <= found


@pytest.mark.parametrize(("language", "rule"), rows_of("outcome", seen=True))
def test_without_the_row_an_outcome_is_lost(
    language: str, rule: Rule, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(module, "rules", lambda *key: tuple(r for r in rules(*key) if r.name != rule.name))
    found = [row.values["outcome"] for row in module._rows(request.getfixturevalue(language))]
    assert sum(outcome in ("delivered", "reported") for outcome in found) < 23


@pytest.mark.parametrize("language", ["zh", "en"])
def test_rows_name_no_paragraph_of_a_document(language: str) -> None:
    for section in ("commitment", "outcome", "due", "thing"):
        for rule in rules(language, section):
            assert not re.search(
                r"[0-9]", re.sub(r"\{[a-z_]*[0-9,]*\}", "", rule.row["pattern"] + rule.row.get("asked", ""))
            )


@pytest.mark.parametrize("section", ["commitment", "outcome", "due"])
def test_both_languages_have_the_same_rows(section: str) -> None:
    kept = [
        {k: v for k, v in rule.row.items() if k in ("name", "kind", "who", "within", "outcome", "session")}
        for language in ("zh", "en")
        for rule in rules(language, section)
    ]
    assert kept[: len(kept) // 2] == kept[len(kept) // 2 :]


@pytest.mark.parametrize(("language", "rule"), rows_of("outcome"))
def test_what_an_outcome_answers_compiles(language: str, rule: Rule) -> None:
    assert re.compile(expand(rule.row["asked"], language)).pattern


# ---- what is no commitment, with the reason ------------------------------------------------------------------------------

NOT_ONE = {
    "that something goes on": ("follow_up", "WIPO will continue its efforts to assess its tools."),
    "that something goes on too": ("follow_up", "WIPO will also continue to refine its framework."),
    "to take note": ("decision", "The Committee took note of the presentation."),
    "to welcome": ("decision", "The Committee welcomed the presentation and expressed appreciation."),
    "to encourage": ("consideration", "Delegations encouraged the Secretariat to update the roster regularly."),
    "to suggest": ("consideration", "Some delegations made suggestions for upgrading the roster."),
    "a proposal in a document": ("consideration", "The new section would gather all WIPO activities."),
    "a purpose of a document": ("proposal", "The document is for information purposes."),
    "to reply": ("consideration", "Some delegations raised questions, to which the Secretariat replied."),
}


@pytest.mark.parametrize("case", NOT_ONE)
def test_is_no_commitment(case: str) -> None:
    section, words = NOT_ONE[case]
    bare = plain(words)[0]
    for rule in rules("en", "commitment"):
        assert section not in rule.row.get("within", [section]) or not rule.pattern.search(bare), rule.name


# ---- changed documents ---------------------------------------------------------------------------------------------------


def changed(language: str, *changes: tuple[str, str]) -> pd.DataFrame:
    """The commitments of the shipped document after some of its words were replaced."""
    text = SHIPPED[language].read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the document"
        text = text.replace(old, new)
    return commitments(load_report(text.encode()))


def row_of(found: pd.DataFrame, words: str) -> pd.Series:
    return found[found["text"].str.contains(words, regex=False)].iloc[0]


def test_presentation_that_was_never_made_leaves_no_trace() -> None:
    found = changed("zh", ("对顾问花名册移入 ERP 系统后的情况作了介绍", "讨论了顾问花名册"))
    assert row_of(found, "做一次演示报告")["outcome"] == "no_trace"


def test_due_session_that_has_passed_is_searched_and_not_due() -> None:
    found = changed(
        "en",
        ("report on the webinars at its twenty-fifth session", "report on the webinars at its twenty-third session"),
    )
    row = row_of(found, "evaluation report")
    assert (row["due_session"], row["outcome"]) == (23, "no_trace")


def test_answer_told_before_it_was_asked_is_none() -> None:
    paragraph = (
        "The Secretariat made a presentation at the twenty-third session of the Committee on the roster of consultants "
        "after its move into the ERP system, explaining how the database had been upgraded."
    )
    found = changed(
        "en", (paragraph, "Nothing."), ("The document briefly introduced", paragraph + " The document gave")
    )
    assert row_of(found, "would make a presentation")["outcome"] == "no_trace"


def test_answer_under_another_action_is_none() -> None:
    launched = "The Secretariat has launched a series of webinars on"
    found = changed(
        "en", (launched, "There were"), ("WIPO continues its efforts", f"{launched} things. WIPO continues")
    )
    assert row_of(found, "implement the webinar platform")["outcome"] == "no_trace"


def test_days_are_not_counted_where_dates_are_not_documented() -> None:
    found = changed(
        "en",
        (
            "The Secretariat made a presentation at the twenty-third",
            "The Secretariat made a presentation at the twenty-sixth",
        ),
    )
    row = row_of(found, "would make a presentation")
    assert (row["outcome_session"], row["sessions_between"]) == (26, 6)
    assert pd.isna(row["days_between"])


def test_proposal_whose_source_is_not_cited_has_no_session() -> None:
    text = SHIPPED["en"].read_text(encoding="utf-8").replace("Appendix I of", "the annex to")
    found = commitments(load_report(text.encode()))
    proposals = found[found["kind"] == "proposal"]
    assert len(proposals) == 14
    assert proposals["asked_session"].isna().all()
    assert proposals["asked_target"].isna().all()


def test_report_of_unknown_session_keeps_what_is_due() -> None:
    found = changed("en", ("Twenty-fourth Session", ""))
    assert found.loc[found["asked_paragraph"] == 21, "asked_session"].isna().all()
    assert list(found.loc[found["outcome"] == "due", "asked_paragraph"]) == [1, 20, 21, 21]


def test_supplied_session_is_used_and_said_to_be_supplied() -> None:
    text = SHIPPED["en"].read_text(encoding="utf-8").replace("Twenty-fourth Session", "")
    report = load_report(text.encode(), session=24)
    row = next(row for row in report.rows("commitments") if row.values["asked_paragraph"] == 21)
    assert row.values["asked_session"] == 24
    assert row.notes["asked_session"] == "the session to which the report is submitted: as supplied by the user"
    assert follow_up_status(report)["sessions_since"].notna().all(), "the status is seen from it"


@pytest.mark.parametrize(
    "text", ["1. The Committee met.", "1. 委员会举行了会议，讨论了技术援助的文件。"], ids=["en", "zh"]
)
def test_report_without_any_has_an_empty_table_with_its_columns(text: str) -> None:
    found = commitments(load_report(text.encode()))
    assert len(found) == 0
    assert list(found) == [column.name for column in tables()["commitments"].columns]
    assert found["due_session"].dtype == "Int64"


def test_lines_of_the_proposal_belong_to_the_action_whose_words_they_share(edition: Report) -> None:
    lines = [p for p in edition.passages if p.kind == "proposal"]
    assert [module._action_of(edition, line) for line in lines] == [
        "1.1", "1.3", "1.2", "1.3", "2.1", "3.1", "3.2", "4.1", "5.1", "6.1",
    ]  # fmt: skip


def test_line_that_shares_no_words_with_an_action_belongs_to_none() -> None:
    found = changed("en", ("Furthermore, WIPO should provide Member States with a regular forum to exchange experiences, "
                           "tools and methodologies on technical assistance and capacity building, in particular:",
                           "WIPO should rest:"))  # fmt: skip
    row = row_of(found, "WIPO should rest")
    assert pd.isna(row["action_id"])
    assert row["outcome"] == "no_trace"


def test_what_an_action_begins_with_counts_most() -> None:
    """The seminar (1.2) shares more words with this line, but the line asks for what the forum (1.3) begins with."""
    found = changed("en", ("a regular forum to exchange experiences", "a forum for exchanging experiences"))
    assert row_of(found, "a forum for exchanging")["action_id"] == "1.3"


def test_answer_earlier_in_the_same_paragraph_is_none() -> None:
    found = changed(
        "en",
        ("In the context of the above discussions, the", "An interactive dialogue followed. The"),
        ("; an interactive dialogue followed, to which", ", to which"),
    )
    assert row_of(found, "hold an [interactive dialogue]")["outcome"] == "no_trace"


def test_answer_at_a_session_before_it_was_asked_is_none() -> None:
    made = "The Secretariat made a presentation at the twenty-third session"
    found = changed("en", (made, made.replace("twenty-third", "nineteenth")))
    assert row_of(found, "would make a presentation")["outcome"] == "no_trace"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["commitments", "chain", "agenda", "reading_list"])
def test_generated_report_reads_alike_in_both_languages(name: str, seed: int) -> None:
    drawn = plan(Random(seed), points=4, actions=3, entries=4, sessions=6, introduction=3)
    columns = [column.name for column in tables()[name].columns if column.language_independent]
    zh, en = (load_report(write(drawn, language).encode(), language=language).frame(name) for language in ("zh", "en"))
    assert len(zh) > 0
    pd.testing.assert_frame_equal(zh[columns], en[columns])


LONG = {
    "one sentence without an end": "word " * 40_000,
    "openings of a request": "the Secretariat should if WIPO will " * 6_000,
    "openings of an answer": "the Secretariat presented an important lessons learnt the was " * 3_000,
    "open items": "a. " * 60_000,
}


@pytest.mark.parametrize("case", LONG)
def test_long_paragraph_is_read_in_seconds(case: str) -> None:
    text = (
        SHIPPED["en"].read_text(encoding="utf-8").replace("The Secretariat continues to upgrade", f"{LONG[case]}. The")
    )
    report = load_report(text.encode(), language="en")
    start = time.perf_counter()
    assert len(commitments(report)) >= 31
    assert time.perf_counter() - start < 20
