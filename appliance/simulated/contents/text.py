"""The text application, 券面事項入力補助AP (card.md §6)."""

from __future__ import annotations

from typing import Final

from appliance.simulated.card.files import Application, ApplicationName, CardFile, KeyFile, TransparentFile
from appliance.simulated.contents import records
from appliance.simulated.contents.workshop import (
    NUMBER_PLACEHOLDER,
    UNKNOWN_CONTENT,
    Workshop,
    code_a,
    code_b,
    never_set,
    pin,
    yyyymmdd_birth,
)
from appliance.simulated.issuer import Authority, basic_information_key_id
from appliance.simulated.people import TrainingPerson, Trait

_PIN, _CARD_KEY, _CODE_A, _CODE_B = 0x11, 0x13, 0x14, 0x15
_BY_ANY: Final = frozenset({_PIN, _CODE_A, _CODE_B})


def text_application(person: TrainingPerson, workshop: Workshop) -> Application:
    """Return the application with its files, keys and references."""
    issuing = workshop.issuer.issuing_key(Authority.TEXT)
    signed_key = workshop.card_key(person, "text")
    # As on the surface: a clone has the copied certificate of a key that it cannot have.
    own_key = workshop.card_key(person, "clone") if Trait.CLONED_CHIP in person.traits else signed_key
    session_key = workshop.card_key(person, "session")
    number = records.tlv(0xFF10, NUMBER_PLACEHOLDER.encode()) + records.FILLER * 2
    long_form = workshop.long_lengths
    attributes = records.four_attributes(
        person.name, person.address, yyyymmdd_birth(person), person.sex.code, long_form=long_form
    )
    four_attributes = records.with_offsets(0xFF20, 0xDF21, attributes, long_form=long_form)
    files: dict[int, CardFile] = {
        0x01: TransparentFile(number, frozenset({_PIN, _CODE_A})),
        0x02: TransparentFile(four_attributes, frozenset({_PIN, _CODE_B})),
        0x03: TransparentFile(records.text_signatures(number, attributes, issuing), _BY_ANY),
        0x04: TransparentFile(workshop.issuer.card_certificate(Authority.TEXT)),
        0x05: TransparentFile(records.text_basics(basic_information_key_id(Authority.TEXT))),
        0x06: TransparentFile(records.tlv(0xA1, records.public_key(session_key)), _BY_ANY),
        0x07: TransparentFile(records.certified_public_key(signed_key, issuing), _BY_ANY),
        0x08: TransparentFile(UNKNOWN_CONTENT),
        _PIN: pin(person),
        0x12: never_set(),
        _CARD_KEY: KeyFile(own_key),
        _CODE_A: code_a(),
        _CODE_B: code_b(person),
    }
    return Application(ApplicationName.TEXT, files, default_key=_CARD_KEY, delivery_key=session_key)
