"""An authority's certificate is configuration: sound in itself, of its profile, with a kind and a source (card.md §13.1)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from cryptography import x509

from appliance.errors import IssuerKeyRefused
from appliance.trust.issuer_keys import IssuerKind
from appliance.trust.jpki_authority import parse_jpki_authorities, shipped_jpki_authorities
from appliance.trust.jpki_profile import CertificateUse
from tests.trust.authority import modulus
from tests.trust.jpki_issuing import (
    SIGNING_ROOT,
    USER_ROOT,
    Root,
    authority,
    authority_name,
    authority_toml,
    curve_key,
    large_key,
    skid,
)

GOOD = USER_ROOT.encode()


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(IssuerKeyRefused) as refused:
        parse_jpki_authorities(text)
    return refused.value.key_id, refused.value.reason


@pytest.mark.parametrize(
    ("root", "use"),
    [(USER_ROOT, CertificateUse.USER_AUTHENTICATION), (SIGNING_ROOT, CertificateUse.SIGNING)],
)
def test_a_table_is_read(root: Root, use: CertificateUse) -> None:
    read = authority(root)
    assert (read.use, read.kind, read.serial) == (use, IssuerKind.TRAINING, root.serial)
    assert read.key.modulus == modulus(root.key)
    assert read.key_id == skid(root.key).digest
    assert read.printed == read.key_id.hex().upper()
    assert (read.valid_from, read.expires_on) == (date(2016, 1, 1), date(2035, 12, 31))
    assert read.fingerprint == hashlib.sha256(root.encode()).digest()
    assert read.source == "tests"


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        (replace(USER_ROOT, ca=False), "format"),
        (replace(USER_ROOT, usages=("key_cert_sign",)), "format"),
        (replace(USER_ROOT, usages=("digital_signature",)), "format"),
        (replace(USER_ROOT, issuer=authority_name("signing")), "format"),
        (replace(USER_ROOT, organisation="JPKI-OTHER"), "format"),
        (replace(USER_ROOT, subject=x509.Name([])), "format"),
        (replace(USER_ROOT, signer="impostor"), "format"),
        (replace(USER_ROOT, without=(x509.SubjectKeyIdentifier,)), "format"),
        (replace(USER_ROOT, without=(x509.KeyUsage,)), "format"),
        (replace(USER_ROOT, without=(x509.BasicConstraints,)), "format"),
        (replace(USER_ROOT, ends_at=datetime(9999, 12, 31, 23, 0, tzinfo=UTC)), "format"),
        (replace(USER_ROOT, organisation="JPKI"), "kind"),
        (replace(USER_ROOT, public=large_key()), "modulus"),
        (replace(USER_ROOT, public=curve_key()), "modulus"),
    ],
)
def test_a_certificate_that_is_no_authoritys_is_refused(root: Root, reason: str) -> None:
    assert refusal(authority_toml(root.encode()))[1] == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (authority_toml(GOOD, kind="production"), "kind"),
        (authority_toml(GOOD, kind="test"), "kind"),
        (authority_toml(GOOD, source='" "'), "source"),
        (authority_toml(GOOD, source="1"), "source"),
        (authority_toml("no certificate\n"), "format"),
        (authority_toml(GOOD) + "unknown = 1\n", "format"),
        (authority_toml(GOOD).replace('source = "tests"\n', ""), "format"),
        ('[[authority]]\ncertificate = 1\nkind = "training"\nsource = "x"\n', "format"),
        ("authority = 1", "format"),
        ("authority = [1]", "format"),
        ("[[authority", "format"),
        ("[[authorities]]\n", "format"),
    ],
)
def test_a_table_that_is_not_whole_is_refused(text: str, reason: str) -> None:
    assert refusal(text)[1] == reason


def test_a_table_holds_one_certificate() -> None:
    two = authority_toml(GOOD).split('"""')[1] * 2
    assert refusal(authority_toml(two))[1] == "format"


def test_a_refusal_names_the_key_once_it_can_be_told() -> None:
    assert refusal(authority_toml(GOOD, source="1"))[0] == skid(USER_ROOT.key).digest.hex().upper()


def test_an_empty_text_has_no_authorities_and_the_shipped_one_is_empty() -> None:
    assert parse_jpki_authorities("") == ()
    assert shipped_jpki_authorities() == ()
