"""Memory that this process gives back is overwritten, where the C library can do so (design D4).

Python hands out copies that nobody can wipe, above all `bytes`. With this switch the C library writes a pattern over
what is given back, so such copies last no longer than their use. Confined processes have it from their start.
"""

from __future__ import annotations

import ctypes
from typing import Final

_PERTURB: Final = -6
"""`M_PERTURB` of `malloc.h` (mallopt(3))."""
_PATTERN: Final = 165


def overwrite_freed_memory() -> bool:
    """Let the C library overwrite what this process frees from now on; tell whether it can.

    Pieces under about a kilobyte wait in lists of the C library where the pattern does not reach them; they are used
    again at once.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except AttributeError:
        return False
    return bool(set_option(_PERTURB, _PATTERN))
