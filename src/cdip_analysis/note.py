"""Write references as WIPO's documents do, and a one-page note on an action, in Word or Markdown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cdip_analysis.analyses import action_label, report_symbols
from cdip_analysis.files import MARK, atomic_write, repack
from cdip_analysis.language import LANGUAGES, table
from cdip_analysis.model import Citation, Passage, Row
from cdip_analysis.questions import known_action
from cdip_analysis.report import Report
from cdip_analysis.resolve import outside_brackets
from cdip_analysis.tables import session_dates

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

__all__ = ["brief", "cite_as", "inert"]


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
    forms = _wording(lang, "written")
    cited: dict[str, list[tuple[Any, Any]]] = {}
    for one in [target] if isinstance(target, str | Citation) else target:
        c = Citation.parse(one) if isinstance(one, str) else one
        numbers = cited.setdefault(_document(c, forms, report), [])
        span = (c.item, c.item) if c.kind == "summary" else (c.first, c.last)
        if span[0] and span not in numbers:
            numbers.append(span)
    return str(forms["join"]).join(_paragraphs(of, numbers, forms) for of, numbers in cited.items())


def _document(c: Citation, forms: dict[str, Any], report: Report | None) -> str:
    """Write what a citation is of: a document, a session, or the report or summary of one."""
    known = (
        report_symbols(report.document) if report is not None and c.body == "CDIP" and c.kind == "paragraphs" else {}
    )
    if symbol := c.symbol or known.get(c.session or 0):
        return str(forms["named"].format(name=symbol))
    session = forms["named"].format(name=f"{c.body}/{c.session}") if c.session is not None else forms["unknown"]
    if c.kind == "session":
        return str(session)
    of = str(forms["summary" if c.kind == "summary" else "report"].format(session=session))
    if c.appendix:
        of = forms["appendix"].format(of=of.strip(), appendix=forms.get("numerals", {}).get(c.appendix, c.appendix))
    return of


def _paragraphs(of: str, numbers: Sequence[tuple[Any, Any]], forms: dict[str, Any]) -> str:
    """Write paragraphs of a document, or the document alone: "paras. 5, 9 and 12-14"."""
    if not numbers:
        return of.strip()
    *most, last = [str(a if a == b else forms["range"].format(first=a, last=b)) for a, b in numbers]
    listed = f"{forms['comma'].join(most)}{forms['and']}{last}" if most else last
    one = len(numbers) == 1 and numbers[0][0] == numbers[0][1]
    return str(forms["paragraph" if one else "paragraphs"].format(of=of, numbers=listed))


def _wording(lang: str, section: str) -> dict[str, Any]:
    """Give the forms of a language, or say which languages have them."""
    there = [language for language in LANGUAGES if section in table(language)]
    if lang not in there:
        raise ValueError(f"lang={lang!r}; it can be {', '.join(there)}")
    forms: dict[str, Any] = table(lang)[section]
    return forms


def brief(
    report: Report, action_id: str | None, path: str | Path, *, lang: str = "en", overwrite: bool = False
) -> None:
    """Write a one-page note on an action: asked, done, discussed, decided, follows, open points, with references.

    What stands in quotation marks are the words of the report, in its own language, link marks left out. They are
    written as plain text: nothing in them can become a link, a field or a format.

    Parameters
    ----------
    report : Report
    action_id : str or None
        An action, such as ``"1.3"``; None for all, a page each.
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
    words = _wording(lang, "note")
    actions = [row.values["action_id"] for row in report.rows["actions"]]
    if action_id is not None:
        actions = [known_action(report, action_id)]
    elif not actions:
        raise ValueError(f"{report.name} has no actions to write about")
    pages = [_page(report, action, lang) for action in actions]
    foot = words["foot"].format(name=_readable(report.name))
    if report.is_working_translation:
        foot = f"{words['working_translation']} {foot}"
    with atomic_write(target, overwrite=overwrite) as temporary:
        write(temporary, pages, foot, lang)


# ---- what a note says -----------------------------------------------------------------------------------------------


class _Line(NamedTuple):
    """One point: words of the report (in quotation marks), our words before them, the reference after them."""

    quoted: str
    said: str
    reference: str


class _Page(NamedTuple):
    title: str
    subtitle: str
    about: str
    sections: list[tuple[str, list[_Line], str]]


