"""Draw the figures: each a function of a table and, optionally, axes to draw on, giving the axes back."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache, wraps
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec

import matplotlib as mpl
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.font_manager import findfont, fontManager, get_font
from matplotlib.offsetbox import AnchoredText
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from cdip_analysis.analyses import action_label
from cdip_analysis.data import DATA, label, meetings
from cdip_analysis.files import MARK, atomic_write, is_ours
from cdip_analysis.model import natural_key
from cdip_analysis.schema import tables

if TYPE_CHECKING:
    from cdip_analysis.report import Report

__all__ = ["alt_text", "plot_attention", "plot_coverage", "plot_follow_up", "plot_timeline", "save_figure"]

# The shipped font first, so that a figure looks the same everywhere; DejaVu Sans has what it lacks, Arabic for one.
fontManager.addfont(DATA / "fonts" / "cdip-noto-sans-sc.otf")
_FAMILIES = ["CDIP Noto Sans SC", "DejaVu Sans"]

# Load the backend now: a notebook's switches to interactive as it loads, and if that happened within `_STYLE`, its end
# would undo it, and every figure but the first would stay hidden.
plt.switch_backend(mpl.get_backend())

_INK, _GREY, _ZERO, _PALE, _DUE = "#222222", "#666666", "#757575", "#e4e4e4", "#b34700"
# Axes that were made elsewhere have another font, and a dollar sign in a document begins no formula.
_TEXT: Any = {"fontfamily": _FAMILIES, "parse_math": False}
_STYLE: Any = {
    "axes.edgecolor": _GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.dpi": 110,
    "font.family": _FAMILIES,
    "font.size": 11.5,
    "legend.frameon": False,
    "text.color": _INK,
    "xtick.color": _GREY,
    "ytick.color": _INK,
    "ytick.major.size": 0,
}

# Kind of event: marker, fill, edge, and where in the lane it stands. Colours by Okabe and Ito, who chose them for the
# colour-blind; the shapes tell the kinds apart without any.
_EVENTS: dict[str, tuple[str, str, str, float]] = {
    "mandate": ("*", "#222222", "#222222", 0.0),
    "document": ("s", "#56b4e9", "#1b5e86", -0.27),
    "event": ("P", "#009e73", "#00573f", -0.27),
    "consideration": ("o", "#e69f00", "#8a5f00", 0.0),
    "decision": ("v", "#222222", "#222222", 0.27),
    "planned": ("D", "white", _DUE, 0.0),
}


class _Told(NamedTuple):
    """What a figure says of the report that its table was made from; empty for a table alone."""

    source: Mapping[str, str] = {}  # by language
    session: int | None = None
    actions: Mapping[str, str] = {}
    handed_over: Mapping[str, str] = {}


_Drawing = ParamSpec("_Drawing")


def _styled(plot: Callable[_Drawing, Axes]) -> Callable[_Drawing, Axes]:
    """Draw in our style, and leave matplotlib's own settings as they are."""

    @wraps(plot)
    def drawn(*args: _Drawing.args, **kwargs: _Drawing.kwargs) -> Axes:
        with mpl.rc_context(_STYLE):
            ax = plot(*args, **kwargs)
        figure = ax.get_figure(root=True)
        if figure is not None and "inline" in mpl.get_backend():
            figure.stale = False  # else pyplot would draw it once more in a notebook, before Jupyter shows it
        return ax

    return drawn


def _drawn(
    source: Report | pd.DataFrame, report: Report | None, maker: str, *needed: str
) -> tuple[pd.DataFrame, _Told]:
    """Return the table to draw and what is known of its report; refuse a table that lacks a column that is needed."""
    if not isinstance(source, pd.DataFrame) and hasattr(source, "session_coverage"):
        report, source = source, getattr(source, maker)
    expected = f"this figure draws a report, or what {maker}"
    if not isinstance(source, pd.DataFrame):
        raise TypeError(f"{expected}(report) returns, and was given a {type(source).__name__}")
    if wrong := _wrong_columns(source, maker, needed) if needed else _wrong_sessions(source):
        raise ValueError(f"{expected}(report) returns, or some of its rows; {wrong}")
    return source, _told(report) if report is not None else _Told()


def _told(report: Report) -> _Told:
    header, actions = report.header, report.actions
    session = f"{header.body or 'CDIP'}/{header.session}" if header.session else ""
    by = {lang: label(f"author.{header.prepared_by}", lang) if header.prepared_by else "" for lang in ("en", "zh")}
    edition = {lang: label(f"reader.edition.{report.language}", lang) for lang in ("en", "zh")}
    key = "source.report" if session else "source.document"
    overview = report.overview
    return _Told(
        {lang: _words(lang)[key].format(by=by[lang], session=session, edition=edition[lang]) for lang in ("en", "zh")},
        header.session,
        dict(zip(actions["action_id"], actions["action"], strict=True)),
        dict(zip(overview["action_id"], overview["handed_over"], strict=True)),
    )


