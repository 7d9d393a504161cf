"""Read a Word file (.docx) into blocks: a walk of our own over the XML, with defusedxml.

What decided it, tried on the files in tests/test_docx.py: WIPO's templates number paragraphs by Word lists or AUTONUM
fields, so the number is in no text. python-docx 1.2 gives neither, and drops tracked insertions, content controls,
footnotes and text boxes; mammoth 1.13 turns lists into HTML lists without their starts and levels, and drops AUTONUM;
docx2python 3.7 writes "1)" whatever the list says, drops AUTONUM, and repeats the text of a merged cell in each of its
places. None of them tells what it read as accepted, and none refuses a file that is made to fill memory.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from cdip_analysis.model import Block, ReportError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["read_docx"]

_LARGEST = 64 * 2**20  # bytes of one part, unpacked: fifty times the longest report of a session
_MARKUP = 2_000_000  # elements and attributes of one part; each takes far more memory than its signs in the file
_DEEPEST = 200  # elements within elements; Word itself stays below 40
_LEVELS = 9  # of a list
_START = 32_767  # the largest number that a list may begin with
_COLUMNS = 63  # of a table, at most
_SHOWN = 500  # signs of hidden text, in a note
_PARTS = ("numbering", "styles", "footnotes", "endnotes")


def read_docx(data: bytes, name: str) -> list[Block]:
    """Read a Word file into blocks.

    Paragraphs are numbered as Word shows them (lists with their restarts and levels, AUTONUM fields). Tracked changes
    are read as accepted and counted in `odd` of the first block. Hidden text is not read, and stands in `odd` of
    the block in or before which it was. A link is written ``[words](address)``. A cell
    that is merged with the one above or to the left is empty. A block's `line` is its number in the document.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        The name to give in errors.

    Returns
    -------
    list of Block
        Paragraphs, table rows, and footnotes, each behind the block in which its mark stands.

    Raises
    ------
    ReportError
        If the file is cut off, holds no Word document, unpacks to more than can be a document, or defines entities.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            document = _Document(*_load(archive, name))
            blocks = []
            for block in document.blocks(document.body):
                if block.text.strip():
                    blocks.append(block._replace(odd=document.left_out()))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, ReportError):
            raise
        raise ReportError(
            name, "", f"a .docx file that cannot be read ({error})", "a whole Word file", "get the file again"
        ) from error
    if blocks and (odd := document.left_out()):  # hidden behind the last of them
        blocks[-1] = blocks[-1]._replace(odd=(*odd, *blocks[-1].odd))
    if blocks and document.changes:
        counted = ", ".join(f"{count} {what}" for what, count in document.changes.items())
        blocks[0] = blocks[0]._replace(odd=(("structure.tracked_changes", {"counted": counted}), *blocks[0].odd))
    return [block._replace(line=number) for number, block in enumerate(blocks, 1)]


def _load(archive: zipfile.ZipFile, name: str) -> tuple[Element, dict[str, Element], dict[str, dict[str, str]]]:
    """Read the main part, the parts it rests on, and the addresses of links by part."""
    main = "word/document.xml"
    names = set(archive.namelist())
    if "_rels/.rels" in names:
        for relation in _parse(archive, "_rels/.rels", name):
            if relation.get("Type", "").endswith("/officeDocument"):
                main = relation.get("Target", main).lstrip("/")
    if main not in names:
        raise ReportError(
            name, "", "a zip archive that holds no Word document", "a .docx file", "save the document as .docx"
        )
    folder = main.rpartition("/")[0]
    root = _parse(archive, main, name)
    body = next((child for child in root if child.tag == "body"), None)
    if body is None:
        raise ReportError(
            name, main, f"a part that begins with <{root.tag}>", "a Word document", "save the document as .docx"
        )
    parts, links = {}, {}
    for part in ("document", *_PARTS):
        path = main if part == "document" else f"{folder}/{part}.xml"
        rels = f"{folder}/_rels/{path.rpartition('/')[2]}.rels"
        if part != "document" and path in names:
            parts[part] = _parse(archive, path, name)
        if rels in names:
            links[part] = {r.get("Id", ""): r.get("Target", "") for r in _parse(archive, rels, name)}
    return body, parts, links


