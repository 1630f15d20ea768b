// edgescope doctor: always an answer, whatever is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "support/run.h"

namespace edgescope::testing_support {
namespace {

TEST(Doctor, NamesWhatIsMissingAndTheCommandThatBringsIt) {
  const Finished done = run(edgescope_program(), {"doctor", "--format", "json", "--runtimes", "/nonexistent",
                                                  "--runtime-library", "edgetpu=/nonexistent"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const auto document = base::parse_json(done.out, "stdout");
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["command"], "doctor");
  EXPECT_TRUE((*document)["input"].is_null());
  int missing = 0;
  for (const auto& runtime : (*document)["runtimes"]) {
    if (runtime["name"] == "null") {
      EXPECT_EQ(runtime["works"], true);
      EXPECT_EQ(runtime["version"], "1");
      continue;
    }
    ++missing;
    EXPECT_EQ(runtime["found"], false);
    // Coral's runtime does not come from a registry.
    const std::string name = runtime["name"];
    const bool coral = name.starts_with("edgetpu"), oracle = name.starts_with("ie2021") || name == "ncs2:virtual";
    EXPECT_THAT(runtime["remedy"].get<std::string>(), testing::HasSubstr(coral    ? "libedgetpu1-std"
                                                                         : oracle ? "make oracle"
                                                                                  : "make runtimes"));
  }
  EXPECT_EQ(missing, 9);
  EXPECT_TRUE((*document)["devices"].is_array());
  const auto& checks = (*document)["checks"];
  EXPECT_GT(checks.size(), 15u);
  bool quiet = false;  // what is wrong comes before all else
  for (const auto& check : checks) {
    quiet = quiet || check["state"] != "problem";
    EXPECT_TRUE(check["state"] != "problem" || !quiet);
    EXPECT_FALSE(check["seen"].get<std::string>().empty());
  }
}

TEST(Doctor, SaysWhenALibraryIsNotWhatItShouldBe) {
  const Finished done =
      run(edgescope_program(), {"doctor", "--format", "json", "--runtime-library", "litert=/proc/self/exe"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const auto document = base::parse_json(done.out, "stdout");
  ASSERT_TRUE(document);
  const auto& litert = (*document)["runtimes"][0];
  EXPECT_EQ(litert["found"], true);
  EXPECT_EQ(litert["works"], false);
  EXPECT_THAT(litert["reason"].get<std::string>(), testing::HasSubstr("cannot open the library"));
}

}  // namespace
}  // namespace edgescope::testing_support
