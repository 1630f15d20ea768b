#include "measure/worker.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "base/beside_program.h"
#include "base/mapped_file.h"
#include "base/process.h"
#include "base/temporary_folder.h"
#include "base/units.h"
#include "measure/child.h"
#include "runtime/protocol.h"

namespace edgescope::measure {
namespace {

using base::Json;

constexpr std::size_t kSaidBytes = 4096;
constexpr std::size_t kQuotedBytes = 600;

base::Result<std::string> worker_program(std::string_view runtime) {
  const std::string name(runtime::worker_of(runtime));
  if (auto program = base::beside_program(name)) return std::move(*program);
  return base::fail({.fault = base::Fault::missing,
                     .what = fmt::format("the program {} is not beside this one", name),
                     .remedy = "`make build` makes both."});
}

std::map<std::string, std::string> composed_environment(const WorkerSpec& spec) {
  std::map<std::string, std::string> environment = base::plain_environment();
  if (!spec.runtime.search_path.empty())
    environment["LD_LIBRARY_PATH"] = fmt::format("{}", fmt::join(spec.runtime.search_path, ":"));
  for (const auto& [name, value] : spec.runtime.environment) environment[name] = value;
  for (const auto& [name, value] : spec.environment) environment[name] = value;
  return environment;
}

}  // namespace

struct Worker::Process {
  WorkerSpec spec;
  Child child;
  std::string model;
  runtime::Loaded loaded;

  base::Error failed(std::string what, std::string remedy = {}) const {
    std::string quoted = child.said(kQuotedBytes);
    while (!quoted.empty() && quoted.back() == '\n') quoted.pop_back();
    if (!quoted.empty()) what += fmt::format(". Its last words: \"{}\"", quoted);
    return {.fault = base::Fault::runtime, .what = std::move(what), .file = model, .remedy = std::move(remedy)};
  }

  // `doing` completes "litert crashed while ...".
  base::Result<Json> ask(const Json& request, const std::string& doing, std::chrono::milliseconds limit) {
    const std::string& on = spec.runtime.name;
    const Child::Reply reply = child.ask(base::dump(request), limit);
    switch (reply.end) {
      case Child::End::Answer:
        break;
      case Child::End::Gone:
        return base::fail(failed(fmt::format("{} {} while {}", on, child.how_it_ended(), doing)));
      case Child::End::Timeout:
        return base::fail(failed(fmt::format("{} gave no answer within {} s while {} and was stopped", on,
                                             std::chrono::duration<double>(limit).count(), doing)));
      case Child::End::Memory:
        return base::fail(failed(fmt::format("{} took more than {} of memory while {} and was stopped", on,
                                             base::bytes_text(spec.memory_limit), doing)));
      case Child::End::Flood:
        return base::fail(failed(fmt::format("{} wrote without end while {} and was stopped", on, doing)));
    }
    auto json = base::parse_json(reply.line, "the worker's answer");
    if (!json || !json->is_object() || !json->contains("ok") || !(*json)["ok"].is_boolean())
      return base::fail(nonsense(doing, reply.line));
    if ((*json)["ok"].get<bool>()) return std::move(*json);
    auto error = runtime::error_from(json->value("error", Json()));
    if (!error) return base::fail(nonsense(doing, reply.line));
    if (error->file.empty()) error->file = model;
    return base::fail(std::move(*error));
  }

  // A worker that does not keep to the language cannot be trusted with the next request.
  base::Error nonsense(const std::string& doing, const std::string& line) {
    child.kill();
    return failed(fmt::format("{} answered nonsense while {} and was stopped: \"{}\"", spec.runtime.name, doing,
                              line.substr(0, 100)));
  }

  // A request about a model: what `load` takes, the libraries being the spec's.
  Json about(const std::string& kind, const runtime::LoadRequest& request) {
    runtime::LoadRequest complete = request;
    complete.library = spec.runtime.library;
    complete.host = spec.runtime.host;
    model = request.model;
    Json message = {{"request", kind}, {"on", spec.runtime.name}};
    message.update(runtime::to_json(complete));
    return message;
  }

