"""Write the reader: one self-contained page on which every value is a link to the words that it came from.

The tables are on the left, the document on the right, both editions beside each other where there are two. The page
holds no script: links, `:target` and radio buttons do all, so that it opens from a mail, a share or a browser that
trusts nothing. The Content-Security-Policy allows the one style sheet, by its hash, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from cdip_analysis.analyses import action_label
from cdip_analysis.data import label, labels
from cdip_analysis.files import MARK, atomic_write
from cdip_analysis.language import plain
from cdip_analysis.model import Header, Passage, Row, Span
from cdip_analysis.provenance import Evidence, evidence_of_coverage, evidence_of_value, same_place
from cdip_analysis.report import Report
from cdip_analysis.schema import tables

__all__ = ["export_reader"]

_TEMPLATES = Path(__file__).with_name("templates")

#: What the left side shows: for each table its columns, and the column by whose values its rows can be filtered. A
#: column that is written in several languages ("line") is shown in that of the page.
SECTIONS: dict[str, tuple[tuple[str, ...], str | None]] = {
    "overview": (("action_id", "state", "line", "due_session", "to_raise"), None),
    "asked": (("action_id", "asked", "handed_over", "considered"), None),
    "timeline": (("date", "session", "action_id", "event", "label"), "event"),
    "session_coverage": ((), None),
    "commitments": (
        ("number", "action_id", "kind", "thing", "text", "asked_session", "due_session", "outcome", "outcome_session"),
        "kind",
    ),
    "findings": (("kind", "text", "note"), "kind"),
    "reading_list": (("report", "first_paragraph", "last_paragraph", "paragraphs", "actions"), None),
}
_TABLES = {"asked": "overview"}  # of which a section shows some columns, where its name is another
_IN_LANGUAGES = ("line", "to_raise", "thing")
_STATES = ("state", "outcome")
_WIDE = 24  # characters from which a column needs room
_PREFIX = {"commitments": "commitment"}  # of the address of a row: #commitment-18a can be sent to a colleague
_KEYS = {"overview": "action_id", "asked": "action_id", "commitments": "number"}
_SAID = ("skip", "hint", "choose", "all", "kind", "contents", "document", "also", "rests")


def export_reader(report: Report, path: str | Path, *, lang: str = "en", overwrite: bool = False) -> Path:
    """Write the reader page of a report.

    Parameters
    ----------
    report : Report
        Its tables are on the left of the page, its text on the right, with the edition beside it.
    path : str or Path
        The .html file to write.
    lang : {"en", "zh"}
        Language of headings and labels.
    overwrite : bool
        Whether to replace a file of that name that this package did not make.

    Returns
    -------
    Path
        The file written: one page without scripts that loads nothing.

    Raises
    ------
    ValueError
        If `lang` is none of these.
    FileExistsError
        If there is such a file, not made by this package, and `overwrite` is not set.

    Examples
    --------
    >>> import tempfile
    >>> from cdip_analysis import export_reader, load_report
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = export_reader(load_report(), f"{folder}/reader.html").read_text(encoding="utf-8")
    >>> "<script" in page, page.count("<mark id=") > 100
    (False, True)
    """
    if lang not in ("en", "zh"):
        raise ValueError(f"lang={lang!r}; it can be en or zh")
    page = _page(report, lang)
    with atomic_write(path, overwrite=overwrite) as temporary:
        temporary.write_text(page, encoding="utf-8", newline="\n")
    return Path(path)


def _page(report: Report, lang: str) -> str:
    marks = _Marks(report, lang)
    sections = [section for name in SECTIONS if (section := _section(report, name, marks, lang))["count"]]
    passages = [marks.shown(passage) for passage in report.passages if passage.text.strip()]
    actions = [str(action) for action in report.actions["action_id"]]
    rules = [
        *_filters(sections, actions),
        *(f"body:has(#{cut}:target) .of-{cut}{{{_LIT}}}" for cut in sorted(marks.cut)),
    ]
    style = "".join([(_TEMPLATES / "reader.css").read_text(encoding="utf-8"), *rules])
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    editions = [edition for edition in (report, report.beside) if edition]
    titles = {edition.language: _plain(edition.header.title or "") for edition in editions}
    judged = report.overview["judged_by"].dropna()
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True)
    return environment.get_template("reader.html.j2").render(
        made=Markup(f"<!-- {MARK} -->"),
        lang=lang,
        language=report.language,
        beside_language=report.beside.language if report.beside else None,
        csp=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=Markup(style),
        title=titles.get(lang) or titles[report.language] or report.name,
        original=titles[report.language],
        facts=_facts(report, lang),
        sentence=report.sentence(lang),
        say={key: label(f"reader.{key}", lang) for key in _SAID},
        actions=[(action, action) for action in actions],
        sections=sections,
        passages=passages,
        footer=[
            f"{report.name}, SHA-256 {report.sha256}",
            *(f"{label('judged_by', lang)}: {who}, {report.overview['judged_on'].iloc[0]}" for who in judged.unique()),
        ],
    )


def _facts(report: Report, lang: str) -> str:
    """Say in a line what the document is, and what is not known of it."""
    header = report.header
    session = header.meeting(header.session) if header.session else None
    days = f"{header.start_date} – {header.end_date}" if header.start_date else None
    symbol = header.symbol or report.supplied.get("symbol")
    parts = (
        " ".join(filter(None, (session, f"({days}, {header.place})" if days else None))),
        header.prepared_by,
        symbol or label("reader.no_symbol", lang),
        label(f"reader.edition.{report.language}", lang) + (f" ({report.edition})" if report.edition else ""),
    )
    return " · ".join(filter(None, parts))


_LIT = "background:var(--lit)"


def _filters(sections: Sequence[Mapping[str, Any]], actions: Sequence[str]) -> Iterator[str]:
    """Make the rules by which a radio button hides the rows of other actions or kinds."""
    for action in actions:
        chosen = f"body:has(#action-{_css(action)}:checked)"
        yield f'{chosen} #tables tr[data-action]:not([data-action~="{action}"]){{display:none}}'
        yield f'{chosen} .passage[data-action="{action}"]{{box-shadow:inset .25rem 0 var(--link)}}'
    for section in sections:
        for kind, _ in section["kinds"]:
            chosen = f"#{section['name']}:has(#{section['name']}-{_css(kind)}:checked)"
            yield f'{chosen} tr[data-kind]:not([data-kind="{kind}"]){{display:none}}'


def _css(name: str) -> str:
    return name.replace(".", r"\.")


class _Marks:
    """The words that values rest on, numbered as they are asked for, and the values that rest on them."""

    def __init__(self, report: Report, lang: str) -> None:
        self.report, self.lang = report, lang
        self.ids: dict[Passage, dict[tuple[int, int], str]] = {}
        self.back: dict[Passage, dict[str, dict[str, str]]] = {}  # by group of a row: id of a cell and its name
        self.cut: set[str] = set()  # ids of words that overlap others: their rest lights up by a rule of its own
        self.count = 0
        self.addresses = dict(_addresses(report.passages))
        self.beside = same_place(report.document, report.beside.document) if report.beside else {}

    def link(self, span: Span, group: str, cell: str, name: str) -> str:
        """Return the id of some words, and remember what rests on them."""
        self.back.setdefault(span.passage, {}).setdefault(group, {})[cell] = name
        known = self.ids.setdefault(span.passage, {})
        if (span.start, span.end) not in known:
            self.count += 1
            known[span.start, span.end] = f"w{self.count}"
        return known[span.start, span.end]

    def shown(self, passage: Passage) -> dict[str, Any]:
        """Return what the template needs of a passage."""
        asked = self.ids.get(passage, {})
        cited = {(c.start, c.end) for c in self.report.document.citations_in(passage)}
        places = [(*place, asked.get(place, ""), "cite" if place in cited else "rests") for place in {*cited, *asked}]
        other = self.beside.get(passage)
        return {
            "id": self.addresses[passage],
            "kind": passage.kind + ("" if self.report.beside else " single"),
            "action": passage.action_id,
            "where": _where(passage, self.lang),
            "words": Markup(_marked(passage.text, sorted(places), self.cut)),
            "beside": _plain(other.text) if other else None,
            "back": [(group, [*cells.items()]) for group, cells in self.back.get(passage, {}).items()],
        }


def _section(report: Report, name: str, marks: _Marks, lang: str) -> dict[str, Any]:
    """Return what the template needs of a table: its columns, its rows, and of each cell the places of its words."""
    columns, kind = SECTIONS[name]
    of = _TABLES.get(name, name)
    table = report.session_coverage if name == "session_coverage" else report.frame(of)
    of_beside = report.beside.frame(of) if report.beside and name != "session_coverage" else None
    shown: list[Hashable] = [
        f"{column}_{lang}" if column in _IN_LANGUAGES else column for column in columns or table.columns
    ]
    prove = _prover(report, of, table)
    rows = []
    for n, index in enumerate(table.index):
        values: dict[Hashable, Any] = dict(zip(table.columns, table.iloc[n].astype("object"), strict=True))
        key = values[_KEYS[name]] if name in _KEYS else n + 1
        address = f"{_PREFIX.get(name, name)}-{index if name == 'session_coverage' else key}"
        cells = []
        if name == "session_coverage":
            values["action_id"] = index if index != "total" else None
            cells.append({"name": label("action_id", lang), "text": _word(str(index), lang)})
        for column in shown:
            other = of_beside[column].iloc[n] if of_beside is not None and column in of_beside else None
            cells.append(_cell(report, of, index, column, values, other, address, marks, lang, prove))
        cells[0]["tag"] = "th" if cells[0]["text"] else "td"
        action = values.get("action_id", values.get("actions"))
        rows.append(
            {
                "id": address,
                "action": None if action is None or pd.isna(action) else str(action).replace(",", ""),
                "kind": str(values[kind]) if kind else None,
                "cells": cells,
            }
        )
    heads = [_head(column, report.header, lang) for column in shown]
    kinds = dict.fromkeys(str(row["kind"]) for row in rows) if kind else {}
    return {
        "name": name,
        "title": label(f"reader.{name}", lang),
        "count": len(rows) - (name == "session_coverage"),
        "columns": [label("action_id", lang), *heads] if name == "session_coverage" else heads,
        "rows": rows,
        "kinds": [(one, _word(one, lang)) for one in kinds] if len(kinds) > 1 else [],
    }


def _prover(report: Report, table: str, frame: pd.DataFrame) -> Callable[[Hashable, Hashable], Evidence]:
    """Return the function that gives the words of a value of a table, in time that does not grow with the table."""
    document, annex, actions = report.document, report.rows["annex"], report.rows["actions"]
    if table != "session_coverage":
        rows: dict[Hashable, Row] = dict(enumerate(report.rows[table]))
        declared = tables()[table]
        return lambda row, column: evidence_of_value(
            document, annex, table, row, declared.column(str(column)), rows[row]
        )
    entries: dict[Hashable, list[Row]] = {}
    for entry in annex:
        entries.setdefault(entry.values["action_id"], []).append(entry)
    return lambda row, column: evidence_of_coverage(
        document, entries.get(row, annex if row == "total" else []), actions, frame, row, column, "report_paragraphs"
    )


def _cell(
    report: Report,
    table: str,
    row: Hashable,
    column: Hashable,
    values: Mapping[Hashable, Any],
    other: Any,
    address: str,
    marks: _Marks,
    lang: str,
    prove: Callable[[Hashable, Hashable], Evidence],
) -> dict[str, Any]:
    """Return a cell: its text, in the language of the page if there is one, and the words that it rests on."""
    texts = {report.language: _text(values[column], lang)}
    if report.beside and other is not None:
        texts[report.beside.language] = _text(other, lang)
    texts = {language: text for language, text in texts.items() if text}
    first = texts.get(lang) or texts.get(report.language, "")
    second = next(((language, text) for language, text in texts.items() if text != first), None)
    if table == "overview" and column == "action_id":
        first += f" {action_label(values['action'], lang)}"
    style = f"state {values[column]}" if column in _STATES else "wide" if len(first) > _WIDE else None
    cell: dict[str, Any] = {"tag": "td", "name": _head(column, report.header, lang), "text": first, "style": style}
    if not first:
        waiting = table == "session_coverage" and isinstance(column, int)
        return {**cell, "text": label("reader.not_held_yet", lang) if waiting else "", "style": "empty"}
    if second:
        cell |= {"beside_lang": second[0], "beside": second[1]}
    proof = prove(row, column)
    if proof.spans:
        cell["id"] = f"{address}-{column}"
        section, _, key = address.rpartition("-")
        group = f"{label(f'reader.{section}', lang)} {key}"
        places: dict[str, str] = {}
        for span in proof.spans:
            places.setdefault(_where(span.passage, lang), marks.link(span, group, cell["id"], str(cell["name"])))
        (_, cell["target"]), *others = places.items()
        cell["others"] = [(target, where) for where, target in others]
    if proof.note and (proof.nature in ("reference", "supplied") or not proof.spans):
        from_calendar = proof.note.startswith("data/reference/sessions.csv")
        cell["note"] = label("reader.calendar", lang) if from_calendar else proof.note
    return cell


def _head(column: Hashable, header: Header, lang: str) -> str:
    return header.meeting(column) if isinstance(column, int) else label(str(column), lang)


def _text(value: Any, lang: str) -> str:
    if pd.isna(value):
        return ""
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else _word(_plain(str(value)), lang)


def _word(value: str, lang: str) -> str:
    return label(f"value.{value}", lang) if f"value.{value}" in labels() else value


def _plain(text: str) -> str:
    """Leave out the marks of links: ``[report](#)`` is the word.

    >>> _plain("see the [report](#), paragraph 98")
    'see the report, paragraph 98'
    """
    for start, words, words_end, end in reversed(plain(text)[1]):
        text = f"{text[:start]}{text[words:words_end]}{text[end:]}"
    return text


def _where(passage: Passage, lang: str) -> str:
    """Name the place of a passage, short, for a link."""
    if passage.entry is not None:
        return f"{label('entry', lang)} {passage.entry}"
    if passage.paragraph is not None:
        return f"¶ {passage.paragraph}"
    if passage.kind == "proposal":
        return f"P{passage.item or passage.proposal_paragraph}"
    return label(f"value.{passage.kind}", lang)


def _addresses(passages: Iterable[Passage]) -> Iterator[tuple[Passage, str]]:
    """Return an address of its own for each passage: p17, entry-13, entry-13-2, proposal-1.a, line-4."""
    seen: Counter[str] = Counter()
    for passage in passages:
        name = f"line-{passage.line}"
        if passage.entry is not None:
            name = f"entry-{passage.entry}"
        elif passage.kind == "paragraph":
            name = f"p{passage.paragraph}"
        elif passage.kind == "proposal":
            name = f"proposal-{passage.item or passage.proposal_paragraph}"
        seen[name] += 1
        yield passage, name if seen[name] == 1 else f"{name}-{seen[name]}"


def _marked(text: str, places: Sequence[tuple[int, int, str, str]], cut: set[str]) -> str:
    """Mark words in a text, as HTML; of words that overlap others, the rest is a mark of its own, named in `cut`.

    >>> _marked("a <b> c", [(0, 5, "w1", "rests"), (2, 5, "w2", "cite")], set())
    '<mark id="w1" class="rests">a <mark id="w2" class="cite">&lt;b&gt;</mark></mark> c'
    """
    hidden = [part for start, words, words_end, end in plain(text)[1] for part in ((start, words), (words_end, end))]
    edges = {
        0,
        len(text),
        *(edge for place in places for edge in place[:2]),
        *(edge for part in hidden for edge in part),
    }
    opened: list[tuple[int, str, str]] = []
    parts: list[str] = []
    for start, end in pairwise(sorted(edges)):
        over = next((n for n, place in enumerate(opened) if place[0] <= start), len(opened))
        parts += ["</mark>"] * (len(opened) - over)
        again = [place for place in opened[over:] if place[0] > start]
        del opened[over:]
        for stop, id_, style in again:
            cut.add(id_)
            parts.append(f'<mark class="{style} of-{id_}">')
            opened.append((stop, id_, style))
        for _, stop, id_, style in sorted((p for p in places if p[0] == start < p[1]), key=lambda p: -p[1]):
            parts.append(f'<mark{f" id={chr(34)}{id_}{chr(34)}" if id_ else ""} class="{style}">')
            opened.append((stop, id_, style))
        if (start, end) not in hidden:
            parts.append(html.escape(text[start:end]))
    return "".join([*parts, "</mark>" * len(opened)])
