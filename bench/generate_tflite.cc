#include "generate_tflite.h"

#include <fmt/format.h>

#include <cmath>
#include <random>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "tflite_generated.h"

namespace edgescope::bench {
namespace {

namespace fb = format::tflite::fb;
using flatbuffers::Offset;

constexpr int kBlock = 5;  // convolution, convolution, add, expand, project
constexpr int kWeightsInBlock = 4;
constexpr int kSide = 8;  // feature maps are 8x8

enum Code : std::uint32_t { kConv, kAdd, kFullyConnected };

class Generator {
 public:
  Generator(const TfLiteShape& shape, std::uint64_t capacity) : shape_(shape), builder_(capacity) {
    const double weights = static_cast<double>(shape.bytes) * kBlock / shape.operators / kWeightsInBlock;
    channels_ = std::max(1, static_cast<int>(std::sqrt(weights / 9)));
    pattern_.resize(kPatternShift + weight_bytes());
    std::mt19937_64 random(1);
    for (std::uint8_t& byte : pattern_) byte = static_cast<std::uint8_t>(random());
  }

  std::string_view build() {
    buffers_.push_back(fb::CreateBuffer(builder_));
    const std::vector<int> map = {1, kSide, kSide, channels_};
    int current = activation("input", map);
    const int input = current;
    for (int block = 0; (block + 1) * kBlock <= shape_.operators; ++block) {
      const std::string name = fmt::format("model/stage_{}/block_{}", block / 16, block);
      const std::vector<int> wide = {1, kSide, kSide, 9 * channels_};
      const int first = convolution(name + "/conv_1", current, map, fb::ActivationFunctionType::RELU6);
      const int second = convolution(name + "/conv_2", first, map, fb::ActivationFunctionType::NONE);
      const int sum = activation(name + "/add", map);
      add_operator(kAdd, {current, second}, sum, fb::BuiltinOptions::AddOptions,
                   fb::CreateAddOptions(builder_).Union());
      const int expanded = fully_connected(name + "/expand", sum, wide, channels_, fb::ActivationFunctionType::RELU);
      current = fully_connected(name + "/project", expanded, map, 9 * channels_, fb::ActivationFunctionType::NONE);
    }
    const auto tensors = builder_.CreateVector(tensors_);
    const auto operators = builder_.CreateVector(operators_);
    const auto graph = fb::CreateSubGraph(builder_, tensors, builder_.CreateVector({input}),
                                          builder_.CreateVector({current}), operators, builder_.CreateString("main"));
    const auto graphs = builder_.CreateVector({graph});
    std::vector<Offset<fb::OperatorCode>> codes;
    for (const auto& [code, version] : {std::pair(fb::BuiltinOperator::CONV_2D, 3),
                                        {fb::BuiltinOperator::ADD, 2},
                                        {fb::BuiltinOperator::FULLY_CONNECTED, 5}})
      codes.push_back(fb::CreateOperatorCode(builder_, static_cast<std::int8_t>(code), 0, version, code));
    const auto code_list = builder_.CreateVector(codes);
    const auto description = builder_.CreateString("edgescope benchmark model");
    for (std::size_t i = buffers_.size(); i < sizes_.size(); ++i) buffers_.push_back(data(i, sizes_[i]));
    const auto buffers = builder_.CreateVector(buffers_);
    fb::FinishModelBuffer(builder_, fb::CreateModel(builder_, 3, code_list, graphs, description, buffers));
    return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
  }

 private:
  // Weights start at another place of one random pattern each, so that no two pages are alike.
  static constexpr std::size_t kPatternShift = 1 << 20;

  std::size_t weight_bytes() const {
    return static_cast<std::size_t>(channels_) * static_cast<std::size_t>(channels_) * 9;
  }

  Offset<fb::Buffer> data(std::size_t seed, std::size_t bytes) {
    builder_.ForceVectorAlignment(bytes, 1, 16);
    const auto vector = builder_.CreateVector(pattern_.data() + seed * 127 % kPatternShift, bytes);
    return fb::CreateBuffer(builder_, vector);
  }

