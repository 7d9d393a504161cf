"""The rows of wording in data/language, made ready to match: the words of a language are there and not in code.

A row is a `Rule`; `data/language/common.toml` says how it is read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from cdip_analysis.language import table
from cdip_analysis.symbols import symbol


class Rule(NamedTuple):
    """A row of a table of wording: its name, its regular expression, and the row as in the file."""

    name: str
    pattern: re.Pattern[str]
    row: Mapping[str, Any]


@cache
def _atoms(language: str) -> dict[str, str]:
    """Return the atoms of a language: the common ones, its own, its months, and the symbol of a document."""
    months = "|".join(table(language).get("months", ("(?!)",))).replace(".", r"\.?")  # Nov. and Nov, but not Nove
    made = {"month": f"(?P<month>{months})", "month2": f"(?P<month2>{months})", "symbol": f"(?P<symbol>{symbol()})"}
    return {**made, **table("common")["atoms"], **table(language).get("atoms", {})}


_ATOM = re.compile(r"\{([a-z_]+[0-9]?)\}")
_GROUP = re.compile(r"\(\?P<([a-z0-9]+)>")
_TOKEN = re.compile(r"\\.|\[[^\]]*\]| (?!\?)")


def expand(pattern: str, language: str) -> str:
    """Write out the atoms and spaces of a row's pattern as a regular expression."""
    while _ATOM.search(pattern):
        pattern = _ATOM.sub(lambda m: _atoms(language)[m[1]], pattern)
    # A field may stand in more than one branch of a row, the name of a group only once: `code`, `code_2`.
    seen: Counter[str] = Counter()

    def named(group: re.Match[str]) -> str:
        seen[group[1]] += 1
        return f"(?P<{group[1]}{f'_{seen[group[1]]}' if seen[group[1]] > 1 else ''}>"

    # Possessive, so that a run of blanks is passed once and never tried again from each of its characters.
    return _TOKEN.sub(lambda m: " *+" if m[0] == " " else m[0], _GROUP.sub(named, pattern))


@cache
def rules(language: str, section: str) -> tuple[Rule, ...]:
    """Read the rows of one section: the language's own first, then those that all languages share."""
    found = []
    for source in (language, "common"):
        for number, row in enumerate(table(source).get("rows", {}).get(section, ()), 1):
            what = next((said for name, said in row.items() if name != "pattern"), number)
            # No match begins with a blank: a long run of them is passed once, not tried from each of its characters.
            pattern = re.compile(f"(?! )(?:{expand(row['pattern'], language)})", re.IGNORECASE)
            found.append(Rule(f"{source}: {section}: {what}", pattern, row))
    return tuple(found)
