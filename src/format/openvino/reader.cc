#include "format/openvino/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <set>
#include <string_view>

#include "format/openvino/graph_reader.h"
#include "format/openvino/scan.h"
#include "format/openvino/values.h"
#include "format/openvino/weights.h"
#include "graph/validate.h"

namespace edgescope::format::openvino {
namespace {

// Longer metadata values are kept by their size only, and nothing below a longer key: every key repeats the
// names of all elements around it.
constexpr std::size_t kShortText = 256;
constexpr std::size_t kMostMetadata = 4096;  // entries; IRs have tens

class Reader {
 public:
  Reader(const base::MappedFile& xml, const Weights& weights) : xml_(xml), weights_(weights) {}

  base::Result<graph::Model> run() {
    EDGESCOPE_CHECK(affordable());
    pugi::xml_document document;
    const auto parsed = document.load_buffer(xml_.bytes().data(), xml_.size(),
                                             pugi::parse_default | pugi::parse_embed_pcdata, pugi::encoding_utf8);
    if (!parsed)
      return error(static_cast<std::uint64_t>(parsed.offset),
                   fmt::format("is not well-formed XML: {}", parsed.description()));
    const pugi::xml_node net = document.child("net");
    if (!net) return error(0, "has no <net> element and so is no OpenVINO IR");
    EDGESCOPE_CHECK(version(net));

    model_.format = graph::Format::OpenVinoIr;
    model_.layout = graph::Layout::ChannelsFirst;
    model_.name = net.attribute("name").value();
    model_.files.push_back(xml_);
    if (weights_.file()) model_.files.push_back(*weights_.file());
    Context context{xml_, weights_, model_, extents_};
    EDGESCOPE_TRY(index, read_graph(context, net, model_.name));
    (void)index;
    for (const char* name : {"meta_data", "rt_info"}) metadata(net.child(name));
    opsets();
    if (weights_.file())  // alignment, and weights that no layer of the file reads
      extents_.add({.file = 1, .offset = 0, .size = weights_.file()->size(), .owner = graph::Extent::Owner::Padding});
    model_.extents = std::move(extents_).finish(model_.files);
    EDGESCOPE_CHECK(graph::validate(model_));
    return std::move(model_);
  }

 private:
  base::Status affordable() const {
    EDGESCOPE_TRY(needed, tree_bytes(xml_));
    const std::uint64_t size = xml_.size() + (weights_.file() ? weights_.file()->size() : 0);
    if (needed <= kTreeAllowance || needed / 2 <= size) return {};
    return base::fail(
        {.what = fmt::format("its XML would take {} MiB of memory, over twice the size of the model", needed >> 20),
         .file = xml_.path(),
         .remedy = "A model of this size has most of its bytes in the .bin; is the file complete and unmodified?"});
  }

  base::Status version(pugi::xml_node net) {
    const std::string_view text = net.attribute("version").value();
    const auto number = parse_int(text);
    if (!number)
      return error(static_cast<std::uint64_t>(net.offset_debug()),
                   fmt::format("<net> has the version `{}`", text.substr(0, 40)));
    model_.format_version = *number;
    if (*number == 10 || *number == 11) return {};
    return base::fail(
        {.what = fmt::format("is an OpenVINO IR of version {}; versions 10 and 11 are read", *number),
         .file = xml_.path(),
         .remedy =
             *number < 10
                 ? "Convert the original model again, with openvino.convert_model and openvino.save_model (version 11)."
                 : "Save the model with an OpenVINO release that writes version 11."});
  }

  // <info name="k" value="v"/>, <k value="v"/> and <k>text</k>, nested: "conversion_parameters.framework".
  void metadata(pugi::xml_node section) {
    if (!section) return;
    const auto start = static_cast<std::uint64_t>(section.offset_debug()) - 1;
    const pugi::xml_node next = section.next_sibling();
    std::uint64_t end = xml_.size();
    if (next) {
      end = static_cast<std::uint64_t>(next.offset_debug()) - 1;
    } else {
      const std::size_t close = text().rfind("</net");
      if (close != std::string_view::npos && close > start) end = close;
    }
    extents_.add({.file = 0, .offset = start, .size = end - start, .owner = graph::Extent::Owner::Metadata});
    for (pugi::xml_node entry : section.children()) metadata(entry, {});
  }

  void metadata(pugi::xml_node entry, const std::string& prefix) {
    const bool info = std::string_view(entry.name()) == "info" && entry.attribute("name");
    const std::string key = prefix + (info ? entry.attribute("name").value() : entry.name());
    if (key.size() > kShortText || model_.metadata.size() == kMostMetadata) return;
    const std::string_view value = entry.attribute("value") ? entry.attribute("value").value() : entry.text().get();
    if (!value.empty())
      model_.metadata.push_back(
          {.key = key, .value = value.size() <= kShortText ? std::string(value) : "", .bytes = value.size()});
    for (const std::string_view producer : {"Runtime_version", "MO_version", "OpenVINO Runtime"})
      if (key == producer && model_.producer.empty())
        model_.producer = fmt::format("{} {}", producer == "MO_version" ? "Model Optimizer" : "OpenVINO", value);
    for (pugi::xml_node child : entry.children())
      if (child.type() == pugi::node_element) metadata(child, key + ".");
  }

  void opsets() {
    std::set<std::int64_t> versions;
    for (const graph::Subgraph& subgraph : model_.subgraphs)
      for (const graph::Operator& op : subgraph.operators)
        if (op.version > 0) versions.insert(op.version);
    for (std::int64_t version : versions) model_.opsets.push_back({.domain = "opset", .version = version});
  }

  std::string_view text() const { return {reinterpret_cast<const char*>(xml_.bytes().data()), xml_.size()}; }

  tl::unexpected<base::Error> error(std::uint64_t offset, std::string what) const {
    return base::fail({.what = std::move(what), .file = xml_.path(), .offset = offset});
  }

  const base::MappedFile& xml_;
  const Weights& weights_;
  graph::Model model_;
  graph::ExtentBuilder extents_;
};

}  // namespace

base::Result<graph::Model> read(const base::MappedFile& xml) {
  EDGESCOPE_TRY(weights, Weights::beside(xml.path()));
  return Reader(xml, weights).run();
}

base::Result<graph::Model> read(const base::MappedFile& xml, const base::MappedFile& bin) {
  return Reader(xml, Weights(bin.path(), bin)).run();
}

}  // namespace edgescope::format::openvino
