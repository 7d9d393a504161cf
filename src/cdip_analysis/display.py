"""Show things in a notebook, as HTML without scripts or style sheets: cards, marked words, tables that fit the screen.

What they look like is in templates/cards.html.j2. Every colour is half transparent or inherited, so that cards read
well in a light and in a dark theme. Styles are in the elements, because JupyterLab takes style sheets out of a notebook
that it does not trust yet.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import pandas as pd

from cdip_analysis.annex import ANNEX_COLUMNS
from cdip_analysis.labels import convened_label, days_label, label, sentence, session_dates, value_label
from cdip_analysis.language import plain
from cdip_analysis.model import Document, Header, Row, grouped


@cache
def templates() -> Any:
    """Return the templates of cards and pages, which escape what they are given."""
    import jinja2  # here to keep it out of the start-up of commands that show nothing

    loader = jinja2.FileSystemLoader(Path(__file__).with_name("templates"))
    environment = jinja2.Environment(loader=loader, autoescape=jinja2.select_autoescape(["html.j2"]))
    environment.filters |= {"readable": readable, "shown": _shown, "marked": marked}
    environment.filters |= {"value": value_label, "label": sentence, "days": session_days, "judges": judges}
    return environment


def card(name: str, *values: Any, **named: Any) -> str:
    """Write what a macro of templates/cards.html.j2 makes of some values."""
    return str(getattr(templates().get_template("cards.html.j2").module, name)(*values, **named))


def pieces(text: str, edges: Iterable[int] = ()) -> list[tuple[int, int]]:
    """Cut a text at some places, and leave out the marks of links."""
    links = plain(text)[1]
    hidden = {place for start, words, end, stop in links for place in (*range(start, words), *range(end, stop))}
    cuts = sorted({0, len(text), *edges, *chain.from_iterable(links)})
    return [(start, end) for start, end in pairwise(cuts) if start not in hidden]


def readable(text: str) -> str:
    """Leave out the marks of links: ``[report](#)`` is the word.

    >>> readable("see the [report](#), paragraph 98")
    'see the report, paragraph 98'
    """
    return "".join(text[start:end] for start, end in pieces(text))


def marked(text: str, places: Collection[tuple[int, int]]) -> list[tuple[str, bool]]:
    """Cut a text into words, and say of each whether it lies in one of some places.

    >>> marked("a < b", [(4, 5)])
    [('a < ', False), ('b', True)]
    """
    cut = pieces(text, [edge for place in places for edge in place])
    return [(text[start:end], any(first <= start and end <= last for first, last in places)) for start, end in cut]


def text_width(text: str) -> int:
    """Count the columns that a text takes: a wide character, such as a Chinese one, takes two.

    >>> text_width("web"), text_width("花名册")
    (3, 6)
    """
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def counted(n: int, one: str, many: str = "") -> str:
    """Write a count in English, of one thing or of many.

    >>> counted(1, "reference"), counted(0, "reference"), counted(2, "entry", "entries")
    ('1 reference', '0 references', '2 entries')
    """
    return f"{n} {one if n == 1 else many or f'{one}s'}"


def session_days(header: Header, session: int | None, lang: str) -> str:
    """Return the days of a session in words: those on which it was held or for which it was convened."""
    start, end, unknown = session_dates(header, session, lang)
    convened = convened_label(session, lang) if session else None
    return days_label(start, end, lang) if start and end else convened or unknown


def judges(overview: Iterable[Row], lang: str) -> str:
    """Say who judged the states of actions, and when; empty where nobody did."""
    judged = [row.values for row in overview if row.values["state"]]
    days = (sentence("note.bracketed", lang, inside=v["judged_on"]) for v in judged)
    said = (value_label(v["judged_by"] or "", lang) + day for v, day in zip(judged, days, strict=True))
    return label("written.join", lang).join(dict.fromkeys(said))


def table_html(table: pd.DataFrame, most: int = 50) -> str:
    """Write a table so that it fits the screen: texts in full and wrapped, numbers at the right, gaps empty."""
    head = table.head(most)
    numbers = [pd.api.types.is_any_real_numeric_dtype(dtype) for dtype in head.dtypes]
    named = " / ".join(str(name) for name in (table.index.name, table.columns.name) if name is not None)
    rows = zip(head.index, head.itertuples(index=False, name=None), strict=True)
    return card("table", named, [*zip(head.columns, numbers, strict=True)], [*rows], len(table))


def _shown(value: Any) -> str:
    """Write a value as a reader expects it: ``True`` as "yes", a gap as nothing."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_shown, value))
    if pd.isna(value):
        return ""
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else readable(str(value))


def notebook() -> None:
    """Let every table of a notebook show itself well: texts in full, wrapped and at the left, without marks of links.

    Write it into the first cell. Of a long table the first 50 rows are shown. Outside a notebook it does nothing.

    Examples
    --------
    >>> from cdip_analysis import notebook
    >>> notebook()
    """
    if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()):
        shell.display_formatter.formatters["text/html"].for_type(pd.DataFrame, table_html)


def understood(document: Document, rows: Mapping[str, Sequence[Row]]) -> tuple[str, str, str]:
    """Say in three lines what was understood of a document and its tables, what was not, and what to do next."""
    header, counts = document.header, {name: len(table) for name, table in rows.items()}
    named = document.symbol or (header.meeting(header.session) if header.session else document.name)
    entries = counted(counts["annex"], "entry of an annex", "entries of an annex")
    read = f"{counted(counts['paragraphs'], 'paragraph')}, {entries}, {counted(counts['citations'], 'reference')}"
    lacking = [f"no {name}" for name in ("paragraphs", "annex") if not counts[name]]
    if counts["unread"]:
        places = "place that looks like a reference", "places that look like references"
        lacking.append(counted(counts["unread"], *places))
    if unknown := sum(row.values["resolved"] == "unresolved" for row in rows["citations"]):
        lacking.append(f"the document or session of {counted(unknown, 'reference')}")
    named_by = grouped((p for p in document.passages if p.role == "annex_header"), lambda p: p.column)
    headings = [*dict.fromkeys(" ".join(p.text.split()) for p in named_by.get("extra", ()))]
    columns = [column for column in ANNEX_COLUMNS if column not in named_by]
    is_asked = any(finding.kind == "structure.no_column" for finding in document.oddities)  # no heading is given yet
    if not counts["annex"] and document.table_rows:
        step = 'say which column is which, columns={"Measure": "action"} or --column Measure=action; '
        step += "every table as it is: raw_tables, raw_1"
    elif is_asked and headings and columns:
        step = f"say if {' or '.join(map(repr, headings))} is {' or '.join(columns)}, such as "
        step += f'columns={{"{headings[0]}": "{columns[0]}"}} or --column "{headings[0]}={columns[0]}"'
    elif lacking:
        step = "compare findings and unread with the document"
    elif any(row.values["state"] for row in rows["overview"]):
        step = "see findings, then overview and annex"
    else:
        step = "see findings, then overview and annex; cdip judge writes a file in which to judge what came of it"
    missed = ", ".join(lacking) or "nothing that looked like a reference"
    second = f"Not understood: {missed}; findings: {counts['findings']}."
    return f"Read: {named}, {document.language}, {read}.", second, f"Next: {step}."
