"""Throw mutated texts and files at the package: the result is a report or a `ReportError`, in bounded time and memory.

Texts are made by a plain mutation loop and not by Hypothesis, which makes a few hundred a second where this makes a few
thousand (see tests/README.md); Hypothesis runs the properties in tests/test_properties.py. Word and PDF files are read in
processes of their own, with limits on memory and time that the system enforces.
"""

from __future__ import annotations

import hashlib
import io
import os
import resource
import signal
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random

from cdip_analysis import Citation, ReportError, load_report, read_header
from cdip_analysis import cite as find
from cdip_analysis.phrases import LANGUAGES, table
from cdip_analysis.reference import SHIPPED
from cdip_analysis.schema import table_names

TESTS = Path(__file__).resolve().parents[1]
REGRESSIONS = TESTS / "regressions"
SECONDS = 2.0  # for each 100 KB of text, and at least for one
SIGNS = "0123456789/.,:;()[]#- \t\n\r\f\u3000\u00a0\u200b\ufeff\0\x1b“”（）：、，。第段届至CDIP一二三十百報ñéЖпعلم\u202e\ud7ff\U0001f600"


class TooLong(Exception):
    """Reading took longer than it may."""


# ---- texts -----------------------------------------------------------------------------------------------------------


@cache
def pieces() -> tuple[str, ...]:
    """What texts are made of: the lines of both editions, and the examples of all rows of wording."""
    lines = [line for path in SHIPPED.values() for line in path.read_text(encoding="utf-8").split("\n") if line]
    examples = [
        row["example"]
        for code in ("common", *LANGUAGES)
        for rows in table(code).values()
        if isinstance(rows, list)
        for row in rows
        if isinstance(row, dict) and row.get("example")
    ]
    return (*lines, *examples)


def edit(rng: Random, text: str) -> str:
    """Change a text in one place."""
    if not text:
        return rng.choice(SIGNS)
    a = rng.randrange(len(text))
    b = min(len(text), a + 1 + int(rng.expovariate(0.2)))
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
    return (
        text[:a]
        + chr(rng.choice([rng.randrange(0x20, 0x250), rng.randrange(0x4E00, 0x9FFF), rng.randrange(0xD800)]))
        + text[b:]
    )


@cache
def whole() -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in SHIPPED.values())


def text_of(rng: Random) -> str:
    """Make a text: most are short, one in two thousand is a whole document."""
    if rng.random() < 0.0005:
        text = rng.choice(whole())
    else:
        text = rng.choice(["", "\n", " ", "\n1. "]).join(
            rng.choice(pieces())[:120] for _ in range(rng.choice([1, 1, 1, 3]))
        )
    for _ in range(rng.choice([1, 2, 4, 8])):
        text = edit(rng, text)
    return f"1. {text}" if rng.random() < 0.4 else text  # without a numbered paragraph a document is refused at once


def check_text(text: str, rng: Random) -> str:
    """Find, read the header, load: what must hold holds; give what became of it."""
    language = rng.choice(LANGUAGES)
    for c in find(text, language):
        assert text[c.start : c.end] == c.text, "the text of a citation is not the text at its place"
        assert Citation.parse(str(c)) == c, f"{c} does not read back"
    read_header(text, language)
    data = text.encode("utf-8", "surrogatepass") if rng.random() < 0.98 else text.encode("utf-16", "surrogatepass")
    return check_bytes(data, rng.choice([None, language, language]), all_tables=rng.random() < 0.02)


def check_bytes(data: bytes, language: str | None = None, *, all_tables: bool = True) -> str:
    """Load a document; give "report" or "refused"."""
    try:
        report = load_report(data, language=language)
        for name in table_names() if all_tables else ("annex", "citations", "unread"):
            report.frame(name) if all_tables else report.rows(name)
    except ReportError as error:
        assert error.found, "an error that does not say what was found"  # noqa: PT017 - what is fuzzed may also end well
        return "refused"
    for p in report.passages:
        assert p.text, "an empty passage"
    for c in report.cited:
        assert c.passage is not None
        assert c.passage.text[c.start : c.end] == c.text, "the text of a citation is not the text at its place"
        assert Citation.parse(str(c)) == c, f"{c} does not read back"
    return "report"


def _alarm(*_: object) -> None:
    raise TooLong


def texts(count: int, seed: int, fail: Callable[[str, bytes, str], None]) -> Counter[str]:
    """Check so many texts; a text that fails is handed to `fail` with what went wrong."""
    rng, outcome = Random(seed), Counter[str]()
    signal.signal(signal.SIGALRM, _alarm)
    for _ in range(count):
        text = text_of(rng)
        allowed = SECONDS * max(1.0, len(text) / 100_000)
        signal.setitimer(signal.ITIMER_REAL, 10 * allowed)  # the machine may be busy; the process's own time counts
        began = time.process_time()
        try:
            outcome[check_text(text, rng)] += 1
            if time.process_time() - began > allowed:
                raise TooLong
        except Exception:
            outcome["failed"] += 1
            fail("txt", text.encode("utf-8", "surrogatepass"), traceback.format_exc())
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    outcome[f"MB at most in worker {seed}"] = rss
    return outcome


# ---- files -----------------------------------------------------------------------------------------------------------


@cache
def samples(suffix: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted((TESTS / "samples").glob(f"*.{suffix}")))


def edit_bytes(rng: Random, data: bytes) -> bytes:
    """Change some bytes: flip, cut, double, or end early."""
    out = bytearray(data)
    for _ in range(rng.choice([1, 2, 8, 32])):
        if not out:
            break
        a = rng.randrange(len(out))
        b = min(len(out), a + 1 + int(rng.expovariate(0.05)))
        match rng.randrange(5):
            case 0:
                out[a] = rng.randrange(256)
            case 1:
                del out[a:b]
            case 2:
                out[a:a] = out[a:b]
            case 3:
                out[a:b] = bytes(rng.randrange(256) for _ in range(b - a))
            case 4:
                if rng.random() < 0.1:
                    del out[a:]
    return bytes(out)


