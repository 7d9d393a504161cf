"""The shapes of citations, the same in all languages: regular expressions over the kinds of tokens.

What the letters stand for is said in `tokens.KINDS`. First pieces are put together, and from then on each is one token
with its letter; then phrases are looked for. Within a phrase each kind has one role, so that its fields are read off by
kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from cdip_analysis.tokens import Token, kinds_of

_OF = "(?:K(?=F))?+[FfsJT]*+"  # of the; contained in the; to the; paragraph 19, of the
_THAT = f"(?:{_OF}E(?![eFVoOm]))"  # of that session
_ASIDE = r"(?:\([Oo]?E?[ewf]?\))?+"  # (20th Extraordinary); (resumed)

#: Pieces, in the order in which they are put together.
PIECES = {
    letter: re.compile(shape, re.VERBOSE)
    for letter, shape in {
        # A day is no number of a paragraph: 15 to 19 May; May 15.
        "w": r"(?:N[TA])? N F? x (?:K? N)? | x N (?:T N)?",
        # What is the heading of a paragraph: alone on its line, or before a colon (Пункт 8: in a table of contents).
        "g": r"^ (?: P N | h N Q ) :? $ | (?<![FfJsTAK(]) (?: P N | h N Q ) :",
        # Numbers: 98 to 112, 115 and 120; 18(a) to (c).
        "l": r"N (?:T h? N)?+ (?: (?:K A|K|A) h? N (?:T h? N)?+ )*+ (?: [TA] \( w \) )?+ (?:K? i (?:K (?=F))?)?",
        # Paragraphs: paragraphs 98 to 112; paragraph 5 and paragraph 9; 第98段至第112段.
        "p": r"P [fF]* l (?:\)(?=F))? (?: [KAT]+ P [fF]* l )*+ | h l Q (?: [KAT]+ h? l Q )*+ i?",
        # Ordinals: the twenty-first and the twenty-second; 第八、第九和第十届.
        "o": rf"(?: h l [KAT]+ )? (?: (?:H A?)? O | H ) {_ASIDE} (?: [KAT]+ f? O {_ASIDE} )*+ (?:K (?=E))?",
        # Sessions, with the body.
        "m": rf"""
            M                                                       # CDIP/21
            | (?:[Bb] K? F?)? o f? [EV] (?!e) (?:\(o E? [ew]?\))?+  # CDIP twenty-first session (20th extraordinary)
              (?: (?:{_ASIDE} F f* (?:\(f\))?)? (?:G? b|[BG]) )?+ (?:\(M\))?  # of the CDIP (CDIP/21)
            | [EV] (?:o|F o (?![BbG])) (?!e) (?: F* (?:G? \(?b\)?|[BG]) )? (?:\(M\))?  # sesiones 21.ª y 22.ª del CDIP
            | E l (?:F f*)? [Bb] | [Bb] K? E l                   # session 30 of the CDIP; CDIP sessions 22 and 23
            | o f? [Bb] E? (?:\(M\))?                               # the fourth PCDA session; the 30th WIPO SCP
            | o k F f* (?:\(f\))? [Bb] (?:\(M\))?                    # the tenth meeting of the ACE
            """,
    }.items()
}


class Shape(NamedTuple):
    """A phrase: its name, the kind of the citations in it (empty for what is no citation), and its pattern."""

    name: str
    kind: str
    pattern: str


_ITEMS = "(?:p|I f* l)"  # paragraphs of a summary are points in French
_APPENDIX = rf"X (?:K? {_ITEMS})? K? {_OF}"  # Appendix I, paragraph 5, of the
_PART = rf"(?:K? \(? f? X)? (?:K? \(? f* {_ITEMS})?"  # , Appendix I, paragraph 5
_BRACKETED = r"\([FfJDd]*S\)"  # (document CDIP/21/15)
_TAIL = f"(?:{_BRACKETED})?"
_P = r"K? (?: \( f* p \) | \(? f* p )"  # paragraphs 98 to 112; (paragraphs 98 to 112)
_GOES_ON = "(?![FJ]+f*[RCDdS])"  # else the paragraphs are of what comes next

#: The first that matches at a place is taken. What is no citation ends before a paragraph, report, summary or symbol.
SHAPES = [
    Shape("paragraph of the proposal", "", r"g | n [Ff]* p(?=[.:]|$) | J? p v"),
    Shape("item of the agenda", "", "p [Ff]* Y"),
    Shape(
        "paragraph of a law",
        "",
        r"""p (?:[FJ]+ f* w?){0,2} [fs]* [LZ] l?                 # paragraph 2 of Article 5
           | L f* h? l z? (?:K? p)?                              # Article 5, paragraph 2
           | L f* p (?![FfJ]*[CRDdS]) | h l z (?:p|h l z)*
        """,
    ),
    Shape("paragraphs of another organisation", "", rf"U \)? K? {_P} | p {_OF} \(? [FfJDd]* U"),
    Shape(
        "session of another organisation",
        "",
        f"m [Ff]* [Uu] | u f? F? m | U w? F? m | p {_OF} R {_OF} w? [Uu] (?:[wf]? F? m)?",
    ),
    Shape(
        "Chair's summary of a session",
        "summary",
        rf"""                                                         # paragraph 8.1 of the Summary of CDIP/21
             (?:{_ITEMS} {_OF} \(?)? (?:{_APPENDIX})? C K? {_OF} E? \(? m \)? (?:\(m C\))? {_PART}
           | C \( f* {_ITEMS} \)? {_OF} m                              # Summary by the Chair (paragraph 8.1) of ...
           | (?:{_ITEMS} {_OF})? (?:{_APPENDIX})? m K? {_OF} C {_PART}     # CDIP/21 Summary by the Chair, paragraph 8.1
        """,
    ),
    Shape(
        "Chair's summary with a symbol", "summary", r"C (?= (?:K [wGfFJT]{0,8})? [FfJ]* \(? [FfJTDd]* (?P<symbol>S))"
    ),
    Shape(
        "Chair's summary, session from context",
        "summary",
        rf"""(?:{_ITEMS} {_OF})? {_APPENDIX} C | C K? {_OF} (?:\(? f* {_ITEMS} \)?|X {_PART})
           | {_ITEMS} {_OF} C {_THAT}?
           | (?<=[JT]) C(?!F) | (?<=[JT]f) C(?!F) | C (?=j)              # in the Summary by the Chair
           | (?<=E F) C | (?<=E) C | C {_THAT} (?:K? f* {_ITEMS})?          # Summary by the Chair of that session
        """,
    ),
    Shape(
        "report of a session, paragraphs",
        "paragraphs",
        rf"""R {_OF} E? m {_TAIL} {_P} {_TAIL}                         # report of CDIP/21, paragraphs 98 to 112
           | m K? {_OF} R {_TAIL} F? {_P} {_TAIL}                   # CDIP/21 的报告第98至112段
           | p {_OF} \(? {_OF} (?:R {_OF} E? m | m R) {_TAIL}          # paragraphs 98 to 112 of the report of CDIP/21
        """,
    ),
    Shape("report, its document in brackets", "paragraphs", f"R F? {_P} {_BRACKETED} | R {_BRACKETED} {_P}"),
    Shape(
        "paragraphs of a document",
        "paragraphs",
        rf"""p {_OF} (?:R {_OF} E?)? {_BRACKETED}                       # paragraphs 3 to 5 (document CDIP/21/4)
           | p {_OF} (?:R {_OF} E?)? \(? [FfJDd]* S                      # paragraphs 3 to 5 of document CDIP/21/4
           | (?:R F? K?)? p (?:K f* D | K?) S (?=[).]|$)                  # (paras. 3 to 5, CDIP/21/4)
           | S \( R K? f* p \)                                           # A/47/16 (report, paragraph 347)
           | S [DdfFj]* \)? (?:K f+)? {_P} {_GOES_ON}                    # CDIP/21/4, paragraphs 3 to 5
        """,
    ),
    Shape("report, session from context", "paragraphs", f"R {_THAT}? F? {_P} {_GOES_ON} | p {_OF} R (?:{_THAT}|(?!F))"),
    Shape("paragraphs of what the phrase does not name", "paragraphs", "p"),
    Shape(
        "documents, elided",  # documents PCT/WG/2/3, 8, 11 and 12
        "document",
        r"(?<=d) S [KA]+ l (?![PQTEVZzIx]) | S [KA]+ l (?=\)|\.|$|[KA]+S)",
    ),
    Shape("document", "document", "S"),
    Shape("session", "session", "m"),
    Shape("agenda item", "", "I f* h? l z? (?:[Ff]* Y)? | Y h? l z?"),
    Shape("other numbered thing", "", "Z f* h? l z?"),
    Shape("link on an event", "", "y"),
]
_ALL = "|".join(f"(?P<_{number}>{shape.pattern}\n)" for number, shape in enumerate(SHAPES))
PHRASES = re.compile(f"(?=[ghmnpyCIJLRSUXYZu])(?:{_ALL})", re.VERBOSE)  # most pieces begin none: other words


def shape_of(match: re.Match[str]) -> Shape:
    """Return the shape of a match of `PHRASES`.

    >>> shape_of(PHRASES.match("pFDS")).name  # paragraphs 3 to 5 of document CDIP/21/15
    'paragraphs of a document'
    """
    return SHAPES[int(str(match.lastgroup)[1:])]


#: What tells of a citation: each lies in a phrase of one of the shapes, or is listed as unread.
_TELLING = {
    "a paragraph with a number": "p | (?<!h) l Q",
    "a session": "m | o [EV] | [EV] o | o (?=f?m)",  # twenty-first/twenty-second sessions
    "a report or summary with a number": r"[RC] [Fj]? h? l (?!\.)",
    "a symbol": "S | M",
    "nearly a symbol": r"\?",
}
SIGNS = re.compile("|".join(f"(?P<_{n}>{shape})" for n, shape in enumerate(_TELLING.values())), re.VERBOSE)
SIGN_NAMES = tuple(_TELLING)
#: Of these there is one in each citation, and in all that looks like one.
LIKELY = frozenset("SM?OHEPQCR")
#: A body and what it is called from there on: Standing Committee on ... (SCCR) (hereinafter "the Committee").
CALLED = re.compile(r"[Bb] (?:\([^()G]{0,9}\))?+ (?: \( [^()G]{0,6} G | K? [^().G]{0,3} r [^().G]{0,3} G )", re.VERBOSE)


class Pieces(NamedTuple):
    """The tokens of a text, put together: the kind of each piece, and its first token (at last, how many there are)."""

    tokens: Sequence[Token]
    kinds: str
    begins: list[int]

    def tokens_of(self, start: int, end: int) -> Sequence[Token]:
        """Return the tokens of the pieces from one place to another."""
        return self.tokens[self.begins[start] : self.begins[end]]


def put_together(tokens: Sequence[Token]) -> Pieces:
    """Put together what the shapes of `PIECES` match, one shape after the other."""
    kinds, begins = kinds_of(tokens), list(range(len(tokens) + 1))
    for letter, pattern in PIECES.items():
        done, letters, places = 0, [], []
        for match in pattern.finditer(kinds):
            start, end = match.span()
            letters += [kinds[done:start], letter]
            places += begins[done : start + 1]
            done = end
        kinds, begins = "".join([*letters, kinds[done:]]), places + begins[done:]
    return Pieces(tokens, kinds, begins)
