"""The office's own certificate authority: who is a broker of this office, who is one of its units.

EC P-256 throughout, because every broker and TLS library takes it. These certificates only guard the pipe; what a record or
a receipt is worth is decided by the keys of `appliance.seal`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.errors import NotProvisioned

AUTHORITY_TERM: Final = timedelta(days=20 * 365)
MEMBER_TERM: Final = timedelta(days=2 * 365)
"""Brokers, collectors and units; claimed or set up again before that."""
RENEW_BEFORE: Final = timedelta(days=60)
"""A certificate with less than this left is made anew at the next set-up."""

_CLOCK_SLACK: Final = timedelta(days=1)
"""A unit's clock may be behind the office's by so much."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key; no text form shows the key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as PEM: public."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key as unencrypted PKCS #8 PEM: for a file of mode 0600."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def __repr__(self) -> str:
        """Name the holder and nothing else."""
        return f"Pair({self.certificate.subject.rfc4514_string()!r})"


def make_authority(name: str, now: datetime) -> Pair:
    """Return a new root that may sign members and nothing below them."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _common_name(name)
    builder = (
        _begin(subject, subject, key, now, AUTHORITY_TERM)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return Pair(builder.sign(key, hashes.SHA256()), key)


def make_broker(authority: Pair, hosts: Sequence[str], now: datetime) -> Pair:
    """Return a server certificate for these host names and addresses."""
    names = x509.SubjectAlternativeName([_host(host) for host in hosts])
    return _make_member(authority, hosts[0], names, ExtendedKeyUsageOID.SERVER_AUTH, now)


def make_client(authority: Pair, name: str, now: datetime) -> Pair:
    """Return a client certificate; the broker takes its common name as the user's name."""
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    return _make_member(authority, name, names, ExtendedKeyUsageOID.CLIENT_AUTH, now)


def load_pair(certificate_pem: bytes, key_pem: bytes) -> Pair:
    """Return a stored pair.

    Raises:
        NotProvisioned: the bytes are no certificate with its EC key.
    """
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        key = load_pem_private_key(key_pem, None)
    except ValueError as error:
        raise NotProvisioned("certificate") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise NotProvisioned("certificate")
    return Pair(certificate, key)


def is_fit(
    certificate: x509.Certificate, authority: x509.Certificate, hosts: Sequence[str], now: datetime
) -> bool:
    """Tell whether a member's certificate still serves: signed by `authority`, for all `hosts`, long enough."""
    try:
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    covered = set(names)
    return (
        all(_host(host) in covered for host in hosts) and certificate.not_valid_after_utc - now > RENEW_BEFORE
    )


def _make_member(
    authority: Pair, name: str, names: x509.SubjectAlternativeName, use: x509.ObjectIdentifier, now: datetime
) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    builder = (
        _begin(_common_name(name), issuer.subject, key, now, MEMBER_TERM)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(names, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
    )
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, term: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now + term)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
