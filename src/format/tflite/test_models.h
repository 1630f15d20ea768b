// Small models for tests, made with the schema's object API: change what the test is about, then pack.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tflite_generated.h"

namespace edgescope::format::tflite::test_models {

inline std::vector<std::byte> pack(const fb::ModelT& model) {
  flatbuffers::FlatBufferBuilder builder;
  fb::FinishModelBuffer(builder, fb::Model::Pack(builder, &model));
  const auto* bytes = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {bytes, bytes + builder.GetSize()};
}

// A model with one empty subgraph and the empty buffer 0 that every tensor without data points to.
inline fb::ModelT empty() {
  fb::ModelT model;
  model.version = 3;
  model.description = "edgescope test";
  model.buffers.push_back(std::make_unique<fb::BufferT>());
  model.subgraphs.push_back(std::make_unique<fb::SubGraphT>());
  model.subgraphs[0]->name = "main";
  return model;
}

inline int add_tensor(fb::ModelT& model, std::string name, fb::TensorType type, std::vector<int> shape,
                      std::vector<std::uint8_t> data = {}, std::size_t subgraph = 0) {
  auto tensor = std::make_unique<fb::TensorT>();
  tensor->name = std::move(name);
  tensor->type = type;
  tensor->shape = std::move(shape);
  if (!data.empty()) {
    tensor->buffer = static_cast<std::uint32_t>(model.buffers.size());
    model.buffers.push_back(std::make_unique<fb::BufferT>());
    model.buffers.back()->data = std::move(data);
  }
  auto& tensors = model.subgraphs[subgraph]->tensors;
  tensors.push_back(std::move(tensor));
  return static_cast<int>(tensors.size()) - 1;
}

inline void quantize(fb::TensorT& tensor, std::vector<float> scales, std::vector<std::int64_t> zero_points,
                     int axis = 0) {
  tensor.quantization = std::make_unique<fb::QuantizationParametersT>();
  tensor.quantization->scale = std::move(scales);
  tensor.quantization->zero_point = std::move(zero_points);
  tensor.quantization->quantized_dimension = axis;
}

// Adds the operator and its code. `options` is a filled options table, or fb::PadOptionsT{} and the like.
template <typename Options>
fb::OperatorT& add_operator(fb::ModelT& model, fb::BuiltinOperator code, std::vector<int> inputs,
                            std::vector<int> outputs, Options options, std::size_t subgraph = 0) {
  auto entry = std::make_unique<fb::OperatorCodeT>();
  entry->builtin_code = code;
  entry->deprecated_builtin_code = static_cast<std::int8_t>(std::min(static_cast<int>(code), 127));
  auto op = std::make_unique<fb::OperatorT>();
  op->opcode_index = static_cast<std::uint32_t>(model.operator_codes.size());
  model.operator_codes.push_back(std::move(entry));
  op->inputs = std::move(inputs);
  op->outputs = std::move(outputs);
  if constexpr (fb::BuiltinOptionsUnionTraits<Options>::enum_value != fb::BuiltinOptions::NONE)
    op->builtin_options.Set(std::move(options));
  else
    op->builtin_options_2.Set(std::move(options));
  model.subgraphs[subgraph]->operators.push_back(std::move(op));
  return *model.subgraphs[subgraph]->operators.back();
}

// 1x8x8x3 int8 -> CONV_2D 3x3, 4 channels, quantised per channel, relu6 -> RESHAPE -> 1x256, with a signature
// and metadata.
inline fb::ModelT tiny_conv() {
  fb::ModelT model = empty();
  const int input = add_tensor(model, "input", fb::TensorType::INT8, {1, 8, 8, 3});
  std::vector<std::uint8_t> values(4 * 3 * 3 * 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i * 37);
  const int weights = add_tensor(model, "conv/weights", fb::TensorType::INT8, {4, 3, 3, 3}, values);
  const int bias = add_tensor(model, "conv/bias", fb::TensorType::INT32, {4}, std::vector<std::uint8_t>(16, 1));
  const int result = add_tensor(model, "conv", fb::TensorType::INT8, {1, 8, 8, 4});
  const int shape = add_tensor(model, "shape", fb::TensorType::INT32, {2}, {1, 0, 0, 0, 0, 1, 0, 0});
  const int output = add_tensor(model, "output", fb::TensorType::INT8, {1, 256});
  auto& tensors = model.subgraphs[0]->tensors;
  quantize(*tensors[input], {0.5f}, {-128});
  quantize(*tensors[weights], {0.1f, 0.2f, 0.3f, 0.4f}, {0, 0, 0, 0});
  quantize(*tensors[bias], {0.05f, 0.1f, 0.15f, 0.2f}, {0, 0, 0, 0});
  quantize(*tensors[result], {0.25f}, {-128});
  quantize(*tensors[output], {0.25f}, {-128});
  tensors[input]->shape_signature = {-1, 8, 8, 3};

  fb::Conv2DOptionsT conv;
  conv.stride_h = conv.stride_w = 1;
  conv.fused_activation_function = fb::ActivationFunctionType::RELU6;
  add_operator(model, fb::BuiltinOperator::CONV_2D, {input, weights, bias}, {result}, conv);
  add_operator(model, fb::BuiltinOperator::RESHAPE, {result, shape}, {output}, fb::ReshapeOptionsT{});
  model.subgraphs[0]->inputs = {input};
  model.subgraphs[0]->outputs = {output};

  auto signature = std::make_unique<fb::SignatureDefT>();
  signature->signature_key = "serving_default";
  signature->inputs.push_back(std::make_unique<fb::TensorMapT>());
  signature->inputs[0]->name = "image";
  signature->inputs[0]->tensor_index = static_cast<std::uint32_t>(input);
  model.signature_defs.push_back(std::move(signature));

  auto metadata = std::make_unique<fb::MetadataT>();
  metadata->name = "min_runtime_version";
  metadata->buffer = static_cast<std::uint32_t>(model.buffers.size());
  model.metadata.push_back(std::move(metadata));
  model.buffers.push_back(std::make_unique<fb::BufferT>());
  model.buffers.back()->data = {'1', '.', '5', '.', '0', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  return model;
}

inline std::vector<std::byte> tiny_conv_model() { return pack(tiny_conv()); }

// A scalar condition chooses between two bodies, ABS or NEG of the input.
inline fb::ModelT branches() {
  fb::ModelT model = empty();
  for (const char* name : {"then", "else"}) {
    model.subgraphs.push_back(std::make_unique<fb::SubGraphT>());
    model.subgraphs.back()->name = name;
  }
  const std::vector<int> shape = {2, 2};
  const auto type = fb::TensorType::FLOAT32;
  const int condition = add_tensor(model, "condition", fb::TensorType::BOOL, {});
  const int input = add_tensor(model, "input", type, shape);
  const int output = add_tensor(model, "output", type, shape);
  fb::IfOptionsT options;
  options.then_subgraph_index = 1;
  options.else_subgraph_index = 2;
  add_operator(model, fb::BuiltinOperator::IF, {condition, input}, {output}, options);
  model.subgraphs[0]->inputs = {condition, input};
  model.subgraphs[0]->outputs = {output};
  for (std::size_t body : {1u, 2u}) {
    const int from = add_tensor(model, "x", type, shape, {}, body);
    const int to = add_tensor(model, "y", type, shape, {}, body);
    const auto code = body == 1 ? fb::BuiltinOperator::ABS : fb::BuiltinOperator::NEG;
    add_operator(model, code, {from}, {to}, fb::AbsOptionsT{}, body);
    model.subgraphs[body]->inputs = {from};
    model.subgraphs[body]->outputs = {to};
  }
  return model;
}

// Where the data of a tensor stands behind the FlatBuffer: the model's bytes, then the data.
inline std::vector<std::byte> data_behind(fb::ModelT model, std::size_t tensor) {
  fb::BufferT& buffer = *model.buffers[model.subgraphs[0]->tensors[tensor]->buffer];
  const std::vector<std::uint8_t> data = std::move(buffer.data);
  buffer.data.clear();
  buffer.offset = 1 << 20;  // any value that is written, so that the FlatBuffer's size is known
  buffer.size = data.size();
  buffer.offset = pack(model).size();
  std::vector<std::byte> bytes = pack(model);
  for (const std::uint8_t byte : data) bytes.push_back(static_cast<std::byte>(byte));
  return bytes;
}

}  // namespace edgescope::format::tflite::test_models
