#include "format/tflite/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/atomic_file.h"
#include "format/tflite/attributes.h"
#include "format/tflite/donor.h"
#include "format/tflite/lower.h"
#include "graph/validate.h"
#include "tflite_generated.h"

namespace edgescope::format::tflite {
namespace {

namespace attr = graph::attr;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::uoffset_t;

constexpr std::size_t kAlignment = 16;  // of data, from the start of the file
// What offsets can reach, less room for the tables that have not been built yet.
constexpr std::uint64_t kLargestFlatBuffer = (std::uint64_t{1} << 31) - (64 << 20);

constexpr std::uint64_t kUnplaced = ~std::uint64_t{0};

// Options tables that are not called like their operator.
struct Exception {
  std::string_view op, options;
};
constexpr Exception kExceptions[] = {
    {"AVERAGE_POOL_2D", "Pool2DOptions"},
    {"MAX_POOL_2D", "Pool2DOptions"},
    {"L2_POOL_2D", "Pool2DOptions"},
    {"L2_NORMALIZATION", "L2NormOptions"},
    {"UNIDIRECTIONAL_SEQUENCE_RNN", "SequenceRNNOptions"},
    {"MEAN", "ReducerOptions"},
    {"SUM", "ReducerOptions"},
    {"REDUCE_PROD", "ReducerOptions"},
    {"REDUCE_MAX", "ReducerOptions"},
    {"REDUCE_MIN", "ReducerOptions"},
    {"REDUCE_ANY", "ReducerOptions"},
    {"REDUCE_ALL", "ReducerOptions"},
    {"MAXIMUM", "MaximumMinimumOptions"},
    {"MINIMUM", "MaximumMinimumOptions"},
    {"CONV_3D_TRANSPOSE", "Conv3DOptions"},
    {"RANDOM_UNIFORM", "RandomOptions"},
    {"RANDOM_STANDARD_NORMAL", "RandomOptions"},
    {"MULTINOMIAL", "RandomOptions"},
};

// "CONV_2D" and "Conv2DOptions" are one: letters and digits alone count, without case.
std::string plain(std::string_view name) {
  std::string result;
  for (char c : name)
    if (c != '_') result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// The options table of a builtin operator: its type code in the union, and which of the two unions that is.
struct OptionsTable {
  const Layout* layout = nullptr;
  std::uint8_t code = 0;
  bool second_union = false;
};

OptionsTable options_table(std::string_view op) {
  static const auto tables = [] {
    std::map<std::string, OptionsTable, std::less<>> all;
    for (const bool second : {false, true}) {
      const Enumeration& codes =
          *layout("Operator").field(second ? "builtin_options_2" : "builtin_options").enumeration;
      for (std::size_t code = 0; code < codes.tables.size(); ++code)
        if (const Layout* each = codes.tables[code])
          all[plain(each->name)] = {each, static_cast<std::uint8_t>(code), second};
    }
    return all;
  }();
  const auto* exception =
      std::find_if(std::begin(kExceptions), std::end(kExceptions), [&](const Exception& e) { return e.op == op; });
  const auto it = tables.find(exception == std::end(kExceptions) ? plain(op) + "options" : plain(exception->options));
  return it == tables.end() ? OptionsTable{} : it->second;
}

std::optional<std::int64_t> builtin_code(std::string_view name) {
  static const auto codes = [] {
    std::map<std::string_view, std::int64_t> all;
    for (const auto& [value, each] : layout("OperatorCode").field("builtin_code").enumeration->names)
      all.emplace(each, value);
    return all;
  }();
  if (const auto it = codes.find(name); it != codes.end()) return it->second;
  constexpr std::string_view kUnnamed = "BUILTIN_";  // what the reader calls an operator that the schema does not know
  std::int64_t value = 0;
  if (!name.starts_with(kUnnamed)) return std::nullopt;
  const std::string_view digits = name.substr(kUnnamed.size());
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ptr != digits.data() + digits.size())
    return std::nullopt;
  return value;
}

class Writer {
 public:
  explicit Writer(const graph::Model& model) : model_(model), donor_(model) {}

