"""Every row of wording is needed: tests/examples.csv holds a text for each, and what it reads as, apart from the rows.

Take any one row out of data/phrases and a line here reads otherwise. When rows have changed::

    .venv/bin/python tests/test_rows.py

writes the file anew, with a line for each new row; read what differs (``git diff --word-diff``) before you keep it.
"""

import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdip_analysis.find import _finder, _nets, cite_passage, unread
from cdip_analysis.language import LANGUAGES, Rule, plain, rules, table
from cdip_analysis.model import Passage

CITE = sys.modules["cdip_analysis.find"]
EXAMPLES = Path(__file__).parent / "examples.csv"
# What a row says of itself, or how it looks, and not what it makes of the words.
_APART = {"pattern", "example", "source", "unseen", "name", "reads", "why", "note", "asked", "near", "split", "tail"}
_WHOLE_LINES = {"agenda_heading", "annex", "heading", "mark", "running_head", "session_report"}
Rules = Callable[[str, str], tuple[Rule, ...]]


def written() -> list[tuple[str, ...]]:
    return [tuple(line) for line in csv.reader(EXAMPLES.read_text(encoding="utf-8").splitlines())][1:]


def sections() -> list[tuple[str, str]]:
    """Language and section of all rows."""
    names = {name for code in ("common", *LANGUAGES) for name, rows in table(code).items() if _is_rows(rows)}
    names -= {"promise", "who_decides"}  # verbs and nouns, each tried by the tests of judgements
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
        cited = [f"{c} <{c.text}>".replace("\n", "\\n") for c in found]
        return "; ".join([*cited, *(f"unread {hit.text}" for hit in left), *excused])
    if section == "loose":
        return "; ".join(f"{hit.why}: {hit.text}" for hit in unread(Passage("paragraph", text, 1, 1), [], language))
    return "; ".join(_generic(language, section, text, rows))


def _generic(language: str, section: str, text: str, rows: Rules) -> Iterator[str]:
    bare = plain(text)[0]
    for rule in rows(language, section):
        matches = [rule.pattern.fullmatch(bare)] if section in _WHOLE_LINES else rule.pattern.finditer(bare)
        for match in matches:
            if match and match[0]:
                facts = [f"{key}={value}" for key, value in rule.row.items() if key not in _APART]
                does = ", ".join(filter(None, (rule.row.get("name"), *facts))) or section
                fields = [
                    f"{key}: {text[slice(*match.span(key))]}" for key, value in match.groupdict().items() if value
                ]
                within = f" ({'; '.join(fields)})" if fields else ""
                yield f"{does} <{text[slice(*match.span())]}>{within}".replace("\n", "\\n")


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
            _nets.cache_clear()
            mine = sorted(lines, key=lambda line: line[2] != shown(taken))
            if all(reads(language, section, line[2].replace("\\n", "\n"), without) == line[3] for line in mine):
                idle.append(f"{taken.name}: {shown(taken)}")
    _finder.cache_clear()
    _nets.cache_clear()
    assert not idle, "rows that no line of tests/examples.csv needs:\n" + "\n".join(idle)


def shown(rule: Rule) -> str:
    """The example of a row, or the shortest text that its pattern matches, on one line."""
    return (rule.row.get("example") or _shortest(rule.pattern.pattern)).replace("\n", "\\n")


def _shortest(pattern: str) -> str:
    from re import _constants as c  # type: ignore[attr-defined]  # typeshed leaves it out
    from re import _parser  # type: ignore[attr-defined]  # typeshed leaves it out

    def text(part: Any) -> str:
        out = ""
        for kind, value in part:
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


def lines() -> Iterator[tuple[str, str, str, str]]:
    """A line for each row, behind them those that are there for other reasons."""
    for language, section in sections():
        texts = [shown(rule) for rule in rules(language, section)]
        texts += [line[2] for line in written() if line[:2] == (language, section)]
        for text in dict.fromkeys(texts):
            yield language, section, text, reads(language, section, text.replace("\\n", "\n"))


if __name__ == "__main__":
    now = list(lines())
    with EXAMPLES.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("language", "section", "example", "reads"), *now])
