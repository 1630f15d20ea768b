#include "analysis/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/checked.h"

namespace edgescope::analysis {
namespace {

using graph::Kind;
using graph::Operator;
using graph::Tensor;

constexpr std::uint64_t kSmall = 65536;        // constants up to this size are compared by content
constexpr std::uint64_t kPaddingBytes = 4096;  // less padding than this is not worth a word
constexpr std::uint64_t kPaddingShare = 20;    // nor is less than a 20th of the file

bool same(const std::shared_ptr<const graph::Quantization>& a, const std::shared_ptr<const graph::Quantization>& b) {
  if (!a || !b) return !a && !b;
  return a->scales == b->scales && a->zero_points == b->zero_points && a->block == b->block &&
         (!a->per_channel() || a->axis == b->axis) && a->scales_tensor == b->scales_tensor &&
         a->zero_points_tensor == b->zero_points_tensor;
}

bool same_form(const Tensor& a, const Tensor& b) {
  return a.type == b.type && a.shape.is_static() && b.shape.is_static() && a.shape.dims == b.shape.dims &&
         same(a.quantization, b.quantization);
}

// Effects that no output shows.
bool has_effects(const Operator& op) {
  switch (op.kind) {
    case Kind::Unknown:
    case Kind::Custom:
    case Kind::CustomCall:
    case Kind::Delegate:
    case Kind::Input:
    case Kind::Output:
    case Kind::Constant:
    case Kind::AssignVariable:
    case Kind::CallOnce:
    case Kind::Call:
    case Kind::Composite:
    case Kind::If:
    case Kind::While:
    case Kind::Case:
    case Kind::Loop:
    case Kind::Scan:
    case Kind::HashtableImport:
      return true;
    default:
      return op.custom || op.outputs.empty();
  }
}

class Graph {
 public:
  Graph(const graph::Model& model, const Inspection& inspection, std::size_t index, std::vector<Finding>& findings)
      : model_(model),
        graph_(model.subgraphs[index]),
        costs_(inspection.subgraphs[index]),
        index_(static_cast<int>(index)),
        findings_(findings),
        producer_(graph_.tensors.size(), -1),
        readers_(graph_.tensors.size(), 0),
        output_(graph_.tensors.size(), false) {
    for (std::size_t i = 0; i < graph_.operators.size(); ++i) {
      for (int tensor : graph_.operators[i].outputs)
        if (tensor >= 0) producer_[at(tensor)] = static_cast<int>(i);
      for (int tensor : graph_.operators[i].inputs)
        if (tensor >= 0) ++readers_[at(tensor)];
    }
    for (int tensor : graph_.outputs) output_[at(tensor)] = true;
    // Tensors that quantisation names are read with the tensor that it describes.
    for (const Tensor& tensor : graph_.tensors)
      if (tensor.quantization)
        for (int part : {tensor.quantization->scales_tensor, tensor.quantization->zero_points_tensor})
          if (part >= 0 && at(part) < readers_.size()) ++readers_[at(part)];
  }

  void unused_constants(const std::vector<bool>& read) {
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      const Tensor& tensor = graph_.tensors[t];
      const int constant = costs_.constants[t];
      if (constant < 0 || read[at(constant)]) continue;
      add("unused-constant", fmt::format("{}tensor {} {}", place(), t, tensor.name), {}, {static_cast<int>(t)},
          tensor.data.size());
    }
  }

  void mark_read(std::vector<bool>& read) const {
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t)
      if (costs_.constants[t] >= 0 && is_read(t)) read[at(costs_.constants[t])] = true;
  }

  // From the end to the start, so that what only feeds an unread result is found too.
  void unread_results() {
    std::vector<int> live = readers_, found;
    for (std::size_t i = graph_.operators.size(); i-- > 0;) {
      const Operator& op = graph_.operators[i];
      const bool read = std::any_of(op.outputs.begin(), op.outputs.end(), [&](int tensor) {
        return tensor >= 0 && (live[at(tensor)] > 0 || output_[at(tensor)] || graph_.tensors[at(tensor)].variable);
      });
      const bool state = std::any_of(op.inputs.begin(), op.inputs.end(),
                                     [&](int tensor) { return tensor >= 0 && graph_.tensors[at(tensor)].variable; });
      if (read || state || has_effects(op)) continue;
      found.push_back(static_cast<int>(i));
      for (int tensor : op.inputs)
        if (tensor >= 0) --live[at(tensor)];
    }
    std::reverse(found.begin(), found.end());
    for (int op : found) add("unread-result", place(op), {op}, {}, moved({op}));
  }

  void identities() {
    for (std::size_t i = 0; i < graph_.operators.size(); ++i)
      if (is_identity(graph_.operators[i])) {
        const int op = static_cast<int>(i);
        add("identity-operator", place(op), {op}, {}, moved({op}));
      }
  }

