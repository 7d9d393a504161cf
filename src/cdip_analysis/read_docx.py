"""Read a Word file (.docx) into blocks: our own walk over its XML.

Why our own: WIPO's templates number paragraphs by Word lists or AUTONUM fields, so the number is in no text. Of the
files in tests/test_docx.py python-docx, mammoth and docx2python lose numbers, footnotes, text boxes or tracked
insertions, and none of them reports what it read as accepted.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from cdip_analysis.docx_parts import Archive, Lists, Styles, attribute, find, is_coloured, is_on, number, within, words
from cdip_analysis.model import Block, ReportError

_COLUMNS = 63  # of a table: Word's own bound
# What a damaged archive makes zipfile raise; RuntimeError is that of an encrypted part.
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, OverflowError, RuntimeError, ValueError)
_UNREAD = {"pPr", "rPr", "del", "moveFrom", "rt"}  # properties, what is no more there, how a word is said
_TRACKED = dict.fromkeys(("del", "moveFrom", "cellDel"), "deletions") | dict.fromkeys(("ins", "moveTo"), "insertions")
_CHARACTERS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_RAISED = {
    "superscript": str.maketrans("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾"),
    "subscript": str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"),
}
_LEFT_OUT = {"hidden": "structure.hidden_text", "struck": "structure.struck_text"}


def read_docx(data: bytes, name: str, *, limits: bool = True) -> list[Block]:
    """Read a Word file into blocks: paragraphs, table rows, and footnotes, each after the block that its mark is in.

    Paragraphs are numbered as Word shows them, tracked changes read as accepted. Text that a reader of the page does
    not see (hidden, white, smaller than 2 points) or that is struck out is in `odd` of the block in or after it.
    Raised and lowered figures become characters such as ``³``, links ``[words](address)``; a cell that is merged with
    the one above or to the left is empty. With `limits` a file that holds far more than Word packs is a ReportError.
    """
    try:
        document = _Document(Archive(data, name, limits))
        blocks = [block._replace(odd=document.left_out()) for block in document.read() if block.text.strip()]
    except ReportError:
        raise
    except (ParseError, *_DAMAGED) as error:
        found = f"a .docx file that cannot be read ({type(error).__name__}: {error!s:.80})"
        raise ReportError(name, "", found, "a whole Word file", "get the file again") from error
    if blocks:
        blocks[-1] = blocks[-1]._replace(odd=(*blocks[-1].odd, *document.left_out()))
    if blocks and document.changes:
        counted = ", ".join(f"{count} {what}" for what, count in document.changes.items())
        blocks[0] = blocks[0]._replace(odd=(("structure.tracked_changes", {"counted": counted}), *blocks[0].odd))
    return [block._replace(line=line, unit="block") for line, block in enumerate(blocks, 1)]


class _Document:
    """A file while it is read: its parts, and where in it we are. Each thing is read once."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        targets = {r.get("Type", "").rpartition("/")[2]: r.get("Target", "") for r in archive.parse("_rels/.rels")}
        main = targets.get("officeDocument", "word/document.xml").lstrip("/")
        body = archive.parse(main).find("body")
        if body is None:
            found = "a zip archive that holds no Word document"
            raise ReportError(archive.name, "", found, "a .docx file", "save the document as .docx")
        folder, parts = main.rpartition("/")[0], ("numbering", "styles", "footnotes", "endnotes")
        numbering, styles, *notes = (archive.parse(f"{folder}/{part}.xml") for part in parts)
        self.body, self.styles, self.lists = body, Styles(styles), Lists(numbering)
        # Footnotes that were not read so far.
        self.notes = {(note.tag, note.get("id")): note for part in notes for note in part}
        tracked = (element.tag for part in (body, *notes) for element in part.iter() if element.tag in _TRACKED)
        self.changes = Counter(_TRACKED[tag] for tag in tracked)
        self.style: str | None = None  # of the paragraph
        self.seen = ""  # how the text is seen, see `Styles.seen`
        self.on_colour = False  # in a paragraph, a cell or a text box with a colour, on which white text is seen
        self.text: list[str] = []  # of the paragraph, in pieces
        self.fields: list[tuple[list[str], int | None]] = []  # that are open: their code, and where their result begins
        self.autonum = self.tables = 0
        self.joined: list[str] = []  # a paragraph whose mark is deleted or hidden runs on into the next
        self.asides: deque[Element] = deque()  # text boxes and footnotes
        self.unseen: dict[str, list[str]] = {}  # what was left out since the last block

    # ---- paragraphs, tables, text boxes, footnotes ----

    def read(self) -> Iterator[Block]:
        """Yield the blocks of the body, after each the text boxes and footnotes that are in it, and those in them."""
        for block in self.blocks(self.body):
            yield block
            while self.asides:
                element = self.asides.popleft()
                is_box = element.tag == "txbxContent"
                blocks = self.blocks(element, is_box)  # a box may have a colour
                if is_box:
                    yield from (block._replace(kind="box") for block in blocks)
                else:
                    yield Block("\n".join(block.text for block in blocks).strip(), (), 0, kind="footnote")

    def blocks(self, parent: Element, on_colour: bool = False) -> Iterator[Block]:
        """Yield what is in an element; on a colour white text is seen."""
        for element in within(parent, "p", "tbl"):
            if element.tag == "p":
                yield from self.paragraph(element, on_colour)
            else:
                yield from self.ended()
                yield from self.table(element, on_colour)
        yield from self.ended()

    def ended(self) -> Iterator[Block]:
        """Yield a paragraph that has no other to run on into."""
        if self.joined:
            yield Block("".join(self.joined).strip(), (), 0)
            self.joined = []

    def paragraph(self, element: Element, on_colour: bool) -> Iterator[Block]:
        properties = element.find("pPr")
        mark = find(properties, "rPr")
        is_deleted = find(mark, "del") is not None or find(mark, "moveFrom") is not None
        self.style = attribute(properties, "pStyle") or self.styles.of_paragraphs
        self.on_colour = on_colour or is_coloured(find(properties, "shd"))
        # Deleted paragraphs do not advance the numbering; hidden ones do, as in Word.
        numbering = {} if is_deleted else self.styles.of(self.style, find(properties, "numPr"))
        label = self.archive.spend(self.lists.label(numbering))
        self.seen = self.styles.seen(self.style, None, self.on_colour)
        text = self.inner(element)
        for pieces in self.unseen.values():
            pieces.append(" ")
        is_hidden = is_on(self.styles.text(self.style, mark).get("vanish")) or is_on(attribute(mark, "specVanish"))
        if is_deleted or is_hidden:
            self.joined += [label, text] if text.strip() else []
        else:
            text, self.joined = "".join([label, *self.joined, text]), []
            yield Block(text.strip(), (), 0)

    def table(self, element: Element, on_colour: bool) -> Iterator[Block]:
        self.tables += 1
        table = self.tables
        on_colour = on_colour or attribute(element, "tblPr", "tblStyle") in self.styles.coloured
        for row in within(element, "tr"):
            properties = row.find("trPr")
            if find(properties, "del") is not None:
                continue
            if is_on(attribute(properties, "hidden")):
                self.leave_out("hidden", *(f"{words(cell)} " for cell in within(row, "tc")))
                continue
            cells = [""] * number(attribute(properties, "gridBefore"), 0, _COLUMNS)
            for cell in within(row, "tc"):
                form = cell.find("tcPr")
                if find(form, "cellDel") is not None:
                    continue
                blocks = self.blocks(cell, on_colour or is_coloured(find(form, "shd")))
                text = "\n".join(block.text for block in blocks if block.text)
                goes_on = attribute(form, "vMerge") in ("", "continue")
                cells += ["" if goes_on else text] + [""] * (number(attribute(form, "gridSpan"), 1, _COLUMNS) - 1)
                if len(cells) > _COLUMNS:
                    raise self.archive.refuse("", f"a table of more than {_COLUMNS} columns")
            if len(cells) == 1:  # a frame around text, and no table
                yield from (Block(line, (), 0) for line in cells[0].split("\n"))
            else:
                heading = is_on(attribute(properties, "tblHeader"))
                yield Block("\n".join(filter(None, cells)), tuple(cells), 0, table=table, heading=heading)

    # ---- runs, links, fields ----

    def inline(self, parent: Element) -> None:
        """Read the text of a paragraph, a link or a run, as if all tracked changes were accepted."""
        for element in parent:
            tag = element.tag
            if tag == "t":
                self.write(element.text or "")
            elif tag in _CHARACTERS:
                self.write(_CHARACTERS[tag])
            elif tag == "r":
                before, properties = self.seen, element.find("rPr")
                if properties is not None:
                    self.seen = self.styles.seen(self.style, properties, self.on_colour)
                self.inline(element)
                self.seen = before
            elif tag == "hyperlink":
                address, anchor = element.get("address", ""), element.get("anchor")
                self.link(self.inner(element), f"{address}#{anchor}" if anchor else address)
            elif tag == "fldSimple":
                self.result(element.get("instr", ""), self.inner(element))
            elif tag == "fldChar":
                self.mark(element.get("fldCharType"))
            elif tag == "instrText" and self.fields:
                self.fields[-1][0].append(element.text or "")
            elif tag in ("footnoteReference", "endnoteReference"):
                if (note := self.notes.pop((tag.removesuffix("Reference"), element.get("id")), None)) is not None:
                    self.put_aside(note)
            elif tag == "txbxContent":
                self.put_aside(element)
            elif tag not in _UNREAD:  # content controls, accepted insertions, drawings ...
                self.inline(element)

    def put_aside(self, element: Element) -> None:
        """Keep a text box or a footnote for after the paragraph; leave it out if its mark is not seen."""
        if self.seen in _LEFT_OUT:
            self.leave_out(self.seen, f" {words(element)} ")
        else:
            self.asides.append(element)

    def write(self, text: str) -> None:
        if self.seen in _LEFT_OUT:
            self.leave_out(self.seen, text)
        else:
            self.text.append(self.archive.spend(text).translate(_RAISED.get(self.seen, {})))

    def leave_out(self, kind: str, *texts: str) -> None:
        self.unseen.setdefault(kind, []).extend(map(self.archive.spend, texts))

    def left_out(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """Report what was left out since the last time."""
        found = [(_LEFT_OUT[kind], " ".join("".join(pieces).split())) for kind, pieces in self.unseen.items()]
        self.unseen.clear()
        return tuple((kind, {"words": text}) for kind, text in found if text)

    def inner(self, element: Element) -> str:
        """Return the text of an element, apart from the text around it."""
        start = len(self.text)
        self.inline(element)
        return self.cut(start)

    def cut(self, start: int) -> str:
        text = "".join(self.text[start:])
        del self.text[start:]
        return text

    def mark(self, kind: str | None) -> None:
        """Open a field, pass from its code to its result, or close it and write what it shows."""
        if kind == "begin":
            self.fields.append(([], None))
        elif kind == "separate" and self.fields:
            self.fields[-1] = self.fields[-1][0], len(self.text)
        elif kind == "end" and self.fields:
            code, start = self.fields.pop()
            # Counted once more, since fields within each other are put together again and again.
            self.result("".join(code), "" if start is None else self.archive.spend(self.cut(start)))

    def result(self, code: str, shown: str) -> None:
        """Write what a field shows: an AUTONUM counts, and Word keeps no result of it; a HYPERLINK is a link."""
        word, _, rest = code.strip().partition(" ")
        if word.upper() in ("AUTONUM", "AUTONUMLGL", "AUTONUMOUT") and self.seen not in _LEFT_OUT:
            self.autonum += 1
            shown = shown if shown.strip() else f"{self.autonum}. "
        if word.upper() == "HYPERLINK":
            address, anchor = re.search(r'"([^"]*)"', rest), re.search(r'\\l +"([^"]*)"', rest)
            self.link(shown, f"#{anchor[1]}" if anchor else address[1] if address else "")
        else:
            self.text.append(shown)

    def link(self, text: str, address: str) -> None:
        """Write a link; a place in a table of contents is none."""
        if text.strip() and address and not address.startswith("#_"):
            text = f"[{text}]({self.archive.spend(address).replace('(', '%28').replace(')', '%29')})"
        self.text.append(text)
