"""Fault plans drawn from a seed: what goes wrong in one run of a campaign, the same each time (proof.md F1, F2)."""

from __future__ import annotations

from random import Random
from typing import Final

from appliance.simulated.card.faults import Fault, FaultKind

FAULTS_MAX: Final = 4
"""Largest number of faults in one plan."""
_MUTE_ONE_IN: Final = 40
"""A mute chip ends a run at once, so it is drawn rarely."""
_BYTES_PER_COMMAND: Final = 130
"""Bytes are drawn up to this many for each command: half of a short answer at its longest."""
_ANSWER_SIZE_MAX: Final = 300
_STATUS_WORDS: Final = (
    0x6100,
    0x6110,
    0x6282,
    0x6300,
    0x63C0,
    0x63C3,
    0x6700,
    0x6881,
    0x6882,
    0x6982,
    0x6984,
    0x6985,
    0x6A82,
    0x6A86,
    0x6B00,
    0x6C00,
    0x6C10,
    0x6D00,
    0x6E00,
    0x6F00,
    0x9000,
)
"""Answers that change what a reader does next (card.md §3); any other two bytes are drawn as often."""
_PLACED: Final = tuple(kind for kind in FaultKind if kind is not FaultKind.MUTE)
_STATUS_KINDS: Final = frozenset({FaultKind.WRONG_STATUS, FaultKind.WRONG_STATUS_AT_BYTE})


def draw_faults(random: Random, commands: int) -> tuple[Fault, ...]:
    """Return one to `FAULTS_MAX` faults, each placed within about the first `commands` commands."""
    if random.randrange(_MUTE_ONE_IN) == 0:
        return (Fault(FaultKind.MUTE),)
    return tuple(_draw(random, max(commands, 1)) for _ in range(random.randint(1, FAULTS_MAX)))


def _draw(random: Random, commands: int) -> Fault:
    kind = random.choice(_PLACED)
    last = commands * _BYTES_PER_COMMAND if kind.is_by_byte else commands
    return Fault(kind, random.randint(1, last), _value(random, kind))


def _value(random: Random, kind: FaultKind) -> int:
    if kind in _STATUS_KINDS:
        return random.choice((random.choice(_STATUS_WORDS), random.randrange(0x10000)))
    if kind is FaultKind.WRONG_LENGTH:
        return random.randint(0, _ANSWER_SIZE_MAX)
    return random.randrange(8 * _ANSWER_SIZE_MAX)
