"""Read the block that stands before the first paragraph: who met, when, where, and what the document is."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from numbers import Integral
from operator import eq
from typing import Any, get_args, get_type_hints

from cdip_analysis.language import LANGUAGES, detect_language, letters, normalise, number_of, plain, table
from cdip_analysis.model import Header, body_of, session_of
from cdip_analysis.symbols import canonical, symbol
from cdip_analysis.tokens import tokens
from cdip_analysis.wording import rules


def date_of(parts: Mapping[str, str | None], language: str, suffix: str = "") -> dt.date | None:
    """Make a date of the named parts of a match, of which one month may stand for both days; None where it is none."""
    named = [parts.get(f"month{suffix}"), parts.get("month"), parts.get("month2")]
    year, month, day = parts.get("year"), next(filter(None, named), None), parts.get(f"day{suffix}")
    if not (year and month and day):
        return None
    try:
        number = int(month) if month.isdecimal() else _months(language)[letters(month)]
        return dt.date(int(year.replace(" ", "")), number, int(day))  # extraction puts blanks into years: 2 009
    except ValueError:
        return None


@cache
def _months(language: str) -> dict[str, int]:
    names = table(language).get("months", ())
    return {letters(name): number for number, spellings in enumerate(names, 1) for name in spellings.split("|")}


def read_header(text: str, language: str | None = None) -> Header:
    r"""Read a header block.

    Parameters
    ----------
    text : str
        The lines before the first paragraph, or the whole block on one line, as extraction from .pdf or the web left
        it: with words and symbols glued together, cut by full stops, printed several times over, and, in Arabic, with
        words and numbers in the order in which they stand on the page.
    language : str, optional
        ISO 639-1 code; detected where it is not given.

    Returns
    -------
    Header
        An item that the block does not hold is None, never made up; only the session, where no line names it, is
        taken from the symbol. `symbol` is canonical (``CDIP/3/9 Prov.2``); `draft` tells whether it has ``Prov.``,
        `draft_number` is 2 for ``Prov.2``, `revision` 1 for ``Rev.`` and 2 for ``Rev.2``. What stands after the
        committee, session and dates and is none of the other items is the title.

    Examples
    --------
    >>> from cdip_analysis import read_header
    >>> h = read_header("第二十四届会议\n2019年11月18日至22日，日内瓦\n秘书处编拟")
    >>> h.session, h.start_date.isoformat(), h.end_date.isoformat(), h.place, h.prepared_by, h.symbol
    (24, '2019-11-18', '2019-11-22', 'Geneva', 'Secretariat', None)
    """
    clean = _clean(text)
    language = language or detect_language(clean)
    if language is None:  # a block too short to show one is in that in which most of its items are worded
        counts = {known: len(_items(clean, known)[0]) for known in LANGUAGES}
        best = max(LANGUAGES, key=counts.__getitem__)
        language = best if counts[best] else None
    found, places = _items(clean, language) if language else ({}, {})
    if language and ("session" not in found or "start_date" not in found):
        found = max(found, _items(_CUT.sub("", clean), language)[0], key=len)
    own = _symbol(clean, places, found.get("session"))
    return Header(language=language, **{**found, **own, "session": found.get("session", own.get("session"))})


# What extraction puts in: HTML, pictures in tables, bold words, drawn lines.
_MARKUP = re.compile(r"</?[a-z][^<>]*>|<!--[^<>]*-->|\|? ?\[pic\] ?\|?|\*{2,}|_{2,}")
# Bold text that a PDF prints several times over, each copy a little aside: "日期 日期 日期 日期", "年 年年 年".
_FOURFOLD = re.compile(r"([^\s]{1,20}) (?:\1\1 |\1 \1 )\1")
_CUT = re.compile(r"(?<=\w)\. ?(?=\w)")  # words cut by full stops: "Dix. neuv. ième", "1. 9 mai 20. 17"
_PRESENTED = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")  # Arabic letters in the forms in which they are printed


def _clean(text: str) -> str:
    """Take away what extraction put in."""
    text = _PRESENTED.sub(lambda letters: unicodedata.normalize("NFKC", letters[0]), _MARKUP.sub(" ", text))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(_FOURFOLD.sub(r"\1", line).strip() for line in lines if line)


def _bare(text: str) -> str:
    """Write a text as the rows of wording know it: an underscore ("31_МАЯ 2012 г.") is a blank to them."""
    return plain(text)[0].replace("_", " ")


@cache
def _own_symbol() -> re.Pattern[str]:
    return re.compile(symbol(), re.IGNORECASE)


_NEAR = 40  # characters between the symbol and what stands with it
_ROMAN = re.compile("/([IVX]{1,4})$")


def _session(printed: str) -> int | None:
    """Return the session in a symbol, in Roman numerals too: 1 of ITIP/WG/I/7."""
    roman = _ROMAN.search(printed.rpartition("/")[0])
    numerals = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
    return numerals.index(roman[1]) + 1 if roman and roman[1] in numerals else session_of(printed)


def _symbol(text: str, places: Mapping[str, int], session: int | None) -> dict[str, Any]:
    """Read the document's own symbol, and what it tells, by the places of other items.

    It stands before the dates of the session, or with the original language and the date of issue; another symbol is of
    a document of which the block speaks, such as its title or an abstract. Of several the one that stands nearest to
    these two is it, or else the first; but a symbol of the session that the block names wins over that of a template.
    """
    beside = [places[field] for field in ("original", "date") if field in places]

    def distance(match: re.Match[str]) -> int:
        return min([n - match.end() for n in beside if match.end() <= n < match.end() + _NEAR], default=_NEAR)

    found = _own_symbol().finditer(_bare(text))
    own = [m for m in found if m.start() < places.get("dates", len(text)) or distance(m) < _NEAR]
    if not own:
        return {}
    match = min(own, key=lambda m: (session not in (None, _session(canonical(m[0]))), distance(m)))
    printed = canonical(match[0])
    draft, revision = (re.search(rf"{word}\.(\d*)", printed) for word in ("Prov", "Rev"))
    return {
        "symbol": printed,
        "draft": draft is not None,
        "draft_number": int(draft[1]) if draft and draft[1] else None,
        "revision": int(revision[1] or 1) if revision else None,
        "body": _ROMAN.sub("", body_of(printed)),
        "session": _session(printed),
    }


def _items(text: str, language: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Read what the rows of wording find, each in what the rows before it have left, and the title, from the rest.

    Also the place of the first match of each field.
    """
    bare, words = _bare(text), table(language)
    found: dict[str, Any] = {}
    places: dict[str, int] = {}
    title_from, title_to = 0, len(text)

    def blank(start: int, end: int) -> str:
        """Blank words, and keep the places; by line breaks, so that no later row reads across them."""
        return f"{bare[:start]}{chr(10) * (end - start)}{bare[end:]}"

    for rule in rules(language, "header"):
        match = rule.pattern.search(bare)
        if match is None:
            continue
        parts = {name.split("_")[0]: value for name, value in match.groupdict().items() if value is not None}
        items = dict(_item(rule.row["field"], parts, language, words))
        if not items and rule.row["field"] != "adopted":
            continue  # no date of the calendar, or not a number
        found = {**items, **found}
        places.setdefault(rule.row["field"], match.start())
        if rule.row["field"] in ("session", "dates"):
            title_from = max(title_from, match.end())
        elif rule.row["field"] in ("prepared_by", "adopted") and match.start() > title_from:
            title_to = min(title_to, match.start())  # what stands behind is a heading of the text
        bare = blank(*match.span())
    if name := next((token for token in tokens(bare, language) if token.kind == "B"), None):  # the first in full
        short = re.compile(r" ?\( ?[^\W\d_]{2,8} ?\)").match(plain(bare)[0], name.end)
        start, end = name.start, short.end() if short else name.end
        found = {"body": name.value, **found, "committee": " ".join(text[start:end].split())}
        title_from = max(title_from, end)
        bare = blank(start, end)
    left = "".join("\n" if now == "\n" else was for was, now in zip(text, bare, strict=True))
    rest = left[title_from:title_to]
    lines = (" ".join(line.split()).strip("| ") for line in rest.splitlines() if any(map(str.isalnum, line)))
    title = " ".join(lines)
    return ({**found, "title": title} if title and title_from else found), places


