"""X.509 certificates in the shape of JPKI's, by training authorities named JPKI-SIM (card.md §13).

Every byte follows from the training keys and the person, so that a training card is the same on every machine. Addresses
end in `.invalid`, which no network resolves (RFC 6761 §6.4).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum, unique
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.simulated.card.rsa import EXPONENT, RsaKey
from appliance.simulated.issuer import MUNICIPALITY_CODE
from appliance.simulated.people import TrainingPerson
from appliance.simulated.training_keys import TrainingKeys

_END_OF_DAY_UTC: Final = time(14, 59, 59, tzinfo=UTC)
"""Last second of a day in Japan."""
_ISSUED_AT_UTC: Final = time(1, 0, 0, tzinfo=UTC)
_AUTHORITY_FROM: Final = datetime(2016, 1, 1, tzinfo=UTC)
_AUTHORITY_UNTIL: Final = datetime(2045, 12, 31, 14, 59, 59, tzinfo=UTC)
_TERM_YEARS: Final = 5
"""Certificates end on the fifth birthday after their issue (card.md §14)."""
_ARC: Final = "1.2.392.200149.8.5"
"""JPKI's object identifiers; certificate policies here use the arc of its test hierarchy (card.md §13.3)."""
_CPS_ADDRESS: Final = "http://cps.jpki-sim.invalid/cps.html"
_OCSP_ADDRESS: Final = "http://ocsp.jpki-sim.invalid"
_ERA_DIGITS: Final = (
    (date(2019, 5, 1), 5),
    (date(1989, 1, 8), 4),
    (date(1926, 12, 25), 3),
    (date(1912, 7, 30), 2),
)
_KEY_USAGE_BITS: Final = (
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
_REPLACED: Final = "●"


@unique
class CertificateKind(Enum):
    """The two certificates of a holder."""

    USER_AUTHENTICATION = "user_authentication"
    """利用者証明用."""
    SIGNING = "signing"
    """署名用."""


_UNIT_NAMES: Final = {
    CertificateKind.USER_AUTHENTICATION: ("JPKI for user authentication", "公的個人認証サービス利用者証明用"),
    CertificateKind.SIGNING: ("JPKI for digital signature", "公的個人認証サービス署名用"),
}
_POLICIES: Final = {
    CertificateKind.USER_AUTHENTICATION: f"{_ARC}.1.0.30",
    CertificateKind.SIGNING: f"{_ARC}.1.0.20",
}
_AUTHORITY_SERIALS: Final = {CertificateKind.USER_AUTHENTICATION: 0x9A0001, CertificateKind.SIGNING: 0x9B0001}


@dataclass(frozen=True, slots=True)
class JpkiAuthorities:
    """The two training certificate authorities."""

    keys: TrainingKeys

    def authority_certificate(self, kind: CertificateKind) -> bytes:
        """Return the self-signed certificate of one authority, DER."""
        key = self._key(kind)
        name = _authority_name(kind)
        builder = (
            _started(name, name, _AUTHORITY_SERIALS[kind], key)
            .not_valid_before(_AUTHORITY_FROM)
            .not_valid_after(_AUTHORITY_UNTIL)
            .add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
            .add_extension(x509.SubjectAlternativeName([_japanese_name(kind)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_distribution_point(name), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(_public(key)), critical=False)
        )
        return self._signed(builder, kind)

    def user_authentication_certificate(self, person: TrainingPerson, key: RsaKey) -> bytes:
        """Return a holder's user-authentication certificate, DER (card.md §13.2)."""
        kind = CertificateKind.USER_AUTHENTICATION
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = (
            self._holder(person, kind, key, _common_name(person, kind))
            .add_extension(_key_usage("digital_signature"), critical=True)
            .add_extension(usages, critical=False)
        )
        builder = self._with_closing_extensions(builder, kind, key, with_ocsp=True)
        return self._signed(builder, kind)

    def signing_certificate(self, person: TrainingPerson, key: RsaKey) -> bytes:
        """Return a holder's signing certificate with the four attributes, DER (card.md §13.3)."""
        kind = CertificateKind.SIGNING
        builder = (
            self._holder(person, kind, key, _common_name(person, kind))
            .add_extension(_key_usage("digital_signature", "content_commitment"), critical=True)
            .add_extension(_four_attributes(person), critical=False)
        )
        builder = self._with_closing_extensions(builder, kind, key, with_ocsp=False)
        return self._signed(builder, kind)

    def _key(self, kind: CertificateKind) -> RsaKey:
        return self.keys.key(f"jpki/{kind.value}")

    def _holder(
        self, person: TrainingPerson, kind: CertificateKind, key: RsaKey, common_name: str
    ) -> x509.CertificateBuilder:
        places = [("Kakuu-ken", NameOID.LOCALITY_NAME), ("Kakuu-shi", NameOID.LOCALITY_NAME)]
        named = places if kind is CertificateKind.SIGNING else []
        subject = _name([("JP", NameOID.COUNTRY_NAME), *named, (common_name, NameOID.COMMON_NAME)])
        return (
            _started(subject, _authority_name(kind), holder_serial(person, kind), key)
            .not_valid_before(datetime.combine(certificate_issued_on(person), _ISSUED_AT_UTC))
            .not_valid_after(datetime.combine(person.certificate_expires_on, _END_OF_DAY_UTC))
        )

    def _with_closing_extensions(
        self, builder: x509.CertificateBuilder, kind: CertificateKind, key: RsaKey, *, with_ocsp: bool
    ) -> x509.CertificateBuilder:
        authority_identifier = x509.AuthorityKeyIdentifier(
            x509.SubjectKeyIdentifier.from_public_key(_public(self._key(kind))).digest,
            [x509.DirectoryName(_authority_name(kind))],
            _AUTHORITY_SERIALS[kind],
        )
        policy = x509.PolicyInformation(x509.ObjectIdentifier(_POLICIES[kind]), [_CPS_ADDRESS])
        builder = (
            builder.add_extension(x509.CertificatePolicies([policy]), critical=True)
            .add_extension(x509.IssuerAlternativeName([_japanese_name(kind)]), critical=False)
            .add_extension(_distribution_point(_list_name(kind)), critical=False)
        )
        if with_ocsp:
            access = x509.AccessDescription(
                x509.oid.AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(_OCSP_ADDRESS)
            )
            builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        return builder.add_extension(authority_identifier, critical=False).add_extension(
            x509.SubjectKeyIdentifier.from_public_key(_public(key)), critical=False
        )

    def _signed(self, builder: x509.CertificateBuilder, kind: CertificateKind) -> bytes:
        certificate = builder.sign(_private(self._key(kind)), hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.DER)


def holder_serial(person: TrainingPerson, kind: CertificateKind) -> int:
    """Return the four-byte serial number of a holder's certificate."""
    digest = hashlib.sha256(f"{person.id}/{kind.value}".encode()).digest()
    return 0x10000000 | int.from_bytes(digest[:4], "big") >> 4


def certificate_issued_on(person: TrainingPerson) -> date:
    """Return the day the certificates were issued: with the card, or at their renewal five years before their end."""
    ends_on = person.certificate_expires_on
    return max(person.issued_on, ends_on.replace(year=ends_on.year - _TERM_YEARS))


def _started(subject: x509.Name, issuer: x509.Name, serial: int, key: RsaKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(serial)
        .public_key(_public(key))
    )


def _public(key: RsaKey) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(EXPONENT, key.modulus).public_key()


def _private(key: RsaKey) -> rsa.RSAPrivateKey:
    d = key.private_exponent
    numbers = rsa.RSAPrivateNumbers(
        p=key.p,
        q=key.q,
        d=d,
        dmp1=d % (key.p - 1),
        dmq1=d % (key.q - 1),
        iqmp=pow(key.q, -1, key.p),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, key.modulus),
    )
    # The primes come from the tested table; checking them again would cost more than all the rest of a card.
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def _name(parts: list[tuple[str, x509.ObjectIdentifier]]) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, text) for text, kind in parts])


