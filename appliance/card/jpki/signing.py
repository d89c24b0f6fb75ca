"""Having a holder sign: password, certificate, and a signature over each digest, checked before it is handed on.

One VERIFY is enough for several signatures (card.md §1.4). That the card has a certificate for signing at all is asked
before a try is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from appliance.card.channel import Channel
from appliance.card.conversation import wiped_unless_finished
from appliance.card.file_reading import Progress, Watch
from appliance.card.jpki.certificates import SigningCertificate, fetch_signing_certificate
from appliance.card.jpki.token import fetch_availability, fetch_kind, open_application, require_card
from appliance.card.pins import SignPassword
from appliance.card.reach import SHA256_DIGEST_INFO, SIGNATURE_SIZE_BYTES, VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.card.transmission import require_success, transmit
from appliance.card.tries import Confirmation, TriesLeft, Unlocked, verify_sign_password
from appliance.domain.ephemeral import Wiped
from appliance.errors import NoSigningCertificate
from appliance.trust.jpki_authorities import Certified, JpkiAuthorities

_SIGNATURE: Final = "holder_signature"
_SIGN: Final = "COMPUTE DIGITAL SIGNATURE"
_SHA256_SIZE_BYTES: Final = 32
_CHECKED: Final = object()


@dataclass(frozen=True, slots=True)
class SignedDigest:
    """One signature of the holder."""

    digest: bytes
    """SHA-256 of what was signed."""
    signature: bytes = field(repr=False)
    """RSASSA-PKCS1-v1_5, 256 bytes; anybody with the certificate can check it."""


class HolderSigned(Wiped):
    """Signatures that hold, with the certificate that proves it; only `sign` makes one."""

    __slots__ = (
        "apdus",
        "certificate",
        "certified",
        "received_bytes",
        "sent_bytes",
        "signatures",
        "tries_left",
    )

    def __init__(
        self,
        checked: object,
        certificate: SigningCertificate,
        certified: Certified,
        signatures: tuple[SignedDigest, ...],
        unlocked: Unlocked,
        reached: ReachedChannel,
    ) -> None:
        """Refuse everybody but `sign`.

        Raises:
            PermissionError: called from elsewhere.
        """
        if checked is not _CHECKED:
            raise PermissionError("HolderSigned")
        self.certificate = certificate
        self.certified = certified
        """Certificate, authority and revocation, which is unknown."""
        self.signatures = signatures
        """In the order of the digests given."""
        self.tries_left: TriesLeft = unlocked.tries_left_before
        """As the chip counted before; the right password set it back to its maximum."""
        self.apdus = reached.apdus
        self.sent_bytes = reached.sent_bytes
        self.received_bytes = reached.received_bytes

    def wipe(self) -> None:
        """Overwrite certificate and attributes; safe to call again."""
        self.certificate.wipe()

    def __repr__(self) -> str:
        return f"HolderSigned({len(self.signatures)} digests, hidden)"

    def __reduce__(self) -> tuple[type, ...]:
        """Refuse to be copied or written out: its certificate has one owner."""
        raise TypeError("HolderSigned")


def sign(
    channel: Channel,
    verifier: VerifierReach,
    password: SignPassword,
    confirmation: Confirmation,
    *,
    authorities: JpkiAuthorities,
    digests: Sequence[bytes],
    on: date,
    progress: Callable[[Progress], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> HolderSigned:
    """Have the card sign each SHA-256 digest under one password, which is wiped on every way out.

    `on` is the day in Japan. Nothing is signed with a certificate that no authority vouches for. `progress` and
    `is_cancelled` as in `authentication.authenticate`.

    Raises:
        ValueError: no digest, or one that is not 32 bytes; nothing was sent.
        NotConfirmed, PinMalformed, CardBlocked, TriesNearlyUsed, PinWrong: see `tries.verify_sign_password`.
        NoSigningCertificate: the card has none; the password was not presented.
        OldResidentCard, PhoneToken, ForeignCard: no My Number Card; the password was not presented.
        IssuerUnknown, CertificateOutOfTerm: see `JpkiAuthorities.verify`.
        CardNotGenuine: authority or signature does not hold.
        CardNotUnderstood, CardRefused: the chip does not keep to its interface.
        ReadingCancelled: the person stopped the signing; what was signed until then is dropped.
        CardTrouble: the line to the card broke.
    """
    watch = Watch(SIGNATURE_SIZE_BYTES * len(digests), progress, is_cancelled)
    with password:
        _require_digests(digests)
        watch.check()
        reached = open_application(channel, verifier)
        require_card(fetch_kind(reached, verifier))
        if not fetch_availability(reached, verifier).has_signing:
            raise NoSigningCertificate
        watch.check()
        unlocked = verify_sign_password(reached, verifier, password, confirmation)
    certificate = fetch_signing_certificate(reached, verifier, watch)
    with wiped_unless_finished(certificate):
        certified = authorities.verify(certificate.holder, on)
        signatures = tuple(_sign(reached, verifier, certified, digest, watch) for digest in digests)
        return HolderSigned(_CHECKED, certificate, certified, signatures, unlocked, reached)


def _require_digests(digests: Sequence[bytes]) -> None:
    if not digests or any(len(digest) != _SHA256_SIZE_BYTES for digest in digests):
        raise ValueError("digests")


def _sign(
    reached: ReachedChannel, verifier: VerifierReach, certified: Certified, digest: bytes, watch: Watch
) -> SignedDigest:
    signature = require_success(transmit(reached, verifier.sign_with_signing_key(digest)), _SIGN)
    certified.certificate.key.verify_digest_info(SHA256_DIGEST_INFO + digest, signature, _SIGNATURE)
    watch.advance(len(signature))
    return SignedDigest(digest, signature)
