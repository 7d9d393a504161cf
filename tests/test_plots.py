"""Figures: what they say and what they draw, from the artists; a few pictures within a tolerance.

Numbers are counted in the document. matplotlib warns of a missing glyph or font, and a warning is an error here.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import each
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.dates import date2num, num2date
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

import cdip_analysis as cdip
from cdip_analysis import Report

# The function, what makes its table, and the parts of the report it is drawn from, in English and in Chinese.
PLOTS: dict[str, tuple[Callable[..., Axes], Callable[[Report], pd.DataFrame], str, str]] = {
    "timeline": (cdip.plot_timeline, cdip.timeline, "body and annex", "正文和附件"),
    "coverage": (cdip.plot_coverage, cdip.session_coverage, "annex", "附件"),
    "attention": (cdip.plot_attention, cdip.session_coverage, "annex", "附件"),
    "follow_up": (cdip.plot_follow_up, cdip.follow_up_status, "body and annex", "正文和附件"),
}
every_plot = pytest.mark.parametrize("name", PLOTS)
FORUM = "Regular forum (webinars, dialogue)"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def drawn(ax: Axes) -> Figure:
    """Draw to the end: matplotlib warns of missing glyphs only then."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    return figure


def words_in(ax: Axes) -> list[str]:
    return [t.get_text().replace("\n", " ") for t in drawn(ax).findobj(Text) if t.get_text()]


def marks(ax: Axes) -> dict[str, list[tuple[float, float]]]:
    """The places of the marks, by their name in the legend."""
    named = {str(c.get_label()): np.asarray(c.get_offsets()) for c in ax.collections}
    return {name: [(x, y) for x, y in places] for name, places in named.items() if not name.startswith("_")}


def some(table: pd.DataFrame, *actions: str) -> pd.DataFrame:
    return table.loc[[*actions]] if table.index.name == "action_id" else table[table["action_id"].isin(actions)]


# ---- what a figure says ---------------------------------------------------------------------------------------------


@each("titles", "name, actions, lang, title")
def test_title_is_what_the_figure_finds(name: str, actions: list[str], lang: str, title: str, zh: Report) -> None:
    plot, table, *_ = PLOTS[name]
    ax = plot(some(table(zh), *actions), report=zh, lang=lang) if actions else plot(zh, lang=lang)
    for said in (ax.get_title(), cdip.alt_text(ax)):  # in Chinese a line may be broken anywhere
        assert "".join(said.split()).startswith("".join(title.split()))


@every_plot
def test_source_is_named_and_never_a_file_and_a_table_gives_the_same_figure(name: str, zh: Report, en: Report) -> None:
    plot, table, parts, chinese_parts = PLOTS[name]
    ax = plot(zh)
    assert ax.get_xlabel().startswith(f"WIPO Secretariat, report to CDIP/24 (Chinese edition), {parts}. n = ")
    assert ".txt" not in " ".join(words_in(ax))
    assert words_in(ax) == words_in(plot(table(zh), report=zh))
    chinese = f"产权组织秘书处提交 CDIP/24 的报告（中文版），{chinese_parts}。n = "
    assert plot(zh, lang="zh").get_xlabel().startswith(chinese)
    assert "English working translation, not WIPO's edition" in plot(en).get_xlabel()
    assert plot(table(zh)).get_xlabel().startswith("n = ")


@every_plot
def test_own_title_axes_and_colours(name: str, zh: Report) -> None:
    _, (left, right) = plt.subplots(1, 2, figsize=(16, 6), layout="constrained")
    ax = PLOTS[name][0](zh, right, title="My title", lang="zh", palette=["#123456"] * 9)
    assert ax is right
    assert not left.has_data()
    assert ax.get_title() == "My title"
    assert not cdip.alt_text(ax).startswith("My title")
    ax.set_title("Another")
    assert [text for text in words_in(ax) if text in ("My title", "Another")] == ["Another"]
    own = {"document": "#123456", "last": "#123456", "CDIP/22": "#123456"}
    for one in (ax, ax if name == "coverage" else PLOTS[name][0](zh, palette=own)):
        artists: list[Any] = [*one.collections, *one.patches]
        assert "#123456" in {to_hex(colour) for one in artists for colour in np.atleast_2d(one.get_facecolor())}


