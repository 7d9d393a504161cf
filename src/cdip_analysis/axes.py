"""What all figures share: axes, fonts and colours, how the words are set around them, and how they are saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from cdip_analysis.captions import Words, wrap
from cdip_analysis.data import DATA
from cdip_analysis.files import MARK, atomic_write, is_ours, looks_like_formula

__all__ = [
    "GREY",
    "INK",
    "Palette",
    "alt_text",
    "colours_of",
    "finish",
    "ink_on",
    "name_columns",
    "name_lanes",
    "new_axes",
    "note",
    "nothing_to_draw",
    "save_figure",
]

# The shipped font comes first, so that Chinese looks the same everywhere; DejaVu Sans has Arabic and Cyrillic.
# matplotlib joins Arabic letters and sets them from right to left from version 3.11 on; 3.10 does neither.
fontManager.addfont(DATA / "fonts" / "cdip-noto-sans-sc.otf")
_FONTS = ["CDIP Noto Sans SC", "DejaVu Sans"]
INK, GREY = "#222222", "#666666"

Palette = str | Sequence[str] | Mapping[str, str] | None


class _Figure(Figure):
    """A figure that takes its alternative text into a notebook."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        return {}, {"image/png": {"alt": " ".join(map(alt_text, self.axes))}}


def alt_text(ax: Axes) -> str:
    """Return what a figure says, for those who cannot see it: what it finds, its source and how much it rests on.

    Notebooks, their pages, and the PNG and SVG files of `save_figure` have it too.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        What one of the functions that draw returned.

    Returns
    -------
    str
        The finding, also where the figure has a title of the user's own.

    Examples
    --------
    >>> from cdip_analysis import alt_text, load_report, plot_coverage
    >>> alt_text(plot_coverage(load_report()))[:67]
    'No session took up more than 4 of 9 actions; CDIP/24 not held yet. '
    """
    return str(ax.get_label() or ax.get_title())


def colours_of(palette: Palette, default: Mapping[str, str]) -> dict[str, str]:
    """Return a colour for each name: its default, or that of a mapping, a list, or a colour map."""
    if isinstance(palette, str):
        palette = [to_hex(colour) for colour in mpl.colormaps[palette](np.linspace(0.05, 0.95, len(default)))]
    if palette is None or isinstance(palette, Mapping):
        return {name: (palette or {}).get(name, colour) for name, colour in default.items()}
    return dict(zip(default, cycle(palette), strict=False))


def ink_on(colour: Any) -> str:
    """Choose black or white, whichever has more contrast with a colour: at least 4.5 to 1, as WCAG 2 asks."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return "black" if np.dot(linear, (0.2126, 0.7152, 0.0722)) > 0.179 else "white"


def new_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Make a figure where no axes are given, as tall as its lanes need."""
    if ax is None:
        _, ax = plt.subplots(figsize=(width, min(height, 60)), layout="constrained", FigureClass=_Figure)
    return ax


def nothing_to_draw(ax: Axes | None, words: str) -> Axes:
    """Say that there is nothing to draw."""
    ax = new_axes(ax, 10, 1.5)
    ax.set_axis_off()
    ax.text(0.5, 0.5, words, ha="center", va="center", fontsize=12, color=GREY, fontfamily=_FONTS)
    ax.set_label(words)
    return ax


def name_lanes(ax: Axes, names: Sequence[str]) -> None:
    """Name the lanes, from the top down; a dollar in a document begins no formula."""
    ax.set_yticks(range(len(names)), [wrap(name, 26, 2) for name in names], parse_math=False)
    ax.tick_params("y", length=0, labelsize=10.5, labelcolor=INK)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.spines[:].set_visible(False)


def name_columns(ax: Axes, names: Mapping[float, str]) -> None:
    """Name places on the x axis, above the lanes: the title makes room for them by itself."""
    ax.xaxis.tick_top()
    ax.set_xticks([*names], [*names.values()])
    ax.tick_params("x", length=0, labelsize=9.5, labelcolor=GREY)


