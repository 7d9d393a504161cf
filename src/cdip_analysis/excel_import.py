"""Read a workbook back: its tables, what an analyst wrote into it, and what was changed elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cdip_analysis.csv_package import parsed
from cdip_analysis.header import read_header
from cdip_analysis.labels import label
from cdip_analysis.language import LANGUAGES, letters
from cdip_analysis.model import ReportError
from cdip_analysis.report import Report
from cdip_analysis.schema import build, tables
from cdip_analysis.sheets import Sheet, as_text
from cdip_analysis.workbook import heads_of, lines_of, opened, page_of

#: What an analyst wrote into the rows of a sheet: by key of the row and heading.
_Own = dict[tuple[str, ...], dict[str, Any]]
#: What was changed in a workbook: sheet, row, column, and what was and is there.
_Change = tuple[str, str, str, str | None, str | None]
#: What an entry of the annex is about.
_ENTRY = ("document", "session", "first_paragraph")


def read_excel(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read the table that a workbook of `export_excel` holds whole, as it is declared: the annex.

    Returns
    -------
    dict of str to pandas.DataFrame
        Under ``"annex"``, equal to the report's table; the analyst's own columns are left out. A file that is no such
        workbook, or a cell that does not hold what its column is declared to hold, is a ValueError.

    Examples
    --------
    See `export_excel`.
    """
    path = Path(path)
    table, rows = tables()["annex"], []
    names = {head: column.name for column in table.columns for head in heads_of(column.name)}
    said = {head: word for name, word in (("yes", "true"), ("no", "false")) for head in heads_of(name)}
    for number, line in lines_of(page_of(opened(path, "annex"), "annex"), names, "entry"):
        row = {}
        for column in table.columns:
            where = f"{path}, sheet 'Annex data', row {number}, column {label(column.name, 'en')!r}"
            if column.name not in line:
                raise ValueError(f"{where}: there is no such column")
            text = as_text(line[column.name])
            if column.type == "boolean":
                text = said.get(text or "", text)
            try:
                row[column.name] = parsed(column.type, text)
            except ValueError as error:
                raise ValueError(f"{where}: {error}. Correct the cell") from None
        if any(value is not None for value in row.values()):
            rows.append(row)
    return {"annex": build(table, rows, path.name)}


def read_back(path: Path, made: Sequence[Sheet], report: Report, lang: str) -> tuple[dict[str, _Own], list[_Change]]:
    """Read what an analyst wrote into a workbook, and what was changed since in sheets that are as made now in `lang`.

    A workbook in another language is not compared cell by cell. One of another document than `report`, or without an
    overview, such as those of version 0.1, is a ValueError: its notes would be misplaced, or lost.
    """
    book = opened(path, "overview")
    _check_document(path, book, next(sheet for sheet in made if sheet.name == "annex"), report)
    own: dict[str, _Own] = {sheet.name: {} for sheet in made}
    changes: list[_Change] = []
    for sheet in made:
        if page := page_of(book, sheet.name):
            changes += _compared(sheet, page, lang, own[sheet.name])
        else:
            changes.append((label(sheet.name, lang), "", "", label("sheet", lang), None))
    return own, changes


def _check_document(path: Path, book: Any, annex: Sheet, report: Report) -> None:
    """Refuse a workbook of another document: of another symbol, or title if one has none, and with no entry of it."""
    heads = {head: code for code in LANGUAGES for head in heads_of(f"language.{code}")}
    heads |= {head: name for name in ("place", "entry", *_ENTRY) for head in heads_of(name)}
    words, entries = page_of(book, "words_of_document"), page_of(book, "annex")
    lines = [line for _, line in lines_of(words, heads, "place")] if words else []
    language = next((head for line in lines for head in line if head in LANGUAGES), "en")
    block = (line for line in lines if str(line["place"]).startswith(heads_of("value.header")))
    was = read_header("\n".join(str(line.get(language)) for line in block), language)
    rows = [line for _, line in lines_of(entries, heads, "entry")] if entries else []
    there = {tuple(as_text(row.get(name)) or "" for name in _ENTRY) for row in rows} - {("", "", "")}
    here = {annex.key_of(row, _ENTRY) for row in annex.rows} - {("", "", "")}
    symbols = [symbol.split()[0] for symbol in (was.symbol, report.document.symbol) if symbol]  # without Prov.
    titles = [letters(title) for title in (was.title, report.header.title) if title]
    of_another = len({*symbols}) == 2 or (len(symbols) < 2 and len({*titles}) == 2 and bool(here and there))
    if of_another and not here & there:
        now = report.document.symbol or report.header.title
        found = f"the workbook of another document: {was.symbol or was.title}"
        raise ReportError(path.name, "", found, f"one of {now}, in any edition or format", "check the path")


