"""The parts of a Word file (.docx): unpacked and parsed within bounds, and what styles and lists say of a paragraph.

A file of so many bytes may hold so many elements and so much text, far more than Word packs into it. XML with a
document type is refused, so no entity can be defined.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import TreeBuilder, XMLParser

from cdip_analysis.model import ReportError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PIECE = 2**20  # bytes that are unpacked at once
_DEEPEST = 200  # elements within elements; Word itself stays below 40
_PARAGRAPH = 10  # elements that take as long to read as a paragraph
_CHARACTER = 3  # elements and attributes that Word needs for a character, at most; without text none of them is shown
_ADDRESS = 1_000  # characters of the address of a namespace, which is a part of every name
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of others zipfile unpacks the whole at once; Word has none


class Archive:
    """A zip archive from a stranger, and how much its parts may still hold."""

    def __init__(self, archive: zipfile.ZipFile, name: str, size: int, limits: bool) -> None:
        self.archive, self.name, self.size = archive, name, size
        self.names = set(archive.namelist())
        self.unpacked = 4 * 2**20 + 60 * size  # bytes: Word packs 10 to 25 into one
        self.elements = min(200_000 + 2 * size, 800_000)  # with attributes: Word needs more than a byte for each
        self.characters = 200_000 + 5 * size
        self.unshown = 120_000  # elements and attributes beyond what the text needs
        if not limits:
            self.unpacked = self.elements = self.characters = self.unshown = sys.maxsize

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
            found = "a part packed by another method"
            raise ReportError(self.name, part, found, "a file as Word packs it", "save it anew")
        parser = XMLParser(target=_Builder(self, part))
        with self.archive.open(info) as file:
            while piece := file.read(_PIECE):
                self.unpacked -= len(piece)
                if self.unpacked < 0:
                    raise self.refuse(part, "parts that unpack to many times what Word packs")
                # At most so many elements and attributes are in it.
                self.elements -= piece.count(b"<") - piece.count(b"</") + piece.count(b"=")
                if self.elements < 0:
                    raise self.refuse(part, "more elements and attributes than Word packs")
                if len(piece) == _PIECE and b"<" not in piece:
                    raise self.refuse(part, "a megabyte without an element")
                parser.feed(piece)
        root: Element = parser.close()
        level, depth = [root], 0
        while level:
            depth += 1
            if depth > _DEEPEST:
                raise self.refuse(part, f"more than {_DEEPEST} elements within each other")
            for element in level:
                _without_namespaces(element)
                self.unshown -= 1 + len(element.keys()) + _PARAGRAPH * (element.tag == "p")
                self.unshown += _CHARACTER * len(element.text or "") if element.tag == "t" else 0
            level = [child for element in level for child in element]
        if self.unshown < 0:
            raise self.refuse(part, "more elements and attributes than its text needs")
        return root

    def links(self, part: str) -> dict[str, str]:
        """Return the addresses to which a part refers."""
        folder, _, name = part.rpartition("/")
        rels = f"{folder}/_rels/{name}.rels"
        return {r.get("Id", ""): r.get("Target", "") for r in self.parse(rels)} if rels in self.names else {}


class _Builder(TreeBuilder):
    """Build the tree of a part without a document type, which may define entities, and without long namespaces."""

    def __init__(self, archive: Archive, part: str) -> None:
        super().__init__()
        self.archive, self.part = archive, part

    def doctype(self, *_: str | None) -> None:
        found = "XML that defines entities"
        raise ReportError(self.archive.name, self.part, found, "plain XML", "do not open this file")

    def start_ns(self, _: str, address: str) -> None:
        if len(address) > _ADDRESS:
            raise self.archive.refuse(self.part, f"a namespace of {len(address):,} characters")


def _without_namespaces(element: Element) -> None:
    """Leave names without their namespaces; of two attributes with one name the first holds."""
    element.tag = element.tag.rpartition("}")[2]
    if element.keys():
        element.attrib = {name.rpartition("}")[2]: value for name, value in reversed(list(element.items()))}


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


# ---- styles ----------------------------------------------------------------------------------------------------------

_PROPERTIES = ("vanish", "strike", "dstrike", "color", "sz", "vertAlign", "numId", "ilvl")
_WHITE = re.compile("(?:[Ff][89A-Fa-f]){3}")
_TINY = ("0", "1", "2", "3")  # in half points

Properties = Mapping[str, "Element"]


def is_coloured(shade: Element | None) -> bool:
    """Report whether a background has a colour on which white text is seen."""
    fill = "auto" if shade is None else shade.get("fill", "auto")
    return fill != "auto" and not _WHITE.fullmatch(fill)


def _own(*parents: Element | None) -> Properties:
    """Return the properties that are looked for among the children of elements, of several with one name the first."""
    children = [child for parent in parents if parent is not None for child in parent if child.tag in _PROPERTIES]
    return {child.tag: child for child in reversed(children)}


class Styles:
    """The styles of a file, and how the text of a run is seen by them."""

    def __init__(self, part: Element | None) -> None:
        styles = [] if part is None else part.findall("style")
        self.styles = {style.get("styleId"): style for style in styles}
        self.defaults = _own(find(part, "docDefaults", "rPrDefault", "rPr"))
        paragraphs = (s for s in styles if s.get("type") == "paragraph" and s.get("default") in ("1", "true"))
        self.of_paragraphs = next((style.get("styleId") for style in paragraphs), None)
        self.coloured = {style.get("styleId") for style in styles if any(map(is_coloured, style.iter("shd")))}
        self.known: dict[str | None, Properties] = {None: {}, "": {}}

    def of(self, style: str | None) -> Properties:
        """Return the properties of a style, and those of the styles that it rests on."""
        chain: list[Element] = []
        names: list[str | None] = []
        while style not in self.known and style in self.styles:
            self.known[style] = {}  # in a broken file a style rests on itself
            names.append(style)
            chain.append(self.styles[style])
            style = attribute(chain[-1], "basedOn")
        properties = self.known.get(style, {})
        for name, element in zip(reversed(names), reversed(chain), strict=True):
            own = _own(find(element, "rPr"), find(element, "pPr", "numPr"))
            properties = self.known[name] = {**properties, **own}
        return properties

    def is_hidden(self, paragraph: str | None, run: Element | None) -> bool:
        """Report whether text is hidden by its properties, those of a run or of the mark of a paragraph."""
        return _is_set("vanish", *self._layers(paragraph, run))

    def seen(self, paragraph: str | None, run: Element | None, on_colour: bool) -> str:
        """Return how text is seen: "hidden", "struck", "superscript", "subscript", or "" for plainly."""
        layers = self._layers(paragraph, run)
        if _is_set("vanish", *layers) or _value("sz", layers) in _TINY:
            return "hidden"
        if _WHITE.fullmatch(_value("color", layers)) and not (
            on_colour or find(run, "highlight") is not None or is_coloured(find(run, "shd"))
        ):
            return "hidden"
        return "struck" if _is_set("strike", *layers) or _is_set("dstrike", *layers) else _value("vertAlign", layers)

    def _layers(self, paragraph: str | None, run: Element | None) -> tuple[Properties, ...]:
        """Return the properties of text: its own, those of its own style, of its paragraph's, and of all text."""
        return _own(run), self.of(attribute(run, "rStyle")), self.of(paragraph), self.defaults


