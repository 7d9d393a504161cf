"""Citations: what texts read as and what words each takes, whose a session is, context, and that nothing is dropped."""

import re
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdip_analysis import Citation, Report, ReportError, load_report, read_header
from cdip_analysis.citations import cite, cite_passage, read_text
from cdip_analysis.context import resolve
from cdip_analysis.data import SHIPPED
from cdip_analysis.language import LANGUAGES, outside_brackets, plain
from cdip_analysis.model import Passage
from cdip_analysis.tokens import tokens, vocabulary

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
    ("paragraphs, their report in brackets", "see paragraphs 3 to 5 (report of CDIP/21)", ["CDIP/21 report 3-5"]),
    ("document in brackets between", "Report (CDIP/21/15), paragraphs 98 to 112", ["CDIP/21 report 98-112"]),
    ("a range without a noun is of no documents", "(CDIP/21/15, 98-112)", ["CDIP/21/15"]),
    ("both ends of sessions", "sessions 17 to 19 of the CDIP", ["CDIP/17", "CDIP/19"]),
    ("another committee", "the second session of the Committee on Widgets and Gadgets was held", []),
    ("a name that is not known", "The Codex Alimentarius Commission, at its twenty-third session, decided", []),
    ("a title is no name of a body", "should be discussed at its 32nd session, “AI and Development” at its 33rd session", ["CDIP/32", "CDIP/33"]),
    ("the committee, on a day", "the twenty-second session of the Committee on May 3", ["CDIP/22"]),
    ("one word misleads", "CDIP/21/15 para 98", ["CDIP/21/15 98"]),
    ("numbers like years", "الفقرات من 1964 إلى 1988 من تقرير الدورة", ["? report 1964-1988"]),
    ("summary, comma, session", "see the Summary by the Chair, CDIP/21, paragraph 8.1(i)", ["CDIP/21 summary 8.1"]),
    ("its summary in brackets", "paragraph 8.1 (Summary by the Chair, CDIP/21)", ["CDIP/21 summary 8.1"]),
    ("annex between", "Project Evaluation (CDIP/21/11, Annex, paragraph 5)", ["CDIP/21/11 5"]),
    ("words glued together", "The twelfthsession of the ACE", ["WIPO/ACE/12"]),
    ("a word cut in two", "held its twent y-second session", []),
    ("a blank for a slash", "the working document, SCCR 23/7", ["SCCR/23/7"]),
    ("documents of no session", "SCIT/RES/1 Rev. and LI/R/PM/1 Prov.4", ["SCIT/RES/1 Rev.", "LI/R/PM/1 Prov.4"]),
    ("the committee for its session", "the 24th Standing Committee on Copyright and Related Rights (SCCR)", ["SCCR/24"]),
    ("sessions in brackets", "the ACE/IP (Second Session) and the ACMEC (Third Session)", ["ACE/IP/2", "ACMEC/3"]),
    ("a committee that is not known", "The Information Systems Co-ordination Committee (ISCC) held its fifth session", []),
    ("a document of the United Nations", "the note by the Secretary-General (A/57/119)", []),
    ("paragraph of an annex of an agreement", "Le paragraphe 7 de l'Annexe de l'Accord sur les ADPIC", []),
    ("no numeral", "Summary by the Chair of CDIP/17, Appendix civil", []),
    ("a range that is no list of paragraphs", "Summary by the Chair of CDIP/21, paragraphs 1 to 60", []),
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
    ("a list of two ranges", "paragraphs 42 and 58 of document PCT/WG/10/25", [("PCT/WG/10/25 42", "paragraphs 42"), ("PCT/WG/10/25 58", "58 of document PCT/WG/10/25")]),
    ("a phrase at the beginning of a link", "[CDIP/21/4 and CDIP/21/5](#)", [("CDIP/21/4", "CDIP/21/4"), ("CDIP/21/5", "CDIP/21/5")]),
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
        ("The CWS met. At its first session it did", "CWS/1"),  # "its" is of the body named before
        ("At its first session it did. The CWS met", "CDIP/1"),
        (f"At its first session{', x' * 40} the CWS met", "CDIP/1"),  # too far away
        (f"At its first session{', x' * 10} the CWS met", "CWS/1"),
        (
            "The SDWG of the Standing Committee on Information Technologies (SCIT) held its eleventh session",
            "SCIT/SDWG/11",
        ),
        ("At its nth session and its first session the CWS met", "CWS/1"),  # what is no number hides none behind it
    ],
)
@pytest.mark.parametrize("before", ["", "Some words, and no more than those. "])
def test_a_session_is_of_the_body_that_the_sentence_is_about(text: str, expected: str, before: str) -> None:
    """In a document of the CDIP: a sentence in which nobody is named tells of its own body."""
    assert [str(c) for c in cite_passage(Passage("paragraph", before + text, 1, 1), "en", "CDIP")[0]] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At its first session it did. The CWS met", "CWS/1"),
        ("The SCCR met. At the third session", "SCCR/3"),
        ("Report of the third session (see document SCCR/4/2)", "SCCR/3 SCCR/4/2"),
        ("The SCCR and the CWS met. At the third session", ""),
        ("The SCCR asked that the Committee, at its third session,", "SCCR/3"),
        ("The CDIP and the SCCR met. The Committee, at its third session,", "CDIP/3"),
        ("At the third session. The Working Group met", ""),
    ],
)
def test_in_a_text_alone_a_session_is_of_the_only_body_that_it_names(text: str, expected: str) -> None:
    assert " ".join(map(str, cite(text, "en"))) == expected


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
    assert [c.text for c in found] == [" ".join(text.split()[:2]), last]


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


