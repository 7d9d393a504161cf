"""What a document says never runs, and the package opens no connection: the promises of SECURITY.md, one by one.

One hostile document goes through everything that is made of a report. The workbook's own traps are in test_workbook.py,
the note's in test_brief.py, hostile archives in test_docx.py and test_pdf.py.
"""

import csv
import json
import re
import subprocess
import sys
import unicodedata
import zipfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import mistune
import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cdip_analysis as cdip
from cdip_analysis import Report
from cdip_analysis.cli import main, run
from cdip_analysis.data import SHIPPED
from cdip_analysis.display import table_html
from cdip_analysis.files import looks_like_formula
from cdip_analysis.pages import read_notebooks, write_pages
from cdip_analysis.schema import table_names, tables

# A formula, a script, addresses that run, a heading and a link of Markdown, control sequences (colour, title of the window,
# C1), an override of the direction; and a path, for where a name of a file could be made of it.
BAIT = (
    '=\x1b[2J\x1b]0;evil\x07\x9b31m\u202elive\u202c+HYPERLINK("http://evil.example","x")<script>alert(1)</script>'
    "<img src=x onerror='alert(1)'>[click](javascript:alert(1))<a href='javascript:alert(1)'>x</a>&lt;b&gt;"
    "../../evil ${x} {{x}} $(x)"
)
Said = pytest.CaptureFixture[str]
FORMULAS = ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "＝1＋1"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Chinese edition with bait in its title, its headings, its paragraphs, the proposal and every kind of annex cell."""
    text = SHIPPED["zh"].read_text(encoding="utf-8")
    # The title; paragraphs, and the proposal; the heading of an action, and its cells; what follows; a summary.
    places = "关于成员国在产权组织技术援助方面的决定|网络研讨会|汇总提供技术援助方面现有的做法|产权组织继续|主席总结 第 8.1 段"
    for words in places.split("|"):
        assert words in text
        text = text.replace(words, f"{BAIT}{words}")
    lines = text.split("\n")
    for n, formula in zip([n for n, line in enumerate(lines) if line.count("\t") == 3][4:], FORMULAS, strict=False):
        lines[n] = lines[n].replace("\t", f"\t{formula}", 1)
    path = tmp_path_factory.mktemp("hostile") / "<b>=x\x1b[2J\u202e.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def hostile(source: Path) -> Report:
    report = cdip.load_report(source, title=BAIT, place=BAIT, prepared_by=BAIT, committee=BAIT)
    assert "evil" in str(list(report.findings.loc[report.findings["kind"] == "supplied_differs", "note"]))
    assert len(report.annex) == 15
    assert len(report.citations) >= 119
    return report


@pytest.fixture(scope="module")
def made(hostile: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that `cdip run` makes of it, and the annex beside a figure."""
    folder = tmp_path_factory.mktemp("made") / "exports"
    assert list(run(hostile, folder))
    cdip.save_figure(cdip.plot_timeline(hostile), folder / "figures" / "annex", hostile.annex)
    return folder


# ---- files ------------------------------------------------------------------------------------------------------------


def test_no_name_of_a_file_is_made_of_what_a_document_says(made: Path, hostile: Report) -> None:
    """The name of the document's own file is in that of the workbook and of the note; all others are ours."""
    found = {path.name for path in made.rglob("*") if path.is_file()}
    named = {f"{Path(hostile.name).stem}.{end}" for end in ("xlsx", "docx")}
    assert {name for name in found if not re.fullmatch(r"[a-z_]+\.[a-z]+", name)} == named
    assert {path.name for path in made.rglob("*") if path.is_dir()} == {"figures", "tables"}


