"""The set-up against itself: pyproject.toml, requirements.lock, environment.yml, CITATION.cff, the public names."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import cdip_analysis

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

CONDA_NAMES = {"build": "python-build", "duckdb": "python-duckdb", "matplotlib": "matplotlib-base"}
"""What conda-forge calls differently: its `matplotlib` brings a whole Qt."""

LISTS = [PROJECT["dependencies"], PYPROJECT["dependency-groups"]["dev"], *PROJECT["optional-dependencies"].values()]
REQUIRED = {canonicalize_name(r.name): r for lines in LISTS for r in map(Requirement, lines)}
"""Every direct requirement that a full set-up has, by name."""


def test_lock_satisfies_every_requirement_and_has_hashes_and_no_address() -> None:
    pins = {}
    for block in re.split(r"\n(?=\S)", LOCK.strip()):
        pin = Requirement(block.split("\\")[0].strip())
        assert "--hash=sha256:" in block, pin
        pins[canonicalize_name(pin.name)] = pin.specifier
    for name, requirement in REQUIRED.items():
        (version,) = pins[name]
        assert version.operator == "=="
        assert requirement.specifier.contains(version.version), f"{name} {version} is locked, {requirement} asked for"
    assert not re.search(r"://|index|find-links|trusted-host|@ ", LOCK)


def test_conda_environment_names_packages_of_the_project_with_the_same_bounds() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, *lines, pip = environment["dependencies"]
    assert SpecifierSet(PROJECT["requires-python"]).contains(python.removeprefix("python="))
    found = {r.name: r.specifier for r in map(Requirement, lines) if r.name != "pip"}
    asked = {CONDA_NAMES.get(name, name): requirement.specifier for name, requirement in REQUIRED.items()}
    assert found.items() <= asked.items()
    assert (pip, environment["channels"]) == ({"pip": ["-e ."]}, ["conda-forge"])


def test_citation_file_agrees_with_the_package() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (str(citation["version"]), citation["license"]) == (PROJECT["version"], PROJECT["license"])
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()


PATTERNS = {
    "registry address": r"(?i)\bpypi\.(?:org|io)|pythonhosted\.|\bpypi/simple|registry\.npmjs|conda\.anaconda\.",
    "machine path": r"(?<![\w.:*-])(?:/(?:work|root|tmp)/|/(?:home|Users)/\w)|\b[A-Z]:\\+Users\b",
}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout: nothing says which files are ours")
@pytest.mark.parametrize("what", PATTERNS)
def test_no_file_holds(what: str) -> None:
    command = ["git", "grep", "--untracked", "--text", "-noP", PATTERNS[what]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_no_module_hides_a_public_function() -> None:
    """Python binds a module to its name in the package as soon as anything imports it."""
    modules = {path.stem for path in (ROOT / "src" / "cdip_analysis").glob("*.py")}
    assert modules & set(cdip_analysis.__all__) == set()


def test_a_type_checker_is_told_the_public_names_and_no_others() -> None:
    """It cannot follow their loading at first use: it reads the stub, in which only `as` makes a name public."""
    stub = ast.parse(Path(cdip_analysis.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    lines = [line for line in stub.body if isinstance(line, ast.ImportFrom)]
    told = {name.asname: f"{line.module}.{name.name}" for line in lines for name in line.names}
    named = [getattr(cdip_analysis, name) for name in cdip_analysis.__all__ if name != "__version__"]
    assert told == {value.__name__: f"{value.__module__}.{value.__name__}" for value in named}
