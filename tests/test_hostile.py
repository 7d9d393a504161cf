"""Each hostile shape ends as a report or one clear error, in bounded memory; `make fuzz` bounds its time too."""

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("limits on memory are those of Linux", allow_module_level=True)

from fuzz import SECONDS_OF_PDF, in_a_child
from hostile import PDF, WORD

SHAPES = {**WORD, **PDF}


@pytest.mark.parametrize("name", SHAPES)
def test_hostile_file(name: str) -> None:
    data = SHAPES[name]()
    assert len(data) < 5_000
    said, words = in_a_child(data, SECONDS_OF_PDF, all_tables=True)
    assert said in ("report", "refused"), words
