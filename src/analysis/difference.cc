#include "analysis/difference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>

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

// An output's values as real numbers.
class Values {
 public:
  // Some runtimes hand out quantised values without telling how (OpenVINO): of the same type, they are
  // taken to be quantised as the other's are.
  Values(const Output& output, const Port& other)
      : bytes_(output.bytes.data()),
        size_(static_cast<std::size_t>(graph::element_bits(output.port.type) / 8)),
        read_(reader(output.port.type)) {
    const Port& told = !output.port.quantized && other.type == output.port.type ? other : output.port;
    scale_ = told.quantized ? told.scale : 1;
    zero_ = told.quantized ? static_cast<double>(told.zero_point) : 0;
  }

  double operator[](std::size_t i) const { return scale_ * (read_(bytes_ + i * size_) - zero_); }

 private:
  const std::byte* bytes_;
  std::size_t size_;
  Reader read_;
  double scale_ = 1, zero_ = 0;
};

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
std::size_t best(const Values& values, std::size_t start, std::size_t classes) {
  std::size_t at = start;
  for (std::size_t i = start + 1; i < start + classes; ++i)
    if (values[i] > values[at]) at = i;
  return at;
}

double top1(const Values& reference, const Values& other, std::uint64_t rows, std::uint64_t classes) {
  std::uint64_t agreed = 0;
  for (std::uint64_t row = 0; row < rows; ++row)
    agreed += best(reference, row * classes, classes) == best(other, row * classes, classes);
  return static_cast<double>(agreed) / static_cast<double>(rows);
}

Agreement judge(const Difference& d) {
  if (d.not_finite > 0) return Agreement::Differs;
  if (d.max_abs == 0) return Agreement::Equal;
  return d.rms <= d.reference_sd / 2 ? Agreement::Close : Agreement::Differs;
}

}  // namespace

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
  const Values a(reference, other.port), b(other, reference.port);
  Difference result{.name = reference.port.name, .low = HUGE_VAL, .high = -HUGE_VAL};
  double sum = 0, squares = 0, mean = 0, spread = 0;  // mean and spread of the reference after Welford
  for (std::size_t i = 0; i < *count; ++i) {
    const double x = a[i], y = b[i];
    if (!std::isfinite(x) || !std::isfinite(y)) {
      result.not_finite += !(x == y || (std::isnan(x) && std::isnan(y)));
      continue;
    }
    ++result.values;
    result.low = std::min(result.low, x);
    result.high = std::max(result.high, x);
    result.max_abs = std::max(result.max_abs, std::abs(x - y));
    sum += std::abs(x - y);
    squares += (x - y) * (x - y);
    const double off = x - mean;
    mean += off / static_cast<double>(result.values);
    spread += off * (x - mean);
  }
  if (result.values == 0) {
    result.low = result.high = 0;
  } else {
    const auto n = static_cast<double>(result.values);
    result.mean_abs = sum / n;
    result.rms = std::sqrt(squares / n);
    result.reference_sd = std::sqrt(spread / n);
  }
  if (reference.port.quantized && reference.port.scale > 0) {
    result.max_steps = result.max_abs / reference.port.scale;
    result.mean_steps = result.mean_abs / reference.port.scale;
  }
  if (only_output && rows > 0 && scores(reference.port)) result.top1 = top1(a, b, rows, *count / rows);
  result.agreement = judge(result);
  return result;
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

}  // namespace edgescope::analysis
