"""A simulated card that judges every command that reaches it, and where each one leads on the chip itself.

On this card a forbidden access would succeed. So besides the words of a command, the file that it made current counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from appliance.simulated.card.files import ApplicationName, CardImage
from appliance.simulated.card.simulated_card import CardHabits, SimulatedCard
from appliance.simulated.card.state import CardState
from tests.proof.card_law import CardLaw, is_try

_SIGN_WITH_OWN_KEY: Final = bytes.fromhex("802A0000")
_OK: Final = b"\x90\x00"
_PLACES: Final[Mapping[ApplicationName, frozenset[int | None]]] = {
    ApplicationName.CARD_MANAGER: frozenset({None}),
    ApplicationName.SURFACE: frozenset({None, 0x01, 0x02, 0x03, 0x04, 0x11, 0x12}),
    ApplicationName.TEXT: frozenset({None, 0x02, 0x03, 0x04, 0x07, 0x15}),
}
"""Applications, files and keys that may be current in the `outreach` profile (domain.md §9.5; card.md §6, §7)."""

Signatures = dict[tuple[str, str, bytes], bytes]
"""Answers to signature commands by person, application and command: a signature takes the card 10 ms, and is the same
each time (PKCS#1 v1.5)."""


class WitnessedCard(SimulatedCard):
    """One chip under the eyes of the law."""

    def __init__(
        self,
        person: str,
        image: CardImage,
        random_bytes: Callable[[int], bytes],
        state: CardState | None = None,
        habits: CardHabits | None = None,
        signatures: Signatures | None = None,
        law: CardLaw | None = None,
    ) -> None:
        """Make `person`'s chip; with a `law`, each command is judged by the answer that the card itself gave."""
        super().__init__(image, random_bytes, state, habits)
        self._person = person
        self._signatures = {} if signatures is None else signatures
        self._law = law
        self.breaches: list[str] = []
        """What was asked and is forbidden."""
        self.commands = 0
        self.secrets_presented = 0

    def power_on(self) -> bytes:
        if self._law:
            self._law.power_off()
        return super().power_on()

    def power_off(self) -> None:
        if self._law:
            self._law.power_off()
        super().power_off()

    def process(self, command: bytes) -> bytes:
        self.commands += 1
        self.secrets_presented += is_try(command)
        answer = self._answer(command)
        if self.file_id not in _PLACES.get(self.application_name, frozenset()):
            self.breaches.append(f"{self.application_name.value} {self.file_id or 0:04X} was reached")
        breach = self._law.judge(command, int.from_bytes(answer[-2:], "big")) if self._law else ""
        if breach:
            self.breaches.append(breach)
        return answer

    def tries_left(self, key: int) -> int:
        """Return how many tries a key of the current application has left, as the card itself counts."""
        return self.state.tries_left.get((self.application_name, key), 0)

    def _answer(self, command: bytes) -> bytes:
        if not command.startswith(_SIGN_WITH_OWN_KEY):
            return super().process(command)
        name = (self._person, self.application_name.value, command)
        known = self._signatures.get(name)
        if known is None:
            known = super().process(command)
            if known.endswith(_OK):
                self._signatures[name] = known
        return known
