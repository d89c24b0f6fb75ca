"""Saving, and the words that follow durability: 保存済 after the commit, 送信済 and 到着確認 as the store says (D3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from appliance.domain.outbox import OutboxState
from appliance.domain.programmes.texts import shipped_texts
from appliance.errors import UnitError
from appliance.ports import Lamp
from tui.field.messages import RecordSaved, Standing, TurnEnded
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.choices import Choice
from tui.widgets.key_bar import KeyWord
from tui.widgets.large_letters import LargeLetters
from tui.widgets.prose import Prose

_STAGES: Final = (OutboxState.SAVED, OutboxState.SENT, OutboxState.ARRIVED)


class SaveScreen(StepScreen):
    """The last question: shall it be saved."""

    section = "save"
    step = "saved"

    def __init__(self, session: Session) -> None:
        """Wait for the word to save."""
        super().__init__(session)
        self._is_saving = False

    @property
    def is_saving(self) -> bool:
        """Whether the record is being committed at this moment."""
        return self._is_saving

    def body(self) -> Iterable[Widget]:
        """Return what will be saved, and what will not."""
        yield Prose(self.words("title"), classes="title")
        yield Prose(self._summary(), id="summary", classes="state")
        yield Prose(self.words("about"), classes="paragraph")
        yield Prose(self.words("not_kept"), classes="paragraph")
        yield Prose(id="saving", classes="state")

    def _summary(self) -> str:
        enrollment, texts = self.turn.visit.enrollment, self.session.texts
        decided = enrollment.decision
        lines = [] if decided is None else [texts(f"decision.{decided.outcome.value}")]
        programmes = shipped_texts(texts.language)
        for wish in enrollment.wishes:
            words = programmes.programmes[wish.programme]
            way = "" if wish.channel is None else self.words("way", name=words.channels[wish.channel].name)
            said = programmes.wishes[wish.wish]
            lines.append(self.words("wish", title=words.title, said=said, way=way))
        return "\n".join(lines)

    def go_on(self) -> None:
        """Seal and commit, once."""
        if self._is_saving:
            return
        self._is_saving = True
        self.say("saving", self.words("saving"))
        turn = self.turn

        def save() -> Message:
            saved = turn.use(lambda visit: visit.save())
            turn.day.note_saved(turn.entry, saved)
            return RecordSaved(saved)

        self.work(save, place="save")

    def go_back(self) -> None:
        """Leave the turn without a record, but not while it is being saved."""
        if not self._is_saving:
            super().go_back()

    def on_record_saved(self, message: RecordSaved) -> None:
        """Show that it is saved."""
        self.turn.saved = message.saved
        self.session.unit.panel.light(Lamp.SAVED, on=True)
        self.show_instead(SavedScreen(self.session))

    def meet(self, error: UnitError) -> None:
        """Say why it is not saved; the turn stays open for another try."""
        self._is_saving = False
        self.say("saving", "")
        super().meet(error)

    def ways_on(self, error: UnitError) -> Sequence[Choice[str]]:  # noqa: ARG002
        """Offer to try again, or to leave it for now with the turn still open."""
        texts = self.session.texts
        return [Choice("again", texts("trouble.save_again")), Choice("wait", texts("trouble.wait"))]

    def take_way(self, way: str | None) -> None:
        """Save again only when asked to."""
        if way == "again":
            self.action_next()


class SavedScreen(StepScreen):
    """The receipt number, and how far the record has come."""

    section = "saved"
    step = "saved"

    def body(self) -> Iterable[Widget]:
        """Return the number and the three stages."""
        saved = self.turn.saved
        yield Prose(self.words("title"), classes="title large -good")
        yield Prose(self.words("receipt"), classes="paragraph")
        yield LargeLetters(saved.receipt_number if saved else "-", id="receipt")
        yield Horizontal(
            *(Prose(classes="stage", id=f"stage-{state.value}") for state in _STAGES), id="stages"
        )
        yield Prose(self.words("about"), classes="paragraph")

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys: there is no way back from a saved record."""
        return super().keys()[1:]

    def on_mount(self) -> None:
        """Show what is known."""
        self.show(self.session.standing)

    def show(self, standing: Standing) -> None:
        """Mark the stages that the record has reached; saved is true already."""
        state = standing.states.get(self.turn.entry.person, OutboxState.SAVED)
        reached = 3 if state is OutboxState.ERASED else _STAGES.index(state) + 1 if state in _STAGES else 1
        for number, stage in enumerate(_STAGES, start=1):
            place = f"stage-{stage.value}"
            word = self.session.texts(f"state.{stage.value}")
            self.say(place, self.words("stage_reached" if number <= reached else "stage_waiting", word=word))
            self.query(f"#{place}").set_class(number <= reached, "-reached")

    def go_on(self) -> None:
        """Go to the next person; everything of this one is wiped."""
        self.leave(TurnEnded())

    def go_back(self) -> None:
        """Stay: what is saved stays saved."""
