"""Make the tables of a report: rows with the words they came from, then DataFrames (the only door into pandas)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from cdip_analysis.data import meetings, titles
from cdip_analysis.header import date_of
from cdip_analysis.language import normalise, plain, rules
from cdip_analysis.model import Citation, Passage, Row, Span, natural, session_of, span, whole
from cdip_analysis.resolve import outside_brackets
from cdip_analysis.schema import Column, Table, check_rows, tables

if TYPE_CHECKING:
    from cdip_analysis.report import Report

__all__ = [
    "MAKERS",
    "Mandate",
    "address",
    "body_ranges",
    "build",
    "first_of",
    "frame",
    "judge",
    "mandate",
    "own_session",
    "paragraphs_in",
    "session_dates",
    "symbol_order",
    "typed",
]

_TEXT: Any = pd.api.types.pandas_dtype("str")  # told by its name, it is looked for among all types, for every column


def frame(report: Report, name: str) -> pd.DataFrame:
    """Make a table or an analysis of a report.

    Returns
    -------
    pandas.DataFrame
        One row each as `rows` gives them, with the columns and types that data/datapackage.json declares: text
        ``str``, whole numbers ``Int64``, yes or no ``boolean``, dates ``datetime64[us]``, closed sets ``category``.

    Raises
    ------
    ReportError
        If the rows do not hold what the declaration demands.
    """
    return build(tables()[name], [row.values for row in report.rows(name)], report.name)


def build(table: Table, values: Sequence[Mapping[str, Any]], document: str) -> pd.DataFrame:
    """Make a DataFrame of declared columns and types from rows of plain values, held against the declaration."""
    check_rows(table, values, document)
    return typed(table, values)


def typed(table: Table, values: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make a DataFrame of declared columns and types."""
    # All texts are made one array and this is cut into columns, for each new one takes as long as four cuts. Who keeps
    # one column keeps the texts of the table.
    texts = [column.name for column in table.columns if _is_text(column)]
    array = pd.array([row[name] for name in texts for row in values], _TEXT)
    cut = {name: array[n * len(values) : (n + 1) * len(values)] for n, name in enumerate(texts)}
    # Arrays and no copy: made of Series, which are aligned and copied, a frame takes three times as long.
    columns = {
        n: cut[column.name] if _is_text(column) else _array(column, [row[column.name] for row in values])
        for n, column in enumerate(table.columns)
    }
    made = pd.DataFrame(columns, copy=False)
    # An index of names takes as long as three columns. A copy of it, so that what is done to it stays with this frame.
    made.columns = _index(tuple([column.name for column in table.columns])).copy()
    return made


@cache
def _index(names: tuple[str, ...]) -> pd.Index[str]:
    return pd.Index(names)


def _is_text(column: Column) -> bool:
    return column.type == "string" and not column.allowed


def _array(column: Column, cells: list[Any]) -> Any:
    """Make the array of a column but text; `pd.array` would look for what it is told, and take twice the time."""
    if column.allowed:
        place, closed_set = _closed_set(column.allowed)
        return pd.Categorical.from_codes([place[cell] for cell in cells], dtype=closed_set)
    if column.type == "date":
        return np.array(cells, "datetime64[us]")
    missing = np.array([cell is None for cell in cells], bool)
    if column.type == "integer":
        return pd.arrays.IntegerArray(np.array([cell or 0 for cell in cells], "int64"), missing)
    return pd.arrays.BooleanArray(np.array([cell or False for cell in cells], bool), missing)


@cache
def _closed_set(allowed: tuple[str, ...]) -> tuple[dict[str | None, int], pd.CategoricalDtype]:
    return {**{value: place for place, value in enumerate(allowed)}, None: -1}, pd.CategoricalDtype(list(allowed), True)


def _entries(report: Report) -> Iterator[tuple[int, dict[str, Passage]]]:
    """Give the entries of the annex, each with its cells by column."""
    found: dict[int, dict[str, Passage]] = {}
    for passage in report.passages:
        if passage.entry is not None:
            found.setdefault(passage.entry, {}).setdefault(str(passage.column), passage)
    yield from found.items()


def first_of(report: Report, passage: Passage | None, kind: str) -> Citation | None:
    """Give the first citation of a kind in a passage."""
    return next((c for c in report.citations_in(passage) if c.kind == kind), None)


