"""The set-up against itself: pyproject.toml, requirements.lock, environment.yml, CITATION.cff, the public names."""

import ast
import re
import shutil
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
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

CONDA_NAMES = {"build": "python-build", "duckdb": "python-duckdb", "matplotlib": "matplotlib-base"}
"""What conda-forge calls differently: its `matplotlib` brings a whole Qt."""


def declared() -> dict[str, Requirement]:
    """Every direct requirement that a full set-up has, by name."""
    project = PYPROJECT["project"]
    lists = [project["dependencies"], PYPROJECT["dependency-groups"]["dev"], *project["optional-dependencies"].values()]
    return {canonicalize_name((r := Requirement(line)).name): r for names in lists for line in names}


def pins() -> list[tuple[Requirement, int]]:
    """Every pin of the lock, with the number of its hashes."""
    blocks = re.split(r"\n(?=\S)", LOCK.strip())
    return [(Requirement(block.split("\\")[0].strip()), block.count("--hash=sha256:")) for block in blocks]


def test_lock_satisfies_every_requirement() -> None:
    found = {str(canonicalize_name(pin.name)): pin for pin, _ in pins()}
    assert [name for name in declared() if name not in found] == []
    for name, requirement in declared().items():
        (version,) = found[name].specifier
        assert version.operator == "=="
        assert requirement.specifier.contains(version.version), f"{found[name]} is locked, {requirement} asked for"


def test_lock_has_hashes_and_no_address() -> None:
    assert not [str(pin) for pin, hashes in pins() if not hashes]
    assert "://" not in LOCK
    assert not re.search(r"index|find-links|trusted-host|@ ", LOCK)


def test_conda_environment_names_packages_of_the_project_with_the_same_bounds() -> None:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    environment = yaml.safe_load(text)
    *lines, pip = environment["dependencies"]
    found = {(r := Requirement(line)).name: r.specifier for line in lines if not line.startswith("python=")}
    version = re.search(r"^  - python=(3\.[0-9]+)$", text, re.MULTILINE)
    assert version
    assert SpecifierSet(PYPROJECT["project"]["requires-python"]).contains(version[1])
    asked = {CONDA_NAMES.get(name, name): requirement.specifier for name, requirement in declared().items()}
    assert {name: specifier for name, specifier in found.items() if name != "pip"}.items() <= asked.items()
    assert pip == {"pip": ["-e ."]}
    assert environment["channels"] == ["conda-forge"]


def test_citation_file_agrees_with_the_package() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = PYPROJECT["project"]
    assert (str(citation["version"]), citation["license"]) == (project["version"], project["license"])
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()


def tracked() -> list[Path]:
    """Every file that is in the repository, or would be with the next `git add`."""
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


PATTERNS = {
    "registry address": rb"(?i)\bpypi\.(?:org|io)|pythonhosted\.|\bpypi/simple|registry\.npmjs|conda\.anaconda\.",
    "machine path": rb"(?<![\w.:*-])(?:/(?:work|root|tmp)/|/(?:home|Users)/\w)|\b[A-Z]:\\+Users\b",
}


@pytest.mark.parametrize("what", PATTERNS)
def test_no_file_holds(what: str) -> None:
    hits = ((path, hit) for path in tracked() for hit in re.finditer(PATTERNS[what], path.read_bytes()))
    assert [f"{path.relative_to(ROOT)}: {hit.group().decode()}" for path, hit in hits] == []


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