  base::Result<base::Pieces> run() {
    EDGESCOPE_CHECK(gather_data());
    std::vector<Offset<fb::SubGraph>> subgraphs;
    for (std::size_t i = 0; i < model_.subgraphs.size(); ++i) {
      EDGESCOPE_TRY(each, subgraph(i));
      subgraphs.push_back(each);
    }
    const auto graph_list = builder_.CreateVector(subgraphs);
    const auto metadata_list = metadata();
    const auto signature_list = signatures();
    const auto code_list = operator_codes();
    const auto description =
        model_.producer.empty() ? Offset<flatbuffers::String>() : builder_.CreateString(model_.producer);
    std::vector<Offset<fb::Buffer>> buffers;
    for (const Span& each : data_) buffers.push_back(buffer(each));
    const auto buffer_list = builder_.CreateVector(buffers);
    const auto version = static_cast<std::uint32_t>(model_.format_version > 0 ? model_.format_version : 3);
    fb::FinishModelBuffer(builder_, fb::CreateModel(builder_, version, code_list, graph_list, description, buffer_list,
                                                    0, metadata_list, signature_list));
    return place(buffers);
  }

 private:
  struct Span {
    std::span<const std::byte> bytes;
    bool present = false;  // an empty list of bytes is data, too
  };

  static base::Status error(std::string what, std::string node = {}) {
    return base::fail({.fault = base::Fault::output, .what = std::move(what), .node = std::move(node)});
  }

  // Buffer 0 is that of tensors without data; tensors that share their data share a buffer.
  base::Status gather_data() {
    data_.push_back({});
    std::uint64_t total = 0;
    for (std::size_t g = 0; g < model_.subgraphs.size(); ++g)
      for (const graph::Tensor& tensor : model_.subgraphs[g].tensors) {
        if (!tensor.constant) continue;
        if (tensor.encoding == graph::Encoding::Varint || tensor.encoding == graph::Encoding::Widened)
          return error("its data are not as TensorFlow Lite holds them", tensor.name);
        if (buffer_of(tensor.data) + 1 == data_.size()) total += tensor.data.size() + kAlignment;
      }
    outside_ = total > kLargestFlatBuffer;
    return {};
  }

  std::size_t buffer_of(std::span<const std::byte> data) {
    const auto [it, is_new] = places_.try_emplace({data.data(), data.size()}, data_.size());
    if (is_new) data_.push_back({data, true});
    return it->second;
  }

  base::Result<Offset<fb::SubGraph>> subgraph(std::size_t index) {
    const graph::Subgraph& graph = model_.subgraphs[index];
    std::vector<Offset<fb::Tensor>> tensors;
    for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
      EDGESCOPE_TRY(each, tensor(index, i, graph.tensors[i]));
      tensors.push_back(each);
    }
    std::vector<Offset<fb::Operator>> operators;
    for (const graph::Operator& each : graph.operators) {
      auto packed = op(each);
      if (!packed) {
        packed.error().node =
            each.name.empty() ? fmt::format("operator {}, {}", operators.size(), each.source_kind) : each.name;
        return base::fail(std::move(packed).error());
      }
      operators.push_back(*packed);
    }
    const auto tensor_list = builder_.CreateVector(tensors);
    const auto inputs = builder_.CreateVector(graph.inputs), outputs = builder_.CreateVector(graph.outputs);
    const auto operator_list = builder_.CreateVector(operators);
    const auto name = text(graph.name);
    return fb::CreateSubGraph(builder_, tensor_list, inputs, outputs, operator_list, name);
  }

  Offset<flatbuffers::String> text(const std::string& value) {
    return value.empty() ? Offset<flatbuffers::String>() : builder_.CreateString(value);
  }

