#include "machine/command_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "machine/test_machine.h"

namespace edgescope::machine {
namespace {

using testing::HasSubstr;
using testing_support::WrittenMachine;
using Words = std::vector<std::string>;

// pip's OpenVINO with `mo` in an environment of its own.
constexpr const char* kPip =
    "python /home/ann/venv\n"
    "wheel /home/ann/venv/lib/python3.11/site-packages 2024.6.0 mo\n"
    "file /home/ann/venv/bin/mo #!/home/ann/venv/bin/python3\\nfrom openvino.tools.mo.__main__ import main\n";
constexpr const char* k2021 =
    "archive2021 /opt/intel/openvino_2021 2021.4.2 myriad\n"
    "file /opt/intel/openvino_2021/deployment_tools/model_optimizer/mo.py #!/usr/bin/env python3\n";
constexpr const char* k2022 = "archive /opt/intel/openvino_2022 2022.3.1 myriad\n";

CommandEnvironment composed(const WrittenMachine& written, const Words& words, const std::string& openvino = {}) {
  auto result = environment_for(written.machine(), words, openvino);
  EXPECT_TRUE(result) << result.error().message();
  return result.value_or(CommandEnvironment{});
}

bool is_set(const CommandEnvironment& c, const std::string& name) { return c.environment.contains(name); }

// The made-up environment of a setupvars.sh (test_machine.h); the vendor's script itself is in no registry.
TEST(CommandEnvironment, MoRunsWithoutWhatSetupvarsSet) {
  for (const char* archive : {k2021, k2022}) {
    const std::string root = std::string(archive).substr(std::string(archive).find("/opt"), 24);
    SCOPED_TRACE(root);
    const WrittenMachine written(std::string(kPip) + archive + "setupvars " + root + "\n");
    ASSERT_THAT(written.machine().variable("PYTHONPATH"), HasSubstr(root));
    const CommandEnvironment c = composed(written, {"mo", "--version"});
    EXPECT_EQ(c.program, "/home/ann/venv/bin/mo");
    EXPECT_EQ(c.interpreter, "/home/ann/venv/bin/python3");
    EXPECT_EQ(c.need, Need::Clean);
    for (const auto& [name, value] : c.environment) EXPECT_THAT(value, testing::Not(HasSubstr(root))) << name;
    for (const char* name :
         {"PYTHONPATH", "LD_LIBRARY_PATH", "INTEL_OPENVINO_DIR", "InferenceEngine_DIR", "ngraph_DIR"})
      EXPECT_FALSE(is_set(c, name)) << name;
    EXPECT_EQ(c.environment.at("PATH"), "/home/ann/venv/bin:/usr/bin");
    EXPECT_EQ(c.environment.at("HOME"), "/home/ann");
  }
}

TEST(CommandEnvironment, EachVariableOfASetupvarsIsEnough) {
  for (const char* variable :
       {"INTEL_OPENVINO_DIR=/gone/openvino", "InferenceEngine_DIR=/gone/openvino/runtime/cmake",
        "ngraph_DIR=/gone/openvino/deployment_tools/ngraph/cmake", "OpenVINO_DIR=/gone/openvino/runtime/cmake/"}) {
    SCOPED_TRACE(variable);
    // The archive was removed since; its paths still stand in a shell's start-up file.
    const WrittenMachine written(std::string(kPip) + "env " + variable +
                                 "\nenv PYTHONPATH=/gone/openvino/python/python3.9:/home/ann/mine\n");
    const CommandEnvironment c = composed(written, {"mo"});
    EXPECT_EQ(c.environment.at("PYTHONPATH"), "/home/ann/mine");
    EXPECT_FALSE(is_set(c, std::string(variable).substr(0, std::string_view(variable).find('='))));
  }
}

TEST(CommandEnvironment, WhatIsNotOpenVinosStays) {
  const WrittenMachine written(
      std::string(kPip) + k2022 +
      "file /home/ann/mine/tools.py\nfile /home/ann/lib/libmine.so\n"
      "env PYTHONPATH=/home/ann/mine:/home/ann/gone\nenv LD_LIBRARY_PATH=/home/ann/lib\n"
      "setupvars /opt/intel/openvino_2022\nenv TBB_DIR=/usr/lib/tbb\nenv INTEL_CVSDK_DIR=/home/ann\n");
  const CommandEnvironment c = composed(written, {"mo"});
  EXPECT_EQ(c.environment.at("PYTHONPATH"), "/home/ann/mine:/home/ann/gone");
  EXPECT_EQ(c.environment.at("LD_LIBRARY_PATH"), "/home/ann/lib");
  EXPECT_EQ(c.environment.at("TBB_DIR"), "/usr/lib/tbb");
  EXPECT_EQ(c.environment.at("INTEL_CVSDK_DIR"), "/home/ann") << "names no archive";
  for (const Change& change : c.changes) EXPECT_FALSE(change.why.empty());
}

TEST(CommandEnvironment, AVariableThatNamesTheHomeFolderTakesNothingAway) {
  const WrittenMachine written(
      std::string(kPip) +
      "file /home/ann/mine/tools.py\nenv INTEL_OPENVINO_DIR=/home/ann\nenv PYTHONPATH=/home/ann/mine\n");
  const CommandEnvironment c = composed(written, {"mo"});
  EXPECT_EQ(c.environment.at("PYTHONPATH"), "/home/ann/mine");
  EXPECT_EQ(c.environment.at("PATH"), "/home/ann/venv/bin:/usr/bin");
}

TEST(CommandEnvironment, AFolderThatHoldsOtherPackagesTooStaysBehindTheInterpretersOwn) {
  const WrittenMachine written(std::string(kPip) +
                               "wheel /home/ann/all 2021.4.2\nfile /home/ann/all/pandas/__init__.py\n"
                               "env PYTHONPATH=/home/ann/first:/home/ann/all\n");
  const CommandEnvironment c = composed(written, {"mo"});
  EXPECT_EQ(c.environment.at("PYTHONPATH"),
            "/home/ann/first:/home/ann/venv/lib/python3.11/site-packages:/home/ann/all");
}

TEST(CommandEnvironment, AnUnpackedWheelOnThePathIsTakenOut) {
  const WrittenMachine written(std::string(kPip) +
                               "wheel /home/ann/old 2021.4.2 myriad\n"
                               "env PYTHONPATH=/home/ann/old/\nenv LD_LIBRARY_PATH=/home/ann/old/openvino/libs\n");
  const CommandEnvironment c = composed(written, {"python3", "-m", "openvino.tools.mo"});
  EXPECT_EQ(c.need, Need::Clean);
  EXPECT_FALSE(is_set(c, "PYTHONPATH"));
  EXPECT_FALSE(is_set(c, "LD_LIBRARY_PATH"));
}

TEST(CommandEnvironment, TheInterpretersOwnFolderStays) {
  const WrittenMachine written(std::string(kPip) + "env PYTHONPATH=/home/ann/venv/lib/python3.11/site-packages\n");
  const CommandEnvironment c = composed(written, {"mo"});
  EXPECT_TRUE(c.changes.empty());
  EXPECT_TRUE(is_set(c, "PYTHONPATH"));
}

// An archive's folder on PATH has a tool of the same name.
TEST(CommandEnvironment, PipsToolIsTakenBeforeAnArchives) {
  const WrittenMachine written(std::string(kPip) + k2021 +
                               "file /opt/intel/openvino_2021/deployment_tools/model_optimizer/mo #!/usr/bin/python3\n"
                               "setupvars /opt/intel/openvino_2021\n");
  EXPECT_EQ(composed(written, {"mo"}).program, "/home/ann/venv/bin/mo");
}

TEST(CommandEnvironment, InterpretersAreFoundAsScriptsNameThem) {
  const WrittenMachine written(std::string(kPip) +
                               "file /home/ann/a #!/usr/bin/env python3\nfile /home/ann/b #!/bin/sh\\n'''exec' "
                               "\"/home/ann/venv/bin/python3\" \"$0\" \"$@\"\nfile /home/ann/c #!/bin/sh\\nexec ls\n");
  EXPECT_EQ(composed(written, {"/home/ann/a"}).interpreter, "/home/ann/venv/bin/python3");
  EXPECT_EQ(composed(written, {"/home/ann/b"}).interpreter, "/home/ann/venv/bin/python3");
  EXPECT_EQ(composed(written, {"/home/ann/c"}).interpreter, "");
}

TEST(CommandEnvironment, InferenceWithoutAPackageGetsAnArchive) {
  const WrittenMachine written(
      std::string(k2022) +
      "file /usr/bin/python3.9\nfile /usr/lib/python3.9/site-packages/numpy/__init__.py\n"
      "file /home/ann/infer.py import openvino.runtime\nfile /home/ann/other.py import numpy\n");
  const CommandEnvironment c = composed(written, {"python3.9", "/home/ann/infer.py"});
  EXPECT_EQ(c.need, Need::OpenVino) << c.reason;
  EXPECT_EQ(c.openvino, "/opt/intel/openvino_2022");
  EXPECT_EQ(c.environment.at("PYTHONPATH"), "/opt/intel/openvino_2022/python/python3.9");
  EXPECT_EQ(c.environment.at("LD_LIBRARY_PATH"), "/opt/intel/openvino_2022/runtime/lib/intel64");
  EXPECT_EQ(c.environment.at("INTEL_OPENVINO_DIR"), "/opt/intel/openvino_2022");
  EXPECT_EQ(composed(written, {"python3.9", "/home/ann/other.py"}).need, Need::AsItIs);
  EXPECT_EQ(composed(written, {"python3.9", "-c", "import openvino"}).need, Need::OpenVino);
}

TEST(CommandEnvironment, AnArchiveThatWasSetUpIsLeftToWhatNeedsIt) {
  const WrittenMachine written(std::string(k2022) +
                               "setupvars /opt/intel/openvino_2022\nfile /usr/bin/python3.9\n"
                               "file /home/ann/infer.py import openvino\n");
  const CommandEnvironment c = composed(written, {"python3.9", "/home/ann/infer.py"});
  EXPECT_EQ(c.need, Need::AsItIs);
  EXPECT_TRUE(c.changes.empty());
  EXPECT_EQ(c.environment, written.machine().environment());
}

TEST(CommandEnvironment, AProgramThatIsLinkedWithOpenVinoGetsTheOneThatHasItsLibrary) {
  WrittenMachine written(std::string(k2021) + k2022 +
                         "file /opt/intel/openvino_2022/runtime/lib/intel64/libopenvino.so.2230\n");
  const auto elf = [&](const std::string& path, const std::string& needed) {
    const std::filesystem::path file = written.sight().root + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary)
        << "\177ELF" << '\0' << needed << '\0' << "usage: libopenvino.so is needed" << '\0';
  };
  elf("/home/ann/new", "libopenvino.so.2230");
  elf("/home/ann/old", "libinference_engine.so");
  elf("/home/ann/none", "libc.so.6");
  elf("/home/ann/later", "libopenvino.so.2641");
  EXPECT_EQ(composed(written, {"/home/ann/new"}).openvino, "/opt/intel/openvino_2022");
  EXPECT_EQ(composed(written, {"/home/ann/old"}).openvino, "/opt/intel/openvino_2021");
  EXPECT_EQ(composed(written, {"/home/ann/none"}).need, Need::AsItIs);
  const CommandEnvironment later = composed(written, {"/home/ann/later"});
  EXPECT_EQ(later.need, Need::AsItIs);
  EXPECT_THAT(later.reason, HasSubstr("libopenvino.so.2641, but no OpenVINO"));
  written.sight().environment["LD_LIBRARY_PATH"] = "/opt/intel/openvino_2022/runtime/lib/intel64";
  EXPECT_EQ(composed(written, {"/home/ann/new"}).need, Need::AsItIs) << "it has what it needs";
}

TEST(CommandEnvironment, TheOneThatIsNamedTakesThePlaceOfAllOthers) {
  const WrittenMachine written(std::string(kPip) + k2021 + k2022 + "setupvars /opt/intel/openvino_2021\n");
  const CommandEnvironment c = composed(written, {"python3", "x.py"}, "/opt/intel/openvino_2022/");
  EXPECT_EQ(c.need, Need::OpenVino);
  EXPECT_EQ(c.environment.at("INTEL_OPENVINO_DIR"), "/opt/intel/openvino_2022");
  EXPECT_EQ(c.environment.at("LD_LIBRARY_PATH"), "/opt/intel/openvino_2022/runtime/lib/intel64");
  const auto none = environment_for(written.machine(), {"python3"}, "/home/ann");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, base::Fault::usage);
}

TEST(CommandEnvironment, AProgramThatIsNotThereIsNamed) {
  const auto result = environment_for(WrittenMachine("").machine(), {"mo"}, "");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, base::Fault::missing);
  EXPECT_THAT(result.error().message(), HasSubstr("there is no program mo"));
}

}  // namespace
}  // namespace edgescope::machine
