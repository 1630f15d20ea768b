#include "format/edgetpu/package.h"

#include <flatbuffers/flexbuffers.h>
#include <fmt/format.h>

#include <optional>

#include "base/checked.h"
#include "edgetpu_package_generated.h"

namespace edgescope::format::edgetpu {
namespace {

using base::fail;
using base::Fault;
using base::Result;
using Bytes = std::span<const std::byte>;

// Tables nest five deep in these schemas; a compiled net of 2,000 layers has some 100,000 tables.
constexpr int kMaxDepth = 16;
constexpr int kMaxTables = 4'000'000;
// A hostile file can let a million hints share one long name. What is kept of names, layouts and steps may
// take this much, and this many times the options' size; honest files take a tenth of it.
constexpr std::uint64_t kAlwaysKept = 16 << 20;
constexpr std::uint64_t kKeptTimes = 16;
// More than these the runtime never takes: one caching, one execution-only, one stand-alone.
constexpr std::size_t kMaxExecutables = 3;

class Reader {
 public:
  Reader(Bytes options, const std::string& file, std::uint64_t offset)
      : options_(options), file_(file), offset_(offset), owned_(options, file) {}

  Result<Package> read() {
    if (options_.size() < 3) return error("the edgetpu-custom-op has no options", options_);
    if (options_.size() >= FLATBUFFERS_MAX_BUFFER_SIZE)
      return error("the options of the edgetpu-custom-op exceed 2 GiB", options_);
    // The verifier notes every value it has seen: one byte a byte of options.
    std::vector<uint8_t> seen;
    const auto* start = reinterpret_cast<const uint8_t*>(options_.data());
    if (!flexbuffers::VerifyBuffer(start, options_.size(), &seen))
      return error("the options of the edgetpu-custom-op are not a valid FlexBuffer", options_);
    const flexbuffers::Reference root = flexbuffers::GetRoot(start, options_.size());
    if (!root.IsMap()) return error("the options of the edgetpu-custom-op are not a map", options_);
    const flexbuffers::Map map = root.AsMap();
    const flexbuffers::Reference content = map["4"];
    if (!content.IsString() && !content.IsBlob())
      return error("the options of the edgetpu-custom-op hold no package (key \"4\")", options_);
    const Bytes bytes = content.IsBlob()
                            ? std::as_bytes(std::span(content.AsBlob().data(), content.AsBlob().size()))
                            : std::as_bytes(std::span(content.AsString().c_str(), content.AsString().length()));
    const std::size_t begin = static_cast<std::size_t>(bytes.data() - options_.data());
    owned_.claim(ByteOwner::Descriptions, options_.first(begin));
    owned_.claim(ByteOwner::Descriptions, options_.subspan(begin + bytes.size()));
    EDGESCOPE_TRY(package, read_package(bytes));
    if (map["2"].IsString()) package.chip = map["2"].AsString().str();
    package.options_bytes = options_.size();
    package.owned_bytes = std::move(owned_).finish();
    return package;
  }

 private:
  tl::unexpected<base::Error> error(std::string what, Bytes where) const {
    const std::uint64_t within_options = static_cast<std::uint64_t>(where.data() - options_.data());
    return fail({.fault = Fault::input, .what = std::move(what), .file = file_, .offset = offset_ + within_options});
  }

  template <typename Table>
  Result<const Table*> verified(Bytes bytes, const char* what, const char* identifier = nullptr) const {
    // The nested buffers lie at any address, so alignment holds within the buffer only.
    const auto* start = reinterpret_cast<const uint8_t*>(bytes.data());
    if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) return error(fmt::format("the {} exceeds 2 GiB", what), bytes);
    flatbuffers::Verifier verifier(start, bytes.size(), kMaxDepth, kMaxTables, /*check_alignment=*/false);
    if (!verifier.VerifyBuffer<Table>(identifier))
      return error(fmt::format("the {} is not a valid FlatBuffer", what), bytes);
    return flatbuffers::GetRoot<Table>(start);
  }

