"""What a process gives back is overwritten, so copies that nobody can wipe do not outlive their use."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.pictures import freed_memory
from appliance.pictures.freed_memory import overwrite_freed_memory

ROOT = Path(__file__).parents[2]
FREED = """
import ctypes, sys
from appliance.pictures.freed_memory import overwrite_freed_memory
if sys.argv[1] == "overwritten":
    assert overwrite_freed_memory()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]
size_bytes = 8_000
place = library.malloc(size_bytes)
neighbour = library.malloc(size_bytes)
ctypes.memset(place, 0x77, size_bytes)
library.free(place)
print(ctypes.string_at(place, size_bytes).count(0x77))
"""


@pytest.mark.parametrize(("way", "left"), [("overwritten", False), ("as it was", True)])
def test_freed_memory_is_overwritten_from_then_on(way: str, left: bool) -> None:
    said = subprocess.run(
        [sys.executable, "-c", FREED, way], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (int(said.stdout) > 7_900) is left


def test_a_c_library_without_the_switch_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        """A C library that has no `mallopt`."""

        def __init__(self, _: object) -> None:
            pass

    monkeypatch.setattr("appliance.pictures.freed_memory.ctypes.CDLL", Other)
    assert overwrite_freed_memory() is False


def test_the_switch_is_the_one_of_malloc_h() -> None:
    assert (freed_memory._PERTURB, freed_memory._PATTERN) == (-6, 165)
    assert hasattr(ctypes.CDLL(None), "mallopt")
