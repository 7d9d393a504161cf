"""Faults: disks, interruptions, a document that is too much, a path in Chinese.

Whatever happens, old outputs stay whole, no temporary file is left, and a line says what happened. Signals are real.
"""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdip_analysis import Report, ReportError, export_excel, load_report
from cdip_analysis.cli import main, run
from cdip_analysis.data import SHIPPED

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as on Linux and macOS")
ZH = SHIPPED["zh"].read_bytes()
Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """Let children hear SIGINT, which whoever runs the tests in the background (`nohup`, `&`) may have set to be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def files(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def one_line(stderr: str) -> str:
    assert stderr.count("\n") == 1, stderr
    assert stderr.startswith("cdip: ")
    return stderr


@pytest.fixture(scope="module")
def old(en: Report, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A workbook as an earlier run wrote it."""
    return export_excel(en, tmp_path_factory.mktemp("old") / "old.xlsx").read_bytes()


def test_what_takes_all_memory_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    def none(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("cdip_analysis.report.read", none)
    assert main(["check", "zh"]) == 2
    assert "memory" in one_line(capsys.readouterr().err)


def test_a_large_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    path = tmp_path / "large.txt"
    path.write_bytes(ZH)
    monkeypatch.setattr("cdip_analysis.read.LARGEST", len(ZH) - 1)
    assert main(["check", str(path)]) == 2
    assert "--no-limits" in one_line(capsys.readouterr().err)
    with pytest.raises(ReportError, match="limits=False"):
        load_report(ZH)
    assert len(load_report(path, limits=False).annex) == 15
    assert main(["show", str(path), "annex", "--no-limits"]) == 0


REASONS = {
    errno.ENOSPC: "the disk is full. Make room",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission to write there, or the file is open",  # by Excel, on Windows
    errno.EIO: "Check the disk and the path",
}


@pytest.mark.parametrize("at", ["fsync", "replace"])
@pytest.mark.parametrize("number", REASONS, ids=errno.errorcode.get)
def test_a_fault_of_the_disk_is_one_line_and_leaves_the_old_workbook(
    number: int, at: str, old: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    def fault(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    (tmp_path / "report.xlsx").write_bytes(old)
    monkeypatch.setattr(os, at, fault)
    assert main(["export", "zh", str(tmp_path / "report.xlsx")]) == 2
    said = one_line(capsys.readouterr().err)
    assert REASONS[number] in said
    assert "Errno" not in said
    assert files(tmp_path) == {Path("report.xlsx"): old}


# ---- interruptions ---------------------------------------------------------------------------------------------------

# Where to stop: while something is made, when it stands beside the target, before it is moved.
POINTS = {
    "while the document is read": "import cdip_analysis.report as at; name = 'outline'",
    "while the sheets are filled": "from cdip_analysis.excel import _Writer as at; name = 'table'",
    "before the bytes reach the disk": "import os as at; name = 'fsync'",
    "before the file is moved": "import os as at; name = 'replace'",
    "between the two moves of the tables": "import os as at; name = 'replace'; when = lambda _, new: new.name == 'tables'",
    "while a figure is drawn": "from matplotlib.figure import Figure as at; name = 'savefig'; nth = 2",
}
# A program that signals itself.
STOPPED = """
import os, signal, sys
nth, when = 1, lambda *_, **__: True
POINT
before = getattr(at, name)
calls = 0
def stop(*words, **more):
    global calls
    calls += when(*words, **more)
    if calls == nth and when(*words, **more):
        os.kill(os.getpid(), signal.NAME)
        signal.pause()
    return before(*words, **more)
setattr(at, name, stop)
from cdip_analysis.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


def stopped(point: str, name: str, *words: str | Path) -> None:
    """Run cdip, which sends itself a signal at a point."""
    code = STOPPED.replace("POINT", POINTS[point]).replace("NAME", name)
    command = [sys.executable, "-c", code, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if name == "SIGKILL":
        assert done.returncode == -signal.SIGKILL
    else:
        assert done.returncode == 2
        assert "interrupted" in one_line(done.stderr)


@pytest.mark.parametrize(("point", "name"), [*zip(list(POINTS)[:4], ["SIGINT", "SIGTERM"] * 2, strict=True)])
def test_interrupted_export_leaves_the_old_workbook_only(point: str, name: str, tmp_path: Path, old: bytes) -> None:
    target = tmp_path / "report.xlsx"
    target.write_bytes(old)
    stopped(point, name, "export", "zh", target)
    assert files(tmp_path) == {Path("report.xlsx"): old}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a run leaves, of two states of a document; it is not the shipped one, so that no notebook is executed."""
    found = {}
    for state, data in (("old", ZH + b"\n"), ("new", ZH.replace("第 98 至".encode(), "第 97 至".encode()) + b"\n")):
        found[state] = tmp_path_factory.mktemp(state)
        (found[state] / "mine.txt").write_bytes(data)
        assert list(run(load_report(found[state] / "mine.txt"), found[state] / "exports"))
    return found


STOPS = [("between the two moves of the tables", "SIGTERM"), ("while a figure is drawn", "SIGKILL")]


@pytest.mark.parametrize(("point", "name"), STOPS)
def test_interrupted_run_leaves_whole_files(point: str, name: str, runs: dict[str, Path], tmp_path: Path) -> None:
    """A run over the outputs of an earlier one: each file is the old one or the new, and no other is there."""
    old, new = (files(runs[state] / "exports") for state in ("old", "new"))
    shutil.copytree(runs["old"] / "exports", tmp_path / "exports")
    stopped(point, name, "run", runs["new"] / "mine.txt", "--out", tmp_path / "exports")
    found = files(tmp_path / "exports")
    left = {path: data for path, data in found.items() if ".cdip-" not in str(path)}
    assert left.keys() == old.keys()
    assert [path for path, data in left.items() if data not in (old[path], new[path])] == []
    assert name == "SIGKILL" or left == found
    annex = Path("tables/annex.csv")
    assert ("figure" in point) == (left[annex] == new[annex])


# ---- surroundings ----------------------------------------------------------------------------------------------------


def test_a_chinese_path(tmp_path: Path) -> None:
    source = tmp_path / "技术援助 报告" / "原文.txt"
    source.parent.mkdir()
    source.write_bytes(ZH + b"\n")  # not the shipped one: no notebook is executed
    assert list(run(load_report(source), source.parent))
    assert {"overview.html", "原文.xlsx", "原文.docx", "tables", "figures"} < set(names(source.parent))
