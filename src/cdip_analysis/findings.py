"""Hold the body against the annex, both ways, and list slips, differences and open questions of the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cdip_analysis.data import label, position_label, sentence
from cdip_analysis.header import read_header
from cdip_analysis.judgements import Judgements
from cdip_analysis.language import letters, normalise, plain, rules, table
from cdip_analysis.model import Block, Citation, Document, Finding, Passage, Row, Span, natural_key, session_of
from cdip_analysis.schema import tables
from cdip_analysis.tables import Mandate, body_ranges
from cdip_analysis.tokens import look_alikes

__all__ = ["find", "finding_rows"]


def find(
    document: Document,
    given: Mandate,
    annex: Sequence[Row],
    decisions: Sequence[Row],
    judged: Judgements | None = None,
) -> list[Finding]:
    """List the findings of a document, by kind and then by place.

    Returns
    -------
    list of Finding
        Kinds in the order in which data/datapackage.json declares them.
    """
    found = [
        *document.oddities,
        *_ranges(document),
        *_documents(document),
        *_actions(document),
        *_entries(document, annex),
        *_decisions(document, decisions),
        *_symbols(document),
        *_letters(document),
        *_short_ends(document),
        *_drafts(document),
        *_wording(document),
        *_headings(document),
        *_unnamed_sessions(document),
        *_unreported_documents(document),
        *_deciders(document, decisions),
        *_dead_links(document),
        *_readings(document, given),
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


def _ranges(document: Document) -> Iterator[Finding]:
    """Compare the ranges of session reports in body and annex."""
    annex = [c for c in _in_annex(document, "paragraphs") if c.session is not None]
    body = body_ranges(document)
    if not annex or not body:
        return
    for kind, here, there in (("range_only_in_body", body, annex), ("range_only_in_annex", annex, body)):
        targets = {str(c) for c in there}
        for c in here:
            if str(c) not in targets and c.passage:
                summary = _summary_beside(document, c) if kind == "range_only_in_body" else None
                said = f"{kind}.beside_decision" if summary else kind
                yield Finding(said, c.passage, c.text, {"citation": c, "summary": summary})


def _summary_beside(document: Document, citation: Citation) -> Citation | None:
    """Return the summary paragraph cited right after a range, in the same bracket."""
    if citation.passage is None:
        return None
    after = citation.passage.text[citation.end :].split(")")[0].split("）")[0]
    until = citation.end + len(after) + 200
    following = [c for c in document.citations_in(citation.passage) if citation.end <= c.start < until]
    return following[0] if following and following[0].kind == "summary" and following[0].item else None


def _documents(document: Document) -> Iterator[Finding]:
    """Look for documents that the annex lists and the body never names."""
    body = {c.symbol for c in document.citations if c.kind == "document" and c.passage and not c.passage.entry}
    for c in _in_annex(document, "document"):
        if body and c.symbol not in body and c.passage:
            yield Finding("document_only_in_annex", c.passage, c.text, {"symbol": c.symbol})


def _actions(document: Document) -> Iterator[Finding]:
    """Compare the actions of body and annex."""
    body = {p.action_id: p for p in reversed(document.passages) if p.kind == "heading" and p.action_id}
    annex = {p.action_id: p for p in reversed(document.passages) if p.kind == "cell" and p.action_id}
    if not body or not annex:
        return
    for kind, here, there in (("action_only_in_body", body, annex), ("action_only_in_annex", annex, body)):
        for action_id in sorted(filter(None, here.keys() - there.keys()), key=natural_key):
            passage = here[action_id]
            yield Finding(kind, passage, passage.text, {"action": action_id})
    followed = {p.action_id for p in document.passages if p.section == "follow_up"}
    for action_id, passage in body.items():
        if followed and action_id not in followed:
            yield Finding("structure.no_follow_up", passage, passage.text, {"action": action_id})


def _entries(document: Document, annex: Sequence[Row]) -> Iterator[Finding]:
    """Look for entries that come twice, and for ranges whose session is not that of the report named with them."""
    seen: dict[tuple[str | None, ...], int] = {}
    for row in annex:
        words = tuple(row.values[name] for name in ("action", "implementation", "consideration", "chair_summary"))
        if (first := seen.setdefault(words, row.values["entry"])) != row.values["entry"]:
            cell = row.sources[None][0].passage
            twice = {"entry": row.values["entry"], "first": first}
            yield Finding("structure.entry_twice", cell, cell.text, twice)
    for c in document.citations:
        of_symbol = session_of(c.symbol) if c.kind == "paragraphs" and c.symbol else None
        if c.session is not None and of_symbol is not None and c.session != of_symbol and c.passage:
            yield Finding("session_differs", c.passage, c.text, {"citation": c, "symbol": c.symbol})


def _decisions(document: Document, decisions: Sequence[Row]) -> Iterator[Finding]:
    """Look for summary paragraphs whose content is not given, or cited for two matters; and for decisions of no entry.

    An annex without the columns that tie an entry to an action and its decision is not held against the body.
    """
    columns = {p.column for p in document.passages if p.role == "annex_header"}
    cited_in_annex = {(c.passage.action_id, c.session) for c in _in_annex(document, "summary") if c.passage}
    ranges: dict[int | None, set[str]] = {}
    for c in _in_annex(document, "paragraphs"):
        ranges.setdefault(c.passage.entry if c.passage else None, set()).add(str(c))
    for row in decisions:
        values = row.values
        name = f"{document.header.meeting(values['session'])} summary {values['summary_paragraph']}"
        places = row.sources[None]
        annex = [s.passage for s in places if s.passage.entry]
        if values["paragraph"] is None and annex and "action" in columns:
            yield Finding("summary_untold", annex[0], places[0].text, {"summary": name})
        there = {target for entry in annex for target in ranges.get(entry.entry, ())}
        for words in (s for s in places if s.passage.paragraph):
            here = {
                str(c)
                for c in document.citations_in(words.passage)
                if c.kind == "paragraphs" and c.session == values["session"]
            }
            if there and here and not here & there:
                tied = {"here": ", ".join(sorted(here)), "there": ", ".join(sorted(there))}
                entries = ", ".join(str(entry.entry) for entry in annex)
                params = {"summary": name, "entries": entries, **tied}
                yield Finding("summary_in_two_places", words.passage, words.text, params)
    for p in document.passages:
        if p.section == "decision" and {"action", "chair_summary"} <= columns:
            for c in document.citations_in(p):
                if c.kind == "summary" and c.session is not None and (p.action_id, c.session) not in cited_in_annex:
                    yield Finding("decision_only_in_body", p, c.text, {"summary": c, "action": p.action_id})


def _symbols(document: Document) -> Iterator[Finding]:
    """Look for symbols that are not printed as WIPO prints them."""
    known = rules(document.language, "malformed")
    for c in document.citations:
        if c.passage is None or not (c.symbol or c.kind == "session") or c.text == c.symbol:
            continue
        bare = normalise(c.text)
        for rule in known:
            if match := rule.pattern.search(bare):
                printed = c.text[match.start() : match.end()]
                kind = f"malformed_symbol.{rule.row['note']}"
                yield Finding(kind, c.passage, printed, {"symbol": c.symbol or c})
                break


def _letters(document: Document) -> Iterator[Finding]:
    """Look for symbols with letters of another alphabet: one finding for each letter, with its count."""
    found: dict[str, list[Finding]] = {}
    for passage in document.passages:
        for start, end, strange in look_alikes(passage.text):
            for letter in strange:
                params = {"letter": letter, "code": f"U+{ord(letter):04X}"}
                printed = passage.text[start:end].strip()
                found.setdefault(letter, []).append(Finding("malformed_symbol.letter", passage, printed, params))
    for all_of_it in found.values():
        first = all_of_it[0]
        yield first._replace(params={**first.params, "number": len(all_of_it)})


def _short_ends(document: Document) -> Iterator[Finding]:
    """Look for ranges whose end is printed short: 156-9."""
    for c in document.citations:
        printed = re.findall("[0-9]+", re.sub("(?<=[0-9])[.,](?=[0-9]{3})", "", plain(c.text)[0]))  # 1,034
        if c.kind == "paragraphs" and c.passage and str(c.first) in printed and str(c.last) not in printed:
            yield Finding("malformed_symbol.short_end", c.passage, c.text, {"first": c.first, "last": c.last})


def _drafts(document: Document) -> Iterator[Finding]:
    """Look for drafts that are called reports: their paragraph numbers may move when they are adopted."""
    drafts = {c.session: c.symbol for c in _in_annex(document, "paragraphs") if c.symbol and "Prov." in c.symbol}
    words = rules(document.language, "draft")
    for c in document.citations:
        if c.kind != "paragraphs" or c.session not in drafts or c.passage is None:
            continue
        if not any(rule.pattern.search(plain(c.text)[0]) for rule in words):
            params = {"citation": c, "draft": drafts[c.session]}
            yield Finding("draft_called_report", c.passage, c.text, params)


def _wording(document: Document) -> Iterator[Finding]:
    """Compare headings with the annex, and the lists of terms in them with those of the proposal."""
    quoted = ""
    annex = {p.action_id: p for p in document.passages if p.kind == "cell" and p.column == "action"}
    titles = [(p, c) for p in document.passages if p.column == "implementation" for c in document.citations_in(p)]
    for p in document.passages:
        if p.kind == "proposal":
            quoted += f"\n{p.text}"
        if p.kind != "heading" or p.role not in ("proposal", "action"):
            continue
        if p.role == "proposal":
            quoted = ""
            continue
        start, end = next(
            match.span("title")
            for r in rules(document.language, "heading")
            if (match := r.pattern.fullmatch(plain(p.text)[0].strip())) and r.row["role"] == "action"
        )
        title = p.text.strip()[start:end]
        cell = annex.get(p.action_id)
        if cell and letters(title) != letters(cell.text):
            yield Finding("wording_differs.heading", cell, cell.text, {"at": p, "title": title})
        for here, there in _terms(title, quoted, document.language):
            place = cell if cell and letters(here) in letters(cell.text) else p
            params = {"action": p.action_id, "here": here, "there": there}
            yield Finding("wording_differs.terms", place, here, params)
        for entry, c in titles:
            if entry.action_id == p.action_id and c.kind == "document":
                for here, there in _terms(title, entry.text[: c.start], document.language):
                    place = cell if cell and letters(here) in letters(cell.text) else p
                    yield Finding("wording_differs.title", place, here, {"symbol": c.symbol, "there": there})


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
    by_rule = len(found)
    for one in judged.remarks if judged else ():
        kind = one.values["kind"]
        remark = {"en": one.values["remark_en"], "zh": one.values["remark_zh"]}
        for words in one.words["words"]:
            same = [n for n, f in enumerate(found[:by_rule]) if _kind(f) == kind and f.passage is words.passage]
            if same:
                params = {**found[same[0]].params, "remark": remark}
                found[same[0]] = found[same[0]]._replace(params=params)
            else:
                found.append(Finding(f"{kind}.remark", words.passage, words.text, {"remark": remark}))
    return found


def _headings(document: Document) -> Iterator[Finding]:
    """Look for headings without a colon where most of their kind have one."""
    for role in ("consideration", "follow_up"):
        headings = [p for p in document.passages if p.kind == "heading" and p.role == role]
        bare = [p for p in headings if not normalise(p.text).rstrip().endswith(":")]
        if 2 * len(bare) < len(headings):
            yield from (Finding("source_slip.no_colon", p, p.text) for p in bare)


def _unnamed_sessions(document: Document) -> Iterator[Finding]:
    """Look for actions whose account begins with a document and names no session at which it was presented."""
    seen: set[str | None] = set()
    for p in document.passages:
        if p.section == "consideration" and p.action_id not in seen:
            seen.add(p.action_id)
            cited = document.citations_in(p)
            presented = next((c for c in cited if c.kind == "document"), None)
            if presented and not any(c.kind == "session" for c in cited):
                params = {"action": p.action_id, "symbol": presented.symbol}
                yield Finding("source_slip.no_session", p, presented.text, params)


def _unreported_documents(document: Document) -> Iterator[Finding]:
    """Look for documents that the introduction names and on which no action reports."""
    reported = {c.symbol for c in document.citations if c.passage and c.passage.action_id}
    for p in document.passages:
        if p.section == "introduction" and reported:
            cited = [c for c in document.citations_in(p) if c.kind == "document" and c.symbol not in reported]
            if cited:
                symbols = ", ".join(dict.fromkeys(str(c.symbol) for c in cited))
                words = p.text[cited[0].start : cited[-1].end]
                yield Finding("open_question.not_reported", p, words, {"symbols": symbols})
                return


def _deciders(document: Document, decisions: Sequence[Row]) -> Iterator[Finding]:
    """Look for decisions of a Chair's summary that somebody other than the Committee is reported to have taken."""
    for row in decisions:
        who = row.values["who_decides"]
        if who not in (None, "committee"):
            words = row.sources["who_decides"][0]
            summary = f"{document.header.meeting(row.values['session'])} summary {row.values['summary_paragraph']}"
            yield Finding("not_the_committee", words.passage, words.text, {"summary": summary, "who": who})


