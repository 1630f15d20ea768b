#include "analysis/calibration_ncs2.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

#include "analysis/given_inputs.h"
#include "analysis/inspection.h"
#include "measure/worker.h"
#include "target/ncs2/half.h"

namespace edgescope::analysis {
namespace {

namespace ncs2 = target::ncs2;
using base::Json;
using graph::ElementType;
using Bytes = std::vector<std::byte>;

constexpr std::uint64_t kMostRows = 1000;
constexpr std::uint64_t kRowsAtOnce = 32;  // a question to the worker costs more than most answers

// What the runtime calls a result: the operator's own name in an IR, the result's in ONNX.
std::string name_in_runtime(const graph::Model& model, const graph::Subgraph& graph, const graph::Operator& op) {
  if (op.outputs.size() != 1 || op.outputs[0] < 0) return "";
  return model.format == graph::Format::Onnx ? graph.tensors[static_cast<std::size_t>(op.outputs[0])].name : op.name;
}

std::vector<float> floats(std::span<const std::byte> bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

struct Seen {
  ncs2::HalfCounts counts;
  float least = std::numeric_limits<float>::infinity(), most = -std::numeric_limits<float>::infinity();
  bool whole = true;  // no value has a fraction

  // Small values beside large ones do not matter; where all are small they are what the tensor says.
  bool small() const { return std::max(std::fabs(least), std::fabs(most)) < 0x1p-14F; }

  void add(const std::vector<float>& values) {
    for (const float value : values) {
      counts.add(value);
      if (std::isnan(value)) continue;
      whole = whole && value == std::trunc(value);
      least = std::min(least, value);
      most = std::max(most, value);
    }
  }
};

struct Decisions {
  std::uint64_t all = 0, changed = 0;
};

std::optional<bool> compared(graph::Kind kind, float a, float b) {
  using graph::Kind;
  switch (kind) {
    case Kind::Less:
      return a < b;
    case Kind::LessEqual:
      return a <= b;
    case Kind::Greater:
      return a > b;
    case Kind::GreaterEqual:
      return a >= b;
    case Kind::Equal:
      return a == b;
    case Kind::NotEqual:
      return a != b;
    default:
      return std::nullopt;
  }
}

// Element i of an operand that is broadcast to `shape`; nothing where it does not fit.
std::optional<std::vector<float>> broadcast(const std::vector<float>& values, const std::vector<std::int64_t>& from,
                                            const std::vector<std::int64_t>& to) {
  if (from.size() > to.size()) return std::nullopt;
  std::vector<float> result;
  std::uint64_t count = 1;
  for (const auto dim : to) {
    if (dim < 0) return std::nullopt;
    count *= static_cast<std::uint64_t>(dim);
  }
  result.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t rest = i, at = 0, stride = 1;
    for (std::size_t d = 0; d < to.size(); ++d) {
      const auto dim = static_cast<std::uint64_t>(to[to.size() - 1 - d]);
      const std::uint64_t index = rest % dim;
      rest /= dim;
      if (d >= from.size()) continue;
      const auto own = static_cast<std::uint64_t>(from[from.size() - 1 - d]);
      if (own != 1 && own != dim) return std::nullopt;
      if (own != 1) at += index * stride;
      stride *= own;
    }
    if (at >= values.size()) return std::nullopt;
    result.push_back(values[at]);
  }
  return result;
}

class Run {
 public:
  Run(const graph::Model& model, measure::Worker worker)
      : model_(model), graph_(model.subgraphs.front()), worker_(std::move(worker)) {}

  base::Status load() {
    std::vector<std::string> wanted;
    for (const graph::Operator& op : graph_.operators)
      if (std::string name = name_in_runtime(model_, graph_, op); !name.empty()) wanted.push_back(std::move(name));
    auto answer = worker_.load({.model = model_.files.front().path(),
                                .properties = {{"ENFORCE_BF16", "NO"}},
                                .also_outputs = std::move(wanted)});
    if (!answer) return base::fail(std::move(answer).error());
    loaded_ = std::move(answer->loaded);
    for (std::size_t port = 0; port < loaded_.outputs.size(); ++port)
      for (const graph::Operator& op : graph_.operators)
        if (name_in_runtime(model_, graph_, op) == loaded_.outputs[port].name) tensors_[port] = op.outputs[0];
    return {};
  }

