"""Write generated tables out in the report's own form, in six languages, and say what they must read as.

`plan` draws the content of a report, knowing no language; `write` prints it as a document; `expected` gives the tables
whose rows are those of the plan, worked out from the plan alone and never from the document. Reading what was written
must give what was expected; citations, decisions and findings must be the same in all languages.
"""

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from cdip_analysis.data import ordinals

#: The words of each language that is written: none but these and the numbers are needed for another.
WORDS: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "editions/words.toml").read_text("utf-8"))
LANGUAGES = tuple(WORDS)
LAST = 42  # no session of the Committee with a higher number is believed without its code
MOST_SESSIONS = 40  # a much higher number is no session of the CDIP
STATUS = ("none_expected", "scheduled", "continuing", "unclear")


class Entry(NamedTuple):
    """A row of the annex, and how much of it the body tells."""

    document: str | None
    event: dt.date | None
    session: int | None
    first: int | None
    last: int | None
    item: str | None  # the paragraph of the Chair's summary, of the same session
    told: str  # in the body: no, bare (session from context), explicit (session named)
    decided: str  # in the body: no, section (under its own words), sentence (in brackets behind the sentence)
    asks: str
    repeats_action: bool  # the first cell says the action again instead of standing empty
    after_break: bool  # title and header rows come again before it


@dataclass
class Action:
    name: int
    entries: list[Entry]
    headed: bool
    extra: tuple[int, int, int] | None  # a range that only the body cites
    follow_ups: list[tuple[str, int | None, bool]]  # status, session due, conditional


@dataclass
class Point:
    number: int
    items: list[str | None]
    preamble: bool
    actions: list[Action]


@dataclass
class Plan:
    session: int
    days: tuple[dt.date, dt.date]
    mandate: tuple[int, int, int] | None  # decided, first, last
    introduction: int
    points: list[Point]
    reports: dict[int, str]  # by session: the symbol of its report, "Prov." where it is a draft
    closing: bool


def plan(rng: Random, points: int, actions: int, entries: int, sessions: int, introduction: int) -> Plan:
    """Draw a plan: so many paragraphs of the proposal, actions under one of them, entries of one action, sessions."""
    meet = sorted(rng.sample(range(1, LAST + 1), min(sessions, LAST)))
    reports = {n: f"CDIP/{n}/{rng.randint(1, 20)}{' Prov.' if rng.random() < 0.2 else ''}" for n in meet}
    items: Counter[int] = Counter()
    documents = 0
    name = 0

    def entry() -> Entry:
        nonlocal documents
        n = rng.choice(meet) if rng.random() < 0.95 else None
        document = event = None
        if (kind := rng.random()) < 0.6:
            documents += 1
            document = f"CDIP/{rng.choice(meet)}/{rng.choice(['', 'INF/'])}{100 + documents}"
        elif kind < 0.7:
            event = dt.date(rng.randint(2005, 2030), rng.randint(1, 12), rng.randint(1, 28))
        first = rng.randint(1, 990) if n else None
        last = first and first + rng.choice([0, 1, 5, 40])
        item = None
        if n and rng.random() < 0.9:
            items[n] += 1
            item = rng.choice([f"{items[n]}", f"{rng.randint(1, 12)}.{items[n]}", f"3.1.{items[n]}"])
        told = rng.choice(["no", "bare", "bare", "explicit"]) if n else "no"
        decided = rng.choice(["no", "section", "section", "sentence"]) if item and told != "no" else "no"
        asks = "committee" if decided == "sentence" else rng.choice(["nothing", "secretariat", "committee"])
        return Entry(document, event, n, first, last, item, told, decided, asks, rng.random() < 0.3, rng.random() < 0.2)

    def action(count: int, headed: bool) -> Action:
        nonlocal name
        name += 1
        extra = None
        if rng.random() < 0.2:
            extra = (rng.choice(meet), start := rng.randint(2100, 9000), start + rng.randint(0, 99))  # no years
        follow_ups = [
            (status := rng.choice(STATUS), rng.choice(meet) if status == "scheduled" else None, rng.random() < 0.3)
            for _ in range(rng.choice([1, 1, 1, 0, 2]))
        ]
        return Action(name, [entry() for _ in range(count)], headed, extra, follow_ups)

    many = rng.randrange(points)
    made = []
    for number in range(1, points + 1):
        count = actions if number - 1 == many else 1
        headed = count > 1 or rng.random() < 0.5
        most = rng.randrange(count) if number - 1 == many else -1
        under = [action(entries if n == most else 1, headed) for n in range(count)]
        lines = [None, *"abcdefghijk"[: rng.choice([0, 0, 1, 2, 11])]]
        made.append(Point(number, lines, count > 1 or rng.random() < 0.2, under))
    day = dt.date(rng.randint(2005, 2030), rng.randint(1, 12), rng.randint(1, 24))
    given = None
    if introduction > 1 and rng.random() < 0.8:
        a, b = sorted((rng.randint(1, LAST), rng.randint(1, LAST)))
        given = (rng.randint(1, LAST), a, b)
    return Plan(
        rng.randint(meet[-1], LAST),
        (day, day + dt.timedelta(4)),
        given,
        introduction,
        made,
        reports,
        rng.random() < 0.9,
    )


