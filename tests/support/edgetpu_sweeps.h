// The networks of published measurement series on the Edge TPU, made again from their names: what
// reference/latency/edgetpu.csv says of their layers is all that the caching and link laws look at.
//
//   fc_tanh_L4_N420_I64      4x Dense(420, tanh) and Dense(10) on 64 inputs (compiler 16)
//   conv3x3same_L5_F132      5x Conv2D(132, 3x3, same) on 64x64x3 (compiler 16)
//   conv7x7_32ch_L100        100x Conv2D(32, 7x7, same) on 128x128x3, then a 1x1 convolution (compiler 1.0)
//   dense_relu_U150_L100     100x Dense(150) and Dense(1) on 2x2x3 flattened (compiler 1.0)
//   io_in2x2x3_out64x64x3    padding, or where the output is smaller a strided 1x1 convolution (compiler 1.0)
//   io_internal64x64x3       2x2x3 padded to that, then a strided 1x1 convolution to 1x1x3 (compiler 1.0)
#pragma once

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/model.h"
#include "target/edgetpu/memory_model.h"

namespace edgescope::testing_support {

struct SweepModel {
  graph::Subgraph graph;
  target::edgetpu::Compiler compiler = target::edgetpu::Compiler::V16;
};

// A graph layer by layer. Constants hold no data: stored bytes follow from shapes and scales alone, except
// that a bias without data counts as all zeros, which drops its row where scales are by channel.
class LayerBuilder {
 public:
  enum class Scales { PerTensor, PerChannel };

  LayerBuilder(std::vector<std::int64_t> input, Scales scales, bool bias) : scales_(scales), bias_(bias) {
    at_ = tensor(std::move(input), false, 1);
    graph_.inputs = {at_};
  }

  void dense(std::int64_t units) {
    std::int64_t inputs = 1;
    for (std::int64_t dim : shape()) inputs *= dim;
    add(graph::Kind::FullyConnected, {units, inputs}, units, {1, units});
  }
  void conv(std::int64_t filters, std::int64_t kernel, std::int64_t stride = 1) {
    const std::vector<std::int64_t> in = shape();
    add(graph::Kind::Convolution, {filters, kernel, kernel, in[3]}, filters,
        {1, (in[1] + stride - 1) / stride, (in[2] + stride - 1) / stride, filters});
  }
  void depthwise(std::int64_t kernel, std::int64_t stride = 1) {
    const std::vector<std::int64_t> in = shape();
    add(graph::Kind::DepthwiseConvolution, {1, kernel, kernel, in[3]}, in[3],
        {1, (in[1] + stride - 1) / stride, (in[2] + stride - 1) / stride, in[3]});
  }
  void average() { op(graph::Kind::AveragePool, {at_}, {1, 1, 1, shape()[3]}); }
  void table(graph::Kind kind) { op(kind, {at_}, shape()); }
  void pad(std::int64_t height, std::int64_t width) { op(graph::Kind::Pad, {at_}, {1, height, width, shape()[3]}); }

  graph::Subgraph finish() && {
    graph_.outputs = {at_};
    return std::move(graph_);
  }

 private:
  const std::vector<std::int64_t>& shape() const { return graph_.tensors[static_cast<std::size_t>(at_)].shape.dims; }

  int tensor(std::vector<std::int64_t> dims, bool constant, std::size_t scales) {
    auto quantization = std::make_shared<graph::Quantization>();
    for (std::size_t i = 0; i < scales; ++i) quantization->scales.push_back(0.01f * static_cast<float>(i + 1));
    graph_.tensors.push_back({.name = "t" + std::to_string(graph_.tensors.size()),
                              .type = graph::ElementType::Int8,
                              .shape = {.dims = std::move(dims)},
                              .quantization = quantization,
                              .constant = constant});
    return static_cast<int>(graph_.tensors.size()) - 1;
  }
  void add(graph::Kind kind, std::vector<std::int64_t> weights, std::int64_t outputs, std::vector<std::int64_t> out) {
    std::vector<int> inputs = {
        at_, tensor(std::move(weights), true, scales_ == Scales::PerChannel ? static_cast<std::size_t>(outputs) : 1)};
    if (bias_) inputs.push_back(tensor({outputs}, true, 1));
    op(kind, std::move(inputs), std::move(out));
  }
  void op(graph::Kind kind, std::vector<int> inputs, std::vector<std::int64_t> out) {
    const int result = tensor(std::move(out), false, 1);
    graph_.operators.push_back({.kind = kind,
                                .source_kind = std::string(graph::kind_name(kind)),
                                .inputs = std::move(inputs),
                                .outputs = {result}});
    at_ = result;
  }