def _page(report: Report, action_id: str, lang: str) -> _Page:
    words = _wording(lang, "note")
    action = next(row for row in report.rows["actions"] if row.values["action_id"] == action_id)
    wording = action.values["action"] or ""
    makers = {
        "asked": _asked,
        "done": _done,
        "discussed": _discussed,
        "decided": _decided,
        "follows": _follows,
        "open": _open,
    }
    sections = [
        (words[name], list(make(report, action_id, lang)), words["nothing_open" if name == "open" else "nothing"])
        for name, make in makers.items()
    ]
    return _Page(
        words["action"].format(action_id=action_id, label=_readable(action_label(wording, lang) or wording)),
        words["quoted"].format(words=_readable(wording)),
        _about(report, words),
        sections,
    )


def _about(report: Report, words: dict[str, Any]) -> str:
    session = report.document.session
    printed, supplied = report.header.symbol, report.supplied.get("symbol")
    form = "symbol_printed" if printed else "symbol_supplied" if supplied else "symbol_unknown"
    return str(
        words["about"].format(
            title=_readable(report.header.title or report.supplied.get("title") or report.name),
            symbol=words[form].format(symbol=_readable(printed or supplied or "")),
            session=f"CDIP/{session}" if session is not None else "?",
        )
    )


def _own(report: Report, paragraph: int | None, lang: str) -> str:
    """Write a reference to a paragraph of the report itself, by its symbol if that is printed or supplied."""
    if paragraph is None:
        return ""
    forms, symbol = _wording(lang, "written"), report.header.symbol or report.supplied.get("symbol")
    of = forms["named"].format(name=_readable(symbol)) if symbol else _wording(lang, "note")["own"]
    return _paragraphs(of, [(paragraph, paragraph)], forms)


def _cited(report: Report, targets: Iterable[str | None], paragraph: int | None, lang: str) -> str:
    """Write references to targets and to the paragraph of the report that tells of them."""
    given = [cite_as(target, lang, report) for target in dict.fromkeys(targets) if target]
    own = _own(report, paragraph, lang)
    return str(_wording(lang, "written")["join"]).join([*given, *([own] if own else [])])


def _at(place: str | None) -> int | None:
    """Return the first paragraph of the report among the places of a judgement, None for lines of the proposal."""
    match = re.search(r"(?<![\w.])\d+", place or "")
    return int(match[0]) if match else None


def _commitments(report: Report, action_id: str) -> list[Row]:
    return [row for row in report.rows["commitments"] if row.values["action_id"] == action_id]


def _asked(report: Report, action_id: str, lang: str) -> Iterator[_Line]:
    words = _wording(lang, "note")
    for row in _commitments(report, action_id):
        v = row.values
        if v["kind"] == "announcement":
            continue
        told = _own(report, _at(v["outcome_place"]), lang)
        outcome = words.get(v["outcome"], "")
        result = words["told_in"].format(outcome=outcome, reference=told) if told else outcome
        reference = _cited(report, [v["asked_target"]], _at(v["asked_place"]), lang)
        yield _Line(_readable(v["text"] or v[f"thing_{lang}"] or ""), result, reference)


def _done(report: Report, action_id: str, lang: str) -> Iterator[_Line]:
    for row in report.rows["annex"]:
        v = row.values
        if v["action_id"] == action_id and v["implementation"]:
            session = f"CDIP/{v['session']}" if v["session"] is not None else None
            done, reference = _readable(v["implementation"]), _cited(report, [v["document"] or session], None, lang)
            yield _Line(done, "", "" if reference in done else reference)


def _discussed(report: Report, action_id: str, lang: str) -> Iterator[_Line]:
    words = _wording(lang, "note")
    told = set()
    decided = {row.values["text"].strip(_STOPS) for row in _in_order(report, action_id) if row.values["text"]}
    for passage in report.passages:
        if passage.section == "consideration" and passage.action_id == action_id:
            for text, ranges in _before_brackets(report, passage):
                told |= {str(c) for c in ranges}
                text = "" if text in decided else text  # it stands under what was decided
                yield _Line(
                    _readable(text), _draft(report, ranges, words), _cited(report, map(str, ranges), None, lang)
                )
    for row in report.rows["annex"]:
        v = row.values
        if v["action_id"] == action_id and v["session"] is not None and v["first_paragraph"] is not None:
            c = Citation("paragraphs", session=v["session"], first=v["first_paragraph"], last=v["last_paragraph"])
            if str(c) not in told:
                yield _Line("", _draft(report, [c], words), _cited(report, [str(c)], None, lang))


