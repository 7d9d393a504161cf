"""What an analyst should read, and what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from cdip_analysis.model import Row, Span, natural, span
from cdip_analysis.report import Report
from cdip_analysis.schema import tables
from cdip_analysis.tables import build, own_session, session_dates

__all__ = [
    "MAKERS",
    "agenda",
    "agenda_rows",
    "commitments",
    "known_action",
    "reading_list",
    "reading_rows",
    "report_symbols",
]


def reading_list(report: Report, action: str | None = None) -> pd.DataFrame:
    """List what to read: the ranges of session reports that annex and body cite, joined where they touch or overlap.

    Parameters
    ----------
    report : Report
    action : str, optional
        An action, such as ``"1.3"``; all where it is not given.

    Returns
    -------
    pandas.DataFrame
        By session and first paragraph, columns as data/datapackage.json declares them. `report` is empty where no
        symbol is printed for the report of that session. Of a draft (``report_is_draft``) the numbers may move when it
        is adopted.

    Raises
    ------
    ValueError
        If there is no such action; the message says which there are.

    Examples
    --------
    >>> from cdip_analysis import load_report, reading_list
    >>> reading_list(load_report(), "6.1")[["report", "first_paragraph", "last_paragraph", "paragraphs"]]
           report  first_paragraph  last_paragraph  paragraphs
    0  CDIP/19/12              350             364          15
    1  CDIP/21/15              368             370           3
    """
    if action is None:
        return report.frame("reading_list")
    rows = [row.values for row in reading_rows(report, known_action(report, action))]
    return build(tables()["reading_list"], rows, report.name)


def commitments(report: Report) -> pd.DataFrame:
    """List what was asked, decided, suggested, promised or announced, and what came of it, as a person judged it.

    Returns
    -------
    pandas.DataFrame
        One row per thing, by its number; columns as data/datapackage.json declares them. Without a file of judgements
        the rows are the sentences that ask or promise, by the verbs of the vocabulary, and ``outcome`` is empty.
        ``days_between`` runs from the last day of the session that asked to the first of the one that received it, or
        to the day that the annex prints.

    Examples
    --------
    >>> from cdip_analysis import commitments, load_report
    >>> found = commitments(load_report())
    >>> found["outcome"].value_counts(sort=False).loc[["delivered", "partly", "on_trial", "due"]].to_dict()
    {'delivered': 15, 'partly': 4, 'on_trial': 3, 'due': 4}
    >>> found.loc[found["number"] == "32", ["outcome", "sessions_between", "days_between"]].values.tolist()
    [['delivered', 3, 535]]
    """
    return report.frame("commitments")


def agenda(report: Report, session: int) -> pd.DataFrame:
    """List what is due at a session, what was due before it and left no trace, and what has no date.

    Parameters
    ----------
    report : Report
    session : int
        Number of a session that the report names, its own among them.

    Returns
    -------
    pandas.DataFrame
        Rows of `commitments`, with their labels there: ``evidence(report, "agenda", label, "words", session=25)`` shows
        the words of one. Columns as data/datapackage.json declares them; `when` is ``due`` (at this session, even
        if it came since), ``earlier`` or ``undated`` (both only what is open). ``start_date`` is empty where no
        document states it; ``date_source`` says where it stands, or that it stands nowhere.

    Raises
    ------
    ValueError
        If the report knows of no such session; the message says which it knows.

    Examples
    --------
    >>> from cdip_analysis import agenda, load_report
    >>> due = agenda(load_report(), 25)
    >>> due.loc[due["when"] == "due", ["number", "place"]].values.tolist()
    [['13', '20'], ['14', '21'], ['15', '21']]
    """
    found = agenda_rows(report, session)
    made = build(tables()["agenda"], [row.values for row in found.values()], report.name)
    return made.set_axis([*found], axis=0)


def known_action(report: Report, action: str) -> str:
    """Give an action back if the report has it, or say which it has."""
    there = [row.values["action_id"] for row in report.rows("actions")]
    if action not in there:
        raise ValueError(f"{report.name} has no action {action!r}; it has {', '.join(there) or 'none'}")
    return action


# ---- what to read ---------------------------------------------------------------------------------------------------


class _Range(NamedTuple):
    """A range of a session's report that some action cites."""

    session: int
    symbol: str | None
    first: int
    last: int
    action_id: str | None
    words: list[Span]


def report_symbols(report: Report) -> dict[int, str]:
    """Give the symbol of each session's report, where exactly one is printed.

    >>> from cdip_analysis import load_report
    >>> report_symbols(load_report())[23]
    'CDIP/23/17 Prov.'
    """
    found: dict[int, set[str]] = {}
    for c in report.cited:
        if c.kind == "paragraphs" and c.symbol and c.session is not None and c.body == "CDIP":
            found.setdefault(c.session, set()).add(c.symbol)
    return {session: next(iter(symbols)) for session, symbols in found.items() if len(symbols) == 1}


def _ranges(report: Report, action: str | None) -> Iterator[_Range]:
    symbols = report_symbols(report)
    for c in report.cited:
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


def reading_rows(report: Report, action: str | None = None) -> Iterator[Row]:
    """Give the rows of `reading_list` before pandas, with the words that each value came from."""
    joined: list[list[_Range]] = []
    for found in sorted(_ranges(report, action), key=lambda r: (r.session, r.symbol or "", r.first, r.last)):
        mine = joined[-1] if joined else []
        if mine and mine[0][:2] == found[:2] and found.first <= max(r.last for r in mine) + 1:
            mine.append(found)
        else:
            joined.append([found])
    for mine in joined:
        session, symbol, first = mine[0][:3]
        last = max(r.last for r in mine)
        yield Row(
            {
                "session": session,
                "report": symbol,
                "report_is_draft": "Prov." in symbol if symbol else None,
                "first_paragraph": first,
                "last_paragraph": last,
                "paragraphs": last - first + 1,
                "actions": ", ".join(sorted({r.action_id for r in mine if r.action_id}, key=natural)) or None,
            },
            {None: [s for r in mine for s in r.words]},
        )


# ---- what is due ----------------------------------------------------------------------------------------------------

_OPEN = ("due", "no_trace")
_WHEN = ("due", "earlier", "undated")


def agenda_rows(report: Report, session: int) -> dict[int, Row]:
    """Give the rows of `agenda` before pandas, with the words that each value came from, by their labels."""
    sessions: list[int | None] = [row.values["session"] for row in report.rows("sessions")]
    known = sorted({number for number in [*sessions, own_session(report)] if number is not None})
    if session not in known:
        named = ", ".join(map(str, known)) or "none"
        raise ValueError(f"{report.name} knows no session {session!r}; the sessions that it names are: {named}")
    return _agenda(report, session)


def _agenda(report: Report, session: int | None = None) -> dict[int, Row]:
    """Give what is due at a session, or, of no session in particular, all that is open: by session, undated last.

    The rows are labelled by their number in `commitments`.
    """
    found: dict[int, Row] = {}
    for number, row in enumerate(report.rows("commitments")):
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
            start, _, evidence = session_dates(report, due)
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


def _all_open(report: Report) -> list[Row]:
    return [*_agenda(report).values()]


MAKERS: dict[str, Callable[[Report], Iterable[Row]]] = {
    "reading_list": reading_rows,
    "agenda": _all_open,
}
