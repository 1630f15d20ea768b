// edgescope sweep PLAN: measures every point of a plan's grids and answers its questions. What was measured is in
// the store at once, so that the same command goes on after a kill.
#include "experiment/sweep.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.h"
#include "base/temporary_folder.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/runtime_flags.h"
#include "cli/store_flag.h"
#include "cli/version.h"
#include "experiment/built_in.h"
#include "experiment/report.h"
#include "experiment/visit.h"
#include "measure/environment.h"
#include "report/html.h"
#include "report/views/sweep.h"

namespace edgescope::cli {
namespace {

struct Options {
  std::string plan, store, html;
  std::vector<std::string> grid, on, predict, questions;
  std::size_t rounds = 0;
  double seconds = 0;
  runtime::Places places;
};

// `batch=1,8,64` as TOML, so that flags and files are read by the same code: what is no number is a word.
base::Result<std::string> axis_text(const std::string& flag) {
  const std::size_t equals = flag.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == flag.size())
    return base::fail({.fault = base::Fault::usage,
                       .what = fmt::format("`--grid {}` is no axis", flag),
                       .remedy = "Write an axis as `--grid batch=1,8,64`."});
  std::string text = fmt::format("\"{}\" = [", flag.substr(0, equals)), item;
  std::vector<std::string> items;
  for (const char c : flag.substr(equals + 1) + ",") {
    if (c != ',') {
      item += c;
      continue;
    }
    const bool number = !item.empty() && item.find_first_not_of("0123456789.-") == std::string::npos;
    items.push_back(number ? item : base::dump(base::Json(item)));
    item.clear();
  }
  return text + fmt::format("{}]\n", fmt::join(items, ", "));
}

base::Result<experiment::Plan> from_flags(const Options& options) {
  std::string toml = "[[grid]]\n";
  for (const std::string& axis : options.grid) {
    EDGESCOPE_TRY(text, axis_text(axis));
    toml += text;
  }
  for (const std::string& question : options.questions) {
    const std::size_t colon = question.find(':');
    toml += fmt::format("[[question]]\nkind = {}\n", base::dump(base::Json(question.substr(0, colon))));
    if (colon != std::string::npos)
      toml += fmt::format("along = {}\n", base::dump(base::Json(question.substr(colon + 1))));
  }
  auto plan = experiment::parse_plan(toml, "the command line");
  if (!plan) plan.error().fault = base::Fault::usage;
  return plan;
}

base::Result<experiment::Plan> read(const Options& options) {
  if (options.plan.empty() == options.grid.empty())
    return base::fail(
        {.fault = base::Fault::usage,
         .what = options.plan.empty() ? "there is nothing to sweep" : "a plan has its own grid",
         .remedy = "Name a plan, or axes with --grid; `edgescope sweep --list` shows the built-in ones."});
  if (options.plan.empty()) return from_flags(options);
  if (const auto text = experiment::built_in_plan(options.plan)) return experiment::parse_plan(*text, options.plan);
  return experiment::read_plan(options.plan);
}

// Grids that name no runtime are for those that are there: each timed, or all compared where that is what is asked;
// and for the devices that the plan predicts. What only a runtime has is no axis of a prediction.
void complete(experiment::Plan& plan, const std::vector<std::string>& on) {
  const bool parity = std::all_of(plan.questions.begin(), plan.questions.end(),
                                  [](const auto& question) { return question.kind == "parity"; });
  std::vector<experiment::Grid> predicted;
  for (experiment::Grid& grid : plan.grids) {
    const bool named = std::any_of(grid.axes.begin(), grid.axes.end(), [](const auto& axis) {
      return axis.first == "on" || axis.first == "compare" || axis.first == "predict";
    });
    if (named) continue;
    if (!plan.predict.empty()) {
      experiment::Grid& twin = predicted.emplace_back(grid);
      std::erase_if(twin.axes,
                    [](const auto& axis) { return axis.first == "threads" || axis.first.starts_with("property."); });
      twin.axes.emplace_back("predict", std::vector<base::Json>(plan.predict.begin(), plan.predict.end()));
    }
    if (parity && !plan.questions.empty())
      grid.axes.emplace_back("compare", std::vector<base::Json>{fmt::format("{}", fmt::join(on, ","))});
    else
      grid.axes.emplace_back("on", std::vector<base::Json>(on.begin(), on.end()));
  }
  plan.grids.insert(plan.grids.end(), predicted.begin(), predicted.end());
}

base::Result<int> list_plans(const Shared& shared) {
  base::Json document = report::document("sweep", nullptr);
  for (const auto& [name, about] : experiment::built_in_plans())
    document["plans"].push_back({{"name", name}, {"about", about}});
  EDGESCOPE_CHECK(print(shared, document, report::sweep_view()));
  return 0;
}

base::Result<int> run_sweep(const Shared& shared, const Options& options) {
  EDGESCOPE_TRY(plan, read(options));
  if (options.rounds > 0) plan.rounds = options.rounds;
  if (options.seconds > 0) plan.seconds = options.seconds;
  if (!options.predict.empty()) plan.predict = options.predict;
  std::vector<std::string> on = options.on;
  if (on.empty())
    for (const runtime::Found& found : runtime::installed(options.places))
      if (runtime::accepts(found.name, graph::Format::TfLite)) on.push_back(found.name);
  if (!plan.grids.empty() && on.empty())
    return base::fail({.fault = base::Fault::missing,
                       .what = "no runtime is installed that could run it",
                       .remedy = "`make setup` brings the CPU runtimes; `edgescope doctor` says what is there."});
  complete(plan, on);

  EDGESCOPE_TRY(store, open_store(options.store));
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  measure::Hooks hooks = measure::system_hooks();
  hooks.interrupted = [] { return Interrupt::pending(); };
  hooks.progress = [&progress](const std::string& text, double fraction) { progress.update(text, fraction); };
  const auto visit = experiment::visits({options.places, folder.path(), plan.seconds}, hooks);
  const base::Json environment = measure::to_json(measure::read_environment(), {});
  EDGESCOPE_TRY(done, experiment::sweep(store, plan, environment, version_text().substr(0, version_text().find('\n')),
                                        visit, hooks));
  progress.clear();

  base::Json document = report::document("sweep", options.plan.empty() ? "the command line" : options.plan);
  EDGESCOPE_CHECK(experiment::add_run(document, store, done.run));
  document["run"]["resumed"] = done.resumed;
  document["run"]["visited_now"] = done.visited;
  document["run"]["store"] = options.store.empty() ? experiment::Store::default_path() : options.store;
  if (!options.html.empty()) EDGESCOPE_CHECK(base::write_file(options.html, report::html(document)));
  EDGESCOPE_CHECK(print(shared, document, report::sweep_view()));
  const auto& points = document["points"];
  const bool none =
      std::none_of(points.begin(), points.end(), [](const base::Json& point) { return point["failure"].is_null(); });
  return none ? base::exit_code(base::Fault::missing) : 0;
}

}  // namespace

