#include "target/edgetpu/attribution.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/mapped_file.h"
#include "format/tflite/reader.h"
#include "support/reference.h"
#include "target/edgetpu/ledger.h"
#include "target/edgetpu/mapping.h"

namespace edgescope::target::edgetpu {
namespace {

using format::edgetpu::Executable;
using format::edgetpu::ExecutableType;
using format::edgetpu::Package;
using Bytes = std::vector<std::byte>;

// Layers with weights of their own, and the pieces that a compiler would make of them.
class Net {
 public:
  Net() { data_.reserve(16); }

  void layer(std::size_t weights, std::uint8_t first, bool cached = true) {
    Bytes& bytes = data_.emplace_back(weights);
    for (std::size_t i = 0; i < weights; ++i) bytes[i] = std::byte(static_cast<std::uint8_t>(first + i));
    source.tensors.push_back({.name = "x"});
    source.tensors.push_back({.name = "w", .type = graph::ElementType::Int8, .constant = true, .data = bytes});
    const int tensor = static_cast<int>(source.tensors.size()) - 1;
    source.operators.push_back({.kind = graph::Kind::FullyConnected, .inputs = {tensor - 1, tensor}});
    layers.push_back({.op = static_cast<int>(source.operators.size()) - 1,
                      .form = Form::FullyConnected,
                      .stored_bytes = weights + 64,
                      .cached = cached});
  }
  void hidden(std::size_t bytes) {
    source.operators.push_back({.kind = graph::Kind::Softmax});
    layers.push_back({.op = static_cast<int>(source.operators.size()) - 1,
                      .form = Form::Hidden,
                      .stored_bytes = bytes,
                      .cached = true});
  }
  // A header of 64 B, then the weights backwards with the top bit flipped.
  Bytes piece(std::size_t layer) const {
    const StoredLayer& stored = layers[layer];
    Bytes bytes(64, std::byte{7});
    if (stored.form == Form::Hidden) return Bytes(stored.stored_bytes, std::byte{9});
    const auto data =
        source.tensors[static_cast<std::size_t>(source.operators[static_cast<std::size_t>(stored.op)].inputs[1])].data;
    for (auto byte = data.rbegin(); byte != data.rend(); ++byte) bytes.push_back(*byte ^ std::byte{0x80});
    return bytes;
  }
  Attribution find(const std::vector<std::size_t>& cached, const std::vector<std::size_t>& streamed) {
    Bytes one, other;
    for (std::size_t layer : cached) {
      const Bytes bytes = piece(layer);
      one.insert(one.end(), bytes.begin(), bytes.end());
    }
    for (std::size_t layer : streamed) {
      const Bytes bytes = piece(layer);
      other.insert(other.end(), bytes.begin(), bytes.end());
    }
    Package package;
    package.executables = {{.type = ExecutableType::ExecutionOnly, .parameters = other},
                           {.type = ExecutableType::ParameterCaching, .parameters = one}};
    const Package* packages[] = {&package};
    return find_layers(source, layers, packages);
  }

  graph::Subgraph source;
  std::vector<StoredLayer> layers;

