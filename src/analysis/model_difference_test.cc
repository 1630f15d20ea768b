#include "analysis/model_difference.h"

#include <gtest/gtest.h>

#include "analysis/test_graph.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using graph::ElementType;
using graph::Kind;

struct Form {
  std::int64_t units = 8;
  bool relu = true;
  std::byte weight = std::byte{1};
  float scale = 0.5f;
  std::string prefix;
};

graph::Model build(const Form& form) {
  TestGraph test;
  const int in = test.tensor({1, 4}, ElementType::Int8, form.prefix + "in");
  const int weights = test.constant({form.units, 4}, ElementType::Int8, form.prefix + "weights", form.weight);
  const int dense = test.tensor({1, form.units}, ElementType::Int8, form.prefix + "dense");
  test.quantize(dense, form.scale, 0);
  test.add(Kind::FullyConnected, {in, weights}, {dense});
  int last = dense;
  if (form.relu) {
    last = test.tensor({1, form.units}, ElementType::Int8, form.prefix + "relu");
    test.add(Kind::Relu, {dense}, {last});
  }
  const int out = test.tensor({1, form.units}, ElementType::Int8, form.prefix + "out");
  test.add(Kind::Softmax, {last}, {out});
  return test.finish();
}

Json difference(const Form& now, const Form& old) {
  const graph::Model a = build(now), b = build(old);
  return model_difference(a, inspect(a), b, inspect(b));
}

std::int64_t change(const Json& difference, const std::string& total) {
  for (const Json& row : difference["totals"])
    if (row["total"] == total) return row["change"];
  return -1;
}

TEST(ModelDifference, NoneBetweenEqualModels) {
  const Json json = difference({}, {});
  for (const Json& row : json["totals"]) EXPECT_EQ(row["change"], 0);
  EXPECT_TRUE(json["kinds"].empty());
  for (const char* list : {"operators", "tensors"})
    for (const char* side : {"added", "removed", "changed"}) EXPECT_TRUE(json[list][side].empty());
}

TEST(ModelDifference, AnOperatorLess) {
  const Json json = difference({.relu = false}, {});
  EXPECT_EQ(change(json, "operators"), -1);
  ASSERT_EQ(json["operators"]["removed"].size(), 1u);
  EXPECT_EQ(json["operators"]["removed"][0]["kind"], "relu");
  EXPECT_TRUE(json["operators"]["added"].empty());
  ASSERT_EQ(json["kinds"].size(), 1u);
  EXPECT_EQ(json["kinds"][0]["operators"], Json({{"new", 0}, {"old", 1}, {"change", -1}}));
}

TEST(ModelDifference, ShapesChange) {
  const Json json = difference({.units = 16}, {});
  EXPECT_EQ(change(json, "macs"), 32);
  EXPECT_EQ(change(json, "weight_bytes"), 32);
  ASSERT_EQ(json["operators"]["changed"].size(), 3u);
  EXPECT_EQ(json["operators"]["changed"][0]["changes"][0]["what"], "inputs");
}

TEST(ModelDifference, WeightsAreComparedByContent) {
  const Json json = difference({.weight = std::byte{2}}, {});
  EXPECT_TRUE(json["operators"]["changed"].empty());
  ASSERT_EQ(json["tensors"]["changed"].size(), 1u);
  EXPECT_EQ(json["tensors"]["changed"][0]["name"], "weights");
  EXPECT_EQ(json["tensors"]["changed"][0]["changes"],
            Json::parse(R"([{"what":"weights","different_bytes":32,"bytes":32}])"));
}

TEST(ModelDifference, QuantisationChanges) {
  const Json json = difference({.scale = 0.25f}, {});
  ASSERT_EQ(json["tensors"]["changed"].size(), 1u);
  EXPECT_EQ(json["tensors"]["changed"][0]["changes"][0]["what"], "quantization");
}

TEST(ModelDifference, RenamedOperatorsAreMatchedByForm) {
  const Json json = difference({.prefix = "a/"}, {.relu = false, .prefix = "b/"});
  ASSERT_EQ(json["operators"]["added"].size(), 1u);
  EXPECT_EQ(json["operators"]["added"][0]["kind"], "relu");
  EXPECT_TRUE(json["operators"]["removed"].empty());
  EXPECT_EQ(json["operators"]["changed"].size(), 2u);  // their names
}

}  // namespace
}  // namespace edgescope::analysis
