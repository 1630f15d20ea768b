// `edgescope sweep`, `history`, `diff` and `gate` as their users run them, on the session that does nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json.h"
#include "support/reference.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using ::testing::HasSubstr;

const std::string kNetwork = EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite";

class SweepCommand : public ::testing::Test {
 protected:
  Finished edgescope(std::vector<std::string> arguments, const RunOptions& options = {.limit_seconds = 100}) {
    arguments.insert(arguments.end(), {"--store", store_});
    return run(edgescope_program(), arguments, options);
  }
  Json json(std::vector<std::string> arguments, int exit = 0) {
    arguments.insert(arguments.end(), {"--format", "json"});
    const Finished done = edgescope(arguments);
    EXPECT_EQ(done.exit, exit) << done.err;
    return Json::parse(done.out, nullptr, false);
  }
  std::vector<std::string> small(const std::string& on = "null") {
    return {"sweep",    "--grid",     "family=dense",  "--grid",     "width=8",
            "--grid",   "depth=1",    "--grid",        "batch=1,2",  "--on",
            on,         "--question", "scaling:batch", "--question", "variance",
            "--rounds", "2",          "--seconds",     "0.01"};
  }

  Scratch scratch_;
  std::string store_ = (scratch_ / "store.sqlite").string();
};

TEST_F(SweepCommand, MeasuresAnswersAndRemembers) {
  const Json document = json(small());
  EXPECT_EQ(document["run"]["visited_now"], 4);
  ASSERT_EQ(document["points"].size(), 2u);
  EXPECT_EQ(document["points"][0]["spec"]["on"], "null");
  EXPECT_EQ(document["points"][0]["processes"], 2);
  EXPECT_EQ(document["points"][0]["basis"], "measured");
  ASSERT_EQ(document["answers"].size(), 2u);
  EXPECT_EQ(document["answers"][0]["kind"], "scaling");
  EXPECT_EQ(document["answers"][0]["rows"][0]["points"].size(), 2u);
  EXPECT_EQ(document["answers"][1]["rows"].size(), 2u);

  (void)json(small());
  const Json history = json({"history"});
  ASSERT_EQ(history["runs"].size(), 2u);
  EXPECT_EQ(history["runs"][0]["id"], 2);
  EXPECT_TRUE(history["runs"][0]["finished"].is_string());
  EXPECT_EQ(json({"history", "1"})["points"], document["points"]);

  const Json diff = json({"diff", "1", "2"});
  EXPECT_EQ(diff["points"].size(), 2u);
  EXPECT_EQ(diff["only_before"], 0);
  const Finished gate = edgescope({"gate", "--baseline", "1", "--format", "json"});
  const Json judged = Json::parse(gate.out, nullptr, false);
  EXPECT_EQ(gate.exit, judged["regressed"].get<bool>() ? 1 : 0);
  EXPECT_EQ(judged["after"]["id"], 2);
}

TEST_F(SweepCommand, ADeviceThatIsNotHereIsPredicted) {
  auto arguments = small();
  arguments.insert(arguments.end(), {"--predict", "edgetpu"});
  const Json document = json(arguments);
  ASSERT_EQ(document["points"].size(), 4u);
  const Json &one = document["points"][2], &two = document["points"][3];
  EXPECT_EQ(one["label"], "edgetpu (predicted), batch 1");
  EXPECT_EQ(one["basis"], "predicted");
  EXPECT_LT(one["interval_us"][0].get<double>(), one["interval_us"][1].get<double>());
  EXPECT_FALSE(one.contains("median_us")) << "it was not timed";
  EXPECT_THAT(two["failure"].get<std::string>(), HasSubstr("stay on the CPU"));
  EXPECT_THAT(two["failure"].get<std::string>(), ::testing::Not(HasSubstr("/"))) << "the file is gone";
}

TEST_F(SweepCommand, CsvHoldsEveryPointWithItsBasis) {
  auto arguments = small();
  arguments.insert(arguments.end(), {"--predict", "edgetpu", "--format", "csv"});
  const Finished csv = edgescope(arguments);
  ASSERT_EQ(csv.exit, 0) << csv.err;
  const Json stored = json({"history", "1"})["points"];
  std::istringstream lines(csv.out);
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line);) rows.push_back(line.substr(0, line.find('\r')));
  ASSERT_EQ(rows.size(), 4u) << "two measured, one predicted; what has no time is no row";
  EXPECT_EQ(rows[0], "label,median_us,interval_us,min_us,p5_us,mean_us,processes,samples,basis,rests_on");
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string label = stored[i]["label"], basis = stored[i]["basis"];
    EXPECT_TRUE(rows[i + 1].starts_with(label.find(',') == label.npos ? label : '"' + label + '"')) << rows[i + 1];
    EXPECT_THAT(rows[i + 1], HasSubstr("," + basis + ","));
    if (!stored[i].contains("median_us")) continue;
    EXPECT_THAT(rows[i + 1], HasSubstr("," + stored[i]["median_us"].dump() + ","));
  }
}

