"""Records are flat and cannot be changed; a passage is equal to itself only; all survive a trip between processes."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from cdip_analysis import Citation, Passage, Report

PASSAGE = Passage("cell", "words", 3, 3, entry=1)


@pytest.mark.parametrize("record", [PASSAGE, Citation("session", session=21)], ids=["passage", "citation"])
def test_a_record_cannot_be_changed(record: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        record.kind = "other"
    with pytest.raises((FrozenInstanceError, TypeError)):
        record.more = 1


def test_passages_with_the_same_words_are_two() -> None:
    assert {PASSAGE: 1, replace(PASSAGE): 2}[PASSAGE] == 1


def test_citations_are_those_of_a_passage_after_a_trip_between_processes(zh: Report) -> None:
    back: Report = pickle.loads(pickle.dumps(zh))  # our own bytes
    for passage, same in zip(back.passages, zh.passages, strict=True):
        found, expected = (r.document.citations_in(p) for r, p in ((back, passage), (zh, same)))
        assert [(str(c), c.start, c.passage) for c in found] == [(str(c), c.start, passage) for c in expected]
        assert passage != same
