"""What holds of every document: proved over generated reports, and over mutations of the two shipped editions."""

import datetime as dt
import re
from functools import cache
from random import Random
from typing import Any

import pandas as pd
import pytest
from generate import LANGUAGES, PLACE, Plan, expected, plan, write
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cdip_analysis import Citation, Report, evidence, load_report
from cdip_analysis.cite import cite
from cdip_analysis.phrases import LANGUAGES as KNOWN
from cdip_analysis.phrases import plain
from cdip_analysis.reference import SHIPPED
from cdip_analysis.schema import table_names, tables

quick = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
TEXT = {language: SHIPPED[language].read_text(encoding="utf-8") for language in LANGUAGES}
STARRED = {
    name: [column.name for column in tables()[name].columns if column.language_independent] for name in table_names()
}
# Tables whose starred columns a plan tells in full; of the findings it tells the kinds below, of unread that there is none.
TOLD = ["proposal", "annex", "actions", "paragraphs", "citations", "decisions", "follow_ups", "documents", "sessions"]


def rows(report: Report, name: str) -> list[dict[str, Any]]:
    """The starred columns of a table, as plain values."""
    return [{column: row.values[column] for column in STARRED[name]} for row in report.rows(name)]


def held(name: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Citations and findings come in the order of the words, which is another in each language."""
    return sorted(found, key=lambda row: [str(v) for v in row.values()]) if name in ("citations", "findings") else found


def read(text: str, language: str | None = None) -> Report:
    return load_report(text.encode(), language=language)


def holds_always(report: Report, text: str) -> None:
    """What holds of any report, whatever the document."""
    for c in report.cited:
        assert c.passage is not None
        assert c.passage.text[c.start : c.end] == c.text
        assert Citation.parse(str(c)) == c
    for hit in report.missed:
        assert hit.passage.text[hit.start : hit.end] == hit.text != ""
    # Every line is accounted for once: a passage's lines are its own, but for the cells of one table row.
    lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
    taken: dict[int, set[str]] = {}
    for p in report.passages:
        for line in range(p.line, p.last_line + 1):
            if lines[line - 1].strip():
                taken.setdefault(line, set()).add(p.kind)
    assert sorted(taken) == [n for n, line in enumerate(lines, 1) if line.strip()]
    printed = "".join(lines)
    numbers = "".join(str(p.paragraph) for p in report.passages if p.paragraph is not None)
    assert sum(map(str.isalnum, "".join(p.text for p in report.passages))) + len(numbers) <= sum(map(str.isalnum, printed))
    for kinds in taken.values():
        assert len(kinds) == 1


# ---- generated tables, written out in the report's own form, read back as those tables -------------------------------


@st.composite
def plans(draw: st.DrawFn, most: int = 99) -> Plan:
    rng = draw(st.randoms(use_true_random=False))
    sizes = [draw(st.one_of(st.integers(1, 4), st.integers(1, most))) for _ in range(5)]
    return plan(rng, *sizes)


@quick
@given(plans())
@example(plan(Random(1), 99, 1, 1, 99, 99))
@example(plan(Random(2), 1, 99, 1, 2, 1))
@example(plan(Random(3), 1, 1, 99, 99, 2))
@example(plan(Random(4), 99, 99, 99, 99, 99))
@example(plan(Random(5), 10, 11, 12, 13, 14))
def test_written_tables_read_back_as_those_tables(drawn: Plan) -> None:
    wanted = expected(drawn).tables
    for language in LANGUAGES:
        text = write(drawn, language)
        report = read(text)
        assert report.language == language
        h = report.header
        assert (h.session, h.start_date, h.end_date, h.place) == (drawn.session, *drawn.days, "Geneva")
        for name in TOLD:
            assert held(name, rows(report, name)) == held(name, wanted.get(name, [])), (language, name)
        assert [row.values["text"] for row in report.rows("unread")] == []
        found = [{key: row[key] for key in ("kind", *PLACE)} for row in rows(report, "findings")]
        assert held("findings", found) == held("findings", wanted.get("findings", [])), language
        holds_always(report, text)
