"""Chip pictures decoded where a hostile one can do no harm: in a confined process with a deadline (hazard H11)."""

from __future__ import annotations

import time
from threading import Lock
from types import TracebackType
from typing import Final, Self

from appliance.domain.ephemeral import GreyPicture
from appliance.errors import PictureRefused
from appliance.pictures.confinement import Cause, Confinement, Limits, Lost, Message, remaining_s
from appliance.pictures.header import CHIP_BOUNDS, read_header
from appliance.pictures.travelling_errors import rebuild_error

_LIMITS: Final = Limits(memory_bytes=512 * 1_048_576, cpu_s=3, exchange_bytes=2 * 1_048_576)
"""The largest picture in bounds needs under 64 MiB; a start takes about 130 MiB of address space."""

_START_DEADLINE_S: Final = 20.0
"""A start takes 0.2 s on a desk and a few seconds from a slow memory card."""


class PictureChild:
    """Decodes chip pictures one at a time; usable from several threads, which then wait for each other."""

    def __init__(self, deadline_s: float = 2.0) -> None:
        """Give each picture `deadline_s`; the process starts with the first picture or with `start`."""
        self._deadline_s = deadline_s
        self._confinement = Confinement("appliance.pictures.picture_process", _LIMITS)
        self._is_ready = False
        self._is_closed = False
        self._turn = Lock()

    @property
    def process_id(self) -> int | None:
        """The process that decodes, or None while there is none."""
        return self._confinement.process_id

    def start(self) -> None:
        """Start the process in good time; return at once."""
        with self._turn:
            if not self._is_closed:
                self._confinement.start()

    def decode(self, content: bytes) -> GreyPicture:
        """Decode a PNG or JPEG 2000 picture of the chip to grey; the caller wipes it.

        Raises:
            PictureRefused: out of bounds, malformed, too much for the process's limits or deadline, or closed before.
        """
        read_header(content, CHIP_BOUNDS)
        with self._turn:
            # Whoever is late must not bring a process back that nobody would end.
            if self._is_closed:
                raise PictureRefused("decode")
            if self._confinement.process_id is None:
                self._is_ready = False
            self._confinement.start()
            try:
                return self._decode(content)
            finally:
                self._confinement.wipe()

    def _decode(self, content: bytes) -> GreyPicture:
        if not self._is_ready:
            self._require(self._confinement.receive(_START_DEADLINE_S))
            self._is_ready = True
        deadline_at = time.monotonic() + self._deadline_s
        self._confinement.exchange.put(content)
        self._confinement.send({"job": "decode", "size_bytes": len(content)})
        match self._require(self._confinement.receive(remaining_s(deadline_at))):
            case {"width": int(width), "height": int(height)} if 0 < width * height <= CHIP_BOUNDS.pixels:
                with self._confinement.exchange.view(0, width * height) as grey:
                    return GreyPicture(width, height, bytearray(grey))
            case _:
                self._confinement.end()
                raise PictureRefused("decode")

    def _require(self, answer: Message | Lost) -> Message:
        if isinstance(answer, Lost):
            self._is_ready = False
            raise PictureRefused("time" if answer.cause in (Cause.LATE, Cause.OVERTIME) else "decode")
        if "error" in answer:
            raise rebuild_error(answer) or PictureRefused("decode")
        return answer

    def close(self) -> None:
        """End the process for good; safe to call again."""
        self._is_closed = True
        self._confinement.interrupt()
        with self._turn:
            self._confinement.end()
            self._is_ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
