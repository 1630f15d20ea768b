// Models in another format predict what they predicted, on the runtimes of both.
#include "format/convert.h"

#include <gtest/gtest.h>

#include <map>

#include "equivalence/runner.h"
#include "format/format.h"
#include "format/openvino/writer.h"
#include "graph/builder.h"
#include "runtime/inputs.h"
#include "support/reference.h"
#include "support/scratch.h"

namespace edgescope::format {
namespace {

namespace fs = std::filesystem;

// Largest difference, in units of the last place of an output's largest number, that other kernels may make of the
// same floats: sums in another order, and exponential functions of another library.
constexpr double kUnits = 64;

struct Tally {
  int models = 0, converted = 0, compared = 0;
  double worst = 0;
  std::map<std::string, int> reasons;
  std::string text() const {
    std::string all = fmt::format("{} models, {} converted, {} compared, at most {:.1f} units apart\n", models,
                                  converted, compared, worst);
    for (const auto& [why, count] : reasons) all += fmt::format("{:5} {}\n", count, why);
    return all;
  }
};

class Conversions : public testing::Test {
 protected:
  // Converts and compares; empty where all is well or nothing could be done.
  std::string compare(const fs::path& path, const std::string& extension, int ir_version = 11) {
    auto source = read_model(path.string());
    if (!source) return {};
    // OpenVINO 2021 gives other types at the ends than today's for whole numbers.
    if (ir_version < 11 && !float_ends(*source)) return {};
    ++tally_.models;
    const fs::path to = scratch_ / ("converted" + extension);
    auto where = destination(to.string());
    if (!where) return where.error().message();
    where->ir_version = ir_version;
    const auto made = convert(*source, *where);
    if (!made) {
      ++tally_.reasons[made.error().what];
      return {};
    }
    for (const Refusal& each : made->refused) ++tally_.reasons[each.reason];
    if (!made->refused.empty()) return {};
    if (const auto done = write(made->model, *where, to.string()); !done)
      return "not written: " + done.error().message();
    ++tally_.converted;
    // OpenVINO gives an IR of version 10 other types at its ends (i32 for i64), for the programs of its day.
    fs::path from = path;
    if (source->format == graph::Format::OpenVinoIr && source->format_version < 11) {
      from = scratch_ / "source.xml";
      if (const auto done = openvino::write(*source, from.string(), 11); !done) return done.error().message();
    }
    const auto before = runner(source->format).run(from);
    if (!before) return {};
    equivalence::Runner& other = ir_version < 11 ? old_openvino_ : runner(where->format);
    auto after = other.run(to);
    if (after && ir_version < 11) after = other.run(to, by_name(*before, *after));
    // Whole numbers are at random 0 or 1, and some runtimes stop at a division by zero.
    if (!after && divides_whole_numbers(*source)) return {};
    if (!after) return "does not run: " + after.error().message();
    if (before->inputs.size() != after->inputs.size()) return "has other inputs";
    for (std::size_t i = 0; i < before->inputs.size() && ir_version > 10; ++i)
      if (before->inputs[i].shape != after->inputs[i].shape) return fmt::format("input {} has another shape", i);
    for (std::size_t i = 0; i < std::min(before->outputs.size(), after->outputs.size()); ++i)
      if (before->outputs[i].shape != after->outputs[i].shape) return fmt::format("output {} has another shape", i);
    ++tally_.compared;
    const double units = equivalence::apart(*before, *after);
    tally_.worst = std::max(tally_.worst, units);
    return units <= kUnits ? "" : fmt::format("{:.1f} units apart", units);
  }

  // The inputs that `before` had, in the order in which `after` wants them: OpenVINO 2021 goes by their names.
  static equivalence::Buffers by_name(const equivalence::Predictions& before, const equivalence::Predictions& after) {
    equivalence::Buffers inputs(after.inputs.size());
    for (std::size_t i = 0; i < before.inputs.size(); ++i)
      for (std::size_t j = 0; j < after.inputs.size(); ++j) {
        if (after.inputs[j].name != before.inputs[i].name && after.inputs.size() > 1) continue;
        const std::size_t size = before.inputs[i].bytes;
        inputs[j].resize(equivalence::kRows * size);
        for (std::uint64_t row = 0; row < equivalence::kRows; ++row)
          runtime::fill_input(before.inputs[i].type, equivalence::kSeed, row, i,
                              std::span(inputs[j]).subspan(row * size, size));
      }
    return inputs;
  }

  static bool float_ends(const graph::Model& model) {
    const graph::Subgraph& graph = model.subgraphs[0];
    const auto all = [&](const std::vector<int>& list) {
      return std::all_of(list.begin(), list.end(), [&](int each) {
        return graph.tensors[static_cast<std::size_t>(each)].type == graph::ElementType::Float32;
      });
    };
    return all(graph.inputs) && all(graph.outputs);
  }

