#include "rewrite/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/temporary_folder.h"
#include "base/units.h"
#include "format/format.h"
#include "graph/prune.h"
#include "graph/validate.h"
#include "rewrite/vendor.h"

namespace edgescope::rewrite {
namespace {

using base::Json;

constexpr int kMostPasses = 16;  // rewrites shrink what is wanting, so that few suffice; a pair that undoes each
                                 // other would be a mistake that must not hang

bool wanted(const Rewrite& rewrite, const FixRequest& request) {
  if (!rewrite.target.empty() && rewrite.target != request.target) return false;
  if (!request.only.empty()) return request.only.contains(std::string(rewrite.id));
  return rewrite.equivalence != Equivalence::Approximate;
}

// The newest operator set that OpenVINO 2021's importer reads.
constexpr int kImporterOpset = 13;

std::string extension(graph::Format format) {
  return format == graph::Format::TfLite ? ".tflite" : format == graph::Format::Onnx ? ".onnx" : ".xml";
}

std::string between(const std::pair<double, double>& us) {
  return fmt::format("{} to {}", base::microseconds_text(us.first), base::microseconds_text(us.second));
}

// Whether the device's own part takes longer, for more that crosses: what the CPU did is not in that.
bool is_dearer(const Assessment& after, const Assessment& before) {
  return after.boundary_bytes > before.boundary_bytes && after.predicted_us && before.predicted_us &&
         after.predicted_us->first > before.predicted_us->second;
}

class Fixing {
 public:
  Fixing(graph::Model model, const std::string& file, const FixRequest& request, std::string folder)
      : request_(request),
        folder_(std::move(folder)),
        base_(model),
        base_file_(file),
        file_(file),
        current_(file),
        result_{.model = std::move(model)} {}

  base::Result<Fixed> run() {
    result_.before = assess(result_.model, request_.target);
    EDGESCOPE_CHECK(into_format());
    if (result_.stands() && !request_.calibration.empty()) EDGESCOPE_CHECK(into_int8());
    result_.after = assess(result_.model, request_.target);
    if (!result_.stands()) return std::move(result_);
    bool changed = true;
    for (int pass = 0; changed && pass < kMostPasses; ++pass) {
      changed = false;
      for (const Rewrite& rewrite : catalogue()) {
        if (!wanted(rewrite, request_)) continue;
        EDGESCOPE_CHECK(goes_on(std::string(rewrite.id)));
        EDGESCOPE_TRY(applied, try_one(rewrite));
        changed = changed || applied;
      }
    }
    for (auto& [rewrite, reason] : reasons_) {
      const bool stayed = std::any_of(result_.applied.begin(), result_.applied.end(),
                                      [one = rewrite](const Applied& applied) { return applied.rewrite == one; });
      if (!stayed) result_.left_out.push_back({rewrite, reason});
    }
    if (!result_.applied.empty()) {
      ProofRequest request = request_.proof;
      request.other_ends = result_.changes_ends();
      EDGESCOPE_TRY(proof, prove(base_, base_file_, request_.destination.format, current_, request));
      result_.proof = proof;
    }
    if (request_.look) EDGESCOPE_CHECK(request_.look(file_, current_));
    return std::move(result_);
  }

 private:
  base::Status into_format() {
    if (!changes_format(base_, request_.destination)) return {};
    EDGESCOPE_CHECK(goes_on("another format"));
    result_.change.emplace().to = request_.destination;
    const std::string path = folder_ + "/converted" + extension(request_.destination.format);
    EDGESCOPE_TRY(converted, change_format(base_, file_, path, request_.proof, *result_.change));
    if (!result_.change->failure.empty()) return {};
    EDGESCOPE_CHECK(graph::validate(converted));
    result_.model = std::move(converted);
    // What it will be written as, which is what the target's software is asked about.
    if (result_.model.format == graph::Format::OpenVinoIr)
      result_.model.format_version = request_.destination.ir_version;
    current_ = path;
    return {};
  }

