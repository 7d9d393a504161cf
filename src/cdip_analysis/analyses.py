"""Answers from the core tables: when, in which sessions, what follows, what to read, what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd

from cdip_analysis.labels import action_labels, sentence, session_dates
from cdip_analysis.model import Citation, Document, Row, Span, by_action, natural_key, session_of, span, traced
from cdip_analysis.schema import tables
from cdip_analysis.tables import body_ranges, mandate, paragraphs_in


def action_label(action: str | None, language: str = "en") -> str | None:
    """Return the short label of an action, or its own wording where the reference table has none.

    >>> from cdip_analysis import action_label
    >>> action_label("同行评审程序"), action_label("另一行动")
    ('Peer review', '另一行动')
    """
    return action_labels().get(action or "", {}).get(language, action)


# ---- when -----------------------------------------------------------------------------------------------------------


def timeline_rows(
    document: Document,
    annex: Sequence[Row],
    decisions: Sequence[Row],
    follow_ups: Sequence[Row],
    commitments: Sequence[Row],
    lang: str = "en",
) -> list[Row]:
    """Return the events that the document names, by date; one without a date is after those dated up to its session."""
    header, given = document.header, mandate(document)
    events: list[Row] = []

    def add(event: str, session: int | None, words: Sequence[Span], label: str, **more: Any) -> None:
        start, end, evidence = session_dates(header, session)
        nature = "judged" if event in ("mandate", "planned") else "printed"
        values = {
            **dict.fromkeys(("action_id", "entry", "reported")),
            **{"date": start, "end_date": end, "date_precision": "session", "session": session},
            **{"event": event, "label": label, "target": label, "nature": nature},
        }
        notes = {} if "date" in more else {"date": evidence, "end_date": evidence}  # a day is printed
        events.append(Row(values | more, {None: words}, notes))

    if given.decided is not None:
        key = "event.mandate" if given.first else "event.mandate_without_end"
        said = sentence(key, lang, first=given.first, last=given.last)
        add("mandate", given.decided, given.decision, said, target=header.meeting(given.decided))
    seen = set()
    for row in annex:
        v, sources = row.values, row.sources
        of_entry = {"action_id": v["action_id"], "entry": v["entry"]}
        if symbol := v["document"]:
            session = session_of(symbol) if symbol.startswith(f"{header.own_body}/") else None
            add("document", session, sources["document"], symbol, **of_entry)
        if day := v["event_date"]:
            of_day = {"date": day, "end_date": day, "date_precision": "day", "target": None}
            add("event", v["session"], sources["event_date"], day.isoformat(), **of_entry, **of_day)
        considered = v["session"], v["first_paragraph"], v["last_paragraph"]
        seen.add(considered)
        if None not in considered[:2]:
            target = str(Citation("paragraphs", header.own_body, None, *considered))
            add("consideration", v["session"], sources["session"], target, **of_entry)
    for c in body_ranges(document):
        if (c.session, c.first, c.last) not in seen and c.passage:
            seen.add((c.session, c.first, c.last))
            add("consideration", c.session, span(c), str(c), action_id=c.passage.action_id)
    for row in decisions:
        v = row.values
        target = f"{header.meeting(v['session'])} summary {v['summary_paragraph']}"
        of_entry = {"action_id": v["action_id"], "entry": v["entry"], "reported": v["text"] is not None}
        add("decision", v["session"], row.sources[None], target, **of_entry)
    planned = [(row, "event.final_discussion", row.sources[None]) for row in commitments if is_final(row)]
    planned += [(row, "event.planned", ()) for row in follow_ups if row.values["due_session"] is not None]
    for row, key, more in planned:
        due, words = row.values["due_session"], [*more, *row.sources["due_session"]]
        target, of_action = header.meeting(due), {"action_id": row.values["action_id"]}
        add("planned", due, words, sentence(key, lang, target=target), target=target, **of_action)
    kinds = tables()["timeline"].column("event").allowed

    last_day, day = {}, ""  # of what is dated up to a session
    for number, known in sorted((row.values["session"] or 0, str(row.values["date"] or "")) for row in events):
        last_day[number] = day = max(day, known)

    def when(row: Row) -> tuple[Any, ...]:
        v, session = row.values, row.values["session"] or 0
        is_dated = v["date"] is not None
        date = str(v["date"]) if is_dated else last_day[session]
        return date, not is_dated, session, kinds.index(v["event"]), v["entry"] or 10**6

    return sorted(events, key=when)


# ---- in which sessions -----------------------------------------------------------------------------------------------

#: What `session_coverage` counts: the column with the session, those by which it is counted, the cell that cites it.
COUNTED = {
    "report_paragraphs": ("session", ["first_paragraph", "last_paragraph"], "consideration"),
    "entries": ("session", ["entry"], "consideration"),
    "documents": ("session", ["document"], "implementation"),
    "decisions": ("summary_session", ["summary_paragraph"], "chair_summary"),
}


def coverage(
    document: Document, annex: Sequence[Row], actions: Sequence[Row], values: str = "report_paragraphs"
) -> pd.DataFrame:
    """Count what each session did on each action, by action and session, each with a ``total``; NA: it is not known."""
    if values not in COUNTED:
        raise ValueError(f"values={values!r}; it can be {', '.join(COUNTED)}")
    column, keys, _ = COUNTED[values]
    held: dict[int, dict[str | None, set[tuple[Any, ...]]]] = {}
    for row in annex:
        found = tuple(row.values[key] for key in (column, *keys))
        if None not in found and row.values["action_id"]:
            held.setdefault(found[0], {}).setdefault(row.values["action_id"], set()).add(found)
    given, now = mandate(document), document.session
    first = given.first if given.first is not None else min(held, default=1)
    last = given.last if given.last is not None else max(held, default=0)
    sessions = sorted({*range(first, last + 1), *held})
    names = [row.values["action_id"] for row in actions]
    count = paragraphs_in if values == "report_paragraphs" else len
    is_known = any(row.values[column] is not None for row in annex)
    counts: dict[int, list[int | None]] = {}
    for session in sessions:
        counts[session] = [count(held.get(session, {}).get(action, ())) for action in names]
        if not is_known or (now is not None and session >= now and session not in held):  # not held yet: no zero
            counts[session] = [None] * len(names)
    index, columns = pd.Index(names, dtype="str", name="action_id"), pd.Index(sessions, dtype="object", name="session")
    grid = pd.DataFrame(counts, index, columns, "Int64")
    grid["total"] = grid.sum(axis=1, min_count=1).astype("Int64")
    grid.loc["total"] = [grid[c].sum(min_count=1) if grid[c].notna().all() else pd.NA for c in grid.columns]
    return grid.astype("Int64")  # pandas 3.0.0 makes objects of a column that is set so


# ---- what follows ---------------------------------------------------------------------------------------------------


def status_rows(
    document: Document,
    annex: Sequence[Row],
    actions: Sequence[Row],
    follow_ups: Sequence[Row],
    as_of: int | None = None,
    lang: str = "en",
) -> list[Row]:
    """Return what follows of each action, as seen from a session: that of the document where none is named."""
    header, own = document.header, document.session
    as_of = as_of if as_of is not None else own
    if as_of is not None and own is not None and as_of < own:
        follow_ups = []  # what follows is said in this report: of an earlier session it had not been said yet
    today, _, _ = session_dates(header, as_of)
    _, mandate_end, mandate_note = session_dates(header, mandate(document).decided)
    ranks = tables()["follow_ups"].column("status").allowed
    follow_ups_of, entries_of = by_action(follow_ups), by_action(annex)
    rows = []
    for action in actions:
        action_id, of_action = action.values["action_id"], action.sources[None]
        said = follow_ups_of.get(action_id, [])
        strongest = min(said, key=lambda row: ranks.index(row.values["status"]), default=Row({}, {None: of_action}))
        entries = (row.values for row in entries_of.get(action_id, ()) if row.values["first_paragraph"] is not None)
        numbers = (v["session"] for v in entries if v["session"] is not None)
        held = sorted(number for number in numbers if as_of is None or number <= as_of) or [None]
        first_day, _, first_note = session_dates(header, held[0])
        _, last_day, last_note = session_dates(header, held[-1])
        due = strongest.values.get("due_session")
        of_follow_up = ("status", "due_session", "conditional", "evidence")
        values = {
            "action_id": action_id,
            "label": action_label(action.values["action"], lang),
            **{name: strongest.values.get(name) for name in of_follow_up},
            "overdue": due < as_of if due is not None and as_of is not None else None,
            "last_session": held[-1],
            "sessions_since": as_of - held[-1] if as_of is not None and held[-1] is not None else None,
            "days_since": max(0, (today - last_day).days) if today and last_day else None,
            "days_to_first_consideration": (first_day - mandate_end).days if first_day and mandate_end else None,
        }
        sources = {name: strongest.sources.get(name, strongest.sources[None]) for name in of_follow_up}
        sources["overdue"] = sources["due_session"]
        considered = action.sources.get("sessions", of_action)
        since = ("last_session", "sessions_since", "days_since", "days_to_first_consideration")
        notes = {"days_since": last_note, "days_to_first_consideration": f"{mandate_note}; {first_note}"}
        rows.append(traced(values, of_action, sources | dict.fromkeys(since, considered), notes))
    return rows


# ---- what to read ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2)  # a note asks for them at each citation
def report_symbols(document: Document) -> dict[int, str]:
    """Return the symbol of each session's report, where exactly one is printed."""
    found: dict[int, set[str]] = {}
    for c in document.citations:
        if c.kind == "paragraphs" and c.symbol and c.session is not None and c.body == document.header.own_body:
            found.setdefault(c.session, set()).add(c.symbol)
    return {session: symbols.pop() for session, symbols in found.items() if len(symbols) == 1}


