"""F4: pictures from a chip and from a camera that are malformed, far too large, or unpack to far more (hazard H11).

The chip's pictures go through the product's own decoder process; a camera's through one of the same kind. Each input
ends in a refusal or in a picture within bounds, and neither this process nor the other may grow.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, Self

from PIL import Image

from appliance.card.surface import parse_card_face
from appliance.errors import PictureRefused
from appliance.pictures.confinement import Cause, Confinement, Limits, Lost, Message, remaining_s
from appliance.pictures.guarded import PictureChild
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS, PictureBounds, read_header
from appliance.pictures.travelling_errors import rebuild_error
from appliance.simulated.card.files import ApplicationName
from tests.proof import memory
from tests.proof.campaign import Campaign, Label, Share
from tests.proof.mutation import Seed, mutate
from tests.proof.people_cards import contents
from tests.proof.picture_mutation import PNG_MAGIC, mutate_jpeg, mutate_jpeg2000, mutate_png
from tests.proof.watch import Breach, Watch

_LIMITS: Final = Limits(memory_bytes=512 * 1_048_576, cpu_s=3, exchange_bytes=FILE_BOUNDS.size_bytes)
"""As the product's own decoder process has, with room for a camera's picture."""
_START_DEADLINE_S: Final = 20.0
_DEADLINE_S: Final = 2.0
_LOOK_AFTER: Final = 256
_DESCRIPTORS_MORE: Final = 4
"""A process that ends and starts again may hold so many more for a moment."""

Mutator = Callable[[bytes, Random], bytes]


class CameraPictures:
    """Decodes a camera's pictures behind `FILE_BOUNDS` in a confined process, as the face worker does."""

    def __init__(self) -> None:
        self._confinement = Confinement("tests.proof.file_picture_process", _LIMITS)
        self._is_ready = False

    @property
    def process_id(self) -> int | None:
        return self._confinement.process_id

    def decode(self, content: bytes) -> tuple[int, int, int]:
        """Return width, height and bytes of the picture.

        Raises:
            PictureRefused: out of bounds, malformed, or too much for the process's limits or deadline.
        """
        read_header(content, FILE_BOUNDS)
        if self._confinement.process_id is None:
            self._confinement.start()
            self._require(self._confinement.receive(_START_DEADLINE_S))
        deadline_at = time.monotonic() + _DEADLINE_S
        try:
            self._confinement.exchange.put(content)
            self._confinement.send({"job": "decode", "size_bytes": len(content)})
            answer = self._require(self._confinement.receive(remaining_s(deadline_at)))
        finally:
            self._confinement.wipe()
        return answer

    def _require(self, answer: Message | Lost) -> tuple[int, int, int]:
        if not isinstance(answer, Lost) and "error" in answer:
            raise rebuild_error(answer) or PictureRefused("decode")
        match answer:
            case Lost(cause=Cause.LATE | Cause.OVERTIME):
                raise PictureRefused("time")
            case Lost():
                raise PictureRefused("decode")
            case {"width": int(width), "height": int(height), "size_bytes": int(size_bytes)}:
                return width, height, size_bytes
            case {"ready": True}:
                return 0, 0, 0
        raise Breach("the decoder process gave an answer that is none")

    def close(self) -> None:
        self._confinement.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Bench:
    """Both decoders with what is known of them."""

    def __init__(self, chip: PictureChild, camera: CameraPictures) -> None:
        self.chip = chip
        self.camera = camera

    def try_chip(self, content: bytes) -> None:
        with self.chip.decode(content) as picture:
            check_within(picture.width, picture.height, len(picture.grey), CHIP_BOUNDS)

    def try_camera(self, content: bytes) -> None:
        check_within(*self.camera.decode(content), FILE_BOUNDS)

    def address_space_kib(self) -> int:
        """Return the most that a decoder process has mapped."""
        running = (self.chip.process_id, self.camera.process_id)
        return max((memory.address_space_peak_kib(process) for process in running if process), default=0)


