"""Many documents in the same tables, each row with its source, by any executor; what changed between two."""

from __future__ import annotations

import os
from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pandas as pd

from cdip_analysis.analyses import action_label
from cdip_analysis.data import shipped_path
from cdip_analysis.language import letters
from cdip_analysis.model import ReportError, Row, Span, span
from cdip_analysis.provenance import Evidence
from cdip_analysis.questions import evidence
from cdip_analysis.report import Report, load_report
from cdip_analysis.schema import Table, build, check_rows, table_names, tables, typed

_File = tuple[str, Path]  # a source as the tables name it, and where it is


class Corpus(SimpleNamespace):
    """Many documents as read: the tables of a report with a column `source` in front, `sources` and `problems`.

    Each table is an attribute too, such as ``corpus.citations``. `load_corpus` makes it, and has an example.
    """

    tables: Mapping[str, pd.DataFrame]
    paths: Mapping[str, Path]

    def __repr__(self) -> str:
        """Return in one line what was read."""
        counts = (f"{len(self.tables[name])} {name}" for name in ("sources", "citations", "problems"))
        return f"<Corpus: {', '.join(counts)}>"

    def report(self, source: str) -> Report:
        """Load one of the documents by itself."""
        return load_report(self.paths[source])

    def evidence(self, table: str, row: int, column: str) -> Evidence:
        """Show the words that a value came from: its document is read again for it."""
        sources = self.tables[table]["source"]
        before = int((sources.iloc[:row] == sources.iloc[row]).sum())
        return evidence(self.report(sources.iloc[row]), table, before, column)


