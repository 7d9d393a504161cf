"""Show things in a notebook, as HTML without scripts or style sheets: cards, marked words, tables that fit the screen.

Every colour is half transparent or inherited, so that cards read well in a light and in a dark theme. Styles are in
the elements, because JupyterLab takes style sheets out of a notebook that it does not trust yet.
"""

from __future__ import annotations

import html
import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from unicodedata import east_asian_width

import pandas as pd

from cdip_analysis.labels import convened_label, days_label, label, sentence, value_label
from cdip_analysis.language import plain
from cdip_analysis.model import Document, Header, Row
from cdip_analysis.schema import table_names
from cdip_analysis.tables import session_dates

_CARD = (
    "border:1px solid #8886;border-left:4px solid #3a8fd0;border-radius:4px;padding:.7em 1em;margin:.2em 0;"
    "max-width:60em;line-height:1.6;overflow-wrap:anywhere"
)
_MARK = "background-color:#ffbf0059;color:inherit;border-bottom:2px solid #d98e00;padding:0 .1em"
_CELL = (
    "vertical-align:top;padding:.35em .6em;border-bottom:1px solid #8884;white-space:pre-line;overflow-wrap:break-word"
)
QUIET = "opacity:.75;font-size:90%"  # the look of what is said beside the matter itself


def card(parts: Iterable[str]) -> str:
    """Put parts, HTML already, one below the other into a frame."""
    return f'<div style="{_CARD}">{"".join(f"<div>{part}</div>" for part in parts)}</div>'


def pieces(text: str, edges: Iterable[int] = ()) -> list[tuple[int, int]]:
    """Cut a text at some places, and leave out the marks of links."""
    hidden = [mark for start, words, end, stop in plain(text)[1] for mark in ((start, words), (end, stop))]
    cuts = sorted({0, len(text), *edges, *(edge for mark in hidden for edge in mark)})
    shown, left = [], deque(hidden)
    for start, end in pairwise(cuts):
        while left and left[0][1] <= start:
            left.popleft()
        if not left or start < left[0][0]:
            shown.append((start, end))
    return shown


def text_width(text: str) -> int:
    """Count the columns that a text takes: a wide character, such as a Chinese one, takes two.

    >>> text_width("web"), text_width("花名册")
    (3, 6)
    """
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def session_days(header: Header, session: int | None, lang: str) -> str:
    """Return the days of a session in words: those on which it was held or for which it was convened."""
    start, end, unknown = session_dates(header, session, lang)
    convened = convened_label(session, lang) if session else None
    return days_label(start, end, lang) if start and end else convened or unknown


def judges(overview: Iterable[Row], lang: str) -> str:
    """Say who judged the states of actions, and when; empty where nobody did."""
    judged = (row.values for row in overview if row.values["state"])
    said = (
        value_label(v["judged_by"] or "", lang) + sentence("note.bracketed", lang, inside=v["judged_on"])
        for v in judged
    )
    return label("written.join", lang).join(dict.fromkeys(said))


def readable(text: str) -> str:
    """Leave out the marks of links: ``[report](#)`` is the word.

    >>> readable("see the [report](#), paragraph 98")
    'see the report, paragraph 98'
    """
    return "".join(text[start:end] for start, end in pieces(text))


def marked(text: str, places: Iterable[tuple[int, int]], language: str) -> str:
    """Mark words in their place; line ends and the direction of the script are kept.

    >>> marked("a < b", [(4, 5)], "en")
    '<div lang="en" dir="auto" style="white-space:pre-line">a &lt; <mark style="...">b</mark></div>'
    """
    chosen, parts = [*places], []
    for start, end in pieces(text, [edge for pair in chosen for edge in pair]):
        words = html.escape(text[start:end])
        within = any(first <= start and end <= last for first, last in chosen)
        parts.append(f'<mark style="{_MARK}">{words}</mark>' if within else words)
    inner = "".join(parts)
    return f'<div lang="{html.escape(language)}" dir="auto" style="white-space:pre-line">{inner}</div>'