def reading_rows(document: Document, action: str | None = None) -> list[Row]:
    """Return the ranges to read, of one action or of all, joined where they touch or overlap."""
    symbols = report_symbols(document)
    ranges = [
        (c.session, c.symbol or symbols.get(c.session, ""), c.first, c.last, c)
        for c in document.citations
        if c.kind == "paragraphs" and c.session is not None and (action is None or _on(c) == action)
        if c.symbol or c.body == document.header.own_body  # a session alone is one of the own body
        if c.first is not None and c.last is not None and c.first <= c.last  # one that runs backwards is a finding
    ]
    joined: list[tuple[int, str, int, int, list[Citation]]] = []
    for session, symbol, first, last, c in sorted(ranges, key=lambda one: one[:4]):
        if joined and joined[-1][:2] == (session, symbol) and first <= joined[-1][3] + 1:
            _, _, begin, end, before = joined.pop()
            joined.append((session, symbol, begin, max(end, last), [*before, c]))
        else:
            joined.append((session, symbol, first, last, [c]))
    rows = []
    for session, symbol, first, last, together in joined:
        values = {
            "session": session,
            "report": symbol or None,
            "report_is_draft": "Prov." in symbol if symbol else None,
            "first_paragraph": first,
            "last_paragraph": last,
            "paragraphs": last - first + 1,
            "actions": ", ".join(sorted({*filter(None, map(_on, together))}, key=natural_key)) or None,
        }
        rows.append(Row(values, {None: [s for c in together for s in span(c)]}))
    return rows


