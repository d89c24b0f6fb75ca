"""Everything that can go wrong on a unit, named by what happened.

One file, so that a reader sees the whole range and `service.outcomes` can prove that each leaf has a next step.
Errors carry typed fields, never sentences for people and never personal bytes (examples.md §5, E1-E3): a field is a
number, a code from a standard, or the name of a part of the machine. Sentences live in the outcome table.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(eq=False)
class UnitError(Exception):
    """The root of all that the product raises on purpose."""

    def __str__(self) -> str:
        """Say the fields in English for developers; no field holds personal bytes."""
        shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole between worker processes (the default would lose the fields)."""
        return type(self), tuple(getattr(self, field.name) for field in fields(self))


# --- the card and its reader ---------------------------------------------------------------------------------------


@dataclass(eq=False)
class CardTrouble(UnitError):
    """Something between the unit and the chip."""


@dataclass(eq=False)
class NoReader(CardTrouble, ConnectionError):
    """No card reader is attached, or the card service (pcscd) does not run."""


@dataclass(eq=False)
class ReaderGone(CardTrouble, ConnectionError):
    """The reader was there and went away (unplugged, or pcscd ended)."""


@dataclass(eq=False)
class NoCard(CardTrouble, LookupError):
    """The reader is empty."""


@dataclass(eq=False)
class CardRemoved(CardTrouble, ConnectionError):
    """The card left the reader while it was being read."""


@dataclass(eq=False)
class CardBusy(CardTrouble, PermissionError):
    """Another program holds the card."""


@dataclass(eq=False)
class CardSilent(CardTrouble, TimeoutError):
    """The card is there and does not answer (upside down, dirty, or an electrical fault)."""


@dataclass(eq=False)
class ReaderSilent(CardTrouble, TimeoutError):
    """The reader's driver or the card service gave no answer in time; the reader is left alone until it does."""

    deadline_s: float


@dataclass(eq=False)
class SeveralCards(CardTrouble, LookupError):
    """More than one reader holds a card, so that nobody can tell whose is meant (hazard H14)."""

    count: int


@dataclass(eq=False)
class UnsupportedCard(CardTrouble, LookupError):
    """A card, and not one that this unit reads; the person has done nothing wrong (R07)."""


@dataclass(eq=False)
class ForeignCard(UnsupportedCard):
    """The chip has none of the applications that tell a kind (transport card, bank card, licence)."""


@dataclass(eq=False)
class ResidenceCard(UnsupportedCard):
    """在留カード or 特別永住者証明書: another card, without a My Number Card in it."""


@dataclass(eq=False)
class IntegratedResidenceCard(UnsupportedCard):
    """特定在留カード: residence card and My Number Card in one, in a layout that is not public yet (R07)."""


@dataclass(eq=False)
class OldResidentCard(UnsupportedCard):
    """住民基本台帳カード, the predecessor of the My Number Card."""


@dataclass(eq=False)
class PhoneToken(UnsupportedCard):
    """A phone: it holds certificates and no card face."""


@dataclass(eq=False)
class CardNotUnderstood(CardTrouble, ValueError):
    """The chip answered with bytes that the interface does not allow."""

    what: str
    """Which object was being read: a file or tag name of the card specification."""
    offset: int = 0
    """Where in that object the first wrong byte stands."""


@dataclass(eq=False)
class CardRefused(CardTrouble, PermissionError):
    """The chip answered a command with a status word that is not expected there."""

    command: str
    """Name of the command, such as `SELECT FILE`; never its data."""
    status_word: int


@dataclass(eq=False)
class CodeWrong(CardTrouble, ValueError):
    """The chip refused what is printed on the card's front: code B or the birth date; one try is spent."""

    tries_left: int


@dataclass(eq=False)
class PinWrong(CardTrouble, ValueError):
    """The chip refused a PIN or password of the `verifier` profile; one try is spent."""

    tries_left: int


@dataclass(eq=False)
class TriesNearlyUsed(CardTrouble, PermissionError):
    """So few tries are left that the unit must not spend another (design D5)."""

    tries_left: int
    margin: int
    """The unit stops when `tries_left` is at or below this number."""


@dataclass(eq=False)
class CardBlocked(CardTrouble, PermissionError):
    """The key is used up; only the municipality can set it back."""


@dataclass(eq=False)
class NotConfirmed(CardTrouble, PermissionError):
    """A try was asked for without a fresh confirmation by a person (design D5)."""


@dataclass(eq=False)
class CodeMalformed(CardTrouble, ValueError):
    """What was typed cannot be a reference code B; nothing was sent to the card."""

    part: str
    """`length`, `digits`, `birth_date` or `expiry_year`."""


@dataclass(eq=False)
class PinMalformed(CardTrouble, ValueError):
    """What was typed cannot be the PIN or password that was asked for; nothing was sent to the card."""

    part: str
    """`length` or `characters`."""


