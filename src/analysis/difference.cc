#include "analysis/difference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <iterator>
#include <numeric>
#include <queue>

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using runtime::Port;

template <typename T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

double half(const std::byte* at) {
  const auto bits = load<std::uint16_t>(at);
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double sign = bits >> 15 ? -1 : 1;
  if (exponent == 31) return fraction ? std::nan("") : sign * HUGE_VAL;
  return sign * (exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24));
}

double brain(const std::byte* at) {
  const std::uint32_t bits = std::uint32_t{load<std::uint16_t>(at)} << 16;
  return load<float>(reinterpret_cast<const std::byte*>(&bits));
}

using Reader = double (*)(const std::byte*);

template <typename T>
double number(const std::byte* at) {
  return static_cast<double>(load<T>(at));
}

Reader reader(ElementType type) {
  switch (type) {
    case ElementType::Bool:
    case ElementType::UInt8:
      return number<std::uint8_t>;
    case ElementType::Int8:
      return number<std::int8_t>;
    case ElementType::Int16:
      return number<std::int16_t>;
    case ElementType::UInt16:
      return number<std::uint16_t>;
    case ElementType::Int32:
      return number<std::int32_t>;
    case ElementType::UInt32:
      return number<std::uint32_t>;
    case ElementType::Int64:
      return number<std::int64_t>;
    case ElementType::UInt64:
      return number<std::uint64_t>;
    case ElementType::Float16:
      return half;
    case ElementType::BFloat16:
      return brain;
    case ElementType::Float32:
      return number<float>;
    case ElementType::Float64:
      return number<double>;
    default:
      return nullptr;
  }
}

std::string described(const Port& port) {
  return fmt::format("{} [{}]", graph::element_type_name(port.type), fmt::join(port.shape, ","));
}

std::optional<std::uint64_t> elements(const Output& output, std::uint64_t rows) {
  const auto count = base::checked_product(output.port.shape);
  const auto all = count ? base::checked_mul(*count, rows) : std::nullopt;
  const auto bytes = all ? graph::packed_bytes(output.port.type, *all) : std::nullopt;
  if (!bytes || *bytes != output.bytes.size() || !reader(output.port.type)) return std::nullopt;
  return all;
}

bool scores(const Port& port) {
  const auto longer = std::count_if(port.shape.begin(), port.shape.end(), [](std::int64_t dim) { return dim > 1; });
  return longer == 1 && (graph::is_float(port.type) || port.quantized);
}

// The first class of the highest score, as applications take it.
std::size_t best(const Reals& values, std::size_t start, std::size_t classes) {
  std::size_t at = start;
  for (std::size_t i = start + 1; i < start + classes; ++i)
    if (values[i] > values[at]) at = i;
  return at;
}

// The share of the reference's five best classes that are among the other's five; of equal ones the first count.
double top5(const Reals& reference, const Reals& other, std::uint64_t rows, std::uint64_t classes) {
  constexpr std::size_t kBest = 5;
  const auto five = [&](const Reals& values, std::uint64_t row) {
    std::vector<std::size_t> order(classes);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::partial_sort(order.begin(), order.begin() + kBest, order.end(), [&](std::size_t i, std::size_t j) {
      const double a = values[row * classes + i], b = values[row * classes + j];
      return a > b || (a == b && i < j) || (std::isnan(b) && (!std::isnan(a) || i < j));
    });
    order.resize(kBest);
    std::sort(order.begin(), order.end());
    return order;
  };
  std::uint64_t shared = 0;
  for (std::uint64_t row = 0; row < rows; ++row) {
    std::vector<std::size_t> both;
    const auto a = five(reference, row), b = five(other, row);
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    shared += both.size();
  }
  return static_cast<double>(shared) / static_cast<double>(rows * kBest);
}

void judge_scores(const Reals& a, const Reals& b, std::uint64_t rows, std::uint64_t classes, Difference& result) {
  std::uint64_t agreed = 0;
  for (std::uint64_t row = 0; row < rows; ++row)
    agreed += best(a, row * classes, classes) == best(b, row * classes, classes);
  result.top1 = static_cast<double>(agreed) / static_cast<double>(rows);
  result.flips = rows - agreed;
  if (classes > 5) result.top5 = top5(a, b, rows, classes);
}

