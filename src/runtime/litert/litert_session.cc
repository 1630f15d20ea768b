#include "runtime/litert/litert_session.h"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "runtime/litert/litert_api.h"
#include "runtime/messages.h"
#include "runtime/tensor_types.h"

namespace edgescope::runtime {
namespace {

using namespace litert;

constexpr std::size_t kSignature = 0;  // LiteRT makes one where the model has none

class LiteRtSession final : public Session {
 public:
  // The library does not tell its version; the package that it came in does, in the name of a folder.
  base::Result<std::string> version(const std::string& library) override {
    EDGESCOPE_TRY(api, Api::open(library));
    static_cast<void>(api);
    return package_version(library);
  }

  base::Result<Loaded> load(const LoadRequest& request) override {
    model_path_ = request.model;
    EDGESCOPE_TRY(api, Api::open(request.library));
    api_ = api;
    Loaded loaded{
        .version = package_version(request.library), .precision = "as in the model", .threads = request.threads};
    const StderrSince log;
    if (api_.CreateEnvironment(0, nullptr, &environment_) != 0 ||
        api_.CreateModelFromFile(environment_, request.model.c_str(), &model_) != 0)
      return base::fail(runtime_error("litert", "cannot read the model", request.model, log.text()));
    EDGESCOPE_TRY(options, make_options(request));
    if (api_.CreateCompiledModel(environment_, model_, options, &compiled_) != 0)
      return base::fail(runtime_error("litert", "cannot prepare the model", request.model, log.text()));

    Signature* signature = nullptr;
    std::size_t inputs = 0, outputs = 0;
    if (api_.GetModelSignature(model_, kSignature, &signature) != 0 ||
        api_.GetNumSignatureInputs(signature, &inputs) != 0 || api_.GetNumSignatureOutputs(signature, &outputs) != 0)
      return base::fail(
          runtime_error("litert", "cannot tell the model's inputs and outputs", request.model, log.text()));
    for (std::size_t i = 0; i < inputs; ++i) EDGESCOPE_CHECK(add_input(signature, i, loaded));
    std::vector<Layout> layouts(outputs);
    if (api_.GetCompiledModelOutputTensorLayouts(compiled_, kSignature, outputs, layouts.data(), true) != 0)
      return base::fail(runtime_error("litert", "cannot allocate the model's tensors", request.model, log.text()));
    for (std::size_t i = 0; i < outputs; ++i) EDGESCOPE_CHECK(add_output(signature, i, layouts[i], loaded));

    const auto mode = request.properties.find("kernel_mode");
    loaded.kernels = mode == request.properties.end() || mode->second == "delegate" ? "xnnpack" : mode->second;
    bool whole = true;
    if (loaded.kernels == "xnnpack" && api_.CompiledModelIsFullyAccelerated != nullptr &&
        api_.CompiledModelIsFullyAccelerated(compiled_, &whole) == 0 && !whole)
      loaded.notes.push_back("XNNPACK does not take the whole graph; the rest runs on LiteRT's built-in kernels.");
    if (request.profile) start_profiler(loaded);
    return loaded;
  }

  std::span<std::byte> input(std::size_t index) override { return input_bytes_[index]; }
  std::span<const std::byte> output(std::size_t index) override { return output_bytes_[index]; }

  base::Status run() override {
    if (profiler_ != nullptr) api_.StartProfiler(profiler_);  // also forgets the last run; ResetProfiler would stop it
    if (api_.RunCompiledModel(compiled_, kSignature, inputs_.size(), inputs_.data(), outputs_.size(),
                              outputs_.data()) == 0)
      return {};
    char* messages = nullptr;
    std::string log;
    if (api_.CompiledModelGetErrorMessages != nullptr &&
        api_.CompiledModelGetErrorMessages(compiled_, &messages) == 0 && messages != nullptr) {
      log = messages;
      std::free(messages);
    }
    return base::fail(runtime_error("litert", "failed while running the model", model_path_, log));
  }

