"""Faults: a full disk, a read-only folder, interruptions, two at once, no HOME, a C locale.

Whatever happens, old outputs stay whole, no temporary file is left, and a line says what happened. Signals are real. A full
or read-only disk is a small tmpfs where one can be mounted (as root, on Linux); elsewhere those tests say that they skip.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cdip_analysis import Report, ReportError, export_csv, export_excel, load_report, read_csv, read_excel
from cdip_analysis.cli import main, run
from cdip_analysis.data import SHIPPED

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and file systems as on Linux and macOS")
CDIP = [sys.executable, "-m", "cdip_analysis.cli"]
ZH = SHIPPED["zh"].read_bytes()
NEW = ZH.replace("第 98 至".encode(), "第 97 至".encode())


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """Let children hear SIGINT, which whoever runs the tests in the background (`nohup`, `&`) may have set to be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def cdip(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CDIP, *map(str, words)], capture_output=True, text=True, check=False, cwd=cwd)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def one_line(stderr: str) -> str:
    assert stderr.count("\n") == 1, stderr
    assert stderr.startswith("cdip: ")
    return stderr


@pytest.fixture(scope="module")
def old(en: Report, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A workbook as an earlier run wrote it."""
    return export_excel(en, tmp_path_factory.mktemp("old") / "old.xlsx").read_bytes()


# ---- disks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(disk: Path, room: int) -> None:
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    (disk / "filler").write_bytes(b"x" * (free - room))


FULL = {
    "an export": (20_000, ["export", "zh", "report.xlsx"]),
    "an export with notes": (60_000, ["export", "zh", "report.xlsx", "--notes-from", "report.xlsx"]),
    "a run": (20_000, ["run", "zh", "--out", "."]),
}


@pytest.mark.parametrize("case", FULL)
def test_full_disk_leaves_the_old_workbook_whole(case: str, disk: Path, old: bytes) -> None:
    room, words = FULL[case]
    target = disk / (f"{SHIPPED['zh'].stem}.xlsx" if "run" in words else "report.xlsx")
    target.write_bytes(old)
    fill(disk, room)
    done = cdip(*words, cwd=disk)
    assert done.returncode == 2
    assert "disk is full" in one_line(done.stderr)
    assert target.read_bytes() == old
    assert names(disk) == sorted(["filler", target.name])


def test_full_disk_leaves_the_old_package_whole(disk: Path, zh: Report, en: Report) -> None:
    """All of its files are the old ones: none is moved into place before the last is written."""
    export_csv(zh, disk / "tables")
    before = files(disk / "tables")
    fill(disk, 100_000)
    with pytest.raises(OSError, match="disk is full"):
        export_csv(en, disk / "tables")
    assert files(disk / "tables") == before


def test_read_only_disk_says_so(disk: Path, old: bytes) -> None:
    target = disk / "report.xlsx"
    target.write_bytes(old)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    done = cdip("export", "zh", target)
    assert done.returncode == 2
    assert "read-only" in one_line(done.stderr)
    assert target.read_bytes() == old
    assert names(disk) == ["report.xlsx"]


def test_a_document_that_takes_all_memory_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("cdip_analysis.report.read", none)
    assert main(["check", "zh"]) == 2
    assert "memory" in one_line(capsys.readouterr().err)


def test_a_large_file_is_refused_unless_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "large.txt"
    path.write_bytes(ZH)
    monkeypatch.setattr("cdip_analysis.read.LARGEST", len(ZH) - 1)
    assert main(["check", str(path)]) == 2
    assert "--no-limits" in one_line(capsys.readouterr().err)
    with pytest.raises(ReportError, match="limits=False"):
        load_report(ZH)
    assert len(load_report(path, limits=False).annex) == 15
    assert main(["show", str(path), "annex", "--no-limits"]) == 0


# ---- interruptions ---------------------------------------------------------------------------------------------------

# Where to stop: while something is made, when it stands beside the target, before it is moved.
POINTS = {
    "while the document is read": "import cdip_analysis.report as at; name = 'outline'",
    "while the sheets are filled": "import cdip_analysis.excel as at; name = '_table'",
    "before the bytes reach the disk": "import os as at; name = 'fsync'",
    "before the file is moved": "import os as at; name = 'replace'",
    "while the tables are written": "import cdip_analysis.csv_package as at; name = '_write_rows'; nth = 3",
    "between the two moves of the tables": "import os as at; name = 'replace'; when = lambda _, new: new.name == 'tables'",
    "while a figure is drawn": "from matplotlib.figure import Figure as at; name = 'savefig'; nth = 2",
    "while the notebooks run": "import nbclient.client as c; at, name, nth = c.NotebookClient, 'async_execute_cell', 3\n"
    "from cdip_analysis import cli; cli._STEPS = {'notebooks': cli._write_notebooks}",
}
# A program that signals itself, or, below make, says that it has come to the point and waits for the signal.
STOPPED = """
import os, signal, sys, time
nth, when = 1, lambda *_, **__: True
POINT
before = getattr(at, name)
calls = 0
def stop(*words, **more):
    global calls
    calls += when(*words, **more)
    if calls == nth and when(*words, **more):
        ACT
    return before(*words, **more)
setattr(at, name, stop)
from cdip_analysis.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


def program(point: str, act: str, more: str = "") -> str:
    return STOPPED.replace("POINT", POINTS[point] + more).replace("ACT", act)


def stopped(point: str, name: str, *words: str | Path, more: str = "", **environment: str) -> tuple[int, str]:
    """Run cdip, which sends itself a signal at a point; its exit code and what it said of it."""
    code = program(point, f"os.kill(os.getpid(), signal.{name}); signal.pause()", more)
    environment = {**os.environ, **environment}
    command = [sys.executable, "-c", code, *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if name != "SIGKILL":
        assert done.returncode == 2
        assert "interrupted" in one_line(done.stderr)
    return done.returncode, done.stderr


@pytest.mark.parametrize(("point", "name"), [*zip(list(POINTS)[:4], ["SIGINT", "SIGTERM"] * 2, strict=True)])
def test_interrupted_export_leaves_the_old_workbook_and_nothing_else(
    point: str, name: str, tmp_path: Path, old: bytes
) -> None:
    target = tmp_path / "report.xlsx"
    target.write_bytes(old)
    stopped(point, name, "export", "zh", target)
    assert target.read_bytes() == old
    assert names(tmp_path) == ["report.xlsx"]


def test_interrupted_again_while_clearing_up(tmp_path: Path) -> None:
    """As by make, which hands on to its programs a signal that the terminal sent them as well."""
    again = """
from pathlib import Path
remove = Path.unlink
def unlink(path, *words, **more):
    os.kill(os.getpid(), signal.SIGINT)
    remove(path, *words, **more)
Path.unlink = unlink
"""
    stopped("before the file is moved", "SIGTERM", "export", "zh", tmp_path / "report.xlsx", more=again)
    assert names(tmp_path) == []


def test_killed_export_leaves_the_old_workbook_and_the_next_one_clears_up(
    tmp_path: Path, old: bytes, zh: Report
) -> None:
    """No program can clear up after SIGKILL: hidden files stay, until something is written there a day later."""
    target, elsewhere = tmp_path / "report.xlsx", tmp_path / "tmp"
    target.write_bytes(old)
    elsewhere.mkdir()
    code, _ = stopped("before the file is moved", "SIGKILL", "export", "zh", target, TMPDIR=str(elsewhere))
    assert code == -signal.SIGKILL
    assert target.read_bytes() == old
    assert names(elsewhere) == []
    left = [path for path in tmp_path.iterdir() if path.name.startswith(".cdip-")]
    assert left
    theirs = tmp_path / ".cdip-notes.txt"  # a name of the same kind, by somebody else
    theirs.write_text("keep")
    for path in (*left, theirs):
        os.utime(path, (0, 0))
    export_excel(zh, target)
    assert names(tmp_path) == [".cdip-notes.txt", "report.xlsx", "tmp"]
    load_workbook(target, read_only=True).close()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a run leaves, of two states of a document; it is not the shipped one, so that no notebook is executed."""
    found = {}
    for state, data in (("old", ZH), ("new", NEW)):
        found[state] = tmp_path_factory.mktemp(state)
        (found[state] / "mine.txt").write_bytes(data + b"\n")
        assert list(run(load_report(found[state] / "mine.txt"), found[state] / "exports"))
    return found


def whole(out: Path, old: dict[Path, bytes], new: Path) -> set[str]:
    """See that each file is the old one or the new, and no other is there; the names of those that are new."""
    left = {path: data for path, data in files(out).items() if ".cdip-" not in str(path)}
    assert left.keys() == old.keys()
    for path, data in left.items():
        other = new / path.relative_to(out)
        assert data in (old[path], other.read_bytes() if other.exists() else old[path]), path.name
    return {path.name for path, data in left.items() if data != old[path]}


RUN_CASES = [
    ("while the tables are written", "SIGINT"),
    ("between the two moves of the tables", "SIGTERM"),
    ("between the two moves of the tables", "SIGKILL"),
    ("while a figure is drawn", "SIGKILL"),
]


@pytest.mark.parametrize(("point", "name"), RUN_CASES)
def test_interrupted_run_leaves_whole_files(point: str, name: str, runs: dict[str, Path], tmp_path: Path) -> None:
    """A run over the outputs of an earlier one."""
    shutil.copytree(runs["old"], tmp_path, dirs_exist_ok=True)
    (tmp_path / "mine.txt").write_bytes(NEW + b"\n")
    out = tmp_path / "exports"
    before = files(out)
    code, _ = stopped(point, name, "run", tmp_path / "mine.txt", "--out", out)
    assert (code == -signal.SIGKILL) == (name == "SIGKILL")
    if name == "SIGKILL" and "moves" in point:  # both are whole beside it: the old package and the new one
        assert not (out / "tables").exists()
        left = list(out.glob(".cdip-*"))
        min(left, key=lambda path: (path / "annex.csv").read_bytes() != before[out / "tables/annex.csv"]).rename(
            out / "tables"
        )
    changed = whole(out, before, runs["new"] / "exports")
    assert name == "SIGKILL" or not list(out.rglob(".cdip-*"))
    assert ("annex.csv" in changed) == ("figure" in point)  # the tables are replaced at once, at their end


# ---- `make run`: the whole of it, with make above it -------------------------------------------------------------------

MAKEFILE = Path(__file__).parents[1] / "Makefile"
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


def run_of(mark: Path) -> list[str]:
    """The processes of a run, by a mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"CDIP_RUN={mark}".encode() in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for what comes on any machine: the limit ends a test that would wait for ever."""
    for _ in range(3_000):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("it did not come")


def made(folder: Path, name: str, *words: str) -> tuple[int, str]:
    """Run make in a folder, wait until the file `here` is there, and signal its group as a terminal does."""
    kept = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    process = subprocess.Popen(
        ["make", "-f", MAKEFILE, *words, "run"],
        cwd=folder,
        env={**kept, "LC_ALL": "C", "CDIP_RUN": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(lambda: (folder / "here").exists() or process.poll() is not None)
    os.killpg(process.pid, getattr(signal, name))
    _, error = process.communicate()
    assert (folder / "here").exists(), error
    wait_for(lambda: not run_of(folder))  # no kernel runs on
    return process.returncode, error


@needs_make
@pytest.mark.parametrize(
    ("point", "name"), [("while a figure is drawn", "SIGINT"), ("while the notebooks run", "SIGTERM")]
)
def test_interrupted_make_run_leaves_whole_files(point: str, name: str, runs: dict[str, Path], tmp_path: Path) -> None:
    """The Makefile's own line, the signal to make and all below it; over the outputs of an earlier run."""
    out = tmp_path / "exports"
    shutil.copytree(runs["old"] / "exports", out)
    page = out / "notebooks" / "00_start.html"
    page.parent.mkdir()
    page.write_text("an old page <!-- Made by cdip-analysis -->")
    before = files(out)
    act = "from pathlib import Path; Path('here').touch(); " + ("" if "notebooks" in point else "signal.pause()")
    point_at = program(point, act)
    if "notebooks" not in point:  # the document of `runs`, in place of the shipped one
        (tmp_path / "mine.txt").write_bytes(NEW + b"\n")
        point_at = point_at.replace("main(sys.argv[1:])", "main(['run', 'mine.txt', *sys.argv[2:]])")
    (tmp_path / "cdip.py").write_text(point_at)
    command = tmp_path / ".venv" / "bin" / "cdip"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' cdip.py \"$@\"\n")
    command.chmod(0o755)
    code, error = made(tmp_path, name, "-o", ".venv/.installed")
    assert code != 0
    assert "cdip: interrupted" in error
    assert ("Traceback" in error) <= ("notebooks" in point), "a kernel reports its own end; nothing else does"
    changed = whole(out, before, runs["new"] / "exports")
    assert ("annex.csv" in changed) == ("figure" in point)
    assert not list(out.rglob(".cdip-*"))


FAKE_PYTHON = """#!/bin/sh
case "$*" in
  *venv*) mkdir -p .venv/bin && cp "$0" .venv/bin/python;;
  *requirements.lock*) if test -e here; then exit 0; fi; touch here .venv/half; sleep 600;;
  *-e*) printf '#!/bin/sh\\ntouch ran\\n' > .venv/bin/cdip; chmod +x .venv/bin/cdip;;
esac
"""


@needs_make
def test_interrupted_set_up_starts_again_from_nothing(tmp_path: Path) -> None:
    """`make run` in a new clone, stopped while packages are installed; the Python is one that installs nothing."""
    for needed in ("requirements.lock", "pyproject.toml"):
        (tmp_path / needed).touch()
    python = tmp_path / "python"
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    code, _ = made(tmp_path, "SIGTERM", f"PYTHON={python}")
    assert code != 0
    assert (tmp_path / ".venv" / "half").exists()
    again = ["make", "-f", str(MAKEFILE), f"PYTHON={python}", "run"]
    subprocess.run(again, cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "ran").exists()
    assert not (tmp_path / ".venv" / "half").exists()


# ---- two at once -----------------------------------------------------------------------------------------------------

AT_ONCE = {
    "workbook": "c.export_excel(report, sys.argv[2] + '/report.xlsx', overwrite=True)",
    "package": "c.export_csv(report, sys.argv[2] + '/tables')",
}


@pytest.mark.parametrize("what", AT_ONCE)
def test_two_that_write_the_same_at_once(what: str, tmp_path: Path) -> None:
    """What is there is the one or the other, whole; of two packages one may say that the folder was changed meanwhile."""
    code = f"import sys, cdip_analysis as c; report = c.load_report(language=sys.argv[1]); {AT_ONCE[what]}"
    commands = [[sys.executable, "-c", code, edition, str(tmp_path)] for edition in ("zh", "en")]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    ended = [(process.communicate()[1], process.returncode) for process in processes]
    assert all(code == 0 or "cannot write" in error.splitlines()[-1] for error, code in ended), ended
    (written,) = tmp_path.iterdir()
    read = read_csv(written) if what == "package" else read_excel(written)
    assert len(read["annex"]) == 15


# ---- poor surroundings -----------------------------------------------------------------------------------------------

DRAW = """
import sys
import matplotlib
matplotlib.use("Agg")
from cdip_analysis import export_csv, export_excel, load_report, plot_coverage, save_figure
report = load_report(sys.argv[1])
export_excel(report, sys.argv[2] + "/报告.xlsx")
export_csv(report, sys.argv[2] + "/表")
save_figure(plot_coverage(report), sys.argv[2] + "/图", report.session_coverage)
"""


@pytest.mark.parametrize("home", [{}, {"HOME": "/nonexistent", "LC_ALL": "C"}], ids=["no HOME", "a C locale"])
def test_poor_surroundings_and_a_chinese_path(home: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "技术援助 报告"
    folder.mkdir()
    shutil.copy(SHIPPED["zh"], folder / "原文.txt")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), **home}
    drawn = [sys.executable, "-W", "error", "-c", DRAW, str(folder / "原文.txt"), str(folder)]
    done = subprocess.run(drawn, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {"报告.xlsx", "表", "图.png", "原文.txt"} < set(names(folder))
    checked = subprocess.run([*CDIP, "check", folder / "原文.txt"], env=environment, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, b"")
    assert checked.stdout.decode("utf-8").startswith("原文.txt")
