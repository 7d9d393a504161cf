"""Write the reader: one self-contained page on which every value is a link to the words that it came from.

The tables are on the left, the document on the right, both editions beside each other where there are two. The page
holds no script: links, `:target` and radio buttons do all, so that it opens from a mail, a share or a browser that
trusts nothing. The Content-Security-Policy allows the one style sheet, by its hash, and nothing else. What the page
looks like is in templates/reader.html.j2 and reader.css; here is what it says.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections import Counter, deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from cdip_analysis.analyses import action_label
from cdip_analysis.display import judges, pieces, readable
from cdip_analysis.files import MARK, atomic_write
from cdip_analysis.header import read_header
from cdip_analysis.labels import days_label, label, labels, sentence, value_label
from cdip_analysis.model import Passage, by_action
from cdip_analysis.provenance import Evidence, evidence_of_coverage, evidence_of_value, same_place
from cdip_analysis.report import Report
from cdip_analysis.schema import tables

#: What the left side shows: for each section its table, its columns, the column by whose values its rows can be
#: filtered, and what tells its rows apart (their number where it is empty). A column that is written in several
#: languages ("line") is shown in that of the page.
SECTIONS: dict[str, tuple[str, tuple[str, ...], str, str]] = {
    "overview": ("overview", ("action_id", "state", "line", "due_session", "to_raise"), "", "action_id"),
    "asked": ("overview", ("action_id", "asked", "handed_over", "considered"), "", "action_id"),
    "timeline": ("timeline", ("date", "session", "action_id", "event", "label"), "event", ""),
    "session_coverage": ("session_coverage", (), "", ""),
    "commitments": (
        "commitments",
        ("number", "action_id", "kind", "thing", "text", "asked_session", "due_session", "outcome", "outcome_session"),
        "kind",
        "number",
    ),
    "findings": ("findings", ("kind", "text", "note"), "kind", ""),
    "reading_list": ("reading_list", ("report", "first_paragraph", "last_paragraph", "paragraphs", "actions"), "", ""),
}
_IN_LANGUAGES = ("line", "to_raise", "thing")
_WIDE = 24  # characters from which a column needs room


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
        If `lang` is none of these, or the name does not end with .html.
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
    if Path(path).suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"cannot write {path}: the name of a page ends with .html")
    page, beside = _Page(report, lang), report.beside
    sections = [section for name in SECTIONS if (section := page.section(name))["count"]]
    titles = {one.language: readable(one.header.title or "") for one in (report, beside) if one}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True
    )
    environment.filters["sha256"] = lambda style: base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals["say"] = partial(sentence, lang=lang)
    text = environment.get_template("reader.html.j2").render(
        made=Markup(f"<!-- {MARK} -->"),
        lang=lang,
        report=report,
        title=titles.get(lang) or titles[report.language] or report.name,
        original=titles[report.language],
        facts=_facts(report, lang),
        sentence=report.sentence(lang),
        actions=[str(row.values["action_id"]) for row in report.rows["actions"]],
        sections=sections,
        passages=[page.passage(passage) for passage in report.passages if passage.text.strip()],
        cut=page.cut,
        editions=[
            label(f"language.{one.language}", lang) + _bracketed(value_label(one.edition or "", lang), lang)
            for one in (report, beside)
            if one
        ],
    )
    with atomic_write(path, overwrite=overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)


def _bracketed(text: str, lang: str) -> str:
    return sentence("note.bracketed", lang, inside=text) if text else ""


def _facts(report: Report, lang: str) -> str:
    """Say in a line what the document is, and what is not known of it."""
    header = report.header
    session = header.meeting(header.session) if header.session else ""
    if header.start_date and header.end_date:
        parts = days_label(header.start_date, header.end_date, lang), value_label(header.place or "", lang)
        session += _bracketed(label("sentence.comma", lang).join(filter(None, parts)), lang)
    symbol = header.symbol or report.supplied.get("symbol") or label("reader.no_symbol", lang)
    edition = label(f"reader.edition.{report.language}", lang)
    return " · ".join(filter(None, (session.strip(), value_label(header.prepared_by or "", lang), symbol, edition)))


class _Page:
    """What the template needs of a report; words are numbered as values are found to rest on them."""

    def __init__(self, report: Report, lang: str) -> None:
        self.report, self.lang, self.document = report, lang, report.document
        self.rows = report.rows_in(lang)
        self.others = report.beside.rows_in(lang) if report.beside else {}
        self.ids: dict[Passage, dict[tuple[int, int], str]] = {}
        self.back: dict[Passage, dict[str, dict[str, str]]] = {}  # by group of a row: id of a cell and its name
        self.numbered = 0  # words with an id so far
        self.cut: set[str] = set()  # ids of words that overlap others: their rest lights up by a rule of its own
        self.addresses = dict(_addresses(report.passages))
        self.beside = same_place(report.document, report.beside.document) if report.beside else {}
        opening = next((p.text for p in report.passages if p.kind == "paragraph"), "")
        self.printed = {report.header.start_date, read_header(opening, report.language).start_date}

    def say(self, key: str) -> str:
        """Return a label of the page."""
        return label(f"reader.{key}", self.lang)

    def section(self, name: str) -> dict[str, Any]:
        """Return a table: its columns, its rows, and the kinds by which they can be filtered."""
        rows = [*(self.coverage() if name == "session_coverage" else self.declared(name))]
        kinds = dict.fromkeys(row["kind"] for row in rows if row["kind"])
        # What a reader should know before a table: of the overview, what a state is and who judged it.
        who = judges(self.report.rows["overview"], self.lang)
        about = f"reader.{name}.about" in labels() and (who or name != "overview")
        return {
            "name": name,
            "title": self.say(name),
            "count": len(rows) - (name == "session_coverage"),
            "about": sentence(f"reader.{name}.about", self.lang, who=who) if about else None,
            "columns": [cell["name"] for cell in rows[0]["cells"]] if rows else [],
            "rows": rows,
            "kinds": [(kind, value_label(kind, self.lang)) for kind in kinds] if len(kinds) > 1 else [],
        }

    def declared(self, name: str) -> Iterator[dict[str, Any]]:
        """Return the rows of a table that is declared."""
        table, columns, kind, key = SECTIONS[name]
        word, annex, beside = name.replace("commitments", "commitment"), self.report.rows["annex"], self.report.beside
        others = self.others.get(table, [])
        for n, row in enumerate(self.rows[table]):
            values, named = row.values, row.values[key] if key else n + 1
            cells = []
            for column in (f"{column}_{self.lang}" if column in _IN_LANGUAGES else column for column in columns):
                texts = {self.report.language: self.text(values[column])}
                if beside and n < len(others):
                    texts[beside.language] = self.text(others[n].values[column])
                if table == "overview" and column == "action_id":
                    texts = {self.lang: f"{named} {action_label(values['action'], self.lang)}"}
                proof = evidence_of_value(self.document, annex, table, n, tables()[table].column(column), row)
                where = (f"{word}-{named}", column, f"{self.say(word)} {named}", label(column, self.lang))
                cell = self.cell(where, texts, proof)
                if column in ("state", "outcome") and cell["text"]:
                    cell["style"] = f"state {values[column]}"
                if column == "outcome" and (remark := values[f"remark_{self.lang}"]):
                    cell["note"] = remark
                cells.append(cell)
            action = values.get("action_id") or values.get("actions") or ""
            yield _row(f"{word}-{named}", action.replace(",", ""), cells, values[kind] if kind else None)

    def coverage(self) -> Iterator[dict[str, Any]]:
        """Return the rows of the session coverage."""
        grid, all_of = self.report.session_coverage, (self.report.rows["annex"], self.report.rows["actions"])
        by = tuple(map(by_action, all_of))
        for action in grid.index:
            annex, actions = all_of if action == "total" else (rows.get(action, []) for rows in by)
            address, group = f"session_coverage-{action}", f"{self.say('session_coverage')} {action}"
            cells: list[dict[str, Any]] = [
                {"name": label("action_id", self.lang), "text": value_label(str(action), self.lang)}
            ]
            for session, count in grid.loc[action].items():
                head = self.report.header.meeting(session) if isinstance(session, int) else label("total", self.lang)
                proof = evidence_of_coverage(self.document, annex, actions, grid, action, session, "report_paragraphs")
                texts = {self.lang: "" if pd.isna(count) else str(count)}
                cell = self.cell((address, session, group, head), texts, proof)
                if not cell["text"] and isinstance(session, int):
                    cell["text"] = self.say("not_held_yet")
                cells.append(cell)
            yield _row(address, "" if action == "total" else str(action), cells)

    def cell(self, where: tuple[str, Hashable, str, str], texts: dict[str, str], proof: Evidence) -> dict[str, Any]:
        """Return a cell: its text, in the language of the page if there is one, and the words that it rests on.

        `where` is the address of its row, its column, and the names of both for readers.
        """
        address, column, group, head = where
        first = texts.get(self.lang) or texts.get(self.report.language) or ""
        if not first:
            return {"name": head, "text": "", "style": "empty"}
        cell: dict[str, Any] = {"name": head, "text": first, "style": "wide" if len(first) > _WIDE else None}
        for language, text in texts.items():
            if text not in ("", first):
                cell |= {"beside_lang": language, "beside": text}
        if proof.spans:
            cell["id"] = f"{address}-{column}"
            places: dict[str, str] = {}
            for span in proof.spans:
                self.back.setdefault(span.passage, {}).setdefault(group, {})[cell["id"]] = head
                known = self.ids.setdefault(span.passage, {})
                if (span.start, span.end) not in known:
                    self.numbered += 1
                    known[span.start, span.end] = f"w{self.numbered}"
                places.setdefault(self.where(span.passage), known[span.start, span.end])
            (_, cell["target"]), *others = places.items()
            cell["others"] = [(target, place) for place, target in others]
        if proof.note and (proof.nature in ("reference", "supplied") or not proof.spans):
            from_calendar = proof.note.startswith("data/reference/sessions.csv")
            dates = self.say("printed" if proof.value in self.printed else "calendar")
            cell["note"] = dates if from_calendar else proof.note
        return cell

    def text(self, value: Any) -> str:
        """Return a value as a reader sees it."""
        return "" if value is None else value_label(readable(str(value)), self.lang)

    def passage(self, passage: Passage) -> dict[str, Any]:
        """Return a passage with its words marked, and the values that rest on them."""
        asked = self.ids.get(passage, {})
        cited = {(c.start, c.end) for c in self.document.citations_in(passage)}
        places = [(*place, asked.get(place, ""), "cite" if place in cited else "rests") for place in {*cited, *asked}]
        return {
            "id": self.addresses[passage],
            "kind": passage.kind,
            "action": passage.action_id,
            "where": self.where(passage),
            "words": Markup(_marked(passage.text, places, self.cut)),
            "beside": readable(self.beside[passage].text) if passage in self.beside else None,
            "back": self.back.get(passage, {}),
        }

    def where(self, passage: Passage) -> str:
        """Name the place of a passage, short, for a link."""
        if passage.entry is not None:
            return f"{label('entry', self.lang)} {passage.entry}"
        if passage.paragraph is not None:
            return f"¶ {passage.paragraph}"
        if passage.kind == "proposal":
            return f"P{passage.item or passage.proposal_paragraph}"
        return value_label(passage.kind, self.lang)


def _row(address: str, action: str, cells: list[dict[str, Any]], kind: str | None = None) -> dict[str, Any]:
    """Return a row; places that several of its cells have in common are named once."""
    named: list[list[tuple[str, str]]] = []
    for cell in filter(lambda cell: cell.get("others"), cells):
        cell["others"] = [] if cell["others"] in named else cell["others"]
        named.append(cell["others"])
    return {"id": address, "action": action, "kind": kind, "cells": cells}


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
    waiting = deque(sorted(places, key=lambda place: (place[0], -place[1])))
    opened: list[tuple[int, int, str, str]] = []
    seen: set[tuple[int, int, str, str]] = set()
    parts = []
    for start, end in pieces(text, [edge for place in places for edge in place[:2]]):
        over = [place for place in opened if end <= place[1]]
        while waiting and waiting[0][0] <= start:
            if end <= (place := waiting.popleft())[1]:
                over.append(place)
        kept = len([*takewhile(lambda pair: pair[0] == pair[1], zip(opened, over, strict=False))])
        parts.append("</mark>" * (len(opened) - kept))
        for place in over[kept:]:
            _, _, id_, style = place
            if place not in seen:
                parts.append(f'<mark id="{id_}" class="{style}">' if id_ else f'<mark class="{style}">')
            elif id_:
                cut.add(id_)
                parts.append(f'<mark class="{style} of-{id_}">')
            else:
                parts.append(f'<mark class="{style}">')
        seen.update(over)
        parts.append(html.escape(text[start:end]))
        opened = over
    return "".join([*parts, "</mark>" * len(opened)])
