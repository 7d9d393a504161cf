"""The README keeps its word: its example runs, its commands exist, its links lead somewhere; and what other pages list."""

import doctest
import inspect
import re
from pathlib import Path

import pytest

import cdip_analysis
from cdip_analysis import Report
from cdip_analysis.cli import _parser
from cdip_analysis.schema import tables

ROOT = Path(__file__).resolve().parents[1]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


README = page("README.md")


@pytest.mark.parametrize("name", ["README.md", "docs/how-a-sentence-becomes-a-row.md"])
def test_example_runs(name: str) -> None:
    failed, tried = doctest.testfile(str(ROOT / name), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert (failed, tried > 4) == (0, True)


@pytest.mark.parametrize("name", sorted(cdip_analysis.__all__))
def test_example_of_a_function_runs_where_nothing_is_imported(name: str) -> None:
    said = inspect.getdoc(getattr(cdip_analysis, name)) or ""
    example = doctest.DocTestParser().get_doctest(said, {}, name, None, None)
    assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example).failed == 0


def test_readme_is_one_screen_and_says_the_sentence(zh: Report) -> None:
    assert len(README.split()) < 420
    assert zh.sentence() in " ".join(README.replace("\n>", "\n").split())


def test_commands_and_targets_exist() -> None:
    for command in set(re.findall(r"^cdip ([a-z]+)", README, re.MULTILINE)):
        with pytest.raises(SystemExit, match="0"):
            _parser().parse_args([command, "--help"])
    targets = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))
    assert targets <= set(re.findall(r"^([a-z-]+):", page("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "data/README.md", "docs/speed.md"])
def test_links_lead_somewhere(name: str) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", re.sub(r"```.*?```", "", page(name), flags=re.DOTALL)):
        assert link.startswith("http") or ((ROOT / name).parent / link).exists(), link


def test_speed_names_what_the_benchmarks_measure() -> None:
    named = [re.sub(r" \(.*", "", name) for name in re.findall(r"(?m)^\| (.+?) \|", page("docs/speed.md"))[2:]]
    measured = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/benchmarks").glob("bench_*.py"))
    assert len(named) > 5
    assert [name for name in named if name not in measured] == []


DESCRIBED = {
    "data/README.md": ["data/source/*", "data/reference/*", "data/*.json"],
    "CONTRIBUTING.md": ["src/cdip_analysis/[a-z]*.py"],
}


@pytest.mark.parametrize("name", DESCRIBED)
def test_every_file_is_described(name: str) -> None:
    files = [path.name for pattern in DESCRIBED[name] for path in ROOT.glob(pattern)]
    assert [file for file in files if f"`{file}`" not in page(name)] == []


def test_values_of_judgements_are_listed() -> None:
    for column in (*tables()["commitments"].columns, tables()["overview"].column("state")):
        assert ", ".join(f"`{value}`" for value in column.allowed) in page("data/README.md"), column.name
