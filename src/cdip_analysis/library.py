"""Join what a report cites with the documents at hand: the words of the cited paragraphs, and who speaks in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from cdip_analysis.language import plain, rules
from cdip_analysis.model import Citation, Passage, Row, Span, span, whole
from cdip_analysis.report import Report, load_report
from cdip_analysis.schema import tables
from cdip_analysis.tables import build

__all__ = ["OF_THE_CITED", "cited_passages", "cited_rows", "speaker_rows", "speakers"]

#: The columns of `cited_passages` that come out of the cited paragraph; the others come out of the citation.
OF_THE_CITED = ("cited_paragraph", "role", "speaker", "on_behalf_of", "text")


def speakers(report: Report) -> pd.DataFrame:
    r"""List the paragraphs that open with who speaks.

    Returns
    -------
    pandas.DataFrame
        Columns as data/library.json declares them: paragraph, role (delegation, representative, secretariat, chair),
        speaker and on_behalf_of as printed, source_line. A paragraph that opens otherwise has no row: who speaks there
        is not guessed.

    Examples
    --------
    >>> from cdip_analysis import load_report, speakers
    >>> text = "1. The Delegation of Chile, speaking on behalf of GRULAC, thanked the Chair.\n2. It was so decided."
    >>> speakers(load_report(text.encode())).iloc[0].to_dict()
    {'paragraph': 1, 'role': 'delegation', 'speaker': 'Chile', 'on_behalf_of': 'GRULAC', 'source_line': 1}
    """
    return build(tables("library")["speakers"], [row.values for row in speaker_rows(report)], report.name)


def speaker_rows(report: Report) -> Iterator[Row]:
    """Give the rows of `speakers` before pandas, with the words that each value came from."""
    for p in _paragraphs(report):
        said, words = _speaker(p, report.language)
        if said["role"]:
            yield Row({"paragraph": p.paragraph, **said, "source_line": p.line}, {None: whole(p), **words})


def _paragraphs(report: Report) -> Iterator[Passage]:
    return (passage for passage in report.passages if passage.kind == "paragraph")


_UNKNOWN = dict.fromkeys(("role", "speaker", "on_behalf_of"))


def _speaker(passage: Passage, language: str) -> tuple[dict[str, str | None], dict[str | None, Sequence[Span]]]:
    """Read who speaks from the opening of a paragraph; with it stand the words that say so.

    >>> _speaker(Passage("paragraph", "The Secretariat presented the document.", 1, 1), "en")[0]
    {'role': 'secretariat', 'speaker': 'Secretariat', 'on_behalf_of': None}
    """
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
    """Give some of the words of a passage, without the blanks around them."""
    text = words.passage.text[start:end]
    start += len(text) - len(text.lstrip())
    return words._replace(start=start, end=start + len(text.strip()))


def cited_passages(report: Report, library: Iterable[Report | str | Path]) -> pd.DataFrame:
    """Put the words of the cited paragraphs beside a report's citations, as far as the documents are at hand.

    Parameters
    ----------
    report : Report
        Whose citations of ranges to follow ("CDIP/21 report 98-112", "CWS/8/24 76-79").
    library : iterable of Report or path
        The documents at hand. A document is known by its symbol, printed in its header or given to `load_report`; a
        session's report without one by its title and session. A draft stands in for the adopted report and the other
        way round, and a note says so: paragraph numbers may have moved.

    Returns
    -------
    pandas.DataFrame
        Columns as data/library.json declares them. One row for each cited paragraph that is at hand, in the order of
        the citations; one with ``at_hand`` False for each citation whose document is not at hand, and for each
        paragraph that the document does not have: `note` says what is missing.

    Examples
    --------
    >>> from cdip_analysis import cited_passages, load_report
    >>> found = cited_passages(load_report(), [])
    >>> len(found), found["note"].iloc[0]
    (31, 'not at hand: the report of CDIP/21, which is CDIP/21/15')
    """
    rows = [row.values for row, _ in cited_rows(report, library)]
    return build(tables("library")["cited_passages"], rows, report.name)


def cited_rows(report: Report, library: Iterable[Report | str | Path]) -> Iterator[tuple[Row, Report]]:
    """Give the rows of `cited_passages` before pandas, each with the document in which the cited words stand.

    Of a paragraph that is not at hand this is the report itself, for the words of all columns are those that cite it.
    """
    held = [each if isinstance(each, Report) else load_report(each) for each in library]
    by_symbol = {symbol: each for each in reversed(held) if (symbol := _symbol(each))}
    by_session = {(each.header.body, each.header.session): each for each in reversed(held) if _is_session_report(each)}
    # Body ranges name only the session; the annex says which document its report is.
    named: dict[tuple[str, int | None], str] = {
        (c.body, c.session): c.symbol for c in report.cited if c.kind == "paragraphs" and c.session and c.symbol
    }
    texts = {id(each): _by_number(each) for each in held}
    for c in report.cited:
        if c.kind != "paragraphs":
            continue
        symbol = c.symbol or named.get((c.body, c.session))
        found, note = _find(symbol, c, by_symbol, by_session)
        for row in _rows(c, found, note, texts[id(found)] if found else {}):
            yield row, found if found and row.values["at_hand"] else report


def _symbol(report: Report) -> str | None:
    supplied: str | None = report.supplied.get("symbol")
    return report.header.symbol or supplied


def _is_session_report(report: Report) -> bool:
    """Tell a session's report by its title, which is no more than the word for it."""
    title = plain(report.header.title or "")[0].strip()
    return any(rule.pattern.fullmatch(title) for rule in rules(report.language, "session_report"))


