#include "analysis/forest_inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "analysis/forest_build.h"
#include "base/checked.h"
#include "forest/exact.h"
#include "forest/uniform.h"
#include "target/edgetpu/memory_model.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using forest::Comparison;
using forest::Ensemble;
using forest::Node;
using forest::Tree;

constexpr std::uint64_t kNcs2Memory = 512'000'000;
// An exact program of more than this is not built for an inspection.
constexpr std::uint64_t kMostTests = 4'000'000;

std::string_view comparison_text(Comparison comparison) {
  switch (comparison) {
    case Comparison::Less:
      return "<";
    case Comparison::LessEqual:
      return "<=";
    case Comparison::Greater:
      return ">";
    case Comparison::GreaterEqual:
      return ">=";
    case Comparison::Equal:
      return "==";
    case Comparison::NotEqual:
      return "!=";
    case Comparison::InSet:
      return "in";
  }
  return "";
}

std::string_view aggregate_text(forest::Aggregate aggregate) {
  switch (aggregate) {
    case forest::Aggregate::Sum:
      return "sum";
    case forest::Aggregate::Average:
      return "average";
    case forest::Aggregate::Min:
      return "min";
    case forest::Aggregate::Max:
      return "max";
  }
  return "";
}

std::string_view transform_text(forest::PostTransform transform) {
  using enum forest::PostTransform;
  switch (transform) {
    case None:
      return "none";
    case Logistic:
      return "logistic";
    case Softmax:
      return "softmax";
    case SoftmaxZero:
      return "softmax of what is not zero";
    case Probit:
      return "probit";
    case Exp:
      return "exp";
    case ExpStandardRatio:
      return "exp2(-x / a)";
    case LogOnePlusExp:
      return "log(1 + exp(x))";
    case SignedSquare:
      return "signed square";
    case Hinge:
      return "x > 0";
    case MaxIndex:
      return "index of the largest";
  }
  return "";
}

std::string_view precision_text(forest::Precision precision) {
  return precision == forest::Precision::Float32 ? "float32" : "float64";
}

struct FeatureUse {
  std::uint64_t nodes = 0;
  std::set<double> thresholds;
  std::set<int> sets;
};

struct Shape {
  std::uint64_t trees = 0, inner = 0, leaves = 0;
  std::uint64_t most_inner = 0, most_leaves = 0, depth = 0;  // of one tree
};

std::uint64_t inner_nodes(const Tree& tree) { return tree.nodes.size() - static_cast<std::size_t>(tree.leaves()); }

Shape shape_of(const Ensemble& ensemble) {
  Shape shape{.trees = ensemble.trees.size()};
  for (const Tree& tree : ensemble.trees) {
    const std::uint64_t inner = inner_nodes(tree), leaves = static_cast<std::uint64_t>(tree.leaves());
    shape.inner += inner;
    shape.leaves += leaves;
    shape.most_inner = std::max(shape.most_inner, inner);
    shape.most_leaves = std::max(shape.most_leaves, leaves);
    shape.depth = std::max(shape.depth, static_cast<std::uint64_t>(forest::depth(tree)));
  }
  return shape;
}

std::uint64_t constant_bytes(const graph::Model& model) {
  std::uint64_t bytes = 0;
  for (const graph::Tensor& tensor : model.subgraphs.front().tensors)
    if (tensor.constant) bytes += tensor.data.size();
  return bytes;
}

Json distribution(const std::map<std::uint64_t, std::uint64_t>& counts, const char* key, const char* of) {
  Json list = Json::array();
  for (const auto& [value, count] : counts) list.push_back({{key, value}, {of, count}});
  return list;
}

// How many trees are so deep, and how many leaves lie so deep.
Json depths_of(const Ensemble& ensemble, const Shape& shape) {
  std::vector<std::uint64_t> trees(shape.depth + 1), leaves(shape.depth + 1);
  for (const Tree& tree : ensemble.trees) {
    ++trees[static_cast<std::size_t>(forest::depth(tree))];
    std::vector<std::size_t> level(tree.nodes.size());
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
      const Node& node = tree.nodes[i];
      if (node.is_leaf()) {
        ++leaves[level[i]];
        continue;
      }
      level[static_cast<std::size_t>(node.on_true)] = level[static_cast<std::size_t>(node.on_false)] = level[i] + 1;
    }
  }
  Json list = Json::array();
  for (std::size_t d = 0; d < trees.size(); ++d)
    list.push_back({{"depth", d}, {"trees", trees[d]}, {"leaves", leaves[d]}});
  return list;
}

