#include "analysis/inspection_json.h"

#include <algorithm>
#include <type_traits>

#include "analysis/finding.h"

namespace edgescope::analysis {
namespace {

using base::JsonWriter;
using graph::Tensor;

void write_attribute(JsonWriter& json, const graph::Attribute& attribute) {
  const auto number = [&](double value) {
    // Formats hold floats of 32 bits; their shortest digits are what the author wrote.
    if (static_cast<double>(static_cast<float>(value)) == value)
      json.value(static_cast<float>(value));
    else
      json.value(value);
  };
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, double>) {
          number(value);
        } else if constexpr (std::is_same_v<T, std::vector<double>>) {
          json.begin_array();
          for (double element : value) number(element);
          json.end_array();
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>> ||
                             std::is_same_v<T, std::vector<std::string>>) {
          json.begin_array();
          for (const auto& element : value) json.value(element);
          json.end_array();
        } else {
          json.value(value);
        }
      },
      attribute);
}

// An open dimension is its symbol's name, or null; a shape without a known rank is null.
void write_shape(JsonWriter& json, const graph::Shape& shape) {
  json.key("shape");
  if (!shape.known) {
    json.value(nullptr);
    return;
  }
  json.begin_array();
  for (std::size_t i = 0; i < shape.dims.size(); ++i) {
    if (shape.dims[i] >= 0)
      json.value(shape.dims[i]);
    else if (i < shape.symbols.size() && !shape.symbols[i].empty())
      json.value(shape.symbols[i]);
    else
      json.value(nullptr);
  }
  json.end_array();
}

// The shape again, with null for what an application may resize.
void write_signature(JsonWriter& json, const graph::Shape& shape) {
  if (shape.resizable.empty()) return;
  json.key("shape_signature");
  json.begin_array();
  for (std::size_t i = 0; i < shape.dims.size(); ++i) {
    if (shape.resizable[i])
      json.value(nullptr);
    else
      json.value(shape.dims[i]);
  }
  json.end_array();
}

void write_quantization(JsonWriter& json, const graph::Quantization& quantization) {
  const auto& scales = quantization.scales;
  const auto& zeros = quantization.zero_points;
  json.key("quantization");
  json.begin_object();
  json.member("granularity", quantization.block > 0 ? "block" : quantization.per_channel() ? "channel" : "tensor");
  if (quantization.block > 0 || quantization.per_channel()) {
    json.member("axis", quantization.axis);
    if (quantization.block > 0) json.member("block", quantization.block);
    if (quantization.scales_tensor >= 0) json.member("scales_tensor", quantization.scales_tensor);
    if (quantization.zero_points_tensor >= 0) json.member("zero_points_tensor", quantization.zero_points_tensor);
    if (!scales.empty()) {
      const auto [low, high] = std::minmax_element(scales.begin(), scales.end());
      json.member("scales", scales.size());
      json.member("scale_min", *low);
      json.member("scale_max", *high);
    }
    if (!zeros.empty()) {
      const auto [low, high] = std::minmax_element(zeros.begin(), zeros.end());
      json.member("zero_point_min", *low);
      json.member("zero_point_max", *high);
    }
  } else {
    if (!scales.empty()) json.member("scale", scales.front());
    if (!zeros.empty()) json.member("zero_point", zeros.front());
  }
  json.end_object();
}

std::optional<std::uint64_t> size_of(const Tensor& tensor) {
  const auto elements = tensor.shape.elements();
  if (!elements || graph::element_bits(tensor.type) == 0) return std::nullopt;
  return graph::packed_bytes(tensor.type, *elements);
}

class Writer {
 public:
  Writer(JsonWriter& json, const graph::Model& model, const Inspection& inspection)
      : json_(json), model_(model), inspection_(inspection) {}

