#include "format/onnx/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/atomic_file.h"
#include "format/onnx/donor.h"
#include "format/onnx/fields.h"
#include "format/onnx/lower.h"
#include "format/onnx/message.h"
#include "format/onnx/write_attributes.h"
#include "graph/validate.h"

namespace edgescope::format::onnx {
namespace {

using graph::ElementType;
using graph::Encoding;
using graph::Operator;
using graph::Tensor;

constexpr std::int64_t kIrVersion = 7;  // that of opset 11 and 12; newer programs read it with newer operator sets
constexpr std::uint64_t kLongestModel = (std::uint64_t{1} << 31) - (64 << 20);  // protobuf's limit, less the rest
constexpr std::uint64_t kStaysInside = 1024;  // bytes of a constant that is not worth a place outside
constexpr std::size_t kAlignment = 64;

// The constants outside the model.
struct Data {
  std::string name;
  base::Pieces pieces;
  bool wanted = false;
};

class GraphWriter {
 public:
  GraphWriter(const graph::Model& model, std::size_t index, const Donor& donor, Data& data,
              const GraphWriter* outer = nullptr)
      : model_(model), graph_(model.subgraphs[index]), donor_(donor), data_(data), outer_(outer) {
    for (const Tensor& each : graph_.tensors) names_.insert(each.name);
    sort_tensors();
  }

  base::Result<Message> graph() {
    namespace number = fields::graph;
    Message message;
    if (!graph_.name.empty()) message.text(number::name, graph_.name);
    const bool inputs_too = model_.format_version > 0 && model_.format_version < 4;
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i)
      if (place_[i] == Place::Initializer) EDGESCOPE_CHECK(initializer(graph_.tensors[i], message));
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i)
      if (inputs_too && place_[i] == Place::Initializer && !graph_.tensors[i].sparse)
        EDGESCOPE_CHECK(value(number::input, static_cast<int>(i), message));
    for (int each : graph_.inputs)
      if (place_[static_cast<std::size_t>(each)] != Place::Captured)
        EDGESCOPE_CHECK(value(number::input, each, message));
    EDGESCOPE_CHECK(nodes(number::node, message));
    for (int each : graph_.outputs) EDGESCOPE_CHECK(value(number::output, each, message));
    EDGESCOPE_CHECK(inner_values(number::value_info, message));
    for (const Tensor& each : graph_.tensors)
      if (each.quantization != nullptr) annotation(each, message);
    return message;
  }

  base::Result<Message> function(const std::vector<Bytes>& kept) {
    namespace number = fields::function;
    Message message;
    for (Bytes each : kept) message.raw(each);
    for (int each : graph_.inputs) message.text(number::input, tensor(each).name);
    EDGESCOPE_CHECK(nodes(number::node, message));
    for (int each : graph_.outputs) message.text(number::output, tensor(each).name);
    EDGESCOPE_CHECK(inner_values(number::value_info, message));
    return message;
  }

 private:
  enum class Place : std::uint8_t { Value, Initializer, Node, Captured };

  static base::Status error(std::string what, std::string node) {
    return base::fail({.fault = base::Fault::output, .what = std::move(what), .node = std::move(node)});
  }

  const Tensor& tensor(int index) const { return graph_.tensors[static_cast<std::size_t>(index)]; }

  bool knows(const std::string& name) const {
    return names_.contains(name) || (outer_ != nullptr && outer_->knows(name));
  }

  // Constants that stand among the nodes' results were nodes in the file, and values behind all results that a
  // graph around this one knows, too, are that graph's.
  void sort_tensors() {
    const std::size_t count = graph_.tensors.size();
    place_.assign(count, Place::Value);
    std::size_t first = count, last = 0;
    const auto seen = [&](int index) {
      if (index < 0) return;
      first = std::min(first, static_cast<std::size_t>(index));
      last = std::max(last, static_cast<std::size_t>(index) + 1);
    };
    for (const Operator& op : graph_.operators)
      for (int each : op.outputs) seen(each);
    const std::size_t behind = last;
    const bool is_function = donor_.function(graph_.name) != nullptr;
    for (int each : graph_.inputs)
      if (static_cast<std::size_t>(each) < first) first = static_cast<std::size_t>(each);
    for (std::size_t i = 0; i < count; ++i) {
      const Tensor& its = graph_.tensors[i];
      if (i >= behind && outer_ != nullptr && outer_->knows(its.name))
        place_[i] = Place::Captured;
      else if (its.constant)
        place_[i] = donor_.known() && (is_function || i > first) ? Place::Node : Place::Initializer;
    }
  }

