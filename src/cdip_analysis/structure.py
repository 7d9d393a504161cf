"""Give blocks their meaning: header lines, the quoted proposal, numbered paragraphs, the cells of the annex.

This is the only place where the structure of a document is checked. What is broken raises `ReportError`; what is odd
becomes a finding, and every block becomes a passage, so that nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from string import ascii_lowercase
from typing import Any, NamedTuple, TypeAlias

from cdip_analysis.language import BLANKS, LANGUAGES, Joined, joined, letters, normalise, number_of, plain, rules, table
from cdip_analysis.model import Block, Finding, Passage, ReportError
from cdip_analysis.raw_tables import raw_tables

__all__ = ["Outline", "outline"]

# Of text as written: to normalise every block for its first signs takes four times as long.
_DIGITS = "0-9０-９٠-٩۰-۹"
_NUMBERED = re.compile(rf"([{_DIGITS}]{{1,3}})[ {BLANKS}]*[.．、](?![{_DIGITS}])[ {BLANKS}]*(?=[^ {BLANKS}])")
_Numbers: TypeAlias = Sequence[re.Match[str] | None]  # for each block, the number with which a paragraph begins
_LIST_ITEM = re.compile(r"[-•·*] |\(?[a-z0-9]{1,4}\) ")


class Outline(NamedTuple):
    """The passages of a document in their order, and what is odd in its structure."""

    passages: tuple[Passage, ...]
    findings: tuple[Finding, ...]


def outline(blocks: Sequence[Block], language: str, document: str) -> Outline:
    """Turn blocks into passages.

    Parameters
    ----------
    blocks : sequence of Block
        What a reader gave.
    language : str
        ISO 639-1 code of the language whose headings and marks to look for.
    document : str
        The name to give in errors.

    Returns
    -------
    Outline
        Every block belongs to exactly one passage (a table row to one passage for each cell that is not empty).

    Raises
    ------
    ReportError
        If there is no numbered paragraph, or if entries of the annex stand before any header row.

    Examples
    --------
    >>> text = ["Title", "1. The Committee met.", "[End of document]"]
    >>> [p.kind for p in outline([Block(t, (), n, None) for n, t in enumerate(text, 1)], "en", "x").passages]
    ['header', 'paragraph', 'mark']
    """
    numbers = [None if block.cells else _NUMBERED.match(block.text) for block in blocks]
    numbered = [i for i, number in enumerate(numbers) if number]
    if not numbered:
        raise ReportError(
            document,
            f"lines 1 to {blocks[-1].line}" if blocks else "",
            "no numbered paragraph",
            "paragraphs that begin with a number and a full stop, such as '1. '",
            "give the whole document, with its paragraph numbers in the text",
        )
    first, split = numbered[0], _annex_from(blocks, numbered, language)
    findings: list[Finding] = []
    _one_document(blocks, numbers, document)
    passages = [Passage("header", block.text, *_at(block)) for block in blocks[:first]]
    passages += _body(blocks[first:split], numbers[first:split], language, findings)
    reported = any(passage.kind == "heading" for passage in passages) and bool(rules(language, "annex"))
    passages += _annex(blocks[split:], language, document, findings, reported)
    at = {line: p for p in reversed(passages) for line in range(p.line, p.last_line + 1)}
    for block in blocks:
        findings += [Finding(kind, at.get(block.line, passages[-1]), "", params) for kind, params in block.odd]
    for kind, params in _absent(passages, sum(bool(block.cells) for block in blocks[first:]), language):
        findings.append(Finding(kind, passages[-1], passages[-1].text, params))
    if not any(passage.entry for passage in passages):
        for name, raw in raw_tables(blocks).items():
            if not raw.is_named and len(raw.rows) > 1:
                place = at.get(raw.rows[0].line, passages[-1])
                findings.append(Finding("structure.no_table_header", place, "", {"table": name}))
    return Outline(tuple(passages), tuple(findings))


def _at(block: Block) -> tuple[int, int, int | None, str]:
    return block.line, block.line, block.page, block.unit


def _absent(passages: Sequence[Passage], rows: int, language: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Say what a document does not have; where the wording to know it by is not there, say that and no more.

    `rows` counts the rows of tables behind the header.
    """
    of = {"language": language}
    if not rules(language, "heading"):
        yield "structure.no_words_for_headings", of
    if not any(passage.entry for passage in passages):
        if not rules(language, "annex"):
            yield "structure.no_words_for_annex", {**of, "rows": rows}
        elif rows:
            yield "structure.no_columns_named", {"rows": rows}
        else:
            yield "structure.no_annex", {}
    if not any(rule.row["role"] == "end" for rule in rules(language, "mark")):
        yield "structure.no_words_for_end", of
    elif not any(passage.role == "end" for passage in reversed(passages)):
        yield "structure.no_end", {}


