// edgescope diff RUN RUN, and edgescope gate --baseline RUN: two runs of the store against each other, point by
// point; the gate fails where one is shown to be slower.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/store_flag.h"
#include "experiment/report.h"
#include "report/views/sweep.h"

namespace edgescope::cli {
namespace {

struct Options {
  std::string store;
  std::int64_t before = 0, after = 0;
};

base::Result<base::Json> compared(const std::string& command, experiment::Store& store, std::int64_t before,
                                  std::int64_t after) {
  EDGESCOPE_TRY(old_run, store.run(before));
  EDGESCOPE_TRY(new_run, store.run(after));
  EDGESCOPE_TRY(comparison, experiment::compare(store, before, after));
  base::Json document = report::document(command, {before, after});
  document["before"] = experiment::to_json(old_run);
  document["after"] = experiment::to_json(new_run);
  document.update(experiment::to_json(comparison));
  return document;
}

base::Result<int> run_diff(const Shared& shared, const Options& options) {
  EDGESCOPE_TRY(store, open_store(options.store));
  EDGESCOPE_TRY(document, compared("diff", store, options.before, options.after));
  EDGESCOPE_CHECK(print(shared, document, report::diff_view()));
  return 0;
}

// The newest finished run of the same plan, where none is named.
base::Result<std::int64_t> newest_like(experiment::Store& store, std::int64_t baseline) {
  EDGESCOPE_TRY(base, store.run(baseline));
  EDGESCOPE_TRY(runs, store.runs());
  for (const experiment::Run& run : runs)
    if (run.id != baseline && run.name == base.name && !run.finished.empty()) return run.id;
  return base::fail(
      {.fault = base::Fault::usage,
       .what = fmt::format("there is no other finished run of `{}` to hold against run {}", base.name, baseline),
       .remedy = "Run the same `edgescope sweep` again, or name a run."});
}

base::Result<int> run_gate(const Shared& shared, const Options& options) {
  EDGESCOPE_TRY(store, open_store(options.store));
  std::int64_t after = options.after;
  if (after == 0) {
    EDGESCOPE_TRY(newest, newest_like(store, options.before));
    after = newest;
  }
  EDGESCOPE_TRY(document, compared("gate", store, options.before, after));
  EDGESCOPE_CHECK(print(shared, document, report::diff_view()));
  if (document["points"].empty())
    return base::fail({.fault = base::Fault::usage, .what = "the two runs have no point in common"});
  return document["regressed"].get<bool>() ? 1 : 0;
}

}  // namespace

void add_diff(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, shared, "diff", "Two runs of a sweep against each other, point by point",
                                  [&shared, options] { return run_diff(shared, *options); });
  command->add_option("BEFORE", options->before, "Number of a run (`edgescope history`)")->required()->type_name("");
  command->add_option("AFTER", options->after, "Number of another")->required()->type_name("");
  add_store_flag(*command, options->store);
}

void add_gate(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, shared, "gate", "Exit code 1 where a run is shown to be slower than a baseline",
                                  [&shared, options] { return run_gate(shared, *options); });
  command->add_option("RUN", options->after, "Number of a run (the newest finished one of the same plan)")
      ->type_name("");
  command->add_option("--baseline", options->before, "Number of the run that it is held against")
      ->required()
      ->type_name("RUN");
  add_store_flag(*command, options->store);
}

}  // namespace edgescope::cli
