"""Write a file so that nothing is lost: beside the target first, then moved over it in one step."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["MARK", "STAMP", "application", "is_ours", "looks_like_formula", "repack", "replacing"]

#: What every file of ours carries, uncompressed, near its beginning or end: the metadata ``Software`` of a PNG,
#: ``Creator`` of an SVG, ``Application`` of a workbook or a Word file, a comment in Markdown or HTML.
MARK = "Made by cdip-analysis"

#: The time of every part of a zip archive that we write, so that the same content gives the same bytes.
STAMP = (1980, 1, 1, 0, 0, 0)

_TEMPORARY = re.compile(r"\.cdip-[0-9a-f]{12}(?:\..*)?")
_LOOK = 65536  # bytes at either end in which the mark is looked for: a large file costs no more than a small one
_APPLICATION = "docProps/app.xml"


def is_ours(path: Path) -> bool:
    """Tell whether a file still is as this package wrote it: whether it carries `MARK` near its beginning or end.

    Excel, LibreOffice and Word write their own name there when they save. A workbook that a colleague saved with notes
    in it counts as theirs, therefore, and is not written over.
    """
    with path.open("rb") as file:
        ends = file.read(_LOOK)
        file.seek(max(_LOOK, path.stat().st_size - _LOOK))
        ends += file.read()
    return MARK.encode() in ends


@contextmanager
def replacing(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path to write to; what stands there at the end becomes the file.

    The temporary file lies beside the target and has its suffix. It is moved over the target in one step, and only if
    the block ran to its end: a crash, a full disk or an open workbook leaves the old file whole, and no temporary file
    behind. Missing folders are made.

    A file that is there already is replaced if this package made it (see `is_ours`), so whoever writes a file puts
    `MARK` into it. A file without room for it, such as a CSV file, is asked about by other means, and ``overwrite``
    given.

    Parameters
    ----------
    path : str or Path
        The file to write.
    overwrite : bool
        Replace the file even if this package did not make it.

    Yields
    ------
    Path
        Where to write.

    Raises
    ------
    FileExistsError
        If the file was not made by this package, or was saved by another program since, and `overwrite` is not given.
    OSError
        If the file cannot be written; the message says why, in words, and what to do.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "new folder" / "note.md"
    ...     with replacing(target) as temporary_path:
    ...         _ = temporary_path.write_text(f"Text <!-- {MARK} -->")
    ...     target.read_text(), [file.name for file in target.parent.iterdir()]
    ('Text <!-- Made by cdip-analysis -->', ['note.md'])
    """
    target = Path(path).resolve()  # of a link, the file that it points at
    temporary = target.with_name(f".cdip-{secrets.token_hex(6)}{target.suffix}")
    try:
        _refuse(target, overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        try:
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())  # its bytes reach the disk before its name does
            if target.exists():
                shutil.copymode(target, temporary)
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        ours = {str(temporary), str(target), *map(str, target.parents)}
        said = error.errno is None or isinstance(error.__cause__, OSError)
        if said or (error.filename is not None and str(error.filename) not in ours):
            raise  # said in words already, or about another file than this one
        raise _in_words(error, target) from error


def _sweep(folder: Path) -> None:
    """Take away what a process left that was killed while it wrote: after a day, for no file takes that long."""
    for left in folder.glob(".cdip-*"):
        if _TEMPORARY.fullmatch(left.name) and time.time() - left.stat().st_mtime > 86400:
            left.unlink(missing_ok=True)


def _refuse(target: Path, overwrite: bool) -> None:
    """Refuse what must not be replaced, before any work is done."""
    if target.is_dir():
        raise IsADirectoryError(f"cannot write {target}: it is a folder. Name a file in it.")
    if not target.exists():
        return
    for lock in (f".~lock.{target.name}#", f"~${target.name}", f"~${target.name[2:]}"):
        if target.with_name(lock).exists():  # LibreOffice; Excel, and Word for short names; Word for long ones
            raise PermissionError(
                f"cannot write {target}: it is open in another program. Close it there and try again; if it is not "
                f"open, delete the lock file {lock} beside it. Nothing was changed."
            )
    if not os.access(target, os.W_OK):
        raise PermissionError(f"cannot write {target}: it is read-only. Write to another name. Nothing was changed.")
    if not overwrite and not is_ours(target):
        raise FileExistsError(
            f"cannot write {target}: the file is there, and cdip-analysis did not make it or it was saved by another "
            "program since. Write to another name, or say overwrite=True (--force on the command line)."
        )


_WORDS = {
    errno.ENOSPC: "the disk is full. Make room and try again",
    errno.EDQUOT: "your share of the disk is used up. Make room and try again",
    errno.EROFS: "the disk is read-only. Write to another folder",
    errno.EACCES: "no permission to write there, or the file is open in another program. Close it, or write elsewhere",
    errno.EPERM: "no permission to write there, or the file is open in another program. Close it, or write elsewhere",
    errno.ENOTDIR: "a part of the path is a file and not a folder. Check the path",
    errno.EEXIST: "a part of the path is a file and not a folder. Check the path",
    errno.ENAMETOOLONG: "the name is too long. Shorten it",
    errno.ENOENT: "nothing was written to it, or its folder went away meanwhile. Try again",
}


def _in_words(error: OSError, target: Path) -> OSError:
    reason = _WORDS.get(error.errno or 0, f"{error.strerror or error}. Check the disk and the path")
    said = type(error)(f"cannot write {target}: {reason}. What was there before is unchanged.")
    said.errno = error.errno
    return said


def repack(path: Path) -> None:
    """Write a workbook or a Word file anew with fixed times and `MARK` as its application: the same bytes each time.

    For files whose writer takes no archive of ours, such as python-docx. Called on the temporary path of `replacing`.
    """
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist() if info.filename != _APPLICATION}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), data, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo(_APPLICATION, STAMP), application(), zipfile.ZIP_STORED)


def application() -> str:
    """Write the part of an Office file that names the program; it is stored uncompressed, so that `is_ours` sees it."""
    return (
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Application>{MARK}</Application></Properties>"
    )


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def looks_like_formula(text: str) -> bool:
    """Report whether a spreadsheet program could take a text for a formula, also where it cuts at a semicolon.

    >>> [looks_like_formula(text) for text in ("=1+1", "＠SUM(1)", "1.3", "text;=1+1")]
    [True, True, False, True]
    """
    return any(part.lstrip(' "').startswith(_FORMULA) or part.startswith(_FORMULA) for part in text.split(";"))
