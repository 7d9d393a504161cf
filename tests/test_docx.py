"""Word files: what WIPO's templates do and a plain reader loses, one file built by hand for each."""

from pathlib import Path

import pytest
from conftest import CASES, each
from documents import cell, docx, p, packed, row, xml

from cdip_analysis import ReportError, load_report
from cdip_analysis.model import Block
from cdip_analysis.read_docx import read_docx


def blocks(data: bytes) -> list[Block]:
    return read_docx(data, "x.docx")


def texts(data: bytes) -> list[str]:
    return [block.text for block in blocks(data)]


PARTS = {name: xml(text) for name, text in CASES["word_parts"].items()}
LINK = '<Relationship Id="rId9" Type="hyperlink" Target="https://www.wipo.int/a(1).pdf" TargetMode="External"/>'


@each("word", "text, expected")
def test_what_a_plain_reader_loses(text: str, expected: list[str]) -> None:
    assert texts(docx(xml(text), rels=LINK, **PARTS)) == expected


# ---- tables ------------------------------------------------------------------------------------------------------------

HEADINGS = ("Action", "Implementation", "CDIP consideration", "Summary by the Chair")
HEADING_ROW = row(*map(cell, HEADINGS), properties="<w:tblHeader/>")
ROWS = xml("""<tr><tc><tcPr><gridSpan val='4'/></tcPr><p>[Paragraph 1]</p></tc></tr>
<tr><tc><tcPr><vMerge val='restart'/></tcPr><p>[Compile practices]</p></tc><tc><p>[Compilation (CDIP/21/4)]</p></tc><tc/><tc/></tr>
<tr><tc><tcPr><vMerge/></tcPr><p/></tc><tc><p>[Prototype (CDIP/23/9)]</p></tc><tc><p>[z]</p></tc><tc><p>[w]</p></tc></tr>""")
TABLE = f"<w:tbl>{HEADING_ROW}{ROWS}</w:tbl>"


def test_cells_merged_down_and_across_are_empty() -> None:
    assert [block.cells for block in blocks(docx(TABLE))] == [
        HEADINGS,
        ("Paragraph 1", "", "", ""),
        ("Compile practices", "Compilation (CDIP/21/4)", "", ""),
        ("", "Prototype (CDIP/23/9)", "z", "w"),
    ]


def test_an_annex_broken_in_two_tables_goes_on() -> None:
    more = HEADING_ROW + row(cell("Peer review"), cell("Report (CDIP/19/10)"), cell("u"), cell("v"))
    body = p("1. The Committee met at its twenty-fourth session.") + TABLE + p()
    annex = load_report(docx(body + f"<w:tbl>{more}</w:tbl>")).annex
    assert annex[["action_id", "document", "action"]].to_numpy().tolist() == [
        ["1.1", "CDIP/21/4", "Compile practices"],
        ["1.1", "CDIP/23/9", "Compile practices"],
        ["1.2", "CDIP/19/10", "Peer review"],
    ]


def test_a_header_block_set_as_a_table_is_read() -> None:
    block = f"<w:tc>{p('CDIP/24/5')}{p('ORIGINAL: ENGLISH')}{p('DATE: AUGUST 21, 2019')}</w:tc>"
    body = f"<w:tbl>{row(cell(''), cell('E'))}{row(cell('WIPO'), block)}</w:tbl>"
    body += p("Committee on Development and Intellectual Property (CDIP)")
    body += p("Twenty-fourth Session") + p("Geneva, November 18 to 22, 2019") + p("1. The Committee met.")
    header = load_report(docx(body)).header
    assert (header.symbol, header.original_language, str(header.date)) == ("CDIP/24/5", "en", "2019-08-21")
    assert (header.session, str(header.end_date)) == (24, "2019-11-22")


@pytest.mark.parametrize(
    ("rows", "note"), [(0, "no annex table"), (1, "read as entries: 1"), (2, "read as entries: 2")]
)
def test_rows_of_the_header_block_are_not_counted_as_rows_of_an_annex(rows: int, note: str) -> None:
    head = f"<w:tbl>{row(cell('WIPO'), cell('CDIP/25/9'))}</w:tbl>"
    table = f"<w:tbl>{row(cell('Region'), cell('Events')) * rows}</w:tbl>" if rows else ""
    body = head + p("Twenty-fifth Session") + p("1. The Committee met.") + table + p("[End of document]")
    (found,) = load_report(docx(body)).findings["note"]
    assert note in found


def test_a_table_within_the_body_swallows_no_paragraph() -> None:
    table = f"<w:tbl>{row(cell('Region'), cell('Events'))}{row(cell('Africa'), cell('4'))}</w:tbl>"
    report = load_report(docx(p("1. The Committee met.") + table + p("2. It took note of the table.")))
    assert list(report.paragraphs["paragraph"]) == [1, 2]
    assert [p.text for p in report.passages if p.role == "table"] == ["Region", "Events", "Africa", "4"]


# ---- notes and boxes -------------------------------------------------------------------------------------------------


def test_footnotes_are_passages_of_their_own_and_their_citations_are_read() -> None:
    notes = xml("<footnote id='2'><p>[Summary by the Chair CDIP/17, Appendix I, paragraph 5]</p></footnote>")
    body = xml(
        "<p>[1. The Committee]<r><footnoteReference id='2'/></r>[ met in the year.]</p><p>[2. It took note of it.]</p>"
    )
    report = load_report(docx(body, footnotes=notes))
    assert list(report.paragraphs["text"]) == ["The Committee met in the year.", "It took note of it."]
    (note,) = [passage for passage in report.passages if passage.kind == "footnote"]
    assert (note.paragraph, note.line) == (1, 2)
    assert list(report.citations["target"]) == ["CDIP/17 summary appendix I 5"]


