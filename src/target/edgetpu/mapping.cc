#include "target/edgetpu/mapping.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/edgetpu/package.h"
#include "graph/uses.h"
#include "target/edgetpu/operator_rules.h"

namespace edgescope::target::edgetpu {
namespace {

using graph::Subgraph;
using graph::Tensor;

bool is_dynamic(const Tensor& tensor) { return !tensor.shape.is_static(); }

void refuse(Check& check, std::string failure, std::string remedy) {
  if (!check.compiles) return;  // the first reason is the one to mend first
  check.compiles = false;
  check.failure = std::move(failure);
  check.remedy = std::move(remedy);
}

// What makes the compiler refuse the whole model although each operator by itself would do.
void whole_model(const Subgraph& subgraph, Check& check) {
  const auto open = std::find_if(subgraph.tensors.begin(), subgraph.tensors.end(), is_dynamic);
  if (open != subgraph.tensors.end())
    refuse(check,
           fmt::format("`{}` has the dynamic shape {}: the compiler takes static shapes only", open->name,
                       open->shape.text()),
           "fix every dimension when the model is exported, the batch at 1");
  const bool quantized = std::any_of(subgraph.tensors.begin(), subgraph.tensors.end(), [](const Tensor& tensor) {
    return !tensor.constant && (tensor.type == graph::ElementType::Int8 || tensor.type == graph::ElementType::UInt8);
  });
  if (!quantized)
    refuse(check, "no tensor is int8 or uint8: the model is not quantised",
           "quantise the whole model to int8 with a representative data set");
}

std::string named(const Subgraph& subgraph, int op) {
  return fmt::format("operator {} ({})", op, subgraph.operators[static_cast<std::size_t>(op)].source_kind);
}

}  // namespace

Subgraph with_batch_of_one(Subgraph subgraph) {
  for (Tensor& tensor : subgraph.tensors)
    if (auto& dims = tensor.shape.dims; !dims.empty() && dims[0] == graph::kDynamic) dims[0] = 1;
  return subgraph;
}

Check map_operators(const Subgraph& source, Compiler compiler) {
  const Subgraph subgraph = with_batch_of_one(source);
  Check result;
  const EdgeTpu target(compiler);
  result.operators.resize(subgraph.operators.size());

  // Per tensor: which operator brought it off the device to the CPU (-1: none did), and whether it was
  // computed on the device.
  std::vector<int> left_device(subgraph.tensors.size(), -1);
  std::vector<bool> on_device(subgraph.tensors.size(), false);
  for (int op : graph::execution_order(subgraph)) {
    const graph::Operator& o = subgraph.operators[static_cast<std::size_t>(op)];
    Verdict& verdict = result.operators[static_cast<std::size_t>(op)];
    int cause = -1;
    bool from_device = false;
    for (int tensor : o.inputs) {
      if (tensor < 0) continue;
      if (cause < 0) cause = left_device[static_cast<std::size_t>(tensor)];
      from_device = from_device || on_device[static_cast<std::size_t>(tensor)];
    }
    verdict = target.check(subgraph, op);
    if (verdict.mapping == Mapping::Rejected)
      refuse(result, fmt::format("{}: {}", named(subgraph, op), verdict.reason), verdict.remedy);
    if (verdict.mapping == Mapping::Mapped && cause >= 0)
      verdict = {.op = op,
                 .mapping = Mapping::Cpu,
                 .status = std::string(status::subgraph),
                 .reason = fmt::format("it could be mapped, but needs what {} computed on the CPU behind the device",
                                       named(subgraph, cause)),
                 .remedy = fmt::format("mend {}: then this one is mapped as well", named(subgraph, cause)),
                 .blocked_by = cause};
    const bool mapped = verdict.mapping == Mapping::Mapped;
    if (!mapped && from_device && result.stop < 0) result.stop = op;
    for (int tensor : o.outputs) {
      if (tensor < 0) continue;
      on_device[static_cast<std::size_t>(tensor)] = mapped;
      left_device[static_cast<std::size_t>(tensor)] = mapped ? -1 : cause >= 0 ? cause : from_device ? op : -1;
    }
  }
  whole_model(subgraph, result);
  return result;
}

std::string EdgeTpu::software() const { return fmt::format("edgetpu_compiler {}", compiler_name(compiler_)); }

Verdict EdgeTpu::check(const Subgraph& subgraph, int op) const {
  if (auto found = obstacle(subgraph, op, compiler_)) return std::move(*found);
  return {.op = op,
          .mapping = Mapping::Mapped,
          .status = std::string(status::mapped),
          .verified = seen_mapped(subgraph.operators[static_cast<std::size_t>(op)].kind)};
}

Check EdgeTpu::check(const graph::Model& model) const {
  if (model.subgraphs.empty())
    return {.compiles = false, .failure = "the model has no graph", .remedy = "export it again"};
  const Subgraph& main = model.subgraphs.front();
  Check result = map_operators(main, compiler_);
  if (model.format != graph::Format::TfLite) {
    result.compiles = false;
    result.failure = fmt::format("it is {}, and the compiler reads TFLite only",
                                 model.format == graph::Format::Onnx ? "an ONNX model" : "an OpenVINO IR");
    result.remedy = "convert the model to an int8 TFLite model";
  } else if (std::any_of(main.operators.begin(), main.operators.end(),
                         [](const graph::Operator& op) { return op.source_kind == format::edgetpu::kCustomCode; })) {
    result.compiles = false;
    result.failure = "it is compiled for the Edge TPU already";
    result.remedy =
        "check the TFLite model that it was compiled from; `edgescope inspect` shows what is inside this one";
  }
  return result;
}

}  // namespace edgescope::target::edgetpu
