"""Write the second document: a short report to another committee, with an annex of other columns, in two languages.

Its wording is that of real documents of the Standing Committee on the Law of Trademarks; its content is made up. Run
``python tests/make_second.py`` with LibreOffice installed to write tests/samples/second anew.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import docx
from docx.shared import Cm

FOLDER = Path(__file__).parent / "samples" / "second"
WIDTHS = (1.9, 4.4, 4.4, 1.6)  # cm: narrow enough that a PDF breaks the first heading


def main() -> None:
    """Write the Word files, and let LibreOffice write the PDF files."""
    FOLDER.mkdir(exist_ok=True)
    for language in ("en", "fr"):
        document = docx.Document()
        lines = (FOLDER / f"words.{language}.txt").read_text(encoding="utf-8").splitlines()
        rows = [line.split("\t") for line in lines if "\t" in line]
        for line in lines[: -len(rows) - 1]:
            document.add_paragraph(line)
        table = document.add_table(len(rows), 4, style="Table Grid")
        table.autofit = False
        for cells, words in zip(table.rows, rows, strict=True):
            for cell, said, width in zip(cells.cells, words, WIDTHS, strict=True):
                cell.text, cell.width = said, Cm(width)
        document.add_paragraph(lines[-1])
        path = FOLDER / f"sct-40-9.{language}.docx"
        document.save(str(path))
        convert = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(FOLDER), str(path)]
        subprocess.run(convert, check=True, capture_output=True)


if __name__ == "__main__":
    main()