def test_paragraphs_of_a_document_are_its_bodys() -> None:
    (found,) = cite("paragraphs 76 to 79 of document CWS/8/24", "en")
    assert (found.body, found.symbol, found.session) == ("CWS", "CWS/8/24", None)
    assert cite("paragraphs 7.1 to 9 of document CWS/8/24", "en") == []  # an end that is no paragraph


def test_span_invariant(edition: Report) -> None:
    assert len(edition.document.citations) == 119
    for c in edition.document.citations:
        assert c.passage is not None
        assert c.passage.text[c.start : c.end] == c.text
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
    found = list(resolve((p, cite_passage(p, "zh")[0]) for p in (before, heading, after)))
    assert [str(c) for c in found] == ["CDIP/20", "? report 1-2"]
    assert [str(c) for c in resolve((p, cite_passage(p, "zh")[0]) for p in (before, after))] == [
        "CDIP/20",
        "CDIP/20 report 1-2",
    ]


@pytest.mark.parametrize("text", ["CDIP/20 and CDIP/21/4", "CDIP/21/4 and CDIP/20", "CDIP/19, CDIP/21/4 and CDIP/20"])
def test_a_session_goes_before_the_session_of_a_document(text: str) -> None:
    """Whichever stands last; a document counts only where no session is named."""
    passages = [
        Passage("paragraph", words, n, n) for n, words in enumerate((text, "([Report](#), paragraphs 1 to 2)"), 1)
    ]
    assert str([*resolve((p, cite_passage(p, "en")[0]) for p in passages)][-1]) == "CDIP/20 report 1-2"


def test_the_last_of_two_documents_counts() -> None:
    passage = Passage("paragraph", "CDIP/20/3, CDIP/21/4 (CDIP/22/5) [Report](#), paragraphs 1 to 2", 1, 1)
    assert str([*resolve([(passage, cite_passage(passage, "en")[0])])][-1]) == "CDIP/21 report 1-2"


def test_context_starts_anew_in_each_entry_and_holds_within_it() -> None:
    named, bare = "Presentation at CDIP/20", "[Report](#), paragraphs 1 to 2"
    for entry, last in ((1, "CDIP/20 report 1-2"), (2, "? report 1-2")):
        cells = [
            Passage("cell", text, 1, 1, entry=n, column="consideration") for text, n in ((named, 1), (bare, entry))
        ]
        assert str([*resolve((p, cite_passage(p, "en")[0]) for p in cells)][-1]) == last


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
    assert "".join("x" if sign else "." for sign in outside_brackets(plain(text)[0])) == outside


