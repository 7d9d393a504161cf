"""Write references as WIPO's documents do, and a note in Word or Markdown: a page on all actions, a page on each."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from cdip_analysis.analyses import action_label, report_symbols
from cdip_analysis.display import judges, readable, session_days, text_width
from cdip_analysis.files import MARK, atomic_write, repacked
from cdip_analysis.labels import label, sentence, value_label
from cdip_analysis.language import outside_brackets, plain
from cdip_analysis.model import Citation, Passage, Row, by_action, natural_key
from cdip_analysis.questions import known_action
from cdip_analysis.report import Report

__all__ = ["brief", "cite_as", "inert"]


# ---- references ---------------------------------------------------------------------------------------------------


def cite_as(target: str | Citation | Iterable[str | Citation], lang: str = "en", report: Report | None = None) -> str:
    """Write a reference in the form of WIPO's own documents.

    Parameters
    ----------
    target : str, Citation or several of them
        Canonical strings such as ``"CDIP/21 report 98-112"``, or citations. Of several, each document is named once,
        where it first comes, with all its paragraphs.
    lang : str
        Language of the reference: ``en`` or ``zh``.
    report : Report, optional
        Where the symbols of session reports are looked up; without it, a report is named by its session.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a string is no canonical citation, or if there is no form for the language.

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
    if lang not in ("en", "zh"):
        raise ValueError(f"lang={lang!r}; it can be en, zh")
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
    if symbol:
        return sentence("written.named", lang, name=symbol)
    session = label("written.unknown", lang)
    if c.session is not None:
        session = sentence("written.named", lang, name=f"{c.body}/{c.session}")
    if c.kind == "session":
        return session
    of = sentence("written.summary" if c.kind == "summary" else "written.report", lang, session=session)
    if c.appendix is None:
        return of
    number = label(f"number.{_ROMAN.index(c.appendix) + 1}", lang) if c.appendix in _ROMAN else c.appendix
    return sentence("written.appendix", lang, of=of.strip(), roman=c.appendix, number=number)


def _paragraphs(of: str, numbers: Sequence[tuple[Any, Any]], lang: str) -> str:
    """Write paragraphs of a document, or the document alone: "paras. 5, 9 and 12-14"."""
    if not numbers:
        return of.strip()
    *most, last = [str(a) if a == b else sentence("written.range", lang, first=a, last=b) for a, b in numbers]
    listed = f"{label('written.comma', lang).join(most)}{label('written.and', lang)}{last}" if most else last
    one = len(numbers) == 1 and numbers[0][0] == numbers[0][1]
    return sentence("written.paragraph" if one else "written.paragraphs", lang, of=of, numbers=listed)


# ---- the note -------------------------------------------------------------------------------------------------------


def brief(
    report: Report, action_id: str | None, path: str | Path, *, lang: str = "en", overwrite: bool = False
) -> None:
    """Write a one-page note on an action: asked, done, discussed, decided, what follows, to raise; with references.

    In quotation marks are the words of the report, or those of the edition beside where that is in the language of the
    note. They are plain text: nothing in them can become a link, a field or a format.

    Parameters
    ----------
    report : Report
    action_id : str or None
        An action, such as ``"1.3"``; ``"all"`` or None for a page on all of them and then a page on each.
    path : str or Path
        File to write: ``.docx`` (needs the extra ``docx``) or ``.md``.
    lang : str
        Language of headings and references: ``en`` or ``zh``.
    overwrite : bool
        Replace a file that this package did not make.

    Raises
    ------
    ValueError
        If there is no such action (the message says which there are), or no such format or language.
    ImportError
        If python-docx is not installed and the file is a ``.docx``.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from cdip_analysis import brief, load_report
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     brief(load_report(), "5.1", Path(folder) / "roster.md")
    ...     print((Path(folder) / "roster.md").read_text(encoding="utf-8").splitlines()[2])
    # Action 5.1: Consultants' roster
    """
    target = Path(path)
    write = {".docx": _write_docx, ".md": _write_markdown}.get(target.suffix.lower())
    if write is None:
        raise ValueError(f"{target.name}: a note can be written as .docx or .md")
    if lang not in ("en", "zh"):
        raise ValueError(f"lang={lang!r}; it can be en, zh")
    actions = [row.values["action_id"] for row in report.rows["actions"]]
    if action_id not in (None, "all"):
        actions = [known_action(report, str(action_id))]
    elif not actions:
        raise ValueError(f"{report.name} has no actions to write about")
    beside = report.beside
    if beside and beside.language == lang and (beside.judged or not report.judged):
        report = beside
    notes = [_Note(report, action, lang) for action in actions]
    pages = [_page_on_all(notes)] if len(actions) > 1 else []
    pages += [note.page() for note in notes]
    with atomic_write(target, overwrite=overwrite) as temporary:
        write(temporary, pages, _foot(report, lang), lang)


