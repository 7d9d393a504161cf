"""The core tables of a document: rows with the words they came from."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from cdip_analysis.data import Title, meetings, titles
from cdip_analysis.header import date_of
from cdip_analysis.labels import convened_label, sentence
from cdip_analysis.language import normalise, plain, rules
from cdip_analysis.model import (
    Citation,
    Document,
    Header,
    Passage,
    Row,
    Span,
    by_action,
    natural_key,
    session_of,
    span,
    whole,
)


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
        presented = document.first_in(cells.get("implementation"), "document")
        considered = document.first_in(cells.get("consideration"), "paragraphs")
        decided = document.first_in(cells.get("chair_summary"), "summary")
        day, day_span = _event(cells.get("implementation"), document.language)
        texts = ("implementation", "consideration", "chair_summary")
        sources: dict[str | None, Sequence[Span]] = {None: [s for cell in cells.values() for s in whole(cell)]}
        sources |= {column: whole(cells[column]) for column in texts if column in cells}
        if action:
            sources["action"] = whole(action, "as printed" if "action" in cells else "continues the action above")
        if presented:
            sources["document"] = span(presented)
        if considered:
            of_report = ("session", "report", "report_is_draft", "first_paragraph", "last_paragraph")
            sources |= dict.fromkeys(of_report, span(considered))
        if decided:
            sources["summary_session"] = sources["summary_paragraph"] = span(decided)
        if day_span:
            sources["event_date"] = [day_span]
        values = {
            "entry": entry,
            "proposal_paragraph": first.proposal_paragraph,
            "action_id": first.action_id,
            "action": action.text if action else None,
            **{column: cells[column].text if column in cells else None for column in texts},
            "document": presented.symbol if presented else None,
            "session": considered.session if considered and considered.body == own_body else None,
            "report": considered.symbol if considered else None,
            "report_is_draft": "Prov." in considered.symbol if considered and considered.symbol else None,
            "first_paragraph": considered.first if considered else None,
            "last_paragraph": considered.last if considered else None,
            "summary_session": decided.session if decided and decided.body == own_body else None,
            "summary_paragraph": decided.item if decided else None,
            "event_date": day,
            "source_page": first.page,
            "source_line": first.line,
        }
        rows.append(Row(values, sources))
    return rows


def _event(cell: Passage | None, language: str) -> tuple[Any, Span | None]:
    """Read the day of an event in an implementation cell."""
    for rule in rules(language, "date") if cell else ():
        assert cell is not None
        if (match := rule.pattern.search(plain(cell.text)[0])) and (day := date_of(match.groupdict(), language)):
            return day, Span(cell, *match.span(), rule.name)
    return None, None


def proposal_rows(document: Document) -> list[Row]:
    """Return the lines of the quoted proposal."""
    names = ("proposal_paragraph", "item", "text")
    lines = (p for p in document.passages if p.kind == "proposal")
    return [Row({**_values(p, names), "source_line": p.line}, {None: whole(p)}) for p in lines]


def _values(thing: Passage | Citation, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}


def action_rows(document: Document, annex: Sequence[Row]) -> list[Row]:
    """Return the actions of annex and body, with what the annex counts for each."""
    rows = []
    entries = by_action(annex)
    headings = {p.action_id: p for p in reversed(document.passages) if p.kind == "heading" and p.action_id}
    ranges_in_body: dict[str | None, list[Citation]] = {}
    for c in body_ranges(document):
        ranges_in_body.setdefault(c.passage.action_id if c.passage else None, []).append(c)
    for action_id in sorted(filter(None, {*entries, *headings}), key=natural_key):
        of_action, in_body = entries.get(action_id, []), ranges_in_body.get(action_id, [])
        heading = headings.get(action_id)
        named = next((row for row in of_action if row.values["action"]), None)
        ranges = [r for row in of_action if (r := _range(row.values))]
        sessions = sorted({session for session, _, _ in ranges})
        sources: dict[str | None, Sequence[Span]] = {
            None: [s for row in of_action for s in row.sources[None]] or (whole(heading) if heading else [])
        }
        considered = [s for row in of_action if _range(row.values) for s in row.sources["session"]]
        if considered:
            counted = ("sessions", "first_session", "last_session", "report_paragraphs")
            sources |= dict.fromkeys(counted, considered)
        if considered or in_body:
            sources["report_paragraphs_with_body"] = considered + [s for c in in_body for s in span(c)]
        if documents := [s for row in of_action if row.values["document"] for s in row.sources["document"]]:
            sources["documents"] = documents
        if named:
            sources["action"] = named.sources["action"]
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
            "report_paragraphs_with_body": paragraphs_in([*ranges, *((c.session, c.first, c.last) for c in in_body)]),
        }
        rows.append(Row(values, sources, {"action_id": sentence("action.our_number", "en")} if unnumbered else {}))
    return rows


def _range(values: Mapping[str, Any]) -> tuple[int, int, int] | None:
    found = values["session"], values["first_paragraph"], values["last_paragraph"]
    return None if None in found else found


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


def paragraph_rows(document: Document) -> list[Row]:
    """Return the numbered paragraphs."""
    names = ("paragraph", "section", "proposal_paragraph", "action_id", "text")
    found = (p for p in document.passages if p.kind == "paragraph")
    return [Row({**_values(p, names), "source_page": p.page, "source_line": p.line}, {None: whole(p)}) for p in found]


def citation_rows(document: Document) -> list[Row]:
    """Return the citations, in document order."""
    rows = []
    for c in document.citations:
        assert c.passage is not None
        session = c.session if c.body == document.header.own_body else None
        names = ("kind", "symbol", "first", "last", "item", "resolved", "text", "start", "end")
        values = {**c.passage.place, **_values(c, names), "session": session, "target": str(c)}
        rows.append(Row(values, {None: span(c)}))
    return rows


def document_rows(document: Document, annex: Sequence[Row]) -> list[Row]:
    """Return the documents that are cited, with their titles as far as they are known."""
    rows = []
    cited: dict[str, list[Citation]] = {}
    for c in document.citations:
        if c.symbol:
            cited.setdefault(c.symbol, []).append(c)
    printed = {row.values["document"]: row for row in reversed(annex) if row.values["document"]}
    for symbol in sorted(cited, key=symbol_order):
        title, entry = titles().get(symbol), printed.get(symbol)
        words = _before(entry.sources["document"][0]) if entry and title is None else None
        of_report = any(c.kind == "paragraphs" and c.session is not None for c in cited[symbol])
        sources: dict[str | None, Sequence[Span]] = {None: [s for c in cited[symbol] for s in span(c)]}
        notes = {"url": "by WIPO's rule for names of files (data/README.md); not checked"}
        if words:
            sources["title"] = [words]
            title = Title(words.text, "printed", "printed in the annex")
        elif title:
            known = f"data/reference/documents.csv: {title.source}"
            notes |= dict.fromkeys(("title", "title_source", "evidence"), known)
        values = {
            "symbol": symbol,
            "session": session_of(symbol) if symbol.startswith(f"{document.header.own_body}/") else None,
            "kind": ("draft_report" if "Prov." in symbol else "report") if of_report else "document",
            "title": title.title if title else None,
            "title_source": title.source if title else None,
            "evidence": title.evidence if title else None,
            "url": document_url(symbol, document.language),
            "times_cited": len(cited[symbol]),
        }
        rows.append(Row(values, sources, notes))
    return rows


def _before(symbol: Span) -> Span | None:
    """Return the words before a symbol in brackets in an implementation cell: the title, as printed."""
    head = normalise(symbol.passage.text)[: symbol.start].rstrip()
    title = head.removesuffix("(").rstrip()
    return Span(symbol.passage, 0, len(title), "the title before the symbol") if title != head and title else None


def symbol_order(symbol: str) -> list[tuple[bool, int, str]]:
    """Sort the parts of a symbol as numbers where they are.

    >>> sorted(["CDIP/22/10", "CDIP/22/3", "CDIP/8/INF/1"], key=symbol_order)
    ['CDIP/8/INF/1', 'CDIP/22/3', 'CDIP/22/10']
    """
    parts = re.split("[/ ]", symbol)
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def document_url(symbol: str, language: str) -> str | None:
    """Write the address of a CDIP document by WIPO's rule for names of files; None for other bodies.

    The rule is read off addresses of other bodies' documents (see data/README.md): no address of a CDIP document was
    itself seen, so it is derived, not checked.

    >>> document_url("CDIP/23/17 Prov.", "en")
    'https://www.wipo.int/edocs/mdocs/mdocs/en/cdip_23/cdip_23_17_prov.pdf'
    """
    match = re.fullmatch(r"CDIP/(\d+)/(?:(INF)/)?(\d+)((?: (?:Prov|Rev|Add)\.\d*)*)", symbol)
    if match is None:
        return None
    parts = ["cdip", match[1], match[2], match[3], *re.findall(r"[A-Za-z]+|\d+", match[4])]
    name = "_".join(part.lower() for part in parts if part)
    return f"https://www.wipo.int/edocs/mdocs/mdocs/{language}/cdip_{match[1]}/{name}.pdf"


class Mandate(NamedTuple):
    """The session that decided on the work reported, and the sessions for which it was decided."""

    decided: int | None
    first: int | None
    last: int | None
    decision: list[Span]
    period: list[Span]


@lru_cache(maxsize=2)  # five tables ask for it
def mandate(document: Document) -> Mandate:
    """Read the mandate from the introduction; None where it names none."""
    found: dict[str, tuple[Span, list[int]]] = {}
    for p in document.passages:
        if p.section != "introduction":
            continue
        bare = plain(p.text)[0]
        for rule in rules(document.language, "mandate"):
            if (match := rule.pattern.search(bare)) and rule.row["role"] not in found:
                inside = [c.session for c in document.citations_in(p) if match.start() <= c.start < match.end()]
                found[rule.row["role"]] = (Span(p, *match.span(), rule.name), [s for s in inside if s is not None])
    decision, decided = found.get("decided", (None, []))
    period, sessions = found.get("period", (None, []))
    return Mandate(
        decided[0] if decided else None,
        sessions[0] if sessions else None,
        sessions[-1] if sessions else None,
        [decision] if decision else [],
        [period] if period else [],
    )


def session_dates(header: Header, session: int | None, lang: str = "en") -> tuple[dt.date | None, dt.date | None, str]:
    """Return first and last day of a session, and in words where they are documented: the calendar, or the header."""
    if session is None:
        return None, None, sentence("dates.no_session", lang)
    meeting = meetings().get(session) if header.own_body == "CDIP" else None
    if meeting and meeting.documented:
        return meeting.start, meeting.end, sentence("dates.calendar", lang, evidence=meeting.evidence)
    if session == header.session and header.start_date:
        return header.start_date, header.end_date, sentence("dates.header", lang)
    if meeting and (convened := convened_label(session, lang)):
        evidence = sentence("dates.convened_evidence", lang, convened=convened, evidence=meeting.evidence)
        return None, None, evidence
    return None, None, sentence("dates.unknown", lang, session=header.meeting(session))


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
        sources: dict[str | None, Sequence[Span]] = {None: spans[number]}
        if number in of_mandate:
            sources["in_mandate"] = given.period
        values = {"session": number, **dates, "in_mandate": number in of_mandate}
        rows.append(Row(values, sources, dict.fromkeys(dates, evidence)))
    return rows


def unread_rows(document: Document) -> list[Row]:
    """Return what looked like a reference and was not understood."""
    rows = []
    for hit in document.unread:
        values = {**hit.passage.place, "text": hit.text, "start": hit.start, "end": hit.end, "why": hit.rule}
        rows.append(Row(values, {None: [hit]}))
    return rows
