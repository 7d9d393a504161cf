"""A session's report as paragraphs, speakers and citations; and the paragraphs that another report cites of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cdip_analysis import Report, cited_passages, load_report, speakers

# A report of CDIP/21 made for this test, as long as the ranges that the shipped report cites of it demand.
OPENINGS = [
    "The Chair opened discussions on the compilation (document CDIP/21/4).",
    "The Delegation of Brazil, speaking on behalf of the Development Agenda Group (DAG), thanked the Secretariat.",
    "The Delegation of the United States of America supported Option B.",
    "The Representative of Third World Network (TWN) asked about paragraph 5 of document CDIP/16/6.",
    "The Secretariat answered that the nineteenth session of the CDIP had taken note of it.",
    "It was so decided.",
]


def session_report(paragraphs: int, printed: str = "CDIP/21/15", session: str = "Twenty-first", **facts: Any) -> Report:
    def lines() -> Iterator[str]:
        yield from ("E", printed, "ORIGINAL: ENGLISH", "DATE: AUGUST 22, 2018") if printed else ("E",)
        yield from ("Committee on Development and Intellectual Property (CDIP)", f"{session} Session")
        yield from ("Geneva, May 14 to 18, 2018", "REPORT", "adopted by the Committee")
        for number in range(1, paragraphs + 1):
            if number % 50 == 1:
                yield f"AGENDA ITEM {number // 50 + 1}: CONSIDERATION OF WORK PROGRAM"
            yield f"{number}. {OPENINGS[number % len(OPENINGS)]}"
        yield "[End of document]"

    return load_report("\n".join(lines()).encode(), **facts)


@pytest.fixture(scope="module")
def held() -> Report:
    return session_report(400)


def test_a_session_report_is_paragraphs_and_citations(held: Report) -> None:
    assert (held.header.symbol, held.header.session, held.header.title) == ("CDIP/21/15", 21, "REPORT")
    assert list(held.paragraphs["paragraph"]) == list(range(1, 401))
    assert held.annex.empty
    assert held.unread.empty
    targets = set(held.citations["target"])
    assert targets == {"CDIP/21/4", "CDIP/16/6 5", "CDIP/19"}


def test_agenda_items_are_no_paragraphs_and_are_not_lost(held: Report) -> None:
    assert [passage.kind for passage in held.passages if "AGENDA ITEM" in passage.text] == ["header", *["heading"] * 7]
    assert "It was so decided." in set(held.paragraphs["text"])


def test_speakers_are_read_from_the_opening_and_not_guessed(held: Report) -> None:
    found = speakers(held).set_index("paragraph")
    assert len(found) == 400 - 400 // 6  # "It was so decided." has no speaker
    assert found.loc[1].to_dict() | {"source_line": 0} == {
        "role": "delegation",
        "speaker": "Brazil",
        "on_behalf_of": "the Development Agenda Group (DAG)",
        "source_line": 0,
    }
    assert list(found.loc[[2, 3, 4, 6], "role"]) == ["delegation", "representative", "secretariat", "chair"]
    assert list(found.loc[[2, 3], "speaker"]) == ["the United States of America", "Third World Network (TWN)"]


CASES = [
    (
        "fr",
        "La délégation du Brésil, parlant au nom du Groupe de Travail, a dit",
        ("delegation", "Brésil", "Groupe de Travail"),
    ),
    ("es", "La Delegación de Chile, en nombre del GRULAC, dijo que", ("delegation", "Chile", "GRULAC")),
    ("ru", "Делегация Бразилии, выступая от имени Группы ПДР, отметила", ("delegation", "Бразилии", "Группы ПДР")),
    ("ar", "تحدث وفد البرازيل باسم المجموعة الأفريقية وقال", ("delegation", "البرازيل", "المجموعة الأفريقية")),
    ("zh", "巴西代表团代表发展议程集团发言，表示支持。", ("delegation", "巴西", "发展议程集团")),
    ("zh", "主席宣布会议开幕。", ("chair", "主席", None)),
    ("zh", "主席总结由秘书处编拟。", (None, None, None)),
    ("zh", "各代表团欢迎秘书处提出的选项", (None, None, None)),
    ("en", "Delegations welcomed the document.", (None, None, None)),
    ("en", "The Chair of the meeting was elected.", (None, None, None)),
    ("en", "The Committee took note of it.", (None, None, None)),
    (
        "en",
        "The Delegation of the United States of America referred to the phrase",
        ("delegation", "the United States of America", None),
    ),
    (
        "en",
        "The Delegation of Algeria, on behalf of the African Group, thanked the Secretariat",
        ("delegation", "Algeria", "the African Group"),
    ),
    (
        "en",
        "The Delegation of Indonesia, speaking on behalf of the Asia and the Pacific Group, stated",
        ("delegation", "Indonesia", "the Asia and the Pacific Group"),
    ),
    (
        "en",
        "The Delegation of Indonesia speaking on behalf of the Asian Group stated",
        ("delegation", "Indonesia", "the Asian Group"),
    ),
    ("en", "Speaking on behalf of Group B, the Delegation of Japan stated", ("delegation", "Japan", "Group B")),
    (
        "en",
        "The Delegation of the European Union, speaking on behalf of its Member States, said",
        ("delegation", "the European Union", "its Member States"),
    ),
    (
        "en",
        "The Delegation of Iran (Islamic Republic of) expressed its appreciation",
        ("delegation", "Iran (Islamic Republic of)", None),
    ),
    ("en", "The Delegation of Côte d’Ivoire supported", ("delegation", "Côte d’Ivoire", None)),
    ("en", "The Director General welcomed the delegates", ("secretariat", "Director General", None)),
    ("en", "The Secretariat (Mr. Baloch) informed the Committee", ("secretariat", "Secretariat", None)),
    (
        "en",
        "The Representative of Knowledge Ecology International (KEI) urged",
        ("representative", "Knowledge Ecology International (KEI)", None),
    ),
    (
        "en",
        "The Representative of the Third World Network (TWN), also speaking on behalf of the Civil Society Coalition (CSC), said",
        ("representative", "the Third World Network (TWN)", "the Civil Society Coalition (CSC)"),
    ),
    ("en", "The Chairman thanked the Delegation of Brazil", ("chair", "Chairman", None)),
    ("en", "The Vice-Chair resumed the discussion", ("chair", "Vice-Chair", None)),
    ("en", "The Delegations of Brazil and India requested", ("delegation", "Brazil and India", None)),
    ("en", "In response, the Secretariat explained", ("secretariat", "Secretariat", None)),
    ("en", "Delegations of the Member States welcomed", (None, None, None)),
    (
        "fr",
        "La délégation de l’Algérie, parlant au nom du groupe des pays africains, a remercié",
        ("delegation", "Algérie", "groupe des pays africains"),
    ),
    ("fr", "La délégation des États-Unis d’Amérique a déclaré", ("delegation", "États-Unis d’Amérique", None)),
    ("fr", "La délégation du Japon, s’exprimant au nom du groupe B, a indiqué", ("delegation", "Japon", "groupe B")),
    ("fr", "Le Secrétariat a indiqué que", ("secretariat", "Secrétariat", None)),
    ("fr", "Le président a invité", ("chair", "président", None)),
    (
        "fr",
        "Le représentant du Third World Network (TWN) a demandé",
        ("representative", "Third World Network (TWN)", None),
    ),
    ("fr", "Le résumé présenté par le président a été adopté", (None, None, None)),
    ("es", "La Secretaría dijo", ("secretariat", "Secretaría", None)),
    ("es", "La Delegación de los Estados Unidos de América declaró", ("delegation", "Estados Unidos de América", None)),
    (
        "es",
        "La Delegación de Argelia, en nombre del Grupo Africano, dio las gracias",
        ("delegation", "Argelia", "Grupo Africano"),
    ),
    (
        "es",
        "La Delegación de Angola, hablando en nombre del Grupo Africano, dio las gracias",
        ("delegation", "Angola", "Grupo Africano"),
    ),
    ("es", "El Presidente invitó", ("chair", "Presidente", None)),
    (
        "es",
        "El Representante de Knowledge Ecology International (KEI) dijo",
        ("representative", "Knowledge Ecology International (KEI)", None),
    ),
    ("es", "La Presidencia declaró abierta", ("chair", "Presidencia", None)),
    ("ru", "Делегация Соединенных Штатов Америки заявила", ("delegation", "Соединенных Штатов Америки", None)),
    (
        "ru",
        "Делегация Алжира, выступая от имени Африканской группы, поблагодарила",
        ("delegation", "Алжира", "Африканской группы"),
    ),
    ("ru", "Делегация Бразилии рассматривает обсуждаемый документ", ("delegation", "Бразилии", None)),
    ("ru", "Секретариат сообщил", ("secretariat", "Секретариат", None)),
    ("ru", "Председатель предложил", ("chair", "Председатель", None)),
    ("ru", "Представитель Third World Network (TWN) отметил", ("representative", "Third World Network (TWN)", None)),
    ("ru", "Международное бюро сообщило, что девятую сессию", ("secretariat", "Международное бюро", None)),
    ("ar", "وقال وفد الولايات المتحدة الأمريكية إنه يؤيد", ("delegation", "الولايات المتحدة الأمريكية", None)),
    (
        "ar",
        "وتحدث وفد الجزائر باسم مجموعة البلدان الأفريقية وشكر",
        ("delegation", "الجزائر", "مجموعة البلدان الأفريقية"),
    ),
    ("ar", "ورحب وفد مصر بالوثيقة", ("delegation", "مصر", None)),
    ("ar", "وقالت الأمانة إن الوثيقة", ("secretariat", "الأمانة", None)),
    ("ar", "ودعا الرئيس اللجنة إلى النظر", ("chair", "الرئيس", None)),
    ("ar", "وقال ممثل شبكة العالم الثالث إن", ("representative", "شبكة العالم الثالث", None)),
    ("ar", "وأعطى الرئيس الكلمة للوفود", ("chair", "الرئيس", None)),
    ("zh", "阿尔及利亚代表团代表非洲集团发言，感谢秘书处", ("delegation", "阿尔及利亚", "非洲集团")),
    ("zh", "美利坚合众国代表团说", ("delegation", "美利坚合众国", None)),
    ("zh", "主席宣布讨论议程第12项", ("chair", "主席", None)),
    ("zh", "秘书处回应说", ("secretariat", "秘书处", None)),
    ("zh", "第三世界网络（TWN）的代表说", ("representative", "第三世界网络（TWN）", None)),
    ("zh", "伊朗（伊斯兰共和国）代表团支持", ("delegation", "伊朗（伊斯兰共和国）", None)),
    ("zh", "巴西代表团代表发展议程集团（DAG）发言，表示", ("delegation", "巴西", "发展议程集团（DAG）")),
    ("zh", "一些代表团要求秘书处", (None, None, None)),
    ("zh", "若干成员国代表团支持", (None, None, None)),
]


@pytest.mark.parametrize(("language", "text", "expect"), CASES, ids=[f"{n} {case[0]}" for n, case in enumerate(CASES)])
def test_who_speaks(language: str, text: str, expect: tuple[str | None, ...]) -> None:
    found = speakers(load_report(f"1. {text}".encode(), language=language))
    row = found.iloc[0] if len(found) else None
    told = (None, None, None) if row is None else (row["role"], row["speaker"], row["on_behalf_of"])
    assert tuple(None if value != value else value for value in told) == expect


# ---- the paragraphs that the shipped report cites ----------------------------------------------------------------------


def test_a_range_becomes_the_words_of_its_paragraphs(zh: Report, held: Report) -> None:
    found = cited_passages(zh, [held])
    first = found[(found["target"] == "CDIP/21 report 98-112") & found["entry"].isna()]
    assert list(first["cited_paragraph"]) == list(range(98, 113))
    assert set(first["paragraph"]) == {8}
    assert first["at_hand"].all()
    by_number = held.paragraphs.set_index("paragraph")["text"]
    assert list(first["text"]) == [by_number[number] for number in range(98, 113)]
    assert first["speaker"].iloc[0] == speakers(held).set_index("paragraph").loc[98, "speaker"]


def test_what_is_not_at_hand_is_listed_as_such(zh: Report, held: Report) -> None:
    found = cited_passages(zh, [held])
    ranges = zh.citations[zh.citations["kind"] == "paragraphs"]
    assert list(dict.fromkeys(found["target"])) == list(dict.fromkeys(ranges["target"]))
    missing = found[~found["at_hand"]]
    assert not missing["target"].str.startswith("CDIP/21").any()
    assert set(missing.loc[missing["target"].str.startswith("CDIP/23"), "note"]) == {
        "not at hand: the report of CDIP/23, which is CDIP/23/17 Prov."
    }
    assert len(cited_passages(zh, [])) == len(ranges) == 31


def test_paragraphs_that_the_document_does_not_have_are_told_in_ranges(zh: Report) -> None:
    found = cited_passages(zh, [session_report(100)])
    row = found[(found["target"] == "CDIP/21 report 98-112") & ~found["at_hand"]].iloc[0]
    assert row["note"] == "the document has no paragraph 101 to 112"


def test_an_adopted_report_stands_in_for_its_draft_and_a_note_says_so(zh: Report) -> None:
    found = cited_passages(zh, [session_report(300, "CDIP/23/17", "Twenty-third")])
    notes = set(found.loc[found["target"].str.startswith("CDIP/23"), "note"])
    assert notes == {"CDIP/23/17 Prov. is cited and CDIP/23/17 at hand: paragraph numbers may have moved"}


def test_the_symbol_that_is_printed_stands_before_one_that_is_given(zh: Report) -> None:
    """A document that is given a wrong symbol is still the one that it says it is; the contradiction is a finding."""
    held = session_report(400, "CDIP/22/18", "Twenty-second", symbol="CDIP/21/15")
    found = cited_passages(zh, [held])
    at_hand = found[found["at_hand"]]
    assert set(at_hand["target"].str.split(" ").str[0]) == {"CDIP/22"}
    assert held.findings["note"].str.contains("CDIP/22/18").any()


def test_a_report_without_symbol_is_known_by_title_and_session_or_by_what_the_user_says(zh: Report) -> None:
    for library in ([session_report(400, "")], [session_report(400, "", "Second", symbol="CDIP/21/15")]):
        found = cited_passages(zh, library)
        assert found.loc[found["target"] == "CDIP/21 report 98-112", "at_hand"].all()
    other = cited_passages(zh, [session_report(400, "CDIP/21/4")])
    assert not other["at_hand"].any(), "another document of the session is not its report"


def test_both_editions_find_the_same_paragraphs(zh: Report, en: Report, held: Report) -> None:
    one, two = (cited_passages(report, [held]) for report in (zh, en))
    columns = ["target", "paragraph", "entry", "at_hand", "cited_paragraph", "text"]
    first, second = (sorted(map(str, frame[columns].astype(object).to_numpy().tolist())) for frame in (one, two))
    assert first == second


# The report of CDIP/21 as other editions have it: header block, and a paragraph that stands in it 400 times.
EDITIONS = {
    "fr": (
        "Comité du développement et de la propriété intellectuelle (CDIP)\nVingt et unième session\n"
        "Genève, 14 – 18 mai 2018\nRAPPORT\nadopté par le comité",
        "La délégation du Brésil a appuyé le document CDIP/21/4.",
        "Brésil",
    ),
    "es": (
        "Comité de Desarrollo y Propiedad Intelectual (CDIP)\nVigesimoprimera sesión\n"
        "Ginebra, 14 a 18 de mayo de 2018\nINFORME\naprobado por el Comité",
        "La Delegación del Brasil apoyó el documento CDIP/21/4.",
        "Brasil",
    ),
    "ru": (
        "Комитет по развитию и интеллектуальной собственности (КРИС)\nДвадцать первая сессия\n"
        "Женева, 14 – 18 мая 2018 г.\nОТЧЕТ\nпринят Комитетом",
        "Делегация Бразилии поддержала документ CDIP/21/4.",
        "Бразилии",
    ),
    "ar": (
        "اللجنة المعنية بالتنمية والملكية الفكرية\nالدورة الحادية والعشرون\n"
        "جنيف، من 14 إلى 18 مايو 2018\nالتقرير\nالذي اعتمدته اللجنة",
        "وأيد وفد البرازيل الوثيقة CDIP/21/4.",
        "البرازيل",
    ),
    "zh": (
        "发展与知识产权委员会（CDIP）\n第二十一届会议\n2018年5月14日至18日，日内瓦\n报告\n经委员会通过",
        "巴西代表团支持文件CDIP/21/4。",
        "巴西",
    ),
}


@pytest.mark.parametrize("symbol", ["CDIP/21/15\n", ""], ids=["with its symbol", "by title and session"])
@pytest.mark.parametrize("language", EDITIONS)
def test_a_report_in_any_language_is_at_hand(zh: Report, language: str, symbol: str) -> None:
    head, said, speaker = EDITIONS[language]
    numbered = "\n".join(f"{number}. {said}" for number in range(1, 401))
    held = load_report(f"{symbol}{head}\n{numbered}".encode())
    found = cited_passages(zh, [held])
    there = found[found["at_hand"]]
    assert len(there) == len(found[found["target"].str.startswith("CDIP/21 report")]) > 90
    assert set(there["text"]) == {said}
    assert set(there["speaker"]) == {speaker}
