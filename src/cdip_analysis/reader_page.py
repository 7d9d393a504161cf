"""Write the reader: one self-contained page on which every value is a link to the words that it came from.

It holds no script: links, `:target` and radio buttons do all, so that it opens from a mail, a share or a browser that
trusts nothing. What it looks like is in templates/reader.html.j2 and reader.css; here is what it says.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections import Counter, deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import partial
from itertools import compress, takewhile
from pathlib import Path
from typing import Any

import pandas as pd

from cdip_analysis.analyses import action_label
from cdip_analysis.data import reference_rows
from cdip_analysis.display import pieces, readable, templates
from cdip_analysis.files import MARK, atomic_write
from cdip_analysis.header import read_header
from cdip_analysis.labels import check_language, label, labels, sentence, value_label
from cdip_analysis.model import Passage, by_action
from cdip_analysis.provenance import Evidence, evidence_of_coverage, evidence_of_value, same_place
from cdip_analysis.raw_tables import PLACE
from cdip_analysis.report import Report
from cdip_analysis.schema import name_beside, tables


def export_reader(report: Report, path: str | Path, *, lang: str = "en", overwrite: bool = False) -> Path:
    """Write the reader page of a report: its tables on the left, its text on the right, with the edition beside it.

    Parameters
    ----------
    path : str or Path
        The .html file to write; another suffix is a ValueError.
    lang : {"en", "zh"}
        Language of headings and labels; any other is a ValueError.
    overwrite : bool
        Replace a file that this package did not make; else that is a FileExistsError.

    Returns
    -------
    Path
        The file written: one page without scripts that loads nothing.

    Examples
    --------
    >>> import tempfile
    >>> from cdip_analysis import export_reader, load_report
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = export_reader(load_report(), f"{folder}/reader.html").read_text(encoding="utf-8")
    >>> "<script" in page, page.count("<mark id=") > 100
    (False, True)
    """
    check_language(lang)
    if Path(path).suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"cannot write {path}: the name of a page ends with .html")
    environment = templates()
    environment.filters["sha256"] = lambda style: base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    words = {"lang": lang, "say": partial(sentence, lang=lang), "value": partial(value_label, lang=lang)}
    editions = [one for one in (report, report.beside) if one]
    about = {"mark": MARK, "report": report, "editions": editions, "page": _Page(report, lang), "labels": labels()}
    text = environment.get_template("reader.html.j2").render(words | about)
    with atomic_write(path, overwrite=overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)


class _Page:
    """What the template needs of a report; words are numbered as values are found to rest on them."""

    def __init__(self, report: Report, lang: str) -> None:
        self.report, self.lang, self.document = report, lang, report.document
        self.ids: dict[Passage, dict[tuple[int, int], str]] = {}
        self.back: dict[Passage, dict[str, dict[str, str]]] = {}  # by group of a row: id of a cell and its name
        self.number = {passage: number for number, passage in enumerate(report.passages)}
        self.beside = same_place(report.document, report.beside.document) if report.beside else {}
        opening = next((p.text for p in report.passages if p.kind == "paragraph"), "")
        self.printed = {report.header.start_date, read_header(opening, report.language).start_date}
        self.rows_in = report.rows_in(lang)
        # The style sheet, in front of everything, names kinds and the words that overlap others.
        self.sections = [*self.tables()]
        self.cut: set[str] = set()  # ids of words that overlap others: their rest lights up by a rule of its own
        self.addresses: Counter[str] = Counter()
        self.passages = [self.passage(passage) for passage in report.passages if passage.text.strip()]

    def say(self, key: str) -> str:
        return label(f"reader.{key}", self.lang)

    def tables(self) -> Iterator[dict[str, Any]]:
        """Return the tables of data/reference/reader.csv that have rows, with kinds to filter by, and the raw ones."""
        for declared in reference_rows("reader.csv"):
            name = declared["section"]
            totals = name == "session_coverage"
            rows = [*(self.coverage() if totals else self.declared(declared))]
            cells_of = zip(*(row["cells"] for row in rows), strict=True)  # each column
            used = [any(cell["text"] or "instead" in cell for cell in cells) for cells in cells_of]
            rows = [{**row, "cells": [*compress(row["cells"], used)]} for row in rows]
            kinds = [*dict.fromkeys(row["kind"] for row in rows if row["kind"])]
            if len(rows) > totals:
                kinds = kinds if len(kinds) > 1 else []
                title = self.say(name)
                yield {"name": name, "title": title, "count": len(rows) - totals, "rows": rows, "kinds": kinds}
        at = {passage.line: self.place(passage)[0] for passage in reversed(self.report.passages)}
        for number, (name, frame) in enumerate(self.report.other_tables.items(), 1):
            title, columns = sentence("reader.raw", self.lang, number=number), frame.columns[len(PLACE) :]
            rows = [
                {"cells": [{"name": c, "text": readable(v[c]), "target": at.get(v["source_line"])} for c in columns]}
                for v in frame.to_dict("records")
            ]
            yield {"name": name, "title": title, "count": len(rows), "rows": rows, "kinds": []}

    def declared(self, section: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Return the rows of a table that is declared; each has a name: its key, or its number."""
        name, table, beside = section["section"], section["table"], self.report.beside
        word = name.replace("commitments", "commitment")
        for n, row in enumerate(self.report.rows_of(table, self.rows_in[table])[1]):
            values, cells = row.values, []
            named = values[section["key"]] if section["key"] else n + 1
            address, group = f"{word}-{named}", f"{self.say(word)} {named}"
            for column in section["columns"].format(lang=self.lang).split():
                texts = {self.report.language: self.text(values[column])}
                if beside:
                    texts[beside.language] = self.text(values.get(name_beside(column, beside.language)))
                if table == "overview" and column == "action_id":
                    texts = {self.lang: f"{named} {action_label(values['action'], self.lang)}"}
                about = (self.report.rows["annex"], table, n, tables()[table].column(column), row)
                proof = evidence_of_value(self.document, *about)
                cell = self.cell(address, column, group, label(column, self.lang), texts, proof)
                if column in ("state", "outcome"):
                    cell["state"] = values[column]
                if column == "outcome" and (remark := values[f"remark_{self.lang}"]):
                    cell["note"] = remark
                cells.append(cell)
            action = (values.get("action_id") or values.get("actions") or "").replace(",", "")
            yield {"id": address, "action": action, "kind": values.get(section["kind"]), "cells": cells}

    def coverage(self) -> Iterator[dict[str, Any]]:
        """Return the rows of the session coverage, none if nothing of it is known."""
        grid, all_of = self.report.session_coverage, (self.report.rows["annex"], self.report.rows["actions"])
        by = tuple(map(by_action, all_of))
        for action in grid.index if grid.notna().any(axis=None) else ():
            annex, actions = all_of if action == "total" else (rows.get(action, []) for rows in by)
            address, group = f"session_coverage-{action}", f"{self.say('session_coverage')} {action}"
            cells = [{"name": label("action_id", self.lang), "text": value_label(str(action), self.lang)}]
            for session, count in grid.loc[action].items():
                head = label("total", self.lang) if session == "total" else self.report.header.meeting(session)
                proof = evidence_of_coverage(self.document, annex, actions, grid, action, session, "report_paragraphs")
                texts = {self.lang: "" if pd.isna(count) else str(count)}
                if texts[self.lang] == "0":  # the first of the words that were looked through is enough
                    proof = proof._replace(spans=proof.spans[:1])
                cell = self.cell(address, session, group, head, texts, proof)
                cells.append(cell if cell["text"] else {**cell, "instead": self.say("not_held_yet")})
            yield {"id": address, "action": action.replace("total", ""), "kind": None, "cells": cells}

    def cell(
        self, address: str, column: Hashable, group: str, head: str, texts: Mapping[str, str], proof: Evidence
    ) -> dict[str, Any]:
        """Return a cell: its text, in the language of the page if there is one, and the words that it rests on."""
        first = texts.get(self.lang) or texts.get(self.report.language) or ""
        others = {language: text for language, text in texts.items() if text not in ("", first)}
        cell: dict[str, Any] = {"name": head, "text": first, "beside": others}
        if first and proof.spans:
            cell["id"] = f"{address}-{column}"
            places: dict[str, str] = {}
            for span in proof.spans:
                self.back.setdefault(span.passage, {}).setdefault(group, {})[cell["id"]] = head
                known = self.ids.setdefault(span.passage, {})
                words = known.setdefault((span.start, span.end), f"w{self.number[span.passage]}-{len(known)}")
                places.setdefault(self.place(span.passage)[1], words)
            cell["target"], *_ = places.values()
            cell["others"] = [(target, where) for where, target in places.items()][1:]
        if first and proof.note and (proof.nature in ("reference", "supplied") or not proof.spans):
            from_calendar = proof.note.startswith("data/reference/sessions.csv")
            dates = self.say("printed" if proof.value in self.printed else "calendar")
            cell["note"] = dates if from_calendar else proof.note
        return cell

    def text(self, value: Any) -> str:
        """Return a value as a reader sees it."""
        return "" if value is None else value_label(readable(str(value)), self.lang)

    def passage(self, passage: Passage) -> dict[str, Any]:
        """Return a passage with its address, and its words marked as HTML."""
        asked = self.ids.get(passage, {})
        cited = {(c.start, c.end) for c in self.document.citations_in(passage)}
        places = [(*place, asked.get(place, ""), "cite" if place in cited else "rests") for place in {*cited, *asked}]
        address, where = self.place(passage)
        self.addresses[address] += 1
        address += f"-{number}" if (number := self.addresses[address]) > 1 else ""
        return {"of": passage, "id": address, "where": where, "words": _marked(passage.text, places, self.cut)}

    def place(self, passage: Passage) -> tuple[str, str]:
        """Return the address of a passage (p17, entry-13, proposal-1.a, line-4), and a short name of its place."""
        if passage.entry is not None:
            return f"entry-{passage.entry}", f"{label('entry', self.lang)} {passage.entry}"
        if passage.paragraph is not None:
            if passage.kind == "footnote":
                return f"footnote-{passage.paragraph}", f"¶ {passage.paragraph}, {value_label('footnote', self.lang)}"
            return f"p{passage.paragraph}", f"¶ {passage.paragraph}"
        if passage.kind == "proposal":
            item = passage.item or passage.proposal_paragraph
            return f"proposal-{item}", f"P{item}"
        return f"line-{passage.line}", value_label(passage.kind, self.lang)