def _draft(report: Report, ranges: Iterable[Citation], words: dict[str, Any]) -> str:
    symbols = report_symbols(report.document)
    return str(words["draft"]) if any("Prov." in symbols.get(c.session or 0, "") for c in ranges) else ""


_STOPS = " 。.;；，,"


def _before_brackets(report: Report, passage: Passage) -> Iterator[tuple[str, list[Citation]]]:
    """Give the words before each bracket that cites ranges of session reports, with those ranges."""
    outside = outside_brackets(passage.text)
    since, waiting = (
        0,
        [c for c in report.document.citations_in(passage) if c.kind == "paragraphs" and c.session is not None],
    )
    while waiting:
        start, end = waiting[0].start, waiting[0].end
        while start > since and not outside[start - 1]:
            start -= 1
        while end < len(outside) and not outside[end]:
            end += 1
        together = [c for c in waiting if c.start < end]
        yield passage.text[since:start].strip(_STOPS), together
        since, waiting = end, waiting[len(together) :]


def _decided(report: Report, action_id: str, lang: str) -> Iterator[_Line]:
    words = _wording(lang, "note")
    untold = []
    for row in _in_order(report, action_id):
        v = row.values
        target = f"CDIP/{v['session']} summary {v['summary_paragraph']}"
        if v["text"]:
            yield _Line(_readable(v["text"]), "", _cited(report, [target], v["paragraph"], lang))
        else:
            untold.append(target)
    if untold:
        yield _Line("", words["untold"], _cited(report, untold, None, lang))


def _in_order(report: Report, action_id: str) -> list[Row]:
    """Give the decisions on an action by session and number."""
    mine = [row for row in report.rows["decisions"] if row.values["action_id"] == action_id]
    return sorted(mine, key=lambda row: (row.values["session"], _numbers(row.values["summary_paragraph"])))


def _numbers(item: str) -> list[int]:
    return [int(number) for number in re.findall("[0-9]+", item)]


def _follows(report: Report, action_id: str, lang: str) -> Iterator[_Line]:
    words = _wording(lang, "note")
    for row in report.rows["follow_ups"]:
        v = row.values
        if v["action_id"] == action_id:
            said = words[f"status_{v['status']}"]
            yield _Line(_readable(v["text"]), said, _own(report, v["paragraph"], lang))


def _open(report: Report, action_id: str, lang: str) -> Iterator[_Line]:
    words = _wording(lang, "note")
    for row in _commitments(report, action_id):
        v = row.values
        if v["outcome"] == "due":
            start, end, _ = session_dates(report.header, v["due_session"])
            dates = words["dates"].format(start=start, end=end) if start else words["dates_unknown"]
            said = words["due_at"].format(session=f"CDIP/{v['due_session']}", dates=dates)
        elif v["outcome"] == "no_trace":
            said = words["undated"]
        else:
            continue
        words_asked = _readable(v["text"] or v[f"thing_{lang}"] or "")
        yield _Line(words_asked, said, _cited(report, [v["asked_target"]], _at(v["asked_place"]), lang))


_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
# Signs that turn the direction of what stands around them, besides all that are no text at all.
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")


def _readable(text: str) -> str:
    r"""Make words of a document plain: link marks are their words, line breaks blanks, signs that are no text left out.

    >>> _readable("see [Report](http://example.org)\n - (i) a\x0b\u202etxt")
    'see Report - (i) a txt'
    """
    text = " ".join(_LINK.sub(r"\1", text).split())
    return "".join(s for s in text if unicodedata.category(s) not in ("Cc", "Cs", "Cn") and s not in _TURNING)


# ---- how it is written ----------------------------------------------------------------------------------------------


def _text(line: _Line, words: dict[str, Any]) -> tuple[str, str, str]:
    """Give what is quoted, what is said of it, and the reference, each with its signs."""
    quoted = words["quoted"].format(words=line.quoted) if line.quoted else ""
    said = words["bracketed"].format(inside=line.said) if quoted and line.said else line.said
    reference = line.reference if not quoted and not said else f" [{line.reference}]" if line.reference else ""
    return quoted, said, reference


