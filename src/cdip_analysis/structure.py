"""Give blocks their meaning: header lines, the quoted proposal, numbered paragraphs, the cells of the annex.

This is the only place where the structure of a document is checked. What is broken or odd becomes a finding, and every
block becomes a passage, so that nothing is lost. Only a file without words is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from cdip_analysis.annex import Headings, annex_passages, columns_of, headings_of, headings_shown
from cdip_analysis.language import LANGUAGES, normalise, number_of, rules
from cdip_analysis.lines import SHORT, item_letter, kept, match_line, opening_of, passage_of, whole_lines
from cdip_analysis.model import Block, Finding, Passage, ReportError
from cdip_analysis.numbering import Piece, numbered
from cdip_analysis.raw_tables import raw_tables

__all__ = ["Outline", "outline"]

_LIST_ITEM = re.compile(r"[-•·*] |\(?[a-z0-9]{1,4}\) ")
_SHOWN = 500  # characters of text left out
_LONG = 150  # characters: no line of a header block
_HEADER_LINES = 20  # at most, from the line of the session to the first paragraph


class Outline(NamedTuple):
    """The passages of a document in their order, and what is odd in its structure."""

    passages: tuple[Passage, ...]
    findings: tuple[Finding, ...]


def outline(blocks: Sequence[Block], language: str, document: str, columns: Mapping[str, str] | None = None) -> Outline:
    """Turn blocks into passages.

    Parameters
    ----------
    blocks : sequence of Block
        What a reader gave.
    language : str
        ISO 639-1 code of the language whose headings and marks to look for.
    document : str
        The name to give in errors.
    columns : mapping of str to str, optional
        What the columns of the annex are, by their headings, if these are not known: ``{"Measure": "action"}``. Case
        and blanks make no difference.

    Returns
    -------
    Outline
        Every block belongs to at least one passage (a table row to one passage for each cell that is not empty).

    Raises
    ------
    ReportError
        If the file has no words, or the annex has none of the headings in `columns`.

    Examples
    --------
    >>> text = ["Title", "1. The Committee met.", "[End of document]"]
    >>> [p.kind for p in outline([Block(t, (), n, None) for n, t in enumerate(text, 1)], "en", "x").passages]
    ['header', 'paragraph', 'mark']
    """
    if not any(map(str.isalpha, "".join(block.text for block in blocks))):
        shown = " / ".join(block.text for block in blocks[:3])[:SHORT]
        found = f"no words in the first lines: {shown!r}" if shown else "no text"
        looked_for = "a report with numbered paragraphs, such as '1. The Committee ...', and an annex table"
        raise ReportError(document, "", found, looked_for, "give the document with its text, not pictures of its pages")
    pieces = numbered(blocks)
    first = next((n for n, piece in enumerate(pieces) if piece.number is not None), None)
    end, findings = _second_document(pieces), list[Finding]()
    headings = headings_of(blocks, language, document, columns)
    split = _annex_from(pieces[:end], headings)
    begin = min(split, _header_end(pieces) if first is None else first)
    passages = [passage_of("header", piece) for piece in pieces[:begin]]
    passages += _body(pieces[begin:split], language, findings)
    passages += annex_passages(pieces[split:end], headings, findings)
    if end < len(pieces):
        start = next(n for n, block in enumerate(blocks) if block.line == pieces[end].line)
        passages += [p for block in blocks[start:] for p in kept(block, "line", "second_document")]
    at = {line: p for p in reversed(passages) for line in range(p.line, p.last_line + 1)}
    for block in blocks:
        place = at.get(block.line, passages[-1])
        findings += [Finding(kind, place, "", {**params, **_shown(params)}) for kind, params in block.odd]
    if end < len(pieces):
        second = at[pieces[end].line]
        findings.append(Finding("structure.second_document", second, second.text, {"at": second}))
    if first is None:
        findings.append(Finding("structure.no_numbers", passages[begin], passages[begin].text))
    table_rows = [piece.block for piece in pieces[begin:end] if piece.block.cells]
    for kind, params in _absent(passages, table_rows, language, headings):
        findings.append(Finding(kind, passages[-1], passages[-1].text, params))
    if not any(passage.entry for passage in passages):
        for name, raw in raw_tables(blocks).items():
            if not raw.is_named and len(raw.rows) > 1:
                place = at.get(raw.rows[0].line, passages[-1])
                findings.append(Finding("structure.no_table_header", place, "", {"table": name}))
    return Outline(tuple(passages), tuple(findings))


def _shown(params: Mapping[str, Any]) -> dict[str, str]:
    """Return the words that a reader left out as a finding shows them: the first of many."""
    words = params.get("words", "")
    more = len(words) - _SHOWN
    return {"words": f"{words[:_SHOWN]} [… {more} …]"} if more > 0 else {}


def _absent(
    passages: Sequence[Passage], rows: Sequence[Block], language: str, headings: Headings
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Say what a document does not have; where the wording to know it by is not there, say that and no more.

    `rows` are the rows of tables behind the header.
    """
    of = {"language": language}
    if not rules(language, "heading"):
        yield "structure.no_words_for_headings", of
    if any(passage.entry for passage in passages):
        if headings.language != language:
            yield "structure.annex_language", {"spoken": headings.language, **of}
    elif not rules(language, "annex"):
        yield "structure.no_words_for_annex", {**of, "rows": len(rows)}
    elif rows:
        shown = {"rows": len(rows), "found": headings_shown(rows) or " | ".join(rows[0].cells)}
        yield "structure.no_columns_named", {**shown, "expected": headings.looked_for}
    else:
        yield "structure.no_annex", {}
    if not any(rule.row["role"] == "end" for rule in rules(language, "mark")):
        yield "structure.no_words_for_end", of
    elif not any(passage.role == "end" for passage in reversed(passages)):
        yield "structure.no_end", {}


