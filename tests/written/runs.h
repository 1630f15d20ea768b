// Models on real runtimes, in worker processes: what a file answers to the same inputs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "measure/worker.h"

namespace edgescope::written {

using Outputs = std::vector<std::vector<std::byte>>;

class Runs {
 public:
  // `name` must have been found.
  explicit Runs(const runtime::Found& found) : spec_{.runtime = found, .time_limit = std::chrono::seconds(60)} {}

  struct Answer {
    Outputs outputs;
    runtime::Loaded loaded;
    std::string error;  // why there are no outputs; then they are none
  };

  // Seeded inputs where none are given. After a crash the next run starts a new worker.
  Answer run(const std::string& model, std::vector<std::vector<std::byte>> inputs = {}) {
    if (!worker_ || !worker_->alive()) {
      auto worker = measure::Worker::start(spec_);
      if (!worker) return {.error = worker.error().message()};
      worker_.emplace(*std::move(worker));
    }
    std::map<std::string, std::string> properties;
    if (spec_.runtime.name == "openvino:CPU") properties["INFERENCE_PRECISION_HINT"] = "f32";
    if (spec_.runtime.name == "ie2021:CPU") properties["ENFORCE_BF16"] = "NO";
    const auto loaded = worker_->load({.model = model, .properties = properties});
    if (!loaded) return {.error = loaded.error().what};
    const auto answer = worker_->infer({.rows = 1, .seed = 7, .inputs = std::move(inputs)});
    if (!answer) return {.error = answer.error().what};
    return {answer->outputs, loaded->loaded, {}};
  }

 private:
  measure::WorkerSpec spec_;
  std::optional<measure::Worker> worker_;
};

}  // namespace edgescope::written

// Declares `name` as runs on a runtime, or skips the test, saying what brings it.
#define EDGESCOPE_RUNS_OR_SKIP(name, on)                             \
  const auto name##_found = ::edgescope::runtime::find(on);          \
  if (!name##_found) GTEST_SKIP() << name##_found.error().message(); \
  ::edgescope::written::Runs name(*name##_found)
