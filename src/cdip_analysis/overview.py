"""The answers: what was asked and what came of it, one row for each action, and the sentence in front of everything."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cdip_analysis.data import label, labels
from cdip_analysis.decisions import Asked
from cdip_analysis.files import atomic_write, looks_like_formula
from cdip_analysis.judgements import COLUMNS, NOT_READ, Judged, Judgements, cited_for, judgements_path
from cdip_analysis.language import plain, rules
from cdip_analysis.model import Citation, Document, Passage, Row, Span, span
from cdip_analysis.schema import tables
from cdip_analysis.tables import session_dates

__all__ = ["asked_in_decisions", "commitment_rows", "overview_rows", "sentence", "write_to_fill_in"]

# ---- the tables -----------------------------------------------------------------------------------------------------


def asked_in_decisions(judgements: Judgements | None) -> Asked | None:
    """Return whom each paragraph of a Chair's summary asks, with the words that ask; None without judgements."""
    if judgements is None:
        return None
    found: dict[str, tuple[str, list[Span]]] = {}
    for one in judgements.commitments:
        v = one.values
        if v["asked_by"] == "committee" and v["asked_target"]:
            found.setdefault(v["asked_target"], (v["who"], []))[1].extend(one.words["asked_words"])
    return found


def commitment_rows(document: Document, annex: Sequence[Row], judgements: Judgements | None) -> list[Row]:
    """Return the rows of `commitments`: as judged, or without judgements what the verbs of the language find."""
    if judgements is None:
        return _by_verbs(document)
    return [_commitment(document, annex, one) for one in judgements.commitments]


def _commitment(document: Document, annex: Sequence[Row], one: Judged) -> Row:
    v = {name: text or None for name, text in one.values.items()}
    asked, due, came = (one.words[f"{role}words"] for role in ("asked_", "due_", "outcome_"))
    sessions = {name: int(v[name] or 0) or None for name in ("asked_session", "due_session", "outcome_session")}
    asked_at = cited_for(document, one.values, "asked", v["asked_target"] or "") or asked
    came_at = cited_for(document, one.values, "outcome", v["outcome_target"] or "") or came
    between, days, days_words, days_note = _between(document, annex, one.values, sessions)
    values = {name: v.get(name) for name in (column.name for column in tables()["commitments"].columns)} | sessions
    values |= {
        "text": _joined(asked),
        "due_words": _joined(due),
        "outcome_words": _joined(came),
        "sessions_between": between,
        "days_between": days,
    }
    sources: dict[str | None, Sequence[Span]] = {
        None: asked,
        "asked_session": asked_at,
        "asked_target": asked_at,
        "due_session": due,
        "due_words": due,
        "outcome": came or due,
        "outcome_place": came,
        "outcome_words": came,
        "outcome_session": came_at,
        "outcome_target": came_at,
        "sessions_between": [*asked_at, *came_at],
        "days_between": [*asked_at, *(days_words or came_at)],
    }
    notes = dict.fromkeys(values.keys() - {"text", "due_words", "outcome_words", "days_between"}, one.by)
    return Row(values, _some(sources), notes | {"days_between": days_note})


def _joined(words: Iterable[Span]) -> str | None:
    return " | ".join(s.text for s in words if s.rule != NOT_READ) or None


def _some(sources: Mapping[str | None, Sequence[Span]]) -> dict[str | None, Sequence[Span]]:
    """Leave out the columns that have no words of their own: those of the row hold for them."""
    return {column: words for column, words in sources.items() if words or column is None}


def _between(
    document: Document, annex: Sequence[Row], values: Mapping[str, str], sessions: Mapping[str, int | None]
) -> tuple[int | None, int | None, Sequence[Span], str]:
    """Count sessions and days from the session that asked to the one at which it came, or to a day that is printed."""
    asked, came = sessions["asked_session"], sessions["outcome_session"]
    if asked is None or came is None:
        return None, None, (), ""
    _, last_day, asked_note = session_dates(document.header, asked)
    first_day, _, came_note = session_dates(document.header, came)
    words: Sequence[Span] = ()
    for row in annex:
        v = row.values
        if v["event_date"] and (v["action_id"], v["session"]) == (values["action_id"], came):
            first_day, words, came_note = v["event_date"], row.sources["event_date"], "the day printed in the annex"
    days = (first_day - last_day).days if first_day and last_day and came > asked else None
    return came - asked, days, words, f"{asked_note}; {came_note}" if days else ""


