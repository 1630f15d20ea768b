// OpenVINO 2021's Inference Engine: its CPU plugin, and MYRIAD, the last one for the Neural Compute Stick 2 that
// can be had from PyPI. Settings are the plugins' own (CPU_THREADS_NUM, MYRIAD_THROUGHPUT_STREAMS, ...).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <memory>

#include "runtime/inference_engine/ie_api.h"
#include "runtime/inputs.h"
#include "runtime/messages.h"
#include "runtime/oracle.h"
#include "runtime/stream.h"

namespace edgescope::runtime {
namespace {

namespace ie = inference_engine;

constexpr int kMostRequests = 1024;  // of a stream
constexpr std::int64_t kUntilDone = -1;

struct Target {
  std::string name;    // "ie2021:CPU"
  std::string device;  // "CPU"
  bool simulated = false;
};

graph::ElementType element_type(std::uint8_t precision) {
  using E = graph::ElementType;
  switch (precision) {
    case 10:
      return E::Float32;
    case 11:
      return E::Float16;
    case 12:
      return E::BFloat16;
    case 13:
      return E::Float64;
    case 30:
      return E::Int16;
    case 40:
      return E::UInt8;
    case 41:
      return E::Bool;
    case 50:
      return E::Int8;
    case 60:
      return E::UInt16;
    case 70:
      return E::Int32;
    case 72:
      return E::Int64;
    case 73:
      return E::UInt64;
    case 74:
      return E::UInt32;
    default:
      return E::Unknown;
  }
}

std::string text(const ie::Parameter& parameter) {
  // The CPU's name comes with the zeros of the field that it was read from.
  if (const auto* value = parameter.get<std::string>()) return value->c_str();
  if (const auto* value = parameter.get<std::vector<std::string>>()) return fmt::format("{}", fmt::join(*value, ", "));
  if (const auto* value = parameter.get<bool>()) return *value ? "YES" : "NO";
  if (const auto* value = parameter.get<int>()) return std::to_string(*value);
  if (const auto* value = parameter.get<unsigned>()) return std::to_string(*value);
  if (const auto* value = parameter.get<float>()) return fmt::format("{}", *value);
  return "";
}

class InferenceEngineSession final : public Session, public Oracle, public Streaming {
 public:
  explicit InferenceEngineSession(Target target) : target_(std::move(target)) {}

  base::Result<std::string> version(const std::string& library) override {
    return guarded("cannot tell its version", [&]() -> base::Result<std::string> {
      EDGESCOPE_CHECK(start(library));
      EDGESCOPE_CHECK(device_is_there());
      return std::string(api_.version()->build);
    });
  }

  base::Result<Loaded> load(const LoadRequest& request) override {
    model_ = request.model;
    return guarded("cannot load the model", [&]() -> base::Result<Loaded> {
      EDGESCOPE_TRY(network, read(request));
      EDGESCOPE_CHECK(device_is_there());
      for (const std::string& layer : request.also_outputs) add_output(network, layer);
      EDGESCOPE_TRY(executable, load_network(network, request));
      executable_ = std::move(executable);
      request_ = api_.request(&executable_);
      Loaded loaded{.version = api_.version()->build};
      for (const auto& [name, data] : api_.inputs(&executable_)) add_port(name, inputs_, loaded.inputs);
      for (const auto& [name, data] : api_.outputs(&executable_)) add_port(name, outputs_, loaded.outputs);
      describe(request, loaded);
      return loaded;
    });
  }

  std::span<std::byte> input(std::size_t index) override { return inputs_[index].bytes; }
  std::span<const std::byte> output(std::size_t index) override { return outputs_[index].bytes; }

  base::Status run() override {
    return guarded("failed while running the model", [&]() -> base::Status {
      api_.infer(&request_);
      return {};
    });
  }

