"""Load a report: read and outline; header, citations and tables are made when they are first asked for."""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from cdip_analysis.data import SHIPPED, edition_status, shipped_name
from cdip_analysis.find import Unread, cite_passage, unread
from cdip_analysis.header import read_header, supplied
from cdip_analysis.language import plain
from cdip_analysis.model import Citation, Finding, Header, Passage, Row
from cdip_analysis.read import read
from cdip_analysis.resolve import resolve
from cdip_analysis.structure import outline

if TYPE_CHECKING:
    import pandas as pd

    from cdip_analysis.judgements import Judgements
    from cdip_analysis.provenance import Evidence

__all__ = ["Report", "load_report"]


_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def _collecting_later(make: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Let Python's collector of cycles wait while records are made.

    Records form no cycles (what a parser of PDF leaves behind is collected afterwards), and each time that many have
    been made it would walk through all that there are: a sixth of the time for a text of 2 MB.
    """

    @wraps(make)
    def made(*args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        collecting = gc.isenabled()
        gc.disable()
        try:
            return make(*args, **kwargs)
        finally:
            if collecting:
                gc.enable()

    return made


@dataclass(frozen=True, eq=False)
class Report:
    """A report as read: its passages, the citations in them, and its tables as attributes.

    ``report.annex``, ``report.citations`` and so on are DataFrames, made when first asked for; ``report.tables`` is a
    dict of all of them. `supplied` holds what the user said of the document; it is never mixed with what was read.
    """

    name: str
    sha256: str
    language: str
    passages: tuple[Passage, ...]
    oddities: tuple[Finding, ...]
    supplied: dict[str, Any]
    judgements: Path | None = None
    _rows: dict[str, list[Row]] = field(default_factory=dict, repr=False)
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        """Tell the document in one line."""
        session = f"CDIP/{self.header.session}" if self.header.session else "session unknown"
        status = f" ({self.edition})" if self.edition else ""
        return f"<Report {self.name}: {session}, {self.language}{status}, {len(self.cited)} citations>"

    @cached_property
    def header(self) -> Header:
        """What the block before the first paragraph says of the document."""
        return read_header("\n".join(p.text for p in self.passages if p.kind == "header"), self.language)

    @cached_property
    def cited(self) -> tuple[Citation, ...]:
        """The citations, in document order, each with what context says of it."""
        return tuple(resolve((p, self._pointing_elsewhere(p)) for p in self.passages))

    @cached_property
    def missed(self) -> tuple[Unread, ...]:
        """What looked like a citation and was not understood."""
        return tuple(
            hit
            for p in self.passages
            for hit in unread(p, self._written(p) if p.kind == "header" else self.citations_in(p), self.language)
        )

    def _written(self, passage: Passage) -> list[Citation]:
        """Find the citations in a passage as written."""
        return cite_passage(passage, self.language, self.header.body or "CDIP")

    def _pointing_elsewhere(self, passage: Passage) -> list[Citation]:
        """Leave out what is no citation: a header line that names the document itself, or its session."""
        written = self._written(passage)
        if passage.kind != "header":
            return written
        own = str(self.header.symbol).split(" ")[0]
        return [
            c
            for c in written
            if not (c.kind == "document" and str(c.symbol).split(" ")[0] == own)
            and not (c.kind == "session" and c.session == self.header.session)
        ]

    @cached_property
    def edition(self) -> str | None:
        """What is known of a shipped edition, such as that it is a working translation; None for other documents.

        An edition is known by its bytes, and in another file, such as a .docx of it, by the letters of its text.
        """
        numbered = (p for p in self.passages if p.kind in ("paragraph", "proposal", "cell"))
        texts = (f"{p.paragraph or ''} {plain(p.text)[0]}" for p in numbered)
        return edition_status(self.sha256, texts)

    @cached_property
    def beside(self) -> Report | None:
        """Another edition of the same document: beside the shipped Chinese one the shipped English translation."""
        shipped = self.shipped_as is not None and self.language == "zh"
        return load_report(SHIPPED["en"]) if shipped else None

    @property
    def shipped_as(self) -> str | None:
        """The name under which this document is shipped, in whatever format it was read; None for another document."""
        return shipped_name(self.edition, self.language)

    @cached_property
    def judged(self) -> Judgements | None:
        """What a person judged of this document, checked against it; None where there is no such file."""
        from cdip_analysis.judgements import judgements_of

        return judgements_of(self, self.judgements)

    def sentence(self, lang: str = "en") -> str:
        """Return the sentence in front of everything: how many actions were answered, and how; empty if not judged."""
        from cdip_analysis.overview import sentence

        return sentence(self, self.rows("overview"), self.rows("commitments"), lang)

    def why(self, thing: str, column: str) -> Evidence:
        """Return the words that a value rests on, by a name that a person knows.

        Parameters
        ----------
        thing : str
            An action (``"1.3"``), an entry of the annex (``"entry 13"``), a row of `commitments`
            (``"commitment 18a"``), a paragraph (``"paragraph 17"``), or a session of the coverage (``"CDIP/22"``, with
            an action as column).
        column : str
            A column of a table that has a row for it.

        Raises
        ------
        KeyError
            If no table has a row for it with such a column; the message lists the columns.

        Examples
        --------
        >>> found = load_report().why("1.3", "due_session")
        >>> found.value, [words.passage.where for words in found.spans]
        (25, ['paragraph 20', 'paragraph 21', 'paragraph 21'])
        """
        from cdip_analysis.provenance import why

        return why(self, thing, column)

    def _repr_html_(self) -> str:
        from cdip_analysis.display import report_card

        return report_card(self)

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Make a table when it is first asked for."""
        from cdip_analysis import schema

        if name == "session_coverage":
            from cdip_analysis.analyses import session_coverage

            return session_coverage(self)
        if name.startswith("_") or name not in schema.tables():
            raise AttributeError(f"a report has no {name!r}; its tables are {', '.join(schema.tables())}")
        return self.frame(name)

    def __dir__(self) -> list[str]:
        """List the tables too, for tab completion."""
        from cdip_analysis import schema

        return [*super().__dir__(), *schema.tables(), "session_coverage"]

    @property
    @_collecting_later
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, each a DataFrame with the columns and types that data/datapackage.json declares."""
        from cdip_analysis import schema

        names = schema.table_names()
        # From the last: it rests on the rows of others, which are made once if they are there when their turn comes.
        made = {name: self.frame(name) for name in reversed(names)}
        return {name: made[name] for name in names}

    @_collecting_later
    def frame(self, name: str) -> pd.DataFrame:
        """Give a table or an analysis by its declared name: made once, so what is written into it stays with you."""
        if name not in self._frames:
            from cdip_analysis.tables import frame

            kept = name in self._rows
            self._frames[name] = frame(self, name)
            if not kept:  # they take as much room as the tables; whoever asks for the words has them made again
                del self._rows[name]
        given = self._frames[name].copy(deep=False)  # pandas copies what is written to, and only then
        given.attrs = self._told
        return given

    @cached_property
    def _told(self) -> dict[Hashable, Any]:
        """What a table made from this report tells of it in its `attrs`, for the captions and labels of figures."""
        actions = {p.action_id: p.text for p in reversed(self.passages) if p.kind == "cell" and p.column == "action"}
        return {
            "document": self.name,
            "session": self.header.session,
            "working_translation": self.is_working_translation,
            "actions": actions,
        }

    @property
    def is_working_translation(self) -> bool:
        """Whether this is the shipped English text, which is a working translation and not WIPO's edition."""
        return "working translation" in (self.edition or "")

    @_collecting_later
    def rows(self, name: str) -> Sequence[Row]:
        """Give the rows of a table or an analysis before pandas, with the words that each value came from."""
        if name not in self._rows:
            from cdip_analysis import analyses, findings, tables
            from cdip_analysis.overview import commitment_rows, overview_rows
            from cdip_analysis.reading import MAKERS as OF_READING

            judged: dict[str, Callable[[Report], Iterable[Row]]] = {
                "commitments": lambda report: commitment_rows(report, report.rows("annex"), report.judged),
                "overview": lambda report: overview_rows(
                    report.rows("actions"), report.rows("annex"), report.rows("commitments"), report.judged
                ),
            }
            makers = {**tables.MAKERS, **findings.MAKERS, **analyses.MAKERS, **judged, **OF_READING}
            self._rows[name] = list(makers[name](self))
        return self._rows[name]

    def citations_in(self, passage: Passage | None) -> list[Citation]:
        """List the citations that stand in a passage."""
        return self._by_passage.get(id(passage), [])

    @cached_property
    def _by_passage(self) -> dict[int, list[Citation]]:
        found: dict[int, list[Citation]] = {}
        for citation in self.cited:
            found.setdefault(id(citation.passage), []).append(citation)
        return found

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what can be made again: its keys hold in this process only."""
        return {name: {} if name[0] == "_" else self.__dict__[name] for name in self.__dataclass_fields__}


@_collecting_later
def load_report(
    source: str | Path | bytes | None = None,
    *,
    language: str | None = None,
    judgements: str | Path | None = None,
    **facts: Any,
) -> Report:
    """Load a report.

    Parameters
    ----------
    source : str, Path or bytes, optional
        A path, or the bytes of a file; None for the shipped report to CDIP/24 on technical assistance: the Chinese
        edition, or with ``language="en"`` the working translation.
    language : str, optional
        ISO 639-1 code; detected where it is not given.
    judgements : str or Path, optional
        A file of judgements (``cdip judge`` writes one to fill in). None stands for the shipped one of the shipped
        document; another document then has none.
    **facts
        What you know of the document and it does not say, such as ``symbol="CDIP/30/5"``; any field of `Header`.
        Kept apart, in ``report.supplied``. What the document says holds: a fact that contradicts it is a finding.

    Returns
    -------
    Report
        Its tables are attributes, such as ``report.annex``.

    Raises
    ------
    ReportError
        If the document cannot be read as a report: the message names document, place, what was found, what was
        expected and what to do.
    TypeError
        If a fact is no field of `Header`, or is not of its type.
    ValueError
        If it is of its type and can be no such fact: a symbol that is none, session 0, dates out of order.

    Examples
    --------
    >>> report = load_report()
    >>> report
    <Report cdip-24-technical-assistance.zh.txt: CDIP/24, zh (as obtained), 119 citations>
    >>> report.annex[["entry", "action_id", "session", "first_paragraph", "last_paragraph"]].head(2)
       entry action_id  session  first_paragraph  last_paragraph
    0      1       1.1       21               98             112
    1      2       1.2       19               37              61
    """
    known = supplied(facts) if facts else {}
    read_source = read(source, language)
    spoken = read_source.language
    passages, oddities = outline(read_source.blocks, spoken, read_source.name)
    report = Report(
        read_source.name,
        read_source.sha256,
        spoken,
        passages,
        oddities,
        supplied=known,
        judgements=Path(judgements) if judgements else None,
    )
    if judgements:
        _ = report.judged  # what is wrong in a file that somebody wrote is said at once
    return report
