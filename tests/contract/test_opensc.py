"""An independent client: OpenSC finds, reads and uses the simulated card, and openssl agrees (pcsc.md, card.md §18).

OpenSC's messages differ between its versions and sometimes mislead, so where something fails only the status is held to it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from appliance.card.jpki.certificates import read_user_auth_certificate
from appliance.card.jpki.signing import sign
from appliance.card.pins import SignPassword
from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.card.tries import Confirmation
from appliance.errors import CardNotGenuine
from appliance.hardware.pcsc_reader import PcscReader
from appliance.simulated.card_host import CardHost
from appliance.simulated.handed_over import Kind
from appliance.simulated.pcsc_stack import PcscStack
from appliance.simulated.people import EXPECTED_ON, TrainingPerson, training_people
from appliance.simulated.personalisation import ATRS
from appliance.trust.jpki_authorities import JpkiAuthorities
from appliance.trust.jpki_authority import parse_jpki_authorities
from appliance.trust.jpki_profile import CertificateUse, parse_holder_certificate
from tests.contract.opensc_client import (
    AUTH,
    AUTH_AUTHORITY,
    AUTHORITY_OF,
    PASSWORD,
    PIN,
    SIGN,
    SIGN_AUTHORITY,
    Client,
    Table,
    login,
    pkcs11,
    pkcs11_module,
)

pytestmark = pytest.mark.pcsc


@pytest.fixture(scope="module")
def common_table(running_stack: PcscStack) -> Iterator[Table]:
    """One table for all that spends no try."""
    running_stack.adopt()
    with CardHost(running_stack.addresses) as host:
        yield Table(host)


@pytest.fixture
def table(common_table: Table, stack: PcscStack) -> Table:
    return common_table


@pytest.fixture
def fresh_table(common_table: Table, stack: PcscStack) -> Iterator[Table]:
    """A table whose cards nobody has tried yet."""
    common_table.clear()
    with CardHost(stack.addresses) as host:
        yield Table(host)


@pytest.fixture
def client(stack: PcscStack, tmp_path: Path) -> Client:
    return Client(stack, tmp_path)


def test_the_tools_are_installed() -> None:
    assert all(shutil.which(tool) for tool in ("opensc-tool", "pkcs15-tool", "pkcs11-tool", "openssl"))


# --- finding and listing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ATRS)
def test_a_card_is_named_read_and_signs_whatever_its_answer_to_reset(
    table: Table, client: Client, kind: str
) -> None:
    table.put("p01", kind)
    assert client.text("opensc-tool", "--name").strip() == "jpki"
    certificate = client.saved(AUTH)
    assert client.verifies(certificate, b"a visit", client.sign(AUTH, PIN, b"a visit"))


def test_no_probe_of_other_drivers_is_answered_with_success(table: Table, client: Client) -> None:
    table.put("p01")
    client.run("opensc-tool", "--name")
    answered = [entry for entry in table.host.trace() if entry.status_word == 0x9000]
    assert {entry.application for entry in answered} == {"jpki"}
    assert len(table.host.trace()) > 20


def test_everything_on_the_card_is_listed(table: Table, client: Client) -> None:
    table.put("p01")
    listed = client.text("pkcs15-tool", "--dump")
    names = ["User Authentication", "Digital Signature"]
    assert all(f"PIN [{name} PIN]" in listed for name in names)
    assert all(f"Private RSA Key [{name} Key]" in listed for name in names)
    assert listed.count("X.509 Certificate [") == 4
    assert listed.count("ModLength      : 2048") == 2
    assert client.tries() == [3, 5]


def test_a_token_is_offered_for_each_pin(table: Table, client: Client) -> None:
    table.put("p01")
    slots = client.text("pkcs11-tool", "--module", pkcs11_module(), "--list-slots")
    assert slots.count("token manufacturer : JPKI") == 2
    assert [size in slots for size in ("4/4", "6/16")] == [True, True]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind.ANDROID, "jpki"),
        (Kind.IPHONE, "jpki"),
        (Kind.OLD_RESIDENT_CARD, "jpki"),
        (Kind.INTEGRATED_RESIDENCE_CARD, "jpki"),
        (Kind.RESIDENCE_CARD, None),
        (Kind.TRANSPORT, None),
        (Kind.BANK, None),
    ],
)
def test_other_cards_are_jpki_when_they_have_its_application(
    table: Table, client: Client, kind: Kind, name: str | None
) -> None:
    """OpenSC asks for no token label, so old cards and phones are the same to it (card.md §18.2)."""
    table.put("p01", kind)
    said = client.run("opensc-tool", "--name", may_fail=True).stdout.decode().strip()
    assert (said == "jpki") is (name == "jpki")
    assert client.fails("pkcs15-tool", "--list-pins") is (name is None)


# --- certificates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", training_people(), ids=lambda person: str(person.id))
def test_each_person_s_certificate_is_of_the_authority_on_the_card_until_its_end(
    table: Table, client: Client, person: TrainingPerson
) -> None:
    table.put(person.id)
    holder, authority = client.saved(AUTH), client.saved(AUTH_AUTHORITY)
    parsed = client.text(
        "openssl", "x509", "-in", holder, "-noout", "-subject", "-issuer", "-nameopt", "RFC2253"
    )
    assert "O=JPKI-SIM" in parsed
    assert "99201000A" in parsed
    assert is_certified(client, holder, authority, "-no_check_time")
    is_in_term = person.certificate_expires_on >= EXPECTED_ON
    assert is_certified(client, holder, authority, "-attime", on_the_day()) is is_in_term


@pytest.mark.parametrize("person", ["p01", "p04", "p10"])
def test_the_signing_certificate_wants_its_password_and_is_of_its_own_authority(
    table: Table, client: Client, person: str
) -> None:
    table.put(person)
    assert client.fails("pkcs15-tool", "--read-certificate", SIGN)
    holder = client.saved(SIGN, *login(SIGN, PASSWORD))
    authority = client.saved(SIGN_AUTHORITY)
    assert is_certified(client, holder, authority, "-attime", on_the_day())
    assert not is_certified(client, holder, client.saved(AUTH_AUTHORITY), "-attime", on_the_day())


def test_the_chain_holds_by_the_strict_rules_for_its_purpose_and_policy(table: Table, client: Client) -> None:
    table.put("p01")
    holder, authority = client.saved(AUTH), client.saved(AUTH_AUTHORITY)
    policy = ("-policy", "1.2.392.200149.8.5.1.0.30", "-explicit_policy")
    strict = ("-x509_strict", "-purpose", "sslclient", "-attime", on_the_day())
    assert is_certified(client, holder, authority, *strict, *policy)
    assert not is_certified(client, holder, authority, "-purpose", "sslserver", "-attime", on_the_day())


EXTENSIONS: Final = {
    AUTH: {
        "Key Usage: critical": "Digital Signature",
        "Extended Key Usage:": "TLS Web Client Authentication",
        "Certificate Policies: critical": "Policy: 1.2.392.200149.8.5.1.0.30",
        "Issuer Alternative Name:": "DirName:",
        "CRL Distribution Points:": "DirName:",
        "Authority Information Access:": "OCSP - URI:http://ocsp.jpki-sim.invalid",
        "Authority Key Identifier:": "DirName:",
        "Subject Key Identifier:": ":",
    },
    SIGN: {
        "Key Usage: critical": "Digital Signature, Non Repudiation",
        "Subject Alternative Name:": "othername:",
        "Certificate Policies: critical": "Policy: 1.2.392.200149.8.5.1.0.20",
        "Issuer Alternative Name:": "DirName:",
        "CRL Distribution Points:": "DirName:",
        "Authority Key Identifier:": "DirName:",
        "Subject Key Identifier:": ":",
    },
    AUTH_AUTHORITY: {
        "Key Usage: critical": "Certificate Sign, CRL Sign",
        "Subject Alternative Name:": "DirName:",
        "Basic Constraints: critical": "CA:TRUE",
        "CRL Distribution Points:": "DirName:",
        "Subject Key Identifier:": ":",
    },
}
"""Extensions in their order, and something of what stands in each (card.md §13)."""


@pytest.mark.parametrize("number", EXTENSIONS)
def test_openssl_finds_the_extensions_in_the_order_of_the_profile(
    table: Table, client: Client, number: str
) -> None:
    table.put("p01")
    place = client.saved(number, *(login(SIGN, PASSWORD) if number == SIGN else ()))
    text = client.text("openssl", "x509", "-in", place, "-noout", "-text").partition("X509v3 extensions:")[2]
    places = [text.find(name) for name in EXTENSIONS[number]]
    assert -1 not in places
    assert places == sorted(places)
    for name, content in EXTENSIONS[number].items():
        assert content in text.partition(name)[2].partition("X509v3")[0]


def is_certified(client: Client, holder: str, authority: str, *options: str) -> bool:
    return not client.fails("openssl", "verify", *options, "-CAfile", authority, holder)


def on_the_day() -> str:
    """The day for which the training people's answers are stated, as openssl takes it."""
    return str(int(datetime.combine(EXPECTED_ON, datetime.min.time(), UTC).timestamp()))


