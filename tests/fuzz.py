"""Throw mutated texts and files at the package: the result is a report or a `ReportError`, in bounded time and memory.

`make fuzz` runs all of it, tests/test_fuzz.py a slice. Hypothesis draws what is changed and where; each step of a mutation
is a text of its own. Bounds are the system's: a batch of texts runs in a process, a Word or PDF file in one of its own,
that may take 200 MB and 20 times its input more than it began with. Only `make fuzz` bounds the time too: what
`make test` runs must not depend on the speed of the machine.
"""

import argparse
import csv
import hashlib
import io
import os
import re
import resource
import signal
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from multiprocessing import Pool
from pathlib import Path
from random import Random

from documents import packed
from hostile import PDF, WORD, any_annex, any_pdf, any_word
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from cdip_analysis import Citation, ReportError, load_report, read_header
from cdip_analysis import cite as find
from cdip_analysis.data import SHIPPED
from cdip_analysis.language import LANGUAGES
from cdip_analysis.schema import table_names

TESTS = Path(__file__).resolve().parent
REGRESSIONS = TESTS / "regressions"
SECONDS = {"docx": 2, "pdf": 10}  # pdfplumber alone takes one or two for a PDF of these samples as it is
SECONDS_OF_TEXT = 2  # for each 100 KB, and at least for one
STEPS = 8  # texts that one example gives
SIGNS = "0123456789/.,:;()[]#- \t\n\r\f\u3000\u00a0\u200b\ufeff\0\x1b“”（）：、，。第段届至CDIP一二三十百报ñéЖпعلم\u202e\ud7ff\U0001f600"
Case = tuple[str, bytes, Callable[[], str]]  # the ending of a file, its bytes, and what says what becomes of it
timed = False  # set by `main`


# ---- texts -----------------------------------------------------------------------------------------------------------


@cache
def whole() -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in SHIPPED.values())


@cache
def pieces() -> tuple[str, ...]:
    """What texts are made of: the lines of both editions, and the examples of all words of the six languages."""
    lines = [line for text in whole() for line in text.split("\n") if line]
    with (TESTS / "examples.csv").open(encoding="utf-8-sig", newline="") as file:
        return (*lines, *dict.fromkeys(row["text"] for row in csv.DictReader(file)))


def edit(rng: Random, text: str) -> str:
    """Change a text in one place."""
    if not text:
        return rng.choice(SIGNS)
    a = rng.randrange(len(text))
    b = min(len(text), a + rng.choice([1, 1, 2, 4, 12, 40]))
    old, other = text[a:b], rng.choice(pieces())
    at, number = rng.randrange(len(other)), rng.choice([0, 1, 7, 99, 100, 999, 10**4, 10**6, 10**20])
    codes = [(0x20, 0x250), (0x4E00, 0x9FFF), (0, 0xD800), (0xD800, 0xE000), (0x10000, 0x10FFFF)]
    character, added = chr(rng.randrange(*rng.choice(codes))), rng.choice(SIGNS)
    repeated = [added * rng.randint(1, 40), old * rng.randint(2, 6), old[::-1]]
    new = rng.choice(["", added + old, character + old, f"{number}{old}", other[at : at + 30] + old, *repeated])
    return text[:a] + new + text[b:]


def texts_of(rng: Random) -> Iterator[str]:
    """Make texts of one beginning: a few pieces, and behind each change the text as it then stands."""
    between = rng.choice(["", "\n", " ", "\n1. "])
    text = between.join(rng.choice(pieces())[:120] for _ in range(rng.choice([1, 1, 1, 3])))
    begin = rng.choice(["", "", "1. "])  # without a numbered paragraph a document is refused at once
    for _ in range(STEPS):
        text = edit(rng, text)
        yield begin + text


def editions_of(rng: Random) -> Iterator[str]:
    """Make texts of a whole edition, each with some more changes."""
    text = rng.choice(whole())
    for _ in range(STEPS):
        for _ in range(rng.choice([1, 4, 16])):
            text = edit(rng, text)
        yield text


def annexes_of(rng: Random) -> Iterator[str]:
    """Make texts with thousands of rows."""
    for _ in range(STEPS):
        yield any_annex(rng)


def check_citations(text: str, citations: Iterable[Citation]) -> None:
    for c in citations:
        assert text[c.start : c.end] == c.text, "the text of a citation is not the text at its place"
        assert Citation.parse(str(c)) == c, f"{c} does not read back"


def check_text(rng: Random, text: str, *, all_tables: bool = False) -> str:
    """Find, read the header, load: what must hold holds; give what became of it."""
    language = rng.choice(LANGUAGES)
    check_citations(text, find(text, language))
    read_header(text, language)
    encoding = rng.choice(["utf-8"] * 20 + ["utf-16", "gb18030"])
    data = text.encode(encoding, "replace" if encoding == "gb18030" else "surrogatepass")
    return check_bytes(data, rng.choice([None, language, language]), all_tables=all_tables)