  base::Status nodes(std::uint32_t field, Message& message) {
    std::size_t next = 0;
    const auto constants_until = [&](std::size_t end) -> base::Status {
      for (; next < end; ++next)
        if (place_[next] == Place::Node) EDGESCOPE_CHECK(constant_node(field, graph_.tensors[next], message));
      return {};
    };
    for (const Operator& op : graph_.operators) {
      std::size_t first = next;
      for (int each : op.outputs)
        if (each >= 0) {
          first = static_cast<std::size_t>(each);
          break;
        }
      EDGESCOPE_CHECK(constants_until(std::max(first, next)));
      EDGESCOPE_CHECK(node(field, op, message));
    }
    return constants_until(graph_.tensors.size());
  }

  base::Status node(std::uint32_t field, const Operator& op, Message& message) {
    namespace number = fields::node;
    if (op.source_kind.empty()) return error(fmt::format("{} has no form in ONNX", graph::kind_name(op.kind)), op.name);
    Message node;
    const auto captured = static_cast<std::size_t>(graph::get<std::int64_t>(op.attributes, "captured"));
    for (std::size_t i = 0; i + captured < op.inputs.size(); ++i) node.text(number::input, name_of(op.inputs[i]));
    for (int each : op.outputs) node.text(number::output, name_of(each));
    if (!op.name.empty()) node.text(number::name, op.name);
    const std::size_t colon = op.source_kind.rfind(':');
    node.text(number::op_type, colon == std::string::npos ? op.source_kind : op.source_kind.substr(colon + 1));
    if (colon != std::string::npos) node.text(number::domain, op.source_kind.substr(0, colon));
    const WriteBody body = [this](std::int64_t index) {
      return GraphWriter(model_, static_cast<std::size_t>(index), donor_, data_, this).graph();
    };
    EDGESCOPE_CHECK(write_attributes(op, body, node));
    message.message(field, std::move(node));
    return {};
  }

  std::string name_of(int index) const { return index < 0 ? std::string() : tensor(index).name; }

  // The file's field of the first string; 0 where there is none.
  static std::uint32_t string_field(const Tensor& tensor) {
    Walk walk(tensor.data);
    Field field;
    return tensor.encoding == Encoding::Strings && walk.next(field) ? field.number : 0;
  }

  base::Status constant_node(std::uint32_t field, const Tensor& its, Message& message) {
    namespace number = fields::attribute;
    Message attribute;
    if (its.sparse) {
      const Bytes sparse = donor_.sparse(its.name);
      if (sparse.empty()) return error("is sparse, and its places are not known any more", its.name);
      attribute.text(number::name, "sparse_value");
      attribute.bytes(number::sparse_tensor, sparse);
      attribute.number(number::type, 11);
    } else if (const std::uint32_t strings = string_field(its); strings == number::s || strings == number::strings) {
      attribute.text(number::name, strings == number::s ? "value_string" : "value_strings");
      attribute.raw(its.data);
      attribute.number(number::type, strings == number::s ? 3 : 8);
    } else {
      EDGESCOPE_TRY(tensor, constant(its, false));
      attribute.text(number::name, "value");
      attribute.message(number::t, std::move(tensor));
      attribute.number(number::type, 4);
    }
    Message node;
    node.text(fields::node::output, its.name);
    node.text(fields::node::op_type, "Constant");
    node.message(fields::node::attribute, std::move(attribute));
    message.message(field, std::move(node));
    return {};
  }

