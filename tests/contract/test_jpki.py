"""The JPKI application on both benches: the same card says the same through this process and through pcscd (V2)."""

from __future__ import annotations

import hashlib
from contextlib import closing
from datetime import date

import pytest

from appliance.card.jpki.authentication import HolderAuthenticated, authenticate
from appliance.card.jpki.certificates import read_user_auth_certificate
from appliance.card.jpki.signing import HolderSigned, sign
from appliance.card.jpki.token import read_availability, read_token_information, sight_token
from appliance.card.pins import parse_sign_password, parse_user_pin
from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import CardKind, Revocation
from appliance.errors import (
    CardBlocked,
    CardNotGenuine,
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
    TriesNearlyUsed,
)
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.contents.jpki import TokenLabel
from appliance.simulated.contents.workshop import TRAINING_PIN, TRAINING_SIGN_PASSWORD
from appliance.simulated.handed_over import CardOrder
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import Personaliser, transport_card
from appliance.simulated.training_authorities import training_authorities_toml
from appliance.trust.issuer_keys import IssuerKind
from appliance.trust.jpki_authorities import JpkiAuthorities
from appliance.trust.jpki_authority import parse_jpki_authorities
from tests.contract.card_rigs import CardRig, InProcessRig

TODAY = date(2026, 11, 23)
CHALLENGE = bytes(range(32))
DIGESTS = [hashlib.sha256(each).digest() for each in (b"a consent", b"another one")]
AT_COMMANDS = (1, 4, 5, 11)
"""SELECT, VERIFY, signature, and the last piece of the certificate; each command has its test in `tests/card`."""
VERIFIER = VerifierReach(VerifierPolicy.for_training())
TRAINING = JpkiAuthorities.for_training(parse_jpki_authorities(training_authorities_toml()))


def authenticated(
    rig: CardRig,
    pin: str = TRAINING_PIN.decode(),
    confirmation: Confirmation | None = None,
    authorities: JpkiAuthorities = TRAINING,
) -> HolderAuthenticated:
    with closing(rig.reader.connect()) as channel:
        return authenticate(
            channel,
            VERIFIER,
            parse_user_pin(pin),
            confirmation or Confirmation(),
            authorities=authorities,
            challenge=CHALLENGE,
            on=TODAY,
        )


def signed(rig: CardRig, password: str = TRAINING_SIGN_PASSWORD.decode()) -> HolderSigned:
    with closing(rig.reader.connect()) as channel:
        return sign(
            channel,
            VERIFIER,
            parse_sign_password(password),
            Confirmation(),
            authorities=TRAINING,
            digests=DIGESTS,
            on=TODAY,
        )


def presented(rig: CardRig) -> int:
    """Return how many PINs and passwords reached the card that is in."""
    return len([entry for entry in rig.trace() if "xx" in entry.command])


@pytest.mark.parametrize("person", ["p01", "p03", "p09", "p12"])
def test_a_holder_is_authenticated(rig: CardRig, person: str) -> None:
    rig.insert(person)
    with authenticated(rig) as holder:
        expires_on = training_person(person).certificate_expires_on
        assert holder.certified.certificate.expires_on == expires_on
        assert holder.certified.kind is IssuerKind.TRAINING
        assert holder.certified.revocation is Revocation.UNKNOWN
        assert holder.tries_left == 3


@pytest.mark.parametrize("person", ["p01", "p03", "p04", "p11"])
def test_a_holder_signs_and_the_certificate_carries_the_four_attributes(rig: CardRig, person: str) -> None:
    rig.insert(person)
    with signed(rig) as result:
        attributes, known = result.certificate.attributes, training_person(person)
        assert [each.digest for each in result.signatures] == DIGESTS
        assert attributes.name.reveal().decode() == known.name
        assert attributes.address.reveal().decode() == known.address
        assert attributes.birth_date == known.birth_date
        assert attributes.sex.value == known.sex.code
        assert [flag == ord("1") for flag in attributes.name_flags.reveal()] == [
            each == "●" for each in known.name
        ]


