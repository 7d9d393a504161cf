"""The command line: cdip run, export, check, show, evidence, cite, brief, read, judge, agenda.

What takes long to load is imported by the command that needs it: `cdip --help` loads neither pandas nor matplotlib.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import cdip_analysis as cdip

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["main", "run"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``cdip``; those of the process where they are not given.

    Returns
    -------
    int
        0; 1 if ``check`` found what it must not let pass; 2 after an error, which is one line on stderr.

    Examples
    --------
    >>> main(["cite", "document CDIP/21/4"])
    CDIP/21/4   document   stated   CDIP/21/4
    0
    """
    words = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):  # a code page of Windows has no place for every character
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
            stream.reconfigure(errors="backslashreplace", encoding=None if stream.isatty() else "utf-8")
    with suppress(ValueError):  # raised outside the main thread, where signals are somebody else's
        signal.signal(signal.SIGTERM, _interrupt)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # what is ignored stays so
            signal.signal(signal.SIGINT, _interrupt)
    try:
        code: int = words.command(words) or 0
        sys.stdout.flush()  # here, where a full disk is an error like others
    except BrokenPipeError:  # `cdip show … | head`: the reader has seen enough
        sys.stderr.close()
        return 0
    except (OSError, ImportError, MemoryError, KeyError, ValueError, KeyboardInterrupt) as error:
        print("cdip: " + printable(_message(error)).replace("\n", " "), file=sys.stderr)
        return 2
    return code


