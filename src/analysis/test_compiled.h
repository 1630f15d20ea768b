// Compiled Edge TPU models made by hand: operators around packages of the package reader's own builder.
#pragma once

#include <list>
#include <string>
#include <vector>

#include "analysis/compiled_edgetpu.h"
#include "format/edgetpu/test_package.h"

namespace edgescope::analysis {

namespace wire = format::edgetpu::wire;
using format::edgetpu::testing::cached_pair;
using format::edgetpu::testing::TestExecutable;

class CompiledModel {
 public:
  CompiledModel() {
    model.subgraphs.resize(1);
    model.files = {base::MappedFile::borrow(std::span(file_), "m_edgetpu.tflite")};
    graph().tensors.push_back({.name = "in", .type = graph::ElementType::Int8, .shape = {.dims = {1, 8}}});
    graph().inputs = {0};
    graph().outputs = {0};
  }

  // Each operator reads the last one's output and makes one of `bytes` values.
  void cpu(const std::string& kind, std::int64_t bytes = 16) { add(kind, bytes); }
  void device(const std::vector<TestExecutable>& executables, std::int64_t bytes = 16) {
    options_.push_back(format::edgetpu::testing::options_of(executables));
    add(std::string(format::edgetpu::kCustomCode), bytes).options = options_.back();
    packages.push_back({static_cast<int>(graph().operators.size()) - 1,
                        *format::edgetpu::read_package(options_.back(), "m_edgetpu.tflite")});
  }

  graph::Subgraph& graph() { return model.subgraphs.front(); }

  graph::Model model;
  std::vector<EdgeTpuOperator> packages;

 private:
  graph::Operator& add(const std::string& kind, std::int64_t bytes) {
    const int last = graph().outputs.front(), made = static_cast<int>(graph().tensors.size());
    graph().tensors.push_back(
        {.name = "t" + std::to_string(made), .type = graph::ElementType::Int8, .shape = {.dims = {1, bytes}}});
    graph().operators.push_back(
        {.kind = graph::Kind::Custom, .source_kind = kind, .inputs = {last}, .outputs = {made}});
    graph().outputs = {made};
    return graph().operators.back();
  }

  std::vector<std::byte> file_ = std::vector<std::byte>(1 << 16);
  std::list<std::vector<std::byte>> options_;
};

// A transfer of the running executable.
inline format::edgetpu::testing::Step transfer(wire::BaseAddress base, bool out, int size, std::string layer = {}) {
  return {.base = base, .out = out, .size = size, .layer = std::move(layer)};
}

// The bits that place `rows` rows at `row` of `tiles`: a record as the caching program holds them.
inline std::vector<std::uint8_t> record(std::uint16_t tiles, std::uint64_t row, std::uint64_t rows) {
  std::vector<std::uint8_t> bytes(64, 0);
  const std::uint64_t low = 0x440 | std::uint64_t{tiles} << 12 | row << 62, high = row >> 2 | (rows - 1) << 31;
  for (int i = 0; i < 8; ++i) {
    bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(low >> 8 * i);
    bytes[static_cast<std::size_t>(8 + i)] = static_cast<std::uint8_t>(high >> 8 * i);
  }
  return bytes;
}

}  // namespace edgescope::analysis
