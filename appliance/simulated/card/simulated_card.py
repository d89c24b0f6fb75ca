"""The card itself: command bytes in, answer bytes out, never an exception (card.md §19).

Pure and deterministic: no clock, no input or output; randomness is given from outside. Transports (in process, behind a
real PC/SC stack) all drive this one object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from appliance.simulated.card import status
from appliance.simulated.card.chip import Chip
from appliance.simulated.card.command import Command, parse_command
from appliance.simulated.card.command_sets import (
    COMMAND_SETS,
    INTERINDUSTRY_CLASS,
    PROPRIETARY_CLASS,
    READER_CLASS,
)
from appliance.simulated.card.files import ApplicationName, CardImage, ChipFamily
from appliance.simulated.card.habits import CardHabits
from appliance.simulated.card.secure_messaging import SECURE_CLASS_BITS, carry_out_secured
from appliance.simulated.card.state import CardState
from appliance.simulated.card.status import Refused

__all__ = ["CardHabits", "SimulatedCard"]

_CHANNEL_BITS: Final = 0x03


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
        self._chip = Chip(image, state or CardState.at_issue(image), random_bytes, habits or CardHabits())
        self._commands = COMMAND_SETS[image.family]
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
        if not self._chip.habits.reset_keeps_session:
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
        if self._is_fresh and self._chip.habits.first_command_fails:
            self._is_fresh = False
            raise Refused(status.INTERNAL_ERROR)
        self._is_fresh = False
        command = parse_command(raw)
        if command is None:
            raise Refused(status.WRONG_LENGTH)
        if command.cla == READER_CLASS:
            return self._answer_by_reader(command)
        if self._chip.image.family is ChipFamily.FELICA:
            raise Refused(status.CLASS_UNKNOWN)
        _require_class(command.cla)
        handler = self._commands.get((command.cla & ~SECURE_CLASS_BITS, command.ins))
        if command.cla & SECURE_CLASS_BITS:
            return carry_out_secured(self._chip, command, handler)
        if handler is None:
            raise Refused(status.INSTRUCTION_UNKNOWN)
        return handler(self._chip, command)

    def _answer_by_reader(self, command: Command) -> bytes:
        handler = self._commands.get((READER_CLASS, command.ins))
        if handler is None:
            raise Refused(status.CLASS_UNKNOWN)
        return handler(self._chip, command)

    def _start_afresh(self) -> None:
        self._chip.forget_session()
        self._is_fresh = True


def _require_class(cla: int) -> None:
    if cla & ~(_CHANNEL_BITS | SECURE_CLASS_BITS) not in {INTERINDUSTRY_CLASS, PROPRIETARY_CLASS}:
        raise Refused(status.CLASS_UNKNOWN)
    if cla & _CHANNEL_BITS:
        raise Refused(status.CHANNEL_NOT_SUPPORTED)
