#include "analysis/check_ncs2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "format/format.h"
#include "support/csv.h"
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
  ASSERT_EQ(json["findings"].size(), 1u);
  EXPECT_EQ(json["findings"][0]["id"], "ncs2-query-differs") << "HETERO would hand it to the device";
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
