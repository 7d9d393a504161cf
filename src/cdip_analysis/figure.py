"""What all figures share: their words, the axes around them, colours, and how they are saved."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any
from unicodedata import bidirectional

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

from cdip_analysis.analyses import action_label
from cdip_analysis.data import DATA
from cdip_analysis.display import text_width
from cdip_analysis.files import MARK, atomic_write, guarded, is_ours
from cdip_analysis.labels import label, labels
from cdip_analysis.model import Header, Row
from cdip_analysis.report import Report

# Characters that no font draws, and those that turn the direction of the text after them.
_UNDRAWN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")


class Words:
    """The words of a figure, in one language, for the actions and sessions of one report if there is one."""

    def __init__(self, lang: str, report: Report | None = None) -> None:
        self.lang, self.report = lang, report
        self.header = report.header if report else Header()
        self.meeting: Callable[[Any], str] = self.header.meeting
        self.rows: Mapping[str, Sequence[Row]] = report.rows if report else defaultdict(tuple)

    def __call__(self, key: str, n: int | None = None, **fields: Any) -> str:
        """Return the words of a key, those for one where `n` is 1 and they differ."""
        one = f"figure.{key}.one"
        return labels()[one if n == 1 and one in labels() else f"figure.{key}"][self.lang].format(n=n, **fields)

    def name(self, action_id: str, own: Any = None) -> str:
        """Return the short label of an action, else its wording in the report, else its own; empty without any."""
        wordings = {row.values["action_id"]: row.values["action"] for row in self.rows["actions"]}
        named = action_label(wordings.get(action_id) or (own if isinstance(own, str) else None), self.lang) or ""
        return _UNDRAWN.sub("\N{REPLACEMENT CHARACTER}", " ".join(named.split()))

    def actions(self, actions: Iterable[str]) -> str:
        """Name two actions, and say how many more there are."""
        return self.listed([self.short(self.name(action) or action) for action in actions], 2)

    def lane(self, action_id: str, own: Any = None) -> str:
        """Return the number and the name of an action."""
        return f"{action_id}  {self.name(action_id, own)}".rstrip()

    def short(self, name: str) -> str:
        """Cut a name to 40 letters, and keep one that is written from right to left from turning the words around."""
        short = wrap(name, 40, 1)
        turned = any(bidirectional(letter) in ("R", "AL") for letter in short)
        return f"\u200e\u202b{short}\u202c\u200e" if turned else short

    def listed(self, names: Sequence[str], most: int) -> str:
        """List names, and say how many more there are."""
        more = [self("more", n=len(names) - most)] if len(names) > most else []
        return self("comma").join([*names[:most], *more])

    def sessions(self, sessions: Iterable[Any]) -> str:
        """Write sessions as delegates do: CDIP/21, 22, 25."""
        numbers = sorted({int(session) for session in sessions})
        named = map(self.meeting, numbers[:1])
        return self("comma").join([*named, *map(str, numbers[1:6])]) + " …" * (len(numbers) > 6)

    def source(self, count: str, parts: str) -> str:
        """Say who wrote the report, for which session, which edition and parts of it were counted, and what."""
        if self.report is None:
            return count
        header, edition = self.header, label(f"reader.edition.{self.report.language}", self.lang)
        edition = self("translation") if self.report.is_working_translation else edition
        by = labels().get(f"author.{header.prepared_by}", {}).get(self.lang, header.prepared_by) or header.symbol
        key = "source.report" if header.session else "source.document"
        said = self(key, by=by or self("unsigned"), edition=edition, session=self.meeting(header.session))
        return self("source", source=said + (self(f"source.{parts}") if self.rows["annex"] else ""), count=count)


# A line ends best before a space, after Chinese punctuation or before an opening bracket, not within a list of
# sessions; else at any Chinese character; else anywhere. \0 is before each wide character, which takes two columns.
_OPENING, _CLOSING, _WIDE = "（《“「【", "，。、；：！？）》”」】", "\u2e80-\u9fff\uff01-\uff60"
_TOGETHER = rf"(?<![{_OPENING}])(?!\0?[{_CLOSING}])"
_BEST = rf"{_TOGETHER}(?:(?<![0-9],)(?= )|(?<=[{_CLOSING}])(?<![0-9]\0、)|(?=\0?[{_OPENING}]))"
_POSSIBLE = rf"{_TOGETHER}(?:(?= )|(?=\0)|(?<=[{_WIDE}]))"


def wrap(text: str, width: float, most: int) -> str:
    r"""Break a text into lines of so many letters, a Chinese character being two; what is too long ends in "…".

    >>> wrap("Document on the selection of consultants", 15, 2), wrap("1.3 经常性论坛（网络研讨会、对话）", 26, 2)
    ('Document on the\nselection of…', '1.3 经常性论坛\n（网络研讨会、对话）')
    >>> wrap("Considered at CDIP/21, 22, 23", 20, 2)
    'Considered at\nCDIP/21, 22, 23'
    """
    columns = "".join("\0" * (text_width(letter) - 1) + letter for letter in " ".join(text.split()))
    n = max(int(width), 2)  # axes may have no room at all
    lines = re.findall(rf" *(.{{1,{n}}}$|.{{{n // 2},{n}}}{_BEST}|.{{1,{n}}}{_POSSIBLE}|.{{1,{n}}})", columns)
    if len(lines) > most:
        lines[most - 1 :] = [lines[most - 1][: n - 1] + "…"]
    return "\n".join(lines).replace("\0", "")


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
    """Return what a figure finds, its source and how much it rests on, in words, for those who cannot see it.

    Notebooks, their pages, and the PNG and SVG files of `save_figure` have it, whatever title the figure has.

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
        return {**default, **(palette or {})}
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


