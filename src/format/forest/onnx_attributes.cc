#include "format/forest/onnx_attributes.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "format/onnx/reader.h"
#include "format/onnx/tensor.h"
#include "format/onnx/wire.h"

namespace edgescope::forest {
namespace {

constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

}  // namespace

base::Result<OnnxAttributes> OnnxAttributes::read(const graph::Model& model, const graph::Operator& op) {
  OnnxAttributes attributes;
  EDGESCOPE_TRY(list, format::onnx::node_attributes(model.files.front(), op.options));
  EDGESCOPE_TRY(tensors, format::onnx::node_tensors(model.files.front(), op.options));
  attributes.list_ = std::move(list);
  attributes.tensors_ = std::move(tensors);
  return attributes;
}

std::int64_t OnnxAttributes::integer(std::string_view name, std::int64_t otherwise) const {
  return graph::get<std::int64_t>(list_, name, otherwise);
}

double OnnxAttributes::real(std::string_view name, double otherwise) const {
  return graph::get<double>(list_, name, otherwise);
}

std::string OnnxAttributes::text(std::string_view name, std::string_view otherwise) const {
  return graph::get<std::string>(list_, name, std::string(otherwise));
}

std::vector<std::int64_t> OnnxAttributes::integers(std::string_view name) const {
  return graph::get<std::vector<std::int64_t>>(list_, name);
}

std::vector<std::string> OnnxAttributes::texts(std::string_view name) const {
  return graph::get<std::vector<std::string>>(list_, name);
}

std::vector<double> OnnxAttributes::reals(std::string_view name) const {
  const std::string second = std::string(name) + "_as_tensor";
  for (const graph::Tensor& tensor : tensors_)
    if (tensor.name == name || tensor.name == second) return reals_of(tensor);
  return graph::get<std::vector<double>>(list_, name);
}

bool OnnxAttributes::has(std::string_view name) const { return graph::find(list_, name) != nullptr; }

std::vector<double> reals_of(const graph::Tensor& tensor) {
  if (tensor.type == graph::ElementType::Float32) {
    const std::vector<float> values = format::onnx::floats(tensor, kAny);
    return {values.begin(), values.end()};
  }
  if (tensor.type == graph::ElementType::Float64 && tensor.encoding == graph::Encoding::Raw) {
    std::vector<double> values(tensor.data.size() / sizeof(double));
    if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), values.size() * sizeof(double));
    return values;
  }
  const std::vector<std::int64_t> whole = format::onnx::integers(tensor, kAny);
  return {whole.begin(), whole.end()};
}

std::vector<std::string> texts_of(const graph::Tensor& tensor) {
  std::vector<std::string> texts;
  if (tensor.type == graph::ElementType::String) {
    format::onnx::Walk walk(tensor.data);
    for (format::onnx::Field field; walk.next(field);) texts.emplace_back(field.text());
    return texts;
  }
  for (const std::int64_t value : format::onnx::integers(tensor, kAny)) texts.push_back(std::to_string(value));
  return texts;
}

}  // namespace edgescope::forest
