"""Which real readers there are, asked without binding this process to the system's card service."""

from __future__ import annotations

import subprocess

import pytest

from appliance.hardware.attached_readers import attached_readers


def answering(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, stdout=text)

    monkeypatch.setattr("appliance.hardware.attached_readers.subprocess.run", run)


def test_virtual_readers_are_no_real_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    answering('["Virtual PCD 00 00", "A USB reader 00 00"]', monkeypatch)
    assert attached_readers() == ("A USB reader 00 00",)


@pytest.mark.parametrize(
    "trouble", [subprocess.TimeoutExpired("x", 1), subprocess.CalledProcessError(1, "x"), OSError()]
)
def test_a_card_service_that_does_not_answer_has_no_readers(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr("appliance.hardware.attached_readers.subprocess.run", run)
    assert attached_readers() == ()


def test_the_question_is_put_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", f"{tmp_path}/nobody-listens")
    assert attached_readers() == ()
