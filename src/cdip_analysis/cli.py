"""The command line: cdip run, export, check, show, evidence, cite, brief, read, judge, agenda."""

from __future__ import annotations

import argparse
import io
import os
import sys

from cdip_analysis import __version__

TYPE_CHECKING = False  # as in typing, which would make a tenth of the time of `cdip --help`
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

    import pandas as pd

    from cdip_analysis.report import Report

__all__ = ["main"]

_SOURCE = "a document (.txt, .docx, .pdf), or zh or en for the shipped report"


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
    command: Callable[[argparse.Namespace], int] = words.command
    for stream in (sys.stdout, sys.stderr):  # a pipe or a file on Windows: not every sign has a place in its code page
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
            stream.reconfigure(errors="backslashreplace", encoding=None if stream.isatty() else "utf-8")
    _interrupted_once()
    try:
        code = command(words)
        sys.stdout.flush()  # here, where a full disk is an error like others
        return code
    except BrokenPipeError:  # `cdip show … | head`: who reads has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:
        what = error.filename if error.filename is not None else "what was asked for"
        return _fail(
            f"cannot read or write {what}: {error.strerror}" if str(error).startswith("[Errno") else str(error)
        )
    except ImportError as error:
        return _fail(str(error))
    except MemoryError:
        return _fail("there is not enough memory for this document")
    except (KeyError, ValueError) as error:  # a ReportError is a ValueError
        return _fail(str(error.args[0] if isinstance(error, KeyError) and error.args else error) or repr(error))
    except KeyboardInterrupt:
        return _fail("interrupted: what was being written is left as it was before")


def _interrupted_once() -> None:
    """Let Ctrl-C and `kill` interrupt, and no second one the clearing up: make hands on what we were sent as well."""
    import signal  # with contextlib half a millisecond, which `cdip --help` need not wait for
    from contextlib import suppress

    def interrupt(_number: int, _frame: Any) -> None:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        raise KeyboardInterrupt

    with suppress(ValueError):  # raised outside the main thread, where signals are somebody else's
        signal.signal(signal.SIGTERM, interrupt)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # what is ignored stays so
            signal.signal(signal.SIGINT, interrupt)


def _fail(message: str) -> int:
    print("cdip: " + printable(message).replace("\n", " "), file=sys.stderr)
    return 2


_CONTROLS = "\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029"  # white space that moves the cursor, unlike a no-break space


def printable(text: str) -> str:
    r"""Show control signs instead of sending them: a document must not steer the terminal.

    >>> printable("a\x1b[31mb\nc\td")
    'a\\x1b[31mb\nc\td'
    """
    return "".join(
        sign
        if sign.isprintable() or (sign.isspace() and sign not in _CONTROLS)
        else sign.encode("unicode_escape").decode()
        for sign in text
    )


