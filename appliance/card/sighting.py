"""What lies on the reader, told by its applications and token label, never by its answer to reset (card.md §1; R07).

A residence card with a My Number Card in it has the applications of both; its layout is not public, so it is named and
left to the eyes. All the other kinds end in an error of their own: the person has done nothing wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NoReturn

from appliance.card import reach
from appliance.card.channel import Channel
from appliance.card.conversation import reached
from appliance.card.jpki.token import require_card, sight_token
from appliance.card.reach import Application, SightedApplication, VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.card.selection import is_there
from appliance.card.tries import TriesLeft, query_tries
from appliance.domain.card_answers import CardKind
from appliance.errors import (
    CardNotUnderstood,
    ForeignCard,
    IntegratedResidenceCard,
    OldResidentCard,
    PhoneToken,
    ResidenceCard,
    UnsupportedCard,
)

KINDS: Final[Mapping[type[UnsupportedCard], CardKind]] = MappingProxyType(
    {
        OldResidentCard: CardKind.OLD_RESIDENT_CARD,
        PhoneToken: CardKind.PHONE_TOKEN,
        ResidenceCard: CardKind.RESIDENCE_CARD,
        IntegratedResidenceCard: CardKind.INTEGRATED_RESIDENCE_CARD,
        ForeignCard: CardKind.FOREIGN,
    }
)
"""Each card that is named and not read, as reports call it."""


@dataclass(frozen=True, slots=True)
class CardSighting:
    """What can be told of a card before any code."""

    kind: CardKind
    """`MY_NUMBER_CARD`; whether it is a face-only card tells the mark on its front, and the operator (F2.9)."""
    tries_left: TriesLeft


def sight(channel: Channel, verifier: VerifierReach | None = None) -> CardSighting:
    """Tell what lies on the reader and how many tries code B has left; spends none (R02).

    Old resident cards and phones have the JPKI application alone, so without a `verifier` reach they are foreign.

    Raises:
        UnsupportedCard: another card; its class tells which, and `kind_of` its name in reports.
        CardRefused: the chip has an application and does not say a count, or answers SELECT with a warning.
        CardNotUnderstood: an answer that the interface does not allow, or a My Number Card of another make.
        CardTrouble: the line to the card broke.
    """
    guarded = reached(channel, verifier)
    if not is_there(guarded, reach.select(Application.SURFACE)):
        _refuse_other_card(guarded, verifier)
    tries_left = query_tries(guarded, Application.SURFACE)
    if _is_residence_card(guarded):
        raise IntegratedResidenceCard
    return CardSighting(CardKind.MY_NUMBER_CARD, tries_left)


def kind_of(unsupported: UnsupportedCard) -> CardKind:
    """Return what reports call a card that is not read."""
    return KINDS[type(unsupported)]


def _is_residence_card(guarded: ReachedChannel) -> bool:
    """Ask for the directory that every generation has, and for the application that the integrated one may want first."""
    return any(is_there(guarded, reach.select(sighted)) for sighted in reversed(SightedApplication))


def _refuse_other_card(guarded: ReachedChannel, verifier: VerifierReach | None) -> NoReturn:
    if _is_residence_card(guarded):
        raise ResidenceCard
    if verifier is None:
        raise ForeignCard
    require_card(sight_token(guarded, verifier))
    # A My Number Card's token without its surface: a coming generation, which nobody has described yet (card.md §16).
    raise CardNotUnderstood("surface")