# ---- what is drawn --------------------------------------------------------------------------------------------------


def test_timeline_draws_each_event_once_on_its_date(zh: Report) -> None:
    ax = cdip.plot_timeline(zh)
    places = marks(ax)
    counts = {name: int(name.rstrip(")").rpartition("(")[2]) for name in places}
    assert {name: len(them) for name, them in places.items()} == counts
    assert [*counts.values()] == [1, 9, 1, 16, 12, 3, 2], [*counts]
    hollow = [str(c.get_label()) for c in ax.collections if to_hex(np.asarray(c.get_facecolor())[0]) == "#ffffff"]
    assert hollow == ["decision not reported (3)", "planned (2)"]
    ((day, lane),) = places["event with a printed day (1)"]  # the roundtable, action 1.2: third lane from the top
    assert (num2date(day).date().isoformat(), round(lane)) == ("2017-05-12", 2)
    (final, due) = sorted(places["planned (2)"])
    assert final[0] == date2num(pd.Timestamp("2019-11-18"))
    assert due[0] > date2num(pd.Timestamp("2019-11-22"))  # nobody knows when: beside the axis
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    assert [ticks[0], *ticks[-2:]] == ["CDIP/18\n2016-10", "CDIP/24\nthis report", "CDIP/25\nno date"]
    assert "discussion of the final implementation" in words_in(ax)
    # What lies on each other is counted: CDIP/21 285-291 beside 113-128; two of CDIP/22.
    assert words_in(ax).count("×2") == 3


def test_timeline_of_sessions_without_any_date(zh: Report) -> None:
    """As in the report of a committee whose calendar is not known: some names are left out."""
    table = zh.timeline.iloc[:30].assign(date=np.datetime64("NaT", "us"), session=range(101, 131))
    ax = cdip.plot_timeline(table)
    assert len([patch for patch in ax.patches if patch.get_hatch()]) == 30
    assert 5 < sum("no date" in tick.get_text() for tick in ax.get_xticklabels()) < 13
    day = table.loc[19, "date"] = pd.Timestamp("2019-11-18")  # of one: those before it are on its left
    patches: Any = cdip.plot_timeline(table).patches
    assert [one.get_x() < date2num(day) for one in patches if one.get_hatch()] == [True] * 19 + [False] * 10


def test_timeline_of_a_document_without_actions() -> None:
    """A session's own report cites what was considered, under no action."""
    text = b"1. The Representative of TWN referred to paragraphs 98 to 112 of the report of the twenty-first session.\n"
    ax = cdip.plot_timeline(cdip.load_report(b"Committee on Development and Intellectual Property (CDIP)\n" + text))
    assert ax.get_title() == "Before the Committee at CDIP/21; no action is named"


@pytest.mark.parametrize("values", ["report_paragraphs", "entries", "documents", "decisions"])
def test_coverage_shows_each_number_and_total(values: str, zh: Report) -> None:
    table = cdip.session_coverage(zh, values)
    ax = cdip.plot_coverage(zh, values=values)
    digits = [text for text in ax.texts if text.get_text().isdigit()]
    shown = {(round(x), round(y)): text.get_text() for text in digits for x, y in [text.get_position()]}
    numbers = [[shown.get((x, y)) for x in (*range(5), 6)] for y in range(10)]
    assert numbers == table.drop(columns=24).astype(str).to_numpy().tolist()
    assert [text.get_text() for text in ax.texts if text not in digits] == ["not held yet"]
    assert [patch.get_hatch() for patch in ax.patches] == ["///"]


