#include "experiment/prediction.h"

#include <fmt/format.h>

#include "analysis/check_edgetpu.h"
#include "analysis/check_ncs2.h"
#include "format/for_openvino_2021.h"
#include "format/format.h"

namespace edgescope::experiment {
namespace {

using base::Json;

Json told(const Json& prediction, const std::string& rests_on) {
  Json json = {{"interval_us", prediction["interval_us"]}, {"basis", "predicted"}, {"rests_on", rests_on}};
  return json;
}

// The time of a part is none that could stand beside a whole one.
base::Status whole(const Json& check) {
  if (check["verdict"] != "compiles")
    return base::fail({.what = "does not compile: " + check["failure"]["reason"].get<std::string>()});
  for (const Json& op : check["operators"])
    if (op["verdict"] != "mapped")
      return base::fail({.what = fmt::format("{} of {} operators stay on the CPU, the first is {}: {}",
                                             base::dump(check["placement"]["cpu"]), check["operators"].size(),
                                             op["kind"].get<std::string>(), op["reason"].get<std::string>())});
  return {};
}

base::Result<Json> on_edgetpu(const std::string& path) {
  EDGESCOPE_TRY(model, format::read_model(path));
  if (analysis::meant_for_edgetpu(model)) EDGESCOPE_CHECK(whole(analysis::check_edgetpu(model, {})));
  EDGESCOPE_TRY(prediction, analysis::predict_edgetpu(model, nullptr, {}));
  return told(prediction,
              fmt::format("link law over {}, by the compiler's rules", prediction["link"].get<std::string>()));
}

}  // namespace

base::Result<Json> Predictor::on_ncs2(const std::string& path) {
  if (!plugin_) {
    EDGESCOPE_TRY(found, runtime::find("ncs2:virtual", places_));
    plugin_ = std::make_unique<measure::Oracle>(measure::WorkerSpec{.runtime = std::move(found)});
  }
  EDGESCOPE_TRY(model, format::read_model(path));
  EDGESCOPE_TRY(readable, format::for_openvino_2021(std::move(model)));
  // The law is of inferences one after the other, for which one stream is the setting.
  EDGESCOPE_TRY(prediction,
                analysis::predict_ncs2(readable.model, *plugin_, {.settings = {{"MYRIAD_THROUGHPUT_STREAMS", "1"}}}));
  const std::size_t stages = prediction["stages"].size();
  Json json = told(prediction, fmt::format("stage law on the {} stages of the vendor's plugin", stages));
  json["stages"] = stages;
  return json;
}

base::Result<Json> Predictor::predict(const std::string& device, const std::string& path) {
  if (device == "edgetpu") return on_edgetpu(path);
  if (device == "ncs2") return on_ncs2(path);
  return base::fail({.fault = base::Fault::usage,
                     .what = fmt::format("nothing is predicted for `{}`", device),
                     .remedy = "`predict` is edgetpu or ncs2."});
}

}  // namespace edgescope::experiment
