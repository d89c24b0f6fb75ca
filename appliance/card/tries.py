"""The guardian of the try counters: ask first, one try for one confirmation, never near the end (design D5, R02).

A used-up key sends an old person to the city hall. So a try is spent in one place only, which needs a permit that a
person's act has made, and which never repeats itself, also not after a lost link: the chip may have counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NewType

from appliance.card import reach
from appliance.card.apdu import CommandApdu
from appliance.card.channel import Channel
from appliance.card.code_b import BirthKey, CodeB
from appliance.card.pins import SignPassword, UserPin
from appliance.card.reach import CODE_B_KEYS, Application, SurfaceKey, VerifierReach
from appliance.card.status import BLOCKED, StatusWord, tries_left
from appliance.card.transmission import transmit_once
from appliance.errors import (
    CardBlocked,
    CardNotUnderstood,
    CardRefused,
    CodeWrong,
    NotConfirmed,
    PinWrong,
    TriesNearlyUsed,
)

TRIES_MARGIN: Final = 3
"""With this many tries left, or fewer, the unit stops (R02)."""
PIN_TRIES_MARGIN: Final = 1
"""The last try of a PIN or password stays the holder's own (design D5)."""

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
    """The chip took the secret."""

    tries_left_before: TriesLeft
    """As the chip counted before this try; the right secret sets the counter back to its maximum (card.md §9.1)."""


def query_tries(channel: Channel, application: Application) -> TriesLeft:
    """Return how many tries code B has left in the selected application; spends none.

    Raises:
        CardRefused: an answer that is no count. An answer of success is one too: the counter stays unknown.
        CardNotUnderstood: data came that was not asked for.
        CardTrouble: the line to the card broke.
    """
    return _ask(channel, reach.query_tries(CODE_B_KEYS[application]))


def query_birth_tries(channel: Channel) -> TriesLeft:
    """Return how many tries the birth date has left; the surface application is selected.

    Raises:
        CardRefused, CardTrouble: as `query_tries`.
    """
    return _ask(channel, reach.query_tries(SurfaceKey.BIRTH_DATE))


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
        CardNotUnderstood: data came that was not asked for.
        CardTrouble: the line to the card broke; the try may be spent, and is not repeated.
    """
    query = reach.query_tries(CODE_B_KEYS[application])
    return _try_once(
        channel,
        query,
        lambda: reach.present_code_b(application, code_b),
        confirmation,
        TRIES_MARGIN,
        CodeWrong,
    )


def verify_birth_key(channel: Channel, birth_key: BirthKey, confirmation: Confirmation) -> Unlocked:
    """Present the birth date to the surface application once, if the counter allows.

    Raises:
        NotConfirmed, CodeMalformed, CardBlocked, TriesNearlyUsed, CodeWrong, CardTrouble: as `verify_code_b`.
    """
    query = reach.query_tries(SurfaceKey.BIRTH_DATE)
    return _try_once(
        channel, query, lambda: reach.present_birth_key(birth_key), confirmation, TRIES_MARGIN, CodeWrong
    )


def verify_user_pin(
    channel: Channel, verifier: VerifierReach, pin: UserPin, confirmation: Confirmation
) -> Unlocked:
    """Present the user authentication PIN to the JPKI application once, unless one try is left.

    Raises:
        PinMalformed: the PIN was wiped before; none was presented.
        PinWrong: the chip refused the PIN; one try is spent.
        NotConfirmed, CardBlocked, TriesNearlyUsed, CardTrouble: as `verify_code_b`.
    """
    query = verifier.query_pin_tries()
    return _try_once(
        channel, query, lambda: verifier.present_user_pin(pin), confirmation, PIN_TRIES_MARGIN, PinWrong
    )


def verify_sign_password(
    channel: Channel, verifier: VerifierReach, password: SignPassword, confirmation: Confirmation
) -> Unlocked:
    """Present the signing password to the JPKI application once, unless one try is left.

    Raises:
        PinMalformed: the password was wiped before; none was presented.
        PinWrong: the chip refused the password; one try is spent.
        NotConfirmed, CardBlocked, TriesNearlyUsed, CardTrouble: as `verify_code_b`.
    """
    query = verifier.query_password_tries()
    return _try_once(
        channel,
        query,
        lambda: verifier.present_sign_password(password),
        confirmation,
        PIN_TRIES_MARGIN,
        PinWrong,
    )


def require_margin(left: TriesLeft, margin: int = TRIES_MARGIN) -> None:
    """Pass only when a try may be spent.

    Raises:
        CardBlocked: none is left.
        TriesNearlyUsed: as many as the margin, or fewer, are left.
    """
    if left == 0:
        raise CardBlocked
    if left <= margin:
        raise TriesNearlyUsed(left, margin)


def _ask(channel: Channel, query: CommandApdu) -> TriesLeft:
    status_word = _verify(channel, query)
    counted = tries_left(status_word)
    if counted is not None:
        return TriesLeft(counted)
    if status_word in BLOCKED:
        return TriesLeft(0)
    raise CardRefused("VERIFY query", status_word)


def _verify(channel: Channel, command: CommandApdu) -> int:
    """Send one VERIFY, which asks for no data, and return its status word; 61xx and 6Cxx are not followed."""
    response = transmit_once(channel, command)
    if response.data:
        raise CardNotUnderstood("VERIFY")
    return response.status_word


def _try_once(
    channel: Channel,
    query: CommandApdu,
    present: Callable[[], CommandApdu],
    confirmation: Confirmation,
    margin: int,
    wrong: type[CodeWrong | PinWrong],
) -> Unlocked:
    """Ask, then spend one try; nothing else in the product sends a secret to a card."""
    if confirmation.is_spent:
        raise NotConfirmed
    left = _ask(channel, query)
    require_margin(left, margin)
    command = present()
    confirmation.spend()
    _require_yes(_verify(channel, command), wrong)
    return Unlocked(left)


def _require_yes(status_word: int, wrong: type[CodeWrong | PinWrong]) -> None:
    left = tries_left(status_word)
    if left == 0 or status_word in BLOCKED:
        raise CardBlocked
    if left is not None:
        raise wrong(left)
    if status_word != StatusWord.OK:
        raise CardRefused("VERIFY", status_word)
