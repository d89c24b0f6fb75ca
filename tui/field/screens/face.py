"""The live face beside the chip's photo: hints for the person, advice for staff, never a verdict (D4, R08)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget

from appliance.domain.enrollment import FaceNotCompared, VisitState
from appliance.domain.face_advice import FrameHint
from appliance.errors import CameraTrouble, NoFace, PictureRefused, SeveralFaces, UnitError
from appliance.service.outcomes import advise
from tui.field.background import run_job
from tui.field.messages import FaceWasCompared, FrameSeen, Proceed
from tui.field.screens.liveness import LivenessWayScreen, said_of
from tui.field.screens.question import QuestionScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.widgets.choices import Choice
from tui.widgets.key_bar import KeyWord
from tui.widgets.picture import ChipPhoto
from tui.widgets.prose import Prose

_PAUSE_S: Final = 0.1
"""Between two looks, so that the face engine leaves the processor to others."""
_RETRY_S: Final = 1.0
"""Between two looks while camera or engine do not answer."""


class FaceScreen(StepScreen):
    """Helps the person into the picture and compares when staff say so."""

    BINDINGS: ClassVar[list[BindingType]] = [("f4", "liveness", "")]
    section = "face"
    step = "face"

    def __init__(self, session: Session) -> None:
        """Open the camera for the person whose turn it is."""
        super().__init__(session)
        self._is_comparing = False
        self._trouble: CameraTrouble | None = None
        """What keeps the camera from being looked through; it goes by itself once a frame is seen."""

    def body(self) -> Iterable[Widget]:
        """Return the photo and the hint."""
        shown = self.turn.shown
        yield Prose(self.words("title"), classes="title")
        yield Horizontal(
            ChipPhoto(shown.photo if shown else None, id="photo"),
            Vertical(
                Prose(self.words("about"), id="about", classes="paragraph"),
                Prose(self.words("hint.waiting"), id="hint", classes="large"),
                Prose(id="camera", classes="paragraph"),
                *([Prose(self.words("training"), classes="training")] if self.session.hand else []),
                id="facts",
            ),
            id="beside",
        )

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys, with the one for the optional challenge."""
        return with_liveness_key(self.session, super().keys())

    def on_mount(self) -> None:
        """Look."""
        self._look()

    def on_unmount(self) -> None:
        """Darken the light."""
        self.turn.visit.rest_face()

    def on_frame_seen(self, message: FrameSeen) -> None:
        """Show the hint and look again; whatever kept the camera from it is over."""
        if self._is_comparing or self._is_left:
            return
        if self._trouble is not None:
            self._trouble = None
            self.query("#hint").remove_class("-attention")
        hint = message.sight.hint
        self.say("camera", self.words("lying") if message.sight.quality.rotation_deg else "")
        self.say("hint", self.words(f"hint.{hint.value}"))
        self.query("#hint").set_class(hint is FrameHint.GOOD, "-good")
        self.set_timer(_PAUSE_S, self._look)

    def go_on(self) -> None:
        """Compare."""
        if self._is_comparing:
            return
        self._is_comparing = True
        self.say("hint", self.words("comparing"))
        turn = self.turn

        def compare() -> Message:
            return FaceWasCompared(turn.use(lambda visit: visit.compare_face()))

        self.work(compare, place="compare_face")

    def on_face_was_compared(self, message: FaceWasCompared) -> None:
        """Show the advice."""
        self.turn.comparison = message.comparison
        self.show_instead(FaceAdviceScreen(self.session))

    def go_another_way(self) -> None:
        """Go to the visual check without advice."""
        if not self._is_comparing:
            likely = None if self._trouble is None else FaceNotCompared.CAMERA_UNAVAILABLE
            self.show_instead(FacePassScreen(self.session, likely))

    def action_liveness(self) -> None:
        """Offer the challenge."""
        if not (self._is_comparing or self._is_left):
            self.show_instead(LivenessWayScreen(self.session, FaceScreen))

    def go_back(self) -> None:
        """Leave the turn, but never in the middle of a comparison."""
        if not self._is_comparing:
            super().go_back()

    def meet(self, error: UnitError) -> None:
        """Say what stands against it: of camera and engine in place, since that may pass; of the pictures with a question."""
        was_comparing, self._is_comparing = self._is_comparing, False
        if not isinstance(error, CameraTrouble) or isinstance(error, NoFace | SeveralFaces | PictureRefused):
            super().meet(error)
            return
        self._trouble = error
        self.session.light_for(error)
        self.say("hint", advise(error, self.session.texts.language).says)
        self.query("#hint").remove_class("-good").add_class("-attention")
        self.say("camera", self.words("trouble"))
        # A comparison that failed is looked behind at once; the looking that goes on comes back by itself.
        self.set_timer(_PAUSE_S if was_comparing else _RETRY_S, self._look)

    def ways_on(self, error: UnitError) -> Sequence[Choice[str]]:
        """Offer another try, or eyes."""
        texts = self.session.texts
        by_eye = Choice(_reason(error).value, texts("trouble.by_eye"))
        return [Choice("again", texts("trouble.again")), by_eye]

    def take_way(self, way: str | None) -> None:
        """Look again, or pass the face for the reason that the error gave."""
        if way in {reason.value for reason in FaceNotCompared} and not self._is_left:
            if self.turn.visit.enrollment.state is VisitState.FACE:
                self.turn.visit.pass_face(FaceNotCompared(way))
            self.leave(Proceed())
        else:
            self.say("hint", self.words("hint.waiting"))
            self._look()

    def _look(self) -> None:
        if self._is_left or self._is_comparing:
            return
        turn = self.turn
        run_job(self, lambda: FrameSeen(turn.use(lambda visit: visit.look())), place="look")


