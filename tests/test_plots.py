"""The figures: what is drawn, from the artists; a few pictures against baselines; tables with little or odd content.

Expectations are counted in the document. A missing glyph or font is a warning of matplotlib, and so an error here.
"""

import csv
import re
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cdip_analysis import (
    follow_up_status,
    load_report,
    plot_attention,
    plot_coverage,
    plot_follow_up,
    plot_timeline,
    save_figure,
    session_coverage,
    timeline,
)
from cdip_analysis.data import DATA
from cdip_analysis.files import MARK

REPORT = load_report()
PLOTS = {
    "timeline": (plot_timeline, timeline(REPORT)),
    "coverage": (plot_coverage, session_coverage(REPORT)),
    "attention": (plot_attention, session_coverage(REPORT)),
    "follow_up": (plot_follow_up, follow_up_status(REPORT)),
}
LANGUAGES = ["en", "zh"]
NO_DATE = np.datetime64("NaT", "us")


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def lane_names(ax: Axes) -> list[str]:
    return [tick.get_text() for tick in ax.get_yticklabels()]


def words_in(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.findobj(mpl.text.Text) if text.get_text()]


def rectangles(ax: Axes) -> list[Rectangle]:
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def marks(ax: Axes) -> dict[str, list[tuple[float, float]]]:
    """Places of the marks, by what the legend calls them without the count."""
    drawn = {re.sub(r" \(\d+\)", "", str(c.get_label())): c.get_offsets() for c in ax.collections}
    return {name: [(x, y) for x, y in np.asarray(places)] for name, places in drawn.items() if not name.startswith("_")}


def lines(ax: Axes) -> list[tuple[str, float, float, float]]:
    """The lines within lanes: style, lane, and where they begin and end."""
    paths = [(str(line.get_linestyle()), np.asarray(line.get_xydata())) for line in ax.lines]
    return [(style, path[0, 1], path[0, 0], path[-1, 0]) for style, path in paths if path[0, 1] == path[-1, 1]]


def drawn(figure: Figure | None) -> Figure:
    """Draw to the end: glyphs that no font has are warned of only then."""
    assert figure is not None
    figure.canvas.draw()
    return figure


# What is drawn


def test_timeline_draws_each_event_once() -> None:
    counts = {name: len(places) for name, places in marks(plot_timeline(timeline(REPORT))).items()}
    assert counts == {"mandate": 1, "document": 9, "event": 1, "consideration": 16, "decision": 15, "planned": 1}


def test_timeline_stands_on_true_dates() -> None:
    places = marks(plot_timeline(timeline(REPORT)))
    assert places["mandate"] == [(mdates.date2num(pd.Timestamp("2016-10-31")), 0)]
    (day, lane) = places["event"][0]  # the Roundtable of 12 May 2017, action 1.2: third lane from the top
    assert mdates.num2date(day).date().isoformat() == "2017-05-12"
    assert round(lane) == 2


def test_timeline_puts_the_undated_beyond_the_last_date() -> None:
    ax = plot_timeline(timeline(REPORT))
    (day, _) = marks(ax)["planned"][0]
    assert day > mdates.date2num(pd.Timestamp("2019-11-22"))
    assert [tick.get_text() for tick in ax.get_xticklabels()][-1] == "CDIP/25\nno date"


def test_timeline_says_where_marks_lie_on_each_other() -> None:
    """CDIP/21 285-291 beside 113-128; two considerations and two decisions of the web forum at CDIP/22."""
    assert sum(text == "×2" for text in words_in(plot_timeline(timeline(REPORT)))) == 3


def test_timeline_tells_events_apart_without_colour() -> None:
    ax = plot_timeline(timeline(REPORT))
    named = [c for c in ax.collections if not str(c.get_label()).startswith("_")]
    shapes = [np.asarray(c.get_paths()[0].vertices).round(3).tobytes() for c in named]
    assert len(set(shapes)) == 6


def test_timeline_tells_events_apart_by_colour_too() -> None:
    """But for mandate and decision, both black, which stand far apart."""
    ax = plot_timeline(timeline(REPORT))
    named = [c for c in ax.collections if not str(c.get_label()).startswith("_")]
    assert len({tuple(np.asarray(c.get_facecolor())[0]) for c in named}) == 5


