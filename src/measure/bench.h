// One model measured on several runtimes: what `bench` prints and `analyze` builds upon.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/model.h"
#include "measure/environment.h"
#include "measure/measurement.h"
#include "measure/sampler.h"
#include "runtime/catalog.h"

namespace edgescope::measure {

struct BenchRequest {
  std::string model;
  graph::Format format = graph::Format::TfLite;
  std::vector<std::string> on;  // empty: every installed CPU runtime that reads the format
  runtime::Places places;
  int threads = 1;
  std::map<std::string, std::string> properties;
  std::vector<std::string> alternate;  // models that run in turn with it on an Edge TPU
  int workers = 1;                     // that infer at the same time
  bool profile = false;                // a time per operator too, from a process of its own
  Plan plan;
  VirtualSticks sticks;           // `count` holds for real ones too
  std::uint64_t inferences = 20;  // on virtual sticks
  std::string trace;              // file for a virtual stick's transfers
};

// What measuring adds to each sample: a session that does nothing, measured like any other.
struct Harness {
  double overhead_us = 0;  // median
  double p99_us = 0;
  std::size_t samples = 0;
};

// One runtime against the fastest.
struct Rival {
  std::string on;
  Comparison comparison;
};

// "The CPU" in a comparison is the fastest of its runtimes. Rivals that are not shown to be slower tie
// with it. Each rival's interval is at 1 - (1 - confidence) / rivals (Bonferroni), so that all of them
// together are wrong no more often than the confidence says.
struct Ranking {
  std::string fastest;
  std::vector<Rival> rivals;  // the faster first
  double confidence = 0.95;   // of all intervals together
};

struct Bench {
  std::vector<Measurement> runs;
  std::optional<Ranking> ranking;  // where one ran; invalid runs take part only when none is valid
  std::optional<Harness> harness;
  Environment environment;
  Disturbance disturbance;
  std::vector<std::string> warnings;  // of the machine and the harness; each run has its own
  std::uint64_t seed = 1;
};

// A runtime that is missing, crashes or refuses the model is an invalid run and the others go on. An
// error only where nothing at all could be tried (Fault::missing) or the run was interrupted.
base::Result<Bench> bench(const BenchRequest& request, const Hooks& hooks);

std::optional<Ranking> rank(const std::vector<Measurement>& runs, double confidence);

// Whether any run has a figure, be it valid or not; the program's exit code hangs on it.
bool anything_ran(const Bench& bench);

// Adds `runs`, `comparison`, `harness`, `environment` and `warnings` to a document.
void add_bench(base::Json& document, const Bench& bench, bool samples);

}  // namespace edgescope::measure
