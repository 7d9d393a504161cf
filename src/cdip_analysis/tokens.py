"""Cut a text into tokens: the words that matter to citations, each with its kind; all else is one token, "w".

The vocabulary of a language is lists of words in data/language. In a list a blank stands for any white space, hyphen or
apostrophe, or none; ``*`` for up to three letters of an ending; ``+`` at the end says that the next word may be glued
to it. Neither case nor accents matter. A list has a kind, and a kind a letter: the kinds of a text are a string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from cdip_analysis.data import bodies, ordinals
from cdip_analysis.language import number_of, plain, table
from cdip_analysis.model import ReportError
from cdip_analysis.symbols import symbols_in

#: The kinds of tokens, in the order in which they are tried, and the letter of each; most are lists of a vocabulary.
KINDS = {
    "other_body": "U",  # a body of another organisation that meets in numbered sessions
    "body": "B",  # the names in data/reference/bodies.csv
    "generic": "G",  # "the Committee": which one, the document says
    "other_organisation": "u",
    "organ": "u",  # the Council, the Conference: of nobody knows whom, and it may meet in sessions
    "summary": "C",
    "report": "R",
    "item": "I",
    "appendix": "X",  # with its number
    "under": "n",
    "under_after": "v",
    "paragraph": "P",
    "paragraph_after": "Q",
    "meetings": "V",  # the Assemblies hold "series of meetings"
    "session": "E",
    "documents": "d",
    "document": "D",
    "law": "L",
    "thing": "Z",
    "thing_after": "z",
    "agenda": "Y",
    "event": "y",
    "called": "r",  # hereinafter
    "hundred": "H",  # no body has met a hundred times: "hundred and first" is not read as "first"
    "extraordinary": "e",  # after the session: session extraordinaire, which has numbers of its own
    "ordinal": "O",  # data/reference/ordinals.csv
    "namely": "q",  # what follows is of whom the sentence began with
    "inclusive": "i",
    "its": "s",  # its, their: of the body spoken of
    "small": "f",
    "in": "J",
    "in_after": "j",
    "of": "F",
    "to": "T",
    "and": "A",
    "month": "x",
    "number_sign": "h",
    "number": "N",
    "stop": ".",
    "colon": ":",
    "comma": "K",
    "open": "(",
    "close": ")",
}
#: What is known otherwise than by a list under [words].
_NO_LISTS = {"body", "generic", "ordinal", "month", "number", "stop", "colon", "comma", "open", "close"}
_SYMBOL_KINDS = {"address": "a", "foreign": "U", "odd": "?", "symbol": "S", "code": "M", "letters": "b"}


class Token(NamedTuple):
    """A piece of a text; its places count in the text as written.

    `kind` is a letter of `KINDS`, or ``S`` (symbol), ``M`` (session code), ``b`` (letters of a body), ``a`` (address),
    ``?`` (what looks like a symbol and is none), ``w`` (other words). `value` is a canonical symbol, the body and the
    number of a code, the letters of a body, the kind of a generic noun, an ordinal, or a number as printed ("" if it
    is none).
    """

    kind: str
    start: int
    end: int
    value: Any = None


def kinds_of(tokens: Iterable[Token]) -> str:
    """Return the kinds of tokens as a string, over which shapes are looked for."""
    return "".join([token.kind for token in tokens])


# What is not seen, or stands for two letters: soft hyphens, accents set apart, marks of direction, Arabic ligatures.
_UNSEEN = re.compile(
    "[\xad\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\ufb50-\ufdff\ufe70-\ufeff]"
)
# A word cut at the end of its line, para-/graph, blanks that extraction puts between single characters of Chinese, and
# the marks of footnotes: paragraphs 98[1] to 112.
_HAN = "[\u4e00-\u9fff]"
_BROKEN = re.compile(  # each begins with what it takes out, so that the rest of a text is passed over at once
    rf"-\n(?<=[^\W\d_]-\n)(?=[^\W\d_])(?=[^A-Z])| (?<={_HAN} )(?={_HAN} {_HAN})| (?<={_HAN} {_HAN} )(?={_HAN})"
    r"|\[(?<=[^\W第]\[)\^?[0-9]{1,3}\](?!\()"
)
# One letter for one letter, so that places hold: é as e, ё as е.
_LETTERS = {
    code: base[0]
    for code in (*range(0xDF, 0x180), *range(0x386, 0x3CF), ord("ё"))
    if len(base := unicodedata.normalize("NFD", chr(code))) > 1
}


def _seen(text: str) -> tuple[str, Sequence[int]]:
    """Normalise a text and take out what is not seen; for each letter that is left, its place in the text."""
    bare, _ = plain(text)
    broken = {place for match in _BROKEN.finditer(text) for place in range(*match.span())}
    if not broken and not _UNSEEN.search(text):
        return bare, range(len(bare) + 1)
    letters, places = [], []
    for place, (written, folded) in enumerate(zip(text, bare, strict=True)):
        for letter in unicodedata.normalize("NFKC", written) if _UNSEEN.match(written) else folded:
            if place not in broken and not _UNSEEN.match(letter):
                letters.append(letter)
                places.append(place)
    return "".join(letters), [*places, len(text)]


def _fold(text: str, language: str) -> str:
    return text.lower().translate(_folded(language))


@cache
def _folded(language: str) -> dict[int, str]:
    return _LETTERS | str.maketrans(*vocabulary(language)["patterns"].get("fold", ("", "")))


@cache
def vocabulary(language: str) -> dict[str, Any]:
    """Read the vocabulary of a language; a list that is not known is a ReportError."""
    read = {"generic": {}, **table(language)}
    if "ordinal" not in read.get("patterns", {}) or "appendix" not in read.get("words", {}):
        found, expected = "no [patterns] ordinal, or no [words] appendix", "both, as in en.toml"
        raise ReportError(f"{language}.toml", "", found, expected, "add it")
    if unknown := [name for name in read["words"] if name not in KINDS or name in _NO_LISTS]:
        known = ", ".join(name for name in KINDS if name not in _NO_LISTS)
        raise ReportError(f"{language}.toml", "words", f"a list {unknown[0]!r}", f"one of {known}", "rename the list")
    return read


# Not a day of a Chinese date or a part of a date; with a point of a paragraph: 8 (c), 5.c), 25(ii), 98-го.
_NUMBER = (
    r"(?<![0-9/])(?<![0-9]\.)"
    r"(?:(?:[1-9][.,]|[12] )[0-9]{3}(?![0-9])|[0-9]{1,4}(?:\.[0-9]{1,3}){0,3}(?: ?/ ?[0-9]{1,3})?)"
    r"(?![0-9/%]| ?[年月日])"
    r"(?: ?\((?:[a-z]{1,2}|[ivx]{2,5}|bis|ter|[а-я]|[\u0621-\u064a]{1,2})\)|\.?[ ]?[a-z]{1,4}\)"
    r"|-(?:го|му|ый|ой|ая|[йм])(?![а-я])){0,3}+"
)
_MARKS = r"(?P<stop>[;!?。]|\.(?=[ \"')\]]|$))|(?P<colon>:)|(?P<comma>[,、])|(?P<open>[(\[])|(?P<close>[)\]])"


@cache
def _words(language: str) -> re.Pattern[str]:
    r"""Compile all words of a language; its groups are the lists. ``\x01\x02`` is where a symbol was."""
    known, patterns = vocabulary(language), vocabulary(language)["patterns"]
    spaced = patterns.get("spaced", True)
    end = r"(?![^\W\d_])" if spaced else ""
    lists = {
        **known["words"],
        "generic": [word for words in known["generic"].values() for word in words],
        "body": list(_names(language)),
        "month": [name for names in known.get("months", ()) for name in names.split("|")],
        "ordinal": list(ordinals(language)) if spaced else [],
    }
    parts = {name: _alternation(words, language, end) for name, words in lists.items() if words}
    parts |= {name: _alternation(lists[name], language, "") for name in ("session", "meetings")}  # réunionsGenève
    numeral = patterns.get("appendix", "(?!)")
    parts["appendix"] = f"(?:{parts['appendix']}) *+(?:(?:[ivxlc]{{1,6}}|[0-9]{{1,2}})(?![^\\W_])|{numeral})"
    before = r"(?<![^\W\d_])" if spaced else ""
    if spaced:  # extraction: twelfthsession; of "twent y-second" no second
        endings = "|".join(sorted({_fold(word, language)[-2:] for word in lists["ordinal"]}))
        before = f"(?:{before}|(?<={endings})(?={parts['session']}))"
        end = f"(?:{end}|(?={parts['session']}))"
        parts["ordinal"] = _alternation(lists["ordinal"], language, end)
    parts["ordinal"] = rf"(?<![^\W\d_]-)(?:{'|'.join(filter(None, (patterns['ordinal'] + end, parts.get('ordinal'))))})"
    if prefix := patterns.get("prefix"):  # Arabic: article and preposition; "and" is a letter too
        before = f"(?:{before}|(?<={before}و)){prefix}"
    words = "|".join(f"(?P<{name}>{parts[name]})" for name in KINDS if name in parts)
    if spaced and not prefix:  # two letters tell that most words are none of these
        starts = [_atoms(word, language)[:2] for of_list in lists.values() for word in of_list]
        before = f"{before}(?={_tree([['[0-9]', ''], *starts])})"
    number = "|".join(filter(None, (_NUMBER, patterns.get("number"))))
    other = r"|(?P<other>[^\W\d_]++)" if spaced and not prefix else ""  # no word begins within another
    begin = r"(?![ \n])"
    if not spaced:  # every character could begin a word: those that cannot are passed over at once
        first = {_fold(word[0], language) for of_list in lists.values() for word in of_list}
        first |= set(f"{patterns['begin']}0123456789;!?。.:,、()[]\x01")
        begin = f"(?=[{''.join(map(re.escape, sorted(first)))}])"
    pattern = rf"(?P<place>\x01\x02*)|{before}(?:{words})|(?P<number>{number})|{_MARKS}{other}"
    return re.compile(f"{begin}(?:{pattern})")


def _alternation(words: Iterable[str], language: str, end: str) -> str:
    """Write words as one expression; `end` must hold after each but those to which the next word may be glued."""
    glued = [word for word in words if len(word) > 1 and word[-1] in "+'"]
    apart = [word for word in words if word not in glued]
    trees = ((_tree([_atoms(word, language) for word in some]), after) for some, after in ((apart, end), (glued, "")))
    return "|".join(tree + after for tree, after in trees if tree)


def _atoms(word: str, language: str) -> list[str]:
    """Write a word as pieces of an expression, one for each letter, and an empty one for its end."""
    if not any(map(str.isalnum, word)):
        return [*map(re.escape, word), ""]
    atoms: list[str] = []
    for part in re.split("([ '-]+)", _fold(word.rstrip("+'"), language)):
        if part.strip(" '-"):
            atoms += (r"[^\W\d_]{0,3}" if letter == "*" else re.escape(letter) for letter in part)
            if re.match("ب.{4}", part):
                atoms[-len(part)] = "ب ?"  # extraction puts a blank after this letter
        elif part:
            atoms.append("[ '-]*+")
    return [*atoms, "'" if word.endswith("'") else "", ""]


def _tree(words: Sequence[Sequence[str]]) -> str:
    """Write words as an expression in which each beginning is written once, and the longer word goes first."""
    branches: dict[str, list[Sequence[str]]] = {}
    for word in words:
        branches.setdefault(word[0], []).append(word[1:])
    ends_last = sorted(branches.items(), key=lambda branch: branch[0] == "")
    found = [first + (_tree(rest) if rest[0] else "") for first, rest in ends_last]
    return found[0] if len(found) == 1 else f"(?:{'|'.join(found)})" if found else ""


@cache
def _names(language: str) -> dict[str, str]:
    """List all names of bodies in a language, with the letters that each stands for."""
    short = {name for body in bodies() for name in body.short}
    names = {name: body.letters for body in bodies() for name in body.names.get(language, ()) if name not in short}
    return names | {name.replace(" and ", " & "): letters for name, letters in names.items()}


@cache
def _meanings(language: str) -> dict[str, str]:
    """List the letters of bodies by their names, and the kinds of generic nouns by the nouns."""
    generic = {word: kind for kind, words in vocabulary(language)["generic"].items() for word in words}
    return {_key(word, language): meaning for word, meaning in {**generic, **_names(language)}.items()}


def _key(word: str, language: str) -> str:
    """Leave what the forms of a word share: its letters, of a long Cyrillic word the first four."""
    words = re.findall(r"[^\W_]+", _fold(word, language))
    return "".join(re.sub("([а-я]{4})[а-я]+", r"\1", part) for part in words)


_VALUED = {"ordinal", "number", "appendix", "body", "generic"}


@lru_cache(maxsize=4096)
def _value(name: str, word: str, language: str) -> Any:
    match name:
        case "ordinal":
            numeral = re.search("[0-9]+|[一二三四五六七八九十百〇零]+", word)
            return number_of(numeral[0] if numeral else word, language) or number_of(f"ال{word}", language)
        case "number":
            if not word[0].isdecimal():
                return str(number_of(word, language) or "")
            return re.sub("(?<=[0-9])[., ](?=[0-9]{3})", "", word)
        case "appendix":
            numeral = re.search("[一二三四五六七八九十]+$", word) or re.search(r"[^\W_]+$", word)
            return roman(numeral[0], language) if numeral else None
        case "body" | "generic":
            return _meanings(language).get(_key(word, language))
    return None


def tokens(text: str, language: str) -> list[Token]:
    """Cut a text into tokens; ``text[t.start : t.end]`` are the words of each.

    >>> "".join(token.kind for token in tokens("(see paragraphs 3 to 5 of document CDIP/21/4).", "en"))
    '(fPNTNFDS).'
    >>> [token.value for token in tokens("The Committee on WIPO Standards, at its 5th session", "en") if token.value]
    ['CWS', 5]
    """
    seen, places = _seen(text)
    words = _fold(seen, language).translate({1: " ", 2: " "})  # the two that stand for symbols below
    symbols: dict[int, Token] = {}
    pieces, done = [], 0
    for found in symbols_in(seen):
        symbols[found.start] = Token(_SYMBOL_KINDS[found.kind], *found[1:])
        pieces += [words[done : found.start], "\x01", "\x02" * (found.end - found.start - 1)]
        done = found.end
    cut = list(_cut("".join([*pieces, words[done:]]), seen, symbols, language))
    for n, (kind, start, end, value) in enumerate(cut):
        is_apart = kind == "M" and value[1] < 32 and " " in seen[start:end]
        if is_apart and re.match("x(?!N)", kinds_of(cut[n + 1 : n + 3])):
            cut[n] = Token("b", start, seen.rindex(" ", start, end), value[0])  # the IGC, 5 December 2016
    if isinstance(places, range):
        return cut
    return [token._replace(start=places[token.start], end=places[token.end - 1] + 1) for token in cut]


_OTHER = re.compile(r"[^\W_]")
_CAPITAL = re.compile(r"\b[A-ZА-Я]\w+ $")
_LEADER = re.compile(r" [0-9]+[ .]+[^\W\d_]{4}.{0,200}?(?:\.{4}|…{2}|(?:\. ){4})", re.DOTALL)
_TITLE = re.compile(r"\b(?:[A-ZА-Я]|Mr|Mrs|Ms|Dr|Prof|Sr|Sra)$")
_YEAR = re.compile("(?:19[5-9]|20[0-4])[0-9]")


def _cut(words: str, seen: str, symbols: dict[int, Token], language: str) -> Iterator[Token]:
    done, before, earlier = 0, "", ""
    for match in _words(language).finditer(words):
        start, end = match.span()
        name = match.lastgroup or ""
        other = match if name == "other" else _OTHER.search(words, done, start) if start > done else None
        if other and before != "w":
            yield Token("w", other.start(), start if other is not match else end)
        if other:
            before = "w"
        if name == "other":
            done = end
            continue
        if name == "place":
            token = symbols[start]
        else:
            value = _value(name, match[name], language) if name in _VALUED else None
            if name == "organ":  # "a conference" is none that meets in sessions
                is_name = not seen[start].islower() or _CAPITAL.search(seen[max(0, start - 30) : start])
                value = name if is_name else ""
            token = Token(KINDS[name], start, end, value)
        if name == "number":
            if before in ("R", "C", "E") and start == done:
                done = end  # the mark of a footnote, glued to the word
                continue
            counted = before in ("P", "h", "T") or (earlier == "P" and before == "F")  # الفقرات من 1964 إلى 1988
            if not counted and _YEAR.fullmatch(match[0]):
                token = token._replace(kind="w")
        elif name == "paragraph" and seen[start:end].isupper() and _LEADER.match(seen, end):
            token = token._replace(kind=KINDS["agenda"])  # ПУНКТ 3 ОТЧЕТ ......... 7: an item in a table of contents
        elif name == "stop" and _TITLE.search(seen[max(0, start - 5) : start]):
            continue  # Mr. K. Porzio
        elif name == "generic" and value == "meeting" and before == "O":
            token = token._replace(kind="k")  # the tenth meeting
        elif name == "body" and re.fullmatch("[A-ZА-Я/]+", seen[start:end]):
            token = token._replace(kind="b")
        yield token
        done, before, earlier = end, token.kind, before
    if other := _OTHER.search(words, done):
        yield Token("w", other.start(), len(words))


def roman(numeral: str, language: str) -> str | None:
    """Write the number of an appendix in Roman numerals, as the English edition does; None where it is no number.

    >>> roman("一", "zh"), roman("iv", "en"), roman("一一", "zh")
    ('I', 'IV', None)
    """
    if re.fullmatch("[ivxlc]+", numeral, re.IGNORECASE):
        return numeral.upper() if re.fullmatch("x{0,3}(?:ix|iv|v?i{0,3})", numeral, re.IGNORECASE) else None
    number = number_of(numeral, language)
    units = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
    return "X" * (number // 10) + units[number % 10] if number and number < 40 else None