def _interrupt(_number: int, _frame: object) -> None:
    """Interrupt once: make hands on a signal that the terminal sent us too, and that must not stop the clearing up."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _message(error: BaseException) -> str:
    match error:
        case OSError() if str(error).startswith("[Errno"):
            return f"cannot read or write {error.filename or 'what was asked for'}: {error.strerror}"
        case MemoryError():
            return "there is not enough memory for this document"
        case KeyboardInterrupt():
            return "interrupted: what was being written is left as it was before"
        case KeyError() if error.args:
            return str(error.args[0])
    return str(error) or repr(error)


def printable(text: str) -> str:
    r"""Show control characters instead of sending them: a document must not steer the terminal.

    >>> printable("a\x1b[31mb\nc\td")
    'a\\x1b[31mb\nc\td'
    """
    return "".join(one if one.isprintable() or one in "\n\t" else one.encode("unicode_escape").decode() for one in text)


def _say(text: str) -> None:
    print(printable(text))


# ---- what can be asked ----------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """A parser whose errors send no control characters of a file name to the terminal."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message).replace("\n", " "))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="cdip", description="Turn a CDIP report into tables in which every value can be traced to its words."
    )
    parser.add_argument("--version", action="version", version=f"cdip {cdip.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command, (text, arguments) in _COMMANDS.items():
        found = commands.add_parser(command.__name__.strip("_"), help=text, description=text)
        found.set_defaults(command=command)
        for name, options in arguments:
            found.add_argument(name, **options)
    return parser


def _column(text: str) -> tuple[str, str]:
    """Read which heading of the annex names which column."""
    heading, _, column = text.rpartition("=")
    if not heading.strip() or not column.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is no heading and column, such as Measure=action")
    return heading.strip(), column.strip()


def _session(text: str) -> int:
    """Read the number of a session, with or without the letters of the Committee."""
    if found := re.fullmatch("(?:.*/)?([0-9]+)", text):
        return int(found[1])
    raise argparse.ArgumentTypeError(f"{text!r} is no session, such as CDIP/25 or 25")


# ---- the commands ---------------------------------------------------------------------------------------------------


def _load(words: argparse.Namespace) -> cdip.Report:
    columns = dict(words.columns)
    if len(columns) < len(words.columns):
        raise ValueError("--column: a heading is given twice; give each once")
    given = {"language": words.language, "judgements": words.judgements, "limits": words.limits}
    return cdip.load_report(words.source, columns=columns, **given)


def _run(words: argparse.Namespace) -> None:
    for line in run(_load(words), Path(words.out), timings=words.timings):
        _say(line)


def _export(words: argparse.Namespace) -> None:
    options = {"lang": words.lang, "notes_from": words.notes_from, "overwrite": words.force}
    _say(f"wrote {cdip.export_excel(_load(words), words.file, **options)}")


def _check(words: argparse.Namespace) -> int:
    from cdip_analysis.display import understood

    report = _load(words)
    built = {name: len(table) for name, table in report.tables.items()}  # every table is held against its declaration
    counts = f"{built['paragraphs']} paragraphs, {built['annex']} entries, {built['citations']} citations"
    _say(f"{report.name}{f' ({report.edition})' if report.edition else ''}: {report.language}, {counts}")
    _say("\n".join(understood(report.document, report.rows)[1:]))  # the first line says what was read
    for row in report.rows["findings"]:
        _say(f"finding  {row.values['kind']:<22} {row.sources[None][0].passage.where}: {row.values['note']}")
    for row in report.rows["unread"]:
        _say(f"unread   {row.sources[None][0].passage.where}: {row.values['text']!r} ({row.values['why']})")
    _say(f"{built['findings']} findings, {built['unread']} unread")
    return 1 if built["unread"] or (words.strict and built["findings"]) else 0


def _show(words: argparse.Namespace) -> None:
    report = _load(words)
    others = {"session_coverage": report.session_coverage.reset_index().rename(columns=str), **report.raw_tables}
    if words.table not in (*report.rows, *others):
        raise KeyError(f"there is no table {words.table!r}; there are {', '.join((*report.rows, *others))}")
    _say(_FORMATS[words.format](others[words.table] if words.table in others else report.frame(words.table)))


def _evidence(words: argparse.Namespace) -> None:
    *value, column = words.value
    if len(value) == 1:
        _say(str(_load(words).why(value[0], column)))
    elif len(value) == 2:
        row, wanted = (int(label) if label.isdecimal() else label for label in (value[1], column))
        _say(str(cdip.evidence(_load(words), value[0], row, wanted)))
    else:
        raise ValueError("evidence takes a thing and a column (1.3 due_session), or a table, a row and a column")


def _cite(words: argparse.Namespace) -> None:
    from cdip_analysis.citations import read_text

    text = sys.stdin.read() if words.text == "-" else words.text
    found = read_text(text, words.language)
    for citation in found.citations:
        _say("   ".join((str(citation), citation.kind, citation.resolved, " ".join(citation.text.split()))))
    for start, end, why in found.unread:
        print(printable(f"cdip: not read: {' '.join(text[start:end].split())!r} ({why})"), file=sys.stderr)


def _brief(words: argparse.Namespace) -> None:
    cdip.brief(_load(words), words.action, words.file, lang=words.lang, overwrite=words.force)
    _say(f"wrote {words.file}")


def _read(words: argparse.Namespace) -> None:
    _say(f"wrote {cdip.export_reader(_load(words), words.file, lang=words.lang, overwrite=words.force)}")


def _judge(words: argparse.Namespace) -> None:
    from cdip_analysis.overview import write_to_fill_in

    report = _load(words)
    rows = report.rows["commitments"], report.rows["actions"]
    for path in write_to_fill_in(*rows, report.judged, words.file, overwrite=words.force):
        _say(f"wrote {path}")


def _agenda(words: argparse.Namespace) -> None:
    due = cdip.agenda(_load(words), words.session)
    _say(_as_items(due) if words.format == "text" else _FORMATS[words.format](due))


# ---- everything about a report, in a folder -------------------------------------------------------------------------


def run(report: cdip.Report, out: Path, *, timings: bool = False) -> Iterator[str]:
    """Write workbook, note, reader page, Data Package, figures and HTML copies of the notebooks, executed now.

    Each file replaces its older self in one step. Yields a line for each thing written, and what was found.
    """
    for name, step in _STEPS.items():
        if name == "notebooks" and _is_shipped(report):
            yield f"{name:<10} are executed now; this takes about a minute"
        started = time.perf_counter()
        written = step(report, out)
        took = f"  ({time.perf_counter() - started:.1f} s)" if timings else ""
        yield f"{name:<10} {written}{took}"
    found = {name: len(report.rows[name]) for name in ("annex", "citations", "findings", "unread")}
    counts = ", ".join(f"{count} {'entries' if name == 'annex' else name}" for name, count in found.items())
    yield f"{'found':<10} {counts}, in {report.name}"
    kinds = Counter(row.values["kind"] for row in report.rows["findings"])
    yield f"{'findings':<10} {', '.join(f'{count} {kind}' for kind, count in kinds.items()) or 'none'}"
    if found["unread"]:
        yield f"{'unread':<10} words that look like a reference and were not understood: cdip check lists them"


def _write_note(report: cdip.Report, out: Path) -> str:
    if not report.rows["actions"]:
        return "none: the document has no actions"
    path = out / f"{Path(report.name).stem}.docx"
    cdip.brief(report, None, path)
    return str(path)


def _write_tables(report: cdip.Report, out: Path) -> str:
    folder = cdip.export_csv(report, out / "tables").parent
    return f"{folder} (Data Package: {len(list(folder.glob('*.csv')))} CSV files)"


def _write_figures(report: cdip.Report, out: Path) -> str:
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    coverage = report.session_coverage
    cited = coverage if coverage["total"].sum() else coverage[:0]
    figures = {
        "timeline": report.timeline,
        "coverage": cited,
        "attention": cited,
        "follow_up": report.follow_up_status,
    }
    drawn = {name: table for name, table in figures.items() if len(table)}
    for name, table in drawn.items():
        cdip.save_figure(getattr(cdip, f"plot_{name}")(report), out / "figures" / name, table)
    plt.close("all")
    return f"{out / 'figures'} ({', '.join(drawn)}: PNG, SVG and their numbers)" if drawn else "none: nothing to draw"


def _is_shipped(report: cdip.Report) -> bool:
    return report.shipped is not None and report.shipped.sha256 == report.sha256


def _write_notebooks(report: cdip.Report, out: Path) -> str:
    from cdip_analysis.data import DATA
    from cdip_analysis.pages import run_notebooks

    folder = DATA.parent / "notebooks"
    if not folder.is_dir():
        return "none: they come with a checkout of the project, not with the package"
    if not _is_shipped(report):
        return "none: they are about the shipped report; for this one use how-to/your-own-document in JupyterLab"
    written = run_notebooks(folder, out / "notebooks")
    return f"{out / 'notebooks'} ({len(written)} HTML pages, executed now; start with {written[0].name})"


_STEPS: dict[str, Callable[[cdip.Report, Path], str]] = {
    "reader": lambda report, out: (
        f"{cdip.export_reader(report, out / 'overview.html')} (every value a link to its words)"
    ),
    "workbook": lambda report, out: str(cdip.export_excel(report, out / f"{Path(report.name).stem}.xlsx")),
    "note": _write_note,
    "tables": _write_tables,
    "figures": _write_figures,
    "notebooks": _write_notebooks,
}


# ---- how a table is printed -----------------------------------------------------------------------------------------


def _cells(frame: pd.DataFrame) -> list[list[Any]]:
    """Return the cells of a frame as text, numbers, booleans and None; dates as ISO text."""
    dates = frame.select_dtypes("datetime").apply(lambda column: column.dt.strftime("%Y-%m-%d"))
    plain = frame.assign(**dates).astype(object)
    cells: list[list[Any]] = plain.where(plain.notna(), None).to_numpy().tolist()
    return cells


def _as_items(agenda: pd.DataFrame) -> str:
    """Write an agenda to be read: what, in full, and below it who, for which action, and when."""
    lines = []
    for item in (dict(zip(agenda.columns, row, strict=True)) for row in _cells(agenda)):
        when = f"due at CDIP/{item['due_session']}" if item["due_session"] else "without a date"
        where = item["place"] or ""
        place = f"paragraph {where}" if where[:1].isdecimal() else f"proposal {where[1:]}" if where else None
        action = f"action {item['action_id']}" if item["action_id"] else "all actions"
        about = (item["who"], action, place, item["asked_target"], None if item["start_date"] else item["date_source"])
        lines += [f"{when}: {item['thing_en'] or item['words']}", f"    {', '.join(filter(None, about))}"]
    return "\n".join(lines) or "nothing is due, and nothing is open without a date"


def _as_text(frame: pd.DataFrame) -> str:
    """Write a table in columns, each cell in one line and cut where it is long; the other formats hold all of it."""
    import pandas as pd

    cells = [["" if cell is None else _cut(" ".join(str(cell).split())) for cell in row] for row in _cells(frame)]
    with pd.option_context("display.unicode.east_asian_width", True):
        return pd.DataFrame(cells, columns=frame.columns, dtype="str").to_string(index=False, max_colwidth=None)


def _cut(text: str, most: int = 40) -> str:
    """Cut a text to so many columns of a terminal.

    >>> _cut("技术援助和能力建设", 10), _cut("web forum", 10)
    ('技术援助…', 'web forum')
    """
    from cdip_analysis.display import text_width

    over = (place for place in range(len(text)) if text_width(text[: place + 1]) > most)
    place = next(over, None)
    return text if place is None else text[: place - 1] + "…"


def _as_csv(frame: pd.DataFrame) -> str:
    """Write a table as CSV, with the guard against formulas that the files of a Data Package have."""
    from cdip_analysis.files import guarded

    safe = frame.map(lambda cell: guarded(cell) if isinstance(cell, str) else cell)
    return safe.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").rstrip("\n")


def _as_json(frame: pd.DataFrame) -> str:
    rows = [dict(zip(frame.columns, cells, strict=True)) for cells in _cells(frame)]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    # Escaped as JSON has it: the terminal gets no control characters, and a program that reads JSON all of them.
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)