def _parse(archive: zipfile.ZipFile, part: str, name: str) -> Element:
    """Parse one part, within bounds of size and depth that no document reaches.

    Names are left without their namespace: strict and transitional files differ only there.
    """
    with archive.open(part) as file:
        data = file.read(_LARGEST + 1)  # what the directory says of the size may be a lie
    too_much = (
        f"a part that unpacks to more than {_LARGEST // 2**20} MB"
        if len(data) > _LARGEST
        else f"more than {_MARKUP:,} elements and attributes in one part"
        if data.count(b"<") + data.count(b"=") > _MARKUP
        else None
    )
    if too_much:
        raise ReportError(name, part, too_much, "a document", "do not open this file: it is made to fill memory")
    depth = 0
    root: Element | None = None
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            root = element if root is None else root
            if event == "end":
                depth -= 1
                element.tag = element.tag.rpartition("}")[2]
                if element.attrib:
                    named = [(name.rpartition("}")[2], value) for name, value in element.items()]
                    element.attrib = dict(reversed(named))  # of two with one name, the first
                continue
            depth += 1
            if depth > _DEEPEST:
                raise ReportError(
                    name,
                    part,
                    f"more than {_DEEPEST} elements within each other",
                    "a document",
                    "do not open this file: it is made to fill memory",
                )
    except DefusedXmlException as error:
        raise ReportError(
            name, part, f"XML that defines entities ({type(error).__name__})", "plain XML", "do not open this file"
        ) from error
    except ParseError as error:
        raise ReportError(name, part, f"broken XML ({error})", "whole XML", "get the file again") from error
    assert root is not None
    return root


def _find(element: Element | None, *path: str) -> Element | None:
    """Give the element at the end of a path, of several at a step the first; None where there is none."""
    for step in path:
        element = element.find(step) if element is not None else None
    return element


def _get(element: Element | None, *path: str, value: str = "val") -> str | None:
    """Give an attribute of the element at the end of a path, None where there is none."""
    found = _find(element, *path)
    return found.get(value) if found is not None else None


def _on(element: Element | None) -> bool:
    """Tell whether a property is set: it is there, and not to say that it is off."""
    return element is not None and element.get("val") not in ("0", "false", "off")


def _words(element: Element) -> str:
    return "".join(part.text or "" for part in element.iter() if part.tag == "t")


def _whole(text: str | None, otherwise: int, most: int = _START) -> int:
    """Read a whole number of an attribute; a file where it is none, or larger than Word makes it, is damaged."""
    if not text:
        return otherwise
    if not re.fullmatch("-?[0-9]{1,5}", text) or int(text) > most:
        raise ValueError(f"{text[:20]!r} where a number up to {most} belongs")
    return int(text)


# What holds text and is itself nothing to a reader: content controls, smart tags, accepted insertions.
_WRAPPERS = {"sdt", "sdtContent", "smartTag", "customXml", "ins", "moveTo", "dir", "bdo", "Choice", "ruby", "rubyBase"}
_SIGNS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


