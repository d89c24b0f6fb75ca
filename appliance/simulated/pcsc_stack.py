"""A private card service with virtual readers, apart from the system's own (pcsc.md, "Start").

pcscd keeps its socket in a place that is compiled in, so it runs in a mount namespace where that place is a fresh
directory; clients are told by `PCSCLITE_CSOCK_NAME`. Where namespaces are forbidden, root can still start a plain one.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from appliance.errors import NoReader, TrainingPartMissing

SOCKET_VARIABLE: Final = "PCSCLITE_CSOCK_NAME"
SLOTS: Final = 2
"""Independent slots that one card service offers (pcsc.md)."""
_DRIVER_NAME: Final = "libifdvpcd.so"
_DRIVER_FOLDERS: Final = (Path("/usr/lib/pcsc/drivers/serial"), Path("/usr/local/lib/pcsc/drivers/serial"))
_BECOME_AND_END_WITH_PARENT: Final = (
    'exec 3<&0; (read _ <&3; kill "$$") & exec "$@" 3<&- </dev/null >/dev/null 2>&1'
)
"""Shell: turn into the command, and leave a watcher that ends it when the pipe from our process closes."""
_LINK_PREFIX: Final = "pcsc-client-"
_PLAIN_SOCKET: Final = Path("/run/pcscd/pcscd.comm")
_START_TIMEOUT_S: Final = 5.0
_STOP_TIMEOUT_S: Final = 5.0
_POLL_S: Final = 0.005
_PORT_ATTEMPTS: Final = 5
_WITHOUT_POLKIT: Final = "--disable-polkit"
_LISTENING: Final = "0A"
"""Socket state in /proc/net/tcp."""
_FIRST_PORT, _LAST_PORT = 20000, 32000
"""Below the ephemeral range, so that no outgoing connection takes the ports between choosing and listening."""


@dataclass(frozen=True, slots=True)
class _Programs:
    pcscd: str
    unshare: str | None
    driver: Path
    flags: tuple[str, ...]
    """Options of pcscd that this version needs."""


class PcscStack:
    """One pcscd of our own with two virtual readers; a context manager, usable again after `stop`."""

    def __init__(self, folder: Path | None = None) -> None:
        """Prepare; `folder` (empty or absent) keeps sockets and configuration, a temporary one is made without it.

        Raises:
            TrainingPartMissing: pcscd or the virtual reader's driver is not installed.
        """
        self._programs = _find_programs()
        self._given_folder = folder
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._socket = _PLAIN_SOCKET
        self._ports: tuple[int, ...] = ()

    @property
    def environment(self) -> Mapping[str, str]:
        """What a client process needs in its environment; libpcsclite reads it once in a process."""
        return {SOCKET_VARIABLE: str(self._socket)}

    def adopt(self) -> None:
        """Make this process a client: PC/SC calls from here on reach this card service.

        libpcsclite keeps the first socket path it saw for the life of the process, so the path given to it is a link
        that is pointed at whichever stack was adopted last. A process that used PC/SC before cannot be adopted.
        """
        link = Path(os.environ.get(SOCKET_VARIABLE, ""))
        if link.parent.name.startswith(_LINK_PREFIX):
            link.parent.mkdir(mode=0o700, exist_ok=True)
        else:
            link = Path(tempfile.mkdtemp(prefix=_LINK_PREFIX)) / "pcscd.comm"
            os.environ[SOCKET_VARIABLE] = str(link)
        link.unlink(missing_ok=True)
        link.symlink_to(self._socket)

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where the slots wait for cards."""
        return tuple(("127.0.0.1", port) for port in self._ports)

    @property
    def pid(self) -> int | None:
        """Process id of the card service, None while it does not run."""
        return self._process.pid if self._process else None

    def start(self) -> Self:
        """Start the card service and wait until its readers listen.

        Raises:
            NoReader: it ended at once, or its readers did not come up.
        """
        self._folder = self._given_folder or Path(tempfile.mkdtemp(prefix="pcsc-"))
        for _ in range(_PORT_ATTEMPTS):
            if self._start_on(_free_ports()):
                return self
        self.stop()
        raise NoReader

    def halt(self) -> None:
        """End the card service and keep its place, as when a service is stopped; `resume` starts it again."""
        self._end_process()

    def resume(self) -> None:
        """Start the card service again with the same socket and ports.

        Raises:
            NoReader: it did not come up.
        """
        if not self._start_on(self._ports):
            raise NoReader

    def stop(self) -> None:
        """End the card service and remove what it left; safe to call again."""
        self._end_process()
        self._disown()
        if self._folder and self._folder != self._given_folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_on(self, ports: tuple[int, ...]) -> bool:
        self._ports = ports
        for command, place in self._ways():
            self._socket = place
            place.parent.mkdir(parents=True, exist_ok=True)
            # A session of its own, so that Ctrl-C in a terminal reaches our process alone.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            comes_up = False
            try:
                comes_up = self._comes_up()
            finally:
                if not comes_up:
                    self._end_process()
            if comes_up:
                return True
        return False

    def _ways(self) -> list[tuple[list[str], Path]]:
        if self._folder is None:
            return []
        readers = self._folder / "readers"
        readers.mkdir(parents=True, exist_ok=True)
        (readers / "vpcd").write_text(_reader_configuration(self._programs.driver, self._ports[0]), "ascii")
        service = [self._programs.pcscd, *self._programs.flags, "--foreground", "--config", str(readers)]
        ways: list[tuple[list[str], Path]] = []
        if self._programs.unshare:
            run = self._folder / "run"
            flags = ["-m"] if os.geteuid() == 0 else ["-r", "-m"]
            script = f'mount --bind "$0" /run || exit 1; {_BECOME_AND_END_WITH_PARENT}'
            command = [self._programs.unshare, *flags, "/bin/sh", "-c", script, str(run), *service]
            ways.append((command, run / "pcscd" / "pcscd.comm"))
        if os.geteuid() == 0 and not _PLAIN_SOCKET.exists():
            ways.append((["/bin/sh", "-c", _BECOME_AND_END_WITH_PARENT, "pcscd", *service], _PLAIN_SOCKET))
        return ways

    def _comes_up(self) -> bool:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                return False
            if self._socket.exists() and listening_ports(self._process.pid) >= set(self._ports):
                return True
            time.sleep(_POLL_S)
        return False

    def _disown(self) -> None:
        link = Path(os.environ.get(SOCKET_VARIABLE, ""))
        if link.is_symlink() and link.readlink() == self._socket:
            link.unlink()
            link.parent.rmdir()

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for left in ("pcscd.comm", "pcscd.pid"):
            (self._socket.parent / left).unlink(missing_ok=True)


