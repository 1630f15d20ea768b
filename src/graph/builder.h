// Models made by code: forest programs, rewrites, tests.
//
//   Builder b(Format::TfLite, "scale");
//   const int x = b.input("x", ElementType::Float32, {1, 8});
//   const int w = b.constant<float>("w", {4, 8}, weights);
//   b.output(b.add(Kind::FullyConnected, {x, w}, {{"activation", "relu"}}), "y");
//   EDGESCOPE_TRY(model, std::move(b).finish());
//
// Operators are in canonical form (graph/canonical.h), so that each format's writer can say them in its own
// words; types and shapes of results follow from their inputs. What does not fit is not reported by the call
// that made it but by finish(), so that building reads like the formula: the first mistake counts, and what is
// built on it is ignored.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "graph/canonical.h"
#include "graph/infer.h"
#include "graph/model.h"

namespace edgescope::graph {

// The element type of the numbers that code has.
template <typename T>
constexpr ElementType element_type_of() {
  if constexpr (std::is_same_v<T, float>) return ElementType::Float32;
  if constexpr (std::is_same_v<T, double>) return ElementType::Float64;
  if constexpr (std::is_same_v<T, std::int8_t>) return ElementType::Int8;
  if constexpr (std::is_same_v<T, std::uint8_t>) return ElementType::UInt8;
  if constexpr (std::is_same_v<T, std::int16_t>) return ElementType::Int16;
  if constexpr (std::is_same_v<T, std::int32_t>) return ElementType::Int32;
  if constexpr (std::is_same_v<T, std::int64_t>) return ElementType::Int64;
  return ElementType::Unknown;
}

// An operator's attribute as it is written down: integers, texts and lists take the types that attributes have.
struct Named : std::pair<std::string, Attribute> {
  Named(std::string_view name, bool value) : pair(name, value) {}
  Named(std::string_view name, int value) : pair(name, std::int64_t{value}) {}
  Named(std::string_view name, std::int64_t value) : pair(name, value) {}
  Named(std::string_view name, double value) : pair(name, value) {}
  Named(std::string_view name, const char* value) : pair(name, std::string(value)) {}
  Named(std::string_view name, std::string value) : pair(name, std::move(value)) {}
  Named(std::string_view name, ElementType value) : pair(name, std::string(element_type_name(value))) {}
  Named(std::string_view name, std::vector<std::int64_t> value) : pair(name, std::move(value)) {}
  Named(std::string_view name, std::initializer_list<std::int64_t> value) : pair(name, std::vector(value)) {}
};

class Builder {
 public:
  using Dims = std::vector<std::int64_t>;

  // The format decides the layout of spatial data, and which writer will be asked.
  explicit Builder(Format format, std::string name = "main");

  int input(std::string name, ElementType type, Dims dims);

  // Constants belong to the model.
  int constant(std::string name, ElementType type, Dims dims, std::vector<std::byte> data);
  template <typename T>
  int constant(std::string name, Dims dims, const std::vector<T>& values) {
    static_assert(element_type_of<T>() != ElementType::Unknown);
    const auto bytes = std::as_bytes(std::span(values));
    return constant(std::move(name), element_type_of<T>(), std::move(dims), {bytes.begin(), bytes.end()});
  }

  // An operator with one result, or with as many as its kind has. Unnamed results are called after the kind.
  int add(Kind kind, std::vector<int> inputs, std::initializer_list<Named> attributes = {}, std::string name = {});
  std::vector<int> add_all(Kind kind, std::vector<int> inputs, std::initializer_list<Named> attributes = {},
                           std::string name = {});
  // Where the results of a kind cannot be inferred, or are to be of another type: they are given.
  std::vector<int> add_given(Operator op, std::vector<Made> results, std::string name = {});

  // real = scale * (q - zero_point); with several scales one a channel along `axis`.
  void quantize(int tensor, float scale, std::int64_t zero_point);
  void quantize(int tensor, Quantization quantization);

  // The tensor is a result of the model; a name replaces the one that it has.
  void output(int tensor, std::string name = {});

  // What is known of a tensor so far.
  const Dims& dims(int tensor) const { return at(tensor).shape.dims; }
  ElementType type(int tensor) const { return at(tensor).type; }

  // The model, valid (graph/validate.h), or the first mistake.
  base::Result<Model> finish() &&;

 private:
  Subgraph& graph() { return model_.subgraphs.front(); }
  const Tensor& at(int tensor) const;
  int add_tensor(std::string name, ElementType type, Dims dims);
  std::vector<int> failed(base::Error error, std::size_t results);

  Model model_;
  std::optional<base::Error> mistake_;
};

}  // namespace edgescope::graph
