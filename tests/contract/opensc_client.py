"""OpenSC's and openssl's programs on the private card service, and the table on which cards are put for them."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import Presence
from appliance.simulated.card_host import CardHost
from appliance.simulated.pcsc_stack import PcscStack
from tests.contract.card_rigs import PATIENCE_S

TOOL_TIMEOUT_S: Final = 30
AUTH, SIGN, AUTH_AUTHORITY, SIGN_AUTHORITY = "1", "2", "3", "4"
"""OpenSC's numbers for the four certificates (card.md §18.3)."""
PIN, PASSWORD = "1234", "TRAINING2026"
AUTHORITY_OF: Final = {AUTH: AUTH_AUTHORITY, SIGN: SIGN_AUTHORITY}


@dataclass(frozen=True)
class Client:
    """OpenSC's programs on the private card service, each with a time-out."""

    stack: PcscStack
    folder: Path

    def run(
        self, *command: str, may_fail: bool = False, given: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, **self.stack.environment, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            command, env=environment, input=given, capture_output=True, timeout=TOOL_TIMEOUT_S, check=False
        )
        assert may_fail or done.returncode == 0, done.stderr
        return done

    def text(self, *command: str, given: bytes = b"") -> str:
        return self.run(*command, given=given).stdout.decode()

    def fails(self, *command: str) -> bool:
        return self.run(*command, may_fail=True).returncode != 0

    def certificate(self, number: str, *login: str) -> bytes:
        return self.run("pkcs15-tool", "--read-certificate", number, *login).stdout

    def saved(self, number: str, *login: str) -> str:
        place = self.folder / f"{number}.pem"
        place.write_bytes(self.certificate(number, *login))
        return str(place)

    def tries(self) -> list[int]:
        """What is left of the PIN and of the password."""
        lines = self.text("pkcs15-tool", "--list-pins").splitlines()
        return [int(line.partition(":")[2]) for line in lines if "Tries left" in line]

    def sign(self, number: str, secret: str, message: bytes, mechanism: str = "SHA256-RSA-PKCS") -> bytes:
        given, signature = self.folder / "message", self.folder / "signature"
        given.write_bytes(message)
        self.run(
            *pkcs11(number, secret),
            *("--sign", "--mechanism", mechanism, "--id", f"0{number}"),
            *("--input-file", str(given), "--output-file", str(signature)),
        )
        return signature.read_bytes()

    def verifies(self, certificate: str, message: bytes, signature: bytes, digest: str = "sha256") -> bool:
        """Whether openssl finds the signature to be of the certificate's key."""
        public, given, signed = (self.folder / name for name in ("public.pem", "checked", "checked.sig"))
        public.write_bytes(self.run("openssl", "x509", "-in", certificate, "-noout", "-pubkey").stdout)
        given.write_bytes(message)
        signed.write_bytes(signature)
        check = ("openssl", "dgst", f"-{digest}", "-verify", str(public), "-signature", str(signed))
        return not self.fails(*check, str(given))


@dataclass
class Table:
    """One reader, and cards that keep their counters from one putting down to the next."""

    host: CardHost
    lying: tuple[str, str] | None = field(default=None, init=False)

    def put(self, person: str, kind: str = "contact") -> None:
        """Have a card lie there, without power before."""
        with closing(PcscReader("00 00")) as reader:
            if self.lying == (person, kind):
                # OpenSC may leave a card powered, with what was unlocked (pcsc.md); letting it go takes the power away.
                reader.connect().close()
                return
            self.host.remove()
            assert reader.wait_for(Presence.EMPTY, PATIENCE_S) is Presence.EMPTY
            self.host.insert(person, kind=kind)
            assert reader.wait_for(Presence.CARD, PATIENCE_S) is Presence.CARD
            self.lying = (person, kind)

    def clear(self) -> None:
        self.host.remove()
        self.lying = None


def pkcs11_module() -> str:
    places = [Path("/usr/lib"), *Path("/usr/lib").glob("*-linux-gnu*")]
    return next(str(place / "opensc-pkcs11.so") for place in places if (place / "opensc-pkcs11.so").exists())


def pkcs11(number: str, secret: str) -> tuple[str, ...]:
    """Begin a command that logs in; each of the two keys has a slot of its own (card.md §18.4)."""
    slot = str(int(number) - 1)
    return ("pkcs11-tool", "--module", pkcs11_module(), "--slot-index", slot, "--login", "--pin", secret)


def login(number: str, secret: str) -> tuple[str, ...]:
    return ("--verify-pin", "--auth-id", number, "--pin", secret)
