"""Which real card readers this machine has, asked in a process of its own.

libpcsclite keeps the first card service it met for the life of a process (pcsc.md), so a program that may go on to the
training kit's private service must not have asked the system's one before.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from typing import Final

from appliance.hardware.pcsc_reader import PcscReader

_VIRTUAL: Final = "Virtual PCD"
"""The virtual reader's name in the system's card service; it is no real reader."""
_DEADLINE_S: Final = 10.0


def attached_readers() -> tuple[str, ...]:
    """Return the names of the real readers, empty when there is none or no card service runs."""
    try:
        answer = subprocess.run(
            [sys.executable, "-m", __name__], capture_output=True, timeout=_DEADLINE_S, check=True, text=True
        )
    except (subprocess.SubprocessError, OSError):
        return ()
    return tuple(name for name in json.loads(answer.stdout) if not name.startswith(_VIRTUAL))


if __name__ == "__main__":
    with closing(PcscReader()) as reader:
        sys.stdout.write(json.dumps(reader.names()))