def table_html(table: pd.DataFrame, most: int = 50) -> str:
    """Write a table so that it fits the screen: texts in full and wrapped, numbers at the right, gaps empty."""
    head = table.head(most)
    numbers = [pd.api.types.is_numeric_dtype(t) and not pd.api.types.is_bool_dtype(t) for t in head.dtypes]
    named = " / ".join(str(name) for name in (table.index.name, table.columns.name) if name is not None)
    rows = [[_head(named, False), *map(_head, head.columns, numbers)]]
    for name, values in zip(head.index, head.itertuples(index=False, name=None), strict=True):
        rows.append([_head(name, False), *map(_cell, values, numbers)])
    heads, *lines = (f"<tr>{''.join(cells)}</tr>" for cells in rows)
    left = len(table) - len(head)
    more = f'<div style="{QUIET}">and {left} more rows, of {len(table)}</div>' if left else ""
    return (
        '<div style="overflow-x:auto;max-width:100%"><table style="border-collapse:collapse;margin:0">'
        f"<thead>{heads}</thead><tbody>{''.join(lines)}</tbody></table>{more}</div>"
    )


def notebook(most: int = 50) -> None:
    """Let every table of a notebook show itself well: texts in full, wrapped and at the left, without marks of links.

    Write it into the first cell. Outside a notebook it does nothing.

    Parameters
    ----------
    most : int
        How many rows to show; how many more there are is said below.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        to_html = shell.display_formatter.formatters["text/html"]
        to_html.for_type(pd.DataFrame, lambda table: table_html(table, most))


def _head(name: Any, number: bool) -> str:
    side = "right" if number else "left"
    return f'<th style="{_CELL};text-align:{side}">{html.escape(str(name)).replace("_", "_<wbr>")}</th>'


def _cell(value: Any, number: bool) -> str:
    if number:
        return f'<td style="{_CELL};text-align:right">{"" if pd.isna(value) else html.escape(f"{value:g}")}</td>'
    text = _text(value)
    # Chinese may break after any character: without a least width a narrow screen would set them one below the other.
    least = min(len(text.encode("utf-8", "replace")) // 3, 14)
    return f'<td dir="auto" style="{_CELL};text-align:left;min-width:{least}em">{html.escape(text)}</td>'


def _text(value: Any) -> str:
    """Write a value as a reader expects it: ``True`` as "yes", a gap as nothing."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    if pd.isna(value):
        return ""
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else readable(str(value))


def understood(document: Document, rows: Mapping[str, Sequence[Row]], lang: str = "en") -> tuple[str, str, str]:
    """Say in three lines what was understood of a document and its tables, what was not, and what to do next."""
    header, counts = document.header, {name: len(table) for name, table in rows.items()}
    session = header.meeting(header.session) if header.session else document.name
    names = {"paragraphs": "paragraphs", "annex": "annex_print"}
    lacking = [label(name, lang).lower() for table, name in names.items() if not counts[table]]
    said = {"unread": counts["unread"], "findings": counts["findings"]}
    read = {"document": document.symbol or session, "language": document.language, "entries": counts["annex"]}
    first = sentence("understood", lang, paragraphs=counts["paragraphs"], citations=counts["citations"], **read)
    parts = ", ".join(sentence("understood.lacking", lang, what=what) for what in lacking)
    second = sentence("understood.not", lang, lacking=parts or "-", **said)
    if not lacking and not counts["unread"]:
        second = sentence("understood.all", lang, **said)
    has_table = not counts["annex"] and bool(document.table_rows)
    judged = any(row.values["state"] for row in rows["overview"])
    step = "columns" if has_table else "unread" if lacking or counts["unread"] else "findings" if judged else "judge"
    return first, second, sentence(f"understood.{step}", lang)


def report_card(
    document: Document, rows: Mapping[str, Sequence[Row]], edition: str | None, beside: Header | None = None
) -> str:
    """Write the card of a report: its titles, in English first, what was found in it, and its tables by name."""
    header = document.header
    session = header.meeting(header.session) if header.session else "session not stated"
    supplied = "; ".join(f"{name}: {value} (supplied)" for name, value in document.supplied.items())
    facts = " · ".join(filter(None, [session, document.name, f"language: {document.language}", edition, supplied]))
    titles = [(document.language, header.title or "no title found")]
    if beside and beside.title:
        titles = sorted([*titles, (beside.language or "", beside.title)], key=lambda title: title[0] != "en")
    shown = [
        f'<{tag} lang="{html.escape(code)}" dir="auto">{html.escape(readable(title))}</{tag}>'
        for tag, (code, title) in zip(("b", "span"), titles, strict=False)
    ]
    tables = ", ".join(f'<code style="background:none">{name}</code> {len(rows[name])}' for name in table_names())
    return card(
        [
            *shown,
            f'<span style="{QUIET}">{html.escape(facts)}</span>',
            *map(html.escape, understood(document, rows)),
            f"Tables: {tables}",
        ]
    )
