"""What all tests share: the two shipped editions, what is made of them on paper, and figures that open no window."""

import csv
import shutil
import statistics
import subprocess
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import pandas as pd
import pdfplumber
import pytest
from hypothesis import settings

from cdip_analysis import Report, brief, export_excel, load_report
from cdip_analysis.data import SHIPPED

matplotlib.use("Agg")
settings.register_profile("tests", deadline=None, max_examples=50)  # no test depends on the speed of the machine
settings.load_profile("tests")

#: Tables of cases: what they are named, and what holds of each.
CASES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))


def each(table: str, names: str) -> pytest.MarkDecorator:
    """Try a test with every row of a table of cases.toml, by these names of its columns."""
    return pytest.mark.parametrize(names, CASES[table].values(), ids=CASES[table])


@pytest.fixture(scope="session")
def zh() -> Report:
    return load_report()


@pytest.fixture(scope="session")
def en() -> Report:
    return load_report(SHIPPED["en"])


@pytest.fixture(scope="session", params=["zh", "en"])
def edition(request: pytest.FixtureRequest) -> Report:
    report: Report = request.getfixturevalue(request.param)
    return report


def as_text(frame: pd.DataFrame) -> list[list[str]]:
    """Cells as they stand in a golden file."""
    text = frame.astype("string").fillna("")
    return [[cell.removesuffix(" 00:00:00") for cell in row] for row in text.to_numpy().tolist()]


def by_hand(folder: str, name: str) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a table that was written by hand."""
    path = Path(__file__).parent / folder / f"{name}.csv"
    header, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    return header, rows


class Page(NamedTuple):
    """A page on paper: its words, and the size in points of half of its characters."""

    text: str
    size: float


@pytest.fixture(scope="session")
def printed(zh: Report, en: Report, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Page]]:
    """The pages of notes and workbooks, by name and language: LibreOffice is started once for all."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed: pages cannot be looked at")
    folder = tmp_path_factory.mktemp("printed")
    for lang, report in (("zh", zh), ("en", en)):
        brief(report, None, folder / f"note.{lang}.docx", lang=lang)
        export_excel(zh, folder / f"book.{lang}.xlsx", lang=lang)
    home = f"-env:UserInstallation=file://{folder}/office"  # another office that runs would take the work over
    sources = sorted([*folder.glob("*.docx"), *folder.glob("*.xlsx")])
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, sources)]
    subprocess.run(command, check=True, capture_output=True)
    pages = {}
    for source in sources:
        with pdfplumber.open(source.with_suffix(".pdf")) as pdf:
            pages[source.stem] = [
                Page(page.extract_text() or "", statistics.median([one["size"] for one in page.chars] or [0]))
                for page in pdf.pages
            ]
    return pages
