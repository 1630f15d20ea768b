#include "format/tflite/layout.h"

#include <gtest/gtest.h>

#include "graph/kind.h"

namespace edgescope::format::tflite {
namespace {

TEST(Layout, KnowsFieldsDefaultsAndEnumerators) {
  const Layout& conv = layout("Conv2DOptions");
  ASSERT_EQ(conv.fields.size(), 7u);
  EXPECT_EQ(conv.fields[0].name, "padding");
  EXPECT_EQ(conv.fields[0].enumeration->text(1), "VALID");
  EXPECT_EQ(conv.fields[0].enumeration->text(9), "");
  EXPECT_EQ(conv.field("dilation_w_factor").default_integer, 1);
  EXPECT_EQ(conv.field("dilation_w_factor").offset, 4 + 2 * 4);
}

TEST(Layout, KnowsUnionsAndNestedTables) {
  const Layout& op = layout("Operator");
  const Field& options = op.field("builtin_options_2");
  EXPECT_EQ(options.type, reflection::Union);
  EXPECT_EQ(options.enumeration->tables.at(21)->name, "StableHLOCompositeOptions");
  EXPECT_EQ(options.enumeration->tables.at(0), nullptr);
  EXPECT_EQ(layout("Tensor").field("quantization").table, &layout("QuantizationParameters"));
  EXPECT_EQ(layout("SparsityParameters").field("dim_metadata").table, &layout("DimensionMetadata"));
}

TEST(Layout, DeprecatedFieldsKeepTheirPlace) {
  const Layout& resize = layout("ResizeBilinearOptions");
  ASSERT_EQ(resize.fields.size(), 2u);
  EXPECT_EQ(resize.fields[0].name, "align_corners");
  EXPECT_EQ(resize.fields[0].offset, 4 + 2 * 2);
}

TEST(Layout, EveryBuiltinOperatorHasACanonicalKind) {
  const Enumeration& codes = *layout("OperatorCode").field("builtin_code").enumeration;
  EXPECT_EQ(codes.names.size(), 210u);
  for (const auto& [value, name] : codes.names) {
    if (name == "PLACEHOLDER_FOR_GREATER_OP_CODES") continue;
    EXPECT_NE(graph::kind_from_source(graph::Source::TfLite, name), graph::Kind::Unknown) << name;
  }
}

}  // namespace
}  // namespace edgescope::format::tflite