def _authority_name(kind: CertificateKind) -> x509.Name:
    return _name(
        [
            ("JP", NameOID.COUNTRY_NAME),
            ("JPKI-SIM", NameOID.ORGANIZATION_NAME),
            (_UNIT_NAMES[kind][0], NameOID.ORGANIZATIONAL_UNIT_NAME),
            ("Training Agency of Nowhere", NameOID.ORGANIZATIONAL_UNIT_NAME),
        ]
    )


def _list_name(kind: CertificateKind) -> x509.Name:
    return _name(
        [
            ("JP", NameOID.COUNTRY_NAME),
            ("JPKI-SIM", NameOID.ORGANIZATION_NAME),
            (_UNIT_NAMES[kind][0], NameOID.ORGANIZATIONAL_UNIT_NAME),
            ("CRL Distribution Points", NameOID.ORGANIZATIONAL_UNIT_NAME),
            ("Kakuu-ken", NameOID.ORGANIZATIONAL_UNIT_NAME),
            ("Kakuu-shi CRLDP", NameOID.COMMON_NAME),
        ]
    )


def _japanese_name(kind: CertificateKind) -> x509.DirectoryName:
    return x509.DirectoryName(
        _name(
            [
                ("JP", NameOID.COUNTRY_NAME),
                ("公的個人認証サービス（訓練用）", NameOID.ORGANIZATION_NAME),
                (_UNIT_NAMES[kind][1], NameOID.ORGANIZATIONAL_UNIT_NAME),
                ("架空訓練機構", NameOID.ORGANIZATIONAL_UNIT_NAME),
            ]
        )
    )


def _common_name(person: TrainingPerson, kind: CertificateKind) -> str:
    mark = hashlib.sha256(f"{person.id}/{kind.value}/name".encode()).hexdigest().upper()[:8]
    return f"SIM000{mark}{MUNICIPALITY_CODE}000A"


def _key_usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{bit: bit in allowed for bit in _KEY_USAGE_BITS})


def _distribution_point(name: x509.Name) -> x509.CRLDistributionPoints:
    return x509.CRLDistributionPoints(
        [
            x509.DistributionPoint(
                [x509.DirectoryName(name)], relative_name=None, reasons=None, crl_issuer=None
            )
        ]
    )


def _four_attributes(person: TrainingPerson) -> x509.SubjectAlternativeName:
    era = next((digit for start, digit in _ERA_DIGITS if start <= person.birth_date), 1)
    values = {
        1: person.name,
        4: f"{era}{person.birth_date:%Y%m%d}",
        3: person.sex.code,
        5: person.address,
        2: _replacement_flags(person.name),
        6: _replacement_flags(person.address),
    }
    return x509.SubjectAlternativeName(
        [
            x509.OtherName(x509.ObjectIdentifier(f"{_ARC}.5.{arc}"), _utf8(text))
            for arc, text in values.items()
        ]
    )


def _replacement_flags(text: str) -> str:
    return "".join("1" if character == _REPLACED else "0" for character in text)


def _utf8(text: str) -> bytes:
    content = text.encode()
    if len(content) < 0x80:
        return bytes((0x0C, len(content))) + content
    size = len(content).to_bytes(2, "big").lstrip(b"\0")
    return bytes((0x0C, 0x80 | len(size))) + size + content
