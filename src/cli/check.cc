// edgescope check MODEL --target T: what a device will make of a model, before it is compiled; --oracle: and what
// the vendor's compiler says.
#include "report/views/check.h"

#include <memory>

#include "analysis/calibration_ncs2.h"
#include "analysis/check_edgetpu.h"
#include "analysis/check_ncs2.h"
#include "cli/commands.h"
#include "cli/edgetpu_flags.h"
#include "cli/ncs2_flags.h"
#include "format/format.h"
#include "report/views/myriad.h"

namespace edgescope::cli {
namespace {

struct Options {
  std::string model, target, compiled;
  analysis::EdgeTpuOptions edgetpu;
  bool oracle = false;
  std::vector<std::string> calibrate;  // a file for each input
  Ncs2Flags ncs2;

  bool for_ncs2() const { return target == "ncs2"; }
};

// What belongs to the other device is not passed over in silence.
base::Status usable(const Options& options) {
  if (options.for_ncs2() && (!options.compiled.empty() || options.edgetpu != analysis::EdgeTpuOptions{}))
    return base::fail({.fault = base::Fault::usage,
                       .what = "--compiled, --compiler, --link and --megahertz are for the Edge TPU",
                       .remedy = "Leave them out, or write `--target edgetpu`."});
  if (!options.for_ncs2() && (options.oracle || options.ncs2.any() || !options.calibrate.empty()))
    return base::fail({.fault = base::Fault::usage,
                       .what = "--oracle, --calibrate, --on, --property and --half-ends are for the NCS2",
                       .remedy = "`edgescope compile MODEL --target edgetpu` runs the Edge TPU's compiler."});
  if (!options.oracle && options.ncs2.any())
    return base::fail({.fault = base::Fault::usage,
                       .what = "--on, --property and --half-ends are for the vendor's compiler, which is not asked",
                       .remedy = "Add --oracle."});
  return {};
}

base::Result<base::Json> answer_for_ncs2(const graph::Model& model, const Options& options) {
  if (!options.oracle) return analysis::check_ncs2(model);
  EDGESCOPE_TRY(vendor, oracle(options.ncs2));
  return analysis::check_ncs2_by_oracle(model, vendor,
                                        {.settings = options.ncs2.properties, .half_ends = options.ncs2.half_ends});
}

// On a CPU that gives out what is between the operators; today's OpenVINO has no such call in its C interface.
base::Status add_calibration(base::Json& json, const graph::Model& model, const Options& options) {
  if (options.calibrate.empty()) return {};
  EDGESCOPE_TRY(cpu, runtime::find("ie2021:CPU", options.ncs2.places));
  EDGESCOPE_TRY(seen, analysis::calibrate_ncs2(model, options.calibrate, std::move(cpu)));
  json["calibration"] = seen.json;
  for (base::Json& finding : analysis::findings_json(seen.findings)) json["findings"].push_back(std::move(finding));
  return {};
}

base::Result<base::Json> answer(const graph::Model& model, const Options& options) {
  if (options.for_ncs2()) {
    EDGESCOPE_TRY(json, answer_for_ncs2(model, options));
    EDGESCOPE_CHECK(add_calibration(json, model, options));
    return json;
  }
  if (options.compiled.empty()) return analysis::check_edgetpu(model, options.edgetpu);
  EDGESCOPE_TRY(compiled, format::read_model(options.compiled));
  return analysis::check_edgetpu_against(model, compiled, options.edgetpu);
}

base::Result<int> check(const Shared& shared, const Options& options) {
  EDGESCOPE_CHECK(usable(options));
  EDGESCOPE_TRY(model, format::read_model(options.model));
  EDGESCOPE_TRY(members, answer(model, options));
  base::Json document = report::document("check", options.model);
  document.update(members);
  EDGESCOPE_CHECK(print(shared, document, options.for_ncs2() ? report::check_ncs2_view : report::check_view));
  return document["verdict"] == "compiles" ? 0 : 1;
}

}  // namespace

void add_check(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, shared, "check", "What a device will map, what not and why, and what it will keep on the chip",
                  [&shared, options] { return check(shared, *options); });
  command->add_option("MODEL", options->model, "A model, not compiled")->required()->type_name("");
  add_choice<std::string>(*command, "--target", options->target, {{"edgetpu", "edgetpu"}, {"ncs2", "ncs2"}},
                          "The device")
      ->required();
  command->add_option("--compiled", options->compiled, "Its compiled file: shows the difference from what is predicted")
      ->type_name("FILE");
  add_edgetpu_flags(*command, options->edgetpu);
  command->add_flag("--oracle", options->oracle,
                    "NCS2: ask the vendor's compiler too, on a simulated stick, and say where it disagrees");
  command
      ->add_option("--calibrate", options->calibrate,
                   "NCS2: rows for each input in turn (.npy of floats or bytes, or bytes alone): what 16-bit floats "
                   "make of all values "
                   "on them, computed by ie2021:CPU")
      ->type_name("FILE");
  add_ncs2_flags(*command, options->ncs2);
}

}  // namespace edgescope::cli