  graph::Subgraph graph_;
  Scales scales_;
  bool bias_;
  int at_ = -1;
};

// MobileNet V1 of the public architecture, quantised per tensor as the zoo has it.
inline graph::Subgraph mobilenet_v1(double width, std::int64_t side) {
  const auto channels = [width](int full) { return static_cast<std::int64_t>(full * width); };
  LayerBuilder net({1, side, side, 3}, LayerBuilder::Scales::PerTensor, true);
  net.conv(channels(32), 3, 2);
  for (const auto& [full, stride] : {std::pair{64, 1},
                                     {128, 2},
                                     {128, 1},
                                     {256, 2},
                                     {256, 1},
                                     {512, 2},
                                     {512, 1},
                                     {512, 1},
                                     {512, 1},
                                     {512, 1},
                                     {512, 1},
                                     {1024, 2},
                                     {1024, 1}}) {
    net.depthwise(3, stride);
    net.conv(channels(full), 1);
  }
  net.average();
  net.conv(1001, 1);
  net.table(graph::Kind::Softmax);
  return std::move(net).finish();
}

// Nothing where the name is none of the series'.
inline std::optional<SweepModel> sweep_model(const std::string& name) {
  using Scales = LayerBuilder::Scales;
  using target::edgetpu::Compiler;
  int layers = 0, width = 0, inputs = 0;
  if (std::sscanf(name.c_str(), "fc_tanh_L%d_N%d_I%d", &layers, &width, &inputs) == 3) {
    LayerBuilder net({1, inputs}, Scales::PerTensor, false);
    for (int i = 0; i < layers; ++i) {
      net.dense(width);
      net.table(graph::Kind::Tanh);
    }
    net.dense(10);
    return SweepModel{std::move(net).finish(), Compiler::V16};
  }
  if (std::sscanf(name.c_str(), "conv3x3same_L%d_F%d", &layers, &width) == 2) {
    LayerBuilder net({1, 64, 64, 3}, Scales::PerChannel, true);
    for (int i = 0; i < layers; ++i) net.conv(width, 3);
    return SweepModel{std::move(net).finish(), Compiler::V16};
  }
  if (std::sscanf(name.c_str(), "conv7x7_32ch_L%d", &layers) == 1) {
    LayerBuilder net({1, 128, 128, 3}, Scales::PerTensor, true);
    for (int i = 0; i < layers; ++i) net.conv(32, 7);
    net.conv(3, 1, 128);
    return SweepModel{std::move(net).finish(), Compiler::V1_0};
  }
  if (std::sscanf(name.c_str(), "dense_relu_U%d_L%d", &width, &layers) == 2) {
    LayerBuilder net({1, 2, 2, 3}, Scales::PerTensor, true);
    for (int i = 0; i < layers; ++i) net.dense(width);
    net.dense(1);
    return SweepModel{std::move(net).finish(), Compiler::V1_0};
  }
  int height = 0, channels = 0, out_height = 0, out_width = 0, out_channels = 0;
  if (std::sscanf(name.c_str(), "io_in%dx%dx%d_out%dx%dx%d", &height, &width, &channels, &out_height, &out_width,
                  &out_channels) == 6) {
    LayerBuilder net({1, height, width, channels}, Scales::PerTensor, true);
    if (out_height * out_width >= height * width)
      net.pad(out_height, out_width);
    else
      net.conv(out_channels, 1, std::max(height / std::max(out_height, 1), width / std::max(out_width, 1)));
    return SweepModel{std::move(net).finish(), Compiler::V1_0};
  }
  if (std::sscanf(name.c_str(), "io_internal%dx%dx%d", &height, &width, &channels) == 3) {
    LayerBuilder net({1, 2, 2, channels}, Scales::PerTensor, true);
    net.pad(height, width);
    net.conv(channels, 1, std::max(height, width));
    return SweepModel{std::move(net).finish(), Compiler::V1_0};
  }
  return std::nullopt;
}

}  // namespace edgescope::testing_support
