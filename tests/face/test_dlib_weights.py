"""Only the one network is read, layer by layer; anything else in a weights file refuses it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.face.dlib_weights import ResidualNetwork, WeightsMalformed, read_network
from appliance.face.weights import find_weights

STEM = b"\x01\x05con_4"
AFFINE = b"\x01\x07affine_"


@pytest.fixture(scope="module")
def content() -> bytes:
    return find_weights().embedding.read_bytes()


@pytest.fixture(scope="module")
def network(content: bytes) -> ResidualNetwork:
    return read_network(content)


def test_the_network_has_twenty_nine_convolutions_and_a_projection(network: ResidualNetwork) -> None:
    assert network.stem.kernels.shape == (32, 3, 7, 7)
    assert [block.first.kernels.shape[:2] for block in network.blocks] == [
        *[(32, 32)] * 3, (64, 32), *[(64, 64)] * 3, (128, 64), *[(128, 128)] * 2, (256, 128), *[(256, 256)] * 3,
    ]  # fmt: skip
    assert [number for number, block in enumerate(network.blocks) if block.halves] == [3, 7, 10, 13]
    assert network.projection.shape == (256, 128)


def test_every_number_of_the_file_is_finite(network: ResidualNetwork) -> None:
    convolutions = [
        network.stem,
        *(layer for block in network.blocks for layer in (block.first, block.second)),
    ]
    assert all(np.isfinite(layer.kernels).all() and np.isfinite(layer.biases).all() for layer in convolutions)


def replaced(content: bytes, old: bytes, new: bytes, count: int = 1) -> bytes:
    assert old in content
    return content.replace(old, new, count)


def with_number(content: bytes, value: float) -> bytes:
    """Put `value` in place of the first number of the first tensor."""
    start = content.index(STEM) + len(STEM) + 2 + 3 + 2 * 3
    return content[:start] + np.float32(value).tobytes() + content[start + 4 :]


MALFORMED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "no network": lambda content: b"\x00" * 4_096,
    "another loss": lambda content: replaced(content, b"loss_metric_2", b"loss_binary_2"),
    "another input": lambda content: replaced(content, b"input_rgb_image_sized", b"input_rgb_picture_siz"),
    "another mean colour": lambda content: replaced(
        content, b"\x03b\x90\xf5\x81\x11", b"\x03b\x90\xf4\x81\x11"
    ),
    "an unknown layer": lambda content: replaced(content, b"relu_", b"sig__"),
    "layers swapped": lambda content: replaced(content, b"\x01\x05relu_", b"\x01\x05con_4"),
    "an unknown layer between": lambda content: replaced(content, STEM, b"\x01\x05htan_" + STEM),
    "a layer left out": lambda content: replaced(content, AFFINE, b"\x01\x07\x00\x00\x00\x00\x00\x00\x00"),
    "huge dimensions": lambda content: replaced(
        content, STEM + b"\x01\x02\x02\x80\x12", STEM + b"\x01\x02\x08" + b"\xff" * 8
    ),
    "negative dimensions": lambda content: replaced(
        content, STEM + b"\x01\x02\x02\x80\x12", STEM + b"\x01\x02\x82\x80\x12"
    ),
    "another tensor version": lambda content: replaced(content, STEM + b"\x01\x02", STEM + b"\x01\x03"),
    "a number that is none": lambda content: with_number(content, float("nan")),
    "an infinite number": lambda content: with_number(content, float("inf")),
    "more after the end": lambda content: content + b"\x01\x05con_4",
    "much after the end": lambda content: content + bytes(200),
    "twice": lambda content: content * 2,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_another_file_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(WeightsMalformed):
        read_network(MALFORMED[name](content))


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1, exclude_max=True))
def test_a_file_that_ends_early_is_refused(content: bytes, share: float) -> None:
    with pytest.raises(WeightsMalformed):
        read_network(content[: int((len(content) - 100) * share)])


@settings(max_examples=100)
@given(st.binary(max_size=600))
def test_any_bytes_are_refused_without_another_error(noise: bytes) -> None:
    with pytest.raises(WeightsMalformed):
        read_network(noise)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5_000), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_leaves_a_network_of_the_same_shape(
    content: bytes, network: ResidualNetwork, place: int, change: int
) -> None:
    changed = content[:place] + bytes([content[place] ^ change]) + content[place + 1 :]
    try:
        read = read_network(changed)
    except WeightsMalformed:
        return
    assert read.projection.shape == network.projection.shape
    assert [block.halves for block in read.blocks] == [block.halves for block in network.blocks]
