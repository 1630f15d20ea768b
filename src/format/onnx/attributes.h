// AttributeProto as graph::Attribute, and the canonical names and defaults of ONNX's own operators.
#pragma once

#include "base/error.h"
#include "format/onnx/context.h"

namespace edgescope::format::onnx {

// An attribute, read but for the tensors and graphs in it.
struct NodeAttribute {
  std::string name;
  std::string reference;  // the function's parameter that gives the value; then there is no value here
  graph::Attribute value;
  bool has_value = false;
  bool shortened = false;       // `value` only describes it
  std::vector<Bytes> graphs;    // GraphProto messages
  Bytes tensor, sparse_tensor;  // TensorProto and SparseTensorProto messages
};

// Lists and strings longer than `longest` are described and not read.
base::Result<NodeAttribute> read_attribute(Context& context, Bytes message, std::size_t longest = kLongAttribute);

// Turns the attributes of an operator of ONNX's own domain into canonical ones (graph/attribute.h), fills
// in the defaults of its opset and tells depthwise and grouped convolutions apart. Inputs must be set.
void canonicalise(graph::Operator& op, const graph::Subgraph& graph);

// What ONNX calls an attribute of this canonical name.
std::string_view source_name(std::string_view canonical);

}  // namespace edgescope::format::onnx
