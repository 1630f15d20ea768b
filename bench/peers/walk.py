"""One peer opens one model and looks at all of its operators: walk.py PEER MODEL. A process of its own, so
that bench/peers.py can measure what a user of that peer waits for and needs in memory."""

import sys


def litert_analyzer(path):
    from ai_edge_litert import _pywrap_analyzer_wrapper

    return len(_pywrap_analyzer_wrapper.ModelAnalyzer(path, True, False))


def litert_objects(path):
    from ai_edge_litert.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(path)
    return sum(len(graph.operators) for graph in model.subgraphs)


def tflite_package(path):
    import tflite

    with open(path, "rb") as file:
        model = tflite.Model.GetRootAs(file.read(), 0)
    seen = 0
    for g in range(model.SubgraphsLength()):
        graph = model.Subgraphs(g)
        for o in range(graph.OperatorsLength()):
            operator = graph.Operators(o)
            model.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()
            for i in range(operator.InputsLength()):
                if operator.Inputs(i) < 0:  # an optional input that is left out
                    continue
                tensor = graph.Tensors(operator.Inputs(i))
                tensor.ShapeAsNumpy()
                model.Buffers(tensor.Buffer()).DataLength()
            seen += 1
    return seen


def model_explorer(path):
    import json

    import ai_edge_model_explorer_adapter as adapter

    collections = json.loads(adapter.ConvertFlatbufferDirectlyToJson(adapter.VisualizeConfig(), path))
    return sum(len(graph["nodes"]) for collection in collections for graph in collection["subgraphs"])


def openvino(path):
    from openvino import Core

    return len(Core().read_model(path).get_ops())


def onnx(path):
    from onnx import load

    return len(load(path).graph.node)


if __name__ == "__main__":
    peer, model = sys.argv[1:]
    print(globals()[peer](model))
