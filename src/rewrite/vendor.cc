#include "rewrite/vendor.h"

#include "analysis/check_ncs2.h"
#include "format/format.h"

namespace edgescope::rewrite {

using base::Json;

Json vendor_verdict(const std::string& path, const runtime::Places& places, bool half_ends) {
  const auto found = runtime::find("ncs2:virtual", places);
  if (!found) return nullptr;
  const auto model = format::read_model(path);
  if (!model) return nullptr;
  measure::Oracle oracle({.runtime = *found});
  const auto answer = analysis::check_ncs2_by_oracle(*model, oracle, {.half_ends = half_ends});
  if (!answer) return {{"verdict", nullptr}, {"failure", answer.error().message()}};
  Json json = {{"verdict", (*answer)["verdict"]}, {"failure", answer->value("failure", Json())}, {"basis", "exact"}};
  if (answer->contains("myriad")) {
    json["stages"] = (*answer)["myriad"]["stages"].size();
    json["predicted_us"] = (*answer)["prediction"]["interval_us"];
  }
  return json;
}

}  // namespace edgescope::rewrite
