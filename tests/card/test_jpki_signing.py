"""Having a holder sign: one password for all digests, each signature checked before it is handed on (card.md §1.4)."""

from __future__ import annotations

import copy
import pickle
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.card.file_reading import Progress
from appliance.card.jpki.signing import HolderSigned, sign
from appliance.card.pins import parse_sign_password
from appliance.card.reached_channel import ReachedChannel
from appliance.card.tries import PIN_TRIES_MARGIN, Confirmation, TriesLeft, Unlocked
from appliance.domain.card_answers import Revocation
from appliance.errors import (
    CardBlocked,
    CardNotGenuine,
    CardNotUnderstood,
    CardRefused,
    CardRemoved,
    CardTrouble,
    CertificateOutOfTerm,
    ForeignCard,
    IssuerUnknown,
    NoSigningCertificate,
    NotConfirmed,
    OldResidentCard,
    PhoneToken,
    PinWrong,
    ReadingCancelled,
    TriesNearlyUsed,
    TrustFailure,
    UnitError,
)
from appliance.trust.jpki_authorities import JpkiAuthorities
from tests.card.jpki_chip import (
    PASSWORD,
    VERIFIER,
    WRONG_ANSWERS,
    Interception,
    JpkiChip,
    answers_wrongly,
    sha256,
    token_information,
)
from tests.card.scripted import answers_at, inses, removed_at
from tests.trust.jpki_issuing import (
    NAME,
    Holder,
    signing_certificate,
    training_authorities,
    user_certificate,
)

TODAY = date(2026, 11, 23)
DIGESTS = (sha256(b"a consent"), sha256(b"another one"))
PIECES = -(-len(signing_certificate()) // 256)
VERIFY_AT = 4
FIRST_SIGN_AT = 5 + PIECES
COMMANDS = FIRST_SIGN_AT + len(DIGESTS)
"""SELECT, label, availability, counter, VERIFY, the certificate's pieces, the signatures."""


def run(
    chip: JpkiChip,
    *,
    typed: str = PASSWORD,
    confirmation: Confirmation | None = None,
    authorities: JpkiAuthorities | None = None,
    digests: tuple[bytes, ...] = DIGESTS,
) -> HolderSigned:
    password = parse_sign_password(typed)
    try:
        return sign(
            chip,
            VERIFIER,
            password,
            confirmation or Confirmation(),
            authorities=training_authorities() if authorities is None else authorities,
            digests=digests,
            on=TODAY,
        )
    finally:
        assert password.reveal() == b""


@pytest.mark.parametrize("digests", [DIGESTS[:1], DIGESTS, DIGESTS * 3])
def test_every_digest_is_signed_under_one_password(digests: tuple[bytes, ...]) -> None:
    chip = JpkiChip()
    with run(chip, digests=digests) as signed:
        assert inses(chip.commands) == [
            0xA4,
            0xB0,
            0xB0,
            0x20,
            0x20,
            *[0xB0] * PIECES,
            *[0x2A] * len(digests),
        ]
        assert chip.presented == [PASSWORD.encode()]
        assert [each.digest for each in signed.signatures] == list(digests)
        assert signed.apdus == len(chip.commands)
        assert signed.sent_bytes == sum(map(len, chip.commands))
        assert signed.received_bytes > len(signing_certificate()) + 256 * len(digests)
        assert signed.tries_left == 5


def test_an_independent_reader_of_the_certificate_can_check_the_signatures() -> None:
    with run(JpkiChip()) as signed:
        certificate = x509.load_der_x509_certificate(signed.certificate.holder.encoded.reveal())
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        for each in signed.signatures:
            key.verify(each.signature, each.digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))


def test_the_result_has_the_attributes_and_revocation_unknown_and_is_wiped() -> None:
    with run(JpkiChip()) as signed:
        attributes = signed.certificate.attributes
        assert attributes.name.reveal().decode() == NAME
        assert attributes.birth_date == date(1943, 12, 31)
        assert signed.certified.revocation is Revocation.UNKNOWN
    assert attributes.name.reveal() == b""
    assert signed.certificate.holder.encoded.reveal() == b""


