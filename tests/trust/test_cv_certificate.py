"""Card-verifiable certificates: 568 bytes, vouched for by a configured authority or not at all (card.md §11)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import CardNotGenuine, CardNotUnderstood, IssuerUnknown
from appliance.trust.cv_certificate import parse_cv_certificate
from appliance.trust.issuer_keys import IssuerKeys
from tests.trust.authority import cv_certificate, modulus, training_issuers

HEADERS = [*range(10), *range(307, 312)]


def test_a_certificate_is_read_and_vouched_for() -> None:
    encoded = cv_certificate()
    certificate = parse_cv_certificate(encoded)
    assert len(encoded) == 568
    assert certificate.authority.printed == "9000023/001"
    assert certificate.subject.printed == "9920121/000"
    assert certificate.certified_key(training_issuers()).modulus == modulus("municipality")


def test_an_unknown_authority_is_unknown_and_not_false() -> None:
    with pytest.raises(IssuerUnknown) as unknown:
        parse_cv_certificate(cv_certificate()).certified_key(IssuerKeys.for_service(()))
    assert unknown.value.authority_key_id == "9000023/001"


def test_an_authority_that_borrows_the_name_is_found_out() -> None:
    with pytest.raises(CardNotGenuine) as failed:
        parse_cv_certificate(cv_certificate(authority="impostor")).certified_key(training_issuers())
    assert failed.value.check == "card_certificate"


@settings(max_examples=300)
@given(bit=st.integers(0, 568 * 8 - 1))
def test_no_flipped_bit_is_vouched_for(bit: int) -> None:
    flipped = bytearray(cv_certificate())
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises((CardNotGenuine, CardNotUnderstood, IssuerUnknown)):
        parse_cv_certificate(flipped).certified_key(training_issuers())


@pytest.mark.parametrize("position", HEADERS)
def test_every_header_byte_must_be_the_fixed_one(position: int) -> None:
    changed = bytearray(cv_certificate())
    changed[position] ^= 0x01
    with pytest.raises(CardNotUnderstood):
        parse_cv_certificate(changed)


@pytest.mark.parametrize("size", [0, 1, 567, 569, 1136])
def test_another_size_is_not_understood(size: int) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_cv_certificate((cv_certificate() * 2)[:size])


def test_a_certificate_shows_no_bytes_of_itself() -> None:
    shown = repr(parse_cv_certificate(cv_certificate()))
    assert "body" not in shown
    assert "signature" not in shown