  base::Result<Stream> stream(const StreamRequest& limits) override {
    const char* doing = "failed while running the model";
    return guarded(doing, [&]() -> base::Result<Stream> {
      const int best =
          std::atoi(value([&] {
                      return text(api_.executable_metric(&executable_, "OPTIMAL_NUMBER_OF_INFER_REQUESTS"));
                    }).c_str());
      const int requests = std::clamp(limits.requests > 0 ? limits.requests : best, 1, kMostRequests);
      flight_ = std::make_unique<Flight>(requests);
      prepare(requests, limits.seed);
      const auto of = [this](int index) { return &flying_[static_cast<std::size_t>(index)]; };
      return flight_->run(
          limits,
          [&](int index) {
            return guarded(doing, [&]() -> base::Status {
              api_.start(of(index));
              return {};
            });
          },
          [&](int index) {
            return guarded(doing, [&]() -> base::Status {
              if (const int status = api_.wait(of(index), kUntilDone); status != 0)
                return base::fail(runtime_error(target_.name, doing, model_, fmt::format("status {}", status)));
              return {};
            });
          });
    });
  }

  base::Result<std::vector<OperatorTime>> profile() override {
    if (target_.simulated)
      return base::fail({.fault = base::Fault::runtime, .what = "a simulated stick has no times of operators"});
    return guarded("gives no times of operators", [&]() -> base::Result<std::vector<OperatorTime>> {
      const ie::LayerTimes times = api_.times(&request_);
      std::vector<const ie::LayerTimes::value_type*> order;
      for (const auto& entry : times)
        if (entry.second.status == ie::kExecuted) order.push_back(&entry);
      std::stable_sort(order.begin(), order.end(),
                       [](const auto* a, const auto* b) { return a->second.index < b->second.index; });
      std::vector<OperatorTime> operators;
      for (const auto* entry : order)
        operators.push_back({.name = entry->first,
                             .kind = entry->second.layer_type,
                             .kernel = entry->second.exec_type,
                             .microseconds = static_cast<double>(entry->second.real_us)});
      return operators;
    });
  }

  base::Result<std::vector<std::string>> query(const LoadRequest& request) override {
    model_ = request.model;
    return guarded("cannot say what it supports", [&]() -> base::Result<std::vector<std::string>> {
      EDGESCOPE_TRY(network, read(request));
      const ie::QueryResult result = api_.query(&core_, network, target_.device, request.properties);
      if (result.code != 0)
        return base::fail(runtime_error(target_.name, "cannot say what it supports", model_, result.message));
      std::vector<std::string> supported;
      for (const auto& [layer, device] : result.supported) supported.push_back(layer);
      return supported;
    });
  }

  base::Status compile(const LoadRequest& request, const CompileOutputs& outputs) override {
    model_ = request.model;
    return guarded("cannot compile the model", [&]() -> base::Status {
      EDGESCOPE_TRY(network, read(request));
      EDGESCOPE_CHECK(device_is_there());
      EDGESCOPE_TRY(executable, load_network(network, request));
      if (!outputs.blob.empty()) api_.export_to(&executable, outputs.blob);
      if (!outputs.graph.empty()) {
        const ie::Network graph = api_.graph(&executable);
        api_.serialize(&graph, outputs.graph, outputs.graph + ".bin");
      }
      return {};
    });
  }

  base::Result<Properties> properties(const std::string& library) override {
    return guarded("does not tell its settings", [&]() -> base::Result<Properties> {
      EDGESCOPE_CHECK(start(library));
      Properties properties;
      for (const std::string& name : names("SUPPORTED_CONFIG_KEYS")) {
        properties.settings[name] = value([&] { return text(api_.setting(&core_, target_.device, name)); });
        if (std::string words = complaint(name); !words.empty()) properties.words[name] = std::move(words);
      }
      for (const std::string& name : names("SUPPORTED_METRICS"))
        properties.metrics[name] = value([&] { return text(api_.metric(&core_, target_.device, name)); });
      return properties;
    });
  }

 private:
  struct Buffer {
    std::shared_ptr<ie::Blob> blob;
    std::span<std::byte> bytes;
  };

