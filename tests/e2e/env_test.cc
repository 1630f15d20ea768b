// edgescope env: commands get the environment that they need. The vendor's model converter is the real one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Finished env(std::vector<std::string> arguments, RunOptions options = {}) {
  arguments.insert(arguments.begin(), "env");
  return run(edgescope_program(), arguments, options);
}

TEST(Env, TheExitCodeAndOutputAreTheCommands) {
  const Finished done = env({"--", "sh", "-c", "echo said; exit 7"});
  EXPECT_EQ(done.exit, 7);
  EXPECT_EQ(done.out, "said\n");
  EXPECT_EQ(done.err, "");
  EXPECT_EQ(env({"--", "sh", "-c", "kill -TERM $$"}).exit, 128 + SIGTERM) << "it takes the program's place";
}

TEST(Env, UsageAndMissingPrograms) {
  EXPECT_EQ(env({}).exit, 2);
  const Finished missing = env({"--", "no-such-program"});
  EXPECT_EQ(missing.exit, 4);
  EXPECT_THAT(missing.err, HasSubstr("there is no program no-such-program"));
  EXPECT_EQ(env({"--openvino", "/nonexistent", "--", "true"}).exit, 2);
}

// pip's OpenVINO in a made-up environment, and a made-up setupvars around it.
TEST(Env, AMadeUpSetupvarsIsTakenOutAndTheRestStays) {
  const Scratch scratch;
  const fs::path site = scratch / "venv/lib/python3.11/site-packages", archive = scratch / "openvino_2022";
  for (const fs::path& file : {site / "openvino/__init__.py", site / "openvino-2024.6.0.dist-info/METADATA",
                               archive / "setupvars.sh", archive / "python/python3.11/openvino/__init__.py",
                               archive / "runtime/lib/intel64/libopenvino.so", scratch / "venv/bin/python3"}) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "\n";
  }
  std::ofstream(scratch / "venv/pyvenv.cfg") << "home = /usr/bin\n";
  // What `mo` would be started as; it tells what it was given.
  std::ofstream(scratch / "venv/bin/python3")
      << "#!/bin/sh\necho \"$PYTHONPATH|$LD_LIBRARY_PATH|$INTEL_OPENVINO_DIR|$OTHER\"\n";
  fs::permissions(scratch / "venv/bin/python3", fs::perms::owner_all);
  const RunOptions setupvars{.environment = {{"INTEL_OPENVINO_DIR", archive},
                                             {"OpenVINO_DIR", archive / "runtime/cmake"},
                                             {"PYTHONPATH", (archive / "python/python3.11").string() + ":/my/tools"},
                                             {"LD_LIBRARY_PATH", archive / "runtime/lib/intel64"},
                                             {"OTHER", "kept"}}};
  const Finished done = env({"--", scratch / "venv/bin/python3"}, setupvars);
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(done.out, "/my/tools|||kept\n");

  const Finished printed = env({"--print", "--format", "json", "--", scratch / "venv/bin/python3"}, setupvars);
  const auto document = base::parse_json(printed.out, "stdout");
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["need"], "clean");
  EXPECT_EQ((*document)["changes"].size(), 4u);

  const Finished explained = env({"--explain", "--", scratch / "venv/bin/python3"}, setupvars);
  EXPECT_EQ(explained.out, done.out);
  EXPECT_THAT(explained.err, HasSubstr("without any other OpenVINO"));

  const Finished given = env({"--openvino", archive, "--", scratch / "venv/bin/python3"}, setupvars);
  EXPECT_THAT(given.out, HasSubstr((archive / "python/python3.11").string() + ":/my/tools|"));
  EXPECT_THAT(given.out, HasSubstr("|" + archive.string() + "|kept"));
}

// The case of the user's notebook, with the vendor's own converter and the vendor's own older package.
TEST(Env, MoIsBrokenByAnOlderOpenVinoAndRunsUnderEnv) {
  const std::string top = EDGESCOPE_SOURCE_DIR, mo = top + "/.venv-mo/bin/mo", old = top + "/runtimes/openvino-2021.4";
  if (!fs::exists(mo)) GTEST_SKIP() << "`scripts/setup.sh venv mo` brings the model converter";
  if (!fs::exists(old + "/openvino")) GTEST_SKIP() << "`make oracle` brings OpenVINO 2021";
  const Scratch scratch;
  const std::vector<std::string> convert = {"--input_model", top + "/examples/digits/digits.onnx", "--output_dir",
                                            scratch.path()};
  const RunOptions polluted{.environment = {{"PYTHONPATH", old}}};

  const Finished broken = run(mo, convert, polluted);
  EXPECT_NE(broken.exit, 0);
  EXPECT_THAT(broken.err, HasSubstr("No module named 'openvino.tools'"));
  EXPECT_FALSE(fs::exists(scratch / "digits.xml"));

  std::vector<std::string> words = {"--", mo};
  words.insert(words.end(), convert.begin(), convert.end());
  const Finished mended = env(words, polluted);
  EXPECT_EQ(mended.exit, 0) << mended.err;
  EXPECT_TRUE(fs::exists(scratch / "digits.xml"));

  // doctor names the cause.
  const Finished doctor = run(edgescope_program(), {"doctor", "--format", "json"},
                              {.environment = {{"PYTHONPATH", old}, {"PATH", top + "/.venv-mo/bin:/usr/bin:/bin"}}});
  const auto document = base::parse_json(doctor.out, "stdout");
  ASSERT_TRUE(document);
  const base::Json& first = (*document)["checks"][0];
  EXPECT_EQ(first["id"], "openvino-shadowed");
  EXPECT_EQ(first["state"], "problem");
}

}  // namespace
}  // namespace edgescope::testing_support
