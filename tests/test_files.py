"""Safe writing: what is ours, what is not written over, links and modes; test_faults.py has disks and interruptions."""

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


def save(target: Path, text: str = "new") -> None:
    with atomic_write(target) as temporary:
        temporary.write_text(text)


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


@pytest.mark.parametrize("ending", [".md", ".html"])
def test_a_text_that_a_person_has_edited_is_not_ours(ending: str, note: Path) -> None:
    note = note.with_suffix(ending)
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


WRITERS = pytest.mark.parametrize("write", [atomic_write, partial(atomic_folder, replaces=lambda _: True)])


@WRITERS
def test_what_another_writer_took_away_is_said_in_words(write: Callable[..., Any], tmp_path: Path) -> None:
    words = r"cannot write .*changed its folder meanwhile\. Try again\. .* unchanged\.$"
    with pytest.raises(OSError, match=words), write(tmp_path / "target") as temporary:
        (temporary.rmdir if temporary.is_dir() else temporary.unlink)()
    assert names(tmp_path) == []


@WRITERS
def test_a_folder_without_permission_is_said_in_words(
    write: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(path: Path, *_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

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


def test_an_error_about_another_file_names_that_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"template\.j2"), atomic_write(tmp_path / "a.md"):
        (tmp_path / "template.j2").read_text()
