"""Tell an analyst what to read, what is due, and how one matter went from request to follow-up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from cdip_analysis.asked import own_session, thing
from cdip_analysis.language import letters
from cdip_analysis.model import Citation, Row, Span, natural, span
from cdip_analysis.report import Report
from cdip_analysis.schema import tables
from cdip_analysis.tables import body_ranges, build, session_dates

__all__ = ["MAKERS", "agenda", "agenda_rows", "chain", "known_action", "reading_list", "reading_rows", "report_symbols"]


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
        Rows of `commitments`, labelled by their number there: ``evidence(report, "agenda", label, "what", session=25)``
        shows the words of one. Columns as data/datapackage.json declares them; `when` is ``due`` (at this session, even
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
    >>> due.loc[due["when"] == "due", ["action_id", "what", "paragraph", "asked_target"]]
       action_id           what  paragraph         asked_target
    12       1.3  关于网络研讨会的评价报告         20  CDIP/23 summary 8.1
    13       1.3       委员会将讨论其用处         21                  NaN
    14       1.3         独立评审文件         21                  NaN
    """
    found = agenda_rows(report, session)
    made = build(tables()["agenda"], [row.values for row in found.values()], report.name)
    return made.set_axis([*found], axis=0)


def chain(report: Report, action: str | None = None) -> pd.DataFrame:
    """Put side by side, for each consideration of an action: request, document, discussion, decision, follow-up.

    Parameters
    ----------
    report : Report
    action : str, optional
        An action, such as ``"1.3"``; all where it is not given.

    Returns
    -------
    pandas.DataFrame
        One row per consideration (an entry of the annex, or a range that only the body cites), by action and session;
        columns as data/datapackage.json declares them. Labels are those of the table for all actions, as `evidence`
        wants them. The follow-up stands beside the last consideration of each action. ``wording_differs`` is yes where
        decision and follow-up promise the same session something by different names, which then stand in
        ``decision_names`` and ``follow_up_names``; no where they use one name; empty where they do not both name a
        thing for one session.

    Raises
    ------
    ValueError
        If there is no such action; the message says which there are.

    Examples
    --------
    >>> from cdip_analysis import chain, load_report
    >>> found = chain(load_report(), "1.3")
    >>> found.loc[found["wording_differs"].eq(True), ["decision", "decision_names", "follow_up_names"]].values.tolist()
    [['CDIP/23 summary 8.1', '关于网络研讨会的评价报告', '独立评审文件']]
    """
    found = report.frame("chain")
    if action is None:
        return found
    return found[found["action_id"] == known_action(report, action)]


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
        is_open = v["outcome"] in _OPEN
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
            named = thing(row.sources[None][0], report.language)
            values = {
                "when": when,
                "due_session": due,
                "start_date": start,
                "date_source": evidence,
                "action_id": v["action_id"],
                "who": v["who"],
                "what": named.text if named else v["text"],
                "words": v["text"],
                "paragraph": v["asked_paragraph"],
                "asked_target": v["asked_target"],
                "due_words": v["due_words"],
                "outcome": v["outcome"],
            }
            there = {"paragraph": "asked_paragraph", "start_date": "due_session"}  # by other names in `commitments`
            sources: dict[str | None, Sequence[Span]] = {
                column: row.sources.get(there.get(column, column), row.sources[None]) for column in values
            }
            if named:
                sources["what"] = [named]
            found[number] = Row(values, sources | {None: row.sources[None]}, {"start_date": evidence})

    def order(one: tuple[int, Row]) -> tuple[int, int]:
        return _WHEN.index(one[1].values["when"]), one[1].values["due_session"] or 0

    return dict(sorted(found.items(), key=order))


def _all_open(report: Report) -> list[Row]:
    return [*_agenda(report).values()]


# ---- from request to follow-up --------------------------------------------------------------------------------------


class _Round(NamedTuple):
    """One consideration of an action: an entry of the annex, or a range that only the body cites."""

    action_id: str | None
    session: int | None
    entry: int | None
    document: str | None
    discussion: Citation | None
    summary: tuple[int, str] | None
    words: Sequence[Span]
    document_words: Sequence[Span]


def _rounds(report: Report) -> list[_Round]:
    cited = {id(c.passage): c for c in report.cited if c.kind == "paragraphs" and c.passage and c.passage.entry}
    found, seen = [], set()
    for row in report.rows("annex"):
        v = row.values
        range_ = next((cited[id(s.passage)] for s in row.sources[None] if id(s.passage) in cited), None)
        summary = (v["summary_session"], v["summary_paragraph"])
        seen.add(str(range_))
        found.append(
            _Round(
                v["action_id"],
                v["session"] if v["session"] is not None else v["summary_session"],
                v["entry"],
                v["document"],
                range_,
                None if None in summary else summary,
                row.sources[None],
                row.sources.get("document", ()),
            )
        )
    for c in body_ranges(report):
        if str(c) not in seen and c.passage:
            seen.add(str(c))
            found.append(_Round(c.passage.action_id, c.session, None, None, c, None, span(c), ()))
    rounded = {r.action_id for r in found}
    for row in report.rows("actions"):  # an action that was never considered has a row too
        if row.values["action_id"] not in rounded:
            found.append(_Round(row.values["action_id"], None, None, None, None, None, row.sources[None], ()))
    return sorted(found, key=lambda r: (natural(r.action_id or ""), r.session or 0, r.entry or 10**6))