def _by_verbs(document: Document) -> list[Row]:
    """List the sentences that ask or promise; a person judges what came of them."""
    rows: list[Row] = []
    for passage in document.passages:
        if passage.kind not in ("paragraph", "proposal") or passage.section == "closing":
            continue
        for words in _sentences(passage):
            verb = _verb(passage, plain(words.text)[0], document.language)
            if verb is None:
                continue
            kind, asked_by, rule, start = verb
            here = [c for c in document.citations_in(passage) if words.start <= c.start < words.end]
            named = [c for c in here if c.kind == "session" and c.session]
            # "At its 22nd session the Committee requested ... to the 23rd session": when, the verb, by when.
            before = [c for c in named if c.start < words.start + start]
            asked, due = before[-1] if before else None, named[-1] if len(named) > len(before) else None
            values: dict[str, Any] = dict.fromkeys(column.name for column in tables()["commitments"].columns)
            values |= {
                "number": str(len(rows) + 1),
                "action_id": passage.action_id,
                "kind": kind,
                "asked_by": asked_by,
                "text": words.text,
                "asked_place": _place_of(passage),
                "asked_session": asked.session if asked else None,
                "due_session": due.session if due else None,
                "due_words": due.text if due else None,
            }
            when = span(due)
            sources = {None: [words._replace(rule=rule)], "asked_session": span(asked), "due_session": when}
            rows.append(Row(values, _some(sources | {"due_words": when})))
    return rows


def _verb(passage: Passage, words: str, language: str) -> tuple[str, str, str, int] | None:
    """Return kind, asker and rule of a sentence that asks or promises, and where its verb is; None for another one."""
    if passage.kind == "proposal":
        known = [("proposal", "proposal", r) for r in rules(language, "promise") if r.row["kind"] == "proposal"]
    else:
        known = [("request", "committee", r) for r in rules(language, "asks") if r.row["asks"] != "nothing"]
        promises = [r for r in rules(language, "promise") if r.row["kind"] == "announcement"]
        known += [("announcement", "secretariat", r) for r in promises]
    found = ((kind, by, rule.name, match.start()) for kind, by, rule in known if (match := rule.pattern.search(words)))
    return next(found, None)


_END = re.compile(r"[。!?;]+|\.(?= |$)")


def _sentences(passage: Passage) -> Iterator[Span]:
    bare, start = plain(passage.text)[0], 0
    for end in [*(match.end() for match in _END.finditer(bare)), len(bare)]:
        text = bare[start:end]
        if text.strip():
            yield Span(passage, end - len(text.lstrip()), start + len(text.rstrip()), "a sentence")
        start = end


def _place_of(passage: Passage) -> str:
    return f"P{passage.item or passage.proposal_paragraph}" if passage.kind == "proposal" else str(passage.paragraph)


def overview_rows(
    body: str, actions: Sequence[Row], annex: Sequence[Row], commitments: Sequence[Row], judgements: Judgements | None
) -> list[Row]:
    """Return the rows of `overview`: each action with what was asked, handed over and considered, and its state."""
    judged = {one.values["action_id"]: one for one in judgements.overview} if judgements else {}
    entries, asked = _by_action(annex), _by_action(commitments)
    ids = [action.values["action_id"] for action in actions]
    return [
        _overview(body, action, entries.get(one, []), asked.get(one, []), judged.get(one))
        for one, action in zip(ids, actions, strict=True)
    ]


def _by_action(rows: Sequence[Row]) -> dict[str | None, list[Row]]:
    found: dict[str | None, list[Row]] = {}
    for row in rows:
        found.setdefault(row.values["action_id"], []).append(row)
    return found


