#include "rewrite/gain.h"

#include <cmath>

#include "measure/worker_subject.h"

namespace edgescope::rewrite {

using base::Json;

base::Result<Gain> measure_gain(const Side& before, const Side& after, const runtime::Places& places,
                                const measure::Plan& plan, const measure::Hooks& hooks) {
  for (const runtime::Found& found : runtime::installed(places)) {
    if (!runtime::accepts(found.name, before.format) || !runtime::accepts(found.name, after.format)) continue;
    EDGESCOPE_TRY(runs, measure::sample({measure::worker_contender(found, {.model = before.file, .threads = 1}),
                                         measure::worker_contender(found, {.model = after.file, .threads = 1})},
                                        plan, hooks));
    for (const measure::Measurement& run : runs)
      if (run.processes.empty())
        return base::fail(run.error.value_or(base::Error{
            .fault = base::Fault::runtime, .what = "it could not be measured: " + run.reason, .file = before.file}));
    const measure::Comparison comparison = measure::compare_waves(runs[1], runs[0], plan.confidence);
    return Gain{.on = found.name, .before = std::move(runs[0]), .after = std::move(runs[1]), .comparison = comparison};
  }
  return base::fail({.fault = base::Fault::missing,
                     .what = "no CPU runtime is installed that reads both formats",
                     .file = before.file,
                     .remedy = "`make runtimes` brings them."});
}

Json to_json(const Gain& gain) {
  const auto side = [](const measure::Measurement& run) {
    const auto interval = run.interval();
    return Json{{"valid", run.valid},
                {"reason", run.reason.empty() ? Json() : Json(run.reason)},
                {"median_us", run.median_us()},
                {"interval_us", interval ? Json::array({interval->low, interval->high}) : Json()},
                {"processes", run.processes.size()}};
  };
  const measure::Interval& ratio = gain.comparison.interval;
  return {{"on", gain.on},
          {"version", gain.before.loaded ? gain.before.loaded->version : ""},
          {"threads", 1},
          {"before", side(gain.before)},
          {"after", side(gain.after)},
          {"ratio", gain.comparison.ratio},
          {"ratio_interval", std::isfinite(ratio.high) ? Json::array({ratio.low, ratio.high}) : Json()},
          {"verdict", measure::text(gain.comparison.verdict)},
          {"basis", "measured"}};
}

}  // namespace edgescope::rewrite
