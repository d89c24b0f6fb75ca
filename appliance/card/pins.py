"""The two secrets of the JPKI application that its holder knows, for the `verifier` profile alone (design D1; card.md §9.1).

They live in one buffer each that is wiped after use, and show in no text, `repr` or error.
"""

from __future__ import annotations

from typing import Final

from appliance.card.secret import Secret
from appliance.errors import PinMalformed

PIN_SIZE_BYTES: Final = 4
PASSWORD_SIZES: Final = range(6, 17)
PASSWORD_CHARACTERS: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""Letters are sent in capitals (card.md §9.1)."""
_DIGITS: Final = frozenset(b"0123456789")
_FULL_WIDTH: Final = {ord("！") + each: chr(ord("!") + each) for each in range(94)}
"""What a Japanese input method writes for printable ASCII."""


class UserPin(Secret):
    """利用者証明用電子証明書の暗証番号: four digits, three tries."""

    __slots__ = ()

    def __init__(self, characters: bytearray) -> None:
        """Own the ASCII digits in `characters`, which is wiped here.

        Raises:
            PinMalformed: no four digits.
        """
        super().__init__(characters, _require_pin)


class SignPassword(Secret):
    """署名用電子証明書の暗証番号: six to sixteen capital letters and digits with at least one of each, five tries."""

    __slots__ = ()

    def __init__(self, characters: bytearray) -> None:
        """Own the ASCII characters in `characters`, which is wiped here.

        Raises:
            PinMalformed: not of that form.
        """
        super().__init__(characters, _require_password)


def parse_user_pin(text: str) -> UserPin:
    """Return the PIN in typed text; full-width digits are understood.

    Raises:
        PinMalformed: other characters, or not four.
    """
    return UserPin(_narrow(text))


def parse_sign_password(text: str) -> SignPassword:
    """Return the password in typed text; full-width characters and small letters are understood.

    Raises:
        PinMalformed: other characters, letters or digits alone, or not six to sixteen.
    """
    return SignPassword(_narrow(text))


def _narrow(text: str) -> bytearray:
    narrow = text.translate(_FULL_WIDTH)
    # Before capitals: some letters of other scripts have an ASCII capital, and nobody meant that one.
    if not narrow.isascii():
        raise PinMalformed("characters")
    return bytearray(narrow.upper(), "ascii")


def _require_pin(characters: bytes) -> None:
    if not _DIGITS.issuperset(characters):
        raise PinMalformed("characters")
    if len(characters) != PIN_SIZE_BYTES:
        raise PinMalformed("length")


def _require_password(characters: bytes) -> None:
    if not PASSWORD_CHARACTERS.issuperset(characters):
        raise PinMalformed("characters")
    if len(characters) not in PASSWORD_SIZES:
        raise PinMalformed("length")
    if characters.isdigit() or characters.isalpha():
        raise PinMalformed("characters")
