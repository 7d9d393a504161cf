"""Read the block that stands before the first paragraph: who met, when, where, and what the document is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from cdip_analysis.phrases import detect_language, number_of, plain, rules, table
from cdip_analysis.records import Header

__all__ = ["date_of", "read_header"]


def date_of(parts: Mapping[str, str | None], language: str, suffix: str = "") -> dt.date | None:
    """Make a date of the named parts of a match; None where they name no day of the calendar.

    >>> date_of({"year": "2017", "month": "May", "day": "12"}, "en")
    datetime.date(2017, 5, 12)
    """
    year, month, day = parts["year"], parts.get(f"month{suffix}") or parts["month"], parts[f"day{suffix}"]
    if not (year and month and day):
        return None
    months = [name.lower() for name in table(language).get("months", ())]
    number = int(month) if month.isdecimal() else months.index(month.lower()) + 1
    try:
        return dt.date(int(year), number, int(day))
    except ValueError:
        return None


def read_header(text: str, language: str | None = None) -> Header:
    r"""Read a header block.

    Parameters
    ----------
    text : str
        The lines before the first paragraph.
    language : str, optional
        ISO 639-1 code; detected where it is not given.

    Returns
    -------
    Header
        An item that the block does not hold is None, never made up. Lines that no rule claims are the title.

    Examples
    --------
    >>> h = read_header("第二十四届会议\n2019年11月18日至22日，日内瓦\n秘书处编拟")
    >>> h.session, h.start_date.isoformat(), h.end_date.isoformat(), h.place, h.prepared_by, h.symbol
    (24, '2019-11-18', '2019-11-22', 'Geneva', 'Secretariat', None)
    """
    language = language or detect_language(text)
    if language is None:
        return Header()
    words = table(language)
    header, title = Header(language=language), []
    for line in filter(None, map(str.strip, text.splitlines())):
        bare = plain(line)[0]
        for rule in rules(language, "header"):
            match = rule.pattern.fullmatch(bare)
            if match is None:
                continue
            parts = match.groupdict()
            match rule.row["field"]:
                case "committee":
                    header = replace(header, committee=line, body=rule.row.get("body", "CDIP"))
                case "session":
                    header = replace(header, session=number_of(parts["ordinal"], language))
                case "dates":
                    header = replace(
                        header,
                        start_date=date_of(parts, language),
                        end_date=date_of(parts, language, "2"),
                        place=words["places"].get(parts["place"], parts["place"]),
                    )
                case "prepared_by":
                    header = replace(header, prepared_by=words["authors"].get(parts["name"], parts["name"]))
            break
        else:
            title.append(line)
    return replace(header, title=" ".join(title) or None)
