"""What all figures share: their words, the axes that these are set around, colours, and how they are saved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from cdip_analysis.model import Header, natural_key
from cdip_analysis.report import Report

# ---- words ----------------------------------------------------------------------------------------------------------

# Characters that no font draws, and those that turn the direction of the text after them.
_UNDRAWN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")


@dataclass(frozen=True)
class Words:
    """The words of a figure, in one language, for the actions of one report if there is one.

    >>> Words("en")("since", 3), Words("en")("since", 1), Words("zh")("since", 3)
    ('3 sessions ago', '1 session ago', '3 届之前')
    """

    lang: str
    report: Report | None = None

    def __call__(self, key: str, n: int | None = None, **fields: Any) -> str:
        """Return the words of a key, those for one where `n` is 1 and they differ."""
        one = f"figure.{key}.one"
        return labels()[one if n == 1 and one in labels() else f"figure.{key}"][self.lang].format(n=n, **fields)

    def name(self, action_id: str, own: Any = None) -> str:
        """Return the short label of an action, else its wording in the report, else its own; empty without any."""
        rows = self.report.rows["actions"] if self.report is not None else []
        wording = next((row.values["action"] for row in rows if row.values["action_id"] == action_id), None)
        named = action_label(wording or (own if isinstance(own, str) else None), self.lang) or ""
        return _UNDRAWN.sub("\N{REPLACEMENT CHARACTER}", " ".join(named.split()))

    def lane(self, action_id: str, own: Any = None) -> str:
        """Return the number and the name of an action."""
        return f"{action_id}  {self.name(action_id, own)}".rstrip()

    def meeting(self, session: Any) -> str:
        """Name a session of the report's body."""
        return (self.report.header if self.report is not None else Header()).meeting(session)

    def sessions(self, sessions: Iterable[Any]) -> str:
        """Write sessions as delegates do.

        >>> Words("en").sessions([22, 21, 25, 22]), Words("zh").sessions([22, 21])
        ('CDIP/21, 22, 25', 'CDIP/21、22')
        """
        numbers = sorted({int(session) for session in sessions})
        named = map(self.meeting, numbers[:1])
        return self("comma").join([*named, *map(str, numbers[1:6])]) + " …" * (len(numbers) > 6)

    def names(self, actions: Sequence[str]) -> str:
        """Name two actions, and say how many more there are."""
        named = [_isolated(wrap(self.name(action) or action, 40, 1)) for action in actions[:2]]
        return self("comma").join([*named, *[self("more", n=len(actions) - 2)] * (len(actions) > 2)])

    def source(self, parts: str) -> str:
        """Say where the numbers come from: who wrote the report, for which session, which edition and parts of it."""
        if self.report is None:
            return ""
        header, language = self.report.header, self.report.language
        by = labels().get(f"author.{header.prepared_by}", {}).get(self.lang, header.prepared_by)
        translation = self.report.is_working_translation
        fields: dict[str, Any] = {
            "by": by or header.symbol or self("unsigned"),
            "edition": self("translation") if translation else label(f"reader.edition.{language}", self.lang),
            "session": header.meeting(header.session),
        }
        said = self("source.report" if header.session else "source.document", **fields)
        return said + (self(f"source.{parts}") if self.report.rows["annex"] else "")


def timeline_finding(table: pd.DataFrame, words: Words) -> str:
    """Say which actions were most often before the Committee, and what is still due."""
    considered = table[table["event"] == "consideration"].drop_duplicates(["action_id", "session"])
    times = considered["action_id"].value_counts()
    most = sorted(times.index[times == times.max()], key=natural_key)
    if considered.empty:
        finding = words("timeline.none", len(table))
    elif not most:  # as in a session's own report, whose citations are under no action
        finding = words("timeline.no_action", sessions=words.sessions(considered["session"]))
    elif len(most) > 1:
        key = "timeline.equal" if len(most) == len(times) else "timeline.tied"
        finding = words(key, int(times.max()), most=words.names(most))
    else:
        sessions = words.sessions(considered["session"][considered["action_id"] == most[0]])
        key = "timeline.alone" if len(times) == 1 else "timeline.most"
        finding = words(key, most=words.names(most), sessions=sessions)
    due = _due(table[table["event"] == "planned"], words)
    return finding + (words("timeline.due", due=due) if due else "")


def _due(planned: pd.DataFrame, words: Words) -> str:
    """Name what is planned at which session: the final discussion, or an action without what its name has in brackets.

    Of more than three, the others are counted.
    """
    named = []
    for action, session in zip(planned["action_id"], planned["session"], strict=True):
        whole = words("final_implementation") if pd.isna(action) else words.name(action) or action
        what = wrap(re.sub(r"\s*[(（].*", "", whole), 40, 1)
        named.append(words("timeline.due_at", what=_isolated(what), session=words.meeting(session)))
    named = [*dict.fromkeys(named)]
    return words("comma").join([*named[:3], *[words("more", n=len(named) - 3)] * (len(named) > 3)])


def coverage_finding(grid: pd.DataFrame, values: str, words: Words) -> str:
    """Say how many actions a session took up at most, and which sessions took up none."""
    took_up = (grid.dropna(axis="columns") > 0).sum()
    busy, idle = took_up.index[took_up > 0], took_up.index[took_up == 0]
    if len(grid) == 1:
        fields = {"action": words.names([*grid.index]), "at": len(busy), "sessions": words.sessions(busy)}
        return words("coverage.action", len(took_up), **fields)
    finding = words(f"coverage.{values}", len(grid), most=took_up.max())
    if len(idle):
        key = "coverage.gaps" if len(idle) <= 3 else "coverage.many_gaps"
        finding += words(key, n=len(idle), gaps=words.sessions(idle), of=len(took_up))
    ahead = grid.columns.difference(took_up.index)
    return finding + (words("coverage.ahead", ahead=words.sessions(ahead)) if len(ahead) else "")