# ---- the shapes in six languages ------------------------------------------------------------------------------------

SHAPES = [
    ("en", "paragraphs 5, 6 or 7 of document CDIP/21/4", "CDIP/21/4 5; CDIP/21/4 6; CDIP/21/4 7"),
    ("fr", "paragraphes 5, 6 ou 7 du document CDIP/21/4", "CDIP/21/4 5; CDIP/21/4 6; CDIP/21/4 7"),
    ("es", "párrafos 5, 6 o 7 del documento CDIP/21/4", "CDIP/21/4 5; CDIP/21/4 6; CDIP/21/4 7"),
    ("ru", "пункты 5, 6 или 7 документа CDIP/21/4", "CDIP/21/4 5; CDIP/21/4 6; CDIP/21/4 7"),
    ("ar", "الفقرات 5 و6 أو 7 من الوثيقة CDIP/21/4", "CDIP/21/4 5; CDIP/21/4 6; CDIP/21/4 7"),
    ("zh", "CDIP/21/4号文件第5、6或7段", "CDIP/21/4 5; CDIP/21/4 6; CDIP/21/4 7"),
    ("en", "paragraph 5 and 6 of document CDIP/21/4", "CDIP/21/4 5; CDIP/21/4 6"),
    ("en", "paragraphs 5 to 7, inclusive, of document CDIP/21/4", "CDIP/21/4 5-7"),
    ("fr", "paragraphes 37 et suivants du document CDIP/19/12", "CDIP/19/12 37"),
    ("es", "párrafos 37 y siguientes del documento CDIP/19/12", "CDIP/19/12 37"),
    ("ru", "пункты 37 и далее документа CDIP/19/12", "CDIP/19/12 37"),
    ("ar", "الفقرات 37 وما يليها من الوثيقة CDIP/19/12", "CDIP/19/12 37"),
    ("zh", "CDIP/19/12号文件第37～61段", "CDIP/19/12 37-61"),
    ("zh", "CDIP/19/12号文件第37~61段", "CDIP/19/12 37-61"),
    ("zh", "CDIP/19/12号文件第三十七段至第六十一段", "CDIP/19/12 37-61"),
    ("zh", "第98段、第101段和第105至107段(CDIP/21/15)", "CDIP/21/15 98; CDIP/21/15 101; CDIP/21/15 105-107"),
    ("zh", "CDIP/21 的报告第113至128段和CDIP/22的报告第89至125段", "CDIP/21 report 113-128; CDIP/22 report 89-125"),
    ("en", "CDIP/21 Summary by the Chair, items 7.1 to 7.3", "CDIP/21 summary 7.1; CDIP/21 summary 7.2; CDIP/21 summary 7.3"),
    ("fr", "CDIP/21, résumé présenté par le président, points 7.1 à 7.2", "CDIP/21 summary 7.1; CDIP/21 summary 7.2"),
    ("zh", "CDIP/21主席总结第7.1至7.2段", "CDIP/21 summary 7.1; CDIP/21 summary 7.2"),
    ("en", "paragraphs 156-9 of document CDIP/21/15", "CDIP/21/15 156-159"),
    ("en", "paragraphs 1,021 to 1,034 of document WO/GA/49/21", "WO/GA/49/21 1021-1034"),
    ("fr", "paragraphes 1.021 à 1.034 du document WO/GA/49/21", "WO/GA/49/21 1021-1034"),
    *((language, f"{noun} CDIP/21/15, {mark} 12", "CDIP/21/15 12") for language, noun, marks in (
        ("en", "document", "§ ¶ par. para."), ("fr", "document", "§ par."), ("es", "documento", "§ párr."), ("ru", "документ", "§ п."),
    ) for mark in marks.split()),
    ("en", "CDIP/21 report3, paragraphs 98 to 112", "CDIP/21 report 98-112"),
    ("en", "paragraphs 98 to 112 of the CDIP/21 report", "CDIP/21 report 98-112"),
    ("en", "document CDIP/1/2 Rev.1 Add.2 Corr.3", "CDIP/1/2 Rev.1 Add.2 Corr.3"),
    ("en", "paragraphs 1156-59 of document CDIP/21/15", "CDIP/21/15 1156-1159"),
    ("en", "Final Summary by the Chair of CDIP/4", "CDIP/4 summary"),
    ("fr", "CDIP/19, résumé présenté par le président, paragraphe 5.1", "CDIP/19 summary 5.1"),
    ("es", "CDIP/19, resumen de la presidencia, párrafo 5.1", "CDIP/19 summary 5.1"),
    ("ru", "CDIP/19, резюме Председателя, пункт 5.1", "CDIP/19 summary 5.1"),
    ("fr", "résumé présenté par le président de CDIP/17, appendice I, paragraphe 5", "CDIP/17 summary appendix I 5"),
    ("es", "resumen de la presidencia de CDIP/17, apéndice I, párrafo 5", "CDIP/17 summary appendix I 5"),
    ("zh", "CDIP/17主席总结附录一第5段", "CDIP/17 summary appendix I 5"),
    ("en", "MM/LD/WG/24; PCT/MIA/30; SCCR 45; SCCR-45", "MM/LD/WG/24; PCT/MIA/30; SCCR/45; SCCR/45"),
    ("en", "the 30th CDIP; session 30 of the CDIP; the fourth PCDA session", "CDIP/30; CDIP/30; PCDA/4"),
    ("en", "WIPO/ACE/14 and ACE/14; WO/CF/37; WO/CC/75/2", "WIPO/ACE/14; WIPO/ACE/14; WO/CF/37; WO/CC/75/2"),
    ("en", "the SDWG at its eleventh session; the ITPWG at its second session", "SCIT/SDWG/11; SCIT/ITPWG/2"),
    ("ar", "سلسلة الاجتماعات الخامسة والخمسون", "A/55"),
    ("zh", "發展與知識產權委員會第24屆會議報告第5段", "CDIP/24 report 5"),
    ("ru", "параграф 5 документа CDIP/21/4; доклад CDIP/21, пункты 98–112", "CDIP/21/4 5; CDIP/21 report 98-112"),
    ("en", "СDIP/21/4, CDIP∕21∕5, CDIP/21/\u200b6 and CD\u00adIP/21/7", "CDIP/21/4; CDIP/21/5; CDIP/21/6; CDIP/21/7"),
    ("en", "Recommendations 14, 17 and paragraphs 3 to 5 of the report of CDIP/21", "CDIP/21 report 3-5"),
    ("en", "The ACE, at its fourteenth session, the PCT/MIA, at its thirtieth session, and SCCR 45", "WIPO/ACE/14; PCT/MIA/30; SCCR/45"),
    # What is no citation.
    ("ru", "пункт 8 объединенной повестки дня; пункт 8 сводной повестки дня; п. 8 повестки дня", ""),
    ("ru", "Пункт 8: Прочие вопросы", ""),
    ("en", "paragraph 5 of the General Rules of Procedure; paragraph 3 of the Charter; paragraph 12 of the Programme of Action", ""),
    ("fr", "paragraphe 5 du règlement intérieur", ""),
    ("es", "párrafo 5 del reglamento", ""),
    ("ru", "пункт 5 правил процедуры", ""),
    ("zh", "《议事规则》第5段", ""),
    ("en", "second informal session; SCCR 145; A 45; PCT 45", ""),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "expected"), SHAPES, ids=[f"{row[0]} {row[1]}" for row in SHAPES])
