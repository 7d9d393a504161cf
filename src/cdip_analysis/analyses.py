"""Answers from the core tables: when, in which sessions, what follows, what to read, what is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from cdip_analysis.data import action_labels, sentence
from cdip_analysis.model import Citation, Document, Header, Row, Span, natural_key, session_of, span
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

_EVENTS = ("mandate", "document", "event", "consideration", "decision", "planned")


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
    return sorted(
        _events(document, given, annex, decisions, follow_ups, commitments, lang),
        key=lambda row: (
            str(row.values["date"] or "~"),
            row.values["session"] or 0,  # what has no documented date comes last, by session
            _EVENTS.index(row.values["event"]),
            row.values["entry"] or 10**6,
        ),
    )


def _events(
    document: Document,
    given: Mandate,
    annex: Sequence[Row],
    decisions: Sequence[Row],
    follow_ups: Sequence[Row],
    commitments: Sequence[Row],
    lang: str,
) -> Iterator[Row]:
    header = document.header
    if given.decided is not None:
        key = "event.mandate" if given.first else "event.mandate_without_end"
        label = sentence(key, lang, first=given.first, last=given.last)
        yield _event(
            header, "mandate", given.decided, given.decision, label, header.meeting(given.decided), nature="judged"
        )
    for row in annex:
        v = row.values
        of_entry: dict[str, Any] = {"action_id": v["action_id"], "entry": v["entry"]}
        if v["document"]:
            session = session_of(v["document"]) if v["document"].startswith(f"{header.own_body}/") else None
            yield _event(header, "document", session, row.sources["document"], v["document"], v["document"], **of_entry)
        if v["event_date"]:
            day = v["event_date"]
            words = row.sources["event_date"]
            yield _event(header, "event", v["session"], words, day.isoformat(), None, **of_entry, day=day)
        if v["first_paragraph"] is not None and v["session"] is not None:
            target = str(
                Citation("paragraphs", header.own_body, None, v["session"], v["first_paragraph"], v["last_paragraph"])
            )
            yield _event(header, "consideration", v["session"], row.sources["session"], target, target, **of_entry)
    seen = {(row.values["session"], row.values["first_paragraph"], row.values["last_paragraph"]) for row in annex}
    for c in body_ranges(document):
        if (c.session, c.first, c.last) not in seen and c.passage and c.session:
            seen.add((c.session, c.first, c.last))
            yield _event(header, "consideration", c.session, span(c), str(c), str(c), action_id=c.passage.action_id)
    for row in decisions:
        v = row.values
        target = f"{header.meeting(v['session'])} summary {v['summary_paragraph']}"
        of_entry = {"action_id": v["action_id"], "entry": v["entry"]}
        reported = v["text"] is not None
        yield _event(header, "decision", v["session"], row.sources[None], target, target, **of_entry, reported=reported)
    for row in commitments:  # the discussion for which the mandate was given
        v = row.values
        if v["kind"] == "mandate" and v["outcome"] == "due":
            target = header.meeting(v["due_session"])
            words = [*row.sources[None], *row.sources["due_session"]]
            label = sentence("event.final_discussion", lang, target=target)
            yield _event(header, "planned", v["due_session"], words, label, target, nature="judged")
    for row in follow_ups:
        v = row.values
        if v["due_session"] is not None:
            target = header.meeting(v["due_session"])
            words = row.sources["due_session"]
            label = sentence("event.planned", lang, target=target)
            yield _event(
                header, "planned", v["due_session"], words, label, target, action_id=v["action_id"], nature="judged"
            )


def _event(
    header: Header,
    event: str,
    session: int | None,
    words: Sequence[Span],
    label: str,
    target: str | None,
    *,
    action_id: str | None = None,
    entry: int | None = None,
    day: Any = None,
    nature: str = "printed",
    reported: bool | None = None,
) -> Row:
    start, end, evidence = session_dates(header, session)
    values = {
        "date": day or start,
        "end_date": day or end,
        "date_precision": "day" if day else "session",
        "session": session,
        "action_id": action_id,
        "entry": entry,
        "event": event,
        "label": label,
        "target": target,
        "nature": nature,
        "reported": reported,
    }
    return Row(values, {None: words}, {} if day else dict.fromkeys(("date", "end_date"), evidence))


# ---- in which sessions -----------------------------------------------------------------------------------------------

#: What `session_coverage` counts: the column with the session, and those by which it is counted.
COUNTED = {
    "report_paragraphs": ("session", ["first_paragraph", "last_paragraph"]),
    "entries": ("session", ["entry"]),
    "documents": ("session", ["document"]),
    "decisions": ("summary_session", ["summary_paragraph"]),
}


def coverage(
    document: Document,
    given: Mandate,
    annex: Sequence[Row],
    actions: Sequence[Row],
    values: str = "report_paragraphs",
) -> pd.DataFrame:
    """Count what each session did on each action: indexed by action and ``total``, a column per session and ``total``.

    Raises
    ------
    ValueError
        If `values` is none of `COUNTED`.
    """
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
    seen_from, _, _ = session_dates(header, as_of)
    _, mandate_end, mandate_evidence = session_dates(header, given.decided)
    ranks = tables()["follow_ups"].column("status").allowed
    by_action: dict[str, list[Row]] = {}
    for row in follow_ups:
        by_action.setdefault(row.values["action_id"], []).append(row)
    sessions: dict[str, list[int]] = {}
    for row in annex:
        if row.values["session"] is not None and row.values["first_paragraph"] is not None:
            sessions.setdefault(row.values["action_id"], []).append(row.values["session"])
    rows = []
    for action in actions:
        action_id = action.values["action_id"]
        # What follows is said in this report: of an earlier session it had not been said yet.
        written = as_of is None or own is None or as_of >= own
        of_action = sorted(
            by_action.get(action_id, []) if written else [], key=lambda row: ranks.index(row.values["status"])
        )
        values: Mapping[str, Any] = of_action[0].values if of_action else {}
        due = values.get("due_session")
        considered = [s for s in sessions.get(action_id, ()) if as_of is None or s <= as_of]
        first, last = min(considered, default=None), max(considered, default=None)
        first_day, _, first_evidence = session_dates(header, first)
        _, last_day, last_evidence = session_dates(header, last)
        sources: dict[str | None, Sequence[Span]] = {None: action.sources[None]}
        if of_action:
            for column in ("status", "due_session", "conditional", "evidence"):
                sources[column] = of_action[0].sources.get(column, of_action[0].sources[None])
            sources["overdue"] = sources["due_session"]
        for column in ("last_session", "sessions_since", "days_since"):
            sources[column] = action.sources.get("last_session", action.sources[None])
        sources["days_to_first_consideration"] = action.sources.get("first_session", action.sources[None])
        rows.append(
            Row(
                {
                    "action_id": action_id,
                    "label": action_label(action.values["action"], lang),
                    "status": values.get("status"),
                    "due_session": due,
                    "overdue": due < as_of if due is not None and as_of is not None else None,
                    "last_session": last,
                    "sessions_since": as_of - last if as_of is not None and last is not None else None,
                    "days_since": max(0, (seen_from - last_day).days) if seen_from and last_day else None,
                    "days_to_first_consideration": (first_day - mandate_end).days
                    if first_day and mandate_end
                    else None,
                    "conditional": values.get("conditional"),
                    "evidence": values.get("evidence"),
                },
                sources,
                {"days_since": last_evidence, "days_to_first_consideration": f"{mandate_evidence}; {first_evidence}"},
            )
        )
    return rows


# ---- what to read ---------------------------------------------------------------------------------------------------


class _Range(NamedTuple):
    """A range of a session's report that some action cites."""

    session: int
    symbol: str | None
    first: int
    last: int
    action_id: str | None
    words: list[Span]


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
    return {session: next(iter(symbols)) for session, symbols in found.items() if len(symbols) == 1}


