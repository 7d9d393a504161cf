"""Join what a report cites with other documents: the words of the cited paragraphs, and who speaks in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cdip_analysis.language import plain
from cdip_analysis.model import Citation, Document, Passage, Row, Span, span, whole
from cdip_analysis.wording import rules

#: The columns of `cited_passages` that come out of the cited paragraph; the others come out of the citation.
OF_THE_CITED = ("cited_paragraph", "role", "speaker", "on_behalf_of", "text")


def speaker_rows(document: Document) -> Iterator[Row]:
    """Return the paragraphs that open with who speaks."""
    for p in document.passages:
        if p.kind == "paragraph":
            said, words = _speaker(p, document.language)
            if said["role"]:
                yield Row({"paragraph": p.paragraph, **said, "source_line": p.line}, {None: whole(p), **words})


def _speaker(passage: Passage, language: str) -> tuple[dict[str, str | None], dict[str | None, Sequence[Span]]]:
    """Read who speaks from the opening of a paragraph; with the words that say so."""
    bare = plain(passage.text)[0]
    for rule in rules(language, "speaker"):
        if match := rule.pattern.match(bare):
            opening = Span(passage, *match.span(), rule.name)
            names = (name for name, words in match.groupdict().items() if words)
            named = {name: Span(passage, *match.span(name), rule.name) for name in names}
            speaker, behalf = named["name"], named.get("behalf")
            said = {"role": rule.row["role"], "speaker": speaker.text, "on_behalf_of": behalf.text if behalf else None}
            return said, {"role": [opening], "speaker": [speaker], "on_behalf_of": [behalf or opening]}
    return dict.fromkeys(("role", "speaker", "on_behalf_of")), {}


def cited_rows(document: Document, held: Sequence[Document]) -> Iterator[tuple[Row, Document]]:
    """Return the cited paragraphs, each with the document in which its words are.

    Of a paragraph that is not at hand this is the citing document, for the words of all columns are those that cite it.
    """
    cited = [c for c in document.citations if c.kind == "paragraphs"]
    # Body ranges name only the session; the annex says which document its report is.
    named: dict[tuple[str, int | None], str] = {(c.body, c.session): c.symbol for c in cited if c.session and c.symbol}
    # Of two paragraphs with one number, the first.
    texts = {
        each: {p.paragraph: p for p in reversed(each.passages) if p.kind == "paragraph" and p.paragraph is not None}
        for each in held
    }
    for c in cited:
        found, note = _find(c, c.symbol or named.get((c.body, c.session)), held)
        place = c.passage.place if c.passage else {}
        values = {
            "target": str(c),
            **{name: place.get(name) for name in ("proposal_paragraph", "paragraph", "entry")},
            **dict.fromkeys(("document", *OF_THE_CITED)),
            "at_hand": False,
            "note": note,
        }
        if found is None:
            yield Row(values, {None: span(c)}), document
            continue
        first, last = c.first or 0, c.last or 0
        there = [number for number in sorted(texts[found]) if first <= number <= last]
        for number in there:
            p = texts[found][number]
            said, words = _speaker(p, found.language)
            of_cited = {"document": found.name, "at_hand": True, "cited_paragraph": number, **said, "text": p.text}
            yield Row({**values, **of_cited}, {None: span(c), **dict.fromkeys(OF_THE_CITED, whole(p)), **words}), found
        # A range may be a slip of thousands: what is missing is listed in ranges too, and not paragraph by paragraph.
        for before, after in zip([first - 1, *there], [*there, last + 1], strict=True):
            if before + 1 < after:
                until = f" to {after - 1}" if before + 2 < after else ""
                lacking = {"document": found.name, "note": f"the document has no paragraph {before + 1}{until}"}
                yield Row({**values, **lacking}, {None: span(c)}), document


def _find(c: Citation, symbol: str | None, held: Sequence[Document]) -> tuple[Document | None, str | None]:
    """Find the document that a citation means, and say what to mind, or what is missing."""
    base = (symbol or "").split(" ")[0]
    if versions := [each for each in held if base and base == (each.symbol or "").split(" ")[0]]:
        found = next((each for each in versions if each.symbol == symbol), versions[0])
        moved = f"{symbol} is cited and {found.symbol} at hand: paragraph numbers may have moved"
        return found, moved if found.symbol != symbol else None
    if c.session is None:
        return None, f"not at hand: {symbol}" if symbol else "the phrase does not say of which document"
    for each in held:
        same = (each.header.body, each.header.session) == (c.body, c.session) and not (symbol and each.symbol)
        if same and _is_session_report(each):
            return each, None
    which = f", which is {symbol}" if symbol else ""
    return None, f"not at hand: the report of {c.body}/{c.session}{which}"


def _is_session_report(document: Document) -> bool:
    """Report whether the title of a document is no more than the word for a session's report."""
    title = plain(document.header.title or "")[0].strip()
    return any(rule.pattern.fullmatch(title) for rule in rules(document.language, "session_report"))
