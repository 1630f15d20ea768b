// Nodes that are nothing but a value: Constant becomes a constant tensor, annotations a quantisation.
#include <cstring>
#include <limits>

#include "format/onnx/fields.h"
#include "format/onnx/graph_reader.h"
#include "format/onnx/tensor.h"

namespace edgescope::format::onnx {
namespace {

using Owner = graph::Extent::Owner;

// Scales of one tensor; more of them are a constant to look at, not an annotation.
constexpr std::size_t kMostScales = 1 << 16;

template <typename T>
std::vector<std::byte> packed(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// The strings of value_string and value_strings as they are in the file, tag and length before each.
std::vector<std::byte> packed_strings(Bytes attribute) {
  std::vector<std::byte> bytes;
  Walk walk(attribute);
  for (Field field; walk.next(field);)
    if (field.is(fields::attribute::s, Wire::Length) || field.is(fields::attribute::strings, Wire::Length))
      bytes.insert(bytes.end(), field.whole.begin(), field.whole.end());
  return bytes;
}

// A value that is an attribute and not a tensor: numbers and strings, alone or in a list.
bool set_value(graph::Tensor& tensor, const graph::Attribute& value, Bytes attribute, std::vector<std::byte>& bytes) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    tensor.type = graph::ElementType::Int64;
    bytes = packed<std::int64_t>({*number});
  } else if (const auto* real = std::get_if<double>(&value)) {
    tensor.type = graph::ElementType::Float32;
    bytes = packed<float>({static_cast<float>(*real)});
  } else if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value)) {
    tensor.type = graph::ElementType::Int64;
    tensor.shape.dims = {static_cast<std::int64_t>(numbers->size())};
    bytes = packed(*numbers);
  } else if (const auto* reals = std::get_if<std::vector<double>>(&value)) {
    tensor.type = graph::ElementType::Float32;
    tensor.shape.dims = {static_cast<std::int64_t>(reals->size())};
    bytes = packed(std::vector<float>(reals->begin(), reals->end()));
  } else {
    const auto* strings = std::get_if<std::vector<std::string>>(&value);
    if (strings == nullptr && !std::holds_alternative<std::string>(value)) return false;
    tensor.type = graph::ElementType::String;
    tensor.encoding = graph::Encoding::Strings;
    if (strings != nullptr) tensor.shape.dims = {static_cast<std::int64_t>(strings->size())};
    bytes = packed_strings(attribute);
  }
  return true;
}

}  // namespace

// False where the node is no Constant, or one whose value only the caller of a function knows.
base::Result<bool> GraphReader::fold(const Header& header, const Field& field) {
  if (header.type != "Constant" || !header.domain.empty() || header.outputs.size() != 1 || header.outputs[0].empty() ||
      header.attributes.size() != 1)
    return false;
  EDGESCOPE_TRY(value, read_attribute(context_, header.attributes[0], std::numeric_limits<std::size_t>::max()));
  if (!value.reference.empty()) return false;
  graph::Tensor tensor;
  const int index = static_cast<int>(graph_.tensors.size());
  const graph::Extent weights = owner(Owner::Weights, index);
  if (value.has_value) {
    std::vector<std::byte> bytes;
    if (!set_value(tensor, value.value, header.attributes[0], bytes)) return false;
    EDGESCOPE_CHECK(context_.charge(bytes.size() + 128, field.whole.data()));
    auto kept = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    tensor.data = *kept;
    tensor.constant = true;
    context_.model.owned.push_back(std::move(kept));
  } else if (!value.sparse_tensor.empty()) {
    EDGESCOPE_TRY(read, read_sparse_tensor(context_, value.sparse_tensor, weights));
    tensor = std::move(read);
  } else if (!value.tensor.empty()) {
    EDGESCOPE_TRY(read, read_tensor(context_, value.tensor, weights));
    tensor = std::move(read);
  } else {
    return false;
  }
  tensor.name = header.outputs[0];
  EDGESCOPE_CHECK(add(std::move(tensor), field.whole.data()));
  EDGESCOPE_CHECK(context_.claim(field.whole, owner(Owner::Tensors, index)));
  return true;
}

base::Status GraphReader::annotations() {
  for (const Field& field : annotations_) EDGESCOPE_CHECK(annotate(field));
  return {};
}

base::Status GraphReader::annotate(const Field& field) {
  std::string_view name;
  auto quantization = std::make_shared<graph::Quantization>();
  Walk walk(field.payload);
  for (Field part; walk.next(part);) {
    if (part.is(fields::annotation::tensor_name, Wire::Length)) name = part.text();
    if (!part.is(fields::annotation::parameters, Wire::Length)) continue;
    std::string_view key, value;
    Walk entry(part.payload);
    for (Field half; entry.next(half);) {
      if (half.is(fields::entry::key, Wire::Length)) key = half.text();
      if (half.is(fields::entry::value, Wire::Length)) value = half.text();
    }
    EDGESCOPE_CHECK(context_.finished(entry, "an entry of a quantisation annotation"));
    const int parameter = find(value);
    if (parameter < 0) continue;
    const graph::Tensor& tensor = graph_.tensors[static_cast<std::size_t>(parameter)];
    if (key == "SCALE_TENSOR") {
      quantization->scales_tensor = parameter;
      quantization->scales = floats(tensor, kMostScales);
    } else if (key == "ZERO_POINT_TENSOR") {
      quantization->zero_points_tensor = parameter;
      quantization->zero_points = integers(tensor, kMostScales);
    }
  }
  EDGESCOPE_CHECK(context_.finished(walk, "a quantisation annotation"));
  const int index = find(name);
  EDGESCOPE_CHECK(context_.claim(field.whole, owner(index < 0 ? Owner::Graph : Owner::Tensors, index)));
  if (index < 0) return {};
  EDGESCOPE_CHECK(context_.charge(sizeof(graph::Quantization) + 64 + quantization->scales.size() * sizeof(float) +
                                      quantization->zero_points.size() * 2 * sizeof(std::int64_t),
                                  field.whole.data()));
  graph_.tensors[static_cast<std::size_t>(index)].quantization = std::move(quantization);
  return {};
}

}  // namespace edgescope::format::onnx
