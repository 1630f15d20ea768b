#include "compiler/myriad_compile.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/atomic_file.h"
#include "base/process.h"
#include "base/program.h"
#include "base/temporary_folder.h"

namespace edgescope::compiler {
namespace {

namespace fs = std::filesystem;
using End = base::ProgramRun::End;

// Where set-up unpacks the release that has it.
constexpr const char* kInRuntimes = "openvino-2021.3/openvino/libs/myriad_compile";

constexpr const char* kLoader = "/lib64/ld-linux-x86-64.so.2";  // there is no such release for other machines

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// What it says of the network: without its own name and version, and without warnings about settings.
MyriadResult read_output(const std::string& output) {
  MyriadResult result;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kBuild = "Build ....";
    if (const std::size_t at = line.find(kBuild); at != std::string::npos) {
      result.version = line.substr(line.rfind(' ') + 1);
      continue;
    }
    const bool said = line.empty() || line.starts_with('\t') || line.starts_with("Inference Engine") ||
                      line == "Done" || line.find("[Warning]") != std::string::npos || line.starts_with("[WARN]");
    if (said) continue;
    if (!result.failure.empty()) result.failure += ' ';
    result.failure += line;
  }
  return result;
}

}  // namespace

base::Result<std::string> find_myriad_compile(const std::string& given, const std::string& runtimes) {
  const std::string named = !given.empty() ? given : from_environment("EDGESCOPE_MYRIAD_COMPILE");
  std::error_code ignored;
  if (!named.empty()) {
    if (fs::is_regular_file(named, ignored)) return fs::absolute(named).string();
    return base::fail({.fault = base::Fault::missing, .what = "there is no such program", .file = named});
  }
  const fs::path ours = fs::path(runtimes) / kInRuntimes;
  if (!runtimes.empty() && fs::is_regular_file(ours, ignored)) return fs::absolute(ours).string();
  const std::string along_path = base::find_program("myriad_compile");
  if (!along_path.empty()) return along_path;
  return base::fail({.fault = base::Fault::missing,
                     .what = "myriad_compile is not installed",
                     .remedy = "`make oracle` brings it with OpenVINO 2021.3, or name it with --compiler-program or "
                               "EDGESCOPE_MYRIAD_COMPILE."});
}

base::Result<MyriadResult> run_myriad_compile(const MyriadRequest& request) {
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  const std::string settings = folder.path() + "/settings";
  std::string text;
  for (const auto& [name, value] : request.settings) text += fmt::format("{} {}\n", name, value);
  EDGESCOPE_CHECK(base::write_file(settings, text));

  auto environment = base::plain_environment();
  environment["LD_LIBRARY_PATH"] = fs::path(request.program).parent_path().string();
  std::vector<std::string> command = {
      request.program, "-m", fs::absolute(request.model).string(), "-o", fs::absolute(request.blob).string(), "-c",
      settings};
  command.insert(command.end(), request.options.begin(), request.options.end());
  std::vector<std::string> arguments = {"-c", "ulimit -n 1024; exec \"$@\"", "sh"};
  // Unpacked from a wheel a program has no right to be executed: the loader starts it all the same.
  if (::access(request.program.c_str(), X_OK) != 0) arguments.emplace_back(kLoader);
  arguments.insert(arguments.end(), command.begin(), command.end());
  EDGESCOPE_TRY(run, base::run_program({.program = "/bin/sh",
                                        .arguments = arguments,
                                        .environment = std::move(environment),
                                        .folder = folder.path(),
                                        .time_limit = request.time_limit,
                                        .interrupted = request.interrupted}));
  if (run.end == End::Interrupted)
    return base::fail({.fault = base::Fault::interrupted, .what = "stopped while compiling", .file = request.model});
  MyriadResult result = read_output(run.output);
  result.command = std::move(command);
  result.seconds = run.seconds;
  std::error_code ignored;
  const bool made = run.end == End::Exit && run.exit_code == 0 && fs::exists(request.blob, ignored);
  if (made)
    result.failure.clear();
  else if (result.failure.empty() || run.end != End::Exit)
    result.failure =
        fmt::format("myriad_compile {}{}", run.how, result.failure.empty() ? "" : fmt::format(": {}", result.failure));
  return result;
}

}  // namespace edgescope::compiler
