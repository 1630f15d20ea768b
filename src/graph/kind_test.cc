#include "graph/kind.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace edgescope::graph {
namespace {

TEST(Kind, ThreeSourcesOneVocabulary) {
  EXPECT_EQ(kind_from_source(Source::TfLite, "CONV_2D"), Kind::Convolution);
  EXPECT_EQ(kind_from_source(Source::Onnx, "Conv"), Kind::Convolution);
  EXPECT_EQ(kind_from_source(Source::OpenVino, "Convolution"), Kind::Convolution);
  EXPECT_EQ(kind_from_source(Source::Onnx, "ai.onnx.ml:TreeEnsemble"), Kind::TreeEnsemble);
  EXPECT_EQ(kind_from_source(Source::Onnx, "com.microsoft:FusedGemm"), Kind::Unknown);
}

TEST(Kind, NamesAreUniqueAndRoundTrip) {
  std::set<std::string_view> seen;
  for (const KindRow& row : kind_table()) {
    EXPECT_TRUE(seen.insert(row.name).second) << row.name;
    EXPECT_EQ(kind_from_name(kind_name(row.kind)), row.kind);
  }
  EXPECT_EQ(kind_name(Kind::Unknown), "unknown");
}

TEST(Kind, NoSourceNameMeansTwoKinds) {
  for (auto column : {&KindRow::tflite, &KindRow::onnx, &KindRow::openvino}) {
    std::set<std::string> seen;
    for (const KindRow& row : kind_table()) {
      std::string names{row.*column};
      for (std::size_t at = 0; at < names.size();) {
        const std::size_t end = std::min(names.find(' ', at), names.size());
        EXPECT_TRUE(seen.insert(names.substr(at, end - at)).second) << names.substr(at, end - at);
        at = end + 1;
      }
    }
  }
}

}  // namespace
}  // namespace edgescope::graph
