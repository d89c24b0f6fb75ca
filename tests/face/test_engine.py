"""The engine's advice on the training portraits: the same person is alike, another is not, nobody is a typed error."""

from __future__ import annotations

import contextlib
import io
import struct

import numpy as np
import pytest
from PIL import Image

from appliance.domain.ephemeral import Frame
from appliance.domain.face_advice import FaceBand, FrameHint
from appliance.errors import NoFace, PictureRefused, SeveralFaces
from appliance.face.comparison import TEMPLATE_LENGTH
from appliance.face.detection import LOOK_CHOICES
from appliance.face.engine import DlibEngine, load_engine
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.grey import grey_of
from appliance.face.network import TemplateBroken
from appliance.face.watcher import FRAMES_AT_MOST
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS
from appliance.simulated.portraits import PORTRAITS
from tests.face.conftest import blank, seen

NAMES = sorted(PORTRAITS)
Chips = dict[str | None, bytes]


def side_by_side(left: str, right: str) -> Frame:
    """Two people in one frame, the one on the left a little further away."""
    people = [seen(left, distance=1.3), seen(right)]
    halves = [np.frombuffer(one.rgb, dtype=np.uint8).reshape(720, 1280, 3)[:, 320:960] for one in people]
    return Frame(1280, 720, bytearray(np.concatenate(halves, axis=1).tobytes()))


@pytest.mark.parametrize(
    ("frame", "hint"),
    [
        (seen("astronaut"), FrameHint.GOOD),
        (seen("hopper", light=0.9, angle_deg=5.0), FrameHint.GOOD),
        (seen("astronaut", distance=2.3), FrameHint.COME_CLOSER),
        (seen("hopper", light=0.25), FrameHint.TOO_DARK),
        (seen("hopper", light=2.0), FrameHint.TOO_BRIGHT),
        (seen(None), FrameHint.NO_FACE),
        (blank(0), FrameHint.NO_FACE),
        (blank(255, 64, 48), FrameHint.NO_FACE),
        (side_by_side("astronaut", "hopper"), FrameHint.SEVERAL_FACES),
    ],
    ids=["good", "good again", "far", "dark", "bright", "figure", "black", "tiny", "two people"],
)
def test_a_frame_is_measured(engine: DlibEngine, frame: Frame, hint: FrameHint) -> None:
    assert engine.look(frame).hint is hint


@pytest.mark.parametrize("portrait", NAMES)
@pytest.mark.parametrize(
    ("light", "angle_deg", "distance"), [(1.0, 0.0, 1.0), (0.8, 8.0, 1.2), (1.0, -8.0, 1.1)]
)
def test_the_same_person_is_alike(
    engine: DlibEngine, chips: Chips, portrait: str, light: float, angle_deg: float, distance: float
) -> None:
    comparison = engine.compare(chips[portrait], [seen(portrait, light, angle_deg, distance)])
    assert comparison.band is FaceBand.MATCH
    assert comparison.score >= comparison.threshold
    assert comparison.quality.is_good


@pytest.mark.parametrize(("card", "person"), [("astronaut", "hopper"), ("hopper", "astronaut")])
@pytest.mark.parametrize(
    ("light", "angle_deg", "distance"), [(1.0, 0.0, 1.0), (0.8, 8.0, 1.2), (0.25, 0.0, 1.0)]
)
def test_another_person_is_unlike(
    engine: DlibEngine, chips: Chips, card: str, person: str, light: float, angle_deg: float, distance: float
) -> None:
    assert engine.compare(chips[card], [seen(person, light, angle_deg, distance)]).band is FaceBand.UNLIKE


def test_frames_are_averaged(engine: DlibEngine, chips: Chips) -> None:
    frames = [seen("hopper", seed=seed) for seed in (1, 2, 3)]
    comparison = engine.compare(chips["hopper"], frames)
    assert comparison.frames_used == 3
    assert comparison.band is FaceBand.MATCH


def test_good_frames_are_preferred(engine: DlibEngine, chips: Chips) -> None:
    frames = [seen("hopper", light=0.25), seen("hopper"), seen(None)]
    comparison = engine.compare(chips["hopper"], frames)
    assert comparison.frames_used == 1
    assert comparison.quality.is_good
    assert comparison.score == engine.compare(chips["hopper"], [seen("hopper")]).score


