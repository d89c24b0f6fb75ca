"""A holder's two certificates as the card gives them (card.md §5.1, §13.2, §13.3).

The one for user authentication is free to read on a card and names nobody; the one for signing opens with its password
and carries the four attributes. Both are as long as their DER header says; filler behind them is not read.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.card.channel import Channel
from appliance.card.conversation import wiped_unless_finished
from appliance.card.file_reading import Watch, read_object_file
from appliance.card.jpki.certified_attributes import CertifiedAttributes, parse_certified_attributes
from appliance.card.jpki.token import open_application
from appliance.card.reach import VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.domain.ephemeral import Wiped
from appliance.trust.jpki_profile import CertificateUse, HolderCertificate, parse_holder_certificate


@dataclass(frozen=True, slots=True)
class SigningCertificate(Wiped):
    """署名用電子証明書 with the four attributes in it; nothing is proven before `JpkiAuthorities.verify` returns."""

    holder: HolderCertificate
    attributes: CertifiedAttributes

    def wipe(self) -> None:
        """Overwrite certificate and attributes; safe to call again."""
        self.holder.wipe()
        self.attributes.wipe()

    def __repr__(self) -> str:
        return "SigningCertificate(hidden)"


def parse_user_auth_certificate(encoded: bytes | bytearray) -> HolderCertificate:
    """Return the user authentication certificate in exactly these DER bytes; a bytearray given is wiped.

    Raises:
        CardNotUnderstood: not such a certificate.
    """
    return parse_holder_certificate(encoded, CertificateUse.USER_AUTHENTICATION)


def parse_signing_certificate(encoded: bytes | bytearray) -> SigningCertificate:
    """Return the signing certificate in exactly these DER bytes; a bytearray given is wiped.

    Raises:
        CardNotUnderstood: not such a certificate, or its attributes are not all there once.
    """
    holder = parse_holder_certificate(encoded, CertificateUse.SIGNING)
    with wiped_unless_finished(holder):
        return SigningCertificate(holder, parse_certified_attributes(holder))


def read_user_auth_certificate(channel: Channel, verifier: VerifierReach) -> HolderCertificate:
    """Read the certificate, which needs no PIN on a card; a phone refuses without one (card.md §15).

    Raises:
        ForeignCard: the chip has no JPKI application.
        CardTrouble: the chip refuses, is not understood, or the line broke.
    """
    return fetch_user_auth_certificate(open_application(channel, verifier), verifier, Watch(0, None, None))


def fetch_user_auth_certificate(
    reached: ReachedChannel, verifier: VerifierReach, watch: Watch
) -> HolderCertificate:
    """Read the user authentication certificate from the selected application.

    Raises:
        CardNotUnderstood: not such a certificate.
        CardRefused: the chip does not let it be read.
        ReadingCancelled: the person stopped the reading.
        CardTrouble: the line to the card broke.
    """
    first = verifier.read_user_auth_certificate()
    what = CertificateUse.USER_AUTHENTICATION.what
    return parse_user_auth_certificate(read_object_file(reached, first, what, watch))


def fetch_signing_certificate(
    reached: ReachedChannel, verifier: VerifierReach, watch: Watch
) -> SigningCertificate:
    """Read the signing certificate from the selected application, to which its password was presented.

    Raises:
        CardNotUnderstood, CardRefused, ReadingCancelled, CardTrouble: as `fetch_user_auth_certificate`.
    """
    first = verifier.read_signing_certificate()
    return parse_signing_certificate(read_object_file(reached, first, CertificateUse.SIGNING.what, watch))
