"""`card serve`: one card in a virtual reader until a signal takes it out."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.errors import NoReader
from appliance.simulated.serve import serve
from tests.simulated.card_desk import SELECT
from tests.simulated.virtual_reader import VirtualReader

SCRIPT = """
import sys
from pathlib import Path
from appliance.simulated.serve import serve
serve("p01", ("127.0.0.1", int(sys.argv[1])), state_file=Path(sys.argv[2]))
"""


def started(port: int, state_file: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(port), str(state_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_takes_the_card_out_and_its_tries_are_kept(tmp_path: Path, ending: signal.Signals) -> None:
    state_file = tmp_path / "p01.json"
    for left in (b"\xc9", b"\xc8"):
        with VirtualReader() as reader, started(reader.address[1], state_file) as process:
            reader.accept()
            reader.ask(SELECT["surface"])
            assert reader.ask(bytes.fromhex("002000920E") + bytes(14)) == b"\x63" + left
            process.send_signal(ending)
            said, warned = process.communicate(timeout=20)
            assert process.returncode == 0
            assert said == ""
            assert "p01 lies in the reader" in warned
    assert json.loads(state_file.read_text())["tries_left"]["surface/0012"] == 8


def test_nobody_and_no_reader_are_told_at_once() -> None:
    with VirtualReader() as gone:
        address = gone.address
    with pytest.raises(KeyError):
        serve("p99", address)
    with pytest.raises(NoReader):
        serve("p01", address)
