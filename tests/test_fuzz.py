"""A slice of `make fuzz`, every file that it ever found, and each hostile shape: a report or a `ReportError`, in bounds."""

import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("limits on memory are those of Linux", allow_module_level=True)

from fuzz import check_bytes, in_a_child, regressions, run
from hostile import PDF, WORD

SLICE = {"texts": 400, "editions": 8, "annexes": 8, "bytes": 100, "docx": 6, "pdf": 2}


@pytest.mark.parametrize("kind", SLICE)
def test_a_slice_of_the_fuzz(kind: str) -> None:
    failed: list[str] = []
    outcome = run(kind, SLICE[kind], 1, lambda suffix, data, words: failed.append(words))
    assert not failed, "\n".join(failed)
    assert outcome.total() >= SLICE[kind]
    assert set(outcome) <= {"report", "refused"}


@pytest.mark.parametrize("path", regressions(), ids=lambda path: path.name)
def test_what_once_failed_is_a_report_or_refused(path: Path) -> None:
    data, suffix = path.read_bytes(), path.suffix[1:]
    assert (check_bytes(data) if suffix == "txt" else in_a_child(data, suffix)) in ("report", "refused")


SHAPES = {**WORD, **PDF}


@pytest.mark.parametrize("name", SHAPES)
def test_hostile_file(name: str) -> None:
    data = SHAPES[name]()
    assert len(data) < 5_000
    assert in_a_child(data, "docx" if name in WORD else "pdf") in ("report", "refused")
