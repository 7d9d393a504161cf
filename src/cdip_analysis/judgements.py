"""What was asked and what came of it: a person's judgement, written down with the words it rests on.

``NAME.csv`` has a row for each thing asked, decided, suggested, promised or announced, ``NAME.overview.csv`` a row for
each action, ``NAME.remarks.csv`` what no rule finds. Nothing here judges: every quotation is looked up at the place
that it names, and every target among the citations there, so that a judgement can be traced like any other value.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import compress
from pathlib import Path
from typing import NamedTuple

from cdip_analysis.data import DATA, editions_of
from cdip_analysis.files import unguarded
from cdip_analysis.labels import label, labels, value_label
from cdip_analysis.language import LANGUAGES, detect_language, plain
from cdip_analysis.model import Document, Passage, ReportError, Span, natural_key, span
from cdip_analysis.schema import tables
from cdip_analysis.workbook import lines_of, opened, page_of

#: The columns of the three files. Beside each column of words, ``..._words_xx`` may hold them in another edition.
COLUMNS = {
    "commitments": (
        *("number", "action_id", "kind", "asked_by", "who", "thing_en", "thing_zh"),
        *("asked_place", "asked_words", "asked_session", "asked_target", "due_session", "due_place", "due_words"),
        *("outcome", "outcome_place", "outcome_words", "outcome_session", "outcome_target"),
        *("remark_en", "remark_zh", "judged_by", "judged_on"),
    ),
    "overview": (
        *("action_id", "state", "place", "words", "line_en", "line_zh", "to_raise_en", "to_raise_zh"),
        *("judged_by", "judged_on"),
    ),
    "remarks": ("kind", "place", "words", "remark_en", "remark_zh", "judged_by", "judged_on"),
}
#: The rule of a span where the words are in another language than the document: the whole passage.
NOT_READ = "judged by a person; the words are in another language than the document"
_REMEDY = "write one with cdip judge, and fill it in"
_TOO_MANY = "more cells in a row than columns"
_AT_ITS_PLACE = "judged by a person; the words are at the place that the judgement names"


class Judged(NamedTuple):
    """A row of a file of judgements: its values, and by column of words those in the document and those of others."""

    values: Mapping[str, str]
    words: Mapping[str, tuple[Span, ...]]
    unchecked: Mapping[str, tuple[str, ...]]

    @property
    def by(self) -> str:
        """Whose judgement it is."""
        return f"judged by {self.values['judged_by']} on {self.values['judged_on']}"


class Judgements(NamedTuple):
    """What a person judged of a document: each thing asked, the state of each action, and remarks on the source."""

    commitments: tuple[Judged, ...]
    overview: tuple[Judged, ...]
    remarks: tuple[Judged, ...]


def judgements_of(
    document: Document, source: str | Path | None = None, shipped: str | None = None
) -> Judgements | None:
    """Return what a person judged of a document, checked against it; None where there are no files for it.

    `source` is ``NAME.csv`` (the two beside it are read too) or a workbook that came back; None stands for the shipped
    files of the shipped document, in any format or language; `shipped` is its name, as far as that is known.
    """
    files = _files_of(document, Path(source) if source is not None else None, shipped)
    checked = {}
    for part, file in files.items():
        _check_values(document, part, file)
        checked[part] = tuple(_quoted(document, part, file))
    if not checked:
        return None
    in_order = sorted(checked["commitments"], key=lambda one: (natural_key(one.values["number"]), one.values["number"]))
    return Judgements(tuple(in_order), checked.get("overview", ()), checked.get("remarks", ()))


# ---- reading the files ----------------------------------------------------------------------------------------------


class File(NamedTuple):
    """A file of judgements as read: its name, for messages, and its rows as text."""

    name: str
    rows: list[dict[str, str]]

    def wrong(self, row: int, column: str, found: str, expected: str) -> ReportError:
        """Return the error for a cell; rows are numbered as in a spreadsheet, the header being row 1."""
        remedy = "correct the row, or check that the file belongs to this document"
        return ReportError(self.name, f"row {row}, {column}", found, expected, remedy)


def _files_of(document: Document, source: Path | None, shipped: str | None) -> dict[str, File]:
    """Read the files of judgements of a document, by part; none where there are none for it."""
    if source and source.suffix.lower() != ".xlsx":
        return _files(source)
    found = {}
    for path in sorted((DATA / "judgements").glob("*.overview.csv")):
        name = path.name.removesuffix(".overview.csv")
        if shipped == name or (shipped is None and document.language not in editions_of(name)):
            files = _files(path.with_name(f"{name}.csv"))
            if shipped == name or _fits(document, files):
                found = files
    return {**found, "commitments": _read_workbook(source)} if source else found


def _files(path: Path) -> dict[str, File]:
    """Read ``NAME.csv``, and those beside it."""
    parts = [part for part in COLUMNS if part == "commitments" or judgements_path(path, part).exists()]
    files = {part: _read(judgements_path(path, part), COLUMNS[part]) for part in parts}
    if not any(file.rows for file in files.values()):
        raise ReportError(path.name, "", "no rows", "a row for each judgement", _REMEDY)
    return files


def judgements_path(path: Path, part: str) -> Path:
    """Return the path of a part: ``NAME.csv`` for the commitments, ``NAME.overview.csv``, ``NAME.remarks.csv``."""
    return path if part == "commitments" else path.with_name(f"{path.stem}.{part}.csv")


def _read_workbook(path: Path) -> File:
    """Read the commitments of a workbook: its headings are labels, in either language."""
    page = page_of(opened(path, "commitments"), "commitments")
    names: dict[str, str] = {}  # the column in the file, by heading
    values: dict[tuple[str, str], str] = {}  # the value in the file, by column and label
    for name in COLUMNS["commitments"]:
        for lang, head in labels()["text" if name == "asked_words" else name].items():
            names |= {f"{head} ({label(f'language.{code}', lang)})": f"{name}_{code}" for code in LANGUAGES}
            names[head] = name
            values |= {(name, value_label(value, lang)): value for value in _allowed("commitments").get(name, ())}
    rows = []
    for _, line in lines_of(page, names, "number"):
        cells = {name: str("" if line[name] is None else line[name]).strip() for name in names.values() if name in line}
        read = {name: values.get((name, cell), cell) for name, cell in cells.items()}
        rows.append(dict.fromkeys(COLUMNS["commitments"], "") | read)
    return File(path.name, [row for row in rows if row["number"]])


def _allowed(part: str) -> dict[str, tuple[str, ...]]:
    """Return the columns of a part as declared, and the values to which each is held, if it is."""
    return {column.name: column.allowed for column in tables()["findings" if part == "remarks" else part].columns}


def _read(path: Path, needed: Sequence[str]) -> File:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True, restkey=_TOO_MANY, restval="")
            rows, columns = [*reader], reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        found = getattr(error, "strerror", None) or str(error)
        raise ReportError(path.name, "", found, "a file of judgements, as CSV in UTF-8", _REMEDY) from error
    if missing := [column for column in needed if column not in columns]:
        raise ReportError(path.name, "row 1", f"no column {', '.join(missing)}", "the columns of such a file", _REMEDY)
    if any(_TOO_MANY in row for row in rows):
        raise ReportError(path.name, "", _TOO_MANY, "a cell for each column", _REMEDY)
    # An apostrophe in front keeps a spreadsheet program from taking a text for a formula.
    return File(path.name, [{key: unguarded(value.strip()) for key, value in row.items()} for row in rows])


# ---- checking them against the document -----------------------------------------------------------------------------


def _check_values(document: Document, part: str, file: File) -> None:
    """Check what each cell holds, that numbers and actions come once, and that a judgement says what it rests on."""
    actions = sorted({p.action_id for p in document.passages if p.action_id}, key=natural_key)
    allowed = _allowed(part) | {"action_id": tuple(actions)}
    key, seen = {"commitments": "number", "overview": "action_id", "remarks": ""}[part], set()
    for row, values in enumerate(file.rows, 2):
        needed = {key, "kind", "asked_by", *_rests_on(part, values)}
        for column, value in values.items():
            known, expected = allowed.get(column, ()), ""
            if (value or column in needed) and known and value not in known:
                expected = f"one of {', '.join(known)}"
            elif column in needed and not value:
                expected = "what this judgement rests on"
            elif value and column.endswith("_session") and not value.isdecimal():
                expected = "the number of a session"
            elif value and column == "judged_on" and not _is_day(value):
                expected = "a day such as 2026-11-27"
            elif column == key and value in seen:
                expected = f"each {key} once"
            if expected:
                raise file.wrong(row, column, repr(value) if value else "nothing", expected)
        seen.add(values.get(key, ""))
    if part == "overview" and (missing := [action for action in actions if action not in seen]):
        found = f"no row for {', '.join(missing)}"
        raise file.wrong(len(file.rows) + 1, "action_id", found, "a row for each action")


def _is_day(text: str) -> bool:
    with suppress(ValueError):
        return bool(dt.date.fromisoformat(text))
    return False


def _rests_on(part: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """List the columns without which a judgement says nothing: where its words are, and whose it is."""
    if part != "commitments":
        return ("place", "judged_by") if part == "remarks" or values["state"] else ()
    words = {"": "", "conditional": "", "no_trace": "", "due": "due_session"}.get(values["outcome"], "outcome_place")
    return ("asked_place", words, "judged_by" if values["outcome"] else "")


def _quoted(document: Document, part: str, file: File) -> Iterator[Judged]:
    """Look up quotations and targets; words are in the column of the document's language, if there is one."""
    roles = ("asked_", "due_", "outcome_") if part == "commitments" else ("",)
    suffix = f"_{document.language}" if f"{roles[0]}words_{document.language}" in file.rows[0] else ""
    quoted = " ".join(values[f"{role}words"] for values in file.rows for role in roles)
    is_read = suffix or detect_language(quoted) in (None, document.language)
    for row, values in enumerate(file.rows, 2):
        words, unchecked = {}, {}
        for role in roles:
            column, places = f"{role}words{suffix}", _split(values[f"{role}place"])
            texts = _split(values[column], " | ") if is_read else [""] * len(places)
            if len(places) != len(texts) or (is_read and "" in texts):
                counted = f"{len(places)} places and {len(texts)} quotations"
                raise file.wrong(row, column, counted, "a quotation for each place, with ' | ' between")
            found, others = [], []
            for place, text in zip(places, texts, strict=True):
                if re.match("[A-Z]+(/[A-Z]+)*/[0-9]+/[A-Z0-9]", place):  # of another document, which is not looked up
                    others += [f"{text if place in text else f'{place}: {text}'} (unchecked)"] if text else []
                    continue
                if not (passages := _at(document, place)):
                    expected = f"a place of {document.name}, such as 17, P1.a or E13"
                    raise file.wrong(row, f"{role}place", f"the place {place!r}", expected)
                spans = (find_quotation(passage, text, "".join(place.partition("(")[1:])) for passage in passages)
                if (here := next(filter(None, spans), None)) is None:
                    there = " / ".join(plain(p.text)[0].strip() for p in passages)
                    raise file.wrong(row, column, f"{text!r}, which is not at {place}", f"words of {there!r}")
                found.append(here)
            words[f"{role}words"], unchecked[f"{role}words"] = tuple(found), tuple(others)
        for column, target in _missing_targets(document, values) if part == "commitments" else ():
            cited_at = values[column.split("_")[0] + "_place"]
            raise file.wrong(row, column, target, f"cited at {cited_at}, or in an entry of the action")
        yield Judged(values, words, unchecked)


