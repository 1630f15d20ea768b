// TensorFlow Lite through its C interface of 2.9, the newest that works with Coral's runtime.
#pragma once

#include "runtime/session.h"

namespace edgescope::runtime {

enum class TfLiteKernels { Builtin, Xnnpack };

std::unique_ptr<Session> make_tflite_session(TfLiteKernels kernels);

}  // namespace edgescope::runtime
