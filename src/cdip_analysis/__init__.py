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
import sys
from types import ModuleType

TYPE_CHECKING = False  # as in typing, which takes longer to import than all of this
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

# The public names and the modules that hold them: loaded when first used (PEP 562), so that the import costs nothing.
_PUBLIC = {
    "Citation": "records",
    "Corpus": "corpus",
    "Header": "records",
    "Passage": "records",
    "Report": "report",
    "ReportError": "records",
    "action_label": "analyses",
    "agenda": "reading",
    "brief": "brief",
    "chain": "reading",
    "cite": "cite",
    "cite_as": "brief",
    "cited_passages": "library",
    "commitments": "commitments",
    "compare": "comparing",
    "draft_to_adopted": "comparing",
    "evidence": "evidence",
    "export_csv": "datapackage",
    "export_excel": "workbook",
    "find_text": "evidence",
    "follow_up_status": "analyses",
    "library_gaps": "comparing",
    "load_corpus": "corpus",
    "load_report": "report",
    "plot_attention": "plots",
    "plot_coverage": "plots",
    "plot_follow_up": "plots",
    "plot_timeline": "plots",
    "read_csv": "datapackage",
    "read_excel": "workbook",
    "read_header": "header",
    "reading_list": "reading",
    "save_figure": "plots",
    "session_coverage": "analyses",
    "show": "show",
    "speakers": "library",
    "timeline": "analyses",
    "who_cites": "comparing",
}

__all__ = [*sorted(_PUBLIC), "__version__"]


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, for tab completion."""
    return __all__


class _Package(ModuleType):
    """The package itself: a module that bears the name of a public function, such as `cite`, never hides it.

    Python binds a submodule to its package's name for it as soon as anything imports it. Without this, what
    ``from cdip_analysis import cite`` gives would hang on what was imported before.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _PUBLIC or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
