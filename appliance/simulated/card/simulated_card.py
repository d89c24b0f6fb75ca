"""The card itself: command bytes in, answer bytes out, never an exception (card.md §19).

Pure and deterministic: no clock, no input or output; randomness is given from outside. Transports (in process, behind a
real PC/SC stack) all drive this one object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.simulated.card import reading, selecting, signing, status, unlocking
from appliance.simulated.card.chip import Chip
from appliance.simulated.card.command import Command, parse_command
from appliance.simulated.card.files import ApplicationName, CardImage
from appliance.simulated.card.state import CardState
from appliance.simulated.card.status import Refused

_INTERINDUSTRY: Final = 0x00
_PROPRIETARY: Final = 0x80
_CHANNEL_BITS: Final = 0x03
_SECURE_MESSAGING_BITS: Final = 0x0C
_SELECT: Final = 0xA4


def _issuer_only(_chip: Chip, _command: Command) -> bytes:
    raise Refused(status.NOT_UNLOCKED)


def _last_command(_chip: Chip, _command: Command) -> bytes:
    # Only phones know this indicator; plastic cards answer 6700 (card.md §15).
    raise Refused(status.WRONG_LENGTH)


_HANDLERS: Final[Mapping[tuple[int, int], Callable[[Chip, Command], bytes]]] = {
    (_INTERINDUSTRY, 0x20): unlocking.verify,
    (_INTERINDUSTRY, 0x24): unlocking.change_reference_data,
    (_INTERINDUSTRY, 0x84): reading.get_challenge,
    (_INTERINDUSTRY, 0x88): signing.internal_authenticate,
    (_INTERINDUSTRY, _SELECT): selecting.select,
    (_INTERINDUSTRY, 0xB0): reading.read_binary,
    (_INTERINDUSTRY, 0xB2): reading.read_record,
    (_INTERINDUSTRY, 0xCA): reading.get_data,
    (_PROPRIETARY, 0x2A): signing.compute_signature,
    (_PROPRIETARY, 0x32): unlocking.change_key,
    (_PROPRIETARY, 0x50): _issuer_only,
    (_PROPRIETARY, 0x52): _issuer_only,
    (_PROPRIETARY, 0x54): _issuer_only,
    (_PROPRIETARY, 0x8A): _issuer_only,
    (_PROPRIETARY, 0xA2): signing.set_public_key,
    (_PROPRIETARY, 0xAE): signing.set_session_key,
    (_PROPRIETARY, 0xFC): _last_command,
}
"""Command handlers by class and instruction (card.md §2)."""


@dataclass(frozen=True, slots=True)
class CardHabits:
    """What differs between cards, or is not known of the real one."""

    first_command_fails: bool = False
    """Answer 6F00 to the first command after power-up (seen on one card, card.md §1.4)."""
    reset_keeps_session: bool = False
    """A warm reset leaves selection and unlocked references as they are (seen contactless, card.md §1.4)."""


class SimulatedCard:
    """One chip with power, reset and commands."""

    def __init__(
        self,
        image: CardImage,
        random_bytes: Callable[[int], bytes],
        state: CardState | None = None,
        habits: CardHabits | None = None,
    ) -> None:
        """Personalise a chip with `image`; `state` brings try counters from an earlier life."""
        self._chip = Chip(image, state or CardState.at_issue(image), random_bytes)
        self._habits = habits or CardHabits()
        self._is_fresh = True

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._chip.image.atr

    @property
    def state(self) -> CardState:
        """Try counters and changed secrets: what outlives the power."""
        return self._chip.state

    @property
    def application_name(self) -> ApplicationName:
        """The application that is selected now."""
        return self._chip.application_name

    @property
    def file_id(self) -> int | None:
        """The file that is selected now, None when none is."""
        return self._chip.file_id

    def power_on(self) -> bytes:
        """Power up and return the answer to reset."""
        self._start_afresh()
        return self.atr

    def power_off(self) -> None:
        """Take the power away: everything but `state` is forgotten."""
        self._start_afresh()

    def reset(self) -> bytes:
        """Reset while powered (warm) and return the answer to reset."""
        if not self._habits.reset_keeps_session:
            self._start_afresh()
        return self.atr

    def process(self, command: bytes) -> bytes:
        """Answer one command APDU with data and status word: at least two bytes, whatever comes."""
        try:
            data, status_word = self._carry_out(command), status.OK
        except Refused as refusal:
            data, status_word = b"", refusal.status_word
        return data + status_word.to_bytes(2, "big")

    def _carry_out(self, raw: bytes) -> bytes:
        if self._is_fresh and self._habits.first_command_fails:
            self._is_fresh = False
            raise Refused(status.INTERNAL_ERROR)
        self._is_fresh = False
        command = parse_command(raw)
        if command is None:
            raise Refused(status.WRONG_LENGTH)
        return _handler(command)(self._chip, command)

    def _start_afresh(self) -> None:
        self._chip.forget_session()
        self._is_fresh = True


def _handler(command: Command) -> Callable[[Chip, Command], bytes]:
    interindustry_class = command.cla & ~(_CHANNEL_BITS | _SECURE_MESSAGING_BITS)
    if interindustry_class not in {_INTERINDUSTRY, _PROPRIETARY}:
        raise Refused(status.CLASS_UNKNOWN)
    if command.cla & _CHANNEL_BITS:
        raise Refused(status.CHANNEL_NOT_SUPPORTED)
    if command.cla & _SECURE_MESSAGING_BITS:
        is_select = command.ins == _SELECT
        raise Refused(status.SECURE_MESSAGING_NOT_SUPPORTED if is_select else status.NO_SECURE_SESSION)
    handler = _HANDLERS.get((command.cla, command.ins))
    if handler is None:
        raise Refused(status.INSTRUCTION_UNKNOWN)
    return handler
