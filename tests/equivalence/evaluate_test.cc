// The reference interpreter against the vendors' runtimes: one small graph a kind, random inputs with NaN,
// infinities and -0 among them.
#include "graph/evaluate.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "equivalence/runner.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"
#include "graph/builder.h"
#include "support/scratch.h"

namespace edgescope::graph {
namespace {

using equivalence::Buffers;
namespace fs = std::filesystem;
using Dims = std::vector<std::int64_t>;

// What the inputs hold beside random numbers.
enum class Special { None, Infinite, All };

struct Trial {
  std::string name;
  std::function<void(Builder&)> build;
  std::int64_t ulps = 0;  // between the interpreter and a runtime
  double error = 0;       // or this, absolutely: where sums cancel
  Special special = Special::All;
  bool channels_last = true, channels_first = true;
  // Where the runtime makes a number of NaN, which the interpreter does not: "litert", "openvino:CPU" or both.
  std::string loses_nan = {};
};

template <typename T>
void fill(std::vector<std::byte>& bytes, std::mt19937& random, Special special) {
  std::vector<T> all(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < all.size(); ++i) {
    if constexpr (std::is_floating_point_v<T>) {
      all[i] = std::uniform_real_distribution<T>(-4, 4)(random);
      if (i % 5 == 1) all[i] = std::nearbyint(all[i]) + T(0.5);  // halves, and equal numbers
      if (i % 5 == 2) all[i] = std::nearbyint(all[i]);
      const T infinity = std::numeric_limits<T>::infinity();
      if (special != Special::None && i % 17 == 3) all[i] = i % 2 != 0 ? infinity : -infinity;
      if (special == Special::All && i % 17 == 7) all[i] = std::numeric_limits<T>::quiet_NaN();
      if (special == Special::All && i % 17 == 11) all[i] = T(-0.0);
    } else {
      all[i] = static_cast<T>(random());
      if (i % 3 == 0) all[i] = static_cast<T>(random() % 5);
    }
  }
  if (!bytes.empty()) std::memcpy(bytes.data(), all.data(), bytes.size());
}

std::string differs(const Value& ours, const std::vector<std::byte>& theirs, const Trial& trial) {
  if (ours.data.size() != theirs.size()) return fmt::format("{} bytes instead of {}", theirs.size(), ours.data.size());
  const std::size_t width = ours.type == ElementType::Float32 ? 4 : ours.type == ElementType::Float64 ? 8 : 0;
  if (width == 0) return ours.data == theirs ? "" : "integers differ";
  for (std::size_t at = 0; at < theirs.size(); at += width) {
    double a = 0, b = 0, step = 0;
    if (width == 4) {
      float s = 0, t = 0;
      std::memcpy(&s, &ours.data[at], 4);
      std::memcpy(&t, &theirs[at], 4);
      a = s, b = t;
      step = std::nextafter(std::fabs(s), std::numeric_limits<float>::infinity()) - std::fabs(s);
    } else {
      std::memcpy(&a, &ours.data[at], 8);
      std::memcpy(&b, &theirs[at], 8);
      step = std::nextafter(std::fabs(a), std::numeric_limits<double>::infinity()) - std::fabs(a);
    }
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    if (std::fabs(a - b) <= std::max(step * static_cast<double>(trial.ulps), trial.error)) continue;
    return fmt::format("element {}: {} where the runtime has {}", at / width, a, b);
  }
  return {};
}

// One graph on one runtime, and by the interpreter.
std::string compare(Trial trial, Format format, const std::string& name, equivalence::Runner& runner) {
  if (trial.special == Special::All && trial.loses_nan.find(name) != std::string::npos)
    trial.special = Special::Infinite;
  const testing_support::Scratch scratch;
  Builder b(format);
  trial.build(b);
  auto model = std::move(b).finish();
  if (!model) return model.error().message();
  const fs::path path = scratch / (format == Format::TfLite ? "m.tflite" : "m.xml");
  const auto done =
      format == Format::TfLite ? format::tflite::write(*model, path) : format::openvino::write(*model, path);
  if (!done) return done.error().message();
  const Subgraph& graph = model->subgraphs.front();
  std::mt19937 random(11);
  Buffers inputs;
  std::vector<Value> values;
  for (int each : graph.inputs) {
    const Tensor& tensor = graph.tensors[static_cast<std::size_t>(each)];
    std::vector<std::byte> bytes(*packed_bytes(tensor.type, *tensor.shape.elements()));
    switch (tensor.type) {
      case ElementType::Float32:
        fill<float>(bytes, random, trial.special);
        break;
      case ElementType::Int32:
        fill<std::int32_t>(bytes, random, trial.special);
        break;
      case ElementType::Int64:
        fill<std::int64_t>(bytes, random, trial.special);
        break;
      default:
        for (std::byte& byte : bytes) byte = std::byte(random() % 2);
    }
    values.push_back({tensor.type, tensor.shape.dims, bytes, tensor.quantization});
    inputs.push_back(std::move(bytes));
  }
  const auto ours = evaluate(graph, model->layout, values);
  if (!ours) return ours.error().message();
  const auto theirs = runner.run(path, inputs, 1);
  if (!theirs) return theirs.error().message();
  for (std::size_t i = 0; i < ours->size(); ++i)
    if (const std::string text = differs((*ours)[i], theirs->values[i], trial); !text.empty())
      return fmt::format("output {}, {}", i, text);
  return {};
}

Trial unary(Kind kind, std::int64_t ulps, std::initializer_list<Named> attributes = {}, double error = 0) {
  const std::vector<Named> kept(attributes);
  return {std::string(kind_name(kind)),
          [=](Builder& b) {
            Operator op{.kind = kind, .inputs = {b.input("x", ElementType::Float32, {3, 40})}};
            for (const Named& each : kept) op.attributes.push_back(each);
            const bool truth = kind == Kind::IsNan;
            b.output(b.add_given(std::move(op), {{truth ? ElementType::Bool : ElementType::Float32, {3, 40}}})[0]);
          },
          ulps, error};
}

Trial binary(Kind kind, std::int64_t ulps = 0, ElementType type = ElementType::Float32,
             Special special = Special::All) {
  return {fmt::format("{} of {}", kind_name(kind), element_type_name(type)),
          [=](Builder& b) {
            b.output(b.add(kind, {b.input("a", type, {3, 1, 40}), b.input("b", type, {5, 40})}));
          },
          ulps, 0, special};
}

std::vector<float> numbers(std::size_t count) {
  std::mt19937 random(3);
  std::vector<float> all(count);
  for (float& each : all) each = std::uniform_real_distribution<float>(-1, 1)(random);
  return all;
}

std::vector<Trial> trials() {
  std::vector<Trial> all;
  for (Kind kind : {Kind::Relu, Kind::Relu6, Kind::ReluN1To1, Kind::Relu0To1, Kind::Abs, Kind::Negate, Kind::Sign,
                    Kind::Floor, Kind::Ceil, Kind::Round, Kind::Square, Kind::Sqrt, Kind::IsNan, Kind::Identity})
    all.push_back(unary(kind, kind == Kind::Sqrt ? 1 : 0));
  for (Kind kind :
       {Kind::Exp, Kind::Log, Kind::Sin, Kind::Cos, Kind::Tanh, Kind::Logistic, Kind::HardSwish, Kind::Reciprocal})
    all.push_back(unary(kind, 16, {}, 1e-6));
  all.push_back({"rsqrt",  // of what is positive: of 0 LiteRT makes NaN
                 [](Builder& b) {
                   const int x = b.input("x", ElementType::Float32, {3, 40});
                   const int half = b.constant<float>("half", {}, {0.5f});
                   b.output(b.add(Kind::Rsqrt, {b.add(Kind::Add, {b.add(Kind::Abs, {x}), half})}));
                 },
                 16, 1e-6});
  all.push_back(unary(Kind::LeakyRelu, 0, {{attr::alpha, 0.25}}));
  all.push_back(unary(Kind::Elu, 16, {{attr::alpha, 1.0}}, 1e-6));
  all.push_back(unary(Kind::HardSigmoid, 1, {{attr::alpha, 0.25}, {attr::beta, 0.5}}));
  all.push_back(unary(Kind::Gelu, 64, {}, 1e-5));
  all.back().special = Special::None;  // of -infinity OpenVINO makes NaN, LiteRT -0
  all.push_back(unary(Kind::Clamp, 0, {{attr::min, -0.75}, {attr::max, 2.5}}));
  for (Trial& each : all)
    for (const char* known : {"relu", "relu6", "relu_n1_to_1", "relu_0_to_1", "clamp", "hard_sigmoid", "exp"})
      if (each.name == known) each.loses_nan = each.name == "exp" ? "litert openvino:CPU" : "openvino:CPU";
  for (Kind kind : {Kind::Add, Kind::Subtract, Kind::Multiply, Kind::Less, Kind::LessEqual, Kind::Greater,
                    Kind::GreaterEqual, Kind::Equal, Kind::NotEqual, Kind::SquaredDifference})
    all.push_back(binary(kind));
  for (Trial& each : all)
    if (each.name.starts_with("greater")) each.loses_nan = "openvino:CPU";
  all.push_back(binary(Kind::Divide, 1));
  all.push_back({"prelu", [](Builder& b) {
                   const int slope = b.constant<float>("slope", {1, 40}, std::vector<float>(40, 0.25f));
                   b.output(b.add(Kind::Prelu, {b.input("x", ElementType::Float32, {3, 40}), slope}));
                 }});
  for (Kind kind : {Kind::Maximum, Kind::Minimum})
    all.push_back(binary(kind, 0, ElementType::Float32, Special::Infinite));
  for (Kind kind : {Kind::Add, Kind::Subtract, Kind::Multiply, Kind::Less, Kind::Equal, Kind::Maximum})
    all.push_back(binary(kind, 0, ElementType::Int32));
  for (Kind kind : {Kind::LogicalAnd, Kind::LogicalOr}) all.push_back(binary(kind, 0, ElementType::Bool));
  for (Kind kind : {Kind::ReduceSum, Kind::ReduceMean, Kind::ReduceMax, Kind::ReduceMin, Kind::ReduceProd})
    all.push_back({std::string(kind_name(kind)),
                   [=](Builder& b) {
                     const int x = b.input("x", ElementType::Float32, {3, 4, 5});
                     b.output(b.add(kind, {x}, {{attr::axes, {0, 2}}, {attr::keep_dims, true}}));
                     b.output(b.add(kind, {x}, {{attr::axes, {1}}}));
                   },
                   16, 1e-5, Special::None});
  all.push_back({"arg_max, top_k",
                 [](Builder& b) {
                   const int x = b.input("x", ElementType::Float32, {6, 30});
                   b.output(b.add(Kind::ArgMax, {x}, {{attr::axis, 1}}));
                   const auto top = b.add_all(Kind::TopK, {x}, {{attr::axis, 1}, {attr::k, 3}});
                   b.output(top[0]);
                 },
                 0, 0, Special::None});
  all.push_back({"softmax",
                 [](Builder& b) {
                   b.output(b.add(Kind::Softmax, {b.input("x", ElementType::Float32, {6, 30})}));
                 },
                 64, 1e-6, Special::None});
  all.push_back({"arrangements", [](Builder& b) {
                   const int x = b.input("x", ElementType::Float32, {2, 4, 6, 8});
                   b.output(b.add(Kind::Transpose, {x}, {{attr::permutation, {2, 0, 3, 1}}}));
                   b.output(b.add(Kind::Reshape, {x}, {{attr::shape, {6, -1}}}));
                   b.output(b.add(Kind::Unsqueeze, {x}, {{attr::axes, {1}}}));
                   const auto parts = b.add_all(Kind::Split, {x}, {{attr::axis, 2}, {attr::sizes, {1, 3, 2}}});
                   b.output(b.add(Kind::Concatenation, {parts[2], parts[0]}, {{attr::axis, 2}}));
                   b.output(b.add(Kind::Slice, {x}, {{attr::begin, {0, 1, 2, 3}}, {attr::sizes, {2, 2, 3, 4}}}));
                   b.output(b.add(Kind::StridedSlice, {x},
                                  {{attr::begin, {0, 1, 0, 3}},
                                   {attr::end, {2, 2, 6, 8}},
                                   {attr::strides, {1, 1, 4, 2}},
                                   {attr::squeeze, {1}}}));
                   b.output(
                       b.add(Kind::Pad, {x},
                             {{attr::pads_begin, {0, 1, 0, 2}}, {attr::pads_end, {1, 0, 0, 1}}, {attr::value, 2.5}}));
                   b.output(b.add(Kind::Tile, {x}, {{attr::repeats, {1, 2, 1, 3}}}));
                   const int row = b.add(Kind::Slice, {x}, {{attr::begin, {0, 0, 0, 0}}, {attr::sizes, {1, 4, 1, 8}}});
                   b.output(b.add(Kind::Expand, {row}, {{attr::shape, {3, 4, 2, 8}}}));
                   const int i = b.constant<std::int32_t>("i", {2, 3}, {0, 5, 2, 1, 1, 4});
                   b.output(b.add(Kind::Gather, {x, i}, {{attr::axis, 2}}));
                 }});
  for (const char* kind : {"depth_to_space", "space_to_depth"})
    all.push_back({kind, [=](Builder& b) {
                     b.output(b.add(*kind_from_name(kind), {b.input("x", ElementType::Float32, {2, 8, 4, 8})},
                                    {{attr::block_size, 2}}));
                   }});
  all.push_back(
      {"gather_elements", [](Builder& b) {
         const int i = b.constant<std::int32_t>("i", {2, 3}, {0, 5, 2, 1, 1, 4});
         b.output(b.add(Kind::GatherElements, {b.input("x", ElementType::Float32, {2, 6}), i}, {{attr::axis, 1}}));
       }});
  all.push_back(
      {"select, cast",
       [](Builder& b) {
         const int x = b.input("x", ElementType::Float32, {4, 10}), y = b.input("y", ElementType::Float32, {10});
         const int less = b.add(Kind::Less, {x, y});
         b.output(b.add(Kind::Select, {less, x, y}));
         b.output(b.add(Kind::Cast, {less}, {{attr::to, ElementType::Float32}}));
         b.output(b.add(Kind::Cast, {b.add(Kind::Clamp, {x}, {{attr::min, -4.0}, {attr::max, 4.0}})},
                        {{attr::to, ElementType::Int32}}));
       },
       0, 0, Special::Infinite});
  all.push_back(
      {"matrices",
       [](Builder& b) {
         const int x = b.input("x", ElementType::Float32, {3, 5, 8});
         const int w = b.constant<float>("w", {4, 8}, numbers(32)), bias = b.constant<float>("c", {4}, numbers(4));
         b.output(b.add(Kind::FullyConnected, {x, w, bias}, {{attr::activation, "relu"}}));
         const int y = b.input("y", ElementType::Float32, {3, 8, 5});
         b.output(b.add(Kind::Matmul, {x, y}));
         b.output(b.add(Kind::Matmul, {x, y}, {{attr::transpose_a, true}, {attr::transpose_b, true}}));
       },
       16, 1e-4, Special::None});
  const auto windows = [](bool last, Builder& b) {
    const int x = b.input("x", ElementType::Float32, last ? Dims{2, 7, 9, 4} : Dims{2, 4, 7, 9});
    const int w = b.constant<float>("w", last ? Dims{6, 3, 3, 4} : Dims{6, 4, 3, 3}, numbers(216));
    const int bias = b.constant<float>("c", {6}, numbers(6));
    const int d = b.constant<float>("d", last ? Dims{1, 3, 3, 4} : Dims{4, 1, 3, 3}, numbers(36));
    for (const char* padding : {"same", "valid"}) {
      b.output(b.add(Kind::Convolution, {x, w, bias},
                     {{attr::padding, padding}, {attr::strides, {2, 1}}, {attr::activation, "relu6"}}));
      b.output(b.add(Kind::DepthwiseConvolution, {x, d}, {{attr::padding, padding}, {attr::dilations, {2, 1}}}));
      b.output(b.add(Kind::MaxPool, {x}, {{attr::padding, padding}, {attr::kernel, {2, 3}}, {attr::strides, {2, 2}}}));
      b.output(
          b.add(Kind::AveragePool, {x}, {{attr::padding, padding}, {attr::kernel, {2, 3}}, {attr::strides, {1, 2}}}));
    }
  };
  // Cut as a convolution back would pad, not at all, in front, and at the end; longer than the windows reach.
  const auto spread = [](bool last, Builder& b) {
    const int x = b.input("x", ElementType::Float32, last ? Dims{2, 4, 5, 4} : Dims{2, 4, 4, 5});
    const int w = b.constant<float>("w", last ? Dims{6, 3, 3, 4} : Dims{4, 6, 3, 3}, numbers(216));
    const int bias = b.constant<float>("c", {6}, numbers(6));
    for (const auto& [begin, end, more] :
         {std::tuple(Dims{0, 0}, Dims{1, 1}, Dims{0, 0}), std::tuple(Dims{0, 0}, Dims{0, 0}, Dims{0, 0}),
          std::tuple(Dims{2, 1}, Dims{0, 1}, Dims{0, 0}), std::tuple(Dims{1, 1}, Dims{1, 1}, Dims{1, 1}),
          std::tuple(Dims{0, 1}, Dims{0, 0}, Dims{1, 1})})
      b.output(b.add(Kind::TransposedConvolution, {x, w, bias},
                     {{attr::strides, {2, 2}},
                      {attr::pads_begin, begin},
                      {attr::pads_end, end},
                      {attr::output_padding, more},
                      {attr::activation, "relu"}}));
    if (last) return;
    const int groups = b.constant<float>("g", {4, 3, 3, 3}, numbers(108));
    b.output(b.add(Kind::TransposedConvolution, {x, groups}, {{attr::dilations, {2, 1}}, {attr::groups, 2}}));
  };
  all.push_back({"spread, channels last", [=](Builder& b) { spread(true, b); }, 16, 1e-4, Special::None, true, false});
  all.push_back(
      {"spread, channels first", [=](Builder& b) { spread(false, b); }, 16, 1e-4, Special::None, false, true});
  all.push_back(
      {"windows, channels last", [=](Builder& b) { windows(true, b); }, 16, 1e-4, Special::None, true, false});
  all.push_back(
      {"windows, channels first", [=](Builder& b) { windows(false, b); }, 16, 1e-4, Special::None, false, true});
  return all;
}

class Evaluate : public testing::TestWithParam<std::pair<const char*, Format>> {};

TEST_P(Evaluate, AsTheRuntime) {
  equivalence::Runner runner(GetParam().first);
  if (const std::string why = runner.missing(); !why.empty()) GTEST_SKIP() << why;
  const bool last = GetParam().second == Format::TfLite;
  for (const Trial& each : trials())
    if (last ? each.channels_last : each.channels_first) {
      EXPECT_EQ(compare(each, GetParam().second, GetParam().first, runner), "") << each.name;
    }
}

INSTANTIATE_TEST_SUITE_P(Runtimes, Evaluate,
                         testing::Values(std::pair("litert", Format::TfLite),
                                         std::pair("openvino:CPU", Format::OpenVinoIr)),
                         [](const auto& each) { return std::string(format_name(each.param.second)).substr(0, 6); });

}  // namespace
}  // namespace edgescope::graph
