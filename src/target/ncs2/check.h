// Whether a network compiles for the NCS2, predicted from the network alone: no plugin, no stick.
//
// It says what the compile will do. What the plugin says when it is asked what it supports (QueryNetwork, by which
// HETERO cuts a network into parts) is another thing, and wrong both ways.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graph/model.h"
#include "target/target.h"

namespace edgescope::target::ncs2 {

// Its verdicts are Mapped or Rejected: one operator that is rejected makes the compile fail.
struct Check : target::Check {
  // Of which QueryNetwork says the opposite: by it HETERO leaves to the CPU what would compile, or hands over what
  // fails.
  std::vector<int> misreported;
};

Check check(const graph::Model& model);

// The NCS2 as every command sees it.
class Ncs2 final : public Target {
 public:
  std::string_view name() const override { return "ncs2"; }
  std::string software() const override { return "MYRIAD plugin 2021.4"; }
  // As of an IR: of an operator alone it is not known what an importer would make of it.
  Verdict check(const graph::Subgraph& subgraph, int op) const override;
  target::Check check(const graph::Model& model) const override { return ncs2::check(model); }
};

}  // namespace edgescope::target::ncs2
