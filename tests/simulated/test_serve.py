"""`card serve`: one card in a virtual reader until a signal takes it out."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import NoReader
from appliance.simulated.card.pace import BitRate
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.other_cards import BANK_CARD_ATR
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import ATRS
from appliance.simulated.serve import ServingPlan, parse_bit_rate, parse_order, parse_vpcd, serve
from tests.simulated.card_desk import SELECT
from tests.simulated.virtual_reader import ATR, VirtualReader

PROGRAM = Path(sys.executable).with_name("mynavisit")
WRONG_CODE = bytes.fromhex("002000920E") + bytes(14)


def started(port: int, *options: object) -> subprocess.Popen[str]:
    words = ["card", "serve", "--vpcd", f"127.0.0.1:{port}", *map(str, options)]
    return subprocess.Popen(
        [PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def ended(process: subprocess.Popen[str], ending: signal.Signals = signal.SIGTERM) -> str:
    """Take the card out and return what was said about it."""
    process.send_signal(ending)
    said, warned = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "")
    return warned


def refused(*options: object) -> str:
    words = [str(PROGRAM), "card", "serve", *map(str, options)]
    process: subprocess.CompletedProcess[str] = subprocess.run(
        words, capture_output=True, text=True, timeout=60, check=False
    )
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.count("\n") == 1
    return process.stderr


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_takes_the_card_out_and_its_tries_are_kept(tmp_path: Path, ending: signal.Signals) -> None:
    state_file = tmp_path / "p01.json"
    for left in (b"\xc9", b"\xc8"):
        with VirtualReader() as reader, started(reader.address[1], "--state", state_file) as process:
            reader.accept()
            reader.ask(SELECT["surface"])
            assert reader.ask(WRONG_CODE) == b"\x63" + left
            assert "p01 (my_number_card) lies in the reader" in ended(process, ending)
    assert json.loads(state_file.read_text())["tries_left"]["surface/0012"] == 8


def test_a_try_is_kept_even_when_the_program_is_killed(tmp_path: Path) -> None:
    state_file = tmp_path / "p01.json"
    with VirtualReader() as reader, started(reader.address[1], "--state", state_file) as process:
        reader.accept()
        reader.ask(SELECT["surface"])
        reader.ask(WRONG_CODE)
        process.kill()
        process.communicate(timeout=20)
    assert json.loads(state_file.read_text())["tries_left"]["surface/0012"] == 9
    assert [path.name for path in tmp_path.iterdir()] == ["p01.json"]


def test_a_trace_is_written_as_it_happens_and_without_the_code(tmp_path: Path) -> None:
    trace_file = tmp_path / "trace.jsonl"
    code_b = training_person("p02").code_b
    with (
        VirtualReader() as reader,
        started(reader.address[1], "--person", "p02", "--trace", trace_file) as process,
    ):
        reader.accept()
        reader.ask(SELECT["surface"])
        assert reader.ask(bytes.fromhex("002000920E") + code_b.encode()) == b"\x90\x00"
        written = trace_file.read_text()
        ended(process)
    entries: list[dict[str, Any]] = [json.loads(line) for line in written.splitlines()]
    assert [entry["status_word"] for entry in entries] == [0x9000, 0x9000]
    assert entries[1]["command"] == "002000920E" + "xx" * 14
    assert code_b.encode().hex() not in written.lower()


@pytest.mark.parametrize(
    ("options", "atr"),
    [
        (["--kind", "bank"], BANK_CARD_ATR),
        (["--atr", "contactless", "--pace", "realistic", "--bit-rate", "106"], ATRS["contactless"]),
    ],
)
def test_kind_and_answer_to_reset_are_chosen(options: Sequence[str], atr: bytes) -> None:
    with VirtualReader() as reader, started(reader.address[1], *options) as process:
        reader.accept()
        assert reader.ask(ATR) == atr
        ended(process)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--kind", "golden"], "integrated_residence_card"),
        (["--atr", "golden"], "contact_plain"),
        (["--kind", "bank", "--atr", "contactless"], "its own answer to reset"),
        (["--bit-rate", "115"], "106, 212, 424, 847"),
        (["--vpcd", "nowhere"], "HOST:PORT"),
        (["--person", "p99"], "p99"),
        (["--state", "missing/state.json", "--trace", "missing/trace"], "missing/trace"),
        (["--speed", "9"], "--speed"),
    ],
)
def test_wrong_use_is_one_clear_line(options: list[str], told: str) -> None:
    assert told in refused(*options)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"card": {"person": "p02", "kind": "my_number_card"}, "tries_left": {}, "changed_secrets": {}}',
        '{"card": {"person": "p01", "kind": "my_number_card"}, "tries_left": {"x": 1}, "changed_secrets": {}}',
    ],
)
def test_the_state_of_another_card_is_refused(tmp_path: Path, text: str) -> None:
    state_file = tmp_path / "state.json"
    state_file.write_text(text)
    with pytest.raises(ValueError, match="is not the state of this card"):
        serve(CardOrder("p01"), ServingPlan(state_file=state_file))
    assert state_file.read_text() == text


def test_nobody_and_no_reader_are_told_at_once(tmp_path: Path) -> None:
    with VirtualReader() as gone:
        address = gone.address
    with pytest.raises(KeyError):
        serve(CardOrder("p99"), ServingPlan(address))
    with pytest.raises(NoReader):
        serve(CardOrder("p01"), ServingPlan(address, state_file=tmp_path / "state.json"))
    assert list(tmp_path.iterdir()) == []


def test_words_of_the_command_line() -> None:
    assert parse_order("p02", "iphone", "contact") == CardOrder("p02", Kind.IPHONE)
    assert parse_order("p02", "my_number_card", "contactless") == CardOrder("p02", atr="contactless")
    assert parse_bit_rate(212).bit_rate is BitRate.KBIT_212
    assert parse_vpcd("127.0.0.1:35963") == ("127.0.0.1", 35963)


@pytest.mark.parametrize(
    "text", ["", "35963", ":35963", "host:", "host:0", "host:65536", "host:x", "host:-1"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        parse_vpcd(text)
