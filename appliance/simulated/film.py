"""A camera that plays a film: a folder of pictures or a video file, for training and tests with one's own pictures.

Pictures of any size are fitted whole into a frame of the usual size on grey, with a sensor's noise, so that a picture which
is shown again is not taken for a frozen camera. The film begins anew at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from appliance.domain.ephemeral import Frame
from appliance.errors import NoCamera
from appliance.simulated.portraits import FRAME_SIZE_PX
from appliance.simulated.sensor import expose
from appliance.simulated.troubled_camera import TroubledCamera

if TYPE_CHECKING:
    from PIL import Image

PICTURE_ENDINGS: Final = frozenset({".bmp", ".jpeg", ".jpg", ".png"})
_BACKGROUND: Final = (110, 110, 110)


class FilmCamera(TroubledCamera):
    """One camera before which a film runs; it keeps no frame longer than its loan."""

    def __init__(self, source: Path) -> None:
        """Play the pictures of a folder in the order of their names, or the video file `source`."""
        super().__init__()
        self._source = source
        self._pictures: Iterator[Image.Image] | None = None
        self._frames = 0
        self._turn = Lock()

    @property
    def name(self) -> str:
        """The camera's name for the self-test."""
        return "Film"

    @contextmanager
    def frame(self, deadline_s: float) -> Iterator[Frame]:
        """Lend the film's next frame; its pixels are overwritten when the context ends.

        Raises:
            NoCamera: the camera is unplugged or closed, or the film has no picture.
            CameraSilent: the camera hangs.
        """
        self._await_frame(deadline_s)
        with self._turn:
            lent = self._next_or_stuck(self._take)
        with lent:
            yield lent

    def _take(self) -> Frame:
        self._frames += 1
        return expose(_fitted(self._next_picture()), light=1.0, seed=self._frames)

    def _next_picture(self) -> Image.Image:
        for _ in range(2):
            if self._pictures is None:
                self._pictures = _play(self._source)
            try:
                return next(self._pictures)
            except StopIteration:
                self._pictures = None
            except OSError as error:
                self._pictures = None
                raise NoCamera from error
        raise NoCamera

    def close(self) -> None:
        """Let the film go; safe to call again."""
        super().close()
        with self._turn:
            self._pictures = None
            self._forget_stuck()


def _play(source: Path) -> Iterator[Image.Image]:
    return _play_folder(source) if source.is_dir() else _play_video(source)


def _play_folder(folder: Path) -> Iterator[Image.Image]:
    """Yield the pictures of a folder.

    Raises:
        OSError: one of them cannot be read.
    """
    from PIL import Image, ImageOps

    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in PICTURE_ENDINGS:
            with Image.open(file) as opened:
                upright = ImageOps.exif_transpose(opened)
                yield upright.convert("RGB")


def _play_video(file: Path) -> Iterator[Image.Image]:
    """Yield the pictures of a video file; none where it is no video."""
    import cv2
    from PIL import Image

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    capture = cv2.VideoCapture(str(file))
    try:
        while True:
            came, pixels = capture.read()
            if not came:
                return
            yield Image.fromarray(pixels[:, :, ::-1])
    finally:
        capture.release()


def _fitted(picture: Image.Image) -> Image.Image:
    """Return the whole picture in a frame of the usual size."""
    from PIL import Image, ImageOps

    fitted = ImageOps.contain(picture, FRAME_SIZE_PX, Image.Resampling.BICUBIC)
    frame = Image.new("RGB", FRAME_SIZE_PX, _BACKGROUND)
    frame.paste(fitted, ((frame.width - fitted.width) // 2, (frame.height - fitted.height) // 2))
    return frame
