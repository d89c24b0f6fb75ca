"""The JPKI application: kinds of tokens, and a certificate, under a verifier policy only (card.md §1.2, §5, §15)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from appliance.card.jpki import parse_token_label, read_user_auth_certificate, sight_token
from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.domain.card_answers import CardKind
from appliance.errors import CardNotUnderstood, CardRefused, ForeignCard
from tests.card.scripted import Script
from tests.trust.authority import rsa_key

SELECT = "00A4040C0AD392F000260100000001"
READ_LABEL = "00B0860020"
READ_CERTIFICATE = "00B08A0000"
ENDS_AT = datetime(2031, 3, 3, 14, 59, 59, tzinfo=UTC)


@pytest.fixture
def verifier() -> VerifierReach:
    return VerifierReach(VerifierPolicy.for_training())


def label(text: str, padding: bytes = b" ") -> bytes:
    return text.encode().ljust(32, padding)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("JPKIAPICCTOKEN2", CardKind.MY_NUMBER_CARD),
        ("JPKIAPICCTOKEN", CardKind.OLD_RESIDENT_CARD),
        ("JPKIAPGPSETOKEN", CardKind.PHONE_TOKEN),
        ("JPKIAPIOSTOKEN", CardKind.PHONE_TOKEN),
        ("JPKIAPICCTOKEN3", CardKind.FOREIGN),
        ("jpkiapicctoken2", CardKind.FOREIGN),
        ("", CardKind.FOREIGN),
    ],
)
@pytest.mark.parametrize("padding", [b" ", b"\0"])
def test_the_label_tells_the_kind(text: str, kind: CardKind, padding: bytes) -> None:
    assert parse_token_label(label(text, padding)) is kind


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_label_of_another_size_is_not_understood(size: int) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_token_label(b" " * size)


def test_a_token_is_told_by_its_label_in_two_commands(verifier: VerifierReach) -> None:
    script = Script((SELECT, "9000"), (READ_LABEL, label("JPKIAPICCTOKEN").hex() + "9000"))
    assert sight_token(script, verifier) is CardKind.OLD_RESIDENT_CARD
    script.assert_finished()


def test_the_first_command_after_power_up_may_fail_once(verifier: VerifierReach) -> None:
    script = Script((SELECT, "6F00"), (SELECT, "9000"), (READ_LABEL, label("JPKIAPIOSTOKEN").hex() + "9000"))
    assert sight_token(script, verifier) is CardKind.PHONE_TOKEN


@pytest.mark.parametrize("answer", ["6A82", "6D00"])
def test_a_chip_without_the_application_is_foreign(verifier: VerifierReach, answer: str) -> None:
    with pytest.raises(ForeignCard):
        sight_token(Script((SELECT, answer)), verifier)


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "INVENTED0000000")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(4711)
    builder = builder.not_valid_before(ENDS_AT - timedelta(days=365)).not_valid_after(ENDS_AT)
    key = rsa_key("card")
    return builder.public_key(key.public_key()).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def certificate_script(content: bytes) -> Script:
    exchanges: list[tuple[str, str | Exception]] = [(SELECT, "9000")]
    size = int.from_bytes(content[2:4], "big") + 4
    exchanges.append((READ_CERTIFICATE, content[:256].hex() + "9000"))
    for at in range(256, size, 256):
        le = min(256, size - at)
        exchanges.append((f"00B0{at:04X}{le % 256:02X}", content[at : at + le].hex() + "9000"))
    return Script(*exchanges)


def test_the_certificate_is_read_to_its_own_length(verifier: VerifierReach) -> None:
    script = certificate_script(certificate() + b"\xff" * 40)
    read = read_user_auth_certificate(script, verifier)
    script.assert_finished()
    assert read.certificate.serial_number == 4711
    assert repr(read) == "UserAuthCertificate(hidden)"


def test_it_expires_on_the_day_in_japan(verifier: VerifierReach) -> None:
    read = read_user_auth_certificate(certificate_script(certificate()), verifier)
    assert read.expires_on == date(2031, 3, 3)


def test_bytes_that_are_no_certificate_are_not_understood(verifier: VerifierReach) -> None:
    content = bytes.fromhex("30820200") + bytes(512)
    with pytest.raises(CardNotUnderstood):
        read_user_auth_certificate(certificate_script(content), verifier)


def test_a_phone_refuses_without_its_pin(verifier: VerifierReach) -> None:
    with pytest.raises(CardRefused) as refused:
        read_user_auth_certificate(Script((SELECT, "9000"), (READ_CERTIFICATE, "6982")), verifier)
    assert refused.value.status_word == 0x6982
