"""What a personaliser works with: keys, authorities, a pen for pictures; and the secrets all training cards share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from appliance.simulated.card.files import ReferenceFile
from appliance.simulated.card.rsa import RsaKey
from appliance.simulated.chip_pictures import ChipArtist
from appliance.simulated.issuer import Issuer
from appliance.simulated.jpki_certificates import JpkiAuthorities
from appliance.simulated.people import CODE_TRIES, TrainingPerson, Trait
from appliance.simulated.portraits import chip_photo
from appliance.simulated.training_keys import TrainingKeys

NUMBER_PLACEHOLDER: Final = "000000000001"
"""Stands where a real chip has the My Number. Its check digit is wrong on purpose (the right one would be 0, card.md
§9.3), so that no filter and no reader can take it for a number of somebody (design D11)."""
TRAINING_PIN: Final = b"1234"
TRAINING_SIGN_PASSWORD: Final = b"TRAINING2026"

PIN_TRIES: Final = 3
SIGN_PASSWORD_TRIES: Final = 5
"""Try limits by kind of secret; for codes A and B see `people.CODE_TRIES` (card.md §9.1)."""
UNKNOWN_CONTENT: Final = b"\xff" * 16
"""Files whose meaning nobody published hold this on the cards that were looked at (card.md §6, §7)."""
_PIN_SIZES: Final = range(4, 5)


@dataclass(frozen=True)
class Workshop:
    """Tools and materials for chips."""

    keys: TrainingKeys = field(default_factory=TrainingKeys.shipped)
    artist: ChipArtist = field(default_factory=ChipArtist.with_system_font)
    photo_of: Callable[[str | None], bytes] = chip_photo
    long_lengths: bool = False
    """Write every length of a person's records in three bytes, as some cards do where one would be enough (card.md §6.4)."""

    @cached_property
    def issuer(self) -> Issuer:
        """The training municipality."""
        return Issuer(self.keys)

    @cached_property
    def jpki(self) -> JpkiAuthorities:
        """The training certificate authorities."""
        return JpkiAuthorities(self.keys)

    def card_key(self, person: TrainingPerson, use: str) -> RsaKey:
        """Return one key pair of a person's card."""
        return self.keys.key(f"{person.id}/{use}")


def code_a() -> ReferenceFile:
    """Return the reference file of code A: the placeholder number."""
    return ReferenceFile(NUMBER_PLACEHOLDER.encode(), CODE_TRIES)


def code_b(person: TrainingPerson) -> ReferenceFile:
    """Return the reference file of code B."""
    is_blocked = Trait.CODE_B_BLOCKED in person.traits
    return ReferenceFile(person.code_b.encode(), CODE_TRIES, is_blocked_at_issue=is_blocked)


def pin(person: TrainingPerson) -> ReferenceFile:
    """Return the reference file of a four-digit PIN.

    A face-only card has none; that its references then answer as blocked is an assumption (card.md §17).
    """
    secret = None if Trait.FACE_ONLY in person.traits else TRAINING_PIN
    return ReferenceFile(secret, PIN_TRIES, _PIN_SIZES)


def never_set() -> ReferenceFile:
    """Return a reference file that is blocked on every card, its purpose unknown."""
    return ReferenceFile(None, PIN_TRIES)


def yyyymmdd_birth(person: TrainingPerson) -> str:
    """Return the birth date as the chip stores it."""
    return f"{person.birth_date:%Y%m%d}"
