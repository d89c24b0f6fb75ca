"""Which waiting records to hand to the broker now: a pure decision over outbox rows (proof.md W3, H24).

Fresh records go first, in order. A record without a receipt is sent again after 3 s (mqtt.md §1), then after twice as long
each time. Only so many may be unanswered at once, so that a silent office never fills a broker; a record that was sent many
times in vain gives up its place, so that a few unanswerable ones cannot block the rest.

Instants are the unit's wall clock, because they live in the database across restarts. A clock that steps does no harm: a
record seems due once too early, or its waiting time starts anew with the next sending.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from appliance.domain.outbox import OutboxRow, OutboxState


@dataclass(frozen=True, slots=True)
class DrainRules:
    """The numbers behind the decision."""

    window: int = 64
    """Unanswered records at most, beyond which no fresh one is sent."""
    first_wait_s: float = 3.0
    """How long a first sending waits for its receipt."""
    longest_wait_s: float = 900.0
    vain_attempts: int = 8
    """Sendings after which an unanswered record no longer holds a place: after about a quarter of an hour."""


FIELD_RULES: Final = DrainRules()
"""What units use."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the waiting rows."""

    send: tuple[OutboxRow, ...]
    """To be handed to the broker now, in this order."""
    in_vain: int
    """Waiting rows that no longer hold a place; look so much further ahead next time."""


def resend_wait_s(attempts: int, rules: DrainRules) -> float:
    """Return how long a record that was sent so often waits for its receipt."""
    doublings = min(max(attempts, 1) - 1, 32)
    return min(rules.first_wait_s * 2.0**doublings, rules.longest_wait_s)


def plan(waiting: Sequence[OutboxRow], in_hand: AbstractSet[int], now: datetime, rules: DrainRules) -> Plan:
    """Return which rows to send.

    `waiting` are rows without a verdict, lowest sequence first; `in_hand` are the sequences that this connection has
    handed over and the broker has not confirmed.
    """
    free = [row for row in waiting if row.sequence not in in_hand]
    fresh = [row for row in free if row.state is OutboxState.SAVED]
    sent = [row for row in free if row.state is OutboxState.SENT]
    in_vain = sum(row.attempts >= rules.vain_attempts for row in sent)
    places = max(rules.window - len(in_hand) - (len(sent) - in_vain), 0)
    again = [row for row in sent if _is_due(row, now, rules)]
    room = max(rules.window - len(in_hand), 0)
    return Plan(tuple([*fresh[:places], *again][:room]), in_vain)


def _is_due(row: OutboxRow, now: datetime, rules: DrainRules) -> bool:
    if row.sent_at is None:
        return True
    age_s = (now - row.sent_at).total_seconds()
    return age_s < 0 or age_s >= resend_wait_s(row.attempts, rules)