void add_sweep(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  const auto list = std::make_shared<bool>(false);
  CLI::App* command =
      add_command(app, shared, "sweep", "Measure a grid of points, resumably, and answer questions about it",
                  [&shared, options, list] { return *list ? list_plans(shared) : run_sweep(shared, *options); });
  command->add_option("PLAN", options->plan, "A plan: TOML file, or a built-in one such as notebook/batch")
      ->type_name("");
  command->add_flag("--list", *list, "The built-in plans");
  command->add_option("--grid", options->grid, "In place of a plan: an axis and its values; may be repeated")
      ->type_name("AXIS=A,B,...")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--question", options->questions, "In place of a plan: scaling:AXIS, ladder:AXIS, variance, ...")
      ->type_name("KIND[:AXIS]")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_on_flag(*command, options->on);
  command
      ->add_option("--predict", options->predict,
                   "Devices that are predicted beside what is measured: edgetpu, ncs2 (what the plan says)")
      ->delimiter(',')
      ->check(CLI::IsMember({"edgetpu", "ncs2"}))
      ->type_name("DEVICE,...");
  command->add_option("--rounds", options->rounds, "Fresh processes of each point (5, or what the plan says)")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->add_option("--seconds", options->seconds, "Of samples in each process (0.5, or what the plan says)")
      ->check(CLI::PositiveNumber)
      ->type_name("S");
  command->add_option("--html", options->html, "Write the report as one HTML file that needs nothing else")
      ->type_name("FILE");
  add_store_flag(*command, options->store);
  add_runtime_flags(*command, options->places);
}

}  // namespace edgescope::cli
