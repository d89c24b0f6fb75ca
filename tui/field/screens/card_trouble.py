"""The ways on after a trouble with the card: again where that can help, and always one without it (R07, D5)."""

from __future__ import annotations

from typing import Final

from appliance.card.tries import TRIES_MARGIN, TriesLeft
from appliance.domain.enrollment import CardNotRead
from appliance.errors import (
    CardBlocked,
    CardTrouble,
    IntegratedResidenceCard,
    TriesNearlyUsed,
    UnitError,
    UnsupportedCard,
)
from appliance.service.outcomes import reason_without_card
from tui.field.messages import Proceed
from tui.field.screens.card_pass import CardPassScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.choices import Choice

AGAIN: Final = "again"
OTHER_CARD: Final = "other_card"
_BY_EYE: Final = "by_eye"


def card_ways(session: Session, error: UnitError) -> list[Choice[str]]:
    """Return the ways on after `error`, the likely one first."""
    texts = session.texts
    without = Choice(reason_without_card(error).value, texts("trouble.without_card"))
    other_card = Choice(OTHER_CARD, texts("trouble.other_card"))
    match error:
        case IntegratedResidenceCard():
            return [Choice(_BY_EYE, texts("trouble.by_eye")), other_card]
        case UnsupportedCard():
            return [other_card, without]
        case CardBlocked() | TriesNearlyUsed():
            return [without]
        case _:
            return [Choice(AGAIN, texts("trouble.again")), without]


def leave_card(screen: StepScreen, way: str | None) -> bool:
    """Take the way without the card, if `way` is one, and tell whether it was."""
    if way == _BY_EYE:
        # The card itself is the reason, so nobody is asked for it.
        screen.turn.forget_code()
        screen.turn.visit.pass_card(CardNotRead.INTEGRATED_RESIDENCE_CARD)
        screen.leave(Proceed())
        return True
    if way in {reason.value for reason in CardNotRead}:
        screen.show_instead(CardPassScreen(screen.session, CardNotRead(way)))
        return True
    return False


def trouble_of(tries_left: TriesLeft) -> CardTrouble | None:
    """Return what stands against asking for the code at all: no try that may be spent is left (R02)."""
    if tries_left == 0:
        return CardBlocked()
    return TriesNearlyUsed(tries_left, TRIES_MARGIN) if tries_left <= TRIES_MARGIN else None
