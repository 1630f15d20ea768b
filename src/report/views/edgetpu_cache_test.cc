#include "report/views/edgetpu_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;

Json two(std::uint64_t resent, std::uint64_t overlap) {
  Json json = Json::parse(R"({"findings":[],"edgetpu_cache":{"link":"usb3",
    "models":[{"input":"/a/x.tflite","caching_tokens":["07"],"cached_parameter_bytes":128,"streamed_parameter_bytes":0,"rows_used":4,"first_inference_bytes":300,"per_inference_bytes":200},
              {"input":"/a/y.tflite","caching_tokens":["08"],"cached_parameter_bytes":0,"streamed_parameter_bytes":0,"rows_used":0,"first_inference_bytes":0,"per_inference_bytes":0}],
    "tokens":[{"caching_token":"07","cached_parameter_bytes":128,"streamed_parameter_bytes":0,"rows_used":4,"models":["/a/x.tflite"]}],
    "switches":[{"from":"/a/x.tflite","to":"/a/y.tflite","why":"because"}]}})");
  Json& cache = json["edgetpu_cache"];
  cache["tokens"][0]["overlapping_rows"] = overlap;
  cache["switches"][0]["resent_bytes"] = resent;
  cache["switches"][0]["us"] = {1.5, resent == 0 ? 0.0 : 2.5};
  cache["round"] = {{"resent_bytes", resent}, {"us", {1.5, 2.5}}};
  return json;
}

std::string text(const Json& json, OutputFormat format = OutputFormat::Text) {
  return render(json, edgetpu_cache_view, format, {});
}

TEST(EdgeTpuCacheView, BeginsWithWhatFollows) {
  EXPECT_THAT(text(two(2048, 0)), HasSubstr("a round of all sends 2.00 KiB again, 1.50 us to 2.50 us over usb3."));
  EXPECT_THAT(text(two(0, 0)), HasSubstr("no switch sends parameters again"));
  EXPECT_THAT(text(two(0, 3)), HasSubstr("must not share a stick"));
}

TEST(EdgeTpuCacheView, ShowsFilesByTheirNamesAndSwitchesAsTheMainTable) {
  EXPECT_THAT(text(two(2048, 0)), HasSubstr("x.tflite  y.tflite    2.00 KiB  1.50 us to 2.50 us  because"));
  EXPECT_THAT(text(two(2048, 0), OutputFormat::Csv),
              HasSubstr("from,to,resent_bytes,us,why\r\n/a/x.tflite,/a/y.tflite,2048"));
}

}  // namespace
}  // namespace edgescope::report
