"""The guardian of the try counters: ask first, one try for one confirmation, never near the end (design D5, R02).

A used-up key sends an old person to the city hall. So a try is spent by one function only, which needs a permit that
a person's act has made, and which never repeats itself, also not after a lost link: the chip may have counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType

from appliance.card import reach
from appliance.card.channel import Channel
from appliance.card.code_b import CodeB
from appliance.card.reach import CODE_B_KEYS, Application
from appliance.card.status import BLOCKED, StatusWord, tries_left
from appliance.card.transmission import transmit_once
from appliance.errors import CardBlocked, CardRefused, CodeWrong, NotConfirmed, TriesNearlyUsed

TRIES_MARGIN: Final = 3
"""With this many tries left, or fewer, the unit stops (R02)."""

TriesLeft = NewType("TriesLeft", int)
"""How many wrong tries a key still takes; 0 when it is blocked."""


class Confirmation:
    """A permit for exactly one try, made from an operator's act; it cannot be copied, and is gone once spent."""

    __slots__ = ("_permits",)

    def __init__(self) -> None:
        """Make one permit; call this only where a person has just confirmed."""
        self._permits = [None]

    @property
    def is_spent(self) -> bool:
        """Whether the try was used."""
        return not self._permits

    def spend(self) -> None:
        """Use the permit up.

        Raises:
            NotConfirmed: it was used before.
        """
        try:
            self._permits.pop()
        except IndexError:
            raise NotConfirmed from None

    def __reduce__(self) -> tuple[type, ...]:
        """Refuse to be copied."""
        raise TypeError("Confirmation")


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The chip took the code."""

    tries_left_before: TriesLeft
    """As the chip counted before this try; a right code sets the counter back to its maximum (card.md §9.1)."""


def query_tries(channel: Channel, application: Application) -> TriesLeft:
    """Return how many tries code B has left in the selected application; spends none.

    Raises:
        CardRefused: an answer that is no count. An answer of success is one too: the counter stays unknown.
        CardTrouble: the line to the card broke.
    """
    response = transmit_once(channel, reach.query_tries(CODE_B_KEYS[application]))
    counted = tries_left(response.status_word)
    if counted is not None:
        return TriesLeft(counted)
    if response.status_word in BLOCKED:
        return TriesLeft(0)
    raise CardRefused("VERIFY query", response.status_word)


def verify_code_b(
    channel: Channel, application: Application, code_b: CodeB, confirmation: Confirmation
) -> Unlocked:
    """Present code B to the selected application once, if the counter allows.

    Raises:
        NotConfirmed: the confirmation was spent before; nothing was sent.
        CodeMalformed: the code was wiped before; none was presented.
        CardBlocked: no try is left.
        TriesNearlyUsed: three or fewer are left; none was spent.
        CodeWrong: the chip refused the code; one try is spent.
        CardRefused: an answer that is neither yes nor no.
        CardTrouble: the line to the card broke; the try may be spent, and is not repeated.
    """
    if confirmation.is_spent:
        raise NotConfirmed
    left = query_tries(channel, application)
    require_margin(left)
    command = reach.present_code_b(application, code_b)
    confirmation.spend()
    response = transmit_once(channel, command)
    _require_yes(response.status_word)
    return Unlocked(left)


def require_margin(left: TriesLeft) -> None:
    """Pass only when a try may be spent.

    Raises:
        CardBlocked: none is left.
        TriesNearlyUsed: three or fewer are left.
    """
    if left == 0:
        raise CardBlocked
    if left <= TRIES_MARGIN:
        raise TriesNearlyUsed(left, TRIES_MARGIN)


def _require_yes(status_word: int) -> None:
    left = tries_left(status_word)
    if left == 0 or status_word in BLOCKED:
        raise CardBlocked
    if left is not None:
        raise CodeWrong(left)
    if status_word != StatusWord.OK:
        raise CardRefused("VERIFY", status_word)