def _as_markdown(frame: pd.DataFrame) -> str:
    """Write a table in Markdown, in which no text of a document is a mark-up; pandas would want tabulate for it."""
    from cdip_analysis.note import inert

    cells = [["" if cell is None else inert(str(cell)) for cell in row] for row in _cells(frame)]
    lines = [list(frame.columns), ["---"] * len(frame.columns), *cells]
    return "\n".join("| " + " | ".join(cell.replace("\n", "<br>") for cell in line) + " |" for line in lines)


_FORMATS: dict[str, Callable[[pd.DataFrame], str]] = {
    "text": _as_text,
    "csv": _as_csv,
    "json": _as_json,
    "md": _as_markdown,
}


# ---- the commands and what they take --------------------------------------------------------------------------------


def _arg(name: str, text: str, **options: Any) -> tuple[str, dict[str, Any]]:
    return name, {"help": text, **options}


_DOCUMENT = "a document (.txt, .docx, .pdf), or zh or en for the shipped report"
_COLUMN = "what a column of the annex is, such as Measure=action; may be given several times"
_VALUE = "an action and a column (1.3 due_session), 'entry 13' and a column, or a table, a row from 0 and a column"
_LANGUAGE = _arg("--language", "ar, en, es, fr, ru or zh; detected if left out", metavar="CODE")
_READING = [
    _arg("--no-limits", "read a file however large; for one that you trust", dest="limits", action="store_false"),
    _arg("--column", _COLUMN, action="append", metavar="HEADING=COLUMN", dest="columns", type=_column, default=[]),
    _arg("--judgements", "a file of cdip judge that a person filled in", metavar="FILE"),
    _LANGUAGE,
]
_SOURCE = [_arg("source", _DOCUMENT), *_READING]
_OR_SHIPPED = [_arg("source", f"{_DOCUMENT}; the shipped report if left out", nargs="?"), *_READING]
_FORCE = _arg("--force", "replace a file that cdip did not make", action="store_true")
_LANG = _arg("--lang", "language of the labels (en)", choices=["en", "zh"], default="en")
_FORMAT = _arg("--format", "how to print it (text)", choices=sorted(_FORMATS), default="text")

