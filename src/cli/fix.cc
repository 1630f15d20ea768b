// edgescope fix MODEL --target T -o OUT: rewrites what a device refuses or pays for, proves each step by running the
// model before and after, and asks the vendor's compiler about the result.
#include "rewrite/fix.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/runtime_flags.h"
#include "format/format.h"
#include "report/views/fix.h"
#include "rewrite/gain.h"
#include "rewrite/vendor.h"

namespace edgescope::cli {
namespace {

using base::Json;

struct Options {
  std::string model, output;
  std::vector<std::string> only;
  bool measure = false;
  measure::Plan plan;
  rewrite::FixRequest request;
};

base::Status known(const std::vector<std::string>& ids) {
  const auto catalogue = rewrite::catalogue();
  for (const std::string& id : ids)
    if (std::none_of(catalogue.begin(), catalogue.end(), [&id](const auto& one) { return one.id == id; }))
      return base::fail({.fault = base::Fault::usage,
                         .what = "no rewrite is called `" + id + "`",
                         .remedy = "`edgescope fix --list` names them; docs/fix.md explains them."});
  return {};
}

base::Result<int> list(const Shared& shared) {
  Json document = report::document("fix", nullptr);
  Json& rewrites = document["catalogue"] = Json::array();
  for (const rewrite::Rewrite& one : rewrite::catalogue())
    rewrites.push_back({{"id", one.id},
                        {"target", one.target.empty() ? Json() : Json(one.target)},
                        {"about", one.about},
                        {"why", one.why},
                        {"equivalence", rewrite::text(one.equivalence)},
                        {"bound", one.bound.empty() ? Json() : Json(one.bound)}});
  EDGESCOPE_CHECK(print(shared, document, report::fix_view));
  return 0;
}

base::Result<int> run_fix(const Shared& shared, Options options) {
  if (options.model.empty() || options.output.empty() || options.request.target.empty())
    return base::fail({.fault = base::Fault::usage, .what = "a MODEL, --target and -o are needed"});
  EDGESCOPE_CHECK(known(options.only));
  options.request.only = {options.only.begin(), options.only.end()};
  EDGESCOPE_TRY(model, format::read_model(options.model));
  EDGESCOPE_TRY(destination, rewrite::destination(model, options.output, options.request.target));
  options.request.destination = destination;
  const bool ncs2 = options.request.target == "ncs2";
  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  options.request.going_on = [&progress](const std::string& doing) {
    progress.update("rewriting: " + doing, 0);
    return !Interrupt::pending();
  };
  if (ncs2 && !options.request.calibration.empty())
    return base::fail({.fault = base::Fault::usage,
                       .what = "the NCS2's plugin refuses quantised networks",
                       .remedy = "Leave --quantize out: the device computes floats in 16 bits by itself."});
  Json measured;
  const graph::Format from = model.format;
  if (options.measure)
    options.request.look = [&](const std::string& before, const std::string& after) -> base::Status {
      measure::Hooks hooks = measure::system_hooks();
      hooks.interrupted = [] { return Interrupt::pending(); };
      hooks.progress = [&progress](const std::string& text, double fraction) { progress.update(text, fraction); };
      options.plan.seed = options.request.proof.seed;
      EDGESCOPE_TRY(gain, rewrite::measure_gain({before, from}, {after, destination.format},
                                                options.request.proof.places, options.plan, hooks));
      measured = rewrite::to_json(gain);
      return {};
    };
  EDGESCOPE_TRY(fixed, rewrite::fix(std::move(model), options.model, options.request));
  const bool stands = fixed.stands();
  if (stands) EDGESCOPE_CHECK(format::write(fixed.model, destination, options.output));

  Json document = report::document("fix", options.model);
  document["target"] = options.request.target;
  document["verdict"] = stands && fixed.after.compiles ? "compiles" : "fails";
  document.update(rewrite::to_json(fixed));
  document["measured"] = std::move(measured);
  document["output"] = stands ? Json(options.output) : Json();
  if (ncs2 && stands) {
    progress.update("asking the vendor's compiler", 0.9);
    document["vendor"] = {
        {"before", rewrite::vendor_verdict(options.model, options.request.proof.places)},
        {"after", rewrite::vendor_verdict(options.output, options.request.proof.places, fixed.changes_ends())}};
    const Json& after = document["vendor"]["after"];
    if (after.is_object() && after["verdict"].is_string()) document["verdict"] = after["verdict"];
  }
  progress.clear();
  EDGESCOPE_CHECK(print(shared, document, report::fix_view));
  return document["verdict"] == "compiles" ? 0 : 1;
}

}  // namespace

void add_fix(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  const auto listed = std::make_shared<bool>(false);
  CLI::App* command =
      add_command(app, shared, "fix", "Rewrite what a device refuses or pays for, and prove it",
                  [&shared, options, listed] { return *listed ? list(shared) : run_fix(shared, *options); });
  command->add_option("MODEL", options->model, "A model, not compiled")->type_name("");
  add_choice<std::string>(*command, "--target", options->request.target,
                          {{"edgetpu", "edgetpu"}, {"ncs2", "ncs2"}, {"cpu", "cpu"}}, "The device");
  command->add_option("-o,--output", options->output, "Where to write the result; X.xml writes X.bin beside it")
      ->type_name("FILE");
  command->add_option("--only", options->only, "These rewrites alone, approximate ones too if they are named")
      ->delimiter(',')
      ->type_name("ID,...");
  command
      ->add_option("--quantize", options->request.calibration,
                   "Make a float model int8 by these rows (.npy), a file for each input")
      ->delimiter(',')
      ->type_name("ROWS.npy,...");
  command->add_flag("--measure", options->measure, "Measure the model before and after on a CPU runtime");
  command
      ->add_option("--time-limit", options->plan.time_limit, "Seconds of measuring for each of the two, at most (30)")
      ->check(CLI::PositiveNumber)
      ->type_name("S");
  command->add_flag("--list", *listed, "The rewrites that there are");
  command->add_option("--seed", options->request.proof.seed, "Of the inputs that the proof runs (1)")->type_name("N");
  add_runtime_flags(*command, options->request.proof.places);
}

}  // namespace edgescope::cli