  base::Status into_int8() {
    EDGESCOPE_CHECK(goes_on("int8"));
    const std::string path = folder_ + "/int8" + extension(result_.model.format);
    EDGESCOPE_TRY(quantized,
                  quantize(result_.model, current_, path,
                           {.rows = request_.calibration, .places = request_.proof.places, .interrupted = [this] {
                              return !request_.going_on("int8");
                            }}));
    result_.quantized = std::move(quantized);
    EDGESCOPE_TRY(model, format::read_model(path));
    result_.model = std::move(model);
    current_ = base_file_ = path;
    base_ = result_.model;
    return {};
  }

  base::Status goes_on(const std::string& doing) const {
    if (request_.going_on(doing)) return {};
    return base::fail({.fault = base::Fault::interrupted, .what = "stopped while rewriting"});
  }

  base::Result<bool> try_one(const Rewrite& rewrite) {
    graph::Model candidate = result_.model;
    // What is for one target only is mostly for those operators that it does not take as they are.
    const bool everywhere = rewrite.target.empty() || rewrite.of_all;
    const std::set<int>* only = everywhere ? nullptr : &result_.after.wanting;
    std::vector<std::string> where = apply_everywhere(rewrite, candidate, only);
    if (where.empty()) return false;
    graph::remove_dead(candidate);
    EDGESCOPE_CHECK(graph::validate(candidate));
    const Assessment after = assess(candidate, request_.target);
    if (!better(after, result_.after)) {
      reasons_[&rewrite] = "it does not pay here: nothing more is mapped, and no less crosses, streams or is computed";
      return false;
    }
    if (request_.only.empty() && is_dearer(after, result_.after)) {
      reasons_[&rewrite] = fmt::format(
          "more is mapped, but {} cross in place of {}, for which the device is predicted to take {} in place of {}: "
          "whether the CPU took longer for its part is not known, and `--only {}` tries it",
          base::bytes_text(after.boundary_bytes), base::bytes_text(result_.after.boundary_bytes),
          between(*after.predicted_us), between(*result_.after.predicted_us), rewrite.id);
      return false;
    }
    const std::string path = fmt::format("{}/step{}{}", folder_, steps_++, extension(candidate.format));
    EDGESCOPE_CHECK(format::write(candidate, request_.destination, path));
    // Step by step: what a bounded one changed is not held against the exact ones behind it.
    ProofRequest request = request_.proof;
    request.other_ends = rewrite.changes_ends;
    const auto proof = prove(result_.model, current_, candidate.format, path, request);
    if (!proof) {
      if (proof.error().fault == base::Fault::missing) return base::fail(proof.error());
      reasons_[&rewrite] = "it cannot be proven: " + proof.error().message();
      return false;
    }
    if (!proof->within({.relative = rewrite.tolerance,
                        .steps = rewrite.steps,
                        .of_nan = rewrite.of_nan_too,
                        .of_edges = rewrite.of_edges_too})) {
      reasons_[&rewrite] = fmt::format(
          "not proven: on {} {} of {} values differ, by up to {:g}{}", proof->on, proof->different, proof->values,
          proof->max_difference,
          proof->not_finite_differ || proof->nan_differs ? ", some of them NaN or infinite on one side only" : "");
      return false;
    }
    EDGESCOPE_CHECK(goes_on(std::string(rewrite.id)));
    Json vendor = ask_vendor(path, rewrite.changes_ends);
    const auto said = [](const Json& answer, std::string_view word) {
      return answer.is_object() && answer["verdict"] == word;
    };
    if (said(vendor_, "compiles") && said(vendor, "fails")) {
      reasons_[&rewrite] = fmt::format("the vendor's compiler takes what was there, and refuses this: {}",
                                       vendor["failure"].is_string() ? vendor["failure"].get<std::string>() : "");
      return false;
    }
    std::optional<std::pair<std::uint64_t, std::uint64_t>> stages;
    if (rewrite.of_all && vendor_.contains("stages") && vendor.contains("stages"))
      stages = {vendor_["stages"].get<std::uint64_t>(), vendor["stages"].get<std::uint64_t>()};
    if (stages && stages->second >= stages->first) {
      reasons_[&rewrite] = fmt::format(
          "it does not pay here: the vendor's compiler makes {} stages of it, and {} of "
          "what was there",
          stages->second, stages->first);
      return false;
    }
    vendor_ = std::move(vendor);
    result_.applied.push_back({&rewrite, std::move(where), result_.after, after, *proof, stages});
    result_.model = std::move(candidate);
    result_.after = after;
    current_ = path;
    return true;
  }

