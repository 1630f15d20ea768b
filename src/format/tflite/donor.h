// The file that a model was read from, asked by its writer for what a graph::Model does not hold.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>

#include "format/tflite/buffers.h"
#include "graph/model.h"

namespace edgescope::format::tflite {

class Donor {
 public:
  // Nothing is found where the model was not read from a TensorFlow Lite file.
  explicit Donor(const graph::Model& model);

  // What the file says of a tensor: that of the same name, type and shape in the same subgraph.
  const fb::Tensor* tensor(std::size_t subgraph, std::size_t index, const graph::Tensor& tensor) const;

  // The data of a metadata entry.
  std::optional<std::span<const std::byte>> metadata(std::string_view key) const;

 private:
  const fb::Model* source_ = nullptr;
  std::optional<Buffers> buffers_;
  std::vector<std::unordered_map<std::string_view, const fb::Tensor*>> by_name_;
};

}  // namespace edgescope::format::tflite
