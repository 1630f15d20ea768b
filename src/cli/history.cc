// edgescope history: the runs in the store; with RUN one of them, its points and answers.
#include "cli/commands.h"
#include "cli/store_flag.h"
#include "experiment/report.h"
#include "report/views/sweep.h"

namespace edgescope::cli {
namespace {

base::Result<int> run_history(const Shared& shared, const std::string& path, std::int64_t run) {
  EDGESCOPE_TRY(store, open_store(path));
  base::Json document = report::document("history", path.empty() ? experiment::Store::default_path() : path);
  if (run > 0) {
    EDGESCOPE_CHECK(experiment::add_run(document, store, run));
    EDGESCOPE_CHECK(print(shared, document, report::sweep_view()));
    return 0;
  }
  EDGESCOPE_TRY(runs, store.runs());
  document["runs"] = base::Json::array();
  for (const experiment::Run& one : runs) document["runs"].push_back(experiment::to_json(one));
  EDGESCOPE_CHECK(print(shared, document, report::history_view()));
  return 0;
}

}  // namespace

void add_history(CLI::App& app, Shared& shared) {
  const auto path = std::make_shared<std::string>();
  const auto run = std::make_shared<std::int64_t>(0);
  CLI::App* command = add_command(app, shared, "history", "What sweeps have measured on this machine",
                                  [&shared, path, run] { return run_history(shared, *path, *run); });
  command->add_option("RUN", *run, "Number of a run: its points and answers")
      ->check(CLI::PositiveNumber)
      ->type_name("");
  add_store_flag(*command, *path);
}

}  // namespace edgescope::cli
