#include "experiment/families.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <random>
#include <vector>

#include "analysis/forest_build.h"
#include "format/tflite/writer.h"
#include "graph/builder.h"
#include "runtime/catalog.h"

namespace edgescope::experiment {
namespace {

using base::Json;
using graph::Builder;
using graph::ElementType;
using graph::Kind;

constexpr float kScale = 1.0f / 16;  // of activations
constexpr std::int64_t kMost = 1 << 16;

base::Error bad(const Json& spec, std::string what) {
  return {.fault = base::Fault::usage,
          .what = fmt::format("the point {}: {}", base::dump(spec), what),
          .remedy = "docs/sweep.md lists the families and their parameters."};
}

bool for_ncs2(const Json& spec) { return spec.value("predict", Json()) == "ncs2"; }

// The parameters of a family, each taken once; what is left over is a mistake.
class Parameters {
 public:
  explicit Parameters(const Json& spec) : spec_(spec) {}

  base::Result<std::string> word(const std::string& name) {
    taken_.push_back(name);
    const auto found = spec_.find(name);
    if (found == spec_.end() || !found->is_string())
      return base::fail(bad(spec_, fmt::format("its family needs `{}`", name)));
    return found->get<std::string>();
  }

  const Json& spec() const { return spec_; }

  base::Result<std::int64_t> number(const std::string& name, std::optional<std::int64_t> otherwise = {}) {
    taken_.push_back(name);
    const auto found = spec_.find(name);
    if (found == spec_.end()) {
      if (otherwise) return *otherwise;
      return base::fail(bad(spec_, fmt::format("its family needs `{}`", name)));
    }
    if (!found->is_number_integer() || *found < 0 || *found > kMost)
      return base::fail(bad(spec_, fmt::format("`{}` is no number from 0 to {}", name, kMost)));
    return found->get<std::int64_t>();
  }

  // What is not the runtime's must be the family's: a misspelt axis would measure the same point again and again.
  base::Status all_taken() const {
    for (const auto& [key, value] : spec_.items())
      if (key != "family" && key != "on" && key != "predict" && key != "compare" && key != "threads" &&
          !key.starts_with("property.") && std::find(taken_.begin(), taken_.end(), key) == taken_.end())
        return base::fail(bad(spec_, fmt::format("its family has no `{}`", key)));
    return {};
  }

 private:
  const Json& spec_;
  std::vector<std::string> taken_;
};

// Of 8-bit values, which every CPU runtime and the Edge TPU take; or of floats, for the NCS2, which has no other.
class Network {
 public:
  explicit Network(bool floats) : builder_(graph::Format::TfLite), floats_(floats) {}

  int input(std::vector<std::int64_t> dims) {
    return activation(builder_.input("x", floats_ ? ElementType::Float32 : ElementType::Int8, std::move(dims)));
  }

  int add(Kind kind, std::vector<int> inputs, std::initializer_list<graph::Named> attributes) {
    return activation(builder_.add(kind, std::move(inputs), attributes));
  }

  // Weights so small that activations neither vanish nor saturate, whatever the number of inputs.
  int weights(std::vector<std::int64_t> dims, std::int64_t inputs) {
    std::int64_t count = 1;
    for (std::int64_t dim : dims) count *= dim;
    std::vector<std::int8_t> values(static_cast<std::size_t>(count));
    for (std::int8_t& value : values) value = static_cast<std::int8_t>(static_cast<int>(random_() % 255) - 127);
    const float scale = 1.7f / 127 / std::sqrt(static_cast<float>(inputs));
    const std::string name = fmt::format("w{}", constants_++);
    if (floats_) {
      std::vector<float> numbers;
      for (const std::int8_t value : values) numbers.push_back(scale * static_cast<float>(value));
      return builder_.constant<float>(name, std::move(dims), numbers);
    }
    const int tensor = builder_.constant<std::int8_t>(name, std::move(dims), values);
    builder_.quantize(tensor, scale, 0);
    return tensor;
  }

  int dense(int x, std::int64_t width) {
    return add(Kind::FullyConnected, {x, weights({width, width}, width)}, {{graph::attr::activation, "relu"}});
  }

  int convolution(int x, std::int64_t channels) {
    return add(Kind::Convolution, {x, weights({channels, 3, 3, channels}, 9 * channels)},
               {{graph::attr::strides, {1, 1}},
                {graph::attr::dilations, {1, 1}},
                {graph::attr::padding, "same"},
                {graph::attr::activation, "relu"}});
  }

