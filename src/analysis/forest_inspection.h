// What is inside a tree ensemble, and what it costs as a tensor program: how deep and wide the trees are, what they
// test, and the bytes of each strategy's program beside the memory of the devices (docs/forest.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "analysis/forest_build.h"
#include "base/json.h"
#include "format/forest/ensemble.h"

namespace edgescope::analysis {

// Of the constants of Hummingbird's three strategies, whose matrices and lists are padded to the largest tree.
// Nothing where the number exceeds 64 bits: a perfect tree grows with 2 to the power of its depth.
enum class Strategy : std::uint8_t { Gemm, TreeTraversal, PerfectTreeTraversal };
struct Layout {
  std::uint64_t number = 4;  // bytes of a threshold, a weight, a leaf's value
  std::uint64_t index = 8;   // of a feature's or a node's number
};
inline constexpr Layout kFloat32{4, 8};  // as Hummingbird writes them
inline constexpr Layout kFloat16{2, 4};  // as the NCS2's plugin stores them
std::optional<std::uint64_t> strategy_bytes(const forest::Ensemble& ensemble, Strategy strategy, Layout layout);

// What the constants of our own classical program take, as src/forest lays them out: by the tests after sets and
// equality have become chains, padded to the largest tree (gemm) or to perfect trees (ptt). Builds nothing of that
// size.
double predicted_bytes(const forest::Ensemble& ensemble, const ForestPlan& plan);

// The document's member `forest`. `format` is what the file is: "xgboost", "onnx", ...
base::Json forest_json(const forest::Ensemble& ensemble, std::string_view format);

}  // namespace edgescope::analysis
