"""Citations in six languages, measured on fragments of real documents; and what must not be read as one."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdip_analysis import Citation, cite, read_header
from cdip_analysis.data import SHIPPED
from cdip_analysis.find import _finder
from cdip_analysis.language import _atoms, detect_language, plain, rules, table

SAMPLES = Path(__file__).parent / "samples"
README = (Path(__file__).parents[1] / "docs" / "accuracy.md").read_text(encoding="utf-8")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


REAL, MORE, NONE = rows("samples_citations"), rows("more_citations"), rows("no_citations")
HEADERS = rows("samples_headers") + rows("more_headers")
LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
ITEMS = ("symbol", "original_language", "date", "body", "session", "start_date", "end_date")


def wanted(expect: dict[str, Any]) -> tuple[Any, ...]:
    """What the samples say of a citation, in the terms of their own conventions."""
    mark = "".join(
        f" {word}.{expect.get(f'{word.lower()}_number', '')}" for word in ("Prov", "Rev") if expect.get(word.lower())
    )
    symbol = expect["symbol"] + mark if expect.get("symbol") else None
    session = expect.get("session") if expect["kind"] in ("session", "summary") else None
    body = expect.get("body") if expect["kind"] == "session" else None
    return (
        expect["kind"],
        symbol,
        session,
        body,
        expect.get("first"),
        expect.get("last"),
        expect.get("item"),
        expect.get("appendix"),
    )


def found(c: Citation) -> tuple[Any, ...]:
    session = c.session if c.kind in ("session", "summary") else None
    return (c.kind, c.symbol, session, c.body if c.kind == "session" else None, c.first, c.last, c.item, c.appendix)


def measured() -> dict[str, dict[str, Counter[str]]]:
    """Count what is right, wrong and missed in fragments and header blocks of real documents; none made by hand."""
    counts = {language: {"citations": Counter[str](), "headers": Counter[str]()} for language in LANGUAGES}
    for row in REAL:
        counts[row["lang"]]["citations"] += compared(
            map(wanted, row["expect"]), map(found, cite(row["text"], row["lang"]))
        )
    for row in MORE:
        if row["source"] != "by hand":
            counts[row["lang"]]["citations"] += compared(row["reads"], map(str, cite(row["text"], row["lang"])))
    for row in HEADERS:
        counts[row["lang"]]["headers"] += compared(items(row["expect"] | {"body": row["body"]}), read(row["text"]))
    return counts


def compared(expected: Iterable[Any], given: Iterable[Any]) -> Counter[str]:
    want, got = Counter(expected), Counter(given)
    right = (want & got).total()
    return Counter(right=right, wrong=got.total() - right, missed=want.total() - right)


def items(expect: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    marks = (expect["prov"] or False, expect.get("rev", False))
    told = expect | {"symbol": expect["symbol"] and (expect["symbol"], *marks)}
    return ((item, told[item]) for item in ITEMS if told[item] is not None)


def read(text: str) -> Iterator[tuple[str, Any]]:
    header = read_header(text)
    told = {item: getattr(header, item) for item in ITEMS}
    if header.symbol:
        told["symbol"] = (header.symbol.split(" ")[0], header.draft or False, header.revision is not None)
    return (
        (item, str(day) if isinstance(day := told[item], dt.date) else day) for item in ITEMS if told[item] is not None
    )


def shown(language: str, counts: dict[str, Counter[str]]) -> str:
    """One line of the table in the README."""
    cells = [table("common")["language"][language]["name"]]
    for count in counts.values():
        wanted_, given = count["right"] + count["missed"], count["right"] + count["wrong"]
        cells += [str(wanted_), f"{count['right'] / given:.2f}", f"{count['right'] / wanted_:.2f}"]
    return f"| {' | '.join(cells)} |"


def test_precision_and_recall_are_those_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [shown(language, counts) for language, counts in measured().items()]
    with capsys.disabled():
        print(
            "",
            "| language | citations | precision | recall | items of headers | precision | recall |",
            *lines,
            sep="\n",
        )
    assert [line for line in lines if line not in README] == []


def test_the_readme_says_how_much_was_measured() -> None:
    real = [row for row in MORE if row["source"] != "by hand"]
    assert f"{len(REAL) + len(real)} fragments and {len(HEADERS)} header blocks" in README
    assert f"{len(NONE)} texts that must not match" in README


@pytest.mark.parametrize("row", REAL, ids=[f"{n} {row['lang']}" for n, row in enumerate(REAL)])
def test_real_fragment(row: dict[str, Any]) -> None:
    citations = cite(row["text"], row["lang"])
    assert sorted(map(str, map(found, citations))) == sorted(map(str, map(wanted, row["expect"])))
    for c in citations:
        assert row["text"][c.start : c.end] == c.text
        assert Citation.parse(str(c)) == c


@pytest.mark.parametrize("row", MORE, ids=[f"{n} {row['lang']} {row['source']}" for n, row in enumerate(MORE)])
def test_fragment(row: dict[str, Any]) -> None:
    citations = cite(row["text"], row["lang"])
    # `short` says why a fragment is not read as it should be: it counts in what is measured.
    assert (sorted(map(str, citations)) == sorted(row["reads"])) is not ("short" in row), list(map(str, citations))
    assert all(row["text"][c.start : c.end] == c.text and Citation.parse(str(c)) == c for c in citations)


def test_each_language_has_ten_fragments_more() -> None:
    assert min(Counter(row["lang"] for row in MORE).values()) >= 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_fragments_are_read_alike_where_the_language_is_not_told(language: str) -> None:
    texts = [row["text"] for row in REAL + MORE + NONE if row["lang"] == language]
    assert [text for text in texts if list(map(str, cite(text))) != list(map(str, cite(text, language)))] == []


@pytest.mark.parametrize("row", NONE, ids=[f"{n} {row['lang']} {row['why']}" for n, row in enumerate(NONE)])
def test_must_not_match(row: dict[str, Any]) -> None:
    assert row["why"]
    assert [str(c) for c in cite(row["text"], row["lang"])] == []


def test_there_are_forty_texts_that_must_not_match_over_six_languages() -> None:
    assert len(NONE) >= 40
    assert {row["lang"] for row in NONE} == set(LANGUAGES)
    assert len({row["text"] for row in NONE}) == len(NONE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fragment_is_told_by_its_language(language: str) -> None:
    long = [row["text"] for row in REAL if row["lang"] == language and len(re.findall(r"\w", row["text"])) > 60]
    told = [detect_language(text) for text in long]
    assert told.count(language) == len(told), list(zip(told, long, strict=True))


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru"])
def test_rows_say_where_their_wording_was_seen_or_that_it_was_not(language: str) -> None:
    sections = (
        "citation",
        "not_citation",
        "speaker",
        "agenda_heading",
        "session_report",
        "mark",
        "heading",
        "annex",
        "opening",
    )
    assert [
        (section, row["example"])
        for section in sections
        for row in table(language).get(section, ())
        if not ({"source", "unseen"} & row.keys())
    ] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_row_begins_where_the_language_says_that_none_can(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The atom `start` spares time and hides nothing: with it and without it the same is found in all real texts."""
    sections = ("citation", "not_citation")
    texts = [rule.row["example"] for section in sections for rule in rules(language, section)]
    texts += [row["text"] for row in REAL + MORE + NONE + HEADERS if row["lang"] == language]
    texts.append(SHIPPED[language].read_text(encoding="utf-8"))

    def places() -> list[list[tuple[int, int]]]:
        _finder.cache_clear()
        return [[match.span() for match in _finder(language)[0].finditer(plain(text)[0])] for text in texts]

    quick = places()
    monkeypatch.setitem(_atoms(language), "start", "")
    thorough = places()
    monkeypatch.undo()
    _finder.cache_clear()
    assert quick == thorough
    assert sum(map(len, quick)) > 200
