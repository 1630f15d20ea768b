#include "format/tflite/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "base/checked.h"
#include "format/tflite/attributes.h"
#include "format/tflite/buffers.h"
#include "format/tflite/claims.h"
#include "format/tflite/quantization.h"
#include "format/tflite/verify.h"
#include "graph/validate.h"
#include "tflite_generated.h"

namespace edgescope::format::tflite {
namespace {

using graph::Extent;

constexpr std::size_t kShortText = 256;

template <typename T>
std::vector<int> indices(const flatbuffers::Vector<T>* vector) {
  if (!vector) return {};
  return {vector->data(), vector->data() + vector->size()};
}

std::string text(const flatbuffers::String* string) { return string ? string->str() : std::string(); }

template <typename T>
const flatbuffers::Table& table(const T& generated) {
  return reinterpret_cast<const flatbuffers::Table&>(generated);
}

// The text in a metadata buffer, if it is one; writers pad it with zeros.
std::string short_text(std::span<const std::byte> data) {
  while (!data.empty() && data.back() == std::byte{0}) data = data.first(data.size() - 1);
  if (data.size() > kShortText) return {};
  const std::string_view value(reinterpret_cast<const char*>(data.data()), data.size());
  const bool printable = std::all_of(value.begin(), value.end(), [](unsigned char c) { return std::isprint(c); });
  return printable ? std::string(value) : std::string();
}

struct Code {
  graph::Kind kind;
  std::string name;
  std::int64_t version;
  bool custom;
};

Code code(const fb::OperatorCode& entry) {
  const auto builtin =
      std::max(entry.builtin_code(), static_cast<fb::BuiltinOperator>(entry.deprecated_builtin_code()));
  if (builtin == fb::BuiltinOperator::CUSTOM)
    return {graph::Kind::Custom, text(entry.custom_code()), entry.version(), true};
  static const Enumeration& names = *layout("OperatorCode").field("builtin_code").enumeration;
  const auto name = names.text(static_cast<std::int64_t>(builtin));
  if (name.empty())
    return {graph::Kind::Unknown, fmt::format("BUILTIN_{}", static_cast<int>(builtin)), entry.version(), false};
  return {graph::kind_from_source(graph::Source::TfLite, name), std::string(name), entry.version(), false};
}

class Reader {
 public:
  explicit Reader(const base::MappedFile& file) : file_(file), claims_(file), footprint_(file) {}

  base::Result<graph::Model> run() {
    EDGESCOPE_CHECK(verify());
    model_.format = graph::Format::TfLite;
    model_.layout = graph::Layout::ChannelsLast;
    model_.format_version = source_->version();
    model_.producer = text(source_->description());
    EDGESCOPE_CHECK(make_room());
    if (const auto* codes = source_->operator_codes())
      for (const fb::OperatorCode* entry : *codes) {
        claims_.charge(sizeof(Code) + (entry->custom_code() ? entry->custom_code()->size() : 0));
        EDGESCOPE_CHECK(affordable(entry));
        codes_.push_back(code(*entry));
      }
    EDGESCOPE_CHECK(subgraphs());
    EDGESCOPE_CHECK(calls());
    EDGESCOPE_CHECK(signatures());
    EDGESCOPE_CHECK(metadata());
    model_.files = buffers_->files();
    EDGESCOPE_CHECK(graph::validate(model_));
    buffers_->claim_rest(claims_);
    model_.extents = std::move(claims_.builder()).finish(model_.files);
    return std::move(model_);
  }

 private:
  base::Status verify() {
    if (!recognised(file_.bytes())) return error("is not a TensorFlow Lite model: the identifier TFL3 is missing", 4);
    EDGESCOPE_TRY(tables, tflite::verify(file_));
    source_ = fb::GetModel(file_.bytes().data());
    buffers_.emplace(file_, source_, std::move(tables));
    if (!source_->subgraphs() || source_->subgraphs()->size() == 0) return error("has no subgraph", offset(source_));
    return {};
  }

  // Counts what there is before anything is kept of it.
  base::Status make_room() {
    std::uint64_t tensors = 0, operators = 0;
    for (const fb::SubGraph* each : *source_->subgraphs()) {
      tensors += each->tensors() ? each->tensors()->size() : 0;
      operators += each->operators() ? each->operators()->size() : 0;
    }
    const std::uint64_t extents = 3 * buffers_->size() + 2 * (tensors + operators);
    claims_.charge(buffers_->size() * sizeof(BufferTable) + source_->subgraphs()->size() * sizeof(graph::Subgraph) +
                   tensors * sizeof(graph::Tensor) + operators * sizeof(graph::Operator) + extents * sizeof(Extent));
    EDGESCOPE_CHECK(affordable(source_));
    claims_.builder().reserve(extents);
    model_.subgraphs.reserve(source_->subgraphs()->size());
    return {};
  }

