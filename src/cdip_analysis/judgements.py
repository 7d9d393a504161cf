"""What was asked and what came of it: a person's judgement, written down with the words it rests on.

Judgements are data: two small files for a document, ``NAME.csv`` (a row for each thing asked, decided, suggested,
promised or announced) and ``NAME.overview.csv`` (a row for each action), and ``NAME.remarks.csv`` beside them for slips
that no rule finds. Nothing here judges. Every quotation is looked up at the place that it names, and every target is
looked for among the citations there, so that a judgement can be traced like any other value.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cdip_analysis.data import DATA, label, labels
from cdip_analysis.files import replacing
from cdip_analysis.language import detect_language, plain, rules
from cdip_analysis.model import Passage, ReportError, Row, Span, span
from cdip_analysis.tables import session_dates

if TYPE_CHECKING:
    from cdip_analysis.report import Report

__all__ = [
    "COLUMNS",
    "Judged",
    "Judgements",
    "commitment_rows",
    "load_judgements",
    "overview_rows",
    "sentence",
    "write_to_fill_in",
]

KINDS = ("mandate", "proposal", "request", "suggestion", "announcement")
OUTCOMES = ("delivered", "partly", "on_trial", "continuing", "conditional", "due", "no_trace")
STATES = ("delivered", "partly", "on_trial", "not_reported")
ASKED_BY = ("committee", "delegations", "proposal", "secretariat")

#: The columns of NAME.csv, besides the optional ``..._words_xx``: the words in another edition, by its language.
COLUMNS = (
    *("number", "action_id", "kind", "asked_by", "who", "thing_en", "thing_zh"),
    *("asked_place", "asked_words", "asked_session", "asked_target", "due_session", "due_place", "due_words"),
    *("outcome", "outcome_place", "outcome_words", "outcome_session", "outcome_target"),
    *("remark_en", "remark_zh", "judged_by", "judged_on"),
)
OVERVIEW = (
    *("action_id", "state", "place", "words", "line_en", "line_zh", "to_raise_en", "to_raise_zh"),
    *("judged_by", "judged_on"),
)
REMARKS = ("kind", "place", "words", "note_en", "note_zh", "judged_by", "judged_on")
_NOT_HERE = "unchecked: the words are in another language than the document"


class Judged(NamedTuple):
    """A row of a file of judgements: its values, and by role (asked, due, outcome, words) the words quoted."""

    values: Mapping[str, str]
    words: Mapping[str, tuple[Span, ...]]


class Judgements(NamedTuple):
    """What a person judged of a document: each thing asked, the state of each action, and slips of the source."""

    commitments: tuple[Judged, ...]
    overview: tuple[Judged, ...]
    remarks: tuple[Judged, ...]


def load_judgements(path: Path, report: Report) -> Judgements:
    """Read the judgements of a document, and check each quotation and each target against the document.

    Parameters
    ----------
    path : Path
        The file of commitments, ``NAME.csv``; ``NAME.overview.csv`` and ``NAME.remarks.csv`` are read if they are
        beside it.
    report : Report
        The document. If it is in another language than the quotations, the columns ``..._words_xx`` of its language
        are used; without them numbers and outcomes stand, and words are left empty.

    Raises
    ------
    ReportError
        If a file is empty or lacks a column, a value is not one of those allowed, a number or an action comes twice, an
        action is missing or unknown, a place does not exist, or words or a target are not there.
    """
    source = path.name.removesuffix(".csv")
    rows = _read(path, COLUMNS)
    commitments = _checked(rows, path.name, report, ("asked", "due", "outcome"))
    overview_path, remarks_path = (path.with_name(f"{source}.{part}.csv") for part in ("overview", "remarks"))
    overview, remarks = [], []
    if overview_path.exists():
        overview = _checked(_read(overview_path, OVERVIEW), overview_path.name, report, ("",))
    if remarks_path.exists():
        remarks = _checked(_read(remarks_path, REMARKS), remarks_path.name, report, ("",))
    actions = [row.values["action_id"] for row in report.rows("actions")]
    _check_commitments(rows, path.name, actions)
    if overview:
        _check_overview([judged.values for judged in overview], overview_path.name, actions)
    for judged in commitments:
        _check_targets(judged, path.name, report)
    return Judgements(tuple(sorted(commitments, key=_number)), tuple(overview), tuple(remarks))


def shipped_judgements(report: Report) -> Path | None:
    """Return the file of judgements shipped for a document that is shipped, in any format; None for another one."""
    path = DATA / "judgements" / f"{report.shipped_as}.csv"
    return path if report.shipped_as and path.exists() else None


# ---- reading and checking -------------------------------------------------------------------------------------------


def _read(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows = [{key: (value or "").strip() for key, value in row.items() if key} for row in reader]
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        found = f"no column {', '.join(missing)}"
        raise ReportError(path.name, "row 1", found, "the columns of a file of judgements", "write one with cdip judge")
    if not rows:
        raise ReportError(path.name, "", "no rows", "a row for each judgement", "write one with cdip judge")
    return rows


def _wrong(document: str, number: int, column: str, found: str, expected: str) -> ReportError:
    remedy = "correct the row, or check that the file belongs to this document"
    return ReportError(document, f"row {number}, {column}", found, expected, remedy)


def _checked(rows: list[dict[str, str]], name: str, report: Report, roles: Sequence[str]) -> list[Judged]:
    """Look up the quotations of all rows."""
    column = {role: f"{role}_words" if role else "words" for role in roles}
    suffix = f"_{report.language}"
    own = f"{column[roles[0]]}{suffix}" in rows[0]
    words_are_in = detect_language(" ".join(row[column[role]] for row in rows for role in roles))
    known = own or words_are_in in (None, report.language)
    found = []
    for number, row in enumerate(rows, 2):
        quoted: dict[str, tuple[Span, ...]] = {}
        for role in roles:
            words = row[f"{column[role]}{suffix}"] if own else row[column[role]] if known else ""
            places = row[f"{role}_place" if role else "place"]
            spans = _quoted(report, places, words, name, number, column[role]) if known else ()
            quoted[role or "words"] = tuple(spans)
        found.append(Judged(row, quoted))
    return found


_PLACE = re.compile(r"(?P<proposal>P)?(?P<number>\d+)(?:\.(?P<letter>[a-z])|\((?P<item>[ivxlc]+)\))?|E(?P<entry>\d+)")


def _quoted(report: Report, places: str, words: str, name: str, number: int, column: str) -> Iterator[Span]:
    """Find the words of a cell at the places of a cell, one by one."""
    where = [place.strip() for place in places.split(";")] if places else []
    quotations = [quotation.strip() for quotation in words.split(" | ")] if words else []
    if len(where) != len(quotations):
        counted = f"{len(where)} places and {len(quotations)} quotations"
        raise _wrong(name, number, column, counted, "one quotation for each place, split by ' | '")
    for place, quotation in zip(where, quotations, strict=True):
        passages = _at(report, place)
        if not passages:
            raise _wrong(name, number, column, f"no place {place!r} in {report.name}", "a place of the document")
        item = re.search(r"\([ivxlc]+\)", place)
        found = (s for p in passages if (s := _find(p, quotation, item[0] if item else "")))
        if (first := next(found, None)) is None:
            there = " / ".join(plain(p.text)[0].strip() for p in passages)
            raise _wrong(name, number, column, f"{quotation!r}, which is not at {place}", f"words of {there!r}")
        yield first


def _at(report: Report, place: str) -> list[Passage]:
    """List the passages of a place, such as 17, 1(iii), P1, P1.a or E13."""
    match = _PLACE.fullmatch(place)
    if match is None:
        return []
    if match["entry"]:
        return [p for p in report.passages if p.entry == int(match["entry"])]
    number = int(match["number"])
    if match["proposal"]:
        of_paragraph = [p for p in report.passages if p.kind == "proposal" and p.proposal_paragraph == number]
        letter = match["letter"]
        return [p for p in of_paragraph if letter is None or p.item == f"{number}.{letter}"]
    return [p for p in report.passages if p.kind == "paragraph" and p.paragraph == number]


def _find(passage: Passage, quotation: str, after: str = "") -> Span | None:
    """Find words in a passage, whatever its white space, link marks and wide characters."""
    bare, links = plain(passage.text)
    at = [n for n, character in enumerate(bare) if not character.isspace()]
    text = "".join(bare[n] for n in at)
    wanted = "".join(plain(quotation)[0].split())
    begin = max(0, text.find(after))
    if not wanted or (after and after not in text) or (found := text.find(wanted, begin)) < 0:
        return None
    start, end = at[found], at[found + len(wanted) - 1] + 1
    for mark, _, words_end, mark_end in links:
        if start < words_end and end > mark:
            start, end = min(start, mark), max(end, mark_end)
    return Span(passage, start, end, "judged by a person; the words were found at this place")


def _check_commitments(rows: Sequence[Mapping[str, str]], name: str, actions: Sequence[str]) -> None:
    allowed = {"kind": KINDS, "asked_by": ASKED_BY, "outcome": ("", *OUTCOMES), "action_id": ("", *actions)}
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        for column, values in allowed.items():
            if row[column] not in values:
                raise _wrong(name, number, column, repr(row[column]), f"one of {', '.join(filter(None, values))}")
        for column in ("asked_session", "due_session", "outcome_session"):
            if row[column] and not row[column].isdecimal():
                raise _wrong(name, number, column, repr(row[column]), "the number of a session")
        if not row["number"] or row["number"] in seen:
            raise _wrong(name, number, "number", repr(row["number"]), "a number of its own for each row")
        seen.add(row["number"])


def _check_overview(rows: Sequence[Mapping[str, str]], name: str, actions: Sequence[str]) -> None:
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        if row["state"] not in STATES:
            raise _wrong(name, number, "state", repr(row["state"]), f"one of {', '.join(STATES)}")
        if row["action_id"] not in actions or row["action_id"] in seen:
            raise _wrong(name, number, "action_id", repr(row["action_id"]), f"each once of {', '.join(actions)}")
        seen.add(row["action_id"])
    if missing := [action for action in actions if action not in seen]:
        raise _wrong(name, len(rows) + 1, "action_id", f"no row for {', '.join(missing)}", "a row for each action")


def _check_targets(judged: Judged, name: str, report: Report) -> None:
    """Hold each target against the citations at its place, of the action's annex entries, or of paragraphs 1 and 2."""
    for role in ("asked", "outcome"):
        target = judged.values[f"{role}_target"]
        if target and not _cited(report, judged, role, target):
            expected = f"a target cited at {judged.values[f'{role}_place']} or in an entry of the action"
            raise _wrong(name, 0, f"{role}_target of number {judged.values['number']}", target, expected)