  base::Result<Offset<fb::Tensor>> tensor(std::size_t subgraph, std::size_t index, const graph::Tensor& tensor) {
    const auto type = tensor_type(tensor.type);
    if (!type)
      return base::fail({.what = fmt::format("TensorFlow Lite has no tensors of {}", element_type_name(tensor.type)),
                         .node = tensor.name});
    const fb::Tensor* source = donor_.tensor(subgraph, index, tensor);
    std::vector<std::int32_t> shape, signature;
    for (std::size_t i = 0; i < tensor.shape.dims.size(); ++i) {
      const std::int64_t dim = tensor.shape.dims[i];
      if (dim > std::numeric_limits<std::int32_t>::max())
        return base::fail({.what = fmt::format("a dimension of {} is too large", dim), .node = tensor.name});
      const bool resizable = i < tensor.shape.resizable.size() && tensor.shape.resizable[i];
      // An open dimension is 1 in a shape, and -1 in the signature beside it; files of our readers may say -1 in both.
      shape.push_back(static_cast<std::int32_t>(dim));
      signature.push_back(resizable || dim < 0 ? -1 : static_cast<std::int32_t>(dim));
    }
    const bool open = signature != shape || std::find(shape.begin(), shape.end(), -1) != shape.end();
    const auto name = text(tensor.name);
    const auto shape_list = builder_.CreateVector(shape);
    const auto signature_list = open ? builder_.CreateVector(signature) : Offset<flatbuffers::Vector<std::int32_t>>();
    const auto quantized = quantization(tensor.quantization.get(), source);
    auto sparsity = Offset<fb::SparsityParameters>();
    if (tensor.sparse) {
      if (source == nullptr || !source->sparsity())
        return base::fail({.what = "is sparse, and the layout of its data is not known any more", .node = tensor.name});
      const std::unique_ptr<fb::SparsityParametersT> unpacked(source->sparsity()->UnPack());
      sparsity = fb::CreateSparsityParameters(builder_, unpacked.get());
    }
    std::vector<Offset<fb::VariantSubType>> variants;
    if (source != nullptr && source->variant_tensors())
      for (const fb::VariantSubType* each : *source->variant_tensors()) {
        const std::unique_ptr<fb::VariantSubTypeT> unpacked(each->UnPack());
        variants.push_back(fb::CreateVariantSubType(builder_, unpacked.get()));
      }
    const auto variant_list =
        variants.empty() ? Offset<flatbuffers::Vector<Offset<fb::VariantSubType>>>() : builder_.CreateVector(variants);
    const auto buffer =
        static_cast<std::uint32_t>(tensor.constant ? places_.at({tensor.data.data(), tensor.data.size()}) : 0);
    const bool has_rank = source != nullptr && source->has_rank();
    return fb::CreateTensor(builder_, shape_list, static_cast<fb::TensorType>(*type), buffer, name, quantized,
                            tensor.variable, sparsity, signature_list, has_rank, variant_list);
  }

  // Ranges and blocks come from the file, where the tensor's scales are still the file's.
  Offset<fb::QuantizationParameters> quantization(const graph::Quantization* its, const fb::Tensor* source) {
    const fb::QuantizationParameters* old = source != nullptr ? source->quantization() : nullptr;
    const auto* old_scales = old != nullptr ? old->scale() : nullptr;
    const std::vector<float> none;
    const std::vector<float>& scales = its != nullptr ? its->scales : none;
    const bool unchanged = old != nullptr && (old_scales ? old_scales->size() : 0) == scales.size() &&
                           (scales.empty() || std::equal(scales.begin(), scales.end(), old_scales->begin()));
    if (its == nullptr && (!unchanged || old == nullptr)) return 0;
    fb::QuantizationParametersT target;
    if (unchanged) old->UnPackTo(&target);
    if (its != nullptr) {
      target.scale = scales;
      target.zero_point = its->zero_points;
      if (target.zero_point.size() == 1)
        target.zero_point.resize(std::max<std::size_t>(1, scales.size()), its->zero_points[0]);
      if (scales.empty() && unchanged && !old->zero_point()) target.zero_point.clear();
      target.quantized_dimension = its->axis;
    }
    return fb::CreateQuantizationParameters(builder_, &target);
  }

