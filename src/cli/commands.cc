#include "cli/commands.h"

namespace edgescope::cli {

void add_commands(CLI::App& app, Shared& shared) {
  add_analyze(app, shared);
  add_inspect(app, shared);
  add_forest(app, shared);
  add_convert(app, shared);
  add_compile(app, shared);
  add_check(app, shared);
  add_fix(app, shared);
  add_bench(app, shared);
  add_compare(app, shared);
  add_predict(app, shared);
  add_sweep(app, shared);
  add_history(app, shared);
  add_diff(app, shared);
  add_gate(app, shared);
  add_tune(app, shared);
  add_trace(app, shared);
  add_env(app, shared);
  add_doctor(app, shared);
  add_completion(app, shared);
}

}  // namespace edgescope::cli
