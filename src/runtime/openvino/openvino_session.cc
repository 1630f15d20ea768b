#include "runtime/openvino/openvino_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "runtime/inputs.h"
#include "runtime/messages.h"
#include "runtime/openvino/element_types.h"
#include "runtime/openvino/openvino_api.h"
#include "runtime/openvino/openvino_properties.h"
#include "runtime/oracle.h"
#include "runtime/stream.h"

namespace edgescope::runtime {
namespace {

namespace ov = openvino;

constexpr int kMostRequests = 1024;  // of a stream

class OpenVinoSession final : public Session, public Streaming, public Oracle {
 public:
  explicit OpenVinoSession(std::string device) : device_(std::move(device)) {}

  base::Result<std::string> version(const std::string& library) override {
    EDGESCOPE_TRY(api, ov::Api::open(library));
    return version_of(api);
  }

  base::Result<Loaded> load(const LoadRequest& request) override {
    Loaded loaded;
    EDGESCOPE_CHECK(read_and_compile(request, loaded));
    if (const ov::Status status = api_.compiled_model_create_infer_request(compiled_, &request_))
      return base::fail(error("cannot create an inference request", status));
    EDGESCOPE_CHECK(add_ports(loaded));
    describe(request, loaded);
    for (const Port& port : loaded.inputs) input_types_.push_back(port.type);
    return loaded;
  }

  // QueryNetwork is not in the C interface.
  base::Result<std::vector<std::string>> query(const LoadRequest& request) override {
    return base::fail({.fault = base::Fault::runtime,
                       .what = "OpenVINO's C interface cannot be asked what a plugin supports",
                       .file = request.model});
  }

  base::Status compile(const LoadRequest& request, const CompileOutputs& outputs) override {
    Loaded loaded;
    EDGESCOPE_CHECK(read_and_compile(request, loaded));
    if (outputs.blob.empty()) return {};
    if (const ov::Status status = api_.compiled_model_export_model(compiled_, outputs.blob.c_str()))
      return base::fail(error("cannot export the compiled model", status));
    return {};
  }

  std::span<std::byte> input(std::size_t index) override { return bytes(inputs_[index]); }
  std::span<const std::byte> output(std::size_t index) override { return bytes(outputs_[index]); }

  base::Status run() override {
    if (const ov::Status status = api_.infer_request_infer(request_))
      return base::fail(error("failed while running the model", status));
    return {};
  }

  base::Result<Properties> properties(const std::string& library) override {
    EDGESCOPE_CHECK(start(library));
    return ov::properties_of(api_, core_, device_);
  }

  base::Result<Stream> stream(const StreamRequest& limits) override {
    const int best = std::max(1, std::atoi(property("OPTIMAL_NUMBER_OF_INFER_REQUESTS").c_str()));
    const int requests = std::min(limits.requests > 0 ? limits.requests : best, kMostRequests);
    flight_ = std::make_unique<Flight>(requests);
    EDGESCOPE_CHECK(prepare(requests, limits.seed));
    const auto of = [this](int index) { return flying_[static_cast<std::size_t>(index)].request; };
    return flight_->run(
        limits,
        [&](int index) -> base::Status {
          if (const ov::Status status = api_.infer_request_start_async(of(index)))
            return base::fail(error("failed while starting an inference", status));
          return {};
        },
        [&](int index) -> base::Status {
          if (const ov::Status status = api_.infer_request_wait(of(index)))
            return base::fail(error("failed while running the model", status));
          return {};
        });
  }

  base::Result<std::vector<OperatorTime>> profile() override {
    std::vector<OperatorTime> operators;
    ov::NodeTimes times{};
    if (const ov::Status status = api_.infer_request_get_profiling_info(request_, &times))
      return base::fail(error("gives no times of operators", status));
    for (std::size_t i = 0; i < times.count; ++i) {
      const ov::NodeTime& node = times.nodes[i];
      if (node.status != ov::kExecuted) continue;
      operators.push_back({.name = node.name,
                           .kind = node.node_type,
                           .kernel = node.exec_type,
                           .microseconds = static_cast<double>(node.real_us)});
    }
    api_.profiling_info_list_free(&times);
    return operators;
  }

