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
      "warnings": ["The governor changes the clock."]})",
                                         "test");
  ASSERT_TRUE(document);
  const std::string text = render(*document, doctor_view, OutputFormat::Text, {});
  EXPECT_THAT(text, testing::HasSubstr("2.3.0"));
  EXPECT_THAT(text, testing::HasSubstr("tflite: it is not installed. Run `make runtimes`."));
  EXPECT_THAT(text, testing::HasSubstr("avx2 sse4_2"));
  EXPECT_THAT(text, testing::HasSubstr("not told"));
  EXPECT_THAT(text, testing::HasSubstr("The governor changes the clock."));
}

}  // namespace
}  // namespace edgescope::report
