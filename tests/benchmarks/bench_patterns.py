"""Patterns and structures: whatever is made of a text takes time in proportion to its size.

Growth is measured, not seconds: processor time for three sizes, each twice the one before, against prose of the same
size in lines of the same length. Text and prose take turns, so that a busy machine slows both, and the best of their
turns count. What there was before is not looked through by the collector of garbage: else a step would be one of its.
"""

import gc
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from cdip_analysis import ReportError, export_csv, export_excel, export_reader, load_report, read_header
from cdip_analysis.data import SHIPPED

SIZE = 100_000
TWICE = 2.6  # how much longer a text of twice the size may take
TIMES = 5  # how much longer than prose in such lines a text of 100 KB may take
TURNS = 6


def fill(text: str, size: int) -> str:
    return (text * (size // len(text) + 1))[:size]


SHAPES = tomllib.loads((Path(__file__).parent / "shapes.toml").read_text(encoding="utf-8"))
WORDS: dict[str, dict[str, str]] = SHAPES["words"]


@cache
def prose(language: str) -> str:
    path = SHIPPED.get(language, Path(__file__).parents[1] / "editions" / f"report.{language}.txt")
    lines = path.read_text(encoding="utf-8").split("\n1. ")[1].split("\n")
    return " ".join(line for line in lines if "\t" not in line)


def prose_like(shape: str, language: str, size: int) -> str:
    """Prose in lines as long as those of a shape."""
    words, lines, at = fill(prose(language), size), [], 0
    for line in fill(shape, size).split("\n"):
        lines.append(words[at : at + len(line)])
        at += len(line)
    return "\n".join(lines)


def grows(work: Callable[[int], object], control: Callable[[int], object] | None = None, size: int = SIZE) -> str:
    """Report how work grows too fast with its size; "" where it does not."""
    costs, beside = [float("inf")] * 3, float("inf")
    for _ in range(TURNS):
        for n in range(3):
            costs[n] = min(costs[n], cost(work, size * 2**n // 4))
        beside = min(beside, cost(control, size)) if control else float("inf")
        half, whole = max(costs[0], 0.005), max(costs[1], 0.005)  # seconds: below that a clock says nothing
        if costs[1] <= TWICE * half and costs[2] <= TWICE * whole and costs[2] <= TIMES * beside:
            return ""
    return (
        f"{costs[0]:.3f}, {costs[1]:.3f} and {costs[2]:.3f} s for a quarter, a half and all; the control {beside:.3f} s"
    )


def cost(work: Callable[[int], object], size: int) -> float:
    gc.collect()
    gc.freeze()
    begin = time.process_time()
    work(size)
    return time.process_time() - begin


def load(text: str, language: str) -> None:
    """Make all tables of a document of one paragraph."""
    first = prose(language)[:200].replace("\n", " ")
    with suppress(ReportError):
        _ = load_report(f"{first}\n1. {text}\n".encode(), language=language).tables


@pytest.mark.parametrize("language", WORDS)
def test_no_shape_of_text_makes_all_tables_slow(language: str) -> None:
    shapes = {**SHAPES["any"], **WORDS[language], "prose": prose(language)}
    slow = {
        name: said
        for name, shape in shapes.items()
        # misc: mypy infers no type for a parameter of a lambda that has a default.
        if (
            said := grows(
                lambda size, shape=shape: load(fill(shape, size), language),  # type: ignore[misc]
                lambda size, shape=shape: load(prose_like(shape, language, size), language),  # type: ignore[misc]
            )
        )
    }
    assert not slow


@pytest.mark.parametrize("language", WORDS)
def test_no_shape_of_text_makes_a_header_slow(language: str) -> None:
    """No header is of 25 KB; a file from a stranger may have one."""
    shapes = {**SHAPES["any"], **WORDS[language], **SHAPES["header"], "prose": prose(language)}
    slow = {
        name: said
        for name, shape in shapes.items()
        if (said := grows(lambda size, shape=shape: read_header(fill(shape, size), language), size=SIZE // 4))  # type: ignore[misc]
    }
    assert not slow


# ---- structures, through everything that is made of them ---------------------------------------------------------------

TOP = "The Committee on Development and Intellectual Property took note of the report.\n"
COLUMNS = "Action\tImplementation\tCDIP consideration\tSummary by the Chair\n"
ENTRY = "Action {0}\tDocument {0} (CDIP/21/{1})\tCDIP/21/15, paragraphs {1} to 998\tCDIP/21, Summary by the Chair, paragraph {1}\n"


def many(line: str, size: int) -> Iterator[str]:
    done = 0
    for n in range(size):
        text = line.format(n, n % 900 + 1)
        done += len(text)
        if done > size:
            return
        yield text


STRUCTURES: dict[str, Callable[[int], str]] = {
    "one paragraph": lambda size: f"{TOP}1. {fill(prose('en'), size)}\n",
    "short paragraphs": lambda size: TOP + "".join(many("{1}. The Committee met.\n", size)),
    "entries of one action": lambda size: f"{TOP}1. It met.\n{COLUMNS}" + "".join(many(ENTRY.replace("Action {0}", "Action"), size)),
    "an action for each entry": lambda size: f"{TOP}1. It met.\n{COLUMNS}Paragraph 1\t\t\t\n" + "".join(many(ENTRY, size)),
    "rows of an unknown table": lambda size: f"{TOP}1. It met.\nMeasure\tState\n" + "".join(many("Webinar {0}\tdone\n", size)),
}  # fmt: skip


@pytest.mark.parametrize("structure", STRUCTURES)
def test_tables_and_exports_grow_with_the_document(structure: str, tmp_path: Path) -> None:
    make, paths = STRUCTURES[structure], (tmp_path / str(n) for n in range(10**6))
    reports = {size: load_report(make(size).encode(), language="en") for size in (12_500, 25_000, 50_000)}
    works: dict[str, Callable[[int], object]] = {
        "all tables": lambda size: load_report(make(size).encode(), language="en").tables,
        "CSV": lambda size: export_csv(reports[size], next(paths)),
        "workbook": lambda size: export_excel(reports[size], next(paths).with_suffix(".xlsx")),
        "reader page": lambda size: export_reader(reports[size], next(paths).with_suffix(".html")),
    }
    assert not {name: said for name, work in works.items() if (said := grows(work, size=50_000))}
