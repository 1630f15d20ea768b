#include "runtime/worker/serve.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "base/mapped_file.h"
#include "runtime/inputs.h"
#include "runtime/oracle.h"
#include "runtime/protocol.h"
#include "runtime/stream.h"

namespace edgescope::runtime {
namespace {

using base::Json;
using Clock = std::chrono::steady_clock;

// Of one `sample` request: bounds the answer's size.
constexpr std::uint64_t kMaxSamples = 1u << 20;

const Json kExit = {{"request", "exit"}};

std::uint64_t nanoseconds(Clock::duration duration) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count());
}

base::Error usage(std::string what) { return {.fault = base::Fault::usage, .what = std::move(what)}; }

struct SampleOptions {
  std::uint64_t count = 1;
  double max_seconds = 0;
  std::uint64_t seed = 1;
  bool fresh_inputs = true;
};

class Server {
 public:
  base::Result<Json> answer(const Json& request) {
    EDGESCOPE_TRY(kind, read_message(request, [](const Json& json) { return json.at("request").get<std::string>(); }));
    if (kind == "load") return load(request);
    if (kind == "version") return version(request);
    if (kind == "query" || kind == "compile" || kind == "properties") return consult(kind, request);
    if (!loaded_) return base::fail(usage("no model is loaded"));
    if (kind == "sample") return sample(request);
    if (kind == "stream") return stream(request);
    if (kind == "infer") return infer(request);
    if (kind == "profile") return profile(request);
    return base::fail(usage(fmt::format("there is no request \"{}\"", kind)));
  }

 private:
  base::Status make(const Json& request) {
    EDGESCOPE_TRY(name, read_message(request, [](const Json& json) { return json.at("on").get<std::string>(); }));
    loaded_.reset();
    on_ = name;
    session_ = make_session(name);
    if (session_ == nullptr) return base::fail(usage(fmt::format("this worker has no runtime \"{}\"", name)));
    return {};
  }

  base::Result<Json> version(const Json& request) {
    EDGESCOPE_CHECK(make(request));
    EDGESCOPE_TRY(library,
                  read_message(request, [](const Json& json) { return json.at("library").get<std::string>(); }));
    EDGESCOPE_TRY(text, session_->version(library));
    return Json{{"version", text}};
  }

  // What needs no loaded model. The session stays for the next such request: one that only begins may take long.
  base::Result<Json> consult(const std::string& kind, const Json& message) {
    EDGESCOPE_TRY(name, read_message(message, [](const Json& json) { return json.at("on").get<std::string>(); }));
    if (session_ == nullptr || name != on_ || loaded_) EDGESCOPE_CHECK(make(message));
    if (kind == "properties") {
      auto* configurable = dynamic_cast<Configurable*>(session_.get());
      if (configurable == nullptr) return base::fail(usage(fmt::format("{} has no settings", name)));
      EDGESCOPE_TRY(library,
                    read_message(message, [](const Json& json) { return json.at("library").get<std::string>(); }));
      EDGESCOPE_TRY(properties, configurable->properties(library));
      return Json{{"settings", properties.settings}, {"metrics", properties.metrics}, {"words", properties.words}};
    }
    auto* oracle = dynamic_cast<Oracle*>(session_.get());
    if (oracle == nullptr)
      return base::fail(usage(fmt::format("{} tells nothing of models without running them", name)));
    EDGESCOPE_TRY(request, load_request_from(message));
    if (kind == "query") {
      EDGESCOPE_TRY(supported, oracle->query(request));
      return Json{{"supported", supported}};
    }
    EDGESCOPE_TRY(outputs, read_message(message, [](const Json& json) {
                    return CompileOutputs{json.at("blob").get<std::string>(), json.at("graph").get<std::string>()};
                  }));
    const auto start = Clock::now();
    EDGESCOPE_CHECK(oracle->compile(request, outputs));
    return Json{{"compile_ns", nanoseconds(Clock::now() - start)}};
  }

  base::Result<Json> load(const Json& message) {
    EDGESCOPE_CHECK(make(message));
    EDGESCOPE_TRY(request, load_request_from(message));
    const auto start = Clock::now();
    EDGESCOPE_TRY(loaded, session_->load(request));
    const auto end = Clock::now();
    first_ = true;
    loaded_ = std::move(loaded);
    return Json{{"loaded", to_json(*loaded_)}, {"load_ns", nanoseconds(end - start)}};
  }

