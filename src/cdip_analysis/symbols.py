"""The symbols of documents and the codes of sessions: how they are printed, found in a text, and written by WIPO."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from cdip_analysis.data import bodies


class Found(NamedTuple):
    """What `symbols_in` found: its kind, its place, and its value.

    The kinds are ``symbol`` (the value is the canonical symbol), ``code`` of a session (its body and number),
    ``letters`` of a body (these letters); without a value ``address``, ``foreign`` (of another organisation), and
    ``odd`` (what looks like a symbol and is none).
    """

    kind: str
    start: int
    end: int
    value: Any = None


_SYMBOL_PARTS = re.compile(r"S[0-9]|[A-Za-z]+(?:-[A-Za-z]+)*|[0-9]+(?:BIS|[A-Z])?(?![A-Z])", re.IGNORECASE)


@lru_cache(maxsize=1024)  # a document cites a few symbols many times
def canonical(symbol: str) -> str:
    """Write a symbol the way WIPO does, whatever its spelling here.

    >>> [canonical(s) for s in ("CDIP20/13", "cdip/1/ 4", "CDIP/23/17/PROV.", "CDIP/3/9 Prov.2", "CDIP/8/INF/1")]
    ['CDIP/20/13', 'CDIP/1/4', 'CDIP/23/17 Prov.', 'CDIP/3/9 Prov.2', 'CDIP/8/INF/1']
    """
    head, *tail = re.split(r"(?:[ /]+|(?<=[0-9.]))(PROV|REV|ADD|CORR)\b\.?", symbol, flags=re.IGNORECASE)
    base = re.sub("^OMPI/", "WIPO/", "/".join(_SYMBOL_PARTS.findall(head)).upper())
    return base + "".join(
        f" {word.capitalize()}.{number.strip()}" for word, number in zip(tail[::2], tail[1::2], strict=True)
    )


def _code(text: str) -> tuple[str, int]:
    """Return the body and the session of a code.

    >>> _code("ACE/14"), _code("CDIP 21")
    (('WIPO/ACE', 14), ('CDIP', 21))
    """
    letters, number = re.split("[ /-]*(?=[0-9]+$)", text.upper(), maxsplit=1)
    return letters_of(letters), int(number)


def letters_of(short: str) -> str:
    """Return the letters in the symbols of a body, by any short name of it; any other as it is."""
    return next((body.letters for body in bodies() if short.replace(" ", "") in body.short), short)


# Letters of other alphabets that look like capitals of symbols: СDIP/21/4 with a Cyrillic С.
_LOOK_ALIKE = dict(zip("АВЕЅІЈКМНОРСТХУΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABESIJKMHOPCTXYABEZHIKMNOPTYX", strict=True))
_LIKE = "".join(_LOOK_ALIKE)
_AS_LATIN = str.maketrans("".join(_LOOK_ALIKE), "".join(_LOOK_ALIKE.values()))
_CAPITALS = re.compile(rf"(?<![a-zA-Z\u0370-\u04ff])[A-Z{_LIKE}]++(?: ?[/-] ?[A-Z{_LIKE}]++){{0,4}}+ ?/? ?(?=[0-9])")


def look_alikes(text: str) -> list[tuple[int, int, str]]:
    """Find the beginnings of symbols that have letters of another alphabet: where they are, and these letters.

    The text must be normalised.

    >>> look_alikes("документ СDIP/21/4, сессия 20")
    [(9, 14, 'С')]
    """
    return [
        (*match.span(), "".join(sorted(strange)))
        for match in _CAPITALS.finditer(text)
        if (strange := set(match[0]) & set(_LIKE)) and ("/" in match[0] or re.search("[A-Z]", match[0]))
    ]


def _latin(text: str) -> str:
    if not re.search(f"[{_LIKE}]", text):
        return text
    for start, end, _ in look_alikes(text):
        text = text[:start] + text[start:end].translate(_AS_LATIN) + text[end:]
    return text


@cache
def _known_letters() -> str:
    """Return an expression for the letters of bodies that are known where extraction has glued something to them."""
    letters = sorted((body.letters for body in bodies()), key=len, reverse=True)
    known = (one for one in letters if len(one.split("/")[0]) > 1 and one != "CDIP")
    return "|".join(one.replace("/", "/[ ]?") for one in known)  # WIPO/GRTKF/ IC: broken at the end of a line


_UNITED_NATIONS = "(?:A|S|E)/(?:RES|HRC|CONF|C|AC|CN|ES|DEC)"  # A/RES/70/1: no body of WIPO


@cache
def symbol() -> str:
    """Return an expression for the symbol of a document, in every spelling that was seen.

    CDIP/23/17 Prov., CDIP/3/9 Prov.2, CDIP/23/17/PROV., PCT/WG/2/1Rev.2, CDIP/8/INF/1, CDIP20/13, CDIP 12/5,
    cdip/1/ 4, SCCR 23/7; PCT/AI/22, GRATK/DC/7, LI/R/PM/1, SCIT/RES/2, WIPO/EDS/INF/1 and PLT/CE/V/4, which are of no
    session; SCT/S3/9 and WIPO/GRTKF/IC/SS/GE/23/2, which are of special sessions.
    Extraction glues a letter or WIPO to a symbol (FCDIP/9/17, WIPOCWO/GA/36/4, CA/48/11): the bodies of the table are
    known then too; of others a symbol must begin a word.
    """
    known, n, letter = _known_letters(), "[0-9]{1,3}", "(?:[A-Z](?![A-Za-z]))?"
    glued = f"(?:(?:WIPO|OMPI)[EFSRAC]?|[EFSRAC])(?:CDIP|{known}|A)/"
    any_letters = "(?:[A-Z]{2,6}|A|[A-Z](?=/[A-Z]))(?:/[A-Z]{1,6}(?:-[A-Z]{1,3})?){0,3}"
    any_body = f"{any_letters}/(?:{n}/(?:GE/[0-9]{{2}}/)?|SS/GE/[0-9]{{2}}/)(?:INF[ ]?[/.]?[ ]?)?{n}{letter}"
    conference = "[A-Z]{2,6}(?:/[A-Z][A-Za-z]{0,5}|/[0-9])?/(?:DC|PM|RES|INF)"
    special = "[A-Z]{2,6}(?:/[A-Z]{1,4}){0,2}/(?:[IVX]{1,8}|S[1-9])"
    no_session = f"(?:PCT/AI|PCT/GL/ISPE|{conference}|{special})/{n}"
    kinds = (
        f"CDIP[ ]?/?[ ]?{n}[ ]?/[ ]?(?:INF[ ]?/[ ]?)?{n}",
        f"(?:{'|'.join(body.letters for body in bodies() if body.bare_code and '/' not in body.letters)})[ ]{n}/{n}",
        f"(?:{known})[ ]?/[ ]?(?:{n}(?:BIS)?|SS/GE/[0-9]{{2}})[ ]?/[ ]?(?:INF[/.])?{n}{letter}",
        f"(?<![A-Z0-9/._-])(?!{glued}|{_UNITED_NATIONS}/)(?-i:{any_body}|{no_session})",
        f"(?:(?<=(?<![A-Z])[EFSRAC])|(?-i:(?<=[a-z])))(?-i:A)/[0-9]{{2}}/{n}",
    )
    suffix = r"(?:[ ]{0,4}/?[ ]{0,4}(?:PROV|REV|ADD|CORR)(?:\.|(?![A-Z]))(?:[ ]?[1-9](?![0-9]))?){0,3}"
    return f"(?=[A-Z]{{1,16}}+(?:/|[ ]?/?[ ]?[0-9]))(?>{'|'.join(kinds)})(?![0-9]|-[0-9]){suffix}"


@cache
def _printed() -> re.Pattern[str]:
    """Compile what is a symbol, a session code or the letters of a body, and what looks like one."""
    known, n = _known_letters(), "[0-9]{1,3}"
    short = sorted((one for body in bodies() for one in body.short), key=len, reverse=True)
    bare = [one for body in bodies() if body.bare_code for one in body.short]
    unions = "|".join(body.letters for body in bodies() if body.letters[1:2] == "/")  # P/A, H/A
    return re.compile(
        rf"""
        # At the beginning of a word, or at a capital glued to one; most words are passed over at once.
        (?-i:(?=[A-Za-z](?<![a-z][a-z])
            (?:(?<=[A-Z])[A-Z]|[A-Za-z]{{0,15}}+(?:[ ]?[/-]?[ ]?[0-9]|/|:)|(?<=[Ww])[Ww][Ww])))(?:
          (?P<address> (?:https?://|www\.)[^\s<>"]{{1,2000}})
        | (?P<foreign> (?<![A-Z/])(?:            # the United Nations, the WTO, ISO, UNESCO, UPOV
              (?:UNEP|UNCTAD|CBD|FCCC|TD|HSP|CX)/[^\s,;)]{{1,30}} | A/[0-9]{{2}}/[0-9]{{3}}
            | {_UNITED_NATIONS}[./][^\s,;)]{{1,30}}
            | (?:IP/C|WT|G/TBT|TN/IP)/[^\s,;)]{{1,30}} | (?:ISO|ITH|CAJ(?:-AG)?|TC|CC|GB)[./][^\s,;)]{{1,20}}
            | C(?:\(Extr\.\))?/[0-9IVXLC]{{1,8}}/[0-9]{{1,3}} | (?:PBC|IDB)\.[0-9]{{1,3}}/[^\s,;)]{{1,20}}
            | E/20[0-9]{{2}}/[^\s,;)]{{1,20}} | (?:CGRFA|REP)-?[0-9]{{2}}/[^\s,;)]{{1,20}}))
        | (?P<symbol> {symbol()})
        | (?=[A-Z]{{1,16}}+(?:/|[ ]?[/-]?[ ]?[0-9]))
          (?P<code> (?:                          # CDIP/21, CDIP19, MM/LD/WG/24, A/58; SCCR 45 where the table allows it
              CDIP[ ]?[/-]?[ ]?{n} | (?<![A-Z/])(?:{known}|{"|".join(short)}|(?-i:{unions})|(?-i:A)(?=/[0-9]{{2}}))/{n}
            | (?<![A-Z/])(?:{"|".join(bare)})(?:[ ]{{0,2}}|-)[0-9]{{1,2}})
            (?![0-9]|[.%][0-9])(?![ ]?/[ ]?[0-9I]))
        # XYZ/7 is the code of a body in no table
        | (?P<odd> CDIP[^0-9A-Z\u4e00-\u9fff\n]{{0,3}}[0-9]+(?:/(?:INF/)?[0-9]+)*(?:-[0-9]+)?
            | (?:{known})/{n}/{n}-[0-9]+
            | (?-i:(?<![A-Z/.-])(?![IVXLC]+/)[A-Z]{{3,6}}(?:/[A-Z]{{2,4}}){{0,2}}/[0-9]{{1,2}}(?![0-9/.-])))
        | (?P<letters> (?-i:(?<![A-Z/])(?:{"|".join(short)})(?![A-Za-z/]))))""",
        re.IGNORECASE | re.VERBOSE,
    )


def symbols_in(text: str) -> Iterator[Found]:
    """Find the symbols, codes and letters of bodies in a normalised text, and what looks like one.

    >>> [(found.kind, found.value) for found in symbols_in("CDIP20/13, SCCR 45 and the PCT; see A/RES/70/1")]
    [('symbol', 'CDIP/20/13'), ('code', ('SCCR', 45)), ('foreign', None)]
    """
    for match in _printed().finditer(_latin(text)):
        kind = str(match.lastgroup)
        make = _VALUES.get(kind)
        yield Found(kind, *match.span(), make(match[0]) if make else None)


_VALUES: dict[str, Callable[[str], Any]] = {"symbol": canonical, "code": _code, "letters": letters_of}


def symbol_order(symbol: str) -> list[tuple[bool, int, str]]:
    """Sort the parts of a symbol as numbers where they are: CDIP/22/3 before CDIP/22/10."""
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.split("[/ ]", symbol)]


def document_url(symbol: str, language: str) -> str | None:
    """Write the address of a CDIP document by WIPO's rule for names of files, not checked; None for other bodies.

    >>> document_url("CDIP/23/17 Prov.", "en")
    'https://www.wipo.int/edocs/mdocs/mdocs/en/cdip_23/cdip_23_17_prov.pdf'
    """
    match = re.fullmatch(r"CDIP/(\d+)/(?:(INF)/)?(\d+)((?: (?:Prov|Rev|Add)\.\d*)*)", symbol)
    if match is None:
        return None
    parts = ["cdip", match[1], match[2], match[3], *re.findall(r"[A-Za-z]+|\d+", match[4])]
    name = "_".join(part.lower() for part in parts if part)
    return f"https://www.wipo.int/edocs/mdocs/mdocs/{language}/cdip_{match[1]}/{name}.pdf"