def _foot(report: Report, lang: str) -> str:
    who = judges(report.rows["overview"], lang)
    judged = sentence("note.judged", lang, who=who) if who else label("note.not_judged", lang)
    foot = sentence("note.foot", lang, name=_readable(report.name), judged=judged)
    return f"{label('note.working_translation', lang)} {foot}" if report.is_working_translation else foot


#: A point: words of the report in quotation marks, our words on them (bold), the rest, the reference (blue).
_Point = tuple[str, str, str, str]
#: A kind of paragraph, as in `_KINDS`, and its texts in turn, as those of a point.
_Paragraph = tuple[str, Sequence[str]]


@lru_cache(maxsize=16)
def _by_action(report: Report, table: str) -> dict[str | None, list[Row]]:
    return by_action(report.rows[table])


@lru_cache(maxsize=1)
def _considerations(report: Report) -> dict[str | None, list[Passage]]:
    found: dict[str | None, list[Passage]] = {}
    for passage in report.passages:
        if passage.section == "consideration":
            found.setdefault(passage.action_id, []).append(passage)
    return found


class _Note(NamedTuple):
    """What the tables of a report say of an action, in a language of the readers."""

    report: Report
    action_id: str | None
    lang: str

    def page(self) -> list[_Paragraph]:
        """Put the sections together."""
        wording = self.rows("actions")[0].values["action"] or ""
        title = self.say("action", action_id=self.action_id, label=self.name())
        parts = (self.asked, self.done, self.discussed, self.decided, self.follows, self.open, self.to_raise)
        sections = {part.__name__: [*part()] for part in parts}
        return self.paragraphs(title, self.say("quoted", words=_readable(wording)), self.state(), sections)

    def paragraphs(
        self, title: str, wording: str, state: str, sections: Mapping[str, Sequence[_Point]]
    ) -> list[_Paragraph]:
        """Lay a page out."""
        page: list[_Paragraph] = [("title", [title]), ("wording", [wording]), ("about", [self.about()])]
        page.append(("state", ["", state]))
        for heading, points in sections.items():
            page.append(("heading", [self.say(heading)]))
            page += [("point", point) for point in points] or [("nothing", [self.say("nothing")])]
        return [(kind, texts) for kind, texts in page if any(texts)]

    def point(self, quoted: str = "", said: str = "", reference: str = "") -> _Point:
        """Return a point with its quotation marks and brackets."""
        if quoted:
            quoted = quoted.translate(_INNER)
            quoted, said = self.say("quoted", words=quoted), said and self.say("bracketed", inside=said)
        return quoted, said, "", f" [{reference}]" if reference and (quoted or said) else reference

    def name(self) -> str:
        """Return the short name of the action, or its words where it has none."""
        wording = self.rows("actions")[0].values["action"] or ""
        return _readable(action_label(wording, self.lang) or wording)

    def say(self, key: str, **params: Any) -> str:
        return sentence(f"note.{key}", self.lang, **params)

    def rows(self, table: str) -> list[Row]:
        return _by_action(self.report, table).get(self.action_id, [])

    def about(self) -> str:
        document = self.report.document
        title = _readable(document.header.title or document.supplied.get("title") or document.name)
        form = "printed" if document.header.symbol else "supplied" if document.symbol else "unknown"
        symbol = self.say(f"symbol_{form}", symbol=_readable(document.symbol or ""))
        session = document.header.meeting(document.session)
        return self.say("about", title=title, symbol=symbol, session=session)

    def cite(self, targets: Iterable[str | None], paragraphs: Sequence[int] = ()) -> str:
        """Write references to targets and to the paragraphs of the report itself that mention them."""
        references = [cite_as(target, self.lang, self.report) for target in dict.fromkeys(targets) if target]
        if paragraphs:
            symbol = self.report.document.symbol
            of = sentence("written.named", self.lang, name=_readable(symbol)) if symbol else self.say("own")
            references.append(_paragraphs(of, [(number, number) for number in paragraphs], self.lang))
        return label("written.join", self.lang).join(references)

    def state(self, key: str = "state") -> str:
        v = self.rows("overview")[0].values
        if v["state"] is None:
            return ""
        state = value_label(v["state"], self.lang)
        state = f"{state[:1].upper()}{state[1:]}" if key == "state" else state
        return self.say(key, state=state, line=v[f"line_{self.lang}"] or "")

    def asked(self) -> Iterator[_Point]:
        for v in (row.values for row in self.rows("commitments")):
            if v["kind"] != "announcement":
                outcome = value_label(v["outcome"], self.lang) if v["outcome"] else self.say("not_judged_yet")
                if where := self.cite([], _numbers(v["outcome_place"])):
                    outcome = self.say("outcome", outcome=outcome, reference=where)
                if v["outcome"] in ("continuing", "delivered") and (remark := v[f"remark_{self.lang}"]):
                    outcome = self.say("remarked", outcome=outcome, remark=remark.rstrip(_STOPS))
                asked = _readable(v["text"] or v[f"thing_{self.lang}"] or "")
                yield self.point(asked, outcome, self.cite([v["asked_target"]], _numbers(v["asked_place"])))

    def done(self) -> Iterator[_Point]:
        for v in (row.values for row in self.rows("annex")):
            if v["implementation"]:
                session = self.report.header.meeting(v["session"]) if v["session"] is not None else None
                done, reference = _readable(v["implementation"]), self.cite([v["document"] or session])
                yield self.point(done, "", "" if reference in done else reference)

    def discussed(self) -> Iterator[_Point]:
        decided = {row.values["text"].strip(_STOPS) for row in self.rows("decisions") if row.values["text"]}
        seen: set[str] = set()
        for passage in _considerations(self.report).get(self.action_id, ()):
            for text, ranges in _before_brackets(self.report, passage):
                seen |= {str(c) for c in ranges}
                # What was decided is quoted under that heading.
                yield self.considered("" if text in decided else text, ranges)
        for v in (row.values for row in self.rows("annex")):
            ends = v["first_paragraph"], v["last_paragraph"]
            c = Citation("paragraphs", self.report.header.own_body, None, v["session"], *ends)
            if None not in (c.session, c.first) and str(c) not in seen:
                yield self.considered("", [c])

    def considered(self, words: str, ranges: Sequence[Citation]) -> _Point:
        symbols = report_symbols(self.report.document)
        is_draft = any("Prov." in symbols.get(c.session or 0, "") for c in ranges)
        return self.point(_readable(words), self.say("draft") if is_draft else "", self.cite(map(str, ranges)))

    def decided(self) -> Iterator[_Point]:
        unreported = []
        decisions = [row.values for row in self.rows("decisions")]
        for v in sorted(decisions, key=lambda v: (v["session"], natural_key(v["summary_paragraph"]))):
            target = f"{self.report.header.meeting(v['session'])} summary {v['summary_paragraph']}"
            if v["text"]:
                yield self.point(_readable(v["text"]), "", self.cite([target], [v["paragraph"]]))
            else:
                unreported.append(target)
        if unreported:
            yield self.point("", self.say("unreported"), self.cite(unreported))

    def follows(self) -> Iterator[_Point]:
        for v in (row.values for row in self.rows("follow_ups")):
            yield self.point(_readable(v["text"]), self.say(f"status_{v['status']}"), self.cite([], [v["paragraph"]]))

    def open(self, outcomes: Sequence[str] = ("due", "partly", "no_trace", "conditional")) -> Iterator[_Point]:
        for v in (row.values for row in self.rows("commitments") if row.values["outcome"] in outcomes):
            if v["outcome"] == "due":
                days = session_days(self.report.header, v["due_session"], self.lang)
                said = self.say("due_at", session=self.report.header.meeting(v["due_session"]), dates=days)
            else:
                said = self.say(v["outcome"])
            # What was asked is quoted under that heading: here its name is enough.
            said = self.say("state", state=v[f"thing_{self.lang}"], line=said)
            yield self.point("", said, self.cite([v["asked_target"]], _numbers(v["asked_place"])))

    def to_raise(self) -> Iterator[_Point]:
        if said := self.rows("overview")[0].values[f"to_raise_{self.lang}"]:
            yield self.point("", said)


