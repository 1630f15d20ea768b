#include "measure/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

#include "measure/stationarity.h"

namespace edgescope::measure {
namespace {

constexpr std::size_t kFewestSamples = 5;  // of a process: a median of fewer is noise
constexpr double kDriftWarned = 0.01, kDriftRefused = 0.05;
constexpr double kWindowSeconds = 0.03;  // of warm-up; three of them are its least
constexpr std::uint64_t kGlance = 3;     // inferences that tell how long a window must be
constexpr double kShortest = 1e-8;       // seconds that an inference is taken for at least

struct State {
  const Contender* contender;
  Measurement measurement;
  double spent = 0;  // seconds
  bool finished = false;
  std::string limit;  // what ended it before the target was reached
};

// A process while its wave lasts.
struct Live {
  State* state;
  std::unique_ptr<Subject> subject;
  ProcessRun run;
  std::uint64_t block = 1;   // samples
  std::uint64_t settle = 2;  // inferences at the start of a block that refill the caches after the others' turn
  double seconds = 0;
  double rate_sum = 0;
  std::size_t rates = 0;
};

class Sampler {
 public:
  Sampler(const std::vector<Contender>& contenders, const Plan& plan, const Hooks& hooks)
      : plan_(plan), hooks_(hooks), random_(plan.seed) {
    for (const Contender& contender : contenders) {
      State state{.contender = &contender};
      state.measurement.on = contender.on;
      state.measurement.workers = contender.workers;
      state.measurement.confidence = plan.confidence;
      states_.push_back(std::move(state));
    }
  }

  base::Result<std::vector<Measurement>> run() {
    for (std::size_t wave = 0; !all_finished(); ++wave) EDGESCOPE_CHECK(run_wave(wave));
    std::vector<Measurement> result;
    for (State& state : states_) {
      judge(state);
      result.push_back(std::move(state.measurement));
    }
    return result;
  }

 private:
  bool all_finished() const {
    return std::all_of(states_.begin(), states_.end(), [](const State& state) { return state.finished; });
  }

