"""What a notebook shows: the cards of a report, of a value's evidence and of words found, and tables."""

import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from cdip_analysis import evidence, find_text, load_report
from cdip_analysis.display import readable, table_html
from cdip_analysis.schema import table_names

REPORT, ENGLISH = load_report(), load_report(language="en")
EVIDENCE = evidence(REPORT, "annex", 12, "report")
HITS = find_text(REPORT, "顾问花名册", beside=ENGLISH)
TITLES = [readable(str(report.header.title)) for report in (ENGLISH, REPORT)]
ODD = pd.DataFrame({"text": ["长" * 300, None], "n": pd.array([1, None], dtype="Int64"), "yes": [True, False]})
# What is shown, and what is read in it, in this order; what may be in it at all is held in test_safety.py.
SHOWN = {
    "report": (REPORT._repr_html_(), [*TITLES, "CDIP/24", "language: zh", "15 entries", "119 references", "nothing that looked like a reference", "findings: 28", *(f"|{name}| {len(REPORT.rows[name])}" for name in table_names())]),
    "English report": (ENGLISH._repr_html_(), ["working translation"]),
    "evidence": (EVIDENCE._repr_html_(), ["annex, entry 13, report = CDIP/23/17", "(printed)", "annex, entry 13, consideration", "rule: report of a session, paragraphs", "not checked"]),
    "hits": (HITS._repr_html_(), ["10 hits", "|paragraph 40|", "Roster of Consultants Database"]),
    "no hits": (find_text(REPORT, "zebra")._repr_html_(), ["0 hits"]),
    "table": (table_html(REPORT.annex), ["entry", "CDIP/23"]),
    "odd table": (table_html(ODD), ["长" * 300, "|1|yes|1|no"]),
    "first rows": (table_html(REPORT.citations, most=2), ["and 117 more rows, of 119"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_card_or_table_is_whole_and_says(name: str) -> None:
    shown, facts = SHOWN[name]
    parsed = BeautifulSoup(shown, "html.parser")
    assert str(parsed).count("</") == len(re.findall(r"</\w", shown)), "each tag is closed"
    text = parsed.get_text("|")
    assert re.search(".*".join(map(re.escape, facts)), text, re.DOTALL), text
    assert not re.search(r"nan|NaN|<NA>|None", text)


def test_words_are_marked_once_each_and_documents_linked() -> None:
    shown, hits = (BeautifulSoup(SHOWN[name][0], "html.parser") for name in ("evidence", "hits"))
    assert [mark.text for mark in shown.find_all("mark")] == [EVIDENCE.spans[0].text]
    assert [link["href"] for link in shown.find_all("a")] == [*EVIDENCE.links.values()]
    assert [mark.text for mark in hits.find_all("mark")] == ["顾问花名册"] * len(HITS)
    assert hits.get_text("|").count("|paragraph 40|") == 1, "two hits, one passage"
    bare = REPORT.citations.query("paragraph == 24 and kind == 'paragraphs'").index[0]
    assert [*evidence(REPORT, "citations", int(bare), "target").links] == ["CDIP/22/18"], "the annex names the report"


@pytest.mark.parametrize(("event", "nature"), [("consideration", "reference"), ("event", "printed")])
def test_evidence_of_a_session_date_is_the_calendar(event: str, nature: str) -> None:
    """The event is printed; its day is not, unless the document names one."""
    table = REPORT.timeline
    assert evidence(REPORT, "timeline", int(table.index[table["event"] == event][0]), "date").nature == nature
