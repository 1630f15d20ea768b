#include "analysis/device_verdict.h"

#include <fmt/format.h>

#include "base/units.h"

namespace edgescope::analysis {
namespace {

using base::Json;

std::string name_of(const Json& device) {
  return device == "edgetpu" ? "the Edge TPU" : device == "ncs2" ? "the NCS2" : "this CPU";
}

std::string capital(std::string text) {
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string between(const Json& us) {
  const std::string low = base::microseconds_text(us[0].get<double>()),
                    high = base::microseconds_text(us[1].get<double>());
  return low == high ? low : low + " to " + high;
}

// The stage law speaks where the vendor's compiler was asked: by `check` of the model, or for what was fixed.
Json predicted_us(const Json& document, const Json& fix) {
  if (fix["predicted_us"].is_array()) return fix["predicted_us"];
  if (fix["rewrites"].empty() && fix["conversion"].is_null())
    for (const Json& check : document.value("check", Json::array()))
      if (check["target"] == fix["target"] && check.contains("prediction") && check["prediction"].is_object())
        return check["prediction"]["interval_us"];
  return nullptr;
}

std::string against(const Json& device, const Json& cpu) {
  if (device[1].get<double>() < cpu[0].get<double>()) return "faster";
  return device[0].get<double>() > cpu[1].get<double>() ? "slower" : "not decided";
}

Json rival_of(const Json& document, const Json& fix, const Json& cpu) {
  Json rival = {{"device", fix["target"]}, {"whole", fix["whole"]},  {"us", nullptr},
                {"basis", "predicted"},    {"against_cpu", nullptr}, {"file", fix["file"]}};
  if (fix["whole"] == false) return rival;
  rival["us"] = predicted_us(document, fix);
  if (rival["us"].is_array() && cpu.is_array()) rival["against_cpu"] = against(rival["us"], cpu);
  return rival;
}

std::string what_was_done(const Json& fix) {
  std::string text;
  if (fix["conversion"].is_object()) text = ", converted";
  if (const std::size_t count = fix["rewrites"].size(); count > 0)
    text += fmt::format("{} {} rewrite{}", text.empty() ? ", with" : " and with", count, count == 1 ? "" : "s");
  return text.empty() ? " as it is" : text + " (proven, see What to fix)";
}

// What rewrites gain on the CPU itself.
std::string of_cpu(const Json& fix) {
  const Json& measured = fix["measured"];
  const std::size_t steps = fix["rewrites"].size();
  std::string text = fmt::format("On this CPU {} rewrite{}", steps, steps == 1 ? "" : "s");
  if (measured["verdict"] == "faster")
    text +=
        fmt::format(" make{} it {:.0f} % faster", steps == 1 ? "s" : "", 100 * (1 - measured["ratio"].get<double>()));
  else
    text += fmt::format(": {}", measured["verdict"].get<std::string>());
  return text + fmt::format(" (measured on `{}`{}).", measured["on"].get<std::string>(),
                            fix["file"].is_string() ? fmt::format(", with `{}`", fix["file"].get<std::string>()) : "");
}

}  // namespace

Json device_verdict(const Json& document, const Json* run) {
  Json cpu;
  if (run != nullptr && run->contains("median_us")) {
    const Json& interval = (*run)["interval_us"];
    cpu = interval.is_array() ? interval : Json::array({(*run)["median_us"], (*run)["median_us"]});
  }
  Json rivals = Json::array();
  for (const Json& fix : document["fixes"])
    if (fix["target"] != "cpu") rivals.push_back(rival_of(document, fix, cpu));  // the CPU's own comes last
  Json verdict;
  if (cpu.is_array())
    verdict = {{"device", "cpu"}, {"on", (*run)["on"]},  {"file", document["input"]},
               {"us", cpu},       {"basis", "measured"}, {"valid", run->value("valid", false)}};
  for (const Json& rival : rivals) {
    if (!rival["us"].is_array() || (verdict.is_object() && rival["us"][1] >= verdict["us"][0])) continue;
    verdict = {{"device", rival["device"]}, {"on", nullptr},        {"file", rival["file"]},
               {"us", rival["us"]},         {"basis", "predicted"}, {"valid", true}};
  }
  if (verdict.is_object()) verdict["rivals"] = std::move(rivals);
  return verdict;
}

std::vector<std::string> device_sentences(const Json& document, const Json& verdict) {
  std::vector<std::string> sentences;
  if (!verdict.is_object()) return sentences;
  const std::string us = between(verdict["us"]);
  if (verdict["device"] == "cpu")
    sentences.push_back(fmt::format(
        "Take this CPU with `{}` and the file as it is, `{}`: {} an inference (measured, 95 % confidence{}).",
        verdict["on"].get<std::string>(), verdict["file"].get<std::string>(), us,
        verdict["valid"] == true ? "" : ", and not to be relied on yet"));
  else
    sentences.push_back(fmt::format("Take {}: {} an inference (predicted){}.", name_of(verdict["device"]), us,
                                    verdict["file"].is_string()
                                        ? fmt::format(", with `{}`", verdict["file"].get<std::string>())
                                        : "; `--fixed FOLDER` writes the file"));
  for (std::size_t i = 0; i < verdict["rivals"].size(); ++i) {
    const Json &rival = verdict["rivals"][i], &fix = document["fixes"][i];
    const std::string name = capital(name_of(rival["device"]));
    if (rival["whole"] == false) {
      sentences.push_back(fmt::format("{} does not take all of it. {}", name,
                                      fix["route"].is_string() ? fix["route"].get<std::string>() : ""));
      continue;
    }
    std::string text = fmt::format("{} takes all of it{}", name, what_was_done(fix));
    if (rival["us"].is_array()) text += fmt::format(": {} an inference (predicted)", between(rival["us"]));
    if (rival["against_cpu"].is_string())
      text += rival["against_cpu"] == "not decided"
                  ? "; whether that is faster than this CPU is not decided"
                  : fmt::format(", {} than this CPU", rival["against_cpu"].get<std::string>());
    sentences.push_back(text + ".");
  }
  for (const Json& fix : document["fixes"])
    if (fix["target"] == "cpu" && fix["measured"].is_object()) sentences.push_back(of_cpu(fix));
  return sentences;
}

std::string device_headline(const Json& verdict) {
  if (!verdict.is_object()) return "";
  std::string text;
  for (const Json& rival : verdict["rivals"])
    if (rival["against_cpu"] == "faster")
      text += fmt::format("; {} is predicted faster, {}", name_of(rival["device"]), between(rival["us"]));
    else if (rival["against_cpu"] == "not decided")
      text += fmt::format("; {} may be faster, {} (predicted)", name_of(rival["device"]), between(rival["us"]));
  return text;
}

}  // namespace edgescope::analysis
