"""Whether a chip is the one its issuer made: certificate, record, live answer of the chip's own key (card.md §11).

A copy of all readable bytes passes the first two and fails the third. The result cannot be made except by passing all
three.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from appliance.card.surface import SurfaceRecord
from appliance.domain.card_answers import Genuineness
from appliance.errors import CardNotGenuine, IssuerUnknown
from appliance.trust.cv_certificate import CvCertificate
from appliance.trust.issuer_keys import IssuerKeys

FACE_DIGEST_INFO: Final = bytes.fromhex("3071300D060960864801650304020105000460")
"""Stands before the 96-byte digest of a card face; names SHA-256 though it holds three of them (card.md §7.1)."""

_RECORD: Final = "record_signature"
_CHALLENGE: Final = "challenge"
_CERTIFICATE: Final = "card_certificate"
_CHECKED: Final = object()


class Genuine:
    """Proof that one chip passed every check; only `verify_card` makes one."""

    __slots__ = ("municipality_key_id",)

    def __init__(self, checked: object, municipality_key_id: str) -> None:
        """Refuse everybody but `verify_card`.

        Raises:
            PermissionError: called from elsewhere.
        """
        if checked is not _CHECKED:
            raise PermissionError("Genuine")
        self.municipality_key_id = municipality_key_id

    def __reduce__(self) -> tuple[type, ...]:
        """Refuse to be copied or written out: a proof is for one chip, now."""
        raise TypeError("Genuine")


@dataclass(frozen=True, slots=True)
class GenuinenessAnswer:
    """The first of the three answers."""

    genuine: Genuineness
    detail: str
    """Which check failed, or which authority is not configured; empty when genuine."""


def verify_card(
    certificate: CvCertificate | None,
    record: SurfaceRecord,
    issuers: IssuerKeys,
    challenge: bytes,
    signature: bytes | None,
) -> Genuine:
    """Return proof that the chip is genuine.

    `certificate` is None when the chip has none that can be read; `signature` is its answer to `challenge`, None when
    it gave none.

    Raises:
        IssuerUnknown: the certificate's authority is not configured, so nothing can be said.
        CardNotGenuine: a check failed; `check` names it.
    """
    if certificate is None:
        raise CardNotGenuine(_CERTIFICATE)
    issuer_key = certificate.certified_key(issuers)
    issuer_key.verify_digest_info(FACE_DIGEST_INFO + record.signed_digest, record.signature, _RECORD)
    if signature is None:
        raise CardNotGenuine(_CHALLENGE)
    record.card_public_key.verify_message(challenge, signature, _CHALLENGE)
    return Genuine(_CHECKED, certificate.subject.printed)


def answer_genuineness(
    certificate: CvCertificate | None,
    record: SurfaceRecord,
    issuers: IssuerKeys,
    challenge: bytes,
    signature: bytes | None,
) -> GenuinenessAnswer:
    """Return the answer that staff see; a missing issuer key is "unknown", never "no" (R06)."""
    try:
        verify_card(certificate, record, issuers, challenge, signature)
    except IssuerUnknown as unknown:
        return GenuinenessAnswer(Genuineness.UNKNOWN, unknown.authority_key_id)
    except CardNotGenuine as failed:
        return GenuinenessAnswer(Genuineness.NO, failed.check)
    return GenuinenessAnswer(Genuineness.YES, "")
