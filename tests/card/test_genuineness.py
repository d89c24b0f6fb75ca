"""Genuineness: three checks, each of which alone can fail, and no way around them (card.md §7.1, §11; proof.md T6)."""

from __future__ import annotations

import copy
import hashlib
import pickle
from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.card.genuineness import Genuine, GenuinenessAnswer, answer_genuineness, verify_card
from appliance.card.surface import SurfaceRecord, UnsignedFace, parse_card_face
from appliance.domain.card_answers import Genuineness
from appliance.errors import CardNotGenuine, CardNotUnderstood, IssuerKeyRefused, IssuerUnknown
from appliance.trust.cv_certificate import CvCertificate, parse_cv_certificate
from appliance.trust.issuer_keys import IssuerKeys, IssuerKind, parse_issuer_keys, shipped_issuer_keys
from tests.card.chip_bytes import (
    FACE_DIGEST_INFO,
    JP2,
    PNG,
    Face,
    issuers_of_both,
    text_certificate,
)
from tests.card.scripted import CHALLENGE, OTHER_CHALLENGE
from tests.trust.authority import (
    card_key_bytes,
    cv_certificate,
    issuer_toml,
    sign_block,
    sign_digest_info,
    sign_message,
    training_issuers,
)

ISSUERS = training_issuers()
CERTIFICATE = parse_cv_certificate(cv_certificate())
ANSWER = sign_message("card", CHALLENGE)


@pytest.fixture(scope="module")
def record() -> SurfaceRecord:
    return parse_card_face(Face().encode())


def check_failed(
    record: SurfaceRecord, certificate: CvCertificate | None = CERTIFICATE, signature: bytes | None = ANSWER
) -> str:
    with pytest.raises(CardNotGenuine) as failed:
        verify_card(certificate, record, ISSUERS, CHALLENGE, signature)
    return failed.value.check


def test_a_chip_that_passes_every_check_is_genuine(record: SurfaceRecord) -> None:
    genuine = verify_card(CERTIFICATE, record, ISSUERS, CHALLENGE, ANSWER)
    assert genuine.municipality_key_id == "9920121/000"


def test_only_the_checks_can_make_the_proof_and_nobody_can_copy_it(record: SurfaceRecord) -> None:
    with pytest.raises(PermissionError):
        Genuine(object(), "9920121/000")
    genuine = verify_card(CERTIFICATE, record, ISSUERS, CHALLENGE, ANSWER)
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            attempt(genuine)


def test_an_unknown_issuer_is_unknown(record: SurfaceRecord) -> None:
    with pytest.raises(IssuerUnknown):
        verify_card(CERTIFICATE, record, IssuerKeys.for_service(()), CHALLENGE, ANSWER)


def test_a_certificate_by_an_impostor_is_false(record: SurfaceRecord) -> None:
    impostor = parse_cv_certificate(cv_certificate(authority="impostor"))
    assert check_failed(record, certificate=impostor) == "card_certificate"


def test_a_certificate_by_another_applications_authority_is_false(record: SurfaceRecord) -> None:
    certificate = parse_cv_certificate(text_certificate())
    with pytest.raises(CardNotGenuine) as failed:
        verify_card(certificate, record, issuers_of_both(), CHALLENGE, ANSWER)
    assert failed.value.check == "card_certificate"


def test_a_missing_certificate_is_false(record: SurfaceRecord) -> None:
    assert check_failed(record, certificate=None) == "card_certificate"


def test_a_record_signed_by_somebody_else_is_false() -> None:
    assert check_failed(parse_card_face(Face(signer="impostor").encode())) == "record_signature"


def test_a_record_signed_by_the_card_itself_is_false() -> None:
    assert check_failed(parse_card_face(Face(signer="card").encode())) == "record_signature"


@pytest.mark.parametrize(
    "swapped",
    [
        Face(birth_date=b"19850402"),
        Face(sex=b"1"),
        Face(key=card_key_bytes("other")),
        Face(name=PNG),
        Face(address=PNG),
        Face(photo=JP2),
    ],
    ids=["birth date", "sex", "key", "name", "address", "photo"],
)
def test_a_change_of_any_signed_field_is_false(record: SurfaceRecord, swapped: Face) -> None:
    changed = parse_card_face(swapped.encode())
    assert check_failed(replace(changed, signature=record.signature)) == "record_signature"


def test_name_and_address_cannot_change_places(record: SurfaceRecord) -> None:
    face = Face()
    changed = parse_card_face(replace(face, name=face.address, address=face.name).encode())
    assert check_failed(replace(changed, signature=record.signature)) == "record_signature"


def test_what_the_signature_leaves_out_stands_apart_from_the_rest() -> None:
    unsigned = {field.name for field in fields(UnsignedFace)}
    assert unsigned == {"expires_on", "security_code_picture"}
    assert not unsigned & {field.name for field in fields(SurfaceRecord)}