  void transpose_pairs() {
    for (std::size_t i = 0; i < graph_.operators.size(); ++i) {
      const int first = before(i, Kind::Transpose, Kind::Transpose);
      if (first < 0) continue;
      const std::vector<std::int64_t> a = permutation(graph_.operators[at(first)]),
                                      b = permutation(graph_.operators[i]);
      if (a.empty() || a.size() != b.size() || is_ordered(a)) continue;
      bool undone = true;
      for (std::size_t d = 0; d < a.size() && undone; ++d)
        undone = b[d] >= 0 && at(b[d]) < a.size() && a[at(b[d])] == static_cast<std::int64_t>(d);
      if (undone) pair("transpose-pair", first, static_cast<int>(i));
    }
  }

  void quantization_pairs() {
    for (std::size_t i = 0; i < graph_.operators.size(); ++i) {
      const int first = before(i, Kind::Dequantize, Kind::Quantize);
      if (first < 0) continue;
      const Operator &dequantize = graph_.operators[at(first)], &quantize = graph_.operators[i];
      const Tensor* before_pair = tensor(dequantize.inputs, 0);
      const Tensor* after_pair = tensor(quantize.outputs, 0);
      if (!before_pair || !after_pair || before_pair->type != after_pair->type) continue;
      const bool equal = model_.format == graph::Format::TfLite
                             ? before_pair->quantization && same(before_pair->quantization, after_pair->quantization)
                             : same_parameters(dequantize, quantize);
      if (equal) pair("quantize-dequantize-pair", first, static_cast<int>(i));
    }
  }

  void dynamic_inputs() {
    for (int input : graph_.inputs) {
      const Tensor& tensor = graph_.tensors[at(input)];
      if (!tensor.shape.is_static())
        add("dynamic-shape", fmt::format("input {} {}", tensor.name, tensor.shape.text()), {}, {input}, std::nullopt);
    }
  }

  void custom_operators() {
    std::map<std::string, std::vector<int>> found;
    for (std::size_t i = 0; i < graph_.operators.size(); ++i) {
      const Operator& op = graph_.operators[i];
      // A compiled Edge TPU package is what its file is for.
      if (op.custom && op.source_kind != "edgetpu-custom-op") found[op.source_kind].push_back(static_cast<int>(i));
    }
    for (const auto& [name, operators] : found) {
      const std::string where = operators.size() == 1
                                    ? place(operators.front())
                                    : fmt::format("{}{} operators {}", place(), operators.size(), name);
      add("custom-operator", where, operators, {}, std::nullopt);
    }
  }

 private:
  static std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

  const Tensor* tensor(const std::vector<int>& list, std::size_t index) const {
    return index < list.size() && list[index] >= 0 ? &graph_.tensors[at(list[index])] : nullptr;
  }

  bool is_read(std::size_t tensor) const { return readers_[tensor] > 0 || output_[tensor]; }

  std::string place() const { return index_ == 0 ? "" : fmt::format("subgraph {}, ", index_); }
  std::string place(int op) const {
    const Operator& o = graph_.operators[at(op)];
    return fmt::format("{}operator {} {} {}", place(), op, o.source_kind, operator_name(graph_, o));
  }

  // Activation bytes that these operators read and write at every inference.
  Count moved(const std::vector<int>& operators) const {
    Count sum = 0;
    for (int op : operators)
      for (const Count& part : {costs_.operators[at(op)].read_bytes, costs_.operators[at(op)].written_bytes})
        sum = sum && part ? base::checked_add(*sum, *part) : std::nullopt;
    return sum;
  }

  void add(std::string_view id, std::string where, std::vector<int> operators, std::vector<int> tensors, Count bytes) {
    findings_.push_back({.kind = &finding_kind(id),
                         .where = std::move(where),
                         .subgraph = index_,
                         .operators = std::move(operators),
                         .tensors = std::move(tensors),
                         .cost = {.bytes = bytes}});
  }
  void pair(std::string_view id, int first, int second) {
    add(id, fmt::format("{} and {}", place(first), place(second)), {first, second}, {}, moved({first, second}));
  }

  // The producer of operator `index`'s first input, where the two have these kinds and nobody else reads between.
  int before(std::size_t index, Kind first, Kind second) const {
    const Operator& op = graph_.operators[index];
    if (op.kind != second || op.inputs.empty() || op.inputs[0] < 0) return -1;
    const std::size_t between = at(op.inputs[0]);
    const int producer = producer_[between];
    if (producer < 0 || readers_[between] != 1 || output_[between]) return -1;
    return graph_.operators[at(producer)].kind == first ? producer : -1;
  }

