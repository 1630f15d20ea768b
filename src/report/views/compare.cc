#include "report/views/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace edgescope::report {
namespace {

std::string measured_of(const base::Json& document) {
  const std::string target = document.value("target", "cpu");
  if (target == "cpu") return "measured: the programs ran";
  return fmt::format("measured: the programs for the {} ran", target == "ncs2" ? "NCS2" : "Edge TPU");
}

using base::Json;
using Align = Column::Align;

std::string verdict(const Json& runs) {
  std::size_t valid = 0, equal = 0;
  for (const Json& run : runs)
    if (run["valid"] == true) {
      ++valid;
      equal += run["equal"] == true ? 1 : 0;
    }
  if (valid == 0) return "Nothing could be compared.";
  if (equal == valid) return valid == 1 ? "The predictions are equal." : "All predictions are equal.";
  return fmt::format("{} of {} runs predict something else.", valid - equal, valid);
}

Blocks forest_view(const Json& document) {
  const Json& runs = document["runs"];
  Blocks blocks = {
      Heading{document["input"].get<std::string>()}, Paragraph{verdict(runs)},
      Facts{{{"rows",
              fmt::format("{}: {}", document["rows"].get<std::uint64_t>(), document["rows_from"].get<std::string>())},
             {"leaves", "against the forest itself, evaluated in float64"},
             {"results", document["reference"] == "expected" ? "against the predictions that were given"
                                                             : "against the forest itself, in its own precisions"},
             {"basis", measured_of(document)}}}};
  Table table{.title = "Runs",
              .records = Json::array(),
              .columns = {{"on", "on"},
                          {"strategy", "strategy"},
                          {"leaves", "leaves", Align::Right},
                          {"wrong leaves", "leaf_mismatches", Align::Right},
                          {"wrong labels", "label_flips", Align::Right},
                          {"largest difference", "max_difference", Align::Right,
                           [](const Json& value) { return fmt::format("{:.3g}", value.get<double>()); }}},
              .main = true};
  for (const Json& run : runs) table.records.push_back(run);
  blocks.push_back(std::move(table));
  // What is said of several runs is said once.
  std::vector<std::pair<std::string, std::string>> said;
  for (const Json& run : runs) {
    const bool valid = run["valid"] == true;
    const std::string text = (valid ? run["explanation"] : run["reason"]).get<std::string>();
    if (text.empty()) continue;
    const std::string name = run["strategy"].get<std::string>() + " on " + run["on"].get<std::string>();
    const auto before = std::find_if(said.begin(), said.end(), [&](const auto& each) { return each.second == text; });
    if (before != said.end())
      before->first += ", " + name;
    else
      said.emplace_back(name + (valid ? "" : " (did not run)"), text);
  }
  for (const auto& [names, text] : said) blocks.push_back(Paragraph{names + ": " + text});
  return blocks;
}

std::string short_number(const Json& value) { return fmt::format("{:.3g}", value.get<double>()); }
std::string percent(const Json& share) { return fmt::format("{:.1f} %", 100 * share.get<double>()); }
std::string yes_no(const Json& value) { return value.get<bool>() ? "yes" : "no"; }
std::string decibels(const Json& value) { return fmt::format("{:.1f}", value.get<double>()); }

std::string name_of(const Json& run, bool pair) {
  const std::string on = run["on"].get<std::string>();
  return pair ? run["model"].get<std::string>() + " on " + on : on;
}

std::string network_verdict(const Json& runs) {
  std::size_t valid = 0, equal = 0, same = 0;
  for (const Json& run : runs)
    if (run["valid"] == true) {
      ++valid;
      equal += run["equal"] == true ? 1 : 0;
      same += run["same_bits"] == true ? 1 : 0;
    }
  if (valid == 0) return "Nothing could be compared.";
  if (same == valid) return "The predictions are the same, bit for bit.";
  if (equal == valid) return "The predictions are the same within the tolerance.";
  return valid == 1
             ? "The predictions differ by more than the tolerance."
             : fmt::format("The predictions of {} of {} runs differ by more than the tolerance.", valid - equal, valid);
}

std::string tolerance_text(const Json& tolerance) {
  const double steps = tolerance["steps"].get<double>(), share = tolerance["share"].get<double>();
  if (steps == 0 && share == 0) return "the same bits";
  if (steps == 0) return fmt::format("{:g} of an output's largest value", share);
  return fmt::format("{:g} step{} of quantised outputs, {:g} of the largest value of others", steps,
                     steps == 1 ? "" : "s", share);
}

// Converters join the names of all that they fuse.
std::string short_name(const Json& value) {
  constexpr std::size_t kMost = 60;
  const std::string name = value.get<std::string>();
  return name.size() <= kMost ? name : name.substr(0, kMost) + "...";
}

std::string where_they_part(const Json& first) {
  const std::string runs = fmt::format("{} parts of the network were run", first["runs"].get<int>());
  if (first["found"] == false) return fmt::format("{} ({}.)", first["reason"].get<std::string>(), runs);
  const Json &op = first["operator"], &difference = first["difference"];
  std::string text = fmt::format("they part at operator {}, {} `{}`", op["index"].get<int>(),
                                 op["kind"].get<std::string>(), short_name(op["name"]));
  if (op["tensor"] != op["name"]) text += fmt::format(", tensor `{}`", short_name(op["tensor"]));
  text += fmt::format(": {} of {} values differ, by at most {:.3g}", difference["different"].get<std::uint64_t>(),
                      difference["values"].get<std::uint64_t>(), difference["max_abs"].get<double>());
  if (difference.contains("max_steps")) {
    const double steps = difference["max_steps"].get<double>();
    text += fmt::format(" ({:.3g} {})", steps, std::abs(steps - 1) < 1e-6 ? "step" : "steps");
  }
  if (first["operators"].get<int>() > 1)
    text +=
        fmt::format("; it is the last of {} operators between tensors that both have", first["operators"].get<int>());
  if (first["looked_for"] == "another function") text += "; there it becomes another function";
  return text + fmt::format(". {}.", runs);
}

Blocks network_view(const Json& document) {
  const Json& runs = document["runs"];
  const bool pair = document["other"].is_string();
  Facts facts;
  facts.lines.emplace_back(
      "inputs", fmt::format("{}: {}", document["rows"].get<std::uint64_t>(), document["rows_from"].get<std::string>()));
  if (!pair && document["reference"].is_object())
    facts.lines.emplace_back("reference", document["reference"]["on"].get<std::string>());
  for (const Json& run : runs)
    if (run["valid"] == true) {
      facts.lines.emplace_back("tolerance", tolerance_text(run["tolerance"]));
      break;
    }
  facts.lines.emplace_back("basis", "measured: the networks ran");
  std::string heading = document["input"].get<std::string>();
  if (pair) heading += " against " + document["other"].get<std::string>();
  Blocks blocks = {Heading{heading}, Paragraph{network_verdict(runs)}, std::move(facts)};
  Table table{.title = "Outputs",
              .columns = {{"on", "on"},
                          {"output", "name"},
                          {"within", "within", Align::Left, yes_no},
                          {"largest difference", "max_abs", Align::Right, short_number},
                          {"mean", "mean_abs", Align::Right, short_number},
                          {"99.9 %", "p999_abs", Align::Right, short_number},
                          {"steps", "max_steps", Align::Right, short_number},
                          {"ulps", "max_ulps", Align::Right, short_number},
                          {"cosine", "cosine", Align::Right,
                           [](const Json& value) { return fmt::format("{:.6f}", value.get<double>()); }},
                          {"SNR, dB", "snr_db", Align::Right, decibels},
                          {"top-1", "top1_agreement", Align::Right, percent},
                          {"top-5", "top5_agreement", Align::Right, percent},
                          {"flips", "decision_flips", Align::Right}},
              .main = true};
  for (const Json& run : runs)
    for (const Json& output : run["outputs"]) {
      Json row = output;
      row["on"] = run["on"];
      table.records.push_back(std::move(row));
    }
  if (!table.records.empty()) blocks.emplace_back(std::move(table));
  for (const Json& run : runs) {
    if (run["valid"] == false) {
      blocks.emplace_back(
          Paragraph{fmt::format("{} (did not run): {}", name_of(run, pair), run["reason"].get<std::string>())});
      continue;
    }
    if (run.contains("first_difference") && run["first_difference"].is_object())
      blocks.emplace_back(Paragraph{name_of(run, pair) + ": " + where_they_part(run["first_difference"])});
    if (run.contains("note"))
      blocks.emplace_back(Paragraph{name_of(run, pair) + ": " + run["note"].get<std::string>()});
    if (run["cause"].is_object())
      blocks.emplace_back(
          Paragraph{fmt::format("{}, cause: {}", name_of(run, pair), run["cause"]["text"].get<std::string>())});
  }
  return blocks;
}

}  // namespace

Blocks compare_view(const Json& document) {
  return document.contains("other") ? network_view(document) : forest_view(document);
}

}  // namespace edgescope::report
