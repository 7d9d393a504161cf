"""Ten times the work against ten times the time, two processes against one, and the whole run."""

import dataclasses
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

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from cdip_analysis import Report, export_excel, load_corpus, load_report
from cdip_analysis.data import SHIPPED

ROOT = Path(__file__).resolve().parents[2]
CDIP = Path(sys.executable).with_name("cdip")
STEP = 13  # times the time for ten times the work
TEXT = SHIPPED["zh"].read_text(encoding="utf-8")
run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def every_table(source: Path | None = None) -> None:
    assert load_report(source, beside=False).tables


def moved(text: str, by: int) -> str:
    """The same text, its ranges moved, so that no two copies are equal."""
    limits = re.compile("(第 |paragraphs )([0-9]{2,})( (?:至|to) )([0-9]+)")
    return limits.sub(lambda m: f"{m[1]}{int(m[2]) + by % 8000}{m[3]}{int(m[4]) + by % 8000}", text)


def long_document(copies: int) -> str:
    """One document of many times the length: the body again and again under other sections, then as many annexes."""
    head, rest = TEXT.split("\n第 1 段:", 1)
    body, annex = ("\n第 1 段:" + rest).split("\n[后接附件]", 1)
    section = re.compile(r"^第 ([1-6]) 段(?=[:：\t])", re.MULTILINE)
    parts = [
        section.sub(lambda m: f"第 {(6 * copy + int(m[1]) - 1) % 99 + 1} 段", moved(part, copy))  # noqa: B023 - called before copy moves on
        for part in (body, annex.split("\n[附件和文件完]")[0])
        for copy in range(copies)
    ]
    return "".join([head, *parts, "\n[附件和文件完]\n"])


@pytest.mark.parametrize("copies", [10, 100])
def test_one_long_document(ratio: Callable[..., None], tmp_path: Path, copies: int) -> None:
    for n in (copies, copies // 10):
        (tmp_path / f"{n}.txt").write_text(long_document(n), encoding="utf-8")
    subject, floor = (partial(every_table, tmp_path / f"{n}.txt") for n in (copies, copies // 10))
    ratio(f"every table of {copies} times the text, to a tenth of it", subject, floor, STEP, rounds=200 // copies)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """1,000 documents: the two editions renumbered, and real headers with real citations."""
    folder, samples = tmp_path_factory.mktemp("library"), ROOT / "tests/samples"
    headers, cited = (
        [
            sample["text"]
            for line in (samples / name).read_text("utf-8").splitlines()
            if (sample := json.loads(line))["lang"] == "en"
        ]
        for name in ("samples_headers.jsonl", "samples_citations.jsonl")
    )
    for n in range(1_000):
        text = moved(SHIPPED["zh" if n % 2 else "en"].read_text(encoding="utf-8"), n)
        if n % 10 == 9:
            text = "\n".join(
                [headers[n % len(headers)], *(f"{k}. {' '.join(said.split())}" for k, said in enumerate(cited, 1))]
            )
        (folder / f"{n:05}.txt").write_text(f"{text}\n\n{n}\n", encoding="utf-8")
    return sorted(folder.iterdir())


@pytest.mark.parametrize("count", [100, 1_000])
def test_many_documents(ratio: Callable[..., None], library: list[Path], count: int) -> None:
    subject, floor = (partial(load_corpus, library[:n], progress=False) for n in (count, count // 10))
    ratio(f"{count} documents, to a tenth of them", subject, floor, STEP, rounds=1_000 // count)


@pytest.mark.benchmark(timer=time.perf_counter)
def test_two_processes(ratio: Callable[..., None], library: list[Path]) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        load_corpus(library[:100], executor)  # the processes are there, as they are for all but the first folder
        subject, floor = partial(load_corpus, library, executor), partial(load_corpus, library, progress=False)
        ratio("1,000 documents in two processes, to one", subject, floor, 0.8, rounds=3)


def with_citations(count: int) -> Report:
    """The shipped report with so many rows of citations; its other tables stay."""
    report = load_report()
    many = report.rows["citations"] * (count // len(report.rows["citations"]) + 1)
    return dataclasses.replace(report, rows={**report.rows, "citations": many[:count]})


def test_large_workbook(ratio: Callable[..., None], tmp_path: Path) -> None:
    subject, floor = (partial(export_excel, with_citations(n), tmp_path / f"{n}.xlsx") for n in (10_000, 1_000))
    ratio("export_excel of 10,000 citations, to 1,000", subject, floor, STEP, rounds=3)


def imports(path: Path) -> str:
    """What the kernel of a notebook has to import: pandas, and matplotlib where it draws; the package does so when asked."""
    code = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    return "import pandas, cdip_analysis" + (", matplotlib.pyplot" if "plot_" in code else "")


def kernels() -> None:
    """Start a kernel for each notebook, one after the other, import what it imports, and end it."""
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        manager, client = start_new_kernel(kernel_name="python3", stderr=subprocess.DEVNULL)
        try:
            reply = client.execute_interactive(imports(path), output_hook=lambda message: None)
            assert reply["content"]["status"] == "ok"
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


@pytest.mark.benchmark(timer=time.perf_counter)  # kernels run side by side
def test_whole_run(ratio: Callable[..., None], tmp_path: Path) -> None:
    ratio(
        "cdip run, to its kernels' start and imports",
        partial(run, [CDIP, "run", "--out", tmp_path]),
        kernels,
        1.6,
        rounds=1,
    )
