"""The parts of a Word file (.docx): unpacked and parsed within bounds, and what styles and lists say of a paragraph.

A file of so many bytes may hold so many elements and so much text, far more than Word packs into it. XML with a
document type is refused, so no entity can be defined.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, TreeBuilder, XMLParser

from cdip_analysis.model import ReportError

_PIECE = 2**20  # bytes that are unpacked at once
_DEEPEST = 200  # elements within elements; Word itself stays below 40
_PARAGRAPH = 10  # elements that take as long to read as a paragraph
_CHARACTER = 3  # elements and attributes that Word needs for a character, at most; without text none of them is shown
_ADDRESS = 1_000  # characters of the address of a namespace, which is a part of every name
_MOST = 32_767  # of a number: what a list may begin with
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of others zipfile unpacks the whole at once; Word has none


class Archive:
    """A zip archive from a stranger, and how much its parts may still hold."""

    def __init__(self, data: bytes, name: str, limits: bool) -> None:
        self.archive, self.name, self.size, self.limits = zipfile.ZipFile(io.BytesIO(data)), name, len(data), limits
        self.names = set(self.archive.namelist())
        self.left = {
            "bytes": 4 * 2**20 + 60 * self.size,  # Word packs 10 to 25 into one
            "elements and attributes": min(200_000 + 2 * self.size, 800_000),  # Word has more bytes than these
            "characters": 200_000 + 5 * self.size,
            "elements and attributes without text": 120_000,
        }

    def refuse(self, part: str, found: str) -> ReportError:
        """Return the error for a file that holds more than a document of its size."""
        remedy = "do not open this file if it comes from a stranger: it is made to fill memory"
        return ReportError(self.name, part, found, f"a document in a file of {self.size:,} bytes", remedy)

    def take(self, what: str, count: int, part: str = "") -> None:
        """Count something against what a file of this size may hold."""
        self.left[what] -= count
        if self.limits and self.left[what] < 0:
            raise self.refuse(part, f"more {what} than Word packs into a file of this size")

    def spend(self, text: str) -> str:
        """Count text: a label or an address may be used many times."""
        self.take("characters", len(text))
        return text

    def parse(self, part: str) -> Element:
        """Parse a part in pieces: what the archive says of its size may be a lie. One that is not there is empty.

        Each hyperlink gets its address, which is kept beside the part.
        """
        if part not in self.names:
            return Element("nothing")
        info = self.archive.getinfo(part)
        if info.compress_type not in _METHODS:
            found = "a part packed by another method"
            raise ReportError(self.name, part, found, "a file as Word packs it", "save it anew")
        builder = _Builder(self, part)
        parser = XMLParser(target=builder)
        with self.archive.open(info) as file:
            while piece := file.read(_PIECE):
                self.take("bytes", len(piece), part)
                # At most so many elements and attributes are in it.
                self.take("elements and attributes", piece.count(b"<") - piece.count(b"</") + piece.count(b"="), part)
                if self.limits and len(piece) == _PIECE and b"<" not in piece:
                    raise self.refuse(part, "a megabyte without an element")
                parser.feed(piece)
        root: Element = parser.close()
        for forms in root.iter("AlternateContent"):  # in which one thing is stored: the others show it once more
            del forms[1:]
        shown = sum(len(text.text or "") for text in root.iter("t"))
        self.take("elements and attributes without text", builder.count - _CHARACTER * shown, part)
        folder, _, name = part.rpartition("/")
        addresses = {r.get("Id"): r.get("Target", "") for r in self.parse(f"{folder}/_rels/{name}.rels")}
        for link in root.iter("hyperlink"):
            link.set("address", addresses.get(link.get("id"), ""))
        return root


class _Builder(TreeBuilder):
    """Build the tree of a part, and count how much it takes to read.

    Names are left without their namespace, in which alone strict and transitional files differ; of two attributes with
    one name the first holds.
    """

    def __init__(self, archive: Archive, part: str) -> None:
        super().__init__()
        self.archive, self.part, self.depth, self.count = archive, part, 0, 0

    def doctype(self, *_: str | None) -> None:
        found = "XML that defines entities"
        raise ReportError(self.archive.name, self.part, found, "plain XML", "do not open this file")

    def start_ns(self, _: str, address: str) -> None:
        if len(address) > _ADDRESS:
            raise self.archive.refuse(self.part, f"a namespace of {len(address):,} characters")

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.archive.refuse(self.part, f"more than {_DEEPEST} elements within each other")
        bare = tag.rpartition("}")[2]
        self.count += 1 + len(attributes) + _PARAGRAPH * (bare == "p")
        return super().start(bare, {name.rpartition("}")[2]: own for name, own in reversed(attributes.items())})

    def end(self, tag: str) -> Element:
        self.depth -= 1
        return super().end(tag)


def find(element: Element | None, *path: str) -> Element | None:
    """Return the element at the end of a path, of several at a step the first; None where there is none."""
    for step in path:
        element = element.find(step) if element is not None else None
    return element


def attribute(element: Element | None, *path: str) -> str | None:
    """Return the attribute ``val`` of the element at the end of a path, "" if it has none; None without an element."""
    found = find(element, *path)
    return found.get("val", "") if found is not None else None


def is_on(value: str | None) -> bool:
    """Report whether a property is set: it is there, and does not say that it is off."""
    return value not in (None, "0", "false", "off")


def number(text: str | None, otherwise: int, most: int = _MOST) -> int:
    """Read a whole number of an attribute; what is none, or larger than Word makes it, counts as not there."""
    figures = re.fullmatch("[0-9]{1,5}", text or "")
    return int(figures[0]) if figures and int(figures[0]) <= most else otherwise


def words(element: Element) -> str:
    """Return the text below an element, as it is stored."""
    return "".join(part.text or "" for part in element.iter("t"))


def within(parent: Element, *tags: str) -> Iterator[Element]:
    """Yield the elements of some kinds below another, and none within one of them."""
    for element in parent:
        if element.tag in tags:
            yield element
        else:
            yield from within(element, *tags)


# ---- styles ----------------------------------------------------------------------------------------------------------

_PROPERTIES = {"vanish", "strike", "dstrike", "color", "sz", "vertAlign", "numId", "ilvl"}
_PROPERTIES |= {"start", "numFmt", "lvlText", "isLgl", "lvlRestart"}  # of a level of a list
_RESTS = 20  # styles that rest on each other; Word itself stays below 12
_WHITE = re.compile("(?:[Ff][89A-Fa-f]){3}")
_TINY = ("0", "1", "2", "3")  # in half points

Properties = Mapping[str, str]


def is_coloured(shade: Element | None) -> bool:
    """Report whether a background has a colour on which white text is seen."""
    fill = "auto" if shade is None else shade.get("fill", "auto")
    return fill != "auto" and not _WHITE.fullmatch(fill)


def properties_of(*parents: Element | None) -> Properties:
    """Return the properties that are looked for among the children of elements, of several with one name the first."""
    children = [child for parent in parents if parent is not None for child in parent if child.tag in _PROPERTIES]
    return {child.tag: child.get("val", "") for child in reversed(children)}


class Styles:
    """The styles of a file, and how the text of a run is seen by them."""

    def __init__(self, part: Element) -> None:
        styles = part.findall("style")
        self.below = {style.get("styleId"): attribute(style, "basedOn") for style in styles}
        parts = {style.get("styleId"): (find(style, "rPr"), find(style, "pPr", "numPr")) for style in styles}
        self.own = {name: properties_of(*both) for name, both in parts.items()}
        self.defaults = properties_of(find(part, "docDefaults", "rPrDefault", "rPr"))
        paragraphs = (s for s in styles if s.get("type") == "paragraph" and s.get("default") in ("1", "true"))
        self.of_paragraphs = next((style.get("styleId") for style in paragraphs), None)
        self.coloured = {style.get("styleId") for style in styles if any(map(is_coloured, style.iter("shd")))}

    def of(self, style: str | None, element: Element | None = None) -> Properties:
        """Return the properties of an element, else those of its style, and of the styles that this rests on."""
        properties = properties_of(element)
        for _ in range(_RESTS):
            properties = {**self.own.get(style, {}), **properties}
            if (style := self.below.get(style)) is None:
                break
        return properties

    def text(self, paragraph: str | None, run: Element | None) -> Properties:
        """Return the properties of text: its own, else those of its own style, of its paragraph's, or of all text."""
        return {**self.defaults, **self.of(paragraph), **self.of(attribute(run, "rStyle"), run)}

    def seen(self, paragraph: str | None, run: Element | None, on_colour: bool) -> str:
        """Return how text is seen: "hidden", "struck", "superscript", "subscript", or "" for plainly."""
        properties = self.text(paragraph, run)
        is_white = _WHITE.fullmatch(properties.get("color", "")) and not (
            on_colour or find(run, "highlight") is not None or is_coloured(find(run, "shd"))
        )
        if is_white or is_on(properties.get("vanish")) or properties.get("sz") in _TINY:
            return "hidden"
        is_struck = is_on(properties.get("strike")) or is_on(properties.get("dstrike"))
        return "struck" if is_struck else properties.get("vertAlign", "")


