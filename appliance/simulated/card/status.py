"""Status words the card answers with (card.md §3; names after ISO/IEC 7816-4 §5.6)."""

from __future__ import annotations

from typing import Final

OK: Final = 0x9000
NOT_VERIFIED: Final = 0x6300
"""A wrong secret for a reference without a limit of tries."""
TRIES_LEFT: Final = 0x63C0
"""Plus the number of tries left, 0 to 15."""
KEY_DELIVERY_NOT_CONFIGURED: Final = 0x66F1
WRONG_LENGTH: Final = 0x6700
CHANNEL_NOT_SUPPORTED: Final = 0x6881
SECURE_MESSAGING_NOT_SUPPORTED: Final = 0x6882
WRONG_FILE_KIND: Final = 0x6981
NOT_UNLOCKED: Final = 0x6982
KEY_BLOCKED: Final = 0x6984
CONDITION_NOT_MET: Final = 0x6985
NO_CURRENT_FILE: Final = 0x6986
SECURE_OBJECT_MISSING: Final = 0x6987
SECURE_OBJECT_WRONG: Final = 0x6988
NO_SECURE_SESSION: Final = 0x69FC
WRONG_DATA: Final = 0x6A80
FUNCTION_NOT_SUPPORTED: Final = 0x6A81
FILE_NOT_FOUND: Final = 0x6A82
RECORD_NOT_FOUND: Final = 0x6A83
WRONG_PARAMETERS: Final = 0x6A86
DATA_NOT_FOUND: Final = 0x6A88
OFFSET_BEYOND_FILE: Final = 0x6B00
INSTRUCTION_UNKNOWN: Final = 0x6D00
CLASS_UNKNOWN: Final = 0x6E00
INTERNAL_ERROR: Final = 0x6F00


class Refused(Exception):
    """How a command handler gives up; it becomes the status word of the answer and never leaves the card."""

    def __init__(self, status_word: int) -> None:
        """Carry the status word to answer with."""
        super().__init__(status_word)
        self.status_word = status_word
