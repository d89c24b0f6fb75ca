"""Work in threads: it never touches a widget, it posts messages (examples.md §2, 9).

The one place in the screens that catches everything (examples.md E5): whatever a worker did not foresee becomes one
message with the error's class and the work's name, never a traceback and never personal data.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker

from appliance.errors import UnitError
from tui.field.messages import Troubled, UnitNeedsHelp
from tui.field.turn import TurnOver

Job = Callable[[], Message | None]
"""Runs in a thread; what it returns is posted to the node that started it."""


def run_job(node: DOMNode, job: Job, *, place: str) -> Worker[None]:
    """Start a job in a thread; `place` names it and is its group."""

    def supervised() -> None:
        answer = _answer(job, place)
        if answer is not None:
            node.post_message(answer)

    return node.run_worker(supervised, name=place, group=place, thread=True, exit_on_error=False)


def _answer(job: Job, place: str) -> Message | None:
    try:
        return job()
    except TurnOver:
        return None
    except UnitError as error:
        return Troubled(error)
    except Exception as error:  # noqa: BLE001 (the supervision edge of all thread workers)
        return UnitNeedsHelp(type(error).__name__, place)
