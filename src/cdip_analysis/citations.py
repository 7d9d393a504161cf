"""Find citations in a text as written, and what looks like one and was not read."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from cdip_analysis.data import bodies, meetings
from cdip_analysis.language import LANGUAGES, Link, detect_language, plain
from cdip_analysis.model import Citation, Passage, Unread, session_of
from cdip_analysis.shapes import CALLED, LIKELY, PHRASES, PIECES, SIGN_NAMES, SIGNS, Shape, shape_of
from cdip_analysis.tokens import Token, canonical, tokens

__all__ = ["Reading", "cite", "cite_passage", "read_text"]


class Piece(NamedTuple):
    """Tokens that were put together, or one alone; `kind` is a letter."""

    kind: str
    tokens: Sequence[Token]


class Reading(NamedTuple):
    """What was found in a text: citations, places that were not read and why, and what bodies are called in it.

    `not_cited` are the places of what looks like a citation and is none, each with the name of its shape.
    """

    citations: list[Citation]
    unread: list[tuple[int, int, str]]
    called: dict[str, str]
    not_cited: list[tuple[int, int, str]]


def cite(text: str, language: str | None = None) -> list[Citation]:
    """Find the citations in a text, as written.

    Parameters
    ----------
    text : str
        Any text; nothing outside it is known, so a bare "report, paragraphs 98 to 112" stays unresolved.
    language : str, optional
        ISO 639-1 code; detected where it is not given. A text too short to show its language is read in all, and
        the language is taken in which most of it is read; each citation says which it was.

    Returns
    -------
    list of Citation
        In the order of the text; ``text[c.start : c.end] == c.text`` for each.

    Examples
    --------
    >>> [str(c) for c in cite("CDIP/19 的[报告](#)第 37 至 61 段，以及文件 CDIP/20/3")]
    ['CDIP/19 report 37-61', 'CDIP/20/3']
    >>> [(str(c), c.language) for c in cite("paragraphes 3 à 5")]
    [('? 3-5', 'fr')]
    """
    return read_text(text, language).citations


def read_text(text: str, language: str | None = None) -> Reading:
    """Find the citations in a text, and what was not read: see `cite`."""
    language = language or detect_language(text)
    readings = [_read(text, code, "CDIP", {}) for code in ([language] if language else ["en", *LANGUAGES])]
    return max(readings, key=lambda reading: sum(len(citation.text) for citation in reading.citations))


def cite_passage(
    passage: Passage, language: str, body: str = "CDIP", called: Mapping[str, str] | None = None
) -> tuple[list[Citation], list[Unread], dict[str, str]]:
    """Find the citations in a passage, as written, and what was not read; context is for `cite_document`.

    `body` is whose document it is, and `called` what bodies were called before, such as ``{"committee": "SCCR"}``. The
    third value is the same after the passage.
    """
    found = _read(passage.text, language, body, called or {})
    citations = [replace(citation, passage=passage) for citation in found.citations]
    return citations, [Unread(passage, *place) for place in found.unread], found.called


def _read(text: str, language: str, home: str, called: Mapping[str, str]) -> Reading:
    found = tokens(text, language)
    called = {**called, **_names_given(found)}
    spoken_of = dict(called)
    _, links = plain(text)
    if not links and not any(token.kind in LIKELY for token in found):
        return Reading([], [], called, [])
    pieces = [Piece(token.kind, (token,)) for token in found]
    for letter, pattern in PIECES.items():
        pieces = _joined(pieces, letter, pattern)
    kinds = _kinds(pieces)
    names = _names(pieces, kinds)
    citations: list[Citation] = []
    read: list[tuple[int, int]] = []
    not_cited: list[tuple[int, int, str]] = []
    for match in PHRASES.finditer(kinds):
        shape = shape_of(match)
        phrase = pieces[match.start() : match.end()]
        place = kinds.find("m", match.start(), match.end())
        body = home if place < 0 else _whose(place, pieces, kinds, names, text, home, spoken_of)
        if shape.kind and body:
            session = pieces[place].tokens if place >= 0 else ()
            symbol = pieces[match.start("symbol")].tokens if match["symbol"] else ()
            made = list(_made(shape, [token for piece in phrase for token in piece.tokens], session, symbol, body))
        else:
            made = []
        for citation in made:
            start, end = _whole_marks(links, citation.start, citation.end)
            words = text[start:end]
            citations.append(replace(citation, text=words, start=start, end=end, rule=shape.name, language=language))
        start, end = phrase[0].tokens[0].start, phrase[-1].tokens[-1].end
        if made or not shape.kind or body == "":
            read.append((start, end))
        if not made and (not shape.kind or body == ""):
            not_cited.append((start, end, "session of another organisation" if shape.kind else shape.name))
    return Reading(citations, sorted(_unread(pieces, kinds, read, links)), called, not_cited)


def _kinds(pieces: Sequence[Piece | Token]) -> str:
    return "".join(piece.kind for piece in pieces)


def _joined(pieces: list[Piece], letter: str, shape: re.Pattern[str]) -> list[Piece]:
    """Put together what a shape matches."""
    joined: list[Piece] = []
    done = 0
    for match in shape.finditer(_kinds(pieces)):
        start, end = match.span()
        joined += pieces[done:start]
        joined.append(Piece(letter, [token for piece in pieces[start:end] for token in piece.tokens]))
        done = end
    return joined + pieces[done:]


# ---- whose session it is -------------------------------------------------------------------------------------------

_KIND = {body.letters: body.kind for body in bodies()}
_LAST = max(meetings()) + 10  # no session of the CDIP has a higher number: five years beyond the calendar
_REACH = 40  # pieces: how far a name or a document says whose session it is


class _Names(NamedTuple):
    """What says whose a session is: the sentence of each piece, the names and their places, and the documents."""

    sentences: list[int]
    places: list[int]
    tokens: list[Token]
    documents: list[tuple[int, str, int | None]]


def _names_given(found: Sequence[Token]) -> dict[str, str]:
    """Find what bodies are called from there on, such as (hereinafter "the Committee")."""
    kinds = _kinds(found)
    return {found[match.end() - 1].value: found[match.start()].value for match in CALLED.finditer(kinds)}


def _names(pieces: Sequence[Piece], kinds: str) -> _Names:
    """Collect the names in a text, in order.

    A sentence ends at . ; : ! ? outside brackets. A colon after the name of a body does not end it: "Committee on WIPO
    Standards: report on the fifth session".
    """
    names = _Names([], [], [], [])
    inside = _inside_brackets(kinds)
    sentence = 0
    for place, (kind, own) in enumerate(pieces):
        names.sentences.append(sentence)
        after_name = kind == ":" and re.search("[Bb]w?$", kinds[max(0, place - 2) : place])
        sentence += kind in ".:" and not inside[place] and not after_name
        # Of a session only what names its body counts, and not "the Committee".
        name = next((token for token in own if token.kind in ("BbM" if kind == "m" else "BbGUM")), None)
        if name and not (kind in "Bb" and _PART_OF.search(kinds[max(0, place - 8) : place])):
            names.places.append(place)
            names.tokens.append(name)
        symbols = [token.value for token in own if token.kind == "S"]
        names.documents.extend((place, Citation.parse(symbol).body, session_of(symbol)) for symbol in symbols)
    return names


def _inside_brackets(kinds: str) -> list[bool]:
    """Say for each letter whether it lies in a pair of brackets; a bracket without its pair counts as none."""
    inside = [False] * len(kinds)
    opened: list[int] = []
    for place, kind in enumerate(kinds):
        if kind == "(":
            opened.append(place)
        elif kind == ")" and opened:
            start = opened.pop()
            if not opened:
                inside[start:place] = [True] * (place - start)
    return inside


_OF_ANOTHER = re.compile("Ff*(w)")
_PART_OF = re.compile(r"[Bb](?:\(b\))?Ff*(?:[Bb]\()?$")  # the SDWG of the Standing Committee on ... (SCIT)
_RIGHT_AFTER = re.compile("(K?)[FfJ]*[BbG]")


def _whose(
    place: int, pieces: Sequence[Piece], kinds: str, names: _Names, text: str, home: str, called: dict[str, str]
) -> str | None:
    """Find out whose a session is: the letters of a body, empty for another organisation, None where it is unknown.

    It is that of the body named in the phrase; else of the nearest one named in the sentence; else, where nobody is
    named, of a document of the same session, or the document's own. `called` learns here what a document tells of
    a generic noun: "the eighth session of the Committee (SCCR/8/1)".
    """
    own = pieces[place].tokens
    number = next((token.value for token in own if token.kind == "O"), None)
    code = next((token for token in own if token.kind == "M"), None)
    series = next((token for token in own if token.kind == "V"), None)
    named = code or series or next((token for token in reversed(own) if token.kind in "BbG"), None)
    if named is None:
        other = _OF_ANOTHER.match(kinds, place + 1)
        if other and text[pieces[other.start(1)].tokens[0].start].isupper():
            return None  # the third session of the Task Force
        named = _nearest(place, kinds, names)
    same_session = _documents(number, place, names)
    if named is None:
        others = _documents(None, place, names) + [str(_body_of(token)) for token in _before(place, names)]
        if same_session or (others and home not in others):
            return same_session[0] if same_session else None
        return _fitting(home, number)
    match named.kind:
        case "M":
            return _fitting(*named.value)
        case "B" | "b":
            return _fitting(str(named.value), number)
        case "V":
            return "A"
        case "U":
            return ""
    # A generic noun: what it was bound to, or the body of a document of the same session, or the document's own.
    kind = named.value
    if kind in called:
        return called[kind]
    near = [body for body in same_session if kind in ("other", _KIND.get(body))]
    if near:
        called[kind] = near[0]
    if not near and _KIND.get(home) == kind:
        return _fitting(home, number)
    near += [body for body in _documents(None, place, names) if _KIND.get(body) == kind]
    return near[0] if near else None


def _nearest(place: int, kinds: str, names: _Names) -> Token | None:
    """Find the name of the body that a sentence is about.

    It is the one right after the session, else the last one before, else the first one after. "Its" may be of a body in
    the sentence before, but not in "At its fifth session, the CWS".
    """
    at = bisect_left(names.places, place)
    after = _RIGHT_AFTER.match(kinds, place + 1)
    if after and not after[1]:
        return names.tokens[bisect_left(names.places, after.end() - 1)]
    its = "s" in kinds[max(0, place - 2) : place] and not after
    for near, apart in ((at - 1, its), (at, 0)):
        if not 0 <= near < len(names.places):
            continue
        other = names.places[near]
        if abs(other - place) <= _REACH and abs(names.sentences[other] - names.sentences[place]) <= apart:
            return names.tokens[near]
    return None


def _before(place: int, names: _Names) -> list[Token]:
    """List the bodies named before a place, of which a sentence that names none may still tell."""
    return [token for token in names.tokens[: bisect_left(names.places, place)] if token.kind in "BbM"][-_REACH:]


def _body_of(token: Token) -> str:
    return str(token.value[0] if token.kind == "M" else token.value)


def _documents(number: int | None, place: int, names: _Names) -> list[str]:
    """List the bodies of the documents named near, the nearest first: of one session, where it is given."""
    first = bisect_left(names.documents, (place - _REACH // 2,))
    last = bisect_left(names.documents, (place + _REACH // 2,))
    near = names.documents[first:last]
    return [body for _, body in sorted((abs(n - place), body) for n, body, own in near if number in (None, own))]


def _fitting(body: str, number: int | None) -> str | None:
    """Return a body, unless it has never met so often."""
    return None if body == "CDIP" and number is not None and number > _LAST else body


# ---- the fields of a phrase ----------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """A number, range or ordinal of a list, and its words."""

    start: int
    end: int
    first: str
    last: str


_TO_NUMBER = re.compile("Q?Th?(?:P[fF]*)?(N)")


def _parts(own: Sequence[Token], kinds: str, start: int, end: int) -> Iterator[_Part]:
    """Cut a list into parts: each has the words from its own number on, the first and last those around the list."""
    letters = _kinds(own)
    found: list[_Part] = []
    done = 0
    for n, token in enumerate(own):
        if n < done or token.kind not in kinds or token.value is None:
            continue
        through = _TO_NUMBER.match(letters, n + 1) if token.kind == "N" else None
        last = through.start(1) if through and own[through.start(1)].value is not None else n
        first_word = n - 1 if n and letters[n - 1] == "h" else n
        last_word = last + 1 if letters[last + 1 : last + 2] in ("Q", "i") else last
        found.append(_Part(own[first_word].start, own[last_word].end, str(token.value), str(own[last].value)))
        done = last + 1
    for n, part in enumerate(found):
        yield part._replace(start=part.start if n else start, end=part.end if n + 1 < len(found) else end)


def _made(
    shape: Shape, own: Sequence[Token], session_words: Sequence[Token], its_symbol: Sequence[Token], body: str
) -> Iterator[Citation]:
    """Make the citations of a phrase; `its_symbol` is that of a summary, after it, and a citation of its own."""
    start, end = own[0].start, own[-1].end
    sessions = list(_sessions(session_words, start, end))
    if session_words and not sessions:
        return  # an ordinal that is no number
    session = int(sessions[0].first) if sessions else None
    if sessions:
        first, last = session_words[0].start, session_words[-1].start
        own = [token for token in own if not first <= token.start <= last]
    symbol = next((str(token.value) for token in (*own, *its_symbol) if token.kind == "S"), None)
    if symbol and session is None:
        body = Citation.parse(symbol).body
    parts = list(_parts(own, "N", start, end))
    stated = "stated" if symbol or session else "unresolved"
    match shape.kind:
        case "session":
            for part in sessions:
                yield Citation("session", body, session=int(part.first), start=part.start, end=part.end)
        case "document":
            yield _document(own[0].value, own[0].start, own[0].end)
            for part in _parts(own, "N", next((t.start for t in own if t.kind == "N"), 0), end):
                head = own[0].value.split(" ")[0].rsplit("/", 1 + part.first.count("/"))[0]
                yield _document(canonical(f"{head}/{part.first}"), part.start, part.end)
        case "summary":
            appendixes = [token.value for token in own if token.kind == "X"]
            summary = Citation("summary", body, symbol, session, start=start, end=end, resolved=stated)
            if None not in appendixes:
                summary = replace(summary, appendix=appendixes[0] if appendixes else None)
                yield from _items(summary, parts)
        case _:
            if stated == "unresolved" and shape.name == "paragraphs of what the phrase does not name":
                body = ""
            if symbol and session is None and shape.name == "report, its document in brackets":
                session = session_of(symbol)
            for part in parts:
                if numbers := _range(part):
                    found = Citation("paragraphs", body, symbol, session, *numbers, resolved=stated)
                    yield replace(found, start=part.start, end=part.end)


def _document(symbol: str, start: int, end: int) -> Citation:
    return Citation("document", Citation.parse(symbol).body, symbol, session_of(symbol), start=start, end=end)


def _sessions(own: Sequence[Token], start: int, end: int) -> Iterator[_Part]:
    """Find the sessions that the words for them name; none where an ordinal is no number."""
    outside = [token for token, inside in zip(own, _inside_brackets(_kinds(own)), strict=True) if not inside]
    kinds = _kinds(outside)
    if "H" in kinds or any(token.kind == "O" and token.value is None for token in outside):
        return
    if "O" in kinds or "N" in kinds:
        yield from _parts(outside, "ON", start, end)
    else:
        yield from (_Part(start, end, str(token.value[1]), "") for token in outside if token.kind == "M")


_WHOLE = re.compile(r"[0-9]+(?![0-9]|\.[0-9]| ?/)")
_ITEM = re.compile(r"[0-9]+(?:\.[0-9]+)*")


def _range(part: _Part) -> tuple[int, int] | None:
    """Read the ends of a range; the second is completed where it is printed short.

    >>> _range(_Part(0, 0, "156", "9")), _range(_Part(0, 0, "8 (c)", "8 (c)")), _range(_Part(0, 0, "7.1", "7.4"))
    ((156, 159), (8, 8), None)
    """
    first, last = _WHOLE.match(part.first), _WHOLE.match(part.last)
    if not first or not last:
        return None
    begin, final = first[0], last[0]
    if int(final) < int(begin) and len(final) < len(begin):
        final = begin[: -len(final)] + final
    return int(begin), int(final)


def _items(summary: Citation, parts: Sequence[_Part]) -> Iterator[Citation]:
    """Make a citation for each paragraph of a summary; those of a range, 7.1 to 7.4, have the words of the phrase."""
    if not parts:
        yield summary
    for part in parts:
        first, last = _ITEM.match(part.first), _ITEM.match(part.last)
        if first and last and part.first != part.last:
            head, _, low = first[0].rpartition(".")
            high = last[0].rpartition(".")[2]
            for number in range(int(low), min(int(high), int(low) + 50) + 1):
                yield replace(summary, item=f"{head}.{number}".removeprefix("."))
        elif first:
            yield replace(summary, item=first[0], start=part.start, end=part.end)


def _whole_marks(links: list[Link], start: int, end: int) -> tuple[int, int]:
    """Widen a stretch of text so that it never cuts a link mark in two; a text may have thousands, in order."""
    at = bisect_left(links, (end,))
    begin, close = start, end
    while at and links[at - 1][3] > start:
        at -= 1
        mark, words, words_end, mark_end = links[at]
        if not (words <= begin and close <= words_end):
            begin, close = min(begin, mark), max(close, mark_end)
    return begin, close


# ---- nothing is dropped --------------------------------------------------------------------------------------------


def _unread(
    pieces: Sequence[Piece], kinds: str, read: Sequence[tuple[int, int]], links: Sequence[Link]
) -> Iterator[tuple[int, int, str]]:
    """List what tells of a citation and lies in no phrase that was read, and the links in which nothing was read."""
    starts, ends = [start for start, _ in read], [end for _, end in read]  # in order, and apart
    for match in SIGNS.finditer(kinds):
        start, end = pieces[match.start()].tokens[0].start, pieces[match.end() - 1].tokens[-1].end
        last = bisect_left(starts, start + 1) - 1
        if last < 0 or ends[last] < end:
            yield start, end, SIGN_NAMES[int(str(match.lastgroup)[1:])]
    for start, _, _, end in links:
        first = bisect_left(ends, start + 1)
        if first == len(ends) or starts[first] >= end:
            yield start, end, "link mark"
