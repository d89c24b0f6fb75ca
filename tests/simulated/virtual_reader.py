"""The reader's side of the vpcd protocol for tests: frames out, frames in, over a real socket."""

from __future__ import annotations

import socket
import struct
import threading
from types import TracebackType
from typing import Self

OFF, ON, RESET, ATR = b"\0", b"\1", b"\2", b"\4"
TIMEOUT_S = 10.0


class VirtualReader:
    """Listens on a free port, as the virtual reader does, for one card at a time."""

    def __init__(self, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.settimeout(TIMEOUT_S)
        self._line: socket.socket | None = None

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._listener.getsockname()[1]

    def accept(self) -> None:
        """Take the next card; the one before is let go."""
        self.let_go()
        self._line, _ = self._listener.accept()
        self._line.settimeout(TIMEOUT_S)

    def send(self, payload: bytes) -> None:
        assert self._line is not None
        self._line.sendall(struct.pack(">H", len(payload)))
        self._line.sendall(payload)

    def ask(self, payload: bytes) -> bytes:
        """Send one frame and return the answer; empty when the card has gone."""
        self.send(payload)
        head = self._receive(2)
        return self._receive(struct.unpack(">H", head)[0]) if head else b""

    def is_left(self) -> bool:
        """Wait for the card's end to close; true when it does."""
        return self._receive(1) == b""

    def let_go(self) -> None:
        if self._line:
            self._line.close()
        self._line = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()
        self._listener.close()

    def _receive(self, size: int) -> bytes:
        assert self._line is not None
        received = b""
        while len(received) < size:
            try:
                part = self._line.recv(size - len(received))
            except ConnectionError:
                return b""
            if not part:
                return b""
            received += part
        return received


def running(target: threading.Thread) -> threading.Thread:
    """Start a thread that ends with the test run at the latest."""
    target.daemon = True
    target.start()
    return target
