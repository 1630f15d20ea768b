#include "report/views/forest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using ::testing::HasSubstr;

base::Json document() {
  return base::Json::parse(R"({"schema_version": 1, "command": "inspect", "input": "wine.ubj", "forest": {
    "basis": "exact", "format": "xgboost", "producer": "XGBoost 2.1.4", "classifier": true, "features": 13, "outputs": 1,
    "columns": 2, "labels": ["no", "yes"], "aggregate": "sum", "base_values": [0.5], "post_transform": "logistic",
    "precision": {"input": "float32", "sum": "float32", "result": "float32"},
    "totals": {"trees": 1, "nodes": 1, "leaves": 2, "depth": 1, "used_features": 1, "thresholds": 1, "sets": 0,
      "comparisons": {"<": 1}, "nan_true": 1, "zero_missing": 0},
    "depths": [{"depth": 0, "trees": 0, "leaves": 0}, {"depth": 1, "trees": 1, "leaves": 2}],
    "leaf_counts": [{"leaves": 2, "trees": 1}],
    "strategies": [
      {"strategy": "ptt", "bytes": null, "basis": "exact", "hummingbird_bytes": 5000, "devices": [
        {"device": "edgetpu", "fits": false, "basis": "published", "reason": "r"},
        {"device": "ncs2", "fits": false, "bytes": 1073741824, "basis": "published", "reason": "r"}]},
      {"strategy": "exact", "bytes": 700, "basis": "exact", "hummingbird_bytes": null, "devices": [
        {"device": "edgetpu", "fits": false, "bytes": 2048, "cached_bytes": 1024, "streamed_bytes": 1024, "rows": 4,
         "basis": "predicted", "reason": "r"},
        {"device": "ncs2", "fits": true, "bytes": 512, "basis": "published", "reason": "r"}]}],
    "features_used": [{"index": 3, "name": "ash", "nodes": 1, "thresholds": 1, "not_float32": 0, "sets": 0, "range": [1, 1]}],
    "trees": [{"index": 0, "depth": 1, "nodes": 1, "leaves": 2, "outputs": [0]}]}})");
}

TEST(ForestView, ReadsAsSentences) {
  const std::string text = render(document(), forest_view, OutputFormat::Text, {.width = 0});
  EXPECT_THAT(text, HasSubstr("1, at most 1 deep: 1 test and 2 leaves"));
  EXPECT_THAT(text, HasSubstr("1 <; of 1 NaN takes the true side"));
  EXPECT_THAT(text, HasSubstr("1 of 13 are tested, against 1 threshold\n"));
  EXPECT_THAT(text, HasSubstr("classes: no yes; leaves by sum, then logistic"));
  base::Json times = document();
  times["forest"]["factor"] = 1.25;
  EXPECT_THAT(render(times, forest_view, OutputFormat::Text, {.width = 0}), HasSubstr("then logistic, times 1.25"));
  EXPECT_THAT(text, HasSubstr("cannot run"));
  EXPECT_THAT(text, HasSubstr("too large, 1.00 GiB"));
  EXPECT_THAT(text, HasSubstr("streams 1.00 KiB of 2.00 KiB"));
  EXPECT_THAT(text, HasSubstr("fits, 512 B"));
}

TEST(ForestView, LinesAreTheTrees) {
  EXPECT_THAT(render(document(), forest_view, OutputFormat::JsonLines, {}), HasSubstr("\"leaves\":2"));
}

}  // namespace
}  // namespace edgescope::report
