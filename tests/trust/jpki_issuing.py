"""Certificates of an invented JPKI for tests, written from card.md §13; every part may be made false.

Encodes only, and shares no line with the product's parsers nor with the simulated card.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.trust.jpki_authorities import JpkiAuthorities
from appliance.trust.jpki_authority import JpkiAuthority, parse_jpki_authorities
from tests.trust.authority import rsa_key

ARC = "1.2.392.200149.8.5"
AGENCY = "Training Agency of Nowhere"
UNITS = {"user": "JPKI for user authentication", "signing": "JPKI for digital signature"}
POLICIES = {"user": f"{ARC}.1.0.30", "signing": f"{ARC}.1.0.20"}
USAGES = {"user": ("digital_signature",), "signing": ("digital_signature", "content_commitment")}
BITS = (
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
STARTS_AT = datetime(2026, 3, 2, 15, 0, 0, tzinfo=UTC)
ENDS_AT = datetime(2031, 3, 3, 14, 59, 59, tzinfo=UTC)
NAME, ADDRESS = "見本　花●", "架空県架空市中央１丁目"
ATTRIBUTES = (
    (1, NAME),
    (4, "319431231"),
    (3, "2"),
    (5, ADDRESS),
    (2, "00001"),
    (6, "0" * len(ADDRESS)),
)
"""In the order in which cards have them."""


def name_of(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])


def authority_name(use: str, organisation: str = "JPKI-SIM", agency: str = AGENCY) -> x509.Name:
    return name_of(
        (NameOID.COUNTRY_NAME, "JP"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, UNITS[use]),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, agency),
    )


def usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{bit: bit in allowed for bit in BITS})


def skid(key: str) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(rsa_key(key).public_key())


@dataclass(frozen=True)
class Root:
    """An authority's self-signed certificate."""

    use: str = "user"
    key: str = "jpki user"
    organisation: str = "JPKI-SIM"
    subject: x509.Name | None = None
    issuer: x509.Name | None = None
    serial: int = 0x9A0001
    starts_at: datetime = datetime(2016, 1, 1, tzinfo=UTC)
    ends_at: datetime = datetime(2035, 12, 31, 14, 59, 59, tzinfo=UTC)
    usages: tuple[str, ...] = ("key_cert_sign", "crl_sign")
    ca: bool = True
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None = None
    """Another public key, of whatever kind."""
    signer: str = ""
    without: tuple[type[x509.ExtensionType], ...] = ()

    @property
    def name(self) -> x509.Name:
        return authority_name(self.use, self.organisation) if self.subject is None else self.subject

    def encode(self) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(self.issuer or self.name)
            .serial_number(self.serial)
            .not_valid_before(self.starts_at)
            .not_valid_after(self.ends_at)
            .public_key(self.public or rsa_key(self.key).public_key())
        )
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (usage(*self.usages), True),
            (x509.BasicConstraints(ca=self.ca, path_length=None), True),
            (skid(self.key), False),
        ]
        for each, critical in extensions:
            if not isinstance(each, self.without):
                builder = builder.add_extension(each, critical=critical)
        return builder.sign(rsa_key(self.signer or self.key), hashes.SHA256()).public_bytes(Encoding.DER)


USER_ROOT = Root()
SIGNING_ROOT = Root(use="signing", key="jpki signing", serial=0x9B0001)
ROOTS = {"user": USER_ROOT, "signing": SIGNING_ROOT}