  void write() {
    json_.begin_object(JsonWriter::Layout::Lines);
    json_.member("basis", basis_name(Basis::Exact));
    identity();
    if (!model_.subgraphs.empty()) {
      ports("inputs", model_.subgraphs.front().inputs);
      ports("outputs", model_.subgraphs.front().outputs);
    }
    totals();
    files();
    rows("kinds", inspection_.kinds, [&](const KindSum& kind) {
      json_.member("kind", graph::kind_name(kind.kind));
      sum(kind.sum);
    });
    rows("types", inspection_.types, [&](const TypeSum& type) {
      json_.member("type", graph::element_type_name(type.type));
      json_.member("tensors", type.tensors);
      json_.member("parameters", type.parameters);
      json_.member("bytes", type.bytes);
    });
    operators();
    tensors();
    json_.end_object();
  }

 private:
  template <typename Rows, typename Row>
  void rows(std::string_view name, const Rows& list, Row&& members) {
    json_.key(name);
    json_.begin_array(json_.layout());
    for (const auto& row : list) {
      json_.begin_object();
      members(row);
      json_.end_object();
    }
    json_.end_array();
  }

  void identity() {
    json_.member("format", graph::format_name(model_.format));
    json_.member("format_version", model_.format_version);
    json_.member("layout", model_.layout == graph::Layout::ChannelsLast ? "channels-last" : "channels-first");
    json_.member("name", model_.name);
    json_.member("producer", model_.producer);
    rows("opsets", model_.opsets, [&](const graph::Opset& opset) {
      json_.member("domain", opset.domain);
      json_.member("version", opset.version);
    });
    rows("signatures", model_.signatures, [&](const graph::Signature& signature) {
      json_.member("key", signature.key);
      json_.member("subgraph", signature.subgraph);
      bindings("inputs", signature.inputs);
      bindings("outputs", signature.outputs);
    });
    rows("metadata", model_.metadata, [&](const graph::Metadata& metadata) {
      json_.member("key", metadata.key);
      json_.member("value", metadata.value);
      json_.member("bytes", metadata.bytes);
    });
    rows("subgraphs", model_.subgraphs, [&](const graph::Subgraph& subgraph) {
      json_.member("name", subgraph.name);
      json_.member("operators", subgraph.operators.size());
      json_.member("tensors", subgraph.tensors.size());
    });
  }

  void files() {
    rows("files", inspection_.files, [&](const FileSum& file) {
      json_.member("path", file.path);
      json_.member("bytes", file.bytes);
      rows("owners", file.owners, [&](const graph::OwnerTotal& owner) {
        json_.member("owner", graph::owner_name(owner.owner));
        json_.member("bytes", owner.bytes);
        json_.member("share", file.bytes ? static_cast<double>(owner.bytes) / static_cast<double>(file.bytes) : 0.0);
      });
    });
  }

  void bindings(std::string_view name, const std::vector<graph::Signature::Binding>& list) {
    rows(name, list, [&](const graph::Signature::Binding& binding) {
      json_.member("name", binding.name);
      json_.member("tensor", binding.tensor);
    });
  }

  void ports(std::string_view name, const std::vector<int>& list) {
    rows(name, list, [&](int index) {
      json_.member("tensor", index);
      describe(model_.subgraphs.front().tensors[static_cast<std::size_t>(index)]);
    });
  }

  void describe(const Tensor& tensor) {
    json_.member("name", tensor.name);
    json_.member("type", graph::element_type_name(tensor.type));
    write_shape(json_, tensor.shape);
    write_signature(json_, tensor.shape);
    json_.member("bytes", size_of(tensor));
    if (tensor.quantization) write_quantization(json_, *tensor.quantization);
  }

  void sum(const Sum& sum) {
    json_.member("operators", sum.operators);
    json_.member("parameters", sum.parameters);
    json_.member("weight_bytes", sum.weight_bytes);
    json_.member("macs", sum.macs);
    json_.member("read_bytes", sum.read_bytes);
    json_.member("written_bytes", sum.written_bytes);
    if (sum.without_macs > 0) json_.member("operators_without_macs", sum.without_macs);
    if (sum.without_bytes > 0) json_.member("operators_without_bytes", sum.without_bytes);
  }

  void totals() {
    json_.key("totals");
    json_.begin_object(JsonWriter::Layout::Lines);
    sum(inspection_.total);
    json_.member("tensors", inspection_.tensors);
    json_.member("constants", inspection_.constants);
    json_.member("subgraphs", model_.subgraphs.size());
    json_.member("file_bytes", inspection_.file_bytes);
    json_.end_object();
  }