def test_attention_bars_add_up_and_the_dialogue_is_hatched(zh: Report) -> None:
    ax = cdip.plot_attention(zh)
    pieces = {str(group.get_label()): sum(bar.get_width() for bar in group) for group in ax.containers}
    assert [pieces[f"CDIP/{session}"] for session in range(19, 24)] == [44, 21, 45, 73, 23]
    # Paragraphs 474 to 492 of the report of CDIP/22, the last of those of 1.3 at that session.
    bars = [bar for group in ax.containers for bar in group if bar.get_hatch() and bar.get_width()]
    assert [(bar.get_x(), bar.get_width(), round(bar.get_y())) for bar in bars] == [(72, -19, 0)]
    assert "dialogue the Committee decided to hold (19)" in words_in(ax)


def test_follow_up_says_how_long_ago_what_follows_and_what_was_handed_over(zh: Report) -> None:
    ax = cdip.plot_follow_up(zh)
    ago = [text.get_text() for text in ax.texts if "ago" in text.get_text()]
    assert [int(text[0]) for text in ago] == [3, 4, 1, 2, 2, 5, 3, 1, 3]
    assert ago[2] == "1 session ago"
    assert [x for x, _ in marks(ax)["last considered"]] == [21, 20, 23, 22, 22, 19, 21, 23, 21]
    assert [(x, y) for x, y in marks(ax)["due"] if x == x] == [(25, 2)]
    said = {"presented or held", "due at CDIP/25", "CDIP/24 this report"}
    assert {*said, "CDIP/22/3, CDIP/23/9, 2 presentations or events"} <= {*words_in(ax)}
    assert "presented or held" not in words_in(cdip.plot_follow_up(zh.follow_up_status))
    later = words_in(cdip.plot_follow_up(cdip.follow_up_status(zh, as_of=30), report=zh))
    assert {"11 sessions ago", "CDIP/30"} <= {*later}
    assert any("seen from CDIP/30" in words for words in later)
    assert "CDIP/30 this report" not in later


GAPS: list[tuple[int, dict[str, Any], str]] = [
    (0, dict.fromkeys(("last_session", "sessions_since", "status"), pd.NA), "follow-up not mentioned; not considered"),
    (2, {"overdue": True}, "due at CDIP/25 (overdue)"),
    (2, {"due_session": pd.NA}, "for 1 something is due, the session is not known"),
    (3, {"status": "unclear"}, "for 1 the follow-up is not clear"),
    (0, {"due_session": 60}, "CDIP/60"),
    # An escape that no font has, and an override that would turn the words after it.
    (0, {"action_id": "9.9", "label": "one\x1b\u202etwo"}, "9.9 one\ufffd\ufffdtwo"),
]


@pytest.mark.parametrize(("row", "changes", "words"), GAPS)
def test_follow_up_draws_no_gap_as_a_value(row: int, changes: dict[str, Any], words: str, zh: Report) -> None:
    table = zh.follow_up_status
    table.loc[row, [*changes]] = [*changes.values()]
    shown = " ".join(words_in(cdip.plot_follow_up(table, report=zh)))
    assert words in shown
    assert not re.search("None|nan|NA>", shown)


# ---- odd and wrong tables -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
@every_plot
def test_texts_lie_apart_and_within_the_figure(name: str, lang: str, zh: Report) -> None:
    figure = drawn(PLOTS[name][0](zh, lang=lang))
    boxes = [(t.get_text(), t.get_window_extent()) for t in figure.findobj(Text) if t.get_text() and t.get_visible()]
    assert [text for text, box in boxes if box.x0 < -1 or box.x1 > figure.bbox.width + 1] == []
    for (one, a), (other, b) in combinations(boxes, 2):
        apart = min(a.x1, b.x1) - max(a.x0, b.x0) <= 2 or min(a.y1, b.y1) - max(a.y0, b.y0) <= 4
        assert apart, (one, other)


ODD = ["x" * 200, "development " * 17, "长" * 200, "تحسين التنسيق الداخلي " * 9, "cost $x_{1$", "a\nb\r\nc"]