def _split(cell: str, mark: str = ";") -> list[str]:
    return [piece.strip() for piece in cell.split(mark)] if cell else []


@lru_cache(maxsize=2)  # each judgement asks for several places
def _places(document: Document) -> Mapping[str, list[Passage]]:
    """Return the passages by their place: 17, P1, P1.a, E13."""
    places = defaultdict[str, list[Passage]](list)
    for p in document.passages:
        if p.entry:
            places[f"E{p.entry}"].append(p)
            places[f"entries of {p.action_id}"].append(p)
        elif p.kind == "paragraph":
            places[f"{p.paragraph}"].append(p)
        elif p.kind == "proposal":
            for name in {p.proposal_paragraph, p.item or p.proposal_paragraph}:
                places[f"P{name}"].append(p)
    return places


def _at(document: Document, place: str) -> list[Passage]:
    """List the passages of a place, or of the passage that an item is of: 1(iii)."""
    match = re.fullmatch(r"([PE]?\d+(?:\.[a-z])?)(?:\([ivxlc]+\))?", place)
    return _places(document).get(match[1], []) if match else []


def find_quotation(passage: Passage, quotation: str, item: str = "") -> Span | None:
    """Find words in a passage, or in an item of it; white space, link marks, and full or half width do not matter."""
    bare, links = plain(passage.text)
    solid, places = "".join(bare.split()), [*compress(range(len(bare)), map(str.strip, bare))]
    wanted = "".join(plain(quotation)[0].split())
    # An item ends where the next one begins; without one it is the whole passage.
    area = re.search(rf"{re.escape(item)}.*?(?=\([ivxlc]+\)|$)" if item else ".*", solid)
    found = area[0].find(wanted) if area else -1
    if area is None or found < 0:
        return None
    if not wanted:
        return Span(passage, 0, len(passage.text), NOT_READ)
    found += area.start()
    start, end = places[found], places[found + len(wanted) - 1] + 1
    for mark, _, words_end, mark_end in links:
        if start < words_end and end > mark:
            start, end = min(start, mark), max(end, mark_end)
    return Span(passage, start, end, _AT_ITS_PLACE)


