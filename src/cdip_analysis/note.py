"""Write references as WIPO's documents do, and a note in Word or Markdown: a page on all actions, a page on each."""

from __future__ import annotations

import io
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

from cdip_analysis.analyses import action_label, is_due, report_symbols
from cdip_analysis.display import readable, templates, text_width
from cdip_analysis.files import MARK, atomic_write, repacked
from cdip_analysis.labels import check_language, label, listed, sentence
from cdip_analysis.language import outside_brackets, plain
from cdip_analysis.model import Citation, Passage, by_action, grouped, natural_key
from cdip_analysis.questions import known_action
from cdip_analysis.report import Report

# ---- references ---------------------------------------------------------------------------------------------------


def cite_as(target: str | Citation | Iterable[str | Citation], lang: str = "en", report: Report | None = None) -> str:
    """Write a reference in the form of WIPO's own documents.

    Parameters
    ----------
    target : str, Citation or several of them
        Canonical strings such as ``"CDIP/21 report 98-112"``, or citations; a string that is none is a ValueError. Of
        several, each document is named once, where it first comes, with all its paragraphs.
    lang : {"en", "zh"}
        Language of the reference; any other is a ValueError.
    report : Report, optional
        Where the symbols of session reports are looked up; without it, a report is named by its session.

    Returns
    -------
    str

    Examples
    --------
    >>> from cdip_analysis import cite_as, load_report
    >>> report = load_report()
    >>> cite_as(["CDIP/19 report 350-364", "CDIP/19 summary 7.1"], "en", report)
    'CDIP/19/12, paras. 350-364; CDIP/19, Summary by the Chair, para. 7.1'
    >>> cite_as(["CDIP/22 summary 7.1", "CDIP/22 summary 7.4"]), cite_as("CDIP/21 report 98-112")
    ('CDIP/22, Summary by the Chair, paras. 7.1 and 7.4', 'CDIP/21, report, paras. 98-112')
    >>> cite_as("CDIP/21 report 98-112", "zh", report)
    'CDIP/21/15 第 98 至 112 段'
    """
    check_language(lang)
    cited: dict[str, list[tuple[Any, Any]]] = {}
    for one in [target] if isinstance(target, str | Citation) else target:
        c = Citation.parse(one) if isinstance(one, str) else one
        numbers = cited.setdefault(_cited_document(c, lang, report), [])
        span = (c.item, c.item) if c.kind == "summary" else (c.first, c.last)
        if span[0] and span not in numbers:
            numbers.append(span)
    return label("written.join", lang).join(_paragraphs(of, numbers, lang) for of, numbers in cited.items())


_ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]


def _cited_document(c: Citation, lang: str, report: Report | None) -> str:
    """Write what a citation is of: a document, a session, or the report or summary of one."""
    symbol = c.symbol
    if report and not symbol and c.body == report.header.own_body and c.kind == "paragraphs":
        symbol = report_symbols(report.document).get(c.session or 0)
    named = symbol or (f"{c.body}/{c.session}" if c.session is not None else None)
    of = sentence("written.named", lang, name=named) if named else label("written.unknown", lang)
    if symbol or c.kind == "session":
        return of
    of = sentence("written.summary" if c.kind == "summary" else "written.report", lang, session=of)
    if c.appendix is None:
        return of
    number = label(f"number.{_ROMAN.index(c.appendix) + 1}", lang) if c.appendix in _ROMAN else c.appendix
    return sentence("written.appendix", lang, of=of.strip(), roman=c.appendix, number=number)


def _paragraphs(of: str, numbers: Sequence[tuple[Any, Any]], lang: str) -> str:
    """Write paragraphs of a document, or the document alone: "paras. 5, 9 and 12-14"."""
    if not numbers:
        return of.strip()
    ranges = [a if a == b else sentence("written.range", lang, first=a, last=b) for a, b in numbers]
    one = len(numbers) == 1 and numbers[0][0] == numbers[0][1]
    return sentence("written.paragraph" if one else "written.paragraphs", lang, of=of, numbers=listed(ranges, lang))


# ---- the note -------------------------------------------------------------------------------------------------------

#: For each kind of paragraph its style in Word, and its mark in Markdown.
_KINDS = {
    "title": ("Heading 1", "# {}"),
    "wording": ("Subtitle", "{}"),
    "about": ("Caption", "{}"),
    "state": ("Normal", "**{}**"),
    "heading": ("Heading 2", "## {}"),
    "point": ("List Bullet", "- {}"),
    "nothing": ("Normal", "{}"),
    "foot": ("Caption", "*{}*"),
}
_INNER = str.maketrans('“”"', "‘’'")  # quotation marks within quotation marks


