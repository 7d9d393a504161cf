"""What to read, what is due, and the chain from request to follow-up: expectations read off the document by hand."""

import csv
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdip_analysis import Report, agenda, chain, commitments, evidence, load_report, reading_list
from cdip_analysis.data import SHIPPED
from cdip_analysis.schema import tables

GOLDEN = Path(__file__).parent / "golden"


def as_text(frame: pd.DataFrame) -> list[list[str]]:
    return frame.astype("string").fillna("").to_numpy().tolist()


def changed(language: str, *changes: tuple[str, str]) -> Report:
    text = SHIPPED[language].read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{old!r} does not stand in the document"
        text = text.replace(old, new)
    return load_report(text.encode())


# ---- reading list ------------------------------------------------------------------------------------------------------


def test_reading_list_is_as_made_by_hand(edition: Report) -> None:
    header, *rows = csv.reader((GOLDEN / "reading_list.csv").read_text(encoding="utf-8").splitlines())
    assert as_text(reading_list(edition)[header]) == rows
    assert reading_list(edition)["paragraphs"].sum() == 213


OF_ACTION = {
    "1.1": [("CDIP/21/15", 98, 112)],
    "1.2": [("CDIP/19/12", 37, 61), ("CDIP/20/13", 233, 244)],
    "1.3": [
        ("CDIP/21/15", 113, 128),
        ("CDIP/21/15", 285, 291),  # in the body only; the annex names no symbol for it
        ("CDIP/22/18", 89, 125),
        ("CDIP/22/18", 474, 492),
        ("CDIP/23/17 Prov.", 233, 249),
    ],
    "3.2": [("CDIP/19/12", 365, 368)],  # touches 350-364 of action 6.1, which is not asked for
    "5.1": [("CDIP/20/13", 224, 232), ("CDIP/23/17 Prov.", 285, 290)],
}


@pytest.mark.parametrize("action", OF_ACTION)
def test_reading_list_of_an_action(action: str, edition: Report) -> None:
    found = reading_list(edition, action)
    assert (
        list(found[["report", "first_paragraph", "last_paragraph"]].itertuples(index=False, name=None))
        == OF_ACTION[action]
    )
    assert set(found["actions"]) == {action}


def test_ranges_that_body_alone_names_have_no_symbol_without_an_annex() -> None:
    text = SHIPPED["en"].read_text(encoding="utf-8")
    found = reading_list(load_report(text[: text.index("[Annex follows]")].encode()))
    assert found["report"].isna().all()
    assert found["report_is_draft"].isna().all()
    assert found["paragraphs"].sum() == 213


@given(st.lists(st.tuples(st.integers(19, 21), st.integers(1, 40), st.integers(0, 9)), min_size=1, max_size=12))
def test_joined_ranges_hold_each_paragraph_once(ranges: list[tuple[int, int, int]]) -> None:
    lines = [f"{n}. Report of CDIP/{s}, paragraphs {a} to {a + b}." for n, (s, a, b) in enumerate(ranges, 1)]
    found = reading_list(load_report("\n\n".join(lines).encode(), language="en"))
    paragraphs = {(s, n) for s, a, b in ranges for n in range(a, a + b + 1)}
    joined = list(found[["session", "first_paragraph", "last_paragraph"]].itertuples(index=False, name=None))
    held = [(s, n) for s, first, last in joined for n in range(first, last + 1)]
    assert len(held) == len(set(held)) == found["paragraphs"].sum()
    assert set(held) == paragraphs
    assert joined == sorted(joined)
    assert all(one[0] != two[0] or two[1] > one[2] + 1 for one, two in pairwise(joined))


# ---- agenda ------------------------------------------------------------------------------------------------------------

UNDATED = [("undated", "1.3", None), ("undated", "1.1", 10), ("undated", "5.1", 43), ("undated", "6.1", 49)]
AGENDA = {
    # What is due at a session, what was due before and is open, what has no date: (when, action, paragraph).
    25: [("due", "1.3", 20), ("due", "1.3", 21), ("due", "1.3", 21), ("earlier", None, 1), *UNDATED],
    24: [("due", None, 1), *UNDATED],
    23: [UNDATED[0], *UNDATED[2:]],  # paragraph 10 was announced at CDIP/24 only
    22: [("due", "1.3", 17), UNDATED[0], UNDATED[3]],
    19: [("due", "1.2", None), UNDATED[0], UNDATED[3]],
    17: [UNDATED[0]],
    9: [],
}


@pytest.mark.parametrize("session", AGENDA)
def test_agenda_of_a_session(session: int, edition: Report) -> None:
    found = agenda(edition, session).astype("object")
    rows = found[["when", "action_id", "paragraph"]].itertuples(index=False, name=None)
    assert [tuple(None if pd.isna(v) else v for v in row) for row in rows] == AGENDA[session]


