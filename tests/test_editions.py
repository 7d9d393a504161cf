"""One short report in six languages: the same tables from each, as written by hand before any of them was read.

The report is our own, of the form of the shipped one: tests/editions holds it in six languages, and its tables.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CASES, as_text, by_hand

import cdip_analysis
from cdip_analysis import Report, load_report, session_coverage
from cdip_analysis.data import DATA
from cdip_analysis.language import LANGUAGES
from cdip_analysis.schema import tables

EDITIONS = Path(__file__).parent / "editions"
LOADED = {language: load_report(EDITIONS / f"report.{language}.txt") for language in LANGUAGES}
BY_HAND = sorted(path.stem for path in EDITIONS.glob("*.csv"))
# Their order is that of the words, which is another in each language.
UNORDERED = {"citations", "findings"}


@pytest.fixture(params=LANGUAGES)
def report(request: pytest.FixtureRequest) -> Report:
    return LOADED[request.param]


@pytest.mark.parametrize("name", BY_HAND)
def test_table_is_as_written_by_hand(name: str, report: Report) -> None:
    header, expected = by_hand("editions", name)
    if name == "session_coverage":
        frame = session_coverage(report).reset_index()
        assert [str(column) for column in frame.columns] == header
    else:
        assert header == [column.name for column in tables()[name].columns if column.language_independent]
        frame = report.frame(name)[header]
    found = as_text(frame)
    assert (sorted(found) == sorted(expected)) if name in UNORDERED else (found == expected)


def test_the_language_is_told_all_is_read_and_what_asks_is_listed_and_not_judged(report: Report) -> None:
    assert report.name == f"report.{report.language}.txt"
    assert report.unread.empty
    assert list(report.commitments["asked_place"]) == ["P1", "8", "11", "P2", "15", "16"]
    assert report.commitments["outcome"].isna().all()


# ---- a language that is added ----------------------------------------------------------------------------------------

SHOW = """
import sys
from cdip_analysis import load_report
report = load_report(sys.argv[1])
print(report.language, [row.values["target"] for row in report.rows["timeline"]], report.rows["unread"])
"""
SLIPS: dict[str, list[str]] = CASES["slips"]


@pytest.mark.parametrize("slip", [None, *SLIPS])
def test_a_language_is_added_by_rows_alone_and_a_slip_in_them_is_named(slip: str | None, tmp_path: Path) -> None:
    """A copy of the package, its French renamed to a language that it does not know."""
    package = tmp_path / "cdip_analysis"
    shutil.copytree(Path(cdip_analysis.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    for name in ("language", "reference"):
        shutil.copytree(DATA / name, package / "data" / name)
    shutil.copy(DATA / "datapackage.json", package / "data")
    (package / "data/language/fr.toml").rename(package / "data/language/qq.toml")
    changes = [
        ("language/common.toml", "[language.fr]", "[language.qq]"),
        ("reference/ordinals.csv", ",fr,", ",qq,"),
        ("reference/bodies.csv", ",fr,", ",qq,"),
    ]
    for file, old, new in [*changes, SLIPS[slip][:3]] if slip else changes:
        path = package / "data" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    command = [sys.executable, "-c", SHOW, str(EDITIONS / "report.fr.txt")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if slip:
        assert SLIPS[slip][3] in run.stderr.splitlines()[-1]
    else:
        header, rows = by_hand("editions", "timeline")
        targets = [row[header.index("target")] or None for row in rows]
        assert (run.stdout, run.stderr) == (f"qq {targets} []\n", "")
