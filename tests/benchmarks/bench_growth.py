"""Growth: ten times the text, or ten times the documents, takes ten times the time and no more memory than it must."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from cdip_analysis import load_corpus, load_report
from cdip_analysis.data import SHIPPED

STEP = 13  # times the time for ten times the work
MEMORY = 20  # times the size of a text of 20 MB
TEXT = SHIPPED["zh"].read_text(encoding="utf-8")


def long_document(copies: int) -> str:
    """One document of many times the length: the body again and again under other sections, then as many annexes.

    The ranges move from copy to copy, so that the citations differ too. Paragraph numbers start anew with each copy.
    """
    head, rest = TEXT.split("\n第 1 段:", 1)
    body, annex = ("\n第 1 段:" + rest).split("\n[后接附件]", 1)

    def moved(part: str, copy: int) -> str:
        section = re.compile(r"^第 ([1-6]) 段(?=[:：\t])", re.MULTILINE)
        part = section.sub(lambda m: f"第 {(6 * copy + int(m[1]) - 1) % 99 + 1} 段", part)
        part = re.sub(r"(?<=第 )([0-9]+(?:\.[0-9])?)(?= 段\n)", rf"\1.{copy}", part)  # of the Chair's summaries
        limits = re.compile("第 ([0-9]+) 至 ([0-9]+) 段")
        return limits.sub(lambda m: f"第 {(int(m[1]) + copy) % 8000} 至 {(int(m[2]) + copy) % 8000} 段", part)

    parts = [moved(part, copy) for part in (body, annex.split("\n[附件和文件完]")[0]) for copy in range(copies)]
    return "".join([head, *parts, "\n[附件和文件完]\n"])


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("long")
    found = {}
    for copies in (1, 10, 100, 1000):
        found[copies] = folder / f"{copies}.txt"
        found[copies].write_text(long_document(copies), encoding="utf-8")
    return found


def every_table(source: Path) -> None:
    for frame in load_report(source).tables.values():
        assert frame is not None


@pytest.mark.parametrize("copies", [10, 100, 1000])
def test_one_long_document(ratio: Callable[..., None], texts: dict[int, Path], copies: int) -> None:
    size = texts[copies].stat().st_size / 1e6
    what = f"text of {size:.1f} MB, every table, against a tenth of it"
    subject, floor = partial(every_table, texts[copies]), partial(every_table, texts[copies // 10])
    ratio(what, subject, floor, STEP, rounds={10: 15, 100: 5, 1000: 1}[copies])


# Not ru_maxrss, which a new process has from the one that started it.
MEASURE = """
import re, sys
from pathlib import Path
import pandas
from cdip_analysis import load_report
def peak():
    return re.search(r"VmHWM:\\s*([0-9]+)", Path("/proc/self/status").read_text())[1]
before = peak()
report = load_report(sys.argv[1])
tables = report.tables
print(before, peak())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc, which Linux has")
def test_memory_of_one_long_document(ratio: Callable[..., None], benchmark: Any, texts: dict[int, Path]) -> None:
    benchmark.pedantic(time.perf_counter, rounds=1)
    done = subprocess.run([sys.executable, "-c", MEASURE, texts[1000]], check=True, capture_output=True, text=True)
    before, peak = (1024 * int(number) / 1e6 for number in done.stdout.split())
    size = texts[1000].stat().st_size / 1e6
    ratio.record("peak memory over pandas' own, every table", peak - before, size, MEMORY, "MB")  # type: ignore[attr-defined]  # a function with an attribute


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10,000 documents: the two editions renumbered so that no two are equal, and real headers and citations."""
    folder = tmp_path_factory.mktemp("library")
    samples = Path(__file__).parents[1] / "samples"
    headers = [
        json.loads(line) for line in (samples / "samples_headers.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    cited = [
        json.loads(line) for line in (samples / "samples_citations.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    english = [sample["text"] for sample in headers if sample["lang"] == "en" and not sample.get("damaged")]
    passages = [sample["text"].replace("\n", " ") for sample in cited if sample["lang"] == "en"]
    for n in range(10_000):
        if n % 10 == 9:
            lines = [english[n % len(english)], *(f"{k}. {text} ({n})" for k, text in enumerate(passages, 1))]
            text = "\n".join(lines)
        else:
            text = renumbered("zh" if n % 2 else "en", n)
        (folder / f"{n:05}.txt").write_text(text, encoding="utf-8")
    return folder


def renumbered(language: str, n: int) -> str:
    text = SHIPPED[language].read_text(encoding="utf-8")
    limits = re.compile("(第 |paragraphs )([0-9]{2,})( (?:至|to) )([0-9]+)")
    return f"{limits.sub(lambda m: f'{m[1]}{int(m[2]) + n % 8000}{m[3]}{int(m[4]) + n % 8000}', text)}\n\n{n}\n"


def some(library: Path, count: int) -> list[Path]:
    return sorted(library.iterdir())[:count]


@pytest.mark.parametrize("count", [100, 1000, 10_000])
def test_many_documents(ratio: Callable[..., None], library: Path, count: int) -> None:
    def read(paths: list[Path]) -> None:
        corpus = load_corpus(paths, progress=False)
        assert (len(corpus.sources), len(corpus.problems)) == (len(paths), 0)

    subject, floor = partial(read, some(library, count)), partial(read, some(library, count // 10))
    ratio(
        f"{count} documents, against a tenth of them", subject, floor, STEP, rounds={100: 5, 1000: 1, 10_000: 1}[count]
    )


@pytest.mark.benchmark(timer=time.perf_counter)
def test_two_processes(ratio: Callable[..., None], library: Path) -> None:
    paths = some(library, 1000)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        load_corpus(paths[:100], executor)  # the processes are there, as they are for all but the first folder
        subject, floor = partial(load_corpus, paths, executor), partial(load_corpus, paths, progress=False)
        ratio("1000 documents in two processes, against one", subject, floor, 1 / 1.3, rounds=3)