def test_agenda_tells_what_came_of_what_was_due(en: Report) -> None:
    assert list(agenda(en, 22)["outcome"]) == ["delivered", "no_trace", "no_trace"]


def test_session_without_documented_dates_has_none_and_the_reason(edition: Report) -> None:
    due = agenda(edition, 25).iloc[0]
    assert pd.isna(due["start_date"])
    assert due["date_source"] == "no document states the dates of CDIP/25"
    assert str(agenda(edition, 24).iloc[0]["start_date"].date()) == "2019-11-18"


def test_agenda_table_of_a_report_holds_all_that_is_open(edition: Report) -> None:
    found = edition.frame("agenda")
    assert len(found) == 8
    assert set(found["outcome"]) == {"due", "no_trace"}
    assert list(found["due_session"].dropna()) == [24, 25, 25, 25]


def test_labels_of_an_agenda_lead_to_the_words(en: Report) -> None:
    label = agenda(en, 25).index[0]
    assert evidence(en, "commitments", label, "text").value == agenda(en, 25).loc[label, "words"]


def test_agenda_names_what_is_to_come_where_the_words_name_it(en: Report) -> None:
    due = agenda(en, 25).query("when == 'due'")
    names = ["evaluation report on the webinars", "the Committee will discuss their usefulness", "independent review"]
    assert due["what"].tolist() == names
    assert all(what in words for what, words in zip(due["what"], due["words"], strict=True))
    assert [span.text for span in en.rows("agenda")[1].sources["what"]] == names[:1]


def test_labels_of_a_chain_lead_to_the_words(en: Report) -> None:
    found = chain(en, "5.1")
    assert [evidence(en, "chain", label, "decision").value for label in found.index] == list(found["decision"])


# ---- chain -------------------------------------------------------------------------------------------------------------

CHAIN = [
    # action, session, entry, targets of the request, document, discussion, decision, paragraph of the follow-up
    ("1.1", 21, 1, "CDIP/17 summary appendix I", "CDIP/21/4", "CDIP/21 report 98-112", "CDIP/21 summary 8.1", 10),
    ("1.2", 19, 2, "CDIP/17 summary appendix I", "", "CDIP/19 report 37-61", "CDIP/19 summary 5", ""),
    ("1.2", 20, 3, "", "CDIP/20/3", "CDIP/20 report 233-244", "CDIP/20 summary 7.1", 15),
    ("1.3", 21, 4, "CDIP/17 summary appendix I", "", "CDIP/21 report 113-128", "CDIP/21 summary 8.3", ""),
    ("1.3", 21, "", "", "", "CDIP/21 report 285-291", "", ""),
    ("1.3", 22, 5, "CDIP/21 summary 8.3", "", "CDIP/22 report 474-492", "CDIP/22 summary 7.4", ""),
    ("1.3", 22, 6, "", "CDIP/22/3", "CDIP/22 report 89-125", "CDIP/22 summary 7.1", ""),
    ("1.3", 23, 7, "", "CDIP/23/9", "CDIP/23 report 233-249", "CDIP/23 summary 8.1", 21),
    ("2.1", 22, 8, "CDIP/17 summary appendix I", "CDIP/22/11", "CDIP/22 report 151-159", "CDIP/22 summary 7.3", 26),
    ("3.1", 22, 9, "CDIP/17 summary appendix I", "CDIP/22/10", "CDIP/22 report 160-167", "CDIP/22 summary 7.2", 31),
    ("3.2", 19, 10, "CDIP/17 summary appendix I", "", "CDIP/19 report 365-368", "CDIP/19 summary 7.2", 35),
    ("4.1", 21, 11, "CDIP/17 summary appendix I; CDIP/21 report 87-97", "CDIP/21/9", "CDIP/21 report 87-97",
     "CDIP/21 summary 8.2", 39),
    ("5.1", 20, 12, "", "CDIP/20/6", "CDIP/20 report 224-232", "CDIP/20 summary 7.2", ""),
    ("5.1", 23, 13, "CDIP/17 summary appendix I; CDIP/20 report 224-232; CDIP/20 summary 7.2", "",
     "CDIP/23 report 285-290", "CDIP/23 summary 8.2", 46),
    ("6.1", 19, 14, "CDIP/17 summary appendix I", "CDIP/19/10", "CDIP/19 report 350-364", "CDIP/19 summary 7.1", ""),
    ("6.1", 21, 15, "CDIP/19 summary 7.1", "", "CDIP/21 report 368-370", "CDIP/21 summary 8.4", 52),
]  # fmt: skip
SIDE_BY_SIDE = ["action_id", "session", "entry", "request_targets", "document", "discussion", "decision",
                "follow_up_paragraph"]  # fmt: skip


