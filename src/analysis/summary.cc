#include "analysis/summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "analysis/device_verdict.h"
#include "base/units.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using base::microseconds_text;

double number(const Json& record, const char* key) {
  const auto it = record.find(key);
  return it != record.end() && it->is_number() ? it->get<double>() : 0;
}

std::string string(const Json& record, const char* key) {
  const auto it = record.find(key);
  return it != record.end() && it->is_string() ? it->get<std::string>() : "";
}

std::string plural(std::size_t count, std::string_view what, std::string_view ending = "s") {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : ending);
}

std::string code(const std::string& text) { return "`" + text + "`"; }

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string listed(const std::vector<std::string>& names) {
  if (names.size() < 2) return names.empty() ? "" : names[0];
  return fmt::format("{} and {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

std::string format_text(const Json& model) {
  const std::string format = string(model, "format");
  return format == "tflite" ? "TFLite" : format == "onnx" ? "ONNX" : format == "openvino-ir" ? "OpenVINO IR" : format;
}

// Of what type most weights are, by bytes.
std::string weights_text(const Json& model) {
  const auto types = model.find("types");
  if (types == model.end() || types->empty()) return "no weights";
  return fmt::format("weights mostly {}", string((*types)[0], "type"));
}

std::string what_it_is(const Json& model) {
  const Json& totals = model["totals"];
  const auto count = [&](const char* key) { return base::count_text(static_cast<std::uint64_t>(number(totals, key))); };
  const auto without = static_cast<std::size_t>(number(totals, "operators_without_macs"));
  std::string work = "of unknown work, since the file holds no shapes";
  if (without == 0 || number(totals, "macs") > 0)
    work = count("macs") + " multiply-accumulates an inference" +
           (without ? fmt::format(", {} of unknown size left out", plural(without, "operator")) : "");
  const std::string format = format_text(model);
  return fmt::format("{} {} model of {}: {} parameters ({}), {} (exact).", format.starts_with('O') ? "An" : "A", format,
                     plural(static_cast<std::size_t>(number(totals, "operators")), "operator"), count("parameters"),
                     weights_text(model), work);
}

std::uint64_t sum(const Json& traffic) {
  std::uint64_t bytes = 0;
  for (const Json& part : traffic) bytes += part.get<std::uint64_t>();
  return bytes;
}

// A compiled model: what its file says of it, since no CPU runtime can.
std::string what_is_compiled(const Json& edgetpu) {
  const std::size_t on_cpu = edgetpu["cpu_operators"].size();
  return fmt::format(
      "A model compiled for the Edge TPU: {} and {} on the CPU; {} of parameters stay on the chip, {} are sent at "
      "every inference (exact).",
      plural(edgetpu["operators"].size(), "Edge TPU operator"), plural(on_cpu, "operator"),
      base::bytes_text(static_cast<std::uint64_t>(number(edgetpu, "cached_parameter_bytes"))),
      base::bytes_text(static_cast<std::uint64_t>(number(edgetpu, "streamed_parameter_bytes"))));
}

std::string what_it_moves(const Json& edgetpu) {
  const Json& each = edgetpu["per_inference"];
  return fmt::format(
      "Every inference moves {} over the link: {} of instructions, {} of input, {} of parameters, {} of output; the "
      "first one {} (exact).",
      base::bytes_text(sum(each)), base::bytes_text(static_cast<std::uint64_t>(number(each, "instructions"))),
      base::bytes_text(static_cast<std::uint64_t>(number(each, "input"))),
      base::bytes_text(static_cast<std::uint64_t>(number(each, "parameters"))),
      base::bytes_text(static_cast<std::uint64_t>(number(each, "output"))),
      base::bytes_text(sum(edgetpu["first_inference"])));
}

bool measured(const Json& run) { return run.contains("median_us"); }
bool valid(const Json& run) { return run.value("valid", false); }

const Json* run_on(const Json& runs, const Json& on) {
  for (const Json& run : runs)
    if (measured(run) && run["on"] == on) return &run;
  return nullptr;
}

std::string how_sure(const Json& run) {
  const Json& runtime = run.contains("runtime") ? run["runtime"] : Json::object();
  std::string text = fmt::format("{} {} with {}", code(string(run, "on")), string(runtime, "version"),
                                 plural(static_cast<std::size_t>(number(runtime, "threads")), "thread"));
  if (const std::string kernels = string(runtime, "kernels"); !kernels.empty())
    text += fmt::format(", {} kernels", kernels);
  if (const std::string precision = string(runtime, "precision"); !precision.empty())
    text += ", precision " + precision;
  if (const auto interval = run.find("interval_us"); interval != run.end() && interval->is_array())
    text += fmt::format("; the median lies between {} and {} ({:.0f} %, {}, {})",
                        microseconds_text((*interval)[0].get<double>()),
                        microseconds_text((*interval)[1].get<double>()), 100 * run.value("confidence", 0.95),
                        plural(static_cast<std::size_t>(number(run, "processes")), "process", "es"),
                        plural(static_cast<std::size_t>(number(run, "samples")), "inference"));
  return text + " (measured).";
}

// How the others did, each against the fastest.
std::string who_lost(const Json& runs, const Json& comparison) {
  std::vector<std::string> slower, even, undecided;
  for (const Json& rival : comparison["against_fastest"]) {
    const Json& interval = rival["ratio_interval"];
    std::string text = code(string(rival, "on"));
    if (string(rival, "verdict") != "slower") {
      (string(rival, "verdict") == "not decided" ? undecided : even).push_back(text);
      continue;
    }
    text += fmt::format(" {:.2f} times as long", number(rival, "ratio"));
    if (interval.is_array())
      text += fmt::format(" [{:.2f}, {:.2f}]", interval[0].get<double>(), interval[1].get<double>());
    if (const Json* run = run_on(runs, rival["on"]); run && !valid(*run)) text += " (not valid)";
    slower.push_back(text);
  }
  std::string text = even.empty() ? "" : fmt::format("No difference is shown to {}. ", listed(even));
  if (!slower.empty()) text += fmt::format("Slower: {}. ", fmt::join(slower, ", "));
  if (!undecided.empty()) text += fmt::format("Perhaps faster, but not valid: {}. ", listed(undecided));
  return text.empty() ? "" : text.substr(0, text.size() - 2) + " (measured).";
}

std::string first(const Json& comparison) {
  const Json& rivals = comparison["against_fastest"];
  if (rivals.empty()) return "";
  const auto even = [](const Json& rival) { return string(rival, "verdict") != "slower"; };
  return fmt::format(", {} of {} runtimes",
                     std::any_of(rivals.begin(), rivals.end(), even) ? "among the fastest" : "the fastest",
                     rivals.size() + 1);
}

std::string who_failed(const Json& runs) {
  std::vector<std::string> failed;
  for (const Json& run : runs)
    if (!measured(run) && !run.contains("usb")) failed.push_back(code(string(run, "on")));
  return failed.empty() ? "" : fmt::format("{} did not run: see Latency for the reasons.", capitalised(listed(failed)));
}

// How far one runtime is from the reference, in words: its worst output.
std::string apart(const Json& pair) {
  std::string text;
  double worst = -1;
  for (const Json& output : pair["outputs"]) {
    const double span = output["range"][1].get<double>() - output["range"][0].get<double>();
    const bool infinite = number(output, "not_finite") > 0;
    const double share = infinite ? 1e300 : span > 0 ? number(output, "max_abs") / span : number(output, "max_abs");
    if (share <= worst) continue;
    worst = share;
    text = infinite ? "values that are not finite on one side"
           : output.contains("max_steps")
               ? fmt::format("at most {:.4g} quantisation steps", number(output, "max_steps"))
               : fmt::format("at most {:.3g} of a range of {:.3g}", number(output, "max_abs"), span);
    if (output.contains("top1_agreement"))
      text += fmt::format(", top-1 equal for {:.0f} %", 100 * number(output, "top1_agreement"));
  }
  return text;
}

// "Against `a`: `b` predicts the same; `c` is close (...); `d` differs (...)".
std::string predictions(const Json& parity) {
  std::vector<std::string> parts;
  for (const Json& pair : parity["pairs"]) {
    if (!pair.value("valid", false)) continue;
    const std::string agreement = string(pair, "agreement"), on = code(string(pair, "on"));
    parts.push_back(agreement == "equal"
                        ? on + " predicts the same"
                        : fmt::format("{} {} ({})", on, agreement == "close" ? "is close" : "differs", apart(pair)));
  }
  return fmt::format("against {}: {}", code(string(parity, "reference")), fmt::join(parts, "; "));
}

bool differs(const Json& parity, const Json& on) {
  return std::any_of(parity["pairs"].begin(), parity["pairs"].end(),
                     [&](const Json& pair) { return pair["on"] == on && string(pair, "agreement") == "differs"; });
}

}  // namespace

base::Json summarise(const base::Json& document) {
  Json summary = {{"headline", ""}, {"points", nullptr}, {"fastest", nullptr}};
  Json points = Json::array();  // apart: a reference into an object ends when a member is added
  const auto edgetpu = document.find("edgetpu");
  const bool compiled = edgetpu != document.end();
  points.push_back(compiled ? what_is_compiled(*edgetpu) : what_it_is(document["model"]));
  if (compiled) points.push_back(what_it_moves(*edgetpu));
  const Json& runs = document["runs"];
  const Json comparison = document.value("comparison", Json(nullptr));
  if (const Json* best = comparison.is_object() ? run_on(runs, comparison["fastest"]) : nullptr) {
    summary["fastest"] = (*best)["on"];
    summary["headline"] =
        fmt::format("{} an inference on this CPU with {}{}", microseconds_text(number(*best, "median_us")),
                    string(*best, "on"), first(comparison));
    points.push_back(how_sure(*best));
    if (!valid(*best))
      points.push_back(fmt::format("This figure is not to be relied on: {}.", string(*best, "reason")));
    if (const std::string text = who_lost(runs, comparison); !text.empty()) points.push_back(text);
    if (const std::string text = who_failed(runs); !text.empty()) points.push_back(text);
  } else if (runs.empty() && compiled) {
    summary["headline"] = fmt::format(
        "Compiled for the Edge TPU: {} over the link at every inference; not measured on the CPU, where it cannot run",
        base::bytes_text(sum((*edgetpu)["per_inference"])));
    summary["remedy"] = "For the CPU's side of the comparison analyze the model that it was compiled from.";
    points.push_back(summary["remedy"]);
  } else if (runs.empty()) {
    summary["headline"] = "Nothing was measured: no runtime is installed that reads this format";
    summary["remedy"] = "`make setup` brings the CPU runtimes; `edgescope doctor` says what is missing.";
    points.push_back(summary["remedy"]);
  } else if (std::any_of(runs.begin(), runs.end(), [](const Json& run) { return run.contains("usb"); })) {
    summary["headline"] = "Bytes were counted on a simulated stick, which has no latency";
    if (const std::string text = who_failed(runs); !text.empty()) points.push_back(text);
  } else {
    summary["headline"] = "No runtime here could run this model";
    summary["remedy"] = "The reasons stand with each runtime.";
    for (const Json& run : runs)
      points.push_back(fmt::format("{}: {}", code(string(run, "on")), string(run, "reason")));
  }
  if (const auto parity = document.find("parity");
      parity != document.end() && parity->is_object() && parity->contains("agreement")) {
    summary["agreement"] = (*parity)["agreement"];
    summary["agreement_why"] = predictions(*parity);
    points.push_back(fmt::format("Predictions {} (measured).", predictions(*parity)));
    if (differs(*parity, summary["fastest"]))
      summary["headline"] = summary["headline"].get<std::string>() + "; but its predictions differ";
  }
  if (const auto fixes = document.find("fixes"); fixes != document.end() && !fixes->empty()) {
    const Json* best = comparison.is_object() ? run_on(runs, comparison["fastest"]) : nullptr;
    summary["verdict"] = device_verdict(document, best);
    summary["headline"] = summary["headline"].get<std::string>() + device_headline(summary["verdict"]);
    Json first = device_sentences(document, summary["verdict"]);
    first.insert(first.end(), points.begin(), points.end());
    points = std::move(first);
  }
  if (const auto found = document.find("findings"); found != document.end() && !found->empty())
    points.push_back(fmt::format("{}, with cost and remedy below.", capitalised(plural(found->size(), "finding"))));
  summary["points"] = std::move(points);
  return summary;
}

}  // namespace edgescope::analysis
