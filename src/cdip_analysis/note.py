"""Write references as WIPO's documents do, and a note in Word or Markdown: a page on all actions, a page on each."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cdip_analysis.analyses import action_label, report_symbols
from cdip_analysis.data import convened_label, days_label, label, sentence, value_label
from cdip_analysis.display import readable
from cdip_analysis.files import MARK, atomic_write, repacked
from cdip_analysis.language import outside_brackets, plain
from cdip_analysis.model import Citation, Passage, Row, natural_key
from cdip_analysis.questions import known_action
from cdip_analysis.references import cite_as, paragraphs_of, written
from cdip_analysis.report import Report
from cdip_analysis.tables import session_dates

if TYPE_CHECKING:
    from docx.document import Document

__all__ = ["brief", "inert"]


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
    pages = [note.page() for note in notes]
    if len(actions) > 1:
        pages.insert(0, _page_on_all(notes))
    with atomic_write(target, overwrite=overwrite) as temporary:
        write(temporary, pages, _foot(report, lang), lang)


def _foot(report: Report, lang: str) -> str:
    judges = dict.fromkeys(row.values["judged_by"] for row in report.rows["overview"] if row.values["judged_by"])
    who = ", ".join(value_label(judge, lang) for judge in judges)
    judged = sentence("note.judged", lang, who=who) if judges else label("note.not_judged", lang)
    foot = sentence("note.foot", lang, name=_readable(report.name), judged=judged)
    return f"{label('note.working_translation', lang)} {foot}" if report.is_working_translation else foot


# ---- what a note says -----------------------------------------------------------------------------------------------


class _Line(NamedTuple):
    """One point: words of the report (in quotation marks), our words on them, the rest, the reference after it."""

    quoted: str
    said: str = ""
    reference: str = ""
    rest: str = ""


class _Page(NamedTuple):
    title: str
    subtitle: str
    about: str
    state: str
    sections: list[tuple[str, list[_Line]]]


class _Note(NamedTuple):
    """What the tables of a report say of an action, in a language of the readers."""

    report: Report
    action_id: str | None
    lang: str

    def page(self) -> _Page:
        """Put the sections together."""
        wording = self.rows("actions")[0].values["action"] or ""
        title = self.say("action", action_id=self.action_id, label=self.name())
        parts = (self.asked, self.done, self.discussed, self.decided, self.follows, self.open, self.to_raise)
        sections = [(self.say(part.__name__), list(part())) for part in parts]
        return _Page(title, self.say("quoted", words=_readable(wording)), self.about(), self.state(), sections)

    def name(self) -> str:
        """Return the short name of the action, or its words where it has none."""
        wording = self.rows("actions")[0].values["action"] or ""
        return _readable(action_label(wording, self.lang) or wording)

    def say(self, key: str, **params: Any) -> str:
        return sentence(f"note.{key}", self.lang, **params)

    def meeting(self, session: int) -> str:
        return self.report.header.meeting(session)

    def rows(self, table: str) -> list[Row]:
        return [row for row in self.report.rows[table] if row.values["action_id"] == self.action_id]

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
            of = written("named", self.lang, name=_readable(symbol)) if symbol else self.say("own")
            references.append(paragraphs_of(of, [(number, number) for number in paragraphs], self.lang))
        return written("join", self.lang).join(references)

    def state(self) -> str:
        v = self.rows("overview")[0].values
        if v["state"] is None:
            return ""
        state = value_label(v["state"], self.lang)
        return self.say("state", state=f"{state[:1].upper()}{state[1:]}", line=v[f"line_{self.lang}"] or "")

    def asked(self) -> Iterator[_Line]:
        for row in self.rows("commitments"):
            v = row.values
            if v["kind"] != "announcement":
                outcome = value_label(v["outcome"], self.lang) if v["outcome"] else self.say("not_judged_yet")
                if where := self.cite([], _paragraphs_of(v["outcome_place"])):
                    outcome = self.say("outcome", outcome=outcome, reference=where)
                if v["outcome"] in ("continuing", "delivered") and (remark := v[f"remark_{self.lang}"]):
                    outcome = self.say("remarked", outcome=outcome, remark=remark.rstrip(_STOPS))
                asked = _readable(v["text"] or v[f"thing_{self.lang}"] or "")
                yield _Line(asked, outcome, self.cite([v["asked_target"]], _paragraphs_of(v["asked_place"])))

    def done(self) -> Iterator[_Line]:
        for row in self.rows("annex"):
            v = row.values
            if v["implementation"]:
                session = self.meeting(v["session"]) if v["session"] is not None else None
                done, reference = _readable(v["implementation"]), self.cite([v["document"] or session])
                yield _Line(done, "", "" if reference in done else reference)

    def discussed(self) -> Iterator[_Line]:
        decided = {row.values["text"].strip(_STOPS) for row in self.rows("decisions") if row.values["text"]}
        seen: set[str] = set()
        for passage in self.report.passages:
            if passage.section == "consideration" and passage.action_id == self.action_id:
                for text, ranges in _before_brackets(self.report, passage):
                    seen |= {str(c) for c in ranges}
                    # What was decided is quoted under that heading.
                    yield self.considered("" if text in decided else text, ranges)
        for row in self.rows("annex"):
            v = row.values
            ends = v["first_paragraph"], v["last_paragraph"]
            c = Citation("paragraphs", self.report.header.own_body, None, v["session"], *ends)
            if None not in (c.session, c.first) and str(c) not in seen:
                yield self.considered("", [c])

    def considered(self, words: str, ranges: Sequence[Citation]) -> _Line:
        symbols = report_symbols(self.report.document)
        is_draft = any("Prov." in symbols.get(c.session or 0, "") for c in ranges)
        return _Line(_readable(words), self.say("draft") if is_draft else "", self.cite(map(str, ranges)))

    def decided(self) -> Iterator[_Line]:
        unreported = []
        for row in sorted(
            self.rows("decisions"), key=lambda r: (r.values["session"], natural_key(r.values["summary_paragraph"]))
        ):
            v = row.values
            target = f"{self.meeting(v['session'])} summary {v['summary_paragraph']}"
            if v["text"]:
                yield _Line(_readable(v["text"]), "", self.cite([target], [v["paragraph"]]))
            else:
                unreported.append(target)
        if unreported:
            yield _Line("", self.say("unreported"), self.cite(unreported))

    def follows(self) -> Iterator[_Line]:
        for row in self.rows("follow_ups"):
            v = row.values
            yield _Line(_readable(v["text"]), self.say(f"status_{v['status']}"), self.cite([], [v["paragraph"]]))

    def open(self, outcomes: Sequence[str] = ("due", "partly", "no_trace", "conditional")) -> Iterator[_Line]:
        for row in self.rows("commitments"):
            v = row.values
            if v["outcome"] not in outcomes:
                continue
            if v["outcome"] == "due":
                start, end, unknown = session_dates(self.report.header, v["due_session"], self.lang)
                convened = convened_label(v["due_session"], self.lang) or unknown
                dates = days_label(start, end, self.lang) if start and end else convened
                said = self.say("due_at", session=self.meeting(v["due_session"]), dates=dates)
            else:
                said = self.say(v["outcome"])
            # What was asked is quoted under that heading: here its name is enough.
            said = self.say("state", state=v[f"thing_{self.lang}"], line=said)
            yield _Line("", said, self.cite([v["asked_target"]], _paragraphs_of(v["asked_place"])))

    def to_raise(self) -> Iterator[_Line]:
        if said := self.rows("overview")[0].values[f"to_raise_{self.lang}"]:
            yield _Line("", said)


def _page_on_all(notes: Sequence[_Note]) -> _Page:
    """Put together what is to be said of all actions: the state of each, what is due and by whom, what to raise."""
    first = notes[0]
    report, lang, say = first.report, first.lang, first.say
    stand, ask = [], []
    for note in notes:
        stands = say("stands", line=note.state() or say("not_judged_yet"))
        stand.append(_Line("", f"{note.action_id} {note.name()}", rest=stands))
        ask += [_Line("", line.said, "", say("of_action", action_id=note.action_id)) for line in note.to_raise()]
    of_none = first._replace(action_id=None)  # what is due of the proposal as a whole
    due = [line for note in (of_none, *notes) for line in note.open(("due",))]
    number = label(f"number.{len(notes)}", lang) if len(notes) < 13 else len(notes)
    sections = [(say("actions"), stand), (say("due"), due), (say("to_raise"), ask)]
    return _Page(say("all", number=number), "", first.about(), report.sentence(lang), sections)


def _paragraphs_of(places: str | None) -> list[int]:
    """Return the paragraphs of the report among the places of a judgement; lines of the proposal are none of them.

    >>> _paragraphs_of("P1.a;20;21;21"), _paragraphs_of("1(iii)"), _paragraphs_of("E13")
    ([20, 21], [1], [])
    """
    return [int(number) for number in dict.fromkeys(re.findall(r"(?:^|;)(\d+)", places or ""))]


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


# Characters that turn the direction of the text around them.
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")


def _readable(text: str) -> str:
    r"""Make words of a document plain: link marks are their words, line breaks blanks; what is no text is left out.

    >>> _readable("see [Report](http://example.org)\n - (i) a\x0b\u202etxt")
    'see Report - (i) a txt'
    """
    text = " ".join(readable(text).split())
    return "".join(s for s in text if unicodedata.category(s) not in ("Cc", "Cs", "Cn") and s not in _TURNING)


# ---- how it is written ----------------------------------------------------------------------------------------------


def _text(line: _Line, lang: str) -> tuple[str, str, str, str]:
    """Return what is quoted, what is said of it, the rest and the reference, each with its marks."""
    quoted = sentence("note.quoted", lang, words=line.quoted) if line.quoted else ""
    said = sentence("note.bracketed", lang, inside=line.said) if quoted and line.said else line.said
    reference = line.reference if not quoted and not said else f" [{line.reference}]" if line.reference else ""
    return quoted, said, line.rest, reference


def _write_markdown(path: Path, pages: Sequence[_Page], foot: str, lang: str) -> None:
    parts = [f"<!-- {MARK} -->"]
    for page in pages:
        parts += [f"# {inert(page.title)}", *filter(None, (inert(page.subtitle), inert(page.about)))]
        parts += [f"**{inert(page.state)}**"] if page.state else []
        for heading, lines in page.sections:
            points = [f"- {''.join(map(inert, _text(line, lang)))}" for line in lines]
            parts += [f"## {inert(heading)}", "\n".join(points) or label("note.nothing", lang)]
        parts += [f"*{inert(foot)}*", "---"]
    path.write_text("\n\n".join(parts[:-1]) + "\n", encoding="utf-8")


def inert(text: str) -> str:
    r"""Escape what Markdown would take for a mark-up, an address or a formula.

    >>> inert("<b>*x*</b> www.example.org")
    '\\<b\\>\\*x\\*\\</b\\> www\\.example.org'
    """
    text = re.sub(r"([\\`*_{}\[\]<>#|~$&!@^])", r"\\\1", text)
    text = re.sub(r"(?i)\b(www)\.", r"\1\\.", text)
    return re.sub(r"(?i)\b([a-z][a-z0-9+.-]*):(?=\S)", r"\1\\:", text)


_INK, _BLUE = (0x22, 0x22, 0x22), (0x1F, 0x4E, 0x79)
# Longer pages get smaller letters, so that an action takes one page: beyond a length, a size in points.
_SIZES = ((5000, 8.5), (3200, 9), (-1, 10.5))


def _length(page: _Page) -> int:
    """Estimate the length of a page: the columns of its text (wide characters take two), and half a line a point."""
    points = [f"{line.quoted}{line.said}{line.rest}{line.reference}" for _, lines in page.sections for line in lines]
    wide = sum(unicodedata.east_asian_width(character) in "WF" for text in points for character in text)
    return sum(60 + len(text) for text in [*points, page.state]) + wide


def _write_docx(path: Path, pages: Sequence[_Page], foot: str, lang: str) -> None:
    try:
        import docx
        from docx.shared import RGBColor
    except ImportError as error:
        raise ImportError(
            "a .docx needs python-docx: pip install 'cdip-analysis[docx]'; or write the note to a .md file"
        ) from error
    document = docx.Document()
    longest = max(map(_length, pages))
    _set_up(document, lang, next(size for length, size in _SIZES if longest > length))
    for number, page in enumerate(pages):
        document.add_heading(page.title, 1).paragraph_format.page_break_before = number > 0
        if page.subtitle:
            document.add_paragraph(page.subtitle, style="Subtitle")
        document.add_paragraph(page.about, style="Caption")
        if page.state:
            document.add_paragraph().add_run(page.state).bold = True
        for heading, lines in page.sections:
            document.add_heading(heading, 2)
            for line in lines:
                point = document.add_paragraph(style="List Bullet")
                quoted, said, rest, reference = _text(line, lang)
                point.add_run(quoted)
                point.add_run(said).bold = True
                point.add_run(rest)
                point.add_run(reference).font.color.rgb = RGBColor(*_BLUE)
            if not lines:
                document.add_paragraph(label("note.nothing", lang))
    footer = document.sections[0].footer.paragraphs[0]
    footer.text, footer.style = foot, document.styles["Caption"]
    properties = document.core_properties
    properties.title = pages[0].title[:255]  # Word takes no more
    properties.author = properties.comments = ""
    properties.language = lang
    saved = io.BytesIO()
    document.save(saved)
    path.write_bytes(repacked(saved))


def _set_up(document: Document, lang: str, size: float) -> None:
    """Set paper, fonts and spaces, so that an action takes a page."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    for language in document.styles.element.iter(qn("w:lang")):  # without it, Chinese text has Japanese glyphs
        language.set(qn("w:val"), "en-GB")
        language.set(qn("w:eastAsia"), "zh-CN")
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.5)
    section.footer_distance = Cm(0.8)
    sizes = {"Normal": size, "List Bullet": size, "Heading 1": 15, "Heading 2": size + 1.5}
    sizes |= {"Subtitle": 10.5, "Caption": 8}
    for name, points in sizes.items():
        style: Any = document.styles[name]
        is_heading = name.startswith("Heading")
        style.font.size, style.font.name = Pt(points), "Arial"
        style.font.bold, style.font.italic = is_heading, False
        style.font.color.rgb = RGBColor(*(_BLUE if is_heading else _INK))
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)  # a theme's font would win over the one named
        fonts.set(qn("w:eastAsia"), "Microsoft YaHei" if lang == "zh" else "SimSun")
        for spacing in style.element.rPr.findall(qn("w:spacing")):  # the template spaces out the letters of a subtitle
            style.element.rPr.remove(spacing)
        style.paragraph_format.space_before = Pt(5 if name == "Heading 2" else 0)
        style.paragraph_format.space_after = Pt(3 if name in ("Subtitle", "Caption") else 1.5)
        style.paragraph_format.line_spacing = Pt(points * 1.22)  # exact: Chinese fonts would make lines much taller
