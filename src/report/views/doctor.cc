#include "report/views/doctor.h"

#include <fmt/format.h>

namespace edgescope::report {
namespace {

using base::Json;

std::string text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "not told" : base::dump(value);
}

std::string words(const Json& array, const char* between = " ") {
  std::string all;
  for (const Json& word : array) all += (all.empty() ? "" : between) + word.get<std::string>();
  return all.empty() ? "none" : all;
}

std::string yes_or_no(const Json& value) { return value.get<bool>() ? "yes" : "no"; }

Json in_state(const Json& checks, std::string_view state) {
  Json found = Json::array();
  for (const Json& check : checks)
    if (check["state"] == state) found.push_back(check);
  return found;
}

void add_trouble(Blocks& blocks, const Json& check) {
  blocks.push_back(Heading{fmt::format("{} ({})", text(check["title"]), text(check["concerns"])), 3});
  Facts facts{{{"here", text(check["seen"])},
               {"how it shows", text(check["symptom"])},
               {"why", text(check["cause"])},
               {"what to do", text(check["cure"])}}};
  if (!check["sources"].empty()) facts.lines.emplace_back("reports", words(check["sources"], ", "));
  blocks.push_back(std::move(facts));
}

// What is wrong, then what only a command can tell, then everything else in one table.
void add_checks(Blocks& blocks, const Json& checks) {
  const Json problems = in_state(checks, "problem"), advice = in_state(checks, "advice");
  blocks.push_back(Heading{problems.empty() ? "Nothing is wrong as far as can be seen" : "What is wrong", 2});
  for (const Json& check : problems) add_trouble(blocks, check);
  if (!advice.empty()) blocks.push_back(Heading{"What cannot be seen from here, and what would show it", 2});
  for (const Json& check : advice) add_trouble(blocks, check);
}

void add_quiet_checks(Blocks& blocks, const Json& checks) {
  Json quiet = Json::array();
  for (const Json& check : checks)
    if (check["state"] != "problem" && check["state"] != "advice") quiet.push_back(check);
  blocks.push_back(Table{.title = "Looked at",
                         .records = std::move(quiet),
                         .columns = {{"check", "id"}, {"state", "state"}, {"here", "seen"}}});
}

}  // namespace

Blocks doctor_view(const Json& document) {
  Blocks blocks;
  const Json checks = document.value("checks", Json::array());
  add_checks(blocks, checks);
  blocks.push_back(Table{.title = "Runtimes",
                         .records = document["runtimes"],
                         .columns = {{"runtime", "name"},
                                     {"works", "works", Column::Align::Left, yes_or_no},
                                     {"version", "version"},
                                     {"found by", "source"},
                                     {"library", "path"}},
                         .main = true});
  for (const Json& runtime : document["runtimes"])
    if (!runtime["works"].get<bool>())
      blocks.push_back(Paragraph{
          fmt::format("{}: {}. {}", text(runtime["name"]), text(runtime["reason"]), text(runtime["remedy"]))});
  const Json devices = document.value("devices", Json::array());
  if (devices.empty())
    blocks.push_back(Paragraph{
        "No Edge TPU and no Neural Compute Stick is plugged in; edgetpu:virtual and ncs2:virtual need none."});
  else
    blocks.push_back(
        Table{.title = "Accelerators",
              .records = devices,
              .columns = {{"kind", "kind"},
                          {"place", "place"},
                          {"USB id", "id"},
                          {"link", "link_megabits", Column::Align::Right,
                           [](const Json& megabits) { return fmt::format("{:g} Mbit/s", megabits.get<double>()); }},
                          {"may be opened", "accessible", Column::Align::Left,
                           [](const Json& yes) { return std::string(yes.get<bool>() ? "yes" : "NO"); }}}});
  if (const Json openvinos = document.value("openvinos", Json::array()); !openvinos.empty())
    blocks.push_back(Table{.title = "OpenVINOs",
                           .records = openvinos,
                           .columns = {{"version", "version"},
                                       {"kind", "kind"},
                                       {"MYRIAD plugin", "myriad", Column::Align::Left, yes_or_no},
                                       {"mo", "converter", Column::Align::Left, yes_or_no},
                                       {"edgescope's own", "own", Column::Align::Left, yes_or_no},
                                       {"folder", "folder"}}});
  add_quiet_checks(blocks, checks);
  const Json& machine = document["machine"];
  blocks.push_back(Heading{"Machine", 2});
  blocks.push_back(Facts{{{"CPU", text(machine["cpu"])},
                          {"cores", text(machine["logical_cores"])},
                          {"instruction sets", words(machine["features"])},
                          {"governor", text(machine["governor"])},
                          {"kernel", text(machine["kernel"])},
                          {"virtualisation", text(machine["virtualisation"])}}});
  return blocks;
}

}  // namespace edgescope::report
