#include "format/onnx/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "format/onnx/fields.h"

namespace edgescope::format::onnx {
namespace {

namespace number = fields::attribute;

// AttributeProto.AttributeType.
enum Type : std::uint64_t {
  kUndefined = 0,
  kFloat = 1,
  kInt = 2,
  kString = 3,
  kTensor = 4,
  kGraph = 5,
  kFloats = 6,
  kInts = 7,
  kStrings = 8,
  kTensors = 9,
  kGraphs = 10,
  kSparseTensor = 11,
  kSparseTensors = 12,
  kType = 13,
  kTypes = 14
};

// Files of the first IR versions say what an attribute is by the field that is there.
Type type_of_field(std::uint32_t field) {
  switch (field) {
    case number::f:
      return kFloat;
    case number::i:
      return kInt;
    case number::s:
      return kString;
    case number::t:
      return kTensor;
    case number::g:
      return kGraph;
    case number::floats:
      return kFloats;
    case number::ints:
      return kInts;
    case number::strings:
      return kStrings;
    case number::tensors:
      return kTensors;
    case number::graphs:
      return kGraphs;
    case number::tp:
      return kType;
    case number::type_protos:
      return kTypes;
    case number::sparse_tensor:
      return kSparseTensor;
    case number::sparse_tensors:
      return kSparseTensors;
    default:
      return kUndefined;
  }
}

double to_double(std::uint64_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); }

class AttributeReader {
 public:
  AttributeReader(Context& context, Bytes message, std::size_t longest)
      : context_(context), message_(message), longest_(longest) {}

  base::Result<NodeAttribute> read() {
    Walk walk(message_);
    for (Field field; walk.next(field);) EDGESCOPE_CHECK(take(field));
    EDGESCOPE_CHECK(context_.finished(walk, "an attribute"));
    if (type_ == kUndefined) type_ = found_;
    EDGESCOPE_CHECK(context_.charge(4 * sizeof(NodeAttribute), message_.data()));
    if (read_.reference.empty()) EDGESCOPE_CHECK(value());
    return std::move(read_);
  }

 private:
  base::Status take(const Field& field) {
    if (const Type type = type_of_field(field.number); type != kUndefined) found_ = type;
    const bool length = field.wire == Wire::Length;
    switch (field.number) {
      case number::name:
        if (length) read_.name = field.text();
        return context_.charge(field.payload.size(), message_.data());
      case number::ref_attr_name:
        if (length) read_.reference = field.text();
        return context_.charge(field.payload.size(), message_.data());
      case number::type:
        if (field.wire == Wire::Varint) type_ = static_cast<Type>(field.value);
        return {};
      case number::doc_string:
        return context_.claim(field.whole, {.owner = graph::Extent::Owner::Metadata});
      case number::f:
        if (field.wire == Wire::Fixed32) float_ = to_double(field.value);
        return {};
      case number::i:
        if (field.wire == Wire::Varint) int_ = static_cast<std::int64_t>(field.value);
        return {};
      case number::s:
        if (length) string_ = field.payload;
        return {};
      case number::t:
        if (length) read_.tensor = field.payload;
        return {};
      case number::sparse_tensor:
        if (length) read_.sparse_tensor = field.payload;
        return {};
      case number::g:
      case number::graphs:
        if (length) read_.graphs.push_back(field.payload);
        return context_.charge(2 * sizeof(Bytes), message_.data());
      case number::floats:
        return list(field, Wire::Fixed32, floats_, to_double);
      case number::ints:
        return list(field, Wire::Varint, ints_, [](std::uint64_t v) { return static_cast<std::int64_t>(v); });
      case number::strings:
        if (length && ++count_ <= longest_) {
          strings_.push_back(shown(field.payload));
          return context_.charge(2 * sizeof(std::string) + strings_.back().size(), message_.data());
        }
        return {};
      case number::tensors:
      case number::sparse_tensors:
      case number::type_protos:
        ++count_;
        return {};
      default:
        return {};
    }
  }

  template <typename T, typename Convert>
  base::Status list(const Field& field, Wire element, std::vector<T>& values, Convert convert) {
    const std::size_t most = field.payload.size() / (element == Wire::Varint ? 1 : 4) + 1;
    EDGESCOPE_CHECK(context_.charge(2 * sizeof(T) * std::min(most, longest_), field.whole.data()));
    const bool whole = each_number(field, element, [&](std::uint64_t bits) {
      if (++count_ <= longest_) values.push_back(convert(bits));
    });
    if (!whole) return base::fail(context_.error("a list of numbers breaks off", field.whole.data(), read_.name));
    return {};
  }

  std::string shown(Bytes text) {
    if (text.size() > longest_) {
      read_.shortened = true;
      return fmt::format("{} bytes", text.size());
    }
    return {reinterpret_cast<const char*>(text.data()), text.size()};
  }

  template <typename T>
  void set(std::vector<T>& values, std::string_view what) {
    if (count_ > longest_)
      describe(fmt::format("{} {}", count_, what));
    else
      set(std::move(values));
  }

  void set(graph::Attribute value) {
    read_.value = std::move(value);
    read_.has_value = true;
  }

  void describe(std::string text) {
    set(std::move(text));
    read_.shortened = true;
  }

  base::Status value() {
    switch (type_) {
      case kFloat:
        set(float_);
        break;
      case kInt:
        set(int_);
        break;
      case kString:
        set(shown(string_));
        return context_.charge(std::min(string_.size(), longest_), message_.data());
      case kFloats:
        set(floats_, "floats");
        break;
      case kInts:
        set(ints_, "ints");
        break;
      case kStrings:
        set(strings_, "strings");
        break;
      case kTensors:
        describe(fmt::format("{} tensors", count_));
        break;
      case kSparseTensors:
        describe(fmt::format("{} sparse tensors", count_));
        break;
      case kType:
        describe("a type");
        break;
      case kTypes:
        describe(fmt::format("{} types", count_));
        break;
      default:
        break;
    }
    return {};
  }

  Context& context_;
  Bytes message_;
  std::size_t longest_;
  NodeAttribute read_;
  Type type_ = kUndefined, found_ = kUndefined;
  double float_ = 0;
  std::int64_t int_ = 0;
  Bytes string_;
  std::vector<double> floats_;
  std::vector<std::int64_t> ints_;
  std::vector<std::string> strings_;
  std::size_t count_ = 0;  // of the list
};

}  // namespace

base::Result<NodeAttribute> read_attribute(Context& context, Bytes message, std::size_t longest) {
  return AttributeReader(context, message, longest).read();
}

}  // namespace edgescope::format::onnx