def _write_markdown(path: Path, pages: Sequence[_Page], foot: str, lang: str) -> None:
    words = _wording(lang, "note")
    parts = [f"<!-- {MARK} -->"]
    for page in pages:
        parts += [f"# {inert(page.title)}", inert(page.subtitle), inert(page.about)]
        for heading, lines, nothing in page.sections:
            parts.append(f"## {inert(heading)}")
            points = [f"- {''.join(map(inert, _text(line, words)))}" for line in lines]
            parts.append("\n".join(points) if points else inert(nothing))
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


def _write_docx(path: Path, pages: Sequence[_Page], foot: str, lang: str) -> None:
    try:
        import docx
    except ImportError as error:
        raise ImportError(
            "a .docx needs python-docx: pip install 'cdip-analysis[docx]'; or write the note to a .md file"
        ) from error
    document = docx.Document()
    _set_up(document, lang, 9 if max(map(_length, pages)) > _LONG else 10.5)
    words = _wording(lang, "note")
    for number, page in enumerate(pages):
        title = document.add_heading(page.title, 1)
        title.paragraph_format.page_break_before = number > 0
        document.add_paragraph(page.subtitle, style="Subtitle")
        document.add_paragraph(page.about, style="Caption")
        for heading, lines, nothing in page.sections:
            document.add_heading(heading, 2)
            for line in lines:
                _point(document.add_paragraph(style="List Bullet"), _text(line, words))
            if not lines:
                document.add_paragraph(nothing)
    footer = document.sections[0].footer.paragraphs[0]
    footer.text = foot
    footer.style = document.styles["Caption"]
    document.core_properties.title = (pages[0].title if len(pages) == 1 else pages[0].about)[:255]  # Word takes no more
    document.core_properties.author = ""
    document.core_properties.comments = ""
    document.core_properties.language = lang
    document.save(str(path))
    repack(path)


# Longer pages get smaller letters: of the report to CDIP/24 only action 1.3 needs them.
_LONG = 3600


def _length(page: _Page) -> int:
    """Estimate the length of a page: the columns of its text (wide signs take two), and half a line for each point."""
    lines = [f"{line.quoted}{line.said}{line.reference}" for _, lines, _ in page.sections for line in lines]
    return sum(60 + sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text) for text in lines)


def _point(paragraph: Paragraph, parts: tuple[str, str, str]) -> None:
    from docx.shared import RGBColor

    quoted, said, reference = parts
    paragraph.add_run(quoted)
    if said:
        paragraph.add_run(said).bold = True
    if reference:
        paragraph.add_run(reference).font.color.rgb = RGBColor(0x1F, 0x4E, 0x79)


def _set_up(document: Document, lang: str, size: float) -> None:
    """Set paper, fonts and spaces, so that an action takes a page."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    for language in document.styles.element.iter(qn("w:lang")):  # without it, Chinese text has Japanese forms of signs
        language.set(qn("w:val"), "en-GB")
        language.set(qn("w:eastAsia"), "zh-CN")
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(1.5), Cm(1.5)
    section.footer_distance = Cm(0.8)
    sizes = {
        "Normal": size,
        "List Bullet": size,
        "Heading 1": 15,
        "Heading 2": size + 1.5,
        "Subtitle": 10.5,
        "Caption": 8,
    }
    for name, points in sizes.items():
        style: Any = document.styles[name]
        style.font.size = Pt(points)
        style.font.name = "Arial"
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)  # a theme's font would win over the one named
        fonts.set(qn("w:eastAsia"), "Microsoft YaHei" if lang == "zh" else "SimSun")
        for spacing in style.element.rPr.findall(qn("w:spacing")):  # the template spaces out the letters of a subtitle
            style.element.rPr.remove(spacing)
        style.font.color.rgb = RGBColor(0x1F, 0x4E, 0x79) if name.startswith("Heading") else RGBColor(0x22, 0x22, 0x22)
        style.font.bold = name.startswith("Heading")
        style.font.italic = False
        style.paragraph_format.space_before = Pt({"Heading 2": 5}.get(name, 0))
        style.paragraph_format.space_after = Pt({"Subtitle": 3, "Caption": 3}.get(name, 1.5))
        style.paragraph_format.line_spacing = Pt(
            points * 1.22
        )  # exact: Chinese fonts would else make lines much taller
