"""A card with short words for the commands of a test."""

from __future__ import annotations

from appliance.simulated.card.simulated_card import SimulatedCard

SELECT = {
    "surface": bytes.fromhex("00A4040C0AD3921000310001010402"),
    "text": bytes.fromhex("00A4040C0AD3921000310001010408"),
    "jpki": bytes.fromhex("00A4040C0AD392F000260100000001"),
    "shared": bytes.fromhex("00A4040C0AD3921000310001010100"),
    "residence": bytes.fromhex("00A4040C0AD3921000310001010401"),
    "manager": bytes.fromhex("00A4040C07A0000001510000"),
}


class Desk:
    """A card with short words for the commands of a test."""

    def __init__(self, card: SimulatedCard) -> None:
        self.card = card

    def select(self, application: str) -> None:
        assert self.card.process(SELECT[application]) == b"\x90\x00"

    def ask(self, command: str, data: bytes = b"", tail: str = "") -> bytes:
        """Send a command given in hexadecimal; `data` comes with its length byte, `tail` after it."""
        body = bytes((len(data),)) + data if data else b""
        return self.card.process(bytes.fromhex(command) + body + bytes.fromhex(tail))

    def status(self, command: str, data: bytes = b"", tail: str = "") -> str:
        answer = self.ask(command, data, tail)
        assert len(answer) == 2, "an answer without data was expected"
        return answer.hex().upper()

    def verify(self, sfi: int, secret: bytes) -> str:
        return self.status(f"002000{0x80 | sfi:02X}", secret)

    def read(self, sfi: int) -> bytes:
        """Read a whole file in one extended READ BINARY."""
        answer = self.ask(f"00B0{0x80 | sfi:02X}00000000")
        assert answer[-2:] == b"\x90\x00"
        return answer[:-2]


def counted_bytes(size: int) -> bytes:
    """Stand in for randomness, so that every run gives the same bytes."""
    return bytes(index % 256 for index in range(size))
