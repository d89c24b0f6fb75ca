"""Secure messaging of the text application, from a terminal written here with the library's own padding (card.md §12)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from hypothesis import given
from hypothesis import strategies as st

from appliance.simulated.card.files import CardImage
from appliance.simulated.card.secure_session import SecureSession
from appliance.simulated.card.simulated_card import SimulatedCard
from tests.simulated.card_desk import Desk, counted_bytes

SEED = bytes(range(32))
CODE_A = b"000000000001"


class Terminal:
    """The other end of a session: keeps key and counter, and makes the objects of card.md §12."""

    def __init__(self, desk: Desk, seed: bytes = SEED) -> None:
        self.desk = desk
        self.key = seed[:16]
        self.counter = 0

    def cipher(self) -> Cipher[modes.CBC]:
        number = self.counter.to_bytes(16, "big")
        vector = Cipher(algorithms.AES(self.key), modes.CBC(bytes(16))).encryptor().update(number)
        return Cipher(algorithms.AES(self.key), modes.CBC(vector))

    def cryptogram(self, plain: bytes) -> bytes:
        """Count one command and encrypt its data."""
        self.counter += 1
        padded = plain + b"\x80" + bytes(-len(plain + b"\x80") % 16)
        return b"\x01" + self.cipher().encryptor().update(padded)

    def verify(self, sfi: int, secret: bytes) -> str:
        value = self.cryptogram(secret)
        return self.desk.status(f"082000{0x80 | sfi:02X}", bytes((0x86, len(value))) + value)

    def select(self, identifier: str) -> str:
        value = self.cryptogram(bytes.fromhex(identifier))
        return self.desk.status("08A4020C", bytes((0x86, len(value))) + value)

    def read(self, sfi: int, size: int = 0) -> bytes:
        self.counter += 1
        body = b"\x96\x03\x00" + size.to_bytes(2, "big")
        answer = self.desk.card.process(bytes((0x08, 0xB0, 0x80 | sfi, 0, 0, 0, len(body))) + body + b"\0\0")
        assert answer[-2:] == b"\x90\x00", answer.hex()
        assert answer[0] == 0x86
        start = 2 + (answer[1] & 0x7F if answer[1] & 0x80 else 0)
        assert answer[start] == 1
        padded = self.cipher().decryptor().update(answer[start + 1 : -2])
        plain, mark, filler = padded.rpartition(b"\x80")
        assert mark
        assert not filler.strip(b"\0")
        return plain


def delivery(image: CardImage, message: bytes) -> bytes:
    key = next(known.delivery_key for known in image.applications if known.delivery_key)
    public = rsa.RSAPublicNumbers(65537, key.modulus).public_key()
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return b"\x80\xae\x00\x00\x00\x01\x00" + public.encrypt(message, oaep)


@pytest.fixture
def text(desk: Desk) -> Desk:
    desk.select("text")
    assert desk.verify(0x11, b"1234") == "9000"
    return desk


@pytest.fixture
def terminal(text: Desk, image: CardImage) -> Terminal:
    assert text.card.process(delivery(image, bytes.fromhex("A0228020") + SEED)) == b"\x90\x00"
    return Terminal(text)


def test_the_delivery_key_is_the_one_that_the_card_tells(text: Desk, image: CardImage) -> None:
    key = next(known.delivery_key for known in image.applications if known.delivery_key)
    assert text.read(0x06)[-256:] == key.modulus.to_bytes(256, "big")


@pytest.mark.parametrize(
    "message",
    [
        "A0228120" + "00" * 32,
        "A044802000" + "00" * 31 + "8120" + "00" * 32,
        "A0218020" + "00" * 32,
        "A0228020" + "00" * 31,
        "A0228020" + "00" * 33,
        "",
    ],
    ids=["checksum key", "both keys", "wrong length", "short", "long", "empty"],
)
def test_other_deliveries_are_wrong_data(text: Desk, image: CardImage, message: str) -> None:
    assert text.card.process(delivery(image, bytes.fromhex(message))) == b"\x6a\x80"
    assert text.status("08B0850000") == "69FC"


def test_a_delivery_with_other_parameters(text: Desk, image: CardImage) -> None:
    command = bytearray(delivery(image, bytes.fromhex("A0228020") + SEED))
    command[3] = 1
    assert text.card.process(bytes(command)) == b"\x6a\x86"


def test_files_are_read_whole_and_in_part(terminal: Terminal) -> None:
    whole = terminal.desk.read(0x02)
    assert terminal.read(0x02) == whole
    assert terminal.read(0x02, 20) == whole[:20]
    assert terminal.select("0003") == "9000"
    assert terminal.read(0x03) == terminal.desk.read(0x03)


def test_codes_are_verified_under_the_session_and_count_as_ever(terminal: Terminal) -> None:
    assert terminal.verify(0x14, CODE_A) == "9000"
    assert terminal.verify(0x14, bytes(12)) == "63C9"
    assert terminal.verify(0x14, b"") == "63C9"
    assert terminal.desk.status("00200094") == "63C9"


def test_refusals_of_the_application_and_plain_commands_between_keep_the_session(terminal: Terminal) -> None:
    assert terminal.verify(0x12, b"1234") == "6984"
    assert terminal.select("0009") == "6A82"
    terminal.desk.read(0x04)
    assert terminal.read(0x05)[:2] == b"\xff\x40"


def test_a_wrong_counter_costs_the_session(terminal: Terminal) -> None:
    terminal.counter += 1
    assert terminal.verify(0x14, CODE_A) == "6988"
    assert terminal.verify(0x14, CODE_A) == "69FC"
    assert terminal.desk.status("00200094") == "63CA"


@pytest.mark.parametrize(
    "command",
    [
        "08200094" + "05" + "9603000000",
        "08200094" + "03" + "860101",
        "08200094" + "13" + "861102" + "00" * 16,
        "08200094" + "02" + "8600",
        "08200094" + "03" + "860501",
        "08200094",
        "08B08500" + "000003" + "860101" + "0000",
        "08B08500" + "000004" + "96020000" + "0000",
        "08B08500" + "000005" + "9603010000" + "0000",
    ],
    ids=[
        "length object for VERIFY",
        "no whole block",
        "padding indicator",
        "no indicator",
        "length beyond the data",
        "no object",
        "cryptogram for READ",
        "two bytes of length",
        "more than two bytes of length",
    ],
)
def test_a_wrong_object_costs_the_session(terminal: Terminal, command: str) -> None:
    assert terminal.desk.status(command) == "6988"
    assert terminal.desk.status("08B0850000") == "69FC"


def test_a_second_object_costs_the_session(terminal: Terminal) -> None:
    value = terminal.cryptogram(CODE_A)
    one = bytes((0x86, len(value))) + value
    assert terminal.desk.status("08200094", one + one) == "6988"
    assert terminal.desk.status("08B0850000") == "69FC"


def test_a_long_form_of_the_length_is_taken(terminal: Terminal) -> None:
    value = terminal.cryptogram(CODE_A)
    assert terminal.desk.status("08200094", bytes((0x86, 0x81, len(value))) + value) == "9000"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("0CB0850000", "6987"),
        ("0C20009402AABB", "6987"),
        ("04B0850000", "6882"),
        ("0884000008", "6882"),
        ("882A009301AA00", "6882"),
        ("08A4040C0AD392F000260100000001", "6882"),
    ],
)
def test_classes_and_commands_that_are_not_secured(terminal: Terminal, command: str, answer: str) -> None:
    assert terminal.desk.status(command) == answer
    assert terminal.verify(0x14, CODE_A) == "9000"


def test_an_answer_needs_an_extended_le(terminal: Terminal) -> None:
    assert terminal.desk.status("08B08500059603000000") == "6700"
    assert terminal.desk.status("08B0850005960300000000") == "6700"


@pytest.mark.parametrize("ending", ["select", "power_off", "reset"])
def test_a_session_ends_with_the_selection_and_the_power(terminal: Terminal, ending: str) -> None:
    if ending == "select":
        terminal.desk.select("text")
    else:
        getattr(terminal.desk.card, ending)()
    terminal.desk.select("text")
    assert terminal.desk.status("08B0850000") == "69FC"


def test_another_session_starts_counting_anew(terminal: Terminal, image: CardImage) -> None:
    terminal.read(0x05)
    seed = bytes(reversed(SEED))
    assert terminal.desk.card.process(delivery(image, bytes.fromhex("A0228020") + seed)) == b"\x90\x00"
    assert Terminal(terminal.desk, seed).read(0x05)[:2] == b"\xff\x40"


@given(st.binary(max_size=100))
def test_what_is_sealed_opens_again(plain: bytes) -> None:
    session = SecureSession(bytes(16), 7)
    sealed = session.seal(plain)
    assert len(sealed) % 16 == 0
    assert len(sealed) > len(plain)
    assert session.open(sealed) == plain


@pytest.mark.parametrize("cryptogram", [b"", bytes(15), bytes(17)])
def test_no_whole_blocks_are_no_cryptogram(cryptogram: bytes) -> None:
    assert SecureSession(bytes(16)).open(cryptogram) is None


def test_a_block_without_the_padding_mark_is_no_cryptogram() -> None:
    session = SecureSession(bytes(16), 1)
    number = (1).to_bytes(16, "big")
    vector = Cipher(algorithms.AES(bytes(16)), modes.CBC(bytes(16))).encryptor().update(number)
    padder = PKCS7(128).padder()
    other = padder.update(b"no mark") + padder.finalize()
    sealed = Cipher(algorithms.AES(bytes(16)), modes.CBC(vector)).encryptor().update(other)
    assert session.open(sealed) is None


def test_a_session_key_does_not_show_when_printed() -> None:
    assert SEED[:16].hex() not in repr(SecureSession(SEED[:16]))


@given(tail=st.binary(max_size=60), instruction=st.sampled_from([0x20, 0xA4, 0xB0]))
def test_whatever_comes_under_a_session_the_card_answers(
    image_of: Callable[[str], CardImage], tail: bytes, instruction: int
) -> None:
    image = image_of("p01")
    desk = Desk(SimulatedCard(image, counted_bytes))
    desk.select("text")
    desk.verify(0x11, b"1234")
    desk.card.process(delivery(image, bytes.fromhex("A0228020") + SEED))
    answer = desk.card.process(bytes((0x08, instruction, 0x00, 0x95)) + tail)
    assert len(answer) >= 2
