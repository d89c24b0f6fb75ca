"""Asking a card whether its holder is there: PIN, a fresh challenge, the signature of the holder's key (card.md §5.3).

SELECT, the label, the counter, one VERIFY, one signature, the certificate: nothing else is sent. The result cannot be
made except by passing every check.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Final

from appliance.card.channel import Channel
from appliance.card.conversation import wiped_unless_finished
from appliance.card.file_reading import Progress, Watch
from appliance.card.jpki.certificates import fetch_user_auth_certificate
from appliance.card.jpki.token import fetch_kind, open_application, require_card
from appliance.card.pins import UserPin
from appliance.card.reach import SIGNATURE_SIZE_BYTES, VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.card.transmission import require_success, transmit
from appliance.card.tries import Confirmation, TriesLeft, Unlocked, verify_user_pin
from appliance.domain.ephemeral import Wiped
from appliance.trust.jpki_authorities import Certified, JpkiAuthorities

_CHALLENGE: Final = "challenge"
_SIGN: Final = "COMPUTE DIGITAL SIGNATURE"
_CHECKED: Final = object()


class HolderAuthenticated(Wiped):
    """Proof that who knows the PIN holds the certified key, now; only `authenticate` makes one."""

    __slots__ = ("apdus", "certified", "received_bytes", "sent_bytes", "tries_left")

    def __init__(
        self, checked: object, certified: Certified, unlocked: Unlocked, reached: ReachedChannel
    ) -> None:
        """Refuse everybody but `authenticate`.

        Raises:
            PermissionError: called from elsewhere.
        """
        if checked is not _CHECKED:
            raise PermissionError("HolderAuthenticated")
        self.certified = certified
        """Certificate, authority and revocation, which is unknown."""
        self.tries_left: TriesLeft = unlocked.tries_left_before
        """As the chip counted before; the right PIN set it back to its maximum."""
        self.apdus = reached.apdus
        self.sent_bytes = reached.sent_bytes
        self.received_bytes = reached.received_bytes

    def wipe(self) -> None:
        """Overwrite the certificate; safe to call again."""
        self.certified.certificate.wipe()

    def __repr__(self) -> str:
        return "HolderAuthenticated(hidden)"

    def __reduce__(self) -> tuple[type, ...]:
        """Refuse to be copied or written out: a proof is for one holder, now."""
        raise TypeError("HolderAuthenticated")


def authenticate(
    channel: Channel,
    verifier: VerifierReach,
    pin: UserPin,
    confirmation: Confirmation,
    *,
    authorities: JpkiAuthorities,
    challenge: bytes,
    on: date,
    progress: Callable[[Progress], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> HolderAuthenticated:
    """Have the card sign a challenge under the PIN, which is wiped on every way out, and check whose key it was.

    `challenge` is fresh random bytes; `on` is the day in Japan. `progress` is told after signature and every piece of the
    certificate; `is_cancelled` is asked between commands, never between the question for the counter and the VERIFY.

    Raises:
        NotConfirmed, PinMalformed, CardBlocked, TriesNearlyUsed, PinWrong: see `tries.verify_user_pin`.
        OldResidentCard, PhoneToken, ForeignCard: no My Number Card; the PIN was not presented.
        IssuerUnknown, CertificateOutOfTerm: see `JpkiAuthorities.verify`.
        CardNotGenuine: authority or signature does not hold.
        CardNotUnderstood, CardRefused: the chip does not keep to its interface.
        ReadingCancelled: the person stopped the reading.
        CardTrouble: the line to the card broke.
    """
    watch = Watch(SIGNATURE_SIZE_BYTES, progress, is_cancelled)
    with pin:
        watch.check()
        reached = open_application(channel, verifier)
        require_card(fetch_kind(reached, verifier))
        watch.check()
        unlocked = verify_user_pin(reached, verifier, pin, confirmation)
    signature = _sign_challenge(reached, verifier, challenge, watch)
    certificate = fetch_user_auth_certificate(reached, verifier, watch)
    with wiped_unless_finished(certificate):
        certified = authorities.verify(certificate, on)
        certificate.key.verify_message(challenge, signature, _CHALLENGE)
        return HolderAuthenticated(_CHECKED, certified, unlocked, reached)


def _sign_challenge(
    reached: ReachedChannel, verifier: VerifierReach, challenge: bytes, watch: Watch
) -> bytes:
    command = verifier.sign_with_user_auth_key(hashlib.sha256(challenge).digest())
    signature = require_success(transmit(reached, command), _SIGN)
    watch.advance(len(signature))
    return signature
