"""Write the tables of a report as a Data Package: CSV files and a datapackage.json that says what they hold."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cdip_analysis import __version__
from cdip_analysis.files import MARK, atomic_folder, csv_text, is_ours, unguarded
from cdip_analysis.language import LANGUAGES
from cdip_analysis.model import ReportError
from cdip_analysis.report import Report
from cdip_analysis.schema import build, declaration, plain_rows, table_names, tables, with_beside

if TYPE_CHECKING:
    import pandas as pd

_FORM = {
    "type": "table",
    "format": "csv",
    "mediatype": "text/csv",
    "encoding": "utf-8",
    "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n"},
}


def export_csv(report: Report, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Write all tables and analyses as CSV files (UTF-8), with a datapackage.json that describes them.

    Parameters
    ----------
    folder : str or Path
        Made if it is missing. It becomes the package as a whole: an earlier package is replaced; where it holds other
        files, or a package that was changed since, that is a FileExistsError.
    overwrite : bool
        Replace a package even if this package did not make it, or if its files were changed since.

    Returns
    -------
    Path
        Its datapackage.json.

    Examples
    --------
    >>> import tempfile
    >>> from cdip_analysis import export_csv, load_report, read_csv
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export_csv(load_report(), folder)
    ...     print(read_csv(folder)["actions"][["action_id", "entries"]].head(2))
      action_id  entries
    0       1.1        1
    1       1.2        2
    """
    header, resources = report.header, []
    with atomic_folder(folder, replaces=partial(_may_replace, overwrite=overwrite)) as temporary:
        for declared in declaration()["resources"]:
            table, rows = report.rows_of(declared["name"])
            known, fields = {field["name"]: field for field in declared["schema"]["fields"]}, list[dict[str, Any]]()
            for column in table.columns:  # one of the edition beside is like the one before it
                beside = {"name": column.name, "description": column.description["en"]}
                fields.append(known[column.name] if column.name in known else fields[-1] | beside)
            resource = {**declared, **_FORM, "schema": declared["schema"] | {"fields": fields}}
            cells = [[row.values[column.name] for column in table.columns] for row in rows]
            resources.append(_written(temporary, resource, cells))
        for name, frame in report.other_tables.items():
            # A table of a document without a known annex is text, but for the page and the place of each row.
            fields = [{"name": one, "type": "integer" if n < 2 else "string"} for n, one in enumerate(frame.columns)]
            resource = {"name": name, "path": f"{name}.csv", **_FORM, "schema": {"fields": fields}}
            resources.append(_written(temporary, resource, plain_rows(frame)))
        source = {"title": report.name, "path": report.name, "sha256": report.sha256, "language": report.language}
        described = declaration() | {
            "title": header.title or declaration()["title"],
            "description": f"{declaration()['title']}. {declaration()['description']}",
            "sources": [source],
            "contributors": [{"title": f"{MARK} {__version__}"}],
            "licenses": [{"name": "other-closed", "title": "WIPO's terms of use for its documents; not settled here"}],
            "resources": resources,
        }
        text = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
        (temporary / "datapackage.json").write_text(text, encoding="utf-8")
    return Path(folder) / "datapackage.json"


def _may_replace(folder: Path, *, overwrite: bool) -> bool:
    """Report whether a folder holds a package of ours, as it was written, and nothing else."""
    descriptor = folder / "datapackage.json"
    files = {path.name: path for path in folder.iterdir() if path.name not in (descriptor.name, ".DS_Store")}
    if overwrite:
        return all(name.removesuffix(".csv") in tables() or re.fullmatch(r"raw_\d+\.csv", name) for name in files)
    if not descriptor.is_file() or not is_ours(descriptor):
        return False
    try:
        described = json.loads(descriptor.read_text(encoding="utf-8"))
        hashes = {one["path"]: one.get("hash") for one in described["resources"]}
    except (ValueError, KeyError, TypeError):  # ours once, and damaged since
        return False
    return all(hashes.get(name) == _hash(path.read_bytes()) for name, path in files.items())


def _hash(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _written(folder: Path, resource: dict[str, Any], rows: list[list[Any]]) -> dict[str, Any]:
    """Write the rows of a table, and return its description with size and hash of the file."""
    names = [field["name"] for field in resource["schema"]["fields"]]
    shown = ([str(value).lower() if isinstance(value, bool) else value for value in row] for row in rows)
    text = csv_text(names, shown, "\r\n")  # RFC 4180; a carriage return within a field is then quoted
    data = text.encode("utf-8-sig")  # by the byte order mark, Excel knows UTF-8
    (folder / resource["path"]).write_bytes(data)
    return resource | {"bytes": len(data), "hash": _hash(data)}


def read_csv(folder: str | Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a package that `export_csv` wrote.

    Returns
    -------
    dict of str to pandas.DataFrame
        Equal to ``report.tables``. A missing file, or a field that does not hold what its column is declared to hold,
        is a ReportError.

    Examples
    --------
    See `export_csv`.
    """
    found = {}
    for name in table_names():
        table, path = tables()[name], Path(folder) / f"{name}.csv"
        remedy = "export the package again"
        try:
            lines = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        except OSError as error:
            raise ReportError(str(path), "", str(error.strerror), "a CSV file of export_csv", remedy) from None
        names, rows = next(lines, []), []
        forms = [table, *(with_beside(table, language) for language in LANGUAGES)]
        form = next((form for form in forms if names == [column.name for column in form.columns]), None)
        if form is None:
            expected = ", ".join(column.name for column in table.columns)
            raise ReportError(str(path), "line 1", f"columns {', '.join(names)}", expected, remedy)
        for line in lines:
            try:
                cells = zip(form.columns, line, strict=True)
                rows.append({c.name: parsed(c.type, unguarded(text) if text else None) for c, text in cells})
            except ValueError as error:
                place = f"line {lines.line_num}"
                raise ReportError(str(path), place, str(error), "what is declared", remedy) from None
        found[name] = build(form, rows, path.name)
    return found


_READ: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": dt.date.fromisoformat,
}


def parsed(kind: str, text: str | None) -> Any:
    """Return the value of a declared type that a text stands for; any other text is a ValueError.

    >>> parsed("integer", "24"), parsed("boolean", "true"), parsed("string", "24"), parsed("date", None)
    (24, True, '24', None)
    """
    try:
        return None if text is None else _READ[kind](text)
    except (ValueError, KeyError):
        raise ValueError(f"{text!r} is not a value of the type {kind}") from None
