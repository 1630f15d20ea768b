#include "virtual/session/session.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/mapped_file.h"
#include "format/edgetpu/package.h"
#include "format/tflite/reader.h"
#include "virtual/coral/stick.h"
#include "virtual/myriad/stick.h"
#include "virtual/session/source_part.h"

namespace edgescope::virtual_usb {
namespace {

using base::Json;

struct State {
  std::vector<graph::Model> models;
  std::vector<std::unique_ptr<format::edgetpu::Package>> packages;
  std::vector<coral::Operator> operators;
  std::vector<std::pair<std::size_t, std::size_t>> places;  // model and number in it, of each operator
  std::shared_ptr<Log> log;
  std::unique_ptr<Bus> bus;
};

void write(const State& state, std::size_t device, const myriad::Event& event) {
  if (!state.log) return;
  Json line;
  switch (event.kind) {
    case myriad::Event::Kind::Boot:
      line = {{"event", "boot"}, {"bytes", event.bytes}};
      break;
    case myriad::Event::Kind::Allocate:
      line = {{"event", "allocate"},
              {"graph", event.graph},
              {"bytes", event.bytes},
              {"stages", event.header.stages},
              {"bss_bytes", event.header.bss_bytes}};
      break;
    case myriad::Event::Kind::Infer:
      line = {{"event", "infer"}, {"graph", event.graph}, {"bytes", event.bytes}};
      break;
    case myriad::Event::Kind::Error:
      line = {{"event", "error"}, {"message", event.message}};
      break;
  }
  state.log->write(device_path(device), std::move(line));
}

void write(const State& state, std::size_t device, const coral::Event& event) {
  if (!state.log) return;
  Json line;
  switch (event.kind) {
    case coral::Event::Kind::Step:
    case coral::Event::Kind::Done:
      line["event"] = event.kind == coral::Event::Kind::Step ? "step" : "done";
      line["model"] = state.places[event.op].first;
      line["operator"] = state.places[event.op].second;
      line["executable"] = format::edgetpu::executable_type_name(event.executable);
      if (event.kind == coral::Event::Kind::Done) break;
      line["step"] = format::edgetpu::dma_kind_name(event.step);
      line["bytes"] = event.bytes;
      if (!event.layer.empty()) line["layer"] = event.layer;
      break;
    case coral::Event::Kind::Firmware:
      line["event"] = "firmware";
      line["bytes"] = event.bytes;
      break;
    case coral::Event::Kind::Error:
      line["event"] = "error";
      line["message"] = event.message;
      break;
  }
  state.log->write(device_path(device), std::move(line));
}

base::Status load_model(State& state, const Json& entry, const std::string& tflite) {
  const std::string path = entry.value("file", "");
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  EDGESCOPE_TRY(model, format::tflite::read(file));
  state.models.push_back(std::move(model));
  const Json parts = entry.value("parts", Json::array());
  std::size_t number = 0;
  for (const graph::Operator& op : state.models.back().subgraphs.at(0).operators) {
    if (op.source_kind != format::edgetpu::kCustomCode) continue;
    EDGESCOPE_TRY(package, format::edgetpu::read_package(op.options, path));
    state.packages.push_back(std::make_unique<format::edgetpu::Package>(std::move(package)));
    coral::Operator known{.package = state.packages.back().get()};
    if (number < parts.size() && parts[number].is_string())
      known.compute = source_part(parts[number].get<std::string>(), tflite);
    state.operators.push_back(std::move(known));
    state.places.emplace_back(state.models.size() - 1, number++);
  }
  return {};
}

base::Result<Json> read_json(const std::string& path) {
  if (path.starts_with('{')) return base::parse_json(path, "EDGESCOPE_VIRTUAL_USB");
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  return base::parse_json({reinterpret_cast<const char*>(file.bytes().data()), file.size()}, path);
}

}  // namespace

std::string device_path(std::size_t device) { return fmt::format("1-{}", device + 1); }

base::Result<Session> open_session(const std::string& path) {
  EDGESCOPE_TRY(json, read_json(path));
  const auto state = std::make_shared<State>();
  for (const Json& model : json.value("models", Json::array()))
    EDGESCOPE_CHECK(load_model(*state, model, json.value("tflite", std::string())));
  if (const std::string log = json.value("log", std::string()); !log.empty()) {
    EDGESCOPE_TRY(opened, Log::open(log));
    state->log = std::move(opened);
  }
  std::vector<std::unique_ptr<Device>> devices;
  for (const Json& device : json.value("devices", Json::array())) {
    const std::string kind = device.value("kind", "");
    if (kind != "coral" && kind != "myriad")
      return base::fail({.fault = base::Fault::input, .what = "names the unknown device `" + kind + "`", .file = path});
    const Speed speed = device.value("speed", "usb3") == "usb2" ? Speed::High : Speed::Super;
    const auto listener = [raw = state.get(), index = devices.size()](const auto& event) { write(*raw, index, event); };
    if (kind == "myriad")
      devices.push_back(std::make_unique<myriad::Stick>(speed, listener));
    else
      devices.push_back(
          std::make_unique<coral::Stick>(state->operators, speed, device.value("firmware", false), listener));
  }
  state->bus = std::make_unique<Bus>(std::move(devices));
  Session session{.bus = std::shared_ptr<Bus>(state, state->bus.get())};
  if (state->log && json.value("transfers", false)) session.recorder = std::make_shared<Recorder>(state->log);
  return session;
}

}  // namespace edgescope::virtual_usb
