"""Let nbval compare the pictures too; where other versions of matplotlib draw otherwise, set NBVAL_SKIP_PICTURES."""

import os

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("NBVAL_SKIP_PICTURES"):
        return
    for item in items:
        if isinstance(item, IPyNbCell) and isinstance(item.parent, IPyNbFile):
            item.parent.skip_compare = tuple(kind for kind in item.parent.skip_compare if kind != "image/png")
