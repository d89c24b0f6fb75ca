"""The other cards that people hand over: old resident cards, phones, residence cards, transport and bank cards.

Each is as much of a card as a reader needs to name it, and refuses the rest as the real one does. Facts on residence
cards come from the Immigration Services Agency's public interface (在留カード等仕様書 Ver 1.5, March 2024; 第二世代在留カード
等仕様書 and 特定在留カード等仕様書 Ver 1.1, April 2026), read through third parties that cite it: confidence B for names,
files and their sizes, C for what is marked as assumed. None of these cards holds anybody's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from appliance.simulated.card.files import (
    NEVER,
    Application,
    ApplicationName,
    CardFile,
    CardImage,
    ChipFamily,
    TransparentFile,
)
from appliance.simulated.contents import records
from appliance.simulated.contents.jpki import TokenLabel, jpki_application
from appliance.simulated.contents.workshop import Workshop
from appliance.simulated.people import TrainingPerson

OLD_RESIDENT_CARD_ATR: Final = bytes.fromhex("3B888001000014E0B38191005E")
"""A 住基カード without contacts (card.md §1.1)."""
PHONE_ATR: Final = bytes.fromhex("3B88800100000000338181003A")
"""Made up in the form of PC/SC part 3 §3.1.3.2.3.2: no contact, 106 to 424 kbit/s, frames of 256 bytes."""
RESIDENCE_CARD_ATR: Final = bytes.fromhex("3B88800100000000B3818100BA")
"""Made up in the same form; residence cards are of Type B (在留カード等仕様書 §2)."""
TRANSPORT_CARD_ATR: Final = bytes.fromhex("3B8F8001804F0CA00000030611003B0000000042")
"""As a reader makes it up for a FeliCa card: PC/SC part 3 §3.1.3.2.3, standard 11, card 003B."""
BANK_CARD_ATR: Final = bytes.fromhex("3BE000008131FE45EB")
"""The basic T=1 answer to a cold reset of a payment card (EMV Book 1 §8.3)."""

_CHIP_FAMILIES: Final[Mapping[TokenLabel, ChipFamily]] = {
    TokenLabel.OLD_RESIDENT_CARD: ChipFamily.MY_NUMBER,
    TokenLabel.ANDROID: ChipFamily.ANDROID,
    TokenLabel.IPHONE: ChipFamily.IPHONE,
}
_TRANSPORT_NUMBER: Final = bytes.fromhex("02FE000000000000")
"""Invented number of a FeliCa card (IDm), with the head that NFC Forum tags use."""
_TRAINING_PAYMENT_NAME: Final = bytes.fromhex("F04D594E5649534954")
"""A proprietary name that no payment scheme has (ISO/IEC 7816-5: first half byte F)."""

_SURFACE_FACE: Final = 0x02
_UNKNOWN_FACE: Final = records.tlv(0xFF21, records.FILLER * 64)
"""What stands on an integrated card where a My Number Card has its face is not published: assumed to be another record."""
_FIRST_GENERATION: Final[Mapping[ApplicationName, Mapping[int, int]]] = {
    ApplicationName.STAY_FACE: {0x01: 7004, 0x02: 3004},
    ApplicationName.STAY_NOTES: {0x01: 342, 0x02: 120, 0x03: 120, 0x04: 3},
    ApplicationName.STAY_SIGNATURE: {0x01: 1464},
}
"""Files by directory with their sizes in bytes: picture of the front, photo; address, permits, application; signature
(在留カード等仕様書 Ver 1.5 §3.3). All open by the printed number under secure messaging, which nobody here has."""
_SECOND_GENERATION: Final[Mapping[ApplicationName, Mapping[int, int]]] = {
    ApplicationName.STAY_FACE: {0x01: 14, 0x02: 73, 0x03: 5508, 0x04: 2505},
    ApplicationName.STAY_NOTES: {0x01: 22, 0x02: 3, 0x03: 207},
    ApplicationName.STAY_SIGNATURE: {0x01: 704},
}
"""The same of the second generation: number, entries, name and face, address; permit, application, other; signature
(第二世代在留カード等仕様書 Ver 1.1 §3.3)."""


def token_image(person: TrainingPerson, workshop: Workshop, label: TokenLabel) -> CardImage:
    """Return a chip that has JPKI alone: an old resident card or a phone, by its token label (card.md §1.2, §15)."""
    is_old_card = label is TokenLabel.OLD_RESIDENT_CARD
    return CardImage(
        OLD_RESIDENT_CARD_ATR if is_old_card else PHONE_ATR,
        (jpki_application(person, workshop, label),),
        {},
        _CHIP_FAMILIES[label],
    )


def residence_card_image() -> CardImage:
    """Return 在留カード of the first generation: free common data and card kind, and three directories that stay shut."""
    return CardImage(
        RESIDENCE_CARD_ATR,
        _directories(_FIRST_GENERATION),
        {},
        ChipFamily.RESIDENCE_CARD,
        _free_files(version="0001", kind="1"),
        has_card_manager=False,
    )


def integrated_residence_card_image(
    my_number: CardImage, *, needs_stay_application: bool = False
) -> CardImage:
    """Return 特定在留カード: the applications of `my_number` with a face of unknown layout, and those of the stay.

    The published interface has a terminal select 在留AP before the directories; what they answer without it is not
    stated, so both can be had. That the common data and the kind, `07`, stand under 在留AP is assumed.
    """
    stay = Application(ApplicationName.STAY, _free_files(version="0002", kind="07"))
    inside = ApplicationName.STAY if needs_stay_application else None
    return replace(
        my_number,
        applications=(
            *map(_with_unknown_face, my_number.applications),
            stay,
            *_directories(_SECOND_GENERATION, inside),
        ),
    )


def transport_card_image() -> CardImage:
    """Return a FeliCa card: no smart card at all, so the reader answers, and knows only how to tell its number."""
    return CardImage(
        TRANSPORT_CARD_ATR, (), {0x00: _TRANSPORT_NUMBER}, ChipFamily.FELICA, has_card_manager=False
    )


def bank_card_image() -> CardImage:
    """Return a payment card: its two payment environments answer, every other name is not found (EMV Book 1 §12.2)."""
    entry = b"\x61" + _counted(b"\x4f" + _counted(_TRAINING_PAYMENT_NAME))
    return CardImage(
        BANK_CARD_ATR,
        (
            # The short identifier of the directory file, and the discretionary data with one entry of it.
            Application(ApplicationName.PAYMENT, {}, control_information=bytes.fromhex("880101")),
            Application(
                ApplicationName.PAYMENT_CONTACTLESS, {}, control_information=b"\xbf\x0c" + _counted(entry)
            ),
        ),
        {},
        ChipFamily.PAYMENT,
        has_card_manager=False,
    )


def _counted(value: bytes) -> bytes:
    return bytes((len(value),)) + value


def _free_files(version: str, kind: str) -> dict[int, CardFile]:
    return {
        0x01: TransparentFile(records.tlv(0xC0, version.encode())),
        0x02: TransparentFile(records.tlv(0xC1, kind.encode())),
    }


def _directories(
    sizes: Mapping[ApplicationName, Mapping[int, int]], inside: ApplicationName | None = None
) -> tuple[Application, ...]:
    return tuple(
        Application(
            name,
            {identifier: TransparentFile(bytes(size), NEVER) for identifier, size in files.items()},
            inside=inside,
        )
        for name, files in sizes.items()
    )


def _with_unknown_face(application: Application) -> Application:
    face = application.files.get(_SURFACE_FACE)
    if application.name is not ApplicationName.SURFACE or not isinstance(face, TransparentFile):
        return application
    return replace(
        application,
        files={**application.files, _SURFACE_FACE: TransparentFile(_UNKNOWN_FACE, face.opened_by)},
    )