 private:
  // A request of a stream; the first is the one that run() uses.
  struct Flying {
    OpenVinoSession* session;
    int index;
    ov::InferRequest* request;
  };

  base::Status prepare(int requests, std::uint64_t seed) {
    flying_.reserve(kMostRequests);  // callbacks keep their addresses
    while (flying_.size() < static_cast<std::size_t>(requests)) {
      ov::InferRequest* request = request_;
      if (!flying_.empty())
        if (const ov::Status status = api_.compiled_model_create_infer_request(compiled_, &request))
          return base::fail(error("cannot create an inference request", status));
      flying_.push_back({this, static_cast<int>(flying_.size()), request});
      const ov::Callback callback{[](void* argument) {
                                    const auto* flying = static_cast<Flying*>(argument);
                                    flying->session->flight_->done(flying->index);
                                  },
                                  &flying_.back()};
      if (const ov::Status status = api_.infer_request_set_callback(request, &callback))
        return base::fail(error("takes no callback", status));
      for (std::size_t i = 0; i < input_types_.size(); ++i) {
        ov::Tensor* tensor = nullptr;
        if (const ov::Status status = api_.infer_request_get_input_tensor_by_index(request, i, &tensor))
          return base::fail(error("gives no input", status));
        fill_input(input_types_[i], seed, flying_.size(), i, bytes(tensor));
      }
    }
    return {};
  }

  base::Status start(const std::string& library) {
    if (core_ != nullptr) return {};
    EDGESCOPE_TRY(api, ov::Api::open(library));
    api_ = api;
    if (const ov::Status status = api_.core_create(&core_)) return base::fail(error("cannot start", status));
    return {};
  }

  base::Status read_and_compile(const LoadRequest& request, Loaded& loaded) {
    model_path_ = request.model;
    EDGESCOPE_CHECK(start(request.library));
    loaded.version = version_of(api_);
    if (request.half_ends)
      return base::fail({.fault = base::Fault::usage,
                         .what =
                             "the ends of a network are of 16-bit floats for OpenVINO 2021 alone when they are asked "
                             "for; this release takes those of an IR 11 as they are",
                         .remedy = "Leave --half-ends out."});
    EDGESCOPE_CHECK(set_properties(request));
    ov::Model* model = nullptr;
    if (const ov::Status status = api_.core_read_model(core_, request.model.c_str(), nullptr, &model))
      return base::fail(error("cannot read the model", status));
    EDGESCOPE_CHECK(close_dimensions(model, loaded));
    if (const ov::Status status = api_.core_compile_model(core_, model, device_.c_str(), 0, &compiled_))
      return base::fail(error("cannot compile the model", status));
    return {};
  }

  static std::string version_of(const ov::Api& api) {
    ov::Version version{};
    if (api.get_openvino_version(&version) != 0) return "unknown";
    std::string text = version.build ? version.build : "unknown";
    api.version_free(&version);
    return text;
  }

  base::Error error(const std::string& what, ov::Status status) const {
    std::string log =
        api_.get_last_err_msg != nullptr && api_.get_last_err_msg() != nullptr ? api_.get_last_err_msg() : "";
    if (log.empty()) log = api_.get_error_info(status);
    base::Error failure = runtime_error("openvino:" + device_, what, model_path_, log);
    // Says nothing of the model: this OpenVINO has no such plugin, or the plugin no device.
    const bool no_plugin = log.find("is not registered in the OpenVINO Runtime") != std::string::npos;
    const bool no_stick = log.find("Can not init Myriad device") != std::string::npos;
    if (!no_plugin && !no_stick) return failure;
    failure.fault = base::Fault::missing;
    failure.remedy = no_stick ? "Plug a stick in; where `lsusb` lists 03e7:2485, its udev rules are missing."
                     : device_ == "MYRIAD"
                         ? "OpenVINO 2022.1 to 2022.3 LTS have it, in their archives: name one with --runtime-library "
                           "openvino=PATH, or use ie2021:MYRIAD."
                         : "";
    return failure;
  }

