"""A whole measurement on a small set that needs no folder of pictures: scores, failures, stopping and going on."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from appliance.errors import FaceWeightsRefused
from appliance.face.engine import DlibEngine
from appliance.face.evaluation.acquisition import Acquirer, Side
from appliance.face.evaluation.chip_simulation import (
    HEIGHT_PX,
    SIZE_BYTES,
    WIDTH_PX,
    as_chip_photo,
    is_chip_photo,
)
from appliance.face.evaluation.crew import Acquired, Crew, Sitter, Trouble
from appliance.face.evaluation.findings import as_json, find
from appliance.face.evaluation.gallery import PairScores
from appliance.face.evaluation.kept_scores import open_scores
from appliance.face.evaluation.measurement import (
    Plan,
    fingerprint_engine,
    fingerprint_table,
    measure,
)
from appliance.face.evaluation.pairs import PairTable, both_live, pair_across, pictures_in, read_table
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.weights import find_described_files
from appliance.pictures.header import CHIP_BOUNDS, read_header
from tests.face.conftest import altered_evidence
from tests.face.made_sets import PEOPLE, as_png, write_set, write_table

PLAN = Plan(DEFAULT_EVIDENCE, looks=2, processes=2)


def silent(_done: int, _total: int) -> None:
    """Show nothing."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def across(made: Path) -> tuple[PairTable, PairScores]:
    table = pair_across(pictures_in(made))
    return table, measure(table, PLAN, None, silent)


def test_every_person_is_told_from_every_other(across: tuple[PairTable, PairScores]) -> None:
    table, scores = across
    found = find(table, scores)
    assert (len(found.scores.genuine), len(found.scores.impostor)) == (12, 30)
    assert found.scores.genuine.min() > found.scores.impostor.max()
    said = as_json(found, float(found.scores.genuine.min()))
    assert (said["fmr"], said["fnmr"], said["failure_to_acquire"]) == (0.0, 0.0, 0.0)


def test_a_score_is_what_the_engine_gives_for_the_same_pictures(
    made: Path, across: tuple[PairTable, PairScores], engine: DlibEngine
) -> None:
    table = read_table(write_table(made, "hopper_0001.jp2,hopper_0002.png,1"))
    (score,) = measure(table, Plan(DEFAULT_EVIDENCE, looks=10, processes=1), None, silent).score
    photo, live = ((made / name).read_bytes() for name in ("hopper_0001.jp2", "hopper_0002.png"))
    assert score == pytest.approx(engine.compare_pictures(photo, live).score, abs=1e-5)


def test_two_live_pictures_are_compared_without_a_chip_photo_between(
    made: Path, across: tuple[PairTable, PairScores]
) -> None:
    live = both_live(across[0])
    found = find(live, measure(live, PLAN, None, silent))
    assert (len(found.scores.genuine), len(found.scores.impostor)) == (6, 15)
    assert found.scores.genuine.min() > found.scores.impostor.max()
    # A live picture compared with a live one is not the same picture made a chip photo first.
    place = next(index for index, picture in enumerate(live.pictures) if picture.name == "hopper_0002.png")
    other = next(index for index, picture in enumerate(live.pictures) if picture.name == "hopper_0003.png")
    table, scores = across
    with_photo = scores.score[(table.reference == place) & (table.live[:, 0] == other)]
    alone = found.pairs.score[(live.reference == place) & (live.live[:, 0] == other)]
    assert alone != pytest.approx(with_photo, abs=1e-6)
    assert found.failures.attempts == len(live.pictures)
    assert fingerprint_table(live, made) != fingerprint_table(table, made)


def test_pictures_that_cannot_be_used_are_failures_and_never_a_crash(tmp_path: Path) -> None:
    photo = as_png("hopper", 0.0)
    (tmp_path / "good.png").write_bytes(photo)
    (tmp_path / "cut.png").write_bytes(photo[:5_000])
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "wall.png").write_bytes(wall())
    bad = ["cut", "text", "empty", "folder", "wall", "missing"]
    rows = [f"good.png,{name}.png,0" for name in bad] + [f"{name}.png,good.png,1" for name in bad]
    table = read_table(write_table(tmp_path, *rows, "good.png,good.png,1"))
    found = find(table, measure(table, PLAN, None, silent))
    said = as_json(found, 0.1)
    assert (said["pairs"], said["pairs_not_compared"]) == (13, 12)
    assert said["failures"] == {"attempts": 14, "no_face": 2, "unreadable": 10}
    assert said["failure_to_acquire"] == pytest.approx(12 / 14)
    assert (said["fmr"], said["fmr_upper95"], said["fnmr"]) == (None, 1.0, 0.0)
    assert said["fnmr_with_failures"] == pytest.approx(6 / 7)


def wall() -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("L", (300, 300), 128).save(file, "PNG")
    return file.getvalue()


