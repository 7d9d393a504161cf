"""What a notebook shows: the cards of a report, of a value's evidence and of words found, and tables."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Protocol

import pandas as pd
import pytest

from cdip_analysis import evidence, find_text, load_report, show
from cdip_analysis.data import SHIPPED
from cdip_analysis.schema import table_names

REPORT = load_report()
ENGLISH = load_report(language="en")


class Texts(HTMLParser):
    """The marked words and the links of a piece of HTML; raises if a tag is not closed in its turn."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.marked: list[str] = []
        self.links: list[str] = []
        self.feed(source)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "wbr":
            self.open.append(tag)
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "mark" in self.open:
            self.marked.append(data)


class Card(Protocol):
    def _repr_html_(self) -> str: ...


CARDS: dict[str, Card] = {
    "report": REPORT,
    "evidence": evidence(REPORT, "annex", 11, "report"),
    "hits": find_text(REPORT, "顾问", beside=ENGLISH),
    "no hits": find_text(REPORT, "zebra"),
    "table": show(REPORT.annex),
}


@pytest.mark.parametrize("name", CARDS)
def test_card_is_whole_and_works_without_scripts(name: str) -> None:
    shown = CARDS[name]._repr_html_()
    Texts(shown)
    assert not re.search(r"<script|<style|\bon\w+=|javascript:", shown)


@pytest.mark.parametrize("name", CARDS)
def test_card_reads_in_a_dark_theme(name: str) -> None:
    """Colours are inherited or half transparent: none paints text or ground over the theme's own."""
    styles = re.findall(r'style="([^"]*)"', CARDS[name]._repr_html_())
    rules = [rule.split(":") for style in styles for rule in style.split(";")]
    assert {value for name, value in rules if name == "color"} <= {"inherit"}
    assert {value for name, value in rules if name.startswith("background")} <= {"#ffbf0059", "none"}


def test_report_card_tells_title_session_language_counts_and_tables() -> None:
    shown = REPORT._repr_html_()
    for told in [
        str(REPORT.header.title),
        "CDIP/24",
        "language: zh",
        "15 entries",
        "119 citations",
        "28 findings",
        "0 unread",
    ]:
        assert told in shown
    assert re.findall(r"<code[^>]*>(\w+)</code>", shown) == table_names()
    assert "<" not in repr(REPORT).strip("<>")


def test_report_card_calls_the_working_translation_one() -> None:
    assert "working translation" in ENGLISH._repr_html_()


def test_tab_completion_lists_the_tables() -> None:
    assert {*table_names()} <= {*dir(REPORT)}


def test_evidence_marks_the_words_and_shows_link_rule_and_nature() -> None:
    card = evidence(REPORT, "annex", 12, "report")
    shown = Texts(card._repr_html_())
    assert shown.marked == ["CDIP 第二十三届会议报告草案第 285 至 290 段 (CDIP/23/17 Prov.)"]
    assert shown.links == ["https://www.wipo.int/edocs/mdocs/mdocs/zh/cdip_23/cdip_23_17_prov.pdf"]
    for told in ["annex, entry 13, consideration", "rule: zh: citation", "(printed)", "not checked"]:
        assert told in card._repr_html_()


def test_evidence_links_a_bare_range_to_the_report_that_the_annex_names() -> None:
    bare = REPORT.citations.query("paragraph == 24 and kind == 'paragraphs'").index[0]
    assert [*evidence(REPORT, "citations", int(bare), "target").links] == ["CDIP/22/18"]


def test_evidence_of_a_session_date_is_the_calendar() -> None:
    """The event is printed; its day is not, unless the document names one."""
    table = REPORT.frame("timeline")
    at = {event: int(table.index[table["event"] == event][0]) for event in ("event", "consideration")}
    assert evidence(REPORT, "timeline", at["consideration"], "date").nature == "reference"
    assert evidence(REPORT, "timeline", at["event"], "date").nature == "printed"


def test_hits_mark_each_place_once_and_show_the_other_edition() -> None:
    hits = find_text(REPORT, "顾问花名册", beside=ENGLISH)
    shown = hits._repr_html_()
    assert Texts(shown).marked == ["顾问花名册"] * len(hits)
    assert shown.count("paragraph 40<") == 1  # two hits, one passage
    assert "Roster of Consultants Database" in shown


def test_table_shows_texts_in_full_and_gaps_empty() -> None:
    table = pd.DataFrame({"text": ["长" * 300, None], "n": pd.array([1, None], dtype="Int64"), "yes": [True, False]})
    shown = show(table)._repr_html_()
    assert "长" * 300 in shown
    assert not re.search(r"nan|NaN|&lt;NA&gt;|None", shown)
    assert ">yes</td>" in shown
    assert ">no</td>" in show(table.astype({"yes": "boolean"}))._repr_html_()


def test_table_says_how_many_rows_are_left_out() -> None:
    assert "and 117 more rows, of 119" in show(REPORT.citations, most=2)._repr_html_()


def test_document_cannot_write_into_the_page() -> None:
    text = SHIPPED["zh"].read_text(encoding="utf-8").replace("会议质量", "<script>alert(1)</script>&amp;")
    text = text.replace("关于成员国在产权组织技术援助方面的决定", "<b onclick=x>标题</b>")
    report = load_report(text.encode(), title="<i>CDIP/24/2</i>")
    pieces: list[Card] = [
        report,
        find_text(report, "alert"),
        show(report.paragraphs),
        evidence(report, "paragraphs", 12, "text"),
    ]
    for piece in pieces:
        shown = piece._repr_html_()
        assert "<script" not in shown
        assert "onclick=x>" not in shown
        assert "<i>CDIP" not in shown
        Texts(shown)


def test_card_of_a_report_without_an_annex(tmp_path: Path) -> None:
    text = SHIPPED["zh"].read_text(encoding="utf-8").split("[后接附件]")[0]
    assert "0 entries" in load_report(text.encode())._repr_html_()