def test_expiry_and_security_code_are_not_proven() -> None:
    changed = parse_card_face(replace(Face(), expires_on=b"20991231", security_code=PNG).encode())
    assert isinstance(verify_card(CERTIFICATE, changed, ISSUERS, CHALLENGE, ANSWER), Genuine)


@settings(max_examples=300)
@given(st.data())
def test_no_flipped_bit_in_the_signed_part_is_genuine(data: st.DataObject) -> None:
    content = bytearray(Face().encode())
    signed_start, signed_end = int.from_bytes(content[8:10], "big"), int.from_bytes(content[22:24], "big") - 1
    at = data.draw(st.integers(signed_start, signed_end))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((CardNotGenuine, CardNotUnderstood)):
        verify_card(CERTIFICATE, parse_card_face(content), ISSUERS, CHALLENGE, ANSWER)


@pytest.mark.parametrize(
    "signed",
    [
        pytest.param(lambda digest: digest, id="without the algorithm"),
        pytest.param(
            lambda digest: (
                bytes.fromhex("3031300D060960864801650304020105000420") + hashlib.sha256(digest).digest()
            ),
            id="one digest of the three",
        ),
        pytest.param(lambda digest: FACE_DIGEST_INFO + digest + b"\x00", id="a byte more"),
        pytest.param(
            lambda digest: FACE_DIGEST_INFO + digest[32:] + digest[:32], id="groups in another order"
        ),
    ],
)
def test_a_signature_over_anything_but_the_exact_digest_rule_is_false(
    signed: Callable[[bytes], bytes],
) -> None:
    record = parse_card_face(Face().encode())
    false = replace(record, signature=sign_digest_info("municipality", signed(record.signed_digest)))
    assert check_failed(false) == "record_signature"


def test_a_loosely_padded_signature_is_false(record: SurfaceRecord) -> None:
    message = FACE_DIGEST_INFO + record.signed_digest
    loose = b"\x00\x01" + b"\xff" * 8 + b"\x00" + message + bytes(256 - 11 - len(message))
    assert check_failed(replace(record, signature=sign_block("municipality", loose))) == "record_signature"


@pytest.mark.parametrize(
    "signature",
    [
        None,
        b"",
        bytes(256),
        b"\xff" * 256,
        ANSWER[:-1],
        ANSWER + b"\x00",
        sign_message("other", CHALLENGE),
        sign_message("municipality", CHALLENGE),
        sign_message("card", OTHER_CHALLENGE),
    ],
    ids=["none", "empty", "zero", "too large", "short", "long", "other key", "issuer's key", "replayed"],
)
def test_a_copy_that_cannot_answer_now_is_false(record: SurfaceRecord, signature: bytes | None) -> None:
    assert check_failed(record, signature=signature) == "challenge"


def test_the_answer_for_staff_keeps_unknown_apart_from_no(record: SurfaceRecord) -> None:
    yes = answer_genuineness(CERTIFICATE, record, ISSUERS, CHALLENGE, ANSWER)
    no = answer_genuineness(CERTIFICATE, record, ISSUERS, CHALLENGE, None)
    unknown = answer_genuineness(CERTIFICATE, record, IssuerKeys.for_service(()), CHALLENGE, None)
    assert (yes.genuine, yes.detail) == (Genuineness.YES, "")
    assert (no.genuine, no.detail) == (Genuineness.NO, "challenge")
    assert (unknown.genuine, unknown.detail) == (Genuineness.UNKNOWN, "9000023/001")
    assert isinstance(yes.proof, Genuine)
    assert (no.proof, unknown.proof) == (None, None)


@pytest.mark.parametrize("genuine", Genuineness)
def test_nobody_says_yes_without_proof_nor_anything_else_with_it(
    record: SurfaceRecord, genuine: Genuineness
) -> None:
    proof = verify_card(CERTIFICATE, record, ISSUERS, CHALLENGE, ANSWER)
    wrong = None if genuine is Genuineness.YES else proof
    with pytest.raises(PermissionError):
        GenuinenessAnswer(genuine, "", wrong)


def test_a_training_root_is_never_accepted_in_service(record: SurfaceRecord) -> None:
    """R30: not by configuration, not in a mixed list, and a training card is unknown to a unit in service."""
    training = parse_issuer_keys(issuer_toml())
    with pytest.raises(IssuerKeyRefused):
        IssuerKeys.for_service(training)
    with pytest.raises(IssuerKeyRefused):
        parse_issuer_keys(issuer_toml(kind='"production"'))
    in_service = IssuerKeys.for_service(shipped_issuer_keys())
    answer = answer_genuineness(CERTIFICATE, record, in_service, CHALLENGE, ANSWER)
    assert answer.genuine is Genuineness.UNKNOWN


def test_every_shipped_authority_tells_its_source() -> None:
    assert all(key.source and key.kind is IssuerKind.PRODUCTION for key in shipped_issuer_keys())
