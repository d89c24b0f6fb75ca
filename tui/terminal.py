"""The terminal under a screen: without one a Textual program eats a whole processor, so it must end itself (mqtt.md §6)."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable

from appliance.console import EXIT_WRONG_USE, tell


def require_terminal() -> None:
    """Pass only when standard input and error, where Textual draws, are a terminal; otherwise say so and end the process.

    Raises:
        SystemExit: with status 2, because a screen was asked for where none can be shown.
    """
    if not (_is_terminal(sys.stdin.fileno) and _is_terminal(sys.stderr.fileno)):
        tell("mynavisit: this command needs a terminal (端末の画面が必要です); over SSH ask for one with -t")
        raise SystemExit(EXIT_WRONG_USE)


def has_hung_up(descriptor: int) -> bool:
    """Tell whether the other end of a terminal or pipe is gone; the screen on it serves nobody any more."""
    waiting = select.poll()
    waiting.register(descriptor, 0)
    gone = select.POLLHUP | select.POLLERR | select.POLLNVAL
    return any(event & gone for _, event in waiting.poll(0))


def _is_terminal(descriptor_of: Callable[[], int]) -> bool:
    try:
        return os.isatty(descriptor_of())
    except (OSError, ValueError):
        # A closed or replaced stream has no descriptor.
        return False
