"""What workers and screens tell each other; a message about a passing state may replace an earlier one (examples.md §2, 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import TYPE_CHECKING

from textual.message import Message

from appliance.card.identification import CardSighting, Progress
from appliance.domain.face_advice import FaceComparison
from appliance.domain.ids import PersonId
from appliance.domain.outbox import OutboxCounts, OutboxState, Saved
from appliance.domain.roster import RosterEntry
from appliance.errors import UnitError
from appliance.ports import AttachedReader, Presence
from appliance.service.face_watch import FaceSight
from appliance.service.front_watch import FrontLook
from appliance.service.liveness_check import LivenessSight
from appliance.service.visit import CardShown
from appliance.service.visit_day import VisitDay

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.field.turn import Turn


class Passing(Message):
    """A state that a newer message of the same class makes worthless."""

    def can_replace(self, message: Message) -> bool:
        """Let the newer one stand for both."""
        return isinstance(message, type(self))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the unit's records stand."""

    counts: OutboxCounts
    states: Mapping[PersonId, OutboxState]
    """Of the people on today's roster who have a record."""
    is_known: bool = True
    """False when the store could not be asked."""


class StandingSeen(Passing):
    """The store was asked where the records stand."""

    def __init__(self, standing: Standing) -> None:
        """Tell the standing."""
        super().__init__()
        self.standing = standing


class ReaderSeen(Passing):
    """What stands on the reader now."""

    def __init__(self, presence: Presence) -> None:
        """Tell what stands there."""
        super().__init__()
        self.presence = presence


class ReadersListed(Passing):
    """Which card readers are attached."""

    def __init__(self, attached: Sequence[AttachedReader]) -> None:
        """Tell their names and states."""
        super().__init__()
        self.attached = attached


class ReaderChosen(Message):
    """Another card reader is used from now on."""


class ReadingProgressed(Passing):
    """The reading of the card came further."""

    def __init__(self, progress: Progress) -> None:
        """Tell how far."""
        super().__init__()
        self.progress = progress


class FrameSeen(Passing):
    """A live frame was measured."""

    def __init__(self, sight: FaceSight) -> None:
        """Tell what it came to."""
        super().__init__()
        self.sight = sight


class FrontSeen(Message):
    """The camera looked once at the card's front."""

    def __init__(self, look: FrontLook) -> None:
        """Tell what it came to; the preview stays the visit's."""
        super().__init__()
        self.look = look


class LivenessSeen(Message):
    """The challenge saw one more frame."""

    def __init__(self, sight: LivenessSight) -> None:
        """Tell where it stands."""
        super().__init__()
        self.sight = sight


class CardSighted(Message):
    """A card of the right kind lies on the reader."""

    def __init__(self, sighting: CardSighting) -> None:
        """Tell what can be told without a code."""
        super().__init__()
        self.sighting = sighting


class CardWasRead(Message):
    """The card gave its record."""

    def __init__(self, shown: CardShown) -> None:
        """Hand the pictures and answers on."""
        super().__init__()
        self.shown = shown


class FaceWasCompared(Message):
    """The face engine gave its advice."""

    def __init__(self, comparison: FaceComparison) -> None:
        """Tell the advice."""
        super().__init__()
        self.comparison = comparison


class RecordSaved(Message):
    """The record is committed."""

    def __init__(self, saved: Saved) -> None:
        """Hand the proof on."""
        super().__init__()
        self.saved = saved


class SignedIn(Message):
    """A staff member opened the day."""

    def __init__(self, day: VisitDay) -> None:
        """Hand the day on."""
        super().__init__()
        self.day = day


class Troubled(Message):
    """Something went wrong in a way that the unit knows."""

    def __init__(self, error: UnitError) -> None:
        """Tell what."""
        super().__init__()
        self.error = error


class UnitNeedsHelp(Message):
    """Something went wrong in a way that nobody foresaw; carries no data of it."""

    def __init__(self, kind: str, place: str) -> None:
        """Tell the error's class and the work it happened in."""
        super().__init__()
        self.kind = kind
        self.place = place


class PersonChosen(Message):
    """Staff begin a person's turn."""

    def __init__(self, entry: RosterEntry) -> None:
        """Tell whose."""
        super().__init__()
        self.entry = entry


class Proceed(Message):
    """Show the step that the visit has reached."""


class Go(Message):
    """Show a certain screen of the same step."""

    def __init__(self, screen: Screen[None]) -> None:
        """Tell which."""
        super().__init__()
        self.screen = screen


@unique
class CardPart(Enum):
    """The parts of the card step to which a later one may lead back."""

    PLACE = "place"
    """The card is put on the reader."""
    CODE = "code"
    """The code is typed."""
    FRONT = "front"
    """The card's front is held before the camera."""


class Return(Message):
    """Show an earlier part of the card step again; a screen knows the ones after it, and the program the way back."""

    def __init__(self, part: CardPart, turn: Turn) -> None:
        """Tell which, and in whose turn."""
        super().__init__()
        self.part = part
        self.turn = turn


class TurnEnded(Message):
    """Staff leave the person's turn, with or without a record."""


class SignOutWished(Message):
    """Staff end their day on this unit."""
