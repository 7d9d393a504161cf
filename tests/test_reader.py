"""The reader page: every value on the left leads to its words on the right, and nothing in it can run or load."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

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


@pytest.mark.parametrize("table", ["overview", "asked", "timeline", "commitments", "findings", "reading_list"])
def test_words_that_light_up_are_those_of_evidence(table: str, shown: BeautifulSoup, zh: Report) -> None:
    ids = {str(tag["id"]): tag for tag in shown.find_all(id=True)}
    rest: dict[str, str] = {}  # words that overlap others, by the mark that they belong to
    for part in shown.find_all(class_=re.compile("^of-")):
        for name in part["class"]:
            rest[name] = rest.get(name, "") + part.text
    section = ids[table]
    table = table.replace("asked", "overview")
    frame = zh.frame(table)
    rows = section.select("tbody tr")
    assert len(rows) == len(frame)
    compared = 0
    for number, row in enumerate(rows):
        for cell in row.select("[id]"):
            column = str(cell["id"]).rpartition("-")[2]
            spans = evidence(zh, table, frame.index[number], column).spans
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


@pytest.mark.parametrize("address", ["p17", "entry-13", "commitment-28", "overview-1.3", "proposal-1.a"])
def test_address_can_be_sent_to_a_colleague(address: str, shown: BeautifulSoup) -> None:
    assert shown.find(id=address)


def test_page_runs_nothing_and_loads_nothing(shown: BeautifulSoup) -> None:
    assert not shown.find_all(["script", "link", "img", "iframe", "object", "form"])
    assert not shown.find_all(style=True)
    policy = shown.find("meta", {"http-equiv": "Content-Security-Policy"})
    style = shown.find("style")
    assert isinstance(policy, Tag)
    assert isinstance(style, Tag)
    digest = base64.b64encode(hashlib.sha256((style.string or "").encode()).digest()).decode()
    assert str(policy["content"]).startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_both_editions_are_beside_each_other(shown: BeautifulSoup) -> None:
    passage = shown.find(id="p17")
    assert isinstance(passage, Tag)
    assert [words["lang"] for words in passage.select(".words")] == ["zh", "en"]
    assert "interactive dialogue on technical assistance" in passage.text


NOTES = [
    ("#commitment-24b [data-name=Outcome]", "Responded to; the answer is not reported."),
    ("#timeline-1 [data-name=Date]", "printed in the document"),
    ("#timeline-3 [data-name=Date]", "from the calendar"),
]


@pytest.mark.parametrize(("cell", "note"), NOTES)
def test_outcome_has_its_remark_and_a_printed_day_is_not_from_the_calendar(
    cell: str, note: str, shown: BeautifulSoup
) -> None:
    assert [tag.text for tag in shown.select(f"{cell} .note")] == [note]


def test_sentence_and_title_are_in_the_language_of_the_page(zh: Report, tmp_path: Path) -> None:
    assert "九项行动中" in page(zh, tmp_path, "zh").text
    with pytest.raises(ValueError, match="it can be en or zh"):
        export_reader(zh, tmp_path / "x.html", lang="fr")
    with pytest.raises(ValueError, match=r"x\.txt: the name of a page ends with \.html"):
        export_reader(zh, tmp_path / "x.txt")


HOSTILE = '1. <script>alert(1)</script> javascript:alert(1) \u202e report of CDIP/21, paragraphs 98 to 112 "><b onx=1>\n2. CDIP/1/2.'


def test_hostile_text_is_text(tmp_path: Path) -> None:
    found = page(load_report(HOSTILE.encode(), language="en"), tmp_path)
    assert not found.find_all("script")
    assert not found.find_all(onx=True)
    assert "<script>alert(1)</script>" in found.text
    assert all(str(link["href"]).startswith("#") for link in found.find_all("a"))


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


def test_file_of_somebody_else_is_kept(zh: Report, tmp_path: Path) -> None:
    (tmp_path / "reader.html").write_text("mine")
    with pytest.raises(FileExistsError):
        export_reader(zh, tmp_path / "reader.html")