def test_workbook_holds_text_and_no_formula_but_our_totals(made: Path) -> None:
    (path,) = made.glob("*.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = " ".join(archive.namelist())
    assert not re.search(r"vba|activeX|embeddings|externalLinks|connections|\.bin", parts)
    cells = [cell for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row]
    formulas = [cell.value for cell in cells if cell.data_type == "f"]
    assert all(re.fullmatch(r"=SUM\([A-Z]+[0-9]+:[A-Z]+[0-9]+\)", str(formula)) for formula in formulas)
    texts = [(cell.value, cell.quotePrefix) for cell in cells if isinstance(cell.value, str) and cell.data_type != "f"]
    guarded = [prefix for text, prefix in texts if looks_like_formula(text)]
    assert len(guarded) > 10
    assert all(guarded)
    links = [cell.hyperlink.target for cell in cells if cell.hyperlink and cell.hyperlink.target]
    assert all(link.startswith("https://www.wipo.int/") for link in links)
    assert any("evil" in text for text, _ in texts)


def test_csv_files_hold_no_formula(made: Path) -> None:
    """Those of the tables, and the numbers beside each figure."""
    for folder, least in (("tables", 5), ("figures", len(FORMULAS))):
        files = [path.read_text(encoding="utf-8-sig") for path in (made / folder).glob("*.csv")]
        cells = [cell for text in files for line in csv.reader(text.splitlines(keepends=True)) for cell in line]
        assert not [cell for cell in cells if looks_like_formula(cell) and not re.fullmatch(r"-\d+", cell)]
        assert sum(cell.startswith("'") and looks_like_formula(cell[1:]) for cell in cells) > least


def test_pictures_hold_no_script_and_no_link(made: Path) -> None:
    elements = [one for path in (made / "figures").glob("*.svg") for one in ElementTree.parse(path).iter()]
    tags = {element.tag.rpartition("}")[2] for element in elements}
    assert "svg" in tags
    assert not tags & {"script", "a", "foreignObject", "animate", "set"}
    links = [value for element in elements for name, value in element.attrib.items() if name.endswith("href")]
    assert all(link.startswith(("#", "data:image/png;")) for link in links)


def test_note_in_word_is_words_only(made: Path) -> None:
    with zipfile.ZipFile(next(made.glob("*.docx"))) as archive:
        body = archive.read("word/document.xml").decode()
    assert not re.search("w:hyperlink|w:fldSimple|w:instrText|w:object|\u202e", body)
    assert "&lt;script&gt;" in body


# ---- pages ------------------------------------------------------------------------------------------------------------


class Page(NamedTuple):
    """The tags of a page, its attributes, its links, and the text that it shows."""

    tags: set[str]
    attributes: set[str]
    links: list[str]
    text: str


def page_of(source: str) -> Page:
    soup = BeautifulSoup(source, "html.parser")
    every = soup.find_all(True)
    links = [str(value) for tag in every for name, value in tag.attrs.items() if name in ("href", "src")]
    return Page({tag.name for tag in every}, {name for tag in every for name in tag.attrs}, links, soup.get_text())


TAGS = {"div", "b", "i", "span", "code", "mark", "a", "table", "thead", "tbody", "tr", "th", "td", "wbr"}


def shown(report: Report) -> dict[str, str]:
    """Everything that shows itself in a notebook, as HTML."""
    frames = {name: table_html(report.frame(name), most=500) for name in table_names()}
    hits = cdip.find_text(report, "网络研讨会", beside=report)
    cells = {name: cdip.evidence(report, name, 0, tables()[name].columns[-1].name) for name in ("annex", "paragraphs")}
    cards = {f"evidence {name}": cell._repr_html_() for name, cell in cells.items()}
    frames["a stranger's headings"] = table_html(pd.DataFrame({"<script>alert(1)</script>": ["x"]}))
    return {"report": report._repr_html_(), **frames, "hits": hits._repr_html_(), **cards}


def test_cards_and_tables_escape_every_piece_of_text(hostile: Report) -> None:
    pages = {name: page_of(piece) for name, piece in shown(hostile).items()}
    for name, page in pages.items():
        assert page.tags <= TAGS, name
        assert page.attributes <= {"style", "lang", "dir", "href", "rel"}, name
        assert all(link.startswith("https://www.wipo.int/") for link in page.links), name
    for name in ("report", "annex", "paragraphs", "actions", "hits", "a stranger's headings"):
        assert "<script>alert(1)</script>" in pages[name].text, f"{name}: shown, as words"


def test_pages_escape_what_a_document_says(hostile: Report, made: Path, tmp_path: Path) -> None:
    """The reader page, and one made of a notebook that shows the cards, and the words as a cell prints them."""
    outputs = [nbformat.v4.new_output("display_data", {"text/html": card}) for card in shown(hostile).values()]
    outputs.append(nbformat.v4.new_output("stream", name="stdout", text=BAIT))
    outputs.append(nbformat.v4.new_output("execute_result", {"text/plain": repr(BAIT)}))
    cell = nbformat.v4.new_code_cell("report", outputs=outputs)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "a.ipynb")
    for path in (made / "overview.html", *write_pages(read_notebooks(tmp_path), tmp_path, tmp_path / "out")):
        page = page_of(path.read_text(encoding="utf-8"))
        assert not page.tags & {"script", "img", "iframe", "object", "embed", "form"}
        assert not [name for name in page.attributes if name.startswith("on")]
        assert not [link for link in page.links if "javascript" in link]
        assert "alert(1)" in page.text


def test_markdown_is_words_only(hostile: Report, source: Path, tmp_path: Path, capsys: Said) -> None:
    """A table, and a note."""
    assert main(["show", str(source), "annex", "--format", "md"]) == 0
    table = capsys.readouterr().out
    cdip.brief(hostile, None, tmp_path / "a.md")
    tags = "table thead tbody tr th td br", "h1 h2 p ul li em hr strong"
    for text, known in zip((table, (tmp_path / "a.md").read_text(encoding="utf-8")), tags, strict=True):
        page = page_of(str(mistune.create_markdown(escape=False, plugins=["url", "table"])(text)))
        assert page.tags <= {*known.split()}
        assert "evil" in page.text


# ---- the terminal -------------------------------------------------------------------------------------------------------

