"""What a person was told and agreed to before anything is read (domain.md R09)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, unique


@unique
class ConsentGiver(Enum):
    """Who agreed."""

    PERSON = "person"
    """The person, or somebody writing at the person's word."""
    FAMILY = "family"
    """A family member beside the person."""
    GUARDIAN = "guardian"
    """A legal representative."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The answers to the notice; each may be no without disadvantage."""

    given_by: ConsentGiver
    to_card_reading: bool
    to_face_matching: bool
    noticed_at: datetime
    """When the notice was shown and read out, UTC."""
