#include "runtime/edgetpu/edgetpu_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "runtime/catalog.h"
#include "runtime/edgetpu/edgetpu_api.h"
#include "runtime/inputs.h"
#include "runtime/messages.h"
#include "runtime/sticks.h"
#include "runtime/tflite/tflite_graph.h"

namespace edgescope::runtime {
namespace {

using edgetpu::Device;
using tflite::Graph;

constexpr std::string_view kProperties[] = {"Performance", "Usb.AlwaysDfu", "Usb.MaxBulkInQueueLength"};
constexpr std::size_t kMostStandIns = 16;

// "BuildLabel(...), RuntimeVersion(14)" holds the one number that models are compiled for.
std::string short_version(const std::string& text) {
  constexpr std::string_view kMark = "RuntimeVersion(";
  const auto at = text.find(kMark);
  if (at == std::string::npos) return text;
  const std::string rest = text.substr(at + kMark.size());
  return "runtime " + rest.substr(0, rest.find(')'));
}

class EdgeTpuSession final : public Session {
 public:
  explicit EdgeTpuSession(std::string name) : name_(std::move(name)) {}

  base::Result<std::string> version(const std::string& library) override {
    EDGESCOPE_TRY(api, edgetpu::Api::open(library));
    return short_version(api.version());
  }

  base::Result<Loaded> load(const LoadRequest& request) override {
    EDGESCOPE_TRY(host, tflite::Api::open(request.host));
    EDGESCOPE_TRY(api, edgetpu::Api::open(request.library));
    for (const auto& [key, value] : request.properties)
      if (std::find(std::begin(kProperties), std::end(kProperties), key) == std::end(kProperties))
        return base::fail({.fault = base::Fault::usage,
                           .what = fmt::format("{} has no property \"{}\"", name_, key),
                           .remedy = fmt::format("It has {}.", fmt::join(kProperties, ", "))});
    EDGESCOPE_TRY(devices, choose_devices(api, static_cast<std::size_t>(std::max(request.sticks, 1))));

    Loaded loaded{.version = fmt::format("{}, TFLite {}", short_version(api.version()), host.Version()),
                  .kernels = "edgetpu",
                  .precision = "as in the model",
                  .threads = request.threads};
    std::vector<std::string> models = request.alternate;
    models.insert(models.begin(), request.model);
    for (std::size_t i = 0; i < models.size(); ++i) {
      const Device& device = devices[i % devices.size()];
      EDGESCOPE_TRY(delegate, open_device(api, device, request.properties));
      EDGESCOPE_CHECK(add_model(host, models[i], delegate, request.threads));
      loaded.notes.push_back(fmt::format(
          "{}: {} on the Edge TPU at {}, {} on the CPU.", models[i].substr(models[i].find_last_of('/') + 1),
          counted(graphs_.back()->taken()), device.path, graphs_.back()->operators() - graphs_.back()->taken()));
    }
    if (models.size() > 1)
      loaded.notes.push_back(fmt::format("A run is a round: one inference of each of {} models.", models.size()));
    if (!stand_ins_.empty())
      loaded.meaningless =
          fmt::format("TFLite lacks {}; a stand-in that does nothing runs instead", fmt::join(stand_ins_, ", "));
    loaded.inputs = graphs_.front()->inputs();
    loaded.outputs = graphs_.front()->outputs();
    return loaded;
  }

  std::span<std::byte> input(std::size_t index) override { return graphs_.front()->input(index); }
  std::span<const std::byte> output(std::size_t index) override { return graphs_.front()->output(index); }

  base::Status run() override {
    for (std::size_t i = 0; i < graphs_.size(); ++i)
      if (!graphs_[i]->invoke())
        return base::fail(runtime_error(name_, "failed while running the model", paths_[i], graphs_[i]->said()));
    return {};
  }

 private:
  static std::string counted(int operators) {
    return operators == 1 ? "1 operator" : fmt::format("{} operators", operators);
  }