bool in_float32(double x) { return static_cast<double>(static_cast<float>(x)) == x; }

Json features_of(const Ensemble& ensemble, const std::vector<FeatureUse>& uses) {
  Json list = Json::array();
  for (std::size_t f = 0; f < uses.size(); ++f) {
    const FeatureUse& use = uses[f];
    if (use.nodes == 0) continue;
    Json feature = {{"index", f}};
    if (!ensemble.feature_names.empty()) feature["name"] = ensemble.feature_names[f];
    feature["nodes"] = use.nodes;
    feature["thresholds"] = use.thresholds.size();
    feature["not_float32"] = static_cast<std::uint64_t>(
        std::count_if(use.thresholds.begin(), use.thresholds.end(), [](double t) { return !in_float32(t); }));
    feature["sets"] = use.sets.size();
    if (!use.thresholds.empty()) {
      // JSON has no infinity.
      const auto limit = [](double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); };
      feature["range"] = {limit(*use.thresholds.begin()), limit(*use.thresholds.rbegin())};
    }
    list.push_back(std::move(feature));
  }
  return list;
}

Json trees_of(const Ensemble& ensemble) {
  Json list = Json::array();
  for (std::size_t t = 0; t < ensemble.trees.size(); ++t) {
    const Tree& tree = ensemble.trees[t];
    list.push_back({{"index", t},
                    {"depth", forest::depth(tree)},
                    {"nodes", inner_nodes(tree)},
                    {"leaves", tree.leaves()},
                    {"outputs", tree.outputs}});
  }
  return list;
}

// --- programs: their bytes
// --------------------------------------------------------------------------------------------

// Larger ones are not built to be counted.
constexpr double kMostBuilt = 300e6;

struct ProgramBytes {
  std::optional<std::uint64_t> bytes;
  bool exact = true;    // counted in the program, else predicted
  std::string refusal;  // why there is no such program
};

ProgramBytes program_bytes(const Ensemble& ensemble, const ForestPlan& plan) {
  // Of what is larger than any program may be, building says so, and builds nothing.
  constexpr double kRefused = 8e9;
  const double predicted = predicted_bytes(ensemble, plan);
  if (predicted > kMostBuilt && predicted < kRefused)
    return {.bytes = static_cast<std::uint64_t>(predicted), .exact = false, .refusal = {}};
  const auto program = build_forest(ensemble, plan);
  if (!program) return {.bytes = std::nullopt, .refusal = program.error().what};
  return {.bytes = program->parameter_bytes(), .refusal = {}};
}

const char* basis_of(const ProgramBytes& program) { return program.exact ? "exact" : "predicted"; }

Json general_strategy(const Ensemble& ensemble, const std::string& name, Strategy strategy) {
  const auto of = [&](ForestTarget target) {
    return program_bytes(ensemble, {.strategy = name, .target = target, .format = graph::Format::OpenVinoIr});
  };
  const ProgramBytes cpu = of(ForestTarget::Cpu), half = of(ForestTarget::Ncs2);
  const auto hummingbird = strategy_bytes(ensemble, strategy, kFloat32);
  Json ncs2 = {{"device", "ncs2"}, {"fits", half.bytes && *half.bytes <= kNcs2Memory}, {"basis", basis_of(half)}};
  if (half.bytes) ncs2["bytes"] = *half.bytes;
  ncs2["reason"] = half.refusal.empty()
                       ? fmt::format("in half precision, of {} MB (published)", kNcs2Memory / 1'000'000)
                       : half.refusal;
  Json json = {{"strategy", name},
               {"bytes", cpu.bytes ? Json(*cpu.bytes) : Json(nullptr)},
               {"basis", basis_of(cpu)},
               {"hummingbird_bytes", hummingbird ? Json(*hummingbird) : Json(nullptr)}};
  if (!cpu.refusal.empty()) json["reason"] = cpu.refusal;
  json["devices"] = Json::array({{{"device", "edgetpu"},
                                  {"fits", false},
                                  {"basis", "published"},
                                  {"reason", "comparisons and look-ups do not run there"}},
                                 std::move(ncs2)});
  return json;
}