def _page_on_all(notes: Sequence[_Note]) -> list[_Paragraph]:
    """Put together what is to be said of all actions: the state of each, what is due and by whom, what to raise."""
    first, say = notes[0], notes[0].say
    of_none = first._replace(action_id=None)  # what is due of the proposal as a whole
    sections: dict[str, list[_Point]] = {"actions": [], "due": [*of_none.open(("due",))], "to_raise": []}
    for note in notes:
        stands = note.state("stands") or say("bracketed", inside=say("not_judged_yet"))
        sections["actions"].append(("", f"{note.action_id} {note.name()}", stands, ""))
        sections["due"] += note.open(("due",))
        of_action = say("of_action", action_id=note.action_id)
        sections["to_raise"] += [("", said, of_action, "") for _, said, _, _ in note.to_raise()]
    number = label(f"number.{len(notes)}", first.lang) if len(notes) < 13 else len(notes)
    page = first.paragraphs(say("all", number=number), "", first.report.sentence(first.lang), sections)
    if who := judges(first.report.rows["overview"], first.lang):
        page.append(("about", [sentence("reader.overview.about", first.lang, who=who)]))
    return page


def _numbers(places: str | None) -> list[int]:
    """Return the paragraphs of the report among the places of a judgement; lines of the proposal are none of them.

    >>> _numbers("P1.a;20;21;21"), _numbers("1(iii)"), _numbers("E13")
    ([20, 21], [1], [])
    """
    return [int(number) for number in dict.fromkeys(re.findall(r"(?:^|;)(\d+)", places or ""))]


