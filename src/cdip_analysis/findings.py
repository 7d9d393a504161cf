"""Hold the body against the annex, both ways, and list slips, differences and open questions of the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice

from cdip_analysis.header import read_header
from cdip_analysis.judgements import Judgements
from cdip_analysis.labels import label, position_label, sentence
from cdip_analysis.language import letters, normalise, plain, rules, table
from cdip_analysis.model import Block, Citation, Document, Finding, Passage, Row, Span, session_of
from cdip_analysis.schema import tables
from cdip_analysis.symbols import look_alikes
from cdip_analysis.tables import Mandate, body_ranges

__all__ = ["find", "finding_rows"]


def find(
    document: Document, given: Mandate, annex: Sequence[Row], decisions: Sequence[Row], judged: Judgements | None = None
) -> list[Finding]:
    """List the findings of a document, by kind (in the order of data/datapackage.json) and then by place."""
    found = [
        *document.oddities,
        *_body_and_annex(document),
        *_entries(document, annex),
        *_decisions(document, decisions),
        *_citations(document),
        *_letters(document),
        *_mandate(given),
        *_wording(document),
        *_headings(document),
        *_accounts(document),
        *_dead_links(document),
        *_supplied(document),
    ]
    kinds = tables()["findings"].column("kind").allowed
    columns = tables()["findings"].column("column").allowed
    return sorted(
        _remarked(found, judged),
        key=lambda f: (kinds.index(_kind(f)), f.passage.line, columns.index(f.passage.column or "action")),
    )


def _kind(finding: Finding) -> str:
    """Return the kind as the table has it: ``structure`` of ``structure.no_annex``."""
    return finding.kind.partition(".")[0]


def finding_rows(findings: Iterable[Finding], lang: str = "en") -> list[Row]:
    """Return the findings as rows, with a sentence on each in a language of the readers."""
    rows = []
    passage, end = None, 0
    for found in findings:
        note = _note(found, lang)
        values = {"kind": _kind(found), **found.passage.place, "text": found.text, "note": note}
        text = found.passage.text
        # Findings of one passage are in order: the words of the next one are looked for after those of the last first.
        at = text.find(found.text, end if found.passage is passage else 0)
        at = at if at >= 0 else text.find(found.text)
        start, end = (at, at + len(found.text)) if at >= 0 else (0, len(text))
        passage = found.passage
        rows.append(Row(values, {None: [Span(passage, start, end, note)]}))
    return rows


def _note(finding: Finding, lang: str) -> str:
    """Write what a rule says of a finding, and what a person remarked."""
    remark: Mapping[str, str] | None = finding.params.get("remark")
    if remark and finding.kind.endswith(".remark"):
        return remark[lang]
    params = {k: label(f"who.{v}", lang) if k == "who" else v for k, v in finding.params.items()}
    params |= {k: position_label(v, lang) for k, v in params.items() if isinstance(v, Passage | Block)}
    note = sentence(f"finding.{finding.kind}", lang, **params)
    return sentence("finding.with_remark", lang, note=note, remark=remark[lang]) if remark else note


def _in_annex(document: Document, kind: str) -> list[Citation]:
    return [c for c in document.citations if c.kind == kind and c.passage and c.passage.entry]


def _body_and_annex(document: Document) -> Iterator[Finding]:
    """Hold the ranges of reports, the documents and the actions of the body against those of the annex."""
    annex = [c for c in _in_annex(document, "paragraphs") if c.session is not None]
    body = body_ranges(document)
    for kind, here, there in (("range_only_in_body", body, set(annex)), ("range_only_in_annex", annex, set(body))):
        for c in here:
            if there and c not in there and c.passage:
                summary = _summary_beside(document, c, c.passage) if here is body else None
                said = f"{kind}.beside_decision" if summary else kind
                yield Finding(said, c.passage, c.text, {"citation": c, "summary": summary})
    named = {c.symbol for c in document.citations if c.kind == "document" and c.passage and not c.passage.entry}
    for c in _in_annex(document, "document"):
        if named and c.symbol not in named and c.passage:
            yield Finding("document_only_in_annex", c.passage, c.text, {"symbol": c.symbol})
    of_action = [p for p in reversed(document.passages) if p.action_id]
    headings = {p.action_id: p for p in of_action if p.kind == "heading"}
    cells = {p.action_id: p for p in of_action if p.kind == "cell"}
    followed = {p.action_id for p in document.passages if p.section == "follow_up"} or headings
    for kind, one, other in (
        ("action_only_in_body", headings, cells),
        ("action_only_in_annex", cells, headings),
        ("structure.no_follow_up", headings if cells else {}, followed),
    ):
        for action_id, passage in one.items():
            if other and action_id not in other:
                yield Finding(kind, passage, passage.text, {"action": action_id})


def _summary_beside(document: Document, citation: Citation, passage: Passage) -> Citation | None:
    """Return the summary paragraph cited right after a range, in the same bracket."""
    after = re.split("[)）]", passage.text[citation.end :])[0]
    until = citation.end + len(after) + 200
    following = next((c for c in document.citations_in(passage) if citation.end <= c.start < until), None)
    return following if following and following.kind == "summary" and following.item else None


def _entries(document: Document, annex: Sequence[Row]) -> Iterator[Finding]:
    """Look for entries that come twice, and for cells that cite no range, no summary or more than one."""
    seen: dict[tuple[str | None, ...], int] = {}
    for row in annex:
        words = tuple(row.values[name] for name in ("action", "implementation", "consideration", "chair_summary"))
        if (first := seen.setdefault(words, row.values["entry"])) != row.values["entry"]:
            cell = row.sources[None][0].passage
            twice = {"entry": row.values["entry"], "first": first}
            yield Finding("structure.entry_twice", cell, cell.text, twice)
    for column, kind in (("consideration", "paragraphs"), ("chair_summary", "summary")):
        cells = [p for p in document.passages if p.entry and p.column == column]
        odd = [p for p in cells if [c.kind for c in document.citations_in(p)].count(kind) != 1]
        if odd:
            entries = ", ".join(str(p.entry) for p in odd)
            yield Finding("structure.citations_in_cell", odd[0], odd[0].text, {"entries": entries})


def _decisions(document: Document, decisions: Sequence[Row]) -> Iterator[Finding]:
    """Look for summary paragraphs whose content is not given, that are cited for two matters, or decided by others.

    An annex without the columns that tie an entry to an action and its decision is not held against the body.
    """
    columns = {p.column for p in document.passages if p.role == "annex_header"}
    ranges: dict[int | None, set[str]] = {}
    for c in _in_annex(document, "paragraphs"):
        ranges.setdefault(c.passage.entry if c.passage else None, set()).add(str(c))

    @cache
    def cited_in(passage: Passage, session: int) -> set[str]:
        inside = document.citations_in(passage)
        return {str(c) for c in inside if c.kind == "paragraphs" and c.session == session}

    for row in decisions:
        values = row.values
        name = f"{document.header.meeting(values['session'])} summary {values['summary_paragraph']}"
        places = row.sources[None]
        annex = [s.passage for s in places if s.passage.entry]
        if values["paragraph"] is None and annex and "action" in columns:
            yield Finding("summary_untold", annex[0], places[0].text, {"summary": name})
        if values["who_decides"] not in (None, "committee"):
            words = row.sources["who_decides"][0]
            who = {"summary": name, "who": values["who_decides"]}
            yield Finding("not_the_committee", words.passage, words.text, who)
        there = {target for entry in annex for target in ranges.get(entry.entry, ())}
        for words in (s for s in places if s.passage.paragraph) if there else ():
            here = cited_in(words.passage, values["session"])
            if here and not here & there:
                entries = ", ".join(str(entry.entry) for entry in annex)
                tied = {"here": ", ".join(sorted(here)), "there": ", ".join(sorted(there))}
                params = {"summary": name, "entries": entries, **tied}
                yield Finding("summary_in_two_places", words.passage, words.text, params)
    cited_in_annex = {(c.passage.action_id, c.session) for c in _in_annex(document, "summary") if c.passage}
    for p in document.passages:
        if p.section == "decision" and {"action", "chair_summary"} <= columns:
            for c in document.citations_in(p):
                if c.kind == "summary" and c.session is not None and (p.action_id, c.session) not in cited_in_annex:
                    yield Finding("decision_only_in_body", p, c.text, {"summary": c, "action": p.action_id})


def _citations(document: Document) -> Iterator[Finding]:
    """Look for citations that are not printed as WIPO prints them, contradict themselves, or were not understood."""
    malformed, draft = rules(document.language, "malformed"), rules(document.language, "draft")
    # A draft that is called a report: its paragraph numbers may move when it is adopted.
    drafts = {c.session: c.symbol for c in _in_annex(document, "paragraphs") if c.symbol and "Prov." in c.symbol}
    for c in document.citations:
        if c.passage is None:
            continue
        if c.resolved == "unresolved":
            yield Finding("unresolved", c.passage, c.text)
        text, bare = normalise(c.text), plain(c.text)[0]
        if (c.symbol or c.kind == "session") and c.text != c.symbol:
            matches = ((rule, match) for rule in malformed if (match := rule.pattern.search(text)))
            for rule, match in islice(matches, 1):
                printed, symbol = c.text[match.start() : match.end()], {"symbol": c.symbol or c}
                yield Finding(f"malformed_symbol.{rule.row['note']}", c.passage, printed, symbol)
        if c.kind != "paragraphs":
            continue
        of_symbol = session_of(c.symbol or "")
        if of_symbol is not None and c.session not in (None, of_symbol):
            yield Finding("session_differs", c.passage, c.text, {"citation": c, "symbol": c.symbol})
        if c.first is not None and c.last is not None and c.last < c.first:
            yield Finding("range_reversed", c.passage, c.text, {"citation": c})
        numbers = re.findall("[0-9]+", re.sub("(?<=[0-9])[.,](?=[0-9]{3})", "", bare))  # 1,034
        if str(c.first) in numbers and str(c.last) not in numbers:  # 156-9
            yield Finding("malformed_symbol.short_end", c.passage, c.text, {"first": c.first, "last": c.last})
        if c.session in drafts and not any(rule.pattern.search(bare) for rule in draft):
            yield Finding("draft_called_report", c.passage, c.text, {"citation": c, "draft": drafts[c.session]})


def _letters(document: Document) -> Iterator[Finding]:
    """Look for symbols with letters of another alphabet: one finding for each letter, with its count."""
    found: dict[str, list[tuple[Passage, str]]] = {}
    for passage in document.passages:
        for start, end, strange in look_alikes(plain(passage.text)[0]):
            for letter in strange:
                found.setdefault(letter, []).append((passage, passage.text[start:end].strip()))
    for letter, places in found.items():
        params = {"letter": letter, "code": f"U+{ord(letter):04X}", "number": len(places)}
        yield Finding("malformed_symbol.letter", *places[0], params)


def _mandate(given: Mandate) -> Iterator[Finding]:
    """Look for a mandate whose last session is before the first."""
    if given.first is not None and given.last is not None and given.last < given.first:
        words = given.period[0]
        yield Finding("range_reversed.mandate", words.passage, words.text, {"first": given.first, "last": given.last})


def _wording(document: Document) -> Iterator[Finding]:
    """Compare headings with the annex, and the lists of terms in them with those of proposal and titles."""
    quoted = ""
    annex = {p.action_id: p for p in document.passages if p.kind == "cell" and p.column == "action"}
    implementation = [p for p in document.passages if p.column == "implementation"]
    titles = [(p, c) for p in implementation for c in document.citations_in(p) if c.kind == "document"]
    for p in document.passages:
        if p.kind == "proposal":
            quoted += f"\n{p.text}"
        elif p.kind == "heading" and p.role == "proposal":
            quoted = ""
        elif p.kind == "heading" and p.role == "action":
            bare = plain(p.text)[0].strip()
            known = [rule for rule in rules(document.language, "heading") if rule.row["role"] == "action"]
            match = next(match for rule in known if (match := rule.pattern.fullmatch(bare)))
            title = p.text.strip()[slice(*match.span("title"))]
            cell = annex.get(p.action_id)
            if cell and letters(title) != letters(cell.text):
                yield Finding("wording_differs.heading", cell, cell.text, {"at": p, "title": title})
            compared = [("terms", quoted, {"action": p.action_id})]
            for entry, c in titles:
                if entry.action_id == p.action_id:
                    compared.append(("title", entry.text[: c.start], {"symbol": c.symbol}))
            for kind, words, params in compared:
                for here, there in _terms(title, words, document.language):
                    place = cell if cell and letters(here) in letters(cell.text) else p
                    yield Finding(f"wording_differs.{kind}", place, here, {**params, "here": here, "there": there})


def _terms(title: str, proposal: str, language: str) -> Iterator[tuple[str, str]]:
    """Find lists of three terms whose first and last are those of a list in the proposal, and whose middle is not.

    >>> list(_terms("影响、评估和效率", "用于衡量各级活动的影响、效果和效率的工具", "zh"))
    [('影响、评估和效率', '影响、效果和效率')]
    """
    terms = table(language).get("terms")
    if not terms:
        return
    word, last = terms["word"], terms["last"].replace(" ", " +")
    separator, middle_word = terms["separator"].replace(" ", " +"), f"([^{terms['separator']}]{{1,40}}?)"
    pattern = f"({word}){separator}{middle_word}{last}({word})"
    text = normalise(proposal)
    for match in re.finditer(pattern, normalise(title), re.IGNORECASE):
        first, middle, final = match.groups()
        same = f"{re.escape(first)}{separator}{middle_word}{last}{re.escape(final)}"
        for other in re.finditer(same, text, re.IGNORECASE):
            if other[1].lower() != middle.lower():
                yield title[match.start() : match.end()], proposal[other.start() : other.end()]


def _remarked(found: list[Finding], judged: Judgements | None) -> list[Finding]:
    """Add what a person remarked: to what a rule found at the same place, or as a finding that no rule makes."""
    added = []
    for one in judged.remarks if judged else ():
        kind, remark = one.values["kind"], {"en": one.values["remark_en"], "zh": one.values["remark_zh"]}
        for words in one.words["words"]:
            same = (n for n, f in enumerate(found) if _kind(f) == kind and f.passage is words.passage)
            if (at := next(same, None)) is not None:
                found[at] = found[at]._replace(params={**found[at].params, "remark": remark})
            else:
                added.append(Finding(f"{kind}.remark", words.passage, words.text, {"remark": remark}))
    return found + added


def _headings(document: Document) -> Iterator[Finding]:
    """Look for headings without a colon where most of their kind have one."""
    for role in ("consideration", "follow_up"):
        headings = [p for p in document.passages if p.kind == "heading" and p.role == role]
        bare = [p for p in headings if not normalise(p.text).rstrip().endswith(":")]
        if 2 * len(bare) < len(headings):
            yield from (Finding("source_slip.no_colon", p, p.text) for p in bare)


def _accounts(document: Document) -> Iterator[Finding]:
    """Look for accounts of an action that name no session, and for documents introduced on which no action reports."""
    reported = {c.symbol for c in document.citations if c.passage and c.passage.action_id}
    first: dict[str | None, Passage] = {}
    for p in document.passages:
        if p.section == "consideration":
            first.setdefault(p.action_id, p)
    for action_id, p in first.items():
        presented = document.first_in(p, "document")
        if presented and not document.first_in(p, "session"):
            params = {"action": action_id, "symbol": presented.symbol}
            yield Finding("source_slip.no_session", p, presented.text, params)
    for p in document.passages:
        documents = [c for c in document.citations_in(p) if c.kind == "document" and c.symbol not in reported]
        if p.section == "introduction" and reported and documents:
            symbols = ", ".join(dict.fromkeys(str(c.symbol) for c in documents))
            words = p.text[documents[0].start : documents[-1].end]
            yield Finding("open_question.not_reported", p, words, {"symbols": symbols})
            return


def _dead_links(document: Document) -> Iterator[Finding]:
    """Look for links that lead nowhere: one finding for the document, at the first of them."""
    links = ((p, start, end) for p in document.passages for start, _, _, end in plain(p.text)[1])
    dead = [(p, start, end) for p, start, end in links if normalise(p.text[start:end]).endswith("(#)")]
    if dead:
        passage, start, end = dead[0]
        yield Finding("dead_links", passage, passage.text[start:end], {"number": len(dead)})


def _supplied(document: Document) -> Iterator[Finding]:
    """Hold what the user supplied against what is printed."""
    symbol = document.supplied.get("symbol")
    facts = [(name, value, name, value) for name, value in document.supplied.items()]
    if symbol and not document.header.symbol:  # it says of which body and session the document is
        facts += [("symbol", symbol, name, getattr(Citation.parse(symbol), name)) for name in ("body", "session")]
    head = [p for p in document.passages if p.kind == "header"]
    for name, given, meant, value in facts:
        printed = getattr(document.header, meant)
        same = letters(value) == letters(printed) if isinstance(printed, str) else value == printed
        if printed is None or value is None or same:
            continue
        alone = [p for p in head if getattr(read_header(p.text, document.language), meant) == printed]
        part = [p for p in head if letters(p.text) and letters(p.text) in letters(str(printed))]
        place = [*alone, *part, *head][0]
        params = {"name": name, "supplied": given, "field": meant, "printed": printed}
        yield Finding("supplied_differs", place, place.text, params)
