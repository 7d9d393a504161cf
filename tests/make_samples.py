"""Write tests/samples anew with LibreOffice: `python tests/make_samples.py`.

The shipped report as .docx and .pdf, set as WIPO sets it: paragraphs numbered by a list, links, an annex as a table
whose action cells are merged down and whose section rows are merged across, a running head with symbol and page number.
The symbol in the running head (CDIP/30/5) is made up for the test: the report has lost its own.

And samples/second: a short report to another committee, with an annex of other columns, in two languages. Its wording
is that of real documents of the Standing Committee on the Law of Trademarks; its content is made up.
"""

import html
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.shared import Cm

from cdip_analysis.data import SHIPPED
from cdip_analysis.language import normalise
from cdip_analysis.read import read
from cdip_analysis.structure import outline

SAMPLES = Path(__file__).parent / "samples"
ADDRESS = "https://www.wipo.int/meetings/"
WIDTHS = (1.9, 4.4, 4.4, 1.6)  # cm: narrow enough that a PDF breaks the first heading of the second document
_OFFICE = (SAMPLES / "template.fodt").read_text(encoding="utf-8")


def marked(text: str) -> str:
    """Text with its links as links."""
    parts = re.split(r"\[([^\[\]]*)\]\(#\)", html.escape(text).replace("\n", "<text:line-break/>"))
    for n in range(1, len(parts), 2):
        parts[n] = f'<text:a xlink:type="simple" xlink:href="{ADDRESS}{n}">{parts[n]}</text:a>'
    return "".join(parts)


def body(language: str) -> Iterator[str]:
    """The report as the body of an OpenDocument file."""
    source = read(SHIPPED[language])
    passages, _ = outline(source.blocks, language, source.name)
    numbers = {passage.line for passage in passages if passage.kind == "paragraph"}
    rows: list[tuple[str, ...]] = []
    started = False
    for block in source.blocks:
        if block.cells:
            rows.append(block.cells)
            continue
        if rows:
            yield from table(rows)
            rows = []
        if block.line in numbers:
            text = re.sub(r"^[0-9]+[.、] *", "", normalise(block.text)[:5]) + block.text[5:]
            going_on = ' text:continue-numbering="true"' if started else ""
            yield f'<text:list text:style-name="Numbers"{going_on}><text:list-item><text:p>{marked(text)}</text:p>'
            yield "</text:list-item></text:list>"
            started = True
        else:
            yield f"<text:p>{marked(block.text)}</text:p>"


def table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """The annex as one table: an empty first cell is merged with the one above, a row of one cell goes across."""
    yield '<table:table><table:table-column table:number-columns-repeated="4"/>'
    for n, cells in enumerate(rows):
        yield "<table:table-row>"
        if not any(cells[1:]):
            yield cell(cells[0], 'table:number-columns-spanned="4"') + "<table:covered-table-cell/>" * 3
        else:
            below = next((m for m in range(n + 1, len(rows)) if rows[m][0]), len(rows))
            first = "<table:covered-table-cell/>"
            if cells[0]:
                first = cell(cells[0], f'table:number-rows-spanned="{below - n}"' if below - n > 1 else "")
            yield first + "".join(cell(text) for text in cells[1:])
        yield "</table:table-row>"
    yield "</table:table>"


def cell(text: str, attributes: str = "") -> str:
    return f'<table:table-cell table:style-name="Cell" {attributes}><text:p>{marked(text)}</text:p></table:table-cell>'


def convert(source: Path, kind: str, folder: Path) -> Path:
    """Let LibreOffice write a file as another kind; a PDF without tags, which would double its size."""
    untagged = ':writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"false"}}' if kind == "pdf" else ""
    command = ["soffice", "--headless", "--convert-to", f"{kind}{untagged}", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return folder / f"{source.stem}.{kind}"


def write(language: str, kind: str, folder: Path) -> Path:
    """Write one edition as one kind of file."""
    with tempfile.TemporaryDirectory() as made:
        flat = Path(made) / f"report.{language}.fodt"
        page, after = ("第", "页") if language == "zh" else ("page ", "")
        flat.write_text(_OFFICE.format(body="".join(body(language)), page=page, after=after), encoding="utf-8")
        return convert(flat, kind, folder)


def write_second(language: str) -> Path:
    """Write the second document: a Word file, and the PDF that LibreOffice makes of it."""
    document = docx.Document()
    lines = (SAMPLES / f"second/words.{language}.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if "\t" in line]
    for line in lines[: -len(rows) - 1]:
        document.add_paragraph(line)
    annex = document.add_table(len(rows), 4, style="Table Grid")
    annex.autofit = False
    for cells, words in zip(annex.rows, rows, strict=True):
        for one, said, width in zip(cells.cells, words, WIDTHS, strict=True):
            one.text, one.width = said, Cm(width)
    document.add_paragraph(lines[-1])
    document.save(str(SAMPLES / f"second/sct-40-9.{language}.docx"))
    return convert(SAMPLES / f"second/sct-40-9.{language}.docx", "pdf", SAMPLES / "second")


if __name__ == "__main__":
    for written in (write(language, kind, SAMPLES) for language in ("zh", "en") for kind in ("docx", "pdf")):
        print(written.name, written.stat().st_size, "bytes")
    for language in ("en", "fr"):
        write_second(language)