def test_shape(language: str, text: str, expected: str) -> None:
    reading = read_text(text, language)
    assert "; ".join(map(str, reading.citations)) == expected
    assert reading.unread == []


def test_pieces_of_a_list_take_the_words_from_their_own_number_on() -> None:
    found = cite("paragraphs 5, 6 or 7 of document CDIP/21/4", "en")
    assert [c.text for c in found] == ["paragraphs 5", "6", "7 of document CDIP/21/4"]
    found = cite("见第98段、第101段和第105至107段（CDIP/21/15）", "zh")
    assert [c.text for c in found] == ["第98段", "第101段", "第105至107段（CDIP/21/15）"]


def test_links_in_which_nothing_is_read_are_unread() -> None:
    text = "[one](#)CDIP/21/4[two](#) [CDIP/21/5](#)[three](#)"
    assert [text[start:end] for start, end, _ in read_text(text, "en").unread] == ["[one](#)", "[two](#)", "[three](#)"]


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("at the ninety-ninth session of the CDIP", "ninety-ninth session of the CDIP"),  # it has met 30 odd times
        ("the hundred and first session of the CDIP", "hundred and first session of the CDIP"),
        ("At the third session of the Working Group", "third session of the Working Group"),
        ("The SCCR and the CWS met. At the third session", "third session"),
        ("CDIP-98", "CDIP-98"),
    ],
)
def test_what_is_not_known_is_unread_and_no_guess(text: str, unread: str) -> None:
    reading = read_text(text, "en")
    assert [text[start:end] for start, end, _ in reading.unread] == [unread]
    assert reading.citations == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the thirteenth session of the Human Rights Council", "session of another organisation"),
        ("paragraph 2 of Article 5", "paragraph of a law"),
        ("paragraph 9 of the revised agenda", "item of the agenda"),
    ],
)
def test_what_is_no_citation_says_what_it_is(text: str, name: str) -> None:
    assert [(text[start:end], why) for start, end, why in read_text(text, "en").not_cited] == [
        (text.removeprefix("the "), name)
    ]