def ordinals_of(n: int, language: str) -> tuple[str, str]:
    """Write an ordinal as it stands in a sentence, behind a preposition, and in a heading.

    >>> ordinals_of(21, "en"), ordinals_of(21, "zh"), ordinals_of(2, "ru")
    (('twenty-first', 'Twenty-first'), ('二十一', '二十一'), ('второй', 'Вторая'))
    """
    forms = [word for word, number in ordinals(language).items() if number == n]
    declined = language == "ru" or (language == "ar" and n >= 20)
    return forms[declined], forms[0].capitalize()


def title(n: int, language: str) -> str:
    """Name a thing by words that say nothing else."""
    names = [WORDS[language]["titles"][int(digit)] for digit in f"{n:03o}"]
    return ("" if language == "zh" else " ").join(names)


def write(drawn: Plan, language: str) -> str:
    """Print a plan as a document."""
    return "\n".join(_lines(drawn, language)) + "\n"


def _lines(drawn: Plan, language: str) -> Iterator[str]:
    words = WORDS[language]
    numbers = count(1)

    def say(key: str, **fields: Any) -> str:
        if "o" in fields:
            fields["o"], fields["O"] = ordinals_of(fields["o"], language)
        if "c" in fields and language == "zh":
            fields["c"] = ordinals_of(fields["c"], language)[0]
        if "t" in fields:
            fields["t"] = title(fields["t"], language)
        if "m" in fields:
            fields["M"] = words["months"][fields["m"] - 1]
        if "first" in fields:
            fields["r"] = words["one" if fields["first"] == fields["last"] else "range"].format(**fields)
        return str(words[key].format(**fields))

    def numbered(key: str, **fields: Any) -> str:
        return f"{next(numbers)}. {say(key, **fields)}"

    a, b = drawn.days  # of one month: see `plan`
    days = say("days", y=a.year, m=a.month, d=a.day, e=b.day)
    yield from (say("committee"), "", say("session", o=drawn.session), "", days, "", say("title"), "", say("by"), "")
    if drawn.mandate:
        decided, first, last = drawn.mandate
        yield numbered("decided", o=decided)
        yield numbered("period", c=last - first + 1, a=first, b=last)
    for _ in range(drawn.introduction - (2 if drawn.mandate else 0)):
        yield numbered("introduction")
    for point in drawn.points:
        yield from ("", say("point", n=point.number), "")
        for item in point.items:
            letter = item and words["letters"]["abcdefghijk".index(item)]
            yield say("item", i=letter, t=point.number) if item else say("line", t=point.number)
        if point.preamble:
            yield numbered("preamble", n=point.number, c=len(point.actions))
        for order, action in enumerate(point.actions, 1):
            if action.headed:
                yield from ("", say("action", c=order, t=action.name), "")
            yield from (say("consideration"), "")
            for e in action.entries:
                if e.told == "no":
                    continue
                yield numbered("presented" if e.document else "told", o=e.session, t=action.name, d=e.document)
                yield numbered(e.told, n=e.session, first=e.first, last=e.last)
                if e.decided == "sentence":
                    yield numbered("sentence", n=e.session, i=e.item)
                elif e.decided == "section":
                    yield numbered("decision", w=say("committee_decides" if e.asks == "committee" else e.asks))
            if action.extra:
                n, first, last = action.extra
                yield numbered("explicit", n=n, first=first, last=last)
            yield from ("", say("follow_up"), "")
            for status, due, conditional in action.follow_ups:
                follow_up = numbered(status, **({"o": due} if due else {}))
                yield f"{follow_up} {say('condition')}" if conditional else follow_up
    if drawn.closing:
        yield from ("", numbered("closing"))
    yield from ("", say("annex_follows"), "", say("annex_title"), say("annex_header"))
    for point in drawn.points:
        yield say("point", n=point.number) + "\t\t\t"
        for action in point.actions:
            for row, e in enumerate(action.entries):
                if e.after_break and row:
                    yield from ("", say("annex_title"), say("annex_header"))
                first_cell = say("annex_action", t=action.name) if row == 0 or e.repeats_action else ""
                if e.document:
                    done = say("annex_document", t=action.name, d=e.document)
                elif e.event:
                    done = say("annex_event", t=action.name, y=e.event.year, m=e.event.month, d=e.event.day)
                else:
                    done = say("annex_told" if e.session else "annex_nothing", n=e.session)
                discussed = ""
                if e.session:
                    report = drawn.reports[e.session]
                    key = "annex_draft" if "Prov." in report else "annex_range"
                    discussed = say(key, o=e.session, first=e.first, last=e.last, s=report)
                summary = say("annex_summary", n=e.session, i=e.item) if e.item else ""
                yield "\t".join((first_cell, done, discussed, summary))
    yield from ("", say("end"))


