"""Citations: every row of wording on its own example, what must not match, context, and that nothing is dropped."""

import re
import sys

import pytest

from cdip_analysis import Citation, Report, ReportError, load_report, read_header
from cdip_analysis.data import SHIPPED
from cdip_analysis.find import _finder, _outside, cite, cite_passage, unread
from cdip_analysis.language import LANGUAGES, Rule, plain, rules
from cdip_analysis.model import Passage
from cdip_analysis.resolve import outside_brackets, resolve

ROWS = [(language, rule) for language in LANGUAGES for rule in rules(language, "citation")]
NOT_ROWS = [(language, rule) for language in LANGUAGES for rule in rules(language, "not_citation")]
LOOSE_ROWS = [(language, rule) for language in LANGUAGES for rule in rules(language, "loose")]


def name(row: object) -> str:
    return f"{row.name}" if isinstance(row, Rule) else str(row)


@pytest.mark.parametrize(("language", "rule"), ROWS, ids=name)
def test_citation_row_reads_its_own_example(language: str, rule: Rule) -> None:
    found = cite(rule.row["example"], language)
    assert [str(c) for c in found] == rule.row["reads"]
    assert rule.name in {c.rule for c in found}


@pytest.mark.parametrize(("language", "rule"), NOT_ROWS, ids=name)
def test_must_not_match_row_finds_nothing_and_leaves_nothing_unread(language: str, rule: Rule) -> None:
    text = rule.row["example"]
    assert rule.pattern.search(plain(text)[0]), "the row does not match its own example"
    passage = Passage("paragraph", text, 1, 1)
    assert not [c for c in cite_passage(passage, language) if rule.pattern.search(plain(c.text)[0])]
    assert rule.row["why"]


@pytest.mark.parametrize(("language", "rule"), LOOSE_ROWS, ids=name)
def test_loose_net_catches_its_own_example(language: str, rule: Rule) -> None:
    passage = Passage("paragraph", rule.row["example"], 1, 1)
    assert rule.row["name"] in {hit.why for hit in unread(passage, [], language)}


# ---- texts from the report and what they must read as, written by hand ---------------------------------------------

