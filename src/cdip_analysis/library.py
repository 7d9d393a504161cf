"""Join what a report cites with the documents at hand: the words of the cited paragraphs, and who speaks in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cdip_analysis.phrases import plain, rules
from cdip_analysis.records import Citation, Passage
from cdip_analysis.report import Report, load_report
from cdip_analysis.schema import tables
from cdip_analysis.tables import build

__all__ = ["cited_passages", "speakers"]


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
    rows = [
        {"paragraph": p.paragraph, **said, "source_line": p.line}
        for p in _paragraphs(report)
        if (said := _speaker(p.text, report.language))["role"]
    ]
    return build(tables("library")["speakers"], rows, report.name)


def _paragraphs(report: Report) -> Iterator[Passage]:
    return (passage for passage in report.passages if passage.kind == "paragraph")


def _speaker(text: str, language: str) -> dict[str, str | None]:
    """Read who speaks from the opening of a paragraph.

    >>> _speaker("The Secretariat presented the document.", "en")
    {'role': 'secretariat', 'speaker': 'Secretariat', 'on_behalf_of': None}
    """
    bare = plain(text)[0]
    for rule in rules(language, "speaker"):
        if match := rule.pattern.match(bare):
            said = {name: text[slice(*match.span(name))].strip() for name, words in match.groupdict().items() if words}
            return {"role": rule.row["role"], "speaker": said["name"], "on_behalf_of": said.get("behalf")}
    return {"role": None, "speaker": None, "on_behalf_of": None}


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
    held = [each if isinstance(each, Report) else load_report(each) for each in library]
    by_symbol = {symbol: each for each in reversed(held) if (symbol := _symbol(each))}
    by_session = {(each.header.body, each.header.session): each for each in reversed(held) if _is_session_report(each)}
    # Body ranges name only the session; the annex says which document its report is.
    named: dict[tuple[str, int | None], str] = {
        (c.body, c.session): c.symbol for c in report.cited if c.kind == "paragraphs" and c.session and c.symbol
    }
    texts = {id(each): _by_number(each) for each in held}
    rows: list[Mapping[str, Any]] = []
    for c in report.cited:
        if c.kind != "paragraphs":
            continue
        symbol = c.symbol or named.get((c.body, c.session))
        found, note = _find(symbol, c, by_symbol, by_session)
        rows += _rows(c, found, note, texts[id(found)] if found else {})
    return build(tables("library")["cited_passages"], rows, report.name)


def _symbol(report: Report) -> str | None:
    supplied: str | None = report.supplied.get("symbol")
    return supplied or report.header.symbol


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


def _rows(
    citation: Citation, found: Report | None, note: str | None, texts: Mapping[int, Passage]
) -> Sequence[Mapping[str, Any]]:
    place = citation.passage.place if citation.passage else {}
    cited = {"target": str(citation), **{key: place.get(key) for key in ("proposal_paragraph", "paragraph", "entry")}}
    empty = dict.fromkeys(("role", "speaker", "on_behalf_of", "text"))
    if found is None:
        return [{**cited, "at_hand": False, "document": None, "cited_paragraph": None, **empty, "note": note}]
    first, last = citation.first or 0, citation.last or 0
    there = [number for number in sorted(texts) if first <= number <= last]
    rows: list[dict[str, Any]] = [
        {
            **cited,
            "at_hand": True,
            "document": found.name,
            "cited_paragraph": number,
            **_speaker(texts[number].text, found.language),
            "text": texts[number].text,
            "note": note,
        }
        for number in there
    ]
    # A range may be a slip of thousands: what is missing is told in ranges too, and not paragraph by paragraph.
    for gap in _gaps(first, last, there):
        lacking = f"the document has no paragraph {gap[0]}" + (f" to {gap[1]}" if gap[1] > gap[0] else "")
        number = gap[0] if gap[0] == gap[1] else None
        rows.append(
            {**cited, "at_hand": False, "document": found.name, "cited_paragraph": number, **empty, "note": lacking}
        )
    return rows


def _gaps(first: int, last: int, there: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give the stretches of a range in which nothing is there.

    >>> list(_gaps(1, 9, [2, 3, 6]))
    [(1, 1), (4, 5), (7, 9)]
    """
    for before, after in zip([first - 1, *there], [*there, last + 1], strict=True):
        if after - before > 1:
            yield before + 1, after - 1
