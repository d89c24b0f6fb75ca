"""The office's signed word on one record, made after its own synced commit (design D3, proof.md W6).

A receipt is bound to the unit, the sequence and the hash of the whole envelope. A refusal is a receipt too: it takes a
record that the office cannot use out of the unit's queue and into sight (hazard H24); it never lets the unit erase.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, unique
from typing import Final, Protocol

from appliance.domain.ids import OfficeKeyId, UnitId
from appliance.errors import ReceiptForged, SealBroken
from appliance.seal.codec import Field, Fields, encode
from appliance.seal.context import is_hexadecimal, take_unit
from appliance.seal.keys import SIGNATURE_SIZE_BYTES, OfficeSigningPrivateKey, OfficeSigningPublicKey

RECEIPT_VERSION: Final = 1
"""The newest shape of a receipt that this program writes."""
RECEIPT_LIMIT_BYTES: Final = 512

_HASH_SIZE_BYTES: Final = 32
_KEY_ID_DIGITS: Final = 16
_WORD_LONGEST: Final = 32
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999, where `datetime` ends."""
_SIGNED_AS: Final = b"mynavisit receipt 1\0"


@unique
class Verdict(Enum):
    """What became of the record."""

    STORED = "stored"
    """Opened, understood and committed at the office."""
    REFUSED = "refused"
    """Not usable; a person has to look."""


@unique
class ReasonCode(Enum):
    """Why a record was refused."""

    NONE = "none"
    """Not refused."""
    FORMAT = "format"
    """The envelope is not well formed."""
    VERSION = "version"
    """The envelope or the record has a version that the office does not know."""
    SIGNATURE = "signature"
    """Not signed by this unit's key."""
    UNIT = "unit"
    """The unit is not, or no longer, accepted."""
    OFFICE_KEY = "office_key"
    """Sealed to a key that the office does not hold."""
    SEAL = "seal"
    """The seal does not open."""
    CHAIN = "chain"
    """Does not follow the record before."""
    REPLAY = "replay"
    """The sequence number came again with other bytes."""
    CONTENT = "content"
    """The opened record is not understood."""


class Receipted(Protocol):
    """What a receipt is checked against: an outbox row, or what `save` returned."""

    @property
    def sequence(self) -> int:
        """The record's number on its unit."""

    @property
    def record_hash(self) -> bytes:
        """SHA-256 of the record's envelope."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the office says about one record."""

    unit: UnitId
    sequence: int
    record_hash: bytes
    verdict: Verdict
    reason: ReasonCode
    office_at: datetime
    """When the office committed, by its clock, UTC, in whole milliseconds."""
    signing_key_id: OfficeKeyId


@dataclass(frozen=True, slots=True)
class ParsedReceipt:
    """A well-formed receipt; what it says is a claim until `verify`."""

    claimed: Receipt
    signature: bytes

    def verify(self, unit: UnitId, row: Receipted, office_key: OfficeSigningPublicKey) -> Receipt:
        """Return the receipt as the office's word on this unit's record.

        Raises:
            ReceiptForged: part `signature`, `unit`, `sequence` or `hash`.
        """
        claimed = self.claimed
        if claimed.signing_key_id != office_key.key_id:
            raise ReceiptForged("signature")
        try:
            office_key.verify(self.signature, _SIGNED_AS + encode(RECEIPT_VERSION, *_fields_of(claimed)))
        except SealBroken as error:
            raise ReceiptForged("signature") from error
        for part, is_right in (
            ("unit", claimed.unit == unit),
            ("sequence", claimed.sequence == row.sequence),
            ("hash", claimed.record_hash == row.record_hash),
        ):
            if not is_right:
                raise ReceiptForged(part)
        return claimed


def sign_receipt(
    unit: UnitId,
    row: Receipted,
    reason: ReasonCode,
    office_at: datetime,
    office_key: OfficeSigningPrivateKey,
) -> bytes:
    """Return the signed receipt for a record: `stored` when `reason` is NONE, else `refused`.

    Call this after the office's own commit is synced, never before.
    """
    verdict = Verdict.STORED if reason is ReasonCode.NONE else Verdict.REFUSED
    receipt = Receipt(unit, row.sequence, row.record_hash, verdict, reason, office_at, office_key.key_id)
    fields = _fields_of(receipt)
    signature = office_key.sign(_SIGNED_AS + encode(RECEIPT_VERSION, *fields))
    return encode(RECEIPT_VERSION, *fields, signature)


def parse_receipt(receipt: bytes) -> ParsedReceipt:
    """Return the parts of a receipt, believed by nobody yet; its sequence tells which row to check it against.

    Raises:
        ReceiptForged: part `format`.
        FormatUnknown: a receipt of another version.
    """
    try:
        fields = Fields.decode(
            receipt, shape="receipt", version=RECEIPT_VERSION, limit_bytes=RECEIPT_LIMIT_BYTES
        )
        claimed = _take_receipt(fields)
        signature = fields.octets(shortest=SIGNATURE_SIZE_BYTES, longest=SIGNATURE_SIZE_BYTES)
        fields.end()
    except SealBroken as error:
        raise ReceiptForged("format") from error
    return ParsedReceipt(claimed, signature)


def verify_receipt(
    receipt: bytes, unit: UnitId, row: Receipted, office_key: OfficeSigningPublicKey
) -> Receipt:
    """Return the office's word on this unit's record.

    Raises:
        ReceiptForged: part `format`, `signature`, `unit`, `sequence` or `hash`.
        FormatUnknown: a receipt of another version.
    """
    return parse_receipt(receipt).verify(unit, row, office_key)


def _fields_of(receipt: Receipt) -> tuple[Field, ...]:
    return (
        receipt.unit,
        receipt.sequence,
        receipt.record_hash,
        receipt.verdict.value,
        receipt.reason.value,
        (receipt.office_at - _EPOCH) // timedelta(milliseconds=1),
        receipt.signing_key_id,
    )


def _take_receipt(fields: Fields) -> Receipt:
    unit, sequence = take_unit(fields), fields.number()
    record_hash = fields.octets(shortest=_HASH_SIZE_BYTES, longest=_HASH_SIZE_BYTES)
    verdict, reason = _take_verdict(fields)
    office_ms = fields.number()
    key_id = fields.text(_KEY_ID_DIGITS)
    if sequence < 1 or office_ms > _LATEST_MS or not is_hexadecimal(key_id, _KEY_ID_DIGITS):
        raise SealBroken("format")
    office_at = _EPOCH + timedelta(milliseconds=office_ms)
    return Receipt(unit, sequence, record_hash, verdict, reason, office_at, OfficeKeyId(key_id))


def _take_verdict(fields: Fields) -> tuple[Verdict, ReasonCode]:
    """Take verdict and reason, which must agree: a refusal has a reason, a stored record has none."""
    try:
        verdict, reason = Verdict(fields.text(_WORD_LONGEST)), ReasonCode(fields.text(_WORD_LONGEST))
    except ValueError as error:
        raise SealBroken("format") from error
    if (verdict is Verdict.STORED) is not (reason is ReasonCode.NONE):
        raise SealBroken("format")
    return verdict, reason
