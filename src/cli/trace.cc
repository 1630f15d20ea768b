// edgescope trace -- COMMAND: what a program moves over USB, without changing the program: a library that is loaded
// before libusb writes down each transfer. With --virtual the program finds a simulated stick instead of a real one.
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/beside_program.h"
#include "base/temporary_folder.h"
#include "cli/commands.h"
#include "cli/runtime_flags.h"
#include "measure/command.h"
#include "measure/usb_trace.h"
#include "measure/virtual_sticks.h"
#include "report/views/usb.h"
#include "virtual/log.h"

namespace edgescope::cli {
namespace {

using base::Json;

struct Options {
  std::string json, trace;
  std::vector<std::string> models;  // of simulated sticks
  SimulatedFlags simulated;
  runtime::Places places;
};

base::Result<std::string> library(const char* name) {
  if (auto path = base::beside_program(std::string("virtual/") + name)) return std::move(*path);
  return base::fail({.fault = base::Fault::missing,
                     .what = std::string("virtual/") + name + " is not beside this program",
                     .remedy = "`make build` makes it."});
}

// `first`, then what the variable holds already.
std::string before(const std::string& first, const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value ? first + ":" + value : first;
}

base::Result<int> trace(const Shared& shared, const Options& options) {
  if (shared.after_dashes.empty())
    return base::fail({.fault = base::Fault::usage,
                       .what = "trace needs a command",
                       .remedy = "`edgescope trace -- python3 classify.py`, for example."});
  const bool simulated = !options.models.empty();
  if (!simulated && options.simulated.any())
    return base::fail({.fault = base::Fault::usage,
                       .what = "--sticks, --source, --link and --dfu are for simulated sticks",
                       .remedy = "Name the compiled model with --virtual."});
  EDGESCOPE_TRY(tracer, library("libedgescope-usb-trace.so"));
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  std::string log = folder.path() + "/bus.jsonl";
  measure::Command command{.words = shared.after_dashes,
                           .environment = {{"LD_PRELOAD", before(tracer, "LD_PRELOAD")}},
                           .output_to_stderr = options.json.empty()};
  if (simulated) {
    EDGESCOPE_TRY(bus, library("libusb-1.0.so.0"));
    std::vector<measure::Compiled> models;
    for (const std::string& path : options.models) {
      EDGESCOPE_TRY(compiled, measure::read_compiled(path));
      models.push_back(std::move(compiled));
    }
    const measure::VirtualSticks sticks = options.simulated.sticks();
    std::string tflite;
    if (!sticks.source.empty()) {
      EDGESCOPE_TRY(found, runtime::find("tflite", options.places));
      tflite = found.library;
    }
    EDGESCOPE_TRY(files, measure::write_session(sticks, models, tflite, false, folder.path()));
    log = files.log;
    command.environment["EDGESCOPE_VIRTUAL_USB"] = files.session;
    command.environment["LD_LIBRARY_PATH"] = before(std::filesystem::path(bus).parent_path(), "LD_LIBRARY_PATH");
  }
  command.environment["EDGESCOPE_USB_TRACE"] = log;

  const auto begin = std::chrono::steady_clock::now();
  EDGESCOPE_TRY(exit_code, measure::run_command(command));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::vector<Json> lines;
  if (std::filesystem::exists(log)) {
    EDGESCOPE_TRY(read, virtual_usb::read_log(log));
    lines = std::move(read);
  }

  Json document = report::document("trace", shared.after_dashes);
  document["exit_code"] = exit_code;
  document["seconds"] = seconds.count();
  document["simulated"] = simulated;
  document["bytes_basis"] = "exact";
  document["times_basis"] = simulated ? Json(nullptr) : Json("measured");
  document["devices"] = measure::to_json(measure::summarise_usb(lines));
  document["errors"] = measure::complaints(lines);
  if (!options.trace.empty())
    EDGESCOPE_CHECK(base::write_file(
        options.trace,
        base::dump(measure::chrome_trace(
            lines, simulated ? "Times are those of the simulation, not of a stick; bytes are exact." : ""))));
  if (options.json.empty())
    EDGESCOPE_CHECK(print(shared, document, report::trace_view));
  else
    EDGESCOPE_CHECK(base::write_file(options.json, base::dump(document, 2) + "\n"));
  return exit_code;
}

}  // namespace

void add_trace(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, shared, "trace", "What a program moves over USB: `edgescope trace -- COMMAND`",
                                  [&shared, options] { return trace(shared, *options); });
  command->footer(
      "The exit code is COMMAND's. Its standard output goes to standard error, unless --json names a file for the "
      "document.");
  command->add_option("--json", options->json, "Write the document there and leave standard output to COMMAND")
      ->type_name("FILE");
  command->add_option("--trace", options->trace, "Write every transfer as a trace for Perfetto or chrome://tracing")
      ->type_name("FILE");
  command
      ->add_option("--virtual", options->models,
                   "A compiled Edge TPU model: COMMAND finds a simulated stick that knows it; may be repeated")
      ->type_name("MODEL")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_simulated_flags(*command, options->simulated);
  add_runtime_flags(*command, options->places);
}

}  // namespace edgescope::cli
