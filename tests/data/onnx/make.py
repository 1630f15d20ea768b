"""Writes the small ONNX models beside this script (needs the onnx package; the models are committed).

    python tests/data/onnx/make.py
"""
import pathlib

import onnx
from onnx import TensorProto, helper

FOLDER = pathlib.Path(__file__).parent
FLOAT = TensorProto.FLOAT


def value(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def floats(name, shape, start=0.0):
    count = 1
    for dim in shape:
        count *= dim
    return helper.make_tensor(name, FLOAT, shape, [start + i / 8 for i in range(count)])


def save(name, graph, opset, ir_version, domains=(), **rest):
    imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid(*pair) for pair in domains]
    model = helper.make_model(graph, opset_imports=imports, ir_version=ir_version, producer_name="make.py", **rest)
    onnx.checker.check_model(model)
    (FOLDER / name).write_bytes(model.SerializeToString())


def convolutions(name, opset, ir_version):
    weights = [floats("w1", [4, 3, 3, 3]), floats("w2", [4, 1, 3, 3])]
    nodes = [
        helper.make_node("Conv", ["image", "w1"], ["a"], "first", pads=[0, 0, 1, 1], strides=[2, 2]),
        helper.make_node("Conv", ["a", "w2"], ["b"], "depthwise", group=4, auto_pad="SAME_UPPER", kernel_shape=[3, 3]),
        helper.make_node("GlobalAveragePool", ["b"], ["c"], "pool"),
        helper.make_node("Flatten", ["c"], ["d"], "flat"),
        helper.make_node("Softmax", ["d"], ["e"], "softmax"),
    ]
    inputs = [value("image", ["batch", 3, 8, 8])]
    if ir_version < 4:
        inputs += [value(w.name, w.dims) for w in weights]
    save(name, helper.make_graph(nodes, "convolutions", inputs, [value("e", ["batch", 4])], weights,
                                 doc_string="two convolutions"), opset, ir_version)


def external():
    tensor = TensorProto(name="weights", data_type=FLOAT, dims=[4, 4], data_location=TensorProto.EXTERNAL)
    for key, text in (("location", "external.bin"), ("offset", "64"), ("length", "64")):
        tensor.external_data.add(key=key, value=text)
    (FOLDER / "external.bin").write_bytes(bytes(64) + bytes(range(64)))
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "weights"], ["y"])], "external", [value("x", [1, 4])],
                              [value("y", [1, 4])], [tensor])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    (FOLDER / "external.onnx").write_bytes(model.SerializeToString())


def bodies():
    scaled = helper.make_graph([helper.make_node("Mul", ["x", "two"], ["t"], "double")], "then", [], [value("t", [2])])
    plain = helper.make_graph([helper.make_node("Add", ["x", "x"], ["f"], "sum")], "else", [], [value("f", [2])])
    body = helper.make_graph(
        [helper.make_node("Add", ["carried", "chosen"], ["next"], "step"),
         helper.make_node("Identity", ["go"], ["go_on"], "go")],
        "body", [value("i", [], TensorProto.INT64), value("go", [], TensorProto.BOOL), value("carried", [2])],
        [value("go_on", [], TensorProto.BOOL), value("next", [2])])
    nodes = [
        helper.make_node("Constant", [], ["two"], value=floats("", [1], 2.0)),
        helper.make_node("Constant", [], ["trips"], value_int=3),
        helper.make_node("If", ["which"], ["chosen"], "choose", then_branch=scaled, else_branch=plain),
        helper.make_node("Loop", ["trips", "", "x"], ["y"], "repeat", body=body),
    ]
    save("bodies.onnx", helper.make_graph(nodes, "bodies", [value("which", [], TensorProto.BOOL), value("x", [2])],
                                          [value("y", [2])]), 16, 8)


def function():
    steps = [helper.make_node("LeakyRelu", ["a"], ["b"]), helper.make_node("Add", ["b", "a"], ["c"])]
    steps[0].attribute.add(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT)
    residual = helper.make_function("local", "Residual", ["a"], ["c"], steps, [helper.make_opsetid("", 17)], ["slope"])
    nodes = [helper.make_node("Residual", ["x"], ["m"], "call", domain="local", slope=0.25),
             helper.make_node("Fused", ["m"], ["y"], "vendor", domain="com.example", level=3)]
    graph = helper.make_graph(nodes, "function", [value("x", [3])], [value("y", [3])])
    model = helper.make_model(graph, functions=[residual], ir_version=9, opset_imports=[
        helper.make_opsetid("", 17), helper.make_opsetid("local", 1), helper.make_opsetid("com.example", 2)])
    (FOLDER / "function.onnx").write_bytes(model.SerializeToString())


def ensemble():
    node = helper.make_node(
        "TreeEnsembleRegressor", ["x"], ["y"], "forest", domain="ai.onnx.ml", n_targets=1,
        nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[1, 0, 0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values=[0.5, 0.0, 0.0], nodes_truenodeids=[1, 0, 0],
        nodes_falsenodeids=[2, 0, 0], target_treeids=[0, 0], target_nodeids=[1, 2], target_ids=[0, 0],
        target_weights=[-1.0, 1.0])
    save("ensemble.onnx", helper.make_graph([node], "ensemble", [value("x", [None, 2])], [value("y", [None, 1])]),
         15, 8, [("ai.onnx.ml", 3)])


def quantised():
    scale = helper.make_tensor("scale", FLOAT, [], [0.5])
    zero = helper.make_tensor("zero", TensorProto.UINT8, [], [128])
    weights = helper.make_tensor("w", TensorProto.INT8, [2, 2], [-1, 2, -3, 4])
    annotation = onnx.TensorAnnotation(tensor_name="x")
    for key, name in (("SCALE_TENSOR", "scale"), ("ZERO_POINT_TENSOR", "zero")):
        annotation.quant_parameter_tensor_names.add(key=key, value=name)
    indices = helper.make_tensor("", TensorProto.INT64, [2], [0, 3])
    sparse = helper.make_sparse_tensor(helper.make_tensor("sparse", FLOAT, [2], [1.0, 2.0]), indices, [2, 2])
    nodes = [helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
             helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["d"]),
             helper.make_node("Cast", ["w"], ["wf"], to=FLOAT),
             helper.make_node("MatMul", ["d", "wf"], ["m"]),
             helper.make_node("Add", ["m", "sparse"], ["y"])]
    graph = helper.make_graph(nodes, "quantised", [value("x", [2, 2])], [value("y", [2, 2])], [scale, zero, weights],
                              sparse_initializer=[sparse])
    graph.quantization_annotation.append(annotation)
    save("quantised.onnx", graph, 21, 10)


convolutions("opset7.onnx", 7, 3)
convolutions("opset13.onnx", 13, 7)
convolutions("newest.onnx", onnx.defs.onnx_opset_version(), int(onnx.IR_VERSION))
external()
bodies()
function()
ensemble()
quantised()
