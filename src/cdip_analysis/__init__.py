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

__version__ = "0.2.0"

# The public names and the modules that hold them: loaded when first used (PEP 562), so that the import costs nothing.
# `__init__.pyi` tells them to type checkers.
# No module bears the name of a public function: importing it would hide the function.
_PUBLIC = {
    "Citation": "model",
    "Corpus": "corpus",
    "Header": "model",
    "Passage": "model",
    "Report": "report",
    "ReportError": "model",
    "action_label": "analyses",
    "agenda": "questions",
    "alt_text": "figure",
    "brief": "note",
    "cite": "citations",
    "cite_as": "note",
    "cited_passages": "questions",
    "commitments": "questions",
    "compare": "corpus",
    "evidence": "questions",
    "export_csv": "csv_package",
    "export_excel": "excel",
    "export_reader": "reader_page",
    "find_text": "questions",
    "follow_up_status": "questions",
    "load_corpus": "corpus",
    "load_report": "report",
    "notebook": "display",
    "plot_attention": "plots",
    "plot_coverage": "plots",
    "plot_follow_up": "plots",
    "plot_timeline": "plots",
    "read_csv": "csv_package",
    "read_excel": "excel_import",
    "read_header": "header",
    "reading_list": "questions",
    "save_figure": "figure",
    "session_coverage": "questions",
    "speakers": "questions",
    "timeline": "questions",
}

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
