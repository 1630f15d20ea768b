#include "format/tflite/cut.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/tflite/reader.h"
#include "format/tflite/test_models.h"

namespace edgescope::format::tflite {
namespace {

using ::testing::HasSubstr;
using Names = std::vector<std::string>;

base::MappedFile mapped(const std::vector<std::byte>& bytes) { return base::MappedFile::borrow(bytes, "m.tflite"); }

TEST(Cut, KeepsWhatLiesBetween) {
  const auto whole = test_models::pack(test_models::tiny_conv());
  const auto front = cut(mapped(whole), {"input"}, {"conv"});
  ASSERT_TRUE(front) << front.error().message();
  const auto model = read(mapped(*front));
  ASSERT_TRUE(model) << model.error().message();
  const graph::Subgraph& graph = model->subgraphs[0];
  ASSERT_EQ(graph.operators.size(), 1u);
  EXPECT_EQ(graph.operators[0].source_kind, "CONV_2D");
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.outputs.at(0))].name, "conv");
  EXPECT_TRUE(model->signatures.empty()) << "they name tensors that are inputs no longer";

  const auto back = cut(mapped(whole), {"conv"}, {"output"});
  ASSERT_TRUE(back) << back.error().message();
  const auto rest = read(mapped(*back));
  ASSERT_EQ(rest->subgraphs[0].operators.size(), 1u);
  EXPECT_EQ(rest->subgraphs[0].operators[0].source_kind, "RESHAPE");
}

TEST(Cut, TheWholeModelStaysWhole) {
  const auto whole = test_models::pack(test_models::tiny_conv());
  const auto same = cut(mapped(whole), {"input"}, {"output"});
  ASSERT_TRUE(same);
  EXPECT_EQ(read(mapped(*same))->subgraphs[0].operators.size(), 2u);
}

TEST(Cut, SaysWhichTensorIsMissing) {
  const auto whole = test_models::pack(test_models::tiny_conv());
  const auto unknown = cut(mapped(whole), {"input"}, {"logits"});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("has no tensor of this name (in `logits`)"));
  const auto hanging = cut(mapped(whole), Names{}, {"conv"});
  ASSERT_FALSE(hanging);
  EXPECT_THAT(hanging.error().message(), HasSubstr("neither among the inputs nor computed from them (in `input`)"));
  const auto broken = cut(mapped(std::vector<std::byte>(64)), {"input"}, {"conv"});
  EXPECT_FALSE(broken);
}

}  // namespace
}  // namespace edgescope::format::tflite
