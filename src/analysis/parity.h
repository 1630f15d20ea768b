// Do the runtimes predict the same? Each runtime's worker gets the same seeded inputs, and every output
// is held against the reference runtime's (analysis/difference.h).
//
// The reference is the first runtime that answers, in the order given; the catalogue's order begins with
// LiteRT, the TFLite format's own current runtime. (TFLite 2.9 would be a bad one: it takes the scales of
// fully connected weights that are quantised by channel for nothing, and answers the same to all inputs.)
// It is a reference, not the truth: another runtime may be the more precise one.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "base/json.h"
#include "runtime/catalog.h"
#include "runtime/session.h"

namespace edgescope::analysis {

struct ParityRequest {
  std::string model;
  std::vector<runtime::Found> runtimes;
  int threads = 1;
  std::uint64_t rows = 16;  // inputs; fewer where the outputs of so many would take over 64 MiB
  std::uint64_t seed = 1;
  std::chrono::milliseconds time_limit{120'000};            // of one runtime's load and of its inferences
  std::string worker = {};                                  // the worker's program; empty: beside this one
  std::function<bool(const std::string& on)> started = {};  // a runtime's turn begins; false ends the comparison
};

// The document's `parity` (docs/json.md). Runtimes that fail are pairs that say why; where fewer than two
// answer there is nothing to compare and `agreement` is absent.
base::Json parity(const ParityRequest& request);

// "predictions-differ", one for each output of each runtime that does, out of a document's `parity`.
std::vector<Finding> parity_findings(const base::Json& parity);

}  // namespace edgescope::analysis
