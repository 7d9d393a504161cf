"""Hostile files, each under 5 KB: what a few bytes can be made to cost a program that reads them.

A shape is a function, so that what is wrong with it can be read here; none of them is a file of its own.
"""

import base64
import re
import tomllib
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

from documents import MC, W, cell, docx, level, listed, p, packed, pdf_of, r, row

BEGIN = p("The Committee took note of the report and of the documents.") + p("1. The Committee met.")


def word(body: str, **parts: str) -> Callable[[], bytes]:
    return lambda: docx(BEGIN + body, **parts)


def mark(number: int) -> str:
    return f'<w:r><w:endnoteReference w:id="{number}"/></w:r>'


def note(number: int, inner: str) -> str:
    return f'<w:endnote w:id="{number}">{inner}</w:endnote>'


def nested(times: int, before: str, inner: str, after: str) -> str:
    return before * times + inner + after * times


def field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


def run(properties: str, text: str) -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def style(name: str, below: str, properties: str = "") -> str:
    return f'<w:style w:styleId="{name}"><w:basedOn w:val="{below}"/>{properties}</w:style>'


def link(times: int) -> str:
    return f'<w:hyperlink r:id="a">{r("x")}</w:hyperlink>' * times


def kind_of_list(levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="1">{levels}</w:abstractNum>'


def one_list(number: int) -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="1"/></w:num>'


def part(xml: str, method: int = zipfile.ZIP_DEFLATED) -> Callable[[], bytes]:
    return lambda: packed({"word/document.xml": f"<w:document {W} {MC}>{xml}</w:document>"}, method)


def damaged(data: bytes) -> bytes:
    return data[:90] + bytes(byte ^ 85 for byte in data[90:130]) + data[130:]


WIDE, LATE = '<w:gridSpan w:val="60"/>', '<w:gridBefore w:val="99999"/>'
BOX = "<w:p><w:r><w:pict><w:txbxContent>"
WORD: dict[str, Callable[[], bytes]] = {
    "text boxes within text boxes": word(nested(48, BOX, p("x"), "</w:txbxContent></w:pict></w:r></w:p>")),
    "forms of one thing within each other": word(p(inner=nested(60, "<mc:AlternateContent><mc:Choice>", r("x"), f"</mc:Choice><mc:Fallback>{r('y')}</mc:Fallback></mc:AlternateContent>"))),
    "notes that refer to the next three times": word(p(inner=mark(1)), endnotes="".join(note(n, p(inner=mark(n + 1) * 3)) for n in range(1, 40))),
    "a long note referred to again and again": word(p(inner=mark(1)) * 3_000, endnotes=note(1, p("took note " * 20_000))),
    "a chain of notes": word(p(inner=mark(0)), endnotes="".join(note(n, p(inner=mark(n + 1))) for n in range(300))),
    "a long hidden note": word(p(inner=f"<w:ins>{run('<w:vanish/>', 'x')}</w:ins>" * 9_000)),
    "a long address of many links": word(p(inner=link(8_000)), rels=f'<Relationship Id="a" Target="{"b" * 900_000}"/>'),
    "a long label": word(p("x", listed(1)), numbering=kind_of_list(level(0, "upperLetter", "%1" * 90_000, 32_000)) + one_list(1)),
    "a label that many paragraphs have": word(p("x", listed(1)) * 9_000, numbering=kind_of_list(level(0, "lowerLetter", "%1" * 120, 32_000)) + one_list(1)),
    "a number that is none": word(p("x", listed(1)), numbering=kind_of_list(level(0, "decimal", "%1", 10**9)) + one_list(1)),
    "paragraphs that run on into each other": word(p("the Committee", "<w:rPr><w:moveFrom/></w:rPr>") * 9_000),
    "fields that never end": word(p(inner=field("begin")) * 15_000),
    "a field of many codes": word(p(inner=field("begin") + code("HYPERLINK ") * 15_000)),
    "a field that shows again and again": word(p(inner=field("begin") + code("x" * 500_000) + field("separate") * 9_000)),
    "links that never end": word(p(inner=(field("begin") + code("HYPERLINK") + field("separate") + r("x")) * 5_000)),
    "links within links": word(p(inner=nested(150, '<w:hyperlink r:id="a">', r("x" * 50_000), "</w:hyperlink>")), rels=f'<Relationship Id="a" Target="{"b" * 9_000}"/>'),
    "cells that go over many columns": word(f"<w:tbl>{row(cell('x', WIDE) * 9_000)}</w:tbl>"),
    "a row that begins after many columns": word(f"<w:tbl>{row(cell('x'), properties=LATE)}</w:tbl>"),
    "tables within tables": word(nested(300, "<w:tbl><w:tr><w:tc>", p("x"), "</w:tc></w:tr></w:tbl>")),
    "styles that rest on each other": word(p("x", '<w:pStyle w:val="1"/>') * 3_000, styles="".join(style(str(n), str((n + 1) % 80)) for n in range(80))),
    "styles that rest on one of many properties": word("".join(p("x", f'<w:pStyle w:val="{n}"/>') for n in range(500)), styles=style("a", "", f"<w:rPr>{'<w:x/>' * 50_000}</w:rPr>") + "".join(style(str(n), "a") for n in range(500))),
    "a level of a list with many properties": word(p("x", listed(1)) * 2_000, numbering=kind_of_list(level(0, "decimal", "%1").replace("<w:start", "<w:x/>" * 50_000 + "<w:start")) + one_list(1)),
    "content controls within each other around rows": word(f"<w:tbl>{nested(90, '<w:sdt><w:sdtContent>', row(cell(''), cell('')) * 4_000, '</w:sdtContent></w:sdt>')}</w:tbl>"),
    "paragraphs without end": word(p("x") * 15_000),
    "a namespace without end": lambda: packed({"word/document.xml": f'<x:document xmlns:x="{"b" * 900_000}">{"<x:p/>" * 20_000}</x:document>'}),
    "properties without end": word(p(inner=run("<w:b/>" * 100_000, "x") * 3)),
    "elements without end": part("<w:body>" + "<w:r/>" * 400_000),
    "attributes without end": part("<w:body>" + "<w:r w:a='' w:b='' w:c=''/>" * 60_000),
    "a long text": part("<w:body>" + "the Committee " * 150_000 + "</w:body>"),
    "a long comment": part(f"<!--{'<' * 3_000_000}--><w:body/>"),
    "a long attribute": part(f'<w:body w:x="{" " * 4_000_000}"/>'),
    "lines without end": part("<w:body>" + "\n" * 4_000_000),
    "another encoding": lambda: packed({"word/document.xml": ('<?xml version="1.0" encoding="utf-16"?>' + "<a>" * 50_000).encode("utf-16")}),
    "packed by bzip2": part("<w:body>" + " " * 9_000_000, zipfile.ZIP_BZIP2),
    "packed by LZMA": part("<w:body>" + " " * 9_000_000, zipfile.ZIP_LZMA),
    "packed by LZMA, and damaged": lambda: damaged(part("<w:body>" + " " * 9_000, zipfile.ZIP_LZMA)()),
    "packed by bzip2, and damaged": lambda: damaged(part("<w:body>" + " " * 9_000, zipfile.ZIP_BZIP2)()),
}  # fmt: skip


# ---- PDF -------------------------------------------------------------------------------------------------------------

PAGES = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
WORDS = "BT /F1 10 Tf 40 700 Td (1. The Committee took note of the report of the session.) Tj ET\n"


def stream(text: str, entries: str = "") -> str:
    return f"<< {entries} /Length {len(text)} >>\nstream\n{text}\nendstream"


def deflated(text: str, entries: str = "", times: int = 1) -> str:
    """A stream that is packed once, or several times over; ``times`` beyond the first cost a few bytes."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(text.encode("latin-1")) for _ in range(300 if times > 1 else 1)) + packer.flush()
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    return stream(data.decode("latin-1"), f"{entries} /Filter [{'/FlateDecode ' * times}]")


def page(content: str = "", *more: str, font: str = FONT, entries: str = "", resources: str = "") -> bytes:
    """A page with words on it, of objects 4 (content), 5 (font) and `more`, from 6."""
    own = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R {entries} /Resources << /Font << /F1 5 0 R >> {resources} >> >>"
    catalogue = "<< /Type /Catalog /Pages 2 0 R >>"
    return pdf_of(
        [catalogue, PAGES, own, content if content.startswith("<<") else stream(content + WORDS), font, *more]
    )


def wide_font(descendant: str, entries: str = "") -> str:
    info = "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
    below = f"[<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A {info} {descendant} >>]"
    return f"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts {below} {entries} >>"


def form(inner: str, below: int) -> str:
    return stream(
        inner, f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A {below} 0 R >> >>"
    )


def many_pages(count: int, content: str) -> bytes:
    own = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
    )
    kids = f"<< /Type /Pages /Kids [{' '.join(f'{n} 0 R' for n in range(6, 6 + count))}] /Count {count} >>"
    return pdf_of(["<< /Type /Catalog /Pages 2 0 R >>", kids, own, content, FONT, *[own] * count])


BLANKS = " " * 2**20
PDF: dict[str, Callable[[], bytes]] = {
    "content packed twice": lambda: page(deflated(BLANKS, times=2)),
    "content packed three times": lambda: page(deflated(BLANKS, times=3)),
    "a font's table packed twice": lambda: page("", deflated(BLANKS, times=2), font=wide_font("", "/ToUnicode 6 0 R")),
    "a range of characters": lambda: page("", stream("begincmap 1 beginbfrange <0000> <fffffffe> <0020> endbfrange endcmap"), font=wide_font("", "/ToUnicode 6 0 R")),
    "a range of widths": lambda: page(font=wide_font("/W [1 88888888 600]")),
    "columns of a predictor": lambda: page(deflated("x" * 99, "/DecodeParms [<< /Predictor 15 /Columns 888888888 /Colors 99 >>]")),
    "forms that draw the next three times": lambda: page("/A Do ", *[form("/A Do " * 3, n + 7) for n in range(18)], form("", 6), resources="/XObject << /A 6 0 R >>"),
    "pages that draw the same": lambda: many_pages(15, deflated(WORDS * 250)),
    "a page within itself": lambda: pdf_of(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 99999 >>"]),
    "brackets without end": lambda: page(deflated("[" * 400_000)),
    "a table of lines": lambda: page(deflated("".join(f"{n} 0 m {n} 800 l S 0 {n} m 600 {n} l S\n" for n in range(1, 600, 6)))),
}  # fmt: skip


# ---- files made at random, for the fuzz ------------------------------------------------------------------------------

MOST = 100_000  # characters of what stands side by side: of much more nearly every file is refused
MADE: dict[str, dict[str, list[str]]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def grown(rng: Random, kind: str, text: str, depth: int = 0) -> str:
    """Put words in, as hostile.toml has them; none is cut, so that XML stays well-formed."""

    def put(match: re.Match[str]) -> str:
        ways = MADE[kind][match[1]]
        inner = grown(rng, kind, rng.choice(ways if depth < 9 else ways[:1]), depth + 1)
        often = rng.choice([1, 1, 1, 1, 2, 7, 300, 5_000]) if match[2] else 1
        return inner * min(often, 1 + MOST // max(1, len(inner)))

    return re.sub(r"\{(\w+)(\*?)\}", put, text)


def any_word(rng: Random) -> bytes:
    """A Word file whose parts refer to each other, packed by any method."""
    levels = [f"<w:lvl w:ilvl='{n}'>{{level}}<w:lvlText w:val='{{label*}}'/></w:lvl>" for n in range(9)]
    notes = "".join(note(n, "{blocks}") for n in range(9))
    parts = {
        "numbering": kind_of_list("".join(levels)) + "".join(map(one_list, range(4))),
        "styles": "".join(style(str(n), "{n}", "{shown}") for n in range(9)),
        "endnotes": notes,
        "footnotes": notes.replace("endnote", "footnote"),
        "rels": "".join(f'<Relationship Id="{n}" Target="{{address*}}"/>' for n in range(3)),
    }
    made = {name: grown(rng, "word", xml, 4) for name, xml in parts.items() if rng.randrange(4)}
    method = rng.choice([zipfile.ZIP_DEFLATED] * 9 + [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    return docx(BEGIN + grown(rng, "word", "{blocks}{blocks}", 1), method, **made)


FILTERS: dict[str, Callable[[bytes], bytes]] = {
    "FlateDecode": zlib.compress,
    "ASCIIHexDecode": lambda data: data.hex().encode() + b">",
    "ASCII85Decode": lambda data: base64.a85encode(data) + b"~>",
    "RunLengthDecode": lambda data: b"".join(bytes([len(data[n : n + 128]) - 1]) + data[n : n + 128] for n in range(0, len(data), 128)) + b"\x80",
}  # fmt: skip


def any_stream(rng: Random, text: str, entries: str = "") -> str:
    """A stream behind filters, in any order, with a predictor or without."""
    data = text.encode("latin-1")
    names = [rng.choice(["FlateDecode", *FILTERS]) for _ in range(rng.randrange(4))]
    for name in reversed(names):
        data = FILTERS[name](data)
    listed_filters = " ".join(f"/{name}" for name in names)
    entries = f"{entries} {grown(rng, 'pdf', '{wrong}')} /Filter [{listed_filters}]"
    return stream(data.decode("latin-1"), entries)


def any_pdf(rng: Random) -> bytes:
    """A PDF whose pages, forms, fonts and links refer to each other, behind any filters."""
    make = partial(grown, rng, "pdf")
    wide = wide_font(make("{font}"), rng.choice(["", "/ToUnicode 7 0 R"]))
    forms = [form(make("{form}"), int(make("{below}"))) for _ in range(4)]
    objects = [any_stream(rng, "x"), any_stream(rng, make("begincmap 1 beginbfrange {code} endbfrange")), *forms]
    shown = any_stream(rng, WORDS + make("{content}") + WORDS)
    font, drawn = rng.choice([FONT, FONT, wide]), "/XObject << /A 8 0 R >>"
    data = page(shown, *objects, font=font, entries=make("{set}"), resources=drawn)
    return data.replace(b"/Kids [3 0 R]", f"/Kids [{make('{kids}')}]".encode())


def any_annex(rng: Random) -> str:
    """A text with an annex of thousands of rows."""
    header = "Action\tImplementation\tCDIP consideration\tSummary by the Chair\n"
    rows = "".join(grown(rng, "annex", "{rows}") for _ in range(rng.choice([1, 10, 100])))
    rows *= min(rng.choice([1, 1, 1, 1, 2, 7, 300, 5_000]), 1 + 200_000 // max(1, len(rows)))
    return f"The Committee took note of the report.\n1. It met.\n{header}{rows[:200_000]}[End of Annex]\n"