def name_lanes(ax: Axes, lanes: Sequence[str], columns: Mapping[Any, str]) -> None:
    """Name the lanes, from the top down, and places above them; a dollar in a document begins no formula."""
    ax.set_yticks(range(len(lanes)), [wrap(name, 26, 2) for name in lanes], parse_math=False)
    ax.tick_params("y", length=0, labelsize=10.5, labelcolor=INK)
    ax.set_ylim(len(lanes) - 0.4, -0.6)
    ax.spines[:].set_visible(False)
    ax.xaxis.tick_top()  # the title makes room for them by itself
    ax.set_xticks([*columns], [*columns.values()])
    ax.tick_params("x", length=0, labelsize=9.5, labelcolor=GREY)


def note(ax: Axes, text: str, place: tuple[Any, Any], offset: tuple[float, float] = (0, 0), **style: Any) -> None:
    """Write beside a place, so many points to its right and above it."""
    look: Any = {"va": "center", "fontsize": 9.5, "color": INK} | style
    halo = [withStroke(linewidth=3, foreground="white")]
    ax.annotate(text, place, offset, textcoords="offset points", path_effects=halo, **look)


def finish(ax: Axes, finding: str, source: str, words: Words, title: str | None, legend: int = 1) -> Axes:
    """Write what a figure finds above it, and its legend, in so many columns, and its source below."""
    if rows := -(-len(ax.get_legend_handles_labels()[1]) // legend):
        look: Any = {"frameon": False, "fontsize": 9.5, "handletextpad": 0.3, "columnspacing": 1.2, "labelcolor": INK}
        ax.legend(loc="upper left", bbox_to_anchor=(0, 0), borderaxespad=0.4, ncols=legend, **look)
    finding = finding[:1].upper() + finding[1:]
    letters = int(ax.bbox.width * 72 / ax.figure.dpi / 7)  # in a line: a letter of the title is about 7 points wide
    if title is None:
        shown = wrap(finding, letters, 3)
        narrower = (wrap(finding, width, 3) for width in range(letters // 2, letters))
        even = (text for text in narrower if text.count("\n") == shown.count("\n") and not text.endswith("…"))
        title = next(even, shown).replace("$", r"\$")
    ax.set_title(title, fontsize=13.5, color=INK)
    ax.set_xlabel(wrap(source, 1.5 * letters, 3), loc="left", fontsize=9, color=GREY, labelpad=8 + 17 * rows)
    ax.xaxis.set_label_position("bottom")
    ax.set_label(words("alt", finding=finding, source=source))  # for `alt_text`
    for text in ax.findobj(Text):
        text.set_fontfamily(_FONTS)
    return ax


def save_figure(ax: Axes, path: str | Path, table: pd.DataFrame, *, overwrite: bool = False) -> list[Path]:
    """Write a figure as PNG and SVG, and the numbers behind it as CSV, the same bytes on each run; return the paths.

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
        Replace files of these names even if this package did not make them; without it, a FileExistsError.

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
    says = alt_text(ax)
    if (figure := ax.get_figure(root=True)) is None:
        raise ValueError("these axes were taken from their figure: there is nothing to save")
    ours = overwrite or (png.exists() and is_ours(png))  # a CSV file has no room for our mark: its picture has it
    of_svg: dict[str, str | None] = {"Date": None, "Creator": MARK, "Title": says}
    for target, about in ((png, {"Software": MARK, "Description": says}), (svg, of_svg)):
        repeatable = mpl.rc_context({"svg.hashsalt": "cdip-analysis", "svg.fonttype": "path"})
        with atomic_write(target, overwrite=overwrite) as temporary, repeatable:
            figure.savefig(temporary, dpi=200, bbox_inches="tight", facecolor="white", metadata=about)
    escaped = table.map(lambda value: guarded(value) if isinstance(value, str) and value else value)
    with atomic_write(numbers, overwrite=ours) as temporary:
        escaped.to_csv(temporary, index=table.index.name is not None, encoding="utf-8-sig", lineterminator="\n")
    return [png, svg, numbers]
