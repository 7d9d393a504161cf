"""Answer the analyst's first questions: when, in which sessions, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

import pandas as pd

from cdip_analysis.data import action_labels
from cdip_analysis.model import Citation, Row, Span, span
from cdip_analysis.schema import tables
from cdip_analysis.tables import body_ranges, build, mandate, own_session, paragraphs_in, session_dates

if TYPE_CHECKING:
    from cdip_analysis.report import Report

__all__ = ["COUNTED", "MAKERS", "action_label", "follow_up_rows", "follow_up_status", "session_coverage", "timeline"]


def timeline(report: Report) -> pd.DataFrame:
    """List what happened, one row per event, by date.

    Returns
    -------
    pandas.DataFrame
        Columns as data/datapackage.json declares them: date, end_date, date_precision (``day`` or ``session``),
        session, action_id, entry, event (mandate, document, event, consideration, decision, planned), label, target,
        nature. Dates are those of the session unless the document names a day, and empty where no document states
        them; such rows stand last.

    Examples
    --------
    >>> from cdip_analysis import load_report, timeline
    >>> timeline(load_report())["event"].value_counts(sort=False).to_dict()
    {'mandate': 1, 'document': 9, 'event': 1, 'consideration': 16, 'decision': 15, 'planned': 2}
    """
    return report.frame("timeline")


def session_coverage(report: Report, values: str = "report_paragraphs") -> pd.DataFrame:
    """Count what each session did on each action.

    Parameters
    ----------
    report : Report
    values : {"report_paragraphs", "entries", "documents", "decisions"}
        What to count: paragraphs of session reports (by the ranges of the annex, both ends), entries of the annex,
        documents presented, or paragraphs of the Chair's summary.

    Returns
    -------
    pandas.DataFrame
        Indexed by action_id and ``total``; a column per session of the mandate, empty ones too (without a mandate:
        from the first to the last session that considered anything), and ``total``; ``Int64`` counts. A session that
        was not held yet when the report was written is ``<NA>`` and is left out of the totals.

    Raises
    ------
    ValueError
        If `values` is none of these.

    Examples
    --------
    >>> from cdip_analysis import load_report, session_coverage
    >>> session_coverage(load_report()).loc["total"].to_dict()
    {19: 44, 20: 21, 21: 45, 22: 73, 23: 23, 24: None, 'total': 206}
    """
    if values not in COUNTED:
        raise ValueError(f"values={values!r}; it can be {', '.join(COUNTED)}")
    column, keys = COUNTED[values]
    held: dict[int, dict[str, set[tuple[Any, ...]]]] = {}
    for row in report.rows("annex"):
        found = tuple(row.values[key] for key in (column, *keys))
        if None not in found and row.values["action_id"]:
            held.setdefault(found[0], {}).setdefault(row.values["action_id"], set()).add(found)
    given = mandate(report)
    first = given.first if given.first is not None else min(held, default=None)
    last = given.last if given.last is not None else max(held, default=None)
    sessions = sorted({*(range(first, last + 1) if first is not None and last is not None else ()), *held})
    actions = [row.values["action_id"] for row in report.rows("actions")]
    count = paragraphs_in if values == "report_paragraphs" else len
    grid = pd.DataFrame(
        {session: [count(held.get(session, {}).get(action, ())) for action in actions] for session in sessions},
        index=pd.Index(actions, dtype="str", name="action_id"),
        columns=pd.Index(sessions, dtype="object", name="session"),
        dtype="Int64",
    )
    now = own_session(report)
    for session in sessions:  # the report was written before it was held: nothing is known of it, which is no zero
        if now is not None and session >= now and session not in held:
            grid[session] = pd.array([None] * len(grid), "Int64")
    grid["total"] = grid.sum(axis=1).astype("Int64")
    grid.loc["total"] = [grid[column].sum() if grid[column].notna().all() else pd.NA for column in grid.columns]
    grid.attrs = {**report.frame("annex").attrs, "values": values}
    return grid


#: What `session_coverage` counts: the column with the session, and those that tell what is counted apart.
COUNTED = {
    "report_paragraphs": ("session", ["first_paragraph", "last_paragraph"]),
    "entries": ("session", ["entry"]),
    "documents": ("session", ["document"]),
    "decisions": ("summary_session", ["summary_paragraph"]),
}


def follow_up_status(report: Report, as_of: int | None = None) -> pd.DataFrame:
    """Return what follows of each action, seen from one session.

    Parameters
    ----------
    report : Report
    as_of : int, optional
        Number of the session from which to look; the report's own where it is not given. Seen from an earlier session,
        what was considered after it does not count, and what follows is empty: this report had not said it yet.

    Returns
    -------
    pandas.DataFrame
        One row per action, columns as data/datapackage.json declares them: status, due_session, overdue,
        last_session, sessions_since, days_since, days_to_first_consideration (days), and the words that decided. What
        rests on dates that no document states is empty.

    Raises
    ------
    ValueError
        If `as_of` is no number of a session.

    Examples
    --------
    >>> from cdip_analysis import follow_up_status, load_report
    >>> follow_up_status(load_report())["status"].value_counts(sort=False).to_dict()
    {'none_expected': 1, 'scheduled': 1, 'continuing': 7, 'unclear': 0}
    """
    if as_of is None:
        return report.frame("follow_up_status")
    rows = [row.values for row in follow_up_rows(report, as_of)]
    seen = build(tables()["follow_up_status"], rows, report.name)
    seen.attrs = {**report.frame("follow_up_status").attrs, "as_of": as_of}
    return seen


def action_label(action: str | None, language: str = "en") -> str | None:
    """Give the short label of an action, or its own wording where the reference table has none.

    >>> action_label("同行评审程序"), action_label("另一行动")
    ('Peer review', '另一行动')
    """
    return action_labels().get(action or "", {}).get(language, action)


_EVENTS = ("mandate", "document", "event", "consideration", "decision", "planned")


def _timeline_rows(report: Report) -> list[Row]:
    found = list(_events(report))
    return sorted(
        found,
        key=lambda row: (
            str(row.values["date"] or "~"),
            row.values["session"] or 0,  # what has no documented date stands last, in the order of sessions
            _EVENTS.index(row.values["event"]),
            row.values["entry"] or 10**6,
        ),
    )


def _events(report: Report) -> Iterator[Row]:
    given = mandate(report)
    if given.decided is not None:
        label = f"Mandate for CDIP/{given.first} to CDIP/{given.last}" if given.first else "Mandate"
        yield _event(report, "mandate", given.decided, given.decision, label, f"CDIP/{given.decided}", nature="judged")
    for row in report.rows("annex"):
        v = row.values
        mine: dict[str, Any] = {"action_id": v["action_id"], "entry": v["entry"]}
        if v["document"]:
            session = int(v["document"].split("/")[1]) if v["document"].startswith("CDIP/") else None
            yield _event(report, "document", session, row.sources["document"], v["document"], v["document"], **mine)
        if v["event_date"]:
            day = v["event_date"]
            words = row.sources["event_date"]
            yield _event(report, "event", v["session"], words, day.isoformat(), None, **mine, day=day)
        if v["first_paragraph"] is not None and v["session"] is not None:
            target = str(
                Citation("paragraphs", session=v["session"], first=v["first_paragraph"], last=v["last_paragraph"])
            )
            yield _event(report, "consideration", v["session"], row.sources["session"], target, target, **mine)
    seen = {
        (row.values["session"], row.values["first_paragraph"], row.values["last_paragraph"])
        for row in report.rows("annex")
    }
    for c in body_ranges(report):
        if (c.session, c.first, c.last) not in seen and c.passage and c.session:
            seen.add((c.session, c.first, c.last))
            yield _event(report, "consideration", c.session, span(c), str(c), str(c), action_id=c.passage.action_id)
    for row in report.rows("decisions"):
        v = row.values
        target = f"CDIP/{v['session']} summary {v['summary_paragraph']}"
        mine = {"action_id": v["action_id"], "entry": v["entry"]}
        reported = v["text"] is not None
        yield _event(report, "decision", v["session"], row.sources[None], target, target, **mine, reported=reported)
    for row in report.rows("commitments"):  # the discussion for which the mandate was given
        v = row.values
        if v["kind"] == "mandate" and v["outcome"] == "due":
            target = f"CDIP/{v['due_session']}"
            words = [*row.sources[None], *row.sources["due_session"]]
            yield _event(
                report, "planned", v["due_session"], words, f"final discussion at {target}", target, nature="judged"
            )
    for row in report.rows("follow_ups"):
        v = row.values
        if v["due_session"] is not None:
            target = f"CDIP/{v['due_session']}"
            words = row.sources["due_session"]
            label = f"due at {target}"
            yield _event(
                report, "planned", v["due_session"], words, label, target, action_id=v["action_id"], nature="judged"
            )


def _event(
    report: Report,
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
    start, end, evidence = session_dates(report, session)
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


def follow_up_rows(report: Report, as_of: int | None = None) -> Iterator[Row]:
    """Give the rows of `follow_up_status` before pandas, with the words that each value came from."""
    if as_of is not None and (isinstance(as_of, bool) or not isinstance(as_of, Integral) or as_of < 1):
        raise ValueError(f"as_of={as_of!r} is no number of a session, such as 24")
    own = own_session(report)
    as_of = as_of if as_of is not None else own
    seen_from, _, _ = session_dates(report, as_of)
    _, mandate_end, mandate_evidence = session_dates(report, mandate(report).decided)
    ranks = tables()["follow_ups"].column("status").allowed
    by_action: dict[str, list[Row]] = {}
    for row in report.rows("follow_ups"):
        by_action.setdefault(row.values["action_id"], []).append(row)
    sessions: dict[str, list[int]] = {}
    for row in report.rows("annex"):
        if row.values["session"] is not None and row.values["first_paragraph"] is not None:
            sessions.setdefault(row.values["action_id"], []).append(row.values["session"])
    for action in report.rows("actions"):
        action_id = action.values["action_id"]
        # What follows is said in this report: of an earlier session it had not been said yet.
        written = as_of is None or own is None or as_of >= own
        mine = sorted(
            by_action.get(action_id, []) if written else [], key=lambda row: ranks.index(row.values["status"])
        )
        values: Mapping[str, Any] = mine[0].values if mine else {}
        due = values.get("due_session")
        considered = [s for s in sessions.get(action_id, ()) if as_of is None or s <= as_of]
        first, last = min(considered, default=None), max(considered, default=None)
        first_day, _, first_evidence = session_dates(report, first)
        _, last_day, last_evidence = session_dates(report, last)
        sources: dict[str | None, Sequence[Span]] = {None: action.sources[None]}
        if mine:
            for column in ("status", "due_session", "conditional", "evidence"):
                sources[column] = mine[0].sources.get(column, mine[0].sources[None])
            sources["overdue"] = sources["due_session"]
        for column in ("last_session", "sessions_since", "days_since"):
            sources[column] = action.sources.get("last_session", action.sources[None])
        sources["days_to_first_consideration"] = action.sources.get("first_session", action.sources[None])
        yield Row(
            {
                "action_id": action_id,
                "label": action_label(action.values["action"]),
                "status": values.get("status"),
                "due_session": due,
                "overdue": due < as_of if due is not None and as_of is not None else None,
                "last_session": last,
                "sessions_since": as_of - last if as_of is not None and last is not None else None,
                "days_since": max(0, (seen_from - last_day).days) if seen_from and last_day else None,
                "days_to_first_consideration": (first_day - mandate_end).days if first_day and mandate_end else None,
                "conditional": values.get("conditional"),
                "evidence": values.get("evidence"),
            },
            sources,
            {"days_since": last_evidence, "days_to_first_consideration": f"{mandate_evidence}; {first_evidence}"},
        )


MAKERS: dict[str, Callable[[Report], Iterable[Row]]] = {
    "timeline": _timeline_rows,
    "follow_up_status": follow_up_rows,
}
