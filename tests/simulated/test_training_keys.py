"""Training key pairs: the same on every machine, sound as RSA keys."""

from __future__ import annotations

import json
from importlib import resources

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.simulated.card.rsa import EXPONENT, MODULUS_SIZE_BYTES, RsaKey
from appliance.simulated.personalisation import key_labels
from appliance.simulated.training_keys import TABLE, TrainingKeys, is_prime, search_offsets, table_of


@pytest.fixture(scope="module")
def keys() -> TrainingKeys:
    return TrainingKeys.shipped()


def test_the_table_has_every_label_and_no_other() -> None:
    table = json.loads(resources.files("appliance.simulated").joinpath(TABLE).read_text("utf-8"))
    assert set(table) == set(key_labels())
    assert len(key_labels()) == len(set(key_labels()))


def test_all_moduli_differ_and_have_2048_bits(keys: TrainingKeys) -> None:
    moduli = [keys.key(label).modulus for label in key_labels()]
    assert len(set(moduli)) == len(moduli)
    assert {modulus.bit_length() for modulus in moduli} == {2048}


@pytest.mark.parametrize("label", ["p01/surface", "authority/surface", "jpki/signing", "p13/clone"])
def test_a_key_passes_the_library_s_own_check(keys: TrainingKeys, label: str) -> None:
    key = keys.key(label)
    d = key.private_exponent
    numbers = rsa.RSAPrivateNumbers(
        p=key.p,
        q=key.q,
        d=d,
        dmp1=d % (key.p - 1),
        dmq1=d % (key.q - 1),
        iqmp=pow(key.q, -1, key.p),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, key.modulus),
    )
    assert numbers.private_key().key_size == 8 * MODULUS_SIZE_BYTES


def test_the_table_can_be_made_again(keys: TrainingKeys) -> None:
    label = "p01/surface"
    assert search_offsets(label) == keys.offsets[label]
    assert json.loads(table_of([label])) == {label: list(keys.offsets[label])}


def test_a_label_without_an_entry_gives_the_same_key(keys: TrainingKeys) -> None:
    assert TrainingKeys({}).key("p02/text") == keys.key("p02/text")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (65537, True),
        (65539, True),
        (65541, False),
        (561, False),
        (2047, False),
        (2**127 - 1, True),
        (2**128 + 1, False),
    ],
)
def test_primes_are_told_from_others(number: int, expected: bool) -> None:
    assert is_prime(number) is expected


def test_a_private_key_does_not_show_when_printed(keys: TrainingKeys) -> None:
    assert repr(keys.key("p01/surface")) == "RsaKey()"


def test_the_private_operation_inverts_the_public_one() -> None:
    key = RsaKey(2**521 - 1, 2**607 - 1)
    message = bytes(250) + b"abcdef"
    applied = int.from_bytes(key.apply(message), "big")
    assert pow(applied, EXPONENT, key.modulus).to_bytes(256, "big") == message
