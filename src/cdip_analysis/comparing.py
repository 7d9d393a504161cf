"""What changed between two reports."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from cdip_analysis.analyses import action_label
from cdip_analysis.frames import build
from cdip_analysis.language import letters
from cdip_analysis.model import Row, Span, span
from cdip_analysis.report import Report
from cdip_analysis.schema import tables

__all__ = ["compare"]


class _Item(NamedTuple):
    """Something in a report that another report may have too: what it is known by, under which action, and as what."""

    key: str
    name: str
    action: str | None
    under: str | None
    value: str
    words: Span | None


def compare(report_a: Report, report_b: Report) -> pd.DataFrame:
    """Report what moved, is new, changed or vanished from one report to another.

    Actions are the same where their wording is (letters and digits only; the short labels of data/reference make two
    editions of one report comparable), whatever their number. Entries of the annex are the same where they present
    the same document, or failing that cite the same range. Citations are the same where their targets are: those
    under the same action are paired first, then what is left of a target, in order.

    Parameters
    ----------
    report_a, report_b : Report
        The earlier and the later report.

    Returns
    -------
    pandas.DataFrame
        One row per difference, columns as data/corpus.json declares them: about (action, status, entry, citation),
        change (new, vanished, changed, moved), action, item, before, after, and places and words of both. Equal
        reports give no rows.

    Examples
    --------
    >>> from cdip_analysis import compare, load_report
    >>> report = load_report()
    >>> len(compare(report, load_report(language="zh")))
    0
    """
    rows = [*_changes(report_a, report_b)]
    return build(tables("corpus")["changes"], rows, f"{report_a.name} and {report_b.name}")


def _changes(report_a: Report, report_b: Report) -> Iterator[Mapping[str, Any]]:
    for about, items in (("action", _actions), ("status", _statuses), ("entry", _entries), ("citation", _citations)):
        for old, new in _pairs(items(report_a), items(report_b)):
            if old is None or new is None:
                yield _values(about, "new" if old is None else "vanished", old, new)
                continue
            if old.under != new.under:
                yield _values(about, "moved", old, new)
            if about != "action" and old.value != new.value:  # an action of another wording is another action
                yield _values(about, "changed", old, new)


def _pairs(before: Iterable[_Item], after: Iterable[_Item]) -> Iterator[tuple[_Item | None, _Item | None]]:
    """Pair items of one key: those under the same action first, then what is left, in order."""
    old, left = [*before], dict(enumerate(after))
    same: dict[int, _Item] = {}
    for known_by in (lambda item: (item.key, item.under), lambda item: item.key):
        waiting: dict[Any, deque[int]] = {}
        for n, item in left.items():
            waiting.setdefault(known_by(item), deque()).append(n)
        for place, item in enumerate(old):
            if place not in same and (others := waiting.get(known_by(item))):
                same[place] = left.pop(others.popleft())
    yield from ((item, same.get(place)) for place, item in enumerate(old))
    yield from ((None, item) for item in left.values())


def _values(about: str, change: str, old: _Item | None, new: _Item | None) -> dict[str, Any]:
    known = new or old
    values: dict[str, Any] = {"about": about, "change": change, "action": known and known.action}
    values["item"] = known and known.name
    for side, item in (("before", old), ("after", new)):
        words = item.words if item else None
        values[side] = (item.under if change == "moved" else item.value) if item else None
        values[f"place_{side}"] = words.passage.where if words else None
        values[f"words_{side}"] = words.text if words else None
    return values


def _named(report: Report) -> dict[str | None, str | None]:
    """Name each action by its short label, or failing that by its own wording."""
    rows = (row.values for row in report.rows["actions"])
    return {None: None} | {v["action_id"]: action_label(v["action"]) or v["action_id"] for v in rows}


def _actions(report: Report) -> Iterator[_Item]:
    for row in report.rows["actions"]:
        action_id, wording = row.values["action_id"], row.values["action"]
        name = action_label(wording) or action_id
        yield _Item(letters(name), name, name, action_id, f"{action_id} {wording or ''}".strip(), _words(row, "action"))


def _statuses(report: Report) -> Iterator[_Item]:
    named = _named(report)
    for row in report.rows["follow_ups"]:
        v = row.values
        name = named.get(v["action_id"]) or f"paragraph {v['paragraph']}"
        due = "" if v["due_session"] is None else f", {report.header.meeting(v['due_session'])}"
        yield _Item(letters(name), name, name, None, f"{v['status']}{due}", _words(row, "status"))


def _entries(report: Report) -> Iterator[_Item]:
    named, meeting = _named(report), report.header.meeting
    for row in report.rows["annex"]:
        v = row.values
        considered = v["session"] and f"{meeting(v['session'])} report {v['first_paragraph']}-{v['last_paragraph']}"
        decided = v["summary_session"] and f"{meeting(v['summary_session'])} summary {v['summary_paragraph']}"
        name = named[v["action_id"]]
        known_by = v["document"] or considered or decided or letters(v["implementation"] or "") or f"entry {v['entry']}"
        column = next((c for c in ("document", "session", "summary_session") if c in row.sources), None)
        value = "; ".join(filter(None, (v["report"], considered, decided)))
        yield _Item(known_by, known_by, name, name, value, _words(row, column))


def _citations(report: Report) -> Iterator[_Item]:
    named = _named(report)
    for citation in report.document.citations:
        name = named.get(citation.passage.action_id if citation.passage else None)
        yield _Item(str(citation), str(citation), name, name, citation.kind, next(iter(span(citation)), None))


def _words(row: Row, column: str | None) -> Span | None:
    return next(iter(row.sources.get(column) or row.sources.get(None) or ()), None)
