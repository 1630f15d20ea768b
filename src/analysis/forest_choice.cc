#include "analysis/forest_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "target/edgetpu/mapping.h"
#include "target/ncs2/cost.h"

namespace edgescope::analysis {
namespace {

using forest::Ensemble;
using forest::Strategy;
using graph::Format;
using target::Interval;

constexpr Strategy kClassical[] = {Strategy::Ptt, Strategy::Tt, Strategy::Gemm};

// What the laws below take of a forest.
struct Shape {
  double trees = 0, features = 0, outputs = 1;
  double depth = 1, nodes = 1, leaves = 1;  // of the largest tree: the classical programs pad all to it

  explicit Shape(const Ensemble& ensemble)
      : trees(static_cast<double>(ensemble.trees.size())), features(ensemble.features), outputs(ensemble.outputs) {
    for (const forest::Tree& tree : ensemble.trees) {
      depth = std::max<double>(depth, forest::depth(tree));
      leaves = std::max<double>(leaves, tree.leaves());
      nodes = std::max<double>(nodes, static_cast<double>(tree.nodes.size()) - tree.leaves());
    }
  }
  double perfect_leaves() const { return trees * std::exp2(depth); }
};

// --- CPUs: microseconds, measured on one core of an x86 machine with AVX-512 (bench/forest.py, and `bench` on the
// programs that it wrote), idle and under other load; the ends are the faster and the slower of the two.
constexpr const char* kCpuBasis = "predicted(measured per element on one x86 core)";

// A level costs a call of some operators, and each row a step in each tree.
Interval look_ups(double levels, double steps, Format format) {
  const bool tflite = format == Format::TfLite;
  const Interval call_us =
      tflite ? Interval{0.7 + 0.4 * levels, 1.5 + levels} : Interval{3 + 0.7 * levels, 8 + 2 * levels};
  const Interval step_ns = tflite ? Interval{7, 14} : Interval{2, 5};
  return {call_us.low + steps * step_ns.low * 1e-3, call_us.high + steps * step_ns.high * 1e-3};
}

Interval traversal_on_cpu(const Shape& shape, Strategy strategy, Format format, double batch) {
  const double more = strategy == Strategy::Tt ? 1.2 : 1;
  return look_ups(shape.depth, batch * shape.trees * shape.depth * more, format);
}

Interval gemm_on_cpu(const Shape& shape, Format format, double batch) {
  const bool tflite = format == Format::TfLite;
  const double macs = shape.leaves * (shape.nodes + shape.outputs) + shape.nodes * shape.features;
  const double results = 3 * shape.nodes + 2 * shape.leaves;
  const Interval call_us = tflite ? Interval{1, 4} : Interval{5, 15};
  // However few rows there are, the matrices are read once.
  const Interval read_ns = tflite ? Interval{0.2, 0.7} : Interval{0.04, 0.3};
  const Interval row_ns{0.01 * macs + 0.1 * results, 0.04 * macs + 0.3 * results};
  return {call_us.low + shape.trees * 1e-3 * (macs * read_ns.low + batch * row_ns.low),
          call_us.high + shape.trees * 1e-3 * (macs * read_ns.high + batch * row_ns.high)};
}

// Results that are scaled and stored cost more than the products behind them: 0.3 ns while they stay in the cache.
constexpr Interval kResultNs{0.3, 1.0}, kMacNs{0.002, 0.01};
constexpr double kCachedResults = 1 << 20;

// Ranks before the program, leaves behind it.
Interval host_of_exact(const Shape& shape, double batch) {
  return {batch * (0.008 * shape.features + 0.004 * shape.trees),
          batch * (0.02 * shape.features + 0.012 * shape.trees)};
}

Interval products_on_cpu(const forest::ExactSize& size, const Shape& shape, Format format, double batch) {
  const bool tflite = format == Format::TfLite;
  const double results = batch * size.results_per_row, macs = batch * size.macs_per_row;
  const Interval floats = tflite ? Interval{1, 1} : Interval{1.5, 4};  // as many bytes, in kernels that are better
  const double in_cache = results * floats.high <= kCachedResults ? kResultNs.low * 1.4 : kResultNs.high;
  const Interval host = host_of_exact(shape, batch);
  const double call = tflite ? 0.7 : 3;
  return {call + host.low + floats.low * 1e-3 * (results * kResultNs.low + macs * kMacNs.low),
          3 * call + host.high + floats.high * 1e-3 * (results * in_cache + macs * kMacNs.high)};
}

Interval look_ups_on_cpu(const forest::ExactSize& size, const Shape& shape, Format format, double batch) {
  const Interval host = host_of_exact(shape, batch);
  const Interval walk = look_ups(size.height, batch * size.results_per_row, format);
  return {host.low + walk.low, host.high + walk.high};
}

// --- NCS2: the stage law, on the stages that the plugin makes of our programs (checked on the virtual stick).

Interval by_stages(double stages, double elementwise, double gathered) {
  const auto count = [](double x) { return static_cast<std::uint64_t>(std::max(1.0, x)); };
  std::vector<target::ncs2::Stage> list(count(stages - 2));
  list.push_back({.kind = "Sum", .output_elements = count(elementwise)});
  list.push_back({.kind = "Gather", .output_elements = count(gathered)});
  return target::ncs2::predict(list).microseconds;
}

Interval on_ncs2(const Shape& shape, Strategy strategy, double batch) {
  const double trees = batch * shape.trees, depth = shape.depth;
  if (strategy == Strategy::Gemm) return by_stages(9, 2.3 * trees * (shape.nodes + shape.leaves), 1);
  return by_stages(6 * depth + 3, 3 * depth * trees, 2 * depth * trees);
}

// The compiler's rules on the smallest program of this kind, since they do not depend on its size.
std::string refusal_by_edgetpu(Strategy strategy) {
  Ensemble stump;
  stump.features = 1;
  stump.trees.push_back({.nodes = {{.feature = 0, .on_true = 1, .on_false = 2}, {.leaf = 0}, {.leaf = 1}},
                         .outputs = {0},
                         .values = {0, 1}});
  const auto program = forest::program(stump, {.strategy = strategy, .format = Format::TfLite});
  if (!program) return program.error().message();
  const target::edgetpu::EdgeTpu edgetpu;
  const target::Check check = edgetpu.check(program->model);
  if (!check.compiles) return fmt::format("it compares and looks up in floats; the compiler says: {}", check.failure);
  const auto& operators = program->model.subgraphs.front().operators;
  for (std::size_t i = 0; i < check.operators.size(); ++i)
    if (check.operators[i].mapping != target::Mapping::Mapped)
      return fmt::format("{} stays on the CPU: {}", graph::kind_name(operators[i].kind), check.operators[i].reason);
  return "";
}

// A perfect tree grows with 2 to the power of its depth, a matrix with nodes times leaves.
std::string refusal_by_size(const Shape& shape, Strategy strategy, ForestTarget target) {
  const double number = target == ForestTarget::Ncs2 ? 2 : 4;
  double bytes = 0;
  if (strategy == Strategy::Ptt) bytes = shape.perfect_leaves() * (number * (shape.outputs + 1) + 4);
  if (strategy == Strategy::Gemm) bytes = number * shape.trees * shape.leaves * shape.nodes;
  const double limit = target == ForestTarget::Ncs2 ? 500e6 : 2e9;
  if (bytes <= limit) return "";
  return fmt::format("its constants take {}", base::bytes_text(static_cast<std::uint64_t>(std::min(bytes, 1e18))));
}

ForestCandidate exact(const Ensemble& ensemble, const Shape& shape, ForestTarget target, Format format, int batch) {
  ForestCandidate candidate{.strategy = "exact", .refusal = {}, .us = {}, .basis = {}};
  const auto form =
      forest::exact_form(ensemble, target == ForestTarget::EdgeTpu, target == ForestTarget::Ncs2, format, batch);
  const forest::ExactSize size = forest::exact_size(ensemble, {.form = form, .format = format, .batch = batch});
  if (target == ForestTarget::Cpu) {
    candidate.us = form == forest::ExactForm::Traversal ? look_ups_on_cpu(size, shape, format, batch)
                                                        : products_on_cpu(size, shape, format, batch);
    candidate.basis = kCpuBasis;
  } else if (target == ForestTarget::Ncs2) {
    // What the plugin makes of one convolution of 32,768 nodes and of several, with the copies between.
    const double parts = std::ceil(size.pieces * 16 / 32768.0);
    candidate.us = by_stages(parts > 1 ? 4 + 6 * parts : 8, 1, 1);
    candidate.us->high *= batch;  // how the plugin cuts up more rows is not known: at most as so many runs
    candidate.basis = "predicted(stage law)";
  }
  return candidate;
}

ForestCandidate classical(const Shape& shape, Strategy strategy, ForestTarget target, Format format, int batch) {
  ForestCandidate candidate{
      .strategy = std::string(forest::strategy_name(strategy)), .refusal = {}, .us = {}, .basis = {}};
  candidate.refusal =
      target == ForestTarget::EdgeTpu ? refusal_by_edgetpu(strategy) : refusal_by_size(shape, strategy, target);
  if (!candidate.refusal.empty()) return candidate;
  const bool cpu = target == ForestTarget::Cpu;
  candidate.us = !cpu                         ? on_ncs2(shape, strategy, batch)
                 : strategy == Strategy::Gemm ? gemm_on_cpu(shape, format, batch)
                                              : traversal_on_cpu(shape, strategy, format, batch);
  candidate.basis = cpu ? kCpuBasis : "predicted(stage law)";
  return candidate;
}

std::string between(const Interval& us) {
  return fmt::format("{} to {}", base::microseconds_text(us.low), base::microseconds_text(us.high));
}

std::string why(const ForestChoice& choice) {
  const ForestCandidate& best = choice.candidates[choice.chosen];
  const ForestCandidate* second = nullptr;
  std::string refused;
  for (const ForestCandidate& other : choice.candidates) {
    if (!other.refusal.empty()) refused += (refused.empty() ? "" : ", ") + other.strategy;
    if (&other == &best || !other.us) continue;
    if (!second || other.us->low + other.us->high < second->us->low + second->us->high) second = &other;
  }
  if (!second)
    return fmt::format("{} was chosen because it is the only one that runs there: {} {} not ({}).", best.strategy,
                       refused, refused.find(',') == std::string::npos ? "does" : "do",
                       choice.candidates.back().refusal);
  return fmt::format("{} was chosen for the least predicted time of a run, {}, where the next, {}, takes {}.",
                     best.strategy, between(*best.us), second->strategy, between(*second->us));
}

}  // namespace

std::string_view forest_target_name(ForestTarget target) {
  return target == ForestTarget::Cpu ? "cpu" : target == ForestTarget::EdgeTpu ? "edgetpu" : "ncs2";
}

ForestChoice choose_strategy(const Ensemble& ensemble, ForestTarget target, Format format, int batch) {
  const Shape shape(ensemble);
  ForestChoice choice;
  choice.candidates.push_back(exact(ensemble, shape, target, format, batch));
  for (const Strategy strategy : kClassical)
    choice.candidates.push_back(classical(shape, strategy, target, format, batch));
  for (std::size_t i = 1; i < choice.candidates.size(); ++i) {
    const auto &best = choice.candidates[choice.chosen].us, &other = choice.candidates[i].us;
    if (best && other && other->low + other->high < best->low + best->high) choice.chosen = i;
  }
  choice.why = why(choice);
  return choice;
}

base::Json choice_json(const ForestChoice& choice) {
  base::Json list = base::Json::array();
  for (const ForestCandidate& candidate : choice.candidates) {
    base::Json json = {{"strategy", candidate.strategy}, {"runs", candidate.refusal.empty()}};
    if (!candidate.refusal.empty()) json["reason"] = candidate.refusal;
    if (candidate.us) {
      json["interval_us"] = {candidate.us->low, candidate.us->high};
      json["basis"] = candidate.basis;
    }
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace edgescope::analysis
