"""The twelve programmes P1 to P12 and the ways a person can go, by the names that other programs use (design §4)."""

from __future__ import annotations

from enum import Enum, unique


@unique
class ProgrammeId(Enum):
    """A system that the letter names (mission README)."""

    P1 = "P1"
    """Registration of the card for health insurance."""
    P2 = "P2"
    """End of the old insurance card, eligibility certificate and notice."""
    P3 = "P3"
    """The clinic's card reader with face authentication."""
    P4 = "P4"
    """Use of the card abroad."""
    P5 = "P5"
    """Public-benefit account."""
    P6 = "P6"
    """Certificates on the phone."""
    P7 = "P7"
    """Latest-attributes service."""
    P8 = "P8"
    """The card as identity document."""
    P9 = "P9"
    """Face-only card."""
    P10 = "P10"
    """Getting and keeping the card."""
    P11 = "P11"
    """Request letters and their materials."""
    P12 = "P12"
    """Helpline and report of a clinic that could not take the card."""


@unique
class Channel(Enum):
    """A way to get a programme done, in the order in which ways are shown."""

    CLINIC_READER = "clinic_reader"
    """Face-recognition reader at a clinic or pharmacy."""
    MYNAPORTAL = "mynaportal"
    """マイナポータル, on a phone or on a computer with a reader."""
    SEVEN_BANK_ATM = "seven_bank_atm"
    MUNICIPAL_COUNTER = "municipal_counter"
    BANK_COUNTER = "bank_counter"
    PENSION_FORM = "pension_form"
    """The pension claim form."""
    PHONE_APP = "phone_app"
