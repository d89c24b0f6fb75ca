"""Starting and driving the process that owns simulated cards (`card_table`)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Final, Self

from appliance.errors import CardSilent, NoReader
from appliance.simulated.card.faults import Fault
from appliance.simulated.card.pace import ORDINARY_READER, BitRate, Pace
from appliance.simulated.card.trace import TraceEntry

_END_TIMEOUT_S: Final = 5.0


class CardHostRefused(RuntimeError):
    """The card process did not understand an order; a mistake of the program that drives it."""


class CardHost:
    """A card process with slots at `addresses`; a context manager that ends it."""

    def __init__(
        self,
        addresses: Sequence[tuple[str, int]],
        pace: Pace = Pace.INSTANT,
        bit_rate: BitRate = ORDINARY_READER.bit_rate,
    ) -> None:
        """Start the process; it needs no virtual reader before the first card is put in.

        `bit_rate` is the fastest contactless rate of the reader, which a realistic pace keeps to.
        """
        slots = [part for host, port in addresses for part in ("--vpcd", f"{host}:{port}")]
        paces = ["--pace", pace.value, "--bit-rate", str(bit_rate.value)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "appliance.simulated.card_table", *paces, *slots],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # Ctrl-C in a terminal reaches the parent alone; this process ends with its input.
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id of the card process."""
        return self._process.pid

    def insert(
        self, person: str, *, slot: int = 0, kind: str = "contact", faults: Iterable[Fault] = ()
    ) -> bytes:
        """Put a card in, after taking out what lies there, and return its answer to reset.

        `kind` is a key of `personalisation.ATRS` or a `handed_over.Kind`.

        Raises:
            NoReader: the virtual reader is not there.
        """
        plain = [fault.to_dict() for fault in faults]
        return bytes.fromhex(
            self._order(do="insert", person=person, slot=slot, kind=kind, faults=plain)["atr"]
        )

    def remove(self, slot: int = 0) -> None:
        """Take the card out, also in the middle of a read."""
        self._order(do="remove", slot=slot)

    def trace(self, slot: int = 0) -> tuple[TraceEntry, ...]:
        """Return what passed with the card that lies, or lay last, in `slot`."""
        return tuple(TraceEntry(**plain) for plain in self._order(do="trace", slot=slot)["trace"])

    def state(self, person: str, kind: str = "contact") -> str:
        """Return the try counters of a card as JSON."""
        return str(self._order(do="state", person=person, kind=kind)["state"])

    def restore(self, person: str, state_json: str, kind: str = "contact") -> None:
        """Give a card the try counters that `state` returned; it takes effect when it is put in next."""
        self._order(do="restore", person=person, state=state_json, kind=kind)

    def close(self) -> None:
        """End the process; safe to call again."""
        if self._process.poll() is not None:
            return
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _order(self, **order: object) -> dict[str, Any]:
        if self._process.poll() is not None or self._process.stdin is None or self._process.stdout is None:
            raise CardSilent
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except OSError as ended:
            raise CardSilent from ended
        line = self._process.stdout.readline()
        if not line:
            raise CardSilent
        answer: dict[str, Any] = json.loads(line)
        if answer["ok"]:
            return answer
        if answer["error"] == NoReader.__name__:
            raise NoReader
        raise CardHostRefused(f"{order['do']}: {answer['error']} {answer['detail']}")
