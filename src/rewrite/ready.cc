#include "rewrite/ready.h"

#include <fmt/format.h>

#include <filesystem>

#include "analysis/check_edgetpu.h"
#include "rewrite/fix.h"
#include "rewrite/gain.h"
#include "rewrite/vendor.h"

namespace edgescope::rewrite {
namespace {

using base::Json;
using graph::Format;

// Whether the device takes all of it.
bool whole(const Assessment& a) { return a.compiles && a.not_mapped == 0 && a.misreported == 0; }

constexpr const char* kQuantise = "quantise it to int8, activations too, and analyze the result";

class Ready {
 public:
  Ready(const graph::Model& model, const std::string& file, const ReadyRequest& request)
      : model_(model), file_(file), request_(request) {
    const Assessment now = assess(model, request.target);
    json_ = {{"target", request.target},  {"tried", request.rewrite},  {"whole", whole(now) && readable()},
             {"before", to_json(now)},    {"after", nullptr},          {"conversion", nullptr},
             {"rewrites", Json::array()}, {"left_out", Json::array()}, {"proof", nullptr},
             {"vendor", nullptr},         {"measured", nullptr},       {"predicted_us", to_json(now)["predicted_us"]},
             {"file", nullptr},           {"route", nullptr}};
  }

  base::Result<Json> run() {
    if (request_.target == "cpu") return run_for_cpu();
    if (for_edgetpu() && !analysis::meant_for_edgetpu(model_)) {
      json_["whole"] = false;
      json_["route"] = model_.format == Format::TfLite
                           ? fmt::format("The Edge TPU computes in 8 bits only. {}", quantise_command())
                           : route_from_other_format();
      return std::move(json_);
    }
    if (json_["whole"] == true) json_["file"] = file_;  // it can go there as it is, if nothing pays
    if (!request_.rewrite && json_["whole"] == true) return std::move(json_);
    if (!request_.rewrite) {
      json_["route"] = fmt::format(
          "Not tried with --quick: `edgescope fix {} --target {} -o {}` does what can be done, and proves it.", file_,
          request_.target, name());
      return std::move(json_);
    }
    EDGESCOPE_CHECK(rewrite());
    return std::move(json_);
  }

 private:
  bool for_edgetpu() const { return request_.target == "edgetpu"; }
  std::string name() const {
    return fmt::format("{}_{}.{}", std::filesystem::path(file_).stem().string(), request_.target,
                       request_.target == "cpu" ? extension()
                       : for_edgetpu()          ? "tflite"
                                                : "xml");
  }
  std::string_view extension() const {
    return model_.format == Format::TfLite ? "tflite" : model_.format == Format::Onnx ? "onnx" : "xml";
  }
  // By the target's software, as it is.
  bool readable() const {
    if (for_edgetpu()) return model_.format == Format::TfLite;
    return model_.format == Format::Onnx || (model_.format == Format::OpenVinoIr && model_.format_version <= 10);
  }

  std::string quantise_command() const {
    return fmt::format(
        "`edgescope fix {} --target edgetpu --quantize ROWS.npy -o {}` makes it int8 by rows of yours and says what "
        "that "
        "costs.",
        file_, name());
  }

  // ONNX or IR for the Edge TPU: its compiler reads TFLite, and that quantised.
  std::string route_from_other_format() const {
    const auto conversion = format::convert(model_, {.format = Format::TfLite});
    if (!conversion)
      return fmt::format(
          "The Edge TPU's compiler reads TFLite only, and this cannot be converted: {}. Export the model to "
          "TFLite where it was trained, then {}.",
          conversion.error().what, kQuantise);
    if (!conversion->refused.empty()) {
      const format::Refusal& first = conversion->refused.front();
      return fmt::format(
          "The Edge TPU's compiler reads TFLite only, and {} of {} operators cannot be said in it, the first "
          "{} `{}`: {}. Replace them and convert, or export the model to TFLite where it was trained; then {}.",
          conversion->refused.size(), conversion->operators, first.source_kind, first.name, first.reason, kQuantise);
    }
    return fmt::format(
        "The Edge TPU's compiler reads quantised TFLite only; all {} operators can be said in TFLite. {}",
        conversion->operators, quantise_command());
  }

