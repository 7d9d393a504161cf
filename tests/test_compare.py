"""What changed between two reports, and what many documents say together. Expectations are read off the documents."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from cdip_analysis import Report, compare, load_report
from cdip_analysis.data import SHIPPED

TEXT = SHIPPED["zh"].read_text(encoding="utf-8")
CHANGES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "changes.toml").read_text(encoding="utf-8"))
TURNED = {"new": "vanished", "vanished": "new", "moved": "moved", "changed": "changed"}


def later(replacements: list[list[str]], text: str = TEXT) -> Report:
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return load_report(text.encode())


def told(before: Report, after: Report) -> list[list[str]]:
    columns = ["about", "change", "action", "item", "before", "after"]
    found: list[list[str]] = compare(before, after)[columns].astype(object).fillna("").to_numpy().tolist()
    return found


@pytest.mark.parametrize("name", CHANGES)
def test_compare_either_way_with_the_words_of_every_change(zh: Report, name: str) -> None:
    other, expected = later(CHANGES[name]["replace"]), CHANGES[name]["rows"]
    assert told(zh, other) == expected
    back = {(about, TURNED[change], item, after, before) for about, change, _, item, before, after in told(other, zh)}
    assert back == {(about, change, item, before, after) for about, change, _, item, before, after in expected}
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
    changes = told(en, later([[old, new]], SHIPPED["en"].read_text(encoding="utf-8")))
    assert sorted(row for row in changes if row[0] == "action") == [
        ["action", "new", new, new, "", f"3.2 {new}"],
        ["action", "vanished", "Peer review", "Peer review", f"3.2 {old}", ""],
    ]
