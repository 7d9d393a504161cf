"""What a notebook shows: the cards of a report, of a value's evidence and of words found, and tables."""

import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from cdip_analysis import evidence, find_text, load_report
from cdip_analysis.display import readable, table_html
from cdip_analysis.schema import table_names

REPORT = load_report()
ENGLISH = load_report(language="en")
EVIDENCE = evidence(REPORT, "annex", 12, "report")
HITS = find_text(REPORT, "顾问花名册", beside=ENGLISH)
PIECES = {
    "report": REPORT._repr_html_(),
    "evidence": EVIDENCE._repr_html_(),
    "hits": HITS._repr_html_(),
    "no hits": find_text(REPORT, "zebra")._repr_html_(),
    "table": table_html(REPORT.annex),
}


@pytest.mark.parametrize("name", PIECES)
def test_piece_is_whole(name: str) -> None:
    """What may be in it at all is held in test_safety.py."""
    parsed = BeautifulSoup(PIECES[name], "html.parser")
    assert str(parsed).count("</") == len(re.findall(r"</\w", PIECES[name])), "each tag is closed"


def test_report_card_gives_title_session_language_counts_and_tables() -> None:
    text = BeautifulSoup(PIECES["report"], "html.parser").get_text(" ")
    facts = (
        "CDIP/24",
        "language: zh",
        "15 entries",
        "119 references",
        "nothing that looked like a reference",
        "findings: 28",
    )
    assert [fact for fact in (str(REPORT.header.title), *facts) if fact not in text] == []
    assert all(name in text for name in table_names())
    english = str(ENGLISH.header.title)
    assert text.index(english) < text.index(readable(str(REPORT.header.title))), "the English title is first"
    assert "working translation" in ENGLISH._repr_html_()


def test_evidence_marks_the_words_and_shows_link_rule_and_nature() -> None:
    shown = BeautifulSoup(PIECES["evidence"], "html.parser")
    assert [mark.text for mark in shown.find_all("mark")] == [EVIDENCE.spans[0].text]
    assert [link["href"] for link in shown.find_all("a")] == [*EVIDENCE.links.values()]
    for fact in ("annex, entry 13, consideration", "rule: report of a session, paragraphs", "(printed)", "not checked"):
        assert fact in shown.get_text()


def test_evidence_links_a_bare_range_to_the_report_that_the_annex_names() -> None:
    bare = REPORT.citations.query("paragraph == 24 and kind == 'paragraphs'").index[0]
    assert [*evidence(REPORT, "citations", int(bare), "target").links] == ["CDIP/22/18"]


def test_evidence_of_a_session_date_is_the_calendar() -> None:
    """The event is printed; its day is not, unless the document names one."""
    table = REPORT.timeline
    at = {event: int(table.index[table["event"] == event][0]) for event in ("event", "consideration")}
    assert evidence(REPORT, "timeline", at["consideration"], "date").nature == "reference"
    assert evidence(REPORT, "timeline", at["event"], "date").nature == "printed"


def test_hits_mark_each_place_once_and_show_the_other_edition() -> None:
    shown = BeautifulSoup(PIECES["hits"], "html.parser")
    assert [mark.text for mark in shown.find_all("mark")] == ["顾问花名册"] * len(HITS)
    assert shown.get_text("|").count("|paragraph 40|") == 1, "two hits, one passage"
    assert "Roster of Consultants Database" in shown.get_text()


def test_table_shows_texts_in_full_gaps_empty_and_how_many_rows_are_left_out() -> None:
    table = pd.DataFrame({"text": ["长" * 300, None], "n": pd.array([1, None], dtype="Int64"), "yes": [True, False]})
    text = BeautifulSoup(table_html(table), "html.parser").get_text("|")
    assert "长" * 300 in text
    assert not re.search(r"nan|NaN|<NA>|None", text)
    assert "|yes|" in text
    assert "and 117 more rows, of 119" in table_html(REPORT.citations, most=2)
