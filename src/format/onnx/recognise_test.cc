#include <gtest/gtest.h>

#include "format/onnx/builder_for_test.h"

namespace edgescope::format::onnx {
namespace {

using namespace test;

bool known(const std::string& text) { return recognised(std::as_bytes(std::span(text))); }

TEST(Recognised, ModelsAndTruncatedModels) {
  const std::string whole = model(node("Relu", {"a"}, {"b"}) + input("a") + output("b"));
  EXPECT_TRUE(known(whole));
  EXPECT_TRUE(known(whole.substr(0, whole.size() - 3)));
  EXPECT_TRUE(known(number(fields::model::ir_version, 3) + text(fields::model::graph, "")));
}

TEST(Recognised, NothingElse) {
  const std::string graph = text(fields::model::graph, node("Relu", {"a"}, {"b"}));
  EXPECT_FALSE(known(""));
  EXPECT_FALSE(known("PK\3\4 a zip archive"));
  EXPECT_FALSE(known("\x80\4\x95 a pickle"));
  EXPECT_FALSE(known("<?xml version=\"1.0\"?><net/>"));
  EXPECT_FALSE(known(std::string("\x1c\0\0\0TFL3", 8)));
  EXPECT_FALSE(known(number(1, 1) + text(2, text(1, "MetaGraphDef"))));          // SavedModel
  EXPECT_FALSE(known(graph));                                                    // no version
  EXPECT_FALSE(known(number(1, 1 << 20) + graph));                               // no such version
  EXPECT_FALSE(known(number(1, 8) + number(fields::model::graph, 1)));           // a graph that is a number
  EXPECT_FALSE(known(number(1, 8) + text(fields::model::graph, number(1, 5))));  // its nodes are numbers
  EXPECT_FALSE(known(number(1, 8) + text(fields::model::graph, "plain text")));
  EXPECT_FALSE(known(number(1, 8) + graph + text(99, "unknown")));
}

}  // namespace
}  // namespace edgescope::format::onnx
