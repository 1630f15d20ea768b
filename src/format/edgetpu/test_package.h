// Builds small compiled operators for tests: what the Edge TPU compiler would have written.
#pragma once

#include <flatbuffers/flexbuffers.h>

#include <cstdint>
#include <string>
#include <vector>

#include "edgetpu_package_generated.h"

namespace edgescope::format::edgetpu::testing {

struct Step {
  wire::AnyHint kind = wire::AnyHint_DmaDescriptorHint;
  wire::BaseAddress base = wire::BaseAddress_Parameter;
  bool out = false;
  int offset = 0, size = 0;  // size: chunk index or interrupt number for those kinds
  std::string layer = {};
};

struct TestExecutable {
  std::int16_t type = 0;
  std::uint64_t token = 0;
  std::size_t parameter_bytes = 0;
  std::vector<std::size_t> chunks = {};
  std::vector<Step> steps = {};
  int input_bytes = 0, output_bytes = 0;
  bool deterministic = true;
  bool share_names = false;                // equal names once in the file
  std::vector<std::uint8_t> program = {};  // a last chunk of these instructions
};

inline std::string serialize(const TestExecutable& e) {
  namespace fb = flatbuffers;
  fb::FlatBufferBuilder b;
  std::vector<fb::Offset<wire::InstructionBitstream>> chunks;
  for (std::size_t size : e.chunks) {
    std::vector<std::uint8_t> bytes(size, 0xAB);
    const auto meta = wire::CreateMetaDirect(b, wire::BaseAddress_Parameter, 0, "p", wire::Word_Low);
    std::vector<fb::Offset<wire::FieldOffset>> fields;
    if (size >= 16) fields.push_back(wire::CreateFieldOffset(b, meta, 64));
    chunks.push_back(wire::CreateInstructionBitstreamDirect(b, &bytes, &fields));
  }
  if (!e.program.empty()) chunks.push_back(wire::CreateInstructionBitstreamDirect(b, &e.program));
  std::vector<fb::Offset<wire::DmaHint>> hints;
  for (const Step& s : e.steps) {
    fb::Offset<void> hint;
    switch (s.kind) {
      case wire::AnyHint_DmaDescriptorHint:
        hint =
            wire::CreateDmaDescriptorHint(
                b,
                wire::CreateMeta(b, s.base, 0, e.share_names ? b.CreateSharedString(s.layer) : b.CreateString(s.layer)),
                s.offset, s.size)
                .Union();
        break;
      case wire::AnyHint_InstructionHint:
        hint = wire::CreateInstructionHint(b, s.size).Union();
        break;
      case wire::AnyHint_InterruptHint:
        hint = wire::CreateInterruptHint(b, static_cast<std::int16_t>(s.size)).Union();
        break;
      default:
        hint = wire::CreateFenceHint(b).Union();
    }
    hints.push_back(wire::CreateDmaHint(b, s.kind, hint, s.out ? wire::Direction_Out : wire::Direction_In));
  }
  const auto layer = [&](const char* name, int bytes) {
    const auto numerics = wire::CreateNumerics(b, 3, 0.5f);
    const std::vector<wire::Range> dims = {wire::Range(0, 0), wire::Range(0, bytes - 1)};
    return wire::CreateLayerDirect(b, name, bytes, 1, 1, bytes, numerics, 8, wire::AnyLayer_NONE, 0, 1, false,
                                   wire::CreateTensorShapeDirect(b, &dims));
  };
  std::vector<fb::Offset<wire::Layer>> inputs, outputs;
  if (e.input_bytes > 0) inputs.push_back(layer("in", e.input_bytes));
  if (e.output_bytes > 0) outputs.push_back(layer("out", e.output_bytes));
  const std::vector<std::uint8_t> parameters(e.parameter_bytes, 0x80);
  b.Finish(wire::CreateExecutableDirect(b, 1, "exe", nullptr, 1, 0, &chunks, &parameters,
                                        wire::CreateDmaHintsDirect(b, &hints, e.deterministic), &inputs, &outputs,
                                        "beagle", 0, 0, e.type, e.token));
  return {reinterpret_cast<const char*>(b.GetBufferPointer()), b.GetSize()};
}

// The options of an edgetpu-custom-op that holds these (already serialised) executables.
inline std::vector<std::byte> options_of(const std::vector<std::string>& executables) {
  namespace fb = flatbuffers;
  fb::FlatBufferBuilder multi;
  std::vector<fb::Offset<fb::String>> strings;
  for (const std::string& executable : executables) strings.push_back(multi.CreateString(executable));
  multi.Finish(wire::CreateMultiExecutableDirect(multi, &strings));
  fb::FlatBufferBuilder package;
  const std::vector<std::uint8_t> bytes(multi.GetBufferPointer(), multi.GetBufferPointer() + multi.GetSize());
  wire::FinishPackageBuffer(package, wire::CreatePackageDirect(package, 12, &bytes, nullptr, 0, "cl/", 0, "m"));
  flexbuffers::Builder flex;
  flex.Map([&] {
    flex.Int("1", 0);
    flex.String("4", std::string(reinterpret_cast<const char*>(package.GetBufferPointer()), package.GetSize()));
    flex.Int("5", 0);
  });
  flex.Finish();
  const auto* start = reinterpret_cast<const std::byte*>(flex.GetBuffer().data());
  return {start, start + flex.GetBuffer().size()};
}

inline std::vector<std::byte> options_of(const std::vector<TestExecutable>& executables) {
  std::vector<std::string> serialized;
  for (const TestExecutable& executable : executables) serialized.push_back(serialize(executable));
  return options_of(serialized);
}

// A cached model: 128 B of parameters sent once, 64 B at every inference.
inline std::vector<TestExecutable> cached_pair() {
  using enum wire::AnyHint;
  return {
      {.type = 2,
       .token = 7,
       .parameter_bytes = 64,
       .chunks = {32, 16},
       .steps = {{.kind = AnyHint_InstructionHint, .size = 0},
                 {.base = wire::BaseAddress_Input, .size = 8, .layer = "in"},
                 {.base = wire::BaseAddress_Parameter, .size = 64},
                 {.kind = AnyHint_InstructionHint, .size = 1},
                 {.base = wire::BaseAddress_Scratch, .out = true, .size = 24},
                 {.base = wire::BaseAddress_Scratch, .size = 48},
                 {.base = wire::BaseAddress_Output, .out = true, .size = 16, .layer = "out"},
                 {.kind = AnyHint_InterruptHint, .out = true}},
       .input_bytes = 8,
       .output_bytes = 16},
      {.type = 1,
       .token = 7,
       .parameter_bytes = 128,
       .chunks = {40},
       .steps = {
           {.kind = AnyHint_InstructionHint, .size = 0}, {.size = 128}, {.kind = AnyHint_InterruptHint, .out = true}}}};
}

}  // namespace edgescope::format::edgetpu::testing