_COMMANDS: dict[Callable[[argparse.Namespace], int | None], tuple[str, list[tuple[str, dict[str, Any]]]]] = {
    _run: (
        "write workbook, figures, notebooks and tables of a report",
        [
            *_OR_SHIPPED,
            _arg("--out", "folder to write to (exports)", default="exports", metavar="DIR"),
            _arg("--timings", "say how long each step took", action="store_true"),
        ],
    ),
    _export: (
        "write the workbook of a report",
        [
            *_SOURCE,
            _arg("file", "workbook to write", metavar="FILE.xlsx"),
            *(_FORCE, _LANG),
            _arg("--notes-from", "a workbook that came back with notes", metavar="FILE.xlsx"),
        ],
    ),
    _check: (
        "list findings and unread words; exit 1 if anything is unread",
        [*_OR_SHIPPED, _arg("--strict", "exit 1 on findings too", action="store_true")],
    ),
    _show: (
        "print a table",
        [*_SOURCE, _arg("table", "annex, actions, citations, timeline, session_coverage ...; raw_1 as it is"), _FORMAT],
    ),
    _evidence: ("show the words that a value came from", [*_SOURCE, _arg("value", _VALUE, nargs="+")]),
    _cite: ("print the citations in a text", [_LANGUAGE, _arg("text", "the text; - reads standard input")]),
    _brief: (
        "write a note: page one on all actions and a page on each, or one action",
        [
            *_SOURCE,
            _arg("action", "an action, such as 1.3, or all"),
            _arg("file", "note to write: .docx or .md", metavar="FILE.docx"),
            *(_FORCE, _LANG),
        ],
    ),
    _read: (
        "write the reader: a page on which every value is a link to its words",
        [*_SOURCE, _arg("file", "page to write", metavar="FILE.html"), _FORCE, _LANG],
    ),
    _judge: (
        "write the files in which a person judges what came of what was asked",
        [*_SOURCE, _arg("file", "file to write; FILE.overview.csv is written beside it", metavar="FILE.csv"), _FORCE],
    ),
    _agenda: (
        "list what is due at a session",
        [*_SOURCE, _arg("session", "the session, such as CDIP/25 or 25", type=_session), _FORMAT],
    ),
}


if __name__ == "__main__":
    raise SystemExit(main())
