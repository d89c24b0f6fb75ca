"""Who vouches for a holder's certificate: service and training never mix, and a proof is made by a check (R30)."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.card_answers import Revocation
from appliance.errors import (
    CardNotGenuine,
    CardNotUnderstood,
    CertificateOutOfTerm,
    IssuerKeyRefused,
    IssuerUnknown,
)
from appliance.trust import jpki_authorities
from appliance.trust.issuer_keys import IssuerKind
from appliance.trust.jpki_authorities import Certified, JpkiAuthorities
from appliance.trust.jpki_authority import JpkiAuthority, shipped_jpki_authorities
from appliance.trust.jpki_profile import CertificateUse, HolderCertificate, parse_holder_certificate
from appliance.trust.jpki_roots import KnownRoot
from tests.trust.jpki_issuing import (
    ARC,
    SIGNING_ROOT,
    USER_ROOT,
    Holder,
    authority,
    authority_key,
    authority_name,
    skid,
    training_authorities,
    user_certificate,
)

USER, SIGNING = CertificateUse.USER_AUTHENTICATION, CertificateUse.SIGNING
TODAY = date(2026, 11, 23)
REAL_ROOT = replace(USER_ROOT, organisation="JPKI", key="looks real")


def parsed(holder: Holder) -> HolderCertificate:
    return parse_holder_certificate(holder.encode(), USER if holder.use == "user" else SIGNING)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[[JpkiAuthority, CertificateUse], None]:
    """Return a hand that enters a test authority in the table of known roots."""

    def enter(root: JpkiAuthority, use: CertificateUse) -> None:
        row = KnownRoot(
            name="tests",
            use=use,
            serial=root.serial,
            key_id=root.key_id,
            valid_from=root.valid_from,
            expires_on=root.expires_on,
            fingerprint=root.fingerprint,
            confidence="A",
            source="tests",
        )
        monkeypatch.setattr(jpki_authorities, "known_roots", lambda: (row,))

    return enter


@pytest.mark.parametrize(
    "holder", [Holder(), Holder(use="signing", key="holder signing")], ids=["user", "signing"]
)
def test_a_certificate_that_an_authority_made_is_certified(holder: Holder) -> None:
    certificate = parsed(holder)
    proof = training_authorities().verify(certificate, TODAY)
    assert proof.certificate is certificate
    assert (proof.kind, proof.checked_on) == (IssuerKind.TRAINING, TODAY)
    assert proof.authority_key_id == skid(holder.root.key).digest.hex().upper()
    assert proof.revocation is Revocation.UNKNOWN


def test_a_proof_is_made_by_the_check_alone_and_cannot_be_copied() -> None:
    certificate = parsed(Holder())
    with pytest.raises(PermissionError):
        Certified(object(), certificate, authority(USER_ROOT), TODAY)
    proof = training_authorities().verify(certificate, TODAY)
    assert repr(proof) == "Certified(user_authentication, training)"
    for copying in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copying(proof)


@pytest.mark.parametrize(
    "holder",
    [
        Holder(signer="impostor"),
        Holder(issuer=authority_name("user", agency="Another Agency")),
        Holder(issuer=authority_name("user", organisation="JPKI-TEST")),
        Holder(changed={x509.AuthorityKeyIdentifier: (authority_key(USER_ROOT, serial=1), False)}),
        Holder(
            changed={
                x509.AuthorityKeyIdentifier: (authority_key(USER_ROOT, name=authority_name("signing")), False)
            }
        ),
    ],
    ids=["signature", "agency", "organisation", "issuer's serial", "issuer's name"],
)
def test_a_certificate_of_somebody_else_is_not_genuine(holder: Holder) -> None:
    with pytest.raises(CardNotGenuine) as refused:
        training_authorities().verify(parsed(holder), TODAY)
    assert refused.value.check == "holder_certificate"


def test_a_certificate_may_name_its_issuer_by_key_alone() -> None:
    by_key = x509.AuthorityKeyIdentifier(skid(USER_ROOT.key).digest, None, None)
    certificate = parsed(Holder(changed={x509.AuthorityKeyIdentifier: (by_key, False)}))
    assert training_authorities().verify(certificate, TODAY).certificate is certificate


def test_one_authority_does_not_vouch_for_the_others_certificates() -> None:
    """Made with the signing authority's key and number, but for user authentication."""
    crossed = Holder(
        signer=SIGNING_ROOT.key,
        changed={x509.AuthorityKeyIdentifier: (authority_key(SIGNING_ROOT, name=USER_ROOT.name), False)},
    )
    with pytest.raises(CardNotGenuine):
        training_authorities().verify(parsed(crossed), TODAY)


