"""Write the tables of a report as a Data Package: CSV files and a datapackage.json that says what they hold."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cdip_analysis import __version__
from cdip_analysis.files import MARK, atomic_folder, guarded, is_ours, unguarded
from cdip_analysis.frames import build, plain_rows
from cdip_analysis.language import LANGUAGES
from cdip_analysis.model import ReportError
from cdip_analysis.report import Report
from cdip_analysis.schema import declaration, table_names, tables, with_beside

if TYPE_CHECKING:
    import pandas as pd


def export_csv(report: Report, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Write all tables and analyses as CSV files (UTF-8), with a datapackage.json that describes them.

    Parameters
    ----------
    report : Report
    folder : str or Path
        Made if it is missing. It becomes the package as a whole: an earlier package is replaced, and nothing else may
        be in it.
    overwrite : bool
        Replace a package even if this package did not make it, or if its files were changed since.

    Returns
    -------
    Path
        Its datapackage.json.

    Raises
    ------
    FileExistsError
        If the folder holds other files, or a package that was changed since, and `overwrite` is not given.

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
    with atomic_folder(folder, replaces=partial(_may_replace, overwrite=overwrite)) as temporary:
        described = _descriptor(report)
        for name in tables():
            table, rows = report.rows_of(name)
            columns = [column.name for column in table.columns]
            _write_rows(
                temporary / f"{name}.csv", columns, [[row.values[column] for column in columns] for row in rows]
            )
        for name, frame in report.other_tables.items():
            _write_rows(temporary / f"{name}.csv", list(frame.columns), plain_rows(frame))
            # A table of a document without a known annex is text, but for the page and the place of each row.
            fields = [{"name": one, "type": "integer" if n < 2 else "string"} for n, one in enumerate(frame.columns)]
            described["resources"].append({"name": name, "path": f"{name}.csv", **_FORM, "schema": {"fields": fields}})
        for resource in described["resources"]:
            file = temporary / resource["path"]
            resource |= {"bytes": file.stat().st_size, "hash": _hash(file)}
        text = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
        (temporary / "datapackage.json").write_text(text, encoding="utf-8")
    return Path(folder) / "datapackage.json"


def _hash(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _may_replace(folder: Path, *, overwrite: bool) -> bool:
    """Report whether a folder holds a package of ours, as it was written, and nothing else."""
    descriptor = folder / "datapackage.json"
    files = {path.name: path for path in folder.iterdir() if path != descriptor and path.name != ".DS_Store"}
    if overwrite:
        return all(name.removesuffix(".csv") in tables() or re.fullmatch(r"raw_\d+\.csv", name) for name in files)
    if not descriptor.is_file() or not is_ours(descriptor):
        return False
    resources = json.loads(descriptor.read_text(encoding="utf-8"))["resources"]
    hashes = {one["path"]: one.get("hash") for one in resources}  # a package of version 0.1 has none
    return all(name in hashes and hashes[name] in (None, _hash(files[name])) for name in files)


def _write_rows(path: Path, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # by the byte order mark, Excel knows UTF-8
        writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180; a carriage return within a field is then quoted
        writer.writerow(names)
        writer.writerows([_written(value) for value in row] for row in rows)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"  # as Table Schema writes them
    return "" if value is None else guarded(value) if isinstance(value, str) else str(value)


def _descriptor(report: Report) -> dict[str, Any]:
    """Describe the package: types, meanings, constraints, keys, the source with its hash, and the terms of use."""
    header = report.header
    resources = []
    for resource in declaration()["resources"]:
        schema = dict(resource["schema"])
        fields: list[dict[str, Any]] = []
        for column in report.rows_of(resource["name"])[0].columns:
            declared = next((one for one in resource["schema"]["fields"] if one["name"] == column.name), None)
            if declared is None:  # of the edition beside: like the one before it
                declared = {**fields[-1], "name": column.name, "description": column.description["en"]}
            fields.append(declared)
        schema["fields"] = fields
        keys = [key for key in schema.pop("foreignKeys", ()) if _holds(report, resource["name"], key)]
        resources.append({**resource, **_FORM, "schema": schema | ({"foreignKeys": keys} if keys else {})})
    return {
        **declaration(),
        "title": header.title or declaration()["title"],
        "description": f"{declaration()['title']}. {declaration()['description']}",
        "sources": [{"title": report.name, "path": report.name, "sha256": report.sha256, "language": report.language}],
        "contributors": [{"title": f"{MARK} {__version__}"}],
        "licenses": [{"name": "other-closed", "title": "WIPO's terms of use for its documents; not settled here"}],
        "resources": resources,
    }


_FORM = {
    "type": "table",
    "format": "csv",
    "mediatype": "text/csv",
    "encoding": "utf-8",
    "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n"},
}


def _holds(report: Report, name: str, key: Mapping[str, Any]) -> bool:
    """Report whether every value is in the other table: in a broken document it may not be, and a finding says so."""
    (field,), (there,) = key["fields"], key["reference"]["fields"]
    known = {None, *(row.values[there] for row in report.rows[key["reference"]["resource"]])}
    return all(row.values[field] in known for row in report.rows[name])


def read_csv(folder: str | Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a package that `export_csv` wrote.

    Parameters
    ----------
    folder : str or Path
        The folder with its datapackage.json.

    Returns
    -------
    dict of str to pandas.DataFrame
        Equal to ``report.tables``.

    Raises
    ------
    ReportError
        If a file is missing, or a field does not hold what its column is declared to hold.

    Examples
    --------
    See `export_csv`.
    """
    found = {}
    for name, table in ((name, tables()[name]) for name in table_names()):
        path = Path(folder) / f"{name}.csv"
        try:
            lines = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        except OSError as error:
            needed = "a CSV file of export_csv"
            raise ReportError(str(path), "", str(error.strerror), needed, "check the folder") from None
        names: list[str] = next(lines, [])
        forms = [table, *(with_beside(table, language) for language in LANGUAGES)]
        form = next((form for form in forms if names == [column.name for column in form.columns]), None)
        if form is None:
            expected = ", ".join(column.name for column in table.columns)
            remedy = "export the package again"
            raise ReportError(str(path), "line 1", f"columns {', '.join(names)}", expected, remedy)
        rows = []
        for line in lines:
            try:
                cells = zip(form.columns, line, strict=True)
                rows.append({c.name: parsed(c.type, unguarded(text)) if text else None for c, text in cells})
            except ValueError as error:
                remedy, place = "fix the field, or export the package again", f"line {lines.line_num}"
                raise ReportError(str(path), place, str(error), "what is declared", remedy) from None
        found[name] = build(form, rows, path.name)
    return found


def parsed(kind: str, text: str) -> Any:
    """Return the value of a declared type that a text stands for.

    >>> parsed("integer", "24"), parsed("boolean", "true"), parsed("string", "24")
    (24, True, '24')
    """
    match kind:
        case "integer":
            return int(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
        case "boolean":
            raise ValueError(f"{text!r} for true or false")
        case "date":
            return dt.date.fromisoformat(text)
    return text
