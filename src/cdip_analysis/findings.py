"""Hold the body against the annex, both ways, and list slips, differences and open questions of the source."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from cdip_analysis.header import read_header
from cdip_analysis.judgements import Judgements
from cdip_analysis.labels import label, listed, position_label, sentence
from cdip_analysis.language import letters, normalise, plain, table
from cdip_analysis.model import Block, Citation, Document, Finding, Passage, Row, Span, grouped, session_of
from cdip_analysis.schema import tables
from cdip_analysis.symbols import look_alikes
from cdip_analysis.tables import body_ranges, mandate
from cdip_analysis.wording import rules


def find(
    document: Document, annex: Sequence[Row], decisions: Sequence[Row], judged: Judgements | None = None
) -> list[Finding]:
    """List the findings of a document, by kind (in the order of data/datapackage.json) and then by place."""
    found = [*document.oddities, *_entries(annex), *_decisions(document, decisions)]
    for look in (_only_on_one_side, _cells, _citations, _symbols, _wording, _accounts, _supplied):
        found += look(document)
    for one in judged.remarks if judged else ():  # of what a rule found at the same place, or of what none finds
        kind, remark = one.values["kind"], {"en": one.values["remark_en"], "zh": one.values["remark_zh"]}
        for words in one.words["words"]:
            same = (n for n, f in enumerate(found) if _kind(f) == kind and f.passage is words.passage)
            if (at := next(same, None)) is not None:
                found[at] = found[at]._replace(params={**found[at].params, "remark": remark})
            else:
                found.append(Finding(f"{kind}.remark", words.passage, words.text, {"remark": remark}))
    kinds, columns = (tables()["findings"].column(name).allowed for name in ("kind", "column"))

    def order(f: Finding) -> tuple[int, ...]:
        return kinds.index(_kind(f)), f.passage.line, columns.index(f.passage.column or "action")

    return sorted(found, key=order)


def _kind(finding: Finding) -> str:
    """Return the kind as the table has it: ``structure`` of ``structure.no_annex``."""
    return finding.kind.partition(".")[0]


def finding_rows(findings: Iterable[Finding], lang: str = "en") -> list[Row]:
    """Return the findings as rows, with a sentence on each in a language of the readers."""
    rows = []
    passage, end = None, 0
    for found in findings:
        params = {k: label(f"who.{v}", lang) if k == "who" else v for k, v in found.params.items()}
        params |= {k: position_label(v, lang) for k, v in params.items() if isinstance(v, Passage | Block)}
        params |= {k: listed(v, lang) for k, v in params.items() if isinstance(v, list)}
        remark = found.params.get("remark", {}).get(lang)
        note = remark
        if not found.kind.endswith(".remark"):
            said = sentence(f"finding.{found.kind}", lang, **params)
            note = sentence("finding.with_remark", lang, note=said, remark=remark) if remark else said
        values = {"kind": _kind(found), **found.passage.place, "text": found.text, "note": note}
        text = found.passage.text
        # Findings of one passage are in order: the words of the next one are looked for after those of the last first.
        at = text.find(found.text, end) if found.passage is passage else -1
        at = at if at >= 0 else text.find(found.text)
        start, end = (at, at + len(found.text)) if at >= 0 else (0, len(text))
        passage = found.passage
        rows.append(Row(values, {None: [Span(passage, start, end, note)]}))
    return rows


def _in_annex(document: Document, kind: str) -> list[tuple[Passage, Citation]]:
    return [(c.passage, c) for c in document.citations if c.kind == kind and c.passage and c.passage.entry]


def _only_on_one_side(document: Document) -> Iterator[Finding]:
    """Look for ranges of reports, documents, actions and decisions that either the body or the annex does not have."""
    of_action = [p for p in reversed(document.passages) if p.action_id]
    ranges = [c for c in document.citations if c.kind == "paragraphs"]
    sessions = {c.symbol or "": c.session for c in ranges if c.session}  # of reports, by their symbols

    def key(c: Citation) -> tuple[Any, ...]:
        return c.body, c.session or sessions.get(c.symbol or "?", c.symbol), c.first, c.last

    in_body = [(key(c), c.passage, c) for c in body_ranges(document) if c.passage]
    in_text = {key(c) for c in ranges if c.passage and not c.passage.entry}
    in_annex = [(key(c), p, c) for p, c in _in_annex(document, "paragraphs") if c.session is not None]
    documents = [(c.symbol, p, c) for p, c in _in_annex(document, "document")]
    named = {c.symbol for c in document.citations if c.kind == "document" and c.passage and not c.passage.entry}
    headings, cells = (
        {p.action_id: (p.action_id, p, None) for p in of_action if p.kind == kind} for kind in ("heading", "cell")
    )
    followed = {p.action_id for p in document.passages if p.section == "follow_up"} or headings
    summaries = [(c.passage, c) for c in document.citations if c.kind == "summary" and c.session is not None]
    reported = [((p.action_id, c.body, c.session), p, c) for p, c in summaries if p and p.section == "decision"]
    decided = {(p.action_id, c.body, c.session) for p, c in _in_annex(document, "summary") if p.action_id}
    # The kind, what one side has (a key, the place and the citation), and the keys of what the other side has, if any.
    sides: tuple[tuple[str, Iterable[tuple[Any, Passage, Citation | None]], Collection[Any]], ...] = (
        ("range_only_in_body", in_body, {one for one, _, _ in in_annex}),
        ("range_only_in_annex", in_annex, in_text),
        ("document_only_in_annex", documents, named),
        ("action_only_in_body", headings.values(), cells),
        ("action_only_in_annex", cells.values(), headings),
        ("structure.no_follow_up", headings.values() if cells else (), followed),
        ("decision_only_in_body", reported, decided),
    )
    for kind, here, there in sides:
        for _, p, c in (one for one in here if there and one[0] not in there):
            params = {"citation": c, "symbol": c and c.symbol, "action": p.action_id, "summary": c}
            said = kind
            if c and here is in_body:
                summary = next((other for other in document.citations_in(p) if other.start >= c.end), c)
                if summary.kind == "summary" and summary.item:
                    said, params["summary"] = f"{kind}.beside_decision", summary
            yield Finding(said, p, c.text if c else p.text, params)


def _entries(annex: Sequence[Row]) -> Iterator[Finding]:
    """Look for entries of the annex that come twice."""
    seen: dict[tuple[str | None, ...], int] = {}
    for row in annex:
        words = tuple(row.values[name] for name in ("action", "implementation", "consideration", "chair_summary"))
        if (first := seen.setdefault(words, row.values["entry"])) != row.values["entry"]:
            cell = row.sources[None][0].passage
            yield Finding("structure.entry_twice", cell, cell.text, {"entry": row.values["entry"], "first": first})


def _cells(document: Document) -> Iterator[Finding]:
    """Look for cells that cite no range or summary, or more than one, and those that cite several documents."""
    for column, kind in (("implementation", "document"), ("consideration", "paragraphs"), ("chair_summary", "summary")):
        cells = [p for p in document.passages if p.entry and p.column == column]
        counts = [len({c for c in document.citations_in(p) if c.kind == kind}) for p in cells]
        odd = [p for p, count in zip(cells, counts, strict=True) if count > 1 or (not count and kind != "document")]
        if odd:
            said = f"structure.citations_in_cell{'.one' * (len(odd) == 1)}"
            yield Finding(said, odd[0], odd[0].text, {"entries": [p.entry for p in odd]})


def _decisions(document: Document, decisions: Sequence[Row]) -> Iterator[Finding]:
    """Look for summary paragraphs whose content is not given, that are cited for two matters, or decided by others."""
    ranges = grouped(_in_annex(document, "paragraphs"), lambda one: one[0].entry)
    meeting, own_body = document.header.meeting, document.header.own_body
    by_summary = grouped(decisions, lambda row: (row.values["session"], row.values["summary_paragraph"]))
    for (session, item), rows in by_summary.items():  # a row for each action for which it is cited
        summary = f"{meeting(session)} summary {item}"
        places = dict.fromkeys(s for row in rows for s in row.sources[None])
        for row in rows:
            first = row.sources[None][0]
            if row.values["paragraph"] is None and first.passage.entry and first.passage.action_id:
                yield Finding("summary_untold", first.passage, first.text, {"summary": summary})
        others = {row.sources["who_decides"][0]: who for row in rows if (who := row.values["who_decides"])}
        for words, who in others.items():
            if who != "committee":
                yield Finding("not_the_committee", words.passage, words.text, {"summary": summary, "who": who})
        annex = [s.passage for s in places if s.passage.entry]
        there = {str(c) for entry in annex for _, c in ranges.get(entry.entry, ())}
        for words in (s for s in places if s.passage.paragraph and there):
            inside = (c for c in document.citations_in(words.passage) if c.kind == "paragraphs")
            here = {str(c) for c in inside if (c.body, c.session) == (own_body, session)}
            if here and not here & there:
                entries = ", ".join(str(entry.entry) for entry in annex)
                sides = {"here": ", ".join(sorted(here)), "there": ", ".join(sorted(there)), "entries": entries}
                yield Finding("summary_in_two_places", words.passage, words.text, {"summary": summary, **sides})


def _citations(document: Document) -> Iterator[Finding]:
    """Look for citations not printed as WIPO prints them or not understood, and ranges that contradict themselves."""
    malformed, draft = rules(document.language, "malformed"), rules(document.language, "draft")
    # A draft that is called a report: its paragraph numbers may move when it is adopted.
    drafts = {
        (c.body, c.session): c.symbol for _, c in _in_annex(document, "paragraphs") if c.symbol and "Prov." in c.symbol
    }
    for c in document.citations:
        assert c.passage is not None
        text, bare = normalise(c.text), plain(c.text)[0]
        if (c.symbol or c.kind == "session") and c.text != c.symbol:
            matches = ((rule, match) for rule in malformed if (match := rule.pattern.search(text)))
            if first := next(matches, None):
                kind, printed = f"malformed_symbol.{first[0].row['note']}", c.text[slice(*first[1].span())]
                yield Finding(kind, c.passage, printed, {"symbol": c.symbol or c})
        odd = {"unresolved": c.resolved == "unresolved"}
        if c.kind == "paragraphs":
            of_symbol = session_of(c.symbol or "")
            numbers = re.findall("[0-9]+", re.sub("(?<=[0-9])[., ](?=[0-9]{3})", "", bare))  # 1,034
            odd |= {
                "session_differs": of_symbol is not None and c.session not in (None, of_symbol),
                "range_reversed": c.first is not None and c.last is not None and c.last < c.first,
                "malformed_symbol.short_end": str(c.first) in numbers and str(c.last) not in numbers,  # 156-9
                "draft_called_report": (c.body, c.session) in drafts
                and not any(rule.pattern.search(bare) for rule in draft),
            }
        params = {
            "citation": c,
            "symbol": c.symbol,
            "first": c.first,
            "last": c.last,
            "draft": drafts.get((c.body, c.session)),
        }
        yield from (Finding(kind, c.passage, c.text, params) for kind, is_odd in odd.items() if is_odd)
    given = mandate(document)
    if given.first is not None and given.last is not None and given.last < given.first:
        words = given.period[0]
        yield Finding("range_reversed.mandate", words.passage, words.text, {"first": given.first, "last": given.last})


def _symbols(document: Document) -> Iterator[Finding]:
    """Look for letters of another alphabet in symbols, and links that lead nowhere: one finding for each, counted."""
    found: dict[str, list[tuple[Passage, str]]] = {}
    for p in document.passages:
        bare, links = plain(p.text)
        for start, end, strange in look_alikes(bare):
            for letter in strange:
                found.setdefault(letter, []).append((p, p.text[start:end].strip()))
        dead = (p.text[start:end] for start, _, _, end in links if normalise(p.text[start:end]).endswith("(#)"))
        for mark in dead:
            found.setdefault("", []).append((p, mark))
    for letter, places in found.items():
        code = {"letter": letter, "code": f"U+{ord(letter):04X}"} if letter else {}
        kind = "malformed_symbol.letter" if letter else "dead_links"
        yield Finding(kind, *places[0], {"number": len(places), **code})


def _wording(document: Document) -> Iterator[Finding]:
    """Compare headings with the annex, and the lists of terms in them with those of proposal and titles."""
    quoted = ""
    cells = {p.action_id: p for p in document.passages if p.kind == "cell" and p.column == "action"}
    titles = (one for one in _in_annex(document, "document") if one[0].column == "implementation")
    of_action = grouped(titles, lambda one: one[0].action_id)
    known = [rule for rule in rules(document.language, "heading") if rule.row["role"] == "action"]
    for p in document.passages:
        if p.kind == "proposal":
            quoted += f"\n{p.text}"
        elif p.kind == "heading" and p.role == "proposal":
            quoted = ""
        elif p.kind == "heading" and p.role == "action":
            bare = plain(p.text)[0].strip()
            match = next(match for rule in known if (match := rule.pattern.fullmatch(bare)))
            title = p.text.strip()[slice(*match.span("title"))]
            cell = cells.get(p.action_id)
            if cell and letters(title) != letters(cell.text):
                yield Finding("wording_differs.heading", cell, cell.text, {"at": p, "title": title})
            of_titles = [("title", entry.text[: c.start], c) for entry, c in of_action.pop(p.action_id, ())]
            for kind, words, c in [("terms", quoted, None), *of_titles]:
                known_by = {_ends(there): there for there in reversed(_terms(words, document.language))}
                for here in _terms(title, document.language):  # one finding for each, however often the other comes
                    there = known_by.get(_ends(here))
                    if there and here[2].lower() != there[2].lower():
                        said, other = title[slice(*here.span())], words[slice(*there.span())]
                        place = cell if cell and letters(said) in letters(cell.text) else p
                        params = {"action": p.action_id, "symbol": c and c.symbol, "here": said, "there": other}
                        yield Finding(f"wording_differs.{kind}", place, said, params)


def _ends(terms: re.Match[str]) -> tuple[str, str]:
    return terms[1].lower(), terms[3].lower()


def _terms(text: str, language: str) -> list[re.Match[str]]:
    """Find lists of three terms in a text, such as 影响、效果和效率: the first, the middle, the last."""
    if not (terms := table(language).get("terms")):
        return []
    separator, last = (terms[name].replace(" ", " +") for name in ("separator", "last"))
    pattern = f"({terms['word']}){separator}([^{terms['separator']}]{{1,40}}?){last}({terms['word']})"
    return [*re.finditer(pattern, normalise(text), re.IGNORECASE)]


def _accounts(document: Document) -> Iterator[Finding]:
    """Look for headings without the colon of the others, accounts without a session, and documents not reported on."""
    for role in ("consideration", "follow_up"):
        headings = [p for p in document.passages if p.kind == "heading" and p.role == role]
        bare = [p for p in headings if not normalise(p.text).rstrip().endswith(":")]
        if 2 * len(bare) < len(headings):
            yield from (Finding("source_slip.no_colon", p, p.text) for p in bare)
    first = {p.action_id: p for p in reversed(document.passages) if p.section == "consideration"}
    for p in first.values():
        presented = document.first_in(p, "document")
        if presented and not document.first_in(p, "session"):
            params = {"action": p.action_id, "symbol": presented.symbol}
            yield Finding("source_slip.no_session", p, presented.text, params)
    reported = {c.symbol for c in document.citations if c.passage and c.passage.action_id}
    for p in document.passages if reported else ():
        documents = [c for c in document.citations_in(p) if c.kind == "document" and c.symbol not in reported]
        if p.section == "introduction" and documents:
            symbols = ", ".join(dict.fromkeys(str(c.symbol) for c in documents))
            words = p.text[documents[0].start : documents[-1].end]
            yield Finding("open_question.not_reported", p, words, {"symbols": symbols})
            return


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
        if printed is not None and value is not None and not same:
            alone = (p for p in head if getattr(read_header(p.text, document.language), meant) == printed)
            part = (p for p in head if letters(p.text) and letters(p.text) in letters(str(printed)))
            place = next(chain(alone, part, head))
            params = {"name": name, "supplied": given, "field": meant, "printed": printed}
            yield Finding("supplied_differs", place, place.text, params)
