"""Patterns: adversarial texts of 100 KB cost little more than prose of that size, and twice the text twice as much.

Growth is measured, not seconds: processor time against the same work on ordinary prose. Text and prose take turns, so
that a busy machine slows both, and the best of their turns count.
"""

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from cdip_analysis import ReportError, load_report
from cdip_analysis.data import SHIPPED
from cdip_analysis.find import cite_passage, unread
from cdip_analysis.header import read_header
from cdip_analysis.model import Passage
from cdip_analysis.schema import tables

SIZE = 100_000
TIMES = 8  # how much dearer than prose a text may be: the dearest takes 4 to 5 times as long, a quadratic one hundreds
TURNS = 5


def fill(text: str, size: int = SIZE) -> str:
    return (text * (size // len(text) + 1))[:size]


# What has been slow, or could be: a sign or a phrase throughout, whose pattern could begin or go on at every sign.
TEXTS = {
    "zh": {
        "list after a symbol": "CDIP/1" + "、" * SIZE,
        "digits": "1" * SIZE,
        "digits after CDIP": "CDIP/" + "1" * SIZE,
        "opening bracket": "[" * SIZE,
        "round bracket": "（" * SIZE,
        "第": "第" * SIZE,
        "ideographic spaces": "\u3000" * SIZE,
        "blanks": " " * SIZE,
        "empty titles": fill("题为“”的文件"),
        "links": fill("[报告](#)"),
        "half links": fill("[报告]("),
        "symbols without a sign between": fill("CDIP/1/"),
        "ranges in a list": fill("第1至2、3、"),
        "numerals": fill("一二三四五六七八九十"),
        "no full stop": fill("委员会考虑报告秘书处"),
        "openings of a follow-up": fill("如果继续将"),
        "openings of a period": fill("供届"),
        "rows": "\n" + fill("甲\t乙\n"),
        "lines": "\n" + fill("甲\n"),
        "paragraphs": "\n" + fill("1. 甲\n"),
        "headings": "\n" + fill("行动一：\n"),
        "sessions": fill("第一届会议"),
        "sessions in a list": fill("第一届会议、"),
        "sessions and documents": fill("CDIP/1/1第一届会议"),
        "ranges without an end": fill("第1段至"),
    },
    "en": {
        "digits": "1" * SIZE,
        "digits after CDIP": "CDIP/" + "1" * SIZE,
        "letters": "a" * SIZE,
        "capitals": "A" * SIZE,
        "slashes": fill("A/"),
        "blanks": " " * SIZE,
        "hyphens": fill("a-"),
        "paragraphs in a list": fill("paragraphs 1, 2, 3, "),
        "ordinals": fill("first and "),
        "the": fill("the "),
        "reports": fill("report of the "),
        "quotation marks": '"' * SIZE,
        "additions to a symbol": "CDIP/1/2" + fill(" Add.1"),
        "openings of a commitment": fill("the Secretariat will "),
        "openings of an answer": fill("the Secretariat presented "),
        "no full stop": fill("took into account the comments made "),
        "sessions of what is not named": fill("its first session "),
        "sessions and documents": fill("CDIP/1/1 its first session "),
        "ranges without an end": fill("paragraph 1 to "),
    },
    "ar": {"sessions": fill("الدورة الأولى "), "ranges without an end": fill("الفقرة 1 إلى ")},
    "fr": {"sessions": fill("sa première session "), "ranges without an end": fill("paragraphe 1 au ")},
    "es": {"sessions": fill("su primera sesión "), "sessions in a list": fill("sesiones 1.ª y ")},
    "ru": {"sessions": fill("первая сессия "), "ranges without an end": fill("пункта 1 по ")},
}


@cache
def prose(language: str) -> str:
    path = SHIPPED.get(language, Path(__file__).parents[1] / "editions" / f"report.{language}.txt")
    lines = path.read_text(encoding="utf-8").split("\n1. ")[1].split("\n")
    return fill(" ".join(line for line in lines if "\t" not in line))


def search(text: str, language: str) -> None:
    passage = Passage("paragraph", text, 1, 1)
    unread(passage, cite_passage(passage, language), language)


def read(text: str, language: str) -> None:
    begin = {"zh": "委员会注意到文件。\n1. 委员会", "en": "The Committee took note of the report.\n1. The Committee "}
    try:
        report = load_report(f"{begin[language]}{text}\n".encode(), language=language)
        for name in tables():
            report.rows[name]
    except ReportError:
        pass


def cost(work: Callable[[str, str], object], text: str, language: str) -> float:
    begin = time.process_time()
    work(text, language)
    return time.process_time() - begin


CASES = [(language, name) for language in TEXTS for name in TEXTS[language]]
# Where the outline, the tables and the wording of what was asked have more to do than to look for citations.
LOADED = {"list after a symbol", "empty titles", "no full stop", "openings of a follow-up", "rows", "lines", "paragraphs",
          "headings", "the", "openings of a commitment", "openings of an answer"}  # fmt: skip


@pytest.mark.parametrize(
    ("work", "language", "name"),
    [(search, *case) for case in CASES] + [(read, *case) for case in CASES if case[1] in LOADED],
)
def test_adversarial_text_costs_little_more_than_prose(
    work: Callable[[str, str], object], language: str, name: str
) -> None:
    best = control = float("inf")
    for _ in range(TURNS):
        control = min(control, cost(work, prose(language), language))
        best = min(best, cost(work, TEXTS[language][name], language))
        if best <= TIMES * control:
            return
    pytest.fail(f"{name}: {best:.2f} s, more than {TIMES} times prose, which takes {control:.2f} s")


# What a header has besides: symbols, items that begin and do not end, and marks of extraction.
HEADERS = {
    "symbols": fill("CDIP/1/1 "),
    "words of items": fill("DATE: MARCH ORIGINAL: Twenty-First Geneva, May 19 to prepared by "),
    "bars": "|" * SIZE,
    "bars within a line": fill("a | b "),
    "rows of a table": fill("|a |\n"),
    "underscores": fill("a_"),
    "drawn lines": "_" * SIZE,
    "emphasis without an end": fill("*a "),
    "emphasis within emphasis": fill("**a"),
    "marks of HTML without an end": fill("<p "),
    "pictures": fill("[pic]"),
    "words cut by full stops": fill("a. "),
    "copies of bold text": fill("aa aa aa "),
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_header_of_twice_the_size_costs_twice_as_much(language: str) -> None:
    """No header is of 100 KB; a file from a stranger may have one."""
    for name, text in {**TEXTS[language], **HEADERS}.items():
        half = full = float("inf")
        for _ in range(TURNS):
            half = min(half, cost(read_header, text[: SIZE // 10], language))
            full = min(full, cost(read_header, text[: SIZE // 5], language))
            if full <= max(0.05, 3 * half):
                break
        else:
            pytest.fail(f"{name}: {half:.2f} s for one half and {full:.2f} s for both")


@pytest.mark.parametrize("language", TEXTS)
def test_a_header_of_a_megabyte_of_prose_costs_ten_times_a_tenth_of_it(language: str) -> None:
    text = fill(prose(language), 10 * SIZE)
    tenth = whole = float("inf")
    for _ in range(TURNS):
        tenth = min(tenth, cost(read_header, text[:SIZE], language))
        whole = min(whole, cost(read_header, text, language))
        if whole <= 15 * tenth:
            return
    pytest.fail(f"{tenth:.2f} s for {SIZE // 1000} KB and {whole:.2f} s for ten times as much")