CASES = [
    ("a link mark does not cut the phrase", "（[报告](#)第 98 至 112 段）", ["? report 98-112"]),
    ("session before the link", "CDIP/19 的[报告](#)第 37 至 61 段", ["CDIP/19 report 37-61"]),
    ("link over session and summary", "[CDIP/21 主席总结](#)第 8.3 段", ["CDIP/21 summary 8.3"]),
    ("apposition is no second citation", "CDIP 第二十一届会议报告第 98 至 112 段 (CDIP/21/15)", ["CDIP/21 report 98-112"]),
    ("draft", "CDIP 第二十三届会议报告草案第 285 至 290 段 (CDIP/23/17 Prov.)", ["CDIP/23 report 285-290"]),
    ("two sessions", "（CDIP/19至CDIP/24）", ["CDIP/19", "CDIP/24"]),
    ("elided session", "第二十一届和第二十二届会议", ["CDIP/21", "CDIP/22"]),
    ("no slash", "在 CDIP19 的会外", ["CDIP/19"]),
    ("list of documents", "文件CDIP/8/INF/1、CDIP/9/15、CDIP/9/16和CDIP/16/6的", ["CDIP/8/INF/1", "CDIP/9/15", "CDIP/9/16", "CDIP/16/6"]),
    ("elided list, then another body", "CDIP/22/4、9和10以及WO/GA/49/5", ["CDIP/22/4", "CDIP/22/9", "CDIP/22/10", "WO/GA/49/5"]),
    ("generic summary", "委员会的报告和主席总结编写了小结", []),
    ("count of sessions", "在CDIP今后六届会议上", []),
    ("agenda item", "议程第7项子项", []),
    ("office instruction", "第 45/2013 号办公指令", []),
    ("paragraph of the proposal", "在第 1 段下确定了三项行动。", []),
    ("other body's paragraphs", "(see paragraphs 76 to 79 of document CWS/8/24)", ["CWS/8/24 76-79"]),
    ("part of a summary", "paragraph 5 of Appendix I of the Summary by the Chair of the seventeenth session", ["CDIP/17 summary appendix I 5"]),
    ("a report, its document in brackets", "报告第7至9段（CDIP/21/15）", ["CDIP/21 report 7-9"]),
    ("paragraphs, their document in brackets", "第98段至第112段（CDIP/21/15）", ["CDIP/21/15 98-112"]),
    ("numbered draft", "as proposed in document CDIP/12/1 Prov.3.", ["CDIP/12/1 Prov.3"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_reads_as(text: str, expected: list[str]) -> None:
    found = cite(text)
    assert [str(c) for c in found] == expected
    assert [text[c.start : c.end] for c in found] == [c.text for c in found]


# What each citation takes of the text, and which body it is of; written by hand. Several of these were wrong or untested
# where mutation testing changed the code (see tests/README.md).
WORDS = [
    ("a link mark is taken whole", "[见CDIP/21 报告](#)第 98 段", [("CDIP/21 report 98", "[见CDIP/21 报告](#)第 98 段")]),
    ("words within one link stay within it", "[文件 CDIP/21/4 与 CDIP/21/5](#)", [("CDIP/21/4", "CDIP/21/4"), ("CDIP/21/5", "CDIP/21/5")]),
    ("a phrase over the end of a link", "[see CDIP/21](#) Summary by the Chair", [("CDIP/21 summary", "[see CDIP/21](#) Summary by the Chair")]),
    ("a phrase over the beginning of a link", "CDIP/21 [Summary by the Chair, paragraph 8.1 (here)](#)", [("CDIP/21 summary 8.1", "CDIP/21 [Summary by the Chair, paragraph 8.1 (here)](#)")]),
    ("a phrase over two links", "[the Summary by](#) [the Chair of CDIP/21](#)", [("CDIP/21 summary", "[the Summary by](#) [the Chair of CDIP/21](#)")]),
    ("links before and behind stay outside", "[a](#) [Summary by the Chair of CDIP/21, paragraph](#) 8.1 [c](#)", [("CDIP/21 summary 8.1", "[Summary by the Chair of CDIP/21, paragraph](#) 8.1")]),
    ("a list of three ranges", "paragraphs 42, 45 to 47 and 58 of document PCT/WG/10/25", [("PCT/WG/10/25 42", "paragraphs 42"), ("PCT/WG/10/25 45-47", "45 to 47"), ("PCT/WG/10/25 58", "58 of document PCT/WG/10/25")]),
    ("a list of three items", "CDIP/21 Summary by the Chair, paragraphs 7.1, 7.4 and 8", [("CDIP/21 summary 7.1", "CDIP/21 Summary by the Chair, paragraphs 7.1"), ("CDIP/21 summary 7.4", "7.4"), ("CDIP/21 summary 8", "8")]),
    ("a list with a session of its own", "(PCT/WG/2/3 Rev., 8, 3/11 and 12)", [("PCT/WG/2/3 Rev.", "PCT/WG/2/3 Rev."), ("PCT/WG/2/8", "8"), ("PCT/WG/3/11", "3/11"), ("PCT/WG/2/12", "12")]),
    ("two additions to a symbol", "CDIP/1/2 Rev.1 Add.2", [("CDIP/1/2 Rev.1 Add.2", "CDIP/1/2 Rev.1 Add.2")]),
    ("an appendix beyond our numerals", "Summary by the Chair of CDIP/17, Appendix XVI", [("CDIP/17 summary appendix XVI", "Summary by the Chair of CDIP/17, Appendix XVI")]),
    ("the working group of the same session, not the nearest", "At the third session of the Working Group, document PCT/WG/2/9 and document MM/LD/WG/3/1", [("MM/LD/WG/3", "third session of the Working Group"), ("PCT/WG/2/9", "PCT/WG/2/9"), ("MM/LD/WG/3/1", "MM/LD/WG/3/1")]),
    ("of two of the same session the nearest, before", "document MM/LD/WG/3/1 was near, document PCT/WG/3/9 at the third session of the Working Group", [("MM/LD/WG/3/1", "MM/LD/WG/3/1"), ("PCT/WG/3/9", "PCT/WG/3/9"), ("PCT/WG/3", "third session of the Working Group")]),
    ("of two of the same session the nearest, behind", "document MM/LD/WG/3/1 was told of at length at the third session of the Working Group (PCT/WG/3/9)", [("MM/LD/WG/3/1", "MM/LD/WG/3/1"), ("PCT/WG/3", "third session of the Working Group"), ("PCT/WG/3/9", "PCT/WG/3/9")]),
    ("the working group of the same session, not a nearer one of a later", "At the third session of the Working Group, document PCT/WG/4/9 and document MM/LD/WG/3/1", [("MM/LD/WG/3", "third session of the Working Group"), ("PCT/WG/4/9", "PCT/WG/4/9"), ("MM/LD/WG/3/1", "MM/LD/WG/3/1")]),
    ("a session of an unknown working group is left, and hides nothing behind it", "At the third session of the Working Group, document CDIP/3/5", [("CDIP/3/5", "CDIP/3/5")]),
    ("an appendix beyond our numerals is left", "CDIP/21 主席总结附录十六，CDIP/22 主席总结附录十七", []),
    ("a list of two ranges", "paragraphs 42 and 58 of document PCT/WG/10/25", [("PCT/WG/10/25 42", "paragraphs 42"), ("PCT/WG/10/25 58", "58 of document PCT/WG/10/25")]),
    ("a phrase at the beginning of a link", "[CDIP/21/4 and CDIP/21/5](#)", [("CDIP/21/4", "CDIP/21/4"), ("CDIP/21/5", "CDIP/21/5")]),
    ("a document far behind tells nothing", f"At the third session of the Working Group {'x ' * 101}document MM/LD/WG/3/1", [("MM/LD/WG/3/1", "MM/LD/WG/3/1")]),
    ("a document far away tells nothing", f"document MM/LD/WG/3/1 {'x ' * 101}at the third session of the Working Group", [("MM/LD/WG/3/1", "MM/LD/WG/3/1")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in WORDS], ids=[case[0] for case in WORDS])
@pytest.mark.parametrize("before", ["", "Some words, and no more than those: ", f"{'Words. ' * 60}: "])
def test_takes_these_words(text: str, expected: list[tuple[str, str]], before: str) -> None:
    found = cite(before + text, "zh" if re.search("[文报主]", text) else "en")
    assert [(str(c), c.text) for c in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The SCCR met before the CWS held its first session", "CWS/1"),  # the last one named before
        ("The CWS, at its first session, and the SCCR", "CWS/1"),  # one before goes before one behind
        ("At its first session, the SCCR and the CWS met", "SCCR/1"),  # else the first one behind
        ("The CWS met. At its first session it did", "CDIP/1"),  # of another sentence
        ("At its first session it did. The CWS met", "CDIP/1"),
        (f"The CWS {'x ' * 100}held its first session", "CDIP/1"),  # too far away
        (f"At its first session {'x ' * 105}the CWS met", "CDIP/1"),
        (f"At its first session {'x ' * 90}the CWS met", "CWS/1"),
        ("At its nth session and its first session the CWS met", "CWS/1"),  # what is no number hides none behind it
        # A document of another organisation is no citation, and tells whose session it is.
        ("A/HRC/35/21, considered at the thirty-fifth session", "A/HRC/35"),
        ("A/RES/70/1 was adopted at the seventieth session", "A/RES/70"),
    ],
)
@pytest.mark.parametrize("before", ["", "Some words, and no more than those. "])
def test_a_session_is_of_the_body_that_the_sentence_is_about(text: str, expected: str, before: str) -> None:
    assert [str(c) for c in cite(before + text, "en")] == [expected]


@pytest.mark.parametrize(
    ("language", "text", "last"),
    [
        ("fr", "paragraphe 8.1 du résumé présenté par le président de la vingt et unième session, paragraphe 5", "5"),
        ("es", "párrafo 8.1 del resumen de la presidencia de la vigesimoprimera sesión, párrafo 5", "5"),
    ],
)
def test_a_list_before_the_noun_and_one_behind_are_both_read(language: str, text: str, last: str) -> None:
    found = cite(text, language)
    assert [(c.session, c.item) for c in found] == [(21, "8.1"), (21, "5")]
    assert [c.text for c in found] == [text.removesuffix(f" {last}"), last]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_document_named_behind_a_bare_range_changes_no_table_but_its_symbol(language: str) -> None:
    text = SHIPPED[language].read_text(encoding="utf-8")
    bare = {"zh": "（[报告](#)第 98 至 112 段", "en": "([Report](#), paragraphs 98 to 112"}[language]
    assert text.count(bare) == 1
    texts = (
        text.replace("CDIP/9/15", "CDIP/9/17"),
        text.replace("CDIP/9/15", "CDIP/9/17").replace(bare, f"{bare} (CDIP/21/15)"),
    )
    before, after = (load_report(one.encode()) for one in texts)  # neither is the shipped document
    assert after.citations["target"].tolist() == before.citations["target"].tolist()
    assert after.citations["session"].tolist() == before.citations["session"].tolist()
    assert after.findings["note"].tolist() == before.findings["note"].tolist()


def test_symbol_in_the_phrase_is_carried() -> None:
    (found,) = cite("CDIP 第二十届会议报告第 224 至 232 段 (CDIP20/13)")
    assert (found.symbol, found.session, found.resolved) == ("CDIP/20/13", 20, "stated")


def test_span_invariant(edition: Report) -> None:
    assert len(edition.document.citations) == 119
    for c in edition.document.citations:
        assert c.passage is not None
        assert c.passage.text[c.start : c.end] == c.text


def test_canonical_string_is_read_back(edition: Report) -> None:
    for c in edition.document.citations:
        assert Citation.parse(str(c)) == c


@pytest.mark.parametrize(
    "target",
    ["CDIP/21/4", "CDIP/21 report 98-112", "CWS/8/24 76-79", "CDIP/21 summary 8.1", "CDIP/21 summary", "CDIP/21",
     "? report 98-112", "? summary", "CDIP/17 summary appendix I 5", "CDIP/8/INF/1", "CDIP/23/17 Prov.",
     "CDIP/12/1 Prov.3", "CDIP/13/10 Rev.", "WO/GA/39/7", "CDIP/21 report 98"],
)  # fmt: skip
def test_parse_writes_what_it_read(target: str) -> None:
    assert str(Citation.parse(target)) == target


@pytest.mark.parametrize("target", ["", "CDIP", "21/4", "CDIP/21 report", "paragraph 3"])
def test_parse_refuses_what_is_no_citation(target: str) -> None:
    with pytest.raises(ValueError, match="is no canonical citation"):
        Citation.parse(target)


def test_equality_is_kind_and_target() -> None:
    a, b = cite("CDIP/21/4")[0], cite("文件 CDIP 21/4 中")[0]
    assert a == b
    assert hash(a) == hash(b)
    assert a != cite("CDIP/21")[0]


# ---- context ------------------------------------------------------------------------------------------------------------

BARE_RANGES = {8: 21, 17: 22, 19: 23, 24: 22, 29: 22, 33: 19, 37: 21, 41: 20, 44: 23, 48: 19, 50: 21}
BARE_SUMMARIES = {9: 21, 14: 20, 20: 23, 25: 22, 30: 22, 34: 19, 38: 21, 42: 20, 45: 23, 49: 19, 51: 21}


def test_bare_citations_take_the_right_session(edition: Report) -> None:
    """Read in the document: 11 bare ranges and 11 bare summaries, by paragraph."""
    found = {
        kind: {
            c.passage.paragraph: c.session
            for c in edition.document.citations
            if c.kind == kind and c.resolved == "context" and c.passage
        }
        for kind in ("paragraphs", "summary")
    }
    assert found == {"paragraphs": BARE_RANGES, "summary": BARE_SUMMARIES}


def test_context_starts_anew_under_each_heading() -> None:
    heading = Passage("heading", "行动二：", 2, 2, role="action")
    before, after = Passage("paragraph", "第二十届会议", 1, 1), Passage("paragraph", "（[报告](#)第 1 至 2 段）", 3, 3)
    found = list(resolve((p, cite_passage(p, "zh")) for p in (before, heading, after)))
    assert [str(c) for c in found] == ["CDIP/20", "? report 1-2"]
    assert [str(c) for c in resolve((p, cite_passage(p, "zh")) for p in (before, after))] == [
        "CDIP/20",
        "CDIP/20 report 1-2",
    ]


@pytest.mark.parametrize("text", ["CDIP/20 and CDIP/21/4", "CDIP/21/4 and CDIP/20", "CDIP/19, CDIP/21/4 and CDIP/20"])
def test_a_session_goes_before_the_session_of_a_document(text: str) -> None:
    """Whichever stands last; a document counts only where no session is named."""
    passages = [
        Passage("paragraph", words, n, n) for n, words in enumerate((text, "([Report](#), paragraphs 1 to 2)"), 1)
    ]
    assert str([*resolve((p, cite_passage(p, "en")) for p in passages)][-1]) == "CDIP/20 report 1-2"


def test_the_last_of_two_documents_counts() -> None:
    passage = Passage("paragraph", "CDIP/20/3, CDIP/21/4 (CDIP/22/5) [Report](#), paragraphs 1 to 2", 1, 1)
    assert str([*resolve([(passage, cite_passage(passage, "en"))])][-1]) == "CDIP/21 report 1-2"


@pytest.mark.parametrize("entries", [(1, 2), (300, 301)])
def test_context_starts_anew_in_each_entry_and_holds_within_it(entries: tuple[int, int]) -> None:
    """Entries beyond 256 too: numbers that are equal need not be one object."""
    one, other = entries

    def cell(text: str, entry: int) -> Passage:
        return Passage("cell", text, 1, 1, entry=int(str(entry)), column="consideration")

    named, bare = "Presentation at CDIP/20", "[Report](#), paragraphs 1 to 2"
    for cells, last in (
        ([cell(named, one), cell(bare, one)], "CDIP/20 report 1-2"),
        ([cell(named, one), cell(bare, other)], "? report 1-2"),
        ([cell(named, one), Passage("heading", "3.", 2, 2, role="annex_section"), cell(bare, other)], "? report 1-2"),
    ):
        assert str([*resolve((p, cite_passage(p, "en")) for p in cells)][-1]) == last


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("((a) b) c (d) e", ".......xxx...xx"),
        ("a (b) c) (d", "xx...xxxxxx"),
        ("（甲）乙(丙)", "...x..."),
        ("(a)(b)", "......"),
        ("a", "x"),
        ("", ""),
    ],
)
def test_outside_brackets_tells_each_sign(text: str, outside: str) -> None:
    assert "".join("x" if sign else "." for sign in outside_brackets(text)) == outside


# ---- nothing is dropped ----------------------------------------------------------------------------------------------


def test_nothing_is_unread(edition: Report) -> None:
    assert edition.unread.empty


def test_a_hit_at_the_very_beginning_is_unread() -> None:
    passage = Passage("paragraph", "CDIP-98", 1, 1)
    (hit,) = unread(passage, cite_passage(passage, "en"), "en")
    assert (hit.start, hit.end, hit.text) == (0, 7, "CDIP-98")
    assert list(_outside([(0, 1), (0, 2)], [])) == [(0, 1), (0, 2)]


def used_rows() -> list[tuple[str, str]]:
    return [
        (language, rule)
        for language in SHIPPED
        for rule in sorted({c.rule for c in load_report(SHIPPED[language]).document.citations})
    ]


@pytest.mark.parametrize(("language", "taken"), used_rows(), ids=name)
def test_taking_out_a_row_leaves_something_unread(language: str, taken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each citation row that the document uses: without it, its words turn up as unread."""

    def without(code: str, section: str) -> tuple[Rule, ...]:
        return tuple(rule for rule in rules(code, section) if rule.name != taken)

    monkeypatch.setattr(sys.modules[cite.__module__], "rules", without)
    _finder.cache_clear()
    try:
        report = load_report(SHIPPED[language])
    finally:
        monkeypatch.undo()
        _finder.cache_clear()
    assert len(report.unread) > 0
    assert taken not in {c.rule for c in report.document.citations}


def test_unknown_language_says_which_are_known() -> None:
    for read in (cite, read_header):
        with pytest.raises(ReportError, match="found language 'xx'; expected one of ar, en, es, fr, ru, zh"):
            read("CDIP/21/4", language="xx")
