#include "rewrite/proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "analysis/difference.h"
#include "base/half.h"
#include "graph/uses.h"
#include "measure/inference.h"
#include "measure/worker.h"
#include "runtime/inputs.h"

namespace edgescope::rewrite {
namespace {

using graph::ElementType;
using Bytes = std::vector<std::byte>;

// Whether all that reads a tensor computes with its values, so that any value will do.
bool only_computed_with(const graph::Subgraph& graph, const graph::Uses& uses, int tensor) {
  using graph::Kind;
  for (const int reader : uses.consumers[static_cast<std::size_t>(tensor)]) {
    switch (graph.operators[static_cast<std::size_t>(reader)].kind) {
      case Kind::Equal:
      case Kind::NotEqual:
      case Kind::Less:
      case Kind::LessEqual:
      case Kind::Greater:
      case Kind::GreaterEqual:
      case Kind::Cast:
      case Kind::Add:
      case Kind::Subtract:
      case Kind::Multiply:
      case Kind::Maximum:
      case Kind::Minimum:
      case Kind::Select:
      case Kind::Abs:
      case Kind::Negate:
        break;
      default:
        return false;
    }
  }
  return true;
}

template <typename T>
void store(std::span<std::byte> buffer, std::size_t index, T value) {
  std::memcpy(buffer.data() + index * sizeof(T), &value, sizeof(T));
}

void store_number(ElementType type, std::span<std::byte> buffer, std::size_t index, double value) {
  switch (type) {
    case ElementType::Float64:
      store(buffer, index, value);
      break;
    case ElementType::Float32:
      store(buffer, index, static_cast<float>(value));
      break;
    case ElementType::Float16:
      store(buffer, index, base::to_half(static_cast<float>(value)));
      break;
    case ElementType::Int64:
      store(buffer, index, static_cast<std::int64_t>(value));
      break;
    case ElementType::Int32:
      store(buffer, index, static_cast<std::int32_t>(value));
      break;
    default:
      break;
  }
}

constexpr double kSmall[] = {-2, -1, -0.5, 0, 0.5, 1, 2};
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kEdges[] = {0.0,    -0.0,    1.0,   -1.0,  kInfinity, -kInfinity, 1.4e-45,    -1.4e-45,    1.2e-38,
                             3.4e38, -3.4e38, 65504, 65520, 6.0e-8,    2049,       1.00000012, -1.00000012, 0.5};
constexpr double kWholeEdges[] = {0, 1, -1, 2, -2, 2147483647, -2147483648.0, 2047, 2048, 2049};

// One row of one input, of the kind that is the row's turn.
void fill(ElementType type, bool computed_with, std::uint64_t seed, std::uint64_t row, std::uint64_t port,
          std::span<std::byte> buffer) {
  runtime::fill_input(type, seed, row, port, buffer);
  const bool whole = type == ElementType::Int32 || type == ElementType::Int64;
  if ((!graph::is_float(type) && !whole) || (whole && !computed_with)) return;
  const std::size_t count = buffer.size() * 8 / static_cast<std::size_t>(graph::element_bits(type));
  std::mt19937_64 random(seed * 1'000'003 + row * 1'009 + port);
  const auto pick = [&random](const auto& list) { return list[random() % std::size(list)]; };
  for (std::size_t i = 0; i < count; ++i) switch (row % 4) {
      case 1:
        store_number(type, buffer, i, pick(kSmall));
        break;
      case 2:
        store_number(type, buffer, i, whole ? pick(kWholeEdges) : pick(kEdges));
        break;
      case 3:
        if (!whole && random() % 10 == 0) store_number(type, buffer, i, std::nan(""));
        break;
      default:
        break;
    }
}

double number(ElementType type, const std::byte* at) {
  const auto load = [at]<typename T>(T value) {
    std::memcpy(&value, at, sizeof(T));
    return value;
  };
  switch (type) {
    case ElementType::Float64:
      return load(0.0);
    case ElementType::Float32:
      return load(0.0f);
    case ElementType::Float16:
      return base::from_half(load(std::uint16_t{0}));
    case ElementType::Int64:
      return static_cast<double>(load(std::int64_t{0}));
    case ElementType::Int32:
      return load(std::int32_t{0});
    case ElementType::Int16:
      return load(std::int16_t{0});
    case ElementType::Int8:
      return load(std::int8_t{0});
    case ElementType::Bool:
    case ElementType::UInt8:
      return load(std::uint8_t{0});
    default:
      return 0;
  }
}

void compare(const runtime::Port& port, const Bytes& a, const Bytes& b, Proof& proof) {
  const std::size_t row_bytes = std::max<std::size_t>(a.size() / std::max<std::uint64_t>(proof.rows, 1), 1);
  constexpr double kNearInfinity = 1e38;
  const auto width = static_cast<std::size_t>(std::max(graph::element_bits(port.type) / 8, 1));
  // Apart for ordinary rows, those of boundaries, in whose numbers any other difference would vanish, and those with
  // NaN, of which a clamp makes a number.
  enum Rows { Ordinary, Edges, Nan };
  double largest[3] = {}, worst[3] = {};
  for (std::size_t i = 0; i + width <= a.size(); i += width) {
    ++proof.values;
    const std::size_t kind = i / row_bytes % 4;
    const Rows rows = kind == 3 ? Nan : kind == 2 ? Edges : Ordinary;
    const double x = number(port.type, a.data() + i), y = number(port.type, b.data() + i);
    if (std::isfinite(x) && std::abs(x) < kNearInfinity) largest[rows] = std::max(largest[rows], std::abs(x));
    if (std::memcmp(a.data() + i, b.data() + i, width) == 0 || (std::isnan(x) && std::isnan(y)) || x == y) continue;
    ++proof.different;
    const bool same_end = std::abs(x) > kNearInfinity && std::abs(y) > kNearInfinity && (x > 0) == (y > 0);
    if (std::isfinite(x) && std::isfinite(y) && !same_end)
      worst[rows] = std::max(worst[rows], std::abs(x - y));
    else if (rows == Nan)
      proof.nan_differs = true;
    else if (same_end)
      proof.overflow_differs = true;
    else
      proof.not_finite_differ = true;
    if (rows == Ordinary && std::isfinite(x) != std::isfinite(y)) proof.ordinary_differ = true;
  }
  const bool small = width <= 2 && !graph::is_float(port.type);
  for (const Rows rows : {Ordinary, Edges, Nan}) {
    const double difference = worst[rows];
    if (difference == 0) continue;
    const double share = largest[rows] > 0 ? difference / largest[rows] : kInfinity;
    proof.max_difference = std::max(proof.max_difference, difference);
    proof.max_relative = std::max(proof.max_relative, share);
    double& kept = small           ? proof.max_step_share
                   : rows == Edges ? proof.max_edge_share
                   : rows == Nan   ? proof.max_nan_share
                                   : proof.max_share;
    kept = std::max(kept, share);
    if (small) proof.max_steps = std::max(proof.max_steps, difference);
  }
}

runtime::LoadRequest in_full_precision(const runtime::Found& found, const std::string& file) {
  runtime::LoadRequest load{.model = file};
  // Plugins may choose to compute in less precision than the model says.
  if (runtime::family(found.name) == "openvino") load.properties["INFERENCE_PRECISION_HINT"] = "f32";
  if (runtime::family(found.name) == "ie2021") load.properties["ENFORCE_BF16"] = "NO";
  return load;
}

// Numbers of one end's type in another's: 16-bit floats as 32-bit ones, bytes as what they stand for. Floats that stay
// are rounded to 16 bits, as OpenVINO shows the 16-bit ends of an IR 10 as 32-bit ones.
Bytes as_in(const runtime::Port& to, const runtime::Port& from, const Bytes& bytes) {
  if (to.type != ElementType::Float32) return bytes;
  const auto width = static_cast<std::size_t>(graph::element_bits(from.type) / 8);
  Bytes result(bytes.size() / width * sizeof(float));
  for (std::size_t i = 0; i < bytes.size() / width; ++i) {
    const double value = number(from.type, bytes.data() + i * width);
    float real = static_cast<float>(value);
    if (from.quantized)
      real = static_cast<float>(from.scale) * static_cast<float>(value - static_cast<double>(from.zero_point));
    else if (from.type == ElementType::Float32)
      real = base::from_half(base::to_half(real));
    store(result, i, real);
  }
  return result;
}

// What each model is given, in its own types.
struct Drawn {
  std::vector<Bytes> before, after;  // by the inputs of the model before
};

// `after` are the ports of the model after in the order of `ports`, where they are of other types, else `ports`.
Drawn draw(const graph::Model& before, const std::vector<runtime::Port>& ports, const std::vector<runtime::Port>& after,
           const ProofRequest& request) {
  const graph::Subgraph& graph = before.subgraphs.front();
  const graph::Uses uses = graph::uses(graph);
  Drawn drawn;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const bool free = i < graph.inputs.size() && only_computed_with(graph, uses, graph.inputs[i]);
    const runtime::Port& port = after[i];
    Bytes buffer(request.rows * port.bytes);
    for (std::uint64_t row = 0; row < request.rows; ++row)
      fill(port.type, free, request.seed, row, i, std::span(buffer).subspan(row * port.bytes, port.bytes));
    drawn.before.push_back(request.other_ends ? as_in(ports[i], port, buffer) : buffer);
    drawn.after.push_back(port.type == ports[i].type ? drawn.before.back() : std::move(buffer));
  }
  return drawn;
}

base::Result<std::vector<runtime::Port>> inputs_of(const runtime::Found& on, const std::string& file) {
  EDGESCOPE_TRY(worker, measure::Worker::start({.runtime = on}));
  EDGESCOPE_TRY(loaded, worker.load(in_full_precision(on, file)));
  return std::move(loaded.loaded.inputs);
}

// `other` runs the model after; mostly it is the same.
base::Result<Proof> prove_on(const runtime::Found& found, const runtime::Found& other, const graph::Model& before,
                             const std::string& before_file, const std::string& after_file,
                             const ProofRequest& request) {
  EDGESCOPE_TRY(worker, measure::Worker::start({.runtime = found}));
  EDGESCOPE_TRY(first, worker.load(in_full_precision(found, before_file)));
  const std::vector<runtime::Port>& ports = first.loaded.inputs;
  std::vector<runtime::Port> narrow = ports;
  if (request.other_ends) {
    EDGESCOPE_TRY(theirs, inputs_of(other, after_file));
    if (const auto order = analysis::match(ports, theirs))
      for (std::size_t i = 0; i < ports.size(); ++i) narrow[i] = theirs[(*order)[i]];
  }
  const Drawn drawn = draw(before, ports, narrow, request);
  const measure::InferRequest infer{.rows = request.rows, .seed = request.seed, .inputs = drawn.before};
  EDGESCOPE_TRY(given, worker.infer(infer));
  if (other.name != found.name) {
    EDGESCOPE_TRY(another, measure::Worker::start({.runtime = other}));
    worker = std::move(another);
  }
  EDGESCOPE_TRY(second, worker.load(in_full_precision(other, after_file)));
  const auto inputs = analysis::match(second.loaded.inputs, ports);
  const auto outputs = analysis::match(first.loaded.outputs, second.loaded.outputs);
  if (!inputs || !outputs)
    return base::fail(
        {.fault = base::Fault::runtime, .what = "the rewritten model has other inputs or outputs", .file = after_file});
  measure::InferRequest again{.rows = request.rows, .seed = request.seed};
  for (const std::size_t from : *inputs) again.inputs.push_back(drawn.after[from]);
  EDGESCOPE_TRY(answer, worker.infer(again));

  Proof proof{.on = found.name + " " + first.loaded.version, .rows = request.rows};
  if (other.name != found.name) proof.on += " and " + other.name + " " + second.loaded.version;
  for (std::size_t i = 0; i < outputs->size(); ++i) {
    const runtime::Port &port = first.loaded.outputs[i], &other_port = second.loaded.outputs[(*outputs)[i]];
    const Bytes &a = given.outputs[i], &said = answer.outputs[(*outputs)[i]];
    const Bytes b = request.other_ends && port.type != other_port.type ? as_in(port, other_port, said) : said;
    if (a.size() != b.size())
      return base::fail({.fault = base::Fault::runtime,
                         .what = fmt::format("output `{}` has another size in the rewritten model", port.name),
                         .file = after_file});
    compare(port, a, b, proof);
  }
  return proof;
}

}  // namespace

base::Result<Proof> prove(const graph::Model& before, const std::string& before_file, graph::Format after_format,
                          const std::string& after_file, const ProofRequest& request) {
  // The first that run both; the older OpenVINO knows forms of IR that today's has given up. Of two TFLite models
  // OpenVINO would be no judge: it computes quantised ones in floats. Across formats each model's own runtime will do,
  // as OpenVINO does not read all of TFLite.
  using Pair = std::pair<const char*, const char*>;
  const bool from_tflite = before.format == graph::Format::TfLite, to_tflite = after_format == graph::Format::TfLite;
  std::vector<Pair> pairs = {{"openvino:CPU", "openvino:CPU"}, {"ie2021:CPU", "ie2021:CPU"}};
  if (from_tflite && to_tflite)
    pairs = {{"litert", "litert"}, {"tflite", "tflite"}};
  else if (from_tflite)
    pairs[1] = {"litert", "openvino:CPU"};
  else if (to_tflite)
    pairs[1] = {"openvino:CPU", "litert"};
  std::optional<base::Error> first;
  for (const auto& [one, other] : pairs) {
    const auto found = runtime::find(one, request.places), second = runtime::find(other, request.places);
    if (!found || !second) {
      if (!first) first = !found ? found.error() : second.error();
      continue;
    }
    auto proof = prove_on(*found, *second, before, before_file, after_file, request);
    if (proof) return proof;
    if (!first || first->fault == base::Fault::missing) first = proof.error();
  }
  return base::fail(*first);
}

base::Json to_json(const Proof& proof) {
  return {{"on", proof.on},
          {"rows", proof.rows},
          {"values", proof.values},
          {"different", proof.different},
          {"max_difference", proof.max_difference},
          {"max_relative", proof.max_relative},
          {"not_finite_differ", proof.not_finite_differ},
          {"nan_differs", proof.nan_differs},
          {"overflow_differs", proof.overflow_differs},
          {"basis", "measured"}};
}

}  // namespace edgescope::rewrite