def _on(citation: Citation) -> str | None:
    return citation.passage.action_id if citation.passage else None


# ---- what is due ----------------------------------------------------------------------------------------------------


def is_final(commitment: Row) -> bool:
    """Say whether a commitment is the discussion for which the mandate was given, and is due."""
    return (commitment.values["kind"], commitment.values["outcome"]) == ("mandate", "due")


def is_due(commitment: Mapping[str, Any]) -> bool:
    """Say whether something is due at a session: as judged, or else where its words name one."""
    return commitment["outcome"] in (None, "due") and commitment["due_session"] is not None


def agenda_rows(
    document: Document, commitments: Sequence[Row], session: int | None = None, lang: str = "en"
) -> list[Row]:
    """Return what is due at a session, or else all that is open; undated last."""
    found = []
    for row in commitments:
        v = row.values
        due, asked = v["due_session"], v["asked_session"]
        at = due if session is None else session
        when = "undated" if due is None else "due" if due == at else "earlier" if due < at else "later"
        is_open = v["outcome"] in (None, "due", "no_trace")  # what nobody judged is open
        had_been_asked = session is None or asked is None or asked <= session
        is_here = session is not None and when == "due"  # even if it came since
        if when == "later" or not (is_here or (is_open and had_been_asked)):
            continue
        start, _, evidence = session_dates(document.header, due, lang)
        same = ("due_session", "number", "action_id", "who", "thing_en", "thing_zh", "asked_target", "due_words")
        values = {
            **{name: v[name] for name in (*same, "outcome")},
            "when": when,
            "start_date": start,
            "date_source": evidence,
            "words": v["text"],
            "place": v["asked_place"],
        }
        sources = {**row.sources, "start_date": row.sources.get("due_session", row.sources[None])}
        found.append(Row(values, sources, {"start_date": evidence}))
    # Due, earlier, undated: as they are spelt.
    return sorted(found, key=lambda row: (row.values["when"], row.values["due_session"] or 0))