def load_corpus(
    paths: str | Path | Iterable[str | Path], executor: Executor | None = None, progress: bool | None = None
) -> Corpus:
    """Read many documents, of any of the formats and languages, into the same tables.

    Parameters
    ----------
    paths : str, Path or iterable of them
        A folder, read with the folders in it and those that are linked from it, without hidden files; or the files
        themselves, read in the order given, and shipped documents by name (``zh``, ``en``).
    executor : concurrent.futures.Executor, optional
        Who does the work, in this process where it is not given: a ``ProcessPoolExecutor``, or
        ``dask.distributed.Client(...).get_executor()`` on a cluster that sees the same files. The tables are the same.
    progress : bool, optional
        Show a progress bar, or none. Where it is not given, a bar is shown in a terminal or notebook when the work
        takes more than two seconds and tqdm is installed (extra ``scale``).

    Returns
    -------
    Corpus
        Each table of a report over all documents, with `source` in front; `sources`, one row for each document; and
        `problems`, one row for each file that gave no tables: a file that cannot be read never stops the rest, and of
        files with the same bytes the tables hold the first.

    Raises
    ------
    ReportError
        If `paths` names a folder that is not there.
    ImportError
        If ``progress=True`` and tqdm is not installed.

    Examples
    --------
    >>> from cdip_analysis import load_corpus
    >>> corpus = load_corpus(["zh", "en", "cdip-24-technical-assistance", "missing.txt"])
    >>> corpus
    <Corpus: 2 sources, 238 citations, 2 problems>
    >>> corpus.problems["kind"].tolist()
    ['duplicate', 'unreadable']
    """
    files = dict(_files(paths))
    to_read = [*files.items()]
    # Enough batches to share out evenly; enough documents in each that a frame of them costs little more than of one.
    size = max(1, min(50, len(to_read) // 20))
    batches = [to_read[start : start + size] for start in range(0, len(to_read), size)]
    done = executor.map(read_batch, batches) if executor else map(read_batch, batches)
    parts = list(_shown(done, len(batches), progress))
    joined = {}
    for name, table in _declared().items():
        frames = [part[name] for part in parts if len(part[name])]
        joined[name] = pd.concat(frames, ignore_index=True) if frames else typed(table, [])
    found = _without_copies(joined, {source: number for number, source in enumerate(files)})
    read = {source: files[source] for source in found["sources"]["source"]}
    return Corpus(tables=found, paths=read, **found)


def _without_copies(read: Mapping[str, pd.DataFrame], order: Mapping[str, int]) -> dict[str, pd.DataFrame]:
    """Leave out each document with the bytes of one before it, and list it as a problem."""
    sources, problems = read["sources"], read["problems"]
    copies = sources[sources["sha256"].duplicated()]
    first = sources.drop_duplicates("sha256").set_index("sha256")["source"]
    same = {"kind": "duplicate", "expected": "each document once", "remedy": "nothing to do: it is a copy"}
    listed = copies[["source"]].assign(found=copies["sha256"].map(first), **same)
    whole = {name: frame[~frame["source"].isin(copies["source"])] for name, frame in read.items()}
    whole["problems"] = pd.concat([problems, listed]).astype(problems.dtypes)
    whole["problems"] = whole["problems"].sort_values("source", key=lambda s: s.map(order))
    return {name: frame.reset_index(drop=True) for name, frame in whole.items()}


def _declared() -> dict[str, Table]:
    """Return the tables of a corpus: those of a report with `source` in front, and those of the corpus itself."""
    tables_of = {name: table for name, table in tables("corpus").items() if table.group == "corpus"}
    source = tables_of["sources"].column("source")
    for name in table_names():
        table = tables()[name]
        tables_of[name] = table._replace(columns=(source, *table.columns))
    return tables_of


def _files(paths: str | Path | Iterable[str | Path]) -> Iterator[_File]:
    if not isinstance(paths, (str, Path)):
        for path in paths:
            yield str(path), Path(path) if Path(path).exists() else shipped_path(str(path)) or Path(path)
    elif Path(paths).is_dir():
        seen = set()
        for folder, inner, names in os.walk(paths, followlinks=True):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            # A linked folder may hold the folder that it is linked from: each is walked once, whatever its name.
            if (real := os.path.realpath(folder)) in seen:
                inner.clear()
                continue
            seen.add(real)
            # ~$: what Word leaves beside a document that is open
            for path in (Path(folder, name) for name in sorted(names) if not name.startswith((".", "~$"))):
                yield path.relative_to(paths).as_posix(), path
    elif Path(paths).exists():
        yield str(paths), Path(paths)
    else:
        raise ReportError(str(paths), "", "no such folder", "a folder of documents", "check the path")


def read_batch(batch: Sequence[_File]) -> dict[str, pd.DataFrame]:
    """Read some documents into frames: what one worker does, and what comes back from it."""
    rows: dict[str, list[Mapping[str, Any]]] = {name: [] for name in _declared()}
    for source, path in batch:
        try:
            found = _rows_of(source, path)
        except Exception as error:  # a fault of ours, met in one document, is listed, and the rest is not lost
            kind = "unreadable"
            if not isinstance(error, ReportError):
                kind, fault = "fault", f"{type(error).__name__}: {error}"
                error = ReportError(source, "", fault, "tables", "report it to us")
            parts = {name: getattr(error, name) or None for name in ("place", "found", "expected", "remedy")}
            found = {"problems": [{"source": source, "kind": kind, **parts}]}
        for name, values in found.items():
            rows[name] += values
    return {name: typed(table, rows[name]) for name, table in _declared().items()}


def _rows_of(source: str, path: Path) -> dict[str, list[Mapping[str, Any]]]:
    """Read one document into rows, held against the declaration before they join those of others."""
    if not path.is_file() and not path.is_dir() and path.exists():
        raise ReportError(source, "", "a pipe, a socket or a device", "a file", "take it out of the folder")
    report = load_report(path, beside=False)
    found: dict[str, list[Mapping[str, Any]]] = {}
    for name in table_names():
        values = [row.values for row in report.rows[name]]
        check_rows(tables()[name], values, report.name)
        found[name] = [{"source": source, **row} for row in values]
    counts = {name: len(found[name]) for name in ("paragraphs", "citations", "findings", "unread")}
    header = {name: getattr(report.header, name) for name in ("symbol", "session", "title")}
    about = {"source": source, "sha256": report.sha256, "language": report.language}
    found["sources"] = [{**about, **header, **counts, "entries": len(found["annex"])}]
    return found


def _shown(parts: Iterable[dict[str, pd.DataFrame]], count: int, progress: bool | None) -> Iterable[Any]:
    """Pass results on as they come, with a progress bar where one is wanted."""
    try:
        from tqdm import tqdm  # type: ignore[import-untyped]  # it has no types
    except ImportError:
        if progress:
            raise ImportError("a progress bar needs tqdm: pip install 'cdip-analysis[scale]'") from None
        return parts
    # disable=None: no bar where standard error is no terminal; a notebook counts as one.
    settings = {"delay": 2, "disable": None} if progress is None else {"disable": not progress}
    shown: Iterable[Any] = tqdm(parts, total=count, unit=" batches", **settings)
    return shown


# ---- what changed between two ---------------------------------------------------------------------------------------


class _Item(NamedTuple):
    """Something in a report that another report may have too: what it is known by, under which action, and as what."""

    about: str
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
        One row per difference, none for equal reports; columns as data/corpus.json declares them: about (action,
        status, entry, citation), change (new, vanished, changed, moved), action, item, before, after, and places and
        words of both.

    Examples
    --------
    >>> from cdip_analysis import compare, load_report
    >>> report = load_report()
    >>> len(compare(report, load_report(language="zh")))
    0
    """
    rows = []
    for old, new in _pairs(_items(report_a), _items(report_b)):
        if old is None or new is None:
            rows.append(_change("new" if old is None else "vanished", old, new))
        elif old.under != new.under:
            rows.append(_change("moved", old, new))
        if old and new and old.about != "action" and old.value != new.value:  # an action of another wording is another
            rows.append(_change("changed", old, new))
    order = tables("corpus")["changes"].column("about").allowed
    rows.sort(key=lambda row: order.index(row["about"]))
    return build(tables("corpus")["changes"], rows, f"{report_a.name} and {report_b.name}")


def _items(report: Report) -> Iterator[_Item]:
    """Return what is compared: actions, what follows of them, entries of the annex, citations."""
    actions = {row.values["action_id"]: row for row in report.rows["actions"]}
    # An action is named by its short label, or failing that by its number.
    named: dict[str | None, str] = {key: action_label(row.values["action"]) or key for key, row in actions.items()}
    meeting = report.header.meeting
    for key, row in actions.items():
        wording, name = f"{key} {row.values['action'] or ''}".strip(), named[key]
        yield _Item("action", letters(name), name, name, key, wording, _words(row, "action"))
    for row in report.rows["follow_ups"]:
        v = row.values
        name = named.get(v["action_id"]) or f"paragraph {v['paragraph']}"
        due = "" if v["due_session"] is None else f", {meeting(v['due_session'])}"
        yield _Item("status", letters(name), name, name, None, f"{v['status']}{due}", _words(row, "status"))
    for row in report.rows["annex"]:
        v, action = row.values, named.get(row.values["action_id"])
        considered = v["session"] and f"{meeting(v['session'])} report {v['first_paragraph']}-{v['last_paragraph']}"
        decided = v["summary_session"] and f"{meeting(v['summary_session'])} summary {v['summary_paragraph']}"
        known_by = v["document"] or considered or decided or letters(v["implementation"] or "") or f"entry {v['entry']}"
        column = next((c for c in ("document", "session", "summary_session") if c in row.sources), None)
        value = "; ".join(filter(None, (v["report"], considered, decided)))
        yield _Item("entry", known_by, known_by, action, action, value, _words(row, column))
    for c in report.document.citations:
        action = named.get(c.passage.action_id if c.passage else None)
        yield _Item("citation", str(c), str(c), action, action, c.kind, next(iter(span(c)), None))


def _pairs(before: Iterable[_Item], after: Iterable[_Item]) -> Iterator[tuple[_Item | None, _Item | None]]:
    """Pair items of one key: those under the same action first, then what is left, in order."""
    old, new = [*before], [*after]
    pairs: dict[int, int] = {}
    for known_by in (attrgetter("about", "key", "under"), attrgetter("about", "key")):
        waiting = defaultdict[Hashable, deque[int]](deque)
        for place in sorted({*range(len(new))} - {*pairs.values()}):
            waiting[known_by(new[place])].append(place)
        for place, item in enumerate(old):
            if place not in pairs and waiting[known_by(item)]:
                pairs[place] = waiting[known_by(item)].popleft()
    yield from ((item, new[pairs[place]] if place in pairs else None) for place, item in enumerate(old))
    yield from ((None, new[place]) for place in sorted({*range(len(new))} - {*pairs.values()}))


def _change(change: str, old: _Item | None, new: _Item | None) -> dict[str, Any]:
    known = new or old
    assert known
    values: dict[str, Any] = {"about": known.about, "change": change, "action": known.action, "item": known.name}
    for side, item in (("before", old), ("after", new)):
        words = item.words if item else None
        values[side] = (item.under if change == "moved" else item.value) if item else None
        values[f"place_{side}"] = words.passage.where if words else None
        values[f"words_{side}"] = words.text if words else None
    return values


def _words(row: Row, column: str | None) -> Span | None:
    return next(iter(row.sources.get(column) or row.sources.get(None) or ()), None)