def _annex(report: Report) -> Iterator[Row]:
    action: Passage | None = None
    for entry, cells in _entries(report):
        any_cell = next(iter(cells.values()))
        if "action" in cells:
            action = cells["action"]
        elif action is not None and action.action_id != any_cell.action_id:
            action = None
        document = first_of(report, cells.get("implementation"), "document")
        considered = first_of(report, cells.get("consideration"), "paragraphs")
        decided = first_of(report, cells.get("chair_summary"), "summary")
        day, day_span = _event(cells.get("implementation"), report.language)
        sources: dict[str | None, Sequence[Span]] = {None: [s for cell in cells.values() for s in whole(cell)]}
        for column in ("implementation", "consideration", "chair_summary"):
            if column in cells:
                sources[column] = whole(cells[column])
        if action:
            sources["action"] = whole(action, "as printed" if "action" in cells else "continues the action above")
        if document:
            sources["document"] = span(document)
        if considered:
            for column in ("session", "report", "report_is_draft", "first_paragraph", "last_paragraph"):
                sources[column] = span(considered)
        if decided:
            sources["summary_session"] = sources["summary_paragraph"] = span(decided)
        if day_span:
            sources["event_date"] = [day_span]
        text = {column: cell.text for column, cell in cells.items()}
        yield Row(
            {
                "entry": entry,
                "proposal_paragraph": any_cell.proposal_paragraph,
                "action_id": any_cell.action_id,
                "action": action.text if action else None,
                "implementation": text.get("implementation"),
                "consideration": text.get("consideration"),
                "chair_summary": text.get("chair_summary"),
                "document": document.symbol if document else None,
                "session": considered.session if considered else None,
                "report": considered.symbol if considered else None,
                "report_is_draft": "Prov." in considered.symbol if considered and considered.symbol else None,
                "first_paragraph": considered.first if considered else None,
                "last_paragraph": considered.last if considered else None,
                "summary_session": decided.session if decided else None,
                "summary_paragraph": decided.item if decided else None,
                "event_date": day,
                "source_page": any_cell.page,
                "source_line": any_cell.line,
            },
            sources,
        )


def _event(cell: Passage | None, language: str) -> tuple[Any, Span | None]:
    """Read the day of an event in an implementation cell."""
    for rule in rules(language, "date") if cell else ():
        assert cell is not None
        if (match := rule.pattern.search(plain(cell.text)[0])) and (day := date_of(match.groupdict(), language)):
            return day, Span(cell, *match.span(), rule.name)
    return None, None


def _proposal(report: Report) -> Iterator[Row]:
    for p in report.passages:
        if p.kind == "proposal":
            values = {"proposal_paragraph": p.proposal_paragraph, "item": p.item, "text": p.text, "source_line": p.line}
            yield Row(values, {None: whole(p)})


def _actions(report: Report) -> Iterator[Row]:
    entries: dict[str, list[Row]] = {}
    for row in report.rows("annex"):
        if row.values["action_id"]:
            entries.setdefault(row.values["action_id"], []).append(row)
    headings = {p.action_id: p for p in reversed(report.passages) if p.kind == "heading" and p.action_id}
    ranges_in_body: dict[str | None, list[Citation]] = {}
    for c in body_ranges(report):
        ranges_in_body.setdefault(c.passage.action_id if c.passage else None, []).append(c)
    for action_id in sorted({*entries, *filter(None, headings)}, key=natural):
        mine = entries.get(action_id, [])
        ranges = [r for row in mine if (r := _range(row.values))]
        in_body = ranges_in_body.get(action_id, [])
        sessions = sorted({session for session, _, _ in ranges})
        named = [row for row in mine if row.values["action"]]
        heading = headings.get(action_id)
        wording = named[0].values["action"] if named else heading and heading.text
        sources: dict[str | None, Sequence[Span]] = {
            None: [s for row in mine for s in row.sources[None]] or (whole(heading) if heading else [])
        }
        considered = [s for row in mine if _range(row.values) for s in row.sources["session"]]
        if considered:
            for column in ("sessions", "first_session", "last_session", "report_paragraphs"):
                sources[column] = considered
        if considered or in_body:
            sources["report_paragraphs_with_body"] = considered + [s for c in in_body for s in span(c)]
        if documents := [s for row in mine if row.values["document"] for s in row.sources["document"]]:
            sources["documents"] = documents
        if named:
            sources["action"] = named[0].sources["action"]
        yield Row(
            {
                "action_id": action_id,
                "proposal_paragraph": int(action_id.split(".")[0]),
                "action": wording,
                "entries": len(mine),
                "documents": len({row.values["document"] for row in mine} - {None}),
                "sessions": len(sessions),
                "first_session": sessions[0] if sessions else None,
                "last_session": sessions[-1] if sessions else None,
                "report_paragraphs": paragraphs_in(ranges),
                "report_paragraphs_with_body": paragraphs_in(ranges + [(c.session, c.first, c.last) for c in in_body]),
            },
            sources,
        )


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