@dataclass
class _Document:
    """A file while it is read: its parts, and what must be counted along the way."""

    body: Element
    parts: Mapping[str, Element]
    links: Mapping[str, Mapping[str, str]]
    changes: dict[str, int] = field(default_factory=dict)
    part: str = "document"  # where we are: links are numbered anew in footnotes
    counters: dict[str, dict[int, int]] = field(default_factory=dict)  # of lists, by level
    lists: dict[str, _List | None] = field(default_factory=dict)
    started: set[str | None] = field(default_factory=set)  # lists whose own start was applied
    autonum: int = 0
    fields: list[_Field] = field(default_factory=list)  # that are open: a field may span paragraphs
    notes: list[tuple[str, str]] = field(default_factory=list)  # marks of footnotes in the block being read
    boxes: list[Element] = field(default_factory=list)  # text boxes in the block being read
    joined: str = ""  # a paragraph whose mark was deleted or is hidden runs on into the next
    styles_hide: dict[str | None, bool] = field(default_factory=dict)  # whether their text is hidden
    style: str | None = None  # of the paragraph being read
    hides: bool = False  # whether the text being read is hidden
    unseen: list[str] = field(default_factory=list)  # what was hidden since the last block

    @cached_property
    def styles(self) -> dict[str, Element]:
        return {_get(style, value="styleId") or "": style for style in self.parts.get("styles", ())}

    @cached_property
    def numbering(self) -> dict[tuple[str, str], Element]:
        names = {"num": "numId", "abstractNum": "abstractNumId"}
        parts = (element for element in self.parts.get("numbering", ()) if element.tag in names)
        return {(element.tag, _get(element, value=names[element.tag]) or ""): element for element in parts}

    @cached_property
    def hides_any(self) -> bool:
        """Whether anything could be hidden: in most files nothing is, and no run need be asked."""
        return any(next(part.iter("vanish"), None) is not None for part in (self.body, *self.parts.values()))

    def list_of(self, identity: str) -> _List | None:
        """Give a list by the number that its paragraphs have: a list has many, and is looked up once."""
        if identity not in self.lists:
            own = self.numbering.get(("num", identity))
            kind = _get(own, "abstractNumId") or ""
            abstract = self.numbering.get(("abstractNum", kind))
            self.lists[identity] = None if own is None or abstract is None else _list(kind, abstract, own)
        return self.lists[identity]

    def blocks(self, parent: Element) -> Iterator[Block]:
        for element in parent:
            tag = element.tag
            if tag == "p":
                yield from self.paragraph(element)
            elif tag == "tbl":
                yield from self.ended()
                yield from self.table(element)
            elif tag == "AlternateContent":
                yield from self.blocks(_choice(element))
            elif tag in _WRAPPERS:
                yield from self.blocks(element)
        yield from self.ended()

    def ended(self) -> Iterator[Block]:
        """Give a paragraph that has no other to run on into."""
        if self.joined:
            yield Block(self.joined.strip(), (), 0)
            self.joined = ""

    def paragraph(self, element: Element) -> Iterator[Block]:
        properties = _find(element, "pPr")
        mark = _find(properties, "rPr")
        deleted = mark is not None and not (mark.find("del") is None and mark.find("moveFrom") is None)
        # A deleted paragraph is not counted. A hidden one is: Word leaves out numbers by such.
        number = "" if deleted else self.number(properties)
        self.style = _get(properties, "pStyle")
        self.hides = self.hides_any and self.style_hides(self.style)
        text = self.inline(element) + self.unclosed()
        if self.unseen:
            self.unseen.append(" ")
        hidden = self.is_hidden(mark) or _on(_find(mark, "specVanish"))
        if deleted or hidden:
            self.joined += number + text if text.strip() else ""
            if deleted:
                self.count("deletions")
            return
        text, self.joined = number + self.joined + text, ""
        yield Block(text.strip(), (), 0)
        yield from self.aside()

    def is_hidden(self, properties: Element | None) -> bool:
        """Tell whether a run, or a paragraph's mark, is hidden: by itself, else by its paragraph's style or its own.

        Hidden text is a toggle (ISO/IEC 29500-1, 17.7.3): where both styles hide it, it is shown.
        """
        if not self.hides_any:
            return False
        own = _find(properties, "vanish")
        if own is not None:
            return _on(own)
        return self.style_hides(self.style) != self.style_hides(_get(properties, "rStyle"))

    def style_hides(self, style: str | None) -> bool:
        if style not in self.styles_hide:
            at, found = style, None
            for _ in range(20):  # as of its number
                named = self.styles.get(at) if at else None
                found = _find(named, "rPr", "vanish")
                if named is None or found is not None:
                    break
                at = _get(named, "basedOn")
            self.styles_hide[style] = _on(found)
        return self.styles_hide[style]

    def left_out(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """Say what was hidden since the last time."""
        if not self.unseen:
            return ()
        words = " ".join("".join(self.unseen).split())
        self.unseen.clear()
        if len(words) > _SHOWN:
            words = f"{words[:_SHOWN]} [… {len(words) - _SHOWN} …]"
        return (("structure.hidden_text", {"words": words}),) if words else ()

    def aside(self) -> Iterator[Block]:
        """Give the text boxes and footnotes of the block that was read last."""
        boxes, self.boxes = self.boxes, []
        for box in boxes:
            yield from (block._replace(kind=block.kind or "box") for block in self.blocks(box))
        notes, self.notes = self.notes, []
        for part, identity in notes:
            for note in self.footnotes(part, identity):
                before, self.part = self.part, part
                text = "\n".join(block.text for block in self.blocks(note))
                self.part = before
                yield Block(text.strip(), (), 0, kind="footnote")

    def footnotes(self, part: str, identity: str) -> Iterator[Element]:
        return (note for note in self.parts.get(part, ()) if _get(note, value="id") == identity)

    def table(self, element: Element) -> Iterator[Block]:
        for row in _rows(element):
            if _find(row, "trPr", "del") is not None:
                self.count("deletions")
                continue
            if _on(_find(row, "trPr", "hidden")):
                self.unseen += [f"{_words(cell)} " for cell in _cells(row)]
                continue
            cells = [""] * _whole(_get(row, "trPr", "gridBefore"), 0, _COLUMNS)
            asides: list[Block] = []
            for cell in _cells(row):
                if _find(cell, "tcPr", "cellDel") is not None:
                    self.count("deletions")
                    continue
                blocks = list(self.blocks(cell))
                asides += [block for block in blocks if block.kind]
                merged = _find(cell, "tcPr", "vMerge")
                continues = merged is not None and (_get(merged) or "continue") == "continue"
                text = "\n".join(block.text for block in blocks if block.text and not block.kind)
                cells += ["" if continues else text, *[""] * (_whole(_get(cell, "tcPr", "gridSpan"), 1, _COLUMNS) - 1)]
            if len(cells) == 1:  # a frame around text, and no table
                yield from (Block(line, (), 0) for line in cells[0].split("\n"))
            else:
                yield Block("\n".join(filter(None, cells)), tuple(cells), 0)
            yield from asides

    def inline(self, parent: Element) -> str:
        """Give the text of a paragraph, a link or a run, as if all tracked changes were accepted."""
        parts = []
        for element in parent:
            tag = element.tag
            if tag == "t":
                parts.append(self.printed(element.text or ""))
            elif tag in _SIGNS:
                parts.append(self.printed(_SIGNS[tag]))
            elif tag == "r":
                before, self.hides = self.hides, self.is_hidden(_find(element, "rPr"))
                parts.append(self.inline(element))
                self.hides = before
            elif tag == "hyperlink":
                address = self.links.get(self.part, {}).get(_get(element, value="id") or "", "")
                anchor = _get(element, value="anchor")
                address += f"#{anchor}" if anchor else ""
                parts.append(_link(self.inline(element), address))
            elif tag == "fldChar":
                parts.append(self.mark(_get(element, value="fldCharType") or ""))
            elif tag == "instrText" and self.fields:
                self.fields[-1].code += element.text or ""
            elif tag == "fldSimple":
                shown = self.inline(element)
                parts.append(self.shown(self.result(_get(element, value="instr") or "", shown)))
            elif tag in ("del", "moveFrom"):
                self.count("deletions")
            elif tag in ("footnoteReference", "endnoteReference"):
                mark = (f"{tag.removesuffix('Reference')}s", _get(element, value="id") or "")
                if self.hides:
                    self.unseen += [f" {_words(note)} " for note in self.footnotes(*mark)]
                else:
                    self.notes.append(mark)
            elif tag == "AlternateContent":
                parts.append(self.inline(_choice(element)))
            elif tag in ("drawing", "pict", "object"):
                boxes = [child for child in element.iter() if child.tag == "txbxContent"]
                if self.hides:
                    self.unseen += [f" {_words(box)} " for box in boxes]
                else:
                    self.boxes += boxes
            elif tag in _WRAPPERS:
                if tag in ("ins", "moveTo"):
                    self.count("insertions")
                parts.append(self.inline(element))
        return "".join(parts)

    def count(self, what: str) -> None:
        self.changes[what] = self.changes.get(what, 0) + 1

    def printed(self, text: str) -> str:
        """Keep apart what is hidden."""
        if self.hides:
            self.unseen.append(text)
            return ""
        return self.shown(text)

    def shown(self, text: str) -> str:
        """Keep back what a link shows until it ends."""
        if self.fields and self.fields[-1].kept is not None:
            self.fields[-1].kept += text
            return ""
        return text

    def mark(self, kind: str) -> str:
        """Open a field, pass from its code to its result, or close it and give what it shows."""
        if kind == "begin":
            self.fields.append(_Field())
        elif kind == "separate" and self.fields:
            self.fields[-1].kept = "" if self.fields[-1].code.strip().upper().startswith("HYPERLINK") else None
        elif kind == "end" and self.fields:
            ended = self.fields.pop()
            return self.shown(self.result(ended.code, ended.kept or ""))
        return ""

    def unclosed(self) -> str:
        """Give what a link shows that no mark has closed by the end of its paragraph: it is text all the same."""
        kept = "".join(field.kept or "" for field in self.fields)
        self.fields = [field for field in self.fields if field.kept is None]
        return kept

    def result(self, code: str, shown: str) -> str:
        """Give what a field shows: an AUTONUM counts, and Word keeps no result of it; a HYPERLINK is a link."""
        word, _, rest = code.strip().partition(" ")
        if word.upper() in ("AUTONUM", "AUTONUMLGL", "AUTONUMOUT") and not self.hides:
            self.autonum += 1
            return shown if shown.strip() else f"{self.autonum}. "
        if word.upper() == "HYPERLINK":
            address = re.search(r'"([^"]*)"', rest)
            anchor = re.search(r'\\l +"([^"]*)"', rest)
            return _link(shown, f"#{anchor[1]}" if anchor else address[1] if address else "")
        return shown

    def number(self, properties: Element | None) -> str:
        """Give the number that Word shows before a paragraph of a list, and count on."""
        identity, level = _get(properties, "numPr", "numId"), _get(properties, "numPr", "ilvl")
        style = _get(properties, "pStyle")
        for _ in range(20):  # a style can rest on another, and in a broken file on itself
            found = self.styles.get(style) if style else None
            if found is None or (identity and level):
                break
            identity = identity or _get(found, "pPr", "numPr", "numId")
            level = level or _get(found, "pPr", "numPr", "ilvl")
            style = _get(found, "basedOn")
        own, depth = self.list_of(identity or ""), _whole(level, 0)
        if own is None or not 0 <= depth < _LEVELS:
            return ""
        counts = self.counters.setdefault(own.kind, {})
        if identity not in self.started:  # a list that shares its counts with another may start anew
            self.started.add(identity)
            counts |= {at: start - 1 for at, start in own.anew.items()}
        counts[depth] = counts.get(depth, own.starts[depth] - 1) + 1
        for at in range(depth + 1, _LEVELS):
            if at in counts and _get(own.levels.get(at), "lvlRestart") != "0":
                del counts[at]
        label = _label(own.levels, depth, {**own.starts, **counts})
        if _on(_find(own.levels.get(depth), "rPr", "vanish")):
            self.unseen.append(label)
            return ""
        return label


class _List(NamedTuple):
    """A list of numbered paragraphs: lists of one kind share their counts."""

    kind: str
    levels: Mapping[int, Element]
    starts: Mapping[int, int]
    anew: Mapping[int, int]


def _list(kind: str, abstract: Element, own: Element) -> _List:
    """Read what a kind of list says of its levels, and what one list of the kind says otherwise."""
    overrides = {_whole(_get(o, value="ilvl"), 0): o for o in own if o.tag == "lvlOverride"}
    levels = {_whole(_get(lvl, value="ilvl"), 0): lvl for lvl in abstract if lvl.tag == "lvl"}
    levels |= {at: lvl for at, o in overrides.items() if (lvl := _find(o, "lvl")) is not None}
    starts = {at: _whole(_get(levels.get(at), "start"), 1) for at in range(_LEVELS)}
    anew = {at: _whole(start, 1) for at, o in overrides.items() if (start := _get(o, "startOverride"))}
    return _List(kind, levels, starts, anew)


@dataclass
class _Field:
    """A field that is open: its code, and what it shows where that must wait for its end."""

    code: str = ""
    kept: str | None = None


def _label(levels: Mapping[int, Element], depth: int, counts: Mapping[int, int]) -> str:
    """Write the label of a level: its text, with the counts in place of %1 to %9.

    A bare number gets the full stop by which the outline knows a paragraph's number.
    """
    here = levels.get(depth)
    if _get(here, "numFmt") == "bullet":
        return "- "
    legal = _find(here, "isLgl") is not None  # figures at every level

    def count(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        form = "decimal" if legal else _get(levels.get(at), "numFmt") or "decimal"
        return _written(counts[at], form)

    label = re.sub("%([1-9])", count, _get(here, "lvlText") or "")
    return f"{label}. " if label.isdecimal() else f"{label} " if label else ""


def _written(number: int, form: str) -> str:
    """Write a count in one of Word's number formats; those of other scripts as figures.

    >>> [_written(4, form) for form in ("decimal", "lowerLetter", "upperRoman", "chineseCounting")]
    ['4', 'd', 'IV', '4']
    """
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in ("lowerRoman", "upperRoman"):
        roman = ""
        for value, sign in zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), _ROMAN, strict=True):
            roman += sign * (number // value)
            number %= value
        return roman if form == "lowerRoman" else roman.upper()
    return "" if form == "none" else str(number)


_ROMAN = ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i")


def _link(words: str, address: str) -> str:
    """Write a link as the text edition does; a place in a table of contents is none.

    >>> _link("Report", "https://www.wipo.int/a(1)"), _link("1. Opening", "#_Toc1"), _link(" ", "https://www.wipo.int")
    ('[Report](https://www.wipo.int/a%281%29)', '1. Opening', ' ')
    """
    if not words.strip() or not address or address.startswith("#_"):
        return words
    return f"[{words}]({address.replace('(', '%28').replace(')', '%29')})"


def _choice(element: Element) -> Element:
    """Take the first of the forms in which one thing is stored: the others show the same once more."""
    return element[0] if len(element) else element


def _rows(table: Element) -> Iterator[Element]:
    for element in table:
        if element.tag == "tr":
            yield element
        elif element.tag in _WRAPPERS:
            yield from _rows(element)


def _cells(row: Element) -> Iterator[Element]:
    for element in row:
        if element.tag == "tc":
            yield element
        elif element.tag in _WRAPPERS:
            yield from _cells(element)
