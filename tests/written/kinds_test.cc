// One graph in canonical form, written for each format and run on its runtime: all mean the same by it.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>

#include "format/onnx/writer.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"
#include "graph/builder.h"
#include "support/scratch.h"
#include "written/runs.h"

namespace edgescope::written {
namespace {

using graph::Builder;
using graph::ElementType;
using graph::Format;
using graph::Kind;
namespace attr = graph::attr;

using Build = std::function<int(Builder&, int x, int y)>;  // of x, y [2, 3, 4] the result

struct Case {
  std::string name;
  Build build;
  double tolerance = 0;
  bool tflite = true, old = true;  // the format can say it
};

int one(Builder& b, Kind kind, int x, std::initializer_list<graph::Named> attributes = {}) {
  return b.add(kind, {x}, attributes);
}
int as_float(Builder& b, int x) { return b.add(Kind::Cast, {x}, {{attr::to, ElementType::Float32}}); }
int constant(Builder& b, Builder::Dims dims) {
  std::vector<float> values(static_cast<std::size_t>(graph::Shape{.dims = dims}.elements().value_or(0)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(static_cast<int>(i * 7 % 11) - 5) / 4;
  return b.constant("c" + std::to_string(values.size()), std::move(dims), values);
}

std::vector<Case> cases() {
  std::vector<Case> list;
  const auto binary = [&](Kind kind, double tolerance = 0) {
    list.push_back({std::string(graph::kind_name(kind)),
                    [kind](Builder& b, int x, int y) {
                      return b.add(kind, {x, y});
                    },
                    tolerance});
  };
  for (const Kind kind :
       {Kind::Add, Kind::Subtract, Kind::Multiply, Kind::Maximum, Kind::Minimum, Kind::SquaredDifference})
    binary(kind);
  list.push_back({"divide",
                  [](Builder& b, int x, int y) {
                    return b.add(Kind::Divide, {x, b.add(Kind::Add, {y, b.constant<float>("four", {1, 1, 1}, {4})})});
                  },
                  1e-6});
  for (const Kind kind : {Kind::Less, Kind::LessEqual, Kind::Greater, Kind::GreaterEqual, Kind::Equal, Kind::NotEqual})
    list.push_back({std::string(graph::kind_name(kind)), [kind](Builder& b, int x, int y) {
                      return as_float(b, b.add(kind, {x, y}));
                    }});
  for (const Kind kind : {Kind::LogicalAnd, Kind::LogicalOr, Kind::LogicalXor})
    list.push_back(
        {std::string(graph::kind_name(kind)), [kind](Builder& b, int x, int y) {
           const int zero = b.constant<float>("zero", {1, 1, 1}, {0});
           return as_float(
               b, one(b, Kind::LogicalNot, b.add(kind, {b.add(Kind::Less, {x, zero}), b.add(Kind::Less, {y, zero})})));
         }});
  for (const Kind kind : {Kind::Relu, Kind::Relu6, Kind::ReluN1To1, Kind::Relu0To1, Kind::Abs, Kind::Negate,
                          Kind::Floor, Kind::Ceil, Kind::Square})
    list.push_back({std::string(graph::kind_name(kind)), [kind](Builder& b, int x, int) { return one(b, kind, x); }});
  for (const Kind kind :
       {Kind::Logistic, Kind::Tanh, Kind::Exp, Kind::Elu, Kind::Softmax, Kind::LogSoftmax, Kind::Round})
    list.push_back(
        {std::string(graph::kind_name(kind)), [kind](Builder& b, int x, int) { return one(b, kind, x); }, 2e-5});
  list.push_back({"hard_swish", [](Builder& b, int x, int) { return one(b, Kind::HardSwish, x); }, 1e-5, true, false});
  list.push_back({"rsqrt", [](Builder& b, int x, int) { return one(b, Kind::Rsqrt, one(b, Kind::Exp, x)); }, 1e-4});
  list.push_back({"leaky_relu", [](Builder& b, int x, int) {
                    return one(b, Kind::LeakyRelu, x, {{attr::alpha, 0.25}});
                  }});
  list.push_back({"clamp", [](Builder& b, int x, int) {
                    return one(b, Kind::Clamp, x, {{attr::min, -0.25}, {attr::max, 0.5}});
                  }});
  list.push_back(
      {"is_nan", [](Builder& b, int x, int) {
         return as_float(b, b.add_given({.kind = Kind::IsNan, .inputs = {x}}, {{ElementType::Bool, {2, 3, 4}}})[0]);
       }});
  list.push_back({"select", [](Builder& b, int x, int y) {
                    return b.add(Kind::Select, {b.add(Kind::Less, {x, y}), x, constant(b, {1, 1, 4})});
                  }});
  list.push_back({"reshape", [](Builder& b, int x, int) {
                    return one(b, Kind::Reshape, x, {{attr::shape, {4, -1}}});
                  }});
  list.push_back(
      {"squeeze", [](Builder& b, int x, int) {
         return one(b, Kind::Squeeze, one(b, Kind::Unsqueeze, x, {{attr::axes, {0, 2}}}), {{attr::axes, {0}}});
       }});
  list.push_back({"transpose", [](Builder& b, int x, int) {
                    return one(b, Kind::Transpose, x, {{attr::permutation, {2, 0, 1}}});
                  }});
  list.push_back({"concatenation", [](Builder& b, int x, int y) {
                    return b.add(Kind::Concatenation, {x, y}, {{attr::axis, -2}});
                  }});
  list.push_back({"split", [](Builder& b, int x, int) {
                    return b.add_all(Kind::Split, {x}, {{attr::axis, 1}, {attr::sizes, {1, 2}}})[1];
                  }});
  list.push_back({"even split", [](Builder& b, int x, int) {
                    return b.add_all(Kind::Split, {x}, {{attr::axis, -1}, {attr::sizes, {2, 2}}})[1];
                  }});
  list.push_back({"slice", [](Builder& b, int x, int) {
                    return one(b, Kind::Slice, x, {{attr::begin, {0, 1, 2}}, {attr::sizes, {2, 1, 2}}});
                  }});
  list.push_back({"strided_slice", [](Builder& b, int x, int) {
                    return one(b, Kind::StridedSlice, x,
                               {{attr::begin, {0, 0, -3}}, {attr::end, {2, 3, 4}}, {attr::strides, {1, 2, 2}}});
                  }});
  list.push_back({"pad", [](Builder& b, int x, int) {
                    return one(b, Kind::Pad, x, {{attr::pads_begin, {0, 1, 0}}, {attr::pads_end, {1, 0, 2}}});
                  }});
  list.push_back(
      {"pad with a value", [](Builder& b, int x, int) {
         return one(b, Kind::Pad, x, {{attr::pads_begin, {0, 1, 0}}, {attr::pads_end, {1, 0, 2}}, {attr::value, 1.5}});
       }});
  list.push_back({"tile", [](Builder& b, int x, int) { return one(b, Kind::Tile, x, {{attr::repeats, {1, 2, 3}}}); }});
  list.push_back({"expand", [](Builder& b, int, int) {
                    return b.add(Kind::Expand, {constant(b, {3, 1})}, {{attr::shape, {2, 3, 4}}});
                  }});
  list.push_back(
      {"gather", [](Builder& b, int x, int) {
         return b.add(Kind::Gather, {x, b.constant<std::int32_t>("i", {2, 2}, {2, 0, 1, 2})}, {{attr::axis, 1}});
       }});
  const auto rows = [](Builder& b, int x) { return one(b, Kind::Reshape, x, {{attr::shape, {6, 4}}}); };
  const auto indices = [](Builder& b) {
    return b.constant<std::int32_t>("i", {6, 2}, {3, 0, 1, 2, 2, 2, 0, 1, 3, 3, 1, 0});
  };
  list.push_back({"gather_elements", [=](Builder& b, int x, int) {
                    return b.add(Kind::GatherElements, {rows(b, x), indices(b)}, {{attr::axis, 1}});
                  }});
  list.push_back({"gather of a batch", [=](Builder& b, int x, int) {
                    return b.add(Kind::Gather, {rows(b, x), indices(b)}, {{attr::axis, 1}, {attr::batch_dims, 1}});
                  }});
  for (const Kind kind : {Kind::ReduceSum, Kind::ReduceMean, Kind::ReduceMax, Kind::ReduceMin, Kind::ReduceProd})
    list.push_back({std::string(graph::kind_name(kind)),
                    [kind](Builder& b, int x, int) {
                      return one(b, kind, x, {{attr::axes, {0, 2}}});
                    },
                    1e-6});
  list.push_back({"reduce, dimensions kept",
                  [](Builder& b, int x, int) {
                    return one(b, Kind::ReduceSum, x, {{attr::axes, {-1}}, {attr::keep_dims, true}});
                  },
                  1e-6});
  for (const Kind kind : {Kind::ArgMax, Kind::ArgMin})
    for (const bool keep : {false, true})
      list.push_back({std::string(graph::kind_name(kind)) + (keep ? ", dimension kept" : ""),
                      [kind, keep](Builder& b, int x, int) {
                        return as_float(b, one(b, kind, x, {{attr::axis, 1}, {attr::keep_dims, keep}}));
                      }});
  list.push_back({"top_k", [](Builder& b, int x, int) {
                    return b.add_all(Kind::TopK, {x}, {{attr::axis, 2}, {attr::k, 2}})[0];
                  }});
  list.push_back({"top_k's indices", [](Builder& b, int x, int) {
                    return as_float(b, b.add_all(Kind::TopK, {x}, {{attr::axis, 2}, {attr::k, 2}})[1]);
                  }});
  list.push_back({"matmul",
                  [](Builder& b, int x, int y) {
                    return b.add(Kind::Matmul, {x, y}, {{attr::transpose_b, true}});
                  },
                  1e-5});
  list.push_back({"matmul, both transposed",
                  [](Builder& b, int x, int y) {
                    return b.add(Kind::Matmul, {x, one(b, Kind::Reshape, y, {{attr::shape, {2, 4, 3}}})},
                                 {{attr::transpose_a, true}, {attr::transpose_b, true}});
                  },
                  1e-5});
  for (const char* activation : {"none", "relu", "relu6", "relu_n1_to_1"})
    list.push_back({std::string("fully_connected, ") + activation,
                    [=](Builder& b, int x, int) {
                      return b.add(Kind::FullyConnected, {rows(b, x), constant(b, {5, 4}), constant(b, {5})},
                                   {{attr::activation, activation}});
                    },
                    1e-5});
  list.push_back(
      {"fully_connected of three dimensions",
       [](Builder& b, int x, int) {
         return b.add(Kind::FullyConnected, {x, constant(b, {5, 4}), constant(b, {5})}, {{attr::activation, "relu"}});
       },
       1e-5});
  return list;
}

// Data with NaN-free ties and signs, the same for all.
std::vector<std::vector<std::byte>> inputs() {
  std::vector<float> x(24), y(24);
  for (std::size_t i = 0; i < 24; ++i) {
    x[i] = static_cast<float>(static_cast<int>(i * 37 % 24) - 12) / 8;
    y[i] = i % 5 == 0 ? x[i] : static_cast<float>(static_cast<int>(i * 29 % 23) - 11) / 8;
  }
  const auto bytes = [](const std::vector<float>& values) {
    const auto span = std::as_bytes(std::span(values));
    return std::vector<std::byte>(span.begin(), span.end());
  };
  return {bytes(x), bytes(y)};
}

struct Ran {
  std::vector<float> values;
  std::string error;
};

Ran run(Runs& runs, Format format, int version, const Build& build, const testing_support::Scratch& folder) {
  Builder b(format, "one_kind");
  const int x = b.input("x", ElementType::Float32, {2, 3, 4}), y = b.input("y", ElementType::Float32, {2, 3, 4});
  b.output(build(b, x, y), "result");
  // Both inputs count, so that every runtime asks for both.
  b.output(b.add(Kind::Add, {x, y}), "both");
  const auto model = std::move(b).finish();
  if (!model) return {.error = model.error().message()};
  std::string path;
  base::Status status;
  if (format == Format::TfLite) status = format::tflite::write(*model, path = folder / "x.tflite");
  if (format == Format::Onnx) status = format::onnx::write(*model, path = folder / "x.onnx", version);
  if (format == Format::OpenVinoIr) status = format::openvino::write(*model, path = folder / "x.xml", version);
  if (!status) return {.error = status.error().message()};
  const auto answer = runs.run(path, inputs());
  if (!answer.error.empty()) return {.error = answer.error};
  // Runtimes give results in orders of their own, and one of several results of a layer a name of their own.
  std::size_t which = 0;
  for (std::size_t i = 0; i < answer.loaded.outputs.size(); ++i)
    if (!answer.loaded.outputs[i].name.starts_with("both")) which = i;
  Ran ran;
  ran.values.resize(answer.outputs[which].size() / sizeof(float));
  std::memcpy(ran.values.data(), answer.outputs[which].data(), ran.values.size() * sizeof(float));
  return ran;
}

TEST(Kinds, MeanTheSameInAllFormats) {
  EDGESCOPE_RUNS_OR_SKIP(tflite, "tflite");
  EDGESCOPE_RUNS_OR_SKIP(openvino, "openvino:CPU");
  const testing_support::Scratch folder;
  const auto old_found = runtime::find("ie2021:CPU");
  std::optional<Runs> old;
  if (old_found) old.emplace(*old_found);
  for (const Case& each : cases()) {
    const Ran expected = run(tflite, Format::TfLite, 0, each.build, folder);
    ASSERT_EQ(expected.error, "") << each.name;
    const auto compare = [&](const Ran& got, const char* form) {
      ASSERT_EQ(got.error, "") << each.name << ", " << form;
      ASSERT_EQ(got.values.size(), expected.values.size()) << each.name << ", " << form;
      for (std::size_t i = 0; i < got.values.size(); ++i)
        EXPECT_NEAR(got.values[i], expected.values[i], each.tolerance * std::max(1.0F, std::abs(expected.values[i])))
            << each.name << ", " << form << ", " << i;
    };
    compare(run(openvino, Format::OpenVinoIr, 11, each.build, folder), "IR 11");
    compare(run(openvino, Format::Onnx, format::onnx::kNewestOpset, each.build, folder), "ONNX 18");
    if (each.old) compare(run(openvino, Format::Onnx, format::onnx::kOldOpset, each.build, folder), "ONNX 11");
    if (old) compare(run(*old, Format::OpenVinoIr, 10, each.build, folder), "IR 10");
  }
}

}  // namespace
}  // namespace edgescope::written
