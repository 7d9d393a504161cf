"""What to read and what is due: expectations read off the document by hand."""

from itertools import pairwise

import pytest
from conftest import as_text, by_hand
from hypothesis import given
from hypothesis import strategies as st

from cdip_analysis import Report, agenda, load_report, reading_list
from cdip_analysis.data import SHIPPED


def test_reading_list_is_as_made_by_hand(edition: Report) -> None:
    header, rows = by_hand("golden", "reading_list")
    assert as_text(reading_list(edition)[header]) == rows
    assert reading_list(edition)["paragraphs"].sum() == 213


OF_ACTION = {
    "1.3": [
        ("CDIP/21/15", 113, 128),
        ("CDIP/21/15", 285, 291),  # in the body only; the annex names no symbol for it
        ("CDIP/22/18", 89, 125),
        ("CDIP/22/18", 474, 492),
        ("CDIP/23/17 Prov.", 233, 249),
    ],
    "3.2": [("CDIP/19/12", 365, 368)],  # touches 350-364 of action 6.1, which is not asked for
}


@pytest.mark.parametrize("action", OF_ACTION)
def test_reading_list_of_an_action(action: str, edition: Report) -> None:
    found = reading_list(edition, action)
    ranges = found[["report", "first_paragraph", "last_paragraph"]].itertuples(index=False, name=None)
    assert list(ranges) == OF_ACTION[action]
    assert set(found["actions"]) == {action}


def test_ranges_that_body_alone_names_have_no_symbol_without_an_annex() -> None:
    text = SHIPPED["en"].read_text(encoding="utf-8")
    found = reading_list(load_report(text[: text.index("[Annex follows]")].encode()))
    assert found[["report", "report_is_draft"]].isna().all(axis=None)
    assert found["paragraphs"].sum() == 213


@given(st.lists(st.tuples(st.integers(19, 21), st.integers(1, 40), st.integers(0, 9)), min_size=1, max_size=12))
def test_joined_ranges_hold_each_paragraph_once(ranges: list[tuple[int, int, int]]) -> None:
    lines = [f"{n}. Report of CDIP/{s}, paragraphs {a} to {a + b}." for n, (s, a, b) in enumerate(ranges, 1)]
    found = reading_list(load_report("\n\n".join(lines).encode(), language="en"))
    joined = list(found[["session", "first_paragraph", "last_paragraph"]].itertuples(index=False, name=None))
    held = [(s, n) for s, first, last in joined for n in range(first, last + 1)]
    assert held == sorted({(s, n) for s, a, b in ranges for n in range(a, a + b + 1)})
    assert len(held) == found["paragraphs"].sum()
    assert all(one[0] != two[0] or two[1] > one[2] + 1 for one, two in pairwise(joined))


# What is due at a session, what was due before and is open, and what has no date, by number of the judgement.
AGENDA = {
    25: "due 13 14 15 earlier 3 undated 8 18a 24 31 33 35a 35b 35c 35d 36",
    24: "due 3 undated 8 18a 24 31 33 35a 35b 35c 35d 36",
    22: "due 10 undated 8 18a 24 31 35a 35b 35c 35d 36",
    19: "due 6 undated 8 24 35a 35b 35c 35d 36",
    18: "undated 8",
    17: "",
}


@pytest.mark.parametrize("session", AGENDA)
def test_agenda_of_a_session(session: int, edition: Report) -> None:
    due = agenda(edition, session)
    found = [f"{when} {' '.join(rows['number'])}" for when, rows in due.groupby("when", sort=False, observed=True)]
    assert " ".join(found) == AGENDA[session]


def test_unknown_action_or_session_says_which_there_are(zh: Report) -> None:
    actions = r"no action '7\.1'; it has 1\.1, 1\.2, 1\.3, 2\.1, 3\.1, 3\.2, 4\.1, 5\.1, 6\.1"
    with pytest.raises(ValueError, match=actions):
        reading_list(zh, "7.1")
    with pytest.raises(ValueError, match="knows no session 26; the sessions that it names are: 8, 9, 16, 17, 18, 19"):
        agenda(zh, 26)
