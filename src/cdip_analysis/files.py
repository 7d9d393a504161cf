"""Write a file or a folder whole or not at all: beside the target first, then moved over it in one step."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

#: What every file of ours carries, uncompressed: the metadata ``Software`` of a PNG, ``Creator`` of an SVG,
#: ``Application`` of a workbook or a Word file, a comment in Markdown or HTML.
MARK = "Made by cdip-analysis"

#: The time of every part of a zip archive that we write, so that the same content gives the same bytes.
STAMP = (1980, 1, 1, 0, 0, 0)

_COMMENT = re.compile(rb"(<!-- " + MARK.encode() + rb")(?:, checksum ([0-9a-f]{16}))?( -->)")
_APPLICATION = "docProps/app.xml"


def is_ours(path: Path) -> bool:
    """Report whether a file still is as this package wrote it: no program put its name in, no person edited it."""
    data = path.read_bytes()
    comment = _COMMENT.search(data)
    if comment and comment[2]:
        return comment[2] == _checksum(data)
    return MARK.encode() in data


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(_COMMENT.sub(rb"\1\3", data, count=1)).hexdigest()[:16].encode()


@contextmanager
def atomic_write(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path to write to; what is there at the end becomes the file.

    The temporary file lies beside the target and has its suffix and mode. It is moved over the target in one step, and
    only if the block ran to its end: a crash, a full disk or an open workbook leaves the old file whole, and no
    temporary file. Missing folders are made. A file that is there already is replaced if `is_ours`, or with
    `overwrite`, else it is a FileExistsError; what another program saved meanwhile is never overwritten.
    """
    target = Path(path).resolve()  # of a link, the file that it points at
    before = _state(target)

    def refuse() -> None:
        if target.is_dir():
            raise IsADirectoryError(f"cannot write {target}: it is a folder. Name a file in it.")
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(f"cannot write {target}: it is read-only. Write to another name.")
        if target.exists() and not (overwrite and _state(target) == before) and not is_ours(target):
            raise FileExistsError(
                f"cannot write {target}: the file is there, and cdip-analysis did not make it or it was saved by "
                "another program since. Write to another name, or say overwrite=True (--force on the command line)."
            )

    with _moved(target, refuse) as temporary:
        temporary.touch()
        if before:
            shutil.copymode(target, temporary)
        yield temporary
        data = temporary.read_bytes() if target.suffix in (".md", ".html") else b""
        if _COMMENT.search(data):  # a person may edit it, and leave the mark in it
            temporary.write_bytes(_COMMENT.sub(rb"\1, checksum " + _checksum(data) + rb"\3", data, count=1))
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())  # its bytes reach the disk before its name does


@contextmanager
def atomic_folder(path: str | Path, *, replaces: Callable[[Path], bool]) -> Iterator[Path]:
    """Give a temporary folder to write into, which becomes the folder as a whole.

    `replaces` is asked, before and after, whether what is at the path may be replaced: it is if it is empty.
    """
    target = Path(path).resolve()

    def refuse() -> None:
        if Path.cwd().is_relative_to(target):
            raise PermissionError(f"cannot write {target}: it is the current folder. Name a folder in it.")
        if target.exists() and not target.is_dir():
            raise NotADirectoryError(f"cannot write {target}: it is a file. Name a folder.")
        if target.exists() and any(target.iterdir()) and not replaces(target):
            raise FileExistsError(
                f"cannot write {target}: it holds files that cdip-analysis did not write, or that were changed since. "
                "Name a new folder, or say overwrite=True to replace a package."
            )

    with _moved(target, refuse) as temporary:
        temporary.mkdir()
        yield temporary


_REASONS = {
    errno.ENOSPC: "the disk is full. Make room and try again",
    errno.EROFS: "the disk is read-only. Write to another folder",
    errno.EACCES: "no permission to write there, or the file is open in another program. Close it, or write elsewhere",
    errno.ENOTDIR: "a part of the path is a file and not a folder. Check the path",
    errno.ENOENT: "nothing was written to it, or another program changed its folder meanwhile. Try again",
}
_REASONS |= {errno.EEXIST: _REASONS[errno.ENOTDIR], errno.ENOTEMPTY: _REASONS[errno.ENOENT]}


@contextmanager
def _moved(target: Path, refuse: Callable[[], None]) -> Iterator[Path]:
    """Give a path beside a file or folder, and move what is there at the end over it, unless `refuse` raises an error.

    What goes wrong with one of our files is said in words; errors of our own, and of other files, have their words.
    """
    temporary, old = (target.with_name(f".cdip-{secrets.token_hex(6)}{target.suffix}") for _ in range(2))
    try:
        refuse()
        target.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        refuse()
        if target.is_dir():
            os.replace(target, old)
        os.replace(temporary, target)
    except OSError as error:
        named = str(error.filename or target)
        if error.errno is None or not (target.is_relative_to(named) or named.startswith(str(temporary))):
            raise
        reason = _REASONS.get(error.errno, f"{error.strerror}. Check the disk and the path")
        raise type(error)(f"cannot write {target}: {reason}. What was there before is unchanged.") from error
    finally:
        if old.exists() and not target.exists():
            os.replace(old, target)
        for left in (temporary, old):
            shutil.rmtree(left, ignore_errors=True)
            with suppress(OSError):
                left.unlink()


def _state(path: Path) -> tuple[int, ...] | None:
    """Return what changes when a file is written."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def repacked(archive: io.BytesIO, finish: Callable[[str, bytes], bytes] = lambda _, data: data) -> bytes:
    """Return a workbook or a Word file anew with fixed times and `MARK` as its application: the same bytes each time.

    `finish` is called with the name and the bytes of each part, and returns what is written. All in memory: a zip file
    on a full disk prints a traceback of its own.
    """
    application = (  # stored uncompressed, so that `is_ours` sees it
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Application>{MARK}</Application></Properties>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != _APPLICATION:
                new.writestr(zipfile.ZipInfo(name, STAMP), finish(name, old.read(name)), zipfile.ZIP_DEFLATED)
        new.writestr(zipfile.ZipInfo(_APPLICATION, STAMP), application, zipfile.ZIP_STORED)
    return packed.getvalue()


_FORMULA = "[=+\\-@＝＋－＠]"
# Another reader may take `;` or a tab for the end of a cell, and see one that begins after it.
_CUT = re.compile(rf"""([;\t])(?=['" \r\n\xa0]*{_FORMULA})""")
_CUT_GUARDED = re.compile(rf"""([;\t])'(?=['" \r\n\xa0]*{_FORMULA})""")
_BEGINS = re.compile(rf"""(?:\A|[;\t])[" \r\n\xa0]*{_FORMULA}""")


def looks_like_formula(text: str) -> bool:
    """Report whether a spreadsheet program could take a text for a formula, also where another reader cuts it."""
    return text.startswith(("\t", "\r")) or _BEGINS.search(text) is not None


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet program could take for a formula; `unguarded` undoes it."""
    text = _CUT.sub(r"\1'", text)
    return f"'{text}" if not text or text.startswith("'") or looks_like_formula(text) else text


def unguarded(text: str) -> str:
    """Take the apostrophes away again."""
    return _CUT_GUARDED.sub(r"\1", text.removeprefix("'")) if "'" in text else text


def csv_text(heads: Iterable[str], rows: Iterable[Iterable[Any]], end: str = "\n") -> str:
    """Write a table as CSV whose texts no spreadsheet program takes for formulas."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(heads)
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue()
