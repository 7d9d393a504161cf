"""Records are frozen and flat, however they are made."""

from __future__ import annotations

import gc
import pickle
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from cdip_analysis import Citation, Passage, ReportError, load_report
from cdip_analysis.model import make_citation, make_passage
from cdip_analysis.structure import outline

MADE: dict[str, tuple[Any, Any]] = {
    "passage": (make_passage("cell", "words", 3, 3, entry=1), Passage("cell", "words", 3, 3, entry=1)),
    "citation": (make_citation("session", session=21), Citation("session", session=21)),
    "passage of a report": (load_report().passages[40], replace(load_report().passages[40])),
    "citation of a report": (load_report().cited[40], replace(load_report().cited[40])),
}


def values(record: Any) -> list[Any]:
    return [getattr(record, field.name) for field in fields(record)]


@pytest.mark.parametrize("name", MADE)
def test_a_record_made_fast_is_one_of_its_class(name: str) -> None:
    fast, slow = MADE[name]
    assert type(fast) is type(slow)
    assert (fast, repr(fast), hash(fast), values(fast)) == (slow, repr(slow), hash(slow), values(slow))
    assert values(pickle.loads(pickle.dumps(fast))) == values(fast)  # our own bytes


@pytest.mark.parametrize("name", MADE)
def test_a_record_cannot_be_changed(name: str) -> None:
    for record in MADE[name]:
        with pytest.raises(FrozenInstanceError):
            record.kind = "other"
        with pytest.raises((FrozenInstanceError, TypeError)):
            record.more = 1


def test_the_collector_of_cycles_waits_while_records_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def watched(*given: Any) -> Any:
        seen.append(gc.isenabled())
        return outline(*given)

    monkeypatch.setattr("cdip_analysis.report.outline", watched)
    load_report()
    assert seen == [False]


@pytest.mark.parametrize("collecting", [True, False])
def test_the_collector_of_cycles_is_left_as_it_was(collecting: bool) -> None:
    try:
        gc.enable() if collecting else gc.disable()
        assert load_report().tables
        left = [gc.isenabled()]
        with pytest.raises(ReportError):
            load_report(b"no report")
        left.append(gc.isenabled())
    finally:
        gc.enable()
    assert left == [collecting, collecting]
