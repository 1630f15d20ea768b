#include "report/views/tune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using testing::HasSubstr;

constexpr const char* kProperties = R"("properties": {"writable": 25, "read_only": 11, "unlisted": 0, "settings": [
    {"name": "NUM_STREAMS", "listed": true, "value": "1", "options": [], "range": "1 to 2", "tried": ["NUM_STREAMS=2"], "why_not": null},
    {"name": "PERF_COUNT", "listed": true, "value": "NO", "options": ["YES", "NO"], "range": null, "tried": [], "why_not": "it only keeps times"}]})";

std::string shown(const std::string& objectives, const std::string& properties = kProperties) {
  const auto document = base::parse_json(R"({"on": "openvino:CPU", "notes": ["A note."], "warnings": [], )" +
                                             properties + R"(, "objectives": )" + objectives + "}",
                                         "test");
  return render(document.value(), tune_view, OutputFormat::Text, {});
}

TEST(TuneView, SaysTheGainWithItsInterval) {
  const std::string text =
      shown(R"([{"objective": "throughput", "basis": "measured", "gain_shown": true, "winner": "NUM_STREAMS=2",
      "finalists": [{"name": "default", "per_second": 100, "per_second_interval": [98, 102]},
                    {"name": "-hint throughput", "per_second": 160, "per_second_interval": [150, 170], "verdict": "faster", "ratio": 0.625, "ratio_interval": [0.6, 0.65]},
                    {"name": "NUM_STREAMS=2", "per_second": 200, "per_second_interval": [190, 210], "verdict": "faster", "ratio": 0.5, "ratio_interval": [0.48, 0.53]}],
      "against_hints": [{"name": "-hint throughput", "verdict": "faster", "ratio": 0.8, "ratio_interval": [0.75, 0.85]}],
      "trials": [{"name": "default", "refused": null}, {"name": "X=1", "refused": "no"}], "untried": ["Y=1"]}])");
  for (const char* words :
       {"throughput: NUM_STREAMS=2 takes 50.0 % less time than the default (47.0 % less time to 52.0 % less time).",
        "NUM_STREAMS=2 against -hint throughput: faster (time 0.8 of it, 0.75 to 0.85).", "A note.",
        "2 settings were tried, 1 of them refused; the time was too short for 1 (Y=1).",
        "openvino:CPU lists 25 settings that can be set and 11 properties", "it only keeps times"})
    EXPECT_THAT(text, HasSubstr(words));
}

TEST(TuneView, SaysThatNoGainIsShown) {
  const std::string text =
      shown(R"([{"objective": "latency", "basis": "measured", "gain_shown": false, "winner": "default",
      "finalists": [{"name": "default", "median_us": 100, "interval_us": [98, 102]}], "against_hints": [], "trials": [], "untried": []}])");
  EXPECT_THAT(text, HasSubstr("latency: no settings are shown to be better than the default."));
}

TEST(TuneView, ACompilersCountsAreExact) {
  const std::string text =
      shown(R"([{"objective": "ddr", "basis": "exact", "gain_shown": true, "winner": "S=1", "trials": [
      {"name": "default", "stages": 192, "copies": 11, "hardware": 170, "shave": 3, "ddr_bytes": 3211264, "cmx_slices": 9, "shaves": 7, "refused": null},
      {"name": "S=1", "stages": 181, "copies": 5, "hardware": 173, "shave": 3, "ddr_bytes": 1605632, "cmx_slices": 19, "shaves": 16, "refused": null},
      {"name": "S=9", "refused": "it is too many"}]}])");
  EXPECT_THAT(text, HasSubstr("ddr: 1605632 with S=1, 3211264 by default."));
  EXPECT_THAT(text, HasSubstr("it is too many"));
}

}  // namespace
}  // namespace edgescope::report
