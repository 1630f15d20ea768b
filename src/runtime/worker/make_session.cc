#include "runtime/edgetpu/edgetpu_session.h"
#include "runtime/litert/litert_session.h"
#include "runtime/null/null_session.h"
#include "runtime/openvino/openvino_session.h"
#include "runtime/session.h"
#include "runtime/tflite/tflite_session.h"

namespace edgescope::runtime {

std::unique_ptr<Session> make_session(std::string_view name) {
  if (name == "litert") return make_litert_session();
  if (name == "tflite") return make_tflite_session(TfLiteKernels::Builtin);
  if (name == "tflite+xnnpack") return make_tflite_session(TfLiteKernels::Xnnpack);
  if (name.starts_with("openvino:")) return make_openvino_session(std::string(name.substr(name.find(':') + 1)));
  if (name == "edgetpu" || name.starts_with("edgetpu:")) return make_edgetpu_session(std::string(name));
  if (name == "null") return make_null_session();
  return nullptr;
}

}  // namespace edgescope::runtime
