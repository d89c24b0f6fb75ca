"""Every topic there is: what it carries, which way, and who may.

One table, from which the broker's access list, the subscriptions and the permission tests are made. A topic holds a unit's
name and nothing else (R22): no person, no free text. Units and collectors are known to the broker by the common name of
their client certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from appliance.domain.ids import UnitId, parse_unit_id
from appliance.errors import FactsMalformed

COLLECTOR_NAME: Final = "office.collector"
"""Common name of the first collector; the dot keeps it apart from every unit's name."""

_UNIT_LEVEL: Final = "{unit}"
_ANY: Final = "+"


def collector_name(number: int) -> str:
    """Return the common name of the office's first, second, ... collector; each needs one of its own."""
    return COLLECTOR_NAME if number == 1 else f"{COLLECTOR_NAME}-{number}"


@unique
class Party(Enum):
    """Who speaks and who listens."""

    UNIT = "unit"
    """A unit, on the topics with its own name only."""
    COLLECTOR = "collector"
    """The office's collector, on the topics of all units."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of the table."""

    template: str
    """Levels of the topic; `{unit}` stands for a unit's name."""
    publisher: Party
    subscriber: Party
    qos: int
    """Quality of service in MQTT; at 1 the broker confirms, which is never a receipt (design D3)."""
    retained: bool
    """Whether the broker keeps the newest message for those who come later."""
    carries: str
    """What the payload is, for people."""

    def of(self, unit: UnitId) -> str:
        """Return this topic for one unit."""
        return self.template.replace(_UNIT_LEVEL, unit)

    @property
    def of_all_units(self) -> str:
        """The filter that matches this topic for every unit."""
        return self.template.replace(_UNIT_LEVEL, _ANY)

    def matches(self, topic: str) -> bool:
        """Tell whether `topic` is this one for some unit."""
        try:
            self.unit_in(topic)
        except FactsMalformed:
            return False
        return True

    def unit_in(self, topic: str) -> UnitId:
        """Return the unit that `topic` names.

        Raises:
            FactsMalformed: `topic` is not this one, or names no possible unit.
        """
        before, _, after = self.template.partition(_UNIT_LEVEL)
        if not (topic.startswith(before) and topic.endswith(after)):
            raise FactsMalformed("topic")
        return parse_unit_id(topic[len(before) : len(topic) - len(after)])


RECORD: Final = Topic(
    "unit/{unit}/record", Party.UNIT, Party.COLLECTOR, 1, retained=False, carries="one sealed record"
)
PRESENCE: Final = Topic(
    "unit/{unit}/presence", Party.UNIT, Party.COLLECTOR, 1, retained=True, carries="presence, also as will"
)
RECEIPT: Final = Topic(
    "office/receipt/{unit}", Party.COLLECTOR, Party.UNIT, 1, retained=False, carries="one signed receipt"
)

TOPICS: Final = (RECORD, PRESENCE, RECEIPT)
"""The whole table."""


def published_by(party: Party) -> tuple[Topic, ...]:
    """Return the topics on which `party` speaks."""
    return tuple(topic for topic in TOPICS if topic.publisher is party)


def read_by(party: Party) -> tuple[Topic, ...]:
    """Return the topics to which `party` listens."""
    return tuple(topic for topic in TOPICS if topic.subscriber is party)
