"""What the body says was decided, and what follows: rows with the words they came from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from cdip_analysis.language import outside_brackets, plain, rules
from cdip_analysis.model import Citation, Document, Passage, Row, Span, span, whole

__all__ = ["Asked", "decision_rows", "follow_up_rows"]


#: Whom each paragraph of a Chair's summary asks, as a person judged: by its target, who is to act, and the words.
Asked: TypeAlias = Mapping[str, tuple[str, Sequence[Span]]]


def decision_rows(document: Document, asked: Asked | None = None) -> list[Row]:
    """Return the paragraphs of Chair's summaries that are cited, with what the body says of each."""
    rows = []
    cited: dict[tuple[int, str], list[Citation]] = {}
    for c in sorted(document.citations, key=lambda c: c.passage.entry or 10**6 if c.passage else 0):  # the annex first
        if c.kind == "summary" and c.item and c.session is not None and not c.appendix:
            cited.setdefault((c.session, c.item), []).append(c)
    in_order = _pair_in_order(document, cited)
    for (session, item), citations in cited.items():
        passages = [c.passage for c in citations if c.passage]
        in_annex = next((p for p in passages if p.entry), None)
        in_body = next((c for c in citations if c.passage and c.passage.paragraph), None)
        words: Span | None = None
        if in_body and in_body.passage:
            words = _sentence_before(in_body)
        elif (session, item) in in_order:
            words = in_order[session, item]
        asks, asks_words = _asks(words, document.language, f"{document.header.meeting(session)} summary {item}", asked)
        who, who_span = _who_decides(words, document.language)
        sources: dict[str | None, Sequence[Span]] = {None: [s for c in citations for s in span(c)]}
        if words:
            sources["text"] = sources["paragraph"] = [words]
        if asks_words:
            sources["asks"] = asks_words
        if who_span:
            sources["who_decides"] = [who_span]
        place = in_annex or passages[0]
        rows.append(
            Row(
                {
                    "session": session,
                    "summary_paragraph": item,
                    "action_id": place.action_id,
                    "entry": in_annex.entry if in_annex else None,
                    "paragraph": words.passage.paragraph if words else None,
                    "who_decides": who,
                    "asks": asks,
                    "text": words.text.strip() if words else None,
                },
                sources,
            )
        )
    return rows


def _who_decides(words: Span | None, language: str) -> tuple[str | None, Span | None]:
    """Return who is named first in a decision, and where."""
    if words is None:
        return None, None
    bare = plain(words.passage.text)[0]
    named = [(m, r) for r in rules(language, "who_decides") if (m := r.pattern.search(bare, words.start, words.end))]
    if not named:
        return None, None
    match, rule = min(named, key=lambda found: found[0].start())
    return str(rule.row["who"]), Span(words.passage, *match.span(), rule.name)


def _asks(words: Span | None, language: str, target: str, asked: Asked | None) -> tuple[str | None, Sequence[Span]]:
    """Say whom a decision asks to do something: as judged, or without a judgement by the verbs of the vocabulary."""
    if words is None:
        return None, []
    if asked is not None:
        return asked.get(target, ("nothing", [words]))
    found, found_words = _classify(words, language, "asks")
    return (found["asks"] if found else None), ([found_words] if found_words else [])


def _pair_in_order(document: Document, cited: Mapping[tuple[int, str], list[Citation]]) -> dict[tuple[int, str], Span]:
    """Pair the decisions that the body reports without their number with the summary paragraphs of the annex.

    Both name action and session; where several share these, they are paired in order only if there are as many of one
    as of the other: else which is which is unknown.
    """
    places: dict[tuple[Any, int], list[tuple[int, str]]] = {}
    for key, citations in cited.items():
        if all(c.passage and c.passage.entry for c in citations):
            passage = citations[0].passage
            assert passage is not None
            places.setdefault((passage.action_id, key[0]), []).append(key)
    reports: dict[tuple[Any, int], list[Span]] = {}
    for p in document.passages:
        summary = document.first_in(p, "summary") if p.section == "decision" else None
        if summary and summary.session is not None and not summary.item:
            reports.setdefault((p.action_id, summary.session), []).append(_after_opening(p, document.language))
    found: dict[tuple[int, str], Span] = {}
    for place, keys in places.items():
        if len(keys) == len(reports.get(place, [])):
            found |= dict(zip(keys, reports[place], strict=True))
    return found


def _after_opening(passage: Passage, language: str) -> Span:
    """Return what a decision says, after the words that introduce it."""
    bare = plain(passage.text)[0]
    for rule in rules(language, "opening"):
        if match := re.match(r" *+", bare):
            opening = rule.pattern.match(bare, match.end())
            if opening:
                start = opening.end() + len(bare[opening.end() :]) - len(bare[opening.end() :].lstrip())
                return Span(passage, start, len(passage.text), rule.name)
    return whole(passage)[0]


def _sentence_before(citation: Citation) -> Span:
    """Return the sentence to which a citation in brackets belongs: a decision comes before its reference."""
    assert citation.passage is not None
    text = citation.passage.text
    bare = plain(text)[0]
    outside = outside_brackets(bare)
    end = citation.start
    while end > 0 and not outside[end - 1]:
        end -= 1
    head = bare[:end].rstrip()
    start = max((m.end() for m in re.finditer(r"[。!?;]|\. ", head[:-1])), default=0)
    start += len(head[start:]) - len(head[start:].lstrip())
    return Span(citation.passage, start, len(head), "the sentence before the reference")


def _classify(words: Span | None, language: str, section: str) -> tuple[Mapping[str, Any] | None, Span | None]:
    """Return the first vocabulary entry that matches some words, and the words that match."""
    if words is not None:
        bare = plain(words.passage.text)[0]
        for rule in rules(language, section):
            if match := rule.pattern.search(bare, words.start, words.end):
                return {**rule.row, **match.groupdict()}, Span(words.passage, *match.span(), rule.name)
    return None, None


def follow_up_rows(document: Document) -> list[Row]:
    """Return the paragraphs on what follows, with the status that their words give."""
    rows = []
    for p in document.passages:
        if p.section != "follow_up" or p.paragraph is None:
            continue
        words = whole(p)[0]
        row, decided = _classify(words, document.language, "status")
        condition, condition_span = _classify(words, document.language, "conditional")
        due = None
        sources: dict[str | None, Sequence[Span]] = {None: [words]}
        if decided:
            sources |= {column: [decided] for column in ("status", "evidence", "due_session")}
            due = next(
                (c for c in document.citations_in(p) if c.kind == "session" and decided.start <= c.start < decided.end),
                None,
            )
        if condition_span:
            sources["conditional"] = [condition_span]
        rows.append(
            Row(
                {
                    "action_id": p.action_id,
                    "paragraph": p.paragraph,
                    "status": row["status"] if row else "unclear",
                    "due_session": due.session if due and row and row["status"] == "scheduled" else None,
                    "conditional": condition is not None,
                    "evidence": decided.text if decided else None,
                    "text": p.text,
                },
                sources,
            )
        )
    return rows
