#include "runtime/tflite/tflite_graph.h"

#include <algorithm>
#include <cstdio>

#include "runtime/tensor_types.h"

namespace edgescope::runtime::tflite {
namespace {

struct Taken {
  Status (*prepare)(Context*, Delegate*) = nullptr;
  int operators = 0;  // of the graph
  int taken = 0;
};
Taken watched;  // a delegate's function gets nothing of ours, and graphs are prepared one after the other

Status prepare_and_count(Context* context, Delegate* delegate) {
  IntArray* plan = nullptr;
  watched.operators = context->GetExecutionPlan(context, &plan) == 0 ? plan->size : 0;
  int highest = -1;
  for (int i = 0; i < watched.operators; ++i) highest = std::max(highest, plan->data[i]);
  const Status status = watched.prepare(context, delegate);
  if (status != 0 || context->GetExecutionPlan(context, &plan) != 0) return status;
  watched.taken = watched.operators;
  for (int i = 0; i < plan->size; ++i) watched.taken -= plan->data[i] <= highest ? 1 : 0;
  return status;
}

Status do_nothing(Context*, void*) { return 0; }

}  // namespace

bool Graph::read(const std::string& path) {
  model_ = api_.ModelCreateFromFile(path.c_str());
  return model_ != nullptr;
}

bool Graph::prepare(const Preparation& preparation) {
  said_.clear();
  operators_ = taken_ = 0;
  Options* options = api_.InterpreterOptionsCreate();
  api_.InterpreterOptionsSetNumThreads(options, preparation.threads);
  api_.InterpreterOptionsSetErrorReporter(options, report, this);
  for (const std::string& name : preparation.stand_ins) {
    // The library keeps the name's address.
    const auto* kept = new std::string(name);
    const Registration nothing{.prepare = do_nothing, .invoke = do_nothing, .custom_name = kept->c_str(), .version = 1};
    api_.InterpreterOptionsAddCustomOp(options, kept->c_str(), &nothing, 1, 1);
  }
  if (Delegate* delegate = preparation.delegate) {
    if (delegate->Prepare != prepare_and_count) {
      watched = {.prepare = delegate->Prepare};
      delegate->Prepare = prepare_and_count;
    }
    api_.InterpreterOptionsAddDelegate(options, delegate);
  }
  interpreter_ = api_.InterpreterCreate(model_, options);
  if (interpreter_ == nullptr) return false;
  if (api_.InterpreterAllocateTensors(interpreter_) != 0) {
    api_.InterpreterDelete(interpreter_);
    interpreter_ = nullptr;
    return false;
  }
  if (preparation.delegate) {
    operators_ = watched.operators;
    taken_ = watched.taken;
  }
  return true;
}

bool Graph::invoke() { return api_.InterpreterInvoke(interpreter_) == 0; }

std::span<std::byte> Graph::input(std::size_t index) {
  Tensor* tensor = api_.InterpreterGetInputTensor(interpreter_, static_cast<std::int32_t>(index));
  return {static_cast<std::byte*>(api_.TensorData(tensor)), api_.TensorByteSize(tensor)};
}

std::span<const std::byte> Graph::output(std::size_t index) const {
  const Tensor* tensor = api_.InterpreterGetOutputTensor(interpreter_, static_cast<std::int32_t>(index));
  return {static_cast<const std::byte*>(api_.TensorData(tensor)), api_.TensorByteSize(tensor)};
}

std::vector<Port> Graph::inputs() const {
  std::vector<Port> ports;
  for (std::int32_t i = 0; i < api_.InterpreterGetInputTensorCount(interpreter_); ++i)
    ports.push_back(port(api_.InterpreterGetInputTensor(interpreter_, i)));
  return ports;
}

std::vector<Port> Graph::outputs() const {
  std::vector<Port> ports;
  for (std::int32_t i = 0; i < api_.InterpreterGetOutputTensorCount(interpreter_); ++i)
    ports.push_back(port(api_.InterpreterGetOutputTensor(interpreter_, i)));
  return ports;
}

void Graph::report(void* graph, const char* format, va_list arguments) {
  char line[1024];
  if (std::vsnprintf(line, sizeof line, format, arguments) > 0)
    static_cast<Graph*>(graph)->said_.append(line).append("\n");
}

Port Graph::port(const Tensor* tensor) const {
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

}  // namespace edgescope::runtime::tflite
