"""A secret on its way to a key of the card: one buffer, one person's step, shown nowhere."""

from __future__ import annotations

from collections.abc import Callable

from appliance.domain.ephemeral import Ephemeral, Wiped


class Secret(Wiped):
    """ASCII characters that one key takes; wiped when its context ends."""

    __slots__ = ("_characters",)

    def __init__(self, characters: bytearray, check: Callable[[bytes], None]) -> None:
        """Own `characters`, which is wiped here; whatever `check` raises leaves nothing behind."""
        self._characters = Ephemeral(characters)
        try:
            check(self.reveal())
        except BaseException:
            self.wipe()
            raise

    def reveal(self) -> bytes:
        """Return the characters for immediate use; none after wiping."""
        return self._characters.reveal()

    def wipe(self) -> None:
        """Overwrite the characters; safe to call again."""
        self._characters.wipe()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"

    def __reduce__(self) -> tuple[type, ...]:
        """Refuse to be copied or written out: one owner, one buffer."""
        raise TypeError(type(self).__name__)
