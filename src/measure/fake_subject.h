// A runtime for tests: its timings follow a law that is known, and time passes only when it infers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "measure/sampler.h"
#include "measure/test_series.h"

namespace edgescope::measure::testing_support {

struct FakeLaw {
  double us = 1000;        // true median
  double between = 0.002;  // sd of the logarithm from process to process
  double within = 0.01;    // and from sample to sample
  double warm_up = 1.5;    // factor of the first inferences, halving every ten
  double drift = 0;        // growth from one inference to the next, as a share
  double load_seconds = 0.01;
  int crash_in_process = -1;                                                   // while sampling
  std::function<double(double seconds)> machine = [](double) { return 1.0; };  // factor that all share
};

// Shared by the fakes of a test: the clock, who is alive, who ran when.
struct FakeMachine {
  double now = 0;
  int alive = 0, most_alive = 0, started = 0;
  std::vector<std::string> order;    // of batches
  std::vector<std::uint64_t> seeds;  // of their inputs

  Hooks hooks() {
    return {.now = [this] { return now; }};
  }
};

class FakeSubject : public Subject {
 public:
  FakeSubject(FakeMachine& machine, std::string on, const FakeLaw& law, int index)
      : machine_(machine),
        on_(std::move(on)),
        law_(law),
        index_(index),
        uniform_(1000 + static_cast<std::uint64_t>(++machine.started) * 7919) {
    machine_.most_alive = std::max(machine_.most_alive, ++machine_.alive);
    factor_ = std::exp(law_.between * uniform_.normal());
  }
  ~FakeSubject() override { --machine_.alive; }

  base::Result<Started> load() override {
    machine_.now += law_.load_seconds;
    return Started{{.version = "1.0", .kernels = "fake", .precision = "f32"}, law_.load_seconds * 1e6};
  }

  base::Result<Batch> sample(std::uint64_t count, double max_seconds, std::uint64_t seed) override {
    machine_.order.push_back(on_);
    machine_.seeds.push_back(seed);
    if (inferences_ > 100 && index_ == law_.crash_in_process)
      return base::fail({.fault = base::Fault::runtime, .what = on_ + " ended by SIGSEGV"});
    Batch batch;
    const double begin = machine_.now;
    double sum = 0;
    for (std::uint64_t i = 0; i < count && (i == 0 || max_seconds <= 0 || machine_.now - begin < max_seconds); ++i) {
      const double us = next();
      machine_.now += us * 1e-6;
      if (inferences_ == 1) {
        batch.first_us = us;
      } else {
        batch.us.push_back(us);
        sum += us;
      }
    }
    batch.per_second = sum > 0 ? static_cast<double>(batch.us.size()) / sum * 1e6 : 0;
    return batch;
  }

 private:
  double next() {
    const double n = static_cast<double>(inferences_++);
    const double cold = 1 + law_.warm_up * std::exp2(-n / 10);
    return law_.us * factor_ * cold * std::exp(law_.within * uniform_.normal()) * (1 + law_.drift * n) *
           law_.machine(machine_.now);
  }

  FakeMachine& machine_;
  std::string on_;
  FakeLaw law_;
  int index_;
  Uniform uniform_;
  double factor_ = 1;
  std::uint64_t inferences_ = 0;
};

inline Contender fake(FakeMachine& machine, const std::string& on, const FakeLaw& law) {
  return {on, [&machine, on, law, index = std::make_shared<int>(0)]() -> base::Result<std::unique_ptr<Subject>> {
            return std::make_unique<FakeSubject>(machine, on, law, (*index)++);
          }};
}

}  // namespace edgescope::measure::testing_support
