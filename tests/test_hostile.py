"""Each hostile shape ends as a report or one clear error, in bounded time and memory."""

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("limits on time and memory are those of Linux", allow_module_level=True)

from fuzz import in_a_child
from hostile import PDF, WORD

# Without bounds these take minutes, or gigabytes; with them a second. No machine is so slow that 20 are too few.
SECONDS = 20


@pytest.mark.parametrize("name", WORD)
def test_hostile_word_file(name: str) -> None:
    data = WORD[name]()
    assert len(data) < 5_000
    said, words = in_a_child(data, SECONDS, all_tables=True)
    assert said in ("report", "refused"), words


@pytest.mark.parametrize("name", PDF)
def test_hostile_pdf(name: str) -> None:
    data = PDF[name]()
    assert len(data) < 5_000
    said, words = in_a_child(data, SECONDS, all_tables=True)
    assert said in ("report", "refused"), words
