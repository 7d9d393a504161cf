"""Turn blocks into passages: header lines, the quoted proposal, numbered paragraphs, the cells of the annex.

What is broken or odd becomes a finding, and every block a passage. Only a file without words is an error, or one that
lacks a heading that the user named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from cdip_analysis.annex import Headings, annex_passages, columns_of, headings_of, headings_shown
from cdip_analysis.language import LANGUAGES, normalise, number_of
from cdip_analysis.lines import (
    LIST_ITEM,
    LONG,
    SHORT,
    is_page_head,
    item_letter,
    kept,
    match_line,
    odd,
    opening_of,
    passage_of,
    titles_in,
)
from cdip_analysis.model import Block, Finding, Passage, ReportError
from cdip_analysis.numbering import Piece, numbered
from cdip_analysis.raw_tables import raw_tables

_SHOWN = 500  # characters of text left out
_HEADER_LINES = 20  # at most, from the line of the session to the first paragraph


def outline(
    blocks: Sequence[Block], language: str, document: str, columns: Mapping[str, str] | None = None
) -> tuple[tuple[Passage, ...], tuple[Finding, ...]]:
    """Turn blocks into passages, each into at least one, a table row into one for each cell that is not empty.

    Return them with what is odd. `document` is the name to give in errors; `columns` says what the columns of the annex
    are, as in `load_report`. A file without words, or without a heading in `columns`, is a ReportError.
    """
    if not any(map(str.isalpha, "".join(block.text for block in blocks))):
        shown = " / ".join(block.text for block in blocks[:3])[:SHORT]
        found = f"no words in the first lines: {shown!r}" if shown else "no text"
        looked_for = "a report with numbered paragraphs, such as '1. The Committee ...', and an annex table"
        raise ReportError(document, "", found, looked_for, "give the document with its text, not pictures of its pages")
    pieces = numbered(blocks)
    end, findings = _second_document(pieces), list[Finding]()
    headings = headings_of(blocks, language, document, columns)
    split = _annex_from(pieces[:end], headings)
    first = next((n for n, piece in enumerate(pieces) if piece.number is not None), None)
    # Without numbers, the header block ends before a table or a long text.
    body = (n for n, (block, *_) in enumerate(pieces) if block.cells or block.kind or len(block.text) > LONG)
    begin = min(split, min(next(body, len(pieces) - 1), _HEADER_LINES) if first is None else first)
    passages = [passage_of("header", piece) for piece in pieces[:begin]]
    passages += _body(pieces[begin:split], language, findings)
    passages += annex_passages(pieces[split:end], headings, findings)
    if end < len(pieces):
        rest = (block for block in blocks if block.line >= pieces[end].line)
        second = [passage for block in rest for passage in kept(block, "line", "second_document")]
        findings.append(odd("second_document", second[0], at=second[0]))
        passages += second
    at = {line: p for p in reversed(passages) for line in range(p.line, p.last_line + 1)}
    for block in blocks:
        for kind, params in block.odd:
            words = params.get("words", "")  # that a reader left out
            cut = {"words": f"{words[:_SHOWN]} [… {len(words) - _SHOWN} …]"} if len(words) > _SHOWN else {}
            findings.append(Finding(kind, at.get(block.line, passages[-1]), "", {**params, **cut}))
    if first is None:
        findings.append(odd("no_numbers", passages[begin]))
    table_rows = [piece.block for piece in pieces[begin:end] if piece.block.cells]
    findings += _absent(passages, table_rows, language, headings)
    if not any(passage.entry for passage in passages):
        for name, raw in raw_tables(blocks).items():
            if not raw.is_named and len(raw.rows) > 1:
                place = at.get(raw.rows[0].line, passages[-1])
                findings.append(Finding("structure.no_table_header", place, "", {"table": name}))
    return tuple(passages), tuple(findings)


def _absent(passages: Sequence[Passage], rows: Sequence[Block], language: str, headings: Headings) -> Iterator[Finding]:
    """Say what a document does not have; `rows` are of all its tables."""
    last = passages[-1]
    if any(passage.entry for passage in passages):
        if headings.language != language:
            yield odd("annex_language", last, spoken=headings.language, language=language)
    elif rows:
        found = headings_shown(rows) or " | ".join(rows[0].cells)
        yield odd("no_columns_named", last, rows=len(rows), found=found, expected=headings.looked_for)
    else:
        yield odd("no_annex", last)
    if not any(passage.role == "end" for passage in passages):
        yield odd("no_end", last)


def _second_document(pieces: Sequence[Piece]) -> int:
    """Return where a second document begins: paragraph numbers start anew behind the lines of a header block.

    A session alone is no header block: decisions are listed by session, too.
    """
    numbers = [n for n, piece in enumerate(pieces) if piece.number is not None]
    for last, n in pairwise(numbers):
        above = range(max(last + 1, n - _HEADER_LINES), n) if pieces[n].number == 1 else ()
        for language in LANGUAGES if above else ():
            lines = ((i, match_line(pieces[i].block.text, language, "header")) for i in above)
            named = {line.row["field"]: i for i, line in lines if line}
            if "session" in named and len(named) > 1:
                return min(named.values())
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
    said = ((n, match_line(pieces[n].block.text, headings.language, "mark")) for n in range(first, last))
    behind = next((n for n, found in said if found and found.role == "annex"), last)
    return next((n for n in rows if n > behind), len(pieces))


def _body(pieces: Sequence[Piece], language: str, findings: list[Finding]) -> list[Passage]:
    """Read headings, the quoted proposal and numbered paragraphs, up to the annex."""
    has_headings = any(match_line(piece.block.text, language, "heading") for piece in pieces)
    # Documents without the headings of this kind of report have no sections.
    section = "introduction" if has_headings else None
    in_annex = all(piece.number is None for piece in pieces)  # where a line without a number is not odd
    point: int | None = None  # the paragraph of the proposal
    action, expected = 0, 1  # of the actions under it; of the paragraphs
    passages = list[Passage]()
    rest: dict[int, list[Block]] = {}  # further lines of a paragraph, by its place in `passages`
    unfinished: int | None = None  # the place of the paragraph that a line without a number belongs to
    oddities: list[tuple[int, str, str, dict[str, Any]]] = []
    titles = titles_in(pieces)

    def add(kind: str, piece: Piece, **place: Any) -> None:
        nonlocal unfinished
        unfinished = len(passages) if kind == "paragraph" else None
        passages.append(passage_of(kind, piece, **place))

    def tell(kind: str, words: str, **params: Any) -> None:
        oddities.append((len(passages) - 1, kind, words, params))

    for n, piece in enumerate(pieces):
        block, text, number = piece.block, piece.block.text, piece.number
        action_id = f"{point}.{action}" if point and action else None
        if block.kind or block.cells:  # a footnote, a box, a table of the body: no part of the text
            footnote = block.kind == "footnote"
            under = expected - 1 if footnote and expected > 1 else None
            place: dict[str, Any] = {"section": section, "proposal_paragraph": point, "paragraph": under}
            passages += kept(block, "footnote" if footnote else "line", block.kind or "table", **place)
        elif number is not None:
            opening = opening_of(text, language)
            section = "preamble" if section == "proposal" else section
            place = {"section": section, "proposal_paragraph": point, "action_id": action_id}
            if opening == "closing":
                place = {"section": "closing"}
            elif opening and action_id:
                place["section"] = opening
            add("paragraph", piece, paragraph=number, **place)
            if number != expected:
                tell("paragraph_order", text[:60], paragraph=number, expected=expected)
            expected = number + 1
        elif is_page_head(pieces[n : n + 2], language):
            passages += kept(block, "line", "page_head", section=section)
        elif found := match_line(text, language, "heading", "mark", "agenda_heading"):
            match found.role:
                case "annex":
                    section, point, action, expected, in_annex = None, None, 0, 1, True
                case "proposal":
                    number = int(found.fields["number"])  # a page may print it again
                    point, action, section = number, action if number == point else 0, "proposal"
                case "action":
                    action, section = action + 1 if point else 0, "consideration"
                case "consideration" | "follow_up":
                    action, section = action or 1, found.role
            if found.section == "mark":
                add("mark", piece, role=found.role)
                continue
            action_id = f"{point}.{action}" if point and action else None
            add("heading", piece, proposal_paragraph=point, action_id=action_id, role=found.role)
            if found.role == "action" and not point:
                tell("action_of_no_paragraph", text)
            elif found.role == "action" and (count := number_of(found.fields["count"], language)) != action:
                tell("action_order", text, says=count, action=action, paragraph=point)
        elif section == "proposal":
            letter = item_letter(text, language)
            add("proposal", piece, proposal_paragraph=point, item=f"{point}.{letter}" if letter else None)
        elif n in titles:
            add("heading", piece, section=section, proposal_paragraph=point, role="title")
            if has_headings:  # it may be one of those, misspelt
                tell("stray_line", text, at=passages[-1])
        elif unfinished is not None:
            rest.setdefault(unfinished, []).append(block)
        else:
            add("line", piece, section=section, proposal_paragraph=point, action_id=action_id)
            if not in_annex:
                tell("stray_line", text, at=passages[-1])
    torn = list[tuple[Passage, Block]]()
    for n, lines in rest.items():  # items of a list, or lines torn off by a page break
        words = "\n".join([passages[n].text, *(block.text for block in lines)])
        passages[n] = replace(passages[n], text=words, last_line=lines[-1].line)
        torn += [(passages[n], block) for block in lines if not LIST_ITEM.match(normalise(block.text))]
    findings += [odd(kind, passages[n], said, **params) for n, kind, said, params in oddities]
    if torn:
        kind = "line_without_number" if len(torn) == 1 else "lines_without_number"
        among = ", ".join(dict.fromkeys(str(passage.paragraph) for passage, _ in torn))
        findings.append(odd(kind, torn[0][0], torn[0][1].text, at=torn[0][1], lines=len(torn), paragraphs=among))
    return passages
