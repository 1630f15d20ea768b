#include "experiment/sweep.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <set>

#include "experiment/report.h"
#include "support/scratch.h"

namespace edgescope::experiment {
namespace {

Plan plan() {
  return {.name = "p", .grids = {{.axes = {{"batch", {1, 2, 3, 4}}, {"on", {"a", "b"}}}}}, .rounds = 5, .seed = 7};
}

// Times that only the point and the seed decide, so that a sweep in pieces must equal one in a piece.
base::Result<Visit> measure(const base::Json& spec, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const double base = spec["batch"].get<double>() * (spec["on"] == "a" ? 10 : 20);
  Visit visit{.load_us = 5};
  for (int i = 0; i < 20; ++i) visit.samples_us.push_back(base + static_cast<double>(random() % 100) / 100);
  return visit;
}

measure::Hooks quiet() {
  return {.now = [] { return 0.0; }};
}

// Everything but the times of day.
std::vector<std::pair<base::Json, std::vector<std::vector<double>>>> content(Store& store, std::int64_t run) {
  std::vector<std::pair<base::Json, std::vector<std::vector<double>>>> result;
  const auto points = *store.points(run);
  for (const Point& point : points) {
    auto& [spec, series] = result.emplace_back();
    spec = point.spec;
    const auto visits = *store.visits(point.id);
    for (const Visit& visit : visits) series.push_back(visit.samples_us);
  }
  return result;
}

TEST(VisitingOrder, EveryPairOnceAndEachRoundInAnotherOrder) {
  const auto order = visiting_order(20, 3, 1);
  EXPECT_EQ(std::set(order.begin(), order.end()).size(), 60U);
  std::vector<std::size_t> first, second;
  for (const auto& [point, round] : order) {
    if (round == 0) first.push_back(point);
    if (round == 1) second.push_back(point);
  }
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end(), [](auto a, auto b) { return a.second < b.second; }));
  EXPECT_NE(first, second);
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
}

TEST(Sweep, KilledTenTimesItEqualsAnUnbrokenOne) {
  const testing_support::Scratch scratch;
  auto whole = Store::open((scratch / "whole.sqlite").string());
  const auto unbroken = sweep(*whole, plan(), base::Json::object(), "0.1", measure, quiet());
  ASSERT_TRUE(unbroken) << unbroken.error().message();
  EXPECT_EQ(unbroken->visited, 40U);

  const std::string path = (scratch / "broken.sqlite").string();
  std::mt19937_64 random(3);
  int killed = 0;
  for (; killed < 10; ++killed) {
    const auto visits_before_death = static_cast<int>(random() % 4);
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = Store::open(path);
      int visits = 0;
      const auto dying = [&](const base::Json& spec, std::uint64_t seed) {
        if (visits++ == visits_before_death) ::raise(SIGKILL);
        return measure(spec, seed);
      };
      (void)sweep(*store, plan(), base::Json::object(), "0.1", dying, quiet());
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the sweep ended before it was killed for the " << killed << "th time";
  }
  auto store = Store::open(path);
  ASSERT_TRUE(store) << store.error().message();
  const auto rest = sweep(*store, plan(), base::Json::object(), "0.1", measure, quiet());
  ASSERT_TRUE(rest) << rest.error().message();
  EXPECT_TRUE(rest->resumed);
  EXPECT_LT(rest->visited, 40U);
  EXPECT_EQ(store->runs()->size(), 1U);
  EXPECT_EQ(content(*store, rest->run), content(*whole, unbroken->run));
  EXPECT_FALSE(store->run(rest->run)->finished.empty());
}

TEST(Sweep, AnInterruptSaysHowToGoOn) {
  const testing_support::Scratch scratch;
  auto store = Store::open((scratch / "s.sqlite").string());
  int visits = 0;
  measure::Hooks hooks = quiet();
  hooks.interrupted = [&] { return visits == 3; };
  const auto counted = [&](const base::Json& spec, std::uint64_t seed) {
    ++visits;
    return measure(spec, seed);
  };
  const auto stopped = sweep(*store, plan(), base::Json::object(), "0.1", counted, hooks);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, base::Fault::interrupted);
  EXPECT_NE(stopped.error().what.find("3 of 40"), std::string::npos);
  hooks.interrupted = [] { return false; };
  const auto rest = sweep(*store, plan(), base::Json::object(), "0.1", counted, hooks);
  EXPECT_EQ(rest->visited, 37U);
  EXPECT_EQ(visits, 40);
  const auto again = sweep(*store, plan(), base::Json::object(), "0.1", counted, hooks);
  EXPECT_FALSE(again->resumed) << "a finished run is not gone on with";
  EXPECT_EQ(again->visited, 40U);
}

