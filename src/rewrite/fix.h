// `fix`: the rewrites that a model needs for a target, applied until nothing improves, each proven on a CPU runtime.
//
// A rewrite stays where it lets the target take more, or makes less cross, stream or wait, and where its proof holds;
// the others are left out, with the reason.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "format/format.h"
#include "rewrite/assessment.h"
#include "rewrite/proof.h"
#include "rewrite/rewrite.h"

namespace edgescope::rewrite {

struct FixRequest {
  std::string target;          // "ncs2", "edgetpu", "cpu"
  std::set<std::string> only;  // ids; empty: all but the approximate ones
  ProofRequest proof;
  std::function<bool(const std::string& doing)> going_on = [](const std::string&) { return true; };
};

struct Applied {
  const Rewrite* rewrite;
  std::vector<std::string> where;  // operators, as the model calls them
  Assessment before, after;
  Proof proof;
};

struct LeftOut {
  const Rewrite* rewrite;
  std::string reason;
};

struct Fixed {
  graph::Model model;
  Assessment before, after;
  std::vector<Applied> applied;
  std::vector<LeftOut> left_out;
  std::optional<Proof> proof;  // of all steps together, where there are any
};

// `file` is what the model was read from.
base::Result<Fixed> fix(graph::Model model, const std::string& file, const FixRequest& request);

// `before`, `after`, `rewrites`, `left_out` of a document (docs/fix.md).
base::Json to_json(const Fixed& fixed);

using format::write_model;

}  // namespace edgescope::rewrite