  base::Status read(const std::vector<std::string>& files) {
    // The runtime lists inputs in an order of its own; files come in the network's.
    std::vector<std::size_t> places;
    std::vector<runtime::Port> ports;
    for (std::size_t i = 0; i < std::min(loaded_.inputs.size(), graph_.inputs.size()); ++i) {
      const std::string& name = graph_.tensors[static_cast<std::size_t>(graph_.inputs[i])].name;
      std::size_t port = i;
      for (std::size_t p = 0; p < loaded_.inputs.size(); ++p)
        if (loaded_.inputs[p].name == name) port = p;
      places.push_back(port);
      ports.push_back(loaded_.inputs[port]);
    }
    std::vector<InputFile> given;
    for (const std::string& file : files) given.push_back({.name = {}, .path = file});
    EDGESCOPE_TRY(inputs, given_inputs(ports, given));
    inputs_.resize(loaded_.inputs.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      inputs_[places[i]] = std::move(inputs.given[i]);
      input_of_port_[places[i]] = graph_.inputs[i];
    }
    rows_ = std::min(inputs.rows, kMostRows);
    return {};
  }

  base::Status look() {
    for (std::uint64_t row = 0; row < rows_; row += kRowsAtOnce)
      EDGESCOPE_CHECK(look_at(row, std::min(kRowsAtOnce, rows_ - row)));
    return {};
  }

  Ncs2Calibration result() const {
    Json tensors = Json::array(), comparisons = Json::array();
    std::vector<Finding> findings;
    for (const auto& [tensor, seen] : seen_) {
      const std::string& name = graph_.tensors[static_cast<std::size_t>(tensor)].name;
      const ncs2::HalfCounts& counts = seen.counts;
      const bool any = seen.least <= seen.most;
      tensors.push_back({{"tensor", tensor},
                         {"name", name},
                         {"range", any ? Json::array({seen.least, seen.most}) : Json()},
                         {"values", counts.elements},
                         {"infinite", counts.infinite},
                         {"vanished", counts.vanished},
                         {"subnormal", counts.subnormal},
                         {"changed_integers", counts.changed_integers}});
      if (counts.infinite > 0 && !overflows_before(tensor))
        findings.push_back(finding("ncs2-half-overflow", name, {}, {tensor},
                                   fmt::format("Here {} of {} values, between {:.4g} and {:.4g}.", counts.infinite,
                                               counts.elements, seen.least, seen.most)));
      if ((seen.small() && counts.vanished + counts.subnormal > 0) || (seen.whole && counts.changed_integers > 0))
        findings.push_back(
            finding("ncs2-half-rounding", name, {}, {tensor},
                    fmt::format("Here of {} values {} become zero, {} keep fewer than 11 bits, and {} "
                                "whole numbers become others.",
                                counts.elements, counts.vanished, counts.subnormal, counts.changed_integers)));
    }
    for (const auto& [op, decisions] : decisions_) {
      const std::string name(operator_name(graph_, graph_.operators[static_cast<std::size_t>(op)]));
      comparisons.push_back(
          {{"operator", op}, {"name", name}, {"decisions", decisions.all}, {"changed", decisions.changed}});
      if (decisions.changed > 0)
        findings.push_back(finding("ncs2-half-decisions", name, {op}, {},
                                   fmt::format("Here {} of {} decisions.", decisions.changed, decisions.all)));
    }
    return {.json = {{"basis", basis_name(Basis::Measured)},
                     {"on", worker_.runtime().name},
                     {"rows", rows_},
                     {"tensors", std::move(tensors)},
                     {"comparisons", std::move(comparisons)},
                     {"not_seen", not_seen()}},
            .findings = std::move(findings)};
  }

 private:
  static Finding finding(const char* id, std::string where, std::vector<int> operators, std::vector<int> tensors,
                         std::string why) {
    return {.kind = &finding_kind(id),
            .where = std::move(where),
            .operators = std::move(operators),
            .tensors = std::move(tensors),
            .cost = {.basis = Basis::Measured},
            .why_here = std::move(why)};
  }

  // Whether the operator that makes it reads what overflows already: the place to look at is there.
  bool overflows_before(int tensor) const {
    return std::any_of(graph_.operators.begin(), graph_.operators.end(), [&](const graph::Operator& op) {
      return std::find(op.outputs.begin(), op.outputs.end(), tensor) != op.outputs.end() &&
             std::any_of(op.inputs.begin(), op.inputs.end(), [&](int input) {
               const auto seen = seen_.find(input);
               return seen != seen_.end() && seen->second.counts.infinite > 0;
             });
    });
  }