# --- signing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "secret"), [(AUTH, PIN), (SIGN, PASSWORD)])
def test_both_keys_sign_any_digest_after_their_own_secret(
    table: Table, client: Client, number: str, secret: str
) -> None:
    table.put("p01")
    message = b"a visit that never was"
    certificate = client.saved(number, *login(number, secret))
    for digest in ("sha1", "sha256", "sha384", "sha512"):
        signature = client.sign(number, secret, message, f"{digest.upper()}-RSA-PKCS")
        assert client.verifies(certificate, message, signature, digest)
        assert not client.verifies(certificate, message + b".", signature, digest)


def test_a_secret_opens_its_own_key_alone(table: Table, client: Client) -> None:
    table.put("p01")
    sign = ("--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "02", "--input-file", "/dev/null")
    assert client.fails(*pkcs11(AUTH, PIN), *sign)
    assert client.fails("pkcs15-tool", "--read-certificate", SIGN, *login(AUTH, PIN))


# --- tries -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "wrong", "right", "after_wrong"),
    [(AUTH, "0000", PIN, [2, 5]), (SIGN, "TRAINING2025", PASSWORD, [3, 4])],
)
def test_a_wrong_secret_costs_one_try_which_the_next_program_sees_and_a_right_one_gives_back(
    fresh_table: Table, client: Client, number: str, wrong: str, right: str, after_wrong: list[int]
) -> None:
    fresh_table.put("p05")
    assert client.fails("pkcs15-tool", *login(number, wrong))
    assert client.tries() == after_wrong
    client.run("pkcs15-tool", *login(number, right))
    assert client.tries() == [3, 5]