  base::Result<Offset<fb::Operator>> op(const graph::Operator& op) {
    if (op.source_kind.empty() && !op.custom)
      return base::fail({.what = "has no operator of TensorFlow Lite to be written as"});
    const auto code =
        op.custom ? static_cast<std::int64_t>(fb::BuiltinOperator::CUSTOM) : builtin_code(op.source_kind).value_or(-1);
    if (code < 0) return base::fail({.what = fmt::format("`{}` is no operator of TensorFlow Lite", op.source_kind)});
    const auto opcode = code_index(code, op);
    const auto inputs = builder_.CreateVector(op.inputs), outputs = builder_.CreateVector(op.outputs);
    const OptionsTable table = op.custom ? OptionsTable{} : options_table(op.source_kind);
    auto options = Offset<void>();
    if (table.layout != nullptr && worth_writing(op, *table.layout)) {
      EDGESCOPE_TRY(packed, pack_options(builder_, op.attributes, op.options, *table.layout));
      options = packed.Union();
    }
    auto custom = Offset<flatbuffers::Vector<std::uint8_t>>();
    if (op.custom && !op.options.empty())
      custom = builder_.CreateVector(reinterpret_cast<const std::uint8_t*>(op.options.data()), op.options.size());
    auto intermediates = Offset<flatbuffers::Vector<std::int32_t>>();
    if (const auto list = graph::get<std::vector<std::int64_t>>(op.attributes, "intermediates"); !list.empty())
      intermediates = builder_.CreateVector(std::vector<std::int32_t>(list.begin(), list.end()));

    fb::OperatorBuilder target(builder_);
    target.add_opcode_index(opcode);
    target.add_inputs(inputs);
    target.add_outputs(outputs);
    if (!options.IsNull()) {
      if (table.second_union) {
        target.add_builtin_options_2_type(static_cast<fb::BuiltinOptions2>(table.code));
        target.add_builtin_options_2(options);
      } else {
        target.add_builtin_options_type(static_cast<fb::BuiltinOptions>(table.code));
        target.add_builtin_options(options);
      }
    }
    if (!custom.IsNull()) target.add_custom_options(custom);
    if (!intermediates.IsNull()) target.add_intermediates(intermediates);
    return target.Finish();
  }

  // A file that leaves the options out says none of their defaults either.
  static bool worth_writing(const graph::Operator& op, const Layout& layout) {
    if (layout.fields.empty() || !op.options.empty()) return true;
    const auto& plan = options_plan(layout);
    return std::any_of(plan.begin(), plan.end(),
                       [&](const OptionsEntry& entry) { return graph::find(op.attributes, entry.name) != nullptr; });
  }

  std::uint32_t code_index(std::int64_t code, const graph::Operator& op) {
    const auto key =
        std::tuple(code, op.custom ? op.source_kind : std::string(), std::max<std::int64_t>(op.version, 1));
    const auto [it, is_new] = codes_.try_emplace(key, static_cast<std::uint32_t>(code_order_.size()));
    if (is_new) code_order_.push_back(key);
    return it->second;
  }

  Offset<flatbuffers::Vector<Offset<fb::OperatorCode>>> operator_codes() {
    std::vector<Offset<fb::OperatorCode>> list;
    for (const auto& [code, custom, version] : code_order_) {
      const auto name = text(custom);
      // Codes above 127 are in the newer field only; the older one then says so.
      list.push_back(fb::CreateOperatorCode(builder_, static_cast<std::int8_t>(std::min<std::int64_t>(code, 127)), name,
                                            static_cast<std::int32_t>(version),
                                            static_cast<fb::BuiltinOperator>(code)));
    }
    return builder_.CreateVector(list);
  }

  Offset<flatbuffers::Vector<Offset<fb::Metadata>>> metadata() {
    std::vector<Offset<fb::Metadata>> list;
    for (const graph::Metadata& each : model_.metadata) {
      auto data = donor_.metadata(each.key);
      if (!data) data = std::as_bytes(std::span(each.value));
      const auto name = builder_.CreateString(each.key);
      list.push_back(
          fb::CreateMetadata(builder_, name, static_cast<std::uint32_t>(data->empty() ? 0 : buffer_of(*data))));
    }
    return list.empty() ? Offset<flatbuffers::Vector<Offset<fb::Metadata>>>() : builder_.CreateVector(list);
  }

