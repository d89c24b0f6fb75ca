"""The office's decision as a table: the first thing that does not hold decides."""

from __future__ import annotations

import pytest

from appliance.domain.ids import UnitId
from appliance.seal.receipt import ReasonCode
from appliance.seal.record import ParsedEnvelope, parse_envelope
from appliance.seal.succession import ChainPlace
from mqtt.office.decision import Denied, Judgement, Kept, KnownUnit, Repeated, Unanswered, judge
from mqtt.office.tables import ChainState, IncidentKind, UnitStatus
from tests.office.units import KEYS, OTHER_KEYS, PretendUnit, parse_note

UNIT = PretendUnit()
START = ChainPlace.start(UNIT.name)
FIRST = parse_envelope(UNIT.seal(b"note 1").envelope)
SECOND = parse_envelope(UNIT.seal(b"note 2").envelope)
IMPOSTOR = parse_envelope(PretendUnit(UNIT.name).seal(b"note 1").envelope)


def known(status: UnitStatus = UnitStatus.ACTIVE, place: ChainPlace = START) -> KnownUnit:
    return KnownUnit(UNIT.key.public, status, place)


def decide(
    parsed: ParsedEnvelope,
    *,
    unit: KnownUnit | None,
    came_from: str = "u01",
    stored_hash: bytes | None = None,
) -> Judgement:
    return judge(parsed, UnitId(came_from), unit, stored_hash, KEYS.sealing, parse_note)


@pytest.mark.parametrize(
    ("judgement", "expected"),
    [
        (decide(FIRST, unit=None), Unanswered(IncidentKind.UNKNOWN_UNIT)),
        (decide(FIRST, unit=known(), came_from="u02"), Unanswered(IncidentKind.FORGED)),
        (decide(IMPOSTOR, unit=known()), Unanswered(IncidentKind.FORGED)),
        (decide(IMPOSTOR, unit=known(), stored_hash=b"x" * 32), Unanswered(IncidentKind.FORGED)),
        (decide(FIRST, unit=known(), stored_hash=FIRST.record_hash), Repeated()),
        (decide(FIRST, unit=known(UnitStatus.HELD), stored_hash=FIRST.record_hash), Repeated()),
        (
            decide(FIRST, unit=known(), stored_hash=b"x" * 32),
            Denied(ReasonCode.REPLAY, IncidentKind.REPLAYED),
        ),
        (decide(FIRST, unit=known(UnitStatus.HELD)), Unanswered(IncidentKind.UNIT_HELD)),
        (
            decide(FIRST, unit=known(UnitStatus.REVOKED)),
            Denied(ReasonCode.UNIT, IncidentKind.UNIT_REVOKED),
        ),
    ],
)
def test_what_is_not_kept(judgement: Judgement, expected: Judgement) -> None:
    assert judgement == expected


def test_the_next_record_is_kept_and_moves_the_chain() -> None:
    judgement = decide(FIRST, unit=known())
    assert isinstance(judgement, Kept)
    assert (judgement.reason, judgement.incident) == (ReasonCode.NONE, None)
    assert judgement.chain is ChainState.FOLLOWED
    assert judgement.place.sequence == 1
    assert judgement.payload == b"note 1"


def test_an_early_record_is_kept_and_leaves_the_chain_where_it_is() -> None:
    judgement = decide(SECOND, unit=known())
    assert isinstance(judgement, Kept)
    assert (judgement.chain, judgement.place) == (ChainState.PENDING, START)
    assert judgement.payload == b"note 2"


def test_a_place_that_was_passed_is_a_replay_even_when_nothing_is_stored_there() -> None:
    passed = ChainPlace(5, bytes(32), bytes(32), 9)
    judgement = decide(FIRST, unit=known(place=passed))
    assert judgement == Denied(ReasonCode.REPLAY, IncidentKind.REPLAYED)


def test_the_key_of_another_office_opens_nothing() -> None:
    judgement = judge(FIRST, UNIT.name, known(), None, OTHER_KEYS.sealing, parse_note)
    assert isinstance(judgement, Kept)
    assert (judgement.reason, judgement.payload) == (ReasonCode.OFFICE_KEY, None)
    assert judgement.chain is ChainState.FOLLOWED


def test_a_broken_chain_is_the_reason_even_when_the_content_is_bad_too() -> None:
    broken = parse_envelope(UNIT.stamp(b"gibberish", 1, bytes(32)).envelope)
    judgement = decide(broken, unit=known())
    assert isinstance(judgement, Kept)
    assert (judgement.reason, judgement.incident) == (ReasonCode.CHAIN, IncidentKind.CHAIN_BROKEN)
    assert judgement.chain is ChainState.BROKEN
