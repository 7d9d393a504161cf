"""What changed between two reports."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
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
    """Tell what moved, is new, changed or vanished from one report to another.

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
    rows = [row.values for row in _changes(report_a, report_b)]
    return build(tables("corpus")["changes"], rows, f"{report_a.name} and {report_b.name}")


def _changes(report_a: Report, report_b: Report) -> Iterator[Row]:
    for about, items in (("action", _actions), ("status", _statuses), ("entry", _entries), ("citation", _citations)):
        for old, new in _pairs(items(report_a), items(report_b)):
            if old is None or new is None:
                yield _row(about, "new" if old is None else "vanished", old, new)
                continue
            if old.under != new.under:
                yield _row(about, "moved", old, new)
            if about != "action" and old.value != new.value:  # an action of another wording is another action
                yield _row(about, "changed", old, new)


def _pairs(before: Iterable[_Item], after: Iterable[_Item]) -> Iterator[tuple[_Item | None, _Item | None]]:
    """Pair items of one key: those under the same action first, then what is left, in order."""
    left = list(after)
    at_home: dict[tuple[str, str | None], deque[int]] = {}
    for place, item in enumerate(left):
        at_home.setdefault((item.key, item.under), deque()).append(place)
    taken: set[int] = set()
    alone = []
    for item in before:
        if places := at_home.get((item.key, item.under)):
            taken.add(places[0])
            yield item, left[places.popleft()]
        else:
            alone.append(item)
    elsewhere: dict[str, deque[_Item]] = {}
    for place, item in enumerate(left):
        if place not in taken:
            elsewhere.setdefault(item.key, deque()).append(item)
    for item in alone:
        others = elsewhere.get(item.key)
        yield item, others.popleft() if others else None
    yield from ((None, item) for others in elsewhere.values() for item in others)


def _row(about: str, change: str, old: _Item | None, new: _Item | None) -> Row:
    known = new or old
    assert known is not None
    values: dict[str, Any] = {"about": about, "change": change, "action": known.action, "item": known.name}
    sources: dict[str | None, Sequence[Span]] = {None: [item.words for item in (old, new) if item and item.words]}
    for side, item in (("before", old), ("after", new)):
        words = item.words if item else None
        values[side] = (item.under if change == "moved" else item.value) if item else None
        values[f"place_{side}"] = words.passage.where if words else None
        values[f"words_{side}"] = words.text if words else None
        for column in (side, f"place_{side}", f"words_{side}"):
            sources[column] = [words] if words else []
    return Row(values, sources)


def _named(report: Report) -> dict[str | None, str | None]:
    """Name each action by its short label, or failing that by its own wording."""
    return {None: None} | {
        row.values["action_id"]: action_label(row.values["action"]) or row.values["action_id"]
        for row in report.rows["actions"]
    }


def _actions(report: Report) -> Iterator[_Item]:
    named = _named(report)
    for row in report.rows["actions"]:
        action_id = row.values["action_id"]
        name = named[action_id] or action_id
        told = " ".join(filter(None, (action_id, row.values["action"])))
        yield _Item(letters(name), name, name, action_id, told, _words(row, "action"))


def _statuses(report: Report) -> Iterator[_Item]:
    named = _named(report)
    for row in report.rows["follow_ups"]:
        name = named.get(row.values["action_id"]) or f"paragraph {row.values['paragraph']}"
        due = f", {report.header.meeting(row.values['due_session'])}" if row.values["due_session"] is not None else ""
        yield _Item(letters(name), name, name, None, f"{row.values['status']}{due}", _words(row, "status"))


def _entries(report: Report) -> Iterator[_Item]:
    named, meeting = _named(report), report.header.meeting
    for row in report.rows["annex"]:
        v = row.values
        considered = (
            f"{meeting(v['session'])} report {v['first_paragraph']}-{v['last_paragraph']}" if v["session"] else ""
        )
        decided = f"{meeting(v['summary_session'])} summary {v['summary_paragraph']}" if v["summary_session"] else ""
        told = "; ".join(part for part in (v["report"], considered, decided) if part)
        name = named[v["action_id"]]
        known_by = v["document"] or considered or decided or letters(v["implementation"] or "") or f"entry {v['entry']}"
        column = next((c for c in ("document", "session", "summary_session") if c in row.sources), None)
        yield _Item(known_by, known_by, name, name, told, _words(row, column))


def _citations(report: Report) -> Iterator[_Item]:
    named = _named(report)
    for citation in report.document.citations:
        name = named.get(citation.passage.action_id if citation.passage else None)
        yield _Item(str(citation), str(citation), name, name, citation.kind, next(iter(span(citation)), None))


def _words(row: Row, column: str | None) -> Span | None:
    return next(iter(row.sources.get(column) or row.sources.get(None) or ()), None)
