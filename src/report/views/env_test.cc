#include "report/views/env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

std::string shown(const char* json) {
  const auto document = base::parse_json(json, "test");
  return render(document.value(), env_view, OutputFormat::Text, {});
}

TEST(EnvView, SaysWhatIsChangedAndWhy) {
  const std::string text =
      shown(R"({"program": "/venv/bin/mo", "need": "clean", "reason": "It has its own.", "openvino": null,
      "changes": [{"variable": "PYTHONPATH", "action": "removed", "value": "/opt/python", "why": "It hides it."}]})");
  for (const char* words : {"/venv/bin/mo gets an environment without any other OpenVINO.", "It has its own.",
                            "PYTHONPATH", "removed", "/opt/python", "It hides it."})
    EXPECT_THAT(text, testing::HasSubstr(words));
}

TEST(EnvView, SaysThatNothingIsChanged) {
  const std::string text = shown(
      R"({"program": "/bin/ls", "need": "as it is", "reason": "It is no tool.", "openvino": null, "changes": []})");
  EXPECT_THAT(text, testing::HasSubstr("/bin/ls keeps the environment as it is."));
  EXPECT_THAT(text, testing::HasSubstr("Nothing has to be changed."));
}

TEST(EnvView, NamesTheOpenVinoThatIsGiven) {
  EXPECT_THAT(shown(R"({"program": "a", "need": "openvino", "reason": "r", "openvino": "/opt/intel", "changes": []})"),
              testing::HasSubstr("a gets the OpenVINO in /opt/intel."));
}

}  // namespace
}  // namespace edgescope::report
