"""The core tables of a document: rows with the words they came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from cdip_analysis.data import reference_rows
from cdip_analysis.header import date_of
from cdip_analysis.labels import sentence, session_dates
from cdip_analysis.language import normalise, plain
from cdip_analysis.model import (
    Citation,
    Document,
    Passage,
    Row,
    Span,
    by_action,
    grouped,
    natural_key,
    session_of,
    span,
    traced,
    whole,
)
from cdip_analysis.symbols import document_url, symbol_order
from cdip_analysis.wording import rules

_TEXTS = ("implementation", "consideration", "chair_summary")
_OF_REPORT = ("session", "report", "report_is_draft", "first_paragraph", "last_paragraph")
_NOTHING = Citation("")  # for a cell without a citation


def annex_rows(document: Document) -> list[Row]:
    """Return the entries of the annex, with what their cells cite."""
    rows = []
    entries: dict[int, dict[str, Passage]] = {}
    for passage in document.passages:
        if passage.entry is not None:
            entries.setdefault(passage.entry, {}).setdefault(str(passage.column), passage)
    own_body = document.header.own_body
    action: Passage | None = None
    for entry, cells in entries.items():
        first = next(iter(cells.values()))
        if "action" in cells:
            action = cells["action"]
        elif action is not None and action.action_id != first.action_id:
            action = None
        presented, considered, decided = (
            document.first_in(cells.get(column), kind) or _NOTHING
            for column, kind in zip(_TEXTS, ("document", "paragraphs", "summary"), strict=True)
        )
        day, day_words = _event(cells["implementation"], document.language) if "implementation" in cells else (None, [])
        values = {
            "entry": entry,
            "proposal_paragraph": first.proposal_paragraph,
            "action_id": first.action_id,
            "action": action.text if action else None,
            **{column: cells[column].text if column in cells else None for column in _TEXTS},
            "document": presented.symbol,
            "session": considered.session if considered.body == own_body else None,
            "report": considered.symbol,
            "report_is_draft": "Prov." in considered.symbol if considered.symbol else None,
            "first_paragraph": considered.first,
            "last_paragraph": considered.last,
            "summary_session": decided.session if decided.body == own_body else None,
            "summary_paragraph": decided.item,
            "event_date": day,
            "source_page": first.page,
            "source_line": first.line,
        }
        read_by = "as printed" if "action" in cells else "continues the action above"
        words = {
            **{column: whole(cells[column]) for column in _TEXTS if column in cells},
            "action": whole(action, read_by) if action else [],
            "document": span(presented),
            **dict.fromkeys(_OF_REPORT, span(considered)),
            **dict.fromkeys(("summary_session", "summary_paragraph"), span(decided)),
            "event_date": day_words,
        }
        rows.append(traced(values, [s for cell in cells.values() for s in whole(cell)], words))
    return rows


def _event(cell: Passage, language: str) -> tuple[dt.date | None, list[Span]]:
    """Read the day of an event in an implementation cell."""
    for rule in rules(language, "date"):
        match = rule.pattern.search(plain(cell.text)[0])
        if match and (day := date_of(match.groupdict(), language)):
            return day, [Span(cell, *match.span(), rule.name)]
    return None, []


def passage_rows(document: Document, kind: str, *columns: str) -> list[Row]:
    """Return the passages of a kind: paragraphs, or lines of the quoted proposal."""
    found = (p for p in document.passages if p.kind == kind)
    return [Row({name: getattr(p, name.removeprefix("source_")) for name in columns}, {None: whole(p)}) for p in found]


def action_rows(document: Document, annex: Sequence[Row]) -> list[Row]:
    """Return the actions of annex and body, with what the annex counts for each."""
    rows = []
    entries = by_action(annex)
    headings = {p.action_id: p for p in reversed(document.passages) if p.kind == "heading" and p.action_id}
    in_body = grouped(body_ranges(document), lambda c: c.passage and c.passage.action_id)
    for action_id in sorted(filter(None, {*entries, *headings}), key=natural_key):
        of_action, heading = entries.get(action_id, []), headings.get(action_id)
        named = next((row for row in of_action if row.values["action"]), None)
        counted = [row for row in of_action if None not in _range(row)]
        ranges = [_range(row) for row in counted]
        beside = in_body.get(action_id, [])
        sessions = sorted({session for session, _, _ in ranges})
        # The only action of its paragraph, or an action of an annex that names no paragraphs.
        unnumbered = "." not in action_id or (heading is not None and heading.role != "action")
        values = {
            "action_id": action_id,
            "proposal_paragraph": int(action_id.split(".")[0]) if "." in action_id else None,
            "action": named.values["action"] if named else heading and heading.text,
            "entries": len(of_action),
            "documents": len({row.values["document"] for row in of_action} - {None}),
            "sessions": len(sessions),
            "first_session": sessions[0] if sessions else None,
            "last_session": sessions[-1] if sessions else None,
            "report_paragraphs": paragraphs_in(ranges),
            "report_paragraphs_with_body": paragraphs_in([*ranges, *((c.session, c.first, c.last) for c in beside)]),
        }
        considered = [s for row in counted for s in row.sources["session"]]
        words = {
            **dict.fromkeys(("sessions", "first_session", "last_session", "report_paragraphs"), considered),
            "report_paragraphs_with_body": considered + [s for c in beside for s in span(c)],
            "documents": [s for row in of_action if row.values["document"] for s in row.sources["document"]],
            "action": named.sources["action"] if named else [],
        }
        everything = [s for row in of_action for s in row.sources[None]] or (whole(heading) if heading else [])
        notes = {"action_id": sentence("action.our_number", "en")} if unnumbered else {}
        rows.append(traced(values, everything, words, notes))
    return rows


def _range(row: Row) -> tuple[Any, Any, Any]:
    return row.values["session"], row.values["first_paragraph"], row.values["last_paragraph"]


def paragraphs_in(ranges: Iterable[tuple[Any, Any, Any]]) -> int:
    """Count the paragraphs of ranges (session, first, last), both ends included, none twice.

    >>> paragraphs_in([(21, 98, 112), (21, 110, 113), (22, 98, 98)])
    17
    """
    total, reached, current = 0, 0, None
    for session, first, last in sorted(r for r in ranges if None not in r):
        if session != current:
            reached, current = 0, session
        total += max(0, last - max(first - 1, reached))
        reached = max(reached, last)
    return total


def body_ranges(document: Document) -> list[Citation]:
    """List the ranges of reports of the body's own sessions that the text before the annex cites."""
    ranges = (c for c in document.citations if c.kind == "paragraphs" and c.body == document.header.own_body)
    return [c for c in ranges if c.session and c.passage and not c.passage.entry]


