"""What changed between two reports, and what many documents say together. Expectations are read off the documents."""

import pytest

from cdip_analysis import Report, compare, load_report
from cdip_analysis.data import SHIPPED

TEXT = SHIPPED["zh"].read_text(encoding="utf-8")

ROW_OF_20_3 = next(line for line in TEXT.splitlines() if line.startswith("\t") and "CDIP/20/3" in line)
LAST_ROW = next(line for line in TEXT.splitlines() if line.startswith("\t") and "第 368 至 370 段" in line)
NEW_ROW = "新行动\t演示报告 (CDIP/25/2)\tCDIP 第二十五届会议报告第 10 至 12 段 (CDIP/25/9)\tCDIP/25 主席总结 第 6 段"
WEB_PAGES, WEB_FORUM = "Webpage", "Regular forum (webinars, dialogue)"
ROSTER, SEMINAR = "Consultants' roster", "One-day seminar"

Changes = list[tuple[str | None, ...]]
CHANGES: dict[str, tuple[list[tuple[str, str]], Changes]] = {
    "nothing": ([], []),
    "an action under another paragraph of the proposal": (
        [("第 6 段：", "第 7 段："), ("\n第 6 段\t", "\n第 7 段\t")],
        [("action", "moved", WEB_PAGES, WEB_PAGES, "6.1", "7.1")],
    ),
    "a status": (
        [("46. 秘书处继续对顾问花名册进行定期升级。", "46. 预计没有后续行动。")],
        [("status", "changed", ROSTER, ROSTER, "continuing", "none_expected")],
    ),
    "another session at which something is due": (
        [("第二十五届会议提交", "第二十六届会议提交")],
        [
            ("status", "changed", WEB_FORUM, WEB_FORUM, "scheduled, CDIP/25", "scheduled, CDIP/26"),
            ("citation", "vanished", WEB_FORUM, "CDIP/25", "session", None),
            ("citation", "new", WEB_FORUM, "CDIP/26", None, "session"),
        ],
    ),
    "drafts that were adopted": (
        [("CDIP/23/17 Prov.", "CDIP/23/17")],
        [
            ("entry", "changed", WEB_FORUM, "CDIP/23/9", *(f"CDIP/23/17{draft}; CDIP/23 report 233-249; CDIP/23 summary 8.1" for draft in (" Prov.", ""))),
            ("entry", "changed", ROSTER, "CDIP/23 report 285-290", *(f"CDIP/23/17{draft}; CDIP/23 report 285-290; CDIP/23 summary 8.2" for draft in (" Prov.", ""))),
        ],
    ),
    "an entry less, with its three citations": (
        [(f"{ROW_OF_20_3}\n", "")],
        [
            ("entry", "vanished", SEMINAR, "CDIP/20/3", "CDIP/20/13; CDIP/20 report 233-244; CDIP/20 summary 7.1", None),
            ("citation", "vanished", SEMINAR, "CDIP/20/3", "document", None),
            ("citation", "vanished", SEMINAR, "CDIP/20 report 233-244", "paragraphs", None),
            ("citation", "vanished", SEMINAR, "CDIP/20 summary 7.1", "summary", None),
        ],
    ),
    "an action more, with its entry": (
        [(LAST_ROW, f"{LAST_ROW}\n{NEW_ROW}")],
        [
            ("action", "new", "新行动", "新行动", None, "6.2 新行动"),
            ("entry", "new", "新行动", "CDIP/25/2", None, "CDIP/25/9; CDIP/25 report 10-12; CDIP/25 summary 6"),
            ("citation", "new", "新行动", "CDIP/25/2", None, "document"),
            ("citation", "new", "新行动", "CDIP/25 report 10-12", None, "paragraphs"),
            ("citation", "new", "新行动", "CDIP/25 summary 6", None, "summary"),
        ],
    ),
    "a citation in another place": (
        [("、CDIP/9/16和CDIP/16/6也已提供", "和CDIP/16/6也已提供"), ("网页中包含的信息。", "网页中包含的信息，见文件CDIP/9/16。")],
        [("citation", "moved", WEB_PAGES, "CDIP/9/16", None, WEB_PAGES)],
    ),
}  # fmt: skip


TURNED = {"new": "vanished", "vanished": "new", "moved": "moved", "changed": "changed"}


def later(*replacements: tuple[str, str], of: str = TEXT) -> Report:
    for old, new in replacements:
        assert old in of
        of = of.replace(old, new)
    return load_report(of.encode())


def told(before: Report, after: Report) -> Changes:
    columns = ["about", "change", "action", "item", "before", "after"]
    changes = compare(before, after)[columns].astype(object)
    return [*changes.where(changes.notna(), None).itertuples(index=False, name=None)]


@pytest.mark.parametrize("name", CHANGES)
def test_compare_either_way_with_the_words_of_every_change(zh: Report, name: str) -> None:
    replacements, expected = CHANGES[name]
    other = later(*replacements)
    assert told(zh, other) == expected
    back = {(about, change, item, before, after) for about, change, _, item, before, after in told(other, zh)}
    assert back == {
        (about, TURNED[change or ""], item, after, before) for about, change, _, item, before, after in expected
    }
    changes = compare(zh, other)
    for side, report in (("before", zh), ("after", other)):
        texts = {passage.where: passage.text for passage in report.passages}
        for place, words in changes[[f"place_{side}", f"words_{side}"]].dropna().itertuples(index=False):
            assert words in texts[place]
        assert (changes[f"place_{side}"].isna() == changes[f"words_{side}"].isna()).all()


def test_two_editions_of_one_report_do_not_differ(zh: Report, en: Report) -> None:
    assert compare(zh, en).empty


def test_an_action_of_another_wording_is_shown_by_number_and_wording(en: Report) -> None:
    """In English, where the letters by which a wording is known are not the wording itself."""
    old, new = "Peer-review process", "Review by two peers"
    changes = told(en, later((old, new), of=SHIPPED["en"].read_text(encoding="utf-8")))
    assert sorted(row for row in changes if row[0] == "action") == [
        ("action", "new", new, new, None, f"3.2 {new}"),
        ("action", "vanished", "Peer review", "Peer review", f"3.2 {old}", None),
    ]