def test_an_authority_that_is_not_configured_is_unknown_by_its_key() -> None:
    with pytest.raises(IssuerUnknown) as unknown:
        JpkiAuthorities.for_training([authority(SIGNING_ROOT)]).verify(parsed(Holder()), TODAY)
    assert unknown.value.authority_key_id == skid(USER_ROOT.key).digest.hex().upper()


@pytest.mark.parametrize(
    ("on", "holds"),
    [
        (date(2026, 3, 2), False),
        (date(2026, 3, 3), True),
        (date(2031, 3, 3), True),
        (date(2031, 3, 4), False),
    ],
)
def test_it_holds_from_its_first_day_to_its_last_in_japan(on: date, holds: bool) -> None:
    certificate = parsed(Holder())
    if holds:
        assert training_authorities().verify(certificate, on).checked_on == on
        return
    with pytest.raises(CertificateOutOfTerm):
        training_authorities().verify(certificate, on)


@given(st.integers(-4000, 4000))
def test_no_day_outside_both_terms_gives_a_proof(days: int) -> None:
    on = TODAY + timedelta(days=days)
    short = JpkiAuthorities.for_training(
        [authority(replace(USER_ROOT, ends_at=USER_ROOT.ends_at.replace(year=2028)))]
    )
    certificate = parse_holder_certificate(user_certificate(), USER)
    if date(2026, 3, 3) <= on <= date(2028, 12, 31):
        assert short.verify(certificate, on).checked_on == on
        return
    with pytest.raises(CertificateOutOfTerm):
        short.verify(certificate, on)


def test_a_wiped_certificate_proves_nothing() -> None:
    certificate = parsed(Holder())
    certificate.wipe()
    with pytest.raises(CardNotUnderstood):
        training_authorities().verify(certificate, TODAY)


def test_training_authorities_are_refused_in_service() -> None:
    with pytest.raises(IssuerKeyRefused) as refused:
        JpkiAuthorities.for_service([authority(USER_ROOT)])
    assert refused.value.reason == "training"


def test_who_takes_the_real_name_is_refused_in_service_by_the_fingerprint() -> None:
    with pytest.raises(IssuerKeyRefused) as refused:
        JpkiAuthorities.for_service([authority(REAL_ROOT, "production")])
    assert refused.value.reason == "fingerprint"


def test_a_known_fingerprint_counts_for_its_own_use_only(
    known: Callable[[JpkiAuthority, CertificateUse], None],
) -> None:
    real = authority(REAL_ROOT, "production")
    known(real, SIGNING)
    with pytest.raises(IssuerKeyRefused):
        JpkiAuthorities.for_service([real])


def test_a_known_authority_vouches_in_service_and_not_in_training(
    known: Callable[[JpkiAuthority, CertificateUse], None],
) -> None:
    real = authority(REAL_ROOT, "production")
    known(real, USER)
    policy = x509.PolicyInformation(x509.ObjectIdentifier(f"{ARC}.1.3.30"), None)
    holder = Holder(
        signer=REAL_ROOT.key,
        issuer=REAL_ROOT.name,
        changed={
            x509.CertificatePolicies: (x509.CertificatePolicies([policy]), True),
            x509.AuthorityKeyIdentifier: (authority_key(REAL_ROOT), False),
        },
    )
    service = JpkiAuthorities.for_service([real])
    assert service.kind is IssuerKind.PRODUCTION
    assert service.verify(parsed(holder), TODAY).kind is IssuerKind.PRODUCTION
    with pytest.raises(IssuerUnknown):
        service.verify(parsed(Holder()), TODAY)
    with pytest.raises(IssuerKeyRefused) as refused:
        JpkiAuthorities.for_training([real])
    assert refused.value.reason == "production"


def test_the_same_authority_twice_is_refused() -> None:
    with pytest.raises(IssuerKeyRefused) as refused:
        JpkiAuthorities.for_training([authority(USER_ROOT), authority(USER_ROOT)])
    assert refused.value.reason == "repeated"


def test_service_with_what_is_shipped_is_possible_and_knows_nobody() -> None:
    nobody = JpkiAuthorities.for_service(shipped_jpki_authorities())
    assert (len(nobody), nobody.kind) == (0, IssuerKind.PRODUCTION)
    assert len(training_authorities()) == 2
    with pytest.raises(IssuerUnknown):
        nobody.verify(parsed(Holder()), TODAY)
