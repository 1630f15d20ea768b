#include "format/tflite/writer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/atomic_file.h"
#include "format/tflite/reader.h"
#include "format/tflite/test_models.h"
#include "graph/builder.h"
#include "support/same_model.h"
#include "support/scratch.h"

namespace edgescope::format::tflite {
namespace {

using graph::Builder;
using graph::ElementType;
using graph::Kind;
namespace attr = graph::attr;
namespace fs = std::filesystem;
using testing_support::difference;

std::vector<std::byte> joined(const base::Pieces& pieces) {
  std::vector<std::byte> all;
  for (std::string_view each : pieces.list()) {
    const auto bytes = std::as_bytes(std::span(each));
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

// What reading the written model says that the model did not, or the error on the way.
std::string lost(const graph::Model& model, std::vector<std::byte>& bytes) {
  const auto pieces = encode(model);
  if (!pieces) return pieces.error().message();
  bytes = joined(*pieces);
  const auto again = read(base::MappedFile::borrow(bytes, "written.tflite"));
  if (!again) return again.error().message();
  return difference(model, *again);
}

std::string lost(const std::vector<std::byte>& file) {
  const auto model = read(base::MappedFile::borrow(file, "source.tflite"));
  if (!model) return model.error().message();
  std::vector<std::byte> bytes;
  return lost(*model, bytes);
}

TEST(TfLiteWriter, GivesBackWhatWasRead) {
  EXPECT_EQ(lost(test_models::tiny_conv_model()), "");
  EXPECT_EQ(lost(test_models::pack(test_models::branches())), "");
}

TEST(TfLiteWriter, GivesBackTheFuzzersSeeds) {
  for (const auto& each : fs::directory_iterator(fs::path(EDGESCOPE_SOURCE_DIR) / "tests/fuzz/corpus/tflite")) {
    if (each.path().filename() == "options.tflite") continue;  // options of all kinds, on operators that have others
    const auto file = base::MappedFile::open(each.path());
    ASSERT_TRUE(file);
    const auto model = read(*file);
    if (!model) continue;  // a crash of old
    std::vector<std::byte> bytes;
    EXPECT_EQ(lost(*model, bytes), "") << each.path();
  }
}

TEST(TfLiteWriter, GivesBackEveryPublicModel) {
  const char* folder = std::getenv("EDGESCOPE_MODELS_DIR");
  if (folder == nullptr) GTEST_SKIP() << "EDGESCOPE_MODELS_DIR is not set";
  int count = 0;
  for (const auto& each : fs::recursive_directory_iterator(folder)) {
    if (each.path().extension() != ".tflite") continue;
    const auto file = base::MappedFile::open(each.path());
    ASSERT_TRUE(file);
    const auto model = read(*file);
    if (!model) continue;
    std::vector<std::byte> bytes;
    EXPECT_EQ(lost(*model, bytes), "") << each.path();
    ++count;
  }
  EXPECT_GT(count, 30);
}

TEST(TfLiteWriter, KeepsWhatOnlyTheFileHolds) {
  fb::ModelT source = test_models::tiny_conv();
  auto& quantization = *source.subgraphs[0]->tensors[0]->quantization;
  quantization.min = {-1};
  quantization.max = {2};
  auto long_text = std::make_unique<fb::MetadataT>();
  long_text->name = "long";
  long_text->buffer = static_cast<std::uint32_t>(source.buffers.size());
  source.metadata.push_back(std::move(long_text));
  source.buffers.push_back(std::make_unique<fb::BufferT>());
  source.buffers.back()->data.assign(1000, 7);
  const auto file = test_models::pack(source);
  const auto model = read(base::MappedFile::borrow(file, "source.tflite"));
  ASSERT_TRUE(model);
  std::vector<std::byte> bytes;
  ASSERT_EQ(lost(*model, bytes), "");
  const std::unique_ptr<fb::ModelT> again(fb::GetModel(bytes.data())->UnPack());
  EXPECT_EQ(again->subgraphs[0]->tensors[0]->quantization->min, quantization.min);
  EXPECT_EQ(again->subgraphs[0]->tensors[0]->quantization->max, quantization.max);
  EXPECT_EQ(again->buffers[again->metadata[1]->buffer]->data, std::vector<std::uint8_t>(1000, 7));
}

TEST(TfLiteWriter, DataAreAlignedAndShared) {
  Builder b(graph::Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {1, 3});
  const int c = b.constant<float>("c", {3}, {1, 2, 3});
  const int d = b.constant<std::int8_t>("d", {5}, {1, 2, 3, 4, 5});
  b.output(b.add(Kind::Add, {b.add(Kind::Multiply, {x, c}), c}));
  b.output(b.add(Kind::Relu, {d}));
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model);
  const auto pieces = encode(*model);
  ASSERT_TRUE(pieces) << pieces.error().message();
  const auto bytes = joined(*pieces);
  const fb::Model& written = *fb::GetModel(bytes.data());
  ASSERT_EQ(written.buffers()->size(), 3u);
  for (flatbuffers::uoffset_t i = 1; i < 3; ++i)
    EXPECT_EQ((reinterpret_cast<const std::byte*>(written.buffers()->Get(i)->data()->data()) - bytes.data()) % 16, 0);
  // The data are those of the model, not copies.
  EXPECT_TRUE(std::any_of(pieces->list().begin(), pieces->list().end(), [&](std::string_view each) {
    return each.data() ==
           reinterpret_cast<const char*>(model->subgraphs[0].tensors[static_cast<std::size_t>(c)].data.data());
  }));
}

// Every kind in canonical form that TensorFlow Lite has: written, and read as builtin operators of those kinds.
TEST(TfLiteWriter, WritesOperatorsInCanonicalForm) {
  Builder b(graph::Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {2, 4, 6, 8});
  const int flat = b.add(Kind::Reshape, {x}, {{attr::shape, {8, -1}}});
  const int w = b.constant<float>("w", {5, 48}, std::vector<float>(240, 1));
  const int dense = b.add(Kind::FullyConnected, {flat, w}, {{attr::activation, "relu6"}});
  const int condition =
      b.add(Kind::LessEqual, {dense, b.add(Kind::Clamp, {dense}, {{attr::min, -2.0}, {attr::max, 3.0}})});
  b.output(b.add(Kind::Select, {condition, dense, b.add(Kind::Clamp, {dense}, {{attr::min, -1.0}, {attr::max, 1.0}})}));
  b.output(b.add(Kind::Cast, {condition}, {{attr::to, ElementType::Int32}}));
  const int f = b.constant<float>("f", {3, 3, 3, 8}, std::vector<float>(216, 1));
  b.output(b.add(
      Kind::Convolution, {x, f},
      {{attr::padding, "explicit"}, {attr::pads_begin, {1, 1}}, {attr::pads_end, {1, 0}}, {attr::strides, {2, 1}}}));
  const int g = b.constant<float>("g", {1, 2, 2, 16}, std::vector<float>(64, 1));
  b.output(b.add(Kind::DepthwiseConvolution, {x, g}, {{attr::padding, "same"}}));
  b.output(b.add(Kind::MaxPool, {x}, {{attr::kernel, {2, 2}}, {attr::strides, {2, 2}}}));
  const auto parts = b.add_all(Kind::Split, {x}, {{attr::axis, 3}, {attr::sizes, {3, 5}}});
  const auto halves = b.add_all(Kind::Split, {x}, {{attr::axis, 3}, {attr::sizes, {4, 4}}});
  b.output(b.add(Kind::Concatenation, {parts[1], halves[0]}, {{attr::axis, -1}}));
  b.output(b.add(Kind::Transpose, {x}, {{attr::permutation, {0, 3, 1, 2}}}));
  b.output(b.add(Kind::Matmul, {x, x}, {{attr::transpose_b, true}}));
  const int indices = b.constant<std::int32_t>("i", {8, 2}, std::vector<std::int32_t>(16, 1));
  b.output(b.add(Kind::Gather, {dense, indices}, {{attr::axis, 0}}));
  b.output(b.add(Kind::GatherElements, {dense, indices}, {{attr::axis, 1}}));
  b.output(b.add(Kind::ReduceSum, {x}, {{attr::axes, {1, 2}}}));
  b.output(b.add(Kind::ArgMax, {x}, {{attr::axis, 3}, {attr::keep_dims, true}}));
  b.output(b.add_all(Kind::TopK, {x}, {{attr::axis, 3}, {attr::k, 2}})[1]);
  b.output(b.add(Kind::Pad, {dense}, {{attr::pads_begin, {0, 1}}, {attr::pads_end, {2, 0}}, {attr::value, 7.0}}));
  b.output(b.add(Kind::Slice, {dense}, {{attr::begin, {1, 1}}, {attr::sizes, {3, 2}}}));
  b.output(b.add(Kind::StridedSlice, {dense}, {{attr::begin, {0, 0}}, {attr::end, {8, 5}}, {attr::strides, {2, 3}}}));
  b.output(b.add(Kind::Tile, {dense}, {{attr::repeats, {1, 3}}}));
  b.output(b.add(Kind::Squeeze, {b.add(Kind::Unsqueeze, {dense}, {{attr::axes, {0, 2}}})}, {{attr::axes, {0}}}));
  b.output(b.add(Kind::Softmax, {dense}));
  auto model = std::move(b).finish();
  ASSERT_TRUE(model) << model.error().message();
  const auto pieces = encode(*model);
  ASSERT_TRUE(pieces) << pieces.error().message();
  const auto bytes = joined(*pieces);
  const auto again = read(base::MappedFile::borrow(bytes, "written.tflite"));
  ASSERT_TRUE(again) << again.error().message();
  std::vector<std::string> kinds;
  for (const graph::Operator& op : again->subgraphs[0].operators) {
    kinds.push_back(op.source_kind);
    EXPECT_NE(op.kind, Kind::Unknown);
    EXPECT_GE(op.version, 1);
  }
  for (const char* each :
       {"FULLY_CONNECTED", "LESS_EQUAL", "RELU_N1_TO_1", "SELECT_V2", "PAD", "CONV_2D", "DEPTHWISE_CONV_2D", "SPLIT",
        "SPLIT_V", "BATCH_MATMUL", "GATHER", "TOPK_V2", "ARG_MAX", "PADV2"})
    EXPECT_NE(std::find(kinds.begin(), kinds.end(), each), kinds.end()) << each;
  // Shapes are those that were inferred.
  ASSERT_EQ(again->subgraphs[0].outputs.size(), model->subgraphs[0].outputs.size());
  for (std::size_t i = 0; i < again->subgraphs[0].outputs.size(); ++i)
    EXPECT_EQ(again->subgraphs[0].tensors[static_cast<std::size_t>(again->subgraphs[0].outputs[i])].shape.dims,
              model->subgraphs[0].tensors[static_cast<std::size_t>(model->subgraphs[0].outputs[i])].shape.dims);
}

TEST(TfLiteWriter, NamesWhatTheFormatCannotSay) {
  Builder b(graph::Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {4, 6});
  const int i = b.input("i", ElementType::Int32, {2, 6});
  b.output(b.add(Kind::GatherElements, {x, i}, {{attr::axis, 0}}, "columns"));
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model);
  const auto pieces = encode(*model);
  ASSERT_FALSE(pieces);
  EXPECT_NE(pieces.error().message().find("gather_elements"), std::string::npos) << pieces.error().message();
  EXPECT_NE(pieces.error().message().find("columns"), std::string::npos);
}

TEST(TfLiteWriter, ReplacesTheFileThatItReads) {
  const testing_support::Scratch folder;
  const std::string path = folder / "model.tflite";
  const auto source = test_models::tiny_conv_model();
  base::Pieces pieces;
  pieces.refer(source);
  ASSERT_TRUE(base::write_file(path, pieces));
  const auto file = base::MappedFile::open(path);
  ASSERT_TRUE(file);
  const auto model = read(*file);
  ASSERT_TRUE(model);
  ASSERT_TRUE(write(*model, path));
  const auto written = base::MappedFile::open(path);
  ASSERT_TRUE(written);
  const auto again = read(*written);
  ASSERT_TRUE(again);
  EXPECT_EQ(difference(*model, *again), "");
}

}  // namespace
}  // namespace edgescope::format::tflite
