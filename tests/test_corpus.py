"""Many documents into the same tables: whoever does the work, whatever the files, in the order of the paths."""

import doctest
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest
from conftest import CASES
from distributed import Client, LocalCluster

from cdip_analysis import Corpus, ReportError, load_corpus, load_report
from cdip_analysis import corpus as corpus_module
from cdip_analysis.data import SHIPPED
from cdip_analysis.schema import table_names


def edition(language: str, n: int = 0) -> str:
    """A shipped edition with the paragraphs of its ranges moved, so that no two are equal."""
    text = SHIPPED[language].read_text(encoding="utf-8")
    pattern = r"(第 |paragraphs )([0-9]+)( (?:至|to) )([0-9]+)"
    return re.sub(pattern, lambda m: f"{m[1]}{int(m[2]) + n}{m[3]}{int(m[4]) + n}", text)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as they are: two languages, names that come twice, duplicates, and files that are no documents."""
    top = tmp_path_factory.mktemp("library")
    files: dict[str, bytes] = {
        "a/report.txt": edition("zh").encode(),
        "a/utf-16.txt": edition("zh", 3).encode("utf-16"),
        "b/report.txt": edition("en").encode(),
        "b/again.txt": edition("zh").encode(),
        "b/gb18030.txt": edition("zh", 2).encode("gb18030"),
        "broken.txt": edition("zh").split("行动\t")[0].encode()[:3000] + b"\xff\xfe\xff",
        "empty.txt": b"",
        "numbers.bin": bytes(range(256)) * 20,
        ".hidden": b"not looked at",
        "~$report.docx": b"what Word leaves beside an open document",
    }
    for name, data in files.items():
        path = top / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    (top / "b" / "round").symlink_to(top, target_is_directory=True)
    for link, target in (("loop", "pool"), ("pool", "loop"), ("gone.txt", "nowhere.txt")):
        (top / link).symlink_to(top / target)
    with (top / "huge.txt").open("wb") as huge:
        huge.truncate(257 * 2**20)  # a sparse file, which takes no room on the disk
    os.mkfifo(top / "pipe.txt")  # to open one waits for who writes to it: for ever
    return top


READ = ["a/report.txt", "a/utf-16.txt", "b/gb18030.txt", "b/report.txt"]


@pytest.fixture(scope="module")
def corpus(library: Path) -> Corpus:
    return load_corpus(library)


def test_every_file_is_read_or_listed(corpus: Corpus) -> None:
    assert sorted(corpus.sources["source"]) == READ
    told = corpus.problems[["source", "kind", "found"]].astype(object).to_numpy().tolist()
    assert sorted(told) == [[source, *of] for source, of in CASES["problems"].items()]
    assert corpus.problems["remedy"].notna().all()


def test_order_is_that_of_the_paths(library: Path) -> None:
    names = ["b/report.txt", "pool", "b/again.txt", "empty.txt", "b/gb18030.txt", "a/report.txt", "a/utf-16.txt"]
    corpus = load_corpus([library / name for name in names])
    read = [str(library / name) for name in ("b/report.txt", "b/again.txt", "b/gb18030.txt", "a/utf-16.txt")]
    assert corpus.sources["source"].tolist() == corpus.citations["source"].unique().tolist() == read
    assert corpus.problems["source"].tolist() == [str(library / n) for n in ("pool", "empty.txt", "a/report.txt")]


def test_same_tables_as_one_by_one(corpus: Corpus, library: Path) -> None:
    reports = {source: load_report(library / source, beside=False) for source in corpus.sources["source"]}
    for name in table_names():
        whole = corpus.tables[name]
        assert whole.columns[0] == "source"
        assert len(whole) == sum(len(report.frame(name)) for report in reports.values())
        for source, report in reports.items():
            one = whole[whole["source"] == source].drop(columns="source").reset_index(drop=True)
            pd.testing.assert_frame_equal(one, report.frame(name), check_column_type=False)


@pytest.mark.parametrize(("table", "row", "column"), [("annex", 0, "document"), ("citations", -1, "symbol")])
def test_evidence_reads_the_document_again(corpus: Corpus, table: str, row: int, column: str) -> None:
    row %= len(corpus.tables[table])
    found, cell = corpus.evidence(table, row, column), corpus.tables[table][column][row]
    assert found.value == cell or pd.isna(cell)
    assert "".join(span.text for span in found.spans)


@contextmanager
def dask_cluster() -> Iterator[Executor]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        yield client.get_executor()


EXECUTORS: dict[str, Callable[[], AbstractContextManager[Executor]]] = {
    "threads": lambda: ThreadPoolExecutor(2),
    "processes": lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn")),
    "dask": dask_cluster,
}


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", EXECUTORS)
def test_same_tables_whoever_does_the_work(corpus: Corpus, library: Path, name: str) -> None:
    with EXECUTORS[name]() as executor:
        found = load_corpus(library, executor=executor)
    assert set(found.tables) == set(corpus.tables)
    for table, frame in found.tables.items():
        pd.testing.assert_frame_equal(frame, corpus.tables[table])


def test_a_fault_of_ours_stops_nothing(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(path: Path, **_: bool) -> object:
        if path.name == "utf-16.txt":
            raise RecursionError("deep")
        return load_report(path)

    monkeypatch.setattr(corpus_module, "load_report", faulty)
    corpus = load_corpus(library)
    assert len(corpus.sources) == len(READ) - 1
    fault = corpus.problems[corpus.problems["kind"] == "fault"]
    assert fault[["source", "found"]].to_numpy().tolist() == [["a/utf-16.txt", "RecursionError: deep"]]


PDF = (Path(__file__).parent / "samples" / "report.zh.pdf").read_bytes()
MISNAMED = {
    "the misnamed one first": (["a.docx", "b.pdf"], ["b.pdf"], {"a.docx": "unreadable"}),
    "the misnamed one last": (["a.pdf", "b.docx"], ["a.pdf"], {"b.docx": "unreadable"}),
    "a good twin too": (["a.docx", "b.pdf", "c.pdf"], ["b.pdf"], {"a.docx": "unreadable", "c.pdf": "duplicate"}),
    "an ending that says nothing": (["a.docx", "b.bin"], ["b.bin"], {"a.docx": "unreadable"}),
    "none that can be read": (["a.docx", "b.docx"], [], {"a.docx": "unreadable", "b.docx": "unreadable"}),
}


@pytest.mark.parametrize(("names", "read", "problems"), MISNAMED.values(), ids=MISNAMED)
def test_a_file_is_a_duplicate_only_of_one_that_was_read(
    tmp_path: Path, names: list[str], read: list[str], problems: dict[str, str]
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(PDF)
    corpus = load_corpus(tmp_path)
    assert corpus.sources["source"].tolist() == read
    assert dict(zip(corpus.problems["source"], corpus.problems["kind"], strict=True)) == problems
    assert {*corpus.problems["found"]} <= {"a PDF file", *read}


def test_no_files_give_empty_tables() -> None:
    corpus = load_corpus([])
    assert all(frame.empty for frame in corpus.tables.values())
    assert corpus.citations["source"].dtype == "str"


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(ReportError, match="no such folder; expected a folder of documents"):
        load_corpus("nowhere")


SHOWN = [(None, False, False), (True, False, True), (False, True, False)]


@pytest.mark.parametrize(("progress", "terminal", "shown"), SHOWN)
def test_progress_is_silent_unless_wanted(
    library: Path, monkeypatch: pytest.MonkeyPatch, progress: bool | None, terminal: bool, shown: bool
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(written, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(sys, "stderr", written)
    load_corpus(library, progress=progress)
    assert bool(written.getvalue()) == shown


def test_progress_without_tqdm_says_what_to_install(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r"a progress bar needs tqdm: pip install 'cdip-analysis\[scale\]'"):
        load_corpus(library, progress=True)


def test_recipe_of_parquet_and_duckdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Path(__file__).resolve().parents[1] / "docs" / "many-documents.md"
    (tmp_path / "library").mkdir()
    for language, path in SHIPPED.items():
        (tmp_path / "library" / f"{language}.txt").write_bytes(path.read_bytes())
    (tmp_path / "library" / "note.txt").touch()
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(recipe), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert (failed, tried) == (0, 11)


def test_a_document_whose_numbers_go_back_gives_every_table(tmp_path: Path) -> None:
    """As in a volume of reports, where each begins with paragraph 1: two follow-ups bear one number."""
    head, rest = edition("zh").split("\n第 1 段:", 1)
    body, annex = rest.split("\n[后接附件]", 1)
    (tmp_path / "volume.txt").write_text(f"{head}\n第 1 段:{body}\n第 1 段:{body}\n[后接附件]{annex}", encoding="utf-8")
    corpus = load_corpus(tmp_path)
    assert corpus.problems.empty
    assert corpus.follow_ups["paragraph"].value_counts().unique().tolist() == [2]