  static Bytes span(const flatbuffers::Vector<uint8_t>* vector) {
    return vector ? std::as_bytes(std::span(vector->data(), vector->size())) : Bytes{};
  }

  // A name that is kept.
  std::string text(const flatbuffers::String* string, ByteOwner owner) {
    if (!string || !affordable(string->size())) return {};
    owned_.string(owner, string);
    return string->str();
  }
  // Counts what is kept; false from the moment on when it is too much.
  bool affordable(std::uint64_t bytes) { return (kept_ += bytes) <= kAlwaysKept + kKeptTimes * options_.size(); }
  base::Status still_affordable(Bytes where) {
    if (affordable(0)) return {};
    return error(
        "the Edge TPU package would take far more memory to read than it has bytes: its parts share what they should "
        "not",
        where);
  }

  Result<Package> read_package(Bytes bytes) {
    EDGESCOPE_TRY(wire, verified<wire::Package>(bytes, "Edge TPU package", wire::PackageIdentifier()));
    Package package;
    package.min_runtime_version = wire->min_runtime_version();
    package.compiler_version = text(wire->compiler_version(), ByteOwner::Descriptions);
    package.model_identifier = text(wire->model_identifier(), ByteOwner::Descriptions);
    package.virtual_chip_id = wire->virtual_chip_id();
    owned_.table(ByteOwner::Descriptions, wire);
    owned_.vector(ByteOwner::Signature, wire->signature());
    const Bytes multi_bytes = span(wire->serialized_multi_executable());
    if (multi_bytes.empty()) return error("the Edge TPU package holds no executables", bytes);
    EDGESCOPE_TRY(multi, verified<wire::MultiExecutable>(multi_bytes, "list of executables"));
    const auto* serialized = multi->serialized_executables();
    if (!serialized || serialized->size() == 0) return error("the Edge TPU package holds no executables", multi_bytes);
    owned_.table(ByteOwner::Descriptions, multi);
    owned_.vector(ByteOwner::Descriptions, serialized);
    if (serialized->size() > kMaxExecutables)
      return error(fmt::format("the Edge TPU package holds {} executables; the runtime takes at most {}",
                               serialized->size(), kMaxExecutables),
                   multi_bytes);
    for (const flatbuffers::String* one : *serialized) {
      owned_.claim(ByteOwner::Descriptions,
                   std::as_bytes(std::span(reinterpret_cast<const char*>(one), sizeof(flatbuffers::uoffset_t))));
      EDGESCOPE_TRY(executable, read_executable(std::as_bytes(std::span(one->c_str(), one->size()))));
      if (package.chip.empty()) package.chip = executable.chip;
      package.executables.push_back(std::move(executable));
    }
    EDGESCOPE_CHECK(check_set(package, multi_bytes));
    return package;
  }

  // One executable of any type; caching + execution only; or all three (libedgetpu refuses other sets).
  base::Status check_set(const Package& package, Bytes where) const {
    int count[3] = {};
    for (const Executable& executable : package.executables) ++count[static_cast<int>(executable.type)];
    const bool pair = count[1] == 1 && count[2] == 1 && count[0] <= 1;
    if (package.executables.size() == 1 || pair) return {};
    return error(
        fmt::format("{} stand-alone, {} caching and {} execution-only executables are not a set that the runtime takes",
                    count[0], count[1], count[2]),
        where);
  }