  // LOGISTIC, whose results all runtimes quantise in 256 steps from 0 on.
  int shares(int x) {
    const int tensor = builder_.add(Kind::Logistic, {x}, {});
    if (!floats_) builder_.quantize(tensor, 1.0F / 256, -128);
    return tensor;
  }

  int equals(int x, float value) {
    int wanted = 0;
    if (floats_) {
      wanted = builder_.constant<float>("wanted", {1}, std::vector{value});
    } else {
      wanted = builder_.constant<std::int8_t>("wanted", {1}, std::vector{static_cast<std::int8_t>(value * 256 - 128)});
      builder_.quantize(wanted, 1.0F / 256, -128);
    }
    return builder_.add(Kind::Cast, {builder_.add(Kind::Equal, {x, wanted}, {})},
                        {{graph::attr::to, ElementType::Float32}});
  }

  base::Result<graph::Model> finish(int output) && {
    builder_.output(output, "y");
    return std::move(builder_).finish();
  }

 private:
  int activation(int tensor) {
    if (!floats_) builder_.quantize(tensor, kScale, 0);
    return tensor;
  }

  Builder builder_;
  bool floats_;
  std::mt19937 random_{1};
  int constants_ = 0;
};

base::Result<graph::Model> dense(Parameters& parameters) {
  EDGESCOPE_TRY(width, parameters.number("width"));
  EDGESCOPE_TRY(depth, parameters.number("depth"));
  EDGESCOPE_TRY(batch, parameters.number("batch", 1));
  Network network(for_ncs2(parameters.spec()));
  int x = network.input({batch, width});
  for (std::int64_t i = 0; i < depth; ++i) x = network.dense(x, width);
  return std::move(network).finish(x);
}

base::Result<graph::Model> conv(Parameters& parameters) {
  EDGESCOPE_TRY(channels, parameters.number("width"));
  EDGESCOPE_TRY(depth, parameters.number("depth"));
  EDGESCOPE_TRY(size, parameters.number("size", 32));
  EDGESCOPE_TRY(batch, parameters.number("batch", 1));
  Network network(for_ncs2(parameters.spec()));
  int x = network.input({batch, size, size, channels});
  for (std::int64_t i = 0; i < depth; ++i) x = network.convolution(x, channels);
  return std::move(network).finish(x);
}

// On square matrices, so that each operator leaves the shape as it was and any may be left out.
base::Result<graph::Model> ladder(Parameters& parameters) {
  EDGESCOPE_TRY(width, parameters.number("width"));
  EDGESCOPE_TRY(operators, parameters.number("operators"));
  EDGESCOPE_TRY(without, parameters.number("without", 0));
  Network network(for_ncs2(parameters.spec()));
  int x = network.input({width, width});
  for (std::int64_t i = 1; i <= operators; ++i) {
    if (i == without) continue;
    x = i % 2 == 1 ? network.add(Kind::Transpose, {x}, {{graph::attr::permutation, {1, 0}}}) : network.dense(x, width);
  }
  return std::move(network).finish(x);
}

// A decision on a quantised number: fully connected layers, LOGISTIC, and whether each result EQUALs one value, as 0
// or 1. Where two runtimes' results are one step apart, their decisions are not.
base::Result<graph::Model> branch(Parameters& parameters) {
  EDGESCOPE_TRY(width, parameters.number("width"));
  EDGESCOPE_TRY(depth, parameters.number("depth", 1));
  EDGESCOPE_TRY(batch, parameters.number("batch", 1));
  Network network(for_ncs2(parameters.spec()));
  int x = network.input({batch, width});
  for (std::int64_t i = 0; i < depth; ++i) x = network.dense(x, width);
  // Activations are sixteenths, and 256 * logistic(45 / 16) = 241.497: what rounds a little otherwise says 242.
  return std::move(network).finish(network.equals(network.shares(x), 241.0F / 256));
}

// Perfect trees with thresholds from a fixed seed: what a forest of that size costs, whatever it was trained on.
forest::Ensemble perfect_forest(std::int64_t trees, std::int64_t depth, std::int64_t features, std::int64_t classes) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  forest::Ensemble ensemble{.producer = "edgescope",
                            .classifier = true,
                            .features = static_cast<int>(features),
                            .outputs = static_cast<int>(classes)};
  for (std::int64_t t = 0; t < trees; ++t) {
    forest::Tree& tree = ensemble.trees.emplace_back();
    for (int k = 0; k < classes; ++k) tree.outputs.push_back(k);
    const int inner = (1 << depth) - 1, all = 2 * inner + 1;
    for (int i = 0; i < all; ++i) {
      forest::Node node;
      if (i < inner) {
        node.feature = static_cast<int>(random() % static_cast<std::uint32_t>(features));
        node.threshold = uniform(random);
        node.on_true = 2 * i + 1;
        node.on_false = 2 * i + 2;
      } else {
        node.leaf = i - inner;
        for (int k = 0; k < classes; ++k) tree.values.push_back(uniform(random));
      }
      tree.nodes.push_back(node);
    }
  }
  return ensemble;
}

// What the target runs, without the host's part.
analysis::ForestPlan forest_plan(const Json& spec) {
  using analysis::ForestTarget;
  if (for_ncs2(spec)) return {.target = ForestTarget::Ncs2, .format = graph::Format::OpenVinoIr};
  if (spec.value("predict", Json()) == "edgetpu") return {.target = ForestTarget::EdgeTpu};
  // OpenVINO's reader of TFLite does not know all operators that the programs have.
  const Json on = spec.value("on", Json());
  const bool openvino = on.is_string() && runtime::family(on.get<std::string>()) == "openvino";
  return {.format = openvino ? graph::Format::OpenVinoIr : graph::Format::TfLite};
}

base::Result<graph::Model> forest_program(Parameters& parameters) {
  constexpr std::int64_t kDeepest = 12;  // twice the nodes for each level
  constexpr std::string_view kStrategies[] = {"gemm", "tt", "ptt", "exact"};
  EDGESCOPE_TRY(strategy, parameters.word("strategy"));
  EDGESCOPE_TRY(trees, parameters.number("trees"));
  EDGESCOPE_TRY(depth, parameters.number("depth"));
  EDGESCOPE_TRY(features, parameters.number("features", 8));
  EDGESCOPE_TRY(classes, parameters.number("classes", 4));
  EDGESCOPE_TRY(batch, parameters.number("batch", 1));
  if (trees < 1 || features < 1 || classes < 1 || batch < 1 || depth > kDeepest)
    return base::fail(bad(parameters.spec(), fmt::format("there is no such forest; `depth` is at most {}", kDeepest)));
  if (std::find(std::begin(kStrategies), std::end(kStrategies), strategy) == std::end(kStrategies))
    return base::fail(bad(parameters.spec(), "`strategy` is gemm, tt, ptt or exact"));
  analysis::ForestPlan plan = forest_plan(parameters.spec());
  plan.strategy = strategy;
  plan.batch = static_cast<int>(batch);
  EDGESCOPE_TRY(made, analysis::build_forest(perfect_forest(trees, depth, features, classes), plan));
  return std::move(made.model);
}

}  // namespace

