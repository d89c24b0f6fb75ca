"""Go on without the card, and say why (R07): nobody is at a disadvantage by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from appliance.domain.enrollment import CardNotRead
from tui.field.messages import CardPart, Proceed
from tui.field.screens.question import QuestionScreen
from tui.field.session import Session
from tui.widgets.choices import Choice

_REASONS: Final = (
    CardNotRead.NO_CARD,
    CardNotRead.DECLINED,
    CardNotRead.UNREADABLE,
    CardNotRead.INTEGRATED_RESIDENCE_CARD,
    CardNotRead.NOT_SUPPORTED,
    CardNotRead.BLOCKED,
    CardNotRead.CODE_UNKNOWN,
)


class CardPassScreen(QuestionScreen[CardNotRead]):
    """Why the card is not read."""

    section = "card_pass"
    step = "card"

    def __init__(self, session: Session, likely: CardNotRead = CardNotRead.NO_CARD) -> None:
        """Ask, with the `likely` reason chosen at first."""
        super().__init__(session)
        self._likely = likely

    def choices(self) -> Sequence[Choice[CardNotRead]]:
        """Return the reasons."""
        return [Choice(reason, self.words(reason.value)) for reason in _REASONS]

    def first(self) -> int:
        """Choose the likely reason."""
        return _REASONS.index(self._likely)

    def answered(self, value: CardNotRead) -> None:
        """Record the reason and go on to the decision by eye."""
        self.turn.forget_code()
        self.turn.visit.pass_card(value)
        self.leave(Proceed())

    def go_back(self) -> None:
        """Try the card after all."""
        self.return_to(CardPart.PLACE)
