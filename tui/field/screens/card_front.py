"""The card's front before the camera: a preview that never shows a back, hints, and a proposal for staff to confirm (R03, R04)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from appliance.domain.ephemeral import GreyPicture
from appliance.domain.front_sight import FrontHint, FrontSide
from appliance.errors import CameraTrouble, CardReadingMissing, UnitError
from appliance.service.digit_check import DigitCheck
from appliance.service.outcomes import advise
from tui.field.background import run_job
from tui.field.messages import CardPart, FrontSeen
from tui.field.screens.front_digits import FrontDigitsScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.key_bar import KeyWord
from tui.widgets.picture import ChipPhoto
from tui.widgets.prose import Prose

_PAUSE_S: Final = 0.1
"""Between two looks, so that the reading engine leaves the processor to others."""
_RETRY_S: Final = 1.0
"""Between two looks while camera or engine do not answer."""


class CardFrontScreen(StepScreen):
    """Looks until every digit is sure or staff go on with what is proposed; Esc goes back to typing at any moment."""

    section = "card_front"
    step = "card"

    def __init__(self, session: Session) -> None:
        """Look at the card of the person whose turn it is."""
        super().__init__(session)
        self._is_proposed = False
        self._is_done = False
        self._held_side = FrontSide.FRONT

    def body(self) -> Iterable[Widget]:
        """Return the preview and the hint."""
        yield Prose(self.words("title"), classes="title")
        yield Horizontal(
            Vertical(
                ChipPhoto(id="preview"),
                Prose(self.words("blank.waiting"), id="blank"),
                id="view",
            ),
            Vertical(
                Prose(self.words("waiting"), id="hint", classes="large"),
                Prose(self.words("about"), id="about", classes="paragraph"),
                *([] if self.session.hand is None else [Prose(self.words("training"), classes="training")]),
                id="facts",
            ),
            id="beside",
        )

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys; the way back is typing."""
        return [KeyWord("Esc", self.words("back"), "back"), *super().keys()[1:]]

    def on_mount(self) -> None:
        """Look; in training a hand holds the card up."""
        self._show(None, "waiting")
        self._hold_up()
        self._look()

    def on_unmount(self) -> None:
        """Forget what was seen."""
        self.turn.visit.leave_front()
        if self.session.hand is not None:
            self.session.hand.lower_card()

    def on_front_seen(self, message: FrontSeen) -> None:
        """Show what may be shown, say the hint, and look again until nothing is doubtful any more."""
        if self._is_left:
            return
        look = message.look
        self._is_proposed, self._is_done = look.is_proposed, look.hint is FrontHint.DONE
        self._show(None if self._is_done else look.preview, "done" if self._is_done else look.side.value)
        self.say("hint", self.words(f"hint.{look.hint.value}"))
        self._mark("-good" if self._is_done else "-attention" if look.side is FrontSide.BACK else None)
        self.say("about", self._proposed(look.doubts))
        if not self._is_done:
            self.set_timer(_PAUSE_S, self._look)

    def go_on(self) -> None:
        """Have the proposed digits confirmed, whether all are sure or not."""
        if not self._is_proposed:
            self.say("about", self.words("nothing_yet"))
            return
        proposal = self.turn.visit.take_proposal()
        if proposal is not None:
            self.turn.keep_check(DigitCheck(proposal))
            self.show_instead(FrontDigitsScreen(self.session))

    def go_back(self) -> None:
        """Type the digits."""
        self.return_to(CardPart.CODE)

    def turn_training_card(self) -> None:
        """Turn the card over that a hand holds up in training."""
        is_front = self._held_side is FrontSide.FRONT
        self._held_side = FrontSide.BACK if is_front else FrontSide.FRONT
        self._hold_up()
        if self._is_done:
            self._is_done = False
            self._look()

    def meet(self, error: UnitError) -> None:
        """Say in place what stands against it, since that may pass; a missing engine is said once, in a question."""
        if not isinstance(error, CameraTrouble) or isinstance(error, CardReadingMissing):
            if isinstance(error, CardReadingMissing):
                self.session.reads_fronts = False
            super().meet(error)
            return
        self.session.light_for(error)
        self._show(None, "trouble")
        self.say("hint", advise(error, self.session.texts.language).says)
        self._mark("-attention")
        self.say("about", self.words("trouble"))
        self.set_timer(_RETRY_S, self._look)

    def take_way(self, way: str | None) -> None:  # noqa: ARG002 (there is only one)
        """Go back to typing."""
        self.go_back()

    def _show(self, preview: GreyPicture | None, blank: str) -> None:
        """Show a preview, or the words that stand in its place."""
        for picture in self.query(ChipPhoto):
            picture.wipe()
            if preview is not None:
                picture.show(preview)
            picture.set_class(preview is None, "-absent")
        self.say("blank", self.words(f"blank.{blank}"))
        self.query("#blank").set_class(preview is not None, "-absent")

    def _mark(self, wanted: str | None) -> None:
        for mark in ("-good", "-attention"):
            self.query("#hint").set_class(mark == wanted, mark)

    def _proposed(self, doubts: int | None) -> str:
        if doubts is None:
            return self.words("about")
        return self.words("proposed", doubts=doubts) if doubts else self.words("all_read")

    def _look(self) -> None:
        if self._is_left or self._is_done:
            return
        turn = self.turn
        run_job(self, lambda: FrontSeen(turn.use(lambda visit: visit.look_at_front())), place="look_at_front")

    def _hold_up(self) -> None:
        hand, person = self.session.hand, self.turn.entry.person
        if hand is None:
            return

        def hold() -> None:
            held = None
            while held is not self._held_side:
                # Drawing takes a while, in which the card may be turned over once more.
                held = self._held_side
                hand.hold_up(person, held)
            if self._is_left:
                hand.lower_card()

        run_job(self, hold, place="training_card")
