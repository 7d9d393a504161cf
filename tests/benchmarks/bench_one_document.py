"""One document, the shipped report: what a person waits for, against what they wait for anyway."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from cdip_analysis import cite, load_report
from cdip_analysis.data import SHIPPED

PYTHON = sys.executable
CDIP = Path(PYTHON).with_name("cdip")
run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL)
import_pandas = partial(run, [PYTHON, "-c", "import pandas"])


def test_show(ratio: Callable[..., None]) -> None:
    ratio(
        "cdip show zh annex, to import pandas",
        partial(run, [CDIP, "show", "zh", "annex"]),
        import_pandas,
        1.8,
        rounds=9,
    )


def test_every_table(ratio: Callable[..., None]) -> None:
    """Once the words of the language are read: what each further document takes."""
    ratio("load_report and every table, to import pandas", lambda: load_report().tables, import_pandas, 0.2, rounds=9)


# In an environment of their own, which pip makes once: neither is a part of this project.
PEERS = Path(__file__).parents[2] / ".benchmarks" / "peers"
EYECITE = "from eyecite import get_citations; work = lambda: get_citations(text)"
SPACY = "import spacy; nlp = spacy.blank('zh'); work = lambda: nlp(text)"
TIMED = """
import json, sys, time
text = sys.stdin.read()
{}
work()
taken = []
for _ in range(20):
    start = time.process_time(); work(); taken.append(time.process_time() - start)
print(json.dumps(min(taken)))
"""


@pytest.mark.skipif("PEERS" not in os.environ, reason="PEERS=1 installs eyecite and spaCy to measure against")
@pytest.mark.parametrize(
    ("what", "language", "work", "limit"),
    [("eyecite", "en", EYECITE, 1 / 1.5), ("spaCy's blank Chinese tokenizer", "zh", SPACY, 1 / 2)],
)
def test_citations(ratio: Callable[..., None], what: str, language: str, work: str, limit: float) -> None:
    if not PEERS.exists():
        subprocess.run([PYTHON, "-m", "venv", PEERS], check=True)
        subprocess.run([PEERS / "bin" / "pip", "-q", "install", "eyecite", "spacy"], check=True)
    text = SHIPPED[language].read_text(encoding="utf-8")
    command = [str(PEERS / "bin" / "python"), "-c", TIMED.format(work)]
    done = subprocess.run(command, input=text, text=True, check=True, capture_output=True)
    theirs = float(json.loads(done.stdout))
    ratio(f"citations of a text, to {what}", partial(cite, text, language), theirs, limit, rounds=20)