def test_the_result_is_made_by_success_alone_and_shows_nothing() -> None:
    signed = run(JpkiChip())
    with pytest.raises(PermissionError):
        HolderSigned(
            object(),
            signed.certificate,
            signed.certified,
            signed.signatures,
            Unlocked(TriesLeft(5)),
            ReachedChannel(JpkiChip(), verifier=VERIFIER),
        )
    assert repr(signed) == "HolderSigned(2 digests, hidden)"
    assert "signature=" not in repr(signed.signatures[0])
    for copying in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copying(signed)


@pytest.mark.parametrize("availability", ["008F00", "000000", "FF8F00"])
def test_a_card_without_the_certificate_is_told_before_a_try(availability: str) -> None:
    chip, confirmation = JpkiChip(availability=bytes.fromhex(availability)), Confirmation()
    with pytest.raises(NoSigningCertificate):
        run(chip, confirmation=confirmation)
    assert inses(chip.commands) == [0xA4, 0xB0, 0xB0]
    assert not confirmation.is_spent


@pytest.mark.parametrize("digests", [(), (b"",), (bytes(31),), (DIGESTS[0], bytes(33))])
def test_only_digests_are_signed_and_nothing_is_sent_otherwise(digests: tuple[bytes, ...]) -> None:
    chip, confirmation = JpkiChip(), Confirmation()
    with pytest.raises(ValueError, match="digests"):
        run(chip, digests=digests, confirmation=confirmation)
    assert chip.commands == []
    assert not confirmation.is_spent


@pytest.mark.parametrize(
    ("chip", "error", "signs"),
    [
        (JpkiChip(signing_key="impostor"), CardNotGenuine("holder_signature"), 1),
        (JpkiChip(signing_key=None), CardRefused("COMPUTE DIGITAL SIGNATURE", 0x6A88), 1),
        (
            JpkiChip(signing_certificate=Holder(use="signing", signer="impostor").encode()),
            CardNotGenuine("holder_certificate"),
            0,
        ),
        (
            JpkiChip(signing_certificate=user_certificate()),
            CardNotUnderstood("signing certificate: issuer"),
            0,
        ),
        (
            JpkiChip(
                signing_certificate=Holder(
                    use="signing", ends_at=datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC)
                ).encode()
            ),
            CertificateOutOfTerm(),
            0,
        ),
    ],
    ids=["another key", "no key", "another authority", "the wrong one", "over since yesterday"],
)
def test_nothing_is_signed_with_a_certificate_that_does_not_hold(
    chip: JpkiChip, error: UnitError, signs: int
) -> None:
    with pytest.raises(type(error)) as raised:
        run(chip)
    assert str(raised.value) == str(error)
    assert inses(chip.commands).count(0x2A) == signs


def test_an_authority_that_is_not_configured_is_unknown() -> None:
    chip = JpkiChip()
    with pytest.raises(IssuerUnknown):
        run(chip, authorities=JpkiAuthorities.for_training(()))
    assert 0x2A not in inses(chip.commands)


@pytest.mark.parametrize(
    ("name", "error"),
    [("JPKIAPICCTOKEN", OldResidentCard), ("JPKIAPGPSETOKEN", PhoneToken), ("", ForeignCard)],
)
def test_no_password_goes_to_another_kind_of_token(name: str, error: type[CardTrouble]) -> None:
    chip = JpkiChip(information=token_information(name))
    with pytest.raises(error):
        run(chip)
    assert inses(chip.commands) == [0xA4, 0xB0]


def test_a_wrong_password_spends_one_try_and_says_how_many_are_left() -> None:
    chip = JpkiChip()
    with pytest.raises(PinWrong) as wrong:
        run(chip, typed="WRONG2026")
    assert wrong.value.tries_left == 4
    assert len(chip.commands) == VERIFY_AT + 1


