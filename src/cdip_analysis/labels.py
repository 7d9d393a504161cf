"""The words that readers see: names of columns, values, places and dates, in English and in Chinese."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

from cdip_analysis.data import Edition, meetings, reference_rows
from cdip_analysis.model import Block, Header, Passage


@cache
def labels() -> dict[str, dict[str, str]]:
    """Read the names that readers see, by declared name and language."""
    return {row["key"]: {"en": row["en"], "zh": row["zh"]} for row in reference_rows("labels.csv")}


def label(key: str, lang: str) -> str:
    """Return the name that readers see; the declared name itself, in words, where the table of labels has none."""
    return labels()[key][lang] if key in labels() else key.replace("_", " ").capitalize()


def value_label(value: str, lang: str) -> str:
    """Return what readers see for a value of this package, such as a status; a value without a label as it is."""
    return label(f"value.{value}", lang) if f"value.{value}" in labels() else value


def sentence(key: str, lang: str, **params: Any) -> str:
    """Return a sentence of this package in a language of its readers, filled with what varies; of one, `KEY.one`."""
    key = f"{key}.one" if 1 in params.values() and f"{key}.one" in labels() else key
    return labels()[key][lang].format(**params)


def listed(things: Sequence[Any], lang: str) -> str:
    """Write a list in words: 5, 9 and 12."""
    *most, last = map(str, things)
    return f"{label('written.comma', lang).join(most)}{label('written.and', lang)}{last}" if most else last


def check_language(lang: str) -> None:
    """Refuse a language in which there are no labels."""
    if lang not in ("en", "zh"):
        raise ValueError(f"lang={lang!r}; it can be en or zh")


@cache
def action_labels() -> dict[str, dict[str, str]]:
    """Read short labels of actions, by the annex's own wording of the action, for figures."""
    rows = reference_rows("actions.csv")
    return {row[key]: {"en": row["label_en"], "zh": row["label_zh"]} for row in rows for key in ("zh", "en")}


def edition_label(edition: Edition, sha256: str, lang: str = "en") -> str:
    """Return what is known of an edition, in words; in another file than the shipped one, of which it is the text."""
    status = value_label(edition.status, lang)
    return status if edition.sha256 == sha256 else sentence("edition.text_of", lang, file=edition.file, status=status)


def days_label(start: dt.date, end: dt.date, lang: str) -> str:
    """Return the days of a session in words, such as 31 October to 4 November 2016."""
    same = start.month == end.month
    if lang == "zh":
        return f"{start.year}年{start.month}月{start.day}日至{'' if same else f'{end.month}月'}{end.day}日"
    return f"{start.day}{'' if same else f' {start:%B}'} to {end.day} {end:%B %Y}"


def convened_label(session: int | None, lang: str) -> str | None:
    """Return for when a session was convened that was not held then; None where that is not known."""
    meeting = meetings().get(session or 0)
    if meeting is None or not meeting.convened_for:
        return None
    first, last = meeting.convened_for
    return sentence("dates.convened", lang, days=days_label(first, last, lang))


def session_dates(header: Header, session: int | None, lang: str = "en") -> tuple[dt.date | None, dt.date | None, str]:
    """Return first and last day of a session, and in words where they are documented: the calendar, or the header."""
    meeting = meetings().get(session) if header.own_body == "CDIP" and session else None
    if meeting and meeting.start:
        return meeting.start, meeting.end, sentence("dates.calendar", lang, evidence=meeting.evidence)
    if session and session == header.session and header.start_date:
        return header.start_date, header.end_date, sentence("dates.header", lang)
    if meeting and (convened := convened_label(session, lang)):
        return None, None, sentence("dates.convened_evidence", lang, convened=convened, evidence=meeting.evidence)
    missing = "dates.no_session" if session is None else "dates.unknown"
    return None, None, sentence(missing, lang, session=header.meeting(session))


def place_label(passage: Passage, lang: str) -> str:
    """Return the place of a passage in words."""
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
