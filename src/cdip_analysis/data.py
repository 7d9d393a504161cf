"""The project's data folder: shipped documents, and the reference tables that stand beside them."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "DATA",
    "SHIPPED",
    "Meeting",
    "Title",
    "action_labels",
    "edition_status",
    "label",
    "labels",
    "meetings",
    "ordinals",
    "said",
    "shipped_name",
    "titles",
]

_HERE = Path(__file__).resolve().parent
# In an installed wheel the folder lies inside the package, in a checkout at the top level.
DATA = _HERE / "data" if (_HERE / "data").is_dir() else _HERE.parents[1] / "data"


class Meeting(NamedTuple):
    """A session in the calendar; dates are None where no document states them."""

    start: dt.date | None
    end: dt.date | None
    documented: bool
    evidence: str
    convened_for: str = ""


class Title(NamedTuple):
    """The English title of a document; whether it is WIPO's own, a description or a translation; where it was seen."""

    title: str
    source: str
    evidence: str


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / "reference" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


_EDITIONS = _rows("editions.csv")
#: The shipped editions of the report, by language. The English one is a working translation, not WIPO's edition.
SHIPPED = {row["language"]: DATA / "source" / row["file"] for row in _EDITIONS}


def edition_status(sha256: str, texts: Iterable[str] = ()) -> str | None:
    """Tell what is known of a shipped edition by the hash of its bytes, or of its letters; None for other documents.

    >>> edition_status("74bf6a477a981a52bbf7e6a99ecbe51f4d6b2814539b130ca5484939ad937e70")
    "working translation, not WIPO's English edition"
    """
    if status := next((row["status"] for row in _EDITIONS if row["sha256"] == sha256), None):
        return status
    letters = hashlib.sha256()
    for text in texts:  # one by one: a long document is not put together once more
        letters.update("".join(filter(str.isalnum, text)).encode())
    known = (row for row in _EDITIONS if row["letters"] == letters.hexdigest())
    return next((f"text of {row['file']}: {row['status']}" for row in known), None)


def shipped_name(status: str | None, language: str) -> str | None:
    """Return the name of a shipped document by the status and language of its edition; None for another document.

    >>> shipped_name("as obtained", "zh")
    'cdip-24-technical-assistance'
    """
    known = (row for row in _EDITIONS if row["language"] == language)
    row = next((row for row in known if status and status.endswith(row["status"])), None)
    return row["file"].rsplit(".", 2)[0] if row else None


@cache
def meetings() -> dict[int, Meeting]:
    """Read the calendar of CDIP sessions; dates that no document states are left out, not guessed.

    >>> meetings()[24].start.isoformat(), meetings()[25].start
    ('2019-11-18', None)
    """
    calendar = {}
    for row in _rows("sessions.csv"):
        documented = row["confidence"] == "documented"
        start, end = (dt.date.fromisoformat(row[key]) if documented else None for key in ("start_date", "end_date"))
        calendar[int(row["session"])] = Meeting(start, end, documented, row["evidence"], row["convened_for"])
    return calendar


@cache
def titles() -> dict[str, Title]:
    """Read the English titles of cited documents, by symbol.

    >>> titles()["CDIP/20/6"].title
    'Report on the WIPO Roster of Consultants Database'
    """
    return {
        row["symbol"]: Title(row["title_en"], row["title_source"], row["evidence"]) for row in _rows("documents.csv")
    }


@cache
def action_labels() -> dict[str, dict[str, str]]:
    """Read short labels of actions, by the annex's own wording of the action, for figures.

    >>> action_labels()["同行评审程序"]["en"]
    'Peer review'
    """
    return {
        row[key]: {"en": row["label_en"], "zh": row["label_zh"]} for row in _rows("actions.csv") for key in ("zh", "en")
    }


@cache
def ordinals(language: str) -> dict[str, int]:
    """Read the number words of a language, 1 to 99: ordinals, in each gender and case in which "session" takes them.

    >>> ordinals("en")["twenty-first"], ordinals("zh")["二十一"]
    (21, 21)
    """
    rows = _rows("ordinals.csv")
    if language not in rows[0]:
        raise ValueError(f"data/reference/ordinals.csv has no column {language}: add its number words, 1 to 99")
    return {word: int(row["number"]) for row in rows for word in row[language].split("|")}


@cache
def labels() -> dict[str, dict[str, str]]:
    """Read the names that readers see, by declared name and language.

    >>> labels()["action_id"]
    {'en': 'Action no.', 'zh': '行动编号'}
    """
    return {row["key"]: {"en": row["en"], "zh": row["zh"]} for row in _rows("labels.csv")}


def label(key: str, lang: str) -> str:
    """Give the name that readers see; the declared name itself, in words, where the table of labels has none.

    >>> label("action_id", "zh"), label("some_new_column", "zh")
    ('行动编号', 'Some new column')
    """
    return labels()[key][lang] if key in labels() else key.replace("_", " ").capitalize()


@cache
def _sentences() -> list[tuple[re.Pattern[str], dict[str, str]]]:
    """Read the sentences that this package writes, long before short: a pattern, and what it says by language."""
    rows = sorted(_rows("sentences.csv"), key=lambda row: len(row["en"].replace("{}", "")), reverse=True)
    return [(re.compile(re.escape(row["en"]).replace(r"\{\}", "(.+?)"), re.DOTALL), row) for row in rows]


def said(text: str, lang: str) -> str:
    """Say a value or a sentence of this package in words; what no row knows stays as it is.

    >>> said("annex, entry 2, chair_summary", "zh"), said("continuing", "zh"), said("CDIP/21/4", "zh")
    ('附件，条目2，主席总结', '继续', 'CDIP/21/4')
    >>> said("annex, entry 2, chair_summary", "en"), said("range_only_in_body", "en")
    ("annex, entry 2, chair's summary", 'range only in the body')
    """
    if f"value.{text}" in labels():
        return label(f"value.{text}", lang)
    for pattern, words in _sentences():
        if match := pattern.fullmatch(text):
            return words[lang].format(*(said(part, lang) for part in match.groups()))
    return text
