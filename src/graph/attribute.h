// Typed attributes of operators.
//
// Readers give the attributes that rules and ledgers need under canonical names (below) and canonical
// meanings, and keep every other one under the source's own name. A default that the source's
// specification names is filled in for canonical ones, so that a rule never has to know the format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace edgescope::graph {

using Attribute = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>,
                               std::vector<std::string>>;

// In the source's order; an operator has few, so lookup is a walk.
using Attributes = std::vector<std::pair<std::string, Attribute>>;

const Attribute* find(const Attributes& attributes, std::string_view name);

// The attribute if it is present and has this type, else `otherwise`.
template <typename T>
T get(const Attributes& attributes, std::string_view name, T otherwise = {}) {
  const Attribute* attribute = find(attributes, name);
  const T* value = attribute ? std::get_if<T>(attribute) : nullptr;
  return value ? *value : otherwise;
}

// Canonical names. Spatial vectors go from the outermost to the innermost spatial dimension (H, W).
namespace attr {
inline constexpr std::string_view kernel = "kernel";          // ints: pooling window
inline constexpr std::string_view strides = "strides";        // ints
inline constexpr std::string_view dilations = "dilations";    // ints
inline constexpr std::string_view padding = "padding";        // "same" (end-heavy), "same_lower", "valid" or "explicit"
inline constexpr std::string_view pads_begin = "pads_begin";  // ints, with "explicit"
inline constexpr std::string_view pads_end = "pads_end";      // ints, with "explicit"
inline constexpr std::string_view groups = "groups";          // int, convolutions
inline constexpr std::string_view activation = "activation";  // fused: kind name, "relu6", "none"
inline constexpr std::string_view axis = "axis";              // int, may be negative
inline constexpr std::string_view axes = "axes";              // ints, may be negative
inline constexpr std::string_view keep_dims = "keep_dims";    // bool, reductions
inline constexpr std::string_view transpose_a = "transpose_a";      // bool, matrix products
inline constexpr std::string_view transpose_b = "transpose_b";      // bool
inline constexpr std::string_view alpha = "alpha";                  // float
inline constexpr std::string_view beta = "beta";                    // float
inline constexpr std::string_view epsilon = "epsilon";              // float
inline constexpr std::string_view min = "min";                      // float, clamp
inline constexpr std::string_view max = "max";                      // float, clamp
inline constexpr std::string_view to = "to";                        // element type name, casts
inline constexpr std::string_view permutation = "permutation";      // ints, transposes whose order is an attribute
inline constexpr std::string_view align_corners = "align_corners";  // bool, resizes
inline constexpr std::string_view half_pixel_centers = "half_pixel_centers";  // bool, resizes
inline constexpr std::string_view block_size = "block_size";                  // int, space/depth
inline constexpr std::string_view subgraph = "subgraph";  // int or ints: index into Model::subgraphs of bodies
}  // namespace attr

}  // namespace edgescope::graph