  Result<Executable> read_executable(Bytes bytes) {
    EDGESCOPE_TRY(wire, verified<wire::Executable>(bytes, "Edge TPU executable"));
    Executable executable;
    executable.name = text(wire->name(), ByteOwner::Descriptions);
    if (wire->type() < 0 || wire->type() > 2)
      return error(fmt::format("executable type {} is unknown", wire->type()), bytes);
    executable.type = static_cast<ExecutableType>(wire->type());
    executable.chip = text(wire->chip(), ByteOwner::Descriptions);
    executable.batch = wire->batch_size();
    executable.file_bytes = bytes.size();
    EDGESCOPE_TRY(scratch, unsigned_size(wire->scratch_size_bytes(), "scratch size", bytes));
    executable.scratch_bytes = scratch;
    EDGESCOPE_TRY(narrow, unsigned_size(wire->used_narrow_memory_bytes_per_tile(), "narrow memory size", bytes));
    executable.narrow_bytes_per_tile = narrow;
    executable.parameters = span(wire->parameters());
    owned_.table(ByteOwner::Descriptions, wire);
    owned_.vector(ByteOwner::Descriptions, wire->serialized_model());
    owned_.vector(executable.type == ExecutableType::ParameterCaching ? ByteOwner::CachedParameters
                                                                      : ByteOwner::StreamedParameters,
                  wire->parameters());
    executable.estimated_cycles =
        wire->estimated_cycles_64bit() != 0 ? wire->estimated_cycles_64bit() : wire->estimated_cycles();
    executable.caching_token = wire->parameter_caching_token();
    EDGESCOPE_CHECK(read_instructions(*wire, bytes, executable));
    EDGESCOPE_CHECK(read_layers(wire->input_layers(), bytes, executable.inputs));
    EDGESCOPE_CHECK(read_layers(wire->output_layers(), bytes, executable.outputs));
    if (const wire::DmaHints* hints = wire->dma_hints()) {
      executable.has_hints = true;
      executable.deterministic = hints->fully_deterministic();
      owned_.table(ByteOwner::Hints, hints);
      owned_.vector(ByteOwner::Hints, hints->hints());
      if (hints->hints())
        for (const wire::DmaHint* hint : *hints->hints()) {
          EDGESCOPE_TRY(step, read_step(*hint, executable, bytes));
          executable.steps.push_back(std::move(step));
          affordable(sizeof(DmaStep));
          EDGESCOPE_CHECK(still_affordable(bytes));
        }
    }
    return executable;
  }

  Result<std::uint64_t> unsigned_size(std::int64_t value, const char* what, Bytes where) const {
    if (value < 0) return error(fmt::format("the {} is negative ({})", what, value), where);
    return static_cast<std::uint64_t>(value);
  }

  base::Status read_instructions(const wire::Executable& wire, Bytes where, Executable& executable) {
    if (!wire.instruction_bitstreams()) return {};
    owned_.vector(ByteOwner::Descriptions, wire.instruction_bitstreams());
    for (const wire::InstructionBitstream* stream : *wire.instruction_bitstreams()) {
      InstructionChunk chunk{.bytes = span(stream->bitstream())};
      owned_.table(ByteOwner::Descriptions, stream);
      owned_.vector(ByteOwner::Instructions, stream->bitstream());
      owned_.vector(ByteOwner::AddressFields, stream->field_offsets());
      affordable(sizeof(InstructionChunk));
      EDGESCOPE_CHECK(still_affordable(where));
      if (stream->field_offsets())
        for (const wire::FieldOffset* field : *stream->field_offsets()) {
          const std::int64_t bit = field->offset_bit();
          if (bit < 0 || !base::within(static_cast<std::uint64_t>(bit), 32, chunk.bytes.size() * 8))
            return error(fmt::format("an address field at bit {} lies outside its {} B of instructions", bit,
                                     chunk.bytes.size()),
                         where);
          PatchedField patched{.bit = static_cast<std::uint64_t>(bit)};
          owned_.table(ByteOwner::AddressFields, field);
          owned_.table(ByteOwner::AddressFields, field->meta());
          affordable(sizeof(PatchedField));
          if (const wire::Meta* meta = field->meta()) {
            const auto base = static_cast<std::int16_t>(meta->desc());
            if (base < 0 || base > 3)
              return error(fmt::format("an address field has the unknown base {}", base), where);
            patched.base = static_cast<PatchedField::Base>(base);
            patched.batch = meta->batch();
            patched.layer = text(meta->name(), ByteOwner::AddressFields);
            patched.high_word = meta->position() == wire::Word_High;
          }
          EDGESCOPE_CHECK(still_affordable(where));
          chunk.fields.push_back(std::move(patched));
        }
      executable.instructions.push_back(std::move(chunk));
    }
    return {};
  }

