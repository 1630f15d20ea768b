#include "measure/measurement.h"

#include <algorithm>
#include <cmath>

#include "measure/bootstrap.h"

namespace edgescope::measure {
namespace {

using base::Json;

// A clock gives nanoseconds; full doubles make documents twice as long.
double rounded(double us) { return std::round(us * 1e3) / 1e3; }

Json interval_json(const std::optional<Interval>& interval) {
  if (!interval) return nullptr;
  return Json::array({rounded(interval->low), rounded(interval->high)});
}

Json statistics_json(const Statistics& s) {
  return {{"count", s.count},
          {"min_us", rounded(s.min)},
          {"p5_us", rounded(s.p5)},
          {"p25_us", rounded(s.p25)},
          {"median_us", rounded(s.median)},
          {"p75_us", rounded(s.p75)},
          {"p90_us", rounded(s.p90)},
          {"p95_us", rounded(s.p95)},
          {"p99_us", rounded(s.p99)},
          {"max_us", rounded(s.max)},
          {"mean_us", rounded(s.mean)},
          {"sd_us", rounded(s.sd)},
          {"cv", s.cv},
          {"mad_us", rounded(s.mad)},
          {"outliers", s.outliers},
          {"lag1_autocorrelation", s.lag1},
          {"effective_sample_size", std::round(s.effective_size)}};
}

Json runtime_json(const runtime::Loaded& loaded) {
  return {{"version", loaded.version},
          {"kernels", loaded.kernels},
          {"precision", loaded.precision},
          {"threads", loaded.threads},
          {"notes", loaded.notes}};
}

Json process_json(const ProcessRun& run, double confidence, bool samples) {
  const Statistics s = describe(run.samples_us);
  // Long series repeat better and cost more: about two million draws are enough for either.
  const int resamples = std::clamp(static_cast<int>(2'000'000 / std::max<std::size_t>(s.count, 1)), 199, 999);
  Json json = {{"wave", run.wave},
               {"load_us", rounded(run.load_us)},
               {"first_us", rounded(run.first_us)},
               {"warm_up", run.warm_up},
               {"stationary", run.stationary},
               {"samples", s.count},
               {"median_us", rounded(s.median)},
               // Of this process alone, and therefore never the figure's own interval.
               {"within_interval_us",
                interval_json(bootstrap_median(run.samples_us, {.confidence = confidence, .resamples = resamples}))},
               {"min_us", rounded(s.min)},
               {"p5_us", rounded(s.p5)},
               {"lag1_autocorrelation", s.lag1},
               {"effective_sample_size", std::round(s.effective_size)}};
  if (samples) {
    Json& list = json["samples_us"] = Json::array();
    for (double sample : run.samples_us) list.push_back(rounded(sample));
  }
  return json;
}

Json operators_json(const std::vector<runtime::OperatorTime>& operators) {
  Json list = Json::array();
  for (const runtime::OperatorTime& time : operators)
    list.push_back(
        {{"name", time.name}, {"kind", time.kind}, {"kernel", time.kernel}, {"us", rounded(time.microseconds)}});
  return list;
}

std::vector<std::vector<double>> all_samples(const Measurement& measurement) {
  std::vector<std::vector<double>> series;
  for (const ProcessRun& run : measurement.processes) series.push_back(run.samples_us);
  return series;
}

template <typename Member>
double median_of(const std::vector<ProcessRun>& runs, Member member) {
  std::vector<double> values;
  for (const ProcessRun& run : runs) values.push_back(run.*member);
  return median(std::move(values));
}

}  // namespace

std::vector<double> Measurement::process_medians() const {
  std::vector<double> result;
  for (const ProcessRun& run : processes) result.push_back(median(run.samples_us));
  return result;
}

double Measurement::median_us() const { return median(process_medians()); }

std::optional<Interval> Measurement::interval() const { return process_interval(process_medians(), confidence); }

std::vector<double> Measurement::rates() const {
  std::vector<double> result;
  for (const ProcessRun& run : processes) result.push_back(run.per_second);
  return result;
}

Statistics Measurement::statistics() const { return describe(all_samples(*this)); }

Comparison compare_waves(const Measurement& a, const Measurement& b, double confidence) {
  std::vector<double> x, y;
  for (const ProcessRun& run : a.processes) {
    const auto twin = std::find_if(b.processes.begin(), b.processes.end(),
                                   [&run](const ProcessRun& other) { return other.wave == run.wave; });
    if (twin == b.processes.end()) continue;
    x.push_back(median(run.samples_us));
    y.push_back(median(twin->samples_us));
  }
  return compare_pairs(x, y, confidence);
}

base::Json distribution(const std::vector<std::vector<double>>& series) {
  std::vector<double> all;
  for (const std::vector<double>& one : series) all.insert(all.end(), one.begin(), one.end());
  if (all.empty()) return nullptr;
  std::sort(all.begin(), all.end());
  const double upper = quantile(all, 0.75), spread = upper - quantile(all, 0.25);
  const double low = all.front(), high = std::min(quantile(all, 0.99), upper + 4 * spread);
  // Freedman and Diaconis's width, within what a chart can show.
  const double wanted = 2 * spread / std::cbrt(static_cast<double>(all.size()));
  const double bins = wanted > 0 ? std::clamp(std::ceil((high - low) / wanted), 1.0, 60.0) : 1;
  const double width = high > low ? (high - low) / bins : 1;
  std::vector<std::size_t> counts(static_cast<std::size_t>(bins), 0);
  std::size_t above = 0;
  for (double value : all) {
    if (value > high)
      ++above;
    else
      ++counts[std::min(static_cast<std::size_t>((value - low) / width), counts.size() - 1)];
  }
  return {{"low_us", rounded(low)}, {"width_us", rounded(width)}, {"counts", counts}, {"above", above}};
}

base::Json to_json(const Measurement& m, bool samples) {
  Json json = {{"on", m.on},
               {"valid", m.valid},
               {"reason", m.valid ? Json(nullptr) : Json(m.reason)},
               {"basis", m.usb ? "exact" : "measured"}};
  if (!m.processes.empty()) {
    const Statistics s = m.statistics();
    json["median_us"] = rounded(m.median_us());
    json["interval_us"] = interval_json(m.interval());
    json["confidence"] = m.confidence;
    json["min_us"] = rounded(s.min);
    json["p5_us"] = rounded(s.p5);
    json["p99_us"] = rounded(s.p99);
    json["processes"] = m.processes.size();
    json["samples"] = s.count;
    json["load_us"] = rounded(median_of(m.processes, &ProcessRun::load_us));
    json["first_us"] = rounded(median_of(m.processes, &ProcessRun::first_us));
    json["workers"] = m.workers;
    json["per_second"] = median(m.rates());
    json["per_second_interval"] = interval_json(process_interval(m.rates(), m.confidence));
  }
  if (m.loaded) json["runtime"] = runtime_json(*m.loaded);
  json["warnings"] = m.warnings;
  if (m.usb) json["usb"] = to_json(*m.usb);
  if (m.processes.empty()) return json;
  json["statistics"] = statistics_json(m.statistics());
  json["distribution"] = distribution(all_samples(m));
  Json& list = json["process_runs"] = Json::array();
  for (const ProcessRun& run : m.processes) list.push_back(process_json(run, m.confidence, samples));
  if (!m.operators.empty()) json["operators"] = operators_json(m.operators);
  return json;
}

}  // namespace edgescope::measure
