#include "virtual/session/session.h"

#include <chrono>
#include <cstdio>

#include "base/json.h"
#include "base/mapped_file.h"
#include "format/edgetpu/package.h"
#include "format/tflite/reader.h"
#include "virtual/coral/stick.h"
#include "virtual/myriad/stick.h"

namespace edgescope::virtual_usb {
namespace {

using base::Json;

struct State {
  std::vector<graph::Model> models;
  std::vector<format::edgetpu::Package> packages;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> log{nullptr, std::fclose};
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::unique_ptr<Bus> bus;
};

Json begin_line(const State& state, std::size_t device) {
  const std::chrono::duration<double, std::micro> now = std::chrono::steady_clock::now() - state.start;
  return {{"device", device}, {"us", now.count()}};
}

// Whoever reads the log must find what was before a crash: `flush`.
void write_line(const State& state, const Json& line, bool flush) {
  const std::string text = base::dump(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), state.log.get());
  if (flush) std::fflush(state.log.get());
}

void write(State& state, std::size_t device, const myriad::Event& event) {
  if (!state.log) return;
  Json line = begin_line(state, device);
  switch (event.kind) {
    case myriad::Event::Kind::Boot:
      line.update({{"event", "boot"}, {"bytes", event.bytes}});
      break;
    case myriad::Event::Kind::Allocate:
      line.update({{"event", "allocate"}, {"graph", event.graph}, {"bytes", event.bytes}, {"stages", event.header.stages}, {"bss_bytes", event.header.bss_bytes}});
      break;
    case myriad::Event::Kind::Infer:
      line.update({{"event", "infer"}, {"graph", event.graph}, {"bytes", event.bytes}});
      break;
    case myriad::Event::Kind::Error:
      line.update({{"event", "error"}, {"message", event.message}});
      break;
  }
  write_line(state, line, true);
}

void write(State& state, std::size_t device, const coral::Event& event) {
  if (!state.log) return;
  Json line = begin_line(state, device);
  switch (event.kind) {
    case coral::Event::Kind::Step:
      line["event"] = "step";
      line["executable"] = event.executable;
      line["step"] = format::edgetpu::dma_kind_name(event.step);
      line["bytes"] = event.bytes;
      if (!event.layer.empty()) line["layer"] = event.layer;
      break;
    case coral::Event::Kind::Done:
      line["event"] = "done";
      line["executable"] = event.executable;
      break;
    case coral::Event::Kind::Error:
      line["event"] = "error";
      line["message"] = event.message;
      break;
  }
  write_line(state, line, event.kind != coral::Event::Kind::Step);
}

base::Status load_model(State& state, const std::string& path) {
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  EDGESCOPE_TRY(model, format::tflite::read(file));
  state.models.push_back(std::move(model));
  for (const graph::Subgraph& subgraph : state.models.back().subgraphs)
    for (const graph::Operator& op : subgraph.operators) {
      if (op.source_kind != format::edgetpu::kCustomCode) continue;
      EDGESCOPE_TRY(package, format::edgetpu::read_package(op.options, path));
      state.packages.push_back(std::move(package));
    }
  return {};
}

base::Result<Json> read_json(const std::string& path) {
  if (path.starts_with('{')) return base::parse_json(path, "EDGESCOPE_VIRTUAL_USB");
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  return base::parse_json({reinterpret_cast<const char*>(file.bytes().data()), file.size()}, path);
}

}  // namespace

base::Result<std::shared_ptr<Bus>> open_session(const std::string& path) {
  EDGESCOPE_TRY(json, read_json(path));
  const auto state = std::make_shared<State>();
  for (const Json& model : json.value("models", Json::array()))
    if (model.is_string()) EDGESCOPE_CHECK(load_model(*state, model.get<std::string>()));
  std::vector<const format::edgetpu::Executable*> executables;
  for (const auto& package : state->packages)
    for (const auto& executable : package.executables) executables.push_back(&executable);
  if (const std::string log = json.value("log", std::string()); !log.empty()) {
    state->log.reset(std::fopen(log.c_str(), "a"));
    if (!state->log) return base::fail({.fault = base::Fault::output, .what = "the log cannot be written", .file = log});
  }
  std::vector<std::unique_ptr<Device>> devices;
  for (const Json& device : json.value("devices", Json::array())) {
    const std::string kind = device.value("kind", "");
    if (kind != "coral" && kind != "myriad") return base::fail({.fault = base::Fault::input, .what = "names the unknown device `" + kind + "`", .file = path});
    const Speed speed = device.value("speed", "usb3") == "usb2" ? Speed::High : Speed::Super;
    if (kind == "myriad") {
      devices.push_back(std::make_unique<myriad::Stick>(speed, [raw = state.get(), index = devices.size()](const myriad::Event& event) { write(*raw, index, event); }));
      continue;
    }
    devices.push_back(std::make_unique<coral::Stick>(executables, speed, device.value("firmware", false),
                                                     [raw = state.get(), index = devices.size()](const coral::Event& event) { write(*raw, index, event); }));
  }
  state->bus = std::make_unique<Bus>(std::move(devices));
  return std::shared_ptr<Bus>(state, state->bus.get());
}

}  // namespace edgescope::virtual_usb
