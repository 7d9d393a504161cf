"""How much of real documents is read: fragments and headers in six languages, what must not be read, ways of numbering.

`docs/accuracy.md` has the figures, and those of each lot as it was read for the first time;
`python tests/test_accuracy.py` prints today's.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from cdip_analysis import Citation, ReportError, cite, load_report, read_header
from cdip_analysis.language import LANGUAGES, detect_language, table

SAMPLES = Path(__file__).parent / "samples"
ACCURACY = (Path(__file__).parents[1] / "docs" / "accuracy.md").read_text(encoding="utf-8")
FLOOR = 0.98  # precision and recall of what was kept aside, once it had been read
NUMBERED = 23  # of 24 beginnings of documents
ITEMS = ("symbol", "original_language", "date", "body", "session", "start_date", "end_date")

Row = dict[str, Any]


def rows(*names: str) -> list[Row]:
    lines = (line for name in names for line in (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    return [json.loads(line) for line in lines]


CITING = rows("samples_citations", "samples_citations2", "more_citations")
REAL = [row for row in CITING if row["source"] != "by hand"]
NONE = rows("no_citations", "held_out_negatives")
HEADERS = rows("samples_headers", "more_headers")
ASIDE = {"citations": rows("held_out_citations"), "headers": rows("samples_headers2", "samples_headers3")}


def compared(expected: Iterable[Any], given: Iterable[Any]) -> Counter[str]:
    want, got = Counter(expected), Counter(given)
    right = (want & got).total()
    return Counter(right=right, wrong=got.total() - right, missed=want.total() - right)


def items(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is said of a header, dates as ISO writes them."""
    return ((item, str(values[item])) for item in ITEMS if values[item] is not None)


def measured(what: str, of: Iterable[Row]) -> Counter[str]:
    """Count what is right, wrong and missed."""
    counts: Counter[str] = Counter()
    for row in of:
        if what == "citations":
            counts += compared(row["reads"], map(str, cite(row["text"], row["lang"])))
        else:
            counts += compared(items(row["expect"]), items(asdict(read_header(row["text"]))))
    return counts


def shares(counts: Counter[str]) -> tuple[float, float]:
    """Precision and recall."""
    return counts["right"] / (counts["right"] + counts["wrong"]), counts["right"] / (counts["right"] + counts["missed"])


def today() -> Iterator[str]:
    """Write the lines of the first table in docs/accuracy.md."""
    for language in LANGUAGES:
        cells = [table("common")["language"][language]["name"]]
        for what, samples in (("citations", REAL), ("headers", HEADERS)):
            counts = measured(what, (row for row in samples if row["lang"] == language))
            cells += [str(counts["right"] + counts["missed"]), *(f"{share:.2f}" for share in shares(counts))]
        yield f"| {' | '.join(cells)} |"


def test_precision_and_recall_are_those_that_the_page_says() -> None:
    assert [line for line in today() if line not in ACCURACY] == []
    assert f"{len(REAL)} fragments and {len(HEADERS)} header blocks" in ACCURACY
    assert f"{len(NONE)} texts in which nothing is cited" in ACCURACY


@pytest.mark.parametrize("row", CITING + NONE, ids=[f"{n} {row['lang']}" for n, row in enumerate(CITING + NONE)])
def test_fragment(row: Row) -> None:
    citations = cite(row["text"], row["lang"])
    read = sorted(map(str, citations)) == sorted(row.get("reads", []))
    # `short` says why a fragment is not read as it should be: it counts in what is measured.
    assert read is not ("short" in row), [*map(str, citations)]
    for c in citations:
        assert row["text"][c.start : c.end] == c.text
        assert Citation.parse(str(c)) == c


@pytest.mark.parametrize("row", HEADERS, ids=[f"{n} {row['lang']}" for n, row in enumerate(HEADERS)])
def test_header(row: Row) -> None:
    header = read_header(row["text"])
    assert [*items(asdict(header))] == [*items(row["expect"])]
    assert bool(header.draft) == ("Prov." in (header.symbol or ""))
    assert header.language == row["lang"]
    assert header.place in ("Geneva", None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_fragments_are_read_alike_where_the_language_is_not_told(language: str) -> None:
    texts = [row["text"] for row in CITING + NONE if row["lang"] == language]
    assert [text for text in texts if list(map(str, cite(text))) != list(map(str, cite(text, language)))] == []
    long = [row["text"] for row in REAL if row["lang"] == language and len(re.findall(r"\w", row["text"])) > 60]
    assert {detect_language(text) for text in long} <= {language, None}


@pytest.mark.parametrize("what", ASIDE)
def test_what_was_kept_aside_is_read_no_worse_than_when_it_was_landed(what: str) -> None:
    """Each block of a header was read once before anything was changed for it: 281 of 290 items, and 243 of 250."""
    assert min(shares(measured(what, ASIDE[what]))) >= FLOOR


def test_as_many_real_documents_load_whole_as_when_they_were_landed() -> None:
    whole = 0
    for document in json.loads((SAMPLES / "held_out_numbering.json").read_text(encoding="utf-8")):
        try:
            passages = load_report(document["text"].encode()).passages
        except ReportError:
            continue
        whole += sum(passage.kind == "paragraph" for passage in passages) == document["paragraphs"]
    assert whole >= NUMBERED


if __name__ == "__main__":
    print({what: dict(measured(what, samples)) for what, samples in ASIDE.items()}, *today(), sep="\n")
