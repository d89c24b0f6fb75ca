"""A card key verifies whole padded messages and nothing else (card.md §5.3, §7.1; RFC 8017 §8.2.2)."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import CardNotGenuine, CardNotUnderstood
from appliance.trust.card_key import MODULUS_SIZE_BYTES, CardKey, parse_card_key
from tests.trust.authority import card_key_bytes, modulus, sign_block, sign_digest_info, sign_message

DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")
MESSAGE = b"invented message"


@pytest.fixture(scope="module")
def key() -> CardKey:
    return CardKey(modulus("card"))


@settings(max_examples=60)
@given(bit=st.integers(0, 2047))
def test_a_signature_with_any_flipped_bit_fails(bit: int) -> None:
    flipped = int.from_bytes(sign_message("card", MESSAGE), "big") ^ 1 << bit
    with pytest.raises(CardNotGenuine) as failed:
        CardKey(modulus("card")).verify_message(MESSAGE, flipped.to_bytes(256, "big"), "challenge")
    assert failed.value.check == "challenge"


@pytest.mark.parametrize("signature", [b"", b"\x00", bytes(255), bytes(256), bytes(257), b"\xff" * 256])
def test_no_signature_at_all_fails(key: CardKey, signature: bytes) -> None:
    with pytest.raises(CardNotGenuine):
        key.verify_message(MESSAGE, signature, "challenge")
    with pytest.raises(CardNotGenuine):
        key.verify_digest_info(DIGEST_INFO + bytes(32), signature, "record_signature")


def test_the_right_signature_passes_and_another_key_or_message_fails(key: CardKey) -> None:
    key.verify_message(MESSAGE, sign_message("card", MESSAGE), "challenge")
    with pytest.raises(CardNotGenuine):
        key.verify_message(MESSAGE, sign_message("other", MESSAGE), "challenge")
    with pytest.raises(CardNotGenuine):
        key.verify_message(MESSAGE + b".", sign_message("card", MESSAGE), "challenge")


@pytest.mark.parametrize("size", [32, 96, 200])
def test_a_digest_info_of_any_length_passes_when_it_is_exactly_the_signed_one(
    key: CardKey, size: int
) -> None:
    digest_info = DIGEST_INFO + bytes(size)
    key.verify_digest_info(digest_info, sign_digest_info("card", digest_info), "record_signature")
    with pytest.raises(CardNotGenuine):
        key.verify_digest_info(
            DIGEST_INFO + bytes(size - 1) + b"\x01", sign_digest_info("card", digest_info), "x"
        )


def test_both_schemes_agree_on_an_ordinary_digest(key: CardKey) -> None:
    digest_info = DIGEST_INFO + hashlib.sha256(MESSAGE).digest()
    assert sign_message("card", MESSAGE) == sign_digest_info("card", digest_info)
    key.verify_digest_info(digest_info, sign_message("card", MESSAGE), "record_signature")
    key.verify_message(MESSAGE, sign_digest_info("card", digest_info), "challenge")


def padded(digest_info: bytes) -> bytes:
    """Return the whole message that a right signature opens to (RFC 8017 §9.2)."""
    return b"\x00\x01" + b"\xff" * (MODULUS_SIZE_BYTES - 3 - len(digest_info)) + b"\x00" + digest_info


GOOD = padded(DIGEST_INFO + bytes(96))


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(b"\x00\x02" + GOOD[2:], id="encryption padding"),
        pytest.param(b"\x00\x01\xfe" + GOOD[3:], id="filling that is not FF"),
        pytest.param(b"\x00\x00" + GOOD[2:], id="no block type"),
        pytest.param(
            b"\x00\x01" + b"\xff" * 8 + b"\x00" + DIGEST_INFO + bytes(96) + bytes(256 - 11 - 115),
            id="short filling and garbage behind the digest (Bleichenbacher 2006)",
        ),
        pytest.param(
            b"\x00\x01" + b"\xff" * (253 - 116) + b"\x00\x00" + DIGEST_INFO + bytes(96), id="a byte too many"
        ),
        pytest.param(
            b"\x00\x01"
            + b"\xff" * (253 - 113)
            + b"\x00"
            + bytes.fromhex("306F300B0609608648016503040201")
            + b"\x04\x60"
            + bytes(96),
            id="algorithm without parameters",
        ),
    ],
)
def test_a_padding_that_a_loose_reader_would_take_is_refused(key: CardKey, block: bytes) -> None:
    with pytest.raises(CardNotGenuine):
        key.verify_digest_info(DIGEST_INFO + bytes(96), sign_block("card", block), "record_signature")


def test_a_signature_not_below_the_modulus_is_refused_though_it_opens_alike(key: CardKey) -> None:
    digest_info = DIGEST_INFO + bytes(96)
    alike = int.from_bytes(sign_digest_info("card", digest_info), "big") + modulus("card")
    with pytest.raises(CardNotGenuine):
        key.verify_digest_info(digest_info, alike.to_bytes(257, "big"), "record_signature")


def test_the_265_bytes_of_a_card_are_read() -> None:
    assert len(card_key_bytes("card")) == 265
    assert parse_card_key(card_key_bytes("card"), "DF24") == CardKey(modulus("card"))
    assert parse_card_key(memoryview(card_key_bytes("card")), "DF24") == CardKey(modulus("card"))


@pytest.mark.parametrize(
    ("position", "byte"),
    [(0, 0x91), (1, 0x02), (4, 0x03), (5, 0x90), (6, 0x81), (8, 0x01), (9, 0x00), (264, 0x00)],
    ids=[
        "tag",
        "length",
        "exponent 3",
        "second tag",
        "length form",
        "length",
        "short modulus",
        "even modulus",
    ],
)
def test_another_layout_exponent_or_size_is_not_understood(position: int, byte: int) -> None:
    content = bytearray(card_key_bytes("card"))
    content[position] = byte
    with pytest.raises(CardNotUnderstood) as failed:
        parse_card_key(bytes(content), "DF24")
    assert failed.value.what == "DF24"


@pytest.mark.parametrize("size", [0, 1, 264, 266, 521])
def test_another_number_of_bytes_is_not_understood(size: int) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_card_key(card_key_bytes("card").ljust(size, b"\xff")[:size], "DF24")


@pytest.mark.parametrize(
    "wrong",
    [0, 1, 65537, (1 << 1023) + 1, (1 << 2046) + 1, 1 << 2047, (1 << 2048) + 1],
    ids=["none", "one", "small", "1024 bits", "2047 bits", "even", "2049 bits"],
)
def test_no_key_of_another_size_can_exist(wrong: int) -> None:
    with pytest.raises(CardNotUnderstood):
        CardKey(wrong)


def test_a_key_shows_nothing_of_itself(key: CardKey) -> None:
    assert repr(key) == "CardKey(2048 bits)"
    assert hex(key.modulus)[2:34] not in str(key)
