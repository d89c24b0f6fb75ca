"""What goes wrong between the unit and a chip: reader, card, codes and PINs."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors.root import UnitError


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
