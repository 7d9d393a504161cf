"""How much of real documents is read: fragments and headers in six languages, what must not be read, ways of numbering.

`docs/accuracy.md` has the figures, and those of each lot as it was read for the first time;
`python tests/test_accuracy.py` prints today's.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdip_analysis import Citation, ReportError, cite, load_report, read_header
from cdip_analysis.language import LANGUAGES, detect_language, table

SAMPLES = Path(__file__).parent / "samples"
ACCURACY = (Path(__file__).parents[1] / "docs" / "accuracy.md").read_text(encoding="utf-8")
BODIES = Path(__file__).parents[1] / "data" / "reference" / "bodies.csv"
KINDS = {"committee", "working group", "assembly", "union", "meeting", "conference", "other"}
FLOOR = {"precision": 0.98, "recall": 0.98}  # of the fragments that were kept aside, once they had been read
NUMBERED = 23  # of 24 beginnings of documents
ITEMS = ("symbol", "original_language", "date", "body", "session", "start_date", "end_date")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


REAL = rows("samples_citations") + rows("samples_citations2")
MORE, NONE = rows("more_citations"), rows("no_citations") + rows("held_out_negatives")
HEADERS = rows("samples_headers") + rows("more_headers")


def name(number_and_row: tuple[int, dict[str, Any]]) -> str:
    number, row = number_and_row
    return f"{number} {row['lang']} {row.get('why', row.get('source', ''))}"


def wanted(expect: dict[str, Any]) -> tuple[Any, ...]:
    """What a fragment says of a citation: the body too, of a session and of a summary."""
    marks = (
        f" {mark}.{expect.get(f'{mark.lower()}_number', '')}"
        for mark in ("Prov", "Rev", "Corr", "Add")
        if expect.get(mark.lower())
    )
    symbol = expect["symbol"] + "".join(marks) if expect.get("symbol") else None
    kind = expect["kind"]
    if kind == "session":
        return (kind, expect.get("body"), expect.get("session"), symbol)
    if kind == "summary":
        return (kind, expect.get("session"), symbol, expect.get("item"), expect.get("appendix"))
    return (kind, symbol, expect.get("first"), expect.get("last"))


def found(c: Citation) -> tuple[Any, ...]:
    if c.kind == "session":
        return (c.kind, c.body, c.session, c.symbol)
    if c.kind == "summary":
        return (c.kind, c.session, c.symbol, c.item, c.appendix)
    return (c.kind, c.symbol, c.first, c.last)


def compared(expected: Iterable[Any], given: Iterable[Any]) -> Counter[str]:
    want, got = Counter(expected), Counter(given)
    right = (want & got).total()
    return Counter(right=right, wrong=got.total() - right, missed=want.total() - right)


def measured() -> dict[str, dict[str, Counter[str]]]:
    """Count what is right, wrong and missed in fragments and header blocks of real documents; none made by hand."""
    counts = {language: {"citations": Counter[str](), "headers": Counter[str]()} for language in LANGUAGES}
    for row in REAL:
        read = map(found, cite(row["text"], row["lang"]))
        counts[row["lang"]]["citations"] += compared(map(wanted, row["expect"]), read)
    for row in MORE:
        if row["source"] != "by hand":
            counts[row["lang"]]["citations"] += compared(row["reads"], map(str, cite(row["text"], row["lang"])))
    for row in HEADERS:
        expect = row["expect"] | {"body": row["body"]}
        counts[row["lang"]]["headers"] += compared(items(expect), items_read(row["text"]))
    return counts


def items(expect: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    marks = (expect["prov"] or False, expect.get("rev", False))
    told = expect | {"symbol": expect["symbol"] and (expect["symbol"], *marks)}
    return ((item, told[item]) for item in ITEMS if told[item] is not None)


def items_read(text: str) -> Iterator[tuple[str, Any]]:
    header = read_header(text)
    told = {item: getattr(header, item) for item in ITEMS}
    if header.symbol:
        told["symbol"] = (header.symbol.split(" ")[0], header.draft or False, header.revision is not None)
    for item, value in told.items():
        if value is not None:
            yield item, str(value) if isinstance(value, dt.date) else value


def shown(language: str, counts: dict[str, Counter[str]]) -> str:
    """Write one line of the table in docs/accuracy.md."""
    cells = [table("common")["language"][language]["name"]]
    for count in counts.values():
        expected, given = count["right"] + count["missed"], count["right"] + count["wrong"]
        cells += [str(expected), f"{count['right'] / given:.2f}", f"{count['right'] / expected:.2f}"]
    return f"| {' | '.join(cells)} |"


def test_precision_and_recall_are_those_that_the_page_says() -> None:
    lines = [shown(language, counts) for language, counts in measured().items()]
    assert [line for line in lines if line not in ACCURACY] == []
    real = len(REAL) + sum(row["source"] != "by hand" for row in MORE)
    assert f"{real} fragments and {len(HEADERS)} header blocks" in ACCURACY
    assert f"{len(NONE)} texts in which nothing is cited" in ACCURACY


@pytest.mark.parametrize("row", [*enumerate(REAL)], ids=name)
def test_real_fragment(row: tuple[int, dict[str, Any]]) -> None:
    text, language = row[1]["text"], row[1]["lang"]
    citations = cite(text, language)
    assert sorted(map(str, map(found, citations))) == sorted(map(str, map(wanted, row[1]["expect"])))
    assert all(text[c.start : c.end] == c.text and Citation.parse(str(c)) == c for c in citations)


@pytest.mark.parametrize("row", [*enumerate(MORE)], ids=name)
def test_fragment(row: tuple[int, dict[str, Any]]) -> None:
    text = row[1]["text"]
    citations = cite(text, row[1]["lang"])
    # `short` says why a fragment is not read as it should be: it counts in what is measured.
    assert (sorted(map(str, citations)) == sorted(row[1]["reads"])) is not ("short" in row[1]), list(
        map(str, citations)
    )
    assert all(text[c.start : c.end] == c.text and Citation.parse(str(c)) == c for c in citations)


@pytest.mark.parametrize("language", LANGUAGES)
def test_fragments_are_read_alike_where_the_language_is_not_told(language: str) -> None:
    texts = [row["text"] for row in REAL + MORE + NONE if row["lang"] == language]
    assert [text for text in texts if list(map(str, cite(text))) != list(map(str, cite(text, language)))] == []
    long = [row["text"] for row in REAL if row["lang"] == language and len(re.findall(r"\w", row["text"])) > 60]
    assert {detect_language(text) for text in long} <= {language, None}


@pytest.mark.parametrize("row", [*enumerate(NONE)], ids=name)
def test_nothing_is_cited(row: tuple[int, dict[str, Any]]) -> None:
    assert list(map(str, cite(row[1]["text"], row[1]["lang"]))) == []


def read_all() -> Counter[str]:
    """Count what is right, wrong and missed, and the sessions wrongly given to the CDIP."""
    counts: Counter[str] = Counter()
    for row in rows("held_out_citations"):
        want = Counter(map(wanted, row["expect"]))
        got = Counter(map(found, cite(row["text"], row["lang"])))
        counts["right"] += (want & got).total()
        counts["wrong"] += (got - want).total()
        counts["missed"] += (want - got).total()
        counts["not the CDIP's"] += sum(key[0] == "session" and key[1] == "CDIP" for key in (got - want).elements())
    return counts


def test_fragments_are_read_no_worse_than_when_they_were_landed() -> None:
    counts = read_all()
    assert counts["right"] / (counts["right"] + counts["wrong"]) >= FLOOR["precision"], counts
    assert counts["right"] / (counts["right"] + counts["missed"]) >= FLOOR["recall"], counts


def test_as_many_real_documents_load_whole_as_when_they_were_landed(tmp_path: Path) -> None:
    documents = json.loads((SAMPLES / "held_out_numbering.json").read_text(encoding="utf-8"))
    whole = 0
    for number, document in enumerate(documents):
        path = tmp_path / f"{number}.txt"
        path.write_text(document["text"], encoding="utf-8")
        try:
            passages = load_report(path).document.passages
        except ReportError:
            continue
        whole += sum(passage.kind == "paragraph" for passage in passages) == document["paragraphs"]
    assert whole >= NUMBERED


def test_each_body_stands_once_with_its_kind_and_source() -> None:
    with BODIES.open(encoding="utf-8", newline="") as lines:
        bodies = list(csv.DictReader(lines))
    names = [
        (language, name.casefold())
        for body in bodies
        for language in LANGUAGES
        for name in body[language].split("|")
        if name
    ]
    assert max(Counter(body["letters"] for body in bodies).values()) == 1
    assert max(Counter(names).values()) == 1
    assert {body["kind"] for body in bodies} <= KINDS
    assert {body["bare_code"] for body in bodies} == {"yes", "no"}
    assert all(body["source"] for body in bodies)


if __name__ == "__main__":
    print(dict(read_all()), *(shown(language, counts) for language, counts in measured().items()), sep="\n")
