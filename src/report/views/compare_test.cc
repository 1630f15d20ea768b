#include "report/views/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

base::Json document() {
  return base::Json::parse(R"({"schema_version": 1, "command": "compare", "input": "wine.ubj", "rows_from": "rows.npy",
    "basis": "measured", "rows": 7, "reference": "evaluator", "tolerance": 1e-6, "runs": [
    {"on": "litert", "strategy": "exact", "valid": true, "reason": null, "equal": true, "rows": 7, "leaves": 70,
     "leaf_mismatches": 0, "label_flips": 0, "max_difference": 0, "explanation": ""},
    {"on": "litert", "strategy": "tt", "valid": true, "reason": null, "equal": false, "rows": 7, "leaves": 70,
     "leaf_mismatches": 3, "label_flips": 1, "max_difference": 0.25, "explanation": "3 of them: rounded."},
    {"on": "tflite", "strategy": "tt", "valid": true, "reason": null, "equal": false, "rows": 7, "leaves": 70,
     "leaf_mismatches": 3, "label_flips": 1, "max_difference": 0.25, "explanation": "3 of them: rounded."},
    {"on": "edgetpu", "strategy": "tt", "valid": false, "reason": "no stick", "rows": 0}]})");
}

TEST(CompareView, SaysHowManyDifferAndWhyOnce) {
  const std::string text = render(document(), compare_view, OutputFormat::Text, {.width = 0});
  EXPECT_THAT(text, HasSubstr("2 of 3 runs predict something else."));
  EXPECT_THAT(text, HasSubstr("tt on litert, tt on tflite: 3 of them: rounded."));
  EXPECT_THAT(text, HasSubstr("tt on edgetpu (did not run): no stick"));
  EXPECT_THAT(text, HasSubstr("0.25"));
}

TEST(CompareView, EqualIsSaidPlainly) {
  base::Json all = document();
  all["runs"] = base::Json::array({all["runs"][0]});
  EXPECT_THAT(render(all, compare_view, OutputFormat::Text, {.width = 0}), HasSubstr("The predictions are equal."));
  all["runs"] = base::Json::array();
  EXPECT_THAT(render(all, compare_view, OutputFormat::Text, {.width = 0}), HasSubstr("Nothing could be compared."));
}

base::Json networks() {
  return base::Json::parse(R"json({"schema_version": 1, "command": "compare", "input": "a.tflite", "other": "b.tflite",
    "basis": "measured", "rows": 4, "rows_from": "random (seed 1)", "reference": {"on": "litert", "model": "a.tflite",
    "version": "2", "kernels": "x", "precision": "f32"}, "runs": [
    {"on": "litert", "model": "b.tflite", "valid": true, "reason": null, "equal": false, "same_bits": false,
     "tolerance": {"steps": 0, "share": 0}, "outputs": [{"name": "y", "within": false, "max_abs": 0.25, "mean_abs": 0.125,
     "p999_abs": 0.25, "max_ulps": 17, "cosine": 0.5, "snr_db": 12.34, "top1_agreement": 0.75, "decision_flips": 1}],
     "first_difference": {"found": true, "looked_for": "any difference", "runs": 5, "not_asked": 0, "operator": {"index": 3, "name": "dense", "kind":
     "fully_connected", "source_kind": "FULLY_CONNECTED", "tensor": "dense"}, "operators": 1, "inputs_differ": false,
     "difference": {"different": 2, "values": 8, "max_abs": 0.5}},
     "cause": {"id": "other-constant", "text": "The weights differ."}},
    {"on": "tflite", "model": "b.tflite", "valid": false, "reason": "no library", "outputs": []}]})json");
}

TEST(CompareView, OfNetworksSaysWhereTheyPartAndWhy) {
  const std::string text = render(networks(), compare_view, OutputFormat::Text, {.width = 0});
  EXPECT_THAT(text, HasSubstr("a.tflite against b.tflite"));
  EXPECT_THAT(text, HasSubstr("differ by more than the tolerance"));
  EXPECT_THAT(text, HasSubstr("they part at operator 3, fully_connected `dense`"));
  EXPECT_THAT(text, HasSubstr("5 parts of the network were run"));
  EXPECT_THAT(text, HasSubstr("The weights differ."));
  EXPECT_THAT(text, HasSubstr("no library"));
  EXPECT_THAT(text, HasSubstr("75.0 %"));
  const std::string csv = render(networks(), compare_view, OutputFormat::Csv, {.width = 0});
  EXPECT_THAT(csv, HasSubstr("0.25"));
}

TEST(CompareView, OfNetworksTheSameIsSaidPlainly) {
  base::Json all = networks();
  all["runs"][0]["equal"] = true;
  all["runs"] = base::Json::array({all["runs"][0]});
  EXPECT_THAT(render(all, compare_view, OutputFormat::Text, {.width = 0}), HasSubstr("the same within the tolerance."));
  all["runs"][0]["same_bits"] = true;
  EXPECT_THAT(render(all, compare_view, OutputFormat::Text, {.width = 0}), HasSubstr("the same, bit for bit."));
}

}  // namespace
}  // namespace edgescope::report