def check_bytes(data: bytes, language: str | None = None, *, all_tables: bool = True) -> str:
    """Load a document; give "report" or "refused"."""
    try:
        report = load_report(data, language=language)
        for name in table_names() if all_tables else ("annex", "citations", "unread"):
            report.frame(name) if all_tables else report.rows[name]
    except ReportError as error:
        assert error.found, "an error that does not say what was found"  # noqa: PT017 - what is fuzzed may also end well
        return "refused"
    for p in report.passages:
        assert p.text, "an empty passage"
        check_citations(p.text, report.document.citations_in(p))
    return "report"


def too_long(*_: object) -> None:
    raise TimeoutError


def in_time(work: Callable[[], str], size: int) -> str:
    """Do a piece of work, within the time for so many bytes of text where time is bounded."""
    if not timed:
        return work()
    signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, SECONDS_OF_TEXT * max(1.0, size / 100_000))
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


# ---- bytes and files -------------------------------------------------------------------------------------------------


@cache
def samples(suffix: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted((TESTS / "samples").glob(f"*.{suffix}")))


def edit_bytes(rng: Random, data: bytes) -> bytes:
    """Change some bytes: flip, cut, double, overwrite, or end early."""
    for _ in range(rng.choice([1, 2, 8, 32])):
        a = rng.randrange(len(data) + 1)
        b = min(len(data), a + rng.choice([1, 1, 4, 20, 100]))
        old = data[a:b]
        new = rng.choice([rng.randbytes(1) + old[1:], b"", old * 2, rng.randbytes(b - a)])
        data = data[:a] + new + (b"" if rng.randrange(45) == 0 else data[b:])
    return data


