#include "format/openvino/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/atomic_file.h"
#include "format/openvino/donor.h"
#include "format/openvino/lower.h"
#include "format/openvino/raise.h"
#include "format/openvino/write_attributes.h"
#include "graph/uses.h"
#include "graph/validate.h"

namespace edgescope::format::openvino {
namespace {

using graph::Kind;
using graph::Operator;
using graph::Shape;
using graph::Tensor;

constexpr int kNewestVersion = 11, kOldVersion = 10;
constexpr std::int64_t kNewestOldOpset = 8;
constexpr std::size_t kAlignment = 16;  // of constants in the .bin

std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text) switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\n':
        result += "&#10;";
        break;
      case '\t':
        result += "&#9;";
        break;
      default:
        result += c;
    }
  return result;
}

// A name in a list of names, where commas part them.
std::string listed(std::string_view name) {
  std::string result;
  for (char c : name) {
    if (c == ',' || c == '\\') result += '\\';
    result += c;
  }
  return escaped(result);
}

std::string shape_text(const Shape& shape) {
  if (!shape.known) return "...";
  std::string text;
  for (std::int64_t dim : shape.dims) {
    if (!text.empty()) text += ',';
    text += dim < 0 ? "?" : fmt::format("{}", dim);
  }
  return text;
}

// The constants, each once.
class Bin {
 public:
  std::uint64_t place(std::span<const std::byte> data) {
    if (data.empty()) return 0;
    const auto [it, is_new] = places_.try_emplace({data.data(), data.size()}, 0);
    if (is_new) {
      pieces_.align(kAlignment);
      it->second = pieces_.size();
      pieces_.refer(data);
    }
    return it->second;
  }
  base::Pieces take() { return std::move(pieces_); }

 private:
  base::Pieces pieces_;
  std::map<std::pair<const std::byte*, std::size_t>, std::uint64_t> places_;
};

class GraphWriter {
 public:
  GraphWriter(const graph::Model& model, std::size_t index, const Donor& donor, Bin& bin, int version, int depth)
      : model_(model),
        graph_(model.subgraphs[index]),
        index_(index),
        donor_(donor),
        notes_(donor.graph(index)),
        bin_(bin),
        version_(version),
        indent_(static_cast<std::size_t>(depth), '\t') {}

  // <layers> and <edges>.
  base::Result<std::string> run() {
    EDGESCOPE_CHECK(order());
    number();
    line("<layers>");
    for (const Layer& each : layers_) EDGESCOPE_CHECK(write(each));
    line("</layers>");
    if (edges_.empty()) {
      line("<edges />");
    } else {
      line("<edges>");
      xml_ += edges_;
      line("</edges>");
    }
    return std::move(xml_);
  }

 private:
  // A constant, a parameter, an operator or a result: what is -1 it is not.
  struct Layer {
    int tensor = -1;
    int op = -1;
    int result = -1;
    std::uint64_t id = 0;
  };

  base::Status error(std::string what, std::string node) const {
    return base::fail({.fault = base::Fault::output, .what = std::move(what), .node = std::move(node)});
  }

  const Tensor& tensor(int index) const { return graph_.tensors[static_cast<std::size_t>(index)]; }

