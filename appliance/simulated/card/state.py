"""What a chip remembers without power: try counters and changed secrets.

Kept apart from the card's contents so that it can be written to a file and read back: a card that is blocked stays
blocked when its program starts again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from appliance.simulated.card.files import ApplicationName, CardImage, ReferenceFile

ReferenceName = tuple[ApplicationName, int]
"""Application and file identifier of a reference."""


@dataclass(slots=True)
class CardState:
    """The lasting memory of one chip."""

    tries_left: dict[ReferenceName, int]
    changed_secrets: dict[ReferenceName, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def at_issue(cls, image: CardImage) -> CardState:
        """Return the state of a chip fresh from its issuer."""
        return cls(
            {
                name: 0 if file.is_blocked_at_issue or file.secret is None else file.tries
                for name, file in _references(image)
            }
        )

    @classmethod
    def from_json(cls, image: CardImage, text: str) -> CardState:
        """Return the state that `to_json` wrote; references it does not name are as at issue.

        Raises:
            ValueError: `text` is not such a state, or names what `image` does not hold.
        """
        stored = json.loads(text)
        state = cls.at_issue(image)
        limits = {name: file.tries for name, file in _references(image)}
        names = {_label(name): name for name in limits}
        try:
            for label, tries in stored["tries_left"].items():
                if not 0 <= int(tries) <= limits[names[label]]:
                    raise ValueError("card state")
                state.tries_left[names[label]] = int(tries)
            for label, secret in stored["changed_secrets"].items():
                state.changed_secrets[names[label]] = bytes.fromhex(secret)
        except (KeyError, TypeError, AttributeError) as wrong:
            raise ValueError("card state") from wrong
        return state

    def to_json(self) -> str:
        """Return the state as JSON text; secrets of training cards are no secrets."""
        return json.dumps(
            {
                "tries_left": {_label(name): tries for name, tries in self.tries_left.items()},
                "changed_secrets": {
                    _label(name): value.hex() for name, value in self.changed_secrets.items()
                },
            },
            indent=1,
        )


def _references(image: CardImage) -> Iterator[tuple[ReferenceName, ReferenceFile]]:
    for application in image.applications:
        for identifier, file in application.files.items():
            if isinstance(file, ReferenceFile):
                yield (application.name, identifier), file


def _label(name: ReferenceName) -> str:
    return f"{name[0].value}/{name[1]:04X}"
