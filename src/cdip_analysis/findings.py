"""Hold the body against the annex, both ways, and list the slips of the source: reported, never corrected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from cdip_analysis.header import read_header
from cdip_analysis.language import letters, normalise, plain, rules, table
from cdip_analysis.model import Citation, Finding, Passage, Row, Span, natural, session_of
from cdip_analysis.schema import tables
from cdip_analysis.tables import body_ranges, mandate

if TYPE_CHECKING:
    from cdip_analysis.report import Report

__all__ = ["MAKERS", "find"]


def find(report: Report) -> list[Finding]:
    """List the findings of a report, by kind and then by place.

    Returns
    -------
    list of Finding
        Kinds in the order in which data/datapackage.json declares them.
    """
    order = tables()["findings"].column("kind").allowed
    found = _remarked([*report.oddities, *(finding for look in _LOOKS for finding in look(report))], report)
    return sorted(found, key=lambda f: (order.index(f.kind), _place_order(f.passage)))


def _place_order(passage: Passage) -> tuple[int, ...]:
    return (passage.line, list(tables()["findings"].column("column").allowed).index(passage.column or "action"))


def _rows(report: Report) -> Iterator[Row]:
    passage, end = None, 0
    for found in find(report):
        values = {"kind": found.kind, **found.passage.place, "text": found.text, "note": found.note}
        text = found.passage.text
        # Findings of one passage stand in order: the next one's words are looked for behind the last one's first.
        at = text.find(found.text, end if found.passage is passage else 0)
        at = at if at >= 0 else text.find(found.text)
        start, end = (at, at + len(found.text)) if at >= 0 else (0, len(text))
        passage = found.passage
        yield Row(values, {None: [Span(passage, start, end, found.note)]})


def _in_annex(report: Report, kind: str) -> list[Citation]:
    return [c for c in report.cited if c.kind == kind and c.passage and c.passage.entry]


def _ranges(report: Report) -> Iterator[Finding]:
    """Compare the ranges of session reports in body and annex."""
    annex = [c for c in _in_annex(report, "paragraphs") if c.session is not None]
    body = body_ranges(report)
    if not annex or not body:
        return
    for kind, here, there, other in (
        ("range_only_in_body", body, annex, "annex"),
        ("range_only_in_annex", annex, body, "body"),
    ):
        targets = {str(c) for c in there}
        for c in here:
            if str(c) not in targets and c.passage:
                note = f"{c}: the {other} cites no such range"
                if kind == "range_only_in_body" and (summary := _summary_beside(report, c)):
                    note += f"; it is the passage cited for the decision ({summary})"
                yield Finding(kind, c.passage, c.text, note)


def _summary_beside(report: Report, citation: Citation) -> Citation | None:
    """Return the summary paragraph cited right after a range, in the same bracket."""
    if citation.passage is None:
        return None
    after = citation.passage.text[citation.end :].split(")")[0].split("）")[0]
    until = citation.end + len(after) + 200
    following = [c for c in report.citations_in(citation.passage) if citation.end <= c.start < until]
    return following[0] if following and following[0].kind == "summary" and following[0].item else None


def _documents(report: Report) -> Iterator[Finding]:
    """Look for documents that the annex lists and the body never names."""
    body = {c.symbol for c in report.cited if c.kind == "document" and c.passage and not c.passage.entry}
    for c in _in_annex(report, "document"):
        if body and c.symbol not in body and c.passage:
            yield Finding("document_only_in_annex", c.passage, c.text, f"{c}: the body does not name this document")


def _actions(report: Report) -> Iterator[Finding]:
    """Compare the actions of body and annex."""
    body = {p.action_id: p for p in reversed(report.passages) if p.kind == "heading" and p.action_id}
    annex = {p.action_id: p for p in reversed(report.passages) if p.kind == "cell" and p.action_id}
    if not body or not annex:
        return
    for kind, here, there, other in (
        ("action_only_in_body", body, annex, "annex"),
        ("action_only_in_annex", annex, body, "body"),
    ):
        for action_id in sorted(filter(None, here.keys() - there.keys()), key=natural):
            passage = here[action_id]
            yield Finding(kind, passage, passage.text, f"action {action_id}: the {other} has no such action")
    followed = {p.action_id for p in report.passages if p.section == "follow_up"}
    for action_id, passage in body.items():
        if followed and action_id not in followed:
            note = f"action {action_id} has no paragraph on what follows, as the other actions have"
            yield Finding("structure", passage, passage.text, note)


def _entries(report: Report) -> Iterator[Finding]:
    """Look for entries that come twice, and for ranges whose session is not that of the report named with them."""
    seen: dict[tuple[str | None, ...], int] = {}
    for row in report.rows("annex"):
        words = tuple(row.values[name] for name in ("action", "implementation", "consideration", "chair_summary"))
        if (first := seen.setdefault(words, row.values["entry"])) != row.values["entry"]:
            cell = row.sources[None][0].passage
            yield Finding("structure", cell, cell.text, f"entry {row.values['entry']} says the same as entry {first}")
    for c in report.cited:
        of_symbol = session_of(c.symbol) if c.kind == "paragraphs" and c.symbol else None
        if c.session is not None and of_symbol is not None and c.session != of_symbol and c.passage:
            note = f"{c}: the symbol {c.symbol} is of another session"
            yield Finding("session_differs", c.passage, c.text, note)


def _decisions(report: Report) -> Iterator[Finding]:
    """Look for summary paragraphs that are not told, or cited for two matters; and for decisions of no entry.

    An annex without the columns that tie an entry to an action and its decision is not held against the body.
    """
    columns = {p.column for p in report.passages if p.role == "annex_header"}
    told = {(c.passage.action_id, c.session) for c in _in_annex(report, "summary") if c.passage}
    ranges: dict[int | None, set[str]] = {}
    for c in _in_annex(report, "paragraphs"):
        ranges.setdefault(c.passage.entry if c.passage else None, set()).add(str(c))
    for row in report.rows("decisions"):
        values = row.values
        name = f"CDIP/{values['session']} summary {values['summary_paragraph']}"
        places = row.sources[None]
        annex = [s.passage for s in places if s.passage.entry]
        if values["paragraph"] is None and annex and "action" in columns:
            note = f"{name}: the body does not tell what was decided"
            yield Finding("summary_untold", annex[0], places[0].text, note)
        there = {target for entry in annex for target in ranges.get(entry.entry, ())}
        for words in (s for s in places if s.passage.paragraph):
            here = {
                str(c)
                for c in report.citations_in(words.passage)
                if c.kind == "paragraphs" and c.session == values["session"]
            }
            if there and here and not here & there:
                entries = ", ".join(f"entry {entry.entry}" for entry in annex)
                note = (
                    f"{name}: tied here to {', '.join(sorted(here))}, "
                    f"in the annex ({entries}) to {', '.join(sorted(there))}"
                )
                yield Finding("summary_in_two_places", words.passage, words.text, note)
    for p in report.passages:
        if p.section == "decision" and {"action", "chair_summary"} <= columns:
            for c in report.citations_in(p):
                if c.kind == "summary" and c.session is not None and (p.action_id, c.session) not in told:
                    note = f"{c}: the annex has no entry of action {p.action_id} with a decision of this session"
                    yield Finding("decision_only_in_body", p, c.text, note)


def _symbols(report: Report) -> Iterator[Finding]:
    """Look for symbols that are not printed as WIPO prints them."""
    known = rules(report.language, "malformed")
    for c in report.cited:
        if c.passage is None or not (c.symbol or c.kind == "session") or c.text == c.symbol:
            continue
        bare = normalise(c.text)
        for rule in known:
            if match := rule.pattern.search(bare):
                printed = c.text[match.start() : match.end()]
                note = f"{rule.row['note']}: read as {c.symbol or c}"
                yield Finding("malformed_symbol", c.passage, printed, note)
                break


def _drafts(report: Report) -> Iterator[Finding]:
    """Look for drafts that are called reports: their paragraph numbers may move when they are adopted."""
    drafts = {c.session: c.symbol for c in _in_annex(report, "paragraphs") if c.symbol and "Prov." in c.symbol}
    words = rules(report.language, "draft")
    for c in report.cited:
        if c.kind != "paragraphs" or c.session not in drafts or c.passage is None:
            continue
        if not any(rule.pattern.search(plain(c.text)[0]) for rule in words):
            note = f"{c}: called a report; the annex cites {drafts[c.session]}, a draft, whose numbers may move"
            yield Finding("draft_called_report", c.passage, c.text, note)


def _wording(report: Report) -> Iterator[Finding]:
    """Compare headings with the annex, and the lists of terms in them with those of the proposal."""
    quoted = ""
    annex = {p.action_id: p for p in report.passages if p.kind == "cell" and p.column == "action"}
    for p in report.passages:
        if p.kind == "proposal":
            quoted += f"\n{p.text}"
        if p.kind != "heading" or p.role not in ("proposal", "action"):
            continue
        if p.role == "proposal":
            quoted = ""
            continue
        start, end = next(
            match.span("title")
            for r in rules(report.language, "heading")
            if (match := r.pattern.fullmatch(plain(p.text)[0].strip())) and r.row["role"] == "action"
        )
        title = p.text.strip()[start:end]
        cell = annex.get(p.action_id)
        if cell and letters(title) != letters(cell.text):
            note = f"the heading in the body (line {p.line}) reads: {title}"
            yield Finding("wording_differs", cell, cell.text, note)
        for here, there in _terms(title, quoted, report.language):
            note = f"action {p.action_id} is headed '{here}'; the proposal says '{there}'"
            place = cell if cell and letters(here) in letters(cell.text) else p
            yield Finding("wording_differs", place, here, note)


def _terms(title: str, proposal: str, language: str) -> Iterator[tuple[str, str]]:
    """Find lists of three terms whose first and last are those of a list in the proposal, and whose middle is not.

    >>> list(_terms("影响、评估和效率", "用于衡量各级活动的影响、效果和效率的工具", "zh"))
    [('影响、评估和效率', '影响、效果和效率')]
    """
    signs = table(language).get("terms")
    if not signs:
        return
    word, last = signs["word"], signs["last"].replace(" ", " +")
    separator, middle_word = signs["separator"].replace(" ", " +"), f"([^{signs['separator']}]{{1,40}}?)"
    pattern = f"({word}){separator}{middle_word}{last}({word})"
    text = normalise(proposal)
    for match in re.finditer(pattern, normalise(title), re.IGNORECASE):
        first, middle, final = match.groups()
        same = f"{re.escape(first)}{separator}{middle_word}{last}{re.escape(final)}"
        for other in re.finditer(same, text, re.IGNORECASE):
            if other[1].lower() != middle.lower():
                yield title[match.start() : match.end()], proposal[other.start() : other.end()]


def _remarked(found: list[Finding], report: Report) -> list[Finding]:
    """Add what a person remarked: to what a rule found at the same place, or as a finding that no rule makes."""
    by_rule = len(found)
    for remark in report.judged.remarks if report.judged else ():
        kind, note = remark.values["kind"], remark.values["remark_en"]
        for words in remark.words["words"]:
            same = [n for n, f in enumerate(found[:by_rule]) if f.kind == kind and f.passage is words.passage]
            if same:
                found[same[0]] = found[same[0]]._replace(note=f"{found[same[0]].note}. {note}")
            else:
                found.append(Finding(kind, words.passage, words.text, note))
    return found


def _deciders(report: Report) -> Iterator[Finding]:
    """Look for decisions of a Chair's summary that somebody other than the Committee is reported to have taken."""
    for row in report.rows("decisions"):
        who = row.values["who_decides"]
        if who not in (None, "committee"):
            words = row.sources["who_decides"][0]
            summary = f"CDIP/{row.values['session']} summary {row.values['summary_paragraph']}"
            note = f"the decision in {summary} is reported as that of the {who}".replace(
                "the delegations", "delegations"
            )
            yield Finding("not_the_committee", words.passage, words.text, note)


