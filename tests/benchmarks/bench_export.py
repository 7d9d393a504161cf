"""The workbook against openpyxl's own write-only mode: styles, tables, links and charts must not cost the reader's patience."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cdip_analysis import Report, export_excel, load_report


def with_citations(count: int) -> Report:
    """Make of the shipped report one with so many rows of citations; its other tables stay."""
    report = load_report()
    rows = {**report.rows}
    rows["citations"] = (rows["citations"] * (count // len(rows["citations"]) + 1))[:count]
    return dataclasses.replace(report, rows=rows)


def write_only(path: Path, sheets: dict[str, list[Any]]) -> None:
    """Write the same cells the shortest way that openpyxl has: no styles, no tables, no links."""
    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def same_cells(path: Path) -> dict[str, list[Any]]:
    book = openpyxl.load_workbook(path, read_only=True)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_workbook_of_the_shipped_report(ratio: Callable[..., None], tmp_path: Path) -> None:
    report = load_report()
    cells = same_cells(export_excel(report, tmp_path / "ours.xlsx"))
    ratio(
        "export_excel of the shipped report, to write-only of the same cells",
        lambda: export_excel(report, tmp_path / "ours.xlsx"),
        lambda: write_only(tmp_path / "floor.xlsx", cells),
        3,
        rounds=15,
    )


def test_ten_times_the_citations(ratio: Callable[..., None], tmp_path: Path) -> None:
    small, large = with_citations(10_000), with_citations(100_000)
    ratio(
        "export_excel of 100,000 citations, to 10,000",
        lambda: export_excel(large, tmp_path / "large.xlsx"),
        lambda: export_excel(small, tmp_path / "small.xlsx"),
        13,
        rounds=1,
    )


MEMORY = """
import re, sys
from pathlib import Path
sys.path.insert(0, {here!r})
import bench_export as bench
report, path = bench.with_citations(100_000), Path({path!r})
names = [column.name for column in bench.tables()["citations"].columns]
if {ours}:
    bench.export_excel(report, path)
else:
    bench.write_only(path, {{"citations": ([row.values[n] for n in names] for row in report.rows["citations"])}})
# Not ru_maxrss, which a new process has from the one that started it.
print(int(re.search(r"VmHWM:\\s*([0-9]+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc, which Linux has")
def test_memory_of_a_large_workbook(ratio: Any, benchmark: Any, tmp_path: Path) -> None:
    def peak(ours: bool) -> float:
        here = str(Path(__file__).parent)
        words = MEMORY.format(here=here, path=str(tmp_path / f"{ours}.xlsx"), ours=ours)
        return float(subprocess.run([sys.executable, "-c", words], check=True, capture_output=True, text=True).stdout)

    benchmark.pedantic(time.perf_counter, rounds=1)
    ratio.record("peak memory for 100,000 citations, to write-only", peak(True), peak(False), 1.3, unit="MB")
