// Where two networks part: the first operator whose result differs while nothing that it reads does.
//
// Found by bisection over the operators that an output depends on. Each question is a part of the network, cut behind
// one tensor (graph/prune.h), written as a model of its own and run on both sides. As results of branches part apart
// from each other, what bisection finds is asked for what it reads, and where that differs the search goes on there.
//
// Cutting switches off whatever a runtime makes of the operators behind the cut. So a difference that only fused
// operators have, or only the whole network has, is not found in any part, which is an answer too.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analysis/respondent.h"
#include "analysis/tolerance.h"
#include "graph/model.h"

namespace edgescope::analysis {

struct DivergenceSide {
  const graph::Model& model;
  Respondent& on;
};

struct Divergence {
  int runs = 0;  // parts of the network that were run on both sides
  // Absent where no part differs.
  struct Found {
    int op = -1, tensor = -1;              // of the reference's main graph
    int other_op = -1, other_tensor = -1;  // of the other's
    int operators = 1;  // of the reference, from tensors that both have to this one; more than 1 where names part
    Difference difference;
    bool inputs_differ = false;  // what it reads has not parted, but is not the same
  };
  std::optional<Found> found;
  int not_asked = 0;    // of them those that a side could not run
  std::string refusal;  // why not, of the last one
};

// Whether a tensor counts as parted. Quantised values of different runtimes must not differ by a whole step, whatever
// the tolerance: integer arithmetic has one right answer.
bool parted(const Difference& difference, const Tolerance& tolerance);

struct DivergenceQuestion {
  std::function<bool(const Difference&)> parted;
  std::function<bool(int runs)> going_on;  // asked before each run
};

// Two models are paired by the names of their tensors.
base::Result<Divergence> find_divergence(const DivergenceSide& reference, const DivergenceSide& other,
                                         const Inputs& inputs, const DivergenceQuestion& question);

}  // namespace edgescope::analysis
