#include "format/onnx/tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/checked.h"
#include "format/onnx/fields.h"

namespace edgescope::format::onnx {
namespace {

using graph::ElementType;
namespace number = fields::tensor;

// Data up to this size is counted varint by varint; more is not read, so that weights stay untouched.
constexpr std::size_t kCounted = 64 << 10;

// Where a field of the tensor occurs: packed data is one occurrence, unpacked data is one an element.
struct Occurrences {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;           // of all payloads
  std::uint64_t bytes_whole = 0;     // with the tags
  Bytes last;                        // payload
  const std::byte* begin = nullptr;  // from the first tag
  const std::byte* end = nullptr;    // to the last byte

  void add(const Field& field) {
    if (count++ == 0) begin = field.whole.data();
    bytes += field.payload.size();
    bytes_whole += field.whole.size();
    last = field.payload;
    end = field.whole.data() + field.whole.size();
  }
  Bytes range() const { return {begin, end}; }
};

struct DataField {
  std::uint32_t number;
  graph::Encoding encoding;
};

DataField data_field(ElementType type) {
  switch (type) {
    case ElementType::Float32:
    case ElementType::Complex64:
      return {number::float_data, graph::Encoding::Raw};
    case ElementType::Float64:
    case ElementType::Complex128:
      return {number::double_data, graph::Encoding::Raw};
    case ElementType::Int64:
      return {number::int64_data, graph::Encoding::Varint};
    case ElementType::UInt32:
    case ElementType::UInt64:
      return {number::uint64_data, graph::Encoding::Varint};
    case ElementType::String:
      return {number::string_data, graph::Encoding::Strings};
    default:
      return {number::int32_data, graph::Encoding::Varint};
  }
}

// A field of another wire type is none of ONNX's; protobuf skips it, too.
bool holds_data(const Field& field) {
  switch (field.number) {
    case number::raw_data:
    case number::string_data:
      return field.wire == Wire::Length;
    case number::float_data:
      return field.wire == Wire::Length || field.wire == Wire::Fixed32;
    case number::double_data:
      return field.wire == Wire::Length || field.wire == Wire::Fixed64;
    case number::int32_data:
    case number::int64_data:
    case number::uint64_data:
      return field.wire == Wire::Length || field.wire == Wire::Varint;
    default:
      return false;
  }
}

std::size_t count_varints(Bytes bytes) {
  return static_cast<std::size_t>(
      std::count_if(bytes.begin(), bytes.end(), [](std::byte b) { return (b & std::byte{0x80}) == std::byte{0}; }));
}

// The varints that hold `elements` elements: several of less than 6 bits share one.
std::uint64_t varints(ElementType type, std::uint64_t elements) {
  const int bits = graph::element_bits(type);
  if (bits != 4 && bits != 2) return elements;
  const auto each = static_cast<std::uint64_t>(8 / bits);
  return elements / each + (elements % each != 0 ? 1 : 0);
}

class TensorReader {
 public:
  TensorReader(Context& context, Bytes message, const graph::Extent& owner)
      : context_(context), message_(message), owner_(owner) {}

  base::Result<graph::Tensor> read() {
    EDGESCOPE_CHECK(walk());
    tensor_.constant = true;
    if (type_number_ == 0) return fail("has no element type");
    if (has_segment_) return fail("is cut into segments, which no ONNX program writes", "Export the model again");
    for (std::int64_t dim : tensor_.shape.dims)
      if (dim < 0) return fail(fmt::format("has the dimension {}", dim));
    const auto elements = tensor_.shape.elements();
    if (!elements) return fail("has dimensions whose product exceeds 64 bits");
    if (external_) {
      EDGESCOPE_TRY(data, external_data(context_, message_, tensor_, owner_));
      tensor_.data = data;
    } else {
      EDGESCOPE_CHECK(inline_data(*elements));
    }
    return std::move(tensor_);
  }

 private:
  base::Status walk() {
    Walk walk(message_);
    for (Field field; walk.next(field);) {
      if (holds_data(field))
        data_[field.number].add(field);
      else if (field.number == number::dims)
        EDGESCOPE_CHECK(dims(field));
      else if (field.is(number::data_type, Wire::Varint))
        type_number_ = field.value;
      else if (field.is(number::name, Wire::Length))
        tensor_.name = field.text();
      else if (field.is(number::segment, Wire::Length))
        has_segment_ = true;
      else if (field.is(number::data_location, Wire::Varint))
        external_ = field.value == 1;
      else if (field.is(number::doc_string, Wire::Length) || field.is(number::metadata_props, Wire::Length))
        EDGESCOPE_CHECK(context_.claim(field.whole, {.owner = graph::Extent::Owner::Metadata}));
    }
    EDGESCOPE_CHECK(context_.finished(walk, "a constant tensor"));
    tensor_.type = element_type(type_number_);
    return context_.charge(tensor_.name.size(), message_.data());
  }

  base::Status dims(const Field& field) {
    EDGESCOPE_CHECK(context_.charge(2 * sizeof(std::int64_t) * field.payload.size(), field.whole.data()));
    if (!each_number(field, Wire::Varint,
                     [&](std::uint64_t dim) { tensor_.shape.dims.push_back(static_cast<std::int64_t>(dim)); }))
      return fail("has dimensions that break off");
    return {};
  }

