#include "report/views/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/units.h"
#include "report/views/edgetpu.h"
#include "report/views/forest.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::string bytes(const Json& value) { return base::bytes_text(value.get<std::uint64_t>()); }
std::string count(const Json& value) { return base::count_text(value.get<std::uint64_t>()); }
// In tables of many rows nothing stands out where zeros do.
std::string some_bytes(const Json& value) { return value == 0 ? "-" : bytes(value); }
std::string some(const Json& value) { return value == 0 ? "-" : count(value); }
std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::uint64_t figure(const Json& record, const char* key) {
  const auto it = record.find(key);
  return it != record.end() && it->is_number() ? it->get<std::uint64_t>() : 0;
}

std::string string(const Json& record, const char* key) {
  const auto it = record.find(key);
  return it != record.end() && it->is_string() ? it->get<std::string>() : "";
}

// "u8 1x224x224x3"; what an operator leaves out is null.
std::string port(const Json& tensor) {
  return tensor.is_null() ? "-" : string(tensor, "type") + " " + shape_text(tensor["shape"]);
}

std::string ports(const Json& list) {
  std::string text;
  for (const Json& tensor : list) text += (text.empty() ? "" : ", ") + port(tensor);
  return text;
}

// Activations only: weights have columns of their own.
std::string activations(const Json& list) {
  Json read = Json::array();
  for (const Json& tensor : list)
    if (!tensor.is_null() && !tensor.contains("constant")) read.push_back(tensor);
  return ports(read);
}

std::string quantization(const Json& q) {
  const std::string granularity = string(q, "granularity");
  if (granularity == "tensor") {
    if (!q.contains("scale")) return "";
    return fmt::format("scale {:.6g}, zero point {}", q["scale"].get<double>(), q.value("zero_point", std::int64_t{0}));
  }
  std::string text =
      granularity == "channel"
          ? fmt::format("{} channels of axis {}", figure(q, "scales"), q.value("axis", 0))
          : fmt::format("blocks of {} along axis {}", q.value("block", std::int64_t{0}), q.value("axis", 0));
  if (q.contains("scale_min"))
    text += fmt::format(", scales {:.3g} to {:.3g}", q["scale_min"].get<double>(), q["scale_max"].get<double>());
  return text;
}

// "and 3 operators whose work the file does not state".
std::string without(const Json& sum, const char* key) {
  const std::uint64_t operators = figure(sum, key);
  return operators == 0 ? ""
                        : fmt::format(", without {} operator{} of unknown size", operators, operators == 1 ? "" : "s");
}

std::string types(const Json& model) {
  std::string text;
  for (const Json& type : model["types"])
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", string(type, "type"), bytes(type["bytes"]));
  return text;
}

