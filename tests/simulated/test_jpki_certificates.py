"""X.509 certificates of training cards, read with an independent library (card.md §13)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from appliance.simulated.jpki_certificates import (
    CertificateKind,
    JpkiAuthorities,
    certificate_issued_on,
    holder_serial,
)
from appliance.simulated.people import TrainingPerson, training_people, training_person
from appliance.simulated.training_keys import TrainingKeys

ERA_DIGITS = dict.fromkeys((str(person.id) for person in training_people()), "3") | {"p05": "2"}
"""昭和 for all adults of the table but one, who was born five days before it began."""
USER, SIGNING = CertificateKind.USER_AUTHENTICATION, CertificateKind.SIGNING


@pytest.fixture(scope="module")
def keys() -> TrainingKeys:
    return TrainingKeys.shipped()


@pytest.fixture(scope="module")
def authorities(keys: TrainingKeys) -> JpkiAuthorities:
    return JpkiAuthorities(keys)


def loaded(der: bytes) -> x509.Certificate:
    assert der[:2] == b"\x30\x82"
    assert int.from_bytes(der[2:4], "big") + 4 == len(der)
    return x509.load_der_x509_certificate(der)


def utf8_of(value: bytes) -> str:
    """Read one UTF8String."""
    assert value[0] == 0x0C
    start = 2 + (value[1] & 0x7F if value[1] & 0x80 else 0)
    size = int.from_bytes(value[2:start], "big") if start > 2 else value[1]
    assert len(value) == start + size
    return value[start:].decode()


def user_certificate(authorities: JpkiAuthorities, person: str) -> x509.Certificate:
    key = authorities.keys.key(f"{person}/user")
    return loaded(authorities.user_authentication_certificate(training_person(person), key))


def signing_certificate(authorities: JpkiAuthorities, person: str) -> x509.Certificate:
    key = authorities.keys.key(f"{person}/signing")
    return loaded(authorities.signing_certificate(training_person(person), key))


@pytest.mark.parametrize("kind", CertificateKind)
def test_authorities_are_self_signed_and_named_as_a_simulation(
    authorities: JpkiAuthorities, kind: CertificateKind
) -> None:
    certificate = loaded(authorities.authority_certificate(kind))
    certificate.verify_directly_issued_by(certificate)
    assert [attribute.value for attribute in certificate.subject][:2] == ["JP", "JPKI-SIM"]
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@pytest.mark.parametrize("person", ["p01", "p07", "p09"])
def test_the_user_certificate_chains_and_names_nobody(authorities: JpkiAuthorities, person: str) -> None:
    certificate = user_certificate(authorities, person)
    certificate.verify_directly_issued_by(loaded(authorities.authority_certificate(USER)))
    country, name = certificate.subject
    assert country.value == "JP"
    assert len(str(name.value)) == 23
    assert str(name.value)[14:] == "99201000A"


def test_the_user_certificate_has_its_extensions_in_order(authorities: JpkiAuthorities) -> None:
    extensions = user_certificate(authorities, "p01").extensions
    assert [extension.oid for extension in extensions] == [
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.ISSUER_ALTERNATIVE_NAME,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ]
    assert [extension.critical for extension in extensions] == [True, False, True] + [False] * 5


def test_the_signing_certificate_carries_the_four_attributes(authorities: JpkiAuthorities) -> None:
    certificate = signing_certificate(authorities, "p03")
    certificate.verify_directly_issued_by(loaded(authorities.authority_certificate(SIGNING)))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    others = {
        name.type_id.dotted_string.rpartition(".")[2]: name.value
        for name in names.get_values_for_type(x509.OtherName)
    }
    assert list(others) == ["1", "4", "3", "5", "2", "6"]
    assert others["1"] == b"\x0c\x0f" + "模擬　●蔵".encode()
    assert others["2"] == b"\x0c\x0500010"
    assert others["3"] == b"\x0c\x011"
    assert others["4"] == b"\x0c\x09319460130"
    assert all(
        name.type_id.dotted_string.startswith("1.2.392.200149.8.5.5.")
        for name in names.get_values_for_type(x509.OtherName)
    )


@pytest.mark.parametrize("person", [known.id for known in training_people() if known.has_signing_certificate])
def test_the_six_names_have_their_order_forms_and_flags(authorities: JpkiAuthorities, person: str) -> None:
    """Card.md §13.3: name, birth date, sex, address, and one digit for each character of name and address."""
    extension = signing_certificate(authorities, person).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert not extension.critical
    names = extension.value.get_values_for_type(x509.OtherName)
    assert len(names) == len(list(extension.value)) == 6
    assert [name.type_id.dotted_string[-1] for name in names] == ["1", "4", "3", "5", "2", "6"]
    name, birth, sex, address, name_flags, address_flags = (utf8_of(each.value) for each in names)
    expected = training_person(person)
    assert (name, address, sex) == (expected.name, expected.address, expected.sex.code)
    assert birth[1:] == f"{expected.birth_date:%Y%m%d}"
    assert birth[0] == ERA_DIGITS[person]
    assert name_flags == "".join("1" if character == "●" else "0" for character in name)
    assert address_flags == "0" * len(address)
    assert len(address) <= 200


def test_the_signing_certificate_has_its_extensions_in_order(authorities: JpkiAuthorities) -> None:
    certificate = signing_certificate(authorities, "p01")
    assert [extension.oid for extension in certificate.extensions] == [
        ExtensionOID.KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.ISSUER_ALTERNATIVE_NAME,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ]
    assert [extension.critical for extension in certificate.extensions] == [True, False, True] + [False] * 4
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    subject = [(attribute.oid, attribute.value) for attribute in certificate.subject]
    assert [oid for oid, _ in subject] == [
        NameOID.COUNTRY_NAME,
        NameOID.LOCALITY_NAME,
        NameOID.LOCALITY_NAME,
        NameOID.COMMON_NAME,
    ]


@pytest.mark.parametrize("kind", CertificateKind)
def test_an_authority_has_its_extensions_in_order(
    authorities: JpkiAuthorities, kind: CertificateKind
) -> None:
    """Card.md §13.1: no authority key identifier, no path length, the identifier is SHA-1 over the key's bits."""
    extensions = loaded(authorities.authority_certificate(kind)).extensions
    assert [extension.oid for extension in extensions] == [
        ExtensionOID.KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ]
    assert [extension.critical for extension in extensions] == [True, False, True, False, False]
    assert extensions.get_extension_for_class(x509.BasicConstraints).value.path_length is None