  base::Status inline_data(std::uint64_t elements) {
    if (const Occurrences& raw = data_[number::raw_data]; raw.count > 0) {
      if (tensor_.type == ElementType::String) return fail("holds strings as raw data, which ONNX does not allow");
      return take(raw.last);
    }
    const DataField form = data_field(tensor_.type);
    const Occurrences& found = data_[form.number];
    tensor_.encoding = form.encoding;
    if (form.encoding == graph::Encoding::Strings) {
      if (found.count != elements)
        return fail(
            fmt::format("has {} strings where its shape {} wants {}", found.count, tensor_.shape.text(), elements));
      if (found.count > 0 && found.bytes_whole == found.range().size()) return take(found.range());
    } else if (found.count == 1) {
      EDGESCOPE_CHECK(take(found.last));
      return counted(elements);
    }
    if (found.count > 0) EDGESCOPE_CHECK(gather(form, found));
    return counted(elements);
  }

  base::Status take(Bytes data) {
    tensor_.data = data;
    return context_.claim(data, owner_);
  }

  // Legal, but written by nobody who cares for size: the elements lie apart, so they are brought together.
  base::Status gather(const DataField& form, const Occurrences& found) {
    const bool strings = form.encoding == graph::Encoding::Strings;
    EDGESCOPE_CHECK(context_.charge(found.bytes_whole + 128, found.begin));
    auto bytes = std::make_shared<std::vector<std::byte>>();
    bytes->reserve(strings ? found.bytes_whole : found.bytes);
    Walk walk(message_);
    for (Field field; walk.next(field);) {
      if (field.number != form.number || !holds_data(field)) continue;
      const Bytes part = strings ? field.whole : field.payload;
      bytes->insert(bytes->end(), part.begin(), part.end());
    }
    tensor_.data = *bytes;
    context_.model.owned.push_back(std::move(bytes));
    return context_.claim(found.range(), owner_);
  }

  // Raw data is compared with the shape by graph::validate.
  base::Status counted(std::uint64_t elements) const {
    if (tensor_.encoding != graph::Encoding::Varint || tensor_.type == ElementType::Unknown) return {};
    const std::uint64_t wanted = varints(tensor_.type, elements);
    const std::size_t size = tensor_.data.size();
    const bool exact = size <= kCounted;
    const bool fits =
        exact ? count_varints(tensor_.data) == wanted && (size == 0 || count_varints(tensor_.data.last(1)) == 1)
              : size >= wanted && size / 10 <= wanted;
    if (fits) return {};
    return fail(fmt::format("has {} {} where its shape {} of {} wants {}", exact ? count_varints(tensor_.data) : size,
                            exact ? "numbers" : "bytes of numbers", tensor_.shape.text(),
                            graph::element_type_name(tensor_.type), wanted));
  }

  tl::unexpected<base::Error> fail(std::string what, std::string remedy = {}) const {
    return base::fail(
        context_.error("the constant " + std::move(what), message_.data(), tensor_.name, std::move(remedy)));
  }

