#include "format/forest/treelite.h"

#include <gmock/gmock.h>

#include <cstring>

#include "format/forest/test_files.h"

namespace edgescope::forest {
namespace {

using test::problem;

bool recognised(const std::string& bytes) { return is_treelite(std::as_bytes(std::span(bytes))); }

TEST(Treelite, IsToldByVersionsTypesAndCounts) {
  const std::string bytes = test::file("treelite/rf_classes.treelite");
  EXPECT_TRUE(recognised(bytes));
  EXPECT_FALSE(recognised(bytes.substr(0, 21)));
  EXPECT_FALSE(recognised("\5" + bytes.substr(1)));
  EXPECT_FALSE(recognised(std::string(64, '\0')));
}

TEST(Treelite, SaysWhatTheHeaderSays) {
  const auto classes = test::read_text(read_treelite, test::file("treelite/rf_classes.treelite"));
  ASSERT_TRUE(classes) << classes.error().message();
  EXPECT_TRUE(classes->classifier);
  EXPECT_EQ(classes->outputs, 3);
  EXPECT_EQ(classes->aggregate, Aggregate::Average);
  EXPECT_EQ(classes->divisors, (std::vector<double>{4, 4, 4}));
  EXPECT_EQ(classes->input, Precision::Float64);
  const auto narrow = test::read_text(read_treelite, test::file("treelite/float32.treelite"));
  ASSERT_TRUE(narrow) << narrow.error().message();
  EXPECT_EQ(narrow->input, Precision::Float32);
  const auto isolation = test::read_text(read_treelite, test::file("treelite/isolation_forest.treelite"));
  ASSERT_TRUE(isolation) << isolation.error().message();
  EXPECT_EQ(isolation->post_transform, PostTransform::ExpStandardRatio);
  EXPECT_FALSE(isolation->classifier);
}

TEST(Treelite, NamesWhatItDoesNotRead) {
  const std::string bytes = test::file("treelite/op_less.treelite");
  EXPECT_EQ(problem(read_treelite, "\3" + bytes.substr(1)),
            "x: is a checkpoint of Treelite 3.8.1; version 4 is read. Load it with Treelite 4 and serialize it again");
  EXPECT_EQ(problem(read_treelite, test::replaced(bytes, "identity", "identitx")),
            "x: the postprocessor `identitx`, which edgescope does not support");
  EXPECT_THAT(problem(read_treelite, bytes + "x"), ::testing::HasSubstr("1 bytes follow the last tree"));
}

TEST(Treelite, BrokenFilesAreErrors) {
  const std::string bytes = test::file("treelite/op_less.treelite");
  test::every_beginning_is_an_error(read_treelite, bytes);
  // A length that the file does not have.
  for (std::size_t at = 14; at + 8 < bytes.size(); at += 7) {
    std::string damaged = bytes;
    std::memset(damaged.data() + at, 0x7f, 8);
    (void)test::read_text(read_treelite, damaged);
  }
}

}  // namespace
}  // namespace edgescope::forest
