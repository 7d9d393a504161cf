"""Join what a report cites with other documents: the words of the cited paragraphs, and who speaks in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cdip_analysis.language import plain, rules
from cdip_analysis.model import Citation, Document, Passage, Row, Span, span, whole

#: The columns of `cited_passages` that come out of the cited paragraph; the others come out of the citation.
OF_THE_CITED = ("cited_paragraph", "role", "speaker", "on_behalf_of", "text")


def speaker_rows(document: Document) -> Iterator[Row]:
    """Return the paragraphs that open with who speaks."""
    for p in document.passages:
        if p.kind == "paragraph":
            said, words = _speaker(p, document.language)
            if said["role"]:
                yield Row({"paragraph": p.paragraph, **said, "source_line": p.line}, {None: whole(p), **words})


_UNKNOWN = dict.fromkeys(("role", "speaker", "on_behalf_of"))


def _speaker(passage: Passage, language: str) -> tuple[dict[str, str | None], dict[str | None, Sequence[Span]]]:
    """Read who speaks from the opening of a paragraph; with the words that say so."""
    bare = plain(passage.text)[0]
    for rule in rules(language, "speaker"):
        if match := rule.pattern.match(bare):
            opening = Span(passage, *match.span(), rule.name)
            named = {name: _within(opening, *match.span(name)) for name, words in match.groupdict().items() if words}
            speaker, behalf = named["name"], named.get("behalf")
            said = {"role": rule.row["role"], "speaker": speaker.text, "on_behalf_of": behalf.text if behalf else None}
            return said, {"role": [opening], "speaker": [speaker], "on_behalf_of": [behalf or opening]}
    return {**_UNKNOWN}, {}


def _within(words: Span, start: int, end: int) -> Span:
    """Return some of the words of a passage, without the blanks around them."""
    text = words.passage.text[start:end]
    start += len(text) - len(text.lstrip())
    return words._replace(start=start, end=start + len(text.strip()))


def cited_rows(document: Document, held: Sequence[Document]) -> Iterator[tuple[Row, Document]]:
    """Return the cited paragraphs, each with the document in which its words are.

    Of a paragraph that is not at hand this is the citing document, for the words of all columns are those that cite it.
    """
    by_symbol = {symbol: each for each in reversed(held) if (symbol := each.symbol)}
    by_session = {(each.header.body, each.header.session): each for each in reversed(held) if _is_session_report(each)}
    # Body ranges name only the session; the annex says which document its report is.
    named: dict[tuple[str, int | None], str] = {
        (c.body, c.session): c.symbol for c in document.citations if c.kind == "paragraphs" and c.session and c.symbol
    }
    # Of two paragraphs with one number, the first.
    texts = {
        each: {p.paragraph: p for p in reversed(each.passages) if p.kind == "paragraph" and p.paragraph is not None}
        for each in held
    }
    for c in document.citations:
        if c.kind == "paragraphs":
            found, note = _find(c.symbol or named.get((c.body, c.session)), c, by_symbol, by_session)
            for row in _rows(c, found, note, texts[found] if found else {}):
                yield row, found if found and row.values["at_hand"] else document


def _is_session_report(document: Document) -> bool:
    """Report whether the title of a document is no more than the word for a session's report."""
    title = plain(document.header.title or "")[0].strip()
    return any(rule.pattern.fullmatch(title) for rule in rules(document.language, "session_report"))


def _find(
    symbol: str | None,
    citation: Citation,
    by_symbol: Mapping[str, Document],
    by_session: Mapping[tuple[str | None, int | None], Document],
) -> tuple[Document | None, str | None]:
    """Find the document that a citation means, and say what to mind, or what is missing."""
    if symbol is not None and symbol in by_symbol:
        return by_symbol[symbol], None
    base = symbol.split(" ")[0] if symbol else None
    for held in by_symbol:
        if base == held.split(" ")[0]:
            return by_symbol[held], f"{symbol} is cited and {held} at hand: paragraph numbers may have moved"
    found = by_session.get((citation.body, citation.session)) if citation.session is not None else None
    if found is not None and (symbol is None or not found.symbol):
        return found, None
    if citation.session is None:
        return None, f"not at hand: {symbol}" if symbol else "the phrase does not say of which document"
    which = f", which is {symbol}" if symbol else ""
    return None, f"not at hand: the report of {citation.body}/{citation.session}{which}"


def _rows(citation: Citation, found: Document | None, note: str | None, texts: Mapping[int, Passage]) -> Iterator[Row]:
    place = citation.passage.place if citation.passage else {}
    cited = {"target": str(citation), **{key: place.get(key) for key in ("proposal_paragraph", "paragraph", "entry")}}
    here: dict[str | None, Sequence[Span]] = {None: span(citation)}
    empty = {**_UNKNOWN, "text": None}
    if found is None:
        yield Row({**cited, "at_hand": False, "document": None, "cited_paragraph": None, **empty, "note": note}, here)
        return
    cited["document"] = found.name
    first, last = citation.first or 0, citation.last or 0
    there = [number for number in sorted(texts) if first <= number <= last]
    for number in there:
        said, words = _speaker(texts[number], found.language)
        values = {**cited, "at_hand": True, "cited_paragraph": number, **said, "text": texts[number].text, "note": note}
        yield Row(values, {**here, **dict.fromkeys(OF_THE_CITED, whole(texts[number])), **words})
    # A range may be a slip of thousands: what is missing is listed in ranges too, and not paragraph by paragraph.
    for gap in _gaps(first, last, there):
        lacking = f"the document has no paragraph {gap[0]}" + (f" to {gap[1]}" if gap[1] > gap[0] else "")
        only = gap[0] if gap[0] == gap[1] else None
        yield Row({**cited, "at_hand": False, "cited_paragraph": only, **empty, "note": lacking}, here)


def _gaps(first: int, last: int, there: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Return the stretches of a range in which nothing is there."""
    for before, after in zip([first - 1, *there], [*there, last + 1], strict=True):
        if after - before > 1:
            yield before + 1, after - 1
