"""Whether a chip is the one its issuer made: certificate, signed record, live answer of the chip's own key (card.md §11).

A copy of all readable bytes passes the first two and fails the third. The proof cannot be made except by passing all
three, and no answer says "yes" without the proof. Card face, age record and text attributes go through this one check.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.card.reach import Application
from appliance.domain.card_answers import Genuineness
from appliance.errors import CardNotGenuine, IssuerUnknown
from appliance.trust.card_key import CardKey
from appliance.trust.cv_certificate import CvCertificate
from appliance.trust.issuer_keys import IssuerKeys

_AUTHORITIES: Final = {
    Application.SURFACE: re.compile(r"\d000023/\d{3}", re.ASCII),
    Application.TEXT_ASSIST: re.compile(r"\d000033/\d{3}", re.ASCII),
}
"""Each application has an authority of its own, in production, test and training hierarchy alike (card.md §11)."""
_CHALLENGE: Final = "challenge"
_CERTIFICATE: Final = "card_certificate"
_CHECKED: Final = object()


class IssuerSigned(Protocol):
    """A record that the issuer vouched for, together with the key of the chip it was written to."""

    @property
    def application(self) -> Application:
        """Where the record stands, which tells who may certify its issuer."""

    def vouched_key(self, issuer_key: CardKey) -> CardKey:
        """Return the chip's key after everything that the issuer signed held.

        Raises:
            CardNotGenuine: a signature or digest does not hold.
        """


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
    proof: Genuine | None = None
    """There when, and only when, the answer is yes."""

    def __post_init__(self) -> None:
        """Let nobody say "yes" without proof.

        Raises:
            PermissionError: answer and proof contradict each other.
        """
        if (self.genuine is Genuineness.YES) != isinstance(self.proof, Genuine):
            raise PermissionError("GenuinenessAnswer")


def verify_card(
    certificate: CvCertificate | None,
    record: IssuerSigned,
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
    if _AUTHORITIES[record.application].fullmatch(certificate.authority.printed) is None:
        # A true signature by the wrong authority: that of another application certifies nothing here.
        raise CardNotGenuine(_CERTIFICATE)
    card_key = record.vouched_key(issuer_key)
    if signature is None:
        raise CardNotGenuine(_CHALLENGE)
    card_key.verify_message(challenge, signature, _CHALLENGE)
    return Genuine(_CHECKED, certificate.subject.printed)


def answer_genuineness(
    certificate: CvCertificate | None,
    record: IssuerSigned,
    issuers: IssuerKeys,
    challenge: bytes,
    signature: bytes | None,
) -> GenuinenessAnswer:
    """Return the answer that staff see; a missing issuer key is "unknown", never "no" (R06)."""
    try:
        proof = verify_card(certificate, record, issuers, challenge, signature)
    except IssuerUnknown as unknown:
        return GenuinenessAnswer(Genuineness.UNKNOWN, unknown.authority_key_id)
    except CardNotGenuine as failed:
        return GenuinenessAnswer(Genuineness.NO, failed.check)
    return GenuinenessAnswer(Genuineness.YES, "", proof)
