"""Reading and outlining: encodings, the structure of the shipped report, broken structure, and that no line is lost."""

import builtins
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import CASES, each

from cdip_analysis import Report, ReportError, load_report
from cdip_analysis.data import SHIPPED
from cdip_analysis.schema import table_names

ZH = SHIPPED["zh"].read_text(encoding="utf-8")
EN = SHIPPED["en"].read_text(encoding="utf-8")


def independent(report: Report) -> dict[str, list[list[object]]]:
    """The tables of a report without what depends on bytes and lines."""
    found = {}
    for name in table_names():
        frame = report.frame(name).drop(columns=["source_line"], errors="ignore")
        found[name] = frame.astype("string").fillna("").to_numpy().tolist()
    return found


# ---- encodings and line ends ----------------------------------------------------------------------------------------

ENCODINGS = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030"]


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["without", "with mark"])
@pytest.mark.parametrize(
    ("encoding", "end"), [*((name, "\n") for name in ENCODINGS), ("utf-8", "\r\n"), ("utf-8", "\r")]
)
def test_encoding_makes_no_difference(encoding: str, end: str, mark: str, zh: Report) -> None:
    data = f"{mark}{ZH}".replace("\n", end).encode(encoding)
    assert independent(load_report(data)) == independent(zh)


def test_a_file_takes_its_own_memory_and_not_that_of_the_largest() -> None:
    load_report()
    tracemalloc.start()
    load_report()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20 * 2**20


def test_facts_are_kept_apart(zh: Report) -> None:
    report = load_report(symbol="CDIP/24/4")
    assert report.supplied == {"symbol": "CDIP/24/4"}
    assert report.header == zh.header
    assert load_report(symbol="ｃｄｉｐ 24/ 4/prov.").supplied == {"symbol": "CDIP/24/4 Prov."}
    same = load_report(session=24, place="geneva", title="关于成员国在产权组织技术援助方面的决定落实情况的报告")
    assert "supplied_differs" not in {*report.findings["kind"], *same.findings["kind"]}


@each("no_facts", "facts, error, message")
def test_what_can_be_no_fact_is_refused(facts: dict[str, Any], error: str, message: str) -> None:
    with pytest.raises(getattr(builtins, error), match=message):
        load_report(**facts)


@each("contradictions", "facts, text, note")
def test_a_fact_that_is_contradicted_is_a_finding(facts: dict[str, Any], text: str, note: str, zh: Report) -> None:
    report = load_report(**facts)
    assert report.header == zh.header
    (found,) = (row for row in report.rows["findings"] if row.values["kind"] == "supplied_differs")
    assert found.values["text"].startswith(text)
    assert found.values["note"].startswith(note)
    assert len(report.findings) == len(zh.findings) + 1


# ---- errors: nothing can be read --------------------------------------------------------------------------------------