def test_a_stopped_measurement_goes_on_where_it_was(made: Path, tmp_path: Path) -> None:
    table = pair_across(pictures_in(made))
    whole = tmp_path / "whole"
    measure(table, PLAN, open_scores(whole, "t", "e", len(table)), silent)
    content = whole.read_bytes()
    stopped = tmp_path / "stopped"
    stopped.write_bytes(content[: len(content) // 2])
    kept = open_scores(stopped, "t", "e", len(table))
    done: list[tuple[int, int]] = []
    scores = measure(table, PLAN, kept, lambda now, total: done.append((now, total)))
    assert 0 < len(kept.scores) < len(table)
    assert stopped.read_bytes() == content
    assert len(scores) == len(table)
    assert done[-1][0] == done[-1][1] == len(done)


def test_a_finished_measurement_starts_nothing(made: Path, tmp_path: Path) -> None:
    table = pair_across(pictures_in(made))
    kept = open_scores(tmp_path / "scores", "t", "e", len(table))
    measure(table, PLAN, kept, silent)
    nowhere = Plan(DEFAULT_EVIDENCE, looks=2, processes=1)
    done: list[int] = []
    measure(
        table,
        nowhere,
        open_scores(tmp_path / "scores", "t", "e", len(table)),
        lambda now, _: done.append(now),
    )
    assert done == []


def test_only_scores_are_kept(made: Path, tmp_path: Path) -> None:
    table = pair_across(pictures_in(made))
    measure(table, PLAN, open_scores(tmp_path / "scores", "t", "e", len(table)), silent)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scores"]
    assert len((tmp_path / "scores").read_text("ascii").splitlines()) == 1 + len(table)


def test_a_process_that_dies_costs_one_picture_at_most(made: Path) -> None:
    pictures = [made / f"{person}_0002.png" for person in PEOPLE] * 3
    with Crew(DEFAULT_EVIDENCE, 1, 1) as crew:
        process_id = crew._members[0].process_id
        assert process_id is not None
        os.kill(process_id, signal.SIGKILL)
        sitters = [Sitter(place, Side.LIVE) for place in range(len(pictures))]
        came = list(crew.acquire(pictures, sitters))
    assert [each.sitter for each in came] == sitters
    assert [each.trouble for each in came[1:]] == [Trouble.NONE] * 5


def test_the_crew_ends_with_its_context(made: Path) -> None:
    with Crew(DEFAULT_EVIDENCE, 1, 2) as crew:
        members = list(crew._members)
        assert all(member.process_id is not None for member in members)
    assert all(member.process_id is None for member in members)
    assert threading.active_count() < 10


@pytest.mark.parametrize("digest", ["55533b28", "c4b1e980"])
def test_altered_weights_measure_nothing(tmp_path: Path, digest: str) -> None:
    with pytest.raises(FaceWeightsRefused), Crew(altered_evidence(tmp_path, (digest, "00000000")), 1, 1):
        raise AssertionError


def test_the_table_is_known_by_its_pairs_and_pictures(made: Path, tmp_path: Path) -> None:
    def told(*rows: str) -> str:
        return fingerprint_table(read_table(write_table(made, *rows)), made)

    same = told("hopper_0001.jp2,hopper_0002.png,1")
    assert same == told("hopper_0001.jp2,hopper_0002.png,1")
    assert same != told("hopper_0001.jp2,hopper_0002.png,0")
    assert same != told("hopper_0002.png,hopper_0001.jp2,1")
    assert same != told("hopper_0001.jp2,hopper_0003.png,1")
    picture = made / "hopper_0002.png"
    before = picture.stat()
    os.utime(picture, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert same != told("hopper_0001.jp2,hopper_0002.png,1")
    assert told("gone.png,hopper_0002.png,1") == told("gone.png,hopper_0002.png,1")


def test_the_engine_is_known_by_its_way_and_weights(tmp_path: Path) -> None:
    files = find_described_files(DEFAULT_EVIDENCE)
    fewer = find_described_files(altered_evidence(tmp_path, ("nearest = 60", "nearest = 50")))
    told = {fingerprint_engine(files, 1), fingerprint_engine(files, 10), fingerprint_engine(fewer, 10)}
    assert len(told) == 3
    assert fingerprint_engine(files, 10) in told


@pytest.fixture(scope="module")
def acquirer() -> Acquirer:
    return Acquirer(find_described_files(DEFAULT_EVIDENCE), 1)


def test_a_reference_goes_through_what_a_chip_would_hold(acquirer: Acquirer, made: Path) -> None:
    content = (made / "hopper_0002.png").read_bytes()
    photo = bytes(acquirer._as_photo(content))
    header = read_header(photo, CHIP_BOUNDS)
    assert (header.width_px, header.height_px, header.components) == (WIDTH_PX, HEIGHT_PX, 1)
    assert SIZE_BYTES * 0.9 < len(photo) < SIZE_BYTES * 1.02
    reference, live = acquirer.acquire(content, Side.REFERENCE), acquirer.acquire(content, Side.LIVE)
    assert 0.05 < np.linalg.norm(reference - live) < 0.5


def test_a_chip_photo_is_taken_as_it_is(acquirer: Acquirer, made: Path) -> None:
    photo = (made / "hopper_0001.jp2").read_bytes()
    assert is_chip_photo(photo)
    assert acquirer._as_photo(photo) is photo
    assert not is_chip_photo((made / "hopper_0002.png").read_bytes())
    assert not is_chip_photo(b"")


def test_where_a_picture_ends_its_edge_goes_on(acquirer: Acquirer) -> None:
    from appliance.face.detection import FoundFace

    class Corner(FoundFace):
        @property
        def centre(self) -> tuple[float, float]:
            return 2.0, 2.0

    picture = np.full((50, 40), 90, dtype=np.uint8)
    corner = Corner(60, True, None, None)  # type: ignore[arg-type]
    header = read_header(as_chip_photo(picture, corner), CHIP_BOUNDS)
    assert (header.width_px, header.height_px) == (WIDTH_PX, HEIGHT_PX)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"template": []},
        {"template": [0.5] * 127},
        {"template": [0.5] * 127 + ["0.5"]},
        {"template": [0.5] * 127 + [1e300]},
        {"template": 3},
        {"error": "SystemExit"},
        {"error": "PictureRefused", "fields": {"reason": "format"}},
    ],
)
def test_a_garbled_answer_is_an_unreadable_picture(answer: dict[str, object]) -> None:
    from appliance.face.evaluation.crew import _understood

    sitter = Sitter(0, Side.LIVE)
    assert _understood(answer, sitter) == Acquired(sitter, Trouble.UNREADABLE, None)
