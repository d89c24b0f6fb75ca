"""What differs between cards of one kind, or is not known of the real ones: switches of a simulated card."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardHabits:
    """How a chip behaves where sources disagree; the defaults follow the better source."""

    first_command_fails: bool = False
    """Answer 6F00 to the first command after power-up (seen on one card, card.md §1.4)."""
    reset_keeps_session: bool = False
    """A warm reset leaves selection and unlocked references as they are (seen contactless, card.md §1.4)."""
    reselect_keeps_session: bool = False
    """Selecting the current application again locks nothing (one client relies on it, most on the contrary: pcsc.md)."""
    contact_atr_inside_applications: bool = False
    """GET DATA 5F51 answers only while an application is selected, instead of only while none is (card.md §1.1)."""
