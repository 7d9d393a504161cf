"""Find citations in a text as written, and what looks like one and was not read."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from cdip_analysis.language import LANGUAGES, Link, detect_language, outside_brackets, plain
from cdip_analysis.model import Citation, Passage, body_of, session_of
from cdip_analysis.shapes import LIKELY, PHRASES, SIGN_NAMES, SIGNS, Pieces, Shape, put_together, shape_of
from cdip_analysis.symbols import canonical
from cdip_analysis.tokens import Token, kinds_of, tokens
from cdip_analysis.whose import Names, names_given


class Reading(NamedTuple):
    """What was found in a text: citations, places that were not read and why, and what bodies are called in it.

    `not_cited` are the places of what looks like a citation and is none, each with the name of its shape.
    """

    citations: list[Citation]
    unread: list[tuple[int, int, str]]
    called: dict[str, str]
    not_cited: list[tuple[int, int, str]]


_SHORT = 40  # characters: a shorter text is read in all languages, for one word may have misled
_BEGINNING = 2000  # characters: so much of a text in no known language is read in all, to choose one


def cite(text: str, language: str | None = None) -> list[Citation]:
    """Find the citations in a text, as written.

    Parameters
    ----------
    text : str
        Any text; nothing outside it is known, so a bare "report, paragraphs 98 to 112" stays unresolved, and a session
        without a body is that of the only body which the text names, or the CDIP's where it names none.
    language : str, optional
        ISO 639-1 code; detected where it is not given. A text too short to show its language is read in all, and
        the language is taken in which most of it is read; each citation says which it was.

    Returns
    -------
    list of Citation
        In the order of the text; ``text[c.start : c.end] == c.text`` for each.

    Examples
    --------
    >>> from cdip_analysis import cite
    >>> [str(c) for c in cite("CDIP/19 的[报告](#)第 37 至 61 段，以及文件 CDIP/20/3")]
    ['CDIP/19 report 37-61', 'CDIP/20/3']
    >>> [(str(c), c.language) for c in cite("paragraphes 3 à 5")]
    [('? 3-5', 'fr')]
    """
    return read_text(text, language).citations


def read_text(
    text: str,
    language: str | None = None,
    home: str | None = None,
    called: Mapping[str, str] | None = None,
    passage: Passage | None = None,
) -> Reading:
    """Find the citations in a text, as written, and what was not read: see `cite`; context is for `cite_document`.

    `home` is the body whose document it is, where that is known, `called` what bodies were called before, such as
    ``{"committee": "SCCR"}``, and `passage` where the text stands.
    """
    if language is None:
        language = detect_language(text)
        if language is None or len(text) < _SHORT:  # "CDIP/21/15 para 98" has a word of Spanish
            found_in = {code: cite(text[:_BEGINNING], code) for code in (language or "en", *LANGUAGES)}
            language = max(found_in, key=lambda code: sum(len(citation.text) for citation in found_in[code]))
    found = tokens(text, language)
    called = {**(called or {}), **names_given(found)}
    _, links = plain(text)
    if not links and not any(token.kind in LIKELY for token in found):
        return Reading([], [], called, [])
    pieces = put_together(found)
    names = Names(pieces, text, home, called, language) if "m" in pieces.kinds else None
    citations: list[Citation] = []
    read: list[tuple[int, int]] = []
    not_cited: list[tuple[int, int, str]] = []
    named: Citation | None = None  # the last session, which "that session" is
    for match in PHRASES.finditer(pieces.kinds):
        shape = shape_of(match)
        phrase = pieces.tokens_of(*match.span())
        ends = phrase[0].start, phrase[-1].end
        place = pieces.kinds.find("m", *match.span())
        body = names.whose_session(place) if names and place >= 0 else home or "CDIP"
        made: list[Citation] = []
        if shape.kind and body:
            session = pieces.tokens_of(place, place + 1) if place >= 0 else []
            symbol = pieces.tokens_of(*match.span("symbol")) if match["symbol"] else []
            for kind, whose, start, end, fields in _made(shape, phrase, session, symbol, body):
                start, end = _whole_marks(links, start, end)
                fields |= {"text": text[start:end], "start": start, "end": end, "rule": shape.name}
                made.append(Citation(kind, whose, **fields, passage=passage, language=language))
        if names and named and made and made[0].resolved == "unresolved" and names.of_that_session(*ends):
            made = [replace(c, body=named.body, session=named.session, resolved="context") for c in made]
        # the thirty-sixth session ("SCCR/36") is named once
        again = shape.kind == "session" and made == citations[-1:] and pieces.kinds[max(0, match.start() - 1)] == "("
        citations += () if again else made
        named = next((c for c in reversed(made) if c.kind == "session"), named)
        if made or not shape.kind or body == "":
            read.append(ends)
        if not shape.kind or body == "" or again:
            name = "session named again" if again else "session of another organisation"
            not_cited.append((*ends, name if shape.kind else shape.name))
    return Reading(citations, sorted(_unread(pieces, read, links)), called, not_cited)


class _Part(NamedTuple):
    """A number, range or ordinal of a list, and its words."""

    start: int
    end: int
    first: str
    last: str


_TO_NUMBER = re.compile("Q?Th?(?:P[fF]*)?(N)")


def _parts(own: Sequence[Token], kinds: str, start: int, end: int) -> Iterator[_Part]:
    """Cut a list into parts: each has the words from its own number on, the first and last those around the list."""
    letters = kinds_of(own)
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


_Made = tuple[str, str, int, int, dict[str, Any]]  # kind, body, start and end of a citation, and its other fields


def _made(
    shape: Shape, own: Sequence[Token], session_words: Sequence[Token], its_symbol: Sequence[Token], body: str
) -> Iterator[_Made]:
    """Say what a phrase cites; `its_symbol` is that of a summary, after it, and a citation of its own."""
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
        body = body_of(symbol)
    stated = "stated" if symbol or session else "unresolved"
    target: dict[str, Any] = {"symbol": symbol, "session": session, "resolved": stated}
    match shape.kind:
        case "session":
            for part in sessions:
                for number in dict.fromkeys((part.first, part.last)):  # of sessions 17 to 19 both ends are named
                    yield "session", body, part.start, part.end, {"session": int(number)}
        case "document":
            yield _document(own[0].value, own[0].start, own[0].end)
            for part in _parts(own, "N", next((t.start for t in own if t.kind == "N"), 0), end):
                if part.first != part.last:
                    continue  # CDIP/21/15, 98 to 112: paragraphs, it may be
                head = own[0].value.split(" ")[0].rsplit("/", 1 + part.first.count("/"))[0]
                yield _document(canonical(f"{head}/{part.first}"), part.start, part.end)
        case "summary":
            appendixes = [token.value for token in own if token.kind == "X"]
            if None not in appendixes:
                target["appendix"] = appendixes[0] if appendixes else None
                items = list(_parts(own, "N", start, end))
                if len(sessions) < 2 or items:
                    for item, first_word, last_word in _items(items, start, end):
                        yield "summary", body, first_word, last_word, {**target, "item": item}
                else:  # Summaries by the Chair of the nineteenth and twentieth sessions
                    for part in sessions:
                        yield "summary", body, part.start, part.end, {**target, "session": int(part.first)}
        case _:
            if not (symbol or session) and shape.name == "paragraphs of what the phrase does not name":
                body = ""
            if symbol and session is None and shape.name == "report, its document in brackets":
                target["session"] = session_of(symbol)
            for part in _parts(own, "N", start, end):
                if numbers := _range(part):
                    yield "paragraphs", body, part.start, part.end, {**target, "first": numbers[0], "last": numbers[1]}


def _document(symbol: str, start: int, end: int) -> _Made:
    return "document", body_of(symbol), start, end, {"symbol": symbol, "session": session_of(symbol)}


def _sessions(own: Sequence[Token], start: int, end: int) -> Iterator[_Part]:
    """Find the sessions that the words for them name; none where an ordinal is no number."""
    outside = [token for token, out in zip(own, outside_brackets(kinds_of(own)), strict=True) if out]
    kinds = kinds_of(outside)
    if "H" in kinds or any(token.kind == "O" and token.value is None for token in outside):
        return
    if "O" in kinds or "N" in kinds:
        yield from _parts(outside, "ON", start, end)
        numbers = [str(token.value) for token in outside]
        for token in own:  # the twenty-fifth session (IGC 24) names two
            if token.kind == "M" and (code := str(token.value[1])) not in numbers:
                yield _Part(token.start, token.end, code, code)
    else:
        codes = [str(token.value[1]) for token in outside if token.kind == "M"]
        yield from (_Part(start, end, code, code) for code in codes)


_WHOLE = re.compile(r"[0-9]+(?![0-9]|\.[0-9]| ?/)")
_MOST_ITEMS = 50  # paragraphs of a summary in one range, at most
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
    if len(final) < len(begin):
        final = begin[: -len(final)] + final
    return int(begin), int(final)


def _items(parts: Sequence[_Part], start: int, end: int) -> Iterator[tuple[str | None, int, int]]:
    """List the paragraphs of a summary with their words; those of a range, 7.1 to 7.4, have the words of the phrase."""
    if not parts:
        yield None, start, end
    for part in parts:
        first, last = _ITEM.match(part.first), _ITEM.match(part.last)
        if first and last and part.first != part.last:
            head, _, low = first[0].rpartition(".")
            high = last[0].rpartition(".")[2]
            for number in range(int(low), int(high) + 1) if int(high) <= int(low) + _MOST_ITEMS else ():  # else unread
                yield f"{head}.{number}".removeprefix("."), start, end
        elif first:
            yield first[0], part.start, part.end


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


def _unread(pieces: Pieces, read: Sequence[tuple[int, int]], links: Sequence[Link]) -> Iterator[tuple[int, int, str]]:
    """List what tells of a citation and lies in no phrase that was read, and the links in which nothing was read."""
    starts, ends = [start for start, _ in read], [end for _, end in read]  # in order, and apart
    for match in SIGNS.finditer(pieces.kinds):
        own = pieces.tokens_of(*match.span())
        start, end = own[0].start, own[-1].end
        last = bisect_left(starts, start + 1) - 1
        if last < 0 or ends[last] < end:
            yield start, end, SIGN_NAMES[int(str(match.lastgroup)[1:])]
    for start, _, _, end in links:
        first = bisect_left(ends, start + 1)
        if first == len(ends) or starts[first] >= end:
            yield start, end, "link mark"
