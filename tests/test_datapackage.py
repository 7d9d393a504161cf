"""The Data Package: valid by frictionless, the same tables when read back, nothing that a spreadsheet would run."""

import csv
import dataclasses
import datetime as dt
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdip_analysis import Report, ReportError, export_csv, read_csv
from cdip_analysis.files import guarded, unguarded
from cdip_analysis.model import Row
from cdip_analysis.schema import tables


def with_rows(report: Report, **changed: Sequence[Mapping[str, Any]]) -> Report:
    """Make a report whose tables hold other rows."""
    made = {name: [Row(values, {None: []}) for values in rows] for name, rows in changed.items()}
    return dataclasses.replace(report, rows={**report.rows, **made})


def equal(found: Mapping[str, pd.DataFrame], expected: Mapping[str, pd.DataFrame]) -> None:
    assert list(found) == list(expected)
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(found[name], frame, obj=name)


TEXTS = ["=1+1", "+41", "-a", "@SUM(A1)", "＝1", "\tx", "\rx", "a;=1", "a;'=1", 'a; "-1', "a\t＋1", ";\t=1", "'quoted'", "", "#N/A",
         'a "b", c', "a\nb\r\nc", "اللجنة 段 😀"]  # fmt: skip


def test_frictionless_accepts_the_package_and_sees_a_broken_one(edition: Report, tmp_path: Path) -> None:
    # It comes with the dependency group `dev`; who installed the package without it can still run the other tests.
    frictionless = pytest.importorskip("frictionless", reason="frictionless, of the group dev, is not installed")
    path = export_csv(edition, tmp_path / "技术 援助")
    found = frictionless.validate(str(path))
    assert found.valid, found.flatten(["title", "message"])
    assert [task.name for task in found.tasks] == list(tables())
    annex = path.parent / "annex.csv"
    annex.write_text(annex.read_text(encoding="utf-8").replace("CDIP/21/4,21", "CDIP/99/9,x", 1), encoding="utf-8")
    kinds = {kind for (kind,) in frictionless.validate(str(path)).flatten(["type"])}
    assert {"type-error", "foreign-key"} <= kinds


def test_the_package_says_what_it_is_made_from(zh: Report, tmp_path: Path) -> None:
    described = json.loads(export_csv(zh, tmp_path).read_text(encoding="utf-8"))
    sources = [{"title": zh.name, "path": zh.name, "sha256": zh.sha256, "language": "zh"}]
    assert described["sources"] == sources
    assert "created" not in described, "the same report gives the same bytes on any day"
    assert "WIPO" in described["licenses"][0]["title"]
    assert "apostrophe" in described["description"]
    annex = next(resource for resource in described["resources"] if resource["name"] == "annex")
    assert annex["schema"]["primaryKey"] == ["entry"]
    reference = {"resource": "actions", "fields": ["action_id"]}
    assert annex["schema"]["foreignKeys"][0] == {"fields": ["action_id"], "reference": reference}
    assert all(field["type"] and field["description"] for field in annex["schema"]["fields"])


def test_what_is_read_back_equals_what_was_written_the_same_each_time(edition: Report, tmp_path: Path) -> None:
    for folder in (tmp_path / "a", tmp_path / "b"):
        export_csv(edition, folder)
        equal(read_csv(folder), edition.tables)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
    assert (tmp_path / "a" / "annex.csv").read_bytes().count(b"\r\n") == 16


def test_a_text_like_a_formula_is_guarded_and_comes_back_and_a_number_or_day_is_not(zh: Report, tmp_path: Path) -> None:
    finding, session = (dict(zh.rows[name][0].values) for name in ("findings", "sessions"))
    findings = [{**finding, "text": text, "note": text} for text in TEXTS]
    session |= {"session": -5, "start_date": dt.date(1883, 3, 20)}
    report = with_rows(zh, findings=findings, sessions=[session])
    export_csv(report, tmp_path)
    equal(read_csv(tmp_path), report.tables)
    with (tmp_path / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        stored = [row["text"] for row in csv.DictReader(file)]
    assert not [text for text in stored if text.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
    assert stored[0] == "'=1+1"
    written = (tmp_path / "sessions.csv").read_text(encoding="utf-8").splitlines()[1]
    assert re.fullmatch("-5,1883-03-20,.*,true,false", written)


@given(st.text())
def test_guarding_can_always_be_undone(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in {"", *"=+-@\t\r＝＋－＠"}


def test_a_folder_that_is_not_ours_is_left_alone(zh: Report, tmp_path: Path) -> None:
    (tmp_path / "annex.csv").write_text("mine")
    with pytest.raises(FileExistsError, match="it holds files that cdip-analysis did not write"):
        export_csv(zh, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["annex.csv"]
    export_csv(zh, tmp_path, overwrite=True)
    export_csv(zh, tmp_path)
    equal(read_csv(tmp_path), zh.tables)
    (tmp_path / "mine.docx").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(FileExistsError, match="it holds files"):
            export_csv(zh, tmp_path, overwrite=overwrite)
    assert (tmp_path / "mine.docx").read_text() == "mine"


def test_a_package_is_replaced_as_a_whole_and_not_if_a_file_of_it_was_changed(zh: Report, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    path = export_csv(zh, folder)
    described = json.loads(path.read_text(encoding="utf-8"))
    described["resources"].append({**described["resources"][0], "name": "old", "path": "old.csv"})
    path.write_text(json.dumps(described), encoding="utf-8")
    shutil.copy(folder / described["resources"][0]["path"], folder / "old.csv")
    export_csv(zh, folder)
    assert not (folder / "old.csv").exists()
    (folder / "annex.csv").write_text("changed in a spreadsheet program")
    with pytest.raises(FileExistsError, match="or that were changed since"):
        export_csv(zh, folder)
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_the_current_folder_is_not_replaced(zh: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PermissionError, match="it is the current folder. Name a folder in it"):
        export_csv(zh, ".")


BROKEN = {
    "a word for a number": ("1,1,1.1,", "many,1,1.1,", r"annex\.csv, line 2: .*'many'"),
    "other columns": ("entry,", "number,", r"annex\.csv, line 1: columns number"),
    "no file": (None, "", r"annex\.csv: No such file"),
}


@pytest.mark.parametrize(("old", "new", "says"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_back_is_named(zh: Report, tmp_path: Path, old: str | None, new: str, says: str) -> None:
    file = export_csv(zh, tmp_path).with_name("annex.csv")
    if old:
        file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    else:
        file.unlink()
    with pytest.raises(ReportError, match=says):
        read_csv(tmp_path)