@pytest.mark.parametrize("label", ODD, ids=["long word", "words", "Chinese", "Arabic", "dollars", "line end"])
@every_plot
def test_odd_label_takes_two_lines_at_most(name: str, label: str, zh: Report) -> None:
    plot, table, *_ = PLOTS[name]
    frame = table(zh).rename(index={"1.3": label})
    if name == "follow_up":
        frame = frame.assign(label=label)
    elif name == "timeline":
        frame = frame.assign(action_id=frame["action_id"].replace("1.3", label))
    ax = plot(frame)
    drawn(ax)
    assert max(tick.get_text().count("\n") for tick in ax.get_yticklabels()) <= 1
    assert len(ax.get_title()) < 200


@every_plot
def test_one_action_none_and_an_empty_table(name: str, zh: Report) -> None:
    plot, table, *_ = PLOTS[name]
    assert any(FORUM.split()[0] in words for words in words_in(plot(some(table(zh), "1.3"), report=zh)))
    for nothing in (table(zh).iloc[:0], cdip.load_report(b"1. The Committee met.", language="en")):
        (words,) = words_in(ax := plot(nothing))
        assert words.startswith("Nothing to draw")
        assert cdip.alt_text(ax) == words


WRONG: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "no table": lambda table, folder: "a report",
    "nothing": lambda table, folder: None,
    "another table": lambda table, folder: pd.DataFrame({"x": [1]}),
    "columns renamed": lambda table, folder: table.rename(columns=lambda column: f"CDIP/{column}"),
    "rows for columns": lambda table, folder: table.T,
    "read from CSV": lambda table, folder: pd.read_csv(folder / "table.csv", index_col=0),
    "objects": lambda table, folder: table.astype(object),
}


@pytest.mark.parametrize("wrong", WRONG)
@every_plot
def test_wrong_table_or_language_is_refused_in_words(name: str, wrong: str, zh: Report, tmp_path: Path) -> None:
    plot, made_by, *_ = PLOTS[name]
    made_by(zh).to_csv(tmp_path / "table.csv")
    told = rf"this figure draws a report, or what {made_by.__name__}\(report\) returns(, and no |; in this table )"
    with pytest.raises((TypeError, ValueError), match=told):
        plot(WRONG[wrong](made_by(zh), tmp_path))
    with pytest.raises(ValueError, match="lang='fr'; it can be en or zh"):
        plot(zh, lang="fr")


# ---- files and notebooks --------------------------------------------------------------------------------------------


@every_plot
def test_saved_twice_gives_the_same_bytes_and_the_description(name: str, zh: Report, tmp_path: Path) -> None:
    plot, table, *_ = PLOTS[name]
    files = cdip.save_figure(ax := plot(zh, lang="zh"), tmp_path / "one", table(zh))
    again = cdip.save_figure(plot(zh, lang="zh"), tmp_path / "two", table(zh))
    assert [path.read_bytes() for path in files] == [path.read_bytes() for path in again]
    png, svg, numbers = files
    assert ET.parse(svg).getroot().findtext("{http://www.w3.org/2000/svg}title") == cdip.alt_text(ax)
    with Image.open(png) as image:
        assert image.info["Description"] == cdip.alt_text(ax)
    assert len(pd.read_csv(numbers)) == len(table(zh))
    _, metadata = drawn(ax)._repr_mimebundle_()  # type: ignore[attr-defined]  # the protocol of IPython
    assert metadata["image/png"]["alt"] == cdip.alt_text(ax)


@pytest.mark.mpl_image_compare(baseline_dir="baseline", style="default", tolerance=8, savefig_kwargs={"dpi": 60})
@pytest.mark.parametrize(("name", "lang"), [*zip(PLOTS, ["en", "zh"] * 2, strict=True)])
def test_picture(name: str, lang: str, zh: Report) -> Figure:
    return drawn(PLOTS[name][0](zh, lang=lang))


def test_pictures_are_compared(request: pytest.FixtureRequest) -> None:
    """Without this option pytest-mpl draws them and compares nothing."""
    assert request.config.getoption("--mpl")
