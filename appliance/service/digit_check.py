"""A person's look at each proposed digit: the doubtful ones first, one act a digit, and no digit without an act (R03)."""

from __future__ import annotations

from appliance.domain.ephemeral import Wiped, overwrite
from appliance.domain.front_sight import PROPOSED_DIGITS, UNREAD, CodeProposal
from appliance.errors import CodeMalformed


class DigitCheck(Wiped):
    """Fourteen digits on their way from a proposal to what a person has confirmed."""

    __slots__ = ("_at", "_digits", "doubtful", "era", "order")

    def __init__(self, proposal: CodeProposal) -> None:
        """Take the digits of `proposal`, which is wiped here; none is confirmed."""
        self._digits = bytearray(proposal.reveal())
        self.doubtful = proposal.doubtful
        self.era = proposal.era
        """What was read before the birth date, only for showing it."""
        proposal.wipe()
        if len(self._digits) != PROPOSED_DIGITS:
            raise ValueError("proposal length")
        self.order = tuple(
            sorted(range(PROPOSED_DIGITS), key=lambda place: (place not in self.doubtful, place))
        )
        """The places in the order of their confirmation."""
        self._at = 0

    @property
    def place(self) -> int | None:
        """The place that is to be confirmed next; None when all are."""
        return self.order[self._at] if self._at < PROPOSED_DIGITS else None

    @property
    def confirmed(self) -> frozenset[int]:
        """The places that a person has confirmed or typed."""
        return frozenset(self.order[: self._at])

    @property
    def is_complete(self) -> bool:
        """True when a person has confirmed every digit."""
        return self.place is None

    def reveal(self) -> bytes:
        """Return the digits for immediate display, `?` for an unread one; zeros after wiping."""
        return bytes(self._digits)

    def confirm(self) -> None:
        """Take a person's word that the digit at `place` is the card's.

        Raises:
            CodeMalformed: it was not read, so there is nothing to confirm; it has to be typed.
        """
        place = self.place
        if place is None:
            return
        if self._digits[place] == UNREAD:
            raise CodeMalformed("digits")
        self._at += 1

    def correct(self, digit: int) -> None:
        """Take the digit, from 0 to 9, that a person typed for `place`; typing it confirms it."""
        place = self.place
        if place is None:
            return
        self._digits[place] = ord("0") + digit
        self._at += 1

    def take_back(self) -> None:
        """Go back to the digit that was confirmed last; does nothing at the first."""
        self._at = max(self._at - 1, 0)

    def begin_again(self) -> None:
        """Ask for every digit once more; corrections stay."""
        self._at = 0

    def take_digits(self) -> bytearray:
        """Return a copy of the confirmed code, which the caller wipes.

        Raises:
            CodeMalformed: a digit was not confirmed.
        """
        if not self.is_complete:
            raise CodeMalformed("digits")
        return bytearray(self._digits)

    def wipe(self) -> None:
        """Overwrite the digits; safe to call again."""
        overwrite(self._digits)

    def __repr__(self) -> str:
        return f"DigitCheck({self._at} confirmed, hidden)"