 private:
  std::vector<Bytes> data_;
};

TEST(Attribution, FindsEachLayerByItsWeightsWhereverItWent) {
  Net net;
  net.layer(100, 0);
  net.layer(100, 100, false);  // the law says streamed, the file caches it
  net.layer(100, 30);          // and this the other way round
  const Attribution found = net.find({0, 1}, {2});
  ASSERT_TRUE(found.complete);
  EXPECT_EQ(found.layers[0]->offset, 0u);
  EXPECT_EQ(found.layers[1]->offset, 164u);
  EXPECT_EQ(found.layers[1]->cached_bytes, 164u);
  EXPECT_TRUE(found.layers[1]->by_content);
  EXPECT_EQ(found.layers[2]->cached_bytes, 0u);
  EXPECT_EQ(found.layers[2]->offset, 0u);
}

TEST(Attribution, BranchesMayChangePlaces) {
  Net net;
  net.layer(100, 0);
  net.layer(90, 100);
  net.layer(80, 200);
  const Attribution found = net.find({0, 2, 1}, {});
  ASSERT_TRUE(found.complete);
  EXPECT_EQ(found.layers[2]->offset, 164u);
  EXPECT_EQ(found.layers[1]->offset, 164u + 144u);
}

TEST(Attribution, MatricesWithoutWeightsFillThePlacesBetween) {
  Net net;
  net.hidden(256);
  net.layer(100, 0);
  const Attribution found = net.find({0, 1}, {});
  ASSERT_TRUE(found.complete);
  EXPECT_FALSE(found.layers[0]->by_content);
  EXPECT_EQ(found.layers[1]->offset, 256u);
}

TEST(Attribution, WhatIsNotThereIsNotFound) {
  Net net;
  net.layer(100, 0);
  net.layer(100, 100);
  Net other;
  other.layer(100, 0);
  other.layer(100, 50);
  other.layers[1].op = 1;
  Attribution found = net.find({0}, {});
  EXPECT_FALSE(found.complete);
  EXPECT_FALSE(found.layers[0]) << "a hundred weights are too few to tell by themselves";
  EXPECT_FALSE(found.layers[1]);
  // The same sizes with other weights.
  Bytes bytes = other.piece(0), second = other.piece(1);
  bytes.insert(bytes.end(), second.begin(), second.end());
  Package package;
  package.executables = {{.type = ExecutableType::StandAlone, .parameters = bytes}};
  const Package* packages[] = {&package};
  found = find_layers(net.source, net.layers, packages);
  EXPECT_FALSE(found.complete);
  EXPECT_FALSE(found.layers[1]);
}

// Weights that are a small part of a piece are in many places by chance.
TEST(Attribution, ChanceIsNoFinding) {
  Net net;
  net.layer(300, 0);
  net.layers[0].stored_bytes = 4 * 300;
  Bytes other;
  for (int i = 0; i < 8192; ++i) other.push_back(std::byte(static_cast<std::uint8_t>(i * 7)));
  Package package;
  package.executables = {{.type = ExecutableType::ParameterCaching, .parameters = other}};
  const Package* packages[] = {&package};
  EXPECT_FALSE(find_layers(net.source, net.layers, packages).layers[0]);
}

// A layer that the law stores too small shifts all that follow it, and some may not be there at all.
TEST(Attribution, WeightsAreFoundBehindWhatTheLawDoesNotKnow) {
  Net net;
  net.hidden(64);
  net.layer(640, 0);
  for (int nowhere = 0; nowhere < 6; ++nowhere) net.layer(1000, 0);
  net.layer(704, 100);
  Bytes first = net.piece(0), second;
  first.resize(64 + 128, std::byte{9});
  const auto append = [&](Bytes& part, std::size_t layer) {
    const Bytes piece = net.piece(layer);
    part.insert(part.end(), piece.begin(), piece.end());
    part.resize((part.size() + 63) / 64 * 64);
  };
  append(first, 1);
  append(second, 8);
  // In two packages, as of a model of two Edge TPU operators, or in one.
  for (const bool together : {false, true}) {
    if (together) first.insert(first.end(), second.begin(), second.end());
    Package one, other;
    one.executables = {{.type = ExecutableType::ParameterCaching, .parameters = first}};
    other.executables = {{.type = ExecutableType::ParameterCaching, .parameters = second}};
    std::vector<const Package*> packages = {&one};
    if (!together) packages.push_back(&other);
    const Attribution found = find_layers(net.source, net.layers, packages);
    EXPECT_FALSE(found.complete);
    EXPECT_FALSE(found.layers[0]) << "nothing tells where it is";
    EXPECT_FALSE(found.layers[3]);
    ASSERT_TRUE(found.layers[1]);
    EXPECT_LE(found.layers[1]->offset, 192u);
    ASSERT_TRUE(found.layers[8]) << together;
    EXPECT_GE(found.layers[8]->offset, found.layers[1]->offset + net.layers[1].stored_bytes);
    EXPECT_EQ(found.layers[8]->cached_bytes, net.layers[8].stored_bytes);
    EXPECT_TRUE(found.layers[8]->placed.empty());
  }
}

class AttributionPairs : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

// Every byte of every compiled reference file whose stored bytes the law knows is some layer's, and the
// rows that its layers lie in are those of its placement.
TEST_P(AttributionPairs, EveryLayerIsFound) {
  EDGESCOPE_MODEL_OR_SKIP(source, std::string("cpu/") + GetParam().first + ".tflite");
  EDGESCOPE_MODEL_OR_SKIP(compiled, std::string("edgetpu/") + GetParam().second + "_edgetpu.tflite");
  const auto source_model = format::tflite::read(*base::MappedFile::open(source));
  const auto compiled_model = format::tflite::read(*base::MappedFile::open(compiled));
  ASSERT_TRUE(source_model && compiled_model);
  std::vector<Package> packages;
  for (const graph::Operator& op : compiled_model->subgraphs[0].operators)
    if (op.source_kind == format::edgetpu::kCustomCode)
      packages.push_back(*format::edgetpu::read_package(op.options, compiled));
  std::vector<const Package*> pointers;
  for (const Package& package : packages) pointers.push_back(&package);
  const graph::Subgraph& graph = source_model->subgraphs[0];
  const auto prediction = predict_memory(graph, map_operators(graph).mapped(), Compiler::V16);
  const Attribution found = find_layers(graph, prediction.layers, pointers);
  EXPECT_TRUE(found.complete);
  std::uint64_t cached = 0, rows = 0;
  for (const auto& layer : found.layers) {
    ASSERT_TRUE(layer);
    cached += layer->cached_bytes;
    rows += rows_used(layer->placed);
    EXPECT_EQ(layer->placed.empty(), layer->cached_bytes == 0);
  }
  EXPECT_EQ(cached, ledger(packages).cached_parameter_bytes);
  EXPECT_EQ(rows, rows_used(placement(*caching_executable(packages.front()))));
}

INSTANTIATE_TEST_SUITE_P(
    Edgetpu, AttributionPairs,
    ::testing::Values(std::pair("bright_64x64", "bright_64x64"), std::pair("bright_128x128", "bright_128x128"),
                      std::pair("dense_256", "dense_256"), std::pair("split_concat", "split_concat"),
                      std::pair("mobilenet_v1_0.25_128_quant", "mobilenet_v1_0.25_128_quant"),
                      std::pair("mobilenet_v1_0.25_128_quant", "mobilenet_v1_0.25_128_quant_cocompiled_with_3quant"),
                      std::pair("mobilenet_v1_0.5_160_quant", "mobilenet_v1_0.5_160_quant"),
                      std::pair("mobilenet_v1_0.5_160_quant", "mobilenet_v1_0.5_160_quant_cocompiled_with_3quant"),
                      std::pair("mobilenet_v1_0.75_192_quant", "mobilenet_v1_0.75_192_quant_cocompiled_with_3quant"),
                      std::pair("deeplabv3_mnv2_dm05_pascal_quant", "deeplabv3_mnv2_dm05_pascal_quant"),
                      std::pair("movenet_single_pose_lightning_ptq", "movenet_single_pose_lightning_ptq"),
                      std::pair("posenet_mobilenet_v1_075_353_481_16_quant_decoder",
                                "posenet_mobilenet_v1_075_353_481_16_quant_decoder")));

}  // namespace
}  // namespace edgescope::target::edgetpu
