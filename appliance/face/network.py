"""The embedding network: 150 x 150 grey pixels to a template of 128 numbers.

The numbers are dlib's own, from the file that the evidence names; the arithmetic is ONNX Runtime's, which does in 3 ms
what dlib's does in 58 ms on the same core, with the same result to six digits (docs/face.md). What is saved pays for
several looks at each face instead of one. It also lets the interpreter's lock go while it computes.

Looks are computed one by one: all runs then have one shape, the runtime lays them into the same memory, and a run on an
empty look writes over whatever the last face left there (design D4). It is no slower than many at once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from appliance.errors import FaceWeightsRefused
from appliance.face.dlib_weights import (
    TEMPLATE_LENGTH,
    Block,
    Convolution,
    Numbers,
    ResidualNetwork,
    WeightsMalformed,
    read_network,
)

INPUT_SIDE_PX: Final = 150
_MEAN_COLOUR: Final = np.array([122.782, 117.001, 104.298], dtype=np.float64)
"""Red, green and blue that the network was trained to subtract (dlib 20, `input_rgb_image_sized`)."""
_SCALE: Final = 1 / 256
_OPERATORS: Final = 17
"""Version of ONNX's operators; any runtime of 2022 or later has it."""
_FORMAT: Final = 8
_INPUT: Final = "look"


class TemplateBroken(ArithmeticError):
    """The computation gave numbers that are none: this process cannot be trusted any longer and has to end."""


class Network:
    """One network, loaded; computes on all processors but one, which the screen keeps."""

    def __init__(self, weights: Path) -> None:
        """Read dlib's weights and prepare the computation.

        Raises:
            FaceWeightsRefused: the file is no such network.
        """
        try:
            model = build_model(read_network(weights.read_bytes()))
        except (WeightsMalformed, OSError) as error:
            raise FaceWeightsRefused(weights.name) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, (os.cpu_count() or 1) - 1)
        # Waiting threads must sleep, not spin: between two people there are minutes.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def embed(self, looks: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the templates (count x 128) of grey looks (count x 150 x 150).

        Raises:
            TemplateBroken: a result is not a finite number.
        """
        templates = np.empty((len(looks), TEMPLATE_LENGTH), dtype=np.float32)
        for template, look in zip(templates, looks, strict=True):
            (found,) = self._session.run(None, {_INPUT: np.ascontiguousarray(look)})
            template[:] = found
            found.fill(0)
        if not np.isfinite(templates).all():
            templates.fill(0)
            raise TemplateBroken
        return templates

    def forget(self) -> None:
        """Run on an empty look: the runtime keeps its memory, and this writes over what a face left in it."""
        self.embed(np.zeros((1, INPUT_SIDE_PX, INPUT_SIDE_PX), dtype=np.uint8))


def build_model(network: ResidualNetwork) -> bytes:
    """Return the network as an ONNX model: one grey look of 150 x 150 bytes in, one template of 128 floats out."""
    graph = _Graph()
    graph.convolve(_of_grey(network.stem))
    graph.apply("Relu")
    graph.apply("MaxPool", kernel_shape=[3, 3], strides=[2, 2])
    side = _halved(_halved(INPUT_SIDE_PX, 7), 3)
    for block in network.blocks:
        side = graph.add_block(block, side)
    graph.apply("GlobalAveragePool")
    graph.apply("Flatten", axis=1)
    graph.project(network.projection)
    return graph.finished()


def _of_grey(stem: Convolution) -> Convolution:
    """Fold centring and scaling of a colour picture, whose three colours are the same grey, into the first layer."""
    kernels = stem.kernels.astype(np.float64)
    centre = np.einsum("fchw,c->f", kernels, _MEAN_COLOUR) * _SCALE
    grey = (kernels.sum(axis=1, keepdims=True) * _SCALE).astype(np.float32)
    return Convolution(grey, (stem.biases - centre).astype(np.float32), stem.stride, stem.padding)


def _halved(side: int, window: int) -> int:
    return (side - window) // 2 + 1


class _Graph:
    """A chain of computations that ends in the value computed last."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._value = _INPUT
        self.apply("Cast", to=TensorProto.FLOAT)
        shape = self._constant(np.array([1, 1, INPUT_SIDE_PX, INPUT_SIDE_PX], dtype=np.int64))
        self.apply("Reshape", shape)

    def convolve(self, layer: Convolution) -> None:
        kernels, biases = self._constant(layer.kernels), self._constant(layer.biases)
        self.apply("Conv", kernels, biases, strides=[layer.stride] * 2, pads=[layer.padding] * 4)

    def add_block(self, block: Block, side: int) -> int:
        """Add a block that takes pictures of `side`; return the side of what it gives."""
        before, filters, channels = self._value, *block.first.kernels.shape[:2]
        self.convolve(block.first)
        self.apply("Relu")
        self.convolve(block.second)
        after = self._value
        if block.halves:
            # Convolved without a border, so one less than halved where the side is even; zeros are taken beyond.
            self._value = before
            self.apply("AveragePool", kernel_shape=[2, 2], strides=[2, 2])
            convolved, pooled = _halved(side, 3), _halved(side, 2)
            before = self._filled(self._value, filters - channels, 0)
            after = self._filled(after, 0, pooled - convolved)
            side = pooled
        self._value = after
        self.apply("Add", before)
        self.apply("Relu")
        return side

    def _filled(self, value: str, more_channels: int, more_side: int) -> str:
        if not more_channels and not more_side:
            return value
        self._value = value
        ends = np.array([0, 0, 0, 0, 0, more_channels, more_side, more_side], dtype=np.int64)
        self.apply("Pad", self._constant(ends))
        return self._value

    def project(self, matrix: Numbers) -> None:
        self.apply("MatMul", self._constant(matrix))

    def apply(self, operator: str, *others: str, **attributes: int | list[int]) -> None:
        """Apply `operator` to the value computed last."""
        name = f"v{len(self._nodes)}"
        node = helper.make_node(operator, [self._value, *others], [name])
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self._nodes.append(node)
        self._value = name

    def _constant(self, numbers: Numbers | NDArray[np.int64]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(numbers), name))
        return name

    def finished(self) -> bytes:
        look = helper.make_tensor_value_info(_INPUT, TensorProto.UINT8, [INPUT_SIDE_PX, INPUT_SIDE_PX])
        template = helper.make_tensor_value_info(self._value, TensorProto.FLOAT, [1, TEMPLATE_LENGTH])
        graph = helper.make_graph(self._nodes, "embedding", [look], [template], self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPERATORS)])
        model.ir_version = _FORMAT
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())
