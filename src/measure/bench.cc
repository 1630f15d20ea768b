#include "measure/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "measure/crowd.h"
#include "measure/worker.h"
#include "measure/worker_subject.h"

namespace edgescope::measure {
namespace {

using base::Json;

constexpr double kOverheadWorthSaying = 0.01;  // of a median

Measurement refused(const std::string& on, base::Error error) {
  return {.on = on, .reason = error.message(), .error = std::move(error)};
}

base::Result<runtime::Found> find_for(const std::string& on, const BenchRequest& request) {
  EDGESCOPE_TRY(found, runtime::find(on, request.places));
  if (runtime::is_virtual(on) && runtime::family(on) != "edgetpu")  // of whose bytes it is known what they mean
    return base::fail(
        {.fault = base::Fault::missing,
         .what = on + " is a simulated stick and has no latency",
         .remedy =
             "Measure on a real one; the simulated one tells what compiles, in how many stages and how much memory."});
  if (!runtime::accepts(on, request.format))
    return base::fail({.fault = base::Fault::missing,
                       .what = on + " does not read files of this format",
                       .file = request.model,
                       .remedy = "Convert the model, or leave this runtime out."});
  return found;
}

base::Result<Harness> measure_harness(const Hooks& hooks, double seconds) {
  EDGESCOPE_TRY(found, runtime::find("null"));
  const Contender nothing = worker_contender(found, {.threads = 1});
  // One process is enough: what is asked is how much there is, not whether it is more than elsewhere.
  const Plan plan{.processes = 1,
                  .most_processes = 1,
                  .time_limit = 10 * seconds,
                  .sample_seconds = seconds,
                  .warm_up_seconds = seconds};
  EDGESCOPE_TRY(runs, sample({nothing}, plan, {.now = hooks.now, .interrupted = hooks.interrupted}));
  if (runs[0].processes.empty())
    return base::fail(runs[0].error.value_or(base::Error{.what = "the null session did not run"}));
  const Statistics s = runs[0].statistics();
  return Harness{s.median, s.p99, s.count};
}

base::Result<std::vector<runtime::OperatorTime>> profile(const runtime::Found& found,
                                                         const runtime::LoadRequest& request) {
  EDGESCOPE_TRY(worker, Worker::start({.runtime = found}));
  EDGESCOPE_CHECK(worker.load(request));
  return worker.profile({});
}

// Bytes are the same in every process: one is enough, and nothing is sampled.
Measurement count(const runtime::Found& found, const runtime::LoadRequest& load, const BenchRequest& request,
                  const Hooks& hooks) {
  auto counted = count_usb({.runtime = found,
                            .load = load,
                            .sticks = request.sticks,
                            .inferences = request.inferences,
                            .seed = request.plan.seed,
                            .trace = request.trace,
                            .interrupted = hooks.interrupted});
  if (!counted) return refused(found.name, counted.error());
  Measurement run{.on = found.name, .valid = true, .loaded = counted->loaded};
  run.usb = std::move(*counted);
  if (!run.usb->loaded.meaningless.empty())
    run.warnings.push_back("Its outputs are meaningless: " + run.usb->loaded.meaningless + ".");
  return run;
}

Json ranking_json(const Ranking& ranking) {
  Json json = {{"fastest", ranking.fastest}, {"confidence", ranking.confidence}, {"basis", "measured"}};
  Json& rivals = json["against_fastest"] = Json::array();
  for (const Rival& rival : ranking.rivals) {
    const Interval& interval = rival.comparison.interval;
    const bool known = std::isfinite(interval.high);
    rivals.push_back({{"on", rival.on},
                      {"verdict", text(rival.comparison.verdict)},
                      {"ratio", rival.comparison.ratio},
                      {"ratio_interval", known ? Json::array({interval.low, interval.high}) : Json(nullptr)}});
  }
  return json;
}

}  // namespace

std::optional<Ranking> rank(const std::vector<Measurement>& runs, double confidence) {
  std::vector<const Measurement*> order;
  for (const Measurement& run : runs)
    if (!run.processes.empty()) order.push_back(&run);
  if (order.empty()) return std::nullopt;
  // A figure that is not valid wins against one that is only where the interval of their ratio shows it: an
  // interval a little wider than wanted does not make a runtime that takes half the time the slower one.
  const auto key = [](const Measurement* run) { return std::pair(!run->valid, run->median_us()); };
  std::stable_sort(order.begin(), order.end(),
                   [&key](const Measurement* a, const Measurement* b) { return key(a) < key(b); });
  const double each = 1 - (1 - confidence) / std::max(1.0, static_cast<double>(order.size()) - 1);
  const auto compared = [&](const Measurement* run, const Measurement* other) {
    return compare_waves(*run, *other, each);
  };
  for (std::size_t i = 1; i < order.size(); ++i)
    if (compared(order[i], order.front()).verdict == Verdict::Faster)
      std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(i),
                  order.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  Ranking ranking{.fastest = order.front()->on, .confidence = confidence};
  for (std::size_t i = 1; i < order.size(); ++i) {
    Comparison comparison = compared(order[i], order.front());
    if (comparison.verdict == Verdict::Faster) comparison.verdict = Verdict::NotDecided;
    ranking.rivals.push_back({order[i]->on, comparison});
  }
  return ranking;
}

bool anything_ran(const Bench& bench) {
  return std::any_of(bench.runs.begin(), bench.runs.end(),
                     [](const Measurement& run) { return !run.processes.empty() || run.usb; });
}

base::Result<Bench> bench(const BenchRequest& request, const Hooks& hooks) {
  std::vector<std::string> names = request.on;
  if (names.empty())
    for (const runtime::Found& found : runtime::installed(request.places))
      if (runtime::accepts(found.name, request.format)) names.push_back(found.name);
  if (names.empty())
    return base::fail({.fault = base::Fault::missing,
                       .what = "no runtime that reads this format is installed",
                       .file = request.model,
                       .remedy = "`make setup` brings the CPU runtimes; `edgescope doctor` says what is there."});

  Bench result{.seed = request.plan.seed};
  std::vector<runtime::Found> found;
  std::vector<Contender> contenders;
  std::vector<std::size_t> places;  // of the contenders among the runs
  const runtime::LoadRequest load{.model = request.model,
                                  .alternate = request.alternate,
                                  .sticks = request.sticks.count,
                                  .threads = request.threads,
                                  .properties = request.properties};
  bool simulated = false;
  for (const std::string& name : names) {
    auto there = find_for(name, request);
    if (!there) {
      if (there.error().fault == base::Fault::usage) return base::fail(there.error());
      result.runs.push_back(refused(name, there.error()));
      continue;
    }
    if (runtime::is_virtual(name)) {
      hooks.progress("counting on " + name, 0);
      result.runs.push_back(count(*there, load, request, hooks));
      if (hooks.interrupted()) return base::fail({.fault = base::Fault::interrupted, .what = "stopped while counting"});
      simulated = true;
      continue;
    }
    const Contender one = worker_contender(*there, load);
    contenders.push_back(request.workers > 1 ? crowd_of(one, request.workers) : one);
    places.push_back(result.runs.size());
    result.runs.emplace_back();
    found.push_back(std::move(*there));
  }
  if (contenders.empty() && !simulated) return base::fail(*result.runs.front().error);

  const Environment before = read_environment();
  result.environment = before;
  if (contenders.empty()) return result;

  const CpuTime begin = read_cpu_time();
  if (auto harness = measure_harness(hooks, 0.05))
    result.harness = *harness;
  else if (harness.error().fault == base::Fault::interrupted)
    return base::fail(harness.error());
  else
    result.warnings.push_back("The harness's overhead is unknown: " + harness.error().message());
  EDGESCOPE_TRY(measured, sample(contenders, request.plan, hooks));
  result.disturbance = disturbance(before, read_environment(), begin, read_cpu_time());

  for (std::size_t i = 0; i < measured.size(); ++i) {
    if (request.profile && !measured[i].error) {
      if (hooks.interrupted())
        return base::fail({.fault = base::Fault::interrupted, .what = "stopped while measuring"});
      hooks.progress("profiling on " + measured[i].on, 0.99);
      runtime::LoadRequest profiled = load;
      profiled.profile = true;
      if (auto times = profile(found[i], profiled))
        measured[i].operators = std::move(*times);
      else
        measured[i].warnings.push_back("No times per operator: " + times.error().message());
    }
    result.runs[places[i]] = std::move(measured[i]);
  }
  result.ranking = rank(result.runs, request.plan.confidence);
  for (std::string& warning : warnings(result.environment, result.disturbance, request.threads * request.workers))
    result.warnings.push_back(std::move(warning));
  if (result.harness)
    for (const Measurement& run : result.runs)
      if (!run.processes.empty() && result.harness->overhead_us > kOverheadWorthSaying * run.median_us())
        result.warnings.push_back(
            fmt::format("Of {}'s median {:.2f} us are the harness's own.", run.on, result.harness->overhead_us));
  return result;
}

void add_bench(Json& document, const Bench& bench, bool samples) {
  Json& runs = document["runs"] = Json::array();
  for (const Measurement& run : bench.runs) runs.push_back(to_json(run, samples));
  document["comparison"] = bench.ranking ? ranking_json(*bench.ranking) : Json(nullptr);
  if (bench.harness)
    document["harness"] = {{"overhead_us", bench.harness->overhead_us},
                           {"p99_us", bench.harness->p99_us},
                           {"samples", bench.harness->samples},
                           {"seed", bench.seed},
                           {"basis", "measured"}};
  document["environment"] = to_json(bench.environment, bench.disturbance);
  document["warnings"] = bench.warnings;
}

}  // namespace edgescope::measure
