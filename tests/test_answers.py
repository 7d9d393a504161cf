"""The answers that are shipped are those that the code gives: `make answers` writes them anew."""

import codecs
import hashlib
import json
from pathlib import Path

from openpyxl import load_workbook

from cdip_analysis import Report, export_csv, export_excel, export_reader

ROOT = Path(__file__).resolve().parents[1]


def test_tables_are_those_that_the_code_makes(zh: Report, tmp_path: Path) -> None:
    export_csv(zh, tmp_path / "tables")
    made, shipped = (
        {path.name: path.read_bytes() for path in (of / "tables").glob("*.csv")} for of in (tmp_path, ROOT / "data")
    )
    assert sorted(made) == sorted(shipped)
    assert [name for name in made if made[name] != shipped[name]] == []
    assert all(table.startswith(codecs.BOM_UTF8) for table in made.values()), "Excel takes it as UTF-8"
    resources = json.loads((ROOT / "data/tables/datapackage.json").read_text(encoding="utf-8"))["resources"]
    hashes = {one["path"]: one["hash"].removeprefix("sha256:") for one in resources}
    assert hashes == {name: hashlib.sha256(table).hexdigest() for name, table in shipped.items()}


def test_reader_page_is_the_one_that_the_code_makes(zh: Report, tmp_path: Path) -> None:
    made = export_reader(zh, tmp_path / "overview.html")
    assert (ROOT / "docs/overview.html").read_text(encoding="utf-8") == made.read_text(encoding="utf-8")


def test_workbook_is_the_one_that_the_code_makes(zh: Report, tmp_path: Path) -> None:
    files = (export_excel(zh, tmp_path / "x.xlsx"), ROOT / "docs/cdip-24.xlsx")
    made, shipped = (
        {sheet.title: [*map(repr, sheet.iter_rows(values_only=True))] for sheet in load_workbook(path, rich_text=True)}
        for path in files
    )
    assert list(made) == list(shipped)
    assert [name for name in made if made[name] != shipped[name]] == []
