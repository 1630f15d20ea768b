#include "format/onnx/reader.h"

#include <fmt/format.h>

#include <filesystem>

#include "format/onnx/calls.h"
#include "format/onnx/fields.h"
#include "format/onnx/graph_reader.h"
#include "format/onnx/shapes.h"
#include "format/onnx/tensor.h"
#include "graph/validate.h"

namespace edgescope::format::onnx {
namespace {

using Owner = graph::Extent::Owner;
namespace number = fields::model;

// Text that is longer is counted but not kept.
constexpr std::size_t kShownText = 256;

class ModelReader {
 public:
  explicit ModelReader(const base::MappedFile& file) : context_(file) {
    context_.external[std::filesystem::path(file.path()).lexically_normal().string()] = 0;
  }

  base::Result<graph::Model> read() {
    graph::Model& model = context_.model;
    model.format = graph::Format::Onnx;
    model.layout = graph::Layout::ChannelsFirst;
    model.subgraphs.resize(1);
    EDGESCOPE_CHECK(walk());
    if (graph_.data() == nullptr)
      return base::fail(context_.error("the model has no graph", nullptr, {}, "Export the model again"));
    if (model.format_version < 3) context_.opsets.try_emplace("", 1);  // older files cannot name operator sets
    EDGESCOPE_CHECK(name_functions());

    GraphReader main(context_, context_.opsets, 0);
    EDGESCOPE_CHECK(main.graph(graph_, {}));
    model.name = model.subgraphs.front().name;
    for (std::size_t i = 0; i < functions_.size(); ++i)
      EDGESCOPE_CHECK(function(functions_[i], static_cast<int>(i) + 1));
    EDGESCOPE_CHECK(context_.claim(graph_, {.owner = Owner::Graph, .subgraph = 0}));

    model.extents = std::move(context_.extents).finish(model.files);
    EDGESCOPE_CHECK(check_calls(context_));
    EDGESCOPE_CHECK(graph::validate(model));
    infer_shapes(model);
    return std::move(model);
  }

 private:
  base::Status walk() {
    Walk walk(context_.file().bytes());
    std::string_view producer, version;
    for (Field field; walk.next(field);) {
      if (field.wire == Wire::Varint) {
        if (field.number == number::ir_version) context_.model.format_version = static_cast<std::int64_t>(field.value);
        if (field.number == number::model_version)
          EDGESCOPE_CHECK(metadata("model_version", std::to_string(static_cast<std::int64_t>(field.value)), field));
        continue;
      }
      if (field.wire != Wire::Length) continue;
      EDGESCOPE_CHECK(context_.charge(2 * sizeof(Bytes), field.whole.data()));
      switch (field.number) {
        case number::producer_name:
          producer = field.text();
          break;
        case number::producer_version:
          version = field.text();
          break;
        case number::domain:
          EDGESCOPE_CHECK(metadata("domain", field.text(), field));
          break;
        case number::doc_string:
          EDGESCOPE_CHECK(metadata("doc_string", field.text(), field));
          break;
        case number::metadata_props:
          EDGESCOPE_CHECK(property(field));
          break;
        case number::opset_import:
          EDGESCOPE_CHECK(opset(field.payload, context_.opsets, true));
          break;
        case number::functions:
          functions_.push_back(field.payload);
          break;
        case number::graph:
          if (graph_.data() != nullptr)
            return base::fail(context_.error("the model has a second graph", field.whole.data()));
          graph_ = field.payload;
          break;
        default:
          break;
      }
    }
    EDGESCOPE_CHECK(context_.finished(walk, "the model"));
    for (std::string_view part : {producer, version}) {
      EDGESCOPE_CHECK(context_.claim(std::as_bytes(std::span(part)), {.owner = Owner::Metadata}));
      if (part.size() > kShownText) part = part.substr(0, kShownText);
      if (!context_.model.producer.empty() && !part.empty()) context_.model.producer += ' ';
      context_.model.producer += part;
    }
    return {};
  }

  base::Status property(const Field& field) {
    std::string_view key, value;
    Walk entry(field.payload);
    for (Field half; entry.next(half);) {
      if (half.is(fields::entry::key, Wire::Length)) key = half.text();
      if (half.is(fields::entry::value, Wire::Length)) value = half.text();
    }
    EDGESCOPE_CHECK(context_.finished(entry, "a metadata property"));
    return metadata(key, value, field);
  }

