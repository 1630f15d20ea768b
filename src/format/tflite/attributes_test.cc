#include "format/tflite/attributes.h"

#include <gtest/gtest.h>

#include "format/tflite/test_models.h"

namespace edgescope::format::tflite {
namespace {

namespace attr = graph::attr;
using graph::get;
using Ints = std::vector<std::int64_t>;

template <typename Options>
graph::Attributes of(const Options& options) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(Options::TableType::Pack(builder, &options));
  constexpr auto kType = fb::BuiltinOptionsUnionTraits<Options>::enum_value;
  constexpr auto kType2 = fb::BuiltinOptions2UnionTraits<Options>::enum_value;
  const char* name =
      kType != fb::BuiltinOptions::NONE ? fb::EnumNameBuiltinOptions(kType) : fb::EnumNameBuiltinOptions2(kType2);
  return attributes(*flatbuffers::GetRoot<flatbuffers::Table>(builder.GetBufferPointer()), layout(name));
}

TEST(Attributes, SpatialOnesAreVectorsFromTheOutermostDimension) {
  fb::Conv3DOptionsT conv;
  conv.padding = fb::Padding::VALID;
  conv.stride_d = 1;
  conv.stride_h = 2;
  conv.stride_w = 3;
  conv.dilation_h_factor = 4;
  const auto attributes = of(conv);
  EXPECT_EQ(get<Ints>(attributes, attr::strides), (Ints{1, 2, 3}));
  EXPECT_EQ(get<Ints>(attributes, attr::dilations), (Ints{1, 4, 1}));
  EXPECT_EQ(get<std::string>(attributes, attr::padding), "valid");
  EXPECT_EQ(get<std::string>(attributes, attr::activation), "none");
  EXPECT_EQ(attributes.size(), 4u);

  fb::Pool2DOptionsT pool;
  pool.filter_height = 5;
  pool.filter_width = 7;
  EXPECT_EQ(get<Ints>(of(pool), attr::kernel), (Ints{5, 7}));
}

TEST(Attributes, AbsentFieldsHaveTheSchemasDefault) {
  EXPECT_TRUE(get<bool>(of(fb::AddOptionsT{}), "pot_scale_int16"));
  EXPECT_TRUE(get<bool>(of(fb::BidirectionalSequenceLSTMOptionsT{}), "time_major"));
  EXPECT_EQ(get<std::string>(of(fb::UniqueOptionsT{}), "idx_out_type"), "i32");
  EXPECT_EQ(get<Ints>(of(fb::Conv2DOptionsT{}), attr::dilations), (Ints{1, 1}));
}

TEST(Attributes, CanonicalNamesWhereThereIsOne) {
  fb::BatchMatMulOptionsT product;
  product.adj_y = true;
  EXPECT_FALSE(get<bool>(of(product), attr::transpose_a, true));
  EXPECT_TRUE(get<bool>(of(product), attr::transpose_b));
  fb::SqueezeOptionsT squeeze;
  squeeze.squeeze_dims = {1, -1};
  EXPECT_EQ(get<Ints>(of(squeeze), attr::axes), (Ints{1, -1}));
  fb::LeakyReluOptionsT leaky;
  leaky.alpha = 0.25f;
  EXPECT_EQ(get<double>(of(leaky), attr::alpha), 0.25);
  fb::SpaceToDepthOptionsT space;
  space.block_size = 2;
  EXPECT_EQ(get<std::int64_t>(of(space), attr::block_size), 2);
}

TEST(Attributes, OthersKeepTheirNames) {
  fb::LSTMOptionsT lstm;
  lstm.kernel_type = fb::LSTMKernelType::BASIC;
  lstm.cell_clip = 1.5f;
  EXPECT_EQ(get<std::string>(of(lstm), "kernel_type"), "BASIC");
  EXPECT_EQ(get<double>(of(lstm), "cell_clip"), 1.5);
  fb::VarHandleOptionsT handle;
  handle.shared_name = "state";
  EXPECT_EQ(get<std::string>(of(handle), "shared_name"), "state");
  fb::BucketizeOptionsT buckets;
  buckets.boundaries = {0.5f, 2};
  EXPECT_EQ(get<std::vector<double>>(of(buckets), "boundaries"), (std::vector<double>{0.5, 2}));
  fb::RandomOptionsT random;
  random.seed2 = -9'000'000'000;
  EXPECT_EQ(get<std::int64_t>(of(random), "seed2"), -9'000'000'000);
}

TEST(Attributes, StableHloConvolution) {
  fb::StablehloConvolutionOptionsT conv;
  conv.window_strides = {2, 2};
  conv.padding = {0, 1, 2, 3};
  conv.feature_group_count = 8;
  conv.precision_config = {fb::StablehloPrecisionConfig::HIGHEST, static_cast<fb::StablehloPrecisionConfig>(9)};
  const auto attributes = of(conv);
  EXPECT_EQ(get<Ints>(attributes, attr::strides), (Ints{2, 2}));
  EXPECT_EQ(get<std::string>(attributes, attr::padding), "explicit");
  EXPECT_EQ(get<Ints>(attributes, attr::pads_begin), (Ints{0, 2}));
  EXPECT_EQ(get<Ints>(attributes, attr::pads_end), (Ints{1, 3}));
  EXPECT_EQ(get<std::int64_t>(attributes, attr::groups), 8);
  EXPECT_EQ(get<std::vector<std::string>>(attributes, "precision_config"), (std::vector<std::string>{"HIGHEST", "9"}));
}

TEST(Attributes, BodiesAreInts) {
  fb::WhileOptionsT loop;
  loop.cond_subgraph_index = 3;
  loop.body_subgraph_index = 2;
  EXPECT_EQ(get<Ints>(of(loop), attr::subgraph), (Ints{3, 2}));
  fb::CallOnceOptionsT once;
  once.init_subgraph_index = 1;
  EXPECT_EQ(get<Ints>(of(once), attr::subgraph), Ints{1});
  fb::StablehloCaseOptionsT choice;
  choice.branch_subgraph_indices = {4, 5, 6};
  EXPECT_EQ(get<Ints>(of(choice), attr::subgraph), (Ints{4, 5, 6}));
}

// Whatever the table, its empty form is read: every field that is no vector and no text has a value.
TEST(Attributes, EveryOptionsTableIsRead) {
  int tables = 0;
  for (const char* field : {"builtin_options", "builtin_options_2"})
    for (const Layout* each : layout("Operator").field(field).enumeration->tables) {
      if (!each) continue;
      ++tables;
      flatbuffers::FlatBufferBuilder builder;
      builder.Finish(flatbuffers::Offset<flatbuffers::Table>(builder.EndTable(builder.StartTable())));
      const auto attributes =
          tflite::attributes(*flatbuffers::GetRoot<flatbuffers::Table>(builder.GetBufferPointer()), *each);
      for (const Field& f : each->fields) {
        if (!f.points()) {
          EXPECT_FALSE(attributes.empty()) << each->name;
        }
      }
    }
  EXPECT_EQ(tables, 126 + 23);
}

}  // namespace
}  // namespace edgescope::format::tflite