  // The same format, and a gain that is measured: what is computed for nothing may cost nothing.
  base::Result<Json> run_for_cpu() {
    if (!request_.rewrite) return Json();
    const std::string path = request_.folder + "/" + name();
    EDGESCOPE_TRY(to, destination(model_, path, request_.target));
    Json measured;
    const auto measure = [&](const std::string& before, const std::string& after) -> base::Status {
      if (before == after) return {};
      measure::Hooks hooks = measure::system_hooks();
      hooks.interrupted = [this] { return !request_.going_on("measuring"); };
      const auto gain =
          measure_gain({before, model_.format}, {after, model_.format}, request_.proof.places, request_.plan, hooks);
      if (gain) measured = to_json(*gain);
      return {};
    };
    const auto fixed = fix(model_, file_,
                           {.target = request_.target,
                            .only = {},
                            .destination = to,
                            .proof = request_.proof,
                            .look = measure,
                            .going_on = request_.going_on});
    if (!fixed && fixed.error().fault == base::Fault::interrupted) return base::fail(fixed.error());
    if (!fixed || fixed->applied.empty()) return Json();
    json_.update(to_json(*fixed));
    json_.erase("quantization");
    json_["measured"] = std::move(measured);
    EDGESCOPE_CHECK(format::write(fixed->model, to, path));
    if (request_.keep) json_["file"] = path;
    return std::move(json_);
  }

  base::Status rewrite() {
    const std::string path = request_.folder + "/" + name();
    EDGESCOPE_TRY(to, destination(model_, path, request_.target));
    if (json_["whole"] == true && changes_format(model_, to)) return {};
    const auto fixed = fix(model_, file_,
                           {.target = request_.target,
                            .only = {},
                            .destination = to,
                            .proof = request_.proof,
                            .going_on = request_.going_on});
    if (!fixed) {
      if (fixed.error().fault == base::Fault::interrupted) return base::fail(fixed.error());
      if (json_["whole"] == true) return {};
      json_["route"] =
          !for_edgetpu() && analysis::meant_for_edgetpu(model_)
              ? "It computes in 8 bits. The NCS2 computes in 16-bit floats, and its plugin refuses quantised "
                "networks: analyze the float model that this one was made from."
              : fmt::format("It was not rewritten: {}. {}", fixed.error().what, fixed.error().remedy);
      return {};
    }
    if (json_["whole"] == true && fixed->applied.empty()) return {};
    json_.update(to_json(*fixed));
    json_["file"] = nullptr;
    json_.erase("quantization");  // needs the user's rows
    const bool stands = !fixed->change || fixed->change->failure.empty();
    if (!stands) {
      json_["route"] = conversion_route(*fixed->change);
      return {};
    }
    json_["whole"] = whole(fixed->after);
    json_["predicted_us"] = json_["after"]["predicted_us"];
    if (fixed->applied.empty() && !fixed->change) {
      json_["route"] = rest(*fixed);
      return {};
    }
    EDGESCOPE_CHECK(format::write(fixed->model, to, path));
    if (request_.keep) json_["file"] = path;
    if (!for_edgetpu()) ask(path);
    if (json_["whole"] == false && json_["route"].is_null()) json_["route"] = rest(*fixed);
    return {};
  }

  std::string conversion_route(const FormatChange& change) const {
    std::string text =
        fmt::format("It cannot be had in the format that the device's software reads: {}", change.failure);
    if (!change.refused.empty())
      text += fmt::format(", the first {} `{}`: {}", change.refused.front().source_kind, change.refused.front().name,
                          change.refused.front().reason);
    return text + ". Export it from where it was trained, or replace these operators.";
  }

  // The vendor's word stands above the rules'.
  void ask(const std::string& path) {
    json_["vendor"] = vendor_verdict(path, request_.proof.places);
    const Json& said = json_["vendor"];
    if (!said.is_object() || !said["verdict"].is_string()) return;
    json_["whole"] = said["verdict"] == "compiles";
    if (said.contains("predicted_us")) json_["predicted_us"] = said["predicted_us"];
    if (said["verdict"] != "compiles" && said["failure"].is_object())
      json_["route"] =
          fmt::format("The vendor's compiler still refuses it: {}. {}", said["failure"]["reason"].get<std::string>(),
                      said["failure"]["remedy"].get<std::string>());
  }

  std::string rest(const Fixed& fixed) const {
    return fmt::format(
        "{} of {} operators are still not taken, and no rewrite of ours helps: see what `edgescope check {} "
        "--target {}` says of each.",
        fixed.after.not_mapped + fixed.after.misreported, fixed.after.operators, file_, request_.target);
  }

  const graph::Model& model_;
  const std::string& file_;
  const ReadyRequest& request_;
  Json json_;
};

}  // namespace

base::Result<Json> ready(const graph::Model& model, const std::string& file, const ReadyRequest& request) {
  return Ready(model, file, request).run();
}

}  // namespace edgescope::rewrite