def test_text_boxes_are_read_once() -> None:
    box = "<txbxContent><p>[CDIP/24/5]</p></txbxContent>"
    choice = f"<mc:Choice><drawing>{box}</drawing></mc:Choice><mc:Fallback><pict>{box}</pict></mc:Fallback>"
    both = f"<r><mc:AlternateContent>{choice}</mc:AlternateContent></r>"
    found = blocks(docx(xml(f"<p>{both}[Geneva]</p><p>[1. The Committee met.]</p>")))
    read = [("Geneva", ""), ("CDIP/24/5", "box"), ("1. The Committee met.", "")]
    assert [(block.text, block.kind) for block in found] == read
    body = xml(f"<p>[1. The Committee met in]</p><p>{both}</p><p>[the year.]</p><p>[2. It took note of it.]</p>")
    expected = ["The Committee met in\nthe year.", "It took note of it."]
    assert list(load_report(docx(body)).paragraphs["text"]) == expected


# ---- hidden text, which Word does not print --------------------------------------------------------------------------


@each("hidden", "text, read, left")
def test_hidden_text_is_not_read_and_told(text: str, read: list[str], left: str) -> None:
    found = blocks(docx(xml(text), **PARTS))
    assert [block.text for block in found] == read
    hidden = [("structure.hidden_text", {"words": left})] if left else []
    assert [odd for block in found for odd in block.odd] == hidden


def test_hidden_text_is_a_finding_where_it_was_and_no_citation() -> None:
    changed = "<del><r><delText>never </delText></r></del><ins>[ and took note]</ins>"
    first = f"<p>[1. The Committee met]{changed}[ in secret|<vanish/>][.]</p>"
    last = f"<p>[2. It took note of the document.][{' (CDIP/21/4)' * 99}|<vanish/>]</p>"
    report = load_report(docx(xml(first + last)))
    assert report.citations.empty
    assert report.findings["note"].str.contains("tracked changes.*1 deletions, 1 insertions").any()
    hidden = report.findings[report.findings["note"].str.startswith("hidden text")]
    assert list(hidden["paragraph"]) == [1, 2]
    assert "[… 687 …]" in hidden["note"].iloc[1]  # as long as a finding shows it


@pytest.mark.parametrize("hiding", ["<vanish/>", "<color val='FFFFFF'/>", "<sz val='1'/>"])
@pytest.mark.parametrize("style", ["<style type='paragraph' default='1' styleId='Normal'>{}</style>", "<docDefaults><rPrDefault>{}</rPrDefault></docDefaults>"])  # fmt: skip
def test_what_hides_every_paragraph_is_seen(hiding: str, style: str) -> None:
    body = xml("<p>[x]</p><p>[1. a|<vanish val='0'/><color val='000000'/><sz val='24'/>]</p>")
    found = blocks(docx(body, styles=xml(style.format(f"<rPr>{hiding}</rPr>"))))
    assert [(block.text, block.odd) for block in found] == [("1. a", (("structure.hidden_text", {"words": "x"}),))]


@each("misleading", "inner, text, target")
def test_marks_are_no_part_of_a_reference(inner: str, text: str, target: str) -> None:
    report = load_report(docx(xml(f"<p>[1. The Committee met.]</p><p>[2. It took note of ]{inner}[.]</p>"), **PARTS))
    assert report.paragraphs["text"][1] == f"It took note of {text}."
    assert list(report.citations["target"]) == [target]
    if "strike" in inner:
        assert report.findings["note"].str.contains("struck.*: 3").any()


# ---- files that cannot be read; those made to fill memory are in hostile.py ------------------------------------------

LAUGHS = (
    "<!DOCTYPE lolz [<!ENTITY l0 'ha'>" + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"
)
GOOD = docx(p("1. The Committee met in the year.") + p("2. It took note of the document."))


def word(text: str) -> bytes:
    return packed({"word/document.xml": text})


UNREADABLE = {
    "cut off": (GOOD[: len(GOOD) // 2], "cannot be read"),
    "damaged within": (GOOD[:60] + b"\0" * 40 + GOOD[100:], "cannot be read"),
    "another zip archive": (packed({"xl/workbook.xml": "<x/>"}), "holds no Word document"),
    "broken XML": (word("<w:document"), "cannot be read"),
    "no body": (word("<html/>"), "holds no Word document"),
    "entity bomb": (word(f"{LAUGHS}<x>&l9;</x>"), "defines entities"),
    "external entity": (word('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'), "defines entities"),
    "nested without end": (word("<a>" * 100_000 + "</a>" * 100_000), "more than 200 elements within each other"),
    "old Word file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"old Word file \(\.doc\)"),
    "password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password-protected"),
    "nothing in it": (docx(""), "no text"),
    "no known language": (docx(p("1. Lorem ipsum dolor sit amet.")), r"no known language.*ar \(Arabic\).*zh \(Chinese\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_gives_one_clear_error(name: str) -> None:
    data, words = UNREADABLE[name]
    with pytest.raises(ReportError, match=f"(?s){words}.*\\. [A-Z].*\\.$"):
        load_report(data)


@pytest.mark.parametrize(("ending", "data"), [(".docx", b"%PDF-1.7\n"), (".pdf", GOOD), (".docx", b"1. The text.")])
def test_a_file_that_is_not_what_its_name_says(tmp_path: Path, ending: str, data: bytes) -> None:
    path = tmp_path / f"x{ending}"
    path.write_bytes(data)
    with pytest.raises(ReportError, match=rf"x\{ending}: .*what its name says"):
        load_report(path)
