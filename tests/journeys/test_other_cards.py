"""Cards that the unit does not read: each turn still ends in a saved record, with the true reason and the eyes of staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.domain.decision import DecisionOutcome, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, CardNotRead, FaceNotCompared
from appliance.domain.visit_record import VisitRecord, parse
from appliance.errors import SeveralCards
from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import AttachedReader, CardReader, Presence
from appliance.seal.record import parse_envelope
from appliance.service.chosen_reader import ChosenReader
from appliance.service.visit_day import VisitDay, sign_in
from appliance.simulated.card_host import CardHost
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.pcsc_stack import PcscStack
from appliance.simulated.people import TrainingPerson
from appliance.simulated.rehearsal import rehearse_visit
from tests.service.bench import PASSPHRASE, STAFF, Bench, opened_bench

pytestmark = pytest.mark.journey

PATIENCE_S = 5.0
OTHERS = {
    Kind.OLD_RESIDENT_CARD: CardNotRead.NOT_SUPPORTED,
    Kind.ANDROID: CardNotRead.NOT_SUPPORTED,
    Kind.IPHONE: CardNotRead.NOT_SUPPORTED,
    Kind.RESIDENCE_CARD: CardNotRead.NOT_SUPPORTED,
    Kind.INTEGRATED_RESIDENCE_CARD: CardNotRead.INTEGRATED_RESIDENCE_CARD,
    Kind.TRANSPORT: CardNotRead.NOT_SUPPORTED,
    Kind.BANK: CardNotRead.NOT_SUPPORTED,
}


@dataclass
class OtherHand:
    """Hands over a card of some other kind, whoever's turn it is."""

    put: Callable[[TrainingPerson], object]
    take: Callable[[], object]

    def put_card(self, person: TrainingPerson) -> None:
        self.put(person)

    def take_card(self) -> None:
        self.take()

    def seat(self, person: TrainingPerson) -> None:
        assert person.id


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened_bench(tmp_path) as bench:
        yield bench


@pytest.fixture(scope="module")
def stack() -> Iterator[PcscStack]:
    with PcscStack() as stack:
        stack.adopt()
        yield stack


@pytest.fixture
def reader(stack: PcscStack) -> Iterator[ChosenReader]:
    with closing(ChosenReader(PcscReader)) as reader:
        assert stack.addresses
        assert reader.wait_for(Presence.EMPTY, PATIENCE_S) is Presence.EMPTY
        yield reader


def rehearsed(bench: Bench, reader: CardReader, hand: OtherHand, person: str = "p10") -> VisitRecord:
    unit = replace(bench.unit, reader=reader)
    day: VisitDay = sign_in(unit, STAFF, PASSPHRASE)
    entry = next(each for each in day.roster.entries if each.person == person)
    saved = rehearse_visit(day, entry, bench.people[person], hand).saved
    (row,) = bench.store.states([saved.sequence])
    return parse(parse_envelope(row.envelope).verify(bench.unit_key.public).open(bench.office_key))


def require_eyes(record: VisitRecord, reason: CardNotRead) -> None:
    assert record.card is reason
    assert record.face is FaceNotCompared.NO_PHOTO
    assert (record.decision.outcome, record.decision.reason) == (
        DecisionOutcome.VISUAL_CHECK,
        VisualCheckReason.CARD_NOT_SUPPORTED,
    )


@pytest.mark.parametrize(("kind", "reason"), OTHERS.items(), ids=str)
def test_another_card_in_process(bench: Bench, kind: Kind, reason: CardNotRead) -> None:
    hand = OtherHand(
        lambda person: bench.reader.insert(CardOrder(str(person.id), kind).card(bench.personaliser)),
        bench.reader.remove,
    )
    require_eyes(rehearsed(bench, bench.reader, hand), reason)


@pytest.mark.pcsc
@pytest.mark.parametrize(("kind", "reason"), OTHERS.items(), ids=str)
def test_another_card_through_the_card_service(
    bench: Bench, stack: PcscStack, reader: ChosenReader, kind: Kind, reason: CardNotRead
) -> None:
    with CardHost(stack.addresses) as host:
        hand = OtherHand(lambda person: host.insert(str(person.id), kind=kind.value), host.remove)
        require_eyes(rehearsed(bench, reader, hand), reason)


@pytest.mark.pcsc
def test_of_two_real_readers_the_chosen_one_is_read(
    bench: Bench, stack: PcscStack, reader: ChosenReader
) -> None:
    first, second = (each.name for each in reader.attached())
    with CardHost(stack.addresses[:2]) as host:
        host.insert("p02", slot=0)
        host.insert("p01", slot=1)
        for name in (first, second):
            with closing(PcscReader(name)) as one:
                assert one.wait_for(Presence.CARD, PATIENCE_S) is Presence.CARD
        assert reader.attached() == (
            AttachedReader(first, Presence.CARD),
            AttachedReader(second, Presence.CARD),
        )
        with pytest.raises(SeveralCards):
            reader.connect()
        reader.choose(second)
        record = rehearsed(bench, reader, OtherHand(lambda _: None, lambda: host.remove(slot=1)), "p01")
        assert isinstance(record.card, CardEvidence)
        assert reader.wait_for(Presence.EMPTY, PATIENCE_S) is Presence.EMPTY
        reader.choose("")
        assert reader.presence() is Presence.CARD
