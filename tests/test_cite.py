"""Citations: every row of wording on its own example, what must not match, context, and that nothing is dropped."""

import sys

import pytest

from cdip_analysis import Citation, Report, load_report
from cdip_analysis.find import _finder, cite, cite_passage, unread
from cdip_analysis.phrases import LANGUAGES, Rule, plain, rules
from cdip_analysis.records import Passage
from cdip_analysis.reference import SHIPPED
from cdip_analysis.resolve import resolve

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
    ("generic summary", "委员会的报告和主席总结编写了小结", []),
    ("count of sessions", "在CDIP今后六届会议上", []),
    ("agenda item", "议程第7项子项", []),
    ("office instruction", "第 45/2013 号办公指令", []),
    ("paragraph of the proposal", "在第 1 段下确定了三项行动。", []),
    ("other body's paragraphs", "(see paragraphs 76 to 79 of document CWS/8/24)", ["CWS/8/24 76-79"]),
    ("part of a summary", "paragraph 5 of Appendix I of the Summary by the Chair of the seventeenth session", ["CDIP/17 summary appendix I 5"]),
    ("numbered draft", "as proposed in document CDIP/12/1 Prov.3.", ["CDIP/12/1 Prov.3"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_reads_as(text: str, expected: list[str]) -> None:
    found = cite(text)
    assert [str(c) for c in found] == expected
    assert [text[c.start : c.end] for c in found] == [c.text for c in found]


def test_symbol_in_the_phrase_is_carried() -> None:
    (found,) = cite("CDIP 第二十届会议报告第 224 至 232 段 (CDIP20/13)")
    assert (found.symbol, found.session, found.resolved) == ("CDIP/20/13", 20, "stated")


def test_span_invariant(edition: Report) -> None:
    assert len(edition.cited) == 119
    for c in edition.cited:
        assert c.passage is not None
        assert c.passage.text[c.start : c.end] == c.text


def test_canonical_string_is_read_back(edition: Report) -> None:
    for c in edition.cited:
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
        kind: {c.passage.paragraph: c.session for c in edition.cited if c.kind == kind and c.resolved == "context"}
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


# ---- nothing is dropped ----------------------------------------------------------------------------------------------


def test_nothing_is_unread(edition: Report) -> None:
    assert edition.unread.empty


def used_rows() -> list[tuple[str, str]]:
    return [
        (language, rule)
        for language in SHIPPED
        for rule in sorted({c.rule for c in load_report(SHIPPED[language]).cited})
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
        _ = report.missed, report.cited  # found when first asked for: here, while the row is out
    finally:
        monkeypatch.undo()
        _finder.cache_clear()
    assert len(report.unread) > 0
    assert taken not in {c.rule for c in report.cited}