  // Of a candidate; once also of what there is before. Null where the vendor's compiler is not there.
  Json ask_vendor(const std::string& path, bool changes_ends) {
    if (request_.target != "ncs2") return {};
    const bool changed = result_.changes_ends();
    if (!asked_) vendor_ = vendor_verdict(current_, request_.proof.places, changed);
    asked_ = true;
    return vendor_verdict(path, request_.proof.places, changed || changes_ends);
  }

  const FixRequest& request_;
  const std::string folder_;
  graph::Model base_;  // what all rewrites together are held against: as given, or as it was quantised
  std::string base_file_;
  const std::string file_;
  std::string current_;  // the file of what result_.model is
  Fixed result_;
  Json vendor_;  // what the vendor's compiler says of result_.model, if it was asked
  bool asked_ = false;
  int steps_ = 0;
  std::map<const Rewrite*, std::string> reasons_;
};

}  // namespace

base::Result<Fixed> fix(graph::Model model, const std::string& file, const FixRequest& request) {
  if (model.subgraphs.empty() || model.subgraphs.front().operators.empty())
    return base::fail({.what = "there is nothing to rewrite: the model has no operators"});
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  return Fixing(std::move(model), file, request, folder.path()).run();
}

bool Fixed::changes_ends() const {
  return std::any_of(applied.begin(), applied.end(), [](const Applied& one) { return one.rewrite->changes_ends; });
}

base::Result<format::Destination> destination(const graph::Model& model, const std::string& path,
                                              const std::string& target) {
  EDGESCOPE_TRY(result, format::destination(path));
  const bool tflite = result.format == graph::Format::TfLite;
  if ((target == "ncs2" && tflite) || (target == "edgetpu" && !tflite))
    return base::fail({.fault = base::Fault::usage,
                       .what = fmt::format("`{}` is of a format that the target's software does not read", path),
                       .remedy = target == "ncs2" ? "Name the result OUT.xml or OUT.onnx." : "Name it OUT.tflite."});
  if (target == "ncs2") {
    result.ir_version = 10;
    result.opset = kImporterOpset;
  } else if (model.format == result.format) {
    result.ir_version = static_cast<int>(model.format_version);
    for (const graph::Opset& opset : model.opsets)
      if (opset.domain == "ai.onnx") result.opset = static_cast<int>(opset.version);
  }
  return result;
}

Json to_json(const Fixed& fixed) {
  Json json = {{"before", to_json(fixed.before)}, {"after", to_json(fixed.after)}};
  json["conversion"] = fixed.change ? to_json(*fixed.change) : Json();
  json["quantization"] = fixed.quantized ? to_json(*fixed.quantized) : Json();
  Json& rewrites = json["rewrites"] = Json::array();
  for (const Applied& applied : fixed.applied)
    rewrites.push_back(
        {{"id", applied.rewrite->id},
         {"about", applied.rewrite->about},
         {"why", applied.rewrite->why},
         {"where", applied.where},
         {"equivalence", text(applied.rewrite->equivalence)},
         {"bound", applied.rewrite->bound.empty() ? Json() : Json(applied.rewrite->bound)},
         {"before", to_json(applied.before)},
         {"after", to_json(applied.after)},
         {"stages", applied.stages ? Json::array({applied.stages->first, applied.stages->second}) : Json()},
         {"proof", to_json(applied.proof)}});
  json["proof"] = fixed.proof ? to_json(*fixed.proof) : Json();
  Json& left = json["left_out"] = Json::array();
  for (const LeftOut& one : fixed.left_out) left.push_back({{"id", one.rewrite->id}, {"reason", one.reason}});
  return json;
}

}  // namespace edgescope::rewrite
