"""One document as .txt, .docx and .pdf is one; and what a PDF hides: paragraphs, broken rows, running heads, notes."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from conftest import CASES, each
from documents import Text, pdf

from cdip_analysis import Report, ReportError, load_report
from cdip_analysis.model import Block
from cdip_analysis.pdf_page import _cell, _lines
from cdip_analysis.read_pdf import is_head, read_apart, read_pdf
from cdip_analysis.schema import tables

SAMPLES = Path(__file__).parent / "samples"
TABLES = [table for table in tables().values() if table.group == "table"]


# ---- format equality: files that LibreOffice wrote from the shipped report (tests/make_samples.py) -------------------


def folded(text: str) -> str:
    """A text with its white space folded, and with the address of links as the text edition has lost them.

    Beside a Chinese sign LibreOffice sets a little room, which in a PDF is a blank.
    """
    one = " ".join(re.sub(r"\]\([^()]*\)", "](#)", text).split())
    return re.sub(
        r"(?<=[\u2e80-\uffff]) | (?=[\u2e80-\uffff])|(?<=[\u2e80-\uffff]\]\(#\)) | (?=\[[\u2e80-\uffff])", "", one
    )


@pytest.fixture(scope="module", params=["zh.docx", "zh.pdf", "en.docx", "en.pdf"])
def pair(request: pytest.FixtureRequest) -> tuple[Report, Report]:
    """The text edition, and the same as LibreOffice wrote it."""
    return load_report(language=request.param[:2]), load_report(SAMPLES / f"report.{request.param}")


@pytest.mark.parametrize("name", [table.name for table in TABLES])
def test_tables_are_equal_in_what_does_not_depend_on_the_language(pair: tuple[Report, Report], name: str) -> None:
    columns = [column.name for column in tables()[name].columns if column.language_independent]
    text, other = (report.frame(name)[columns] for report in pair)
    if name == "findings":  # the links of the text lead nowhere, those of the samples do not
        text = text[text["kind"] != "dead_links"].reset_index(drop=True)
    pd.testing.assert_frame_equal(other, text)


def test_passages_headers_and_links_are_equal_and_nothing_is_unread(pair: tuple[Report, Report]) -> None:
    text, other = pair
    passages = ([(p.kind, p.place, folded(p.text)) for p in report.passages] for report in pair)
    assert next(passages) == next(passages)
    assert re.fullmatch("header, line [0-9]+", text.passages[0].where)
    assert re.fullmatch("header, paragraph or row 1|header, page 1", other.passages[0].where)
    assert other.header == text.header
    assert other.header.symbol is None, "no running head is taken for it"
    assert other.unread.empty
    assert "](https://www.wipo.int/meetings/" in "".join(p.text for p in other.passages)


def test_samples_can_be_made_again(tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not here: the committed files in tests/samples stand for what it writes")
    sys.path.insert(0, str(Path(__file__).parent))
    from make_samples import write

    write("en", "docx", tmp_path)
    again, committed = (load_report(folder / "report.en.docx") for folder in (tmp_path, SAMPLES))
    assert [p.text for p in again.passages] == [p.text for p in committed.passages]


# ---- pages built by hand ---------------------------------------------------------------------------------------------


def blocks(data: bytes) -> list[Block]:
    return read_pdf(data, "x.pdf")


def texts(data: bytes) -> list[str]:
    return [block.text for block in blocks(data)]


WIDE = "1. The Committee took note of the information that stands in the document which was"  # as wide as the page
FULL = "submitted to it, and of what the Secretariat and the delegations of many countries said"


def column(*lines: str, top: float = 50, step: float = 12) -> list[Text]:
    return [(50, top + step * n, 10, line) for n, line in enumerate(lines)]


PAGES: dict[str, tuple[list[list[Text]], list[str]]] = {
    "lines are joined, and a short one ends the paragraph": ([column(WIDE, FULL, "then.", "Follow-up", "2. It closed.")], [f"{WIDE} {FULL} then.", "Follow-up", "2. It closed."]),
    "a wide gap ends a paragraph, whatever the width of its last line": ([column(WIDE, FULL) + column(FULL, "then.", top=90)], [f"{WIDE} {FULL}", f"{FULL} then."]),
    "a paragraph goes on over a page": ([column(FULL, FULL), column("of the meeting.")], [f"{FULL} {FULL} of the meeting."]),
    "a heading does not": ([column(FULL, f"{FULL[:-4]}end."), column("Follow-up:")], [f"{FULL} {FULL[:-4]}end.", "Follow-up:"]),
    "words cut at a hyphen, symbols cut at a slash": ([column(f"{FULL[:-13]} CDIP/", f"21/4 {FULL[:-20]} South-", "South cooperation"), column("")], [f"{FULL[:-13]} CDIP/21/4 {FULL[:-20]} South-South cooperation"]),
    "a paragraph ends with a symbol on the next page": ([column(WIDE, f"{FULL[:-4]}in document", top=700), column("CDIP/25/3", "2. The Committee met.", step=25)], [f"{WIDE} {FULL[:-4]}in document CDIP/25/3", "2. The Committee met."]),
    "a document of two pages has a running head by its page number": ([column("CDIP/30/5", "1. It met.", step=30), column("CDIP/30/5", "page 2", "2. It closed.", top=20)], ["CDIP/30/5", "1. It met.", "2. It closed."]),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_lines_become_paragraphs(name: str) -> None:
    pages, expected = PAGES[name]
    assert texts(pdf(*pages)) == expected


RUNNING = ["CDIP/30/5", "CDIP/30/5 Annex, page {}", "page {}", "- {} -", "CDIP/23/17 Prov.page {}"]


@pytest.mark.parametrize("head", RUNNING)
def test_running_heads_are_dropped_and_not_glued_to_the_text(head: str) -> None:
    said = ["Africa", "Asia", "Europe"]
    pages: list[list[Text]] = []
    for n, who in enumerate(said, 1):
        spoke = [(50.0, 100.0, 10.0, f"In {who} much was done."), (50.0, 140.0 + 20 * n, 10.0, f"{who} spoke.")]
        pages.append([(50.0, 30.0, 10.0, head.format(n)), *spoke])
    pages[0][0] = (50, 30, 10, "CDIP/30/5 ORIGINAL: ENGLISH")
    body = [words for who in said for words in (f"In {who} much was done.", f"{who} spoke.")]
    assert texts(pdf(*pages)) == ["CDIP/30/5 ORIGINAL: ENGLISH", *body]


def test_a_symbol_alone_at_the_edge_of_a_page_is_text_unless_it_repeats() -> None:
    """A list of documents: each page begins or ends with a symbol, one of them that of the list itself."""
    said = ["CDIP/25/9", *(words for n in range(1, 60) for words in (f"{n}. Agenda item {n}:", f"CDIP/25/{n}"))]
    for per_page in (9, 10, 27, 40):
        pages: list[Sequence[Text]] = [
            [(50, 60 + 17 * row, 10, words) for row, words in enumerate(said[at : at + per_page])]
            for at in range(0, len(said), per_page)
        ]
        assert " ".join(texts(pdf(*pages))) == " ".join(said), per_page
        headed = [[(50.0, 20.0, 10.0, "CDIP/25/9"), *page] for page in pages]
        assert " ".join(texts(pdf(*headed))) == " ".join(["CDIP/25/9", *said]), "on the first page it is the document's"


@pytest.mark.parametrize(
    "line", ["{0}. The Chair closed item {0}.", "CDIP/25/{0}", "{1}", "Item {1} was closed.", "The item was closed."]
)
def test_lines_at_one_height_that_differ_in_figures_are_text(line: str) -> None:
    pages: list[Sequence[Text]] = [
        [(50, 50, 10, line.format(n, n * n + 3)), (50, 67, 10, f"{what} was closed."), (50, 84, 10, f"{what} began.")]
        for n, what in enumerate(["Item", "Project", "Study", "Session"], 1)
    ]
    assert " ".join(texts(pdf(*pages))) == " ".join(words for page in pages for *_, words in page)


def test_a_head_that_words_do_not_tell_is_named_in_a_note_and_a_plain_one_is_not() -> None:
    pages: list[Sequence[Text]] = [
        [(50, 20, 10, "Draft of a report"), (50, 80, 10, f"{n}. {who} spoke.")]
        + [(50, 92 + 12 * row, 10, f"{who} spoke.") for row in range(3 * n)]
        + [(300, 780, 10, f"- {n} -")]
        for n, who in enumerate(["Africa", "Asia", "Europe"], 1)
    ]
    found = blocks(pdf(*pages))
    assert [block.text for block in found if "spoke" not in block.text] == []
    assert [odd for block in found for odd in block.odd] == [
        ("structure.running_heads", {"lines": "'Draft of a report' × 3"})
    ]


@pytest.mark.parametrize("text", CASES["heads"]["yes"].split("|"))
def test_wording_of_running_heads(text: str) -> None:
    assert is_head(text)


@pytest.mark.parametrize("text", CASES["heads"]["no"].split("|"))
def test_text_at_the_top_of_a_page_is_no_running_head(text: str) -> None:
    assert not is_head(text)


def test_footnotes_stand_apart_and_their_marks_are_not_glued_to_the_text() -> None:
    page = [
        (50, 50, 10, "1. The Committee considered the proposal"),
        (237, 46, 6, "1"),
        (242, 50, 10, " of Spain."),
        (50, 62, 10, "2. It took note."),
        (50, 700, 7, "1 Summary by the Chair CDIP/17, Appendix I, paragraph 5"),
    ]
    found = [(" ".join(block.text.split()), block.kind) for block in blocks(pdf(page))]
    assert found == [
        ("1. The Committee considered the proposal of Spain.", ""),
        ("2. It took note.", ""),
        ("Summary by the Chair CDIP/17, Appendix I, paragraph 5", "footnote"),
    ]


def test_a_link_beside_the_mark_of_a_footnote_stands_once() -> None:
    page = [(50, 50, 10, "1. See report"), (112, 46, 6, "1"), (50, 62, 10, "2. It took note.")]
    link = "<< /Type /Annot /Subtype /Link /Rect [79 745 112 760] /A << /S /URI /URI (https://www.wipo.int/) >> >>"
    assert texts(pdf(page, links=link)) == ["1. See [report](https://www.wipo.int/)", "2. It took note."]


GRID = "".join(f"{x} {y0} m {x} {y1} l S\n" for x in (50, 200, 350) for y0, y1 in [(660, 740)])
GRID += "".join(f"50 {y} m 350 {y} l S\n" for y in (660, 700, 740))


def grid(*cells: str) -> list[Text]:
    """The words of two rows of two cells."""
    places = [(54.0, 75.0), (204.0, 75.0), (54.0, 112.0), (204.0, 112.0)]
    return [(x, y, 10.0, words) for (x, y), words in zip(places, cells, strict=True)]


def test_a_row_that_a_page_breaks_is_one_row() -> None:
    first = grid("Compile practices", "Document", "Peer review", "The report on the practices")
    second = grid("", "and tools (CDIP/21/4)", "Web page", "Improvements")
    assert [block.cells for block in blocks(pdf(first, second, extra=GRID))] == [
        ("Compile practices", "Document"),
        ("Peer review", "The report on the practices and tools (CDIP/21/4)"),
        ("Web page", "Improvements"),
    ]


def test_a_row_that_begins_on_a_new_page_is_a_row_of_its_own() -> None:
    found = blocks(pdf(grid(*"ABCD"), grid(*"EFGH"), extra=GRID))
    assert [block.cells for block in found] == [tuple("AB"), tuple("CD"), tuple("EF"), tuple("GH")]


def test_the_mark_of_a_footnote_is_not_glued_to_a_number_in_a_cell() -> None:
    page = [*grid("A", "B", "C", "paragraph 24"), (264.0, 108.0, 6.0, "1")]
    assert blocks(pdf(page, extra=GRID))[1].cells == ("C", "paragraph 24")


def test_words_within_a_table_that_stand_in_no_cell_are_not_lost() -> None:
    """Three cells with borders, and the words of the fourth, which has none below and on its right."""
    lines = "50 660 m 50 740 l S 200 660 m 200 740 l S 350 700 m 350 740 l S\n"
    lines += "50 740 m 350 740 l S 50 700 m 350 700 l S 50 660 m 200 660 l S\n"
    page = [(54, 75, 10, "A"), (204, 75, 10, "B"), (54, 112, 10, "C"), (204, 120, 10, "D stands alone")]
    found = blocks(pdf(page, extra=lines))
    assert [block.cells or block.text for block in found] == [("A", "B"), ("C", ""), "D stands alone"]


def test_lines_of_arabic_in_a_cell_follow_from_top_to_bottom() -> None:
    def characters(text: str, top: float) -> list[dict[str, object]]:
        at = {"top": top, "bottom": top + 10, "doctop": top, "upright": True, "size": 10.0}
        return [{"text": one, "x0": 9.0 * n, "x1": 9.0 * n + 9, **at} for n, one in enumerate(text[::-1])]

    words = ["تقرير الدورة", "التاسعة عشرة"]
    drawn = characters(words[0], 0) + characters(words[1], 12)
    assert _cell(list(_lines(drawn)), (0, 0, 200, 30)).text == " ".join(words)


# ---- text that a reader of the page does not see -----------------------------------------------------------------------

SEEN = (50.0, 50.0, 10.0, "1. The Committee took note of document CDIP/21/4.")


@each("unseen", "drawn, kind")
def test_text_that_is_not_seen_is_left_out_and_said(drawn: str, kind: str) -> None:
    (block,) = blocks(pdf([SEEN], extra=drawn))
    assert block.text == SEEN[3]
    assert block.odd == ((f"structure.{kind}_text", {"words": "2. See CDIP/23/9"}),)


@each("seen", "drawn")
def test_text_that_is_seen_is_read(drawn: str) -> None:
    found = blocks(pdf([SEEN], extra=drawn))
    assert [(block.text, block.odd) for block in found] == [(SEEN[3], ()), ("2. See CDIP/23/9", ())]


# ---- errors ------------------------------------------------------------------------------------------------------------

PICTURE = "/XObject << /Im0 << /Type /XObject >> >>"
IMAGE = "q 500 0 0 700 50 50 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x7f EI Q\n"
LOCK = "/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + "00" * 32 + "> /U <" + "11" * 32 + "> >>"
BROKEN = {
    "scanned": (pdf([], extra=IMAGE), "a scanned PDF: pictures of pages, and no text"),
    "empty page": (pdf([]), "a PDF without any text"),
    "password": (pdf([(50, 50, 10, "1. Text")], trailer=LOCK), "a password-protected PDF"),
    "cut off": (pdf([(50, 50, 10, "1. The Committee met.")])[:60], "a PDF that cannot be read|without any text"),
    "not a PDF within": (b"%PDF-1.7\n" + b"\0" * 300, "a PDF that cannot be read|without any text"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_pdf_gives_one_clear_error(name: str) -> None:
    data, words = BROKEN[name]
    with pytest.raises(ReportError, match=f"(?s)(?:{words}).*\\. [A-Z].*\\.$"):
        load_report(data)


def test_what_pdfminer_logs_reaches_no_reader(tmp_path: Path) -> None:
    path = tmp_path / "odd.pdf"
    path.write_bytes(pdf([(50, 50, 10, "1. The Committee met at its session.")], extra="(x) g /P1 scn BT /F9 9 Tf ET"))
    code = "import sys; from cdip_analysis.cli import main; main(['check', sys.argv[1], '--no-limits'])"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert (done.stderr, path.name in done.stdout) == ("", True)


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pdfplumber", None)
    with pytest.raises(ReportError, match=r"pdfplumber is not installed.*pip install \"cdip-analysis\[pdf\]\""):
        read_pdf(pdf([(50, 50, 10, "1. The Committee met.")]), "x.pdf")


def test_it_is_read_here_where_no_process_can_start(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pdf([(50, 50, 10, "1. The Committee met.")])

    def none(*_: object, **__: object) -> None:
        raise OSError("no processes here")

    monkeypatch.setattr(subprocess, "run", none)
    assert read_apart(data, "x.pdf") == read_pdf(data, "x.pdf")


def test_what_the_reading_process_finds_wrong_is_said_as_here() -> None:
    data, _ = BROKEN["scanned"]
    said = []
    for read in (read_apart, read_pdf):
        with pytest.raises(ReportError) as caught:
            read(data, "x.pdf")
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_reading_runs_no_program_of_the_folder_it_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m` looks in the current folder first, where a stranger may have put a module beside the document."""
    (tmp_path / "pdfplumber.py").write_text("raise SystemExit('a program of the folder ran')")
    monkeypatch.chdir(tmp_path)
    assert read_apart(pdf([(50, 50, 10, "1. The Committee met.")]), "x.pdf")
