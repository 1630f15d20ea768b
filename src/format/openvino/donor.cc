#include "format/openvino/donor.h"

#include <pugixml.hpp>
#include <sstream>
#include <string_view>

#include "format/openvino/reader.h"
#include "format/openvino/values.h"

namespace edgescope::format::openvino {
namespace {

std::string as_text(pugi::xml_node node) {
  std::ostringstream text;
  node.print(text, "\t", pugi::format_default | pugi::format_no_declaration, pugi::encoding_utf8, 2);
  return text.str();
}

// In the order in which the reader numbers subgraphs.
void walk(pugi::xml_node net, std::vector<Donor::Graph>& graphs) {
  const std::size_t index = graphs.size();
  graphs.emplace_back();
  for (pugi::xml_node layer : net.child("layers").children("layer")) {
    const std::string_view type = layer.attribute("type").value();
    const std::uint64_t id = parse_unsigned(layer.attribute("id").value()).value_or(0);
    if (type == "Parameter") graphs[index].parameters.push_back(id);
    if (type == "Result")
      graphs[index].results.push_back({id, layer.attribute("name").value(), layer.attribute("output_names").value()});
    if (const pugi::xml_node note = layer.child("rt_info"))
      graphs[index].notes.emplace(std::string(type) + ' ' + layer.attribute("name").value(), as_text(note));
    for (const char* name : {"body", "then_body", "else_body"})
      if (const pugi::xml_node body = layer.child(name)) walk(body, graphs);
  }
}

}  // namespace

Donor::Donor(const graph::Model& model) {
  if (model.format != graph::Format::OpenVinoIr || model.files.empty() || !recognised(model.files.front().bytes()))
    return;
  const auto bytes = model.files.front().bytes();
  pugi::xml_document document;
  if (!document.load_buffer(bytes.data(), bytes.size(), pugi::parse_default, pugi::encoding_utf8)) return;
  const pugi::xml_node net = document.child("net");
  walk(net, graphs_);
  for (pugi::xml_node child : net.children())
    if (const std::string_view name = child.name(); name != "layers" && name != "edges") tail_ += as_text(child);
}

const Donor::Graph& Donor::graph(std::size_t subgraph) const {
  static const Graph none;
  return subgraph < graphs_.size() ? graphs_[subgraph] : none;
}

}  // namespace edgescope::format::openvino