@pytest.mark.parametrize(("tries", "error"), [(0, CardBlocked), (1, TriesNearlyUsed)])
def test_the_last_try_stays_the_holders_own(tries: int, error: type[CardTrouble]) -> None:
    chip, confirmation = JpkiChip(password_tries=tries), Confirmation()
    with pytest.raises(error):
        run(chip, confirmation=confirmation)
    assert chip.presented == []
    assert not confirmation.is_spent


def test_wrong_passwords_stop_before_the_last_try() -> None:
    chip = JpkiChip()
    for _ in range(8):
        with pytest.raises((PinWrong, TriesNearlyUsed)):
            run(chip, typed="WRONG2026")
    assert chip.references[0x9B].tries == PIN_TRIES_MARGIN


def test_a_spent_confirmation_presents_nothing() -> None:
    chip, confirmation = JpkiChip(), Confirmation()
    run(chip, confirmation=confirmation).wipe()
    with pytest.raises(NotConfirmed):
        run(chip, confirmation=confirmation)
    assert len(chip.presented) == 1


@pytest.mark.parametrize("position", range(COMMANDS))
def test_a_card_removed_at_any_command_is_told_so_and_never_asked_again(position: int) -> None:
    chip, confirmation = JpkiChip(intercept=removed_at(position)), Confirmation()
    with pytest.raises(CardRemoved):
        run(chip, confirmation=confirmation)
    assert len(chip.commands) == position + 1
    assert confirmation.is_spent == (position >= VERIFY_AT)


def test_one_false_signature_among_several_hands_on_none() -> None:
    chip = JpkiChip(intercept=answers_at(FIRST_SIGN_AT + 1, bytes(256) + b"\x90\x00"))
    with pytest.raises(CardNotGenuine):
        run(chip)


def test_a_signature_over_another_digest_is_not_handed_on() -> None:
    """A chip that signs the first digest twice."""
    chip = JpkiChip()
    answers: list[bytes] = []

    def repeat(index: int, command: bytes) -> bytes | None:
        if index < FIRST_SIGN_AT:
            return None
        answers.append(answers[0] if answers else chip._carry_out(command))
        return answers[-1]

    chip.intercept = repeat
    with pytest.raises(CardNotGenuine):
        run(chip)


def test_progress_grows_to_the_whole() -> None:
    told: list[Progress] = []
    sign(
        JpkiChip(),
        VERIFIER,
        parse_sign_password(PASSWORD),
        Confirmation(),
        authorities=training_authorities(),
        digests=DIGESTS,
        on=TODAY,
        progress=told.append,
    ).wipe()
    done = [progress.done_bytes for progress in told]
    assert done == sorted(set(done))
    assert told[-1].done_bytes == told[-1].total_bytes == 512 + len(signing_certificate())


@pytest.mark.parametrize("stop_after", range(2 + PIECES + len(DIGESTS)))
def test_it_can_be_stopped_between_two_commands_but_not_inside_the_try(stop_after: int) -> None:
    asked: list[int] = []

    def is_cancelled() -> bool:
        asked.append(1)
        return len(asked) > stop_after

    chip, password = JpkiChip(), parse_sign_password(PASSWORD)
    with pytest.raises(ReadingCancelled):
        sign(
            chip,
            VERIFIER,
            password,
            Confirmation(),
            authorities=training_authorities(),
            digests=DIGESTS,
            on=TODAY,
            is_cancelled=is_cancelled,
        )
    assert password.reveal() == b""
    assert len(chip.presented) == (1 if stop_after >= 2 else 0)


@settings(max_examples=150)
@given(st.dictionaries(st.integers(0, COMMANDS), WRONG_ANSWERS, max_size=4), st.integers(0, 5))
def test_whatever_the_chip_answers_one_password_at_most_is_presented_and_no_false_signature_comes_out(
    wrong: dict[int, Interception], tries: int
) -> None:
    chip = JpkiChip(password_tries=tries, intercept=answers_wrongly(wrong))
    with suppress(CardTrouble, TrustFailure):
        assert len(run(chip).signatures) == len(DIGESTS)
    assert chip.presented in ([], [PASSWORD.encode()])
