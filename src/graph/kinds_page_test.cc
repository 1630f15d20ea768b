// docs/kinds.md is the table of kinds.inc as people read it. This test writes it, or says that it is out
// of date.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "base/atomic_file.h"
#include "graph/kind.h"

namespace edgescope::graph {
namespace {

constexpr const char* kPath = EDGESCOPE_SOURCE_DIR "/docs/kinds.md";

constexpr const char* kHead = R"(# Operator kinds

One name for what TensorFlow Lite, ONNX and OpenVINO IR call differently. Rules, findings and reports speak of kinds; the
source's own name stays with each operator (`source_kind`). An operator that is not in this table is kept, named, and has the
kind `unknown`.

- ONNX operators outside the default domain are written `domain:Name`.
- A source name means one kind, unless the weights say more: an ONNX `Conv` and an IR `GroupConvolution` with one channel a
  group are a `depthwise_convolution`, an ONNX `Conv` of several groups is a `group_convolution`.
- Constants, inputs and outputs that a source writes as operators become tensors of the graph.

Made from `src/graph/kinds.inc` by `EDGESCOPE_REGENERATE=1 graph_test --gtest_filter='KindsPage.*'`.

| kind | TensorFlow Lite | ONNX | OpenVINO IR |
| --- | --- | --- | --- |
)";

std::string cell(std::string_view names) {
  std::string text;
  std::istringstream words{std::string(names)};
  for (std::string word; words >> word;) text += (text.empty() ? "`" : ", `") + word + "`";
  return text;
}

std::string page() {
  std::string text = kHead;
  for (const KindRow& row : kind_table())
    text +=
        "| " + cell(row.name) + " | " + cell(row.tflite) + " | " + cell(row.onnx) + " | " + cell(row.openvino) + " |\n";
  return text;
}

TEST(KindsPage, EqualsTheTable) {
  if (std::getenv("EDGESCOPE_REGENERATE")) {
    ASSERT_TRUE(base::write_file(kPath, page()));
  }
  std::ifstream file(kPath);
  std::ostringstream committed;
  committed << file.rdbuf();
  EXPECT_TRUE(committed.str() == page())
      << "docs/kinds.md differs from src/graph/kinds.inc: run `EDGESCOPE_REGENERATE=1 graph_test "
         "--gtest_filter='KindsPage.*'` and commit the page";
}

}  // namespace
}  // namespace edgescope::graph
