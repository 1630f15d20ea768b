#include "runtime/tflite/tflite_api.h"

namespace edgescope::runtime::tflite {

base::Result<Api> Api::open(const std::string& path) {
  EDGESCOPE_TRY(library, Library::open(path));
  Api api;
#define NEED(name) library.need("TfLite" #name, api.name)
  NEED(Version);
  NEED(ModelCreateFromFile);
  NEED(InterpreterOptionsCreate);
  NEED(InterpreterOptionsSetNumThreads);
  NEED(InterpreterOptionsAddDelegate);
  NEED(InterpreterOptionsAddCustomOp);
  NEED(InterpreterOptionsSetErrorReporter);
  NEED(InterpreterCreate);
  NEED(InterpreterDelete);
  NEED(InterpreterGetInputTensorCount);
  NEED(InterpreterGetInputTensor);
  NEED(InterpreterAllocateTensors);
  NEED(InterpreterInvoke);
  NEED(InterpreterGetOutputTensorCount);
  NEED(InterpreterGetOutputTensor);
  NEED(TensorType);
  NEED(TensorNumDims);
  NEED(TensorDim);
  NEED(TensorByteSize);
  NEED(TensorData);
  NEED(TensorName);
  NEED(TensorQuantizationParams);
#undef NEED
  library.want("TfLiteXNNPackDelegateCreate", api.XNNPackDelegateCreate);
  EDGESCOPE_CHECK(library.status());
  return api;
}

}  // namespace edgescope::runtime::tflite
