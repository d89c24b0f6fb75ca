"""One person's turn as the screens hold it, closed on every way out (design D4).

Thread workers use the visit one after the other; whoever comes back after the end of the turn wipes once more what it may
still have brought, so that nothing personal outlives the turn by more than one device's deadline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event, Lock
from typing import TypeVar

from appliance.card.identification import CardSighting
from appliance.card.tries import TriesLeft
from appliance.domain.ephemeral import Ephemeral
from appliance.domain.face_advice import FaceComparison
from appliance.domain.outbox import Saved
from appliance.domain.roster import RosterEntry
from appliance.service.digit_check import DigitCheck
from appliance.service.visit import CardShown, Visit
from appliance.service.visit_day import VisitDay

Answer = TypeVar("Answer")


class TurnOver(Exception):
    """A worker wants the visit after its turn ended; it stops quietly."""


class Turn:
    """One visit and what its screens hand on to each other."""

    def __init__(self, day: VisitDay, entry: RosterEntry) -> None:
        """Open the turn of a person on the roster."""
        self.day = day
        self.visit: Visit = day.open_visit(entry)
        self.sighting: CardSighting | None = None
        self.tries_after_wrong: int | None = None
        """What the card said after a wrong code, until another try is spent."""
        self.typed_code: Ephemeral | None = None
        """The digits of code B between typing and reading."""
        self.digit_check: DigitCheck | None = None
        """The digits that the camera proposed, while a person looks at each."""
        self.shown: CardShown | None = None
        self.comparison: FaceComparison | None = None
        self.saved: Saved | None = None
        self._one_at_a_time = Lock()
        self._ended = Event()

    @property
    def entry(self) -> RosterEntry:
        """Whose turn it is."""
        return self.visit.entry

    @property
    def is_over(self) -> bool:
        """Whether the turn has ended; nothing of it may be shown any more."""
        return self._ended.is_set()

    def use(self, job: Callable[[Visit], Answer]) -> Answer:
        """Do a job on the visit in a worker.

        Raises:
            TurnOver: the turn ended before or meanwhile.
            UnitError: what the job raises.
        """
        with self._one_at_a_time:
            if self._ended.is_set():
                raise TurnOver
            try:
                answer = job(self.visit)
            finally:
                if self._ended.is_set():
                    self.visit.close()
            if self._ended.is_set():
                raise TurnOver
            return answer

    def note_wrong_code(self, tries_left: int) -> None:
        """Remember how many tries the card said it has left after a wrong code."""
        self.tries_after_wrong = tries_left
        if self.sighting is not None:
            self.sighting = replace(self.sighting, tries_left=TriesLeft(tries_left))

    def keep_check(self, check: DigitCheck) -> None:
        """Keep proposed digits until a person has confirmed them."""
        self.forget_check()
        self.digit_check = check

    def forget_check(self) -> None:
        """Overwrite the proposed digits; safe to call again."""
        if self.digit_check is not None:
            self.digit_check.wipe()
            self.digit_check = None

    def keep_code(self, digits: bytearray) -> None:
        """Keep typed digits until the card was read; `digits` is wiped."""
        self.forget_code()
        self.typed_code = Ephemeral(digits)

    def forget_code(self) -> None:
        """Overwrite the typed digits; safe to call again."""
        if self.typed_code is not None:
            self.typed_code.wipe()
            self.typed_code = None

    def end(self) -> None:
        """Wipe everything personal; safe to call again, also while a worker is still busy."""
        self._ended.set()
        self.forget_code()
        self.forget_check()
        if self.shown is not None:
            self.shown.wipe()
        self.shown = None
        self.comparison = None
        self.visit.close()
