"""Evidence is complete: every cell of every table and analysis shows words, and they stand at the place it names.

The place is checked against the file itself, not against the passages that the package made of it.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cdip_analysis
from cdip_analysis import Report, evidence, load_report
from cdip_analysis.data import SHIPPED, ordinals
from cdip_analysis.language import normalise
from cdip_analysis.provenance import Evidence
from cdip_analysis.read import read
from cdip_analysis.schema import table_names, tables

HERE = Path(__file__).parent
# What a report of CDIP/21 may hold, as the shipped one cites it; paragraphs 105 to 107 are not there.
OPENINGS = ("The Delegation of Chile, speaking on behalf of GRULAC, said so.", "It was so decided.", "The Chair met.")
HEAD = (
    "CDIP/21/15\nORIGINAL: ENGLISH\nCommittee on Development and Intellectual Property (CDIP)\nTwenty-first Session\n"
    "Geneva, May 14 to 18, 2018\nREPORT\nadopted by the Committee\n"
)
CITED = HEAD + "\n".join(f"{n}. {OPENINGS[n % 3]}" for n in range(1, 130) if n not in (105, 106, 107))
DOCUMENTS: dict[str, Path | bytes] = {
    **SHIPPED,
    **{name: HERE / "samples" / name for name in ("report.zh.docx", "report.en.pdf")},
    **{f"short {path.name}": path for path in sorted((HERE / "editions").glob("report.*.txt"))},
    "a report of a session": CITED.encode(),
}
TABLES = [*tables(), "session_coverage", *tables("library")]
PRINTED = {*table_names(), *tables("library")}


@cache
def loaded(name: str) -> Report:
    return load_report(DOCUMENTS[name], beside=False)


@cache
def lines(name: str) -> dict[int, str]:
    """What stands in a file, by the numbers that evidence names: lines of a text, blocks of a Word or PDF file."""
    source = DOCUMENTS[name]
    if isinstance(source, Path) and source.suffix != ".txt":
        return {block.line: block.text for block in read(source).blocks}
    data = source if isinstance(source, bytes) else source.read_bytes()
    return dict(enumerate(data.decode().split("\n"), 1))


# All that an analysis can be asked of a report, besides nothing.
ASKED: dict[str, Callable[[Report], list[dict[str, Any]]]] = {
    "agenda": lambda report: [{"session": int(number)} for number in report.sessions["session"]],
    "cited_passages": lambda report: [{"library": [loaded("a report of a session")]}],
    "follow_up_status": lambda report: [{"as_of": int(number)} for number in report.sessions["session"]],
    "reading_list": lambda report: [{"action": action} for action in report.actions["action_id"]],
    "session_coverage": lambda report: [{"values": values} for values in ("entries", "documents", "decisions")],
}


def walk(name: str, table: str) -> Iterator[tuple[Evidence, object]]:
    """The evidence of every cell of a table, and what is in the cell, as it was before pandas."""
    report = loaded(name)
    first: dict[str, Any] = {"library": []} if table == "cited_passages" else {}
    # What else an analysis can be asked does not hang on the format.
    every = DOCUMENTS[name] in SHIPPED.values() or "short" in name
    for asked in [first, *(ASKED[table](report) if every and table in ASKED else [])]:
        own = table in tables() and not asked  # an analysis is the function of its name, whatever it is asked
        frame = report.frame(table) if own else getattr(cdip_analysis, table)(report, **asked)
        for row in frame.index:
            for column in frame.columns:
                cell: Any = frame.at[row, column]
                plain = cell.date() if isinstance(cell, pd.Timestamp) else None if pd.isna(cell) else cell
                yield evidence(report, table, row, column, **asked), plain


def tells(words: str, value: object, language: str) -> bool:
    """Whether words hold a value: as it stands, in figures, in words, or, of a symbol, but for its slashes and spaces."""
    text, told = normalise(words).lower(), normalise(str(value)).lower()
    bare, wanted = (re.sub(r"[\s/.]", "", part) for part in (text, told))
    in_words = [word for word, number in ordinals(language).items() if type(value) is int and number == value]
    return wanted in bare or any(word.lower() in text for word in in_words)


def stands_at(shown: Evidence, name: str) -> bool:
    """Whether a number that says where something stands is that of the words shown: in the file, not in the words."""
    if shown.column != "proposal_paragraph":
        return any(getattr(span.passage, shown.column) == shown.value for span in shown.spans)
    there, numbers = lines(name), []
    for span in shown.spans:  # the last heading "Paragraph 3:" above
        above = [normalise(there[n]) for n in sorted(there) if n < span.passage.line]
        found = [match for line in above if (match := re.fullmatch(r"(?:第|\w{5,10}) ([0-9]+)(?: 段)? ?:?\s*", line))]
        numbers += [int(found[-1][1])] if found else []
    return shown.value in numbers


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_words_of_every_cell_stand_in_the_file_where_it_says(name: str, table: str) -> None:
    """What is said to be printed is among them; of analyses the nature is that of a row as a whole, not of a cell."""
    for shown, cell in walk(name, table):
        assert shown.value == cell, shown
        # Without an annex there is nothing to count, nor to look through.
        nothing = loaded(name).annex.empty and shown.note == "the report has no annex, of which the coverage counts"
        assert shown.spans or nothing, shown
        there = lines("a report of a session" if shown.document else name)
        for span in shown.spans:
            passage = span.passage
            place = "\n".join(there[n] for n in range(passage.line, passage.last_line + 1) if n in there)
            assert span.text.strip(), shown
            for words in span.text.split("\n"):
                assert words.strip() in place, (shown, place)
            if passage.paragraph is not None and passage.kind == "paragraph":
                assert re.match(rf"\s*{passage.paragraph}\s*[.．]", normalise(place)), (shown, place)
        if table in PRINTED and shown.nature == "printed" and type(shown.value) in (str, int):
            in_words = any(tells(span.text, shown.value, loaded(name).language) for span in shown.spans)
            a_place = shown.column in ("proposal_paragraph", "paragraph", "item")
            assert in_words or (a_place and stands_at(shown, name)), shown


@pytest.mark.parametrize("row", [np.True_, 12.0, 12 + 0j, [1], None, "12", -1, 15], ids=repr)
def test_what_is_no_label_has_no_evidence(row: Any) -> None:
    report = load_report()
    with pytest.raises(KeyError, match="it has 15, counted from 0"):
        evidence(report, "annex", row, "report")
    with pytest.raises(KeyError, match="it has 1.1, "):
        evidence(report, "session_coverage", row, "total")
    assert evidence(report, "annex", np.int64(12), "report").row == 12
