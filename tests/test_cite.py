"""Citations: what texts read as and what words each takes, whose a session is, context, and that nothing is dropped."""

import csv
from dataclasses import FrozenInstanceError, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdip_analysis import Citation, Report, ReportError, load_report, read_header
from cdip_analysis.citations import cite, read_text
from cdip_analysis.context import resolve
from cdip_analysis.data import SHIPPED
from cdip_analysis.language import LANGUAGES, outside_brackets, plain
from cdip_analysis.model import Passage
from cdip_analysis.tokens import tokens, vocabulary


class Case(NamedTuple):
    """A text of citations.csv and what it reads as, written by hand.

    `home` is the body whose document it stands in. `words` are those that each citation takes, where a case is about
    them; `unread` is what looks like a citation and is left; `none` is what is named as something else.
    """

    name: str
    language: str
    home: str
    text: str
    citations: str
    words: str
    unread: str
    none: str


with (Path(__file__).parent / "citations.csv").open(encoding="utf-8", newline="") as file:
    CASES = [Case(*row) for row in csv.reader(file)][1:]


@pytest.mark.parametrize("case", CASES, ids=[f"{n} {case.name}" for n, case in enumerate(CASES, 2)])
def test_text_reads_as(case: Case) -> None:
    before = ["", "Some words, and no more than those. ", f"{'Words. ' * 60}"] if case.words or case.home else [""]
    for text in [words + case.text for words in before if case.language or not words]:
        citations, unread, _, others = read_text(text, case.language or None, case.home or None)
        none = " | ".join(f"{text[start:end]} = {name}" for start, end, name in others)
        assert case.none in ("", none)
        assert "; ".join(map(str, citations)) == case.citations
        assert " | ".join(text[start:end] for start, end, _ in unread) == case.unread
        assert case.words in ("", " | ".join(c.text for c in citations))
        assert [text[c.start : c.end] for c in citations] == [c.text for c in citations]
        assert [Citation.parse(str(c)) for c in citations] == citations


def test_what_a_citation_knows_besides() -> None:
    (report,) = cite("CDIP 第二十届会议报告第 224 至 232 段 (CDIP20/13)")
    assert (report.symbol, report.session, report.resolved) == ("CDIP/20/13", 20, "stated")
    (paragraphs,) = cite("paragraphs 76 to 79 of document CWS/8/24", "en")
    assert (paragraphs.body, paragraphs.symbol, paragraphs.session) == ("CWS", "CWS/8/24", None)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_document_named_behind_a_bare_range_changes_no_table_but_its_symbol(language: str) -> None:
    bare = {"zh": "（[报告](#)第 98 至 112 段", "en": "([Report](#), paragraphs 98 to 112"}[language]
    text = SHIPPED[language].read_text(encoding="utf-8").replace("CDIP/9/15", "CDIP/9/17")  # not the shipped document
    assert text.count(bare) == 1
    before, after = (load_report(one.encode()) for one in (text, text.replace(bare, f"{bare} (CDIP/21/15)")))
    assert after.citations[["target", "session"]].equals(before.citations[["target", "session"]])
    assert after.findings["note"].tolist() == before.findings["note"].tolist()


@pytest.mark.parametrize("target", ["", "CDIP", "21/4", "CDIP/21 report", "paragraph 3"])
def test_parse_refuses_what_is_no_citation(target: str) -> None:
    with pytest.raises(ValueError, match="is no canonical citation"):
        Citation.parse(target)


def test_equality_is_kind_and_target() -> None:
    a, b = cite("CDIP/21/4")[0], cite("文件 CDIP 21/4 中")[0]
    assert a == b
    assert hash(a) == hash(b)
    assert a != cite("CDIP/21")[0]


