#include "report/views/doctor.h"

#include <fmt/format.h>

namespace edgescope::report {
namespace {

using base::Json;

std::string text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "not told" : base::dump(value);
}

std::string words(const Json& array) {
  std::string all;
  for (const Json& word : array) all += (all.empty() ? "" : " ") + word.get<std::string>();
  return all.empty() ? "none" : all;
}

}  // namespace

Blocks doctor_view(const Json& document) {
  Blocks blocks;
  blocks.push_back(Table{.title = "Runtimes",
                         .records = document["runtimes"],
                         .columns = {{"runtime", "name"},
                                     {"works", "works", Column::Align::Left,
                                      [](const Json& works) { return works.get<bool>() ? "yes" : "no"; }},
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
    blocks.push_back(
        Paragraph{"No Edge TPU is plugged in (USB ids 1a6e:089a and 18d1:9302); edgetpu:virtual needs none."});
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
  for (const Json& device : devices)
    if (!device["remedy"].is_null()) blocks.push_back(Paragraph{text(device["remedy"])});
  const Json& machine = document["machine"];
  blocks.push_back(Heading{"Machine", 2});
  blocks.push_back(Facts{{{"CPU", text(machine["cpu"])},
                          {"cores", text(machine["logical_cores"])},
                          {"instruction sets", words(machine["features"])},
                          {"governor", text(machine["governor"])},
                          {"kernel", text(machine["kernel"])},
                          {"virtualisation", text(machine["virtualisation"])}}});
  for (const Json& warning : document["warnings"]) blocks.push_back(Paragraph{text(warning)});
  return blocks;
}

}  // namespace edgescope::report
