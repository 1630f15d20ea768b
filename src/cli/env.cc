// edgescope env -- COMMAND: runs a command in the environment that it needs, `mo` without what an OpenVINO archive's
// setupvars.sh set, inference with it. The command takes this program's place, so that signals, terminal and exit code
// are its own.
#include "report/views/env.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/terminal.h"
#include "cli/commands.h"
#include "machine/machine_json.h"

namespace edgescope::cli {
namespace {

struct Options {
  std::string openvino;
  bool print = false, explain = false;
};

// Returns only where the program cannot be started.
base::Error become(const machine::CommandEnvironment& composed, std::vector<std::string> words) {
  std::vector<std::string> settings;
  for (const auto& [name, value] : composed.environment) settings.push_back(name + "=" + value);
  const auto pointers = [](std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (std::string& string : strings) result.push_back(string.data());
    result.push_back(nullptr);
    return result;
  };
  std::fflush(nullptr);
  execve(composed.program.c_str(), pointers(words).data(), pointers(settings).data());
  return {.fault = base::Fault::missing,
          .what = std::string("cannot be started: ") + std::strerror(errno),
          .file = composed.program};
}

base::Result<int> env(const Shared& shared, const Options& options) {
  if (shared.after_dashes.empty())
    return base::fail({.fault = base::Fault::usage,
                       .what = "env needs a command",
                       .remedy = "`edgescope env -- mo --input_model net.onnx`, for example."});
  EDGESCOPE_TRY(composed,
                machine::environment_for(machine::Machine(machine::here()), shared.after_dashes, options.openvino));
  if (options.print || options.explain) {
    base::Json document = report::document("env", shared.after_dashes);
    machine::add_command_environment(document, composed);
    if (options.print) {
      EDGESCOPE_CHECK(print(shared, document, report::env_view));
      return 0;
    }
    // Standard output is the command's.
    std::fputs(report::render(document, report::env_view, shared.format, base::Terminal{}).c_str(), stderr);
  }
  return base::fail(become(composed, shared.after_dashes));
}

}  // namespace

void add_env(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, shared, "env", "Runs a command in the environment that it needs: `edgescope env -- mo ...`",
                  [&shared, options] { return env(shared, *options); });
  command->footer(
      "Python tools that have pip's OpenVINO (mo, ovc, benchmark_app) run without what an archive's setupvars.sh set; "
      "programs that need an archive's OpenVINO get it. The exit code is COMMAND's.");
  command
      ->add_option("--openvino", options->openvino,
                   "Run with this OpenVINO: an archive's folder, or an unpacked wheel's")
      ->type_name("FOLDER");
  command->add_flag("--print", options->print, "Only say what would be changed, and why");
  command->add_flag("--explain", options->explain, "Say it on standard error, then run");
}

}  // namespace edgescope::cli