@dataclass(eq=False)
class NoSigningCertificate(CardTrouble, LookupError):
    """The card holds no certificate for signing: under 15, a face-only card, or the holder's choice (card.md §14)."""


@dataclass(eq=False)
class CertificateOutOfTerm(CardTrouble, ValueError):
    """A holder's certificate is over, or has not begun; its days are near the birthday and are not said (card.md §14)."""


@dataclass(eq=False)
class ReadingCancelled(CardTrouble, InterruptedError):
    """Staff stopped the reading between two commands; nothing was kept."""


@dataclass(eq=False)
class OutOfReach(CardTrouble, PermissionError):
    """A file, key or application outside the allow-list of this profile was asked for (design D1)."""

    what: str


# --- the camera and the face engine ----------------------------------------------------------------------------------


@dataclass(eq=False)
class CameraTrouble(UnitError):
    """Something between the unit and a usable picture; the visual check is always open instead."""


@dataclass(eq=False)
class NoCamera(CameraTrouble, ConnectionError):
    """No camera is attached."""


@dataclass(eq=False)
class CameraSilent(CameraTrouble, TimeoutError):
    """The camera gave no frame before the deadline."""

    deadline_s: float


@dataclass(eq=False)
class NoFace(CameraTrouble, LookupError):
    """No face was found where one is needed."""

    where: str
    """`chip_photo` or `live_frame`."""


@dataclass(eq=False)
class SeveralFaces(CameraTrouble, ValueError):
    """More than one face was found."""

    where: str
    count: int


@dataclass(eq=False)
class FaceEngineSilent(CameraTrouble, TimeoutError):
    """The face engine did not answer before the deadline, or its process died."""

    deadline_s: float


@dataclass(eq=False)
class FaceWeightsRefused(CameraTrouble, ValueError):
    """A weights file is missing, altered, or has no evidence file."""

    name: str


@dataclass(eq=False)
class FaceEvidenceOutdated(CameraTrouble, ValueError):
    """The thresholds of an evidence file belong to another way of making templates than this engine's."""

    name: str
    """File name of the evidence."""


@dataclass(eq=False)
class PictureRefused(CameraTrouble, ValueError):
    """Picture bytes are malformed or larger than any true one (hazard H11)."""

    reason: str
    """`format`, `dimensions`, `size`, `decode`, `time` or `memory`."""


@dataclass(eq=False)
class CardReadingMissing(CameraTrouble, FileNotFoundError):
    """The engine that reads a card's front, or the data of a language, is not installed; typing is always open."""

    part: str
    """The library or the language's name."""
    package: str
    """The Debian package that brings it."""


@dataclass(eq=False)
class CardReadingSilent(CameraTrouble, TimeoutError):
    """The process that reads a card's front did not answer before the deadline, or died."""

    deadline_s: float


@dataclass(eq=False)
class PortraitMissing(CameraTrouble, FileNotFoundError):
    """A training portrait is not there; the package that holds it comes with an extra."""

    name: str
    """The portrait's name in the training set; never a person's."""
    extra: str
    """The extra of the installation that brings it."""


@dataclass(eq=False)
class NoPanel(UnitError, ConnectionError):
    """No lamps and buttons are attached, or their pins are taken; screen and keyboard go on alone."""


# --- the store ---------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class StoreTrouble(UnitError):
    """Something between the unit and its own database."""


@dataclass(eq=False)
class DiskFull(StoreTrouble, OSError):
    """The disk has too little room to save another record safely."""

    free_bytes: int


@dataclass(eq=False)
class StoreDamaged(StoreTrouble, OSError):
    """The database is not what was written; it is kept aside, never deleted."""

    check: str
    """The check that failed: `quick_check`, `pragma`, `schema`, `sequence`, `row`, `unit`, `roster`, `key_file` or `disk`."""


@dataclass(eq=False)
class StoreBusy(StoreTrouble, TimeoutError):
    """Another process holds the database longer than is ever needed."""


@dataclass(eq=False)
class SignInRefused(StoreTrouble, PermissionError):
    """Staff name and passphrase do not open the roster."""

    wait_s: float = 0.0
    """How long the next try has to wait."""


# --- what has to be there before a visit --------------------------------------------------------------------------


@dataclass(eq=False)
class SetupTrouble(UnitError):
    """Something is missing or wrong on this machine before any visit begins."""


@dataclass(eq=False)
class NotProvisioned(SetupTrouble, LookupError):
    """The unit has no key, certificate or office yet."""

    missing: str


@dataclass(eq=False)
class ClockWrong(SetupTrouble, ValueError):
    """The clock shows a day on which this program cannot be running (proof.md W10)."""

    shown_year: int


@dataclass(eq=False)
class TrainingPartMissing(SetupTrouble, FileNotFoundError):
    """A program, driver or font that the training kit needs is not installed."""

    part: str
    """What is missing, such as `pcscd` or `Japanese font`."""
    package: str
    """The Debian package that brings it."""