# ---- where the parts begin -------------------------------------------------------------------------------------------


def _header_end(pieces: Sequence[Piece]) -> int:
    """Return where the header block of a document without numbers ends: before a table or a long text."""
    body = (n for n, (block, *_) in enumerate(pieces) if block.cells or block.kind or len(block.text) > _LONG)
    return min(next(body, len(pieces) - 1), _HEADER_LINES)


def _second_document(pieces: Sequence[Piece]) -> int:
    """Return where a second document begins: paragraph numbers start anew behind the lines of a header block.

    It may be in another language. A session alone is no header block: decisions are listed by session, too.
    """
    last = -1
    for n, piece in enumerate(pieces):
        if piece.number is None:
            continue
        if piece.number == 1 and last >= 0:
            above = range(max(last + 1, n - _HEADER_LINES), n)
            short = [i for i in above if not pieces[i].block.cells and len(pieces[i].block.text) < SHORT]
            for known in (whole_lines(language, "header") for language in LANGUAGES):
                named = {found.row["field"]: i for i in short if (found := match_line(pieces[i].block.text, known))}
                if "session" in named and len(named) > 1:
                    return min(named.values())
        last = n
    return len(pieces)


def _annex_from(pieces: Sequence[Piece], headings: Headings) -> int:
    """Return where the annex begins: with the table that names its columns, or else behind the last paragraph.

    A table that stands between numbered paragraphs is part of the body, unless a line that says ANNEX is above it.
    """
    numbers = [n for n, piece in enumerate(pieces) if piece.number is not None]
    first, last = (numbers[0], numbers[-1]) if numbers else (0, -1)
    rows = [n for n in range(first, len(pieces)) if pieces[n].block.cells]
    named = next((n for n in rows if columns_of(pieces[n].block.cells, headings)), None)
    if named is not None:
        while named and pieces[named - 1].block.cells:
            named -= 1
        return named
    marks = whole_lines(headings.language, "mark")
    said = ((n, match_line(pieces[n].block.text, marks)) for n in range(first, last))
    behind = next((n for n, found in said if found and found.role == "annex"), last)
    return next((n for n in rows if n > behind), len(pieces))


# ---- the body --------------------------------------------------------------------------------------------------------


