"""Receipts: only the office makes them, each for one record of one unit (design D3, proof.md T1, T2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.ids import UnitId
from appliance.domain.outbox import Saved
from appliance.errors import FormatUnknown, ReceiptForged, TrustFailure
from appliance.seal.keys import OfficeSigningPrivateKey
from appliance.seal.receipt import ReasonCode, Receipt, Verdict, parse_receipt, sign_receipt, verify_receipt
from tests.seal.conftest import OFFICE_AT, UNIT, Parties, flipped, seeded

ROW = Saved(7, bytes(range(32)), "ABCD-EFGH")
PARTIES = Parties()


def receipt_of(parties: Parties, reason: ReasonCode = ReasonCode.NONE) -> bytes:
    return sign_receipt(UNIT, ROW, reason, OFFICE_AT, parties.signing)


def test_a_receipt_says_what_the_office_did_with_the_record(parties: Parties) -> None:
    assert verify_receipt(receipt_of(parties), UNIT, ROW, parties.signing.public) == Receipt(
        unit=UNIT,
        sequence=7,
        record_hash=ROW.record_hash,
        verdict=Verdict.STORED,
        reason=ReasonCode.NONE,
        office_at=OFFICE_AT,
        signing_key_id=parties.signing.key_id,
    )


@pytest.mark.parametrize("reason", [each for each in ReasonCode if each is not ReasonCode.NONE])
def test_a_refusal_carries_its_reason(parties: Parties, reason: ReasonCode) -> None:
    receipt = verify_receipt(receipt_of(parties, reason), UNIT, ROW, parties.signing.public)
    assert (receipt.verdict, receipt.reason) == (Verdict.REFUSED, reason)


@given(
    st.integers(min_value=1, max_value=2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_every_row_and_instant_survives_the_way(sequence: int, record_hash: bytes, at: datetime) -> None:
    row = Saved(sequence, record_hash, "")
    signed = sign_receipt(UNIT, row, ReasonCode.NONE, at, PARTIES.signing)
    receipt = verify_receipt(signed, UNIT, row, PARTIES.signing.public)
    assert (receipt.sequence, receipt.record_hash) == (sequence, record_hash)
    assert timedelta(0) <= at - receipt.office_at < timedelta(milliseconds=1)


def test_every_flipped_bit_is_refused(parties: Parties) -> None:
    signed = receipt_of(parties)
    for bit in range(len(signed) * 8):
        with pytest.raises(TrustFailure):
            verify_receipt(flipped(signed, bit), UNIT, ROW, parties.signing.public)


def test_every_truncation_and_a_byte_more_are_refused(parties: Parties) -> None:
    signed = receipt_of(parties)
    for changed in (*(signed[:cut] for cut in range(len(signed))), signed + b"\0"):
        with pytest.raises(ReceiptForged) as forged:
            parse_receipt(changed)
        assert forged.value.part == "format"


@pytest.mark.parametrize(
    ("unit", "row", "part"),
    [
        (UnitId("unit-02"), ROW, "unit"),
        (UNIT, replace(ROW, sequence=8), "sequence"),
        (UNIT, replace(ROW, record_hash=bytes(32)), "hash"),
    ],
)
def test_a_receipt_replayed_for_another_record_is_refused(
    parties: Parties, unit: UnitId, row: Saved, part: str
) -> None:
    with pytest.raises(ReceiptForged) as forged:
        verify_receipt(receipt_of(parties), unit, row, parties.signing.public)
    assert forged.value.part == part


def test_another_office_cannot_sign_not_even_under_this_ones_name(parties: Parties) -> None:
    other = OfficeSigningPrivateKey.generate(seeded(40))
    foreign = sign_receipt(UNIT, ROW, ReasonCode.NONE, OFFICE_AT, other)
    renamed = cbor2.loads(foreign)
    renamed[7] = parties.signing.key_id
    for forged in (foreign, cbor2.dumps(renamed, canonical=True)):
        with pytest.raises(ReceiptForged) as refused:
            verify_receipt(forged, UNIT, ROW, parties.signing.public)
        assert refused.value.part == "signature"


def test_a_units_signature_is_no_receipt(parties: Parties) -> None:
    fields = cbor2.loads(receipt_of(parties))
    fields[8] = parties.unit_key.sign(cbor2.dumps(fields[:8], canonical=True))
    with pytest.raises(ReceiptForged):
        verify_receipt(cbor2.dumps(fields, canonical=True), UNIT, ROW, parties.signing.public)


def test_a_parsed_receipt_tells_its_row_before_it_is_believed(parties: Parties) -> None:
    parsed = parse_receipt(receipt_of(parties))
    assert (parsed.claimed.sequence, parsed.claimed.signing_key_id) == (7, parties.signing.key_id)


@pytest.mark.parametrize(
    ("index", "value"),
    [
        (1, "UNIT"),
        (2, 0),
        (3, bytes(31)),
        (4, "lost"),
        (4, "refused"),
        (5, "format"),
        (5, "whim"),
        (6, 253_402_300_800_000),
        (6, "now"),
        (7, "short"),
        (8, bytes(63)),
    ],
)
def test_a_receipt_out_of_form_is_refused(parties: Parties, index: int, value: object) -> None:
    fields = cbor2.loads(receipt_of(parties))
    fields[index] = value
    with pytest.raises(ReceiptForged) as forged:
        parse_receipt(cbor2.dumps(fields, canonical=True))
    assert forged.value.part == "format"


def test_a_newer_receipt_is_named(parties: Parties) -> None:
    fields = cbor2.loads(receipt_of(parties))
    with pytest.raises(FormatUnknown) as unknown:
        parse_receipt(cbor2.dumps([2, *fields[1:]], canonical=True))
    assert (unknown.value.shape, unknown.value.version) == ("receipt", 2)