  base::Status set_properties(const LoadRequest& request) {
    std::map<std::string, std::string> properties;
    if (device_ == "CPU" && request.threads > 0)
      properties = {{"INFERENCE_NUM_THREADS", std::to_string(request.threads)}, {"NUM_STREAMS", "1"}};
    if (request.profile) properties["PERF_COUNT"] = "YES";
    for (const auto& [key, value] : request.properties) properties[key] = value;
    for (const auto& [key, value] : properties) {
      if (const ov::Status status = api_.core_set_property(core_, device_.c_str(), key.c_str(), value.c_str(),
                                                           static_cast<const char*>(nullptr)))
        return base::fail(error(fmt::format("refuses the property {} = {}", key, value), status));
    }
    return {};
  }

  // Open dimensions become as small as the model allows.
  base::Status close_dimensions(ov::Model* model, Loaded& loaded) {
    std::size_t count = 0;
    if (const ov::Status status = api_.model_inputs_size(model, &count))
      return base::fail(error("cannot count inputs", status));
    for (std::size_t i = 0; i < count; ++i) {
      ov::Port* port = nullptr;
      ov::PartialShape shape{}, closed{};
      ov::Status status = api_.model_const_input_by_index(model, i, &port);
      if (status == 0) status = api_.port_get_partial_shape(port, &shape);
      if (status != 0) return base::fail(error("cannot tell the shape of an input", status));
      const std::string name = name_of(port);
      api_.output_const_port_free(port);
      if (shape.rank.min != shape.rank.max)
        return base::fail({.fault = base::Fault::runtime,
                           .what = "the input has no fixed number of dimensions",
                           .file = model_path_,
                           .node = name,
                           .remedy = "Give it a shape when the model is exported."});
      bool open = false;
      std::vector<ov::Dimension> dims(shape.dims, shape.dims + shape.rank.max);
      for (ov::Dimension& dim : dims) {
        open = open || dim.min != dim.max;
        if (dim.min != dim.max) dim.min = dim.max = std::max<std::int64_t>(dim.min, 1);
      }
      api_.partial_shape_free(&shape);
      if (!open) continue;
      status = api_.partial_shape_create(static_cast<std::int64_t>(dims.size()), dims.data(), &closed);
      if (status == 0) status = api_.model_reshape_by_port_indexes(model, &i, &closed, 1);
      if (status != 0)
        return base::fail(error(fmt::format("cannot close the open dimensions of the input {}", name), status));
      api_.partial_shape_free(&closed);
      loaded.notes.push_back(
          fmt::format("Open dimensions of the input {} are set to 1, or to the least that the model allows.", name));
    }
    return {};
  }

  std::string name_of(const ov::Port* port) const {
    char* text = nullptr;
    if (api_.port_get_any_name(port, &text) != 0 || text == nullptr) return "";
    std::string name = text;
    api_.free(text);
    return name;
  }

  base::Status add_ports(Loaded& loaded) {
    types_ = ov::element_types(api_);
    std::size_t inputs = 0, outputs = 0;
    ov::Status status = api_.compiled_model_inputs_size(compiled_, &inputs);
    if (status == 0) status = api_.compiled_model_outputs_size(compiled_, &outputs);
    if (status != 0) return base::fail(error("cannot count inputs and outputs", status));
    for (std::size_t i = 0; i < inputs; ++i)
      EDGESCOPE_CHECK(add_port(i, api_.compiled_model_input_by_index, api_.infer_request_get_input_tensor_by_index,
                               inputs_, loaded.inputs));
    for (std::size_t i = 0; i < outputs; ++i)
      EDGESCOPE_CHECK(add_port(i, api_.compiled_model_output_by_index, api_.infer_request_get_output_tensor_by_index,
                               outputs_, loaded.outputs));
    return {};
  }