def _is_set(name: str, own: Properties, style: Properties, paragraph: Properties, defaults: Properties) -> bool:
    """Report whether text has a toggle: where both styles have it, it has not (ISO/IEC 29500-1, 17.7.3)."""
    if name in own:
        return is_on(own[name])
    return is_on(style.get(name)) != is_on(paragraph.get(name)) or is_on(defaults.get(name))


def _value(name: str, layers: tuple[Properties, ...]) -> str:
    return next((layer[name].get("val", "") for layer in layers if name in layer), "")


# ---- lists -----------------------------------------------------------------------------------------------------------

_LEVELS = range(9)  # of a list
_START = 32_767  # the largest number that a list may begin with
_LABEL = 255  # characters of a label


class _Level(NamedTuple):
    """A level of a list: its format, the text of its label, and the number it starts with, as they are stored."""

    form: str = "decimal"
    text: str = ""
    start: str | None = None
    legal: bool = False  # figures at every level
    hidden: bool = False
    restarts: bool = True

    @property
    def first(self) -> int:
        return number(self.start, 1, _START)


class Lists:
    """The lists of a file, and the numbers that Word shows before their paragraphs, counted on from call to call."""

    def __init__(self, part: Element | None) -> None:
        parts = [] if part is None else list(part)
        self.owns = {own.get("numId"): own for own in parts if own.tag == "num"}
        self.kinds = {kind.get("abstractNumId"): _levels(kind) for kind in parts if kind.tag == "abstractNum"}
        self.lists: dict[str | None, tuple[dict[int, _Level], dict[int, int]]] = {}  # their levels and counts
        self.counts: dict[str, dict[int, int]] = {}  # lists of one kind share them

    def label(self, identity: str | None, level: str | None) -> tuple[str, bool]:
        """Return the label of the next paragraph of a list, and whether it is hidden."""
        if identity not in self.lists:
            self.lists[identity] = self._list(self.owns.get(identity))
        levels, counts = self.lists[identity]
        depth = number(level, 0, _START)
        if depth not in levels:
            return "", False
        counts[depth] = counts.get(depth, levels[depth].first - 1) + 1
        for at in _LEVELS[depth + 1 :]:
            if levels[at].restarts:
                counts.pop(at, None)
        return _label(levels, depth, counts), levels[depth].hidden

    def _list(self, own: Element | None) -> tuple[dict[int, _Level], dict[int, int]]:
        kind = attribute(own, "abstractNumId") or ""
        if own is None or not self.kinds.get(kind):
            return {}, {}
        levels, counts = {at: _Level() for at in _LEVELS} | self.kinds[kind], self.counts.setdefault(kind, {})
        for element in own.findall("lvlOverride"):
            levels |= _levels(element)
            # A list that shares its counts with another may start anew.
            if start := attribute(element, "startOverride"):
                counts[_at(element)] = number(start, 1, _START) - 1
        return levels, counts


