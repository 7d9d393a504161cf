"""Word files: what WIPO's templates do and a plain reader loses, one file built by hand for each."""

from pathlib import Path

import pytest
from documents import cell, docx, level, listed, p, packed, r, row

from cdip_analysis import ReportError, load_report
from cdip_analysis.model import Block
from cdip_analysis.read_docx import read_docx


def blocks(data: bytes) -> list[Block]:
    return read_docx(data, "x.docx")


def texts(data: bytes) -> list[str]:
    return [block.text for block in blocks(data)]


LISTS = [  # kind, its levels
    (7, level(0, "decimal", "%1.") + level(1, "lowerLetter", "(%2)") + level(2, "lowerRoman", "(%3)")),
    (8, level(0, "bullet", "•")),
    (9, level(0, "decimal", "%1", 5) + level(1, "decimal", "%1.%2")),
]
ANEW = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
NUMBERING = "".join(f'<w:abstractNum w:abstractNumId="{n}">{levels}</w:abstractNum>' for n, levels in LISTS)
for n, kind, override in ((1, 7, ""), (2, 7, ANEW), (3, 8, ""), (4, 9, "")):
    NUMBERING += f'<w:num w:numId="{n}"><w:abstractNumId w:val="{kind}"/>{override}</w:num>'
AUTONUM = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> AUTONUM  </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
SIMPLE_AUTONUM = '<w:fldSimple w:instr=" AUTONUM  \\* Arabic "/>'
STYLES = (
    f'<w:style w:styleId="Base"><w:pPr>{listed(1)}</w:pPr></w:style><w:style w:styleId="ONUME"><w:basedOn w:val="Base"/>'
    '</w:style><w:style w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>'
)
BY_STYLE, LOOP = '<w:pStyle w:val="ONUME"/>', '<w:pStyle w:val="Loop"/>'
INSERTED = f"<w:ins>{r(' and took note')}</w:ins>"
DELETED = "<w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
GONE = row(cell("old"), cell("old"), properties="<w:del/>")
LINK = '<Relationship Id="rId9" Type="hyperlink" Target="https://www.wipo.int/a(1).pdf" TargetMode="External"/>'


def field(code: str) -> str:
    """A field up to its result."""
    begin, separate = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate"))
    return f"{begin}<w:r><w:instrText>{code}</w:instrText></w:r>{separate}"


def control(inner: str) -> str:
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


def mark(properties: str) -> str:
    return f"<w:rPr>{properties}</w:rPr>"


def unseen(tag: str, inner: str) -> str:
    """A paragraph of a list that was deleted, or moved elsewhere, with its mark."""
    return f"<w:p><w:pPr>{listed(1)}{mark(f'<w:{tag}/>')}</w:pPr>{inner}</w:p>"


