"""The training people's chips, made once for a process, and all that can be read from them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from appliance.simulated.card.files import ApplicationName, CardImage, TransparentFile
from appliance.simulated.people import training_people
from appliance.simulated.personalisation import Personaliser


@cache
def images() -> Mapping[str, CardImage]:
    """Return each training person's chip by the person's id."""
    personaliser = Personaliser()
    return MappingProxyType({str(person.id): personaliser.image(person) for person in training_people()})


def contents(application: ApplicationName, file: int) -> tuple[bytes, ...]:
    """Return what stands in one file of each chip that has it."""
    found = []
    for image in images().values():
        on_chip = image.application(application)
        held = on_chip.files.get(file) if on_chip else None
        if isinstance(held, TransparentFile):
            found.append(held.content)
    return tuple(found)


def content_of(person: str, application: ApplicationName, file: int) -> bytes:
    """Return what stands in one file of one person's chip.

    Raises:
        LookupError: this chip has no such file.
    """
    on_chip = images()[person].application(application)
    held = on_chip.files.get(file) if on_chip else None
    if isinstance(held, TransparentFile):
        return held.content
    raise LookupError(f"{application.value} {file:04X}")
