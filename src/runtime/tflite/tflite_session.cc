#include "runtime/tflite/tflite_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "runtime/messages.h"
#include "runtime/tensor_types.h"
#include "runtime/tflite/tflite_api.h"

namespace edgescope::runtime {
namespace {

using namespace tflite;

// XNNPACK does not say which operators it takes, and where it takes none, the built-in kernels run all
// of them without a word. So the delegate's preparation is watched: operators that it takes leave the
// execution plan, and the nodes that stand for them have higher numbers than all there were.
struct Taken {
  Status (*prepare)(Context*, Delegate*) = nullptr;
  int operators = 0;  // of the graph
  int taken = 0;
};
Taken taken;  // a delegate's function gets nothing of ours, and a worker holds one model

Status prepare_and_count(Context* context, Delegate* delegate) {
  IntArray* plan = nullptr;
  taken.operators = context->GetExecutionPlan(context, &plan) == 0 ? plan->size : 0;
  int highest = -1;
  for (int i = 0; i < taken.operators; ++i) highest = std::max(highest, plan->data[i]);
  const Status status = taken.prepare(context, delegate);
  if (status != 0 || context->GetExecutionPlan(context, &plan) != 0) return status;
  taken.taken = taken.operators;
  for (int i = 0; i < plan->size; ++i) taken.taken -= plan->data[i] <= highest ? 1 : 0;
  return status;
}

class TfLiteSession final : public Session {
 public:
  explicit TfLiteSession(TfLiteKernels kernels) : kernels_(kernels) {}

  base::Result<std::string> version(const std::string& library) override {
    EDGESCOPE_TRY(api, Api::open(library));
    return std::string(api.Version());
  }

  base::Result<Loaded> load(const LoadRequest& request) override {
    model_path_ = request.model;
    EDGESCOPE_TRY(api, Api::open(request.library));
    api_ = api;
    Loaded loaded{
        .version = api_.Version(), .kernels = "builtin", .precision = "as in the model", .threads = request.threads};
    const StderrSince log;
    model_ = api_.ModelCreateFromFile(request.model.c_str());
    if (model_ == nullptr) return base::fail(error("cannot read the model", log.text()));

    if (kernels_ == TfLiteKernels::Xnnpack) {
      if (api_.XNNPackDelegateCreate == nullptr) {
        loaded.notes.push_back("The library has no XNNPACK; TFLite's built-in kernels run the model.");
      } else if (!make_interpreter(request, kXnnpackSigned8 | kXnnpackUnsigned8) &&
                 !make_interpreter(request, kXnnpackSigned8)) {
        loaded.notes.push_back(fmt::format("XNNPACK refuses the model ({}); TFLite's built-in kernels run it.",
                                           said_.substr(0, said_.find('\n'))));
      } else {
        if (taken.taken > 0) loaded.kernels = "xnnpack";
        if (taken.taken < taken.operators)
          loaded.notes.push_back(fmt::format("XNNPACK takes {} of {} operators; TFLite's built-in kernels run the {}.",
                                             taken.taken, taken.operators, taken.taken > 0 ? "others" : "model"));
      }
    }
    if (interpreter_ == nullptr && !make_interpreter(request, std::nullopt))
      return base::fail(error("cannot prepare the model", said_ + log.text()));
    describe(loaded);
    return loaded;
  }

  std::span<std::byte> input(std::size_t index) override {
    Tensor* tensor = api_.InterpreterGetInputTensor(interpreter_, static_cast<std::int32_t>(index));
    return {static_cast<std::byte*>(api_.TensorData(tensor)), api_.TensorByteSize(tensor)};
  }
  std::span<const std::byte> output(std::size_t index) override {
    const Tensor* tensor = api_.InterpreterGetOutputTensor(interpreter_, static_cast<std::int32_t>(index));
    return {static_cast<const std::byte*>(api_.TensorData(tensor)), api_.TensorByteSize(tensor)};
  }

  base::Status run() override {
    if (api_.InterpreterInvoke(interpreter_) == 0) return {};
    return base::fail(error("failed while running the model", said_));
  }

 private:
  // The runtime's own words, kept apart from what other libraries print.
  static void report(void* session, const char* format, va_list arguments) {
    char line[1024];
    if (std::vsnprintf(line, sizeof line, format, arguments) > 0)
      static_cast<TfLiteSession*>(session)->said_.append(line).append("\n");
  }

  base::Error error(const std::string& what, const std::string& log) const {
    return runtime_error(kernels_ == TfLiteKernels::Xnnpack ? "tflite+xnnpack" : "tflite", what, model_path_, log);
  }

  // False where the interpreter cannot be made or its tensors not be allocated.
  bool make_interpreter(const LoadRequest& request, std::optional<std::uint32_t> xnnpack_flags) {
    said_.clear();
    Options* options = api_.InterpreterOptionsCreate();
    api_.InterpreterOptionsSetNumThreads(options, request.threads);
    api_.InterpreterOptionsSetErrorReporter(options, report, this);
    if (xnnpack_flags) {
      const XnnpackOptions settings{.threads = request.threads, .flags = *xnnpack_flags};
      Delegate* delegate = api_.XNNPackDelegateCreate(&settings);
      if (delegate == nullptr) return false;
      taken = {.prepare = delegate->Prepare};
      delegate->Prepare = prepare_and_count;
      api_.InterpreterOptionsAddDelegate(options, delegate);
    }
    interpreter_ = api_.InterpreterCreate(model_, options);
    if (interpreter_ == nullptr) return false;
    if (api_.InterpreterAllocateTensors(interpreter_) == 0) return true;
    api_.InterpreterDelete(interpreter_);
    interpreter_ = nullptr;
    return false;
  }

  Port port(const Tensor* tensor) const {
    Port port{.name = api_.TensorName(tensor) ? api_.TensorName(tensor) : "",
              .type = tflite_element_type(api_.TensorType(tensor)),
              .bytes = api_.TensorByteSize(tensor)};
    for (std::int32_t d = 0; d < api_.TensorNumDims(tensor); ++d) port.shape.push_back(api_.TensorDim(tensor, d));
    const Quantization quantization = api_.TensorQuantizationParams(tensor);
    port.quantized = quantization.scale != 0;
    port.scale = quantization.scale;
    port.zero_point = quantization.zero_point;
    return port;
  }

  void describe(Loaded& loaded) const {
    for (std::int32_t i = 0; i < api_.InterpreterGetInputTensorCount(interpreter_); ++i)
      loaded.inputs.push_back(port(api_.InterpreterGetInputTensor(interpreter_, i)));
    for (std::int32_t i = 0; i < api_.InterpreterGetOutputTensorCount(interpreter_); ++i)
      loaded.outputs.push_back(port(api_.InterpreterGetOutputTensor(interpreter_, i)));
  }

  TfLiteKernels kernels_;
  Api api_{};
  std::string model_path_;
  std::string said_;
  Model* model_ = nullptr;  // never freed: the process ends with its one model
  Interpreter* interpreter_ = nullptr;
};

}  // namespace

std::unique_ptr<Session> make_tflite_session(TfLiteKernels kernels) { return std::make_unique<TfLiteSession>(kernels); }

}  // namespace edgescope::runtime
