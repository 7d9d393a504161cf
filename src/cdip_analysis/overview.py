"""The answers: what was asked and what came of it, one row for each action, and the sentence in front of everything."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from operator import attrgetter
from pathlib import Path
from typing import Any

from cdip_analysis.analyses import is_due, is_final
from cdip_analysis.decisions import STOP
from cdip_analysis.files import atomic_write, csv_text
from cdip_analysis.judgements import COLUMNS, NOT_READ, Judged, Judgements, cited_for, judgements_path
from cdip_analysis.labels import days_label, label, labels, session_dates
from cdip_analysis.language import plain
from cdip_analysis.model import Citation, Document, Row, Span, by_action, span, traced
from cdip_analysis.schema import tables
from cdip_analysis.wording import rules

# ---- the tables -----------------------------------------------------------------------------------------------------


def commitment_rows(document: Document, annex: Sequence[Row], judgements: Judgements | None) -> list[Row]:
    """Return the rows of `commitments`: as judged, or without judgements what the verbs of the language find."""
    if judgements is None:
        return _by_verbs(document)
    return [_commitment(document, annex, one) for one in judgements.commitments]


_UNCHECKED = "the words are of another document and unchecked; shown is what they are about"


def _commitment(document: Document, annex: Sequence[Row], one: Judged) -> Row:
    v: dict[str, Any] = {name: text or None for name, text in one.values.items()}
    v |= {name: int(v[name] or 0) or None for name in ("asked_session", "due_session", "outcome_session")}
    named: dict[str, Sequence[Span]] = {}
    notes = dict.fromkeys((column.name for column in tables()["commitments"].columns), one.by)
    for role, shown in (("asked", "text"), ("due", "due_words"), ("outcome", "outcome_words")):
        words, others = one.words[f"{role}_words"], one.unchecked[f"{role}_words"]
        cited = cited_for(document, one.values, role, v.get(f"{role}_target") or "")
        named |= dict.fromkeys((f"{role}_place", shown), words)
        named |= dict.fromkeys((f"{role}_session", f"{role}_target"), cited or words)
        v[shown] = _joined(words, others)
        del notes[shown]
        if others:
            notes |= dict.fromkeys((shown, f"{role}_place"), f"{one.by}; {_UNCHECKED}")
    asked_at, came_at = named["asked_session"], named["outcome_session"]
    between, days, note, day_at = None, None, "", came_at
    if v["asked_session"] and v["outcome_session"]:
        between = v["outcome_session"] - v["asked_session"]
        _, last_day, asked_note = session_dates(document.header, v["asked_session"])
        day, _, came_note = session_dates(document.header, v["outcome_session"])
        received = (v["action_id"], v["outcome_session"])
        for row in (row for row in annex if (row.values["action_id"], row.values["session"]) == received):
            if printed := row.values["event_date"]:
                day, day_at, came_note = printed, row.sources["event_date"], "the day printed in the annex"
        if day and last_day and between > 0:
            days, note = (day - last_day).days, f"{asked_note}; {came_note}"
    named["outcome"] = named["outcome_words"] or named["due_words"]
    named |= {"sessions_between": [*asked_at, *came_at], "days_between": [*asked_at, *day_at]}
    v |= {"sessions_between": between, "days_between": days}
    notes |= {"days_between": note}
    values = {column.name: v.get(column.name) for column in tables()["commitments"].columns}
    return traced(values, one.words["asked_words"], named, notes)


def _joined(words: Iterable[Span], others: Iterable[str] = ()) -> str | None:
    return " | ".join([*(s.text for s in words if s.rule != NOT_READ), *others]) or None


_SENTENCE = re.compile(rf"\S.*?(?:(?:{STOP.pattern})+|$)", re.DOTALL)


def _by_verbs(document: Document) -> list[Row]:
    """List the sentences that ask or promise; a person judges what came of them."""
    promises = rules(document.language, "promise")
    asking = [r for r in rules(document.language, "asks") if r.row["asks"] != "nothing"]
    proposed = [("proposal", "proposal", r) for r in promises if r.row["kind"] == "proposal"]
    reported = [("request", "committee", r) for r in asking]
    reported += [("announcement", "secretariat", r) for r in promises if r.row["kind"] == "announcement"]
    known = {"proposal": proposed, "paragraph": reported}
    rows: list[Row] = []
    for passage in document.passages:
        if passage.kind not in known or passage.section == "closing":
            continue
        in_proposal = passage.kind == "proposal"
        place = f"P{passage.item or passage.proposal_paragraph}" if in_proposal else str(passage.paragraph)
        cited = (c for c in document.citations_in(passage) if c.kind == "session" and c.session)
        sessions = [c for c in cited if c.body == document.header.own_body]
        for match in _SENTENCE.finditer(plain(passage.text)[0]):
            start, said = match.start(), match[0].rstrip()
            found = ((*one, hit.start()) for one in known[passage.kind] if (hit := one[2].pattern.search(said)))
            if (first := next(found, None)) is None:
                continue
            kind, asked_by, rule, verb = first
            words = Span(passage, start, start + len(said), rule.name)
            begin, end = (bisect_left(sessions, at, key=attrgetter("start")) for at in (words.start, words.end))
            named = sessions[begin:end]
            # "At its 22nd session the Committee requested ... to the 23rd session": when, the verb, by when.
            before = [c for c in named if c.start < start + verb]
            asked = before[-1] if before else None
            # What is due is due after it was asked, or, where that is not said, not before the document's own session.
            past = (asked.session if asked else None) or (document.session or 0) - 1
            due = next((c for c in reversed(named[len(before) :]) if c.session and c.session > past), None)
            values = dict.fromkeys(column.name for column in tables()["commitments"].columns) | {
                "number": str(len(rows) + 1),
                "action_id": passage.action_id,
                "kind": kind,
                "asked_by": asked_by,
                "text": words.text,
                "asked_place": place,
                "asked_session": asked.session if asked else None,
                "due_session": due.session if due else None,
                "due_words": due.text if due else None,
            }
            sources = {"asked_session": span(asked), **dict.fromkeys(("due_session", "due_words"), span(due))}
            rows.append(traced(values, [words], sources))
    return rows


def overview_rows(
    body: str,
    actions: Sequence[Row],
    annex: Sequence[Row],
    follow_ups: Sequence[Row],
    commitments: Sequence[Row],
    judgements: Judgements | None,
) -> list[Row]:
    """Return the rows of `overview`: each action with what was asked, handed over and considered, and its state."""
    judged = {one.values["action_id"]: one for one in judgements.overview} if judgements else {}
    in_order = sorted(annex, key=lambda row: (row.values["session"] or 0, row.values["first_paragraph"] or 0))
    entries_of, commitments_of = by_action(in_order), by_action(commitments)
    follow_ups_of = {} if judgements else by_action(follow_ups)
    rows = []
    for action in actions:
        action_id = action.values["action_id"]
        of_action = commitments_of.get(action_id, [])
        asked = [row for row in of_action if row.values["kind"] == "proposal"]
        dated = (row for row in follow_ups_of.get(action_id, ()) if row.values["due_session"])
        due = [*dated] or [row for row in of_action if is_due(row.values)]
        due.sort(key=lambda row: row.values["due_session"])
        handed_over: dict[str, list[Span]] = {}
        considered: dict[str, list[Span]] = {}
        for row in entries_of.get(action_id, ()):
            column = "document" if row.values["document"] else "implementation"
            if name := row.values[column]:
                handed_over.setdefault(name, []).extend(row.sources.get(column, row.sources[None]))
            numbers = tuple(row.values[name] for name in ("session", "first_paragraph", "last_paragraph"))
            if None not in numbers[:2]:
                target = str(Citation("paragraphs", body, None, *numbers))
                considered.setdefault(target, []).extend(row.sources.get("session", row.sources[None]))
        one = judged.get(action_id, _NOT_JUDGED)
        words = one.words["words"]
        of_person = {name: one.values[name] or None for name in COLUMNS["overview"] if name != "place"}
        values = {
            **of_person,
            "action_id": action_id,
            "action": action.values["action"],
            "asked": " | ".join(row.values["text"] for row in asked if row.values["text"]) or None,
            "handed_over": "; ".join(handed_over) or None,
            "considered": "; ".join(considered) or None,
            "words": _joined(words, one.unchecked["words"]),
            "due_session": due[0].values["due_session"] if due else None,
        }
        sources = {
            "asked": [s for row in asked for s in row.sources[None]],
            "handed_over": [s for found in handed_over.values() for s in found],
            "considered": [s for found in considered.values() for s in found],
            "due_session": [s for row in due for s in row.sources.get("due_session", ())],
            **dict.fromkeys(of_person, words),
        }
        notes = dict.fromkeys(of_person, one.by) if action_id in judged else {}
        rows.append(traced(values, action.sources[None], sources, {**notes, **action.notes}))
    return rows


_NOT_JUDGED = Judged(dict.fromkeys(COLUMNS["overview"], ""), {"words": ()}, {"words": ()})

# ---- the sentence in front ------------------------------------------------------------------------------------------


def sentence(document: Document, overview: Sequence[Row], commitments: Sequence[Row], lang: str = "en") -> str:
    """Return the sentence in front of everything, counted from the state of each action; empty without judgements."""
    header, states = document.header, [row.values["state"] for row in overview]
    if not states or None in states:
        return ""
    trials = [row.values["due_session"] for row in overview if row.values["state"] == "on_trial"]
    due = min(filter(None, trials), default=None)
    parts = []
    for state in tables()["overview"].column("state").allowed:
        if count := states.count(state):
            key = f"sentence.{state}.due" if state == "on_trial" and due else f"sentence.{state}"
            parts.append(_say(key, lang, count=count, total=len(states), due=header.meeting(due)))
    said = _say("sentence.joined", lang, parts=label("sentence.comma", lang).join(parts))
    for row in filter(is_final, commitments):
        cited = [(c, s) for s in row.sources[None] for c in document.citations_in(s.passage)]
        older = dict.fromkeys(str(c) for c, s in cited if c.kind == "document" and s.start <= c.start < s.end)
        symbols, final = label("written.comma", lang).join(older), row.values["due_session"]
        first, last, _ = session_dates(header, final)
        days = days_label(first, last, lang) if first and last else ""
        key = "sentence.final.now" if days and final == header.session else "sentence.final"
        said += _say(key, lang, count=len(older), symbols=symbols, session=header.meeting(final), days=days)
    return said[:1].upper() + said[1:]


def _say(key: str, lang: str, **values: Any) -> str:
    key = f"{key}.one" if values.get("count") == 1 and f"{key}.one" in labels() else key
    named = {name: label(f"number.{n}", lang) if f"number.{n}" in labels() else n for name, n in values.items()}
    return label(key, lang).format(**named)


# ---- a file to fill in ----------------------------------------------------------------------------------------------


def write_to_fill_in(
    commitments: Sequence[Row],
    actions: Sequence[Row],
    judgements: Judgements | None,
    path: str | Path,
    *,
    overwrite: bool = False,
) -> list[Path]:
    """Write the files of judgements for a person to fill in, or those that the document has already, and list them.

    ``NAME.csv`` has a row for each sentence that asks or promises, ``NAME.overview.csv`` one for each action. Another
    suffix raises ValueError, and a file that is there FileExistsError unless `overwrite` is given.
    """
    path = Path(path)
    if path.suffix != ".csv":
        raise ValueError(f"{path.name} is not a .csv file: name one, such as judgements.csv")
    if judgements:
        rows = {part: [one.values for one in judged] for part, judged in judgements._asdict().items()}
    else:
        proposed = []
        for v in (row.values for row in commitments):
            due_place = v["asked_place"] if v["due_session"] else None
            known = {**v, "asked_words": " ".join(plain(v["text"])[0].split()), "due_place": due_place}
            proposed.append({name: str(known.get(name) or "") for name in COLUMNS["commitments"]})
        overview = [{**_NOT_JUDGED.values, "action_id": action.values["action_id"]} for action in actions]
        rows = {"commitments": proposed, "overview": overview}
    targets = {judgements_path(path, part): part for part, found in rows.items() if found or part == "commitments"}
    with ExitStack() as together:
        for target, part in targets.items():
            names = rows[part][0] if rows[part] else COLUMNS[part]
            text = csv_text(names, ([cell or None for cell in row.values()] for row in rows[part]))
            written = together.enter_context(atomic_write(target, overwrite=overwrite))
            written.write_text(text, encoding="utf-8", newline="")
    return list(targets)
