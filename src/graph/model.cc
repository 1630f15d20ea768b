#include "graph/model.h"

#include <algorithm>

#include "base/checked.h"

namespace edgescope::graph {

bool Shape::is_static() const {
  return known && std::none_of(dims.begin(), dims.end(), [](std::int64_t dim) { return dim < 0; });
}

std::optional<std::uint64_t> Shape::elements() const {
  if (!known) return std::nullopt;
  return base::checked_product(dims);
}

std::string Shape::text() const {
  if (!known) return "unknown";
  if (dims.empty()) return "scalar";
  std::string text;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (i > 0) text += 'x';
    if (dims[i] >= 0)
      text += std::to_string(dims[i]);
    else if (i < symbols.size() && !symbols[i].empty())
      text += symbols[i];
    else
      text += '?';
  }
  return text;
}

std::string_view format_name(Format format) {
  switch (format) {
    case Format::TfLite:
      return "tflite";
    case Format::Onnx:
      return "onnx";
    case Format::OpenVinoIr:
      return "openvino-ir";
  }
  return "unknown";
}

std::string_view owner_name(Extent::Owner owner) {
  switch (owner) {
    case Extent::Owner::Weights:
      return "weights";
    case Extent::Owner::Operators:
      return "operators";
    case Extent::Owner::Tensors:
      return "tensors";
    case Extent::Owner::Graph:
      return "graph";
    case Extent::Owner::Metadata:
      return "metadata";
    case Extent::Owner::Padding:
      return "padding";
  }
  return "unknown";
}

}  // namespace edgescope::graph
