"""The words of the screens: both languages cover every key, and none states a registration as a fact (R24)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from enum import Enum
from importlib.resources import files

import pytest

from appliance.domain.free_text import TextWarning
from appliance.domain.programmes.programme import ProgrammeId
from appliance.domain.programmes.rules import Applies, shipped_rules
from appliance.domain.programmes.texts import ProgrammeTexts, parse_texts, shipped_texts
from appliance.domain.programmes.wish import Wish, WishOutcome, WishSource
from appliance.errors import FactsMalformed

LANGUAGES = ("ja", "en")
STATED_AS_FACT = {
    "ja": re.compile(
        r"登録済|登録され(てい|まし)|登録が(完了|済)|登録しました|有効です|有効な(カード|登録)|解除(済|され|しました)|申し込み済"
    ),
    "en": re.compile(
        r"\b(is|are|was|were|been|already|now|you have|successfully) (already )?(registered|valid|cancelled|enrolled|deregistered)\b"
        r"|\bregistered card\b|\bregistration (is|was) (complete|done|valid)\b",
        re.IGNORECASE,
    ),
}
PIN_ASKED = {
    "ja": re.compile(r"暗証番号を(教え|言って|お聞かせ|書いて)"),
    "en": re.compile(r"(tell|give|write down) (us|me|your|the) PIN", re.IGNORECASE),
}


def source(language: str) -> str:
    return files("appliance.domain.programmes").joinpath(f"texts.{language}.toml").read_text("utf-8")


def sentences(table: object, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(table, dict):
        for key, value in table.items():
            yield from sentences(value, f"{place}.{key}")
    else:
        assert isinstance(table, str)
        yield place, table


@pytest.fixture(params=LANGUAGES)
def texts(request: pytest.FixtureRequest) -> ProgrammeTexts:
    return shipped_texts(request.param)


def test_japanese_is_the_first_language() -> None:
    assert shipped_texts() == shipped_texts("ja")


def test_both_languages_cover_the_same_keys_in_the_same_order() -> None:
    japanese, english = (list(dict(sentences(tomllib.loads(source(language))))) for language in LANGUAGES)
    assert japanese == english


def test_every_programme_with_rules_has_words_and_no_other(texts: ProgrammeTexts) -> None:
    assert tuple(texts.programmes) == shipped_rules().programmes


@pytest.mark.parametrize("programme", shipped_rules().programmes, ids=lambda programme: programme.value)
def test_every_way_step_and_reason_has_words_and_none_is_left_over(
    texts: ProgrammeTexts, programme: ProgrammeId
) -> None:
    rules, words = shipped_rules().of(programme), texts.programmes[programme]
    assert set(words.steps) == {step for rule in rules for step in rule.steps}
    assert set(words.rules) == {rule.text for rule in rules}
    assert set(words.channels) == {channel for rule in rules for channel in rule.opens}
    assert words.benefits


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("applies", Applies),
        ("wishes", Wish),
        ("outcomes", WishOutcome),
        ("sources", WishSource),
        ("warnings", TextWarning),
    ],
)
def test_every_choice_has_a_label_of_its_own(texts: ProgrammeTexts, name: str, choices: type[Enum]) -> None:
    labels = getattr(texts, name)
    assert set(labels) == set(choices)
    assert len(set(labels.values())) == len(labels)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_states_a_registration_or_a_valid_card_as_a_fact(language: str) -> None:
    for place, sentence in sentences(tomllib.loads(source(language))):
        assert not STATED_AS_FACT[language].search(sentence), place


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ja", "保険証として登録されています。"),
        ("ja", "このカードは有効です。"),
        ("ja", "利用登録は解除されました。"),
        ("en", "Your card is registered."),
        ("en", "The card is valid."),
        ("en", "Registration is complete."),
    ],
)
def test_the_watch_for_stated_facts_is_awake(language: str, sentence: str) -> None:
    assert STATED_AS_FACT[language].search(sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_asks_for_a_pin(language: str) -> None:
    for place, sentence in sentences(tomllib.loads(source(language))):
        assert not PIN_ASKED[language].search(sentence), place


def test_each_programme_asks_one_question(texts: ProgrammeTexts) -> None:
    for programme, words in texts.programmes.items():
        assert len(re.findall(r"[?？]|か。", words.question)) == 1, programme


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short_enough_to_read_aloud(language: str) -> None:
    longest = {"ja": 80, "en": 160}[language]
    for place, text in sentences(tomllib.loads(source(language))):
        assert all(len(sentence) <= longest for sentence in re.split(r"(?<=[。.?])\s*", text)), place


def test_the_day_to_renew_by_is_not_promised_by_the_longer_reading(texts: ProgrammeTexts) -> None:
    reason = texts.programmes[ProgrammeId.P1].rules["three_months_after_expiry"]
    assert re.search("短い|shorter", reason)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('title = "', 'titel = "', "texts.P1.titel"),
        ("[P1.benefits]", "[P1.merits]", "texts.P1.benefits"),
        ("[P1]\n", "[P13]\n", "texts.P13"),
        ('wants = "', 'wishes = "', "texts.wishes.wants"),
        ("[warnings]", "[cautions]", "texts.cautions"),
        ("[P1.channels.clinic_reader]", "[P1.channels.reader]", "texts.P1.channels.reader"),
        ('how = "', 'why = "', "texts.P1.channels.clinic_reader.how"),
        ('card_first = "', 'card_first = "" # "', "texts.P1.steps.card_first"),
        ('costs = "', 'costs = 3 # "', "texts.P1.benefits.costs"),
        ("[P1]\n", "[P1\n", "texts"),
    ],
)
def test_faulty_words_are_refused_by_their_place(before: str, after: str, key: str) -> None:
    text = source("en")
    assert before in text
    with pytest.raises(FactsMalformed) as refused:
        parse_texts(text.replace(before, after, 1))
    assert refused.value.key == key


def test_an_entry_that_is_no_table_is_refused() -> None:
    with pytest.raises(FactsMalformed) as refused:
        parse_texts('P1 = "words"\n' + "".join(re.findall(r"(?s)\A.*?(?=\[P1\])", source("en"))))
    assert refused.value.key == "texts.P1"
