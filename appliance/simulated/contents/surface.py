"""The surface application, 券面事項確認AP (card.md §7)."""

from __future__ import annotations

from typing import Final

from appliance.simulated.card.files import (
    Application,
    ApplicationName,
    CardFile,
    KeyFile,
    ReferenceFile,
    TransparentFile,
)
from appliance.simulated.card.rsa import RsaKey
from appliance.simulated.contents import records
from appliance.simulated.contents.workshop import (
    NUMBER_PLACEHOLDER,
    UNKNOWN_CONTENT,
    Workshop,
    code_a,
    code_b,
    never_set,
    yyyymmdd_birth,
)
from appliance.simulated.issuer import MUNICIPALITY_CODE, Authority, basic_information_key_id, opaque_key_id
from appliance.simulated.people import CODE_TRIES, TrainingPerson, Trait

_BIRTH_KEY, _CODE_B, _CODE_A, _CARD_KEY = 0x11, 0x12, 0x13, 0x1A
_BY_CODE_A: Final = frozenset({_CODE_A})
_BY_EITHER_CODE: Final = frozenset({_CODE_A, _CODE_B})


def surface_application(person: TrainingPerson, workshop: Workshop) -> Application:
    """Return the application with its files, keys and references."""
    issuing = workshop.issuer.issuing_key(Authority.SURFACE)
    signed_key = workshop.card_key(person, "surface")
    # A clone has all data of the card it was copied from, and cannot have its private key.
    own_key = workshop.card_key(person, "clone") if Trait.CLONED_CHIP in person.traits else signed_key
    number_picture = workshop.artist.digits(NUMBER_PLACEHOLDER)
    age = records.age_record(yyyymmdd_birth(person), signed_key, issuing, long_form=workshop.long_lengths)
    basics = records.surface_basics(
        basic_information_key_id(Authority.SURFACE), opaque_key_id(), MUNICIPALITY_CODE
    )
    files: dict[int, CardFile] = {
        0x01: TransparentFile(age, frozenset({_BIRTH_KEY})),
        0x02: TransparentFile(_card_face(person, workshop, signed_key, issuing), _BY_EITHER_CODE),
        0x03: TransparentFile(basics),
        0x04: TransparentFile(workshop.issuer.card_certificate(Authority.SURFACE)),
        0x05: TransparentFile(records.number_picture_record(number_picture, signed_key, issuing), _BY_CODE_A),
        0x06: TransparentFile(UNKNOWN_CONTENT, _BY_EITHER_CODE),
        _BIRTH_KEY: ReferenceFile(person.code_b[:6].encode(), CODE_TRIES),
        _CODE_B: code_b(person),
        _CODE_A: code_a(),
        0x14: never_set(),
        0x15: never_set(),
        _CARD_KEY: KeyFile(own_key),
    }
    return Application(ApplicationName.SURFACE, files, default_key=_CARD_KEY)


def _card_face(person: TrainingPerson, workshop: Workshop, card_key: RsaKey, issuing: RsaKey) -> bytes:
    def field(tag: int, value: bytes) -> bytes:
        return records.tlv(tag, value, long_form=workshop.long_lengths)

    birth = field(0xDF22, yyyymmdd_birth(person).encode())
    artist = workshop.artist
    record = records.card_face(
        identity=(
            birth,
            field(0xDF23, person.sex.code.encode()),
            field(0xDF24, records.public_key(card_key)),
        ),
        pictures=(
            field(0xDF25, artist.name(person.name_on_face)),
            field(0xDF26, artist.address(person.address)),
        ),
        photo=field(0xDF27, workshop.photo_of(person.portrait)),
        issuer=issuing,
        unsigned=(
            field(0xDF29, f"{person.card_expires_on:%Y%m%d}".encode()),
            field(0xDF2A, artist.digits(person.security_code)),
        ),
        long_form=workshop.long_lengths,
    )
    if Trait.TAMPERED_DATA in person.traits:
        younger = f"{person.birth_date.year + 10}{person.birth_date:%m%d}".encode()
        record = record.replace(birth, field(0xDF22, younger), 1)
    return record + records.FILLER * 16
