"""What holds of every document: proved over generated reports, and over mutations of the two shipped editions."""

import datetime as dt
import re
from functools import cache
from random import Random
from typing import Any

import pandas as pd
import pytest
from generate import LANGUAGES, PLACE, Plan, expected, plan, write
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from cdip_analysis import Citation, Report, evidence, load_report
from cdip_analysis.cite import cite
from cdip_analysis.phrases import LANGUAGES as KNOWN
from cdip_analysis.phrases import plain
from cdip_analysis.reference import SHIPPED
from cdip_analysis.schema import table_names, tables

# Not shrunk: a report of a hundred entries is read for each attempt. `make fuzz` runs the same with other seeds.
quick = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
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


# ---- ways of typing that must make no difference ----------------------------------------------------------------------

FULL = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
HALF = {wide: sign for sign, wide in FULL.items()}
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
SPACES = " \u00a0\u2009\u3000"


def some(rng: Random, text: str, pattern: str, change: Any, share: float = 0.3) -> str:
    """Change some of the matches of a pattern."""
    return re.sub(pattern, lambda m: change(m) if rng.random() < share else m[0], text)


def header_rows(text: str) -> tuple[str, str]:
    """The title row and the header row of the annex, as they stand in a text."""
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if line.count("\t") == 3 and all(line.split("\t")))
    return lines[at - 1], lines[at]


def more_headers(rng: Random, text: str) -> str:
    title, header = header_rows(text)
    body, annex = text.split(title, 1)
    return body + title + some(rng, annex, r"\n(?=[^\n\t]*\t[^\n\t]*\t)(?!{})".format(re.escape(header)), lambda m: f"\n\n{title}\n{header}\n")


def headings(text: str, language: str) -> str:
    """A pattern for the heading lines that end with a colon."""
    return {"zh": "(?<=[段况动])[：:](?=\n)", "en": "(?<=[0-9nNpP]):(?=\n)"}[language]


@cache
def shipped(language: str) -> Report:
    return load_report(SHIPPED[language])


VARIANTS = {
    "blank lines": lambda rng, t, _: some(rng, t, "\n", lambda m: "\n" * rng.randint(2, 4)),
    "full-width digits": lambda rng, t, _: some(rng, t, "[0-9]", lambda m: FULL[m[0]]),
    "full-width letters of symbols": lambda rng, t, _: some(rng, t, "CDIP", lambda m: "".join(FULL[s] for s in m[0])),
    "full-width signs": lambda rng, t, _: some(rng, t, "[(),:;/]", lambda m: FULL[m[0]]),
    "half-width signs": lambda rng, t, _: some(rng, t, "[（），：；]", lambda m: HALF[m[0]]),
    "colons of headings": lambda rng, t, language: some(rng, t, headings(t, language), lambda m: rng.choice(["：", ":", ""])),
    "spaces of another kind": lambda rng, t, _: some(rng, t, " ", lambda m: rng.choice(SPACES)),
    "doubled spaces": lambda rng, t, _: some(rng, t, "(?<=[^\n]) ", lambda m: "  "),
    "spaces at the ends of lines": lambda rng, t, _: some(rng, t, "(?<=[^\n\t])\n", lambda m: " \n"),
    "no spaces round numbers": lambda rng, t, _: some(rng, t, "(?<=[第至]) (?=[0-9])|(?<=[0-9]) (?=[段至])", lambda m: ""),
    "dashes in ranges": lambda rng, t, _: some(rng, t, "(?<=[0-9])(?: 至 | to )(?=[0-9])", lambda m: rng.choice(DASHES)),
    "repeated header rows": lambda rng, t, _: more_headers(rng, t),
    "curly quotation marks": lambda rng, t, _: some(rng, t, '["“”]', lambda m: rng.choice('"“”„')),
    "upper and lower case": lambda rng, t, _: some(rng, t, "[Rr]eport(?=[],])|Summary by the Chair", lambda m: rng.choice([m[0].upper(), m[0].lower()])),
    "line ends": lambda rng, t, _: t.replace("\n", "\r\n"),
    "byte order mark": lambda rng, t, _: "\ufeff" + t,
}  # fmt: skip


def same(before: Report, after: Report) -> None:
    for name in STARRED:
        assert held(name, rows(after, name)) == held(name, rows(before, name)), name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", VARIANTS)
def test_typing_changes_no_starred_column(name: str, language: str) -> None:
    """Of the two shipped editions; many places at once, in two draws."""
    before, changed = shipped(language), 0
    for seed in range(2):
        text = VARIANTS[name](Random(seed), TEXT[language], language)
        changed += text != TEXT[language]
        after = read(text, language)
        same(before, after)
        holds_always(after, text)
    assert changed or (name, language) in NOT_THERE


# Ways of typing that the edition has no occasion for.
NOT_THERE = {("half-width signs", "en"), ("no spaces round numbers", "en"), ("upper and lower case", "zh")}


@quick
@given(plans(most=6), st.sampled_from(LANGUAGES), st.lists(st.sampled_from(sorted(VARIANTS)), min_size=1, max_size=4))
def test_typing_changes_no_starred_column_of_generated_reports(drawn: Plan, language: str, names: list[str]) -> None:
    text = write(drawn, language)
    changed = text
    for n, name in enumerate(names):
        changed = VARIANTS[name](Random(n), changed, language)
    same(read(text), read(changed, language))