Json exact_strategy(const Ensemble& ensemble, const Shape& shape) {
  Json strategy = {{"strategy", "exact"},
                   {"bytes", nullptr},
                   {"basis", "exact"},
                   {"hummingbird_bytes", nullptr},
                   {"devices", Json::array()}};
  if (shape.inner > kMostTests) {
    strategy["reason"] = fmt::format("more than {} tests: not counted here", kMostTests);
    return strategy;
  }
  const auto build = [&](forest::ExactForm form, graph::Format format) {
    return forest::exact_program(ensemble, {.form = form, .format = format});
  };
  const auto cpu = build(forest::ExactForm::FullyConnected, graph::Format::TfLite);
  if (!cpu) {
    strategy["reason"] = cpu.error().message();
    return strategy;
  }
  strategy["bytes"] = constant_bytes(cpu->model);
  if (const auto program = build(forest::ExactForm::Convolution, graph::Format::TfLite)) {
    namespace edgetpu = target::edgetpu;
    const auto memory = edgetpu::predict_memory(program->model.subgraphs.front(), {}, edgetpu::Compiler::V16);
    strategy["devices"].push_back(
        {{"device", "edgetpu"},
         {"fits", memory.streamed_bytes == 0},
         {"basis", "predicted"},
         {"bytes", memory.stored_bytes},
         {"cached_bytes", memory.cached_bytes},
         {"streamed_bytes", memory.streamed_bytes},
         {"rows", std::accumulate(memory.rows_used.begin(), memory.rows_used.end(), 0)},
         {"reason", fmt::format("by the caching law, of {} rows of {} B", edgetpu::kTiles * edgetpu::kRowsPerTile,
                                edgetpu::kBytesPerRow)}});
  }
  if (const auto program = build(forest::ExactForm::HalfConvolution, graph::Format::OpenVinoIr)) {
    const std::uint64_t bytes = constant_bytes(program->model) / 2;  // the file holds 32-bit floats
    strategy["devices"].push_back(
        {{"device", "ncs2"},
         {"fits", bytes <= kNcs2Memory},
         {"basis", "exact"},
         {"bytes", bytes},
         {"reason", fmt::format("in half precision, of {} MB (published)", kNcs2Memory / 1'000'000)}});
  }
  return strategy;
}

}  // namespace

double predicted_bytes(const Ensemble& ensemble, const ForestPlan& plan) {
  const bool ncs2 = plan.target == ForestTarget::Ncs2;
  const forest::UniformForest uniform = forest::uniform(
      ensemble, {.number = ncs2 ? forest::Number::Float16 : forest::Number::Float32, .or_equal = !ncs2});
  const double number = ncs2 ? 2 : 4, index = 4, outputs = ensemble.outputs,
               trees = static_cast<double>(uniform.trees.size());
  double nodes = 1, leaves = 1, all = 0;
  for (const forest::UniformTree& tree : uniform.trees) {
    std::vector<double> ways;  // to leaves, of each node
    const auto of = [&ways](int child) { return child < 0 ? 1 : ways[static_cast<std::size_t>(child)]; };
    for (const forest::UniformNode& node : tree.nodes) ways.push_back(of(node.yes) + of(node.no));
    nodes = std::max(nodes, static_cast<double>(tree.nodes.size()));
    leaves = std::max(leaves, of(tree.root));
    all += 2 * static_cast<double>(tree.nodes.size()) + 1;
  }
  if (plan.strategy == "gemm") return trees * (nodes * (index + number) + number * leaves * (nodes + 1 + outputs));
  if (plan.strategy == "tt") return all * (2 * index + number + number * outputs);
  const double perfect = std::exp2(std::max(1, uniform.depth));
  return trees * ((perfect - 1) * (index + number) + perfect * number * outputs);
}