  // Layers in the order in which reading makes their tensors, so that a model that is written and read again
  // counts them alike. Inputs and outputs are listed by the order of their layers.
  base::Status order() {
    made_by_.assign(graph_.tensors.size(), -1);
    std::vector<bool> is_input(graph_.tensors.size(), false);
    for (int each : graph_.inputs) is_input[static_cast<std::size_t>(each)] = true;
    std::size_t next_input = 0, next_op = 0;
    const auto operators_until = [&](std::size_t end) {
      for (; next_op < end; ++next_op)
        if (graph_.operators[next_op].outputs.empty()) layers_.push_back({.op = static_cast<int>(next_op)});
    };
    std::vector<int> producer(graph_.tensors.size(), -1);
    for (std::size_t op = 0; op < graph_.operators.size(); ++op)
      for (int each : graph_.operators[op].outputs)
        if (each >= 0) producer[static_cast<std::size_t>(each)] = static_cast<int>(op);
    std::vector<bool> done(graph_.operators.size(), false);
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      if (is_input[i]) {
        layers_.push_back({.tensor = graph_.inputs[next_input++]});
      } else if (graph_.tensors[i].constant) {
        layers_.push_back({.tensor = static_cast<int>(i)});
      } else if (producer[i] >= 0 && !done[static_cast<std::size_t>(producer[i])]) {
        operators_until(static_cast<std::size_t>(producer[i]));
        done[static_cast<std::size_t>(producer[i])] = true;
        layers_.push_back({.op = producer[i]});
      }
    }
    operators_until(graph_.operators.size());
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) layers_.push_back({.result = static_cast<int>(i)});
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (layers_[i].tensor >= 0) made_by_[static_cast<std::size_t>(layers_[i].tensor)] = static_cast<int>(i);
      if (layers_[i].op >= 0)
        for (int each : graph_.operators[static_cast<std::size_t>(layers_[i].op)].outputs)
          if (each >= 0) made_by_[static_cast<std::size_t>(each)] = static_cast<int>(i);
    }
    return {};
  }

  // Loops know the ends of their bodies by id, so these keep theirs.
  void number() {
    std::set<std::uint64_t> taken;
    const bool keep = index_ > 0 && notes_.parameters.size() == graph_.inputs.size() &&
                      notes_.results.size() == graph_.outputs.size();
    if (keep) {
      taken.insert(notes_.parameters.begin(), notes_.parameters.end());
      for (const Donor::Result& each : notes_.results) taken.insert(each.id);
    }
    std::uint64_t next = 0;
    std::size_t parameter = 0;
    for (Layer& each : layers_) {
      const bool is_parameter = each.tensor >= 0 && !tensor(each.tensor).constant;
      if (keep && is_parameter) {
        each.id = notes_.parameters[parameter++];
      } else if (keep && each.result >= 0) {
        each.id = notes_.results[static_cast<std::size_t>(each.result)].id;
      } else {
        while (taken.contains(next)) ++next;
        each.id = next++;
      }
    }
  }

  template <typename... T>
  void line(fmt::format_string<T...> format, T&&... arguments) {
    xml_ += indent_;
    fmt::format_to(std::back_inserter(xml_), format, std::forward<T>(arguments)...);
    xml_ += '\n';
  }

  base::Status write(const Layer& layer) {
    if (layer.tensor >= 0) return source(layer);
    if (layer.op >= 0) return operation(layer);
    return result(layer);
  }

  // A constant or a parameter.
  base::Status source(const Layer& layer) {
    const Tensor& its = tensor(layer.tensor);
    const std::string_view type = data_type(its.type);
    if (type.empty())
      return error(fmt::format("OpenVINO IR has no tensors of {}", element_type_name(its.type)), its.name);
    line("\t<layer id=\"{}\" name=\"{}\" type=\"{}\" version=\"opset1\">", layer.id, escaped(its.name),
         its.constant ? "Const" : "Parameter");
    if (its.constant) {
      if (its.encoding == graph::Encoding::Varint || its.encoding == graph::Encoding::Widened || its.sparse)
        return error("its data are not as OpenVINO IR holds them", its.name);
      line("\t\t<data element_type=\"{}\" shape=\"{}\" offset=\"{}\" size=\"{}\" />", type, shape_text(its.shape),
           bin_.place(its.data), its.data.size());
    } else {
      line("\t\t<data shape=\"{}\" element_type=\"{}\" />", shape_text(its.shape), type);
    }
    note(its.constant ? "Const" : "Parameter", its.name);
    line("\t\t<output>");
    EDGESCOPE_CHECK(port(0, layer.tensor, its.name));
    line("\t\t</output>");
    line("\t</layer>");
    return {};
  }

  void note(std::string_view type, const std::string& name) {
    const auto it = notes_.notes.find(fmt::format("{} {}", type, name));
    if (it != notes_.notes.end()) xml_ += it->second;
  }

  bool at_the_end(int index) const {
    const auto in = [&](const std::vector<int>& list) {
      return std::find(list.begin(), list.end(), index) != list.end();
    };
    return in(graph_.inputs) || in(graph_.outputs);
  }

  // `otherwise` is the name that reading gives a tensor whose port has none.
  base::Status port(std::size_t id, int index, const std::string& otherwise, bool is_input = false) {
    const Tensor& its = tensor(index);
    const std::string_view precision = port_precision(its.type);
    if (precision.empty())
      return error(fmt::format("OpenVINO IR has no tensors of {}", element_type_name(its.type)), its.name);
    std::string names;
    if (!is_input && version_ > 10 && (its.name != otherwise || at_the_end(index)) && !its.name.empty())
      names = fmt::format(" names=\"{}\"", listed(its.name));
    if (its.shape.dims.empty()) {
      line("\t\t\t<port id=\"{}\" precision=\"{}\"{} />", id, precision, names);
      return {};
    }
    line("\t\t\t<port id=\"{}\" precision=\"{}\"{}>", id, precision, names);
    for (std::int64_t dim : its.shape.dims) line("\t\t\t\t<dim>{}</dim>", dim);
    line("\t\t\t</port>");
    return {};
  }

  base::Status edge(int index, std::uint64_t to, std::size_t port_id, const std::string& node) {
    const int from = index < 0 ? -1 : made_by_[static_cast<std::size_t>(index)];
    if (from < 0)
      return error(index < 0 ? "an input is left out, which OpenVINO IR cannot say"
                             : fmt::format("nothing makes `{}`", tensor(index).name),
                   node);
    const Layer& layer = layers_[static_cast<std::size_t>(from)];
    std::size_t from_port = 0;
    if (layer.op >= 0) {
      const Operator& op = graph_.operators[static_cast<std::size_t>(layer.op)];
      from_port = op.inputs.size() +
                  static_cast<std::size_t>(std::find(op.outputs.begin(), op.outputs.end(), index) - op.outputs.begin());
    }
    edges_ += fmt::format("{}\t<edge from-layer=\"{}\" from-port=\"{}\" to-layer=\"{}\" to-port=\"{}\" />\n", indent_,
                          layer.id, from_port, to, port_id);
    return {};
  }

  base::Status operation(const Layer& layer) {
    const Operator& op = graph_.operators[static_cast<std::size_t>(layer.op)];
    if (op.source_kind.empty())
      return error(fmt::format("{} has no form in OpenVINO IR", graph::kind_name(op.kind)), op.name);
    const std::size_t colon = op.source_kind.find(':');
    const std::string type = colon == std::string::npos ? op.source_kind : op.source_kind.substr(colon + 1);
    const std::string version =
        colon == std::string::npos ? "" : fmt::format(" version=\"{}\"", escaped(op.source_kind.substr(0, colon)));
    line("\t<layer id=\"{}\" name=\"{}\" type=\"{}\"{}>", layer.id, escaped(op.name), escaped(type), version);
    if (const auto attributes = write_attributes(op); !attributes.empty()) {
      std::string data;
      for (const auto& [name, text] : attributes) data += fmt::format(" {}=\"{}\"", name, escaped(text));
      line("\t\t<data{} />", data);
    }
    note(type, op.name);
    if (!op.inputs.empty()) {
      line("\t\t<input>");
      for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        EDGESCOPE_CHECK(edge(op.inputs[i], layer.id, i, op.name));
        EDGESCOPE_CHECK(port(i, op.inputs[i], {}, true));
      }
      line("\t\t</input>");
    }
    if (!op.outputs.empty()) {
      line("\t\t<output>");
      const bool several = op.outputs.size() > 1;
      for (std::size_t i = 0; i < op.outputs.size(); ++i) {
        if (op.outputs[i] < 0) return error("a result is left out, which OpenVINO IR cannot say", op.name);
        EDGESCOPE_CHECK(
            port(op.inputs.size() + i, op.outputs[i], several ? fmt::format("{}.{}", op.name, i) : op.name));
      }
      line("\t\t</output>");
    }
    EDGESCOPE_CHECK(bodies(op));
    line("\t</layer>");
    return {};
  }

  base::Status bodies(const Operator& op) {
    const auto list = graph::get<std::vector<std::int64_t>>(op.attributes, graph::attr::subgraph);
    for (const char* name : {"port_map", "then_port_map", "else_port_map", "back_edges"}) {
      const auto rows = graph::get<std::vector<std::string>>(op.attributes, name);
      if (rows.empty()) continue;
      line("\t\t<{}>", name);
      for (const std::string& row : rows) line("\t\t\t<{} />", row_of(row));
      line("\t\t</{}>", name);
    }
    const std::vector<const char*> names =
        list.size() == 2 ? std::vector{"then_body", "else_body"} : std::vector{"body"};
    for (std::size_t i = 0; i < list.size() && i < names.size(); ++i) {
      EDGESCOPE_TRY(body, GraphWriter(model_, static_cast<std::size_t>(list[i]), donor_, bin_, version_,
                                      static_cast<int>(indent_.size()) + 3)
                              .run());
      line("\t\t<{}>", names[i]);
      xml_ += body;
      line("\t\t</{}>", names[i]);
    }
    return {};
  }

  // "input axis=0 external_port_id=2" as a tag's inside.
  static std::string row_of(std::string_view row) {
    std::string tag(row.substr(0, row.find(' ')));
    row.remove_prefix(tag.size());
    while (!row.empty()) {
      row.remove_prefix(1);
      const std::string_view pair = row.substr(0, row.find(' '));
      const std::size_t equals = pair.find('=');
      tag += fmt::format(" {}=\"{}\"", pair.substr(0, equals),
                         equals == pair.npos ? "" : escaped(pair.substr(equals + 1)));
      row.remove_prefix(pair.size());
    }
    return tag;
  }

  base::Status result(const Layer& layer) {
    const int index = graph_.outputs[static_cast<std::size_t>(layer.result)];
    const bool known = notes_.results.size() == graph_.outputs.size();
    const std::string name =
        known ? notes_.results[static_cast<std::size_t>(layer.result)].name : tensor(index).name + "/result";
    const std::string names =
        known && version_ > 10 ? notes_.results[static_cast<std::size_t>(layer.result)].output_names : std::string();
    line("\t<layer id=\"{}\" name=\"{}\" type=\"Result\" version=\"opset1\"{}>", layer.id, escaped(name),
         names.empty() ? "" : fmt::format(" output_names=\"{}\"", escaped(names)));
    line("\t\t<input>");
    EDGESCOPE_CHECK(edge(index, layer.id, 0, name));
    EDGESCOPE_CHECK(port(0, index, {}, true));
    line("\t\t</input>");
    line("\t</layer>");
    return {};
  }

  const graph::Model& model_;
  const graph::Subgraph& graph_;
  std::size_t index_;
  const Donor& donor_;
  const Donor::Graph& notes_;
  Bin& bin_;
  int version_;
  std::string indent_;
  std::vector<Layer> layers_;
  std::vector<int> made_by_;  // per tensor: a layer
  std::string xml_, edges_;
};

}  // namespace

