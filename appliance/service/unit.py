"""One field unit as the use-cases see it: its ports and what was decided about it at assembly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance.domain.ids import RandomBytes, UnitId, VisitId
from appliance.domain.outbox import Slot, Stamped
from appliance.ports import (
    Camera,
    CardReader,
    Clock,
    FaceEngine,
    FrontReader,
    Panel,
    PictureDecoder,
    ReaderChoice,
    RecordStore,
    StaffRegister,
)
from appliance.trust.issuer_keys import IssuerKeys

Sealer = Callable[[bytes, Slot, VisitId], Stamped]
"""Seals a record's bytes to the office for the place it takes; bound to the keys by the assembly."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Everything a visit needs, real or simulated."""

    id: UnitId
    is_training: bool
    reader: CardReader
    camera: Camera
    face_engine: FaceEngine
    front_reader: FrontReader
    pictures: PictureDecoder
    panel: Panel
    store: RecordStore
    staff: StaffRegister
    issuers: IssuerKeys
    clock: Clock
    random_bytes: RandomBytes
    seal: Sealer
    readers: ReaderChoice | None = None
    """The choice among several card readers; None where the reader is the only one there can be."""

    def close(self) -> None:
        """Let every device and the database go; safe to call again."""
        engines = (self.face_engine, self.front_reader, self.pictures)
        for port in (self.reader, self.camera, *engines, self.panel, self.store):
            port.close()
