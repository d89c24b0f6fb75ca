"""The edges of the unit: what the use-cases ask of hardware, store and clock.

Each port is the narrowest set of verbs that works; richness is composed above it (examples.md §2, rule 2). Real and
simulated devices pass the same contract suites in `tests/contract/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, unique
from typing import Protocol

from appliance.domain.ephemeral import Frame, GreyPicture
from appliance.domain.face_advice import FaceComparison, FrameQuality
from appliance.domain.front_sight import FrontSight
from appliance.domain.ids import StaffId
from appliance.domain.outbox import OutboxCounts, OutboxRow, Saved, Slot, Stamped
from appliance.domain.roster import Roster, StaffName


@unique
class Presence(Enum):
    """What stands on the reader."""

    NO_READER = "no_reader"
    """No reader is attached, or the card service does not run."""
    EMPTY = "empty"
    """A reader is there, without a card."""
    CARD = "card"
    """A chip is powered or can be."""


class CardChannel(Protocol):
    """An exclusive line to one powered card, open until closed."""

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU and return the whole response APDU (data and two status bytes).

        Raises:
            CardRemoved: the card left the reader.
            ReaderGone: the reader or its service went away.
            CardSilent: the card did not answer.
            ReaderSilent: the reader's driver or its service did not answer in time.
        """

    def close(self) -> None:
        """Power the card down and give the reader back; safe to call again, and from any thread."""


class CardReader(Protocol):
    """A place, or several, where a card can be put; every thread may ask."""

    @property
    def name(self) -> str:
        """The reader's name as the system knows it, empty while no reader is attached."""

    def presence(self) -> Presence:
        """Tell what stands on the reader now; one that does not answer in time counts as none; never raises."""

    def wait_for(self, wanted: Presence, timeout_s: float) -> Presence:
        """Return as soon as `wanted` holds, or what holds after `timeout_s`; never raises."""

    def connect(self) -> CardChannel:
        """Power the card and hold it alone.

        Raises:
            NoReader: there is no reader.
            NoCard: the reader is empty.
            CardBusy: another program holds the card.
            CardSilent: the chip does not power up.
            SeveralCards: more than one of its places holds a card (hazard H14).
            ReaderSilent: the reader's driver or its service did not answer in time.
        """

    def close(self) -> None:
        """Let the reader go for good, with the card that it holds; safe to call again."""


@dataclass(frozen=True, slots=True)
class AttachedReader:
    """One of the card readers of this machine."""

    name: str
    """As the system knows it."""
    presence: Presence
    """What stands on it."""


class ReaderChoice(Protocol):
    """The choice among the card readers of this machine, where there may be more than one."""

    @property
    def chosen(self) -> str:
        """The chosen reader's name; empty while whichever holds the card is used."""

    def attached(self) -> Sequence[AttachedReader]:
        """Return every attached reader with its state; never raises."""

    def choose(self, name: str) -> None:
        """Use the reader of this name from now on, or with an empty name what the machine's settings say."""


class Camera(Protocol):
    """A source of live frames."""

    @property
    def name(self) -> str:
        """The camera's name for the self-test."""

    def frame(self, deadline_s: float) -> AbstractContextManager[Frame]:
        """Lend one RGB frame; its pixels are overwritten when the context ends (design D4).

        Raises:
            NoCamera: there is no camera.
            CameraSilent: no frame came before `deadline_s`.
        """

    def close(self) -> None:
        """Let the camera go; safe to call again."""


class FaceEngine(Protocol):
    """Finds and compares faces; its answer advises, a person decides (design D4)."""

    def look(self, frame: Frame) -> FrameQuality:
        """Measure one frame for the person before the camera.

        Raises:
            FaceEngineSilent: no answer before the engine's deadline.
        """

    def compare(self, chip_photo: bytes, frames: Sequence[Frame]) -> FaceComparison:
        """Compare the chip's photo (JPEG 2000) with live frames of one person.

        Raises:
            NoFace: no face on the photo or on any frame.
            SeveralFaces: frames show faces, but none shows one person alone.
            PictureRefused: the photo's bytes are no acceptable picture.
            FaceEngineSilent: no answer before the engine's deadline.
        """

    def compare_live(self, before: Frame, after: Frame) -> FaceComparison:
        """Compare two live frames, taken before and after a liveness challenge (face.md §4).

        Raises:
            NoFace: a frame shows no face.
            SeveralFaces: a frame shows more than one person.
            FaceEngineSilent: no answer before the engine's deadline.
        """

    def close(self) -> None:
        """End the workers and forget every template; safe to call again."""


