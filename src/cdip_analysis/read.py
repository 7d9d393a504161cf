"""Read a file into blocks: paragraphs and table rows, with the place where each is, and no meaning yet."""

from __future__ import annotations

import codecs
import hashlib
import re
from contextlib import suppress
from itertools import groupby, islice
from pathlib import Path
from typing import NamedTuple

from cdip_analysis.data import SHIPPED
from cdip_analysis.language import LANGUAGES, detect_language, table
from cdip_analysis.model import Block, ReportError

#: Bytes of a file, at most, unless it is read without limits.
LARGEST = 200 * 2**20

# Formats by the bytes with which a file begins: what it is, and the ending of those that are read.
_FORMATS = {
    b"PK\x03\x04": ("a zip archive, such as a Word .docx file", ".docx"),
    b"%PDF": ("a PDF file", ".pdf"),
    b"\xd0\xcf\x11\xe0": ("an old Word file (.doc), or a password-protected one", ""),
    b"{\\rtf": ("an RTF file", ""),
}
_ENCODINGS = ("utf-8", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be", "gb18030")
_QUOTED = 80  # characters, in errors
_COLUMNS = 63  # of a table, as in Word; a line of more is text
_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[|+][|+:=\s-]+")
_FEW = 2  # rows drawn with |, which may be the head of a page
_NUMBER_TAB = re.compile(r"^([0-9]{1,3}[.．、]|[(（]?[a-z0-9]{1,4}[)）]|[-•·])\t")  # a list number set off by a tab


class Source(NamedTuple):
    """A document as read: its name, the hash of its bytes, its language, and its blocks."""

    name: str
    sha256: str
    language: str
    blocks: tuple[Block, ...]


def read(source: str | Path | bytes, language: str | None = None, *, limits: bool = True) -> Source:
    """Read a path, or the bytes of a file, into blocks: text, Word (.docx) or PDF, known by its content.

    `language` is detected if it is left out. With `limits` a file is refused that is larger than a document can be, or
    takes more time or memory. What cannot be read as text in a known language is a ReportError.
    """
    if language is not None and language not in LANGUAGES:
        known = f"one of {', '.join(LANGUAGES)}"
        raise ReportError("load_report", "", f"language {language!r}", known, "give one of these, or none")
    if isinstance(source, bytes):
        name, suffix, data = "document given as bytes", "", source
    else:
        path = Path(source)
        name, suffix, data = path.name, path.suffix.lower(), _bytes(path, limits)
    if limits and len(data) > LARGEST:
        remedy = "give limits=False (--no-limits on the command line) if you trust it"
        raise ReportError(name, "", f"a file of more than {LARGEST // 2**20} MB", "a smaller document", remedy)
    kind = _format(data, name, suffix)
    sha256 = hashlib.sha256(data).hexdigest()
    # Imported here: to read a text needs no parser of XML or PDF.
    if kind == ".docx":
        from cdip_analysis.read_docx import read_docx

        blocks = read_docx(data, name, limits=limits)
    elif kind == ".pdf":
        from cdip_analysis.read_pdf import read_apart, read_pdf

        blocks = read_apart(data, name) if limits else read_pdf(data, name, limits=False)
    else:
        blocks = _blocks(_decode(data, name))
    # Of a long table of names and figures, the text around it tells the language.
    whole, around = ("\n".join(b.text for b in some) for some in (blocks, [b for b in blocks if not b.cells]))
    spoken = detect_language(whole) or language or detect_language(around)
    if not blocks or not spoken:
        found = f"a text in no known language: {whole[:_QUOTED]!r}" if blocks else "no text"
        remedy = "give language=, or a document in one of these"
        raise ReportError(name, "", found, f"text in one of {_languages()}", remedy)
    if blocks[-1].text.endswith("\ufffd"):
        blocks[-1] = blocks[-1]._replace(odd=(*blocks[-1].odd, ("structure.cut_off", {})))
    if language is not None and spoken != language:
        other = ("structure.other_language", {"language": language, "spoken": spoken})
        blocks[0] = blocks[0]._replace(odd=(other, *blocks[0].odd))
    return Source(name, sha256, language or spoken, tuple(blocks))


def _bytes(path: Path, limits: bool) -> bytes:
    try:
        with path.open("rb") as file:
            # In pieces: Python would take the memory for all that it is allowed to read.
            return b"".join(islice(iter(lambda: file.read(2**20), b""), LARGEST // 2**20 + 1 if limits else None))
    except FileNotFoundError:
        folder, known = f"in {path.parent.resolve()}", f"a document, or one of {', '.join(SHIPPED)}"
        raise ReportError(path.name, folder, "no such file", known, "check the name, or give the full path") from None
    except IsADirectoryError:
        raise ReportError(str(path), "", "a folder", "a file", "name one document in it") from None
    except OSError as error:
        raise ReportError(str(path), "", f"{error.strerror or error}", "a readable file", "check the file") from error


def _format(data: bytes, name: str, suffix: str) -> str:
    """Return ".docx", ".pdf" or ".txt", by the content of a file; refuse other formats."""
    if not data.strip():
        raise ReportError(name, "", "an empty file", "the text of a document", "give the document itself")
    known = (_FORMATS[magic] for magic in _FORMATS if data.startswith(magic))
    found, kind = next(known, ("no Word or PDF file", ".txt"))
    if not kind:
        remedy = "save the document as .docx, .pdf or .txt, without a password"
        raise ReportError(name, "", found, "a .docx, .pdf or .txt file", remedy)
    if suffix in (".docx", ".pdf") and kind != suffix:
        raise ReportError(name, "", found, f"a file that is what its name says ({suffix})", "give it its own ending")
    return kind


def _languages() -> str:
    """Name the languages in which a text is looked for, such as ar (Arabic)."""
    return ", ".join(f"{code} ({table('common')['language'][code]['name']})" for code in LANGUAGES)


def _decode(data: bytes, name: str) -> str:
    """Decode a text; one in UTF-8 that was cut off within a character ends with U+FFFD.

    Any bytes are text in most encodings: without a mark, one other than UTF-8 must give a known language.
    """
    for encoding in _ENCODINGS:
        with suppress(UnicodeDecodeError):
            decoder = codecs.getincrementaldecoder(encoding)()
            text = decoder.decode(data, final=encoding != "utf-8") + "\ufffd" * bool(decoder.getstate()[0])
            spoken = ("zh",) if encoding == "gb18030" else LANGUAGES if b"\0" in data else ()
            if "\0" in text:
                continue
            if encoding == "utf-8" or text.startswith("\ufeff") or detect_language(text) in spoken:
                return text.removeprefix("\ufeff")
    readable = data.decode(errors="replace").replace("\0", "\ufffd").partition("\ufffd")[0]
    place, byte = len(_lines(readable)), data[len(readable.encode())]
    found = f"bytes that give no readable text (the first is {byte:#04x})"
    expected = f"text in UTF-8, UTF-16, UTF-32 or GB18030 (for Chinese), in one of {_languages()}"
    raise ReportError(name, f"line {place}", found, expected, "fix the line, or save the document as text in UTF-8")


def _lines(text: str) -> list[str]:
    """Split a text at the ends of lines that files have; `str.splitlines` would split at others, too."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _blocks(text: str) -> list[Block]:
    """Split a text into blocks: a line with a tab, or of a table drawn with |, is a table row, any other a paragraph.

    Blank lines, and those that rule a drawn table, are no blocks.
    """
    blocks: list[Block] = []
    tables = 0
    lines = [line.strip(" \f\v\u3000\xa0") for line in _lines(text)]
    drawn = _drawn(lines)
    for number, line in enumerate(lines, 1):
        row = _NUMBER_TAB.sub(r"\1 ", line, count=1)
        parts = drawn.get(number, row.split("\t"))
        cells = tuple(part.strip().replace(r"\|", "|") for part in parts) if 1 < len(parts) <= _COLUMNS else ()
        if (words := row.strip()) and parts:
            tables += bool(cells) and not (blocks and blocks[-1].cells)
            blocks.append(Block(words, cells, number, table=tables if cells else None))
    return blocks


def _drawn(lines: list[str]) -> dict[int, list[str]]:
    """Return the cells of tables drawn with | by the numbers of lines; a line that only rules a table has none.

    Such a table is ruled, as in Markdown, or has at least three rows alike: programs draw the head of a page so, too.
    """
    found: dict[int, list[str]] = {}
    for is_drawn, group in groupby(enumerate(lines, 1), lambda one: one[1][:1] == "|" or bool(_RULE.fullmatch(one[1]))):
        rows = [(number, [] if _RULE.fullmatch(line) else _cells(line)) for number, line in group]
        alike = len({len(cells) for _, cells in rows}) == 1
        if is_drawn and (any(not cells for _, cells in rows) or (alike and len(rows) > _FEW)):
            found |= {number: cells for number, cells in rows if len(cells) != 1}
    return found


def _cells(line: str) -> list[str]:
    """Cut a line at its bars; the last bar may be lacking."""
    cells = _BAR.split(line)[1:]
    return cells[:-1] if len(cells) > 1 and not cells[-1].strip() else cells
