"""The command line: cdip run, export, check, show, evidence, cite, brief, read, judge, agenda.

What the commands take is in templates/commands.toml. What takes long to load is imported by the command that needs it:
`cdip --help` loads neither pandas nor matplotlib.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import re
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import cdip_analysis as cdip

if TYPE_CHECKING:
    import pandas as pd


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, by default that of the words after ``cdip``.

    Return 0; 1 if ``check`` found what it must not let pass; 2 after an error, which is one line on stderr.

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
        code = _answer(words)
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


class _Parser(argparse.ArgumentParser):
    """A parser whose errors send no control characters of a file name to the terminal."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message).replace("\n", " "))


def _parser() -> argparse.ArgumentParser:
    """Make the parser that templates/commands.toml describes."""
    declared = tomllib.loads((Path(__file__).parent / "templates/commands.toml").read_text(encoding="utf-8"))
    about = "Turn a CDIP report into tables in which every value can be traced to its words."
    parser = _Parser(prog="cdip", description=about)
    parser.add_argument("--version", action="version", version=f"cdip {cdip.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for command, made in declared["commands"].items():
        found = commands.add_parser(command, help=made["help"], description=made["help"])
        for name in (name for one in made["takes"] for name in declared["groups"].get(one, [one])):
            options = {"name": name, **declared["arguments"][name]}
            if "type" in options:
                options["type"] = _TYPES[options["type"]]
            found.add_argument(options.pop("name"), **options)
    return parser


def _column(text: str) -> tuple[str, str]:
    """Read which heading of the annex names which column."""
    heading, _, column = text.rpartition("=")
    if not heading.strip() or not column.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is no heading and column, such as Measure=action")
    return heading.strip(), column.strip()


def _session(text: str) -> tuple[str, int]:
    """Read the letters of a committee, if any are given, and the number of a session."""
    if found := re.fullmatch("(?:(.+)/)?([0-9]+)", text):
        return (found[1] or "").upper(), int(found[2])
    raise argparse.ArgumentTypeError(f"{text!r} is no session, such as CDIP/25 or 25")


_TYPES: dict[str, Callable[[str], Any]] = {"column": _column, "session": _session}


def _answer(words: argparse.Namespace) -> int:
    """Do what a command asks for, and return the code with which it exits."""
    if words.command == "cite":
        return _cite(words)
    columns = dict(words.columns)
    if len(columns) < len(words.columns):
        raise ValueError("--column: a heading is given twice; give each once")
    given = {"language": words.language, "judgements": words.judgements, "limits": words.limits}
    report = cdip.load_report(words.source, columns=columns, **given)
    match words.command:
        case "run":
            began = time.perf_counter()
            for line in run(report, Path(words.out)):  # each when it is done
                ended = time.perf_counter()
                _say(f"{line}  ({ended - began:.1f} s)" if words.timings else line)
                began = ended
        case "check":
            return _check(report, words.strict)
        case "show":
            others = report.raw_tables | {"session_coverage": report.session_coverage.reset_index().rename(columns=str)}
            if words.table not in (names := (*report.rows, *others)):
                raise KeyError(f"there is no table {words.table!r}; there are {', '.join(names)}")
            table = others[words.table] if words.table in others else report.frame(words.table)
            _say(_printed(table, words.format))
        case "evidence":
            _say(str(report.why(" ".join(words.thing), words.column)))
        case "agenda":
            body, session = words.session
            own, meeting = report.header.own_body, report.header.meeting(session)
            if body and not f"/{own}".endswith(f"/{body}"):  # ACE, of WIPO/ACE
                another = f"{body}/{session} is a session of another body"
                raise ValueError(f"{another}; {report.name} is of the {own}: give {meeting}, or {session}")
            due = cdip.agenda(report, session)
            _say(_as_items(due, report.header) if words.format == "text" else _printed(due, words.format))
        case "export":
            options = {"lang": words.lang, "notes_from": words.notes_from, "overwrite": words.force}
            _say(f"wrote {cdip.export_excel(report, words.file, **options)}")
        case "read":
            _say(f"wrote {cdip.export_reader(report, words.file, lang=words.lang, overwrite=words.force)}")
        case "brief":
            cdip.brief(report, words.action, words.file, lang=words.lang, overwrite=words.force)
            _say(f"wrote {words.file}")
        case "judge":
            from cdip_analysis.overview import write_to_fill_in

            rows = report.rows["commitments"], report.rows["actions"]
            for path in write_to_fill_in(*rows, report.judged, words.file, overwrite=words.force):
                _say(f"wrote {path}")
            _say("data/README.md says under judgements/ what each column takes; rows can be added")
    return 0


def _cite(words: argparse.Namespace) -> int:
    from cdip_analysis.citations import read_text

    text = sys.stdin.read() if words.text == "-" else words.text
    found = read_text(text, words.language)
    for citation in found.citations:
        _say("   ".join((str(citation), citation.kind, citation.resolved, " ".join(citation.text.split()))))
    for start, end, why in found.unread:
        print(printable(f"cdip: not read: {' '.join(text[start:end].split())!r} ({why})"), file=sys.stderr)
    if not found.citations and not found.unread:
        print("cdip: no citation found", file=sys.stderr)
    return 0


def _check(report: cdip.Report, strict: bool) -> int:
    from cdip_analysis.display import counted, readable, understood

    built = {name: len(table) for name, table in report.tables.items()}  # every table is held against its declaration
    edition = report.edition_in("en")
    entries = counted(built["annex"], "entry", "entries")
    counts = f"{counted(built['paragraphs'], 'paragraph')}, {entries}, {counted(built['citations'], 'citation')}"
    _say(f"{report.name}{f' ({edition})' if edition else ''}: {report.language}, {counts}")
    _say("\n".join(understood(report.document, report.rows)[1:]))  # the first line says what was read
    for row in report.rows["findings"]:
        at, note = row.sources[None][0].passage, row.values["note"]
        words = _cut(" ".join(readable(row.values["text"]).split()), 60)
        said = note.removeprefix(at.position) if at.where.endswith(at.position) else note  # the place is said once
        words = f"{words!r}{': ' * (said == note)}" if words else ""
        _say(f"finding  {row.values['kind']:<22} {at.where}: {words}{said}")
    for row in report.rows["unread"]:
        _say(f"unread   {row.sources[None][0].passage.where}: {row.values['text']!r} ({row.values['why']})")
    _say(f"{counted(built['findings'], 'finding')}, {built['unread']} unread")
    return 1 if built["unread"] or (strict and built["findings"]) else 0


def run(report: cdip.Report, out: Path) -> Iterator[str]:
    """Write workbook, note, reader page, Data Package, figures and HTML copies of the notebooks, executed now.

    Each file replaces its older self in one step. Yields a line for each thing when it is written, and what was found.
    """
    from cdip_analysis.data import DATA
    from cdip_analysis.display import counted
    from cdip_analysis.pages import executing, read_notebooks, write_pages

    folder, name = DATA.parent / "notebooks", Path(report.name).stem
    shipped = report.shipped is not None and report.shipped.sha256 == report.sha256
    notebooks = read_notebooks(folder) if shipped and folder.is_dir() else {}
    said = "none: they come with a checkout of the project, and are about the shipped report"
    if notebooks:
        yield "notebooks  are executed beside what follows; all takes about half a minute"
    with executing(notebooks):
        yield f"reader     {cdip.export_reader(report, out / 'overview.html')} (every value a link to its words)"
        yield f"workbook   {cdip.export_excel(report, out / f'{name}.xlsx')}"
        note = f"{name}.docx" if report.rows["actions"] else None
        if note:
            cdip.brief(report, None, out / note)
        yield f"note       {out / note if note else 'none: the document has no actions'}"
        cdip.export_csv(report, out / "tables")
        yield f"tables     {out / 'tables'} (Data Package)"
        yield f"figures    {_write_figures(report, out / 'figures')}"
    if notebooks:
        pages = write_pages(notebooks, folder, out / "notebooks")
        said = f"{pages[0].parent} ({len(pages)} HTML pages, executed now; start with {pages[0].name})"
    yield f"notebooks  {said}"
    things = {"annex": ("entry", "entries"), "citations": ("citation",), "findings": ("finding",)}
    counts = ", ".join(counted(len(report.rows[name]), *thing) for name, thing in things.items())
    yield f"found      {counts}, {len(report.rows['unread'])} unread, in {report.name}"


def _write_figures(report: cdip.Report, folder: Path) -> str:
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    coverage, follow_up = report.session_coverage, report.follow_up_status
    tables = {"timeline": report.timeline, "coverage": coverage, "attention": coverage, "follow_up": follow_up}
    drawn = {name: table for name, table in tables.items() if len(table) and table is not coverage}
    drawn |= {name: coverage for name in ("coverage", "attention") if coverage["total"].sum()}
    for name, table in drawn.items():
        cdip.save_figure(getattr(cdip, f"plot_{name}")(report), folder / name, table)
    plt.close("all")
    return f"{folder} ({', '.join(drawn)}: PNG, SVG and their numbers)" if drawn else "none: nothing to draw"


def _printed(frame: pd.DataFrame, form: str) -> str:
    """Write a table as text, csv, json or md: text with long cells cut, the others with all that they hold."""
    import pandas as pd

    from cdip_analysis.files import csv_text
    from cdip_analysis.note import inert
    from cdip_analysis.schema import plain_rows

    heads = list(frame.columns)
    rows = [[c.isoformat()[:10] if isinstance(c, dt.date) else c for c in row] for row in plain_rows(frame)]
    if form == "csv":
        return csv_text(heads, rows).rstrip("\n")
    if form == "json":
        text = json.dumps([dict(zip(heads, row, strict=True)) for row in rows], ensure_ascii=False, indent=1)
        # Escaped as JSON has it: the terminal gets no control characters, and a program that reads JSON all of them.
        return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)
    if form == "md":  # no text of a document is a mark-up; pandas would want tabulate for it
        cells = [["" if cell is None else inert(str(cell)).replace("\n", "<br>") for cell in row] for row in rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in (heads, ["---"] * len(heads), *cells))
    if not rows:
        return f"no rows; the columns are {', '.join(heads)}"
    cells = [["" if cell is None else _cut(" ".join(str(cell).split())) for cell in row] for row in rows]
    with pd.option_context("display.unicode.east_asian_width", True):
        return pd.DataFrame(cells, columns=heads, dtype="str").to_string(index=False, max_colwidth=None)


def _cut(text: str, most: int = 40) -> str:
    """Cut a text to so many columns of a terminal; a Chinese character takes two."""
    from cdip_analysis.display import text_width

    place = next((place for place in range(len(text)) if text_width(text[: place + 1]) > most), None)
    return text if place is None else text[: place - 1] + "…"


def _as_items(agenda: pd.DataFrame, header: cdip.Header) -> str:
    """Write an agenda to be read: what, in full, and below it who, for which action, where it is asked, and when."""
    lines = []
    for item in agenda.astype(object).where(agenda.notna(), "").to_dict("records"):
        when = f"due at {header.meeting(item['due_session'])}" if item["due_session"] else "without a date"
        action = f"action {item['action_id']}" if item["action_id"] else ""
        where = item["place"]
        place = f"paragraph {where}" if where[:1].isdecimal() else f"proposal {where[1:]}" if where else ""
        about = item["who"], action, place, item["asked_target"], "" if item["start_date"] else item["date_source"]
        lines += [f"{when}: {item['thing_en'] or item['words']}", f"    {', '.join(filter(None, about))}"]
    return "\n".join(lines) or "nothing is due, and nothing is open without a date"


if __name__ == "__main__":
    raise SystemExit(main())
