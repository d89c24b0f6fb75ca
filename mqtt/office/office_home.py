"""The folder of one office: which files are there, and what the office decided about its broker.

`office.toml` holds only public things. Keys and the database stand beside it, each readable by the owner alone.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import FactsMalformed
from appliance.seal.keys import OfficeSealingPrivateKey, OfficeSigningPrivateKey
from appliance.unit_home import BrokerAddress
from mqtt.broker.certificates import Pair, load_pair
from mqtt.broker.configuration import BrokerFiles
from mqtt.link import Caller
from mqtt.owned_files import read_owned
from mqtt.topics import collector_name


@dataclass(frozen=True, slots=True)
class OfficeSettings:
    """What the office decided."""

    hosts: tuple[str, ...]
    """Names and addresses of its broker, the one for units first."""
    port: int
    address: str = "127.0.0.1"
    """Where the broker listens."""
    collectors: int = 1
    """How many collectors may work at once; each has a certificate of its own."""

    def as_toml(self) -> str:
        """Return the text of `office.toml`."""
        hosts = ", ".join(f'"{host}"' for host in self.hosts)
        lines = (
            f"hosts = [{hosts}]",
            f"port = {self.port}",
            f'address = "{self.address}"',
            f"collectors = {self.collectors}",
        )
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class OfficeKeys:
    """What the office opens records and signs receipts with."""

    sealing: OfficeSealingPrivateKey
    signing: OfficeSigningPrivateKey


@dataclass(frozen=True, slots=True)
class OfficeHome:
    """The files of one office."""

    path: Path

    @property
    def settings_file(self) -> Path:
        """What the office decided."""
        return self.path / "office.toml"

    @property
    def sealing_key_file(self) -> Path:
        """The private key that opens records."""
        return self.path / "sealing.key"

    @property
    def signing_key_file(self) -> Path:
        """The private key that signs receipts."""
        return self.path / "signing.key"

    @property
    def database_file(self) -> Path:
        """Units, records, receipts and incidents."""
        return self.path / "office.sqlite3"

    @property
    def broker_folder(self) -> Path:
        """Everything that the broker reads and writes."""
        return self.path / "broker"

    @property
    def broker_configuration_file(self) -> Path:
        """The generated `mosquitto.conf`."""
        return self.broker_folder / "mosquitto.conf"

    @property
    def broker_files(self) -> BrokerFiles:
        """Where the broker finds and keeps things."""
        folder = self.broker_folder
        return BrokerFiles(
            authority=self.certificate_file("authority"),
            certificate=self.certificate_file("broker"),
            key=self.key_file("broker"),
            access_list=folder / "access.acl",
            log=folder / "mosquitto.log",
            store_folder=folder / "store",
        )

    def certificate_file(self, holder: str) -> Path:
        """Return where the certificate of `authority`, `broker`, `collector`, `collector-2`, ... is."""
        return self.path / f"{holder}.crt"

    def key_file(self, holder: str) -> Path:
        """Return where the private key of `authority`, `broker`, `collector`, `collector-2`, ... is."""
        return self.path / f"{holder}.key"

    def settings(self) -> OfficeSettings:
        """Return what the office decided.

        Raises:
            NotProvisioned: the office was never set up.
            FactsMalformed: `office.toml` is damaged.
        """
        text = read_owned(self.settings_file)
        try:
            fields = tomllib.loads(text.decode())
            hosts = tuple(str(host) for host in fields["hosts"])
            return OfficeSettings(
                hosts, int(fields["port"]), str(fields["address"]), int(fields["collectors"])
            )
        except (ValueError, KeyError, TypeError):
            raise FactsMalformed(self.settings_file.name) from None

    def broker_address(self) -> BrokerAddress:
        """Return where this office's own programs find its broker.

        Raises:
            NotProvisioned: the office was never set up.
        """
        settings = self.settings()
        return BrokerAddress(settings.hosts[0], settings.port)

    def keys(self) -> OfficeKeys:
        """Return the office's keys.

        Raises:
            NotProvisioned: a key is missing.
            SealBroken: a key file is damaged.
        """
        return OfficeKeys(
            OfficeSealingPrivateKey.from_private_bytes(read_owned(self.sealing_key_file)),
            OfficeSigningPrivateKey.from_private_bytes(read_owned(self.signing_key_file)),
        )

    def pair(self, holder: str) -> Pair:
        """Return certificate and key of a holder, as in `certificate_file`.

        Raises:
            NotProvisioned: one is missing or damaged.
        """
        return load_pair(read_owned(self.certificate_file(holder)), read_owned(self.key_file(holder)))

    def collector(self, number: int = 1) -> Caller:
        """Return what the office's first, second, ... collector shows to the broker."""
        holder = collector_holder(number)
        return Caller(
            collector_name(number),
            self.certificate_file("authority"),
            self.certificate_file(holder),
            self.key_file(holder),
        )


def collector_holder(number: int) -> str:
    """Return by which name the files of the office's first, second, ... collector go."""
    return "collector" if number == 1 else f"collector-{number}"
