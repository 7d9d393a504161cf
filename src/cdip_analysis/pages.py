"""Execute the notebooks and write copies of them as web pages, for colleagues without Python."""

from __future__ import annotations

import asyncio
import html
import os
import re
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from cdip_analysis.files import MARK, atomic_write

__all__ = ["run_notebooks"]


def run_notebooks(source: str | Path, out: str | Path, *, execute: bool = True) -> list[Path]:
    """Execute the notebooks of a folder and write each as a web page; the notebooks themselves stay as they are.

    The pages need no network and no scripts, show no code unless asked to, and lead to each other.

    Parameters
    ----------
    source : str or Path
        Folder of the notebooks.
    out : str or Path
        Folder to write to; made if it is not there.
    execute : bool
        Run all cells first; otherwise the outputs are those in the files.

    Returns
    -------
    list of Path
        The pages, in the order of their names.

    Raises
    ------
    FileNotFoundError
        If there is no notebook in the folder.
    ImportError
        If the extra `notebooks` is not installed.
    ValueError
        If a cell fails; the message names the notebook, the cell and the error.
    FileExistsError
        If a page was there before and this package did not make it.
    """
    root = Path(source).resolve()
    paths = [*sorted(root.glob("*.ipynb")), *sorted(root.glob("*/*.ipynb"))]
    paths = [path for path in paths if not path.parent.name.startswith(".")]
    if not paths:
        raise FileNotFoundError(f"found no notebooks (*.ipynb) in {source}")
    notebooks = [_read(path) for path in paths]
    if execute:
        _in_a_thread(_execute(notebooks, paths))
    titles = [_title(notebook, path) for notebook, path in zip(notebooks, paths, strict=True)]
    written = []
    for number, notebook in enumerate(notebooks):
        target = Path(out) / paths[number].relative_to(root).with_suffix(".html")
        with atomic_write(target) as temporary:
            temporary.write_text(_page(notebook, number, paths, titles), encoding="utf-8")
        written.append(target)
    return written


def _read(path: Path) -> Any:
    try:
        import nbformat
    except ImportError as error:
        raise _missing(error) from error
    return nbformat.read(path, as_version=4)


def _in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end in a thread of its own: where this is called from a notebook, an event loop is running already.

    An interruption cancels the work, so that kernels end at once and not with their notebooks.
    """
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)
    try:
        with ThreadPoolExecutor(1) as thread:
            try:
                thread.submit(loop.run_until_complete, task).result()
            except KeyboardInterrupt:
                loop.call_soon_threadsafe(task.cancel)
                raise
    finally:
        loop.close()


async def _execute(notebooks: Sequence[Any], paths: Sequence[Path]) -> None:
    """Run all cells, as many notebooks at once as there are cores: most of the time goes to kernels that start."""
    free = asyncio.Semaphore(os.cpu_count() or 1)
    runs = (_run(notebook, path, free) for notebook, path in zip(notebooks, paths, strict=True))
    try:
        # Each comes to its own end, by which its kernel is cleared away; then the first error is raised.
        for outcome in await asyncio.gather(*runs, return_exceptions=True):
            if outcome is not None:
                raise outcome
    finally:
        left = asyncio.all_tasks() - {asyncio.current_task()}  # the watch over kernels that are no more
        for watch in left:
            watch.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _run(notebook: Any, path: Path, free: asyncio.Semaphore) -> None:
    try:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError
    except ImportError as error:
        raise _missing(error) from error
    # A kernel that inherits MPLBACKEND draws no figures into its notebook.
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    where = {"metadata": {"path": str(path.parent)}}
    async with free:
        try:
            client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where)
            # Newer kernels warn that they speak over TCP, which they do on this machine alone: errors only.
            client.extra_arguments = ["--log-level=ERROR"]
            async with client.async_setup_kernel(env=environment):
                for index, cell in enumerate(notebook.cells):
                    await client.async_execute_cell(cell, index)
                # A kernel whose cells are all done has nothing left to do, and its end need not be waited for.
                client.shutdown_kernel = "immediate"
        except CellExecutionError as error:
            said = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
            done = [cell.get("execution_count") or 0 for cell in notebook.cells]
            raise ValueError(f"{path.name} stopped in cell [{max(done)}]: {said}") from error


def _missing(error: ImportError) -> ImportError:
    return ImportError(f'{error.msg}; notebooks need more packages: pip install "cdip-analysis[notebooks]"')


def _title(notebook: Any, path: Path) -> str:
    """Return the first heading of a notebook, or the name of its file."""
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# (.+)$", prose, re.MULTILINE)
    return heading[1].strip() if heading else path.stem


@cache
def _exporter() -> Any:
    """Make what turns notebooks into HTML, once: it compiles its templates as it first uses them."""
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True, exclude_anchor_links=True
    )


def _page(notebook: Any, number: int, paths: Sequence[Path], titles: Sequence[str]) -> str:
    import jinja2
    from markupsafe import Markup

    body, _ = _exporter().from_notebook_node(notebook)
    own = paths[number].parent

    def page_of(path: Path) -> str:
        return Path(os.path.relpath(path.with_suffix(".html"), own)).as_posix()

    def linked(link: re.Match[str]) -> str:
        """Lead to the page of another notebook; a file that stays behind in the project becomes plain words."""
        path = (own / link[1]).resolve()
        return f'<a href="{page_of(path)}">{link[2]}</a>' if path in paths else link[2]

    body = re.sub(r'<a href="(?!https?:|#)([^"]*)"[^>]*>(.*?)</a>', linked, body)
    source = (Path(__file__).with_name("templates") / "notebook.html.j2").read_text(encoding="utf-8")
    page: str = jinja2.Template(source, autoescape=True, keep_trailing_newline=True).render(
        made=Markup(f"<!-- {MARK} -->"),
        title=titles[number],
        links=[(page_of(path), title.partition(":")[0]) for path, title in zip(paths, titles, strict=True)],
        number=number,
        body=Markup(_described(body)),
    )
    return page


def _described(body: str) -> str:
    """Describe each figure that has no words of its own, for those who hear the page, by the heading above it."""
    heading = ""

    def described(found: re.Match[str]) -> str:
        nonlocal heading
        if found["heading"] is None:
            return f'<img alt="Figure: {html.escape(heading)}"{found["rest"]}>'
        heading = html.unescape(re.sub("<[^>]+>", "", found["heading"])).strip()
        return found[0]

    unnamed = "No description has been provided for this image"
    pattern = rf'<h[1-6][^>]*>(?P<heading>.*?)</h[1-6]>|<img alt="{unnamed}"(?P<rest>[^>]*)>'
    return re.sub(pattern, described, body)
