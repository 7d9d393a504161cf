"""Draw the figures: each of a report, or of one of its tables, on axes that are given or on a new figure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from matplotlib.dates import date2num

from cdip_analysis import figure
from cdip_analysis.data import meetings
from cdip_analysis.figure import GREY, INK, Palette, Words, note, wrap
from cdip_analysis.labels import check_language, session_dates
from cdip_analysis.model import Citation, by_action, natural_key
from cdip_analysis.questions import follow_up_status, session_coverage, timeline
from cdip_analysis.report import Report
from cdip_analysis.schema import tables, typed

_LINE, _DUE = "#bbbbbb", "#b34700"

# Kind of event: marker, size, colour, place below the middle of its lane, and whether it is hollow. The colours are by
# Okabe and Ito, for the colour-blind; the shapes tell the kinds apart without them.
_EVENTS = {
    "mandate": ("*", 180, INK, 0.0, False),
    "document": ("s", 60, "#56b4e9", -0.27, False),
    "event": ("P", 70, "#009e73", -0.27, False),
    "consideration": ("o", 65, "#e69f00", 0.0, False),
    "decision": ("v", 65, INK, 0.27, False),
    "unreported": ("v", 65, INK, 0.27, True),
    "planned": ("D", 65, _DUE, 0.0, True),
}


def plot_timeline(
    source: Report | pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    title: str | None = None,
    palette: Palette = None,
    report: Report | None = None,
) -> Axes:
    r"""Draw what happened when: one lane per action, a true date axis, sessions as bands.

    A decision that the body of the report does not mention is hollow. An event without a known date is beside the date
    axis, in a hatched column for its session: on the right if that is after all sessions with dates, else on the left.

    Parameters
    ----------
    source : Report or pandas.DataFrame
        A report, or what `timeline` returns, or some of its rows; another table is a TypeError or ValueError.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    lang : {"en", "zh"}
        Language of the words in the figure; another is a ValueError.
    title : str, optional
        Shown in place of what the figure finds.
    palette : str, sequence of str or mapping of str to str, optional
        Colours: the name of a colour map, a list, or colours by what is drawn: kinds of event; in `plot_attention`
        sessions, such as ``CDIP/21``; in `plot_follow_up` ``last`` and ``due``.
    report : Report, optional
        For a table: the report it was made from. Without it, actions have no names and the source is not named.

    Examples
    --------
    >>> from cdip_analysis import load_report, plot_timeline
    >>> plot_timeline(load_report()).get_title().replace("\n", " ").split("; ")[1]
    'still due: final implementation (CDIP/24), Regular forum (CDIP/25)'
    """
    table, words = _table(source, report, lang, timeline)
    if table.empty:
        return figure.nothing_to_draw(ax, words("timeline.empty"))
    table = table.reset_index(drop=True)  # of tables put together, rows have the same label
    overall = table["action_id"].isna()
    lanes = [*[None] * bool(overall.any()), *sorted(table["action_id"].dropna().unique(), key=natural_key)]
    ax = figure.new_axes(ax, 10, 2.1 + 0.56 * len(lanes))
    y = table["action_id"].map({action: at for at, action in enumerate(lanes)}).astype(float).fillna(0)
    x, columns = _dates(ax, table, words)
    for which, style in ((~overall, ":"), (~overall & table["date"].notna(), "-")):
        ends = x[which].groupby(y[which]).agg(["min", "max"])
        ax.plot(ends.to_numpy().T, [ends.index] * 2, color=_LINE, ls=style, zorder=1.5)
    kinds = table["event"].astype(str).mask(~table["reported"].fillna(True).astype(bool), "unreported")
    height = y + kinds.map({kind: event[3] for kind, event in _EVENTS.items()})
    colours = figure.colours_of(palette, {kind: event[2] for kind, event in _EVENTS.items()})
    for kind, (marker, size, _, _, hollow) in _EVENTS.items():
        if (these := kinds == kind).any():
            face, edge = ("white", colours[kind]) if hollow else (colours[kind], INK)
            look: Any = {"marker": marker, "s": size, "facecolors": face, "edgecolors": edge, "linewidths": 1.2}
            ax.scatter(x[these], height[these], label=f"{words(kind)} ({these.sum()})", zorder=3, **look)
    for (place, at), n in Counter(zip(x, height, strict=True)).items():
        if n > 1:  # in the middle of a lane it would be on the line
            note(ax, f"×{n}", (place, at), (7, 7 if at == round(at) else 0), fontsize=9)
    for place in x[(table["event"] == "planned") & overall]:
        note(ax, words("final_discussion"), (place, 0), (-8, 0), ha="right")
    figure.name_lanes(ax, [words.lane(action) if action else words("overall") for action in lanes], columns)
    source_line = words.source(words("timeline.n", len(table)), "body_and_annex")
    return figure.finish(ax, _timeline_finding(table, words), source_line, words, title, legend=4)


def _dates(ax: Axes, table: pd.DataFrame, words: Words) -> tuple[pd.Series[float], dict[float, str]]:
    """Draw the sessions as bands, and return where each event is on the date axis, and names of sessions by place."""
    x = pd.Series(date2num(table["date"].to_numpy()), table.index)
    own, meeting = words.header.session, words.meeting
    named = {*table["session"].dropna().astype(int), *filter(None, [own])}
    reach, names = [*x.dropna()], {}
    last = max(table["session"][x.notna()].dropna(), default=0)  # of the sessions with dates
    for session in sorted({*meetings(), *named}):
        start, end, _ = session_dates(words.header, session)
        if start and end and min(named) <= session <= max(named):  # also one between, of which there is no event
            reach += [*(days := date2num([start, end]))]
            last = max(last, session)
            ax.axvspan(*days, color="#d5dbe3", lw=1.5, zorder=1)
            names[days.mean()] = f"{meeting(session)}\n{words('this_report') if session == own else f'{start:%Y-%m}'}"
    left, right = (min(reach), max(reach)) if reach else (0, 0)
    width = max((right - left) / 9, 60)
    undated = [*table[x.isna()].fillna({"session": 0}).groupby("session")]
    past = sum(session < last for session, _ in undated)
    for n, (session, events) in enumerate(undated, -past):
        place = left + n * width if n < 0 else right + (n + 1) * width
        x[events.index] = place
        ax.axvspan(place - 0.4 * width, place + 0.4 * width, fc="none", ec="#c4c4c4", hatch="///", zorder=0)
        names[place] = f"{meeting(session) if session else '?'}\n{words('undated')}"
    left, right = left - (past + 0.4) * width, right + (len(undated) - past + 0.5) * width
    ax.set_xlim(left, right)
    shown: list[float] = []
    for place in sorted(names, reverse=True):  # the last one, and those before it that have room
        if not shown or shown[-1] - place > (right - left) / 12:
            shown.append(place)
    return x, {place: names[place] for place in reversed(shown)}


def _timeline_finding(table: pd.DataFrame, words: Words) -> str:
    """Say which actions were most often before the Committee, and what is still due."""
    considered = table[table["event"] == "consideration"].drop_duplicates(["action_id", "session"])
    times = considered["action_id"].value_counts()
    most, n = sorted(times.index[times == times.max()], key=natural_key), len(table)
    if len(most) > 1:
        key, n = "tied", int(times.max())
    elif most:
        key = "alone" if len(times) == 1 else "most"
    else:  # as in a session's own report, whose citations are under no action
        key = "none" if considered.empty else "no_action"
    sessions = words.sessions(considered["session"][considered["action_id"].isin(most) | (not most)])
    due: dict[str, None] = {}
    for _, action, session in table.loc[table["event"] == "planned", ["action_id", "session"]].itertuples():
        what = words("final_implementation") if pd.isna(action) else words.name(action) or action
        what = words.short(re.sub(r"\s*[(（].*", "", what))  # without what its name has in brackets
        due[words("timeline.due_at", what=what, session=words.meeting(session))] = None
    finding = words(f"timeline.{key}", n, most=words.actions(most), sessions=sessions)
    return finding + (words("timeline.due", due=words.listed([*due], 3)) if due else "")


def plot_coverage(
    source: Report | pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    title: str | None = None,
    palette: str | Sequence[str] = "Blues",
    report: Report | None = None,
    values: str = "report_paragraphs",
) -> Axes:
    """Draw which session took up which action: the number in each cell; a session not held yet is hatched.

    A table is one of `session_coverage`. What is not listed here is as in `plot_timeline`.

    Parameters
    ----------
    palette : str or sequence of str
        The name of a colour map, or colours from few to many.
    values : {"report_paragraphs", "entries", "documents", "decisions"}
        What is counted, as in `session_coverage`.

    Examples
    --------
    >>> from cdip_analysis import load_report, plot_coverage
    >>> plot_coverage(load_report()).get_title()
    'No session took up more than 4 of 9 actions; CDIP/24 not held yet'
    """
    table, words = _table(source, report, lang, session_coverage, values=values)
    grid = table.astype(float)
    numbers = grid.to_numpy()
    if not (numbers > 0).any():
        return figure.nothing_to_draw(ax, words("coverage.empty"))
    rows, columns = numbers.shape
    ax = figure.new_axes(ax, min(max(10, 4 + 0.5 * columns), 24), 1.7 + 0.46 * rows)
    shades = mpl.colormaps[palette] if isinstance(palette, str) else LinearSegmentedColormap.from_list("own", palette)
    shades = ListedColormap(shades(np.linspace(0.12, 0.9, 256))).with_extremes(under="white")
    borders = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    look: Any = {"vmin": 0.5, "edgecolors": "#cccccc", "lw": 0.8}
    cells = ax.pcolormesh(*borders, np.ma.masked_invalid(numbers), cmap=shades, **look)
    middle: Any = {"ha": "center", "va": "center"}
    totals = grid.assign(total=grid.sum(axis=1))
    totals.loc["total"] = totals.sum(min_count=1)
    for (row, column), n in np.ndenumerate(totals.to_numpy()):
        if not np.isnan(n):
            inside = row < rows and column < columns and n > 0
            ax.text(column, row, f"{n:.0f}", color=figure.ink_on(cells.to_rgba(n)) if inside else GREY, **middle)
    for column in np.flatnonzero(grid.isna().all()):
        ax.axvspan(column - 0.5, column + 0.5, 1 / (rows + 1), 1, fc="none", ec=_LINE, hatch="///")
        place = column, (rows - 1) / 2
        note(ax, words("not_held"), place, color=GREY, rotation=90 if rows > 2 else 0, **middle)
    names = [f"{session}" if columns > 14 else words.meeting(session) for session in grid]
    lanes = [*map(words.lane, grid.index), words("total")]
    figure.name_lanes(ax, lanes, dict(enumerate([*names, words("total")])))
    ax.set(xlim=(-0.5, columns + 0.5), ylim=(rows + 0.5, -0.5))
    took_up = (grid.dropna(axis="columns") > 0).sum()
    busy, idle, ahead = took_up.index[took_up > 0], took_up.index[took_up == 0], grid.columns.difference(took_up.index)
    if rows == 1:
        fields = {"action": words.actions(grid.index), "at": len(busy), "sessions": words.sessions(busy)}
        finding = words("coverage.action", len(took_up), **fields)
    else:
        finding = words(f"coverage.{values}", rows, most=took_up.max())
        finding += words("coverage.gaps", gaps=words.sessions(idle)) if len(idle) else ""
        finding += words("coverage.ahead", ahead=words.sessions(ahead)) if len(ahead) else ""
    count = words("coverage.n", what=words(values, int(np.nansum(numbers))))
    return figure.finish(ax, finding, words.source(count, "annex"), words, title)


def plot_attention(
    source: Report | pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    title: str | None = None,
    palette: Palette = None,
    report: Report | None = None,
) -> Axes:
    """Draw where the Committee's attention went: paragraphs of session reports per action, one piece per session.

    A discussion that the Committee held because it had asked for it itself, such as a dialogue, is hatched. A table is
    one of `session_coverage`. Parameters are those of `plot_timeline`.

    Examples
    --------
    >>> from cdip_analysis import load_report, plot_attention
    >>> plot_attention(load_report()).get_title()
    'Regular forum (webinars, dialogue): 89 of 206 paragraphs cited (43%)'
    """
    table, words = _table(source, report, lang, session_coverage)
    grid = table.astype(float)
    sums = grid.sum(axis=1).sort_values(ascending=False, kind="stable")
    total, most = int(sums.sum()), sums.max()
    if not total:
        return figure.nothing_to_draw(ax, words("attention.empty"))
    grid = grid.loc[sums.index, grid.sum() > 0]
    ax = figure.new_axes(ax, 10, 1.9 + 0.46 * len(grid))
    names = [words.meeting(session) for session in grid]
    colours = figure.colours_of(palette, figure.colours_of("viridis", dict.fromkeys(names, GREY)))
    # Paragraphs of discussions that the Committee asked of itself and held, by action and session.
    dialogues: Counter[tuple[Any, Any]] = Counter()
    for v in (row.values for row in words.rows["commitments"]):
        if v["who"] == "committee" and v["outcome"] == "delivered" and v["outcome_target"]:
            held = Citation.parse(v["outcome_target"])
            if held.kind == "paragraphs" and held.first and held.last:
                dialogues[v["action_id"], held.session] += held.last - held.first + 1
    hatched: dict[str, Any] = {"fc": "none", "hatch": "////", "lw": 0, "height": 0.66}
    reached, heard = np.zeros(len(grid)), 0
    for session, name in zip(grid, names, strict=True):
        n, ink = grid[session].to_numpy(), figure.ink_on(colours[name])
        bars = ax.barh(range(len(grid)), n, left=reached, height=0.66, color=colours[name], ec="white", label=name)
        texts = [f"{piece:.0f}" if piece > 0.03 * most else "" for piece in n]  # where there is room
        ax.bar_label(bars, texts, label_type="center", color=ink, fontsize=9.5)
        reached += n
        for at, action in enumerate(grid.index):
            if dialogue := min(dialogues[action, session], int(n[at])):
                ax.barh(at, -dialogue, left=reached[at], ec=ink, **hatched)
                heard += dialogue
    if heard:
        ax.barh(0, 0, ec=INK, label=words("dialogue", n=heard), **hatched)  # for the legend
    for at, n in enumerate(sums):
        note(ax, f"{n:.0f} ({n / total:.0%})", (n, at), (6, 0))
    figure.name_lanes(ax, [*map(words.lane, grid.index)], {})
    ax.set_xlim(0, 1.14 * most)
    first, what = sums.index[sums == most], words("report_paragraphs", total)
    fields = {"most": words.actions(first), "what": what, "percent": f"{most / total:.0%}"}
    finding = words("attention.tied" if len(first) > 1 else "attention.most", n=int(most), **fields)
    return figure.finish(ax, finding, words.source(words("coverage.n", what=what), "annex"), words, title, legend=6)


def plot_follow_up(
    source: Report | pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    title: str | None = None,
    palette: Palette = None,
    report: Report | None = None,
) -> Axes:
    r"""Draw what follows: when each action was last considered, what is due, and what was handed over.

    A table is one of `follow_up_status`, or some of its rows; only a report knows what was handed over. Parameters are
    those of `plot_timeline`.

    Examples
    --------
    >>> from cdip_analysis import load_report, plot_follow_up
    >>> plot_follow_up(load_report()).get_title().replace("\n", " ")
    'For 7 of 9 actions work goes on without a date, for 1 something is due at CDIP/25, for 1 no follow-up is expected'
    """
    table, words = _table(source, report, lang, follow_up_status)
    if table.empty:
        return figure.nothing_to_draw(ax, words("follow_up.empty"))
    ax = figure.new_axes(ax, 12, 1.9 + 0.52 * len(table))
    colours = figure.colours_of(palette, {"last": INK, "due": _DUE})
    own = words.header.session
    seen_from = (table["last_session"] + table["sessions_since"]).dropna().astype(int)
    here = int(seen_from.iloc[0]) if len(seen_from) else own
    lanes, last, due = np.arange(len(table)), *table[["last_session", "due_session"]].to_numpy(float, na_value=np.nan).T
    if here:
        waiting = (table["status"] != "none_expected").to_numpy()
        ax.hlines(lanes[waiting], last[waiting], here, color="#999999", lw=2, ls=":", zorder=2)
        ax.axvline(here, color=GREY, lw=1.2, zorder=1)
        ax.hlines(lanes, here, due, color=colours["due"], lw=2, zorder=2, capstyle="projecting")
    for name, places, marker, face in (("last", last, "o", colours["last"]), ("due", due, "D", "white")):
        if not np.isnan(places).all():
            look: Any = {"marker": marker, "facecolors": face, "edgecolors": colours[name], "linewidths": 1.8}
            ax.scatter(places, lanes, s=70, zorder=3, label=words(name), **look)
    things = {}  # what was handed over for each action: the symbols of documents, and the number of other things
    for action, entries in by_action(words.rows["annex"]).items():
        symbols = dict.fromkeys(row.values["document"] for row in entries if row.values["document"])
        others = {row.values["implementation"] for row in entries if not row.values["document"]} - {None}
        things[action] = ", ".join([*symbols, *[words("others", len(others))] * bool(others)])
    for at, row in enumerate(table.to_dict("records")):
        if pd.notna(row["last_session"]) and pd.notna(since := row["sessions_since"]) and since > 0:
            note(ax, words("since", int(since)), (last[at], at), (-8, 0), ha="right", color=GREY)
        status, until = row["status"], row["due_session"]
        key = "no_status" if pd.isna(status) else "conditional" if row["conditional"] is True else str(status)
        follows = words("due" if key == "scheduled" and pd.isna(until) else key, due=words.meeting(until))
        follows += words("overdue") * (row["overdue"] is True) + words("never") * bool(pd.isna(row["last_session"]))
        colour = {"none_expected": GREY, "scheduled": colours["due"]}.get(status, INK)
        beside: Any = {"xycoords": ax.get_yaxis_transform(), "color": colour}
        note(ax, wrap(follows, 26, 3), (1, at), (12, 0), **beside)
        note(ax, wrap(things.get(row["action_id"], ""), 34, 3), (1, at), (170, 0), **beside)
    for offset, name in ((12, "follows"), (170, "handed_over"))[: 2 if things else 1]:
        note(ax, words(name), (1, 1), (offset, 5), xycoords="axes fraction", va="bottom", color=GREY)
    reached = [int(s) for s in (*last, *due, *seen_from) if not np.isnan(s)] or [own or 0]
    first, end = min(reached), max(reached)
    ticks = range(end, first - 1, (first - end - 1) // 8)  # at most eight names have room
    columns = {s: words.meeting(s) + f"\n{words('this_report')}" * (s == own) for s in ticks if s}
    lane_names = [words.lane(action, name) for action, name in zip(table["action_id"], table["label"], strict=True)]
    figure.name_lanes(ax, lane_names, columns)
    room = 0.3 * (end - first) + 0.8  # for the words before the first mark
    ax.set(xlim=(first - room, end + 0.2 * room), axisbelow=True)
    ax.grid(axis="x", color="#e4e4e4")
    count = words("follow_up.n", len(table), session=words.meeting(here) if here else "?")
    # For how many actions work goes on, something is due, nothing is expected, or what follows is not clear.
    keys = {"continuing": "open", "scheduled": "due", "none_expected": "closed"}
    groups = table["status"].map(keys).fillna("unclear")
    said: list[str] = []
    for key in (*keys.values(), "unclear"):
        if some := int((groups == key).sum()):
            subject = words("follow_up.next" if said else "follow_up.subject", len(table), some=some)
            dates = table["due_session"][groups == key].dropna()
            key = "due_unknown" if key == "due" and dates.empty else key
            said.append(words(f"follow_up.{key}", some, subject=subject, due=words.sessions(dates)))
    finding = words("follow_up.join").join(said)
    return figure.finish(ax, finding, words.source(count, "body_and_annex"), words, title, legend=2)


def _table(
    source: Report | pd.DataFrame, report: Report | None, lang: str, made_by: Callable[..., pd.DataFrame], **asked: Any
) -> tuple[pd.DataFrame, Words]:
    """Return the table to draw, without totals, and the words for it; refuse a table that cannot be drawn."""
    check_language(lang)
    if isinstance(source, Report):
        report, source = source, made_by(source, **asked)
    expected = f"this figure draws a report, or what {made_by.__name__}(report) returns"
    if not isinstance(source, pd.DataFrame):
        raise TypeError(f"{expected}, and no {type(source).__name__}")
    if declared := tables().get(made_by.__name__):
        wanted = typed(declared, []).dtypes
        wrong = [name for name in wanted.index if name not in source or source[name].dtype.kind != wanted[name].kind]
    else:
        source = source.drop(index="total", columns="total", errors="ignore")
        wrong = [name for name in source if not isinstance(name, Integral) or source[name].dtype.kind not in "if"]
    if wrong:
        lacking = ", ".join(map(repr, wrong[:8]))
        raise ValueError(f"{expected}; in this table {lacking}: missing or of another type (read_csv keeps types)")
    return source, Words(lang, report)
