// OpenVINO through its C interface: the CPU plugin, or any device that the user's install has.
// On the CPU: one stream, the threads that are asked for, no performance hint, so that one inference
// at a time is what is measured. Properties are OpenVINO's own and override these.
#pragma once

#include "runtime/session.h"

namespace edgescope::runtime {

std::unique_ptr<Session> make_openvino_session(std::string device);

}  // namespace edgescope::runtime
