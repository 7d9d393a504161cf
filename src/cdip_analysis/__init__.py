"""CDIP reports as tables: every value traceable to its words, nothing that looked like a reference dropped.

>>> from cdip_analysis import load_report
>>> load_report().actions[["action_id", "entries", "report_paragraphs"]].head(3)
  action_id  entries  report_paragraphs
0       1.1        1                 15
1       1.2        2                 37
2       1.3        4                 89
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

__version__ = "0.2.0"

# The public names and the modules that hold them, out of what type checkers read (`__init__.pyi`); each is loaded when
# first used (PEP 562), so that the import costs nothing. No module bears the name of a public function: importing it
# would hide the function.
_STUB = Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
_PUBLIC = {name: module for module, name in re.findall(r"from cdip_analysis\.(\w+) import (\w+) as", _STUB)}

__all__ = [*sorted(_PUBLIC), "__version__"]


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first asked for."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, for tab completion."""
    return __all__