def _dead_links(report: Report) -> Iterator[Finding]:
    """Look for links that lead nowhere: one finding for the document, at the first of them."""
    dead = [
        (p, mark, end) for p in report.passages for mark, _, _, end in plain(p.text)[1] if p.text[:end].endswith("(#)")
    ]
    if dead:
        passage, start, end = dead[0]
        yield Finding(
            "dead_links", passage, passage.text[start:end], f"{len(dead)} links lead nowhere: their address is #"
        )


def _readings(report: Report) -> Iterator[Finding]:
    """Look for what was read and makes no sense, or was not understood to the end."""
    for c in report.cited:
        if c.passage is None:
            continue
        if c.resolved == "unresolved":
            yield Finding("unresolved", c.passage, c.text, "no session is named before these words: it is not known")
        if c.first is not None and c.last is not None and c.last < c.first:
            yield Finding("range_reversed", c.passage, c.text, f"{c}: the range ends before it begins")
    given = mandate(report)
    if given.first is not None and given.last is not None and given.last < given.first:
        words = given.period[0]
        note = f"the mandate ends (CDIP/{given.last}) before it begins (CDIP/{given.first})"
        yield Finding("range_reversed", words.passage, words.text, note)
    for p in report.passages:
        kind = {"consideration": "paragraphs", "chair_summary": "summary"}.get(p.column or "") if p.entry else None
        if kind:
            number = sum(1 for c in report.citations_in(p) if c.kind == kind)
            if number != 1:
                note = f"{number} citations of the kind that belongs in this cell; the annex table shows the first"
                yield Finding("structure", p, p.text, note)


