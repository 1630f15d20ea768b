// ONNX models: a walk of the protobuf wire format over the mapped file. Weights are spans into the file
// and are never copied nor touched; files over 2 GiB are read, too.
//
// How ONNX becomes a graph::Model:
// - Subgraph 0 is the main graph. Functions follow, each named "domain:name" ("domain:name:overload" where
//   it has an overload), then the graphs in attributes, in the order in which they are met. The operator
//   that runs a body or calls a function has its index in attr::subgraph (for If: then, else) and, for
//   bodies, under the attribute's own name.
// - A body may read values of the graphs around it. Each such value is a tensor of the body, with the same
//   name and type. Constants keep their data there (the bytes belong to the outer tensor); others follow
//   the formal inputs in the body's `inputs`, and the operator that runs the body reads them after its own
//   inputs, so that the order of execution shows. Its attribute "captured" says how many those are.
// - Constant operators become constant tensors, unless a function's parameter gives the value.
//   Initializers that are inputs, too, are constants and no inputs.
// - Names outside ONNX's own domain are "domain:Name". Domains other than ai.onnx.* are custom unless the
//   model brings the operator as a function.
// - An attribute that a function's parameter gives is the text "@parameter". One that is a tensor is its
//   summary ("tensor f32 3x4"), and of lists and strings of more than 4096 elements only the size is kept,
//   so that a model costs no memory by its attributes.
// - Operator::options is the NodeProto of operators outside ONNX's own domain, and of those whose attributes
//   are not all kept: node_attributes reads it.
// - quantization_annotation becomes Tensor::quantization; its scale and zero point tensors are named, too.
//   Values that are no tensors (sequences, maps, optionals) have the element type `variant`.
// - Encoding::Strings is a run of protobuf fields, one a string: tag, length, bytes.
// - Training information and defaults of function parameters are not read; their bytes belong to the graph.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "graph/model.h"

namespace edgescope::format::onnx {

// Whether the content is an ONNX model: only ModelProto's fields, an IR version, and a graph made of
// GraphProto's fields. A file that ends within its graph is still recognised, so that read can say so.
bool recognised(std::span<const std::byte> bytes);

// External data is looked for below the folder of `file`'s path. The model is valid (graph/validate.h).
base::Result<graph::Model> read(const base::MappedFile& file);

// All attributes of an operator under their own names, lists in full, from its options.
base::Result<graph::Attributes> node_attributes(const base::MappedFile& file, std::span<const std::byte> options);

// Its attributes that are tensors, as constants of the attributes' names.
base::Result<std::vector<graph::Tensor>> node_tensors(const base::MappedFile& file, std::span<const std::byte> options);

}  // namespace edgescope::format::onnx