def test_timeline_names_sessions_by_the_month_they_began_in() -> None:
    ticks = [tick.get_text() for tick in plot_timeline(timeline(REPORT)).get_xticklabels()]
    assert ticks[:3] == ["CDIP/18\n2016-10", "CDIP/19\n2017-05", "CDIP/20\n2017-11"]


def test_timeline_joins_the_dated_by_a_line_and_the_undated_by_dots() -> None:
    """The web forum, from CDIP/21 to CDIP/23 and on to CDIP/25, of which no date is documented."""
    ax = plot_timeline(timeline(REPORT))
    reach = {style: end for style, lane, _, end in lines(ax) if lane == 3}
    (due, _) = marks(ax)["planned"][0]
    assert reach == {":": due, "-": mdates.date2num(pd.Timestamp("2019-05-20"))}


def test_timeline_title_counts_sessions_and_not_ranges() -> None:
    """Two considerations of the web forum at CDIP/22 are one time before the Committee."""
    table = timeline(REPORT)
    again = table.query("event == 'consideration' and action_id == '3.2'")
    both = pd.concat([table, *[again] * 9])
    both.attrs = table.attrs
    assert plot_timeline(both).get_title(loc="left") == plot_timeline(table).get_title(loc="left")


def test_timeline_has_a_band_for_each_session() -> None:
    bands = [patch for patch in rectangles(plot_timeline(timeline(REPORT))) if patch.get_hatch() is None]
    days = [mdates.num2date(patch.get_x()).date().isoformat() for patch in bands]
    assert sorted(days) == [
        *("2016-10-31", "2017-05-15", "2017-11-27", "2018-05-14", "2018-11-19", "2019-05-20"),
        "2019-11-18",  # CDIP/24: the report's own session, though nothing of the timeline falls on it
    ]


def test_coverage_shows_each_number_and_total() -> None:
    table = session_coverage(REPORT)
    ax = plot_coverage(table)
    shown = {(round(x), round(y)): text.get_text() for text in ax.texts for x, y in [text.get_position()]}
    assert [[shown[x, y] for x in range(7)] for y in range(10)] == table.astype(str).to_numpy().tolist()


def test_coverage_leaves_gaps_white() -> None:
    (image,) = plot_coverage(session_coverage(REPORT)).images
    white = (np.asarray(image.get_array())[..., :3] == 1).all(axis=-1)
    assert (white == (session_coverage(REPORT).iloc[:-1, :-1] == 0).to_numpy()).all()


