"""What is shipped: the editions as listed, by name and language, beside each other; and how one more document gets in."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cdip_analysis import Report, ReportError, agenda, evidence, load_report
from cdip_analysis.data import DATA, EDITIONS, SHIPPED, Edition
from cdip_analysis.report import hash_of_letters
from cdip_analysis.schema import tables

NAME = "cdip-24-technical-assistance"


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.file)
def test_edition_is_the_file_that_is_listed(edition: Edition) -> None:
    """A row of data/reference/editions.csv that is new or changed takes its hashes from the message of this test."""
    path = DATA / "source" / edition.file
    found = load_report(path).document
    hashes = f"{hashlib.sha256(path.read_bytes()).hexdigest()},{hash_of_letters(found)}"
    assert f"{edition.sha256},{edition.letters}" == hashes, f"{edition.file} has the hashes {hashes}"


NAMES: list[tuple[list[Any], dict[str, Any], str]] = [([], {}, "zh"), (["en"], {}, "en"), ([NAME], {}, "zh"), ([NAME], {"language": "en"}, "en")]  # fmt: skip


@pytest.mark.parametrize(("source", "how", "language"), NAMES)
def test_shipped_document_has_a_name(source: list[Any], how: dict[str, Any], language: str) -> None:
    assert load_report(*source, **how).name == SHIPPED[language].name


def test_file_of_that_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("zh").write_text("1. The Committee took note of the document.", encoding="utf-8")
    assert len(load_report("zh").paragraphs) == 1


def test_words_of_the_translation_follow_those_of_the_chinese_edition(zh: Report, en: Report) -> None:
    assert list(zh.annex.columns)[3:7] == ["action", "action_en", "implementation", "implementation_en"]
    assert list(zh.annex["action_en"]) == list(en.annex["action"])
    assert zh.beside
    assert (zh.beside.name, en.beside, zh.beside.beside) == (en.name, None, None)


@pytest.mark.parametrize("name", tables())
def test_every_row_finds_its_words_in_the_other_edition(name: str, zh: Report) -> None:
    """None is lost or taken twice, although the English says some things in another order."""
    table = zh.frame(name)
    for column in (column for column in table.columns if f"{column}_en" in table.columns):
        assert table[column].isna().tolist() == table[f"{column}_en"].isna().tolist(), column
        assert zh.beside
        assert sorted(table[f"{column}_en"].dropna()) == sorted(zh.beside.frame(name)[column].dropna()), column


def test_any_two_editions_can_be_beside_each_other(zh: Report) -> None:
    for names in (("en", "zh"), (SHIPPED["en"], SHIPPED["zh"])):
        assert list(load_report(names[0], beside=names[1]).proposal["text_zh"]) == list(zh.proposal["text"])


def test_evidence_has_the_words_of_the_other_edition_below(zh: Report) -> None:
    found = zh.why("1.3", "due_session")
    assert [span.passage.paragraph for span in found.spans] == [20, 21, 21]
    shown = str(found)
    assert shown.count("en: ") == 2, "once for each paragraph"
    assert shown.index("第二十五届会议") < shown.index("en: ") < shown.index("present an evaluation report")
    assert "present an evaluation report" in found._repr_html_()


def test_words_of_the_edition_beside_have_their_evidence(zh: Report, en: Report) -> None:
    shown = evidence(zh, "annex", 12, "consideration_en")
    assert (shown.value, shown.document) == (en.annex["consideration"][12], en.name)
    assert zh.why("entry 13", "consideration_en").value == shown.value
    due = agenda(zh, 25)
    for label in due.index:
        assert evidence(zh, "agenda", label, "words_en", session=25).value == due.loc[label, "words_en"]
    assert evidence(zh, "cited_passages", 0, "target", library=[]).beside[0] is not None  # it has no such columns


SHORT = Path(__file__).parent / "editions"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"beside": SHORT / "report.en.txt"}, "expected those of cdip-24-technical-assistance.zh.txt: 53"),
        ({"beside": SHIPPED["zh"]}, "an edition in zh, as cdip-24-technical-assistance.zh.txt is"),
        ({"beside": "nothing.txt"}, "nothing.txt"),
        ({"language": "fr"}, f"{NAME}: no shipped edition in 'fr'; expected one of zh, en"),
    ],
)
def test_what_is_not_shipped_or_cannot_be_beside_is_refused(how: dict[str, Any], words: str) -> None:
    with pytest.raises(ReportError, match=words):
        load_report(NAME, **how)


def test_report_can_be_loaded_without_what_a_person_judged(zh: Report) -> None:
    bare = load_report(judgements=False)
    assert zh.judged
    assert bare.judged is None
    assert bare.commitments["outcome"].isna().all()


def test_copy_of_the_shipped_document_that_does_not_fit_its_judgements_says_so() -> None:
    text = SHIPPED["zh"].read_text(encoding="utf-8")
    moved = text.replace("第 6 段", "第 7 段")  # the letters of paragraphs and cells are the same
    report = load_report(moved.encode())
    assert report.shipped
    assert report.judged is None
    assert report.findings["note"].str.contains("the shipped judgements do not fit this document").sum() == 1


# ---- one more document ------------------------------------------------------------------------------------------------

SCRIPT = """
from cdip_analysis import ReportError, load_report
report = load_report("short-report")
print(report.language, report.edition_in("en"), report.beside.name, "text_fr" in report.proposal, report.judged is not None)
print(load_report("short-report", language="fr").edition_in("en"), load_report("short-report", beside="fr").beside.language)
print(load_report().name)
try:
    load_report("short-report", language="es")
except ReportError as error:
    print(error)
"""


def test_second_document_is_shipped_by_files_and_rows_alone(tmp_path: Path) -> None:
    """As CONTRIBUTING says: the files, their rows in editions.csv, and judgements of the same name if there are any."""
    shutil.copytree(DATA.parent / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("fonts"))
    with (tmp_path / "data/reference/editions.csv").open("a", encoding="utf-8") as file:
        for language, status in (("zh", "as obtained"), ("en", "our translation"), ("fr", "our translation")):
            source = SHORT / f"report.{language}.txt"
            shutil.copy(source, tmp_path / "data/source" / f"short-report.{language}.txt")
            hashes = (
                f"{hashlib.sha256(source.read_bytes()).hexdigest()},{hash_of_letters(load_report(source).document)}"
            )
            file.write(f"short-report,{language},short-report.{language}.txt,{hashes},{status}\n")
        file.write("short-report,es,short-report.es.txt,,,a row without its file\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    *lines, missing = done.stdout.splitlines()
    assert lines == ["zh as obtained short-report.en.txt False False", "our translation fr", f"{NAME}.zh.txt"]
    assert missing.startswith("editions.csv, short-report, es: a row without its file; expected a file of data/source")
