"""One JPKI authority's self-signed certificate: configuration with its source, as the profile has it (card.md §13.1)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from appliance.errors import CardNotGenuine, IssuerKeyRefused
from appliance.trust.card_key import CardKey
from appliance.trust.issuer_keys import IssuerKind
from appliance.trust.jpki_profile import (
    AuthorityName,
    CertificateUse,
    key_usage,
    parse_authority_name,
    term_of,
)
from appliance.trust.x509_reading import attempt, extension_of, load_certificate, rsa_key_of

_FIELDS: Final = frozenset({"certificate", "kind", "source"})


@dataclass(frozen=True, slots=True)
class JpkiAuthority:
    """One authority's certificate, sound in itself, with where it was taken from."""

    use: CertificateUse
    kind: IssuerKind
    name: x509.Name
    key: CardKey
    key_id: bytes
    """Subject key identifier; tells the generations of one authority apart."""
    serial: int
    valid_from: date
    expires_on: date
    """First and last day in Japan."""
    fingerprint: bytes
    """SHA-256 over the whole certificate."""
    source: str

    @property
    def printed(self) -> str:
        """The key identifier in hexadecimal."""
        return self.key_id.hex().upper()


def parse_jpki_authorities(text: str) -> tuple[JpkiAuthority, ...]:
    """Return the authorities in the `[[authority]]` tables of a TOML text.

    Raises:
        IssuerKeyRefused: not such a text, or a certificate of another profile, of a wrong kind, or without source.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise IssuerKeyRefused("", "format") from None
    tables = content.pop("authority", [])
    if content or not isinstance(tables, list):
        raise IssuerKeyRefused("", "format")
    return tuple(_parse_table(table) for table in tables)


def shipped_jpki_authorities() -> tuple[JpkiAuthority, ...]:
    """Return the authorities in the list that comes with the product.

    Raises:
        IssuerKeyRefused: the list was altered into something that is none.
    """
    text = files("appliance.trust").joinpath("jpki_authorities.toml").read_text("utf-8")
    return parse_jpki_authorities(text)


def _parse_table(table: object) -> JpkiAuthority:
    if not isinstance(table, dict) or set(table) != _FIELDS:
        raise IssuerKeyRefused("", "format")
    certificate = _load_pem(table["certificate"])
    identifier = None if certificate is None else extension_of(certificate, x509.SubjectKeyIdentifier)
    if certificate is None or identifier is None or not identifier.digest:
        raise IssuerKeyRefused("", "format")
    return _parse_authority(certificate, identifier.digest, table)


def _parse_authority(certificate: x509.Certificate, key_id: bytes, table: dict[str, Any]) -> JpkiAuthority:
    printed = key_id.hex().upper()
    name, term = _authority_name(certificate), term_of(certificate)
    if name is None or term is None:
        raise IssuerKeyRefused(printed, "format")
    if table["kind"] != name.kind.value:
        raise IssuerKeyRefused(printed, "kind")
    if not isinstance(table["source"], str) or not table["source"].strip():
        raise IssuerKeyRefused(printed, "source")
    return JpkiAuthority(
        use=name.use,
        kind=name.kind,
        name=certificate.subject,
        key=_self_signed_key(certificate, printed),
        key_id=key_id,
        serial=certificate.serial_number,
        valid_from=term[0],
        expires_on=term[1],
        fingerprint=certificate.fingerprint(hashes.SHA256()),
        source=table["source"],
    )


def _load_pem(text: object) -> x509.Certificate | None:
    if not isinstance(text, str):
        return None
    certificates = attempt(lambda: x509.load_pem_x509_certificates(text.encode()))
    if certificates is None or len(certificates) != 1:
        return None
    encoded = attempt(lambda: certificates[0].public_bytes(serialization.Encoding.DER))
    return load_certificate(encoded) if encoded is not None else None


def _authority_name(certificate: x509.Certificate) -> AuthorityName | None:
    """Return what the name of a certificate says that is an authority's by its profile (card.md §13.1)."""
    constraints = extension_of(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        return None
    if extension_of(certificate, x509.KeyUsage) != key_usage("key_cert_sign", "crl_sign"):
        return None
    subject = attempt(lambda: certificate.subject)
    if subject is None or subject != attempt(lambda: certificate.issuer):
        return None
    return parse_authority_name(subject)


def _self_signed_key(certificate: x509.Certificate, printed: str) -> CardKey:
    key = rsa_key_of(certificate)
    if key is None:
        raise IssuerKeyRefused(printed, "modulus")
    try:
        key.verify_message(certificate.tbs_certificate_bytes, certificate.signature, "")
    except CardNotGenuine:
        raise IssuerKeyRefused(printed, "format") from None
    return key
