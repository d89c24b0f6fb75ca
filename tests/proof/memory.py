"""How much memory this process has used at most, as the kernel counts it (proc(5))."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_FORGET_PEAK: Final = "5"
"""Written to clear_refs, it sets the peak back to the present use."""


def peak_kib(process: int | None = None) -> int:
    """Return the greatest resident size since the peak was forgotten, of this or another process."""
    return _field("VmHWM", process)


def resident_kib() -> int:
    """Return the present resident size."""
    return _field("VmRSS")


def address_space_peak_kib(process: int) -> int:
    """Return the greatest address space that another process has had."""
    return _field("VmPeak", process)


def forget_peak() -> None:
    """Count the peak from now."""
    Path("/proc/self/clear_refs").write_text(_FORGET_PEAK, encoding="ascii")


def bound_address_space(more_kib: int) -> None:
    """Let this process map at most `more_kib` more than it has."""
    limit = (_field("VmSize") + more_kib) * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _field(name: str, process: int | None = None) -> int:
    status = _STATUS if process is None else Path(f"/proc/{process}/status")
    for line in status.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0
