"""What an analyst asks of a report: when, in which sessions, what follows, what to read, what is due, and the words."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from numbers import Integral
from pathlib import Path
from typing import Any

import pandas as pd

from cdip_analysis.analyses import agenda_rows, coverage, reading_rows, status_rows
from cdip_analysis.language import normalise
from cdip_analysis.library import OF_THE_CITED, cited_rows, speaker_rows
from cdip_analysis.model import Document, Row, Span
from cdip_analysis.provenance import Evidence, Hits, evidence_of_coverage, same_place, with_beside
from cdip_analysis.report import Report, load_report
from cdip_analysis.schema import Table, build, tables


def timeline(report: Report) -> pd.DataFrame:
    """List what happened, one row per event, by date; columns as declared.

    Dates are those of the session unless the document names a day; undated rows come last.

    Examples
    --------
    >>> from cdip_analysis import load_report, timeline
    >>> timeline(load_report())["event"].value_counts(sort=False).to_dict()
    {'mandate': 1, 'document': 9, 'event': 1, 'consideration': 16, 'decision': 15, 'planned': 2}
    """
    return report.timeline


def session_coverage(report: Report, values: str = "report_paragraphs") -> pd.DataFrame:
    """Count what each session did on each action, with totals; a session not held yet is ``<NA>``.

    The sessions are those of the mandate; without one, from the first to the last that considered anything. Where no
    entry of the annex has a session, every number is ``<NA>``.

    Parameters
    ----------
    values : {"report_paragraphs", "entries", "documents", "decisions"}
        Paragraphs of session reports (by the ranges of the annex, both ends), entries of the annex, documents
        presented, or paragraphs of the Chair's summary; anything else is a ValueError.

    Examples
    --------
    >>> from cdip_analysis import load_report, session_coverage
    >>> session_coverage(load_report()).loc["total"].to_dict()
    {19: 44, 20: 21, 21: 45, 22: 73, 23: 23, 24: None, 'total': 206}
    """
    return coverage(report.document, report.rows["annex"], report.rows["actions"], values)


def follow_up_status(report: Report, as_of: int | None = None) -> pd.DataFrame:
    """Return what follows of each action, seen from a session.

    One row per action, columns as declared. What rests on dates that no document states is empty.

    Parameters
    ----------
    as_of : int, optional
        Number of that session, or ValueError; by default the report's own. Seen from an earlier one, what was
        considered later does not count, and this report had not said yet what follows.

    Examples
    --------
    >>> from cdip_analysis import follow_up_status, load_report
    >>> follow_up_status(load_report())["status"].value_counts(sort=False).to_dict()
    {'none_expected': 1, 'scheduled': 1, 'continuing': 7, 'unclear': 0}
    """
    return report.follow_up_status if as_of is None else _frame(report, "follow_up_status", as_of=as_of)


def commitments(report: Report) -> pd.DataFrame:
    """List what was asked, decided, suggested, promised or announced, and what came of it, as a person judged it.

    One row per thing, by its number; columns as declared. Without a file of judgements the rows are the sentences that
    ask or promise, by the verbs of the vocabulary, and ``outcome`` is empty.

    Examples
    --------
    >>> from cdip_analysis import commitments, load_report
    >>> found = commitments(load_report())
    >>> found["outcome"].value_counts(sort=False).loc[["delivered", "partly", "on_trial", "due"]].to_dict()
    {'delivered': 15, 'partly': 4, 'on_trial': 3, 'due': 4}
    """
    return report.commitments


def reading_list(report: Report, action: str | None = None) -> pd.DataFrame:
    """List what to read on an action, such as ``"1.3"``, or on all: ranges of session reports, joined where they touch.

    One row per range, by session and first paragraph; columns as declared. An action that the report does not have is a
    ValueError.

    Examples
    --------
    >>> from cdip_analysis import load_report, reading_list
    >>> reading_list(load_report(), "6.1")[["report", "first_paragraph", "last_paragraph", "paragraphs"]]
           report  first_paragraph  last_paragraph  paragraphs
    0  CDIP/19/12              350             364          15
    1  CDIP/21/15              368             370           3
    """
    return report.reading_list if action is None else _frame(report, "reading_list", action=action)


def known_action(report: Report, action: str) -> str:
    """Return an action if the report has it, or say which it has."""
    there = [row.values["action_id"] for row in report.rows["actions"]]
    if action not in there:
        raise ValueError(f"{report.name} has no action {action!r}; it has {', '.join(there) or 'none'}")
    return action


def agenda(report: Report, session: int) -> pd.DataFrame:
    """List what is due at a session, what was due before it and left no trace, and what has no date.

    Rows of `commitments`, by `number`; columns as declared. `when` is ``due`` (at this session, even if it came since),
    ``earlier`` or ``undated`` (both only what is open). A session that the report does not name is a ValueError.

    Examples
    --------
    >>> from cdip_analysis import agenda, load_report
    >>> due = agenda(load_report(), 25)
    >>> due.loc[due["when"] == "due", ["number", "place"]].values.tolist()
    [['13', '20'], ['14', '21'], ['15', '21']]
    """
    return _frame(report, "agenda", session=session)


def speakers(report: Report) -> pd.DataFrame:
    r"""List the paragraphs that open with who speaks; of others nothing is guessed.

    Columns as data/library.json declares them; speaker and on_behalf_of as printed.

    Examples
    --------
    >>> from cdip_analysis import load_report, speakers
    >>> text = "1. The Delegation of Chile, speaking on behalf of GRULAC, thanked the Chair.\n2. It was so decided."
    >>> speakers(load_report(text.encode())).iloc[0].to_dict()
    {'paragraph': 1, 'role': 'delegation', 'speaker': 'Chile', 'on_behalf_of': 'GRULAC', 'source_line': 1}
    """
    return _frame(report, "speakers")


def cited_passages(report: Report, library: Iterable[Report | str | Path]) -> pd.DataFrame:
    """Return the words of the cited paragraphs beside a report's citations, as far as the documents are at hand.

    One row for each cited paragraph, in the order of the citations; `note` says what is not at hand. Columns as
    data/library.json declares them.

    Parameters
    ----------
    library : iterable of Report or path
        The documents at hand. A document is known by its symbol, printed or given to `load_report`; a session's report
        also by its title and session. A draft and the adopted report are taken for each other, and a note says so.

    Examples
    --------
    >>> from cdip_analysis import cited_passages, load_report
    >>> found = cited_passages(load_report(), [])
    >>> len(found), found["note"].iloc[0]
    (31, 'not at hand: the report of CDIP/21, which is CDIP/21/15')
    """
    return _frame(report, "cited_passages", library=library)


def find_text(report: Report, words: str, *, beside: Report | None = None) -> Hits:
    """Find words in a report; full-width and half-width, upper-case and lower-case characters count as one.

    Hits are in document order and show themselves in context.

    Parameters
    ----------
    words : str
        What to look for; nothing but blanks is a ValueError.
    beside : Report, optional
        Another edition of the document: the passage at the same place is beside each hit.

    Examples
    --------
    >>> from cdip_analysis import find_text, load_report
    >>> find_text(load_report(), "人员能力建设")
    1 hit
    paragraph 50: 策和立法建议、知识产权局的业务解决方案和>>人员能力建设<<等信息。利用网页可与技术援助联络点进行联
    """
    if not words.strip():
        raise ValueError("find_text() needs words to look for")
    wanted = re.compile(re.escape(normalise(words)), re.IGNORECASE)
    found = ((p, match.span()) for p in report.passages for match in wanted.finditer(normalise(p.text)))
    hits = Hits(Span(passage, *place, "") for passage, place in found)
    hits.beside = same_place(report.document, beside.document) if beside else {}
    hits.language = report.language
    return hits


def evidence(report: Report, table: str, row: Hashable, column: Hashable, **asked: Any) -> Evidence:
    """Show the words that a value came from; of a count of nothing, the words that were looked through.

    Parameters
    ----------
    table : str
        Name of a table or analysis, such as ``annex``, ``timeline`` or ``session_coverage``.
    row, column : Hashable
        The labels in that DataFrame: rows are counted from 0; those of the coverage are an action and a session, or
        ``total``. What is not there is a KeyError.
    **asked
        What else the analysis was asked, by the name that its function has for it, such as ``session`` of `agenda`;
        what it does not take is a TypeError.

    Examples
    --------
    >>> from cdip_analysis import evidence, load_report
    >>> print(evidence(load_report(), "annex", 11, "report"))
    annex, entry 12, report = CDIP/20/13 (printed)
    annex, entry 12, consideration (line 221), rule: report of a session, paragraphs
        >>CDIP 第二十届会议报告第 224 至 232 段 (CDIP20/13)<<
        en: Report of the twentieth session of the CDIP, paragraphs 224 to 232 (CDIP20/13)
    CDIP/20/13: https://www.wipo.int/edocs/mdocs/mdocs/zh/cdip_20/cdip_20_13.pdf
    """
    if table == "session_coverage":
        given = report.document, report.rows["annex"], report.rows["actions"], session_coverage(report, **asked)
        shown = evidence_of_coverage(*given, row, column, asked.get("values", "report_paragraphs"))
        return with_beside(shown, report.document, report.beside.document if report.beside else None)
    declared, rows, cited = _rows_of(report, table, **asked)
    wanted = declared.column(str(column)).name
    if not isinstance(row, Integral) or not 0 <= row < len(rows):
        raise KeyError(f"table {table!r} has no row {row!r}; it has {len(rows)}, counted from 0")
    at = int(row)
    return report.words_behind(declared, row, wanted, rows[at], cited[at] if cited and wanted in OF_THE_CITED else None)


def _rows_of(report: Report, table: str, **asked: Any) -> tuple[Table, list[Row], list[Document]]:
    """Return a table, its rows, and of cited passages the documents in which the words of `OF_THE_CITED` are."""
    match table, [*asked.items()]:
        case "cited_passages", [("library", library)]:
            held = [(each if isinstance(each, Report) else load_report(each)).document for each in library]
            pairs = [*cited_rows(report.document, held)]
            return tables("library")[table], [row for row, _ in pairs], [document for _, document in pairs]
        case "speakers", []:
            return tables("library")[table], [*speaker_rows(report.document)], []
        case "reading_list", [("action", action)]:
            return tables()[table], reading_rows(report.document, known_action(report, action)), []
        case "agenda", [("session", session)]:
            own, other = (_agenda_of(each, session) if each else [] for each in (report, report.beside))
        case "follow_up_status", [("as_of", as_of)]:
            own, other = (_status_as_of(each, as_of) if each else [] for each in (report, report.beside))
        case _, [] if table != "cited_passages":
            return *report.rows_of(table), []
        case _:
            raise TypeError(f"{table} cannot be asked {', '.join(asked) or 'without a library'}")
    return *report.rows_of(table, own, other), []


def _agenda_of(report: Report, session: int) -> list[Row]:
    named = [*(row.values["session"] for row in report.rows["sessions"]), report.document.session]
    if session not in (known := sorted({number for number in named if number is not None})):
        there = ", ".join(map(str, known)) or "none"
        raise ValueError(f"{report.name} knows no session {session!r}; give the number of one that it names: {there}")
    return agenda_rows(report.document, report.rows["commitments"], session)


def _status_as_of(report: Report, as_of: int) -> list[Row]:
    if isinstance(as_of, bool) or not isinstance(as_of, Integral) or as_of < 1:
        raise ValueError(f"as_of={as_of!r} is no number of a session, such as 24")
    rows = report.rows
    return status_rows(report.document, rows["annex"], rows["actions"], rows["follow_ups"], as_of)


def _frame(report: Report, table: str, **asked: Any) -> pd.DataFrame:
    found, rows, _ = _rows_of(report, table, **asked)
    return build(found, [row.values for row in rows], report.name)
