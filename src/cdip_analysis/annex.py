"""The annex: by what headings its columns are known, and its rows as passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from cdip_analysis.language import LANGUAGES, letters, plain
from cdip_analysis.lines import SHORT, kept, match_line, odd, passage_of
from cdip_analysis.model import Block, Finding, Passage, ReportError
from cdip_analysis.numbering import Piece
from cdip_analysis.raw_tables import raw_tables
from cdip_analysis.wording import rules

#: What a column of an annex may be.
ANNEX_COLUMNS = ("action", "implementation", "consideration", "chair_summary")


class Headings(NamedTuple):
    """By what headings the columns of the annex are known: of which language, and those that the user gave."""

    language: str
    given: Mapping[str, str]

    @property
    def looked_for(self) -> str:
        """The headings in words, with what each column is."""
        return ", ".join(f"{rule.row['example']} ({rule.row['column']})" for rule in rules(self.language, "annex"))


def headings_of(blocks: Sequence[Block], language: str, document: str, columns: Mapping[str, str] | None) -> Headings:
    """Choose by which headings to know the annex: those given, and those of a language in which a row names columns."""
    columns = columns or {}
    rows = [block.cells for block in blocks if block.cells]
    there = {letters(cell) for row in rows for cell in row} if columns else set()
    for heading, column in columns.items():
        if column not in ANNEX_COLUMNS:
            raise ValueError(f"columns: {heading!r} is given as {column!r}; it can be {', '.join(ANNEX_COLUMNS)}")
        first = next(name for name, other in columns.items() if other == column)
        if first != heading:
            raise ValueError(f"columns: {first!r} and {heading!r} are both given as {column!r}; give one of them")
        if letters(heading) not in there - {""}:
            found = f"no column {heading!r}; the headings are {headings_shown(blocks) or 'not known'}"
            raise ReportError(document, "columns", found, "a heading of a table", "give it as the table has it")
    given = {letters(heading): column for heading, column in columns.items()}
    for spoken in (language, *(other for other in LANGUAGES if other != language and not given)):
        headings = Headings(spoken, given)
        if any(columns_of(row, headings) for row in rows):
            return headings
    return Headings(language, given)


def headings_shown(blocks: Sequence[Block]) -> str:
    """Return the headings of the tables, for people."""
    named = [raw for raw in raw_tables(blocks).values() if raw.is_named]
    return "; ".join(" | ".join(raw.columns) for raw in named[:3])


def columns_of(cells: Sequence[str], headings: Headings) -> list[str]:
    """Name the columns of a row if most of its cells are the headings of an annex, or one was given; else give none."""
    given = headings.given
    by_user = [given.get(letters(cell)) if given and len(cell) < SHORT else None for cell in cells]
    columns = [own or _column(cell, headings.language) or "extra" for own, cell in zip(by_user, cells, strict=True)]
    columns = [c if c not in columns[:n] else "extra" for n, c in enumerate(columns)]  # the second of a name
    filled = [column for column, cell in zip(columns, cells, strict=True) if cell]
    is_header = any(by_user) or filled.count("extra") * 2 < len(filled)
    return columns if len(cells) > 1 and is_header else []


@lru_cache(maxsize=4096)  # each row is looked at several times
def _column(cell: str, language: str) -> str | None:
    """Name the column of a heading. Blanks within do not count: a narrow column breaks words (IMPLEMENTATI ON)."""
    if not 0 < len(cell) < SHORT:
        return None
    found = match_line(cell, language, "annex") or match_line(plain(cell)[0].replace(" ", ""), language, "annex")
    return str(found.row["column"]) if found else None


def annex_passages(pieces: Sequence[Piece], headings: Headings, findings: list[Finding]) -> Iterator[Passage]:
    """Read the rows of the annex: titles, header rows, section rows, entries; and the end mark."""
    rows = [piece.block.cells or (piece.block.text,) for piece in pieces]
    named = [columns_of(cells, headings) for cells in rows]
    # A title is what stands alone in a row above a header row; the same words again are the title again.
    above = (cells for cells, below in zip(rows, named[1:], strict=False) if below)
    titles = {letters(cells[0]) for cells in above if cells[0] and not any(cells[1:])}
    alone = ["" if any(cells[1:]) else cells[0] for cells in rows]
    found_in = [match_line(text, headings.language, "mark", "heading") if text else None for text in alone]
    has_sections = any(found and found.role == "proposal" for found in found_in)
    columns: list[str] = []
    point: int | None = None
    action, wording, entry = 0, "", 0
    unread: list[Passage] = []  # rows of tables that are no annex
    table: int | None = None
    seen: set[str] = set()  # headings that are not known
    for piece, cells, header, text, found in zip(pieces, rows, named, alone, found_in, strict=True):
        block = piece.block
        if block.cells and block.table != table:
            table = block.table
            columns = columns if len(cells) == len(columns) else []  # another table
        if block.kind:
            yield from kept(block, "footnote" if block.kind == "footnote" else "line", block.kind)
        elif piece.number is not None:
            yield passage_of("paragraph", piece, paragraph=piece.number)
        elif found and found.section == "mark":
            yield passage_of("mark", piece, role=found.role)
            columns = [] if found.role == "annex" else columns
        elif header:
            made = kept(block, "heading", "annex_header", header)
            yield from made
            unknown = {letters(heading.text): heading for heading in made if heading.column == "extra"}
            new = (unknown[name] for name in unknown if name not in seen)  # a table has them again on each page
            findings += (odd("unknown_column", p, heading=p.text, expected=headings.looked_for) for p in new)
            seen |= {*unknown}
            if not columns and not headings.given:
                lacking = (rule.row for rule in rules(headings.language, "annex") if rule.row["column"] not in header)
                findings += (odd("no_column", made[-1], column=row["example"]) for row in lacking)
            columns = header
        elif found and found.role == "proposal":
            if (number := int(found.fields["number"])) != point:  # a page may print it again
                point, action, wording = number, 0, ""
            yield from kept(block, "heading", "annex_section", proposal_paragraph=point)
        elif text and (letters(text) in titles or (block.cells and not columns)):
            yield from kept(block, "heading", "annex_title")
        elif not block.cells:
            yield (stray := passage_of("line", piece))
            findings.append(odd("stray_line", stray, at=stray))
        elif not columns:
            row = kept(block, "line", "table")
            unread.append(row[0])
            yield from row
        else:
            entry += 1
            words = cells[columns.index("action")] if "action" in columns[: len(cells)] else ""
            if words and letters(words) != wording:  # the same, maybe typed otherwise, are one action
                action, wording = action + 1, letters(words)
            belongs = action and (point or not has_sections)
            action_id = (f"{point}.{action}" if point else f"{action}") if belongs else None
            names = [*columns, *["extra"] * (len(cells) - len(columns))]
            made = kept(block, "cell", None, names, proposal_paragraph=point, action_id=action_id, entry=entry)
            yield from made
            if len(cells) != len(columns):
                findings.append(odd("number_of_cells", made[0], at=made[0], cells=len(cells), columns=len(columns)))
            if "action" in columns and (action_id is None if has_sections else entry == 1):
                findings.append(odd("entry_of_no_action" if has_sections else "no_sections", made[0], entry=entry))
    if unread and entry:
        findings.append(odd("rows_without_columns", unread[0], rows=len(unread), at=unread[0]))
