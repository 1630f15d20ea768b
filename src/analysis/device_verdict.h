// Which device a network should run on: what the CPU was measured at beside what the devices are predicted at that
// take it whole, as it is or rewritten.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace edgescope::analysis {

// Of a document of `analyze` that holds `fixes`: {device, on, file, us, basis, valid, rivals}; null where nothing can
// be said. `rivals` are the devices: {device, whole, us, basis, against_cpu, file}.
base::Json device_verdict(const base::Json& document, const base::Json* fastest_run);

// The same in sentences, one a device; and what follows a headline, "" where the CPU stands alone.
std::vector<std::string> device_sentences(const base::Json& document, const base::Json& verdict);
std::string device_headline(const base::Json& verdict);

}  // namespace edgescope::analysis
