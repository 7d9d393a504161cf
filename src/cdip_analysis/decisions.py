"""What the body says was decided, and what follows: rows with the words they came from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cdip_analysis.judgements import Judgements
from cdip_analysis.language import plain
from cdip_analysis.model import Citation, Document, Passage, Row, Span, span, whole
from cdip_analysis.wording import rules


def decision_rows(document: Document, judged: Judgements | None = None) -> list[Row]:
    """Return the paragraphs of Chair's summaries that are cited, with what the body says of each."""
    cited: dict[tuple[int, str], list[Citation]] = {}
    for c in sorted(document.citations, key=lambda c: c.passage.entry or 10**6 if c.passage else 0):  # the annex first
        if c.kind == "summary" and c.item and c.session is not None and not c.appendix:
            cited.setdefault((c.session, c.item), []).append(c)
    in_order = _pair_in_order(document, cited)
    asked: dict[str, tuple[str, list[Span]]] = {}
    for one in judged.commitments if judged else ():
        if one.values["asked_by"] == "committee" and (target := one.values["asked_target"]):
            asked.setdefault(target, (one.values["who"], []))[1].extend(one.words["asked_words"])
    rows = []
    for (session, item), citations in cited.items():
        passages = [c.passage for c in citations if c.passage]
        in_annex = next((p for p in passages if p.entry), None)
        in_body = next((c for c in citations if c.passage and c.passage.paragraph), None)
        words = _sentence_before(in_body) if in_body else in_order.get((session, item))
        sources: dict[str | None, Sequence[Span]] = {None: [s for c in citations for s in span(c)]}
        who = asks = None
        if words:
            sources["text"] = sources["paragraph"] = [words]
            # Who is named first decides. Whom it asks is as judged, or else by the verbs of the vocabulary.
            if named := min(_matches(words, document.language, "who_decides"), key=lambda m: m[1].start, default=None):
                who, sources["who_decides"] = named[0]["who"], [named[1]]
            if judged:
                target = f"{document.header.meeting(session)} summary {item}"
                asks, sources["asks"] = asked.get(target, ("nothing", [words]))
            elif found := next(_matches(words, document.language, "asks"), None):
                asks, sources["asks"] = found[0]["asks"], [found[1]]
        values = {
            "session": session,
            "summary_paragraph": item,
            "action_id": (in_annex or passages[0]).action_id,
            "entry": in_annex.entry if in_annex else None,
            "paragraph": words.passage.paragraph if words else None,
            "who_decides": who,
            "asks": asks,
            "text": words.text.strip() if words else None,
        }
        rows.append(Row(values, sources))
    return rows


def _matches(words: Span, language: str, section: str) -> Iterator[tuple[Mapping[str, Any], Span]]:
    """List the entries of a vocabulary that match some words, in its order, and for each the words that match."""
    bare = plain(words.passage.text)[0]
    for rule in rules(language, section):
        if match := rule.pattern.search(bare, words.start, words.end):
            yield rule.row, Span(words.passage, *match.span(), rule.name)


def _pair_in_order(document: Document, cited: Mapping[tuple[int, str], list[Citation]]) -> dict[tuple[int, str], Span]:
    """Pair the decisions that the body reports without their number with the summary paragraphs of the annex.

    Both name action and session; of several that share these, each is known only if there are as many on both sides.
    """
    places: dict[tuple[Any, int], list[tuple[int, str]]] = {}
    for key, citations in cited.items():
        entries = [c.passage for c in citations if c.passage and c.passage.entry]
        if len(entries) == len(citations):
            places.setdefault((entries[0].action_id, key[0]), []).append(key)
    reports: dict[tuple[Any, int], list[Span]] = {}
    for p in document.passages:
        summary = document.first_in(p, "summary") if p.section == "decision" else None
        if summary and summary.session is not None and not summary.item:
            reports.setdefault((p.action_id, summary.session), []).append(_after_opening(p, document.language))
    pairs = [(keys, reports.get(place, [])) for place, keys in places.items()]
    return {key: words for keys, said in pairs if len(keys) == len(said) for key, words in zip(keys, said, strict=True)}


def _after_opening(passage: Passage, language: str) -> Span:
    """Return what a decision says, after the words that introduce it."""
    bare = plain(passage.text)[0]
    for rule in rules(language, "opening"):
        if opening := rule.pattern.match(bare, len(bare) - len(bare.lstrip(" "))):
            rest = bare[opening.end() :].lstrip()
            return Span(passage, len(bare) - len(rest), len(passage.text), rule.name)
    return whole(passage)[0]


def _sentence_before(citation: Citation) -> Span:
    """Return the sentence to which a citation in brackets belongs: a decision comes before its reference."""
    assert citation.passage is not None
    head = re.sub(r"\([^()]*$", "", plain(citation.passage.text)[0][: citation.start]).rstrip()
    sentence = re.split(r"[。!?;]|\. ", head[:-1])[-1] + head[-1:]
    start = len(head) - len(sentence.lstrip())
    return Span(citation.passage, start, len(head), "the sentence before the reference")


def follow_up_rows(document: Document) -> list[Row]:
    """Return the paragraphs on what follows, with the status that their words give."""
    rows = []
    for p in document.passages:
        if p.section != "follow_up" or p.paragraph is None:
            continue
        words = whole(p)[0]
        row, decided = next(_matches(words, document.language, "status"), ({"status": "unclear"}, None))
        _, condition = next(_matches(words, document.language, "conditional"), ({}, None))
        due = None
        sources: dict[str | None, Sequence[Span]] = {None: [words]}
        if decided:
            sources |= {column: [decided] for column in ("status", "evidence", "due_session")}
            inside = (c for c in document.citations_in(p) if decided.start <= c.start < decided.end)
            sessions = (c.session for c in inside if c.kind == "session" and row["status"] == "scheduled")
            due = next(sessions, None)
        if condition:
            sources["conditional"] = [condition]
        values = {
            "action_id": p.action_id,
            "paragraph": p.paragraph,
            "status": row["status"],
            "due_session": due,
            "conditional": condition is not None,
            "evidence": decided.text if decided else None,
            "text": p.text,
        }
        rows.append(Row(values, sources))
    return rows
