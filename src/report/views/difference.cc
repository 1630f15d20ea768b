#include "report/views/difference.h"

#include <fmt/format.h>

#include "base/units.h"
#include "report/views/inspect.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;
using Unit = std::string (*)(std::uint64_t);

std::string figure(Unit unit, const Json& value) { return unit(value.get<std::uint64_t>()); }

// "+1.25 MiB", "-3", "=".
std::string signed_figure(Unit unit, const Json& value) {
  const auto change = value.get<std::int64_t>();
  if (change == 0) return "=";
  return (change > 0 ? "+" : "-") +
         unit(change > 0 ? static_cast<std::uint64_t>(change) : 0 - static_cast<std::uint64_t>(change));
}

std::string change(Unit unit, const Json& sides) {
  if (sides["change"] == 0) return "=";
  return signed_figure(unit, sides["change"]);
}

// Rows of one unit: the sides, the change, and the change as a share of the old.
Table sides(std::string title, const Json& rows, const char* name, const std::function<bool(const Json&)>& wanted,
            Unit unit) {
  const auto amount = [unit](const Json& value) { return figure(unit, value); };
  Table table{
      .title = std::move(title),
      .columns = {{name, name},
                  {"new", "new", Align::Right, amount},
                  {"old", "old", Align::Right, amount},
                  {"change", "change", Align::Right, [unit](const Json& value) { return signed_figure(unit, value); }},
                  {"", "share", Align::Right,
                   [](const Json& share) { return fmt::format("{:+.1f} %", 100 * share.get<double>()); }}}};
  for (const Json& row : rows) {
    if (!wanted(row) || (row["new"] == 0 && row["old"] == 0)) continue;
    Json record = row;
    if (row["old"] != 0 && row["change"] != 0) record["share"] = row["change"].get<double>() / row["old"].get<double>();
    table.records.push_back(std::move(record));
  }
  return table;
}

std::string text_of(const Json& value) {
  if (value.is_null()) return "none";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array() && !value.empty() && value[0].is_object() && value[0].contains("shape")) {
    std::string text;
    for (const Json& tensor : value)
      text += (text.empty() ? "" : ", ") +
              (tensor.is_null() ? "-" : tensor["type"].get<std::string>() + " " + shape_text(tensor["shape"]));
    return text;
  }
  return base::dump(value);
}

std::string changes(const Json& list) {
  std::string text;
  for (const Json& entry : list) {
    if (!text.empty()) text += "; ";
    const auto what = entry["what"].get<std::string>();
    if (entry.contains("different_bytes"))
      text += fmt::format("{}: {} of {} bytes differ", what, entry["different_bytes"].dump(), entry["bytes"].dump());
    else if (!entry.contains("new"))
      text += what;
    else if (what == "shape")
      text += fmt::format("shape: {} (was {})", shape_text(entry["new"]), shape_text(entry["old"]));
    else
      text += fmt::format("{}: {} (was {})", what, text_of(entry["new"]), text_of(entry["old"]));
  }
  return text;
}

// One row for each that came, went or changed. Its state is a member, so that csv and jsonl have it too.
Json rows_of(const Json& sides) {
  Json rows = Json::array();
  for (const char* state : {"added", "removed", "changed"})
    for (const Json& record : sides[state]) {
      Json row = {{"state", state}};
      row.update(record);
      rows.push_back(std::move(row));
    }
  return rows;
}

Table operators(const Json& difference) {
  return {
      .title = "Operators",
      .records = rows_of(difference["operators"]),
      .columns = {{"", "state"},
                  {"graph", "subgraph", Align::Right},
                  {"#", "index", Align::Right},
                  {"kind", "kind"},
                  {"MACs", "macs", Align::Right, [](const Json& v) { return figure(base::count_text, v); }},
                  {"weights", "weight_bytes", Align::Right, [](const Json& v) { return figure(base::bytes_text, v); }},
                  {"changes", "changes", Align::Left, changes},
                  {"name", "name"}},
      .main = true};
}

Table tensors(const Json& difference) {
  return {.title = "Tensors",
          .records = rows_of(difference["tensors"]),
          .columns = {{"", "state"},
                      {"graph", "subgraph", Align::Right},
                      {"#", "index", Align::Right},
                      {"type", "type"},
                      {"shape", "shape", Align::Left, shape_text},
                      {"bytes", "bytes", Align::Right, [](const Json& v) { return figure(base::bytes_text, v); }},
                      {"changes", "changes", Align::Left, changes},
                      {"name", "name"}}};
}

}  // namespace

Blocks difference_view(const Json& document) {
  const Json& difference = document["differences"];
  Blocks blocks = {Heading{
      fmt::format("{} against {}", document["input"][0].get<std::string>(), document["input"][1].get<std::string>())}};
  const auto in_bytes = [](const Json& row) { return row["total"].get_ref<const std::string&>().ends_with("bytes"); };
  const auto counts = [&](const Json& row) { return !in_bytes(row); };
  blocks.push_back(sides("Bytes", difference["totals"], "total", in_bytes, base::bytes_text));
  blocks.push_back(sides("Counts", difference["totals"], "total", counts, base::count_text));
  blocks.push_back(sides(
      "Bytes by owner", difference["owners"], "owner", [](const Json&) { return true; }, base::bytes_text));
  if (!difference["kinds"].empty()) {
    const auto column = [](const char* title, const char* key, Unit unit) {
      return Column{title, key, Align::Right, [unit](const Json& value) { return change(unit, value); }};
    };
    blocks.push_back(Table{.title = "Kinds",
                           .records = difference["kinds"],
                           .columns = {{"kind", "kind"},
                                       column("operators", "operators", base::count_text),
                                       column("MACs", "macs", base::count_text),
                                       column("parameters", "parameters", base::count_text),
                                       column("weights", "weight_bytes", base::bytes_text)}});
  }
  Table operator_rows = operators(difference), tensor_rows = tensors(difference);
  if (operator_rows.records.empty() && tensor_rows.records.empty())
    blocks.push_back(Paragraph{"Operators and tensors are the same, weights included."});
  blocks.push_back(std::move(operator_rows));
  if (!tensor_rows.records.empty()) blocks.push_back(std::move(tensor_rows));
  return blocks;
}

}  // namespace edgescope::report