def note(ax: Axes, text: str, place: tuple[Any, Any], offset: tuple[float, float], **style: Any) -> None:
    """Write beside a place, so many points to its right and above it."""
    look: Any = {"va": "center", "fontsize": 9.5, "color": INK} | style
    halo = [withStroke(linewidth=3, foreground="white")]
    ax.annotate(text, place, offset, textcoords="offset points", path_effects=halo, **look)


def finish(
    ax: Axes, finding: str, count: str, words: Words, title: str | None, legend: int = 0, parts: str = "annex"
) -> Axes:
    """Write what a figure finds above it, and its legend, its source and what it counts below."""
    rows = 0
    if legend and (names := ax.get_legend_handles_labels()[1]):
        rows = -(-len(names) // legend)
        look: Any = {"frameon": False, "fontsize": 9.5, "handletextpad": 0.3, "columnspacing": 1.2, "labelcolor": INK}
        ax.legend(loc="upper left", bbox_to_anchor=(0, 0), borderaxespad=0.4, ncols=legend, **look)
    finding = finding[:1].upper() + finding[1:]
    source = words("source", source=words.source(parts), count=count) if words.report is not None else count
    letters = ax.bbox.width * 72 / ax.figure.dpi / 7  # in a line: a letter of the title is about 7 points wide
    shown = wrap(finding, letters, 3)
    narrower = (wrap(finding, width, 3) for width in range(int(letters / 2), int(letters)))
    even = next((text for text in narrower if "…" not in text and text.count("\n") == shown.count("\n")), shown)
    ax.set_title(even.replace("$", r"\$") if title is None else title, fontsize=13.5, color=INK)
    ax.set_xlabel(wrap(source, 1.5 * letters, 3), loc="left", fontsize=9, color=GREY, labelpad=8 + 17 * rows)
    ax.xaxis.set_label_position("bottom")
    ax.set_label(words("alt", finding=finding, source=source))  # for `alt_text`
    for text in ax.findobj(Text):
        text.set_fontfamily(_FONTS)
    return ax


def save_figure(ax: Axes, path: str | Path, table: pd.DataFrame, *, overwrite: bool = False) -> list[Path]:
    """Write a figure as PNG and SVG, and the numbers behind it as CSV, the same bytes on each run.

    In the CSV file, text that a spreadsheet program would take for a formula has an apostrophe before it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        What one of the functions that draw returned; its whole figure is written.
    path : str or Path
        Name of the files; a suffix is replaced by .png, .svg and .csv.
    table : pandas.DataFrame
        The table that was drawn.
    overwrite : bool
        Replace files of these names even if this package did not make them.

    Returns
    -------
    list of Path
        The three files.

    Raises
    ------
    FileExistsError
        If one of the files was not made by this package, and `overwrite` is not given.

    Examples
    --------
    >>> import tempfile
    >>> from cdip_analysis import load_report, plot_coverage, save_figure
    >>> report = load_report()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [file.name for file in save_figure(plot_coverage(report), f"{folder}/a", report.session_coverage)]
    ['a.png', 'a.svg', 'a.csv']
    """
    png, svg, numbers = (Path(path).with_suffix(suffix) for suffix in (".png", ".svg", ".csv"))
    figure, says = ax.get_figure(root=True), alt_text(ax)
    if figure is None:
        raise ValueError("these axes were taken from their figure: there is nothing to save")
    ours = overwrite or (png.exists() and is_ours(png))  # a CSV file has no room for our mark: its picture has it
    pictures: dict[Path, dict[str, str | None]] = {
        png: {"Software": MARK, "Description": says},
        svg: {"Date": None, "Creator": MARK, "Title": says},
    }
    for target, about in pictures.items():
        repeatable = mpl.rc_context({"svg.hashsalt": "cdip-analysis", "svg.fonttype": "path"})
        with atomic_write(target, overwrite=overwrite) as temporary, repeatable:
            figure.savefig(temporary, dpi=200, bbox_inches="tight", facecolor="white", metadata=about)
    escaped = table.map(lambda value: f"'{value}" if isinstance(value, str) and looks_like_formula(value) else value)
    with atomic_write(numbers, overwrite=ours) as temporary:
        escaped.to_csv(temporary, index=table.index.name is not None, encoding="utf-8-sig", lineterminator="\n")
    return [png, svg, numbers]