  base::Status read_layers(const flatbuffers::Vector<flatbuffers::Offset<wire::Layer>>* wire, Bytes where,
                           std::vector<Layer>& layers) {
    owned_.vector(ByteOwner::Layers, wire);
    if (!wire) return {};
    for (const wire::Layer* layer : *wire) {
      EDGESCOPE_TRY(read, read_layer(*layer, where));
      layers.push_back(std::move(read));
      affordable(sizeof(Layer));
      EDGESCOPE_CHECK(still_affordable(where));
    }
    return {};
  }

  Result<Layer> read_layer(const wire::Layer& wire, Bytes where) {
    Layer layer;
    layer.name = text(wire.name(), ByteOwner::Layers);
    owned_.table(ByteOwner::Layers, &wire);
    owned_.table(ByteOwner::Layers, wire.numerics());
    owned_.table(ByteOwner::Layers, wire.shape());
    owned_.table(ByteOwner::Layers, wire.layer_as_InputLayer());
    owned_.table(ByteOwner::Layers, wire.layer_as_OutputLayer());
    EDGESCOPE_TRY(size, unsigned_size(wire.size_bytes(), "size of a layer", where));
    layer.bytes = size;
    layer.y = wire.y_dim();
    layer.x = wire.x_dim();
    layer.z = wire.z_dim();
    if (const auto* shape = wire.shape(); shape && shape->dimension()) {
      owned_.vector(ByteOwner::Layers, shape->dimension());
      if (affordable(shape->dimension()->size() * sizeof(std::int64_t)))
        for (const wire::Range* range : *shape->dimension())
          layer.shape.push_back(std::int64_t{range->end()} - range->start() + 1);
    }
    if (layer.shape.empty()) layer.shape = {layer.y, layer.x, layer.z};
    switch (wire.data_type()) {
      case 0:
        layer.type = DataType::U8;
        break;
      case 1:
        layer.type = DataType::U16;
        break;
      case 2:
        layer.type = DataType::I32;
        break;
      case 3:
        layer.type = DataType::Bf16;
        break;
      case 4:
        layer.type = DataType::F16;
        break;
      case 5:
        layer.type = DataType::F32;
        break;
      case 8:
        layer.type = DataType::I8;
        break;
      case 9:
        layer.type = DataType::I16;
        break;
      default:
        layer.type = DataType::Unknown;
    }
    if (const wire::Numerics* numerics = wire.numerics()) {
      layer.zero_point = numerics->zero_point();
      layer.scale = numerics->dequantization_factor();
    }
    layer.executions = wire.execution_count_per_inference();
    if (layer.executions < 0) return error(fmt::format("a layer runs {} times an inference", layer.executions), where);
    if (const auto* output = wire.layer_as_OutputLayer(); output && output->layout()) {
      const auto copy = [&](const flatbuffers::Vector<std::int32_t>* from) -> std::vector<std::int32_t> {
        owned_.vector(ByteOwner::Layers, from);
        if (!from || !affordable(from->size() * sizeof(std::int32_t))) return {};
        return {from->begin(), from->end()};
      };
      const wire::OutputLayout& layout = *output->layout();
      owned_.table(ByteOwner::Layers, &layout);
      layer.layout = {copy(layout.y_to_tile()),        copy(layout.x_to_tile()),
                      copy(layout.tile_byte_offset()), copy(layout.x_to_local_byte_offset()),
                      copy(layout.y_to_local_row()),   copy(layout.x_to_local_row_size())};
    }
    return layer;
  }