def _supplied(report: Report) -> Iterator[Finding]:
    """Hold what the user supplied against what is printed."""
    symbol = report.supplied.get("symbol")
    facts = [(name, value, name, value) for name, value in report.supplied.items()]
    if symbol and not report.header.symbol:  # it says of which body and session the document is
        facts += [("symbol", symbol, name, getattr(Citation.parse(symbol), name)) for name in ("body", "session")]
    head = [p for p in report.passages if p.kind == "header"]
    for name, given, meant, value in facts:
        printed = getattr(report.header, meant)
        same = letters(value) == letters(printed) if isinstance(printed, str) else value == printed
        if printed is None or value is None or same:
            continue
        alone = [p for p in head if getattr(read_header(p.text, report.language), meant) == printed]
        part = [p for p in head if letters(p.text) and letters(p.text) in letters(str(printed))]
        place = [*alone, *part, *head][0]
        note = f"the user supplied {name} = {given}; the document says {meant} = {printed}, and that holds"
        yield Finding("supplied_differs", place, place.text, note)


_LOOKS: tuple[Callable[[Report], Iterable[Finding]], ...] = (
    _ranges,
    _documents,
    _actions,
    _entries,
    _decisions,
    _symbols,
    _drafts,
    _wording,
    _deciders,
    _dead_links,
    _readings,
    _supplied,
)

MAKERS: dict[str, Callable[[Report], Iterable[Row]]] = {"findings": _rows}
