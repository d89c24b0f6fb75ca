"""All words of the screens, in Japanese and, with the same keys, in English (design D10); no text stands in Python code."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal

Language = Literal["ja", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")


class Catalogue:
    """The words of one language by dotted key, such as `today.title`."""

    def __init__(self, language: Language, words: Mapping[str, str]) -> None:
        """Take the words as they are."""
        self.language: Final = language
        self._words = words

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key with its values filled in.

        Raises:
            KeyError: no such text, or a value that it needs is missing.
        """
        text = self._words[key]
        return text.format_map(values) if values else text

    def has(self, key: str) -> bool:
        """Tell whether there is such a text."""
        return key in self._words

    @property
    def keys(self) -> frozenset[str]:
        """All keys."""
        return frozenset(self._words)


@cache
def catalogue(language: Language) -> Catalogue:
    """Return the words of a language."""
    text = files("tui").joinpath(f"texts/{language}.toml").read_text("utf-8")
    return Catalogue(language, MappingProxyType(dict(_flat(tomllib.loads(text), ""))))


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
