"""The optional liveness challenge: offered, asked step by step, told as the hint that it is, skipped at any moment (face.md §4).

Every screen of it returns to where staff came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from textual.widget import Widget

from appliance.domain.face_advice import FrameHint
from appliance.domain.liveness import LivenessResult, LivenessVerdict, LivenessWay, SkipReason
from appliance.errors import CameraTrouble, UnitError
from tui.field.background import run_job
from tui.field.messages import LivenessSeen
from tui.field.screens.question import QuestionScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.choices import Choice
from tui.widgets.prose import Prose

Back = Callable[[Session], StepScreen]
"""Opens the screen that staff came from."""

_PAUSE_S: Final = 0.03
"""Between two looks; frames may not lie further apart than half a second, on a slow machine too."""
_BESIDE_THE_POINT: Final = frozenset({FrameHint.LOOK_STRAIGHT, FrameHint.OPEN_EYES, FrameHint.GOOD})
"""Hints against the very thing that is asked, and praise before its end."""


def said_of(session: Session, result: LivenessResult) -> str:
    """Return one line about a result, and its honest label in the next."""
    texts = session.texts
    if result.skip_reason is not None:
        return texts(
            "liveness_result.skipped_line", reason=texts(f"liveness_skip.{result.skip_reason.value}")
        )
    said = texts("liveness_result.line", said=texts(f"liveness_result.verdict.{result.verdict.value}"))
    return f"{said}\n{texts('liveness_result.label')}"


class _LivenessScreen(StepScreen):
    """Knows where to return to."""

    step = "face"

    def __init__(self, session: Session, back: Back) -> None:
        """Return through `back` when the challenge is over or left."""
        super().__init__(session)
        self.back = back

    def go_back(self) -> None:
        """Return."""
        self.show_instead(self.back(self.session))


class LivenessWayScreen(_LivenessScreen, QuestionScreen[LivenessWay | None]):
    """Which challenge the person is offered, or none."""

    section = "liveness"

    def choices(self) -> Sequence[Choice[LivenessWay | None]]:
        """Return both ways, and the way past them."""
        ways: list[LivenessWay | None] = [*LivenessWay, None]
        return [Choice(way, self.words("skip" if way is None else way.value)) for way in ways]

    def about(self) -> Iterable[Widget]:
        """Return what it is, and what it is not."""
        yield Prose(self.words("about"), classes="paragraph")
        yield Prose(self.session.texts("liveness_result.label"), classes="paragraph")

    def answered(self, value: LivenessWay | None) -> None:
        """Begin, or ask why not."""
        if value is None:
            self.show_instead(LivenessSkipScreen(self.session, self.back))
        else:
            self.show_instead(LivenessScreen(self.session, self.back, value))


class LivenessScreen(_LivenessScreen):
    """Says what is asked now and watches."""

    section = "liveness_run"

    def __init__(self, session: Session, back: Back, way: LivenessWay) -> None:
        """Ask the person before the camera."""
        super().__init__(session, back)
        self._way = way

    def body(self) -> Iterable[Widget]:
        """Return what is asked now."""
        yield Prose(self.words("title"), classes="title")
        yield Prose(self.words("about"), classes="paragraph")
        yield Prose(self.words("waiting"), id="ask", classes="large")
        yield Prose(id="hint", classes="paragraph")

    def on_mount(self) -> None:
        """Begin."""
        turn, way = self.turn, self._way

        def begin() -> LivenessSeen:
            def first_look() -> LivenessSeen:
                return LivenessSeen(turn.use(lambda visit: visit.see_liveness()))

            turn.use(lambda visit: visit.begin_liveness(way))
            return first_look()

        run_job(self, begin, place="liveness")

    def on_unmount(self) -> None:
        """Darken the light."""
        self.turn.visit.rest_face()

    def on_liveness_seen(self, message: LivenessSeen) -> None:
        """Show what is asked, or what came of it."""
        if self._is_left:
            return
        sight = message.sight
        if sight.result is not None:
            self.show_instead(LivenessResultScreen(self.session, self.back))
            return
        if sight.ask is not None:
            self.say("ask", self.words(f"ask.{sight.ask.value}"))
        is_beside = sight.hint in _BESIDE_THE_POINT
        self.say("hint", "" if is_beside else self.session.texts(f"face.hint.{sight.hint.value}"))
        self.set_timer(_PAUSE_S, self._look)

    def go_on(self) -> None:
        """Do nothing: the challenge goes on by itself."""

    def go_another_way(self) -> None:
        """Go on without it."""
        self.show_instead(LivenessSkipScreen(self.session, self.back))

    def ways_on(self, error: UnitError) -> Sequence[Choice[str]]:
        """Offer another try, or to go on without."""
        texts = self.session.texts
        without = Choice("without", self.words("without"))
        return [Choice("again", texts("trouble.again")), without] if isinstance(error, CameraTrouble) else []

    def take_way(self, way: str | None) -> None:
        """Begin afresh, or record that camera or light did not allow it."""
        if way == "again":
            self.show_instead(LivenessScreen(self.session, self.back, self._way))
            return
        self.turn.visit.skip_liveness(SkipReason.DEVICE)
        self.show_instead(self.back(self.session))

    def _look(self) -> None:
        if self._is_left:
            return
        turn = self.turn
        run_job(self, lambda: LivenessSeen(turn.use(lambda visit: visit.see_liveness())), place="liveness")


class LivenessResultScreen(_LivenessScreen):
    """What came of the challenge, with its honest label."""

    section = "liveness_result"

    def body(self) -> Iterable[Widget]:
        """Return the verdict in words, what it means, and what it does not."""
        result = self.turn.visit.enrollment.liveness
        verdict = LivenessVerdict.INTERRUPTED if result is None else result.verdict
        mark = "-good" if verdict is LivenessVerdict.DONE else ""
        yield Prose(self.words("title"), classes="title")
        yield Prose(self.words(f"verdict.{verdict.value}"), id="verdict", classes=f"large {mark}")
        yield Prose(self.words(f"means.{verdict.value}"), classes="paragraph")
        yield Prose(self.words("label"), id="label", classes="paragraph")
        yield Prose(self.session.texts("face_advice.about"), classes="paragraph")

    def go_on(self) -> None:
        """Return to where staff came from."""
        self.go_back()

    def go_another_way(self) -> None:
        """Offer it once more."""
        self.show_instead(LivenessWayScreen(self.session, self.back))


class LivenessSkipScreen(_LivenessScreen, QuestionScreen[SkipReason]):
    """Why staff go on without the challenge."""

    section = "liveness_skip"

    def choices(self) -> Sequence[Choice[SkipReason]]:
        """Return the reasons."""
        return [Choice(reason, self.words(reason.value)) for reason in SkipReason]

    def answered(self, value: SkipReason) -> None:
        """Record the reason and return."""
        self.turn.visit.skip_liveness(value)
        self.go_back()