def test_the_last_wrong_pin_blocks_it_for_the_right_one_too_and_the_card_stays_known(
    fresh_table: Table, client: Client
) -> None:
    fresh_table.put("p05")
    for left in ([2, 5], [1, 5], [0, 5]):
        assert client.fails("pkcs15-tool", *login(AUTH, "0000"))
        assert client.tries() == left
    assert client.fails("pkcs15-tool", *login(AUTH, PIN))
    assert client.text("opensc-tool", "--name").strip() == "jpki"
    client.run("pkcs15-tool", *login(SIGN, PASSWORD))


@pytest.mark.parametrize(
    ("person", "kind", "tries", "secrets"),
    [
        ("p01", Kind.BLOCKED_PINS, [0, 0], [(AUTH, PIN), (SIGN, PASSWORD)]),
        ("p06", "contact", [0, 0], [(AUTH, PIN), (SIGN, PASSWORD)]),
        ("p09", "contact", [3, 0], [(SIGN, PASSWORD)]),
    ],
    ids=["blocked", "face only", "under 15"],
)
def test_keys_that_nobody_can_use_show_as_locked(
    table: Table, client: Client, person: str, kind: str, tries: list[int], secrets: list[tuple[str, str]]
) -> None:
    table.put(person, kind)
    assert client.tries() == tries
    slots = client.text("pkcs11-tool", "--module", pkcs11_module(), "--list-slots")
    assert slots.count("user PIN locked") == len(secrets)
    for number, secret in secrets:
        assert client.fails("pkcs15-tool", *login(number, secret))
    assert client.certificate(AUTH).startswith(b"-----BEGIN CERTIFICATE-----")