def _annex_from(blocks: Sequence[Block], numbered: Sequence[int], language: str) -> int:
    """Tell where the annex begins: with the table that names its columns, or failing that behind the last paragraph.

    A table that stands between numbered paragraphs is part of the body.
    """
    rows = [i for i in range(numbered[0], len(blocks)) if blocks[i].cells]
    named = next((i for i in rows if _header_columns(blocks[i].cells, language)), None)
    if named is not None:
        while blocks[named - 1].cells:
            named -= 1
        return named
    return next((i for i in rows if i > numbered[-1]), len(blocks))


def _one_document(blocks: Sequence[Block], numbers: _Numbers, document: str) -> None:
    """Refuse two documents in one file: paragraph numbers start anew behind the lines of a header block.

    The second may be in another language. A session alone is no header block: decisions are listed by session, too.
    """
    for (last, _), (i, number) in pairwise((i, number[1]) for i, number in enumerate(numbers) if number):
        if int(number) != 1:
            continue
        above = [b for b in blocks[max(last + 1, i - _HEADER_LINES) : i] if not b.cells and len(b.text) < _SHORT]
        for known in (_whole_lines(language, "header") for language in LANGUAGES):
            named = {found.row["field"]: block for block in above if (found := _match(block.text, known))}
            if "session" in named and len(named) > 1:
                raise ReportError(
                    document,
                    f"line {named['session'].line}",
                    f"a second document: {named['session'].text.strip()!r}, and paragraphs from 1 again",
                    "one document in a file",
                    "give each document in a file of its own",
                )


_SHORT = 80  # signs: a line of a header block or the heading of a column, and no paragraph
_HEADER_LINES = 20  # at most, from the line of the session to the first paragraph


class _Found(NamedTuple):
    """What a whole line was read as: the section of the table of wording, its row, and the fields of the match."""

    section: str
    row: Mapping[str, Any]
    fields: dict[str, str]


def _match(text: str, known: Joined) -> _Found | None:
    """Read a whole line by rows of wording, the first that knows it."""
    match = known.pattern.fullmatch(plain(text)[0])
    if match is None:
        return None
    rule, groups = known.rows[match.lastindex or 0]
    fields = {name: match[group] for name, held in groups.items() for group in held if match[group] is not None}
    return _Found(rule.section, rule.row, fields)


@cache
def _whole_lines(language: str, *sections: str) -> Joined:
    return joined([rule for section in sections for rule in rules(language, section)], " *+", " *+")


def _opening(words: str, language: str) -> str | None:
    pattern, rows = _whole_lines(language, "opening")
    match = pattern.match(plain(words)[0])
    return str(rows[match.lastindex or 0][0].row["section"]) if match else None