UNREADABLE = {
    "empty": (b"", "an empty file"),
    "blank": (b" \n\t\n", "an empty file"),
    "binary": (bytes(range(256)) * 40, "no readable text"),
    "big5, which gb18030 reads to nonsense": (ZH.encode("big5", errors="ignore"), "no readable text|no known language"),
    "Japanese, which has signs of Chinese": ("1. 委員会は文書に留意し、事務局に提出を求めた。\n".encode() * 9, "no known language"),
    "Japanese in EUC": ("1. 委員会は文書に留意し、事務局に提出を求めた。\n".encode("euc_jp") * 9, "no readable text"),
    "Korean in EUC": ("1. 위원회는 보고서를 검토하고 사무국에 제출을 요청하였다.\n".encode("euc_kr") * 9, "no readable text"),
    "French in a Windows encoding": ("1. Le Comité a noté le rapport présenté par le Secrétariat à la présente séance.\n".encode("cp1252") * 9, "text in UTF-8, UTF-16, UTF-32 or GB18030"),
    "Russian in a Windows encoding": ("1. Комитет принял к сведению доклад.\n".encode("cp1251") * 9, "or GB18030"),
    "English in GB18030 by its mark alone": (b"\x84\x31\x95\x33\xff", "or GB18030"),
    "a stray byte": (ZH.encode().replace("委员会".encode(), "委员会".encode() + b"\xff", 1), r"line \d+: bytes .*the first is 0xff"),
    "a zero byte": (ZH.encode().replace("委员会".encode(), "委员会".encode() + b"\0", 1), r"line \d+: bytes .*the first is 0x00"),
    "no known language": (b"1. Lorem ipsum dolor sit amet, consectetur adipiscing elit sed.", "no known language"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_says_what_to_do(name: str) -> None:
    data, words = UNREADABLE[name]
    with pytest.raises(ReportError, match=f"(?s){words}.*\\. [A-Z].*\\.$") as caught:
        load_report(data)
    assert caught.value.document == "document given as bytes"


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"nothing\.txt, in .*: no such file; .*Check the name, or give the full"):
        load_report(tmp_path / "nothing.txt")
    with pytest.raises(ReportError, match="a folder; expected a file"):
        load_report(tmp_path)


def without_column(number: int) -> str:
    """The Chinese text, whose annex has lost a column."""
    lines = (line.split("\t") for line in ZH.split("\n"))
    return "\n".join("\t".join(c for i, c in enumerate(cells) if len(cells) < 4 or i != number) for cells in lines)


FIRST_ENTRY = next(line for line in ZH.split("\n") if line.startswith("汇总提供技术援助方面现有的做法、工具和方法\t"))
ODD = {
    "number jumps": (ZH.replace("\n8. ", "\n9. "), "paragraph 9 stands where 8 was expected"),
    "number goes back": (ZH.replace("\n30. ", "\n3. "), "paragraph 3 stands where 30 was expected"),
    "too few cells": (ZH.replace(FIRST_ENTRY, "\t".join(FIRST_ENTRY.split("\t")[:3])), "has 3 cells where the header row has 4"),
    "too many cells": (ZH.replace(FIRST_ENTRY, FIRST_ENTRY + "\t另一栏"), "has 5 cells where the header row has 4"),
    "truncated": (ZH[: ZH.index("[附件和文件完]")], "no end mark"),
    "no annex": (ZH[: ZH.index("[后接附件]")], "no annex table"),
    "line in the annex": (ZH.replace("[附件和文件完]", "一行\n[附件和文件完]"), "is no heading, no numbered paragraph"),
    "an unknown heading in the annex": (ZH.replace("\t主席总结\n", "\t其他\n"), "a column that is not known"),
    "a column taken out of the annex": (without_column(3), "the annex has no column '主席总结'"),
    "annex rows without header row": (ZH.replace("行动\t落实情况\tCDIP 审议情况\t主席总结\n", ""), r"no row names the columns of an annex; table rows not read as entries: 2\d; .*looked for: 行动 \(action\)"),
    "action counted wrongly": (ZH.replace("行动三：", "行动四："), "the heading says action 4; it is action 3"),
    "action under no paragraph": (ZH.replace("\n第 1 段:\n", "\n", 1), "stands under no paragraph of the proposal"),
}  # fmt: skip


@pytest.mark.parametrize(("number", "name"), [*enumerate(["行动", "落实情况", "CDIP 审议情况", "主席总结"])])
def test_column_taken_out_of_the_annex_is_named_and_nothing_is_held_against_it(number: int, name: str) -> None:
    reports = (load_report(without_column(number).encode()), load_report(judgements=False))
    found, whole = (Counter(zip(r.findings["kind"], r.findings["note"], strict=True)) for r in reports)
    says = f"the annex has no column '{name}': what it would hold is not compared with the body"
    assert found - whole == {("structure", says): 1}


@pytest.mark.parametrize("within", [1, 2])
def test_file_that_ends_within_a_sign_is_read_to_there(within: int) -> None:
    whole = ZH[: ZH.index("[后接附件]") - 9].encode()
    report = load_report(whole[:-within])
    assert len(report.paragraphs) == 53
    assert report.findings["note"].str.contains("ends within a character").any()


def test_language_that_is_told_and_not_found_is_a_finding() -> None:
    report = load_report(ZH.encode(), language="en")
    assert "read as en, as told; its words are those of zh" in list(report.findings["note"])
    assert not load_report(ZH.encode(), language="zh").findings["note"].str.contains("as told").any()


@pytest.mark.parametrize("name", ODD)
def test_odd_structure_is_a_finding_and_nothing_is_lost(name: str, zh: Report) -> None:
    text, words = ODD[name]
    report = load_report(text.encode())
    notes = report.findings.loc[report.findings["kind"] == "structure", "note"]
    assert notes.str.contains(words).any(), list(notes)
    letters = sum(map(str.isalnum, text)) - sum(len(str(p.paragraph)) for p in report.passages if p.paragraph)
    assert sum(map(str.isalnum, "".join(p.text for p in report.passages))) == letters
    assert len(report.paragraphs) >= 53
    if name == "too few cells":
        assert report.annex[["report", "chair_summary"]].fillna("none").iloc[0].tolist() == ["CDIP/21/15", "none"]


# ---- what a user may hand over besides ----------------------------------------------------------------------------------

HEAD = "CDIP/21/15\nCommittee on Development and Intellectual Property (CDIP)\nTwenty-first Session\nGeneva, May 14 to 18, 2018\n"
TETE = "Comité du développement et de la propriété intellectuelle (CDIP)\nVingtième session\nGenève, 27 novembre – 1er décembre 2017\n"
TWO = {
    "the same edition twice": (f"{ZH}\n{ZH}", "第二十四届会议"),
    "two editions": (f"{ZH}\n{EN}", "Twenty-fourth Session"),
    "a report behind one of a single paragraph": (f"{HEAD}1. The Committee met.\n{HEAD}1. It met again.", "Twenty-first Session"),
    "behind an annex, in another language": (f"{EN}\n{TETE}1. Le comité s’est réuni.", "Vingtième session"),
}  # fmt: skip


@pytest.mark.parametrize("name", TWO)
def test_of_two_documents_in_one_file_the_first_is_read_and_the_other_kept(name: str) -> None:
    text, session = TWO[name]
    report = load_report(text.encode())
    (found,) = (row for row in report.rows["findings"] if "a second document" in row.values["note"])
    numbers = report.paragraphs["paragraph"].tolist()
    assert session in found.sources[None][0].passage.text or found.values["text"]
    assert numbers == [*range(1, len(numbers) + 1)]
    assert len(report.annex) in (0, 15)
    kept = "".join(f"{p.paragraph or ''}{p.text}" for p in report.passages)
    assert sum(map(str.isalnum, text)) == sum(map(str.isalnum, kept))


@pytest.mark.parametrize("between", ["ANNEX\n", "Twenty-first Session\n", "Decisions\nof the Committee\n"])
def test_numbers_that_start_anew_make_no_second_document(between: str) -> None:
    text = f"{HEAD}1. The Committee met.\n2. It took note.\n{between}1. It met again.\n2. It closed."
    assert list(load_report(text.encode()).paragraphs["paragraph"]) == [1, 2, 1, 2]


def columns_moved(text: str, order: tuple[int, ...], extra: str = "") -> str:
    """Write the annex with its columns in another order; and with one more, where a heading for it is given."""
    rows = [line.split("\t") for line in text.split("\n")]
    heading = next(cells for cells in rows if len(cells) == 4 and all(cells))
    for n, cells in enumerate(rows):
        if len(cells) == 4:
            more = [extra if cells == heading else f"said {n}"] if extra else []
            # A title, or the heading of a section, stands in front.
            rows[n] = [*([cells[at] for at in order] + more if any(cells[1:]) else cells + [""] * len(more))]
    return "\n".join("\t".join(cells) for cells in rows)


@pytest.mark.parametrize("name", CASES["paragraph_numbers"])
def test_numbers_of_paragraphs(name: str) -> None:
    line, *number = CASES["paragraph_numbers"][name]
    report = load_report(f"{HEAD}1. The Committee met.\n{line}\n3. It closed.".encode())
    assert report.paragraphs["paragraph"].tolist() == [1, *number, 3]


@each("header_rows", "row, names")
def test_header_row_of_an_annex(row: str, names: bool) -> None:
    report = load_report(f"{HEAD}1. The Committee met.\n{row}\n".encode())
    heads = [p.text for p in report.passages if p.role == "annex_header"]
    assert heads == ([cell for cell in row.split("\t") if cell] if names else [])


@pytest.mark.parametrize("text", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("order", [(0, 2, 1, 3), (3, 2, 1, 0), (1, 0, 3, 2)], ids=str)
def test_columns_of_the_annex_are_known_by_their_headings(text: str, order: tuple[int, ...]) -> None:
    expected, moved = (load_report(t.encode(), beside=False).annex for t in (text, columns_moved(text, order)))
    pd.testing.assert_frame_equal(moved, expected, check_like=True)


@pytest.mark.parametrize("text", [ZH, EN], ids=["zh", "en"])
def test_a_column_more_is_kept_and_reported(text: str) -> None:
    expected = load_report(text.encode(), beside=False)
    report = load_report(columns_moved(text, (0, 1, 2, 3), extra="XYZ").encode(), beside=False)
    pd.testing.assert_frame_equal(report.annex, expected.annex)
    kept = [p.text for p in report.passages if p.column == "extra"]
    assert len(kept) == len(set(kept)) + 2 == 18, "three times the heading, and a cell for each of 15 entries"
    assert report.findings["note"].str.contains("a column that is not known here, 'XYZ'").sum() == 1
