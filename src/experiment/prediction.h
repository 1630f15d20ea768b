// What a device that is not here is predicted to take at a point: by the laws of its target, and for the NCS2 from
// what the vendor's own plugin compiles on a simulated stick.
#pragma once

#include <memory>
#include <string>

#include "base/json.h"
#include "measure/oracle.h"
#include "runtime/catalog.h"

namespace edgescope::experiment {

class Predictor {
 public:
  explicit Predictor(runtime::Places places) : places_(std::move(places)) {}

  // `told` of a point's facts (series.h) for the model in `path`. `device` is edgetpu or ncs2; Fault::usage else.
  base::Result<base::Json> predict(const std::string& device, const std::string& path);

 private:
  base::Result<base::Json> on_ncs2(const std::string& path);

  runtime::Places places_;
  std::unique_ptr<measure::Oracle> plugin_;  // asked about one point after the other
};

}  // namespace edgescope::experiment