  // Requests of a stream, their inputs filled.
  void prepare(int requests, std::uint64_t seed) {
    while (flying_.size() < static_cast<std::size_t>(requests)) {
      const int index = static_cast<int>(flying_.size());
      ie::Request& request = flying_.emplace_back(api_.request(&executable_));
      api_.on_done(&request, [this, index] { flight_->done(index); });
      std::size_t port = 0;
      for (const auto& [name, data] : api_.inputs(&executable_)) {
        std::shared_ptr<ie::Blob> blob = api_.blob(&request, name);
        fill_input(element_type(std::as_const(*blob).description().precision), seed, flying_.size(), port++,
                   {static_cast<std::byte*>(ie::memory_of(*blob)), blob->bytes()});
        blobs_.push_back(std::move(blob));
      }
    }
  }

  // Runs what calls the library; what it throws becomes an error with its words.
  template <typename Call>
  auto guarded(const std::string& what, Call call) -> decltype(call()) {
    try {
      return call();
    } catch (const std::exception& thrown) {
      return base::fail(runtime_error(target_.name, what, model_, thrown.what()));
    } catch (...) {
      return base::fail(runtime_error(target_.name, what, model_, "an exception without words"));
    }
  }

  // The plugin refuses settings as it refuses networks, but names the setting that it means.
  base::Result<ie::Executable> load_network(const ie::Network& network, const LoadRequest& request) {
    try {
      return api_.load(&core_, network, target_.device, settings(request));
    } catch (const std::exception& thrown) {
      for (const auto& [name, value] : request.properties)
        if (std::string_view(thrown.what()).find(name) != std::string_view::npos)
          return base::fail({.fault = base::Fault::usage,
                             .what = fmt::format("{} does not take the setting {}={}: \"{}\"", target_.name, name,
                                                 value, thrown.what())});
      throw;
    }
  }

  void add_output(ie::Network& network, const std::string& layer) const {
    try {
      api_.add_output(&network, layer, 0);
    } catch (const std::exception&) {
      // Folded away when the network was read, or of another name.
    }
  }

  // A value that the runtime may have none of.
  template <typename Get>
  static std::string value(Get get) {
    try {
      return get();
    } catch (const std::exception&) {
      return "";
    }
  }

  // What the plugin says of a value that the setting cannot have; nothing where it takes all. Its Core is one of its
  // own, as a value that is taken stays.
  std::string complaint(const std::string& setting) {
    ie::Core core;
    api_.core(&core, "");
    api_.metric(&core, target_.device, "SUPPORTED_CONFIG_KEYS");  // settings are looked at by a plugin that is loaded
    try {
      api_.set(&core, {{setting, kNoValue}}, target_.device);
    } catch (const std::exception& thrown) {
      return thrown.what();
    }
    return {};
  }

  std::vector<std::string> names(const std::string& metric) const {
    const ie::Parameter answer = api_.metric(&core_, target_.device, metric);
    const auto* list = answer.get<std::vector<std::string>>();
    return list ? *list : std::vector<std::string>{};
  }

  // One Core for all requests: opening a stick takes the plugin a second.
  base::Status start(const std::string& library) {
    if (core_.impl) return {};
    EDGESCOPE_TRY(api, ie::Api::open(library));
    api_ = api;
    api_.core(&core_, "");
    return {};
  }

  // The plugin itself only says that it cannot initialise one.
  base::Status device_is_there() const {
    if (target_.device != "MYRIAD" || !names("AVAILABLE_DEVICES").empty()) return {};
    return base::fail({.fault = base::Fault::missing,
                       .what = "no Neural Compute Stick 2 is plugged in, or it may not be opened",
                       .remedy = "Plug one in; where `lsusb` lists 03e7:2485, its udev rules are missing."});
  }

