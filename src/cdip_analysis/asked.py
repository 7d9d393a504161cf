"""Find what was asked, decided, promised or announced, and what came of it: rules of wording, each cell with its words.

What counts is told by the rows ``[[commitment]]`` of the tables of wording, what came of it by ``[[outcome]]``; this
module only looks for them in the right places. No row names a paragraph of a document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import pandas as pd

from cdip_analysis.language import Rule, expand, normalise, plain, rules
from cdip_analysis.model import Citation, Passage, Row, Span, span, whole
from cdip_analysis.report import Report
from cdip_analysis.resolve import resolve
from cdip_analysis.tables import mandate, session_dates

__all__ = ["MAKERS", "commitments", "own_session", "thing"]


def commitments(report: Report) -> pd.DataFrame:
    """List what was asked, decided, promised or announced, and what came of it.

    What counts: each item of the decision that gave the mandate; each sentence of the quoted proposal that asks; each
    thing that a decision asks of the Secretariat or of the Committee itself, one row each; what delegations ask of the
    Secretariat in so many words; what is announced, and what a follow-up says will be done. What does not count: to
    take note, to welcome, to encourage, to suggest; proposals of the Secretariat in its documents; follow-ups that
    only say that something goes on; the invitation that closes a document.

    What came of it is searched later under the same action, by wording that answers the wording of what was asked:

    - ``delivered``: the thing asked for is there or was done;
    - ``reported``: an account was given of what was asked to be done, considered or reported;
    - ``due``: it is to come at a named session, the report's own or a later one;
    - ``no_trace``: no words were found that tell of it. That says nothing about what was done: only that this report
      does not tell it in words that the rules know.

    A language without such rows (now all but Chinese and English) gives an empty table.

    Returns
    -------
    pandas.DataFrame
        In document order, columns as data/datapackage.json declares them. `who` is the one who is to act.
        ``sessions_between`` and ``days_between`` are empty where a session is not named or its dates are not
        documented; days run from the last day of the session that asked to the first of the one that received it.

    Examples
    --------
    >>> from cdip_analysis import commitments, load_report
    >>> found = commitments(load_report())
    >>> found["outcome"].value_counts(sort=False).to_dict()
    {'delivered': 17, 'reported': 6, 'due': 4, 'no_trace': 4}
    >>> roster = found[found["asked_target"] == "CDIP/20 summary 7.2"]
    >>> roster[["asked_paragraph", "outcome", "outcome_paragraph", "sessions_between", "days_between"]].values.tolist()
    [[42, 'delivered', 43, 3, 535]]
    """
    return report.frame("commitments")


class _Asked(NamedTuple):
    """Words that ask or promise: the row that found them, the region in which a due date may stand, the action."""

    rule: Rule
    words: Span
    region: Span
    action_id: str | None


# The headings and paragraphs under each action, and of those under none: where an answer is looked for.
_ByAction = dict[str | None, list[Passage]]


def _rows(report: Report) -> Iterator[Row]:
    by_action: _ByAction = {}
    for passage in report.passages:
        if passage.kind in ("paragraph", "heading"):
            by_action.setdefault(passage.action_id, []).append(passage)
    for asked in _found(report):
        passage = asked.words.passage
        near = by_action.get(asked.action_id, [])
        session, target, asked_by, note = _asked_at(report, asked, near)
        due, due_words, due_sources = _due(report, asked)
        told, outcome, outcome_note = _came_of(report, asked, session, due, near)
        received, received_by = _told_at(report, told, near)
        _, last_day, asked_evidence = session_dates(report, session)
        first_day, _, received_evidence = session_dates(report, received)
        apart = received - session if received is not None and session is not None else None
        sources: dict[str | None, Sequence[Span]] = {None: [asked.words]}
        if asked_by:
            sources["asked_session"] = sources["asked_target"] = asked_by
        if due_sources:
            sources["due_session"] = sources["due_words"] = due_sources
        if told:
            for column in ("outcome", "outcome_paragraph", "outcome_words"):
                sources[column] = [told]
            sources["outcome_session"] = received_by or [told]
            sources["sessions_between"] = sources["days_between"] = [*(asked_by or [asked.words]), *received_by]
        elif outcome == "due":
            sources["outcome"] = due_sources
        yield Row(
            {
                "action_id": asked.action_id,
                "kind": asked.rule.row["kind"],
                "who": asked.rule.row["who"],
                "text": asked.words.text,
                "asked_paragraph": passage.paragraph,
                "asked_session": session,
                "asked_target": target,
                "due_session": due,
                "due_words": due_words.text if due_words else None,
                "outcome": outcome,
                "outcome_paragraph": told.passage.paragraph if told else None,
                "outcome_session": received,
                "outcome_words": told.text if told else None,
                "sessions_between": apart,
                "days_between": (first_day - last_day).days if apart and first_day and last_day else None,
            },
            sources,
            {
                "asked_session": note,
                "outcome": outcome_note,
                "days_between": f"{asked_evidence}; {received_evidence}",
            },
        )


# ---- what was asked -------------------------------------------------------------------------------------------------


def _found(report: Report) -> Iterator[_Asked]:
    """Find the words that ask, in document order; of rows that claim the same words, the first in the table counts."""
    given = {id(words.passage): words.end for words in mandate(report).decision}
    for passage in report.passages:
        if passage.kind not in ("paragraph", "proposal") or passage.section == "closing":
            continue
        starts = given.get(id(passage), 0)
        where = "mandate" if id(passage) in given else "proposal" if passage.kind == "proposal" else passage.section
        bare = plain(passage.text)[0]
        claimed: list[tuple[int, int]] = []
        found: list[_Asked] = []
        for rule in rules(report.language, "commitment"):
            if where not in rule.row.get("within", [where]):
                continue
            for match in rule.pattern.finditer(bare, starts):
                begin, end = match.span("words")
                if any(begin < until and since < end for since, until in claimed):
                    continue
                claimed.append((begin, end))
                for start, stop in _pieces(bare, begin, end, rule, report.language):
                    words = _span(passage, start, stop, rule.name)
                    alone = (start, stop) == (begin, end)
                    region = Span(passage, *match.span(), rule.name) if alone else words
                    found.append(_Asked(rule, words, region, _action_of(report, passage)))
        yield from sorted(found, key=lambda asked: asked.words.start)


def _pieces(bare: str, begin: int, end: int, rule: Rule, language: str) -> Iterator[tuple[int, int]]:
    """Cut a list of things asked into its pieces, and from each what only qualifies it."""
    if "split" not in rule.row:
        yield begin, end
        return
    split, tail = _compiled(rule.row["split"], language), _compiled(rule.row["tail"], language)
    cuts = [m.span() for m in split.finditer(bare, begin, end)]
    for start, stop in zip([begin, *(b for _, b in cuts)], [*(a for a, _ in cuts), end], strict=True):
        piece = bare[start:stop]
        if qualifier := tail.search(piece):
            piece = piece[: qualifier.start()]
        if piece.strip():
            yield start, start + len(piece)


@cache
def _compiled(pattern: str, language: str) -> re.Pattern[str]:
    return re.compile(expand(pattern, language), re.IGNORECASE)


def _span(passage: Passage, start: int, end: int, rule: str) -> Span:
    """Point at words without the blanks around them, and with the whole of a link mark that they touch."""
    bare, links = plain(passage.text)
    start += len(bare[start:end]) - len(bare[start:end].lstrip())
    end = start + len(bare[start:end].rstrip(" ,"))
    for mark, _, words_end, mark_end in links:
        if start < words_end and end > mark:
            start, end = min(start, mark), max(end, mark_end)
    return Span(passage, start, end, rule)


def _words(match: re.Match[str], passage: Passage, rule: Rule) -> Span:
    """Point at the group `words` of a match, in whichever branch of the pattern it stands."""
    name = next(name for name, value in match.groupdict().items() if name.startswith("words") and value is not None)
    return _span(passage, *match.span(name), rule.name)


def _action_of(report: Report, passage: Passage) -> str | None:
    """Give the action to which a passage belongs; a line of the proposal belongs to the one whose wording it shares.

    An action is named by the first words of its title ("provide a regular forum ..."): the earlier a piece of the title
    stands, the more it counts, and the less the more lines of the same paragraph of the proposal have it too.
    """
    if passage.kind != "proposal":
        return passage.action_id
    point = passage.proposal_paragraph
    titles = {
        row.values["action_id"]: row.values["action"]
        for row in report.rows("actions")
        if row.values["proposal_paragraph"] == point
    }
    if len(titles) < 2:
        return next(iter(titles), None)
    lines = [_shingles(p.text) for p in report.passages if p.kind == "proposal" and p.proposal_paragraph == point]
    mine = set(_shingles(passage.text))
    scores = {}
    for action_id, title in titles.items():
        shares = {piece: 1 / (1 + place) for place, piece in reversed(list(enumerate(_shingles(title or ""))))}
        known = {piece: share / max(1, sum(piece in line for line in lines)) for piece, share in shares.items()}
        scores[action_id] = sum(share for piece, share in known.items() if piece in mine) / (sum(shares.values()) or 1)
    best = max(scores.values())
    first = [action_id for action_id, score in scores.items() if score == best]
    return first[0] if best > 0 and len(first) == 1 else None


def _shingles(text: str) -> list[str]:
    """Cut a text into words, and writing without blanks between words into pairs of signs.

    >>> _shingles("Peer-review process"), _shingles("同行评审")
    (['peer', 'review', 'process'], ['同行', '行评', '评审'])
    """
    pieces = []
    for word in re.findall(r"[^\W_]+", normalise(text).lower()):
        pieces += [word] if word.isascii() else [word[n : n + 2] for n in range(max(1, len(word) - 1))]
    return pieces


# ---- at which session it was asked, and by when ---------------------------------------------------------------------


def own_session(report: Report) -> int | None:
    """Give the session to which a report is submitted: as its header says, or else as the user said."""
    return report.header.session if report.header.session is not None else report.supplied.get("session")


def _asked_at(report: Report, asked: _Asked, near: Sequence[Passage]) -> tuple[int | None, str | None, list[Span], str]:
    """Give the session that asked, what can be cited for it, the words that say so, and on what it rests."""
    passage, kind = asked.words.passage, asked.rule.row["kind"]
    if kind == "mandate":
        given = mandate(report)
        return given.decided, None, given.decision, ""
    if kind == "proposal":
        source = next(
            (c for c in report.cited if c.kind == "summary" and c.appendix and _section(c) == "introduction"), None
        )
        note = "the proposal stands in the appendix that the introduction cites"
        return (source.session, str(source), span(source), note) if source else (None, None, [], "")
    if asked.rule.row.get("answered"):
        named = _cited_within(report, asked.words, "session")
        return (named[0].session if named else None), None, [asked.words], ""
    for row in report.rows("decisions"):
        told = row.sources.get("text", ())
        if any(t.passage is passage and t.start <= asked.words.start < t.end for t in told):
            target = f"CDIP/{row.values['session']} summary {row.values['summary_paragraph']}"
            return row.values["session"], target, list(row.sources[None]), ""
    if passage.section == "follow_up":
        note = "the session to which the report is submitted"
        said = [line for line in report.passages if line.kind == "header"] if report.header.session else []
        if not said:
            note += ": as supplied by the user" if "session" in report.supplied else ": unknown"
        return own_session(report), None, [s for line in said for s in whole(line)], note
    if passage.section == "consideration":
        discussed = next(_ranges_after(report, asked, near), None)
        if discussed:
            return discussed.session, str(discussed), span(discussed), "the discussion of what this paragraph tells"
    return _context(report, passage, asked.words.start, near), None, [asked.words], "the last session named before"


def _section(citation: Citation) -> str | None:
    return citation.passage.section if citation.passage else None


def _cited_within(report: Report, words: Span, kind: str) -> list[Citation]:
    return [c for c in report.citations_in(words.passage) if c.kind == kind and words.start <= c.start < words.end]


def _ranges_after(report: Report, asked: _Asked, near: Sequence[Passage]) -> Iterator[Citation]:
    """Give the ranges of session reports cited after some words, in the same round of consideration.

    A round is told in a fixed order: what was presented, where it was discussed, what was decided.
    """
    words = asked.words
    for passage in _later(asked, near):
        if passage.section != "consideration":
            return
        for c in report.citations_in(passage):
            if c.kind == "paragraphs" and c.session and (passage is not words.passage or c.start >= words.end):
                yield c


def _later(asked: _Asked, near: Sequence[Passage]) -> Iterator[Passage]:
    """Give the paragraph that asks and those that follow it under the same action; for a line of the proposal, all."""
    passage = asked.words.passage
    if passage.kind == "proposal" and asked.action_id is None:
        return  # it is not known which action would answer it
    for other in near:
        # Outside the actions, what the introduction tells answers the mandate, and nothing else does.
        belongs = asked.action_id is not None or other.section == passage.section
        if other.kind == "paragraph" and other.line >= passage.line and belongs:
            yield other


def _context(report: Report, passage: Passage, place: int, near: Sequence[Passage]) -> int | None:
    """Give the session that a bare citation at a place would have from the text before it: the rule of `resolve`."""
    bare = Citation("paragraphs", start=place, end=place, resolved="unresolved", passage=passage)
    before = [(p, [c for c in report.citations_in(p) if c.resolved == "stated"]) for p in near if p.line < passage.line]
    here = [c for c in report.citations_in(passage) if c.resolved == "stated" and c.start < place]
    *_, last = resolve([*before, (passage, [*here, bare])])
    return last.session


def _due(report: Report, asked: _Asked) -> tuple[int | None, Span | None, list[Span]]:
    """Give the session at which something is due, the words that say when, and all that this rests on."""
    if asked.rule.row.get("answered"):
        return None, None, []
    region = asked.region
    for rule in rules(report.language, "due"):
        words = _match(rule, region.passage, region.start, region.end)
        if words is None:
            continue
        if rule.row["session"] != "end of period":
            return _named(report, words, rule), words, [words]
        given = mandate(report)
        if asked.rule.row["kind"] == "mandate":
            return given.last, words, [words, *given.period]
        for other in rules(report.language, "due"):
            after = _match(other, region.passage, region.end, len(region.passage.text))
            if after and (session := _named(report, after, other)) is not None:
                return session, after, [words, after]
        return None, words, [words]
    return None, None, []


def _match(rule: Rule, passage: Passage, start: int, end: int) -> Span | None:
    match = rule.pattern.search(plain(passage.text)[0], start, end)
    return _span(passage, *match.span(), rule.name) if match else None


def _named(report: Report, words: Span, rule: Rule) -> int | None:
    """Give the session that stands in words of a row that says that one does."""
    named = _cited_within(report, words, "session") if rule.row["session"] == "named" else []
    return named[0].session if named else None


# ---- what came of it ------------------------------------------------------------------------------------------------


def _came_of(
    report: Report, asked: _Asked, session: int | None, due: int | None, near: Sequence[Passage]
) -> tuple[Span | None, str, str]:
    """Find the first words that tell what came of it, what they make of it, and on what that rests."""
    now = own_session(report)
    if due is not None and now is not None and due >= now:
        return None, "due", ""
    # Where the report's own session is unknown, what is due may have come: it is looked for first.
    missing = "due" if due is not None and now is None else "no_trace"
    words = normalise(asked.words.text)
    known = rules(report.language, "outcome")
    row = next((r for r in known if _compiled(r.row["asked"], report.language).search(words)), None)
    if row is None:
        return None, missing, "no row of wording says what would answer these words"
    for passage in _later(asked, near):
        start = asked.words.end if passage is asked.words.passage else 0
        if match := row.pattern.search(plain(passage.text)[0], start):
            told = _words(match, passage, row)
            received, _ = _told_at(report, told, near)
            if received is None or session is None or received >= session:  # what came before it was asked is no answer
                return told, row.row["outcome"], f"answered by {row.name}"
    return None, missing, f"looked for by {row.name}, and not found"


def _told_at(report: Report, told: Span | None, near: Sequence[Passage]) -> tuple[int | None, list[Span]]:
    """Give the session at which something came: as named in the words, in their sentence, or by the context."""
    if told is None:
        return None, []
    for region in (told, _sentence(told)):
        for kind in ("session", "paragraphs", "document"):
            for c in _cited_within(report, region, kind):
                if c.session is not None and c.body == "CDIP":
                    return c.session, span(c)
    if told.passage.section in ("consideration", "decision"):
        # What a follow-up tells has no session: it is how things stand when the report is written.
        return _context(report, told.passage, told.end, near), [told]
    return None, []


_END = re.compile(r"[。!?;]|\.(?= |$)")


def _sentence(words: Span) -> Span:
    """Point at the sentence in which words stand."""
    bare = plain(words.passage.text)[0]
    start = max((m.end() for m in _END.finditer(bare, 0, words.start)), default=0)
    end = _END.search(bare, words.end)
    return Span(words.passage, start, end.start() if end else len(bare), words.rule)


def thing(words: Span, language: str) -> Span | None:
    """Point at the name of the thing to come in words that ask for it or promise it, None where none is named."""
    bare = plain(words.passage.text)[0]
    for rule in rules(language, "thing"):
        if match := rule.pattern.search(bare, words.start, words.end):
            return _words(match, words.passage, rule)
    return None


MAKERS: dict[str, Callable[[Report], Iterable[Row]]] = {"commitments": _rows}
