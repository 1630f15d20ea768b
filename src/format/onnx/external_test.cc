#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "format/onnx/builder_for_test.h"
#include "support/scratch.h"

namespace edgescope::format::onnx {
namespace {

using namespace test;
namespace field = fields::tensor;

// A model whose only constant, `c`, lies in another file.
std::string external(std::string_view location, std::string_view offset, std::string_view length) {
  const auto entry = [](std::string_view key, std::string_view value) {
    return text(field::external_data, text(fields::entry::key, key) + text(fields::entry::value, value));
  };
  return model(node("Identity", {"c"}, {"y"}) + output("y") +
               initializer(tensor("c", 1, {4}) + entry("location", location) + entry("offset", offset) +
                           (length.empty() ? "" : entry("length", length)) + number(field::data_location, 1)));
}

TEST(External, DataIsMappedFromTheModelsFolder) {
  const testing_support::Scratch folder;
  std::filesystem::create_directories(folder / "deep");
  std::ofstream(folder / "deep" / "weights.bin") << std::string(8, '\0') + std::string(16, 'w');
  const std::string path = folder / "model.onnx";

  for (std::string_view length : {"16", ""}) {
    const std::string file = external("deep/weights.bin", "8", length);
    const auto model = read_text(file, path);
    ASSERT_TRUE(model) << model.error().message();
    EXPECT_EQ(model->subgraphs[0].tensors[0].data.size(), 16u);
    EXPECT_EQ(model->subgraphs[0].tensors[0].data[0], std::byte{'w'});
    ASSERT_EQ(model->files.size(), 2u);
    EXPECT_EQ(model->files[1].path(), folder / "deep" / "weights.bin");
    std::uint64_t owned = 0;
    for (const auto& extent : model->extents)
      if (extent.file == 1 && extent.owner == graph::Extent::Owner::Weights) owned += extent.size;
    EXPECT_EQ(owned, 16u);
  }
  const auto error = [&](std::string_view location, std::string_view offset, std::string_view length) {
    return error_of(external(location, offset, length), path);
  };
  EXPECT_NE(error("deep/weights.bin", "9", "16").find("which ends at 24"), std::string::npos);
  EXPECT_NE(error("deep/weights.bin", "18446744073709551615", "16").find("which ends at 24"), std::string::npos);
  EXPECT_NE(error("deep/weights.bin", "eight", "16").find("not a number of bytes"), std::string::npos);
  EXPECT_NE(error("deep/weights.bin", "-8", "16").find("not a number of bytes"), std::string::npos);
  EXPECT_NE(error("deep/absent.bin", "0", "16").find("absent.bin, which cannot be read"), std::string::npos);
  for (std::string_view escape : {"/etc/passwd", "../weights.bin", "deep/../../weights.bin", ""})
    EXPECT_NE(error(escape, "0", "16").find("below the model's own folder"), std::string::npos) << escape;
}

}  // namespace
}  // namespace edgescope::format::onnx
