"""The notebooks as committed: executed, clean, short; and the web pages made of them.

`make test` runs them under strict nbval besides, which compares nothing in a cell that was never executed.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cdip_analysis.files import MARK
from cdip_analysis.pages import run_notebooks

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.ipynb"))}


def code_cells(name: str) -> list[dict[str, Any]]:
    return [cell for cell in NOTEBOOKS[name]["cells"] if cell["cell_type"] == "code"]


def outputs(name: str) -> list[dict[str, Any]]:
    return [output for cell in code_cells(name) for output in cell["outputs"]]


def test_all_notebooks_are_there() -> None:
    assert [
        *("00_start_here", "01_annex", "02_timelines", "03_session_coverage", "04_follow_up_status", "05_export"),
        *("06_your_own_document", "07_findings", "08_corpus"),
    ] == [*NOTEBOOKS]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_cells_were_executed_in_order(name: str) -> None:
    assert [cell["execution_count"] for cell in code_cells(name)] == [*range(1, len(code_cells(name)) + 1)]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_outputs_hold_no_error_and_nothing_on_stderr(name: str) -> None:
    assert [output for output in outputs(name) if output["output_type"] == "error"] == []
    assert [output for output in outputs(name) if output.get("name") == "stderr"] == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_tells_nothing_of_the_machine(name: str) -> None:
    """Neither where it ran, nor by which version of Python, nor when."""
    notebook = NOTEBOOKS[name]
    text = json.dumps(notebook)
    assert not re.search(r"/(?:home|root|work|tmp|Users)/|[A-Z]:\\\\\\\\Users|0x[0-9a-f]{6,}", text)
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert not any("execution" in cell["metadata"] for cell in notebook["cells"])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_fits_the_screen(name: str) -> None:
    lines = [line for cell in code_cells(name) for line in "".join(cell["source"]).splitlines()]
    assert [line for line in lines if len(line) > 110] == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_is_short_and_every_function_lives_in_the_package(name: str) -> None:
    for cell in code_cells(name):
        code = "".join(cell["source"])
        assert len(code.splitlines()) <= 3, code
        assert not re.search(r"^\s*(?:def|class|for|while) |lambda", code, re.MULTILINE), code


NUMBERS = r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|eighteenth)\b"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_prose_gives_no_number_of_its_own(name: str) -> None:
    """A number in prose is computed in a cell; names of sessions, files and numbered headings are no numbers."""
    for cell in NOTEBOOKS[name]["cells"]:
        if cell["cell_type"] == "markdown":
            bare = re.sub(r"`[^`]*`|\(\S+\)|\d\d_\w+|CDIP/\d+|^## \d+\.", "", "".join(cell["source"]), flags=re.M)
            assert not re.search(NUMBERS, bare), bare


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_sentences_that_are_computed_have_no_number_typed_into_them(name: str) -> None:
    said = 0
    for cell in code_cells(name):
        for call in ast.walk(ast.parse("".join(cell["source"]))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Markdown":
                said += 1
                typed = [
                    str(part.value)
                    for part in getattr(call.args[0], "values", call.args)
                    if isinstance(part, ast.Constant)
                ]
                bare = re.sub(r"\(\S+\)|\d\d_\w+", "", " ".join(typed))
                assert not re.search(NUMBERS, bare), bare
    assert said > 0


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_ends_with_facts(name: str) -> None:
    assert "assert " in "".join(code_cells(name)[-1]["source"])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_bottom_line_stands_first(name: str) -> None:
    """The first sentence that is computed is the finding, set off and in bold."""
    first = next(
        output["data"]["text/markdown"] for output in outputs(name) if "text/markdown" in output.get("data", {})
    )
    assert re.fullmatch(r"> \*\*.*\d.*\*\*", "".join(first), re.DOTALL)


@pytest.mark.parametrize("name", ["00_start_here", "02_timelines", "03_session_coverage", "04_follow_up_status"])
def test_notebook_shows_its_figures(name: str) -> None:
    """Figures that stay hidden leave no trace but this: PNG outputs are never compared."""
    asked = sum("plot_" in line and "import" not in line for c in code_cells(name) for line in c["source"])
    assert asked == sum("image/png" in output.get("data", {}) for output in outputs(name)) > 0


def test_start_page_lists_every_notebook() -> None:
    prose = "".join(
        line for c in NOTEBOOKS["00_start_here"]["cells"] if c["cell_type"] == "markdown" for line in c["source"]
    )
    assert re.findall(r"^\| \[(\w+)\]\(\1\.ipynb\)", prose, re.MULTILINE) == [*NOTEBOOKS][1:]


# Web pages


class Page(HTMLParser):
    """What a page loads, where its links lead, and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.loads += [tag] * (tag in ("script", "iframe", "link", "object"))
        self.loads += [value for name, value in attrs if name in ("src", "srcset", "data", "poster") and value]
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return run_notebooks(FOLDER, tmp_path_factory.mktemp("pages"), execute=False)


def test_each_notebook_has_a_page(pages: list[Path]) -> None:
    assert [page.stem for page in pages] == [*NOTEBOOKS]


