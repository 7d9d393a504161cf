"""References as WIPO's documents write them, and the note on an action: its words, its page, and that it is inert."""

import re
import sys
from pathlib import Path

import pytest
from conftest import CASES, Page, each

from cdip_analysis import Report, brief, cite_as, load_report
from cdip_analysis.data import SHIPPED

ACTIONS = ["1.1", "1.2", "1.3", "2.1", "3.1", "3.2", "4.1", "5.1", "6.1"]


@pytest.mark.parametrize(("target", "written"), CASES["references"].items())
def test_reference(target: str, written: list[str], zh: Report) -> None:
    assert [cite_as(target, "en", zh), cite_as(target, "zh", zh)] == written
    assert cite_as("CDIP/21 report 98-112") == "CDIP/21, report, paras. 98-112", "without a report the session is named"


@each("together", "targets, en, chinese")
def test_a_document_is_named_once_with_its_paragraphs(targets: list[str], en: str, chinese: str, zh: Report) -> None:
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
        with pytest.raises(ValueError, match="lang='fr'; it can be en or zh"):
            ask()


def note(report: Report, action: str | None, folder: Path, lang: str = "en") -> str:
    """The note as its reader sees it: without comments, escapes and emphasis."""
    path = folder / "note.md"
    brief(report, action, path, lang=lang)
    return re.sub(r"\\(.)", r"\1", path.read_text(encoding="utf-8"))


def test_note_on_the_roster(en: Report, tmp_path: Path) -> None:
    text = note(en, "5.1", tmp_path)
    assert [words for words in CASES["notes"]["roster"] if words not in text] == []


@each("says", "action, words")
def test_note_says(action: str, words: str, en: Report, tmp_path: Path) -> None:
    assert re.search(words, note(en, action, tmp_path))


def test_note_in_chinese_quotes_the_chinese_and_in_english_the_english_edition(zh: Report, tmp_path: Path) -> None:
    text = note(zh, "5.1", tmp_path, "zh")
    assert not re.search("[\u4e00-\u9fff]", note(zh, "all", tmp_path))
    assert "# 行动 5.1：顾问花名册" in text
    assert "“委员会注意到该演示报告。” [CDIP/23 主席总结 第 8.2 段；该报告第 45 段]" in text


@pytest.mark.parametrize("edition", ["en", "zh"])  # the English one alone, and beside the Chinese one
def test_supplied_symbol_is_used_and_said_to_be_supplied(edition: str, tmp_path: Path) -> None:
    text = note(load_report(edition, symbol="CDIP/30/5"), "5.1", tmp_path)
    assert "(CDIP/30/5, a symbol given by the user)" in text
    assert "[CDIP/20, Summary by the Chair, para. 7.2; CDIP/30/5, para. 42]" in text


def test_note_on_all_has_a_page_for_each_action(edition: Report, tmp_path: Path) -> None:
    assert re.findall(r"(?m)^# Action ([0-9.]+):", note(edition, None, tmp_path)) == ACTIONS


def test_action_that_only_the_annex_tells_has_its_page(tmp_path: Path) -> None:
    text = SHIPPED["en"].read_text(encoding="utf-8")
    start, end = text.index("Paragraph 6:"), text.index("53. The CDIP")
    written = note(load_report((text[:start] + text[end:]).encode()), None, tmp_path)
    assert "[CDIP/19/12, paras. 350-364]" not in written  # words of the body are gone, the reference stands alone
    due = r"## Due\n\n- “[^”]*twenty-fifth[^”]*” \(due at CDIP/25, .*## Open points\n\n- “[^”]*” \(due at CDIP/25, "
    assert re.search(rf"(?s){due}.*- CDIP/19/12, paras\. 350-364\n.*see the summary \[CDIP/19, .*7\.1;", written)


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
