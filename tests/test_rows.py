"""Every row of wording is needed: tests/examples.csv holds a text for each, and what it reads as, apart from the rows.

Take any one row out of data/phrases and a line here reads otherwise. A new row wants a line of its own::

    .venv/bin/python tests/test_rows.py >> tests/examples.csv

writes those that are missing; read them before you keep them.
"""

import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cdip_analysis.find import _finder, cite_passage, unread
from cdip_analysis.phrases import LANGUAGES, Rule, plain, rules, table
from cdip_analysis.records import Passage

CITE = sys.modules["cdip_analysis.find"]
EXAMPLES = Path(__file__).parent / "examples.csv"
# What a row says of itself and does not do.
_APART = {"pattern", "example", "source", "unseen", "name", "reads", "why", "note"}
Rules = Callable[[str, str], tuple[Rule, ...]]


def written() -> list[tuple[str, str, str, str]]:
    return [tuple(line) for line in csv.reader(EXAMPLES.read_text(encoding="utf-8").splitlines())][1:]


def sections() -> list[tuple[str, str]]:
    """Language and section of all rows."""
    names = {name for code in ("common", *LANGUAGES) for name, rows in table(code).items() if _is_rows(rows)}
    return [(language, name) for language in LANGUAGES for name in sorted(names) if rules(language, name)]


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def reads(language: str, section: str, text: str, rows: Rules = rules) -> str:
    """What a text reads as by the rows of a section, in one line."""
    if section in ("citation", "not_citation"):
        passage = Passage("paragraph", text, 1, 1)
        found = cite_passage(passage, language)
        left = unread(passage, found, language)
        # Some of what is no citation would be none without its row as well: the row then says that this is meant.
        excused = [*_generic(language, section, text, rows)] if section == "not_citation" else []
        return "; ".join([*map(str, found), *(f"unread {hit.text}" for hit in left), *excused])
    if section == "loose":
        return "; ".join(f"{hit.why}: {hit.text}" for hit in unread(Passage("paragraph", text, 1, 1), [], language))
    return "; ".join(_generic(language, section, text, rows))


def _generic(language: str, section: str, text: str, rows: Rules) -> Iterator[str]:
    bare = plain(text)[0]
    for rule in rows(language, section):
        for match in rule.pattern.finditer(bare):
            if match[0]:
                does = ", ".join(f"{key}={value}" for key, value in rule.row.items() if key not in _APART)
                yield f"{does or rule.name.split(': ')[-1]} <{text[match.start() : match.end()]}>".replace("\n", "\\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_reads_as_it_did(language: str) -> None:
    wrong = []
    for code, section, example, says in written():
        if code == language and (now := reads(code, section, example.replace("\\n", "\n"))) != says:
            wrong.append(f"{section}: {example}\n    read as: {says}\n    now:     {now}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("language", "section"), sections())
def test_taking_out_any_row_changes_a_reading(language: str, section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line in written() if line[:2] == (language, section)]
    idle = []
    for taken in rules(language, section):

        def without(code: str, name: str, taken: Rule = taken) -> tuple[Rule, ...]:
            return tuple(rule for rule in rules(code, name) if rule is not taken)

        with monkeypatch.context() as patch:
            patch.setattr(CITE, "rules", without)
            _finder.cache_clear()
            mine = sorted(lines, key=lambda line: line[2] != shown(taken))
            if all(reads(language, section, line[2].replace("\\n", "\n"), without) == line[3] for line in mine):
                idle.append(f"{taken.name}: {shown(taken)}")
    _finder.cache_clear()
    assert not idle, "rows that no line of tests/examples.csv needs:\n" + "\n".join(idle)


def shown(rule: Rule) -> str:
    """The example of a row, or the shortest text that its pattern matches, on one line."""
    return (rule.row.get("example") or _shortest(rule.pattern.pattern)).replace("\n", "\\n")


def _shortest(pattern: str) -> str:
    from re import _constants as c  # type: ignore[attr-defined]
    from re import _parser  # type: ignore[attr-defined]

    def text(part: object) -> str:
        out = ""
        for kind, value in part:  # type: ignore[attr-defined]
            if kind is c.LITERAL:
                out += chr(value)
            elif kind is c.BRANCH:
                out += text(value[1][0])
            elif kind is c.SUBPATTERN:
                out += text(value[3])
            elif kind in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
                repeated = text(value[2])
                out += repeated * value[0] if repeated != " " else " "
            elif kind is c.IN:
                out += chr(value[0][1] if value[0][0] is c.LITERAL else value[0][1][0])
        return out

    return text(_parser.parse(pattern))


if __name__ == "__main__":
    there = {line[:3] for line in written()} if EXAMPLES.exists() else set()
    out = csv.writer(sys.stdout, lineterminator="\n")
    if not there:
        out.writerow(("language", "section", "example", "reads"))
    for language, section in sections():
        for rule in rules(language, section):
            line = (language, section, shown(rule))
            if line not in there:
                there.add(line)
                out.writerow((*line, reads(language, section, line[2].replace("\\n", "\n"))))