def brief(
    report: Report, action_id: str | None, path: str | Path, *, lang: str = "en", overwrite: bool = False
) -> None:
    """Write a one-page note on an action: asked, done, discussed, decided, what follows, to raise; with references.

    In quotation marks are the words of the report, or those of the edition beside where that is in the language of the
    note. They are plain text: nothing in them can become a link, a field or a format.

    Parameters
    ----------
    action_id : str or None
        An action, such as ``"1.3"``; ``"all"`` or None for a page on all of them and then a page on each.
    path : str or Path
        File to write: ``.docx`` (needs the extra ``docx``, else it is an ImportError) or ``.md``.
    lang : {"en", "zh"}
        Language of headings and references; another, like another format or action, is a ValueError.
    overwrite : bool
        Replace a file that this package did not make; else that is a FileExistsError.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cdip_analysis import brief, load_report
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     brief(load_report(), "5.1", f"{folder}/roster.md")
    ...     print(Path(f"{folder}/roster.md").read_text(encoding="utf-8").splitlines()[2])
    # Action 5.1: Consultants' roster
    """
    target = Path(path)
    write = {".docx": _write_docx, ".md": _write_markdown}.get(target.suffix.lower())
    if write is None:
        raise ValueError(f"{target.name}: a note can be written as .docx or .md")
    check_language(lang)
    actions = [row.values["action_id"] for row in report.rows["actions"]]
    if action_id not in (None, "all"):
        actions = [known_action(report, str(action_id))]
    elif not actions:
        raise ValueError(f"{report.name} has no actions to write about")
    beside = report.beside
    if beside and beside.language == lang and (beside.judged or not report.judged):
        report = replace(beside, document=replace(beside.document, supplied=report.supplied))
    environment, note = templates(), _Note(report, lang)
    environment.filters["one_line"] = one_line
    macros: Any = environment.get_template("note.txt.j2").module
    if len(actions) > 1:
        macros.page_on_all(note, actions)
    for action in actions:
        macros.page(note, action)
    note.foot = str(macros.foot(note))
    with atomic_write(target, overwrite=overwrite) as temporary:
        write(temporary, note)


