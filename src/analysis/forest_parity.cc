#include "analysis/forest_parity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/half.h"
#include "forest/evaluator.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using forest::Ensemble;
using forest::Number;

// A row as the program's floats hold it; runtimes may take denormal numbers for zero.
std::vector<double> held(std::span<const double> row, Number number, bool flush) {
  std::vector<double> out;
  for (const double x : row) {
    float value = static_cast<float>(x);
    if (number == Number::Float16) value = base::from_half(base::to_half(value));
    const float least = number == Number::Float16 ? 0x1p-14F : std::numeric_limits<float>::min();
    out.push_back(flush && std::abs(value) < least ? std::copysign(0.0F, value) : value);
  }
  return out;
}

// The results that a run's are held against, [rows, columns].
struct Reference {
  const Ensemble& ensemble;
  const base::NpyArray* expected;

  std::vector<double> of(std::size_t row, const forest::Evaluation& evaluation) const {
    if (expected == nullptr) return evaluation.result;
    const std::size_t columns = expected->columns();
    const auto* first = expected->values.data() + row * columns;
    if (columns == 1 && ensemble.second_class != forest::SecondClass::None) return {1 - *first, *first};
    return {first, first + columns};
  }
  // Of two classes in one column only the second is the user's own number.
  bool counts(std::size_t column) const {
    return expected == nullptr || expected->columns() > 1 || ensemble.columns() == 1 || column == 1;
  }
};

void count_leaves(const Ensemble& ensemble, std::span<const double> row, const ForestAnswers& answers,
                  std::span<const int> got, const std::vector<int>& wanted, ForestDifference& difference) {
  difference.leaves += wanted.size();
  if (std::equal(got.begin(), got.end(), wanted.begin())) return;
  std::vector<int> rounded, flushed;
  if (answers.number) {
    rounded = forest::leaves_of(ensemble, held(row, *answers.number, false));
    flushed = forest::leaves_of(ensemble, held(row, *answers.number, true));
  }
  for (std::size_t t = 0; t < wanted.size(); ++t) {
    if (got[t] == wanted[t]) continue;
    ++difference.leaf_mismatches;
    if (rounded.empty()) continue;
    if (got[t] == rounded[t])
      ++difference.rounded;
    else if (got[t] == flushed[t])
      ++difference.denormal;
  }
}

void count_results(const Reference& reference, std::span<const double> got, const std::vector<double>& wanted,
                   double tolerance, ForestDifference& difference) {
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    if (!reference.counts(k)) continue;
    ++difference.results;
    if (got[k] == wanted[k] || (std::isnan(got[k]) && std::isnan(wanted[k]))) continue;
    const double by = std::abs(got[k] - wanted[k]);
    if (!std::isfinite(by)) {
      ++difference.not_finite;
      ++difference.result_mismatches;
      continue;
    }
    difference.max_difference = std::max(difference.max_difference, by);
    if (by > tolerance * std::max(1.0, std::abs(wanted[k]))) ++difference.result_mismatches;
  }
}

std::string_view number_name(Number number) { return number == Number::Float16 ? "float16" : "float32"; }

// Why leaves differ, as far as it is known.
std::string explanation(const ForestDifference& difference, const ForestAnswers& answers) {
  if (difference.leaf_mismatches == 0)
    return difference.result_mismatches == 0 ? "" : "The leaves are the same; their values are summed otherwise.";
  if (!answers.number) return "Not explained: ranks hold every number.";
  std::string text;
  const auto add = [&](std::uint64_t count, const std::string& why) {
    if (count > 0) text += fmt::format("{}{} of them: {}.", text.empty() ? "" : " ", count, why);
  };
  const std::string_view number = number_name(*answers.number);
  add(difference.rounded, fmt::format("{} rounds a number of the row across a threshold", number));
  add(difference.denormal, fmt::format("a number too small for a normal {} is taken for zero", number));
  const std::uint64_t unexplained = difference.leaf_mismatches - difference.rounded - difference.denormal;
  add(unexplained, fmt::format("not explained by the row's numbers (the runtime computes in {})",
                               answers.precision.empty() ? "a precision that it does not tell" : answers.precision));
  for (const std::string& note : answers.notes)
    if (unexplained > 0) text += " " + note;
  return text;
}

