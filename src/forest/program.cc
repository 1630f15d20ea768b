#include "forest/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "forest/program_parts.h"

namespace edgescope::forest {
namespace {

// A program of an ensemble without trees answers its base values: those of one tree that is a leaf.
Ensemble with_a_tree(const Ensemble& ensemble) {
  Ensemble copy = ensemble;
  if (!copy.trees.empty()) return copy;
  Tree tree{
      .nodes = {{.leaf = 0}}, .outputs = {}, .values = std::vector<double>(static_cast<std::size_t>(copy.outputs))};
  for (int k = 0; k < copy.outputs; ++k) tree.outputs.push_back(k);
  copy.trees.push_back(std::move(tree));
  return copy;
}

base::Status takes(const Ensemble& ensemble, const ProgramPlan& plan) {
  const auto refuse = [&](std::string what) {
    return base::fail({.fault = base::Fault::usage,
                       .what = fmt::format("as {} {}", strategy_name(plan.strategy), what),
                       .remedy = "The exact program takes it: --strategy exact."});
  };
  if (plan.batch < 1)
    return base::fail({.fault = base::Fault::usage, .what = fmt::format("a batch of {} rows", plan.batch)});
  if (std::max<std::uint64_t>(2 * static_cast<std::uint64_t>(ensemble.features), ensemble.trees.size()) *
          static_cast<std::uint64_t>(plan.batch) >
      std::numeric_limits<std::int32_t>::max())
    return base::fail({.fault = base::Fault::usage,
                       .what = fmt::format("a batch of {} rows takes more than 2^31 numbers", plan.batch),
                       .remedy = "Take fewer rows at a time."});
  for (std::size_t t = 0; t < ensemble.trees.size(); ++t) {
    if (!plan.ncs2 && ensemble.trees[t].leaves() > 1 << 24)
      return refuse(fmt::format("tree {} has {} leaves, whose numbers a 32-bit float does not hold", t,
                                ensemble.trees[t].leaves()));
    if (plan.ncs2 && plan.answer == Answer::Leaves && ensemble.trees[t].leaves() > 2048)
      return refuse(fmt::format("tree {} has {} leaves, whose numbers the NCS2's 16-bit floats do not hold", t,
                                ensemble.trees[t].leaves()));
  }
  return {};
}

}  // namespace

std::string_view strategy_name(Strategy strategy) {
  switch (strategy) {
    case Strategy::Gemm:
      return "gemm";
    case Strategy::Tt:
      return "tt";
    case Strategy::Ptt:
      return "ptt";
  }
  return "";
}

base::Result<Program> program(const Ensemble& source, const ProgramPlan& plan) {
  EDGESCOPE_CHECK(takes(source, plan));
  const Ensemble ensemble = with_a_tree(source);
  const bool has_or_equal = !plan.ncs2 && (plan.format != graph::Format::Onnx || plan.opset >= 12);
  const UniformForest forest = uniform(ensemble, {.number = plan.number(), .or_equal = has_or_equal});
  ProgramParts parts(ensemble, forest, plan);
  EDGESCOPE_CHECK(plan.strategy == Strategy::Gemm ? gemm(parts)
                  : plan.strategy == Strategy::Tt ? tt(parts)
                                                  : ptt(parts));
  EDGESCOPE_TRY(model, std::move(parts.builder()).finish());
  Program result{.model = std::move(model), .plan = plan, .depth = std::max(1, forest.depth)};
  for (const graph::Tensor& tensor : result.model.subgraphs.front().tensors) result.constants += tensor.data.size();
  return result;
}

}  // namespace edgescope::forest
