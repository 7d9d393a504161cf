"""Measure against a floor: each figure is a ratio to the least that such work could cost, taken in the same run.

`make bench` runs what is in this folder, prints one table and writes the same as JSON (.benchmarks/bench.json). The
tests that `make test` runs time nothing. What is timed is the work of the processor, in this process and those that it
started: a machine that others use too does not lengthen it. Where several processes share the work it is the clock.
"""

import resource
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from cdip_analysis.language import plain

FIGURES = pytest.StashKey[list[dict[str, Any]]]()


def processor_time() -> float:
    """Seconds of the processor, for this process and those that it started and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Time the processor where a benchmark names no clock of its own."""
    for item in items:
        if item.get_closest_marker("benchmark") is None:
            item.add_marker(pytest.mark.benchmark(timer=processor_time))


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[..., dict[str, Any]]:
    """Give a function that adds a line to the table."""

    def add(what: str, taken: float, least: float, limit: float) -> dict[str, Any]:
        line = {"what": what, "taken": taken, "floor": least, "ratio": taken / least, "limit": limit}
        request.config.stash.setdefault(FIGURES, []).append(line)
        return line

    return add


@pytest.fixture
def ratio(benchmark: Any, request: pytest.FixtureRequest, figure: Callable[..., dict[str, Any]]) -> Callable[..., None]:
    """Give a function that times `subject` against `floor` in turn, and holds the ratio of the best of each to a limit."""
    timer = request.node.get_closest_marker("benchmark").kwargs["timer"]

    def measure(what: str, subject: Callable[[], object], floor: Any, limit: float, rounds: int = 50) -> None:
        """Time them so often; a floor can be a number of seconds."""
        floors: list[float] = [] if callable(floor) else [floor]

        def floor_first() -> None:
            plain.cache_clear()  # each round reads a text that it has not seen
            if callable(floor):
                start = timer()
                floor()
                floors.append(timer() - start)

        benchmark.pedantic(subject, setup=floor_first, rounds=rounds, warmup_rounds=int(rounds > 1))
        line = figure(what, benchmark.stats.stats.min, min(floors), limit)
        benchmark.extra_info.update(line)
        assert line["ratio"] <= limit, f"{what}: {line['ratio']:.2f} times its floor; at most {limit:g} wanted"

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
        amounts = "".join(f"{f[key] * 1e3:>9.2f} ms" for key in ("taken", "floor"))
        missed = "  missed" if f["ratio"] > f["limit"] else ""
        write(f"{f['what']:<66}{amounts}{f['ratio']:>8.2f}{f['limit']:>8.2f}{missed}")
