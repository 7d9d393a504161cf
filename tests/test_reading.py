"""What to read and what is due: expectations read off the document by hand."""

from itertools import pairwise

import pytest
from conftest import CASES, as_text, by_hand
from hypothesis import given
from hypothesis import strategies as st

from cdip_analysis import Report, agenda, load_report, reading_list
from cdip_analysis.data import SHIPPED


def test_reading_list_is_as_made_by_hand(edition: Report) -> None:
    header, rows = by_hand("golden", "reading_list")
    assert as_text(reading_list(edition)[header]) == rows
    assert reading_list(edition)["paragraphs"].sum() == 213


OF_ACTION = {
    # CDIP/21 285-291 is in the body only: the annex names no symbol for it.
    "1.3": "CDIP/21/15 113-128, CDIP/21/15 285-291, CDIP/22/18 89-125, CDIP/22/18 474-492, CDIP/23/17 Prov. 233-249",
    "3.2": "CDIP/19/12 365-368",  # touches 350-364 of action 6.1, which is not asked for
}


@pytest.mark.parametrize("action", OF_ACTION)
def test_reading_list_of_an_action(action: str, edition: Report) -> None:
    found = reading_list(edition, action)
    ranges = found[["report", "first_paragraph", "last_paragraph"]].itertuples(index=False, name=None)
    assert ", ".join(f"{report} {first}-{last}" for report, first, last in ranges) == OF_ACTION[action]
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


@pytest.mark.parametrize(("session", "said"), CASES["agenda"].items())
def test_agenda_of_a_session(session: str, said: str, edition: Report) -> None:
    due = agenda(edition, int(session))
    found = [f"{when} {' '.join(rows['number'])}" for when, rows in due.groupby("when", sort=False, observed=True)]
    assert " ".join(found) == said