TEST_F(SweepCommand, AnInterruptedOneGoesOn) {
  std::vector<std::string> longer = small();
  longer.insert(longer.end(), {"--progress", "always", "--format", "json"});
  std::replace(longer.begin(), longer.end(), std::string("2"), std::string("30"));
  const Finished stopped = edgescope(longer, {.limit_seconds = 60, .interrupt = true});
  ASSERT_EQ(stopped.exit, 130) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("goes on from here"));
  const Finished rest = edgescope(longer);
  ASSERT_EQ(rest.exit, 0) << rest.err;
  const Json document = Json::parse(rest.out, nullptr, false);
  EXPECT_EQ(document["run"]["resumed"], true);
  EXPECT_EQ(document["run"]["visits"], 60);
  EXPECT_EQ(json({"history"})["runs"].size(), 1u);
}

TEST_F(SweepCommand, AFileThatIsGivenIsAPointToo) {
  const Json document =
      json({"sweep", "--grid", "model=" + kNetwork, "--on", "null", "--rounds", "1", "--seconds", "0.01"});
  EXPECT_EQ(document["points"][0]["spec"]["model"], kNetwork);
  EXPECT_GT(document["points"][0]["samples"], 0);
}

TEST_F(SweepCommand, ThePageHoldsTheDocument) {
  auto arguments = small();
  const std::string page = (scratch_ / "page.html").string();
  arguments.insert(arguments.end(), {"--html", page});
  (void)json(arguments);
  std::ifstream file(page);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_THAT(text, HasSubstr("\"command\":\"sweep\""));
  EXPECT_THAT(text, HasSubstr("How does the time grow with batch?"));
}

TEST_F(SweepCommand, ExitCodes) {
  EXPECT_EQ(edgescope({"sweep"}).exit, 2);
  EXPECT_EQ(edgescope({"sweep", "no/such/plan.toml"}).exit, 3);
  std::ofstream(scratch_ / "bad.toml") << "[[grid]]\nbatch = {}\n";
  const Finished bad = edgescope({"sweep", (scratch_ / "bad.toml").string()});
  EXPECT_EQ(bad.exit, 3);
  EXPECT_THAT(bad.err, HasSubstr("line 2"));
  EXPECT_EQ(edgescope({"sweep", "--grid", "batch"}).exit, 2);
  const Finished typo = edgescope({"sweep", "--grid", "family=dense", "--grid", "width=8", "--grid", "depth=1",
                                   "--grid", "bacth=1", "--on", "null", "--seconds", "0.01"});
  EXPECT_EQ(typo.exit, 2);
  EXPECT_THAT(typo.err, HasSubstr("its family has no `bacth`"));
  EXPECT_EQ(edgescope({"sweep", "--grid", "model=" + kNetwork, "--on", "litert", "--runtime-library",
                       "litert=/nonexistent", "--rounds", "1"})
                .exit,
            4)
      << "no point has a time";
  EXPECT_EQ(edgescope({"diff", "1", "99"}).exit, 2);
  std::ofstream(scratch_ / "other.sqlite") << "not a database at all, and long enough to be looked at as one";
  EXPECT_EQ(run(edgescope_program(), {"history", "--store", (scratch_ / "other.sqlite").string()}).exit, 3);
}

// The notebook's own raw timings, through the command.
TEST_F(SweepCommand, AnswersFromTheUsersRawTimings) {
  EDGESCOPE_REFERENCE_OR_SKIP(raw, "latency/notebook_raw.csv");
  std::ofstream plan(scratch_ / "notebook.toml");
  const auto timings = [&](const std::string& series, const std::string& spec) {
    plan << "[[timings]]\nfile = \"" << raw.string() << "\"\nseries = \"random_forest/" << series << ".csv\"\n"
         << spec << "\n";
  };
  for (int i = 1; i <= 8; ++i)
    timings("mys/results_" + std::to_string(i) + "op", "on = \"edgetpu\"\noperators = " + std::to_string(i));
  timings("ms/first_tests/results11_noif_tpu", "on = \"edgetpu\"\nbatch = 1");
  timings("ms/first_tests/results_300", "on = \"edgetpu\"\nbatch = 300");
  timings("ms/first_tests/results_1k", "on = \"edgetpu\"\nbatch = 1000");
  timings("ms/first_tests/results11_cpu", "on = \"cpu\"\nbatch = 1");
  timings("ms/first_tests/results_300_cpu", "on = \"cpu\"\nbatch = 300");
  timings("ms/first_tests/results_1k_cpu", "on = \"cpu\"\nbatch = 1000");
  plan << "[[question]]\nkind = \"ladder\"\nalong = \"operators\"\n[[question]]\nkind = \"scaling\"\nalong = "
          "\"batch\"\n[[question]]\nkind = \"variance\"\n";
  plan.close();
  const Json document = json({"sweep", (scratch_ / "notebook.toml").string()});
  const Json& ladder = document["answers"][0];
  ASSERT_EQ(ladder["rows"].size(), 7u);
  EXPECT_NEAR(ladder["rows"][0]["mean_us"].get<double>(), -180, 1);
  EXPECT_EQ(ladder["rows"][0]["verdict"], "waiting");
  const Json& scaling = document["answers"][1];
  ASSERT_EQ(scaling["rows"].size(), 2u);
  EXPECT_THAT(scaling["conclusion"].get<std::string>(), HasSubstr("says nothing about which scales better"));
}

}  // namespace
}  // namespace edgescope::testing_support