def test_a_long_address_is_encoded_with_a_long_length(authorities: JpkiAuthorities) -> None:
    names = signing_certificate(authorities, "p04").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    address = names.value.get_values_for_type(x509.OtherName)[3].value
    assert address[:2] == b"\x0c\x81" or address[:2] == b"\x0c\x82"
    assert address[2 + (address[1] & 0x7F) :].decode() == training_person("p04").address


@pytest.mark.parametrize("person", training_people(), ids=lambda person: person.id)
def test_certificates_end_with_the_last_second_of_their_day_in_japan(
    authorities: JpkiAuthorities, person: TrainingPerson
) -> None:
    certificate = user_certificate(authorities, person.id)
    ends_on = person.certificate_expires_on
    assert certificate.not_valid_after_utc == datetime(
        ends_on.year, ends_on.month, ends_on.day, 14, 59, 59, tzinfo=UTC
    )
    assert person.issued_on <= certificate_issued_on(person) <= ends_on
    assert certificate.not_valid_before_utc.date() == certificate_issued_on(person)


def test_serial_numbers_are_unique_and_have_four_bytes() -> None:
    serials = [holder_serial(person, kind) for person in training_people() for kind in CertificateKind]
    assert len(set(serials)) == len(serials)
    assert all(0x10000000 <= serial <= 0x1FFFFFFF for serial in serials)


def test_a_certificate_is_the_same_each_time(keys: TrainingKeys) -> None:
    first, second = (
        JpkiAuthorities(keys).user_authentication_certificate(training_person("p01"), keys.key("p01/user"))
        for _ in range(2)
    )
    assert first == second


def test_no_address_in_a_certificate_can_be_reached(authorities: JpkiAuthorities) -> None:
    extensions = user_certificate(authorities, "p01").extensions
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [description.access_location.value for description in access] == ["http://ocsp.jpki-sim.invalid"]
