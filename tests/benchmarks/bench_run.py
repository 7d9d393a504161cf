"""The whole run: all that `make run` does in an environment that is there, against the kernels that its notebooks need."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parents[2]
CDIP = Path(sys.executable).with_name("cdip")


def imports(path: Path) -> str:
    """The imports of a notebook, on lines of their own."""
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return "\n".join(line for line in code.splitlines() if line.startswith(("import ", "from ")))


def kernels() -> None:
    """Start a kernel for each notebook, one after the other, import what it imports, and end it."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        manager, client = start_new_kernel(kernel_name="python3", stderr=subprocess.DEVNULL)
        try:
            reply = client.execute_interactive(imports(path), output_hook=lambda message: None)
            assert reply["content"]["status"] == "ok"
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


@pytest.mark.benchmark(timer=time.perf_counter)  # kernels run side by side
def test_whole_run(ratio: Callable[..., None], tmp_path: Path) -> None:
    command = [CDIP, "run", "--out", tmp_path]
    run = partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ratio("cdip run, against its kernels' start and imports", run, kernels, 1.6, rounds=1)
