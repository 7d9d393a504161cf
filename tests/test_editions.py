"""One short report in six languages: the same tables from each, as written by hand before any of them was read.

The report is our own, of the form of the shipped one: tests/editions holds it in six languages, and its tables.
"""

import csv
from pathlib import Path

import pandas as pd
import pytest

from cdip_analysis import Report, load_report, session_coverage
from cdip_analysis.phrases import LANGUAGES
from cdip_analysis.schema import tables

EDITIONS = Path(__file__).parent / "editions"
LOADED = {language: load_report(EDITIONS / f"report.{language}.txt") for language in LANGUAGES}
BY_HAND = sorted(path.stem for path in EDITIONS.glob("*.csv"))
# Their order is that of the words, which is another in each language.
UNORDERED = {"citations", "findings"}


def as_text(frame: pd.DataFrame) -> list[list[str]]:
    text = frame.astype("string").fillna("")
    return [[cell.removesuffix(" 00:00:00") for cell in row] for row in text.to_numpy().tolist()]


def golden(name: str) -> tuple[list[str], list[list[str]]]:
    header, *rows = csv.reader((EDITIONS / f"{name}.csv").read_text(encoding="utf-8").splitlines())
    return header, rows


@pytest.fixture(params=LANGUAGES)
def report(request: pytest.FixtureRequest) -> Report:
    return LOADED[request.param]


def test_the_language_is_told_from_the_text(report: Report) -> None:
    assert report.name == f"report.{report.language}.txt"


@pytest.mark.parametrize("name", BY_HAND)
def test_table_is_as_written_by_hand(name: str, report: Report) -> None:
    header, expected = golden(name)
    if name == "session_coverage":
        frame = session_coverage(report).reset_index()
        assert [str(column) for column in frame.columns] == header
    else:
        assert header == [column.name for column in tables()[name].columns if column.language_independent]
        frame = report.frame(name)[header]
    found = as_text(frame)
    if name in UNORDERED:
        found, expected = sorted(found), sorted(expected)
    assert found == expected


def test_all_is_read(report: Report) -> None:
    assert [row.values["text"] for row in report.rows("unread")] == []


def test_only_what_was_asked_or_promised_is_read_in_chinese_and_english_alone() -> None:
    """Its rows of wording are there in no other language, nor do the tables made of it say more."""
    starred = {name for name, table in tables().items() if any(column.language_independent for column in table.columns)}
    assert starred - set(BY_HAND) == {"commitments", "agenda", "chain", "unread"}
    given = {language: len(report.rows("commitments")) for language, report in LOADED.items()}
    assert {language for language, rows in given.items() if rows} == {"zh", "en"}
