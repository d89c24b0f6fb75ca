"""The folder of one unit: which files are there, and what the office told the unit at its claim.

`unit.toml` holds only public things. The unit's private key, its client key and the database stand beside it, each readable by
the owner alone.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.domain.ids import UnitId, parse_unit_id
from appliance.errors import FactsMalformed, NotProvisioned
from appliance.seal.keys import OfficeSealingPublicKey, OfficeSigningPublicKey


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """One broker of the office; brokers are interchangeable pipes (design D3)."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What the office gave the unit when it claimed it: names and public keys."""

    unit: UnitId
    sealing_key: OfficeSealingPublicKey
    signing_key: OfficeSigningPublicKey
    brokers: tuple[BrokerAddress, ...]

    def as_toml(self) -> str:
        """Return the text of `unit.toml`."""
        lines = [
            f'unit = "{self.unit}"',
            f'office_sealing_key = "{self.sealing_key.to_bytes().hex()}"',
            f'office_signing_key = "{self.signing_key.to_bytes().hex()}"',
        ]
        for broker in self.brokers:
            lines += ["", "[[broker]]", f'host = "{broker.host}"', f"port = {broker.port}"]
        return "\n".join(lines) + "\n"


def parse_claim(text: str) -> Claim:
    """Return the claim in the text of a `unit.toml`.

    Raises:
        FactsMalformed: not TOML, or a key is missing or of another type.
        TrustFailure: a key's bytes are no key.
    """
    try:
        fields: dict[str, Any] = tomllib.loads(text)
        return Claim(
            unit=parse_unit_id(fields["unit"]),
            sealing_key=OfficeSealingPublicKey.from_bytes(bytes.fromhex(fields["office_sealing_key"])),
            signing_key=OfficeSigningPublicKey.from_bytes(bytes.fromhex(fields["office_signing_key"])),
            brokers=tuple(BrokerAddress(str(each["host"]), int(each["port"])) for each in fields["broker"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise FactsMalformed(str(error.args[0]) if isinstance(error, KeyError) else "unit.toml") from None
    except ValueError as error:
        if isinstance(error, FactsMalformed):
            raise
        raise FactsMalformed("unit.toml") from None


@dataclass(frozen=True, slots=True)
class UnitHome:
    """The files of one unit."""

    path: Path

    @property
    def claim_file(self) -> Path:
        """What the office told the unit."""
        return self.path / "unit.toml"

    @property
    def unit_key_file(self) -> Path:
        """The unit's private signing key (software class)."""
        return self.path / "unit.key"

    @property
    def client_key_file(self) -> Path:
        """The private key of the TLS client certificate."""
        return self.path / "client.key"

    @property
    def client_certificate_file(self) -> Path:
        """The TLS client certificate; its common name is the unit."""
        return self.path / "client.crt"

    @property
    def authority_file(self) -> Path:
        """The office's certificate authority, the only one the unit trusts for its brokers."""
        return self.path / "authority.crt"

    @property
    def database_file(self) -> Path:
        """The unit's database."""
        return self.path / "unit.sqlite3"

    @property
    def sequence_file(self) -> Path:
        """The highest sequence ever used, beside the database (proof.md W5)."""
        return self.path / "sequence"

    @property
    def face_folder(self) -> Path:
        """Face weights that the unit took in, and which of them it uses; nothing of a person."""
        return self.path / "face"

    def claim(self) -> Claim:
        """Return what the office told the unit.

        Raises:
            NotProvisioned: the unit was never claimed.
            FactsMalformed: `unit.toml` is damaged.
        """
        try:
            return parse_claim(self.claim_file.read_text("utf-8"))
        except FileNotFoundError:
            raise NotProvisioned(self.claim_file.name) from None
