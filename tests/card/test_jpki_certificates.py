"""A holder's certificates as they come from the chip: read to their own length, parsed, wiped (card.md §5.1, §13)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.card.jpki.certificates import (
    parse_signing_certificate,
    parse_user_auth_certificate,
    read_user_auth_certificate,
)
from appliance.errors import CardNotUnderstood, CardRefused, CardRemoved, ForeignCard
from appliance.trust.jpki_profile import CertificateUse
from tests.card.jpki_chip import READ_CERTIFICATE, SELECT, VERIFIER, JpkiChip
from tests.card.scripted import Script, inses, removed_at
from tests.trust.jpki_issuing import (
    ADDRESS,
    ATTRIBUTES,
    NAME,
    Holder,
    replaced,
    signing_certificate,
    user_certificate,
)


@pytest.mark.parametrize("filler", [b"", b"\xff" * 40, b"\0" * 600])
def test_the_certificate_is_read_to_its_own_length(filler: bytes) -> None:
    chip = JpkiChip(filler=filler)
    with read_user_auth_certificate(chip, VERIFIER) as certificate:
        assert chip.commands[:2] == [bytes.fromhex(SELECT), bytes.fromhex(READ_CERTIFICATE)]
        assert inses(chip.commands[2:]) == [0xB0] * ((len(user_certificate()) - 1) // 256)
        assert certificate.encoded.reveal() == user_certificate()
        assert certificate.use is CertificateUse.USER_AUTHENTICATION
        assert certificate.expires_on == date(2031, 3, 3)
    assert certificate.encoded.reveal() == b""


def test_a_certificate_shows_none_of_its_lasting_identifiers() -> None:
    certificate = read_user_auth_certificate(JpkiChip(), VERIFIER)
    assert repr(certificate) == "HolderCertificate(user_authentication, hidden)"


@pytest.mark.parametrize(
    "content", [bytes.fromhex("30820200") + bytes(512), signing_certificate(), b"\xff" * 300]
)
def test_bytes_that_are_no_such_certificate_are_not_understood(content: bytes) -> None:
    with pytest.raises(CardNotUnderstood):
        read_user_auth_certificate(JpkiChip(user_certificate=content), VERIFIER)


def test_a_phone_refuses_without_its_pin() -> None:
    with pytest.raises(CardRefused) as refused:
        read_user_auth_certificate(Script((SELECT, "9000"), (READ_CERTIFICATE, "6982")), VERIFIER)
    assert refused.value.status_word == 0x6982


def test_a_chip_without_the_application_is_foreign() -> None:
    with pytest.raises(ForeignCard):
        read_user_auth_certificate(Script((SELECT, "6A82")), VERIFIER)


@pytest.mark.parametrize("position", range(5))
def test_a_card_removed_at_any_command_is_told_so(position: int) -> None:
    with pytest.raises(CardRemoved):
        read_user_auth_certificate(JpkiChip(intercept=removed_at(position)), VERIFIER)


def test_a_signing_certificate_has_the_attributes_and_loses_them_with_its_context() -> None:
    buffer = bytearray(signing_certificate())
    with parse_signing_certificate(buffer) as certificate:
        attributes = certificate.attributes
        assert not any(buffer)
        assert attributes.name.reveal().decode() == NAME
        assert attributes.address.reveal().decode() == ADDRESS
        assert repr(certificate) == "SigningCertificate(hidden)"
    assert certificate.holder.encoded.reveal() == b""
    assert (attributes.name.reveal(), attributes.address.reveal()) == (b"", b"")


def test_a_certificate_whose_attributes_are_not_there_is_not_understood() -> None:
    holder = Holder(use="signing", attributes=replaced(ATTRIBUTES, 3, "x"))
    with pytest.raises(CardNotUnderstood):
        parse_signing_certificate(holder.encode())


@settings(max_examples=200)
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_altered_certificates_end_in_a_value_or_not_understood(at: int, value: int) -> None:
    for encoded, parse in (
        (user_certificate(), parse_user_auth_certificate),
        (signing_certificate(), parse_signing_certificate),
    ):
        content = bytearray(encoded)
        content[at % len(content)] = value
        with suppress(CardNotUnderstood):
            parse(content).wipe()
        assert not any(content)


@given(st.binary(max_size=400))
def test_any_bytes_are_no_certificate(content: bytes) -> None:
    for parse in (parse_user_auth_certificate, parse_signing_certificate):
        with pytest.raises(CardNotUnderstood):
            parse(content)