def _find(
    symbol: str | None,
    citation: Citation,
    by_symbol: Mapping[str, Report],
    by_session: Mapping[tuple[str | None, int | None], Report],
) -> tuple[Report | None, str | None]:
    """Find the document that a citation means, and say what to mind, or what is missing."""
    if symbol is not None and symbol in by_symbol:
        return by_symbol[symbol], None
    base = symbol.split(" ")[0] if symbol else None
    for held in by_symbol:
        if base == held.split(" ")[0]:
            return by_symbol[held], f"{symbol} is cited and {held} at hand: paragraph numbers may have moved"
    found = by_session.get((citation.body, citation.session)) if citation.session is not None else None
    if found is not None and (symbol is None or not _symbol(found)):
        return found, None
    if citation.session is None:
        return None, f"not at hand: {symbol}" if symbol else "the phrase does not say of which document"
    which = f", which is {symbol}" if symbol else ""
    return None, f"not at hand: the report of {citation.body}/{citation.session}{which}"


def _by_number(report: Report) -> dict[int, Passage]:
    """Give the paragraphs by number, the first of two with one number."""
    return {p.paragraph: p for p in reversed(list(_paragraphs(report))) if p.paragraph is not None}


def _rows(citation: Citation, found: Report | None, note: str | None, texts: Mapping[int, Passage]) -> Iterator[Row]:
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
    # A range may be a slip of thousands: what is missing is told in ranges too, and not paragraph by paragraph.
    for gap in _gaps(first, last, there):
        lacking = f"the document has no paragraph {gap[0]}" + (f" to {gap[1]}" if gap[1] > gap[0] else "")
        only = gap[0] if gap[0] == gap[1] else None
        yield Row({**cited, "at_hand": False, "cited_paragraph": only, **empty, "note": lacking}, here)


def _gaps(first: int, last: int, there: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give the stretches of a range in which nothing is there.

    >>> list(_gaps(1, 9, [2, 3, 6]))
    [(1, 1), (4, 5), (7, 9)]
    """
    for before, after in zip([first - 1, *there], [*there, last + 1], strict=True):
        if after - before > 1:
            yield before + 1, after - 1