Json run_json(const std::string& on, ForestStrategy strategy, const forest::Rows& rows,
              const ForestDifference& difference, const ForestAnswers& answers) {
  Json run = {{"on", on},
              {"strategy", forest_strategy_name(strategy)},
              {"valid", true},
              {"reason", nullptr},
              {"equal", difference.equal()},
              {"rows", rows.size()},
              {"leaves", difference.leaves},
              {"leaf_mismatches", difference.leaf_mismatches},
              {"label_flips", difference.label_flips},
              {"max_difference", difference.max_difference},
              {"result_mismatches", difference.result_mismatches},
              {"not_finite", difference.not_finite}};
  if (answers.number)
    run["causes"] = {{"rounded", difference.rounded},
                     {"denormal", difference.denormal},
                     {"unexplained", difference.leaf_mismatches - difference.rounded - difference.denormal}};
  run["explanation"] = explanation(difference, answers);
  run["program"] = {{"format", answers.format}, {"numbers", answers.number ? number_name(*answers.number) : "ranks"}};
  run["precision"] = answers.precision;
  return run;
}

}  // namespace

base::Status check_expected(const Ensemble& ensemble, const forest::Rows& rows, const base::NpyArray& expected,
                            const std::string& path) {
  const auto refuse = [&](std::string what) {
    return base::fail({.fault = base::Fault::input, .what = std::move(what), .file = path});
  };
  if (expected.rows() != rows.size())
    return refuse(fmt::format("holds predictions of {} rows, and there are {}", expected.rows(), rows.size()));
  const auto columns = static_cast<std::uint64_t>(ensemble.columns());
  const bool second_alone = expected.columns() == 1 && ensemble.second_class != forest::SecondClass::None;
  if (expected.columns() != columns && !second_alone)
    return refuse(fmt::format("holds {} numbers a row, and the forest's result has {}", expected.columns(), columns));
  return {};
}

ForestDifference forest_difference(const Ensemble& ensemble, const ForestParityRequest& request,
                                   const ForestAnswers& answers) {
  ForestDifference difference;
  const Reference reference{ensemble, request.expected ? &*request.expected : nullptr};
  const std::size_t trees = ensemble.trees.size(), columns = static_cast<std::size_t>(ensemble.columns());
  for (std::size_t i = 0; i < request.rows.size(); ++i) {
    const auto row = request.rows.row(i);
    const forest::Evaluation evaluation = forest::evaluate(ensemble, row);
    count_leaves(ensemble, row, answers, std::span(answers.leaves).subspan(i * trees, trees), evaluation.leaves,
                 difference);
    const std::vector<double> wanted = reference.of(i, evaluation);
    const auto got = std::span(answers.results).subspan(i * columns, columns);
    count_results(reference, got, wanted, request.tolerance, difference);
    if (ensemble.classifier && forest::class_of(ensemble, got) != forest::class_of(ensemble, wanted))
      ++difference.label_flips;
  }
  return difference;
}

Json forest_parity(const Ensemble& ensemble, const ForestParityRequest& request) {
  Json json = {{"basis", "measured"},
               {"rows", request.rows.size()},
               {"reference", request.expected ? "expected" : "evaluator"},
               {"tolerance", request.tolerance},
               {"runs", Json::array()}};
  const double all = static_cast<double>(request.names.size() * request.strategies.size());
  for (std::size_t r = 0; r < request.names.size(); ++r)
    for (const ForestStrategy strategy : request.strategies) {
      const std::string& on = request.names[r];
      const std::string what = fmt::format("{} on {}", forest_strategy_name(strategy), on);
      if (request.started && !request.started(what, static_cast<double>(json["runs"].size()) / all)) return json;
      const auto failed = [&](const base::Error& error) {
        json["runs"].push_back({{"on", on},
                                {"strategy", forest_strategy_name(strategy)},
                                {"valid", false},
                                {"reason", error.message()},
                                {"rows", 0}});
      };
      if (!request.runtimes[r]) {
        failed(request.runtimes[r].error());
        continue;
      }
      const auto answers = run_forest(ensemble, request.rows,
                                      {.runtime = *request.runtimes[r],
                                       .strategy = strategy,
                                       .target = request.target,
                                       .threads = request.threads,
                                       .properties = request.properties});
      if (!answers)
        failed(answers.error());
      else
        json["runs"].push_back(
            run_json(on, strategy, request.rows, forest_difference(ensemble, request, *answers), *answers));
    }
  return json;
}

}  // namespace edgescope::analysis