  // The stick that the name says and those behind it, ordered by path, so that numbers keep their meaning.
  base::Result<std::vector<Device>> choose_devices(const edgetpu::Api& api, std::size_t count) const {
    const StderrSince log;
    std::size_t there = 0, first = 0;
    const Device* list = api.list_devices(&there);
    std::vector<Device> devices(list, list + there);
    std::sort(devices.begin(), devices.end(),
              [](const Device& a, const Device& b) { return std::string_view(a.path) < b.path; });
    if (is_virtual(name_) && there == 0)
      return base::fail(runtime_error(name_, "has no stick on its simulated bus", "", log.text()));
    if (const auto colon = name_.find(':'); colon != std::string::npos && !is_virtual(name_))
      std::from_chars(name_.data() + colon + 1, name_.data() + name_.size(), first);
    if (there < first + count)
      return base::fail({.fault = base::Fault::missing,
                         .what = there == 0 ? "libedgetpu finds no Edge TPU"
                                            : fmt::format("libedgetpu finds {} Edge TPU{}; {} needs {}", there,
                                                          there == 1 ? "" : "s", name_, first + count),
                         .remedy = coral_advice(plugged_corals())});
    return std::vector<Device>(devices.begin() + static_cast<std::ptrdiff_t>(first),
                               devices.begin() + static_cast<std::ptrdiff_t>(first + count));
  }

  base::Result<tflite::Delegate*> open_device(const edgetpu::Api& api, const Device& device,
                                              const std::map<std::string, std::string>& properties) const {
    std::vector<edgetpu::Option> options;
    for (const auto& [key, value] : properties) options.push_back({key.c_str(), value.c_str()});
    const StderrSince log;
    tflite::Delegate* delegate = api.create_delegate(device.type, device.path, options.data(), options.size());
    if (delegate) return delegate;
    base::Error error =
        runtime_error(name_, fmt::format("cannot open the Edge TPU at {}", device.path), "", log.text());
    if (!is_virtual(name_)) {
      error.fault = base::Fault::missing;
      error.remedy = coral_advice(plugged_corals());
    }
    return base::fail(std::move(error));
  }

  base::Status add_model(const tflite::Api& host, const std::string& path, tflite::Delegate* delegate, int threads) {
    auto graph = std::make_unique<Graph>(host);
    const StderrSince log;
    if (!graph->read(path)) return base::fail(runtime_error(name_, "cannot read the model", path, log.text()));
    while (!graph->prepare({.threads = threads, .delegate = delegate, .stand_ins = stand_ins_})) {
      base::Error error = runtime_error(name_, "cannot prepare the model", path, graph->said() + log.text());
      const bool lacks_compiled = error.node == "edgetpu-custom-op";
      if (!is_virtual(name_) || error.node.empty() || lacks_compiled || stand_ins_.size() == kMostStandIns ||
          std::find(stand_ins_.begin(), stand_ins_.end(), error.node) != stand_ins_.end())
        return base::fail(std::move(error));
      stand_ins_.push_back(error.node);
    }
    if (graph->taken() == 0)
      return base::fail({.fault = base::Fault::runtime,
                         .what = "has no operator for the Edge TPU: it is not a compiled model",
                         .file = path,
                         .remedy = "Compile it with edgetpu_compiler, Coral's program for x86-64."});
    const std::vector<Port> ports = graph->inputs();
    for (std::size_t i = 0; i < ports.size(); ++i) fill_input(ports[i].type, graphs_.size() + 1, 0, i, graph->input(i));
    graphs_.push_back(std::move(graph));
    paths_.push_back(path);
    return {};
  }

  std::string name_;
  std::vector<std::unique_ptr<Graph>> graphs_;
  std::vector<std::string> paths_;
  std::vector<std::string> stand_ins_;
};

}  // namespace

std::unique_ptr<Session> make_edgetpu_session(std::string name) {
  return std::make_unique<EdgeTpuSession>(std::move(name));
}

}  // namespace edgescope::runtime