def test_poor_frames_are_used_when_there_are_no_better_and_say_so(engine: DlibEngine, chips: Chips) -> None:
    comparison = engine.compare(
        chips["astronaut"], [seen("astronaut", light=0.25), seen("astronaut", distance=2.3)]
    )
    assert comparison.frames_used == 2
    assert not comparison.quality.is_good


@pytest.mark.parametrize(
    "frames",
    [[], [seen(None)], [blank(0), blank(255)]],
    ids=["no frame", "no face", "black and white"],
)
def test_no_face_on_any_frame_is_an_error(engine: DlibEngine, chips: Chips, frames: list[Frame]) -> None:
    with pytest.raises(NoFace) as nobody:
        engine.compare(chips["hopper"], frames)
    assert nobody.value.where == "live_frame"


def test_two_people_on_every_frame_are_an_error(engine: DlibEngine, chips: Chips) -> None:
    with pytest.raises(SeveralFaces) as crowd:
        engine.compare(chips["hopper"], [side_by_side("astronaut", "hopper")])
    assert (crowd.value.where, crowd.value.count) == ("live_frame", 2)


def test_a_chip_photo_without_a_face_is_an_error(engine: DlibEngine, chips: Chips) -> None:
    with pytest.raises(NoFace) as nobody:
        engine.compare(chips[None], [seen("hopper")])
    assert nobody.value.where == "chip_photo"


def test_a_chip_photo_that_is_no_picture_is_refused(engine: DlibEngine) -> None:
    with pytest.raises(PictureRefused):
        engine.compare(b"no picture", [seen("hopper")])


def test_decoded_photo_and_grey_frames_are_overwritten(engine: DlibEngine, chips: Chips) -> None:
    photo, frame = engine.decode(chips["hopper"], CHIP_BOUNDS), grey_of(seen("hopper"))
    engine.compare_greys(photo, [frame])
    assert not photo.any()
    assert not frame.any()


def test_they_are_overwritten_after_an_error_too(engine: DlibEngine, chips: Chips) -> None:
    photo, frame = engine.decode(chips["hopper"], CHIP_BOUNDS), grey_of(seen(None))
    with pytest.raises(NoFace):
        engine.compare_greys(photo, [frame])
    assert not photo.any()
    assert not frame.any()


