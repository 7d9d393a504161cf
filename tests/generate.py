"""Write generated tables out in the report's own form, in six languages, and say what they must read as.

`plan` draws the content of a report, knowing no language; `write` prints it as a document; `expected` gives the tables
whose rows are those of the plan, worked out from the plan alone and never from the document. Reading what was written
must give what was expected; citations, decisions and findings must be the same in all languages.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
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
        rng.randint(1, LAST), (day, day + dt.timedelta(days=4)), given, introduction, made, reports, rng.random() < 0.9
    )


# ---- words --------------------------------------------------------------------------------------------------------------

DIGITS = "〇一二三四五六七八九"


def chinese(n: int) -> str:
    """Write 1 to 99 in Chinese.

    >>> chinese(1), chinese(10), chinese(19), chinese(20), chinese(99)
    ('一', '十', '十九', '二十', '九十九')
    """
    tens, ones = divmod(n, 10)
    return (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (DIGITS[ones] if ones else "")


def ordinals_of(n: int, language: str) -> tuple[str, str]:
    """Write an ordinal as it stands in a sentence, behind a preposition, and in a heading.

    >>> ordinals_of(21, "en"), ordinals_of(21, "fr"), ordinals_of(2, "ru")
    (('twenty-first', 'Twenty-first'), ('vingt et unième', 'Vingt et unième'), ('второй', 'Вторая'))
    """
    if language == "zh":
        return chinese(n), chinese(n)
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

    def say(key: str, **fields: Any) -> str:
        for name, value in list(fields.items()):
            match name:
                case "o":
                    fields["o"], fields["O"] = ordinals_of(value, language)
                case "c" if language == "zh":
                    fields["c"] = chinese(value)
                case "t":
                    fields["t"] = title(value, language)
                case "i" if key == "item":
                    fields["i"] = words["letters"]["abcdefghijk".index(value)]
                case "m":
                    fields["M"] = words["months"][value - 1]
                case "first":
                    fields["r"] = words["range" if fields["last"] != value else "one"].format(**fields)
        return str(words[key].format(**fields))

    number = 0

    def numbered(text: str) -> str:
        nonlocal number
        number += 1
        return f"{number}. {text}"

    a, b = drawn.days  # of one month: see `plan`
    days = say("days", y=a.year, m=a.month, d=a.day, e=b.day)
    yield from (say("committee"), "", say("session", o=drawn.session), "", days, "", say("title"), "", say("by"), "")
    texts = [say("introduction")] * drawn.introduction
    if drawn.mandate:
        decided, first, last = drawn.mandate
        texts[:2] = say("decided", o=decided), say("period", c=last - first + 1, a=first, b=last)
    for text in texts:
        yield numbered(text)
    for point in drawn.points:
        yield from ("", say("point", n=point.number), "")
        for item in point.items:
            yield say("item", i=item, t=point.number) if item else say("line", t=point.number)
        if point.preamble:
            yield numbered(say("preamble", n=point.number, c=len(point.actions)))
        for order, action in enumerate(point.actions, 1):
            if action.headed:
                yield from ("", say("action", c=order, t=action.name), "")
            yield from (say("consideration"), "")
            for e in action.entries:
                if e.told == "no":
                    continue
                assert e.session
                presented = {"t": action.name, "d": e.document} if e.document else {}
                yield numbered(say("presented" if e.document else "told", o=e.session, **presented))
                yield numbered(say(e.told, n=e.session, first=e.first, last=e.last))
                if e.decided == "sentence":
                    yield numbered(say("sentence", n=e.session, i=e.item))
                elif e.decided == "section":
                    yield numbered(say("decision", w=say("committee_decides" if e.asks == "committee" else e.asks)))
            if action.extra:
                n, first, last = action.extra
                yield numbered(say("explicit", n=n, first=first, last=last))
            yield from ("", say("follow_up"), "")
            for status, due, conditional in action.follow_ups:
                text = say(status, **({"o": due} if due else {}))
                yield numbered(f"{text} {say('condition')}" if conditional else text)
    if drawn.closing:
        yield from ("", numbered(say("closing")))
    yield from ("", say("annex_follows"), "", say("annex_title"), say("annex_header"))
    for point in drawn.points:
        yield say("point", n=point.number) + "\t\t\t"
        for action in point.actions:
            for row, e in enumerate(action.entries):
                if e.after_break and row:
                    yield from ("", say("annex_title"), say("annex_header"))
                cells = ["", "", "", ""]
                if row == 0 or e.repeats_action:
                    cells[0] = say("annex_action", t=action.name)
                if e.document:
                    cells[1] = say("annex_document", t=action.name, d=e.document)
                elif e.event:
                    y, m, d = e.event.year, e.event.month, e.event.day
                    cells[1] = say("annex_event", t=action.name, y=y, m=m, d=d)
                else:
                    cells[1] = say("annex_told", n=e.session) if e.session else say("annex_nothing")
                if e.session:
                    report = drawn.reports[e.session]
                    key = "annex_draft" if "Prov." in report else "annex_range"
                    cells[2] = say(key, o=e.session, first=e.first, last=e.last, s=report)
                if e.item:
                    cells[3] = say("annex_summary", n=e.session, i=e.item)
                yield "\t".join(cells)
    yield from ("", say("end"))


# ---- what it must read as ---------------------------------------------------------------------------------------------

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
                out["annex"].append(_annex_row(len(out["annex"]) + 1, point.number, action_id, e, drawn.reports))
            out["actions"].append(_action_row(point.number, action_id, action))
    if drawn.closing:
        paragraph("closing")
    return out


def _annex_row(entry: int, point: int, action_id: str, e: Entry, reports: dict[int, str]) -> dict[str, Any]:
    report = reports[e.session] if e.session else None
    return {
        "entry": entry,
        "proposal_paragraph": point,
        "action_id": action_id,
        "document": e.document,
        "session": e.session,
        "report": report,
        "report_is_draft": "Prov." in report if report else None,
        "first_paragraph": e.first,
        "last_paragraph": e.last,
        "summary_session": e.session if e.item else None,
        "summary_paragraph": e.item,
        "event_date": e.event,
    }


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
