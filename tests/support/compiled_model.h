// A compiled Edge TPU model in a file, small and made by ourselves, for tests that need no vendor's file.
#pragma once

#include <fstream>
#include <string>

#include "format/edgetpu/test_package.h"
#include "format/tflite/test_models.h"

namespace edgescope::testing_support {

// 8 B in, 16 B out, 128 B of cached and 64 B of streamed parameters (format/edgetpu/test_package.h).
inline void write_compiled_model(const std::string& path,
                                 const std::vector<format::edgetpu::testing::TestExecutable>& executables =
                                     format::edgetpu::testing::cached_pair()) {
  namespace models = format::tflite::test_models;
  namespace fb = format::tflite::fb;
  fb::ModelT model = models::empty();
  const int input = models::add_tensor(model, "in", fb::TensorType::INT8, {1, 8}),
            output = models::add_tensor(model, "out", fb::TensorType::INT8, {1, 16});
  auto code = std::make_unique<fb::OperatorCodeT>();
  code->builtin_code = fb::BuiltinOperator::CUSTOM;
  code->deprecated_builtin_code = static_cast<std::int8_t>(fb::BuiltinOperator::CUSTOM);
  code->custom_code = "edgetpu-custom-op";
  model.operator_codes.push_back(std::move(code));
  auto op = std::make_unique<fb::OperatorT>();
  op->inputs = {input};
  op->outputs = {output};
  for (std::byte byte : format::edgetpu::testing::options_of(executables))
    op->custom_options.push_back(std::to_integer<std::uint8_t>(byte));
  model.subgraphs[0]->operators.push_back(std::move(op));
  model.subgraphs[0]->inputs = {input};
  model.subgraphs[0]->outputs = {output};
  const std::vector<std::byte> bytes = models::pack(model);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace edgescope::testing_support
