"""What goes wrong between the unit and a usable picture: camera, face engine, hostile pictures."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors.root import UnitError


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