def _overview(body: str, action: Row, entries: Sequence[Row], commitments: Sequence[Row], one: Judged | None) -> Row:
    asked = [row for row in commitments if row.values["kind"] == "proposal"]
    due = sorted((row for row in commitments if row.values["outcome"] == "due"), key=lambda r: r.values["due_session"])
    handed_over: dict[str, list[Span]] = {}
    considered: dict[str, list[Span]] = {}
    for row in sorted(entries, key=lambda row: (row.values["session"] or 0, row.values["first_paragraph"] or 0)):
        column = "document" if row.values["document"] else "implementation"
        if name := row.values[column]:
            handed_over.setdefault(name, []).extend(row.sources.get(column, row.sources[None]))
        session, first, last = (row.values[name] for name in ("session", "first_paragraph", "last_paragraph"))
        if session is not None and first is not None:
            target = str(Citation("paragraphs", body, session=session, first=first, last=last))
            considered.setdefault(target, []).extend(row.sources.get("session", row.sources[None]))
    judged = {name: (one.values[name] if one else "") or None for name in COLUMNS["overview"] if name != "place"}
    words = one.words["words"] if one else ()
    values = {
        **judged,
        "action_id": action.values["action_id"],
        "action": action.values["action"],
        "asked": " | ".join(row.values["text"] for row in asked if row.values["text"]) or None,
        "handed_over": "; ".join(handed_over) or None,
        "considered": "; ".join(considered) or None,
        "words": _joined(words),
        "due_session": due[0].values["due_session"] if due else None,
    }
    sources: dict[str | None, Sequence[Span]] = {
        None: action.sources[None],
        "asked": [s for row in asked for s in row.sources[None]],
        "handed_over": [s for found in handed_over.values() for s in found],
        "considered": [s for found in considered.values() for s in found],
        "due_session": [s for row in due for s in row.sources.get("due_session", ())],
        **dict.fromkeys(judged, words),
    }
    notes = {**(dict.fromkeys(judged, one.by) if one else {}), **action.notes}
    return Row(values, _some(sources), notes)


# ---- the sentence in front ------------------------------------------------------------------------------------------


def sentence(document: Document, overview: Sequence[Row], commitments: Sequence[Row], lang: str = "en") -> str:
    """Return the sentence in front of everything, counted from the state of each action; empty without judgements."""
    states = [row.values["state"] for row in overview]
    if not states or None in states:
        return ""
    trials = [row.values["due_session"] for row in overview if row.values["state"] == "on_trial"]
    due = min(filter(None, trials), default=None)
    parts = []
    for state in tables()["overview"].column("state").allowed:
        if count := states.count(state):
            key = f"sentence.{state}.due" if state == "on_trial" and due else f"sentence.{state}"
            parts.append(_say(key, lang, count=count, total=len(states), due=document.header.meeting(due)))
    said = _say("sentence.joined", lang, parts=label("sentence.comma", lang).join(parts))
    for row in commitments:
        if row.values["kind"] == "mandate" and row.values["outcome"] == "due":
            here = [(c, s) for s in row.sources[None] for c in document.citations_in(s.passage)]
            older = {c.symbol for c, s in here if c.kind == "document" and s.start <= c.start < s.end}
            now = ".now" if row.values["due_session"] == document.header.session else ""
            said += _say(
                f"sentence.final{now}",
                lang,
                count=len(older),
                session=document.header.meeting(row.values["due_session"]),
            )
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
        empty = dict.fromkeys(COLUMNS["overview"], "")
        overview = [empty | {"action_id": action.values["action_id"]} for action in actions]
        rows = {"commitments": [_as_file(row) for row in commitments], "overview": overview}
    targets = {part: judgements_path(path, part) for part, found in rows.items() if found}
    if there := [str(target) for target in targets.values() if target.exists() and not overwrite]:
        raise FileExistsError(f"{there[0]} is there. Choose another name, or replace it with --force.")
    for part, target in targets.items():
        with (
            atomic_write(target, overwrite=True) as temporary,
            temporary.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.DictWriter(file, list(rows[part][0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: _guarded(cell) for name, cell in row.items()} for row in rows[part])
    return list(targets.values())


def _as_file(row: Row) -> dict[str, str]:
    v = row.values
    due_place = v["asked_place"] if v["due_session"] else None
    found = {**v, "asked_words": " ".join(plain(v["text"])[0].split()), "due_place": due_place}
    return {name: str(found.get(name) or "") for name in COLUMNS["commitments"]}


def _guarded(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet program could take for a formula; `read_judgements` takes it away."""
    return f"'{cell}" if cell.startswith("'") or looks_like_formula(cell) else cell
