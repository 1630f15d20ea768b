#include "format/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "format/test_content.h"
#include "support/reference.h"
#include "support/scratch.h"

namespace edgescope::format {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Folder : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name) << content;
    return (folder_ / name).string();
  }
  const testing_support::Scratch scratch_;
  const fs::path folder_ = scratch_.path();
};

TEST_F(Folder, ReadsByContentWhateverTheName) {
  const auto model = read_model(write("weights.tflite", "<net name=\"n\" version=\"11\"><layers/></net>"));
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->format, graph::Format::OpenVinoIr);
}

TEST_F(Folder, RefusesWhatNoReaderKnows) {
  const auto noise = read_model(write("model.tflite", "noise"));
  ASSERT_FALSE(noise);
  EXPECT_EQ(base::exit_code(noise.error().fault), 3);
  EXPECT_THAT(noise.error().message(), HasSubstr("model.tflite: holds content that no reader knows"));
  const auto zip = read_model(write("net.onnx", testing::zip({"net/data.pkl"})));
  ASSERT_FALSE(zip);
  EXPECT_THAT(zip.error().message(), HasSubstr("torch.onnx.export"));
}

TEST_F(Folder, NamesTheWayFromASavedModelFolder) {
  write("saved_model.pb", testing::saved_model());
  const auto model = read_model(folder_.string());
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().message(), HasSubstr("from_saved_model"));
}

TEST_F(Folder, SaysThatAFolderOrAnAbsentFileCannotBeRead) {
  const auto folder = read_model(folder_.string());
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message(), HasSubstr("it is a folder"));
  const auto absent = read_model((folder_ / "absent").string());
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message(), HasSubstr("No such file"));
}

TEST(Format, ReadsEachFormat) {
  EDGESCOPE_MODEL_OR_SKIP(tflite, "cpu/dense_256.tflite");
  EDGESCOPE_REFERENCE_OR_SKIP(ir, "ncs2/nets/abs__2d.xml");
  EXPECT_EQ(read_model(tflite.string())->format, graph::Format::TfLite);
  EXPECT_EQ(read_model(ir.string())->format, graph::Format::OpenVinoIr);
}

// Seeds of the fuzz targets, and inputs that once crashed one: none may crash a reader, and what is read is
// an error or a model in which every byte has an owner.
TEST(Format, SurvivesTheFuzzCorpus) {
  int files = 0;
  for (const char* folder : {"tests/fuzz/corpus", "tests/fuzz/crashes"}) {
    const fs::path root = fs::path(EDGESCOPE_SOURCE_DIR) / folder;
    if (!fs::exists(root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      ++files;
      const auto model = read_model(entry.path().string());
      if (!model) {
        EXPECT_FALSE(model.error().what.empty()) << entry.path();
        continue;
      }
      std::uint64_t owned = 0, size = 0;
      for (const graph::Extent& extent : model->extents) owned += extent.size;
      for (const base::MappedFile& file : model->files) size += file.size();
      EXPECT_EQ(owned, size) << entry.path();
    }
  }
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace edgescope::format