def body_ranges(report: Report) -> list[Citation]:
    """List the ranges of session reports that the body cites."""
    return [c for c in report.cited if c.kind == "paragraphs" and c.session and c.passage and not c.passage.entry]


def _paragraphs(report: Report) -> Iterator[Row]:
    for p in report.passages:
        if p.kind == "paragraph":
            values = {
                "paragraph": p.paragraph,
                "section": p.section,
                "proposal_paragraph": p.proposal_paragraph,
                "action_id": p.action_id,
                "text": p.text,
                "source_page": p.page,
                "source_line": p.line,
            }
            yield Row(values, {None: whole(p)})


def _citations(report: Report) -> Iterator[Row]:
    for c in report.cited:
        assert c.passage is not None
        values = {
            **c.passage.place,
            "kind": c.kind,
            "symbol": c.symbol,
            "session": c.session if c.body == "CDIP" else None,
            "first": c.first,
            "last": c.last,
            "item": c.item,
            "target": str(c),
            "resolved": c.resolved,
            "text": c.text,
            "start": c.start,
            "end": c.end,
        }
        yield Row(values, {None: span(c)})


def _decisions(report: Report) -> Iterator[Row]:
    cited: dict[tuple[int, str], list[Citation]] = {}
    for c in sorted(report.cited, key=lambda c: c.passage.entry or 10**6 if c.passage else 0):  # the annex first
        if c.kind == "summary" and c.item and c.session is not None and not c.appendix:
            cited.setdefault((c.session, c.item), []).append(c)
    told = _told_by_order(report, cited)
    for (session, item), citations in cited.items():
        passages = [c.passage for c in citations if c.passage]
        in_annex = next((p for p in passages if p.entry), None)
        in_body = next((c for c in citations if c.passage and c.passage.paragraph), None)
        words: Span | None = None
        if in_body and in_body.passage:
            words = _sentence_before(in_body)
        elif (session, item) in told:
            words = told[session, item]
        asks, asks_words = _asks(report, words, f"CDIP/{session} summary {item}")
        who, who_span = _who_decides(words, report.language)
        sources: dict[str | None, Sequence[Span]] = {None: [s for c in citations for s in span(c)]}
        if words:
            sources["text"] = sources["paragraph"] = [words]
        if asks_words:
            sources["asks"] = asks_words
        if who_span:
            sources["who_decides"] = [who_span]
        place = in_annex or passages[0]
        yield Row(
            {
                "session": session,
                "summary_paragraph": item,
                "action_id": place.action_id,
                "entry": in_annex.entry if in_annex else None,
                "paragraph": words.passage.paragraph if words else None,
                "who_decides": who,
                "asks": asks,
                "text": words.text.strip() if words else None,
            },
            sources,
        )


def _who_decides(words: Span | None, language: str) -> tuple[str | None, Span | None]:
    """Return who is named first in a decision, and where."""
    if words is None:
        return None, None
    bare = plain(words.passage.text)[0]
    named = [(m, r) for r in rules(language, "who_decides") if (m := r.pattern.search(bare, words.start, words.end))]
    if not named:
        return None, None
    match, rule = min(named, key=lambda found: found[0].start())
    return str(rule.row["who"]), Span(words.passage, *match.span(), rule.name)


def _asks(report: Report, words: Span | None, target: str) -> tuple[str | None, list[Span]]:
    """Say whom a decision asks to do something: as judged, or without a judgement by the verbs of the vocabulary."""
    if words is None:
        return None, []
    if report.judged is not None:
        asked = [one for one in report.judged.commitments if one.values["asked_target"] == target]
        decided = [one for one in asked if one.values["asked_by"] == "committee"]
        if decided:
            return decided[0].values["who"], [found for one in decided for found in one.words["asked_words"]]
        return "nothing", [words]
    found, found_words = judge(words, report.language, "asks")
    return (found["asks"] if found else None), ([found_words] if found_words else [])


