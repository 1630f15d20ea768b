// What a model is worth on a target, in the few numbers by which a rewrite pays or does not: what `check` says, summed.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/json.h"
#include "graph/model.h"

namespace edgescope::rewrite {

struct Assessment {
  bool compiles = true;
  std::size_t rejected = 0;          // operators for which the compiler refuses the whole network
  std::size_t not_mapped = 0;        // operators that the device does not take, these included
  std::size_t misreported = 0;       // NCS2: operators of which QueryNetwork says the opposite
  int transitions = 0;               // changes between device and CPU
  std::uint64_t boundary_bytes = 0;  // that cross there at every inference
  // NCS2: stages that the compiler adds to those of the operators: a conversion at every end of 32-bit floats, one more
  // for each further row of a fully connected layer.
  std::uint64_t added_stages = 0;
  std::optional<std::uint64_t> streamed_bytes;            // parameters, at every inference
  std::optional<std::pair<double, double>> predicted_us;  // of an inference, where the target has a law for it
  std::size_t operators = 0;

  std::set<int> wanting;  // results of operators that are not mapped or misreported: tensors of the main graph
};

// `target` is "ncs2", "edgetpu" or "cpu", which takes everything.
Assessment assess(const graph::Model& model, const std::string& target);

// By the first of these that differs: operators rejected, not mapped, misreported, transitions, bytes that cross or
// stream, stages added, operators.
bool better(const Assessment& a, const Assessment& b);

base::Json to_json(const Assessment& assessment);

}  // namespace edgescope::rewrite
