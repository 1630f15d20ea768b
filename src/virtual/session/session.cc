#include "virtual/session/session.h"

#include <chrono>
#include <cstdio>

#include "base/json.h"
#include "base/mapped_file.h"
#include "format/edgetpu/package.h"
#include "format/tflite/reader.h"
#include "virtual/coral/stick.h"

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

void write(State& state, std::size_t device, const coral::Event& event) {
  if (!state.log) return;
  const std::chrono::duration<double, std::micro> now = std::chrono::steady_clock::now() - state.start;
  Json line = {{"device", device}, {"us", now.count()}};
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
  const std::string text = base::dump(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), state.log.get());
  // Whoever reads the log must find what was before a crash.
  if (event.kind != coral::Event::Kind::Step) std::fflush(state.log.get());
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

}  // namespace

base::Result<std::shared_ptr<Bus>> open_session(const std::string& path) {
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  EDGESCOPE_TRY(json, base::parse_json({reinterpret_cast<const char*>(file.bytes().data()), file.size()}, path));
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
    if (kind != "coral") return base::fail({.fault = base::Fault::input, .what = "names the unknown device `" + kind + "`", .file = path});
    const Speed speed = device.value("speed", "usb3") == "usb2" ? Speed::High : Speed::Super;
    devices.push_back(std::make_unique<coral::Stick>(executables, speed, device.value("firmware", false),
                                                     [raw = state.get(), index = devices.size()](const coral::Event& event) { write(*raw, index, event); }));
  }
  state->bus = std::make_unique<Bus>(std::move(devices));
  return std::shared_ptr<Bus>(state, state->bus.get());
}

}  // namespace edgescope::virtual_usb
