"""JPKI's certificates as their profile has them (card.md §13): two authorities, two certificates for each holder.

A value that exists has the profile's names, key, usage and policy; that somebody vouches for it is for `jpki_authorities`
to tell. Serial number, subject and key of a holder's certificate are lasting identifiers: they stay in memory and show in
no text (F9.23).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, unique
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from appliance.domain.ephemeral import Ephemeral, Wiped
from appliance.domain.japan import date_in_japan
from appliance.errors import CardNotUnderstood
from appliance.trust.card_key import CardKey
from appliance.trust.issuer_keys import IssuerKind
from appliance.trust.x509_reading import (
    attempt,
    critical_extensions,
    extension_of,
    load_certificate,
    name_parts,
    rsa_key_of,
)

_ARC: Final = "1.2.392.200149.8.5.1"
"""JPKI's certificate policies (card.md §13.2, §13.3)."""
_HOLDER_CRITICAL: Final = frozenset({ExtensionOID.KEY_USAGE, ExtensionOID.CERTIFICATE_POLICIES})
_USAGE_BITS: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@unique
class CertificateUse(Enum):
    """The two certificates of a holder, and the authority of each."""

    USER_AUTHENTICATION = "user_authentication"
    """利用者証明用: says nothing about the person."""
    SIGNING = "signing"
    """署名用: carries the four attributes."""

    @property
    def what(self) -> str:
        """The certificate's name in error fields."""
        return f"{self.value} certificate"


UNIT_NAMES: Final[Mapping[CertificateUse, str]] = MappingProxyType(
    {
        CertificateUse.USER_AUTHENTICATION: "JPKI for user authentication",
        CertificateUse.SIGNING: "JPKI for digital signature",
    }
)
"""First organisational unit in an authority's name (card.md §13.1)."""
ORGANISATIONS: Final[Mapping[str, IssuerKind]] = MappingProxyType(
    {"JPKI": IssuerKind.PRODUCTION, "JPKI-TEST": IssuerKind.TRAINING, "JPKI-SIM": IssuerKind.TRAINING}
)
"""Organisation in an authority's name: the real one, J-LIS's test hierarchy (card.md §13.1), the invented one."""
POLICIES: Final[Mapping[tuple[IssuerKind, CertificateUse], str]] = MappingProxyType(
    {
        (IssuerKind.PRODUCTION, CertificateUse.USER_AUTHENTICATION): f"{_ARC}.3.30",
        (IssuerKind.PRODUCTION, CertificateUse.SIGNING): f"{_ARC}.1.20",
        (IssuerKind.TRAINING, CertificateUse.USER_AUTHENTICATION): f"{_ARC}.0.30",
        (IssuerKind.TRAINING, CertificateUse.SIGNING): f"{_ARC}.0.20",
    }
)
"""Policies of cards (card.md §13.2, §13.3). Those of phones are not confirmed and not accepted (card.md §15)."""


def key_usage(*allowed: str) -> x509.KeyUsage:
    """Return a key usage of exactly these bits, for comparison."""
    return x509.KeyUsage(**{bit: bit in allowed for bit in _USAGE_BITS})


_HOLDER_USAGES: Final[Mapping[CertificateUse, x509.KeyUsage]] = MappingProxyType(
    {
        CertificateUse.USER_AUTHENTICATION: key_usage("digital_signature"),
        CertificateUse.SIGNING: key_usage("digital_signature", "content_commitment"),
    }
)


@dataclass(frozen=True, slots=True)
class HolderCertificate(Wiped):
    """One certificate of a holder; nothing in it is proven before `JpkiAuthorities.verify` returns."""

    use: CertificateUse
    kind: IssuerKind
    """Whether it claims to be of a real person; by its issuer's name."""
    key: CardKey
    authority_key_id: bytes
    """Which generation of the authority signed it."""
    valid_from: date
    expires_on: date
    """First and last day in Japan (card.md §13.2)."""
    encoded: Ephemeral
    """The whole certificate, DER."""

    def wipe(self) -> None:
        """Overwrite the certificate; safe to call again."""
        self.encoded.wipe()

    def __repr__(self) -> str:
        return f"HolderCertificate({self.use.value}, hidden)"


