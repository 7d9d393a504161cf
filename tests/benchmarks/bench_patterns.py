"""Patterns and structures: whatever is made of a text takes time in proportion to its size.

Growth is measured, not seconds: processor time for three sizes, each twice the one before, against prose of the same
size in lines of the same length. Text and prose take turns, so that a busy machine slows both, and the best of their
turns count. What there was before is not looked through by the collector of garbage: else a step would be one of its.
"""

import gc
import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

import pytest

from cdip_analysis import ReportError, brief, export_csv, export_excel, export_reader, load_report, read_header
from cdip_analysis.data import SHIPPED

SIZE = 100_000
TWICE = 2.6  # how much longer a text of twice the size may take
TIMES = 8  # how much longer than prose in such lines a text of 100 KB may take: most words of prose are passed over
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


def measured(
    work: Callable[[int], object], control: Callable[[int], object] | None, size: int
) -> tuple[list[float], float]:
    """Measure work of a quarter of a size, a half and all, and a control, until they hold: the least of the turns."""
    costs, beside = [float("inf")] * 3, float("inf")
    for _ in range(TURNS):
        costs = [min(least, cost(work, size * 2**n // 4)) for n, least in enumerate(costs)]
        beside = min(beside, cost(control, size)) if control else float("inf")
        if holds(costs, beside):
            break
    return costs, beside


def cost(work: Callable[[int], object], size: int) -> float:
    gc.collect()
    gc.freeze()
    begin = time.process_time()
    work(size)
    return time.process_time() - begin


def holds(costs: list[float], beside: float) -> bool:
    half, whole = max(costs[0], 0.005), max(costs[1], 0.005)  # seconds: below that a clock says nothing
    return costs[1] <= TWICE * half and costs[2] <= TWICE * whole and costs[2] <= TIMES * beside


def shapes(**more: str) -> pytest.MarkDecorator:
    every = [
        pytest.param(language, shape, id=f"{language} {name}")
        for language, words in WORDS.items()
        for name, shape in {**SHAPES["any"], **words, **more, "prose": prose(language)}.items()
    ]
    return pytest.mark.parametrize(("language", "shape"), every)


def load(text: str, language: str) -> None:
    """Make all tables of a document of one paragraph."""
    first = prose(language)[:200].replace("\n", " ")
    with suppress(ReportError):
        _ = load_report(f"{first}\n1. {text}\n".encode(), language=language).tables


@shapes()
def test_no_shape_of_text_makes_all_tables_slow(language: str, shape: str) -> None:
    like = partial(prose_like, shape, language)
    work = (lambda size: load(fill(shape, size), language), lambda size: load(like(size), language))
    assert holds(*measured(*work, SIZE))


@shapes(**SHAPES["header"])
def test_no_shape_of_text_makes_a_header_slow(language: str, shape: str) -> None:
    """No header is of 25 KB; a file from a stranger may have one."""
    assert holds(*measured(lambda size: read_header(fill(shape, size), language), None, SIZE // 4))


TOP = "The Committee on Development and Intellectual Property took note of the report.\n"
COLUMNS = "Action\tImplementation\tCDIP consideration\tSummary by the Chair\n"
ENTRY = "Action {0}\tDocument {0} (CDIP/21/{1})\tCDIP/21/15, paragraphs {1} to 998\tCDIP/21, Summary by the Chair, paragraph {1}\n"


def many(line: str) -> Callable[[int], str]:
    return lambda count: "".join(line.format(n, n % 900 + 1) for n in range(count))


def after(top: str, make: Callable[[int], str]) -> Callable[[int], str]:
    return lambda size: f"{TOP}1. It met.\n{top}{make(size)}\n"


#: What a document is made of, and how much of it: characters of one paragraph, otherwise lines.
STRUCTURES: dict[str, tuple[Callable[[int], str], int]] = {
    "one paragraph of 800 KB": (after("2. ", partial(fill, prose("en"))), 800_000),
    "100,000 short paragraphs": (after("", many("{1}. The Committee met.\n")), 100_000),
    "20,000 rows of an annex": (after(COLUMNS, many(ENTRY.replace("Action {0}", "Action"))), 20_000),
    "1,000 rows, each an action": (after(f"{COLUMNS}Paragraph 1\t\t\t\n", many(ENTRY)), 1_000),
    "20,000 rows of an unknown table": (after("Measure\tState\n", many("Webinar {0}\tdone\n")), 20_000),
}


@pytest.mark.parametrize("structure", STRUCTURES)
def test_tables_and_exports_grow_with_the_document(structure: str, tmp_path: Path, figure: Callable[..., None]) -> None:
    make, most = STRUCTURES[structure]
    paths = (tmp_path / str(n) for n in range(10**6))
    report = cache(lambda size: load_report(make(size).encode(), language="en", limits=False))

    def tables(text: str) -> object:
        return load_report(text.encode(), language="en", limits=False).tables

    def in_prose(size: int) -> object:
        return tables(f"{TOP}1. {prose_like(make(size), 'en', len(make(size)))}")

    small = most * SIZE // len(make(most))  # what is 100 KB of it
    works: dict[str, tuple[Callable[[int], object], int]] = {
        "every table, of 100 KB": (lambda size: tables(make(size)), small),
        "every table": (lambda size: tables(make(size)), most),
        "CSV": (lambda size: export_csv(report(size), next(paths)), most),
        "workbook": (lambda size: export_excel(report(size), next(paths).with_suffix(".xlsx")), most),
        "reader page": (lambda size: export_reader(report(size), next(paths).with_suffix(".html")), most),
    }
    if COLUMNS in make(1):  # without actions there is no note
        works["note in Word"] = (lambda size: brief(report(size), None, next(paths).with_suffix(".docx")), most)
        works["note in Markdown"] = (lambda size: brief(report(size), None, next(paths).with_suffix(".md")), most)
    for size in (most // 4, most // 2, most):
        report(size)
    missed = []
    for name, (work, size) in works.items():
        costs, beside = measured(work, in_prose if size == small else None, size)
        missed += [] if holds(costs, beside) else [name]
        figure(f"{structure}: {name}, to half of it", costs[2], costs[1], TWICE)
        if size == small:
            figure(f"{structure}: {name}, to prose", costs[2], beside, TIMES)
    assert not missed
