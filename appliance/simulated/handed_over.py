"""Every card that can be put on a simulated reader, by one word: the My Number Card in its forms, and the others.

A card of the same person and kind is the same on every machine.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import Final

from appliance.simulated import other_cards
from appliance.simulated.card.files import Application, CardImage, ReferenceFile
from appliance.simulated.card.habits import CardHabits
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.card.state import CardState
from appliance.simulated.contents.jpki import TokenLabel
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import ATRS, Personaliser


@unique
class Kind(StrEnum):
    """What somebody puts on the reader."""

    MY_NUMBER_CARD = "my_number_card"
    """The person's own card, with everything that their traits say."""
    BLOCKED_PINS = "blocked_pins"
    """The same, every PIN and the password used up; the printed codes work."""
    LONG_LENGTHS = "long_lengths"
    """The same, its records written with lengths of three bytes where one would do (card.md §6.4)."""
    OLD_RESIDENT_CARD = "old_resident_card"
    """住民基本台帳カード."""
    ANDROID = "android"
    """A phone with JPKI in its secure element."""
    IPHONE = "iphone"
    """The same of the other make, which knows one more command."""
    RESIDENCE_CARD = "residence_card"
    """在留カード."""
    INTEGRATED_RESIDENCE_CARD = "integrated_residence_card"
    """特定在留カード: My Number Card and residence card in one."""
    TRANSPORT = "transport"
    """A FeliCa card."""
    BANK = "bank"
    """A payment card."""


DEFAULT_ATR: Final = "contact"
OWN_CARDS: Final = frozenset(
    {Kind.MY_NUMBER_CARD, Kind.BLOCKED_PINS, Kind.LONG_LENGTHS, Kind.INTEGRATED_RESIDENCE_CARD}
)
"""Kinds with contacts and without, which can be had with any of `personalisation.ATRS`."""


@dataclass(frozen=True, slots=True)
class CardOrder:
    """Which card of whom lies on the reader, and which side of it."""

    person: str
    """Id of a training person; kinds that belong to nobody ignore it."""
    kind: Kind = Kind.MY_NUMBER_CARD
    atr: str = DEFAULT_ATR
    """Key of `personalisation.ATRS`; kinds outside `OWN_CARDS` have their own answer to reset."""

    @classmethod
    def parse(cls, person: str, word: str) -> CardOrder:
        """Return the order that `word` stands for: a kind, in any case, or the name of an answer to reset.

        Raises:
            KeyError: it is neither.
        """
        if word in ATRS:
            return cls(person, atr=word)
        try:
            return cls(person, Kind(word.lower()))
        except ValueError as unknown:
            raise KeyError(word) from unknown

    def image(self, personaliser: Personaliser) -> CardImage:
        """Return what stands on the chip.

        Raises:
            KeyError: nobody has this id, or no answer to reset this name.
        """
        match self.kind:
            case Kind.RESIDENCE_CARD:
                return other_cards.residence_card_image()
            case Kind.TRANSPORT:
                return other_cards.transport_card_image()
            case Kind.BANK:
                return other_cards.bank_card_image()
        person, atr = training_person(self.person), ATRS[self.atr]
        match self.kind:
            case Kind.OLD_RESIDENT_CARD | Kind.ANDROID | Kind.IPHONE:
                label = TokenLabel[self.kind.name]
                return other_cards.token_image(person, personaliser.workshop, label)
            case Kind.INTEGRATED_RESIDENCE_CARD:
                return other_cards.integrated_residence_card_image(personaliser.image(person, atr))
            case Kind.BLOCKED_PINS:
                return _with_blocked_pins(personaliser.image(person, atr))
            case Kind.LONG_LENGTHS:
                long = Personaliser(replace(personaliser.workshop, long_lengths=True))
                return long.image(person, atr)
        return personaliser.image(person, atr)

    def card(
        self,
        personaliser: Personaliser,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
        habits: CardHabits | None = None,
        state_json: str | None = None,
    ) -> SimulatedCard:
        """Return the card; `state_json` continues an earlier life of it.

        Raises:
            KeyError: see `image`.
            ValueError: `state_json` belongs to no such card.
        """
        image = self.image(personaliser)
        state = CardState.from_json(image, state_json) if state_json else None
        return SimulatedCard(image, random_bytes, state, habits)


def _with_blocked_pins(image: CardImage) -> CardImage:
    return replace(image, applications=tuple(map(_blocked, image.applications)))


def _blocked(application: Application) -> Application:
    # What its holder can change is a PIN or a password; printed codes cannot be changed.
    files = {
        identifier: replace(file, is_blocked_at_issue=True)
        if isinstance(file, ReferenceFile) and file.new_secret_lengths
        else file
        for identifier, file in application.files.items()
    }
    return replace(application, files=files)
