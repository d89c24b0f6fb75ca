"""A sealed record: what it holds, who can open it, and that no changed bit passes (proof.md T1, T3, T4)."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import replace

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.ids import OfficeKeyId, UnitId, VisitId, receipt_number
from appliance.domain.outbox import Slot, Stamped
from appliance.errors import FormatUnknown, SealBroken, TrustFailure
from appliance.seal.codec import LARGEST_NUMBER, encode
from appliance.seal.context import SealContext
from appliance.seal.keys import KeyClass, OfficeSealingPrivateKey, SoftwareUnitKey, UnitPublicKey
from appliance.seal.record import (
    EVENTS_LIMIT,
    PAYLOAD_LIMIT_BYTES,
    VerifiedEnvelope,
    parse_envelope,
    seal_record,
)
from tests.seal.conftest import UNIT, VISIT, Parties, entries, flipped, seeded

PAYLOAD = "山田 花子 1938-04-05 希望する".encode()
PARTIES = Parties()


def read_at_office(envelope: bytes, parties: Parties) -> bytes:
    return parse_envelope(envelope).verify(parties.unit_key.public).open(parties.sealing)


@given(
    st.binary(max_size=5_000),
    st.integers(min_value=1, max_value=LARGEST_NUMBER),
    st.binary(min_size=32, max_size=32),
)
def test_the_office_reads_what_the_unit_sealed_with_its_place(
    payload: bytes, sequence: int, link: bytes
) -> None:
    events = entries("signed_in", "card_read")
    context = PARTIES.context(sequence, link)
    stamped = PARTIES.seal(payload, context, events)
    verified = parse_envelope(stamped.envelope).verify(PARTIES.unit_key.public)
    assert verified.open(PARTIES.sealing) == payload
    assert (verified.context, verified.events) == (context, events)
    assert verified.record_hash == stamped.record_hash


def test_hash_and_receipt_number_are_those_of_the_whole_envelope(parties: Parties) -> None:
    stamped = parties.seal(PAYLOAD)
    assert stamped.record_hash == hashlib.sha256(stamped.envelope).digest()
    assert stamped.receipt_number == receipt_number(stamped.record_hash)
    assert parse_envelope(stamped.envelope).envelope == stamped.envelope


def test_the_envelope_begins_with_its_version_and_shows_only_the_place(parties: Parties) -> None:
    fields = cbor2.loads(parties.seal(PAYLOAD, events=entries("signed_in")).envelope)
    clear = [1, UNIT, 1, bytes(32), VISIT, parties.sealing.key_id]
    assert fields[:6] == clear
    assert fields[6] == [[1, "signed_in", "detail", "2026-11-23T04:05:06.789+00:00"]]
    assert fields[8] == parties.unit_key.public.key_id


def test_nothing_of_the_payload_shows(parties: Parties) -> None:
    envelope = parties.seal(PAYLOAD).envelope
    assert not any(PAYLOAD[start : start + 6] in envelope for start in range(len(PAYLOAD) - 5))


def test_the_unit_cannot_read_what_it_sealed_and_two_seals_of_one_record_differ(parties: Parties) -> None:
    assert parties.seal(PAYLOAD).envelope != parties.seal(PAYLOAD).envelope


@pytest.mark.parametrize(
    ("length", "other", "is_same"),
    [(0, 1_020, True), (10, 900, True), (1_020, 1_021, False), (1_021, 2_044, True)],
)
def test_the_size_tells_only_the_number_of_blocks(
    parties: Parties, length: int, other: int, is_same: bool
) -> None:
    sizes = {len(parties.seal(bytes(each)).envelope) for each in (length, other)}
    assert (len(sizes) == 1) is is_same


def test_any_flipped_bit_is_refused(parties: Parties) -> None:
    stamped = parties.seal(PAYLOAD, events=entries("signed_in"))
    bits = len(stamped.envelope) * 8
    # Every bit of the clear part and of the signature, and a sample of the sealed bytes between them.
    sampled = random.Random(5).sample(range(bits), 1_500)
    for bit in {*range(220 * 8), *range(bits - 100 * 8, bits), *sampled}:
        with pytest.raises(TrustFailure):
            read_at_office(flipped(stamped.envelope, bit), parties)


def test_no_head_or_tail_of_an_envelope_is_accepted(parties: Parties) -> None:
    envelope = parties.seal(PAYLOAD).envelope
    for cut in range(len(envelope)):
        with pytest.raises(SealBroken):
            parse_envelope(envelope[:cut])
    for cut in range(1, 60):
        with pytest.raises((SealBroken, FormatUnknown)):
            parse_envelope(envelope[cut:])
    with pytest.raises(SealBroken):
        parse_envelope(envelope + b"\0")


@pytest.mark.parametrize("index", range(1, 10))
def test_no_field_of_another_record_can_be_put_in(parties: Parties, index: int) -> None:
    one = cbor2.loads(parties.seal(b"one", parties.context(1), entries("a")).envelope)
    other_office = OfficeSealingPrivateKey.generate(seeded(20))
    other_context = SealContext(1, UnitId("unit-02"), 2, b"\1" * 32, VisitId("f" * 32), other_office.key_id)
    other_unit = SoftwareUnitKey.generate(seeded(21))
    two = cbor2.loads(
        seal_record(b"two", other_context, other_office.public, other_unit, events=entries("b")).envelope
    )
    assert one[index] != two[index]
    one[index] = two[index]
    with pytest.raises(TrustFailure):
        read_at_office(cbor2.dumps(one, canonical=True), parties)


CHANGES: list[Callable[[SealContext], SealContext]] = [
    lambda context: replace(context, unit=UnitId("unit-02")),
    lambda context: replace(context, sequence=2),
    lambda context: replace(context, previous_link=b"\1" * 32),
    lambda context: replace(context, visit=VisitId("f" * 32)),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_seal_in_another_place_does_not_open_even_when_the_unit_signs_it(
    parties: Parties, change: Callable[[SealContext], SealContext]
) -> None:
    parsed = parse_envelope(parties.seal(PAYLOAD).envelope)
    moved = replace(parsed, context=change(parsed.context))
    signed = replace(moved, signature=parties.unit_key.sign(moved.signed_bytes))
    with pytest.raises(SealBroken) as refused:
        signed.verify(parties.unit_key.public).open(parties.sealing)
    assert refused.value.part == "seal"


def test_another_unit_and_the_same_key_in_another_class_do_not_verify(parties: Parties) -> None:
    parsed = parse_envelope(parties.seal(PAYLOAD).envelope)
    stranger = SoftwareUnitKey.generate(seeded(30)).public
    promoted = UnitPublicKey(KeyClass.TPM, parties.unit_key.public.raw)
    for public in (stranger, promoted):
        with pytest.raises(SealBroken) as refused:
            parsed.verify(public)
        assert refused.value.part == "signature"


def test_a_verified_envelope_cannot_be_made_without_a_signature(parties: Parties) -> None:
    parsed = parse_envelope(parties.seal(PAYLOAD).envelope)
    with pytest.raises(SealBroken):
        VerifiedEnvelope(replace(parsed, signature=bytes(64)), parties.unit_key.public)


def test_another_office_key_is_told_from_a_broken_seal(parties: Parties) -> None:
    verified = parse_envelope(parties.seal(PAYLOAD).envelope).verify(parties.unit_key.public)
    with pytest.raises(SealBroken) as refused:
        verified.open(OfficeSealingPrivateKey.generate(seeded(31)))
    assert refused.value.part == "context"


def test_a_unit_does_not_seal_to_another_key_than_the_context_names(parties: Parties) -> None:
    other = OfficeSealingPrivateKey.generate(seeded(32)).public
    with pytest.raises(SealBroken) as refused:
        seal_record(PAYLOAD, parties.context(), other, parties.unit_key, events=())
    assert refused.value.part == "context"


def test_payload_and_events_are_bounded_and_the_largest_record_is_readable(parties: Parties) -> None:
    most = entries(*["e" * 64] * EVENTS_LIMIT)
    stamped = parties.seal(
        bytes(PAYLOAD_LIMIT_BYTES), events=tuple(replace(e, detail="字" * 128) for e in most)
    )
    assert read_at_office(stamped.envelope, parties) == bytes(PAYLOAD_LIMIT_BYTES)
    with pytest.raises(SealBroken):
        parties.seal(bytes(PAYLOAD_LIMIT_BYTES + 1))
    with pytest.raises(SealBroken):
        parties.seal(b"", events=(*most, most[0]))


def resigned(parties: Parties, padded: bytes) -> Stamped:
    """Return a record of a unit that pads in its own way."""
    context = parties.context()
    parsed = parse_envelope(parties.seal(b"").envelope)
    odd = replace(parsed, sealed=parties.sealing.public.seal(padded, context.to_bytes()))
    envelope = replace(odd, signature=parties.unit_key.sign(odd.signed_bytes)).envelope
    return Stamped(envelope, hashlib.sha256(envelope).digest(), "")


@pytest.mark.parametrize(
    "padded",
    [
        pytest.param(b"", id="no length"),
        pytest.param(bytes(1_023), id="not a whole block"),
        pytest.param(bytes(2_048), id="a block too many"),
        pytest.param((5).to_bytes(4, "big") + b"hello" + b"\1" * 1_015, id="not zeros"),
        pytest.param(b"\xff" * 1_024, id="longer than there is"),
    ],
)
def test_padding_has_one_form(parties: Parties, padded: bytes) -> None:
    with pytest.raises(SealBroken) as refused:
        read_at_office(resigned(parties, padded).envelope, parties)
    assert refused.value.part == "seal"


@pytest.mark.parametrize("version", [0, 2, 99])
def test_an_unknown_version_is_named(parties: Parties, version: int) -> None:
    fields = cbor2.loads(parties.seal(PAYLOAD).envelope)
    with pytest.raises(FormatUnknown) as unknown:
        parse_envelope(cbor2.dumps([version, *fields[1:]], canonical=True))
    assert (unknown.value.shape, unknown.value.version) == ("record", version)


@pytest.mark.parametrize(
    ("index", "value"),
    [
        (1, "Unit 01"),
        (1, ""),
        (1, 5),
        (2, 0),
        (2, "1"),
        (3, bytes(31)),
        (3, bytes(33)),
        (4, "F" * 32),
        (4, "f" * 31),
        (4, "g" * 32),
        (5, "f" * 15),
        (6, [[1, "event", "detail"]]),
        (6, [[1, "event", "detail", "at", "more"]]),
        (6, [["1", "event", "detail", "at"]]),
        (6, [[1, "e" * 65, "detail", "at"]]),
        (6, [[1, "event", "d" * 129, "at"]]),
        (6, b""),
        (7, b"short"),
        (8, "f" * 17),
        (9, bytes(63)),
        (9, bytes(65)),
    ],
)
def test_a_field_that_is_out_of_form_is_refused_before_anything_is_believed(
    parties: Parties, index: int, value: object
) -> None:
    fields = cbor2.loads(parties.seal(PAYLOAD).envelope)
    fields[index] = value
    with pytest.raises(SealBroken) as refused:
        parse_envelope(cbor2.dumps(fields, canonical=True))
    assert refused.value.part in {"format", "context"}


def test_a_field_too_many_is_refused(parties: Parties) -> None:
    fields = cbor2.loads(parties.seal(PAYLOAD).envelope)
    with pytest.raises(SealBroken):
        parse_envelope(cbor2.dumps([*fields, 0], canonical=True))


@pytest.mark.parametrize(
    "changed",
    [
        {"format_version": 2},
        {"sequence": 0},
        {"sequence": LARGEST_NUMBER + 1},
        {"previous_link": b""},
        {"visit": VisitId("not hexadecimal, but 32 letters!")},
        {"office_key_id": OfficeKeyId("")},
    ],
)
def test_a_context_that_could_not_be_read_back_cannot_be_made(
    parties: Parties, changed: dict[str, object]
) -> None:
    with pytest.raises(SealBroken) as refused:
        replace(parties.context(), **changed)  # type: ignore[arg-type]
    assert refused.value.part == "context"


def test_the_context_of_a_slot_is_its_place(parties: Parties) -> None:
    slot = Slot(UNIT, 4, b"\7" * 32, ())
    context = SealContext.of(slot, VISIT, parties.sealing.key_id)
    assert context.to_bytes() == encode(1, UNIT, 4, b"\7" * 32, VISIT, parties.sealing.key_id)
