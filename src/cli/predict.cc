// edgescope predict MODEL --target T: what an inference will cost, as an interval with its terms.
#include "report/views/predict.h"

#include <memory>

#include "analysis/check_edgetpu.h"
#include "analysis/check_ncs2.h"
#include "cli/commands.h"
#include "cli/edgetpu_flags.h"
#include "cli/ncs2_flags.h"
#include "format/for_openvino_2021.h"
#include "format/format.h"

namespace edgescope::cli {
namespace {

struct Options {
  std::string model, target, source;
  analysis::EdgeTpuOptions edgetpu;
  Ncs2Flags ncs2;

  bool for_ncs2() const { return target == "ncs2"; }
};

base::Status usable(const Options& options) {
  if (options.for_ncs2() && (!options.source.empty() || options.edgetpu != analysis::EdgeTpuOptions{}))
    return base::fail({.fault = base::Fault::usage,
                       .what = "--source, --compiler, --link and --megahertz are for the Edge TPU",
                       .remedy = "Leave them out, or write `--target edgetpu`."});
  if (!options.for_ncs2() && options.ncs2.any())
    return base::fail({.fault = base::Fault::usage,
                       .what = "--on, --property and --half-ends are for the NCS2",
                       .remedy = "Leave them out, or write `--target ncs2`."});
  return {};
}

// The law is of inferences one after the other, for which one stream is the setting.
base::Result<base::Json> predict_for_ncs2(graph::Model model, Options options) {
  EDGESCOPE_TRY(vendor, oracle(options.ncs2));
  EDGESCOPE_TRY(readable, format::for_openvino_2021(std::move(model)));
  if (options.ncs2.on != "openvino:MYRIAD") options.ncs2.properties.try_emplace("MYRIAD_THROUGHPUT_STREAMS", "1");
  EDGESCOPE_TRY(json,
                analysis::predict_ncs2(readable.model, vendor,
                                       {.settings = options.ncs2.properties, .half_ends = options.ncs2.half_ends}));
  if (!readable.note.empty()) json["assumptions"].push_back(readable.note);
  return json;
}

base::Result<base::Json> predict_for_edgetpu(const graph::Model& model, const Options& options) {
  if (options.source.empty()) return analysis::predict_edgetpu(model, nullptr, options.edgetpu);
  EDGESCOPE_TRY(source, format::read_model(options.source));
  return analysis::predict_edgetpu(model, &source, options.edgetpu);
}

base::Result<int> predict(const Shared& shared, const Options& options) {
  EDGESCOPE_CHECK(usable(options));
  EDGESCOPE_TRY(model, format::read_model(options.model));
  EDGESCOPE_TRY(members,
                options.for_ncs2() ? predict_for_ncs2(std::move(model), options) : predict_for_edgetpu(model, options));
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
  add_choice<std::string>(*command, "--target", options->target, {{"edgetpu", "edgetpu"}, {"ncs2", "ncs2"}},
                          "The device")
      ->required();
  command->add_option("--source", options->source, "What a compiled model was made from: says how much it computes")
      ->type_name("FILE");
  add_edgetpu_flags(*command, options->edgetpu);
  add_ncs2_flags(*command, options->ncs2);
}

}  // namespace edgescope::cli