  // Reads an answer's members by `read`, which may throw Json::exception.
  template <typename Read>
  auto understand(const base::Result<Json>& answer, const std::string& doing, Read read)
      -> base::Result<decltype(read(*answer))> {
    if (!answer) return base::fail(answer.error());
    auto value = runtime::read_message(*answer, read);
    if (!value) return base::fail(nonsense(doing, base::dump(*answer)));
    return value;
  }
};

Worker::Worker(std::unique_ptr<Process> process) : process_(std::move(process)) {}
Worker::Worker(Worker&&) noexcept = default;
Worker& Worker::operator=(Worker&&) noexcept = default;
Worker::~Worker() = default;

base::Result<Worker> Worker::start(const WorkerSpec& spec) {
  std::string program = spec.program;
  if (program.empty()) {
    EDGESCOPE_TRY(found, worker_program(spec.runtime.name));
    program = std::move(found);
  }
  EDGESCOPE_TRY(
      child,
      Child::start({.program = program, .environment = composed_environment(spec), .memory_limit = spec.memory_limit}));
  return Worker(std::make_unique<Process>(Process{.spec = spec, .child = std::move(child), .model = {}, .loaded = {}}));
}

base::Result<std::string> Worker::version() {
  const Json request = {
      {"request", "version"}, {"on", process_->spec.runtime.name}, {"library", process_->spec.runtime.library}};
  const std::string doing = "telling its version";
  return process_->understand(process_->ask(request, doing, process_->spec.time_limit), doing,
                              [](const Json& json) { return json.at("version").get<std::string>(); });
}

base::Result<LoadAnswer> Worker::load(const runtime::LoadRequest& request) {
  const Json message = process_->about("load", request);
  const std::string doing = "loading the model";
  const auto answer = process_->ask(message, doing, process_->spec.time_limit);
  EDGESCOPE_TRY(load_ns, process_->understand(
                             answer, doing, [](const Json& json) { return json.at("load_ns").get<std::uint64_t>(); }));
  auto loaded = runtime::loaded_from(answer->value("loaded", Json()));
  if (!loaded) return base::fail(process_->nonsense(doing, base::dump(*answer)));
  process_->loaded = *loaded;
  return LoadAnswer{.loaded = std::move(*loaded), .load_ns = load_ns};
}

base::Result<std::vector<std::string>> Worker::query(const runtime::LoadRequest& request) {
  const std::string doing = "saying what it supports";
  return process_->understand(process_->ask(process_->about("query", request), doing, process_->spec.time_limit), doing,
                              [](const Json& json) { return json.at("supported").get<std::vector<std::string>>(); });
}

base::Result<CompileAnswer> Worker::compile(const runtime::LoadRequest& request,
                                            const runtime::CompileOutputs& outputs) {
  Json message = process_->about("compile", request);
  message["blob"] = outputs.blob;
  message["graph"] = outputs.graph;
  const std::string doing = "compiling the model";
  return process_->understand(process_->ask(message, doing, process_->spec.time_limit), doing, [](const Json& json) {
    return CompileAnswer{json.at("compile_ns").get<std::uint64_t>()};
  });
}

base::Result<runtime::Properties> Worker::properties() {
  const Json request = {
      {"request", "properties"}, {"on", process_->spec.runtime.name}, {"library", process_->spec.runtime.library}};
  const std::string doing = "telling its settings";
  using Values = std::map<std::string, std::string>;
  return process_->understand(process_->ask(request, doing, process_->spec.time_limit), doing, [](const Json& json) {
    return runtime::Properties{json.at("settings").get<Values>(), json.at("metrics").get<Values>(),
                               json.at("words").get<Values>()};
  });
}

base::Result<SampleAnswer> Worker::sample(const SampleRequest& request) {
  const Json message = {{"request", "sample"},
                        {"count", request.count},
                        {"max_seconds", request.max_seconds},
                        {"seed", request.seed},
                        {"fresh_inputs", request.fresh_inputs}};
  const auto limit = process_->spec.time_limit + std::chrono::duration_cast<std::chrono::milliseconds>(
                                                     std::chrono::duration<double>(request.max_seconds));
  const std::string doing = "running the model";
  return process_->understand(process_->ask(message, doing, limit), doing, [](const Json& json) {
    SampleAnswer answer{.durations_ns = json.at("durations_ns").get<std::vector<std::uint64_t>>()};
    if (json.contains("first_ns")) answer.first_ns = json.at("first_ns").get<std::uint64_t>();
    return answer;
  });
}

base::Result<StreamAnswer> Worker::stream(const runtime::StreamRequest& request) {
  const Json message = {{"request", "stream"},
                        {"requests", request.requests},
                        {"count", request.count},
                        {"max_seconds", request.max_seconds},
                        {"seed", request.seed}};
  const auto limit = process_->spec.time_limit + std::chrono::duration_cast<std::chrono::milliseconds>(
                                                     std::chrono::duration<double>(request.max_seconds));
  const std::string doing = "running the model";
  return process_->understand(process_->ask(message, doing, limit), doing, [](const Json& json) {
    return StreamAnswer{json.at("durations_ns").get<std::vector<std::uint64_t>>(), json.at("requests").get<int>()};
  });
}

base::Result<std::vector<runtime::OperatorTime>> Worker::profile(const ProfileRequest& request) {
  const Json message = {{"request", "profile"}, {"count", request.count}, {"seed", request.seed}};
  const std::string doing = "profiling the model";
  const auto answer = process_->ask(message, doing, process_->spec.time_limit);
  if (!answer) return base::fail(answer.error());
  auto operators = runtime::operators_from(answer->value("operators", Json()));
  if (!operators) return base::fail(process_->nonsense(doing, base::dump(*answer)));
  return operators;
}

base::Result<InferAnswer> Worker::infer(const InferRequest& request) {
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  Json inputs = Json::array();
  for (std::size_t i = 0; i < request.inputs.size(); ++i) {
    const std::string path = fmt::format("{}/input{}", folder.path(), i);
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(request.inputs[i].data()),
               static_cast<std::streamsize>(request.inputs[i].size()));
    file.close();
    if (!file)
      return base::fail({.fault = base::Fault::output, .what = "cannot write the inputs for a worker", .file = path});
    inputs.push_back(path);
  }
  const Json message = {{"request", "infer"},
                        {"rows", request.rows},
                        {"seed", request.seed},
                        {"inputs", inputs},
                        {"outputs", folder.path()}};
  const std::string doing = "running the model";
  const auto answer = process_->ask(message, doing, process_->spec.time_limit);
  EDGESCOPE_TRY(paths, process_->understand(answer, doing, [](const Json& json) {
    return json.at("outputs").get<std::vector<std::string>>();
  }));
  if (paths.size() != process_->loaded.outputs.size())
    return base::fail(process_->nonsense(doing, base::dump(*answer)));
  InferAnswer result;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    EDGESCOPE_TRY(file, base::MappedFile::open(paths[i]));
    const auto expected = base::checked_mul(request.rows, process_->loaded.outputs[i].bytes);
    if (!expected || file.size() != *expected) return base::fail(process_->nonsense(doing, base::dump(*answer)));
    result.outputs.emplace_back(file.bytes().begin(), file.bytes().end());
  }
  return result;
}

bool Worker::alive() const { return process_->child.alive(); }
int Worker::pid() const { return process_->child.pid(); }
const runtime::Found& Worker::runtime() const { return process_->spec.runtime; }
std::string Worker::said() const { return process_->child.said(kSaidBytes); }

}  // namespace edgescope::measure
