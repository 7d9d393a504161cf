"""What is passed over in a search could not have begun a match: the same is found as by trying every place."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdip_analysis import find
from cdip_analysis.data import SHIPPED
from cdip_analysis.language import LANGUAGES, expand, plain, rules
from cdip_analysis.searching import first_signs, searching, spans

HERE = Path(__file__).parent
SEARCHED = [(language, section) for language in LANGUAGES for section in ("loose", "body", "citation", "not_citation")]

BEGIN = {
    "a letter, in both cases": ("b", "Bb"),
    "a sign without case": ("第 [0-9]", "第"),
    "a range": ("[a-c]x", "ABCabc"),
    "branches": ("(?:ab|cd)", "ACac"),
    "branches with a common beginning": ("(?:ab|ac|d)", "ADad"),
    "what may be absent, and what follows it": ("(?:a )?b", "ABab"),
    "repeated, at least once": ("(?:ab){2,3}c", "Aa"),
    "possessive, maybe absent": ("a*+b", "ABab"),
    "looked at before and after": (r"(?<![a-z])(?=[a-z])\bb(?!c)", "Bb"),
    "a named field": ("(?P<first>[1-3])", "123"),
    "signs that have a meaning in a set": (r"[\]\\^-]", r"-\]^"),
    "a letter of another alphabet": ("ж", "Жж"),
}
UNKNOWN = {"any sign": ".b", "all but one": "[^a]b", "a class": r"\wb", "nothing": "a?", "nothing in one branch": "a|"}


@pytest.mark.parametrize("name", BEGIN)
def test_first_signs(name: str) -> None:
    expression, signs = BEGIN[name]
    found = re.compile(str(first_signs(expression)))
    assert {sign for sign in map(chr, range(0x10000)) if found.match(sign)} == set(signs)


@pytest.mark.parametrize("name", UNKNOWN)
def test_where_any_sign_can_begin_a_match_none_is_passed_over(name: str) -> None:
    assert first_signs(UNKNOWN[name]) is None


@cache
def texts(language: str) -> list[str]:
    """Real fragments, examples of rows, and whole editions of a language."""
    sections = ("loose", "body", "citation", "not_citation")
    found = [rule.row.get("example", "") for section in sections for rule in rules(language, section)]
    for path in (HERE / "samples").glob("*.jsonl"):
        rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        found += [row["text"] for row in rows if row["lang"] == language]
    found.append((HERE / "editions" / f"report.{language}.txt").read_text(encoding="utf-8"))
    if language in SHIPPED:
        found.append(SHIPPED[language].read_text(encoding="utf-8"))
    return [plain(text)[0] for text in found]


@pytest.mark.parametrize(("language", "section"), SEARCHED)
def test_the_same_is_found_as_by_trying_every_place(language: str, section: str) -> None:
    for rule in rules(language, section):
        for text in texts(language):
            assert spans(searching(rule.expression), text) == [m.span() for m in rule.pattern.finditer(text)], rule.name
    if section == "body":
        every_place = re.compile(expand("{body}", language), re.IGNORECASE)
        found = [spans(find._bodies(language), text) for text in texts(language)]
        assert found == [[match.span() for match in every_place.finditer(text)] for text in texts(language)]
        assert sum(map(len, found)) > 20


@given(text=st.text("aAbB 第1,ſK-", max_size=30))
@pytest.mark.parametrize(
    "expression", ["(?:a )?b", "[a-b]{2}(?!1)", "(?<![ab])b|第 ?1", "(?:a|b1){1,3}+ ", "k|s", "a.b"]
)
def test_the_same_is_found_in_any_text(expression: str, text: str) -> None:
    bare = plain(text)[0]
    every_place = re.compile(f"(?! )(?:{expression})", re.IGNORECASE)
    assert spans(searching(expression), bare) == [match.span() for match in every_place.finditer(bare)]


def test_an_expression_that_nothing_satisfies_ends() -> None:
    assert spans(searching("x?"), "a b") == [(0, 0), (2, 2)]


def test_where_python_hides_how_it_reads_an_expression_every_place_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(re, "_parser")
    assert first_signs("b") is None
    assert spans(searching("b"), "a b") == [(2, 3)]
