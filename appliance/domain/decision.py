"""The staff member's decision on identity; a score advises, a person decides, nobody is rejected (design D4, R08)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from appliance.domain.ids import StaffId


@unique
class DecisionOutcome(Enum):
    """The three ways a check can end."""

    MATCHED_CONFIRMED = "matched_confirmed"
    """The face advice was seen and staff agree."""
    VISUAL_CHECK = "visual_check"
    """Staff compared the chip's photo, or the person they know, with their own eyes."""
    UNDECIDED = "undecided"
    """Staff leave it open."""


@unique
class VisualCheckReason(Enum):
    """Why eyes were used instead of the camera; kept for the figures of face.md, never shown as a fault."""

    CONSENT_DECLINED = "consent_declined"
    """The person does not want face matching."""
    NO_CHIP_PHOTO = "no_chip_photo"
    """There is no usable photo on the chip, or the card was not read."""
    CARD_NOT_SUPPORTED = "card_not_supported"
    """The card is none that this unit reads (R07)."""
    ADVICE_UNLIKE = "advice_unlike"
    """The advice was not a match; staff see the same person."""
    POSTURE = "posture"
    """Lying, turned away, or unable to look at the camera."""
    MEDICAL_EQUIPMENT = "medical_equipment"
    """Tube, mask or dressing in the face."""
    LIGHT = "light"
    """Too dark or against the light, and not to be helped."""
    CAMERA_UNAVAILABLE = "camera_unavailable"
    """No camera, no frame, or no face engine."""


@dataclass(frozen=True, slots=True)
class IdentityDecision:
    """Who decided what; a visual check always names its reason."""

    outcome: DecisionOutcome
    decided_by: StaffId
    reason: VisualCheckReason | None = None

    def __post_init__(self) -> None:
        """Keep reason and outcome together.

        Raises:
            ValueError: a visual check without a reason, or a reason without a visual check.
        """
        if (self.outcome is DecisionOutcome.VISUAL_CHECK) != (self.reason is not None):
            raise ValueError("reason")
