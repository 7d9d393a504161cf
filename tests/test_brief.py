"""References as WIPO's documents write them, and the note on an action: its words, its page, and that it is inert."""

import re
import sys
from pathlib import Path

import pytest
from conftest import Page
from documents import CASES

from cdip_analysis import Report, brief, cite_as, load_report
from cdip_analysis.data import SHIPPED

ACTIONS = ["1.1", "1.2", "1.3", "2.1", "3.1", "3.2", "4.1", "5.1", "6.1"]

# ---- references --------------------------------------------------------------------------------------------------------

WITH_REPORT: dict[str, list[str]] = CASES["references"]


@pytest.mark.parametrize("target", WITH_REPORT)
def test_reference(target: str, zh: Report) -> None:
    assert (cite_as(target, "en", zh), cite_as(target, "zh", zh)) == tuple(WITH_REPORT[target])
    assert cite_as("CDIP/21 report 98-112") == "CDIP/21, report, paras. 98-112", "without a report the session is named"


TOGETHER = [
    (["CDIP/22 summary 7.1", "CDIP/22 summary 7.4"], "CDIP/22, Summary by the Chair, paras. 7.1 and 7.4", "CDIP/22 主席总结 第 7.1 和 7.4 段"),
    (["CWS/8/24 5", "CWS/8/24 9", "CWS/8/24 12-14"], "CWS/8/24, paras. 5, 9 and 12-14", "CWS/8/24 第 5、9 和 12 至 14 段"),
    (["CDIP/21 report 98-112", "CDIP/20/3", "CDIP/21/15 128"], "CDIP/21/15, paras. 98-112 and 128; CDIP/20/3", "CDIP/21/15 第 98 至 112 和 128 段；CDIP/20/3"),
    (["CWS/8/24", "CWS/8/24 5", "CWS/8/24 5"], "CWS/8/24, para. 5", "CWS/8/24 第 5 段"),
    (["CDIP/17 summary", "CDIP/17 summary appendix I"], "CDIP/17, Summary by the Chair; CDIP/17, Summary by the Chair, Appendix I", "CDIP/17 主席总结；CDIP/17 主席总结附录一"),
    (["CDIP/19 report 350-364", "CDIP/19 summary 7.1"], "CDIP/19/12, paras. 350-364; CDIP/19, Summary by the Chair, para. 7.1", "CDIP/19/12 第 350 至 364 段；CDIP/19 主席总结 第 7.1 段"),
    ([], "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("targets", "en", "chinese"), TOGETHER)
def test_a_document_is_named_once_with_all_its_paragraphs(
    targets: list[str], en: str, chinese: str, zh: Report
) -> None:
    assert (cite_as(targets, "en", zh), cite_as(targets, "zh", zh)) == (en, chinese)


def test_every_citation_of_the_report_can_be_written(edition: Report) -> None:
    for lang in ("en", "zh"):
        assert all(cite_as(c, lang, edition) for c in edition.document.citations)


def test_reference_to_two_reports_of_one_session_names_neither() -> None:
    text = "1. Report of the third session, paragraphs 1 to 2 (CDIP/3/9 Prov.).\n\n2. Report of the third session, paragraphs 4 to 5 (CDIP/3/9)."
    report = load_report(text.encode(), language="en")
    assert cite_as("CDIP/3 report 1-2", "en", report) == "CDIP/3, report, paras. 1-2"
    printed = cite_as(report.document.citations[0], "en", report)  # in the same phrase
    assert printed == "CDIP/3/9 Prov., paras. 1-2"


def test_what_is_no_citation_and_a_language_without_a_form_are_refused(zh: Report, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no canonical citation"):
        cite_as("paragraph 5")
    for ask in (lambda: cite_as("CDIP/21", "fr"), lambda: brief(zh, "1.1", tmp_path / "a.md", lang="fr")):
        with pytest.raises(ValueError, match="lang='fr'; it can be en, zh"):
            ask()


# ---- what a note says ----------------------------------------------------------------------------------------------------


def note(report: Report, action: str | None, folder: Path, lang: str = "en") -> str:
    """The note as its reader sees it: without comments, escapes and emphasis."""
    path = folder / "note.md"
    brief(report, action, path, lang=lang)
    return re.sub(r"\\(.)", r"\1", path.read_text(encoding="utf-8"))


def test_note_on_the_roster(en: Report, tmp_path: Path) -> None:
    text = note(en, "5.1", tmp_path)
    assert [words for words in CASES["notes"]["roster"] if words not in text] == []


SAYS = [
    ("1.3", r": the report, paras\. 18, 20 and 21[.)]"),  # every paragraph of an outcome
    ("2.1", r": the report, paras\. 22 and 26[.)]"),
    ("5.1", r": the report, paras\. 40 and 46[.)]"),
    *((action, "(?s)## Open points.*answered in part.*## To raise") for action in ("3.1", "3.2", "5.1", "6.1")),
    # An outcome is beside its remark.
    ("2.1", r"\(continuing: the report, para\. 31\. Paragraph 31, under action 3\.1, only touches on it\)"),
    ("3.2", r"\(delivered: the report, para\. 33\. Responded to; the answer is not reported\)"),
    ("5.1", r"The report \(paragraph 46\) says upgraded, not updated"),
    ("1.3", r"(?s)## Open points(.*due at CDIP/25, convened for 18 to 22 May 2020, postponed){3}"),
    ("1.3", r"does not say what the summary says here; see the summary \[CDIP/22, Summary by the Chair, para\. 7\.1; CDIP/22, Summary by the Chair, para\. 7\.4\]"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "words"), SAYS)
def test_note_says(action: str, words: str, en: Report, tmp_path: Path) -> None:
    assert re.search(words, note(en, action, tmp_path))


def test_note_in_chinese_quotes_the_chinese_and_in_english_the_english_edition(zh: Report, tmp_path: Path) -> None:
    text = note(zh, "5.1", tmp_path, "zh")
    assert not re.search("[\u4e00-\u9fff]", note(zh, "all", tmp_path))
    assert "# 行动 5.1：顾问花名册" in text
    assert "“委员会注意到该演示报告。” [CDIP/23 主席总结 第 8.2 段；该报告第 45 段]" in text


def test_supplied_symbol_is_used_and_said_to_be_supplied(tmp_path: Path) -> None:
    text = note(load_report(SHIPPED["en"], symbol="CDIP/30/5"), "5.1", tmp_path)
    assert "(CDIP/30/5, a symbol given by the user)" in text
    assert "[CDIP/20, Summary by the Chair, para. 7.2; CDIP/30/5, para. 42]" in text


def test_note_on_all_has_a_page_for_each_action(edition: Report, tmp_path: Path) -> None:
    assert re.findall(r"(?m)^# Action ([0-9.]+):", note(edition, None, tmp_path)) == ACTIONS


def test_action_that_only_the_annex_tells_has_its_page(tmp_path: Path) -> None:
    text = SHIPPED["en"].read_text(encoding="utf-8")
    start, end = text.index("Paragraph 6:"), text.index("53. The CDIP")
    written = note(load_report((text[:start] + text[end:]).encode()), "6.1", tmp_path)
    assert "[CDIP/19/12, paras. 350-364]" not in written  # words of the body are gone, the reference stands alone
    assert "- CDIP/19/12, paras. 350-364" in written
    assert "what the summary says here; see the summary [CDIP/19, Summary by the Chair, para. 7.1;" in written


def test_without_python_docx_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, zh: Report, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(ImportError, match=r"pip install 'cdip-analysis\[docx\]'; or write the note to a \.md file"):
        brief(zh, "1.1", tmp_path / "a.docx")
    assert list(tmp_path.iterdir()) == []
    brief(zh, "1.1", tmp_path / "a.md")


def test_first_page_of_all_says_where_each_action_stands(zh: Report, tmp_path: Path) -> None:
    first, second = note(zh, "all", tmp_path).split("\n---\n")[:2]
    assert first.splitlines()[2] == "# Where the nine actions stand"
    assert zh.sentence("en") in first
    assert re.findall(r"^- \*?\*?([0-9]\.[0-9]) ", first, re.MULTILINE) == ACTIONS
    assert "due at CDIP/24" in first
    raised = ["1.1", "1.3", "2.1", "3.1", "3.2", "5.1", "6.1"]
    assert re.findall(r"\(action ([0-9]\.[0-9])\)$", first, re.MULTILINE) == raised
    assert "Action 1.1" in second


# ---- the Word file -------------------------------------------------------------------------------------------------------


def test_word_and_markdown_say_the_same_each_time(en: Report, tmp_path: Path) -> None:
    import docx

    for name in ("a.docx", "b.docx"):
        brief(en, None, tmp_path / name)
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    paragraphs = [p.text for p in docx.Document(str(tmp_path / "a.docx")).paragraphs]
    lines = [line.lstrip("#- ").strip().replace("**", "") for line in note(en, None, tmp_path).splitlines()]
    foot = {line for line in lines if line.startswith("*")}
    assert paragraphs == [line for line in lines if line and line not in foot and not line.startswith("<!--")]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_action_takes_one_page(lang: str, printed: dict[str, list[Page]]) -> None:
    titles = [page.text.splitlines()[0] for page in printed[f"note.{lang}"]]
    assert [re.findall(r"[0-9]\.[0-9]", title) for title in titles] == [[], *([one] for one in ACTIONS)]