  base::Result<ie::Network> read(const LoadRequest& request) {
    EDGESCOPE_CHECK(start(request.library));
    auto network = guarded("cannot read the model",
                           [&]() -> base::Result<ie::Network> { return api_.read(&core_, request.model, ""); });
    if (!network && network.error().remedy.empty())
      network.error().remedy =
          "OpenVINO 2021 reads IR up to version 10 and ONNX up to opset 13: export the model as one of these.";
    if (network && request.half_ends) halve_ends(*network);
    return network;
  }

  void halve_ends(const ie::Network& network) const {
    const auto halve = [this](void* data) {
      if (api_.precision(data)->code == ie::kFloat32Code) api_.set_precision(data, ie::kFloat16);
    };
    for (const auto& [name, input] : api_.network_inputs(&network)) halve(ie::data_of(input.get()));
    for (const auto& [name, data] : api_.network_outputs(&network)) halve(data.get());
  }

  ie::Strings settings(const LoadRequest& request) const {
    ie::Strings settings;
    if (target_.device == "CPU" && request.threads > 0)
      settings = {{"CPU_THREADS_NUM", std::to_string(request.threads)}, {"CPU_THROUGHPUT_STREAMS", "1"}};
    if (request.profile) settings["PERF_COUNT"] = "YES";
    for (const auto& [key, value] : request.properties) settings[key] = value;
    return settings;
  }

  void describe(const LoadRequest& request, Loaded& loaded) const {
    if (target_.device != "CPU") {
      loaded.kernels = target_.device;
      loaded.precision = "f16 (the device computes in no other)";
      if (target_.simulated) {
        loaded.notes.push_back("The stick is simulated: its results and times mean nothing.");
        loaded.meaningless = "the simulated stick computes nothing";
      }
      return;
    }
    constexpr const char* kBf16 = "ENFORCE_BF16";
    loaded.kernels = "mkldnn";
    loaded.threads = request.threads;
    const auto asked = request.properties.find(kBf16);
    const bool bf16 = (asked != request.properties.end() ? asked->second : value([&] {
                        return text(api_.setting(&core_, target_.device, kBf16));
                      })) == "YES";
    loaded.precision = bf16 ? "bf16" : "as in the model";
    if (bf16 && asked == request.properties.end()) {
      loaded.precision += " (chosen by the plugin)";
      loaded.notes.push_back("The plugin computes what is float in bf16 by itself; ENFORCE_BF16=NO keeps it exact.");
    }
  }

  void add_port(const std::string& name, std::vector<Buffer>& buffers, std::vector<Port>& ports) {
    std::shared_ptr<ie::Blob> blob = api_.blob(&request_, name);
    const ie::TensorDescription& description = std::as_const(*blob).description();
    Port port{.name = name, .type = element_type(description.precision), .bytes = blob->bytes()};
    port.shape.assign(description.shape.begin(), description.shape.end());
    buffers.push_back({blob, {static_cast<std::byte*>(ie::memory_of(*blob)), port.bytes}});
    ports.push_back(std::move(port));
  }

  Target target_;
  std::string model_;
  ie::Api api_{};
  ie::Core core_;
  ie::Executable executable_;
  ie::Request request_;
  std::vector<Buffer> inputs_, outputs_;
  std::deque<ie::Request> flying_;  // of a stream; they keep their places
  std::vector<std::shared_ptr<ie::Blob>> blobs_;
  std::unique_ptr<Flight> flight_;
};

}  // namespace

// Of this worker: "ie2021:<DEVICE>", "ncs2:virtual".
std::unique_ptr<Session> make_session(std::string_view name) {
  constexpr std::string_view kFamily = "ie2021:";
  if (name == "ncs2:virtual")
    return std::make_unique<InferenceEngineSession>(Target{std::string(name), "MYRIAD", true});
  if (name.starts_with(kFamily))
    return std::make_unique<InferenceEngineSession>(
        Target{std::string(name), std::string(name.substr(kFamily.size())), false});
  return nullptr;
}

}  // namespace edgescope::runtime
