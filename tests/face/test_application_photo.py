"""The rules of an application photo, each at its edges, and what may be excused (domain.md §4.2, F4.10)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.face.application_photo import (
    EXCUSES,
    ExceptionReason,
    Finding,
    PhotoFile,
    PhotoRule,
    inspect_face,
    inspect_file,
    without_excused,
)
from appliance.face.backdrop import Backdrop
from tests.face.seen_frames import GOOD

FILE = PhotoFile(is_rgb_jpeg=True, size_bytes=300_000, width_px=700, height_px=900)
PLAIN = Backdrop(spread=10.0, edges=0.0, luma=200.0)
FACE = replace(GOOD, face_height_px=450)


def rules(findings: list[Finding]) -> list[PhotoRule]:
    return [finding.rule for finding in findings]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"is_rgb_jpeg": False}, [PhotoRule.FORMAT]),
        ({"size_bytes": 20 * 1024}, []),
        ({"size_bytes": 20 * 1024 - 1}, [PhotoRule.LENGTH]),
        ({"size_bytes": 7 * 1024 * 1024}, []),
        ({"size_bytes": 7 * 1024 * 1024 + 1}, [PhotoRule.LENGTH]),
        ({"width_px": 480, "height_px": 617}, []),
        ({"width_px": 479, "height_px": 616}, [PhotoRule.SIDES]),
        ({"width_px": 4666, "height_px": 6000}, []),
        ({"width_px": 4667, "height_px": 6001}, [PhotoRule.SIDES]),
        ({"width_px": 720, "height_px": 900}, []),
        ({"width_px": 722, "height_px": 900}, [PhotoRule.PROPORTION]),
        ({"width_px": 680, "height_px": 900}, []),
        ({"width_px": 678, "height_px": 900}, [PhotoRule.PROPORTION]),
        ({"width_px": 900, "height_px": 700}, [PhotoRule.PROPORTION]),
        ({"width_px": 0, "height_px": 0}, [PhotoRule.SIDES, PhotoRule.PROPORTION]),
    ],
)
def test_the_file_keeps_the_upload_s_rules(change: dict[str, int], expected: list[PhotoRule]) -> None:
    assert rules(inspect_file(replace(FILE, **change))) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"faces": 0}, [PhotoRule.ONE_FACE]),
        ({"faces": 2}, [PhotoRule.ONE_FACE]),
        ({"face_height_px": 260}, [PhotoRule.FACE_SIZE]),
        ({"face_height_px": 700}, [PhotoRule.FACE_SIZE]),
        ({"turn": 0.09}, [PhotoRule.FACING_FRONT]),
        ({"turn": -0.09}, [PhotoRule.FACING_FRONT]),
        ({"nod": 0.4}, [PhotoRule.FACING_FRONT]),
        ({"roll_deg": -6.5}, [PhotoRule.TILT]),
        ({"roll_deg": 6.0}, []),
        ({"rotation_deg": 90}, [PhotoRule.TILT]),
        ({"eyes_closed": 0.6}, [PhotoRule.EYES_OPEN]),
        ({"covered": 0.6}, [PhotoRule.UNCOVERED]),
        ({"luma": 40.0}, [PhotoRule.LIGHT]),
        ({"luma": 230.0}, [PhotoRule.LIGHT]),
        ({"one_sided": -0.4}, [PhotoRule.EVEN_LIGHT]),
        ({"sharpness": 1.5}, [PhotoRule.SHARPNESS]),
        ({"luma": float("nan")}, [PhotoRule.LIGHT]),
    ],
)
def test_the_face_keeps_the_rules(change: dict[str, float], expected: list[PhotoRule]) -> None:
    assert rules(inspect_face(replace(FACE, **change), 900, PLAIN)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("backdrop", [Backdrop(46.0, 0.0, 200.0), Backdrop(10.0, 0.05, 200.0)])
def test_the_backdrop_is_plain(backdrop: Backdrop) -> None:
    assert rules(inspect_face(FACE, 900, backdrop)) == [PhotoRule.PLAIN_BACKDROP]


def test_a_finding_says_what_was_measured_and_where_the_limit_is() -> None:
    assert inspect_face(replace(FACE, luma=41.5), 900, PLAIN) == [Finding(PhotoRule.LIGHT, 41.5, 60.0)]
    assert inspect_file(replace(FILE, size_bytes=9_000_000)) == [
        Finding(PhotoRule.LENGTH, 9_000_000, 7 * 1024 * 1024)
    ]


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        (ExceptionReason.CANNOT_SIT_OR_STAND, PhotoRule.TILT),
        (ExceptionReason.BEDRIDDEN, PhotoRule.PLAIN_BACKDROP),
        (ExceptionReason.PARALYSIS, PhotoRule.FACING_FRONT),
        (ExceptionReason.EYES_CANNOT_OPEN, PhotoRule.EYES_OPEN),
        (ExceptionReason.AID_VISIBLE, PhotoRule.PLAIN_BACKDROP),
        (ExceptionReason.MEDICAL_WIG, PhotoRule.UNCOVERED),
        (ExceptionReason.PATCH_OR_BANDAGE, PhotoRule.UNCOVERED),
        (ExceptionReason.RELIGIOUS_COVER, PhotoRule.UNCOVERED),
    ],
)
def test_a_stated_reason_excuses_what_it_explains(reason: ExceptionReason, rule: PhotoRule) -> None:
    findings = [Finding(rule, 1.0, 0.5), Finding(PhotoRule.LENGTH, 1.0, 2.0)]
    assert rules(without_excused(findings, [reason])) == [PhotoRule.LENGTH]
    assert without_excused(findings, []) == findings


@given(st.sets(st.sampled_from(ExceptionReason)), st.sets(st.sampled_from(PhotoRule)))
def test_no_reason_excuses_the_file_or_another_face(
    reasons: set[ExceptionReason], broken: set[PhotoRule]
) -> None:
    never = {
        PhotoRule.FORMAT,
        PhotoRule.LENGTH,
        PhotoRule.SIDES,
        PhotoRule.PROPORTION,
        PhotoRule.ONE_FACE,
        PhotoRule.FACE_SIZE,
        PhotoRule.LIGHT,
        PhotoRule.SHARPNESS,
    }
    left = without_excused([Finding(rule, 0.0, 1.0) for rule in broken], sorted(reasons, key=str))
    assert never & broken <= set(rules(left))
    assert set(EXCUSES) == set(ExceptionReason)
