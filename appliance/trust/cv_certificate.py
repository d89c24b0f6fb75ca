"""Card-verifiable certificates (EF 0004): an authority vouches for the municipality's signing key (card.md §11).

The layout is fixed to the byte, so it is compared rather than explored: 568 bytes with three fixed headers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from appliance.errors import CardNotUnderstood
from appliance.trust.card_key import CARD_KEY_SIZE_BYTES, CardKey, parse_card_key
from appliance.trust.issuer_keys import IssuerKeys
from appliance.trust.key_id import KEY_ID_SIZE_BYTES, KeyId

CV_CERTIFICATE_SIZE_BYTES: Final = 568
_BODY_SIZE_BYTES: Final = 2 * KEY_ID_SIZE_BYTES + CARD_KEY_SIZE_BYTES
_OUTER_HEADER: Final = bytes.fromhex("7F21820233")
_BODY_HEADER: Final = bytes.fromhex("5F4E820129")
_SIGNATURE_HEADER: Final = bytes.fromhex("5F37820100")
_BODY_START: Final = len(_OUTER_HEADER) + len(_BODY_HEADER)
_SIGNATURE_START: Final = _BODY_START + _BODY_SIZE_BYTES + len(_SIGNATURE_HEADER)
_NAME: Final = "card_certificate"


@dataclass(frozen=True, slots=True)
class CvCertificate:
    """A parsed certificate; nothing in it is proven before `certified_key` returns."""

    authority: KeyId
    subject: KeyId
    subject_key: CardKey
    body: bytes = field(repr=False)
    """The 297 signed bytes."""
    signature: bytes = field(repr=False)

    def certified_key(self, issuers: IssuerKeys) -> CardKey:
        """Return the municipality's key after its authority's signature held.

        Raises:
            IssuerUnknown: the authority is not configured.
            CardNotGenuine: the signature does not hold.
        """
        issuers.authority(self.authority).verify_message(self.body, self.signature, _NAME)
        return self.subject_key


def parse_cv_certificate(encoded: bytes | bytearray) -> CvCertificate:
    """Return the certificate in the 568 bytes of EF 0004.

    Raises:
        CardNotUnderstood: another layout.
    """
    content = bytes(encoded)
    if len(content) != CV_CERTIFICATE_SIZE_BYTES:
        raise CardNotUnderstood(_NAME, len(content))
    for start, header in (
        (0, _OUTER_HEADER),
        (len(_OUTER_HEADER), _BODY_HEADER),
        (_SIGNATURE_START - len(_SIGNATURE_HEADER), _SIGNATURE_HEADER),
    ):
        if not content.startswith(header, start):
            raise CardNotUnderstood(_NAME, start)
    return _parse_body(content[_BODY_START : _BODY_START + _BODY_SIZE_BYTES], content[_SIGNATURE_START:])


def _parse_body(body: bytes, signature: bytes) -> CvCertificate:
    subject_start, key_start = KEY_ID_SIZE_BYTES, 2 * KEY_ID_SIZE_BYTES
    return CvCertificate(
        authority=KeyId(body[:subject_start]),
        subject=KeyId(body[subject_start:key_start]),
        subject_key=parse_card_key(body[key_start:], _NAME),
        body=body,
        signature=signature,
    )