# --- measuring the face engine ------------------------------------------------------------------------------------------


@dataclass(eq=False)
class MeasuringTrouble(UnitError):
    """A set of pictures from which nothing can be said about the face engine."""


@dataclass(eq=False)
class PairsMalformed(MeasuringTrouble, ValueError):
    """A table of pairs, or the file names of a set, do not say who is compared with whom."""

    row: int
    """As an editor counts lines, from 1."""
    column: str
    """The column that is missing or wrong; `file name` where names are the source."""


@dataclass(eq=False)
class PairsTooFew(MeasuringTrouble, ValueError):
    """A set is too small to state an error rate with 95 % confidence."""

    kind: str
    """`impostor` or `genuine`."""
    pairs: int
    needed: int


# --- the line to the office ----------------------------------------------------------------------------------------------


@dataclass(eq=False)
class LinkTrouble(UnitError):
    """Something between the unit and the office; saved records wait, nothing is lost."""


@dataclass(eq=False)
class BrokerUnreachable(LinkTrouble, ConnectionError):
    """The broker does not answer."""

    host: str
    port: int


@dataclass(eq=False)
class BrokerNotTrusted(LinkTrouble, ConnectionError):
    """The broker's certificate is not from this office's authority."""

    host: str
    port: int


@dataclass(eq=False)
class BrokerRefused(LinkTrouble, PermissionError):
    """The broker does not let this unit in, or not do this."""

    reason_code: int


@dataclass(eq=False)
class ReceiptOverdue(LinkTrouble, TimeoutError):
    """Records were sent and no verified receipt came in time."""

    waiting: int


# --- trust: never retried, always audited, always visible (examples.md E2) ---------------------------------------------


@dataclass(eq=False)
class TrustFailure(UnitError):
    """A signature, seal or link does not hold."""


@dataclass(eq=False)
class IssuerUnknown(TrustFailure, LookupError):
    """No configured issuer key certifies this chip; genuineness cannot be told (not: not genuine)."""

    authority_key_id: str
    """Key identifier of the certifying authority, as printed in the card certificate."""


@dataclass(eq=False)
class IssuerKeyRefused(TrustFailure, ValueError):
    """A configured issuer key is malformed, or of a kind that may not be used here (R30)."""

    key_id: str
    """As printed, such as `5000023/001`; empty when it cannot be told."""
    reason: str
    """`format`, `key_id`, `modulus`, `exponent`, `source`, `kind`, `repeated`, `fingerprint`, `training` or `production`."""


@dataclass(eq=False)
class CardNotGenuine(TrustFailure, ValueError):
    """The chip's data or key do not verify."""

    check: str
    """`card_certificate`, `record_signature`, `challenge`, `key_mismatch`, `holder_certificate` or `holder_signature`."""


@dataclass(eq=False)
class SealBroken(TrustFailure, ValueError):
    """A sealed record does not open, or its bytes do not fit its context."""

    part: str
    """`format`, `context`, `signature` or `seal`."""


@dataclass(eq=False)
class FormatUnknown(TrustFailure, ValueError):
    """A stored or sent shape has a version that this program does not know."""

    shape: str
    version: int


@dataclass(eq=False)
class ReceiptForged(TrustFailure, ValueError):
    """A receipt is not signed by the office, or not for this unit's record."""

    part: str
    """`format`, `signature`, `unit`, `sequence` or `hash`."""


@dataclass(eq=False)
class RecordReplayed(TrustFailure, ValueError):
    """A sequence number came again with other bytes."""

    sequence: int


@dataclass(eq=False)
class ChainBroken(TrustFailure, ValueError):
    """The audit chain has a link that does not follow from the one before."""

    position: int


@dataclass(eq=False)
class UnitUnknown(TrustFailure, LookupError):
    """The office does not know, or no longer accepts, this unit."""


@dataclass(eq=False)
class UnitAlreadyClaimed(TrustFailure, ValueError):
    """A unit's name belongs to a unit with another key; a key never takes the place of another silently."""

    key_id: str
    """Key identifier of the unit that has the name."""


# --- what a person typed or chose ----------------------------------------------------------------------------------------


@dataclass(eq=False)
class VisitTrouble(UnitError):
    """The visit cannot go on the way that was asked."""


@dataclass(eq=False)
class StepNotAllowed(VisitTrouble, RuntimeError):
    """The step does not follow from where the visit stands."""

    state: str
    step: str


@dataclass(eq=False)
class MyNumberInText(VisitTrouble, ValueError):
    """A free text holds twelve digits that could be a My Number (design D11)."""


@dataclass(eq=False)
class TextTooLong(VisitTrouble, ValueError):
    """A free text is longer than the record allows."""

    limit: int


@dataclass(eq=False)
class FactsMalformed(VisitTrouble, ValueError):
    """Facts about a person are contradictory, misspelt or out of range."""

    key: str
