"""One document: the shipped Chinese report of 21 KB, against the least that such work could cost."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pdfplumber
import pytest
from defusedxml.ElementTree import iterparse

from cdip_analysis import cite, load_report
from cdip_analysis.data import SHIPPED
from cdip_analysis.read_docx import read_docx
from cdip_analysis.read_pdf import read_pdf
from cdip_analysis.schema import table_names, tables

SOURCE = SHIPPED["zh"]
TEXT = SOURCE.read_text(encoding="utf-8")

# The floor: what a reader written for this one document would do. One match tells the kind of a line, one compiled pass
# finds every citation, and plain tuples come out: no places, no context, no check, no second language.
LINE = re.compile(
    r"(?P<paragraph>[0-9]+\. )|(?P<heading>第 [0-9]|行动[一-九]|落实|后续)|(?P<row>[^\t]*\t)|(?P<mark>\[)|"
)
NUMBER = "([一二三四五六七八九十0-9]+)"
WHAT = (
    r"(?:\]\(#\))? ?(?:的?\[?报告(?:草案)?(?:\]\(#\))? ?第 ?([0-9]+) ?(?:至 ?([0-9]+) ?)?段"
    r"(?: ?[(（]CDIP/?[0-9]+/[0-9]+(?: Prov\.)?[)）])?|主席总结(?:\]\(#\))?(?:附录[一二])? ?(?:第 ?([0-9.]+) ?段)?)?"
)
CITATION = re.compile(
    rf"CDIP(?: ?第 ?{NUMBER} ?届会议{WHAT}|/?([0-9]+)(?:/((?:INF/)?[0-9]+(?: Prov\.)?)|{WHAT}))"
    rf"|委员会第 ?{NUMBER} ?届(?:会议)?|第 ?{NUMBER} ?届(?:会议)?"
    r"|报告(?:\]\(#\))? ?第 ?([0-9]+) ?(?:至 ?([0-9]+) ?)?段"
    r"|主席总结(?:\]\(#\))?中的"
)


def plain_pass() -> list[tuple[object, ...]]:
    return [(match.start(), match.end(), *match.groups()) for match in CITATION.finditer(TEXT)]


def plain_reading() -> tuple[list[tuple[str | None, str]], list[tuple[object, ...]]]:
    text = SOURCE.read_bytes().decode("utf-8")
    lines = [(match.lastgroup, line) for line in text.splitlines() if (match := LINE.match(line))]
    return lines, [(match.start(), match.end(), *match.groups()) for match in CITATION.finditer(text)]


def every_table() -> dict[str, pd.DataFrame]:
    return load_report().tables


DTYPES = {"integer": "Int64", "string": "str", "boolean": "boolean", "date": "datetime64[us]"}


def ready_made() -> dict[str, dict[str, tuple[list[object], Any]]]:
    """The columns of every table as plain lists, each with its type."""
    report = load_report()
    return {
        name: {
            column.name: (
                [row.values[column.name] for row in report.rows[name]],
                pd.CategoricalDtype(list(column.allowed), ordered=True)
                if column.allowed
                else pd.api.types.pandas_dtype(DTYPES[column.type]),
            )
            for column in tables()[name].columns
        }
        for name in table_names()
    }


def plain_tables(lists: dict[str, dict[str, tuple[list[object], Any]]]) -> list[pd.DataFrame]:
    plain_reading()
    return [
        pd.DataFrame({name: pd.array(cells, dtype) for name, (cells, dtype) in columns.items()}, copy=False)
        for columns in lists.values()
    ]


def test_the_floor_does_the_work() -> None:
    """The floor finds the same citations, and the session in the header, and makes the same frames."""
    found = [match[0] for match in CITATION.finditer(TEXT)]
    assert len(found) == len(load_report().document.citations) + 1
    for mine, frame in zip(plain_tables(ready_made()), every_table().values(), strict=True):
        pd.testing.assert_frame_equal(mine, frame)


def test_load_report(ratio: Callable[..., None]) -> None:
    ratio("load_report, no table touched", load_report, plain_reading, 4, rounds=200)


def test_every_table(ratio: Callable[..., None]) -> None:
    floor = partial(plain_tables, ready_made())
    ratio("load_report and every table", every_table, floor, 2, rounds=100)


def test_citations_of_one_document(ratio: Callable[..., None]) -> None:
    """What it costs to know all wordings of a language, and of all documents: told, and held to no limit."""
    what = "citations as records from text, to a pattern for this text only"
    ratio(what, partial(cite, TEXT, "zh"), plain_pass, None, rounds=200)


SAMPLES = Path(__file__).parents[1] / "samples"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def plain_walk(data: bytes) -> list[str]:
    """Parse the main part and what its numbers and links rest on, and put together the texts of each paragraph."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in ("numbering.xml", "styles.xml", "_rels/document.xml.rels", "document.xml"):
            root = [element for _, element in iterparse(archive.open(f"word/{part}"))][-1]
    return ["".join(text.text or "" for text in part.iter(f"{WORD}t")) for part in root.iter(f"{WORD}p")]


def plain_extraction(data: bytes) -> list[list[list[list[str | None]]]]:
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return [page.extract_tables() for page in pdf.pages]


def test_docx(ratio: Callable[..., None]) -> None:
    data = (SAMPLES / "report.zh.docx").read_bytes()
    ratio("read a .docx", partial(read_docx, data, "docx"), partial(plain_walk, data), 2, rounds=50)


def test_pdf(ratio: Callable[..., None]) -> None:
    data = (SAMPLES / "report.zh.pdf").read_bytes()
    ratio("read a .pdf", partial(read_pdf, data, "pdf"), partial(plain_extraction, data), 1.15, rounds=5)


PYTHON = sys.executable
CDIP = Path(PYTHON).with_name("cdip")
PROCESSES = {
    "cdip --help": ([CDIP, "--help"], [PYTHON, "-c", ""], 2.5),
    "import cdip_analysis": ([PYTHON, "-c", "import cdip_analysis"], [PYTHON, "-c", ""], 4),
    "cdip show SOURCE annex": ([CDIP, "show", SOURCE, "annex"], [PYTHON, "-c", "import pandas"], 1.25),
}


@pytest.mark.parametrize("what", PROCESSES)
def test_process(ratio: Callable[..., None], what: str) -> None:
    command, floor, limit = PROCESSES[what]
    run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL)
    rounds = 40 if limit > 2 else 15  # a start of the interpreter is short, and varies
    ratio(f"process: {what}", partial(run, command), partial(run, floor), limit, rounds=rounds)
