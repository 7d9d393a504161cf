"""Evidence is complete: every cell of every table and analysis shows words, and they stand at the place it names.

The place is checked against the file itself, not against the passages that the package made of it.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from cdip_analysis import Report, evidence, load_report
from cdip_analysis.phrases import normalise
from cdip_analysis.read import read
from cdip_analysis.reference import SHIPPED, ordinals
from cdip_analysis.schema import table_names, tables
from cdip_analysis.trace import Evidence

SAMPLES = Path(__file__).parent / "samples"
# `agenda` and `chain` answer for one session and one action, and are made of `commitments`.
TABLES = [*table_names(), "timeline", "follow_up_status", "commitments", "reading_list"]
DOCUMENTS = {
    "zh": SHIPPED["zh"],
    "en": SHIPPED["en"],
    **{path.name: path for path in sorted(SAMPLES.glob("report.*")) if path.suffix in (".docx", ".pdf")},
}


@cache
def loaded(name: str) -> Report:
    return load_report(DOCUMENTS[name])


@cache
def lines(name: str) -> dict[int, str]:
    """What stands in a file, by the numbers that evidence names: lines of a text, blocks of a Word or PDF file."""
    if DOCUMENTS[name].suffix == ".txt":
        return dict(enumerate(DOCUMENTS[name].read_text(encoding="utf-8").split("\n"), 1))
    return {block.line: block.text for block in read(DOCUMENTS[name]).blocks}


def walk(name: str, table: str) -> list[Evidence]:
    report = loaded(name)
    columns = [column.name for column in tables()[table].columns]
    return [evidence(report, table, row, column) for row in range(len(report.rows(table))) for column in columns]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_words_of_every_cell_stand_in_the_file_where_it_says(name: str, table: str) -> None:
    there = lines(name)
    for shown in walk(name, table):
        assert shown.spans, shown
        for span in shown.spans:
            passage = span.passage
            place = "\n".join(there[n] for n in range(passage.line, passage.last_line + 1) if n in there)
            assert span.text.strip(), shown
            for words in span.text.split("\n"):
                assert words.strip() in place, (shown, place)
            if passage.paragraph is not None and passage.kind == "paragraph":
                assert re.match(rf"\s*{passage.paragraph}\s*[.．]", normalise(place)), (shown, place)


def tells(words: str, value: object, language: str) -> bool:
    """Whether words hold a value: as it stands, in figures, in words, or, of a symbol, but for its slashes and spaces."""
    text, told = normalise(words).lower(), normalise(str(value)).lower()
    bare, wanted = (re.sub(r"[\s/.]", "", part) for part in (text, told))
    if wanted in bare:
        return True
    if isinstance(value, int):
        return any(number == value and word.lower() in text for word, number in ordinals(language).items())
    return False


def stands_at(shown: Evidence, name: str) -> bool:
    """Whether a number that says where something stands is that of the words shown: in the file, not in the words."""
    if shown.column != "proposal_paragraph":
        return any(getattr(span.passage, shown.column) == shown.value for span in shown.spans)
    numbers = []
    for span in shown.spans:  # the last heading "Paragraph 3:" above
        above = [there[n] for there in [lines(name)] for n in sorted(there) if n < span.passage.line]
        found = [
            match for line in above if (match := re.fullmatch(r"(?:第|Paragraph) ([0-9]+)(?: 段)?[:：]?\s*", line))
        ]
        numbers += [int(found[-1][1])] if found else []
    return shown.value in numbers


@pytest.mark.parametrize("table", table_names())
@pytest.mark.parametrize("name", ["zh", "en"])
def test_printed_values_stand_in_the_words_shown(name: str, table: str) -> None:
    """A text, a number or a symbol that is said to be printed is among the words that its evidence shows.

    Of analyses the nature is told of a row as a whole, not of a cell.
    """
    absent = []
    for shown in walk(name, table):
        if shown.nature != "printed" or not isinstance(shown.value, (str, int)) or isinstance(shown.value, bool):
            continue
        in_words = any(tells(span.text, shown.value, loaded(name).language) for span in shown.spans)
        stands = in_words or (shown.column in ("proposal_paragraph", "paragraph", "item") and stands_at(shown, name))
        if not stands:
            absent.append((shown.column, shown.value, [span.text for span in shown.spans]))
    assert not absent, absent[:5]