def bytes_of(rng: Random) -> bytes:
    """Make the bytes of a text file: of an edition in some encoding, with changes; or what no one wrote."""
    if rng.randrange(4) == 0:
        return rng.choice([b"", b"PK\x03\x04", b"%PDF-", b"\xff\xfe", b"\xef\xbb\xbf", b"1. "]) + rng.randbytes(
            rng.choice([0, 1, 40, 400])
        )
    text = rng.choice(whole())[: rng.choice([400, 4000])]
    encoding = rng.choice(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5", "cp1252"])
    return edit_bytes(rng, text.encode(encoding, "replace"))


XML = (b"<w:p>", b"</w:p>", b"<w:tbl>", b"<w:tr/>", b"</w:tc>", b'<w:gridSpan w:val="9999999"/>', b"<w:vMerge/>", b"<w:ins>",
       b'<w:numPr><w:numId w:val="-1"/></w:numPr>', b"&#0;", b"&bomb;", b"<![CDATA[", b"\xff", b"<w:fldSimple w:instr='AUTONUM'/>")  # fmt: skip
PIECE = re.compile(rb"<w:[^<>]*/>|(?<=w:val=\")[^\"]*|(?<=<w:t>)[^<]*")  # an element that closes itself, a value, words


def docx_of(rng: Random) -> bytes:
    """Make a Word file, or mutate one: its bytes, or a part within it, of which most places stay well-formed."""
    if rng.randrange(2):
        return any_word(rng)
    data = rng.choice(samples("docx"))
    if rng.randrange(7) == 0:
        return edit_bytes(rng, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(["word/document.xml"] * len(parts) + sorted(parts))
    part = bytes(parts[name])  # type: ignore[arg-type]  # all parts were read as bytes
    for _ in range(rng.choice([1, 2, 4, 16])):
        at = rng.randrange(len(part) + 1)
        if rng.randrange(3) == 0:
            part = part[:at] + rng.choice(XML) + part[at:]
        elif piece := PIECE.search(part, at):
            other = rng.choice([b"", piece[0] * 2, str(rng.choice([-1, 0, 3, 10**9])).encode()])
            part = part[: piece.start()] + other + part[piece.end() :]
    parts[name] = part
    if rng.randrange(20) == 0:
        del parts[rng.choice(sorted(parts))]
    return packed(parts)


def pdf_of(rng: Random) -> bytes:
    """Make a PDF, or mutate the bytes of one."""
    return any_pdf(rng) if rng.randrange(2) else edit_bytes(rng, rng.choice(samples("pdf")))


def bound(size: int) -> None:
    """Give this process 200 MB and 20 times so many bytes more than it has: the system ends what takes more."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    most = pages + 20 * size + 200 * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def in_a_child(data: bytes, suffix: str, all_tables: bool = True) -> str:
    """Load bytes in a process of their own, with limits; give what became of them, or raise what it said."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        code = 1
        try:
            bound(len(data))
            if timed:
                resource.setrlimit(resource.RLIMIT_CPU, (SECONDS[suffix], SECONDS[suffix] + 1))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.write(send, check_bytes(data, all_tables=all_tables).encode())
            code = 0
        except BaseException:
            os.write(send, traceback.format_exc()[-6000:].encode("utf-8", "replace"))
        finally:
            os._exit(code)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        said = pipe.read().decode("utf-8", "replace")
    _, status = os.waitpid(child, 0)
    assert status == 0, f"signal {os.WTERMSIG(status)} (24 is too long, 9 killed, 0 none): {said}"
    return said


# ---- what is fuzzed --------------------------------------------------------------------------------------------------


def texts(rng: Random, make: Callable[[Random], Iterator[str]] = texts_of) -> Iterator[Case]:
    """Check the texts of one beginning."""
    for text in make(rng):
        work = partial(check_text, rng, text, all_tables=make is not texts_of or rng.randrange(50) == 0)
        data = text.encode("utf-8", "surrogatepass")
        yield "txt", data, partial(in_time, work, len(data))


def some_bytes(rng: Random) -> Iterator[Case]:
    data = bytes_of(rng)
    yield "txt", data, partial(in_time, partial(check_bytes, data, all_tables=False), len(data))


def file(rng: Random, suffix: str, make: Callable[[Random], bytes]) -> Iterator[Case]:
    data = make(rng)
    yield suffix, data, partial(in_a_child, data, suffix, rng.randrange(8) == 0)


def shape(rng: Random) -> Iterator[Case]:
    """Check one of the shapes of hostile.py: without bounds they take minutes."""
    suffix, shapes = rng.choice([("docx", WORD), ("pdf", PDF)])
    data = rng.choice([*shapes.values()])()
    yield suffix, data, partial(in_a_child, data, suffix)


#: What is fuzzed: how, how many make a full run, and how many one example and one batch.
KINDS: dict[str, tuple[Callable[[Random], Iterator[Case]], int, int, int]] = {
    "texts": (texts, 60_000, STEPS, 5_000),
    "editions": (partial(texts, make=editions_of), 400, STEPS, 40),
    "annexes": (partial(texts, make=annexes_of), 120, STEPS, 24),
    "bytes": (some_bytes, 5_000, 1, 1_000),
    "docx": (partial(file, suffix="docx", make=docx_of), 1_000, 1, 100),
    "pdf": (partial(file, suffix="pdf", make=pdf_of), 60, 1, 10),
    "shapes": (shape, 100, 1, 10),
}
DRAWN = settings(deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def run(kind: str, count: int, start: int, fail: Callable[[str, bytes, str], None]) -> Counter[str]:
    """Check so many of a kind, which Hypothesis draws from a seed; what fails is handed over with what went wrong."""
    cases, _, each, _ = KINDS[kind]
    outcome = Counter[str]()

    @seed(start)
    @settings(DRAWN, max_examples=-(-count // each))
    @given(st.randoms(use_true_random=False))
    def all_of_them(rng: Random) -> None:
        for suffix, data, work in cases(rng):
            try:
                outcome[work()] += 1
            except Exception:
                outcome["failed"] += 1
                fail(suffix, data, traceback.format_exc())

    all_of_them()
    return outcome


# ---- the run ---------------------------------------------------------------------------------------------------------


def keep(suffix: str, data: bytes, words: str) -> None:
    """Keep a failure as a regression test, once for each place in the code."""
    last = [line for line in words.splitlines() if line.startswith("  File ") and "cdip_analysis" in line][-1:]
    where = hashlib.sha256("".join(last).encode() + words.splitlines()[-1][:15].encode()).hexdigest()[:8]
    path = REGRESSIONS / f"found-{where}.{suffix}"
    if not path.exists():
        path.write_bytes(data)
        print(f"FAILED {path.name}\n{words}", file=sys.stderr, flush=True)


def regressions() -> list[Path]:
    """Past failures, and hostile files made by hand."""
    return sorted(REGRESSIONS.iterdir())


def main() -> int:
    """Run it all, in two processes, and print the figures."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    for name, (_, number, _, _) in KINDS.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    global timed  # for the processes too, which are copies of this one
    timed = True
    print(f"seed {asked.seed}", flush=True)
    for data in (*samples("docx"), *samples("pdf"), *(text.encode() for text in whole())):
        check_bytes(data)  # what is imported and compiled once is not paid for by every process
    bad = False
    for kind, (_, _, _, batch) in KINDS.items():
        count = getattr(asked, kind)
        batches = [(kind, min(batch, count - at), asked.seed * 1_000 + at) for at in range(0, count, batch)]
        began, total, most = time.monotonic(), Counter[str](), 0
        # A process for each batch: none takes over the memory of another.
        with Pool(asked.workers, maxtasksperchild=1) as pool:
            for outcome, megabytes in pool.imap_unordered(_batch, batches):
                total += outcome
                most = max(most, megabytes)
        took = time.monotonic() - began
        print(f"{kind:<8} {total.total():>9} in {took:.0f} s, at most {most} MB: {dict(total)}", flush=True)
        bad |= bool(total["failed"]) or total.total() < count
    return int(bad)


def _batch(what: tuple[str, int, int]) -> tuple[Counter[str], int]:
    if what[0] not in ("docx", "pdf", "shapes"):
        bound(100_000)
    outcome = run(*what, keep)
    used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return outcome, used // 1024


if __name__ == "__main__":
    raise SystemExit(main())
