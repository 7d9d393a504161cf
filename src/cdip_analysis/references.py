"""Write references as WIPO's documents do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cdip_analysis.analyses import report_symbols
from cdip_analysis.data import label, sentence
from cdip_analysis.model import Citation
from cdip_analysis.report import Report

__all__ = ["cite_as", "paragraphs_of", "written"]


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
    cited: dict[str, list[tuple[Any, Any]]] = {}
    for one in [target] if isinstance(target, str | Citation) else target:
        c = Citation.parse(one) if isinstance(one, str) else one
        numbers = cited.setdefault(_cited_document(c, lang, report), [])
        span = (c.item, c.item) if c.kind == "summary" else (c.first, c.last)
        if span[0] and span not in numbers:
            numbers.append(span)
    return written("join", lang).join(paragraphs_of(of, numbers, lang) for of, numbers in cited.items())


def written(key: str, lang: str, **params: Any) -> str:
    """Return a part of a reference in a language of the readers."""
    if lang not in ("en", "zh"):
        raise ValueError(f"lang={lang!r}; it can be en, zh")
    return sentence(f"written.{key}", lang, **params)


_ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]


def _cited_document(c: Citation, lang: str, report: Report | None) -> str:
    """Write what a citation is of: a document, a session, or the report or summary of one."""
    symbol = c.symbol
    if report and not symbol and c.body == report.header.own_body and c.kind == "paragraphs":
        symbol = report_symbols(report.document).get(c.session or 0)
    if symbol:
        return written("named", lang, name=symbol)
    session = written("unknown", lang)
    if c.session is not None:
        session = written("named", lang, name=f"{c.body}/{c.session}")
    if c.kind == "session":
        return session
    of = written("summary" if c.kind == "summary" else "report", lang, session=session)
    if c.appendix is None:
        return of
    number = label(f"number.{_ROMAN.index(c.appendix) + 1}", lang) if c.appendix in _ROMAN else c.appendix
    return written("appendix", lang, of=of.strip(), roman=c.appendix, number=number)


def paragraphs_of(of: str, numbers: Sequence[tuple[Any, Any]], lang: str) -> str:
    """Write paragraphs of a document, or the document alone: "paras. 5, 9 and 12-14"."""
    if not numbers:
        return of.strip()
    *most, last = [str(a) if a == b else written("range", lang, first=a, last=b) for a, b in numbers]
    listed = f"{written('comma', lang).join(most)}{written('and', lang)}{last}" if most else last
    one = len(numbers) == 1 and numbers[0][0] == numbers[0][1]
    return written("paragraph" if one else "paragraphs", lang, of=of, numbers=listed)