  base::Status initializer(const Tensor& its, Message& message) {
    namespace number = fields::graph;
    if (its.sparse) {
      const Bytes sparse = donor_.sparse(its.name);
      if (sparse.empty()) return error("is sparse, and its places are not known any more", its.name);
      message.bytes(number::sparse_initializer, sparse);
      return {};
    }
    EDGESCOPE_TRY(tensor, constant(its, true));
    message.message(number::initializer, std::move(tensor));
    return {};
  }

  base::Result<Message> constant(const Tensor& its, bool named) {
    namespace number = fields::tensor;
    const auto type = type_number(its.type);
    if (!type)
      return base::fail({.fault = base::Fault::output,
                         .what = fmt::format("ONNX has no tensors of {}", element_type_name(its.type)),
                         .node = its.name});
    Message message;
    for (std::int64_t dim : its.shape.dims) message.number(number::dims, dim);
    message.number(number::data_type, *type);
    if (named) message.text(number::name, its.name);
    switch (its.encoding) {
      case Encoding::Raw:
        if (data_.wanted && its.data.size() > kStaysInside)
          outside(its, message);
        else
          message.bytes(number::raw_data, its.data);
        break;
      case Encoding::Varint:
        message.bytes(varint_field(its.type), its.data);
        break;
      case Encoding::Strings: {
        Walk walk(its.data);
        for (Field each; walk.next(each);) message.text(number::string_data, each.text());
        break;
      }
      default:
        return base::fail(
            {.fault = base::Fault::output, .what = "its data are not as ONNX holds them", .node = its.name});
    }
    return message;
  }

  static std::uint32_t varint_field(ElementType type) {
    if (type == ElementType::Int64) return fields::tensor::int64_data;
    if (type == ElementType::UInt32 || type == ElementType::UInt64) return fields::tensor::uint64_data;
    return fields::tensor::int32_data;
  }

  void outside(const Tensor& its, Message& message) {
    data_.pieces.align(kAlignment);
    const auto entry = [&](std::string_view key, std::string_view value) {
      Message pair;
      pair.text(fields::entry::key, key);
      pair.text(fields::entry::value, value);
      message.message(fields::tensor::external_data, std::move(pair));
    };
    entry("location", data_.name);
    entry("offset", fmt::format("{}", data_.pieces.size()));
    entry("length", fmt::format("{}", its.data.size()));
    message.number(fields::tensor::data_location, 1);
    data_.pieces.refer(its.data);
  }

  // Values between nodes are described where the file did so, and where they are new.
  base::Status inner_values(std::uint32_t field, Message& message) {
    std::set<int> ends(graph_.inputs.begin(), graph_.inputs.end());
    ends.insert(graph_.outputs.begin(), graph_.outputs.end());
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      const Tensor& its = graph_.tensors[i];
      if (place_[i] != Place::Value || ends.contains(static_cast<int>(i)) || its.name.empty() ||
          its.type == ElementType::Unknown)
        continue;
      if (donor_.known() && !donor_.describes(its.name)) continue;
      EDGESCOPE_CHECK(value(field, static_cast<int>(i), message));
    }
    return {};
  }

  base::Status value(std::uint32_t field, int index, Message& message) {
    const Tensor& its = tensor(index);
    Message info;
    info.text(fields::value_info::name, its.name);
    if (its.type == ElementType::Variant || its.sparse || its.type == ElementType::Unknown) {
      if (const Bytes type = donor_.type(its.name); !type.empty())
        info.bytes(fields::value_info::type, type);
      else if (its.type != ElementType::Unknown)
        return error("is of a type that is not known any more", its.name);
    } else {
      const auto type = type_number(its.type);
      if (!type) return error(fmt::format("ONNX has no tensors of {}", element_type_name(its.type)), its.name);
      Message of_tensor;
      of_tensor.number(fields::tensor_type::elem_type, *type);
      if (its.shape.known) of_tensor.message(fields::tensor_type::shape, shape(its.shape));
      Message whole;
      whole.message(fields::type::tensor, std::move(of_tensor));
      info.message(fields::value_info::type, std::move(whole));
    }
    message.message(field, std::move(info));
    return {};
  }

  static Message shape(const graph::Shape& shape) {
    Message message;
    for (std::size_t i = 0; i < shape.dims.size(); ++i) {
      Message dim;
      if (shape.dims[i] >= 0)
        dim.number(fields::dimension::dim_value, shape.dims[i]);
      else if (i < shape.symbols.size() && !shape.symbols[i].empty())
        dim.text(fields::dimension::dim_param, shape.symbols[i]);
      message.message(fields::shape::dim, std::move(dim));
    }
    return message;
  }

  void annotation(const Tensor& its, Message& message) const {
    Message annotation;
    annotation.text(fields::annotation::tensor_name, its.name);
    const auto parameter = [&](std::string_view key, int index) {
      if (index < 0) return;
      Message pair;
      pair.text(fields::entry::key, key);
      pair.text(fields::entry::value, tensor(index).name);
      annotation.message(fields::annotation::parameters, std::move(pair));
    };
    if (its.quantization->scales_tensor < 0) return;  // QuantizeLinear and DequantizeLinear say it
    parameter("SCALE_TENSOR", its.quantization->scales_tensor);
    parameter("ZERO_POINT_TENSOR", its.quantization->zero_points_tensor);
    message.message(fields::graph::quantization_annotation, std::move(annotation));
  }

  const graph::Model& model_;
  const graph::Subgraph& graph_;
  const Donor& donor_;
  Data& data_;
  const GraphWriter* outer_;
  std::set<std::string_view> names_;
  std::vector<Place> place_;
};