def _dead_links(document: Document) -> Iterator[Finding]:
    """Look for links that lead nowhere: one finding for the document, at the first of them."""
    links = ((p, start, end) for p in document.passages for start, _, _, end in plain(p.text)[1])
    dead = [(p, start, end) for p, start, end in links if normalise(p.text[:end]).endswith("(#)")]
    if dead:
        passage, start, end = dead[0]
        yield Finding("dead_links", passage, passage.text[start:end], {"number": len(dead)})


def _readings(document: Document, given: Mandate) -> Iterator[Finding]:
    """Look for what was read and makes no sense, or was not understood to the end."""
    for c in document.citations:
        if c.passage is None:
            continue
        if c.resolved == "unresolved":
            yield Finding("unresolved", c.passage, c.text)
        if c.first is not None and c.last is not None and c.last < c.first:
            yield Finding("range_reversed", c.passage, c.text, {"citation": c})
    if given.first is not None and given.last is not None and given.last < given.first:
        words = given.period[0]
        yield Finding("range_reversed.mandate", words.passage, words.text, {"first": given.first, "last": given.last})
    for column, kind in (("consideration", "paragraphs"), ("chair_summary", "summary")):
        cells = [p for p in document.passages if p.entry and p.column == column]
        odd = [p for p in cells if [c.kind for c in document.citations_in(p)].count(kind) != 1]
        if odd:
            entries = ", ".join(str(p.entry) for p in odd)
            yield Finding("structure.citations_in_cell", odd[0], odd[0].text, {"entries": entries})


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