def _cited(report: Report, judged: Judged, role: str, target: str) -> list[Span]:
    """Find the citations of a target where the judgement says that it is cited."""
    values = judged.values
    places = [place.strip() for place in values[f"{role}_place"].split(";") if place]
    if values["kind"] in ("mandate", "proposal") and role == "asked":
        places += ["1", "2"]
    passages = [passage for place in places for passage in _at(report, place)]
    passages += [p for p in report.passages if p.entry and p.action_id == values["action_id"]]
    return [s for p in passages for c in report.citations_in(p) if str(c) == target for s in span(c)]


def _number(judged: Judged) -> tuple[int, str]:
    match = re.match(r"\d+", judged.values["number"])
    return (int(match[0]) if match else 10**6, judged.values["number"])


# ---- the tables -----------------------------------------------------------------------------------------------------


def commitment_rows(report: Report, judgements: Judgements | None) -> Iterator[Row]:
    """Return the rows of `commitments`: as judged, or without a judgement what the document's own verbs ask for."""
    if judgements is None:
        yield from _by_verbs(report)
        return
    for judged in judgements.commitments:
        v = judged.values
        asked, due, came = (judged.words.get(role, ()) for role in ("asked", "due", "outcome"))
        asked_session, came_session = _integer(v["asked_session"]), _integer(v["outcome_session"])
        by = f"judged by {v['judged_by']} on {v['judged_on']}" + ("" if asked else f"; {_NOT_HERE}")
        days, days_note, days_words = _days(report, v, asked_session, came_session)
        asked_at = _cited(report, judged, "asked", v["asked_target"]) or list(asked)
        came_at = _cited(report, judged, "outcome", v["outcome_target"]) or list(came)
        evidence: dict[str, Sequence[Span]] = {
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
        yield Row(
            {
                "number": v["number"],
                "action_id": v["action_id"] or None,
                "kind": v["kind"],
                "asked_by": v["asked_by"],
                "who": v["who"] or None,
                "thing_en": v["thing_en"] or None,
                "thing_zh": v["thing_zh"] or None,
                "text": " | ".join(words.text for words in asked) or None,
                "asked_place": v["asked_place"],
                "asked_session": asked_session,
                "asked_target": v["asked_target"] or None,
                "due_session": _integer(v["due_session"]),
                "due_words": " | ".join(words.text for words in due) or None,
                "outcome": v["outcome"] or None,
                "outcome_place": v["outcome_place"] or None,
                "outcome_session": came_session,
                "outcome_target": v["outcome_target"] or None,
                "outcome_words": " | ".join(words.text for words in came) or None,
                "sessions_between": came_session - asked_session if came_session and asked_session else None,
                "days_between": days,
                "remark_en": v["remark_en"] or None,
                "remark_zh": v["remark_zh"] or None,
                "judged_by": v["judged_by"] or None,
                "judged_on": v["judged_on"] or None,
            },
            {None: asked, **{column: words for column, words in evidence.items() if words}},
            {
                **dict.fromkeys(("outcome", "kind", "who", "asked_by", "thing_en", "thing_zh"), by),
                "days_between": days_note,
            },
        )


def _integer(text: str) -> int | None:
    return int(text) if text else None


def _days(
    report: Report, values: Mapping[str, str], asked: int | None, came: int | None
) -> tuple[int | None, str, list[Span]]:
    """Count the days from the end of the session that asked to the day on which it came, and say where they stand."""
    _, last_day, asked_evidence = session_dates(report, asked)
    first_day, _, came_evidence = session_dates(report, came)
    words: list[Span] = []
    for row in report.rows("annex"):  # a day that is printed counts, and not the first day of the session
        v = row.values
        if v["event_date"] and v["action_id"] == values["action_id"] and v["session"] == came:
            first_day, came_evidence, words = (
                v["event_date"],
                "the day printed in the annex",
                list(row.sources["event_date"]),
            )
    lasting = (
        values["outcome"] == "continuing" and not values["outcome_target"]
    )  # how things stand: no day on which it came
    if lasting or asked is None or came is None or came <= asked or not first_day or not last_day:
        return None, "", []
    return (first_day - last_day).days, f"{asked_evidence}; {came_evidence}", words


def _by_verbs(report: Report) -> Iterator[Row]:
    """List the sentences that ask or promise, by the verbs of the vocabulary; a person judges what came of them."""
    number = 0
    for passage in report.passages:
        if passage.kind not in ("paragraph", "proposal") or passage.section == "closing":
            continue
        bare = plain(passage.text)[0]
        for start, end in _sentences(bare):
            verb = _verb(passage, bare[start:end], report.language)
            if verb is None:
                continue
            kind, by, rule = verb
            number += 1
            words = Span(passage, start, end, rule)
            sessions = [
                c for c in report.citations_in(passage) if c.kind == "session" and c.session and start <= c.start < end
            ]
            due = sessions[-1] if sessions else None  # "as requested at its 22nd session ... to the 23rd session"
            values = dict.fromkeys(_COMMITMENT_COLUMNS)
            values |= {
                "number": str(number),
                "action_id": passage.action_id,
                "kind": kind,
                "asked_by": by,
                "text": words.text.strip(),
                "asked_place": _place_of(passage),
                "due_session": due.session if due else None,
                "due_words": due.text if due else None,
            }
            evidence: dict[str | None, Sequence[Span]] = (
                {"due_session": span(due), "due_words": span(due)} if due else {}
            )
            yield Row(values, {None: [words], **evidence}, {"kind": f"a verb of the vocabulary: {rule}"})


def _verb(passage: Passage, words: str, language: str) -> tuple[str, str, str] | None:
    """Return kind, asker and rule of a sentence that asks or promises; None for another one."""
    if passage.kind == "proposal":
        rule = next(
            (r for r in rules(language, "promise") if r.row["kind"] == "proposal" and r.pattern.search(words)), None
        )
        return ("proposal", "proposal", rule.name) if rule else None
    for rule in rules(language, "asks"):
        if rule.row["asks"] != "nothing" and rule.pattern.search(words):
            return "request", "committee", rule.name
    for rule in rules(language, "promise"):
        if rule.row["kind"] == "announcement" and rule.pattern.search(words):
            return "announcement", "secretariat", rule.name
    return None


_COMMITMENT_COLUMNS = (
    *("number", "action_id", "kind", "asked_by", "who", "thing_en", "thing_zh", "text", "asked_place"),
    *("asked_session", "asked_target", "due_session", "due_words", "outcome", "outcome_place", "outcome_session"),
    *("outcome_target", "outcome_words", "sessions_between", "days_between", "remark_en", "remark_zh"),
    *("judged_by", "judged_on"),
)
_END = re.compile(r"[。!?;]+|\.(?= |$)")


def _sentences(bare: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in [*(m.end() for m in _END.finditer(bare)), len(bare)]:
        text = bare[start:end]
        if text.strip():
            yield start + len(text) - len(text.lstrip()), start + len(text.rstrip())
        start = end


def _place_of(passage: Passage) -> str:
    if passage.kind == "proposal":
        return f"P{passage.item or passage.proposal_paragraph}"
    return f"E{passage.entry}" if passage.entry is not None else str(passage.paragraph)


def overview_rows(report: Report, judgements: Judgements | None) -> Iterator[Row]:
    """Return the rows of `overview`: each action with what was asked, handed over and considered, and its state."""
    judged = {one.values["action_id"]: one for one in judgements.overview} if judgements else {}
    commitments = report.rows("commitments")
    for action in report.rows("actions"):
        action_id = action.values["action_id"]
        asked = [r for r in commitments if r.values["kind"] == "proposal" and r.values["action_id"] == action_id]
        due = [r for r in commitments if r.values["outcome"] == "due" and r.values["action_id"] == action_id]
        entries = [row for row in report.rows("annex") if row.values["action_id"] == action_id]
        one = judged.get(action_id)
        v: Mapping[str, str] = one.values if one else {}
        words = one.words["words"] if one else ()
        handed, handed_words = _handed_over(entries)
        considered = dict.fromkeys(
            f"CDIP/{e['session']} {e['first_paragraph']}-{e['last_paragraph']}"
            for e in (row.values for row in entries)
            if e["session"] is not None and e["first_paragraph"] is not None
        )
        sources: dict[str | None, Sequence[Span]] = {None: action.sources[None]}
        for column, found in (
            ("asked", [s for row in asked for s in row.sources[None]]),
            ("handed_over", handed_words),
            ("considered", [s for row in entries for s in row.sources.get("consideration", ())]),
            ("due_session", [s for row in due for s in row.sources.get("due_session", ())]),
            *((name, words) for name in ("state", "line_en", "line_zh", "to_raise_en", "to_raise_zh", "words")),
        ):
            if found:
                sources[column] = found
        by = f"judged by {v['judged_by']} on {v['judged_on']}" if v else "not judged"
        yield Row(
            {
                "action_id": action_id,
                "action": action.values["action"],
                "asked": " | ".join(row.values["text"] for row in asked if row.values["text"]) or None,
                "handed_over": "; ".join(handed) or None,
                "considered": "; ".join(considered) or None,
                "state": v.get("state"),
                "words": " | ".join(s.text for s in words) or None,
                "due_session": min((row.values["due_session"] for row in due), default=None),
                **{name: v.get(name) or None for name in ("line_en", "line_zh", "to_raise_en", "to_raise_zh")},
                **{name: v.get(name) or None for name in ("judged_by", "judged_on")},
            },
            sources,
            dict.fromkeys(("state", "line_en", "line_zh", "to_raise_en", "to_raise_zh"), by),
        )


def _handed_over(entries: Iterable[Row]) -> tuple[list[str], list[Span]]:
    """List what was handed over: the symbol of a document, or else the annex's own words for an event."""
    names: dict[str, list[Span]] = {}
    for row in entries:
        document, printed = row.values["document"], row.values["implementation"]
        if document:
            names.setdefault(document, []).extend(row.sources["document"])
        elif printed:
            names.setdefault(printed, []).extend(row.sources["implementation"])
    return list(names), [words for found in names.values() for words in found]


def sentence(report: Report, lang: str = "en") -> str:
    """Return the sentence in front of everything, counted from the state of each action; empty without a judgement.

    >>> from cdip_analysis import load_report
    >>> print(sentence(load_report()))
    Four of the nine actions were answered by a document or an event, four in part, one is on trial, to be assessed at
    CDIP/25. The final discussion, with four older documents, is due now, at CDIP/24.
    """
    rows = [row.values for row in report.rows("overview")]
    states = [row["state"] for row in rows]
    if not rows or None in states:
        return ""
    due = {row["due_session"] for row in rows if row["state"] == "on_trial" and row["due_session"]}
    parts = []
    for state in STATES:
        if count := states.count(state):
            key = f"sentence.{state}" + (".due" if state == "on_trial" and due else "")
            key += ".one" if f"{key}.one" in labels() and count == 1 else ""
            parts.append(_say(key, lang, count=count, total=len(rows), due=f"CDIP/{min(due)}" if due else ""))
    said = _say("sentence.joined", lang, parts=label("sentence.comma", lang).join(parts))
    for row in report.rows("commitments"):
        v = row.values
        if v["kind"] == "mandate" and v["outcome"] == "due":
            older = {
                c.symbol
                for words in row.sources[None]
                for c in report.citations_in(words.passage)
                if c.kind == "document" and words.start <= c.start < words.end
            }
            now = ".now" if v["due_session"] == report.header.session else ""
            said += _say(f"sentence.final{now}", lang, count=len(older), session=f"CDIP/{v['due_session']}")
    return said[:1].upper() + said[1:]


def _say(key: str, lang: str, **values: Any) -> str:
    named = {name: label(f"number.{n}", lang) if isinstance(n, int) and n <= 12 else n for name, n in values.items()}
    return label(key, lang).format(**named)


def write_to_fill_in(report: Report, path: str | Path, *, overwrite: bool = False) -> list[Path]:
    """Write the files of judgements of a document for a person to fill in.

    Parameters
    ----------
    report : Report
    path : str or Path
        ``NAME.csv``: a row for each sentence that asks or promises, by the verbs of the vocabulary, with the place and
        its words. ``NAME.overview.csv`` with a row for each action is written beside it. Judgements that the document
        has already are written as they are.
    overwrite : bool
        Whether to replace files that are there.

    Returns
    -------
    list of Path
        The two files.

    Raises
    ------
    FileExistsError
        If one of them is there and `overwrite` is not set.
    """
    path = Path(path)
    if report.judged is not None:
        commitments = [dict(one.values) for one in report.judged.commitments]
        overview = [dict(one.values) for one in report.judged.overview]
    else:
        commitments = [_as_file(row) for row in report.rows("commitments")]
        overview = [{"action_id": row.values["action_id"]} for row in report.rows("actions")]
    written = []
    for target, columns, rows in (
        (path, COLUMNS, commitments),
        (path.with_name(f"{path.name.removesuffix('.csv')}.overview.csv"), OVERVIEW, overview),
    ):
        if target.exists() and not overwrite:
            raise FileExistsError(f"{target} is there; choose another name, or replace it with --force")
        names = dict.fromkeys([*columns, *(name for row in rows for name in row)])
        with replacing(target, overwrite=True) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(names), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        written.append(target)
    return written


def _as_file(row: Row) -> dict[str, Any]:
    v = {name: value for name, value in row.values.items() if name in COLUMNS and value is not None}
    words = plain(str(row.values["text"]))[0]
    due = {"due_place": row.values["asked_place"]} if row.values["due_session"] else {}
    return {**v, **due, "asked_words": " ".join(words.split())}