std::optional<std::uint64_t> strategy_bytes(const Ensemble& ensemble, Strategy strategy, Layout layout) {
  const Shape shape = shape_of(ensemble);
  const std::uint64_t T = shape.trees, N = shape.most_inner, L = shape.most_leaves, D = shape.depth;
  const auto F = static_cast<std::uint64_t>(ensemble.features), C = static_cast<std::uint64_t>(ensemble.outputs);
  using base::checked_add, base::checked_mul;
  const auto sum = [](std::initializer_list<std::optional<std::uint64_t>> parts) -> std::optional<std::uint64_t> {
    std::uint64_t total = 0;
    for (const auto& part : parts) {
      if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
    }
    return total;
  };
  const auto times = [](std::optional<std::uint64_t> a, std::uint64_t b) {
    return a ? checked_mul(*a, b) : std::nullopt;
  };
  std::optional<std::uint64_t> tree;
  switch (strategy) {
    case Strategy::Gemm:
      tree = times(sum({checked_mul(N, F), checked_mul(L, N), checked_mul(C, L)}), layout.number);
      break;
    case Strategy::TreeTraversal:  // feature, two children, threshold and values of each node
      tree = times(checked_mul(C + 1, layout.number), N + L);
      tree = sum({tree, checked_mul(N + L, 3 * layout.index)});
      break;
    case Strategy::PerfectTreeTraversal:
      if (D < 63)
        tree = sum({checked_mul((std::uint64_t{1} << D) - 1, layout.index + layout.number),
                    times(checked_mul(std::uint64_t{1} << D, C), layout.number)});
      break;
  }
  return times(tree, T);
}

Json forest_json(const Ensemble& ensemble, std::string_view format) {
  const Shape shape = shape_of(ensemble);
  std::vector<FeatureUse> uses(static_cast<std::size_t>(ensemble.features));
  std::map<std::string_view, std::uint64_t> comparisons;
  std::map<std::uint64_t, std::uint64_t> leaf_counts;
  std::uint64_t nan_true = 0, zero_missing = 0;
  for (const Tree& tree : ensemble.trees) {
    ++leaf_counts[static_cast<std::uint64_t>(tree.leaves())];
    for (const Node& node : tree.nodes) {
      if (node.is_leaf()) continue;
      FeatureUse& use = uses[static_cast<std::size_t>(node.feature)];
      ++use.nodes;
      if (node.comparison == Comparison::InSet)
        use.sets.insert(node.set);
      else
        use.thresholds.insert(node.threshold);
      ++comparisons[comparison_text(node.comparison)];
      nan_true += node.nan_true ? 1 : 0;
      zero_missing += node.zero_missing ? 1 : 0;
    }
  }
  Json features = features_of(ensemble, uses);
  std::uint64_t thresholds = 0;
  for (const FeatureUse& use : uses) thresholds += use.thresholds.size();

  Json kinds = Json::object();
  for (const auto& [text, count] : comparisons) kinds[std::string(text)] = count;
  Json json = {{"basis", "exact"},
               {"format", format},
               {"producer", ensemble.producer},
               {"classifier", ensemble.classifier},
               {"features", ensemble.features},
               {"outputs", ensemble.outputs},
               {"columns", ensemble.columns()}};
  if (!ensemble.labels.empty()) json["labels"] = ensemble.labels;
  json["aggregate"] = aggregate_text(ensemble.aggregate);
  json["base_values"] = ensemble.base_values;
  json["post_transform"] = transform_text(ensemble.post_transform);
  if (ensemble.factor != 1) json["factor"] = ensemble.factor;
  json["precision"] = {{"input", precision_text(ensemble.input)},
                       {"sum", precision_text(ensemble.sum)},
                       {"result", precision_text(ensemble.result)}};
  json["totals"] = {{"trees", shape.trees},
                    {"nodes", shape.inner},
                    {"leaves", shape.leaves},
                    {"depth", shape.depth},
                    {"used_features", features.size()},
                    {"thresholds", thresholds},
                    {"sets", ensemble.sets.size()},
                    {"comparisons", std::move(kinds)},
                    {"nan_true", nan_true},
                    {"zero_missing", zero_missing}};
  json["depths"] = depths_of(ensemble, shape);
  json["leaf_counts"] = distribution(leaf_counts, "leaves", "trees");
  json["strategies"] = Json::array(
      {general_strategy(ensemble, "gemm", Strategy::Gemm), general_strategy(ensemble, "tt", Strategy::TreeTraversal),
       general_strategy(ensemble, "ptt", Strategy::PerfectTreeTraversal), exact_strategy(ensemble, shape)});
  json["features_used"] = std::move(features);
  json["trees"] = trees_of(ensemble);
  return json;
}

}  // namespace edgescope::analysis
