#include "format/tflite/buffers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "format/tflite/reader.h"
#include "format/tflite/test_models.h"
#include "support/scratch.h"

namespace edgescope::format::tflite {
namespace {

using graph::Extent;
using testing::HasSubstr;

TEST(Buffers, DataBehindTheFlatBuffer) {
  const auto bytes = test_models::data_behind(test_models::tiny_conv(), 1);
  const auto model = read(base::MappedFile::borrow(bytes, "m.tflite"));
  ASSERT_TRUE(model) << model.error().message();
  const graph::Tensor& weights = model->subgraphs[0].tensors[1];
  EXPECT_EQ(weights.data.data() + weights.data.size(), bytes.data() + bytes.size());
  EXPECT_EQ(weights.data[1], std::byte{37});
  const Extent& last = model->extents.back();
  EXPECT_EQ(last.owner, Extent::Owner::Weights);
  EXPECT_EQ(last.tensor, 1);
  EXPECT_EQ(last.size, 108u);
}

TEST(Buffers, DataOutsideTheFileIsAnError) {
  auto bytes = test_models::data_behind(test_models::tiny_conv(), 1);
  bytes.pop_back();
  const auto model = read(base::MappedFile::borrow(bytes, "m.tflite"));
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().message(), AllOf(HasSubstr("108 bytes"), HasSubstr("outside"), HasSubstr("conv/weights")));
}

// The file is sparse: nothing of its 3 GiB is written or read but the two ends.
TEST(Buffers, FilesAboveTwoGibibytes) {
  constexpr std::uint64_t kOffset = std::uint64_t{3} << 30;
  fb::ModelT source = test_models::tiny_conv();
  fb::BufferT& buffer = *source.buffers[source.subgraphs[0]->tensors[1]->buffer];
  buffer.size = buffer.data.size();
  buffer.offset = kOffset;
  buffer.data.clear();
  const auto bytes = test_models::pack(source);
  const testing_support::Scratch scratch;
  const auto path = scratch / "3gib.tflite";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  std::filesystem::resize_file(path, kOffset + buffer.size);
  const auto file = base::MappedFile::open(path);
  ASSERT_TRUE(file);
  const auto model = read(*file);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->subgraphs[0].tensors[1].data.data(), file->bytes().data() + kOffset);
  EXPECT_EQ(model->extents.back().offset, kOffset);
  EXPECT_EQ(model->extents.back().owner, Extent::Owner::Weights);
}

TEST(Buffers, SharedDataBelongsToTheFirstTensorAndUnusedIsPadding) {
  fb::ModelT source = test_models::tiny_conv();
  auto& tensors = source.subgraphs[0]->tensors;
  tensors.push_back(std::make_unique<fb::TensorT>());
  tensors.back()->type = fb::TensorType::UINT8;
  tensors.back()->shape = {108};
  tensors.back()->buffer = tensors[1]->buffer;
  source.buffers.push_back(std::make_unique<fb::BufferT>());
  source.buffers.back()->data.assign(50, 1);
  const auto bytes = test_models::pack(source);
  const auto model = read(base::MappedFile::borrow(bytes, "m.tflite"));
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->subgraphs[0].tensors[6].data.data(), model->subgraphs[0].tensors[1].data.data());
  bool unused = false;
  for (const Extent& extent : model->extents) {
    if (extent.owner == Extent::Owner::Weights) {
      EXPECT_NE(extent.tensor, 6);
    }
    unused |= extent.owner == Extent::Owner::Padding && extent.size == 50;
  }
  EXPECT_TRUE(unused);
}

class OtherFile : public testing::Test {
 protected:
  // Weights in `name` beside the model, 4 bytes from its start.
  std::string write(const std::string& name) const {
    fb::ModelT source = test_models::tiny_conv();
    fb::TensorT& weights = *source.subgraphs[0]->tensors[1];
    weights.buffer = 0;
    weights.external_buffer = 7;
    source.external_buffer_groups.push_back(std::make_unique<fb::ExternalBufferGroupT>());
    source.external_buffer_groups[0]->name = name;
    source.external_buffers.push_back(std::make_unique<fb::ExternalBufferT>());
    source.external_buffers[0]->id = 7;
    source.external_buffers[0]->offset = 4;
    source.external_buffers[0]->length = 108;
    const auto bytes = test_models::pack(source);
    const auto path = folder_ / "model.tflite";
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }
  base::Result<graph::Model> read_written(const std::string& name) const {
    const auto file = base::MappedFile::open(write(name));
    return read(*file);
  }

  OtherFile() { std::ofstream(folder_ / "weights.bin", std::ios::binary) << "head" << std::string(108, 'w') << "rest"; }

  const testing_support::Scratch scratch_;
  const std::filesystem::path folder_ = scratch_.path();
};

TEST_F(OtherFile, IsFoundBesideTheModel) {
  const auto model = read_written("weights.bin");
  ASSERT_TRUE(model) << model.error().message();
  ASSERT_EQ(model->files.size(), 2u);
  EXPECT_EQ(model->subgraphs[0].tensors[1].data[0], std::byte{'w'});
  std::uint64_t weights = 0, second = 0;
  for (const Extent& extent : model->extents) {
    if (extent.file != 1) continue;
    second += extent.size;
    if (extent.owner == Extent::Owner::Weights) weights += extent.size;
  }
  EXPECT_EQ(weights, 108u);
  EXPECT_EQ(second, 116u);
}

TEST_F(OtherFile, AbsentOrElsewhereIsAnError) {
  const auto absent = read_written("other.bin");
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message(), AllOf(HasSubstr("other.bin"), HasSubstr("put that file beside it")));
  for (const char* name : {"../weights.bin", "/etc/hostname", ""}) {
    const auto outside = read_written(name);
    ASSERT_FALSE(outside) << name;
    EXPECT_THAT(outside.error().message(), HasSubstr("not a file beside the model"));
  }
}

}  // namespace
}  // namespace edgescope::format::tflite