def _told_by_order(report: Report, cited: Mapping[tuple[int, str], list[Citation]]) -> dict[tuple[int, str], Span]:
    """Pair the decisions that the body tells without their number with the summary paragraphs of the annex.

    Both name action and session; where several share these, they are paired in order only if there are as many of one
    as of the other: else which is which is unknown.
    """
    places: dict[tuple[Any, int], list[tuple[int, str]]] = {}
    for key, citations in cited.items():
        if all(c.passage and c.passage.entry for c in citations):
            passage = citations[0].passage
            assert passage is not None
            places.setdefault((passage.action_id, key[0]), []).append(key)
    tellings: dict[tuple[Any, int], list[Span]] = {}
    for p in report.passages:
        summary = first_of(report, p, "summary") if p.section == "decision" else None
        if summary and summary.session is not None and not summary.item:
            tellings.setdefault((p.action_id, summary.session), []).append(_after_opening(p, report.language))
    found: dict[tuple[int, str], Span] = {}
    for place, keys in places.items():
        if len(keys) == len(tellings.get(place, [])):
            found |= dict(zip(keys, tellings[place], strict=True))
    return found


def _after_opening(passage: Passage, language: str) -> Span:
    """Point at what a decision says, after the words that introduce it."""
    bare = plain(passage.text)[0]
    for rule in rules(language, "opening"):
        if match := re.match(r" *+", bare):
            opening = rule.pattern.match(bare, match.end())
            if opening:
                start = opening.end() + len(bare[opening.end() :]) - len(bare[opening.end() :].lstrip())
                return Span(passage, start, len(passage.text), rule.name)
    return whole(passage)[0]


def _sentence_before(citation: Citation) -> Span:
    """Point at the sentence to which a citation in brackets belongs: a decision stands before its reference."""
    assert citation.passage is not None
    text = citation.passage.text
    bare = plain(text)[0]
    outside = outside_brackets(text)
    end = citation.start
    while end > 0 and not outside[end - 1]:
        end -= 1
    head = bare[:end].rstrip()
    start = max((m.end() for m in re.finditer(r"[。!?;]|\. ", head[:-1])), default=0)
    start += len(head[start:]) - len(head[start:].lstrip())
    return Span(citation.passage, start, len(head), "the sentence before the reference")


def judge(words: Span | None, language: str, section: str) -> tuple[Mapping[str, Any] | None, Span | None]:
    """Give the first row of wording that holds of some words, and the words that made it hold."""
    if words is not None:
        bare = plain(words.passage.text)[0]
        for rule in rules(language, section):
            if match := rule.pattern.search(bare, words.start, words.end):
                return {**rule.row, **match.groupdict()}, Span(words.passage, *match.span(), rule.name)
    return None, None


def _follow_ups(report: Report) -> Iterator[Row]:
    for p in report.passages:
        if p.section != "follow_up" or p.paragraph is None:
            continue
        words = whole(p)[0]
        row, decided = judge(words, report.language, "status")
        condition, condition_span = judge(words, report.language, "conditional")
        due = None
        sources: dict[str | None, Sequence[Span]] = {None: [words]}
        if decided:
            sources |= {column: [decided] for column in ("status", "evidence", "due_session")}
            due = next(
                (c for c in report.citations_in(p) if c.kind == "session" and decided.start <= c.start < decided.end),
                None,
            )
        if condition_span:
            sources["conditional"] = [condition_span]
        yield Row(
            {
                "action_id": p.action_id,
                "paragraph": p.paragraph,
                "status": row["status"] if row else "unclear",
                "due_session": due.session if due and row and row["status"] == "scheduled" else None,
                "conditional": condition is not None,
                "evidence": decided.text if decided else None,
                "text": p.text,
            },
            sources,
        )


def _documents(report: Report) -> Iterator[Row]:
    cited: dict[str, list[Citation]] = {}
    for c in report.cited:
        if c.symbol:
            cited.setdefault(c.symbol, []).append(c)
    printed = {row.values["document"]: row for row in reversed(report.rows("annex")) if row.values["document"]}
    for symbol in sorted(cited, key=symbol_order):
        title = titles().get(symbol)
        cell = printed.get(symbol)
        words = None
        if title is None and cell:
            words = _before(cell.sources["document"][0])
        of_report = any(c.kind == "paragraphs" and c.session is not None for c in cited[symbol])
        sources: dict[str | None, Sequence[Span]] = {None: [s for c in cited[symbol] for s in span(c)]}
        if words:
            sources["title"] = [words]
        notes = {"url": "by WIPO's rule for names of files (data/README.md); not checked"}
        if title:
            notes |= dict.fromkeys(
                ("title", "title_source", "evidence"), f"data/reference/documents.csv: {title.source}"
            )
        yield Row(
            {
                "symbol": symbol,
                "session": session_of(symbol) if symbol.startswith("CDIP/") else None,
                "kind": ("draft_report" if "Prov." in symbol else "report") if of_report else "document",
                "title": title.title if title else words.text if words else None,
                "title_source": title.source if title else "printed" if words else None,
                "evidence": title.evidence if title else "printed in the annex" if words else None,
                "url": address(symbol, report.language),
                "times_cited": len(cited[symbol]),
            },
            sources,
            notes,
        )