class FrontReader(Protocol):
    """Looks at the front of a card; what it reads is proposed, staff confirm it digit by digit (R03)."""

    def look(self, frame: Frame) -> FrontSight:
        """Look at one frame and add what a front says to this step's proposal.

        A frame that shows a back, or a card whose side is not sure, is overwritten before this returns, also when it
        raises (R04).

        Raises:
            CardReadingMissing: the reading engine is not installed; say so once, typing stays.
            CardReadingSilent: no answer before the deadline, or the process died; the next call goes to a new one.
        """

    def forget(self) -> None:
        """End a person's step: every vote is overwritten, and the process that saw the card is replaced."""

    def close(self) -> None:
        """End the process and forget every vote; safe to call again."""


@unique
class Lamp(Enum):
    """The lamps of the panel."""

    FACE_LIGHT = "face_light"
    """Light for the person before the camera."""
    SAVED = "saved"
    """A record is safely committed."""
    ATTENTION = "attention"
    """The unit needs help."""


@unique
class Button(Enum):
    """The three big buttons beside the screen."""

    BACK = "back"
    HELP = "help"
    NEXT = "next"


class Panel(Protocol):
    """Lamps and buttons on the unit's case."""

    @property
    def is_attached(self) -> bool:
        """False on a machine without a panel, where lamps stay dark and nobody presses anything."""

    def light(self, lamp: Lamp, *, on: bool) -> None:
        """Switch one lamp."""

    def pressed(self, timeout_s: float) -> Button | None:
        """Return the next button press, or None after `timeout_s`."""

    def close(self) -> None:
        """Darken the lamps and let the pins go; safe to call again."""


class Clock(Protocol):
    """Time as the unit knows it; order is kept by sequence, never by time (proof.md W10)."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""

    def monotonic_s(self) -> float:
        """Return seconds that never step back."""


class PictureDecoder(Protocol):
    """Turns picture bytes from a chip into pixels, where hostile bytes can do no harm (hazard H11)."""

    def decode(self, content: bytes) -> GreyPicture:
        """Return the picture in the bytes of a PNG or JPEG 2000, in grey.

        Raises:
            PictureRefused: malformed, too large, or too slow to decode.
        """

    def close(self) -> None:
        """End the decoder; safe to call again."""


class StaffRegister(Protocol):
    """Who may work with this unit, and the roster that a sign-in opens (design D2)."""

    def names(self) -> Sequence[StaffName]:
        """Return the staff who can sign in, for the sign-in screen."""

    def sign_in(self, staff: StaffId, passphrase: str) -> Roster:
        """Open the day's roster.

        Raises:
            SignInRefused: unknown staff or wrong passphrase; the next try waits longer.
        """


class RecordStore(Protocol):
    """The unit's durable memory: sealed records, the audit chain and the outbox."""

    def save(self, seal: Callable[[Slot], Stamped]) -> Saved:
        """Commit a sealed record, its audit link and its outbox row in one transaction (proof.md W2).

        `seal` is called once, inside the transaction, with the place the record takes.

        Raises:
            DiskFull: too little room; nothing was written.
            StoreDamaged: the database failed a check; nothing was written.
        """

    def audit(self, event: str, detail: str) -> None:
        """Append one event without personal data to the audit chain."""

    def waiting(self, limit: int) -> Sequence[OutboxRow]:
        """Return up to `limit` rows without a verified receipt, lowest sequence first."""

    def mark_sent(self, sequence: int, sent_at: datetime) -> None:
        """Note that the broker took the record."""

    def mark_receipted(self, sequence: int, receipt: bytes, receipted_at: datetime) -> None:
        """Note a verified receipt; only the caller that verified it may call this."""

    def mark_refused(self, sequence: int, receipt: bytes, receipted_at: datetime) -> None:
        """Note a verified refusal; the record is kept in sight and no longer sent (hazard H24)."""

    def counts(self) -> OutboxCounts:
        """Count records by state."""

    def states(self, sequences: Sequence[int]) -> Iterator[OutboxRow]:
        """Return the rows of these sequences."""

    def close(self) -> None:
        """Let the database go; safe to call again."""