def _wrong_columns(table: pd.DataFrame, maker: str, needed: Sequence[str]) -> str:
    """Say which columns a table lacks, or which hold text where there should be dates or whole numbers."""
    if missing := [name for name in needed if name not in table]:
        return f"this table has no {_listed(missing)}; its columns are {_listed(table.columns)}"
    holds: dict[str, Callable[[Any], bool]] = {
        "date": pd.api.types.is_datetime64_any_dtype,
        "integer": pd.api.types.is_integer_dtype,
    }
    types = {name: tables()[maker].column(name).type for name in needed}
    odd = [name for name, type_ in types.items() if type_ in holds and not holds[type_](table[name].dtype)]
    told = ", ".join(f"{name} ({table[name].dtype} and not {types[name]})" for name in odd)
    return f"this table holds other types, as if read from a file: {told}" if len(table) and odd else ""


def _wrong_sessions(table: pd.DataFrame) -> str:
    """Say which columns are no count by session."""
    odd = [
        name
        for name, numbers in _grid(table).items()
        if not isinstance(name, Integral)
        or (len(numbers) and not pd.api.types.is_numeric_dtype(numbers))
        or numbers.isna().any()
    ]
    told = "but for the total each column has a session's number for its name and holds counts, and these are not so"
    return f"{told}: {_listed(odd)}" if odd else ""


def _listed(names: Iterable[Any]) -> str:
    listed = [repr(name) for name in names]
    return ", ".join([*listed[:12], *["…"] * (len(listed) > 12)]) or "none"


@_styled
def plot_timeline(
    source: Report | pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    title: str | None = None,
    palette: Mapping[str, str] | None = None,
    report: Report | None = None,
) -> Axes:
    r"""Draw what happened: a lane per action on a true date axis, sessions as bands.

    Events whose date no document states stand beside the axis, each session in a column of its own.

    Parameters
    ----------
    source : Report or pandas.DataFrame
        A report, or a table that `timeline` gives, or some of its rows.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if it is not given.
    lang : {"en", "zh"}
        Language of the words in the figure.
    title : str, optional
        A title in place of the finding that the figure shows.
    palette : mapping of str to str, optional
        Colours by kind of event.
    report : Report, optional
        Of a table: the report from which it was made, for the names of actions and the line on the source.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `source` is another table; the message says what it lacks.

    Examples
    --------
    >>> from cdip_analysis import load_report, plot_timeline
    >>> plot_timeline(load_report()).get_title(loc="left").replace("\n", " ")
    'Most often before the Committee: Regular forum (webinars, dialogue) (CDIP/21, 22, 23); still due: CDIP/24, 25'
    """
    needed = ("date", "end_date", "date_precision", "session", "action_id", "event")
    table, told = _drawn(source, report, "timeline", *needed)
    words = _words(lang)
    if not len(table):
        return _nothing(ax, words["timeline.empty"])
    table = table.reset_index(drop=True)  # of several tables put together, rows bear the same label
    actions = sorted({a for a in table["action_id"] if isinstance(a, str)}, key=natural_key)
    lanes: list[str | None] = [None] * bool(table["action_id"].isna().any()) + actions
    ax = _axes(ax, 1.9 + 0.56 * len(lanes))
    where = {lane: at for at, lane in enumerate(lanes)}
    lane = pd.Series([where[a if isinstance(a, str) else None] for a in table["action_id"]], table.index)
    x, ticks = _dates(ax, table, words, told)
    for action, at in where.items():
        mine = x[lane == at]
        dated = mine[table["date"].notna()]
        if action is not None:
            ax.plot([mine.min(), mine.max()], [at, at], color="#bbbbbb", lw=1.2, ls=":", zorder=1.5)
            ax.plot([dated.min(), dated.max()], [at, at], color="#bbbbbb", lw=1.2, zorder=1.5)
    for kind, (marker, fill, edge, shift) in _EVENTS.items():
        those = table["event"] == kind
        if those.any():
            colour = (palette or {}).get(kind, fill)
            # A decision that the body does not report is hollow.
            hollow = those & table["reported"].eq(False).fillna(False) if "reported" in table else those & False
            style: Any = {"s": 190 if marker == "*" else 62, "marker": marker, "edgecolors": edge, "linewidths": 1.3}
            name = f"{words[kind]} ({those.sum()})"
            filled = those & ~hollow
            ax.scatter(x[filled], lane[filled] + shift, c=colour, zorder=3, label=name, **style)
            if hollow.any():
                name = _count(words, "timeline.unreported", int(hollow.sum()))
                ax.scatter(x[hollow], lane[hollow] + shift, c="white", zorder=3, label=name, **style)
            for (day, y), n in Counter(zip(x[those], lane[those] + shift, strict=True)).items():
                if n > 1:
                    halo = [withStroke(linewidth=3, foreground="white")]
                    times = ax.annotate(f"×{n}", (day, y), (6, 6), textcoords="offset points", va="center", fontsize=9)
                    times.set(path_effects=halo, zorder=2)
    _lanes(ax, [words["overall"] if a is None else _action(a, told, lang) for a in lanes])
    _ticks(ax, [day for day, _ in ticks], [text for _, text in ticks])
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=4,
        fontsize=10.5,
        handletextpad=0.0,
        columnspacing=0.6,
        borderaxespad=0.1,
    )
    return _say(
        ax, _timeline_title(table, told, lang), _count(words, "timeline.n", len(table)), told, lang, pad=46, title=title
    )


