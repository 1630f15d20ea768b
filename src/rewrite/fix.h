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
#include "rewrite/format_change.h"
#include "rewrite/proof.h"
#include "rewrite/quantize.h"
#include "rewrite/rewrite.h"

namespace edgescope::rewrite {

struct FixRequest {
  std::string target;               // "ncs2", "edgetpu", "cpu"
  std::set<std::string> only;       // ids; empty: all but the approximate ones
  format::Destination destination;  // the format of the result, and which version of it
  ProofRequest proof;
  std::vector<std::string> calibration;  // rows to quantise by (quantize.h); empty: the model stays in floats
  // Given the file of the model before and after, while both are there.
  std::function<base::Status(const std::string& before, const std::string& after)> look = {};
  std::function<bool(const std::string& doing)> going_on = [](const std::string&) { return true; };
};

struct Applied {
  const Rewrite* rewrite;
  std::vector<std::string> where;  // operators, as the model calls them
  Assessment before, after;
  Proof proof;
  // NCS2: of the vendor's compiler, where it was asked whether the step pays.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> stages = std::nullopt;
};

struct LeftOut {
  const Rewrite* rewrite;
  std::string reason;
};

struct Fixed {
  graph::Model model;
  Assessment before, after;
  std::optional<FormatChange> change;  // done first; where it failed nothing else was tried
  std::optional<Quantized> quantized;  // done second, likewise
  std::vector<Applied> applied;
  std::vector<LeftOut> left_out;

  // Whether there is a model to be written.
  bool stands() const { return (!change || change->failure.empty()) && (!quantized || quantized->failure.empty()); }
  // Whether inputs or outputs are of other types than they were.
  bool changes_ends() const;
  std::optional<Proof> proof;  // of all steps together, where there are any
};

// `file` is what the model was read from.
base::Result<Fixed> fix(graph::Model model, const std::string& file, const FixRequest& request);

// `before`, `after`, `conversion`, `quantization`, `rewrites`, `proof`, `left_out` of a document (docs/fix.md).
base::Json to_json(const Fixed& fixed);

// What a path and the target's software ask of the result: IR version 10 or at most operator set 13 of ONNX for the
// NCS2's plugin, TFLite for the Edge TPU's compiler; else the model's own version, where it is of that format. An error
// for names of other formats.
base::Result<format::Destination> destination(const graph::Model& model, const std::string& path,
                                              const std::string& target);

}  // namespace edgescope::rewrite
