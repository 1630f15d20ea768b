#include "format/openvino/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/scratch.h"

namespace edgescope::format::openvino {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class InFolder : public ::testing::Test {
 protected:
  InFolder() {
    fs::create_directories(folder_ / "real");
    std::ofstream(folder_ / "real/net.bin") << "weights!";
    std::ofstream(folder_ / "real/net.xml") << "<net/>";
  }
  std::string path(const char* name) const { return (folder_ / name).string(); }
  const testing_support::Scratch scratch_;
  const fs::path folder_ = scratch_.path();
};

TEST_F(InFolder, LiesBesideTheXml) {
  const auto weights = Weights::beside(path("real/net.xml"));
  ASSERT_TRUE(weights && weights->file());
  EXPECT_EQ(weights->part(2, 3)->size(), 3u);
  EXPECT_EQ(static_cast<char>((*weights->part(2, 3))[0]), 'i');
}

TEST_F(InFolder, LiesWhereALinkLeads) {
  fs::create_symlink(path("real/net.xml"), path("other.xml"));
  const auto weights = Weights::beside(path("other.xml"));
  ASSERT_TRUE(weights && weights->file());
  EXPECT_THAT(weights->file()->path(), HasSubstr("real/net.bin"));
}

TEST_F(InFolder, AreMissedOnlyWhenAskedFor) {
  const auto weights = Weights::beside(path("real/lonely.xml"));
  ASSERT_TRUE(weights);
  EXPECT_FALSE(weights->file());
  EXPECT_TRUE(weights->part(0, 0));
  const auto part = weights->part(0, 4);
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().file, path("real/lonely.bin"));
}

TEST_F(InFolder, AnIrNamedBinIsNotItsOwnWeights) {
  const auto weights = Weights::beside(path("real/net.bin"));
  ASSERT_TRUE(weights);
  EXPECT_FALSE(weights->file());
}

TEST_F(InFolder, EndWhereTheFileEnds) {
  const auto weights = Weights::beside(path("real/net.xml"));
  EXPECT_TRUE(weights->part(8, 0));
  EXPECT_TRUE(weights->part(0, 8));
  for (const auto& [offset, size] : {std::pair<std::uint64_t, std::uint64_t>{1, 8}, {9, 1}, {~0ull, 2}, {2, ~0ull}}) {
    const auto part = weights->part(offset, size);
    ASSERT_FALSE(part);
    EXPECT_EQ(part.error().offset, offset);
  }
}

}  // namespace
}  // namespace edgescope::format::openvino
