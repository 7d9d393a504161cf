"""A report: a document and its tables, and the questions that a report answers."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from cdip_analysis.analyses import agenda_rows, coverage, reading_rows, status_rows, timeline_rows
from cdip_analysis.context import cite_document
from cdip_analysis.data import Edition, edition_of, editions_of, shipped_path
from cdip_analysis.decisions import decision_rows, follow_up_rows
from cdip_analysis.display import card, understood
from cdip_analysis.findings import find, finding_rows
from cdip_analysis.header import read_header, supplied
from cdip_analysis.judgements import Judgements, judgements_of
from cdip_analysis.labels import edition_label
from cdip_analysis.language import LANGUAGES, plain
from cdip_analysis.model import Document, Finding, Header, Passage, ReportError, Row, body_of
from cdip_analysis.overview import commitment_rows, overview_rows, sentence
from cdip_analysis.provenance import NAMED, Evidence, evidence_of_value, with_beside
from cdip_analysis.raw_tables import raw_tables
from cdip_analysis.read import read
from cdip_analysis.schema import Table, build, rows_beside, table_names, tables
from cdip_analysis.structure import outline
from cdip_analysis.tables import (
    action_rows,
    annex_rows,
    citation_rows,
    document_rows,
    passage_rows,
    session_rows,
    unread_rows,
)


def build_tables(document: Document, judged: Judgements | None = None, lang: str = "en") -> dict[str, list[Row]]:
    """Make all tables and analyses of a document, each from what it rests on; `lang` is what this package speaks."""
    of_paragraph = ("paragraph", "section", "proposal_paragraph", "action_id", "text", "source_page", "source_line")
    annex = annex_rows(document)
    actions = action_rows(document, annex)
    decisions = decision_rows(document, judged)
    follow_ups = follow_up_rows(document)
    commitments = commitment_rows(document, annex, judged)
    return {
        "overview": overview_rows(document.header.own_body, actions, annex, follow_ups, commitments, judged),
        "annex": annex,
        "proposal": passage_rows(document, "proposal", "proposal_paragraph", "item", "text", "source_line"),
        "actions": actions,
        "paragraphs": passage_rows(document, "paragraph", *of_paragraph),
        "citations": citation_rows(document),
        "decisions": decisions,
        "follow_ups": follow_ups,
        "documents": document_rows(document, annex),
        "sessions": session_rows(document),
        "unread": unread_rows(document),
        "findings": finding_rows(find(document, annex, decisions, judged), lang),
        "timeline": timeline_rows(document, annex, decisions, follow_ups, commitments, lang),
        "follow_up_status": status_rows(document, annex, actions, follow_ups, lang=lang),
        "commitments": commitments,
        "reading_list": reading_rows(document),
        "agenda": agenda_rows(document, commitments, lang=lang),
    }


class _Frame:
    """A table or an analysis as an attribute of its name: a new DataFrame each time that it is asked for."""

    def __init__(self, description: str) -> None:
        self.__doc__ = description

    def __set_name__(self, owner: type[Report], name: str) -> None:
        self.name = name

    def __get__(self, report: Report | None, owner: type[Report]) -> pd.DataFrame:
        # Of the class, `Report.annex` is this object with its words; for mypy it is a DataFrame, as of every report.
        return report.frame(self.name) if report else self  # type: ignore[return-value]


@dataclass(frozen=True, eq=False)
class Report:
    """A document and its tables: ``report.annex``, ``report.timeline`` and so on are DataFrames.

    Attributes
    ----------
    document : Document
        Passages, citations and header, as read.
    rows : dict of str to list of Row
        The rows of each table before pandas, with the words that each value came from.
    judged : Judgements, optional
        What a person judged of the document; None where there is no such file.
    shipped : Edition, optional
        The shipped edition that the document is, in whatever format it was read; None for another document.
    beside : Report, optional
        Another edition of the document: each column of words is followed by its words, such as ``action_en``.
    """

    document: Document
    rows: Mapping[str, list[Row]]
    judged: Judgements | None = None
    shipped: Edition | None = None
    beside: Report | None = None

    overview = _Frame("The actions at a glance: per action what was asked, what was handed over, and its state.")
    annex = _Frame("The entries of the annex: their texts and what they cite.")
    proposal = _Frame("The proposal as quoted, by line.")
    actions = _Frame("The actions, with what annex and body count for each.")
    paragraphs = _Frame("The body, by numbered paragraph.")
    citations = _Frame("The places that point at a document, a range of paragraphs, a summary or a session.")
    decisions = _Frame("What was decided, by paragraph of a Chair's summary.")
    follow_ups = _Frame("What follows, by paragraph that says so.")
    documents = _Frame("The documents cited, by symbol.")
    sessions = _Frame("The sessions named or within the mandate.")
    unread = _Frame("What looked like a reference and was not understood, by place.")
    findings = _Frame("Slips, disagreements and open questions of the source.")
    timeline = _Frame("What happened: events by date.")
    follow_up_status = _Frame("What follows of each action, seen from the report's own session.")
    commitments = _Frame("What was asked or promised and what came of it, by thing.")
    reading_list = _Frame("What to read: ranges of reports of sessions.")
    agenda = _Frame("What is due or open, of all sessions, by commitment.")

    def __repr__(self) -> str:
        """Return one line about the document."""
        number = self.document.session
        session = self.header.meeting(number) if number else "session unknown"
        status = f" ({edition})" if (edition := self.edition_in("en")) else ""
        return f"<Report {self.name}: {session}, {self.language}{status}, {len(self.document.citations)} citations>"

    def _repr_html_(self) -> str:
        counts = {name: len(self.rows[name]) for name in table_names()}
        return card("report", self, understood(self.document, self.rows), counts)

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.document.name

    @property
    def sha256(self) -> str:
        """The SHA-256 hash of its bytes."""
        return self.document.sha256

    @property
    def language(self) -> str:
        """Its language, an ISO 639-1 code."""
        return self.document.language

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Its passages, in order."""
        return self.document.passages

    @property
    def header(self) -> Header:
        """What the block before the first paragraph says of the document."""
        return self.document.header

    @property
    def supplied(self) -> Mapping[str, Any]:
        """What the user said of the document; it is never mixed with what was read."""
        return self.document.supplied

    def edition_in(self, lang: str) -> str | None:
        """Return what is known of a shipped edition, such as that it is a working translation; None for others."""
        return edition_label(self.shipped, self.sha256, lang) if self.shipped else None

    @property
    def is_working_translation(self) -> bool:
        """Whether this is the shipped English text, which is a working translation and not WIPO's edition."""
        return "working translation" in (self.edition_in("en") or "")

    def sentence(self, lang: str = "en") -> str:
        """Return the sentence in front of everything: how many actions were answered, and how; empty if not judged."""
        return sentence(self.document, self.rows["overview"], self.rows["commitments"], lang)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, without the analyses."""
        return {name: self.frame(name) for name in table_names()}

    @property
    def session_coverage(self) -> pd.DataFrame:
        """Paragraphs of session reports: one row per action, one column per session, and totals."""
        return coverage(self.document, self.rows["annex"], self.rows["actions"])

    @property
    def raw_tables(self) -> dict[str, pd.DataFrame]:
        """Every table of the document as text, by name (``raw_1`` ...), with the page and the place of each row."""
        return {name: table.frame() for name, table in raw_tables(self.document.table_rows).items()}

    @property
    def other_tables(self) -> dict[str, pd.DataFrame]:
        """The raw tables of a document without a known annex, or with columns in it that no other table holds."""
        whole = self.rows["annex"] and not any(p.column == "extra" for p in self.passages)
        return {} if whole else self.raw_tables

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table or an analysis as a new DataFrame, as data/datapackage.json declares it."""
        table, rows = self.rows_of(name)
        return build(table, [row.values for row in rows], self.name)

    def rows_in(self, lang: str) -> Mapping[str, list[Row]]:
        """Return the rows of all tables with what this package says in a language of the readers, ``en`` or ``zh``."""
        return self.rows if lang == "en" else build_tables(self.document, self.judged, lang)

    def rows_of(
        self, name: str, rows: Sequence[Row] | None = None, beside: Sequence[Row] | None = None
    ) -> tuple[Table, list[Row]]:
        """Return the declaration of a table and its rows, with the words of the edition beside.

        `rows` and `beside` are other rows than the report's own, such as those seen from another session.
        """
        if name not in self.rows:
            raise KeyError(f"there is no table {name!r}; there are {', '.join(self.rows)}")
        table, rows = tables()[name], self.rows[name] if rows is None else rows
        if self.beside:
            other = self.beside.rows[name] if beside is None else beside
            return rows_beside(table, rows, other, self.beside.language)
        return table, list(rows)

    def words_behind(
        self, table: Table, label: Hashable, column: str, row: Row, cited: Document | None = None
    ) -> Evidence:
        """Return the words behind a value of one row, which are here, in the edition beside, or in what is cited."""
        document, annex = cited or self.document, self.rows["annex"]
        if self.beside and not cited and column not in [c.name for c in tables().get(table.name, table).columns]:
            document, annex = self.beside.document, self.beside.rows["annex"]
        shown = evidence_of_value(document, annex, table.name, label, table.column(column), row)
        if document is not self.document:
            return shown._replace(document=document.name)
        return with_beside(shown, document, self.beside.document if self.beside else None)

    def why(self, thing: str, column: str) -> Evidence:
        """Return the words that a value rests on, by a name that a person knows.

        Parameters
        ----------
        thing : str
            An action (``"1.3"``), an entry of the annex (``"entry 13"``), a row of `commitments`
            (``"commitment 18a"``), or a paragraph (``"paragraph 17"``).
        column : str
            A column of a table that has a row for it; for another the KeyError lists those that there are.

        Examples
        --------
        >>> found = load_report().why("1.3", "due_session")
        >>> found.value, sorted({words.passage.where for words in found.spans})
        (25, ['paragraph 20', 'paragraph 21'])
        """
        kind, _, name = thing.rpartition(" ")
        columns: dict[str, Any] = {}
        for table, (word, key) in NAMED.items():
            declared, rows = self.rows_of(table)
            for label, row in enumerate(rows):
                if (word, str(row.values[key])) == (kind or "action", name):
                    if column in row.values:
                        return self.words_behind(declared, label, column, row)
                    columns |= row.values
        if columns:
            raise KeyError(f"{thing} has no {column!r}; it has {', '.join(columns)}")
        known = "an action such as '1.3', 'entry 13', 'commitment 18a' or 'paragraph 17'"
        raise KeyError(f"{self.name} has no {thing!r}; ask for {known}")


