"""The tables: against files written by hand, with the declared columns and types, equal in both editions."""

import builtins
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import as_text, by_hand, each

import cdip_analysis as cdip
from cdip_analysis import Report
from cdip_analysis.data import SHIPPED
from cdip_analysis.schema import check_rows, table_names, tables
from cdip_analysis.tables import paragraphs_in

TABLES = table_names()
SHIPPED_TEXT = SHIPPED["zh"].read_text(encoding="utf-8")


def changed(*replacements: tuple[str, str]) -> Report:
    """The shipped report with other words in some places, each time the first."""
    text = SHIPPED_TEXT
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after, 1)
    return cdip.load_report(text.encode())


HELD = ["annex", "proposal", "actions", "paragraphs", "citations", "decisions", "follow_ups", "documents", "sessions",
        "timeline", "follow_up_status", "findings", "session_coverage"]  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_table_is_as_read_by_hand(name: str, edition: Report) -> None:
    header, rows = by_hand("golden", name)
    frame = cdip.session_coverage(edition).reset_index() if name == "session_coverage" else edition.frame(name)
    frame = frame.rename(columns=str)
    found = as_text(frame[header])
    if name in ("citations", "findings"):  # the English says the same in another order within a passage
        found, rows = sorted(found), sorted(rows)
    assert found == rows


@each("planted", "before, after, kind, place, note")
def test_planted_slip_is_found(before: str, after: str, kind: str, place: str, note: str, zh: Report) -> None:
    planted, shipped = (
        {(r.values["kind"], r.sources[None][0].passage.where, r.values["note"]) for r in report.rows["findings"]}
        for report in (changed((before, after)), zh)
    )
    assert (kind, place, note) in planted - shipped


@each("corrected", "slip, corrected, kind")
def test_rule_finds_no_slip_where_it_is_corrected(slip: str, corrected: str, kind: str) -> None:
    copy = SHIPPED_TEXT.replace("旨在", "意在")  # no longer the shipped document
    before, after = (cdip.load_report(text.encode()).findings["kind"] for text in (copy, copy.replace(slip, corrected)))
    assert (after == kind).sum() == (before == kind).sum() - 1


@each("answers", "language, text, table, columns, rows")
def test_what_a_text_answers(language: str, text: str, table: str, columns: list[str], rows: list[list[str]]) -> None:
    report = cdip.load_report(text.encode(), language=language, symbol="SCT/46/8")
    assert as_text(report.frame(table)[columns]) == rows


def test_decisions_are_held_against_an_annex_of_actions_and_summaries_alone() -> None:
    text = SHIPPED_TEXT.replace("CDIP/23 主席总结 第 8.1 段", "CDIP/22 主席总结 第 8.1 段")
    cut = "\n".join("\t".join(line.split("\t")[::3]) for line in text.split("\n"))
    findings = cdip.load_report(cut.encode()).findings
    assert findings.loc[findings["kind"] == "decision_only_in_body", "paragraph"].tolist() == [20]


def test_remark_on_what_a_rule_finds_is_added_to_it(edition: Report) -> None:
    untold = edition.findings.query("kind == 'summary_untold'")
    assert untold.loc[untold["note"].str.contains("inference"), "entry"].tolist() == [6]


def test_remarks_on_the_translation_are_made_of_this_document_only() -> None:
    other = cdip.load_report(b"1. The Committee met.\n2. No follow-up is expected in relation to this item.")
    assert "translation_smooths" not in set(other.findings["kind"])


def test_a_reference_before_the_first_paragraph_is_read() -> None:
    report = changed(("秘书处编拟", "秘书处编拟\n摘要：见 CDIP/21 的报告第 5 至 9 段、CDIP#3 以及文件 CDIP/22/3。"))
    assert [str(c) for c in report.document.citations[:2]] == ["CDIP/21 report 5-9", "CDIP/22/3"]
    assert (len(report.citations), list(report.unread["text"])) == (121, ["CDIP#3"])


@pytest.mark.parametrize("name", ["report.zh.docx", "report.en.pdf"])
def test_the_shipped_document_is_known_in_another_file(name: str, zh: Report, en: Report) -> None:
    report, shipped = cdip.load_report(Path(__file__).parent / "samples" / name), en if "en" in name else zh
    assert report.edition_in("en") == f"text of {shipped.name}: {shipped.edition_in('en')}"
    assert report.is_working_translation == (shipped is en)
    assert list(report.commitments["outcome"]) == list(zh.commitments["outcome"])
    assert report.commitments["text"].notna().all()


def test_a_status_knows_nothing_later_and_what_is_due_later_is_not_overdue(edition: Report) -> None:
    seen = {n: cdip.follow_up_status(edition, as_of=n).set_index("action_id") for n in (21, 24, 25, 26)}
    assert seen[21][["sessions_since", "days_since"]].fillna(0).ge(0).all(axis=None)
    assert seen[21]["last_session"].max() == 21
    assert [seen[n].loc["1.3", "overdue"] for n in (24, 25, 26)] == [False, False, True]