// A float's place among all floats of its type, in order: zeros of both signs share one.
template <typename Bits>
std::int64_t place(const std::byte* at) {
  const Bits bits = load<Bits>(at);
  constexpr Bits kSign = static_cast<Bits>(Bits{1} << (8 * sizeof(Bits) - 1));
  const auto magnitude = static_cast<std::int64_t>(bits & static_cast<Bits>(~kSign));
  return bits & kSign ? -magnitude : magnitude;
}

using Placer = std::int64_t (*)(const std::byte*);

Placer placer(ElementType type) {
  switch (type) {
    case ElementType::Float16:
    case ElementType::BFloat16:
      return place<std::uint16_t>;
    case ElementType::Float32:
      return place<std::uint32_t>;
    case ElementType::Float64:
      return place<std::uint64_t>;
    default:
      return nullptr;
  }
}

// Largest, mean and 99.9 % of numbers that come one after another, without keeping them all.
class Spreading {
 public:
  // `most`: how many will come at most.
  explicit Spreading(std::uint64_t most) : keep_(above(most)) {}

  void add(double value) {
    ++count_;
    sum_ += value;
    if (highest_.size() < keep_)
      highest_.push(value);
    else if (value > highest_.top()) {
      highest_.pop();
      highest_.push(value);
    }
  }

  Spread spread() && {
    if (count_ == 0) return {};
    Spread result{.mean = sum_ / static_cast<double>(count_)};
    while (highest_.size() > above(count_)) highest_.pop();
    result.p999 = highest_.top();
    while (highest_.size() > 1) highest_.pop();
    result.max = highest_.top();
    return result;
  }

 private:
  // From the nearest rank of 99.9 % upwards.
  static std::uint64_t above(std::uint64_t count) { return count / 1000 + 1; }

  std::uint64_t keep_, count_ = 0;
  double sum_ = 0;
  std::priority_queue<double, std::vector<double>, std::greater<>> highest_;
};

Spread scaled(const Spread& spread, double by) { return {spread.max * by, spread.mean * by, spread.p999 * by}; }

Agreement judge(const Difference& d) {
  if (d.not_finite > 0) return Agreement::Differs;
  if (d.absolute.max == 0) return Agreement::Equal;
  return d.rms <= d.reference_sd / 2 ? Agreement::Close : Agreement::Differs;
}

}  // namespace

Reals::Reals(const Port& port, std::span<const std::byte> bytes, const Port* other)
    : bytes_(bytes),
      width_(static_cast<std::size_t>(std::max(graph::element_bits(port.type) / 8, 1))),
      read_(reader(port.type)) {
  const Port& told = other != nullptr && !port.quantized && other->type == port.type ? *other : port;
  scale_ = told.quantized ? told.scale : 1;
  zero_ = told.quantized ? static_cast<double>(told.zero_point) : 0;
}

std::string_view text(Agreement agreement) {
  return agreement == Agreement::Equal ? "equal" : agreement == Agreement::Close ? "close" : "differs";
}

