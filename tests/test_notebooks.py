"""The notebooks as committed: executed, clean, in plain words; and the web pages made of them.

`make test` runs them under strict nbval besides, pictures included.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from cdip_analysis.files import MARK
from cdip_analysis.pages import executing, read_notebooks, write_pages

FOLDER = Path(__file__).parents[1] / "notebooks"
PATHS = [*sorted(FOLDER.glob("*.ipynb")), *sorted(FOLDER.glob("how-to/*.ipynb"))]
NOTEBOOKS = {path.relative_to(FOLDER).as_posix(): json.loads(path.read_text(encoding="utf-8")) for path in PATHS}


WITH_FIGURES = {f"{name}.ipynb" for name in ("00_start", "02_timelines", "03_session_coverage", "04_follow_up")}
CODE = {name: [c for c in notebook["cells"] if c["cell_type"] == "code"] for name, notebook in NOTEBOOKS.items()}
OUTPUTS = {name: [output for cell in cells for output in cell["outputs"]] for name, cells in CODE.items()}


def test_all_notebooks_are_there() -> None:
    names = ("00_start", "01_annex", "02_timelines", "03_session_coverage", "04_follow_up", "05_export")
    assert [*NOTEBOOKS] == [f"{name}.ipynb" for name in (*names, "how-to/many-documents", "how-to/your-own-document")]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_cells_were_executed_in_order_without_errors_and_show_their_figures(name: str) -> None:
    assert [cell["execution_count"] for cell in CODE[name]] == [*range(1, len(CODE[name]) + 1)]
    assert not [o for o in OUTPUTS[name] if o["output_type"] == "error" or o.get("name") == "stderr"]
    asked = sum("plot_" in line for cell in CODE[name] for line in cell["source"])
    shown = sum("image/png" in output.get("data", {}) for output in OUTPUTS[name])
    assert name not in WITH_FIGURES or shown == asked > 0


def test_start_page_says_the_sentence_first_and_leads_to_every_notebook() -> None:
    assert "".join(OUTPUTS["00_start.ipynb"][0]["text"]).startswith("Four of the nine actions were answered")
    cells = NOTEBOOKS["00_start.ipynb"]["cells"]
    prose = "".join(line for cell in cells if cell["cell_type"] == "markdown" for line in cell["source"])
    assert sorted(re.findall(r"^\| \[[\w/-]+\]\((\S+)\)", prose, re.MULTILINE)) == [*NOTEBOOKS][1:]


#: Documents for how-to/your-own-document, with the columns of the annex if they have to be given, and what it shows.
NAMED = {"Recommendation": "action", "Where discussed": "consideration"}
OWN: dict[str, tuple[dict[str, str] | None, str]] = {
    "editions/report.fr.txt": (None, "5 entries of an annex"),
    "samples/report.en.docx": (None, "119 references"),
    "samples/second/sct-40-9.en.pdf": (NAMED, "3 entries of an annex"),
    "samples/second/sct-40-9.fr.docx": (None, "say which column is which"),
}


@pytest.mark.parametrize("document", OWN)
def test_your_own_document_runs_with_other_parameters(document: str, tmp_path: Path) -> None:
    """As Papermill does it: a cell with other values after the one that is tagged. It is in the lock, not needed."""
    execute = pytest.importorskip("papermill", reason="Papermill is not installed").execute_notebook
    columns, shown = OWN[document]
    parameters = {"path": str(Path(__file__).parent / document), "columns": columns}
    source, made = FOLDER / "how-to/your-own-document.ipynb", tmp_path / "mine.ipynb"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Papermill's own, of its libraries
        execute(str(source), str(made), parameters=parameters, kernel_name="python3", progress_bar=False)
    cells = json.loads(made.read_text(encoding="utf-8"))["cells"]
    tags = [cell["metadata"]["tags"] for cell in cells if cell["metadata"].get("tags")]
    assert tags == [["parameters"], ["injected-parameters"]]
    assert shown in "".join(json.dumps(cell.get("outputs"), ensure_ascii=False) for cell in cells)


def test_nbval_fails_on_another_figure(tmp_path: Path) -> None:
    """The figures are compared by notebooks/conftest.py."""
    made = json.loads(json.dumps(NOTEBOOKS["00_start.ipynb"]))
    other = next(o["data"] for o in OUTPUTS["03_session_coverage.ipynb"] if "image/png" in o.get("data", {}))
    drawn = next(c for c in made["cells"] if "".join(c["source"]) == "ax = cdip.plot_timeline(report)")
    for output in drawn["outputs"]:
        output["data"]["image/png"] = other["image/png"]
    (tmp_path / "spoilt.ipynb").write_text(json.dumps(made), encoding="utf-8")
    shutil.copy(FOLDER / "conftest.py", tmp_path)
    environment = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    nbval = ["--nbval", "--nbval-current-env", "-c", os.devnull, "--rootdir", "."]
    command = [sys.executable, "-m", "pytest", "-q", *nbval, "spoilt.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert "1 failed" in done.stdout, done.stdout[-2000:]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, BeautifulSoup]:
    made = write_pages(read_notebooks(FOLDER), FOLDER, tmp_path_factory.mktemp("pages"))
    return {page: BeautifulSoup(page.read_bytes(), "lxml") for page in made}


def test_pages_need_no_network_and_no_scripts_and_lead_to_each_other(pages: dict[Path, BeautifulSoup]) -> None:
    assert len(pages) == len(NOTEBOOKS)
    for path, page in pages.items():
        assert not page.find_all(["script", "iframe", "link", "object"])
        assert all(str(image["src"]).startswith("data:image/png;base64,") for image in page.find_all("img"))
        assert MARK in path.read_text(encoding="utf-8")[:100]
        assert path.stat().st_size < 1_000_000
        links = [str(link["href"]) for link in page.find_all("a") if link.get("href")]
        local = [link for link in links if not link.startswith(("https://", "#"))]
        assert {(path.parent / link).resolve() for link in local} == set(pages)


def test_figures_are_described_by_what_they_find(pages: dict[Path, BeautifulSoup]) -> None:
    (image,) = next(iter(pages.values())).find_all("img")
    assert str(image["alt"]).startswith("Most often before the Committee: ")


def notebook_of(folder: Path, *cells: str) -> Path:
    folder.mkdir(exist_ok=True)
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    nbformat.write(made, folder / "made.ipynb")
    return folder


def executed(source: Path, out: Path) -> list[Path]:
    notebooks = read_notebooks(source)
    with executing(notebooks):
        pass
    return write_pages(notebooks, source, out)


def test_failing_cell_is_named_and_no_page_written(tmp_path: Path) -> None:
    source = notebook_of(tmp_path / "notebooks", "1", "raise KeyError('gone')")
    with pytest.raises(ValueError, match=r"made\.ipynb stopped in cell \[2\]: KeyError: 'gone'"):
        executed(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_figures_are_drawn_where_the_caller_has_mplbackend_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    drawn = "import cdip_analysis as cdip; ax = cdip.plot_coverage(cdip.load_report())"
    (page,) = executed(notebook_of(tmp_path / "notebooks", drawn), tmp_path / "out")
    assert page.read_text(encoding="utf-8").count("data:image/png;base64,") == 1


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "nbformat", None)
    with pytest.raises(ImportError, match=r"cdip-analysis\[notebooks\]"):
        write_pages(read_notebooks(FOLDER), FOLDER, tmp_path)
