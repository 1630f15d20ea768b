// What a device of OpenVINO's says that can be set, and to what.
#pragma once

#include "runtime/openvino/openvino_api.h"
#include "runtime/oracle.h"

namespace edgescope::runtime::openvino {

// The C interface lists names only. Whether one can be set is found by setting it to the value that it has, and which
// values it takes by the complaint about one that it cannot have.
base::Result<Properties> properties_of(const Api& api, Core* core, const std::string& device);

}  // namespace edgescope::runtime::openvino
