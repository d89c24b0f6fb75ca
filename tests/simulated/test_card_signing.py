"""Signatures by every scheme, checked with an independent library (card.md §5.3, §8.1, §11)."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from appliance.simulated.card.rsa import EXPONENT, SHA256_DIGEST_INFO, RsaKey
from appliance.simulated.training_keys import TrainingKeys
from tests.simulated.card_desk import Desk

MESSAGE = b"a nonce of the terminal"
DIGEST = hashlib.sha256(MESSAGE).digest()


@pytest.fixture(scope="module")
def keys() -> TrainingKeys:
    return TrainingKeys.shipped()


def public(key: RsaKey) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(EXPONENT, key.modulus).public_key()


def recovered(key: RsaKey, signature: bytes) -> bytes:
    """Return what stands under the type-1 padding."""
    block = pow(int.from_bytes(signature, "big"), EXPONENT, key.modulus).to_bytes(256, "big")
    head, _, payload = block[2:].partition(b"\0")
    assert block[:2] == b"\0\1"
    assert set(head) == {0xFF}
    return payload


def signature(answer: bytes) -> bytes:
    assert answer[-2:] == b"\x90\x00"
    assert len(answer) == 258
    return answer[:-2]


@pytest.mark.parametrize(("application", "use"), [("surface", "surface"), ("text", "text")])
@pytest.mark.parametrize("p2", ["00", "named"])
def test_the_card_key_signs_a_challenge_without_any_secret(
    desk: Desk, keys: TrainingKeys, application: str, use: str, p2: str
) -> None:
    desk.select(application)
    named = {"surface": "9A", "text": "93"}[application]
    command = f"802A00{named if p2 == 'named' else p2}"
    signed = signature(desk.ask(command, SHA256_DIGEST_INFO + DIGEST, "00"))
    public(keys.key(f"p01/{use}")).verify(signed, MESSAGE, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize(
    ("scheme", "data", "payload"),
    [
        ("00", MESSAGE, MESSAGE),
        ("00", b"x" * 245, b"x" * 245),
        ("01", MESSAGE, DIGEST),
        ("02", DIGEST, SHA256_DIGEST_INFO + DIGEST),
        ("03", MESSAGE, SHA256_DIGEST_INFO + DIGEST),
    ],
)
def test_what_each_scheme_puts_under_the_padding(
    desk: Desk, keys: TrainingKeys, scheme: str, data: bytes, payload: bytes
) -> None:
    desk.select("surface")
    signed = signature(desk.ask(f"802A{scheme}9A", data, "00"))
    assert recovered(keys.key("p01/surface"), signed) == payload


@pytest.mark.parametrize(("scheme", "data"), [("04", DIGEST), ("05", MESSAGE)])
def test_the_two_pss_schemes(desk: Desk, keys: TrainingKeys, scheme: str, data: bytes) -> None:
    desk.select("surface")
    signed = signature(desk.ask(f"802A{scheme}9A", data, "00"))
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
    public(keys.key("p01/surface")).verify(signed, DIGEST, pss, utils.Prehashed(hashes.SHA256()))


@pytest.mark.parametrize(
    ("command", "data", "tail", "answer"),
    [
        ("802A069A", MESSAGE, "00", "6A86"),
        ("802AFF9A", MESSAGE, "00", "6A86"),
        ("802A001A", MESSAGE, "00", "6A86"),
        ("802A0080", MESSAGE, "00", "6986"),
        ("802A0082", MESSAGE, "00", "6981"),
        ("802A0092", MESSAGE, "00", "6981"),
        ("802A0088", MESSAGE, "00", "6A82"),
        ("802A009A", b"x" * 246, "00", "6985"),
        ("802A029A", DIGEST[:-1], "00", "6985"),
        ("802A049A", DIGEST + b"x", "00", "6985"),
        ("802A009A", b"", "00", "6985"),
        ("802A009A", MESSAGE, "", "6700"),
        ("802A009A", MESSAGE, "10", "6700"),
    ],
)
def test_what_is_not_signed(desk: Desk, command: str, data: bytes, tail: str, answer: str) -> None:
    desk.select("surface")
    assert desk.status(command, data, tail) == answer


@pytest.mark.parametrize(
    ("key", "pin_file", "secret", "use"),
    [("97", 0x18, b"1234", "user"), ("9A", 0x1B, b"TRAINING2026", "signing")],
)
def test_the_holder_keys_need_their_own_secret(
    desk: Desk, keys: TrainingKeys, key: str, pin_file: int, secret: bytes, use: str
) -> None:
    desk.select("jpki")
    assert desk.status(f"802A00{key}", MESSAGE, "00") == "6982"
    assert desk.verify(pin_file, secret) == "9000"
    first = signature(desk.ask(f"802A00{key}", MESSAGE, "00"))
    assert signature(desk.ask(f"802A00{key}", MESSAGE, "00")) == first
    assert recovered(keys.key(f"p01/{use}"), first) == MESSAGE
    other = {"97": "9A", "9A": "97"}[key]
    assert desk.status(f"802A00{other}", MESSAGE, "00") == "6982"


def test_a_key_can_be_selected_first(desk: Desk) -> None:
    desk.select("jpki")
    desk.verify(0x18, b"1234")
    assert desk.status("00A4020C020017") == "9000"
    assert len(signature(desk.ask("802A0080", SHA256_DIGEST_INFO + DIGEST, "00"))) == 256


def test_jpki_has_no_default_key(desk: Desk) -> None:
    desk.select("jpki")
    assert desk.status("802A0000", MESSAGE, "00") == "6A86"


def test_only_the_shared_application_authenticates_internally(desk: Desk, keys: TrainingKeys) -> None:
    desk.select("shared")
    signed = signature(desk.ask("00880099", MESSAGE, "00"))
    public(keys.key("p01/shared")).verify(signed, MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    assert desk.status("802A0099", MESSAGE, "00") == "6985"
    desk.select("surface")
    assert desk.status("0088009A", MESSAGE, "00") == "6985"


@pytest.mark.parametrize(
    ("command", "data", "tail", "answer"),
    [
        ("00880199", MESSAGE, "00", "6A86"),
        ("0088009C", MESSAGE, "00", "6981"),
        ("00880099", MESSAGE, "", "6700"),
        ("00880099", b"", "00", "6700"),
        ("00880098", MESSAGE, "00", "6A82"),
    ],
)
def test_internal_authentication_refused(
    desk: Desk, command: str, data: bytes, tail: str, answer: str
) -> None:
    desk.select("shared")
    assert desk.status(command, data, tail) == answer


@pytest.mark.parametrize(
    ("p1p2", "answer"),
    [("06C1", "6A80"), ("00C1", "6A80"), ("0000", "6A86"), ("8000", "6A86"), ("00B6", "6A86")],
)
def test_no_terminal_certificate_is_taken(desk: Desk, p1p2: str, answer: str) -> None:
    assert desk.status(f"80A2{p1p2}", b"x") == "6D00"
    desk.select("jpki")
    assert desk.status(f"80A2{p1p2}", b"x") == answer


def test_no_terminal_authenticates_itself(desk: Desk) -> None:
    desk.select("jpki")
    assert desk.status("00820000", bytes(8)) == "6985"
