#include "report/views/forest_program.h"

#include <fmt/format.h>

#include "base/units.h"

namespace edgescope::report {
namespace {

using base::Json;

std::string bytes(const Json& value) { return base::bytes_text(value.get<std::uint64_t>()); }
std::string count(const Json& value) { return base::count_text(value.get<std::uint64_t>()); }

std::string times(const Json& us) {
  return fmt::format("{} to {}", base::microseconds_text(us[0].get<double>()),
                     base::microseconds_text(us[1].get<double>()));
}

std::string tensor(const Json& value) {
  std::string shape;
  for (const Json& dim : value["shape"]) shape += (shape.empty() ? "" : "x") + dim.dump();
  return fmt::format("{}, {} {}", value["name"].get<std::string>(), shape, value["type"].get<std::string>());
}

std::string operators(const Json& kinds) {
  std::string text;
  for (const auto& [kind, number] : kinds.items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number.dump(), kind);
  return text;
}

std::string target_text(const std::string& target) {
  return target == "cpu" ? "a CPU" : target == "edgetpu" ? "the Edge TPU" : "the NCS2";
}

void add_fit(Blocks& blocks, const Json& document) {
  const Json& fit = document["fit"];
  const std::string rows = fmt::format(
      "It takes {} of {} rows of the chip's memory ({} to {} are known to be left for parameters).", fit["rows"].dump(),
      fit["rows_available"].dump(), fit["rows_available_range"][0].dump(), fit["rows_available_range"][1].dump());
  std::string text;
  if (fit["fits"].get<bool>())
    text = fmt::format("It fits: all {} of its parameters stay on the chip. {}", bytes(fit["stored_bytes"]), rows);
  else if (fit["sticks"] == 0)
    text = fmt::format("It does not fit, nor does every tree by itself: {} are sent with each inference. {}",
                       bytes(fit["streamed_bytes"]), rows);
  else
    text = fmt::format(
        "It does not fit: {} are sent with each inference. {} One stick keeps the first {} of {} trees; {} sticks keep "
        "all, each a part of the trees.",
        bytes(fit["streamed_bytes"]), rows, fit["trees_on_one_stick"].dump(), document["forest"]["trees"].dump(),
        fit["sticks"].dump());
  blocks.push_back(Paragraph{text + " Predicted by the caching law."});
}

void add_next(Blocks& blocks, const Json& document) {
  const std::string file = document["program"]["files"][0].get<std::string>(),
                    target = document["target"].get<std::string>();
  Preformatted next{.title = "Next", .lines = {}};
  if (target == "edgetpu") next.lines.push_back("edgescope compile " + file + " --target edgetpu");
  if (target == "ncs2") next.lines.push_back("edgescope check " + file + " --target ncs2 --oracle");
  if (target == "cpu") next.lines.push_back("edgescope bench " + file);
  if (document["strategy"] == "exact" && document["host"]["header"].is_null())
    next.lines.push_back(fmt::format("edgescope forest {} --target {} --batch {} -o {} --emit-header forest.h",
                                     document["input"].get<std::string>(), target, document["program"]["batch"].dump(),
                                     file));
  blocks.push_back(std::move(next));
}

Table candidates(const Json& list) {
  Table table{.title = "Strategies",
              .columns = {{"strategy", "strategy"}, {"a run takes", "time"}, {"", "note"}},
              .main = true};
  for (Json candidate : list) {
    candidate["time"] = candidate.contains("interval_us") ? times(candidate["interval_us"]) : "";
    candidate["note"] =
        candidate["runs"].get<bool>() ? candidate.value("basis", "") : candidate["reason"].get<std::string>();
    table.records.push_back(std::move(candidate));
  }
  return table;
}

}  // namespace

Blocks forest_program_view(const Json& document) {
  const Json &forest = document["forest"], &program = document["program"], &host = document["host"];
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  blocks.push_back(Paragraph{fmt::format(
      "Written: {}, the forest's {} program for {}, {} row{} a run.", program["files"][0].get<std::string>(),
      document["strategy"].get<std::string>(), target_text(document["target"].get<std::string>()),
      program["batch"].dump(), program["batch"] == 1 ? "" : "s")});
  if (document["why"] != "It was asked for.") blocks.push_back(Paragraph{document["why"].get<std::string>()});
  blocks.push_back(
      Facts{{{"forest",
              fmt::format("{} trees of depth {} at most, {} nodes, {} leaves, {} features, by {}",
                          forest["trees"].dump(), forest["depth"].dump(), count(forest["nodes"]),
                          count(forest["leaves"]), forest["features"].dump(), forest["producer"].get<std::string>())},
             {"program", fmt::format("{}, {} of them parameters: {}", bytes(program["bytes"]),
                                     bytes(program["parameter_bytes"]), operators(program["operators"]))},
             {"input", tensor(program["input"])},
             {"output", tensor(program["output"])}}});
  if (document.contains("check")) {
    const Json& check = document["check"];
    std::string text = check["verdict"] == "compiles"
                           ? "Every operator is mapped to the device."
                           : "It does not compile: " + check["failure"]["reason"].get<std::string>();
    if (document["target"] == "edgetpu" && check["placement"]["cpu"] != 0)
      text = fmt::format("{} operators stay on the CPU.", check["placement"]["cpu"].dump());
    if (check.contains("prediction") && check["prediction"].is_object())
      text += fmt::format(" A run takes {} (predicted).", times(check["prediction"]["interval_us"]));
    blocks.push_back(Paragraph{text});
  }
  if (document.contains("fit")) add_fit(blocks, document);
  if (document["strategy"] == "exact") {
    blocks.push_back(Paragraph{fmt::format(
        "Before the device the host turns each row of {} numbers into {} small whole numbers: how many thresholds lie "
        "below "
        "each. After it the host looks up the leaves behind {} answers of a row and adds them up in the forest's own "
        "precision and order, so that nothing is lost.",
        forest["features"].dump(), host["columns"].dump(), host["pieces"].dump())});
    blocks.push_back(Paragraph{
        host["header"].is_null()
            ? "--emit-header FILE writes both as one C++ header for your application."
            : fmt::format("{} does both: include it, call before() and after().", host["header"].get<std::string>())});
  } else
    blocks.push_back(
        Paragraph{"The program takes rows as they are and answers scores; the host applies the post-transform "
                  "(softmax, logistic) and nothing else."});
  blocks.push_back(candidates(document["candidates"]));
  add_next(blocks, document);
  return blocks;
}

}  // namespace edgescope::report
