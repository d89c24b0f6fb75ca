"""The training authorities: who certifies training cards, and the public keys that training mode trusts.

Names and key identifiers are of an invented family (numbers from 9, `O=JPKI-SIM`), so that nothing here can be mistaken
for a real issuer; training roots are never accepted in service (R30). Two hierarchies, as on real cards: card-verifiable
certificates for the surface and text applications (card.md §11), X.509 for JPKI (`jpki_certificates`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from appliance.simulated.card.rsa import EXPONENT, MODULUS_SIZE_BYTES, RsaKey
from appliance.simulated.contents.records import card_certificate, key_id
from appliance.simulated.training_keys import TrainingKeys

MUNICIPALITY_CODE: Final = "99201"
"""Invented: real codes begin with a prefecture number from 01 to 47."""
_KEY_SUFFIX: Final = 0xA8


@unique
class Authority(Enum):
    """The three authorities that certify what stands on a card."""

    MANAGER = "manager"
    """Over the card manager's objects."""
    SURFACE = "surface"
    """Over the surface application."""
    TEXT = "text"
    """Over the text application."""


_AUTHORITY_NUMBERS: Final = {
    Authority.MANAGER: "9000020",
    Authority.SURFACE: "9000023",
    Authority.TEXT: "9000033",
}
"""The real ones are 5000020, 5000023 and 5000033 (card.md §11)."""
_BASIC_INFORMATION_NUMBERS: Final = {Authority.SURFACE: "9000024", Authority.TEXT: "9000034"}
"""The real ones are 5000024 and 5000034 (card.md §6.4, §7.4)."""
_OPAQUE_NUMBER: Final = "9900025"
"""Names the key of the last object of the surface application's basic information; 5900025 on a card (card.md §7.4)."""
_INTERMEDIATE_NUMBER: Final = "9000021"
"""Invented: the number of the real key between the card manager's root and the municipality is not published."""
INTERMEDIATE_KEY: Final = "intermediate/manager"
"""Label of the key pair between the card manager's root and the municipality."""
_MUNICIPALITY_NUMBER: Final = f"{MUNICIPALITY_CODE}21"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The training municipality with its keys and the authorities above it."""

    keys: TrainingKeys

    def authority_key(self, authority: Authority) -> RsaKey:
        """Return the root key pair of `authority`."""
        return self.keys.key(f"authority/{authority.value}")

    def issuing_key(self, authority: Authority) -> RsaKey:
        """Return the municipality's key pair that `authority` certifies."""
        return self.keys.key(f"municipality/{authority.value}")

    def card_certificate(self, authority: Authority) -> bytes:
        """Return the card-verifiable certificate of the municipality's key, as in EF 0004."""
        return card_certificate(
            self.authority_key(authority),
            authority_key_id(authority),
            self.issuing_key(authority),
            municipality_key_id(),
        )

    def manager_chain(self) -> tuple[bytes, bytes]:
        """Return the card manager's two certificates: its root over a key between, and that key over the municipality."""
        root, between = self.authority_key(Authority.MANAGER), self.keys.key(INTERMEDIATE_KEY)
        municipality = self.issuing_key(Authority.MANAGER)
        return (
            card_certificate(root, authority_key_id(Authority.MANAGER), between, intermediate_key_id()),
            card_certificate(between, intermediate_key_id(), municipality, municipality_key_id()),
        )


def authority_key_id(authority: Authority) -> bytes:
    """Return the 16-byte identifier of an authority's key."""
    return key_id(_AUTHORITY_NUMBERS[authority], "001", _KEY_SUFFIX)


def municipality_key_id() -> bytes:
    """Return the 16-byte identifier of the municipality's key."""
    return key_id(_MUNICIPALITY_NUMBER, "000", _KEY_SUFFIX)


def basic_information_key_id(authority: Authority) -> bytes:
    """Return the key identifier in an application's basic information; there is none for the card manager."""
    return key_id(_BASIC_INFORMATION_NUMBERS[authority], "001", _KEY_SUFFIX)


def opaque_key_id() -> bytes:
    """Return the key identifier before the unexplained 256 bytes of the surface application's basic information."""
    return key_id(_OPAQUE_NUMBER, "001", _KEY_SUFFIX)


def intermediate_key_id() -> bytes:
    """Return the identifier of the key between the card manager's root and the municipality."""
    return key_id(_INTERMEDIATE_NUMBER, "001", _KEY_SUFFIX)


def training_issuers_toml(keys: TrainingKeys | None = None) -> str:
    """Return the public keys of the training authorities as `[[issuer]]` tables for the trust store."""
    issuer = Issuer(keys or TrainingKeys.shipped())
    return "\n".join(_issuer_table(issuer, authority) for authority in Authority)


def _issuer_table(issuer: Issuer, authority: Authority) -> str:
    modulus = issuer.authority_key(authority).modulus.to_bytes(MODULUS_SIZE_BYTES, "big").hex()
    return (
        "[[issuer]]\n"
        f'key_id = "{authority_key_id(authority).hex()}"\n'
        f'modulus = "{modulus}"\n'
        f"exponent = {EXPONENT}\n"
        'kind = "training"\n'
        f'source = "appliance.simulated.issuer, authority {authority.value}"\n'
    )