def test_undated_events_stand_in_the_order_of_sessions() -> None:
    text = SHIPPED_TEXT.replace("CDIP/23", "CDIP/43").replace("CDIP/22", "CDIP/42").replace("CDIP/21", "CDIP/41")
    events = cdip.timeline(cdip.load_report(text.encode()))
    undated = events.loc[events["date"].isna(), "session"].dropna()
    assert undated.nunique() > 1
    assert undated.is_monotonic_increasing


@each("asked", "function, of, more, error, says")
def test_what_cannot_be_answered_is_refused_and_says_what_there_is(
    function: str, of: list[Any], more: dict[str, Any], error: str, says: str, zh: Report
) -> None:
    ask = partial(zh.frame) if function == "frame" else partial(getattr(cdip, function), zh)
    with pytest.raises(getattr(builtins, error), match=says):
        ask(*of, **more)


def test_find_text_says_where(zh: Report) -> None:
    found = {hit.passage.where for hit in cdip.find_text(zh, "顾问花名册数据库")}
    assert found == {"paragraph 40", "annex, entry 12, implementation"}


@pytest.mark.parametrize("name", [*TABLES, "reading_list", "agenda", "commitments"])
def test_editions_are_equal(name: str, zh: Report, en: Report) -> None:
    same = [column.name for column in tables()[name].columns if column.language_independent]
    found, expected = (report.frame(name)[same] for report in (en, zh))
    if name == "citations":
        order = ["proposal_paragraph", "paragraph", "entry", "column", "target"]
        found, expected = (frame.sort_values(order).reset_index(drop=True) for frame in (found, expected))
    pd.testing.assert_frame_equal(found, expected)


DTYPES = {"integer": "Int64", "string": "str", "boolean": "boolean", "date": "datetime64[us]"}


@pytest.mark.parametrize("source", [None, b"1. The Committee took note of the report."], ids=["full", "empty"])
def test_columns_and_types_are_as_declared(source: bytes | None) -> None:
    """Of an empty table too."""
    report = cdip.load_report(source, beside=False)
    for name, table in tables().items():
        kinds = (
            pd.CategoricalDtype([*c.allowed], ordered=True) if c.allowed else DTYPES[c.type] for c in table.columns
        )
        expected = {column.name: kind for column, kind in zip(table.columns, kinds, strict=True)}
        found = report.frame(name).dtypes.to_dict()
        assert [*found] == [*expected]
        assert {column for column in expected if found[column] != expected[column]} == set(), name


def test_title_of_an_unknown_document_is_as_printed() -> None:
    documents = cdip.load_report(SHIPPED_TEXT.replace("CDIP/23/9", "CDIP/23/99").encode()).documents
    found = documents.set_index("symbol").loc["CDIP/23/99", ["title", "title_source"]]
    assert list(found) == ["技术援助网络论坛原型", "printed"]


def test_every_table_and_analysis_is_an_attribute(zh: Report) -> None:
    assert (list(zh.rows), list(zh.tables)) == (list(tables()), TABLES)
    for name in tables():
        pd.testing.assert_frame_equal(getattr(zh, name), zh.frame(name))
        assert getattr(Report, name).__doc__, "completion shows it"


def test_what_is_written_into_a_table_stays_with_its_writer(zh: Report) -> None:
    mine = zh.annex
    mine.loc[0, "first_paragraph"] = 1
    assert (mine.loc[0, "first_paragraph"], zh.annex.loc[0, "first_paragraph"]) == (1, 98)


REFUSED = {
    "not allowed": ({"kind": "letter"}, "row 1: 'letter'; expected one of"),
    "missing": ({"kind": None}, "row 1: no kind; expected a value in every row"),
}


@pytest.mark.parametrize(("second", "words"), REFUSED.values(), ids=REFUSED)
def test_check_refuses_what_is_not_as_declared(second: dict[str, object], words: str) -> None:
    table = tables()["documents"]
    nothing = dict.fromkeys(column.name for column in table.columns)
    rows = [nothing | {"symbol": symbol, "kind": "document", "times_cited": 1} for symbol in ("CDIP/1/1", "CDIP/1/2")]
    check_rows(table, rows, "x.txt")
    with pytest.raises(cdip.ReportError, match=f"table documents, {words}"):
        check_rows(table, [rows[0], rows[1] | second], "x.txt")


def test_counts_of_paragraphs_add_up_from_their_evidence(edition: Report) -> None:
    coverage = cdip.session_coverage(edition)
    cells: list[tuple[str, Any, Any]] = [("session_coverage", *of) for of in product(coverage.index, coverage.columns)]
    counts = ("report_paragraphs", "report_paragraphs_with_body")
    cells += [("actions", row, column) for row in edition.actions.index for column in counts]
    for cell in cells:
        shown = cdip.evidence(edition, *cell)
        counted = () if shown.note else shown.spans  # of a zero, the words are those that were looked through
        cited = [c for s in counted for c in edition.document.citations_in(s.passage) if c.start == s.start]
        total = paragraphs_in((c.session, c.first, c.last) for c in cited)
        assert shown.value == (None if cell[-1] == 24 else total), cell  # CDIP/24 was not held yet
        assert (shown.value == 0) == (shown.note is not None) or cell[-1] == 24
    assert cdip.evidence(edition, "session_coverage", "1.1", 21).value == coverage.loc["1.1", 21] == 15
