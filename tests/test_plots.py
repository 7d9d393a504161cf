"""Figures: what they say and draw, whatever the table holds; a few pictures within a tolerance."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from cdip_analysis import (
    Report,
    alt_text,
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

PLOTS: dict[str, tuple[Callable[..., Axes], Callable[[Report], pd.DataFrame]]] = {
    "timeline": (plot_timeline, timeline),
    "coverage": (plot_coverage, session_coverage),
    "attention": (plot_attention, session_coverage),
    "follow_up": (plot_follow_up, follow_up_status),
}
SOURCE = "WIPO Secretariat, report to CDIP/24 (Chinese edition), annex."


@pytest.fixture(autouse=True)
def closed() -> Any:
    yield
    plt.close("all")


def as_colours(drawn: PathCollection) -> list[Any]:
    return [*np.asarray(drawn.get_facecolor()).tolist(), *np.asarray(drawn.get_edgecolor()).tolist()]


def said(ax: Axes) -> str:
    """All the words in a figure."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    return " | ".join(t.get_text().replace("\n", " ") for t in figure.findobj(Text) if t.get_text())


TITLES = {
    (
        "timeline",
        "en",
    ): "Most often before the Committee: Regular forum (webinars, dialogue) (CDIP/21, 22, 23); still due: CDIP/24, 25",
    ("coverage", "en"): "No session took up more than 4 of 9 actions; CDIP/24 not held yet",
    ("attention", "en"): "Regular forum (webinars, dialogue): 89 of 206 paragraphs cited (43%)",
    (
        "follow_up",
        "en",
    ): "No date for what follows in 7 of 9 actions; due: Regular forum (webinars, dialogue) (CDIP/25)",
    ("coverage", "zh"): "每届会议审议的行动最多 4 项（共 9 项）；CDIP/24 尚未举行",
}


@pytest.mark.parametrize(("name", "lang"), TITLES)
def test_title_is_the_finding_and_the_source_is_named(name: str, lang: str, zh: Report) -> None:
    ax = PLOTS[name][0](zh, lang=lang)
    assert ax.get_title(loc="left").replace("\n", "" if lang == "zh" else " ") == TITLES[name, lang]
    assert alt_text(ax).startswith(TITLES[name, lang])
    if lang == "en":
        assert ax.get_xlabel().startswith(SOURCE)
    assert ".txt" not in said(ax)


@pytest.mark.parametrize("name", PLOTS)
def test_report_and_its_table_give_the_same_figure(name: str, zh: Report) -> None:
    plot, table = PLOTS[name]
    assert said(plot(zh)) == said(plot(table(zh), report=zh))
    assert "WIPO Secretariat" not in said(plot(table(zh)))


@pytest.mark.parametrize("name", PLOTS)
def test_own_title_palette_and_axes_are_used(name: str, zh: Report) -> None:
    _, axes = plt.subplots()
    palette: Any = {"timeline": {"document": "#123456"}, "follow_up": "#123456"}.get(name, "Greens")
    ax = PLOTS[name][0](zh, axes, title="My title", palette=palette)
    assert ax is axes
    assert ax.get_title(loc="left") == "My title"
    ax.set_title("Another", loc="left")
    assert ax.get_title(loc="left") == "Another"
    if isinstance(palette, dict):
        colours = [to_hex(colour) for c in ax.collections if isinstance(c, PathCollection) for colour in as_colours(c)]
        assert "#123456" in colours


def test_unreported_decisions_are_hollow(zh: Report) -> None:
    ax = plot_timeline(zh)
    hollow = [c for c in ax.collections if str(c.get_label()).startswith("not reported")]
    assert len(np.asarray(hollow[0].get_offsets())) == 3
    assert "final discussion at CDIP/24" in list(zh.timeline["label"])


def test_session_not_held_yet_is_hatched_and_has_no_number(zh: Report) -> None:
    ax = plot_coverage(zh)
    words = [t.get_text() for t in ax.texts]
    assert words.count("not held yet") == 1
    assert words.count("0") == 9 * 5 - 14
    assert [p.get_hatch() for p in ax.patches] == ["///"]


