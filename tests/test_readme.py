"""The README keeps its word: its example runs, its commands exist, its links lead somewhere."""

import doctest
import re
from pathlib import Path

import pytest

from cdip_analysis import Report
from cdip_analysis.cli import _parser

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "docs/how-a-sentence-becomes-a-row.md"])
def test_example_runs(name: str) -> None:
    failed, tried = doctest.testfile(str(ROOT / name), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert (failed, tried > 4) == (0, True)


def test_readme_is_one_screen_and_says_the_sentence(zh: Report) -> None:
    assert len(README.split()) < 420
    assert zh.sentence() in " ".join(README.replace("\n>", "\n").split())


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^cdip ([a-z]+)", README, re.MULTILINE))))
def test_commands_exist(command: str) -> None:
    with pytest.raises(SystemExit) as caught:
        _parser().parse_args([command, "--help"])
    assert caught.value.code == 0


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))))
def test_make_targets_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "data/README.md", "docs/speed.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        assert link.startswith("http") or ((ROOT / name).parent / link).exists(), link


def test_speed_names_what_the_benchmarks_measure() -> None:
    speed = (ROOT / "docs/speed.md").read_text(encoding="utf-8")
    named = [re.sub(r" \(.*", "", name) for name in re.findall(r"^\| (.+?) \|", speed, re.MULTILINE)[2:]]
    measured = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/benchmarks").glob("bench_*.py"))
    assert len(named) > 5
    assert [name for name in named if name not in measured] == []


def test_every_reference_table_is_described() -> None:
    told = (ROOT / "data/README.md").read_text(encoding="utf-8")
    files = [*(ROOT / "data/source").iterdir(), *(ROOT / "data/reference").iterdir(), *(ROOT / "data").glob("*.json")]
    assert [path.name for path in files if f"`{path.name}`" not in told] == []


def test_every_module_has_its_place_in_the_flow() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    modules = sorted(path.name for path in (ROOT / "src/cdip_analysis").glob("[a-z]*.py"))
    assert [name for name in modules if f"`{name}`" not in told] == []