BROKEN_CELL = "<w:tc><w:p><w:r><w:t>Report</w:t><w:tab/><w:t>of</w:t><w:br/><w:t>CDIP/21</w:t></w:r></w:p></w:tc>"
FULL_CELL = f"<w:tc>{p('One')}{p('Two')}<w:tbl>{row(cell('a'), cell('b'))}</w:tbl>{p()}</w:tc>"
LEVELS = [("One", 0), ("a", 1), ("b", 1), ("i", 2), ("Two", 0), ("a anew", 1)]
READ: dict[str, tuple[str, list[str]]] = {
    "numbers of a list, with their levels": ("".join(p(text, listed(1, at)) for text, at in LEVELS), ["1. One", "(a) a", "(b) b", "(i) i", "2. Two", "(a) a anew"]),
    "a list runs on over other paragraphs, and starts anew where the file says so": (p("One", listed(1)) + p("Heading") + p("Two", listed(1)) + p("Anew", listed(2)) + p("Next", listed(2)), ["1. One", "Heading", "2. Two", "1. Anew", "2. Next"]),
    "the number comes from a style, and from the style that it rests on": (p("One", BY_STYLE) + p("Off", f'{BY_STYLE}<w:numPr><w:numId w:val="0"/></w:numPr>') + p("Two", BY_STYLE) + p("Loop", LOOP), ["1. One", "Off", "2. Two", "Loop"]),
    "bullets, starts and bare numbers": (p("point", listed(3)) + p("Five", listed(4)) + p("sub", listed(4, 1)) + p("Six", listed(4)), ["- point", "5. Five", "5.1 sub", "6. Six"]),
    "fields that number, of which Word keeps no result": (p(inner=AUTONUM + r("One")) + p("Heading") + p(inner=SIMPLE_AUTONUM + r("Two")) + p(inner=AUTONUM + r("Three")), ["1. One", "Heading", "2. Two", "3. Three"]),
    "tracked changes, as accepted": (p(inner=r("1. The Committee ") + DELETED + r("met") + INSERTED + r(".")), ["1. The Committee met and took note."]),
    "a deleted paragraph mark joins two paragraphs": (p("One ", mark("<w:del/>")) + p("and two"), ["One and two"]),
    "a deleted row is gone": (f"<w:tbl>{GONE}{row(cell('new'), cell('new'))}</w:tbl>", ["new\nnew"]),
    "a deleted cell is gone": (f"<w:tbl>{row(cell('a'), cell('x', '<w:cellDel/>'), cell('b'))}</w:tbl>", ["a\nb"]),
    "a deleted paragraph is not counted, and a moved one leaves no line": (p("One", listed(1)) + unseen("del", DELETED) + p("Two", listed(1)) + unseen("moveFrom", f"<w:moveFrom>{r('x')}</w:moveFrom>") + p("Three", listed(1)), ["1. One", "2. Two", "3. Three"]),
    "moved text is read where it went": (p(inner=f"<w:moveFrom>{r('moved')}</w:moveFrom>") + p(inner=f"<w:moveTo>{r('moved')}</w:moveTo>"), ["moved"]),
    "content controls round paragraphs, runs, rows and cells": (control(p("One")) + p(inner=r("Two ") + control(r("three"))) + f"<w:tbl>{control(row(control(cell('a')), cell('b')))}</w:tbl>", ["One", "Two three", "a\nb"]),
    "links keep their address": (p(inner=r("see ") + f'<w:hyperlink r:id="rId9">{r("report")}</w:hyperlink>' + r(", ") + field(' HYPERLINK "https://www.wipo.int/b" ') + r("summary") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>' + r(".")), ["see [report](https://www.wipo.int/a%281%29.pdf), [summary](https://www.wipo.int/b)."]),
    "a link that is never closed loses no text": (p(inner=field(' HYPERLINK "x" ') + r("kept")) + p("next"), ["kept", "next"]),
    "line breaks and tabs stay in the cell": (f"<w:tbl>{row(BROKEN_CELL, cell('x'))}</w:tbl>", ["Report of\nCDIP/21\nx"]),
    "paragraphs and a table within a cell are its text": (f"<w:tbl>{row(FULL_CELL, cell('x'))}</w:tbl>", ["One\nTwo\na\nb\nx"]),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_a_plain_reader_loses(name: str) -> None:
    body, expected = READ[name]
    assert texts(docx(body, numbering=NUMBERING, styles=STYLES, rels=LINK)) == expected


# ---- tables ------------------------------------------------------------------------------------------------------------

MERGED, DOWN, ACROSS = '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="4"/>'
HEADINGS = ("Action", "Implementation", "CDIP consideration", "Summary by the Chair")
HEADING_ROW = row(*map(cell, HEADINGS), properties="<w:tblHeader/>")
TABLE = (
    HEADING_ROW
    + row(cell("Paragraph 1", ACROSS))
    + row(cell("Compile practices", MERGED), cell("Compilation (CDIP/21/4)"), cell("x"), cell("y"))
    + row(cell("", DOWN), cell("Prototype (CDIP/23/9)"), cell("z"), cell("w"))
)


def test_cells_merged_down_and_across_are_empty() -> None:
    assert [block.cells for block in blocks(docx(f"<w:tbl>{TABLE}</w:tbl>"))] == [
        HEADINGS,
        ("Paragraph 1", "", "", ""),
        ("Compile practices", "Compilation (CDIP/21/4)", "x", "y"),
        ("", "Prototype (CDIP/23/9)", "z", "w"),
    ]


def test_an_annex_broken_in_two_tables_goes_on() -> None:
    more = HEADING_ROW + row(cell("Peer review"), cell("Report (CDIP/19/10)"), cell("u"), cell("v"))
    body = p("1. The Committee met at its twenty-fourth session.") + f"<w:tbl>{TABLE}</w:tbl>" + p()
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


ROWS = [(0, "no annex table"), (1, "not read as entries: 1"), (2, "not read as entries: 2")]


@pytest.mark.parametrize(("rows", "note"), ROWS)
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
    notes = '<w:footnote w:id="2">' + p("Summary by the Chair CDIP/17, Appendix I, paragraph 5") + "</w:footnote>"
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    body = p(inner=r("1. The Committee") + reference + r(" met in the year.")) + p("2. It took note of the proposal.")
    report = load_report(docx(body, footnotes=notes))
    assert list(report.paragraphs["text"]) == ["The Committee met in the year.", "It took note of the proposal."]
    (note,) = [passage for passage in report.passages if passage.kind == "footnote"]
    assert (note.paragraph, note.line) == (1, 2)
    assert list(report.citations["target"]) == ["CDIP/17 summary appendix I 5"]


def test_text_boxes_are_read_once() -> None:
    box = f"<w:txbxContent>{p('CDIP/24/5')}</w:txbxContent>"
    both = (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    found = blocks(docx(p(inner=both + r("Geneva")) + p("1. The Committee met.")))
    assert [(block.text, block.kind) for block in found] == [("Geneva", ""), ("CDIP/24/5", "box"), ("1. The Committee met.", "")]  # fmt: skip
    body = p("1. The Committee met in") + p(inner=both) + p("the year.") + p("2. It took note of it.")
    assert list(load_report(docx(body)).paragraphs["text"]) == [
        "The Committee met in\nthe year.",
        "It took note of it.",
    ]


# ---- hidden text, which Word does not print --------------------------------------------------------------------------

HIDDEN = "<w:vanish/>"
HIDING = (
    '<w:style w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style><w:style w:styleId="Under"><w:basedOn w:val="Secret"/>'
    '</w:style><w:style w:styleId="Shown"><w:basedOn w:val="Secret"/><w:rPr><w:vanish w:val="0"/></w:rPr></w:style>'
    '<w:style w:styleId="Dust"><w:rPr><w:sz w:val="3"/></w:rPr></w:style>'
)


def styled(text: str, properties: str) -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


UNDER = '<w:pStyle w:val="Under"/>'
FOOTNOTE = '<w:footnote w:id="2">' + p("not for print") + "</w:footnote>"
IN_WHITE = '<w:color w:val="FFFFFF"/>'
WHITE = f"<w:tc><w:tcPr><w:shd w:fill='00B050'/></w:tcPr>{p(inner=styled('a', IN_WHITE))}</w:tc>"
HIDDEN_TEXTS: list[tuple[str, str, list[str], str]] = [
    ("a run", p(inner=r("a ") + styled("x ", HIDDEN) + r("b")), ["a b"], "x"),
    ("a run that says it is not", p(inner=styled("a", '<w:vanish w:val="false"/>')), ["a"], ""),
    ("the style of a run, by the one it rests on", p(inner=r("a") + styled("x", '<w:rStyle w:val="Under"/>')), ["a"], "x"),
    ("a style that shows again", p(inner=styled("a", '<w:rStyle w:val="Shown"/>')), ["a"], ""),
    ("the style of a paragraph", p("x", UNDER) + p("a"), ["a"], "x"),
    ("both styles: they undo each other", p(inner=styled("a", '<w:rStyle w:val="Under"/>'), properties=UNDER), ["a"], ""),
    ("a paragraph with its mark", p(inner=styled("x", HIDDEN), properties=mark(HIDDEN)) + p("a"), ["a"], "x"),
    ("the last paragraph", p("a") + p("x", UNDER), ["a"], "x"),
    ("a mark: the heading runs on", p("1. a: ", mark(f"{HIDDEN}<w:specVanish/>")) + p("b"), ["1. a: b"], ""),
    ("a mark that is hidden always", p("a ", mark("<w:specVanish/>")) + p("b"), ["a b"], ""),
    ("a mark before a table", p("a", mark(HIDDEN)) + f"<w:tbl>{row(cell('b'), cell('c'))}</w:tbl>", ["a", "b\nc"], ""),
    ("a row", f"<w:tbl>{row(cell('x'), cell('y'), properties='<w:hidden/>')}{row(cell('a'), cell('b'))}</w:tbl>", ["a\nb"], "x y"),
    ("a footnote", p(inner=r("a") + '<w:r><w:rPr><w:vanish/></w:rPr><w:footnoteReference w:id="2"/></w:r>'), ["a"], "not for print"),
    ("a text box", p(inner=r("a") + f"<w:r><w:rPr><w:vanish/></w:rPr><w:pict><w:txbxContent>{p('x')}</w:txbxContent></w:pict></w:r>"), ["a"], "x"),
    ("a link", p(inner=r("a") + f'<w:hyperlink w:anchor="x">{styled("x", HIDDEN)}</w:hyperlink>'), ["a"], "x"),
    ("in a link", p(inner=f'<w:hyperlink w:anchor="x">{r("a")}{styled("x", HIDDEN)}</w:hyperlink>'), ["[a](#x)"], "x"),
    ("numbers are left out by hidden paragraphs", p("a", listed(1)) + p("", listed(1) + mark(HIDDEN)) + p("b", listed(1)), ["1. a", "3. b"], ""),
    ("the number of a list", p("a", listed(5)), ["a"], "1."),
    ("white", p(inner=r("a ") + styled("x", '<w:color w:val="FFFFFF"/>')), ["a"], "x"),
    ("nearly white", p(inner=r("a ") + styled("x", '<w:color w:val="fefeff"/>')), ["a"], "x"),
    ("white on a colour", p(inner=styled("a", '<w:color w:val="FFFFFF"/><w:shd w:fill="1F3864"/>')), ["a"], ""),
    ("white in a cell with a colour", f"<w:tbl>{row(WHITE, cell('b'))}</w:tbl>", ["a\nb"], ""),
    ("smaller than 2 points", p(inner=r("a ") + styled("x", '<w:sz w:val="2"/>')), ["a"], "x"),
    ("smaller than 2 points, by its style", p(inner=r("a ") + styled("x", '<w:rStyle w:val="Dust"/>')), ["a"], "x"),
    ("a number by field", p(inner=AUTONUM.replace("<w:r>", f"<w:r><w:rPr>{HIDDEN}</w:rPr>") + r("a")) + p(inner=AUTONUM + r("b")), ["a", "1. b"], ""),
]  # fmt: skip


@pytest.mark.parametrize(("case", "body", "read", "left"), HIDDEN_TEXTS)
def test_hidden_text_is_not_read_and_told(case: str, body: str, read: list[str], left: str) -> None:
    hiding = '<w:abstractNum w:abstractNumId="5"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/>'
    hiding += f'{mark(HIDDEN)}</w:lvl></w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="5"/></w:num>'
    found = blocks(docx(body, styles=HIDING, numbering=NUMBERING + hiding, footnotes=FOOTNOTE))
    assert [block.text for block in found] == read
    hidden = [("structure.hidden_text", {"words": left})] if left else []
    assert [odd for block in found for odd in block.odd] == hidden


def test_hidden_text_is_a_finding_where_it_was_and_no_citation() -> None:
    first = p(inner=r("1. The Committee met") + DELETED + INSERTED + styled(" in secret", HIDDEN) + r("."))
    last = p(inner=r("2. It took note of the document.") + styled(" (CDIP/21/4)" * 99, HIDDEN))
    report = load_report(docx(first + last))
    assert report.citations.empty
    assert report.findings["note"].str.contains("tracked changes.*1 deletions, 1 insertions").any()
    hidden = report.findings[report.findings["note"].str.startswith("hidden text")]
    assert list(hidden["paragraph"]) == [1, 2]
    assert "[… 687 …]" in hidden["note"].iloc[1]  # as long as a finding shows it


@pytest.mark.parametrize("hiding", ["<w:vanish/>", '<w:color w:val="FFFFFF"/>', '<w:sz w:val="1"/>'])
@pytest.mark.parametrize("of", ["the default style", "all text"])
def test_what_hides_every_paragraph_is_seen(hiding: str, of: str) -> None:
    shows = '<w:vanish w:val="0"/><w:color w:val="000000"/><w:sz w:val="24"/>'
    styles = {
        "the default style": f'<w:style w:type="paragraph" w:default="1" w:styleId="Normal">{mark(hiding)}</w:style>',
        "all text": f"<w:docDefaults><w:rPrDefault>{mark(hiding)}</w:rPrDefault></w:docDefaults>",
    }
    found = blocks(docx(p("x") + p(inner=styled("1. a", shows)), styles=styles[of]))
    assert [(block.text, block.odd) for block in found] == [("1. a", (("structure.hidden_text", {"words": "x"}),))]


def raised(text: str, how: str = "superscript") -> str:
    return styled(text, f'<w:vertAlign w:val="{how}"/>')


MISLEADING = {
    "a raised figure after a symbol": (r("document CDIP/21/4") + raised("3"), "document CDIP/21/4³", "CDIP/21/4"),
    "a raised figure after a range": (r("report of CDIP/21, paragraphs 98-112") + raised("4"), "report of CDIP/21, paragraphs 98-112⁴", "CDIP/21 report 98-112"),
    "a lowered figure": (r("document CDIP/21/4") + raised("2", "subscript"), "document CDIP/21/4₂", "CDIP/21/4"),
    "a raised figure by a style": (r("document CDIP/21/4") + styled("3", '<w:rStyle w:val="Up"/>'), "document CDIP/21/4³", "CDIP/21/4"),
    "a figure struck out": (r("document CDIP/21/") + styled("3", "<w:strike/>") + r("4"), "document CDIP/21/4", "CDIP/21/4"),
    "a figure struck out twice": (r("document CDIP/21/") + styled("3", "<w:dstrike/>") + r("4"), "document CDIP/21/4", "CDIP/21/4"),
    "a hidden figure": (r("document CDIP/21/4") + styled("3", '<w:sz w:val="2"/>'), "document CDIP/21/4", "CDIP/21/4"),
    "the letters of an ordinal are read": (r("the report of the 21") + raised("st") + r(" session of the CDIP, paragraph 5"), "the report of the 21st session of the CDIP, paragraph 5", "CDIP/21 report 5"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISLEADING)
def test_marks_are_no_part_of_a_reference(case: str) -> None:
    inner, text, target = MISLEADING[case]
    styles = '<w:style w:styleId="Up"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
    body = p("1. The Committee met.") + p(inner=r("2. It took note of ") + inner + r("."))
    report = load_report(docx(body, styles=styles))
    assert report.paragraphs["text"][1] == f"It took note of {text}."
    assert list(report.citations["target"]) == [target]
    if "struck" in case:
        assert report.findings["note"].str.contains("struck.*: 3").any()


# ---- files that cannot be read; those made to fill memory are in hostile.py ------------------------------------------

LAUGHS = (
    "<!DOCTYPE lolz [<!ENTITY l0 'ha'>" + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"
)
GOOD = docx(p("1. The Committee met in the year.") + p("2. It took note of the document."))


def word(xml: str) -> bytes:
    return packed({"word/document.xml": xml})


UNREADABLE = {
    "cut off": (GOOD[: len(GOOD) // 2], "cannot be read"),
    "damaged within": (GOOD[:60] + b"\0" * 40 + GOOD[100:], "cannot be read"),
    "another zip archive": (packed({"xl/workbook.xml": "<x/>"}), "holds no Word document"),
    "broken XML": (word("<w:document"), "cannot be read"),
    "no body": (word("<html/>"), "begins with <html>"),
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