namespace {

// IR v10 is read by releases that know opsets up to 8, and its devices' plugins those up to 7.
base::Status old_enough(const graph::Model& model) {
  for (const graph::Subgraph& graph : model.subgraphs)
    for (const Operator& op : graph.operators)
      if (op.version > kNewestOldOpset)
        return base::fail(
            {.what = fmt::format("{} is newer than IR v10, which ends at opset {}", op.source_kind, kNewestOldOpset),
             .node = op.name});
  return {};
}

}  // namespace

base::Result<Encoded> encode(const graph::Model& model, int version) {
  EDGESCOPE_CHECK(graph::validate(model));
  const auto lowered = std::make_shared<graph::Model>(model);
  if (version == kOldVersion && model.format_version > kOldVersion)
    for (graph::Subgraph& graph : lowered->subgraphs)
      for (Operator& op : graph.operators)
        if (auto raised = raise(*lowered, graph, op)) op = *std::move(raised);
  EDGESCOPE_CHECK(lower(*lowered));
  if (version == kOldVersion) EDGESCOPE_CHECK(old_enough(*lowered));
  if (version == 0)
    version = model.format == graph::Format::OpenVinoIr && model.format_version > 0
                  ? static_cast<int>(model.format_version)
                  : kNewestVersion;
  const Donor donor(*lowered);
  Bin bin;
  EDGESCOPE_TRY(graph, GraphWriter(*lowered, 0, donor, bin, version, 1).run());
  std::string xml =
      fmt::format("<?xml version=\"1.0\"?>\n<net name=\"{}\" version=\"{}\">\n", escaped(model.name), version);
  xml += graph;
  xml += donor.tail();
  if (donor.tail().empty() && !model.producer.empty())
    xml += fmt::format("\t<{0}>\n\t\t<written_by value=\"{1}\" />\n\t</{0}>\n", version > 10 ? "rt_info" : "meta_data",
                       escaped(model.producer));
  xml += "</net>\n";
  Encoded encoded;
  encoded.xml.own(std::move(xml));
  encoded.bin = bin.take();
  encoded.bin.keep(lowered);
  return encoded;
}

base::Status write(const graph::Model& model, const std::string& path, int version) {
  const std::filesystem::path xml = path;
  if (xml.extension() != ".xml")
    return base::fail({.fault = base::Fault::usage,
                       .what = "an OpenVINO IR is written as X.xml, with X.bin beside it",
                       .file = path});
  EDGESCOPE_TRY(encoded, encode(model, version));
  // The weights first: a description never stands beside others' weights for longer than a rename takes.
  EDGESCOPE_CHECK(base::write_file(std::filesystem::path(xml).replace_extension(".bin").string(), encoded.bin));
  return base::write_file(path, encoded.xml);
}

}  // namespace edgescope::format::openvino
