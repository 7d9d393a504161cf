"""The records that pass between the steps: flat, frozen, free of formats and of pandas."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

Thing = TypeVar("Thing")
Key = TypeVar("Key", bound=Hashable)


class ReportError(ValueError):
    """A document that cannot be read as what it should be: which, where, what was found, expected, and what to do.

    Examples
    --------
    >>> from cdip_analysis import ReportError
    >>> print(ReportError("r.txt", "line 3", "an annex row", "a header row before it", "add the header row"))
    r.txt, line 3: an annex row; expected a header row before it. Add the header row.
    """

    def __init__(self, document: str, place: str, found: str, expected: str, remedy: str) -> None:
        super().__init__(document, place, found, expected, remedy)
        self.document, self.place, self.found, self.expected, self.remedy = document, place, found, expected, remedy

    def __str__(self) -> str:
        """Write one readable sentence."""
        where = ", ".join(part for part in (self.document, self.place) if part)
        return f"{where}: {self.found}; expected {self.expected}. {self.remedy[:1].upper()}{self.remedy[1:]}."

    def _render_traceback_(self) -> list[str]:
        """Show that sentence in a notebook, and no traceback."""
        return [str(self)]


class Block(NamedTuple):
    """What a reader gives the outline: one paragraph (`cells` empty) or one table row; no meaning yet.

    `kind` is "footnote" or "box" (a text box) for what is beside the text; `odd` are findings of the reader, by kind
    and parameters. Rows of one table share its number `table`, from 1; `heading` is a row that the file marks as
    repeated on each page. `unit` says what `line` counts: lines of a text, blocks of a Word file (block) or PDF (page).
    """

    text: str
    cells: tuple[str, ...]
    line: int
    page: int | None = None
    kind: str = ""
    odd: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    table: int | None = None
    heading: bool = False
    unit: str = "line"


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """Addressable text: a numbered paragraph, a line of the proposal, an annex cell, a heading, a header line.

    `kind` is one of header, paragraph, proposal, heading, cell, footnote, mark, line (a line that fits nowhere; never
    dropped). `line` and `last_line`, from 1, say where in the source it stands, in the `unit` of its `Block`. A passage
    is equal to itself only, and can be the key of a dict: two paragraphs may hold the same words.

    Examples
    --------
    >>> from cdip_analysis import load_report
    >>> next(passage.where for passage in load_report().passages if passage.paragraph)
    'paragraph 1'
    """

    kind: str
    text: str
    line: int
    last_line: int
    page: int | None = None
    unit: str = "line"
    section: str | None = None
    proposal_paragraph: int | None = None
    action_id: str | None = None
    paragraph: int | None = None
    entry: int | None = None
    column: str | None = None
    item: str | None = None
    role: str | None = None

    @property
    def place(self) -> dict[str, Any]:
        """The place, None where it does not apply."""
        return {name: getattr(self, name) for name in ("proposal_paragraph", "paragraph", "entry", "column")}

    @property
    def position(self) -> str:
        """Where a person finds it in the file: a line of a text, a paragraph or row of a Word file, a page of a PDF."""
        number = self.page if self.unit == "page" else self.line
        return f"{'paragraph or row' if self.unit == 'block' else self.unit} {number}"

    @property
    def where(self) -> str:
        """The place in words, such as ``paragraph 17``."""
        if self.paragraph is not None:
            return f"paragraph {self.paragraph}"
        if self.entry is not None:
            return f"annex, entry {self.entry}, {self.column}"
        if self.kind == "proposal":
            return f"proposal, paragraph {self.proposal_paragraph}"
        return self.position if self.kind == "line" else f"{self.kind}, {self.position}"


# Body, session and the rest of a canonical symbol; `CDIP/8/INF/1`, `CDIP/23/17 Prov.`, `WO/GA/39/7`.
_TARGET = re.compile(
    r"(?P<head>\?(?= )|[A-Z]+(?:/[^ /]+)+(?: (?:Prov|Rev|Add|Corr)\.\d*)*)"
    r"(?:(?P<report> report)?(?: (?P<first>\d+)(?:-(?P<last>\d+))?)?"
    r"|(?P<summary> summary)(?: appendix (?P<appendix>[IVXLC]+))?(?: (?P<item>\S+))?)"
)
# No session but documents: PCT/AI/22 (instructions), PCT/GL/ISPE/1 (guidelines), GRATK/DC/7 (a conference),
# WIPO/EDS/INF/1, PLT/CE/V/4.
_SESSION = re.compile(r"(?P<body>[A-Z]+(?:/(?!(?:AI|DC|GL|INF|PM|RES|SS|[IVX]+)/)[A-Z-]+)*)/(?P<session>\d+)")


@dataclass(frozen=True, slots=True, eq=False)
class Citation:
    """A place in a passage that points at a document, a range of paragraphs, a Chair's summary or a session.

    Two citations are equal when they are of one kind and have one target, whatever their text, place and rule.

    Examples
    --------
    >>> from cdip_analysis import Citation
    >>> citation = Citation("paragraphs", session=21, first=98, last=112)
    >>> str(citation), Citation.parse("CDIP/21 report 98-112") == citation
    ('CDIP/21 report 98-112', True)
    """

    kind: str
    body: str = "CDIP"
    symbol: str | None = None
    session: int | None = None
    first: int | None = None
    last: int | None = None
    item: str | None = None
    appendix: str | None = None
    text: str = ""
    start: int = 0
    end: int = 0
    resolved: str = "stated"
    rule: str = ""
    passage: Passage | None = field(default=None, repr=False)
    language: str = ""

    def __str__(self) -> str:
        """Write the canonical string, which `Citation.parse` reads back."""
        meeting = f"{self.body}/{self.session}" if self.session is not None else self.symbol or "?"
        if self.kind == "document":
            return str(self.symbol)
        if self.kind == "session":
            return meeting
        if self.kind == "summary":
            appendix = f" appendix {self.appendix}" if self.appendix else ""
            return f"{meeting} summary{appendix}{f' {self.item}' if self.item else ''}"
        # "paragraph 14": of what, the phrase does not say
        of_session = self.session is not None or (self.symbol is None and self.body)
        numbers = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{meeting}{' report' if of_session else ''} {numbers}"

    def __eq__(self, other: object) -> bool:
        """Compare kind and target only."""
        return isinstance(other, Citation) and (self.kind, str(self)) == (other.kind, str(other))

    def __hash__(self) -> int:
        """Hash kind and target only."""
        return hash((self.kind, str(self)))

    @classmethod
    def parse(cls, target: str) -> Citation:
        """Read back what `str(citation)` wrote, without text or place; a string of another form is a ValueError."""
        match = _TARGET.fullmatch(target)
        meeting = _SESSION.fullmatch(match["head"]) if match else None
        unknown = match is not None and match["head"] == "?"
        if match is None or (match["report"] and not (match["first"] and (meeting or unknown))):
            raise ValueError(f"{target!r} is no canonical citation, such as 'CDIP/21/4' or 'CDIP/21 report 98-112'")
        symbol = None if meeting or unknown else match["head"]
        body = meeting["body"] if meeting else body_of(symbol) if symbol else "CDIP"
        session = int(meeting["session"]) if meeting else None
        found = cls("session", body, symbol, session, resolved="unresolved" if unknown else "stated")
        if match["summary"]:
            return replace(found, kind="summary", item=match["item"], appendix=match["appendix"])
        if first := match["first"]:
            of_what = "" if unknown and not match["report"] else body
            return replace(found, kind="paragraphs", body=of_what, first=int(first), last=int(match["last"] or first))
        return replace(found, kind="document", session=session_of(symbol)) if symbol else found


def body_of(symbol: str) -> str:
    """Return the body of a canonical symbol: WO/GA of WO/GA/39/7, CDIP of CDIP/8/INF/1."""
    letters = re.match(r"[A-Z]+(?:/(?!INF/|SS/)[A-Z-]+)*(?=/)", symbol)
    return letters[0] if letters else symbol


def session_of(symbol: str) -> int | None:
    """Return the session in a canonical symbol: 8 of CDIP/8/INF/1, None of PCT/AI/22."""
    match = re.match(r"[A-Z]+(?:/(?!SS/)[A-Z-]+)*/(\d+)(?:BIS)?/", symbol)
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class Header:
    """What the block before the first paragraph says of the document; None where it does not say it."""

    symbol: str | None = None
    draft: bool | None = None
    draft_number: int | None = None
    revision: int | None = None
    original_language: str | None = None
    date: dt.date | None = None
    body: str | None = None
    committee: str | None = None
    session: int | None = None
    start_date: dt.date | None = None
    end_date: dt.date | None = None
    place: str | None = None
    title: str | None = None
    prepared_by: str | None = None
    language: str | None = None
    supplied_body: str | None = None

    @property
    def own_body(self) -> str:
        """The body whose sessions the tables count: printed, or else as the user said, or else the CDIP."""
        return self.body or self.supplied_body or "CDIP"

    def meeting(self, session: int | None) -> str:
        """Name a session of that body, such as CDIP/24."""
        return f"{self.own_body}/{'?' if session is None else session}"


class Finding(NamedTuple):
    """A slip or a disagreement in the source: reported, never corrected in silence.

    `kind` is that of the table, or that and a name, such as ``structure.no_annex``. Its sentence is made at the end:
    the row ``finding.<kind>`` of data/reference/labels.csv, filled with `params`.
    """

    kind: str
    passage: Passage
    text: str
    params: Mapping[str, Any] = {}


class Span(NamedTuple):
    """Words of a passage, `passage.text[start:end]`, and the rule that read them, or why none did."""

    passage: Passage
    start: int
    end: int
    rule: str

    @property
    def text(self) -> str:
        """The words themselves."""
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True, eq=False)
class Document:
    """A document as read: what every table is made from.

    `supplied` is what the user said of it, never mixed with what was read; `oddities` are the findings about its
    structure, `table_rows` the rows of all its tables as read.
    """

    name: str
    sha256: str
    language: str
    passages: tuple[Passage, ...]
    header: Header
    supplied: Mapping[str, Any]
    citations: tuple[Citation, ...]
    unread: tuple[Span, ...]
    oddities: tuple[Finding, ...]
    table_rows: tuple[Block, ...] = ()

    def citations_in(self, passage: Passage | None) -> Sequence[Citation]:
        """List the citations in a passage, in order."""
        return self._by_passage.get(passage, ())

    def first_in(self, passage: Passage | None, kind: str) -> Citation | None:
        """Return the first citation of a kind in a passage."""
        return next((c for c in self.citations_in(passage) if c.kind == kind), None)

    @cached_property
    def _by_passage(self) -> dict[Passage | None, list[Citation]]:
        return grouped(self.citations, lambda citation: citation.passage)

    @property
    def session(self) -> int | None:
        """The session to which the document is submitted: as its header says, or else as the user said."""
        printed = self.header.session
        return printed if printed is not None else self.supplied.get("session", session_of(self.symbol or ""))

    @property
    def symbol(self) -> str | None:
        """Its symbol, printed or supplied."""
        return self.header.symbol or self.supplied.get("symbol")


def whole(passage: Passage, rule: str = "as printed") -> list[Span]:
    """Return all the words of a passage."""
    return [Span(passage, 0, len(passage.text), rule)]


def span(citation: Citation | None) -> list[Span]:
    """Return the words of a citation that was found in a passage."""
    if citation is None or citation.passage is None:
        return []
    return [Span(citation.passage, citation.start, citation.end, citation.rule)]


def grouped(things: Iterable[Thing], key: Callable[[Thing], Key]) -> dict[Key, list[Thing]]:
    """Return things in groups, each in their order."""
    found: dict[Key, list[Thing]] = {}
    for thing in things:
        found.setdefault(key(thing), []).append(thing)
    return found


def by_action(rows: Iterable[Row]) -> dict[str | None, list[Row]]:
    """Return the rows of a table by the action that each is on."""
    return grouped(rows, lambda row: row.values["action_id"])


def natural_key(action_id: str) -> list[int]:
    """Sort 1.10 after 1.9."""
    return [int(number) for number in re.findall("[0-9]+", action_id)]


class Row(NamedTuple):
    """One row of a table before pandas: its values, and by column the words that they came from and a note on them.

    ``sources[None]`` holds for every column that is not named.
    """

    values: Mapping[str, Any]
    sources: Mapping[str | None, Sequence[Span]]
    notes: Mapping[str, str] = {}


def traced(
    values: Mapping[str, Any],
    words: Sequence[Span],
    named: Mapping[str, Sequence[Span]] = {},
    notes: Mapping[str, str] = {},
) -> Row:
    """Return a row: a column without words of its own in `named` rests on those of the row."""
    return Row(values, {None: words, **{column: own for column, own in named.items() if own}}, notes)