Facts overview(const Json& model) {
  const Json& totals = model["totals"];
  Facts facts;
  const auto line = [&](const char* key, std::string value) {
    if (!value.empty()) facts.lines.emplace_back(key, std::move(value));
  };
  const std::string name = string(model, "name"), producer = string(model, "producer");
  line("format", fmt::format("{} {}{}", string(model, "format"), model["format_version"].dump(),
                             producer.empty() ? "" : ", made by " + producer));
  line("name", name);
  std::string opsets;
  for (const Json& opset : model["opsets"])
    opsets += fmt::format("{}{} {}", opsets.empty() ? "" : ", ", string(opset, "domain"), opset["version"].dump());
  line("opsets", opsets);
  const std::size_t files = model["files"].size();
  line("size", bytes(totals["file_bytes"]) + (files > 1 ? fmt::format(" in {} files", files) : ""));
  const std::uint64_t subgraphs = figure(totals, "subgraphs");
  line("operators", fmt::format("{}{}", figure(totals, "operators"),
                                subgraphs > 1 ? fmt::format(" in {} subgraphs", subgraphs) : ""));
  line("parameters", fmt::format("{} ({})", count(totals["parameters"]), types(model)));
  line("MACs", count(totals["macs"]) + without(totals, "operators_without_macs"));
  line("activations", fmt::format("{} read, {} written{}", bytes(totals["read_bytes"]), bytes(totals["written_bytes"]),
                                  without(totals, "operators_without_bytes")));
  for (const char* side : {"inputs", "outputs"}) {
    if (!model.contains(side)) continue;
    for (const Json& tensor : model[side]) {
      const std::string q = tensor.contains("quantization") ? quantization(tensor["quantization"]) : "";
      line(side == std::string_view("inputs") ? "input" : "output",
           fmt::format("{}  {}{}{}", port(tensor), string(tensor, "name"), q.empty() ? "" : "  (" + q + ")",
                       tensor.contains("shape_signature")
                           ? ", may be resized as " + shape_text(tensor["shape_signature"])
                           : ""));
    }
  }
  for (const Json& signature : model["signatures"]) {
    const auto names = [](const Json& list) {
      std::string text;
      for (const Json& binding : list) text += (text.empty() ? "" : ", ") + string(binding, "name");
      return text;
    };
    line("signature", fmt::format("{}({}) -> {}", string(signature, "key"), names(signature["inputs"]),
                                  names(signature["outputs"])));
  }
  for (const Json& metadata : model["metadata"])
    line("metadata",
         fmt::format("{}: {}", string(metadata, "key"),
                     string(metadata, "value").empty() ? bytes(metadata["bytes"]) : string(metadata, "value")));
  line("basis", "exact: read from the file or derived from its shapes");
  return facts;
}

void add_files(Blocks& blocks, const Json& model) {
  for (const Json& file : model["files"]) {
    Table table{
        .title = model["files"].size() == 1 ? "Bytes" : "Bytes of " + string(file, "path"),
        .columns = {{"owner", "owner"},
                    {"bytes", "bytes", Align::Right, bytes},
                    {"share", "share", Align::Right, [](const Json& share) { return percent(share.get<double>()); }}}};
    for (const Json& owner : file["owners"])
      if (figure(owner, "bytes") > 0) table.records.push_back(owner);
    table.records.push_back({{"owner", "file"}, {"bytes", file["bytes"]}, {"share", 1.0}});
    blocks.push_back(std::move(table));
  }
}

Table kinds(const Json& model) {
  const std::uint64_t all = figure(model["totals"], "macs");
  Table table{.title = "Kinds", .records = model["kinds"]};
  table.columns = {{"kind", "kind"},
                   {"operators", "operators", Align::Right},
                   {"MACs", "macs", Align::Right, some},
                   {"share", "macs", Align::Right,
                    [all](const Json& macs) {
                      return all && macs != 0 ? percent(macs.get<double>() / static_cast<double>(all)) : "-";
                    }},
                   {"parameters", "parameters", Align::Right, some},
                   {"weights", "weight_bytes", Align::Right, some_bytes},
                   {"read", "read_bytes", Align::Right, some_bytes},
                   {"written", "written_bytes", Align::Right, some_bytes}};
  return table;
}

// The records in the order and number that was asked for; cuts are said in the title.
Json chosen(const Json& operators, const InspectOptions& options) {
  std::vector<std::size_t> order(operators.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto by = [&](auto&& key) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return key(operators[a]) > key(operators[b]); });
  };
  if (options.order == OperatorOrder::Macs) by([](const Json& op) { return figure(op, "macs"); });
  if (options.order == OperatorOrder::Bytes)
    by([](const Json& op) {
      return figure(op, "weight_bytes") + figure(op, "read_bytes") + figure(op, "written_bytes");
    });
  order.resize(std::min(order.size(), options.operators));
  Json records = Json::array();
  for (std::size_t index : order) records.push_back(operators[index]);
  return records;
}

