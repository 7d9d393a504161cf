"""The notebooks under strict nbval, against as many notebooks that only import pandas and pyplot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "notebooks"
NBVAL = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout", "120", "-q"]


def test_notebooks(ratio: Callable[..., None], tmp_path: Path) -> None:
    """Seven notebooks or more, each with a kernel of its own: starting those is most of the time."""
    for path in FOLDER.glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cell = {"cell_type": "code", "execution_count": 1, "id": "imports", "metadata": {}, "outputs": []}
        notebook["cells"] = [cell | {"source": "import pandas\nimport matplotlib.pyplot as plt"}]
        (tmp_path / path.name).write_text(json.dumps(notebook), encoding="utf-8")
    # A kernel that inherits MPLBACKEND draws no figures.
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    check = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=FOLDER.parent)
    ratio("nbval of all notebooks", partial(check, [*NBVAL, FOLDER]), partial(check, [*NBVAL, tmp_path]), 1.6, rounds=4)
