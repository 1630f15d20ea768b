// Inside the reference interpreter (graph/evaluate.h): values as numbers of C++ types, and one function for each
// family of kinds. Nothing where the kind is of another family.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/half.h"
#include "graph/canonical.h"
#include "graph/evaluate.h"
#include "graph/infer.h"

namespace edgescope::graph::evaluation {

using Ints = std::vector<std::int64_t>;
using Values = std::vector<Value>;

// An operator with its inputs, and what its results are (graph/infer.h).
struct Case {
  const Operator& op;
  std::span<const Value* const> inputs;
  std::span<const Tensor* const> results;
  const std::vector<Made>& made;
  Layout layout;
  HalfSums half_sums;

  const Value& in(std::size_t i) const { return *inputs[i]; }
  bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  template <typename T>
  T get(std::string_view name, T otherwise = {}) const {
    return graph::get<T>(op.attributes, name, std::move(otherwise));
  }
  Ints ints(std::string_view name) const { return get<Ints>(name); }
  bool channels_last() const { return layout == Layout::ChannelsLast; }
  tl::unexpected<base::Error> refuse(std::string why) const;
};

using Outcome = base::Result<std::optional<Values>>;
Outcome element_wise(const Case& c);  // arithmetic, comparisons, activations, casts, select
Outcome arrange(const Case& c);       // what moves elements and computes nothing
Outcome reduce(const Case& c);        // sums and their like along axes, softmax, arg_max, top_k
Outcome products(const Case& c);      // matrices, convolutions, pools

inline std::size_t count(const Ints& dims) {
  std::size_t all = 1;
  for (std::int64_t dim : dims) all *= static_cast<std::size_t>(dim);
  return all;
}

// Elements from one index of each dimension to the next.
inline Ints steps(const Ints& dims) {
  Ints result(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) result[i - 1] = result[i] * dims[i];
  return result;
}

// Calls `each(index)` with every index of the shape, the last dimension fastest.
template <typename Each>
void each_index(const Ints& dims, Each each) {
  if (count(dims) == 0) return;
  Ints index(dims.size(), 0);
  while (true) {
    each(index);
    std::size_t i = dims.size();
    while (i > 0 && ++index[i - 1] == dims[i - 1]) index[--i] = 0;
    if (i == 0) return;
  }
}

// Where the element of a broadcast tensor of these dimensions lies for an index of the whole.
inline std::size_t broadcast_place(const Ints& dims, const Ints& step, const Ints& index) {
  std::int64_t place = 0;
  const std::size_t ahead = index.size() - dims.size();
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (dims[i] != 1) place += index[i + ahead] * step[i];
  return static_cast<std::size_t>(place);
}

// The type that elements are computed in: f16 as f32, a boolean as a byte.
template <typename Do>
auto with_type(ElementType type, Do action) -> decltype(action(float{})) {
  switch (type) {
    case ElementType::Float16:
    case ElementType::Float32:
      return action(float{});
    case ElementType::Float64:
      return action(double{});
    case ElementType::Int8:
      return action(std::int8_t{});
    case ElementType::Int16:
      return action(std::int16_t{});
    case ElementType::Int32:
      return action(std::int32_t{});
    case ElementType::Int64:
      return action(std::int64_t{});
    case ElementType::Bool:
    case ElementType::UInt8:
      return action(std::uint8_t{});
    case ElementType::UInt16:
      return action(std::uint16_t{});
    case ElementType::UInt32:
      return action(std::uint32_t{});
    case ElementType::UInt64:
      return action(std::uint64_t{});
    default:
      return base::fail({.what = "elements of this type are not computed with"});
  }
}

template <typename T>
std::vector<T> load(const Value& value) {
  std::vector<T> all(count(value.dims));
  if constexpr (std::is_same_v<T, float>) {
    if (value.type == ElementType::Float16) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, value.data.data() + 2 * i, 2);
        all[i] = base::from_half(bits);
      }
      return all;
    }
  }
  if (!all.empty()) std::memcpy(all.data(), value.data.data(), all.size() * sizeof(T));
  return all;
}

template <typename T>
Value store(ElementType type, Ints dims, const std::vector<T>& all) {
  Value value{.type = type, .dims = std::move(dims)};
  if constexpr (std::is_same_v<T, float>) {
    if (type == ElementType::Float16) {
      value.data.resize(2 * all.size());
      for (std::size_t i = 0; i < all.size(); ++i) {
        const std::uint16_t bits = base::to_half(all[i]);
        std::memcpy(value.data.data() + 2 * i, &bits, 2);
      }
      return value;
    }
  }
  const auto bytes = std::as_bytes(std::span(all));
  value.data.assign(bytes.begin(), bytes.end());
  return value;
}

// A sum of products of the elements that an operator computes in: of 16-bit floats as HalfSums says.
template <typename T>
class Sum {
 public:
  explicit Sum(const Case& c) : how_(c.in(0).type == ElementType::Float16 ? c.half_sums : HalfSums::Wide) {}

  void add(T a, T b = 1) {
    if constexpr (std::is_same_v<T, float>)
      if (how_ != HalfSums::Wide) {
        if (const float term = rounded(a * b); term != 0) terms_.push_back(term);  // zeros change no sum
        return;
      }
    if constexpr (std::is_floating_point_v<T>)
      sum_ += a * b;
    else  // wraps around
      sum_ = static_cast<T>(static_cast<std::uint64_t>(sum_) +
                            static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  }

  // And begins anew.
  T total() {
    if constexpr (std::is_same_v<T, float>) {
      if (how_ == HalfSums::PositiveFirst) std::sort(terms_.begin(), terms_.end(), std::greater<>());
      if (how_ == HalfSums::NegativeFirst) std::sort(terms_.begin(), terms_.end());
      for (const float term : terms_) sum_ = rounded(sum_ + term);
      terms_.clear();
    }
    return std::exchange(sum_, T(0));
  }

 private:
  static float rounded(float x) { return base::from_half(base::to_half(x)); }

  HalfSums how_;
  T sum_ = 0;
  std::vector<float> terms_;
};

}  // namespace edgescope::graph::evaluation