Table operators(const Json& model, const InspectOptions& options) {
  Table table{.records = chosen(model["operators"], options), .main = !options.tensors};
  const std::size_t all = model["operators"].size();
  table.title =
      table.records.size() == all ? "Operators" : fmt::format("Operators: {} of {}", table.records.size(), all);
  if (figure(model["totals"], "subgraphs") > 1) table.columns.push_back({"graph", "subgraph", Align::Right});
  table.columns.insert(table.columns.end(), {{"#", "index", Align::Right},
                                             {"kind", "kind"},
                                             {"source", "source_kind"},
                                             {"MACs", "macs", Align::Right, some},
                                             {"parameters", "parameters", Align::Right, some},
                                             {"weights", "weight_bytes", Align::Right, some_bytes},
                                             {"read", "read_bytes", Align::Right, some_bytes},
                                             {"written", "written_bytes", Align::Right, some_bytes},
                                             {"inputs", "inputs", Align::Left, activations},
                                             {"outputs", "outputs", Align::Left, ports},
                                             {"name", "name"}});
  return table;
}

Table tensors(const Json& model) {
  Table table{.title = "Tensors", .records = model["tensors"], .main = true};
  if (figure(model["totals"], "subgraphs") > 1) table.columns.push_back({"graph", "subgraph", Align::Right});
  const auto flag = [](const char* word) { return [word](const Json& value) { return value == true ? word : ""; }; };
  table.columns.insert(table.columns.end(), {{"#", "index", Align::Right},
                                             {"type", "type"},
                                             {"shape", "shape", Align::Left, shape_text},
                                             {"bytes", "bytes", Align::Right, some_bytes},
                                             {"in file", "file_bytes", Align::Right, some_bytes},
                                             {"constant", "constant", Align::Left, flag("constant")},
                                             {"quantisation", "quantization", Align::Left, quantization},
                                             {"name", "name"}});
  return table;
}

}  // namespace

std::string shape_text(const Json& shape) {
  if (!shape.is_array()) return "unknown";
  if (shape.empty()) return "scalar";
  std::string text;
  for (const Json& dim : shape) {
    if (!text.empty()) text += 'x';
    text += dim.is_null() ? "?" : dim.is_string() ? dim.get<std::string>() : dim.dump();
  }
  return text;
}

void add_model(Blocks& blocks, const Json& model, const InspectOptions& options) {
  blocks.push_back(overview(model));
  add_files(blocks, model);
  blocks.push_back(kinds(model));
  if (options.operators > 0) blocks.push_back(operators(model, options));
  if (options.tensors) blocks.push_back(tensors(model));
}

void add_findings(Blocks& blocks, const Json& findings) {
  if (findings.empty()) return;
  blocks.push_back(Heading{fmt::format("Findings: {}", findings.size()), 2});
  for (const Json& finding : findings) {
    const Json& cost = finding["cost"];
    std::string price;
    if (!cost["bytes"].is_null()) price = bytes(cost["bytes"]);
    if (!cost["us"].is_null())
      price +=
          fmt::format("{}{} to {}", price.empty() ? "" : ", ", base::microseconds_text(cost["us"][0].get<double>()),
                      base::microseconds_text(cost["us"][1].get<double>()));
    Facts facts{{{"finding", string(finding, "id")}, {"where", string(finding, "where")}}};
    if (!price.empty()) facts.lines.emplace_back("cost", fmt::format("{} ({})", price, string(cost, "basis")));
    facts.lines.emplace_back("why", string(finding, "why"));
    facts.lines.emplace_back("remedy", string(finding, "remedy"));
    blocks.push_back(std::move(facts));
  }
}

View inspect_view(InspectOptions options) {
  return [options](const Json& document) {
    Blocks blocks = {Heading{string(document, "input")}};
    if (document.contains("forest")) {
      add_forest(blocks, document["forest"], false);
      blocks.push_back(Heading{"The graph around it", 2});
    }
    if (document.contains("forest_reason"))
      blocks.push_back(Paragraph{"Not read as a tree ensemble: " + string(document, "forest_reason")});
    add_model(blocks, document["model"], options);
    if (document.contains("edgetpu")) {
      // A compiled model's executables are what jsonl and csv write, not the one operator that holds them.
      if (!options.tensors)
        for (Block& block : blocks)
          if (Table* table = std::get_if<Table>(&block)) table->main = false;
      add_edgetpu(blocks, document["edgetpu"]);
    }
    add_findings(blocks, document["findings"]);
    return blocks;
  };
}

}  // namespace edgescope::report
