"""Reading X.509 without letting the library speak: its error texts may quote what stands in a certificate (F9.23)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import SignatureAlgorithmOID

from appliance.errors import CardNotUnderstood
from appliance.trust.card_key import EXPONENT, CardKey

Read = TypeVar("Read")
ExtensionKind = TypeVar("ExtensionKind", bound=x509.ExtensionType)

_UNREADABLE: Final = (
    ValueError,
    TypeError,
    # A term that ends with the year 9999 has no day in Japan.
    OverflowError,
    UnsupportedAlgorithm,
    # The library's doubts, such as a serial number below 1, where the interpreter makes errors of them.
    Warning,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


def attempt(read: Callable[[], Read]) -> Read | None:
    """Return what `read` gives, or None where the library cannot read it.

    Raising inside the handler would carry the library's text along, so the caller raises out here.
    """
    try:
        return read()
    except _UNREADABLE:
        return None


def load_certificate(encoded: bytes) -> x509.Certificate | None:
    """Return a certificate of version 3 that RSA with SHA-256 signed, or None."""
    certificate = attempt(lambda: x509.load_der_x509_certificate(encoded))
    if certificate is None or attempt(lambda: certificate.version) is not x509.Version.v3:
        return None
    is_rsa_sha256 = certificate.signature_algorithm_oid == SignatureAlgorithmOID.RSA_WITH_SHA256
    return certificate if is_rsa_sha256 else None


def extension_of(certificate: x509.Certificate, kind: type[ExtensionKind]) -> ExtensionKind | None:
    """Return an extension's value, or None where it is missing or cannot be read."""
    return attempt(lambda: certificate.extensions.get_extension_for_class(kind).value)


def critical_extensions(certificate: x509.Certificate) -> frozenset[x509.ObjectIdentifier] | None:
    """Return which extensions may not be passed over (RFC 5280 §4.2), or None where they cannot be read."""
    return attempt(lambda: frozenset(each.oid for each in certificate.extensions if each.critical))


def rsa_key_of(certificate: x509.Certificate) -> CardKey | None:
    """Return the certified key, or None when it is no RSA-2048 key with exponent 65537."""
    public = attempt(certificate.public_key)
    if not isinstance(public, rsa.RSAPublicKey):
        return None
    numbers = public.public_numbers()
    if numbers.e != EXPONENT:
        return None
    try:
        return CardKey(numbers.n)
    except CardNotUnderstood:
        return None


def name_parts(name: x509.Name) -> tuple[tuple[x509.ObjectIdentifier, str | bytes], ...] | None:
    """Return a name's parts in order, or None when one of them holds several."""
    if any(len(part) != 1 for part in name.rdns):
        return None
    return tuple((attribute.oid, attribute.value) for attribute in name)
