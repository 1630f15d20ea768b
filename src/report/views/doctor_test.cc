#include "report/views/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

TEST(DoctorView, SaysWhatIsMissingAndWhatBringsIt) {
  const auto document = base::parse_json(R"({"runtimes": [
      {"name": "litert", "works": true, "path": "/r/libLiteRt.so", "source": "runtimes folder", "version": "2.3.0", "reason": null, "remedy": null},
      {"name": "tflite", "works": false, "path": null, "source": null, "version": null, "reason": "it is not installed", "remedy": "Run `make runtimes`."}],
      "machine": {"cpu": "A CPU", "logical_cores": 2, "features": ["avx2", "sse4_2"], "governor": null, "kernel": "6.1", "virtualisation": "none"},
      "checks": [
        {"id": "a", "state": "problem", "concerns": "NCS2", "title": "The stick is shut", "seen": "1-1 is shut.", "symptom": "It fails.",
         "cause": "No rule.", "cure": "Write one.", "sources": ["x/y#1", "x/z#2"]},
        {"id": "b", "state": "advice", "concerns": "NCS2", "title": "Numbers overflow", "seen": "Run check.", "symptom": "NaN.",
         "cause": "Half floats.", "cure": "Scale.", "sources": []},
        {"id": "c", "state": "ok", "concerns": "NCS2", "title": "Locked", "seen": "It is free.", "symptom": "It waits.",
         "cause": "A lock.", "cure": "End it.", "sources": []}],
      "openvinos": [{"kind": "wheel", "version": "2024.6.0", "folder": "/venv", "myriad": false, "converter": true, "own": false}],
      "warnings": []})",
                                         "test");
  ASSERT_TRUE(document);
  const std::string text = render(*document, doctor_view, OutputFormat::Text, {});
  EXPECT_THAT(text, testing::HasSubstr("2.3.0"));
  EXPECT_THAT(text, testing::HasSubstr("tflite: it is not installed. Run `make runtimes`."));
  EXPECT_THAT(text, testing::HasSubstr("avx2 sse4_2"));
  EXPECT_THAT(text, testing::HasSubstr("not told"));
  EXPECT_LT(text.find("The stick is shut (NCS2)"), text.find("Runtimes")) << "problems come first";
  for (const char* words : {"1-1 is shut.", "It fails.", "No rule.", "Write one.", "x/y#1, x/z#2"})
    EXPECT_THAT(text, testing::HasSubstr(words));
  EXPECT_LT(text.find("What cannot be seen from here"), text.find("Numbers overflow (NCS2)"));
  EXPECT_LT(text.find("Looked at"), text.find("It is free."));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("A lock."))) << "what is not so needs no explanation";
  EXPECT_THAT(text, testing::HasSubstr("2024.6.0"));
}

TEST(DoctorView, SaysWhenNothingIsWrong) {
  const auto document =
      base::parse_json(R"({"runtimes": [], "checks": [], "warnings": [], "machine": {"cpu": "A", "logical_cores": 2,
      "features": [], "governor": null, "kernel": "6.1", "virtualisation": "none"}})",
                       "test");
  ASSERT_TRUE(document);
  const std::string text = render(*document, doctor_view, OutputFormat::Text, {});
  EXPECT_THAT(text, testing::HasSubstr("Nothing is wrong as far as can be seen"));
  EXPECT_THAT(text, testing::HasSubstr("No Edge TPU and no Neural Compute Stick is plugged in"));
}

}  // namespace
}  // namespace edgescope::report
