"""What the body says was decided, and what follows: rows with the words they came from."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any, TypeAlias

from cdip_analysis.judgements import Judgements
from cdip_analysis.language import outside_brackets, plain
from cdip_analysis.model import Citation, Document, Passage, Row, Span, grouped, span, traced, whole
from cdip_analysis.wording import rules

#: An entry of a vocabulary, and the words that it matches.
_Match: TypeAlias = tuple[Mapping[str, Any], list[Span]]
_NO_MATCH: _Match = ({}, [])
#: Session and paragraph of a Chair's summary, and the action that is decided on.
_Key: TypeAlias = tuple[int, str, str | None]


def decision_rows(document: Document, judged: Judgements | None = None) -> list[Row]:
    """Return the paragraphs of Chair's summaries that are cited, with what the body says of each."""
    cited = _cited(document)
    said: dict[_Key, Span] = {}
    for key, citations in cited.items():
        sentences = (_sentence_of(c, document) for c in citations if _in_body(c))
        if words := next(filter(None, sentences), None):
            said[key] = words
    said |= _pair_in_order(document, {key: citations for key, citations in cited.items() if key not in said})
    asked: dict[str, tuple[str, list[Span]]] = {}
    for one in judged.commitments if judged else ():
        if one.values["asked_by"] == "committee" and (target := one.values["asked_target"]):
            asked.setdefault(target, (one.values["who"], []))[1].extend(one.words["asked_words"])
    rows = []
    for (session, item, action), citations in cited.items():
        words = said.get((session, item, action))
        values = {
            "session": session,
            "summary_paragraph": item,
            "action_id": action,
            "entry": next((c.passage.entry for c in citations if c.passage and c.passage.entry), None),
            **dict.fromkeys(("paragraph", "who_decides", "asks", "text")),
        }
        named: dict[str, Sequence[Span]] = {}
        if words:
            # Who is named first decides. Whom it asks is as judged, or else by the verbs of the vocabulary.
            deciding = [*_matches(words, document.language, "who_decides")]
            who, named["who_decides"] = min(deciding, key=lambda found: found[1][0].start, default=_NO_MATCH)
            values |= {"paragraph": words.passage.paragraph, "text": words.text.strip(), "who_decides": who.get("who")}
            named |= {"text": [words], "paragraph": [words]}
            if judged:
                target = f"{document.header.meeting(session)} summary {item}"
                values["asks"], named["asks"] = asked.get(target, ("nothing", [words]))
            else:
                verb, named["asks"] = next(_matches(words, document.language, "asks"), _NO_MATCH)
                values["asks"] = verb.get("asks")
        rows.append(traced(values, [s for c in citations for s in span(c)], named))
    return rows


def _cited(document: Document) -> dict[_Key, list[Citation]]:
    """Return the citations of paragraphs of the own body's summaries by paragraph and action, those of the annex first.

    What is cited for several actions is there for each, with what the body says of it there, or else anywhere.
    """
    annex_first = sorted(document.citations, key=lambda c: c.passage.entry or 10**6 if c.passage else 0)
    own = [c for c in annex_first if c.kind == "summary" and c.body == document.header.own_body]
    own = [c for c in own if c.session is not None and c.item and not c.appendix]
    found: dict[_Key, list[Citation]] = {}
    for (session, item), together in grouped(own, lambda c: (c.session or 0, c.item or "")).items():
        by_action = grouped(together, lambda c: c.passage.action_id if c.passage else None)
        of_none = by_action.pop(None, [])
        for action, of_action in (by_action or {None: []}).items():
            here = [*of_action, *of_none]
            if not any(map(_in_body, here)):
                here += filter(_in_body, together)
            found[session, item, action] = here
    return found


def _in_body(citation: Citation) -> bool:
    return citation.passage is not None and citation.passage.paragraph is not None


def _matches(words: Span, language: str, section: str) -> Iterator[_Match]:
    """List the entries of a vocabulary that match some words, in its order, and for each the words that match."""
    bare = plain(words.passage.text)[0]
    for rule in rules(language, section):
        if match := rule.pattern.search(bare, words.start, words.end):
            yield rule.row, [Span(words.passage, *match.span(), rule.name)]