  Result<DmaStep> read_step(const wire::DmaHint& hint, const Executable& executable, Bytes where) {
    DmaStep step;
    owned_.table(ByteOwner::Hints, &hint);
    const bool out = hint.direction() == wire::Direction_Out;
    if (const auto* instructions = hint.hint_as_InstructionHint()) {
      owned_.table(ByteOwner::Hints, instructions);
      step.kind = DmaStep::Kind::Instructions;
      step.index = instructions->instruction_chunk_index();
      if (step.index < 0 || static_cast<std::size_t>(step.index) >= executable.instructions.size())
        return error(
            fmt::format("a DMA hint names instruction chunk {} of {}", step.index, executable.instructions.size()),
            where);
      step.bytes = executable.instructions[step.index].bytes.size();
    } else if (const auto* descriptor = hint.hint_as_DmaDescriptorHint()) {
      owned_.table(ByteOwner::Hints, descriptor);
      EDGESCOPE_TRY(offset, unsigned_size(descriptor->offset_in_bytes(), "offset of a DMA hint", where));
      EDGESCOPE_TRY(size, unsigned_size(descriptor->size_in_bytes(), "size of a DMA hint", where));
      step.offset = offset;
      step.bytes = size;
      const wire::Meta* meta = descriptor->meta();
      if (!meta) return error("a DMA hint does not say what it moves", where);
      step.batch = meta->batch();
      step.layer = text(meta->name(), ByteOwner::Hints);
      owned_.table(ByteOwner::Hints, meta);
      EDGESCOPE_TRY(kind, step_kind(meta->desc(), out, where));
      step.kind = kind;
      if (kind == DmaStep::Kind::Parameters && !base::within(offset, size, executable.parameters.size()))
        return error(fmt::format("a DMA hint moves parameters {} to {} of {}", offset, offset + size,
                                 executable.parameters.size()),
                     where);
    } else if (const auto* interrupt = hint.hint_as_InterruptHint()) {
      owned_.table(ByteOwner::Hints, interrupt);
      step.kind = DmaStep::Kind::Interrupt;
      step.index = interrupt->type();
    } else if (const auto* fence = hint.hint_as_FenceHint()) {
      owned_.table(ByteOwner::Hints, fence);
      step.kind = DmaStep::Kind::Fence;
    } else {
      return error("a DMA hint has an unknown kind", where);
    }
    return step;
  }

  Result<DmaStep::Kind> step_kind(wire::BaseAddress base, bool out, Bytes where) const {
    if (base == wire::BaseAddress_Output && out) return DmaStep::Kind::Output;
    if (base == wire::BaseAddress_Input && !out) return DmaStep::Kind::Input;
    if (base == wire::BaseAddress_Parameter && !out) return DmaStep::Kind::Parameters;
    if (base == wire::BaseAddress_Scratch) return out ? DmaStep::Kind::ScratchOut : DmaStep::Kind::ScratchIn;
    return error(fmt::format("a DMA hint moves base {} {} the chip", static_cast<int>(base), out ? "out of" : "into"),
                 where);
  }

  Bytes options_;
  const std::string& file_;
  std::uint64_t offset_;
  PackageBytes owned_;
  std::uint64_t kept_ = 0;  // bytes of what was copied out of the file
};

}  // namespace

std::string_view executable_type_name(ExecutableType type) {
  constexpr std::string_view names[] = {"STAND_ALONE", "PARAMETER_CACHING", "EXECUTION_ONLY"};
  return names[static_cast<std::size_t>(type)];
}

std::string_view dma_kind_name(DmaStep::Kind kind) {
  constexpr std::string_view names[] = {"instructions", "input",       "parameters", "scratch_in",
                                        "output",       "scratch_out", "interrupt",  "fence"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view data_type_name(DataType type) {
  constexpr std::string_view names[] = {"u8", "u16", "i32", "bf16", "f16", "f32", "i8", "i16", "unknown"};
  return names[static_cast<std::size_t>(type)];
}

int data_type_bytes(DataType type) {
  constexpr int bytes[] = {1, 2, 4, 2, 2, 4, 1, 2, 0};
  return bytes[static_cast<std::size_t>(type)];
}

std::uint64_t Executable::instruction_bytes() const {
  std::uint64_t sum = 0;
  for (const InstructionChunk& chunk : instructions) sum += chunk.bytes.size();
  return sum;
}

Result<Package> read_package(Bytes options, const std::string& file, std::uint64_t offset) {
  return Reader(options, file, offset).read();
}

}  // namespace edgescope::format::edgetpu