def _item(field: str, parts: Mapping[str, str], language: str, words: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give the items of the header that a match holds."""
    name = letters(parts.get("name", ""))
    match field:
        case "original":
            yield "original_language", {letters(k): code for k, code in words["originals"].items()}[name]
        case "date" if day := date_of(parts, language):
            yield "date", day
        case "session" if number := number_of(parts["ordinal"], language):
            yield "session", number
        case "dates":
            start = date_of(parts, language)
            end = date_of(parts, language, "2") if "day2" in parts else start  # a session of one day
            if start and end:
                yield from {"start_date": start, "end_date": end}.items()
                if place := parts.get("place"):
                    yield "place", {letters(k): v for k, v in words["places"].items()}.get(letters(place), place)
        case "prepared_by":
            yield "prepared_by", {letters(k): v for k, v in words["authors"].items()}.get(name, parts["name"])


def supplied(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Check what a user says of a document, and write its symbol as WIPO does: "cdip/30/ 5" is CDIP/30/5."""
    types = {name: get_args(hint)[0] for name, hint in get_type_hints(Header).items() if name != "supplied_body"}
    found: dict[str, Any] = {}
    for name, given in facts.items():
        if name not in types:
            raise TypeError(f"load_report() does not know the fact {name!r}; it takes {', '.join(types)}")
        is_number = types[name] is int and isinstance(given, Integral) and not isinstance(given, bool)
        found[name] = int(given) if is_number else given  # a number out of a table is none of Python's
        if type(found[name]) is not types[name]:  # nor is True a number here, or a time of day a date
            raise TypeError(f"load_report() was given {name}={given!r}; it takes {types[name].__name__}")

    def check(name: str, fits: Callable[[Any], object], takes: str) -> None:
        if name in found and not fits(found[name]):
            raise ValueError(f"load_report() was given {name}={found[name]!r}; it takes {takes}")

    for name, value in found.items():
        if isinstance(value, str):
            check(name, str.strip, "some words")
        elif type(value) is int:
            check(name, lambda number: number >= 1, "a number from 1 on")
    check("original_language", LANGUAGES.__contains__, f"one of {', '.join(LANGUAGES)}")
    check("body", re.compile("[A-Z]+(?:/[A-Z-]+)*").fullmatch, "the letters of one, such as 'CDIP' or 'WO/GA'")
    start = found.get("start_date", dt.date.min)
    check("end_date", lambda day: day >= start, f"no day before {start}")
    takes = "one such as 'CDIP/24/4' or 'CDIP/23/17 Prov.'"
    check("symbol", lambda text: _own_symbol().fullmatch(normalise(text).strip()), takes)
    if "symbol" in found:
        fields = _symbol(found["symbol"], {}, None)
        found["symbol"] = fields["symbol"]
        for name, value in fields.items():
            check(name, partial(eq, value), f"what symbol={fields['symbol']!r} says: {value!r}")
    return found
