// Whether a network compiles for the NCS2, predicted from the network alone: no plugin, no stick.
//
// It says what the compile will do. What the plugin says when it is asked what it supports (QueryNetwork, by which
// HETERO cuts a network into parts) is another thing, and wrong both ways.
#pragma once

#include <string>
#include <vector>

#include "graph/model.h"
#include "target/verdict.h"

namespace edgescope::target::ncs2 {

struct Check {
  std::vector<Verdict> operators;  // one for each operator of the main graph, in its order: Mapped or Rejected
  // Of which QueryNetwork says the opposite: by it HETERO leaves to the CPU what would compile, or hands over what
  // fails.
  std::vector<int> misreported;
  std::string failure;             // why the whole compile fails, beside what is rejected; empty where it does not

  bool compiles() const;
};

Check check(const graph::Model& model);

}  // namespace edgescope::target::ncs2
