#include "report/views/bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::Not;

Json sample_document() {
  Json json = document("bench", "m.tflite");
  json["runs"] = Json::parse(R"([
    {"on":"litert","valid":true,"reason":null,"median_us":6694.0,"interval_us":[6627.06,6760.94],"p5_us":6500.0,"p99_us":7030.0,
     "first_us":14744.0,"load_us":60318.0,"processes":5,"samples":400,"workers":1,"warnings":["Drift."],
     "runtime":{"version":"2.3.0","kernels":"xnnpack","precision":"as in the model","threads":1,"notes":["A note."]}},
    {"on":"tflite","valid":false,"reason":"ended by SIGSEGV","warnings":[]},
    {"on":"openvino:CPU","valid":true,"reason":null,"median_us":5010.0,"interval_us":[4960.0,5060.0],"p5_us":4900.0,"p99_us":5500.0,
     "first_us":9000.0,"load_us":160318.0,"processes":7,"samples":560,"workers":1,"warnings":[],
     "runtime":{"version":"2026.4.1","kernels":"onednn","precision":"i8","threads":1,"notes":[]},
     "operators":[{"name":"conv1","kind":"Convolution","kernel":"jit","us":300.0},{"name":"add","kind":"Add","kernel":"","us":700.0}]}])");
  json["comparison"] = Json::parse(R"({"fastest":"openvino:CPU","confidence":0.95,
     "against_fastest":[{"on":"litert","verdict":"slower","ratio":1.336,"ratio_interval":[1.3,1.37]}]})");
  json["harness"] = Json::parse(R"({"overhead_us":0.05})");
  json["environment"] =
      Json::parse(R"({"cpu":"A CPU","machine":null,"logical_cores":2,"governor":null,"turbo":true,"load_before":0.5,
     "virtualisation":"none","container":"docker","kernel":"6.1","memory_bytes":1073741824})");
  json["warnings"] = Json::parse(R"(["Other programs kept 0.5 CPUs busy while measuring."])");
  return json;
}

std::string text(const Json& json) { return render(json, bench_view(), OutputFormat::Text, {}); }

TEST(BenchView, TheFastestComesFirstAndTheFailedLast) {
  const std::string shown = text(sample_document());
  EXPECT_LT(shown.find("openvino:CPU"), shown.find("litert"));
  EXPECT_LT(shown.find("litert"), shown.find("tflite  "));
  EXPECT_THAT(shown, HasSubstr("5.01 ms"));
  EXPECT_THAT(shown, HasSubstr("-1.0 % +1.0 %"));
  EXPECT_THAT(shown, HasSubstr("1.34 times [1.30, 1.37]"));
}

TEST(BenchView, DoubtsAreSaid) {
  const std::string shown = text(sample_document());
  EXPECT_THAT(shown, HasSubstr("not valid: ended by SIGSEGV"));
  EXPECT_THAT(shown, HasSubstr("Drift."));
  EXPECT_THAT(shown, HasSubstr("A note."));
  EXPECT_THAT(shown, HasSubstr("Other programs kept 0.5 CPUs busy"));
}

TEST(BenchView, MachineAndHarness) {
  const std::string shown = text(sample_document());
  EXPECT_THAT(
      shown,
      HasSubstr("A CPU, 2 cores, governor unknown, turbo on, load 0.50, container: docker, kernel 6.1, 1.00 GiB"));
  EXPECT_THAT(shown, HasSubstr("50.00 ns a sample (measured"));
  EXPECT_THAT(shown, HasSubstr("openvino:CPU 2026.4.1"));
}

TEST(BenchView, ProfileHasTheSlowestFirst) {
  const std::string shown = text(sample_document());
  EXPECT_LT(shown.find("70.0 %"), shown.find("30.0 %"));
  EXPECT_THAT(shown, HasSubstr("1.00 ms together"));
}

TEST(BenchView, ThroughputHasItsColumns) {
  Json json = sample_document();
  EXPECT_THAT(text(json), Not(HasSubstr("inferences")));
  json["runs"][0]["workers"] = 2;
  json["runs"][0]["per_second"] = 299.5;
  json["runs"][0]["per_second_interval"] = {290.0, 310.0};
  EXPECT_THAT(text(json), HasSubstr("299.5/s"));
  EXPECT_THAT(text(json), HasSubstr("290.0/s to 310.0/s"));
}

TEST(BenchView, OneProcessDoesNotDecide) {
  Json json = sample_document();
  json["comparison"]["against_fastest"][0]["ratio_interval"] = nullptr;
  EXPECT_THAT(text(json), HasSubstr("too few processes to say"));
}

TEST(BenchView, OnlyFailures) {
  Json json = sample_document();
  json["runs"] = Json::array({json["runs"][1]});
  json["comparison"] = nullptr;
  EXPECT_THAT(text(json), HasSubstr("NO"));
}

TEST(BenchView, CsvIsTheRanking) {
  const std::string csv = render(sample_document(), bench_view(), OutputFormat::Csv, {});
  EXPECT_THAT(csv, HasSubstr("on,median_us,"));
  EXPECT_THAT(csv, HasSubstr("openvino:CPU,5010"));
}

}  // namespace
}  // namespace edgescope::report
