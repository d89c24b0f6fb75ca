"""The embedding network's numbers, read out of dlib's own weights file.

dlib writes a network from its input to its output: a name for each kind of layer, then whole numbers as one length byte
(bit 8: negative) and that many little-endian bytes, and tensors as version, four dimensions and raw little-endian floats
(dlib 20, `serialize.h` and `dnn/tensor.h`). Between layers stand flags and empty tensors of dlib's training, which are
passed over. Only this one network is understood, layer by layer and size by size; a file with anything else in it is
refused, so that nothing half understood ever compares faces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]

TEMPLATE_LENGTH: Final = 128

_NEGATIVE: Final = 0x80
_LENGTH_BITS: Final = 0x0F
_TENSOR_VERSION: Final = 2
_FLOAT_SIZE_BYTES: Final = 4

_NAME: Final = re.compile(rb"\x01([\x04-\x0a])(con_4|affine_|relu_|max_pool_2|avg_pool_2|add_prev_|fc_2)")
"""A layer's name stands behind its length, which is one byte in this file."""
_INPUT: Final = b"\x15input_rgb_image_sized\x03b\x90\xf5\x81\x11\x03\x83\x00\xea\x81\x11\x03\x93\x98\xd0\x81\x11\x01\x96\x01\x96"
"""A colour picture of 150 x 150 less the mean colour 122.782, 117.001, 104.298, which `network` subtracts."""
_PRELUDE: Final = re.compile(
    rb"\x01\x01\x01\x0dloss_metric_2.{1,16}?[\x01-\x03]{128,512}" + re.escape(_INPUT), re.DOTALL
)
"""The loss of the training with its two settings, the versions of all layers around each other, and the input."""
_LETTERS: Final = re.compile(rb"[a-z]")
"""Every kind of layer that dlib knows is written in small letters, and nothing that may be passed over is."""
_PASSED_OVER_SIZE_BYTES: Final = 80


class WeightsMalformed(ValueError):
    """The file is not a network of this kind; the caller names the file."""


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution with the affine layer behind it folded in: `kernels` are filters x channels x height x width."""

    kernels: Numbers
    biases: Numbers
    stride: int
    padding: int


@dataclass(frozen=True, slots=True)
class Block:
    """Two convolutions, a rectifier between them; what came in is added at the end and rectified once more."""

    first: Convolution
    second: Convolution
    halves: bool
    """Whether the block halves height and width; what came in is then halved by means of 2 x 2 before it is added."""


@dataclass(frozen=True, slots=True)
class ResidualNetwork:
    """The whole network; after `stem`, a rectifier and the largest of each 3 x 3 window, every second one."""

    stem: Convolution
    blocks: tuple[Block, ...]
    projection: Numbers
    """From the means of the last block's channels to the template: channels x 128."""


_STEM_FILTERS: Final = 32
_BLOCKS: Final = (
    *[(32, False)] * 3,
    (64, True),
    *[(64, False)] * 3,
    (128, True),
    *[(128, False)] * 2,
    (256, True),
    *[(256, False)] * 2,
    (256, True),
)
"""Filters of each block, and whether it halves (dlib, `dnn_face_recognition_ex.cpp`: `anet_type`)."""


def read_network(content: bytes) -> ResidualNetwork:
    """Return the network in the bytes of a weights file.

    Raises:
        WeightsMalformed: another network, or bytes that are none.
    """
    try:
        return _network(_Reader(content))
    except (IndexError, ValueError) as error:
        raise WeightsMalformed from error


def _network(reader: _Reader) -> ResidualNetwork:
    reader.pass_prelude()
    channels = _STEM_FILTERS
    stem = _convolution(reader, (channels, 3, 7), stride=2, padding=0)
    reader.enter(b"relu_")
    reader.enter(b"max_pool_2")
    blocks = []
    for filters, halves in _BLOCKS:
        blocks.append(_block(reader, channels, filters, halves=halves))
        channels = filters
    reader.enter(b"avg_pool_2")
    projection = _projection(reader, channels)
    reader.end()
    return ResidualNetwork(stem, tuple(blocks), projection)


def _block(reader: _Reader, channels: int, filters: int, *, halves: bool) -> Block:
    stride, padding = (2, 0) if halves else (1, 1)
    first = _convolution(reader, (filters, channels, 3), stride, padding)
    reader.enter(b"relu_")
    second = _convolution(reader, (filters, filters, 3), stride=1, padding=1)
    if halves:
        reader.enter(b"avg_pool_2")
    reader.enter(b"add_prev_")
    reader.enter(b"relu_")
    return Block(first, second, halves)


def _convolution(reader: _Reader, size: tuple[int, int, int], stride: int, padding: int) -> Convolution:
    """Read a convolution of `size` (filters, channels, side) and the affine layer that follows each one."""
    filters, channels, side = size
    reader.enter(b"con_4")
    numbers = reader.tensor(filters * (channels * side * side + 1))
    reader.require([filters, side, side, stride, stride, padding, padding])
    reader.enter(b"affine_")
    scale, shift = np.split(reader.tensor(2 * filters), 2)
    kernels = numbers[:-filters].reshape(filters, channels, side, side) * scale[:, None, None, None]
    return Convolution(kernels, numbers[-filters:] * scale + shift, stride, padding)


def _projection(reader: _Reader, channels: int) -> Numbers:
    reader.enter(b"fc_2")
    reader.require([TEMPLATE_LENGTH, channels])
    return reader.tensor(channels * TEMPLATE_LENGTH).reshape(channels, TEMPLATE_LENGTH)


class _Reader:
    """A position in the file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def pass_prelude(self) -> None:
        """Pass over what stands before the first layer, which tells how the input is prepared."""
        found = _PRELUDE.match(self._content)
        if found is None:
            raise WeightsMalformed
        self._position = found.end()

    def enter(self, name: bytes) -> None:
        """Go to the layer `name`, which has to be the next."""
        found = _NAME.search(
            self._content, self._position, self._position + _PASSED_OVER_SIZE_BYTES + len(name)
        )
        if found is None or found.group(2) != name or found.group(1)[0] != len(name):
            raise WeightsMalformed
        self._pass_over(found.start())
        self._position = found.end()

    def end(self) -> None:
        """Require that no further layer follows."""
        if len(self._content) > self._position + _PASSED_OVER_SIZE_BYTES:
            raise WeightsMalformed
        self._pass_over(len(self._content))

    def _pass_over(self, until: int) -> None:
        if _LETTERS.search(self._content, self._position, until):
            raise WeightsMalformed

    def require(self, values: Sequence[int]) -> None:
        """Read whole numbers, which have to be `values`."""
        if [self._whole() for _ in values] != list(values):
            raise WeightsMalformed

    def _whole(self) -> int:
        length = self._content[self._position]
        start = self._position + 1
        self._position = start + (length & _LENGTH_BITS)
        value = int.from_bytes(self._content[start : self._position], "little")
        return -value if length & _NEGATIVE else value

    def tensor(self, count: int) -> Numbers:
        """Read a tensor of `count` finite numbers."""
        version, *dimensions = (self._whole() for _ in range(5))
        if version != _TENSOR_VERSION or min(dimensions) < 1 or _product(dimensions) != count:
            raise WeightsMalformed
        numbers = np.frombuffer(self._content, "<f4", count, self._position).astype(np.float32)
        if not np.isfinite(numbers).all():
            raise WeightsMalformed
        self._position += count * _FLOAT_SIZE_BYTES
        return numbers


def _product(dimensions: Sequence[int]) -> int:
    product = 1
    for dimension in dimensions:
        product *= dimension
    return product