def _body(blocks: Sequence[Block], numbers: _Numbers, language: str, findings: list[Finding]) -> list[Passage]:
    """Read headings, the quoted proposal and numbered paragraphs, up to the annex."""
    passages: list[Passage] = []
    headings, known = _whole_lines(language, "heading"), _whole_lines(language, "heading", "mark", "agenda_heading")
    # Documents without the headings of this kind of report have no sections.
    state = "introduction" if any(_match(block.text, headings) for block in blocks) else None
    point: int | None = None  # the paragraph of the proposal
    action = 0  # the action under it, by order
    action_id: str | None = None
    expected = 1
    beside: list[Passage] = []
    rest: dict[int, list[Block]] = {}  # lines that belong to the paragraph with that place in `passages`
    odd: list[tuple[int, str, str, Mapping[str, Any]]] = []
    for block, numbered in zip(blocks, numbers, strict=True):
        text, cells, line, _, kind, *_ = block
        at = _at(block)
        if kind or cells:  # a footnote, a text box, a table of the body: beside the text, no part of it
            number = expected - 1 if kind == "footnote" and expected > 1 else None
            place = (*at, state, point, None, number, None, None, None, kind or "table")
            known_as = "footnote" if kind == "footnote" else "line"
            beside += [Passage(known_as, words, *place) for words in cells or (text,) if words]
        elif numbered:
            number, words = int(numbered[1]), text[numbered.end() :]
            opening = _opening(words, language)
            if opening == "closing":
                passages.append(Passage("paragraph", words, *at, "closing", paragraph=number))
            else:
                state = "preamble" if state == "proposal" else state
                section = "decision" if opening == "decision" and action_id else state
                passages.append(Passage("paragraph", words, *at, section, point, action_id, number))
            if number != expected:
                order = {"paragraph": number, "expected": expected}
                odd.append((len(passages) - 1, words[:60], "structure.paragraph_order", order))
            expected = number + 1
        elif found := _match(text, known):
            role = found.row.get("role", "agenda_item")
            if found.section == "mark":
                passages.append(Passage("mark", text, *at, role=role))
                continue
            if found.section == "agenda_heading":
                passages.append(Passage("heading", text, *at, state, point, role=role))
                continue
            if role == "proposal":
                point, action, state = int(found.fields["number"]), 0, "proposal"
            elif role == "action":
                action, state = action + 1, "consideration"
            else:
                action, state = action or 1, role
            if point is None:
                action = 0
            action_id = f"{point}.{action}" if point and action else None
            passages.append(Passage("heading", text, *at, None, point, action_id, role=role))
            if role == "action" and (count := number_of(found.fields["count"], language)) != action:
                counts: dict[str, Any] = {"says": count, "action": action, "paragraph": point}
                odd.append((len(passages) - 1, text, "structure.action_order", counts))
        elif state == "proposal":
            letter = _item(text, language)
            item = f"{point}.{letter}" if letter else None
            passages.append(Passage("proposal", text, *at, None, point, item=item))
        elif passages and passages[-1].kind == "paragraph":
            rest.setdefault(len(passages) - 1, []).append(block)
            if not _LIST_ITEM.match(normalise(text)):
                rest_of = {"line": line, "paragraph": passages[-1].paragraph}
                odd.append((len(passages) - 1, text, "structure.line_without_number", rest_of))
        else:
            passages.append(Passage("line", text, *at, state, point, action_id))
            odd.append((len(passages) - 1, text, "structure.stray_line", {"line": line}))
    for n, lines in rest.items():
        passages[n] = _joined(passages[n], lines)
    findings += [Finding(kind, passages[n], words, params) for n, words, kind, params in odd]
    return sorted([*passages, *beside], key=lambda passage: passage.line) if beside else passages


def _item(text: str, language: str) -> str | None:
    """Read the letter of an item of a list, by the order of the language's letters.

    >>> [_item(text, "ru") for text in ("- a. a seminar", "- б) семинар", "семинар")]
    ['a', 'b', None]
    """
    pattern, known = _lettered(language)
    match = pattern.match(normalise(text))
    return known[match[1]] if match else None


