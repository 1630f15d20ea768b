#include "analysis/check_ncs2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "format/format.h"
#include "support/csv.h"
#include "support/ir_network.h"
#include "support/reference.h"
#include "support/scratch.h"

namespace edgescope::analysis {
namespace {

using testing::HasSubstr;

const std::string kDigits = EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx";

TEST(CheckNcs2, SaysWhatFailsAndWhatToDo) {
  EDGESCOPE_REFERENCE_OR_SKIP(net, "ncs2/nets/less_equal__2d_cast.xml");
  const auto model = format::read_model(net);
  ASSERT_TRUE(model) << model.error().message();
  const base::Json json = check_ncs2(*model);
  EXPECT_EQ(json["target"], "ncs2");
  EXPECT_EQ(json["verdict"], "fails");
  EXPECT_THAT(json["failure"]["remedy"].get<std::string>(), HasSubstr("Not(Greater(a, b))"));
  ASSERT_EQ(json["findings"].size(), 2u);
  EXPECT_EQ(json["findings"][0]["id"], "does-not-compile");
  EXPECT_THAT(json["findings"][0]["remedy"].get<std::string>(), HasSubstr("Not(Greater(a, b))"));
  EXPECT_EQ(json["findings"][1]["id"], "ncs2-query-differs") << "HETERO would hand it to the device";
  bool found = false;
  for (const auto& op : json["operators"]) {
    if (op["kind"] != "less_equal") continue;
    found = true;
    EXPECT_EQ(op["verdict"], "rejected");
    EXPECT_EQ(op["query_claims"], true);
  }
  EXPECT_TRUE(found);
}

TEST(CheckNcs2, TheOracleSaysWhatItMade) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found});
  const testing_support::Scratch scratch;
  const auto model = format::read_model(kDigits);
  ASSERT_TRUE(model);
  const auto json = check_ncs2_by_oracle(
      *model, oracle, {.settings = {{"MYRIAD_THROUGHPUT_STREAMS", "1"}}, .blob = scratch / "digits.blob"});
  ASSERT_TRUE(json) << json.error().message();
  EXPECT_EQ((*json)["verdict"], "compiles");
  EXPECT_EQ((*json)["predicted_verdict"], "compiles");
  EXPECT_EQ((*json)["oracle"]["agrees"], true);
  EXPECT_EQ((*json)["myriad"]["shaves"], 16);
  EXPECT_GT((*json)["myriad"]["engines"]["hardware"].get<int>(), 5);
  EXPECT_EQ((*json)["myriad"]["stages"][0]["name"], "image@FP16@fast-stage");
  EXPECT_GT((*json)["prediction"]["interval_us"][0].get<double>(), 1570);
  EXPECT_TRUE(std::filesystem::exists(scratch / "digits.blob"));
}

std::vector<std::string> ids(const base::Json& json) {
  std::vector<std::string> all;
  for (const auto& finding : json["findings"]) all.push_back(finding["id"]);
  return all;
}

// x -> ReLU -> the operator -> ReLU
base::Json check_of(const std::string& op, bool two_operands) {
  const testing_support::Scratch scratch;
  testing_support::IrNetwork net;
  const testing_support::IrNetwork::Shape shape = {1, 256};
  const auto first = net.op("ReLU", {net.input(shape)}, shape);
  std::vector<testing_support::IrNetwork::Value> operands = {first};
  if (two_operands) operands.push_back(net.op("Tanh", {first}, shape));
  net.result(net.op("ReLU", {net.op(op, operands, shape, two_operands ? "auto_broadcast=\"numpy\"" : "")}, shape));
  net.write(scratch / "net.xml");
  const auto model = format::read_model(scratch / "net.xml");
  EXPECT_TRUE(model) << model.error().message();
  return check_ncs2(*model);
}

TEST(CheckNcs2, HolesThatHeteroWouldLeave) {
  const base::Json without_a_stage = check_of("Sin", false);
  EXPECT_EQ(without_a_stage["verdict"], "fails");
  EXPECT_THAT(ids(without_a_stage), testing::ElementsAre("does-not-compile", "ncs2-hetero-hole"));
  const base::Json& hole = without_a_stage["findings"][1];
  EXPECT_EQ(hole["cost"]["bytes"], 2 * 256 * 4);
  EXPECT_EQ(hole["cost"]["basis"], "predicted");
  EXPECT_THAT(hole["why"].get<std::string>(), testing::Not(HasSubstr("would take them all")));
  const base::Json only_not_claimed = check_of("Subtract", true);
  EXPECT_EQ(only_not_claimed["verdict"], "compiles");
  EXPECT_THAT(ids(only_not_claimed), testing::ElementsAre("ncs2-query-differs", "ncs2-hetero-hole"));
  EXPECT_THAT(only_not_claimed["findings"][1]["why"].get<std::string>(), HasSubstr("would take them all"));
  EXPECT_TRUE(ids(check_of("Exp", false)).empty());
}

TEST(CheckNcs2, EachOperatorThatIsRejectedIsAFinding) {
  const testing_support::Scratch scratch;
  testing_support::IrNetwork net;
  const auto x = net.input({1, 8});
  net.result(net.op("Abs", {net.op("Sin", {x}, {1, 8})}, {1, 8}));
  net.write(scratch / "net.xml");
  const auto model = format::read_model(scratch / "net.xml");
  ASSERT_TRUE(model);
  const base::Json json = check_ncs2(*model);
  ASSERT_THAT(ids(json), testing::ElementsAre("does-not-compile", "does-not-compile"));
  EXPECT_THAT(json["findings"][1]["where"].get<std::string>(), HasSubstr("Abs"));
  EXPECT_THAT(json["findings"][1]["remedy"].get<std::string>(), HasSubstr("max(x, -x)"));
}

