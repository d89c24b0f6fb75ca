"""The four attributes in a signing certificate, with a mark on each character that stands for another (card.md §13.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, unique
from types import MappingProxyType
from typing import Final

from cryptography import x509

from appliance.card.attributes import Sex
from appliance.card.tlv import read_object
from appliance.domain.ephemeral import Ephemeral, Wiped
from appliance.domain.era import Era
from appliance.errors import CardNotUnderstood
from appliance.trust.jpki_profile import CertificateUse, HolderCertificate
from appliance.trust.x509_reading import extension_of, load_certificate

_ARC: Final = "1.2.392.200149.8.5.5"
_UTF8_STRING: Final = 0x0C
_BIRTH_SIZE: Final = 9
_FLAGS: Final = frozenset(b"01")


@unique
class _Entry(Enum):
    """The six entries, by the last arc of their object identifier; their order is not relied on."""

    NAME = 1
    NAME_FLAGS = 2
    SEX = 3
    BIRTH_DATE = 4
    ADDRESS = 5
    ADDRESS_FLAGS = 6

    @property
    def what(self) -> str:
        """The entry's name in error fields."""
        return f"{CertificateUse.SIGNING.what}: {self.name.lower()}"


_ENTRIES: Final = {f"{_ARC}.{entry.value}": entry for entry in _Entry}
_ERAS: Final[Mapping[str, Era]] = MappingProxyType(dict(zip("12345", Era, strict=True)))
_UNKNOWN_ERA: Final = "0"
_SEXES: Final[Mapping[bytes, Sex]] = MappingProxyType(
    {b"1": Sex.MALE, b"2": Sex.FEMALE, b"0": Sex.UNKNOWN, b"3": Sex.UNKNOWN, b"9": Sex.UNKNOWN}
)
"""What stands for unknown is told differently by different sources (card.md §13.3, D)."""


@dataclass(frozen=True, slots=True)
class CertifiedAttributes(Wiped):
    """氏名, 住所, 生年月日 and 性別 as the authority certified them."""

    name: Ephemeral
    """UTF-8; family and given name parted by U+3000."""
    name_flags: Ephemeral
    """One ASCII digit for each character of the name: 1 where another character stands in its place."""
    address: Ephemeral
    """UTF-8, without postal code."""
    address_flags: Ephemeral
    """As `name_flags`, for the address."""
    birth_date: date | None
    """None where the register does not know the whole date."""
    sex: Sex

    def wipe(self) -> None:
        """Overwrite the texts; safe to call again."""
        for text in (self.name, self.name_flags, self.address, self.address_flags):
            text.wipe()

    def __repr__(self) -> str:
        return "CertifiedAttributes(hidden)"


def parse_certified_attributes(certificate: HolderCertificate) -> CertifiedAttributes:
    """Return the attributes in a signing certificate; entries that are not known here are passed over.

    Raises:
        CardNotUnderstood: one of the six is missing, repeated or malformed; `what` names it.
    """
    values: dict[_Entry, Ephemeral] = {}
    try:
        _collect(values, certificate)
        return _attributes(values)
    except BaseException:
        for value in values.values():
            value.wipe()
        raise


def _collect(values: dict[_Entry, Ephemeral], certificate: HolderCertificate) -> None:
    loaded = load_certificate(certificate.encoded.reveal())
    names = None if loaded is None else extension_of(loaded, x509.SubjectAlternativeName)
    for other in () if names is None else names.get_values_for_type(x509.OtherName):
        entry = _ENTRIES.get(other.type_id.dotted_string)
        if entry is not None:
            _put(values, entry, other.value)


def _attributes(values: Mapping[_Entry, Ephemeral]) -> CertifiedAttributes:
    for entry in _Entry:
        if entry not in values:
            raise CardNotUnderstood(entry.what)
    _require_flags(values[_Entry.NAME], values[_Entry.NAME_FLAGS], _Entry.NAME_FLAGS)
    _require_flags(values[_Entry.ADDRESS], values[_Entry.ADDRESS_FLAGS], _Entry.ADDRESS_FLAGS)
    with values[_Entry.BIRTH_DATE] as birth_date, values[_Entry.SEX] as sex:
        return CertifiedAttributes(
            name=values[_Entry.NAME],
            name_flags=values[_Entry.NAME_FLAGS],
            address=values[_Entry.ADDRESS],
            address_flags=values[_Entry.ADDRESS_FLAGS],
            birth_date=_parse_birth_date(birth_date.reveal()),
            sex=_parse_sex(sex.reveal()),
        )


def _put(values: dict[_Entry, Ephemeral], entry: _Entry, encoded: bytes) -> None:
    if entry in values:
        raise CardNotUnderstood(entry.what)
    text = read_object(encoded, entry.what).require(_UTF8_STRING)
    values[entry] = Ephemeral(bytearray(text.value))


def _require_flags(text: Ephemeral, flags: Ephemeral, entry: _Entry) -> None:
    digits = flags.reveal()
    if _characters(text.reveal()) != len(digits) or not _FLAGS.issuperset(digits):
        raise CardNotUnderstood(entry.what)


def _characters(text: bytes) -> int | None:
    """Return how many characters there are; None, not an error that would carry the bytes, when it is not UTF-8."""
    try:
        return len(str(text, "utf-8"))
    except UnicodeDecodeError:
        return None


def _parse_sex(digit: bytes) -> Sex:
    sex = _SEXES.get(digit)
    if sex is None:
        raise CardNotUnderstood(_Entry.SEX.what)
    return sex


def _parse_birth_date(digits: bytes) -> date | None:
    """Return the date in EYYYYMMDD: a digit for the era and the Gregorian date (card.md §13.3)."""
    if len(digits) != _BIRTH_SIZE or not digits.isdigit():
        raise CardNotUnderstood(_Entry.BIRTH_DATE.what)
    era_digit, day = (
        chr(digits[0]),
        _day(*(int(digits[at]) for at in (slice(1, 5), slice(5, 7), slice(7, 9)))),
    )
    if era_digit == _UNKNOWN_ERA:
        return day
    era = _ERAS.get(era_digit)
    if era is None or day is None or not era.starts_on <= day <= era.last_day:
        raise CardNotUnderstood(_Entry.BIRTH_DATE.what)
    return day


def _day(year: int, month: int, day: int) -> date | None:
    """Return the date, or None; raising inside the handler would carry an error text along."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
