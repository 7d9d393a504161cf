"""Find citations in a text as written, and what looked like one and was not read."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from cdip_analysis.language import (
    LANGUAGES,
    NO_BLANK,
    Link,
    Rule,
    detect_language,
    expand,
    joined,
    number_of,
    plain,
    rules,
)
from cdip_analysis.model import Citation, Passage, Unread, session_of
from cdip_analysis.searching import searching, spans

__all__ = ["body_named", "canonical", "cite", "cite_passage", "unread"]


def cite(text: str, language: str | None = None) -> list[Citation]:
    """Find the citations in a text, as written.

    Parameters
    ----------
    text : str
        Any text; nothing outside it is known, so a bare "report, paragraphs 98 to 112" stays unresolved.
    language : str, optional
        ISO 639-1 code; detected where it is not given. A text too short to show its language is read in that whose
        wording takes most of it; of one in no known language only symbols are read.

    Returns
    -------
    list of Citation
        In the order in which they stand; ``text[c.start:c.end] == c.text`` for each.

    Examples
    --------
    >>> [str(c) for c in cite("CDIP/19 的[报告](#)第 37 至 61 段，以及文件 CDIP/20/3")]
    ['CDIP/19 report 37-61', 'CDIP/20/3']
    """
    language = language or detect_language(text)
    if language is not None:
        return list(_find(text, language, None, "CDIP"))
    found = (list(_find(text, code, None, "CDIP")) for code in ("en", *LANGUAGES))
    return max(found, key=lambda citations: sum(len(c.text) for c in citations))


def cite_passage(passage: Passage, language: str, body: str = "CDIP") -> list[Citation]:
    """Find the citations in a passage, as written; context is for `resolve`.

    `body` is whose document the passage stands in: "at its tenth session" is a session of that body.
    """
    return list(_find(passage.text, language, passage, body))


class _Reading(NamedTuple):
    """What to make of a row's match in the joined pattern: its fields by their groups.

    `kind` is empty for what is no citation. `many` names the field that may hold a list, with its groups in `lists`;
    `words` are the groups of which one may tell which of the words are the citation.
    """

    rule: Rule
    kind: str
    fields: tuple[tuple[str, int], ...]
    many: str
    lists: tuple[int, ...]
    words: tuple[int, ...]


@cache
def _finder(language: str) -> tuple[re.Pattern[str], dict[int, _Reading]]:
    """Join the rows of what is and what is no citation into one pattern; tell by its group what to make of the row."""
    # Most places in a text can begin no row: one look at the sign there, or before it, spares trying them all.
    found = (*rules(language, "not_citation"), *rules(language, "citation"))
    pattern, rows = joined(found, f"{NO_BLANK}{expand('{start}', language)}")
    return pattern, {group: _reading(rule, groups) for group, (rule, groups) in rows.items()}


def _reading(rule: Rule, groups: dict[str, list[int]]) -> _Reading:
    many = next((name for name in ("ranges", "items", "more") if name in groups), "")
    fields = tuple((name, index) for name, held in groups.items() if name != "words" for index in held)
    kind = "" if "why" in rule.row else rule.row["kind"]
    return _Reading(rule, kind, fields, many, tuple(groups.get(many, ())), tuple(groups.get("words", ())))


def _find(text: str, language: str, passage: Passage | None, home: str) -> Iterator[Citation]:
    bare, links = plain(text)
    pattern, readings = _finder(language)
    for match in pattern.finditer(bare):
        rule, kind, fields, many, lists, words = readings[match.lastindex or 0]
        if not kind:
            continue  # these words are no citation, and no later row may have them
        values = {name: value for name, index in fields if (value := match[index]) is not None}
        symbol = canonical(values["symbol"]) if "symbol" in values else None
        session, body = _meeting(values, rule, symbol, bare, match.span(), language, home)
        if body is None:
            continue  # not a number, or of no body that is known; the loose net keeps the words
        appendix = _roman(values["appendix"], language) if "appendix" in values else None
        if "appendix" in values and appendix is None:
            continue
        resolved = "unresolved" if symbol is None and session is None else "stated"
        start, end = match.span()
        for group in words:
            if match[group] is not None:
                start, end = match.span(group)
        pieces: Iterable[_Piece] = [whole := _Piece(start, end, symbol, session, values.get("item"))]
        if many in values:
            places = [match.span(group) for group in lists if match[group] is not None]
            pieces = _pieces(bare, many, places, whole, language)
        for start, end, symbol, session, item, first, last in pieces:
            if links:
                start, end = _whole_marks(links, start, end)
            found = (session, first, last, item, appendix, text[start:end], start, end, resolved, rule.name, passage)
            yield Citation(kind, body, symbol, *found)


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


class _Piece(NamedTuple):
    """One citation of a list, or the only one: where its words stand, and what is its own."""

    start: int
    end: int
    symbol: str | None
    session: int | None
    item: str | None
    first: int | None = None
    last: int | None = None


def _pieces(bare: str, many: str, places: Sequence[tuple[int, int]], whole: _Piece, language: str) -> Iterator[_Piece]:
    """Cut a list into its pieces: each takes the words from its own number to its end, the first those before it too.

    "paragraphs 42 and 58 of document X" is "paragraphs 42" and "58 of document X". A phrase may have a list before its
    noun and another behind it: the last of the one takes the words up to the other.
    """
    found: list[tuple[re.Match[str], int]] = []
    for n, place in enumerate(places, 1):
        cut = list(_piece(language, many).finditer(bare, *place))
        found += [(piece, piece.end()) for piece in cut]
        found[-1] = cut[-1], len(bare[: places[n][0]].rstrip()) if n < len(places) else whole.end
    if many == "more":
        yield whole._replace(end=places[0][0])
    for n, (piece, end) in enumerate(found):
        start = piece.start() if n or many == "more" else whole.start
        if many == "items":
            yield whole._replace(start=start, end=end, item=piece[0])
        elif many == "ranges":
            first, last = piece.group("first", "last")
            yield _Piece(start, end, whole.symbol, whole.session, whole.item, int(first), int(last or first))
        else:
            next_one = f"{str(whole.symbol).split(' ')[0].rsplit('/', 2 if '/' in piece[0] else 1)[0]}/{piece[0]}"
            yield whole._replace(start=start, end=end, symbol=canonical(next_one), session=session_of(next_one))


@cache
def _piece(language: str, name: str) -> re.Pattern[str]:
    pattern = {"ranges": "{range}", "items": r"[0-9]+(?:\.[0-9]+)*", "more": "[0-9]+(?: ?/ ?[0-9]+)?"}[name]
    return re.compile(expand(pattern, language), re.IGNORECASE)


def _meeting(
    values: dict[str, str], rule: Rule, symbol: str | None, bare: str, span: tuple[int, int], language: str, home: str
) -> tuple[int | None, str | None]:
    """Tell the session and the body that a citation names; no body where neither is to be known."""
    if "code" in values:
        # The rows capture as `code` only what this pattern matches whole.
        body, session = _MEETING.fullmatch(values["code"].upper()).groups()  # type: ignore[union-attr]
        return int(session), body
    if "ordinal" in values:
        number = number_of(values["ordinal"], language)
        if number is None:
            return None, None
        name = _body(values["body"], language) if "body" in values else ""
        if not name and "near" in rule.row and "body" not in values:
            name = _near(bare, span, rule.row["near"], language)
        if name.startswith("/"):
            return number, _of_nearest_document(bare, span[0], name, number)
        if not name and symbol is None and f"/{number}/" in bare[max(0, span[0] - _REACH) : span[1] + _REACH]:
            name = _of_nearest_document(bare, span[0], "", number) or ""
        return number, name or (_body_of(symbol) if symbol else home)
    if symbol is not None:
        of_session = rule.row["kind"] == "document" or "report" in rule.row
        return session_of(symbol) if of_session else None, _body_of(symbol)
    return None, home if rule.row.get("context", True) else ""


@lru_cache(maxsize=1024)
def _body_of(symbol: str) -> str:
    return Citation.parse(symbol).body


_MEETING = re.compile("([A-Z/]*[A-Z])[ /]*([0-9]+)")


@lru_cache(maxsize=1024)
def _body(name: str, language: str) -> str:
    """Give the letters of a body by its name in a text.

    >>> _body("Program and Budget Committee", "en"), _body("Committee", "en"), _body("Working Group", "en")
    ('WO/PBC', '', '/WG')
    """
    return next((str(r.row["body"]) for r in rules(language, "body") if r.pattern.fullmatch(name)), "")


def _near(bare: str, span: tuple[int, int], border: str, language: str) -> str:
    """Give the body that a sentence is about: the last one named before a place in it, or else the first one after."""
    start, end = span
    before, names, later = _names(bare, language)
    at = bisect_left(names, (start,)) - 1
    if at >= 0 and names[at][1] > start:  # a name that goes on beyond the place
        at -= 1
    if at >= 0 and names[at][0] >= start - _REACH and not re.compile(border).search(before, names[at][1], start):
        return _body(before[slice(*names[at])], language)
    at = bisect_left(later, (end,))
    if at < len(later) and later[at][1] <= end + _REACH and not re.compile(border).search(bare, end, later[at][1]):
        return _body(bare[slice(*later[at])], language)
    return ""


@lru_cache(maxsize=16)  # a text may name thousands of sessions, and for each a body is looked for
def _names(bare: str, language: str) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]]]:
    """Give a text without its asides, as long as before, and where bodies are named in that and in the text itself."""
    before = _ASIDE.sub(lambda match: " " * len(match[0]), bare)
    later = spans(_bodies(language), bare)
    return before, later if before == bare else spans(_bodies(language), before), later


@cache
def _symbol() -> re.Pattern[str]:
    return searching(expand("{symbol}", "common"))


# How a body is called from here on, which names none: (hereinafter "the Committee" or the "SCCR").
_ASIDE = re.compile(r'\([^()"]{0,40}"[^()]{0,80}\)')
_REACH = 200  # signs: longer than the name of any body and the words between it and its session
_LONGEST = 60  # signs of a symbol: WIPO/GRTKF/IC/11/INF/15 Rev.1 Prov.2, with blanks between


@cache
def _bodies(language: str) -> re.Pattern[str]:
    return searching(expand("{body}", language))


_LETTERS = re.compile(r"[^\W\d_]{2,4}|[A-Z/]+", re.IGNORECASE)  # a body's letters, which are no name: CDIP, PCT/WG


def body_named(text: str, language: str) -> tuple[int, int, str] | None:
    """Find the first body that a text calls by its full name: where the name stands, and the body's letters.

    >>> body_named("SCP/9/1 Standing Committee on the Law of Patents", "en")
    (8, 48, 'SCP')
    """
    for start, end in spans(_bodies(language), text):
        body = _body(text[start:end], language)
        if body.strip("/") and body[0] != "/" and not _LETTERS.fullmatch(text, start, end):
            return start, end, body
    return None


def _of_nearest_document(bare: str, place: int, ending: str, session: int) -> str | None:
    """Give the body whose document is named nearest: of working groups and assemblies, one of the same session first.

    Of another body only a document of the same session tells: "its thirteenth session (document SCP/13/8 Prov.1)".
    """
    near = spans(_symbol(), bare, max(0, place - _REACH), place + _REACH + _LONGEST)
    found = [
        (session_of(symbol) != session, abs(first - place), _body_of(symbol))
        for first, last in near
        if first < place + _REACH
        and (symbol := canonical(bare[first:last]))
        and f"/{_body_of(symbol)}".endswith(ending)
    ]
    return next((body for other, _, body in sorted(found) if ending or not other), None)


def _roman(numeral: str, language: str) -> str | None:
    """Write the number of an appendix as the English edition does, in Roman numerals; None where it is no number.

    >>> _roman("一", "zh"), _roman("iv", "en"), _roman("一一", "zh")
    ('I', 'IV', None)
    """
    number = number_of(numeral, language)
    if number is not None and number < len(_ROMAN):
        return _ROMAN[number]
    return numeral.upper() if re.fullmatch("[IVXLC]+", numeral, re.IGNORECASE) else None


_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_SYMBOL_PARTS = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*|[0-9]+(?:BIS|[A-Z])?(?![A-Z])", re.IGNORECASE)


@lru_cache(maxsize=1024)  # a document cites a few symbols many times
def canonical(symbol: str) -> str:
    """Write a symbol the way WIPO does, whatever its spelling here.

    >>> [canonical(s) for s in ("CDIP20/13", "cdip/1/ 4", "CDIP/23/17/PROV.", "CDIP/3/9 Prov.2", "CDIP/8/INF/1")]
    ['CDIP/20/13', 'CDIP/1/4', 'CDIP/23/17 Prov.', 'CDIP/3/9 Prov.2', 'CDIP/8/INF/1']
    """
    head, *tail = re.split(r"(?:[ /]+|(?<=[0-9.]))(PROV|REV|ADD|CORR)\b\.?", symbol, flags=re.IGNORECASE)
    base = "/".join(_SYMBOL_PARTS.findall(head)).upper()
    return base + "".join(
        f" {word.capitalize()}.{number.strip()}" for word, number in zip(tail[::2], tail[1::2], strict=True)
    )


@cache
def _nets(language: str) -> tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str] | None], ...]]:
    """Give the loose nets of a language, all in one and then by name; that of the marks of links has no pattern."""
    found = rules(language, "loose")
    nets = tuple((r.row["name"], None if r.row.get("links") else searching(r.expression)) for r in found)
    words = "|".join(r.expression for r in found if not r.row.get("links"))
    return searching(re.sub(r"\(\?P<[a-z0-9_]+>", "(", words)), nets


def unread(passage: Passage, citations: Iterable[Citation], language: str) -> list[Unread]:
    """List what the loose nets catch in a passage and neither a citation nor a must-not-match row explains.

    A phrase must lie within one citation: two that share it would mean that a longer phrase was not read.
    """
    bare, links = plain(passage.text)
    any_net, nets = _nets(language)
    if not links and not any_net.search(bare):
        return []
    hits: dict[tuple[int, int], str] = {}
    for name, pattern in nets:
        if pattern is None:
            for _, start, end, _ in links:
                hits.setdefault((start, end), name)
        else:
            for place in spans(pattern, bare):
                hits.setdefault(place, name)
    left = list(_outside(hits, [(c.start, c.end) for c in citations]))
    if left:  # seldom: only then look for what is no citation
        others = [match.span() for rule in rules(language, "not_citation") for match in rule.pattern.finditer(bare)]
        left = list(_outside(left, others))
    return [Unread(passage, start, end, hits[start, end]) for start, end in left]


def _outside(hits: Iterable[tuple[int, int]], claims: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Give the hits that lie within no claim, in order.

    >>> list(_outside([(8, 9), (1, 3), (2, 5)], [(0, 4), (7, 9)]))
    [(2, 5)]
    """
    waiting = sorted(claims, reverse=True)
    reached = 0  # the furthest end of the claims that begin before the hit, or with it
    for start, end in sorted(hits):
        while waiting and waiting[-1][0] <= start:
            reached = max(reached, waiting.pop()[1])
        if end > reached:
            yield start, end
