"""Read a file into blocks: paragraphs and table rows, with the place where each stands, and no meaning yet."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from cdip_analysis.phrases import LANGUAGES, detect_language, table
from cdip_analysis.records import Block, ReportError
from cdip_analysis.reference import SHIPPED

__all__ = ["Source", "read"]

_LINE = re.compile(r"\r\n|\r|\n")
_NUMBER_TAB = re.compile(r"^([0-9]{1,3}[.．、]|[(（]?[a-z0-9]{1,4}[)）]|[-•·])\t")  # a list number set off by a tab
_KNOWN_FORMATS = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a zip archive, such as a Word .docx file",
    b"\xd0\xcf\x11\xe0": "an old Word file (.doc) or a password-protected one",
    b"{\\rtf": "an RTF file",
}


class Source(NamedTuple):
    """A document as read: its name, the hash of its bytes, its language, and its blocks."""

    name: str
    sha256: str
    language: str
    blocks: tuple[Block, ...]


def read(source: str | Path | bytes | None, language: str | None = None) -> Source:
    """Read a document into blocks.

    Parameters
    ----------
    source : str, Path or bytes, optional
        A path, or the bytes of a file; None for the shipped Chinese report.
    language : str, optional
        ISO 639-1 code; detected where it is not given.

    Returns
    -------
    Source
        Name, sha256, language and blocks.

    Raises
    ------
    ReportError
        If the file is missing, a folder, empty, of another format, or gives no readable text of a known language.

    Examples
    --------
    >>> read(None).blocks[0].text, read(None).language
    ('发展与知识产权委员会（CDIP）', 'zh')
    """
    if language is not None and language not in LANGUAGES:
        raise ReportError(
            "load_report", "", f"language {language!r}", f"one of {', '.join(LANGUAGES)}", "give one of these, or none"
        )
    if source is None:
        source = _shipped(language or "zh")
    name = "document given as bytes" if isinstance(source, bytes) else Path(source).name
    data = source if isinstance(source, bytes) else _bytes(Path(source))
    if not data.strip():
        raise ReportError(name, "", "an empty file", "the text of a document", "give the document itself")
    for magic, what in _KNOWN_FORMATS.items():
        if data.startswith(magic):
            raise ReportError(name, "", what, "a text file", "save the document as plain text (.txt, UTF-8)")
    text, spoken = _decode(data, name, language)
    return Source(name, hashlib.sha256(data).hexdigest(), spoken, tuple(_blocks(text)))


def _shipped(language: str) -> Path:
    if language not in SHIPPED:
        there = ", ".join(SHIPPED)
        raise ReportError(
            "the shipped report", "", f"no edition in {language!r}", f"one of {there}", "name one of these"
        )
    return SHIPPED[language]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ReportError(str(path), "", "no such file", "a document", "check the path") from None
    except IsADirectoryError:
        raise ReportError(str(path), "", "a folder", "a file", "name one document in it") from None
    except OSError as error:
        raise ReportError(str(path), "", f"{error.strerror or error}", "a readable file", "check the file") from error


def _decode(data: bytes, name: str, language: str | None) -> tuple[str, str]:
    """Take the first decoding whose text is in a known language: GB18030 reads almost any bytes, to nonsense."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "utf-16-le", "utf-16-be"] if b"\0" in data else ["utf-8-sig", "gb18030"]
        encodings += ["utf-16-le", "utf-16-be"] if b"\0" not in data else []
    readable = []
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            continue
        spoken = detect_language(text)
        if spoken is not None:
            return text, language or spoken
        readable.append((encoding, text))
    tried = ", ".join(f"{code} ({table('common')['language'][code]['name']})" for code in LANGUAGES)
    if readable and readable[0][0] in ("utf-8-sig", "utf-16") and _is_text(readable[0][1]):
        if language is not None:
            return readable[0][1], language
        raise ReportError(
            name, "", "a text in no known language", f"one of {tried}", "give language=, or a document in one of these"
        )
    raise ReportError(
        name,
        "",
        "bytes that give no readable text",
        f"text in UTF-8, UTF-16 or GB18030, in one of {tried}",
        "save the document as plain text in UTF-8",
    )


def _is_text(text: str) -> bool:
    """Tell text from binary data: letters, and no control signs but those of lines and pages."""
    controls = sum(1 for sign in text if ord(sign) < 32 and sign not in "\t\n\r\f\v")
    return controls == 0 and any(map(str.isalpha, text))


def _blocks(text: str) -> list[Block]:
    """Split a text into blocks: a line with a tab is a table row, any other a paragraph; blank lines are none."""
    blocks = []
    page = 1 if "\f" in text else None
    for number, line in enumerate(_LINE.split(text), 1):
        page = page + line.count("\f") if page is not None else None
        line = _NUMBER_TAB.sub(r"\1 ", line.strip(" \f\v\u3000\xa0"), count=1)
        if not line.strip():
            continue
        cells = tuple(cell.strip() for cell in line.split("\t")) if "\t" in line else ()
        blocks.append(Block(line.strip(), cells, number, page))
    return blocks