def _say(text: str) -> None:
    print(printable(text), flush=True)  # also where the output goes into a file: each step as it happens


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Write help as wide as the terminal; argparse would import shutil to ask, a fifth of the time of `cdip --help`."""
    try:
        width = int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size().columns
    except (OSError, ValueError):
        width = 80
    return argparse.HelpFormatter(prog, width=width - 2)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors send no control characters of a file name to the terminal."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message).replace("\n", " "))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="cdip",
        formatter_class=_formatter,
        description="Turn a CDIP report into tables in which every value can be traced to its words.",
    )
    parser.add_argument("--version", action="version", version=f"cdip {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def source(parser: argparse.ArgumentParser, *, needed: bool = True) -> None:
        more = "" if needed else "; the shipped report if left out"
        parser.add_argument("source", nargs=None if needed else "?", help=f"{_SOURCE}{more}")
        parser.add_argument(
            "--no-limits", dest="limits", action="store_false", help="read a file however large; for one that you trust"
        )
        language(parser)

        parser.add_argument(
            "--column",
            metavar="HEADING=COLUMN",
            dest="columns",
            action="append",
            type=_column,
            default=[],
            help="what a column of the annex is, such as Measure=action; may be given several times",
        )
        parser.add_argument("--judgements", metavar="FILE", help="a file of cdip judge that a person filled in")

    def language(parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--language", metavar="CODE", help="ar, en, es, fr, ru or zh; told from the text if left out"
        )

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=text, description=text, formatter_class=_formatter)
        found.set_defaults(command=command)
        return found

    run = add("run", _run, "write workbook, figures, notebooks and tables of a report")
    source(run, needed=False)
    run.add_argument("--out", default="exports", metavar="DIR", help="folder to write to (exports)")
    run.add_argument("--timings", action="store_true", help="say how long each step took")

    export = add("export", _export, "write the workbook of a report")
    source(export)
    export.add_argument("file", metavar="FILE.xlsx", help="workbook to write")
    export.add_argument("--lang", choices=["en", "zh"], default="en", help="language of the labels (en)")
    export.add_argument("--notes-from", metavar="FILE.xlsx", help="a workbook that came back with notes")
    export.add_argument("--force", action="store_true", help="write over a file that cdip did not make")

    check = add("check", _check, "list findings and unread words; exit 1 if anything is unread")
    source(check, needed=False)
    check.add_argument("--strict", action="store_true", help="exit 1 on findings too")

    show = add("show", _show, "print a table")
    source(show)
    show.add_argument(
        "table", help="annex, actions, citations, timeline, session_coverage ...; raw_1 for a table as it is"
    )
    show.add_argument("--format", choices=sorted(_FORMATS), default="text", help="how to print it (text)")

    trace = add("evidence", _evidence, "show the words that a value came from")
    source(trace)
    trace.add_argument("table", help="annex, actions, timeline, session_coverage ...")
    trace.add_argument("row", help="the row, counted from 0; of session_coverage an action, or total")
    trace.add_argument("column", help="the column, such as report; of session_coverage a session, or total")

    cite = add("cite", _cite, "print the citations in a text")
    cite.add_argument("text", help="the text; - reads standard input")
    language(cite)

    brief = add("brief", _brief, "write a one-page note on an action")
    source(brief)
    brief.add_argument("action", help="an action, such as 1.3, or all")
    brief.add_argument("file", metavar="FILE.docx", help="note to write: .docx or .md")
    brief.add_argument("--lang", choices=["en", "zh"], default="en", help="language of the note (en)")
    brief.add_argument("--force", action="store_true", help="write over a file that is there")

    reader = add("read", _read, "write the reader: a page on which every value is a link to its words")
    source(reader)
    reader.add_argument("file", metavar="FILE.html", help="page to write")
    reader.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the headings (en)")
    reader.add_argument("--force", action="store_true", help="replace a file that this program did not write")

    judge = add("judge", _judge, "write the files in which a person judges what came of what was asked")
    source(judge)
    judge.add_argument("file", metavar="FILE.csv", help="file to write; FILE.overview.csv is written beside it")
    judge.add_argument("--force", action="store_true", help="replace files that are there")

    agenda = add("agenda", _agenda, "list what is due at a session")
    source(agenda)
    agenda.add_argument("session", type=_session, help="the session, such as CDIP/25 or 25")
    agenda.add_argument("--format", choices=sorted(_FORMATS), default="text", help="how to print it (text)")
    return parser


def _load(words: argparse.Namespace) -> Report:
    from cdip_analysis.report import load_report

    columns = dict(words.columns)
    if len(columns) < len(words.columns):
        raise ValueError("--column: a heading is given twice; give each once")
    given = {"language": words.language, "judgements": words.judgements, "limits": words.limits}
    return load_report(words.source, columns=columns, **given)


def _run(words: argparse.Namespace) -> int:
    from pathlib import Path

    from cdip_analysis.run import run

    for line in run(_load(words), Path(words.out), timings=words.timings):
        _say(line)
    return 0


def _export(words: argparse.Namespace) -> int:
    from cdip_analysis.excel import export_excel

    export_excel(_load(words), words.file, lang=words.lang, notes_from=words.notes_from, overwrite=words.force)
    _say(f"wrote {words.file}")
    return 0


def _check(words: argparse.Namespace) -> int:
    from cdip_analysis.display import understood

    report = _load(words)
    built = {name: len(table) for name, table in report.tables.items()}  # every table is held against its declaration
    findings, unread = report.rows["findings"], report.rows["unread"]
    counts = (
        f"{report.language}, {built['paragraphs']} paragraphs, {built['annex']} entries, {built['citations']} citations"
    )
    _say(f"{report.name}{f' ({report.edition})' if report.edition else ''}: {counts}")
    _say("\n".join(understood(report.document, report.rows)[1:]))  # the first line says what was read
    for row in findings:
        _say(f"finding  {row.values['kind']:<22} {row.sources[None][0].passage.where}: {row.values['note']}")
    for row in unread:
        _say(f"unread   {row.sources[None][0].passage.where}: {row.values['text']!r} ({row.values['why']})")
    _say(f"{len(findings)} findings, {len(unread)} unread")
    return 1 if unread or (words.strict and findings) else 0


def _show(words: argparse.Namespace) -> int:
    from cdip_analysis import schema

    report = _load(words)
    raw = report.raw_tables
    names = [*schema.tables(), "session_coverage", *raw]
    if words.table not in names:
        raise KeyError(f"there is no table {words.table!r}; there are {', '.join(names)}")
    if words.table == "session_coverage":
        frame = report.session_coverage.reset_index()
        frame.columns = frame.columns.astype(str)
    else:
        frame = raw[words.table] if words.table in raw else report.frame(words.table)
    _say(_FORMATS[words.format](frame))
    return 0


def _evidence(words: argparse.Namespace) -> int:
    from cdip_analysis.questions import evidence

    row, column = (int(label) if label.isdecimal() else label for label in (words.row, words.column))
    _say(str(evidence(_load(words), words.table, row, column)))
    return 0


def _cite(words: argparse.Namespace) -> int:
    from cdip_analysis.citations import read_text

    text = sys.stdin.read() if words.text == "-" else words.text
    found = read_text(text, words.language)
    for citation in found.citations:
        _say("   ".join((str(citation), citation.kind, citation.resolved, " ".join(citation.text.split()))))
    for start, end, why in found.unread:
        print(printable(f"cdip: not read: {' '.join(text[start:end].split())!r} ({why})"), file=sys.stderr)
    return 0


def _brief(words: argparse.Namespace) -> int:
    from cdip_analysis.note import brief

    brief(_load(words), words.action, words.file, lang=words.lang, overwrite=words.force)
    _say(f"wrote {words.file}")
    return 0


def _read(words: argparse.Namespace) -> int:
    from cdip_analysis.reader_page import export_reader

    export_reader(_load(words), words.file, lang=words.lang, overwrite=words.force)
    _say(f"wrote {words.file}")
    return 0


def _judge(words: argparse.Namespace) -> int:
    from cdip_analysis.overview import write_to_fill_in

    report = _load(words)
    rows = report.rows["commitments"], report.rows["actions"]
    for path in write_to_fill_in(*rows, report.judged, words.file, overwrite=words.force):
        _say(f"wrote {path}")
    return 0


def _column(text: str) -> tuple[str, str]:
    """Read which heading of the annex names which column."""
    heading, sign, column = text.rpartition("=")
    if not sign or not heading.strip() or not column.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is no heading and column, such as Measure=action")
    return heading.strip(), column.strip()


def _session(text: str) -> int:
    """Read the number of a session, with or without the letters of the Committee."""
    number = text.rpartition("/")[2]
    if not number.isascii() or not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no session, such as CDIP/25 or 25")
    return int(number)


def _agenda(words: argparse.Namespace) -> int:
    from cdip_analysis.questions import agenda

    due = agenda(_load(words), words.session)
    _say(_as_items(due) if words.format == "text" else _FORMATS[words.format](due))
    return 0


def _as_items(agenda: pd.DataFrame) -> str:
    """Write an agenda to be read: what, in full, and below it who, for which action, and where it stands."""
    lines = []
    cells = [dict(zip(agenda.columns, row, strict=True)) for row in _plain_cells(agenda)]
    for item in cells:
        when = f"due at CDIP/{item['due_session']}" if item["due_session"] else "without a date"
        where = item["place"] or ""
        place = f"paragraph {where}" if where[:1].isdecimal() else f"proposal {where[1:]}" if where else None
        action = f"action {item['action_id']}" if item["action_id"] else "all actions"
        told = (item["who"], action, place, item["asked_target"], None if item["start_date"] else item["date_source"])
        lines += [f"{when}: {item['thing_en'] or item['words']}", f"    {', '.join(part for part in told if part)}"]
    return "\n".join(lines) or "nothing is due, and nothing is open without a date"


def _plain_cells(frame: pd.DataFrame) -> list[list[Any]]:
    """Give the cells of a frame as text, numbers, booleans and None; dates as ISO text."""
    import pandas as pd

    rows = frame.astype(object).to_numpy().tolist()
    return [
        [None if pd.isna(cell) else cell.date().isoformat() if isinstance(cell, pd.Timestamp) else cell for cell in row]
        for row in rows
    ]


def _as_text(frame: pd.DataFrame) -> str:
    """Write a table in columns, each cell in one line and cut where it is long; the other formats hold all of it."""
    import pandas as pd

    cells = [["" if cell is None else _cut(" ".join(str(cell).split())) for cell in row] for row in _plain_cells(frame)]
    with pd.option_context("display.unicode.east_asian_width", True):
        return pd.DataFrame(cells, columns=frame.columns, dtype="str").to_string(index=False, max_colwidth=None)


def _cut(text: str, most: int = 40) -> str:
    """Cut a text to so many columns of a terminal, of which a Chinese sign takes two.

    >>> _cut("技术援助和能力建设", 10), _cut("web forum", 10)
    ('技术援助…', 'web forum')
    """
    from unicodedata import east_asian_width

    taken = 0
    for place, sign in enumerate(text):
        taken += 2 if east_asian_width(sign) in "WF" else 1
        if taken > most:
            return text[: place - 1] + "…"
    return text


def _as_csv(frame: pd.DataFrame) -> str:
    """Write a table as CSV, with the guard against formulas that the files of a Data Package have."""
    import csv
    import io

    from cdip_analysis.csv_package import guarded

    rows = [[guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in _plain_cells(frame)]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([list(frame.columns), *rows])
    return written.getvalue().rstrip("\n")


def _as_json(frame: pd.DataFrame) -> str:
    import json

    rows = [dict(zip(frame.columns, cells, strict=True)) for cells in _plain_cells(frame)]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    # Signs that are no print stand escaped as JSON has it: the terminal gets none of them, and what reads JSON all.
    return "".join(sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text)


def _as_markdown(frame: pd.DataFrame) -> str:
    """Write a table in Markdown, in which no text of a document is a mark-up; pandas would want tabulate for it."""
    from cdip_analysis.note import inert

    cells = [["" if cell is None else inert(str(cell)) for cell in row] for row in _plain_cells(frame)]
    lines = [list(frame.columns), ["---"] * len(frame.columns), *cells]
    return "\n".join("| " + " | ".join(cell.replace("\n", "<br>") for cell in line) + " |" for line in lines)


_FORMATS: dict[str, Callable[[pd.DataFrame], str]] = {
    "text": _as_text,
    "csv": _as_csv,
    "json": _as_json,
    "md": _as_markdown,
}


if __name__ == "__main__":
    raise SystemExit(main())