  void uses(std::string_view name, const graph::Subgraph& subgraph, const std::vector<int>& list) {
    json_.key(name);
    json_.begin_array();
    for (int index : list) {
      if (index < 0) {  // an optional one that is left out
        json_.value(nullptr);
        continue;
      }
      const Tensor& tensor = subgraph.tensors[static_cast<std::size_t>(index)];
      json_.begin_object();
      json_.member("tensor", index);
      json_.member("type", graph::element_type_name(tensor.type));
      write_shape(json_, tensor.shape);
      if (tensor.constant) json_.member("constant", true);
      json_.end_object();
    }
    json_.end_array();
  }

  void operators() {
    json_.key("operators");
    json_.begin_array(JsonWriter::Layout::Lines);
    for (std::size_t s = 0; s < model_.subgraphs.size(); ++s) {
      const graph::Subgraph& subgraph = model_.subgraphs[s];
      for (std::size_t i = 0; i < subgraph.operators.size(); ++i)
        one_operator(s, i, subgraph, subgraph.operators[i], inspection_.subgraphs[s].operators[i]);
    }
    json_.end_array();
  }

  void one_operator(std::size_t s, std::size_t i, const graph::Subgraph& subgraph, const graph::Operator& op,
                    const OperatorCost& cost) {
    json_.begin_object();
    json_.member("subgraph", s);
    json_.member("index", i);
    json_.member("name", operator_name(subgraph, op));
    json_.member("kind", graph::kind_name(op.kind));
    json_.member("source_kind", op.source_kind);
    if (op.version > 0) json_.member("version", op.version);
    if (op.custom) json_.member("custom", true);
    if (!op.options.empty()) json_.member("options_bytes", op.options.size());
    uses("inputs", subgraph, op.inputs);
    uses("outputs", subgraph, op.outputs);
    if (!op.attributes.empty()) {
      json_.key("attributes");
      json_.begin_object();
      for (const auto& [name, attribute] : op.attributes) {
        json_.source_key(name);
        write_attribute(json_, attribute);
      }
      json_.end_object();
    }
    json_.member("macs", cost.macs);
    json_.member("parameters", cost.parameters);
    json_.member("weight_bytes", cost.weight_bytes);
    if (cost.shared_weight_bytes > 0) json_.member("shared_weight_bytes", cost.shared_weight_bytes);
    json_.member("read_bytes", cost.read_bytes);
    json_.member("written_bytes", cost.written_bytes);
    json_.member("file_bytes", cost.file_bytes);
    json_.end_object();
  }

  void tensors() {
    json_.key("tensors");
    json_.begin_array(JsonWriter::Layout::Lines);
    for (std::size_t s = 0; s < model_.subgraphs.size(); ++s) {
      const graph::Subgraph& subgraph = model_.subgraphs[s];
      for (std::size_t i = 0; i < subgraph.tensors.size(); ++i) {
        const Tensor& tensor = subgraph.tensors[i];
        json_.begin_object();
        json_.member("subgraph", s);
        json_.member("index", i);
        describe(tensor);
        if (tensor.constant) json_.member("constant", true);
        if (tensor.variable) json_.member("variable", true);
        if (tensor.sparse) json_.member("sparse", true);
        if (!tensor.shape.is_static() || !tensor.shape.resizable.empty()) json_.member("dynamic", true);
        json_.member("file_bytes", inspection_.subgraphs[s].tensor_bytes[i]);
        json_.end_object();
      }
    }
    json_.end_array();
  }

  JsonWriter& json_;
  const graph::Model& model_;
  const Inspection& inspection_;
};

}  // namespace

void write_inspection(JsonWriter& json, const graph::Model& model, const Inspection& inspection) {
  Writer(json, model, inspection).write();
}

base::Json inspection_json(const graph::Model& model, const Inspection& inspection) {
  JsonWriter json;
  write_inspection(json, model, inspection);
  return base::Json::parse(std::move(json).take());
}

}  // namespace edgescope::analysis
