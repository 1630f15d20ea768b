// Operators raised to canonical form and written again predict what they predicted: on the vendors' runtimes, to
// the bit.
#include "format/raise.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "equivalence/runner.h"
#include "format/format.h"
#include "format/onnx/writer.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"
#include "support/reference.h"
#include "support/scratch.h"

namespace edgescope::format {
namespace {

namespace fs = std::filesystem;

struct Tally {
  int models = 0, raised = 0, operators = 0, kept = 0, compared = 0;
  std::map<std::string, int> reasons;  // of operators that stay

  std::string text() const {
    std::string all = fmt::format("{} models, {} with an operator raised, {} compared; {} operators raised, {} kept\n",
                                  models, raised, compared, operators, kept);
    for (const auto& [why, count] : reasons) all += fmt::format("{:5} {}\n", count, why);
    return all;
  }
};

base::Status write(const graph::Model& model, const fs::path& path) {
  switch (model.format) {
    case graph::Format::TfLite:
      return tflite::write(model, path);
    case graph::Format::Onnx:
      return onnx::write(model, path);
    default:
      return openvino::write(model, path);
  }
}

// Raises what it can of one model, writes it and compares it on the runtime. Empty where it is equal, or where
// the runtime does not run the original either.
std::string compare(const fs::path& path, const fs::path& rewritten, equivalence::Runner& runner, Tally& tally) {
  auto model = read_model(path.string());
  if (!model) return {};
  // Before opset 7 a model cannot be given operators of ours; it can be read and converted.
  if (model->format == graph::Format::Onnx)
    for (const graph::Opset& each : model->opsets)
      if (each.domain == "ai.onnx" && each.version < 7) return {};
  ++tally.models;
  std::size_t count = 0;
  for (const graph::Subgraph& each : model->subgraphs) count += each.operators.size();
  const auto kept = raise_all(*model);
  tally.operators += static_cast<int>(count - kept.size());
  tally.kept += static_cast<int>(kept.size());
  for (const NotRaised& each : kept) ++tally.reasons[each.why.what];
  if (kept.size() == count) return {};
  ++tally.raised;
  if (const auto done = write(*model, rewritten); !done) return "not written: " + done.error().message();
  const auto before = runner.run(path);
  if (!before) return {};
  const auto after = runner.run(rewritten);
  if (!after) return "does not run: " + after.error().message();
  const std::string different = equivalence::difference(*before, *after);
  // States that nothing sets: the runtime does not agree with itself.
  if (!different.empty())
    if (const auto again = runner.run(path); again && !equivalence::difference(*before, *again).empty()) return {};
  ++tally.compared;
  return different;
}

TEST(Raise, NetworksOfTheReferencePredictTheSame) {
  EDGESCOPE_REFERENCE_OR_SKIP(folder, "ncs2/nets");
  equivalence::Runner runner("openvino:CPU");
  if (const std::string why = runner.missing(); !why.empty()) GTEST_SKIP() << why;
  const testing_support::Scratch scratch;
  Tally tally;
  for (const auto& each : fs::directory_iterator(folder)) {
    if (each.path().extension() != ".xml") continue;
    EXPECT_EQ(compare(each.path(), scratch / "raised.xml", runner, tally), "") << each.path().filename();
  }
  std::cout << tally.text();
  EXPECT_EQ(tally.models, 396);
  EXPECT_GT(tally.compared, 200);
}

TEST(Raise, NodeTestsPredictTheSame) {
  const fs::path folder = fs::path(EDGESCOPE_SOURCE_DIR) / "runtimes/onnx-1.8";
  if (!fs::exists(folder)) GTEST_SKIP() << "`make oracle` brings ONNX's node tests";
  equivalence::Runner runner("openvino:CPU");
  if (const std::string why = runner.missing(); !why.empty()) GTEST_SKIP() << why;
  const testing_support::Scratch scratch;
  Tally tally;
  for (const auto& each : fs::recursive_directory_iterator(folder)) {
    if (each.path().extension() != ".onnx") continue;
    EXPECT_EQ(compare(each.path(), scratch / "raised.onnx", runner, tally), "") << each.path();
  }
  std::cout << tally.text();
  EXPECT_GT(tally.compared, 300);
}

TEST(Raise, PublicModelsPredictTheSame) {
  const char* folder = std::getenv("EDGESCOPE_MODELS_DIR");
  if (folder == nullptr) GTEST_SKIP() << "EDGESCOPE_MODELS_DIR is not set";
  equivalence::Runner runner("litert");
  if (const std::string why = runner.missing(); !why.empty()) GTEST_SKIP() << why;
  const testing_support::Scratch scratch;
  Tally tally;
  for (const auto& each : fs::recursive_directory_iterator(folder)) {
    if (each.path().extension() != ".tflite") continue;
    EXPECT_EQ(compare(each.path(), scratch / "raised.tflite", runner, tally), "") << each.path().filename();
  }
  std::cout << tally.text();
  EXPECT_GT(tally.compared, 8);
}

}  // namespace
}  // namespace edgescope::format