# Quotation marks within quotation marks.
_INNER = str.maketrans('“”"', "‘’'")
_STOPS = " 。.;；，,"


def _before_brackets(report: Report, passage: Passage) -> Iterator[tuple[str, list[Citation]]]:
    """Return the words before each bracket that cites ranges of session reports, with those ranges."""
    outside, since = outside_brackets(plain(passage.text)[0]), 0
    cited = report.document.citations_in(passage)
    waiting = [c for c in cited if c.kind == "paragraphs" and c.session is not None]
    while waiting:
        start, end = waiting[0].start, waiting[0].end
        while start > since and not outside[start - 1]:
            start -= 1
        while end < len(outside) and not outside[end]:
            end += 1
        together = [c for c in waiting if c.start < end]
        yield passage.text[since:start].strip(_STOPS), together
        since, waiting = end, waiting[len(together) :]


def _readable(text: str) -> str:
    r"""Make words of a document plain: link marks are their words, line breaks blanks; what is no text is left out.

    >>> _readable("see [Report](http://example.org)\n - (i) a\x0b\u202etxt")
    'see Report - (i) a txt'
    """
    text = " ".join(readable(text).split())
    return "".join(character for character in text if not unicodedata.category(character).startswith("C"))


# ---- how it is written ----------------------------------------------------------------------------------------------

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


def _write_markdown(path: Path, pages: Sequence[Sequence[_Paragraph]], foot: str, lang: str) -> None:
    parts: list[str] = []
    for page in pages:
        parts += ["---" if parts else f"<!-- {MARK} -->"]
        for kind, paragraphs in groupby([*page, ("foot", [foot])], key=lambda paragraph: paragraph[0]):
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


# Longer pages get smaller letters, so that an action takes one page: beyond so many columns of text, a size in points.
_SIZES = ((5000, 8.5), (3200, 9), (-1, 10.5))


def _write_docx(path: Path, pages: Sequence[Sequence[_Paragraph]], foot: str, lang: str) -> None:
    try:
        import docx
        from docx.oxml.ns import qn
        from docx.shared import Pt, RGBColor
    except ImportError as error:
        raise ImportError(
            "a .docx needs python-docx: pip install 'cdip-analysis[docx]'; or write the note to a .md file"
        ) from error
    document: Any = docx.Document(str(Path(__file__).with_name("templates") / "note.docx"))
    lengths = [
        [60 + text_width("".join(texts)) for kind, texts in page if kind in ("state", "point")] for page in pages
    ]
    longest = max(map(sum, lengths))  # half a line is left empty at the end of each point
    size = next(size for length, size in _SIZES if longest > length)
    for name, points in {"Normal": size, "List Bullet": size, "Heading 2": size + 1.5}.items():
        style = document.styles[name]
        style.font.size = Pt(points)
        style.paragraph_format.line_spacing = Pt(points * 1.22)  # exact: Chinese fonts would make lines much taller
    if lang == "zh":
        for fonts in document.styles.element.iter(qn("w:rFonts")):
            fonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    for number, page in enumerate(pages):
        for kind, texts in page:
            paragraph = document.add_paragraph(style=_KINDS[kind][0])
            if kind == "title":
                paragraph.paragraph_format.page_break_before = number > 0
            for place, text in enumerate(texts):
                run = paragraph.add_run(text)
                if place == 1:
                    run.bold = True
                elif place == 3:
                    run.font.color.rgb = RGBColor(0x1F, 0x4E, 0x79)
    footer = document.sections[0].footer.paragraphs[0]
    footer.text, footer.style = foot, document.styles[_KINDS["foot"][0]]
    properties = document.core_properties
    properties.title, properties.language = pages[0][0][1][0][:255], lang  # Word takes no longer title
    saved = io.BytesIO()
    document.save(saved)
    path.write_bytes(repacked(saved))