def test_chain_is_as_put_side_by_side_by_hand(edition: Report) -> None:
    assert as_text(chain(edition)[SIDE_BY_SIDE]) == [[str(cell) for cell in row] for row in CHAIN]


def test_everything_asked_of_an_action_stands_in_its_chain(edition: Report) -> None:
    found, last = chain(edition), edition.actions.set_index("action_id")["last_session"]
    asked = commitments(edition).query("kind in ('proposal', 'request') and action_id.notna()")
    for action, session, text in asked[["action_id", "asked_session", "text"]].itertuples(index=False, name=None):
        rounds = found[found["action_id"] == action]
        asked_last = session == last[action]  # then it is what the last decision says
        assert asked_last or rounds["request"].str.contains(text, regex=False).any(), text


def test_every_follow_up_stands_in_the_chain() -> None:
    text = SHIPPED["en"].read_text(encoding="utf-8")
    more = "Follow-up:\n53. WIPO will submit a survey to the twenty-sixth session of the Committee.\n54. "
    report = load_report(text.replace("\n53. ", f"\n{more}", 1).encode())
    row = chain(report, "6.1").iloc[-1]
    assert (row["follow_up_paragraph"], row["follow_up"].count(" / ")) == (52, 1)
    assert "twenty-sixth session" in row["follow_up"]


def test_request_told_where_it_was_answered_stands_beside_the_document(en: Report) -> None:
    row = chain(en, "1.3").iloc[-1]
    assert row["request"] == "As requested by the Committee at its twenty-second session"


NAMES = {
    "zh": ("关于网络研讨会的评价报告", "独立评审文件"),
    "en": ("evaluation report on the webinars", "independent review"),
}


def test_paragraphs_20_and_21_name_different_things(edition: Report) -> None:
    found = chain(edition)
    marked = found[found["wording_differs"].notna()]
    assert list(marked["decision"]) == ["CDIP/23 summary 8.1"]
    row = marked.iloc[0]
    assert (row["wording_differs"], row["due_session"]) == (True, 25)
    assert (row["decision_names"], row["follow_up_names"]) == NAMES[edition.language]


def test_one_name_for_one_thing_is_no_difference() -> None:
    found = chain(changed("en", ("submit an independent review to", "submit an evaluation report on the webinars to")))
    assert list(found["wording_differs"].dropna()) == [False]


def test_things_for_different_sessions_are_not_compared() -> None:
    found = chain(changed("en", ("review to the twenty-fifth", "review to the twenty-sixth")))
    assert found["wording_differs"].isna().all()


# ---- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [reading_list, chain], ids=["reading_list", "chain"])
def test_unknown_action_says_which_there_are(ask: Callable[[Report, str], pd.DataFrame], zh: Report) -> None:
    with pytest.raises(
        ValueError, match=r"has no action '7\.1'; it has 1\.1, 1\.2, 1\.3, 2\.1, 3\.1, 3\.2, 4\.1, 5\.1, 6\.1"
    ):
        ask(zh, "7.1")


def test_unknown_session_says_which_there_are(zh: Report) -> None:
    with pytest.raises(ValueError, match="knows no session 26; the sessions that it names are: 8, 9, 16, 17, 18, 19"):
        agenda(zh, 26)


@pytest.mark.parametrize("name", ["reading_list", "agenda", "chain"])
def test_report_with_nothing_in_it_has_empty_tables_with_their_columns(name: str) -> None:
    found = load_report(b"1. The Committee met.").frame(name)
    assert len(found) == 0
    assert list(found) == [column.name for column in tables()[name].columns]


def test_report_without_annex_and_follow_ups_has_its_considerations() -> None:
    text = SHIPPED["en"].read_text(encoding="utf-8")
    text = text[: text.index("[Annex follows]")].replace("\nFollow-up:\n", "\n").replace("\nFollow-up\n", "\n")
    report = load_report(text.encode())
    assert len(report.follow_ups) == 0
    found = chain(report)
    assert len(found) == 16  # the ranges of the body
    assert found["follow_up"].isna().all()
    assert found["decision"].isna().all()


@pytest.mark.parametrize("name", ["reading_list", "agenda", "chain", "commitments"])
def test_editions_agree(name: str, zh: Report, en: Report) -> None:
    columns = [column.name for column in tables()[name].columns if column.language_independent]
    pd.testing.assert_frame_equal(zh.frame(name)[columns], en.frame(name)[columns])


@pytest.mark.parametrize("name", ["reading_list", "agenda", "chain", "commitments"])
def test_every_value_has_words_in_the_report(name: str, edition: Report) -> None:
    for row in edition.rows(name):
        for column in row.values:
            spans = row.sources.get(column, row.sources[None])
            assert spans, (name, column, row.values)
            assert all(s.text and 0 <= s.start < s.end <= len(s.passage.text) for s in spans)
