// Which operators of a source model the Edge TPU compiler maps to the device, before compiling.
//
// Constraints per operator are those that Coral publishes (and that are marked where no public source
// was seen); statuses are the compiler's own words. Then the single-subgraph rule: the compiler makes
// one Edge TPU subgraph, so an operator that needs a result that went through the CPU after leaving
// the device stays on the CPU as well.
#pragma once

#include <string_view>

#include "graph/model.h"
#include "target/edgetpu/memory_model.h"
#include "target/target.h"

namespace edgescope::target::edgetpu {

// Statuses as compilers from 1.0 to 16 print them.
namespace status {
inline constexpr std::string_view mapped = "Mapped to Edge TPU";
inline constexpr std::string_view subgraph = "More than one subgraph is not supported";
inline constexpr std::string_view data_type = "Operation is working on an unsupported data type";
inline constexpr std::string_view rank = "Tensor has unsupported rank (up to 3 innermost dimensions mapped)";
inline constexpr std::string_view limitation =
    "Operation is otherwise supported, but not mapped due to some unspecified limitation";
inline constexpr std::string_view unsupported = "Operation not supported";
inline constexpr std::string_view version = "Operation version not supported";
inline constexpr std::string_view interpreter =
    "Model failed in Tflite interpreter. Please ensure model can be loaded/run in Tflite interpreter.";
inline constexpr std::string_view registration = "Model could not be parsed";
inline constexpr std::string_view not_constant = "Filter, bias, or other param is not constant at compile-time";
inline constexpr std::string_view precision = "Image-interpolation layer won't run precisely enough on Edge TPU";
}  // namespace status

// The graph with the shapes that the compiler sees. In a TFLite file an open outermost dimension is 1
// until somebody resizes it, and nobody does before compiling: such models compile, for a batch of 1.
graph::Subgraph with_batch_of_one(graph::Subgraph subgraph);

Check map_operators(const graph::Subgraph& subgraph, Compiler compiler = Compiler::V16);

// The Edge TPU as every command sees it: the rules above for a model of any format.
class EdgeTpu final : public Target {
 public:
  explicit EdgeTpu(Compiler compiler = Compiler::V16) : compiler_(compiler) {}

  std::string_view name() const override { return "edgetpu"; }
  std::string software() const override;
  Verdict check(const graph::Subgraph& subgraph, int op) const override;
  Check check(const graph::Model& model) const override;

 private:
  Compiler compiler_;
};

}  // namespace edgescope::target::edgetpu
