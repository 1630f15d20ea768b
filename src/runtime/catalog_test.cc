#include "runtime/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/scratch.h"

namespace edgescope::runtime {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Catalog : public testing::Test {
 protected:
  Catalog() {
    for (const char* variable : {"EDGESCOPE_LITERT", "EDGESCOPE_TFLITE", "EDGESCOPE_OPENVINO", "EDGESCOPE_LIBEDGETPU",
                                 "EDGESCOPE_IE2021", "EDGESCOPE_RUNTIMES_DIR", "LD_LIBRARY_PATH"})
      unsetenv(variable);
  }

  std::string make(const std::string& path) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << "library";
    return root_ / path;
  }

  const testing_support::Scratch scratch_;
  const fs::path root_ = scratch_.path();
};

TEST_F(Catalog, FindsWhatSetUpUnpacks) {
  const std::string litert = make("litert/ai_edge_litert/libLiteRt.so");
  make("openvino/openvino/libs/libopenvino_c.so.2025");
  const std::string openvino = make("openvino/openvino/libs/libopenvino_c.so.2641");
  const Places places{.folder = root_};
  const auto found = find("litert", places);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->library, litert);
  EXPECT_EQ(found->source, "runtimes folder");
  const auto cpu = find("openvino:CPU", places);
  ASSERT_TRUE(cpu);
  EXPECT_EQ(cpu->library, openvino);
  EXPECT_EQ(cpu->search_path.at(0), fs::path(openvino).parent_path());
  EXPECT_FALSE(find("tflite", places));
  std::vector<std::string> names;
  for (const Found& each : installed(places)) names.push_back(each.name);
  EXPECT_EQ(names, (std::vector<std::string>{"litert", "openvino:CPU"}));
}

TEST_F(Catalog, FlagsGoBeforeEnvironmentBeforeTheFolder) {
  make("litert/ai_edge_litert/libLiteRt.so");
  const std::string mine = make("mine/libLiteRt.so");
  const std::string other = make("other/libLiteRt.so");
  setenv("EDGESCOPE_LITERT", (root_ / "mine").c_str(), 1);
  auto found = find("litert", {.folder = root_});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->library, mine);
  EXPECT_EQ(found->source, "EDGESCOPE_LITERT");
  found = find("litert", {.libraries = {{"litert", other}}, .folder = root_});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->library, other);
}

TEST_F(Catalog, AUsersInstallOfOpenVinoServesAnyDevice) {
  const std::string library = make("intel/runtime/lib/intel64/libopenvino_c.so");
  fs::create_directories(root_ / "intel/runtime/3rdparty/tbb/lib");
  const auto found = find("openvino:MYRIAD", {.libraries = {{"openvino", root_ / "intel"}}});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->name, "openvino:MYRIAD");
  EXPECT_EQ(found->library, library);
  ASSERT_EQ(found->search_path.size(), 2u);
  EXPECT_THAT(found->search_path[1], HasSubstr("3rdparty/tbb/lib"));
}

TEST_F(Catalog, AVirtualStickIsThePluginWithAnotherBus) {
  const std::string library = make("openvino-2021.4/openvino/libs/libinference_engine.so");
  const auto real = find("ie2021:MYRIAD", {.folder = root_});
  ASSERT_TRUE(real) << real.error().message();
  EXPECT_EQ(real->library, library);
  EXPECT_TRUE(real->environment.empty());
  const auto simulated = find("ncs2:virtual", {.folder = root_});
  ASSERT_TRUE(simulated) << simulated.error().message();
  EXPECT_EQ(simulated->library, library);
  ASSERT_EQ(simulated->search_path.size(), 2u);
  EXPECT_TRUE(fs::exists(fs::path(simulated->search_path[0]) / "libusb-1.0.so.0"));
  EXPECT_THAT(simulated->environment.at("EDGESCOPE_VIRTUAL_USB"), HasSubstr(R"("kind": "myriad")"));
  EXPECT_TRUE(is_virtual("ncs2:virtual"));
  EXPECT_FALSE(is_virtual("ie2021:MYRIAD"));
  EXPECT_EQ(worker_of("ncs2:virtual"), "edgescope-worker-ie2021");
  EXPECT_TRUE(installed({.folder = root_}).empty());  // not what a user wants who names no runtime
}

TEST_F(Catalog, CoralsRuntimeIsADelegateOfTfLite) {
  const std::string library = make("coral/libedgetpu.so.1.0");
  setenv("EDGESCOPE_LIBEDGETPU", library.c_str(), 1);
  const auto without_host = find("edgetpu", {.folder = root_});
  ASSERT_FALSE(without_host);
  EXPECT_THAT(without_host.error().message(), HasSubstr("tflite"));
  const std::string host = make("tflite/libtensorflowlite_c.so");
  for (const char* name : {"edgetpu", "edgetpu:1"}) {
    const auto found = find(name, {.folder = root_});
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->library, library);
    EXPECT_EQ(found->host, host);
  }
  for (const Found& each : installed({.folder = root_}))
    EXPECT_EQ(each.name.find("edgetpu"), std::string::npos) << "sticks are asked for";
}

TEST_F(Catalog, ASimulatedSticksBusComesFirst) {
  setenv("EDGESCOPE_LIBEDGETPU", make("coral/libedgetpu.so.1.0").c_str(), 1);
  make("tflite/libtensorflowlite_c.so");
  EXPECT_TRUE(is_virtual("edgetpu:virtual"));
  EXPECT_FALSE(is_virtual("edgetpu"));
  const auto found = find("edgetpu:virtual", {.folder = root_});
  if (!found) GTEST_SKIP() << found.error().message();
  EXPECT_TRUE(fs::exists(fs::path(found->search_path.at(0)) / "libusb-1.0.so.0"));
}

TEST_F(Catalog, CoralsRuntimeIsLookedForWhereTheLoaderLooks) {
  make("tflite/libtensorflowlite_c.so");
  const std::string library = make("some/lib/libedgetpu.so.1");
  setenv("LD_LIBRARY_PATH", (std::string("/nonexistent:") + (root_ / "some/lib").string()).c_str(), 1);
  const auto found = find("edgetpu", {.folder = root_});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->library, library);
  EXPECT_EQ(found->source, "system");
}

TEST_F(Catalog, SaysWhatIsMissingAndWhatBringsIt) {
  auto missing = find("tflite+xnnpack", {.folder = root_});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, base::Fault::missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("make runtimes"));
  missing = find("ie2021:CPU", {.folder = root_});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("make oracle"));
  setenv("EDGESCOPE_TFLITE", "/nonexistent", 1);
  missing = find("tflite");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("not where EDGESCOPE_TFLITE says"));
}

TEST_F(Catalog, UnknownNamesAreAUsageError) {
  for (const char* name : {"", "onnx", "openvino", "openvino:", "tflite+gpu", "litert:CPU", "edgetpu:", "edgetpu:first",
                           "edgetpu:99999"}) {
    const auto found = find(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().fault, base::Fault::usage);
  }
}

TEST(CatalogFormats, WhoReadsWhat) {
  EXPECT_TRUE(accepts("tflite+xnnpack", graph::Format::TfLite));
  EXPECT_FALSE(accepts("litert", graph::Format::Onnx));
  EXPECT_TRUE(accepts("openvino:CPU", graph::Format::OpenVinoIr));
  EXPECT_TRUE(accepts("ncs2:virtual", graph::Format::Onnx));
  EXPECT_FALSE(accepts("ie2021:CPU", graph::Format::TfLite));
  EXPECT_TRUE(accepts("null", graph::Format::Onnx));
}

}  // namespace
}  // namespace edgescope::runtime