def test_it_takes_the_fewest_commands(rig: CardRig) -> None:
    """SELECT, label, counter, VERIFY, signature, and a READ for each 256 bytes of the certificate (S2)."""
    rig.insert("p01")
    with authenticated(rig) as holder:
        pieces = -(-len(holder.certified.certificate.encoded) // 256)
        assert holder.apdus == 5 + pieces == len(rig.trace())
        assert {entry.application for entry in rig.trace()} == {"jpki"}


@pytest.mark.parametrize("person", ["p07", "p08"])
def test_a_certificate_that_is_over_proves_nothing(rig: CardRig, person: str) -> None:
    rig.insert(person)
    with pytest.raises(CertificateOutOfTerm):
        authenticated(rig)
    with pytest.raises(CertificateOutOfTerm):
        signed(rig)


@pytest.mark.parametrize("person", ["p06", "p09"])
def test_a_card_without_a_signing_certificate_is_told_before_a_try(rig: CardRig, person: str) -> None:
    rig.insert(person)
    with pytest.raises(NoSigningCertificate):
        signed(rig)
    assert presented(rig) == 0


def test_a_face_only_card_has_no_pin(rig: CardRig) -> None:
    rig.insert("p06")
    with pytest.raises(CardBlocked):
        authenticated(rig)
    assert presented(rig) == 0


def test_a_training_card_is_unknown_in_service(rig: CardRig) -> None:
    rig.insert("p01")
    with pytest.raises(IssuerUnknown):
        authenticated(rig, authorities=JpkiAuthorities.for_service(()))


def test_wrong_pins_leave_the_last_try_to_the_holder(rig: CardRig) -> None:
    rig.insert("p05")
    for left in (2, 1):
        with pytest.raises(PinWrong) as wrong:
            authenticated(rig, "9999")
        assert wrong.value.tries_left == left
    with pytest.raises(TriesNearlyUsed):
        authenticated(rig)
    assert presented(rig) == 2


def test_a_wrong_password_costs_one_try_and_a_right_one_gives_it_back(rig: CardRig) -> None:
    rig.insert("p02")
    with pytest.raises(PinWrong) as wrong:
        signed(rig, "WRONG2026")
    assert wrong.value.tries_left == 4
    with signed(rig) as result:
        assert result.tries_left == 4
    with signed(rig) as result:
        assert result.tries_left == 5


def test_a_used_confirmation_presents_nothing(rig: CardRig) -> None:
    rig.insert("p01")
    confirmation = Confirmation()
    authenticated(rig, confirmation=confirmation).wipe()
    with pytest.raises(NotConfirmed):
        authenticated(rig, confirmation=confirmation)
    assert presented(rig) == 1


@pytest.mark.parametrize("command", AT_COMMANDS)
def test_a_card_pulled_out_at_any_command_is_told_so(rig: CardRig, command: int) -> None:
    rig.insert("p01", [Fault(FaultKind.REMOVED_AT_COMMAND, command)])
    with pytest.raises(CardRemoved):
        authenticated(rig)
    rig.insert("p01")
    authenticated(rig).wipe()


def test_a_flipped_bit_in_the_signature_is_not_genuine(rig: CardRig) -> None:
    rig.insert("p01", [Fault(FaultKind.FLIPPED_BIT, at=5, value=1000)])
    with pytest.raises(CardNotGenuine):
        authenticated(rig)


@pytest.mark.parametrize("command", AT_COMMANDS)
def test_no_status_word_makes_the_pin_go_out_twice(rig: CardRig, command: int) -> None:
    rig.insert("p01", [Fault(FaultKind.WRONG_STATUS, at=command, value=0x6F00)])
    if command == 1:
        authenticated(rig).wipe()
    else:
        with pytest.raises(CardTrouble):
            authenticated(rig)
    assert presented(rig) <= 1


def test_what_needs_no_pin_is_read_without_one(rig: CardRig) -> None:
    rig.insert("p09")
    with closing(rig.reader.connect()) as channel:
        assert sight_token(channel, VERIFIER) is CardKind.MY_NUMBER_CARD
        assert read_token_information(channel, VERIFIER).model == "TRAINING"
        availability = read_availability(channel, VERIFIER)
        assert (availability.has_signing, availability.has_user_authentication) == (False, True)
        with read_user_auth_certificate(channel, VERIFIER) as certificate:
            assert TRAINING.verify(certificate, TODAY).kind is IssuerKind.TRAINING
    assert presented(rig) == 0


@pytest.mark.parametrize(
    ("label", "kind", "error"),
    [
        (TokenLabel.OLD_RESIDENT_CARD, CardKind.OLD_RESIDENT_CARD, OldResidentCard),
        (TokenLabel.ANDROID, CardKind.PHONE_TOKEN, PhoneToken),
        (TokenLabel.IPHONE, CardKind.PHONE_TOKEN, PhoneToken),
    ],
)
def test_other_tokens_are_named_and_get_no_secret(
    personaliser: Personaliser, label: TokenLabel, kind: CardKind, error: type[CardTrouble]
) -> None:
    rig = InProcessRig(personaliser)
    rig.bench.insert(CardOrder.parse("p01", label.name).card(personaliser))
    with closing(rig.reader.connect()) as channel:
        assert sight_token(channel, VERIFIER) is kind
    with pytest.raises(error):
        authenticated(rig)
    with pytest.raises(error):
        signed(rig)
    assert presented(rig) == 0


def test_a_transport_card_is_foreign(personaliser: Personaliser) -> None:
    rig = InProcessRig(personaliser)
    rig.bench.insert(transport_card())
    with pytest.raises(ForeignCard):
        authenticated(rig)
