"""The parts of a Word file (.docx), unpacked and parsed within bounds.

A file of so many bytes may hold so many elements and so much text, far more than Word packs into it. XML is parsed with
defusedxml, without entities.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import TreeBuilder

from defusedxml.ElementTree import XMLParser

from cdip_analysis.model import ReportError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["Archive", "attribute", "choice", "find", "is_on", "number", "within", "words"]

_PIECE = 2**20  # bytes that are unpacked at once
_DEEPEST = 200  # elements within elements; Word itself stays below 40
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of others zipfile unpacks the whole at once; Word has none


class Archive:
    """A zip archive from a stranger, and how much its parts may still hold."""

    def __init__(self, archive: zipfile.ZipFile, name: str, size: int, limits: bool) -> None:
        self.archive, self.name, self.size = archive, name, size
        self.names = set(archive.namelist())
        self.unpacked = 4 * 2**20 + 60 * size  # bytes: Word packs 10 to 25 into one
        self.elements = min(200_000 + 2 * size, 800_000)  # with attributes: Word needs more than a byte for each
        self.characters = 200_000 + 5 * size
        if not limits:
            self.unpacked = self.elements = self.characters = sys.maxsize

    def refuse(self, part: str, found: str) -> ReportError:
        """Return the error for a file that holds more than a document of its size."""
        remedy = "do not open this file if it comes from a stranger: it is made to fill memory"
        return ReportError(self.name, part, found, f"a document in a file of {self.size:,} bytes", remedy)

    def spend(self, text: str) -> str:
        """Count text against what a file of this size may hold: a label or an address may be used many times."""
        self.characters -= len(text)
        if self.characters < 0:
            raise self.refuse("", "more text than a file of this size can hold")
        return text

    def parse(self, part: str) -> Element:
        """Parse a part in pieces: what the archive says of its size may be a lie.

        Names are left without their namespace: strict and transitional files differ only there.
        """
        info = self.archive.getinfo(part)
        if info.compress_type not in _METHODS:
            raise ReportError(
                self.name, part, "a part packed by another method", "a file as Word packs it", "save it anew"
            )
        parser = XMLParser(target=_Builder(self, part), forbid_dtd=True)
        with self.archive.open(info) as file:
            while piece := file.read(_PIECE):
                self.unpacked -= len(piece)
                if self.unpacked < 0:
                    raise self.refuse(part, "parts that unpack to many times what Word packs")
                if len(piece) == _PIECE and b"<" not in piece:
                    raise self.refuse(part, "a megabyte without an element")
                parser.feed(piece)
        root: Element = parser.close()
        return root

    def links(self, part: str) -> dict[str, str]:
        """Return the addresses to which a part refers."""
        folder, _, name = part.rpartition("/")
        rels = f"{folder}/_rels/{name}.rels"
        return {r.get("Id", ""): r.get("Target", "") for r in self.parse(rels)} if rels in self.names else {}


class _Builder(TreeBuilder):
    """Build the tree of a part, bounded in elements and depth."""

    def __init__(self, archive: Archive, part: str) -> None:
        super().__init__()
        self.archive, self.part, self.depth = archive, part, 0

    def start(self, tag: str, attrs: dict[Any, Any], /) -> Element:
        self.depth += 1
        self.archive.elements -= 1 + len(attrs)
        if self.depth > _DEEPEST:
            raise self.archive.refuse(self.part, f"more than {_DEEPEST} elements within each other")
        if self.archive.elements < 0:
            raise self.archive.refuse(self.part, "more elements and attributes than Word packs")
        # Of two attributes with one name, the first holds.
        return super().start(_local(tag), {_local(name): attrs[name] for name in reversed(attrs)})

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(_local(tag))


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    return name.rpartition("}")[2]


def find(element: Element | None, *path: str) -> Element | None:
    """Return the element at the end of a path, of several at a step the first; None where there is none."""
    for step in path:
        element = element.find(step) if element is not None else None
    return element


def attribute(element: Element | None, *path: str) -> str | None:
    """Return the attribute ``val`` of the element at the end of a path, None where there is none."""
    found = find(element, *path)
    return found.get("val") if found is not None else None


def is_on(element: Element | None) -> bool:
    """Report whether a property is set: it is there, and does not say that it is off."""
    return element is not None and element.get("val") not in ("0", "false", "off")


def number(text: str | None, otherwise: int, most: int) -> int:
    """Read a whole number of an attribute; a file where it is none, or larger than Word makes it, is damaged."""
    if not text:
        return otherwise
    if not re.fullmatch("-?[0-9]{1,5}", text) or int(text) > most:
        raise ValueError(f"{text[:20]!r} where a number up to {most} belongs")
    return int(text)


def words(element: Element) -> str:
    """Return the text below an element, as it is stored."""
    return "".join(part.text or "" for part in element.iter("t"))


def choice(element: Element) -> Element:
    """Return the first of the forms in which one thing is stored: the others show the same once more."""
    return element[0] if len(element) else element


def within(parent: Element, tag: str, through: set[str] | None = None) -> Iterator[Element]:
    """Yield the elements of a kind below another, and none within one of them; `through` bounds where to look."""
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag == "AlternateContent":
            yield from within(choice(element), tag, through)
        elif through is None or element.tag in through:
            yield from within(element, tag, through)
