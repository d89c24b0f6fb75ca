"""The main job on real parts: pcscd with the virtual reader, mosquitto, an office and a unit in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.simulated.face_scenes import SceneName

PROGRAM = Path(sys.executable).with_name("mynavisit")

pytestmark = [pytest.mark.journey, pytest.mark.pcsc, pytest.mark.broker]


def run(*words: str, within_s: float = 110.0) -> tuple[int, dict[str, object], str]:
    ended = subprocess.run(
        [PROGRAM, *words, "--json"], capture_output=True, text=True, timeout=within_s, check=False
    )
    return ended.returncode, json.loads(ended.stdout), ended.stderr


def test_five_people_are_visited_and_five_office_signed_receipts_come_back() -> None:
    status, said, stderr = run("rehearse", "--people", "5")
    assert status == 0, stderr
    assert said["ok"] is True
    assert said["card_path"] == "pcscd"
    people = said["people"]
    assert isinstance(people, list)
    assert [each["state"] for each in people] == ["到着確認"] * 5
    assert len({each["receipt"] for each in people}) == 5
    assert all(each["genuine"] and each["in_term"] and each["revocation"] == "unknown" for each in people)
    keys = {"id", "genuine", "in_term", "revocation", "face", "decision", "programmes", "receipt", "state"}
    assert all(keys <= each.keys() for each in people)
    assert said["counts"] == {"saved": 0, "sent": 0, "arrived": 5, "refused": 0, "erased": 0}
    assert {each["decision"] for each in people} == {"matched_confirmed", "visual_check"}


def test_every_training_person_has_a_way_to_a_saved_record() -> None:
    status, said, stderr = run("rehearse", "--people", "14")
    assert status == 0, stderr
    people = said["people"]
    assert isinstance(people, list)
    by_id = {each["id"]: each for each in people}
    assert by_id["p12"]["genuine"] is False
    assert by_id["p13"]["genuine"] is False
    assert by_id["p07"]["in_term"] is False
    assert by_id["p14"]["genuine"] is None
    assert by_id["p12"]["decision"] == by_id["p13"]["decision"] == "undecided"


@pytest.mark.timeout(240)
def test_every_scene_of_the_face_step_ends_as_it_should() -> None:
    status, said, stderr = run("rehearse", "--scenes", within_s=230.0)
    assert status == 0, stderr
    people = said["people"]
    assert isinstance(people, list)
    by_scene = {each["scene"]: each for each in people}
    assert set(by_scene) == {name.value for name in SceneName}
    assert [each["state"] for each in people] == ["到着確認"] * len(by_scene)
    assert by_scene["stranger"]["face"] == "unlike"
    assert by_scene["turned_print"]["liveness"] != "done"
    assert by_scene["dark_room"]["decision"] == "visual_check"
    assert by_scene["lamp_lit_room"]["face"] == "match"


def test_the_training_kit_passes_its_own_self_test() -> None:
    status, said, stderr = run("selftest", "--training")
    assert status == 0, stderr
    checks = said["checks"]
    assert isinstance(checks, list)
    names = [
        *("reader", "card_path", "camera", "face_engine", "card_front", "panel", "store"),
        *("clock", "rules_age", "revocation_age", "broker", "office_key"),
    ]
    assert [check["name"] for check in checks] == names
    assert all(check["ok"] and check["detail"] for check in checks)