def citation_rows(document: Document) -> list[Row]:
    """Return the citations, in document order."""
    rows = []
    names = ("kind", "symbol", "first", "last", "item", "resolved", "text", "start", "end")
    for c in document.citations:
        session = c.session if c.body == document.header.own_body else None
        values = {**(c.passage.place if c.passage else {}), **{name: getattr(c, name) for name in names}}
        rows.append(Row({**values, "session": session, "target": str(c)}, {None: span(c)}))
    return rows


def document_rows(document: Document, annex: Sequence[Row]) -> list[Row]:
    """Return the documents that are cited, with their titles as far as they are known."""
    rows = []
    titles = {row["symbol"]: row for row in reference_rows("documents.csv")}
    cited = grouped((c for c in document.citations if c.symbol), lambda c: str(c.symbol))
    printed = {row.values["document"]: row.sources["document"][0] for row in reversed(annex) if row.values["document"]}
    for symbol in sorted(cited, key=symbol_order):
        notes = {"url": "by WIPO's rule for names of files (data/README.md); not checked"}
        known, words = titles.get(symbol), list[Span]()
        title = source = evidence = None
        if known:
            title, source, evidence = known["title_en"], known["title_source"], known["evidence"]
            notes |= dict.fromkeys(("title", "title_source", "evidence"), f"data/reference/documents.csv: {source}")
        elif symbol in printed and (words := _before(printed[symbol])):
            title, source, evidence = words[0].text, "printed", "printed in the annex"
        of_report = any(c.kind == "paragraphs" and c.session is not None for c in cited[symbol])
        values = {
            "symbol": symbol,
            "session": session_of(symbol) if symbol.startswith(f"{document.header.own_body}/") else None,
            "kind": ("draft_report" if "Prov." in symbol else "report") if of_report else "document",
            **{"title": title, "title_source": source, "evidence": evidence},
            "url": document_url(symbol, document.language),
            "times_cited": len(cited[symbol]),
        }
        rows.append(traced(values, [s for c in cited[symbol] for s in span(c)], {"title": words}, notes))
    return rows


def _before(symbol: Span) -> list[Span]:
    """Return the words before a symbol in brackets in an implementation cell: the title, as printed."""
    head = normalise(symbol.passage.text)[: symbol.start].rstrip()
    title = head.removesuffix("(").rstrip()
    return [Span(symbol.passage, 0, len(title), "the title before the symbol")] if title not in ("", head) else []


class Mandate(NamedTuple):
    """The session that decided on the work reported, and the sessions for which it was decided; with their words."""

    decided: int | None
    first: int | None
    last: int | None
    decision: list[Span]
    period: list[Span]


def mandate(document: Document) -> Mandate:
    """Read the mandate from the introduction; None where it names none."""
    found: dict[str, list[Span]] = {"decided": [], "period": []}
    for p in document.passages:
        for rule in rules(document.language, "mandate") if p.section == "introduction" else ():
            spans = found[rule.row["role"]]
            if not spans and (match := rule.pattern.search(plain(p.text)[0])):
                spans.append(Span(p, *match.span(), rule.name))

    def sessions(spans: list[Span]) -> list[int] | list[None]:
        inside = (c for s in spans for c in document.citations_in(s.passage) if s.start <= c.start < s.end)
        return [c.session for c in inside if c.session is not None] or [None]

    decision, period = found["decided"], found["period"]
    return Mandate(sessions(decision)[0], sessions(period)[0], sessions(period)[-1], decision, period)


def session_rows(document: Document) -> list[Row]:
    """Return the sessions that are named, and those of the mandate."""
    rows, given = [], mandate(document)
    spans: dict[int, list[Span]] = {}
    for c in document.citations:
        if c.session is not None and c.body == document.header.own_body:
            spans.setdefault(c.session, []).extend(span(c))
    of_mandate = range(given.first, given.last + 1) if given.first and given.last else range(0)
    for number in of_mandate:
        spans.setdefault(number, []).extend(given.period)
    for number in sorted(spans):
        start, end, evidence = session_dates(document.header, number)
        dates = {"start_date": start, "end_date": end, "dates_are_documented": start is not None}
        values = {"session": number, **dates, "in_mandate": number in of_mandate}
        words = {"in_mandate": given.period if number in of_mandate else []}
        rows.append(traced(values, spans[number], words, dict.fromkeys(dates, evidence)))
    return rows


def unread_rows(document: Document) -> list[Row]:
    """Return what looked like a reference and was not understood."""
    return [
        Row({**h.passage.place, "text": h.text, "start": h.start, "end": h.end, "why": h.rule}, {None: [h]})
        for h in document.unread
    ]
