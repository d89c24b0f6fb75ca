"""The root of all errors: fields for programs, no sentences, nothing personal (examples.md §5, E1-E3)."""

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