def _chain(report: Report) -> Iterator[Row]:
    rounds = _rounds(report)
    decisions = {(r.values["session"], r.values["summary_paragraph"]): r for r in report.rows("decisions")}
    follow_ups: dict[str | None, list[Row]] = {}
    for row in report.rows("follow_ups"):
        follow_ups.setdefault(row.values["action_id"], []).append(row)
    requests = _requests(report, rounds)
    for number, here in enumerate(rounds):
        decision = decisions.get(here.summary) if here.summary else None
        is_last = number + 1 == len(rounds) or rounds[number + 1].action_id != here.action_id
        follows = follow_ups.get(here.action_id, []) if is_last else []
        asked = requests[number]
        target = f"CDIP/{here.summary[0]} summary {here.summary[1]}" if here.summary else None
        names = _names(report, here.action_id, target)
        values: dict[str, Any] = {
            "action_id": here.action_id,
            "session": here.session,
            "entry": here.entry,
            "request": " / ".join(row.values["text"] for row in asked) or None,
            "request_targets": "; ".join(dict.fromkeys(t for row in asked if (t := row.values["asked_target"])))
            or None,
            "document": here.document,
            "discussion": str(here.discussion) if here.discussion else None,
            "decision": target,
            "decision_text": decision.values["text"] if decision else None,
            "asks": decision.values["asks"] if decision else None,
            "follow_up_paragraph": follows[0].values["paragraph"] if follows else None,
            "follow_up": " / ".join(row.values["text"] for row in follows) or None,
            "due_session": names[2] if names else None,
            "wording_differs": names and letters(names[0].text) != letters(names[1].text),
            "decision_names": names[0].text if names else None,
            "follow_up_names": names[1].text if names else None,
        }
        sources: dict[str | None, Sequence[Span]] = {None: here.words}
        for columns, words in (
            (("request", "request_targets"), [s for row in asked for s in row.sources[None]]),
            (("document",), here.document_words),
            (("discussion",), span(here.discussion)),
            (
                ("decision", "decision_text", "asks"),
                decision.sources.get("text", decision.sources[None]) if decision else (),
            ),
            (("follow_up", "follow_up_paragraph"), [s for row in follows for s in row.sources[None]]),
            (("wording_differs", "due_session"), names[:2] if names else ()),
            (("decision_names",), names[:1] if names else ()),
            (("follow_up_names",), names[1:2] if names else ()),
        ):
            sources |= {column: words for column in columns if words}
        yield Row(values, sources)


def _requests(report: Report, rounds: Sequence[_Round]) -> list[list[Row]]:
    """Give for each round what was asked before it: where it was answered, or else in the first round after the asking.

    What was asked in the last round of an action stands there, as its decision.
    """
    found = [_answered(report, here, rounds) for here in rounds]
    placed = {id(row) for rows in found for row in rows}
    for row in report.rows("commitments"):
        if id(row) in placed or row.values["kind"] not in ("proposal", "request") or not row.values["action_id"]:
            continue
        asked = row.values["asked_session"]
        for number, here in enumerate(rounds):
            if here.action_id == row.values["action_id"] and (None in (asked, here.session) or here.session > asked):
                found[number].append(row)
                break
    order = {id(row): number for number, row in enumerate(report.rows("commitments"))}
    return [sorted(rows, key=lambda row: order[id(row)]) for rows in found]


def _answered(report: Report, here: _Round, rounds: Sequence[_Round]) -> list[Row]:
    """Give what was asked before and is answered in this round: by its document, or else by its session alone.

    An answer that names a document belongs to the round of that document. One that names none belongs to the round of
    its session if there is but one of that session, or if only one of them presented no document.
    """
    same = [r for r in rounds if (r.action_id, r.session) == (here.action_id, here.session)]
    bare = [r for r in same if r.document is None and r.entry is not None]
    alone = [here] in (same, bare)
    found = []
    for row in report.rows("commitments"):
        if row.values["action_id"] != here.action_id or row.values["outcome_words"] is None:
            continue
        told = row.sources["outcome_words"][0]
        near = {c.symbol for c in report.citations_in(told.passage) if c.kind == "document"}
        named = near & {r.document for r in same if r.document}
        if row.values["outcome_session"] == here.session and (here.document in named if named else alone):
            found.append(row)
    return found


def _names(report: Report, action_id: str | None, target: str | None) -> tuple[Span, Span, int] | None:
    """Give what a decision and the follow-up of an action call the thing that a session will get, and the session."""
    promised = [row for row in report.rows("commitments") if row.values["action_id"] == action_id]
    decided = [row for row in promised if target and row.values["asked_target"] == target]
    announced = [row for row in promised if row.values["kind"] == "announcement" and not row.values["asked_target"]]
    for one in decided:
        for other in announced:
            due, who = one.values["due_session"], one.values["who"]
            if due is not None and (due, who) == (other.values["due_session"], other.values["who"]):
                names = [thing(row.sources[None][0], report.language) for row in (one, other)]
                if names[0] and names[1]:
                    return names[0], names[1], due
    return None


MAKERS: dict[str, Callable[[Report], Iterable[Row]]] = {
    "reading_list": reading_rows,
    "agenda": _all_open,
    "chain": _chain,
}