  base::Status subgraphs() {
    for (const fb::SubGraph* source : *source_->subgraphs()) {
      const int index = static_cast<int>(model_.subgraphs.size());
      graph::Subgraph& target = model_.subgraphs.emplace_back();
      claims_.charge(source->name() ? source->name()->size() : 0);
      EDGESCOPE_CHECK(affordable(source));
      target.name = text(source->name());
      if (source->tensors()) {
        target.tensors.reserve(source->tensors()->size());
        for (const fb::Tensor* each : *source->tensors()) EDGESCOPE_CHECK(tensor(*each, index, target));
      }
      for (const auto* list : {source->inputs(), source->outputs()})
        claims_.charge(list ? list->size() * sizeof(int) : 0);
      EDGESCOPE_CHECK(affordable(source));
      target.inputs = indices(source->inputs());
      target.outputs = indices(source->outputs());
      if (source->operators()) {
        target.operators.reserve(source->operators()->size());
        for (const fb::Operator* each : *source->operators()) EDGESCOPE_CHECK(op(*each, index, target));
      }
      empty_constants(target);
    }
    return {};
  }

  base::Status tensor(const fb::Tensor& source, int subgraph, graph::Subgraph& graph) {
    static const Layout& its_layout = layout("Tensor");
    const Extent owner{
        .owner = Extent::Owner::Tensors, .subgraph = subgraph, .tensor = static_cast<int>(graph.tensors.size())};
    footprint_.visit(&source);
    claims_.add(table(source), its_layout, owner);
    EDGESCOPE_CHECK(affordable(&source));

    graph::Tensor& target = graph.tensors.emplace_back();
    target.name = text(source.name());
    const auto node = [&] { return target.name.empty() ? fmt::format("tensor {}", owner.tensor) : target.name; };
    target.type = element_type(static_cast<int>(source.type()));
    if (const auto* shape = source.shape()) target.shape.dims.assign(shape->data(), shape->data() + shape->size());
    for (std::int64_t& dim : target.shape.dims) dim = std::max(dim, graph::kDynamic);
    if (const auto* signature = source.shape_signature(); signature && signature->size() == target.shape.dims.size())
      if (std::any_of(signature->begin(), signature->end(), [](std::int32_t dim) { return dim < 0; }))
        for (const std::int32_t dim : *signature) target.shape.resizable.push_back(dim < 0);
    target.variable = source.is_variable();
    if (source.sparsity()) {
      target.sparse = true;
      target.encoding = graph::Encoding::Sparse;
    } else if (target.type == graph::ElementType::String) {
      target.encoding = graph::Encoding::Strings;
    }
    auto quantized =
        quantization(source.quantization(), target.shape, source_->subgraphs()->Get(subgraph)->tensors()->size());
    if (!quantized) return located(std::move(quantized).error(), source.quantization(), node());
    target.quantization = *std::move(quantized);

    auto data = buffers_->of(source);
    if (!data) return located(std::move(data).error(), &source, node());
    if (data->empty() || target.variable) return {};
    target.constant = true;
    target.data = *data;
    buffers_->claim(source, {.owner = Extent::Owner::Weights, .subgraph = subgraph, .tensor = owner.tensor}, owner,
                    claims_);
    return {};
  }

  // A constant without elements has no data to tell it by: nobody makes it, and it is not an input.
  void empty_constants(graph::Subgraph& graph) const {
    std::vector<bool> made(graph.tensors.size(), false);
    const auto mark = [&](const std::vector<int>& list) {
      for (int tensor : list)
        if (tensor >= 0 && static_cast<std::size_t>(tensor) < made.size()) made[tensor] = true;
    };
    mark(graph.inputs);
    for (const graph::Operator& each : graph.operators) mark(each.outputs);
    for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
      graph::Tensor& tensor = graph.tensors[i];
      if (!made[i] && !tensor.variable && tensor.shape.elements() == 0) tensor.constant = true;
    }
  }

