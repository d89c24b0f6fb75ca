"""The record of one person's turn: what is sealed to the office, and nothing more (R12, R13).

It holds claims and the kind of evidence behind them; no name, picture, card number, certificate number or code. Shape
versions are integers, old ones are read for ever, unknown ones are refused (examples.md §2, rule 16).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from appliance.domain.consent import Consent
from appliance.domain.decision import IdentityDecision, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, CardNotRead, Enrollment, FaceNotCompared
from appliance.domain.face_advice import FaceBand
from appliance.domain.ids import PersonId, StaffId, UnitId, VisitId
from appliance.domain.liveness import LivenessResult
from appliance.domain.programmes.wish import ProgrammeWish
from appliance.errors import FactsMalformed, FormatUnknown

Shape = TypeVar("Shape")

RECORD_VERSION: Final = 3
"""The shape that is written; every earlier one is read."""
_ADDED_IN: Final[Mapping[Enum, int]] = {
    CardNotRead.INTEGRATED_RESIDENCE_CARD: 2,
    VisualCheckReason.CARD_NOT_SUPPORTED: 2,
}
"""Answers that an earlier shape does not have. Version 2 differs from 1 in these alone."""
_LIVENESS_SINCE: Final = 3
"""Version 3 differs from 2 in the key `liveness` alone, which always stands there and may be null."""
RECORD_LIMIT_BYTES: Final = 16_384
"""A record of all twelve programmes stays far below; anything larger is not ours."""


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """One closed turn, as the office will read it."""

    unit: UnitId
    visit: VisitId
    person: PersonId
    staff: StaffId
    started_at: datetime
    saved_at: datetime
    consent: Consent
    card: CardEvidence | CardNotRead
    face: FaceBand | FaceNotCompared
    decision: IdentityDecision
    wishes: tuple[ProgrammeWish, ...]
    liveness: LivenessResult | None = None
    """A hint, with what was asked and why it was skipped; None where it was not offered."""
    version: int = RECORD_VERSION


def record_of(enrollment: Enrollment, unit: UnitId, saved_at: datetime) -> VisitRecord:
    """Return the record of an enrollment whose every step was taken.

    Raises:
        FactsMalformed: a step is missing; its name is the key.
    """
    consent, card, face, decision = enrollment.consent, enrollment.card, enrollment.face, enrollment.decision
    if consent is None:
        raise FactsMalformed("consent")
    if card is None:
        raise FactsMalformed("card")
    if face is None:
        raise FactsMalformed("face")
    if decision is None:
        raise FactsMalformed("decision")
    return VisitRecord(
        unit=unit,
        visit=enrollment.visit,
        person=enrollment.person,
        staff=enrollment.staff,
        started_at=enrollment.started_at,
        saved_at=saved_at,
        consent=consent,
        card=card,
        face=face,
        decision=decision,
        wishes=enrollment.wishes,
        liveness=enrollment.liveness,
    )


def encode(record: VisitRecord) -> bytes:
    """Return the record as canonical JSON in UTF-8: sorted keys, no spaces."""
    fields = _shape().dump_python(record, mode="json")
    if record.version < _LIVENESS_SINCE:
        del fields["liveness"]
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def parse(encoded: bytes) -> VisitRecord:
    """Return the record in `encoded`, which must be exactly what `encode` makes of it.

    Raises:
        FormatUnknown: the shape's version is not known.
        FactsMalformed: not a record of that version; the key names the first wrong part.
    """
    if len(encoded) > RECORD_LIMIT_BYTES:
        raise FactsMalformed("size")
    # The version comes first: a later shape may hold what this program has no word for.
    version = _read(_version_alone(), encoded).version
    if not 1 <= version <= RECORD_VERSION:
        raise FormatUnknown("visit_record", version)
    record = _read(_shape(), encoded)
    _require_no_later_answer(record)
    # Unknown or repeated keys and other spellings of the same values would survive a lenient reader.
    if encode(record) != encoded:
        raise FactsMalformed("canonical")
    return record


@dataclass(frozen=True, slots=True)
class _VersionAlone:
    version: int


def _read(shape: TypeAdapter[Shape], encoded: bytes) -> Shape:
    try:
        return shape.validate_json(encoded)
    except ValidationError as error:
        place = error.errors(include_input=False, include_context=False)[0]["loc"]
        raise FactsMalformed(str(place[0]) if place else "record") from None


def _require_no_later_answer(record: VisitRecord) -> None:
    for key, answer in (("card", record.card), ("decision", record.decision.reason)):
        if isinstance(answer, Enum) and _ADDED_IN.get(answer, 1) > record.version:
            raise FactsMalformed(key)
    if record.liveness is not None and (record.version < _LIVENESS_SINCE or not record.liveness.is_over):
        raise FactsMalformed("liveness")


@cache
def _shape() -> TypeAdapter[VisitRecord]:
    return TypeAdapter(VisitRecord)


@cache
def _version_alone() -> TypeAdapter[_VersionAlone]:
    return TypeAdapter(_VersionAlone)
