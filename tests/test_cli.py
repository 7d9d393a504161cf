"""The command line: what it prints, its exit codes, and one readable line for each error."""

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CASES

from cdip_analysis.cli import main
from cdip_analysis.data import SHIPPED


def test_check_lists_findings_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "cdip-24-technical-assistance.zh.txt (as obtained): zh, 53 paragraphs, 15 entries, 119 citations"
    assert lines[-1].endswith("findings, 0 unread")
    assert sum(line.startswith("finding ") for line in lines) == int(lines[-1].split()[0]) >= 13
    assert main(["check", "en", "--strict"]) == 1


def test_check_fails_on_unread(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Words that look like a reference, in a form that no row knows."""
    odd, text = tmp_path / "奇怪的报告.txt", SHIPPED["zh"].read_text(encoding="utf-8")
    text = text.replace("（[报告](#)第 98 至 112 段）", "（见 CDIP-98）")
    odd.write_text(text.replace("行动三：", "行为三："), encoding="utf-8")
    assert main(["check", str(odd)]) == 1
    said = "line 78: '后续行动': this .*'行为三：.*…' is no heading.*unread   paragraph 8: 'CDIP-98' \\(a session"
    assert re.search(said, capsys.readouterr().out, re.DOTALL)


@pytest.mark.parametrize("form", ["text", "csv", "json", "md"])
def test_show_prints_a_table(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "zh", "annex", "--format", form]) == 0
    printed = capsys.readouterr().out
    assert printed.count("CDIP/23/17 Prov.") >= 2
    if form == "json":
        rows = json.loads(printed)
        assert (len(rows), rows[1]["event_date"], rows[0]["event_date"]) == (15, "2017-05-12", None)
    elif form in ("text", "md"):
        assert len(printed.splitlines()) == {"text": 16, "md": 17}[form]


def test_cite_prints_citations_and_says_what_it_did_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cite", "see CDIP-21/4 and Report of CDIP/19, paragraphs 37 to 61"]) == 0
    out, err = capsys.readouterr()
    assert out == "CDIP/19 report 37-61   paragraphs   stated   Report of CDIP/19, paragraphs 37 to 61\n"
    assert err == "cdip: not read: 'CDIP-21/4' (nearly a symbol)\n"


def test_language_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(SHIPPED["zh"]), "--language", "en"]) == 1  # a file in Chinese by the words of English
    assert ": en, 53 paragraphs" in capsys.readouterr().out
    assert main(["check", "zh", "--language", "en"]) == 0  # the edition in English
    assert "cdip-24-technical-assistance.en.txt" in capsys.readouterr().out


def test_a_code_page_without_the_signs_loses_none(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cdip_analysis.cli", "show", "zh", "proposal", "--format", "csv"]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "cp1252"})
    assert "技术援助" in done.stdout.decode("utf-8")


def test_what_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["cite", "hello"]), main(["show", "zh", "unread"])) == (0, 0)
    done = capsys.readouterr()
    assert done.err == "cdip: no citation found\n"
    assert done.out.startswith("no rows; the columns are proposal_paragraph, paragraph")


def test_agenda_is_written_to_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agenda", "en", "CDIP/25"]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "due at CDIP/25: Present an evaluation report on the webinars at CDIP/25"
    says = "    secretariat, action 1.3, paragraph 20, CDIP/23 summary 8.1, convened for 18 to 22 May 2020"
    assert second.startswith(says)


@pytest.mark.parametrize(("of", "words"), CASES["evidence"].items())
def test_evidence_prints_the_words_of_a_row_or_an_action(
    of: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evidence", *shlex.split(of)]) == 0
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("timings", [[], ["--timings"]])
def test_run_says_what_a_step_wrote_and_how_long_it_took(
    timings: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("1. The Committee met.")  # no notebooks, no note
    assert main(["run", str(tmp_path / "a.txt"), "--out", str(tmp_path), *timings]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"reader     {tmp_path / 'overview.html'}")
    assert [bool(re.search(r"  \(\d+\.\d s\)$", line)) for line in lines] == [bool(timings)] * len(lines)


@pytest.mark.parametrize(("arguments", "says"), CASES["errors"].items())
def test_error_is_one_readable_line_and_changes_nothing(
    arguments: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {"none.txt": "1. The Committee met."} | {f"mine.{end}": "mine" for end in ("xlsx", "html", "md", "csv")}
    for name, text in before.items():
        Path(name).write_text(text, encoding="utf-8")
    assert main(arguments.split()) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), err[:6]) == ("", 1, "cdip: ")
    assert says in err
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == before


def test_a_file_of_ours_is_replaced_and_another_by_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in ("export zh a.xlsx", "read zh a.html", "brief en 1.1 a.md"):
        Path(words.split()[-1]).write_text("mine")
        assert (main([*words.split(), "--force"]), main(words.split())) == (0, 0), words


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["show", "zh"], ["agenda", "zh", "soon"]])
def test_wrong_words_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: cdip" in capsys.readouterr().err


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from cdip_analysis.cli import main\ntry: main(['--help'])\nfinally: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"pandas", "numpy", "matplotlib", "openpyxl"} & set(done.stdout.split())


def test_output_into_a_closed_pipe_is_no_error() -> None:
    code = "from cdip_analysis.cli import main; raise SystemExit(main(['show', 'zh', 'citations']))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0


def test_what_is_printed_as_csv_and_json_is_still_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Guarded against formulas, or escaped: nothing is sent to the terminal, and a program reads it all."""
    (tmp_path / "a.txt").write_text(
        "1. The report of CDIP/21.\n2. =1+1\x1b[2J\x9b\u202e, CDIP/1/2.\n3. It met.", encoding="utf-8"
    )
    for form in ("csv", "json"):
        assert main(["show", str(tmp_path / "a.txt"), "paragraphs", "--language", "en", "--format", form]) == 0
        printed = capsys.readouterr().out
        assert not set("\x1b\x9b\u202e") & set(printed)
        if form == "json":
            assert json.loads(printed)[1]["text"] == "=1+1\x1b[2J\x9b\u202e, CDIP/1/2."
        else:
            assert "'=1+1" in [row["text"][:5] for row in csv.DictReader(printed.splitlines())]
