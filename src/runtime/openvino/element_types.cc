#include "runtime/openvino/element_types.h"

#include <algorithm>
#include <iterator>

namespace edgescope::runtime::openvino {
namespace {

using E = graph::ElementType;

// The order is the same in all versions; those marked with false came later than the others.
struct Entry {
  E type;
  bool always;
};
constexpr Entry kOrder[] = {
    {E::Bool, true},  {E::BFloat16, true}, {E::Float16, true}, {E::Float32, true}, {E::Float64, true},
    {E::Int4, true},  {E::Int8, true},     {E::Int16, true},   {E::Int32, true},   {E::Int64, true},
    {E::UInt1, true}, {E::UInt2, false},   {E::UInt3, false},  {E::UInt4, true},   {E::UInt6, false},
    {E::UInt8, true}, {E::UInt16, true},   {E::UInt32, true},  {E::UInt64, true},
};
constexpr int kMaxNumber = 32;

}  // namespace

std::vector<E> element_types_by_size(const std::vector<std::size_t>& bytes_of_eight) {
  std::vector<E> types(bytes_of_eight.size(), E::Unknown);
  // The first number that has a size is bool's, the first of the order.
  auto number = static_cast<std::size_t>(
      std::find_if(bytes_of_eight.begin(), bytes_of_eight.end(), [](std::size_t n) { return n != 0; }) -
      bytes_of_eight.begin());
  for (const Entry& entry : kOrder) {
    if (number >= types.size()) break;
    if (bytes_of_eight[number] == static_cast<std::size_t>(graph::element_bits(entry.type)))
      types[number++] = entry.type;
    else if (entry.always)
      break;  // another numbering than any we know: the rest stays unknown
  }
  return types;
}

std::vector<E> element_types(const Api& api) {
  std::vector<std::size_t> bytes(kMaxNumber, 0);
  const std::int64_t eight = 8;
  Shape shape{};
  if (api.shape_create(1, &eight, &shape) != 0) return {};
  for (int number = 0; number < kMaxNumber; ++number) {
    Tensor* tensor = nullptr;
    if (api.tensor_create(number, shape, &tensor) != 0 || tensor == nullptr) continue;
    if (api.tensor_get_byte_size(tensor, &bytes[static_cast<std::size_t>(number)]) != 0)
      bytes[static_cast<std::size_t>(number)] = 0;
    api.tensor_free(tensor);
  }
  api.shape_free(&shape);
  return element_types_by_size(bytes);
}

}  // namespace edgescope::runtime::openvino
