#include "format/edgetpu/package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "base/mapped_file.h"
#include "format/edgetpu/test_package.h"

namespace edgescope::format::edgetpu {
namespace {

using ::testing::HasSubstr;

TEST(Package, ReadsEveryLevel) {
  const auto options = testing::options_of(testing::cached_pair());
  const auto package = read_package(options, "m.tflite");
  ASSERT_TRUE(package) << package.error().message();
  EXPECT_EQ(package->min_runtime_version, 12);
  EXPECT_EQ(package->compiler_version, "cl/");
  EXPECT_EQ(package->chip, "beagle");
  ASSERT_EQ(package->executables.size(), 2u);
  const Executable& run = package->executables[0];
  EXPECT_EQ(run.type, ExecutableType::ExecutionOnly);
  EXPECT_EQ(run.parameters.size(), 64u);
  EXPECT_EQ(run.instruction_bytes(), 48u);
  EXPECT_EQ(run.caching_token, 7u);
  EXPECT_TRUE(run.deterministic);
  ASSERT_EQ(run.steps.size(), 8u);
  EXPECT_EQ(run.steps[1].kind, DmaStep::Kind::Input);
  EXPECT_EQ(run.steps[1].layer, "in");
  EXPECT_EQ(run.steps[3].bytes, 16u);
  EXPECT_EQ(run.steps[4].kind, DmaStep::Kind::ScratchOut);
  EXPECT_EQ(run.steps[6].kind, DmaStep::Kind::Output);
  ASSERT_EQ(run.inputs.size(), 1u);
  EXPECT_EQ(run.inputs[0].shape, (std::vector<std::int64_t>{1, 8}));
  EXPECT_EQ(run.inputs[0].type, DataType::I8);
  EXPECT_EQ(run.inputs[0].zero_point, 3);
  EXPECT_EQ(run.instructions[0].fields.at(0).bit, 64u);
}

std::string error_of(std::vector<testing::TestExecutable> executables) {
  const auto options = testing::options_of(executables);
  const auto package = read_package(options, "m.tflite", 100);
  return package ? "" : package.error().message();
}

TEST(Package, NamesWhatIsWrong) {
  auto pair = testing::cached_pair();
  pair[0].steps[0].size = 5;
  EXPECT_THAT(error_of(pair), HasSubstr("instruction chunk 5 of 2"));
  pair = testing::cached_pair();
  pair[0].steps[2].offset = 32;
  EXPECT_THAT(error_of(pair), HasSubstr("moves parameters 32 to 96 of 64"));
  pair = testing::cached_pair();
  pair[0].steps[2].size = -1;
  EXPECT_THAT(error_of(pair), HasSubstr("negative"));
  pair = testing::cached_pair();
  pair[1].type = 9;
  EXPECT_THAT(error_of(pair), HasSubstr("executable type 9"));
  pair = testing::cached_pair();
  pair[1].type = 2;
  EXPECT_THAT(error_of(pair), HasSubstr("not a set that the runtime takes"));
  pair = testing::cached_pair();
  pair[0].steps[1].out = true;
  EXPECT_THAT(error_of(pair), HasSubstr("out of the chip"));
  EXPECT_THAT(error_of({}), HasSubstr("holds no executables"));
  const auto one = testing::cached_pair()[0];
  EXPECT_THAT(error_of({one, one, one, one}), HasSubstr("4 executables; the runtime takes at most 3"));
}

// Hints may share one long name: what is kept of a file must not outgrow it.
TEST(Package, RefusesWhatWouldOutgrowItsFile) {
  auto executable = testing::cached_pair()[0];
  executable.steps.resize(40000, {.kind = wire::AnyHint_InterruptHint, .out = true});
  for (auto& step : executable.steps) step.layer = std::string(8, 'n');
  EXPECT_EQ(error_of({executable}), "");
  executable.steps = testing::cached_pair()[0].steps;
  executable.steps.resize(4000, {.base = wire::BaseAddress_Input, .size = 1, .layer = std::string(100000, 'n')});
  executable.share_names = true;
  EXPECT_THAT(error_of({executable}), HasSubstr("far more memory"));
}

TEST(Package, RefusesWhatIsNoPackage) {
  EXPECT_FALSE(read_package({}, "m"));
  const std::vector<std::byte> noise(64, std::byte{0x5A});
  EXPECT_FALSE(read_package(noise, "m"));
  const auto broken = testing::options_of(std::vector<std::string>{"not an executable"});
  EXPECT_THAT(read_package(broken, "m").error().message(), HasSubstr("executable is not a valid FlatBuffer"));
}

// Seeds of the fuzz target: what the builder makes. EDGESCOPE_WRITE_SEEDS=1 writes them anew.
TEST(Package, SeedsAreWhatTheBuilderMakes) {
  const std::filesystem::path folder = EDGESCOPE_SOURCE_DIR "/tests/fuzz/corpus/edgetpu_package";
  auto alone = testing::cached_pair();
  alone.resize(1);
  alone[0].type = 0;
  auto refused = testing::cached_pair();
  refused[0].deterministic = false;
  const std::string executable = testing::serialize(testing::cached_pair()[0]);
  const auto* start = reinterpret_cast<const std::byte*>(executable.data());
  const std::map<std::string, std::vector<std::byte>> seeds = {
      {"cached_pair", testing::options_of(testing::cached_pair())},
      {"stand_alone", testing::options_of(alone)},
      {"not_deterministic", testing::options_of(refused)},
      {"one_executable", {start, start + executable.size()}}};
  for (const auto& [name, bytes] : seeds) {
    const std::string made(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (std::getenv("EDGESCOPE_WRITE_SEEDS")) std::ofstream(folder / name, std::ios::binary) << made;
    std::ifstream file(folder / name, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), made) << name;
  }
}

// Seeds, and inputs that once crashed the fuzz target.
TEST(Package, SurvivesTheFuzzCorpus) {
  int files = 0;
  for (const char* folder : {"/tests/fuzz/corpus/edgetpu_package", "/tests/fuzz/crashes/edgetpu_package"}) {
    const std::filesystem::path root = std::string(EDGESCOPE_SOURCE_DIR) + folder;
    if (!std::filesystem::exists(root)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
      const auto file = base::MappedFile::open(entry.path().string());
      ASSERT_TRUE(file);
      (void)read_package(file->bytes(), file->path());
      ++files;
    }
  }
  EXPECT_GE(files, 4);
}

// Whatever happens to the bytes, the answer is a package or an error.
TEST(Package, SurvivesEveryMutation) {
  const auto options = testing::options_of(testing::cached_pair());
  for (std::size_t size = 0; size < options.size(); ++size) (void)read_package(std::span(options).first(size), "m");
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    auto mutated = options;
    for (int i = 0; i < 3; ++i) mutated[random() % mutated.size()] = std::byte(random());
    (void)read_package(mutated, "m");
  }
}

}  // namespace
}  // namespace edgescope::format::edgetpu
