#include "experiment/plan.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/scratch.h"

namespace edgescope::experiment {
namespace {

constexpr const char* kPlan = R"(
name = "two grids"
rounds = 3
[[grid]]
on = ["litert", "tflite"]
batch = [1, 8]
family = "dense"
[[grid]]
batch = [8, 64]
family = "dense"
on = "litert"
[[question]]
kind = "scaling"
along = "batch"
)";

TEST(Plan, EachPointOnceHoweverManyGridsHoldIt) {
  const auto plan = parse_plan(kPlan, "plan.toml");
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->name, "two grids");
  EXPECT_EQ(plan->rounds, 3U);
  const auto all = points(*plan);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[0], base::Json({{"batch", 1}, {"family", "dense"}, {"on", "litert"}}));
  EXPECT_EQ(all[4]["batch"], 64);
}

TEST(Plan, ItsFormTellsItFromOthers) {
  const auto a = parse_plan(kPlan, "plan.toml");
  std::string other = kPlan;
  other.replace(other.find("rounds = 3"), 10, "rounds = 4");
  const auto b = parse_plan(other, "plan.toml");
  EXPECT_EQ(to_json(*a), to_json(*parse_plan(kPlan, "plan.toml")));
  EXPECT_NE(to_json(*a), to_json(*b));
}

struct Refused {
  const char* text;
  const char* says;
};

class PlanErrors : public ::testing::TestWithParam<Refused> {};

TEST_P(PlanErrors, NameThePlaceAndTheMember) {
  const auto plan = parse_plan(GetParam().text, "plan.toml");
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().message().find(GetParam().says), std::string::npos) << plan.error().message();
  EXPECT_EQ(plan.error().fault, base::Fault::input);
}

INSTANTIATE_TEST_SUITE_P(
    All, PlanErrors,
    ::testing::Values(Refused{"rounds = ", "line 1"}, Refused{"", "neither a [[grid]]"},
                      Refused{"[[grid]]\n", "a grid is empty"}, Refused{"[[grid]]\nbatch = []", "line 2: `batch`"},
                      Refused{"[[grid]]\nbatch = [[1]]", "line 2: `batch`"},
                      Refused{"round = 3\n[[grid]]\nbatch = 1", "no member `round`"},
                      Refused{"rounds = 0\n[[grid]]\nbatch = 1", "`rounds`"},
                      Refused{"rounds = 'a'\n[[grid]]\nbatch = 1", "`rounds` is of another type"},
                      Refused{"seconds = -1\n[[grid]]\nbatch = 1", "`seconds`"},
                      Refused{"grid = 4", "`grid` is no table"},
                      Refused{"[[grid]]\nbatch = 1\n[[question]]\nkind = 'why'", "no question is called `why`"},
                      Refused{"[[grid]]\nbatch = 1\n[[question]]\nkind = 'scaling'", "needs `along`"},
                      Refused{"[[timings]]\nfile = 'a.csv'", "[[timings]] needs"},
                      Refused{"predict = 'gpu'\n[[grid]]\nbatch = 1", "nothing is predicted for \"gpu\""},
                      Refused{"[[published]]\nus = 3\nsource = 'x'", "[[published]] has no `published`"},
                      Refused{"[[published]]\npublished = 'X'\nus = [3, 4]\nsource = 'x'\ntrees = [1, 2, 3]",
                              "3 of `trees` for 2 of `us`"},
                      Refused{"[[published]]\npublished = 'X'\nus = 0\nsource = 'x'", "`us` above 0"}));

TEST(Plan, PublishedFiguresAreAPointEach) {
  const auto plan = parse_plan(
      "predict = ['edgetpu', 'ncs2']\n[[published]]\npublished = 'X'\nsource = 'a book'\n"
      "on = 'ncs2'\ntrees = [1, 8]\nus = [1960, 2160.5]\n",
      "plan.toml");
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->predict, (std::vector<std::string>{"edgetpu", "ncs2"}));
  ASSERT_EQ(plan->published.size(), 2U);
  EXPECT_EQ(plan->published[1].spec, (base::Json{{"on", "ncs2"}, {"published", "X"}, {"trees", 8}}));
  EXPECT_EQ(plan->published[1].us, 2160.5);
  EXPECT_EQ(plan->published[1].source, "a book");
  EXPECT_EQ(to_json(*plan)["published"].size(), 2U);
}

TEST(Plan, AGridTooLargeIsRefusedBeforeItIsMade) {
  std::string text = "[[grid]]\n";
  for (char axis : std::string("abcdefghijkl")) text += std::string(1, axis) + " = [1,2,3,4,5,6,7,8,9,10]\n";
  const auto plan = parse_plan(text, "plan.toml");
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().message().find("more than 100000 points"), std::string::npos);
}

TEST(Plan, FilesLieBesideIt) {
  const testing_support::Scratch scratch;
  std::ofstream(scratch / "my.toml") << "[[grid]]\nmodel = ['net.tflite', '/abs/net.onnx']\non = 'litert'\n"
                                     << "[[timings]]\nfile = 'raw.csv'\nseries = 'a'\non = 'stick'\n";
  const auto plan = read_plan((scratch / "my.toml").string());
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->name, "my");
  EXPECT_EQ(points(*plan)[0]["model"], (scratch / "net.tflite").string());
  EXPECT_EQ(points(*plan)[1]["model"], "/abs/net.onnx");
  EXPECT_EQ(plan->imports[0].file, (scratch / "raw.csv").string());
}

}  // namespace
}  // namespace edgescope::experiment
