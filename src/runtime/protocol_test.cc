#include "runtime/protocol.h"

#include <gtest/gtest.h>

namespace edgescope::runtime {
namespace {

TEST(Protocol, LoadedSurvivesTheWay) {
  const Loaded loaded{.inputs = {{.name = "in",
                                  .type = graph::ElementType::UInt8,
                                  .shape = {1, 2, 3},
                                  .bytes = 6,
                                  .quantized = true,
                                  .scale = 0.1,
                                  .zero_point = -3}},
                      .outputs = {{.name = "out", .type = graph::ElementType::Float32, .shape = {}, .bytes = 4}},
                      .version = "1.2",
                      .kernels = "some",
                      .precision = "f32",
                      .threads = 3,
                      .notes = {"one", "two"}};
  const auto text = base::parse_json(base::dump(to_json(loaded)), "test");
  ASSERT_TRUE(text);
  const auto back = loaded_from(*text);
  ASSERT_TRUE(back) << back.error().message();
  ASSERT_EQ(back->inputs.size(), 1u);
  EXPECT_EQ(back->inputs[0].name, "in");
  EXPECT_EQ(back->inputs[0].type, graph::ElementType::UInt8);
  EXPECT_EQ(back->inputs[0].shape, loaded.inputs[0].shape);
  EXPECT_TRUE(back->inputs[0].quantized);
  EXPECT_EQ(back->inputs[0].scale, 0.1);
  EXPECT_EQ(back->inputs[0].zero_point, -3);
  EXPECT_FALSE(back->outputs.at(0).quantized);
  EXPECT_EQ(back->threads, 3);
  EXPECT_EQ(back->notes, loaded.notes);
}

TEST(Protocol, RequestsAndErrorsSurviveTheWay) {
  const auto request = load_request_from(
      to_json(LoadRequest{.model = "m", .library = "l", .threads = 2, .profile = true, .properties = {{"k", "v"}}}));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->library, "l");
  EXPECT_TRUE(request->profile);
  EXPECT_EQ(request->properties.at("k"), "v");
  const auto error = error_from(
      to_json(base::Error{.fault = base::Fault::missing, .what = "w", .file = "f", .node = "n", .remedy = "r"}));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->fault, base::Fault::missing);
  EXPECT_EQ(error->message(), "f: w (in `n`). r");
}

TEST(Protocol, OtherThingsAreRefused) {
  for (const char* text : {"null", "{}", "[]", R"({"inputs": 3})", R"({"inputs": [], "outputs": [], "version": 1})"}) {
    const auto json = base::parse_json(text, "test");
    ASSERT_TRUE(json);
    EXPECT_FALSE(loaded_from(*json)) << text;
    EXPECT_FALSE(error_from(*json)) << text;
    EXPECT_FALSE(load_request_from(*json)) << text;
  }
  EXPECT_FALSE(operators_from(base::Json{{{"name", 1}}}));
  EXPECT_EQ(loaded_from(base::Json()).error().fault, base::Fault::runtime);
}

}  // namespace
}  // namespace edgescope::runtime