def with_liveness_key(session: Session, keys: Sequence[KeyWord]) -> Sequence[KeyWord]:
    """Return the foot's keys with the one for the optional challenge before the last."""
    *others, last = keys
    return [*others, KeyWord("F4", session.texts("liveness.key"), "liveness"), last]


def _reason(error: UnitError) -> FaceNotCompared:
    match error:
        case NoFace(where="chip_photo") | PictureRefused():
            return FaceNotCompared.NO_PHOTO
        case _:
            return FaceNotCompared.STAFF_SKIPPED


class FaceAdviceScreen(StepScreen):
    """The band of advice in words; staff look at the photo and the person."""

    BINDINGS: ClassVar[list[BindingType]] = [("f4", "liveness", "")]
    section = "face_advice"
    step = "face"

    def body(self) -> Iterable[Widget]:
        """Return the photo, the advice, and the other hint where there is one."""
        shown, comparison = self.turn.shown, self.turn.comparison
        if shown is None or comparison is None:
            return
        band = comparison.band.value
        liveness = self.turn.visit.enrollment.liveness
        yield Prose(self.words("title"), classes="title")
        yield Horizontal(
            ChipPhoto(shown.photo, id="photo"),
            Vertical(
                Prose(self.words(f"band.{band}"), id="band", classes=f"large band-{band.replace('_', '-')}"),
                Prose(self.words(f"means.{band}"), classes="paragraph"),
                Prose(self.words("about"), classes="paragraph"),
                *([Prose(said_of(self.session, liveness), id="liveness")] if liveness else []),
                id="facts",
            ),
            id="beside",
        )

    def keys(self) -> Sequence[KeyWord]:
        """Return the foot's keys, with the one for the optional challenge."""
        return with_liveness_key(self.session, super().keys())

    def go_on(self) -> None:
        """Go to the decision."""
        self.leave(Proceed())

    def go_another_way(self) -> None:
        """Compare once more."""
        self.show_instead(FaceScreen(self.session))

    def action_liveness(self) -> None:
        """Offer the challenge."""
        if not self._is_left:
            self.show_instead(LivenessWayScreen(self.session, FaceAdviceScreen))


class FacePassScreen(QuestionScreen[FaceNotCompared]):
    """Why the face is not compared."""

    section = "face_pass"
    step = "face"
    reasons: ClassVar = (
        FaceNotCompared.STAFF_SKIPPED,
        FaceNotCompared.DECLINED,
        FaceNotCompared.CAMERA_UNAVAILABLE,
    )

    def __init__(self, session: Session, likely: FaceNotCompared | None = None) -> None:
        """Ask, with the `likely` reason chosen at first."""
        super().__init__(session)
        self._likely = likely

    def choices(self) -> Sequence[Choice[FaceNotCompared]]:
        """Return the reasons."""
        return [Choice(reason, self.words(reason.value)) for reason in self.reasons]

    def first(self) -> int:
        """Choose what the camera's state suggests."""
        return 0 if self._likely is None else self.reasons.index(self._likely)

    def answered(self, value: FaceNotCompared) -> None:
        """Record the reason; advice that was given before stays on record."""
        if self.turn.visit.enrollment.state is VisitState.FACE:
            self.turn.visit.pass_face(value)
        self.leave(Proceed())

    def go_back(self) -> None:
        """Return to the camera."""
        self.show_instead(FaceScreen(self.session))