base::Result<std::string> model_of(const Json& spec, const std::string& folder) {
  if (const auto model = spec.find("model"); model != spec.end() && model->is_string())
    return model->get<std::string>();
  const std::string family = spec.value("family", std::string());
  Parameters parameters(spec);
  base::Result<graph::Model> (*make)(Parameters&) = family == "dense"    ? dense
                                                    : family == "conv"   ? conv
                                                    : family == "ladder" ? ladder
                                                    : family == "branch" ? branch
                                                    : family == "forest" ? forest_program
                                                                         : nullptr;
  if (!make) return base::fail(bad(spec, "it names neither a `model` nor a known `family`"));
  std::string name = family;
  for (const auto& [key, value] : spec.items())
    if (value.is_number() || key == "strategy" || key == "predict")
      name += fmt::format("_{}{}", key, value.is_string() ? value.get<std::string>() : base::dump(value));
  const analysis::ForestPlan forest = forest_plan(spec);
  const bool ir = family == "forest" && forest.format == graph::Format::OpenVinoIr;
  const std::string path = (std::filesystem::path(folder) / (name + (ir ? ".xml" : ".tflite"))).string();
  if (std::filesystem::exists(path)) return path;
  EDGESCOPE_TRY(model, make(parameters));
  EDGESCOPE_CHECK(parameters.all_taken());
  if (ir)
    EDGESCOPE_CHECK(analysis::write_forest(model, forest, path));
  else
    EDGESCOPE_CHECK(format::tflite::write(model, path));
  return path;
}

}  // namespace edgescope::experiment