  void fill(std::uint64_t seed, std::uint64_t row) {
    for (std::size_t i = 0; i < loaded_->inputs.size(); ++i)
      fill_input(loaded_->inputs[i].type, seed, row, i, session_->input(i));
  }

  base::Result<Json> sample(const Json& message) {
    EDGESCOPE_TRY(options, read_message(message, [](const Json& json) {
                    return SampleOptions{.count = json.at("count").get<std::uint64_t>(),
                                         .max_seconds = json.at("max_seconds").get<double>(),
                                         .seed = json.at("seed").get<std::uint64_t>(),
                                         .fresh_inputs = json.at("fresh_inputs").get<bool>()};
                  }));
    Json answer = Json::object();
    fill(options.seed, 0);
    if (first_) {
      const auto start = Clock::now();
      EDGESCOPE_CHECK(session_->run());
      answer["first_ns"] = nanoseconds(Clock::now() - start);
      first_ = false;
    }
    EDGESCOPE_TRY(durations, time_runs(options));
    answer["durations_ns"] = std::move(durations);
    return answer;
  }

  // Allocates nothing between the first inference and the last.
  base::Result<std::vector<std::uint64_t>> time_runs(const SampleOptions& options) {
    const std::uint64_t count = std::clamp<std::uint64_t>(options.count, 1, kMaxSamples);
    std::vector<std::uint64_t> durations;
    durations.reserve(count);
    const auto begin = Clock::now();
    while (durations.size() < count) {
      if (options.fresh_inputs) fill(options.seed, durations.size() + 1);
      const auto start = Clock::now();
      base::Status status = session_->run();
      const auto end = Clock::now();
      if (!status) return base::fail(std::move(status).error());
      durations.push_back(nanoseconds(end - start));
      if (options.max_seconds > 0 && std::chrono::duration<double>(end - begin).count() >= options.max_seconds) break;
    }
    return durations;
  }

  // Several inferences in flight. What is answered are durations all the same: of each inference's share of the time,
  // over as many completions as there are requests, so that their median is the inverse of a steady rate.
  base::Result<Json> stream(const Json& message) {
    EDGESCOPE_TRY(options, read_message(message, [](const Json& json) {
                    return StreamRequest{.requests = json.at("requests").get<int>(),
                                         .count = std::min(json.at("count").get<std::uint64_t>(), kMaxSamples),
                                         .max_seconds = json.at("max_seconds").get<double>(),
                                         .seed = json.at("seed").get<std::uint64_t>()};
                  }));
    auto* streaming = dynamic_cast<Streaming*>(session_.get());
    if (streaming == nullptr) return base::fail(usage(fmt::format("{} runs one inference at a time", on_)));
    EDGESCOPE_TRY(done, streaming->stream(options));
    return Json{{"requests", done.requests}, {"durations_ns", shares(done)}};
  }

  base::Result<Json> profile(const Json& message) {
    EDGESCOPE_TRY(count, read_message(message, [](const Json& json) { return json.at("count").get<std::uint64_t>(); }));
    EDGESCOPE_TRY(seed, read_message(message, [](const Json& json) { return json.at("seed").get<std::uint64_t>(); }));
    std::vector<std::vector<OperatorTime>> runs;
    for (std::uint64_t i = 0; i < std::clamp<std::uint64_t>(count, 1, kMaxSamples); ++i) {
      fill(seed, i);
      EDGESCOPE_CHECK(session_->run());
      EDGESCOPE_TRY(times, session_->profile());
      runs.push_back(std::move(times));
    }
    first_ = false;
    return Json{{"operators", to_json(medians(runs))}};
  }

  // Each operator's median over the runs that list the same operators as the last.
  static std::vector<OperatorTime> medians(const std::vector<std::vector<OperatorTime>>& runs) {
    std::vector<OperatorTime> result = runs.back();
    std::vector<double> times;
    for (std::size_t op = 0; op < result.size(); ++op) {
      times.clear();
      for (const auto& run : runs)
        if (run.size() == result.size() && run[op].name == result[op].name) times.push_back(run[op].microseconds);
      std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
      result[op].microseconds = times[times.size() / 2];
    }
    return result;
  }

