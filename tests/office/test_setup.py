"""Setting up an office and claiming units: complete, safe to repeat, and no key ever lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from appliance.domain.ids import UnitId
from appliance.errors import FactsMalformed, NotProvisioned, SealBroken, UnitAlreadyClaimed
from appliance.seal.keys import KeyClass, SoftwareUnitKey, UnitPublicKey
from appliance.unit_home import BrokerAddress, UnitHome
from mqtt.broker.certificates import MEMBER_TERM
from mqtt.office.collector import collect
from mqtt.office.database import open_office_database
from mqtt.office.ledger import Ledger
from mqtt.office.office_home import OfficeHome, OfficeSettings
from mqtt.office.setup import SetUpReport, claim_unit, init_office
from mqtt.office.tables import UnitStatus
from mqtt.topics import COLLECTOR_NAME
from tests.office.units import NOON

HOSTS = ("broker.example", "127.0.0.1")
UNIT = UnitId("u01")
KEY = SoftwareUnitKey.generate(Random(5).randbytes).public
PARTS = (
    "authority certificate",
    "broker certificate",
    "collector certificate",
    "sealing key",
    "signing key",
    "database",
)
SECRETS = ("authority.key", "broker.key", "collector.key", "sealing.key", "signing.key", "office.sqlite3")


class FixedClock:
    """A clock that stands where the test puts it; implements `ports.Clock`."""

    def __init__(self) -> None:
        self.at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def home(tmp_path: Path) -> OfficeHome:
    home = OfficeHome(tmp_path / "office")
    set_up(home)
    return home


def set_up(home: OfficeHome, hosts: tuple[str, ...] = HOSTS, at: datetime = NOON) -> SetUpReport:
    clock = FixedClock()
    clock.at = at
    return init_office(home, hosts, port=18883, clock=clock, random_bytes=Random(3).randbytes)


def contents(home: OfficeHome) -> dict[str, bytes]:
    return {
        str(file.relative_to(home.path)): file.read_bytes() for file in home.path.rglob("*") if file.is_file()
    }


def test_everything_is_made_at_once(tmp_path: Path) -> None:
    home = OfficeHome(tmp_path / "new" / "office")
    report = set_up(home)
    assert report == SetUpReport(made=PARTS, kept=())
    assert home.settings() == OfficeSettings(HOSTS, 18883)
    assert home.broker_address() == BrokerAddress("broker.example", 18883)
    assert home.keys().sealing.key_id
    assert home.broker_configuration_file.exists()
    assert home.broker_files.access_list.exists()
    assert home.broker_files.store_folder.is_dir()


def test_again_keeps_everything_and_says_so(home: OfficeHome) -> None:
    before = contents(home)
    assert set_up(home) == SetUpReport(made=(), kept=PARTS)
    assert contents(home) == before


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_for_the_owner_alone(home: OfficeHome, name: str) -> None:
    assert (home.path / name).stat().st_mode & 0o777 == 0o600
    assert home.path.stat().st_mode & 0o777 == 0o700


def test_another_host_gets_the_broker_a_new_certificate_and_nobody_else(home: OfficeHome) -> None:
    before = contents(home)
    report = set_up(home, (*HOSTS, "second.example"))
    assert report.made == ("broker certificate",)
    changed = {name for name, content in contents(home).items() if before[name] != content}
    assert changed == {"broker.crt", "broker.key", "office.toml"}


def test_an_office_may_have_several_collectors(tmp_path: Path) -> None:
    home = OfficeHome(tmp_path / "office")
    init_office(home, HOSTS, collectors=2)
    assert [home.collector(number).name for number in (1, 2)] == [COLLECTOR_NAME, f"{COLLECTOR_NAME}-2"]
    assert home.pair("collector-2").certificate.subject.rfc4514_string() == f"CN={COLLECTOR_NAME}-2"
    access = home.broker_files.access_list.read_text("ascii")
    assert access.count("topic read unit/+/record\n") == 2


def test_certificates_near_their_end_are_renewed(home: OfficeHome) -> None:
    assert set_up(home, at=NOON + MEMBER_TERM - timedelta(days=90)).made == ()
    late = set_up(home, at=NOON + MEMBER_TERM - timedelta(days=30))
    assert late.made == ("broker certificate", "collector certificate")


def test_a_set_up_that_was_cut_short_is_finished(home: OfficeHome) -> None:
    home.certificate_file("collector").unlink()
    home.signing_key_file.unlink()
    home.key_file("broker").write_bytes(home.key_file("authority").read_bytes())
    sealing_key = home.sealing_key_file.read_bytes()
    assert set_up(home).made == ("broker certificate", "collector certificate", "signing key")
    assert home.sealing_key_file.read_bytes() == sealing_key


@pytest.mark.parametrize(
    ("hosts", "port", "key"),
    [
        ((), 8883, "hosts"),
        (("",), 8883, "hosts"),
        (('a.example"',), 8883, "hosts"),
        (HOSTS, 0, "port"),
        (HOSTS, 65536, "port"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(
    tmp_path: Path, hosts: tuple[str, ...], port: int, key: str
) -> None:
    home = OfficeHome(tmp_path / "office")
    with pytest.raises(FactsMalformed) as refused:
        init_office(home, hosts, port=port)
    assert refused.value.key == key
    with pytest.raises(FactsMalformed):
        init_office(home, HOSTS, collectors=0)
    with pytest.raises(FactsMalformed):
        init_office(home, HOSTS, address="127.0.0.1\nallow_anonymous true")
    assert not home.path.exists()


def test_the_collector_has_a_name_of_its_own(home: OfficeHome) -> None:
    (name,) = home.pair("collector").certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == COLLECTOR_NAME == home.collector().name


def test_a_claimed_unit_is_registered_with_its_key(home: OfficeHome) -> None:
    claim_unit(home, UNIT, KEY)
    with open_office_database(home.database_file) as database, database.reading() as connection:
        known = Ledger(connection).unit(UNIT)
    assert known is not None
    assert (known.public_key, known.status, known.place.sequence) == (KEY, UnitStatus.ACTIVE, 0)


def test_the_kit_is_what_a_unit_needs(home: OfficeHome, tmp_path: Path) -> None:
    kit = claim_unit(home, UNIT, KEY)
    unit_home = UnitHome(tmp_path / "unit")
    kit.install(unit_home)
    claim = unit_home.claim()
    assert claim == kit.claim
    assert claim.brokers == (BrokerAddress("broker.example", 18883),)
    assert claim.signing_key == home.keys().signing.public
    assert claim.sealing_key == home.keys().sealing.public
    assert unit_home.authority_file.read_bytes() == home.certificate_file("authority").read_bytes()
    certificate = x509.load_pem_x509_certificate(unit_home.client_certificate_file.read_bytes())
    certificate.verify_directly_issued_by(home.pair("authority").certificate)
    assert certificate.subject.rfc4514_string() == "CN=u01"
    assert unit_home.client_key_file.stat().st_mode & 0o777 == 0o600
    assert unit_home.path.stat().st_mode & 0o777 == 0o700


def test_a_kit_does_not_show_its_key(home: OfficeHome) -> None:
    assert repr(claim_unit(home, UNIT, KEY)) == "UnitKit('u01')"


def test_claiming_again_gives_a_fresh_certificate_and_keeps_the_unit(
    home: OfficeHome, tmp_path: Path
) -> None:
    first, second = claim_unit(home, UNIT, KEY), claim_unit(home, UNIT, KEY)
    assert first.client_certificate_pem != second.client_certificate_pem
    assert first.claim == second.claim
    unit_home = UnitHome(tmp_path / "unit")
    first.install(unit_home)
    second.install(unit_home)
    assert unit_home.client_key_file.read_bytes() == second.client_key_pem


@pytest.mark.parametrize(
    "other",
    [SoftwareUnitKey.generate(Random(6).randbytes).public, UnitPublicKey(KeyClass.TPM, KEY.raw)],
    ids=["another key", "the same key in another class"],
)
def test_a_name_belongs_to_one_key(home: OfficeHome, other: UnitPublicKey) -> None:
    claim_unit(home, UNIT, KEY)
    with pytest.raises(UnitAlreadyClaimed) as claimed:
        claim_unit(home, UNIT, other)
    assert claimed.value.key_id == KEY.key_id
    with open_office_database(home.database_file) as database, database.reading() as connection:
        known = Ledger(connection).unit(UNIT)
    assert known is not None
    assert known.public_key == KEY


def test_without_an_office_nobody_is_claimed_and_nothing_collected(tmp_path: Path) -> None:
    home = OfficeHome(tmp_path / "office")
    with pytest.raises(NotProvisioned):
        claim_unit(home, UNIT, KEY)
    with pytest.raises(NotProvisioned):
        collect(home)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("sealing.key", NotProvisioned),
        ("signing.key", NotProvisioned),
        ("office.toml", NotProvisioned),
        ("office.sqlite3", NotProvisioned),
    ],
)
def test_a_missing_part_is_named(home: OfficeHome, name: str, error: type[NotProvisioned]) -> None:
    (home.path / name).unlink()
    with pytest.raises(error) as missing:
        collect(home)
    assert missing.value.missing == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hosts = 3",
        'hosts = ["a"]\nport = "x"\naddress = ""',
        "\x00",
        "hosts = [",
        'hosts = ["a"]\nport = 1',
    ],
)
def test_damaged_settings_are_named(home: OfficeHome, text: str) -> None:
    home.settings_file.write_text(text, "utf-8")
    with pytest.raises(FactsMalformed) as damaged:
        home.settings()
    assert damaged.value.key == "office.toml"


def test_a_damaged_key_is_not_used(home: OfficeHome) -> None:
    home.signing_key_file.write_bytes(home.sealing_key_file.read_bytes())
    with pytest.raises(SealBroken):
        home.keys()


def test_settings_are_read_as_they_were_written(home: OfficeHome) -> None:
    settings = OfficeSettings(("a.example", "::1"), 1234, "0.0.0.0", 3)  # noqa: S104 - written down, not listened on
    home.settings_file.write_text(settings.as_toml(), "utf-8")
    assert home.settings() == settings
    assert home.settings() != replace(settings, port=1)