TEST(Sweep, AFailureIsThePointsAlone) {
  const testing_support::Scratch scratch;
  auto store = Store::open((scratch / "s.sqlite").string());
  int tried = 0;
  const auto failing = [&](const base::Json& spec, std::uint64_t seed) -> base::Result<Visit> {
    if (spec["batch"] != 3 || spec["on"] != "b") return measure(spec, seed);
    ++tried;
    return base::fail({.fault = base::Fault::runtime, .what = "no memory"});
  };
  const auto done = sweep(*store, plan(), base::Json::object(), "0.1", failing, quiet());
  ASSERT_TRUE(done);
  EXPECT_EQ(tried, 1);
  const auto points = *store->points(done->run);
  for (const Point& point : points) {
    const bool bad = point.spec["batch"] == 3 && point.spec["on"] == "b";
    const auto visits = *store->visits(point.id);
    EXPECT_EQ(visits.size(), bad ? 1U : 5U);
    EXPECT_EQ(visits[0].failure, bad ? "no memory" : "");
  }
}

TEST(Sweep, TakesTimingsThatAreThereAlready) {
  const testing_support::Scratch scratch;
  std::ofstream(scratch / "raw.csv") << "us,file,call\n900,a,0\n10.5,a,1\n11,a,2\n7,b,0\n8,b,1\n";
  Plan imports{.name = "i"};
  imports.imports.push_back({(scratch / "raw.csv").string(), "a", {{"on", "stick"}}});
  auto store = Store::open((scratch / "s.sqlite").string());
  const auto done = sweep(*store, imports, base::Json::object(), "0.1", measure, quiet());
  ASSERT_TRUE(done) << done.error().message();
  const auto visits = *store->visits(store->points(done->run)->front().id);
  ASSERT_EQ(visits.size(), 1U);
  EXPECT_EQ(visits[0].samples_us, (std::vector<double>{10.5, 11}));
  imports.imports[0].series = "c";
  EXPECT_NE(sweep(*store, imports, base::Json::object(), "0.1", measure, quiet()).error().message().find("`c`"),
            std::string::npos);
}

// A law says the same again, and a published figure is nobody's to measure.
TEST(Sweep, WhatIsToldIsVisitedOnceOrNever) {
  const testing_support::Scratch scratch;
  Plan told{.name = "t", .grids = {{.axes = {{"batch", {1, 2}}, {"predict", {"ncs2"}}}}}, .rounds = 4};
  told.published.push_back(
      {.spec = {{"batch", 1}, {"on", "ncs2"}, {"published", "X"}}, .us = 1960, .source = "a book"});
  auto store = Store::open((scratch / "s.sqlite").string());
  int asked = 0;
  const auto law = [&](const base::Json& spec, std::uint64_t) -> base::Result<Visit> {
    EXPECT_EQ(spec["predict"], "ncs2");
    ++asked;
    return Visit{.facts = {{"told", {{"interval_us", {1, 2}}, {"basis", "predicted"}, {"rests_on", "a law"}}}}};
  };
  const auto done = sweep(*store, told, base::Json::object(), "0.1", law, quiet());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(asked, 2);
  base::Json document = base::Json::object();
  ASSERT_TRUE(add_run(document, *store, done->run));
  ASSERT_EQ(document["points"].size(), 3U);
  EXPECT_EQ(document["points"][0]["basis"], "predicted");
  EXPECT_EQ(document["points"][2]["label"], "ncs2, published by X, batch 1");
  EXPECT_EQ(document["points"][2]["interval_us"], base::Json({1960.0, 1960.0}));
  EXPECT_EQ(document["points"][2]["basis"], "published");
  EXPECT_EQ(document["points"][2]["rests_on"], "a book");
}

// Kills that come at any moment, also between the statements of a transaction.
TEST(Sweep, KilledAtRandomMomentsNothingIsLostOrMeasuredTwice) {
  const testing_support::Scratch scratch;
  Plan longer = plan();
  longer.rounds = 50;
  auto whole = Store::open((scratch / "whole.sqlite").string());
  const auto unbroken = sweep(*whole, longer, base::Json::object(), "0.1", measure, quiet());
  ASSERT_TRUE(unbroken);
  const std::string path = (scratch / "broken.sqlite").string();
  std::mt19937_64 random(11);
  int killed = 0;
  for (; killed < 10; ++killed) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = Store::open(path);
      if (store) (void)sweep(*store, longer, base::Json::object(), "0.1", measure, quiet());
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(random() % 20'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
  }
  auto store = Store::open(path);
  ASSERT_TRUE(store) << store.error().message();
  const auto rest = sweep(*store, longer, base::Json::object(), "0.1", measure, quiet());
  ASSERT_TRUE(rest) << rest.error().message();
  EXPECT_EQ(content(*store, rest->run), content(*whole, unbroken->run));
}

}  // namespace
}  // namespace edgescope::experiment
