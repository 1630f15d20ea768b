// One vendor runtime in a worker process that runs one model after another, for comparing a model with what
// became of it.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "graph/element_type.h"
#include "measure/worker.h"

namespace edgescope::equivalence {

inline constexpr std::uint64_t kSeed = 7, kRows = 2;  // of inputs that are not given

using Buffers = std::vector<std::vector<std::byte>>;

struct Predictions {
  std::vector<runtime::Port> inputs, outputs;
  Buffers values;  // a port of the outputs each
};

class Runner {
 public:
  explicit Runner(std::string name) : name_(std::move(name)) {}

  // Why it cannot run; empty where it can.
  std::string missing() const {
    const auto found = runtime::find(name_);
    return found ? "" : found.error().message();
  }

  base::Result<Predictions> run(const std::filesystem::path& model, Buffers inputs = {}, std::uint64_t rows = kRows) {
    if (!worker_ || !worker_->alive()) {
      EDGESCOPE_TRY(found, runtime::find(name_));
      EDGESCOPE_TRY(worker, measure::Worker::start({.runtime = found}));
      worker_ = std::move(worker);
    }
    runtime::LoadRequest request{.model = model};
    if (name_.starts_with("openvino")) request.properties["INFERENCE_PRECISION_HINT"] = "f32";
    if (name_.starts_with("ie2021")) request.properties["ENFORCE_BF16"] = "NO";
    EDGESCOPE_TRY(answer, worker_->load(request));
    EDGESCOPE_TRY(result, worker_->infer({.rows = rows, .seed = kSeed, .inputs = std::move(inputs)}));
    return Predictions{answer.loaded.inputs, answer.loaded.outputs, std::move(result.outputs)};
  }

 private:
  std::string name_;
  std::optional<measure::Worker> worker_;
};

// The first difference between two predictions, empty where there is none: values must be the same bits, but any
// NaN is as good as another, and floats may differ by `ulps` units in the last place.
inline std::string difference(const Predictions& a, const Predictions& b, std::int64_t ulps = 0) {
  if (a.values.size() != b.values.size()) return fmt::format("{} outputs, {}", a.values.size(), b.values.size());
  for (std::size_t port = 0; port < a.values.size(); ++port) {
    const auto &x = a.values[port], &y = b.values[port];
    if (x == y) continue;
    if (x.size() != y.size()) return fmt::format("output {}: {} bytes, {}", port, x.size(), y.size());
    if (a.outputs[port].type != graph::ElementType::Float32) return fmt::format("output {} differs", port);
    for (std::size_t at = 0; at + 4 <= x.size(); at += 4) {
      float s = 0, t = 0;
      std::int32_t i = 0, j = 0;
      std::memcpy(&s, &x[at], 4);
      std::memcpy(&t, &y[at], 4);
      std::memcpy(&i, &x[at], 4);
      std::memcpy(&j, &y[at], 4);
      if (i == j || (std::isnan(s) && std::isnan(t))) continue;
      const auto line = [](std::int32_t bits) -> std::int64_t {
        return bits < 0 ? std::int64_t{INT32_MIN} - bits : std::int64_t{bits};
      };
      if (!std::isnan(s) && !std::isnan(t) && std::abs(line(i) - line(j)) <= ulps) continue;
      return fmt::format("output {}, element {}: {} instead of {}", port, at / 4, t, s);
    }
  }
  return {};
}

// How far two predictions of different runtimes are apart: the largest difference of an output in units in the last
// place (2^-23) of that output's largest number. Infinite where they are no predictions of one model.
inline double apart(const Predictions& a, const Predictions& b) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (a.values.size() != b.values.size()) return kInfinite;
  double worst = 0;
  for (std::size_t port = 0; port < a.values.size(); ++port) {
    const auto &x = a.values[port], &y = b.values[port];
    if (x == y) continue;
    if (x.size() != y.size() || a.outputs[port].type != graph::ElementType::Float32) return kInfinite;
    std::vector<float> s(x.size() / 4), t(y.size() / 4);
    std::memcpy(s.data(), x.data(), x.size());
    std::memcpy(t.data(), y.data(), y.size());
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < s.size(); ++i) {
      if (s[i] == t[i] || (std::isnan(s[i]) && std::isnan(t[i]))) continue;
      if (!std::isfinite(s[i]) || !std::isfinite(t[i])) return kInfinite;
      difference = std::max(difference, std::fabs(static_cast<double>(s[i]) - t[i]));
    }
    for (float each : s)
      if (std::isfinite(each)) largest = std::max(largest, std::fabs(static_cast<double>(each)));
    worst = std::max(worst, difference / (largest * std::ldexp(1.0, -23)));
  }
  return worst;
}

}  // namespace edgescope::equivalence
