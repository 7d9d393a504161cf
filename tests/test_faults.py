"""Faults: a full disk, a read-only folder, a file that goes away, interruptions, two at once, no HOME, a C locale.

Whatever happens, old outputs stay whole, no temporary file is left, and a line says what happened. Signals are real. A full
or read-only disk is a small tmpfs where one can be mounted (as root, on Linux); elsewhere those tests say that they skip.
"""

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cdip_analysis import ReportError, export_csv, export_excel, load_report, read_csv
from cdip_analysis.cli import main
from cdip_analysis.data import SHIPPED

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and file systems as on Linux and macOS")
CDIP = [sys.executable, "-m", "cdip_analysis.cli"]
ZH = SHIPPED["zh"].read_bytes()


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """Let children hear SIGINT, which whoever runs the tests in the background (`nohup`, `&`) may have set to be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def cdip(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CDIP, *map(str, words)], capture_output=True, text=True, check=False)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def one_line(stderr: str) -> str:
    assert stderr.count("\n") == 1, stderr
    assert stderr.startswith("cdip: ")
    return stderr


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A workbook as an earlier run wrote it."""
    path = tmp_path_factory.mktemp("old") / "old.xlsx"
    export_excel(load_report(SHIPPED["en"]), path)
    return path.read_bytes()


# ---- disks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", place], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_full_disk_leaves_the_old_workbook_whole(disk: Path, old: bytes) -> None:
    target = disk / "report.xlsx"
    target.write_bytes(old)
    (disk / "filler").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - 20_000))
    done = cdip("export", "zh", target)
    assert done.returncode == 2
    assert "the disk is full. Make room and try again. What was there before is unchanged." in one_line(done.stderr)
    assert target.read_bytes() == old
    assert names(disk) == ["filler", "report.xlsx"]


@pytest.mark.parametrize("words", [(), ("--notes-from", "report.xlsx")], ids=["export", "with notes"])
@pytest.mark.parametrize("room", [20_000, 60_000])
def test_full_disk_wherever_it_is_met_says_so(room: int, words: tuple[str, ...], disk: Path, old: bytes) -> None:
    target = disk / "report.xlsx"
    target.write_bytes(old)
    (disk / "filler").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - room))
    done = subprocess.run(
        [*CDIP, "export", "zh", target, *words], cwd=disk, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "report.xlsx: the disk is full. Make room and try again." in one_line(done.stderr)
    assert target.read_bytes() == old
    assert names(disk) == ["filler", "report.xlsx"]


def test_full_disk_leaves_the_old_package_whole(disk: Path) -> None:
    """All of its files are the old ones: none is moved into place before the last is written."""
    export_csv(load_report(), disk / "tables")
    old = {path.name: path.read_bytes() for path in (disk / "tables").iterdir()}
    (disk / "filler").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - 100_000))
    with pytest.raises(OSError, match="cannot write .*tables: the disk is full"):
        export_csv(load_report(language="en"), disk / "tables")
    assert {path.name: path.read_bytes() for path in (disk / "tables").iterdir()} == old


def test_full_disk_stops_a_run(disk: Path, old: bytes) -> None:
    workbook = disk / f"{SHIPPED['zh'].stem}.xlsx"
    workbook.write_bytes(old)
    (disk / "filler").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - 20_000))
    done = cdip("run", "zh", "--out", disk)
    assert done.returncode == 2
    assert "the disk is full" in one_line(done.stderr)
    assert workbook.read_bytes() == old
    assert names(disk) == sorted(["filler", workbook.name])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("words", [("show", "zh", "annex"), ("cite", "document CDIP/21/4")])
