#include "format/raise.h"

#include "format/onnx/raise.h"
#include "format/openvino/raise.h"
#include "format/tflite/raise.h"

namespace edgescope::format {

base::Result<graph::Operator> raise(const graph::Model& model, const graph::Subgraph& graph,
                                    const graph::Operator& op) {
  if (op.source_kind.empty()) return op;
  switch (model.format) {
    case graph::Format::TfLite:
      return tflite::raise(model, graph, op);
    case graph::Format::Onnx:
      return onnx::raise(model, graph, op);
    case graph::Format::OpenVinoIr:
      return openvino::raise(model, graph, op);
  }
  return base::fail({.what = "its format is not known"});
}

std::vector<NotRaised> raise_all(graph::Model& model) {
  std::vector<NotRaised> kept;
  for (std::size_t g = 0; g < model.subgraphs.size(); ++g) {
    // All are looked at before the first is replaced: what one may leave out depends on who reads it.
    graph::Subgraph& graph = model.subgraphs[g];
    std::vector<graph::Operator> raised;
    raised.reserve(graph.operators.size());
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
      auto op = raise(model, graph, graph.operators[i]);
      if (!op) kept.push_back({static_cast<int>(g), static_cast<int>(i), std::move(op).error()});
      raised.push_back(op ? *std::move(op) : graph.operators[i]);
    }
    graph.operators = std::move(raised);
  }
  return kept;
}

}  // namespace edgescope::format
