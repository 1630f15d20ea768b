#include "compiler/myriad_compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/scratch.h"

namespace edgescope::compiler {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Programs in the compiler's place: what it is given, and what becomes of what it says.
class MyriadCompile : public ::testing::Test {
 protected:
  MyriadResult run(const std::string& body, std::vector<std::string> options = {}) {
    const std::string program = scratch_ / "myriad_compile";
    std::ofstream(program) << "#!/bin/sh\n" << body << "\n";
    fs::permissions(program, fs::perms::owner_all);
    auto result = run_myriad_compile({.program = program,
                                      .model = "net.xml",
                                      .blob = scratch_ / "x.blob",
                                      .settings = {{"VPU_HW_STAGES_OPTIMIZATION", "NO"}},
                                      .options = std::move(options)});
    EXPECT_TRUE(result) << result.error().message();
    return result ? *result : MyriadResult{};
  }

  const testing_support::Scratch scratch_;
};

TEST_F(MyriadCompile, SettingsAndOptionsReachIt) {
  const auto result = run("echo \"$@\" > '" + (scratch_ / "said").string() + "'; cat \"$6\" >> '" +
                              (scratch_ / "said").string() + "'; ulimit -n >> '" + (scratch_ / "said").string() +
                              "'; echo '\tBuild .................. 2021.3.0-3029'; touch \"$4\"",
                          {"-op", "FP32"});
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.version, "2021.3.0-3029");
  std::ifstream file(scratch_ / "said");
  const std::string said(std::istreambuf_iterator<char>(file), {});
  EXPECT_THAT(said, HasSubstr("net.xml -o"));
  EXPECT_THAT(said, HasSubstr(" -op FP32\n"));
  EXPECT_THAT(said, HasSubstr("VPU_HW_STAGES_OPTIMIZATION NO\n"));
  EXPECT_THAT(said, HasSubstr("1024\n")) << "it closes every descriptor up to the limit";
}

TEST_F(MyriadCompile, ItsWordsAreTheFailure) {
  EXPECT_EQ(run("echo 'Inference Engine: '; echo '\tBuild .................. 1'; echo; echo '[Warning] old'; "
                "echo 'Less of type Less: [ GENERAL_ERROR ]'; echo 'types check error'; exit 1")
                .failure,
            "Less of type Less: [ GENERAL_ERROR ] types check error");
  EXPECT_THAT(run("kill -SEGV $$").failure, HasSubstr("crashed with SIGSEGV"));
  EXPECT_THAT(run("exit 0").failure, HasSubstr("myriad_compile ended with exit code 0")) << "and wrote nothing";
}

TEST_F(MyriadCompile, IsLookedForInSeveralPlaces) {
  const auto absent = find_myriad_compile("/nonexistent", "");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().fault, base::Fault::missing);
  const fs::path folder = scratch_ / "openvino-2021.3/openvino/libs";
  fs::create_directories(folder);
  std::ofstream(folder / "myriad_compile") << "x";
  const auto found = find_myriad_compile("", scratch_.path());
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(*found, folder / "myriad_compile");
}

}  // namespace
}  // namespace edgescope::compiler
