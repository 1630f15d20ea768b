#include "runtime/worker/serve.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/json.h"
#include "support/scratch.h"

namespace edgescope::runtime {
namespace {

// What a worker answers to these lines; serve() ends the process, so it runs in a death test's child.
std::vector<base::Json> answers(const std::string& requests) {
  const testing_support::Scratch scratch;
  const std::string path = scratch / "answers";
  std::string lines = requests;
  EXPECT_EXIT(serve(fmemopen(lines.data(), lines.size(), "r"), std::fopen(path.c_str(), "w")),
              testing::ExitedWithCode(0), "");
  std::vector<base::Json> all;
  std::FILE* file = std::fopen(path.c_str(), "r");
  char* line = nullptr;
  std::size_t capacity = 0;
  while (getline(&line, &capacity, file) > 0) {
    auto json = base::parse_json(line, "answer");
    EXPECT_TRUE(json) << line;
    if (json) all.push_back(std::move(*json));
  }
  std::free(line);
  std::fclose(file);
  return all;
}

const std::string kLoad =
    R"({"request": "load", "on": "null", "model": "m", "library": "", "threads": 1, "profile": false, "properties": {"inputs": "9"}})"
    "\n";

TEST(Serve, AnswersEachLine) {
  const auto all = answers(kLoad +
                           R"({"request": "sample", "count": 3, "max_seconds": 0, "seed": 1, "fresh_inputs": true})"
                           "\n" +
                           R"({"request": "profile", "count": 2, "seed": 1})"
                           "\n" +
                           R"({"request": "exit"})"
                           "\n" +
                           kLoad);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["ok"], true);
  EXPECT_EQ(all[0]["loaded"]["inputs"][0]["bytes"], 9);
  EXPECT_EQ(all[1]["durations_ns"].size(), 3u);
  EXPECT_TRUE(all[1].contains("first_ns"));
  EXPECT_EQ(all[2]["operators"].size(), 0u);
}

TEST(Serve, ARuntimeWithoutSettingsAndStreamsSaysSo) {
  const auto all = answers(kLoad +
                           R"({"request": "stream", "requests": 2, "count": 3, "max_seconds": 0, "seed": 1})"
                           "\n" +
                           R"({"request": "properties", "on": "null", "library": ""})"
                           "\n");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1]["error"]["what"], "null runs one inference at a time");
  EXPECT_EQ(all[2]["error"]["what"], "null has no settings");
}

TEST(Serve, RefusesWhatItDoesNotUnderstandAndGoesOn) {
  const auto all = answers(
      "nonsense\n[]\n"
      R"({"request": 3})"
      "\n"
      R"({"request": "fly"})"
      "\n"
      R"({"request": "sample"})"
      "\n"
      R"({"request": "load", "on": "nothing"})"
      "\n" +
      kLoad +
      R"({"request": "fly"})"
      "\n"
      R"({"request": "sample"})"
      "\n" +
      kLoad);
  ASSERT_EQ(all.size(), 10u);
  for (std::size_t i : {0, 1, 2, 3, 4, 5, 7, 8}) {
    EXPECT_EQ(all[i]["ok"], false) << i;
    EXPECT_FALSE(all[i]["error"]["what"].get<std::string>().empty()) << i;
  }
  EXPECT_EQ(all[6]["ok"], true);
  EXPECT_EQ(all[9]["ok"], true);
}

}  // namespace
}  // namespace edgescope::runtime
