"""What happens in one session of F2: a person's card, what the operator does, and what goes wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum, unique
from random import Random
from typing import Any, Final

from appliance.simulated.card.fault_plans import draw_faults
from appliance.simulated.card.faults import Fault

FOREIGN: Final = "foreign"
"""A chip without any of our applications, in place of a person's."""
_ACTS_MAX: Final = 5
_COMMANDS: Final = 48
"""Hardly any reading takes more."""
_STATUS_WORDS: Final = (
    0x9000,
    0x6282,
    0x63C0,
    0x63C1,
    0x63C3,
    0x63C4,
    0x63CF,
    0x6100,
    0x61FF,
    0x6C10,
    0x6982,
    0x6984,
    0x6A82,
    0x6F00,
)
"""Answers that change what a unit does next (card.md §3)."""


@unique
class Act(Enum):
    """What the operator asks for."""

    SIGHT = "sight"
    FACE = "face"
    AGE = "age"
    TEXT = "text"


@unique
class Manner(Enum):
    """How it is asked for."""

    RIGHT = "right"
    """With the right code and a fresh confirmation."""
    WRONG = "wrong"
    """With somebody else's code and a fresh confirmation."""
    UNCONFIRMED = "unconfirmed"
    """With the confirmation of the reading before, or a spent one: the finger was still on the key."""
    WIPED = "wiped"
    """With a code that was wiped before."""


@unique
class Noise(Enum):
    """What the line does to a whole answer, status word and all, after the card has done its work."""

    STATUS = "status"
    """Another status word."""
    CUT = "cut"
    """Fewer bytes, down to none."""
    MORE = "more"
    """Bytes in front."""
    STALE = "stale"
    """The answer before comes again."""
    RANDOM = "random"
    """Other bytes altogether."""


@dataclass(frozen=True, slots=True)
class Garble:
    """One answer spoilt on the line; commands count from 1 within one act."""

    at: int
    noise: Noise
    value: int


@dataclass(frozen=True, slots=True)
class Step:
    """One act with what surrounds it."""

    act: Act
    manner: Manner = Manner.RIGHT
    faults: tuple[Fault, ...] = ()
    garbles: tuple[Garble, ...] = ()
    is_put_in_again: bool = True
    """The card is taken out and put in before; its faults begin anew with it."""
    cancel_at: int | None = None
    """The operator cancels at this question whether to go on."""
    end_at: int | None = None
    """The program is ended at this report of progress, and started again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One session."""

    person: str
    steps: tuple[Step, ...]
    tries_left: int = 10
    first_command_fails: bool = False

    def encode(self) -> bytes:
        """Return the plan as JSON, to be shown when it fails."""
        return json.dumps(asdict(self), default=_plain, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:  # noqa: ANN401 - what json hands over
    return value.value if isinstance(value, Enum) else str(value)


def draw_plan(random: Random, people: Sequence[str]) -> Plan:
    """Return a session: most begin with a fresh counter, some near its end."""
    return Plan(
        person=FOREIGN if random.random() < 0.02 else random.choice(people),
        steps=tuple(_draw_step(random) for _ in range(random.choice((1, 1, 2, 3, _ACTS_MAX)))),
        tries_left=random.choice((10, 10, 10, 10, 5, 4, 4, 3, 2, 1, 0)),
        first_command_fails=random.random() < 0.1,
    )


def _draw_step(random: Random) -> Step:
    is_cancelled, is_ended = random.random() < 0.15, random.random() < 0.1
    is_faulty, is_noisy = random.random() < 0.6, random.random() < 0.4
    return Step(
        act=random.choice((Act.SIGHT, Act.FACE, Act.FACE, Act.AGE, Act.TEXT)),
        manner=random.choice(_MANNERS),
        faults=draw_faults(random, random.choice((4, 8, _COMMANDS))) if is_faulty else (),
        garbles=tuple(_draw_garble(random) for _ in range(random.choice((1, 1, 2)))) if is_noisy else (),
        is_put_in_again=random.random() < 0.7,
        cancel_at=random.randint(1, _COMMANDS) if is_cancelled else None,
        end_at=random.randint(1, _COMMANDS) if is_ended else None,
    )


_MANNERS: Final = (*[Manner.RIGHT] * 12, *[Manner.WRONG] * 5, *[Manner.UNCONFIRMED] * 3, Manner.WIPED)


def _draw_garble(random: Random) -> Garble:
    noise = random.choice(tuple(Noise))
    value = random.randrange(1 << 30)
    if noise is Noise.STATUS:
        value = random.choice((*_STATUS_WORDS, random.randrange(0x10000)))
    return Garble(random.randint(1, random.choice((4, 8, _COMMANDS))), noise, value)