  base::Result<std::vector<OperatorTime>> profile() override {
    std::vector<OperatorTime> operators;
    int count = 0;
    if (profiler_ == nullptr || api_.GetNumProfilerEvents(profiler_, &count) != 0 || count <= 0) return operators;
    std::vector<Event> events(static_cast<std::size_t>(count));
    if (api_.GetProfilerEvents(profiler_, count, events.data()) != 0) return operators;
    for (const Event& event : events) {
      // What XNNPACK runs is told one by one; the node that stands for all of it would count them twice.
      const bool xnnpack = event.type == kEventDelegateProfiledOperator;
      if (!xnnpack && event.type != kEventOperator) continue;
      operators.push_back({.name = fmt::format("{} #{}", event.tag, operators.size()),
                           .kind = event.tag,
                           .kernel = xnnpack ? "xnnpack" : "builtin",
                           .microseconds = static_cast<double>(event.elapsed_us)});
    }
    return operators;
  }

 private:
  static std::string package_version(const std::string& library) {
    constexpr std::string_view kPrefix = "ai_edge_litert-", kSuffix = ".dist-info";
    std::error_code ignored;
    const auto root = std::filesystem::path(library).parent_path().parent_path();
    for (const auto& entry : std::filesystem::directory_iterator(root, ignored)) {
      const std::string name = entry.path().filename();
      if (name.starts_with(kPrefix) && name.ends_with(kSuffix))
        return name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
    }
    return "unknown";
  }

  // Options travel as TOML text under an identifier; the functions that would write it are not exported.
  base::Status add_options(Options* options, const char* identifier, const std::string& toml) {
    OpaqueOptions* opaque = nullptr;
    if (api_.CreateOpaqueOptions(identifier, strdup(toml.c_str()), std::free, &opaque) != 0 ||
        api_.AddOpaqueOptions(options, opaque) != 0)
      return base::fail(
          {.fault = base::Fault::runtime, .what = fmt::format("litert refuses the options \"{}\"", identifier)});
    return {};
  }

  base::Result<Options*> make_options(const LoadRequest& request) {
    Options* options = nullptr;
    if (api_.CreateOptions(&options) != 0 || api_.SetOptionsHardwareAccelerators(options, kAcceleratorCpu) != 0)
      return base::fail({.fault = base::Fault::runtime, .what = "litert cannot create its options"});
    std::string cpu = fmt::format("num_threads = {}\n", request.threads);
    for (const auto& [key, value] : request.properties) {
      const bool number = !value.empty() && value.find_first_not_of("-0123456789") == std::string::npos;
      const bool plain = number || value == "true" || value == "false";
      cpu += plain ? fmt::format("{} = {}\n", key, value) : fmt::format("{} = \"{}\"\n", key, value);
    }
    EDGESCOPE_CHECK(add_options(options, "xnnpack", cpu));
    if (request.profile) EDGESCOPE_CHECK(add_options(options, "runtime_options_string", "enable_profiling = true\n"));
    return options;
  }

  Port port(Tensor* tensor, const char* name, const TensorType& type) const {
    Port port{.name = name ? name : "", .type = tflite_element_type(type.element_type)};
    port.shape.assign(type.layout.dimensions, type.layout.dimensions + type.layout.rank);
    if (const auto count = base::checked_product(port.shape))
      port.bytes = graph::packed_bytes(port.type, *count).value_or(0);
    int kind = 0;
    PerTensorQuantization quantization{};
    if (api_.GetQuantizationTypeId(tensor, &kind) == 0 && kind == kQuantizationPerTensor &&
        api_.GetPerTensorQuantization(tensor, &quantization) == 0) {
      port.quantized = true;
      port.scale = quantization.scale;
      port.zero_point = quantization.zero_point;
    }
    return port;
  }

  // A host buffer keeps its address, so that it is asked for once and not within the timed run.
  base::Status add_buffer(const Port& port, const TensorType& type, Requirements* requirements,
                          std::vector<Buffer*>& buffers, std::vector<std::span<std::byte>>& bytes) {
    std::size_t size = 0;
    Buffer* buffer = nullptr;
    void* address = nullptr;
    if (api_.GetTensorBufferRequirementsBufferSize(requirements, &size) != 0 || size < port.bytes ||
        api_.CreateManagedTensorBuffer(environment_, kBufferHostMemory, &type, size, &buffer) != 0 ||
        api_.LockTensorBuffer(buffer, &address, kLockReadWrite) != 0 || api_.UnlockTensorBuffer(buffer) != 0)
      return base::fail(
          runtime_error("litert", fmt::format("cannot allocate a buffer for {}", port.name), model_path_, ""));
    buffers.push_back(buffer);
    bytes.emplace_back(static_cast<std::byte*>(address), port.bytes);
    return {};
  }

