#include "format/openvino/attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::format::openvino {
namespace {

using graph::Kind;
using ::testing::ElementsAre;
using Ints = std::vector<std::int64_t>;
namespace attr = graph::attr;

base::Result<graph::Attributes> attributes(Kind kind, const char* data, std::int64_t opset = 1) {
  pugi::xml_document document;
  document.load_string(data);
  return read_attributes(kind, opset, document.child("data"));
}

TEST(Attributes, OfAConvolution) {
  const auto read =
      attributes(Kind::Convolution, R"(<data strides="2, 1" pads_begin="1, 0" pads_end="3, 4" auto_pad="explicit"/>)");
  ASSERT_TRUE(read);
  EXPECT_THAT(graph::get<Ints>(*read, attr::strides), ElementsAre(2, 1));
  EXPECT_THAT(graph::get<Ints>(*read, attr::dilations), ElementsAre(1, 1)) << "the default";
  EXPECT_THAT(graph::get<Ints>(*read, attr::pads_end), ElementsAre(3, 4));
  EXPECT_EQ(graph::get<std::string>(*read, attr::padding), "explicit");
  EXPECT_EQ(graph::get<std::int64_t>(*read, attr::groups), 1);
}

TEST(Attributes, PadsMeanSomethingOnlyWhenExplicit) {
  for (const auto& [source, canonical] :
       {std::pair("same_upper", "same"), {"same_lower", "same_lower"}, {"valid", "valid"}}) {
    const auto read = attributes(
        Kind::MaxPool,
        (std::string(R"(<data kernel="2" strides="2" pads_begin="0" pads_end="0" auto_pad=")") + source + "\"/>")
            .c_str());
    ASSERT_TRUE(read);
    EXPECT_EQ(graph::get<std::string>(*read, attr::padding), canonical);
    EXPECT_EQ(graph::find(*read, attr::pads_begin), nullptr);
    EXPECT_THAT(graph::get<Ints>(*read, attr::kernel), ElementsAre(2));
  }
}

TEST(Attributes, DefaultsOfTheSpecification) {
  EXPECT_EQ(graph::get<std::int64_t>(*attributes(Kind::Softmax, "<data/>"), attr::axis), 1);
  EXPECT_EQ(graph::get<std::int64_t>(*attributes(Kind::OneHot, ""), attr::axis), -1);
  EXPECT_TRUE(graph::find(*attributes(Kind::ReduceMean, ""), attr::keep_dims));
  EXPECT_FALSE(graph::get<bool>(*attributes(Kind::Matmul, R"(<data transpose_a="true"/>)"), attr::transpose_b, true));
  EXPECT_TRUE(graph::get<bool>(*attributes(Kind::Resize, "", 1), attr::align_corners));
  EXPECT_FALSE(graph::get<bool>(*attributes(Kind::Resize, "", 4), attr::align_corners, true));
  EXPECT_TRUE(graph::get<bool>(*attributes(Kind::Resize, "", 4), attr::half_pixel_centers));
}

TEST(Attributes, CanonicalNames) {
  EXPECT_EQ(graph::get<std::string>(*attributes(Kind::Cast, R"(<data destination_type="boolean"/>)"), attr::to),
            "bool");
  EXPECT_EQ(graph::get<double>(*attributes(Kind::MeanVarianceNormalization, R"(<data eps="1e-6"/>)"), attr::epsilon),
            1e-6);
  EXPECT_EQ(graph::get<double>(*attributes(Kind::Clamp, R"(<data min="0" max="6"/>)"), attr::max), 6.0)
      << "a float, though it reads as an int";
  EXPECT_THAT(graph::get<Ints>(*attributes(Kind::Resize, R"(<data axes="2"/>)"), attr::axes), ElementsAre(2));
}

TEST(Attributes, OthersKeepTheirNames) {
  const auto read = attributes(Kind::ShuffleChannels, R"(<data axis="1" group="2"/>)");
  EXPECT_EQ(graph::get<std::int64_t>(*read, "group"), 2);
  EXPECT_EQ(graph::find(*read, attr::groups), nullptr);
  EXPECT_EQ(graph::get<std::string>(*attributes(Kind::ReadVariable, R"(<data variable_id="7"/>)"), "variable_id"), "7");
}

TEST(Attributes, NamesWhatItCannotRead) {
  const auto read = attributes(Kind::Convolution, R"(<data auto_pad="sometimes"/>)");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what, "attribute auto_pad has the value `sometimes`");
}

}  // namespace
}  // namespace edgescope::format::openvino