@pytest.mark.parametrize("values", ["report_paragraphs", "entries", "documents", "decisions"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_coverage_names_what_it_counts(values: str, lang: str) -> None:
    words = {row["key"]: row[lang] for row in figure_words()}
    table = session_coverage(REPORT, values)
    assert words[values].format(n=table.loc["total", "total"]) in plot_coverage(table, lang=lang).get_xlabel()


def test_attention_bars_add_up() -> None:
    ax = plot_attention(session_coverage(REPORT))
    longest = max(bar.get_x() + bar.get_width() for bar in rectangles(ax))
    assert (lane_names(ax)[0], longest, sum(bar.get_width() for bar in rectangles(ax))) == ("1.3 Web forum", 89, 206)


def test_attention_names_each_piece_by_its_session() -> None:
    table = session_coverage(REPORT)
    pieces = {str(bars.get_label()): sum(bar.get_width() for bar in bars) for bars in plot_attention(table).containers}
    assert pieces == {f"CDIP/{session}": table.loc["total", session] for session in range(19, 24)}


def test_attention_title_rounds_as_its_bars_do() -> None:
    table = pd.DataFrame({21: [2, 0], 22: [0, 1]}, index=["1.1", "1.2"])
    ax = plot_attention(table)
    assert ax.get_title(loc="left") == "1.1: 2 of 3 report paragraphs (67%)"
    assert {"2 (67%)", "1 (33%)"} <= {*words_in(ax)}


def test_attention_sessions_differ_in_grey() -> None:
    """Neighbouring pieces of a bar stay apart in a printed copy."""
    ax = plot_attention(session_coverage(REPORT))
    greys = [
        sum(w * c for w, c in zip((0.299, 0.587, 0.114), to_rgb(b[0].get_facecolor()), strict=True))
        for b in ax.containers
    ]
    assert min(b - a for a, b in pairwise(greys)) > 0.1


def test_follow_up_marks_last_and_due_sessions() -> None:
    ax = plot_follow_up(follow_up_status(REPORT))
    places = [np.asarray(c.get_offsets()) for c in ax.collections]
    last = sorted((y, x) for held in places if len(held) == 1 for x, y in held)
    assert last == [(0, 21), (1, 20), (2, 23), (2, 25), (3, 22), (4, 22), (5, 19), (6, 21), (7, 23), (8, 21)]
    assert words_in(ax).count("goes on, no date") == 6
    assert {"nothing more expected", "due at CDIP/25", "goes on; in part if asked"} <= {*words_in(ax)}
    assert [text for text in words_in(ax) if re.fullmatch(r"\d since", text)] == [
        f"{n} since" for n in (3, 4, 1, 2, 2, 5, 3, 1, 3)
    ]


def test_follow_up_lines_lead_to_where_it_is_seen_from_and_on_to_what_is_due() -> None:
    """None from 1.2, of which nothing more is expected."""
    ax = plot_follow_up(follow_up_status(REPORT))
    waits = {(0, 21, 24), (2, 23, 24), (3, 22, 24), (4, 22, 24), (5, 19, 24), (6, 21, 24), (7, 23, 24), (8, 21, 24)}
    assert {line[1:] for line in lines(ax)} == {*waits, (2, 24, 25)}


def test_follow_up_words_have_the_colour_of_what_they_tell() -> None:
    texts = {text.get_text(): text.get_color() for text in plot_follow_up(follow_up_status(REPORT)).texts}
    colours = [texts[words] for words in ("due at CDIP/25", "nothing more expected", "goes on, no date")]
    assert colours == ["#b34700", "#666666", "#222222"]


def test_follow_up_without_a_status_or_with_an_unclear_one_has_no_date() -> None:
    table = follow_up_status(REPORT).copy()
    table.loc[1, "status"] = pd.NA
    table.loc[3, "status"] = "unclear"
    assert plot_follow_up(table).get_title(loc="left").startswith("No date for what follows in 8 of 9 actions")


def test_follow_up_seen_from_a_later_session() -> None:
    ax = plot_follow_up(follow_up_status(REPORT, as_of=30))
    assert "seen from CDIP/30" in ax.get_xlabel()
    assert "11 since" in words_in(ax)


# What every figure has


def overlapping(ax: Axes) -> list[tuple[str, str]]:
    """Pairs of texts that lie on each other by more than a hair, and texts that leave the figure."""
    figure = drawn(ax.get_figure(root=True))
    shown = [t for t in figure.findobj(mpl.text.Text) if t.get_text().strip() and t.get_visible()]
    boxes = [(t.get_text(), t.get_window_extent()) for t in shown]
    out = [(text, "the edge") for text, box in boxes if box.x0 < -1 or box.x1 > figure.bbox.width + 1]
    return out + [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 2 and min(a.y1, b.y1) - max(a.y0, b.y0) > 4
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PLOTS)
def test_texts_lie_apart_and_within_the_figure(name: str, lang: str) -> None:
    plot, table = PLOTS[name]
    assert overlapping(plot(table, lang=lang)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PLOTS)
def test_figure_names_source_and_number(name: str, lang: str) -> None:
    plot, table = PLOTS[name]
    ax = plot(table, lang=lang)
    assert REPORT.name in ax.get_xlabel()
    assert re.search(r"n = \d", ax.get_xlabel())
    assert ax.get_title(loc="left")
    assert any("Web forum" in label or "网络论坛" in label for label in lane_names(ax))
    drawn(ax.get_figure(root=True))


@pytest.mark.parametrize("name", PLOTS)
def test_working_translation_is_called_one(name: str) -> None:
    report = load_report(language="en")
    tables = {"timeline": timeline, "follow_up": follow_up_status}
    ax = PLOTS[name][0](tables.get(name, session_coverage)(report))
    assert "working translation" in ax.get_xlabel()


@pytest.mark.parametrize("name", PLOTS)
def test_title_is_computed(name: str) -> None:
    """The title changes with the table."""
    plot, table = PLOTS[name]
    some = table[table["action_id"] == "5.1"] if "action_id" in table else table.loc[["5.1", "total"]]
    assert plot(some).get_title(loc="left") != plot(table).get_title(loc="left")


@pytest.mark.parametrize("name", PLOTS)
def test_figure_draws_on_axes_that_are_given(name: str) -> None:
    """In Chinese, where the font of such axes has none of the signs."""
    plot, table = PLOTS[name]
    figure, (left, right) = plt.subplots(1, 2)
    assert plot(table, right, lang="zh") is right
    assert not left.has_data()
    drawn(figure)


@pytest.mark.parametrize("name", PLOTS)
def test_notebook_draws_a_figure_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a cell pyplot draws what is stale, and Jupyter then what it shows; what is changed later is drawn anew."""
    plot, table = PLOTS[name]
    assert plot(table).figure.stale
    monkeypatch.setattr(mpl, "get_backend", lambda: "inline")
    ax = plot(table)
    assert not ax.figure.stale
    ax.set_title("another title")
    assert ax.figure.stale


@pytest.mark.parametrize("name", PLOTS)
def test_figure_draws_on_axes_that_are_too_small(name: str) -> None:
    plot, table = PLOTS[name]
    _, ax = plt.subplots(figsize=(1, 1))
    assert plot(table, ax).get_title(loc="left").endswith("…")


@pytest.mark.parametrize("name", PLOTS)
def test_unknown_language_is_refused(name: str) -> None:
    plot, table = PLOTS[name]
    with pytest.raises(ValueError, match="no words in 'fr'; they have en, zh"):
        plot(table, lang="fr")


def texts_of(name: str, lang: str) -> tuple[Figure, list[mpl.text.Text]]:
    plot, table = PLOTS[name]
    figure = drawn(plot(table, lang=lang).get_figure(root=True))
    return figure, [text for text in figure.findobj(mpl.text.Text) if text.get_text().strip() and text.get_visible()]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PLOTS)
def test_at_half_size_signs_and_marks_are_large_enough(name: str, lang: str) -> None:
    """Five points, as in a footnote of a footnote; a mark nearly as wide as a letter is high."""
    figure, texts = texts_of(name, lang)
    assert [text.get_text() for text in texts if float(text.get_fontsize()) / 2 < 5] == []
    marks = [size for c in figure.findobj(PathCollection) for size in np.asarray(c.get_sizes(), float)]
    assert [size for size in marks if size**0.5 / 2 < 3.5] == []


def test_saved_picture_has_ten_pixels_for_the_smallest_sign_at_half_size(tmp_path: Path) -> None:
    plot, table = PLOTS["attention"]
    ax = plot(table)
    smallest = min(float(text.get_fontsize()) for text in ax.findobj(mpl.text.Text))
    picture, *_ = save_figure(ax, tmp_path / "attention", table)
    per_inch = plt.imread(picture).shape[1] / ax.figure.get_tightbbox().width
    assert smallest / 72 * per_inch / 2 > 10


def light(colours: Any) -> Any:
    """Relative luminance, as WCAG 2 defines it."""
    parts = np.asarray(colours)[..., :3]
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PLOTS)
def test_words_stand_out_from_what_lies_below(name: str, lang: str) -> None:
    """By the contrast that WCAG 2 asks of small text, in colour and so in grey; the ground is what runs along a text."""
    figure, texts = texts_of(name, lang)
    picture = np.asarray(figure.canvas.buffer_rgba()) / 255  # type: ignore[attr-defined]  # Agg has it, the base class not
    faint = []
    for text in texts:
        box = text.get_window_extent()
        along = picture[[int(len(picture) - box.y1), int(len(picture) - box.y0)], int(box.x0) : int(box.x1)]
        dark, bright = sorted([light(to_rgb(text.get_color())), np.median(light(along))])
        if (bright + 0.05) / (dark + 0.05) < 4.5:
            faint.append(text.get_text())
    assert faint == []


# Little or odd content


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PLOTS)
def test_empty_table_says_so(name: str, lang: str) -> None:
    """Also where it was made by hand, and its columns have no types."""
    plot, table = PLOTS[name]
    for empty in (table.iloc[:0], pd.DataFrame(columns=table.columns)):
        (words,) = words_in(plot(empty, lang=lang))
        assert words.startswith(("Nothing to draw: ", "无可绘制内容："))


def test_coverage_of_a_report_without_sessions_says_so() -> None:
    assert words_in(plot_coverage(pd.DataFrame())) == ["Nothing to draw: no session is recorded for any action"]


@pytest.mark.parametrize("name", PLOTS)
def test_one_action_alone(name: str) -> None:
    plot, table = PLOTS[name]
    ax = plot(table[table["action_id"] == "1.3"] if "action_id" in table else table.loc[["1.3"]])
    assert lane_names(ax)[0] == "1.3 Web forum"
    assert overlapping(ax) == []


ODD_LABELS = {
    "200 signs": "Improve internal coordination within the Organization and its collaboration with UN agencies " * 2,
    "200 Chinese signs": "完善组织内的内部协调、与联合国各机构和方案及其他国际组织的协作，" * 6,
    "200 signs without a space": "x" * 200,
    "Arabic": "تحسين التنسيق الداخلي في المنظمة وتعاونها مع وكالات الأمم المتحدة",
    "Russian": "Совершенствование внутренней координации в рамках Организации",
    "mathematics": "$x_1^{2 is no formula$",
    "signs that no font has": "𠀀 \U0001f9ff 漢字 \x07\ufffe",
}


@pytest.mark.parametrize("label", ODD_LABELS.values(), ids=ODD_LABELS)
@pytest.mark.parametrize("name", PLOTS)
def test_odd_label_is_drawn_without_a_warning(name: str, label: str) -> None:
    plot, table = PLOTS[name]
    table = table.copy()
    table.attrs["actions"] = {**table.attrs["actions"], "1.3": label}
    ax = plot(table)
    assert max(name.count("\n") for name in lane_names(ax)) <= 1
    assert overlapping(ax) == []


def test_sessions_far_apart() -> None:
    table = session_coverage(REPORT).iloc[:-1, :-1].rename(columns={19: 3, 24: 60})
    table = table.reindex(columns=range(3, 61), fill_value=0)
    ax = plot_coverage(table)
    assert "nothing at 52 of 58 sessions" in ax.get_title(loc="left")
    assert "CDIP/24 was still to come" in ax.get_title(loc="left")
    status = follow_up_status(REPORT).copy()
    status.loc[0, "due_session"] = 60
    status.loc[1, ["last_session", "sessions_since"]] = [3, 21]
    late = plot_follow_up(status)
    ticks = [tick.get_text() for tick in late.get_xticklabels()]
    assert ticks[-1] == "CDIP/60"
    assert len(ticks) <= 9
    assert overlapping(late) == []


def test_no_due_session() -> None:
    table = timeline(REPORT)
    ax = plot_timeline(table[table["event"] != "planned"])
    assert "planned" not in marks(ax)
    assert "due" not in ax.get_title(loc="left")
    status = follow_up_status(REPORT)
    ax = plot_follow_up(status[status["due_session"].isna()])
    assert not any("due" in text for text in words_in(ax))


def test_title_names_two_actions_and_says_how_many() -> None:
    table = session_coverage(REPORT)
    ax = plot_attention((table > 0).astype("Int64").loc[["2.1", "3.1", "4.1"]])
    assert ax.get_title(loc="left").startswith("Internal coordination, Impact and evaluation … (3): 3 of 3 ")
    status = follow_up_status(REPORT).copy()
    status.loc[:1, "due_session"] = 26
    title = plot_follow_up(status).get_title(loc="left").replace("\n", " ")
    assert title.endswith("; due: Compile practices (CDIP/26), One-day seminar (CDIP/26) …")


def test_nothing_left_to_do() -> None:
    status = follow_up_status(REPORT)
    title = {kind: plot_follow_up(status[status["status"] == kind]).get_title(loc="left") for kind in status["status"]}
    assert title["scheduled"] == "Due: Web forum (CDIP/25)"
    assert title["none_expected"] == "Nothing more expected"


@pytest.mark.parametrize("column", ["due_session", "last_session", "sessions_since", "conditional", "status", "label"])
def test_follow_up_draws_no_gap_as_a_value(column: str) -> None:
    """An action that is due, of which the session is not known, for one."""
    table = follow_up_status(REPORT).copy()
    table[column] = pd.Series(pd.NA, table.index, table[column].dtype)
    assert not re.search("None|nan|NA", " ".join(words_in(plot_follow_up(table))))


def test_coverage_of_one_action_names_its_sessions() -> None:
    table = session_coverage(REPORT)
    titles = [plot_coverage(table.loc[[action]]).get_title(loc="left") for action in ("1.3", "2.1")]
    assert titles == [
        "Web forum: at 3 of 6 sessions (CDIP/21, 22, 23)",
        "Internal coordination: at 1 of 6 sessions (CDIP/22)",
    ]


def test_coverage_without_the_session_of_the_report_does_not_tell_of_it() -> None:
    table = session_coverage(REPORT).drop(columns=24)
    assert plot_coverage(table).get_title(loc="left") == "No session took up more than 4 of 9 actions"


def test_coverage_of_nothing_says_so() -> None:
    (words,) = words_in(plot_coverage(session_coverage(REPORT) * 0))
    assert words.startswith("Nothing to draw")


SESSION_REPORT = """Committee on Development and Intellectual Property (CDIP)
1. The Representative of TWN referred to paragraphs 98 to 112 of the report of the twenty-first session (CDIP/21/15).
2. The Delegation of Brazil recalled paragraph 5.3 of the Summary by the Chair of the twentieth session."""


@pytest.mark.parametrize(
    ("lang", "title"),
    [("en", "Before the Committee at CDIP/21; no action is named"), ("zh", "委员会审议于 CDIP/21；未列明行动")],
)
def test_title_of_a_timeline_without_actions(lang: str, title: str) -> None:
    """As of a session's own report: what was considered is cited, and stands under no action."""
    ax = plot_timeline(timeline(load_report(SESSION_REPORT.encode())), lang=lang)
    assert ax.get_title(loc="left") == title
    assert overlapping(ax) == []


def test_timelines_put_together() -> None:
    """Rows of two tables bear the same labels."""
    table = timeline(REPORT)
    both = pd.concat([table, table])
    both.attrs = table.attrs
    assert "n = 86 events" in plot_timeline(both).get_xlabel()


def test_arabic_name_in_a_title_ends_at_its_own_end() -> None:
    """The … stands at the left of the words, and what follows the name at its right; no line ends within it."""
    table = session_coverage(REPORT)
    table.attrs = {**table.attrs, "actions": {"1.3": ODD_LABELS["Arabic"]}}
    title = plot_attention(table).get_title(loc="left")
    assert re.fullmatch("\u200e\u202bتحسين [^A-Za-z\n]+…\u202c\u200e: 89 of 206 report paragraphs\\s.43%.", title)


def test_action_never_considered_and_of_unknown_status() -> None:
    table = follow_up_status(REPORT).copy()
    table.loc[0, ["last_session", "sessions_since", "status"]] = pd.NA
    assert "nothing is said of it; not considered by any session" in words_in(plot_follow_up(table))


def test_overdue_is_said() -> None:
    table = follow_up_status(REPORT).copy()
    table.loc[2, "overdue"] = True
    assert "due at CDIP/25 (overdue)" in words_in(plot_follow_up(table))


def test_events_without_any_date_stand_in_columns() -> None:
    table = timeline(REPORT).assign(date=NO_DATE, end_date=NO_DATE)
    table.attrs = {}
    ax = plot_timeline(table)
    assert overlapping(ax) == []
    assert [tick.get_text() for tick in ax.get_xticklabels()][-2:] == ["CDIP/23\nno date", "CDIP/25\nno date"]
    ax = plot_timeline(table[table["session"] == 25])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["CDIP/25\nno date"]
    drawn(ax.get_figure(root=True))


def test_many_sessions_without_a_date_leave_out_some_names() -> None:
    """As in the report of a committee whose calendar is not at hand."""
    table = timeline(REPORT).iloc[:30].assign(date=NO_DATE, end_date=NO_DATE, session=range(101, 131))
    ax = plot_timeline(table)
    assert len([patch for patch in ax.patches if patch.get_hatch()]) == 30
    assert sum("no date" in tick.get_text() for tick in ax.get_xticklabels()) == 10
    assert overlapping(ax) == []


# One of a thing


ONE_EVENT = timeline(REPORT).query("event == 'consideration' and action_id == '3.2'")
ONE_DOCUMENT = timeline(REPORT).query("event == 'document'").iloc[:1]
ONE_ENTRY = session_coverage(REPORT, "entries").loc[["3.2"]][[19, "total"]]
ONE_PARAGRAPH = session_coverage(REPORT).loc[["3.2"]][[19]] * 0 + 1
ONE_ACTION = follow_up_status(REPORT).iloc[:1]
for one, made in ((ONE_ENTRY, session_coverage(REPORT, "entries")), (ONE_PARAGRAPH, session_coverage(REPORT))):
    one.attrs = made.attrs


@pytest.mark.parametrize(
    ("name", "table", "lang", "words"),
    [
        ("timeline", ONE_EVENT, "en", ["Most often before the Committee: Peer review (CDIP/19)", "n = 1 event."]),
        ("timeline", ONE_EVENT, "zh", ["委员会审议最多的行动：同行评审（CDIP/19）", "n = 1 个事件。"]),
        ("timeline", ONE_DOCUMENT, "en", ["1 event; it is not a consideration by the Committee", "n = 1 event."]),
        ("timeline", ONE_DOCUMENT, "zh", ["共 1 个事件，并非委员会审议", "n = 1 个事件。"]),
        ("coverage", ONE_ENTRY, "en", ["Peer review: at the only session (CDIP/19)", "n = 1 annex entry by action"]),
        ("coverage", ONE_ENTRY, "zh", ["同行评审：唯一一届会议（CDIP/19）", "n = 1 个附件条目，按行动"]),
        (
            "attention",
            ONE_PARAGRAPH,
            "en",
            ["Peer review: 1 of 1 report paragraph (100%)", "n = 1 report paragraph by"],
        ),
        ("attention", ONE_PARAGRAPH, "zh", ["同行评审：1 个报告段落中占 1 个（100%）", "n = 1 个报告段落，按行动"]),
        (
            "follow_up",
            ONE_ACTION,
            "en",
            ["No date for what follows in the only action", "n = 1 action, seen from CDIP/24."],
        ),
        ("follow_up", ONE_ACTION, "zh", ["唯一一项行动的后续工作没有期限", "n = 1 项行动，以 CDIP/24 为基准。"]),
    ],
)
def test_one_of_a_thing_is_said_in_words_for_one(name: str, table: pd.DataFrame, lang: str, words: list[str]) -> None:
    ax = PLOTS[name][0](table, lang=lang)
    title, n = words
    assert ax.get_title(loc="left") == title
    assert n in ax.get_xlabel()


def test_what_is_counted_has_words_for_one() -> None:
    """But for what is never one: of one action the title names the sessions, and a few gaps are named."""
    keys = {row["key"]: row["en"] for row in figure_words()}
    without = {key for key, words in keys.items() if "{n}" in words and f"{key.removesuffix('.one')}.one" not in keys}
    several = {
        f"coverage.title.{what}" for what in ("report_paragraphs", "entries", "documents", "decisions", "many_gaps")
    }
    assert without == {*several, "since", "source", "source.unknown"}


# The wrong table


NEEDED = {
    "timeline": ["date", "end_date", "date_precision", "session", "action_id", "event"],
    "follow_up": [
        "action_id",
        "label",
        "status",
        "due_session",
        "overdue",
        "last_session",
        "sessions_since",
        "conditional",
    ],
}
MAKERS = {"timeline": "timeline", "follow_up": "follow_up_status"}


@pytest.mark.parametrize(("name", "column"), [(name, column) for name in NEEDED for column in PLOTS[name][1]])
def test_table_without_one_column_is_drawn_or_refused_in_words(name: str, column: str) -> None:
    plot, table = PLOTS[name]
    if column in NEEDED[name]:
        told = rf"plot_{name} draws what {MAKERS[name]}\(report\) gives, .*; this table has no '{column}'; its columns are "
        with pytest.raises(ValueError, match=told):
            plot(table.drop(columns=column))
    else:
        drawn(plot(table.drop(columns=column)).get_figure(root=True))


@pytest.mark.parametrize("wrong", ["another table", "columns renamed", "rows for columns", "read from CSV", "objects"])
@pytest.mark.parametrize("name", PLOTS)
def test_wrong_table_is_refused_in_words(name: str, wrong: str, tmp_path: Path) -> None:
    """Counts read from a CSV file, whose sessions are text, were added up with their total once."""
    plot, table = PLOTS[name]
    table.to_csv(tmp_path / "table.csv")
    tables = {
        "another table": REPORT.annex,
        "columns renamed": table.rename(columns=lambda column: f"CDIP/{column}"),
        "rows for columns": table.T,
        "read from CSV": pd.read_csv(tmp_path / "table.csv", index_col=0),
        "objects": table.astype(object),
    }
    maker = MAKERS.get(name, "session_coverage")
    told = "this table has no '|this table holds other types|but for the total each column .* not so: "
    with pytest.raises(ValueError, match=rf"^plot_{name} draws what {maker}\(report\) gives, .*; (?:{told})"):
        plot(tables[wrong])


@pytest.mark.parametrize("plot", [plot_coverage, plot_attention])
def test_gap_among_counts_is_refused(plot: Callable[[pd.DataFrame], Axes]) -> None:
    table = session_coverage(REPORT)
    table.loc["1.3", 22] = pd.NA
    with pytest.raises(ValueError, match="holds counts, and these are not so: 22$"):
        plot(table)


@pytest.mark.parametrize("name", PLOTS)
def test_report_is_no_table(name: str) -> None:
    with pytest.raises(
        TypeError, match=rf"plot_{name} draws what \w+\(report\) gives, a table, and was given a Report"
    ):
        PLOTS[name][0](REPORT)  # type: ignore[arg-type]  # no table, on purpose


# Files


@pytest.mark.parametrize("name", PLOTS)
def test_saved_twice_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    plot, table = PLOTS[name]
    first = [path.read_bytes() for path in save_figure(plot(table, lang="zh"), tmp_path / "one", table)]
    again = [path.read_bytes() for path in save_figure(plot(table, lang="zh"), tmp_path / "two", table)]
    assert first == again
    assert MARK.encode() in first[0]
    assert MARK.encode() in first[1]
    assert b"<dc:date>" not in first[1]


def test_saved_numbers_are_those_drawn(tmp_path: Path) -> None:
    table = session_coverage(REPORT)
    *_, numbers = save_figure(plot_coverage(table), tmp_path / "coverage.png", table)
    read = pd.read_csv(numbers, dtype={"action_id": str}).set_index("action_id")
    assert read.to_numpy().tolist() == table.to_numpy().tolist()


def test_saved_numbers_hold_no_formula(tmp_path: Path) -> None:
    table = follow_up_status(REPORT).copy()
    table.loc[0, "label"] = "=1+1"
    *_, numbers = save_figure(plot_follow_up(table), tmp_path / "follow_up", table)
    assert "'=1+1" in numbers.read_text(encoding="utf-8-sig")


def test_saved_again_over_our_own_files_but_not_over_those_of_others(tmp_path: Path) -> None:
    plot, table = PLOTS["attention"]
    for _ in range(2):
        save_figure(plot(table), tmp_path / "figure", table)
    (tmp_path / "theirs.csv").write_text("kept", encoding="utf-8")
    with pytest.raises(FileExistsError):
        save_figure(plot(table), tmp_path / "theirs", table)
    assert (tmp_path / "theirs.csv").read_text(encoding="utf-8") == "kept"


# The shipped font and the words


def figure_words() -> list[dict[str, str]]:
    with (DATA / "reference" / "figures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_words_have_the_same_gaps_in_each_language() -> None:
    for row in figure_words():
        gaps = {lang: sorted(re.findall(r"\{\w+\}", row[lang])) for lang in LANGUAGES}
        assert row["en"], row["key"]
        assert gaps["en"] == gaps["zh"], row["key"]


def test_every_word_is_used() -> None:
    code = (Path(__file__).parents[1] / "src/cdip_analysis/plots.py").read_text(encoding="utf-8")
    computed = {*PLOTS["timeline"][1]["event"].cat.categories, *follow_up_status(REPORT)["status"].cat.categories}
    computed |= {"report_paragraphs", "entries", "documents", "decisions"}
    unused = [
        key
        for key in {row["key"].removesuffix(".one") for row in figure_words()}
        if not re.search(rf"""["']{key}["']""", code) and key not in computed
    ]
    assert [key for key in unused if not key.startswith("coverage.title.")] == []


def test_font_is_small_and_has_the_signs_of_gb_2312() -> None:
    font = DATA / "fonts" / "cdip-noto-sans-sc.otf"
    assert font.stat().st_size < 1_600_000
    held = mpl.font_manager.get_font(font).get_charmap()
    assert {*map(ord, "西班牙提案的落实情况鼐龠")} <= held.keys()


# Pictures


@pytest.mark.mpl_image_compare(baseline_dir="baseline", style="default", savefig_kwargs={"dpi": 80}, tolerance=4)
@pytest.mark.parametrize(
    ("name", "lang"), [("timeline", "en"), ("coverage", "zh"), ("attention", "en"), ("follow_up", "zh")]
)
def test_picture(name: str, lang: str) -> Figure:
    plot, table = PLOTS[name]
    return drawn(plot(table, lang=lang).get_figure(root=True))


def test_pictures_are_compared(request: pytest.FixtureRequest) -> None:
    """Without this option pytest-mpl draws them and compares nothing."""
    assert request.config.getoption("--mpl")