def _levels(parent: Element) -> dict[int, _Level]:
    return {at: _level(element) for element in parent.findall("lvl") if (at := _at(element)) in _LEVELS}


def _at(element: Element) -> int:
    return number(element.get("ilvl"), 0, _START)


def _level(element: Element) -> _Level:
    return _Level(
        attribute(element, "numFmt") or "decimal",
        attribute(element, "lvlText") or "",
        attribute(element, "start"),
        find(element, "isLgl") is not None,
        is_on(find(element, "rPr", "vanish")),
        attribute(element, "lvlRestart") != "0",
    )


def _label(levels: Mapping[int, _Level], depth: int, counts: Mapping[int, int]) -> str:
    """Write the label of a level: its text, with the counts in place of %1 to %9.

    A bare number gets the full stop by which a paragraph's number is known.
    """
    level = levels[depth]
    if level.form == "bullet":
        return "- "
    if len(level.text) > _LABEL:
        raise ValueError(f"a label of a list of more than {_LABEL} characters")

    def count(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        return _written(counts.get(at, levels[at].first), "decimal" if level.legal else levels[at].form)

    label = re.sub("%([1-9])", count, level.text)
    return f"{label}. " if label.isdecimal() else f"{label} " if label else ""


_ROMAN = ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i")
_VALUES = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)


def _written(count: int, form: str) -> str:
    """Write a count in one of Word's number formats; those of other scripts as figures.

    >>> [_written(4, form) for form in ("decimal", "lowerLetter", "upperRoman", "chineseCounting")]
    ['4', 'd', 'IV', '4']
    """
    text = str(count)
    if form in ("lowerLetter", "upperLetter") and count > 0:
        text = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
    elif form in ("lowerRoman", "upperRoman"):
        text = ""
        for letters, value in zip(_ROMAN, _VALUES, strict=True):
            text += letters * (count // value)
            count %= value
    return "" if form == "none" else text.upper() if form.startswith("upper") else text
