#include "experiment/store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "support/scratch.h"

namespace edgescope::experiment {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  Store open() {
    auto store = Store::open(path_);
    EXPECT_TRUE(store) << store.error().message();
    return std::move(*store);
  }

  testing_support::Scratch scratch_;
  std::string path_ = (scratch_ / "deep" / "store.sqlite").string();
  Plan plan_{.name = "p", .grids = {{.axes = {{"batch", {1, 2}}}}}};
};

TEST_F(StoreTest, GivesBackWhatWasPutIn) {
  std::int64_t run = 0;
  {
    Store store = open();
    run = *store.begin(plan_, points(plan_), {{"cpu", "a"}}, "0.1");
    const auto points_there = *store.points(run);
    ASSERT_EQ(points_there.size(), 2U);
    EXPECT_EQ(points_there[1].spec, base::Json({{"batch", 2}}));
    ASSERT_TRUE(store.add(points_there[1].id, {.round = 1, .failure = "it \"crashed\""}));
    ASSERT_TRUE(store.add(points_there[1].id, {.round = 0,
                                               .samples_us = {1.5, 0.1, 1e9},
                                               .load_us = 3,
                                               .first_us = 4,
                                               .stationary = false,
                                               .facts = {{"version", "2.9"}}}));
  }
  Store store = open();
  const auto there = *store.points(run);
  const auto visits = *store.visits(there[1].id);
  ASSERT_EQ(visits.size(), 2U);
  EXPECT_EQ(visits[0].samples_us, (std::vector<double>{1.5, 0.1, 1e9}));
  EXPECT_EQ(visits[0].load_us, 3);
  EXPECT_EQ(visits[0].first_us, 4);
  EXPECT_FALSE(visits[0].stationary);
  EXPECT_EQ(visits[0].facts["version"], "2.9");
  EXPECT_EQ(visits[1].failure, "it \"crashed\"");
  EXPECT_TRUE(visits[1].samples_us.empty());
  EXPECT_EQ(*store.rounds(there[1].id), (std::vector<std::size_t>{0, 1}));
  EXPECT_TRUE(store.rounds(there[0].id)->empty());
  const auto runs = *store.runs();
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].points, 2);
  EXPECT_EQ(runs[0].visits, 2);
  EXPECT_EQ(runs[0].environment["cpu"], "a");
  EXPECT_EQ(runs[0].started.size(), std::string("2026-11-26T01:23:45Z").size());
}

TEST_F(StoreTest, NoVisitCountsTwice) {
  Store store = open();
  const auto run = *store.begin(plan_, points(plan_), base::Json::object(), "0.1");
  const std::int64_t point = store.points(run)->front().id;
  ASSERT_TRUE(store.add(point, {.round = 0}));
  EXPECT_FALSE(store.add(point, {.round = 0}));
}

TEST_F(StoreTest, KnowsWhatIsUnfinished) {
  Store store = open();
  EXPECT_FALSE(*store.unfinished(to_json(plan_)));
  const auto run = *store.begin(plan_, points(plan_), base::Json::object(), "0.1");
  EXPECT_EQ(*store.unfinished(to_json(plan_)), run);
  Plan other = plan_;
  other.rounds = 9;
  EXPECT_FALSE(*store.unfinished(to_json(other)));
  ASSERT_TRUE(store.finish(run));
  EXPECT_FALSE(*store.unfinished(to_json(plan_)));
  EXPECT_EQ(store.run(run + 1).error().fault, base::Fault::usage);
}

TEST_F(StoreTest, LeavesOtherFilesAlone) {
  std::filesystem::create_directories(scratch_ / "deep");
  std::ofstream(path_) << "my thesis, the only copy, long enough to be taken for a file with a head of its own";
  const auto store = Store::open(path_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().fault, base::Fault::input);
  std::ifstream file(path_);
  std::string text;
  std::getline(file, text);
  EXPECT_EQ(text.substr(0, 9), "my thesis");
  EXPECT_FALSE(Store::open((scratch_ / "deep").string())) << "a folder";
}

TEST(StorePath, IsInTheStateFolder) {
  ::setenv("XDG_STATE_HOME", "/state", 1);
  EXPECT_EQ(Store::default_path(), "/state/edgescope/experiments.sqlite");
  ::setenv("XDG_STATE_HOME", "relative", 1);
  ::setenv("HOME", "/home/me", 1);
  EXPECT_EQ(Store::default_path(), "/home/me/.local/state/edgescope/experiments.sqlite");
}

}  // namespace
}  // namespace edgescope::experiment
