"""A holder's certificate as the profile has it: every other one is refused, and none shows what is in it (card.md §13)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import CardNotUnderstood
from appliance.trust.issuer_keys import IssuerKind
from appliance.trust.jpki_profile import (
    POLICIES,
    CertificateUse,
    HolderCertificate,
    parse_authority_name,
    parse_holder_certificate,
)
from tests.trust.authority import modulus
from tests.trust.jpki_issuing import (
    ARC,
    Holder,
    authority_name,
    curve_key,
    large_key,
    name_of,
    other_exponent_key,
    signing_certificate,
    skid,
    usage,
    user_certificate,
)

USER, SIGNING = CertificateUse.USER_AUTHENTICATION, CertificateUse.SIGNING


def parsed(holder: Holder) -> HolderCertificate:
    use = USER if holder.use == "user" else SIGNING
    return parse_holder_certificate(holder.encode(), use)


def policies(*oids: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids]
    )


@pytest.mark.parametrize(
    ("encoded", "use", "key"),
    [(user_certificate, USER, "holder user"), (signing_certificate, SIGNING, "holder signing")],
)
def test_a_certificate_of_the_profile_is_read(
    encoded: Callable[[], bytes], use: CertificateUse, key: str
) -> None:
    certificate = parse_holder_certificate(encoded(), use)
    assert (certificate.use, certificate.kind) == (use, IssuerKind.TRAINING)
    assert certificate.key.modulus == modulus(key)
    assert certificate.encoded.reveal() == encoded()
    assert certificate.authority_key_id == skid(f"jpki {'user' if use is USER else 'signing'}").digest


def test_its_days_are_days_in_japan() -> None:
    """It begins at midnight and ends at the last second of a day there."""
    certificate = parsed(Holder())
    assert (certificate.valid_from, certificate.expires_on) == (date(2026, 3, 3), date(2031, 3, 3))


def test_the_policies_are_those_of_the_profile() -> None:
    assert set(POLICIES.values()) == {f"{ARC}.1.{end}" for end in ("3.30", "1.20", "0.30", "0.20")}
    assert POLICIES[IssuerKind.PRODUCTION, USER] == "1.2.392.200149.8.5.1.3.30"
    assert POLICIES[IssuerKind.PRODUCTION, SIGNING] == "1.2.392.200149.8.5.1.1.20"


def test_the_kind_follows_from_the_issuer_and_needs_its_policy() -> None:
    real = Holder(
        issuer=authority_name("user", "JPKI"),
        changed={x509.CertificatePolicies: (policies(f"{ARC}.1.3.30"), True)},
    )
    assert parsed(real).kind is IssuerKind.PRODUCTION
    test_hierarchy = Holder(issuer=authority_name("user", "JPKI-TEST"))
    assert parsed(test_hierarchy).kind is IssuerKind.TRAINING


UNSIGNED_EKU = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)


@pytest.mark.parametrize(
    ("holder", "part"),
    [
        (Holder(issuer=authority_name("signing")), "issuer"),
        (Holder(issuer=authority_name("user", "JPKI-OTHER")), "issuer"),
        (Holder(issuer=name_of((NameOID.COUNTRY_NAME, "JP"))), "issuer"),
        (Holder(issuer=x509.Name(list(reversed(list(authority_name("user")))))), "issuer"),
        (Holder(issuer=x509.Name([x509.RelativeDistinguishedName(authority_name("user"))])), "issuer"),
        (Holder(changed={x509.KeyUsage: (usage("digital_signature"), False)}), "key usage"),
        (Holder(changed={x509.KeyUsage: (usage("digital_signature", "key_cert_sign"), True)}), "key usage"),
        (Holder(changed={x509.KeyUsage: (usage("content_commitment"), True)}), "key usage"),
        (Holder(changed={x509.KeyUsage: None}), "key usage"),
        (Holder(changed={x509.BasicConstraints: (x509.BasicConstraints(True, None), True)}), "key usage"),
        (Holder(changed={x509.ExtendedKeyUsage: None}), "extended key usage"),
        (Holder(changed={x509.ExtendedKeyUsage: UNSIGNED_EKU}), "extended key usage"),
        (Holder(changed={x509.CertificatePolicies: None}), "key usage"),
        (Holder(changed={x509.CertificatePolicies: (policies(f"{ARC}.1.0.20"), True)}), "policy"),
        (Holder(changed={x509.CertificatePolicies: (policies(f"{ARC}.1.3.30"), True)}), "policy"),
        (Holder(changed={x509.CertificatePolicies: (policies(f"{ARC}.1.1.40"), True)}), "policy"),
        (Holder(public=large_key()), "key"),
        (Holder(public=other_exponent_key()), "key"),
        (Holder(public=curve_key()), "key"),
        (Holder(changed={x509.AuthorityKeyIdentifier: None}), "authority key"),
        (
            Holder(ends_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
            "term",
        ),
        (Holder(digest=hashes.SHA512()), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_profile_is_not_understood(holder: Holder, part: str) -> None:
    with pytest.raises(CardNotUnderstood) as refused:
        parsed(holder)
    assert refused.value.what == "user_authentication certificate" + (f": {part}" if part else "")


def test_policies_beside_the_right_one_do_no_harm() -> None:
    several = policies("1.2.3", f"{ARC}.1.0.30")
    assert parsed(Holder(changed={x509.CertificatePolicies: (several, True)})).use is USER


@pytest.mark.parametrize(("encoded", "use"), [(user_certificate, SIGNING), (signing_certificate, USER)])
def test_one_certificate_is_not_taken_for_the_other(
    encoded: Callable[[], bytes], use: CertificateUse
) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_holder_certificate(encoded(), use)


def test_the_buffer_given_and_the_copy_kept_are_wiped() -> None:
    buffer = bytearray(user_certificate())
    with parse_holder_certificate(buffer, USER) as certificate:
        assert not any(buffer)
        assert repr(certificate) == "HolderCertificate(user_authentication, hidden)"
    assert certificate.encoded.reveal() == b""
    broken = bytearray(b"\x30\x03abc")
    with pytest.raises(CardNotUnderstood):
        parse_holder_certificate(broken, USER)
    assert not any(broken)


@pytest.mark.parametrize("organisation", ["JPKI", "JPKI-TEST", "JPKI-SIM"])
@pytest.mark.parametrize(("unit", "use"), [("user", USER), ("signing", SIGNING)])
def test_an_authority_is_told_by_its_name(organisation: str, unit: str, use: CertificateUse) -> None:
    named = parse_authority_name(authority_name(unit, organisation))
    assert named is not None
    assert named.use is use
    assert (named.kind is IssuerKind.PRODUCTION) == (organisation == "JPKI")


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (("C", "JP"), ("O", "JPKI"), ("OU", "JPKI for user authentication")),
        (("C", "JA"), ("O", "JPKI"), ("OU", "JPKI for user authentication"), ("OU", "x")),
        (("C", "JP"), ("O", "jpki"), ("OU", "JPKI for user authentication"), ("OU", "x")),
        (("C", "JP"), ("O", "JPKI"), ("OU", "x"), ("OU", "JPKI for user authentication")),
        (("O", "JPKI"), ("C", "JP"), ("OU", "JPKI for user authentication"), ("OU", "x")),
        (("C", "JP"), ("O", "JPKI"), ("OU", "JPKI for user authentication"), ("CN", "x")),
        (("C", "JP"), ("O", "JPKI"), ("OU", "JPKI for user authentication"), ("OU", "x"), ("OU", "y")),
    ],
)
def test_any_other_name_is_no_authoritys(parts: tuple[tuple[str, str], ...]) -> None:
    kinds = {
        "C": NameOID.COUNTRY_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "CN": NameOID.COMMON_NAME,
    }
    assert parse_authority_name(name_of(*((kinds[kind], text) for kind, text in parts))) is None


@settings(max_examples=300)
@given(st.integers(0, 10_000), st.integers(0, 255), st.sampled_from([0, 1, 7, 300]))
def test_an_altered_certificate_is_read_or_not_understood(at: int, value: int, cut: int) -> None:
    """No altered byte ends in another error; whether the rest is true is for the signature to tell."""
    content = bytearray(user_certificate())
    content[at % len(content)] = value
    content = content[: len(content) - cut]
    with suppress(CardNotUnderstood), parse_holder_certificate(content, USER) as certificate:
        assert certificate.use is USER
    assert not any(content)
