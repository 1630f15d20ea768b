// What one dimension or several are brought down to: sums and their like, softmax, arg_max, top_k.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "graph/evaluation.h"

namespace edgescope::graph::evaluation {
namespace {

template <typename T>
T product(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a * b;
  return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

// One list of elements, those of the reduced dimensions in order, as one.
template <typename T>
std::optional<T> reduced(Kind kind, const std::vector<T>& list, Sum<T>& sum) {
  const auto fold = [&](T start, auto step) { return std::accumulate(list.begin(), list.end(), start, step); };
  switch (kind) {
    case Kind::ReduceSum:
      for (const T each : list) sum.add(each);
      return sum.total();
    case Kind::ReduceMean:
      for (const T each : list) sum.add(each);
      return static_cast<T>(sum.total() / static_cast<T>(list.size()));
    case Kind::ReduceProd:
      return fold(T(1), product<T>);
    case Kind::ReduceMax:
      return fold(list.front(), [](T a, T b) { return a != a || a > b ? a : b; });
    case Kind::ReduceMin:
      return fold(list.front(), [](T a, T b) { return a != a || a < b ? a : b; });
    case Kind::ReduceAny:
      return fold(T(0), [](T a, T b) { return T(a != 0 || b != 0); });
    case Kind::ReduceAll:
      return fold(T(1), [](T a, T b) { return T(a != 0 && b != 0); });
    case Kind::ReduceL1:
      for (const T each : list) sum.add(each < 0 ? static_cast<T>(-each) : each);
      return sum.total();
    case Kind::ReduceL2:
      if constexpr (std::is_floating_point_v<T>) {
        for (const T each : list) sum.add(each, each);
        return std::sqrt(sum.total());
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

class Reduction {
 public:
  explicit Reduction(const Case& c) : c_(c), x_(c.in(0)), step_(steps(x_.dims)) {}

  Outcome run() const {
    switch (c_.op.kind) {
      case Kind::ReduceMean:
      case Kind::ReduceSum:
      case Kind::ReduceProd:
      case Kind::ReduceMax:
      case Kind::ReduceMin:
      case Kind::ReduceAny:
      case Kind::ReduceAll:
      case Kind::ReduceL1:
      case Kind::ReduceL2:
        return typed([&](auto zero) { return along_axes<decltype(zero)>(); });
      case Kind::Softmax:
      case Kind::LogSoftmax:
        return typed([&](auto zero) { return softmax<decltype(zero)>(); });
      case Kind::ArgMax:
      case Kind::ArgMin:
        return typed([&](auto zero) { return extreme<decltype(zero)>(); });
      case Kind::TopK:
        return typed([&](auto zero) { return top_k<decltype(zero)>(); });
      default:
        return std::nullopt;
    }
  }

 private:
  template <typename Do>
  Outcome typed(Do action) const {
    return with_type(x_.type, [&](auto zero) -> Outcome { return action(zero); });
  }

  template <typename T>
  Outcome along_axes() const {
    std::vector<bool> gone(x_.dims.size(), false);
    for (std::int64_t each : c_.ints(attr::axes)) gone[*axis_of(each, gone.size())] = true;
    Ints outer = x_.dims, inner = x_.dims;
    for (std::size_t i = 0; i < gone.size(); ++i) (gone[i] ? outer : inner)[i] = 1;
    if (count(inner) == 0) return c_.refuse("it brings nothing to something");
    const std::vector<T> all = load<T>(x_);
    std::vector<T> result, list;
    Sum<T> sum(c_);
    bool known = true;
    each_index(outer, [&](const Ints& place) {
      list.clear();
      each_index(inner, [&](const Ints& within) {
        std::int64_t at = 0;
        for (std::size_t i = 0; i < place.size(); ++i) at += (place[i] + within[i]) * step_[i];
        list.push_back(all[static_cast<std::size_t>(at)]);
      });
      const auto value = reduced(c_.op.kind, list, sum);
      known = known && value.has_value();
      result.push_back(value.value_or(T(0)));
    });
    if (!known) return c_.refuse("its data are whole numbers");
    return Values{store(c_.made[0].type, c_.made[0].dims, result)};
  }

  // Calls `each(first, step, length)` for every row of the dimension.
  template <typename Each>
  void rows(std::size_t axis, Each each) const {
    Ints outer = x_.dims;
    outer[axis] = 1;
    each_index(outer, [&](const Ints& place) {
      std::int64_t at = 0;
      for (std::size_t i = 0; i < place.size(); ++i) at += place[i] * step_[i];
      each(static_cast<std::size_t>(at), static_cast<std::size_t>(step_[axis]),
           static_cast<std::size_t>(x_.dims[axis]));
    });
  }

  std::size_t axis(std::int64_t otherwise) const {
    return axis_of(c_.get<std::int64_t>(attr::axis, otherwise), x_.dims.size()).value_or(0);
  }

  template <typename T>
  Outcome softmax() const {
    if constexpr (!std::is_floating_point_v<T>) {
      return c_.refuse("its data are whole numbers");
    } else {
      if (x_.dims.empty()) return c_.refuse("its data have no dimension");
      const T beta = static_cast<T>(c_.get<double>(attr::beta, 1));
      const bool logarithm = c_.op.kind == Kind::LogSoftmax;
      std::vector<T> all = load<T>(x_);
      rows(axis(-1), [&](std::size_t first, std::size_t step, std::size_t length) {
        T highest = -std::numeric_limits<T>::infinity(), whole = 0;
        for (std::size_t i = 0; i < length; ++i) highest = std::max(highest, all[first + i * step]);
        for (std::size_t i = 0; i < length; ++i) whole += std::exp((all[first + i * step] - highest) * beta);
        for (std::size_t i = 0; i < length; ++i) {
          T& each = all[first + i * step];
          each = (each - highest) * beta;
          each = logarithm ? each - std::log(whole) : std::exp(each) / whole;
        }
      });
      return Values{store(x_.type, x_.dims, all)};
    }
  }

  // The first of equal ones.
  template <typename T>
  Outcome extreme() const {
    const std::vector<T> all = load<T>(x_);
    const bool largest = c_.op.kind == Kind::ArgMax;
    std::vector<std::int64_t> result;
    bool ordered = true;
    rows(axis(0), [&](std::size_t first, std::size_t step, std::size_t length) {
      std::size_t best = 0;
      for (std::size_t i = 0; i < length; ++i) {
        const T each = all[first + i * step], champion = all[first + best * step];
        ordered = ordered && each == each;
        if (largest ? each > champion : each < champion) best = i;
      }
      result.push_back(static_cast<std::int64_t>(best));
    });
    if (!ordered) return c_.refuse("NaN has no place in an order");
    return Values{places(result, c_.made[0])};
  }

  static Value places(const std::vector<std::int64_t>& list, const Made& made) {
    if (made.type == ElementType::Int64) return store(made.type, made.dims, list);
    return store(made.type, made.dims, std::vector<std::int32_t>(list.begin(), list.end()));
  }

  // In falling order, of equal ones the first first.
  template <typename T>
  Outcome top_k() const {
    const std::vector<T> all = load<T>(x_);
    const auto k = static_cast<std::size_t>(c_.get<std::int64_t>(attr::k));
    const std::size_t along = axis(-1);
    std::vector<T> values(count(c_.made[0].dims));
    std::vector<std::int64_t> indices(values.size());
    if (std::any_of(all.begin(), all.end(), [](T x) { return x != x; }))
      return c_.refuse("NaN has no place in an order");
    const std::size_t step = static_cast<std::size_t>(step_[along]), length = static_cast<std::size_t>(x_.dims[along]);
    rows(along, [&](std::size_t first, std::size_t, std::size_t) {
      std::vector<std::size_t> order(length);
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return all[first + a * step] > all[first + b * step]; });
      // The row's place in the result, whose dimension is shorter.
      const std::size_t to = first / (step * length) * (step * k) + first % step;
      for (std::size_t i = 0; i < k; ++i) {
        values[to + i * step] = all[first + order[i] * step];
        indices[to + i * step] = static_cast<std::int64_t>(order[i]);
      }
    });
    return Values{store(x_.type, c_.made[0].dims, values), places(indices, c_.made[1])};
  }

  const Case& c_;
  const Value& x_;
  Ints step_;
};

}  // namespace

Outcome reduce(const Case& c) { return Reduction(c).run(); }

}  // namespace edgescope::graph::evaluation
