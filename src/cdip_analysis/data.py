"""The project's data folder: shipped documents, and the reference tables beside them."""

from __future__ import annotations

import csv
import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cdip_analysis.model import ReportError

_HERE = Path(__file__).resolve().parent
# In an installed wheel the folder lies inside the package, in a checkout at the top level.
DATA = _HERE / "data" if (_HERE / "data").is_dir() else _HERE.parents[1] / "data"


class Meeting(NamedTuple):
    """A session in the calendar, and the days for which one was convened that was not held then; unknown dates None."""

    start: dt.date | None
    end: dt.date | None
    evidence: str
    convened_for: tuple[dt.date, ...]


def reference_rows(name: str) -> list[dict[str, str]]:
    """Read the rows of a table in data/reference."""
    with (DATA / "reference" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Edition(NamedTuple):
    """A shipped edition of a document, and what is known of it: as obtained, or a working translation."""

    document: str
    language: str
    file: str
    sha256: str
    letters: str
    status: str


#: The shipped editions of all documents; the first row of a document is the edition that was obtained.
EDITIONS = [Edition(**row) for row in reference_rows("editions.csv")]
#: The shipped editions of the report to CDIP/24, by language. The English one is a working translation.
SHIPPED = {e.language: DATA / "source" / e.file for e in EDITIONS if e.document == EDITIONS[0].document}


def editions_of(document: str) -> dict[str, Edition]:
    """Return the shipped editions of a document by language, the one that was obtained first."""
    return {edition.language: edition for edition in EDITIONS if edition.document == document}


def shipped_path(name: str | None = None, language: str | None = None) -> Path | None:
    """Return the shipped edition that a name stands for; None if it stands for none.

    A name is that of a shipped document; a language as name stands for the report to CDIP/24. Without `language` it is
    the edition that was obtained. A shipped document that is not there in a language is a ReportError.
    """
    if name in SHIPPED:
        name, language = None, language if language in SHIPPED else name
    document = EDITIONS[0].document if name is None else name
    editions = editions_of(document)
    if not editions:
        return None
    if language is not None and language not in editions:
        there = f"one of {', '.join(editions)}"
        raise ReportError(document, "", f"no shipped edition in {language!r}", there, "name one of these")
    edition = editions[language] if language else next(iter(editions.values()))
    path = DATA / "source" / edition.file
    if not path.is_file():
        place, expected = f"{document}, {edition.language}", f"a file of data/source, and no {edition.file!r}"
        raise ReportError("editions.csv", place, "a row without its file", expected, "put it there, or correct the row")
    return path


def edition_of(sha256: str, letters: str) -> Edition | None:
    """Return the shipped edition that a file is, by the hash of its bytes, or that it holds, by that of its letters."""
    return next((edition for edition in EDITIONS if edition.sha256 == sha256 or edition.letters == letters), None)


@cache
def meetings() -> dict[int, Meeting]:
    """Read the calendar of CDIP sessions; dates that no document states are left out, not guessed."""
    calendar = {}
    for row in reference_rows("sessions.csv"):
        documented = row["confidence"] == "documented"
        start, end = (dt.date.fromisoformat(row[key]) if documented else None for key in ("start_date", "end_date"))
        convened = tuple(dt.date.fromisoformat(day) for day in row["convened_for"].split("/") if day)
        calendar[int(row["session"])] = Meeting(start, end, row["evidence"], convened)
    return calendar


@cache
def ordinals(language: str) -> dict[str, int]:
    """Read the number words of a language, 1 to 99: ordinals, in each gender and case in which "session" takes them."""
    rows = reference_rows("ordinals.csv")
    if language not in rows[0]:
        raise ValueError(f"data/reference/ordinals.csv has no column {language}: add its number words, 1 to 99")
    return {word: int(row["number"]) for row in rows for word in row[language].split("|") if word}


class Body(NamedTuple):
    """A body of WIPO: the letters of its symbols, its kind, whether ``SCCR 45`` names a session, and its names.

    `names` are those in each language; `short` are letters that hold in all, such as CDIP, IGC or WO/GA.
    """

    letters: str
    kind: str
    bare_code: bool
    names: dict[str, tuple[str, ...]]
    short: tuple[str, ...]


@cache
def bodies() -> tuple[Body, ...]:
    """Read the bodies of WIPO."""
    found = []
    for row in reference_rows("bodies.csv"):
        languages = row.keys() - {"letters", "kind", "bare_code", "source"}
        names = {code: tuple(filter(None, row[code].split("|"))) for code in languages}
        if not any(names.values()) and "letters" not in row["source"]:
            raise ValueError(f"data/reference/bodies.csv: the body {row['letters']} has no name: add one")
        short = [name for name in names["en"] if re.fullmatch("[A-Z/]{3,}", name)]
        if "/" in row["letters"] and len(row["letters"].split("/")[0]) > 1:
            short.append(row["letters"])
        found.append(Body(row["letters"], row["kind"], row["bare_code"] == "yes", names, tuple(dict.fromkeys(short))))
    return tuple(found)