  base::Status metadata(std::string_view key, std::string_view value, const Field& field) {
    EDGESCOPE_CHECK(context_.charge(2 * sizeof(graph::Metadata) + 2 * kShownText, field.whole.data()));
    EDGESCOPE_CHECK(context_.claim(field.whole, {.owner = Owner::Metadata}));
    if (value.empty()) return {};
    context_.model.metadata.push_back({.key = std::string(key.substr(0, kShownText)),
                                       .value = std::string(value.size() <= kShownText ? value : std::string_view{}),
                                       .bytes = value.size()});
    return {};
  }

  base::Status opset(Bytes message, Opsets& opsets, bool listed) {
    std::string_view domain;
    std::int64_t version = 0;
    Walk walk(message);
    for (Field field; walk.next(field);) {
      if (field.is(fields::opset::domain, Wire::Length)) domain = field.text();
      if (field.is(fields::opset::version, Wire::Varint)) version = static_cast<std::int64_t>(field.value);
    }
    EDGESCOPE_CHECK(context_.finished(walk, "an operator set"));
    EDGESCOPE_CHECK(context_.charge(2 * sizeof(graph::Opset) + 128 + 2 * domain.size(), message.data()));
    if (domain == "ai.onnx") domain = {};
    opsets[std::string(domain)] = version;
    if (listed) context_.model.opsets.push_back({domain.empty() ? "ai.onnx" : std::string(domain), version});
    return {};
  }

  // Their places are known before the first node is read, so that a node can name them.
  base::Status name_functions() {
    for (std::size_t i = 0; i < functions_.size(); ++i) {
      std::string_view name, domain, overload;
      Walk walk(functions_[i]);
      for (Field field; walk.next(field);) {
        if (field.is(fields::function::name, Wire::Length)) name = field.text();
        if (field.is(fields::function::domain, Wire::Length)) domain = field.text();
        if (field.is(fields::function::overload, Wire::Length)) overload = field.text();
      }
      EDGESCOPE_CHECK(context_.finished(walk, "a function"));
      std::string full = qualified(domain, name);
      if (!overload.empty()) full += fmt::format(":{}", overload);
      EDGESCOPE_CHECK(context_.charge(2 * sizeof(graph::Subgraph) + 256 + 2 * full.size(), functions_[i].data()));
      names_.push_back(full);
      if (!context_.functions.emplace(full, static_cast<int>(i) + 1).second)
        return base::fail(context_.error(fmt::format("the function `{}` is there twice", full), functions_[i].data()));
    }
    context_.model.subgraphs.resize(1 + functions_.size());
    return {};
  }

  base::Status function(Bytes message, int index) {
    Opsets opsets;
    Walk walk(message);
    for (Field field; walk.next(field);)
      if (field.is(fields::function::opset_import, Wire::Length)) EDGESCOPE_CHECK(opset(field.payload, opsets, false));
    GraphReader reader(context_, opsets, index);
    EDGESCOPE_CHECK(reader.function(message, names_[static_cast<std::size_t>(index) - 1]));
    return context_.claim(message, {.owner = Owner::Graph, .subgraph = index});
  }

  Context context_;
  Bytes graph_;
  std::vector<Bytes> functions_;
  std::vector<std::string> names_;
};

}  // namespace

base::Result<graph::Model> read(const base::MappedFile& file) { return ModelReader(file).read(); }

base::Result<graph::Attributes> node_attributes(const base::MappedFile& file, std::span<const std::byte> options) {
  Context context(file);
  graph::Attributes attributes;
  Walk walk(options);
  for (Field field; walk.next(field);) {
    if (!field.is(fields::node::attribute, Wire::Length)) continue;
    EDGESCOPE_TRY(read, read_attribute(context, field.payload, options.size()));
    if (read.has_value) attributes.emplace_back(std::move(read.name), std::move(read.value));
  }
  EDGESCOPE_CHECK(context.finished(walk, "a node"));
  return attributes;
}

base::Result<std::vector<graph::Tensor>> node_tensors(const base::MappedFile& file,
                                                      std::span<const std::byte> options) {
  Context context(file);
  std::vector<graph::Tensor> tensors;
  Walk walk(options);
  for (Field field; walk.next(field);) {
    if (!field.is(fields::node::attribute, Wire::Length)) continue;
    EDGESCOPE_TRY(read, read_attribute(context, field.payload, 0));
    if (read.tensor.empty()) continue;
    EDGESCOPE_TRY(tensor, read_tensor(context, read.tensor, {.owner = Owner::Operators}));
    tensor.name = std::move(read.name);
    tensors.push_back(std::move(tensor));
  }
  EDGESCOPE_CHECK(context.finished(walk, "a node"));
  return tensors;
}

}  // namespace edgescope::format::onnx