  template <typename GetPort, typename GetTensor>
  base::Status add_port(std::size_t index, GetPort get_port, GetTensor get_tensor, std::vector<ov::Tensor*>& tensors,
                        std::vector<Port>& ports) {
    ov::Port* handle = nullptr;
    ov::Tensor* tensor = nullptr;
    ov::Shape shape{};
    int type = 0;
    std::size_t size = 0;
    ov::Status status = get_port(compiled_, index, &handle);
    // The CPU plugin knows the memory of some outputs (numbers without a dimension) only after an inference.
    if (status == 0 && get_tensor(request_, index, &tensor) != 0) {
      status = api_.infer_request_infer(request_);
      if (status == 0) status = get_tensor(request_, index, &tensor);
    }
    if (status == 0) status = api_.tensor_get_element_type(tensor, &type);
    if (status == 0) status = api_.tensor_get_shape(tensor, &shape);
    if (status == 0) status = api_.tensor_get_byte_size(tensor, &size);
    if (status != 0) return base::fail(error("cannot tell the type of an input or output", status));
    Port port{.name = name_of(handle), .shape = {shape.dims, shape.dims + shape.rank}, .bytes = size};
    if (type >= 0 && static_cast<std::size_t>(type) < types_.size()) port.type = types_[static_cast<std::size_t>(type)];
    api_.shape_free(&shape);
    api_.output_const_port_free(handle);
    tensors.push_back(tensor);
    ports.push_back(std::move(port));
    return {};
  }

  std::span<std::byte> bytes(const ov::Tensor* tensor) const {
    void* address = nullptr;
    std::size_t size = 0;
    if (api_.tensor_data(tensor, &address) != 0 || api_.tensor_get_byte_size(tensor, &size) != 0) return {};
    return {static_cast<std::byte*>(address), size};
  }

  std::string property(const char* key) const {
    char* text = nullptr;
    if (api_.compiled_model_get_property(compiled_, key, &text) != 0 || text == nullptr) return "";
    std::string value = text;
    api_.free(text);
    return value;
  }

  // What the plugin made of the request: precision and threads are its choice in the end.
  void describe(const LoadRequest& request, Loaded& loaded) const {
    loaded.kernels = device_ == "CPU" ? "onednn" : device_;
    const std::string precision = property("INFERENCE_PRECISION_HINT");
    const bool asked = request.properties.contains("INFERENCE_PRECISION_HINT");
    loaded.precision = precision.empty() ? "not told" : precision;
    if (!precision.empty() && precision != "f32" && !asked) {
      loaded.precision += " (chosen by the plugin)";
      loaded.notes.push_back(
          fmt::format("The plugin computes what is float in {} by itself; INFERENCE_PRECISION_HINT=f32 keeps it exact.",
                      precision));
    }
    const std::string threads = property("INFERENCE_NUM_THREADS");
    loaded.threads = threads.empty() ? request.threads : std::atoi(threads.c_str());
  }

  std::string device_;
  std::string model_path_;
  ov::Api api_{};
  ov::Core* core_ = nullptr;  // never freed: the process ends with its one model
  ov::CompiledModel* compiled_ = nullptr;
  ov::InferRequest* request_ = nullptr;
  std::vector<ov::Tensor*> inputs_, outputs_;
  std::vector<graph::ElementType> types_, input_types_;
  std::vector<Flying> flying_;
  std::unique_ptr<Flight> flight_;
};

}  // namespace

std::unique_ptr<Session> make_openvino_session(std::string device) {
  return std::make_unique<OpenVinoSession>(std::move(device));
}

}  // namespace edgescope::runtime