  bool is_identity(const Operator& op) const {
    const Tensor *in = tensor(op.inputs, 0), *out = tensor(op.outputs, 0);
    if (!in || !out || !same_form(*in, *out)) return false;
    switch (op.kind) {
      case Kind::Identity:
      case Kind::Reshape:
      case Kind::Flatten:
      case Kind::Squeeze:
      case Kind::Cast:
      case Kind::Expand:
      case Kind::Tile:
        return true;
      case Kind::Dropout:
        return op.outputs.size() == 1;
      case Kind::Concatenation:
        return op.inputs.size() == 1;
      case Kind::Quantize:
        return model_.format == graph::Format::TfLite;  // elsewhere the type would change
      case Kind::Transpose: {
        const auto order = permutation(op);
        return !order.empty() && is_ordered(order);
      }
      default:
        return false;
    }
  }

  static bool is_ordered(const std::vector<std::int64_t>& order) {
    for (std::size_t d = 0; d < order.size(); ++d)
      if (order[d] != static_cast<std::int64_t>(d)) return false;
    return true;
  }

  // Empty where it is not in the file.
  std::vector<std::int64_t> permutation(const Operator& op) const {
    auto order = graph::get<std::vector<std::int64_t>>(op.attributes, graph::attr::permutation);
    const Tensor* list = tensor(op.inputs, 1);
    if (!order.empty() || !list || !list->constant || list->encoding != graph::Encoding::Raw) return order;
    const bool wide = list->type == graph::ElementType::Int64;
    if (!wide && list->type != graph::ElementType::Int32) return order;
    const std::size_t size = wide ? 8 : 4;
    for (std::size_t offset = 0; offset + size <= list->data.size() && offset < 32 * size; offset += size) {
      std::int64_t value = 0;
      std::int32_t narrow = 0;
      std::memcpy(wide ? static_cast<void*>(&value) : &narrow, list->data.data() + offset, size);
      order.push_back(wide ? value : narrow);
    }
    return order;
  }

  // ONNX gives scale and zero point as inputs.
  bool same_parameters(const Operator& a, const Operator& b) const {
    if (a.inputs.size() != b.inputs.size() || a.inputs.size() < 2) return false;
    for (std::size_t i = 1; i < a.inputs.size(); ++i) {
      if (a.inputs[i] == b.inputs[i]) continue;
      const Tensor *x = tensor(a.inputs, i), *y = tensor(b.inputs, i);
      if (!x || !y || !x->constant || !y->constant || !same_form(*x, *y) || x->encoding != y->encoding ||
          x->data.size() != y->data.size() || x->data.size() > kSmall ||
          !std::equal(x->data.begin(), x->data.end(), y->data.begin()))
        return false;
    }
    const auto axis = [](const Operator& op) { return graph::get<std::int64_t>(op.attributes, graph::attr::axis, 1); };
    return axis(a) == axis(b);
  }

  const graph::Model& model_;
  const graph::Subgraph& graph_;
  const SubgraphCost& costs_;
  int index_;
  std::vector<Finding>& findings_;
  std::vector<int> producer_;  // per tensor: operator or -1
  std::vector<int> readers_;   // per tensor: inputs of operators that name it
  std::vector<bool> output_;
};

void padding(const Inspection& inspection, std::vector<Finding>& findings) {
  for (const FileSum& file : inspection.files) {
    const std::uint64_t bytes = file.owners[static_cast<std::size_t>(graph::Extent::Owner::Padding)].bytes;
    if (bytes < kPaddingBytes || bytes < file.bytes / kPaddingShare) continue;
    findings.push_back(
        {.kind = &finding_kind("padding-bytes"), .where = fmt::format("file {}", file.path), .cost = {.bytes = bytes}});
  }
}

}  // namespace

std::vector<Finding> findings_in(const graph::Model& model, const Inspection& inspection) {
  std::vector<Finding> findings;
  std::vector<Graph> graphs;
  graphs.reserve(model.subgraphs.size());
  std::vector<bool> read(inspection.distinct_constants, false);
  for (std::size_t i = 0; i < model.subgraphs.size(); ++i)
    graphs.emplace_back(model, inspection, i, findings).mark_read(read);
  for (Graph& graph : graphs) graph.unused_constants(read);
  for (Graph& graph : graphs) graph.unread_results();
  for (Graph& graph : graphs) graph.identities();
  for (Graph& graph : graphs) graph.transpose_pairs();
  for (Graph& graph : graphs) graph.quantization_pairs();
  if (!graphs.empty()) graphs.front().dynamic_inputs();
  for (Graph& graph : graphs) graph.custom_operators();
  padding(inspection, findings);
  return findings;
}

}  // namespace edgescope::analysis