def _fits(document: Document, files: Mapping[str, File]) -> bool:
    """Say whether a document in another language is the one judged: all actions, and each target at its place."""
    judged = {values["action_id"] for values in files["overview"].rows}
    missing = (target for values in files["commitments"].rows for target in _missing_targets(document, values))
    return judged == {p.action_id for p in document.passages if p.action_id} and not any(missing)


def _missing_targets(document: Document, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """List the targets of a judgement, with their columns, that are not cited where it says."""
    for column in ("asked_target", "outcome_target", "due_session"):
        role, _, what = column.partition("_")
        if target := values[column]:
            named = document.header.meeting(int(target)) if what == "session" else target
            if not cited_for(document, values, role, named):
                yield column, target


def cited_for(document: Document, values: Mapping[str, str], role: str, target: str) -> list[Span]:
    """Find the citations of a target: at the places of a judgement (`role`: asked, due, outcome), or in its entries."""
    passages = [p for place in _split(values[f"{role}_place"]) for p in _at(document, place)]
    if role == "asked" and values["kind"] in ("mandate", "proposal"):  # these two paragraphs tell of both
        passages += [*_at(document, "1"), *_at(document, "2")]
    if role != "due":
        passages += _places(document).get(f"entries of {values['action_id']}", [])
    return [s for p in passages for c in document.citations_in(p) if str(c) == target for s in span(c)]