  base::Status op(const fb::Operator& source, int subgraph, graph::Subgraph& graph) {
    static const Layout& its_layout = layout("Operator");
    static const Field& options = its_layout.field("builtin_options");
    static const Field& options_2 = its_layout.field("builtin_options_2");
    footprint_.visit(&source);
    const int index = static_cast<int>(graph.operators.size());
    const auto node = [&] { return fmt::format("operator {}", index); };
    if (source.opcode_index() >= codes_.size())
      return error(fmt::format("names operator code {} of {}", source.opcode_index(), codes_.size()), offset(&source),
                   node());
    const Code& its_code = codes_[source.opcode_index()];
    claims_.add(table(source), its_layout, {.owner = Extent::Owner::Operators, .subgraph = subgraph, .op = index});
    claims_.charge(its_code.name.size());
    EDGESCOPE_CHECK(affordable(&source));

    graph::Operator& target = graph.operators.emplace_back();
    target.kind = its_code.kind;
    target.source_kind = its_code.name;
    target.version = its_code.version;
    target.custom = its_code.custom;
    target.inputs = indices(source.inputs());
    target.outputs = indices(source.outputs());
    for (const Field* each : {&options, &options_2})
      if (const auto [fields, their_layout] = each->union_of(table(source)); fields) {
        target.attributes = attributes(*fields, *their_layout);
        for (const Field& field : their_layout->fields_in(*fields))
          if (is_opaque(field))
            if (const auto* raw = fields->GetPointer<const flatbuffers::Vector<std::uint8_t>*>(field.offset))
              target.options = std::as_bytes(std::span(raw->data(), raw->size()));
      }
    if (const auto* list = source.intermediates(); list && list->size() > 0)
      target.attributes.emplace_back("intermediates", std::vector<std::int64_t>(list->begin(), list->end()));
    if (const auto* raw = source.custom_options()) target.options = std::as_bytes(std::span(raw->data(), raw->size()));
    if (source.large_custom_options_offset() > kInside) {
      if (!base::within(source.large_custom_options_offset(), source.large_custom_options_size(), file_.size()))
        return error("its options stand outside the file", offset(&source), node());
      target.options = file_.bytes().subspan(source.large_custom_options_offset(), source.large_custom_options_size());
      claims_.add(target.options, {.owner = Extent::Owner::Operators, .subgraph = subgraph, .op = index});
    }
    complete(target, graph);
    return {};
  }

  // Attributes that the format implies by its tensors.
  static void complete(graph::Operator& target, const graph::Subgraph& graph) {
    using graph::Kind;
    const auto at = [&](const std::vector<int>& list, std::size_t place) -> const graph::Tensor* {
      if (place >= list.size() || list[place] < 0 || static_cast<std::size_t>(list[place]) >= graph.tensors.size())
        return nullptr;
      return &graph.tensors[list[place]];
    };
    const graph::Tensor* input = at(target.inputs, 0);
    const graph::Tensor* weights = at(target.inputs, 1);
    const graph::Tensor* output = at(target.outputs, 0);
    if (target.kind == Kind::Cast && output)
      target.attributes.emplace_back(graph::attr::to, std::string(element_type_name(output->type)));
    if (target.kind == Kind::FullyConnected) target.attributes.emplace_back(graph::attr::transpose_b, true);
    const bool convolution = target.kind == Kind::Convolution || target.kind == Kind::DepthwiseConvolution;
    if (convolution && !graph::find(target.attributes, graph::attr::groups) && input && weights) {
      // Channels come last in the input; CONV_2D's weights hold those of one group.
      const auto& in = input->shape.dims;
      const auto& w = weights->shape.dims;
      if (target.kind == Kind::DepthwiseConvolution && !in.empty() && in.back() > 0)
        target.attributes.emplace_back(graph::attr::groups, in.back());
      else if (target.source_kind == "CONV_2D" && !in.empty() && !w.empty() && w.back() > 0 && in.back() > 0)
        target.attributes.emplace_back(graph::attr::groups, in.back() / w.back());
    }
  }

  // Bodies must exist, and none may contain itself.
  base::Status calls() const {
    const std::size_t count = model_.subgraphs.size();
    std::vector<std::vector<std::size_t>> bodies(count);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t op = 0; op < model_.subgraphs[i].operators.size(); ++op) {
        const graph::Operator& each = model_.subgraphs[i].operators[op];
        const auto* list = graph::find(each.attributes, graph::attr::subgraph);
        if (!list) continue;
        for (std::int64_t body : std::get<std::vector<std::int64_t>>(*list)) {
          if (body < 0 || static_cast<std::size_t>(body) >= count)
            return error(fmt::format("names subgraph {} of {}", body, count), {},
                         fmt::format("operator {}, {}", op, each.source_kind));
          bodies[i].push_back(static_cast<std::size_t>(body));
        }
      }
    // A body that is left once all that it calls is left is on no cycle (Kahn's order, from the leaves).
    std::vector<std::size_t> waiting(count, 0), leaves;
    std::vector<std::vector<std::size_t>> callers(count);
    for (std::size_t i = 0; i < count; ++i) {
      waiting[i] = bodies[i].size();
      for (std::size_t body : bodies[i]) callers[body].push_back(i);
      if (waiting[i] == 0) leaves.push_back(i);
    }
    std::size_t left = 0;
    for (; left < leaves.size(); ++left)
      for (std::size_t caller : callers[leaves[left]])
        if (--waiting[caller] == 0) leaves.push_back(caller);
    if (left == count) return {};
    const auto stuck = std::find_if(waiting.begin(), waiting.end(), [](std::size_t n) { return n > 0; });
    return error(fmt::format("subgraph {} calls itself", stuck - waiting.begin()), {});
  }

