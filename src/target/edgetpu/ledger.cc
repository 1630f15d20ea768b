#include "target/edgetpu/ledger.h"

namespace edgescope::target::edgetpu {

using format::edgetpu::DmaStep;
using format::edgetpu::Executable;
using format::edgetpu::ExecutableType;
using format::edgetpu::Layer;
using format::edgetpu::Package;

Traffic& Traffic::operator+=(const Traffic& other) {
  instructions += other.instructions;
  input += other.input;
  parameters += other.parameters;
  output += other.output;
  scratch_in += other.scratch_in;
  scratch_out += other.scratch_out;
  return *this;
}

base::Json to_json(const Traffic& traffic) {
  return {{"instructions", traffic.instructions}, {"input", traffic.input},
          {"parameters", traffic.parameters},     {"output", traffic.output},
          {"scratch_in", traffic.scratch_in},     {"scratch_out", traffic.scratch_out}};
}

Traffic traffic(const Executable& executable) {
  Traffic sum;
  if (!executable.has_hints) {
    sum.instructions = executable.instruction_bytes();
    sum.parameters = executable.parameters.size();
    for (const Layer& layer : executable.inputs)
      sum.input += layer.bytes * static_cast<std::uint64_t>(layer.executions);
    for (const Layer& layer : executable.outputs)
      sum.output += layer.bytes * static_cast<std::uint64_t>(layer.executions);
    return sum;
  }
  for (const DmaStep& step : executable.steps) switch (step.kind) {
      case DmaStep::Kind::Instructions:
        sum.instructions += step.bytes;
        break;
      case DmaStep::Kind::Input:
        sum.input += step.bytes;
        break;
      case DmaStep::Kind::Parameters:
        sum.parameters += step.bytes;
        break;
      case DmaStep::Kind::ScratchIn:
        sum.scratch_in += step.bytes;
        break;
      case DmaStep::Kind::Output:
        sum.output += step.bytes;
        break;
      case DmaStep::Kind::ScratchOut:
        sum.scratch_out += step.bytes;
        break;
      case DmaStep::Kind::Interrupt:
      case DmaStep::Kind::Fence:
        break;
    }
  return sum;
}

Ledger& Ledger::operator+=(const Ledger& other) {
  cached_parameter_bytes += other.cached_parameter_bytes;
  streamed_parameter_bytes += other.streamed_parameter_bytes;
  instruction_bytes += other.instruction_bytes;
  per_inference += other.per_inference;
  first_inference += other.first_inference;
  return *this;
}

const Executable* caching_executable(const Package& package) {
  for (const Executable& executable : package.executables)
    if (executable.type == ExecutableType::ParameterCaching) return &executable;
  return nullptr;
}

// Beside a caching pair the driver uses a stand-alone executable only where caching is impossible.
const Executable* running_executable(const Package& package) {
  const Executable* running = nullptr;
  for (const Executable& executable : package.executables)
    if (executable.type == ExecutableType::ExecutionOnly || (executable.type == ExecutableType::StandAlone && !running))
      running = &executable;
  return running;
}

Ledger ledger(const Package& package) {
  Ledger sum;
  for (const Executable& executable : package.executables) {
    sum.instruction_bytes += executable.instruction_bytes();
    const bool cached = executable.type == ExecutableType::ParameterCaching;
    (cached ? sum.cached_parameter_bytes : sum.streamed_parameter_bytes) += executable.parameters.size();
  }
  if (const Executable* running = running_executable(package)) sum.per_inference = traffic(*running);
  sum.first_inference = sum.per_inference;
  if (const Executable* caching = caching_executable(package)) sum.first_inference += traffic(*caching);
  return sum;
}

Ledger ledger(std::span<const Package> packages) {
  Ledger sum;
  for (const Package& package : packages) sum += ledger(package);
  return sum;
}

}  // namespace edgescope::target::edgetpu
