"""Safe writing: the old file is whole or the new one is, nothing is left over, and what is not ours is not written over."""

import errno
import os
import re
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import pytest

from cdip_analysis.files import MARK, atomic_folder, atomic_write, is_ours, repacked

OURS, THEIRS = f"old, {MARK}", "old, written by hand"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def save(target: Path, text: str = "new", error: BaseException | None = None, **how: bool) -> None:
    """Write a file, with an error half way if one is given."""
    with atomic_write(target, **how) as temporary:
        temporary.write_text(text)
        if error:
            raise error


def failing(number: int) -> Callable[..., None]:
    def fail(*paths: Any, **_: Any) -> None:
        raise OSError(number, os.strerror(number), str(paths[0]))

    return fail


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A file that we wrote."""
    target = tmp_path / "note.md"
    target.write_text(OURS)
    return target


@pytest.mark.parametrize("name", ["note.md", "中文 文件夹/技术援助报告.md", "a/b/c/d.md"])
def test_missing_folders_are_made_and_no_temporary_file_is_left(tmp_path: Path, name: str) -> None:
    with atomic_write(tmp_path / name) as temporary:
        assert (temporary.suffix, temporary.parent) == (".md", (tmp_path / name).parent)
        temporary.write_text("new")
    assert (tmp_path / name).read_text() == "new"
    assert names(tmp_path) == [Path(name).name]


def test_a_file_of_ours_is_replaced_and_one_that_is_not_only_when_told(note: Path) -> None:
    save(note, THEIRS)
    with pytest.raises(FileExistsError, match=r"did not make it .* overwrite=True \(--force"), atomic_write(note):
        pytest.fail("asked to write over a file that is not ours")
    assert note.read_text() == THEIRS
    save(note, overwrite=True)
    assert note.read_text() == "new"
    assert names(note.parent) == ["note.md"]


@pytest.mark.parametrize(("before", "after"), [(0, 200_000), (200_000, 0), (200_000, 200_000)])
def test_the_mark_is_found_at_either_end_of_a_large_file_alone(note: Path, before: int, after: int) -> None:
    note.write_bytes(b" " * before + MARK.encode() + b" " * after)
    assert is_ours(note) is (not before or not after)


@pytest.mark.parametrize("error", [RuntimeError("crash"), KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left")])
def test_a_crash_or_a_full_disk_half_way_leaves_the_old_file_whole(note: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        save(note, "half", error)
    assert note.read_text() == OURS
    assert names(note.parent) == ["note.md"]


REASONS = {
    errno.ENOSPC: "the disk is full. Make room",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission to write there, or the file is open",  # by Excel, on Windows
    errno.EIO: "Check the disk and the path",
}


@pytest.mark.parametrize("number", REASONS, ids=errno.errorcode.get)
def test_the_message_says_why_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(os, "replace", failing(number))
    with pytest.raises(OSError, match=REASONS[number]) as caught:
        save(tmp_path / "note.md")
    assert (str(tmp_path / "note.md") in str(caught.value), caught.value.errno) == (True, number)
    assert "[Errno" not in str(caught.value)
    assert names(tmp_path) == []


def save_while_another_does(target: Path) -> None:
    with atomic_write(target, overwrite=True) as temporary:
        temporary.write_text("new")
        target.write_text(THEIRS)


@pytest.mark.parametrize("name", ["note.md", "new.md"])
def test_what_another_program_saved_meanwhile_is_not_overwritten(name: str, note: Path) -> None:
    target = note.with_name(name)
    with pytest.raises(FileExistsError, match="saved by another"):
        save_while_another_does(target)
    assert target.read_text() == THEIRS
    assert names(note.parent) == sorted({"note.md", name})


def test_a_text_that_a_person_has_edited_is_not_ours(note: Path) -> None:
    for text in ("first", "second"):
        save(note, f"<!-- {MARK} -->\n{text}\n")
    assert is_ours(note)
    note.write_text(note.read_text().replace("second", "second, and my own words"))
    assert not is_ours(note)
    note.write_text(f"<!-- {MARK} -->\nby version 0.1, without a checksum")
    assert is_ours(note)


def test_the_temporary_file_is_no_more_open_to_others_than_the_target(note: Path) -> None:
    note.chmod(0o600)
    with atomic_write(note) as temporary:
        assert os.name == "nt" or temporary.stat().st_mode & 0o777 == 0o600
        temporary.write_text("new")


def write_folder(folder: Path, error: Exception | None = None, *, replaces: bool = True) -> None:
    with atomic_folder(folder, replaces=lambda _: replaces) as temporary:
        (temporary / "new.csv").write_text("new")
        if error:
            raise error


def test_a_folder_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "old.csv").write_text("old")
    with pytest.raises(FileExistsError, match="it holds files"):
        write_folder(folder, replaces=False)
    with pytest.raises(RuntimeError):
        write_folder(folder, RuntimeError())
    real, second = os.replace, iter([False, True, False, False])
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", lambda *of: failing(errno.EIO)(*of) if next(second) else real(*of))
        with pytest.raises(OSError, match="What was there before is unchanged"):
            write_folder(folder)
    assert names(tmp_path) == ["old.csv"]
    write_folder(folder)
    assert names(tmp_path) == ["new.csv"]


WRITERS = pytest.mark.parametrize("write", [atomic_write, partial(atomic_folder, replaces=lambda _: True)])


@WRITERS
def test_what_another_writer_took_away_is_said_in_words(write: Callable[..., Any], tmp_path: Path) -> None:
    words = r"cannot write .*went away meanwhile\. Try again\. .* unchanged\.$"
    with pytest.raises(OSError, match=words), write(tmp_path / "target") as temporary:
        (temporary.rmdir if temporary.is_dir() else temporary.unlink)()
    assert names(tmp_path) == []


@WRITERS
def test_a_folder_without_permission_is_said_in_words(
    write: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidden = failing(errno.EACCES)
    monkeypatch.setattr(Path, "touch", forbidden)
    if write is not atomic_write:
        monkeypatch.setattr(Path, "mkdir", lambda path, **_: None if _ else forbidden(path))
    with pytest.raises(PermissionError, match="no permission to write there") as caught, write(tmp_path / "target"):
        pytest.fail("asked to write where it may not")
    assert not re.search(r"Errno|\.cdip-", str(caught.value))


def test_a_folder_is_no_file_and_a_file_no_folder(note: Path) -> None:
    with pytest.raises(IsADirectoryError, match="it is a folder"), atomic_write(note.parent):
        pytest.fail("asked to write over a folder")
    with pytest.raises(OSError, match="a part of the path is a file"), atomic_write(note / "note.md"):
        pytest.fail("asked to write below a file")


def test_a_link_stays_a_link_and_the_mode_stays(note: Path) -> None:
    link = note.with_name("link.md")
    note.chmod(0o640)
    try:
        link.symlink_to(note)
    except OSError as error:  # Windows without the right to make links
        pytest.skip(f"no link can be made here: {error}")
    save(link)
    assert (link.is_symlink(), note.read_text()) == (True, "new")
    assert note.stat().st_mode & 0o777 == 0o640 or os.name == "nt"


def test_repacking_gives_the_same_bytes_and_the_mark(note: Path) -> None:
    packed = []
    for when in ((2001, 1, 1, 0, 0, 0), (2020, 2, 2, 0, 0, 0)):
        with ZipFile(made := BytesIO(), "w") as archive:
            archive.writestr(ZipInfo("docProps/app.xml", when), "<Application>Another</Application>")
            archive.writestr(ZipInfo("word/document.xml", when), "<w>text</w>")
        packed.append(repacked(made))
    assert packed[0] == packed[1]
    note.write_bytes(packed[0])
    assert is_ours(note)
    with ZipFile(note) as archive:
        assert archive.read("word/document.xml") == b"<w>text</w>"