def _compared(sheet: Sheet, page: Any, lang: str, own: _Own) -> Iterator[_Change]:
    """Compare a sheet with the page that came back: put what an analyst wrote into `own`, return what else changed."""
    title, head_of = label(sheet.name, lang), {column.name: column.head for column in sheet.columns}
    heads: dict[Any, str] = {head: now for name, now in head_of.items() for head in (*heads_of(name), now)}
    languages = [head for code in LANGUAGES for head in heads_of(f"language.{code}")]
    printed = {f"{head} ({language})" for head in heads for language in languages}  # of an edition beside
    printed |= {*languages} if sheet.name == "words_of_document" else set()
    printed |= {column.head for column in sheet.columns if not column.own}
    heads |= dict.fromkeys((None, *heads_of("no_heading")), label("no_heading", lang))
    lines = [line for _, line in lines_of(page, heads, head_of[sheet.key[0]])]

    def texts(line: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
        return tuple(as_text(line.get(head_of[name])) or "" for name in names)

    # An entry of the annex that was put in or taken out gives those below it other numbers: it is known by what it is
    # about, and by its number where an analyst changed that.
    key = _ENTRY if sheet.name == "annex" else sheet.key
    rows = dict(zip(_numbered(sheet.key_of(row, key) for row in sheet.rows), sheet.rows, strict=True))
    back = [*_numbered(texts(line, key) for line in lines)]
    changed = {sheet.key_of(rows[place]): place for place in rows.keys() - {*back}}
    foot = {head_of[name] for name in ("action_id", "considered")} if sheet.name == "overview" else set()
    same_language = title == page.title
    for place, line in zip(back, lines, strict=True):
        found = place if place in rows else changed.get(texts(line, sheet.key), place)
        named, row = " ".join(texts(line, sheet.key)), rows.pop(found, None)
        filled = {head: value for head, value in line.items() if value is not None}
        written = {head: value for head, value in filled.items() if head not in printed}
        if row is not None:
            kept = own.setdefault(sheet.key_of(row), {})
            for head, value in written.items():
                if kept.setdefault(head, value) != value:  # of another row with the same key
                    yield title, named, head, None, as_text(value)
            for column, cell in zip(sheet.columns, row, strict=True) if same_language else ():
                was, now = as_text(cell.value), as_text(line.get(column.head))
                is_total = sheet.name == "session_coverage" and was is None and str(now).startswith("=SUM(")
                if not column.own and column.head in line and was != now and not is_total:
                    yield title, named, column.head, was, now
        elif filled.keys() - foot:  # else it is below the table of the overview: what is due, what the page rests on
            for head, value in written.items():
                yield title, named, head, None, as_text(value)
            if same_language and named.strip():
                yield title, named, "", None, " | ".join(filter(None, map(as_text, filled.values())))
    if same_language and sheet.name != "annex":  # what is gone from the annex is gone from its print too
        for row in rows.values():
            named = " ".join(sheet.key_of(row))
            yield title, named, "", named, None


def _numbered(keys: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Tell apart keys that are equal: the first, the second ..."""
    seen: Counter[tuple[str, ...]] = Counter()
    for key in keys:
        seen[key] += 1
        yield *key, str(seen[key])