# ---- lists -----------------------------------------------------------------------------------------------------------

_LEVELS = 9  # of a list
_LABEL = 255  # characters of a label


class Lists:
    """The lists of a file, and the numbers that Word shows before their paragraphs, counted on from call to call."""

    def __init__(self, part: Element) -> None:
        read = {kind: _levels(kind) for kind in part.findall("abstractNum")}
        # A list may have its levels from another by the name of a style that both have.
        styled = {style: levels for kind, levels in read.items() if (style := attribute(kind, "styleLink"))}
        kinds = {
            kind.get("abstractNumId"): levels or styled.get(attribute(kind, "numStyleLink") or "", {})
            for kind, levels in read.items()
        }
        self.lists: dict[str | None, tuple[str | None, dict[int, Properties]]] = {}
        self.restarts: dict[str | None, dict[int, int]] = {}  # of lists that no paragraph has begun
        self.counts = defaultdict[str | None, dict[int, int]](dict)  # lists of one kind share them
        for num in part.findall("num"):
            kind, starts = attribute(num, "abstractNumId"), {}
            levels = dict(kinds.get(kind, {}))
            for override in num.findall("lvlOverride"):
                levels |= _levels(override)
                if start := attribute(override, "startOverride"):
                    starts[number(override.get("ilvl"), 0)] = number(start, 1) - 1
            self.lists[num.get("numId")], self.restarts[num.get("numId")] = (kind, levels), starts

    def label(self, numbering: Properties) -> str:
        """Return the label of the next paragraph of a list, by the properties that say which list and level.

        A bare number gets the full stop by which a paragraph's number is known.
        """
        identity, depth = numbering.get("numId"), number(numbering.get("ilvl"), 0)
        kind, levels = self.lists.get(identity, (None, {}))
        if depth not in levels:
            return ""
        own, counts = levels[depth], self.counts[kind]
        counts |= self.restarts.pop(identity, {})
        counts[depth] = counts.get(depth, number(own.get("start"), 1) - 1) + 1
        for at in range(depth + 1, _LEVELS):
            if levels.get(at, {}).get("lvlRestart") != "0":
                counts.pop(at, None)

        def count(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            level = levels.get(at, {})
            form = level.get("numFmt", "decimal") if "isLgl" not in own else "decimal"
            return _written(counts.get(at, number(level.get("start"), 1)), form)

        if is_on(own.get("vanish")):
            return ""
        label = re.sub("%([1-9])", count, own.get("lvlText", "")[:_LABEL]) if own.get("numFmt") != "bullet" else "-"
        return f"{label}. " if label.isdecimal() else f"{label} " if label else ""


def _levels(parent: Element) -> dict[int, Properties]:
    """Read what a list says of its levels."""
    levels = ((number(level.get("ilvl"), 0), level) for level in parent.findall("lvl"))
    return {at: properties_of(level, find(level, "rPr")) for at, level in levels if at < _LEVELS}


_ROMAN_TENS = ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc")
_ROMAN_UNITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")


def _written(count: int, form: str) -> str:
    """Write a count in one of Word's number formats; those of other scripts, and Roman ones from 100 on, as figures.

    >>> [_written(4, form) for form in ("decimal", "lowerLetter", "upperRoman", "chineseCounting")]
    ['4', 'd', 'IV', '4']
    """
    text = str(count)
    if form in ("lowerLetter", "upperLetter") and count > 0:
        text = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
    elif form in ("lowerRoman", "upperRoman") and count < 100:
        text = _ROMAN_TENS[count // 10] + _ROMAN_UNITS[count % 10]
    return "" if form == "none" else text.upper() if form.startswith("upper") else text
