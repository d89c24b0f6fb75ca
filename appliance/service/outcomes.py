"""The one table from what went wrong to what a person does next (examples.md E4).

Errors carry data; sentences stand in `outcomes.ja.toml` and `outcomes.en.toml`, keyed by the error's name. Screen and
command line draw from here, so that the same trouble says the same thing everywhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum, unique
from functools import cache
from importlib.resources import files
from typing import Final

from appliance import errors
from appliance.domain.enrollment import CardNotRead
from appliance.errors import UnitError


@unique
class Outcome(Enum):
    """What the person at the unit can do."""

    RETRY_NOW = "retry_now"
    """Do the same thing once more."""
    REPOSITION = "reposition"
    """Move the card, the face, the light or the plug, then once more."""
    CORRECT = "correct"
    """Change what was typed or chosen."""
    USE_EYES = "use_eyes"
    """Go on with the visual check."""
    TYPE_IN = "type_in"
    """Read the card with the eyes and type what it says."""
    OTHER_CARD = "other_card"
    """This is not the card this step needs."""
    MUNICIPALITY = "municipality"
    """Only the municipality can help with this card."""
    SAVED_NOT_SENT = "saved_not_sent"
    """Nothing is lost; it is sent later by itself."""
    UNIT_NEEDS_HELP = "unit_needs_help"
    """Call the maintainer; the visit may go on where the screen says so."""
    STOP = "stop"
    """Do not go on; tell the office."""


OUTCOMES: Final[Mapping[type[UnitError], Outcome]] = {
    errors.NoReader: Outcome.REPOSITION,
    errors.ReaderGone: Outcome.REPOSITION,
    errors.NoCard: Outcome.REPOSITION,
    errors.CardRemoved: Outcome.RETRY_NOW,
    errors.CardBusy: Outcome.RETRY_NOW,
    errors.CardSilent: Outcome.REPOSITION,
    errors.ReaderSilent: Outcome.REPOSITION,
    errors.SeveralCards: Outcome.REPOSITION,
    errors.ForeignCard: Outcome.OTHER_CARD,
    errors.ResidenceCard: Outcome.OTHER_CARD,
    errors.IntegratedResidenceCard: Outcome.USE_EYES,
    errors.OldResidentCard: Outcome.OTHER_CARD,
    errors.PhoneToken: Outcome.OTHER_CARD,
    errors.CardNotUnderstood: Outcome.USE_EYES,
    errors.CardRefused: Outcome.USE_EYES,
    errors.CodeWrong: Outcome.CORRECT,
    errors.PinWrong: Outcome.CORRECT,
    errors.TriesNearlyUsed: Outcome.MUNICIPALITY,
    errors.CardBlocked: Outcome.MUNICIPALITY,
    errors.NotConfirmed: Outcome.CORRECT,
    errors.CodeMalformed: Outcome.CORRECT,
    errors.PinMalformed: Outcome.CORRECT,
    errors.NoSigningCertificate: Outcome.OTHER_CARD,
    errors.CertificateOutOfTerm: Outcome.MUNICIPALITY,
    errors.ReadingCancelled: Outcome.RETRY_NOW,
    errors.OutOfReach: Outcome.STOP,
    errors.NoCamera: Outcome.USE_EYES,
    errors.CameraSilent: Outcome.USE_EYES,
    errors.NoFace: Outcome.REPOSITION,
    errors.SeveralFaces: Outcome.REPOSITION,
    errors.FaceEngineSilent: Outcome.USE_EYES,
    errors.FaceWeightsRefused: Outcome.UNIT_NEEDS_HELP,
    errors.FaceEvidenceOutdated: Outcome.UNIT_NEEDS_HELP,
    errors.PictureRefused: Outcome.USE_EYES,
    errors.CardReadingMissing: Outcome.TYPE_IN,
    errors.CardReadingSilent: Outcome.TYPE_IN,
    errors.PortraitMissing: Outcome.UNIT_NEEDS_HELP,
    errors.NoPanel: Outcome.UNIT_NEEDS_HELP,
    errors.DiskFull: Outcome.UNIT_NEEDS_HELP,
    errors.StoreDamaged: Outcome.STOP,
    errors.StoreBusy: Outcome.RETRY_NOW,
    errors.NotProvisioned: Outcome.UNIT_NEEDS_HELP,
    errors.SignInRefused: Outcome.CORRECT,
    errors.ClockWrong: Outcome.UNIT_NEEDS_HELP,
    errors.TrainingPartMissing: Outcome.UNIT_NEEDS_HELP,
    errors.PairsMalformed: Outcome.CORRECT,
    errors.PairsTooFew: Outcome.CORRECT,
    errors.BrokerUnreachable: Outcome.SAVED_NOT_SENT,
    errors.BrokerNotTrusted: Outcome.SAVED_NOT_SENT,
    errors.BrokerRefused: Outcome.SAVED_NOT_SENT,
    errors.ReceiptOverdue: Outcome.SAVED_NOT_SENT,
    errors.IssuerUnknown: Outcome.USE_EYES,
    errors.IssuerKeyRefused: Outcome.UNIT_NEEDS_HELP,
    errors.CardNotGenuine: Outcome.STOP,
    errors.SealBroken: Outcome.STOP,
    errors.FormatUnknown: Outcome.UNIT_NEEDS_HELP,
    errors.ReceiptForged: Outcome.STOP,
    errors.RecordReplayed: Outcome.STOP,
    errors.ChainBroken: Outcome.STOP,
    errors.UnitUnknown: Outcome.STOP,
    errors.UnitAlreadyClaimed: Outcome.STOP,
    errors.StepNotAllowed: Outcome.RETRY_NOW,
    errors.MyNumberInText: Outcome.CORRECT,
    errors.TextTooLong: Outcome.CORRECT,
    errors.FactsMalformed: Outcome.CORRECT,
}


_WITHOUT_CARD: Final[Mapping[type[UnitError], CardNotRead]] = {
    errors.IntegratedResidenceCard: CardNotRead.INTEGRATED_RESIDENCE_CARD,
    errors.UnsupportedCard: CardNotRead.NOT_SUPPORTED,
    # A layout that the unit does not know, such as the next generation's (R07).
    errors.CardNotUnderstood: CardNotRead.NOT_SUPPORTED,
    errors.CardBlocked: CardNotRead.BLOCKED,
    errors.TriesNearlyUsed: CardNotRead.BLOCKED,
    errors.CodeWrong: CardNotRead.CODE_UNKNOWN,
    errors.CodeMalformed: CardNotRead.CODE_UNKNOWN,
}
"""Why the card gives no evidence, when staff go on after this error; the first row that fits counts."""


def reason_without_card(error: UnitError) -> CardNotRead:
    """Return what a record says when a visit goes on without the card because of `error`."""
    fitting = (reason for kind, reason in _WITHOUT_CARD.items() if isinstance(error, kind))
    return next(fitting, CardNotRead.UNREADABLE)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell the person at the unit."""

    outcome: Outcome
    says: str
    """What happened, one sentence."""
    next_step: str
    """What to do now, one sentence."""

    def __str__(self) -> str:
        """Both sentences on one line."""
        return f"{self.says} {self.next_step}"


def advise(error: UnitError, language: str = "ja") -> Advice:
    """Return the sentences for `error` in `ja` or `en`, with its numbers filled in."""
    sentences = _sentences(language)[type(error).__name__]
    numbers = {field.name: getattr(error, field.name) for field in fields(error)}
    return Advice(
        outcome=OUTCOMES[type(error)],
        says=sentences["says"].format_map(numbers),
        next_step=sentences["next"].format_map(numbers),
    )


@cache
def _sentences(language: str) -> Mapping[str, Mapping[str, str]]:
    text = files("appliance.service").joinpath(f"outcomes.{language}.toml").read_text("utf-8")
    return tomllib.loads(text)
