"""The wheel, installed alone outside the repository, has all that loading the shipped report needs."""

import os
import re
import subprocess
import sys
import venv
from email.parser import Parser
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]

LOAD = """
import sys
import cdip_analysis
assert cdip_analysis.__file__.startswith(sys.prefix), cdip_analysis.__file__
print(len(cdip_analysis.load_report().tables["annex"]))
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that succeeds and does not see the checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert not done.returncode, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def needed(requirements: list[str]) -> set[str]:
    """Names of all that these requirements install here, by what the installed packages say of themselves."""
    names: set[str] = set()
    queue = [Requirement(line) for line in requirements]
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        if name not in names and (not requirement.marker or requirement.marker.evaluate({"extra": ""})):
            names.add(name)
            queue += [Requirement(line) for line in distribution(name).requires or ()]
    return names


@pytest.mark.wheel
def test_wheel_alone_loads_the_shipped_report(tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (archive.read(name).decode() for name in names if name.endswith(".dist-info/METADATA"))
    prefix = "cdip_analysis/data/"
    inside = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    outside = {path.relative_to(ROOT / "data").as_posix() for path in (ROOT / "data").rglob("*") if path.is_file()}
    assert inside == outside

    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    runtime = needed(Parser().parsestr(metadata).get_all("Requires-Dist", []))
    lock = tmp_path / "runtime.lock"
    lock.write_text("\n".join(block for block in blocks if block.split("==")[0] in runtime), encoding="utf-8")

    clean = tmp_path / "clean"
    venv.create(clean, with_pip=True)
    python = clean / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "-qq"]
    run(*pip, "install", "--no-deps", "--require-hashes", "-r", lock, cwd=tmp_path)
    run(*pip, "install", "--no-deps", wheel, cwd=tmp_path)
    run(*pip, "check", cwd=tmp_path)

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run(python, "-c", LOAD, cwd=elsewhere).strip() == "15"
