"""A camera before which somebody can hold up a drawn card, as staff do when the code is read from its front (design D6).

It stands before another camera, which goes on showing people while no card is held up, and whose troubles are its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import FrontSide
from appliance.ports import Camera
from appliance.simulated.people import TrainingPerson

if TYPE_CHECKING:
    from appliance.simulated.card_faces import Pixels

VIEWS: Final = 4
"""A hand is never still: the card is seen from this many places in turn."""


class CardBeforeCamera:
    """Keeps the contract of `ports.Camera`; the training kit's hand holds cards before it."""

    def __init__(self, camera: Camera) -> None:
        """Show what `camera` shows, which is closed with this one."""
        self._camera = camera
        self._card: Pixels | None = None
        self._seed = 0
        self._next = 0
        self._views: dict[int, Frame] = {}
        self._turn = Lock()

    @property
    def name(self) -> str:
        """The other camera's name."""
        return self._camera.name

    def hold_up(self, person: TrainingPerson, side: FrontSide = FrontSide.FRONT) -> None:
        """Hold a person's card up, this side to the camera.

        Raises:
            TrainingPartMissing: there is no Japanese font to draw it with.
        """
        # Only whoever holds a card up needs the drawing libraries.
        from appliance.simulated.card_faces import Press, draw_back, draw_front, print_of
        from appliance.simulated.chip_pictures import find_japanese_font

        seed = int.from_bytes(str(person.id).encode(), "big")
        draw = draw_back if side is FrontSide.BACK else draw_front
        card = draw(print_of(person), Press(find_japanese_font(), seed))
        with self._turn:
            self._forget()
            self._card, self._seed, self._next = card, seed, 0

    def lower(self) -> None:
        """Hold nothing up any more; safe to call again."""
        with self._turn:
            self._forget()

    @contextmanager
    def frame(self, deadline_s: float) -> Iterator[Frame]:
        """Lend the next frame of the card, or of the other camera; its pixels are overwritten when the context ends.

        Raises:
            NoCamera: the camera is unplugged or closed.
            CameraSilent: the camera hangs.
        """
        with self._camera.frame(deadline_s) as behind:
            held = self._view()
            if held is None:
                yield behind
                return
            with held:
                yield held

    def close(self) -> None:
        """Let the camera go; safe to call again."""
        self.lower()
        self._camera.close()

    def _view(self) -> Frame | None:
        """Return a copy of the next view; views are drawn when they are first needed."""
        with self._turn:
            if self._card is None:
                return None
            from appliance.simulated.card_views import Level, view_card

            at, self._next = self._next, (self._next + 1) % VIEWS
            if at not in self._views:
                self._views[at] = view_card(self._card, Level.USUAL, self._seed + at)
            kept = self._views[at]
            return Frame(kept.width, kept.height, bytearray(kept.rgb))

    def _forget(self) -> None:
        for view in self._views.values():
            view.wipe()
        self._views.clear()
        if self._card is not None:
            self._card.fill(0)
        self._card = None
