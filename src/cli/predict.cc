// edgescope predict MODEL --target T: what an inference will cost, as an interval with its terms.
#include "report/views/predict.h"

#include <memory>
#include <optional>

#include "analysis/check_edgetpu.h"
#include "cli/commands.h"
#include "cli/edgetpu_flags.h"
#include "format/format.h"

namespace edgescope::cli {
namespace {

struct Options {
  std::string model, target, source;
  analysis::EdgeTpuOptions edgetpu;
};

base::Result<int> predict(const Shared& shared, const Options& options) {
  EDGESCOPE_TRY(model, format::read_model(options.model));
  std::optional<graph::Model> source;
  if (!options.source.empty()) {
    EDGESCOPE_TRY(read, format::read_model(options.source));
    source = std::move(read);
  }
  EDGESCOPE_TRY(members, analysis::predict_edgetpu(model, source ? &*source : nullptr, options.edgetpu));
  base::Json document = report::document("predict", options.model);
  document.update(members);
  EDGESCOPE_CHECK(print(shared, document, report::predict_view));
  return 0;
}

}  // namespace

void add_predict(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, shared, "predict", "What an inference will cost on a device, as an interval with its terms",
                  [&shared, options] { return predict(shared, *options); });
  command->add_option("MODEL", options->model, "A model, compiled for the device or not")->required()->type_name("");
  add_choice<std::string>(*command, "--target", options->target, {{"edgetpu", "edgetpu"}}, "The device")->required();
  command->add_option("--source", options->source, "What a compiled model was made from: says how much it computes")
      ->type_name("FILE");
  add_edgetpu_flags(*command, options->edgetpu);
}

}  // namespace edgescope::cli
