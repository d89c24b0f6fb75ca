"""Making chips: a training person's card with its answer to reset, habits and earlier life (card.md §1, §19)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from appliance.simulated.card.files import CardImage
from appliance.simulated.card.simulated_card import CardHabits, SimulatedCard
from appliance.simulated.card.state import CardState
from appliance.simulated.contents.jpki import jpki_application
from appliance.simulated.contents.registries import manager_objects, residence_application, shared_application
from appliance.simulated.contents.surface import surface_application
from appliance.simulated.contents.text import text_application
from appliance.simulated.contents.workshop import Workshop
from appliance.simulated.issuer import INTERMEDIATE_KEY, Authority
from appliance.simulated.jpki_certificates import CertificateKind
from appliance.simulated.other_cards import TRANSPORT_CARD_ATR, transport_card_image
from appliance.simulated.people import TrainingPerson, Trait, training_people

__all__ = ["ATRS", "TRANSPORT_CARD_ATR", "Personaliser", "key_labels", "transport_card"]

ATRS: Final[Mapping[str, bytes]] = {
    "contact": bytes.fromhex("3BDA13FF8131FB468012392F31C173C601C03B"),
    "contact_plain": bytes.fromhex("3BE000FF8131FE4514"),
    "contact_short": bytes.fromhex("3BC5FF8131FB458073C6010000"),
    "contactless": bytes.fromhex("3B888001000041E0B381A1003B"),
}
"""Answers to reset seen on cards (card.md §1.1); the first offers a four times higher bit rate than the second."""
_CONTACT_OF_CONTACTLESS: Final = ATRS["contact_plain"]
"""A card read without contacts tells the answer to reset of its contacts; one was seen without historical bytes (card.md
§1.1)."""


@dataclass(frozen=True)
class Personaliser:
    """Makes chips for training people; the first use draws nothing and searches no key."""

    workshop: Workshop = field(default_factory=Workshop)

    def image(self, person: TrainingPerson, atr: bytes = ATRS["contact"]) -> CardImage:
        """Return the contents of `person`'s My Number Card."""
        applications = (
            surface_application(person, self.workshop),
            text_application(person, self.workshop),
            jpki_application(person, self.workshop),
            shared_application(person, self.workshop),
            residence_application(person),
        )
        contact_atr = _CONTACT_OF_CONTACTLESS if atr == ATRS["contactless"] else atr
        return CardImage(atr, applications, manager_objects(person, self.workshop, contact_atr))

    def card(
        self,
        person: TrainingPerson,
        *,
        atr: bytes = ATRS["contact"],
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
        habits: CardHabits | None = None,
        state_json: str | None = None,
    ) -> SimulatedCard:
        """Return `person`'s card; `state_json` continues an earlier life of it.

        Raises:
            ValueError: `state_json` belongs to no such card.
        """
        image = self.image(person, atr)
        state = CardState.from_json(image, state_json) if state_json else None
        return SimulatedCard(image, random_bytes, state, habits)


def transport_card() -> SimulatedCard:
    """Return a card that is none of those the unit knows."""
    return SimulatedCard(transport_card_image(), secrets.token_bytes)


def key_labels() -> tuple[str, ...]:
    """Return the labels of all keys that training cards use, for the table of primes."""
    per_card = ("surface", "text", "session", "user", "signing", "shared")
    people = training_people()
    return (
        *(f"{role}/{authority.value}" for role in ("authority", "municipality") for authority in Authority),
        INTERMEDIATE_KEY,
        *(f"jpki/{kind.value}" for kind in CertificateKind),
        *(f"{person.id}/{use}" for person in people for use in per_card),
        *(f"{person.id}/clone" for person in people if Trait.CLONED_CHIP in person.traits),
    )