def _pair_in_order(document: Document, cited: Mapping[_Key, list[Citation]]) -> dict[_Key, Span]:
    """Pair the decisions that the body reports without their number with the summary paragraphs of the annex.

    Both name action and session; of several that share these, each is known only if there are as many on both sides.
    """
    places: dict[tuple[Any, int], list[_Key]] = {}
    for key, citations in cited.items():
        if any(c.passage and c.passage.entry for c in citations):
            places.setdefault((key[2], key[0]), []).append(key)
    reports: dict[tuple[Any, int], list[Span]] = {}
    for p in document.passages:
        summary = document.first_in(p, "summary") if p.section == "decision" else None
        if summary and summary.session is not None and summary.body == document.header.own_body and not summary.item:
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


#: The end of a sentence; a list after a semicolon, "(a) ...; and (b) ...", goes on.
STOP = re.compile(r"[。!?]|\.(?= |$)|;(?! *(?:\w{1,12},? +)?(?:[-•·*] |\(?[^\W_A-Z]{1,4}\)))")


@lru_cache(maxsize=16)  # a paragraph may cite many decisions
def _sentences(text: str) -> tuple[list[bool], list[int]]:
    """Say of each character of a text whether it is outside brackets, and where the sentences end."""
    bare = plain(text)[0]
    outside = outside_brackets(bare)
    return outside, [stop.end() for stop in STOP.finditer(bare) if outside[stop.start()]]


def _sentence_of(citation: Citation, document: Document) -> Span | None:
    """Return the words that a citation belongs to, if one is a verb of deciding: a decision comes before its reference.

    A sentence that goes on after the brackets around it belongs to it whole, unless it has another summary there.
    """
    assert citation.passage is not None
    bare, (outside, ends) = plain(citation.passage.text)[0], _sentences(citation.passage.text)
    opened, closed, in_brackets = citation.start, citation.end, not outside[citation.start]
    while in_brackets and opened and not outside[opened - 1]:
        opened -= 1
    while in_brackets and closed < len(bare) and not outside[closed]:
        closed += 1
    end = len(re.sub(r"\([^()]*$", "", bare[:opened]).rstrip())
    at = bisect_left(ends, end)
    start = ends[at - 1] if at else 0
    start = end - len(bare[start:end].lstrip())
    if in_brackets and ends[at : at + 1] != [end]:  # no stop before the bracket
        stop = next((one for one in ends[at:] if one > closed), len(bare))
        cited = document.citations_in(citation.passage)
        first, last = (bisect_left(cited, place, key=attrgetter("start")) for place in (closed, stop))
        goes_on = re.match(r"[^\w.]*\w", bare[closed:stop])
        if goes_on and not any(c.kind == "summary" for c in cited[first:last]):
            end = len(bare[:stop].rstrip(" .。;!?"))
    words = Span(citation.passage, start, end, "the sentence of the reference")
    decides = chain(*(_matches(words, document.language, section) for section in ("asks", "decides")))
    return words if next(decides, None) else None


def follow_up_rows(document: Document) -> list[Row]:
    """Return the paragraphs on what follows, with the status that their words give."""
    rows, own = [], document.header.own_body
    for p in document.passages:
        if p.section != "follow_up" or p.paragraph is None:
            continue
        status, decided = next(_matches(whole(p)[0], document.language, "status"), _NO_MATCH)
        _, condition = next(_matches(whole(p)[0], document.language, "conditional"), _NO_MATCH)
        named = (c for s in decided for c in document.citations_in(p) if s.start <= c.start < s.end)
        due = (c.session for c in named if c.kind == "session" and status["status"] == "scheduled" and c.body == own)
        values = {
            "action_id": p.action_id,
            "paragraph": p.paragraph,
            "status": status.get("status", "unclear"),
            "due_session": next(due, None),
            "conditional": bool(condition),
            "evidence": decided[0].text if decided else None,
            "text": p.text,
        }
        sources = {**dict.fromkeys(("status", "evidence", "due_session"), decided), "conditional": condition}
        rows.append(traced(values, whole(p), sources))
    return rows