base::Result<Difference> difference(const Output& reference, const Output& other, std::uint64_t rows,
                                    bool only_output) {
  const auto count = elements(reference, rows);
  if (!count || count != elements(other, rows)) {
    return base::fail({.fault = base::Fault::runtime,
                       .what = fmt::format("an output of {} cannot be compared with {}", described(other.port),
                                           described(reference.port)),
                       .node = reference.port.name});
  }
  const Reals a(reference.port, reference.bytes, &other.port), b(other.port, other.bytes, &reference.port);
  const bool same_type = reference.port.type == other.port.type;
  const auto width = static_cast<std::size_t>(graph::element_bits(reference.port.type) / 8);
  const Placer place = same_type ? placer(reference.port.type) : nullptr;
  Difference result{.name = reference.port.name, .low = HUGE_VAL, .high = -HUGE_VAL};
  Spreading absolute(*count), ulps(place != nullptr ? *count : 0);
  double squares = 0, mean = 0, spread = 0;  // mean and spread of the reference after Welford
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < *count; ++i) {
    const double x = a[i], y = b[i];
    const std::byte *at = reference.bytes.data() + i * width, *other_at = other.bytes.data() + i * width;
    const bool same_bits = same_type && std::memcmp(at, other_at, width) == 0;
    const bool exact = !same_type || graph::is_float(reference.port.type) || width < 8;  // doubles hold the integers
    const bool same = same_bits || (std::isnan(x) && std::isnan(y)) || (exact && x == y);
    result.different += !same;
    if (!std::isfinite(x) || !std::isfinite(y)) {
      result.not_finite += !(x == y || (std::isnan(x) && std::isnan(y)));
      continue;
    }
    ++result.values;
    result.low = std::min(result.low, x);
    result.high = std::max(result.high, x);
    absolute.add(std::abs(x - y));
    if (place != nullptr) ulps.add(std::abs(static_cast<double>(place(at)) - static_cast<double>(place(other_at))));
    squares += (x - y) * (x - y);
    aa += x * x;
    bb += y * y;
    ab += x * y;
    const double off = x - mean;
    mean += off / static_cast<double>(result.values);
    spread += off * (x - mean);
  }
  result.absolute = std::move(absolute).spread();
  if (result.values == 0) {
    result.low = result.high = 0;
  } else {
    const auto n = static_cast<double>(result.values);
    result.rms = std::sqrt(squares / n);
    result.reference_sd = std::sqrt(spread / n);
  }
  if (place != nullptr) result.ulps = std::move(ulps).spread();
  const bool in_range = std::isfinite(aa) && std::isfinite(bb) && std::isfinite(squares);
  if (in_range && aa > 0 && bb > 0) result.cosine = std::clamp(ab / (std::sqrt(aa) * std::sqrt(bb)), -1.0, 1.0);
  if (in_range && aa > 0 && squares > 0) result.snr_db = 10 * (std::log10(aa) - std::log10(squares));
  if (reference.port.quantized && reference.port.scale > 0)
    result.steps = scaled(result.absolute, 1 / reference.port.scale);
  if (only_output && rows > 0 && scores(reference.port)) judge_scores(a, b, rows, *count / rows, result);
  result.agreement = judge(result);
  return result;
}

double Difference::largest() const { return std::max(std::abs(low), std::abs(high)); }

base::Json to_json(const Difference& d) {
  base::Json json = {{"name", d.name},     {"agreement", text(d.agreement)},
                     {"values", d.values}, {"different", d.different},
                     {"rms", d.rms},       {"reference_sd", d.reference_sd}};
  const auto add = [&json](const Spread& spread, std::string_view unit) {
    json[fmt::format("max_{}", unit)] = spread.max;
    json[fmt::format("mean_{}", unit)] = spread.mean;
    json[fmt::format("p999_{}", unit)] = spread.p999;
  };
  add(d.absolute, "abs");
  json["range"] = {d.low, d.high};
  if (d.steps) add(*d.steps, "steps");
  if (d.ulps) add(*d.ulps, "ulps");
  if (d.cosine) json["cosine"] = *d.cosine;
  if (d.snr_db) json["snr_db"] = *d.snr_db;
  if (d.top1) json["top1_agreement"] = *d.top1;
  if (d.top5) json["top5_agreement"] = *d.top5;
  if (d.flips) json["decision_flips"] = *d.flips;
  json["not_finite"] = d.not_finite;
  return json;
}

std::optional<std::vector<std::size_t>> match(const std::vector<Port>& ports, const std::vector<Port>& others) {
  if (ports.size() != others.size()) return std::nullopt;
  std::vector<std::size_t> order;
  for (const Port& port : ports) {
    const auto named = [&](const Port& other) { return other.name == port.name; };
    if (std::count_if(others.begin(), others.end(), named) != 1) break;
    order.push_back(static_cast<std::size_t>(std::find_if(others.begin(), others.end(), named) - others.begin()));
  }
  if (order.size() == ports.size()) return order;
  order.clear();
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (ports[i].shape != others[i].shape) return std::nullopt;
    order.push_back(i);
  }
  return order;
}

base::Result<std::vector<Difference>> differences(const Outputs& reference, const Outputs& other, std::uint64_t rows) {
  const auto order = match(reference.ports, other.ports);
  if (!order)
    return base::fail({.fault = base::Fault::runtime,
                       .what =
                           "it names or shapes its outputs in another way than the reference, so that they cannot be "
                           "paired"});
  std::vector<Difference> found;
  for (std::size_t i = 0; i < order->size(); ++i) {
    const std::size_t of = (*order)[i];
    EDGESCOPE_TRY(one, difference({reference.ports[i], reference.bytes[i]}, {other.ports[of], other.bytes[of]}, rows,
                                  order->size() == 1));
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace edgescope::analysis