XML = (b"<w:p>", b"</w:p>", b"<w:tbl>", b"</w:tbl>", b"<w:tr/>", b"<w:tc>", b"</w:tc>", b'<w:gridSpan w:val="9999999"/>',
       b'<w:vMerge/>', b"<w:ins>", b"</w:ins>", b'<w:numPr><w:numId w:val="-1"/></w:numPr>', b"<w:t>1. CDIP/1/2</w:t>",
       b"&#0;", b"&bomb;", b"<![CDATA[", b"\xff", b"<w:fldSimple w:instr='AUTONUM'/>", b"<w:sdt><w:sdtContent>")  # fmt: skip


def docx_of(rng: Random) -> bytes:
    """Mutate a Word file: its bytes, or the parts within it."""
    data = rng.choice(samples("docx"))
    if rng.random() < 0.15:
        return edit_bytes(rng, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "word/document.xml" if rng.random() < 0.7 else rng.choice(sorted(parts))
    part = parts[name]
    for _ in range(rng.choice([1, 2, 4, 16])):
        a = rng.randrange(len(part) + 1)
        match rng.randrange(5):
            case 0:
                part = part[:a] + rng.choice(XML) + part[a:]
            case 1:  # take out from one tag to another: most such files are well-formed no more
                b = part.find(b">", a + rng.randrange(2000))
                part = part[: part.rfind(b"<", 0, a)] + part[b + 1 :]
            case 2:  # an element that closes itself goes, or comes twice: the file stays well-formed
                b, e = part.find(b"<w:", a), part.find(b"/>", a)
                if 0 <= b < e and b">" not in part[b:e]:
                    part = part[:b] + part[b : e + 2] * rng.choice([0, 2, 9]) + part[e + 2 :]
            case 3:
                b, e = part.find(b"<w:t>", a), part.find(b"</w:t>", a)
                if 0 <= b < e:
                    text = edit(rng, part[b + 5 : e].decode("utf-8", "replace"))
                    text = text.replace("&", "").replace("<", "")
                    part = part[: b + 5] + text.encode("utf-8", "replace") + part[e:]
            case 4:  # one number for another, such as of a span, a level or a list
                b = part.find(b'w:val="', a)
                if b >= 0:
                    e = part.find(b'"', b + 7)
                    part = part[: b + 7] + str(rng.choice([-1, 0, 3, 10**9, "x", ""])).encode() + part[e:]
    parts[name] = part
    if rng.random() < 0.05:
        del parts[rng.choice(sorted(parts))]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for key, content in parts.items():
            archive.writestr(key, content)
    return out.getvalue()


def pdf_of(rng: Random) -> bytes:
    return edit_bytes(rng, rng.choice(samples("pdf")))


MAKE = {"docx": docx_of, "pdf": pdf_of}


def in_a_child(data: bytes, seconds: int) -> tuple[str, str]:
    """Load bytes in a process of their own, with limits; give what became of them and, of a failure, its words."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        code = 1
        try:
            pages = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            most = pages + 20 * len(data) + 200 * 2**20
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.write(send, check_bytes(data, all_tables=data[-1] % 8 == 0 if data else True).encode())
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


def files(suffix: str, count: int, seed: int, fail: Callable[[str, bytes, str], None]) -> Counter[str]:
    """Check so many Word or PDF files, each in a process of its own."""
    rng, outcome = Random(seed), Counter[str]()
    for data in samples(suffix):  # what is imported once is not paid for by every child
        check_bytes(data)
    for _ in range(count):
        data = MAKE[suffix](rng)
        said, words = in_a_child(data, 10 if suffix == "docx" else 60)
        outcome[said] += 1
        if words:
            fail(suffix, data, words)
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


def regressions() -> Iterator[Path]:
    """Past failures, and hostile files made by hand."""
    yield from sorted(path for path in REGRESSIONS.iterdir() if path.suffix in (".txt", ".docx", ".pdf"))


def main() -> int:
    """Run it all, in two processes, and print the figures."""
    import argparse

    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    for name, number in (("texts", 1_000_000), ("docx", 20_000), ("pdf", 500), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    os.nice(5)
    bad = False
    for kind in ("texts", "docx", "pdf"):
        began, total = time.monotonic(), Counter[str]()
        for said in _shared(kind, getattr(asked, kind), asked.seed, asked.workers):
            total += said
        took = time.monotonic() - began
        counts = sum(total[name] for name in ("report", "refused", "failed"))
        print(f"{kind:<6} {counts:>9} in {took:.0f} s: {dict(sorted(total.items()))}", flush=True)
        bad |= bool(total["failed"]) or counts < getattr(asked, kind)
    return int(bad)


def _shared(kind: str, count: int, seed: int, workers: int) -> Iterator[Counter[str]]:
    from concurrent.futures import ProcessPoolExecutor

    step = {"texts": 10_000, "docx": 500, "pdf": 25}[kind]
    parts = [min(step, count - at) for at in range(0, count, step)]
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_part, [kind] * len(parts), parts, [seed * 1_000_003 + n for n in range(len(parts))])


def _part(kind: str, count: int, seed: int) -> Counter[str]:
    if kind == "texts":
        found = texts(count, seed, keep)
        for name in [name for name in found if name.startswith("MB")]:
            del found[name]
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        if rss > 400:
            keep("txt", b"", f"memory: a worker took {rss} MB for texts of at most 40 KB")
            found["failed"] += 1
        return found
    return files(kind, count, seed, keep)
