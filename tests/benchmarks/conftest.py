"""Measure against a floor: each figure is a ratio to the least that such work could cost, taken in the same run.

`make bench` runs what is in this folder, prints one table and writes the same as JSON (.benchmarks/bench.json). The
tests that `make test` runs time nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from cdip_analysis.phrases import normalise, plain

Measure = Callable[..., None]


class Figure(dict[str, Any]):
    """One line of the table."""


FIGURES = pytest.StashKey[list[Figure]]()


@pytest.fixture
def ratio(benchmark: Any, request: pytest.FixtureRequest) -> Measure:
    """Give a function that times `subject` against `floor` in turn, and holds the ratio of their medians to a limit."""

    def measure(
        what: str, subject: Callable[[], object], floor: Callable[[], object], limit: float, rounds: int = 50
    ) -> None:
        floors: list[float] = []

        def floor_first() -> None:
            for remembered in (normalise, plain):  # each round reads a text that it has not seen
                remembered.cache_clear()
            start = time.perf_counter()
            floor()
            floors.append(time.perf_counter() - start)

        benchmark.pedantic(subject, setup=floor_first, rounds=rounds, warmup_rounds=int(rounds > 1))
        record(what, benchmark.stats.stats.median, statistics.median(floors), limit)

    def record(what: str, taken: float, least: float, limit: float, unit: str = "ms") -> None:
        figure = Figure(what=what, taken=taken, floor=least, ratio=taken / least, limit=limit, unit=unit)
        benchmark.extra_info.update(figure)
        request.config.stash.setdefault(FIGURES, []).append(figure)
        assert taken / least <= limit, f"{what}: {taken / least:.2f} times its floor; at most {limit:g} wanted"

    measure.record = record  # type: ignore[attr-defined]
    return measure


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table."""
    figures = config.stash.get(FIGURES, [])
    if not figures:
        return
    write = terminalreporter.write_line
    terminalreporter.section("measured against a floor in the same run")
    write(f"{'what':<66}{'taken':>12}{'floor':>12}{'ratio':>8}{'limit':>8}")
    for f in figures:
        scale = 1e3 if f["unit"] == "ms" else 1.0
        held = "" if f["ratio"] <= f["limit"] else "  missed"
        amounts = "".join(f"{f[key] * scale:>9.2f} {f['unit']:<2}" for key in ("taken", "floor"))
        write(f"{f['what']:<66}{amounts}{f['ratio']:>8.2f}{f['limit']:>8.2f}{held}")