  // Float results that the runtime does not give out: merged, folded, or one of several of an operator.
  std::vector<std::string> not_seen() const {
    std::vector<std::string> names;
    for (const graph::Operator& op : graph_.operators)
      for (const int output : op.outputs) {
        const graph::Tensor* tensor = output < 0 ? nullptr : &graph_.tensors[static_cast<std::size_t>(output)];
        if (tensor && !tensor->constant && tensor->type == ElementType::Float32 && !seen_.contains(output))
          names.push_back(tensor->name);
      }
    return names;
  }

  base::Status look_at(std::uint64_t first, std::uint64_t rows) {
    measure::InferRequest request{.rows = rows, .inputs = {}};
    for (std::size_t port = 0; port < inputs_.size(); ++port) {
      const auto piece =
          std::span(inputs_[port]).subspan(first * loaded_.inputs[port].bytes, rows * loaded_.inputs[port].bytes);
      request.inputs.emplace_back(piece.begin(), piece.end());
    }
    EDGESCOPE_TRY(answer, worker_.infer(request));
    for (std::uint64_t row = 0; row < rows; ++row) {
      std::map<int, std::vector<float>> values;  // by tensor
      const auto take = [&](const runtime::Port& port, const Bytes& all, int tensor) {
        if (port.type == ElementType::Float32)
          values[tensor] = floats(std::span(all).subspan(row * port.bytes, port.bytes));
      };
      for (const auto& [port, tensor] : input_of_port_) take(loaded_.inputs[port], request.inputs[port], tensor);
      for (const auto& [port, tensor] : tensors_) take(loaded_.outputs[port], answer.outputs[port], tensor);
      for (const auto& [tensor, list] : values) seen_[tensor].add(list);
      for (std::size_t i = 0; i < graph_.operators.size(); ++i) decide(static_cast<int>(i), values);
    }
    return {};
  }

  std::optional<std::vector<float>> operand(const graph::Operator& op, std::size_t index,
                                            const std::map<int, std::vector<float>>& values) const {
    const int tensor = index < op.inputs.size() ? op.inputs[index] : -1;
    if (tensor < 0 || op.outputs.empty() || op.outputs[0] < 0) return std::nullopt;
    const graph::Tensor& read = graph_.tensors[static_cast<std::size_t>(tensor)];
    const auto& shape = graph_.tensors[static_cast<std::size_t>(op.outputs[0])].shape;
    if (read.constant && read.type == ElementType::Float32 && read.encoding == graph::Encoding::Raw)
      return broadcast(floats(read.data), read.shape.dims, shape.dims);
    const auto found = values.find(tensor);
    return found == values.end() ? std::nullopt : broadcast(found->second, read.shape.dims, shape.dims);
  }

  void decide(int index, const std::map<int, std::vector<float>>& values) {
    const graph::Operator& op = graph_.operators[static_cast<std::size_t>(index)];
    if (!compared(op.kind, 0, 0)) return;
    const auto a = operand(op, 0, values), b = operand(op, 1, values);
    if (!a || !b) return;
    Decisions& decisions = decisions_[index];
    for (std::size_t i = 0; i < a->size(); ++i) {
      ++decisions.all;
      decisions.changed += compared(op.kind, (*a)[i], (*b)[i]) !=
                           compared(op.kind, ncs2::rounded_to_half((*a)[i]), ncs2::rounded_to_half((*b)[i]));
    }
  }

  const graph::Model& model_;
  const graph::Subgraph& graph_;
  measure::Worker worker_;
  runtime::Loaded loaded_;
  std::uint64_t rows_ = 0;
  std::vector<Bytes> inputs_;           // by port
  std::map<std::size_t, int> tensors_;  // of output ports
  std::map<std::size_t, int> input_of_port_;
  std::map<int, Seen> seen_;            // by tensor
  std::map<int, Decisions> decisions_;  // by operator
};

}  // namespace

base::Result<Ncs2Calibration> calibrate_ncs2(const graph::Model& model, const std::vector<std::string>& files,
                                             runtime::Found cpu) {
  EDGESCOPE_TRY(worker, measure::Worker::start({.runtime = std::move(cpu)}));
  Run run(model, std::move(worker));
  EDGESCOPE_CHECK(run.load());
  EDGESCOPE_CHECK(run.read(files));
  EDGESCOPE_CHECK(run.look());
  return run.result();
}

}  // namespace edgescope::analysis