def attention_finding(sums: pd.Series, words: Words) -> str:
    """Say which actions got most of the Committee's attention."""
    most = [*sums.index[sums == sums.max()]]
    key = "attention.tied" if len(most) > 1 else "attention.most"
    fields = {"most": words.names(most), "percent": f"{sums.max() / sums.sum():.0%}"}
    return words(key, n=int(sums.max()), what=words("report_paragraphs", int(sums.sum())), **fields)


def follow_up_finding(table: pd.DataFrame, words: Words) -> str:
    """Say for how many actions work goes on, something is due, nothing is expected, or what follows is not clear."""
    groups = {
        "open": table["status"] == "continuing",
        "due": table["status"] == "scheduled",
        "closed": table["status"] == "none_expected",
        "unclear": table["status"].isna() | (table["status"] == "unclear"),
    }
    parts: list[str] = []
    for key, group in groups.items():
        if some := int(group.sum()):
            subject = words("follow_up.next" if parts else "follow_up.subject", len(table), some=some)
            due = table["due_session"][group].dropna()
            key = "due_unknown" if key == "due" and due.empty else key
            parts.append(words(f"follow_up.{key}", some, subject=subject, due=words.sessions(due)))
    return words("follow_up.join").join(parts)


def follows(row: Mapping[Any, Any], words: Words) -> str:
    """Say what follows of an action: a row of `follow_up_status`."""
    status, due = row["status"], row["due_session"]
    key = "no_status" if pd.isna(status) else "conditional" if row["conditional"] is True else str(status)
    text = words("due" if key == "scheduled" and pd.isna(due) else key, due=words.meeting(due))
    return text + words("overdue") * (row["overdue"] is True) + words("never") * bool(pd.isna(row["last_session"]))


def handed_over(words: Words) -> dict[str, str]:
    """Say what was handed over for each action: the symbols of documents, and the number of other things."""
    things = {}
    for row in words.report.rows["overview"] if words.report is not None else []:
        parts = [part for part in (row.values["handed_over"] or "").split("; ") if part]
        symbols = [part for part in parts if re.fullmatch(r"[A-Z]+(/[A-Z0-9]+)+( Prov\.)?", part)]
        others = len(parts) - len(symbols)
        things[row.values["action_id"]] = ", ".join([*symbols, *[words("others", others)] * (others > 0)])
    return things


def _isolated(name: str) -> str:
    """Keep a name that is written from right to left from turning the words around it."""
    return f"\u200e\u202b{name}\u202c\u200e" if any(bidirectional(letter) in ("R", "AL") for letter in name) else name


# Where a line may end: after a space, after Chinese punctuation and before an opening bracket; not within a list of
# sessions. What is longer than a line may end after any Chinese character, and after any 24 letters.
_OPENING, _CLOSING, _WIDE = "（《“「【", "，。、；：！？）》”」】", "\u2e80-\u9fff\uff01-\uff60"
_WORD = rf"[{_OPENING}]*[^\s{_WIDE}]{{1,24}}(?:(?:(?<=[0-9],) |(?<=[0-9])、)[0-9][^\s{_WIDE}]*)*"
_PHRASE = re.compile(rf" *(?:{_WORD}|[{_OPENING}]*(?:(?![{_OPENING}{_CLOSING}])[{_WIDE}])+|[{_WIDE}])[{_CLOSING}]*")
_PIECE = re.compile(rf" *(?:{_WORD}|[{_OPENING}]*[{_WIDE}])[{_CLOSING}]*")


def wrap(text: str, width: float, most: int) -> str:
    r"""Break a text into lines of so many letters, a Chinese character being two; what is too long ends in "…".

    >>> wrap("Document on the selection of consultants", 15, 2)
    'Document on the\nselection of…'
    >>> wrap("完善组织内的内部协调", 12, 2), wrap("1.3 经常性论坛（网络研讨会、对话）", 26, 2)
    ('完善组织内的\n内部协调', '1.3 经常性论坛\n（网络研讨会、对话）')
    >>> wrap("at CDIP/21, 22, 23", 12, 2)
    'at\nCDIP/21, 22, 23'
    """
    lines = [""]
    for phrase in _PHRASE.findall(" ".join(text.split())):
        for piece in [phrase] if text_width(phrase) <= width else _PIECE.findall(phrase):
            if lines[-1] and text_width(lines[-1] + piece) > width:
                lines.append("")
            lines[-1] += piece if lines[-1] else piece.lstrip()
    if len(lines) > most:
        last = lines[most - 1]
        while last and text_width(last + "…") > width:
            last = last[:-1]
        lines[most - 1 :] = [last + "…"]
    return "\n".join(lines)


# ---- axes -----------------------------------------------------------------------------------------------------------

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
    escaped = table.map(lambda value: guarded(value) if isinstance(value, str) and value else value)
    with atomic_write(numbers, overwrite=ours) as temporary:
        escaped.to_csv(temporary, index=table.index.name is not None, encoding="utf-8-sig", lineterminator="\n")
    return [png, svg, numbers]