def test_a_document_says_what_the_committee_is_in_it() -> None:
    text = (
        "Standing Committee on Copyright and Related Rights\nSCCR/31/1\nThirty-first Session\n"
        "1. The Standing Committee on Copyright and Related Rights (hereinafter “the SCCR” or “the Committee”) met.\n"
        "2. The Committee, at its thirtieth session, agreed."
    )
    report = load_report(text.encode(), language="en")
    assert [str(c) for c in report.document.citations] == ["SCCR/30"]
    assert "SCCR" in repr(report)


@pytest.mark.parametrize(
    ("text", "language"),
    [("paragraphes 3 à 5", "fr"), ("párrafos 3 a 5", "es"), ("第3至5段", "zh"), ("paragraphs 3 to 5", "en")],
)
def test_a_text_too_short_to_show_its_language_says_which_was_taken(text: str, language: str) -> None:
    (found,) = cite(text)
    assert (str(found), found.text, found.language) == ("? 3-5", text, language)


# ---- nothing is dropped ----------------------------------------------------------------------------------------------

WORDS_OF = {
    language: [word.replace("*", "").rstrip("+") for words in vocabulary(language)["words"].values() for word in words]
    for language in LANGUAGES
}
SIGNS = ["CDIP/21/4", "CDIP/21", "SCCR/30/5 Prov.", "MM/LD/WG/24", "PCT/MIA/30", "A/58", "CDIP20/13"]
MARKS = [
    "12",
    "98",
    "112",
    "8.1",
    "1,021",
    "156-9",
    "(c)",
    "5",
    "2019",
    "第",
    "段",
    "届",
    "to",
    "-",
    "CDIP",
    "SCCR",
    "x",
]
MARKS += list(",;.():、")


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_nothing_that_tells_of_a_citation_is_dropped(language: str, data: st.DataObject) -> None:
    """Each symbol, and each number behind a word for paragraphs, is cited, named as no citation, or unread."""
    words = st.sampled_from([*SIGNS, *SIGNS, *MARKS, *WORDS_OF[language]])
    text = " ".join(data.draw(st.lists(words, min_size=1, max_size=14)))
    reading = read_text(text, language)
    places = [(c.start, c.end) for c in reading.citations]
    places += [(start, end) for start, end, _ in (*reading.unread, *reading.not_cited)]
    cut = tokens(text, language)
    telling = [one for one in cut if one.kind in "SM?"]
    telling += [number for noun, number in pairwise(cut) if (noun.kind, number.kind) == ("P", "N")]
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
