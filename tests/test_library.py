"""A session's report as paragraphs, speakers and citations; and the paragraphs that another report cites of it."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import each

from cdip_analysis import Report, cited_passages, load_report, speakers

# A report of CDIP/21 made for this test, as long as the ranges that the shipped report cites of it demand.
OPENINGS = [
    "The Chair opened discussions on the compilation (document CDIP/21/4).",
    "The Delegation of Brazil, speaking on behalf of the Development Agenda Group (DAG), thanked the Secretariat.",
    "The Delegation of the United States of America supported Option B.",
    "The Representative of Third World Network (TWN) asked about paragraph 5 of document CDIP/16/6.",
    "The Secretariat answered that the nineteenth session of the CDIP had taken note of it.",
    "It was so decided.",
]


def session_report(paragraphs: int, printed: str = "CDIP/21/15", session: str = "Twenty-first", **facts: Any) -> Report:
    def lines() -> Iterator[str]:
        yield from ("E", printed, "ORIGINAL: ENGLISH", "DATE: AUGUST 22, 2018") if printed else ("E",)
        yield from ("Committee on Development and Intellectual Property (CDIP)", f"{session} Session")
        yield from ("Geneva, May 14 to 18, 2018", "REPORT", "adopted by the Committee")
        for number in range(1, paragraphs + 1):
            if number % 50 == 1:
                yield f"AGENDA ITEM {number // 50 + 1}: CONSIDERATION OF WORK PROGRAM"
            yield f"{number}. {OPENINGS[number % len(OPENINGS)]}"
        yield "[End of document]"

    return load_report("\n".join(lines()).encode(), **facts)


@pytest.fixture(scope="module")
def held() -> Report:
    return session_report(400)


def test_a_session_report_is_paragraphs_and_citations(held: Report) -> None:
    assert (held.header.symbol, held.header.session, held.header.title) == ("CDIP/21/15", 21, "REPORT")
    assert list(held.paragraphs["paragraph"]) == list(range(1, 401))
    assert held.annex.empty
    assert held.unread.empty
    assert set(held.citations["target"]) == {"CDIP/21/4", "CDIP/16/6 5", "CDIP/19"}
    # Agenda items are no paragraphs and are not lost.
    assert [passage.kind for passage in held.passages if "AGENDA ITEM" in passage.text] == ["header", *["heading"] * 7]


def test_speakers_are_read_from_the_opening_and_not_guessed(held: Report) -> None:
    found = speakers(held).set_index("paragraph")[["role", "speaker", "on_behalf_of"]]
    assert len(found) == 400 - 400 // 6  # "It was so decided." has no speaker
    assert list(found.loc[1]) == ["delegation", "Brazil", "the Development Agenda Group (DAG)"]
    assert list(found.loc[[2, 3, 4, 6], "role"]) == ["delegation", "representative", "secretariat", "chair"]
    assert list(found.loc[[2, 3], "speaker"]) == ["the United States of America", "Third World Network (TWN)"]


with (Path(__file__).parent / "speakers.csv").open(encoding="utf-8", newline="") as file:
    OPENINGS_READ = [tuple(row.values()) for row in csv.DictReader(file)]


@pytest.mark.parametrize(("language", "text", "role", "speaker", "on_behalf_of"), OPENINGS_READ)
def test_who_speaks(language: str, text: str, role: str, speaker: str, on_behalf_of: str) -> None:
    """tests/speakers.csv; where the columns after the text are empty, nobody speaks."""
    found = speakers(load_report(f"1. {text}".encode(), language=language))
    rows = found[["role", "speaker", "on_behalf_of"]].astype("string").fillna("").to_numpy().tolist()
    assert rows == ([[role, speaker, on_behalf_of]] if role else [])


def test_a_range_becomes_the_words_of_its_paragraphs(zh: Report, held: Report) -> None:
    found = cited_passages(zh, [held])
    first = found[(found["target"] == "CDIP/21 report 98-112") & found["entry"].isna()]
    assert list(first["cited_paragraph"]) == list(range(98, 113))
    assert set(first["paragraph"]) == {8}
    assert first["at_hand"].all()
    by_number = held.paragraphs.set_index("paragraph")["text"]
    assert list(first["text"]) == [by_number[number] for number in range(98, 113)]
    assert first["speaker"].iloc[0] == speakers(held).set_index("paragraph").loc[98, "speaker"]
    ranges = zh.citations[zh.citations["kind"] == "paragraphs"]
    assert list(dict.fromkeys(found["target"])) == list(dict.fromkeys(ranges["target"]))
    assert not found.loc[~found["at_hand"], "target"].str.startswith("CDIP/21").any()
    assert len(cited_passages(zh, [])) == len(ranges) == 31


# What is at hand, the target that is asked for, and the notes on it.
NOTES = {
    "another session": ([], "CDIP/23", {"not at hand: the report of CDIP/23, which is CDIP/23/17 Prov."}),
    "too short": ([{"paragraphs": 100}], "CDIP/21 report 98-112", {None, "the document has no paragraph 101 to 112"}),
    "adopted since": ([{"paragraphs": 300, "printed": "CDIP/23/17", "session": "Twenty-third"}], "CDIP/23", {"CDIP/23/17 Prov. is cited and CDIP/23/17 at hand: paragraph numbers may have moved"}),
}  # fmt: skip


@pytest.mark.parametrize(("library", "target", "notes"), NOTES.values(), ids=NOTES)
def test_what_is_not_at_hand_or_another_version_has_a_note(
    library: list[dict[str, Any]], target: str, notes: set[str | None], zh: Report
) -> None:
    found = cited_passages(zh, [session_report(**one) for one in library])
    said = found.loc[found["target"].str.startswith(target), "note"]
    assert set(said.astype(object).where(said.notna(), None)) == notes


@each("held", "printed, session, symbol, sessions")
def test_which_is_the_report(printed: str, session: str, symbol: str, sessions: list[str], zh: Report) -> None:
    held = session_report(400, printed, session, **({"symbol": symbol} if symbol else {}))
    found = cited_passages(zh, [held])
    assert sorted({*found.loc[found["at_hand"], "target"].str.split(" ").str[0]}) == sessions
    assert held.findings["note"].str.contains("CDIP/22/18").any() == (printed == "CDIP/22/18")


@pytest.mark.parametrize("symbol", ["CDIP/21/15\n", ""], ids=["with its symbol", "by title and session"])
@each("session_reports", "head, said, speaker")
def test_a_report_in_any_language_is_at_hand(zh: Report, head: str, said: str, speaker: str, symbol: str) -> None:
    numbered = "\n".join(f"{number}. {said}" for number in range(1, 401))
    held = load_report(f"{symbol}{head}\n{numbered}".encode())
    found = cited_passages(zh, [held])
    there = found[found["at_hand"]]
    assert len(there) == len(found[found["target"].str.startswith("CDIP/21 report")]) > 90
    assert set(there["text"]) == {said}
    assert set(there["speaker"]) == {speaker}
