"""The staff screen in a process of its own on a terminal of its own, worked by keys like a person's.

The training kit stands behind it, so nothing is attached; a key is pressed only once the screen asks for it.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from mqtt.training.office_beside import TRAINING_PASSPHRASE
from tests.bench.card_stand import BenchFailed
from tui.catalogue import catalogue

ENTER: Final = b"\r"
F2: Final = b"\x1bOQ"
"""As an xterm sends it."""
_ROWS: Final = 30
_COLUMNS: Final = 100
_CERTAIN_LETTERS: Final = 6
"""So much of a title stands on one line on every screen."""
_PATIENCE_S: Final = 90.0
_PRESS_AGAIN_S: Final = 2.0
_READ_BYTES: Final = 65_536
_ENDING_S: Final = 20.0
_PROGRAM: Final = Path(sys.executable).with_name("mynavisit")


class FieldOnTerminal:
    """A running `mynavisit field --training`."""

    def __init__(self, home: Path) -> None:
        """Start it; its data lie in `home`."""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        environment = {
            **os.environ,
            "MYNAVISIT_HOME": str(home),
            "MYNAVISIT_LANGUAGE": "ja",
            "TERM": "xterm-256color",
        }
        self._process = subprocess.Popen(
            [str(_PROGRAM), "field", "--training"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)
        self._painted = b""

    @property
    def process_id(self) -> int:
        """The program's own process."""
        return self._process.pid

    def await_screen(self, section: str, press: bytes = b"") -> None:
        """Wait until the screen of a section of the catalogue is painted, pressing `press` until it is.

        Raises:
            BenchFailed: it does not come.
        """
        words = catalogue("ja")(f"{section}.title", count=0)[:_CERTAIN_LETTERS].encode()
        self._painted = b""
        self.write(press)
        ends_at, pressed_at = time.monotonic() + _PATIENCE_S, time.monotonic()
        while words not in self._painted:
            now = time.monotonic()
            if now > ends_at or self._process.poll() is not None:
                raise BenchFailed(f"the screen {section}")
            if press and now - pressed_at > _PRESS_AGAIN_S:
                self.write(press)
                pressed_at = now
            self._take_painted()

    def write(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._ours, keys)

    def _take_painted(self) -> None:
        """Take what is painted within a moment; a terminal that nobody reads would stop the program."""
        if select.select([self._ours], [], [], 0.1)[0]:
            with suppress(OSError):
                self._painted += os.read(self._ours, _READ_BYTES)

    def settle(self, for_s: float) -> None:
        """Let the program be for a while."""
        ends_at = time.monotonic() + for_s
        while time.monotonic() < ends_at:
            self._take_painted()

    def close(self) -> None:
        """End it as a terminal does that goes away, and wait for its parts to be ended too."""
        with suppress(OSError):
            os.close(self._ours)
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGHUP)
        try:
            self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(_ENDING_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def signed_in(home: Path) -> Iterator[FieldOnTerminal]:
    """Lend the program at the day's list."""
    with FieldOnTerminal(home) as field:
        field.await_screen("staff")
        field.await_screen("passphrase", ENTER)
        field.write(TRAINING_PASSPHRASE.encode())
        field.await_screen("today", ENTER)
        yield field


def compare_first_person(field: FieldOnTerminal, code_b: str) -> None:
    """Take the first person of the list as far as the face advice.

    Raises:
        BenchFailed: a screen does not come.
    """
    for section in ("notice", "consent_card", "consent_face", "consent_giver", "card_place"):
        field.await_screen(section, ENTER)
    field.write(F2)
    field.await_screen("card_code", ENTER)
    field.write(code_b.encode())
    field.await_screen("card_confirm", ENTER)
    field.await_screen("face", ENTER)
    field.await_screen("face_advice", ENTER)
