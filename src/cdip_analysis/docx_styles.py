"""What the styles and lists of a Word file say of a paragraph: its number, and how its text is seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from cdip_analysis.docx_parts import attribute, find, is_on, number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["Lists", "Styles", "is_coloured"]

_INHERITED = 20  # styles that a style rests on; in a broken file a style rests on itself
_WHITE = re.compile("(?:[Ff][89A-Fa-f]){3}")
_TINY = ("0", "1", "2", "3")  # in half points
_LEVELS = 9  # of a list
_START = 32_767  # the largest number that a list may begin with
_LABEL = 255  # characters of a label


def is_coloured(shade: Element | None) -> bool:
    """Report whether a background has a colour on which white text is seen."""
    fill = "auto" if shade is None else shade.get("fill", "auto")
    return fill != "auto" and not _WHITE.fullmatch(fill)


class Styles:
    """The styles of a file, and how the text of a run is seen by them."""

    def __init__(self, part: Element | None) -> None:
        styles = [] if part is None else part.findall("style")
        self.styles = {style.get("styleId"): style for style in styles}
        self.defaults = find(part, "docDefaults", "rPrDefault")
        paragraphs = (s for s in styles if s.get("type") == "paragraph" and s.get("default") in ("1", "true"))
        self.of_paragraphs = next((style.get("styleId") for style in paragraphs), None)
        self.coloured = {style.get("styleId") for style in styles if any(map(is_coloured, style.iter("shd")))}
        self.inherited: dict[tuple[str | None, ...], Element | None] = {}

    def find(self, style: str | None, *path: str) -> Element | None:
        """Return a property of a style, or of the first that it rests on that has it."""
        key = (style, *path)
        if key not in self.inherited:
            at, found = self.styles.get(style) if style else None, None
            for _ in range(_INHERITED):
                found = find(at, *path)
                if at is None or found is not None:
                    break
                at = self.styles.get(attribute(at, "basedOn"))
            self.inherited[key] = found
        return self.inherited[key]

    def toggles(self, paragraph: str | None, run: Element | None, name: str) -> bool:
        """Report whether text has a toggle: where both styles have it, it has not (ISO/IEC 29500-1, 17.7.3)."""
        own = find(run, name)
        if own is not None:
            return is_on(own)
        of_run = is_on(self.find(attribute(run, "rStyle"), "rPr", name))
        return of_run != is_on(self.find(paragraph, "rPr", name)) or is_on(find(self.defaults, "rPr", name))

    def value(self, paragraph: str | None, run: Element | None, name: str) -> str:
        """Return a property of text: its own, else of its own style, else of its paragraph's, else of all."""
        path, style = ("rPr", name), attribute(run, "rStyle")
        of = (find(run, name), self.find(style, *path), self.find(paragraph, *path), find(self.defaults, *path))
        return next((element.get("val", "") for element in of if element is not None), "")

    def seen(self, paragraph: str | None, run: Element | None, on_colour: bool) -> str:
        """Return how text is seen: "hidden", "struck", "superscript", "subscript", or "" for plainly."""
        on_colour = on_colour or find(run, "highlight") is not None or is_coloured(find(run, "shd"))
        white = not on_colour and _WHITE.fullmatch(self.value(paragraph, run, "color"))
        if self.toggles(paragraph, run, "vanish") or white or self.value(paragraph, run, "sz") in _TINY:
            return "hidden"
        if self.toggles(paragraph, run, "strike") or self.toggles(paragraph, run, "dstrike"):
            return "struck"
        return self.value(paragraph, run, "vertAlign")


class Lists:
    """The lists of a file, and the numbers that Word shows before their paragraphs, counted on from call to call."""

    def __init__(self, part: Element | None) -> None:
        parts = [] if part is None else list(part)
        self.owns = {own.get("numId"): own for own in parts if own.tag == "num"}
        self.kinds = {kind.get("abstractNumId"): _levels(kind, "lvl") for kind in parts if kind.tag == "abstractNum"}
        self.lists: dict[str | None, _List | None] = {}
        self.counters: dict[str, dict[int, int]] = {}  # of lists of one kind, by level

    def label(self, identity: str | None, level: str | None) -> tuple[str, bool]:
        """Return the label of the next paragraph of a list, and whether it is hidden."""
        depth = number(level, 0, _START)
        own = self._list(identity)
        if own is None or not 0 <= depth < _LEVELS:
            return "", False
        counts = self.counters[own.kind]
        counts[depth] = counts.get(depth, own.starts[depth] - 1) + 1
        for at in range(depth + 1, _LEVELS):
            if at in counts and attribute(own.levels.get(at), "lvlRestart") != "0":
                del counts[at]
        return _label(own.levels, depth, {**own.starts, **counts}), is_on(find(own.levels.get(depth), "rPr", "vanish"))

    def _list(self, identity: str | None) -> _List | None:
        if identity not in self.lists:
            own = self.owns.get(identity)
            kind = attribute(own, "abstractNumId") or ""
            self.lists[identity] = None
            if own is not None and (levels := self.kinds.get(kind)):
                overrides = _levels(own, "lvlOverride")
                levels = {**levels, **{at: lvl for at, o in overrides.items() if (lvl := o.find("lvl")) is not None}}
                starts = {at: number(attribute(levels.get(at), "start"), 1, _START) for at in range(_LEVELS)}
                self.lists[identity] = _List(kind, levels, starts)
                # A list that shares its counts with another may start anew.
                counts = self.counters.setdefault(kind, {})
                anew = {at: start for at, o in overrides.items() if (start := attribute(o, "startOverride"))}
                counts |= {at: number(start, 1, _START) - 1 for at, start in anew.items()}
        return self.lists[identity]


class _List(NamedTuple):
    """A list of numbered paragraphs: lists of one kind share their counts."""

    kind: str
    levels: Mapping[int, Element]
    starts: Mapping[int, int]


def _levels(parent: Element, tag: str) -> dict[int, Element]:
    levels = {number(element.get("ilvl"), 0, _START): element for element in parent if element.tag == tag}
    return {at: levels[at] for at in range(_LEVELS) if at in levels}


def _label(levels: Mapping[int, Element], depth: int, counts: Mapping[int, int]) -> str:
    """Write the label of a level: its text, with the counts in place of %1 to %9.

    A bare number gets the full stop by which a paragraph's number is known.
    """
    level = levels.get(depth)
    if attribute(level, "numFmt") == "bullet":
        return "- "
    legal = find(level, "isLgl") is not None  # figures at every level

    def count(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        return _written(counts[at], "decimal" if legal else attribute(levels.get(at), "numFmt") or "decimal")

    text = attribute(level, "lvlText") or ""
    if len(text) > _LABEL:
        raise ValueError(f"a label of a list of more than {_LABEL} characters")
    label = re.sub("%([1-9])", count, text)
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