class _Note:
    """A note on a report: what the tables say of its actions, and the paragraphs that templates/note.txt.j2 puts down.

    A paragraph is words of the report in quotation marks, our words on them (bold), the rest, the reference (blue).
    """

    stops = " 。.;；，,"

    def __init__(self, report: Report, lang: str) -> None:
        self.report, self.lang = report, lang
        used = ("actions", "overview", "commitments", "annex", "decisions", "follow_ups")
        self.tables = {name: by_action(report.rows[name]) for name in used}
        self.symbols = report_symbols(report.document)
        considered = (passage for passage in report.passages if passage.section == "consideration")
        self.considerations = grouped(considered, lambda passage: passage.action_id)
        self.pages: list[list[tuple[str, tuple[str, ...]]]] = []
        self.foot = ""

    def put(self, kind: str, quoted: str = "", said: str = "", rest: str = "", reference: str = "") -> str:
        """Put a paragraph on the page; a title begins one, and a point has its quotation marks and brackets."""
        if kind == "title":
            self.pages.append([])
        if kind == "point":
            if quoted := one_line(quoted):
                quoted = self.say("quoted", words=quoted.translate(_INNER))
                said = said and self.say("bracketed", inside=said)
            reference = f" [{reference}]" if reference and (quoted or said) else reference
        if any(texts := (quoted, said or "", rest, reference)):
            self.pages[-1].append((kind, texts))
        return ""

    def say(self, key: str, **params: Any) -> str:
        return sentence(f"note.{key}", self.lang, **params)

    def rows(self, table: str, *actions: str | None) -> list[Mapping[str, Any]]:
        return [row.values for action in actions for row in self.tables[table].get(action, [])]

    def named(self, action: str) -> tuple[str, str]:
        """Return the short name of an action, or its words where it has none, and its words."""
        wording = self.rows("actions", action)[0]["action"] or ""
        return one_line(action_label(wording, self.lang) or wording), one_line(wording)

    def cite(self, targets: Iterable[str | None], places: Any = None) -> str:
        """Write references to targets, and to the paragraphs of the report itself among some places (``P1.a;20``)."""
        references = [cite_as(target, self.lang, self.report) for target in dict.fromkeys(targets) if target]
        if paragraphs := dict.fromkeys(re.findall(r"(?:^|;)(\d+)", str(places or ""))):
            symbol = self.report.document.symbol
            of = sentence("written.named", self.lang, name=one_line(symbol)) if symbol else self.say("own")
            references.append(_paragraphs(of, [(number, number) for number in paragraphs], self.lang))
        return label("written.join", self.lang).join(references)

    def discussed(self, action: str) -> Iterator[tuple[str, list[str], bool]]:
        """Return what was considered: words unless they were decided, the ranges that they cite, and if of a draft."""
        decided = {v["text"].strip(self.stops) for v in self.rows("decisions", action) if v["text"]}
        named = [one for passage in self.considerations.get(action, []) for one in self.before_brackets(passage)]
        seen = {str(c) for _, found in named for c in found}
        for v in self.rows("annex", action):
            ends = v["first_paragraph"], v["last_paragraph"]
            c = Citation("paragraphs", self.report.header.own_body, None, v["session"], *ends)
            if None not in (c.session, c.first) and str(c) not in seen:
                named.append(("", [c]))
        for words, ranges in named:
            is_draft = any("Prov." in self.symbols.get(c.session or 0, "") for c in ranges)
            yield "" if words in decided else words, [*map(str, ranges)], is_draft

    def before_brackets(self, passage: Passage) -> Iterator[tuple[str, list[Citation]]]:
        """Return the words before each bracket that cites ranges of session reports, with those ranges."""
        before = [*accumulate(outside_brackets(plain(passage.text)[0]), initial=0)]  # how many characters are outside
        cited = [c for c in self.report.document.citations_in(passage) if c.kind == "paragraphs" and c.session]
        since = 0
        for count, together in groupby(cited, lambda c: before[c.start]):  # the same within a bracket
            ranges = [*together]
            yield passage.text[since : max(since, bisect_left(before, count))].strip(self.stops), ranges
            since = bisect_right(before, before[ranges[-1].end]) - 1

    def decided(self, action: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Return the paragraphs of the summaries in which something was decided, and what the report says of each."""
        rows = self.rows("decisions", action)
        rows.sort(key=lambda v: (v["session"], natural_key(v["summary_paragraph"])))
        meeting = self.report.header.meeting
        return [(f"{meeting(v['session'])} summary {v['summary_paragraph']}", v) for v in rows]

    def open(self, actions: Iterable[str | None], *outcomes: str) -> list[Mapping[str, Any]]:
        """Return what is due, or has one of these outcomes; without judgements also what follows at a session."""
        rows = [v for v in self.rows("commitments", *actions) if is_due(v) or v["outcome"] in outcomes]
        told = {(v["action_id"], v["due_session"]) for v in rows}
        follows = () if self.report.judged else self.rows("follow_ups", *actions)
        more = (v for v in follows if v["due_session"] and (v["action_id"], v["due_session"]) not in told)
        return [*rows, *more]


def one_line(text: str) -> str:
    r"""Make words of a document plain: link marks are their words, line breaks blanks; what is no text is left out.

    >>> one_line("see [Report](http://example.org)\n - (i) a\x0b\u202etxt")
    'see Report - (i) a txt'
    """
    text = " ".join(readable(text).split())
    return "".join(character for character in text if not unicodedata.category(character).startswith("C"))


# ---- how it is written ----------------------------------------------------------------------------------------------


def _write_markdown(path: Path, note: _Note) -> None:
    parts: list[str] = []
    for page in note.pages:
        parts += ["---" if parts else f"<!-- {MARK} -->"]
        for kind, paragraphs in groupby([*page, ("foot", (note.foot,))], key=lambda paragraph: paragraph[0]):
            parts.append("\n".join(_KINDS[kind][1].format(inert("".join(texts))) for _, texts in paragraphs))
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def inert(text: str) -> str:
    r"""Escape what Markdown would take for a mark-up, an address or a formula.

    >>> inert("<b>*x*</b> www.example.org")
    '\\<b\\>\\*x\\*\\</b\\> www\\.example.org'
    """
    text = re.sub(r"([\\`*_{}\[\]<>#|~$&!@^])", r"\\\1", text)
    text = re.sub(r"(?i)\b(www)\.", r"\1\\.", text)
    return re.sub(r"(?i)\b([a-z][a-z0-9+.-]*):(?=\S)", r"\1\\:", text)


def _write_docx(path: Path, note: _Note) -> None:
    try:
        import docx
        from docx.shared import Pt, RGBColor
    except ImportError as error:
        raise ImportError(
            "a .docx needs python-docx: pip install 'cdip-analysis[docx]'; or write the note to a .md file"
        ) from error
    document: Any = docx.Document(str(Path(__file__).with_name("templates") / "note.docx"))
    # An action takes one page: longer ones get smaller letters. Half a line is left empty at the end of each point.
    longest = max(
        sum(60 + text_width("".join(t)) for kind, t in page if kind in ("state", "point")) for page in note.pages
    )
    size = 8.5 if longest > 5000 else 9 if longest > 3200 else 10.5
    for name, points in {"Normal": size, "List Bullet": size, "Heading 2": size + 1.5}.items():
        style = document.styles[name]
        style.font.size = Pt(points)
        style.paragraph_format.line_spacing = Pt(points * 1.22)  # exact: Chinese fonts would make lines much taller
    end = document.add_paragraph()  # each paragraph goes before it: to add one after the last, all are looked through
    for number, page in enumerate(note.pages):
        for kind, texts in page:
            paragraph = end.insert_paragraph_before(style=_KINDS[kind][0])
            if kind == "title":
                paragraph.paragraph_format.page_break_before = number > 0
            for place, text in ((place, text) for place, text in enumerate(texts) if text):
                run = paragraph.add_run(text)
                if place == 1:
                    run.bold = True
                elif place == 3:
                    run.font.color.rgb = RGBColor(0x1F, 0x4E, 0x79)
    document.element.body.remove(document.element.body[-2])  # of `end`; the last element is the layout
    footer = document.sections[0].footer.paragraphs[0]
    footer.text, footer.style = note.foot, document.styles[_KINDS["foot"][0]]
    properties = document.core_properties
    properties.title, properties.language = note.pages[0][0][1][0][:255], note.lang  # Word takes no longer title
    saved = io.BytesIO()
    document.save(saved)
    path.write_bytes(repacked(saved))
