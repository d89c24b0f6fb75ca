"""One conversation with one application, from SELECT to the chip's own signature.

Card face, age record and text attributes are read alike: select, unlock, read, prove. What differs is which key opens
what, and stands in `identification`, `age_reading` and `text_reading`. Everything goes through `ReachedChannel`,
whatever channel the caller brings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from appliance.card import reach
from appliance.card.channel import Channel
from appliance.card.file_reading import Progress, Watch, read_object_file
from appliance.card.genuineness import GenuinenessAnswer, IssuerSigned, answer_genuineness
from appliance.card.reach import (
    SIGNATURE_SIZE_BYTES,
    Application,
    File,
    SurfaceFile,
    TextFile,
    VerifierReach,
)
from appliance.card.reached_channel import ReachedChannel
from appliance.card.selection import require_application
from appliance.card.status import StatusWord
from appliance.card.transmission import transmit
from appliance.domain.ephemeral import Wiped, overwrite
from appliance.errors import CardNotUnderstood, CardRefused
from appliance.trust.cv_certificate import CV_CERTIFICATE_SIZE_BYTES, parse_cv_certificate
from appliance.trust.issuer_keys import IssuerKeys

_Parsed = TypeVar("_Parsed")
_APPLICATION_NAMES: Final = {Application.SURFACE: "surface", Application.TEXT_ASSIST: "text"}
_CERTIFICATES: Final[dict[Application, File]] = {
    Application.SURFACE: SurfaceFile.CARD_CERTIFICATE,
    Application.TEXT_ASSIST: TextFile.CARD_CERTIFICATE,
}
_LACKING: Final = frozenset({StatusWord.NOT_FOUND, StatusWord.BEYOND_END})
"""There is no such file, or it ends before its object does."""


class Conversation:
    """A selected application, and the person who watches it being read."""

    def __init__(
        self,
        channel: Channel,
        application: Application,
        *,
        progress: Callable[[Progress], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> None:
        """Select the application.

        Raises:
            ForeignCard: the chip has not this application.
            CardRefused, CardNotUnderstood: see `selection.is_there`.
            ReadingCancelled: the person stopped the reading.
            CardTrouble: the line to the card broke.
        """
        self.reached = reached(channel)
        self._application = application
        # Every reading ends with these two.
        self._watch = Watch(CV_CERTIFICATE_SIZE_BYTES + SIGNATURE_SIZE_BYTES, progress, is_cancelled)
        self._watch.check()
        require_application(self.reached, reach.select(application))

    def read(self, file: File, parse: Callable[[bytearray], _Parsed]) -> _Parsed:
        """Return what `parse` makes of a file, whose bytes are wiped.

        Raises:
            CardNotUnderstood: a file without an object, or of another layout.
            CardRefused: the chip does not let it be read.
            ReadingCancelled: the person stopped the reading.
            CardTrouble: the line to the card broke.
        """
        content = self._content(file)
        try:
            return parse(content)
        finally:
            overwrite(content)

    def read_evidence(
        self, file: File, parse: Callable[[bytearray], _Parsed], expected_bytes: int = 0
    ) -> _Parsed | None:
        """Return what `parse` makes of a file, or None when the chip has none of that form.

        Progress counts on `expected_bytes` already. A chip that lacks a proof gives an answer by that; it is no fault.

        Raises:
            CardRefused: the chip has the file and does not let it be read, which says nothing about its truth.
            CardNotUnderstood: an answer that is none.
            ReadingCancelled: the person stopped the reading.
            CardTrouble: the line to the card broke.
        """
        try:
            content = self._content(file, expected_bytes)
        except CardRefused as refused:
            if refused.status_word not in _LACKING:
                raise
            return None
        except CardNotUnderstood as garbled:
            # A broken answer is a fault of the line; only a broken file is an answer.
            if garbled.what != self._name(file):
                raise
            return None
        try:
            return parse(content)
        except CardNotUnderstood:
            return None
        finally:
            overwrite(content)

    def prove(self, record: IssuerSigned, issuers: IssuerKeys, challenge: bytes) -> GenuinenessAnswer:
        """Read the certificate, have the chip sign `challenge`, and tell whether the chip is genuine.

        Raises:
            CardRefused: the certificate is there and stays locked.
            ReadingCancelled: the person stopped the reading.
            CardTrouble: the line to the card broke.
        """
        certificate = self.read_evidence(
            _CERTIFICATES[self._application], parse_cv_certificate, CV_CERTIFICATE_SIZE_BYTES
        )
        return answer_genuineness(certificate, record, issuers, challenge, self._answer(challenge))

    def _content(self, file: File, expected_bytes: int = 0) -> bytearray:
        first = reach.read_first(file)
        return read_object_file(self.reached, first, self._name(file), self._watch, expected_bytes)

    def _name(self, file: File) -> str:
        return f"{_APPLICATION_NAMES[self._application]} {file.value:04X}"

    def _answer(self, challenge: bytes) -> bytes | None:
        """Return the chip's signature, or None when it gives none: a copy without the key cannot (proof.md T6)."""
        response = transmit(self.reached, reach.answer_challenge(hashlib.sha256(challenge).digest()))
        self._watch.advance(len(response.data))
        return response.data if response.status_word == StatusWord.OK else None


def reached(channel: Channel, verifier: VerifierReach | None = None) -> ReachedChannel:
    """Return the channel behind the guard, unless it stands there already."""
    return channel if isinstance(channel, ReachedChannel) else ReachedChannel(channel, verifier=verifier)


@contextmanager
def wiped_unless_finished(something: Wiped) -> Iterator[None]:
    """Wipe what was read so far when the rest fails, also when interrupted: it belongs to nobody yet."""
    try:
        yield
    except BaseException:
        something.wipe()
        raise
