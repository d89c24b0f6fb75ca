"""One engine in this process and one in a worker, loaded once for all tests of the face."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.domain.ephemeral import Frame
from appliance.face.engine import DlibEngine, load_engine
from appliance.face.evidence_file import DEFAULT_EVIDENCE
from appliance.face.worker import Deadlines, WorkerFaceEngine
from appliance.simulated.portraits import chip_photo, live_frame

EVIDENCE_TEXT = DEFAULT_EVIDENCE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def engine() -> DlibEngine:
    return load_engine(DEFAULT_EVIDENCE)


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerFaceEngine]:
    # Far from the deadlines: what is asked here must not depend on how busy the machine is.
    with WorkerFaceEngine(deadlines=Deadlines(look_s=20.0, compare_s=20.0)) as running:
        running.warm()
        yield running


@pytest.fixture(scope="session")
def chips() -> dict[str | None, bytes]:
    """Chip photos by portrait."""
    return {portrait: chip_photo(portrait) for portrait in ("astronaut", "hopper", None)}


def seen(
    portrait: str | None, light: float = 1.0, angle_deg: float = 0.0, distance: float = 1.0, seed: int = 1
) -> Frame:
    return live_frame(portrait, light, angle_deg, distance, seed)


def blank(shade: int = 120, width: int = 1280, height: int = 720) -> Frame:
    return Frame(width, height, bytearray([shade]) * (width * height * 3))


def altered_evidence(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the default evidence with replacements, beside a copy of its cohort."""
    text = EVIDENCE_TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    cohort = next(DEFAULT_EVIDENCE.parent.glob("*.npz"))
    (folder / cohort.name).write_bytes(cohort.read_bytes())
    path = folder / "altered.toml"
    path.write_text(text, encoding="utf-8")
    return path
