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

}  // namespace
}  // namespace edgescope::report