def load_report(
    source: str | Path | bytes | None = None,
    *,
    language: str | None = None,
    beside: str | Path | Report | Literal[False] | None = None,
    judgements: str | Path | Literal[False] | None = None,
    columns: Mapping[str, str] | None = None,
    limits: bool = True,
    **facts: Any,
) -> Report:
    """Load a report; its tables are attributes, such as ``report.annex``.

    Parameters
    ----------
    source : str, Path or bytes, optional
        A path, the bytes of a file, or the name of a shipped document, such as ``cdip-24-technical-assistance``. None
        or ``zh`` means the shipped report to CDIP/24 in Chinese, ``en`` its working translation.
    language : str, optional
        ISO 639-1 code; of a shipped document the edition, else detected where it is not given.
    beside : str, Path, Report or False, optional
        Another edition of the document: a path, the language of a shipped edition, or a report. None means the shipped
        English translation beside the shipped Chinese edition, False none.
    judgements : str, Path or False, optional
        A file of judgements (``cdip judge`` writes one to fill in). None means that of a shipped document, False none.
    columns : mapping of str to str, optional
        What the columns of the annex are, by headings that are not known: ``{"Measure": "action"}``. A column is an
        action, implementation, consideration or chair_summary.
    limits : bool
        Refuse a file of more than 200 MB, and one that takes far more time or memory than a document of its size. False
        for a file that you trust.
    **facts
        What you know of the document and it does not say, such as ``symbol="CDIP/30/5"``; any field of `Header`.
        Kept apart, in ``report.supplied``. What the document says holds: a fact that contradicts it is a finding.

    Raises
    ------
    ReportError
        If the document cannot be read, or lacks a heading in `columns`.
    TypeError, ValueError
        If a fact is no field of `Header`, not of its type, or no such fact (session 0); if `columns` names what is no
        column, or one twice.

    Examples
    --------
    >>> from cdip_analysis import Report, load_report
    >>> load_report()
    <Report cdip-24-technical-assistance.zh.txt: CDIP/24, zh (as obtained), 119 citations>
    """
    known = supplied(facts)
    if source is None or (isinstance(source, str) and not Path(source).is_file()):
        source = shipped_path(source, language) or source or ""
    file = read(source, language, limits=limits)
    passages, oddities = outline(file.blocks, file.language, file.name, columns)
    header = read_header("\n".join(p.text for p in passages if p.kind == "header"), file.language)
    symbol = known.get("symbol")
    if header.body is None and (body := known.get("body") or (symbol and body_of(symbol))):
        header = replace(header, supplied_body=body)
    cited = cite_document(passages, header, file.language)  # citations, and what was not read
    rows = tuple(block for block in file.blocks if block.table)
    document = Document(file.name, file.sha256, file.language, passages, header, known, *cited, oddities, rows)
    shipped = edition_of(file.sha256, hash_of_letters(document))
    judged = None
    if judgements is not False:
        try:
            judged = judgements_of(document, judgements, shipped.document if shipped else None)
        except ReportError as error:
            if judgements is not None:
                raise
            # Nobody asked for the file: a copy of the shipped document was read otherwise than the shipped one.
            left_out = Finding("structure.judgements_left_out", passages[0], "", {"reason": error})
            document = replace(document, oddities=(*oddities, left_out))
    other = _edition_beside(beside, document, shipped, limits)
    return Report(document, build_tables(document, judged), judged, shipped, other)