def _marked(text: str, places: Sequence[tuple[int, int, str, str]], cut: set[str]) -> str:
    """Mark words in a text, as HTML; of words that overlap others, the rest is a mark of its own, named in `cut`.

    >>> _marked("a <b> c", [(0, 5, "w1", "rests"), (2, 5, "w2", "cite")], set())
    '<mark id="w1" class="rests">a <mark id="w2" class="cite">&lt;b&gt;</mark></mark> c'
    """
    waiting = deque(sorted(places, key=lambda place: (place[0], -place[1])))
    opened: list[tuple[int, int, str, str]] = []
    seen: set[str] = set()
    parts = []
    for start, end in pieces(text, [edge for place in places for edge in place[:2]]):
        over = [place for place in opened if end <= place[1]]
        while waiting and waiting[0][0] <= start:
            if end <= (place := waiting.popleft())[1]:
                over.append(place)
        kept = len([*takewhile(lambda pair: pair[0] == pair[1], zip(opened, over, strict=False))])
        parts.append("</mark>" * (len(opened) - kept))
        for _, _, id_, style in over[kept:]:
            of, name = (f" of-{id_}", "") if id_ in seen else ("", f'id="{id_}" ' if id_ else "")
            parts.append(f'<mark {name}class="{style}{of}">')
        cut |= seen & {id_ for _, _, id_, _ in over[kept:]}
        seen |= {id_ for _, _, id_, _ in over if id_}
        parts.append(html.escape(text[start:end]))
        opened = over
    return "".join([*parts, "</mark>" * len(opened)])
