#include "cli/compile_ncs2.h"

#include <cstdio>
#include <filesystem>
#include <utility>

#include "analysis/check_ncs2.h"
#include "base/temporary_folder.h"
#include "cli/interrupt.h"
#include "compiler/myriad_compile.h"
#include "format/for_openvino_2021.h"
#include "format/format.h"
#include "report/views/myriad.h"

namespace edgescope::cli {
namespace {

namespace fs = std::filesystem;
using base::Json;

// Here and named as the model where nothing is said, in the folder that is named, or the file.
fs::path destination(const CompileNcs2& options) {
  const fs::path name = fs::path(options.model).filename().replace_extension(".blob");
  std::error_code ignored;
  if (options.output.empty()) return name;
  const fs::path path = options.output;
  return options.output.ends_with('/') || fs::is_directory(path, ignored) ? path / name : path;
}

// What compiled it, and what it made; the blob is at `blob` where it compiles.
struct Run {
  Json compiler;
  analysis::Ncs2Compiled compiled;
};

base::Result<Run> by_plugin(const graph::Model& model, const CompileNcs2& options, const std::string& blob) {
  EDGESCOPE_TRY(found, runtime::find(options.ncs2.on, options.ncs2.places));
  measure::Oracle vendor({.runtime = std::move(found), .time_limit = options.time_limit});
  EDGESCOPE_TRY(
      compiled,
      analysis::compile_ncs2(model, vendor,
                             {.settings = options.ncs2.properties, .blob = blob, .half_ends = options.ncs2.half_ends}));
  EDGESCOPE_TRY(version, vendor.version());
  return Run{.compiler = {{"name", "MYRIAD plugin"},
                          {"version", version},
                          {"on", options.ncs2.on},
                          {"settings", options.ncs2.properties},
                          {"us", compiled.compiles() ? Json(compiled.compile_us) : Json()},
                          {"us_basis", "measured"}},
             .compiled = std::move(compiled)};
}

base::Result<Run> by_program(const graph::Model& model, const CompileNcs2& options, const std::string& program,
                             const std::string& blob, const std::vector<std::string>& words) {
  EDGESCOPE_TRY(result, compiler::run_myriad_compile({.program = program,
                                                      .model = model.files.front().path(),
                                                      .blob = blob,
                                                      .settings = options.ncs2.properties,
                                                      .options = words,
                                                      .time_limit = options.time_limit,
                                                      .interrupted = [] { return Interrupt::pending(); }}));
  Run run{.compiler = {{"name", "myriad_compile"},
                       {"version", result.version},
                       {"command", result.command},
                       {"settings", options.ncs2.properties},
                       {"us", result.seconds * 1e6},
                       {"us_basis", "measured"}},
          .compiled = {}};
  if (result.failure.empty()) {
    EDGESCOPE_TRY(compiled, analysis::compiled_ncs2(blob));
    run.compiled = std::move(compiled);
  } else {
    run.compiled.refusal = base::Error{.fault = base::Fault::runtime, .what = result.failure};
  }
  run.compiled.compile_us = result.seconds * 1e6;
  return run;
}

base::Result<Run> run_compiler(const Shared& shared, const graph::Model& model, const CompileNcs2& options,
                               const std::string& program, const std::string& blob) {
  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  progress.update(options.offline ? "myriad_compile" : "the MYRIAD plugin compiles");
  auto run = options.offline ? by_program(model, options, program, blob, shared.after_dashes)
                             : by_plugin(model, options, blob);
  progress.clear();
  if (Interrupt::pending())
    return base::fail({.fault = base::Fault::interrupted, .what = "stopped while compiling", .file = options.model});
  return run;
}

Json document_of(const CompileNcs2& options, const Json& compiler, const std::string& output, const Json& members) {
  Json document = report::document("compile", options.model);
  document["target"] = "ncs2";
  document["compiler"] = compiler;
  document["output"] = output.empty() ? Json() : Json(output);
  document.update(members);
  return document;
}

base::Status move_into_place(const std::string& blob, const fs::path& to, base::TemporaryFolder& folder) {
  std::error_code failed;
  fs::rename(blob, to, failed);
  if (!failed) return {};
  return base::fail({.fault = base::Fault::output,
                     .what = "compiled, but not put into its place: " + failed.message(),
                     .file = to.string(),
                     .remedy = "What was made is in " + folder.keep() + "."});
}

// The compiler that is asked for, or why there is none.
base::Result<std::string> compiler_of(const CompileNcs2& options) {
  if (options.offline)
    return compiler::find_myriad_compile(options.program, runtime::runtimes_folder(options.ncs2.places));
  EDGESCOPE_TRY(found, runtime::find(options.ncs2.on, options.ncs2.places));
  return found.library;
}

base::Status usable(const Shared& shared, const CompileNcs2& options) {
  if (!options.offline && (!shared.after_dashes.empty() || !options.program.empty()))
    return base::fail({.fault = base::Fault::usage,
                       .what = "options behind `--` and --compiler-program are for the program myriad_compile",
                       .remedy = "Add --with myriad_compile, or set the plugin's own by --property NAME=VALUE."});
  if (options.offline && options.ncs2.half_ends)
    return base::fail({.fault = base::Fault::usage,
                       .what = "myriad_compile makes ends of 16-bit floats by itself",
                       .remedy = "Leave --half-ends out; `-- -ip FP32 -op FP32` makes others."});
  return {};
}

}  // namespace

base::Result<int> compile_for_ncs2(const Shared& shared, const CompileNcs2& options) {
  EDGESCOPE_CHECK(usable(shared, options));
  EDGESCOPE_TRY(model, format::read_model(options.model));
  const auto program = compiler_of(options);
  if (!program) {
    Json members = analysis::compile_ncs2_json(model, nullptr);
    members["failure"] = program.error().what;
    members["remedy"] = program.error().remedy;
    EDGESCOPE_CHECK(print(shared, document_of(options, nullptr, "", members), report::compile_ncs2_view));
    return base::fail(program.error());
  }
  EDGESCOPE_TRY(readable, format::for_openvino_2021(std::move(model)));
  if (!readable.note.empty()) std::fprintf(stderr, "edgescope: %s\n", readable.note.c_str());
  const fs::path to = destination(options);
  std::error_code failed;
  const fs::path parent = to.has_parent_path() ? to.parent_path() : fs::path(".");
  fs::create_directories(parent, failed);
  // Beside its place, so that it can be moved there at once.
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make(parent.string()));
  const std::string blob = fs::absolute(folder.path()).string() + "/blob";
  EDGESCOPE_TRY(run, run_compiler(shared, readable.model, options, *program, blob));
  const bool compiles = run.compiled.compiles();
  if (compiles) EDGESCOPE_CHECK(move_into_place(blob, to, folder));
  const Json members = analysis::compile_ncs2_json(readable.model, &run.compiled);
  const std::string output = compiles ? to.lexically_normal().string() : "";
  EDGESCOPE_CHECK(print(shared, document_of(options, run.compiler, output, members), report::compile_ncs2_view));
  return compiles ? 0 : 1;
}

}  // namespace edgescope::cli