def _dates(ax: Axes, table: pd.DataFrame, words: Mapping[str, str], told: _Told) -> tuple[Any, list[tuple[float, str]]]:
    """Place the events in time, draw the sessions as bands, and give places and ticks."""
    x: Any = pd.Series(_day(table["date"].to_numpy()), table.index)
    bands = _bands(table, told)
    days = [*x.dropna(), *(day for band in bands.values() for day in band)]
    first, last = (min(days), max(days)) if days else (0.0, 0.0)
    undated = table["session"][x.isna()].astype("Int64").fillna(0)
    columns = sorted(undated.unique())
    step = max((last - first) / max(12 - len(columns), 4), 30.0)  # what a tick label takes
    ticks, reached = [], first - step
    for session, (start, end) in sorted(bands.items()):
        ax.axvspan(start, end, color="#d5dbe3", lw=1.5, zorder=1)
        if start - reached >= step:
            reached = start
            ticks.append(((start + end) / 2, f"CDIP/{session}\n{_month(start)}"))
    # What has no date stands beyond the last one, not at a guessed place: a hatched column for each session.
    last += step * 0.4
    for at, session in enumerate(columns):
        last += step * 1.1
        x[undated.index[undated == session]] = last
        ax.axvspan(last - step * 0.42, last + step * 0.42, facecolor="none", edgecolor="#c4c4c4", hatch="///", zorder=0)
        if (len(columns) - 1 - at) % -(-len(columns) // 10) == 0:  # the last one always
            ticks.append((last, f"{f'CDIP/{session}' if session else '?'}\n{words['timeline.undated']}"))
    ax.xaxis.axis_date()
    ax.set_xlim(first - step * 0.4, last + step * 0.55)
    return x, ticks


def _bands(table: pd.DataFrame, told: _Told) -> dict[int, tuple[float, float]]:
    """Give the first and last day of each session from the first to the last that a timeline or its report names."""
    dated = table[(table["date_precision"] == "session") & table["date"].notna()].drop_duplicates("session")
    bands = {
        int(row["session"]): (_day(row["date"]), _day(row["end_date"]))
        for row in dated.dropna(subset=["session"]).to_dict("records")
    }
    named = [*table["session"].dropna(), *filter(None, [told.session])]
    for session, meeting in meetings().items():
        if meeting.start and named and min(named) <= session <= max(named):
            bands.setdefault(session, (_day(meeting.start), _day(meeting.end)))
    return bands


def _day(date: Any) -> Any:
    return mdates.date2num(date)


def _month(day: float) -> str:
    return f"{mdates.num2date(day):%Y-%m}"


def _timeline_title(table: pd.DataFrame, told: _Told, lang: str) -> str:
    words = _words(lang)
    considered = table[table["event"] == "consideration"].drop_duplicates(["action_id", "session"])
    due = sorted({int(s) for s in table["session"][table["event"] == "planned"].dropna()})
    times = considered["action_id"].value_counts()
    if len(times):
        most = sorted(times.index[times == times.max()], key=natural_key)
        sessions = sorted({int(s) for s in considered["session"][considered["action_id"].isin(most)]})
        key = "timeline.title" if len(times) > len(most) else "timeline.title.alone"
        title = words[key].format(most=_names(most, told, lang), sessions=_sessions(sessions))
    elif len(considered):  # as in a session's own report, whose citations stand under no action
        sessions = sorted({int(s) for s in considered["session"]})
        title = words["timeline.title.no_action"].format(sessions=_sessions(sessions))
    else:
        title = _count(words, "timeline.title.none", len(table))
    return title + (words["timeline.title.due"].format(due=_sessions(due)) if due else "")


@_styled
def plot_coverage(
    source: Report | pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    title: str | None = None,
    palette: str = "Blues",
    report: Report | None = None,
    values: str = "report_paragraphs",
) -> Axes:
    """Draw which session took up which action: the number in each cell, gaps white, a session not held yet hatched.

    Parameters
    ----------
    source : Report or pandas.DataFrame
        A report, or a table that `session_coverage` gives, whatever it counts.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if it is not given.
    lang : {"en", "zh"}
        Language of the words in the figure.
    title : str, optional
        A title in place of the finding that the figure shows.
    palette : str
        Name of a matplotlib colour map.
    report : Report, optional
        Of a table: the report from which it was made, for the names of actions and the line on the source.
    values : str
        What the table counts, as `session_coverage` was asked.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `source` is another table; the message says what it lacks.

    Examples
    --------
    >>> from cdip_analysis import load_report, plot_coverage
    >>> plot_coverage(load_report()).get_title(loc="left")
    'No session took up more than 4 of 9 actions; CDIP/24 not held yet'
    """
    table, told = _drawn(source, report, "session_coverage")
    words = _words(lang)
    unheld = [session for session in table if session != "total" and table[session].isna().all()] if len(table) else []
    grid = _grid(table)
    if not grid.size or not grid.to_numpy(float).any():
        return _nothing(ax, words["coverage.empty"])
    ax = _axes(ax, 1.7 + 0.46 * (len(grid) + 1), width=max(10.0, min(4.0 + 0.5 * len(grid.columns), 24.0)))
    numbers = grid.to_numpy(float)
    shade = 0.12 + 0.78 * numbers / numbers.max()
    colours = plt.get_cmap(palette)(shade)
    colours[numbers == 0] = (1, 1, 1, 1)
    ax.imshow(colours, aspect="auto")
    rows, columns = numbers.shape
    for (row, column), n in np.ndenumerate(numbers):
        if grid.columns[column] in unheld:
            continue
        ink = _ink(colours[row, column]) if n else _ZERO
        ax.text(column, row, f"{n:.0f}", ha="center", va="center", color=ink)
    totals = [*((columns, row, n) for row, n in enumerate(numbers.sum(axis=1)))]
    totals += [(column, rows, n) for column, n in enumerate(numbers.sum(axis=0))]
    totals = [one for one in totals if one[0] == columns or grid.columns[one[0]] not in unheld]
    for session in unheld:
        at = [*grid.columns].index(session)
        ax.add_patch(Rectangle((at - 0.5, -0.5), 1, rows, facecolor="none", edgecolor="#b8b8b8", hatch="///", lw=0))
        ax.text(at, (rows - 1) / 2, words["coverage.unheld"], rotation=90, ha="center", va="center", color=_GREY)
    for column, row, n in [*totals, (columns, rows, numbers.sum())]:
        ax.text(column, row, f"{n:.0f}", ha="center", va="center", color=_GREY)
    ax.vlines(np.arange(columns + 1) - 0.5, -0.5, rows - 0.5, color="#cccccc", lw=0.8)
    ax.hlines(np.arange(rows + 1) - 0.5, -0.5, columns - 0.5, color="#cccccc", lw=0.8)
    ax.set_xlim(-0.5, columns + 0.5)
    _lanes(ax, [*(_action(a, told, lang) for a in grid.index), words["total"]])
    ax.set_ylim(rows + 0.5, -0.5)
    wide = columns > 14
    _ticks(ax, range(columns + 1), [*(f"{s}" if wide else f"CDIP/{s}" for s in grid.columns), words["total"]])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    finding = _coverage_title(grid.drop(columns=unheld), unheld, told, values, lang)
    what = _count(words, values if values in words else "counted", int(numbers.sum()))
    return _say(ax, finding, words["coverage.n"].format(what=what), told, lang, title=title)


def _grid(table: pd.DataFrame) -> pd.DataFrame:
    """Take the totals off."""
    grid = table.drop(index="total", columns="total", errors="ignore")
    if not all(pd.api.types.is_numeric_dtype(numbers) for numbers in grid.dtypes):
        return grid
    # A session that was not held yet is <NA> in every row, and no gap among counts.
    unheld = [column for column in grid if grid[column].isna().all()]
    return grid.fillna(dict.fromkeys(unheld, 0))


def _coverage_title(grid: pd.DataFrame, unheld: Sequence[Any], told: _Told, values: str, lang: str) -> str:
    words = _words(lang)
    held = (grid > 0).sum()
    if len(grid) == 1:
        at = [int(session) for session in held.index[held > 0]]
        action = _names(list(grid.index), told, lang)
        return _count(words, "coverage.title.action", len(held), at=len(at), action=action, sessions=_sessions(at))
    title = words[f"coverage.title.{values}"].format(most=held.max(), n=len(grid))
    gaps = [int(session) for session in held.index[held == 0]]
    ahead = words["coverage.title.ahead"].format(own=_sessions([int(session) for session in unheld])) if unheld else ""
    if 0 < len(gaps) <= 3:
        return title + words["coverage.title.gaps"].format(gaps=_sessions(gaps)) + ahead
    return title + (words["coverage.title.many_gaps"].format(n=len(gaps), of=len(held)) if gaps else "") + ahead


@_styled
def plot_attention(
    source: Report | pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    title: str | None = None,
    palette: str = "viridis",
    report: Report | None = None,
) -> Axes:
    """Draw where the Committee's attention went: report paragraphs per action, a piece of the bar per session.

    Parameters
    ----------
    source : Report or pandas.DataFrame
        A report, or a table that `session_coverage` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if it is not given.
    lang : {"en", "zh"}
        Language of the words in the figure.
    title : str, optional
        A title in place of the finding that the figure shows.
    palette : str
        Name of a matplotlib colour map.
    report : Report, optional
        Of a table: the report from which it was made, for the names of actions and the line on the source.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `source` is another table; the message says what it lacks.

    Examples
    --------
    >>> from cdip_analysis import load_report, plot_attention
    >>> plot_attention(load_report()).get_title(loc="left")
    'Regular forum (webinars, dialogue): 89 of 206 paragraphs cited (43%)'
    """
    table, told = _drawn(source, report, "session_coverage")
    words = _words(lang)
    grid = _grid(table)
    total = int(grid.to_numpy(float).sum()) if grid.size else 0
    if not total:
        return _nothing(ax, words["attention.empty"])
    sums = grid.sum(axis=1).astype(int)
    order = sums.sort_values(ascending=False, kind="stable").index
    grid = grid.loc[order, grid.sum() > 0]
    ax = _axes(ax, 1.9 + 0.46 * len(grid))
    shades = plt.get_cmap(palette)(np.linspace(0.05, 0.95, len(grid.columns)))
    reached: Any = np.zeros(len(grid))
    for (session, numbers), shade in zip(grid.items(), shades, strict=True):
        n = numbers.to_numpy(float)
        bars = ax.barh(
            range(len(grid)), n, left=reached, height=0.66, color=shade, edgecolor="white", label=f"CDIP/{session}"
        )
        texts = [f"{v:.0f}" if v >= sums.max() * 0.012 * (1 + len(f"{v:.0f}")) else "" for v in n]  # where it has room
        ax.bar_label(bars, texts, label_type="center", color=_ink(shade), fontsize=10.5)
        reached += n
    for row, reach in enumerate(sums[order]):
        ax.annotate(f"{reach} ({reach / total:.0%})", (reach, row), (6, 0), textcoords="offset points", va="center")
    _lanes(ax, [_action(a, told, lang) for a in order])
    ax.set_ylim(len(grid) - 0.4, -0.6)
    ax.set_xlim(0, sums.max() * 1.14)
    _ticks(ax, [], [])
    ax.spines["bottom"].set_visible(False)
    ax.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=8, handlelength=1.0, columnspacing=1.2, borderaxespad=0.1
    )
    what = _count(words, "report_paragraphs", total)
    most = [str(action) for action in order[: int((sums == sums.max()).sum())]]
    share = int(sums.max()) * len(most)
    finding = words["attention.title"].format(
        most=_names(most, told, lang), share=share, what=what, percent=round(100 * share / total)
    )
    pad = 12 + 18 * -(-len(grid.columns) // 8)
    return _say(ax, finding, words["coverage.n"].format(what=what), told, lang, pad=pad, title=title)


@_styled
def plot_follow_up(
    source: Report | pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    title: str | None = None,
    palette: str = "#b34700",
    report: Report | None = None,
) -> Axes:
    r"""Draw what follows: per action the session that last considered it, how many since, what is due, and the status.

    Parameters
    ----------
    source : Report or pandas.DataFrame
        A report, or a table that `follow_up_status` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if it is not given.
    lang : {"en", "zh"}
        Language of the words in the figure.
    title : str, optional
        A title in place of the finding that the figure shows.
    palette : str
        Colour of what is due.
    report : Report, optional
        Of a table: the report from which it was made, for the names of actions and the line on the source.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `source` is another table; the message says what it lacks.

    Examples
    --------
    >>> from cdip_analysis import load_report, plot_follow_up
    >>> plot_follow_up(load_report()).get_title(loc="left").replace("\n", " ")
    'No date for what follows in 7 of 9 actions; due: Regular forum (webinars, dialogue) (CDIP/25)'
    """
    needed = ("action_id", "label", "status", "due_session", "overdue", "last_session", "sessions_since", "conditional")
    table, told = _drawn(source, report, "follow_up_status", *needed)
    words = _words(lang)
    if not len(table):
        return _nothing(ax, words["follow_up.empty"])
    ax = _axes(ax, 2.0 + (0.62 if told.handed_over else 0.5) * len(table), width=11.0)
    seen = (table["last_session"] + table["sessions_since"]).dropna()
    here = int(seen.iloc[0]) if len(seen) else told.session
    reached = [int(s) for s in [*table["last_session"], *table["due_session"], here] if pd.notna(s)]
    first, last = (min(reached), max(reached)) if reached else (0, 1)
    if here:
        ax.axvline(here, color=_GREY, lw=1.2, zorder=1)
    for at, row in enumerate(table.to_dict("records")):
        _follow_up_lane(ax, at, row, here, palette, _handed(told, row["action_id"], words), lang)
    if table["last_session"].notna().any():
        ax.scatter([], [], s=80, c=_INK, label=words["last"])
    if table["due_session"].notna().any():
        ax.scatter([], [], s=70, marker="D", c="white", edgecolors=palette, linewidths=1.8, label=words["due"])
    _lanes(ax, [_action(a, told, lang, b) for a, b in zip(table["action_id"], table["label"], strict=True)])
    ax.set_ylim(len(table) - 0.4, -0.6)
    span = last - first
    ax.set_xlim(first - max(0.8, span * 0.3), last + max(0.4, span * 0.06))  # room for a number before the first mark
    step = -(-(span + 1) // 8)
    ticks = sorted({here or last, *(s for s in range(last, first - 1, -step) if not here or abs(s - here) >= step)})
    _ticks(ax, ticks, [f"CDIP/{s}" + (f"\n{words['seen_from']}" if s == here else "") for s in ticks])
    ax.grid(axis="x", color=_PALE, zorder=0)
    ax.set_axisbelow(True)
    if ax.get_legend_handles_labels()[1]:
        ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3, handletextpad=0.2, borderaxespad=0.1)
    open_ended = int(table["status"].isin(["continuing", "unclear"]).sum() + table["status"].isna().sum())
    finding = _count(words, "follow_up.title", len(table), open=open_ended) if open_ended else ""
    due = table.dropna(subset=["due_session"])
    if len(due):
        named = [
            f"{_names([row['action_id']], told, lang, row['label'])} (CDIP/{row['due_session']})"
            for row in due.to_dict("records")
        ]
        finding += words["follow_up.title.due"].format(due=", ".join(named[:2]) + (" …" if len(named) > 2 else ""))
    finding = finding.lstrip(";； ") or words["none_expected"]
    n = _count(words, "follow_up.n", len(table), session=f"CDIP/{here}" if here else "?")
    return _say(ax, finding, n, told, lang, pad=30, title=title)


def _follow_up_lane(
    ax: Axes, at: int, row: dict[Hashable, Any], here: int | None, palette: str, handed: str, lang: str
) -> None:
    words = _words(lang)
    last, due, status = row["last_session"], row["due_session"], row["status"]
    closed = status == "none_expected"
    if pd.notna(last):
        if here is not None and not closed:
            ax.plot([last, here], [at, at], color="#999999", lw=2, ls=(0, (1, 1.2)), zorder=2)
        ax.scatter([last], [at], s=80, c=_INK, zorder=3)
        if pd.notna(row["sessions_since"]) and row["sessions_since"] > 0:
            text = _count(words, "since", int(row["sessions_since"]))
            place: Any = {"textcoords": "offset points", "ha": "right", "va": "center"}
            ax.annotate(text, (last, at), (-8, 0), color=_GREY, fontsize=10, **place)
    if pd.notna(due):
        start = here if here is not None else last
        if pd.notna(start):
            ax.plot([start, due], [at, at], color=palette, lw=2, zorder=2)
        ax.scatter([due], [at], s=70, marker="D", c="white", edgecolors=palette, linewidths=1.8, zorder=3)
    key = "no_status" if pd.isna(status) else "conditional" if row["conditional"] is True else str(status)
    text = words["due" if key == "scheduled" and pd.isna(due) else key].format(due=f"CDIP/{due}")
    if pd.isna(last):
        text += f"; {words['never']}"
    if row["overdue"] is True:
        text += f" ({words['overdue']})"
    text = "\n".join(filter(None, (text, handed)))
    colour = {"none_expected": _GREY, "scheduled": palette}.get(str(status), _INK)
    ax.annotate(
        text,
        (1, at),
        (8, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=10.5,
    )


def _handed(told: _Told, action_id: Any, words: Mapping[str, str]) -> str:
    """Say what was handed over for an action: the symbols of documents, and how often something else."""
    handed = told.handed_over.get(action_id)
    parts = handed.split("; ") if isinstance(handed, str) else []
    symbols = [part for part in parts if re.fullmatch("[A-Z]+(/[A-Z0-9]+)+( Prov.)?", part)]
    others = len(parts) - len(symbols)
    shown = [*symbols, *([_count(words, "handed_over.other", others)] if others else [])]
    return words["handed_over"].format(what=", ".join(shown)) if shown else ""


def save_figure(ax: Axes, path: str | Path, table: pd.DataFrame, *, overwrite: bool = False) -> list[Path]:
    """Write a figure as PNG and SVG, and the numbers behind it as CSV, the same bytes on each run.

    In the CSV file a text that a spreadsheet program would take for a formula has an apostrophe before it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        What a plot gave back; its whole figure is written.
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

    Examples
    --------
    >>> import tempfile
    >>> from cdip_analysis import load_report, plot_coverage, save_figure, session_coverage
    >>> table = session_coverage(load_report())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [file.name for file in save_figure(plot_coverage(table), f"{folder}/coverage", table)]
    ['coverage.png', 'coverage.svg', 'coverage.csv']
    """
    from cdip_analysis.files import looks_like_formula

    png, svg, numbers = (Path(path).with_suffix(suffix) for suffix in (".png", ".svg", ".csv"))
    figure = ax.get_figure(root=True)
    assert figure is not None
    # A CSV file has no room for our mark: it is ours if the picture beside it is.
    ours = overwrite or (png.exists() and is_ours(png))
    with atomic_write(png, overwrite=overwrite) as temporary:
        figure.savefig(temporary, dpi=200, bbox_inches="tight", facecolor="white", metadata={"Software": MARK})
    with (
        atomic_write(svg, overwrite=overwrite) as temporary,
        mpl.rc_context({"svg.hashsalt": "cdip-analysis", "svg.fonttype": "path"}),
    ):
        figure.savefig(
            temporary,
            bbox_inches="tight",
            facecolor="white",
            metadata={"Date": None, "Creator": MARK, "Description": alt_text(ax)},
        )
    told = table.map(lambda value: f"'{value}" if isinstance(value, str) and looks_like_formula(value) else value)
    with atomic_write(numbers, overwrite=ours) as temporary:
        told.to_csv(temporary, index=table.index.name is not None, encoding="utf-8-sig", lineterminator="\n")
    return [png, svg, numbers]


@cache
def _words(lang: str) -> dict[str, str]:
    with (DATA / "reference" / "figures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if lang not in rows[0] or lang == "key":
        raise ValueError(f"figures have no words in {lang!r}; they have {', '.join(list(rows[0])[1:])}")
    return {row["key"]: row[lang] for row in rows}


def _count(words: Mapping[str, str], key: str, n: int, **told: Any) -> str:
    """Say how many, in the words for one or in those for any other number."""
    return words[f"{key}.one" if n == 1 else key].format(n=n, **told)


def _axes(ax: Axes | None, height: float, width: float = 10.0) -> Axes:
    """Make a figure where no axes were given, as tall as its rows need."""
    if ax is None:
        _, ax = plt.subplots(figsize=(width, min(height, 60.0)), layout="constrained")
    return ax


def _nothing(ax: Axes | None, words: str) -> Axes:
    """Say in words that there is nothing to draw."""
    ax = _axes(ax, 1.5)
    ax.set_axis_off()
    ax.add_artist(AnchoredText(words, loc="center", frameon=False, prop={"size": 13, "color": _GREY}))
    return ax


def _say(ax: Axes, finding: str, n: str, told: _Told, lang: str, *, pad: float = 12, title: str | None = None) -> Axes:
    """Write the finding above a figure, or a title of the user's own, and its source and n below."""
    words = _words(lang)
    key = "source" if told.source else "source.unknown"
    n = words[key].format(source=told.source.get(lang, ""), n=n)
    finding = finding[:1].upper() + finding[1:]
    room = _room(ax)
    shown = title if title is not None else _lines(finding, room / 15, 3)
    ax.set_title(shown, pad=pad, loc="left", fontsize=15, color=_INK, **_TEXT)
    ax.set_xlabel(_lines(n, room / 10, 3), loc="left", labelpad=10, fontsize=10, color=_GREY, **_TEXT)
    ax.xaxis.set_label_position("bottom")
    ax.set_label(f"{finding}. {n}")  # for `alt_text`
    return ax


def alt_text(ax: Axes) -> str:
    """Return what a figure says, for those who cannot see it: its finding, its source and n.

    >>> from cdip_analysis import load_report, plot_coverage
    >>> alt_text(plot_coverage(load_report()))[:46]
    'No session took up more than 4 of 9 actions; C'
    """
    return str(ax.get_label() or ax.get_title(loc="left"))


def _room(ax: Axes) -> float:
    """Give the points from the left end of the axes to the right end of their figure, or to their own among others."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    if len(figure.axes) > 1:
        return 72 * figure.get_figwidth() * ax.get_position().width
    lines = [line for label in ax.get_yticklabels() for line in label.get_text().split("\n")]
    return max(72 * figure.get_figwidth() - 11.5 * max(map(_measure, lines)) - 12, 72.0)


def _lanes(ax: Axes, labels: Sequence[str]) -> None:
    """Name the rows, from the top down."""
    ax.set_yticks(range(len(labels)), [_lines(label, 14, 2) for label in labels], **_TEXT)
    ax.tick_params("y", length=0, labelsize=11.5, labelcolor=_INK)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.spines[["left", "right", "top"]].set_visible(False)


def _ink(ground: Sequence[float]) -> str:
    """Choose black or white, whichever stands out more from a colour: at least 4.5 to 1, by the contrast of WCAG 2."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in ground[:3]]
    return "black" if np.dot(linear, (0.2126, 0.7152, 0.0722)) > 0.179 else "white"


def _ticks(ax: Axes, places: Iterable[float], labels: Sequence[str]) -> None:
    """Name places on the x axis."""
    ax.set_xticks(list(places), labels, **_TEXT)
    ax.tick_params("x", labelsize=10.5, labelcolor=_GREY)


def _action(action_id: str, told: _Told, lang: str, label: Any = None) -> str:
    return f"{action_id}  {_wording(action_id, told, lang, label)}".rstrip()


def _names(action_ids: Sequence[str], told: _Told, lang: str, label: Any = None) -> str:
    """Name a few actions in words; say how many where they are more than two."""
    names = [_lines(_wording(a, told, lang, label) or a, 22, 1) for a in action_ids[:2]]
    # Within a title a name that is written from right to left stands for itself, with the … at its own end.
    names = [f"\u200e\u202b{name}\u202c\u200e" if _leftward(name) else name for name in names]
    return ", ".join(names) + (f" … ({len(action_ids)})" if len(action_ids) > 2 else "")


def _wording(action_id: str, told: _Told, lang: str, label: Any) -> str:
    """Give the words of an action, from what the table tells of its report or else from its own label."""
    known = told.actions.get(action_id) or (label if isinstance(label, str) else None)
    return action_label(known, lang) or ""


def _leftward(text: str) -> bool:
    return any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)


def _sessions(sessions: Sequence[int]) -> str:
    """Write sessions as delegates do.

    >>> _sessions([21, 22, 25])
    'CDIP/21, 22, 25'
    """
    named = ", ".join(str(session) for session in sessions[:6])
    return f"CDIP/{named}" + (" …" if len(sessions) > 6 else "")


def _lines(text: str, width: float, most: int) -> str:
    r"""Break a text into lines no wider than so many times the font's size; what is too long ends in ….

    >>> _lines("Document on the selection of consultants", 7, 2)
    'Document on\nthe selection…'
    >>> _lines("完善组织内的内部协调", 6, 2)
    '完善组织内的\n内部协调'
    """
    signs = [sign if _advance(sign) is not None else "□" for sign in " ".join(text.split())]
    lines = [""]
    for word in _words_of(signs):
        if lines[-1] and _measure(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
        while _measure(lines[-1].rstrip()) > width:  # a word longer than a line
            cut = next(n for n in range(len(lines[-1]), 0, -1) if n == 1 or _measure(lines[-1][:n]) <= width)
            lines[-1:] = [lines[-1][:cut], lines[-1][cut:]]
    lines = [line.rstrip() for line in lines]
    if len(lines) > most:
        kept = lines[most - 1]
        while kept and _measure(kept + "…") > width:
            kept = kept[:-1]
        lines = [*lines[: most - 1], kept.rstrip() + "…"]
    return "\n".join(lines)


def _words_of(signs: Sequence[str]) -> list[str]:
    """Cut a text where a line may end: after a space, after a wide sign, but not before closing punctuation."""
    words = [""]
    for sign in signs:
        before = words[-1][-1:]
        closes = unicodedata.category(sign) in ("Pe", "Pf", "Po")
        embedded = "\u202b" in words[-1] and "\u202c" not in words[-1]  # a name from `_names` stays whole
        if before and not embedded and (before == " " or ((_wide(before) or _wide(sign)) and not closes)):
            words.append("")
        words[-1] += sign
    return words


def _wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


def _measure(text: str) -> float:
    return sum(_advance(sign) or 0.0 for sign in text)


@cache
def _advance(sign: str) -> float | None:
    """Give the width of a sign as a share of the font's size.

    None if the fonts do not have it: matplotlib would warn and draw a box, which we draw without the warning.
    """
    for family in _FAMILIES:
        font = get_font(findfont(family))
        if ord(sign) in _charmap(family):
            font.set_size(12, 72)
            return round(font.load_char(ord(sign)).linearHoriAdvance / 65536 / 12, 3)
    return None


@cache
def _charmap(family: str) -> Mapping[int, int]:
    return get_font(findfont(family)).get_charmap()