  // What one process may take, so that the wanted number of them fits into the time limit.
  double slot() const { return plan_.time_limit / static_cast<double>(plan_.processes); }

  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random_() % i]);
  }

  base::Status run_wave(std::size_t wave) {
    std::vector<State*> turn;
    for (State& state : states_)
      if (!state.finished) turn.push_back(&state);
    shuffle(turn);
    std::vector<Live> live;
    for (State* state : turn) {
      EDGESCOPE_CHECK(check_interrupted());
      report(*state, "warming up");
      Live process{.state = state};
      process.run.wave = wave;
      if (timed(process, [&] { return start(process); })) live.push_back(std::move(process));
    }
    for (std::size_t block = 0; block < plan_.blocks; ++block) {
      std::vector<Live*> order;
      for (Live& process : live)
        if (process.subject) order.push_back(&process);
      shuffle(order);
      for (Live* process : order) {
        EDGESCOPE_CHECK(check_interrupted());
        // A slow model takes as many blocks as its share of the time allows, and one in any case.
        if (block > 0 && process->seconds > slot()) continue;
        report(*process->state, "sampling");
        if (!timed(*process, [&] { return take_block(*process); })) process->subject.reset();
      }
    }
    for (Live& process : live) {
      if (!process.subject) continue;
      timed(process, [&]() -> base::Status {
        process.subject.reset();
        return {};
      });
      process.run.seconds = process.seconds;
      process.run.per_second = process.rate_sum / static_cast<double>(process.rates);
      process.state->measurement.processes.push_back(std::move(process.run));
      decide(*process.state);
    }
    return check_interrupted();
  }

  // Runs one step of a process on its runtime's account; a failure ends the runtime.
  template <typename Step>
  bool timed(Live& process, Step step) {
    const double begin = hooks_.now();
    const base::Status status = step();
    const double seconds = hooks_.now() - begin;
    process.seconds += seconds;
    process.state->spent += seconds;
    if (status) return true;
    process.state->measurement.error = status.error();
    process.state->finished = true;
    return false;
  }

  base::Status start(Live& process) {
    EDGESCOPE_TRY(subject, process.state->contender->start());
    EDGESCOPE_TRY(started, subject->load());
    process.run.load_us = started.load_us;
    if (!process.state->measurement.loaded) process.state->measurement.loaded = std::move(started.loaded);
    EDGESCOPE_TRY(first, subject->sample(1, 0, random_()));
    process.run.first_us = first.first_us;
    EDGESCOPE_TRY(next, subject->sample(kGlance, plan_.warm_up_seconds, random_()));
    process.run.warm_up = first.us.size() + next.us.size();
    process.subject = std::move(subject);
    return warm_up(process, median(std::move(next.us)) * 1e-6);
  }

  // `one` is about the seconds of an inference.
  base::Status warm_up(Live& process, double one) {
    one = std::max(one, kShortest);
    const auto window = static_cast<std::size_t>(std::clamp(kWindowSeconds / one, 5.0, 2000.0));
    const double limit = std::min(plan_.warm_up_seconds, 0.4 * slot());
    const double begin = hooks_.now();
    WarmUp judge(window);
    std::vector<double> last;
    while (!judge.stationary()) {
      const double left = limit - (hooks_.now() - begin);
      if (left <= 0) break;
      EDGESCOPE_CHECK(check_interrupted());
      EDGESCOPE_TRY(batch, process.subject->sample(window, left, random_()));
      judge.add(batch.us);
      last = std::move(batch.us);
    }
    process.run.stationary = judge.stationary();
    process.run.warm_up += judge.samples();
    const double warm = last.empty() ? one : std::max(median(std::move(last)) * 1e-6, kShortest);
    const double block_seconds = plan_.sample_seconds / static_cast<double>(plan_.blocks);
    process.block = static_cast<std::uint64_t>(std::clamp(block_seconds / warm, 2.0, 1000.0));
    process.settle = warm > 0.1 ? 1 : 2;
    return {};
  }

  base::Status take_block(Live& process) {
    const std::uint64_t workers = static_cast<std::uint64_t>(process.state->contender->workers);
    const double most = std::max(slot() - process.seconds, plan_.sample_seconds);
    EDGESCOPE_TRY(settled, process.subject->sample(process.settle, 0, random_()));
    process.run.warm_up += settled.us.size();
    EDGESCOPE_TRY(batch, process.subject->sample(process.block * workers, most, random_()));
    process.run.samples_us.insert(process.run.samples_us.end(), batch.us.begin(), batch.us.end());
    process.rate_sum += batch.per_second;
    ++process.rates;
    return {};
  }

  void decide(State& state) {
    const std::size_t n = state.measurement.processes.size();
    const double each = state.spent / static_cast<double>(n);
    const bool time_is_up = state.spent + each > plan_.time_limit * 1.05;
    if (n < plan_.processes) {
      if (!time_is_up) return;
      state.limit = fmt::format("only {} of {} processes fitted into {:g} s", n, plan_.processes, plan_.time_limit);
    } else {
      const double width = width_of(state);
      if (width > plan_.target_width) {
        if (!time_is_up && n < plan_.most_processes) return;
        state.limit = fmt::format("the interval is {:.1f} % wide after {} processes, wider than the target of {:g} %",
                                  width * 100, n, plan_.target_width * 100);
      }
    }
    state.finished = true;
  }

  // Of what the run is about: the rate where several workers run at the same time.
  double width_of(const State& state) const {
    const Measurement& m = state.measurement;
    const auto interval = m.workers > 1 ? process_interval(m.rates(), m.confidence) : m.interval();
    return interval ? relative_width(*interval) : 1;
  }

  void judge(State& state) const {
    Measurement& m = state.measurement;
    std::vector<std::vector<double>> series;
    std::size_t fewest = SIZE_MAX, unsettled = 0;
    for (const ProcessRun& run : m.processes) {
      series.push_back(run.samples_us);
      fewest = std::min(fewest, run.samples_us.size());
      unsettled += !run.stationary;
    }
    const std::optional<Drift> change = drift(series);
    if (change && std::abs(change->change) > kDriftWarned)
      m.warnings.push_back(fmt::format("The second half of each process is {:.1f} % {} than its first half.",
                                       std::abs(change->change) * 100, change->change > 0 ? "slower" : "faster"));
    if (unsettled > 0)
      m.warnings.push_back(fmt::format("{} of {} processes were still changing when their warm-up ended.", unsettled,
                                       m.processes.size()));
    warn_of_trend(m);

    if (m.error)
      m.reason = m.error->message();
    else if (!state.limit.empty())
      m.reason = state.limit;
    else if (fewest < kFewestSamples)
      m.reason = fmt::format("too few samples: {} in a process, {} are the least", fewest, kFewestSamples);
    else if (change && std::abs(change->change) > kDriftRefused)
      m.reason = fmt::format("the halves of the run drift apart by {:.1f} %", std::abs(change->change) * 100);
    m.valid = m.reason.empty();
  }

  // The halves of the whole run: early processes against late ones.
  void warn_of_trend(Measurement& m) const {
    const std::vector<double> medians = m.process_medians();
    if (medians.size() < 4) return;
    const auto half = static_cast<std::ptrdiff_t>(medians.size() / 2);
    const Comparison trend = compare(std::span(medians).subspan(static_cast<std::size_t>(half)),
                                     std::span(medians).first(static_cast<std::size_t>(half)), 0.99);
    if (trend.verdict != Verdict::NoDifference && std::abs(trend.ratio - 1) > kDriftWarned)
      m.warnings.push_back(
          fmt::format("The later processes are {:.1f} % {} than the earlier ones: the machine changed meanwhile.",
                      std::abs(trend.ratio - 1) * 100, text(trend.verdict)));
  }

  base::Status check_interrupted() const {
    if (!hooks_.interrupted()) return {};
    return base::fail({.fault = base::Fault::interrupted, .what = "stopped while measuring"});
  }

  void report(const State& current, const char* doing) const {
    double done = 0;
    for (const State& state : states_) {
      const double by_count =
          static_cast<double>(state.measurement.processes.size()) / static_cast<double>(plan_.processes);
      const double by_time = state.spent / plan_.time_limit;
      // Beyond the wanted number of processes only the clock tells when it ends.
      done += state.finished ? 1 : std::min(by_count < 1 ? by_count : by_time, 0.99);
    }
    hooks_.progress(
        fmt::format("{} on {}, process {}", doing, current.contender->on, current.measurement.processes.size() + 1),
        done / static_cast<double>(states_.size()));
  }

  const Plan& plan_;
  const Hooks& hooks_;
  std::mt19937_64 random_;
  std::vector<State> states_;
};

}  // namespace

Hooks system_hooks() {
  return {
      .now = [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }};
}

base::Result<std::vector<Measurement>> sample(const std::vector<Contender>& contenders, const Plan& plan,
                                              const Hooks& hooks) {
  return Sampler(contenders, plan, hooks).run();
}

}  // namespace edgescope::measure
