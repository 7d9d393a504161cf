"""Answers from the core tables: when, in which sessions, what follows, what to read, what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd

from cdip_analysis.labels import action_labels, sentence
from cdip_analysis.model import Citation, Document, Row, Span, by_action, natural_key, session_of, span
from cdip_analysis.schema import tables
from cdip_analysis.tables import Mandate, body_ranges, paragraphs_in, session_dates

__all__ = [
    "COUNTED",
    "action_label",
    "agenda_rows",
    "coverage",
    "reading_rows",
    "report_symbols",
    "status_rows",
    "timeline_rows",
]


def action_label(action: str | None, language: str = "en") -> str | None:
    """Return the short label of an action, or its own wording where the reference table has none.

    >>> action_label("同行评审程序"), action_label("另一行动")
    ('Peer review', '另一行动')
    """
    return action_labels().get(action or "", {}).get(language, action)


# ---- when -----------------------------------------------------------------------------------------------------------


def timeline_rows(
    document: Document,
    given: Mandate,
    annex: Sequence[Row],
    decisions: Sequence[Row],
    follow_ups: Sequence[Row],
    commitments: Sequence[Row],
    lang: str = "en",
) -> list[Row]:
    """Return the events that the document names, by date."""
    header = document.header
    events: list[Row] = []

    def add(
        event: str, session: int | None, words: Sequence[Span], label: str, target: str | None, **more: Any
    ) -> None:
        start, end, evidence = session_dates(header, session)
        values = dict.fromkeys(("action_id", "entry", "reported")) | {
            "date": start,
            "end_date": end,
            "date_precision": "session",
            "session": session,
            "event": event,
            "label": label,
            "target": target,
            "nature": "judged" if event in ("mandate", "planned") else "printed",
        }
        of_day = "date" in more  # a day that is printed needs no calendar
        events.append(Row(values | more, {None: words}, {} if of_day else {"date": evidence, "end_date": evidence}))

    if given.decided is not None:
        key = "event.mandate" if given.first else "event.mandate_without_end"
        label = sentence(key, lang, first=given.first, last=given.last)
        add("mandate", given.decided, given.decision, label, header.meeting(given.decided))
    seen = set()
    for row in annex:
        v = row.values
        of_entry = {"action_id": v["action_id"], "entry": v["entry"]}
        if symbol := v["document"]:
            session = session_of(symbol) if symbol.startswith(f"{header.own_body}/") else None
            add("document", session, row.sources["document"], symbol, symbol, **of_entry)
        if day := v["event_date"]:
            of_day = of_entry | {"date": day, "end_date": day, "date_precision": "day"}
            add("event", v["session"], row.sources["event_date"], day.isoformat(), None, **of_day)
        considered = v["session"], v["first_paragraph"], v["last_paragraph"]
        seen.add(considered)
        if None not in considered[:2]:
            target = str(Citation("paragraphs", header.own_body, None, *considered))
            add("consideration", v["session"], row.sources["session"], target, target, **of_entry)
    for c in body_ranges(document):
        if (c.session, c.first, c.last) not in seen and c.passage:
            seen.add((c.session, c.first, c.last))
            add("consideration", c.session, span(c), str(c), str(c), action_id=c.passage.action_id)
    for row in decisions:
        v = row.values
        target = f"{header.meeting(v['session'])} summary {v['summary_paragraph']}"
        of_entry = {"action_id": v["action_id"], "entry": v["entry"], "reported": v["text"] is not None}
        add("decision", v["session"], row.sources[None], target, target, **of_entry)
    for row in commitments:  # the discussion for which the mandate was given
        if row.values["kind"] == "mandate" and row.values["outcome"] == "due":
            target = header.meeting(row.values["due_session"])
            label = sentence("event.final_discussion", lang, target=target)
            words = [*row.sources[None], *row.sources["due_session"]]
            add("planned", row.values["due_session"], words, label, target)
    for row in follow_ups:
        if (due := row.values["due_session"]) is not None:
            target = header.meeting(due)
            label = sentence("event.planned", lang, target=target)
            add("planned", due, row.sources["due_session"], label, target, action_id=row.values["action_id"])
    kinds = tables()["timeline"].column("event").allowed
    return sorted(
        events,
        key=lambda row: (
            str(row.values["date"] or "~"),
            row.values["session"] or 0,  # what has no documented date comes last, by session
            kinds.index(row.values["event"]),
            row.values["entry"] or 10**6,
        ),
    )


# ---- in which sessions -----------------------------------------------------------------------------------------------

#: What `session_coverage` counts: the column with the session, and those by which it is counted.
COUNTED = {
    "report_paragraphs": ("session", ["first_paragraph", "last_paragraph"]),
    "entries": ("session", ["entry"]),
    "documents": ("session", ["document"]),
    "decisions": ("summary_session", ["summary_paragraph"]),
}


def coverage(
    document: Document, given: Mandate, annex: Sequence[Row], actions: Sequence[Row], values: str = "report_paragraphs"
) -> pd.DataFrame:
    """Count what each session did on each action, by action and session, each with a ``total``."""
    if values not in COUNTED:
        raise ValueError(f"values={values!r}; it can be {', '.join(COUNTED)}")
    column, keys = COUNTED[values]
    held: dict[int, dict[str, set[tuple[Any, ...]]]] = {}
    for row in annex:
        found = tuple(row.values[key] for key in (column, *keys))
        if None not in found and row.values["action_id"]:
            held.setdefault(found[0], {}).setdefault(row.values["action_id"], set()).add(found)
    first = given.first if given.first is not None else min(held, default=None)
    last = given.last if given.last is not None else max(held, default=None)
    sessions = sorted({*(range(first, last + 1) if first is not None and last is not None else ()), *held})
    names = [row.values["action_id"] for row in actions]
    count = paragraphs_in if values == "report_paragraphs" else len
    grid = pd.DataFrame(
        {session: [count(held.get(session, {}).get(action, ())) for action in names] for session in sessions},
        index=pd.Index(names, dtype="str", name="action_id"),
        columns=pd.Index(sessions, dtype="object", name="session"),
        dtype="Int64",
    )
    now = document.session
    for session in sessions:  # the report was written before it was held: nothing is known of it, which is no zero
        if now is not None and session >= now and session not in held:
            grid[session] = pd.array([None] * len(grid), "Int64")
    grid["total"] = grid.sum(axis=1).astype("Int64")
    grid.loc["total"] = [grid[column].sum() if grid[column].notna().all() else pd.NA for column in grid.columns]
    return grid.astype("Int64")  # pandas 3.0.0 makes objects of a column that is set so


# ---- what follows ---------------------------------------------------------------------------------------------------


def status_rows(
    document: Document,
    given: Mandate,
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
    seen_from, _, _ = session_dates(header, as_of)
    _, mandate_end, mandate_evidence = session_dates(header, given.decided)
    ranks = tables()["follow_ups"].column("status").allowed
    follow_ups_of, entries_of = by_action(follow_ups), by_action(annex)
    rows = []
    for action in actions:
        action_id = action.values["action_id"]
        said = follow_ups_of.get(action_id, [])
        strongest = min(said, key=lambda row: ranks.index(row.values["status"]), default=None)
        status: Mapping[str, Any] = strongest.values if strongest else {}
        due = status.get("due_session")
        entries = (row.values for row in entries_of.get(action_id, ()))
        considered = [v["session"] for v in entries if None not in (v["session"], v["first_paragraph"])]
        considered = [session for session in considered if as_of is None or session <= as_of]
        first, last = min(considered, default=None), max(considered, default=None)
        first_day, _, first_evidence = session_dates(header, first)
        _, last_day, last_evidence = session_dates(header, last)
        of_action = action.sources[None]
        last_words = action.sources.get("last_session", of_action)
        sources: dict[str | None, Sequence[Span]] = {
            None: of_action,
            **dict.fromkeys(("last_session", "sessions_since", "days_since"), last_words),
            "days_to_first_consideration": action.sources.get("first_session", of_action),
        }
        if strongest:
            for column in ("status", "due_session", "conditional", "evidence"):
                sources[column] = strongest.sources.get(column, strongest.sources[None])
            sources["overdue"] = sources["due_session"]
        days_to_first = (first_day - mandate_end).days if first_day and mandate_end else None
        values = {
            "action_id": action_id,
            "label": action_label(action.values["action"], lang),
            "status": status.get("status"),
            "due_session": due,
            "overdue": due < as_of if due is not None and as_of is not None else None,
            "last_session": last,
            "sessions_since": as_of - last if as_of is not None and last is not None else None,
            "days_since": max(0, (seen_from - last_day).days) if seen_from and last_day else None,
            "days_to_first_consideration": days_to_first,
            "conditional": status.get("conditional"),
            "evidence": status.get("evidence"),
        }
        notes = {"days_since": last_evidence, "days_to_first_consideration": f"{mandate_evidence}; {first_evidence}"}
        rows.append(Row(values, sources, notes))
    return rows


# ---- what to read ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2)  # a note asks for them at each citation
def report_symbols(document: Document) -> dict[int, str]:
    """Return the symbol of each session's report, where exactly one is printed.

    >>> from cdip_analysis import load_report
    >>> report_symbols(load_report().document)[23]
    'CDIP/23/17 Prov.'
    """
    found: dict[int, set[str]] = {}
    for c in document.citations:
        if c.kind == "paragraphs" and c.symbol and c.session is not None and c.body == document.header.own_body:
            found.setdefault(c.session, set()).add(c.symbol)
    return {session: symbols.pop() for session, symbols in found.items() if len(symbols) == 1}


def reading_rows(document: Document, action: str | None = None) -> list[Row]:
    """Return the ranges to read, of one action or of all, joined where they touch or overlap."""
    symbols = report_symbols(document)
    cited: list[tuple[tuple[int, str], int, int, Citation]] = []
    for c in document.citations:
        if c.kind == "paragraphs" and c.session is not None and c.first is not None and c.last is not None:
            asked = action is None or (c.passage and c.passage.action_id == action)
            if asked and c.first <= c.last:  # a range that runs backwards is a finding
                cited.append(((c.session, c.symbol or symbols.get(c.session, "")), c.first, c.last, c))
    joined: list[tuple[tuple[int, str], int, int, list[Citation]]] = []
    for report, first, last, c in sorted(cited, key=lambda one: one[:3]):
        if joined and joined[-1][0] == report and first <= joined[-1][2] + 1:
            _, begin, end, together = joined.pop()
            together.append(c)
            joined.append((report, begin, max(end, last), together))
        else:
            joined.append((report, first, last, [c]))
    rows = []
    for (session, symbol), first, last, together in joined:
        actions = {c.passage.action_id for c in together if c.passage and c.passage.action_id}
        values = {
            "session": session,
            "report": symbol or None,
            "report_is_draft": "Prov." in symbol if symbol else None,
            "first_paragraph": first,
            "last_paragraph": last,
            "paragraphs": last - first + 1,
            "actions": ", ".join(sorted(actions, key=natural_key)) or None,
        }
        rows.append(Row(values, {None: [s for c in together for s in span(c)]}))
    return rows


# ---- what is due ----------------------------------------------------------------------------------------------------

_WHEN = ("due", "earlier", "undated")


def agenda_rows(
    document: Document, commitments: Sequence[Row], session: int | None = None, lang: str = "en"
) -> dict[int, Row]:
    """Return what is due at a session, or, of no session in particular, all that is open: by session, undated last.

    The rows are labelled by their number in `commitments`.
    """
    found: dict[int, Row] = {}
    for number, row in enumerate(commitments):
        v = row.values
        due, asked = v["due_session"], v["asked_session"]
        is_open = v["outcome"] in (None, "due", "no_trace")  # what nobody judged is open
        if session is not None and due == session:
            when = "due"
        elif not is_open or (session is not None and asked is not None and asked > session):
            continue
        elif due is None:
            when = "undated"
        elif session is None:
            when = "due"
        elif due < session:
            when = "earlier"
        else:
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
        words = row.sources[None]
        sources: dict[str | None, Sequence[Span]] = {name: row.sources.get(name, words) for name in (None, *values)}
        sources["start_date"] = sources["due_session"]
        found[number] = Row(values, sources, {"start_date": evidence})
    return dict(
        sorted(found.items(), key=lambda one: (_WHEN.index(one[1].values["when"]), one[1].values["due_session"] or 0))
    )