@pytest.mark.parametrize("person", ["p06", "p09"], ids=["face only", "under 15"])
def test_a_card_without_a_signing_certificate_gives_none(table: Table, client: Client, person: str) -> None:
    table.put(person)
    assert client.fails("pkcs15-tool", "--read-certificate", SIGN, *login(SIGN, PASSWORD))


@pytest.mark.parametrize("kind", [Kind.ANDROID, Kind.IPHONE])
def test_a_phone_gives_its_certificate_after_its_pin_only(table: Table, client: Client, kind: Kind) -> None:
    """On the plastic card it is free (card.md §5.1, §15)."""
    table.put("p01", kind)
    assert client.fails("pkcs15-tool", "--read-certificate", AUTH)
    assert client.certificate(AUTH, *login(AUTH, PIN)).startswith(b"-----BEGIN CERTIFICATE-----")


# --- OpenSC and our own core -------------------------------------------------------------------------------------------


def authorities_on_the_card(client: Client) -> JpkiAuthorities:
    """Our core's authorities, made of nothing but the certificates that OpenSC read."""
    tables = (
        f"[[authority]]\nkind = 'training'\nsource = 'a training card'\ncertificate = '''{pem}'''\n"
        for pem in (client.certificate(number).decode() for number in AUTHORITY_OF.values())
    )
    return JpkiAuthorities.for_training(parse_jpki_authorities("".join(tables)))


def der(client: Client, pem: bytes) -> bytes:
    return client.run("openssl", "x509", "-outform", "DER", given=pem).stdout


@pytest.mark.parametrize(
    ("number", "secret", "use"),
    [(AUTH, PIN, CertificateUse.USER_AUTHENTICATION), (SIGN, PASSWORD, CertificateUse.SIGNING)],
)
def test_our_core_accepts_what_opensc_read_and_signed(
    table: Table, client: Client, number: str, secret: str, use: CertificateUse
) -> None:
    table.put("p03")
    signature = client.sign(number, secret, b"a visit")
    pem = client.certificate(number, *login(number, secret))
    with parse_holder_certificate(der(client, pem), use) as holder:
        authorities_on_the_card(client).verify(holder, EXPECTED_ON)
        holder.key.verify_message(b"a visit", signature, "holder_signature")
        with pytest.raises(CardNotGenuine):
            holder.key.verify_message(b"another", signature, "holder_signature")


def test_openssl_accepts_what_our_core_had_signed(table: Table, client: Client) -> None:
    table.put("p03")
    authorities = authorities_on_the_card(client)
    certificate = client.saved(SIGN, *login(SIGN, PASSWORD))
    messages = [b"a wish", b"a consent"]
    with closing(PcscReader("00 00")) as reader, closing(reader.connect()) as channel:
        signed = sign(
            channel,
            VerifierReach(VerifierPolicy.for_training()),
            SignPassword(bytearray(PASSWORD, "ascii")),
            Confirmation(),
            authorities=authorities,
            digests=[hashlib.sha256(message).digest() for message in messages],
            on=EXPECTED_ON,
        )
    with signed:
        for message, each in zip(messages, signed.signatures, strict=True):
            assert client.verifies(certificate, message, each.signature)
            assert not client.verifies(certificate, message + b".", each.signature)


def test_our_core_and_opensc_read_the_same_certificate(table: Table, client: Client) -> None:
    table.put("p03")
    with closing(PcscReader("00 00")) as reader, closing(reader.connect()) as channel:
        holder = read_user_auth_certificate(channel, VerifierReach(VerifierPolicy.for_training()))
    with holder:
        assert holder.encoded.reveal() == der(client, client.certificate(AUTH))
