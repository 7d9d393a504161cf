"""Cite a whole document: in one forward pass, fill in the session that a bare citation leaves to context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cdip_analysis.citations import read_text
from cdip_analysis.language import outside_brackets, plain
from cdip_analysis.model import Citation, Header, Passage, Span, session_of


def resolve(
    cited: Iterable[tuple[Passage, Sequence[Citation]]], held: Mapping[str, int] | None = None
) -> Iterator[Citation]:
    """Give bare citations their session, ``resolved`` by "context"; one of which none is known comes back as it was.

    The context starts anew at the heading of an action or of a paragraph of the proposal, in each entry of the annex,
    and after a mark such as the end of the document. It is kept by body: the last session named outside round brackets,
    or failing that the session of the last document named there. A session after the last one held, which `held` gives
    by body, has neither report nor summary yet. Where the annex says what the Committee considered, a document was
    considered at the session in its symbol. The rule holds for all 11 bare ranges and 11 bare summaries of the report
    to CDIP/24 on technical assistance.
    """
    session: dict[str, int] = {}
    document_session: dict[str, int] = {}
    entry: int | None = None
    last = held or {}
    for passage, citations in cited:
        heads = passage.kind == "heading" and passage.role in ("proposal", "action")
        begins = heads or passage.kind == "mark" or passage.role == "second_document"
        if begins or passage.entry not in (None, entry):
            session.clear()
            document_session.clear()
        entry = passage.entry or entry
        outside = outside_brackets(plain(passage.text)[0]) if citations else []
        for citation in citations:
            if passage.column == "consideration" and citation.kind == "paragraphs" and citation.session is None:
                considered = session_of(citation.symbol or "")
                citation = replace(citation, session=considered, resolved="context") if considered else citation
            if citation.resolved == "unresolved":
                context = session.get(citation.body, document_session.get(citation.body))
                if context is not None:
                    citation = replace(citation, session=context, resolved="context")
            elif citation.session is not None and outside[citation.start]:
                named = document_session if citation.kind == "document" else session
                if citation.session <= last.get(citation.body, citation.session):
                    named[citation.body] = citation.session
            yield citation


def cite_document(
    passages: Sequence[Passage], header: Header, language: str
) -> tuple[tuple[Citation, ...], tuple[Span, ...]]:
    """Find the citations of a document, each with what context says of it, and what was not read.

    A line of the header, or the head of a page, that names the document itself or its session is no citation.
    """
    own = {header.meeting(header.session), (header.symbol or "").split(" ")[0]}
    written: list[tuple[Passage, list[Citation]]] = []
    missed: list[Span] = []
    called: dict[str, str] = {}
    for passage in passages:
        body = header.body or header.supplied_body
        found, unread, called, _ = read_text(passage.text, language, body, called, passage)
        if passage.kind == "header" or passage.role == "page_head":
            found = [c for c in found if c.kind not in ("document", "session") or str(c).split(" ")[0] not in own]
        written.append((passage, found))
        missed += [Span(passage, *place) for place in unread]
    held = {header.own_body: header.session} if header.session is not None else {}
    return tuple(resolve(written, held)), tuple(missed)
