#include "analysis/respondent.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "analysis/difference.h"
#include "base/half.h"
#include "runtime/inputs.h"

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using runtime::Port;

constexpr std::uint64_t kMostBytes = 64 << 20;

template <typename T>
void store_whole(double value, std::byte* at) {
  using Limits = std::numeric_limits<T>;
  // What a double holds of the widest integers, so that none is out of range.
  constexpr double kMost = 9007199254740992.0;
  const double low = std::max<double>(static_cast<double>(Limits::min()), -kMost);
  const double high = std::min<double>(static_cast<double>(Limits::max()), kMost);
  const double kept = std::isnan(value) ? 0 : std::clamp(std::nearbyint(value), low, high);
  const T whole = static_cast<T>(kept);
  std::memcpy(at, &whole, sizeof whole);
}

template <typename T>
void store(T value, std::byte* at) {
  std::memcpy(at, &value, sizeof value);
}

using Writer = void (*)(double, std::byte*);

Writer writer(ElementType type) {
  switch (type) {
    case ElementType::Float32:
      return [](double value, std::byte* at) { store(static_cast<float>(value), at); };
    case ElementType::Float64:
      return [](double value, std::byte* at) { store(value, at); };
    case ElementType::Float16:
      return [](double value, std::byte* at) { store(base::to_half(static_cast<float>(value)), at); };
    case ElementType::UInt8:
      return store_whole<std::uint8_t>;
    case ElementType::Int8:
      return store_whole<std::int8_t>;
    case ElementType::Int16:
      return store_whole<std::int16_t>;
    case ElementType::Int32:
      return store_whole<std::int32_t>;
    case ElementType::Int64:
      return store_whole<std::int64_t>;
    default:
      return nullptr;
  }
}

bool holds_reals(const Port& port) { return port.quantized || graph::is_float(port.type); }

// Which of `inputs` each port takes. A part of a network may need fewer than there are.
std::optional<std::vector<std::size_t>> places(const std::vector<Port>& ports, const std::vector<Port>& inputs) {
  if (const auto all = match(ports, inputs)) return all;
  std::vector<std::size_t> order;
  for (const Port& port : ports) {
    const auto found =
        std::find_if(inputs.begin(), inputs.end(), [&](const Port& input) { return input.name == port.name; });
    if (found == inputs.end()) return std::nullopt;
    order.push_back(static_cast<std::size_t>(found - inputs.begin()));
  }
  return order;
}

base::Error unlike_inputs() {
  return {.fault = base::Fault::runtime,
          .what = "it names or shapes its inputs in another way than the reference, so that they cannot be paired"};
}

}  // namespace

Inputs seeded_inputs(const runtime::Loaded& loaded, std::uint64_t rows, std::uint64_t seed) {
  std::uint64_t row_bytes = 1;
  for (const auto* ports : {&loaded.inputs, &loaded.outputs})
    for (const Port& port : *ports) row_bytes += port.bytes;
  Inputs inputs{.ports = loaded.inputs,
                .given = {},
                .rows = std::clamp<std::uint64_t>(kMostBytes / row_bytes, 1, std::max<std::uint64_t>(rows, 1))};
  for (std::size_t i = 0; i < inputs.ports.size(); ++i) {
    const Port& port = inputs.ports[i];
    auto& buffer = inputs.given.emplace_back(inputs.rows * port.bytes);
    for (std::uint64_t row = 0; row < inputs.rows; ++row)
      runtime::fill_input(port.type, seed, row, i, std::span(buffer).subspan(row * port.bytes, port.bytes));
  }
  return inputs;
}

std::optional<std::vector<std::byte>> converted(const Port& from, std::span<const std::byte> values, const Port& to) {
  const bool same_meaning =
      from.quantized == to.quantized && from.scale == to.scale && from.zero_point == to.zero_point;
  if (from.type == to.type && (same_meaning || !from.quantized || !to.quantized))
    return std::vector(values.begin(), values.end());
  const Writer write = writer(to.type);
  const Reals reals(from, values);
  if (!holds_reals(from) || !holds_reals(to) || write == nullptr || !reals.readable()) return std::nullopt;
  const auto width = static_cast<std::size_t>(graph::element_bits(to.type) / 8);
  std::vector<std::byte> bytes(reals.size() * width);
  for (std::size_t i = 0; i < reals.size(); ++i) {
    const double real = reals[i];
    write(to.quantized ? real / to.scale + static_cast<double>(to.zero_point) : real, bytes.data() + i * width);
  }
  return bytes;
}

base::Result<runtime::Loaded> Respondent::load(const std::string& model) {
  if (!worker_ || !worker_->alive()) {
    EDGESCOPE_TRY(worker, measure::Worker::start(spec_));
    worker_ = std::move(worker);
  }
  EDGESCOPE_TRY(answer, worker_->load({.model = model, .threads = threads_, .properties = properties_}));
  if (const std::string& why = answer.loaded.meaningless; !why.empty())
    return base::fail({.fault = base::Fault::runtime, .what = "its outputs are no predictions: " + why, .file = model});
  ports_ = answer.loaded.inputs;
  return std::move(answer.loaded);
}

base::Result<Buffers> Respondent::answer(const Inputs& inputs) {
  const auto order = places(ports_, inputs.ports);
  if (!order) return base::fail(unlike_inputs());
  Buffers given;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const std::size_t from = (*order)[i];
    auto bytes = converted(inputs.ports[from], inputs.given[from], ports_[i]);
    if (!bytes || bytes->size() != inputs.rows * ports_[i].bytes) return base::fail(unlike_inputs());
    given.push_back(*std::move(bytes));
  }
  EDGESCOPE_TRY(answer, worker_->infer({.rows = inputs.rows, .inputs = std::move(given)}));
  return std::move(answer.outputs);
}

}  // namespace edgescope::analysis
