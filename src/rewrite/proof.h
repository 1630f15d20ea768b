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

struct Proof {
  std::string on;  // runtime and version
  std::uint64_t rows = 0, values = 0;
  std::uint64_t different = 0;     // values of other bits, NaN and zeros of either sign apart
  double max_difference = 0;       // absolute, of finite values
  double max_relative = 0;         // as a share of the largest finite value of its output
  bool not_finite_differ = false;  // NaN or infinite on one side only

  // 0: the same bits.
  bool within(double relative) const {
    return !not_finite_differ && (relative == 0 ? different == 0 : max_relative <= relative);
  }
};

struct ProofRequest {
  runtime::Places places;
  std::uint64_t rows = 64;
  std::uint64_t seed = 1;
};

// The models as files of one format. The error says why they could not be compared (Fault::missing: no runtime).
base::Result<Proof> prove(const graph::Model& before, const std::string& before_file, const std::string& after_file,
                          const ProofRequest& request);

base::Json to_json(const Proof& proof);

}  // namespace edgescope::rewrite
