"""`mynavisit card serve`: one training person's card in a virtual reader until somebody takes it out."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Final

from appliance.simulated.card.inserted import InsertedCard
from appliance.simulated.card.pace import Pace
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import Personaliser
from appliance.simulated.vpcd import SYSTEM_ADDRESS, VpcdSlot

_ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def serve(
    person_id: str,
    vpcd: tuple[str, int] = SYSTEM_ADDRESS,
    pace: Pace = Pace.INSTANT,
    state_file: Path | None = None,
) -> None:
    """Serve `person_id`'s card until SIGINT or SIGTERM; `state_file` keeps its try counters between runs.

    Raises:
        KeyError: nobody has this id.
        NoReader: no virtual reader listens at `vpcd`.
        TrainingPartMissing: something the card is drawn with is not installed.
        ValueError: `state_file` belongs to another card.
    """
    earlier = state_file.read_text("utf-8") if state_file and state_file.exists() else None
    card = Personaliser().card(training_person(person_id), state_json=earlier)
    slot = VpcdSlot(vpcd)
    slot.connect()

    def take_out(_signal: int, _frame: FrameType | None) -> None:
        slot.remove()

    before = {number: signal.signal(number, take_out) for number in _ENDING_SIGNALS}
    try:
        sys.stderr.write(f"{person_id} lies in the reader at {vpcd[0]}:{vpcd[1]}; Ctrl-C takes it out\n")
        slot.run(InsertedCard(card, pace))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if state_file:
            state_file.write_text(card.state.to_json(), "utf-8")