def listening_ports(pid: int) -> set[int]:
    """Return the TCP ports on which process `pid` itself listens.

    A busy port leaves the card service running without readers (pcsc.md); so the sockets are looked for, not the process.
    """
    try:
        own = {_target(link) for link in Path(f"/proc/{pid}/fd").iterdir()}
        rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text("ascii").splitlines()[1:]]
    except OSError:
        return set()
    return {
        int(row[1].rpartition(":")[2], 16)
        for row in rows
        if row[3] == _LISTENING and f"socket:[{row[9]}]" in own
    }


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        # A descriptor may be closed between being listed and being looked at.
        return ""


def _find_programs() -> _Programs:
    search = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
    pcscd = shutil.which("pcscd", path=search)
    if pcscd is None:
        raise TrainingPartMissing("pcscd", "pcscd")
    driver = next(
        (folder / _DRIVER_NAME for folder in _DRIVER_FOLDERS if (folder / _DRIVER_NAME).exists()), None
    )
    if driver is None:
        raise TrainingPartMissing("virtual reader", "vsmartcard-vpcd")
    return _Programs(pcscd, shutil.which("unshare", path=search), driver, _flags(pcscd))


def _flags(pcscd: str) -> tuple[str, ...]:
    """Return the option that lets clients in without polkit, where there is one.

    From Debian 13 on (pcscd 2.3) every client of a private service is refused otherwise; Debian 12's 1.9.9 does not know the
    option and would not start with it. The service is reachable through its own socket only.
    """
    said = subprocess.run([pcscd, "--help"], capture_output=True, timeout=_START_TIMEOUT_S, check=False)
    return (_WITHOUT_POLKIT,) if _WITHOUT_POLKIT.encode() in said.stdout + said.stderr else ()


def _free_ports() -> tuple[int, ...]:
    start = _FIRST_PORT + int.from_bytes(os.urandom(2), "big") % (_LAST_PORT - _FIRST_PORT)
    for port in range(start, start + 1000, SLOTS):
        ports = tuple(range(port, port + SLOTS))
        if all(_is_free(each) for each in ports):
            return ports
    raise NoReader


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True


def _reader_configuration(driver: Path, port: int) -> str:
    return (
        'FRIENDLYNAME "Virtual PCD"\n'
        f"DEVICENAME /dev/null:0x{port:04X}\n"
        f"LIBPATH {driver}\n"
        f"CHANNELID 0x{port:04X}\n"
    )
