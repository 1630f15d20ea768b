#include "cli/commands.h"

namespace edgescope::cli {

void add_commands(CLI::App& app, Shared& shared) {
  add_analyze(app, shared);
  add_inspect(app, shared);
  add_convert(app, shared);
  add_compile(app, shared);
  add_check(app, shared);
  add_bench(app, shared);
  add_predict(app, shared);
  add_trace(app, shared);
  add_doctor(app, shared);
  add_completion(app, shared);
}

}  // namespace edgescope::cli