TEST(CheckNcs2, RowsOfAFullyConnectedLayerBecomeStages) {
  EDGESCOPE_REFERENCE_OR_SKIP(net, "ncs2/nets/matmul__2d_M8_const.xml");
  const auto model = format::read_model(net);
  ASSERT_TRUE(model);
  const base::Json rules = check_ncs2(*model);
  ASSERT_THAT(ids(rules), testing::Contains("ncs2-stage-a-row"));
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found});
  const auto asked = check_ncs2_by_oracle(*model, oracle, {});
  ASSERT_TRUE(asked) << asked.error().message();
  int told = 0;
  for (const auto& finding : (*asked)["findings"]) {
    if (finding["id"] != "ncs2-stage-a-row") continue;
    ++told;
    EXPECT_EQ(finding["operators"].size(), 8u);
    EXPECT_THAT(finding["why"].get<std::string>(), HasSubstr("8 rows"));
  }
  EXPECT_EQ(told, 1);
}

TEST(CheckNcs2, TheRulesFindRowsWhereTheCompilerCutsThem) {
  EDGESCOPE_REFERENCE_OR_SKIP(nets, "ncs2/nets");
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found});
  int networks = 0, cut = 0;
  for (const auto& entry : std::filesystem::directory_iterator(nets)) {
    const std::string name = entry.path().stem();
    if (entry.path().extension() != ".xml" || (!name.starts_with("matmul") && !name.starts_with("einsum"))) continue;
    const auto model = format::read_model(entry.path());
    ASSERT_TRUE(model);
    const auto asked = check_ncs2_by_oracle(*model, oracle, {});
    ASSERT_TRUE(asked) << asked.error().message();
    if ((*asked)["verdict"] != "compiles") continue;
    const auto has = [](const base::Json& json) {
      const auto all = ids(json);
      return std::count(all.begin(), all.end(), "ncs2-stage-a-row") > 0;
    };
    EXPECT_EQ(has(check_ncs2(*model)), has(*asked)) << name;
    ++networks;
    cut += has(*asked);
  }
  EXPECT_GT(networks, 8);
  EXPECT_GE(cut, 2);
}

TEST(CheckNcs2, TheTimeOfWhatCompiles) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found});
  const auto model = format::read_model(kDigits);
  ASSERT_TRUE(model);
  const auto json = predict_ncs2(*model, oracle, {.settings = {{"MYRIAD_THROUGHPUT_STREAMS", "1"}}});
  ASSERT_TRUE(json) << json.error().message();
  EXPECT_EQ((*json)["basis"], "predicted(stage law)");
  EXPECT_EQ((*json)["terms"][0]["name"], "floor");
  bool computes = false;
  for (const auto& term : (*json)["terms"]) {
    computes = computes || (term["name"] == "compute" && term["amount"].get<int>() > 100000);
    EXPECT_NE(term["name"], "compute on SHAVEs") << "all convolutions are on the accelerator";
  }
  EXPECT_TRUE(computes);
  EXPECT_GT((*json)["stages"].size(), 10u);
}

TEST(CheckNcs2, ARefusalAndACrashAreAnswers) {
  EDGESCOPE_REFERENCE_OR_SKIP(nets, "ncs2/nets");
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found});
  const auto verdict = [&](const char* name) {
    const auto model = format::read_model(nets / name);
    EXPECT_TRUE(model);
    const auto json = check_ncs2_by_oracle(*model, oracle, {});
    EXPECT_TRUE(json) << json.error().message();
    EXPECT_EQ((*json)["oracle"]["agrees"], true);
    return !json->contains("failure") ? std::string("compiles") : (*json)["failure"]["reason"].get<std::string>();
  };
  EXPECT_THAT(verdict("less_equal__2d_cast.xml"), HasSubstr("types check error"));
  EXPECT_THAT(verdict("shape_of__i32.xml"), HasSubstr("crashed with SIGSEGV"));
  EXPECT_EQ(verdict("less__2d_cast.xml"), "compiles");
}

// What `check --oracle` says of every network: the vendor's verdict, as the reference has it, and the rules'.
TEST(CheckNcs2, EveryNetworkOfTheReference) {
  EDGESCOPE_REFERENCE_OR_SKIP(table, "ncs2/myriad_ops.csv");
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found});
  const std::set<std::string> not_to_be_trusted = {"non_max_suppression", "lstm_sequence", "batch_to_space",
                                                   "prior_box", "read_value"};
  int networks = 0, agree = 0;
  for (const auto& row : testing_support::read_csv(table)) {
    if (not_to_be_trusted.contains(row.at("op"))) continue;
    const auto model = format::read_model(table.parent_path() / "nets" / (row.at("net") + ".xml"));
    ASSERT_TRUE(model) << model.error().message();
    const auto json = check_ncs2_by_oracle(*model, oracle, {});
    ASSERT_TRUE(json) << row.at("net") << ": " << json.error().message();
    EXPECT_EQ((*json)["verdict"], row.at("compile") == "ok" ? "compiles" : "fails") << row.at("net");
    ++networks;
    agree += (*json)["oracle"]["agrees"] == true;
  }
  EXPECT_GT(networks, 380);
  EXPECT_GE(agree, 0.97 * networks);
}

}  // namespace
}  // namespace edgescope::analysis
