"""Writes an ONNX model with inline weights, to measure readers with: a chain of convolutions.

    python bench/generate_onnx.py OUT.onnx [--gib 1] [--nodes 10000]

Half of the nodes are convolutions with their own weights, the other half activations. The weights are
written piece by piece, so that the script needs little memory whatever the size.
"""
import argparse
import os

import onnx
from onnx import TensorProto, helper


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--gib", type=float, default=1.0)
    parser.add_argument("--nodes", type=int, default=10000)
    arguments = parser.parse_args()

    layers = arguments.nodes // 2
    size = max(int(arguments.gib * 2**30 / layers) // 4, 9)
    channels = max(int((size / 9) ** 0.5), 1)
    weight_bytes = channels * channels * 9 * 4
    noise = os.urandom(weight_bytes)

    nodes, infos = [], []
    shape = ["batch", channels, 14, 14]
    for i in range(layers):
        source = "input" if i == 0 else f"/layer.{i - 1}/relu/output_0"
        nodes.append(helper.make_node("Conv", [source, f"layer.{i}.weight"], [f"/layer.{i}/conv/output_0"],
                                      name=f"/layer.{i}/conv/Conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Relu", [f"/layer.{i}/conv/output_0"], [f"/layer.{i}/relu/output_0"],
                                      name=f"/layer.{i}/relu/Relu"))
        for value in ("conv", "relu"):
            infos.append(helper.make_tensor_value_info(f"/layer.{i}/{value}/output_0", TensorProto.FLOAT, shape))
    output = infos.pop()
    frame = helper.make_graph(nodes, "generated", [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
                              [output], value_info=infos)
    head = frame.SerializeToString()

    def description(i):
        tensor = TensorProto(dims=[channels, channels, 3, 3], data_type=TensorProto.FLOAT, name=f"layer.{i}.weight")
        return tensor.SerializeToString() + varint(9 << 3 | 2) + varint(weight_bytes)

    def prefix(i):
        text = description(i)
        return varint(5 << 3 | 2) + varint(len(text) + weight_bytes) + text

    graph_bytes = len(head) + sum(len(prefix(i)) + weight_bytes for i in range(layers))
    model = onnx.ModelProto(ir_version=10, producer_name="generate_onnx",
                            opset_import=[helper.make_opsetid("", 21)])
    with open(arguments.out, "wb") as out:
        out.write(model.SerializeToString())
        out.write(varint(7 << 3 | 2) + varint(graph_bytes))
        out.write(head)
        for i in range(layers):
            out.write(prefix(i))
            out.write(noise)
    print(f"{arguments.out}: {os.path.getsize(arguments.out)} bytes, {2 * layers} nodes, {layers} weights of {weight_bytes} bytes")


if __name__ == "__main__":
    main()
