// Weights go from file to file without passing through the heap.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "format/onnx/writer.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"
#include "support/scratch.h"

namespace edgescope::written {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kWeights = 512 << 20, kAllowed = 64 << 20;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Bytes of heap and other private memory that the process has.
std::uint64_t data_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmData:")) return std::stoull(line.substr(7)) << 10;
  return 0;
}

// A model whose weights are a file of zeros that takes no room.
graph::Model large(graph::Format format, const base::MappedFile& weights) {
  graph::Model model{.format = format};
  model.files = {weights};
  graph::Subgraph& graph = model.subgraphs.emplace_back();
  const std::int64_t rows = 1 << 10, columns = static_cast<std::int64_t>(weights.size() / sizeof(float)) / rows;
  graph.tensors = {{.name = "x", .type = graph::ElementType::Float32, .shape = {.dims = {1, columns}}},
                   {.name = "w",
                    .type = graph::ElementType::Float32,
                    .shape = {.dims = {rows, columns}},
                    .constant = true,
                    .data = weights.bytes()},
                   {.name = "y", .type = graph::ElementType::Float32, .shape = {.dims = {1, rows}}}};
  graph.operators = {{.kind = graph::Kind::FullyConnected, .name = "y", .inputs = {0, 1}, .outputs = {2}}};
  graph.inputs = {0};
  graph.outputs = {2};
  return model;
}

TEST(Memory, WritingTakesThatOfTheDescription) {
  if (kSanitized) GTEST_SKIP() << "the sanitizer's own memory counts";
  const testing_support::Scratch folder;
  std::ofstream(folder / "weights").close();
  fs::resize_file(folder / "weights", kWeights);
  const auto weights = base::MappedFile::open(folder / "weights");
  ASSERT_TRUE(weights);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_DATA, &before), 0);
  const rlimit limit{data_bytes() + kAllowed, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
  for (const auto format : {graph::Format::TfLite, graph::Format::Onnx, graph::Format::OpenVinoIr}) {
    const std::string path = folder / (format == graph::Format::OpenVinoIr ? "large.xml" : "large");
    const graph::Model model = large(format, *weights);
    const auto status = format == graph::Format::TfLite ? format::tflite::write(model, path)
                        : format == graph::Format::Onnx ? format::onnx::write(model, path)
                                                        : format::openvino::write(model, path);
    EXPECT_TRUE(status) << status.error().message();
    const std::string file = format == graph::Format::OpenVinoIr ? folder / "large.bin" : fs::path(path);
    EXPECT_GE(fs::file_size(file), kWeights);
    fs::remove(file);
  }
  setrlimit(RLIMIT_DATA, &before);
}

}  // namespace
}  // namespace edgescope::written
