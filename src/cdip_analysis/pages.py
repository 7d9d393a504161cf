"""Execute the notebooks and write copies of them as web pages, for colleagues without Python."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from cdip_analysis.display import templates
from cdip_analysis.files import MARK, atomic_write


def read_notebooks(folder: Path) -> dict[Path, Any]:
    """Read the notebooks of a folder and of those in it, by their paths."""
    try:
        import nbconvert  # noqa: F401 - asked here whether it is installed; it brings nbclient, too
        import nbformat
    except ImportError as error:
        needed = 'notebooks need more packages: pip install "cdip-analysis[notebooks]"'
        raise ImportError(f"{error.msg}; {needed}") from error
    paths = [*sorted(folder.glob("*.ipynb")), *sorted(folder.glob("[!.]*/*.ipynb"))]
    if not paths:
        raise FileNotFoundError(f"found no notebooks (*.ipynb) in {folder}")
    return {path: nbformat.read(path, as_version=4) for path in paths}


@contextmanager
def executing(notebooks: Mapping[Path, Any]) -> Iterator[None]:
    """Run all cells beside the block, in threads, where no signal comes; at its end they are done.

    Where the block fails or is interrupted, each kernel ends after the cell that it is in.
    """
    ended = Event()
    with ThreadPoolExecutor(1 + (os.cpu_count() or 1)) as threads:  # a kernel that starts waits, too
        runs = [threads.submit(_run, path, notebook, ended) for path, notebook in notebooks.items()]
        try:
            yield
            for run in runs:
                run.result()
        finally:
            ended.set()
            threads.shutdown(wait=False, cancel_futures=True)


def _run(path: Path, notebook: Any, ended: Event) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    def go_on(**_: Any) -> None:
        if ended.is_set():
            raise InterruptedError

    client = NotebookClient(notebook, timeout=120, kernel_name="python3", shutdown_kernel="immediate")
    client.resources, client.on_cell_start = {"metadata": {"path": str(path.parent)}}, go_on
    # Newer kernels warn that they speak over TCP, which they do on this machine alone: errors only.
    client.extra_arguments = ["--log-level=ERROR"]
    # A kernel that inherits MPLBACKEND draws no figures into its notebook.
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    try:
        asyncio.run(client.async_execute(env=environment))
    except CellExecutionError as error:
        said = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
        raise ValueError(f"{path.name} stopped in cell [{client.code_cells_executed}]: {said}") from error


def write_pages(notebooks: Mapping[Path, Any], root: Path, out: Path) -> list[Path]:
    """Write each notebook as a web page, at the place in `out` that it has under `root`.

    The pages need no network and no scripts, show no code unless asked to, and lead to each other.
    """
    import nbconvert

    exporter = nbconvert.HTMLExporter(template_name="basic", exclude_anchor_links=True)
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    titles, written = {}, []
    for path, notebook in notebooks.items():
        prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        titles[path] = (re.findall(r"^# (.+)$", prose, re.MULTILINE) or [path.stem])[0].strip()
    for path, notebook in notebooks.items():
        target = out / path.relative_to(root).with_suffix(".html")
        page = _page(exporter.from_notebook_node(notebook)[0], path, titles)
        with atomic_write(target) as temporary:
            temporary.write_text(f"{page}\n", encoding="utf-8")
        written.append(target)
    return written


def _page(body: str, notebook: Path, titles: Mapping[Path, str]) -> str:
    """Put the body of a page into its frame, with links to the other pages."""

    def page_of(path: Path) -> str:
        return Path(os.path.relpath(path.with_suffix(".html"), notebook.parent)).as_posix()

    def linked(link: re.Match[str]) -> str:
        """Lead to the page of another notebook; a file that stays behind in the project becomes plain words."""
        path = (notebook.parent / link[1]).resolve()
        return f'<a href="{page_of(path)}">{link[2]}</a>' if path in titles else link[2]

    template: Any = templates().get_template("notebook.html.j2")
    links = [(page_of(path), title.partition(":")[0]) for path, title in titles.items()]
    body = re.sub(r'<a href="(?!https?:|#)([^"]*)"[^>]*>(.*?)</a>', linked, body)
    number = [*titles].index(notebook)
    return str(template.render(mark=MARK, title=titles[notebook], links=links, number=number, body=body))
