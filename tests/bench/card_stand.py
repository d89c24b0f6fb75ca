"""A training card behind the real card service, and two ways to talk to it: the product's reader and the bare library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Final

from smartcard import scard

from appliance.assembly import training_issuers
from appliance.card.code_b import CodeB, parse_code_b
from appliance.card.identification import CardReading, read
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import Genuineness
from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import CardChannel, Presence
from appliance.simulated.card.pace import ORDINARY_READER, BitRate, Pace
from appliance.simulated.card.trace import TraceEntry
from appliance.simulated.card_host import CardHost
from appliance.simulated.pcsc_stack import PcscStack
from appliance.simulated.people import training_person
from appliance.trust.issuer_keys import IssuerKeys

ON: Final = date(2026, 11, 23)
CHALLENGE: Final = bytes(range(32))
_PATIENCE_S: Final = 5.0
_SLOT: Final = "00 00"


class BenchFailed(RuntimeError):
    """What was to be measured did not work, so that there is nothing to report."""


@dataclass(slots=True)
class RecordingChannel:
    """Passes commands on and keeps each with its answer."""

    channel: CardChannel
    exchanges: list[tuple[bytes, bytes]] = field(default_factory=list, repr=False)

    def transmit(self, command: bytes) -> bytes:
        """Send one command."""
        answer = self.channel.transmit(command)
        self.exchanges.append((command, answer))
        return answer


class RawLine:
    """An exclusive connection through the library alone, which answers in lists of numbers."""

    def __init__(self, reader_name: str) -> None:
        """Connect.

        Raises:
            BenchFailed: the card service refuses.
        """
        _, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        code, self._card, _ = scard.SCardConnect(
            self._context, reader_name, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T1
        )
        if code != scard.SCARD_S_SUCCESS:
            raise BenchFailed("connect")

    def send(self, commands: Sequence[list[int]]) -> list[list[int]]:
        """Send the commands one after the other and look at nothing but the library's own result.

        Raises:
            BenchFailed: the card service refuses one.
        """
        answers = []
        card, transmit, header = self._card, scard.SCardTransmit, scard.SCARD_PCI_T1
        for command in commands:
            code, answer = transmit(card, header, command)
            if code:
                raise BenchFailed("transmit")
            answers.append(answer)
        return answers

    def close(self) -> None:
        """Power the card down and leave the card service."""
        scard.SCardDisconnect(self._card, scard.SCARD_UNPOWER_CARD)
        scard.SCardReleaseContext(self._context)


class CardStand:
    """One slot of the virtual reader, and the hand that lays cards into it."""

    def __init__(self, host: CardHost) -> None:
        """Look at the first slot."""
        self._host = host
        self.reader = PcscReader(_SLOT)

    def lay(self, person: str, kind: str = "contact") -> bytes:
        """Put a card in and return its answer to reset, once the card service has seen it.

        Raises:
            BenchFailed: the card service does not.
        """
        self._host.remove()
        # Without this the service may take the new card for the old one, which has just lost its power.
        if self.reader.wait_for(Presence.EMPTY, _PATIENCE_S) is not Presence.EMPTY:
            raise BenchFailed("remove")
        answer_to_reset = self._host.insert(person, kind=kind)
        if self.reader.wait_for(Presence.CARD, _PATIENCE_S) is not Presence.CARD:
            raise BenchFailed("insert")
        return answer_to_reset

    def trace(self) -> tuple[TraceEntry, ...]:
        """Return what the card saw since it was put in."""
        return self._host.trace()

    @contextmanager
    def channel(self) -> Iterator[CardChannel]:
        """Connect as the product does."""
        with closing(self.reader.connect()) as channel:
            yield channel

    @contextmanager
    def raw(self) -> Iterator[RawLine]:
        """Connect through the library alone."""
        with closing(RawLine(self.reader.name)) as line:
            yield line

    def recorded(self, person: str) -> list[tuple[bytes, bytes]]:
        """Read the card once and return what passed."""
        with self.channel() as channel, code_of(person) as code_b:
            recording = RecordingChannel(channel)
            identify(recording, code_b).wipe()
        return recording.exchanges


@contextmanager
def card_stand(
    stack: PcscStack, pace: Pace = Pace.INSTANT, bit_rate: BitRate = ORDINARY_READER.bit_rate
) -> Iterator[CardStand]:
    """Open a stand on a running card service, with a card process of its own."""
    with CardHost(stack.addresses, pace, bit_rate) as host:
        stand = CardStand(host)
        try:
            yield stand
        finally:
            stand.reader.close()


@contextmanager
def private_stack() -> Iterator[PcscStack]:
    """Start a card service and make this process its client."""
    with PcscStack() as stack:
        stack.adopt()
        yield stack


def identify(channel: CardChannel | RecordingChannel, code_b: CodeB) -> CardReading:
    """Read a card with authenticity, as a visit does once the code was typed in.

    Raises:
        BenchFailed: the card is not found genuine, so it was not read as in a visit.
    """
    reading = read(channel, code_b, Confirmation(), issuers=_issuers(), challenge=CHALLENGE, on=ON)
    if reading.answers.genuine is not Genuineness.YES:
        reading.wipe()
        raise BenchFailed("genuineness")
    return reading


def code_of(person: str) -> CodeB:
    """Return a person's code B; the caller wipes it."""
    return parse_code_b(training_person(person).code_b)


@cache
def _issuers() -> IssuerKeys:
    # A unit loads them once, when it starts.
    return training_issuers()