def check_within(width: int, height: int, size_bytes: int, bounds: PictureBounds) -> None:
    """Check a decoded picture.

    Raises:
        Breach: it is larger than its bounds, or not as large as it says.
    """
    if not (
        1 <= width <= bounds.width_px and 1 <= height <= bounds.height_px and width * height <= bounds.pixels
    ):
        raise Breach(f"a picture of {width} x {height} came through")
    if size_bytes != width * height:
        raise Breach(f"{size_bytes} bytes for {width} x {height} pixels")


def chip_pictures() -> tuple[bytes, ...]:
    """Return the pictures on the training people's chips, each once."""
    found: dict[bytes, None] = {}
    for face in contents(ApplicationName.SURFACE, 0x02):
        with parse_card_face(face) as record:
            for picture in (record.name_picture, record.address_picture, record.photo):
                found[picture.reveal()] = None
    return tuple(found)


def camera_pictures(photos: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return JPEG pictures as a camera writes them: baseline and progressive, grey and coloured."""
    made = []
    for photo in photos[:4]:
        with Image.open(io.BytesIO(photo)) as picture:
            for mode, progressive in (("L", False), ("RGB", False), ("RGB", True)):
                out = io.BytesIO()
                picture.convert(mode).save(out, "JPEG", progressive=progressive, quality=70)
                made.append(out.getvalue())
    return tuple(made)


def run(share: Share, watch: Watch) -> None:
    """Decode one bent picture for each number: four of a chip to one of a camera."""
    on_chip = chip_pictures()
    photos = tuple(each for each in on_chip if not each.startswith(PNG_MAGIC))
    drawn = tuple(each for each in on_chip if each.startswith(PNG_MAGIC))
    kinds: tuple[tuple[str, tuple[bytes, ...], Mutator], ...] = (
        ("PNG", drawn, mutate_png),
        ("JPEG 2000", photos, mutate_jpeg2000),
        ("JPEG", camera_pictures(photos), mutate_jpeg),
    )
    with ExitStack() as ending:
        bench = Bench(ending.enter_context(PictureChild()), ending.enter_context(CameraPictures()))
        bench.try_chip(photos[0])
        bench.try_camera(kinds[2][1][0])
        descriptors = _descriptors()
        watch.settle()
        for index in share.indices:
            name, seeds, mutator = kinds[(1, 0, 1, 0, 2)[index % 5]]
            content = draw(share.random(index), seeds, mutator)
            try_one = bench.try_camera if name == "JPEG" else bench.try_chip
            watch.attempt(index, content, partial(_try, watch, name, try_one, content))
            if index % _LOOK_AFTER == 0 or index == share.indices[-1]:
                _look(watch, index, bench, descriptors)


def draw(random: Random, seeds: tuple[bytes, ...], mutator: Mutator) -> bytes:
    """Return a picture bent as its format knows it, as plain bytes, or both ways."""
    content = random.choice(seeds)
    if random.random() < 0.8:
        content = mutator(content, random)
    if random.random() < 0.3:
        content = mutate(Seed(content, (), ()), seeds, random)
    return content


def _try(watch: Watch, name: str, try_one: Callable[[bytes], None], content: bytes) -> None:
    try:
        try_one(content)
    except PictureRefused as refused:
        watch.count(f"{name} refused: {refused.reason}", "images")
    else:
        watch.count(f"{name} decoded", "images")


def _look(watch: Watch, index: int, bench: Bench, descriptors: int) -> None:
    mapped_kib = bench.address_space_kib()
    watch.observe("most address space of a decoder process", "KiB", mapped_kib)
    if mapped_kib * 1024 > _LIMITS.memory_bytes:
        watch.fail(index, f"a decoder process mapped {mapped_kib} KiB")
    if _descriptors() > descriptors + _DESCRIPTORS_MORE:
        watch.fail(index, f"{_descriptors() - descriptors} more open files than at the start")


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


CAMPAIGN: Final = Campaign(
    id="F4",
    claim="whatever picture comes, it is refused or decoded within its bounds, and only the confined process works on it",
    unit="images",
    must=100_000,
    label=Label.MEASURED_ON_TARGET,
    run=run,
)
