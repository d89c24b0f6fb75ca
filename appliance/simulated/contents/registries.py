"""What belongs to the resident registry: shared and residence application, card manager's objects (card.md §8)."""

from __future__ import annotations

from typing import Final

from appliance.simulated.card.files import (
    Application,
    ApplicationName,
    InternalFile,
    KeyFile,
    KeyUse,
    RecordFile,
)
from appliance.simulated.contents.workshop import Workshop, pin
from appliance.simulated.issuer import MUNICIPALITY_CODE, intermediate_key_id, municipality_key_id
from appliance.simulated.people import TrainingPerson

_KEY_REFERENCE: Final = RecordFile((municipality_key_id(),))
_CERTIFICATE_HEADER_SIZE: Final = 5
_RECOGNITION_DATA: Final = bytes.fromhex("6613731106072A864886FC6B01600606042A864886")
"""A short card recognition template (GlobalPlatform Card Specification 2.3, annex H.2), not a copy of a card's."""


def shared_application(person: TrainingPerson, workshop: Workshop) -> Application:
    """Return 共通カードAP: serial number, municipality and expiry, free to read."""
    content = f"{_serial(person)}{MUNICIPALITY_CODE}{person.card_expires_on:%Y%m%d}".encode()
    return Application(
        ApplicationName.SHARED,
        {
            0x01: RecordFile((bytes((0x01, len(content))) + content,)),
            0x02: _KEY_REFERENCE,
            0x19: KeyFile(workshop.card_key(person, "shared"), use=KeyUse.INTERNAL_AUTHENTICATE),
            0x1C: pin(person),
            0x1E: InternalFile(),
        },
    )


def residence_application(person: TrainingPerson) -> Application:
    """Return 住基AP."""
    return Application(ApplicationName.RESIDENCE, {0x02: _KEY_REFERENCE, 0x1C: pin(person)})


def manager_objects(person: TrainingPerson, workshop: Workshop, contact_atr: bytes) -> dict[int, bytes]:
    """Return the GET DATA objects of the card manager by tag; certificates come without their outer header."""
    upper, lower = workshop.issuer.manager_chain()
    return {
        0x0042: municipality_key_id(),
        0x0045: _serial(person).encode(),
        0x0066: _RECOGNITION_DATA,
        0x00F0: MUNICIPALITY_CODE.encode(),
        0x00F2: f"{person.card_expires_on:%Y%m%d}".encode(),
        0x00F7: intermediate_key_id(),
        0x00F8: upper[_CERTIFICATE_HEADER_SIZE:],
        0x7F21: lower[_CERTIFICATE_HEADER_SIZE:],
        0x5F51: contact_atr[1:],
    }


def _serial(person: TrainingPerson) -> str:
    return f"99{int(person.id[1:]):013d}"
