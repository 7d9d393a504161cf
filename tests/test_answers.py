"""The answers that are shipped are those that the code gives: `make answers` writes them anew."""

import codecs
import hashlib
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cdip_analysis import Report, export_csv, export_excel, export_reader

ROOT = Path(__file__).resolve().parents[1]
TABLES = sorted(path.name for path in (ROOT / "data/tables").glob("*.csv"))


@pytest.fixture(scope="module")
def written(zh: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    export_csv(zh, folder / "tables")
    return folder / "tables"


def test_every_table_is_shipped(written: Path) -> None:
    assert sorted(path.name for path in written.glob("*.csv")) == TABLES
    assert all(path.read_bytes().startswith(codecs.BOM_UTF8) for path in written.glob("*.csv")), (
        "Excel takes it as UTF-8"
    )


@pytest.mark.parametrize("name", TABLES)
def test_table_is_the_one_that_the_code_makes(name: str, written: Path) -> None:
    shipped = (ROOT / "data/tables" / name).read_text(encoding="utf-8-sig")
    assert shipped == (written / name).read_text(encoding="utf-8-sig")


def test_shipped_package_is_byte_for_byte_what_it_says(written: Path) -> None:
    resources = json.loads((ROOT / "data/tables/datapackage.json").read_text(encoding="utf-8"))["resources"]
    hashes = {one["path"]: one["hash"].removeprefix("sha256:") for one in resources}
    files = {name: hashlib.sha256((ROOT / "data/tables" / name).read_bytes()).hexdigest() for name in TABLES}
    assert files == hashes


def test_reader_page_is_the_one_that_the_code_makes(zh: Report, tmp_path: Path) -> None:
    made = export_reader(zh, tmp_path / "overview.html")
    assert (ROOT / "docs/overview.html").read_text(encoding="utf-8") == made.read_text(encoding="utf-8")


def test_workbook_is_the_one_that_the_code_makes(zh: Report, tmp_path: Path) -> None:
    made, shipped = (
        load_workbook(path) for path in (export_excel(zh, tmp_path / "x.xlsx"), ROOT / "docs/cdip-24.xlsx")
    )
    assert made.sheetnames == shipped.sheetnames
    for sheet in made:
        assert list(sheet.iter_rows(values_only=True)) == list(shipped[sheet.title].iter_rows(values_only=True))