  Offset<flatbuffers::Vector<Offset<fb::SignatureDef>>> signatures() {
    std::vector<Offset<fb::SignatureDef>> list;
    const auto bindings = [&](const std::vector<graph::Signature::Binding>& source) {
      std::vector<Offset<fb::TensorMap>> maps;
      for (const auto& each : source) {
        const auto name = builder_.CreateString(each.name);
        maps.push_back(fb::CreateTensorMap(builder_, name, static_cast<std::uint32_t>(each.tensor)));
      }
      return builder_.CreateVector(maps);
    };
    for (const graph::Signature& each : model_.signatures) {
      const auto inputs = bindings(each.inputs), outputs = bindings(each.outputs);
      const auto key = builder_.CreateString(each.key);
      list.push_back(fb::CreateSignatureDef(builder_, inputs, outputs, key, static_cast<std::uint32_t>(each.subgraph)));
    }
    return list.empty() ? Offset<flatbuffers::Vector<Offset<fb::SignatureDef>>>() : builder_.CreateVector(list);
  }

  // A buffer's table, whose reference to the data is set when its place is known.
  Offset<fb::Buffer> buffer(const Span& data) {
    if (data.present && outside_) return fb::CreateBuffer(builder_, 0, kUnplaced, data.bytes.size());
    const auto start = builder_.StartTable();
    if (data.present) builder_.AddElement<uoffset_t>(fb::Buffer::VT_DATA, 1, 0);
    return Offset<fb::Buffer>(builder_.EndTable(start));
  }

  // Gives all data their places behind the tables, and the tables the way there.
  base::Pieces place(const std::vector<Offset<fb::Buffer>>& buffers) {
    std::string tables(reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize());
    // The length of data within the FlatBuffer stands right before them.
    const std::uint64_t length = outside_ ? 0 : sizeof(uoffset_t);
    std::vector<std::uint64_t> starts(data_.size());
    std::uint64_t end = tables.size();
    for (std::size_t i = 0; i < data_.size(); ++i) {
      if (!data_[i].present) continue;
      starts[i] = (end + length + kAlignment - 1) / kAlignment * kAlignment;
      end = starts[i] + data_[i].bytes.size();
      auto* table = reinterpret_cast<flatbuffers::Table*>(tables.data() + tables.size() - buffers[i].o);
      if (outside_) {
        table->SetField<std::uint64_t>(fb::Buffer::VT_OFFSET, starts[i], 0);
      } else {
        const auto* field = reinterpret_cast<const char*>(table->GetAddressOf(fb::Buffer::VT_DATA));
        const auto from = static_cast<std::uint64_t>(field - tables.data());
        table->SetField<uoffset_t>(fb::Buffer::VT_DATA, static_cast<uoffset_t>(starts[i] - length - from), 0);
      }
    }
    base::Pieces pieces;
    pieces.own(std::move(tables));
    for (std::size_t i = 0; i < data_.size(); ++i) {
      if (!data_[i].present) continue;
      pieces.zeros(starts[i] - length - pieces.size());
      const auto size = flatbuffers::EndianScalar(static_cast<uoffset_t>(data_[i].bytes.size()));
      if (!outside_) pieces.own(std::string(reinterpret_cast<const char*>(&size), sizeof(size)));
      pieces.refer(data_[i].bytes);
    }
    return pieces;
  }

  const graph::Model& model_;
  Donor donor_;
  FlatBufferBuilder builder_;
  std::vector<Span> data_;  // by buffer
  std::map<std::pair<const std::byte*, std::size_t>, std::size_t> places_;
  bool outside_ = false;
  using Code = std::tuple<std::int64_t, std::string, std::int64_t>;
  std::map<Code, std::uint32_t> codes_;
  std::vector<Code> code_order_;
};

}  // namespace

base::Result<base::Pieces> encode(const graph::Model& model) {
  EDGESCOPE_CHECK(graph::validate(model));
  const auto lowered = std::make_shared<graph::Model>(model);
  EDGESCOPE_CHECK(lower(*lowered));
  EDGESCOPE_TRY(pieces, Writer(*lowered).run());
  pieces.keep(lowered);
  return pieces;
}

base::Status write(const graph::Model& model, const std::string& path) {
  EDGESCOPE_TRY(pieces, encode(model));
  return base::write_file(path, pieces);
}

}  // namespace edgescope::format::tflite
