"""What all tests share: the two shipped editions, and figures that open no window."""

import matplotlib
import pytest

from cdip_analysis import Report, load_report
from cdip_analysis.data import SHIPPED

matplotlib.use("Agg")


@pytest.fixture(scope="session")
def zh() -> Report:
    return load_report()


@pytest.fixture(scope="session")
def en() -> Report:
    return load_report(SHIPPED["en"])


@pytest.fixture(scope="session", params=["zh", "en"])
def edition(request: pytest.FixtureRequest) -> Report:
    report: Report = request.getfixturevalue(request.param)
    return report
