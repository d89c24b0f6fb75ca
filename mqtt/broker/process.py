"""A mosquitto of one's own: started, waited for, and ended by its process id."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Final, Self

from appliance.errors import BrokerUnreachable, TrainingPartMissing
from appliance.unit_home import BrokerAddress

BINARY: Final = "mosquitto"
SYSTEM_FOLDERS: Final = "/usr/sbin:/usr/local/sbin"
"""Debian puts the broker where an ordinary user's search path does not look."""

_PROBE_EVERY_S: Final = 0.02
_END_WAIT_S: Final = 10.0


class MosquittoProcess:
    """One running broker; end it with `close`, or use it as a context."""

    __slots__ = ("_process", "address")

    def __init__(self, address: BrokerAddress, process: subprocess.Popen[bytes]) -> None:
        """Hold a started broker; `start` is the way to get one."""
        self.address: Final = address
        self._process = process

    @classmethod
    def start(cls, configuration_file: Path, address: BrokerAddress, deadline_s: float = 10.0) -> Self:
        """Start mosquitto and return when it accepts connections at `address`.

        Raises:
            TrainingPartMissing: mosquitto is not installed.
            BrokerUnreachable: something else listens there, it ended at once (its log says why), or it does not
                listen before the deadline.
        """
        if _listens(address):
            raise BrokerUnreachable(address.host, address.port)
        process = subprocess.Popen(
            [find_binary(), "-c", str(configuration_file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        broker = cls(address, process)
        try:
            broker._wait_until_it_listens(time.monotonic() + deadline_s)
        except BaseException:
            broker.close()
            raise
        return broker

    @property
    def pid(self) -> int:
        """The broker's process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def close(self) -> None:
        """Ask the broker to save and end, and make sure that it has; safe to call again."""
        self._process.terminate()
        try:
            self._process.wait(_END_WAIT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the broker at once, as a crash would."""
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait_until_it_listens(self, deadline_s: float) -> None:
        while not _listens(self.address):
            ended = False
            try:
                self._process.wait(_PROBE_EVERY_S)
                ended = True
            except subprocess.TimeoutExpired:
                pass
            if ended or time.monotonic() >= deadline_s:
                raise BrokerUnreachable(self.address.host, self.address.port)


def find_binary() -> str:
    """Return where mosquitto is.

    Raises:
        TrainingPartMissing: it is not installed.
    """
    found = shutil.which(BINARY) or shutil.which(BINARY, path=SYSTEM_FOLDERS)
    if found is None:
        raise TrainingPartMissing(part="mosquitto", package="mosquitto")
    return found


def _listens(address: BrokerAddress) -> bool:
    try:
        socket.create_connection((address.host, address.port), timeout=1).close()
    except OSError:
        return False
    return True
