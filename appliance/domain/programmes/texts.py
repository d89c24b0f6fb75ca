"""The words of the programmes' screens, in Japanese and, with the same coverage, in English (design D10).

They are kept beside the rules because they say what the rules say. A text never states a registration or a valid card as a
fact (R24); tests hold both languages to that.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, TypeVar

from appliance.domain.free_text import TextWarning
from appliance.domain.programmes.programme import Channel, ProgrammeId
from appliance.domain.programmes.rules import Applies
from appliance.domain.programmes.wish import Wish, WishOutcome, WishSource
from appliance.errors import FactsMalformed


@dataclass(frozen=True, slots=True)
class ChannelText:
    """One way of a programme: its name, and how it goes with what to bring."""

    name: str
    how: str


@dataclass(frozen=True, slots=True)
class ProgrammeText:
    """One programme's words."""

    title: str
    question: str
    """The screen's one question, to be read aloud."""
    explanation: str
    benefits: Mapping[str, str]
    """What speaks for it, in the order in which it is told."""
    channels: Mapping[Channel, ChannelText]
    steps: Mapping[str, str]
    """By the keys of `Step`."""
    rules: Mapping[str, str]
    """Reasons, by `Rule.text`."""


@dataclass(frozen=True, slots=True)
class ProgrammeTexts:
    """All words of one language."""

    applies: Mapping[Applies, str]
    wishes: Mapping[Wish, str]
    """Answers to the question, as on the buttons."""
    outcomes: Mapping[WishOutcome, str]
    sources: Mapping[WishSource, str]
    warnings: Mapping[TextWarning, str]
    programmes: Mapping[ProgrammeId, ProgrammeText]


@cache
def shipped_texts(language: str = "ja") -> ProgrammeTexts:
    """Return the words in `ja` or `en`."""
    text = files("appliance.domain.programmes").joinpath(f"texts.{language}.toml").read_text("utf-8")
    return parse_texts(text)


def parse_texts(text: str) -> ProgrammeTexts:
    """Return the words in a TOML text.

    Raises:
        FactsMalformed: not TOML (`texts`), or a word that is missing, empty or not asked for (`texts.P1.title`).
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise FactsMalformed("texts") from None
    programmes = {
        _key(ProgrammeId, name, "texts"): _programme(part, f"texts.{name}")
        for name, part in table.items()
        if name not in _LABELS
    }
    return ProgrammeTexts(
        applies=_labels(Applies, table, "applies"),
        wishes=_labels(Wish, table, "wishes"),
        outcomes=_labels(WishOutcome, table, "outcomes"),
        sources=_labels(WishSource, table, "sources"),
        warnings=_labels(TextWarning, table, "warnings"),
        programmes=MappingProxyType(programmes),
    )


_LABELS: Final = frozenset({"applies", "wishes", "outcomes", "sources", "warnings"})
_PROGRAMME_KEYS: Final = frozenset(
    {"title", "question", "explanation", "benefits", "channels", "steps", "rules"}
)

Choice = TypeVar("Choice", bound=Enum)


def _programme(table: object, place: str) -> ProgrammeText:
    parts = _table(table, place, _PROGRAMME_KEYS)
    channels = _table(parts["channels"], f"{place}.channels")
    return ProgrammeText(
        title=_word(parts["title"], f"{place}.title"),
        question=_word(parts["question"], f"{place}.question"),
        explanation=_word(parts["explanation"], f"{place}.explanation"),
        benefits=_words(parts["benefits"], f"{place}.benefits"),
        channels=MappingProxyType(
            {
                _key(Channel, name, f"{place}.channels"): _channel(part, f"{place}.channels.{name}")
                for name, part in channels.items()
            }
        ),
        steps=_words(parts["steps"], f"{place}.steps"),
        rules=_words(parts["rules"], f"{place}.rules"),
    )


def _channel(table: object, place: str) -> ChannelText:
    parts = _table(table, place, frozenset({"name", "how"}))
    return ChannelText(name=_word(parts["name"], f"{place}.name"), how=_word(parts["how"], f"{place}.how"))


def _labels(choices: type[Choice], table: Mapping[str, object], name: str) -> Mapping[Choice, str]:
    place = f"texts.{name}"
    parts = _table(table.get(name), place, frozenset(choice.value for choice in choices))
    return MappingProxyType({choices(key): _word(word, f"{place}.{key}") for key, word in parts.items()})


def _words(table: object, place: str) -> Mapping[str, str]:
    return MappingProxyType(
        {name: _word(word, f"{place}.{name}") for name, word in _table(table, place).items()}
    )


def _table(table: object, place: str, keys: frozenset[str] | None = None) -> Mapping[str, object]:
    if not isinstance(table, dict):
        raise FactsMalformed(place)
    wrong = table.keys() ^ keys if keys is not None else set()
    if wrong:
        raise FactsMalformed(f"{place}.{min(wrong)}")
    return table


def _word(word: object, place: str) -> str:
    if not isinstance(word, str) or not word.strip():
        raise FactsMalformed(place)
    return word


def _key(choices: type[Choice], name: str, place: str) -> Choice:
    try:
        return choices(name)
    except ValueError:
        raise FactsMalformed(f"{place}.{name}") from None