def _before(symbol: Span) -> Span | None:
    """Point at what stands in an implementation cell before the symbol: the title, as printed."""
    head = normalise(symbol.passage.text)[: symbol.start].rstrip(" (")
    return Span(symbol.passage, 0, len(head), "the title before the symbol") if head else None


def symbol_order(symbol: str) -> list[tuple[bool, int, str]]:
    """Sort the parts of a symbol as numbers where they are.

    >>> sorted(["CDIP/22/10", "CDIP/22/3", "CDIP/8/INF/1"], key=symbol_order)
    ['CDIP/8/INF/1', 'CDIP/22/3', 'CDIP/22/10']
    """
    parts = re.split("[/ ]", symbol)
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def address(symbol: str, language: str) -> str | None:
    """Write the address of a CDIP document by WIPO's rule for names of files; None for other bodies.

    The rule is read off addresses of other bodies' documents (see data/README.md): no address of a CDIP document was
    itself seen, so it is derived, not checked.

    >>> address("CDIP/23/17 Prov.", "en")
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


def mandate(report: Report) -> Mandate:
    """Read the mandate from the introduction; None where it names none."""
    found: dict[str, tuple[Span, list[int]]] = {}
    for p in report.passages:
        if p.section != "introduction":
            continue
        bare = plain(p.text)[0]
        for rule in rules(report.language, "mandate"):
            if (match := rule.pattern.search(bare)) and rule.row["role"] not in found:
                inside = [c.session for c in report.citations_in(p) if match.start() <= c.start < match.end()]
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


def own_session(report: Report) -> int | None:
    """Return the session to which a report is submitted: as its header says, or else as the user said."""
    return report.header.session if report.header.session is not None else report.supplied.get("session")


def session_dates(report: Report, session: int | None) -> tuple[dt.date | None, dt.date | None, str]:
    """Give first and last day of a session and where they are documented: the calendar, or the report's own header."""
    if session is None:
        return None, None, "no session is named"
    if (meeting := meetings().get(session)) and meeting.documented:
        return meeting.start, meeting.end, f"data/reference/sessions.csv: {meeting.evidence}"
    if session == report.header.session and report.header.start_date:
        return report.header.start_date, report.header.end_date, "header lines of the document itself"
    if meeting and meeting.convened_for:
        return None, None, meeting.evidence
    return None, None, f"no document states the dates of CDIP/{session}"


def _sessions(report: Report) -> Iterator[Row]:
    given = mandate(report)
    spans: dict[int, list[Span]] = {}
    for c in report.cited:
        if c.session is not None and c.body == "CDIP":
            spans.setdefault(c.session, []).extend(span(c))
    of_mandate = range(given.first, given.last + 1) if given.first and given.last else range(0)
    for number in of_mandate:
        spans.setdefault(number, []).extend(given.period)
    for number in sorted(spans):
        start, end, evidence = session_dates(report, number)
        sources: dict[str | None, Sequence[Span]] = {None: spans[number]}
        if number in of_mandate:
            sources["in_mandate"] = given.period
        yield Row(
            {
                "session": number,
                "start_date": start,
                "end_date": end,
                "dates_are_documented": start is not None,
                "in_mandate": number in of_mandate,
            },
            sources,
            dict.fromkeys(("start_date", "end_date", "dates_are_documented"), evidence),
        )


def _unread(report: Report) -> Iterator[Row]:
    for hit in report.missed:
        values = {**hit.passage.place, "text": hit.text, "start": hit.start, "end": hit.end, "why": hit.why}
        yield Row(values, {None: [Span(hit.passage, hit.start, hit.end, hit.why)]})


MAKERS: dict[str, Callable[[Report], Iterable[Row]]] = {
    "annex": _annex,
    "proposal": _proposal,
    "actions": _actions,
    "paragraphs": _paragraphs,
    "citations": _citations,
    "decisions": _decisions,
    "follow_ups": _follow_ups,
    "documents": _documents,
    "sessions": _sessions,
    "unread": _unread,
}