def _body(pieces: Sequence[Piece], language: str, findings: list[Finding]) -> list[Passage]:
    """Read headings, the quoted proposal and numbered paragraphs, up to the annex."""
    passages: list[Passage] = []
    beside: list[Passage] = []  # footnotes, text boxes, tables of the body: no part of the text
    rest: dict[int, list[Block]] = {}  # lines that belong to the paragraph with that place in `passages`
    odd: list[tuple[int, str, str, Mapping[str, Any]]] = []
    headings, known = whole_lines(language, "heading"), whole_lines(language, "heading", "mark", "agenda_heading")
    # Documents without the headings of this kind of report have no sections.
    section = "introduction" if any(match_line(piece.block.text, headings) for piece in pieces) else None
    point: int | None = None  # the paragraph of the proposal
    action = 0  # the action under it, by order
    action_id: str | None = None
    expected, in_annex = 1, not any(piece.number is not None for piece in pieces)  # where a line without number is none
    for piece in pieces:
        (block, number, _), text = piece, piece.block.text
        found = None if number is not None else match_line(text, known)
        if block.kind or block.cells:
            under = expected - 1 if block.kind == "footnote" and expected > 1 else None
            place = {"section": section, "proposal_paragraph": point, "paragraph": under}
            beside += kept(block, "footnote" if block.kind == "footnote" else "line", block.kind or "table", **place)
        elif number is not None:
            opening = opening_of(text, language)
            if opening == "closing":
                passages.append(passage_of("paragraph", piece, section="closing", paragraph=number))
            else:
                section = "preamble" if section == "proposal" else section
                within = "decision" if opening == "decision" and action_id else section
                place = {"section": within, "proposal_paragraph": point, "action_id": action_id, "paragraph": number}
                passages.append(passage_of("paragraph", piece, **place))
            if number != expected:
                order = {"paragraph": number, "expected": expected}
                odd.append((len(passages) - 1, text[:60], "structure.paragraph_order", order))
            expected = number + 1
        elif found and found.section == "mark":
            passages.append(passage_of("mark", piece, role=found.role))
            if found.role == "annex":
                section, point, action, action_id, expected, in_annex = None, None, 0, None, 1, True
        elif found and found.section == "agenda_heading":
            passages.append(passage_of("heading", piece, section=section, proposal_paragraph=point, role=found.role))
        elif found:
            if found.role == "proposal":
                point, action, section = int(found.fields["number"]), 0, "proposal"
            elif found.role == "action":
                action, section = action + 1, "consideration"
            else:
                action, section = action or 1, found.role
            action = action if point is not None else 0
            action_id = f"{point}.{action}" if point and action else None
            place = {"proposal_paragraph": point, "action_id": action_id, "role": found.role}
            passages.append(passage_of("heading", piece, **place))
            if found.role == "action" and (count := number_of(found.fields["count"], language)) != action:
                counts: dict[str, Any] = {"says": count, "action": action, "paragraph": point}
                odd.append((len(passages) - 1, text, "structure.action_order", counts))
        elif section == "proposal":
            letter = item_letter(text, language)
            item = f"{point}.{letter}" if letter else None
            passages.append(passage_of("proposal", piece, proposal_paragraph=point, item=item))
        elif passages and passages[-1].kind == "paragraph":
            rest.setdefault(len(passages) - 1, []).append(block)
            if not _LIST_ITEM.match(normalise(text)):
                rest_of = {"at": block, "paragraph": passages[-1].paragraph}
                odd.append((len(passages) - 1, text, "structure.line_without_number", rest_of))
        else:
            passages.append(passage_of("line", piece, section=section, proposal_paragraph=point, action_id=action_id))
            if not in_annex:
                odd.append((len(passages) - 1, text, "structure.stray_line", {"at": passages[-1]}))
    for n, lines in rest.items():  # list items, or lines torn off by a page break
        words = "\n".join([passages[n].text, *(block.text for block in lines)])
        passages[n] = replace(passages[n], text=words, last_line=lines[-1].line)
    findings += [Finding(kind, passages[n], words, params) for n, words, kind, params in odd]
    return sorted([*passages, *beside], key=lambda passage: passage.line) if beside else passages