def test_a_frame_that_was_looked_at_in_grey_is_overwritten(engine: DlibEngine) -> None:
    frame = grey_of(seen("hopper"))
    engine.look_at_grey(frame)
    assert not frame.any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_template_that_is_not_a_number_is_never_alike(
    engine: DlibEngine, chips: Chips, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    broken = np.full(TEMPLATE_LENGTH, value, dtype=np.float32)
    monkeypatch.setattr(engine, "_embed", lambda chip, wiping: broken.copy())
    with pytest.raises(TemplateBroken):
        engine.compare(chips["hopper"], [seen("hopper")])


@pytest.mark.parametrize("looks", LOOK_CHOICES)
def test_a_template_may_be_the_mean_of_fewer_looks(chips: Chips, looks: int) -> None:
    fewer = load_engine(DEFAULT_EVIDENCE, looks)
    assert fewer.compare(chips["hopper"], [seen("hopper")]).band is FaceBand.MATCH
    assert fewer.compare(chips["astronaut"], [seen("hopper")]).band is FaceBand.UNLIKE


@pytest.mark.parametrize("angle_deg", [90.0, -90.0, 45.0, -60.0, 135.0, 180.0])
@pytest.mark.parametrize("portrait", NAMES)
def test_a_lying_person_is_compared_upright(
    engine: DlibEngine, chips: Chips, portrait: str, angle_deg: float
) -> None:
    comparison = engine.compare(chips[portrait], [seen(portrait, angle_deg=angle_deg)] * 2)
    assert comparison.band is FaceBand.MATCH
    assert comparison.quality.rotation_deg != 0
    other = next(name for name in NAMES if name != portrait)
    assert engine.compare(chips[other], [seen(portrait, angle_deg=angle_deg)]).band is not FaceBand.MATCH


def with_bar(portrait: str, top: int, bottom: int) -> Frame:
    """A frame with a dark bar over part of the face, as a hat or a hand is."""
    frame = seen(portrait)
    pixels = np.frombuffer(frame.rgb, dtype=np.uint8).reshape(720, 1280, 3)
    pixels[top:bottom, 480:800] = 40
    return frame


@pytest.mark.parametrize("portrait", NAMES)
def test_a_hat_over_the_eyes_is_an_error_or_poor_and_never_alike_to_another(
    engine: DlibEngine, chips: Chips, portrait: str
) -> None:
    other = next(name for name in NAMES if name != portrait)
    hidden = with_bar(portrait, 180, 330)
    assert not engine.look(hidden).is_good
    bands = set()
    with contextlib.suppress(NoFace):
        bands.add(engine.compare(chips[other], [hidden]).band)
    assert FaceBand.MATCH not in bands


def test_not_more_frames_than_help_are_used(engine: DlibEngine, chips: Chips) -> None:
    frames = [seen("hopper", seed=seed) for seed in range(FRAMES_AT_MOST + 2)]
    assert engine.compare(chips["hopper"], frames).frames_used == FRAMES_AT_MOST


@pytest.mark.parametrize("content", ["one pixel", "hundred megapixels", "cut short", "zeros inside"])
def test_a_strange_chip_photo_is_refused_or_shows_no_face(
    engine: DlibEngine, chips: Chips, content: str
) -> None:
    photo = chips["hopper"] or b""
    contents = {
        "one pixel": jp2_of(Image.new("L", (1, 1), 90)),
        "hundred megapixels": jp2_claiming(photo, 10_000, 10_000),
        "cut short": photo[:1_500],
        "zeros inside": photo[:600] + bytes(400) + photo[1_000:],
    }
    try:
        band = engine.compare(contents[content], [seen("hopper")]).band
    except (NoFace, PictureRefused):
        return
    assert (content, band) != ("zeros inside", FaceBand.MATCH)


def jp2_of(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG2000")
    return stream.getvalue()


def jp2_claiming(content: bytes, width: int, height: int) -> bytes:
    changed = bytearray(content)
    struct.pack_into(">II", changed, content.index(b"ihdr") + 4, height, width)
    struct.pack_into(">II", changed, content.index(b"\xff\x4f\xff\x51") + 8, width, height)
    return bytes(changed)


def as_file(frame: Frame, kind: str) -> bytes:
    stream = io.BytesIO()
    Image.frombytes("RGB", (frame.width, frame.height), bytes(frame.rgb)).save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "JPEG2000"])
def test_picture_files_are_compared(engine: DlibEngine, chips: Chips, kind: str) -> None:
    live = as_file(seen("hopper"), kind)
    assert engine.compare_pictures(chips["hopper"], live).band is FaceBand.MATCH
    assert engine.compare_pictures(chips["astronaut"], live).band is FaceBand.UNLIKE


def test_of_several_faces_in_a_file_the_largest_counts(engine: DlibEngine, chips: Chips) -> None:
    crowd = as_file(side_by_side("astronaut", "hopper"), "PNG")
    comparison = engine.compare_pictures(chips["hopper"], crowd)
    assert comparison.band is FaceBand.MATCH
    assert comparison.quality.hint is FrameHint.SEVERAL_FACES


@pytest.mark.parametrize(
    ("reference", "live", "where"), [(None, "hopper", "chip_photo"), ("hopper", None, "live_frame")]
)
def test_a_file_without_a_face_is_named(
    engine: DlibEngine, reference: str | None, live: str | None, where: str
) -> None:
    with pytest.raises(NoFace) as nobody:
        engine.compare_pictures(as_file(seen(reference), "PNG"), as_file(seen(live), "PNG"))
    assert nobody.value.where == where


def test_grey_is_the_luma_that_the_thresholds_were_measured_with() -> None:
    pixels = np.random.default_rng(5).integers(0, 256, 48 * 32 * 3, dtype=np.uint8).tobytes()
    expected = np.asarray(Image.frombytes("RGB", (48, 32), pixels).convert("L"))
    assert np.array_equal(grey_of(Frame(48, 32, bytearray(pixels))), expected)


def test_decoding_keeps_to_its_bounds(engine: DlibEngine) -> None:
    large = as_file(seen("hopper"), "JPEG")
    with pytest.raises(PictureRefused):
        engine.decode(large, CHIP_BOUNDS)
    assert engine.decode(large, FILE_BOUNDS).shape == (720, 1280)
