"""A simulated card behind a real card service: the card's side of the vsmartcard virtual reader (pcsc.md, vpcd).

Frames are a two-byte big-endian length and a payload. One byte from the reader is a control (0 off, 1 on, 2 reset, 4 give
the answer to reset, which it asks about every 0.4 s), anything longer a command. The reader has no time-out: whatever
happens here, the socket is answered or closed.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from enum import IntEnum, unique
from typing import Final

from appliance.errors import NoReader
from appliance.simulated.card.inserted import Answered, InsertedCard, Vanished

SYSTEM_ADDRESS: Final = ("127.0.0.1", 35963)
"""Where the virtual reader of a system's own card service listens for its first slot (pcsc.md)."""
_CONNECT_TIMEOUT_S: Final = 5.0
_RECONNECT_S: Final = 0.1
_LENGTH: Final = struct.Struct(">H")


@unique
class _Control(IntEnum):
    POWER_OFF = 0
    POWER_ON = 1
    RESET = 2
    GIVE_ATR = 4


class VpcdSlot:
    """One card in one slot of the virtual reader, from connecting until it is removed."""

    def __init__(self, address: tuple[str, int], gives_up_after_s: float = 1.0) -> None:
        """Name the slot; `gives_up_after_s` is how long a reader's driver waits for a silent card."""
        self._address = address
        self._gives_up_after_s = gives_up_after_s
        self._removed = threading.Event()
        self._line: socket.socket | None = None

    @property
    def is_removed(self) -> bool:
        """True once the card was pulled out, or left by a fault."""
        return self._removed.is_set()

    def connect(self) -> None:
        """Reach the virtual reader, which then sees a card.

        Raises:
            NoReader: nothing listens there.
        """
        try:
            line = socket.create_connection(self._address, _CONNECT_TIMEOUT_S)
        except OSError as refused:
            raise NoReader from refused
        line.settimeout(None)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line = line
        if self.is_removed:
            self.remove()

    def run(self, card: InsertedCard) -> None:
        """Answer for `card` until it is removed; when the card service ends, the card waits for the next one."""
        self._serve_line(card)
        while not self._removed.wait(_RECONNECT_S):
            with contextlib.suppress(NoReader):
                self.connect()
                self._serve_line(card)

    def remove(self) -> None:
        """Pull the card out, from any thread; `run` returns soon after."""
        self._removed.set()
        if self._line:
            # Fails when the other side closed first: the card is out either way.
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def _serve_line(self, card: InsertedCard) -> None:
        if self._line is None:
            return
        # Leaving this block closes the socket, also on an error inside the card: the reader must never wait in vain.
        with self._line as line, contextlib.suppress(OSError, EOFError):
            while not self.is_removed:
                self._serve_frame(line, card)
        card.card.power_off()

    def _serve_frame(self, line: socket.socket, card: InsertedCard) -> None:
        payload = _receive(line, _LENGTH.unpack(_receive(line, _LENGTH.size))[0])
        if len(payload) == 1:
            _control(line, card, payload[0])
            return
        outcome = card.exchange(payload)
        if isinstance(outcome, Vanished):
            self._removed.set()
        elif isinstance(outcome, Answered):
            if outcome.takes_s:
                self._removed.wait(outcome.takes_s)
            _send(line, outcome.answer)
        else:
            # One byte is no answer: the reader then reports what a driver does whose card stays silent.
            self._removed.wait(self._gives_up_after_s)
            _send(line, b"\0")


def _control(line: socket.socket, card: InsertedCard, control: int) -> None:
    if control == _Control.GIVE_ATR:
        # A chip that does not power up gives an answer to reset that is none.
        _send(line, b"\0" if card.is_mute else card.card.atr)
    elif control == _Control.POWER_ON:
        card.card.power_on()
    elif control == _Control.RESET:
        card.card.reset()
    elif control == _Control.POWER_OFF:
        card.card.power_off()


def _send(line: socket.socket, payload: bytes) -> None:
    line.sendall(_LENGTH.pack(len(payload)) + payload)


def _receive(line: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        # The reader sends length and payload apart; without this before every receive, the kernel's delayed
        # acknowledgement holds each command back for 40 ms (pcsc.md, "The 40 ms trap").
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = line.recv(size - len(received))
        if not part:
            raise EOFError
        received += part
    return received
