// What operators in canonical form (graph/canonical.h) make of constants: a small reference interpreter, plain
// rather than fast. Rewrites fold constants with it, and are held against it.
//
// f32 is computed in f32, step by step and in the order of the elements; f64 in f64; f16 as f32 and rounded at the
// end (sums as HalfSums says). Integers wrap around as two's complement. Comparisons with NaN are false, but for
// not_equal; a maximum or minimum of which one is NaN is NaN, as ONNX and NumPy have it (vendors' runtimes differ:
// TensorFlow Lite and OpenVINO give one of the two); relu and clamp leave NaN NaN. Exponential functions are the C
// library's, which no runtime promises to the last bit.
#pragma once

#include <span>
#include <vector>

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::graph {

// The values of a tensor, little-endian and packed, one byte for a boolean.
struct Value {
  ElementType type = ElementType::Unknown;
  std::vector<std::int64_t> dims;
  std::vector<std::byte> data;
  std::shared_ptr<const Quantization> quantization = {};  // of quantize and dequantize
};

// A constant's, whatever it is kept as; nothing where it is none (graph/elements.h).
std::optional<Value> value_of(const Tensor& tensor);

// How sums of 16-bit floats come about in matrix products, convolutions, pools and reductions. A device may round each
// product and each partial sum, and add in an order of its own. Where all terms are exact, partial sums are the largest
// when those of one sign come first: where neither order rounds anything, none does.
enum class HalfSums : std::uint8_t {
  Wide,           // added as f32, rounded at the end
  InOrder,        // each product and each partial sum rounded, in the order of the elements, a bias last
  PositiveFirst,  // the same from the largest term to the smallest
  NegativeFirst,  // and from the smallest to the largest
};

// One value a result. `inputs` are the operator's, null for an omitted one; `results` are the tensors that they
// become, whose types and quantisation quantize asks for. The error says what is not known here.
base::Result<std::vector<Value>> evaluate(const Operator& op, std::span<const Value* const> inputs, Layout layout,
                                          std::span<const Tensor* const> results = {},
                                          HalfSums half_sums = HalfSums::Wide);

// All operators of a subgraph, each in canonical form, for given inputs; the values of its outputs.
base::Result<std::vector<Value>> evaluate(const Subgraph& graph, Layout layout, std::span<const Value> inputs,
                                          HalfSums half_sums = HalfSums::Wide);

}  // namespace edgescope::graph
