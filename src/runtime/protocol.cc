#include "runtime/protocol.h"

namespace edgescope::runtime {
namespace {

using base::Json;

graph::ElementType element_type_from(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(graph::ElementType::Variant); ++i)
    if (graph::element_type_name(static_cast<graph::ElementType>(i)) == name) return static_cast<graph::ElementType>(i);
  return graph::ElementType::Unknown;
}

Json ports_to_json(const std::vector<Port>& ports) {
  Json json = Json::array();
  for (const Port& port : ports) {
    Json entry = {{"name", port.name},
                  {"type", graph::element_type_name(port.type)},
                  {"shape", port.shape},
                  {"bytes", port.bytes}};
    if (port.quantized) {
      entry["scale"] = port.scale;
      entry["zero_point"] = port.zero_point;
    }
    json.push_back(std::move(entry));
  }
  return json;
}

std::vector<Port> ports_from(const Json& json) {
  std::vector<Port> ports;
  for (const Json& entry : json) {
    Port port{.name = entry.at("name").get<std::string>(),
              .type = element_type_from(entry.at("type").get<std::string>()),
              .shape = entry.at("shape").get<std::vector<std::int64_t>>(),
              .bytes = entry.at("bytes").get<std::uint64_t>(),
              .quantized = entry.contains("scale")};
    if (port.quantized) {
      port.scale = entry.at("scale").get<double>();
      port.zero_point = entry.at("zero_point").get<std::int64_t>();
    }
    ports.push_back(std::move(port));
  }
  return ports;
}

constexpr std::string_view kFaults[] = {"usage", "input", "missing", "runtime", "output", "interrupted"};

}  // namespace

Json to_json(const LoadRequest& request) {
  return {{"model", request.model},         {"library", request.library},       {"host", request.host},
          {"alternate", request.alternate}, {"sticks", request.sticks},         {"threads", request.threads},
          {"profile", request.profile},     {"properties", request.properties}, {"also_outputs", request.also_outputs},
          {"half_ends", request.half_ends}};
}

Json to_json(const Loaded& loaded) {
  return {{"inputs", ports_to_json(loaded.inputs)},
          {"outputs", ports_to_json(loaded.outputs)},
          {"version", loaded.version},
          {"kernels", loaded.kernels},
          {"precision", loaded.precision},
          {"threads", loaded.threads},
          {"notes", loaded.notes},
          {"meaningless", loaded.meaningless}};
}

Json to_json(const std::vector<OperatorTime>& operators) {
  Json json = Json::array();
  for (const OperatorTime& op : operators)
    json.push_back({{"name", op.name}, {"kind", op.kind}, {"kernel", op.kernel}, {"us", op.microseconds}});
  return json;
}

Json to_json(const base::Error& error) {
  return {{"fault", kFaults[static_cast<std::size_t>(error.fault)]},
          {"what", error.what},
          {"file", error.file},
          {"node", error.node},
          {"remedy", error.remedy}};
}

base::Result<LoadRequest> load_request_from(const Json& message) {
  return read_message(message, [](const Json& json) {
    return LoadRequest{.model = json.at("model").get<std::string>(),
                       .library = json.at("library").get<std::string>(),
                       .host = json.value("host", std::string()),
                       .alternate = json.value("alternate", std::vector<std::string>()),
                       .sticks = json.value("sticks", 1),
                       .threads = json.at("threads").get<int>(),
                       .profile = json.at("profile").get<bool>(),
                       .properties = json.at("properties").get<std::map<std::string, std::string>>(),
                       .also_outputs = json.value("also_outputs", std::vector<std::string>()),
                       .half_ends = json.value("half_ends", false)};
  });
}

base::Result<Loaded> loaded_from(const Json& message) {
  return read_message(message, [](const Json& json) {
    return Loaded{.inputs = ports_from(json.at("inputs")),
                  .outputs = ports_from(json.at("outputs")),
                  .version = json.at("version").get<std::string>(),
                  .kernels = json.at("kernels").get<std::string>(),
                  .precision = json.at("precision").get<std::string>(),
                  .threads = json.at("threads").get<int>(),
                  .notes = json.at("notes").get<std::vector<std::string>>(),
                  .meaningless = json.value("meaningless", std::string())};
  });
}

base::Result<std::vector<OperatorTime>> operators_from(const Json& message) {
  return read_message(message, [](const Json& json) {
    std::vector<OperatorTime> operators;
    for (const Json& op : json)
      operators.push_back({.name = op.at("name").get<std::string>(),
                           .kind = op.at("kind").get<std::string>(),
                           .kernel = op.at("kernel").get<std::string>(),
                           .microseconds = op.at("us").get<double>()});
    return operators;
  });
}

base::Result<base::Error> error_from(const Json& message) {
  return read_message(message, [](const Json& json) {
    base::Error error{.fault = base::Fault::runtime, .what = json.at("what").get<std::string>()};
    const std::string fault = json.at("fault").get<std::string>();
    for (std::size_t i = 0; i < std::size(kFaults); ++i)
      if (fault == kFaults[i]) error.fault = static_cast<base::Fault>(i);
    error.file = json.at("file").get<std::string>();
    error.node = json.at("node").get<std::string>();
    error.remedy = json.at("remedy").get<std::string>();
    return error;
  });
}

}  // namespace edgescope::runtime
