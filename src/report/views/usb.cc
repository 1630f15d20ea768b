#include "report/views/usb.h"

#include <fmt/format.h>

#include "base/units.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::string bytes(const Json& value) { return base::bytes_text(value.get<std::uint64_t>()); }
std::string microseconds(const Json& value) { return base::microseconds_text(value.get<double>()); }

std::uint64_t total(const Json& traffic) {
  std::uint64_t sum = 0;
  for (const char* part : {"instructions", "input", "parameters", "output", "scratch_in", "scratch_out"})
    sum += traffic.value(part, std::uint64_t{0});
  return sum;
}

Json row(const Json& traffic, const std::string& model, const std::string& what) {
  Json row = traffic;
  row["model"] = model;
  row["what"] = what;
  row["total"] = total(traffic);
  row["scratch"] = traffic.value("scratch_in", std::uint64_t{0}) + traffic.value("scratch_out", std::uint64_t{0});
  return row;
}

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::vector<Column> byte_columns() {
  return {{"inference", "what"},
          {"instructions", "instructions", Align::Right, bytes},
          {"input", "input", Align::Right, bytes},
          {"parameters", "parameters", Align::Right, bytes},
          {"output", "output", Align::Right, bytes}};
}

// What the comparison with the file's own hints says, in a sentence.
std::string verdict(const Json& model) {
  const std::string name = file_name(model["model"]);
  const auto uploads = model["parameter_uploads"].get<std::uint64_t>(),
             inferences = model["inferences"].get<std::uint64_t>();
  if (model["equals_ledger"].get<bool>())
    return fmt::format("{}: equal to what the file's DMA hints say, in each of {} inferences.", name, inferences);
  if (uploads > 1)
    return fmt::format(
        "{}: its cached parameters were sent {} times in {} inferences: another model with another caching token ran "
        "in between. Alone it "
        "would move {} an inference instead of {}; compile the models together to share the cache.",
        name, uploads, inferences, bytes(total(model["ledger"]["per_inference"])),
        bytes(total(model["per_inference"])));
  return fmt::format("{}: NOT equal to what the file's DMA hints say: {} against {} an inference.", name,
                     bytes(total(model["per_inference"])), bytes(total(model["ledger"]["per_inference"])));
}

}  // namespace

void add_usb(Blocks& blocks, const Json& document) {
  for (const Json& run : document["runs"]) {
    if (!run.contains("usb")) continue;
    const Json& usb = run["usb"];
    Table table{.title = fmt::format("Bytes over {} on {} (exact; a simulated stick has no latency)",
                                     usb["link"] == "usb3" ? "USB 3" : "USB 2", run["on"].get<std::string>()),
                .columns = byte_columns()};
    table.columns.insert(table.columns.begin(), {"model", "model"});
    table.columns.push_back({"scratch", "scratch", Align::Right, bytes});
    table.columns.push_back({"total", "total", Align::Right, bytes});
    std::vector<std::string> verdicts;
    for (const Json& model : usb["models"]) {
      const std::string name = file_name(model["model"]);
      table.records.push_back(row(model["first_inference"], name, "first"));
      table.records.push_back(row(model["per_inference"], name, "each later"));
      if (!model["equals_ledger"].get<bool>())
        table.records.push_back(row(model["ledger"]["per_inference"], name, "by the hints"));
      verdicts.push_back(verdict(model));
    }
    blocks.emplace_back(std::move(table));
    for (std::string& sentence : verdicts) blocks.emplace_back(Paragraph{std::move(sentence)});
    if (!usb["firmware_bytes"].is_null())
      blocks.emplace_back(Paragraph{fmt::format("Before that the runtime downloaded {} B of firmware.",
                                                usb["firmware_bytes"].get<std::uint64_t>())});
  }
}

Blocks trace_view(const Json& document) {
  std::string command;
  for (const Json& word : document["input"]) command += (command.empty() ? "" : " ") + word.get<std::string>();
  Blocks blocks = {Heading{command}};
  if (document["devices"].empty()) blocks.emplace_back(Paragraph{"It opened no USB device through libusb."});
  for (const Json& device : document["devices"]) {
    std::string title =
        fmt::format("{} at {} ({}{})", device["name"].is_null() ? "USB device" : device["name"].get<std::string>(),
                    device["place"].get<std::string>(), device["id"].get<std::string>(),
                    device["speed"] == "" ? "" : ", " + device["speed"].get<std::string>());
    blocks.emplace_back(Heading{title, 2});
    blocks.emplace_back(Table{.title = "Transfers by endpoint (exact)",
                              .records = device["endpoints"],
                              .columns = {{"endpoint", "endpoint"},
                                          {"direction", "direction"},
                                          {"type", "type"},
                                          {"transfers", "transfers", Align::Right},
                                          {"bytes", "bytes", Align::Right, bytes},
                                          {"failed", "failed", Align::Right}},
                              .main = blocks.size() == 2});
    if (!device.contains("inferences") || device["inferences"]["count"] == 0) continue;
    const Json& inferences = device["inferences"];
    Table table{.title = fmt::format(
                    "{} inferences: bytes (exact), times ({})", inferences["count"].get<std::uint64_t>(),
                    document["simulated"].get<bool>() ? "of the simulation, they say nothing of a stick" : "measured"),
                .columns = byte_columns()};
    table.columns.push_back({"time", "us", Align::Right, microseconds});
    table.columns.push_back({"parameter uploads", "parameter_uploads", Align::Right});
    table.records.push_back(row(inferences["first"], "", "first"));
    if (inferences.contains("later"))
      table.records.push_back(row(inferences["later"], "",
                                  inferences["later"]["alike"].get<bool>() ? "each later" : "the last; others differ"));
    blocks.emplace_back(std::move(table));
  }
  for (const Json& error : document["errors"])
    blocks.emplace_back(
        Paragraph{"The simulated stick was sent what contradicts the model: " + error.get<std::string>() + "."});
  blocks.emplace_back(Facts{{{"exit code", std::to_string(document["exit_code"].get<int>())}}});
  return blocks;
}

}  // namespace edgescope::report
