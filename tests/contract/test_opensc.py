"""An independent client: OpenSC finds, reads and uses the simulated card, and openssl agrees (pcsc.md, card.md §18)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import Presence
from appliance.simulated.card_host import CardHost
from appliance.simulated.pcsc_stack import PcscStack
from tests.contract.card_rigs import PATIENCE_S

pytestmark = pytest.mark.pcsc

TOOL_TIMEOUT_S = 30


class Client:
    """OpenSC's programs on the private card service, each with a time-out."""

    def __init__(self, stack: PcscStack) -> None:
        self._environment = {**os.environ, **stack.environment, "LC_ALL": "C.UTF-8"}

    def run(self, *command: str, may_fail: bool = False) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            command, env=self._environment, capture_output=True, timeout=TOOL_TIMEOUT_S, check=False
        )
        assert may_fail or done.returncode == 0, done.stderr
        return done

    def text(self, *command: str) -> str:
        return self.run(*command).stdout.decode()


@pytest.fixture
def host(stack: PcscStack) -> Iterator[CardHost]:
    with CardHost(stack.addresses) as cards:
        yield cards


@pytest.fixture
def client(stack: PcscStack) -> Client:
    return Client(stack)


def put_in(host: CardHost, person: str, kind: str = "contact") -> None:
    reader = PcscReader("00 00")
    host.remove()
    assert reader.wait_for(Presence.EMPTY, PATIENCE_S) is Presence.EMPTY
    host.insert(person, kind=kind)
    assert reader.wait_for(Presence.CARD, PATIENCE_S) is Presence.CARD
    reader.close()


def pkcs11_module() -> str:
    places = [Path("/usr/lib"), *Path("/usr/lib").glob("*-linux-gnu*")]
    return next(str(place / "opensc-pkcs11.so") for place in places if (place / "opensc-pkcs11.so").exists())


@pytest.mark.parametrize("kind", ["contact", "contact_plain", "contact_short", "contactless"])
def test_opensc_names_the_card_whatever_its_answer_to_reset(
    host: CardHost, client: Client, kind: str
) -> None:
    put_in(host, "p01", kind)
    assert client.text("opensc-tool", "--name").strip() == "jpki"


def test_no_probe_of_other_drivers_is_answered_with_success(host: CardHost, client: Client) -> None:
    put_in(host, "p01")
    client.run("opensc-tool", "--name")
    answered = [entry for entry in host.trace() if entry.status_word == 0x9000]
    assert {entry.application for entry in answered} == {"jpki"}
    assert len(host.trace()) > 20


def test_a_transport_card_is_not_taken_for_one(host: CardHost, client: Client) -> None:
    put_in(host, "p01", "transport")
    assert "jpki" not in client.text("opensc-tool", "--name")


@pytest.mark.parametrize("person", ["p01", "p06", "p09"])
def test_the_certificate_is_read_and_parsed(host: CardHost, client: Client, person: str) -> None:
    put_in(host, person)
    certificate = client.run("pkcs15-tool", "--read-certificate", "1").stdout
    parsed = subprocess.run(
        ["openssl", "x509", "-noout", "-subject", "-issuer"],
        input=certificate,
        capture_output=True,
        timeout=TOOL_TIMEOUT_S,
        check=True,
    ).stdout.decode()
    # openssl 1 and 3 write the spaces differently.
    assert "O=JPKI-SIM" in parsed.replace(" ", "")
    assert "99201000A" in parsed


def test_the_signing_certificate_wants_its_password(host: CardHost, client: Client) -> None:
    put_in(host, "p01")
    read = ("pkcs15-tool", "--read-certificate", "2")
    assert client.run(*read, may_fail=True).returncode != 0
    opened = client.text(*read, "--verify-pin", "--auth-id", "2", "--pin", "TRAINING2026")
    assert opened.startswith("-----BEGIN CERTIFICATE-----")


@pytest.mark.parametrize(
    ("slot", "key", "pin", "certificate"), [("0", "01", "1234", "1"), ("1", "02", "TRAINING2026", "2")]
)
def test_login_sign_and_verify(
    host: CardHost, client: Client, tmp_path: Path, slot: str, key: str, pin: str, certificate: str
) -> None:
    put_in(host, "p01")
    message, signature, public = tmp_path / "message", tmp_path / "signature", tmp_path / "public.pem"
    message.write_bytes(b"a visit that never was")
    client.run(
        *("pkcs11-tool", "--module", pkcs11_module(), "--slot-index", slot, "--login", "--pin", pin),
        *("--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", key),
        *("--input-file", str(message), "--output-file", str(signature)),
    )
    login = ("--verify-pin", "--auth-id", certificate, "--pin", pin)
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(client.run("pkcs15-tool", "--read-certificate", certificate, *login).stdout)
    public.write_bytes(client.run("openssl", "x509", "-in", str(pem), "-noout", "-pubkey").stdout)
    checked = client.text(
        *("openssl", "dgst", "-sha256", "-verify", str(public), "-signature", str(signature), str(message))
    )
    assert checked.strip() == "Verified OK"


def test_a_wrong_pin_costs_one_try_and_the_next_program_sees_it(host: CardHost, client: Client) -> None:
    put_in(host, "p05")
    wrong = ("pkcs15-tool", "--verify-pin", "--auth-id", "1", "--pin", "0000")
    assert client.run(*wrong, may_fail=True).returncode != 0
    assert "Tries left     : 2" in client.text("pkcs15-tool", "--list-pins")


def test_the_tools_are_installed() -> None:
    assert all(shutil.which(tool) for tool in ("opensc-tool", "pkcs15-tool", "pkcs11-tool", "openssl"))
