"""The JPKI application, 公的個人認証AP, as on plastic cards and, in part, on old cards and phones (card.md §5, §15)."""

from __future__ import annotations

from enum import Enum, unique
from typing import Final

from appliance.simulated.card.files import (
    FREE,
    NEVER,
    Application,
    ApplicationName,
    CardFile,
    KeyFile,
    ReferenceFile,
    TransparentFile,
)
from appliance.simulated.contents import records
from appliance.simulated.contents.workshop import (
    SIGN_PASSWORD_TRIES,
    TRAINING_SIGN_PASSWORD,
    UNKNOWN_CONTENT,
    Workshop,
    never_set,
    pin,
)
from appliance.simulated.jpki_certificates import CertificateKind
from appliance.simulated.people import TrainingPerson

_USER_KEY, _USER_PIN, _SIGNING_KEY, _SIGN_PASSWORD = 0x17, 0x18, 0x1A, 0x1B
_SIGN_PASSWORD_SIZES: Final = range(6, 17)
_CERTIFICATE_FILLER: Final = records.FILLER * 32
"""Certificate files are longer than their certificate (card.md §5.1)."""


@unique
class TokenLabel(Enum):
    """What the token information names itself (card.md §1.2)."""

    MY_NUMBER_CARD = "JPKIAPICCTOKEN2"
    OLD_RESIDENT_CARD = "JPKIAPICCTOKEN"
    ANDROID = "JPKIAPGPSETOKEN"
    IPHONE = "JPKIAPIOSTOKEN"


_PHONES: Final = frozenset({TokenLabel.ANDROID, TokenLabel.IPHONE})


def jpki_application(
    person: TrainingPerson, workshop: Workshop, label: TokenLabel = TokenLabel.MY_NUMBER_CARD
) -> Application:
    """Return the application with its files, keys and references."""
    user_key, signing_key = workshop.card_key(person, "user"), workshop.card_key(person, "signing")
    user_certificate = workshop.jpki.user_authentication_certificate(person, user_key)
    password = TRAINING_SIGN_PASSWORD if person.has_signing_certificate else None
    files: dict[int, CardFile] = {
        0x01: _signing_certificate(person, workshop),
        0x02: _authority_certificate(workshop, CertificateKind.SIGNING),
        0x06: TransparentFile(records.token_information(label.value)),
        0x08: TransparentFile(bytes.fromhex("8F8F00" if person.has_signing_certificate else "008F00")),
        0x09: TransparentFile(UNKNOWN_CONTENT, NEVER),
        0x0A: TransparentFile(
            user_certificate + _CERTIFICATE_FILLER, frozenset({_USER_PIN}) if label in _PHONES else FREE
        ),
        0x0B: _authority_certificate(workshop, CertificateKind.USER_AUTHENTICATION),
        0x10: never_set(),
        0x16: never_set(),
        _USER_KEY: KeyFile(user_key, frozenset({_USER_PIN})),
        _USER_PIN: pin(person),
        _SIGNING_KEY: KeyFile(signing_key, frozenset({_SIGN_PASSWORD})),
        _SIGN_PASSWORD: ReferenceFile(password, SIGN_PASSWORD_TRIES, _SIGN_PASSWORD_SIZES),
    }
    return Application(ApplicationName.JPKI, files)


def _signing_certificate(person: TrainingPerson, workshop: Workshop) -> TransparentFile:
    if not person.has_signing_certificate:
        return TransparentFile(UNKNOWN_CONTENT, NEVER)
    certificate = workshop.jpki.signing_certificate(person, workshop.card_key(person, "signing"))
    return TransparentFile(certificate + _CERTIFICATE_FILLER, frozenset({_SIGN_PASSWORD}))


def _authority_certificate(workshop: Workshop, kind: CertificateKind) -> TransparentFile:
    return TransparentFile(workshop.jpki.authority_certificate(kind) + _CERTIFICATE_FILLER)