def hash_of_letters(document: Document) -> str:
    """Return the hash of the letters of a document, by which an edition is known in a file of another format."""
    found = hashlib.sha256()
    for p in document.passages:
        if p.kind in ("paragraph", "proposal", "cell"):
            found.update("".join(filter(str.isalnum, f"{p.paragraph or ''} {plain(p.text)[0]}")).encode())
    return found.hexdigest()


def _edition_beside(
    beside: str | Path | Report | Literal[False] | None, document: Document, shipped: Edition | None, limits: bool
) -> Report | None:
    """Return the edition beside, which must have the same paragraphs and entries in another language."""
    if beside is None and shipped and document.language == "zh" and "en" in editions_of(shipped.document):
        beside = "en"
    if beside is None or beside is False:
        return None
    if shipped and beside in LANGUAGES:
        beside = shipped_path(shipped.document, str(beside))
    other = beside if isinstance(beside, Report) else load_report(beside, beside=False, limits=limits)
    if other.language == document.language:
        found = f"an edition in {other.language}, as {document.name} is"
        raise ReportError(other.name, "", found, "one in another language", "give language= if it was detected wrongly")
    there, here = (
        f"{len({p.paragraph for p in passages if p.kind == 'paragraph'})} paragraphs and "
        f"{len({p.entry for p in passages} - {None})} entries"
        for passages in (other.passages, document.passages)
    )
    if there != here:
        expected = f"those of {document.name}: {here}"
        raise ReportError(other.name, "", there, expected, "give another edition of the same document as beside=")
    return other
