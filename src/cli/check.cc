// edgescope check MODEL --target T: what a device will make of a model, before it is compiled.
#include <memory>

#include "analysis/check_edgetpu.h"
#include "cli/commands.h"
#include "cli/edgetpu_flags.h"
#include "format/format.h"
#include "report/views/check.h"

namespace edgescope::cli {
namespace {

struct Options {
  std::string model, target, compiled;
  analysis::EdgeTpuOptions edgetpu;
};

base::Result<base::Json> answer(const graph::Model& model, const Options& options) {
  if (options.compiled.empty()) return analysis::check_edgetpu(model, options.edgetpu);
  EDGESCOPE_TRY(compiled, format::read_model(options.compiled));
  return analysis::check_edgetpu_against(model, compiled, options.edgetpu);
}

base::Result<int> check(const Shared& shared, const Options& options) {
  EDGESCOPE_TRY(model, format::read_model(options.model));
  EDGESCOPE_TRY(members, answer(model, options));
  base::Json document = report::document("check", options.model);
  document.update(members);
  EDGESCOPE_CHECK(print(shared, document, report::check_view));
  return document["verdict"] == "compiles" ? 0 : 1;
}

}  // namespace

void add_check(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, shared, "check", "What a device will map, what not and why, and what it will keep on the chip",
                                  [&shared, options] { return check(shared, *options); });
  command->add_option("MODEL", options->model, "A model, not compiled")->required()->type_name("");
  add_choice<std::string>(*command, "--target", options->target, {{"edgetpu", "edgetpu"}}, "The device")->required();
  command->add_option("--compiled", options->compiled, "Its compiled file: shows the difference from what is predicted")->type_name("FILE");
  add_edgetpu_flags(*command, options->edgetpu);
}

}  // namespace edgescope::cli
