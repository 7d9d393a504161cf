"""Throw mutated texts and files at the package: the result is a report or a `ReportError`, in bounded time and memory.

`make fuzz` runs all of it, tests/test_fuzz.py a slice. Hypothesis draws what is changed and where; each step of a mutation
is a text of its own. Bounds are the system's: a batch of texts runs in a process, a Word or PDF file in one of its own,
that may take 200 MB and 20 times its input more than it began with. Only `make fuzz` bounds the time too: what
`make test` runs must not depend on the speed of the machine.
"""

from __future__ import annotations

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
from collections.abc import Callable, Iterator
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
SECONDS = 2  # for each 100 KB of text, and at least for one
SECONDS_OF_PDF = 10  # pdfplumber alone takes one or two for a file of these samples as it is
STEPS = 8  # texts that one example gives
SIGNS = "0123456789/.,:;()[]#- \t\n\r\f\u3000\u00a0\u200b\ufeff\0\x1b“”（）：、，。第段届至CDIP一二三十百報ñéЖпعلم\u202e\ud7ff\U0001f600"
Fail = Callable[[str, bytes, str], None]
timed = False  # set by `main`


class TooLong(Exception):
    """Reading took longer than it may."""


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
    match rng.randrange(8):
        case 0:
            return text[:a] + text[b:]
        case 1:
            return text[:a] + rng.choice(SIGNS) + text[a:]
        case 2:
            return text[:a] + rng.choice(SIGNS) * rng.randint(1, 40) + text[b:]
        case 3:
            return text[:a] + text[a:b] * rng.randint(2, 6) + text[b:]
        case 4:
            return text[:a] + str(rng.choice([0, 1, 7, 99, 100, 999, 10**4, 10**6, 10**20])) + text[b:]
        case 5:
            other = rng.choice(pieces())
            at = rng.randrange(len(other))
            return text[:a] + other[at : at + 30] + text[b:]
        case 6:
            return text[:a] + text[a:b][::-1] + text[b:]
    code = rng.choice([(0x20, 0x250), (0x4E00, 0x9FFF), (0, 0xD800), (0xD800, 0xE000), (0x10000, 0x10FFFF)])
    return text[:a] + chr(rng.randrange(*code)) + text[b:]


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


def check_text(rng: Random, text: str, *, all_tables: bool = False) -> str:
    """Find, read the header, load: what must hold holds; give what became of it."""
    language = rng.choice(LANGUAGES)
    for c in find(text, language):
        assert text[c.start : c.end] == c.text, "the text of a citation is not the text at its place"
        assert Citation.parse(str(c)) == c, f"{c} does not read back"
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
    for c in report.document.citations:
        assert c.passage is not None
        assert c.passage.text[c.start : c.end] == c.text, "the text of a citation is not the text at its place"
        assert Citation.parse(str(c)) == c, f"{c} does not read back"
    return "report"


def _alarm(*_: object) -> None:
    raise TooLong


def in_time(work: Callable[[], str], size: int) -> str:
    """Do a piece of work, within the time for so many bytes of text where time is bounded."""
    if not timed:
        return work()
    signal.signal(signal.SIGPROF, _alarm)
    signal.setitimer(signal.ITIMER_PROF, SECONDS * max(1.0, size / 100_000))
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
    out = bytearray(data)
    for _ in range(rng.choice([1, 2, 8, 32])):
        if not out:
            break
        a = rng.randrange(len(out))
        b = min(len(out), a + rng.choice([1, 1, 4, 20, 100]))
        match rng.randrange(9):
            case 0 | 1:
                out[a] = rng.randrange(256)
            case 2 | 3:
                del out[a:b]
            case 4 | 5:
                out[a:a] = out[a:b]
            case 6 | 7:
                out[a:b] = rng.randbytes(b - a)
            case 8:
                if rng.randrange(5) == 0:
                    del out[a:]
    return bytes(out)


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


def in_a_child(data: bytes, seconds: int, all_tables: bool) -> tuple[str, str]:
    """Load bytes in a process of their own, with limits; give what became of them and, of a failure, its words."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        code = 1
        try:
            bound(len(data))
            if timed:
                resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
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
    if os.WIFSIGNALED(status):
        return "failed", f"ended by signal {os.WTERMSIG(status)} (24 is too long, 9 killed): {said}"
    return (said, "") if os.WEXITSTATUS(status) == 0 else ("failed", said)


# ---- what is fuzzed --------------------------------------------------------------------------------------------------


def texts(rng: Random, fail: Fail, make: Callable[[Random], Iterator[str]] = texts_of) -> Iterator[str]:
    """Check the texts of one beginning; one that fails is handed to `fail` with what went wrong."""
    for text in make(rng):
        work = partial(check_text, rng, text, all_tables=make is not texts_of or rng.randrange(50) == 0)
        yield _told(partial(in_time, work, len(text.encode("utf-8", "surrogatepass"))), "txt", text, fail)


def some_bytes(rng: Random, fail: Fail) -> Iterator[str]:
    """Check the bytes of a text file."""
    data = bytes_of(rng)
    yield _told(partial(in_time, partial(check_bytes, data, all_tables=False), len(data)), "txt", data, fail)


def _told(work: Callable[[], str], suffix: str, what: str | bytes, fail: Fail) -> str:
    try:
        return work()
    except Exception:
        data = what if isinstance(what, bytes) else what.encode("utf-8", "surrogatepass")
        fail(suffix, data, traceback.format_exc())
        return "failed"


def file(rng: Random, fail: Fail, suffix: str) -> Iterator[str]:
    """Check a Word or PDF file."""
    data = {"docx": docx_of, "pdf": pdf_of}[suffix](rng)
    said, words = in_a_child(data, SECONDS if suffix == "docx" else SECONDS_OF_PDF, rng.randrange(8) == 0)
    if words:
        fail(suffix, data, words)
    yield said


def shape(rng: Random, fail: Fail) -> Iterator[str]:
    """Check one of the shapes of hostile.py, here also in bounded time: without bounds they take minutes."""
    suffix, shapes, seconds = rng.choice([("docx", WORD, SECONDS), ("pdf", PDF, SECONDS_OF_PDF)])
    data = rng.choice([*shapes.values()])()
    said, words = in_a_child(data, seconds, all_tables=True)
    if words:
        fail(suffix, data, words)
    yield said


#: What is fuzzed: how, how many make a full run, and how many one example and one batch.
KINDS: dict[str, tuple[Callable[[Random, Fail], Iterator[str]], int, int, int]] = {
    "texts": (texts, 60_000, STEPS, 5_000),
    "editions": (partial(texts, make=editions_of), 400, STEPS, 40),
    "annexes": (partial(texts, make=annexes_of), 120, STEPS, 24),
    "bytes": (some_bytes, 5_000, 1, 1_000),
    "docx": (partial(file, suffix="docx"), 1_000, 1, 100),
    "pdf": (partial(file, suffix="pdf"), 60, 1, 10),
    "shapes": (shape, 100, 1, 10),
}


def run(kind: str, count: int, start: int, fail: Fail) -> Counter[str]:
    """Check so many of a kind; Hypothesis draws them from a seed."""
    check, _, each, _ = KINDS[kind]
    outcome = Counter[str]()

    @seed(start)
    @settings(
        max_examples=-(-count // each),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=False))
    def all_of_them(rng: Random) -> None:
        outcome.update(check(rng, fail))

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
    import argparse

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