  static bool divides_whole_numbers(const graph::Model& model) {
    using graph::Kind;
    return std::any_of(model.subgraphs[0].operators.begin(), model.subgraphs[0].operators.end(), [&](const auto& op) {
      return (op.kind == Kind::Divide || op.kind == Kind::FloorMod || op.kind == Kind::Modulo) &&
             !graph::is_float(model.subgraphs[0].tensors[static_cast<std::size_t>(op.inputs[0])].type);
    });
  }

  equivalence::Runner& runner(graph::Format format) { return format == graph::Format::TfLite ? litert_ : openvino_; }
  std::string missing() const { return litert_.missing() + openvino_.missing(); }

  void every(const fs::path& folder, const std::string& from, const std::string& to, int ir_version = 11) {
    for (const auto& each : fs::recursive_directory_iterator(folder)) {
      if (each.path().extension() != from) continue;
      EXPECT_EQ(compare(each.path(), to, ir_version), "") << each.path();
    }
    std::cout << tally_.text();
  }

  const testing_support::Scratch scratch_;
  equivalence::Runner litert_{"litert"}, openvino_{"openvino:CPU"}, old_openvino_{"ie2021:CPU"};
  Tally tally_;
};

TEST_F(Conversions, OfTheExamples) {
  if (const std::string why = missing(); !why.empty()) GTEST_SKIP() << why;
  const fs::path digits = fs::path(EDGESCOPE_SOURCE_DIR) / "examples/digits";
  for (const char* from : {"digits_float.tflite", "digits.onnx", "digits.xml"})
    for (const char* to : {".tflite", ".onnx", ".xml"}) EXPECT_EQ(compare(digits / from, to), "") << from << to;
  EXPECT_EQ(tally_.compared, 9) << tally_.text();
}

TEST_F(Conversions, OfTransposedConvolutions) {
  if (const std::string why = missing(); !why.empty()) GTEST_SKIP() << why;
  using graph::Kind;
  namespace attr = graph::attr;
  const std::string extensions[] = {".tflite", ".onnx", ".xml"};
  const graph::Format formats[] = {graph::Format::TfLite, graph::Format::Onnx, graph::Format::OpenVinoIr};
  for (std::size_t from = 0; from < 3; ++from) {
    graph::Builder b(formats[from]);
    const bool last = formats[from] == graph::Format::TfLite;
    std::vector<float> weights(4 * 6 * 9), biases = {1, -2, 3, -4, 5, -6};
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i * 7 % 13) / 13 - 0.4f;
    using Dims = std::vector<std::int64_t>;
    const int x = b.input("x", graph::ElementType::Float32, last ? Dims{1, 4, 5, 4} : Dims{1, 4, 4, 5});
    const int w = b.constant<float>("w", last ? Dims{6, 3, 3, 4} : Dims{4, 6, 3, 3}, weights);
    const int bias = b.constant<float>("c", {6}, biases);
    const auto spread = [&](Dims begin, Dims end, Dims more, const char* name) {
      b.output(b.add(Kind::TransposedConvolution, {x, w, bias},
                     {{attr::strides, {2, 2}},
                      {attr::pads_begin, std::move(begin)},
                      {attr::pads_end, std::move(end)},
                      {attr::output_padding, std::move(more)}}),
               name);
    };
    spread({0, 0}, {0, 0}, {0, 0}, "whole");
    spread({0, 0}, {1, 1}, {0, 0}, "same");
    spread({1, 2}, {1, 0}, {0, 0}, "cut");
    spread({1, 1}, {1, 1}, {1, 1}, "padded");
    const auto model = std::move(b).finish();
    ASSERT_TRUE(model) << model.error().message();
    const fs::path path = scratch_ / ("source" + extensions[from]);
    auto to = destination(path.string());
    ASSERT_TRUE(to);
    ASSERT_TRUE(write(*model, *to, path.string()));
    for (std::size_t other = 0; other < 3; ++other) EXPECT_EQ(compare(path, extensions[other]), "") << from << other;
  }
  EXPECT_EQ(tally_.compared, 9) << tally_.text();
}

// Kinds that each format says in its own way, or not at all.
TEST_F(Conversions, OfNormalisationsMirrorsAndSums) {
  if (const std::string why = missing(); !why.empty()) GTEST_SKIP() << why;
  using graph::Kind;
  namespace attr = graph::attr;
  const std::string extensions[] = {".tflite", ".onnx", ".xml"};
  const graph::Format formats[] = {graph::Format::TfLite, graph::Format::Onnx, graph::Format::OpenVinoIr};
  for (std::size_t from = 0; from < 3; ++from) {
    graph::Builder b(formats[from]);
    const bool last = formats[from] == graph::Format::TfLite, ir = formats[from] == graph::Format::OpenVinoIr;
    using Dims = std::vector<std::int64_t>;
    const int x = b.input("x", graph::ElementType::Float32, last ? Dims{1, 4, 5, 6} : Dims{1, 6, 4, 5});
    b.output(b.add(Kind::LocalResponseNormalization, {x},
                   {{attr::size, 5}, {attr::alpha, 0.5}, {attr::beta, 0.75}, {attr::bias, 2.0}}),
             "normalised");
    b.output(b.add(Kind::MirrorPad, {x},
                   {{attr::pads_begin, last ? Dims{0, 1, 2, 0} : Dims{0, 0, 1, 2}},
                    {attr::pads_end, last ? Dims{0, 2, 1, 0} : Dims{0, 0, 2, 1}},
                    {attr::mode, "reflect"}}),
             "mirrored");
    for (const bool reverse : {false, true})
      b.output(
          b.add(Kind::Cumsum, {x}, {{attr::axis, last ? 2 : 3}, {attr::exclusive, !reverse}, {attr::reverse, reverse}}),
          reverse ? "back" : "there");
    if (ir) {
      b.output(b.add(Kind::Swish, {x}, {{attr::beta, 1.5}}), "swish");
      b.output(b.add(Kind::HSigmoid, {x}), "sigmoid");
    }
    const auto model = std::move(b).finish();
    ASSERT_TRUE(model) << model.error().message();
    const fs::path path = scratch_ / ("source" + extensions[from]);
    auto to = destination(path.string());
    ASSERT_TRUE(to);
    ASSERT_TRUE(write(*model, *to, path.string()));
    for (std::size_t other = 0; other < 3; ++other) EXPECT_EQ(compare(path, extensions[other]), "") << from << other;
  }
  EXPECT_EQ(tally_.compared, 9) << tally_.text();
}

TEST_F(Conversions, OfNetworksOfTheReferenceToOnnx) {
  EDGESCOPE_REFERENCE_OR_SKIP(folder, "ncs2/nets");
  if (const std::string why = missing(); !why.empty()) GTEST_SKIP() << why;
  every(folder, ".xml", ".onnx");
  EXPECT_GT(tally_.compared, 200);
}

TEST_F(Conversions, OfNetworksOfTheReferenceToTensorFlowLite) {
  EDGESCOPE_REFERENCE_OR_SKIP(folder, "ncs2/nets");
  if (const std::string why = missing(); !why.empty()) GTEST_SKIP() << why;
  every(folder, ".xml", ".tflite");
  EXPECT_GT(tally_.compared, 150);
}

TEST_F(Conversions, OfNodeTestsToIr) {
  const fs::path folder = fs::path(EDGESCOPE_SOURCE_DIR) / "runtimes/onnx-1.8";
  if (!fs::exists(folder)) GTEST_SKIP() << "`make oracle` brings ONNX's node tests";
  if (const std::string why = missing(); !why.empty()) GTEST_SKIP() << why;
  every(folder, ".onnx", ".xml");
  EXPECT_GT(tally_.compared, 300);
}

// The IR that today's OpenVINO writes of ONNX is one of version 11, with operators that 2021 does not know.
TEST_F(Conversions, OfNodeTestsToOpenVino2021) {
  const fs::path folder = fs::path(EDGESCOPE_SOURCE_DIR) / "runtimes/onnx-1.8";
  if (!fs::exists(folder)) GTEST_SKIP() << "`make oracle` brings ONNX's node tests";
  if (const std::string why = missing() + old_openvino_.missing(); !why.empty()) GTEST_SKIP() << why;
  every(folder, ".onnx", ".xml", 10);
  EXPECT_GT(tally_.compared, 150);
}

TEST_F(Conversions, OfIrToOpenVino2021) {
  if (const std::string why = missing() + old_openvino_.missing(); !why.empty()) GTEST_SKIP() << why;
  using graph::Kind;
  namespace attr = graph::attr;
  graph::Builder b(graph::Format::OpenVinoIr);
  const int x = b.input("x", graph::ElementType::Float32, {4, 6});
  const int last = b.add(Kind::ArgMax, {x}, {{attr::axis, 1}, {attr::to, graph::ElementType::Int64}});
  const int six = b.constant<std::int64_t>("six", {}, {6});
  const int i = b.add(Kind::Subtract, {last, six});  // counted from the back
  const int turned = b.add(Kind::Transpose, {x}, {{attr::permutation, {1, 0}}});
  b.output(b.add(Kind::Gather, {turned, i}, {{attr::axis, 0}, {attr::negative_indices, true}}), "rows");
  b.output(b.add(Kind::Softsign, {x}), "softsign");
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model) << model.error().message();
  const fs::path path = scratch_ / "new.xml";
  ASSERT_TRUE(openvino::write(*model, path.string(), 11));
  EXPECT_EQ(compare(path, ".xml", 10), "");
  EXPECT_EQ(tally_.compared, 1) << tally_.text();
}

TEST_F(Conversions, OfNodeTestsToTensorFlowLite) {
  const fs::path folder = fs::path(EDGESCOPE_SOURCE_DIR) / "runtimes/onnx-1.8";
  if (!fs::exists(folder)) GTEST_SKIP() << "`make oracle` brings ONNX's node tests";
  if (const std::string why = missing(); !why.empty()) GTEST_SKIP() << why;
  every(folder, ".onnx", ".tflite");
  EXPECT_GT(tally_.compared, 200);
}

}  // namespace
}  // namespace edgescope::format
