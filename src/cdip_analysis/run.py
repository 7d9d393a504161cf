"""Write everything about a report into a folder: workbook, tables, figures, notebooks; what `cdip run` does."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cdip_analysis.data import DATA
from cdip_analysis.report import Report

__all__ = ["run"]


def run(report: Report, out: Path, *, timings: bool = False) -> Iterator[str]:
    """Write workbook, Data Package, figures and HTML copies of the notebooks, executed now.

    Parameters
    ----------
    report : Report
    out : Path
        The folder to write to; made if it is not there. Each file replaces its older self in one step.
    timings : bool
        Say how long each step took, in seconds.

    Yields
    ------
    str
        A line for each thing written, and at the end what was found.
    """
    for name, step in _STEPS.items():
        if name == "notebooks" and _is_shipped(report):
            yield f"{name:<10} are executed now; this takes about a minute"
        started = time.perf_counter()
        written = step(report, out)
        took = f"  ({time.perf_counter() - started:.1f} s)" if timings else ""
        yield f"{name:<10} {written}{took}"
    frames = report.tables
    yield (
        f"{'found':<10} {len(frames['annex'])} entries, {len(frames['citations'])} citations, "
        f"{len(frames['findings'])} findings, {len(frames['unread'])} unread, in {report.name}"
    )
    kinds = Counter(str(kind) for kind in frames["findings"]["kind"])
    yield f"{'findings':<10} {', '.join(f'{count} {kind}' for kind, count in kinds.items()) or 'none'}"
    if len(frames["unread"]):
        yield f"{'unread':<10} words that look like a reference and were not understood: cdip check lists them"


def _workbook(report: Report, out: Path) -> str:
    from cdip_analysis.excel import export_excel

    return str(export_excel(report, out / f"{Path(report.name).stem}.xlsx"))


def _tables(report: Report, out: Path) -> str:
    from cdip_analysis.csv_package import export_csv

    export_csv(report, out / "tables")
    return f"{out / 'tables'} (Data Package: {len(list((out / 'tables').glob('*.csv')))} CSV files)"


def _figures(report: Report, out: Path) -> str:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    from cdip_analysis import plots

    coverage = report.session_coverage
    cited = coverage if coverage["total"].sum() else coverage[:0]
    figures: dict[str, tuple[Callable[[Report], Any], Any]] = {
        "timeline": (plots.plot_timeline, report.timeline),
        "coverage": (plots.plot_coverage, cited),
        "attention": (plots.plot_attention, cited),
        "follow_up": (plots.plot_follow_up, report.follow_up_status),
    }
    drawn = [name for name, (_, table) in figures.items() if len(table)]
    for name in drawn:
        plot, table = figures[name]
        plots.save_figure(plot(report), out / "figures" / name, table)
    plt.close("all")
    if not drawn:
        return "none: nothing to draw"
    return f"{out / 'figures'} ({', '.join(drawn)}: PNG, SVG and their numbers)"


def _reader(report: Report, out: Path) -> str:
    from cdip_analysis.reader_page import export_reader

    return f"{export_reader(report, out / 'overview.html')} (every value a link to its words)"


def _note(report: Report, out: Path) -> str:
    from cdip_analysis.note import brief

    if not len(report.actions):
        return "none: the document has no actions"
    path = out / f"{Path(report.name).stem}.docx"
    brief(report, None, path)
    return str(path)


def _is_shipped(report: Report) -> bool:
    return report.shipped is not None and report.shipped.sha256 == report.sha256


def _notebooks(report: Report, out: Path) -> str:
    folder = DATA.parent / "notebooks"
    if not folder.is_dir():
        return "none: they come with a checkout of the project, not with the package"
    if not _is_shipped(report):
        return "none: they are about the shipped report; for this one use how-to/your-own-document in JupyterLab"
    from cdip_analysis.pages import run_notebooks

    written = run_notebooks(folder, out / "notebooks")
    return f"{out / 'notebooks'} ({len(written)} HTML pages, executed now; start with {written[0].name})"


_STEPS: dict[str, Callable[[Report, Path], str]] = {
    "reader": _reader,
    "workbook": _workbook,
    "note": _note,
    "tables": _tables,
    "figures": _figures,
    "notebooks": _notebooks,
}
