// Tensors as ONNX describes them: constants with their data in one of eight fields or in another file,
// and the types of values.
#pragma once

#include "base/error.h"
#include "format/onnx/context.h"

namespace edgescope::format::onnx {

// ONNX's number for an element type; Unknown for a number that this reader does not know.
graph::ElementType element_type(std::uint64_t number);

// A TensorProto as a constant. The data is claimed for `owner`; the rest of the message is not.
base::Result<graph::Tensor> read_tensor(Context& context, Bytes message, const graph::Extent& owner);

// A SparseTensorProto: `data` are the values alone, the indices belong to the same owner.
base::Result<graph::Tensor> read_sparse_tensor(Context& context, Bytes message, const graph::Extent& owner);

// Fills in type and shape from a TypeProto. What is not a tensor (sequences, maps, optionals, opaque
// types) is an element type Variant of unknown shape.
base::Status read_type(Context& context, Bytes message, graph::Tensor& tensor);

// The data of a constant, read as a field holds it: "name" is what errors call the tensor.
base::Result<Bytes> external_data(Context& context, Bytes message, graph::Tensor& tensor, const graph::Extent& owner);

// The elements of a constant of an integer type with at most `limit` elements; empty where it is none.
std::vector<std::int64_t> integers(const graph::Tensor& tensor, std::size_t limit);

// The same for f32.
std::vector<float> floats(const graph::Tensor& tensor, std::size_t limit);

// "f32 3x4" for people.
std::string summary(const graph::Tensor& tensor);

}  // namespace edgescope::format::onnx
