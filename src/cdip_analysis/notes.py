"""Carry an analyst's notes from a workbook that came back to the same actions and entries, and tell what changed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cdip_analysis.schema import tables

__all__ = ["OWN", "OWN_COLUMNS", "SAME", "Carried", "Change", "Returned", "as_text", "carry", "is_compared"]

#: The tables beside whose rows an analyst can write, and the columns for it.
OWN = ("annex", "actions", "follow_ups")
OWN_COLUMNS = ("own_status", "own_note")

#: What tells that two rows are the same, tried in order: first the words, for a row can move and be renumbered; then
#: what is the same in every language; then the number of the action, or all but that.
SAME = {
    "annex": (
        ("action_id", "implementation", "consideration"),
        ("action_id", "implementation"),
        ("action_id", "document", "session", "first_paragraph", "last_paragraph"),
        ("implementation", "consideration"),
    ),
    "actions": (("action_id", "action"), ("action",), ("action_id",)),
    "follow_ups": (("action_id", "evidence"), ("action_id", "paragraph"), ("action_id",), ("paragraph", "evidence")),
}


class Returned(NamedTuple):
    """What a workbook that came back holds: its languages, its rows by table, and what has no place beside a row.

    A table whose sheet was deleted is not among the rows; a column that was deleted is in none of them.
    """

    language: str  # of the report
    lang: str  # of the labels
    sha256: str
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    apart: Sequence[tuple[str, str, str, Any, Any]]  # why, table, row and note: its row was gone, or it never had one
    left: Sequence[tuple[str, str | None]]  # sheets, and columns of other tables, that someone added
    missing: Sequence[tuple[str, str | None]]  # sheets, and columns, that someone deleted
    listed: bool  # whether it has a sheet of changes itself


class Change(NamedTuple):
    """A difference between the workbook that came back and the report as it is now."""

    what: str
    table: str
    row: str
    column: str | None = None
    before: str | None = None
    after: str | None = None
    own_status: str | None = None
    own_note: str | None = None


class Carried(NamedTuple):
    """The notes by table and number of the row, and the list of changes."""

    notes: Mapping[tuple[str, int], tuple[str | None, str | None]]
    changes: Sequence[Change]


def carry(
    returned: Returned, now: Mapping[str, Sequence[Mapping[str, Any]]], language: str, edited: Sequence[Change] = ()
) -> Carried:
    """Put the notes beside the same rows as before; one whose row is gone is kept in the list of changes.

    Parameters
    ----------
    returned : Returned
    now : mapping
        The rows of each table of `OWN` as they are now.
    language : str
        The report's. Where the workbook's is another, words are not compared.
    edited : sequence of Change
        What is to be told besides: what was changed by hand on the other sheets.

    Returns
    -------
    Carried
    """
    notes: dict[tuple[str, int], tuple[str | None, str | None]] = {}
    changes = [
        Change(why, table, row, own_status=as_text(status), own_note=as_text(note))
        for why, table, row, status, note in returned.apart
    ]
    changes += [Change("left", table, "", column) for table, column in returned.left]
    changes += [
        Change("own_missing" if column in OWN_COLUMNS else "missing", table, "", column)
        for table, column in returned.missing
    ]
    changes += edited
    for name, back in returned.rows.items():
        columns = [c.name for c in tables()[name].columns if all(c.name in row for row in back)]
        rows, before = now[name], _each_once(back, columns)
        pairs = _pairs(before, rows, [key for key in SAME[name] if set(key) <= set(columns)])
        for old_at, old in enumerate(before):
            own = (as_text(old["own_status"]), as_text(old["own_note"]))
            new_at = pairs.get(old_at)
            where = _name_of(name, old)
            if new_at is None and any(old.get(c.name) is None for c in tables()[name].columns if c.required):
                own = (own[0], _joined([_whole(old, columns), own[1]]))  # no row of ours: written under the table
                changes.append(Change("note_elsewhere", name, str(old[""]), None, None, None, *own))
                continue
            if new_at is None:
                what = "note_orphaned" if any(own) else "row_gone"
                changes.append(Change(what, name, where, None, _whole(old, columns), None, *own))
                continue
            if any(own):
                notes[name, new_at] = own
                changes.append(Change("note_kept", name, where, None, None, None, *own))
            changes += _differences(name, where, old, rows[new_at], returned.language == language)
        changes += [
            Change("row_new", name, _name_of(name, new), None, None, _whole(new, columns))
            for at, new in enumerate(rows)
            if at not in pairs.values()
        ]
    order = (
        *("note_orphaned", "note_elsewhere", "own_missing", "edited", "uncompared", "left", "missing"),
        *("row_gone", "row_new", "changed", "note_kept"),
    )
    return Carried(notes, sorted(changes, key=lambda change: order.index(change.what)))


def _each_once(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Put rows that someone copied together with the first of them, and their notes with its note."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        first = found.setdefault(tuple(row[column] for column in columns), dict(row))
        for key in OWN_COLUMNS:
            first[key] = _joined([first[key], row[key]])
    return list(found.values())


def _joined(texts: Sequence[Any]) -> str | None:
    return "\n".join(dict.fromkeys(filter(None, map(as_text, texts)))) or None


def _pairs(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], keys: Sequence[Sequence[str]]
) -> dict[int, int]:
    """Find the same row in both, by the first key that tells it apart in each; a key that repeats pairs nothing."""
    found: dict[int, int] = {}
    for key in keys:
        sides = []
        for rows, taken in ((old, set(found)), (new, set(found.values()))):
            free = {at: tuple(row[name] for name in key) for at, row in enumerate(rows) if at not in taken}
            often = Counter(free.values())
            sides.append({value: at for at, value in free.items() if often[value] == 1 and any(value)})
        found |= {at: sides[1][value] for value, at in sides[0].items() if value in sides[1]}
    return found


def _differences(
    name: str, where: str, old: Mapping[str, Any], new: Mapping[str, Any], same_language: bool
) -> Iterator[Change]:
    for column in tables()[name].columns:
        if not is_compared(name, column.name) or not (same_language or column.language_independent):
            continue
        if column.name in old and old[column.name] != new[column.name]:
            yield Change("changed", name, where, column.name, as_text(old[column.name]), as_text(new[column.name]))


def is_compared(table: str, column: str | None) -> bool:
    """Tell whether `carry` compares a column; others say where a row came from, or repeat a column in words."""
    return any(column == c.name and not c.name.startswith("source_") for c in tables()[table].columns)


def _name_of(name: str, row: Mapping[str, Any]) -> str:
    """Name a row for readers: its action, and what tells it apart within."""
    told = {"annex": ("entry", "implementation"), "actions": ("action",), "follow_ups": ("paragraph",)}[name]
    return ": ".join(str(row[column]) for column in ("action_id", *told) if row.get(column) is not None)


def _whole(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    return " | ".join(str(row[column]) for column in columns if row[column] is not None)


def as_text(value: Any) -> str | None:
    """Say what stands in a cell, as the program shows it; an empty one says nothing.

    >>> as_text(0), as_text(False), as_text(dt.datetime(2026, 1, 2)), as_text("")
    ('0', 'FALSE', '2026-01-02', None)
    """
    match value:
        case None | "":
            return None
        case bool():
            return str(value).upper()
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case _:
            return str(value)
