#include "forest/tree_lines.h"

#include <gmock/gmock.h>

#include <cstring>

#include "graph/evaluate.h"

namespace edgescope::forest {
namespace {

using graph::ElementType;

// A table of three lines of two rows; each tree names a line for each row.
TEST(TreeLines, EachRowHasItsOwnNumberOfALine) {
  graph::Builder b(graph::Format::Onnx);
  TreeLines lines(b, 2, 2);
  const int table = b.input("table", ElementType::Int32, {3, 2});
  const int named = lines.list(b.constant<std::int32_t>("lines", {2, 2}, {2, 0, 1, 1}));
  b.output(lines.pick(table, lines.begins(named)), "calculated");
  const int known = b.constant<std::int32_t>("known", {4}, lines.begins({2, 0, 1, 1}));
  b.output(lines.pick(table, known), "constant");
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model) << model.error().message();
  const std::int32_t numbers[] = {10, 11, 20, 21, 30, 31};
  const auto bytes = std::as_bytes(std::span(numbers));
  const auto made =
      graph::evaluate(model->subgraphs.front(), graph::Layout::ChannelsFirst,
                      std::vector<graph::Value>{{ElementType::Int32, {3, 2}, {bytes.begin(), bytes.end()}}});
  ASSERT_TRUE(made) << made.error().message();
  ASSERT_EQ(made->size(), 2u);
  for (const graph::Value& value : *made) {
    std::vector<std::int32_t> picked(4);
    ASSERT_EQ(value.data.size(), 16u);
    std::memcpy(picked.data(), value.data.data(), 16);
    EXPECT_THAT(picked, testing::ElementsAre(30, 11, 20, 21));
  }
}

}  // namespace
}  // namespace edgescope::forest
