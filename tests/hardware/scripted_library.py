"""A stand-in for the thin layer over the system library: answers from a script, open handles counted, calls that freeze."""

# The scripted library bears the names of the real one.
# ruff: noqa: N802

from __future__ import annotations

import threading

from smartcard import scard

OK: int = scard.SCARD_S_SUCCESS
EMPTY: int = scard.SCARD_STATE_EMPTY
PRESENT: int = scard.SCARD_STATE_PRESENT
UNKNOWN: int = scard.SCARD_STATE_UNKNOWN
UNPLUGGED: int = scard.SCARD_E_NO_READERS_AVAILABLE
FIRST, SECOND = "First reader 00", "Second reader 00"


class ScriptedLibrary:
    """One card service with readers; every attribute may be changed between two calls."""

    def __init__(self) -> None:
        self.readers = {FIRST: PRESENT, SECOND: EMPTY}
        self.establish = OK
        self.lists: list[int] = []
        """Codes of the next listings; success when empty."""
        self.statuses: list[int] = []
        self.connects: list[int] = []
        self.transmits: list[tuple[int, list[int]]] = []
        self.answer = [0x90, 0x00]
        """What every command gets when no transmission is scripted."""
        self.contexts = 0
        self.cards = 0
        self.connected: list[str] = []
        self.protocols: list[int] = []
        self.dispositions: list[int] = []
        self.headers: list[int] = []
        self.threads: set[int] = set()
        self.looks = 0
        self._frozen: dict[str, threading.Event] = {}
        self.met_ice = threading.Event()
        """Set when a call froze."""

    def freeze(self, call: str) -> None:
        """Let the next call of that name hang until `thaw`."""
        self.met_ice.clear()
        self._frozen[call] = threading.Event()

    def thaw(self) -> None:
        """Let every frozen call go on."""
        for ice in tuple(self._frozen.values()):
            ice.set()
        self._frozen.clear()

    def SCardEstablishContext(self, scope: int) -> tuple[int, int]:
        self._pass("SCardEstablishContext")
        self.contexts += self.establish == OK
        return self.establish, 7

    def SCardReleaseContext(self, context: int) -> int:
        self._pass("SCardReleaseContext")
        self.contexts -= 1
        return OK

    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]:
        self._pass("SCardListReaders")
        code = self.lists.pop(0) if self.lists else OK
        return code, list(self.readers) if code == OK else []

    def SCardGetStatusChange(
        self, context: int, timeout_ms: int, states: list[tuple[str, int]]
    ) -> tuple[int, list[tuple[str, int, list[int]]]]:
        self._pass("SCardGetStatusChange")
        assert timeout_ms == 0, "nobody sleeps inside the card service"
        self.looks += 1
        code = self.statuses.pop(0) if self.statuses else OK
        return code, [(name, self.readers.get(name, UNKNOWN), []) for name, _ in states]

    def SCardConnect(self, context: int, name: str, share: int, protocols: int) -> tuple[int, int, int]:
        self._pass("SCardConnect")
        assert share == scard.SCARD_SHARE_EXCLUSIVE
        self.connected.append(name)
        self.protocols.append(protocols)
        code = self.connects.pop(0) if self.connects else OK
        self.cards += code == OK
        is_t0 = protocols & scard.SCARD_PROTOCOL_T0
        return code, 9, scard.SCARD_PROTOCOL_T0 if is_t0 else scard.SCARD_PROTOCOL_T1

    def SCardTransmit(self, card: int, header: int, command: list[int]) -> tuple[int, list[int]]:
        self._pass("SCardTransmit")
        self.headers.append(header)
        return self.transmits.pop(0) if self.transmits else (OK, self.answer)

    def SCardDisconnect(self, card: int, disposition: int) -> int:
        self._pass("SCardDisconnect")
        self.cards -= 1
        self.dispositions.append(disposition)
        return OK

    def _pass(self, call: str) -> None:
        self.threads.add(threading.get_ident())
        if call in self._frozen:
            ice = self._frozen[call]
            self.met_ice.set()
            assert ice.wait(30), "a test forgot to thaw"
