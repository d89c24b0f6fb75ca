"""The one thing the card core asks of a reader: send bytes, get bytes.

`ports.CardChannel` fits this shape; the core names it here because it knows nothing above itself.
"""

from __future__ import annotations

from typing import Protocol


class Channel(Protocol):
    """An exclusive line to one powered card."""

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU and return the whole response APDU.

        Raises:
            CardRemoved: the card left the reader.
            ReaderGone: the reader or its service went away.
            CardSilent: the card did not answer.
        """