std::uint64_t constant_bytes(const graph::Model& model) {
  std::uint64_t total = 0;
  for (const graph::Subgraph& graph : model.subgraphs)
    for (const Tensor& tensor : graph.tensors)
      if (tensor.constant) total += tensor.data.size();
  return total;
}

}  // namespace

base::Result<Encoded> encode(const graph::Model& model, const std::string& data_name, int opset) {
  namespace number = fields::model;
  EDGESCOPE_CHECK(graph::validate(model));
  const auto lowered = std::make_shared<graph::Model>(model);
  const auto own = std::find_if(model.opsets.begin(), model.opsets.end(),
                                [](const graph::Opset& each) { return each.domain == "ai.onnx"; });
  if (own != model.opsets.end()) opset = static_cast<int>(own->version);
  EDGESCOPE_CHECK(lower(*lowered, opset));
  const Donor donor(*lowered);
  Data data{.name = data_name, .pieces = {}, .wanted = constant_bytes(model) > kLongestModel};

  Message message;
  if (donor.known()) {
    for (Bytes each : donor.model_fields()) message.raw(each);
  } else {
    message.number(number::ir_version, model.format_version > 0 ? model.format_version : kIrVersion);
    if (!model.producer.empty()) message.text(number::producer_name, model.producer);
  }
  std::vector<graph::Opset> opsets = model.opsets;
  if (opsets.empty() && !donor.known()) opsets.push_back({"ai.onnx", opset});
  for (const graph::Opset& each : opsets) {
    Message import;
    if (each.domain != "ai.onnx") import.text(fields::opset::domain, each.domain);
    import.number(fields::opset::version, each.version);
    message.message(number::opset_import, std::move(import));
  }
  for (std::size_t i = 1; i < lowered->subgraphs.size(); ++i)
    if (const auto* kept = donor.function(lowered->subgraphs[i].name)) {
      EDGESCOPE_TRY(function, GraphWriter(*lowered, i, donor, data).function(*kept));
      message.message(number::functions, std::move(function));
    }
  EDGESCOPE_TRY(graph, GraphWriter(*lowered, 0, donor, data).graph());
  message.message(number::graph, std::move(graph));
  Encoded encoded{std::move(message).take(), std::move(data.pieces)};
  encoded.model.keep(lowered);
  encoded.data.keep(lowered);
  return encoded;
}

base::Status write(const graph::Model& model, const std::string& path, int opset) {
  const std::string data = path + ".data";
  EDGESCOPE_TRY(encoded, encode(model, std::filesystem::path(data).filename().string(), opset));
  if (encoded.data.size() > 0) EDGESCOPE_CHECK(base::write_file(data, encoded.data));
  return base::write_file(path, encoded.model);
}

}  // namespace edgescope::format::onnx
