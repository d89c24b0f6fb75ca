"""What staff record on a programme's screen: the person's wish, the way chosen, and what came of it.

Everything here is a report by somebody, never a fact about a register: the unit cannot see one (domain.md F1.4, R13, R24).
There is no free text, so nothing personal can slip into a wish.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from appliance.domain.programmes.programme import Channel, ProgrammeId
from appliance.errors import FactsMalformed


@unique
class Wish(Enum):
    """The answer to a programme's one question."""

    WANTS = "wants"
    HAS_ALREADY = "has_already"
    """It is reported as done before this visit."""
    NOT_NOW = "not_now"
    UNDECIDED = "undecided"
    NEEDS_FAMILY = "needs_family"
    """The person wants to talk with family first."""


@unique
class WishOutcome(Enum):
    """What came of the question in this visit."""

    EXPLAINED = "explained"
    """The programme was explained; nothing else was asked for."""
    PREPARED = "prepared"
    """The person was made ready for the chosen way: what to bring, where, by when."""
    REPORTED_DONE = "reported_done"
    """The person or somebody beside them says that it is done; nobody has checked (R24)."""
    COULD_NOT_PREPARE = "could_not_prepare"
    """Something is missing for the chosen way."""


@unique
class WishSource(Enum):
    """Who said so (R13)."""

    PERSON = "person"
    FAMILY = "family"
    GUARDIAN = "guardian"
    """A legal representative."""
    FACILITY_STAFF = "facility_staff"
    PORTAL_SCREEN = "portal_screen"
    """Seen on the person's own マイナポータル screen."""
    PAPER = "paper"
    """Read from a notice or certificate that the person holds."""


_WISHES_FOR_OUTCOME: Final = {
    WishOutcome.EXPLAINED: frozenset(Wish),
    WishOutcome.PREPARED: frozenset({Wish.WANTS}),
    WishOutcome.REPORTED_DONE: frozenset({Wish.WANTS, Wish.HAS_ALREADY}),
    WishOutcome.COULD_NOT_PREPARE: frozenset({Wish.WANTS}),
}


@dataclass(frozen=True, slots=True)
class ProgrammeWish:
    """One programme's answer in one visit."""

    programme: ProgrammeId
    wish: Wish
    channel: Channel | None = None
    """The way the person chose; only with the wish `wants`."""
    outcome: WishOutcome | None = None
    """None while nothing came of it yet."""
    said_by: WishSource = WishSource.PERSON

    def __post_init__(self) -> None:
        """Keep wish, way and outcome together.

        Raises:
            FactsMalformed: a way without the wish for it (`channel`), or an outcome that the wish rules out (`outcome`).
        """
        if self.channel is not None and self.wish is not Wish.WANTS:
            raise FactsMalformed("channel")
        if self.outcome is not None and self.wish not in _WISHES_FOR_OUTCOME[self.outcome]:
            raise FactsMalformed("outcome")

    @property
    def needs_follow_up(self) -> bool:
        """True when the next visit takes this question up again."""
        is_open = self.wish in {Wish.WANTS, Wish.UNDECIDED, Wish.NEEDS_FAMILY}
        return is_open and self.outcome is not WishOutcome.REPORTED_DONE
