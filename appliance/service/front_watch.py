"""The camera on a card's front: frames become a proposal for code B and a preview that never shows a back (R03, R04).

Whatever a look brought is kept here and nowhere else, so that one `end` overwrites all of it. Every trouble leaves the
way that was there before: staff type the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final
from zlib import crc32

from appliance.domain.ephemeral import Frame, GreyPicture, Wiped
from appliance.domain.front_sight import CodeProposal, FrontHint, FrontSide, FrontSight
from appliance.errors import CameraSilent
from appliance.service.face_watch import FRAME_DEADLINE_S
from appliance.service.front_preview import preview_of
from appliance.service.unit import Unit

SAME_FRAMES_AT_MOST: Final = 3
"""A sensor's noise makes every frame another one; a camera that repeats one picture is stuck, and its repeats are no
second witness for a digit."""


class FrontLook(Wiped):
    """What one look came to, without a digit; its preview is overwritten when the next look has come."""

    __slots__ = ("doubts", "hint", "preview", "side")

    def __init__(
        self, side: FrontSide, hint: FrontHint, preview: GreyPicture | None, doubts: int | None
    ) -> None:
        """Own `preview`, None for a blank; `doubts` counts the doubtful digits of what is proposed so far, if anything."""
        self.side = side
        self.hint = hint
        self.preview = preview
        self.doubts = doubts

    @property
    def is_proposed(self) -> bool:
        """True once there is something for staff to confirm."""
        return self.doubts is not None

    def wipe(self) -> None:
        """Overwrite the preview; safe to call again."""
        if self.preview is not None:
            self.preview.wipe()

    def __repr__(self) -> str:
        return f"FrontLook({self.side.value}, {self.hint.value})"


class FrontWatch:
    """Looks at one person's card; one thread at a time looks, and any thread may end it."""

    def __init__(self, unit: Unit) -> None:
        """Watch with the unit's camera and front reader; nothing is opened yet."""
        self._unit = unit
        self._changing = Lock()
        self._ends = 0
        self._is_open = False
        self._shown: FrontLook | None = None
        self._proposal: CodeProposal | None = None
        self._last_frame: int | None = None

    def look(self, *, shows_room: bool) -> FrontLook:
        """Look at one frame; `shows_room` allows a coarse preview of a frame without a card.

        Raises:
            CardReadingMissing: the reading engine is not installed.
            CardReadingSilent: the reading engine did not answer in time; the next look goes to a new one.
            CameraTrouble: no camera, or no new frame in time.
        """
        with self._changing:
            ends, self._is_open = self._ends, True
        try:
            with self._fresh_frame() as frame:
                sight = self._unit.front_reader.look(frame)
                self._keep_proposal(sight, ends)
                preview = preview_of(frame, sight, shows_room=shows_room)
            return self._keep_look(sight, preview, ends)
        finally:
            if self._ends != ends:
                # The step ended meanwhile, and this look may have begun a new one in the reader.
                self._unit.front_reader.forget()

    def take_proposal(self) -> CodeProposal | None:
        """Stop looking and hand over what is proposed, if anything; the caller wipes it."""
        with self._changing:
            proposal, self._proposal = self._proposal, None
        self.end()
        return proposal

    def end(self) -> None:
        """Stop looking; overwrite preview, proposal and votes. Safe to call again, and costs nothing before a look."""
        with self._changing:
            self._ends += 1
            was_open, self._is_open = self._is_open, False
            self._last_frame = None
            self._wipe()
        if was_open:
            self._unit.front_reader.forget()

    def _wipe(self) -> None:
        for held in (self._shown, self._proposal):
            if held is not None:
                held.wipe()
        self._shown = self._proposal = None

    @contextmanager
    def _fresh_frame(self) -> Iterator[Frame]:
        """Lend a frame that differs from the one before; its pixels are overwritten when the context ends."""
        for _ in range(SAME_FRAMES_AT_MOST):
            with self._unit.camera.frame(FRAME_DEADLINE_S) as frame:
                mark = crc32(frame.rgb)
                if mark != self._last_frame:
                    self._last_frame = mark
                    yield frame
                    return
        raise CameraSilent(FRAME_DEADLINE_S)

    def _keep_proposal(self, sight: FrontSight, ends: int) -> None:
        """Keep the newest proposal; one that comes after the end is overwritten at once."""
        if sight.proposal is None:
            return
        with self._changing:
            if self._ends != ends:
                sight.proposal.wipe()
                return
            if self._proposal is not None:
                self._proposal.wipe()
            self._proposal = sight.proposal

    def _keep_look(self, sight: FrontSight, preview: GreyPicture | None, ends: int) -> FrontLook:
        with self._changing:
            doubts = None if self._proposal is None else len(self._proposal.doubtful)
            look = FrontLook(sight.side, sight.hint, preview, doubts)
            if self._ends != ends:
                look.wipe()
                return look
            if self._shown is not None:
                self._shown.wipe()
            self._shown = look
            return look
