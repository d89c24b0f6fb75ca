"""`mynavisit card serve`: one card in a virtual reader until somebody takes it out."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, TextIO

from appliance.simulated.card.inserted import InsertedCard
from appliance.simulated.card.pace import ORDINARY_READER, BitRate, Pace, ReaderLimits
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.card.trace import TraceEntry
from appliance.simulated.handed_over import DEFAULT_ATR, OWN_CARDS, CardOrder, Kind
from appliance.simulated.people import training_people
from appliance.simulated.personalisation import ATRS, Personaliser
from appliance.simulated.vpcd import SYSTEM_ADDRESS, VpcdSlot

_ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_PORT_MAX: Final = 0xFFFF
_OWNER: Final = "card"
"""Key of the state file that names whose card it is; try counters of one card fit every other by their names."""


@dataclass(frozen=True, slots=True)
class ServingPlan:
    """How a card is served besides which one it is."""

    vpcd: tuple[str, int] = SYSTEM_ADDRESS
    """Where the virtual reader listens."""
    pace: Pace = Pace.INSTANT
    limits: ReaderLimits = ORDINARY_READER
    state_file: Path | None = None
    """Keeps the try counters; written after every command that changes them, as a chip's memory is."""
    trace_file: Path | None = None
    """Gets one JSON object a line for every command, secrets masked."""


def serve(order: CardOrder, plan: ServingPlan | None = None) -> None:
    """Serve one card until SIGINT or SIGTERM.

    Raises:
        KeyError: nobody has this id.
        NoReader: no virtual reader listens there.
        TrainingPartMissing: something the card is drawn with is not installed.
        ValueError: the state file belongs to another card.
        OSError: a file cannot be read or written.
    """
    plan = plan or ServingPlan()
    card = _continued(order, plan.state_file)
    with ExitStack() as open_files:
        trace = (
            open_files.enter_context(plan.trace_file.open("w", encoding="utf-8")) if plan.trace_file else None
        )
        keeper = _Keeper(card, order, plan.state_file, trace)
        slot = VpcdSlot(plan.vpcd)
        slot.connect()
        keeper.save()
        with _taken_out_by_signals(slot):
            sys.stderr.write(
                f"{order.person} ({order.kind}) lies in the reader at {_shown(plan.vpcd)}; Ctrl-C takes it out\n"
            )
            sys.stderr.flush()
            slot.run(InsertedCard(card, plan.pace, limits=plan.limits, observe=keeper.note))


def parse_order(person: str, kind: str, atr: str) -> CardOrder:
    """Return which card is meant.

    Raises:
        ValueError: one of the words is none, in a sentence for the person who typed it.
    """
    if kind not in set(Kind):
        raise ValueError(f"--kind is one of {', '.join(Kind)}")
    if atr not in ATRS:
        raise ValueError(f"--atr is one of {', '.join(ATRS)}")
    if person not in {known.id for known in training_people()}:
        raise ValueError(f"nobody among the training people has the id {person}")
    order = CardOrder(person, Kind(kind), atr)
    if order.kind not in OWN_CARDS and atr != DEFAULT_ATR:
        raise ValueError(f"a card of the kind {kind} has its own answer to reset")
    return order


def parse_bit_rate(kbit: int) -> ReaderLimits:
    """Return the limits of a reader with this contactless rate.

    Raises:
        ValueError: no such rate, in a sentence.
    """
    rates = [rate.value for rate in BitRate]
    if kbit not in rates:
        raise ValueError(f"--bit-rate is one of {', '.join(map(str, rates))}")
    return ReaderLimits(bit_rate=BitRate(kbit))


def parse_vpcd(text: str) -> tuple[str, int]:
    """Return host and port.

    Raises:
        ValueError: `text` is not HOST:PORT, in a sentence.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= _PORT_MAX:
        raise ValueError("--vpcd takes HOST:PORT")
    return host, int(port)


def _shown(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"


class _Keeper:
    """Writes down what passed, and what the card must remember."""

    def __init__(
        self, card: SimulatedCard, order: CardOrder, state_file: Path | None, trace: TextIO | None
    ) -> None:
        self._card = card
        self._order = order
        self._state_file = state_file
        self._trace = trace
        self._saved = card.state.to_json()

    def note(self, entry: TraceEntry) -> None:
        """Take one exchange down."""
        if self._trace:
            self._trace.write(json.dumps(entry.to_dict()) + "\n")
            self._trace.flush()
        if self._card.state.to_json() != self._saved:
            self.save()

    def save(self) -> None:
        """Write the state at once or not at all."""
        self._saved = self._card.state.to_json()
        if self._state_file:
            owned = {_OWNER: _owner(self._order), **json.loads(self._saved)}
            beside = self._state_file.with_name(self._state_file.name + ".new")
            beside.write_text(json.dumps(owned, indent=1), "utf-8")
            beside.replace(self._state_file)


def _owner(order: CardOrder) -> dict[str, str]:
    # Which side of the card is read makes no difference to what it remembers.
    return {"person": order.person, "kind": order.kind.value}


def _continued(order: CardOrder, state_file: Path | None) -> SimulatedCard:
    if state_file is None or not state_file.exists():
        return order.card(Personaliser())
    text = state_file.read_text("utf-8")
    try:
        is_of_this_card = json.loads(text)[_OWNER] == _owner(order)
        card = order.card(Personaliser(), state_json=text) if is_of_this_card else None
    except (ValueError, TypeError, LookupError):
        card = None
    if card is None:
        raise ValueError(f"{state_file.name} is not the state of this card")
    return card


@contextmanager
def _taken_out_by_signals(slot: VpcdSlot) -> Iterator[None]:
    def take_out(_signal: int, _frame: FrameType | None) -> None:
        slot.remove()

    before = {number: signal.signal(number, take_out) for number in _ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
