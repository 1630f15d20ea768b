#include "rewrite/format_change.h"

#include <fmt/format.h>

#include <algorithm>

namespace edgescope::rewrite {

using base::Json;
using graph::Format;

bool changes_format(const graph::Model& model, const format::Destination& destination) {
  if (model.format != destination.format) return true;
  switch (model.format) {
    case Format::OpenVinoIr:
      return model.format_version > destination.ir_version;
    case Format::Onnx:
      return std::any_of(model.opsets.begin(), model.opsets.end(), [&](const graph::Opset& opset) {
        return opset.domain == "ai.onnx" && opset.version > destination.opset;
      });
    case Format::TfLite:
      break;
  }
  return false;
}

base::Result<graph::Model> change_format(const graph::Model& before, const std::string& before_file,
                                         const std::string& after_file, const ProofRequest& request,
                                         FormatChange& change) {
  change.from = before.format;
  EDGESCOPE_TRY(conversion, format::convert(before, change.to));
  change.refused = conversion.refused;
  change.notes = conversion.notes;
  change.transposes = conversion.transposes;
  if (!change.refused.empty()) {
    change.failure = fmt::format("{} of its operators cannot be said in {}", change.refused.size(),
                                 graph::format_name(change.to.format));
    return std::move(conversion.model);
  }
  EDGESCOPE_CHECK(format::write(conversion.model, change.to, after_file));
  EDGESCOPE_TRY(proof, prove(before, before_file, change.to.format, after_file, request));
  if (!proof.within({.relative = kFormatTolerance, .of_nan = false, .of_edges = false}))
    change.failure =
        fmt::format("the converted model is not proven: on {} {} of {} values differ, by up to {:g} of the largest",
                    proof.on, proof.different, proof.values, proof.max_relative);
  change.proof = proof;
  return std::move(conversion.model);
}

Json to_json(const FormatChange& change) {
  Json to = {{"format", graph::format_name(change.to.format)}};
  if (change.to.format == Format::OpenVinoIr) to["ir_version"] = change.to.ir_version;
  if (change.to.format == Format::Onnx) to["opset"] = change.to.opset;
  Json refused = Json::array();
  for (const format::Refusal& each : change.refused)
    refused.push_back({{"name", each.name}, {"source_kind", each.source_kind}, {"reason", each.reason}});
  return {{"from", {{"format", graph::format_name(change.from)}}},
          {"to", std::move(to)},
          {"refused", std::move(refused)},
          {"notes", change.notes},
          {"transposes", change.transposes},
          {"equivalence", "bounded"},
          {"tolerance", kFormatTolerance},
          {"proof", change.proof ? to_json(*change.proof) : Json()},
          {"failure", change.failure.empty() ? Json() : Json(change.failure)}};
}

}  // namespace edgescope::rewrite
