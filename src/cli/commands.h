// The list of commands: one function a file, in the order in which help shows them.
#pragma once

#include "cli/command.h"

namespace edgescope::cli {

void add_analyze(CLI::App& app, Shared& shared);
void add_inspect(CLI::App& app, Shared& shared);
void add_forest(CLI::App& app, Shared& shared);
void add_convert(CLI::App& app, Shared& shared);
void add_compile(CLI::App& app, Shared& shared);
void add_check(CLI::App& app, Shared& shared);
void add_fix(CLI::App& app, Shared& shared);
void add_bench(CLI::App& app, Shared& shared);
void add_compare(CLI::App& app, Shared& shared);
void add_predict(CLI::App& app, Shared& shared);
void add_sweep(CLI::App& app, Shared& shared);
void add_history(CLI::App& app, Shared& shared);
void add_diff(CLI::App& app, Shared& shared);
void add_gate(CLI::App& app, Shared& shared);
void add_tune(CLI::App& app, Shared& shared);
void add_trace(CLI::App& app, Shared& shared);
void add_env(CLI::App& app, Shared& shared);
void add_doctor(CLI::App& app, Shared& shared);
void add_completion(CLI::App& app, Shared& shared);  // not shown in help

void add_commands(CLI::App& app, Shared& shared);

}  // namespace edgescope::cli