  base::Status signatures() {
    if (!source_->signature_defs()) return {};
    static const Layout& its_layout = layout("SignatureDef");
    for (const fb::SignatureDef* source : *source_->signature_defs()) {
      claims_.add(table(*source), its_layout, {.owner = Extent::Owner::Graph});
      EDGESCOPE_CHECK(affordable(source));
      graph::Signature& target = model_.signatures.emplace_back();
      target.key = text(source->signature_key());
      if (source->subgraph_index() >= model_.subgraphs.size())
        return error(fmt::format("signature `{}` names subgraph {} of {}", target.key, source->subgraph_index(),
                                 model_.subgraphs.size()),
                     offset(source));
      target.subgraph = static_cast<int>(source->subgraph_index());
      const std::size_t tensors = model_.subgraphs[target.subgraph].tensors.size();
      for (const auto& [list, bindings] :
           {std::pair(source->inputs(), &target.inputs), std::pair(source->outputs(), &target.outputs)}) {
        if (!list) continue;
        for (const fb::TensorMap* each : *list) {
          if (each->tensor_index() >= tensors)
            return error(fmt::format("signature `{}` names tensor {} of {}", target.key, each->tensor_index(), tensors),
                         offset(each));
          bindings->push_back({text(each->name()), static_cast<int>(each->tensor_index())});
        }
      }
    }
    return {};
  }

  base::Status metadata() {
    const Extent owner{.owner = Extent::Owner::Metadata};
    if (const auto* description = source_->description())
      claims_.add(std::as_bytes(std::span(description->c_str(), description->size())), owner);
    if (const auto* list = source_->metadata_buffer())
      for (int buffer : *list) buffers_->claim(static_cast<std::uint64_t>(buffer), owner, owner, claims_);
    if (!source_->metadata()) return {};
    static const Layout& its_layout = layout("Metadata");
    for (const fb::Metadata* source : *source_->metadata()) {
      claims_.add(table(*source), its_layout, owner);
      EDGESCOPE_CHECK(affordable(source));
      graph::Metadata& target = model_.metadata.emplace_back();
      target.key = text(source->name());
      auto data = buffers_->at(source->buffer());
      if (!data) return located(std::move(data).error(), source, target.key);
      target.bytes = data->size();
      target.value = short_text(*data);
      buffers_->claim(source->buffer(), owner, owner, claims_);
    }
    return {};
  }

  base::Status affordable(const void* where) const {
    if (!claims_.exceeded()) return {};
    return error("would take far more memory to read than it has bytes: tables share what they should not",
                 offset(where));
  }

  std::uint64_t offset(const void* where) const {
    return static_cast<std::uint64_t>(static_cast<const std::byte*>(where) - file_.bytes().data());
  }

  base::Status error(std::string what, std::optional<std::uint64_t> at, std::string node = {}) const {
    return base::fail({.fault = base::Fault::input,
                       .what = std::move(what),
                       .file = file_.path(),
                       .offset = at,
                       .node = std::move(node)});
  }

  // An error from below that does not know its place.
  base::Status located(base::Error error, const void* where, std::string node) const {
    if (error.file.empty()) {
      error.file = file_.path();
      error.offset = offset(where);
    }
    error.node = std::move(node);
    return base::fail(std::move(error));
  }

  base::MappedFile file_;
  Claims claims_;
  Footprint footprint_;
  const fb::Model* source_ = nullptr;
  std::optional<Buffers> buffers_;  // once the verifier has passed
  std::vector<Code> codes_;
  graph::Model model_;
};

}  // namespace

bool recognised(std::span<const std::byte> bytes) {
  return bytes.size() >= 8 && std::memcmp(bytes.data() + 4, fb::ModelIdentifier(), 4) == 0;
}

base::Result<graph::Model> read(const base::MappedFile& file) { return Reader(file).run(); }

}  // namespace edgescope::format::tflite