PRINTED = ["check", *(f"show annex --format {form}" for form in ("text", "csv", "json", "md")), "show paragraphs",
           "show actions --format csv", "evidence annex 0 action", "agenda 25", "show \x1b[2J\u202e", "brief \x1b[2J a.md",
           "show annex \x1b[2J\u202e"]  # fmt: skip


@pytest.mark.parametrize("words", PRINTED)
def test_control_signs_are_shown_and_not_sent(words: str, source: Path, capsys: Said) -> None:
    """Escape sequences (CSI, OSC, C1), the bell, and signs that turn the direction of what follows."""
    command, *rest = words.split()
    with suppress(SystemExit):  # of argparse
        main([command, str(source), *rest])
    printed = "".join(capsys.readouterr())
    sent = {sign for sign in printed if unicodedata.category(sign) in ("Cc", "Cf", "Cs")} - {"\n", "\t"}
    assert not sent
    assert "\\x1b" in printed or "\\u001b" in printed


def test_citations_of_a_text_send_nothing(capsys: Said) -> None:
    assert main(["cite", f"document CDIP/21/4 {BAIT} report of CDIP/19, paragraphs\u202e\x1b[2J 37 to\x9b 61"]) == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", capsys.readouterr().out)


# ---- no network, no code from documents --------------------------------------------------------------------------------

WHOLE_FLOW = """
import sys

def watch(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.")):
        if event not in ("socket.__new__", "socket.gethostname"):
            raise SystemExit(f"asked for the network: {event} {arguments}")
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn") and not allowed(arguments):
        raise SystemExit(f"started a program: {event} {arguments}")

def allowed(arguments):  # Python itself, for the one module that reads a PDF
    return arguments[0] == sys.executable and list(arguments[1][1:]) == ["-P", "-m", "cdip_analysis.read_pdf"]

sys.addaudithook(watch)
from pathlib import Path
import cdip_analysis as cdip
from cdip_analysis.cli import run
sources, out = sys.argv[2:], Path(sys.argv[1])
for n, source in enumerate(sources):
    report = cdip.load_report(source)
    report._repr_html_()
    for name, table in report.tables.items():
        if len(table):
            cdip.evidence(report, name, 0, table.columns[-1])._repr_html_()
    cdip.find_text(report, "CDIP", beside=report)
    cdip.cite(report.paragraphs["text"][0])
    if not n:  # the hostile one; the others are there for their readers
        list(run(report, out))
        cdip.read_excel(next(out.glob("*.xlsx")))
    cdip.commitments(report), cdip.reading_list(report), cdip.agenda(report, 25), cdip.compare(report, report)
    cdip.brief(report, None, out / f"{n}.docx"), cdip.brief(report, None, out / f"{n}.md")
cdip.load_corpus([Path(source) for source in sources])
print("done")
"""


def test_whole_flow_opens_no_connection_and_starts_only_the_reader_of_pdf(source: Path, tmp_path: Path) -> None:
    samples = sorted((Path(__file__).parent / "samples").glob("report.zh.*"))
    words = [sys.executable, "-c", WHOLE_FLOW, tmp_path / "out", source, *samples]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


def test_the_reader_of_pdf_opens_no_connection_and_starts_no_program() -> None:
    watched = WHOLE_FLOW.partition("from pathlib")[0].replace("return arguments[0]", "return False")
    code = f"{watched}\nimport runpy; runpy.run_module('cdip_analysis.read_pdf', run_name='__main__')"
    data = (Path(__file__).parent / "samples" / "report.zh.pdf").read_bytes()
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) > 50


# ---- licences ------------------------------------------------------------------------------------------------------------

COPYLEFT = re.compile(r"\b(?:A?GPL|LGPL|MPL|EPL|CDDL|EUPL)|GNU|Mozilla|Eclipse Public")


def needed(requirements: list[str]) -> set[str]:
    """Names of all that these requirements install here, by what the installed packages say of themselves."""
    names: set[str] = set()
    queue = [Requirement(line) for line in requirements]
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        if name not in names and (not requirement.marker or requirement.marker.evaluate({"extra": ""})):
            names.add(name)
            queue += [Requirement(line) for line in metadata.requires(name) or ()]
    return names


def test_copyleft_packages_of_the_lock_are_named_and_none_is_in_the_core() -> None:
    root = Path(__file__).parents[1]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (root / "requirements.lock").read_text(encoding="utf-8"), re.M))
    found = set()
    for name in sorted(locked):
        with suppress(metadata.PackageNotFoundError):  # of another platform
            about = metadata.metadata(name).json
            said = (about.get("license_expression"), str(about.get("license", ""))[:80], about.get("classifier"))
            found |= {name} if COPYLEFT.search(str(said)) else set()
    told = (root / "SECURITY.md").read_text(encoding="utf-8").partition("## Licences")[2]
    assert found <= set(re.findall("[a-z-]+", told))
    assert not found & needed(metadata.requires("cdip-analysis") or [])


def test_package_evaluates_nothing() -> None:
    for path in Path(cdip.__file__).parent.glob("*.py"):
        assert not re.search(r"\b(eval|exec)\(|import pickle|shell=True|os\.system", path.read_text("utf-8")), path
