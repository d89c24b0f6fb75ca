"""The office's authority: who is a broker, who is a client, and for how long."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import ClientVerifier, PolicyBuilder, Store, VerificationError

from appliance.errors import NotProvisioned
from mqtt.broker.certificates import (
    AUTHORITY_TERM,
    MEMBER_TERM,
    RENEW_BEFORE,
    Pair,
    is_fit,
    load_pair,
    make_authority,
    make_broker,
    make_client,
)

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
AUTHORITY = make_authority("test office", NOW)
HOSTS = ("broker.example", "127.0.0.1", "::1")
BROKER = make_broker(AUTHORITY, HOSTS, NOW)
CLIENT = make_client(AUTHORITY, "u01", NOW)


def names(pair: Pair) -> x509.SubjectAlternativeName:
    return pair.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def uses(pair: Pair) -> list[x509.ObjectIdentifier]:
    return list(pair.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def client_verifier(authority: Pair, at: datetime) -> ClientVerifier:
    return PolicyBuilder().store(Store([authority.certificate])).time(at).build_client_verifier()


def test_a_broker_is_known_by_its_names_and_addresses() -> None:
    found = names(BROKER)
    assert found.get_values_for_type(x509.DNSName) == ["broker.example"]
    assert found.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
    ]
    assert uses(BROKER) == [ExtendedKeyUsageOID.SERVER_AUTH]


@pytest.mark.parametrize(
    "name", [x509.DNSName("broker.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
)
def test_a_broker_passes_a_strict_verifier(name: x509.DNSName | x509.IPAddress) -> None:
    policy = PolicyBuilder().store(Store([AUTHORITY.certificate])).time(NOW)
    chain = policy.build_server_verifier(name).verify(BROKER.certificate, [])
    assert chain == [BROKER.certificate, AUTHORITY.certificate]


def test_a_client_is_known_by_its_common_name() -> None:
    (common_name,) = CLIENT.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert common_name.value == "u01"
    assert uses(CLIENT) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert client_verifier(AUTHORITY, NOW).verify(CLIENT.certificate, []).chain[-1] == AUTHORITY.certificate


@pytest.mark.parametrize(
    ("pair", "at"),
    [
        (BROKER, NOW),
        (CLIENT, NOW - timedelta(days=2)),
        (CLIENT, NOW + MEMBER_TERM + timedelta(seconds=1)),
        (make_client(make_authority("another", NOW), "u01", NOW), NOW),
    ],
    ids=["a broker", "too early", "too late", "another authority"],
)
def test_what_is_no_client_of_this_office_now_is_refused(pair: Pair, at: datetime) -> None:
    with pytest.raises(VerificationError):
        client_verifier(AUTHORITY, at).verify(pair.certificate, [])


def test_a_unit_whose_clock_is_a_little_behind_can_use_a_new_certificate() -> None:
    early = NOW - timedelta(hours=23)
    assert client_verifier(AUTHORITY, early).verify(CLIENT.certificate, []).chain


def test_a_member_cannot_make_members() -> None:
    impostor = make_client(CLIENT, "u02", NOW)
    with pytest.raises(VerificationError):
        client_verifier(AUTHORITY, NOW).verify(impostor.certificate, [CLIENT.certificate])


def test_the_authority_outlives_its_members() -> None:
    certificate = AUTHORITY.certificate
    assert certificate.not_valid_after_utc - NOW == AUTHORITY_TERM
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)


def test_every_pair_has_a_key_and_a_number_of_its_own() -> None:
    again = make_client(AUTHORITY, "u01", NOW)
    assert again.certificate.serial_number != CLIENT.certificate.serial_number
    assert again.key.public_key() != CLIENT.key.public_key()


def test_a_pair_is_read_as_it_was_written() -> None:
    again = load_pair(CLIENT.certificate_pem, CLIENT.key_pem)
    assert again.certificate == CLIENT.certificate
    assert again.key.public_key() == CLIENT.key.public_key()


ED25519_PEM = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("certificate_pem", "key_pem"),
    [
        (b"", CLIENT.key_pem),
        (CLIENT.certificate_pem, b""),
        (CLIENT.certificate_pem, BROKER.key_pem),
        (CLIENT.certificate_pem, ED25519_PEM),
        (CLIENT.key_pem, CLIENT.certificate_pem),
    ],
)
def test_what_is_no_pair_is_not_read(certificate_pem: bytes, key_pem: bytes) -> None:
    with pytest.raises(NotProvisioned):
        load_pair(certificate_pem, key_pem)


def test_a_pair_does_not_show_its_key() -> None:
    assert repr(CLIENT) == "Pair('CN=u01')"


@pytest.mark.parametrize(
    ("hosts", "at", "fit"),
    [
        (HOSTS, NOW, True),
        (("127.0.0.1",), NOW, True),
        (("127.0.0.2",), NOW, False),
        (("broker.example", "other.example"), NOW, False),
        (HOSTS, NOW + MEMBER_TERM - RENEW_BEFORE - timedelta(seconds=1), True),
        (HOSTS, NOW + MEMBER_TERM - RENEW_BEFORE, False),
    ],
)
def test_a_brokers_certificate_serves_while_it_covers_all_hosts_long_enough(
    hosts: tuple[str, ...], at: datetime, fit: bool
) -> None:
    assert is_fit(BROKER.certificate, AUTHORITY.certificate, hosts, at) is fit


def test_a_certificate_of_another_office_does_not_serve() -> None:
    other = make_authority("test office", NOW)
    assert not is_fit(BROKER.certificate, other.certificate, HOSTS, NOW)
    with pytest.raises(InvalidSignature):
        BROKER.certificate.verify_directly_issued_by(other.certificate)


def test_a_certificate_without_names_does_not_serve() -> None:
    assert not is_fit(AUTHORITY.certificate, AUTHORITY.certificate, HOSTS, NOW)