  base::Status unusable(const std::string& name, const std::string& why) const {
    return base::fail({.fault = base::Fault::runtime, .what = "litert: " + why, .file = model_path_, .node = name});
  }

  base::Status add_input(Signature* signature, std::size_t index, Loaded& loaded) {
    Tensor* tensor = nullptr;
    const char* name = "";
    TensorType type{};
    int kind = 0;
    if (api_.GetSignatureInputTensorByIndex(signature, index, &tensor) != 0 ||
        api_.GetSignatureInputName(signature, index, &name) != 0 || api_.GetTensorTypeId(tensor, &kind) != 0 ||
        kind != kRanked || api_.GetRankedTensorType(tensor, &type) != 0)
      return unusable(name, "cannot tell the type of an input");
    bool dynamic = false;
    int dims[kMaxRank] = {};
    for (unsigned d = 0; d < type.layout.rank; ++d) {
      dynamic = dynamic || type.layout.dimensions[d] < 0;
      dims[d] = type.layout.dimensions[d] < 0 ? 1 : type.layout.dimensions[d];
    }
    if (dynamic) {
      if (api_.CompiledModelResizeInputTensor(compiled_, kSignature, index, dims, type.layout.rank) != 0)
        return unusable(name, "cannot set the input's open dimensions to 1");
      loaded.notes.push_back(fmt::format("Open dimensions of the input {} are set to 1.", name));
    }
    if (api_.GetCompiledModelInputTensorLayout(compiled_, kSignature, index, &type.layout) != 0)
      return unusable(name, "cannot tell the shape of an input");
    Requirements* requirements = nullptr;
    if (api_.GetCompiledModelInputBufferRequirements(compiled_, kSignature, index, &requirements) != 0)
      return unusable(name, "cannot tell what buffer an input needs");
    loaded.inputs.push_back(port(tensor, name, type));
    return add_buffer(loaded.inputs.back(), type, requirements, inputs_, input_bytes_);
  }

  base::Status add_output(Signature* signature, std::size_t index, const Layout& layout, Loaded& loaded) {
    Tensor* tensor = nullptr;
    const char* name = "";
    TensorType type{};
    Requirements* requirements = nullptr;
    if (api_.GetSignatureOutputTensorByIndex(signature, index, &tensor) != 0 ||
        api_.GetSignatureOutputName(signature, index, &name) != 0 || api_.GetRankedTensorType(tensor, &type) != 0 ||
        api_.GetCompiledModelOutputBufferRequirements(compiled_, kSignature, index, &requirements) != 0)
      return unusable(name, "cannot tell the type of an output");
    type.layout = layout;
    loaded.outputs.push_back(port(tensor, name, type));
    return add_buffer(loaded.outputs.back(), type, requirements, outputs_, output_bytes_);
  }

  void start_profiler(Loaded& loaded) {
    const bool offered =
        api_.CompiledModelGetProfiler && api_.StartProfiler && api_.GetNumProfilerEvents && api_.GetProfilerEvents;
    if (offered && api_.CompiledModelGetProfiler(compiled_, &profiler_) == 0 && profiler_ != nullptr &&
        api_.StartProfiler(profiler_) == 0)
      return;
    profiler_ = nullptr;
    loaded.notes.push_back("This LiteRT offers no profiler.");
  }

  Api api_{};
  std::string model_path_;
  Environment* environment_ = nullptr;  // never destroyed: the process ends with its one model
  Model* model_ = nullptr;
  CompiledModel* compiled_ = nullptr;
  Profiler* profiler_ = nullptr;
  std::vector<Buffer*> inputs_, outputs_;
  std::vector<std::span<std::byte>> input_bytes_, output_bytes_;
};

}  // namespace

std::unique_ptr<Session> make_litert_session() { return std::make_unique<LiteRtSession>(); }

}  // namespace edgescope::runtime