@dataclass(frozen=True)
class Holder:
    """A holder's certificate; `changed` replaces extensions by class, None drops one."""

    use: str = "user"
    key: str = "holder user"
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None = None
    """Another public key, of whatever kind."""
    signer: str = ""
    issuer: x509.Name | None = None
    starts_at: datetime = STARTS_AT
    ends_at: datetime = ENDS_AT
    attributes: Sequence[tuple[int, str | bytes]] = ATTRIBUTES
    changed: dict[type[x509.ExtensionType], tuple[x509.ExtensionType, bool] | None] = field(
        default_factory=dict
    )
    digest: hashes.SHA256 | hashes.SHA512 = field(default_factory=hashes.SHA256)

    @property
    def root(self) -> Root:
        return ROOTS[self.use]

    def extensions(self) -> dict[type[x509.ExtensionType], tuple[x509.ExtensionType, bool] | None]:
        policy = x509.PolicyInformation(
            x509.ObjectIdentifier(POLICIES[self.use]), ["http://cps.jpki-sim.invalid"]
        )
        known: list[tuple[x509.ExtensionType, bool]] = [
            (usage(*USAGES[self.use]), True),
            (x509.CertificatePolicies([policy]), True),
            (authority_key(self.root), False),
        ]
        if self.use == "user":
            known.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False))
        else:
            known.append((subject_names(self.attributes), False))
        return {type(each): (each, critical) for each, critical in known} | self.changed

    def encode(self) -> bytes:
        subject = name_of((NameOID.COUNTRY_NAME, "JP"), (NameOID.COMMON_NAME, "SIM000INVENTED99201000A"))
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.issuer or self.root.name)
            .serial_number(4711)
            .not_valid_before(self.starts_at)
            .not_valid_after(self.ends_at)
            .public_key(self.public or rsa_key(self.key).public_key())
        )
        for each in self.extensions().values():
            if each is not None:
                builder = builder.add_extension(each[0], critical=each[1])
        return builder.sign(rsa_key(self.signer or self.root.key), self.digest).public_bytes(Encoding.DER)


def authority_key(
    root: Root, serial: int | None = None, name: x509.Name | None = None
) -> x509.AuthorityKeyIdentifier:
    directory = x509.DirectoryName(name or root.name)
    return x509.AuthorityKeyIdentifier(skid(root.key).digest, [directory], serial or root.serial)


def subject_names(attributes: Sequence[tuple[int, str | bytes]]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [
            x509.OtherName(
                x509.ObjectIdentifier(f"{ARC}.5.{arc}"), utf8(value) if isinstance(value, str) else value
            )
            for arc, value in attributes
        ]
    )


def utf8(text: str, tag: int = 0x0C) -> bytes:
    content = text.encode()
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    return bytes((tag, 0x81, size) if size < 0x100 else (tag, 0x82, size >> 8, size & 0xFF)) + content


def replaced(
    attributes: Sequence[tuple[int, str | bytes]], arc: int, value: str | bytes
) -> Sequence[tuple[int, str | bytes]]:
    """Return the attributes with one value changed."""
    return tuple((each, value if each == arc else old) for each, old in attributes)


@cache
def user_certificate() -> bytes:
    return Holder().encode()


@cache
def signing_certificate() -> bytes:
    return Holder(use="signing", key="holder signing").encode()


def authority_toml(encoded: bytes | str, kind: str = "training", source: str = '"tests"') -> str:
    """Return one `[[authority]]` table."""
    pem = ssl.DER_cert_to_PEM_cert(encoded) if isinstance(encoded, bytes) else encoded
    return f'[[authority]]\ncertificate = """\n{pem}"""\nkind = "{kind}"\nsource = {source}\n'


def authority(root: Root, kind: str = "training") -> JpkiAuthority:
    (parsed,) = parse_jpki_authorities(authority_toml(root.encode(), kind))
    return parsed


@cache
def training_authorities() -> JpkiAuthorities:
    return JpkiAuthorities.for_training([authority(root) for root in ROOTS.values()])


@cache
def large_key() -> rsa.RSAPublicKey:
    return rsa.generate_private_key(65537, 3072).public_key()


@cache
def other_exponent_key() -> rsa.RSAPublicKey:
    return rsa.generate_private_key(3, 2048).public_key()


@cache
def curve_key() -> ec.EllipticCurvePublicKey:
    return ec.generate_private_key(ec.SECP384R1()).public_key()
