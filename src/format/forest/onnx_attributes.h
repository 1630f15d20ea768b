// The attributes of an ai.onnx.ml operator, with lists and tensors alike: since version 3 a list of float32 may
// also be a tensor of float64 under another name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::forest {

class OnnxAttributes {
 public:
  static base::Result<OnnxAttributes> read(const graph::Model& model, const graph::Operator& op);

  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  double real(std::string_view name, double otherwise) const;
  std::string text(std::string_view name, std::string_view otherwise) const;
  std::vector<std::int64_t> integers(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  // Of the list, of the tensor of that name, or of `name`_as_tensor.
  std::vector<double> reals(std::string_view name) const;
  bool has(std::string_view name) const;

 private:
  graph::Attributes list_;
  std::vector<graph::Tensor> tensors_;
};

// A constant's elements: float32, float64 and whole numbers as float64, strings and whole numbers as text.
std::vector<double> reals_of(const graph::Tensor& tensor);
std::vector<std::string> texts_of(const graph::Tensor& tensor);

}  // namespace edgescope::forest
