"""A slice of `make fuzz`, and every file that it ever found: the result is a report or a `ReportError`."""

import sys
from functools import partial
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("limits on time and memory are those of Linux", allow_module_level=True)

from fuzz import KINDS, SECONDS, SECONDS_OF_PDF, check_bytes, in_a_child, in_time, regressions, run

SLICE = {"texts": 2_000, "editions": 16, "annexes": 8, "bytes": 300, "docx": 50, "pdf": 5}


@pytest.mark.parametrize("kind", KINDS)
def test_a_slice_of_the_fuzz(kind: str) -> None:
    failed: list[str] = []
    outcome = run(kind, SLICE[kind], 1, lambda suffix, data, words: failed.append(words))
    assert not failed, "\n".join(failed)
    assert outcome.total() >= SLICE[kind]
    assert set(outcome) <= {"report", "refused"}


@pytest.mark.parametrize("path", regressions(), ids=lambda path: path.name)
def test_what_once_failed_is_a_report_or_refused(path: Path) -> None:
    data = path.read_bytes()
    if path.suffix == ".txt":
        assert in_time(partial(check_bytes, data), len(data)) in ("report", "refused")
        return
    said, words = in_a_child(data, SECONDS if path.suffix == ".docx" else SECONDS_OF_PDF, all_tables=True)
    assert said in ("report", "refused"), words
