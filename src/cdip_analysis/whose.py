"""Find out whose a session is: of the body named in its phrase, near it in its sentence, or of the document's own."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache

from cdip_analysis.data import bodies, meetings
from cdip_analysis.language import outside_brackets
from cdip_analysis.model import body_of, session_of
from cdip_analysis.shapes import CALLED, Pieces
from cdip_analysis.tokens import Token, kinds_of, vocabulary

_KIND = {body.letters: body.kind for body in bodies()}
_LAST = max(meetings()) + 10  # no session of the CDIP has a higher number: five years beyond the calendar
_REACH = 40  # pieces: how far a name says whose session it is; a document says it twice as far
_JUST_BEFORE, _JUST_AFTER = 8, 20  # characters: 该届会议的报告; their sessions respectively
_SESSIONS = 5  # from here on an ordinal before the name of a committee is of a session: the 24th Standing Committee
_FIRST = 10  # sessions are counted anew under a mandate: so many may be
_NUMBERED = ("meeting", "assembly", "conference")  # kinds of bodies whose meetings are numbered themselves
_NAMING = re.compile("[BbGUuMmS.:]")
_OF_ANOTHER = re.compile("Ff*(w)")
_ACRONYM = re.compile(r"(?<![^\W_])[A-Z]{3,6} ?$")
_SPEAKS = re.compile("[uU]")
_PART_OF = re.compile(r"[Bb](?:\(b\))?Ff*(?:[Bb]\()?$")  # the SDWG of the Standing Committee on ... (SCIT)
_END_OF_NAME = re.compile("[Uu]w?$")  # the Codex Alimentarius Commission
_OF_SESSION = re.compile("m$|E[Ff]*.$")
_THEN_NAMED = re.compile("K?[FfJ]*[BbG]")
_ANOTHERS = re.compile("(?:[Ff]*w?(?:Aw)?F[Ff]*)?[uU]")
_OF_OTHERS = re.compile("u(?:f|[wA]{0,5})(?<!A)$")
_OF_UNKNOWN = re.compile("Ff*w")
_SHORT_NAME = re.compile(r"[^.;:()mBbGEVSKRC]{1,12}\((b)\)")  # the Committee on Some Proposals (PCDA)
_ITS = re.compile("([uw])K?[fFJ]*s$")
_BIENNIUM = r"20[0-9]{2}\s?[-‑–/]\s?(?:20)?[0-9]{2}"
_AFTER_NAME = re.compile("[Bb]w?$")


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    """Compile what follows the name of another committee, names that others have too, "that session", and mandates."""
    patterns = vocabulary(language)["patterns"]
    names = ("another", "shared", "that", "said", "each", "mandate")
    another, shared, that, said, each, mandate = (patterns.get(name, "(?!)") for name in names)
    under = rf"[^.;]{{0,200}}(?:\b{mandate}\w{{0,2}}\b[^.;]{{0,30}}{_BIENNIUM}|{_BIENNIUM}\s+{mandate}\b)"
    return re.compile(another), *(re.compile(one, re.IGNORECASE) for one in (shared, that, f"(?:{said})$", each, under))


def names_given(found: Sequence[Token]) -> dict[str, str]:
    """Find what bodies are called from there on, such as (hereinafter "the Committee")."""
    kinds = kinds_of(found)
    return {found[match.end() - 1].value: found[match.start()].value for match in CALLED.finditer(kinds)}


class Names:
    """What says in a text whose a session is: names of bodies with their places, sentences, documents.

    A sentence ends at . ; : ! ? outside brackets. A colon after the name of a body does not end it: "Committee on WIPO
    Standards: report on the fifth session".
    """

    def __init__(self, pieces: Pieces, text: str, home: str | None, called: Mapping[str, str], language: str) -> None:
        self.pieces, self.text, self.home, self.called = pieces, text, home or "CDIP", dict(called)
        self.is_known = home is not None  # whose document it is; of a text alone it is not
        self.another, self.shared, self.that, self.said, self.each, self.mandate = _patterns(language)
        self.ends: list[int] = []  # of sentences
        self.places: list[int] = []
        self.names: list[Token] = []
        self.documents: list[tuple[int, str, int | None]] = []
        kinds = pieces.kinds
        outside = outside_brackets(kinds)
        for match in _NAMING.finditer(kinds):
            place, kind = match.start(), match[0]
            if kind in ".:":
                after_name = kind == ":" and _AFTER_NAME.search(kinds[max(0, place - 2) : place])
                if outside[place] and not after_name:
                    self.ends.append(place)
                continue
            own = pieces.tokens_of(place, place + 1)
            # Of a session only what names its body counts, and not "the Committee".
            name = next((token for token in own if token.kind in ("BbM" if kind == "m" else "BbGUuM")), None)
            if (kind == "u" and (name is None or not name.value)) or (kind == "G" and kinds[place - 1 : place] == "b"):
                continue  # an organisation that only speaks; the SCCR Committee
            if kind == "u" and name and _END_OF_NAME.search(kinds[max(0, place - 2) : place]):
                name = name._replace(kind="U")
            if name and not (kind in "Bb" and _PART_OF.search(kinds[max(0, place - 8) : place])):
                self.places.append(place)
                self.names.append(name)
            for symbol in (token.value for token in own if token.kind == "S"):
                self.documents.append((place, body_of(symbol), session_of(symbol)))
        self.bodies = {str(n.value[0] if n.kind == "M" else n.value) for n in self.names if n.kind in "BbM"}
        self.of_documents = {body for _, body, _ in self.documents}
        self.generic = {name.value for name in self.names if name.kind == "G"}
        others = (name for place in re.finditer("u", kinds) for name in pieces.tokens_of(*place.span()))
        of_others = "U" in kinds or any(name.value is None for name in others)
        surely = [name for name in self.names if name.kind in "BbM" and not self._is_shared(name)]
        self.is_of_others = of_others and not (self.is_known or surely or self.of_documents)

    def whose_session(self, place: int) -> str | None:
        """Return the letters of the body whose session a place names: empty for another organisation, None if unknown.

        It is that of the body named in the phrase; else of the nearest one named in the sentence; else, where nobody is
        named, of a document of the same session, or the document's own. What a document tells of a generic noun, as in
        "the eighth session of the Committee (SCCR/8/1)", holds for the rest of the text.
        """
        own = self.pieces.tokens_of(place, place + 1)
        number = next((token.value for token in own if token.kind == "O"), None)
        code = next((token for token in own if token.kind == "M"), None)
        series = next((token for token in own if token.kind == "V"), None)
        named = code or series or next((token for token in reversed(own) if token.kind in "BbG"), None)
        if named is None:
            return self._by_sentence(place, number)
        is_name_alone = not {"E", "V", "M", "b"} & {token.kind for token in own}
        if is_name_alone and _KIND.get(named.value) not in _NUMBERED and (number or 0) < _SESSIONS:
            return None  # "the first Working Group on ..." is no session; "the third Meeting of ..." is
        if named.kind == "G" and (short := _SHORT_NAME.match(self.pieces.kinds, place + 1)):
            named = self.pieces.tokens_of(*short.span(1))[0]
        return self._by_name(named, place, place, number)

    def of_that_session(self, start: int, end: int) -> bool:
        """Report whether a phrase is about the session named last: it, or the words just before it, call it so."""
        return self.that.search(self.text, max(0, start - _JUST_BEFORE), end) is not None

    def _by_sentence(self, place: int, number: int | None) -> str | None:
        """Find whose a session is that its own phrase does not say."""
        kinds, begin = self.pieces.kinds, self.pieces.tokens_of(place, place + 1)[0].start
        if number is not None and number < _FIRST and self.mandate.match(self.text, begin):
            return None  # the second session under the 2016-2017 mandate
        if self._is_of_unknown(place, begin) or self._is_of_several(place):
            return None
        at = self._nearest(place)
        is_its = "s" in kinds[max(0, place - 2) : place]
        near = max(self._sentence(place), place - _REACH)
        is_alone = at is None or (self.places[at] > place and not _THEN_NAMED.match(kinds, place + 1))
        if is_its and is_alone and _SPEAKS.search(kinds, near, place):
            return ""  # UNESCO held its fortieth session
        named = None if at is None else self.names[at]
        if named and named.kind == "u" and self.is_known and not is_its:
            named = None  # the Council is somebody else's, but only "its session" tells that it met
        if named and at is not None:
            return self._by_name(named, self.places[at], place, number)
        return None if self._unknown_before(place) else self._by_default(place, number)

    def _is_of_unknown(self, place: int, begin: int) -> bool:
        """Report whether a session is of somebody who is in no list: of the Task Force; ASEAN fifth session."""
        kinds = self.pieces.kinds
        if other := _OF_ANOTHER.match(kinds, place + 1):
            return self.text[self.pieces.tokens_of(*other.span(1))[0].start].isupper()
        return (
            kinds[max(0, place - 1) : place] == "w"
            and _ACRONYM.search(self.text[max(0, begin - 9) : begin]) is not None
            and not self.text[begin : self.pieces.tokens_of(place, place + 1)[-1].end].isupper()
        )

    def _is_of_several(self, place: int) -> bool:
        """Report whether sessions are of several bodies: the ACE and the CWS, at their 16th and 11th sessions each."""
        own = self.pieces.tokens_of(place, place + 1)
        window = max(0, own[0].start - _JUST_BEFORE), own[-1].end + _JUST_AFTER
        if kinds_of(own).count("O") < 2 or self.each.search(self.text, *window) is None:
            return False
        first = bisect_left(self.places, max(self._sentence(place), place - _REACH))
        before = {name.value for name in self.names[first : bisect_left(self.places, place)] if name.kind in "Bb"}
        return len(before) > 1

    def _by_name(self, named: Token, at: int, place: int, number: int | None) -> str | None:
        """Return the body that a name stands for, which is in the piece `at`."""
        is_shared = self._is_shared(named)
        if named.kind == "G" or is_shared:
            if _ANOTHERS.match(self.pieces.kinds, at + 1) or _OF_OTHERS.search(self.pieces.kinds[max(0, at - 8) : at]):
                return ""  # the Committee on Agriculture of the FAO
            if is_shared and (self.is_of_others or _OF_UNKNOWN.match(self.pieces.kinds, at + 1)):
                return None  # the Intergovernmental Committee for the Safeguarding of ...
            if not is_shared and self.another.match(self.text, named.end):
                return None  # the second session of the Committee on Widgets
        match named.kind:
            case "M":
                return _fitting(*named.value)
            case "B" | "b":
                return _fitting(str(named.value), number)
            case "V":
                return "A"
            case "U":
                return ""
            case "u":
                return None
        before = (
            self._named_before(at)
            if self.said.search(self.text[max(0, named.start - _JUST_AFTER) : named.start])
            else []
        )
        if of_kind := [body for body in before if _KIND.get(body) == named.value]:
            return of_kind[-1]  # that Committee
        return None if self._is_called_otherwise(named) else self._generic(named.value, place, number)

    def _is_shared(self, name: Token) -> bool:
        """Report whether bodies of other organisations have this name too."""
        return name.kind == "B" and self.shared.fullmatch(self.text[name.start : name.end]) is not None

    def _by_default(self, place: int, number: int | None) -> str | None:
        """Find whose a session is where nobody is named: of a document near, of the only body, or `home`."""
        if same_session := self._documents_near(place, number):
            return same_session[0]
        if "U" in self.pieces.kinds and self.is_of_others and not self.generic:
            return None  # documents or bodies of others alone are named
        others = self._documents_near(place) + self._named_before(place)
        if (one := self._only_one()) or (others and self.home not in others):
            return one
        # Which working group it is, a text alone does not say.
        return _fitting(self.home, number) if self.is_known or self.generic <= {_KIND[self.home]} else None

    def _generic(self, kind: str, place: int, number: int | None) -> str | None:
        """Find what a generic noun stands for: the body it was bound to, that of a document near, or `home`."""
        if kind in self.called:
            return self.called[kind]
        if near := [body for body in self._documents_near(place, number) if kind in ("other", _KIND.get(body))]:
            self.called[kind] = near[0]
            return near[0]
        if _KIND.get(self.home) == kind:
            return self._only_one(kind) or _fitting(self.home, number)
        return next((body for body in self._documents_near(place) if _KIND.get(body) == kind), None)

    def _only_one(self, kind: str | None = None) -> str | None:
        """Return the body of which a text tells, if it is one only and nobody said whose document it is."""
        found = {body for body in self.bodies if _KIND.get(body) == kind} if kind else self.bodies | self.of_documents
        return next(iter(found)) if len(found) == 1 and not self.is_known else None

    def _nearest(self, place: int) -> int | None:
        """Find the name of the body that a sentence is about.

        It is the last one before, else the first one after. "Its" may be of a body in the sentence before, but not in
        "At its fifth session, the CWS".
        """
        kinds, at = self.pieces.kinds, bisect_left(self.places, place)
        first = bisect_left(self.places, self._sentence(place))
        if first < at and kinds.find("q", self.places[first], place) >= 0:
            # The CDIP met since the session of the Assemblies, namely; after the session of the WIPO GA, the SCT met
            begins = (kinds[max(0, self.places[n] - 8) : self.places[n] + 1] for n in range(first, at))
            return next((n for n, own in enumerate(begins, first) if not _OF_SESSION.search(own)), first)
        its = "s" in kinds[max(0, place - 2) : place] and not _THEN_NAMED.match(kinds, place + 1)
        for near, apart in ((at - 1, int(its)), (at, 0)):
            if 0 <= near < len(self.places):
                other = self.places[near]
                sentences = abs(bisect_left(self.ends, other) - bisect_left(self.ends, place))
                if abs(other - place) <= _REACH and sentences <= apart:
                    return near
        return None

    def _sentence(self, place: int) -> int:
        """Return where the sentence begins that a place is in."""
        return self.ends[n - 1] if (n := bisect_left(self.ends, place)) else 0

    def _is_called_otherwise(self, name: Token) -> bool:
        """Report whether a generic noun ends the name of a body that is not known: the Codex Committee."""
        at = bisect_left(self.pieces.tokens, name.start, key=lambda token: token.start)
        before = self.text[max(0, name.start - 30) : name.start]
        other = at > 0 and self.pieces.tokens[at - 1].kind in ("w", "U") and self.text[name.start].isupper()
        return other and re.search(r"\b[A-Z][a-z]+(?:-[a-z]+)? $", before) is not None

    def _unknown_before(self, place: int) -> bool:
        """Report whether a name that is not known is right before "its": the Codex Alimentarius Commission, at its."""
        its = _ITS.search(self.pieces.kinds[max(0, place - 6) : place])
        if its is None:
            return False
        behind = self.pieces.tokens_of(place - len(its[0]) + 1, place)[0].start
        word = re.search(r"\w+(?=\)?\s*$)", self.text[max(0, behind - 40) : behind])
        return its[1] == "u" or (word is not None and word[0][0].isupper())

    def _named_before(self, place: int) -> list[str]:
        """List the bodies named before a place, of which a sentence that names none may still tell."""
        at = bisect_left(self.places, place)
        before = (name for name in self.names[max(0, at - _REACH) : at] if name.kind in "BbM")
        return [str(name.value[0] if name.kind == "M" else name.value) for name in before]

    def _documents_near(self, place: int, number: int | None = None) -> list[str]:
        """List the bodies of the documents named near, the nearest first: of one session, where it is given."""
        first = bisect_left(self.documents, (place - 2 * _REACH,))
        last = bisect_left(self.documents, (place + 2 * _REACH,))
        near = self.documents[first:last]
        return [body for _, body in sorted((abs(n - place), body) for n, body, own in near if number in (None, own))]


def _fitting(body: str, number: int | None) -> str | None:
    """Return a body, unless it has never met so often."""
    return None if body == "CDIP" and number is not None and number > _LAST else body