@pytest.mark.parametrize("record", [Passage("cell", "words", 3, 3), Citation("session", session=21)])
def test_a_record_cannot_be_changed_and_a_passage_is_equal_to_itself_only(record: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        record.kind = "other"
    with pytest.raises((FrozenInstanceError, TypeError)):
        record.more = 1
    assert (record == replace(record)) is isinstance(record, Citation)


# ---- context ------------------------------------------------------------------------------------------------------------

BARE = "[Report](#), paragraphs 1 to 2"
HEADING = Passage("heading", "Action 2:", 2, 2, role="action")


def said(text: str) -> Passage:
    return Passage("paragraph", text, 1, 1)


def in_entry(number: int, text: str) -> Passage:
    return Passage("cell", text, 1, 1, entry=number, column="consideration")


@pytest.mark.parametrize(
    ("passages", "session"),
    [
        ([said("At CDIP/20"), said(BARE)], "CDIP/20"),
        ([said("At CDIP/20"), HEADING, said(BARE)], "?"),  # under each heading anew
        # A session goes before the session of a document, whichever stands last.
        ([said("CDIP/20 and CDIP/21/4"), said(BARE)], "CDIP/20"),
        ([said("CDIP/21/4 and CDIP/20"), said(BARE)], "CDIP/20"),
        ([said("CDIP/19, CDIP/21/4 and CDIP/20"), said(BARE)], "CDIP/20"),
        ([said(f"CDIP/20/3, CDIP/21/4 (CDIP/22/5) {BARE}")], "CDIP/21"),  # one in brackets is not spoken of
        ([in_entry(1, "At CDIP/20"), in_entry(1, BARE)], "CDIP/20"),
        ([in_entry(1, "At CDIP/20"), in_entry(2, BARE)], "?"),  # in each entry anew
        ([said("At CDIP/20, it was deferred to CDIP/31"), said(BARE)], "CDIP/20"),  # not held yet
        ([said("At CDIP/20 and at CDIP/30"), said(BARE)], "CDIP/30"),  # the document's own
    ],
)
def test_a_bare_range_takes_the_session_of_its_context(passages: list[Passage], session: str) -> None:
    cited = ((passage, read_text(passage.text, "en", passage=passage).citations) for passage in passages)
    *_, last = resolve(cited, {"CDIP": 30})
    assert str(last) == f"{session} report 1-2"


@pytest.mark.parametrize(("named", "most"), [("The SCCR met with", 35), ("Document SCCR/12/4 was about", 76)])
def test_so_far_a_body_or_a_document_says_whose_session_it_is(named: str, most: int) -> None:
    for pieces, body in ((most, "SCCR"), (most + 1, "CDIP")):
        text = f"{named} {') ' * pieces}at the twelfth session{', and the CDIP agreed' * ('met' in named)}."
        assert str(read_text(text, "en", "CDIP").citations[-1]) == f"{body}/12"


@pytest.mark.parametrize(
    ("text", "outside"),
    [("((a) b) c (d) e", ".......xxx...xx"), ("a (b) c) (d", "xx...xxxxxx"), ("（甲）乙(丙)", "...x..."), ("", "")],
)
def test_outside_brackets_tells_each_sign(text: str, outside: str) -> None:
    assert "".join("x" if sign else "." for sign in outside_brackets(plain(text)[0])) == outside


def test_a_document_says_what_the_committee_is_in_it() -> None:
    text = (
        "Standing Committee on Copyright and Related Rights\nSCCR/31/1\nThirty-first Session\n"
        "1. The Standing Committee on Copyright and Related Rights (hereinafter “the SCCR” or “the Committee”) met.\n"
        "2. The Committee, at its thirtieth session, agreed."
    )
    report = load_report(text.encode(), language="en")
    assert [str(c) for c in report.document.citations] == ["SCCR/30"]
    assert "SCCR" in repr(report)


# ---- nothing is dropped ----------------------------------------------------------------------------------------------

WORDS_OF = {
    language: [word.replace("*", "").rstrip("+") for words in vocabulary(language)["words"].values() for word in words]
    for language in LANGUAGES
}
SYMBOLS = ["CDIP/21/4", "CDIP/21", "SCCR/30/5 Prov.", "MM/LD/WG/24", "PCT/MIA/30", "A/58", "CDIP20/13"]
ORDINALS = ["twentieth", "vingtième", "vigésima", "двадцатой", "العشرين", "第二十届"]
MARKS = ["12", "98", "112", "8.1", "1,021", "156-9", "(c)", "5", "2019", *"第段届-x,;.():、", "to", "CDIP", "SCCR"]


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_nothing_that_tells_of_a_citation_is_dropped(language: str, data: st.DataObject) -> None:
    """Each symbol, each number beside a word for paragraphs, each ordinal of a session is cited, no citation, or unread."""
    session = [*ORDINALS, *vocabulary(language)["words"]["session"]] * 2
    words = st.sampled_from([*SYMBOLS, *SYMBOLS, *MARKS, *session, *WORDS_OF[language]])
    text = " ".join(data.draw(st.lists(words, min_size=1, max_size=14)))
    reading = read_text(text, language)
    places = [(c.start, c.end) for c in reading.citations]
    places += [(start, end) for start, end, _ in (*reading.unread, *reading.not_cited)]
    cut = tokens(text, language)
    telling = [one for one in cut if one.kind in "SM?"]
    beside = (pair for pair in pairwise(cut) if pair[0].kind + pair[1].kind in ("PN", "NQ", "OE", "EO", "RN", "CN"))
    telling += [token for pair in beside for token in pair if token.kind in "NO"]
    lost = [text[t.start : t.end] for t in telling if not any(a <= t.start and t.end <= b for a, b in places)]
    assert lost == [], text
    for c in reading.citations:
        assert text[c.start : c.end] == c.text
        assert Citation.parse(str(c)) == c


def test_nothing_is_unread(edition: Report) -> None:
    assert edition.unread.empty


def test_unknown_language_says_which_are_known() -> None:
    for read in (cite, read_header):
        with pytest.raises(ReportError, match=f"language 'xx'; expected one of {', '.join(LANGUAGES)}"):
            read("CDIP/21/4", language="xx")
