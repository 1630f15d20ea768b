// Tuning as a user asks for it: one model on one runtime. What the runtime lists comes from the runtime itself, what is
// measured from its workers, what is compiled from the vendor's compiler.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment/tune.h"
#include "experiment/tune_compile.h"
#include "graph/model.h"
#include "measure/environment.h"
#include "runtime/catalog.h"

namespace edgescope::experiment {

enum class SpeedObjective { Latency, Throughput };
std::string_view name_of(SpeedObjective objective);  // "latency", "throughput"

struct TuneRequest {
  std::string model;
  graph::Format format = graph::Format::OpenVinoIr;
  std::string on;
  runtime::Places places;
  std::vector<SpeedObjective> speed;                    // of runtimes that are measured; empty: all that it offers
  CompileObjective compile = CompileObjective::Stages;  // of simulated sticks
  TunePlan plan;                                        // `seconds` is of each objective
  bool change_predictions = false;
};

struct SpeedResult {
  SpeedObjective objective = SpeedObjective::Latency;
  Tuned tuned;
};

struct TuneResult {
  Space space;
  std::vector<SpeedResult> speed;
  std::optional<TunedCompile> compiled;
  std::vector<std::string> notes;  // sentences: what was not done, and why
  measure::Environment environment;
  measure::Disturbance disturbance;
};

// Fault::missing where the runtime is not here or does not read the model; Fault::usage where an objective is asked for
// that it does not have.
base::Result<TuneResult> tune(const TuneRequest& request, const measure::Hooks& hooks);

// The settings that won in the runtime's own format: OpenVINO's {"CPU": {"NUM_STREAMS": "2"}}, which benchmark_app
// reads with -load_config, {"MYRIAD": {...}}, {"litert": {"threads": "2"}}.
base::Json configuration(const std::string& on, const Settings& settings);

}  // namespace edgescope::experiment