@dataclass(frozen=True, slots=True)
class AuthorityName:
    """What an authority's name says of it."""

    use: CertificateUse
    kind: IssuerKind


def parse_holder_certificate(encoded: bytes | bytearray, use: CertificateUse) -> HolderCertificate:
    """Return the certificate in exactly these DER bytes; a bytearray given is wiped.

    Raises:
        CardNotUnderstood: not a certificate of this use as the profile has it; `what` names the part.
    """
    held = Ephemeral(encoded)
    try:
        return _parse_held(held, use)
    except BaseException:
        held.wipe()
        raise


def parse_authority_name(name: x509.Name) -> AuthorityName | None:
    """Return what an authority's name says, or None when it is not of the form C, O, OU, OU (card.md §13.1)."""
    parts = name_parts(name)
    shape = (
        NameOID.COUNTRY_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
    )
    if parts is None or tuple(oid for oid, _ in parts) != shape:
        return None
    country, organisation, unit, _agency = (value for _, value in parts)
    kind = ORGANISATIONS.get(str(organisation))
    use = next((use for use, name in UNIT_NAMES.items() if name == unit), None)
    if country != "JP" or kind is None or use is None:
        return None
    return AuthorityName(use, kind)


def term_of(certificate: x509.Certificate) -> tuple[date, date] | None:
    """Return first and last day in Japan, or None when the term cannot be read."""
    return attempt(
        lambda: (
            date_in_japan(certificate.not_valid_before_utc),
            date_in_japan(certificate.not_valid_after_utc),
        )
    )


def _parse_held(held: Ephemeral, use: CertificateUse) -> HolderCertificate:
    certificate = load_certificate(held.reveal())
    if certificate is None:
        raise CardNotUnderstood(use.what)
    kind = _require_issuer(certificate, use)
    _require_usage(certificate, use)
    _require_policy(certificate, use, kind)
    key, term = rsa_key_of(certificate), term_of(certificate)
    if key is None:
        raise CardNotUnderstood(f"{use.what}: key")
    if term is None:
        raise CardNotUnderstood(f"{use.what}: term")
    authority_key_id = _authority_key_id(certificate, use)
    return HolderCertificate(use, kind, key, authority_key_id, *term, held)


def _require_issuer(certificate: x509.Certificate, use: CertificateUse) -> IssuerKind:
    name = attempt(lambda: certificate.issuer)
    authority = parse_authority_name(name) if name is not None else None
    if authority is None or authority.use is not use:
        raise CardNotUnderstood(f"{use.what}: issuer")
    return authority.kind


def _require_usage(certificate: x509.Certificate, use: CertificateUse) -> None:
    usage = extension_of(certificate, x509.KeyUsage)
    # Nothing may be critical that is not looked at here (RFC 5280 §4.2).
    if usage != _HOLDER_USAGES[use] or critical_extensions(certificate) != _HOLDER_CRITICAL:
        raise CardNotUnderstood(f"{use.what}: key usage")
    if use is CertificateUse.USER_AUTHENTICATION:
        purposes = extension_of(certificate, x509.ExtendedKeyUsage)
        if purposes is None or ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
            raise CardNotUnderstood(f"{use.what}: extended key usage")


def _require_policy(certificate: x509.Certificate, use: CertificateUse, kind: IssuerKind) -> None:
    policies = extension_of(certificate, x509.CertificatePolicies) or ()
    if POLICIES[kind, use] not in {each.policy_identifier.dotted_string for each in policies}:
        raise CardNotUnderstood(f"{use.what}: policy")


def _authority_key_id(certificate: x509.Certificate, use: CertificateUse) -> bytes:
    identifier = extension_of(certificate, x509.AuthorityKeyIdentifier)
    if identifier is None or not identifier.key_identifier:
        raise CardNotUnderstood(f"{use.what}: authority key")
    return identifier.key_identifier