@cache
def _lettered(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    own = table(language).get("letters", ())
    known = {sign: letter for letter, signs in zip(ascii_lowercase, own, strict=False) for sign in signs.split("|")}
    known |= {letter: letter for letter in ascii_lowercase}
    return re.compile(rf"(?:[-•·*] *)?\(?({'|'.join(known)})[.)] "), known


def _joined(passage: Passage, lines: Sequence[Block]) -> Passage:
    """Add list items, or lines torn off by a page break, to the paragraph to which they belong."""
    return replace(passage, text="\n".join([passage.text, *(line.text for line in lines)]), last_line=lines[-1].line)


def _annex(
    blocks: Sequence[Block], language: str, document: str, findings: list[Finding], reported: bool
) -> Iterator[Passage]:
    """Read the rows of the annex: titles, header rows, section rows, entries; and the end mark.

    `reported` tells that the body has the headings of a report of this kind, and that the words for the columns of an
    annex are known: its annex must name them.
    """
    lines = _whole_lines(language, "mark", "heading")
    rows = [block.cells or (block.text,) for block in blocks]
    headers = [_header_columns(cells, language) for cells in rows]
    # A title is what stands alone in a row above a header row; the same words again are the title again.
    titles = {cells[0] for cells, below in zip(rows, headers[1:], strict=False) if below and not any(cells[1:])}
    columns: list[str] = []
    point: int | None = None
    action, wording, entry = 0, "", 0
    for block, cells, header in zip(blocks, rows, headers, strict=True):
        line, at = block.line, _at(block)
        alone = cells[0] if not any(cells[1:]) else ""
        found = _match(alone, lines) if alone else None
        if block.kind:
            kind = "footnote" if block.kind == "footnote" else "line"
            yield Passage(kind, alone, *at, role=block.kind)
        elif found and found.section == "mark":
            yield Passage("mark", alone, *at, role=found.row["role"])
        elif header:
            known = {rule.row["column"]: rule.row["example"] for rule in rules(language, "annex")}
            lacking = [] if columns else [known[column] for column in known if column not in header]
            columns = header
            for cell, column in zip(cells, columns, strict=True):
                if not cell:
                    continue
                heading = Passage("heading", cell, *at, role="annex_header", column=column)
                yield heading
                if column == "extra":
                    findings.append(Finding("structure.unknown_column", heading, cell))
            for name in lacking:
                findings.append(Finding("structure.no_column", heading, heading.text, {"column": name}))
        elif found and found.row["role"] == "proposal":
            point, action, wording = int(found.fields["number"]), 0, ""
            yield Passage("heading", alone, *at, None, point, role="annex_section")
        elif alone in titles or (alone and block.cells and not columns):
            yield Passage("heading", alone, *at, role="annex_title")
        elif not block.cells:
            stray = Passage("line", alone, *at)
            yield stray
            findings.append(Finding("structure.stray_line_of_annex", stray, alone, {"line": line}))
        elif not columns and not reported:  # a table of another kind of document
            for cell in filter(None, cells):
                yield Passage("line", cell, *at, role="table")
        elif not columns:
            expected = ", ".join(f"{rule.row['column']} ({rule.row['example']})" for rule in rules(language, "annex"))
            raise ReportError(
                document,
                f"line {line}",
                f"an annex row before any header row: {' | '.join(cells)[:120]}",
                f"a header row that names the columns: {expected}",
                "add the header row above the first entry",
            )
        else:
            entry += 1
            text = cells[columns.index("action")] if "action" in columns[: len(cells)] else ""
            if text and (wanted := letters(text)) != wording:  # the same, maybe typed otherwise, are one action
                action, wording = action + 1, wanted
            action_id = f"{point}.{action}" if point and action else None
            names = [*columns, *["extra"] * (len(cells) - len(columns))]
            made = [
                Passage("cell", cell, *at, None, point, action_id, None, entry, column)
                for cell, column in zip(cells, names, strict=False)
                if cell
            ]
            yield from made
            if len(cells) != len(columns):
                counts = {"line": line, "cells": len(cells), "columns": len(columns)}
                findings.append(Finding("structure.number_of_cells", made[0], made[0].text, counts))
            if action_id is None and "action" in columns:
                findings.append(Finding("structure.entry_of_no_action", made[0], made[0].text, {"entry": entry}))


def _header_columns(cells: Sequence[str], language: str) -> list[str]:
    """Name the columns of a row if most of its cells are the headings of an annex; else give none."""
    filled = len(cells) - cells.count("")
    if len(cells) < 2 or not filled:
        return []
    known, columns, others = _whole_lines(language, "annex"), [], 0
    for cell in cells:
        match = _match(cell, known) if 0 < len(cell) < _SHORT else None
        columns.append(match.row["column"] if match else "extra")
        others += not match and cell != ""
        if others * 2 >= filled:  # most rows are none: two cells tell it
            return []
    return columns
