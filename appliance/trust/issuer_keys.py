"""The authority keys that a unit trusts: configuration with its source, never compiled in.

Production and training keys cannot meet: a set is built for service or for training, and refuses the other kind
(design D6, R30).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, unique
from importlib.resources import files
from typing import Any, Final, Self

from appliance.errors import CardNotUnderstood, IssuerKeyRefused, IssuerUnknown
from appliance.trust.card_key import EXPONENT, CardKey
from appliance.trust.key_id import KeyId, parse_key_id

_FIELDS: Final = frozenset({"key_id", "modulus", "exponent", "kind", "source"})
_PRODUCTION_NUMBERS: Final = "5"
"""First digit of the production authorities' numbers; the public test hierarchy begins with 6 (card.md §11)."""


@unique
class IssuerKind(Enum):
    """What a key may vouch for."""

    PRODUCTION = "production"
    """Cards of real people."""
    TRAINING = "training"
    """Invented people and test cards."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One authority's public key, with where it was taken from."""

    key_id: KeyId
    key: CardKey
    kind: IssuerKind
    source: str


class IssuerKeys:
    """A set of authority keys for one purpose; made by `for_service` or `for_training` only."""

    __slots__ = ("_by_id", "_kind")

    def __init__(self, keys: Iterable[IssuerKey], kind: IssuerKind) -> None:
        """Keep `keys`, which must all be of `kind` and have different identifiers.

        Raises:
            IssuerKeyRefused: a key of the other kind, or an identifier twice.
        """
        self._kind = kind
        self._by_id: dict[KeyId, IssuerKey] = {}
        for key in keys:
            self._add(key)

    @classmethod
    def for_service(cls, keys: Iterable[IssuerKey]) -> Self:
        """Return the keys that vouch for real cards; none at all is allowed and makes every answer *unknown*.

        Raises:
            IssuerKeyRefused: a training key is among them (R30), or an identifier comes twice.
        """
        return cls(keys, IssuerKind.PRODUCTION)

    @classmethod
    def for_training(cls, keys: Iterable[IssuerKey]) -> Self:
        """Return the keys that vouch for training cards.

        Raises:
            IssuerKeyRefused: a production key is among them, or an identifier comes twice.
        """
        return cls(keys, IssuerKind.TRAINING)

    @property
    def kind(self) -> IssuerKind:
        """What these keys vouch for."""
        return self._kind

    def __len__(self) -> int:
        return len(self._by_id)

    def authority(self, key_id: KeyId) -> CardKey:
        """Return the key of an authority.

        Raises:
            IssuerUnknown: it is not configured.
        """
        known = self._by_id.get(key_id)
        if known is None:
            raise IssuerUnknown(key_id.printed)
        return known.key

    def _add(self, key: IssuerKey) -> None:
        if key.kind is not self._kind:
            raise IssuerKeyRefused(key.key_id.printed, key.kind.value)
        if key.key_id in self._by_id:
            raise IssuerKeyRefused(key.key_id.printed, "repeated")
        self._by_id[key.key_id] = key


def parse_issuer_keys(text: str) -> tuple[IssuerKey, ...]:
    """Return the keys in the `[[issuer]]` tables of a TOML text.

    Raises:
        IssuerKeyRefused: not such a text, or a key with a wrong identifier, size, exponent, kind or no source.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise IssuerKeyRefused("", "format") from None
    tables = content.pop("issuer", [])
    if content or not isinstance(tables, list):
        raise IssuerKeyRefused("", "format")
    return tuple(_parse_table(table) for table in tables)


def shipped_issuer_keys() -> tuple[IssuerKey, ...]:
    """Return the keys in the issuer list that comes with the product.

    Raises:
        IssuerKeyRefused: the list was altered into something that is none.
    """
    return parse_issuer_keys(files("appliance.trust").joinpath("issuers.toml").read_text("utf-8"))


def _parse_table(table: object) -> IssuerKey:
    if not isinstance(table, dict) or set(table) != _FIELDS:
        raise IssuerKeyRefused("", "format")
    key_id = _parse_id(table["key_id"])
    key = _parse_modulus(table, key_id)
    if type(table["exponent"]) is not int or table["exponent"] != EXPONENT:
        raise IssuerKeyRefused(key_id.printed, "exponent")
    if not isinstance(table["source"], str) or not table["source"].strip():
        raise IssuerKeyRefused(key_id.printed, "source")
    return IssuerKey(key_id, key, _parse_kind(table["kind"], key_id), table["source"])


def _parse_id(text: object) -> KeyId:
    try:
        return parse_key_id(str(text))
    except CardNotUnderstood:
        raise IssuerKeyRefused("", "key_id") from None


def _parse_modulus(table: Mapping[str, Any], key_id: KeyId) -> CardKey:
    try:
        return CardKey(int.from_bytes(bytes.fromhex(table["modulus"]), "big"))
    except (ValueError, TypeError):
        # A modulus of the wrong size (CardNotUnderstood is a ValueError) or no hexadecimal text.
        raise IssuerKeyRefused(key_id.printed, "modulus") from None


def _parse_kind(name: object, key_id: KeyId) -> IssuerKind:
    try:
        kind = IssuerKind(name)
    except ValueError:
        raise IssuerKeyRefused(key_id.printed, "kind") from None
    if (kind is IssuerKind.PRODUCTION) != key_id.printed.startswith(_PRODUCTION_NUMBERS):
        raise IssuerKeyRefused(key_id.printed, "kind")
    return kind