  Context& context_;
  Bytes message_;
  graph::Extent owner_;
  graph::Tensor tensor_;
  std::array<Occurrences, number::uint64_data + 1> data_{};
  std::uint64_t type_number_ = 0;
  bool has_segment_ = false, external_ = false;
};

base::Status read_dimension(Context& context, Bytes message, graph::Shape& shape) {
  std::int64_t dim = graph::kDynamic;
  std::string_view symbol;
  Walk walk(message);
  for (Field field; walk.next(field);) {
    if (field.is(fields::dimension::dim_value, Wire::Varint)) {
      dim = std::max(static_cast<std::int64_t>(field.value), graph::kDynamic);
      symbol = {};
    } else if (field.is(fields::dimension::dim_param, Wire::Length)) {
      dim = graph::kDynamic;
      symbol = field.text();
    }
  }
  EDGESCOPE_CHECK(context.finished(walk, "a dimension"));
  EDGESCOPE_CHECK(context.charge(2 * (sizeof dim + sizeof(std::string)) + symbol.size(), message.data()));
  shape.dims.push_back(dim);
  if (!symbol.empty() || !shape.symbols.empty()) {
    shape.symbols.resize(shape.dims.size());
    shape.symbols.back() = symbol;
  }
  return {};
}

base::Status read_tensor_type(Context& context, Bytes message, graph::Tensor& tensor) {
  Walk walk(message);
  for (Field field; walk.next(field);) {
    if (field.is(fields::tensor_type::elem_type, Wire::Varint)) tensor.type = element_type(field.value);
    if (!field.is(fields::tensor_type::shape, Wire::Length)) continue;
    tensor.shape = {};
    Walk dims(field.payload);
    for (Field dim; dims.next(dim);)
      if (dim.is(fields::shape::dim, Wire::Length)) EDGESCOPE_CHECK(read_dimension(context, dim.payload, tensor.shape));
    EDGESCOPE_CHECK(context.finished(dims, "a shape"));
    if (!tensor.shape.symbols.empty()) tensor.shape.symbols.resize(tensor.shape.dims.size());
  }
  return context.finished(walk, "a tensor type");
}

}  // namespace

graph::ElementType element_type(std::uint64_t number) {
  using enum ElementType;
  constexpr ElementType kTypes[] = {
      Unknown,      Float32, UInt8,  Int8,       UInt16,     Int16,      Int32,    Int64,      String,       Bool,
      Float16,      Float64, UInt32, UInt64,     Complex64,  Complex128, BFloat16, Float8E4M3, Float8E4M3Uz, Float8E5M2,
      Float8E5M2Uz, UInt4,   Int4,   Float4E2M1, Float8E8M0, UInt2,      Int2,     Float6E2M3, Float6E3M2};
  static_assert(std::size(kTypes) == 29);
  return number < std::size(kTypes) ? kTypes[number] : Unknown;
}

base::Result<graph::Tensor> read_tensor(Context& context, Bytes message, const graph::Extent& owner) {
  return TensorReader(context, message, owner).read();
}

base::Result<graph::Tensor> read_sparse_tensor(Context& context, Bytes message, const graph::Extent& owner) {
  graph::Tensor tensor;
  graph::Shape shape;
  Walk walk(message);
  for (Field field; walk.next(field);) {
    if (field.is(fields::sparse_tensor::values, Wire::Length)) {
      EDGESCOPE_TRY(values, read_tensor(context, field.payload, owner));
      tensor = std::move(values);
    } else if (field.is(fields::sparse_tensor::indices, Wire::Length)) {
      EDGESCOPE_CHECK(read_tensor(context, field.payload, owner));
    } else if (field.number == fields::sparse_tensor::dims) {
      EDGESCOPE_CHECK(context.charge(2 * sizeof(std::int64_t) * field.payload.size(), field.whole.data()));
      if (!each_number(field, Wire::Varint,
                       [&](std::uint64_t dim) { shape.dims.push_back(static_cast<std::int64_t>(dim)); }))
        return base::fail(context.error("a sparse tensor's dimensions break off", field.whole.data()));
    }
  }
  EDGESCOPE_CHECK(context.finished(walk, "a sparse tensor"));
  if (!shape.elements())
    return base::fail(context.error("a sparse tensor has dimensions that are negative or exceed 64 bits",
                                    message.data(), tensor.name));
  if (!tensor.constant) return base::fail(context.error("a sparse tensor has no values", message.data()));
  tensor.shape = std::move(shape);
  tensor.sparse = true;
  tensor.encoding = graph::Encoding::Sparse;
  return tensor;
}

base::Status read_type(Context& context, Bytes message, graph::Tensor& tensor) {
  tensor.shape = {.known = false};
  Walk walk(message);
  for (Field field; walk.next(field);) {
    if (field.wire != Wire::Length) continue;
    switch (field.number) {
      case fields::type::sparse_tensor:
        tensor.sparse = true;
        [[fallthrough]];
      case fields::type::tensor:
        EDGESCOPE_CHECK(read_tensor_type(context, field.payload, tensor));
        break;
      case fields::type::sequence:
      case fields::type::map:
      case fields::type::opaque:
      case fields::type::optional:
        tensor.type = ElementType::Variant;
        break;
      default:
        break;
    }
  }
  return context.finished(walk, "a value's type");
}

std::vector<std::int64_t> integers(const graph::Tensor& tensor, std::size_t limit) {
  const auto elements = tensor.shape.elements();
  const int bits = graph::element_bits(tensor.type);
  if (!tensor.constant || tensor.sparse || !elements || *elements > limit || bits < 8 || bits > 64 ||
      graph::is_float(tensor.type))
    return {};
  std::vector<std::int64_t> values;
  if (tensor.encoding == graph::Encoding::Varint) {
    Bytes rest = tensor.data;
    while (const auto value = take_varint(rest)) values.push_back(static_cast<std::int64_t>(*value));
    return values;
  }
  const auto width = static_cast<std::size_t>(bits / 8);
  const bool is_signed = tensor.type >= ElementType::Int8 && tensor.type <= ElementType::Int64;
  for (Bytes rest = tensor.data; rest.size() >= width; rest = rest.subspan(width)) {
    std::uint64_t value = 0;
    std::memcpy(&value, rest.data(), width);
    const int unused = 64 - bits;
    values.push_back(is_signed ? static_cast<std::int64_t>(value << unused) >> unused
                               : static_cast<std::int64_t>(value));
  }
  return values;
}

std::vector<float> floats(const graph::Tensor& tensor, std::size_t limit) {
  const auto elements = tensor.shape.elements();
  if (!tensor.constant || tensor.type != ElementType::Float32 || tensor.encoding != graph::Encoding::Raw || !elements ||
      *elements > limit || tensor.data.size() != *elements * sizeof(float))
    return {};
  std::vector<float> values(*elements);
  if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

std::string summary(const graph::Tensor& tensor) {
  return fmt::format("{} {}", graph::element_type_name(tensor.type), tensor.shape.text());
}

}  // namespace edgescope::format::onnx