def _ranges(document: Document, action: str | None) -> Iterator[_Range]:
    symbols = report_symbols(document)
    for c in document.citations:
        if (
            c.kind == "paragraphs"
            and c.session is not None
            and c.passage
            and c.first is not None
            and c.last is not None
        ):
            symbol = c.symbol or symbols.get(c.session)
            if c.first <= c.last and action in (None, c.passage.action_id):  # a range that runs backwards is a finding
                yield _Range(c.session, symbol, c.first, c.last, c.passage.action_id, span(c))


def reading_rows(document: Document, action: str | None = None) -> list[Row]:
    """Return the ranges to read, of one action or of all, joined where they touch or overlap."""
    joined: list[list[_Range]] = []
    for found in sorted(_ranges(document, action), key=lambda r: (r.session, r.symbol or "", r.first, r.last)):
        stretch = joined[-1] if joined else []
        if stretch and stretch[0][:2] == found[:2] and found.first <= max(r.last for r in stretch) + 1:
            stretch.append(found)
        else:
            joined.append([found])
    rows = []
    for stretch in joined:
        session, symbol, first = stretch[0][:3]
        last = max(r.last for r in stretch)
        rows.append(
            Row(
                {
                    "session": session,
                    "report": symbol,
                    "report_is_draft": "Prov." in symbol if symbol else None,
                    "first_paragraph": first,
                    "last_paragraph": last,
                    "paragraphs": last - first + 1,
                    "actions": ", ".join(sorted({r.action_id for r in stretch if r.action_id}, key=natural_key))
                    or None,
                },
                {None: [s for r in stretch for s in r.words]},
            )
        )
    return rows


# ---- what is due ----------------------------------------------------------------------------------------------------

_OPEN = ("due", "no_trace")
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
        is_open = v["outcome"] is None or v["outcome"] in _OPEN  # what nobody judged is open
        if session is None:
            when = ("due" if due is not None else "undated") if is_open else None
        elif due == session:
            when = "due"
        elif not is_open or (asked is not None and asked > session):
            when = None
        else:
            when = "undated" if due is None else "earlier" if due < session else None
        if when:
            start, _, evidence = session_dates(document.header, due, lang)
            values = {
                "when": when,
                "due_session": due,
                "start_date": start,
                "date_source": evidence,
                "number": v["number"],
                "action_id": v["action_id"],
                "who": v["who"],
                "thing_en": v["thing_en"],
                "thing_zh": v["thing_zh"],
                "words": v["text"],
                "place": v["asked_place"],
                "asked_target": v["asked_target"],
                "due_words": v["due_words"],
                "outcome": v["outcome"],
            }
            sources: dict[str | None, Sequence[Span]] = {
                column: row.sources.get("due_session" if column == "start_date" else column, row.sources[None])
                for column in values
            }
            found[number] = Row(values, sources | {None: row.sources[None]}, {"start_date": evidence})

    def order(one: tuple[int, Row]) -> tuple[int, int]:
        return _WHEN.index(one[1].values["when"]), one[1].values["due_session"] or 0

    return dict(sorted(found.items(), key=order))