Rows = list[dict[str, Any]]


def expected(drawn: Plan) -> dict[str, Rows]:
    """Work out the tables whose rows are those of the plan, in the columns that do not depend on the language."""
    out: dict[str, Rows] = {name: [] for name in ("paragraphs", "proposal", "follow_ups", "annex", "actions")}

    def paragraph(section: str, point: int | None = None, action: str | None = None) -> int:
        number = len(out["paragraphs"]) + 1
        row = {"paragraph": number, "section": section, "proposal_paragraph": point, "action_id": action}
        out["paragraphs"].append(row)
        return number

    for _ in range(drawn.introduction):
        paragraph("introduction")
    for point in drawn.points:
        for item in point.items:
            out["proposal"].append({"proposal_paragraph": point.number, "item": item and f"{point.number}.{item}"})
        if point.preamble:
            paragraph("preamble", point.number)
        for order, action in enumerate(point.actions, 1):
            action_id = f"{point.number}.{order}"
            for e in action.entries:
                if e.told != "no":
                    paragraph("consideration", point.number, action_id)
                    paragraph("consideration", point.number, action_id)
                if e.decided != "no":
                    section = "decision" if e.decided == "section" else "consideration"
                    paragraph(section, point.number, action_id)
            if action.extra:
                paragraph("consideration", point.number, action_id)
            for status, due, conditional in action.follow_ups:
                number = paragraph("follow_up", point.number, action_id)
                row = {"action_id": action_id, "paragraph": number, "status": status}
                out["follow_ups"].append({**row, "due_session": due, "conditional": conditional})
            for e in action.entries:
                report = drawn.reports.get(e.session or 0)
                row = {"entry": len(out["annex"]) + 1, "proposal_paragraph": point.number, "action_id": action_id}
                row |= {"document": e.document, "session": e.session, "event_date": e.event}
                row |= {"report": report, "report_is_draft": report and "Prov." in report}
                row |= {"first_paragraph": e.first, "last_paragraph": e.last}
                row |= {"summary_session": e.session if e.item else None, "summary_paragraph": e.item}
                out["annex"].append(row)
            out["actions"].append(_action_row(point.number, action_id, action))
    if drawn.closing:
        paragraph("closing")
    return out


def _action_row(point: int, action_id: str, action: Action) -> dict[str, Any]:
    ranges = [(e.session, e.first, e.last, e.told) for e in action.entries if e.session and e.first and e.last]
    counted = {(session, n) for session, first, last, _ in ranges for n in range(first, last + 1)}
    if action.extra:
        ranges.append((*action.extra, "explicit"))
    told = {(session, n) for session, first, last, how in ranges if how != "no" for n in range(first, last + 1)}
    met = sorted({e.session for e in action.entries if e.session})
    return {
        "action_id": action_id,
        "proposal_paragraph": point,
        "entries": len(action.entries),
        "documents": len({e.document for e in action.entries} - {None}),
        "sessions": len(met),
        "first_session": met[0] if met else None,
        "last_session": met[-1] if met else None,
        "report_paragraphs": len(counted),
        "report_paragraphs_with_body": len(counted | told),
    }