  Offset<fb::QuantizationParameters> quantization(std::size_t channels, float scale, std::int64_t zero_point,
                                                  int axis) {
    std::vector<float> scales(channels);
    for (std::size_t i = 0; i < channels; ++i) scales[i] = scale * (1 + static_cast<float>(i) / 1000);
    const auto scale_list = builder_.CreateVector(scales);
    const auto points = builder_.CreateVector(std::vector<std::int64_t>(channels, zero_point));
    return fb::CreateQuantizationParameters(builder_, 0, 0, scale_list, points, fb::QuantizationDetails::NONE, 0, axis);
  }

  int add_tensor(const std::string& name, fb::TensorType type, const std::vector<int>& dims, std::uint32_t buffer,
                 Offset<fb::QuantizationParameters> quantized) {
    const auto its_name = builder_.CreateString(name);
    const auto shape = builder_.CreateVector(dims);
    tensors_.push_back(fb::CreateTensor(builder_, shape, type, buffer, its_name, quantized));
    return static_cast<int>(tensors_.size()) - 1;
  }

  int activation(const std::string& name, const std::vector<int>& dims) {
    return add_tensor(name, fb::TensorType::INT8, dims, 0, quantization(1, 0.05f, -3, 0));
  }

  int constant(const std::string& name, fb::TensorType type, const std::vector<int>& dims, std::size_t bytes,
               std::size_t channels) {
    const auto buffer = static_cast<std::uint32_t>(sizes_.size());
    sizes_.push_back(bytes);
    if (shape_.order == Order::Interleaved) buffers_.push_back(data(buffer, bytes));
    return add_tensor(name, type, dims, buffer, quantization(channels, 0.01f, 0, 0));
  }

  void add_operator(Code code, const std::vector<int>& inputs, int output, fb::BuiltinOptions type,
                    Offset<void> options) {
    const auto in = builder_.CreateVector(inputs);
    const auto out = builder_.CreateVector({output});
    operators_.push_back(fb::CreateOperator(builder_, code, in, out, type, options));
  }

  int convolution(const std::string& name, int input, const std::vector<int>& dims, fb::ActivationFunctionType fused) {
    const auto channels = static_cast<std::size_t>(channels_);
    const int filter =
        constant(name + "/kernel", fb::TensorType::INT8, {channels_, 3, 3, channels_}, weight_bytes(), channels);
    const int bias = constant(name + "/bias", fb::TensorType::INT32, {channels_}, 4 * channels, channels);
    const int output = activation(name, dims);
    const auto options = fb::CreateConv2DOptions(builder_, fb::Padding::SAME, 1, 1, fused);
    add_operator(kConv, {input, filter, bias}, output, fb::BuiltinOptions::Conv2DOptions, options.Union());
    return output;
  }

  int fully_connected(const std::string& name, int input, const std::vector<int>& dims, int from,
                      fb::ActivationFunctionType fused) {
    const int matrix = constant(name + "/kernel", fb::TensorType::INT8, {dims.back(), from}, weight_bytes(), 1);
    const int output = activation(name, dims);
    const auto options =
        fb::CreateFullyConnectedOptions(builder_, fused, fb::FullyConnectedOptionsWeightsFormat::DEFAULT, true);
    add_operator(kFullyConnected, {input, matrix, -1}, output, fb::BuiltinOptions::FullyConnectedOptions,
                 options.Union());
    return output;
  }

  TfLiteShape shape_;
  flatbuffers::FlatBufferBuilder builder_;
  int channels_ = 0;
  std::vector<std::uint8_t> pattern_;
  std::vector<std::size_t> sizes_ = {0};  // of the data of each buffer; the first is the empty one
  std::vector<Offset<fb::Buffer>> buffers_;
  std::vector<Offset<fb::Tensor>> tensors_;
  std::vector<Offset<fb::Operator>> operators_;
};

}  // namespace

base::Status generate_tflite(const std::string& path, const TfLiteShape& shape) {
  // FlatBuffers end at 2 GiB; tables and padding take far less than the half that is left for them.
  if (shape.operators < kBlock || shape.bytes > (std::uint64_t{3} << 29))
    return base::fail({.fault = base::Fault::usage, .what = "wants at least 5 operators and at most 1.5 GiB"});
  const std::uint64_t capacity = shape.bytes + shape.bytes / 8 + static_cast<std::uint64_t>(shape.operators) * 4096;
  Generator generator(shape, capacity);
  return base::write_file(path, generator.build());
}

}  // namespace edgescope::bench
