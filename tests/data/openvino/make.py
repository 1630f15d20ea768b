"""Makes the IR v11 networks in this folder, with OpenVINO 2026.4 (pip install openvino==2026.4.1 numpy).

Each shows something that the IR reader has to understand and that the reference networks (v10) do not have.
"""
import pathlib

import numpy as np
import openvino as ov
from openvino import Dimension, Model, PartialShape, Type, opset6, opset13 as op

HERE = pathlib.Path(__file__).parent


def save(name, results, parameters, sinks=()):
    model = Model([op.result(result) for result in results], list(sinks), parameters, name)
    ov.serialize(model, HERE / f"{name}.xml", HERE / f"{name}.bin")


def parameter(name, shape, type=Type.f32):
    node = op.parameter(shape, type, name=name)
    node.output(0).get_tensor().set_names({name})
    return node


def loop():
    """Five iterations that slice one input and carry the other."""
    x, start = parameter("x", [-1, 4]), parameter("start", [1, 4])
    iteration, part, total = parameter("i", [], Type.i64), parameter("part", [1, 4]), parameter("total", [1, 4])
    body = Model([op.result(op.add(part, total)), op.result(op.constant(True))], [iteration, part, total], "body")
    node = op.loop(op.constant(np.int64(5)), op.constant(True))
    node.set_function(body)
    node.set_special_body_ports([0, 1])
    node.set_sliced_input(part, x.output(0), 0, 1, 1, -1, 0)
    node.set_merged_input(total, start.output(0), body.results[0].output(0))
    last = node.get_iter_value(body.results[0].output(0), -1)
    every = node.get_concatenated_slices(body.results[0].output(0), 0, 1, 1, -1, 0)
    save("loop", [last, every], [x, start])


def condition():
    which, x = parameter("which", [], Type.boolean), parameter("x", [2])
    then_x, else_x = op.parameter([2], Type.f32), op.parameter([2], Type.f32)
    then_body = Model([op.result(op.relu(then_x))], [then_x], "then")
    else_body = Model([op.result(op.sigmoid(else_x))], [else_x], "else")
    node = op.if_op(which.output(0))
    node.set_then_body(then_body)
    node.set_else_body(else_body)
    node.set_input(x.output(0), then_x, else_x)
    save("if", [node.set_output(then_body.results[0], else_body.results[0])], [which, x])


def iterator():
    x, part = parameter("x", [1, 3, 4]), op.parameter([1, 1, 4], Type.f32)
    body = Model([op.result(op.relu(part))], [part], "body")
    node = op.tensor_iterator()
    node.set_body(body)
    node.set_sliced_input(part, x.output(0), 0, 1, 1, -1, 1)
    save("tensor_iterator", [node.get_concatenated_slices(body.results[0].output(0), 0, 1, 1, -1, 1)], [x])


def state():
    """A variable, and dimensions with bounds."""
    x = parameter("x", PartialShape([Dimension(1, 10), -1, Dimension(3, -1)]))
    value = opset6.read_value(op.constant(np.zeros((1, 1, 3), np.float32)), "state", Type.f32, PartialShape([-1, -1, -1]))
    total = op.add(x, value)
    save("state", [total], [x], [opset6.assign(total, "state")])


def rank():
    x = parameter("x", PartialShape.dynamic())
    save("dynamic_rank", [op.abs(x)], [x])


def types():
    """A constant of 3 x 5 of each element type that is not a plain number of whole bytes, and some that are."""
    constants = []
    for name in ["u1", "u2", "u3", "u4", "u6", "i4", "nf4", "f4e2m1", "f8e4m3", "f8e5m2", "f8e8m0", "bf16", "f16", "boolean", "i64", "u16"]:
        size = ov.Tensor(getattr(Type, name), ov.Shape([3, 5])).byte_size
        values = np.arange(1, size + 1, dtype=np.uint8)
        node = op.constant(ov.Tensor(values, ov.Shape([3, 5]), getattr(Type, name)))
        node.set_friendly_name(name)
        constants.append(node)
    save("types", constants, [])


def quantized():
    """A depthwise and an ordinary convolution between fake quantisations, with 8-bit weights behind a Convert."""
    rng = np.random.default_rng(1)

    def fake(node, low, high):
        bounds = [op.constant(np.full((1, 1, 1, 1), value, np.float32)) for value in (low, high, low, high)]
        return op.fake_quantize(node, *bounds, 256)

    def weights(shape):
        values = op.convert(op.constant(rng.integers(-127, 128, shape).astype(np.int8)), "f32")
        return op.multiply(values, op.constant(np.full([shape[0]] + [1] * (len(shape) - 1), 0.01, np.float32)))

    x = parameter("image", [1, 3, 8, 8])
    node = op.group_convolution(fake(x, 0, 1), weights([3, 1, 1, 3, 3]), [1, 1], [0, 0], [0, 0], [1, 1], "same_upper")
    node = op.clamp(node, 0.0, 6.0)
    node = op.convolution(fake(node, 0, 6), weights([4, 3, 1, 1]), [2, 2], [0, 0], [0, 0], [1, 1])
    save("quantized", [op.reduce_mean(node, op.constant(np.array([2, 3])), keep_dims=False)], [x])


for make in (loop, condition, iterator, state, rank, types, quantized):
    make()