  base::Result<Json> infer(const Json& message) {
    struct Options {
      std::uint64_t rows, seed;
      std::vector<std::string> inputs;
      std::string outputs;
    };
    EDGESCOPE_TRY(options, read_message(message, [](const Json& json) {
                    return Options{.rows = json.at("rows").get<std::uint64_t>(),
                                   .seed = json.at("seed").get<std::uint64_t>(),
                                   .inputs = json.at("inputs").get<std::vector<std::string>>(),
                                   .outputs = json.at("outputs").get<std::string>()};
                  }));
    std::vector<base::MappedFile> inputs;
    if (!options.inputs.empty() && options.inputs.size() != loaded_->inputs.size())
      return base::fail(
          usage(fmt::format("the model has {} inputs, {} are given", loaded_->inputs.size(), options.inputs.size())));
    for (std::size_t i = 0; i < options.inputs.size(); ++i) {
      EDGESCOPE_TRY(file, base::MappedFile::open(options.inputs[i]));
      const auto expected = base::checked_mul(options.rows, loaded_->inputs[i].bytes);
      if (!expected || file.size() != *expected)
        return base::fail(
            usage(fmt::format("input {} has {} bytes a row, but {} bytes are given for {} rows",
                              loaded_->inputs[i].name, loaded_->inputs[i].bytes, file.size(), options.rows)));
      inputs.push_back(std::move(file));
    }
    std::vector<std::ofstream> files;
    Json paths = Json::array();
    for (std::size_t i = 0; i < loaded_->outputs.size(); ++i) {
      paths.push_back(fmt::format("{}/output{}", options.outputs, i));
      files.emplace_back(paths.back().get<std::string>(), std::ios::binary);
    }
    for (std::uint64_t row = 0; row < options.rows; ++row) {
      if (inputs.empty()) fill(options.seed, row);
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto bytes = inputs[i].bytes().subspan(row * loaded_->inputs[i].bytes, loaded_->inputs[i].bytes);
        std::copy(bytes.begin(), bytes.end(), session_->input(i).begin());
      }
      EDGESCOPE_CHECK(session_->run());
      first_ = false;
      for (std::size_t i = 0; i < files.size(); ++i) {
        const auto bytes = session_->output(i);
        if (bytes.size() != loaded_->outputs[i].bytes)
          return base::fail(
              {.fault = base::Fault::runtime,
               .what =
                   fmt::format("an output has {} bytes in this inference and {} by its shape: its size depends on the "
                               "input, which cannot be compared",
                               bytes.size(), loaded_->outputs[i].bytes),
               .node = loaded_->outputs[i].name});
        files[i].write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
      }
    }
    for (std::ofstream& file : files) {
      file.close();
      if (!file)
        return base::fail({.fault = base::Fault::output, .what = "cannot write outputs", .file = options.outputs});
    }
    return Json{{"outputs", paths}};
  }

  std::string on_;
  std::unique_ptr<Session> session_;
  std::optional<Loaded> loaded_;
  bool first_ = false;  // no inference since the load
};

}  // namespace

int serve(std::FILE* requests, std::FILE* answers) {
  Server server;
  char* line = nullptr;
  std::size_t capacity = 0;
  int code = 0;
  while (getline(&line, &capacity, requests) > 0) {
    base::Result<Json> answer = base::parse_json(line, "request");
    if (answer && *answer == kExit) break;
    if (answer) answer = server.answer(*answer);
    Json message = {{"ok", answer.has_value()}};
    if (answer)
      message.update(*answer);
    else
      message["error"] = to_json(answer.error());
    const std::string text = base::dump(message) + "\n";
    std::fflush(stdout);  // the runtime's prints come before the answer
    if (std::fwrite(text.data(), 1, text.size(), answers) != text.size() || std::fflush(answers) != 0) {
      code = 1;  // the parent is gone
      break;
    }
  }
  std::free(line);
  // Destructors of vendor libraries are a known place to crash or hang, and nothing is left to save.
  std::fflush(nullptr);
  _exit(code);
}

}  // namespace edgescope::runtime
