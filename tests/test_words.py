"""Every word and every row of data/language is needed: tests/examples.csv has a text for each, and what it reads as.

Take any one out and a line here reads otherwise. When words have changed::

    .venv/bin/python tests/test_words.py

writes the readings of the file anew, and says which words and rows have no line yet; read what differs
(``git diff --word-diff``) before you keep it.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cdip_analysis import tokens
from cdip_analysis.citations import read_text
from cdip_analysis.data import bodies, ordinals
from cdip_analysis.language import LANGUAGES, number_of, plain, table
from cdip_analysis.wording import Rule, rules

EXAMPLES = Path(__file__).parent / "examples.csv"
WHOLE_LINES = {"agenda_heading", "annex", "heading", "mark", "page_head", "running_head", "session_report"}
BY_JUDGEMENTS = {"promise", "who_decides"}  # verbs and nouns that test_judgements.py tries


class Example(NamedTuple):
    """A text for a word of a list, or for a row of a section; `source` says where its wording was seen."""

    language: str
    list: str
    word: str
    text: str
    reads: str
    source: str


def written() -> list[Example]:
    with EXAMPLES.open(encoding="utf-8", newline="") as file:
        return [Example(*line) for line in csv.reader(file)][1:]


def words() -> Iterator[tuple[str, str, list[str]]]:
    """Language, name and words of each list; the lists are those that the package reads."""
    for language in LANGUAGES:
        known = tokens.vocabulary(language)
        for name, of_list in (*known["words"].items(), *known["generic"].items()):
            yield language, name, of_list


def sections() -> list[tuple[str, str]]:
    names = {name for code in ("common", *LANGUAGES) for name in table(code).get("rows", {})} - BY_JUDGEMENTS
    return [(language, name) for language in LANGUAGES for name in sorted(names) if rules(language, name)]


def reads(language: str, of: str, text: str, without: Rule | None = None) -> str:
    """What a text reads as in one line: by the rows of a section, or else what it cites in a document of the CDIP."""
    if (language, of) in sections():
        return "; ".join(by_rows(text, of, (rule for rule in rules(language, of) if rule is not without)))
    found = read_text(text, language, "CDIP")
    cited = [f"{c} <{c.text}>" for c in found.citations]
    return "; ".join([*cited, *(f"unread <{text[start:end]}>" for start, end, _ in found.unread)])


def by_rows(text: str, section: str, known: Iterable[Rule]) -> Iterator[str]:
    bare = plain(text)[0]
    for rule in known:
        matches = [rule.pattern.fullmatch(bare)] if section in WHOLE_LINES else rule.pattern.finditer(bare)
        for match in filter(None, matches):
            says = [f"{key}={value}" for key, value in rule.row.items() if key not in ("pattern", "example", "note")]
            fields = [f"{key}: {text[slice(*match.span(key))]}" for key, value in match.groupdict().items() if value]
            yield ", ".join([*(says or [section]), f"<{text[slice(*match.span())]}>", *fields])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_reads_as_it_did(language: str) -> None:
    now = {line: reads(line.language, line.list, line.text) for line in written() if line.language == language}
    assert [(line, read) for line, read in now.items() if read != line.reads] == []


def forget() -> None:
    """Let what was made of the words be made anew."""
    for made in (tokens.tokens, *vars(tokens).values()):
        if hasattr(made, "cache_clear") and made not in (tokens.vocabulary, table, bodies, ordinals):
            made.cache_clear()


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_word_a_line_reads_otherwise(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With those bodies alone that a line names, for all words are compiled anew each time."""
    lines = {(line.list, line.word): line for line in written() if line.language == language and line.word}
    cited = " ".join(line.reads for line in lines.values())
    monkeypatch.setattr(tokens, "bodies", lambda: [body for body in bodies() if f"{body.letters}/" in cited])
    forget()
    whole = {at: reads(language, line.list, line.text) for at, line in lines.items()}
    idle = []
    for _, name, of_list in (known for known in words() if known[0] == language):
        for place, word in enumerate(of_list):
            of_list[place] = "zqx"
            forget()
            line = lines.get((name, word))
            if line is None or reads(language, name, line.text) == whole[name, word]:
                idle.append(f"{name}: {word}")
            of_list[place] = word
    forget()
    assert idle == []


@pytest.mark.parametrize(("language", "section"), sections())
def test_without_a_row_a_line_reads_otherwise(language: str, section: str) -> None:
    lines = [line for line in written() if (line.language, line.list) == (language, section)]
    known = rules(language, section)
    assert [r for r in known if all(reads(language, section, line.text, r) == line.reads for line in lines)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_name_of_a_body_is_read(language: str) -> None:
    def letters(name: str) -> list[Any]:
        return [token.value for token in tokens.tokens(name.replace("*", ""), language) if token.kind in "Bb"]

    named = [(body.letters, name) for body in bodies() for name in body.names.get(language, ())]
    assert [(body, name) for body, name in named if letters(name) != [body]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_ordinal_is_read(language: str) -> None:
    assert {word for word, number in ordinals(language).items() if number_of(word, language) != number} == set()


def test_each_line_says_where_its_wording_was_seen() -> None:
    assert [line for line in written() if line.word and not line.source] == []
    assert not [line for line in written() if re.search(r"\t", line.text)]


if __name__ == "__main__":
    now = [line._replace(reads=reads(line.language, line.list, line.text)) for line in written()]
    with EXAMPLES.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows([Example._fields, *now])
    have = {(line.language, line.list, line.word) for line in now}
    print(
        *(
            f"no line: {lang} {name} {word}"
            for lang, name, known in words()
            for word in known
            if (lang, name, word) not in have
        ),
        sep="\n",
    )