def test_pages_need_no_network_and_no_scripts(pages: list[Path]) -> None:
    for path in pages:
        source = path.read_text(encoding="utf-8")
        loads = Page(source).loads
        assert [load[:60] for load in loads if not load.startswith("data:image/png;base64,")] == []
        assert not re.search(r"@import|url\(|\bon\w+=", re.sub(r"data:[^\"]*", "", source))


def test_pages_are_small_and_carry_our_mark(pages: list[Path]) -> None:
    assert [page.name for page in pages if page.stat().st_size >= 1_000_000] == []
    assert all(MARK in page.read_text(encoding="utf-8")[:100] for page in pages)


def test_pages_lead_to_each_other(pages: list[Path]) -> None:
    for path in pages:
        links = Page(path.read_text(encoding="utf-8")).links
        assert {page.name for page in pages} <= {*links}
        assert [
            link for link in links if not link.startswith(("https://", "#")) and not (path.parent / link).exists()
        ] == []


def test_figures_are_described_by_their_headings(pages: list[Path]) -> None:
    start, *_ = pages
    described = re.findall(r'alt="([^"]*)"', start.read_text(encoding="utf-8"))
    assert described == [
        "Figure: What follows?",
        "Figure: What happened, and when?",
        "Figure: Where did the Committee&#x27;s attention go?",
    ]


HEAD = "".join(f"<th>{name}</th>" for name in ("", "when", "who", "what"))


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (f"<tr>{HEAD}</tr><tr><th>0</th><td>21</td><td></td><td>A seminar</td></tr>", ["when", "who", "what"]),
        (f"<tr>{HEAD}</tr><tr><th>0</th><td>21</td><td>22</td><td>0</td></tr>", []),
        ("<tr><th>when</th><th>what</th></tr><tr><td>21</td><td>A seminar</td></tr>", []),
        (f"<tr>{HEAD}</tr><tr><th>0</th><td>21</td><td colspan='2'>A seminar</td></tr>", []),
        ("", []),
    ],
    ids=["words", "a grid of numbers", "two columns", "a cell across two columns", "no rows"],
)
def test_cells_of_a_table_too_wide_for_a_phone_are_named(rows: str, named: list[str], tmp_path: Path) -> None:
    source = notebook_of(tmp_path, "table")
    notebook = json.loads((source / "made.ipynb").read_text(encoding="utf-8"))
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/html": f"<table>{rows}</table>"}}
    notebook["cells"][0]["outputs"] = [shown]
    (source / "made.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (page,) = run_notebooks(source, tmp_path / "out", execute=False)
    assert re.findall('data-column="(.*?)"', page.read_text(encoding="utf-8")) == named


def test_pages_show_no_code_unless_asked(pages: list[Path]) -> None:
    source = pages[0].read_text(encoding="utf-8")
    assert ".input { display: none; }" in source
    assert "#code:checked ~ main .input { display: block; }" in source
    assert 'name="viewport"' in source


def test_pages_are_written_again_but_not_over_those_of_others(tmp_path: Path) -> None:
    source = tmp_path / "notebooks"
    source.mkdir()
    shutil.copy(FOLDER / "01_annex.ipynb", source)
    for _ in range(2):
        (page,) = run_notebooks(source, tmp_path / "out", execute=False)
    page.write_text("edited by hand", encoding="utf-8")
    with pytest.raises(FileExistsError):
        run_notebooks(source, tmp_path / "out", execute=False)


def notebook_of(folder: Path, *cells: str) -> Path:
    folder.mkdir(exist_ok=True)
    notebook: dict[str, Any] = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for number, code in enumerate(cells):
        cell = {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": code}
        notebook["cells"].append({**cell, "execution_count": None, "outputs": []})
    (folder / "made.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def test_run_executes_draws_figures_and_leaves_the_notebook_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the caller has MPLBACKEND set: a kernel that inherits it draws nothing."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    source = notebook_of(
        tmp_path / "notebooks",
        "from cdip_analysis import load_report, plot_coverage, session_coverage; print(6 * 7)",
        "ax = plot_coverage(session_coverage(load_report()))",
        "ax = plot_coverage(session_coverage(load_report(), 'entries'))",
    )
    before = (source / "made.ipynb").read_bytes()
    (page,) = run_notebooks(source, tmp_path / "out")
    assert "42" in Page(page.read_text(encoding="utf-8")).text
    assert page.read_text(encoding="utf-8").count("data:image/png;base64,") == 2
    assert (source / "made.ipynb").read_bytes() == before


def test_failing_cell_is_named_and_no_page_written(tmp_path: Path) -> None:
    source = notebook_of(tmp_path / "notebooks", "1", "raise KeyError('gone')")
    with pytest.raises(ValueError, match=r"made\.ipynb stopped in cell \[2\]: KeyError: 'gone'"):
        run_notebooks(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_folder_without_notebooks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no notebooks"):
        run_notebooks(tmp_path, tmp_path / "out")


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "nbformat", None)
    with pytest.raises(ImportError, match=r"cdip-analysis\[notebooks\]"):
        run_notebooks(FOLDER, tmp_path, execute=False)


def test_importing_the_package_loads_no_figures() -> None:
    """The figures cost a second; who only reads tables does not pay it."""
    code = "import sys, cdip_analysis; cdip_analysis.load_report().annex; print('matplotlib' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "False"
