"""Read a file into blocks: paragraphs and table rows, with the place where each stands, and no meaning yet."""

from __future__ import annotations

import hashlib
import re
from codecs import BOM_UTF8
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from cdip_analysis.data import SHIPPED
from cdip_analysis.language import LANGUAGES, detect_language, table
from cdip_analysis.model import Block, ReportError

__all__ = ["LARGEST", "Source", "read"]

_NUMBER_TAB = re.compile(r"([0-9]{1,3}[.．、]|[(（]?[a-z0-9]{1,4}[)）]|[-•·])\t")  # a list number set off by a tab
_WORD, _PDF, _OLE = b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0"
_FORMATS = {_WORD: "a zip archive, such as a Word .docx file", _PDF: "a PDF file"}
_OTHER_FORMATS = {
    _OLE: "an old Word file (.doc)",
    b"{\\rtf": "an RTF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"II*\x00": "a picture",
}
# By what language a decoding is known to be right: the older ones give text from almost any bytes, mostly nonsense.
_DECODINGS = {
    "utf-8-sig": LANGUAGES,
    "gb18030": ("zh",),
    "utf-16-le": LANGUAGES,
    "utf-16-be": LANGUAGES,
    "cp1252": ("en", "es", "fr"),
    "cp1251": ("ru",),
    "cp1256": ("ar",),
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
        A path, or the bytes of a file: text, Word (.docx) or PDF, told by its content. None
        for the shipped Chinese report.
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
    if isinstance(source, bytes):
        name, suffix, data = "document given as bytes", "", source
    else:
        path = Path(source) if source is not None else _shipped(language or "zh")
        name, suffix, data = path.name, path.suffix.lower(), _bytes(path)
    if not data.strip():
        raise ReportError(name, "", "an empty file", "the text of a document", "give the document itself")
    for other, what in _OTHER_FORMATS.items():
        if data.startswith(other):
            if other == _OLE and "EncryptedPackage".encode("utf-16-le") in data:
                raise ReportError(
                    name, "", "a password-protected file", "a file that opens without one", "save it without a password"
                )
            raise ReportError(name, "", what, "a .docx, .pdf or .txt file", "save the document as .docx, .pdf or .txt")
    magic = next((magic for magic in _FORMATS if data.startswith(magic)), None)
    if suffix in _SUFFIXES and magic != _SUFFIXES[suffix]:
        what = _FORMATS.get(magic, "a file of another kind") if magic else "no Word or PDF file"
        raise ReportError(name, "", what, f"a file that is what its name says ({suffix})", "give it its own ending")
    sha256 = hashlib.sha256(data).hexdigest()
    if magic is None:
        text, spoken, odd = _decode(data, name, language)
        return Source(name, sha256, language or spoken, _noted(_blocks(text), language, spoken, odd))
    # Imported here: who reads text needs neither a parser of XML nor one of PDF.
    module = import_module(f"cdip_analysis.read_{'docx' if magic == _WORD else 'pdf'}")
    blocks: list[Block] = (module.read_docx if magic == _WORD else module.read_pdf)(data, name)
    spoken = detect_language("\n".join(block.text for block in blocks)) or language or ""
    if not spoken:
        raise ReportError(
            name,
            "",
            "a text in no known language" if blocks else "no text",
            f"text in one of {_tried()}",
            "give language=, or a document in one of these",
        )
    return Source(name, sha256, language or spoken, _noted(blocks, language, spoken))


#: Bytes of a file, at most: ten times the longest text that was tried.
LARGEST = 256 * 2**20
_SUFFIXES = {".docx": _WORD, ".pdf": _PDF}


def _noted(blocks: list[Block], language: str | None, spoken: str, at_end: str = "") -> tuple[Block, ...]:
    """Write down beside the blocks what is odd about the whole file."""
    if at_end and blocks:
        blocks[-1] = blocks[-1]._replace(odd=((at_end, {}),))
    if language is not None and spoken != language and blocks:
        other = ("structure.other_language", {"language": language, "spoken": spoken})
        blocks[0] = blocks[0]._replace(odd=(other, *blocks[0].odd))
    return tuple(blocks)


def _tried() -> str:
    """Name the languages in which a text was looked for.

    >>> _tried()
    'ar (Arabic), en (English), es (Spanish), fr (French), ru (Russian), zh (Chinese)'
    """
    return ", ".join(f"{code} ({table('common')['language'][code]['name']})" for code in LANGUAGES)


def _shipped(language: str) -> Path:
    if language not in SHIPPED:
        there = ", ".join(SHIPPED)
        raise ReportError(
            "the shipped report", "", f"no edition in {language!r}", f"one of {there}", "name one of these"
        )
    return SHIPPED[language]


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            found, most = f"a file of {size / 2**20:.0f} MB", f"a document of at most {LARGEST // 2**20} MB"
            raise ReportError(str(path), "", found, most, "give the document itself, or part of it")
        return path.read_bytes()
    except FileNotFoundError:
        raise ReportError(str(path), "", "no such file", "a document", "check the path") from None
    except IsADirectoryError:
        raise ReportError(str(path), "", "a folder", "a file", "name one document in it") from None
    except OSError as error:
        raise ReportError(str(path), "", f"{error.strerror or error}", "a readable file", "check the file") from error


def _decode(data: bytes, name: str, language: str | None) -> tuple[str, str, str]:
    """Take the first decoding whose text is in a language that it was made for: text, language, what is odd."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data:
        encodings = ["utf-8-sig", "utf-16-le", "utf-16-be"]
    else:
        encodings = list(_DECODINGS)
    readable = []
    for encoding in encodings:
        odd = ""
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding != "utf-8-sig" or error.reason != "unexpected end of data":
                continue
            # The error's place is counted behind the byte order mark.
            text, odd = (
                data.removeprefix(BOM_UTF8)[: error.start].decode(),
                "structure.cut_off",
            )
        if "\0" in text:
            continue
        spoken = detect_language(text)
        if encoding == "utf-8-sig" and language is not None and not data.isascii():
            # No other encoding gives bytes that are UTF-8, and a short text may tell no language.
            return text, spoken or language, odd
        if spoken in _DECODINGS.get(encoding, LANGUAGES) and (encoding not in _OF_ONE_BYTE or _of_letters(text)):
            return text, str(spoken), odd
        readable.append((encoding, text))
    if readable and readable[0][0] in ("utf-8-sig", "utf-16") and _is_text(readable[0][1]):
        if language is not None:
            return readable[0][1], language, ""
        raise ReportError(
            name,
            "",
            "a text in no known language",
            f"one of {_tried()}",
            "give language=, or a document in one of these",
        )
    if wrong := _wrong_byte(data):
        line, byte = wrong
        raise ReportError(
            name,
            f"line {line}",
            f"a byte that no text in UTF-8 has there ({byte:#04x})",
            "text in UTF-8",
            "mend the line",
        )
    raise ReportError(
        name,
        "",
        "bytes that give no readable text",
        f"text in UTF-8, UTF-16, GB18030 or a Windows encoding, in one of {_tried()}",
        "save the document as plain text in UTF-8",
    )


def _wrong_byte(data: bytes) -> tuple[int, int] | None:
    """Find the first wrong byte of a text that is UTF-8 but for a few: its line, and the byte."""
    text = data.decode("utf-8", errors="replace").replace("\0", "\ufffd")
    if not 0 < text.count("\ufffd") <= len(text) / 100 or detect_language(text) is None:
        return None
    zero = data.find(b"\0")
    try:
        data.decode("utf-8")
        place = zero
    except UnicodeDecodeError as error:
        place = min(zero, error.start) if zero >= 0 else error.start
    return len(_lines(data[:place].decode("utf-8"))), data[place]


def _of_letters(text: str) -> bool:
    """Tell a text in an encoding of one byte a sign from nonsense, which is full of signs that are no letters.

    >>> _of_letters("Comité du développement — “rapport”"), _of_letters("¼¼°è ÁöÀûÀç»ê±Ç±â±¸ À§¿øÈ¸")
    (True, False)
    """
    beyond = [sign for sign in text if sign > "\x7f"]
    odd = sum(1 for sign in beyond if not sign.isalpha() and sign not in _PUNCTUATION)
    return odd * 50 <= len(beyond) or odd <= 2


_OF_ONE_BYTE = ("cp1252", "cp1251", "cp1256")
_PUNCTUATION = "\xa0«»“”„‘’‚‹›–—…•·°№§™©®€¿¡،؛؟\u200c\u200d\u200e\u200f"


def _is_text(text: str) -> bool:
    """Tell text from binary data: letters, and no control signs but those of lines and pages."""
    controls = sum(1 for sign in text if ord(sign) < 32 and sign not in "\t\n\r\f\v")
    return controls == 0 and any(map(str.isalpha, text))


def _lines(text: str) -> list[str]:
    r"""Split a text at the ends of lines that files have; `str.splitlines` would split at others, too.

    >>> _lines("a\r\nb\rc\u2028d\n")
    ['a', 'b', 'c\u2028d', '']
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _blocks(text: str) -> list[Block]:
    """Split a text into blocks: a line with a tab is a table row, any other a paragraph; blank lines are none."""
    blocks = []
    page = 1 if "\f" in text else None
    for number, line in enumerate(_lines(text), 1):
        if page is not None:
            page += line.count("\f")
        if "\t" not in line:
            if words := line.strip():
                blocks.append(Block(words, (), number, page))
            continue
        line = line.strip(" \f\v\u3000\xa0")
        if number_tab := _NUMBER_TAB.match(line):
            line = f"{number_tab[1]} {line[number_tab.end() :]}"
        if words := line.strip():
            cells = tuple([cell.strip() for cell in line.split("\t")]) if "\t" in line else ()
            blocks.append(Block(words, cells, number, page))
    return blocks