def test_output_that_cannot_be_written_is_one_line_and_no_traceback(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*CDIP, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "No space left" in one_line(done.stderr)


def test_a_document_that_takes_all_memory_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("cdip_analysis.report.read", none)
    assert main(["check", "zh"]) == 2
    assert capsys.readouterr().err == "cdip: there is not enough memory for this document\n"


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


def test_read_only_disk_says_so(disk: Path, old: bytes) -> None:
    target = disk / "report.xlsx"
    target.write_bytes(old)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    done = cdip("export", "zh", target)
    assert done.returncode == 2
    assert "read-only" in one_line(done.stderr)
    assert target.read_bytes() == old
    assert names(disk) == ["report.xlsx"]


@pytest.mark.skipif(
    os.geteuid() == 0, reason="root may write to any folder; test_read_only_disk_says_so has a disk for it"
)
def test_read_only_folder_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "shut"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    done = cdip("export", "zh", folder / "report.xlsx")
    assert done.returncode == 2
    assert "no permission to write there" in one_line(done.stderr)
    assert names(folder) == []


# ---- a source that goes away or changes ------------------------------------------------------------------------------


def test_source_that_went_away_says_so(tmp_path: Path) -> None:
    done = cdip("check", tmp_path / "gone.txt")
    assert done.returncode == 2
    assert "gone.txt: found no such file; expected a document. To mend: check the path." in one_line(done.stderr)


def test_source_that_changes_while_it_is_read_is_one_version_or_a_finding(tmp_path: Path) -> None:
    """A program that saves over the file again and again: what was read is whole, or known to be cut off."""
    path = tmp_path / "changing.txt"
    path.write_bytes(ZH)
    versions = {hashlib.sha256(data).hexdigest() for data in (ZH, ZH.replace("第 98 至".encode(), "第 97 至".encode()))}
    stop = threading.Event()

    def save() -> None:
        while not stop.is_set():
            for data in (ZH.replace("第 98 至".encode(), "第 97 至".encode()), ZH):
                path.write_bytes(data)
            path.unlink()

    saving = threading.Thread(target=save)
    saving.start()
    outcome = []
    try:
        for _ in range(40):
            try:
                report = load_report(path)
            except ReportError as error:
                outcome.append(error.found)
                continue
            if report.sha256 not in versions:
                outcome.append("cut")
                assert report.findings["note"].str.contains("no end mark").any()
            else:
                outcome.append("whole")
                assert len(report.annex) == 15
    finally:
        stop.set()
        saving.join()
    assert set(outcome) <= {
        "whole",
        "cut",
        "no such file",
        "an empty file",
        "bytes that give no readable text",
        "no numbered paragraph",
    }


# ---- interruptions ---------------------------------------------------------------------------------------------------

# Where to stop: while something is made, when it stands beside the target, before it is moved.
POINTS = {
    "while the document is read": "import cdip_analysis.report as at; name = 'outline'",
    "while the sheets are filled": "import cdip_analysis.excel as at; name = '_table'",
    "before the bytes reach the disk": "import os as at; name = 'fsync'",
    "before the file is moved": "import os as at; name = 'replace'",
}
RUN_POINTS = {
    "while the tables are written": "import cdip_analysis.csv_package as at; name = '_write_rows'; nth = 3",
    "between the two moves of the tables": "import os as at; name = 'replace'; when = lambda _, new: new.name == 'tables'",
    "while a figure is drawn": "from matplotlib.figure import Figure as at; name = 'savefig'; nth = 2",
}
STOPPED = """
import os, signal, sys, time
nth, when = 1, lambda *_, **__: True
{point}
before = getattr(at, name)
calls = 0
def stop(*words, **more):
    global calls
    calls += when(*words, **more)
    if calls == nth and when(*words, **more):
        os.kill(os.getpid(), signal.{signal})
        time.sleep(5)  # the signal comes at once; should it not, the test fails because the file is written
    return before(*words, **more)
setattr(at, name, stop)
from cdip_analysis.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


def stopped(point: str, name: str, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    code = STOPPED.format(point={**POINTS, **RUN_POINTS}[point], signal=name)
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("point", POINTS)
def test_interrupted_export_leaves_the_old_workbook_and_nothing_else(
    point: str, name: str, tmp_path: Path, old: bytes
) -> None:
    target = tmp_path / "report.xlsx"
    target.write_bytes(old)
    done = stopped(point, name, "export", "zh", target)
    assert done.returncode == 2
    assert one_line(done.stderr) == "cdip: interrupted: what was being written is left as it was before\n"
    assert target.read_bytes() == old
    assert names(tmp_path) == ["report.xlsx"]


@pytest.mark.parametrize("again", ["SIGINT", "SIGTERM"])
def test_interrupted_again_while_clearing_up(again: str, tmp_path: Path, old: bytes) -> None:
    """As by make, which hands on to its programs a signal that the terminal sent them as well."""
    target = tmp_path / "report.xlsx"
    target.write_bytes(old)
    twice = f"""
from pathlib import Path
remove = Path.unlink
def unlink(path, *words, **more):
    os.kill(os.getpid(), signal.{again})
    remove(path, *words, **more)
Path.unlink = unlink
"""
    code = STOPPED.format(point=POINTS["before the file is moved"] + twice, signal="SIGTERM")
    done = subprocess.run(
        [sys.executable, "-c", code, "export", "zh", target], capture_output=True, text=True, check=False, timeout=120
    )
    assert one_line(done.stderr) == "cdip: interrupted: what was being written is left as it was before\n"
    assert names(tmp_path) == ["report.xlsx"]


@pytest.mark.parametrize("point", list(POINTS)[2:])  # before, nothing is on the disk
def test_killed_export_leaves_the_old_workbook_and_the_next_one_clears_up(
    point: str, tmp_path: Path, old: bytes
) -> None:
    """No program can clear up after SIGKILL: hidden files stay, until something is written there a day later."""
    target, elsewhere = tmp_path / "report.xlsx", tmp_path / "tmp"
    target.write_bytes(old)
    elsewhere.mkdir()
    done = stopped(point, "SIGKILL", "export", "zh", target, TMPDIR=str(elsewhere))
    assert done.returncode == -signal.SIGKILL
    assert target.read_bytes() == old
    assert names(elsewhere) == []
    left = [path for path in tmp_path.iterdir() if path not in (target, elsewhere)]
    assert left
    assert all(path.name.startswith(".cdip-") for path in left)
    yesterday = time.time() - 2 * 86400
    for path in left:
        os.utime(path, (yesterday, yesterday))
    mine = tmp_path / ".cdip-notes.txt"  # a name of the same kind, by somebody else
    mine.write_text("keep")
    os.utime(mine, (yesterday, yesterday))
    export_excel(load_report(), target)
    assert names(tmp_path) == [".cdip-notes.txt", "report.xlsx", "tmp"]
    load_workbook(target, read_only=True).close()


NEW = ZH.replace("第 98 至".encode(), "第 97 至".encode())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a run leaves, of two states of a document; it is not the shipped one, so that no notebook is executed."""
    found = {}
    for state, data in (("old", ZH), ("new", NEW)):
        found[state] = tmp_path_factory.mktemp(state)
        (found[state] / "mine.txt").write_bytes(data + b"\n")
        done = cdip("run", found[state] / "mine.txt", "--out", found[state] / "exports")
        assert done.returncode == 0, done.stderr
    return found


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("point", RUN_POINTS)
def test_interrupted_run_leaves_whole_files(point: str, name: str, runs: dict[str, Path], tmp_path: Path) -> None:
    """A run over the outputs of an earlier one: each file is the old one or the new, whole."""
    shutil.copytree(runs["old"], tmp_path, dirs_exist_ok=True)
    (tmp_path / "mine.txt").write_bytes(NEW + b"\n")
    out, new = tmp_path / "exports", runs["new"] / "exports"
    old = {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    done = stopped(point, name, "run", tmp_path / "mine.txt", "--out", out)
    left = list(out.rglob(".cdip-*"))
    if name == "SIGKILL":  # no program can clear up after it: the next writing does, a day later
        assert done.returncode == -signal.SIGKILL
    else:
        assert done.returncode == 2
        assert one_line(done.stderr) == "cdip: interrupted: what was being written is left as it was before\n"
        assert left == []
    if left and "two moves" in point:  # killed there, both are whole beside it: the old package and the new one
        assert not (out / "tables").exists()
        first = min(left, key=lambda path: path.joinpath("annex.csv").read_bytes() != old[out / "tables/annex.csv"])
        first.rename(out / "tables")
    for path, content in old.items():
        assert path.read_bytes() in (content, (new / path.relative_to(out)).read_bytes()), path.name
    assert {path for path in out.rglob("*") if path.is_file() and ".cdip-" not in str(path)} == {*old}
    tables = {path: content for path, content in old.items() if path.parent.name == "tables"}
    changed = [path.name for path, content in tables.items() if path.read_bytes() != content]
    if "tables" in point:
        assert changed == []
    elif "figure" in point:
        assert {"annex.csv", "datapackage.json"} <= {*changed}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interrupted_notebooks_end_at_once(name: str, tmp_path: Path) -> None:
    """No page is written, no kernel runs on; an interruption does not wait for the notebooks to end."""
    code = (
        "import sys; from cdip_analysis import cli, run; "
        "run._STEPS = {'notebooks': run._notebooks}; raise SystemExit(cli.main(['run', 'zh', '--out', sys.argv[1]]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path],
        env={**os.environ, "CDIP_RUN": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while len(started(tmp_path)) < 2 and time.monotonic() < until and process.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    began = time.monotonic()
    process.send_signal(getattr(signal, name))
    _, error = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "cdip: interrupted: what was being written is left as it was before\n" in error
    assert names(tmp_path) == []
    assert time.monotonic() - began < 15, "the notebooks ran on: all of them take longer"
    until = time.monotonic() + 10
    while started(tmp_path) and time.monotonic() < until:
        time.sleep(0.1)
    assert started(tmp_path) == []


# ---- `make run`: the whole of it, with make above it -------------------------------------------------------------------

MAKEFILE = Path(__file__).parents[1] / "Makefile"
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
NAME = SHIPPED["zh"].name
WAITING = """
import sys, time
from pathlib import Path
from cdip_analysis import cli, run
nth, pause = 1, 60
{point}
before = getattr(at, name)
calls = 0
def wait(*words, **more):
    global calls
    calls += 1
    if calls == nth:
        Path("here").touch()
        time.sleep(pause)
    return before(*words, **more)
setattr(at, name, wait)
raise SystemExit(cli.main(sys.argv[1:]))
"""
MAKE_POINTS = {
    **RUN_POINTS,
    "while the notebooks run": "import nbclient.client as c; at, name, nth, pause = c.NotebookClient, 'async_execute_cell', 3, 0\n"
    "run._STEPS = {'notebooks': run._notebooks}",
}


def made(folder: Path, name: str, *words: str) -> tuple[int, str]:
    """Run make in a folder, wait until the file `here` stands there, and signal its group as a terminal does."""
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
    until = time.monotonic() + 60
    while not (folder / "here").exists() and time.monotonic() < until and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, getattr(signal, name))
    _, error = process.communicate(timeout=60)
    assert (folder / "here").exists(), error
    return process.returncode, error


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What `make run` leaves but for the notebooks: as it is now, and of another state of the document."""
    found = {}
    for state, data in (("old", NEW), ("new", ZH)):
        found[state] = tmp_path_factory.mktemp(state)
        (found[state] / NAME).write_bytes(data)
        steps = "import sys; from cdip_analysis import cli, run; run._STEPS.pop('notebooks'); sys.exit(cli.main(sys.argv[1:]))"
        subprocess.run(
            [sys.executable, "-c", steps, "run", NAME, "--out", "exports"],
            cwd=found[state],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return found


@needs_make
@pytest.mark.parametrize(
    ("point", "name"),
    [
        ("while the tables are written", "SIGINT"),
        ("before the last table is moved", "SIGTERM"),
        ("while a figure is drawn", "SIGINT"),
        ("while a figure is drawn", "SIGKILL"),
        ("while the notebooks run", "SIGINT"),
    ],
)
def test_interrupted_make_run_leaves_whole_files(
    point: str, name: str, outputs: dict[str, Path], tmp_path: Path
) -> None:
    """The Makefile's own line, the signal to make and all below it; over the outputs of an earlier run."""
    shutil.copytree(outputs["old"] / "exports", tmp_path / "exports")
    (tmp_path / "exports" / "notebooks").mkdir()
    page = tmp_path / "exports" / "notebooks" / "00_start_here.html"
    page.write_text("an old page <!-- Made by cdip-analysis -->")
    (tmp_path / "cdip.py").write_text(WAITING.format(point=MAKE_POINTS[point]))
    command = tmp_path / ".venv" / "bin" / "cdip"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' cdip.py \"$@\"\n")
    command.chmod(0o755)
    out = tmp_path / "exports"
    old = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    code, error = made(tmp_path, name, "-o", ".venv/.installed")
    left = set(out.rglob(".cdip-*"))
    if name == "SIGKILL":  # no program can clear up after it: the next writing does, a day later
        assert code == -signal.SIGKILL
    else:
        assert code != 0
        assert "cdip: interrupted: what was being written is left as it was before\n" in error
        assert ("Traceback" in error) <= ("notebooks" in point), "a kernel tells of its own end; nothing else does"
        assert left == set()
    assert {path for path in out.rglob("*") if path.is_file()} - left == {*old}
    for path, content in old.items():
        now = outputs["new"] / "exports" / path.relative_to(out)
        assert path.read_bytes() in (content, now.read_bytes() if now.exists() else content), path.name
    changed = {path.parent.name for path, content in old.items() if path.read_bytes() != content}
    assert ("tables" in changed) == ("figure" in point)  # the last table is the first to be moved
    until = time.monotonic() + 10
    while started(tmp_path) and time.monotonic() < until:
        time.sleep(0.1)
    assert started(tmp_path) == []


FAKE_PYTHON = """#!/bin/sh
case "$*" in
  *venv*) mkdir -p .venv/bin && cp "$0" .venv/bin/python;;
  *requirements.lock*) if test -e here; then exit 0; fi; touch here .venv/half; sleep 60;;
  *-e*) printf '#!/bin/sh\\ntouch ran\\n' > .venv/bin/cdip; chmod +x .venv/bin/cdip;;
esac
"""


@needs_make
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_interrupted_set_up_starts_again_from_nothing(name: str, tmp_path: Path) -> None:
    """`make run` in a new clone, stopped while packages are installed; the Python is one that installs nothing."""
    for needed in ("requirements.lock", "pyproject.toml"):
        (tmp_path / needed).touch()
    python = tmp_path / "python"
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    code, _ = made(tmp_path, name, f"PYTHON={python}")
    assert code != 0
    assert {path.name for path in (tmp_path / ".venv").iterdir()} == {"bin", "half"}
    again = subprocess.run(
        ["make", "-f", MAKEFILE, f"PYTHON={python}", "run"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "ran").exists()
    assert not (tmp_path / ".venv" / "half").exists()


def started(mark: Path) -> list[str]:
    """The processes of a run, by a mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"CDIP_RUN={mark}".encode() in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


def test_two_packages_in_one_folder_at_once(tmp_path: Path) -> None:
    """One of them is there, whole; the other is too, or says in words that the folder was changed meanwhile."""
    code = "import sys, cdip_analysis as c; c.export_csv(c.load_report(language=sys.argv[1]), sys.argv[2])"
    folder = tmp_path / "tables"
    export_csv(load_report(), folder)
    both = [
        subprocess.Popen([sys.executable, "-c", code, language, folder], stderr=subprocess.PIPE, text=True)
        for language in ("zh", "en")
    ]
    ended = [(process.communicate()[1], process.returncode) for process in both]
    assert all(code == 0 or "cannot write" in error.splitlines()[-1] for error, code in ended), ended
    assert read_csv(folder)["annex"].shape[0] == 15
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_two_exports_to_one_path_at_once(tmp_path: Path) -> None:
    """The file is the one or the other, whole; both end well, for each moved a whole file into place."""
    target = tmp_path / "report.xlsx"
    both = [
        subprocess.Popen([*CDIP, "export", source, target], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for source in ("zh", "en")
    ]
    ended = [(process.communicate()[1], process.returncode) for process in both]
    assert ended == [("", 0), ("", 0)]
    assert names(tmp_path) == ["report.xlsx"]
    written = []
    for source in ("zh", "en"):
        export_excel(load_report(SHIPPED[source]), tmp_path / f"{source}.xlsx")
        written.append((tmp_path / f"{source}.xlsx").read_bytes())
    assert target.read_bytes() in written


# ---- poor surroundings -----------------------------------------------------------------------------------------------

DRAW = """
import sys
import matplotlib
matplotlib.use("Agg")
from cdip_analysis import export_csv, export_excel, load_report, plot_coverage, save_figure, session_coverage
report = load_report(sys.argv[1])
export_excel(report, sys.argv[2] + "/报告.xlsx")
export_csv(report, sys.argv[2] + "/表")
coverage = session_coverage(report)
save_figure(plot_coverage(coverage), sys.argv[2] + "/图", coverage)
"""


@pytest.mark.parametrize(
    "home",
    [
        {},
        {"HOME": "/nonexistent"},
        {"HOME": "/nonexistent", "LC_ALL": "C"},
    ],
    ids=["no HOME", "a HOME that is not there", "a C locale"],
)
def test_poor_surroundings_and_a_chinese_path(home: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "技术援助 报告"
    folder.mkdir()
    shutil.copy(SHIPPED["zh"], folder / "原文.txt")
    (tmp_path / "draw.py").write_text(DRAW, encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], **home}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(tmp_path / "draw.py"), str(folder / "原文.txt"), str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {"报告.xlsx", "表", "原文.txt"} < set(names(folder))
    shown = subprocess.run(
        [*CDIP, "check", str(folder / "原文.txt")], env=environment, capture_output=True, check=False
    )
    assert (shown.returncode, shown.stderr) == (0, b"")
    first = shown.stdout.decode("utf-8").splitlines()[0]
    assert first.startswith("原文.txt")
    assert "53 paragraphs" in first
