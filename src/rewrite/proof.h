// That a rewritten model computes what it did: both are run on a CPU runtime, in worker processes, with the same
// inputs, and every output is compared.
//
// Inputs are of four kinds in turn: random ones; small numbers out of a few, so that operands are often equal;
// boundaries (zeros of both signs, infinities, the smallest and largest numbers, what half precision cannot hold);
// and random ones with a tenth of NaN. An integer that may be an index stays 0 or 1.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "graph/model.h"
#include "runtime/catalog.h"

namespace edgescope::rewrite {

// How far apart two models' outputs may be.
struct Bound {
  double relative = 0;   // as a share of the largest value of an output; 0: the same bits
  double steps = 0;      // in steps of 8- and 16-bit outputs, where not 0
  bool of_nan = true;    // whether it holds in rows that were given NaN
  bool of_edges = true;  // and in rows of boundaries, where sums overflow
};

struct Proof {
  std::string on;  // runtime and version
  std::uint64_t rows = 0, values = 0;
  std::uint64_t different = 0;     // values of other bits, NaN and zeros of either sign apart
  double max_difference = 0;       // absolute, of finite values
  double max_relative = 0;         // as a share of the largest finite value of its output in rows of its kind
  bool not_finite_differ = false;  // NaN or infinite on one side only
  bool nan_differs = false;        // the same, only in rows that were given NaN
  bool overflow_differs = false;   // infinite on one side, next to it on the other: kernels end an exp differently

  // Not said in documents; what a bound is held against.
  double max_steps = 0;          // of outputs of 8 and 16 bits
  double max_step_share = 0;     // max_relative of these alone
  double max_share = 0;          // of the others, max_relative, in ordinary rows,
  double max_edge_share = 0;     // in those of boundaries,
  double max_nan_share = 0;      // and in those with NaN
  bool ordinary_differ = false;  // NaN or infinite on one side only, of ordinary inputs

  bool within(const Bound& bound) const {
    if (bound.relative == 0) return different == 0;
    if (bound.of_edges ? not_finite_differ || max_edge_share > bound.relative : ordinary_differ) return false;
    if (bound.of_nan && (nan_differs || max_nan_share > bound.relative)) return false;
    return max_share <= bound.relative &&
           (bound.steps > 0 ? max_steps <= bound.steps : max_step_share <= bound.relative);
  }
};

struct ProofRequest {
  runtime::Places places;
  std::uint64_t rows = 64;
  std::uint64_t seed = 1;
  // The model after has inputs or outputs of other types: it is given numbers that those types hold, and both are
  // compared as the model before says them.
  bool other_ends = false;
};

// The models as files, on the first runtime that runs both, across formats else each on its own; `before` says what the
// inputs are for. The error says why they could not be compared (Fault::missing: no runtime).
base::Result<Proof> prove(const graph::Model& before, const std::string& before_file, graph::Format after_format,
                          const std::string& after_file, const ProofRequest& request);

base::Json to_json(const Proof& proof);

}  // namespace edgescope::rewrite
