// Does a network predict the same on several runtimes, and does its rewritten, quantised or converted self?
//
// One model is held against itself: the reference is the first runtime that answers, in the order given. A model and
// another are held against each other on each runtime; where a runtime does not read the first one, its answers on
// the first runtime that did are the reference. All get the same inputs.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/given_inputs.h"
#include "analysis/tolerance.h"
#include "base/json.h"
#include "graph/model.h"
#include "runtime/catalog.h"

namespace edgescope::analysis {

struct NetworkParityRequest {
  std::string file;
  const graph::Model& model;
  std::string other_file = {};
  const graph::Model* other = nullptr;
  std::vector<std::string> names = {};
  std::vector<base::Result<runtime::Found>> runtimes = {};  // of each name; those that are missing say why
  std::optional<Tolerance> tolerance = {};                  // else by what is compared (analysis/tolerance.h)
  bool layers = false;                                      // look for the first operator at which they part
  std::uint64_t rows = 16, seed = 1;                        // of inputs that are drawn
  std::vector<InputFile> inputs = {};
  ImageOptions images = {};  // of inputs that are pictures
  std::string source = {};   // of a compiled model on a simulated Edge TPU; else `file`, where `other_file` is compiled
  int threads = 1;
  std::map<std::string, std::string> properties = {};
  std::chrono::milliseconds time_limit{120'000};
  std::string worker = {};  // the worker's program; empty: beside this one
  std::function<bool(const std::string& what, double done)> started = {};  // before each step; false stops
};

// The members of a document of `compare` (docs/json.md). The error is one of the inputs that were given.
base::Result<base::Json> network_parity(const NetworkParityRequest& request);

}  // namespace edgescope::analysis
