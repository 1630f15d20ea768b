// A file that was read and written again answers the same, byte for byte, on the vendors' runtimes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "format/onnx/reader.h"
#include "format/onnx/writer.h"
#include "format/openvino/reader.h"
#include "format/openvino/writer.h"
#include "format/raise.h"
#include "format/tflite/reader.h"
#include "format/tflite/writer.h"
#include "support/reference.h"
#include "support/scratch.h"
#include "written/runs.h"

namespace edgescope::written {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> list;
  for (const auto& each : fs::recursive_directory_iterator(folder))
    if (each.path().extension() == extension) list.push_back(each.path());
  std::sort(list.begin(), list.end());
  return list;
}

// Files whose source the runtime takes.
struct Count {
  int ran = 0, refused = 0, unsteady = 0;
};

template <typename Read, typename Write>
void expect_same(Runs& runs, const std::vector<fs::path>& paths, const std::string& name, const Read& read,
                 const Write& write, Count& count) {
  const testing_support::Scratch folder;
  for (const fs::path& path : paths) {
    const auto file = base::MappedFile::open(path);
    ASSERT_TRUE(file);
    const auto model = read(*file);
    ASSERT_TRUE(model) << model.error().message();
    const std::string copy = folder / name;
    const auto status = write(*model, copy);
    ASSERT_TRUE(status) << path << ": " << status.error().message();
    const auto before = runs.run(path), after = runs.run(copy);
    EXPECT_EQ(before.error.empty(), after.error.empty()) << path << ": " << before.error << " / " << after.error;
    ++(before.error.empty() ? count.ran : count.refused);
    if (before.outputs == after.outputs) continue;
    // Some networks answer what they find in memory: then the source does not agree with itself either.
    const bool steady = runs.run(path).outputs == before.outputs;
    EXPECT_FALSE(steady) << path;
    count.unsteady += !steady;
  }
}

class OnTflite : public testing::TestWithParam<const char*> {};

TEST_P(OnTflite, PublicModels) {
  EDGESCOPE_RUNS_OR_SKIP(runs, GetParam());
  EDGESCOPE_MODEL_OR_SKIP(folder, "cpu");
  Count count;
  expect_same(runs, files(folder, ".tflite"), "x.tflite", format::tflite::read, format::tflite::write, count);
  EXPECT_GE(count.ran, 10);
}

INSTANTIATE_TEST_SUITE_P(SameOutputs, OnTflite, testing::Values("litert", "tflite", "tflite+xnnpack"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace(name.begin(), name.end(), '+', '_');
                           return name;
                         });

// Every so manieth network; said in canonical form and back on the way, or not.
void expect_same_networks(const char* runtime, std::size_t step, bool raised = false) {
  EDGESCOPE_RUNS_OR_SKIP(runs, runtime);
  EDGESCOPE_REFERENCE_OR_SKIP(folder, "ncs2/nets");
  const auto write = [&](graph::Model model, const std::string& path) {
    if (raised) format::raise_all(model);
    return format::openvino::write(model, path);
  };
  const auto read = [](const base::MappedFile& file) { return format::openvino::read(file); };
  const std::vector<fs::path> all = files(folder, ".xml");
  std::vector<fs::path> paths;
  for (std::size_t i = 0; i < all.size(); i += step)
    if (!all[i].stem().string().starts_with("random_uniform")) paths.push_back(all[i]);
  Count count;
  expect_same(runs, paths, "x.xml", read, write, count);
  EXPECT_GE(count.ran, static_cast<int>(paths.size() * 3 / 4)) << count.refused << " refused";
  EXPECT_LE(count.unsteady, 3);
}

TEST(SameOutputs, NetworksOfTheReferenceOnOpenVino) { expect_same_networks("openvino:CPU", 3); }
TEST(SameOutputs, NetworksOfTheReferenceOnOldOpenVino) { expect_same_networks("ie2021:CPU", 1); }

TEST(SameOutputs, NetworksInCanonicalFormOnOldOpenVino) { expect_same_networks("ie2021:CPU", 1, true); }

// Today's network for yesterday's plugin.
TEST(SameOutputs, Version11AsVersion10) {
  EDGESCOPE_RUNS_OR_SKIP(today, "openvino:CPU");
  EDGESCOPE_RUNS_OR_SKIP(old, "ie2021:CPU");
  const testing_support::Scratch folder;
  const fs::path digits = fs::path(EDGESCOPE_SOURCE_DIR) / "examples/digits/digits.xml";
  const auto file = base::MappedFile::open(digits);
  ASSERT_TRUE(file);
  const auto model = format::openvino::read(*file);
  ASSERT_TRUE(model);
  ASSERT_EQ(model->format_version, 11);
  const auto status = format::openvino::write(*model, folder / "x.xml", 10);
  ASSERT_TRUE(status) << status.error().message();
  const auto expected = today.run(digits), got = old.run(folder / "x.xml");
  ASSERT_EQ(got.error, "");
  ASSERT_EQ(got.outputs.size(), expected.outputs.size());
  std::vector<float> a(expected.outputs[0].size() / 4), b(a.size());
  ASSERT_EQ(got.outputs[0].size(), expected.outputs[0].size());
  std::memcpy(a.data(), expected.outputs[0].data(), 4 * a.size());
  std::memcpy(b.data(), got.outputs[0].data(), 4 * b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4 * std::max(1.0F, std::abs(a[i]))) << i;
}

TEST(SameOutputs, OnnxNodeTestsOnOpenVino) {
  EDGESCOPE_RUNS_OR_SKIP(runs, "openvino:CPU");
  const fs::path folder = fs::path(EDGESCOPE_SOURCE_DIR) / "runtimes/onnx-1.8";
  if (!fs::exists(folder)) GTEST_SKIP() << "`make oracle` brings ONNX's node tests";
  std::vector<fs::path> paths = files(folder, ".onnx"), some;
  for (std::size_t i = 0; i < paths.size(); i += 4)
    if (paths[i].string().find("random") == std::string::npos) some.push_back(paths[i]);
  const auto write = [](const graph::Model& model, const std::string& path) {
    return format::onnx::write(model, path);
  };
  Count count;
  expect_same(runs, some, "x.onnx", format::onnx::read, write, count);
  EXPECT_GE(count.ran, 100) << count.refused << " refused";
}

}  // namespace
}  // namespace edgescope::written
