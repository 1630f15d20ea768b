#include "format/zip_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/test_content.h"

namespace edgescope::format {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

auto names(const std::string& text) { return zip_names(std::as_bytes(std::span(text))); }

TEST(ZipNames, OfTheDirectory) {
  const std::string text = testing::zip({"a/data.pkl", "b"});
  EXPECT_THAT(names(text), ElementsAre("a/data.pkl", "b"));
  const std::string commented = text + "a comment";
  EXPECT_THAT(names(commented), ElementsAre("a/data.pkl", "b"));
}

TEST(ZipNames, OfTheFirstEntryWhereTheDirectoryIsLost) {
  const std::string text = testing::zip({"first", "second"});
  for (std::size_t size = 35; size < text.size(); ++size) {
    const std::string cut = text.substr(0, size);
    EXPECT_THAT(names(cut), ElementsAre("first"));
  }
  std::string zip64 = text;
  for (int i = 0; i < 4; ++i) zip64[text.size() - 6 + i] = '\xff';
  EXPECT_THAT(names(zip64), ElementsAre("first"));
}

TEST(ZipNames, OfNothing) {
  EXPECT_THAT(names(""), IsEmpty());
  EXPECT_THAT(names("PK\5\6"), IsEmpty());
  EXPECT_THAT(names("PK\3\4" + std::string(26, '\xff')), IsEmpty());
}

}  // namespace
}  // namespace edgescope::format
