#include "measure/virtual_sticks.h"

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "format/tflite/cut.h"
#include "format/tflite/reader.h"

namespace edgescope::measure {
namespace {

using base::Json;
using format::edgetpu::ExecutableType;
using format::edgetpu::Package;

// The executable that an inference runs: its layers are the operator's inputs and outputs.
const format::edgetpu::Executable* running(const Package& package) {
  for (const auto& executable : package.executables)
    if (executable.type != ExecutableType::ParameterCaching) return &executable;
  return nullptr;
}

// A file for each Edge TPU operator with the part of the source model that it stands for.
base::Result<Json> source_parts(const std::string& source, const Compiled& compiled, const std::string& folder) {
  EDGESCOPE_TRY(file, base::MappedFile::open(source));
  Json parts = Json::array();
  for (const Package& package : compiled.packages) {
    const auto* executable = running(package);
    if (executable == nullptr)
      return base::fail({.what = "has an operator without an executable to run", .file = compiled.path});
    std::vector<std::string> inputs, outputs;
    for (const auto& layer : executable->inputs) inputs.push_back(layer.name);
    for (const auto& layer : executable->outputs) outputs.push_back(layer.name);
    auto part = format::tflite::cut(file, inputs, outputs);
    if (!part) {
      base::Error error = part.error();
      error.remedy = "Give with --source the model that this file was compiled from.";
      return base::fail(std::move(error));
    }
    const std::string path = fmt::format("{}/part{}.tflite", folder, parts.size());
    EDGESCOPE_CHECK(base::write_file(path, {reinterpret_cast<const char*>(part->data()), part->size()}));
    parts.push_back(path);
  }
  return parts;
}

}  // namespace

base::Result<Compiled> read_compiled(const std::string& path) {
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  EDGESCOPE_TRY(model, format::tflite::read(file));
  Compiled compiled{.path = path, .model = std::move(model), .packages = {}};
  for (const graph::Operator& op : compiled.model.subgraphs.at(0).operators) {
    if (op.source_kind != format::edgetpu::kCustomCode) continue;
    EDGESCOPE_TRY(package, format::edgetpu::read_package(op.options, path));
    compiled.packages.push_back(std::move(package));
  }
  if (compiled.packages.empty())
    return base::fail({.fault = base::Fault::runtime,
                       .what = "has no operator for the Edge TPU: it is not a compiled model",
                       .file = path,
                       .remedy = "Compile it with edgetpu_compiler, Coral's program for x86-64."});
  return compiled;
}

base::Result<SessionFiles> write_session(const VirtualSticks& sticks, const std::vector<Compiled>& models,
                                         const std::string& tflite, bool transfers, const std::string& folder) {
  SessionFiles files{folder + "/session.json", folder + "/bus.jsonl"};
  Json session = {{"log", files.log},
                  {"transfers", transfers},
                  {"tflite", tflite},
                  {"devices", Json::array()},
                  {"models", Json::array()}};
  for (int i = 0; i < sticks.count; ++i)
    session["devices"].push_back(
        {{"kind", "coral"}, {"speed", sticks.usb3 ? "usb3" : "usb2"}, {"firmware", sticks.firmware}});
  for (std::size_t i = 0; i < models.size(); ++i) {
    Json entry = {{"file", models[i].path}};
    if (i == 0 && !sticks.source.empty()) {
      EDGESCOPE_TRY(parts, source_parts(sticks.source, models[i], folder));
      entry["parts"] = std::move(parts);
    }
    session["models"].push_back(std::move(entry));
  }
  EDGESCOPE_CHECK(base::write_file(files.session, base::dump(session)));
  return files;
}

std::vector<std::string> complaints(const std::vector<Json>& log) {
  std::vector<std::string> all;
  for (const Json& line : log)
    if (line.value("event", "") == "error") all.push_back(line.value("message", ""));
  return all;
}

}  // namespace edgescope::measure