def test_follow_up_says_how_long_ago_and_what_was_handed_over(zh: Report) -> None:
    words = said(plot_follow_up(zh))
    for part in (
        "5 sessions ago",
        "1 session ago",
        "this report",
        "handed over: CDIP/22/3, CDIP/23/9, 2 presentations",
    ):
        assert part in words
    assert "since" not in words


def test_one_lane_alone_is_not_called_most(zh: Report) -> None:
    alone = zh.timeline[zh.timeline["action_id"] == "3.2"]
    assert plot_timeline(alone, report=zh).get_title(loc="left") == "Before the Committee: Peer review (CDIP/19)"


def test_ties_are_named_as_ties(zh: Report) -> None:
    tied = zh.timeline[zh.timeline["action_id"].isin(["1.1", "2.1", "3.2"])]
    title = plot_timeline(tied, report=zh).get_title(loc="left").replace("\n", " ")
    assert title == "Before the Committee: Compile practices, Internal coordination … (3) (CDIP/19, 21, 22)"


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize(
    "text", ["x" * 200, "长" * 200, "word " * 40, "الأمانة " * 30, "$x_1$", "\U0001f600"], ids=range(6)
)
def test_odd_label_is_drawn_without_a_warning(name: str, text: str, zh: Report) -> None:
    plot, table = PLOTS[name]
    frame = table(zh)
    if "label" in frame:
        frame = frame.assign(label=text)
    if frame.index.name == "action_id":
        frame = frame.rename(index={"1.1": text})
    said(plot(frame, report=zh))


@pytest.mark.parametrize("name", PLOTS)
def test_nothing_to_draw_is_said(name: str) -> None:
    assert "Nothing to draw" in said(PLOTS[name][0](load_report(b"1. The Committee met.", language="en")))


@pytest.mark.parametrize("name", PLOTS)
def test_one_action_is_drawn(name: str, zh: Report) -> None:
    plot, table = PLOTS[name]
    frame = table(zh)
    one = frame.loc[["1.3"]] if frame.index.name == "action_id" else frame[frame["action_id"] == "1.3"]
    assert "1.3" in said(plot(one, report=zh))


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("wrong", [pd.DataFrame({"x": [1]}), "a report", None], ids=["table", "text", "nothing"])
def test_wrong_table_is_refused_in_words(name: str, wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="this figure draws a report, or what"):
        PLOTS[name][0](wrong)


def test_unknown_language_is_named(zh: Report) -> None:
    with pytest.raises(ValueError, match="they have en, zh"):
        plot_timeline(zh, lang="fr")


@pytest.mark.parametrize("name", PLOTS)
def test_saved_twice_gives_the_same_bytes_and_the_numbers(name: str, zh: Report, tmp_path: Path) -> None:
    plot, table = PLOTS[name]
    first = save_figure(plot(zh), tmp_path / "one" / name, table(zh))
    second = save_figure(plot(zh), tmp_path / "two" / name, table(zh))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert alt_text(plot(zh))[:40] in first[1].read_text(encoding="utf-8")
    assert len(pd.read_csv(first[2])) == len(table(zh))
    save_figure(plot(zh), tmp_path / "one" / name, table(zh))  # over our own files
    first[0].write_bytes(b"of somebody else")
    with pytest.raises(FileExistsError):
        save_figure(plot(zh), tmp_path / "one" / name, table(zh))


@pytest.mark.mpl_image_compare(baseline_dir="baseline", tolerance=8, savefig_kwargs={"dpi": 60})
@pytest.mark.parametrize(
    ("name", "lang"), [("timeline", "en"), ("coverage", "zh"), ("attention", "en"), ("follow_up", "zh")]
)
def test_picture(name: str, lang: str, zh: Report) -> Figure:
    figure = PLOTS[name][0](zh, lang=lang).get_figure(root=True)
    assert figure is not None
    return figure
