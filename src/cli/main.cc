// edgescope: finds, explains and removes what a model loses on an edge accelerator.
#include <csignal>
#include <cstdio>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/version.h"

namespace {

using namespace edgescope;

int run(int argc, char** argv) {
  cli::Shared shared;
  // Split before the option parser sees it: what follows the first `--` is the command's own.
  std::vector<std::string> arguments;
  int i = 1;
  for (; i < argc && std::string_view(argv[i]) != "--"; ++i) arguments.emplace_back(argv[i]);
  for (++i; i < argc; ++i) shared.after_dashes.emplace_back(argv[i]);

  CLI::App app("What a model loses on an edge accelerator, why, and what to do about it.", "edgescope");
  app.require_subcommand(1);
  app.set_version_flag("--version", cli::version_text, "Print version, commit and the runtimes found");
  cli::add_commands(app, shared);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : base::exit_code(base::Fault::usage);
  }
  const base::Result<int> result = shared.run();
  if (result) return *result;
  std::fprintf(stderr, "edgescope: %s\n", result.error().message().c_str());
  return base::exit_code(result.error().fault);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return run(argc, argv);
}
