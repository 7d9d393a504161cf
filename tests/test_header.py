"""Header blocks made up or cut down for one trait each (headers.toml); test_accuracy.py has those of real documents."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cdip_analysis import Report, read_header

CASES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "headers.toml").read_text(encoding="utf-8"))
TITLES = CASES.pop("title")
BLOCK = (
    "E\nCDIP/13/4\nORIGINAL: ENGLISH\nDATE: MARCH 6, 2014\nCommittee on Development and Intellectual Property (CDIP)\n"
    "Thirteenth Session\nGeneva, May 19 to 23, 2014\n"
)


@pytest.mark.parametrize("name", TITLES)
def test_a_title_keeps_what_is_printed_and_loses_marks_of_extraction(name: str) -> None:
    header = read_header(BLOCK + TITLES[name]["text"])
    assert header.title == TITLES[name]["title"]
    assert (header.symbol, header.session, header.start_date) == ("CDIP/13/4", 13, dt.date(2014, 5, 19))


def test_bars_and_underscores_between_items_are_in_nobodys_way() -> None:
    header = read_header(BLOCK.replace("\n", " | ").replace("MARCH 6", "MARCH_6") + "REPORT | PART I")
    assert header == read_header(f"{BLOCK}REPORT | PART I")


@pytest.mark.parametrize("name", CASES)
def test_header_block(name: str) -> None:
    header, expect = read_header(CASES[name]["text"]), CASES[name].get("reads", {})
    assert {item: getattr(header, item) for item in expect} == expect
    assert [item for item in CASES[name].get("none", ()) if getattr(header, item) is not None] == []


def test_the_shipped_report_has_lost_symbol_language_and_date_and_none_is_invented(zh: Report) -> None:
    header = zh.header
    assert (header.symbol, header.draft, header.original_language, header.date) == (None, None, None, None)
    assert (header.session, header.body, header.place) == (24, "CDIP", "Geneva")
    assert (header.start_date, header.end_date) == (dt.date(2019, 11, 18), dt.date(2019, 11, 22))
    assert header.title == "关于成员国在产权组织技术援助方面的决定 落实情况的报告"
