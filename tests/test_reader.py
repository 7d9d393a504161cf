"""The reader page: every value on the left leads to its words on the right, and nothing in it can run or load."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from conftest import CASES
from documents import docx, p

from cdip_analysis import Report, evidence, export_reader, load_report


def page(report: Report, folder: Path, lang: str = "en") -> BeautifulSoup:
    return BeautifulSoup(export_reader(report, folder / "reader.html", lang=lang).read_bytes(), "lxml")


@pytest.fixture(scope="module")
def shown(zh: Report, tmp_path_factory: pytest.TempPathFactory) -> BeautifulSoup:
    return page(zh, tmp_path_factory.mktemp("reader"))


def squeezed(text: str) -> str:
    return "".join(re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", text).split())


def test_every_link_has_its_target_and_every_id_is_one(shown: BeautifulSoup) -> None:
    ids = [str(tag["id"]) for tag in shown.find_all(id=True)]
    assert len(ids) == len(set(ids))
    links = [str(link["href"]) for link in shown.find_all("a")]
    assert len(links) > 1500
    assert {link.removeprefix("#") for link in links} <= set(ids)
    # Addresses that can be sent to a colleague.
    assert {"p17", "entry-13", "commitment-28", "overview-1.3", "proposal-1.a"} <= set(ids)


@pytest.mark.parametrize("table", ["overview", "asked", "timeline", "commitments", "findings", "reading_list"])
def test_words_that_light_up_are_those_of_evidence(table: str, shown: BeautifulSoup, zh: Report) -> None:
    ids = {str(tag["id"]): tag for tag in shown.find_all(id=True)}
    rest: dict[str, str] = {}  # words that overlap others, by the mark that they belong to
    for part in shown.find_all(class_=re.compile("^of-")):
        for name in part["class"]:
            rest[name] = rest.get(name, "") + part.text
    rows = ids[table].select("tbody tr")
    table = table.replace("asked", "overview")
    frame, compared = zh.frame(table), 0
    assert len(rows) == len(frame)
    for number, row in enumerate(rows):
        for cell in row.select("[id]"):
            spans = evidence(zh, table, frame.index[number], str(cell["id"]).rpartition("-")[2]).spans
            for link in cell.select("a"):
                mark = ids[str(link["href"])[1:]]
                found = squeezed(mark.text + rest.get(f"of-{mark['id']}", ""))
                assert found in {squeezed(span.text) for span in spans}
                compared += 1
    assert compared > 15


def test_words_lead_back_to_the_values_that_rest_on_them(shown: BeautifulSoup) -> None:
    link = shown.select_one("[id='overview-1.3-due_session'] a")
    assert link
    passage = shown.select_one(f".passage:has([id='{str(link['href'])[1:]}'])")
    assert passage
    assert passage["id"] == "p20"
    assert "#overview-1.3-due_session" in {back["href"] for back in passage.select(".back a")}


def test_page_runs_nothing_and_loads_nothing(shown: BeautifulSoup) -> None:
    assert not shown.find_all(["script", "link", "img", "iframe", "object", "form"])
    assert not shown.find_all(style=True)
    policy, style = shown.find("meta", {"http-equiv": "Content-Security-Policy"}), shown.find("style")
    assert isinstance(policy, Tag)
    assert isinstance(style, Tag)
    digest = base64.b64encode(hashlib.sha256((style.string or "").encode()).digest()).decode()
    assert str(policy["content"]).startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_both_editions_are_beside_each_other(shown: BeautifulSoup) -> None:
    assert [words["lang"] for words in shown.select("#p17 .words")] == ["zh", "en"]
    assert "interactive dialogue on technical assistance" in shown.select("#p17 .words")[1].text


@pytest.mark.parametrize(("chosen", "rule"), CASES["rules"].items())
def test_a_button_hides_the_rows_of_other_actions_or_kinds(chosen: str, rule: str, shown: BeautifulSoup) -> None:
    assert shown.select_one(chosen.removesuffix(":checked"))
    assert f"{chosen}) {rule}" in str(shown.find("style"))


@pytest.mark.parametrize(("cell", "note"), CASES["remarks"].items())
def test_outcome_has_its_remark_and_a_printed_day_says_so(cell: str, note: str, shown: BeautifulSoup) -> None:
    assert [tag.text for tag in shown.select(f"{cell} .note")] == [note]


def test_sentence_is_in_the_language_of_the_page(zh: Report, tmp_path: Path) -> None:
    assert "九项行动中" in page(zh, tmp_path, "zh").text
    with pytest.raises(ValueError, match="it can be en or zh"):
        export_reader(zh, tmp_path / "x.html", lang="fr")


def test_hostile_text_is_text(tmp_path: Path) -> None:
    text = '1. <script>alert(1)</script> \u202e report of CDIP/21, paragraphs 98 to 112 "><b onx=1>\n2. CDIP/1/2.\n| Step | <i> |\n|-|-|\n| a | <u> |'
    found = page(load_report(text.encode(), language="en"), tmp_path)
    assert not found.find_all("script")
    assert not found.find_all(onx=True)
    assert "<script>alert(1)</script>" in found.text
    assert [str(cell) for cell in found.select("#raw_1 td a")] == ['<a dir="auto" href="#line-5">&lt;u&gt;</a>']
    assert all(found.find(id=str(link["href"])[1:]) for link in found.find_all("a"))


def test_place_of_a_footnote_says_so(tmp_path: Path) -> None:
    body = p("1. The Committee met.", inner="<w:r><w:footnoteReference w:id='2'/></w:r>")
    report = load_report(docx(body, footnotes=f"<w:footnote w:id='2'>{p('See CDIP/21/4.')}</w:footnote>"))
    assert [tag.text for tag in page(report, tmp_path).select(".place")] == ["¶ 1", "¶ 1, footnote"]


@pytest.mark.parametrize("code", ["ar", "es", "fr", "ru"])
def test_every_language_has_a_page(code: str, tmp_path: Path) -> None:
    found = page(load_report(Path(__file__).parent / "editions" / f"report.{code}.txt"), tmp_path)
    assert len(found.select("#timeline tbody tr")) > 10
    assert not found.select(".other")


def test_long_report_stays_small(tmp_path: Path) -> None:
    said = f"The Delegation took the floor. {'Words of a statement. ' * 60}"
    lines = [f"{n}. {said}(report of CDIP/21, paragraph {n})" for n in range(1, 601)]
    made = export_reader(load_report("\n".join(lines).encode(), language="en"), tmp_path / "long.html")
    assert made.stat().st_size < 3_000_000
