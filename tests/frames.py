"""Reports whose tables hold other rows than were read, and tables held against each other: for what writes tables."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from pandas.testing import assert_frame_equal

from cdip_analysis import Report
from cdip_analysis.model import Row


def with_rows(report: Report, **changed: Sequence[Mapping[str, Any]]) -> Report:
    """Make a report whose tables hold other rows."""
    made = {name: [Row(values, {None: []}) for values in rows] for name, rows in changed.items()}
    return dataclasses.replace(report, rows={**report.rows, **made})


def equal(found: Mapping[str, pd.DataFrame], expected: Mapping[str, pd.DataFrame]) -> None:
    assert list(found) == list(expected)
    for name, frame in expected.items():
        assert_frame_equal(found[name], frame, obj=name)
