// Writes ONNX messages byte by byte, so that tests can say what no ONNX program would write.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "format/onnx/fields.h"
#include "format/onnx/reader.h"

namespace edgescope::format::onnx::test {

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value > 0x7f; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
inline std::string number(std::uint32_t field, std::int64_t value) {
  return varint(field << 3) + varint(static_cast<std::uint64_t>(value));
}
inline std::string text(std::uint32_t field, std::string_view payload) {
  return varint(field << 3 | 2) + varint(payload.size()) + std::string(payload);
}
inline std::string real(std::uint32_t field, float value) {
  std::string bits(sizeof value, '\0');
  std::memcpy(bits.data(), &value, sizeof value);
  return varint(field << 3 | 5) + bits;
}

inline std::string dims(std::initializer_list<std::int64_t> list) {
  std::string out;
  for (std::int64_t dim : list) out += number(fields::tensor::dims, dim);
  return out;
}
// Without data: append it.
inline std::string tensor(std::string_view name, int type, std::initializer_list<std::int64_t> shape) {
  return dims(shape) + number(fields::tensor::data_type, type) + text(fields::tensor::name, name);
}
inline std::string raw(std::size_t size) { return text(fields::tensor::raw_data, std::string(size, '\1')); }

inline std::string attribute(std::string_view name, int type, std::string_view value) {
  return text(fields::node::attribute,
              text(fields::attribute::name, name) + std::string(value) + number(fields::attribute::type, type));
}
inline std::string int_attribute(std::string_view name, std::int64_t value) {
  return attribute(name, 2, number(fields::attribute::i, value));
}
inline std::string ints_attribute(std::string_view name, std::initializer_list<std::int64_t> values) {
  std::string list;
  for (std::int64_t value : values) list += number(fields::attribute::ints, value);
  return attribute(name, 7, list);
}
inline std::string string_attribute(std::string_view name, std::string_view value) {
  return attribute(name, 3, text(fields::attribute::s, value));
}
inline std::string graph_attribute(std::string_view name, std::string_view graph) {
  return attribute(name, 5, text(fields::attribute::g, graph));
}

using Names = std::initializer_list<std::string_view>;
// The content of a NodeProto.
inline std::string node_content(std::string_view type, Names inputs, Names outputs, std::string_view rest = {}) {
  std::string out;
  for (std::string_view name : inputs) out += text(fields::node::input, name);
  for (std::string_view name : outputs) out += text(fields::node::output, name);
  return out + text(fields::node::op_type, type) + std::string(rest);
}
// As a field of a graph.
inline std::string node(std::string_view type, Names inputs, Names outputs, std::string_view rest = {}) {
  return text(fields::graph::node, node_content(type, inputs, outputs, rest));
}
// An f32 value; -1 is a dimension without a value.
inline std::string value(std::uint32_t field, std::string_view name, std::initializer_list<std::int64_t> shape) {
  std::string list;
  for (std::int64_t dim : shape)
    list += text(fields::shape::dim, dim < 0 ? "" : number(fields::dimension::dim_value, dim));
  const std::string type = number(fields::tensor_type::elem_type, 1) + text(fields::tensor_type::shape, list);
  return text(field,
              text(fields::value_info::name, name) + text(fields::value_info::type, text(fields::type::tensor, type)));
}
inline std::string input(std::string_view name, std::initializer_list<std::int64_t> shape = {1}) {
  return value(fields::graph::input, name, shape);
}
inline std::string output(std::string_view name, std::initializer_list<std::int64_t> shape = {1}) {
  return value(fields::graph::output, name, shape);
}
inline std::string initializer(std::string_view tensor) { return text(fields::graph::initializer, tensor); }

inline std::string opset(std::int64_t version, std::string_view domain = {}) {
  return text(fields::model::opset_import,
              text(fields::opset::domain, domain) + number(fields::opset::version, version));
}
inline std::string model(std::string_view graph, std::int64_t version = 17, std::string_view rest = {}) {
  return number(fields::model::ir_version, 8) + opset(version) + std::string(rest) + text(fields::model::graph, graph);
}

inline base::Result<graph::Model> read_text(const std::string& bytes, std::string path = "/nonexistent/model.onnx") {
  return read(base::MappedFile::borrow(std::as_bytes(std::span(bytes)), std::move(path)));
}
// The error's message, "" where there is none.
inline std::string error_of(const std::string& bytes, std::string path = "/nonexistent/model.onnx") {
  const auto model = read_text(bytes, std::move(path));
  return model ? "" : model.error().message();
}

}  // namespace edgescope::format::onnx::test
