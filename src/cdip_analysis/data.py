"""The project's data folder: shipped documents, and the reference tables beside them."""

from __future__ import annotations

import csv
import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cdip_analysis.model import Block, Passage, ReportError

__all__ = [
    "DATA",
    "EDITIONS",
    "SHIPPED",
    "Body",
    "Edition",
    "Meeting",
    "Title",
    "action_labels",
    "bodies",
    "convened_label",
    "days_label",
    "edition_label",
    "edition_of",
    "editions_of",
    "label",
    "labels",
    "meetings",
    "ordinals",
    "place_label",
    "position_label",
    "sentence",
    "shipped_path",
    "titles",
    "value_label",
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
    convened_for: tuple[dt.date, dt.date] | None = None


class Title(NamedTuple):
    """The English title of a document; whether it is WIPO's own, a description or a translation; where it was seen."""

    title: str
    source: str
    evidence: str


def _rows(name: str) -> list[dict[str, str]]:
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
EDITIONS = [Edition(**row) for row in _rows("editions.csv")]
#: The shipped editions of the report to CDIP/24, by language. The English one is a working translation.
SHIPPED = {e.language: DATA / "source" / e.file for e in EDITIONS if e.document == EDITIONS[0].document}


def editions_of(document: str) -> dict[str, Edition]:
    """Return the shipped editions of a document by language, the one that was obtained first."""
    return {edition.language: edition for edition in EDITIONS if edition.document == document}


def shipped_path(name: str | None = None, language: str | None = None) -> Path | None:
    """Return the shipped edition that a name stands for; None if it stands for none.

    A name is that of a shipped document; a language alone stands for the report to CDIP/24. Without `language` it is
    the edition that was obtained. A shipped document that is not there in a language is a ReportError.

    >>> shipped_path("en").name, shipped_path("cdip-24-technical-assistance").name, shipped_path("r.txt")
    ('cdip-24-technical-assistance.en.txt', 'cdip-24-technical-assistance.zh.txt', None)
    """
    if name in SHIPPED:
        name, language = None, name
    document = EDITIONS[0].document if name is None else name
    editions = editions_of(document)
    if not editions:
        return None
    if language is not None and language not in editions:
        there = f"one of {', '.join(editions)}"
        raise ReportError(document, "", f"no shipped edition in {language!r}", there, "name one of these")
    return DATA / "source" / (editions[language] if language else next(iter(editions.values()))).file


def edition_of(sha256: str, letters: str = "") -> Edition | None:
    """Return the shipped edition that a file is, by the hash of its bytes, or that it holds, by that of its letters.

    >>> edition_of("8c59a2e9da14ca6af81781d1e4198eda276f432eb202bc70950b95fc2cd3b8ed").status
    "working translation, not WIPO's English edition"
    """
    same = (edition for edition in EDITIONS if edition.sha256 == sha256)
    return next(same, None) or next((edition for edition in EDITIONS if letters and edition.letters == letters), None)


def edition_label(edition: Edition, sha256: str, lang: str = "en") -> str:
    """Return what is known of an edition, in words; in another file than the shipped one, of which it is the text."""
    status = value_label(edition.status, lang)
    return status if edition.sha256 == sha256 else sentence("edition.text_of", lang, file=edition.file, status=status)


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
        convened = [dt.date.fromisoformat(day) for day in row["convened_for"].split("/") if day]
        convened_for = (convened[0], convened[1]) if convened else None
        calendar[int(row["session"])] = Meeting(start, end, documented, row["evidence"], convened_for)
    return calendar


def days_label(start: dt.date, end: dt.date, lang: str) -> str:
    """Return the days of a session in words.

    >>> days_label(dt.date(2016, 10, 31), dt.date(2016, 11, 4), "en"), days_label(*meetings()[25].convened_for, "zh")
    ('31 October to 4 November 2016', '2020年5月18日至22日')
    """
    same = start.month == end.month
    if lang == "zh":
        return f"{start.year}年{start.month}月{start.day}日至{'' if same else f'{end.month}月'}{end.day}日"
    return f"{start.day}{'' if same else f' {start:%B}'} to {end.day} {end:%B %Y}"


def convened_label(session: int, lang: str) -> str | None:
    """Return for when a session was convened that was not held then; None where that is not known."""
    meeting = meetings().get(session)
    if meeting is None or meeting.convened_for is None:
        return None
    return sentence("dates.convened", lang, days=days_label(*meeting.convened_for, lang))


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
    """Read the bodies of WIPO.

    >>> next(body.short for body in bodies() if body.letters == "WIPO/ACE")
    ('ACE', 'WIPO/ACE')
    """
    found = []
    for row in _rows("bodies.csv"):
        languages = row.keys() - {"letters", "kind", "bare_code", "source"}
        names = {code: tuple(filter(None, row[code].split("|"))) for code in languages}
        if not any(names.values()) and "letters" not in row["source"]:
            raise ValueError(f"data/reference/bodies.csv: the body {row['letters']} has no name: add one")
        short = [name for name in names["en"] if re.fullmatch("[A-Z/]{3,}", name)]
        if "/" in row["letters"] and len(row["letters"].split("/")[0]) > 1:
            short.append(row["letters"])
        found.append(Body(row["letters"], row["kind"], row["bare_code"] == "yes", names, tuple(dict.fromkeys(short))))
    return tuple(found)


@cache
def labels() -> dict[str, dict[str, str]]:
    """Read the names that readers see, by declared name and language.

    >>> labels()["action_id"]
    {'en': 'Action no.', 'zh': '行动编号'}
    """
    return {row["key"]: {"en": row["en"], "zh": row["zh"]} for row in _rows("labels.csv")}


def label(key: str, lang: str) -> str:
    """Return the name that readers see; the declared name itself, in words, where the table of labels has none.

    >>> label("action_id", "zh"), label("some_new_column", "zh")
    ('行动编号', 'Some new column')
    """
    return labels()[key][lang] if key in labels() else key.replace("_", " ").capitalize()


def value_label(value: str, lang: str) -> str:
    """Return what readers see for a value of this package, such as a status; a value without a label as it is.

    >>> value_label("continuing", "zh"), value_label("CDIP/21/4", "zh")
    ('继续', 'CDIP/21/4')
    """
    return label(f"value.{value}", lang) if f"value.{value}" in labels() else value


def sentence(key: str, lang: str, **params: Any) -> str:
    """Return a sentence of this package in a language of its readers, filled with what varies.

    >>> sentence("event.planned", "en", target="CDIP/25"), sentence("event.planned", "zh", target="CDIP/25")
    ('due at CDIP/25', '在CDIP/25上到期')
    """
    return labels()[key][lang].format(**params)


def place_label(passage: Passage, lang: str) -> str:
    """Return the place of a passage in words.

    >>> place_label(Passage("cell", "...", 90, 90, entry=2, column="chair_summary"), "zh")
    '附件，条目2，主席总结'
    """
    if passage.paragraph is not None:
        return sentence("place.paragraph", lang, paragraph=passage.paragraph)
    if passage.entry is not None:
        column = value_label(str(passage.column), lang)
        return sentence("place.entry", lang, entry=passage.entry, column=column)
    if passage.kind == "proposal":
        return sentence("place.proposal", lang, paragraph=passage.proposal_paragraph)
    kind, position = value_label(passage.kind, lang), position_label(passage, lang)
    return sentence("place.other", lang, kind=kind, position=position)


def position_label(thing: Passage | Block, lang: str) -> str:
    """Return where a person finds it in the file: a line of a text, a paragraph or row of Word, a page of a PDF."""
    number = thing.page if thing.unit == "page" else thing.line
    return sentence(f"position.{thing.unit}", lang, number=number)
