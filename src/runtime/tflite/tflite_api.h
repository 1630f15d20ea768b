// The part of TensorFlow Lite's C interface that we call. Names of functions are the library's without
// the prefix "TfLite".
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdint>

#include "runtime/library.h"

namespace edgescope::runtime::tflite {

struct Model;
struct Options;
struct Interpreter;
struct Tensor;
using Status = int;  // 0 is success

// The beginnings of three structures whose layout has not changed within 2.x: enough to see which
// operators a delegate takes.
struct IntArray {
  int size;
  int data[1];  // `size` of them
};
struct Context {
  std::size_t tensors_size;
  Status (*GetExecutionPlan)(Context*, IntArray**);
};
struct Delegate {
  void* data;
  Status (*Prepare)(Context*, Delegate*);
};

// A custom operator, as 2.9 has it.
struct Registration {
  void* (*init)(Context*, const char*, std::size_t) = nullptr;
  void (*free)(Context*, void*) = nullptr;
  Status (*prepare)(Context*, void* node) = nullptr;
  Status (*invoke)(Context*, void* node) = nullptr;
  const char* (*profiling_string)(const Context*, const void* node) = nullptr;
  std::int32_t builtin_code = 0;
  const char* custom_name = nullptr;
  int version = 1;
  void* later[4] = {};
};

struct Quantization {
  float scale;
  std::int32_t zero_point;
};

// 2.9 has the first two; later versions appended more, for which zero is the default.
struct XnnpackOptions {
  std::int32_t threads = 0;
  std::uint32_t flags = 0;
  std::uint64_t later[30] = {};
};
inline constexpr std::uint32_t kXnnpackSigned8 = 1;
inline constexpr std::uint32_t kXnnpackUnsigned8 = 2;

struct Api {
  const char* (*Version)();
  Model* (*ModelCreateFromFile)(const char* path);
  Options* (*InterpreterOptionsCreate)();
  void (*InterpreterOptionsSetNumThreads)(Options*, std::int32_t);
  void (*InterpreterOptionsAddDelegate)(Options*, Delegate*);
  void (*InterpreterOptionsAddCustomOp)(Options*, const char* name, const Registration*, std::int32_t min_version,
                                        std::int32_t max_version);
  void (*InterpreterOptionsSetErrorReporter)(Options*, void (*)(void* data, const char* format, va_list), void* data);
  Interpreter* (*InterpreterCreate)(const Model*, const Options*);
  void (*InterpreterDelete)(Interpreter*);
  std::int32_t (*InterpreterGetInputTensorCount)(const Interpreter*);
  Tensor* (*InterpreterGetInputTensor)(const Interpreter*, std::int32_t);
  Status (*InterpreterAllocateTensors)(Interpreter*);
  Status (*InterpreterInvoke)(Interpreter*);
  std::int32_t (*InterpreterGetOutputTensorCount)(const Interpreter*);
  const Tensor* (*InterpreterGetOutputTensor)(const Interpreter*, std::int32_t);
  int (*TensorType)(const Tensor*);
  std::int32_t (*TensorNumDims)(const Tensor*);
  std::int32_t (*TensorDim)(const Tensor*, std::int32_t);
  std::size_t (*TensorByteSize)(const Tensor*);
  void* (*TensorData)(const Tensor*);
  const char* (*TensorName)(const Tensor*);
  Quantization (*TensorQuantizationParams)(const Tensor*);
  // Null where the library is built without XNNPACK.
  Delegate* (*XNNPackDelegateCreate)(const XnnpackOptions*);

  static base::Result<Api> open(const std::string& path);
};

}  // namespace edgescope::runtime::tflite
