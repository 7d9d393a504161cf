"""The wheel, installed alone outside the repository, has all that loading the shipped report needs."""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

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


@pytest.mark.wheel
def test_wheel_alone_loads_the_shipped_report(tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    prefix = "cdip_analysis/data/"
    inside = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    outside = {path.relative_to(ROOT / "data").as_posix() for path in (ROOT / "data").rglob("*") if path.is_file()}
    assert inside == outside

    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = tmp_path / "pins.txt"
    pins.write_text("\n".join(re.findall(r"^(\S+==[^\\\n]+?) *\\?$", lock, re.MULTILINE)), encoding="utf-8")
    clean = tmp_path / "clean"
    venv.create(clean, with_pip=True)
    python = clean / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "-qq"]
    run(*pip, "install", "--constraint", pins, wheel, cwd=tmp_path)
    run(*pip, "check", cwd=tmp_path)
    assert run(python, "-c", LOAD, cwd=clean).strip() == "15"
